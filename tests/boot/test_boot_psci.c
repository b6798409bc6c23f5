/* SPDX-License-Identifier: BSD-3-Clause */
/* SMCs of host code that are no RMI: SMCCC, PSCI, and what nobody serves. RMIs that RMM 1.0 has not. */
#include <ccasim/check.h>
#include <ccasim/el3m.h>
#include <ccasim/plat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PES     3u
#define CANARY  0x5a5a000000000000ull
#define NOWHERE 0x100000ull

struct fixture {
    struct machine *m;
    struct sched_ops sched;
    unsigned waits;
    uint64_t entry; /* where an instruction may be */
};

static void count_wait(void *ctx, struct machine *m, unsigned pe, enum sched_why why)
{
    struct fixture *f = ctx;

    assert_ptr_equal(m, f->m);
    assert_int_equal(pe, 0);
    assert_int_equal(why, SCHED_WFI);
    f->waits++;
}

static int setup(void **state)
{
    static struct fixture f;
    struct impl impl;

    memset(&f, 0, sizeof(f));
    plat_impl(plat_all[0], PES, &impl);
    assert_int_equal(impl.num_pes, PES);
    assert_int_equal(machine_new(&impl, &f.m), CCA_OK);
    assert_int_equal(plat_attach(f.m, plat_all[0]), CCA_OK);
    plat_reset(f.m);
    f.entry = impl.dram.base + 0x8000000;
    host_reset(f.m, 0, f.entry, 0);
    f.m->plat->pe[0].on = true;
    f.sched.yield = count_wait;
    f.m->sched = &f.sched;
    f.m->sched_ctx = &f;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    plat_detach(f->m);
    machine_free(f->m);
    return 0;
}

/* x0; every other register is as it was. */
static int64_t smc(struct fixture *f, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
    uint64_t in[ABI_MAX_REGS] = {fid, x1, x2, x3}, out[ABI_MAX_REGS];

    for (unsigned i = 4; i < ABI_MAX_REGS; i++)
        in[i] = CANARY + i;
    memcpy(out, in, sizeof(out));
    el3m_smc(f->m, 0, WORLD_NS, out);
    assert_memory_equal(&in[1], &out[1], sizeof(in) - sizeof(in[0]));
    return (int64_t)out[0];
}

#define SMC32(fid) ((fid) & ~(1ull << 30))

static void test_what_is_there(void **state)
{
    static const uint64_t served[] = {
        SMCCC_VERSION_FID,
        PSCI_VERSION,
        PSCI_CPU_OFF,
        PSCI_SYSTEM_OFF,
        PSCI_SYSTEM_RESET,
        PSCI_FEATURES,
        PSCI_CPU_ON,
        SMC32(PSCI_CPU_ON),
        PSCI_AFFINITY_INFO,
        PSCI_CPU_SUSPEND,
        SMC32(PSCI_CPU_SUSPEND),
        SMC32(PSCI_AFFINITY_INFO),
        0x84000006 /* MIGRATE_INFO_TYPE */,
    };
    /* MIGRATE, CPU_FREEZE, SYSTEM_RESET2, SMC64 forms that there are none of, itself as a function of SMCCC. */
    static const uint64_t absent[] = {0x84000005, 0x8400000B, 0x84000012, 0xC4000002, 0xC4000008,
                                      0xC400000A, 0x80000001, 0xC4000150, 0x12345678};
    struct fixture *f = *state;

    assert_int_equal(smc(f, SMCCC_VERSION_FID, 0, 0, 0), SMCCC_VERSION_1_2);
    assert_int_equal(smc(f, PSCI_VERSION, 0, 0, 0), PSCI_VERSION_1_1);
    assert_int_equal(smc(f, 0x84000006, 0, 0, 0), 2);
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
        assert_int_equal(smc(f, PSCI_FEATURES, served[i], 0, 0), PSCI_SUCCESS);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_int_equal(smc(f, PSCI_FEATURES, absent[i], 0, 0), PSCI_NOT_SUPPORTED);
    assert_int_equal(smc(f, PSCI_FEATURES, PSCI_CPU_ON | CANARY, 0, 0), PSCI_SUCCESS);
    assert_int_equal(smc(f, 0x80000001, SMCCC_VERSION_FID, 0, 0), 0);
    assert_int_equal(smc(f, 0x80000001, 0x80000001, 0, 0), 0);
    assert_int_equal(smc(f, 0x80000001, 0x80008000, 0, 0), -1); /* ARCH_WORKAROUND_1 */
}

