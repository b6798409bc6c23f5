/* SPDX-License-Identifier: BSD-3-Clause */
/* VMIDs in use: one for each live Realm, from REALM_CREATE to REALM_DESTROY (B3.81, B3.82). */
#ifndef CCASIM_RMM_VMID_H
#define CCASIM_RMM_VMID_H

#include <ccasim/machine.h>

/* False: out of range for the implementation, or in use. */
static inline bool vmid_reserve(struct machine *m, uint16_t vmid)
{
    uint64_t bit = 1ull << (vmid % 64);

    if (m->impl.vmid_bits == 8 && vmid > 0xff)
        return false;
    if (m->rmm.vmids[vmid / 64] & bit)
        return false;
    m->rmm.vmids[vmid / 64] |= bit;
    return true;
}
static inline void vmid_free(struct machine *m, uint16_t vmid)
{
    m->rmm.vmids[vmid / 64] &= ~(1ull << (vmid % 64));
}

#endif
