/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI of the Realm (DEN0137 B6, A4.3.7): SMCs of the running Realm, as RSI commands are. What only the RMM can say it
 * answers at once; what the Host has a say in goes to it:
 *
 *   CPU_SUSPEND, CPU_OFF, SYSTEM_*   done, then told to the Host
 *   CPU_ON, AFFINITY_INFO            pending: x0 to x3 stay until the Host shows the target REC
 *                                    (RMI_PSCI_COMPLETE); until then the caller cannot run
 */
#ifndef CCASIM_RMM_PSCI_H
#define CCASIM_RMM_PSCI_H

#include "rmm/rsi/rsi.h"

/* NULL: no PSCI function that a Realm has. SMCCC_VERSION is one here. */
rsi_handler *psci_handler(uint64_t fid);

rsi_handler psci_cpu_suspend;
rsi_handler psci_cpu_off;
rsi_handler psci_cpu_on;
rsi_handler psci_affinity_info;
rsi_handler psci_system_off; /* SYSTEM_RESET too */

/* Back to the Realm. */
static inline enum run_next psci_return(struct realm_run *run, int64_t result)
{
    rec_psci_result(run->rec, (uint64_t)result);
    return RUN_RESUME;
}
/* Out to the Host with the function identifier and its arguments, of which only the bits that the function has. */
enum run_next psci_exit(struct realm_run *run, uint64_t a1, uint64_t a2, uint64_t a3);

#endif
