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

/* --- stage 1 and 2: who may --- */

#define SCTLR_M         (1ull << 0)
#define HCR_RW          (1ull << 31)
#define HCR_IMO_BIT     (1ull << 4)
#define FPEN            (3ull << 20)
#define HCR_VI_BIT      (1ull << 7)
#define BLOCK(pa, more) ((pa) | 1u << 10 | 3u << 8 | 1u | (more))
#define ATTR_EL0        (1u << 6)
#define TG0_4K_32BIT    (1ull << 31 | 1u << 23 | 32)

/* Level 1, 1 GB a block: the first GB is RAM as it is, the second one RAM again, for EL0. */
static void put_tables(struct host_world *w)
{
    const uint64_t l1[4] = {BLOCK(0, 0), BLOCK(DRAM, 0), BLOCK(DRAM, ATTR_EL0), 0};
    mem_write(w->m, HOST_TABLES, l1, sizeof(l1), OWNER_HOST, 0);
    EL2(w, TTBR0_EL2) = HOST_TABLES;
    EL2(w, MAIR_EL2) = 0xff;
    EL2(w, TCR_EL2) = TG0_4K_32BIT;
    EL2(w, SCTLR_EL2) |= SCTLR_M;
}

/* With E2H and TGE, LDTR at EL2 has the permissions of EL0 there, unless PSTATE.UAO is set. */
static void unprivileged_accesses(void **state)
{
    struct host_world *w = *state;
    const uint64_t abort = ESR_EC(EC_DABORT_SAME) | ESR_IL | (FSC_PERMISSION + 1);
    LOAD_HOST(w, unprivileged);
    put_tables(w);
    EL2(w, HCR_EL2) = HCR_RW | HCR_E2H_BIT | HCR_TGE_BIT;
    EL2(w, TCR_EL2) = 1ull << 23 | 32;
    X(w, 0) = HOST_DATA;
    X(w, 4) = HOST_DATA - DRAM + 0x80000000;
    expect_el2(w, SYNC, abort, 4);
    assert_int_equal(EL2(w, FAR_EL2), HOST_DATA);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
    /* Without TGE, EL0 is not below this regime: an access as any other. */
    LOAD_HOST(w, unprivileged);
    EL2(w, HCR_EL2) &= ~HCR_TGE_BIT;
    expect_smc(w, 0x100);
}

/* The EL1 code of a guest: stage 2 faults go to EL2, with the address and what the instruction does. */
static void a_guest_and_its_stage_2(void **state)
{
    struct host_world *w = *state;
    const uint64_t l1[2] = {0, DRAM | 1u << 10 | 3u << 8 | 3u << 6 | 0xfu << 2 | 1u};
    LOAD_HOST(w, guest);
    mem_write(w->m, HOST_TABLES, l1, sizeof(l1), OWNER_HOST, 0);
    mem_write(w->m, DRAM + 0x2000, code_host_guest_accesses, sizeof(code_host_guest_accesses),
              OWNER_HOST, 0);
    EL2(w, HCR_EL2) = HCR_RW | 1; /* VM */
    EL2(w, VTTBR_EL2) = HOST_TABLES;
    EL2(w, VTCR_EL2) = 1ull << 31 | 1u << 6 | 32; /* level 1 */
    X(w, 0) = 0x3c5;
    X(w, 1) = DRAM + 0x2000;
    w->p->r.x[2] = 0;
    EL1(w, VBAR_EL1) = EL1_VECTORS;
    assert_int_equal(host_run(w, 3), CPU_HOST_SLICE);
    X(w, 0) = HOST_DATA;
    X(w, 1) = 0x9000;
    expect_smc(w, LOWER);
    /* STRH W2: ISV, SAS 1, SRT 2, AR no, WnR, translation fault of level 1 */
    assert_int_equal(EL2(w, ESR_EL2), ESR_EC(EC_DABORT_LOWER) | ESR_IL | ESR_ISV |
                                          1u << ESR_SAS_SHIFT | 2u << ESR_SRT_SHIFT | ESR_WNR |
                                          (FSC_TRANSLATION + 1));
    assert_int_equal(EL2(w, FAR_EL2), 0x9004);
    assert_int_equal(EL2(w, HPFAR_EL2), 0x90);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, LOWER); /* LDR with writeback: no syndrome */
    assert_int_equal(EL2(w, ESR_EL2), ESR_EC(EC_DABORT_LOWER) | ESR_IL | (FSC_TRANSLATION + 1));
    assert_int_equal(X(w, 1), 0x9000);
}

