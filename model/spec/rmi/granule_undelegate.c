/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_GRANULE_UNDELEGATE (B4.3.6): a DELEGATED granule goes back to the Host, wiped. */
#include "../spec_internal.h"

enum { GRAN_ALIGN, GRAN_BOUND, GRAN_STATE };

const struct spec_cond spec_granule_undelegate_conds[] = {
    [GRAN_ALIGN] = SPEC_COND("gran_align", "!AddrIsGranuleAligned(addr)", RMI_ERROR_INPUT),
    [GRAN_BOUND] = SPEC_COND("gran_bound", "!PaIsDelegable(addr)", RMI_ERROR_INPUT),
    [GRAN_STATE] = SPEC_COND("gran_state", "Granule(addr).state != DELEGATED", RMI_ERROR_INPUT),
};

const struct spec_order spec_granule_undelegate_orders[] = {
    SPEC_IMPLIED(GRAN_ALIGN, GRAN_BOUND, GRAN_STATE),
};

enum { LOOSE_CONTENT };

const struct spec_loose spec_granule_undelegate_loose[] = {
    [LOOSE_CONTENT] = {"content of the granule",
                       "A2.2.4: wiped, which is not necessarily zero; that nothing of "
                       "the old owner is left is an invariant's business"},
};

static void context(struct spec_call *c)
{
    c->pa = c->in[1];
}

static void success(struct spec_call *c)
{
    spec_gnode(c->s, c->pa)->pas = PAS_NS;
    spec_set_state(c->s, c->pa, SPEC_UNDELEGATED, SPEC_NONE, 0);
    c->v->loose_mask |= 1u << LOOSE_CONTENT;
}

static const spec_predicate holds[] = {
    [GRAN_ALIGN] = spec_pa_align,
    [GRAN_BOUND] = spec_pa_bound,
    [GRAN_STATE] = spec_pa_delegated,
};

const struct spec_body spec_granule_undelegate_body = {
    .context = context, .holds = holds, .success = success};
