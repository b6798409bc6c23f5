/* SPDX-License-Identifier: BSD-3-Clause */
/* Dispatch of a Realm's SMCs by function identifier. */
#include "rmm/psci/psci.h"
#include "rmm/rsi/rsi.h"

static rsi_handler *rsi_command(uint64_t fid)
{
    switch (fid) {
    case RSI_VERSION: return rsi_version;
    case RSI_FEATURES: return rsi_features;
    case RSI_MEASUREMENT_READ: return rsi_measurement_read;
    case RSI_MEASUREMENT_EXTEND: return rsi_measurement_extend;
    case RSI_ATTESTATION_TOKEN_INIT: return rsi_attestation_token_init;
    case RSI_ATTESTATION_TOKEN_CONTINUE: return rsi_attestation_token_continue;
    case RSI_REALM_CONFIG: return rsi_realm_config;
    case RSI_IPA_STATE_SET: return rsi_ipa_state_set;
    case RSI_IPA_STATE_GET: return rsi_ipa_state_get;
    case RSI_HOST_CALL: return rsi_host_call;
    default: return NULL;
    }
}

/* Every SMC that is none of ours (A4.3.4). */
static enum run_next not_supported(struct realm_run *run)
{
    uint64_t *x = run->rec->regs.x;

    x[0] = SMC_NOT_SUPPORTED;
    x[1] = x[2] = x[3] = 0;
    return RUN_RESUME;
}

enum run_next rsi_dispatch(struct realm_run *run)
{
    uint64_t fid = run->rec->regs.x[0] & ~SMC_FID_SVE_HINT;
    rsi_handler *handler = rsi_command(fid);

    if (handler == NULL)
        handler = psci_handler(fid);
    if (handler == NULL)
        handler = not_supported;
    /* HCR_EL2.TSC traps the SMC instead of executing it: the return address is the instruction
     * itself. A handler that wants the Realm to issue it again takes this back. */
    run->rec->regs.pc += 4;
    return handler(run);
}
