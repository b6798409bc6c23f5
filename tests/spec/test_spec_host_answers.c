/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of a Realm that the Host has a part in: PSCI (A4.3.7, B6.3) and RIPAS change (A5.4). What
 * leaves with the REC exit, what the Host may do meanwhile, and what the Realm finds then.
 */
#include "spec_run.h"

#define RD   G(N_RD)
#define REC  G(N_REC)
#define REC2 G(N_FREE)     /* MPIDR 1, not runnable */
#define REC3 G(N_FREE + 2) /* MPIDR 2, runnable */

static void create_rec(struct spec_world *w, uint64_t rec, unsigned mpidr, bool runnable)
{
    rec_params(w);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, rec + 0x1000);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, mpidr);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_FLAGS, 8, runnable);
    OK(w, CALL(RMI_REC_CREATE, RD, rec, G(N_REC_PARAMS)), RMI_SUCCESS);
}

/* Three RECs, the first of which runs. */
static struct run run_three(void)
{
    struct run r = {.w = world_realm()};
    struct spec_world *w = r.w;

    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, IPA_RAM, IPA_RAM + 0x1000), RMI_SUCCESS, IPA_RAM + 0x1000);
    OK(w, CALL(RMI_REC_CREATE, RD, REC, G(N_REC_PARAMS)), RMI_SUCCESS);
    create_rec(w, REC2, 1, false);
    create_rec(w, REC3, 2, true);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    r.regs = spec_rec(w->s, REC)->regs;
    run_begin(&r);
    run_resume(&r);
    return r;
}

/* --- PSCI that the RMM answers --- */

static void test_psci_answers(void **state)
{
    static const struct {
        uint64_t in[5], x0;
    } rows[] = {
        {{PSCI_VERSION}, PSCI_VERSION_1_1},
        {{SMCCC_VERSION_FID}, SMCCC_VERSION_1_2},
        {{PSCI_VERSION | SMC_FID_SVE_HINT}, PSCI_VERSION_1_1},
        {{PSCI_FEATURES, PSCI_VERSION}, PSCI_SUCCESS},
        {{PSCI_FEATURES, PSCI_CPU_SUSPEND}, PSCI_SUCCESS},
        {{PSCI_FEATURES, 7ull << 32 | PSCI_CPU_ON}, PSCI_SUCCESS},
        {{PSCI_FEATURES, 0x84000003}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{PSCI_FEATURES, RSI_VERSION}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{PSCI_FEATURES, SMCCC_VERSION_FID}, PSCI_SUCCESS},
        {{PSCI_FEATURES, SMCCC_VERSION_FID}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{0x84000003, 1, 0x1000, 0}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{0xc4000011}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{PSCI_CPU_ON, 1, UNPROT, 0}, (uint64_t)PSCI_INVALID_ADDRESS},
        {{PSCI_CPU_ON, 3, 0x1000, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_CPU_ON, 0x10, 0x1000, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_CPU_ON, 1ull << 32, 0x1000, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_CPU_ON, 1ull << 40, 0x1000, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_CPU_ON, 0, 0x1000, 0}, (uint64_t)PSCI_ALREADY_ON},
        /* Two conditions, no order between them: either. */
        {{PSCI_CPU_ON, 3, UNPROT, 0}, (uint64_t)PSCI_INVALID_ADDRESS},
        {{PSCI_CPU_ON, 3, UNPROT, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_AFFINITY_INFO, 0, 0}, PSCI_SUCCESS},
        {{PSCI_AFFINITY_INFO, 0, 1}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_AFFINITY_INFO, 3, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_AFFINITY_INFO, 0, 1ull << 32}, PSCI_SUCCESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_three();

        run_smc(&r, CALL(rows[i].in[0], rows[i].in[1], rows[i].in[2], rows[i].in[3], 44, 55));
        run_result(&r, CALL(rows[i].x0, 0, 0, 0, 44, 55));
        run_free(&r);
    }
}

