/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_FOLD (B4.3.17): a homogeneous RTT goes away, and what its entries said is said by the
 * parent entry (A5.5.6). DATA granules keep their place: an ASSIGNED table becomes a block.
 */
#include "../spec_internal.h"

enum {
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    LEVEL_BOUND,
    IPA_ALIGN,
    IPA_BOUND,
    RTT_WALK,
    RTTE_STATE,
    RTT_HOMO,
};

const struct spec_cond spec_rtt_fold_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [LEVEL_BOUND] =
        SPEC_COND("level_bound", "!RttLevelIsValid(rd, level) || RttLevelIsStarting(rd, level)",
                  RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsRttLevelAligned(ipa, level - 1)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND("ipa_bound", "UInt(ipa) >= (2 ^ Realm(rd).ipa_width)", RMI_ERROR_INPUT),
    [RTT_WALK] = SPEC_COND_AT("rtt_walk", "walk.level < level - 1", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != TABLE", RMI_ERROR_RTT, "walk.level"),
    [RTT_HOMO] =
        SPEC_COND_AT("rtt_homo", "!RttIsHomogeneous(Rtt(walk.rtte.addr))", RMI_ERROR_RTT, "level"),
};

#define WALKED (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_rtt_fold_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), WALKED | SPEC_ROW(RTT_HOMO), "B4.3.17.2.1"},
    {SPEC_ROW(LEVEL_BOUND) | SPEC_ROW(IPA_BOUND), WALKED, "B4.3.17.2.1"},
};

const struct spec_loose spec_rtt_fold_loose[] = {SPEC_OUTPUTS_UNDEFINED};

const struct spec_variant spec_rtt_fold_variants[] = {
    {"unassigned_empty", "UNASSIGNED, all EMPTY"},
    {"unassigned_ram", "UNASSIGNED, all RAM"},
    {"unassigned_destroyed", "UNASSIGNED, all DESTROYED"},
    {"unassigned_ns", "UNASSIGNED_NS"},
    {"assigned_empty", "ASSIGNED, contiguous, all EMPTY: a block"},
    {"assigned_ram", "ASSIGNED, contiguous, all RAM: a block"},
    {"assigned_destroyed", "ASSIGNED, contiguous, all DESTROYED: a block"},
    {"assigned_ns", "ASSIGNED_NS, contiguous, same attributes: a block"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    c->level = (int64_t)c->in[3];
    if (c->level > INT64_MIN) /* level_bound may hold: for level 4 there is a walk to level 3 */
        spec_context_walk(c, c->ipa, c->level - 1);
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < c->level - 1;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && c->walk.rtte.hipas != HIPAS_TABLE;
}

static uint32_t child(const struct spec_call *c)
{
    return spec_gnode(c->s, spec_entry_addr(c->walk.rtte))->node;
}

static bool same_kind(struct spec_entry a, struct spec_entry b)
{
    return a.hipas == b.hipas && a.ripas == b.ripas && a.ns == b.ns && a.memattr == b.memattr &&
           a.s2ap == b.s2ap;
}

/* The rows of A5.5.6 that say something of each entry. */
static bool entries_follow(const struct spec *s, const struct spec_table *t)
{
    struct spec_entry first = spec_table_get(s, t, 0);
    uint64_t step = first.hipas == HIPAS_ASSIGNED ? level_size(t->level) : 0;

    for (unsigned i = 1; i < SPEC_ENTRIES && t->num_differs; i++) {
        struct spec_entry e = spec_table_get(s, t, i);

        if (!same_kind(e, first) || spec_entry_addr(e) != spec_entry_addr(first) + i * step)
            return false;
    }
    return true;
}

/* RttIsHomogeneous (B3.63) of the table at `level`. */
static bool is_homogeneous(const struct spec *s, const struct spec_table *t)
{
    struct spec_entry first = spec_table_get(s, t, 0);

    if (first.hipas == HIPAS_TABLE)
        return false;
    if (first.hipas == HIPAS_ASSIGNED &&
        (t->level < 2 || !spec_is_level_aligned(spec_entry_addr(first), t->level - 1)))
        return false;
    return entries_follow(s, t);
}

static bool rtt_homo(const struct spec_call *c)
{
    return c->walk.table && c->walk.level == c->level - 1 && c->walk.rtte.hipas == HIPAS_TABLE &&
           !is_homogeneous(c->s, spec_table_node(c->s, child(c)));
}

static int result_index(const struct spec_call *c, unsigned row)
{
    return row == RTT_HOMO ? (int)c->level : c->walk.level;
}

static const char *variant(struct spec_entry e)
{
    static const char *const assigned[] = {[RIPAS_EMPTY] = "assigned_empty",
                                           [RIPAS_RAM] = "assigned_ram",
                                           [RIPAS_DESTROYED] = "assigned_destroyed"};
    static const char *const unassigned[] = {[RIPAS_EMPTY] = "unassigned_empty",
                                             [RIPAS_RAM] = "unassigned_ram",
                                             [RIPAS_DESTROYED] = "unassigned_destroyed"};

    if (e.hipas == HIPAS_ASSIGNED)
        return e.ns ? "assigned_ns" : assigned[e.ripas];
    return e.ns ? "unassigned_ns" : unassigned[e.ripas];
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    uint64_t rtt = spec_entry_addr(c->walk.rtte);
    struct spec_entry fold = spec_table_get(s, spec_table_node(s, child(c)), 0); /* RttFold */

    spec_table_free(s, child(c));
    spec_set_state(s, rtt, SPEC_DELEGATED, SPEC_NONE, 0);
    spec_table_set(s, c->walk.table, c->walk.index, fold);
    spec_out(c, 1, rtt);
    c->v->variant = variant(fold);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [LEVEL_BOUND] = spec_level_not_child,
    [IPA_ALIGN] = spec_ipa_parent_align,
    [IPA_BOUND] = spec_ipa_bound,
    [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
    [RTT_HOMO] = rtt_homo,
};

const struct spec_body spec_rtt_fold_body = {
    .context = context, .holds = holds, .index = result_index, .success = success};
