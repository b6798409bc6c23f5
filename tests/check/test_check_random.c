/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Incremental == full: random runs of calls, failing ones included, raise nothing step by step, and a full check of
 * the same machine, which rebuilds everything from it, raises nothing either. Two Realms and host accesses between.
 */
#include "check_random.h"

/* A host access anywhere: it works or it faults, and raises nothing. */
static void random_store(struct cw *w, struct rng *r)
{
    uint64_t a = any_granule(w, r) & ~7ull, v = next(r), esr;

    check_step_begin(w->c, 1, ++w->step);
    gpt_access(w->m, 1, WORLD_NS, PAS_NS, a, &v, 8, below(r, 2), &esr);
    check_step_end(w->c, 1);
}

static void random_claim(struct cw *w, struct rng *r)
{
    uint64_t a = granule_in(w, r, GST_UNDELEGATED);
    enum pas to = below(r, 2) ? PAS_SECURE : PAS_NS;

    check_step_begin(w->c, 1, ++w->step);
    if (is_granule_aligned(a) && mem_contains(w->m, a) &&
        el3m_secure_claim(w->m, 1, a, to) == CCA_OK)
        check_secure_claim(w->c, a, to);
    check_step_end(w->c, 1);
}

enum { SECOND_REC = 60, SECOND_AUX };

static void realm_with_two_recs(struct cw *w)
{
    w_realm(w);
    w_tables(w);
    w_data(w, W_DATA, W_IPA);
    w_rec(w, W_REC, W_AUX, 0, true);
    w_rec(w, SECOND_REC, SECOND_AUX, 1, false);
    w_activate(w);
}

static unsigned run(uint64_t seed, unsigned steps, enum check_level level, const struct impl *impl)
{
    struct rng r = {seed * 0x9E3779B97F4A7C15ull + 1};
    struct cw w;
    unsigned succeeded = 0;

    w_open(&w, impl, level);
    random_script(&w);
    if (seed % 2)
        realm_with_two_recs(&w); /* more to run and to take apart */
    for (unsigned i = 0; i < steps && w_findings(&w) == 0; i++) {
        uint64_t in[ABI_MAX_REGS];

        if (below(&r, 12) == 0)
            random_store(&w, &r);
        if (below(&r, 60) == 0)
            random_claim(&w, &r);
        random_call(&w, &r, in);
        succeeded += w_call(&w, 0, in) == RMI_SUCCESS;
        if (i % 50 == 0)
            assert_true(check_full(w.c) == 0 || w_findings(&w));
    }
    if (w_findings(&w))
        print_message("# seed %llu\n", (unsigned long long)seed);
    w_assert_clean(&w);
    assert_int_equal(check_full(w.c), 0);
    w_close(&w);
    return succeeded;
}

static void test_incremental(void **state)
{
    unsigned succeeded = 0;

    (void)state;
    /* Short runs: after some hundred calls little is left of the Realm that was there at first. */
    for (uint64_t seed = 1; seed <= 250; seed++)
        succeeded += run(seed, 400, CHECK_ALL, NULL);
    /* A run in which nothing works would show nothing. */
    assert_true(succeeded > 15000);
}

static void test_every_step_full(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 103; seed++)
        run(seed, 800, CHECK_FULL, NULL);
}

static void test_lazy_wipe(void **state)
{
    struct impl impl;

    (void)state;
    impl_default(&impl);
    impl.wipe = WIPE_LAZY;
    impl.rec_aux_count = 1;
    impl.pmu = true;
    impl.pmu_num_ctrs = 4;
    for (uint64_t seed = 200; seed < 210; seed++)
        run(seed, 2500, CHECK_ALL, &impl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incremental),
        cmocka_unit_test(test_every_step_full),
        cmocka_unit_test(test_lazy_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
