/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An attestation token on its way to the Realm (A7.2.2): the pieces that RSI_ATTESTATION_TOKEN_CONTINUE
 * wrote, in their order, until the last one says that it is whole.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "spec_internal.h"

static struct spec_token *token_of(const struct spec *s, const struct spec_recnode *r)
{
    return spec_pool_at(&s->tokens, r->token - 1);
}

void spec_token_drop(struct spec *s, struct spec_recnode *r)
{
    if (r->token == 0)
        return;
    spec_pool_give(&s->tokens, r->token - 1);
    r->token = 0;
}

void spec_token_begin(struct spec *s, struct spec_recnode *r)
{
    struct spec_token *t;

    if (r->token == 0)
        r->token = spec_pool_take(&s->tokens) + 1;
    t = token_of(s, r);
    t->len = 0;
    t->lost = false;
    t->bound = UINT64_MAX;
    memcpy(t->measurement, spec_realm_node(s, r->realm)->pub.measurement, sizeof(t->measurement));
}

void spec_token_bound(struct spec *s, struct spec_recnode *r, uint64_t bound)
{
    if (r->token)
        token_of(s, r)->bound = bound;
}

void spec_token_expect(struct spec_call *c, uint64_t page)
{
    struct spec_recnode *r = c->rec;

    r->pub.attest_answer_pending = true;
    r->piece_pa = page + c->in[2];
    r->piece_size = c->in[3];
    c->care[1] = 0;
    r->expect.x0_statuses = 1ull << RSI_SUCCESS | 1ull << RSI_INCOMPLETE;
}

/* A7.2.2: a REC exit due to IRQ, and RSI_INCOMPLETE at the next entry; nothing was written. */
void spec_token_interruptible(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;

    r->may_be_interrupted = true;
    r->has_alternative = true;
    r->alternative = r->expect;
    memset(r->alternative.regs.x, 0, ABI_MAX_REGS * sizeof(r->alternative.regs.x[0]));
    r->alternative.regs.x[0] = RSI_INCOMPLETE;
    r->alternative.regs.pc += 4;
}

/* Is what was written still there to be read? */
static bool page_is_there(const struct spec *s, const struct spec_recnode *r)
{
    const struct spec_gnode *g = spec_gnode(s, align_down(r->piece_pa, GRANULE_SIZE));

    return g && g->state == SPEC_DATA && g->node == r->realm;
}

static void append(const struct spec *s, const struct spec_env *env, const struct spec_recnode *r,
                   struct spec_token *t, uint64_t len)
{
    bool fits = len <= SPEC_MAX_TOKEN - t->len;

    if (len == 0)
        return;
    if (!fits || !env->realm_read || !page_is_there(s, r) ||
        !env->realm_read(env->ctx, r->piece_pa, t->bytes + t->len, len))
        t->lost = true;
    else
        t->len += (uint32_t)len;
}

/* Where a piece is written is known, what it says only when the token is whole. */
static void may_write(const struct spec_recnode *r, uint64_t len, struct spec_verdict *v)
{
    static const uint8_t any[GRANULE_SIZE];

    spec_add_write(v, true, r->piece_pa, any, any, (uint32_t)len);
}

void spec_token_pending_write(const struct spec_recnode *r, struct spec_verdict *v)
{
    if (r->pub.attest_answer_pending && r->piece_size != 0)
        may_write(r, r->piece_size, v);
}

static void complete(struct spec *s, struct spec_recnode *r, struct spec_verdict *v)
{
    const struct spec_realm *realm = &spec_realm_node(s, r->realm)->pub;
    char why[160];

    if (!token_of(s, r)->lost &&
        !spec_token_is_right(realm, token_of(s, r), r->pub.challenge, why, sizeof(why)))
        spec_mismatch(v, "the attestation token of %u bytes: %s", token_of(s, r)->len, why);
    r->pub.attest_in_progress = false;
    memset(r->pub.challenge, 0, sizeof(r->pub.challenge));
    spec_token_drop(s, r);
    spec_touch(s, SPEC_TOUCH_REC, r->pa, 0);
}

void spec_token_piece(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                      const struct spec_regs *regs, struct spec_verdict *v)
{
    struct spec_token *t = token_of(s, r);
    uint64_t len = regs->x[1];
    bool whole = regs->x[0] == RSI_SUCCESS;

    r->pub.attest_answer_pending = false;
    if (len > r->piece_size) {
        spec_mismatch(v, "x1 (len) is 0x%" PRIx64 ", and the buffer has 0x%" PRIx64 " bytes", len,
                      r->piece_size);
        t->lost = true;
    } else {
        append(s, env, r, t, len);
        if (len)
            may_write(r, len, v);
    }
    if (!t->lost && t->len > t->bound)
        spec_mismatch(v, "the attestation token has over %u bytes, its upper bound is %" PRIu64,
                      t->len, t->bound);
    v->variant = whole ? "complete" : r->at_entry && len == 0 ? "interrupted" : "incomplete";
    if (whole)
        complete(s, r, v);
}
