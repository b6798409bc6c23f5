/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_HOST_CALL (DEN0137 B5.3.4): the structure goes to the Host now, its answer comes with the
 * next entry (entry.c). */
#include <string.h>

#include "rmm/rsi/rsi.h"
#include "rmm/rtt.h"

static void exit_host_call(struct realm_run *run, const uint8_t *call)
{
    exit_reason(run, EXIT_HOST_CALL);
    memcpy(run->exit + REC_EXIT_IMM, call + RSI_HOST_CALL_IMM, sizeof(uint16_t));
    memcpy(run->exit + REC_EXIT_GPRS, call + RSI_HOST_CALL_GPRS, 31 * sizeof(uint64_t));
}

enum run_next rsi_host_call(struct realm_run *run)
{
    struct rec *rec = run->rec;
    ipa_t a = ipa(rec->regs.x[1]);
    struct realm_data d;

    /* Aligned to its size, the structure cannot cross into another page. */
    if (a.v % RSI_HOST_CALL_SIZE != 0 || !s2_is_protected(&rec->s2, a))
        return rsi_return(run, RSI_ERROR_INPUT);
    switch (realm_data_begin(run->m, run->pe, &rec->s2, a, &d)) {
    case REALM_DATA_RAM:
        exit_host_call(run, d.p);
        realm_data_end(run->m, run->pe, &d);
        rec->host_call_pending = true;
        rec->host_call_ipa = a.v;
        return RUN_EXIT;
    case REALM_DATA_EMPTY: return rsi_return(run, RSI_ERROR_INPUT);
    case REALM_DATA_ABORT: break;
    }
    rec->regs.pc -= 4;
    return exit_data_abort_at(run, a, d.level);
}
