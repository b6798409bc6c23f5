/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the RMM writes where a Realm or the Host can read it: nothing but what the specification says. A page of a Realm
 * and a page of the Host are copied when a slot maps them and compared when it is unmapped; a copy to host memory also
 * says itself what it writes. Each range waits for the judgement of the call, or segment, that made it.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <string.h>

static struct window *window_of(struct check_pe *p, unsigned slot)
{
    for (unsigned i = 0; i < CHECK_MAX_WINDOWS; i++) {
        if (p->window[i].pa && p->window[i].slot == slot)
            return &p->window[i];
    }
    return NULL;
}

/* A page of a Realm, whatever slot maps it, or one of the Host. What the RMM owns itself has rules of its own. */
static bool is_watched(const struct check *c, uint64_t pa, unsigned slot)
{
    if (!mem_contains(c->m, pa))
        return false;
    return slot == SLOT_NS || c->m->gst[granule_index(c->m, pa)].state == GST_DATA;
}

void writes_map(struct check *c, struct check_pe *p, uint64_t pa, unsigned slot)
{
    if (!p->active || !is_watched(c, pa, slot))
        return;
    for (unsigned i = 0; i < CHECK_MAX_WINDOWS; i++) {
        struct window *w = &p->window[i];

        if (w->pa && w->slot != slot)
            continue;
        w->pa = pa | 1;
        w->slot = slot;
        w->stamp = c->steps + c->clock;
        mem_read(c->m, pa, w->bytes, GRANULE_SIZE);
        return;
    }
}

static void add(struct call *call, bool realm, uint64_t pa, uint64_t len)
{
    if (len == 0 || call->num_written == CHECK_MAX_WRITTEN)
        return; /* the first ones tell */
    call->written[call->num_written++] = (struct written){pa, (uint32_t)len, realm, false};
}

void writes_unmap(struct check *c, struct check_pe *p, unsigned slot)
{
    struct window *w = window_of(p, slot);
    const uint8_t *now = (const uint8_t *)c->scratch;
    unsigned first = 0, end = GRANULE_SIZE;
    uint64_t pa;

    if (w == NULL)
        return;
    pa = w->pa & ~GRANULE_MASK;
    w->pa = 0;
    if (w->stamp != c->steps + c->clock)
        return; /* others had their turn meanwhile: it may be their doing */
    mem_read(c->m, pa, c->scratch, GRANULE_SIZE);
    if (memcmp(now, w->bytes, GRANULE_SIZE) == 0)
        return;
    while (now[first] == w->bytes[first])
        first++;
    while (now[end - 1] == w->bytes[end - 1])
        end--;
    add(&p->call, slot != SLOT_NS, pa + first, end - first);
}

void writes_to_host(struct check_pe *p, uint64_t pa, uint64_t len)
{
    if (p->active)
        add(&p->call, false, pa, len);
}

/* The granule is a Realm's page no more: what the RMM erased, nobody reads. */
void writes_forget(struct check_pe *p, uint64_t granule)
{
    for (unsigned i = 0; i < p->call.num_written; i++) {
        struct written *w = &p->call.written[i];

        if (w->realm && align_down(w->pa, GRANULE_SIZE) == granule)
            w->explained = true;
    }
}

void writes_explained(struct call *call, const struct spec_verdict *v)
{
    for (unsigned i = 0; i < call->num_written; i++) {
        struct written *w = &call->written[i];

        for (unsigned k = 0; k < v->num_writes; k++) {
            const struct spec_write *by = &v->writes[k];

            if (by->realm == w->realm && w->pa >= by->pa && w->pa + w->len <= by->pa + by->len)
                w->explained = true;
        }
    }
}

void writes_judge(struct check *c, struct call *call)
{
    for (unsigned i = 0; i < call->num_written; i++) {
        const struct written *w = &call->written[i];

        check_count(c, 1);
        if (!w->explained)
            check_find(c, w->realm ? "realm-memory" : "host-memory", w->pa,
                       "the RMM writes %s memory from 0x%" PRIx64 " to 0x%" PRIx64
                       ", of which the specification says nothing",
                       w->realm ? "Realm" : "host", w->pa, w->pa + w->len);
    }
    call->num_written = 0;
}
