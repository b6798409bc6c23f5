/* SPDX-License-Identifier: BSD-3-Clause */
/* The index: what is remembered of each Realm, and digests of RDs and RECs. */
#include "check_internal.h"

#include <stdlib.h>
#include <string.h>

struct check_realm *index_realm(struct check *c, uint32_t granule)
{
    unsigned i = c->place[granule].realm;

    return i ? &c->realm[i - 1] : NULL;
}

struct check_realm *index_realm_of(struct check *c, const struct place *t)
{
    return t->rd ? index_realm(c, t->rd - 1) : NULL;
}

static void realms_grow(struct check *c)
{
    uint32_t cap = c->cap_realms ? 2 * c->cap_realms : 16;
    struct check_realm *bigger = realloc(c->realm, cap * sizeof(*bigger));

    if (bigger == NULL)
        MODEL_BUG("no memory for the index of %u Realms", cap);
    memset(bigger + c->cap_realms, 0, (cap - c->cap_realms) * sizeof(*bigger));
    c->realm = bigger;
    c->cap_realms = cap;
}

struct check_realm *index_realm_add(struct check *c, uint32_t granule)
{
    struct check_realm *r = index_realm(c, granule);
    uint32_t i;

    if (r)
        return r;
    if (c->num_realms == c->cap_realms)
        realms_grow(c);
    MODEL_ASSERT(c->realm != NULL);
    for (i = 0; i < c->num_realms && c->realm[i].used; i++)
        ;
    if (i == c->num_realms)
        c->num_realms++;
    c->realm[i].used = true;
    c->realm[i].replayed = false;
    c->realm[i].known = false;
    c->realm[i].granule = granule;
    c->place[granule].realm = (uint16_t)(i + 1);
    return &c->realm[i];
}

void index_realm_drop(struct check *c, uint32_t granule)
{
    struct check_realm *r = index_realm(c, granule);

    c->place[granule].realm = 0;
    if (r == NULL)
        return;
    r->used = false;
    while (c->num_realms && !c->realm[c->num_realms - 1].used)
        c->num_realms--;
}

struct check_realm *index_realm_by_vmid(struct check *c, uint16_t vmid)
{
    for (uint32_t i = 0; i < c->num_realms; i++) {
        if (c->realm[i].used && c->realm[i].known && c->realm[i].v.vmid == vmid)
            return &c->realm[i];
    }
    return NULL;
}

void index_realm_seen(struct check *c, struct check_realm *r)
{
    rmm_view_rd(c->m, granule_pa(c->m, r->granule), c->scratch, &r->v);
    memcpy(r->rpv, r->v.rpv, sizeof(r->rpv));
    memcpy(r->measured, r->v.measurement, sizeof(r->measured));
    r->max_index = r->v.rec_index;
    r->known = true;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ull;
    return h ^ h >> 32;
}

static uint64_t mix_bytes(uint64_t h, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        uint64_t v;

        memcpy(&v, bytes + i, 8);
        h = mix(h, v);
    }
    return h;
}

static uint64_t digest_rd(struct check *c, uint32_t granule)
{
    struct rmm_rd_view v;
    uint64_t h;

    rmm_view_rd(c->m, granule_pa(c->m, granule), c->scratch, &v);
    h = mix(v.state | (uint64_t)v.s2sz << 8 | (uint64_t)v.hash_algo << 16 |
                (uint64_t)v.sve_vl << 24 | (uint64_t)v.num_bps << 32 | (uint64_t)v.num_wps << 40 |
                (uint64_t)v.pmu_num_ctrs << 48,
            v.vmid | (uint64_t)v.lpa2 << 16 | (uint64_t)v.sve << 17 | (uint64_t)v.pmu << 18);
    h = mix(mix(h, v.rtt_base), (uint64_t)v.rtt_level_start << 32 | v.rtt_num_start);
    h = mix(h, (uint64_t)v.num_recs << 32 | v.rec_index);
    h = mix_bytes(h, v.rpv, 64);
    return mix_bytes(h, v.measurement, (size_t)MEASUREMENT_SLOTS * MEASUREMENT_SIZE);
}

static uint64_t digest_rec(struct check *c, uint32_t granule)
{
    struct rmm_rec_view v;
    uint64_t h;

    rmm_view_rec(c->m, granule_pa(c->m, granule), c->scratch, &v);
    h = mix(mix(v.rd, v.mpidr),
            (uint64_t)v.runnable | (uint64_t)v.host_call_pending << 1 |
                (uint64_t)v.emulatable_abort << 2 | (uint64_t)v.psci_pending << 3 |
                (uint64_t)v.attest_in_progress << 4 | (uint64_t)v.ripas_destroyed << 5 |
                (uint64_t)v.ripas_value << 8);
    h = mix(mix(h, v.ripas_addr), v.ripas_top);
    if (v.attest_in_progress)
        h = mix_bytes(h, v.challenge, 64);
    for (unsigned i = 0; i < v.num_aux && i < REC_MAX_AUX; i++)
        h = mix(h, v.aux[i]);
    return mix_bytes(h, (const uint8_t *)v.regs, sizeof(*v.regs));
}

uint64_t index_digest(struct check *c, uint32_t granule)
{
    return c->m->gst[granule].state == GST_RD ? digest_rd(c, granule) : digest_rec(c, granule);
}
