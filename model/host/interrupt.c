/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of the host's PE (DDI0487 D1.4.6): physical ones go to EL2 or EL1 by HCR_EL2.{TGE,IMO,FMO,AMO}, virtual
 * ones from HCR_EL2.{VI,VF,VSE} and the list registers to EL1.
 */
#include "host_internal.h"

#include "realm/interrupt.h"

#define ISS_SERROR 0x1ffffffull

struct line {
    enum host_vector vector;
    uint64_t mask;  /* in PSTATE */
    uint64_t route; /* in HCR_EL2 */
};
/* Of several, the first is taken. */
static const struct line lines[] = {
    {HOST_SERROR, PSTATE_A, HCR_AMO}, {HOST_FIQ, PSTATE_F, HCR_FMO}, {HOST_IRQ, PSTATE_I, HCR_IMO}};
#define NUM_LINES (sizeof(lines) / sizeof(lines[0]))

static bool is_pending(struct machine *m, unsigned pe, enum host_vector vector)
{
    const struct pe *p = &m->pe[pe];

    switch (vector) {
    case HOST_SERROR: return p->serror_pending;
    case HOST_FIQ: return p->fiq_pending;
    default: return p->irq_pending || plat_irq(m, pe);
    }
}

static bool is_pending_virtual(const struct machine *m, unsigned pe, enum host_vector vector)
{
    unsigned gic = gic_signals(&m->impl, &m->plat->pe[pe].gic);

    switch (vector) {
    case HOST_SERROR: return host_hcr(m, pe, HCR_VSE);
    case HOST_FIQ: return host_hcr(m, pe, HCR_VF) || (gic & GIC_VFIQ);
    default: return host_hcr(m, pe, HCR_VI) || (gic & GIC_VIRQ);
    }
}

static unsigned target_el(const struct machine *m, unsigned pe, const struct line *line)
{
    return host_hcr(m, pe, HCR_TGE_BIT | line->route) ? 2 : 1;
}

/* Virtual interrupts exist below an EL2 that routes the physical ones to itself (D1.4.6.4.2). */
static bool has_virtual(const struct machine *m, unsigned pe, const struct line *line)
{
    return host_el(m, pe) < 2 && host_hcr(m, pe, line->route) && !host_hcr(m, pe, HCR_TGE_BIT);
}

/* Table D1-21: what is to be taken at a higher EL cannot be masked, but by an application of EL2's own. */
static bool can_take(const struct machine *m, unsigned pe, const struct line *line)
{
    unsigned el = host_el(m, pe), target = target_el(m, pe, line);

    if (target < el)
        return false;
    if (target > el && target == 2 && !host_is_el2_app(m, pe))
        return true;
    return !(m->pe[pe].r.pstate & line->mask);
}

static void clear_line(struct pe *p, enum host_vector vector)
{
    if (vector == HOST_SERROR)
        p->serror_pending = false;
    else if (vector == HOST_FIQ)
        p->fiq_pending = false;
    else
        p->irq_pending = false;
}

static void take(struct machine *m, unsigned pe, const struct line *line)
{
    struct pe *p = &m->pe[pe];
    uint64_t esr = ESR_EC(EC_SERROR) | ESR_IL | (p->serror_iss & ISS_SERROR);

    clear_line(p, line->vector);
    host_exception(m, pe, target_el(m, pe, line), line->vector, esr, NULL, NULL, p->r.pc);
}

static void take_virtual(struct machine *m, unsigned pe, const struct line *line)
{
    uint64_t *el2 = m->plat->pe[pe].el2;
    uint64_t esr = ESR_EC(EC_SERROR) | ESR_IL | (el2[HS_VSESR_EL2] & ISS_SERROR);

    if (line->vector == HOST_SERROR)
        el2[HS_HCR_EL2] &= ~HCR_VSE;
    host_exception(m, pe, 1, line->vector, esr, NULL, NULL, m->pe[pe].r.pc);
}

static const struct line *due(struct machine *m, unsigned pe)
{
    for (unsigned i = 0; i < NUM_LINES; i++)
        if (can_take(m, pe, &lines[i]) && is_pending(m, pe, lines[i].vector))
            return &lines[i];
    return NULL;
}

static const struct line *due_virtual(const struct machine *m, unsigned pe)
{
    for (unsigned i = 0; i < NUM_LINES; i++)
        if (has_virtual(m, pe, &lines[i]) && !(m->pe[pe].r.pstate & lines[i].mask) &&
            is_pending_virtual(m, pe, lines[i].vector))
            return &lines[i];
    return NULL;
}

bool host_interrupt(struct machine *m, unsigned pe)
{
    const struct line *line;

    interrupt_raise_lines(&m->pe[pe], m->vtime);
    line = due(m, pe);
    if (line) {
        take(m, pe, line);
        return true;
    }
    line = due_virtual(m, pe);
    if (line)
        take_virtual(m, pe, line);
    return line != NULL;
}

