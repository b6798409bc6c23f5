/* SPDX-License-Identifier: BSD-3-Clause */
/* REC entry and exit, RSI, injected exceptions. */
#include "rmm_world.h"

#define DABT(fsc) (ESR_EC(EC_DABORT_LOWER) | ESR_IL | (fsc))
#define IABT(fsc) (ESR_EC(EC_IABORT_LOWER) | ESR_IL | (fsc))
#define LOAD_W    (ESR_ISV | 2ull << ESR_SAS_SHIFT | 5ull << ESR_SRT_SHIFT)
#define L3_FAULT  (FSC_TRANSLATION + 3)

static void leave_smc(struct rmm_world *w, void (*act)(struct pe_regs *))
{
    world_exit(w, VEC_SYNC, ESR_EC(EC_SMC64) | ESR_IL, 0, 0, act);
}

static void test_conditions(void **state)
{
    struct rmm_world *w = *state;
    uint64_t before;

    realm_create(w);
    tables_create(w);
    rec_params(w, 0);
    host_write64(w, PARAMS + REC_PARAMS_FLAGS, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    host_fill(w, RUN, 0);
    before = machine_hash(w->m);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN + 8), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, DATA0), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, RD, RUN), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_REC); /* not runnable */
    assert_true(machine_hash(w->m) == before);
    rec_params(w, 1);
    host_write64(w, PARAMS + REC_PARAMS_AUX, G(51));
    RMI_OK(w, RMI_REC_CREATE, RD, G(50), PARAMS);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, G(50), RUN), RESULT(ERROR_REALM, 0)); /* NEW */
    assert_int_equal(refcount_of(w, G(50)), 0);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_EMUL_MMIO);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, G(50), RUN), RMI_ERROR_REC);
    host_write64(w, RUN + REC_ENTER_FLAGS, 0);
    host_write64(w, RUN + REC_ENTER_GICV3_HCR, 1 << 8);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, G(50), RUN), RMI_ERROR_REC);
    host_write64(w, RUN + REC_ENTER_GICV3_HCR, 0);
    host_write64(w, RUN + REC_ENTER_GICV3_LRS, 1ull << 62 | 1ull << 61 | 40);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, G(50), RUN), RMI_ERROR_REC);
    host_write64(w, RUN + REC_ENTER_GICV3_LRS, 1ull << 62 | 40);
    host_write64(w, RUN + REC_ENTER_GICV3_LRS + 8, 1ull << 62 | 40);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, G(50), RUN), RMI_ERROR_REC);
    host_write64(w, RUN + REC_ENTER_GICV3_LRS + 8, 1ull << 62 | 41);
    RMI_OK(w, RMI_REC_ENTER, G(50), RUN);
    assert_int_equal(exit64(w, REC_EXIT_REASON), EXIT_IRQ);
    assert_int_equal(exit64(w, REC_EXIT_GICV3_LRS + 8), 1ull << 62 | 41);
    assert_int_equal(w->num_entries, 1);
}

static void test_entry_state(void **state)
{
    struct rmm_world *w = *state;
    struct pe_regs host;

    realm_activate(w);
    w->m->pe[0].r.x[3] = 0x42;
    host = w->m->pe[0].r;
    enter(w, EXIT_IRQ);
    assert_int_equal(w->num_entries, 1);
    assert_int_equal(w->seen[0].pc, 0x1000);
    assert_int_equal(w->seen[0].x[0], 0x100);
    assert_int_equal(w->seen[0].x[7], 0x107);
    assert_int_equal(w->seen[0].x[8], 0);
    /* The Host has its registers back, and every byte of the exit page was written. */
    assert_memory_equal(&w->m->pe[0].r, &host, sizeof(host));
    assert_int_equal(w->m->pe[0].running_rec, 0);
    for (unsigned i = 8; i < REC_EXIT_SIZE; i += 8)
        /* Five bits of priority: the least binary points are 2 and 3. */
        assert_int_equal(exit64(w, i), i == REC_EXIT_GICV3_VMCR ? 2u << 21 | 3u << 18 : 0);
    assert_int_equal(refcount_of(w, REC), 0);
}