/* FF-A, TRNG, standard and vendor services, RSI, RMM-EL3, RMI_REQ_COMPLETE, the SMC32 form of an RMI. */
static void test_what_nobody_serves(void **state)
{
    static const uint64_t unknown[] = {0x84000063, 0x8400006F, 0x84000050, 0x8400FF01,
                                       0xC2000000, 0xC4000190, 0xC40001B0, 0xC400018F,
                                       0x84000150, 0,          UINT64_MAX, 0x1C4000003};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(smc(f, unknown[i], CANARY, CANARY, CANARY), -1);
}

static void test_cpu_on(void **state)
{
    struct fixture *f = *state;
    const uint64_t *mpidr = f->m->plat->desc->mpidr;
    struct host_pe *pe1 = &f->m->plat->pe[1];

    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, mpidr[0], 0, 0), 0);
    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, mpidr[1], 0, 0), PSCI_OFF);
    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, mpidr[1], 1, 0), PSCI_INVALID_PARAMETERS);
    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, mpidr[PES], 0, 0), PSCI_INVALID_PARAMETERS);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[0], f->entry, 0), PSCI_ALREADY_ON);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[PES], f->entry, 0), PSCI_INVALID_PARAMETERS);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1] | 1ull << 31, f->entry, 0),
                     PSCI_INVALID_PARAMETERS);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1], NOWHERE, 0), PSCI_INVALID_ADDRESS);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1], f->entry + 2, 0), PSCI_INVALID_ADDRESS);
    assert_int_equal(
        smc(f, PSCI_CPU_ON, mpidr[1], f->m->impl.dram.base + f->m->impl.dram.size - 4096, 0),
        PSCI_INVALID_ADDRESS); /* Root */
    assert_false(pe1->on || pe1->on_pending);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1], f->entry, CANARY), PSCI_SUCCESS);
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1], f->entry, 0), PSCI_ON_PENDING);
    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, mpidr[1], 0, 0), 2);
    assert_int_equal(f->m->pe[1].r.pc, f->entry);
    assert_int_equal(f->m->pe[1].r.x[0], CANARY);
    pe1->on = true; /* it is let run */
    pe1->on_pending = false;
    assert_int_equal(smc(f, PSCI_CPU_ON, mpidr[1], f->entry, 0), PSCI_ALREADY_ON);
    /* The SMC32 form has arguments of 32 bits. */
    assert_int_equal(smc(f, SMC32(PSCI_CPU_ON), CANARY | mpidr[2], CANARY | f->entry, CANARY | 7),
                     PSCI_SUCCESS);
    assert_int_equal(f->m->pe[2].r.x[0], 7);
    assert_int_equal(smc(f, SMC32(PSCI_AFFINITY_INFO), CANARY | mpidr[2], CANARY, 0), 2);
    assert_int_equal(smc(f, PSCI_AFFINITY_INFO, CANARY | mpidr[2], 0, 0), PSCI_INVALID_PARAMETERS);
}

static void test_cpu_off(void **state)
{
    struct fixture *f = *state;

    (void)smc(f, PSCI_CPU_OFF, 0, 0, 0);
    assert_false(f->m->plat->pe[0].on);
    assert_null(f->m->plat->wants_off);
}

static void test_system(void **state)
{
    struct fixture *f = *state;

    (void)smc(f, PSCI_SYSTEM_OFF, 0, 0, 0);
    assert_string_equal(f->m->plat->wants_off, "PSCI SYSTEM_OFF");
    assert_null(f->m->plat->wants_reset);
    (void)smc(f, PSCI_SYSTEM_RESET, 0, 0, 0);
    assert_string_equal(f->m->plat->wants_reset, "PSCI SYSTEM_RESET");
}

