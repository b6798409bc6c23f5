/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the handlers do with granules: lock several at once, take a DELEGATED one into use, give
 * one back.
 *
 * Wiping (A2.2.4) happens at one end or at the other, as impl.wipe says:
 *   EAGER  when a granule becomes DELEGATED: an unlocked DELEGATED granule is zero
 *   LAZY   when a DELEGATED granule is taken into use, or leaves for the Host
 */
#ifndef CCASIM_RMM_GRANULE_H
#define CCASIM_RMM_GRANULE_H

#include <ccasim/gst.h>

#include "rmm/slot.h"

/* GST entry of a granule that is known to be tracked (an address that the RMM itself wrote
 * down). */
static inline struct gst_entry *granule_of(struct machine *m, uint64_t granule)
{
    return &m->gst[granule_index(m, granule)];
}
/* B3.25 PaIsDelegable, and aligned. */
static inline bool granule_is_delegable(struct machine *m, uint64_t a)
{
    return gst_find(m, a) != NULL;
}

static inline void granule_wipe(struct machine *m, unsigned pe, uint64_t granule)
{
    slot_map(m, pe, SLOT_DELEGATED, granule);
    mem_wipe(m, pe, granule);
    slot_unmap(m, pe, SLOT_DELEGATED);
}
/* A DELEGATED granule, locked, is about to be used and must not show what was in it. */
static inline void granule_take(struct machine *m, unsigned pe, uint64_t granule)
{
    if (m->impl.wipe == WIPE_LAZY)
        granule_wipe(m, pe, granule);
}
/* A granule in use, locked, becomes DELEGATED and is unlocked. */
static inline void granule_release(struct machine *m, unsigned pe, struct gst_entry *g)
{
    if (m->impl.wipe == WIPE_EAGER)
        granule_wipe(m, pe, gst_pa(m, g));
    gst_unlock_to(m, pe, g, GST_DELEGATED);
}

/* Several external granules, locked in ascending address order whatever the order they were named
 * in. */
#define LOCK_SET_MAX 20u
struct lock_set {
    unsigned num;
    struct {
        uint64_t pa;
        struct gst_entry *g; /* set by lock_set_acquire() */
        uint8_t expected;    /* enum gst_state */
    } e[LOCK_SET_MAX];
};
static inline void lock_set_add(struct lock_set *set, uint64_t pa, enum gst_state expected)
{
    set->e[set->num].pa = pa;
    set->e[set->num].expected = (uint8_t)expected;
    set->num++;
}
/* False, with nothing locked: an address is not tracked or named twice, or a state is not as
 * expected. */
bool lock_set_acquire(struct machine *m, unsigned pe, struct lock_set *set);
void lock_set_release(struct machine *m, unsigned pe, struct lock_set *set);

#endif
