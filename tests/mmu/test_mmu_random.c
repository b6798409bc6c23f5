/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random tables, walked by the model and by a second walker that is written here from the Arm ARM's pseudo-code (J1.1.4), in
 * its names: stage 1 of EL2, EL2&0 and EL1&0, stage 2, both together; each granule, input and output size, start level;
 * permissions, hierarchical ones too; access flag and dirty state in memory afterwards. With the TLB and without.
 *
 *   DRAM: A, tables of stage 2     B, tables of stage 1     C, data
 */
#include "host_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define POOL      0x40000ull
#define POOL_A    TABLES
#define POOL_B    (POOL_A + POOL)
#define NUM_VAS   40u
#define NUM_ROUND 250u

/* --- the second walker --- */

enum status { OK, TRANSLATION, ADDRESS_SIZE, ACCESS_FLAG, PERMISSION, EXTERNAL, GPF };
struct fault {
    enum status status;
    int level;
    bool secondstage, s2fs1walk, walk;
};
enum ref_regime { REF_EL2, REF_EL20, REF_EL10 };
struct ref {
    struct host *h;
    uint8_t *mem; /* POOL_A and POOL_B as they should be */
    unsigned pamax;
    bool unpriv, second, pan, wxn;
    unsigned el;
    enum access_kind kind;
    /* stage 1 */
    unsigned tg, txsz, ps;
    bool tbi, tbid, epd, hpd, ha, hd;
    uint64_t ttbr;
    /* stage 2 */
    bool vm, ptw, fwb, s2ha, s2hd;
    unsigned s2tg, t0sz, sl0, s2ps;
    uint64_t vttbr;
};

static uint64_t field(uint64_t v, unsigned high, unsigned low)
{
    return v >> low & (high - low == 63 ? UINT64_MAX : (1ull << (high - low + 1)) - 1);
}

static struct fault none(void)
{
    return (struct fault){.status = OK};
}

static struct fault fails(enum status s, int level, bool second)
{
    return (struct fault){.status = s, .level = level, .secondstage = second};
}

static uint8_t *pool_at(const struct ref *r, uint64_t a)
{
    return a >= POOL_A && a < POOL_A + 2 * POOL ? r->mem + (a - POOL_A) : NULL;
}

/* Memory outside the pools is zero. */
static struct fault ref_fetch(const struct ref *r, uint64_t a, int level, bool second,
                              uint64_t *desc)
{
    struct fault f = fails(OK, level, second);
    f.walk = true;
    if (gpt_check(r->h->m, PAS_NS, a).fault != GPC_OK)
        f.status = GPF;
    else if (!mem_contains(r->h->m, a))
        f.status = EXTERNAL;
    *desc = 0;
    if (f.status == OK && pool_at(r, a))
        memcpy(desc, pool_at(r, a), 8);
    return f.status == OK ? none() : f;
}

static void ref_swap(const struct ref *r, uint64_t a, uint64_t now)
{
    memcpy(pool_at(r, a), &now, 8);
}

