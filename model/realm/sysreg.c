/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers of EL1 and EL0 as a Realm finds them: one table says what each is. Accesses that the RMM has made
 * trap (HCR_EL2.TID3, TIDCP, IMO and FMO; CPTR_EL2.TTA, TAM; ICH_HCR_EL2.TDIR) go to EL2.
 */
#include <stdio.h>
#include <string.h>

#include "realm/gic.h"
#include "realm/pmu.h"
#include "realm/rec.h"
#include "realm/sysreg.h"
#include "realm/timer.h"

enum kind {
    K_STORE, /* a field of pe_regs */
    K_CONST,
    K_WO_CONST, /* written without effect, too */
    K_PSTATE,   /* bits of PSTATE */
    K_TIMER,
    K_MPIDR,
    K_RNDR,
    K_DCZID,
    K_ISR,
    K_ICC, /* virtual CPU interface */
    K_SGI, /* its writes trap to EL2 */
    K_PMU,
    K_ID, /* HCR_EL2.TID3 */
};

/* EL0: 0 never, 1 always, else bit of CNTKCTL_EL1 + 2, or 64 + bit of SCTLR_EL1. */
#define ALWAYS     1
#define CNTKCTL(b) (2 + (b))
#define SCTLR(b)   (64 + (b))
#define SCTLR_UMA  SCTLR(9)
#define SCTLR_UCT  SCTLR(15)

struct row {
    const char *name;
    uint16_t enc;
    uint8_t kind;
    uint8_t sr; /* K_STORE: enum pe_sysreg */
    uint8_t el0_read, el0_write;
    uint64_t value; /* K_CONST; K_PSTATE: bits that it holds */
};

#define S(op1, crn, crm, op2) (uint16_t) SYSREG(3, op1, crn, crm, op2)
#define STORE(n, op1, crn, crm, op2)                        \
    {                                                       \
#n, S(op1, crn, crm, op2), K_STORE, SR_##n, 0, 0, 0 \
    }
#define ICC(n, crm, op2)                                       \
    {                                                          \
        "ICC_" n "_EL1", S(0, 12, crm, op2), K_ICC, 0, 0, 0, 0 \
    }
#define CNT(n, crm, op2, el0, el0w)                      \
    {                                                    \
#n, S(3, 14, crm, op2), K_TIMER, 0, el0, el0w, 0 \
    }
#define PMU(n, op1, crm, op2)                                \
    {                                                        \
#n, S(op1, 9, crm, op2), K_PMU, 0, ALWAYS, ALWAYS, 0 \
    }
#define ID(n, crm, op2)                                     \
    {                                                       \
        "ID_" n "_EL1", S(0, 0, crm, op2), K_ID, 0, 0, 0, 0 \
    }

