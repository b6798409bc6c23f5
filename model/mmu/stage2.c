/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of the Realm EL1&0 regime: VTTBR_EL2, VTCR_EL2, 4 KB granule, up to 16 concatenated tables at the start
 * level, with 52-bit addresses and level -1 where VTCR_EL2.DS is 1 (DDI0487 D8.2, D8.3, D8.4; J1.1.4 AArch64.S2Walk). Every
 * table access is to the Realm PAS and is checked by the GPC; NS (bit 55) of a leaf selects the PAS of its output.
 */
#include "mmu_internal.h"

#include <string.h>

#define VTCR_SL0(v) (((v) >> 6) & 3)
#define VTCR_TG0(v) (((v) >> 14) & 3)
#define VTCR_PS(v)  ((unsigned)((v) >> 16) & 7)
#define VTCR_DS     (1ull << 32)
#define VTCR_SL2    (1ull << 33)
#define DESC_AF     (1ull << 10)
#define DESC_S2_NS  (1ull << 55)

struct s2_config {
    int start;        /* level of the initial lookup */
    bool ds;          /* 52-bit addresses in 4 KB descriptors (FEAT_LPA2) */
    unsigned in, out; /* bits of input and output addresses */
    uint64_t base;
};

static unsigned at_most(unsigned a, unsigned limit)
{
    return a < limit ? a : limit;
}

/* AArch64.PhysicalAddressSize */
unsigned mmu_output_bits(const struct machine *m, unsigned ps, bool ds)
{
    static const uint8_t bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    return at_most(at_most(bits[ps], impl_pa_width(&m->impl)), ds ? 52 : 48);
}

bool mmu_check_pa(struct machine *m, enum pas pas, uint64_t a, unsigned stage, int level,
                  bool on_walk, struct mmu_fault *f)
{
    struct gpc_result g = gpt_check(m, pas, a);
    if (__builtin_expect(g.fault == GPC_OK && mem_contains(m, a), 1))
        return true;
    f->kind = g.fault == GPC_OK ? MMU_EXTERNAL : MMU_GPF;
    f->stage = (uint8_t)stage;
    f->level = (int8_t)level;
    f->on_walk = on_walk;
    return false;
}

static bool s2_fault(struct mmu_fault *f, enum mmu_fault_kind kind, int level)
{
    f->kind = (uint8_t)kind;
    f->stage = 2;
    f->level = (int8_t)level;
    return false;
}

/* S2StartLevel; 4: reserved (S2InvalidSL) */
static int s2_start_level(uint64_t vtcr, bool ds)
{
    static const int8_t level[8] = {2, 1, 0, 3, -1, 4, 4, 4}; /* by SL2:SL0 */
    return level[(ds && vtcr & VTCR_SL2 ? 4 : 0) + VTCR_SL0(vtcr)];
}

/* S2InvalidSL, S2InconsistentSL, S2TxSZFaults: `c` is filled but for `base`. */
static bool s2_config_is_legal(const struct s2_config *c, unsigned t0sz, unsigned pa_bits)
{
    unsigned resolved = 9u * (unsigned)(3 - c->start) + 12; /* below the initial lookup */
    if (c->start > 3 || (c->start == 0 && pa_bits < 44) || (c->start == -1 && pa_bits < 52))
        return false;
    return t0sz <= 48 && c->in <= at_most(pa_bits, c->ds ? 52 : 48) && c->in >= resolved + 1 &&
           c->in <= resolved + 9 + 4;
}

/* J1.1.4 S2LeafBase, S2NextWalkStateTable: with DS bits 9:8 are OA[51:50]. */
static uint64_t s2_desc_oa(uint64_t desc, bool ds)
{
    return ds ? (desc & 0x0003FFFFFFFFF000ull) | (desc >> 8 & 3) << 50
              : desc & 0x0000FFFFFFFFF000ull;
}

