/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers of host code: who may, what a name means, what EL2 traps, and values. */
#include "host_fixture.h"

struct access_row {
    const char *name;
    uint32_t enc;
    const char *expected;
};
#include "access.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The columns of access.h. */
static const struct {
    unsigned el;
    uint64_t hcr;
} columns[] = {{0, 0}, {0, HCR_TGE}, {0, HCR_E2H | HCR_TGE}, {1, 0}, {1, HCR_E2H},
               {2, 0}, {2, HCR_E2H}};
#define NUM_COLUMNS COUNT(columns)
#define WORD        (NUM_COLUMNS + 1)

#define HCR_ALL_TRAPS                                                                           \
    (1ull << 15 | 1ull << 16 | 1ull << 17 | 1ull << 18 | 1ull << 20 | 1ull << 21 | 1ull << 26 | \
     1ull << 30 | 1ull << 36) /* TID0 to TID3, TIDCP, TACR, TVM, TRVM, TERR */
#define MDCR_ALL_TRAPS (1ull << 5 | 1ull << 6 | 1ull << 8 | 1ull << 9 | 1ull << 10 | 1ull << 11)
#define EL0_MAY        (1ull << 9 | 1ull << 14 | 1ull << 15) /* SCTLR_ELx.{UMA,DZE,UCT} */
#define TIMERS_MAY     0xf03ull /* bits of CNTKCTL_EL1 and CNTHCTL_EL2, EL1's and EL0's */

static void set_controls(struct machine *m, unsigned column, bool closed)
{
    uint64_t may = closed ? 0 : EL0_MAY, timers = closed ? 0 : TIMERS_MAY;

    host_reset(m, 0, 0x80000000, 0);
    set_el(m, columns[column].el);
    set_hcr(m, columns[column].hcr | (closed ? HCR_ALL_TRAPS : 0));
    *el2_reg(m, HS_MDCR_EL2) |= closed ? MDCR_ALL_TRAPS : 0;
    *el2_reg(m, HS_CPTR_EL2) = closed ? 1ull << 31 : 0;
    *el2_reg(m, HS_CNTHCTL_EL2) = timers;
    *el1_reg(m, SR_CNTKCTL_EL1) = timers;
    *el2_reg(m, HS_SCTLR_EL2) = may;
    *el1_reg(m, SR_SCTLR_EL1) = may;
    *el1_reg(m, SR_MDSCR_EL1) = closed ? 1ull << 12 : 0; /* TDCC */
    m->plat->pe[0].pmu.userenr = !closed;
}

static char letter(enum sysreg_result r)
{
    return "ou12"[r];
}

/* The four words of a row, as the model has them. */
static void accessed(struct machine *m, uint32_t enc, char out[4 * WORD])
{
    for (unsigned word = 0; word < 4; word++) {
        for (unsigned i = 0; i < NUM_COLUMNS; i++) {
            uint64_t value = 0;

            set_controls(m, i, word >= 2);
            out[word * WORD + i] =
                letter(host_sysreg_access(m, 0, enc, word & 1, &value, m->vtime));
        }
        out[word * WORD + NUM_COLUMNS] = word < 3 ? ' ' : '\0';
    }
}

static void test_access(void **state)
{
    char got[4 * WORD];

    for (size_t i = 0; i < COUNT(access_rows); i++) {
        accessed(*state, access_rows[i].enc, got);
        if (strcmp(got, access_rows[i].expected) != 0)
            fail_msg("%s: %s, not %s", access_rows[i].name, got, access_rows[i].expected);
    }
}

/* HCR_EL2.TIDCP takes what is IMPLEMENTATION DEFINED from EL1, undefined or not. */
static void test_absent(void **state)
{
    char got[4 * WORD];

    for (size_t i = 0; i < COUNT(absent_rows); i++) {
        bool imp_def = (absent_rows[i].enc >> 7 & 15) == 15;

        accessed(*state, absent_rows[i].enc, got);
        if (strcmp(got, imp_def ? "uuuuuuu uuuuuuu uuu22uu uuu22uu"
                                : "uuuuuuu uuuuuuu uuuuuuu uuuuuuu") != 0)
            fail_msg("%s: %s", absent_rows[i].name, got);
    }
}

