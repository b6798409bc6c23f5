/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_UNMAP_UNPROTECTED (B4.3.22): ASSIGNED_NS at `level` becomes UNASSIGNED_NS. `top` is
 * stated in every case.
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
};

const struct spec_cond spec_rtt_unmap_unprotected_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [LEVEL_BOUND] = SPEC_COND("level_bound", "!RttLevelIsBlockOrPage(rd, level)", RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsRttLevelAligned(ipa, level)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND(
        "ipa_bound", "UInt(ipa) >= (2 ^ Realm(rd).ipa_width) || AddrIsProtected(ipa, Realm(rd))",
        RMI_ERROR_INPUT),
    [RTT_WALK] = SPEC_COND_AT("rtt_walk", "walk.level < level", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != ASSIGNED_NS", RMI_ERROR_RTT, "walk.level"),
};

#define WALKED (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_rtt_unmap_unprotected_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), WALKED, "B4.3.22.2.1"},
    {SPEC_ROW(LEVEL_BOUND) | SPEC_ROW(IPA_BOUND), WALKED, "B4.3.22.2.1"},
};

enum { LOOSE_TOP };

const struct spec_loose spec_rtt_unmap_unprotected_loose[] = {
    [LOOSE_TOP] = SPEC_LIVE_TOP,
};

const struct spec_variant spec_rtt_unmap_unprotected_variants[] = {
    {"page", "level 3"},
    {"block_level_2", "level 2"},
    {"block_level_1", "level 1"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    c->level = (int64_t)c->in[3];
    spec_context_walk(c, c->ipa, c->level);
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < c->level;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && !(c->walk.rtte.hipas == HIPAS_ASSIGNED && c->walk.rtte.ns);
}

static void success(struct spec_call *c)
{
    spec_table_set(c->s, c->walk.table, c->walk.index,
                   spec_entry_make(HIPAS_UNASSIGNED, RIPAS_EMPTY, true, 0));
    spec_out(c, 1, spec_skip_non_live(c->walk.table, c->ipa));
    c->v->variant = spec_leaf_variant(c->level);
}

static void failure(struct spec_call *c, unsigned row)
{
    if (WALKED & SPEC_ROW(row))
        spec_out_top(c, 1, LOOSE_TOP);
    else
        spec_out(c, 1, 0);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [LEVEL_BOUND] = spec_level_not_leaf,
    [IPA_ALIGN] = spec_ipa_level_align,
    [IPA_BOUND] = spec_ipa_unprotected,
    [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_rtt_unmap_unprotected_body = {
    .context = context, .holds = holds, .success = success, .failure = failure};
