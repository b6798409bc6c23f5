/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules on what a Realm asked for: I19 within RMI_RTT_SET_RIPAS, I30; and I31. Each with a legal change, and with
 * the same change where it is none.
 */
#include "check_world.h"

#include "realm/rec.h"

#define W_REC2  56
#define W_AUX2  57
#define DESC(r) ((uint64_t)(r) << 5) /* UNASSIGNED with this RIPAS */

/* --- the RMM under test: the model's, and a misdeed within the next call --------------------------------------------- */

static struct cw *world;
static void (*misdeed)(struct cw *w, uint64_t out[ABI_MAX_REGS]);
static bool instead;

static void fake_smc(struct machine *m, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                     uint64_t out[ABI_MAX_REGS])
{
    void (*act)(struct cw * w, uint64_t out[ABI_MAX_REGS]) = misdeed;

    misdeed = NULL;
    if (!act || !instead)
        rmm_model.smc(m, pe, in, out);
    else
        memset(out, 0, ABI_MAX_REGS * sizeof(out[0]));
    if (act)
        act(world, out);
}

static struct rmm_ops ops;
static struct script_op smc = {.kind = SCRIPT_SMC};
static struct script_op ops_of_realm[2];
static struct script_section section = {.pc = W_IPA, .ops = ops_of_realm, .num = 2};
static struct script script = {.sections = &section, .num = 1};

/* An ACTIVE Realm with two RECs, which makes this call when its first REC is entered. */
static void open_world(struct cw *w, const uint64_t call[5])
{
    w_open(w, NULL, CHECK_ALL);
    world = w;
    misdeed = NULL;
    ops = rmm_model;
    ops.smc = fake_smc;
    w->m->rmm_ops = &ops;
    smc.args = 0x1f;
    memcpy(smc.arg, call, 5 * sizeof(call[0]));
    ops_of_realm[0] = smc;
    ops_of_realm[1] = (struct script_op){.kind = SCRIPT_END};
    assert_int_equal(script_set_add(w->scripts, &script, 0), CCA_OK);
    w_realm(w);
    w_tables(w);
    w_data(w, W_DATA, W_IPA);
    w_rec(w, W_REC, W_AUX, 0, true);
    w_rec(w, W_REC2, W_AUX2, 1, false);
    w_activate(w);
    w_assert_clean(w);
}

static void enter(struct cw *w, unsigned reason)
{
    uint64_t is = 0, esr;

    assert_int_equal(RMI2(w, RMI_REC_ENTER, w_pa(w, W_REC), w_pa(w, W_RUN)), RMI_SUCCESS);
    assert_int_equal(
        gpt_access(w->m, 0, WORLD_NS, PAS_NS, w_pa(w, W_RUN) + REC_EXIT_BASE, &is, 1, false, &esr),
        CCA_OK);
    assert_int_equal(is, reason);
    w_assert_clean(w);
}

/* --- I19 --------------------------------------------------------------------------------------------------------------- */

struct ripas_row {
    const char *what;
    uint64_t base, top, ripas, flags; /* the request; base == top: there is none */
    unsigned index;                   /* the entry that changes; 1 is DESTROYED */
    enum ripas to;
    bool again; /* the REC is entered meanwhile */
    bool legal;
};
static const struct ripas_row ripas_rows[] = {
    {"as asked", 0x2000, 0x4000, RIPAS_RAM, 0, 3, RIPAS_RAM, false, true},
    {"nobody asked", 0, 0, 0, 0, 3, RIPAS_RAM, false, false},
    {"above what was asked for", 0x2000, 0x4000, RIPAS_RAM, 0, 4, RIPAS_RAM, false, false},
    {"below it", 0x3000, 0x4000, RIPAS_RAM, 0, 2, RIPAS_RAM, false, false},
    {"another RIPAS", 0x2000, 0x4000, RIPAS_EMPTY, 0, 3, RIPAS_RAM, false, false},
    {"DESTROYED, with consent", 0x1000, 0x4000, RIPAS_RAM, 1, 1, RIPAS_RAM, false, true},
    {"DESTROYED, without", 0x1000, 0x4000, RIPAS_RAM, 0, 1, RIPAS_RAM, false, false},
    {"the request is over", 0x2000, 0x4000, RIPAS_RAM, 0, 3, RIPAS_RAM, true, false},
};

static const struct ripas_row *row;