/* Nothing that is refused changes anything. */
static void test_refused_changes_nothing(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(access_rows); i++)
        for (unsigned column = 0; column < NUM_COLUMNS; column++) {
            struct host_pe before;
            struct pe_regs regs;

            set_controls(m, column, true);
            before = m->plat->pe[0];
            regs = m->pe[0].r;
            if (write_reg(m, access_rows[i].enc, 0x55) == SYSREG_OK)
                continue;
            if (memcmp(&before.el2, &m->plat->pe[0].el2, sizeof(before.el2)) != 0 ||
                memcmp(&regs, &m->pe[0].r, sizeof(regs)) != 0)
                fail_msg("%s: column %u: refused, and written", access_rows[i].name, column);
        }
}

/* --- names under HCR_EL2.E2H -------------------------------------------------------------------------------------- */

#define S(op1, crn, crm, op2) SYSREG(3, op1, crn, crm, op2)
static const struct {
    const char *name;
    uint32_t el1, el12; /* encodings */
    enum pe_sysreg sr;
    enum host_sysreg hs;
} names[] = {
    {"SCTLR", S(0, 1, 0, 0), S(5, 1, 0, 0), SR_SCTLR_EL1, HS_SCTLR_EL2},
    {"CPACR", S(0, 1, 0, 2), S(5, 1, 0, 2), SR_CPACR_EL1, HS_CPTR_EL2},
    {"TTBR0", S(0, 2, 0, 0), S(5, 2, 0, 0), SR_TTBR0_EL1, HS_TTBR0_EL2},
    {"TTBR1", S(0, 2, 0, 1), S(5, 2, 0, 1), SR_TTBR1_EL1, HS_TTBR1_EL2},
    {"TCR", S(0, 2, 0, 2), S(5, 2, 0, 2), SR_TCR_EL1, HS_TCR_EL2},
    {"SPSR", S(0, 4, 0, 0), S(5, 4, 0, 0), SR_SPSR_EL1, HS_SPSR_EL2},
    {"ELR", S(0, 4, 0, 1), S(5, 4, 0, 1), SR_ELR_EL1, HS_ELR_EL2},
    {"AFSR0", S(0, 5, 1, 0), S(5, 5, 1, 0), SR_AFSR0_EL1, HS_AFSR0_EL2},
    {"AFSR1", S(0, 5, 1, 1), S(5, 5, 1, 1), SR_AFSR1_EL1, HS_AFSR1_EL2},
    {"ESR", S(0, 5, 2, 0), S(5, 5, 2, 0), SR_ESR_EL1, HS_ESR_EL2},
    {"FAR", S(0, 6, 0, 0), S(5, 6, 0, 0), SR_FAR_EL1, HS_FAR_EL2},
    {"MAIR", S(0, 10, 2, 0), S(5, 10, 2, 0), SR_MAIR_EL1, HS_MAIR_EL2},
    {"AMAIR", S(0, 10, 3, 0), S(5, 10, 3, 0), SR_AMAIR_EL1, HS_AMAIR_EL2},
    {"VBAR", S(0, 12, 0, 0), S(5, 12, 0, 0), SR_VBAR_EL1, HS_VBAR_EL2},
    {"CONTEXTIDR", S(0, 13, 0, 1), S(5, 13, 0, 1), SR_CONTEXTIDR_EL1, HS_CONTEXTIDR_EL2},
    {"CNTKCTL", S(0, 14, 1, 0), S(5, 14, 1, 0), SR_CNTKCTL_EL1, HS_CNTHCTL_EL2},
    {"CNTP_CVAL", S(3, 14, 2, 2), S(5, 14, 2, 2), SR_CNTP_CVAL_EL0, HS_CNTHP_CVAL_EL2},
    {"CNTV_CVAL", S(3, 14, 3, 2), S(5, 14, 3, 2), SR_CNTV_CVAL_EL0, HS_CNTHV_CVAL_EL2},
    {"CNTP_CTL", S(3, 14, 2, 1), S(5, 14, 2, 1), SR_CNTP_CTL_EL0, HS_CNTHP_CTL_EL2},
    {"CNTV_CTL", S(3, 14, 3, 1), S(5, 14, 3, 1), SR_CNTV_CTL_EL0, HS_CNTHV_CTL_EL2},
};

