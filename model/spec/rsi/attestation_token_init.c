/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_ATTESTATION_TOKEN_INIT (B5.3.2): begins a token with the Realm's challenge; a token in progress
 * is given up (A7.2.2).
 */
#include <string.h>

#include "../spec_internal.h"

enum { LOOSE_BOUND };

const struct spec_loose spec_attestation_token_init_loose[] = {
    [LOOSE_BOUND] = {"x1 (size): any upper bound on the token's size",
                     "B5.3.2.1.3; the token itself is held to it"},
};

const struct spec_variant spec_attestation_token_init_variants[] = {
    {"new", "no token was in progress"},
    {"anew", "a token was in progress, which is given up"},
};

static void success(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;

    c->v->variant = r->pub.attest_in_progress ? "anew" : "new";
    c->v->loose_mask |= 1u << LOOSE_BOUND;
    spec_out(c, 1, 0);
    c->care[1] = 0;
    for (unsigned i = 0; i < 8; i++)
        spec_store(r->pub.challenge, 8 * i, 8, c->in[1 + i]);
    r->pub.attest_in_progress = true;
    spec_token_begin(c->s, r);
}

const struct spec_body spec_attestation_token_init_body = {.success = success};
