/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_CREATE (B4.3.1): a DATA granule with the content of a host page, measured into the RIM;
 * RIPAS becomes RAM.
 */
#include "../spec_internal.h"

enum {
    SRC_ALIGN,
    SRC_BOUND,
    SRC_PAS,
    DATA_ALIGN,
    DATA_BOUND,
    DATA_STATE,
    DATA_BOUND2,
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    IPA_ALIGN,
    IPA_BOUND,
    REALM_STATE,
    RTT_WALK,
    RTTE_STATE,
};

const struct spec_cond spec_data_create_conds[] = {
    [SRC_ALIGN] = SPEC_COND("src_align", "!AddrIsGranuleAligned(src)", RMI_ERROR_INPUT),
    [SRC_BOUND] = SPEC_COND("src_bound", "!PaIsDelegable(src)", RMI_ERROR_INPUT),
    [SRC_PAS] = SPEC_COND("src_pas", "!GranuleAccessPermitted(src, PAS_NS)", RMI_ERROR_INPUT),
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
    [IPA_BOUND] = SPEC_COND("ipa_bound", "!AddrIsProtected(ipa, realm)", RMI_ERROR_INPUT),
    [REALM_STATE] = SPEC_COND("realm_state", "realm.state != REALM_NEW", RMI_ERROR_REALM),
    [RTT_WALK] =
        SPEC_COND_AT("rtt_walk", "walk.level < RMM_RTT_PAGE_LEVEL", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != UNASSIGNED", RMI_ERROR_RTT, "walk.level"),
};

#define RD_VALID (SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE))
#define WALKED   (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_data_create_orders[] = {
    SPEC_IMPLIED(SRC_ALIGN, SRC_BOUND, SRC_PAS),
    SPEC_IMPLIED(DATA_ALIGN, DATA_BOUND, DATA_STATE),
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {RD_VALID, SPEC_ROW(REALM_STATE), "B4.3.1.2.1"},
    {RD_VALID, WALKED, "B4.3.1.2.1"},
    {SPEC_ROW(IPA_BOUND), WALKED, "B4.3.1.2.1"},
};

const struct spec_variant spec_data_create_variants[] = {
    {"measured", "flags.measure: the content extends the RIM"},
    {"unmeasured", "the content does not extend the RIM"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->pa = c->in[2];
    c->ipa = c->in[3];
    spec_context_read(c, c->in[4], GRANULE_SIZE);
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
    struct spec *s = c->s;
    uint64_t flags = c->in[5];

    spec_set_state(s, c->pa, SPEC_DATA, spec_gnode(s, c->rd)->node, c->ipa);
    spec_table_set(s, c->walk.table, c->walk.index,
                   spec_entry_make(HIPAS_ASSIGNED, RIPAS_RAM, false, c->pa));
    spec_rim_extend_data(c->realm, c->ipa, flags, s->page);
    spec_touch(s, SPEC_TOUCH_REALM, c->rd, 0);
    spec_add_write(c->v, true, c->pa, s->page, NULL, GRANULE_SIZE);
    c->v->variant = flags & 1 ? "measured" : "unmeasured";
}

static const spec_predicate holds[] = {
    [SRC_ALIGN] = spec_ptr_align,       [SRC_BOUND] = spec_ptr_bound,
    [SRC_PAS] = spec_ptr_pas,           [DATA_ALIGN] = spec_pa_align,
    [DATA_BOUND] = spec_pa_bound,       [DATA_STATE] = spec_pa_delegated,
    [DATA_BOUND2] = spec_pa_above_48,   [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,         [RD_STATE] = spec_rd_state,
    [IPA_ALIGN] = spec_ipa_align,       [IPA_BOUND] = spec_ipa_protected,
    [REALM_STATE] = spec_realm_not_new, [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_data_create_body = {
    .context = context, .holds = holds, .success = success};