/* What is pending when EL2 returns to a guest comes at once, and what the guest masks when it unmasks it. */
static void a_guest_is_interrupted(void **state)
{
    struct host_world *w = *state;
    const uint64_t el1h = 5, masked = 0x3c5, loop = DRAM + 0x2000, at = loop + 8;
    const struct {
        uint64_t spsr, hcr, pc;
        bool irq;
        unsigned vector;
        uint64_t elr;
    } cases[] = {
        {el1h, HCR_IMO_BIT | HCR_VI_BIT, at, false, SYNC + 1 + 32, at},
        {masked, HCR_IMO_BIT | HCR_VI_BIT, loop, false, SYNC + 1 + 32, at},
        {masked, HCR_IMO_BIT, at, true, LOWER + 1, at}, /* the guest cannot mask it */
        {el1h, 0, at, true, SYNC + 1 + 32, at},
    };
    mem_write(w->m, loop, code_host_guest_unmasks, sizeof(code_host_guest_unmasks), OWNER_HOST, 0);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        host_reset(w->m, 0, HOST_CODE, 0);
        LOAD_HOST(w, guest);
        EL1(w, VBAR_EL1) = EL1_VECTORS;
        EL2(w, VBAR_EL2) = EL2_VECTORS;
        EL2(w, HCR_EL2) = HCR_RW | cases[i].hcr;
        X(w, 0) = cases[i].spsr;
        X(w, 1) = cases[i].pc;
        EL1(w, CPACR_EL1) = FPEN; /* FP as at EL2: else the return is looked at for that */
        w->p->irq_pending = cases[i].irq;
        expect_smc(w, cases[i].vector);
        assert_int_equal(cases[i].vector < 16 ? EL2(w, ELR_EL2) : EL1(w, ELR_EL1), cases[i].elr);
        assert_in_range(w->m->vtime, 1, 8ull * (i + 1));
    }
}

/* ... and what it goes on masking does not come. */
static void a_guest_is_not_interrupted(void **state)
{
    struct host_world *w = *state;
    const uint64_t masked = 0x3c5, loop = DRAM + 0x2000;
    mem_write(w->m, loop, code_host_guest_unmasks, sizeof(code_host_guest_unmasks), OWNER_HOST, 0);
    LOAD_HOST(w, guest);
    EL1(w, VBAR_EL1) = EL1_VECTORS;
    EL2(w, HCR_EL2) = HCR_RW | HCR_IMO_BIT | HCR_VI_BIT;
    EL1(w, CPACR_EL1) = FPEN;
    X(w, 0) = masked;
    X(w, 1) = loop + 8;
    assert_int_equal(host_run(w, 1000), CPU_HOST_SLICE);
    assert_int_equal(w->p->r.pc, loop + 8);
}

static void a_granule_of_another_world(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, gpf);
    X(w, 0) = 0x43800010; /* Secure DRAM */
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | FSC_GPF, 0);
    assert_int_equal(EL2(w, FAR_EL2), 0x43800010);
    assert_int_equal(X(w, 1), 0);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
}

static void tlb_maintenance(void **state)
{
    struct host_world *w = *state;
    uint64_t one = 0x111, two = 0x222;
    LOAD_HOST(w, tlbi);
    put_tables(w);
    mem_write(w->m, HOST_DATA, &one, 8, OWNER_HOST, 0);
    mem_write(w->m, HOST_DATA + 0x200000, &two, 8, OWNER_HOST, 0);
    /* A level-2 table for the fourth GB: its first block moves. */
    uint64_t table = HOST_TABLES + 0x1000, entry = table | 3, at_first = BLOCK(DRAM, 0);
    mem_write(w->m, HOST_TABLES + 24, &entry, 8, OWNER_HOST, 0);
    mem_write(w->m, table, &at_first, 8, OWNER_HOST, 0);
    X(w, 0) = 0xc0000000 + HOST_DATA - DRAM;
    X(w, 2) = BLOCK(DRAM + 0x200000, 0);
    X(w, 3) = table;
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 1), 0x111);
    assert_int_equal(X(w, 4), 0x111); /* the TLB knows no better */
    assert_int_equal(X(w, 6), 0x222);
}

static void address_translation(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, at);
    put_tables(w);
    X(w, 0) = HOST_DATA + 0x80;
    X(w, 2) = 0xc0000000;
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 1) & 0xfffffffff001, HOST_DATA & 0xfffffffff000);
    assert_int_equal(X(w, 3) & 0x7f, 1 | (FSC_TRANSLATION + 1) << 1);
}