static void act_data(struct pe_regs *r)
{
    r->x[5] = 0xfedcba9876543210;
    r->pc = 0x1010;
}

static void test_mmio_read(void **state)
{
    struct rmm_world *w = *state;
    uint64_t esr = DABT(L3_FAULT) | LOAD_W | ESR_SSE | ESR_SF;

    realm_activate(w);
    world_exit(w, VEC_SYNC, esr, 0xabc123, IPA_NS, act_data);
    enter(w, EXIT_SYNC);
    assert_true(exit64(w, REC_EXIT_ESR) ==
                (ESR_EC(EC_DABORT_LOWER) | ESR_ISV | 2ull << ESR_SAS_SHIFT | ESR_SF | L3_FAULT));
    assert_int_equal(exit64(w, REC_EXIT_FAR), 0x123);
    assert_int_equal(exit64(w, REC_EXIT_HPFAR), IPA_NS >> 8);
    assert_int_equal(exit64(w, REC_EXIT_GPRS), 0);
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_EMUL_MMIO);
    host_write64(w, RUN + REC_ENTER_GPRS, 0x1234567887654321);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_true(w->seen[1].x[5] == 0xffffffff87654321);
    assert_int_equal(w->seen[1].pc, 0x1014);
    /* That exit is answered: the next entry may not answer it again. */
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_REC);
}

static void test_mmio_write(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    world_exit(w, VEC_SYNC, DABT(L3_FAULT) | LOAD_W | ESR_WNR, 0, IPA_NS, act_data);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_GPRS), 0x76543210);
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_EMUL_MMIO | REC_ENTRY_FLAG_INJECT_SEA);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN); /* inject_sea: emul_mmio is ignored */
    assert_int_equal(w->seen[1].pc, 0x200);
    assert_int_equal(w->seen[1].sys[SR_ELR_EL1], 0x1010);
    assert_int_equal(ESR_GET_EC(w->seen[1].sys[SR_ESR_EL1]), EC_DABORT_SAME);
    assert_int_equal(w->seen[1].sys[SR_ESR_EL1] & (ESR_EA | 0x3f), ESR_EA | FSC_SEA);
    assert_int_equal(w->seen[1].sys[SR_SPSR_EL1], 0x3c5);
}

static void test_non_emulatable(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    /* RIPAS RAM, no memory. */
    world_exit(w, VEC_SYNC, DABT(L3_FAULT) | LOAD_W, 0x1abc, 0x1000, act_data);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_DABORT_LOWER) | L3_FAULT);
    assert_int_equal(exit64(w, REC_EXIT_FAR), 0);
    assert_int_equal(exit64(w, REC_EXIT_HPFAR), 0x1000 >> 8);
    /* Not at an Unprotected IPA: inject_sea is ignored, emul_mmio refused. */
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_EMUL_MMIO);
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_REC);
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_EMUL_MMIO | REC_ENTRY_FLAG_INJECT_SEA);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_int_equal(w->seen[1].pc, 0x1010);
    world_exit(w, VEC_SYNC, IABT(L3_FAULT) | ESR_FNV, 0x1000, 0x1000, NULL);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_IABORT_LOWER) | L3_FAULT);
    /* Unprotected, but not emulatable: an SEA may be injected. */
    world_exit(w, VEC_SYNC, DABT(L3_FAULT), 0x1abc, IPA_NS, NULL);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_DABORT_LOWER) | L3_FAULT);
    host_write64(w, RUN + REC_ENTER_FLAGS, REC_ENTRY_FLAG_INJECT_SEA);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_int_equal(w->seen[w->num_entries - 1].pc, 0x200);
}

static void act_el0(struct pe_regs *r)
{
    r->pstate = 0x60000000;
    r->sys[SR_VBAR_EL1] = 0x8000;
    r->pc = 0x2000;
}

