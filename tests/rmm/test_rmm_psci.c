/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI of the Realm and RMI_PSCI_COMPLETE. */
#include "rmm_world.h"

#define REC_B G(50) /* MPIDR 1 */
#define REC_C G(52) /* MPIDR 2 */
#define RD_D  G(54)
#define REC_D G(58) /* of another Realm, MPIDR 1 */

static uint64_t call[5];

static void act_call(struct pe_regs *r)
{
    memcpy(r->x, call, sizeof(call));
    r->x[5] = 0x55;
    r->x[19] = 0x1919;
}

static void leave(struct rmm_world *w, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    call[0] = fid;
    call[1] = a1;
    call[2] = a2;
    call[3] = a3;
    call[4] = 0x44;
    world_exit(w, VEC_SYNC, ESR_EC(EC_SMC64) | ESR_IL, 0, 0, act_call);
}

static void add_rec(struct rmm_world *w, uint64_t rd, uint64_t rec, uint64_t mpidr, uint64_t flags)
{
    rec_params(w, mpidr);
    host_write64(w, PARAMS + REC_PARAMS_FLAGS, flags);
    host_write64(w, PARAMS + REC_PARAMS_AUX, rec + GRANULE_SIZE);
    RMI_OK(w, RMI_REC_CREATE, rd, rec, PARAMS);
}

/* An ACTIVE Realm with REC (runnable), REC_B and REC_C (not). */
static void realm_with_three(struct rmm_world *w)
{
    realm_create(w);
    tables_create(w);
    rec_params(w, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    add_rec(w, RD, REC_B, 1, 0);
    add_rec(w, RD, REC_C, 2, 0);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
}

static void test_answered_by_rmm(void **state)
{
    static const struct {
        uint64_t fid, a1, a2;
        int64_t result;
    } rows[] = {
        {PSCI_VERSION, 0, 0, 0x10001},
        {SMCCC_VERSION_FID, 0, 0, 0x10002},
        {PSCI_VERSION | SMC_FID_SVE_HINT, 0, 0, 0x10001},
        {PSCI_FEATURES, PSCI_VERSION, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_FEATURES, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_CPU_OFF, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_CPU_ON, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_AFFINITY_INFO | 1ull << 32, 0, PSCI_SUCCESS}, /* X1[63:32] SBZ */
        {PSCI_FEATURES, PSCI_SYSTEM_OFF, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, PSCI_SYSTEM_RESET, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, SMCCC_VERSION_FID, 0, PSCI_SUCCESS},
        {PSCI_FEATURES, 0x84000003, 0, PSCI_NOT_SUPPORTED},
        {PSCI_FEATURES, RSI_VERSION, 0, PSCI_NOT_SUPPORTED},
        {0x84000003, 1, 0, PSCI_NOT_SUPPORTED}, /* SMC32 */
        {0x84000005, 1, 0, PSCI_NOT_SUPPORTED},
        {0xC400000E, 1, 0, PSCI_NOT_SUPPORTED},
        {RMI_PSCI_COMPLETE, 1, 0, PSCI_NOT_SUPPORTED},
        {PSCI_CPU_ON, 3, 0, PSCI_INVALID_PARAMETERS},
        {PSCI_CPU_ON, 0x11, 0, PSCI_INVALID_PARAMETERS}, /* Aff0[7:4] RES0 */
        {PSCI_CPU_ON, 1ull << 31 | 1, 0, PSCI_INVALID_PARAMETERS},
        {PSCI_CPU_ON, 1ull << 32 | 1, 0, PSCI_INVALID_PARAMETERS}, /* Aff3 */
        {PSCI_CPU_ON, 1, IPA_NS, PSCI_INVALID_ADDRESS},
        {PSCI_CPU_ON, 1, UINT64_MAX, PSCI_INVALID_ADDRESS},
        {PSCI_CPU_ON, 0, 0, PSCI_ALREADY_ON},
        {PSCI_AFFINITY_INFO, 3, 0, PSCI_INVALID_PARAMETERS},
        {PSCI_AFFINITY_INFO, 1, 1, PSCI_INVALID_PARAMETERS},
        {PSCI_AFFINITY_INFO, 0, 0, PSCI_SUCCESS},
    };
    struct rmm_world *w = *state;

    realm_with_three(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_rewind(w);
        leave(w, rows[i].fid, rows[i].a1, rows[i].a2, 0x33);
        enter(w, EXIT_IRQ);
        assert_true((int64_t)w->seen[1].x[0] == rows[i].result);
        for (unsigned r = 1; r <= 3; r++)
            assert_int_equal(w->seen[1].x[r], 0);
        assert_int_equal(w->seen[1].x[4], 0x44);
        assert_int_equal(w->seen[1].x[19], 0x1919);
    }
    /* A REC that is gone is used no more; its number is not used again either. */
    RMI_OK(w, RMI_REC_DESTROY, REC_C);
    world_rewind(w);
    leave(w, PSCI_AFFINITY_INFO, 2, 0, 0);
    enter(w, EXIT_IRQ);
    assert_true((int64_t)w->seen[1].x[0] == PSCI_INVALID_PARAMETERS);
}

static void expect_exit(struct rmm_world *w, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    const uint64_t gprs[4] = {fid, a1, a2, a3};

    for (unsigned i = 0; i < 31; i++)
        assert_int_equal(exit64(w, REC_EXIT_GPRS + 8 * i), i < 4 ? gprs[i] : 0);
    assert_int_equal(exit64(w, REC_EXIT_ESR), 0);
}

static void test_exits(void **state)
{
    struct rmm_world *w = *state;

    realm_with_three(w);
    leave(w, PSCI_CPU_SUSPEND, 0xff00000001, 0x1234, 0xff00000002);
    enter(w, EXIT_PSCI);
    expect_exit(w, PSCI_CPU_SUSPEND, 1, 0x1234, 0xff00000002); /* X1[63:32] SBZ */
    enter(w, EXIT_IRQ);
    assert_int_equal(w->seen[1].x[0], PSCI_SUCCESS);
    assert_int_equal(w->seen[1].x[1], 0);
    assert_int_equal(w->seen[1].x[5], 0x55);
    world_rewind(w);
    leave(w, PSCI_CPU_ON, 1, 0x2000, 0xff00000002);
    enter(w, EXIT_PSCI);
    expect_exit(w, PSCI_CPU_ON, 1, 0x2000, 2); /* X3[63:32] SBZ */
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_REC);
    RMI_OK(w, RMI_PSCI_COMPLETE, REC, REC_B, (uint64_t)PSCI_DENIED);
    world_rewind(w);
    leave(w, PSCI_CPU_OFF, 1, 2, 3);
    enter(w, EXIT_PSCI);
    expect_exit(w, PSCI_CPU_OFF, 0, 0, 0);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_REC);
}

