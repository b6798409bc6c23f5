/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_GRANULE_DELEGATE (DEN0137 B4.3.5): the Host gives a granule to the Realm world. */
#include <ccasim/el3m.h>
#include <ccasim/gpt.h>

#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

static bool el3_delegate(struct machine *m, unsigned pe, uint64_t a)
{
    uint64_t regs[ABI_MAX_REGS] = {EL3_GTSI_DELEGATE, a};

    if (BUG(m, DELEGATE_WRITES_GPT))
        return gpt_pas(m, a) == PAS_NS && gpt_set(m, pe, a, GPI_REALM) == CCA_OK;
    el3m_smc(m, pe, WORLD_REALM, regs);
    return regs[0] == EL3_OK;
}

uint64_t rmi_granule_delegate(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                              uint64_t out[ABI_MAX_REGS])
{
    uint64_t addr = x[1];
    struct gst_entry *g = gst_find_lock(m, pe, addr, GST_UNDELEGATED);

    (void)out;
    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    /* The RMM cannot tell an NS granule from one that the Secure world took: EL3M decides
     * (gran_gpt). */
    if (!el3_delegate(m, pe, addr)) {
        gst_unlock(m, pe, g);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    if (m->impl.wipe == WIPE_EAGER)
        granule_wipe(m, pe, addr);
    else
        mem_poison(m, addr);
    gst_unlock_to(m, pe, g, GST_DELEGATED);
    return rmi_result(RMI_SUCCESS, 0);
}
