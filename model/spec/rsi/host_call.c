/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_HOST_CALL (B5.3.4, A4.5): the RsiHostCall structure goes to the Host in a REC exit; the next
 * REC_ENTER writes the Host's answer back and completes the command. The registers of the REC are
 * those after completion, meanwhile.
 */
#include "../spec_internal.h"

enum { ADDR_ALIGN, ADDR_BOUND };

const struct spec_cond spec_host_call_conds[] = {
    [ADDR_ALIGN] = SPEC_COND("addr_align", "!AddrIsAligned(addr, 256)", RSI_ERROR_INPUT),
    [ADDR_BOUND] = SPEC_COND("addr_bound", "!AddrIsProtected(addr, realm)", RSI_ERROR_INPUT),
};

enum { LOOSE_EMPTY, LOOSE_HPFAR, LOOSE_MEMORY };

const struct spec_loose spec_host_call_loose[] = {
    [LOOSE_EMPTY] =
        {"addr whose RIPAS is EMPTY, at the call or at the entry that completes it",
         "no condition names it; expected is what firmware does: RSI_ERROR_INPUT at the "
         "call, nothing written at the entry"},
    [LOOSE_HPFAR] = {"exit.hpfar[3:0] where the page is missing",
                     "RES0 in HPFAR_EL2; firmware leaves bits [11:8] of the IPA there"},
    [LOOSE_MEMORY] = {"exit.imm and exit.gprs where the RMM under test shows no memory",
                      "they come from the Realm's memory"},
};

const struct spec_variant spec_host_call_variants[] = {
    {"host_call", "REC exit due to Host call"},
    {"empty", "RSI_ERROR_INPUT: the page is EMPTY"},
    {"page_missing", "REC exit due to Data Abort: the Host took the page"},
};

static bool addr_align(const struct spec_call *c)
{
    return (c->in[1] & (RSI_HOST_CALL_SIZE - 1)) != 0;
}

static bool addr_bound(const struct spec_call *c)
{
    return !spec_is_protected(c->realm, c->in[1]);
}

static void exit_to_host(struct spec_call *c, uint64_t pa)
{
    struct spec_recnode *r = c->rec;
    uint8_t bytes[RSI_HOST_CALL_SIZE];

    spec_exit_start(r, EXIT_HOST_CALL, "host_call");
    r->pub.host_call_pending = true;
    r->host_call_ipa = c->in[1];
    if (c->env->realm_read && c->env->realm_read(c->env->ctx, pa, bytes, sizeof(bytes))) {
        r->exit.imm = (uint16_t)spec_load(bytes, RSI_HOST_CALL_IMM, 2);
        for (unsigned i = 0; i < 31; i++)
            r->exit.gprs[i] = spec_load(bytes, RSI_HOST_CALL_GPRS + 8 * i, 8);
    } else {
        r->exit.call_open = true;
        c->v->loose_mask |= 1u << LOOSE_MEMORY;
    }
}

static void success(struct spec_call *c)
{
    uint64_t pa;
    int level;

    switch (spec_realm_page(c->s, c->realm, c->in[1], &pa, &level)) {
    case SPEC_PAGE_READY:
        exit_to_host(c, pa);
        c->outcome = SPEC_RSI_EXIT;
        c->v->variant = "host_call";
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

const struct spec_body spec_host_call_body = {.holds = holds, .success = success};