static void test_system_off(void **state)
{
    struct rmm_world *w = *state;

    for (unsigned i = 0; i < 2; i++) {
        realm_with_three(w);
        leave(w, i ? PSCI_SYSTEM_RESET : PSCI_SYSTEM_OFF, 1, 2, 3);
        enter(w, EXIT_PSCI);
        expect_exit(w, i ? PSCI_SYSTEM_RESET : PSCI_SYSTEM_OFF, 0, 0, 0);
        assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RESULT(ERROR_REALM, 1));
        assert_int_equal(RMI_CALL(w, RMI_REALM_ACTIVATE, RD), RMI_ERROR_REALM);
        world_teardown(state);
        world_setup(state);
        w = *state;
    }
}

static void second_realm(struct rmm_world *w)
{
    realm_params(w);
    host_write64(w, PARAMS + REALM_PARAMS_VMID, 6);
    host_write64(w, PARAMS + REALM_PARAMS_RTT_BASE, G(56));
    RMI_OK(w, RMI_REALM_CREATE, RD_D, PARAMS);
    add_rec(w, RD_D, G(60), 0, 0);
    add_rec(w, RD_D, REC_D, 1, 0);
}

static void try_while_running(struct rmm_world *w)
{
    assert_int_equal(rmi_on(w, 1, RMI_PSCI_COMPLETE, REC, REC_B, PSCI_SUCCESS, 0, 0),
                     RMI_ERROR_INPUT);
}

static void test_complete_operands(void **state)
{
    static const struct {
        uint64_t calling, target;
        int64_t status;
    } rows[] = {
        {REC, REC, PSCI_SUCCESS},         {REC + 8, REC_B, PSCI_SUCCESS}, {0, REC_B, PSCI_SUCCESS},
        {AUX, REC_B, PSCI_SUCCESS},       {REC, REC_B + 8, PSCI_SUCCESS}, {REC, 0, PSCI_SUCCESS},
        {REC, RD, PSCI_SUCCESS},          {REC, REC_C, PSCI_SUCCESS}, /* target */
        {REC, REC_D, PSCI_SUCCESS},                                   /* owner */
        {REC_B, REC, PSCI_SUCCESS},                                   /* pending */
        {REC, REC_B, PSCI_NOT_SUPPORTED}, {REC, REC_B, PSCI_ALREADY_ON},  {REC, REC_B, PSCI_OFF},
    };
    struct rmm_world *w = *state;
    uint64_t before;

    realm_with_three(w);
    second_realm(w);
    w->during = try_while_running;
    leave(w, PSCI_CPU_ON, 1, 0x2000, 0);
    enter(w, EXIT_PSCI);
    before = machine_hash(w->m);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(RMI_CALL(w, RMI_PSCI_COMPLETE, rows[i].calling, rows[i].target,
                                  (uint64_t)rows[i].status),
                         RMI_ERROR_INPUT);
    assert_true(machine_hash(w->m) == before);
    RMI_OK(w, RMI_PSCI_COMPLETE, REC, REC_B, PSCI_SUCCESS);
    assert_int_equal(RMI_CALL(w, RMI_PSCI_COMPLETE, REC, REC_B, PSCI_SUCCESS), RMI_ERROR_INPUT);
}

