/* SPDX-License-Identifier: BSD-3-Clause */
/* Granules and the life cycle of Realm and REC. */
#include "rmm_world.h"

static void test_version_and_features(void **state)
{
    struct rmm_world *w = *state;

    RMI_OK(w, RMI_VERSION, ABI_1_0);
    assert_int_equal(w->x[1], ABI_1_0);
    assert_int_equal(w->x[2], ABI_1_0);
    assert_int_equal(RMI_CALL(w, RMI_VERSION, ABI_VERSION(2, 0)), RMI_ERROR_INPUT);
    assert_int_equal(w->x[1], ABI_1_0);
    RMI_OK(w, RMI_FEATURES | SMC_FID_SVE_HINT, 0);
    assert_int_equal(w->x[1], impl_feature_register0(&w->m->impl));
    RMI_OK(w, RMI_FEATURES, 1);
    for (unsigned i = 1; i < ABI_MAX_REGS; i++)
        assert_int_equal(w->x[i], 0);
    assert_true(RMI_CALL(w, 0xC4000156ull, 0) == SMC_NOT_SUPPORTED);
}

static void test_delegate(void **state)
{
    struct rmm_world *w = *state;

    host_fill(w, G(8), 0xaa);
    RMI_OK(w, RMI_GRANULE_DELEGATE, G(8));
    assert_int_equal(gpt_pas(w->m, G(8)), PAS_REALM);
    assert_int_equal(state_of(w, G(8)), GST_DELEGATED);
    assert_true(mem_is_zero(w->m, G(8)));
    assert_int_equal(RMI_CALL(w, RMI_GRANULE_DELEGATE, G(8)), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_GRANULE_DELEGATE, G(9) + 8), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_GRANULE_DELEGATE, 0x1000), RMI_ERROR_INPUT);
    RMI_OK(w, RMI_GRANULE_UNDELEGATE, G(8));
    assert_int_equal(gpt_pas(w->m, G(8)), PAS_NS);
    assert_int_equal(RMI_CALL(w, RMI_GRANULE_UNDELEGATE, G(8)), RMI_ERROR_INPUT);
    /* A granule of the Secure world: EL3M refuses, and nothing has changed. */
    assert_int_equal(el3m_secure_claim(w->m, 0, G(8), PAS_SECURE), CCA_OK);
    assert_int_equal(RMI_CALL(w, RMI_GRANULE_DELEGATE, G(8)), RMI_ERROR_INPUT);
    assert_int_equal(state_of(w, G(8)), GST_UNDELEGATED);
}

static void test_lazy_wipe(void **state)
{
    struct rmm_world *w = *state;

    host_fill(w, G(8), 0xaa);
    RMI_OK(w, RMI_GRANULE_DELEGATE, G(8));
    assert_false(mem_is_zero(w->m, G(8)));
    RMI_OK(w, RMI_GRANULE_UNDELEGATE, G(8));
    assert_true(mem_is_zero(w->m, G(8)));
    host_fill(w, DATA0, 0xaa);
    realm_create(w);
    tables_create(w);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA0, 0);
    assert_true(mem_is_zero(w->m, DATA0));
}

/* One field of the parameters changed: all are RMI_ERROR_INPUT. */
static const struct {
    uint32_t offset;
    uint64_t value;
} bad[] = {
    {REALM_PARAMS_FLAGS, REALM_FLAG_LPA2},
    {REALM_PARAMS_FLAGS, REALM_FLAG_SVE},
    {REALM_PARAMS_FLAGS, REALM_FLAG_PMU},
    {REALM_PARAMS_S2SZ, 31},
    {REALM_PARAMS_S2SZ, 41},
    {REALM_PARAMS_NUM_BPS, 0},
    {REALM_PARAMS_NUM_BPS, 6},
    {REALM_PARAMS_NUM_WPS, 0},
    {REALM_PARAMS_NUM_WPS, 4},
    {REALM_PARAMS_HASH_ALGO, 2},
    {REALM_PARAMS_VMID, 256},
    {REALM_PARAMS_RTT_BASE, ROOT + GRANULE_SIZE},
    {REALM_PARAMS_RTT_BASE, RD},
    {REALM_PARAMS_RTT_BASE, G(100)},
    {REALM_PARAMS_RTT_BASE, 0},
    {REALM_PARAMS_RTT_LEVEL_START, 0},
    {REALM_PARAMS_RTT_LEVEL_START, 2},
    {REALM_PARAMS_RTT_LEVEL_START, 3},
    {REALM_PARAMS_RTT_LEVEL_START, UINT64_MAX},
    {REALM_PARAMS_RTT_LEVEL_START, 1ull << 32 | 1},
    {REALM_PARAMS_RTT_NUM_START, 0},
    {REALM_PARAMS_RTT_NUM_START, 1},
    {REALM_PARAMS_RTT_NUM_START, 4},
};

