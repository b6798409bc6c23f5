/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm Descriptor: the content of a granule in state RD (A2.1.3). It lives in the granule and
 * dies with it.
 *
 *   NULL -- REALM_CREATE --> NEW -- REALM_ACTIVATE --> ACTIVE (-- PSCI_SYSTEM_OFF --> SYSTEM_OFF)
 *     ^------------------------- REALM_DESTROY ----------'
 *
 * Guarded by the granule's lock. The number of live RECs is the granule's reference count (I9);
 * rec_index only ever grows, so that an MPIDR value is never used twice (A2.3.3).
 */
#ifndef CCASIM_REALM_RD_H
#define CCASIM_REALM_RD_H

#include <ccasim/abi.h>

#include "realm/s2.h"

/* RECs that an RD has room to remember, by their index. */
#define RD_REC_INDEXES 16384u

struct rd {
    struct s2_context s2;
    uint8_t state;     /* enum realm_state */
    uint8_t hash_algo; /* enum hash_algo */
    uint8_t num_bps, num_wps;
    uint8_t sve, sve_vl;
    uint8_t pmu, pmu_num_ctrs;
    uint32_t rec_index;
    uint32_t num_aux; /* REC_AUX granules of each REC */
    uint8_t rpv[64];
    uint8_t measurement[MEASUREMENT_SLOTS][MEASUREMENT_SIZE]; /* 0 RIM, 1..4 REM */
    uint64_t recs[RD_REC_INDEXES / 64];                       /* bit by index: the REC exists */
};
_Static_assert(sizeof(struct rd) <= GRANULE_SIZE, "an RD is one granule");

static inline void rd_note_rec(struct rd *rd, uint64_t index, bool exists)
{
    uint64_t bit = 1ull << (index % 64);

    if (index >= RD_REC_INDEXES)
        return;
    if (exists)
        rd->recs[index / 64] |= bit;
    else
        rd->recs[index / 64] &= ~bit;
}
/* B3.24 MpidrIsUsed, by index. Of a REC that the RD cannot remember it is only known that it was created. */
static inline bool rd_has_rec(const struct rd *rd, uint64_t index)
{
    return index < rd->rec_index &&
           (index >= RD_REC_INDEXES || (rd->recs[index / 64] >> (index % 64) & 1));
}

#endif
