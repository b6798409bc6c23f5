/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers of EL2, EL1 and EL0 as host code finds them: one table says what each is, from which EL it may be
 * accessed, what EL2 traps, and what its name means at EL2 with HCR_EL2.E2H (DDI0487 D24.2, "Accessing ...").
 *
 *      S3_5_*: *_EL12, *_EL02 --> the EL1 register     an EL1 name at EL2 with E2H --> the EL2 register
 *
 * EL3 traps nothing. Features that host_idreg() does not announce have no registers: undefined.
 */
#include "host_sysreg.h"

#include "realm/sysreg.h"

enum kind {
    K_SYS,     /* of the EL1&0 context */
    K_EL2,     /* of EL2 */
    K_CONST,   /* read-only */
    K_IGNORED, /* reads `value`; writes do nothing */
    K_PSTATE,  /* bits `value` of PSTATE */
    K_PSTATE_RO,
    K_MIDR,
    K_MPIDR,
    K_HCR,
    K_DISR,
    K_ISR,
    K_RNDR,
    K_DCZID,
    K_OSLAR,
    K_OSLSR,
    K_TIMER,
    K_ICC,
    K_ICH,
};

#define MDSCR_TDCC (1ull << 12)

/* What EL0 may do. */
enum el0 { E0_NO, E0_RW, E0_R, E0_UMA, E0_UCT, E0_TDCC, E0_TIMER };

/* What EL2 takes from EL1 (and from EL0 below it). */
enum trap {
    T_NO,
    T_VM,   /* HCR_EL2.TVM, TRVM */
    T_ACR,  /* HCR_EL2.TACR */
    T_ID1,  /* HCR_EL2.TID1 */
    T_ID2,  /* HCR_EL2.TID2 */
    T_CPAC, /* CPTR_EL2.TCPAC */
    T_ERR,  /* HCR_EL2.TERR */
    T_DA,   /* MDCR_EL2.TDA */
    T_DRA,  /* MDCR_EL2.TDRA */
    T_OSA,  /* MDCR_EL2.TDOSA */
};

struct row {
    const char *name;
    uint16_t enc;
    uint8_t kind;
    uint8_t reg;    /* K_SYS: enum pe_sysreg; K_EL2: enum host_sysreg */
    uint8_t min_el; /* 0: see el0 */
    uint8_t el0;
    uint8_t trap;
    uint8_t e2h; /* the EL2 register that its name means with E2H, + 1 */
    bool el12;   /* it has an *_EL12 name */
    bool space;  /* host_sysreg_changes_space() */
    uint64_t value;
};

#define S(op1, crn, crm, op2) (uint16_t) SYSREG(3, op1, crn, crm, op2)
#define D(op1, crn, crm, op2) (uint16_t) SYSREG(2, op1, crn, crm, op2)

/* Name, encoding and kind; what follows says more. */
#define ROW(n, e, k, ...)                                \
    {                                                    \
        .name = #n, .enc = (e), .kind = (k), __VA_ARGS__ \
    }
#define EL1(n, e, ...)          ROW(n, e, K_SYS, .reg = SR_##n, .min_el = 1, __VA_ARGS__)
#define EL2(n, e, ...)          ROW(n, e, K_EL2, .reg = HS_##n, .min_el = 2, __VA_ARGS__)
#define VHE(n)                  .el12 = true, .e2h = HS_##n + 1
#define ICC(n, crm, op2)        ROW(ICC_##n##_EL1, S(0, 12, crm, op2), K_ICC, .min_el = 1)
#define ICH(n, crm, op2)        ROW(ICH_##n##_EL2, S(4, 12, crm, op2), K_ICH, .min_el = 2)
#define TIMER(n, op1, crm, op2) ROW(n, S(op1, 14, crm, op2), K_TIMER, .el0 = E0_TIMER)

