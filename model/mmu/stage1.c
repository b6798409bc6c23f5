/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of the Realm EL1&0 regime: TTBR0/TTBR1_EL1, TCR_EL1, 4 KB granule, direct permissions, hierarchical
 * attributes (DDI0487 D8.2 to D8.4; J1.1.4 AArch64.S1Walk). Every descriptor is read at an IPA, through stage 2.
 * Hardware update of the access flag and of the dirty state is not there: ID_AA64MMFR1_EL1.HAFDBS is 0.
 */
#include "mmu_internal.h"

#define TCR_HPD0   (1ull << 41)
#define TCR_TBI0   (1ull << 37)
#define TCR_TBID0  (1ull << 51)
#define TCR_IPS(v) ((unsigned)((v) >> 32) & 7)
#define SCTLR_WXN  (1ull << 19)
#define PSTATE_PAN (1ull << 22)

#define DESC_OA     0x0000FFFFFFFFF000ull
#define DESC_AF     (1ull << 10)
#define DESC_NG     (1ull << 11)
#define DESC_PXN    (1ull << 53)
#define DESC_UXN    (1ull << 54)
#define DESC_AP_EL0 (1ull << 6) /* AP[1] */
#define DESC_AP_RO  (1ull << 7) /* AP[2] */

/* The half of the VA space that an address is in. */
struct s1_config {
    bool upper, hpd;
    unsigned in, out;
    int start;
    uint64_t base;
};

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

bool s1_flat_in_range(const struct machine *m, uint64_t va, bool tbi)
{
    return in_range(va, impl_pa_width(&m->impl), false, tbi);
}

/* `limit`: least output address that is too large; 0: what TCR_EL1.IPS and the PE say. */
static bool is_too_large(const struct s1_config *c, uint64_t oa, uint64_t limit)
{
    return oa >> c->out || (limit && oa >= limit);
}

static bool s1_configure(const struct machine *m, const struct pe *p, uint64_t va, bool fetch,
                         uint64_t limit, struct s1_config *c, struct mmu_fault *f)
{
    uint64_t tcr = p->r.sys[SR_TCR_EL1];
    c->upper = (va >> 55) & 1;
    unsigned half = c->upper ? 1 : 0;
    unsigned tsz = (unsigned)(tcr >> (c->upper ? 16 : 0)) & 0x3f;
    bool disabled = (tcr >> (c->upper ? 23 : 7)) & 1; /* EPD */
    bool tbi = (tcr & (TCR_TBI0 << half)) && !(fetch && (tcr & (TCR_TBID0 << half)));
    c->hpd = tcr & (TCR_HPD0 << half);
    c->in = 64 - tsz;
    c->out = mmu_output_bits(m, TCR_IPS(tcr), false);
    if (tsz < 16 || tsz > 48 || !in_range(va, c->in, c->upper, tbi) || disabled)
        return s1_fault(f, MMU_TRANSLATION, 0);
    c->start = 3 - (int)((c->in - 13) / 9);
    unsigned resolved = 9u * (unsigned)(3 - c->start) + 12;
    uint64_t table = 8ull << (c->in - resolved);
    uint64_t ttbr = p->r.sys[c->upper ? SR_TTBR1_EL1 : SR_TTBR0_EL1];
    c->base = align_down(ttbr & 0x0000FFFFFFFFFFFEull, table < 64 ? 64 : table);
    return is_too_large(c, c->base, limit) ? s1_fault(f, MMU_ADDRESS_SIZE, 0) : true;
}

/*
 * A descriptor, through stage 2. A stage-2 fault on the way is S1PTW; a walk must not go to Non-secure memory
 * (J1.1.4 AArch64.S2CheckPermissions) nor, with HCR_EL2.PTW, to Device.
 */
static bool s1_read_desc(struct machine *m, unsigned pe, uint64_t at, int level, uint64_t *desc,
                         struct mmu_fault *f)
{
    bool hit;
    const struct tlb_entry *e = s2_entry(m, pe, at, f, &hit);
    f->ipa = at;
    if (!e) {
        f->s1ptw = f->stage == 2;
        if (f->stage == 0) { /* GPF or nothing there, on the descriptor itself */
            f->stage = 1;
            f->level = (int8_t)level;
            f->on_walk = true;
        }
        return false;
    }
    bool device = (e->attr & A_S2DEVICE) && (m->pe[pe].hcr_el2 & HCR_PTW);
    if (device || entry_pas(e->attr) != PAS_REALM || !(e->attr & A_S2R)) {
        f->kind = MMU_PERMISSION;
        f->stage = 2;
        f->level = (int8_t)((e->attr >> A_S2LEVEL_SHIFT) & 3);
        f->s1ptw = true;
        return false;
    }
    f->ipa = 0;
    *desc = mem_read64(m, e->pa | (at & GRANULE_MASK));
    return true;
}

