/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_VERSION, PSCI_FEATURES and SMCCC_VERSION (DEN0137 B6.3.8, B6.3.5, B1.1), and what all functions share. */
#include "rmm/psci/psci.h"

#include "rmm/bugs.h"

static enum run_next psci_version(struct realm_run *run)
{
    return psci_return(run, PSCI_VERSION_1_1);
}

static enum run_next smccc_version(struct realm_run *run)
{
    return psci_return(run, SMCCC_VERSION_1_2);
}

static enum run_next psci_features(struct realm_run *run)
{
    uint32_t fid = (uint32_t)run->rec->regs.x[1]; /* X1[63:32] SBZ */

    return psci_return(run, psci_handler(fid) ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED);
}

rsi_handler *psci_handler(uint64_t fid)
{
    switch (fid) {
    case SMCCC_VERSION_FID: return smccc_version;
    case PSCI_VERSION: return psci_version;
    case PSCI_FEATURES: return psci_features;
    case PSCI_CPU_SUSPEND: return psci_cpu_suspend;
    case PSCI_CPU_OFF: return psci_cpu_off;
    case PSCI_CPU_ON: return psci_cpu_on;
    case PSCI_AFFINITY_INFO: return psci_affinity_info;
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET: return psci_system_off;
    default: return NULL;
    }
}

enum run_next psci_exit(struct realm_run *run, uint64_t a1, uint64_t a2, uint64_t a3)
{
    exit_reason(run, EXIT_PSCI);
    exit_put64(run, REC_EXIT_GPRS, run->rec->regs.x[0] & ~SMC_FID_SVE_HINT);
    exit_put64(run, REC_EXIT_GPRS + 8, a1);
    exit_put64(run, REC_EXIT_GPRS + 16, a2);
    exit_put64(run, REC_EXIT_GPRS + 24, a3);
    if (BUG(run->m, PSCI_EXIT_LEAKS_GPR))
        exit_put64(run, REC_EXIT_GPRS + 32, run->rec->regs.x[4]);
    return RUN_EXIT;
}
