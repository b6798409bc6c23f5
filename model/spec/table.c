/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTTs of the abstract state (A5.5). A new table is one base entry from which all 512 follow
 * (A5.5.7): the same state, output addresses contiguous. Only entries that differ from it are
 * stored, so that creating and destroying a table costs the same whatever it maps.
 */
#include <string.h>

#include "spec_internal.h"

static bool bit_get(const uint64_t *words, unsigned i)
{
    return (words[i / 64] >> (i % 64)) & 1;
}

static void bit_put(uint64_t *words, unsigned i, bool value)
{
    words[i / 64] = (words[i / 64] & ~(1ull << (i % 64))) | (uint64_t)value << (i % 64);
}

/* RTTE liveness: an address is stored in it (A5.5.8). */
static bool entry_is_live(struct spec_entry e)
{
    return e.hipas != HIPAS_UNASSIGNED;
}

/* Makes its RTT live: the address is that of an RMM object (A5.5.8); ASSIGNED_NS is not. */
static bool entry_is_counted(struct spec_entry e)
{
    return e.hipas == HIPAS_TABLE || (e.hipas == HIPAS_ASSIGNED && !e.ns);
}

struct spec_entry spec_entry_make(enum hipas hipas, enum ripas ripas, bool ns, uint64_t addr)
{
    return (struct spec_entry){
        .page = (addr >> GRANULE_SHIFT) & ((1ull << 40) - 1),
        .hipas = (unsigned)hipas & 3u,
        .ripas = (unsigned)ripas & 3u,
        .ns = ns,
    };
}

static struct spec_entry follow(const struct spec_table *t, unsigned index)
{
    struct spec_entry e = t->base;

    if (index >= t->ns_from)
        return spec_entry_make(HIPAS_UNASSIGNED, RIPAS_EMPTY, true, 0);
    if (e.hipas == HIPAS_ASSIGNED) {
        uint64_t step = level_size(t->level) >> GRANULE_SHIFT;

        e.page = (e.page + index * step) & ((1ull << 40) - 1);
    }
    return e;
}

uint32_t spec_table_new(struct spec *s, uint64_t granule, uint32_t realm, uint64_t ipa, int level,
                        struct spec_entry base, unsigned ns_from)
{
    uint32_t index = spec_pool_take(&s->tables);
    struct spec_table *t = spec_table_node(s, index);

    t->granule = granule;
    t->ipa = ipa;
    t->realm = realm;
    t->leaf = SPEC_NONE;
    t->level = level;
    t->ns_from = (uint16_t)ns_from;
    t->num_counted = entry_is_counted(base) ? SPEC_ENTRIES : 0;
    t->num_differs = 0;
    t->base = base;
    memset(t->differs, 0, sizeof(t->differs));
    memset(t->live, entry_is_live(base) ? 0xff : 0, sizeof(t->live));
    spec_touch(s, SPEC_TOUCH_TABLE, granule, 0);
    return index;
}

void spec_table_free(struct spec *s, uint32_t index)
{
    struct spec_table *t = spec_table_node(s, index);

    if (t->leaf != SPEC_NONE)
        spec_pool_give(&s->leaves, t->leaf);
    spec_pool_give(&s->tables, index);
}

static struct spec_leaf *leaf_of(const struct spec *s, const struct spec_table *t)
{
    return spec_pool_at(&s->leaves, t->leaf);
}

struct spec_entry spec_table_get(const struct spec *s, const struct spec_table *t, unsigned index)
{
    if (bit_get(t->differs, index))
        return leaf_of(s, t)->entry[index];
    return follow(t, index);
}

bool spec_table_differs(const struct spec_table *t, unsigned first, unsigned end)
{
    while (first < end) {
        unsigned bit = first % 64, num = end - first < 64 - bit ? end - first : 64 - bit;

        if (t->differs[first / 64] & (~0ull >> (64 - num) << bit))
            return true;
        first += num;
    }
    return false;
}

static bool entry_equal(struct spec_entry a, struct spec_entry b)
{
    return a.page == b.page && a.hipas == b.hipas && a.ripas == b.ripas && a.ns == b.ns &&
           a.memattr == b.memattr && a.s2ap == b.s2ap;
}

void spec_table_set(struct spec *s, struct spec_table *t, unsigned index, struct spec_entry e)
{
    struct spec_entry old = spec_table_get(s, t, index);
    bool differs = !entry_equal(e, follow(t, index));

    t->num_counted = (uint16_t)(t->num_counted + entry_is_counted(e) - entry_is_counted(old));
    t->num_differs = (uint16_t)(t->num_differs + differs - bit_get(t->differs, index));
    bit_put(t->differs, index, differs);
    bit_put(t->live, index, entry_is_live(e));
    if (differs) {
        if (t->leaf == SPEC_NONE)
            t->leaf = spec_pool_take(&s->leaves);
        leaf_of(s, t)->entry[index] = e;
    }
    spec_touch(s, SPEC_TOUCH_RTTE, t->granule, index);
}

void spec_walk(const struct spec *s, const struct spec_rnode *r, uint64_t ipa, int level,
               struct spec_walk *w)
{
    int l = r->pub.rtt_level_start;
    /* Concatenated starting-level RTTs: the bits above one table's reach select the granule. */
    uint64_t number = ipa >> (spec_level_shift(l) + 9);
    uint64_t granule = r->pub.rtt_base + (number << GRANULE_SHIFT);

    for (;;) {
        w->table_index = spec_gnode_any(s, granule)->node;
        w->table = spec_table_node(s, w->table_index);
        w->index = (unsigned)(ipa >> spec_level_shift(l)) % SPEC_ENTRIES;
        w->level = l;
        w->rtte = spec_table_get(s, w->table, w->index);
        if (l >= level || w->rtte.hipas != HIPAS_TABLE)
            return;
        granule = spec_entry_addr(w->rtte);
        l++;
    }
}

/* The first live entry from `index` on; SPEC_ENTRIES: none. */
static unsigned next_live(const struct spec_table *t, unsigned index)
{
    unsigned word = index / 64;
    uint64_t bits;

    if (index >= SPEC_ENTRIES)
        return SPEC_ENTRIES;
    bits = t->live[word] & (~0ull << (index % 64));
    while (bits == 0 && ++word < SPEC_WORDS)
        bits = t->live[word];
    return bits ? word * 64u + (unsigned)__builtin_ctzll(bits) : SPEC_ENTRIES;
}

uint64_t spec_skip_non_live(const struct spec_table *t, uint64_t ipa)
{
    unsigned index = (unsigned)((ipa - t->ipa) >> spec_level_shift(t->level));

    if (bit_get(t->live, index))
        return ipa;
    return t->ipa + level_size(t->level) * next_live(t, index);
}

uint64_t spec_skip_to_table(const struct spec *s, const struct spec_table *t, uint64_t ipa)
{
    uint64_t size = level_size(t->level);
    unsigned index = (unsigned)((ipa - t->ipa) >> spec_level_shift(t->level));

    /* A TABLE is live. */
    while ((index = next_live(t, index)) < SPEC_ENTRIES &&
           spec_table_get(s, t, index).hipas != HIPAS_TABLE)
        index++;
    return t->ipa + size * index;
}
