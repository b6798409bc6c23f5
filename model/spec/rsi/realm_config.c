/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_REALM_CONFIG (B5.3.9): writes RsiRealmConfig to a granule of the Realm. */
#include "../spec_internal.h"

enum { ADDR_ALIGN, ADDR_BOUND };

const struct spec_cond spec_realm_config_conds[] = {
    [ADDR_ALIGN] = SPEC_COND("addr_align", "!AddrIsGranuleAligned(addr)", RSI_ERROR_INPUT),
    [ADDR_BOUND] = SPEC_COND("addr_bound", "!AddrIsProtected(addr, realm)", RSI_ERROR_INPUT),
};

enum { LOOSE_EMPTY, LOOSE_HPFAR };

const struct spec_loose spec_realm_config_loose[] = {
    [LOOSE_EMPTY] = {"addr whose RIPAS is EMPTY",
                     "no condition names it; expected is RSI_ERROR_INPUT, as firmware returns"},
    [LOOSE_HPFAR] = {"exit.hpfar[3:0] where the page is missing",
                     "RES0 in HPFAR_EL2; firmware leaves bits [11:8] of the IPA there"},
};

const struct spec_variant spec_realm_config_variants[] = {
    {"written", "RsiRealmConfig is written"},
    {"empty", "RSI_ERROR_INPUT: the page is EMPTY"},
    {"page_missing", "REC exit due to Data Abort: the Host took the page"},
};

static bool addr_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[1]);
}

static bool addr_bound(const struct spec_call *c)
{
    return !spec_is_protected(c->realm, c->in[1]);
}

static void success(struct spec_call *c)
{
    uint64_t pa;
    int level;

    switch (spec_realm_page(c->s, c->realm, c->in[1], &pa, &level)) {
    case SPEC_PAGE_READY:
        c->rec->write = SPEC_WRITE_CONFIG;
        c->rec->write_pa = pa;
        c->v->variant = "written";
        break;
    case SPEC_PAGE_EMPTY:
        c->want[0] = RSI_ERROR_INPUT;
        c->v->loose_mask |= 1u << LOOSE_EMPTY;
        c->v->variant = "empty";
        break;
    case SPEC_PAGE_MISSING:
        spec_exit_page_missing(c->rec, c->in[1], level);
        c->outcome = SPEC_RSI_STAGE2_ABORT;
        c->v->loose_mask |= 1u << LOOSE_HPFAR;
        c->v->variant = "page_missing";
        break;
    }
}

static const spec_predicate holds[] = {[ADDR_ALIGN] = addr_align, [ADDR_BOUND] = addr_bound};

const struct spec_body spec_realm_config_body = {.holds = holds, .success = success};
