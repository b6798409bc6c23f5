/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions of Realm code: what it takes itself, what goes to EL2, and the syndrome of each. */
#include "cpu_fixture.h"

#define CURRENT_SPX 4u /* vectors: offset 0x200 */
#define LOWER_A64   8u /* 0x400 */
#define HCR_TWI     (1ull << 13)
#define HCR_TWE     (1ull << 14)

static void test_svc(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, svc);
    w->p->r.pstate = 0x600003c5;
    SYS(w, FAR_EL1) = 0x77;
    expect_own(w, CURRENT_SPX, 0x56000007, 4);
    assert_int_equal(SYS(w, SPSR_EL1), 0x600003c5);
    assert_int_equal(SYS(w, FAR_EL1), 0x77);
    assert_int_equal(w->p->r.pstate, 0x600003c5);
    expect_hvc(w, 0x100);
    assert_int_equal(w->p->r.pc, CODE + 8);
}

static void test_undefined(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, undefined);
    expect_own(w, CURRENT_SPX, 0x02000000, 0);
    skip_own(w);
    expect_hvc(w, 0x100);
}

static void test_brk(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, brk);
    expect_own(w, CURRENT_SPX, 0xf2000012, 0);
    skip_own(w);
    expect_hvc(w, 0x100);
}

/* EL0: entered by ERET, and everything that EL1 gets from it. */
static void test_el0(void **state)
{
    static const struct {
        uint64_t offset;
        uint64_t esr;
        unsigned skip;
    } row[] = {
        {0x14, 0x56000001, 0}, /* svc #1: returns after it */
        {0x14, 0x02000000, 4}, /* mrs x1, vbar_el1 */
        {0x18, 0x02000000, 4}, /* smc */
        {0x1c, 0x02000000, 4}, /* hvc */
        {0x20, 0x07e00000, 4}, /* wfi, SCTLR_EL1.nTWI = 0 */
        {0x24, 0x6232c041, 4}, /* mrs x2, ctr_el0, UCT = 0 */
    };
    struct cpu_world *w = *state;
    LOAD_CODE(w, el0);
    SYS(w, SCTLR_EL1) &= ~(1ull << 16); /* nTWI */
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        expect_hvc(w, LOWER_A64);
        assert_int_equal(SYS(w, ELR_EL1), CODE + row[i].offset);
        assert_int_equal(SYS(w, SPSR_EL1) & 0x1f, 0);
        assert_int_equal(SYS(w, ESR_EL1), row[i].esr);
        SYS(w, ELR_EL1) += row[i].skip;
    }
    /* mrs cntvct (CNTKCTL_EL1 = 0), ic ivau (UCI = 0), msr daifset (UMA = 0): traps, EC 0x18 */
    for (unsigned i = 0; i < 3; i++) {
        expect_hvc(w, LOWER_A64);
        assert_int_equal(SYS(w, ELR_EL1), CODE + 0x28 + 4 * i);
        assert_int_equal(ESR_GET_EC(SYS(w, ESR_EL1)), EC_SYSREG);
        skip_own(w);
    }
    SYS(w, TPIDR_EL0) = 0xabcd;
    expect_own(w, LOWER_A64, 0x56000002, 0x3c);
    assert_int_equal(w->p->r.x[4], 0xabcd);
}

static void test_monitor_calls(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, calls);
    assert_int_equal(enter(w), SMC(0x33));
    assert_int_equal(w->p->r.pc, CODE); /* trapped: the SMC itself */
    w->p->r.pc += 4;
    assert_int_equal(enter(w), HVC(0x44));
    assert_int_equal(w->p->r.pc, CODE + 8);
}

static void test_waits(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, waits);
    expect_hvc(w, 0x100);
    w->p->hcr_el2 |= HCR_TWI | HCR_TWE;
    w->p->r.pc = CODE;
    assert_int_equal(enter(w), 0x07e00000);
    assert_int_equal(w->p->r.pc, CODE);
    w->p->r.pc += 4;
    assert_int_equal(enter(w), 0x07e00001);
    assert_int_equal(w->p->r.pc, CODE + 4);
    w->p->r.pc += 4;
    expect_hvc(w, 0x100);
}

