/* SPDX-License-Identifier: BSD-3-Clause */
#include "rmm/ns.h"

#include <ccasim/gpt.h>
#include <string.h>

#include "rmm/bugs.h"
#include "rmm/slot.h"

bool ns_read(struct machine *m, unsigned pe, uint64_t granule, void *buf, uint32_t len)
{
    bool fault = gpt_check(m, PAS_NS, granule).fault != GPC_OK;

    if (!fault) {
        memcpy(buf, slot_map(m, pe, SLOT_NS, granule), len);
        if (!BUG(m, NS_SLOT_LEAK))
            slot_unmap(m, pe, SLOT_NS);
    }
    ev(m, pe, EV_COPY_FROM_NS, granule, len, fault);
    return !fault;
}

bool ns_write(struct machine *m, unsigned pe, uint64_t a, const void *buf, uint32_t len)
{
    uint64_t granule = align_down(a, GRANULE_SIZE);
    bool fault = gpt_check(m, PAS_NS, a).fault != GPC_OK;

    if (!fault) {
        uint8_t *p = slot_map(m, pe, SLOT_NS, granule);

        /* What the RMM tells the Host is the Host's from now on: no provenance of RMM or Realm. */
        mem_note_write(m, granule, OWNER_HOST, 0, false);
        memcpy(p + (a & GRANULE_MASK), buf, len);
        slot_unmap(m, pe, SLOT_NS);
    }
    ev(m, pe, EV_COPY_TO_NS, a, len, fault);
    return !fault;
}
