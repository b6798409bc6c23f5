/* SPDX-License-Identifier: BSD-3-Clause */
/* Instructions other than MRS and MSR that a control of EL1 or EL2 takes away from a lower EL. */
#include "host_internal.h"

/* What EL1 does not let EL0 do is trapped to EL1, with TGE to EL2. */
static enum sysreg_result refused_by_os(const struct machine *m, unsigned pe)
{
    return host_hcr(m, pe, HCR_TGE_BIT) ? SYSREG_TRAP_EL2 : SYSREG_TRAP_EL1;
}

/* AArch64.CheckForWFxTrap(). */
unsigned host_wfx_trap_el(const struct machine *m, unsigned pe, bool wfe)
{
    unsigned el = host_el(m, pe);
    bool own_app = host_is_el2_app(m, pe);

    if (el == 0 && !(host_sctlr_of_el0(m, pe) & (wfe ? SCTLR_NTWE : SCTLR_NTWI)))
        return host_hcr(m, pe, HCR_TGE_BIT) ? 2 : 1;
    if (el < 2 && !own_app && host_hcr(m, pe, wfe ? HCR_TWE : HCR_TWI))
        return 2;
    return 0;
}

int host_smc_trap_el(const struct machine *m, unsigned pe)
{
    unsigned el = host_el(m, pe);

    if (el == 0)
        return -1;
    return el == 1 && host_hcr(m, pe, HCR_TSC) ? 2 : 0;
}

/* HCR_EL2.HCD is RES0: there is an EL3, whose SCR_EL3.HCE lets HVC be. */
int host_hvc_trap_el(const struct machine *m, unsigned pe)
{
    return host_el(m, pe) == 0 ? -1 : 0;
}

/* FPEN of CPACR_EL1 and of CPTR_EL2 with E2H: 0b00 and 0b10 trap all, 0b01 what `low` says is below. */
static bool fpen_traps(uint64_t reg, bool low)
{
    unsigned fpen = (unsigned)(reg >> 20) & 3;

    return !(fpen & 1) || (fpen == 1 && low);
}

/* AArch64.CheckFPEnabled(), AArch64.CheckFPAdvSIMDTrap(). What EL1 would trap is undefined where TGE takes it to EL2. */
int host_fp_trap_el(const struct machine *m, unsigned pe)
{
    unsigned el = host_el(m, pe);
    uint64_t cptr = host_el2(m, pe, HS_CPTR_EL2);
    bool tge = host_hcr(m, pe, HCR_TGE_BIT);

    if (el < 2 && !(el == 0 && host_is_el2_app(m, pe)) &&
        fpen_traps(m->pe[pe].r.sys[SR_CPACR_EL1], el == 0))
        return tge ? -1 : 1;
    if (host_hcr(m, pe, HCR_E2H_BIT))
        return fpen_traps(cptr, el == 0 && tge) ? 2 : 0;
    return cptr & CPTR_TFP ? 2 : 0;
}

/* --- SYS ---------------------------------------------------------------------------------------------------------- */