/* By VA: an address without a translation, told as maintenance. */
static void cache_maintenance(void **state)
{
    struct host_world *w = *state;
    const uint64_t esr = ESR_EC(EC_DABORT_SAME) | ESR_IL | ESR_CM | ESR_WNR | (FSC_TRANSLATION + 1);
    LOAD_HOST(w, maintenance);
    put_tables(w);
    X(w, 0) = HOST_DATA;
    X(w, 1) = 0xc0000010;
    expect_el2(w, SYNC, esr, 4);
    assert_int_equal(EL2(w, FAR_EL2), 0xc0000010);
    EL2(w, ELR_EL2) += 4;
    expect_el2(w, SYNC, esr, 8);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
}

/* --- devices again --- */

/* Two registers, of the NVM and of what is behind the UART: nothing there. */
static void all_kinds_of_accesses(void **state)
{
    struct host_world *w = *state;
    const uint64_t icenabler = 0x080A0000 + 0x10180;
    LOAD_HOST(w, pair);
    X(w, 0) = icenabler - 0x80; /* ISENABLER0 */
    X(w, 3) = 1u << 27;
    X(w, 4) = 0xffffffffffffffff;
    X(w, 10) = UART;
    X(w, 11) = 6; /* FR */
    /* LDP of 64 bits: the redistributor takes 32 there */
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | FSC_SEA, 0);
    EL2(w, ELR_EL2) += 4;
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | ESR_WNR | FSC_SEA, 4);
    assert_int_equal(X(w, 0), icenabler - 0x80); /* no writeback */
    EL2(w, ELR_EL2) += 4;
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | FSC_SEA, 12); /* LDTRB */
    assert_int_equal(X(w, 5), 0);
    assert_int_equal(X(w, 0), icenabler - 0x90);
    X(w, 0) += 0x10;
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
    assert_int_equal(X(w, 8), 0);
    assert_int_equal(X(w, 9) & 0x20, 0);
    uint64_t v = 0;
    assert_true(plat_access(w->m, 0, icenabler, 4, false, &v));
    assert_int_equal(v, 1u << 27); /* STLR */
}

static void a_cache_line_of_zeroes(void **state)
{
    struct host_world *w = *state;
    uint64_t ones[10];
    memset(ones, 0xff, sizeof(ones));
    mem_write(w->m, HOST_DATA - 8, ones, sizeof(ones), OWNER_HOST, 0);
    LOAD_HOST(w, zva);
    put_tables(w);
    X(w, 0) = HOST_DATA + 24;
    expect_smc(w, 0x100);
    assert_int_equal(mem_read64(w->m, HOST_DATA - 8), UINT64_MAX);
    assert_int_equal(mem_read64(w->m, HOST_DATA), 0);
    assert_int_equal(mem_read64(w->m, HOST_DATA + 56), 0);
    assert_int_equal(mem_read64(w->m, HOST_DATA + 64), UINT64_MAX);
    /* With the MMU off memory is Device. */
    LOAD_HOST(w, zva);
    EL2(w, SCTLR_EL2) &= ~SCTLR_M;
    expect_el2(w, SYNC, ESR_EC(EC_DABORT_SAME) | ESR_IL | ESR_WNR | FSC_ALIGNMENT, 0);
    assert_int_equal(EL2(w, FAR_EL2), HOST_DATA + 24);
}

/* --- several PEs --- */

/* The store of another PE between LDXR and STXR; a slice that ends there does no harm. */
static void exclusives(void **state)
{
    struct host_world *w = *state;
    for (unsigned other = 0; other < 2; other++) {
        uint64_t seven = 7;
        mem_write(w->m, HOST_DATA, &seven, 8, OWNER_HOST, 0);
        LOAD_HOST(w, exclusive);
        mem_write(w->m, DRAM + 0x2000, code_host_store, sizeof(code_host_store), OWNER_HOST, 0);
        X(w, 0) = w->m->pe[1].r.x[0] = HOST_DATA;
        w->m->pe[1].r.x[1] = 100;
        w->m->pe[1].r.pc = DRAM + 0x2000;
        assert_int_equal(host_run(w, 2), CPU_HOST_SLICE);
        assert_int_equal(X(w, 1), 8);
        if (other)
            assert_int_equal(cpu_host_run(w->cpu, w->m, 1, UINT64_MAX, &w->why), CCA_OK);
        expect_smc(w, 0x100);
        assert_int_equal(X(w, 2), other);
        assert_int_equal(mem_read64(w->m, HOST_DATA), other ? 100 : 8);
    }
}

/* --- interrupts --- */

