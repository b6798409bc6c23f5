/* SPDX-License-Identifier: BSD-3-Clause */
/* Reset, exception entry and return of the host's PE (DDI0487 D1.4; AArch64.TakeException, AArch64.ExceptionReturn). */
#include <string.h>

#include "host_internal.h"

/* RES1 where no feature gives the bit a meaning, and what a PE without AArch32 and FEAT_ExS has as one. */
#define SCTLR_EL1_RES1 0x30D00800ull
#define SCTLR_EL2_RES1 0x30C50830ull

void host_reset(struct machine *m, unsigned pe, uint64_t entry, uint64_t x0)
{
    struct pe *p = &m->pe[pe];
    struct host_pe *h = &m->plat->pe[pe];

    memset(&p->r, 0, sizeof(p->r));
    p->r.pc = entry;
    p->r.x[0] = x0;
    p->r.pstate = PSTATE_EL2H | PSTATE_DAIF;
    p->r.sys[SR_SCTLR_EL1] = SCTLR_EL1_RES1;
    p->irq_pending = p->fiq_pending = p->serror_pending = false;
    p->irq_at = p->fiq_at = p->serror_at = 0;

    memset(h->el2, 0, sizeof(h->el2));
    h->el2[HS_SCTLR_EL2] = SCTLR_EL2_RES1;
    h->el2[HS_HCR_EL2] = HCR_RW;
    h->el2[HS_VPIDR_EL2] = HOST_MIDR;
    h->el2[HS_VMPIDR_EL2] = host_mpidr(m, pe);
    h->el2[HS_MDCR_EL2] = m->impl.pmu ? m->impl.pmu_num_ctrs : 0; /* HPMN: all of them */
    memset(&h->gic, 0, sizeof(h->gic));
    pmu_reset(&h->pmu, m->impl.pmu, m->impl.pmu_num_ctrs);
    h->pmu.since = m->vtime;
    h->event = false;
    h->os_locked = true;
    plat_pe_reset(m, pe);
}

/* --- entry -------------------------------------------------------------------------------------------------------- */

/* Exception vectors (D1.4.1.6): by where the PE was. */
static uint64_t vector_offset(uint64_t pstate, unsigned from_el, unsigned to_el,
                              enum host_vector vector)
{
    static const uint16_t offset[] = {
        [HOST_SYNC] = 0, [HOST_IRQ] = 0x80, [HOST_FIQ] = 0x100, [HOST_SERROR] = 0x180};
    uint64_t group = from_el < to_el ? 0x400 : pstate & PSTATE_SP ? 0x200 : 0;

    return group + offset[vector];
}

static uint64_t pstate_at(uint64_t pstate, unsigned to_el, uint64_t sctlr, bool pan)
{
    uint64_t gone = PSTATE_M_MASK | PSTATE_BTYPE | PSTATE_SSBS | PSTATE_IL | PSTATE_SS | PSTATE_UAO;
    uint64_t to = (pstate & ~gone) | (uint64_t)to_el << 2 | PSTATE_SP | PSTATE_DAIF;

    if (pan && !(sctlr & SCTLR_SPAN))
        to |= PSTATE_PAN;
    return to | (sctlr & SCTLR_DSSBS ? PSTATE_SSBS : 0);
}

static void set_syndrome(struct machine *m, unsigned pe, unsigned to_el, uint64_t esr,
                         const uint64_t *far)
{
    uint64_t *el2 = m->plat->pe[pe].el2, *sys = m->pe[pe].r.sys;

    *(to_el == 2 ? &el2[HS_ESR_EL2] : &sys[SR_ESR_EL1]) = esr;
    if (far)
        *(to_el == 2 ? &el2[HS_FAR_EL2] : &sys[SR_FAR_EL1]) = *far;
}

void host_exception(struct machine *m, unsigned pe, unsigned to_el, enum host_vector vector,
                    uint64_t esr, const uint64_t *far, const uint64_t *hpfar, uint64_t return_pc)
{
    struct pe_regs *r = &m->pe[pe].r;
    uint64_t *el2 = m->plat->pe[pe].el2;
    bool to2 = to_el == 2;
    uint64_t sctlr = to2 ? el2[HS_SCTLR_EL2] : r->sys[SR_SCTLR_EL1];
    uint64_t vbar = to2 ? el2[HS_VBAR_EL2] : r->sys[SR_VBAR_EL1];
    uint64_t offset = vector_offset(r->pstate, host_el(m, pe), to_el, vector);

    if (vector == HOST_SYNC || vector == HOST_SERROR)
        set_syndrome(m, pe, to_el, esr, far);
    if (to2 && hpfar)
        el2[HS_HPFAR_EL2] = *hpfar;
    *(to2 ? &el2[HS_SPSR_EL2] : &r->sys[SR_SPSR_EL1]) = r->pstate;
    *(to2 ? &el2[HS_ELR_EL2] : &r->sys[SR_ELR_EL1]) = return_pc;
    r->pstate = pstate_at(r->pstate, to_el, sctlr, !to2 || host_is_el2_app(m, pe));
    r->pc = (vbar & ~0x7ffull) + offset;
}

unsigned host_sync_el(const struct machine *m, unsigned pe)
{
    unsigned el = host_el(m, pe);

    return el == 2 || host_hcr(m, pe, HCR_TGE_BIT) ? 2 : 1;
}

/* --- return ------------------------------------------------------------------------------------------------------- */

/* IllegalExceptionReturn(). Every Exception level is AArch64, in the Non-secure state. */
static bool is_illegal(const struct machine *m, unsigned pe, uint64_t spsr)
{
    unsigned target = (unsigned)(spsr >> 2) & 3;

    if ((spsr & PSTATE_NRW) || (spsr & 2) || target > host_el(m, pe))
        return true;
    if (target == 0)
        return spsr & PSTATE_SP;
    return target == 1 && host_hcr(m, pe, HCR_TGE_BIT);
}

/* What a return takes from SPSR, legal or not; the rest of the host's PSTATE is not there. */
#define RESTORED_ALWAYS (PSTATE_NZCV | PSTATE_PAN | PSTATE_DAIF)
#define RESTORED_LEGAL  (PSTATE_M_MASK | PSTATE_SSBS | PSTATE_IL | PSTATE_UAO | PSTATE_DIT)

bool host_eret(struct machine *m, unsigned pe)
{
    struct pe_regs *r = &m->pe[pe].r;
    const uint64_t *el2 = m->plat->pe[pe].el2;
    unsigned el = host_el(m, pe);
    uint64_t spsr, restored = RESTORED_ALWAYS;

    if (el == 0)
        return false;
    spsr = el == 2 ? el2[HS_SPSR_EL2] : r->sys[SR_SPSR_EL1];
    r->pc = el == 2 ? el2[HS_ELR_EL2] : r->sys[SR_ELR_EL1];
    if (is_illegal(m, pe, spsr))
        r->pstate |=
            PSTATE_IL; /* the next instruction takes an Illegal Execution state exception */
    else
        restored |= RESTORED_LEGAL;
    r->pstate = (r->pstate & ~(restored | PSTATE_SS)) | (spsr & restored);
    m->plat->pe[pe].event = true; /* SendEventLocal() */
    return true;
}
