/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking at the abstract state from outside: what check/refine compares the machine with. */
#include "spec_internal.h"

const char *spec_gstate_name(enum spec_gstate st)
{
    static const char *const names[SPEC_GSTATE_COUNT] = {
        [SPEC_UNDELEGATED] = "UNDELEGATED",
        [SPEC_DELEGATED] = "DELEGATED",
        [SPEC_RD] = "RD",
        [SPEC_REC] = "REC",
        [SPEC_REC_AUX] = "REC_AUX",
        [SPEC_DATA] = "DATA",
        [SPEC_RTT] = "RTT",
    };
    return (unsigned)st < SPEC_GSTATE_COUNT ? names[st] : "?";
}

static void granule_view(const struct spec *s, const struct spec_gnode *g, struct spec_granule *out)
{
    *out = (struct spec_granule){.state = (enum spec_gstate)g->state, .pas = (enum pas)g->pas};
    switch (out->state) {
    case SPEC_REC: out->rd = spec_rec_node(s, g->node)->pub.rd; break;
    case SPEC_REC_AUX:
        out->rd = spec_rec_node(s, g->node)->pub.rd;
        out->rec = spec_rec_node(s, g->node)->pa;
        break;
    case SPEC_DATA:
        out->rd = spec_realm_node(s, g->node)->rd;
        out->ipa = g->ipa;
        break;
    case SPEC_RTT: {
        const struct spec_table *t = spec_table_node(s, g->node);

        out->rd = spec_realm_node(s, t->realm)->rd;
        out->ipa = t->ipa;
        out->level = t->level;
        break;
    }
    default: break;
    }
}

bool spec_granule(const struct spec *s, uint64_t pa, struct spec_granule *out)
{
    const struct spec_gnode *g = spec_gnode(s, pa);

    if (!g)
        return false;
    granule_view(s, g, out);
    return true;
}

const struct spec_realm *spec_realm(const struct spec *s, uint64_t rd)
{
    const struct spec_rnode *r = spec_find_realm(s, rd);

    return r ? &r->pub : NULL;
}

const struct spec_rec *spec_rec(const struct spec *s, uint64_t rec)
{
    const struct spec_recnode *r = spec_find_rec(s, rec);

    return r ? &r->pub : NULL;
}

static void entry_view(struct spec_entry e, struct spec_rtte *out)
{
    *out = (struct spec_rtte){
        .hipas = (enum hipas)e.hipas,
        .ripas = (enum ripas)e.ripas,
        .ns = e.ns,
        .addr = spec_entry_addr(e),
        .memattr = (uint8_t)e.memattr,
        .s2ap = (uint8_t)e.s2ap,
    };
}

bool spec_rtte(const struct spec *s, uint64_t rd, int level, uint64_t ipa, struct spec_rtte *out)
{
    const struct spec_rnode *r = spec_find_realm(s, rd);
    struct spec_walk w;

    if (!r || ipa >= spec_ipa_top(r) || !spec_level_is_valid(r, level))
        return false;
    spec_walk(s, r, ipa, level, &w);
    if (w.level != level)
        return false;
    entry_view(w.rtte, out);
    return true;
}

static const struct spec_table *table_at(const struct spec *s, uint64_t granule)
{
    const struct spec_gnode *g = spec_gnode(s, granule);

    return g && g->state == SPEC_RTT ? spec_table_node(s, g->node) : NULL;
}

bool spec_table_entry(const struct spec *s, uint64_t table, unsigned index, struct spec_rtte *out)
{
    const struct spec_table *t = table_at(s, table);

    if (!t || index >= SPEC_ENTRIES)
        return false;
    entry_view(spec_table_get(s, t, index), out);
    return true;
}

bool spec_table_is_uniform(const struct spec *s, uint64_t table, unsigned first, unsigned end)
{
    const struct spec_table *t = table_at(s, table);

    return t && end <= SPEC_ENTRIES && (t->ns_from <= first || t->ns_from >= end) &&
           (t->num_differs == 0 || !spec_table_differs(t, first, end));
}

const struct spec_touch *spec_touched(const struct spec *s, size_t *count)
{
    *count = s->num_touched;
    return s->touched;
}

bool spec_touched_overflow(const struct spec *s)
{
    return s->touched_overflow;
}

void spec_each_granule(const struct spec *s,
                       void (*fn)(void *ctx, uint64_t pa, const struct spec_granule *g), void *ctx)
{
    for (uint64_t i = 0; i < s->num_granules; i++) {
        const struct spec_gnode *g = &s->granules[i];
        struct spec_granule view;

        if (g->state == SPEC_UNDELEGATED)
            continue;
        granule_view(s, g, &view);
        fn(ctx, s->impl.dram.base + (i << GRANULE_SHIFT), &view);
    }
}
