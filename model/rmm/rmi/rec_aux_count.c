/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_AUX_COUNT (DEN0137 B4.3.11): a constant of the Realm. */
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

uint64_t rmi_rec_aux_count(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                           uint64_t out[ABI_MAX_REGS])
{
    struct gst_entry *g = gst_find_lock(m, pe, x[1], GST_RD);
    bool early = g && BUG(m, AUX_COUNT_AFTER_UNLOCK);

    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (early)
        gst_unlock(m, pe, g);
    out[1] = rd_map(m, pe, x[1])->num_aux;
    rd_unmap(m, pe);
    if (!early)
        gst_unlock(m, pe, g);
    return rmi_result(RMI_SUCCESS, 0);
}
