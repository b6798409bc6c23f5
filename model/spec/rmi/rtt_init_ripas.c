/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_INIT_RIPAS (B4.3.18): RIPAS RAM for as much of [base, top) as one RTT describes, up to
 * the first TABLE entry; each entry extends the RIM. Entries after the first keep their state:
 * ASSIGNED and DESTROYED ones do not end the range (RttSkipEntriesWithRipas, B3.75; TF-RMM stops at
 * them).
 */
#include "../spec_internal.h"

enum {
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    SIZE_VALID,
    TOP_BOUND,
    REALM_STATE,
    BASE_ALIGN,
    RTTE_STATE,
    TOP_GRAN_ALIGN,
    NO_PROGRESS,
};

const struct spec_cond spec_rtt_init_ripas_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [SIZE_VALID] = SPEC_COND("size_valid", "UInt(top) <= UInt(base)", RMI_ERROR_INPUT),
    [TOP_BOUND] =
        SPEC_COND("top_bound", "!AddrIsProtected(ToAddress(UInt(top) - RMM_GRANULE_SIZE), realm)",
                  RMI_ERROR_INPUT),
    [REALM_STATE] = SPEC_COND("realm_state", "realm.state != REALM_NEW", RMI_ERROR_REALM),
    [BASE_ALIGN] = SPEC_COND_AT("base_align", "!AddrIsRttLevelAligned(base, walk.level)",
                                RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != UNASSIGNED", RMI_ERROR_RTT, "walk.level"),
    [TOP_GRAN_ALIGN] = SPEC_COND("top_gran_align", "!AddrIsGranuleAligned(top)", RMI_ERROR_INPUT),
    [NO_PROGRESS] =
        SPEC_COND_AT("no_progress", "UInt(base) == UInt(walk_top)", RMI_ERROR_RTT, "walk.level"),
};

#define RD_VALID (SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE))

const struct spec_order spec_rtt_init_ripas_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {RD_VALID, SPEC_ROW(REALM_STATE), "B4.3.18.2.1"},
    {RD_VALID, SPEC_ROW(BASE_ALIGN) | SPEC_ROW(RTTE_STATE), "B4.3.18.2.1"},
    {RD_VALID, SPEC_ROW(NO_PROGRESS), "B4.3.18.2.1"},
    {SPEC_ROW(TOP_GRAN_ALIGN), SPEC_ROW(NO_PROGRESS), "B4.3.18.2.1"},
};

const struct spec_loose spec_rtt_init_ripas_loose[] = {SPEC_OUTPUTS_UNDEFINED};

const struct spec_variant spec_rtt_init_ripas_variants[] = {
    {"whole", "everything up to top becomes RAM"},
    {"partial", "out_top is below top"},
    {"already_ram", "everything was RAM"},
    {"destroyed", "entries that were DESTROYED become RAM too"},
};

static uint64_t top_of(const struct spec_call *c)
{
    return c->in[3];
}

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    spec_context_walk(c, c->ipa, SPEC_PAGE_LEVEL);
}

static bool size_valid(const struct spec_call *c)
{
    return top_of(c) <= c->ipa;
}

static bool top_bound(const struct spec_call *c)
{
    return c->realm && !spec_is_protected(c->realm, top_of(c) - GRANULE_SIZE);
}

static bool base_align(const struct spec_call *c)
{
    return c->walk.table && !spec_is_level_aligned(c->ipa, c->walk.level);
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && (c->walk.rtte.hipas != HIPAS_UNASSIGNED || c->walk.rtte.ns);
}

static bool top_gran_align(const struct spec_call *c)
{
    return !is_granule_aligned(top_of(c));
}

/* RttSkipEntriesWithRipas(Rtt(walk.rtt_addr), walk.level, base, top, FALSE) */
static uint64_t walk_top(const struct spec_call *c)
{
    uint64_t table = spec_skip_to_table(c->s, c->walk.table, c->ipa);
    uint64_t top = top_of(c) < table ? top_of(c) : table;

    return align_down(top, level_size(c->walk.level));
}

static bool no_progress(const struct spec_call *c)
{
    return c->walk.table && c->ipa == walk_top(c);
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    struct spec_table *t = c->walk.table;
    uint64_t size = level_size(c->walk.level);
    uint64_t top = walk_top(c);
    bool changed = false, destroyed = false;
    unsigned index = c->walk.index;

    for (uint64_t ipa = c->ipa; ipa < top; ipa += size, index++) {
        struct spec_entry e = spec_table_get(s, t, index);

        changed |= e.ripas != RIPAS_RAM;
        destroyed |= e.ripas == RIPAS_DESTROYED;
        e.ripas = RIPAS_RAM;
        spec_table_set(s, t, index, e);
        spec_rim_extend_ripas(c->realm, ipa, ipa + size < top_of(c) ? ipa + size : top_of(c));
    }
    spec_touch(s, SPEC_TOUCH_REALM, c->rd, 0);
    spec_out(c, 1, top);
    if (destroyed || !changed)
        c->v->variant = destroyed ? "destroyed" : "already_ram";
    else
        c->v->variant = top < top_of(c) ? "partial" : "whole";
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,  [RD_BOUND] = spec_rd_bound, [RD_STATE] = spec_rd_state,
    [SIZE_VALID] = size_valid,   [TOP_BOUND] = top_bound,    [REALM_STATE] = spec_realm_not_new,
    [BASE_ALIGN] = base_align,   [RTTE_STATE] = rtte_state,  [TOP_GRAN_ALIGN] = top_gran_align,
    [NO_PROGRESS] = no_progress,
};

const struct spec_body spec_rtt_init_ripas_body = {
    .context = context, .holds = holds, .success = success};