/* S2TTBaseAddress: aligned to the size of the table; with DS, BADDR[5:2] are bits 51 to 48. */
static uint64_t s2_base(uint64_t vttbr, const struct s2_config *c)
{
    uint64_t table = 8ull << (c->in - (9u * (unsigned)(3 - c->start) + 12));
    uint64_t base = vttbr & 0x0000FFFFFFFFFFFEull;
    if (c->ds)
        base = (vttbr & 0x0000FFFFFFFFFFC0ull) | (vttbr >> 2 & 0xf) << 48;
    return align_down(base, table < 64 ? 64 : table);
}

/* A start level that does not fit T0SZ, or that the PA size excludes, is a level-0 Translation fault (J1.1.4
 * S2Translate). Only the 4 KB granule is implemented. */
static bool s2_configure(const struct machine *m, const struct pe *p, struct s2_config *c,
                         struct mmu_fault *f)
{
    uint64_t vtcr = p->vtcr_el2;
    unsigned t0sz = vtcr & 0x3f, pa_bits = impl_pa_width(&m->impl);
    c->ds = vtcr & VTCR_DS;
    c->start = s2_start_level(vtcr, c->ds);
    c->in = 64 - t0sz;
    c->out = mmu_output_bits(m, VTCR_PS(vtcr), c->ds);
    if (VTCR_TG0(vtcr) != 0 || !s2_config_is_legal(c, t0sz, pa_bits))
        return s2_fault(f, MMU_TRANSLATION, 0);
    c->base = s2_base(p->vttbr_el2, c);
    return c->base >> c->out ? s2_fault(f, MMU_ADDRESS_SIZE, 0) : true;
}

/* Memory type of stage 2 (DDI0487 D8.6.5; with FWB, MemAttr[2] = 0 is Device and 0b110 forces Normal). */
static uint32_t s2_memory_type(const struct pe *p, uint64_t desc)
{
    unsigned attr = (unsigned)(desc >> 2) & 0xf;
    if (!(p->hcr_el2 & HCR_FWB))
        return attr >> 2 == 0 ? A_S2DEVICE : 0;
    if (!(attr & 4))
        return A_S2DEVICE;
    return (attr & 3) == 3 ? 0 : A_S2NORMAL;
}

/* S2AP, XN with FEAT_XNX; nothing outside the Realm PAS may be executed (R_YMCSL). */
static uint32_t s2_attributes(const struct pe *p, uint64_t desc, int level)
{
    static const uint32_t execute[4] = {A_S2X1 | A_S2X0, A_S2X0, 0, A_S2X1};
    bool ns = desc & DESC_S2_NS;
    uint32_t a = (uint32_t)level << A_S2LEVEL_SHIFT;
    a |= desc & (1u << 6) ? A_S2R : 0;
    a |= desc & (1u << 7) ? A_S2W : 0;
    a |= ns ? 0 : execute[(desc >> 53) & 3];
    a |= (uint32_t)(ns ? PAS_NS : PAS_REALM) << A_PAS_SHIFT;
    return a | s2_memory_type(p, desc);
}

static bool s2_walk(struct machine *m, unsigned pe, uint64_t a, struct tlb_entry *out,
                    struct mmu_fault *f)
{
    const struct pe *p = &m->pe[pe];
    struct s2_config c;
    if (!s2_configure(m, p, &c, f))
        return false;
    if (a >> c.in)
        return s2_fault(f, MMU_TRANSLATION, 0);
    uint64_t table = c.base;
    for (int level = c.start;; level++) {
        unsigned shift = 12 + 9 * (unsigned)(3 - level);
        uint64_t index = a >> shift;
        if (level != c.start)
            index &= 511;
        uint64_t at = table + index * 8;
        if (!mmu_check_pa(m, PAS_REALM, at, 2, level, true, f))
            return false;
        uint64_t desc = mem_read64(m, at);
        bool leaf = level == 3 || !(desc & 2);
        if (!(desc & 1) || (leaf && (level == 3) != !!(desc & 2)) ||
            (leaf && level < (c.ds ? 0 : 1)))
            return s2_fault(f, MMU_TRANSLATION, level);
        uint64_t oa = s2_desc_oa(desc, c.ds);
        if (oa >> c.out)
            return s2_fault(f, MMU_ADDRESS_SIZE, level);
        if (!leaf) {
            table = oa;
            continue;
        }
        if (!(desc & DESC_AF))
            return s2_fault(f, MMU_ACCESS_FLAG, level);
        uint64_t in_block = ((1ull << shift) - 1) & ~GRANULE_MASK;
        out->pa = (oa & ~in_block) | (a & in_block);
        out->attr = s2_attributes(p, desc, level);
        return true;
    }
}

