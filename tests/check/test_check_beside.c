/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of a second PE in the middle of a call: whatever they touch in common, correct handlers raise nothing, and
 * between steps the index is what a full check makes of the machine. Single cases first, then random ones.
 */
#include "check_random.h"
#include "sim/coro.h"

#define MAX_NESTED 3u

/* PE 1, on a stack of its own: where it needs a lock that PE 0 holds it waits until that is free. */
struct beside {
    struct cw *w;
    struct rng *r;
    struct coro *co;
    enum event_kind at; /* nested calls begin at the n-th event of this kind; EV_COUNT: none */
    unsigned n;
    unsigned num;
    uint64_t in[MAX_NESTED][ABI_MAX_REGS], out[MAX_NESTED][ABI_MAX_REGS];
    bool inside, alive, waiting;
    uint64_t granule;
    unsigned ran, waited;
    bool no_enter;
    uint64_t claim; /* the Secure world takes it before the nested calls; 0: nothing */
    bool may_claim; /* it takes or gives back something at random, after them */
    unsigned claimed;
};

static void call_on(struct cw *w, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                    uint64_t out[ABI_MAX_REGS])
{
    memcpy(out, in, ABI_MAX_REGS * sizeof(out[0]));
    check_step_begin(w->c, pe, ++w->step);
    check_rmi_begin(w->c, pe, in);
    el3m_smc(w->m, pe, WORLD_NS, out);
    check_rmi_end(w->c, pe, in, out);
    check_step_end(w->c, pe);
}

static void claim_on(struct beside *b, unsigned pe, uint64_t a, enum pas to)
{
    struct cw *w = b->w;

    check_step_begin(w->c, pe, ++w->step);
    if (el3m_secure_claim(w->m, pe, a, to) == CCA_OK) {
        check_secure_claim(w->c, a, to);
        b->claimed++;
    }
    check_step_end(w->c, pe);
}

/* Often a page that a call may be reading. */
static void random_claim(struct beside *b)
{
    static const unsigned pages[] = {W_PARAMS, W_SRC, W_RUN, W_NS};
    struct rng *r = b->r;
    uint64_t a = below(r, 4) ? w_pa(b->w, pages[below(r, sizeof(pages) / sizeof(pages[0]))])
                             : granule_in(b->w, r, GST_UNDELEGATED);

    claim_on(b, 1, a, gpt_pas(b->w->m, a) == PAS_SECURE ? PAS_NS : PAS_SECURE);
}

static void nested(void *arg)
{
    struct beside *b = arg;

    if (b->claim)
        claim_on(b, 1, b->claim, PAS_SECURE);
    for (unsigned i = 0; i < b->num; i++) {
        do {
            if (b->r)
                random_call(b->w, b->r, b->in[i]);
        } while (b->no_enter && b->in[i][0] == RMI_REC_ENTER);
        call_on(b->w, 1, b->in[i], b->out[i]);
        b->ran++;
    }
    /* Last: with a call on each side of what the outer call reads and of what it locks there need be no order. */
    if (b->may_claim && below(b->r, 4) == 0)
        random_claim(b);
}

static void resume(struct beside *b)
{
    b->waiting = false;
    b->inside = true;
    b->alive = coro_resume(b->co);
    b->inside = false;
}

static bool may_go_on(const struct beside *b)
{
    return b->alive && b->waiting && !b->inside &&
           b->w->m->gst[granule_index(b->w->m, b->granule)].lock == 0;
}

static void on_event(void *ctx, struct machine *m, const struct event *e)
{
    struct beside *b = ctx;

    (void)m;
    if (e->kind == EV_UNLOCK && e->pe == 0 && may_go_on(b))
        resume(b);
    if (e->pe == 0 && e->kind == b->at && b->n) {
        b->n--;
        if (b->n == 0) {
            coro_prepare(b->co, nested, b);
            resume(b);
        }
    }
}

static void on_wait(void *ctx, struct machine *m, unsigned pe, pa_t granule)
{
    struct beside *b = ctx;

    b->waited++;
    if (pe == 1) {
        b->granule = granule.v;
        b->waiting = true;
        coro_yield(b->co);
        return;
    }
    while (m->gst[granule_index(m, granule.v)].lock) {
        assert_true(may_go_on(b)); /* else both wait for ever */
        resume(b);
    }
}

static void beside_open(struct beside *b, struct cw *w, struct sched_ops *ops)
{
    memset(b, 0, sizeof(*b));
    b->w = w;
    b->co = coro_new();
    assert_non_null(b->co);
    b->at = EV_COUNT;
    *ops = (struct sched_ops){.wait = on_wait};
    w->m->sched = ops;
    w->m->sched_ctx = b;
    assert_int_equal(event_listen(w->m,
                                  EV_BIT(EV_LOCK) | EV_BIT(EV_UNLOCK) | EV_BIT(EV_STATE) |
                                      EV_BIT(EV_PTE) | EV_BIT(EV_COPY_FROM_NS),
                                  on_event, b),
                     CCA_OK);
}

