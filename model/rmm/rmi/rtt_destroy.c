/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_DESTROY (DEN0137 B4.3.16): removes a table that refers to nothing, with what it recorded
 * (A5.5.9). */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/* What the parent entry becomes: RIPAS is lost, so it is DESTROYED; an Unprotected IPA has none
 * (rmm-1.0 facts 1.6). */
static uint64_t destroyed_entry(const struct s2_context *s2, ipa_t a)
{
    return s2_is_protected(s2, a) ? desc_unassigned(RIPAS_DESTROYED) : desc_unassigned_ns();
}

/* The child is locked and not live. Unlinked first, then invalidated: then no PE can reach it any
 * more. */
static void unlink_table(struct machine *m, unsigned pe, const struct s2_context *s2,
                         struct rtt_walk *w, ipa_t a, struct gst_entry *child)
{
    rtt_walk_write(m, pe, w, destroyed_entry(s2, a));
    gst_ref(m, pe, w->g, -1);
    rtt_invalidate(m, pe, s2, a, level_size(w->level));
    granule_release(m, pe, child);
}

/* The walk ended at the parent table, whose entry is TABLE. */
static uint64_t destroy_child(struct machine *m, unsigned pe, const struct s2_context *s2,
                              struct rtt_walk *w, ipa_t a, uint64_t out[ABI_MAX_REGS])
{
    uint64_t rtt = desc_addr(rtt_walk_desc(w), s2->lpa2);
    struct gst_entry *child = granule_of(m, rtt);

    gst_lock(m, pe, child);
    if (child->refcount != 0) {
        if (!BUG(m, RTT_DESTROY_LOCK_LEAK))
            gst_unlock(m, pe, child);
        out[2] = a.v;
        return rmi_result(RMI_ERROR_RTT, w->level + 1);
    }
    unlink_table(m, pe, s2, w, a, child);
    out[1] = rtt;
    out[2] = rtt_skip_non_live(w, a);
    return rmi_result(RMI_SUCCESS, 0);
}

uint64_t rmi_rtt_destroy(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
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
    if (w.level < (int)level - 1 || !desc_is_table(rtt_walk_desc(&w), w.level)) {
        out[2] = rtt_skip_non_live(&w, a);
        result = rtt_walk_error(&w);
    } else {
        result = destroy_child(m, pe, &s2, &w, a, out);
    }
    rtt_walk_end(m, pe, &w);
    return result;
}
