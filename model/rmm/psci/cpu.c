/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_CPU_SUSPEND and PSCI_CPU_OFF (DEN0137 B6.3.4, B6.3.2): about the calling REC; the Host has nothing to
 * complete. */
#include "rmm/bugs.h"
#include "rmm/psci/psci.h"

/* Every power state is a standby state: the Realm goes on behind the call, not at the entry point. */
enum run_next psci_cpu_suspend(struct realm_run *run)
{
    const uint64_t *x = run->rec->regs.x;

    psci_exit(run, (uint32_t)x[1], x[2], x[3]);
    psci_return(run, PSCI_SUCCESS);
    return RUN_EXIT;
}

/* Nobody runs this REC until another one turns it on: the call does not return. */
enum run_next psci_cpu_off(struct realm_run *run)
{
    psci_exit(run, 0, 0, 0);
    if (!BUG(run->m, CPU_OFF_STAYS_RUNNABLE))
        run->rec->runnable = 0;
    return RUN_EXIT;
}
