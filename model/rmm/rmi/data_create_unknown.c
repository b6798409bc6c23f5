/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_DATA_CREATE_UNKNOWN (DEN0137 B4.3.2): memory for the Realm, content wiped and not measured;
 * RIPAS stays as it is. */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

static bool entry_is_free(struct machine *m, const struct rtt_walk *w)
{
    uint64_t desc = rtt_walk_desc(w);

    return desc_is_unassigned(desc) ||
           (BUG(m, DATA_CREATE_OVERWRITES) && desc_is_assigned(desc, w->level));
}

static uint64_t data_create_at(struct machine *m, unsigned pe, struct rtt_walk *w, uint64_t data,
                               struct gst_entry *g_data)
{
    uint64_t desc = rtt_walk_desc(w);

    if (w->level < RTT_LEVEL_PAGE || !entry_is_free(m, w))
        return rtt_walk_error(w);
    if (!BUG(m, DATA_CREATE_UNKNOWN_NO_WIPE))
        granule_take(m, pe, data);
    rtt_walk_write(m, pe, w, desc_assigned(data, desc_ripas(desc), RTT_LEVEL_PAGE, w->lpa2));
    if (!desc_is_assigned(desc, w->level))
        gst_ref(m, pe, w->g, 1);
    gst_set_state(m, pe, g_data, GST_DATA);
    return rmi_result(RMI_SUCCESS, 0);
}

uint64_t rmi_data_create_unknown(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                                 uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], data = x[2], result;
    ipa_t a = ipa(x[3]);
    struct gst_entry *g_rd, *g_data;
    struct s2_context s2;
    struct rtt_walk w;

    (void)out;
    if (!gst_find_lock_two(m, pe, rd_pa, GST_RD, &g_rd, data, GST_DELEGATED, &g_data))
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!is_granule_aligned(a.v) || !s2_is_protected(&s2, a) ||
        (!s2_can_map(&s2, data) && !BUG(m, DATA_ABOVE_48_BITS))) {
        gst_unlock(m, pe, g_data);
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rtt_walk(m, pe, &s2, g_rd, a, RTT_LEVEL_PAGE, &w);
    result = data_create_at(m, pe, &w, data, g_data);
    rtt_walk_end(m, pe, &w);
    gst_unlock(m, pe, g_data);
    return result;
}