static void enable_interrupts(struct host_world *w, uint32_t ppis)
{
    uint64_t gicr = 0x080A0000, v = ppis, enable = 2;
    EL2(w, HCR_EL2) |= HCR_TGE_BIT;
    assert_true(plat_access(w->m, 0, gicr + 0x10100, 4, true, &v));
    assert_true(plat_access(w->m, 0, 0x08000000, 4, true, &enable));
    v = 0xf0;
    plat_icc_access(w->m, 0, SYSREG(3, 0, 4, 6, 0), true, &v);
    v = 1;
    plat_icc_access(w->m, 0, SYSREG(3, 0, 12, 12, 7), true, &v);
}

/* Pending and masked; taken at the block after DAIFClr. */
static void unmasking(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, unmask);
    enable_interrupts(w, 1u << 26);
    EL2(w, CNTHP_CTL_EL2) = 1; /* CVAL 0 is over */
    w->p->r.pstate &= ~0x80ull;
    expect_smc(w, SYNC + 1);
    assert_int_equal(EL2(w, ELR_EL2), HOST_CODE); /* before the first instruction */
    w->p->r.pstate |= 0x80;
    w->p->r.pc = HOST_CODE;
    expect_smc(w, SYNC + 1);
    assert_int_equal(EL2(w, ELR_EL2), HOST_CODE + 0x10);
}

static void wfi_ends_by_a_timer(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, timer_wfi);
    enable_interrupts(w, 1u << 26);
    assert_int_equal(host_run(w, 100), CPU_HOST_WFI);
    assert_false(host_wakes(w->m, 0));
    w->m->vtime = host_deadline(w->m, 0);
    assert_int_equal(w->m->vtime, 500);
    assert_true(host_wakes(w->m, 0));
    expect_smc(w, 0x100); /* masked: it only wakes */
}

/* --- alignment --- */

#define SCTLR_A  (1ull << 1)
#define SCTLR_SA (1ull << 3)

static void a_misaligned_stack_pointer(void **state)
{
    struct host_world *w = *state;
    const uint64_t esr = ESR_EC(EC_SP_ALIGN) | ESR_IL;
    for (unsigned checked = 0; checked < 2; checked++) {
        LOAD_HOST(w, stack);
        put_tables(w);
        EL2(w, SCTLR_EL2) |= checked ? SCTLR_SA : 0;
        EL2(w, SP_EL2) = STACK(2);
        X(w, 2) = 0;
        X(w, 3) = HOST_DATA + 17;
        if (checked) {
            expect_el2(w, SYNC, esr, 16); /* not at the move: at the access */
            assert_int_equal(X(w, 2), 1);
            assert_int_equal(EL2(w, SP_EL2), STACK(2) + 8);
            EL2(w, ELR_EL2) += 4;
            expect_el2(w, SYNC, esr, 40); /* post-index by 8 is done with SP as it was */
            EL2(w, ELR_EL2) += 4;
        }
        expect_smc(w, 0x100);
        assert_int_equal(EL2(w, SP_EL2), HOST_DATA + 8);
    }
}

/* A kernel that tests its stack for an overflow at each exception has no room for a register: it adds to SP what it has. */
static void a_misaligned_stack_pointer_that_nobody_uses(void **state)
{
    struct host_world *w = *state;
    const uint32_t load = 0xf94003e2; /* ldr x2, [sp] */
    LOAD_HOST(w, stack_test);
    put_tables(w);
    EL2(w, SCTLR_EL2) |= SCTLR_SA;
    EL2(w, SP_EL2) = STACK(2);
    X(w, 0) = 0x77;
    expect_smc(w, 0x100);
    uint64_t flushes = cpu_get_stats(w->cpu)->code_flushes;
    for (unsigned i = 0; i < 10; i++) {
        w->p->r.pc = HOST_CODE;
        expect_smc(w, 0x100);
        assert_int_equal(X(w, 0), 0x77);
        assert_int_equal(EL2(w, SP_EL2), STACK(2));
    }
    assert_int_equal(cpu_get_stats(w->cpu)->code_flushes, flushes);
    /* ... and one that uses it after such a test, where the stack has run over. */
    EL2(w, SP_EL2) = STACK(2) | 1u << 14;
    mem_write(w->m, HOST_CODE + 0x18, &load, sizeof(load), OWNER_HOST, 0);
    w->p->r.pc = HOST_CODE;
    expect_el2(w, SYNC, ESR_EC(EC_SP_ALIGN) | ESR_IL, 0x18);
}