struct sys_row {
    uint16_t enc;
    uint8_t min_el; /* 0: if SCTLR_ELx.`el0` lets it */
    uint64_t el0;
    uint64_t trap; /* bit of HCR_EL2 that takes it from EL1, and from an EL0 below EL1 */
};
#define SYS(op1, crn, crm, op2) (uint16_t) SYSREG(1, op1, crn, crm, op2)
/* clang-format off */
static const struct sys_row sys_table[] = {
    {SYS(0, 7, 1, 0), 1, 0, HCR_TPU},          /* IC IALLUIS */
    {SYS(0, 7, 5, 0), 1, 0, HCR_TPU},          /* IC IALLU */
    {SYS(3, 7, 5, 1), 0, SCTLR_UCI, HCR_TPU},  /* IC IVAU */
    {SYS(0, 7, 6, 1), 1, 0, HCR_TPC},          /* DC IVAC */
    {SYS(0, 7, 6, 2), 1, 0, HCR_TSW},          /* DC ISW */
    {SYS(0, 7, 10, 2), 1, 0, HCR_TSW},         /* DC CSW */
    {SYS(0, 7, 14, 2), 1, 0, HCR_TSW},         /* DC CISW */
    {SYS(3, 7, 4, 1), 0, SCTLR_DZE, HCR_TDZ},  /* DC ZVA */
    {SYS(3, 7, 10, 1), 0, SCTLR_UCI, HCR_TPC}, /* DC CVAC */
    {SYS(3, 7, 11, 1), 0, SCTLR_UCI, HCR_TPU}, /* DC CVAU */
    {SYS(3, 7, 14, 1), 0, SCTLR_UCI, HCR_TPC}, /* DC CIVAC */
    {SYS(0, 7, 8, 0), 1, 0, 0},                /* AT S1E1R */
    {SYS(0, 7, 8, 1), 1, 0, 0},                /* AT S1E1W */
    {SYS(0, 7, 8, 2), 1, 0, 0},                /* AT S1E0R */
    {SYS(0, 7, 8, 3), 1, 0, 0},                /* AT S1E0W */
    {SYS(0, 7, 9, 0), 1, 0, 0},                /* AT S1E1RP */
    {SYS(0, 7, 9, 1), 1, 0, 0},                /* AT S1E1WP */
    {SYS(4, 7, 8, 0), 2, 0, 0},                /* AT S1E2R */
    {SYS(4, 7, 8, 1), 2, 0, 0},                /* AT S1E2W */
    {SYS(4, 7, 8, 4), 2, 0, 0},                /* AT S12E1R */
    {SYS(4, 7, 8, 5), 2, 0, 0},                /* AT S12E1W */
    {SYS(4, 7, 8, 6), 2, 0, 0},                /* AT S12E0R */
    {SYS(4, 7, 8, 7), 2, 0, 0},                /* AT S12E0W */
    {SYS(0, 8, 3, 0), 1, 0, HCR_TTLB},         /* TLBI VMALLE1IS */
    {SYS(0, 8, 3, 1), 1, 0, HCR_TTLB},         /* TLBI VAE1IS */
    {SYS(0, 8, 3, 2), 1, 0, HCR_TTLB},         /* TLBI ASIDE1IS */
    {SYS(0, 8, 3, 3), 1, 0, HCR_TTLB},         /* TLBI VAAE1IS */
    {SYS(0, 8, 3, 5), 1, 0, HCR_TTLB},         /* TLBI VALE1IS */
    {SYS(0, 8, 3, 7), 1, 0, HCR_TTLB},         /* TLBI VAALE1IS */
    {SYS(0, 8, 7, 0), 1, 0, HCR_TTLB},         /* TLBI VMALLE1 */
    {SYS(0, 8, 7, 1), 1, 0, HCR_TTLB},         /* TLBI VAE1 */
    {SYS(0, 8, 7, 2), 1, 0, HCR_TTLB},         /* TLBI ASIDE1 */
    {SYS(0, 8, 7, 3), 1, 0, HCR_TTLB},         /* TLBI VAAE1 */
    {SYS(0, 8, 7, 5), 1, 0, HCR_TTLB},         /* TLBI VALE1 */
    {SYS(0, 8, 7, 7), 1, 0, HCR_TTLB},         /* TLBI VAALE1 */
    {SYS(4, 8, 0, 1), 2, 0, 0},                /* TLBI IPAS2E1IS */
    {SYS(4, 8, 0, 5), 2, 0, 0},                /* TLBI IPAS2LE1IS */
    {SYS(4, 8, 4, 1), 2, 0, 0},                /* TLBI IPAS2E1 */
    {SYS(4, 8, 4, 5), 2, 0, 0},                /* TLBI IPAS2LE1 */
    {SYS(4, 8, 3, 0), 2, 0, 0},                /* TLBI ALLE2IS */
    {SYS(4, 8, 3, 1), 2, 0, 0},                /* TLBI VAE2IS */
    {SYS(4, 8, 3, 4), 2, 0, 0},                /* TLBI ALLE1IS */
    {SYS(4, 8, 3, 5), 2, 0, 0},                /* TLBI VALE2IS */
    {SYS(4, 8, 3, 6), 2, 0, 0},                /* TLBI VMALLS12E1IS */
    {SYS(4, 8, 7, 0), 2, 0, 0},                /* TLBI ALLE2 */
    {SYS(4, 8, 7, 1), 2, 0, 0},                /* TLBI VAE2 */
    {SYS(4, 8, 7, 4), 2, 0, 0},                /* TLBI ALLE1 */
    {SYS(4, 8, 7, 5), 2, 0, 0},                /* TLBI VALE2 */
    {SYS(4, 8, 7, 6), 2, 0, 0},                /* TLBI VMALLS12E1 */
};
/* clang-format on */

static const struct sys_row *find(uint32_t enc)
{
    for (unsigned i = 0; i < sizeof(sys_table) / sizeof(sys_table[0]); i++)
        if (sys_table[i].enc == enc)
            return &sys_table[i];
    return NULL;
}

static bool is_imp_def(uint32_t enc)
{
    unsigned crn = enc >> 7 & 15;

    return crn == 11 || crn == 15;
}

enum sysreg_result host_sys_check(const struct machine *m, unsigned pe, uint32_t sysinsn)
{
    const struct sys_row *row = find(sysinsn);
    unsigned el = host_el(m, pe);
    bool below_el1 = el == 1 || (el == 0 && !host_is_el2_app(m, pe));

    if (!row)
        return el == 1 && is_imp_def(sysinsn) && host_hcr(m, pe, HCR_TIDCP) ? SYSREG_TRAP_EL2
                                                                            : SYSREG_UNDEF;
    if (el < row->min_el)
        return SYSREG_UNDEF;
    if (el == 0 && !(host_sctlr_of_el0(m, pe) & row->el0))
        return refused_by_os(m, pe);
    return below_el1 && host_hcr(m, pe, row->trap) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}
