/* SPDX-License-Identifier: BSD-3-Clause */
/* The abstract state as a value: creation, copy, identity, and its granules and pools. */
#include <stdlib.h>
#include <string.h>

#include "spec_internal.h"

/* --- pools: objects by index, so that a copy of the state needs no pointers mended --- */

static void pool_init(struct spec_pool *p, size_t item_size)
{
    *p = (struct spec_pool){.item_size = (uint32_t)item_size};
}

static void pool_grow(struct spec_pool *p)
{
    uint32_t capacity = p->capacity ? p->capacity * 2 : 16;
    void *items = realloc(p->items, (size_t)capacity * p->item_size);
    void *list = realloc(p->free, (size_t)capacity * sizeof(*p->free));

    if (!items || !list)
        MODEL_BUG("model/spec: out of memory for %u objects", capacity);
    p->items = items;
    p->free = list;
    p->capacity = capacity;
}

uint32_t spec_pool_take(struct spec_pool *p)
{
    if (p->num_free > 0)
        return p->free[--p->num_free];
    if (p->count == p->capacity)
        pool_grow(p);
    return p->count++;
}

void spec_pool_give(struct spec_pool *p, uint32_t index)
{
    p->free[p->num_free++] = index;
}

static bool pool_copy(struct spec_pool *to, const struct spec_pool *from)
{
    *to = *from;
    to->items = NULL;
    to->free = NULL;
    if (from->capacity == 0)
        return true;
    to->items = malloc((size_t)from->capacity * from->item_size);
    to->free = malloc((size_t)from->capacity * sizeof(*from->free));
    if (!to->items || !to->free)
        return false;
    memcpy(to->items, from->items, (size_t)from->count * from->item_size);
    memcpy(to->free, from->free, from->num_free * sizeof(*from->free));
    return true;
}

static void pool_release(struct spec_pool *p)
{
    free(p->items);
    free(p->free);
}

/* --- the state --- */

static struct spec_gnode *granule_in(struct spec *s, struct impl_range r, uint64_t offset)
{
    return &s->granules[(r.base + offset - s->impl.dram.base) >> GRANULE_SHIFT];
}

static void set_initial_pas(struct spec *s, struct impl_range r, enum pas pas)
{
    for (uint64_t o = 0; o < r.size; o += GRANULE_SIZE)
        granule_in(s, r, o)->pas = (uint8_t)pas;
}

/* Delegable is what lies in a bank; the top of the DRAM is the Root world's. */
static void granules_init(struct spec *s)
{
    const struct impl *impl = &s->impl;

    for (uint64_t i = 0; i < s->num_granules; i++)
        s->granules[i] = (struct spec_gnode){.pas = PAS_NS, .node = SPEC_NONE};
    for (uint32_t b = 0; b < impl->num_banks; b++) {
        for (uint64_t o = 0; o < impl->bank[b].size; o += GRANULE_SIZE)
            granule_in(s, impl->bank[b], o)->tracked = true;
    }
    for (uint32_t i = 0; i < impl->num_secure; i++)
        set_initial_pas(s, impl->secure[i], PAS_SECURE);
    set_initial_pas(
        s,
        (struct impl_range){impl->dram.base + impl->dram.size - impl->root_size, impl->root_size},
        PAS_ROOT);
}

struct spec *spec_new(const struct impl *impl)
{
    struct spec *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->impl = *impl;
    s->num_granules = impl->dram.size >> GRANULE_SHIFT;
    s->granules = malloc(s->num_granules * sizeof(*s->granules));
    if (!s->granules) {
        free(s);
        return NULL;
    }
    granules_init(s);
    pool_init(&s->realms, sizeof(struct spec_rnode));
    pool_init(&s->recs, sizeof(struct spec_recnode));
    pool_init(&s->tables, sizeof(struct spec_table));
    pool_init(&s->leaves, sizeof(struct spec_leaf));
    pool_init(&s->tokens, sizeof(struct spec_token));
    return s;
}

struct spec *spec_clone(const struct spec *from)
{
    struct spec *s = malloc(sizeof(*s));
    bool ok;

    if (!s)
        return NULL;
    *s = *from;
    s->granules = malloc(s->num_granules * sizeof(*s->granules));
    ok = pool_copy(&s->realms, &from->realms);
    ok &= pool_copy(&s->recs, &from->recs);
    ok &= pool_copy(&s->tables, &from->tables);
    ok &= pool_copy(&s->leaves, &from->leaves);
    ok &= pool_copy(&s->tokens, &from->tokens);
    if (!ok || !s->granules) {
        spec_free(s);
        return NULL;
    }
    memcpy(s->granules, from->granules, s->num_granules * sizeof(*s->granules));
    return s;
}

void spec_free(struct spec *s)
{
    if (!s)
        return;
    pool_release(&s->realms);
    pool_release(&s->recs);
    pool_release(&s->tables);
    pool_release(&s->leaves);
    pool_release(&s->tokens);
    free(s->granules);
    free(s);
}

void spec_touch(struct spec *s, enum spec_touch_kind kind, uint64_t a, uint64_t b)
{
    if (s->num_touched == SPEC_MAX_TOUCHED) {
        s->touched_overflow = true;
        return;
    }
    s->touched[s->num_touched++] = (struct spec_touch){.kind = kind, .a = a, .b = b};
}

