/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The generic timer of EL1 (DDI0487 D12; A6.2). The counter is the machine's virtual time; both offsets are zero. A
 * timer whose line is asserted and not held back by CNTHCTL_EL2 interrupts the run: the RMM tells the Host and then
 * holds it back.
 */
#ifndef CCASIM_REALM_TIMER_H
#define CCASIM_REALM_TIMER_H

#include <ccasim/machine.h>

#define CNT_CTL_ENABLE  (1ull << 0)
#define CNT_CTL_IMASK   (1ull << 1)
#define CNT_CTL_ISTATUS (1ull << 2)

/* CNTx_CTL_EL0 as a read returns it: ISTATUS follows from the counter. */
static inline uint64_t timer_ctl(uint64_t ctl, uint64_t cval, uint64_t count)
{
    ctl &= CNT_CTL_ENABLE | CNT_CTL_IMASK;
    if ((ctl & CNT_CTL_ENABLE) && count >= cval)
        ctl |= CNT_CTL_ISTATUS;
    return ctl;
}
/* The timer drives its interrupt line. */
static inline bool timer_is_asserted(uint64_t ctl)
{
    return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) ==
           (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

/* CNTHCTL_EL2 (E2H): EL1 may use counter and timers; the masks hold back a line that the Host
 * knows to be asserted. */
#define CNTHCTL_EL1PCTEN (1ull << 10)
#define CNTHCTL_EL1PTEN  (1ull << 11)
#define CNTHCTL_CNTVMASK (1ull << 18)
#define CNTHCTL_CNTPMASK (1ull << 19)

/* The Realm's accesses: CNTFRQ, CNTPCT, CNTVCT and the registers of both timers. False: read-only. */
uint64_t timer_read(const struct pe *p, uint32_t sysreg, uint64_t now, uint64_t cntfrq);
bool timer_write(struct pe *p, uint32_t sysreg, uint64_t v, uint64_t now);
/* Virtual time at which a timer that is not held back asserts its line; UINT64_MAX: never. */
uint64_t timer_deadline(const struct pe *p);

#endif
