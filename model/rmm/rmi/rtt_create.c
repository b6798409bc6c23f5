/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_CREATE (DEN0137 B4.3.15): adds a table below an entry that is not TABLE ("unfolds" the
 * entry, A5.5.7). */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/*
 * Fills the new table so that the translation of no IPA changes. Returns its number of live
 * entries.
 */
static unsigned unfold(struct machine *m, unsigned pe, uint64_t rtt, uint64_t parent, int level)
{
    uint64_t *tt = slot_map(m, pe, SLOT_RTT2, rtt);
    unsigned num_live = 0;

    if (!desc_is_live(parent, level - 1)) {
        rtt_fill(m, pe, rtt, tt, parent, 0);
    } else {
        uint64_t type = desc_is_valid(parent) ? desc_leaf_type(level) : DESC_INVALID;

        rtt_fill(m, pe, rtt, tt, (parent & ~DESC_TYPE_MASK) | type, level_size(level));
        num_live = desc_is_ns(parent) ? 0 : RTT_ENTRIES;
    }
    slot_unmap(m, pe, SLOT_RTT2);
    return num_live;
}

/* Links the table in. A valid block goes through an invalid entry: break before make (DDI0487
 * D8.16.1). */
static void link_table(struct machine *m, unsigned pe, const struct s2_context *s2,
                       struct rtt_walk *w, ipa_t ipa, uint64_t rtt)
{
    uint64_t parent = rtt_walk_desc(w);

    if (desc_is_valid(parent)) {
        rtt_walk_write(m, pe, w, desc_broken(parent));
        rtt_invalidate(m, pe, s2, ipa, level_size(w->level));
    }
    rtt_walk_write(m, pe, w, desc_table(rtt, w->lpa2));
    /* An ASSIGNED entry already counted; the table counts in its place. */
    if (!desc_is_assigned(parent, w->level) && !BUG(m, RTT_CREATE_REFCOUNT))
        gst_ref(m, pe, w->g, 1);
}

static bool lock_rd_and_rtt(struct machine *m, unsigned pe, uint64_t rd, struct gst_entry **g_rd,
                            uint64_t rtt, struct gst_entry **g_rtt)
{
    if (!BUG(m, RTT_CREATE_LOCK_ORDER))
        return gst_find_lock_two(m, pe, rd, GST_RD, g_rd, rtt, GST_DELEGATED, g_rtt);
    *g_rd = gst_find_lock(m, pe, rd, GST_RD);
    if (*g_rd == NULL)
        return false;
    *g_rtt = rtt == rd ? NULL : gst_find_lock(m, pe, rtt, GST_DELEGATED);
    if (*g_rtt == NULL)
        gst_unlock(m, pe, *g_rd);
    return *g_rtt != NULL;
}

uint64_t rmi_rtt_create(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                        uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], rtt = x[2], level = x[4], result;
    ipa_t a = ipa(x[3]);
    struct gst_entry *g_rd, *g_rtt;
    struct s2_context s2;
    struct rtt_walk w;
    int parent_level;
    unsigned num_live;

    (void)out;
    if (!lock_rd_and_rtt(m, pe, rd_pa, &g_rd, rtt, &g_rtt))
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!rtt_level_in(level, s2.rtt_level_start + 1, RTT_LEVEL_PAGE) ||
        !rtt_is_level_aligned(a.v, (int)level - 1) || a.v >= s2_ipa_size(&s2) ||
        !s2_can_map(&s2, rtt)) {
        gst_unlock(m, pe, g_rtt);
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    parent_level = (int)level - 1;
    rtt_walk(m, pe, &s2, g_rd, a, parent_level, &w);
    if (w.level < parent_level || desc_is_table(rtt_walk_desc(&w), w.level)) {
        result = rtt_walk_error(&w);
        rtt_walk_end(m, pe, &w);
        gst_unlock(m, pe, g_rtt);
        return result;
    }
    num_live = unfold(m, pe, rtt, rtt_walk_desc(&w), (int)level);
    if (num_live)
        gst_ref(m, pe, g_rtt, (int)num_live);
    link_table(m, pe, &s2, &w, a, rtt);
    rtt_walk_end(m, pe, &w);
    if (!BUG(m, RTT_CREATE_NO_STATE))
        gst_set_state(m, pe, g_rtt, GST_RTT);
    gst_unlock(m, pe, g_rtt);
    return rmi_result(RMI_SUCCESS, 0);
}
