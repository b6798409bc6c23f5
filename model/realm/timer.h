/* SPDX-License-Identifier: BSD-3-Clause */
/* The EL1 timers as the RMM handles them (A6.2). The counter is the machine's virtual time; both
 * offsets are zero. */
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

#endif
