/* SPDX-License-Identifier: BSD-3-Clause */
/* Taking an exception to EL1 on behalf of the RMM: what AArch64.TakeException does to the
 * registers. */
#include <ccasim/realm_cpu.h>

#include "realm/rec.h"

#define SCTLR_SPAN  (1ull << 23)
#define SCTLR_DSSBS (1ull << 44)

#define ESR_EC_MASK  (0x3full << 26)
#define ESR_FSC_MASK 0x3full

static bool is_el0(uint64_t pstate)
{
    return (pstate & 0xf) == PSTATE_M_EL0T;
}

/* Synchronous exceptions; offset of the group by where the PE was (DDI0487 D1.3.1). */
static uint64_t vector_offset(uint64_t pstate)
{
    if (is_el0(pstate))
        return pstate & PSTATE_NRW ? 0x600 : 0x400;
    return pstate & 1 ? 0x200 : 0x000;
}

static uint64_t pstate_at_el1(uint64_t pstate, uint64_t sctlr)
{
    uint64_t to = PSTATE_M_EL1H | PSTATE_DAIF;

    /* BTYPE, SS, IL and UAO are cleared by not being copied. */
    to |= pstate & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN);
    if (!(sctlr & SCTLR_SPAN))
        to |= PSTATE_PAN;
    if (sctlr & SCTLR_DSSBS)
        to |= PSTATE_SSBS;
    return to;
}

static void take_to_el1(struct pe_regs *r, uint64_t esr)
{
    r->sys[SR_ESR_EL1] = esr;
    r->sys[SR_ELR_EL1] = r->pc;
    r->sys[SR_SPSR_EL1] = r->pstate;
    r->pc = r->sys[SR_VBAR_EL1] + vector_offset(r->pstate);
    r->pstate = pstate_at_el1(r->pstate, r->sys[SR_SCTLR_EL1]);
}

void inject_sea(struct pe_regs *r, uint64_t esr_el2, uint64_t far_el2)
{
    unsigned ec = ESR_GET_EC(esr_el2); /* abort from a lower EL, as EL2 saw it */
    uint64_t esr = esr_el2 & ~(ESR_EC_MASK | ESR_FSC_MASK | ESR_FNV | ESR_S1PTW);

    /* From EL0 it is still a lower EL than EL1; from EL1 it is the same one, whose class is the
     * next. */
    esr |= ESR_EC(is_el0(r->pstate) ? ec : ec + 1) | ESR_EA | FSC_SEA;
    r->sys[SR_FAR_EL1] = far_el2;
    take_to_el1(r, esr);
}

void inject_address_size(struct pe_regs *r, uint64_t esr_el2, uint64_t far_el2, int level)
{
    unsigned ec = ESR_GET_EC(esr_el2) + (is_el0(r->pstate) ? 0 : 1);

    r->sys[SR_FAR_EL1] = far_el2;
    take_to_el1(r, ESR_EC(ec) | (esr_el2 & (ESR_IL | ESR_CM | ESR_WNR)) |
                       (FSC_ADDRESS_SIZE + (unsigned)level));
}

void inject_undefined(struct pe_regs *r)
{
    take_to_el1(r, ESR_EC(EC_UNKNOWN) | ESR_IL);
}