static void test_psci_wrong_answers(void **state)
{
    static const struct {
        uint64_t in[4], x0;
    } rows[] = {
        {{PSCI_VERSION}, 0x10000},
        {{PSCI_FEATURES, PSCI_CPU_ON}, (uint64_t)PSCI_NOT_SUPPORTED},
        {{PSCI_CPU_ON, 1, UNPROT, 0}, (uint64_t)PSCI_INVALID_PARAMETERS},
        {{PSCI_CPU_ON, 3, UNPROT, 0}, (uint64_t)PSCI_ALREADY_ON},
        {{PSCI_CPU_ON, 1, 0x1000, 0}, PSCI_SUCCESS}, /* the Host has to be asked */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_three();
        struct spec_regs regs;

        run_smc(&r, CALL(rows[i].in[0], rows[i].in[1], rows[i].in[2], rows[i].in[3]));
        regs = r.regs;
        memset(regs.x, 0, 4 * sizeof(regs.x[0]));
        regs.x[0] = rows[i].x0;
        regs.pc += 4;
        spec_realm_resume(r.w->s, &r.w->env, REC, &regs, NULL, &r.w->v);
        assert_false(r.w->v.ok);
        run_free(&r);
    }
}

/* --- REC exit due to PSCI --- */

static void leave(struct run *r, const uint64_t x[ABI_MAX_REGS])
{
    static const unsigned keep[] = {REC_EXIT_REASON, REC_EXIT_GPRS, REC_EXIT_GPRS + 8,
                                    REC_EXIT_GPRS + 16, REC_EXIT_GPRS + 24};

    run_smc(r, x);
    run_end(r);
    assert_string_equal(r->w->v.variant, "psci");
    assert_int_equal(exit_field(r, REC_EXIT_REASON, 1), EXIT_PSCI);
    assert_int_equal(exit_field(r, REC_EXIT_GPRS, 8), x[0]);
    exit_rest_is_zero(r, keep, 5);
}

static void enter_again(struct run *r, uint64_t x0)
{
    memset(r->regs.x, 0, 4 * sizeof(r->regs.x[0]));
    r->regs.x[0] = x0;
    r->regs.pc += 4;
    run_begin(r);
    run_resume(r);
}

static void test_cpu_suspend(void **state)
{
    struct run r = run_three();

    (void)state;
    leave(&r, CALL(PSCI_CPU_SUSPEND, 5, 0x1234, 0x99));
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 8, 8), 5);
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 16, 8), 0x1234);
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 24, 8), 0x99);
    assert_false(spec_rec(r.w->s, REC)->psci_pending);
    enter_again(&r, PSCI_SUCCESS);
    run_free(&r);
}

static uint64_t enter_status(struct spec_world *w, uint64_t rec)
{
    spec_evaluate(w->s, &w->env, RMI_REC_ENTER, CALL(RMI_REC_ENTER, rec, G(N_RUN)), &w->v);
    return w->v.true_mask ? (uint64_t)w->v.cmd->conds[__builtin_ctzll(w->v.true_mask)].status : 0;
}

static void test_cpu_off_and_on(void **state)
{
    struct run r = run_three();
    struct spec_world *w = r.w;
    const struct spec_regs *regs;

    (void)state;
    leave(&r, CALL(PSCI_CPU_OFF, 1, 2, 3));
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 8, 8), 0);
    assert_false(spec_rec(w->s, REC)->runnable);
    assert_int_equal(enter_status(w, REC), RMI_ERROR_REC);
    /* The third REC turns it on again. */
    spec_rec_enter_begin(w->s, &w->env, CALL(RMI_REC_ENTER, REC3, G(N_RUN)), &w->v);
    r.regs = spec_rec(w->s, REC3)->regs;
    spec_realm_resume(w->s, &w->env, REC3, &r.regs, NULL, &w->v);
    r.trap.regs = r.regs;
    r.trap.esr = ESR(EC_SMC);
    memcpy(r.trap.regs.x, CALL(PSCI_CPU_ON, 0, 0x4000, 77), 4 * sizeof(uint64_t));
    spec_realm_trap(w->s, &w->env, REC3, &r.trap, &w->v);
    spec_rec_enter_end(w->s, &w->env, CALL(RMI_REC_ENTER, REC3, G(N_RUN)), CALL(RMI_SUCCESS),
                       &w->v);
    assert_true(spec_rec(w->s, REC3)->psci_pending);
    OK(w, CALL(RMI_PSCI_COMPLETE, REC3, REC, PSCI_SUCCESS), RMI_SUCCESS);
    assert_string_equal(w->v.variant, "on_success");
    regs = &spec_rec(w->s, REC)->regs;
    assert_true(spec_rec(w->s, REC)->runnable);
    assert_int_equal(regs->x[0], 77);
    assert_int_equal(regs->pc, 0x4000);
    for (unsigned i = 1; i < 31; i++)
        assert_int_equal(regs->x[i], 0);
    r.regs = *regs;
    run_begin(&r);
    run_resume(&r);
    assert_string_equal(w->v.variant, "cpu_on");
    run_free(&r);
}