static void change_ripas(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    uint64_t pa = w_pa(w, W_L3) + 8ull * row->index, *d;
    struct gst_entry *g = &w->m->gst[granule_index(w->m, pa)];
    uint64_t old;

    out[1] = row->top;
    mem_unpoison(w->m, w_pa(w, W_L3));
    d = (uint64_t *)(void *)mem_ptr(w->m, pa);
    old = *d;
    gst_lock(w->m, 0, &w->m->gst[granule_index(w->m, w_pa(w, W_L2))]);
    gst_lock(w->m, 0, g);
    gst_unlock(w->m, 0, &w->m->gst[granule_index(w->m, w_pa(w, W_L2))]);
    *d = DESC(row->to);
    ev(w->m, 0, EV_PTE, pa, old, *d);
    gst_unlock(w->m, 0, g);
}

static void check_ripas_row(void)
{
    uint64_t call[5] = {row->base == row->top ? RSI_VERSION : RSI_IPA_STATE_SET, row->base,
                        row->top, row->ripas, row->flags};
    struct cw w;

    open_world(&w, call);
    assert_int_equal(RMI2(&w, RMI_DATA_DESTROY, w_pa(&w, W_RD), W_IPA), RMI_SUCCESS);
    enter(&w, row->base == row->top ? EXIT_IRQ : EXIT_RIPAS_CHANGE);
    if (row->again)
        enter(&w, EXIT_IRQ);
    misdeed = change_ripas;
    instead = true;
    RMI4(&w, RMI_RTT_SET_RIPAS, w_pa(&w, W_RD), w_pa(&w, W_REC), row->base, row->top);
    if (w_found(&w, "I19") == row->legal) {
        w_print(&w);
        fail_msg("%s", row->what);
    }
    w_close(&w);
}

static void test_ripas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ripas_rows) / sizeof(ripas_rows[0]); i++) {
        row = &ripas_rows[i];
        check_ripas_row();
    }
}

/* --- I30 --------------------------------------------------------------------------------------------------------------- */

static const uint64_t cpu_on[5] = {PSCI_CPU_ON, 1, W_IPA, 7};

static struct rec *rec_of(struct cw *w)
{
    mem_unpoison(w->m, w_pa(w, W_REC));
    return (struct rec *)(void *)mem_ptr(w->m, w_pa(w, W_REC));
}

static void move_register(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    rec_of(w)->regs.x[9]++;
    ev(w->m, 0, EV_OBJECT, w_pa(w, W_REC), 0, 0);
}

static void answer_psci(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    rec_of(w)->psci_pending = 0;
    ev(w->m, 0, EV_OBJECT, w_pa(w, W_REC), 0, 0);
}

static void test_psci(void **state)
{
    static void (*const acts[])(struct cw *, uint64_t *) = {NULL, move_register, answer_psci};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct cw w;

        open_world(&w, cpu_on);
        enter(&w, EXIT_PSCI);
        misdeed = acts[i];
        instead = false;
        RMI1(&w, RMI_VERSION, ABI_1_0);
        assert_int_equal(w_found(&w, "I30"), i != 0);
        if (i == 0) {
            assert_int_equal(RMI3(&w, RMI_PSCI_COMPLETE, w_pa(&w, W_REC), w_pa(&w, W_REC2),
                                  (uint64_t)PSCI_SUCCESS),
                             RMI_SUCCESS);
            w_assert_clean(&w);
        }
        w_close(&w);
    }
}

/* --- I31 --------------------------------------------------------------------------------------------------------------- */

static void leak_vmid(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->rmm.vmids[0] |= 1ull << 9;
}

static void lose_vmid(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->rmm.vmids[0] = 0;
}

static void test_vmids(void **state)
{
    static void (*const acts[])(struct cw *, uint64_t *) = {NULL, leak_vmid, lose_vmid};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct cw w;

        open_world(&w, cpu_on);
        misdeed = acts[i];
        instead = false;
        assert_int_equal(RMI2(&w, RMI_REALM_CREATE, w_pa(&w, W_FREE - 1) + 8, w_pa(&w, W_PARAMS)),
                         RMI_ERROR_INPUT);
        assert_int_equal(w_found(&w, "I31"), i != 0);
        w_close(&w);
    }
    /* Behind everybody's back: a full check sees it. */
    for (unsigned i = 0; i < 3; i++) {
        struct cw w;

        open_world(&w, cpu_on);
        if (acts[i])
            acts[i](&w, NULL);
        assert_int_equal(check_full(w.c) != 0, i != 0);
        w_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ripas),
        cmocka_unit_test(test_psci),
        cmocka_unit_test(test_vmids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