static void test_injected(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    world_exit(w, VEC_SYNC, DABT(L3_FAULT) | ESR_S1PTW, 0x5abc, 0x5000, act_el0); /* EMPTY */
    world_exit(w, VEC_SYNC, IABT(L3_FAULT), 0x5abc, IPA_NS, act_data); /* unprotected fetch */
    world_exit(w, VEC_SYNC, DABT(FSC_TRANSLATION), 0x5abc, IPA_SIZE, act_data); /* too far */
    world_exit(w, VEC_SYNC, ESR_EC(EC_HVC64) | ESR_IL, 0, 0, act_data);
    enter(w, EXIT_IRQ);
    assert_int_equal(w->num_entries, 5);
    assert_int_equal(w->seen[1].pc, 0x8400);
    assert_int_equal(w->seen[1].pstate, 0x600003c5);
    assert_int_equal(w->seen[1].sys[SR_SPSR_EL1], 0x60000000);
    assert_int_equal(w->seen[1].sys[SR_FAR_EL1], 0x5abc);
    assert_int_equal(w->seen[1].sys[SR_ESR_EL1],
                     ESR_EC(EC_DABORT_LOWER) | ESR_IL | ESR_EA | FSC_SEA);
    assert_int_equal(w->seen[2].pc, 0x8200);
    assert_int_equal(ESR_GET_EC(w->seen[2].sys[SR_ESR_EL1]), EC_IABORT_SAME);
    assert_int_equal(w->seen[3].pc, 0x8200);
    assert_int_equal(ESR_GET_EC(w->seen[3].sys[SR_ESR_EL1]), EC_DABORT_SAME);
    assert_int_equal(w->seen[4].sys[SR_ESR_EL1], ESR_IL);
    assert_int_equal(w->seen[4].sys[SR_ELR_EL1], 0x100c);
}

static void act_wfit(struct pe_regs *r)
{
    r->x[9] = 0x777;
    r->pc = 0x3000;
}
static void act_idreg(struct pe_regs *r)
{
    r->pc = 0x3000;
    r->x[2] = UINT64_MAX;
}

static void test_traps(void **state)
{
    struct rmm_world *w = *state;
    uint64_t mrs_mmfr0 = ESR_EC(EC_SYSREG) | ESR_IL | 3ull << 20 | 7ull << 1 | 2ull << 5 | 1;

    realm_activate(w);
    world_exit(w, VEC_SYNC, ESR_EC(EC_WFX) | ESR_IL | 9ull << 5 | 4 | 2, 0, 0, act_wfit);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_WFX) | 2);
    assert_int_equal(exit64(w, REC_EXIT_GPRS), 0x777);
    world_exit(w, VEC_SYNC, mrs_mmfr0, 0, 0, act_idreg);
    world_exit(w, VEC_FIQ, 0, 0, 0, NULL);
    enter(w, EXIT_FIQ);
    assert_int_equal(w->seen[1].pc, 0x3004);
    assert_int_equal(w->seen[2].pc, 0x3004);
    assert_int_equal(w->seen[2].x[2] & 0xf, 2); /* 40 bits */
    world_exit(w, VEC_SERROR, ESR_EC(0x2f) | ESR_IL | ESR_EA | 0x11, 0, 0, NULL);
    enter(w, EXIT_SERROR);
    assert_true(exit64(w, REC_EXIT_ESR) == (ESR_EC(0x2f) | ESR_EA | 0x11));
}

static void act_host_call(struct pe_regs *r)
{
    r->x[0] = RSI_HOST_CALL;
    r->x[1] = 0x100;
    r->pc = 0x4000;
}

