/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_INIT_RIPAS (DEN0137 B4.3.18): the Realm under construction will have RAM in [base, top),
 * as far as one table describes it. The RD stays locked: its RIM grows with every entry. */
#include "realm/measure.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/* B3.75 RttSkipEntriesWithRipas, stop_at_destroyed FALSE: end of the entries that have a RIPAS. */
static uint64_t walk_top(const struct rtt_walk *w, uint64_t base, uint64_t top)
{
    uint64_t size = level_size(w->level);
    uint64_t end = align_down(base, size);

    for (unsigned i = w->index; i < RTT_ENTRIES && end < top; i++) {
        if (desc_is_table(w->tt[i], w->level))
            break;
        end += size;
    }
    return align_down(end < top ? end : top, size);
}

static void init_entries(struct machine *m, unsigned pe, struct rd *rd, struct rtt_walk *w,
                         uint64_t base, uint64_t top)
{
    uint64_t size = level_size(w->level);
    unsigned i = w->index;

    for (uint64_t a = base; a < top; a += size, i++) {
        uint64_t desc = desc_with_ripas(w->tt[i], RIPAS_RAM, w->level, w->lpa2);

        measure_rim_ripas(rd, a, a + size);
        if (desc != w->tt[i])
            rtt_write(m, pe, w->table, w->tt, i, desc);
    }
}

/* The table is locked; the RD too, and mapped. */
static uint64_t init_ripas(struct machine *m, unsigned pe, uint64_t rd_pa, struct rd *rd,
                           struct rtt_walk *w, uint64_t base, uint64_t top, uint64_t *out_top)
{
    uint64_t end;

    if (!rtt_is_level_aligned(base, w->level) || !desc_is_unassigned(rtt_walk_desc(w)))
        return rtt_walk_error(w);
    end = walk_top(w, base, top);
    if (end == base)
        return rtt_walk_error(w);
    init_entries(m, pe, rd, w, base, end);
    object_changed(m, pe, rd_pa);
    ev(m, pe, EV_MEASURE, rd_pa, 0, 0);
    *out_top = end;
    return rmi_result(RMI_SUCCESS, 0);
}

uint64_t rmi_rtt_init_ripas(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                            uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], base = x[2], top = x[3], result;
    struct gst_entry *g_rd;
    struct rd *rd;
    struct rtt_walk w;

    if (top <= base || !is_granule_aligned(top))
        return rmi_result(RMI_ERROR_INPUT, 0);
    g_rd = gst_find_lock(m, pe, rd_pa, GST_RD);
    if (g_rd == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    rd = rd_map(m, pe, rd_pa);
    if (!s2_is_protected(&rd->s2, ipa(top - GRANULE_SIZE))) {
        result = rmi_result(RMI_ERROR_INPUT, 0);
    } else if (rd->state != REALM_NEW) {
        result = rmi_result(RMI_ERROR_REALM, 0);
    } else {
        rtt_walk(m, pe, &rd->s2, NULL, ipa(base), RTT_LEVEL_PAGE, &w);
        result = init_ripas(m, pe, rd_pa, rd, &w, base, top, &out[1]);
        rtt_walk_end(m, pe, &w);
    }
    rd_unmap(m, pe);
    gst_unlock(m, pe, g_rd);
    return result;
}