/* By encoding: find() relies on it. */
/* clang-format off */
static const struct row table[] = {
    ROW(OSDTRRX_EL1,     D(0, 0, 0, 2),   K_IGNORED, .min_el = 1, .trap = T_DA),
    ROW(MDCCINT_EL1,     D(0, 0, 2, 0),   K_IGNORED, .min_el = 1, .trap = T_DA),
    EL1(MDSCR_EL1,       D(0, 0, 2, 2),   .trap = T_DA),
    ROW(OSDTRTX_EL1,     D(0, 0, 3, 2),   K_IGNORED, .min_el = 1, .trap = T_DA),
    ROW(OSECCR_EL1,      D(0, 0, 6, 2),   K_IGNORED, .min_el = 1, .trap = T_DA),
    ROW(MDRAR_EL1,       D(0, 1, 0, 0),   K_CONST,  .min_el = 1, .trap = T_DRA),
    ROW(OSLAR_EL1,       D(0, 1, 0, 4),   K_OSLAR,  .min_el = 1, .trap = T_OSA),
    ROW(OSLSR_EL1,       D(0, 1, 1, 4),   K_OSLSR,  .min_el = 1, .trap = T_OSA, .value = 8), /* OSLM: there is one */
    ROW(OSDLR_EL1,       D(0, 1, 3, 4),   K_IGNORED, .min_el = 1, .trap = T_OSA),
    ROW(DBGPRCR_EL1,     D(0, 1, 4, 4),   K_IGNORED, .min_el = 1, .trap = T_OSA),
    ROW(DBGCLAIMSET_EL1, D(0, 7, 8, 6),   K_IGNORED, .min_el = 1, .trap = T_DA, .value = 0xff),
    ROW(DBGCLAIMCLR_EL1, D(0, 7, 9, 6),   K_IGNORED, .min_el = 1, .trap = T_DA),
    ROW(DBGAUTHSTATUS_EL1, D(0, 7, 14, 6), K_CONST, .min_el = 1, .trap = T_DA),

    ROW(MDCCSR_EL0,      D(3, 0, 1, 0),   K_CONST,  .el0 = E0_TDCC, .trap = T_DA),
    ROW(DBGDTR_EL0,      D(3, 0, 4, 0),   K_IGNORED, .el0 = E0_TDCC, .trap = T_DA),
    ROW(DBGDTRRX_EL0,    D(3, 0, 5, 0),   K_IGNORED, .el0 = E0_TDCC, .trap = T_DA),

    ROW(MIDR_EL1,        S(0, 0, 0, 0),   K_MIDR,   .min_el = 1, .value = HOST_MIDR),
    ROW(MPIDR_EL1,       S(0, 0, 0, 5),   K_MPIDR,  .min_el = 1),
    ROW(REVIDR_EL1,      S(0, 0, 0, 6),   K_CONST,  .min_el = 1, .trap = T_ID1),
    EL1(SCTLR_EL1,       S(0, 1, 0, 0),   .trap = T_VM, VHE(SCTLR_EL2), .space = true),
    EL1(ACTLR_EL1,       S(0, 1, 0, 1),   .trap = T_ACR),
    EL1(CPACR_EL1,       S(0, 1, 0, 2),   .trap = T_CPAC, VHE(CPTR_EL2), .space = true),
    EL1(TTBR0_EL1,       S(0, 2, 0, 0),   .trap = T_VM, VHE(TTBR0_EL2), .space = true),
    EL1(TTBR1_EL1,       S(0, 2, 0, 1),   .trap = T_VM, VHE(TTBR1_EL2), .space = true),
    EL1(TCR_EL1,         S(0, 2, 0, 2),   .trap = T_VM, VHE(TCR_EL2), .space = true),
    EL1(SPSR_EL1,        S(0, 4, 0, 0),   VHE(SPSR_EL2)),
    EL1(ELR_EL1,         S(0, 4, 0, 1),   VHE(ELR_EL2)),
    ROW(SP_EL0,          S(0, 4, 1, 0),   K_SYS,    .reg = SR_SP_EL0, .min_el = 1),
    ROW(SPSel,           S(0, 4, 2, 0),   K_PSTATE, .min_el = 1, .value = PSTATE_SP, .space = true),
    ROW(CurrentEL,       S(0, 4, 2, 2),   K_PSTATE_RO, .min_el = 1, .value = 0xc),
    ROW(PAN,             S(0, 4, 2, 3),   K_PSTATE, .min_el = 1, .value = PSTATE_PAN, .space = true),
    ROW(UAO,             S(0, 4, 2, 4),   K_PSTATE, .min_el = 1, .value = PSTATE_UAO, .space = true),
    ROW(ICC_PMR_EL1,     S(0, 4, 6, 0),   K_ICC,    .min_el = 1),
    EL1(AFSR0_EL1,       S(0, 5, 1, 0),   .trap = T_VM, VHE(AFSR0_EL2)),
    EL1(AFSR1_EL1,       S(0, 5, 1, 1),   .trap = T_VM, VHE(AFSR1_EL2)),
    EL1(ESR_EL1,         S(0, 5, 2, 0),   .trap = T_VM, VHE(ESR_EL2)),
    ROW(ERRIDR_EL1,      S(0, 5, 3, 0),   K_CONST,  .min_el = 1, .trap = T_ERR), /* no error records */
    ROW(ERRSELR_EL1,     S(0, 5, 3, 1),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    ROW(ERXFR_EL1,       S(0, 5, 4, 0),   K_CONST,  .min_el = 1, .trap = T_ERR),
    ROW(ERXCTLR_EL1,     S(0, 5, 4, 1),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    ROW(ERXSTATUS_EL1,   S(0, 5, 4, 2),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    ROW(ERXADDR_EL1,     S(0, 5, 4, 3),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    ROW(ERXMISC0_EL1,    S(0, 5, 5, 0),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    ROW(ERXMISC1_EL1,    S(0, 5, 5, 1),   K_IGNORED, .min_el = 1, .trap = T_ERR),
    EL1(FAR_EL1,         S(0, 6, 0, 0),   .trap = T_VM, VHE(FAR_EL2)),
    EL1(PAR_EL1,         S(0, 7, 4, 0)),
    EL1(MAIR_EL1,        S(0, 10, 2, 0),  .trap = T_VM, VHE(MAIR_EL2), .space = true),
    EL1(AMAIR_EL1,       S(0, 10, 3, 0),  .trap = T_VM, VHE(AMAIR_EL2)),
    EL1(VBAR_EL1,        S(0, 12, 0, 0),  VHE(VBAR_EL2)),
    ROW(ISR_EL1,         S(0, 12, 1, 0),  K_ISR,    .min_el = 1),
    ROW(DISR_EL1,        S(0, 12, 1, 1),  K_DISR,   .min_el = 1),
    ICC(IAR0, 8, 0),   ICC(EOIR0, 8, 1), ICC(HPPIR0, 8, 2), ICC(BPR0, 8, 3),
    ICC(AP0R0, 8, 4),  ICC(AP0R1, 8, 5), ICC(AP0R2, 8, 6),  ICC(AP0R3, 8, 7),
    ICC(AP1R0, 9, 0),  ICC(AP1R1, 9, 1), ICC(AP1R2, 9, 2),  ICC(AP1R3, 9, 3),
    ICC(DIR, 11, 1),   ICC(RPR, 11, 3),
    ICC(SGI1R, 11, 5), ICC(ASGI1R, 11, 6), ICC(SGI0R, 11, 7),
    ICC(IAR1, 12, 0),  ICC(EOIR1, 12, 1), ICC(HPPIR1, 12, 2), ICC(BPR1, 12, 3),
    ICC(CTLR, 12, 4),  ICC(SRE, 12, 5),  ICC(IGRPEN0, 12, 6), ICC(IGRPEN1, 12, 7),
    EL1(CONTEXTIDR_EL1,  S(0, 13, 0, 1),  .trap = T_VM, VHE(CONTEXTIDR_EL2)),
    EL1(TPIDR_EL1,       S(0, 13, 0, 4)),
    EL1(CNTKCTL_EL1,     S(0, 14, 1, 0),  VHE(CNTHCTL_EL2)),

    ROW(CCSIDR_EL1,      S(1, 0, 0, 0),   K_CONST,  .min_el = 1, .trap = T_ID2), /* no cache is described */
    ROW(CLIDR_EL1,       S(1, 0, 0, 1),   K_CONST,  .min_el = 1, .trap = T_ID2),
    ROW(AIDR_EL1,        S(1, 0, 0, 7),   K_CONST,  .min_el = 1, .trap = T_ID1),

    EL1(CSSELR_EL1,      S(2, 0, 0, 0),   .trap = T_ID2),

    ROW(CTR_EL0,         S(3, 0, 0, 1),   K_CONST,  .el0 = E0_UCT, .trap = T_ID2, .value = 0x84448004), /* 64-byte lines */
    ROW(DCZID_EL0,       S(3, 0, 0, 7),   K_DCZID,  .el0 = E0_R, .value = 4),
    ROW(RNDR,            S(3, 2, 4, 0),   K_RNDR,   .el0 = E0_R),
    ROW(RNDRRS,          S(3, 2, 4, 1),   K_RNDR,   .el0 = E0_R),
    ROW(NZCV,            S(3, 4, 2, 0),   K_PSTATE, .el0 = E0_RW, .value = PSTATE_NZCV),
    ROW(DAIF,            S(3, 4, 2, 1),   K_PSTATE, .el0 = E0_UMA, .value = PSTATE_DAIF),
    ROW(FPCR,            S(3, 4, 4, 0),   K_SYS,    .reg = SR_FPCR, .el0 = E0_RW), /* host_fp_trap_el() comes first */
    ROW(FPSR,            S(3, 4, 4, 1),   K_SYS,    .reg = SR_FPSR, .el0 = E0_RW),
    ROW(TPIDR_EL0,       S(3, 13, 0, 2),  K_SYS,    .reg = SR_TPIDR_EL0, .el0 = E0_RW),
    ROW(TPIDRRO_EL0,     S(3, 13, 0, 3),  K_SYS,    .reg = SR_TPIDRRO_EL0, .el0 = E0_R),
    TIMER(CNTFRQ_EL0,    3, 0, 0),
    TIMER(CNTPCT_EL0,    3, 0, 1),
    TIMER(CNTVCT_EL0,    3, 0, 2),
    TIMER(CNTP_TVAL_EL0, 3, 2, 0),
    TIMER(CNTP_CTL_EL0,  3, 2, 1),
    TIMER(CNTP_CVAL_EL0, 3, 2, 2),
    TIMER(CNTV_TVAL_EL0, 3, 3, 0),
    TIMER(CNTV_CTL_EL0,  3, 3, 1),
    TIMER(CNTV_CVAL_EL0, 3, 3, 2),

    EL2(VPIDR_EL2,       S(4, 0, 0, 0)),
    EL2(VMPIDR_EL2,      S(4, 0, 0, 5)),
    EL2(SCTLR_EL2,       S(4, 1, 0, 0),   .space = true),
    EL2(ACTLR_EL2,       S(4, 1, 0, 1)),
    ROW(HCR_EL2,         S(4, 1, 1, 0),   K_HCR,    .reg = HS_HCR_EL2, .min_el = 2, .space = true),
    EL2(MDCR_EL2,        S(4, 1, 1, 1)),
    EL2(CPTR_EL2,        S(4, 1, 1, 2),   .space = true),
    EL2(HSTR_EL2,        S(4, 1, 1, 3)),
    EL2(HACR_EL2,        S(4, 1, 1, 7)),
    EL2(TTBR0_EL2,       S(4, 2, 0, 0),   .space = true),
    EL2(TTBR1_EL2,       S(4, 2, 0, 1),   .space = true),
    EL2(TCR_EL2,         S(4, 2, 0, 2),   .space = true),
    EL2(VTTBR_EL2,       S(4, 2, 1, 0),   .space = true),
    EL2(VTCR_EL2,        S(4, 2, 1, 2),   .space = true),
    EL2(SPSR_EL2,        S(4, 4, 0, 0)),
    EL2(ELR_EL2,         S(4, 4, 0, 1)),
    ROW(SP_EL1,          S(4, 4, 1, 0),   K_SYS,    .reg = SR_SP_EL1, .min_el = 2),
    ROW(SPSR_irq,        S(4, 4, 3, 0),   K_IGNORED, .min_el = 2), /* of AArch32: RES0 */
    ROW(SPSR_abt,        S(4, 4, 3, 1),   K_IGNORED, .min_el = 2),
    ROW(SPSR_und,        S(4, 4, 3, 2),   K_IGNORED, .min_el = 2),
    ROW(SPSR_fiq,        S(4, 4, 3, 3),   K_IGNORED, .min_el = 2),
    EL2(AFSR0_EL2,       S(4, 5, 1, 0)),
    EL2(AFSR1_EL2,       S(4, 5, 1, 1)),
    EL2(ESR_EL2,         S(4, 5, 2, 0)),
    EL2(VSESR_EL2,       S(4, 5, 2, 3)),
    EL2(FAR_EL2,         S(4, 6, 0, 0)),
    EL2(HPFAR_EL2,       S(4, 6, 0, 4)),
    EL2(MAIR_EL2,        S(4, 10, 2, 0),  .space = true),
    EL2(AMAIR_EL2,       S(4, 10, 3, 0)),
    EL2(VBAR_EL2,        S(4, 12, 0, 0)),
    EL2(VDISR_EL2,       S(4, 12, 1, 1)),
    ICH(AP0R0, 8, 0),  ICH(AP0R1, 8, 1), ICH(AP0R2, 8, 2),  ICH(AP0R3, 8, 3),
    ICH(AP1R0, 9, 0),  ICH(AP1R1, 9, 1), ICH(AP1R2, 9, 2),  ICH(AP1R3, 9, 3),
    ROW(ICC_SRE_EL2,     S(4, 12, 9, 5),  K_ICC,    .min_el = 2),
    ICH(HCR, 11, 0),   ICH(VTR, 11, 1),  ICH(MISR, 11, 2),  ICH(EISR, 11, 3),
    ICH(ELRSR, 11, 5), ICH(VMCR, 11, 7),
    ICH(LR0, 12, 0),   ICH(LR1, 12, 1),  ICH(LR2, 12, 2),   ICH(LR3, 12, 3),
    ICH(LR4, 12, 4),   ICH(LR5, 12, 5),  ICH(LR6, 12, 6),   ICH(LR7, 12, 7),
    ICH(LR8, 13, 0),   ICH(LR9, 13, 1),  ICH(LR10, 13, 2),  ICH(LR11, 13, 3),
    ICH(LR12, 13, 4),  ICH(LR13, 13, 5), ICH(LR14, 13, 6),  ICH(LR15, 13, 7),
    EL2(CONTEXTIDR_EL2,  S(4, 13, 0, 1)),
    EL2(TPIDR_EL2,       S(4, 13, 0, 2)),
    EL2(CNTVOFF_EL2,     S(4, 14, 0, 3)),
    EL2(CNTHCTL_EL2,     S(4, 14, 1, 0)),
    TIMER(CNTHP_TVAL_EL2, 4, 2, 0),
    TIMER(CNTHP_CTL_EL2,  4, 2, 1),
    TIMER(CNTHP_CVAL_EL2, 4, 2, 2),
    TIMER(CNTHV_TVAL_EL2, 4, 3, 0),
    TIMER(CNTHV_CTL_EL2,  4, 3, 1),
    TIMER(CNTHV_CVAL_EL2, 4, 3, 2),

    TIMER(CNTP_TVAL_EL02, 5, 2, 0),
    TIMER(CNTP_CTL_EL02,  5, 2, 1),
    TIMER(CNTP_CVAL_EL02, 5, 2, 2),
    TIMER(CNTV_TVAL_EL02, 5, 3, 0),
    TIMER(CNTV_CTL_EL02,  5, 3, 1),
    TIMER(CNTV_CVAL_EL02, 5, 3, 2),
};
/* clang-format on */
#define NUM_ROWS (sizeof(table) / sizeof(table[0]))

#define OP0(s) ((s) >> 14 & 3)
#define OP1(s) ((s) >> 11 & 7)
#define CRN(s) ((s) >> 7 & 15)
#define CRM(s) ((s) >> 3 & 15)
#define OP2(s) ((s)&7)

static const struct row *find(uint32_t enc)
{
    unsigned from = 0, to = NUM_ROWS;

    while (from < to) {
        unsigned mid = (from + to) / 2;

        if (table[mid].enc == enc)
            return &table[mid];
        if (table[mid].enc < enc)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

/* *_EL12, *_EL02 */
static bool is_e2h_name(uint32_t enc)
{
    return OP0(enc) == 3 && OP1(enc) == 5;
}

/* CNTP_*_EL02, CNTV_*_EL02: rows of their own. */
static bool is_timer(uint32_t enc)
{
    return CRN(enc) == 14 && CRM(enc) >= 2;
}

/* S3_5_Cn_Cm_op as S3_0_Cn_Cm_op. */
static uint32_t el1_name(uint32_t enc)
{
    return enc & ~SYSREG(0, 7, 0, 0, 0);
}

/* EL1 names mean EL2's registers. */
static bool is_vhe(const struct machine *m, unsigned pe)
{
    return host_el(m, pe) == 2 && host_hcr(m, pe, HCR_E2H_BIT);
}

/* ID registers of AArch64 and AArch32; those that nobody defined are reserved: RAZ. */
static bool is_id_register(uint32_t s)
{
    return OP0(s) == 3 && OP1(s) == 0 && CRN(s) == 0 && CRM(s) >= 1 && CRM(s) <= 7;
}

/* DBG{B,W}{V,C}R<n>_EL1, as many as ID_AA64DFR0_EL1 says: they read zero, and nothing ever matches. */
static bool is_break_register(const struct machine *m, uint32_t s)
{
    if (OP0(s) != 2 || OP1(s) != 0 || CRN(s) != 0 || OP2(s) < 4)
        return false;
    return CRM(s) <= (OP2(s) < 6 ? m->impl.num_bps : m->impl.num_wps);
}

/* --- who may ------------------------------------------------------------------------------------------------------ */

/* What EL1 does not let EL0 do is trapped to EL1, with TGE to EL2. */
static enum sysreg_result refused_by_os(const struct machine *m, unsigned pe)
{
    return host_hcr(m, pe, HCR_TGE_BIT) ? SYSREG_TRAP_EL2 : SYSREG_TRAP_EL1;
}

static enum sysreg_result check_el0(const struct machine *m, unsigned pe, const struct row *row,
                                    bool write)
{
    uint64_t sctlr = host_sctlr_of_el0(m, pe);

    switch ((enum el0)row->el0) {
    case E0_RW:
    case E0_TIMER: return SYSREG_OK;
    case E0_R: return write ? SYSREG_UNDEF : SYSREG_OK;
    case E0_UMA: /* an application of EL2's own never may */
        return (sctlr & SCTLR_UMA) && !host_is_el2_app(m, pe) ? SYSREG_OK : refused_by_os(m, pe);
    case E0_UCT:
        if (write)
            return SYSREG_UNDEF;
        return sctlr & SCTLR_UCT ? SYSREG_OK : refused_by_os(m, pe);
    case E0_TDCC:
        return m->pe[pe].r.sys[SR_MDSCR_EL1] & MDSCR_TDCC ? refused_by_os(m, pe) : SYSREG_OK;
    case E0_NO: break;
    }
    return SYSREG_UNDEF;
}

static bool el2_traps(const struct machine *m, unsigned pe, enum trap trap, bool write)
{
    uint64_t mdcr = host_el2(m, pe, HS_MDCR_EL2);
    bool tde = (mdcr & MDCR_TDE) || host_hcr(m, pe, HCR_TGE_BIT);

    switch (trap) {
    case T_VM: return host_hcr(m, pe, write ? HCR_TVM : HCR_TRVM);
    case T_ACR: return host_hcr(m, pe, HCR_TACR);
    case T_ID1: return host_hcr(m, pe, HCR_TID1);
    case T_ID2: return host_hcr(m, pe, HCR_TID2);
    case T_ERR: return host_hcr(m, pe, HCR_TERR);
    case T_CPAC: return host_el2(m, pe, HS_CPTR_EL2) & CPTR_TCPAC;
    case T_DA: return tde || (mdcr & MDCR_TDA);
    case T_DRA: return tde || (mdcr & MDCR_TDRA);
    case T_OSA: return tde || (mdcr & MDCR_TDOSA);
    case T_NO: break;
    }
    return false;
}

static bool is_read_only(const struct row *row)
{
    switch ((enum kind)row->kind) {
    case K_CONST:
    case K_PSTATE_RO:
    case K_MIDR:
    case K_MPIDR:
    case K_ISR:
    case K_RNDR:
    case K_DCZID:
    case K_OSLSR: return true;
    case K_TIMER: return CRM(row->enc) == 0; /* the counters, and CNTFRQ_EL0 below EL3 */
    default: return false;
    }
}

static bool is_write_only(const struct row *row)
{
    return row->kind == K_OSLAR;
}

/* EL2's controls are for EL1 and the EL0 below it; those of the debug channel for any EL0. */
static bool is_below_el2(const struct machine *m, unsigned pe, const struct row *row)
{
    unsigned el = host_el(m, pe);

    return el == 1 || (el == 0 && (row->el0 == E0_TDCC || !host_is_el2_app(m, pe)));
}

static enum sysreg_result check(const struct machine *m, unsigned pe, const struct row *row,
                                bool write)
{
    enum sysreg_result result = SYSREG_OK;

    if (write ? is_read_only(row) : is_write_only(row))
        return SYSREG_UNDEF;
    if (host_el(m, pe) < row->min_el)
        return SYSREG_UNDEF;
    if (host_el(m, pe) == 0)
        result = check_el0(m, pe, row, write);
    if (result == SYSREG_OK && is_below_el2(m, pe, row) && el2_traps(m, pe, row->trap, write))
        return SYSREG_TRAP_EL2;
    return result;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* Fields of features that are there. RW is RAO/WI: there is no AArch32. */
#define HCR_MASK                                                                                 \
    (0x3full | HCR_VF | HCR_VI | HCR_VSE | 7ull << 9 | HCR_DC | HCR_TWI | HCR_TWE | HCR_TID0 |   \
     HCR_TID1 | HCR_TID2 | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_TPC |       \
     HCR_TPU | HCR_TTLB | HCR_TVM | HCR_TGE_BIT | HCR_TDZ | HCR_TRVM | HCR_CD_ID | HCR_E2H_BIT | \
     HCR_TERR | HCR_TEA | HCR_FWB | HCR_GPF)
#define HCR_DC    (1ull << 12)
#define HCR_TID0  (1ull << 15)
#define HCR_CD_ID (3ull << 32)
#define HCR_TEA   (1ull << 37)
#define HCR_FWB   (1ull << 46)
#define HCR_GPF   (1ull << 48)

/* ISR_EL1: I, F, A. Below an EL2 that takes the physical ones for itself, virtual ones show. */
static uint64_t pending_interrupts(struct machine *m, unsigned pe)
{
    const struct pe *p = &m->pe[pe];
    unsigned gic = gic_signals(&m->impl, &m->plat->pe[pe].gic);
    bool below = host_el(m, pe) == 1;
    bool irq = below && host_hcr(m, pe, HCR_IMO) ? host_hcr(m, pe, HCR_VI) || (gic & GIC_VIRQ)
                                                 : p->irq_pending || plat_irq(m, pe);
    bool fiq = below && host_hcr(m, pe, HCR_FMO) ? host_hcr(m, pe, HCR_VF) || (gic & GIC_VFIQ)
                                                 : p->fiq_pending;
    bool serror = below && host_hcr(m, pe, HCR_AMO) ? host_hcr(m, pe, HCR_VSE) : p->serror_pending;

    return (irq ? PSTATE_I : 0) | (fiq ? PSTATE_F : 0) | (serror ? PSTATE_A : 0);
}

/* DCZID_EL0.DZP: DC ZVA is prohibited here. */
static uint64_t zva(const struct machine *m, unsigned pe, uint64_t size)
{
    unsigned el = host_el(m, pe);
    bool below = el < 2 && !(el == 0 && host_is_el2_app(m, pe));
    bool prohibited =
        (el == 0 && !(host_sctlr_of_el0(m, pe) & SCTLR_DZE)) || (below && host_hcr(m, pe, HCR_TDZ));

    return size | (prohibited ? 1ull << 4 : 0);
}

/* The virtual one for a guest whose SErrors EL2 takes. */
static uint64_t *disr(struct machine *m, unsigned pe)
{
    return host_el(m, pe) == 1 && host_hcr(m, pe, HCR_AMO) ? &m->plat->pe[pe].el2[HS_VDISR_EL2]
                                                           : &m->pe[pe].r.sys[SR_DISR_EL1];
}

/* Of a register that is no more than its bits. */
static uint64_t *storage(struct machine *m, unsigned pe, const struct row *row, uint32_t enc)
{
    uint64_t *el2 = m->plat->pe[pe].el2, *sys = m->pe[pe].r.sys;

    if (row->kind == K_EL2 || row->kind == K_HCR)
        return &el2[row->reg];
    return row->e2h && is_vhe(m, pe) && !is_e2h_name(enc) ? &el2[row->e2h - 1] : &sys[row->reg];
}

static enum sysreg_result read_row(struct machine *m, unsigned pe, const struct row *row,
                                   uint32_t enc, uint64_t *value, uint64_t now)
{
    struct pe_regs *r = &m->pe[pe].r;
    const struct host_pe *h = &m->plat->pe[pe];
    bool below = host_el(m, pe) == 1;

    switch ((enum kind)row->kind) {
    case K_SYS:
    case K_EL2:
    case K_HCR: *value = *storage(m, pe, row, enc); break;
    case K_CONST:
    case K_IGNORED: *value = row->value; break;
    case K_PSTATE:
    case K_PSTATE_RO: *value = r->pstate & row->value; break;
    case K_MIDR: *value = below ? h->el2[HS_VPIDR_EL2] : row->value; break;
    case K_MPIDR: *value = below ? h->el2[HS_VMPIDR_EL2] : host_mpidr(m, pe); break;
    case K_DISR: *value = *disr(m, pe); break;
    case K_ISR: *value = pending_interrupts(m, pe); break;
    case K_DCZID: *value = zva(m, pe, row->value); break;
    case K_OSLSR: *value = row->value | (h->os_locked ? 2 : 0); break;
    case K_TIMER: *value = host_timer_read(m, pe, row->enc, now); break;
    case K_RNDR: /* PSTATE.NZCV = 0000: a number was returned */
        r->pstate &= ~PSTATE_NZCV;
        *value = sysreg_random(m, now, r->pc);
        break;
    default: return SYSREG_UNDEF;
    }
    return SYSREG_OK;
}

static enum sysreg_result write_row(struct machine *m, unsigned pe, const struct row *row,
                                    uint32_t enc, uint64_t value, uint64_t now)
{
    struct pe_regs *r = &m->pe[pe].r;
    struct host_pe *h = &m->plat->pe[pe];

    switch ((enum kind)row->kind) {
    case K_SYS:
    case K_EL2: *storage(m, pe, row, enc) = value; break;
    case K_HCR: *storage(m, pe, row, enc) = (value & HCR_MASK) | HCR_RW; break;
    case K_PSTATE: r->pstate = (r->pstate & ~row->value) | (value & row->value); break;
    case K_DISR: *disr(m, pe) = value; break;
    case K_OSLAR: h->os_locked = value & 1; break;
    case K_TIMER: host_timer_write(m, pe, row->enc, value, now); break;
    case K_IGNORED: break;
    default: return SYSREG_UNDEF;
    }
    return SYSREG_OK;
}

/* --- access ------------------------------------------------------------------------------------------------------- */

static enum sysreg_result other_access(const struct machine *m, unsigned pe, uint32_t enc,
                                       bool write, uint64_t *value)
{
    unsigned el = host_el(m, pe);
    bool imp_def = OP0(enc) == 3 && (CRN(enc) == 11 || CRN(enc) == 15);

    if (el == 1 && imp_def && host_hcr(m, pe, HCR_TIDCP))
        return SYSREG_TRAP_EL2;
    if (el == 0)
        return SYSREG_UNDEF;
    if (is_id_register(enc) && !write) {
        if (el == 1 && host_hcr(m, pe, HCR_TID3))
            return SYSREG_TRAP_EL2;
        *value = host_idreg(m, enc);
        return SYSREG_OK;
    }
    if (!is_break_register(m, enc))
        return SYSREG_UNDEF;
    if (el == 1 && el2_traps(m, pe, T_DA, write))
        return SYSREG_TRAP_EL2;
    if (!write)
        *value = 0;
    return SYSREG_OK;
}

/* NULL: no such register, or a name for EL2 with E2H that is used elsewhere. */
static const struct row *resolve(const struct machine *m, unsigned pe, uint32_t enc)
{
    const struct row *row;

    if (!is_e2h_name(enc))
        return find(enc);
    row = find(is_timer(enc) ? enc : el1_name(enc));
    return is_vhe(m, pe) && row && (row->el12 || row->kind == K_TIMER) ? row : NULL;
}

static enum sysreg_result access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                 uint64_t *value, uint64_t now)
{
    const struct row *row = resolve(m, pe, enc);
    enum sysreg_result result;

    if (pmu_has(enc)) {
        result = host_pmu_access(m, pe, enc, write, value, now);
        return result == SYSREG_TRAP_EL1 ? refused_by_os(m, pe) : result;
    }
    if (!row)
        return other_access(m, pe, enc, write, value);
    result = check(m, pe, row, write);
    if (result == SYSREG_OK && row->kind == K_TIMER) {
        result = host_timer_check(m, pe, row->enc);
        if (result == SYSREG_TRAP_EL1)
            result = refused_by_os(m, pe);
    }
    if (result != SYSREG_OK)
        return result;
    if (row->enc == S(0, 4, 1, 0) && !(m->pe[pe].r.pstate & PSTATE_SP))
        return SYSREG_UNDEF; /* it is SP here */
    if (row->kind == K_ICC)
        return host_icc_access(m, pe, enc, write, value);
    if (row->kind == K_ICH)
        return host_ich_access(m, pe, enc, write, value);
    return write ? write_row(m, pe, row, enc, *value, now) : read_row(m, pe, row, enc, value, now);
}

enum sysreg_result host_sysreg_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                      uint64_t *value, uint64_t now)
{
    enum sysreg_result result = access(m, pe, sysreg, write, value, now);

    ev(m, pe, EV_SYSREG, sysreg, (uint64_t)result << 1 | write, *value);
    return result;
}

bool host_sysreg_changes_space(uint32_t sysreg)
{
    const struct row *row = find(is_e2h_name(sysreg) ? el1_name(sysreg) : sysreg);

    return row && row->space;
}