static void beside_close(struct beside *b)
{
    event_unlisten(b->w->m, on_event, b);
    coro_free(b->co);
}

static void call_beside(struct beside *b, const uint64_t in[ABI_MAX_REGS],
                        uint64_t out[ABI_MAX_REGS])
{
    call_on(b->w, 0, in, out);
    while (b->alive) {
        assert_true(may_go_on(b));
        resume(b);
    }
    b->n = 0;
}

/* --- single cases ------------------------------------------------------------------------------------------------ */

static void open_two(struct cw *w, struct beside *b, struct sched_ops *ops)
{
    struct impl impl;

    impl_default(&impl);
    if (impl.num_pes < 2)
        impl.num_pes = 2;
    w_open(w, &impl, CHECK_ALL);
    w_realm(w);
    beside_open(b, w, ops);
}

static void set(uint64_t in[ABI_MAX_REGS], uint64_t fid, uint64_t a, uint64_t b, uint64_t c,
                uint64_t d)
{
    memset(in, 0, ABI_MAX_REGS * sizeof(in[0]));
    in[0] = fid;
    in[1] = a;
    in[2] = b;
    in[3] = c;
    in[4] = d;
}

static void end_two(struct cw *w, struct beside *b)
{
    w_assert_clean(w);
    assert_int_equal(check_full(w->c), 0);
    w_assert_clean(w);
    beside_close(b);
    w_close(w);
}

/* The table that both add to counts both entries. */
static void test_create_beside_create(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    struct sched_ops ops;
    struct beside b;
    struct cw w;

    (void)state;
    open_two(&w, &b, &ops);
    b.at = EV_LOCK;
    b.n = 1;
    b.num = 2;
    set(b.in[0], RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L3), 1ull << 30, 2);
    set(b.in[1], RMI_RTT_READ_ENTRY, w_pa(&w, W_RD), 1ull << 31, 3, 0);
    set(in, RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L2), 0, 2);
    call_beside(&b, in, out);
    assert_int_equal(out[0], RMI_SUCCESS);
    assert_int_equal(b.out[0][0], RMI_SUCCESS);
    assert_int_equal(b.ran, 2);
    end_two(&w, &b);
}

/* One entry is changed by both, and the table that the second one makes is walked before the index knows it. */
static void test_destroy_beside_create(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];

    (void)state;
    for (unsigned n = 1; n < 8; n++) {
        struct sched_ops ops;
        struct beside b;
        struct cw w;

        open_two(&w, &b, &ops);
        w_table(&w, W_L2, 0, 2);
        b.at = EV_UNLOCK;
        b.n = n;
        b.num = 3;
        set(b.in[0], RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L3), 0, 2);
        set(b.in[1], RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L2_NS), 0, 3);
        set(b.in[2], RMI_RTT_DESTROY, w_pa(&w, W_RD), 0, 3, 0);
        set(in, RMI_RTT_DESTROY, w_pa(&w, W_RD), 0, 2, 0);
        call_beside(&b, in, out);
        end_two(&w, &b);
    }
}

/* The results and the tables are the same in either order; the RIM tells which it was. */
static void test_create_beside_init_ripas(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];

    (void)state;
    for (unsigned n = 1; n < 4; n++) {
        struct sched_ops ops;
        struct beside b;
        struct cw w;

        open_two(&w, &b, &ops);
        w_table(&w, W_L2, 0, 2);
        b.at = EV_LOCK;
        b.n = n;
        b.num = 1;
        set(b.in[0], RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L3), 0, 3);
        set(in, RMI_RTT_INIT_RIPAS, w_pa(&w, W_RD), 0, 0x200000, 0);
        call_beside(&b, in, out);
        assert_int_equal(out[0], RMI_SUCCESS);
        assert_int_equal(out[1], 0x200000);
        end_two(&w, &b);
    }
}

/* The page that a call reads is taken before the call reads it, or after it has: each result has its order. */
static void test_claim_beside(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    unsigned failed = 0, succeeded = 0;

    (void)state;
    for (unsigned n = 1; n < 6; n++) {
        struct sched_ops ops;
        struct beside b;
        struct cw w;

        open_two(&w, &b, &ops);
        w_tables(&w);
        b.at = n == 5 ? EV_COPY_FROM_NS : EV_LOCK;
        b.n = n == 5 ? 1 : n;
        b.claim = w_pa(&w, W_SRC);
        set(in, RMI_DATA_CREATE, w_pa(&w, W_RD), w_pa(&w, W_DATA), W_IPA, w_pa(&w, W_SRC));
        call_beside(&b, in, out);
        if (out[0] == RMI_SUCCESS)
            succeeded++;
        else
            failed++;
        assert_int_equal(b.claimed, 1);
        assert_int_equal(gpt_pas(w.m, b.claim), PAS_SECURE);
        end_two(&w, &b);
    }
    assert_true(failed && succeeded);
}

