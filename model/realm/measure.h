/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm measurements (A7.1): RIM in slot 0, REMs in slots 1..4 of the RD. Every extension hashes a
 * measurement descriptor that holds the value before, so the order of the operations counts.
 *
 * Invariant (I18): the RIM follows from REALM_CREATE and the measured operations while the Realm
 * was NEW. It does not change afterwards.
 */
#ifndef CCASIM_REALM_MEASURE_H
#define CCASIM_REALM_MEASURE_H

#include "realm/rd.h"

/* The hash in the first 32 or 64 bytes, the rest zero. */
void measure_hash(enum hash_algo algo, const void *data, size_t len, uint8_t out[MEASUREMENT_SIZE]);
/* Initial RIM. `params` is the Host's RmiRealmParams: the measured fields are copied from it
 * (B4.3.9.4). */
void measure_rim_init(struct rd *rd, const uint8_t params[GRANULE_SIZE]);
/* DATA_CREATE: `content` is the hash of the granule, or NULL if the Host asked not to measure it
 * (B4.3.1.4). */
void measure_rim_data(struct rd *rd, uint64_t ipa, uint64_t flags,
                      const uint8_t content[MEASUREMENT_SIZE]);
/* REC_CREATE of a runnable REC. `params` is the Host's RmiRecParams (B4.3.12.4). */
void measure_rim_rec(struct rd *rd, const uint8_t params[GRANULE_SIZE]);
/* RTT_INIT_RIPAS, one entry (B4.3.18.4). */
void measure_rim_ripas(struct rd *rd, uint64_t base, uint64_t top);
/* RSI_MEASUREMENT_EXTEND: the `size` first bytes of `value` (rmm-1.0 facts 1.13). */
void measure_rem_extend(struct rd *rd, unsigned slot, const uint8_t *value, size_t size);

#endif