/* Permissions of a leaf as a table entry holds them; APTable, UXNTable and PXNTable are in their descriptor bits. */
static uint32_t s1_attributes(const struct pe *p, uint64_t desc, int level, uint64_t tables)
{
    bool wxn = p->r.sys[SR_SCTLR_EL1] & SCTLR_WXN;
    bool el0 = (desc & DESC_AP_EL0) && !(tables & (1ull << 61));
    bool ro = (desc & DESC_AP_RO) || (tables & (1ull << 62));
    bool w1 = !ro, w0 = !ro && el0;
    /* What EL0 can write, EL1 never executes (D8.4.1.2.2). */
    bool x1 = !(desc & DESC_PXN) && !(tables & (1ull << 59)) && !w0 && !(wxn && w1);
    bool x0 = !(desc & DESC_UXN) && !(tables & (1ull << 60)) && !(wxn && w0);
    uint32_t mair = (uint32_t)(p->r.sys[SR_MAIR_EL1] >> (8 * ((desc >> 2) & 7))) & 0xff;
    uint32_t a = A_R1 | (w1 ? A_W1 : 0) | (x1 ? A_X1 : 0);
    a |= (el0 ? A_R0 : 0) | (w0 ? A_W0 : 0) | (x0 ? A_X0 : 0);
    a |= (desc & DESC_NG ? A_NG : 0) | (mair >> 4 == 0 ? A_S1DEVICE : 0);
    a |= (uint32_t)((desc >> 8) & 3) << A_SH_SHIFT;
    return a | (uint32_t)level << A_S1LEVEL_SHIFT | mair << A_MAIR_SHIFT;
}

static bool walk(struct machine *m, unsigned pe, uint64_t va, bool fetch, uint64_t limit,
                 struct s1_leaf *out, struct mmu_fault *f)
{
    const struct pe *p = &m->pe[pe];
    struct s1_config c;
    if (!s1_configure(m, p, va, fetch, limit, &c, f))
        return false;
    uint64_t table = c.base, tables = 0, in = va & ((1ull << c.in) - 1);
    for (int level = c.start;; level++) {
        unsigned shift = 12 + 9 * (unsigned)(3 - level);
        uint64_t index = (in >> shift) & 511, desc;
        if (!s1_read_desc(m, pe, table + index * 8, level, &desc, f))
            return false;
        bool leaf = level == 3 || !(desc & 2);
        if (!(desc & 1) || (leaf && (level == 3) != !!(desc & 2)) || (leaf && level == 0))
            return s1_fault(f, MMU_TRANSLATION, level);
        if (is_too_large(&c, desc & DESC_OA, limit))
            return s1_fault(f, MMU_ADDRESS_SIZE, level);
        if (!leaf) {
            tables |= c.hpd ? 0 : desc;
            table = desc & DESC_OA;
            continue;
        }
        if (!(desc & DESC_AF))
            return s1_fault(f, MMU_ACCESS_FLAG, level);
        uint64_t in_block = ((1ull << shift) - 1) & ~GRANULE_MASK;
        out->ipa = (desc & DESC_OA & ~in_block) | (va & in_block);
        out->attr = s1_attributes(p, desc, level, tables);
        return true;
    }
}

bool s1_walk(struct machine *m, unsigned pe, uint64_t va, bool fetch, struct s1_leaf *out,
             struct mmu_fault *f)
{
    return walk(m, pe, va, fetch, 0, out, f);
}

bool mmu_s1_level(struct machine *m, unsigned pe, uint64_t va, enum access_kind kind,
                  uint64_t limit, int *level)
{
    struct s1_leaf leaf;
    struct mmu_fault f;

    fault_begin(&f, &m->pe[pe], va);
    if (walk(m, pe, va, kind == ACCESS_FETCH, limit, &leaf, &f) || f.stage != 1 ||
        f.kind != MMU_ADDRESS_SIZE)
        return false;
    *level = f.level & 3; /* there is no level -1 at stage 1 */
    return true;
}

/* PAN: EL1 may not touch the data that EL0 can (D8.4.5). The access is that of EL1, not an unprivileged one. */
bool s1_permits(const struct machine *m, unsigned pe, uint32_t attr, enum access_kind kind,
                unsigned el, struct mmu_fault *f)
{
    static const uint32_t need[2][3] = {
        {[ACCESS_READ] = A_R0, [ACCESS_WRITE] = A_W0, [ACCESS_FETCH] = A_X0},
        {[ACCESS_READ] = A_R1, [ACCESS_WRITE] = A_W1, [ACCESS_FETCH] = A_X1}};
    bool pan = el && kind != ACCESS_FETCH && (attr & A_R0) && (m->pe[pe].r.pstate & PSTATE_PAN);
    if ((attr & need[el ? 1 : 0][kind]) && !pan)
        return true;
    return s1_fault(f, MMU_PERMISSION, (int)(attr >> A_S1LEVEL_SHIFT) & 3);
}
