/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The generic timer of EL1 (DDI0487 D12): its counter is the machine's virtual time. A timer whose line is asserted
 * and not held back by CNTHCTL_EL2 interrupts the run: the RMM tells the host and then holds it back.
 */
#include "cpu_internal.h"

#define CTL_ENABLE       (1ull << 0)
#define CTL_IMASK        (1ull << 1)
#define CTL_ISTATUS      (1ull << 2)
#define CNTHCTL_CNTVMASK (1ull << 18)
#define CNTHCTL_CNTPMASK (1ull << 19)

/* CNTP is S3_3_C14_C2, CNTV S3_3_C14_C3; op2 0 TVAL, 1 CTL, 2 CVAL. */
static bool is_virtual(uint32_t enc)
{
    return (enc >> 3 & 15) == 3;
}

static uint64_t elapsed(const struct pe *p, bool virt, uint64_t now)
{
    return now - (virt ? p->cntvoff_el2 : p->cntpoff_el2);
}

uint64_t timer_read(const struct pe *p, uint32_t enc, uint64_t now, uint64_t cntfrq)
{
    bool virt = is_virtual(enc);
    const uint64_t *sys = p->r.sys;
    uint64_t cval = sys[virt ? SR_CNTV_CVAL_EL0 : SR_CNTP_CVAL_EL0];
    uint64_t ctl = sys[virt ? SR_CNTV_CTL_EL0 : SR_CNTP_CTL_EL0] & (CTL_ENABLE | CTL_IMASK);
    switch (enc) {
    case SYSREG_ENC(3, 3, 14, 0, 0): return cntfrq;
    case SYSREG_ENC(3, 3, 14, 0, 1): return elapsed(p, false, now);
    case SYSREG_ENC(3, 3, 14, 0, 2): return elapsed(p, true, now);
    default: break;
    }
    switch (enc & 7) {
    case 0: return (uint32_t)(cval - elapsed(p, virt, now));
    case 1: return ctl | ((ctl & CTL_ENABLE) && elapsed(p, virt, now) >= cval ? CTL_ISTATUS : 0);
    default: return cval;
    }
}

void timer_write(struct pe *p, uint32_t enc, uint64_t v, uint64_t now)
{
    bool virt = is_virtual(enc);
    uint64_t *cval = &p->r.sys[virt ? SR_CNTV_CVAL_EL0 : SR_CNTP_CVAL_EL0];
    switch (enc & 7) {
    case 0: *cval = elapsed(p, virt, now) + (uint64_t)(int64_t)(int32_t)v; break;
    case 1:
        p->r.sys[virt ? SR_CNTV_CTL_EL0 : SR_CNTP_CTL_EL0] = v & (CTL_ENABLE | CTL_IMASK);
        break;
    default: *cval = v; break;
    }
}

/* Time at which the line of a timer that is enabled and not masked asserts. */
static uint64_t asserts_at(uint64_t ctl, uint64_t cval, uint64_t offset, bool held_back)
{
    if ((ctl & (CTL_ENABLE | CTL_IMASK)) != CTL_ENABLE || held_back)
        return NEVER;
    uint64_t at = cval + offset;
    return at < cval ? NEVER : at;
}

uint64_t timer_deadline(const struct pe *p)
{
    const uint64_t *sys = p->r.sys;
    uint64_t virt = asserts_at(sys[SR_CNTV_CTL_EL0], sys[SR_CNTV_CVAL_EL0], p->cntvoff_el2,
                               p->cnthctl_el2 & CNTHCTL_CNTVMASK);
    uint64_t phys = asserts_at(sys[SR_CNTP_CTL_EL0], sys[SR_CNTP_CVAL_EL0], p->cntpoff_el2,
                               p->cnthctl_el2 & CNTHCTL_CNTPMASK);
    uint64_t first = virt < phys ? virt : phys;
    return p->irq_at && p->irq_at < first ? p->irq_at : first;
}

bool irq_is_due(struct machine *m, unsigned pe)
{
    struct pe *p = &m->pe[pe];
    if (p->irq_at && m->vtime >= p->irq_at) {
        p->irq_at = 0;
        p->irq_pending = true;
    }
    bool due = p->irq_pending || timer_deadline(p) <= m->vtime;
    p->irq_pending = false; /* the host takes it */
    return due;
}
