/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory as the RMM may touch it: copies that survive a granule protection fault, since
 * another agent can take the granule out of the Non-secure PAS at any moment. What was copied is
 * what counts: nothing is read twice.
 */
#ifndef CCASIM_RMM_NS_H
#define CCASIM_RMM_NS_H

#include <ccasim/machine.h>

/* From the start of a tracked granule, or to a range within one. False: granule protection fault, nothing copied. */
bool ns_read(struct machine *m, unsigned pe, uint64_t granule, void *buf, uint32_t len);
bool ns_write(struct machine *m, unsigned pe, uint64_t a, const void *buf, uint32_t len);

static inline uint64_t get64(const uint8_t *p)
{
    uint64_t v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
}
static inline void put64(uint8_t *p, uint64_t v)
{
    __builtin_memcpy(p, &v, sizeof(v));
}

#endif
