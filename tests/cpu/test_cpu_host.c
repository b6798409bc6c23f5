/* SPDX-License-Identifier: BSD-3-Clause */
/* Host code at EL2, EL1 and EL0: exceptions, system registers, devices, waiting, time. */
#include "host_fixture.h"

#define SYNC  4u /* vector of the current EL with its own stack pointer */
#define LOWER 8u

#define EL2H 0x3c9u

static void calls_and_traps_of_el2_are_its_own(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, calls);
    expect_el2(w, SYNC, ESR_EC(EC_SVC64) | ESR_IL | 7, 4);
    assert_int_equal(EL2(w, SPSR_EL2) & 0x3df, EL2H);
    expect_el2(w, SYNC, ESR_EC(EC_HVC64) | ESR_IL | 8, 8);
    expect_el2(w, SYNC, ESR_EC(EC_BRK64) | ESR_IL | 9, 8);
    EL2(w, ELR_EL2) += 4;
    expect_el2(w, SYNC, ESR_IL, 12);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
    assert_int_equal(w->p->r.pc, HOST_CODE + 20);
}

static void el1_and_el0_below_a_host(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, el1);
    X(w, 1) = EL1_VECTORS;
    X(w, 2) = STACK(1);
    X(w, 3) = STACK(2);
    /* The EL2 register is undefined at EL1, and EL1 takes that itself. */
    expect_el1(w, SYNC, ESR_IL, 0x30);
    assert_int_equal(X(w, 4), 4);
    assert_int_equal(X(w, 5), STACK(1));
    EL1(w, ELR_EL1) += 4;
    expect_el2(w, LOWER, ESR_EC(EC_HVC64) | ESR_IL | 5, 0x38);
    assert_int_equal(EL2(w, SP_EL2), STACK(2));
    expect_el1(w, SYNC, ESR_EC(EC_SVC64) | ESR_IL | 6, 0x3c);
    expect_smc(w, 0x101);
    expect_el1(w, LOWER, ESR_EC(EC_SVC64) | ESR_IL | 7, 0x54);
    /* ... so is the EL1 register at EL0, and HVC. */
    expect_el1(w, LOWER, ESR_IL, 0x54);
    EL1(w, ELR_EL1) += 4;
    expect_el1(w, LOWER, ESR_IL, 0x58);
    EL1(w, ELR_EL1) += 4;
    expect_el1(w, LOWER, ESR_IL, 0x5c);
}

static void a_host_with_vhe(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, e2h);
    mem_write(w->m, DRAM + 0x2000, code_host_el0, sizeof(code_host_el0), OWNER_HOST, 0);
    X(w, 2) = DRAM + 0x2000;
    X(w, 10) = HOST_DATA;
    expect_smc(w, LOWER);
    /* TPIDR_EL1 has no redirection; ELR, SPSR and FAR have. */
    assert_int_equal(EL1(w, TPIDR_EL1), 0x111);
    assert_int_equal(X(w, 3), DRAM + 0x2000);
    assert_int_equal(X(w, 4), 0);
    assert_int_equal(EL1(w, FAR_EL1), 0x222);
    assert_int_equal(X(w, 6), 0x222);
    assert_int_equal(X(w, 7), EL2(w, FAR_EL2));
    /* CurrentEL does not exist at EL0; TGE brings that to EL2. */
    assert_int_equal(EL2(w, ESR_EL2), ESR_IL);
    assert_int_equal(EL2(w, ELR_EL2), DRAM + 0x2000);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, LOWER);
    assert_int_equal(EL2(w, ESR_EL2), ESR_EC(EC_SVC64) | ESR_IL | 3);
}

static void a_uart(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, uart);
    X(w, 0) = UART;
    expect_smc(w, 0x100);
    assert_string_equal(w->out, "Hi");
    uint64_t fr = X(w, 2);
    assert_int_equal(fr & 0x20, 0);         /* not full */
    assert_int_equal(X(w, 3), fr);          /* sign extension of a small number */
    assert_int_equal(X(w, 4), fr);          /* LDP: FR and what is behind it */
    assert_int_equal(X(w, 7), UART + 0x30); /* post- and pre-index */
    assert_int_equal(w->p->r.pc, HOST_CODE + sizeof(code_host_uart));
}

