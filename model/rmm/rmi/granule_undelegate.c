/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_GRANULE_UNDELEGATE (DEN0137 B4.3.6): the Host gets a granule back, with nothing of the Realm
 * world in it. */
#include <ccasim/el3m.h>

#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

static bool el3_undelegate(struct machine *m, unsigned pe, uint64_t a)
{
    uint64_t regs[ABI_MAX_REGS] = {EL3_GTSI_UNDELEGATE, a};

    el3m_smc(m, pe, WORLD_REALM, regs);
    return regs[0] == EL3_OK;
}

uint64_t rmi_granule_undelegate(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                                uint64_t out[ABI_MAX_REGS])
{
    uint64_t addr = x[1];
    bool early = BUG(m, UNDELEGATE_BEFORE_CHECK) && el3_undelegate(m, pe, addr);
    struct gst_entry *g = gst_find_lock(m, pe, addr, GST_DELEGATED);

    (void)out;
    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    /* Before the PAS changes: afterwards the Host may read it at any moment (I28). */
    if (m->impl.wipe == WIPE_LAZY && !BUG(m, UNDELEGATE_NO_WIPE))
        granule_wipe(m, pe, addr);
    /* A DELEGATED granule is in the Realm PAS (I1), so EL3M has no reason to refuse. */
    if (!early && !el3_undelegate(m, pe, addr))
        MODEL_BUG("EL3M refuses to undelegate 0x%llx", (unsigned long long)addr);
    mem_unpoison(m, addr);
    gst_unlock_to(m, pe, g, GST_UNDELEGATED);
    return rmi_result(RMI_SUCCESS, 0);
}
