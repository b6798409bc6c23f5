/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Granule Status Table: state, lock and reference count of every tracked granule (rmm-1.0 facts 1.3, 1.4).
 * State and reference count change only under the granule's lock (a REC's count may drop without it).
 */
#ifndef CCASIM_GST_H
#define CCASIM_GST_H

#include <ccasim/machine.h>

CCASIM_API_BEGIN

const char *gst_state_name(unsigned state);

/* NULL: `a` is not 4 KB-aligned or not tracked. */
static inline struct gst_entry *gst_find(struct machine *m, uint64_t a)
{
    if (__builtin_expect(!is_granule_aligned(a) || !mem_contains(m, a), 0))
        return NULL;
    uint32_t i = granule_index(m, a);
    return (m->tracked[i / 64] >> (i % 64)) & 1 ? &m->gst[i] : NULL;
}
static inline uint64_t gst_pa(const struct machine *m, const struct gst_entry *g)
{
    return granule_pa(m, (uint32_t)(g - m->gst));
}

/* Slow path: another PE holds it. Returns with the lock free. MODEL_BUG without a scheduler, or on self-deadlock. */
void gst_wait(struct machine *m, unsigned pe, struct gst_entry *g);

static inline void gst_lock(struct machine *m, unsigned pe, struct gst_entry *g)
{
    if (__builtin_expect(g->lock != 0, 0))
        gst_wait(m, pe, g);
    g->lock = (uint8_t)(pe + 1);
    ev(m, pe, EV_LOCK, gst_pa(m, g), g->state, 0);
}
static inline void gst_unlock(struct machine *m, unsigned pe, struct gst_entry *g)
{
    g->lock = 0;
    ev(m, pe, EV_UNLOCK, gst_pa(m, g), g->state, 0);
}
/* Locks the granule if `a` is tracked and in `expected`; NULL (nothing locked) otherwise. */
struct gst_entry *gst_find_lock(struct machine *m, unsigned pe, uint64_t a,
                                enum gst_state expected);
/* Locks two granules in ascending address order. False: nothing locked (a state differs, or a == b). */
bool gst_find_lock_two(struct machine *m, unsigned pe, uint64_t a, enum gst_state sa,
                       struct gst_entry **ga, uint64_t b, enum gst_state sb, struct gst_entry **gb);
/* Lock held by `pe`. */
static inline void gst_set_state(struct machine *m, unsigned pe, struct gst_entry *g,
                                 enum gst_state to)
{
    unsigned from = g->state;
    g->state = (uint8_t)to;
    ev(m, pe, EV_STATE, gst_pa(m, g), from, to);
}
static inline void gst_unlock_to(struct machine *m, unsigned pe, struct gst_entry *g,
                                 enum gst_state to)
{
    gst_set_state(m, pe, g, to);
    gst_unlock(m, pe, g);
}
static inline void gst_ref(struct machine *m, unsigned pe, struct gst_entry *g, int delta)
{
    unsigned old = g->refcount;
    g->refcount = (uint16_t)((int)old + delta);
    ev(m, pe, EV_REFCOUNT, gst_pa(m, g), old, g->refcount);
}

CCASIM_API_END

#endif
