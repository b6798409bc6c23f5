/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_MAP_UNPROTECTED (B4.3.19): maps an unprotected IPA to whatever PA the Host names. No
 * granule is looked at: it is the GPT that keeps the Realm from memory that is not the Host's
 * (A5.2.6).
 */
#include "../spec_internal.h"

enum {
    ATTR_VALID,
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    LEVEL_BOUND,
    ADDR_ALIGN,
    ADDR_BOUND,
    IPA_ALIGN,
    IPA_BOUND,
    RTT_WALK,
    RTTE_STATE,
};

const struct spec_cond spec_rtt_map_unprotected_conds[] = {
    [ATTR_VALID] =
        SPEC_COND("attr_valid", "!RttDescriptorIsValidForUnprotected(desc)", RMI_ERROR_INPUT),
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [LEVEL_BOUND] = SPEC_COND("level_bound", "!RttLevelIsBlockOrPage(rd, level)", RMI_ERROR_INPUT),
    [ADDR_ALIGN] =
        SPEC_COND("addr_align", "!AddrIsRttLevelAligned(rtte.addr, level)", RMI_ERROR_INPUT),
    [ADDR_BOUND] =
        SPEC_COND("addr_bound", "(realm.feat_lpa2 == FEATURE_FALSE) && (UInt(rtte.addr) >= 2^48)",
                  RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsRttLevelAligned(ipa, level)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND(
        "ipa_bound", "UInt(ipa) >= (2 ^ Realm(rd).ipa_width) || AddrIsProtected(ipa, Realm(rd))",
        RMI_ERROR_INPUT),
    [RTT_WALK] = SPEC_COND_AT("rtt_walk", "walk.level < level", RMI_ERROR_RTT, "walk.level"),
    [RTTE_STATE] =
        SPEC_COND_AT("rtte_state", "walk.rtte.state != UNASSIGNED_NS", RMI_ERROR_RTT, "walk.level"),
};

const struct spec_order spec_rtt_map_unprotected_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE),
     "B4.3.19.2.1"},
    {SPEC_ROW(LEVEL_BOUND) | SPEC_ROW(IPA_BOUND), SPEC_ROW(RTT_WALK) | SPEC_ROW(RTTE_STATE),
     "B4.3.19.2.1"},
};

/*
 * Host-controlled attributes (A5.5.11): ADDR, MemAttr[2:0] = desc[4:2], S2AP = desc[7:6]. Where the
 * platform has LPA2, ADDR has its bits [49:48] and [51:50] too; a Realm without LPA2 fails them by
 * addr_bound.
 */
#define DESC_MEMATTR     0x1cull
#define DESC_S2AP        0xc0ull
#define MEMATTR(desc)    (((desc)&DESC_MEMATTR) >> 2)
#define MEMATTR_RESERVED 4u /* with FEAT_S2FWB */

const struct spec_variant spec_rtt_map_unprotected_variants[] = {
    {"page", "level 3"},
    {"block_level_2", "level 2"},
    {"block_level_1", "level 1"},
};

static uint64_t desc(const struct spec_call *c)
{
    return c->in[4];
}

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    c->level = (int64_t)c->in[3];
    spec_context_walk(c, c->ipa, c->level);
}

static uint64_t addr(const struct spec_call *c)
{
    return spec_desc_addr(desc(c), c->s->impl.lpa2);
}

static bool attr_valid(const struct spec_call *c)
{
    uint64_t fields = spec_desc_addr_field(c->s->impl.lpa2) | DESC_MEMATTR | DESC_S2AP;

    return (desc(c) & ~fields) != 0 || MEMATTR(desc(c)) == MEMATTR_RESERVED;
}

static bool addr_align(const struct spec_call *c)
{
    return !spec_is_level_aligned(addr(c), c->level);
}

static bool addr_bound(const struct spec_call *c)
{
    return c->realm && !c->realm->pub.lpa2 && addr(c) >> 48 != 0;
}

static bool rtt_walk(const struct spec_call *c)
{
    return c->walk.table && c->walk.level < c->level;
}

static bool rtte_state(const struct spec_call *c)
{
    return c->walk.table && !(c->walk.rtte.hipas == HIPAS_UNASSIGNED && c->walk.rtte.ns);
}

static void success(struct spec_call *c)
{
    struct spec_entry e = spec_entry_make(HIPAS_ASSIGNED, RIPAS_EMPTY, true, addr(c));

    e.memattr = MEMATTR(desc(c)) & 0xf;
    e.s2ap = ((desc(c) & DESC_S2AP) >> 6) & 3;
    spec_table_set(c->s, c->walk.table, c->walk.index, e);
    c->v->variant = spec_leaf_variant(c->level);
}

static const spec_predicate holds[] = {
    [ATTR_VALID] = attr_valid,           [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,          [RD_STATE] = spec_rd_state,
    [LEVEL_BOUND] = spec_level_not_leaf, [ADDR_ALIGN] = addr_align,
    [ADDR_BOUND] = addr_bound,           [IPA_ALIGN] = spec_ipa_level_align,
    [IPA_BOUND] = spec_ipa_unprotected,  [RTT_WALK] = rtt_walk,
    [RTTE_STATE] = rtte_state,
};

const struct spec_body spec_rtt_map_unprotected_body = {
    .context = context, .holds = holds, .success = success};
