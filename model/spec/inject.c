/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exceptions that the RMM takes to the Realm's EL1 on its behalf: Synchronous External Abort
 * (A5.2.7) and Unknown (A4.5). Syndrome, return address and vector as the PE itself would set them
 * (DDI0487 D1.3, rmm-1.0.md 1.12).
 */
#include "spec_internal.h"

#define PSTATE_M_EL1H  5ull
#define PSTATE_M(p)    ((p)&0x1f)
#define PSTATE_AARCH32 0x10ull
#define PSTATE_DAIF    0x3c0ull
#define PSTATE_PAN     (1ull << 22)
#define PSTATE_NZCV    (0xfull << 28)
#define PSTATE_DIT     (1ull << 24)
#define PSTATE_UAO     (1ull << 23)
#define PSTATE_SS      (1ull << 21)
#define PSTATE_IL      (1ull << 20)
#define PSTATE_BTYPE   (3ull << 10)
#define PSTATE_JUDGED                                                                            \
    (PSTATE_NZCV | PSTATE_DIT | PSTATE_UAO | PSTATE_PAN | PSTATE_SS | PSTATE_IL | PSTATE_BTYPE | \
     PSTATE_DAIF | 0x1f)
#define SCTLR_SPAN (1ull << 23)

static uint64_t vector_offset(uint64_t pstate)
{
    if (pstate & PSTATE_AARCH32)
        return 0x600;
    if ((pstate & 0xc) == 0) /* EL0 */
        return 0x400;
    return (pstate & 1) ? 0x200 : 0x0; /* SP_EL1, SP_EL0 */
}

static uint64_t entry_pstate(uint64_t old, uint64_t sctlr)
{
    uint64_t pan = (sctlr & SCTLR_SPAN) ? old & PSTATE_PAN : PSTATE_PAN;

    return (old & (PSTATE_NZCV | PSTATE_DIT)) | pan | PSTATE_DAIF | PSTATE_M_EL1H;
}

static void take_to_el1(struct spec_expect *e, uint64_t esr)
{
    struct spec_regs *r = &e->regs;

    r->esr_el1 = esr;
    r->elr_el1 = r->pc;
    r->spsr_el1 = r->pstate;
    r->pc = r->vbar_el1 + vector_offset(r->pstate);
    r->pstate = entry_pstate(r->pstate, r->sctlr_el1);
    e->open_pstate = ~PSTATE_JUDGED;
}

#define ESR_EC_SHIFT   26
#define ESR_EC_SAME    (1ull << ESR_EC_SHIFT) /* 0x20 -> 0x21, 0x24 -> 0x25 */
#define ESR_IL         (1ull << 25)
#define ESR_ISS_ISV_AR (0x7ffull << 14) /* ISV, SAS, SSE, SRT, SF, AR */
#define ESR_FNV        (1ull << 10)
#define ESR_EA         (1ull << 9)
#define ESR_CM         (1ull << 8)
#define ESR_WNR        (1ull << 6)
#define ESR_S1PTW      (1ull << 7)
#define ESR_FSC        0x3full
#define FSC_SEA        0x10ull

void spec_inject_sea(struct spec_expect *e, uint64_t esr_el2, uint64_t far_el2)
{
    uint64_t esr = (esr_el2 & ~(ESR_FSC | ESR_FNV | ESR_S1PTW)) | ESR_EA | FSC_SEA;

    if ((e->regs.pstate & 0xc) != 0 && !(e->regs.pstate & PSTATE_AARCH32))
        esr |= ESR_EC_SAME;
    take_to_el1(e, esr);
    e->regs.far_el1 = far_el2;
    e->open_esr = ESR_ISS_ISV_AR;
}

void spec_inject_address_size(struct spec_expect *e, uint64_t esr_el2, uint64_t far_el2,
                              unsigned level)
{
    /* Fault status codes 0b0000LL. */
    uint64_t esr = (esr_el2 & (0x3full << ESR_EC_SHIFT | ESR_IL | ESR_CM | ESR_WNR)) | level;

    if ((e->regs.pstate & 0xc) != 0 && !(e->regs.pstate & PSTATE_AARCH32))
        esr |= ESR_EC_SAME;
    take_to_el1(e, esr);
    e->regs.far_el1 = far_el2;
}

void spec_inject_undef(struct spec_expect *e)
{
    take_to_el1(e, ESR_IL); /* EC 0, Unknown reason */
}