static unsigned ref_pas(const struct ref *r, unsigned ps, unsigned tg)
{
    static const unsigned size[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    unsigned max = tg == 16 ? 52 : 48;
    max = max < r->pamax ? max : r->pamax;
    return size[ps] < max ? size[ps] : max;
}

static uint64_t ref_address(const struct ref *r, uint64_t desc, unsigned tg, unsigned bits)
{
    uint64_t a = field(desc, 47, 0) >> bits << bits;
    if (tg == 16 && r->pamax >= 52)
        a |= field(desc, 15, 12) << 48;
    return a;
}

static bool ref_block(const struct ref *r, unsigned tg, int level)
{
    if (tg == 12)
        return level == 1 || level == 2;
    if (tg == 14)
        return level == 2;
    return level == 2 || (level == 1 && r->pamax >= 52);
}

enum desc { INVALID, TABLE, LEAF };
static enum desc ref_type(const struct ref *r, uint64_t desc, unsigned tg, int level)
{
    if (!(desc & 1))
        return INVALID;
    if (desc & 2)
        return level == 3 ? LEAF : TABLE;
    return ref_block(r, tg, level) ? LEAF : INVALID;
}

/* Where a stage-2 translation ends, and what may be done there. */
struct ref_s2 {
    uint64_t pa;
    bool r, w, px, ux, device;
};
static struct ref_s2 ref_s2_perms(const struct ref *r, uint64_t desc)
{
    unsigned xn = (unsigned)field(desc, 54, 53), attr = (unsigned)field(desc, 5, 2);
    bool w = field(desc, 7, 7) || (field(desc, 51, 51) && r->s2ha && r->s2hd);
    return (struct ref_s2){.r = field(desc, 6, 6),
                           .w = w,
                           .px = xn == 0 || xn == 3,
                           .ux = xn == 0 || xn == 1,
                           .device = r->fwb ? !(attr & 4) : attr < 4};
}

static struct fault ref_s2_check(const struct ref *r, const struct ref_s2 *o, bool write, bool ttw,
                                 int level)
{
    bool x = r->el ? o->px : o->ux, bad;
    if (ttw)
        bad = (r->ptw && o->device) || !o->r || (write && !o->w);
    else if (r->kind == ACCESS_FETCH)
        bad = !x;
    else
        bad = r->kind == ACCESS_WRITE ? !o->w : !o->r;
    return bad ? fails(PERMISSION, level, true) : none();
}

static bool ref_s2_start(const struct ref *r, int *level)
{
    static const int start4[4] = {2, 1, 0, 3}, start16[4] = {3, 2, 1, 9}, start64[4] = {3, 2, 1, 9};
    unsigned tg = r->s2tg, iasize = 64 - r->t0sz;
    unsigned ips = r->pamax < 52 ? r->pamax : tg == 16 ? 52 : 48;
    if (iasize > ips || r->t0sz > (tg == 16 ? 47 : 48))
        return false;
    *level = (tg == 12 ? start4 : tg == 14 ? start16 : start64)[r->sl0];
    if (*level == 9 || (tg == 12 && *level == 0 && r->pamax < 44) ||
        (tg == 14 && *level == 1 && r->pamax < 42) || (tg == 16 && *level == 1 && r->pamax < 44))
        return false;
    unsigned least = (unsigned)(3 - *level) * (tg - 3) + tg + 1;
    return iasize >= least && iasize <= least + (tg - 3 - 1) + 4;
}

static struct fault ref_s2_translate(const struct ref *r, uint64_t ipa_addr, bool write, bool ttw,
                                     struct ref_s2 *o)
{
    unsigned tg = r->s2tg, stride = tg - 3, iasize = 64 - r->t0sz;
    int level, flevel = 0;
    *o = (struct ref_s2){.pa = ipa_addr, .r = true, .w = true, .px = true, .ux = true};
    if (!r->vm)
        return none();
    if (!ref_s2_start(r, &level) || ipa_addr >> iasize)
        return fails(TRANSLATION, 0, true);
    unsigned oasize = ref_pas(r, r->s2ps, tg), msb = iasize - 1;
    unsigned tsize = iasize - ((unsigned)(3 - level) * stride + tg) + 3;
    uint64_t table = field(r->vttbr, 47, 1) << 1, desc, at;
    if (tg == 16 && r->s2ps == 6 && r->pamax >= 52) {
        table = field(r->vttbr, 47, 6) << 6 | field(r->vttbr, 5, 2) << 48;
        tsize = tsize < 6 ? 6 : tsize;
    }
    table = table >> tsize << tsize;
    for (;; level++, msb = (unsigned)(4 - level) * stride + tg - 1) {
        unsigned lsb = (unsigned)(3 - level) * stride + tg;
        at = table | field(ipa_addr, msb, lsb) << 3;
        if (at >> oasize)
            return fails(ADDRESS_SIZE, flevel, true);
        flevel = level;
        struct fault f = ref_fetch(r, at, level, true, &desc);
        if (f.status)
            return f;
        enum desc type = ref_type(r, desc, tg, level);
        if (type == INVALID)
            return fails(TRANSLATION, level, true);
        if (type == LEAF)
            break;
        table = ref_address(r, desc, tg, tg);
    }
    unsigned size = (unsigned)(3 - level) * stride + tg;
    uint64_t oa = ref_address(r, desc, tg, size) | field(ipa_addr, size - 1, 0);
    if (oa >> oasize)
        return fails(ADDRESS_SIZE, level, true);
    if (!field(desc, 10, 10) && !r->s2ha)
        return fails(ACCESS_FLAG, level, true);
    *o = ref_s2_perms(r, desc);
    o->pa = oa;
    struct fault perm = ref_s2_check(r, o, write, ttw, level);
    uint64_t now = desc | (r->s2ha ? 1ull << 10 : 0);
    if (r->s2ha && r->s2hd && field(desc, 51, 51) && write && !perm.status)
        now |= 1ull << 7;
    if (now != desc)
        ref_swap(r, at, now);
    return perm;
}

/* PA of a descriptor of stage 1. */
static struct fault ref_walk_address(const struct ref *r, uint64_t at, bool write, uint64_t *pa)
{
    struct ref_s2 o;
    *pa = at;
    if (!r->second)
        return none();
    struct fault f = ref_s2_translate(r, at, write, true, &o);
    f.s2fs1walk = f.status && true;
    *pa = o.pa;
    return f;
}

struct ref_perm {
    bool pr, pw, px, ur, uw, ux;
};
static struct ref_perm ref_s1_perms(const struct ref *r, uint64_t desc, uint64_t tables)
{
    struct ref_perm p = {.pr = true, .pw = true};
    bool dbm = field(desc, 51, 51) && r->ha && r->hd;
    unsigned ap = (unsigned)field(desc, 7, 6), apt = (unsigned)field(tables, 62, 61);
    if (dbm)
        ap &= 1;
    if (!r->unpriv) {
        p.pw = !(ap & 2) && !(apt & 2);
        p.px = !field(desc, 54, 54) && !field(tables, 60, 60);
        p.px = p.px && !(r->wxn && p.pw);
        return p;
    }
    if (ap & 2)
        p.pw = false;
    if (ap & 1) {
        p.ur = true;
        p.uw = p.pw;
    }
    if (apt & 1)
        p.ur = p.uw = false;
    if (apt & 2)
        p.pw = p.uw = false;
    p.px = !(field(desc, 53, 53) || field(tables, 59, 59) || p.uw);
    p.ux = !(field(desc, 54, 54) || field(tables, 60, 60));
    if (r->pan && (p.ur || p.uw))
        p.pr = p.pw = false;
    return p;
}

static bool ref_s1_allows(const struct ref *r, const struct ref_perm *p)
{
    bool rd = r->el ? p->pr : p->ur, w = r->el ? p->pw : p->uw, x = r->el ? p->px : p->ux;
    /* PAN is in `w` already here, as in the pseudo-code. */
    x = x && !(r->wxn && w);
    return r->kind == ACCESS_FETCH ? x : r->kind == ACCESS_WRITE ? w : rd;
}

static bool ref_va_in_range(const struct ref *r, uint64_t va, unsigned iasize)
{
    unsigned top = r->kind == ACCESS_FETCH && r->tbid ? 63 : r->tbi ? 55 : 63;
    uint64_t above = field(va, top, iasize);
    bool upper = r->unpriv && field(va, 55, 55);
    return above == (upper ? field(UINT64_MAX, top, iasize) : 0);
}

static struct fault ref_s1_translate(const struct ref *r, uint64_t va, uint64_t *out)
{
    unsigned tg = r->tg, stride = tg - 3, iasize = 64 - r->txsz;
    if (r->txsz < 16 || r->txsz > (tg == 16 ? 47 : 48) || !ref_va_in_range(r, va, iasize) || r->epd)
        return fails(TRANSLATION, 0, false);
    int level = 3 - (int)((iasize - 1 - tg) / stride), flevel = 0;
    unsigned oasize = ref_pas(r, r->ps, tg), msb = iasize - 1;
    unsigned tsize = iasize - ((unsigned)(3 - level) * stride + tg) + 3;
    uint64_t table = field(r->ttbr, 47, 1) << 1, desc, at, pa, tables = 0;
    if (tg == 16 && r->ps == 6 && r->pamax >= 52) {
        table = field(r->ttbr, 47, 6) << 6 | field(r->ttbr, 5, 2) << 48;
        tsize = tsize < 6 ? 6 : tsize;
    }
    table = table >> tsize << tsize;
    struct fault f;
    for (;; level++, msb = (unsigned)(4 - level) * stride + tg - 1) {
        unsigned lsb = (unsigned)(3 - level) * stride + tg;
        at = table | field(va, msb, lsb) << 3;
        if (at >> oasize)
            return fails(ADDRESS_SIZE, flevel, false);
        flevel = level;
        f = ref_walk_address(r, at, false, &pa);
        if (!f.status)
            f = ref_fetch(r, pa, level, false, &desc);
        if (f.status)
            return f;
        enum desc type = ref_type(r, desc, tg, level);
        if (type == INVALID)
            return fails(TRANSLATION, level, false);
        if (type == LEAF)
            break;
        tables |= r->hpd ? 0 : desc;
        table = ref_address(r, desc, tg, tg);
    }
    unsigned size = (unsigned)(3 - level) * stride + tg;
    *out = ref_address(r, desc, tg, size) | field(va, size - 1, 0);
    if (*out >> oasize)
        return fails(ADDRESS_SIZE, level, false);
    if (!field(desc, 10, 10) && !r->ha)
        return fails(ACCESS_FLAG, level, false);
    struct ref_perm p = ref_s1_perms(r, desc, tables);
    bool ok = ref_s1_allows(r, &p);
    uint64_t now = desc | (r->ha ? 1ull << 10 : 0);
    if (ok && r->ha && r->hd && field(desc, 51, 51) && r->kind == ACCESS_WRITE)
        now &= ~(1ull << 7);
    if (now != desc) {
        f = ref_walk_address(r, at, true, &pa);
        if (f.status)
            return f;
        ref_swap(r, pa, now);
    }
    return ok ? none() : fails(PERMISSION, level, false);
}

static bool ref_is_there(const struct ref *r, uint64_t pa)
{
    const struct plat_region *at = plat_region_at(r->h->m->plat, pa);
    return mem_contains(r->h->m, pa) || (at && at->kind != PLAT_SECURE);
}

static struct fault ref_translate(const struct ref *r, bool on, uint64_t va, uint64_t *pa)
{
    struct fault f = none();
    struct ref_s2 o;
    *pa = va;
    if (on)
        f = ref_s1_translate(r, va, pa);
    else if (field(va, r->kind == ACCESS_FETCH && r->tbid ? 63 : r->tbi ? 55 : 63, r->pamax))
        f = fails(ADDRESS_SIZE, 0, false);
    else
        *pa = field(va, 55, 0);
    if (!f.status && r->second) {
        f = ref_s2_translate(r, *pa, r->kind == ACCESS_WRITE, false, &o);
        *pa = o.pa;
    }
    if (!f.status && gpt_check(r->h->m, PAS_NS, *pa).fault != GPC_OK)
        f = fails(GPF, 0, false);
    else if (!f.status && !ref_is_there(r, *pa))
        f = fails(EXTERNAL, 0, false);
    return f;
}

/* --- chance --- */

static uint64_t seed;
static uint64_t chance(uint64_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 20) % below;
}
static bool often(unsigned percent)
{
    return chance(100) < percent;
}
static uint64_t any64(void)
{
    return chance(1ull << 32) << 32 | chance(1ull << 32);
}

