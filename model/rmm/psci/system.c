/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_SYSTEM_OFF and PSCI_SYSTEM_RESET (DEN0137 B6.3.6, B6.3.7): no REC of the Realm is entered again. Those that run
 * now stay until their next exit. */
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/psci/psci.h"

enum run_next psci_system_off(struct realm_run *run)
{
    struct machine *m = run->m;
    uint64_t rd_pa = run->rec->rd;

    gst_lock(m, run->pe, granule_of(m, rd_pa));
    if (!BUG(m, SYSTEM_OFF_FORGOTTEN)) {
        rd_map(m, run->pe, rd_pa)->state = REALM_SYSTEM_OFF;
        object_changed(m, run->pe, rd_pa);
        rd_unmap(m, run->pe);
    }
    gst_unlock(m, run->pe, granule_of(m, rd_pa));
    return psci_exit(run, 0, 0, 0);
}
