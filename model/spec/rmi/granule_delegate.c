/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_GRANULE_DELEGATE (B4.3.5): an UNDELEGATED granule in the NS PAS becomes DELEGATED, in the
 * Realm PAS.
 */
#include "../spec_internal.h"

enum { GRAN_ALIGN, GRAN_BOUND, GRAN_STATE, GRAN_GPT };

const struct spec_cond spec_granule_delegate_conds[] = {
    [GRAN_ALIGN] = SPEC_COND("gran_align", "!AddrIsGranuleAligned(addr)", RMI_ERROR_INPUT),
    [GRAN_BOUND] = SPEC_COND("gran_bound", "!PaIsDelegable(addr)", RMI_ERROR_INPUT),
    [GRAN_STATE] = SPEC_COND("gran_state", "Granule(addr).state != UNDELEGATED", RMI_ERROR_INPUT),
    [GRAN_GPT] = SPEC_COND("gran_gpt", "Granule(addr).gpt != GPT_NS", RMI_ERROR_INPUT),
};

const struct spec_order spec_granule_delegate_orders[] = {
    SPEC_IMPLIED(GRAN_ALIGN, GRAN_BOUND, GRAN_STATE),
};

static void context(struct spec_call *c)
{
    c->pa = c->in[1];
}

static bool gran_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_UNDELEGATED);
}

static bool gran_gpt(const struct spec_call *c)
{
    const struct spec_gnode *g = spec_gnode(c->s, c->pa);

    return g && g->pas != PAS_NS;
}

static void success(struct spec_call *c)
{
    spec_gnode(c->s, c->pa)->pas = PAS_REALM;
    spec_set_state(c->s, c->pa, SPEC_DELEGATED, SPEC_NONE, 0);
}

static const spec_predicate holds[] = {
    [GRAN_ALIGN] = spec_pa_align,
    [GRAN_BOUND] = spec_pa_bound,
    [GRAN_STATE] = gran_state,
    [GRAN_GPT] = gran_gpt,
};

const struct spec_body spec_granule_delegate_body = {
    .context = context, .holds = holds, .success = success};