/* What is asked, whether the target is on, what the Host says; what the call returns. */
static void test_complete(void **state)
{
    static const struct {
        uint64_t fid;
        bool on;
        int64_t status;
        uint64_t result;
        int64_t returns;
    } rows[] = {
        {PSCI_AFFINITY_INFO, false, PSCI_SUCCESS, RMI_SUCCESS, PSCI_OFF},
        {PSCI_AFFINITY_INFO, false, PSCI_DENIED, RMI_ERROR_INPUT, 0},
        {PSCI_CPU_ON, false, PSCI_DENIED, RMI_SUCCESS, PSCI_DENIED},
        {PSCI_CPU_ON, false, PSCI_SUCCESS, RMI_SUCCESS, PSCI_SUCCESS},
        {PSCI_CPU_ON, true, PSCI_DENIED, RMI_ERROR_INPUT, 0},
        {PSCI_CPU_ON, true, PSCI_SUCCESS, RMI_SUCCESS, PSCI_ALREADY_ON},
        {PSCI_AFFINITY_INFO, true, PSCI_SUCCESS, RMI_SUCCESS, PSCI_SUCCESS},
    };
    struct rmm_world *w = *state;

    realm_with_three(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_rewind(w);
        leave(w, rows[i].fid, 1, rows[i].fid == PSCI_CPU_ON ? 0x2000 : 0, 0x77);
        enter(w, EXIT_PSCI);
        assert_int_equal(RMI_CALL(w, RMI_PSCI_COMPLETE, REC, REC_B, (uint64_t)rows[i].status),
                         rows[i].result);
        if (rows[i].result != RMI_SUCCESS)
            RMI_OK(w, RMI_PSCI_COMPLETE, REC, REC_B, PSCI_SUCCESS);
        world_rewind(w);
        enter(w, EXIT_IRQ);
        if (rows[i].result == RMI_SUCCESS)
            assert_true((int64_t)w->seen[0].x[0] == rows[i].returns);
        assert_int_equal(w->seen[0].x[1], 0);
        assert_int_equal(w->seen[0].x[3], 0);
        assert_int_equal(w->seen[0].x[19], 0x1919);
    }
}

static void act_old_life(struct pe_regs *r)
{
    memset(r->x, 0x99, sizeof(r->x));
    r->x[0] = PSCI_CPU_OFF;
    r->pstate = 0;
    r->sys[SR_SCTLR_EL1] = 0x1234;
}

static void test_turned_on(void **state)
{
    struct rmm_world *w = *state;
    const struct pe_regs *r = &w->seen[0];

    realm_create(w);
    tables_create(w);
    rec_params(w, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    add_rec(w, RD, REC_B, 1, REC_PARAMS_FLAG_RUNNABLE);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    world_exit(w, VEC_SYNC, ESR_EC(EC_SMC64) | ESR_IL, 0, 0, act_old_life);
    RMI_OK(w, RMI_REC_ENTER, REC_B, RUN);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC_B, RUN), RMI_ERROR_REC);
    world_rewind(w);
    leave(w, PSCI_CPU_ON, 1, 0x2000, 0xff00000077);
    enter(w, EXIT_PSCI);
    RMI_OK(w, RMI_PSCI_COMPLETE, REC, REC_B, PSCI_SUCCESS);
    world_rewind(w);
    RMI_OK(w, RMI_REC_ENTER, REC_B, RUN);
    assert_int_equal(r->pc, 0x2000);
    assert_int_equal(r->x[0], 0xff00000077); /* gprs[3], all of it (B4.3.7.3) */
    for (unsigned i = 1; i < 31; i++)
        assert_int_equal(r->x[i], 0);
    assert_int_equal(r->pstate, 0x3c5);
    assert_int_equal(r->sys[SR_SCTLR_EL1], 0x00C50878);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_answered_by_rmm),   WORLD_TEST(test_exits),    WORLD_TEST(test_system_off),
        WORLD_TEST(test_complete_operands), WORLD_TEST(test_complete), WORLD_TEST(test_turned_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