struct round {
    struct ref ref;
    enum ref_regime regime;
    bool on; /* stage 1 */
    uint64_t tcr, tcr2, vtcr;
    unsigned ipa_bits; /* of the addresses that tables of stage 1 name */
};

/* An address for a descriptor: a table, data, or anything. */
static uint64_t any_target(const struct round *rd, bool stage2)
{
    if (!stage2 && rd->ref.second && rd->ref.vm)
        return chance(1ull << rd->ipa_bits) >> 12 << 12;
    if (often(60))
        return stage2 && often(50) ? POOL_A + chance(POOL) : POOL_B + chance(POOL);
    return often(80) ? DATA + chance(POOL) : any64() >> (16 + chance(12));
}

static uint64_t any_desc(const struct round *rd, bool stage2)
{
    uint64_t d = any_target(rd, stage2) & 0x0000FFFFFFFFF000ull;
    d |= any64() & 0x78F8000000000BFCull & (often(70) ? UINT64_MAX : 0x0008000000000BFCull);
    if (stage2)
        d |= often(85) ? 0x3ull << 6 | 0xf << 2 : 0;
    if (often(96))
        d |= 1;
    if (often(85))
        d |= 2;
    if (often(85))
        d |= DESC_AF;
    return d;
}

static void fill(struct round *rd)
{
    for (unsigned half = 0; half < 2; half++)
        for (uint64_t i = 0; i < POOL; i += 8) {
            uint64_t d = any_desc(rd, half == 0);
            memcpy(rd->ref.mem + half * POOL + i, &d, 8);
        }
    mem_write(rd->ref.h->m, POOL_A, rd->ref.mem, 2 * POOL, OWNER_HOST, 0);
}

