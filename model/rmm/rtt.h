/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Walks and changes of Realm Translation Tables. A walk is hand-over-hand from the start level:
 * the next table is locked before the lock on this one is dropped, so that no table vanishes under
 * it. It ends with one table locked and mapped in SLOT_RTT.
 *
 * Invariant (I8): the reference count of an RTT is the number of its entries that are TABLE or
 * ASSIGNED at a Protected IPA; whoever changes an entry changes the count under the same lock.
 */
#ifndef CCASIM_RMM_RTT_H
#define CCASIM_RMM_RTT_H

#include "rmm/granule.h"
#include "rmm/rtt_desc.h"

struct rtt_walk {
    struct gst_entry *g; /* of the table: locked */
    uint64_t table;
    uint64_t *tt; /* SLOT_RTT */
    unsigned index;
    int level;
    bool lpa2; /* of the Realm: how its descriptors hold addresses */
};

/*
 * Walks to the entry of `level` that covers `ipa`, or to the first one on the way that is not
 * TABLE. `rd` is unlocked as soon as the start table is locked; NULL: the caller keeps the lock on
 * the RD, or runs under a REC of the Realm.
 */
void rtt_walk(struct machine *m, unsigned pe, const struct s2_context *s2, struct gst_entry *rd,
              ipa_t ipa, int level, struct rtt_walk *w);
void rtt_walk_end(struct machine *m, unsigned pe, struct rtt_walk *w);

static inline uint64_t rtt_walk_desc(const struct rtt_walk *w)
{
    return w->tt[w->index];
}
/* (RMI_ERROR_RTT, level) */
static inline uint64_t rtt_walk_error(const struct rtt_walk *w)
{
    return rmi_result(RMI_ERROR_RTT, w->level);
}

/* The one function that writes a descriptor of a table that may be in use. */
static inline void rtt_write(struct machine *m, unsigned pe, uint64_t table, uint64_t *tt,
                             unsigned index, uint64_t desc)
{
    uint64_t old = tt[index];

    mem_note_write(m, table, OWNER_RMM, 0, false);
    tt[index] = desc;
    ev(m, pe, EV_PTE, table + index * sizeof(desc), old, desc);
}
static inline void rtt_walk_write(struct machine *m, unsigned pe, struct rtt_walk *w, uint64_t desc)
{
    rtt_write(m, pe, w->table, w->tt, w->index, desc);
}

/* Fills a table that no walker can reach yet: entry i becomes first + i * step. */
void rtt_fill(struct machine *m, unsigned pe, uint64_t table, uint64_t *tt, uint64_t first,
              uint64_t step);
/* A start table: entries of Protected IPAs UNASSIGNED/EMPTY, all others UNASSIGNED_NS. */
void rtt_fill_start(struct machine *m, unsigned pe, const struct s2_context *s2, unsigned number);

/* Invalidates what any PE may hold of the range, stage 2 first, then the entries that combine it
 * with stage 1. */
void rtt_invalidate(struct machine *m, unsigned pe, const struct s2_context *s2, ipa_t ipa,
                    uint64_t size);

/* B3.76 RttSkipNonLiveEntries; for a live entry: `ipa` as it is (rmm-1.0 facts 1.7). */
uint64_t rtt_skip_non_live(const struct rtt_walk *w, ipa_t ipa);

/*
 * A byte of a Realm's own memory at a Protected IPA, for an RSI command. RAM: *p is its address in
 * SLOT_DATA, and the table and the granule are locked until realm_data_end(). Otherwise nothing is
 * held.
 */
enum realm_data_state { REALM_DATA_RAM, REALM_DATA_EMPTY, REALM_DATA_ABORT };
struct realm_data {
    struct rtt_walk walk;
    struct gst_entry *g;
    uint64_t granule;
    uint8_t *p;
    int level; /* of the entry found */
};
enum realm_data_state realm_data_begin(struct machine *m, unsigned pe, const struct s2_context *s2,
                                       ipa_t ipa, struct realm_data *d);
void realm_data_end(struct machine *m, unsigned pe, struct realm_data *d);

#endif
