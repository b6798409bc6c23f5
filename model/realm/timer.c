/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/timer.h"

#include <ccasim/realm_dev.h>

/* Counters are S3_3_C14_C0_n; CNTP is S3_3_C14_C2_n, CNTV S3_3_C14_C3_n: 0 TVAL, 1 CTL, 2 CVAL. */
#define CNTFRQ SYSREG(3, 3, 14, 0, 0)
#define CNTPCT SYSREG(3, 3, 14, 0, 1)
#define CNTVCT SYSREG(3, 3, 14, 0, 2)

static bool is_virtual(uint32_t sysreg)
{
    return (sysreg >> 3 & 15) == 3;
}

static uint64_t count(const struct pe *p, bool virt, uint64_t now)
{
    return now - (virt ? p->cntvoff_el2 : p->cntpoff_el2);
}

uint64_t timer_read(const struct pe *p, uint32_t sysreg, uint64_t now, uint64_t cntfrq)
{
    bool virt = is_virtual(sysreg);
    const uint64_t *sys = p->r.sys;
    uint64_t cval = sys[virt ? SR_CNTV_CVAL_EL0 : SR_CNTP_CVAL_EL0];

    switch (sysreg) {
    case CNTFRQ: return cntfrq;
    case CNTPCT: return count(p, false, now);
    case CNTVCT: return count(p, true, now);
    default: break;
    }
    switch (sysreg & 7) {
    case 0: return (uint32_t)(cval - count(p, virt, now));
    case 1:
        return timer_ctl(sys[virt ? SR_CNTV_CTL_EL0 : SR_CNTP_CTL_EL0], cval, count(p, virt, now));
    default: return cval;
    }
}

bool timer_write(struct pe *p, uint32_t sysreg, uint64_t v, uint64_t now)
{
    bool virt = is_virtual(sysreg);
    uint64_t *cval = &p->r.sys[virt ? SR_CNTV_CVAL_EL0 : SR_CNTP_CVAL_EL0];

    if ((sysreg >> 3 & 15) == 0)
        return false;
    switch (sysreg & 7) {
    case 0: *cval = count(p, virt, now) + (uint64_t)(int64_t)(int32_t)v; break;
    case 1:
        p->r.sys[virt ? SR_CNTV_CTL_EL0 : SR_CNTP_CTL_EL0] = v & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
        break;
    default: *cval = v; break;
    }
    return true;
}

static uint64_t asserts_at(uint64_t ctl, uint64_t cval, uint64_t offset, bool held_back)
{
    if ((ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) != CNT_CTL_ENABLE || held_back)
        return TIME_NEVER;
    return cval + offset < cval ? TIME_NEVER : cval + offset;
}

uint64_t timer_deadline(const struct pe *p)
{
    const uint64_t *sys = p->r.sys;
    uint64_t virt = asserts_at(sys[SR_CNTV_CTL_EL0], sys[SR_CNTV_CVAL_EL0], p->cntvoff_el2,
                               p->cnthctl_el2 & CNTHCTL_CNTVMASK);
    uint64_t phys = asserts_at(sys[SR_CNTP_CTL_EL0], sys[SR_CNTP_CVAL_EL0], p->cntpoff_el2,
                               p->cnthctl_el2 & CNTHCTL_CNTPMASK);

    return virt < phys ? virt : phys;
}