/* --- registers, written field by field, and the same as the second walker wants them --- */

static void set_stage1(struct round *rd, bool upper)
{
    static const unsigned tg0[3] = {0, 2, 1}, tg1[3] = {2, 1, 3};
    static const unsigned pages[3] = {12, 14, 16};
    struct ref *r = &rd->ref;
    unsigned g = (unsigned)chance(3);
    r->tg = pages[g];
    r->txsz = often(90) ? 16 + (unsigned)chance(32) : (unsigned)chance(64);
    r->ps = often(80) ? 2 : (unsigned)chance(7);
    r->tbi = often(30), r->tbid = often(30), r->epd = rd->regime != REF_EL2 && often(4);
    r->hpd = often(30), r->ha = often(50), r->hd = often(60);
    uint64_t target =
        rd->ref.second && rd->ref.vm ? chance(1ull << rd->ipa_bits) : POOL_B + chance(POOL / 2);
    r->ttbr = (target & ~0x3full) | (r->ps == 6 && often(20) ? 4 : 0);
    unsigned n = upper ? 1 : 0;
    if (rd->regime == REF_EL2) {
        rd->tcr = r->txsz | (uint64_t)tg0[g] << 14 | (uint64_t)r->ps << 16 |
                  (uint64_t)r->tbi << 20 | (uint64_t)r->ha << 21 | (uint64_t)r->hd << 22 |
                  (uint64_t)r->hpd << 24 | (uint64_t)r->tbid << 29;
        return;
    }
    rd->tcr = (uint64_t)r->txsz << (16 * n) | (uint64_t)(upper ? tg1[g] : tg0[g])
                                                  << (upper ? 30 : 14);
    rd->tcr |= (uint64_t)r->epd << (upper ? 23 : 7) | (uint64_t)r->ps << 32;
    rd->tcr |= (uint64_t)r->tbi << (37 + n) | (uint64_t)r->ha << 39 | (uint64_t)r->hd << 40;
    rd->tcr |= (uint64_t)r->hpd << (41 + n) | (uint64_t)r->tbid << (51 + n);
}