/* A write by the name lands in `there` and not in `not_there`, and reads back. */
static void check_lands(struct machine *m, const char *name, uint32_t enc, const uint64_t *there,
                        const uint64_t *not_there)
{
    uint64_t before = *not_there;

    put(m, enc, 1);
    if (*there != 1 || *not_there != before || (get(m, enc) & 1) != 1)
        fail_msg("%s: written to another register", name);
}

static void test_redirection(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(names); i++) {
        uint64_t *el1 = el1_reg(m, names[i].sr), *el2 = el2_reg(m, names[i].hs);

        set_controls(m, 6, false);
        check_lands(m, names[i].name, names[i].el1, el2, el1);
        set_controls(m, 6, false);
        check_lands(m, names[i].name, names[i].el12, el1, el2);
        set_controls(m, 5, false);
        check_lands(m, names[i].name, names[i].el1, el1, el2);
        set_controls(m, 4, false);
        check_lands(m, names[i].name, names[i].el1, el1, el2);
    }
}

/* EL0 of EL2's own has EL2's timers; that of EL1 EL1's. */
static void test_timers_of_el0(void **state)
{
    struct machine *m = *state;
    uint64_t *el1 = el1_reg(m, SR_CNTV_CVAL_EL0), *el2 = el2_reg(m, HS_CNTHV_CVAL_EL2);

    set_controls(m, 2, false);
    check_lands(m, "EL0 with E2H and TGE", S(3, 14, 3, 2), el2, el1);
    set_controls(m, 0, false);
    check_lands(m, "EL0", S(3, 14, 3, 2), el1, el2);
}

/* --- one control at a time ---------------------------------------------------------------------------------------- */

#define HCR(b)  HS_HCR_EL2, 1ull << (b)
#define MDCR(b) HS_MDCR_EL2, 1ull << (b)
static const struct {
    const char *what;
    enum host_sysreg control;
    uint64_t bit;
    uint32_t enc;
    const char *expected; /* read, write at EL1; read, write at EL2 */
} traps[] = {
    {"TVM: writes only", HCR(26), S(0, 1, 0, 0), "o2oo"},
    {"TRVM: reads only", HCR(30), S(0, 2, 0, 2), "2ooo"},
    {"TVM: VBAR_EL1 is not among them", HCR(26), S(0, 12, 0, 0), "oooo"},
    {"TACR", HCR(21), S(0, 1, 0, 1), "22oo"},
    {"TID1", HCR(16), S(0, 0, 0, 6), "2uou"},
    {"TID2", HCR(17), S(1, 0, 0, 1), "2uou"},
    {"TID3", HCR(18), S(0, 0, 7, 0), "2uou"},
    {"TID3: reserved ones too", HCR(18), S(0, 0, 7, 7), "2uou"},
    {"TID3: not MIDR_EL1", HCR(18), S(0, 0, 0, 0), "ouou"},
    {"TIDCP", HCR(20), S(0, 15, 1, 0), "22uu"},
    {"TERR", HCR(36), S(0, 5, 3, 0), "2uou"},
    {"TCPAC", HS_CPTR_EL2, 1ull << 31, S(0, 1, 0, 2), "22oo"},
    {"TPM", MDCR(6), S(3, 9, 12, 1), "22oo"},
    {"TPMCR", MDCR(5), S(3, 9, 12, 0), "22oo"},
    {"TPMCR: no other", MDCR(5), S(3, 9, 12, 1), "oooo"},
    {"TDE", MDCR(8), SYSREG(2, 0, 0, 2, 2), "22oo"},
    {"TDA", MDCR(9), SYSREG(2, 0, 0, 0, 5), "22oo"},
    {"TDA: not the OS lock", MDCR(9), SYSREG(2, 0, 1, 1, 4), "ouou"},
    {"TDOSA", MDCR(10), SYSREG(2, 0, 1, 1, 4), "2uou"},
    {"TDRA", MDCR(11), SYSREG(2, 0, 1, 0, 0), "2uou"},
    {"AMO: DISR_EL1 is the virtual one", HCR(5), S(0, 12, 1, 1), "oooo"},
};

