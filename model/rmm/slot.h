/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots: the RMM's windows on memory, a few per PE. A granule is mapped only while it is used, and
 * only while the PE holds its lock (a running REC: its reference; NS memory: nothing guards it).
 * It is reached through the slot and no other way: sanitizer builds poison what no slot maps.
 */
#ifndef CCASIM_RMM_SLOT_H
#define CCASIM_RMM_SLOT_H

#include <ccasim/mem.h>

#include "realm/rd.h"
#include "realm/rec.h"

static inline void *slot_map(struct machine *m, unsigned pe, enum rmm_slot slot, uint64_t granule)
{
    MODEL_ASSERT(m->pe[pe].slot[slot] == 0);
    m->pe[pe].slot[slot] = granule | 1;
    mem_unpoison(m, granule);
    ev(m, pe, EV_SLOT_MAP, granule, slot, 0);
    return m->mem.host + (granule - m->mem.base);
}
static inline void slot_unmap(struct machine *m, unsigned pe, enum rmm_slot slot)
{
    uint64_t granule = m->pe[pe].slot[slot] & ~1ull;

    m->pe[pe].slot[slot] = 0;
    if (slot != SLOT_NS) /* the Host's memory stays accessible to others */
        mem_poison(m, granule);
    ev(m, pe, EV_SLOT_UNMAP, granule, slot, 0);
}

static inline struct rd *rd_map(struct machine *m, unsigned pe, uint64_t rd)
{
    return slot_map(m, pe, SLOT_RD, rd);
}
static inline void rd_unmap(struct machine *m, unsigned pe)
{
    slot_unmap(m, pe, SLOT_RD);
}
static inline struct rec *rec_map(struct machine *m, unsigned pe, uint64_t rec)
{
    return slot_map(m, pe, SLOT_REC, rec);
}
static inline void rec_unmap(struct machine *m, unsigned pe)
{
    slot_unmap(m, pe, SLOT_REC);
}
/* The content of an RD or REC was changed. */
static inline void object_changed(struct machine *m, unsigned pe, uint64_t granule)
{
    mem_note_write(m, granule, OWNER_RMM, 0, false);
    ev(m, pe, EV_OBJECT, granule, 0, 0);
}

#endif
