/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REALM_CREATE (B4.3.9): an RD and its starting-level RTTs from DELEGATED granules. All
 * conditions ask for RMI_ERROR_INPUT, so that no order between them can be observed.
 */
#include <string.h>

#include "../spec_internal.h"

enum {
    PARAMS_ALIGN,
    PARAMS_BOUND,
    PARAMS_PAS,
    PARAMS_VALID,
    PARAMS_SUPP,
    ALIAS,
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    RTT_ALIGN,
    RTT_NUM_LEVEL,
    RTT_STATE,
    VMID_VALID,
};

const struct spec_cond spec_realm_create_conds[] = {
    [PARAMS_ALIGN] =
        SPEC_COND("params_align", "!AddrIsGranuleAligned(params_ptr)", RMI_ERROR_INPUT),
    [PARAMS_BOUND] = SPEC_COND("params_bound", "!PaIsDelegable(params_ptr)", RMI_ERROR_INPUT),
    [PARAMS_PAS] =
        SPEC_COND("params_pas", "!GranuleAccessPermitted(params_ptr, PAS_NS)", RMI_ERROR_INPUT),
    [PARAMS_VALID] =
        SPEC_COND("params_valid", "!RmiRealmParamsIsValid(params_ptr)", RMI_ERROR_INPUT),
    [PARAMS_SUPP] = SPEC_COND("params_supp", "!RealmParamsSupported(params)", RMI_ERROR_INPUT),
    [ALIAS] = SPEC_COND(
        "alias", "AddrInRange(rd, params.rtt_base, (params.rtt_num_start - 1) * RMM_GRANULE_SIZE)",
        RMI_ERROR_INPUT),
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != DELEGATED", RMI_ERROR_INPUT),
    [RTT_ALIGN] = SPEC_COND(
        "rtt_align", "!AddrIsAligned(params.rtt_base, params.rtt_num_start * RMM_GRANULE_SIZE)",
        RMI_ERROR_INPUT),
    [RTT_NUM_LEVEL] =
        SPEC_COND("rtt_num_level",
                  "!RttConfigIsValid(params.s2sz, params.rtt_level_start, params.rtt_num_start)",
                  RMI_ERROR_INPUT),
    [RTT_STATE] =
        SPEC_COND("rtt_state", "!RttsStateEqual(params.rtt_base, params.rtt_num_start, DELEGATED)",
                  RMI_ERROR_INPUT),
    [VMID_VALID] = SPEC_COND("vmid_valid", "!VmidIsValid(params.vmid) || !VmidIsFree(params.vmid)",
                             RMI_ERROR_INPUT),
};

#define PARAMS_READ (SPEC_ROW(PARAMS_ALIGN) | SPEC_ROW(PARAMS_BOUND) | SPEC_ROW(PARAMS_PAS))

const struct spec_order spec_realm_create_orders[] = {
    SPEC_IMPLIED(PARAMS_ALIGN, PARAMS_BOUND, PARAMS_PAS),
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {PARAMS_READ,
     SPEC_ROW(PARAMS_VALID) | SPEC_ROW(PARAMS_SUPP) | SPEC_ROW(ALIAS) | SPEC_ROW(RTT_ALIGN) |
         SPEC_ROW(RTT_NUM_LEVEL) | SPEC_ROW(RTT_STATE) | SPEC_ROW(VMID_VALID),
     "B3.33: the parameters are UNKNOWN unless the PAS of params_ptr is NS"},
};

enum { LOOSE_BEYOND };

const struct spec_loose spec_realm_create_loose[] = {
    [LOOSE_BEYOND] = {"entries of a starting-level RTT at or above 2^ipa_width",
                      "A5.5.10: no walk reaches them; kept as UNASSIGNED_NS here"},
};

const struct spec_variant spec_realm_create_variants[] = {
    {"one_root", "one starting-level RTT"},
    {"many_roots", "concatenated starting-level RTTs"},
};

