/* SPDX-License-Identifier: BSD-3-Clause */
/* The model's RMM: entry from EL3M and dispatch by function identifier. */
#include <ccasim/rmm.h>
#include <string.h>

#include "rmm/boot.h"
#include "rmm/rmi/rmi.h"

#if CCASIM_BREAK
#define RMM_MODEL_CAPS (RMM_CAP_MEMORY | RMM_CAP_EVENTS | RMM_CAP_BREAK)
#else
#define RMM_MODEL_CAPS (RMM_CAP_MEMORY | RMM_CAP_EVENTS)
#endif

static rmi_handler *const handlers[RMI_FID_LAST - RMI_FID_FIRST + 1] = {
#define H(fid, handler) [fid - RMI_FID_FIRST] = handler
    H(RMI_VERSION, rmi_version),
    H(RMI_GRANULE_DELEGATE, rmi_granule_delegate),
    H(RMI_GRANULE_UNDELEGATE, rmi_granule_undelegate),
    H(RMI_DATA_CREATE, rmi_data_create),
    H(RMI_DATA_CREATE_UNKNOWN, rmi_data_create_unknown),
    H(RMI_DATA_DESTROY, rmi_data_destroy),
    H(RMI_REALM_ACTIVATE, rmi_realm_activate),
    H(RMI_REALM_CREATE, rmi_realm_create),
    H(RMI_REALM_DESTROY, rmi_realm_destroy),
    H(RMI_REC_CREATE, rmi_rec_create),
    H(RMI_REC_DESTROY, rmi_rec_destroy),
    H(RMI_REC_ENTER, rmi_rec_enter),
    H(RMI_RTT_CREATE, rmi_rtt_create),
    H(RMI_RTT_DESTROY, rmi_rtt_destroy),
    H(RMI_RTT_MAP_UNPROTECTED, rmi_rtt_map_unprotected),
    H(RMI_RTT_READ_ENTRY, rmi_rtt_read_entry),
    H(RMI_RTT_UNMAP_UNPROTECTED, rmi_rtt_unmap_unprotected),
    H(RMI_PSCI_COMPLETE, rmi_psci_complete),
    H(RMI_FEATURES, rmi_features),
    H(RMI_RTT_FOLD, rmi_rtt_fold),
    H(RMI_REC_AUX_COUNT, rmi_rec_aux_count),
    H(RMI_RTT_INIT_RIPAS, rmi_rtt_init_ripas),
    H(RMI_RTT_SET_RIPAS, rmi_rtt_set_ripas),
#undef H
};

static void rmm_model_reset(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    memset(&m->rmm, 0, sizeof(m->rmm));
    rmm_boot(m, x);
}

static void rmm_model_smc(struct machine *m, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                          uint64_t out[ABI_MAX_REGS])
{
    uint64_t fid = in[0] & ~SMC_FID_SVE_HINT;
    rmi_handler *handler = NULL;

    if (fid >= RMI_FID_FIRST && fid <= RMI_FID_LAST)
        handler = handlers[fid - RMI_FID_FIRST];
    memset(out, 0, ABI_MAX_REGS * sizeof(out[0]));
    out[0] = handler ? handler(m, pe, in, out) : SMC_NOT_SUPPORTED;
}

const struct rmm_ops rmm_model = {
    .name = "model",
    .caps = RMM_MODEL_CAPS,
    .reset = rmm_model_reset,
    .smc = rmm_model_smc,
};