/* What RMI_PSCI_COMPLETE makes of each request: by target, status. */
static void test_psci_complete(void **state)
{
    static const struct {
        uint64_t fid, target, status, x0;
        const char *variant;
    } rows[] = {
        {PSCI_CPU_ON, 1, PSCI_SUCCESS, PSCI_SUCCESS, "on_success"},
        {PSCI_CPU_ON, 1, (uint64_t)PSCI_DENIED, (uint64_t)PSCI_DENIED, "on_denied"},
        {PSCI_CPU_ON, 2, PSCI_SUCCESS, (uint64_t)PSCI_ALREADY_ON, "on_already"},
        {PSCI_AFFINITY_INFO, 1, PSCI_SUCCESS, PSCI_OFF, "affinity_off"},
        {PSCI_AFFINITY_INFO, 2, PSCI_SUCCESS, PSCI_SUCCESS, "affinity_on"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_three();
        struct spec_world *w = r.w;
        uint64_t target = rows[i].target == 1 ? REC2 : REC3;

        leave(&r, CALL(rows[i].fid, rows[i].target, 0, 0));
        assert_int_equal(enter_status(w, REC), RMI_ERROR_REC); /* rec_psci */
        OK(w, CALL(RMI_PSCI_COMPLETE, REC, target, rows[i].status), RMI_SUCCESS);
        assert_string_equal(w->v.variant, rows[i].variant);
        assert_int_equal(spec_rec(w->s, target)->runnable,
                         target == REC3 || strcmp(rows[i].variant, "on_success") == 0);
        OK(w, CALL(RMI_PSCI_COMPLETE, REC, target, rows[i].status), RMI_ERROR_INPUT); /* once */
        enter_again(&r, rows[i].x0);
        run_free(&r);
    }
}

static void test_denied_although_on(void **state)
{
    struct run r = run_three();

    (void)state;
    leave(&r, CALL(PSCI_CPU_ON, 2, 0x1000, 0));
    OK(r.w, CALL(RMI_PSCI_COMPLETE, REC, REC3, (uint64_t)PSCI_DENIED), RMI_ERROR_INPUT);
    assert_true(spec_rec(r.w->s, REC)->psci_pending);
    run_free(&r);
}

/* The upper half of a 32-bit argument may come out or not. */
static void test_arguments_are_sanitised(void **state)
{
    struct run r = run_three();

    (void)state;
    run_smc(&r, CALL(PSCI_CPU_ON, 1, 0x1000, 5ull << 32 | 7));
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 24, 4), 7);
    assert_true(exit_is_open(&r, REC_EXIT_GPRS + 28));
    run_free(&r);
}

/* Firmware keeps no map from MPIDR to REC: a REC that was destroyed may still be known, or not. */
static void test_destroyed_target(void **state)
{
    (void)state;
    for (unsigned known = 0; known < 2; known++) {
        struct run r = run_three();

        OK(r.w, CALL(RMI_REC_DESTROY, REC2), RMI_SUCCESS);
        run_smc(&r, CALL(PSCI_AFFINITY_INFO, 1, 0));
        if (known) {
            put(r.w, G(N_RUN) + REC_EXIT_BASE, 8, EXIT_PSCI);
            run_end(&r);
            assert_string_equal(r.w->v.variant, "psci");
            assert_true(spec_rec(r.w->s, REC)->psci_pending);
        } else {
            run_result(&r, CALL((uint64_t)PSCI_INVALID_PARAMETERS));
            assert_false(spec_rec(r.w->s, REC)->psci_pending);
        }
        run_free(&r);
    }
}

static void test_system_off(void **state)
{
    static const uint64_t fid[] = {PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct run r = run_three();

        leave(&r, CALL(fid[i]));
        assert_int_equal(spec_realm(r.w->s, RD)->state, REALM_SYSTEM_OFF);
        assert_int_equal(enter_status(r.w, REC), RMI_ERROR_REALM);
        assert_int_equal(enter_status(r.w, REC3), RMI_ERROR_REALM);
        run_free(&r);
    }
}

/* --- RIPAS change --- */

#define FIRST IPA_LOST /* of [0x3000, 0x5000) */
#define LAST  0x5000ull

