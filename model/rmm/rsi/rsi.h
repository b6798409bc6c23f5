/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI handlers: SMCs of the running Realm. One command, one file. The REC is mapped and its
 * reference held; no lock is held. Arguments are in run->rec->regs.x; a handler ends with
 * rsi_return(), or with an exit to the Host.
 */
#ifndef CCASIM_RMM_RSI_H
#define CCASIM_RMM_RSI_H

#include "rmm/run.h"

typedef enum run_next rsi_handler(struct realm_run *run);

rsi_handler rsi_version;
rsi_handler rsi_features;
rsi_handler rsi_measurement_read;
rsi_handler rsi_measurement_extend;
rsi_handler rsi_attestation_token_init;
rsi_handler rsi_attestation_token_continue;
rsi_handler rsi_realm_config;
rsi_handler rsi_ipa_state_get;
rsi_handler rsi_ipa_state_set;
rsi_handler rsi_host_call;

/* x0 = status, x1..x16 zero: outputs are written afterwards (B1.2: what is not an output MBZ). */
static inline enum run_next rsi_return(struct realm_run *run, enum rsi_status status)
{
    uint64_t *x = run->rec->regs.x;

    x[0] = status;
    for (unsigned i = 1; i < ABI_MAX_REGS; i++)
        x[i] = 0;
    return RUN_RESUME;
}

#endif
