/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_CREATE_UNKNOWN (B4.3.2): a DATA granule with wiped content, in any Realm state; RIPAS
 * does not change.
 */
#include "../spec_internal.h"

enum {
    DATA_ALIGN,
    DATA_BOUND,
    DATA_STATE,
    DATA_BOUND2,
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    IPA_ALIGN,
    IPA_BOUND,
    RTT_WALK,
    RTTE_STATE,
};

const struct spec_cond spec_data_create_unknown_conds[] = {
    [DATA_ALIGN] = SPEC_COND("data_align", "!AddrIsGranuleAligned(data)", RMI_ERROR_INPUT),
    [DATA_BOUND] = SPEC_COND("data_bound", "!PaIsDelegable(data)", RMI_ERROR_INPUT),
    [DATA_STATE] = SPEC_COND("data_state", "Granule(data).state != DELEGATED", RMI_ERROR_INPUT),
    [DATA_BOUND2] =
        SPEC_COND("data_bound2", "(realm.feat_lpa2 == FEATURE_FALSE) && (UInt(data) >= 2^48)",
                  RMI_ERROR_INPUT),
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsGranuleAligned(ipa)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND("ipa_bound", "!AddrIsProtected(ipa, Realm(rd))", RMI_ERROR_INPUT),
    [RTT_WALK] =
        SPEC_COND_AT("rtt_walk", "walk.level < RMM_RTT_PAGE_LEVEL", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != UNASSIGNED", RMI_ERROR_RTT, "walk.level"),
};

#define WALKED (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_data_create_unknown_orders[] = {
    SPEC_IMPLIED(DATA_ALIGN, DATA_BOUND, DATA_STATE),
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), WALKED, "B4.3.2.2.1"},
    {SPEC_ROW(IPA_BOUND), WALKED, "B4.3.2.2.1"},
};

enum { LOOSE_CONTENT };

const struct spec_loose spec_data_create_unknown_loose[] = {
    [LOOSE_CONTENT] = {"content of the DATA granule",
                       "A2.2.4: wiped, which is not necessarily zero (data_content)"},
};

const struct spec_variant spec_data_create_unknown_variants[] = {
    {"empty", "RIPAS EMPTY stays"},
    {"ram", "RIPAS RAM stays"},
    {"destroyed", "RIPAS DESTROYED stays"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->pa = c->in[2];
    c->ipa = c->in[3];
    spec_context_walk(c, c->ipa, SPEC_PAGE_LEVEL);
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < SPEC_PAGE_LEVEL;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && (c->walk.rtte.hipas != HIPAS_UNASSIGNED || c->walk.rtte.ns);
}

static void success(struct spec_call *c)
{
    static const char *const variants[] = {
        [RIPAS_EMPTY] = "empty", [RIPAS_RAM] = "ram", [RIPAS_DESTROYED] = "destroyed"};
    struct spec *s = c->s;
    enum ripas ripas = (enum ripas)c->walk.rtte.ripas;

    spec_set_state(s, c->pa, SPEC_DATA, spec_gnode(s, c->rd)->node, c->ipa);
    spec_table_set(s, c->walk.table, c->walk.index,
                   spec_entry_make(HIPAS_ASSIGNED, ripas, false, c->pa));
    c->v->loose_mask |= 1u << LOOSE_CONTENT;
    c->v->variant = variants[ripas];
}

static const spec_predicate holds[] = {
    [DATA_ALIGN] = spec_pa_align,     [DATA_BOUND] = spec_pa_bound,
    [DATA_STATE] = spec_pa_delegated, [DATA_BOUND2] = spec_pa_above_48,
    [RD_ALIGN] = spec_rd_align,       [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,       [IPA_ALIGN] = spec_ipa_align,
    [IPA_BOUND] = spec_ipa_protected, [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_data_create_unknown_body = {
    .context = context, .holds = holds, .success = success};
