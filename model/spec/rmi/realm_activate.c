/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REALM_ACTIVATE (B4.3.8): NEW becomes ACTIVE; from here on the RIM does not change. */
#include "../spec_internal.h"

enum { RD_ALIGN, RD_BOUND, RD_STATE, REALM_STATE };

const struct spec_cond spec_realm_activate_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [REALM_STATE] = SPEC_COND("realm_state", "Realm(rd).state != REALM_NEW", RMI_ERROR_REALM),
};

const struct spec_order spec_realm_activate_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), SPEC_ROW(REALM_STATE), "B4.3.8.2.1"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
}

static void success(struct spec_call *c)
{
    c->realm->pub.state = REALM_ACTIVE;
    spec_touch(c->s, SPEC_TOUCH_REALM, c->rd, 0);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [REALM_STATE] = spec_realm_not_new,
};

const struct spec_body spec_realm_activate_body = {
    .context = context, .holds = holds, .success = success};
