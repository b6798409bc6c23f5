/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions of host code: entry, return, and what is trapped to whom. */
#include "host_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define PSTATE_IL   (1ull << 20)
#define PSTATE_SS   (1ull << 21)
#define PSTATE_PAN  (1ull << 22)
#define PSTATE_UAO  (1ull << 23)
#define PSTATE_SSBS (1ull << 12)
#define PSTATE_NZCV (0xfull << 28)
#define SCTLR_SPAN  (1ull << 23)
#define SCTLR_DSSBS (1ull << 44)

#define BASE 0xffff000000008000ull

/* --- entry (D1.4.1.6, D1.4.2) --------------------------------------------------------------------------------------- */

static const struct {
    uint64_t mode; /* M[3:0] */
    unsigned to_el;
    enum host_vector vector;
    uint64_t offset;
} vectors[] = {
    {0x8, 2, HOST_SYNC, 0x000},   {0x9, 2, HOST_SYNC, 0x200},   {0x9, 2, HOST_IRQ, 0x280},
    {0x9, 2, HOST_FIQ, 0x300},    {0x9, 2, HOST_SERROR, 0x380}, {0x8, 2, HOST_IRQ, 0x080},
    {0x0, 2, HOST_SYNC, 0x400},   {0x5, 2, HOST_SYNC, 0x400},   {0x4, 2, HOST_IRQ, 0x480},
    {0x5, 2, HOST_FIQ, 0x500},    {0x0, 2, HOST_SERROR, 0x580}, {0x4, 1, HOST_SYNC, 0x000},
    {0x5, 1, HOST_SYNC, 0x200},   {0x0, 1, HOST_SYNC, 0x400},   {0x0, 1, HOST_IRQ, 0x480},
    {0x5, 1, HOST_SERROR, 0x380}, {0x4, 1, HOST_FIQ, 0x100},
};

static void test_vectors(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(vectors); i++) {
        unsigned to = vectors[i].to_el;

        host_reset(m, 0, 0, 0);
        *el1_reg(m, SR_VBAR_EL1) = BASE + 0x10000;
        *el2_reg(m, HS_VBAR_EL2) = BASE;
        m->pe[0].r.pstate = vectors[i].mode;
        host_exception(m, 0, to, vectors[i].vector, 0x5e000000, NULL, NULL, 0x1234);
        assert_int_equal(m->pe[0].r.pc, BASE + (to == 1 ? 0x10000 : 0) + vectors[i].offset);
        assert_int_equal(m->pe[0].r.pstate & 0x1f, to == 1 ? 5 : 9);
        assert_int_equal(to == 1 ? *el1_reg(m, SR_ELR_EL1) : *el2_reg(m, HS_ELR_EL2), 0x1234);
        assert_int_equal(to == 1 ? *el1_reg(m, SR_SPSR_EL1) : *el2_reg(m, HS_SPSR_EL2),
                         vectors[i].mode);
    }
}

/* PSTATE of the old place, what is to be set in SCTLR of the new one, PSTATE there. */
static const struct {
    const char *what;
    unsigned to_el;
    uint64_t hcr, before, sctlr, after;
} entries[] = {
    {"flags stay", 2, 0, 9 | PSTATE_NZCV, SCTLR_SPAN, PSTATE_NZCV},
    {"DAIF is set", 1, 0, 5, SCTLR_SPAN, 0},
    {"IL, SS and UAO are cleared", 1, 0, 5 | PSTATE_IL | PSTATE_SS | PSTATE_UAO, SCTLR_SPAN, 0},
    {"BTYPE is cleared", 2, 0, 9 | 3ull << 10, SCTLR_SPAN, 0},
    {"SSBS is DSSBS: 0", 1, 0, 5 | PSTATE_SSBS, SCTLR_SPAN, 0},
    {"SSBS is DSSBS: 1", 2, 0, 9, SCTLR_SPAN | SCTLR_DSSBS, PSTATE_SSBS},
    {"PAN stays", 1, 0, 5 | PSTATE_PAN, SCTLR_SPAN, PSTATE_PAN},
    {"SPAN 0 sets PAN at EL1", 1, 0, 5, 0, PSTATE_PAN},
    {"not at EL2", 2, 0, 9, 0, 0},
    {"nor with E2H alone", 2, HCR_E2H, 9, 0, 0},
    {"but with E2H and TGE", 2, HCR_E2H | HCR_TGE, 0, 0, PSTATE_PAN},
    {"where SPAN 1 leaves it", 2, HCR_E2H | HCR_TGE, 0, SCTLR_SPAN, 0},
};