static const struct row table[] = {
    {"MIDR_EL1", S(0, 0, 0, 0), K_CONST, 0, 0, 0, 0x000F0000}, /* no implementer */
    {"MPIDR_EL1", S(0, 0, 0, 5), K_MPIDR, 0, 0, 0, 0},
    {"REVIDR_EL1", S(0, 0, 0, 6), K_CONST, 0, 0, 0, 0},
    ID("AA64PFR0", 4, 0),
    ID("AA64PFR1", 4, 1),
    ID("AA64ZFR0", 4, 4),
    ID("AA64SMFR0", 4, 5),
    ID("AA64DFR0", 5, 0),
    ID("AA64DFR1", 5, 1),
    ID("AA64AFR0", 5, 4),
    ID("AA64AFR1", 5, 5),
    ID("AA64ISAR0", 6, 0),
    ID("AA64ISAR1", 6, 1),
    ID("AA64ISAR2", 6, 2),
    ID("AA64MMFR0", 7, 0),
    ID("AA64MMFR1", 7, 1),
    ID("AA64MMFR2", 7, 2),
    STORE(SCTLR_EL1, 0, 1, 0, 0),
    STORE(ACTLR_EL1, 0, 1, 0, 1),
    STORE(CPACR_EL1, 0, 1, 0, 2),
    STORE(TTBR0_EL1, 0, 2, 0, 0),
    STORE(TTBR1_EL1, 0, 2, 0, 1),
    STORE(TCR_EL1, 0, 2, 0, 2),
    STORE(SPSR_EL1, 0, 4, 0, 0),
    STORE(ELR_EL1, 0, 4, 0, 1),
    STORE(SP_EL0, 0, 4, 1, 0),
    {"SPSel", S(0, 4, 2, 0), K_PSTATE, 0, 0, 0, 1},
    {"CurrentEL", S(0, 4, 2, 2), K_PSTATE, 0, 0, 0, 0xc},
    {"PAN", S(0, 4, 2, 3), K_PSTATE, 0, 0, 0, 1ull << 22},
    {"UAO", S(0, 4, 2, 4), K_PSTATE, 0, 0, 0, 1ull << 23},
    {"NZCV", S(3, 4, 2, 0), K_PSTATE, 0, ALWAYS, ALWAYS, 0xfull << 28},
    {"DAIF", S(3, 4, 2, 1), K_PSTATE, 0, SCTLR_UMA, SCTLR_UMA, 0xfull << 6},
    {"FPCR", S(3, 4, 4, 0), K_STORE, SR_FPCR, ALWAYS, ALWAYS, 0},
    {"FPSR", S(3, 4, 4, 1), K_STORE, SR_FPSR, ALWAYS, ALWAYS, 0},
    STORE(AFSR0_EL1, 0, 5, 1, 0),
    STORE(AFSR1_EL1, 0, 5, 1, 1),
    STORE(ESR_EL1, 0, 5, 2, 0),
    STORE(FAR_EL1, 0, 6, 0, 0),
    STORE(PAR_EL1, 0, 7, 4, 0),
    STORE(MAIR_EL1, 0, 10, 2, 0),
    STORE(AMAIR_EL1, 0, 10, 3, 0),
    STORE(VBAR_EL1, 0, 12, 0, 0),
    {"ISR_EL1", S(0, 12, 1, 0), K_ISR, 0, 0, 0, 0},
    STORE(DISR_EL1, 0, 12, 1, 1),
    STORE(CONTEXTIDR_EL1, 0, 13, 0, 1),
    STORE(TPIDR_EL1, 0, 13, 0, 4),
    STORE(CNTKCTL_EL1, 0, 14, 1, 0),
    {"CCSIDR_EL1", S(1, 0, 0, 0), K_CONST, 0, 0, 0, 0}, /* no cache is described */
    {"CLIDR_EL1", S(1, 0, 0, 1), K_CONST, 0, 0, 0, 0},
    {"AIDR_EL1", S(1, 0, 0, 7), K_CONST, 0, 0, 0, 0},
    STORE(CSSELR_EL1, 2, 0, 0, 0),
    /* 64-byte lines, neither IDC nor DIC */
    {"CTR_EL0", S(3, 0, 0, 1), K_CONST, 0, SCTLR_UCT, 0, 0x84448004},
    {"DCZID_EL0", S(3, 0, 0, 7), K_DCZID, 0, ALWAYS, 0, 4},
    {"RNDR", S(3, 2, 4, 0), K_RNDR, 0, ALWAYS, 0, 0},
    {"RNDRRS", S(3, 2, 4, 1), K_RNDR, 0, ALWAYS, 0, 0},
    {"TPIDR_EL0", S(3, 13, 0, 2), K_STORE, SR_TPIDR_EL0, ALWAYS, ALWAYS, 0},
    {"TPIDRRO_EL0", S(3, 13, 0, 3), K_STORE, SR_TPIDRRO_EL0, ALWAYS, 0, 0},
    CNT(CNTFRQ_EL0, 0, 0, ALWAYS, 0),
    CNT(CNTPCT_EL0, 0, 1, CNTKCTL(0), 0),
    CNT(CNTVCT_EL0, 0, 2, CNTKCTL(1), 0),
    CNT(CNTP_TVAL_EL0, 2, 0, CNTKCTL(9), CNTKCTL(9)),
    CNT(CNTP_CTL_EL0, 2, 1, CNTKCTL(9), CNTKCTL(9)),
    CNT(CNTP_CVAL_EL0, 2, 2, CNTKCTL(9), CNTKCTL(9)),
    CNT(CNTV_TVAL_EL0, 3, 0, CNTKCTL(8), CNTKCTL(8)),
    CNT(CNTV_CTL_EL0, 3, 1, CNTKCTL(8), CNTKCTL(8)),
    CNT(CNTV_CVAL_EL0, 3, 2, CNTKCTL(8), CNTKCTL(8)),
    {"MDSCR_EL1", (uint16_t)SYSREG(2, 0, 0, 2, 2), K_STORE, SR_MDSCR_EL1, 0, 0, 0},
    {"MDRAR_EL1", (uint16_t)SYSREG(2, 0, 1, 0, 0), K_CONST, 0, 0, 0, 0},
    {"OSLAR_EL1", (uint16_t)SYSREG(2, 0, 1, 0, 4), K_WO_CONST, 0, 0, 0, 0},
    {"OSLSR_EL1", (uint16_t)SYSREG(2, 0, 1, 1, 4), K_CONST, 0, 0, 0, 0}, /* unlocked */
    {"ICC_PMR_EL1", S(0, 4, 6, 0), K_ICC, 0, 0, 0, 0},
    ICC("IAR0", 8, 0),
    ICC("EOIR0", 8, 1),
    ICC("HPPIR0", 8, 2),
    ICC("BPR0", 8, 3),
    ICC("AP0R0", 8, 4),
    ICC("AP0R1", 8, 5),
    ICC("AP0R2", 8, 6),
    ICC("AP0R3", 8, 7),
    ICC("AP1R0", 9, 0),
    ICC("AP1R1", 9, 1),
    ICC("AP1R2", 9, 2),
    ICC("AP1R3", 9, 3),
    ICC("DIR", 11, 1),
    ICC("RPR", 11, 3),
    {"ICC_SGI1R_EL1", S(0, 12, 11, 5), K_SGI, 0, 0, 0, 0},
    {"ICC_ASGI1R_EL1", S(0, 12, 11, 6), K_SGI, 0, 0, 0, 0},
    {"ICC_SGI0R_EL1", S(0, 12, 11, 7), K_SGI, 0, 0, 0, 0},
    ICC("IAR1", 12, 0),
    ICC("EOIR1", 12, 1),
    ICC("HPPIR1", 12, 2),
    ICC("BPR1", 12, 3),
    ICC("CTLR", 12, 4),
    ICC("SRE", 12, 5),
    ICC("IGRPEN0", 12, 6),
    ICC("IGRPEN1", 12, 7),
    PMU(PMCR_EL0, 3, 12, 0),
    PMU(PMCNTENSET_EL0, 3, 12, 1),
    PMU(PMCNTENCLR_EL0, 3, 12, 2),
    PMU(PMOVSCLR_EL0, 3, 12, 3),
    PMU(PMSWINC_EL0, 3, 12, 4),
    PMU(PMSELR_EL0, 3, 12, 5),
    PMU(PMCEID0_EL0, 3, 12, 6),
    PMU(PMCEID1_EL0, 3, 12, 7),
    PMU(PMCCNTR_EL0, 3, 13, 0),
    PMU(PMXEVTYPER_EL0, 3, 13, 1),
    PMU(PMXEVCNTR_EL0, 3, 13, 2),
    PMU(PMUSERENR_EL0, 3, 14, 0),
    PMU(PMOVSSET_EL0, 3, 14, 3),
    PMU(PMINTENSET_EL1, 0, 14, 1),
    PMU(PMINTENCLR_EL1, 0, 14, 2),
    {"PMCCFILTR_EL0", S(3, 14, 15, 7), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVCNTR0_EL0", S(3, 14, 8, 0), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVCNTR1_EL0", S(3, 14, 8, 1), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVCNTR2_EL0", S(3, 14, 8, 2), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVTYPER0_EL0", S(3, 14, 12, 0), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVTYPER1_EL0", S(3, 14, 12, 1), K_PMU, 0, ALWAYS, ALWAYS, 0},
    {"PMEVTYPER2_EL0", S(3, 14, 12, 2), K_PMU, 0, ALWAYS, ALWAYS, 0},
};
#define NUM_ROWS (sizeof(table) / sizeof(table[0]))

/* --- names -------------------------------------------------------------------------------------------------------- */

const char *sysreg_name_at(unsigned i)
{
    return i < NUM_ROWS ? table[i].name : NULL;
}

bool sysreg_by_name(const char *name, uint32_t *sysreg)
{
    unsigned op0, op1, crn, crm, op2;
    int end = 0;

    for (unsigned i = 0; i < NUM_ROWS; i++)
        if (strcmp(table[i].name, name) == 0) {
            *sysreg = table[i].enc;
            return true;
        }
    if (sscanf(name, "S%1u_%1u_C%2u_C%2u_%1u%n", &op0, &op1, &crn, &crm, &op2, &end) != 5 ||
        name[end] != '\0' || op0 < 2 || op0 > 3 || op1 > 7 || crn > 15 || crm > 15 || op2 > 7)
        return false;
    *sysreg = SYSREG(op0, op1, crn, crm, op2);
    return true;
}

/* --- accesses ----------------------------------------------------------------------------------------------------- */

#define OP0(s) ((s) >> 14 & 3)
#define OP1(s) ((s) >> 11 & 7)
#define CRN(s) ((s) >> 7 & 15)
#define CRM(s) ((s) >> 3 & 15)
#define OP2(s) ((s)&7)

#define HCR_TID3  (1ull << 18)
#define HCR_TIDCP (1ull << 20)
#define CPTR_TTA  (1ull << 28) /* with HCR_EL2.E2H */
#define CPTR_TAM  (1ull << 30)

#define SCTLR_DZE (1ull << 14)

static const struct row *find(uint32_t sysreg)
{
    for (unsigned i = 0; i < NUM_ROWS; i++)
        if (table[i].enc == sysreg)
            return &table[i];
    return NULL;
}

static bool is_id_register(uint32_t s)
{
    return OP0(s) == 3 && OP1(s) == 0 && CRN(s) == 0 && CRM(s) >= 1 && CRM(s) <= 7;
}

/* Debug registers and pointer authentication keys: they read zero and ignore writes. */
static bool is_ignored(uint32_t s)
{
    if (s == SYSREG(2, 0, 0, 2, 0) || s == SYSREG(2, 0, 1, 3, 4)) /* MDCCINT_EL1, OSDLR_EL1 */
        return true;
    if (OP0(s) == 2)
        return OP1(s) == 0 && CRN(s) == 0 && OP2(s) >= 4 && CRM(s) < (OP2(s) < 6 ? 6 : 4);
    if (OP1(s) != 0 || CRN(s) != 2)
        return false;
    return CRM(s) == 3 ? OP2(s) < 2 : CRM(s) >= 1 && CRM(s) <= 2 && OP2(s) < 4;
}

/* Spaces that trap as a whole. */
static bool space_traps(const struct pe *p, uint32_t s)
{
    bool imp_def = OP0(s) == 3 && (CRN(s) == 11 || CRN(s) == 15);
    bool trace = OP0(s) == 2 && OP1(s) == 1;
    bool activity = OP0(s) == 3 && OP1(s) == 3 && CRN(s) == 13 && CRM(s) >= 2;

    return (imp_def && (p->hcr_el2 & HCR_TIDCP)) || (trace && (p->cptr_el2 & CPTR_TTA)) ||
           (activity && (p->cptr_el2 & CPTR_TAM));
}

static bool el0_may(const struct pe_regs *r, uint8_t rule)
{
    if (rule < 2)
        return rule;
    return rule >= 64 ? r->sys[SR_SCTLR_EL1] >> (rule - 64) & 1
                      : r->sys[SR_CNTKCTL_EL1] >> (rule - 2) & 1;
}

uint64_t sysreg_random(const struct machine *m, uint64_t now, uint64_t pc)
{
    uint64_t z = m->impl.seed + (now + 1) * 0x9E3779B97F4A7C15ull + pc * 0xD1B54A32D192ED03ull;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* ISR_EL1: I, F, A; what is pending, masked or not. With HCR_EL2.{IMO,FMO,AMO} only virtual ones show. */
static uint64_t pending_interrupts(const struct machine *m, const struct pe *p)
{
    unsigned gic = gic_signals(&m->impl, &p->gic);

    return (gic & GIC_VIRQ ? 1ull << 7 : 0) | (gic & GIC_VFIQ ? 1ull << 6 : 0) |
           (p->hcr_el2 & HCR_VSE ? 1ull << 8 : 0);
}

static enum sysreg_result read_row(struct machine *m, struct pe *p, const struct row *row,
                                   uint64_t *value, uint64_t now)
{
    switch ((enum kind)row->kind) {
    case K_STORE: *value = p->r.sys[row->sr]; return SYSREG_OK;
    case K_CONST: *value = row->value; return SYSREG_OK;
    case K_PSTATE: *value = p->r.pstate & row->value; return SYSREG_OK;
    case K_TIMER: *value = timer_read(p, row->enc, now, m->cntfrq); return SYSREG_OK;
    case K_MPIDR: *value = p->vmpidr_el2; return SYSREG_OK;
    case K_DCZID: /* DZP: EL1 keeps EL0 from DC ZVA */
        *value =
            row->value | ((p->r.pstate & 0xc) || (p->r.sys[SR_SCTLR_EL1] & SCTLR_DZE) ? 0 : 16);
        return SYSREG_OK;
    case K_ISR: *value = pending_interrupts(m, p); return SYSREG_OK;
    case K_ICC: return gic_read(&m->impl, &p->gic, row->enc, value);
    case K_RNDR: /* PSTATE.NZCV = 0000: a number was returned */
        p->r.pstate &= ~PSTATE_NZCV;
        *value = sysreg_random(m, now, p->r.pc);
        return SYSREG_OK;
    case K_WO_CONST:
    case K_SGI:
    case K_PMU:
    case K_ID: break;
    }
    return SYSREG_UNDEF;
}

static enum sysreg_result write_row(struct machine *m, struct pe *p, const struct row *row,
                                    uint64_t value, uint64_t now)
{
    switch ((enum kind)row->kind) {
    case K_STORE:
        if (row->sr == SR_TPIDRRO_EL0 && (p->r.pstate & 0xc) == 0)
            return SYSREG_UNDEF;
        p->r.sys[row->sr] = value;
        return SYSREG_OK;
    case K_WO_CONST: return SYSREG_OK;
    case K_PSTATE:
        if (row->value == 0xc)
            return SYSREG_UNDEF; /* CurrentEL */
        p->r.pstate = (p->r.pstate & ~row->value) | (value & row->value);
        return SYSREG_OK;
    case K_TIMER: return timer_write(p, row->enc, value, now) ? SYSREG_OK : SYSREG_UNDEF;
    case K_ICC: return gic_write(&m->impl, &p->gic, row->enc, value);
    case K_SGI: return SYSREG_TRAP_EL2;
    case K_CONST:
    case K_MPIDR:
    case K_RNDR:
    case K_DCZID:
    case K_ISR:
    case K_PMU:
    case K_ID: break;
    }
    return SYSREG_UNDEF;
}

/* What EL1 could let EL0 do is a trap to EL1; the rest is undefined at EL0. */
static enum sysreg_result refused_to_el0(const struct row *row, bool write)
{
    return row && (write ? row->el0_write : row->el0_read) > ALWAYS ? SYSREG_TRAP_EL1
                                                                    : SYSREG_UNDEF;
}

static enum sysreg_result access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                 uint64_t *value, uint64_t now)
{
    struct pe *p = &m->pe[pe];
    const struct row *row = find(sysreg);
    unsigned el = (unsigned)(p->r.pstate >> 2) & 3;

    if (pmu_has(sysreg))
        return pmu_access(&p->pmu, el, sysreg, write, value, now);
    if (el == 0 && !(row && el0_may(&p->r, write ? row->el0_write : row->el0_read)))
        return refused_to_el0(row, write);
    if (is_id_register(sysreg))
        return write || !(p->hcr_el2 & HCR_TID3) ? SYSREG_UNDEF : SYSREG_TRAP_EL2;
    if (space_traps(p, sysreg))
        return SYSREG_TRAP_EL2;
    if (!row && is_ignored(sysreg)) {
        *value = 0;
        return SYSREG_OK;
    }
    if (!row)
        return SYSREG_UNDEF;
    return write ? write_row(m, p, row, *value, now) : read_row(m, p, row, value, now);
}

enum sysreg_result realm_sysreg_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                       uint64_t *value, uint64_t now)
{
    enum sysreg_result result = access(m, pe, sysreg, write, value, now);

    ev(m, pe, EV_SYSREG, sysreg, (uint64_t)result << 1 | write, *value);
    return result;
}

const char *sysreg_name(uint32_t sysreg)
{
    const struct row *row = find(sysreg);

    return row ? row->name : NULL;
}

uint64_t realm_sysreg_esr(uint32_t s, bool write, unsigned rt)
{
    return ESR_EC(EC_SYSREG) | ESR_IL | (uint64_t)OP0(s) << 20 | (uint64_t)OP2(s) << 17 |
           (uint64_t)OP1(s) << 14 | (uint64_t)CRN(s) << 10 | (uint64_t)rt << 5 |
           (uint64_t)CRM(s) << 1 | !write;
}
