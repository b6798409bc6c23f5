/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts while a Realm runs (DDI0487 D1.3.6; A6): physical ones are the Host's, whatever the Realm masks, as
 * HCR_EL2.{AMO,IMO,FMO} route them to EL2; virtual ones are the Realm's, as its PSTATE lets them.
 */
#include <string.h>

#include "realm/gic.h"
#include "realm/interrupt.h"
#include "realm/pmu.h"
#include "realm/rec.h"
#include "realm/timer.h"

#include <ccasim/plat.h>

#define PSTATE_F (1ull << 6)
#define PSTATE_I (1ull << 7)
#define PSTATE_A (1ull << 8)

#define OFFSET_IRQ    0x80u
#define OFFSET_FIQ    0x100u
#define OFFSET_SERROR 0x180u

#define ISS_SERROR 0x1ffffffull /* IDS, ISS[23:0]: VSESR_EL2 has them at the same place */

void interrupt_raise_lines(struct pe *p, uint64_t now)
{
    struct {
        bool *pending;
        uint64_t *at;
    } const line[] = {{&p->irq_pending, &p->irq_at},
                      {&p->fiq_pending, &p->fiq_at},
                      {&p->serror_pending, &p->serror_at}};

    for (unsigned i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
        if (*line[i].at && now >= *line[i].at) {
            *line[i].at = 0;
            *line[i].pending = true;
        }
    }
}

static bool leave(struct realm_exception *exc, enum realm_vector vector, uint64_t esr)
{
    memset(exc, 0, sizeof(*exc));
    exc->vector = vector;
    exc->esr = esr;
    return true;
}

/*
 * Of the devices of the PE whose interrupts are the Host's. Where there is a platform they are PPIs (host_ppis), and its GIC
 * says what is signalled, until the Host acknowledges it; else each of them is enabled.
 */
static bool device_irq(struct machine *m, unsigned pe)
{
    const struct pe *p = &m->pe[pe];

    if (m->plat)
        return plat_irq(m, pe);
    if (m->impl.quiet_devices)
        return false;
    return timer_deadline(p) <= m->vtime || gic_maintenance(&p->gic) ||
           pmu_deadline(&p->pmu) <= m->vtime;
}

bool realm_take_irq(struct machine *m, unsigned pe)
{
    struct pe *p = &m->pe[pe];
    bool due;

    interrupt_raise_lines(p, m->vtime);
    due = p->irq_pending || device_irq(m, pe);
    p->irq_pending = false; /* the host takes it */
    return due;
}

static bool physical(struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct pe *p = &m->pe[pe];

    interrupt_raise_lines(p, m->vtime);
    if (p->serror_pending) {
        p->serror_pending = false;
        return leave(exc, VEC_SERROR, ESR_EC(EC_SERROR) | ESR_IL | p->serror_iss);
    }
    if (p->fiq_pending) {
        p->fiq_pending = false; /* the host takes it */
        return leave(exc, VEC_FIQ, 0);
    }
    if (p->irq_pending || device_irq(m, pe)) {
        p->irq_pending = false;
        return leave(exc, VEC_IRQ, 0);
    }
    return false;
}

static void take(struct machine *m, unsigned pe, uint64_t offset, const uint64_t *esr)
{
    struct pe *p = &m->pe[pe];

    realm_take_interrupt(&p->r, offset, esr);
    ev(m, pe, EV_VIRTUAL, p->running_rec, offset, 0);
}

static void take_virtual(struct machine *m, unsigned pe)
{
    struct pe *p = &m->pe[pe];
    const struct pe_regs *r = &p->r;
    unsigned gic;

    if ((p->hcr_el2 & HCR_VSE) && !(r->pstate & PSTATE_A)) {
        uint64_t esr = ESR_EC(EC_SERROR) | ESR_IL | (p->vsesr_el2 & ISS_SERROR);

        p->hcr_el2 &= ~HCR_VSE;
        take(m, pe, OFFSET_SERROR, &esr);
        return;
    }
    if ((r->pstate & (PSTATE_I | PSTATE_F)) == (PSTATE_I | PSTATE_F))
        return;
    gic = gic_signals(&m->impl, &p->gic);
    if ((gic & GIC_VFIQ) && !(r->pstate & PSTATE_F))
        take(m, pe, OFFSET_FIQ, NULL);
    else if ((gic & GIC_VIRQ) && !(r->pstate & PSTATE_I))
        take(m, pe, OFFSET_IRQ, NULL);
}

bool realm_interrupt(struct machine *m, unsigned pe, struct realm_exception *exc)
{
    if (physical(m, pe, exc))
        return true;
    take_virtual(m, pe);
    return false;
}

static uint64_t earliest(uint64_t first, uint64_t at)
{
    return at && at < first ? at : first;
}

uint64_t interrupt_next_line(const struct pe *p, uint64_t first)
{
    first = earliest(first, p->irq_at);
    first = earliest(first, p->fiq_at);
    return earliest(first, p->serror_at);
}

/* The next interrupt that comes by itself. Without the PMU: its counters stand while nothing is executed. */
static uint64_t next_event(const struct machine *m, unsigned pe)
{
    const struct pe *p = &m->pe[pe];
    uint64_t ppi, device;

    if (!m->plat)
        return interrupt_next_line(p, m->impl.quiet_devices ? TIME_NEVER : timer_deadline(p));
    ppi = host_ppi_deadline(m, pe, m->vtime);
    device = plat_deadline(m);
    return interrupt_next_line(p, ppi < device ? ppi : device);
}

static bool is_pending_now(const struct machine *m, unsigned pe)
{
    const struct pe *p = &m->pe[pe];

    return p->irq_pending || p->fiq_pending || p->serror_pending ||
           (!m->plat && !m->impl.quiet_devices && gic_maintenance(&p->gic));
}

uint64_t realm_deadline(const struct machine *m, unsigned pe)
{
    uint64_t first = next_event(m, pe), overflow = pmu_deadline(&m->pe[pe].pmu);

    if (is_pending_now(m, pe))
        return m->vtime;
    if (m->plat || m->impl.quiet_devices) /* with the other PPIs; with none */
        return first;
    return overflow < first ? overflow : first;
}

bool realm_wakes(struct machine *m, unsigned pe)
{
    interrupt_raise_lines(&m->pe[pe], m->vtime);
    return is_pending_now(m, pe) || device_irq(m, pe) || realm_virtual_masks(m, pe);
}

uint64_t realm_virtual_masks(const struct machine *m, unsigned pe)
{
    const struct pe *p = &m->pe[pe];
    unsigned gic = gic_signals(&m->impl, &p->gic);

    return (p->hcr_el2 & HCR_VSE ? PSTATE_A : 0) | (gic & GIC_VFIQ ? PSTATE_F : 0) |
           (gic & GIC_VIRQ ? PSTATE_I : 0);
}

/* Where nothing will ever come, WFI completes all the same: it may at any time (DDI0487 D1.6.2). */
void realm_wait(struct machine *m, unsigned pe)
{
    struct pe *p = &m->pe[pe];
    uint64_t at = next_event(m, pe);

    if (is_pending_now(m, pe) || (m->plat && device_irq(m, pe)) || realm_virtual_masks(m, pe) ||
        at == TIME_NEVER || at <= m->vtime)
        return;
    pmu_sync(&p->pmu, m->vtime);
    m->vtime = p->pmu.since = at;
}
