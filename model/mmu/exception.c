/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry to EL1 of an exception that the Realm takes itself: both instances of the Realm's CPU share it. */
#include <ccasim/realm_dev.h>

#define PSTATE_M       0x1full
#define PSTATE_EL1H    0x5ull
#define PSTATE_DAIF    (0xfull << 6)
#define PSTATE_BTYPE   (3ull << 10)
#define PSTATE_IL      (1ull << 20)
#define PSTATE_SS      (1ull << 21)
#define PSTATE_PAN     (1ull << 22)
#define PSTATE_UAO     (1ull << 23)
#define SCTLR_SPAN     (1ull << 23)
#define IS_SPX(pstate) ((pstate)&1)
#define EL_OF(pstate)  (((pstate) >> 2) & 3)

static void enter_el1(struct pe_regs *r, uint64_t return_pc, uint64_t kind)
{
    uint64_t old = r->pstate;
    uint64_t offset = EL_OF(old) == 0 ? 0x400 : IS_SPX(old) ? 0x200 : 0;

    r->sys[SR_SPSR_EL1] = old;
    r->sys[SR_ELR_EL1] = return_pc;
    r->pstate = (old & ~(PSTATE_M | PSTATE_BTYPE | PSTATE_IL | PSTATE_SS | PSTATE_UAO)) |
                PSTATE_EL1H | PSTATE_DAIF;
    /* SPAN = 0: EL1 starts without access to what EL0 owns (DDI0487 D1.4.2, FEAT_PAN). */
    if (!(r->sys[SR_SCTLR_EL1] & SCTLR_SPAN))
        r->pstate |= PSTATE_PAN;
    r->pc = (r->sys[SR_VBAR_EL1] & ~0x7ffull) + offset + kind;
}

void realm_take_exception(struct pe_regs *r, uint64_t esr, const uint64_t *far, uint64_t return_pc)
{
    r->sys[SR_ESR_EL1] = esr;
    if (far)
        r->sys[SR_FAR_EL1] = *far;
    enter_el1(r, return_pc, 0);
}

void realm_take_interrupt(struct pe_regs *r, uint64_t offset, const uint64_t *esr)
{
    if (esr)
        r->sys[SR_ESR_EL1] = *esr;
    enter_el1(r, r->pc, offset);
}