static void every_access_aligned(void **state)
{
    struct host_world *w = *state;
    const uint64_t esr = ESR_EC(EC_DABORT_SAME) | ESR_IL | FSC_ALIGNMENT;
    for (unsigned checked = 0; checked < 2; checked++) {
        LOAD_HOST(w, all_aligned);
        put_tables(w);
        EL2(w, SCTLR_EL2) |= checked ? SCTLR_A : 0;
        X(w, 0) = HOST_DATA;
        X(w, 5) = HOST_DATA + 4;
        if (checked) {
            expect_el2(w, SYNC, esr, 4);
            assert_int_equal(EL2(w, FAR_EL2), HOST_DATA + 2);
            EL2(w, ELR_EL2) += 4;
            expect_el2(w, SYNC, esr | ESR_WNR, 12);
            EL2(w, ELR_EL2) += 4;
            expect_el2(w, SYNC, esr, 20);
            assert_int_equal(EL2(w, FAR_EL2), HOST_DATA + 4);
            EL2(w, ELR_EL2) += 4;
        }
        expect_smc(w, 0x100);
    }
}

/* --- what QEMU does not know --- */

static void registers_that_the_emulator_has_not(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, unknown_registers);
    EL1(w, SCTLR_EL1) = 0x30d00800;
    EL2(w, HCR_EL2) = HCR_E2H_BIT;
    expect_el2(w, SYNC, ESR_IL, 16); /* IMPLEMENTATION DEFINED */
    assert_int_equal(X(w, 1), 0x55);
    assert_int_equal(EL2(w, VSESR_EL2), 0x55);
    assert_int_equal(X(w, 2), 0x30d00800); /* SCTLR_EL12 */
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, 0x100);
}

static void random_numbers_are_the_machine_s(void **state)
{
    struct host_world *w = *state;
    uint64_t first[2];
    for (unsigned i = 0; i < 2; i++) {
        machine_reset(w->m);
        plat_reset(w->m);
        host_reset(w->m, 0, HOST_CODE, 0);
        LOAD_HOST(w, random);
        expect_smc(w, 0x100);
        assert_int_not_equal(X(w, 0), X(w, 1));
        first[i] = X(w, 0);
    }
    assert_int_equal(first[0], first[1]);
}

/* --- EL0 of EL2 --- */

static void controls_of_el0(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, el0_daif);
    EL2(w, HCR_EL2) = HCR_RW | HCR_E2H_BIT | HCR_TGE_BIT;
    w->p->r.pstate = 0x3c0;
    /* UMA, UCT and DZE of SCTLR_EL2 are 0. */
    expect_smc(w, LOWER);
    assert_int_equal(ESR_GET_EC(EL2(w, ESR_EL2)), EC_SYSREG);
    assert_int_equal(EL2(w, ELR_EL2), HOST_CODE);
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, LOWER);
    assert_int_equal(EL2(w, ESR_EL2), realm_sysreg_esr(SYSREG(3, 3, 0, 0, 1), false, 0));
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, LOWER);
    assert_int_equal(EL2(w, ESR_EL2), realm_sysreg_esr(SYSREG(1, 3, 7, 4, 1), true, 1));
    EL2(w, ELR_EL2) += 4;
    expect_smc(w, LOWER); /* SMC is undefined */
    assert_int_equal(EL2(w, ESR_EL2), ESR_IL);
}

static void stores_are_the_host_s(void **state)
{
    struct host_world *w = *state;
    LOAD_HOST(w, pages);
    X(w, 1) = HOST_DATA;
    X(w, 2) = 20;
    expect_smc(w, 0x100);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(w->m->mem.prov[granule_index(w->m, HOST_DATA) + i].kinds,
                         1u << OWNER_HOST);
    assert_int_equal(w->m->mem.prov[granule_index(w->m, HOST_DATA) + 20].kinds, 0);
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
        T(unprivileged_accesses),
        T(a_guest_and_its_stage_2),
        T(a_guest_is_interrupted),
        T(a_guest_is_not_interrupted),
        T(a_granule_of_another_world),
        T(tlb_maintenance),
        T(address_translation),
        T(cache_maintenance),
        T(all_kinds_of_accesses),
        T(a_cache_line_of_zeroes),
        T(exclusives),
        T(unmasking),
        T(wfi_ends_by_a_timer),
        T(a_misaligned_stack_pointer),
        T(a_misaligned_stack_pointer_that_nobody_uses),
        T(every_access_aligned),
        T(registers_that_the_emulator_has_not),
        T(random_numbers_are_the_machine_s),
        T(controls_of_el0),
        T(stores_are_the_host_s),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