static void test_pstate_on_entry(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(entries); i++) {
        uint64_t mode = entries[i].to_el == 1 ? 5 : 9;

        host_reset(m, 0, 0, 0);
        set_hcr(m, entries[i].hcr);
        *el1_reg(m, SR_SCTLR_EL1) = *el2_reg(m, HS_SCTLR_EL2) = entries[i].sctlr;
        m->pe[0].r.pstate = entries[i].before;
        host_exception(m, 0, entries[i].to_el, HOST_SYNC, 0, NULL, NULL, 0);
        if (m->pe[0].r.pstate != (mode | PSTATE_DAIF | entries[i].after))
            fail_msg("%s: %#llx", entries[i].what, (unsigned long long)m->pe[0].r.pstate);
        assert_int_equal(entries[i].to_el == 1 ? *el1_reg(m, SR_SPSR_EL1)
                                               : *el2_reg(m, HS_SPSR_EL2),
                         entries[i].before);
    }
}

static void test_syndrome(void **state)
{
    struct machine *m = *state;
    const uint64_t far = 0xdead000, hpfar = 0x8800;

    *el2_reg(m, HS_ESR_EL2) = 1;
    *el2_reg(m, HS_FAR_EL2) = 2;
    *el2_reg(m, HS_HPFAR_EL2) = 3;
    host_exception(m, 0, 2, HOST_IRQ, 0x99, NULL, NULL, 0);
    assert_int_equal(*el2_reg(m, HS_ESR_EL2), 1); /* an IRQ has none */
    host_exception(m, 0, 2, HOST_SYNC, 0x99, NULL, NULL, 0);
    assert_int_equal(*el2_reg(m, HS_ESR_EL2), 0x99);
    assert_int_equal(*el2_reg(m, HS_FAR_EL2), 2);
    host_exception(m, 0, 2, HOST_SYNC, 0x9a, &far, &hpfar, 0);
    assert_int_equal(*el2_reg(m, HS_FAR_EL2), far);
    assert_int_equal(*el2_reg(m, HS_HPFAR_EL2), hpfar);
    set_el(m, 1);
    host_exception(m, 0, 1, HOST_SYNC, 0x9b, &far, NULL, 0);
    assert_int_equal(*el1_reg(m, SR_ESR_EL1), 0x9b);
    assert_int_equal(*el1_reg(m, SR_FAR_EL1), far);
    assert_int_equal(*el2_reg(m, HS_ESR_EL2), 0x9a);
}

static void test_sync_el(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr;
        unsigned expected;
    } row[] = {{2, 0, 2},       {1, 0, 1},       {0, 0, 1},
               {0, HCR_E2H, 1}, {0, HCR_TGE, 2}, {0, HCR_E2H | HCR_TGE, 2}};
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_el(m, row[i].el);
        set_hcr(m, row[i].hcr);
        assert_int_equal(host_sync_el(m, 0), row[i].expected);
    }
}