static void test_realm_create_params(void **state)
{
    struct rmm_world *w = *state;
    uint64_t before;

    for (unsigned i = 16; i < 64; i++)
        RMI_OK(w, RMI_GRANULE_DELEGATE, G(i));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        realm_params(w);
        host_write64(w, PARAMS + bad[i].offset, bad[i].value);
        before = machine_hash(w->m);
        assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, RD, PARAMS), RMI_ERROR_INPUT);
        assert_true(machine_hash(w->m) == before);
    }
    assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, RD, PARAMS + 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, RD, G(20)), RMI_ERROR_INPUT);
    realm_params(w);
    assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, G(100), PARAMS), RMI_ERROR_INPUT);
    RMI_OK(w, RMI_REALM_CREATE, RD, PARAMS);
    /* The VMID is taken now. */
    host_write64(w, PARAMS + REALM_PARAMS_RTT_BASE, G(34));
    assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, G(24), PARAMS), RMI_ERROR_INPUT);
    host_write64(w, PARAMS + REALM_PARAMS_VMID, 6);
    RMI_OK(w, RMI_REALM_CREATE, G(24), PARAMS);
}

/* Start level and number of tables, with LPA2 and without (rmm-1.0 facts 1.6). */
static void test_start_tables(void **state)
{
    static const struct {
        uint64_t lpa2, s2sz, level, num, result;
    } row[] = {
        {1, 49, UINT64_MAX, 1, RMI_SUCCESS},
        {1, 52, UINT64_MAX, 1, RMI_SUCCESS},
        {1, 48, UINT64_MAX, 1, RMI_ERROR_INPUT},
        {1, 52, UINT64_MAX, 2, RMI_ERROR_INPUT},
        {0, 49, UINT64_MAX, 1, RMI_ERROR_INPUT},
        {1, 52, UINT64_MAX - 1, 1, RMI_ERROR_INPUT},
        {1, 52, 0, 16, RMI_SUCCESS},
        {1, 52, 0, 8, RMI_ERROR_INPUT},
        {1, 49, 0, 2, RMI_SUCCESS},
        {0, 49, 0, 2, RMI_ERROR_INPUT},
        {0, 48, 0, 1, RMI_SUCCESS},
        {1, 48, 0, 1, RMI_SUCCESS},
        {0, 40, 0, 1, RMI_SUCCESS},
        {1, 43, 1, 16, RMI_SUCCESS},
        {1, 32, 2, 4, RMI_SUCCESS},
        {1, 53, UINT64_MAX, 1, RMI_ERROR_INPUT},
    };
    struct impl impl;
    struct rmm_world *w;

    (void)state;
    impl_default(&impl);
    impl.lpa2 = true;
    impl.s2sz = 52;
    w = world_new(&impl);
    for (unsigned i = 16; i < 64; i++)
        RMI_OK(w, RMI_GRANULE_DELEGATE, G(i));
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct rmm_rd_view v;
        uint64_t scratch[512];

        realm_params(w);
        host_write64(w, PARAMS + REALM_PARAMS_FLAGS, row[i].lpa2);
        host_write64(w, PARAMS + REALM_PARAMS_S2SZ, row[i].s2sz);
        host_write64(w, PARAMS + REALM_PARAMS_RTT_LEVEL_START, row[i].level);
        host_write64(w, PARAMS + REALM_PARAMS_RTT_NUM_START, row[i].num);
        assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, RD, PARAMS), row[i].result);
        if (row[i].result != RMI_SUCCESS)
            continue;
        rmm_view_rd(w->m, RD, scratch, &v);
        assert_int_equal(v.lpa2, row[i].lpa2);
        assert_int_equal(v.rtt_level_start, (int)row[i].level);
        RMI_OK(w, RMI_REALM_DESTROY, RD);
    }
    world_free(w);
}

