/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls around calls: other PEs while a Realm runs, in the middle of another call, host memory that changes between
 * two moments; and snapshots, coverage, evaluation without a call.
 */
#include "check_world.h"

/* Something that happens once, at the n-th event of a kind. */
static struct hook {
    enum event_kind kind;
    unsigned n, seen;
    void (*fn)(struct cw *w);
} hook;
static struct cw *world;

static void on_hook(void *ctx, struct machine *m, const struct event *e)
{
    (void)ctx;
    (void)m;
    if (hook.fn == NULL || e->pe != 0 || e->kind != hook.kind || ++hook.seen != hook.n)
        return;
    hook.fn(world);
}

static struct script_op loop_ops[] = {
    {.kind = SCRIPT_STORE,
     .reg = 1,
     .size = 8,
     .sf = true,
     .has_value = true,
     .value = 1,
     .addr = W_IPA + 8},
    {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_REALM_CONFIG, W_IPA}},
    {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_HOST_CALL, W_IPA + 0x100}},
    {.kind = SCRIPT_END},
};
static struct script_section section = {.pc = W_IPA, .ops = loop_ops, .num = 4};
static struct script script = {.sections = &section, .num = 1};

static void open_with(struct cw *w, enum event_kind kind, unsigned n, void (*fn)(struct cw *w))
{
    w_open(w, NULL, CHECK_ALL);
    world = w;
    hook = (struct hook){0};
    assert_int_equal(event_listen(w->m, EV_BIT(kind), on_hook, NULL), CCA_OK);
    assert_int_equal(script_set_add(w->scripts, &script, 0), CCA_OK);
    w_whole_realm(w);
    w_assert_clean(w);
    hook = (struct hook){.kind = kind, .n = n, .fn = fn};
}

static void close_after(struct cw *w)
{
    w_assert_clean(w);
    assert_int_equal(check_full(w->c), 0);
    w_assert_clean(w);
    event_unlisten(w->m, on_hook, NULL);
    w_close(w);
}

static uint64_t on_pe1(struct cw *w, uint64_t fid, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t in[ABI_MAX_REGS] = {fid, a, b, c}, kept[ABI_MAX_REGS], result;

    memcpy(kept, w->out, sizeof(kept));
    result = w_call(w, 1, in);
    memcpy(w->out, kept, sizeof(kept));
    return result;
}

/* --- while a Realm runs ------------------------------------------------------------------------------------------ */

static void destroy_running(struct cw *w)
{
    assert_int_equal(on_pe1(w, RMI_REC_DESTROY, w_pa(w, W_REC), 0, 0), RMI_ERROR_REC);
    assert_int_equal(on_pe1(w, RMI_REC_ENTER, w_pa(w, W_REC), w_pa(w, W_NS), 0), RMI_ERROR_REC);
    assert_int_equal(
        on_pe1(w, RMI_DATA_CREATE_UNKNOWN, w_pa(w, W_RD), w_pa(w, W_DATA2), W_IPA + 0x1000),
        RMI_SUCCESS);
    assert_int_equal(check_full(w->c), 0);
}

static void test_while_running(void **state)
{
    struct cw w;

    (void)state;
    open_with(&w, EV_ENTER, 1, destroy_running);
    assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_SUCCESS);
    assert_true(hook.seen > 0);
    close_after(&w);
}

/* I27's restatement: the call fails, and the Realm has run. */
static void delegate_run_page(struct cw *w)
{
    assert_int_equal(on_pe1(w, RMI_GRANULE_DELEGATE, w_pa(w, W_RUN), 0, 0), RMI_SUCCESS);
}

static void test_run_page_goes(void **state)
{
    struct cw w;

    (void)state;
    open_with(&w, EV_ENTER, 1, delegate_run_page);
    assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_ERROR_INPUT);
    close_after(&w);
}

/* --- in the middle of a call --------------------------------------------------------------------------------------- */

/* The source page changes after it was copied: what was copied is what counts. */
static void change_source(struct cw *w)
{
    uint64_t v = 0x1111, esr;

    check_step_begin(w->c, 1, ++w->step);
    assert_int_equal(gpt_access(w->m, 1, WORLD_NS, PAS_NS, w_pa(w, W_SRC), &v, 8, true, &esr),
                     CCA_OK);
    check_step_end(w->c, 1);
}