/* --- return (D1.4.4) ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *what;
    unsigned el;
    uint64_t hcr, mode;
    bool legal;
} returns[] = {
    {"EL2h", 2, 0, 0x9, true},
    {"EL2t", 2, 0, 0x8, true},
    {"EL1h from EL2", 2, 0, 0x5, true},
    {"EL1t from EL2", 2, HCR_E2H, 0x4, true},
    {"EL0t from EL2", 2, 0, 0x0, true},
    {"EL0t from EL2, TGE", 2, HCR_TGE, 0x0, true},
    {"EL0t from EL2, E2H and TGE", 2, HCR_E2H | HCR_TGE, 0x0, true},
    {"EL1h from EL1", 1, 0, 0x5, true},
    {"EL0t from EL1", 1, 0, 0x0, true},
    {"EL1 with TGE", 2, HCR_TGE, 0x5, false},
    {"EL1 with TGE and E2H", 2, HCR_E2H | HCR_TGE, 0x4, false},
    {"EL2 from EL1", 1, 0, 0x9, false},
    {"EL3", 2, 0, 0xd, false},
    {"EL0h", 2, 0, 0x1, false},
    {"M[1]", 2, 0, 0x6, false},
    {"AArch32 EL0", 2, 0, 0x10, false},
    {"AArch32 EL1", 1, 0, 0x13, false},
};

static void test_returns(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(returns); i++) {
        uint64_t spsr = returns[i].mode | 1ull << 6 | PSTATE_PAN | PSTATE_UAO | 5ull << 28;
        unsigned el = returns[i].el;
        uint64_t expected = spsr;

        host_reset(m, 0, 0, 0);
        set_el(m, el);
        set_hcr(m, returns[i].hcr);
        *el2_reg(m, HS_SPSR_EL2) = *el1_reg(m, SR_SPSR_EL1) = spsr;
        *el2_reg(m, HS_ELR_EL2) = 0x2000;
        *el1_reg(m, SR_ELR_EL1) = 0x1000;
        if (!returns[i].legal) /* PC, flags, masks and PAN all the same; EL and UAO stay */
            expected = PSTATE_EL(el) | PSTATE_IL | (spsr & ~(0x1full | PSTATE_UAO));
        assert_true(host_eret(m, 0));
        assert_int_equal(m->pe[0].r.pc, el == 2 ? 0x2000 : 0x1000);
        if (m->pe[0].r.pstate != expected)
            fail_msg("%s: %#llx, not %#llx", returns[i].what, (unsigned long long)m->pe[0].r.pstate,
                     (unsigned long long)expected);
        assert_true(m->plat->pe[0].event);
    }
}

static void test_return_of_il_and_at_el0(void **state)
{
    struct machine *m = *state;
    struct pe_regs before;

    *el2_reg(m, HS_SPSR_EL2) = 9 | PSTATE_IL;
    assert_true(host_eret(m, 0));
    assert_int_equal(m->pe[0].r.pstate, 9 | PSTATE_IL);
    set_el(m, 0);
    before = m->pe[0].r;
    assert_false(host_eret(m, 0));
    assert_memory_equal(&before, &m->pe[0].r, sizeof(before));
}

/* What goes out of an exception comes back. */
static void test_round_trip(void **state)
{
    struct machine *m = *state;
    uint64_t pstate = 0 | PSTATE_NZCV | PSTATE_PAN;

    m->pe[0].r.pstate = pstate;
    host_exception(m, 0, 1, HOST_SYNC, 0, NULL, NULL, 0x4440);
    host_exception(m, 0, 2, HOST_IRQ, 0, NULL, NULL, m->pe[0].r.pc);
    assert_true(host_eret(m, 0));
    assert_true(host_eret(m, 0));
    assert_int_equal(m->pe[0].r.pc, 0x4440);
    assert_int_equal(m->pe[0].r.pstate, pstate);
}

/* --- traps of instructions ------------------------------------------------------------------------------------------ */

#define TWI   (1ull << 13)
#define TWE   (1ull << 14)
#define TSC   (1ull << 19)
#define HCD   (1ull << 29)
#define NTWI  (1ull << 16)
#define NTWE  (1ull << 18)
#define NEVER (NTWI | NTWE)

