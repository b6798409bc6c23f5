/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters and timers by register name (DDI0487 D12, CNT*): who may use them, and which timer a name means. The counter is
 * the machine's virtual time; of offsets there is CNTVOFF_EL2.
 */
#include "host_sysreg.h"

#define OP1(s) ((s) >> 11 & 7)
#define CRM(s) ((s) >> 3 & 15)
#define OP2(s) ((s)&7)

/* CNTKCTL_EL1, and CNTHCTL_EL2 with E2H */
#define EL0PCTEN (1ull << 0)
#define EL0VCTEN (1ull << 1)
#define EL0VTEN  (1ull << 8)
#define EL0PTEN  (1ull << 9)
/* CNTHCTL_EL2 without E2H; with it realm/timer.h */
#define EL1PCTEN (1ull << 0)
#define EL1PCEN  (1ull << 1)

enum { CNTFRQ, CNTPCT, CNTVCT };

static bool is_counter(uint32_t enc)
{
    return CRM(enc) == 0;
}
static bool is_physical(uint32_t enc)
{
    return is_counter(enc) ? OP2(enc) == CNTPCT : CRM(enc) == 2;
}

/* What EL0 needs of CNTKCTL_EL1, or of CNTHCTL_EL2: one of these bits. */
static uint64_t el0_bits(uint32_t enc)
{
    if (!is_counter(enc))
        return is_physical(enc) ? EL0PTEN : EL0VTEN;
    if (OP2(enc) == CNTFRQ)
        return EL0PCTEN | EL0VCTEN;
    return is_physical(enc) ? EL0PCTEN : EL0VCTEN;
}

/* EL2 keeps its guest from the physical counter and timer. */
static bool el2_traps(const struct machine *m, unsigned pe, uint32_t enc)
{
    uint64_t ctl = host_el2(m, pe, HS_CNTHCTL_EL2);

    if (!is_physical(enc))
        return false;
    if (host_hcr(m, pe, HCR_E2H_BIT))
        return !(ctl & (is_counter(enc) ? CNTHCTL_EL1PCTEN : CNTHCTL_EL1PTEN));
    return !(ctl & (is_counter(enc) ? EL1PCTEN : EL1PCEN));
}

enum sysreg_result host_timer_check(const struct machine *m, unsigned pe, uint32_t enc)
{
    unsigned el = host_el(m, pe);
    bool own_app = host_is_el2_app(m, pe);
    uint64_t el0 = own_app ? host_el2(m, pe, HS_CNTHCTL_EL2) : m->pe[pe].r.sys[SR_CNTKCTL_EL1];

    if (OP1(enc) != 3)
        return el == 2 ? SYSREG_OK : SYSREG_UNDEF;
    if (el == 0 && !(el0 & el0_bits(enc)))
        return SYSREG_TRAP_EL1;
    if (el == 2 || (el == 0 && own_app))
        return SYSREG_OK;
    return el2_traps(m, pe, enc) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

struct timer {
    uint64_t *ctl, *cval, offset;
};

/* With E2H, EL2 and its own applications mean EL2's timers by the names of EL0's (HCR_EL2.E2H). */
static bool is_redirected(const struct machine *m, unsigned pe, uint32_t enc)
{
    return OP1(enc) == 3 && (host_el(m, pe) == 2 ? host_hcr(m, pe, HCR_E2H_BIT)
                                                 : host_el(m, pe) == 0 && host_is_el2_app(m, pe));
}

static struct timer timer_of(struct machine *m, unsigned pe, uint32_t enc)
{
    uint64_t *el2 = m->plat->pe[pe].el2, *sys = m->pe[pe].r.sys;

    if (OP1(enc) == 4 || is_redirected(m, pe, enc))
        return is_physical(enc)
                   ? (struct timer){&el2[HS_CNTHP_CTL_EL2], &el2[HS_CNTHP_CVAL_EL2], 0}
                   : (struct timer){&el2[HS_CNTHV_CTL_EL2], &el2[HS_CNTHV_CVAL_EL2], 0};
    return is_physical(enc)
               ? (struct timer){&sys[SR_CNTP_CTL_EL0], &sys[SR_CNTP_CVAL_EL0], 0}
               : (struct timer){&sys[SR_CNTV_CTL_EL0], &sys[SR_CNTV_CVAL_EL0], el2[HS_CNTVOFF_EL2]};
}

uint64_t host_timer_read(struct machine *m, unsigned pe, uint32_t enc, uint64_t now)
{
    struct timer t;

    if (is_counter(enc) && OP2(enc) == CNTFRQ)
        return m->cntfrq;
    if (is_counter(enc))
        return is_physical(enc) || is_redirected(m, pe, enc)
                   ? now
                   : now - host_el2(m, pe, HS_CNTVOFF_EL2);
    t = timer_of(m, pe, enc);
    switch (OP2(enc)) {
    case 0: return (uint32_t)(*t.cval - (now - t.offset));
    case 1: return timer_ctl(*t.ctl, *t.cval, now - t.offset);
    default: return *t.cval;
    }
}

void host_timer_write(struct machine *m, unsigned pe, uint32_t enc, uint64_t value, uint64_t now)
{
    struct timer t = timer_of(m, pe, enc);

    switch (OP2(enc)) {
    case 0: *t.cval = now - t.offset + (uint64_t)(int64_t)(int32_t)value; break;
    case 1: *t.ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK); break;
    default: *t.cval = value; break;
    }
}