static void test_host_call(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    leave_smc(w, act_host_call);
    enter(w, EXIT_HOST_CALL);
    assert_int_equal(exit64(w, REC_EXIT_IMM), 0x5a5a);
    for (unsigned i = 0; i < 31; i++)
        assert_int_equal(exit64(w, REC_EXIT_GPRS + 8 * i), 0x5a5a5a5a5a5a5a5a);
    for (unsigned i = 0; i < 31; i++)
        host_write64(w, RUN + REC_ENTER_GPRS + 8 * i, 0x1000 + i);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_int_equal(w->seen[1].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[1].x[1], 0);
    assert_int_equal(w->seen[1].pc, 0x4004);
    for (unsigned i = 0; i < 31; i++)
        assert_int_equal(host_read64(w, DATA0 + 0x108 + 8 * i), 0x1000 + i);
    assert_int_equal(host_read64(w, DATA0 + 0x100), 0x5a5a5a5a5a5a5a5a);
    /* The Host takes the page away before it answers: the answer waits for memory. */
    leave_smc(w, act_host_call);
    enter(w, EXIT_HOST_CALL);
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0);
    w->num_entries = 0;
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_DABORT_LOWER) | L3_FAULT);
    assert_int_equal(exit64(w, REC_EXIT_HPFAR), 0);
    assert_int_equal(w->num_entries, 0);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0x5000);
    enter(w, EXIT_SYNC);
}

static void act_host_call_bad(struct pe_regs *r)
{
    act_host_call(r);
    r->x[1] = 0x180;
}
static void act_host_call_empty(struct pe_regs *r)
{
    act_host_call(r);
    r->x[1] = 0x5000;
}
static void act_host_call_unassigned(struct pe_regs *r)
{
    act_host_call(r);
    r->x[1] = 0x1100;
}
static void act_config(struct pe_regs *r)
{
    r->x[0] = RSI_REALM_CONFIG | SMC_FID_SVE_HINT;
    r->x[1] = 0;
    r->x[20] = 0x2020;
}
static void act_state_get(struct pe_regs *r)
{
    r->x[0] = RSI_IPA_STATE_GET;
    r->x[1] = 0;
    r->x[2] = 0x10000;
}
static void act_unsupported(struct pe_regs *r)
{
    r->x[0] = 0x84000005; /* MIGRATE */
    r->x[3] = 3;
    r->x[4] = 4;
}
static void act_features(struct pe_regs *r)
{
    r->x[0] = RSI_FEATURES;
    r->x[16] = 16;
    r->x[17] = 17;
}
static void act_version(struct pe_regs *r)
{
    r->x[0] = RSI_VERSION;
    r->x[1] = ABI_VERSION(1, 1);
}

static void test_rsi(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    leave_smc(w, act_host_call_bad);
    leave_smc(w, act_host_call_empty);
    leave_smc(w, act_config);
    leave_smc(w, act_state_get);
    leave_smc(w, act_unsupported);
    leave_smc(w, act_features);
    leave_smc(w, act_version);
    leave_smc(w, act_host_call_unassigned);
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_HPFAR), 0x1000 >> 8);
    assert_int_equal(w->seen[1].x[0], RSI_ERROR_INPUT);
    assert_int_equal(w->seen[1].pc, 0x4004);
    assert_int_equal(w->seen[2].x[0], RSI_ERROR_INPUT);
    assert_int_equal(w->seen[3].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[3].x[20], 0x2020);
    assert_int_equal(host_read64(w, DATA0), 40);
    assert_int_equal(host_read64(w, DATA0 + RSI_CONFIG_HASH_ALGO), HASH_SHA_256);
    assert_int_equal(host_read64(w, DATA0 + RSI_CONFIG_RPV), 0x1122334455667788);
    assert_int_equal(host_read64(w, DATA0 + 0xff8), 0);
    assert_int_equal(w->seen[4].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[4].x[1], 0x2000);
    assert_int_equal(w->seen[4].x[2], RIPAS_RAM);
    assert_true(w->seen[5].x[0] == SMC_NOT_SUPPORTED);
    assert_int_equal(w->seen[5].x[3], 0);
    assert_int_equal(w->seen[5].x[4], 4);
    assert_int_equal(w->seen[6].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[6].x[16], 0);
    assert_int_equal(w->seen[6].x[17], 17);
    assert_int_equal(w->seen[7].x[0], RSI_ERROR_INPUT);
    assert_int_equal(w->seen[7].x[1], ABI_1_0);
    assert_int_equal(w->seen[7].x[2], ABI_1_0);
    /*
     * The command was not done: with memory there, the Realm issues it again from the same place.
     */
    world_rewind(w);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0x1000);
    enter(w, EXIT_IRQ);
    assert_int_equal(w->seen[0].pc, 0x4000);
    assert_int_equal(w->seen[0].x[0], RSI_HOST_CALL);
}