static void test_wfx(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr, sctlr1, sctlr2;
        unsigned wfi, wfe;
    } row[] = {
        {2, TWI | TWE, 0, 0, 0, 0},
        {1, 0, 0, 0, 0, 0}, /* nTWI is about EL0 */
        {1, TWI, 0, 0, 2, 0},
        {1, TWE, 0, 0, 0, 2},
        {0, 0, NEVER, 0, 0, 0},
        {0, 0, NTWE, NEVER, 1, 0},
        {0, 0, NTWI, NEVER, 0, 1},
        {0, TWI | TWE, NEVER, NEVER, 2, 2},
        {0, TWI | TWE, 0, NEVER, 1, 1}, /* EL1's comes first */
        {0, HCR_TGE, 0, NEVER, 2, 2},
        {0, HCR_E2H | HCR_TGE, 0, NEVER, 0, 0},
        {0, HCR_E2H | HCR_TGE, NEVER, NTWI, 0, 2},
        {0, HCR_E2H | HCR_TGE | TWI | TWE, NEVER, NEVER, 0, 0},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_el(m, row[i].el);
        set_hcr(m, row[i].hcr);
        *el1_reg(m, SR_SCTLR_EL1) = row[i].sctlr1;
        *el2_reg(m, HS_SCTLR_EL2) = row[i].sctlr2;
        if (host_wfx_trap_el(m, 0, false) != row[i].wfi ||
            host_wfx_trap_el(m, 0, true) != row[i].wfe)
            fail_msg("row %zu: %u, %u", i, host_wfx_trap_el(m, 0, false),
                     host_wfx_trap_el(m, 0, true));
    }
}

static void test_calls(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr;
        int smc, hvc;
    } row[] = {
        {2, TSC, 0, 0}, {1, 0, 0, 0}, {1, TSC, 2, 0}, {0, 0, -1, -1}, {0, TSC | HCR_TGE, -1, -1},
        {1, HCD, 0, 0} /* RES0 */};
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_el(m, row[i].el);
        set_hcr(m, row[i].hcr);
        assert_int_equal(host_smc_trap_el(m, 0), row[i].smc);
        assert_int_equal(host_hvc_trap_el(m, 0), row[i].hvc);
    }
}

#define FPEN(n) ((uint64_t)(n) << 20)
#define TFP     (1ull << 10)

static void test_fp(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr, cpacr, cptr;
        int expected;
    } row[] = {
        {2, 0, 0, 0, 0}, /* CPACR_EL1 is for EL1 and EL0 */
        {2, 0, FPEN(3), TFP, 2},
        {2, HCR_E2H, 0, FPEN(3), 0},
        {2, HCR_E2H, 0, FPEN(1), 0},
        {2, HCR_E2H, 0, FPEN(0), 2},
        {2, HCR_E2H, 0, FPEN(2), 2},
        {2, HCR_E2H, 0, FPEN(3) | TFP, 0}, /* another layout */
        {1, 0, FPEN(3), 0, 0},
        {1, 0, FPEN(1), 0, 0},
        {1, 0, FPEN(0), 0, 1},
        {1, 0, FPEN(2), TFP, 1},
        {1, 0, FPEN(3), TFP, 2},
        {1, HCR_E2H, FPEN(3), FPEN(0), 2},
        {1, HCR_E2H, FPEN(3), FPEN(1), 0},
        {0, 0, FPEN(3), 0, 0},
        {0, 0, FPEN(1), 0, 1},
        {0, 0, FPEN(3), TFP, 2},
        {0, HCR_TGE, FPEN(1), 0, -1}, /* EL1's trap, at EL2: an undefined instruction */
        {0, HCR_TGE, FPEN(3), TFP, 2},
        {0, HCR_E2H | HCR_TGE, 0, FPEN(3), 0},
        {0, HCR_E2H | HCR_TGE, FPEN(3), FPEN(1), 2},
        {0, HCR_E2H, FPEN(3), FPEN(1), 0},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_el(m, row[i].el);
        set_hcr(m, row[i].hcr);
        *el1_reg(m, SR_CPACR_EL1) = row[i].cpacr;
        *el2_reg(m, HS_CPTR_EL2) = row[i].cptr;
        if (host_fp_trap_el(m, 0) != row[i].expected)
            fail_msg("row %zu: %d", i, host_fp_trap_el(m, 0));
    }
}