/* A size and a start level that belong together, most of the time. */
static void set_stage2(struct round *rd)
{
    static const unsigned tg0[3] = {0, 2, 1}, pages[3] = {12, 14, 16};
    struct ref *r = &rd->ref;
    unsigned g = (unsigned)chance(3);
    int level = 9;
    r->s2tg = pages[g];
    for (unsigned i = 0; i < 40 && (i == 0 || (!ref_s2_start(r, &level) && often(97))); i++) {
        r->t0sz = 16 + (unsigned)chance(33);
        r->sl0 = (unsigned)chance(4);
    }
    r->s2ps = often(80) ? 2 : (unsigned)chance(7);
    r->vm = often(80), r->ptw = often(30), r->fwb = often(50);
    r->s2ha = often(50), r->s2hd = often(60);
    r->vttbr = (POOL_A + chance(POOL / 2)) & ~7ull;
    rd->ipa_bits = 64 - r->t0sz < 40 ? 64 - r->t0sz : 40;
    rd->vtcr = r->t0sz | (uint64_t)r->sl0 << 6 | (uint64_t)tg0[g] << 14 | (uint64_t)r->s2ps << 16 |
               (uint64_t)r->s2ha << 21 | (uint64_t)r->s2hd << 22;
}

static void load_registers(struct round *rd, struct host *h, bool upper)
{
    const struct ref *r = &rd->ref;
    uint64_t sctlr = (rd->on ? 1 : 0) | (uint64_t)r->wxn << 19;
    bool el10 = rd->regime == REF_EL10;
    memset(h->el2, 0, sizeof(h->m->plat->pe[0].el2));
    h->el2[HS_HCR_EL2] = rd->regime == REF_EL20 ? HCR_E2H_BIT | HCR_TGE_BIT : 0;
    if (el10)
        h->el2[HS_HCR_EL2] = (r->vm ? HCR_VM : 0) | (r->ptw ? HCR_PTW : 0) | (r->fwb ? HCR_FWB : 0);
    h->el2[HS_VTCR_EL2] = rd->vtcr;
    h->el2[HS_VTTBR_EL2] = r->vttbr;
    uint64_t *sctlr_at = el10 ? &h->el1[SR_SCTLR_EL1] : &h->el2[HS_SCTLR_EL2];
    uint64_t *tcr_at = el10 ? &h->el1[SR_TCR_EL1] : &h->el2[HS_TCR_EL2];
    uint64_t *ttbr0 = el10 ? &h->el1[SR_TTBR0_EL1] : &h->el2[HS_TTBR0_EL2];
    uint64_t *ttbr1 = el10 ? &h->el1[SR_TTBR1_EL1] : &h->el2[HS_TTBR1_EL2];
    *sctlr_at = sctlr;
    *tcr_at = rd->tcr;
    *ttbr0 = *ttbr1 = 0;
    *(upper ? ttbr1 : ttbr0) = r->ttbr;
}