/* HCR_EL2.TID3: op0 3 op1 0 CRn 0, CRm 4 and 7, Rt 3 and 4, a read. */
static void test_id_registers(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, idreg);
    assert_int_equal(enter(w), 0x62300000 | 3 << 5 | 4 << 1 | 1);
    assert_int_equal(w->p->r.pc, CODE);
    w->p->r.x[3] = 0x1111;
    w->p->r.pc += 4;
    assert_int_equal(enter(w), 0x62300000 | 4 << 5 | 7 << 1 | 1);
    w->p->r.pc += 4;
    w->p->vmpidr_el2 = 0x80000102;
    expect_hvc(w, 0x100);
    assert_int_equal(w->p->r.x[3], 0x1111);
    assert_int_equal(w->p->r.x[5], 0x000f0000);
    assert_int_equal(w->p->r.x[6], 0x80000102);
}

static void test_gic_registers(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, gic);
    /* icc_sgi1r_el1: op0 3 op1 0 CRn 12 CRm 11 op2 5, a write of x2 */
    assert_int_equal(enter(w), 0x62300000 | 5 << 17 | 12 << 10 | 2 << 5 | 11 << 1);
    assert_int_equal(w->p->r.x[1], 7);
    assert_int_equal(w->p->r.x[3], 0xf0);
    assert_int_equal(w->p->r.x[4], 1023);
    assert_int_equal(w->p->gic.vmcr >> 24, 0xf0);
    w->p->r.pc += 4;
    expect_hvc(w, CURRENT_SPX); /* mrs of a register that can only be written */
    assert_int_equal(SYS(w, ESR_EL1), 0x02000000);
    skip_own(w);
    expect_hvc(w, CURRENT_SPX); /* mrs of a register of EL2 */
    assert_int_equal(SYS(w, ESR_EL1), 0x02000000);
    skip_own(w);
    expect_hvc(w, 0x100);
}

/* Stage-2 data aborts: ISV and the rest of the syndrome by instruction (D24.2.45). */
static void test_stage2_aborts(void **state)
{
#define AT 0x3000000ull
    static const struct {
        uint64_t esr, far;
    } row[] = {
        {0x93c38006, AT + 8},                      /* ldr x3 */
        {0x93840046, AT + 0x10},                   /* str w4 */
        {0x92000006, AT},                          /* ldrb w5, post-index */
        {0x92000006, AT + 0x20},                   /* ldp */
        {0x93e68006 & ~0x00800000ull, AT + 0x100}, /* ldrsh x6: SAS 1, SSE, SF */
        {0x93c7c046, AT},                          /* stlr x7: AR */
        {0x92000006, AT},                          /* swp: the read faults */
        {0x93c58046, AT + 0x1000},                 /* str x5 over a page boundary: below */
        {0x92000006, AT + 0x30},                   /* ldr q0 */
        {0x931f0046, AT},                          /* strb wzr */
        {0x92000046, AT},                          /* dc zva */
    };
    struct cpu_world *w = *state;
    LOAD_CODE(w, aborts);
    w->p->r.x[1] = AT;
    w->p->r.x[2] = 0x100;
    w->p->r.x[8] = DATA + 0xffc; /* crosses into a page that is there; see below */
    SYS(w, CPACR_EL1) = 3ull << 20;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        /* Row 7: the first page is there, the second is not. FAR names its first byte. */
        if (i == 7) {
            fix_s2_desc(&w->f, DATA + 0x1000, 3, 0);
            tlbi_vmid(w->m, 0, FIX_VMID);
            assert_int_equal(enter(w), 0x93c58047);
            assert_int_equal(w->exc.far, DATA + 0x1000);
            assert_int_equal(w->exc.hpfar, (DATA + 0x1000) >> 8);
        } else {
            assert_int_equal(enter(w), row[i].esr);
            assert_int_equal(w->exc.far, row[i].far);
            assert_int_equal(w->exc.hpfar, AT >> 8);
        }
        assert_int_equal(w->p->r.pc, CODE + 4 * i);
        assert_int_equal(w->p->r.x[1], AT);
        w->p->r.pc += 4;
    }
    expect_hvc(w, 0x100);
}

