/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of every regime: direct permissions, hierarchical attributes, access flag and dirty state kept by hardware or by
 * software (DDI0487 D8.2 to D8.5; J1.1.4 AArch64.S1Translate, S1Walk). Every descriptor is read at an IPA, through stage 2;
 * where there is none, that is a PA.
 */
#include "mmu_internal.h"

#define TCR_TBI0   (1ull << 37)
#define TCR_HA     (1ull << 39)
#define TCR_HD     (1ull << 40)
#define TCR_HPD0   (1ull << 41)
#define TCR_TBID0  (1ull << 51)
#define TCR_IPS(v) ((unsigned)((v) >> 32) & 7)
#define SCTLR_WXN  (1ull << 19)

#define DESC_NG     (1ull << 11)
#define DESC_PXN    (1ull << 53)
#define DESC_UXN    (1ull << 54) /* XN where there is no EL0 */
#define DESC_AP_EL0 (1ull << 6)  /* AP[1] */
#define DESC_AP_RO  (1ull << 7)  /* AP[2] */
#define TABLE_PXN   (1ull << 59)
#define TABLE_UXN   (1ull << 60)
#define TABLE_NO0   (1ull << 61) /* APTable[0] */
#define TABLE_RO    (1ull << 62) /* APTable[1] */

static bool s1_fault(struct mmu_fault *f, enum mmu_fault_kind kind, int level)
{
    f->kind = (uint8_t)kind;
    f->stage = 1;
    f->level = (int8_t)level;
    return false;
}

/* Bits above the translated ones: 55 with TBI, where TBID takes instruction fetches out; else 63. */
static bool in_range(uint64_t va, unsigned in, bool upper, bool tbi)
{
    uint64_t top = tbi ? va & ((1ull << 56) - 1) : va;
    uint64_t want = upper ? (tbi ? (1ull << 56) - 1 : UINT64_MAX) : 0;
    return top >> in == want >> in;
}

static unsigned half_of(const struct regime *r, uint64_t va)
{
    return r->el0 ? (unsigned)(va >> 55) & 1 : 0;
}

static bool ignores_top_byte(const struct regime *r, const struct s1_access *a)
{
    unsigned half = half_of(r, a->va);
    return (r->tcr & (TCR_TBI0 << half)) &&
           !(a->kind == ACCESS_FETCH && (r->tcr & (TCR_TBID0 << half)));
}

bool s1_is_mistagged(const struct regime *r, const struct s1_access *a)
{
    return a->va >> 56 != (half_of(r, a->va) ? 0xff : 0) && !ignores_top_byte(r, a);
}

/* What the PE cannot output is a level-0 Address size fault (S1DisabledOutput). */
bool s1_flat(const struct machine *m, const struct regime *r, const struct s1_access *a,
             struct s1_leaf *out, struct mmu_fault *f)
{
    if (!in_range(a->va, impl_pa_width(&m->impl), false, ignores_top_byte(r, a)))
        return s1_fault(f, MMU_ADDRESS_SIZE, 0);
    out->ipa = align_down(a->va & ((1ull << 56) - 1), GRANULE_SIZE);
    out->attr =
        A_R1 | A_W1 | A_X1 | A_R0 | A_W0 | A_X0 | (r->dc ? 0xffu << A_MAIR_SHIFT : A_S1DEVICE);
    out->size = GRANULE_SHIFT;
    return true;
}

/* `limit`: least output address that is too large; 0: what TCR_ELx.IPS and the PE say. */
static bool is_too_large(const struct walk *w, uint64_t oa, uint64_t limit)
{
    return oa >> w->out || (limit && oa >= limit);
}

/* TG0 and TG1 number the granules differently; a reserved value is 4 KB. */
static unsigned granule_of(uint64_t tcr, unsigned half)
{
    static const uint8_t page[2][4] = {{12, 16, 14, 12}, {12, 14, 12, 16}};
    return page[half][tcr >> (half ? 30 : 14) & 3];
}