/* --- the comparison --- */

static const char *describe(const struct round *rd, uint64_t va)
{
    static char text[400];
    const struct ref *r = &rd->ref;
    snprintf(text, sizeof(text),
             "regime %d on %d el %u kind %d va 0x%llx tcr 0x%llx ttbr 0x%llx hcr 0x%llx vtcr 0x%llx"
             " vttbr 0x%llx wxn %d pan %d",
             (int)rd->regime, rd->on, r->el, (int)r->kind, (unsigned long long)va,
             (unsigned long long)rd->tcr, (unsigned long long)r->ttbr,
             (unsigned long long)r->h->el2[HS_HCR_EL2], (unsigned long long)rd->vtcr,
             (unsigned long long)r->vttbr, r->wxn, r->pan);
    return text;
}

static unsigned seen[7][4];

static void compare(struct round *rd, uint64_t va)
{
    static const uint8_t kind[] = {[OK] = MMU_OK,
                                   [TRANSLATION] = MMU_TRANSLATION,
                                   [ADDRESS_SIZE] = MMU_ADDRESS_SIZE,
                                   [ACCESS_FLAG] = MMU_ACCESS_FLAG,
                                   [PERMISSION] = MMU_PERMISSION,
                                   [EXTERNAL] = MMU_EXTERNAL,
                                   [GPF] = MMU_GPF};
    struct ref *r = &rd->ref;
    struct mmu_result out = {0};
    struct mmu_fault f = {0};
    uint64_t pa;
    struct fault want = ref_translate(r, rd->on, va, &pa);
    bool ok = host_reach(r->h, r->el, va, r->kind, &out, &f);
    unsigned stage = want.secondstage ? 2 : want.walk || want.status < EXTERNAL ? 1 : 0;
    bool same = ok ? want.status == OK && out.pa == pa
                   : f.kind == kind[want.status] && f.level == want.level && f.stage == stage &&
                         f.s1ptw == want.s2fs1walk && f.on_walk == want.walk;
    if (!same)
        print_message("%s: want %d level %d stage %u walk %d s1ptw %d pa 0x%llx\n"
                      "  got %d %u level %d stage %u walk %d s1ptw %d pa 0x%llx\n",
                      describe(rd, va), (int)want.status, want.level, stage, want.walk,
                      want.s2fs1walk, (unsigned long long)pa, ok, f.kind, f.level, f.stage,
                      f.on_walk, f.s1ptw, (unsigned long long)out.pa);
    assert_true(same);
    seen[want.status][stage + (want.s2fs1walk ? 1 : 0)]++;
}

