/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_DESTROY (B4.3.16): removes an RTT that refers to no other RMM object; what it held is
 * lost. At a protected IPA the parent becomes UNASSIGNED, DESTROYED. The text says so of every IPA,
 * but an unprotected IPA has no RIPAS (A5.5.4): there the parent becomes UNASSIGNED_NS.
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
    RTT_LIVE,
};

const struct spec_cond spec_rtt_destroy_conds[] = {
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
    [RTT_LIVE] = SPEC_COND_AT("rtt_live", "RttIsLive(Rtt(walk.rtte.addr))", RMI_ERROR_RTT, "level"),
};

#define WALKED (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_rtt_destroy_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), WALKED | SPEC_ROW(RTT_LIVE), "B4.3.16.2.1"},
    {SPEC_ROW(LEVEL_BOUND) | SPEC_ROW(IPA_BOUND), WALKED, "B4.3.16.2.1"},
};

enum { LOOSE_OUTPUTS, LOOSE_TOP };

const struct spec_loose spec_rtt_destroy_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_TOP] = SPEC_LIVE_TOP,
};

const struct spec_variant spec_rtt_destroy_variants[] = {
    {"protected", "the parent becomes UNASSIGNED, DESTROYED"},
    {"unprotected", "the parent becomes UNASSIGNED_NS"},
    {"unprotected_mapped",
     "likewise, and ASSIGNED_NS entries of the child are gone: they do not make it live (A5.5.8)"},
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

static bool rtt_live(const struct spec_call *c)
{
    return c->walk.table && c->walk.rtte.hipas == HIPAS_TABLE &&
           spec_table_node(c->s, child(c))->num_counted != 0;
}

static int result_index(const struct spec_call *c, unsigned row)
{
    return row == RTT_LIVE ? (int)c->level : c->walk.level;
}

static bool has_live_entry(const struct spec_table *t)
{
    uint64_t any = 0;

    for (unsigned i = 0; i < SPEC_WORDS; i++)
        any |= t->live[i];
    return any != 0;
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    uint64_t rtt = spec_entry_addr(c->walk.rtte);
    bool ns = !spec_is_protected(c->realm, c->ipa);
    bool mapped = ns && has_live_entry(spec_table_node(s, child(c)));
    enum ripas ripas = ns ? RIPAS_EMPTY : RIPAS_DESTROYED;

    spec_table_free(s, child(c));
    spec_set_state(s, rtt, SPEC_DELEGATED, SPEC_NONE, 0);
    spec_table_set(s, c->walk.table, c->walk.index,
                   spec_entry_make(HIPAS_UNASSIGNED, ripas, ns, 0));
    spec_out(c, 1, rtt);
    spec_out(c, 2, spec_skip_non_live(c->walk.table, c->ipa));
    c->v->variant = mapped ? "unprotected_mapped" : ns ? "unprotected" : "protected";
}

static void failure(struct spec_call *c, unsigned row)
{
    if (row == RTT_LIVE)
        spec_out(c, 2, c->ipa);
    else if (WALKED & SPEC_ROW(row))
        spec_out_top(c, 2, LOOSE_TOP);
    else
        spec_out(c, 2, 0);
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
    [RTT_LIVE] = rtt_live,
};

const struct spec_body spec_rtt_destroy_body = {.context = context,
                                                .holds = holds,
                                                .index = result_index,
                                                .success = success,
                                                .failure = failure};