static bool s1_configure(const struct machine *m, const struct regime *r, const struct s1_access *a,
                         uint64_t limit, struct walk *w, struct mmu_fault *f)
{
    unsigned half = half_of(r, a->va), width = impl_pa_width(&m->impl);
    unsigned tsz = (unsigned)(r->tcr >> (half ? 16 : 0)) & 0x3f;
    bool disabled = (r->tcr >> (half ? 23 : 7)) & 1; /* EPD */
    w->page = granule_of(r->tcr, half);
    w->in = 64 - tsz;
    w->out = walk_output_bits(m, TCR_IPS(r->tcr), w->page == 16);
    w->ds = false;
    w->lpa = w->page == 16 && width >= 52;
    if (tsz < 16 || tsz > (w->page == 16 ? 47 : 48) ||
        !in_range(a->va, w->in, half, ignores_top_byte(r, a)) || disabled)
        return s1_fault(f, MMU_TRANSLATION, 0);
    w->start = 3 - (int)((w->in - 1 - w->page) / (w->page - 3));
    w->base = walk_base(w, r->ttbr[half], w->lpa && TCR_IPS(r->tcr) == 6);
    return is_too_large(w, w->base, limit) ? s1_fault(f, MMU_ADDRESS_SIZE, 0) : true;
}

/* PA of a descriptor. A stage-2 fault on the way is S1PTW; all else is stage 1's. */
static bool s1_locate(struct machine *m, unsigned pe, const struct regime *r, uint64_t at,
                      int level, bool write, uint64_t *pa, struct mmu_fault *f)
{
    bool hit;
    const struct tlb_entry *e =
        s2_entry(m, pe, &r->s2, at, write ? S2_WALK_UPDATE : S2_WALK, f, &hit);
    f->ipa = at;
    if (!e && f->stage == 2) {
        f->s1ptw = true;
        return false;
    }
    bool broken = e && !r->s2.host && mmu_is_broken(m, e->pa);
    if (e && mem_contains(m, e->pa) && !broken) {
        f->ipa = 0;
        *pa = e->pa | (at & GRANULE_MASK);
        return true;
    }
    if (e) /* tables in a device, or in memory that broke */
        f->kind = MMU_EXTERNAL;
    f->set = broken ? (uint8_t)m->broken_set : 0;
    f->stage = 1;
    f->level = (int8_t)level;
    f->on_walk = true;
    return false;
}

static bool sets_access_flag(const struct regime *r)
{
    return r->tcr & TCR_HA;
}

static bool is_dirty_by_hardware(const struct regime *r, uint64_t desc)
{
    return sets_access_flag(r) && (r->tcr & TCR_HD) && (desc & DESC_DBM);
}

/* Permissions of a leaf as a table entry holds them; APTable, UXNTable and PXNTable are in their descriptor bits. */
static uint32_t s1_attributes(const struct regime *r, uint64_t desc, int level, uint64_t tables)
{
    bool wxn = r->sctlr & SCTLR_WXN;
    bool el0 = r->el0 && (desc & DESC_AP_EL0) && !(tables & TABLE_NO0);
    bool clean = (desc & DESC_AP_RO) && is_dirty_by_hardware(r, desc) && !(tables & TABLE_RO);
    bool ro = ((desc & DESC_AP_RO) && !clean) || (tables & TABLE_RO);
    bool w1 = !ro, w0 = !ro && el0;
    bool pxn = r->el0 ? (desc & DESC_PXN) || (tables & TABLE_PXN)
                      : (desc & DESC_UXN) || (tables & TABLE_UXN);
    /* What EL0 can write, EL1 never executes (D8.4.1.2.2). */
    bool x1 = !pxn && !w0 && !(wxn && w1);
    bool x0 = r->el0 && !(desc & DESC_UXN) && !(tables & TABLE_UXN) && !(wxn && w0);
    uint32_t mair = (uint32_t)(r->mair >> (8 * ((desc >> 2) & 7))) & 0xff;
    uint32_t a = A_R1 | (w1 ? A_W1 : 0) | (x1 ? A_X1 : 0);
    a |= (el0 ? A_R0 : 0) | (w0 ? A_W0 : 0) | (x0 ? A_X0 : 0);
    a |= (r->el0 && (desc & DESC_NG) ? A_NG : 0) | (mair >> 4 == 0 ? A_S1DEVICE : 0);
    a |= (uint32_t)((desc >> 8) & 3) << A_SH_SHIFT | (clean ? A_CLEAN : 0);
    return a | (uint32_t)level << A_S1LEVEL_SHIFT | mair << A_MAIR_SHIFT;
}

/* The descriptor that a walk ended at. */
struct s1_found {
    uint64_t at, desc;
    int level;
};

