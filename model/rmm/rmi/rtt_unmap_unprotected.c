/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_UNMAP_UNPROTECTED (DEN0137 B4.3.22). */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

uint64_t rmi_rtt_unmap_unprotected(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                                   uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], level = x[3], result;
    ipa_t a = ipa(x[2]);
    struct gst_entry *g_rd = gst_find_lock(m, pe, rd_pa, GST_RD);
    struct s2_context s2;
    struct rtt_walk w;

    if (g_rd == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!s2_is_unprotected_entry(&s2, a, level)) {
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rtt_walk(m, pe, &s2, g_rd, a, (int)level, &w);
    if (w.level < (int)level || !desc_is_assigned_ns(rtt_walk_desc(&w), w.level)) {
        result = rtt_walk_error(&w);
    } else {
        rtt_walk_write(m, pe, &w, desc_unassigned_ns());
        if (!BUG(m, UNMAP_NO_TLBI))
            rtt_invalidate(m, pe, &s2, a, level_size(w.level));
        result = rmi_result(RMI_SUCCESS, 0);
    }
    out[1] = rtt_skip_non_live(&w, a);
    rtt_walk_end(m, pe, &w);
    return result;
}