static void test_single_traps(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(traps); i++) {
        char got[5] = "";

        for (unsigned k = 0; k < 4; k++) {
            set_controls(m, k < 2 ? 3 : 5, false);
            *el2_reg(m, traps[i].control) |= traps[i].bit;
            uint64_t value = 0;

            got[k] = letter(host_sysreg_access(m, 0, traps[i].enc, k & 1, &value, m->vtime));
        }
        if (strcmp(got, traps[i].expected) != 0)
            fail_msg("%s: %s, not %s", traps[i].what, got, traps[i].expected);
    }
}

/* EL1PCTEN and EL1PCEN are bits 0 and 1 of CNTHCTL_EL2; with E2H bits 10 and 11, where 0 and 1 are EL0's. */
static void test_cnthctl_layouts(void **state)
{
    static const struct {
        uint64_t hcr, cnthctl;
        char pct, ptimer;
    } row[] = {
        {0, 1, 'o', '2'},           {0, 2, '2', 'o'},           {0, 0xc00, '2', '2'},
        {HCR_E2H, 0x400, 'o', '2'}, {HCR_E2H, 0x800, '2', 'o'}, {HCR_E2H, 3, '2', '2'},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        uint64_t value;

        set_controls(m, 3, false);
        set_hcr(m, row[i].hcr);
        *el2_reg(m, HS_CNTHCTL_EL2) = row[i].cnthctl;
        assert_int_equal(letter(read_reg(m, S(3, 14, 0, 1), &value)), row[i].pct);
        assert_int_equal(letter(read_reg(m, S(3, 14, 2, 1), &value)), row[i].ptimer);
        assert_int_equal(letter(read_reg(m, S(3, 14, 3, 1), &value)), 'o');
    }
}

/* A bit for each counter and timer; CNTFRQ_EL0 wants one of the counters. What EL2 takes from EL1 it takes from EL0. */
static void test_timers_one_bit(void **state)
{
    static const uint32_t enc[] = {S(3, 14, 0, 0), S(3, 14, 0, 1), S(3, 14, 0, 2), S(3, 14, 2, 1),
                                   S(3, 14, 3, 1)};
    static const struct {
        unsigned column;
        uint64_t cntkctl, cnthctl;
        const char *expected; /* CNTFRQ, CNTPCT, CNTVCT, CNTP, CNTV */
    } row[] = {
        {0, 1, 3, "oo111"},         {0, 2, 3, "o1o11"},     {0, 0x200, 3, "111o1"},
        {0, 0x100, 3, "1111o"},     {0, 0x303, 0, "o2o2o"}, {0, 0x303, 1, "ooo2o"},
        {2, 0, 1, "oo222"},         {2, 0, 2, "o2o22"},     {2, 0, 0x200, "222o2"},
        {2, 0x303, 0x100, "2222o"},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        char got[COUNT(enc) + 1] = "";

        set_controls(m, row[i].column, true);
        set_hcr(m, columns[row[i].column].hcr);
        *el1_reg(m, SR_CNTKCTL_EL1) = row[i].cntkctl;
        *el2_reg(m, HS_CNTHCTL_EL2) = row[i].cnthctl;
        for (size_t k = 0; k < COUNT(enc); k++) {
            uint64_t value;

            got[k] = letter(read_reg(m, enc[k], &value));
        }
        if (strcmp(got, row[i].expected) != 0)
            fail_msg("row %zu: %s, not %s", i, got, row[i].expected);
    }
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void test_id_registers(void **state)
{
    struct machine *m = *state;
    uint64_t pfr0 = get(m, S(0, 0, 4, 0)), mmfr0 = get(m, S(0, 0, 7, 0));
    uint64_t mmfr1 = get(m, S(0, 0, 7, 1)), dfr0 = get(m, S(0, 0, 5, 0));

    assert_int_equal(pfr0 & 0xffff, 0x1111);    /* AArch64 only */
    assert_int_equal(pfr0 >> 24 & 15, 1);       /* GIC */
    assert_int_equal(pfr0 >> 32 & 15, 0);       /* SVE */
    assert_int_equal(pfr0 >> 52 & 15, 1);       /* RME */
    assert_int_equal(mmfr0 >> 20 & 0xfff, 1);   /* TGran16; TGran64 and TGran4 are 0 where there */
    assert_int_equal(mmfr1 & 15, 2);            /* HAFDBS */
    assert_int_equal(mmfr1 >> 8 & 15, 1);       /* VH */
    assert_int_equal(dfr0 >> 8 & 15, 1);        /* PMUVer */
    assert_int_equal(get(m, S(0, 0, 6, 1)), 0); /* neither pointer authentication nor ... */
    assert_int_equal(get(m, S(0, 0, 4, 1)), 0); /* MTE */
    assert_int_equal(get(m, S(0, 0, 4, 4)), 0); /* SVE */

    m->impl.pmu = false;
    m->impl.vmid_bits = 16;
    assert_int_equal(get(m, S(0, 0, 5, 0)) >> 8 & 15, 0);
    assert_int_equal(get(m, S(0, 0, 7, 1)) >> 4 & 15, 2);
}

static void test_parange(void **state)
{
    static const struct {
        uint8_t pa_bits, s2sz;
        uint64_t parange;
    } row[] = {{32, 32, 0}, {36, 36, 1}, {40, 40, 2}, {40, 42, 3}, {44, 40, 4}, {40, 48, 5}};
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        m->impl.pa_bits = row[i].pa_bits;
        m->impl.s2sz = row[i].s2sz;
        assert_int_equal(get(m, S(0, 0, 7, 0)) & 15, row[i].parange);
    }
}