static void ask(struct run *r, uint64_t ripas, uint64_t flags)
{
    static const unsigned keep[] = {REC_EXIT_REASON, REC_EXIT_RIPAS_BASE, REC_EXIT_RIPAS_TOP,
                                    REC_EXIT_RIPAS_VALUE};

    run_smc(r, CALL(RSI_IPA_STATE_SET, FIRST, LAST, ripas, flags));
    run_end(r);
    assert_string_equal(r->w->v.variant, "ripas_change");
    assert_int_equal(exit_field(r, REC_EXIT_REASON, 1), EXIT_RIPAS_CHANGE);
    assert_int_equal(exit_field(r, REC_EXIT_RIPAS_BASE, 8), FIRST);
    assert_int_equal(exit_field(r, REC_EXIT_RIPAS_TOP, 8), LAST);
    assert_int_equal(exit_field(r, REC_EXIT_RIPAS_VALUE, 1), ripas);
    exit_rest_is_zero(r, keep, 4);
    assert_int_equal(spec_rec(r->w->s, REC)->ripas_addr, FIRST);
    assert_int_equal(spec_rec(r->w->s, REC)->ripas_top, LAST);
}

static const char *answered(struct run *r, bool reject, uint64_t new_base, uint64_t response)
{
    put(r->w, G(N_RUN) + REC_ENTER_FLAGS, 8, reject ? REC_ENTRY_FLAG_RIPAS_RESPONSE : 0);
    run_begin(r);
    run_result(r, CALL(RSI_SUCCESS, new_base, response));
    return r->w->v.variant;
}

/* The rows of A5.4. */
static void test_ripas_answers(void **state)
{
    static const struct {
        enum ripas ripas;
        uint64_t done; /* how far the Host goes; 0: nowhere */
        bool reject;
        uint64_t response;
        const char *variant;
    } rows[] = {
        {RIPAS_RAM, 0, false, RSI_ACCEPT, "accepted_nothing"},
        {RIPAS_RAM, 0x4000, false, RSI_ACCEPT, "accepted_part"},
        {RIPAS_RAM, LAST, false, RSI_ACCEPT, "accepted_all"},
        {RIPAS_RAM, LAST, true, RSI_ACCEPT, "accepted_all"},
        {RIPAS_RAM, 0, true, RSI_REJECT, "rejected_all"},
        {RIPAS_RAM, 0x4000, true, RSI_REJECT, "rejected_rest"},
        /* The Host cannot reject EMPTY. */
        {RIPAS_EMPTY, 0, true, RSI_ACCEPT, "accepted_nothing"},
        {RIPAS_EMPTY, 0x4000, true, RSI_ACCEPT, "accepted_part"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_three();
        uint64_t done = rows[i].done;

        ask(&r, rows[i].ripas, 0);
        if (done)
            OK(r.w, CALL(RMI_RTT_SET_RIPAS, RD, REC, FIRST, done), RMI_SUCCESS, done);
        assert_string_equal(answered(&r, rows[i].reject, done ? done : FIRST, rows[i].response),
                            rows[i].variant);
        assert_int_equal(spec_rec(r.w->s, REC)->ripas_top, 0);
        run_free(&r);
    }
}

static void test_request_is_refused(void **state)
{
    static const uint64_t rows[][ABI_MAX_REGS] = {
        {RSI_IPA_STATE_SET, FIRST + 1, LAST, RIPAS_RAM},
        {RSI_IPA_STATE_SET, FIRST, LAST + 1, RIPAS_RAM},
        {RSI_IPA_STATE_SET, FIRST, FIRST, RIPAS_RAM},
        {RSI_IPA_STATE_SET, FIRST, UNPROT + 0x1000, RIPAS_RAM},
        {RSI_IPA_STATE_SET, FIRST, LAST, RIPAS_DESTROYED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_three();

        run_smc(&r, rows[i]);
        run_result(&r, CALL(RSI_ERROR_INPUT));
        assert_true(r.w->v.decided >= 0);
        run_free(&r);
    }
}

/* Each row of the RIPAS change table: what there is, what is asked for, whether DESTROYED may change. */
static void test_ripas_change_table(void **state)
{
    static const char *const to[2][3][2] = {
        {{"unassigned_empty_to_empty", "unassigned_empty_to_ram"},
         {"unassigned_ram_to_empty", "unassigned_ram_to_ram"},
         {"unassigned_destroyed_to_empty", "unassigned_destroyed_to_ram"}},
        {{"assigned_empty_to_empty", "assigned_empty_to_ram"},
         {"assigned_ram_to_empty", "assigned_ram_to_ram"},
         {"assigned_destroyed_to_empty", "assigned_destroyed_to_ram"}},
    };

    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        bool assigned = i & 1, allowed = i & 2;
        enum ripas want = i & 4 ? RIPAS_RAM : RIPAS_EMPTY, is = (enum ripas)(i / 8);
        struct run r = {.w = world_realm()};
        struct spec_world *w = r.w;

        if (is == RIPAS_RAM)
            OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, FIRST, LAST), RMI_SUCCESS, LAST);
        if (is == RIPAS_DESTROYED) {
            OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), FIRST, G(N_SRC)), RMI_SUCCESS);
            OK(w, CALL(RMI_DATA_DESTROY, RD, FIRST), RMI_SUCCESS, G(N_DATA), MB2);
        }
        if (assigned)
            OK(w, CALL(RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), FIRST), RMI_SUCCESS);
        OK(w, CALL(RMI_REC_CREATE, RD, REC, G(N_REC_PARAMS)), RMI_SUCCESS);
        OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
        r.regs = spec_rec(w->s, REC)->regs;
        run_begin(&r);
        run_resume(&r);
        ask(&r, want, allowed);
        if (is == RIPAS_DESTROYED && !allowed) {
            OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, FIRST, FIRST + 0x1000),
               RMI_ERROR_RTT | 3 << 8); /* no_progress */
            assert_int_equal(entry(w, 3, FIRST).ripas, RIPAS_DESTROYED);
        } else {
            OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, FIRST, FIRST + 0x1000), RMI_SUCCESS,
               FIRST + 0x1000);
            assert_string_equal(w->v.variant, to[assigned][is][want]);
            assert_int_equal(entry(w, 3, FIRST).ripas, want);
            assert_int_equal(entry(w, 3, FIRST).hipas,
                             assigned ? HIPAS_ASSIGNED : HIPAS_UNASSIGNED);
        }
        run_free(&r);
    }
}