/* D1.6.2: masked or not. */
bool host_wakes(struct machine *m, unsigned pe)
{
    interrupt_raise_lines(&m->pe[pe], m->vtime);
    for (unsigned i = 0; i < NUM_LINES; i++)
        if (is_pending(m, pe, lines[i].vector) ||
            (has_virtual(m, pe, &lines[i]) && is_pending_virtual(m, pe, lines[i].vector)))
            return true;
    return false;
}

uint64_t host_masks(struct machine *m, unsigned pe)
{
    uint64_t masks = 0;

    for (unsigned i = 0; i < NUM_LINES; i++)
        if ((target_el(m, pe, &lines[i]) >= host_el(m, pe) && is_pending(m, pe, lines[i].vector)) ||
            (has_virtual(m, pe, &lines[i]) && is_pending_virtual(m, pe, lines[i].vector)))
            masks |= lines[i].mask;
    return masks;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

enum { PPI_PMU = 23, PPI_MAINTENANCE = 25, PPI_CNTHP = 26, PPI_CNTV = 27, PPI_CNTHV = 28 };
enum { PPI_CNTP = 30 };

struct timer {
    unsigned intid;
    uint64_t ctl, cval, offset;
};

/* Those of EL1 are the Realm's while a REC is on the PE; what the RMM holds back (CNTHCTL_EL2) says nothing. */
static void timers(const struct machine *m, unsigned pe, struct timer t[4])
{
    const uint64_t *el2 = m->plat->pe[pe].el2;
    const struct pe *p = &m->pe[pe];
    const uint64_t *sys = p->r.sys;
    bool realm = p->running_rec;

    t[0] = (struct timer){PPI_CNTHP, el2[HS_CNTHP_CTL_EL2], el2[HS_CNTHP_CVAL_EL2], 0};
    t[1] = (struct timer){PPI_CNTHV, el2[HS_CNTHV_CTL_EL2], el2[HS_CNTHV_CVAL_EL2], 0};
    t[2] = (struct timer){PPI_CNTP, sys[SR_CNTP_CTL_EL0], sys[SR_CNTP_CVAL_EL0],
                          realm ? p->cntpoff_el2 : 0};
    t[3] = (struct timer){PPI_CNTV, sys[SR_CNTV_CTL_EL0], sys[SR_CNTV_CVAL_EL0],
                          realm ? p->cntvoff_el2 : el2[HS_CNTVOFF_EL2]};
    if (p->cnthctl_el2 & CNTHCTL_CNTPMASK)
        t[2].ctl = 0;
    if (p->cnthctl_el2 & CNTHCTL_CNTVMASK)
        t[3].ctl = 0;
}

/* The PMU and the virtual CPU interface that are in use on the PE. */
static const struct pe_pmu *pmu_of(const struct machine *m, unsigned pe)
{
    return m->pe[pe].running_rec ? &m->pe[pe].pmu : &m->plat->pe[pe].pmu;
}

static const struct pe_gic *gic_of(const struct machine *m, unsigned pe)
{
    return m->pe[pe].running_rec ? &m->pe[pe].gic : &m->plat->pe[pe].gic;
}

uint32_t host_ppis(const struct machine *m, unsigned pe, uint64_t now)
{
    const struct pe_pmu *pmu = pmu_of(m, pe);
    struct timer t[4];
    uint32_t ppis = 0;

    timers(m, pe, t);
    for (unsigned i = 0; i < 4; i++)
        if (timer_is_asserted(timer_ctl(t[i].ctl, t[i].cval, now - t[i].offset)))
            ppis |= 1u << t[i].intid;
    if (!pmu->told && pmu_overflow(pmu, now))
        ppis |= 1u << PPI_PMU;
    if (gic_maintenance(gic_of(m, pe)))
        ppis |= 1u << PPI_MAINTENANCE;
    return ppis;
}

static uint64_t timer_change(const struct timer *t, uint64_t now)
{
    uint64_t at = t->cval + t->offset;

    if ((t->ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) != CNT_CTL_ENABLE || at < t->cval || at <= now)
        return TIME_NEVER;
    return at;
}

uint64_t host_ppi_deadline(const struct machine *m, unsigned pe, uint64_t now)
{
    uint64_t first = pmu_deadline(pmu_of(m, pe));
    struct timer t[4];

    if (first <= now)
        first = TIME_NEVER; /* it has come */
    timers(m, pe, t);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t at = timer_change(&t[i], now);

        first = at < first ? at : first;
    }
    return first;
}

uint64_t host_deadline(struct machine *m, unsigned pe)
{
    uint64_t first, plat;

    interrupt_raise_lines(&m->pe[pe], m->vtime);
    if (due(m, pe) || due_virtual(m, pe))
        return m->vtime;
    first = interrupt_next_line(&m->pe[pe], host_ppi_deadline(m, pe, m->vtime));
    plat = plat_deadline(m);
    return plat < first ? plat : first;
}
