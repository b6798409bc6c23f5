/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_ATTESTATION_TOKEN_CONTINUE (B5.3.1): makes the token and writes it piece by piece. How much of
 * it one call gives, and whether an interrupt ends the call before (A7.2.2), is the implementation's;
 * the bytes are kept, and the token judged when it is whole (token.c).
 */
#include "../spec_internal.h"

enum { ADDR_ALIGN, ADDR_BOUND, OFFSET_BOUND, SIZE_OVERFLOW, SIZE_BOUND, STATE, UNKNOWN };

const struct spec_cond spec_attestation_token_continue_conds[] = {
    [ADDR_ALIGN] = SPEC_COND("addr_align", "!AddrIsGranuleAligned(addr)", RSI_ERROR_INPUT),
    [ADDR_BOUND] = SPEC_COND("addr_bound", "!AddrIsProtected(addr, realm)", RSI_ERROR_INPUT),
    [OFFSET_BOUND] = SPEC_COND("offset_bound", "offset >= RMM_GRANULE_SIZE", RSI_ERROR_INPUT),
    [SIZE_OVERFLOW] = SPEC_COND("size_overflow", "offset + size < offset", RSI_ERROR_INPUT),
    [SIZE_BOUND] = SPEC_COND("size_bound", "offset + size > RMM_GRANULE_SIZE", RSI_ERROR_INPUT),
    [STATE] = SPEC_COND("state", "rec.attest_state != ATTEST_IN_PROGRESS", RSI_ERROR_STATE),
    [UNKNOWN] = SPEC_COND_UNREACHABLE(
        "unknown",
        "Token generation failed for an unknown or IMPDEF reason: ccasim's generation has none",
        RSI_ERROR_UNKNOWN),
};

enum { LOOSE_OUTPUTS, LOOSE_EMPTY, LOOSE_HPFAR, LOOSE_PIECES };

const struct spec_loose spec_attestation_token_continue_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_EMPTY] = {"addr whose RIPAS is EMPTY",
                     "no condition names it; expected is RSI_ERROR_INPUT, as firmware returns"},
    [LOOSE_HPFAR] = {"exit.hpfar[3:0] where the page is missing",
                     "RES0 in HPFAR_EL2; firmware leaves bits [11:8] of the IPA there"},
    [LOOSE_PIECES] = {"RSI_SUCCESS or RSI_INCOMPLETE, and how many bytes are written",
                      "B5.3.1.3: whether token generation is complete is IMPLEMENTATION DEFINED; "
                      "judged are the bytes of the whole token"},
};

const struct spec_variant spec_attestation_token_continue_variants[] = {
    {"complete", "the last bytes were written"},
    {"incomplete", "there is more to come"},
    {"interrupted", "a REC exit due to IRQ came before any byte was written"},
    {"empty", "RIPAS of the page is EMPTY"},
    {"page_missing", "the page is not there: REC exit due to Data Abort"},
};

static bool addr_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[1]);
}

static bool addr_bound(const struct spec_call *c)
{
    return !spec_is_protected(c->realm, c->in[1]);
}

static bool offset_bound(const struct spec_call *c)
{
    return c->in[2] >= GRANULE_SIZE;
}

static bool size_overflow(const struct spec_call *c)
{
    return c->in[2] + c->in[3] < c->in[2];
}

static bool size_bound(const struct spec_call *c)
{
    return c->in[2] + c->in[3] > GRANULE_SIZE;
}

static bool state(const struct spec_call *c)
{
    return !c->rec->pub.attest_in_progress;
}

static bool unknown(const struct spec_call *c)
{
    (void)c;
    return false;
}

static void success(struct spec_call *c)
{
    uint64_t pa;
    int level;

    switch (spec_realm_page(c->s, c->realm, c->in[1], &pa, &level)) {
    case SPEC_PAGE_READY:
        spec_out(c, 1, 0);
        spec_token_expect(c, pa);
        c->v->loose_mask |= 1u << LOOSE_PIECES;
        c->v->variant = "incomplete";
        break;
    case SPEC_PAGE_EMPTY:
        c->want[0] = RSI_ERROR_INPUT;
        c->has_second_x0 = true; /* A7.2.2: an interrupt may come first */
        c->second_x0 = RSI_INCOMPLETE;
        c->v->loose_mask |= 1u << LOOSE_EMPTY;
        c->v->variant = "empty";
        break;
    case SPEC_PAGE_MISSING:
        spec_exit_page_missing(c->rec, c->in[1], level);
        c->outcome = SPEC_RSI_STAGE2_ABORT;
        spec_token_interruptible(c);
        c->v->loose_mask |= 1u << LOOSE_HPFAR;
        c->v->variant = "page_missing";
        break;
    }
}

static const spec_predicate holds[] = {
    [ADDR_ALIGN] = addr_align,     [ADDR_BOUND] = addr_bound,
    [OFFSET_BOUND] = offset_bound, [SIZE_OVERFLOW] = size_overflow,
    [SIZE_BOUND] = size_bound,     [STATE] = state,
    [UNKNOWN] = unknown,
};

const struct spec_body spec_attestation_token_continue_body = {.holds = holds, .success = success};