/* HCR_EL2.VM = 0: every IPA is a PA of the Realm PAS (I_MQQXW). */
static void s2_flat(uint64_t a, struct tlb_entry *out)
{
    out->pa = align_down(a, GRANULE_SIZE);
    out->attr = A_S2R | A_S2W | A_S2X1 | A_S2X0 | (uint32_t)PAS_REALM << A_PAS_SHIFT;
}

static const struct tlb_entry *s2_fill(struct machine *m, unsigned pe, uint64_t a,
                                       struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    struct tlb_entry e = {.key = s2_key(a), .vmid = pe_vmid(p), .ipa = align_down(a, GRANULE_SIZE)};
    f->ipa = a;
    if (!(p->hcr_el2 & HCR_VM))
        s2_flat(a, &e);
    else if (!s2_walk(m, pe, a, &e, f))
        return NULL;
    if (!mmu_check_pa(m, entry_pas(e.attr), e.pa | (a & GRANULE_MASK), 0, 0, false, f))
        return NULL;
    e.attr |= A_GPC;
    return tlb_insert(p->tlb, &p->tlb->s2, &e);
}

const struct tlb_entry *s2_entry(struct machine *m, unsigned pe, uint64_t ipa_addr,
                                 struct mmu_fault *f, bool *hit)
{
    const struct pe *p = &m->pe[pe];
    struct tlb_entry *e = tlb_lookup(&p->tlb->s2, s2_key(ipa_addr), pe_vmid(p));
    *hit = e != NULL;
    if (__builtin_expect(!e, 0))
        return s2_fill(m, pe, ipa_addr, f);
    if (__builtin_expect(!(e->attr & A_GPC), 0)) {
        f->ipa = ipa_addr;
        if (!mmu_check_pa(m, entry_pas(e->attr), e->pa, 0, 0, false, f))
            return NULL;
        e->attr |= A_GPC;
    }
    return e;
}

bool s2_permits(const struct tlb_entry *e, enum access_kind kind, unsigned el, struct mmu_fault *f)
{
    uint32_t need = kind == ACCESS_READ    ? A_S2R
                    : kind == ACCESS_WRITE ? A_S2W
                    : el                   ? A_S2X1
                                           : A_S2X0;
    return e->attr & need ? true
                          : s2_fault(f, MMU_PERMISSION, (int)(e->attr >> A_S2LEVEL_SHIFT) & 3);
}

bool mmu_s2_translate(struct machine *m, unsigned pe, ipa_t a, enum access_kind kind,
                      struct mmu_result *out, struct mmu_fault *f)
{
    bool hit;
    fault_begin(f, &m->pe[pe], a.v);
    const struct tlb_entry *e = s2_entry(m, pe, a.v, f, &hit);
    if (!e)
        return false;
    f->ipa = a.v;
    if (!s2_permits(e, kind, 1, f))
        return false;
    uint32_t attr = e->attr;
    out->pa = e->pa | (a.v & GRANULE_MASK);
    out->ipa = a.v;
    out->pas = entry_pas(attr);
    out->perm = (uint8_t)((attr & A_S2R ? MMU_R : 0) | (attr & A_S2W ? MMU_W : 0) |
                          (attr & A_S2X1 ? MMU_X : 0));
    out->device = attr & A_S2DEVICE;
    out->tlb_hit = hit;
    out->attr = 0;
    out->sh = 0;
    return true;
}