/* EL1 sees what EL2 lets it see. */
static void test_who_am_i(void **state)
{
    struct machine *m = *state;

    assert_int_equal(get(m, S(0, 0, 0, 5)), m->plat->desc->mpidr[0] | 1ull << 31);
    put(m, S(4, 0, 0, 5), 0x80000042);
    put(m, S(4, 0, 0, 0), 0x410fd0f0);
    assert_int_equal(get(m, S(0, 0, 0, 5)), m->plat->desc->mpidr[0] | 1ull << 31);
    set_el(m, 1);
    assert_int_equal(get(m, S(0, 0, 0, 5)), 0x80000042);
    assert_int_equal(get(m, S(0, 0, 0, 0)), 0x410fd0f0);
}

static void test_hcr_fields(void **state)
{
    struct machine *m = *state;

    put(m, S(4, 1, 1, 0), 0);
    assert_int_equal(get(m, S(4, 1, 1, 0)), 1ull << 31); /* RW: no AArch32 */
    put(m, S(4, 1, 1, 0), UINT64_MAX);
    /* All that DDI0487 D24.2.62 has, but for features that are not there (NV, API, ATA, TLOR ...), and HCD, as EL3 is. */
    assert_int_equal(get(m, S(4, 1, 1, 0)), 0x00014037dfffffff);
}

static void test_pstate_registers(void **state)
{
    struct machine *m = *state;

    m->pe[0].r.pstate = 0x9 | PSTATE_DAIF | 0xaull << 28;
    assert_int_equal(get(m, S(0, 4, 2, 2)), 8);
    assert_int_equal(get(m, S(3, 4, 2, 1)), PSTATE_DAIF);
    assert_int_equal(get(m, S(3, 4, 2, 0)), 0xaull << 28);
    put(m, S(3, 4, 2, 1), 1ull << 7);
    put(m, S(0, 4, 2, 3), ~0ull);
    assert_int_equal(m->pe[0].r.pstate, 0x9 | 1ull << 7 | 0xaull << 28 | 1ull << 22);
    /* SP_EL0 by name only while it is not SP */
    put(m, S(0, 4, 1, 0), 0x1234);
    put(m, S(0, 4, 2, 0), 0);
    assert_int_equal(write_reg(m, S(0, 4, 1, 0), 1), SYSREG_UNDEF);
    assert_int_equal(*el1_reg(m, SR_SP_EL0), 0x1234);
}

static void test_os_lock(void **state)
{
    struct machine *m = *state;

    assert_int_equal(get(m, SYSREG(2, 0, 1, 1, 4)), 0xa); /* locked by reset */
    put(m, SYSREG(2, 0, 1, 0, 4), 0);
    assert_int_equal(get(m, SYSREG(2, 0, 1, 1, 4)), 8);
    put(m, SYSREG(2, 0, 1, 0, 4), 1);
    assert_int_equal(get(m, SYSREG(2, 0, 1, 1, 4)), 0xa);
}

