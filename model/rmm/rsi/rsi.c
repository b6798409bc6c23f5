/* SPDX-License-Identifier: BSD-3-Clause */
/* Dispatch of a Realm's SMCs by function identifier. */
#include "rmm/psci/psci.h"
#include "rmm/rsi/rsi.h"

static rsi_handler *const handlers[RSI_FID_LAST - RSI_FID_FIRST + 1] = {
#define H(fid, handler) [fid - RSI_FID_FIRST] = handler
    H(RSI_VERSION, rsi_version),
    H(RSI_FEATURES, rsi_features),
    H(RSI_MEASUREMENT_READ, rsi_measurement_read),
    H(RSI_MEASUREMENT_EXTEND, rsi_measurement_extend),
    H(RSI_ATTESTATION_TOKEN_INIT, rsi_attestation_token_init),
    H(RSI_ATTESTATION_TOKEN_CONTINUE, rsi_attestation_token_continue),
    H(RSI_REALM_CONFIG, rsi_realm_config),
    H(RSI_IPA_STATE_SET, rsi_ipa_state_set),
    H(RSI_IPA_STATE_GET, rsi_ipa_state_get),
    H(RSI_HOST_CALL, rsi_host_call),
#undef H
};

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
    rsi_handler *handler = psci_handler(fid);

    if (handler == NULL)
        handler = not_supported;
    if (fid >= RSI_FID_FIRST && fid <= RSI_FID_LAST && handlers[fid - RSI_FID_FIRST])
        handler = handlers[fid - RSI_FID_FIRST];
    /* HCR_EL2.TSC traps the SMC instead of executing it: the return address is the instruction
     * itself. A handler that wants the Realm to issue it again takes this back. */
    run->rec->regs.pc += 4;
    return handler(run);
}
