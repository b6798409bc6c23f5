/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_IPA_STATE_SET (DEN0137 B5.3.6): the Realm's consent to a change of RIPAS. The Host carries it out
 * (RMI_RTT_SET_RIPAS), the answer comes with the next entry (entry.c). */
#include "rmm/rsi/rsi.h"

enum run_next rsi_ipa_state_set(struct realm_run *run)
{
    struct rec *rec = run->rec;
    const uint64_t *x = rec->regs.x;
    uint64_t base = x[1], top = x[2];
    uint8_t ripas = (uint8_t)x[3]; /* X3[63:8] SBZ */

    if (!is_granule_aligned(base) || !is_granule_aligned(top) ||
        !s2_range_is_protected(&rec->s2, base, top) || (ripas != RIPAS_EMPTY && ripas != RIPAS_RAM))
        return rsi_return(run, RSI_ERROR_INPUT);
    rec->ripas_addr = base;
    rec->ripas_top = top;
    rec->ripas_value = ripas;
    rec->ripas_destroyed = (x[4] & RSI_CHANGE_DESTROYED) != 0;
    exit_reason(run, EXIT_RIPAS_CHANGE);
    exit_put64(run, REC_EXIT_RIPAS_BASE, base);
    exit_put64(run, REC_EXIT_RIPAS_TOP, top);
    run->exit[REC_EXIT_RIPAS_VALUE] = ripas;
    return RUN_EXIT;
}
