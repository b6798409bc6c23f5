/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_CREATE (B4.3.15): unfolds an entry of the level above into a new RTT. All 512 entries of
 * the child have the parent's state, RIPAS and attributes; output addresses are contiguous
 * (A5.5.7).
 */
#include "../spec_internal.h"

enum {
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    LEVEL_BOUND,
    IPA_ALIGN,
    IPA_BOUND,
    RTT_ALIGN,
    RTT_BOUND,
    RTT_STATE,
    RTT_BOUND2,
    RTT_WALK,
    RTTE_STATE,
};

const struct spec_cond spec_rtt_create_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [LEVEL_BOUND] =
        SPEC_COND("level_bound", "!RttLevelIsValid(rd, level) || RttLevelIsStarting(rd, level)",
                  RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsRttLevelAligned(ipa, level - 1)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND("ipa_bound", "UInt(ipa) >= (2 ^ Realm(rd).ipa_width)", RMI_ERROR_INPUT),
    [RTT_ALIGN] = SPEC_COND("rtt_align", "!AddrIsGranuleAligned(rtt)", RMI_ERROR_INPUT),
    [RTT_BOUND] = SPEC_COND("rtt_bound", "!PaIsDelegable(rtt)", RMI_ERROR_INPUT),
    [RTT_STATE] = SPEC_COND("rtt_state", "Granule(rtt).state != DELEGATED", RMI_ERROR_INPUT),
    [RTT_BOUND2] = SPEC_COND(
        "rtt_bound2", "(realm.feat_lpa2 == FEATURE_FALSE) && (UInt(rtt) >= 2^48)", RMI_ERROR_INPUT),
    [RTT_WALK] = SPEC_COND_AT("rtt_walk", "walk.level < level - 1", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state == TABLE", RMI_ERROR_RTT, "walk.level"),
};

const struct spec_order spec_rtt_create_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    SPEC_IMPLIED(RTT_ALIGN, RTT_BOUND, RTT_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE),
     "B4.3.15.2.1"},
    {SPEC_ROW(LEVEL_BOUND) | SPEC_ROW(IPA_BOUND), SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE),
     "B4.3.15.2.1"},
};

const struct spec_variant spec_rtt_create_variants[] = {
    {"unfold_unassigned_empty", "UNASSIGNED, EMPTY"},
    {"unfold_unassigned_ram", "UNASSIGNED, RAM"},
    {"unfold_unassigned_destroyed", "UNASSIGNED, DESTROYED"},
    {"unfold_unassigned_ns", "UNASSIGNED_NS"},
    {"unfold_assigned_empty", "an ASSIGNED block, EMPTY"},
    {"unfold_assigned_ram", "an ASSIGNED block, RAM"},
    {"unfold_assigned_destroyed", "an ASSIGNED block, DESTROYED"},
    {"unfold_assigned_ns", "an ASSIGNED_NS block"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->pa = c->in[2];
    c->ipa = c->in[3];
    c->level = (int64_t)c->in[4];
    if (c->level > INT64_MIN) /* level_bound may hold: for level 4 there is a walk to level 3 */
        spec_context_walk(c, c->ipa, c->level - 1);
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < c->level - 1;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && c->walk.rtte.hipas == HIPAS_TABLE;
}

static const char *variant(struct spec_entry e)
{
    static const char *const assigned[] = {[RIPAS_EMPTY] = "unfold_assigned_empty",
                                           [RIPAS_RAM] = "unfold_assigned_ram",
                                           [RIPAS_DESTROYED] = "unfold_assigned_destroyed"};
    static const char *const unassigned[] = {[RIPAS_EMPTY] = "unfold_unassigned_empty",
                                             [RIPAS_RAM] = "unfold_unassigned_ram",
                                             [RIPAS_DESTROYED] = "unfold_unassigned_destroyed"};

    if (e.hipas == HIPAS_ASSIGNED)
        return e.ns ? "unfold_assigned_ns" : assigned[e.ripas];
    return e.ns ? "unfold_unassigned_ns" : unassigned[e.ripas];
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    struct spec_entry parent = c->walk.rtte;
    uint64_t base = align_down(c->ipa, level_size((int)c->level - 1));
    struct spec_table *above;
    uint32_t table;

    table = spec_table_new(s, c->pa, spec_gnode(s, c->rd)->node, base, (int)c->level, parent,
                           SPEC_ENTRIES);
    /* The pool may have moved: look the parent up again. */
    above = spec_table_node(s, c->walk.table_index);
    spec_set_state(s, c->pa, SPEC_RTT, table, 0);
    spec_table_set(s, above, c->walk.index,
                   spec_entry_make(HIPAS_TABLE, RIPAS_EMPTY, false, c->pa));
    c->v->variant = variant(parent);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [LEVEL_BOUND] = spec_level_not_child,
    [IPA_ALIGN] = spec_ipa_parent_align,
    [IPA_BOUND] = spec_ipa_bound,
    [RTT_ALIGN] = spec_pa_align,
    [RTT_BOUND] = spec_pa_bound,
    [RTT_STATE] = spec_pa_delegated,
    [RTT_BOUND2] = spec_pa_above_48,
    [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_rtt_create_body = {
    .context = context, .holds = holds, .success = success};