/* No order explains it: the source was the Secure world's before the call began, whatever is claimed beside it. */
static void test_claim_before(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    struct sched_ops ops;
    struct beside b;
    struct cw w;

    (void)state;
    for (unsigned lie = 0; lie < 2; lie++) {
        open_two(&w, &b, &ops);
        w_tables(&w);
        claim_on(&b, 1, w_pa(&w, W_SRC), PAS_SECURE);
        set(in, RMI_DATA_CREATE, w_pa(&w, W_RD), w_pa(&w, W_DATA), W_IPA, w_pa(&w, W_SRC));
        memcpy(out, in, sizeof(out));
        check_step_begin(w.c, 0, ++w.step);
        check_rmi_begin(w.c, 0, in);
        el3m_smc(w.m, 0, WORLD_NS, out);
        claim_on(&b, 1, w_pa(&w, W_PARAMS), PAS_SECURE);
        assert_int_equal(out[0], RMI_ERROR_INPUT);
        if (lie)
            out[0] = RMI_SUCCESS;
        check_rmi_end(w.c, 0, in, out);
        check_step_end(w.c, 0);
        if (lie)
            w_assert_found(&w, "result");
        else
            w_assert_clean(&w);
        beside_close(&b);
        w_close(&w);
    }
}

/* What goes wrong beside another call is found as ever. */
static void test_misdeed_beside(void **state)
{
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    struct sched_ops ops;
    struct beside b;
    struct cw w;

    (void)state;
    open_two(&w, &b, &ops);
    b.at = EV_LOCK;
    b.n = 1;
    b.num = 1;
    set(b.in[0], RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L3), 1ull << 30, 2);
    set(in, RMI_RTT_CREATE, w_pa(&w, W_RD), w_pa(&w, W_L2), 0, 2);
    w.m->gst[granule_index(w.m, w_pa(&w, W_ROOT))].refcount++;
    call_beside(&b, in, out);
    w_assert_found(&w, "I8");
    beside_close(&b);
    w_close(&w);
}

/* --- random ones ------------------------------------------------------------------------------------------------- */

static void run_beside(uint64_t seed, unsigned steps, unsigned *ran, unsigned *waited,
                       unsigned *claimed)
{
    static const enum event_kind kinds[] = {EV_LOCK, EV_UNLOCK, EV_STATE, EV_PTE, EV_COPY_FROM_NS};
    struct rng r = {seed * 0x9E3779B97F4A7C15ull + 1};
    struct sched_ops ops;
    struct beside b;
    struct impl impl;
    struct cw w;

    impl_default(&impl);
    if (impl.num_pes < 2)
        impl.num_pes = 2;
    w_open(&w, &impl, CHECK_ALL);
    random_script(&w);
    if (seed % 2)
        w_whole_realm(&w);
    beside_open(&b, &w, &ops);
    b.r = &r;
    b.may_claim = true;
    for (unsigned i = 0; i < steps && w_findings(&w) == 0; i++) {
        uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];

        b.at = kinds[below(&r, sizeof(kinds) / sizeof(kinds[0]))];
        b.n = below(&r, 4) ? 1 + (unsigned)below(&r, 5) : 0;
        b.num = 1 + (unsigned)below(&r, MAX_NESTED);
        random_call(&w, &r, in);
        /* REC_ENTER is judged where it happens, other calls when the last that overlaps has ended: a REC that one of
         * them made, or that another REC_ENTER is about to run, cannot be judged yet. */
        b.no_enter = true;
        call_beside(&b, in, out);
        if (i % 10 == 0)
            assert_true(check_full(w.c) == 0 || w_findings(&w));
        if (w_findings(&w)) {
            print_message("# seed %llu, step %u: %llx (%llx %llx %llx %llx) = %llx, and at %s:\n",
                          (unsigned long long)seed, i, (unsigned long long)in[0],
                          (unsigned long long)in[1], (unsigned long long)in[2],
                          (unsigned long long)in[3], (unsigned long long)in[4],
                          (unsigned long long)out[0], event_name(b.at));
            for (unsigned k = 0; k < b.num; k++)
                print_message("#   %llx (%llx %llx %llx %llx) = %llx\n",
                              (unsigned long long)b.in[k][0], (unsigned long long)b.in[k][1],
                              (unsigned long long)b.in[k][2], (unsigned long long)b.in[k][3],
                              (unsigned long long)b.in[k][4], (unsigned long long)b.out[k][0]);
        }
    }
    w_assert_clean(&w);
    assert_int_equal(check_full(w.c), 0);
    *ran += b.ran;
    *waited += b.waited;
    *claimed += b.claimed;
    beside_close(&b);
    w_close(&w);
}

static void test_random(void **state)
{
    unsigned ran = 0, waited = 0, claimed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        run_beside(seed, 1000, &ran, &waited, &claimed);
    /* A run in which nothing overlaps would show nothing. */
    print_message("# %u nested calls, %u waits, %u claims\n", ran, waited, claimed);
    assert_true(ran > 5000 && waited > 100 && claimed > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_beside_create),
        cmocka_unit_test(test_destroy_beside_create),
        cmocka_unit_test(test_create_beside_init_ripas),
        cmocka_unit_test(test_claim_beside),
        cmocka_unit_test(test_claim_before),
        cmocka_unit_test(test_misdeed_beside),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
