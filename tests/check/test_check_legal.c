/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Legal runs on RMM 1.0 that the older texts of invariants would have rejected (docs/invariants.md): each raises
 * nothing, and the older predicate, spelled out here, is false on the way.
 */
#include "check_world.h"

#include "realm/rd.h"
#include "realm/rec.h"
#include "rmm/rtt_desc.h"

static struct gst_entry *gst(struct cw *w, unsigned n)
{
    return &w->m->gst[granule_index(w->m, w_pa(w, n))];
}

static uint64_t entry(struct cw *w, unsigned table, unsigned index)
{
    return mem_read64(w->m, w_pa(w, table) + 8ull * index);
}

static struct rd *rd_of(struct cw *w)
{
    mem_unpoison(w->m, w_pa(w, W_RD));
    return (struct rd *)(void *)mem_ptr(w->m, w_pa(w, W_RD));
}

static void close_clean(struct cw *w)
{
    w_assert_clean(w);
    assert_int_equal(check_full(w->c), 0);
    w_close(w);
}

/* I4: "list(rd)[i] is the REC with index i": the indexes of two live RECs are 1 and 2. */
static void test_i4(void **state)
{
    struct cw w;
    uint64_t scratch[512];
    struct rmm_rec_view a, b;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_realm(&w);
    w_rec(&w, 40, 41, 0, true);
    w_rec(&w, 42, 43, 1, true);
    assert_int_equal(RMI1(&w, RMI_REC_DESTROY, w_pa(&w, 40)), RMI_SUCCESS);
    w_rec(&w, 40, 41, 2, true);
    rmm_view_rec(w.m, w_pa(&w, 42), scratch, &a);
    rmm_view_rec(w.m, w_pa(&w, 40), scratch, &b);
    assert_int_equal(gst(&w, W_RD)->refcount, 2);
    assert_int_equal(rec_mpidr_index(a.mpidr), 1);
    assert_int_equal(rec_mpidr_index(b.mpidr), 2);
    close_clean(&w);
}

/* I7: "root level 0": four starting-level tables at level 2. */
static void test_i7(void **state)
{
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    for (unsigned n = W_RD; n < W_FREE; n++)
        w_delegate(&w, n);
    w_realm_params(&w);
    w_host_write(&w, W_PARAMS, REALM_PARAMS_S2SZ, 32, 1);
    w_host_write(&w, W_PARAMS, REALM_PARAMS_RTT_LEVEL_START, 2, 8);
    w_host_write(&w, W_PARAMS, REALM_PARAMS_RTT_NUM_START, 4, 4);
    assert_int_equal(RMI2(&w, RMI_REALM_CREATE, w_pa(&w, W_RD), w_pa(&w, W_PARAMS)), RMI_SUCCESS);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(gst(&w, W_ROOT + i)->state, GST_RTT);
    w_table(&w, 40, 1ull << 30, 3); /* below the second one */
    assert_int_equal(entry(&w, W_ROOT + 1, 0), desc_table(w_pa(&w, 40), false));
    close_clean(&w);
}

/* I8: "count == live entries + 1 for the parent": ASSIGNED_NS in a table with count 0. */
static void test_i8(void **state)
{
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_realm(&w);
    w_tables(&w);
    assert_int_equal(RMI4(&w, RMI_RTT_MAP_UNPROTECTED, w_pa(&w, W_RD), W_NS_IPA, 3,
                          w_pa(&w, W_NS) | 7 << 2 | 3 << 6),
                     RMI_SUCCESS);
    assert_true(desc_is_assigned_ns(entry(&w, W_L3_NS, 0), 3));
    assert_int_equal(gst(&w, W_L3_NS)->refcount, 0);
    assert_int_equal(RMI3(&w, RMI_RTT_DESTROY, w_pa(&w, W_RD), W_NS_IPA, 3), RMI_SUCCESS);
    close_clean(&w);
}

/* I12: "running implies ACTIVE", at every event: REC_ENTER in a NEW Realm fails, with the REC's count 1 meanwhile. */
static bool ran_while_new;

static void see_running(void *ctx, struct machine *m, const struct event *e)
{
    (void)m;
    (void)e;
    ran_while_new |= gst(ctx, W_REC)->refcount == 1;
}

static void test_i12(void **state)
{
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_realm(&w);
    w_rec(&w, W_REC, W_AUX, 0, true);
    ran_while_new = false;
    assert_int_equal(event_listen(w.m, EV_ALL, see_running, &w), CCA_OK);
    assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_ERROR_REALM);
    event_unlisten(w.m, see_running, &w);
    assert_int_equal(rd_of(&w)->state, REALM_NEW);
    assert_true(ran_while_new);
    close_clean(&w);
}