/* Stage 1 off: everything is Device, and no one answers at NOBODY. */
static void what_a_device_does_not_take(void **state)
{
    struct host_world *w = *state;
    const uint64_t dabort = ESR_EC(EC_DABORT_SAME) | ESR_IL;
    LOAD_HOST(w, device_faults);
    X(w, 0) = UART;
    X(w, 3) = NOBODY;
    static const struct {
        uint64_t esr, far;
    } expected[] = {
        {0x35, UART},
        {0x35, UART},
        {FSC_ALIGNMENT, UART + 2},
        {FSC_ALIGNMENT | ESR_WNR, UART},
        {FSC_SEA, UART},
        {FSC_SEA, NOBODY},
    };
    for (unsigned i = 0; i < 6; i++) {
        expect_el2(w, SYNC, dabort | expected[i].esr, 4ull * i);
        assert_int_equal(EL2(w, FAR_EL2), expected[i].far);
        EL2(w, ELR_EL2) += 4;
    }
    expect_smc(w, SYNC);
    assert_int_equal(EL2(w, ESR_EL2), ESR_EC(EC_IABORT_SAME) | ESR_IL | FSC_SEA);
    assert_int_equal(EL2(w, ELR_EL2), UART);
}

static void waiting(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, wait);
    assert_int_equal(host_run(w, 1000), CPU_HOST_WFE);
    assert_int_equal(w->p->r.pc, HOST_CODE + 12); /* the first one found the event of SEVL */
    assert_int_equal(host_run(w, 1000), CPU_HOST_SEV);
    assert_true(w->h->event);
    assert_int_equal(host_run(w, 1000), CPU_HOST_WFI);
    assert_int_equal(w->p->r.pc, HOST_CODE + 20);
    assert_int_equal(w->m->vtime, 5);
    expect_smc(w, 0x100);
    assert_int_equal(w->m->vtime, 6);
}

static void system_registers_are_the_model_s(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, regs);
    expect_el2(w, SYNC, ESR_IL, 0x20); /* SCTLR_EL3 */
    assert_int_equal(X(w, 3), w->m->cntfrq);
    assert_int_equal(X(w, 4), 4); /* the counter: instructions before this one */
    assert_int_equal(X(w, 5), 5);
    assert_int_equal(X(w, 6), w->m->cntfrq);
    assert_int_equal(EL2(w, TPIDR_EL2), w->m->cntfrq);
    assert_int_not_equal(X(w, 2) >> 24 & 0xf, 0); /* a GIC */
}

/* What stands behind an access that is refused has no effect: not even in its block of instructions. */
static void an_access_that_is_refused_stops_there(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, refused);
    X(w, 10) = HOST_DATA;
    expect_el2(w, SYNC, ESR_IL, 8);
    assert_int_equal(X(w, 9), 1);
    assert_int_equal(mem_read64(w->m, HOST_DATA), 1);
    assert_int_equal(w->m->vtime, 3); /* two, and the SMC of the vector */
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
    assert_int_equal(mem_read64(w->m, HOST_DATA), 2);
}

static void an_illegal_return(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, illegal);
    expect_el2(w, SYNC, ESR_EC(EC_ILLEGAL) | ESR_IL, 0x14);
    assert_true(EL2(w, SPSR_EL2) & 1u << 20);
    assert_int_equal(EL2(w, SPSR_EL2) & 0xf, 9);
}

static void a_misaligned_pc(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, misaligned_pc);
    expect_el2(w, SYNC, ESR_EC(EC_PC_ALIGN) | ESR_IL, 0xa);
    assert_int_equal(EL2(w, FAR_EL2), HOST_CODE + 0xa);
}

/* --- time --- */

static void a_slice_ends_with_a_block(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, count);
    X(w, 1) = HOST_DATA;
    assert_int_equal(host_run(w, 50), CPU_HOST_SLICE);
    assert_in_range(w->m->vtime, 50, 53);
    uint64_t now = w->m->vtime;
    assert_int_equal(X(w, 0), 100 - now / 4);
    assert_int_equal(host_run(w, 0), CPU_HOST_SLICE);
    assert_int_equal(w->m->vtime, now);
}