void spec_set_state(struct spec *s, uint64_t pa, enum spec_gstate state, uint32_t node,
                    uint64_t ipa)
{
    struct spec_gnode *g = spec_gnode(s, pa);

    g->state = (uint8_t)state;
    g->node = node;
    g->ipa = ipa;
    spec_touch(s, SPEC_TOUCH_GRANULE, pa, 0);
}

void spec_set_pas(struct spec *s, uint64_t pa, enum pas pas)
{
    struct spec_gnode *g = spec_gnode_any(s, align_down(pa, GRANULE_SIZE));

    s->num_touched = 0;
    s->touched_overflow = false;
    if (!g)
        return;
    g->pas = (uint8_t)pas;
    spec_touch(s, SPEC_TOUCH_GRANULE, align_down(pa, GRANULE_SIZE), 0);
}

struct spec_rnode *spec_find_realm(const struct spec *s, uint64_t rd)
{
    const struct spec_gnode *g = spec_gnode(s, rd);

    return g && g->state == SPEC_RD ? spec_realm_node(s, g->node) : NULL;
}

struct spec_recnode *spec_find_rec(const struct spec *s, uint64_t rec)
{
    const struct spec_gnode *g = spec_gnode(s, rec);

    return g && g->state == SPEC_REC ? spec_rec_node(s, g->node) : NULL;
}

/* --- identity --- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdull;
    return h ^ (h >> 32);
}

static uint64_t mix_bytes(uint64_t h, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 8)
        h = mix(h, spec_load(bytes, (unsigned)i, 8));
    return h;
}

static uint64_t hash_realm(uint64_t h, const struct spec_realm *r)
{
    h = mix(h, (uint64_t)r->state | (uint64_t)r->s2sz << 8 | (uint64_t)r->hash_algo << 16 |
                   (uint64_t)r->vmid << 24 | (uint64_t)r->sve << 40 | (uint64_t)r->pmu << 41 |
                   (uint64_t)r->lpa2 << 42);
    h = mix(h, (uint64_t)r->sve_vl | (uint64_t)r->num_bps << 8 | (uint64_t)r->num_wps << 16 |
                   (uint64_t)r->pmu_num_ctrs << 24 | (uint64_t)r->rtt_num_start << 32);
    h = mix(h, r->rtt_base);
    h = mix(h, (uint64_t)(int64_t)r->rtt_level_start);
    h = mix(h, (uint64_t)r->num_recs << 32 | r->rec_index);
    h = mix_bytes(h, r->rpv, sizeof(r->rpv));
    return mix_bytes(h, r->measurement[0], sizeof(r->measurement));
}

static uint64_t hash_rec(uint64_t h, const struct spec_rec *r)
{
    h = mix(h, r->rd);
    h = mix(h, r->mpidr);
    h = mix(h, (uint64_t)r->runnable | (uint64_t)r->running << 1 |
                   (uint64_t)r->host_call_pending << 2 | (uint64_t)r->emulatable_abort << 3 |
                   (uint64_t)r->attest_in_progress << 4 | (uint64_t)r->psci_pending << 5 |
                   (uint64_t)r->ripas_destroyed << 6 | (uint64_t)r->ripas_value << 8);
    h = mix(mix(h, r->ripas_addr), r->ripas_top);
    h = mix_bytes(h, r->challenge, sizeof(r->challenge));
    for (uint32_t i = 0; i < r->num_aux; i++)
        h = mix(h, r->aux[i]);
    for (unsigned i = 0; i < 31; i++)
        h = mix(h, r->regs.x[i]);
    h = mix(h, r->regs.pc);
    h = mix(h, r->regs.pstate);
    h = mix(h, r->regs.elr_el1);
    h = mix(h, r->regs.spsr_el1);
    h = mix(h, r->regs.esr_el1);
    h = mix(h, r->regs.far_el1);
    h = mix(h, r->regs.vbar_el1);
    return mix(h, r->regs.sctlr_el1);
}

static uint64_t hash_table(uint64_t h, const struct spec *s, const struct spec_table *t)
{
    h = mix(h, t->ipa);
    h = mix(h, (uint64_t)(int64_t)t->level);
    for (unsigned i = 0; i < SPEC_ENTRIES; i++) {
        struct spec_entry e = spec_table_get(s, t, i);

        h = mix(h, spec_entry_addr(e));
        h = mix(h, (uint64_t)e.hipas | (uint64_t)e.ripas << 2 | (uint64_t)e.ns << 4 |
                       (uint64_t)e.memattr << 5 | (uint64_t)e.s2ap << 9);
    }
    return h;
}

uint64_t spec_hash(const struct spec *s)
{
    uint64_t h = 0;

    for (uint64_t i = 0; i < s->num_granules; i++) {
        const struct spec_gnode *g = &s->granules[i];

        h = mix(h, (uint64_t)g->state | (uint64_t)g->pas << 8);
        switch ((enum spec_gstate)g->state) {
        case SPEC_RD: h = hash_realm(h, &spec_realm_node(s, g->node)->pub); break;
        case SPEC_REC: h = hash_rec(h, &spec_rec_node(s, g->node)->pub); break;
        case SPEC_RTT: h = hash_table(h, s, spec_table_node(s, g->node)); break;
        case SPEC_DATA: h = mix(mix(h, g->ipa), spec_realm_node(s, g->node)->rd); break;
        default: break;
        }
    }
    return h;
}
