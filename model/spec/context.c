/* SPDX-License-Identifier: BSD-3-Clause */
/* Context values (B1.5) and the conditions that many commands share, one predicate each. */
#include "spec_internal.h"

void spec_context_rd(struct spec_call *c, uint64_t rd)
{
    c->rd = rd;
    c->realm = spec_find_realm(c->s, rd);
}

/*
 * A walk's input address is always below 2^ipa_width (A5.5.10), its level one that the Realm has.
 */
void spec_context_walk(struct spec_call *c, uint64_t ipa, int64_t level)
{
    if (c->realm && ipa < spec_ipa_top(c->realm) && spec_level_is_valid(c->realm, level))
        spec_walk(c->s, c->realm, ipa, (int)level, &c->walk);
}

void spec_context_read(struct spec_call *c, uint64_t ptr, size_t len)
{
    const struct spec_gnode *g = spec_gnode(c->s, ptr);

    c->ptr = ptr;
    c->ptr_read = g && g->pas == PAS_NS && c->env->host_read(c->env->ctx, ptr, c->s->page, len);
}

bool spec_rd_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->rd);
}

bool spec_rd_bound(const struct spec_call *c)
{
    return spec_pa_is_unbound(c->s, c->rd);
}

bool spec_rd_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->rd, SPEC_RD);
}

bool spec_ptr_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->ptr);
}

bool spec_ptr_bound(const struct spec_call *c)
{
    return spec_pa_is_unbound(c->s, c->ptr);
}

/*
 * !GranuleAccessPermitted(ptr, PAS_NS) (B3.20): as the GPT was when the RMM read, which may be
 * later than the call.
 */
bool spec_ptr_pas(const struct spec_call *c)
{
    return spec_gnode(c->s, c->ptr) && !c->ptr_read;
}

bool spec_pa_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->pa);
}

bool spec_pa_bound(const struct spec_call *c)
{
    return spec_pa_is_unbound(c->s, c->pa);
}

bool spec_pa_delegated(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_DELEGATED);
}

bool spec_pa_above_48(const struct spec_call *c)
{
    return c->realm && !c->realm->pub.lpa2 && c->pa >> 48 != 0;
}

bool spec_ipa_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->ipa);
}

bool spec_ipa_protected(const struct spec_call *c)
{
    return c->realm && !spec_is_protected(c->realm, c->ipa);
}

bool spec_ipa_unprotected(const struct spec_call *c)
{
    return c->realm && (c->ipa >= spec_ipa_top(c->realm) || spec_is_protected(c->realm, c->ipa));
}

bool spec_ipa_bound(const struct spec_call *c)
{
    return c->realm && c->ipa >= spec_ipa_top(c->realm);
}

bool spec_ipa_level_align(const struct spec_call *c)
{
    return !spec_is_level_aligned(c->ipa, c->level);
}

bool spec_ipa_parent_align(const struct spec_call *c)
{
    return c->level == INT64_MIN || !spec_is_level_aligned(c->ipa, c->level - 1);
}

bool spec_level_bound(const struct spec_call *c)
{
    return c->realm && !spec_level_is_valid(c->realm, c->level);
}

bool spec_level_not_child(const struct spec_call *c)
{
    return c->realm &&
           (!spec_level_is_valid(c->realm, c->level) || c->level == c->realm->pub.rtt_level_start);
}

bool spec_level_not_leaf(const struct spec_call *c)
{
    return c->realm && !spec_level_is_block_or_page(c->realm, c->level);
}

bool spec_realm_not_new(const struct spec_call *c)
{
    return c->realm && c->realm->pub.state != REALM_NEW;
}

const char *spec_leaf_variant(int64_t level)
{
    static const char *const variants[] = {
        [1] = "block_level_1", [2] = "block_level_2", [SPEC_PAGE_LEVEL] = "page"};

    return variants[level];
}
