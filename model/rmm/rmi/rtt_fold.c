/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_FOLD (DEN0137 B4.3.17): a table whose entries all follow from the first one becomes one
 * entry of its parent (A5.5.6). */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/* B3.63 RttIsHomogeneous: an address has to go on from entry to entry, and to fit a block of the
 * parent's level. */
static bool table_is_homogeneous(struct machine *m, const uint64_t *tt, int level, bool lpa2)
{
    bool live = desc_is_live(tt[0], level);
    uint64_t step = live ? level_size(level) : 0;
    unsigned num = BUG(m, FOLD_LOOKS_AT_TWO) ? 2 : RTT_ENTRIES;

    if (desc_is_table(tt[0], level))
        return false;
    if (live && (level - 1 < RTT_LEVEL_BLOCK_MIN ||
                 !rtt_is_level_aligned(desc_addr(tt[0], lpa2), level - 1)))
        return false;
    for (unsigned i = 1; i < num; i++) {
        if (tt[i] != tt[0] + i * step)
            return false;
    }
    return true;
}

/* B3.62 RttFold: what the first entry says, as an entry one level above. */
static uint64_t folded(struct machine *m, uint64_t first, int level)
{
    uint64_t desc = first;

    if (desc_is_valid(first))
        desc = (first & ~DESC_TYPE_MASK) | desc_leaf_type(level - 1);
    if (BUG(m, FOLD_LOSES_ATTRIBUTES) && desc_is_assigned_ns(desc, level - 1))
        desc |= DESC_S2AP_MASK;
    return desc;
}

/*
 * Puts the entry in the table's place. PEs may have walked through the table: break before make
 * (DDI0487 D8.16.1), whether the new entry is valid or not.
 */
static void unlink_table(struct machine *m, unsigned pe, const struct s2_context *s2,
                         struct rtt_walk *w, ipa_t a, struct gst_entry *child, uint64_t desc)
{
    rtt_walk_write(m, pe, w, desc_broken(desc));
    rtt_invalidate(m, pe, s2, a, level_size(w->level));
    rtt_walk_write(m, pe, w, desc);
    if (child->refcount != 0) /* the block counts in the place of the table */
        gst_ref(m, pe, child, -(int)child->refcount);
    else if (!BUG(m, FOLD_REFCOUNT))
        gst_ref(m, pe, w->g, -1);
    if (BUG(m, FOLD_NO_STATE))
        gst_unlock(m, pe, child);
    else
        granule_release(m, pe, child);
}

/* The walk ended at the parent table, whose entry is TABLE. */
static uint64_t fold_child(struct machine *m, unsigned pe, const struct s2_context *s2,
                           struct rtt_walk *w, ipa_t a, uint64_t *out_rtt)
{
    uint64_t rtt = desc_addr(rtt_walk_desc(w), w->lpa2), desc = 0;
    struct gst_entry *child = granule_of(m, rtt);
    int level = w->level + 1;
    const uint64_t *tt;
    bool homogeneous;

    gst_lock(m, pe, child);
    tt = slot_map(m, pe, SLOT_RTT2, rtt);
    homogeneous = table_is_homogeneous(m, tt, level, w->lpa2);
    if (homogeneous)
        desc = folded(m, tt[0], level);
    slot_unmap(m, pe, SLOT_RTT2);
    if (!homogeneous) {
        gst_unlock(m, pe, child);
        return rmi_result(RMI_ERROR_RTT, level);
    }
    unlink_table(m, pe, s2, w, a, child, desc);
    *out_rtt = rtt;
    return rmi_result(RMI_SUCCESS, 0);
}

uint64_t rmi_rtt_fold(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
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
    if (!rtt_level_in(level, s2.rtt_level_start + 1, RTT_LEVEL_PAGE) ||
        !rtt_is_level_aligned(a.v, (int)level - 1) || a.v >= s2_ipa_size(&s2)) {
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rtt_walk(m, pe, &s2, g_rd, a, (int)level - 1, &w);
    if (!desc_is_table(rtt_walk_desc(&w), w.level)) /* nor a walk that ended above */
        result = rtt_walk_error(&w);
    else
        result = fold_child(m, pe, &s2, &w, a, &out[1]);
    rtt_walk_end(m, pe, &w);
    return result;
}