static void act_timer(struct pe_regs *r)
{
    r->sys[SR_CNTV_CTL_EL0] = 1;
    r->sys[SR_CNTV_CVAL_EL0] = 100;
}

static void test_timer(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    world_exit(w, VEC_IRQ, 0, 0, 0, act_timer);
    enter(w, EXIT_IRQ);
    assert_int_equal(w->num_entries, 1);
    w->m->vtime = 100;
    enter(w, EXIT_IRQ); /* the line rose: the Host hears of it before the Realm runs */
    assert_int_equal(w->num_entries, 1);
    assert_int_equal(exit64(w, REC_EXIT_CNTV_CTL), 5);
    assert_int_equal(exit64(w, REC_EXIT_CNTV_CVAL), 100);
    enter(w, EXIT_IRQ); /* known by now */
    assert_int_equal(w->num_entries, 2);
}

/*
 * While the Realm runs, the other PE finds the REC busy, and what keeps the Realm alive cannot go.
 */
static void others_try(struct rmm_world *w)
{
    assert_int_equal(w->m->pe[0].running_rec, REC);
    assert_int_equal(refcount_of(w, REC), 1);
    assert_int_equal(rmi_on(w, 1, RMI_REC_ENTER, REC, RUN, 0, 0, 0), RMI_ERROR_REC);
    assert_int_equal(rmi_on(w, 1, RMI_REC_DESTROY, REC, 0, 0, 0, 0), RMI_ERROR_REC);
    assert_int_equal(rmi_on(w, 1, RMI_REALM_DESTROY, RD, 0, 0, 0, 0), RMI_ERROR_REALM);
    assert_int_equal(rmi_on(w, 1, RMI_DATA_DESTROY, RD, 0, 0, 0, 0), RMI_SUCCESS);
}

static void test_running(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    w->during = others_try;
    leave_smc(w, act_host_call); /* from a page that is not there any more */
    enter(w, EXIT_SYNC);
    assert_int_equal(exit64(w, REC_EXIT_ESR), ESR_EC(EC_DABORT_LOWER) | L3_FAULT);
    RMI_OK(w, RMI_REC_DESTROY, REC);
}

static void secure_takes_exit_page(struct rmm_world *w)
{
    assert_int_equal(el3m_secure_claim(w->m, 1, RUN, PAS_SECURE), CCA_OK);
}

static void test_exit_page_gone(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    w->during = secure_takes_exit_page;
    assert_int_equal(RMI_CALL(w, RMI_REC_ENTER, REC, RUN), RMI_ERROR_INPUT);
    assert_int_equal(refcount_of(w, REC), 0);
    assert_int_equal(el3m_secure_claim(w->m, 0, RUN, PAS_NS), CCA_OK);
    w->m->cpu = NULL; /* no Realm can run: as if an interrupt were pending */
    enter(w, EXIT_IRQ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_conditions),
        WORLD_TEST(test_entry_state),
        WORLD_TEST(test_mmio_read),
        WORLD_TEST(test_mmio_write),
        WORLD_TEST(test_non_emulatable),
        WORLD_TEST(test_injected),
        WORLD_TEST(test_traps),
        WORLD_TEST(test_host_call),
        WORLD_TEST(test_rsi),
        WORLD_TEST(test_timer),
        WORLD_TEST(test_running),
        WORLD_TEST(test_exit_page_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