/* A start table above 2^48, for a Realm whose VTTBR_EL2 cannot say so, and for one whose can. */
static void test_start_table_place(void **state)
{
    struct impl impl;
    struct rmm_world *w;
    uint64_t base = 1ull << 48;

    (void)state;
    impl_default(&impl);
    impl.lpa2 = true;
    impl.pa_bits = 52;
    impl.dram.base = base;
    impl.root_size = gpt_size_needed(&impl);
    impl_fill_banks(&impl);
    w = world_new(&impl);
    RMI_OK(w, RMI_GRANULE_DELEGATE, base);
    RMI_OK(w, RMI_GRANULE_DELEGATE, base + GRANULE_SIZE);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_S2SZ, 33);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_NUM_BPS, 1);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_NUM_WPS, 1);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_RTT_BASE, base + GRANULE_SIZE);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_RTT_LEVEL_START, 1);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_RTT_NUM_START, 1);
    assert_int_equal(RMI_CALL(w, RMI_REALM_CREATE, base, base + 2 * GRANULE_SIZE), RMI_ERROR_INPUT);
    host_write64(w, base + 2 * GRANULE_SIZE + REALM_PARAMS_FLAGS, REALM_FLAG_LPA2);
    RMI_OK(w, RMI_REALM_CREATE, base, base + 2 * GRANULE_SIZE);
    world_free(w);
}

static void test_realm_life(void **state)
{
    struct rmm_world *w = *state;
    struct rmm_rd_view v;
    uint64_t scratch[512];

    realm_create(w);
    rmm_view_rd(w->m, RD, scratch, &v);
    assert_int_equal(v.state, REALM_NEW);
    assert_int_equal(v.s2sz, 40);
    assert_int_equal(v.vmid, 5);
    assert_int_equal(v.rtt_base, ROOT);
    assert_int_equal(v.rtt_num_start, 2);
    assert_memory_equal(v.rpv, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
    assert_int_equal(state_of(w, ROOT + GRANULE_SIZE), GST_RTT);
    RMI_OK(w, RMI_REC_AUX_COUNT, RD);
    assert_int_equal(w->x[1], 1);
    assert_int_equal(RMI_CALL(w, RMI_REC_AUX_COUNT, REC), RMI_ERROR_INPUT);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    assert_int_equal(RMI_CALL(w, RMI_REALM_ACTIVATE, RD), RMI_ERROR_REALM);
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L2, 0, 2);
    assert_int_equal(RMI_CALL(w, RMI_REALM_DESTROY, RD), RMI_ERROR_REALM);
    RMI_OK(w, RMI_RTT_DESTROY, RD, 0, 2);
    RMI_OK(w, RMI_REALM_DESTROY, RD);
    assert_int_equal(state_of(w, RD), GST_DELEGATED);
    assert_true(mem_is_zero(w->m, RD));
    assert_int_equal(state_of(w, ROOT), GST_DELEGATED);
    assert_int_equal(RMI_CALL(w, RMI_REALM_DESTROY, RD), RMI_ERROR_INPUT);
    realm_params(w);
    RMI_OK(w, RMI_REALM_CREATE, RD, PARAMS);
}

