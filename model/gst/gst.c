/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/gst.h>

static const char *const gst_state_names[] = {
    [GST_UNDELEGATED] = "UNDELEGATED",
    [GST_DELEGATED] = "DELEGATED",
    [GST_RD] = "RD",
    [GST_REC] = "REC",
    [GST_REC_AUX] = "REC_AUX",
    [GST_DATA] = "DATA",
    [GST_RTT] = "RTT",
};
_Static_assert(sizeof(gst_state_names) / sizeof(gst_state_names[0]) == GST_STATE_COUNT,
               "a name for each state");

const char *gst_state_name(unsigned state)
{
    return state < GST_STATE_COUNT ? gst_state_names[state] : "?";
}

void gst_wait(struct machine *m, unsigned pe, struct gst_entry *g)
{
    uint64_t a = gst_pa(m, g);

    ev(m, pe, EV_WAIT, a, (uint64_t)(g->lock - 1), 0);
    if (g->lock == pe + 1)
        MODEL_BUG("PE %u waits for the lock of granule 0x%llx, which it holds", pe,
                  (unsigned long long)a);
    if (m->sched == NULL)
        MODEL_BUG("PE %u waits for the lock of granule 0x%llx, held by PE %u, and nobody schedules",
                  pe, (unsigned long long)a, g->lock - 1u);
    m->sched->wait(m->sched_ctx, m, pe, pa(a));
    MODEL_ASSERT(g->lock == 0);
}

struct gst_entry *gst_find_lock(struct machine *m, unsigned pe, uint64_t a, enum gst_state expected)
{
    struct gst_entry *g = gst_find(m, a);

    if (g == NULL)
        return NULL;
    gst_lock(m, pe, g);
    if (g->state == expected)
        return g;
    gst_unlock(m, pe, g);
    return NULL;
}

bool gst_find_lock_two(struct machine *m, unsigned pe, uint64_t a, enum gst_state sa,
                       struct gst_entry **ga, uint64_t b, enum gst_state sb, struct gst_entry **gb)
{
    bool swap = b < a;
    struct gst_entry *first, *second;

    if (a == b)
        return false;
    /* Ascending address order among external granules: two commands that name the same pair never wait for
     * each other (rmm-1.0 facts 1.4, rule 2). */
    first = gst_find_lock(m, pe, swap ? b : a, swap ? sb : sa);
    if (first == NULL)
        return false;
    second = gst_find_lock(m, pe, swap ? a : b, swap ? sa : sb);
    if (second == NULL) {
        gst_unlock(m, pe, first);
        return false;
    }
    *ga = swap ? second : first;
    *gb = swap ? first : second;
    return true;
}