static bool walk(struct machine *m, unsigned pe, const struct regime *r, const struct s1_access *a,
                 uint64_t limit, struct s1_leaf *out, struct s1_found *found, struct mmu_fault *f)
{
    struct walk w;
    if (!s1_configure(m, r, a, limit, &w, f))
        return false;
    uint64_t table = w.base, tables = 0;
    for (int level = w.start;; level++) {
        uint64_t at = walk_entry(&w, table, a->va, level), pa;
        if (!s1_locate(m, pe, r, at, level, false, &pa, f))
            return false;
        uint64_t desc = mem_read64(m, pa), oa = walk_address(&w, desc);
        enum desc_type type = walk_type(&w, desc, level);
        if (type == DESC_INVALID)
            return s1_fault(f, MMU_TRANSLATION, level);
        unsigned shift = walk_shift(&w, level);
        if (type == DESC_LEAF)
            oa = walk_output(oa, a->va, shift);
        if (is_too_large(&w, oa, limit))
            return s1_fault(f, MMU_ADDRESS_SIZE, level);
        if (type == DESC_TABLE) {
            tables |= r->tcr & (TCR_HPD0 << half_of(r, a->va)) ? 0 : desc;
            table = oa;
            continue;
        }
        if (!(desc & DESC_AF) && !sets_access_flag(r))
            return s1_fault(f, MMU_ACCESS_FLAG, level);
        *out = (struct s1_leaf){
            .ipa = oa, .attr = s1_attributes(r, desc, level, tables), .size = shift};
        *found = (struct s1_found){.at = at, .desc = desc, .level = level};
        return true;
    }
}

/* The access flag is set even for an access that is then refused, as AArch64.S1Translate does it. */
bool s1_translate(struct machine *m, unsigned pe, const struct regime *r, const struct s1_access *a,
                  struct s1_leaf *out, struct mmu_fault *f)
{
    struct s1_found found;
    uint64_t pa;
    if (!walk(m, pe, r, a, 0, out, &found, f))
        return false;
    bool ok = s1_permits(out->attr, a->kind, a->el, r->pan, f);
    uint64_t now = found.desc | DESC_AF;
    if (ok && a->kind == ACCESS_WRITE && (out->attr & A_CLEAN))
        now &= ~DESC_AP_RO;
    if (now == found.desc || a->at)
        return ok;
    if (!s1_locate(m, pe, r, found.at, found.level, true, &pa, f))
        return false;
    if (!walk_swap(m, pe, pa, found.desc, now, r->s2.host))
        return s1_translate(m, pe, r, a, out, f);
    if (!(now & DESC_AP_RO))
        out->attr &= ~A_CLEAN;
    return ok;
}

bool mmu_s1_level(struct machine *m, unsigned pe, uint64_t va, enum access_kind kind,
                  uint64_t limit, int *level)
{
    struct regime r;
    struct s1_access a = {.va = va, .el = 1, .kind = kind, .at = true};
    struct s1_leaf leaf;
    struct s1_found found;
    struct mmu_fault f;

    regime_of_realm(&m->pe[pe], &r);
    fault_begin(&f, &m->pe[pe], va);
    if (walk(m, pe, &r, &a, limit, &leaf, &found, &f) || f.stage != 1 || f.kind != MMU_ADDRESS_SIZE)
        return false;
    *level = f.level & 3; /* there is no level -1 at stage 1 */
    return true;
}

/* PAN: EL1 may not touch the data that EL0 can (D8.4.5). The access is that of EL1, not an unprivileged one. */
bool s1_permits(uint32_t attr, enum access_kind kind, unsigned el, bool pan, struct mmu_fault *f)
{
    static const uint32_t need[2][3] = {
        {[ACCESS_READ] = A_R0, [ACCESS_WRITE] = A_W0, [ACCESS_FETCH] = A_X0},
        {[ACCESS_READ] = A_R1, [ACCESS_WRITE] = A_W1, [ACCESS_FETCH] = A_X1}};
    bool hidden = pan && el && kind != ACCESS_FETCH && (attr & A_R0);
    if ((attr & need[el ? 1 : 0][kind]) && !hidden)
        return true;
    return s1_fault(f, MMU_PERMISSION, (int)(attr >> A_S1LEVEL_SHIFT) & 3);
}