#define SYS(op1, crn, crm, op2) SYSREG(1, op1, crn, crm, op2)
#define UCI                     (1ull << 26)
#define DZE                     (1ull << 14)

/* EL0, EL1, EL2 as they are; then with every trap of HCR_EL2; then EL0 of EL2's own with them. */
static const struct {
    const char *what;
    uint32_t enc;
    const char *expected;
} sys_rows[] = {
    {"IC IVAU", SYS(3, 7, 5, 1), "ooo 22o o"},
    {"DC CVAC", SYS(3, 7, 10, 1), "ooo 22o o"},
    {"DC CVAU", SYS(3, 7, 11, 1), "ooo 22o o"},
    {"DC CIVAC", SYS(3, 7, 14, 1), "ooo 22o o"},
    {"DC ZVA", SYS(3, 7, 4, 1), "ooo 22o o"},
    {"DC IVAC", SYS(0, 7, 6, 1), "uoo u2o u"},
    {"DC ISW", SYS(0, 7, 6, 2), "uoo u2o u"},
    {"DC CSW", SYS(0, 7, 10, 2), "uoo u2o u"},
    {"DC CISW", SYS(0, 7, 14, 2), "uoo u2o u"},
    {"IC IALLU", SYS(0, 7, 5, 0), "uoo u2o u"},
    {"IC IALLUIS", SYS(0, 7, 1, 0), "uoo u2o u"},
    {"TLBI VMALLE1", SYS(0, 8, 7, 0), "uoo u2o u"},
    {"TLBI VAE1IS", SYS(0, 8, 3, 1), "uoo u2o u"},
    {"TLBI ALLE2", SYS(4, 8, 7, 0), "uuo uuo u"},
    {"TLBI ALLE1IS", SYS(4, 8, 3, 4), "uuo uuo u"},
    {"TLBI VAE2IS", SYS(4, 8, 3, 1), "uuo uuo u"},
    {"TLBI IPAS2E1", SYS(4, 8, 4, 1), "uuo uuo u"},
    {"TLBI VMALLS12E1IS", SYS(4, 8, 3, 6), "uuo uuo u"},
    {"TLBI ALLE3", SYS(6, 8, 7, 0), "uuu uuu u"},
    {"TLBI VAE1OS", SYS(0, 8, 1, 1), "uuu uuu u"},
    {"AT S1E1R", SYS(0, 7, 8, 0), "uoo uoo u"},
    {"AT S1E0W", SYS(0, 7, 8, 3), "uoo uoo u"},
    {"AT S1E1RP", SYS(0, 7, 9, 0), "uoo uoo u"},
    {"AT S1E2R", SYS(4, 7, 8, 0), "uuo uuo u"},
    {"AT S12E1W", SYS(4, 7, 8, 5), "uuo uuo u"},
    {"AT S1E3R", SYS(6, 7, 8, 0), "uuu uuu u"},
    {"DC CVADP", SYS(3, 7, 13, 1), "uuu uuu u"},
    {"S1_0_C15_C0_0", SYS(0, 15, 0, 0), "uuu u2u u"},
};

static char sys_letter(struct machine *m, uint32_t enc)
{
    return "ou12"[host_sys_check(m, 0, enc)];
}

static void test_sys(void **state)
{
    const uint64_t traps =
        1ull << 20 | 1ull << 22 | 1ull << 23 | 1ull << 24 | 1ull << 25 | 1ull << 28;
    struct machine *m = *state;

    *el1_reg(m, SR_SCTLR_EL1) = *el2_reg(m, HS_SCTLR_EL2) = UCI | DZE;
    for (size_t i = 0; i < COUNT(sys_rows); i++) {
        char got[10] = "";

        for (unsigned el = 0; el < 3; el++) {
            set_el(m, el);
            set_hcr(m, 0);
            got[el] = sys_letter(m, sys_rows[i].enc);
            set_hcr(m, traps);
            got[4 + el] = sys_letter(m, sys_rows[i].enc);
        }
        set_el(m, 0);
        set_hcr(m, traps | HCR_E2H | HCR_TGE);
        got[8] = sys_letter(m, sys_rows[i].enc);
        got[3] = got[7] = ' ';
        if (strcmp(got, sys_rows[i].expected) != 0)
            fail_msg("%s: %s, not %s", sys_rows[i].what, got, sys_rows[i].expected);
    }
}

