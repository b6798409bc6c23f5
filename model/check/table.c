/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading RTTs: one entry, a run of entries that follow from the first, a walk. */
#include "check_internal.h"

void table_extent(const struct check_realm *r, const struct place *t, unsigned *num,
                  unsigned *num_protected)
{
    uint64_t size = level_size(t->level), top = 1ull << r->v.s2sz, middle = top / 2;
    uint64_t end = top > t->ipa ? (top - t->ipa + size - 1) / size : 0;
    uint64_t prot = middle > t->ipa ? (middle - t->ipa + size - 1) / size : 0;

    *num = end < TABLE_ENTRIES ? (unsigned)end : TABLE_ENTRIES;
    *num_protected = prot < TABLE_ENTRIES ? (unsigned)prot : TABLE_ENTRIES;
}

void entry_decode(const struct check_realm *r, const struct place *t, uint32_t table,
                  unsigned index, uint64_t desc, struct entry_at *e)
{
    e->table = table;
    e->index = index;
    e->level = (int)t->level;
    e->ipa = t->ipa + index * level_size((int)t->level);
    e->is_protected = e->ipa < 1ull << (r->v.s2sz - 1);
    e->desc = desc;
    rmm_view_rtte(desc, t->level, e->is_protected, r->v.lpa2, &e->v);
}

bool descs_are_uniform(const uint64_t *d, unsigned first, unsigned end, int level)
{
    uint64_t step = 0, differs = 0, expect = d[first];

    if (end - first > 1)
        step = d[first + 1] - d[first];
    if (step != 0 && step != level_size(level))
        return false;
    if (step == 0) {
        for (unsigned i = first; i < end; i++)
            differs |= d[i] ^ expect;
    } else {
        for (unsigned i = first; i < end; i++)
            differs |= d[i] ^ (expect + (i - first) * step);
    }
    return differs == 0;
}

bool index_walk(struct check *c, const struct check_realm *r, uint64_t ipa, int level,
                struct entry_at *e)
{
    struct place t = {0};
    uint64_t size = TABLE_ENTRIES * level_size(r->v.rtt_level_start);
    uint64_t table = r->v.rtt_base + ipa / size * GRANULE_SIZE;

    if (ipa >> r->v.s2sz)
        return false;
    t.level = (int8_t)r->v.rtt_level_start;
    t.ipa = align_down(ipa, size);
    for (;;) {
        unsigned index = (unsigned)((ipa - t.ipa) / level_size(t.level));

        if (!mem_contains(c->m, table))
            return false;
        entry_decode(r, &t, granule_index(c->m, table), index,
                     mem_read64(c->m, table + 8ull * index), e);
        if (e->v.hipas != HIPAS_TABLE || t.level >= level || t.level >= 3)
            return true;
        table = e->v.addr;
        t.ipa = e->ipa;
        t.level++;
    }
}