static void test_rec_create(void **state)
{
    struct rmm_world *w = *state;
    uint64_t before;

    realm_create(w);
    rec_params(w, 1);
    before = machine_hash(w->m);
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, REC, PARAMS), RMI_ERROR_INPUT);
    assert_true(machine_hash(w->m) == before);
    rec_params(w, 0x10); /* Aff0[7:4] is not looked at: index 0 */
    host_write64(w, PARAMS + REC_PARAMS_AUX, REC);
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, REC, PARAMS), RMI_ERROR_INPUT);
    host_write64(w, PARAMS + REC_PARAMS_AUX, G(100));
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, REC, PARAMS), RMI_ERROR_INPUT);
    host_write64(w, PARAMS + REC_PARAMS_AUX, AUX);
    host_write64(w, PARAMS + REC_PARAMS_NUM_AUX, 2);
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, REC, PARAMS), RMI_ERROR_INPUT);
}

static void test_rec_life(void **state)
{
    struct rmm_world *w = *state;
    struct rmm_rec_view v;
    uint64_t scratch[512];

    realm_create(w);
    rec_params(w, 0x10);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    assert_int_equal(state_of(w, REC), GST_REC);
    assert_int_equal(state_of(w, AUX), GST_REC_AUX);
    assert_int_equal(refcount_of(w, RD), 1);
    rmm_view_rec(w->m, REC, scratch, &v);
    assert_int_equal(v.rd, RD);
    assert_int_equal(v.mpidr, 0);
    assert_true(v.runnable);
    assert_false(v.running);
    assert_int_equal(v.regs->pc, 0x1000);
    assert_int_equal(v.regs->x[7], 0x107);
    assert_int_equal(v.regs->x[8], 0);
    assert_int_equal(v.regs->pstate, 0x3c5);
    assert_int_equal(v.regs->sys[SR_SCTLR_EL1], 0x00c50878);
    assert_int_equal(v.aux[0], AUX);
    assert_int_equal(RMI_CALL(w, RMI_REALM_DESTROY, RD), RMI_ERROR_REALM);
    RMI_OK(w, RMI_REC_DESTROY, REC);
    assert_int_equal(refcount_of(w, RD), 0);
    assert_true(mem_is_zero(w->m, REC));
    assert_int_equal(state_of(w, AUX), GST_DELEGATED);
    assert_int_equal(RMI_CALL(w, RMI_REC_DESTROY, REC), RMI_ERROR_INPUT);
    /* The index of a destroyed REC does not come back. */
    rec_params(w, 0);
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, REC, PARAMS), RMI_ERROR_INPUT);
    rec_params(w, 1);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    rec_params(w, 2);
    host_write64(w, PARAMS + REC_PARAMS_AUX, G(51));
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, G(50), PARAMS), RMI_ERROR_REALM);
}

static void test_num_recs(void **state)
{
    struct impl impl;
    struct rmm_world *w;

    (void)state;
    impl_default(&impl);
    impl.rec_aux_count = 0;
    impl.max_recs_order = 1; /* one REC */
    w = world_new(&impl);
    realm_create(w);
    rec_params(w, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    rec_params(w, 1);
    assert_int_equal(RMI_CALL(w, RMI_REC_CREATE, RD, G(50), PARAMS), RMI_ERROR_REALM);
    world_free(w);
}

static void test_bug_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < rmm_bug_count; i++) {
        assert_non_null(rmm_bugs[i].what);
        assert_non_null(rmm_bugs[i].claim);
        assert_int_equal(rmm_bug_by_name(rmm_bugs[i].name), (int)i);
        assert_int_equal(strncmp(rmm_bugs[i].scenario, "bugs/", 5), 0);
    }
    assert_int_equal(rmm_bug_by_name("no-such-bug"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_version_and_features),
        WORLD_TEST(test_delegate),
        cmocka_unit_test_setup_teardown(test_lazy_wipe, world_setup_lazy, world_teardown),
        WORLD_TEST(test_realm_create_params),
        cmocka_unit_test(test_start_tables),
        cmocka_unit_test(test_start_table_place),
        WORLD_TEST(test_realm_life),
        WORLD_TEST(test_rec_create),
        WORLD_TEST(test_rec_life),
        cmocka_unit_test(test_num_recs),
        cmocka_unit_test(test_bug_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