static uint64_t any_va(const struct round *rd, bool upper)
{
    unsigned bits = rd->on ? 64 - rd->ref.txsz : rd->ipa_bits;
    uint64_t va = bits >= 64 ? any64() : any64() & ((1ull << bits) - 1);
    if (upper)
        va |= ~((1ull << (bits > 55 ? 55 : bits)) - 1);
    if (often(10))
        va ^= 1ull << (40 + chance(24));
    return va & ~7ull;
}

static void one_round(struct host *h, struct round *rd)
{
    struct ref *r = &rd->ref;
    r->second = rd->regime == REF_EL10;
    r->unpriv = rd->regime != REF_EL2;
    r->wxn = often(20);
    rd->on = often(85);
    bool upper = r->unpriv && rd->on && often(50);
    set_stage2(rd);
    set_stage1(rd, upper);
    load_registers(rd, h, upper);
    fill(rd);
    tlb_clear(h->p->tlb);
    for (unsigned i = 0; i < NUM_VAS; i++) {
        uint64_t va = any_va(rd, upper);
        bool again = often(50);
        for (unsigned k = 0; k < 9; k++) {
            r->kind = (enum access_kind)chance(3);
            r->el = r->unpriv && often(40) ? 0 : rd->regime == REF_EL10 ? 1 : 2;
            r->pan = r->unpriv && often(20);
            h->p->r.pstate = EL2H;
            host_at(h, r->el);
            h->p->r.pstate |= (uint64_t)r->pan << 22;
            compare(rd, va);
            if (!again)
                tlb_clear(h->p->tlb);
        }
    }
    uint8_t *now = malloc(2 * POOL);
    assert_non_null(now);
    mem_read(h->m, POOL_A, now, 2 * POOL);
    for (uint64_t i = 0; i < 2 * POOL; i += 8)
        if (memcmp(now + i, r->mem + i, 8) != 0)
            fail_msg("%s: descriptor at 0x%llx", describe(rd, 0), (unsigned long long)(POOL_A + i));
    free(now);
}

static void run(enum ref_regime regime, unsigned pa_bits)
{
    struct host h;
    struct round rd;
    uint8_t *mem = malloc(2 * POOL);
    assert_non_null(mem);
    assert_int_equal(host_new(&h, pa_bits), 0);
    for (unsigned i = 0; i < 8; i++)
        gpt_set(h.m, 0, POOL_A + i * (POOL / 4) + 0x3000, GPI_REALM);
    memset(seen, 0, sizeof(seen));
    for (unsigned i = 0; i < NUM_ROUND; i++) {
        seed = i * 977 + pa_bits;
        rd = (struct round){.regime = regime,
                            .ref = {.h = &h, .mem = mem, .pamax = impl_pa_width(&h.m->impl)}};
        one_round(&h, &rd);
    }
    /* Every way to end was there: at stage 1 and on the output, and below it at stage 2 and on a walk of stage 1. */
    for (enum status s = TRANSLATION; s <= GPF; s++)
        for (unsigned stage = 1; stage < (regime == REF_EL10 ? 4 : 2); stage++)
            assert_true(seen[s][stage] > 20);
    assert_true(seen[OK][1] > 1000 && seen[EXTERNAL][0] > 20 && seen[GPF][0] > 20);
    free(mem);
    host_free(&h);
}

static void test_el2(void **state)
{
    (void)state;
    run(REF_EL2, 48);
}

static void test_el20(void **state)
{
    (void)state;
    run(REF_EL20, 40);
}

static void test_el10(void **state)
{
    (void)state;
    run(REF_EL10, 48);
}

static void test_52_bits(void **state)
{
    (void)state;
    run(REF_EL2, 52);
    run(REF_EL10, 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_el2),
        cmocka_unit_test(test_el20),
        cmocka_unit_test(test_el10),
        cmocka_unit_test(test_52_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