/* As many breakpoints and watchpoints as ID_AA64DFR0_EL1 says; the next one is undefined. */
static void test_breakpoint_registers(void **state)
{
    struct machine *m = *state;
    uint64_t dfr0 = get(m, S(0, 0, 5, 0)), value;
    uint32_t brps = dfr0 >> 12 & 15, wrps = dfr0 >> 20 & 15;

    assert_int_equal(get(m, SYSREG(2, 0, 0, brps, 4)), 0);
    assert_int_equal(read_reg(m, SYSREG(2, 0, 0, brps + 1, 5), &value), SYSREG_UNDEF);
    assert_int_equal(get(m, SYSREG(2, 0, 0, wrps, 7)), 0);
    assert_int_equal(read_reg(m, SYSREG(2, 0, 0, wrps + 1, 6), &value), SYSREG_UNDEF);
    set_el(m, 0);
    assert_int_equal(read_reg(m, SYSREG(2, 0, 0, 0, 4), &value), SYSREG_UNDEF);
}

static void test_dczid(void **state)
{
    static const struct {
        unsigned column;
        uint64_t sctlr, hcr;
        uint64_t value;
    } row[] = {
        {0, 1ull << 14, 0, 4},           {0, 0, 0, 20},
        {0, 1ull << 14, 1ull << 28, 20}, {3, 0, 0, 4},
        {3, 0, 1ull << 28, 20},          {5, 0, 1ull << 28, 4},
        {2, 1ull << 14, 1ull << 28, 4},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_controls(m, row[i].column, false);
        *el1_reg(m, SR_SCTLR_EL1) = *el2_reg(m, HS_SCTLR_EL2) = row[i].sctlr;
        *el2_reg(m, HS_HCR_EL2) |= row[i].hcr;
        assert_int_equal(get(m, S(3, 0, 0, 7)), row[i].value);
    }
}

/* The same number at the same time, others later, and for another seed. */
static void test_random(void **state)
{
    struct machine *m = *state;
    uint64_t first = get(m, S(3, 2, 4, 0));

    m->pe[0].r.pstate |= 0xfull << 28;
    assert_int_equal(get(m, S(3, 2, 4, 0)), first);
    assert_int_equal(m->pe[0].r.pstate >> 28, 0);
    m->vtime++;
    assert_int_not_equal(get(m, S(3, 2, 4, 0)), first);
    m->vtime--;
    m->impl.seed++;
    assert_int_not_equal(get(m, S(3, 2, 4, 0)), first);
}