/* I17: "measurements change only while NEW": a REM of an ACTIVE Realm. */
static void test_i17(void **state)
{
    static struct script_op ops[] = {
        {.kind = SCRIPT_SMC, .args = 0xf, .arg = {RSI_MEASUREMENT_EXTEND, 2, 8, 0x55}},
        {.kind = SCRIPT_END},
    };
    static struct script_section section = {.pc = W_IPA, .ops = ops, .num = 2};
    static struct script script = {.sections = &section, .num = 1};
    uint8_t before[MEASUREMENT_SIZE];
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    assert_int_equal(script_set_add(w.scripts, &script, 0), CCA_OK);
    w_whole_realm(&w);
    memcpy(before, rd_of(&w)->measurement[2], sizeof(before));
    assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_SUCCESS);
    assert_int_equal(rd_of(&w)->state, REALM_ACTIVE);
    assert_memory_not_equal(before, rd_of(&w)->measurement[2], sizeof(before));
    close_clean(&w);
}

/* I18: "every REC and nothing of RIPAS": a REC that is not runnable does not count, RTT_INIT_RIPAS does. */
static void test_i18(void **state)
{
    uint8_t before[MEASUREMENT_SIZE];
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_realm(&w);
    w_tables(&w);
    memcpy(before, rd_of(&w)->measurement[0], sizeof(before));
    w_rec(&w, W_REC, W_AUX, 0, false);
    assert_memory_equal(before, rd_of(&w)->measurement[0], sizeof(before));
    assert_int_equal(RMI3(&w, RMI_RTT_INIT_RIPAS, w_pa(&w, W_RD), 0x2000, 0x5000), RMI_SUCCESS);
    assert_memory_not_equal(before, rd_of(&w)->measurement[0], sizeof(before));
    w_activate(&w);
    close_clean(&w);
}

/* I19: "DESTROYED is never assigned by DATA_CREATE*": ASSIGNED, DESTROYED. */
static void test_i19(void **state)
{
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_whole_realm(&w);
    assert_int_equal(RMI2(&w, RMI_DATA_DESTROY, w_pa(&w, W_RD), W_IPA), RMI_SUCCESS);
    assert_int_equal(desc_ripas(entry(&w, W_L3, 1)), RIPAS_DESTROYED);
    assert_int_equal(RMI3(&w, RMI_DATA_CREATE_UNKNOWN, w_pa(&w, W_RD), w_pa(&w, W_DATA), W_IPA),
                     RMI_SUCCESS);
    assert_int_equal(desc_hipas(entry(&w, W_L3, 1), 3), HIPAS_ASSIGNED);
    assert_int_equal(desc_ripas(entry(&w, W_L3, 1)), RIPAS_DESTROYED);
    close_clean(&w);
}

/* I20: "no leaf outside the protected half maps a granule of the Realm PAS": the Host delegates what it mapped. */
static void test_i20(void **state)
{
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    w_realm(&w);
    w_tables(&w);
    assert_int_equal(RMI4(&w, RMI_RTT_MAP_UNPROTECTED, w_pa(&w, W_RD), W_NS_IPA, 3,
                          w_pa(&w, W_NS) | 7 << 2 | 3 << 6),
                     RMI_SUCCESS);
    w_delegate(&w, W_NS);
    assert_int_equal(desc_addr(entry(&w, W_L3_NS, 0), false), w_pa(&w, W_NS));
    assert_int_equal(gpt_pas(w.m, w_pa(&w, W_NS)), PAS_REALM);
    close_clean(&w);
}

/* I27: "a failing call leaves the state hash unchanged": the exit of a REC that ran cannot be written. */
static struct cw *world;
static bool done;

static void delegate_run_page(void *ctx, struct machine *m, const struct event *e)
{
    uint64_t in[ABI_MAX_REGS] = {RMI_GRANULE_DELEGATE, w_pa(world, W_RUN)}, kept[ABI_MAX_REGS];

    (void)ctx;
    (void)m;
    if (done || e->pe != 0)
        return;
    done = true;
    memcpy(kept, world->out, sizeof(kept));
    assert_int_equal(w_call(world, 1, in), RMI_SUCCESS);
    memcpy(world->out, kept, sizeof(kept));
}

static void test_i27(void **state)
{
    static struct script_op ops[] = {
        {.kind = SCRIPT_SET, .reg = 5, .value = 0x99},
        {.kind = SCRIPT_END},
    };
    static struct script_section section = {.pc = W_IPA, .ops = ops, .num = 2};
    static struct script script = {.sections = &section, .num = 1};
    uint64_t scratch[512];
    struct rmm_rec_view v;
    struct cw w;

    (void)state;
    w_open(&w, NULL, CHECK_ALL);
    world = &w;
    done = false;
    assert_int_equal(script_set_add(w.scripts, &script, 0), CCA_OK);
    w_whole_realm(&w);
    assert_int_equal(event_listen(w.m, EV_BIT(EV_ENTER), delegate_run_page, NULL), CCA_OK);
    assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_ERROR_INPUT);
    event_unlisten(w.m, delegate_run_page, NULL);
    rmm_view_rec(w.m, w_pa(&w, W_REC), scratch, &v);
    assert_int_equal(v.regs->x[5], 0x99); /* it has run */
    close_clean(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i4),  cmocka_unit_test(test_i7),  cmocka_unit_test(test_i8),
        cmocka_unit_test(test_i12), cmocka_unit_test(test_i17), cmocka_unit_test(test_i18),
        cmocka_unit_test(test_i19), cmocka_unit_test(test_i20), cmocka_unit_test(test_i27),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