static void context(struct spec_call *c)
{
    struct spec_realm_params *p = &c->realm_params;
    const uint8_t *page = c->s->page;

    spec_context_rd(c, c->in[1]);
    c->pa = c->in[1];
    spec_context_read(c, c->in[2], GRANULE_SIZE);
    if (!c->ptr_read)
        return;
    p->flags = spec_load(page, REALM_PARAMS_FLAGS, 8);
    p->s2sz = page[REALM_PARAMS_S2SZ];
    p->sve_vl = page[REALM_PARAMS_SVE_VL];
    p->num_bps = page[REALM_PARAMS_NUM_BPS];
    p->num_wps = page[REALM_PARAMS_NUM_WPS];
    p->pmu_num_ctrs = page[REALM_PARAMS_PMU_NUM_CTRS];
    p->hash_algo = page[REALM_PARAMS_HASH_ALGO];
    p->vmid = (uint16_t)spec_load(page, REALM_PARAMS_VMID, 2);
    p->rtt_base = spec_load(page, REALM_PARAMS_RTT_BASE, 8);
    p->rtt_level_start = (int64_t)spec_load(page, REALM_PARAMS_RTT_LEVEL_START, 8);
    p->rtt_num_start = (uint32_t)spec_load(page, REALM_PARAMS_RTT_NUM_START, 4);
}

/*
 * B3.50: the enumerations have a value that exists. Reserved bits never make parameters invalid
 * (B1.2: SBZ).
 */
static bool params_valid(const struct spec_call *c)
{
    return c->ptr_read && c->realm_params.hash_algo > HASH_SHA_512;
}

static bool hash_supported(const struct impl *impl, uint8_t algo)
{
    return algo == HASH_SHA_512 ? impl->sha512 : impl->sha256;
}

/*
 * B3.34, A3.1: each requested feature is there, each number within what the feature register
 * reports.
 */
static bool params_supp(const struct spec_call *c)
{
    const struct spec_realm_params *p = &c->realm_params;
    const struct impl *impl = &c->s->impl;

    if (!c->ptr_read)
        return false;
    if ((p->flags & REALM_FLAG_LPA2) && !impl->lpa2)
        return true;
    if (p->s2sz < 32 || p->s2sz > impl->s2sz)
        return true;
    if (!(p->flags & REALM_FLAG_LPA2) && (p->s2sz > 48 || p->rtt_base >> 48 != 0))
        return true; /* A3.1.2: that is what LPA2 is for; without it VTTBR_EL2 holds 48 bits */
    if (p->num_bps == 0 || p->num_bps > impl->num_bps)
        return true;
    if (p->num_wps == 0 || p->num_wps > impl->num_wps)
        return true;
    if ((p->flags & REALM_FLAG_SVE) && (!impl->sve || p->sve_vl > impl->sve_vl))
        return true;
    if ((p->flags & REALM_FLAG_PMU) && (!impl->pmu || p->pmu_num_ctrs > impl->pmu_num_ctrs))
        return true;
    return !hash_supported(impl, p->hash_algo);
}

static bool alias(const struct spec_call *c)
{
    const struct spec_realm_params *p = &c->realm_params;

    return c->ptr_read && p->rtt_num_start > 0 && c->rd >= p->rtt_base &&
           c->rd - p->rtt_base <= (uint64_t)(p->rtt_num_start - 1) * GRANULE_SIZE;
}

static bool rd_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->rd, SPEC_DELEGATED);
}

static bool rtt_align(const struct spec_call *c)
{
    const struct spec_realm_params *p = &c->realm_params;

    return c->ptr_read && p->rtt_num_start > 0 &&
           p->rtt_base % ((uint64_t)p->rtt_num_start * GRANULE_SIZE) != 0;
}

/*
 * RttConfigIsValid (B3.55): a starting table of level l resolves 12 + 9 * (4 - l) bits; up to 16 of
 * them, side by side, resolve four more; and there must be something left for its own index. Level
 * 0 needs a PA of 44 bits, level -1 one of 52.
 */
static bool rtt_config_is_valid(const struct impl *impl, unsigned width, int64_t level,
                                uint32_t num)
{
    unsigned one;

    if (level < -1 || level > 2 || (level == 0 && impl_pa_width(impl) < 44) ||
        (level == -1 && impl_pa_width(impl) < 52))
        return false;
    one = 12 + 9 * (unsigned)(4 - level);
    if (width < one - 8 || width > one + 4)
        return false;
    return num == (width <= one ? 1u : 1u << (width - one));
}

static bool rtt_num_level(const struct spec_call *c)
{
    const struct spec_realm_params *p = &c->realm_params;

    return c->ptr_read &&
           !rtt_config_is_valid(&c->s->impl, p->s2sz, p->rtt_level_start, p->rtt_num_start);
}