/* One control, one kind of operation; EL0 by SCTLR_EL1, or by SCTLR_EL2 for EL2's own. */
static void test_sys_controls(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr, sctlr1, sctlr2;
        uint32_t enc;
        char expected;
    } row[] = {
        {1, 1ull << 22, 0, 0, SYS(0, 7, 14, 2), '2'},
        {1, 1ull << 22, 0, 0, SYS(0, 7, 6, 1), 'o'},
        {1, 1ull << 23, 0, 0, SYS(0, 7, 6, 1), '2'},
        {1, 1ull << 23, 0, 0, SYS(3, 7, 11, 1), 'o'},
        {1, 1ull << 24, 0, 0, SYS(3, 7, 11, 1), '2'},
        {1, 1ull << 24, 0, 0, SYS(3, 7, 10, 1), 'o'},
        {1, 1ull << 25, 0, 0, SYS(0, 8, 7, 1), '2'},
        {1, 1ull << 25, 0, 0, SYS(0, 7, 8, 0), 'o'},
        {1, 1ull << 28, 0, 0, SYS(3, 7, 4, 1), '2'},
        {0, 0, 0, UCI, SYS(3, 7, 5, 1), '1'},
        {0, 0, DZE, UCI, SYS(3, 7, 10, 1), '1'},
        {0, 0, UCI, 0, SYS(3, 7, 4, 1), '1'},
        {0, HCR_TGE, 0, UCI, SYS(3, 7, 5, 1), '2'},
        {0, HCR_E2H | HCR_TGE, UCI, 0, SYS(3, 7, 5, 1), '2'},
        {0, HCR_E2H | HCR_TGE, 0, UCI, SYS(3, 7, 5, 1), 'o'},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_el(m, row[i].el);
        set_hcr(m, row[i].hcr);
        *el1_reg(m, SR_SCTLR_EL1) = row[i].sctlr1;
        *el2_reg(m, HS_SCTLR_EL2) = row[i].sctlr2;
        if (sys_letter(m, row[i].enc) != row[i].expected)
            fail_msg("row %zu: %c", i, sys_letter(m, row[i].enc));
    }
}

static void test_reset(void **state)
{
    struct machine *m = *state;

    memset(&m->pe[0].r, 0xff, sizeof(m->pe[0].r));
    memset(m->plat->pe[0].el2, 0xff, sizeof(m->plat->pe[0].el2));
    m->plat->pe[0].on = true;
    m->pe[0].irq_pending = true;
    host_reset(m, 0, 0x88000000, 7);
    assert_int_equal(m->pe[0].r.pc, 0x88000000);
    assert_int_equal(m->pe[0].r.x[0], 7);
    assert_int_equal(m->pe[0].r.x[1], 0);
    assert_int_equal(m->pe[0].r.pstate, 9 | PSTATE_DAIF);
    assert_int_equal(*el2_reg(m, HS_SCTLR_EL2) & 0x1005, 0); /* I, C, M */
    assert_int_equal(*el2_reg(m, HS_HCR_EL2), 1ull << 31);
    assert_int_equal(*el2_reg(m, HS_VMPIDR_EL2), m->plat->desc->mpidr[0] | 1ull << 31);
    assert_int_equal(*el2_reg(m, HS_VBAR_EL2), 0);
    assert_false(m->pe[0].irq_pending);
    assert_true(m->plat->pe[0].on); /* PSCI's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_vectors, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_pstate_on_entry, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_syndrome, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_sync_el, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_returns, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_return_of_il_and_at_el0, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_round_trip, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_wfx, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_calls, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_fp, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_sys, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_sys_controls, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_reset, host_setup, host_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
