/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REALM_ACTIVATE (DEN0137 B4.3.8): ends construction; the RIM is final. */
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

uint64_t rmi_realm_activate(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                            uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1];
    struct gst_entry *g = gst_find_lock(m, pe, rd_pa, GST_RD);
    struct rd *rd;
    bool is_new;

    (void)out;
    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    rd = rd_map(m, pe, rd_pa);
    is_new = rd->state == REALM_NEW;
    if (is_new) {
        rd->state = REALM_ACTIVE;
        object_changed(m, pe, rd_pa);
    }
    rd_unmap(m, pe);
    gst_unlock(m, pe, g);
    return rmi_result(is_new ? RMI_SUCCESS : RMI_ERROR_REALM, 0);
}