static void test_changes_space(void **state)
{
    static const struct {
        uint32_t enc;
        bool changes;
    } row[] = {
        {S(0, 1, 0, 0), true},    {S(5, 1, 0, 0), true},   {S(4, 1, 0, 0), true},
        {S(4, 1, 1, 0), true},    {S(4, 2, 1, 0), true},   {S(4, 2, 1, 2), true},
        {S(0, 2, 0, 1), true},    {S(5, 2, 0, 2), true},   {S(0, 4, 2, 3), true},
        {S(4, 1, 1, 2), true},    {S(0, 12, 0, 0), false}, {S(4, 12, 0, 0), false},
        {S(3, 13, 0, 2), false},  {S(3, 14, 3, 1), false}, {S(3, 4, 2, 1), false},
        {S(0, 12, 12, 0), false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(row); i++)
        assert_int_equal(host_sysreg_changes_space(row[i].enc), row[i].changes);
}

/* --- PMU ---------------------------------------------------------------------------------------------------------- */

#define PMCR        S(3, 9, 12, 0)
#define PMCNTENSET  S(3, 9, 12, 1)
#define PMCCNTR     S(3, 9, 13, 0)
#define PMEVCNTR(n) S(3, 14, 8, n)

/* EL2 keeps the counters from MDCR_EL2.HPMN on. */
static void test_pmu_partition(void **state)
{
    struct machine *m = *state;
    uint64_t value;

    assert_int_equal(get(m, PMCR) >> 11 & 31, m->impl.pmu_num_ctrs);
    put(m, PMEVCNTR(1), 11);
    put(m, PMEVCNTR(2), 22);
    put(m, S(4, 1, 1, 1), 2);
    assert_int_equal(get(m, PMCR) >> 11 & 31, m->impl.pmu_num_ctrs);
    set_el(m, 1);
    assert_int_equal(get(m, PMCR) >> 11 & 31, 2);
    assert_int_equal(read_reg(m, PMEVCNTR(2), &value), SYSREG_UNDEF);
    put(m, PMCNTENSET, UINT32_MAX);
    assert_int_equal(get(m, PMCNTENSET), 1u << 31 | 3);
    put(m, PMCR, 2); /* P: zero the event counters, EL1's */
    set_el(m, 2);
    assert_int_equal(get(m, PMEVCNTR(1)), 0);
    assert_int_equal(get(m, PMEVCNTR(2)), 22);
}

static void test_pmu_counts(void **state)
{
    struct machine *m = *state;

    put(m, PMCNTENSET, 1u << 31);
    put(m, PMCR, 1);
    m->vtime += 100;
    assert_int_equal(get(m, PMCCNTR), 100);
    put(m, PMCR, 0);
    m->vtime += 100;
    assert_int_equal(get(m, PMCCNTR), 100);
}

static void test_no_pmu(void **state)
{
    struct machine *m = *state;
    uint64_t value;

    m->impl.pmu = false;
    host_reset(m, 0, 0x80000000, 0);
    assert_int_equal(read_reg(m, PMCR, &value), SYSREG_UNDEF);
}

/* --- timers: values ----------------------------------------------------------------------------------------------- */

#define CNTFRQ    S(3, 14, 0, 0)
#define CNTPCT    S(3, 14, 0, 1)
#define CNTVCT    S(3, 14, 0, 2)
#define CNTV_TVAL S(3, 14, 3, 0)
#define CNTV_CTL  S(3, 14, 3, 1)
#define CNTV_CVAL S(3, 14, 3, 2)
#define CNTVOFF   S(4, 14, 0, 3)

static void test_counters(void **state)
{
    struct machine *m = *state;

    assert_int_equal(get(m, CNTFRQ), m->cntfrq);
    assert_int_equal(get(m, CNTPCT), NOW);
    put(m, CNTVOFF, 1000);
    assert_int_equal(get(m, CNTVCT), NOW - 1000);
    set_hcr(m, HCR_E2H); /* no offset for EL2 itself */
    assert_int_equal(get(m, CNTVCT), NOW);
    set_controls(m, 4, false);
    *el2_reg(m, HS_CNTVOFF_EL2) = 1000;
    assert_int_equal(get(m, CNTVCT), NOW - 1000);
    set_controls(m, 2, false);
    *el2_reg(m, HS_CNTVOFF_EL2) = 1000;
    assert_int_equal(get(m, CNTVCT), NOW);
}

static void test_timer_values(void **state)
{
    struct machine *m = *state;

    put(m, CNTVOFF, 1000);
    put(m, CNTV_TVAL, 50);
    assert_int_equal(get(m, CNTV_CVAL), NOW - 1000 + 50);
    put(m, CNTV_CTL, 1);
    assert_int_equal(get(m, CNTV_CTL), 1);
    m->vtime += 50;
    assert_int_equal(get(m, CNTV_CTL), 5); /* ISTATUS */
    m->vtime += 10;
    assert_int_equal(get(m, CNTV_TVAL), (uint32_t)-10);
    put(m, CNTV_TVAL, (uint32_t)-1);
    assert_int_equal(get(m, CNTV_CVAL), NOW - 1000 + 59);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_access, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_absent, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_refused_changes_nothing, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_redirection, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timers_of_el0, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_single_traps, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_cnthctl_layouts, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timers_one_bit, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_id_registers, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_parange, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_who_am_i, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_hcr_fields, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_pstate_registers, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_os_lock, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_breakpoint_registers, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_dczid, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_random, host_setup, host_teardown),
        cmocka_unit_test(test_changes_space),
        cmocka_unit_test_setup_teardown(test_pmu_partition, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_pmu_counts, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_no_pmu, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_counters, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timer_values, host_setup, host_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