static bool rtt_state(const struct spec_call *c)
{
    const struct spec_realm_params *p = &c->realm_params;

    if (!c->ptr_read)
        return false;
    for (uint32_t i = 0; i < p->rtt_num_start; i++) {
        const struct spec_gnode *g = spec_gnode(c->s, p->rtt_base + (uint64_t)i * GRANULE_SIZE);

        if (!g || g->state != SPEC_DELEGATED)
            return true;
    }
    return false;
}

static bool vmid_is_used(const struct spec *s, uint16_t vmid)
{
    return (s->vmids[vmid / 64] >> (vmid % 64)) & 1;
}

static bool vmid_valid(const struct spec_call *c)
{
    uint16_t vmid = c->realm_params.vmid;

    return c->ptr_read && ((c->s->impl.vmid_bits == 8 && vmid > 0xff) || vmid_is_used(c->s, vmid));
}

static void set_attributes(struct spec_realm *r, const struct spec_realm_params *p,
                           const uint8_t *page)
{
    r->state = REALM_NEW;
    r->s2sz = p->s2sz;
    r->lpa2 = p->flags & REALM_FLAG_LPA2;
    r->sve = p->flags & REALM_FLAG_SVE;
    r->pmu = p->flags & REALM_FLAG_PMU;
    r->sve_vl = p->sve_vl;
    r->num_bps = p->num_bps;
    r->num_wps = p->num_wps;
    r->pmu_num_ctrs = p->pmu_num_ctrs;
    r->hash_algo = (enum hash_algo)p->hash_algo;
    r->vmid = p->vmid;
    r->rtt_base = p->rtt_base;
    r->rtt_level_start = (int)p->rtt_level_start;
    r->rtt_num_start = p->rtt_num_start;
    memcpy(r->rpv, page + REALM_PARAMS_RPV, sizeof(r->rpv));
}

/*
 * The entries below the top of the protected IPA space are UNASSIGNED, EMPTY; those above
 * UNASSIGNED_NS.
 */
static void create_root(struct spec *s, uint32_t realm, uint32_t number)
{
    const struct spec_realm *r = &spec_realm_node(s, realm)->pub;
    uint64_t entry = level_size(r->rtt_level_start);
    uint64_t ipa = number * entry * SPEC_ENTRIES;
    uint64_t protected_top = 1ull << (r->s2sz - 1);
    uint64_t num = protected_top > ipa ? (protected_top - ipa) / entry : 0;
    uint64_t granule = r->rtt_base + (uint64_t)number * GRANULE_SIZE;
    uint32_t table = spec_table_new(s, granule, realm, ipa, r->rtt_level_start,
                                    spec_entry_make(HIPAS_UNASSIGNED, RIPAS_EMPTY, num == 0, 0),
                                    num == 0 || num >= SPEC_ENTRIES ? SPEC_ENTRIES : (unsigned)num);

    spec_set_state(s, granule, SPEC_RTT, table, 0);
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    uint32_t index = spec_pool_take(&s->realms);
    struct spec_rnode *r = spec_realm_node(s, index);

    memset(r, 0, sizeof(*r));
    r->rd = c->rd;
    set_attributes(&r->pub, &c->realm_params, s->page);
    spec_rim_init(r, &c->realm_params);
    s->vmids[r->pub.vmid / 64] |= 1ull << (r->pub.vmid % 64);
    spec_set_state(s, c->rd, SPEC_RD, index, 0);
    for (uint32_t i = 0; i < r->pub.rtt_num_start; i++)
        create_root(s, index, i);
    spec_touch(s, SPEC_TOUCH_REALM, c->rd, 0);
    c->v->loose_mask |= 1u << LOOSE_BEYOND;
    c->v->variant = r->pub.rtt_num_start == 1 ? "one_root" : "many_roots";
}

static const spec_predicate holds[] = {
    [PARAMS_ALIGN] = spec_ptr_align, [PARAMS_BOUND] = spec_ptr_bound, [PARAMS_PAS] = spec_ptr_pas,
    [PARAMS_VALID] = params_valid,   [PARAMS_SUPP] = params_supp,     [ALIAS] = alias,
    [RD_ALIGN] = spec_rd_align,      [RD_BOUND] = spec_rd_bound,      [RD_STATE] = rd_state,
    [RTT_ALIGN] = rtt_align,         [RTT_NUM_LEVEL] = rtt_num_level, [RTT_STATE] = rtt_state,
    [VMID_VALID] = vmid_valid,
};

const struct spec_body spec_realm_create_body = {
    .context = context, .holds = holds, .success = success};