static void test_source_changes(void **state)
{
    struct cw w;
    uint64_t rd;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    world = &w;
    hook = (struct hook){0};
    assert_int_equal(event_listen(w.m, EV_BIT(EV_COPY_FROM_NS), on_hook, NULL), CCA_OK);
    w_realm(&w);
    w_tables(&w);
    rd = w_pa(&w, W_RD);
    hook = (struct hook){.kind = EV_COPY_FROM_NS, .n = 1, .fn = change_source};
    assert_int_equal(RMI5(&w, RMI_DATA_CREATE, rd, w_pa(&w, W_DATA), W_IPA, w_pa(&w, W_SRC), 1),
                     RMI_SUCCESS);
    assert_int_equal(hook.seen, 1);
    close_after(&w);
}

/* DELEGATE has done its work, not yet returned; another PE undelegates. Its success is explained by the other order. */
static void undelegate_it(struct cw *w)
{
    assert_int_equal(on_pe1(w, RMI_GRANULE_UNDELEGATE, w_pa(w, W_FREE), 0, 0), RMI_SUCCESS);
}

static void test_overlap_is_ordered(void **state)
{
    struct cw w;

    (void)state;
    open_with(&w, EV_UNLOCK, 1, undelegate_it);
    assert_int_equal(RMI1(&w, RMI_GRANULE_DELEGATE, w_pa(&w, W_FREE)), RMI_SUCCESS);
    assert_int_equal(hook.seen, 1);
    close_after(&w);
}

/* No order explains it: the nested call succeeds in undelegating a granule that nobody delegated. */
static void undelegate_nothing(struct cw *w)
{
    uint64_t in[ABI_MAX_REGS] = {RMI_GRANULE_UNDELEGATE, w_pa(w, W_FREE + 1)},
             out[ABI_MAX_REGS] = {0};

    check_step_begin(w->c, 1, ++w->step);
    check_rmi_begin(w->c, 1, in);
    check_rmi_end(w->c, 1, in, out);
    check_step_end(w->c, 1);
}

static void test_overlap_without_order(void **state)
{
    struct cw w;

    (void)state;
    open_with(&w, EV_UNLOCK, 1, undelegate_nothing);
    assert_int_equal(RMI1(&w, RMI_GRANULE_DELEGATE, w_pa(&w, W_FREE)), RMI_SUCCESS);
    w_assert_found(&w, "result");
    check_findings_clear(w.c);
    event_unlisten(w.m, on_hook, NULL);
    w_close(&w);
}

/* --- memory that a call must write --------------------------------------------------------------------------------- */

static void spoil_page(struct cw *w)
{
    mem_unpoison(w->m, w_pa(w, W_DATA));
    mem_ptr(w->m, w_pa(w, W_DATA))[77] ^= 1;
}

static void test_realm_memory(void **state)
{
    struct cw w;

    (void)state;
    /* After the first exit (the SMC of RSI_REALM_CONFIG), at the second entry, the page is not what it must be. */
    open_with(&w, EV_ENTER, 2, spoil_page);
    RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN));
    assert_true(hook.seen >= 2);
    w_assert_found(&w, "realm-memory");
    check_findings_clear(w.c);
    event_unlisten(w.m, on_hook, NULL);
    w_close(&w);
}

/* --- the rest -------------------------------------------------------------------------------------------------------- */

static void test_snapshot(void **state)
{
    struct cw w;
    struct machine_snapshot *ms;
    struct check_snapshot *cs;
    uint64_t hash;

    (void)state;
    open_with(&w, EV_ENTER, 1000, NULL);
    ms = machine_save(w.m);
    cs = check_save(w.c);
    hash = spec_hash(check_spec(w.c));
    assert_non_null(ms);
    assert_non_null(cs);
    for (unsigned i = 0; i < 2; i++) {
        RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN));
        RMI1(&w, RMI_REC_DESTROY, w_pa(&w, W_REC));
        RMI2(&w, RMI_DATA_DESTROY, w_pa(&w, W_RD), W_IPA);
        w_assert_clean(&w);
        machine_restore(w.m, ms);
        check_restore(w.c, cs);
        assert_true(spec_hash(check_spec(w.c)) == hash);
        assert_int_equal(check_full(w.c), 0);
        w_assert_clean(&w);
    }
    machine_snapshot_free(ms);
    check_snapshot_free(cs);
    close_after(&w);
}

