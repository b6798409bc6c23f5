/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_AUX_COUNT (B4.3.11): how many auxiliary granules a REC of this Realm needs. */
#include "../spec_internal.h"

enum { RD_ALIGN, RD_BOUND, RD_STATE };

const struct spec_cond spec_rec_aux_count_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
};

const struct spec_order spec_rec_aux_count_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
};

const struct spec_loose spec_rec_aux_count_loose[] = {SPEC_OUTPUTS_UNDEFINED};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
}

static void success(struct spec_call *c)
{
    spec_out(c, 1, c->s->impl.rec_aux_count);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
};

const struct spec_body spec_rec_aux_count_body = {
    .context = context, .holds = holds, .success = success};