/* Progress ends before a DESTROYED entry, before a TABLE, and at the end of the table. */
static void test_ripas_change_stops(void **state)
{
    struct run r = run_new();
    struct spec_world *w = r.w;

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_IPA_STATE_SET, IPA_RAM, GB1, RIPAS_EMPTY));
    run_end(&r);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, IPA_RAM, GB1), RMI_SUCCESS, IPA_LOST);
    assert_string_equal(w->v.variant, "up_to_destroyed");
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, IPA_LOST, GB1), RMI_ERROR_RTT | 3 << 8);
    run_begin(&r);
    run_result(&r, CALL(RSI_SUCCESS, IPA_LOST, RSI_ACCEPT));
    run_smc(&r, CALL(RSI_IPA_STATE_SET, IPA_LOST, GB1, RIPAS_EMPTY, RSI_CHANGE_DESTROYED));
    run_end(&r);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, IPA_LOST, GB1), RMI_SUCCESS, MB2);
    assert_string_equal(w->v.variant, "up_to_table");
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), 2 * MB2, 3), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, MB2, GB1), RMI_SUCCESS, 2 * MB2);
    world_free(w);
}

/* base in the middle of an entry that is what it should be: nothing to do, and no way back. */
static void test_ripas_change_inside_entry(void **state)
{
    struct run r = run_three();
    struct spec_world *w = r.w;

    (void)state;
    run_smc(&r, CALL(RSI_IPA_STATE_SET, MB2 + 0x1000, 4 * MB2, RIPAS_EMPTY));
    run_end(&r);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, MB2 + 0x1000, MB2 + 0x2000), RMI_SUCCESS, MB2);
    assert_int_equal(w->v.loose_mask, 2);
    assert_int_equal(spec_rec(w->s, REC)->ripas_addr, MB2 + 0x1000);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, MB2 + 0x1000, MB2 + 0x2000), RMI_SUCCESS, MB2 + 0x1000);
    OK(w, CALL(RMI_RTT_SET_RIPAS, RD, REC, MB2 + 0x1000, 4 * MB2), RMI_SUCCESS, 4 * MB2);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psci_answers),
        cmocka_unit_test(test_psci_wrong_answers),
        cmocka_unit_test(test_cpu_suspend),
        cmocka_unit_test(test_cpu_off_and_on),
        cmocka_unit_test(test_psci_complete),
        cmocka_unit_test(test_denied_although_on),
        cmocka_unit_test(test_arguments_are_sanitised),
        cmocka_unit_test(test_destroyed_target),
        cmocka_unit_test(test_system_off),
        cmocka_unit_test(test_ripas_answers),
        cmocka_unit_test(test_request_is_refused),
        cmocka_unit_test(test_ripas_change_table),
        cmocka_unit_test(test_ripas_change_stops),
        cmocka_unit_test(test_ripas_change_inside_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