static void find_id(void *ctx, const char *id, uint64_t count)
{
    const char **want = ctx;

    if (*want && strcmp(id, *want) == 0 && count)
        *want = NULL;
}

static void assert_covered(struct cw *w, const char *id)
{
    const char *want = id;

    check_each_covered(w->c, find_id, &want);
    if (want)
        print_message("# %s is not covered\n", id);
    assert_null(want);
}

static void test_coverage(void **state)
{
    struct cw w;

    (void)state;
    open_with(&w, EV_ENTER, 1000, NULL);
    RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN));
    RMI1(&w, RMI_REALM_ACTIVATE, w_pa(&w, W_RD) + 1);
    assert_covered(&w, "realm_activate.rd_align");
    assert_covered(&w, "realm_create/success");
    assert_covered(&w, "data_create/success:measured");
    assert_covered(&w, "rec_enter/success");
    assert_covered(&w, "rsi_realm_config/success");
    assert_covered(&w, "rsi_host_call/success");
    close_after(&w);
}

static void test_evaluate(void **state)
{
    struct cw w;
    struct spec_verdict v;
    uint64_t hash;

    (void)state;
    open_with(&w, EV_ENTER, 1000, NULL);
    hash = spec_hash(check_spec(w.c));
    {
        uint64_t in[ABI_MAX_REGS] = {RMI_REALM_DESTROY, w_pa(&w, W_RD)};

        check_evaluate(w.c, in, &v);
    }
    assert_int_equal(v.true_mask != 0, 1); /* realm_live */
    assert_true(spec_hash(check_spec(w.c)) == hash);
    RMI1(&w, RMI_REALM_DESTROY, w_pa(&w, W_RD));
    assert_non_null(check_last_verdict(w.c, 0));
    assert_true(check_last_verdict(w.c, 0)->true_mask == v.true_mask);
    assert_null(check_last_verdict(w.c, 1));
    assert_true(check_num_predicates(w.c) > 1000);
    close_after(&w);
}

/* RIM and REMs by both algorithms; RIPAS, unmeasured pages, RECs that are not runnable. */
static void test_replay(void **state)
{
    (void)state;
    for (unsigned algo = HASH_SHA_256; algo <= HASH_SHA_512; algo++) {
        struct cw w;
        uint64_t rd;

        w_open(&w, NULL, CHECK_ALL);
        for (unsigned n = W_RD; n < W_FREE; n++)
            w_delegate(&w, n);
        w_realm_params(&w);
        w_host_write(&w, W_PARAMS, REALM_PARAMS_HASH_ALGO, algo, 1);
        rd = w_pa(&w, W_RD);
        assert_int_equal(RMI2(&w, RMI_REALM_CREATE, rd, w_pa(&w, W_PARAMS)), RMI_SUCCESS);
        w_tables(&w);
        w_data(&w, W_DATA, W_IPA);
        assert_int_equal(
            RMI5(&w, RMI_DATA_CREATE, rd, w_pa(&w, W_DATA2), 0x8000, w_pa(&w, W_SRC), 0),
            RMI_SUCCESS);
        assert_int_equal(RMI3(&w, RMI_RTT_INIT_RIPAS, rd, 0x2000, 0x5000), RMI_SUCCESS);
        assert_int_equal(RMI3(&w, RMI_RTT_INIT_RIPAS, rd, 0x200000, 0x600000), RMI_SUCCESS);
        w_rec(&w, W_REC, W_AUX, 0, true);
        w_rec(&w, 40, 41, 1, false);
        w_activate(&w);
        assert_int_equal(check_full(w.c), 0);
        w_assert_clean(&w);
        w_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_while_running),
        cmocka_unit_test(test_run_page_goes),
        cmocka_unit_test(test_source_changes),
        cmocka_unit_test(test_overlap_is_ordered),
        cmocka_unit_test(test_overlap_without_order),
        cmocka_unit_test(test_realm_memory),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_evaluate),
        cmocka_unit_test(test_replay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