static void test_fetch_abort(void **state)
{
    struct cpu_world *w = *state;
    w->p->r.pc = AT + 4;
    assert_int_equal(enter(w), 0x82000006);
    assert_int_equal(w->exc.far, AT + 4);
    assert_int_equal(w->exc.hpfar, AT >> 8);
    fix_map(&w->f, AT, S2_RAM | S2_XN);
    assert_int_equal(enter(w), 0x8200000f);
}

static void test_gpf(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, aborts);
    w->p->r.x[1] = DATA;
    gpt_set(w->m, 0, w->data_pa, GPI_NS);
    w->p->hcr_el2 |= 1ull << 48; /* GPF: to EL2 */
    assert_int_equal(enter(w), 0x93c38028);
    assert_int_equal(w->exc.far, DATA + 8);
    w->p->hcr_el2 &= ~(1ull << 48);
    expect_own(w, CURRENT_SPX, 0x96000028, 0);
    assert_int_equal(SYS(w, FAR_EL1), DATA + 8);
    gpt_set(w->m, 0, w->data_pa, GPI_REALM);
}

static void test_illegal_return(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, illegal_return);
    expect_own(w, CURRENT_SPX, 0x3a000000, 0x14);
    assert_int_equal(SYS(w, SPSR_EL1), 0x100005); /* IL, EL1h; flags and masks of the SPSR */
    SYS(w, SPSR_EL1) = 0x3c5;
    expect_hvc(w, 0x100);
    w->p->r.pstate = 0x3c5 | 1 << 20; /* IL on entry */
    w->p->r.pc = CODE;
    expect_own(w, CURRENT_SPX, 0x3a000000, 0);
}

static void test_pc_alignment(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, misaligned_pc);
    expect_own(w, CURRENT_SPX, 0x8a000000, 0x0e);
    assert_int_equal(SYS(w, FAR_EL1), CODE + 0x0e);
    SYS(w, ELR_EL1) = CODE + 0xc;
    expect_hvc(w, 0x100);
}

static void test_data_alignment(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, alignment);
    w->p->r.x[1] = DATA + 1;
    w->p->r.x[2] = DATA + 2;
    expect_own(w, CURRENT_SPX, 0x96000021, 0);
    assert_int_equal(SYS(w, FAR_EL1), DATA + 1);
    skip_own(w);
    expect_own(w, CURRENT_SPX, 0x96000021, 4);
    assert_int_equal(SYS(w, FAR_EL1), DATA + 2);
    skip_own(w);
    expect_hvc(w, 0x100);
}

/* A vector that faults at once, for ever, ends the run with the limit, with and without virtual time. */
static void test_faulting_vector(void **state)
{
    struct cpu_world *w = *state;
    for (unsigned time = 0; time < 2; time++) {
        struct cpu_options o = {.virtual_time = time, .insn_limit = 1000000};
        cpu_set_options(w->cpu, &o);
        LOAD_CODE(w, svc);
        SYS(w, VBAR_EL1) = 1ull << 40; /* beyond the PA size */
        enter(w);
        assert_true(w->exc.limit);
        assert_int_equal(SYS(w, ESR_EL1), 0x86000000);
    }
}

/* FP: off by CPACR_EL1 to EL1, by CPTR_EL2 to EL2, and back on. */
static void test_fp_traps(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, fp_enable);
    w->p->r.x[1] = 0x4010000000000000;
    w->p->cptr_el2 = 0;
    assert_int_equal(enter(w), 0x1fe00000);
    assert_int_equal(w->p->r.pc, CODE + 0xc);
    w->p->cptr_el2 = 3ull << 20;
    expect_own(w, CURRENT_SPX, 0x1fe00000, 0x1c);
    assert_int_equal(w->p->r.x[2], 0x4010000000000000);
    skip_own(w);
    expect_hvc(w, 0x100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, cpu_world_setup, cpu_world_teardown)
    const struct CMUnitTest tests[] = {
        T(test_svc),           T(test_undefined),
        T(test_brk),           T(test_el0),
        T(test_monitor_calls), T(test_waits),
        T(test_id_registers),  T(test_gic_registers),
        T(test_stage2_aborts), T(test_fetch_abort),
        T(test_gpf),           T(test_illegal_return),
        T(test_pc_alignment),  T(test_data_alignment),
        T(test_fp_traps),      T(test_faulting_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
