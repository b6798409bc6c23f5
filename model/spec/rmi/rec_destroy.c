/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_DESTROY (B4.3.13): in any Realm state; num_recs goes down, rec_index never does. */
#include "../spec_internal.h"

enum { REC_ALIGN, REC_BOUND, REC_GRAN_STATE, REC_STATE };

const struct spec_cond spec_rec_destroy_conds[] = {
    [REC_ALIGN] = SPEC_COND("rec_align", "!AddrIsGranuleAligned(rec_ptr)", RMI_ERROR_INPUT),
    [REC_BOUND] = SPEC_COND("rec_bound", "!PaIsDelegable(rec_ptr)", RMI_ERROR_INPUT),
    [REC_GRAN_STATE] =
        SPEC_COND("rec_gran_state", "Granule(rec_ptr).state != REC", RMI_ERROR_INPUT),
    [REC_STATE] = SPEC_COND("rec_state", "rec.state == REC_RUNNING", RMI_ERROR_REC),
};

const struct spec_order spec_rec_destroy_orders[] = {
    SPEC_IMPLIED(REC_ALIGN, REC_BOUND, REC_GRAN_STATE),
    {SPEC_ROW(REC_BOUND) | SPEC_ROW(REC_GRAN_STATE), SPEC_ROW(REC_STATE), "B4.3.13.2.1"},
};

static void context(struct spec_call *c)
{
    c->pa = c->in[1];
    c->rec = spec_find_rec(c->s, c->pa);
}

static bool rec_gran_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_REC);
}

static bool rec_state(const struct spec_call *c)
{
    return c->rec && c->rec->pub.running;
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    struct spec_recnode *r = c->rec;

    spec_token_drop(s, r);
    spec_realm_node(s, r->realm)->pub.num_recs--;
    spec_touch(s, SPEC_TOUCH_REALM, r->pub.rd, 0);
    for (uint32_t i = 0; i < r->pub.num_aux; i++)
        spec_set_state(s, r->pub.aux[i], SPEC_DELEGATED, SPEC_NONE, 0);
    spec_pool_give(&s->recs, spec_gnode(s, c->pa)->node);
    spec_set_state(s, c->pa, SPEC_DELEGATED, SPEC_NONE, 0);
    spec_touch(s, SPEC_TOUCH_REC, c->pa, 0);
}

static const spec_predicate holds[] = {
    [REC_ALIGN] = spec_pa_align,
    [REC_BOUND] = spec_pa_bound,
    [REC_GRAN_STATE] = rec_gran_state,
    [REC_STATE] = rec_state,
};

const struct spec_body spec_rec_destroy_body = {
    .context = context, .holds = holds, .success = success};
