/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_IPA_STATE_GET (B5.3.5): the RIPAS at `base`, and how far it reaches. */
#include "../spec_internal.h"

enum { BASE_ALIGN, END_ALIGN, SIZE_VALID, RGN_BOUND };

const struct spec_cond spec_ipa_state_get_conds[] = {
    [BASE_ALIGN] = SPEC_COND("base_align", "!AddrIsGranuleAligned(base)", RSI_ERROR_INPUT),
    [END_ALIGN] = SPEC_COND("end_align", "!AddrIsGranuleAligned(top)", RSI_ERROR_INPUT),
    [SIZE_VALID] = SPEC_COND("size_valid", "UInt(top) <= UInt(base)", RSI_ERROR_INPUT),
    [RGN_BOUND] =
        SPEC_COND("rgn_bound", "!AddrRangeIsProtected(base, top, realm)", RSI_ERROR_INPUT),
};

enum { LOOSE_OUTPUTS, LOOSE_TOP };

const struct spec_loose spec_ipa_state_get_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_TOP] = {"x1 (out_top): any granule boundary up to which all RIPAS are equal",
                   "B5.3.5.1.3 states base < out_top <= top only; judged as a range"},
};

const struct spec_variant spec_ipa_state_get_variants[] = {
    {"empty", "RIPAS EMPTY at base"},
    {"ram", "RIPAS RAM at base"},
    {"destroyed", "RIPAS DESTROYED at base"},
};

static bool base_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[1]);
}

static bool end_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[2]);
}

static bool size_valid(const struct spec_call *c)
{
    return c->in[2] <= c->in[1];
}

/* B3.6; size <= 0 makes it false too. */
static bool rgn_bound(const struct spec_call *c)
{
    return !(spec_is_protected(c->realm, c->in[1]) && c->in[2] > c->in[1] &&
             spec_is_protected(c->realm, c->in[2] - 1));
}

static uint64_t equal_ripas_top(const struct spec_call *c, uint64_t base, uint64_t top,
                                enum ripas *ripas)
{
    struct spec_walk w;
    uint64_t ipa = base;

    spec_walk(c->s, c->realm, base, SPEC_PAGE_LEVEL, &w);
    *ripas = (enum ripas)w.rtte.ripas;
    while (ipa < top && (enum ripas)w.rtte.ripas == *ripas) {
        ipa = align_down(ipa, level_size(w.level)) + level_size(w.level);
        if (ipa < top)
            spec_walk(c->s, c->realm, ipa, SPEC_PAGE_LEVEL, &w);
    }
    return ipa < top ? ipa : top;
}

static void success(struct spec_call *c)
{
    static const char *const variants[] = {
        [RIPAS_EMPTY] = "empty", [RIPAS_RAM] = "ram", [RIPAS_DESTROYED] = "destroyed"};
    enum ripas ripas;
    uint64_t top = equal_ripas_top(c, c->in[1], c->in[2], &ripas);

    spec_out(c, 1, top);
    spec_out(c, 2, ripas);
    c->rec->range_x1 = true;
    c->rec->range_base = c->in[1];
    c->rec->range_top = top;
    c->v->loose_mask |= 1u << LOOSE_TOP;
    c->v->variant = variants[ripas];
}

static const spec_predicate holds[] = {
    [BASE_ALIGN] = base_align,
    [END_ALIGN] = end_align,
    [SIZE_VALID] = size_valid,
    [RGN_BOUND] = rgn_bound,
};

const struct spec_body spec_ipa_state_get_body = {.holds = holds, .success = success};
