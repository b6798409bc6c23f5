/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REALM_DESTROY (B4.3.10): possible in any Realm state, once the Realm owns nothing but its RD
 * and root RTTs.
 */
#include "../spec_internal.h"

enum { RD_ALIGN, RD_BOUND, RD_STATE, REALM_LIVE };

const struct spec_cond spec_realm_destroy_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [REALM_LIVE] = SPEC_COND("realm_live", "RealmIsLive(rd)", RMI_ERROR_REALM),
};

const struct spec_order spec_realm_destroy_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), SPEC_ROW(REALM_LIVE), "B4.3.10.2.1"},
};

const struct spec_variant spec_realm_destroy_variants[] = {
    {"new", "a Realm that was never activated"},
    {"active", "an ACTIVE Realm"},
    {"system_off", "a Realm that turned itself off"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
}

static uint64_t root_granule(const struct spec_rnode *r, uint32_t number)
{
    return r->pub.rtt_base + (uint64_t)number * GRANULE_SIZE;
}

/*
 * A2.1.4: it has RECs, or a starting-level RTT is live. ASSIGNED_NS entries keep no RTT alive
 * (A5.5.8).
 */
static bool realm_live(const struct spec_call *c)
{
    if (!c->realm)
        return false;
    if (c->realm->pub.num_recs != 0)
        return true;
    for (uint32_t i = 0; i < c->realm->pub.rtt_num_start; i++) {
        const struct spec_gnode *g = spec_gnode(c->s, root_granule(c->realm, i));

        if (spec_table_node(c->s, g->node)->num_counted != 0)
            return true;
    }
    return false;
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    const struct spec_rnode *r = c->realm;
    static const char *const variants[] = {
        [REALM_NEW] = "new", [REALM_ACTIVE] = "active", [REALM_SYSTEM_OFF] = "system_off"};

    c->v->variant = variants[r->pub.state];
    for (uint32_t i = 0; i < r->pub.rtt_num_start; i++) {
        uint64_t root = root_granule(r, i);

        spec_table_free(s, spec_gnode(s, root)->node);
        spec_set_state(s, root, SPEC_DELEGATED, SPEC_NONE, 0);
    }
    s->vmids[r->pub.vmid / 64] &= ~(1ull << (r->pub.vmid % 64));
    spec_pool_give(&s->realms, spec_gnode(s, c->rd)->node);
    spec_set_state(s, c->rd, SPEC_DELEGATED, SPEC_NONE, 0);
    spec_touch(s, SPEC_TOUCH_REALM, c->rd, 0);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [REALM_LIVE] = realm_live,
};

const struct spec_body spec_realm_destroy_body = {
    .context = context, .holds = holds, .success = success};
