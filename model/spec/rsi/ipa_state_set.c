/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_IPA_STATE_SET (B5.3.6, A5.4): a Realm asks for a RIPAS change. The Host carries it out with
 * RMI_RTT_SET_RIPAS while the REC is out, and answers with the next RMI_REC_ENTER; the Realm learns
 * how far it went, and whether the Host refused the rest.
 */
#include "../spec_internal.h"

enum { BASE_ALIGN, TOP_ALIGN, SIZE_VALID, RGN_BOUND, RIPAS_VALID };

const struct spec_cond spec_ipa_state_set_conds[] = {
    [BASE_ALIGN] = SPEC_COND("base_align", "!AddrIsGranuleAligned(base)", RSI_ERROR_INPUT),
    [TOP_ALIGN] = SPEC_COND("top_align", "!AddrIsGranuleAligned(top)", RSI_ERROR_INPUT),
    [SIZE_VALID] = SPEC_COND("size_valid", "UInt(top) <= UInt(base)", RSI_ERROR_INPUT),
    [RGN_BOUND] =
        SPEC_COND("rgn_bound", "!AddrRangeIsProtected(base, top, realm)", RSI_ERROR_INPUT),
    [RIPAS_VALID] =
        SPEC_COND("ripas_valid", "(ripas != RSI_EMPTY) && (ripas != RSI_RAM)", RSI_ERROR_INPUT),
};

const struct spec_loose spec_ipa_state_set_loose[] = {SPEC_OUTPUTS_UNDEFINED};

/* The rows of A5.4's table, after the exit. */
const struct spec_variant spec_ipa_state_set_variants[] = {
    {"ripas_change", "REC exit due to RIPAS change pending"},
    {"accepted_nothing", "new_base == base, RSI_ACCEPT"},
    {"accepted_part", "base < new_base < top, RSI_ACCEPT"},
    {"accepted_all", "new_base == top"},
    {"rejected_all", "new_base == base, RSI_REJECT"},
    {"rejected_rest", "base < new_base < top, RSI_REJECT"},
};

static bool base_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[1]);
}

static bool top_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[2]);
}

static bool size_valid(const struct spec_call *c)
{
    return c->in[2] <= c->in[1];
}

static bool rgn_bound(const struct spec_call *c)
{
    return !(spec_is_protected(c->realm, c->in[1]) && c->in[2] > c->in[1] &&
             spec_is_protected(c->realm, c->in[2] - 1));
}

static bool ripas_valid(const struct spec_call *c)
{
    uint8_t ripas = (uint8_t)c->in[3]; /* X3[63:8] SBZ */

    return ripas != RIPAS_EMPTY && ripas != RIPAS_RAM;
}

/* A4.3.8. */
static void success(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;

    spec_exit_start(r, EXIT_RIPAS_CHANGE, "ripas_change");
    r->exit.ripas_base = r->ripas_base = r->pub.ripas_addr = c->in[1];
    r->exit.ripas_top = r->pub.ripas_top = c->in[2];
    r->pub.ripas_value = (enum ripas)(c->in[3] & 0xff);
    r->exit.ripas_value = (uint8_t)c->in[3];
    r->pub.ripas_destroyed = c->in[4] & RSI_CHANGE_DESTROYED;
    c->outcome = SPEC_RSI_EXIT;
    c->v->variant = "ripas_change";
}

static const spec_predicate holds[] = {
    [BASE_ALIGN] = base_align, [TOP_ALIGN] = top_align,     [SIZE_VALID] = size_valid,
    [RGN_BOUND] = rgn_bound,   [RIPAS_VALID] = ripas_valid,
};

const struct spec_body spec_ipa_state_set_body = {.holds = holds, .success = success};

/* RecRipasChangeResponse (B3.40) is RSI_REJECT. */
static bool is_rejected(const struct spec_rec *rec, bool host_rejects)
{
    return rec->ripas_value == RIPAS_RAM && rec->ripas_addr != rec->ripas_top && host_rejects;
}

static const char *answer_variant(const struct spec_recnode *r, bool rejected)
{
    if (r->pub.ripas_addr == r->pub.ripas_top)
        return "accepted_all";
    if (r->pub.ripas_addr == r->ripas_base)
        return rejected ? "rejected_all" : "accepted_nothing";
    return rejected ? "rejected_rest" : "accepted_part";
}

void spec_ripas_answer(struct spec_recnode *r, bool host_rejects)
{
    struct spec_expect *e = &r->expect;
    bool rejected = is_rejected(&r->pub, host_rejects);

    e->regs.x[0] = RSI_SUCCESS;
    e->regs.x[1] = r->pub.ripas_addr;
    e->regs.x[2] = rejected ? RSI_REJECT : RSI_ACCEPT;
    r->variant = answer_variant(r, rejected);
    r->rsi_open = true; /* settled at the entry, once more */
    /* A4.3.8: both are zero after an exit that is not due to RIPAS change. */
    r->pub.ripas_addr = 0;
    r->pub.ripas_top = 0;
}