static void test_suspend(void **state)
{
    /* power_state, entry (0: a good one); result */
    static const struct {
        uint64_t state, entry;
        int64_t result;
    } bad[] = {
        {0x1, 0, PSCI_INVALID_PARAMETERS},                 /* StateID */
        {1u << 17, 0, PSCI_INVALID_PARAMETERS},            /* reserved */
        {1u << 26, 0, PSCI_INVALID_PARAMETERS},            /* reserved */
        {1u << 24, 0, PSCI_INVALID_PARAMETERS},            /* standby of a cluster */
        {3u << 24 | 1u << 16, 0, PSCI_INVALID_PARAMETERS}, /* a level that is not there */
        {1ull << 32, 0, PSCI_INVALID_PARAMETERS},
        {1u << 16, NOWHERE, PSCI_INVALID_ADDRESS},
    };
    struct fixture *f = *state;
    uint64_t regs[ABI_MAX_REGS] = {PSCI_CPU_SUSPEND, 2u << 24 | 1u << 16, f->entry, 0x77};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(
            smc(f, PSCI_CPU_SUSPEND, bad[i].state, bad[i].entry ? bad[i].entry : f->entry, 0),
            bad[i].result);
    assert_int_equal(f->waits, 0);
    assert_int_equal(smc(f, PSCI_CPU_SUSPEND, 0, NOWHERE, 0), PSCI_SUCCESS); /* standby */
    assert_int_equal(f->waits, 1);
    f->m->pe[0].r.pc = NOWHERE;
    el3m_smc(f->m, 0, WORLD_NS, regs); /* powerdown: begins at the entry */
    assert_int_equal(f->waits, 2);
    assert_int_equal(regs[0], 0x77);
    assert_int_equal(f->m->pe[0].r.pc, f->entry);
    assert_true(f->m->plat->pe[0].on);
}

/* Without a platform the host is a list of steps, and has no such services. */
static void test_no_platform(void **state)
{
    struct fixture *f = *state;

    plat_detach(f->m);
    assert_null(f->m->plat);
    assert_int_equal(smc(f, SMCCC_VERSION_FID, 0, 0, 0), -1);
    assert_int_equal(smc(f, PSCI_VERSION, 0, 0, 0), -1);
}

/* A dead Realm world takes no service of the host away. */
static void test_dead_realm_world(void **state)
{
    struct fixture *f = *state;

    f->m->el3m.realm_dead = true;
    assert_int_equal(smc(f, RMI_VERSION, ABI_1_0, 0, 0), -1);
    assert_int_equal(smc(f, PSCI_VERSION, 0, 0, 0), PSCI_VERSION_1_1);
}

/* Every function identifier of RMI's range that RMM 1.0 has not, and the specification agrees. */
static void test_unknown_rmi(void **state)
{
    struct fixture *f = *state;
    struct check *c;
    unsigned unknown = 0;
    size_t findings;

    assert_int_equal(check_new(f->m, CHECK_ALL, &c), CCA_OK);
    for (uint64_t fid = RMI_FID_FIRST; fid < RMI_REQ_COMPLETE; fid++) {
        uint64_t in[ABI_MAX_REGS] = {fid, 1, 2, 3}, out[ABI_MAX_REGS];

        memcpy(out, in, sizeof(out));
        check_step_begin(c, 0, fid);
        check_rmi_begin(c, 0, in);
        el3m_smc(f->m, 0, WORLD_NS, out);
        check_rmi_end(c, 0, in, out);
        check_step_end(c, 0);
        unknown += out[0] == SMC_NOT_SUPPORTED;
    }
    assert_int_equal(unknown, RMI_REQ_COMPLETE - RMI_FID_FIRST - 23);
    (void)check_findings(c, &findings);
    assert_int_equal(findings, 0);
    check_free(c);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_is_there), T(test_what_nobody_serves),
        T(test_cpu_on),        T(test_cpu_off),
        T(test_system),        T(test_suspend),
        T(test_no_platform),   T(test_dead_realm_world),
        T(test_unknown_rmi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
