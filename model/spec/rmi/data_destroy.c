/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_DESTROY (B4.3.3): gives a DATA granule back. RIPAS RAM becomes DESTROYED; EMPTY and
 * DESTROYED stay.
 */
#include "../spec_internal.h"

enum { RD_ALIGN, RD_BOUND, RD_STATE, IPA_ALIGN, IPA_BOUND, RTT_WALK, RTTE_STATE };

const struct spec_cond spec_data_destroy_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsGranuleAligned(ipa)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND("ipa_bound", "!AddrIsProtected(ipa, Realm(rd))", RMI_ERROR_INPUT),
    [RTT_WALK] =
        SPEC_COND_AT("rtt_walk", "walk.level < RMM_RTT_PAGE_LEVEL", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != ASSIGNED", RMI_ERROR_RTT, "walk.level"),
};

#define WALKED (SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE))

const struct spec_order spec_data_destroy_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), WALKED, "B4.3.3.2.1"},
    {SPEC_ROW(IPA_BOUND), WALKED, "B4.3.3.2.1"},
};

enum { LOOSE_OUTPUTS, LOOSE_TOP };

const struct spec_loose spec_data_destroy_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_TOP] = SPEC_LIVE_TOP,
};

const struct spec_variant spec_data_destroy_variants[] = {
    {"empty", "RIPAS EMPTY stays"},
    {"ram", "RIPAS RAM becomes DESTROYED"},
    {"destroyed", "RIPAS DESTROYED stays"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    spec_context_walk(c, c->ipa, SPEC_PAGE_LEVEL);
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < SPEC_PAGE_LEVEL;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && (c->walk.rtte.hipas != HIPAS_ASSIGNED || c->walk.rtte.ns);
}

static void success(struct spec_call *c)
{
    static const char *const variants[] = {
        [RIPAS_EMPTY] = "empty", [RIPAS_RAM] = "ram", [RIPAS_DESTROYED] = "destroyed"};
    struct spec *s = c->s;
    enum ripas old = (enum ripas)c->walk.rtte.ripas;
    enum ripas ripas = old == RIPAS_RAM ? RIPAS_DESTROYED : old;
    uint64_t data = spec_entry_addr(c->walk.rtte);

    spec_set_state(s, data, SPEC_DELEGATED, SPEC_NONE, 0);
    spec_table_set(s, c->walk.table, c->walk.index,
                   spec_entry_make(HIPAS_UNASSIGNED, ripas, false, 0));
    spec_out(c, 1, data);
    spec_out(c, 2, spec_skip_non_live(c->walk.table, c->ipa));
    c->v->variant = variants[old];
}

static void failure(struct spec_call *c, unsigned row)
{
    if (WALKED & SPEC_ROW(row))
        spec_out_top(c, 2, LOOSE_TOP);
    else
        spec_out(c, 2, 0);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,   [RD_BOUND] = spec_rd_bound,       [RD_STATE] = spec_rd_state,
    [IPA_ALIGN] = spec_ipa_align, [IPA_BOUND] = spec_ipa_protected, [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_data_destroy_body = {
    .context = context, .holds = holds, .success = success, .failure = failure};