/* The hypervisor's own timer interrupts it, not before its time. */
static void a_timer_interrupts(void **state)
{
    struct host_world *w = *state;
    uint64_t gicr = 0x080A0000, v = 1ull << 26, enable = 2;
    LOAD_HOST(w, timer);
    EL2(w, HCR_EL2) = HCR_TGE_BIT;
    /* PPI 26 enabled, Group 1, and the CPU interface too. */
    assert_true(plat_access(w->m, 0, gicr + 0x10100, 4, true, &v));
    assert_true(plat_access(w->m, 0, gicr + 0x10080, 4, true, &v));
    assert_true(plat_access(w->m, 0, 0x08000000, 4, true, &enable));
    v = 0xf0;
    plat_icc_access(w->m, 0, SYSREG(3, 0, 4, 6, 0), true, &v);
    v = 1;
    plat_icc_access(w->m, 0, SYSREG(3, 0, 12, 12, 7), true, &v);
    expect_smc(w, SYNC + 1);
    assert_in_range(w->m->vtime, 1000, 1006);
    assert_int_equal(X(w, 5),
                     (EL2(w, ELR_EL2) - HOST_CODE == 0x18 ? 0 : 1) + (w->m->vtime - 1 - 6) / 2);
}

static void the_cpu_interface(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, gic);
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 1), 0xf0);
    assert_int_equal(X(w, 2), 1023); /* IAR: nothing pending */
}

/* --- code, FP --- */

static void code_that_changes(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, patch);
    X(w, 3) = HOST_CODE + 0x20;
    X(w, 4) = 0xd2800040; /* mov x0, #2 */
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 2), 1);
    assert_int_equal(X(w, 0), 2);
}

/* One PE executes what another one changes. */
static void code_of_another_pe(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, patch);
    X(w, 3) = HOST_CODE + 0x20;
    X(w, 4) = 0xd2800040;
    w->m->pe[1].r.x[3] = HOST_DATA;
    assert_int_equal(cpu_host_run(w->cpu, w->m, 1, 100000, &w->why), CCA_OK);
    assert_int_equal(w->m->pe[1].r.x[0], 1);
    expect_smc(w, 0x100);
    w->m->pe[1].r.pc = HOST_CODE + 0x18;
    assert_int_equal(cpu_host_run(w->cpu, w->m, 1, 200000, &w->why), CCA_OK);
    assert_int_equal(w->m->pe[1].r.x[0], 2);
}

static void fp_may_trap(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, fp);
    X(w, 1) = 0x4444;
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 2), 0x4444);
    assert_int_equal(w->p->r.v[0], 0x4444);
    EL2(w, CPTR_EL2) |= 1u << 10;
    expect_smc(w, SYNC);
    assert_int_equal(ESR_GET_EC(EL2(w, ESR_EL2)), EC_FP);
    EL2(w, CPTR_EL2) &= ~(1ull << 10);
    expect_smc(w, 0x101);
    assert_int_equal(X(w, 3), 0x4444);
}

/* --- stage 1 of EL2 --- */

static void stage_1_of_el2(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, mmu_on);
    /* 4 KB granule, 32 bits: level 1; one block of 1 GB, one table that is not there. */
    uint64_t block = DRAM | 1 << 10 | 3 << 8 | 1, v = 0x1234;
    mem_write(w->m, HOST_TABLES + 8, &block, 8, OWNER_HOST, 0);
    mem_write(w->m, HOST_DATA, &v, 8, OWNER_HOST, 0);
    X(w, 0) = HOST_TABLES;
    X(w, 1) = 1ull << 31 | 1u << 23 | 32;
    X(w, 2) = 0xff;
    X(w, 5) = HOST_DATA;
    X(w, 7) = 0xc0000000;
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | (FSC_TRANSLATION + 1), 0x24);
    assert_int_equal(X(w, 4), 0x1234);
    assert_int_equal(mem_read64(w->m, HOST_DATA + 8), 0x1234);
    assert_int_equal(EL2(w, FAR_EL2), 0xc0000000);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)
    const struct CMUnitTest tests[] = {
        T(calls_and_traps_of_el2_are_its_own),
        T(el1_and_el0_below_a_host),
        T(a_host_with_vhe),
        T(a_uart),
        T(what_a_device_does_not_take),
        T(waiting),
        T(system_registers_are_the_model_s),
        T(an_access_that_is_refused_stops_there),
        T(an_illegal_return),
        T(a_misaligned_pc),
        T(a_slice_ends_with_a_block),
        T(a_timer_interrupts),
        T(the_cpu_interface),
        T(code_that_changes),
        T(code_of_another_pe),
        T(fp_may_trap),
        T(stage_1_of_el2),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
