/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of EL1&0, of Realms and of the host's guests: VTTBR_EL2, VTCR_EL2, up to 16 concatenated tables at the start
 * level, with 52-bit addresses and level -1 where VTCR_EL2.DS is 1 (DDI0487 D8.2, D8.3, D8.4; J1.1.4 AArch64.S2Walk).
 *
 *            tables and outputs
 *   Realm    Realm PAS; NS (bit 55) of a leaf makes its output Non-secure
 *   host     Non-secure PAS
 */
#include "mmu_internal.h"

#include <ccasim/plat.h>

#include <string.h>

#define VTCR_SL0(v) (((v) >> 6) & 3)
#define VTCR_TG0(v) (((v) >> 14) & 3)
#define VTCR_PS(v)  ((unsigned)((v) >> 16) & 7)
#define VTCR_HA     (1ull << 21)
#define VTCR_HD     (1ull << 22)
#define VTCR_DS     (1ull << 32)
#define VTCR_SL2    (1ull << 33)
#define DESC_S2_R   (1ull << 6)
#define DESC_S2_W   (1ull << 7)
#define DESC_S2_NS  (1ull << 55)
#define NO_LEVEL    4

/* Where a table or data can be: granule protection first, then memory. A completer of the Secure world refuses. */
bool mmu_check_pa(struct machine *m, bool host, enum pas pas, uint64_t a, struct mmu_fault *f)
{
    struct gpc_result g = gpt_check(m, pas, a);
    if (__builtin_expect(g.fault == GPC_OK && mem_contains(m, a), 1))
        return true;
    if (g.fault == GPC_OK && host) {
        const struct plat_region *r = plat_region_at(m->plat, a);
        if (r && r->kind != PLAT_SECURE)
            return true;
    }
    f->kind = g.fault == GPC_OK ? MMU_EXTERNAL : MMU_GPF;
    f->stage = 0;
    f->level = 0;
    f->on_walk = false;
    return false;
}

static bool s2_fault(struct mmu_fault *f, enum mmu_fault_kind kind, int level)
{
    f->kind = (uint8_t)kind;
    f->stage = 2;
    f->level = (int8_t)level;
    return false;
}

/* S2StartLevel and S2InvalidSL, by granule and SL2:SL0: level, and the PA size that it takes. */
static int s2_start_level(const struct walk *w, uint64_t vtcr, unsigned pa_bits)
{
    static const struct {
        int level;
        unsigned pa_bits;
    } by_sl[3][8] = {
        {{2, 0}, {1, 0}, {0, 44}, {3, 0}, {-1, 52}, {NO_LEVEL, 0}, {NO_LEVEL, 0}, {NO_LEVEL, 0}},
        {{3, 0}, {2, 0}, {1, 42}, {0, 52}},
        {{3, 0}, {2, 0}, {1, 44}, {NO_LEVEL, 0}},
    };
    bool sl2 = w->page == 12 && w->ds && (vtcr & VTCR_SL2);
    unsigned sl = (sl2 ? 4u : 0) + (unsigned)VTCR_SL0(vtcr), granule = (w->page - 12) / 2;
    int level = by_sl[granule][sl].level;
    bool needs_ds = w->page == 14 && level == 0;
    return pa_bits < by_sl[granule][sl].pa_bits || (needs_ds && !w->ds) ? NO_LEVEL : level;
}

/* S2InconsistentSL, S2TxSZFaults: `w` is filled but for `base`. */
static bool s2_size_is_legal(const struct walk *w, unsigned t0sz, unsigned pa_bits)
{
    unsigned resolved = walk_shift(w, w->start); /* below the initial lookup */
    unsigned most = w->ds || w->lpa ? 52 : 48;
    return t0sz <= (w->page == 16 ? 47 : 48) && w->in <= (pa_bits < most ? pa_bits : most) &&
           w->in >= resolved + 1 && w->in <= resolved + w->page - 3 + 4;
}

/* A start level that does not fit T0SZ, or that the PA size excludes, is a level-0 Translation fault (J1.1.4
 * S2Translate). A reserved granule is 4 KB; a Realm's is never another. */
static bool s2_configure(const struct machine *m, const struct s2_regs *s2, struct walk *w,
                         struct mmu_fault *f)
{
    static const uint8_t page[4] = {12, 16, 14, 12};
    uint64_t vtcr = s2->vtcr;
    unsigned t0sz = vtcr & 0x3f, pa_bits = impl_pa_width(&m->impl);
    if (!s2->host && VTCR_TG0(vtcr) != 0)
        return s2_fault(f, MMU_TRANSLATION, 0);
    w->page = page[VTCR_TG0(vtcr)];
    w->ds = !s2->host && (vtcr & VTCR_DS); /* the host is not told of FEAT_LPA2 */
    w->lpa = w->page == 16 && pa_bits >= 52;
    w->start = s2_start_level(w, vtcr, pa_bits);
    w->in = 64 - t0sz;
    w->out = walk_output_bits(m, VTCR_PS(vtcr), w->ds || w->page == 16);
    if (w->start == NO_LEVEL || !s2_size_is_legal(w, t0sz, pa_bits))
        return s2_fault(f, MMU_TRANSLATION, 0);
    w->base = walk_base(w, s2->vttbr, w->ds || (w->lpa && VTCR_PS(vtcr) == 6));
    return w->base >> w->out ? s2_fault(f, MMU_ADDRESS_SIZE, 0) : true;
}

/* Memory type of stage 2 (DDI0487 D8.6.5; with FWB, MemAttr[2] = 0 is Device and 0b110 forces Normal). */
static uint32_t s2_memory_type(const struct s2_regs *s2, uint64_t desc)
{
    unsigned attr = (unsigned)(desc >> 2) & 0xf;
    if (!(s2->hcr & HCR_FWB))
        return attr >> 2 == 0 ? A_S2DEVICE : 0;
    if (!(attr & 4))
        return A_S2DEVICE;
    return (attr & 3) == 3 ? 0 : A_S2NORMAL;
}

/* S2AP, XN with FEAT_XNX; a Realm executes nothing outside the Realm PAS (R_YMCSL). */
static uint32_t s2_attributes(const struct s2_regs *s2, uint64_t desc, int level)
{
    static const uint32_t execute[4] = {A_S2X1 | A_S2X0, A_S2X0, 0, A_S2X1};
    bool ns = s2->host || (desc & DESC_S2_NS);
    bool dbm = (s2->vtcr & VTCR_HA) && (s2->vtcr & VTCR_HD) && (desc & DESC_DBM);
    uint32_t a = (uint32_t)level << A_S2LEVEL_SHIFT;
    a |= desc & DESC_S2_R ? A_S2R : 0;
    a |= desc & DESC_S2_W ? A_S2W : dbm ? A_S2W | A_CLEAN : 0;
    a |= ns && !s2->host ? 0 : execute[(desc >> 53) & 3];
    a |= (uint32_t)(ns ? PAS_NS : PAS_REALM) << A_PAS_SHIFT;
    return a | s2_memory_type(s2, desc);
}

struct s2_found {
    uint64_t at, desc;
};

static bool s2_table(struct machine *m, const struct s2_regs *s2, uint64_t at, int level,
                     struct mmu_fault *f)
{
    if (mmu_check_pa(m, false, s2->host ? PAS_NS : PAS_REALM, at, f))
        return true;
    f->stage = 2;
    f->level = (int8_t)level;
    f->on_walk = true;
    return false;
}

static bool s2_walk(struct machine *m, const struct s2_regs *s2, uint64_t a, struct tlb_entry *out,
                    struct s2_found *found, struct mmu_fault *f)
{
    struct walk w;
    if (!s2_configure(m, s2, &w, f))
        return false;
    if (a >> w.in)
        return s2_fault(f, MMU_TRANSLATION, 0);
    uint64_t table = w.base;
    for (int level = w.start;; level++) {
        uint64_t at = walk_entry(&w, table, a, level);
        if (!s2_table(m, s2, at, level, f))
            return false;
        uint64_t desc = mem_read64(m, at), oa = walk_address(&w, desc);
        enum desc_type type = walk_type(&w, desc, level);
        if (type == DESC_INVALID)
            return s2_fault(f, MMU_TRANSLATION, level);
        unsigned shift = walk_shift(&w, level);
        if (type == DESC_LEAF)
            oa = walk_output(oa, a, shift);
        if (oa >> w.out)
            return s2_fault(f, MMU_ADDRESS_SIZE, level);
        if (type == DESC_TABLE) {
            table = oa;
            continue;
        }
        if (!(desc & DESC_AF) && !(s2->vtcr & VTCR_HA))
            return s2_fault(f, MMU_ACCESS_FLAG, level);
        out->pa = oa;
        out->attr = s2_attributes(s2, desc, level);
        out->tag = s2->tag | shift << TAG_SIZE_SHIFT;
        *found = (struct s2_found){.at = at, .desc = desc};
        return true;
    }
}

/* Access flag, and with `write` the dirty state, in the descriptor that the walk found. False: walk again. */
static bool s2_update(struct machine *m, unsigned pe, const struct s2_regs *s2,
                      const struct s2_found *found, bool write, struct tlb_entry *e)
{
    uint64_t now = found->desc | DESC_AF;
    if (write && (e->attr & A_CLEAN)) {
        now |= DESC_S2_W;
        e->attr &= ~A_CLEAN;
    }
    return now == found->desc || walk_swap(m, pe, found->at, found->desc, now, s2->host);
}

static bool is_store(enum s2_use use)
{
    return use == S2_WRITE || use == S2_WALK_UPDATE;
}

/* HCR_EL2.VM = 0: every IPA is a PA of the security state's own PAS (I_MQQXW). */
static void s2_flat(const struct s2_regs *s2, uint64_t a, struct tlb_entry *out)
{
    enum pas pas = s2->host ? PAS_NS : PAS_REALM;
    out->pa = align_down(a, GRANULE_SIZE);
    out->attr = A_S2R | A_S2W | A_S2X1 | A_S2X0 | (uint32_t)pas << A_PAS_SHIFT;
    out->tag = s2->tag | (uint32_t)GRANULE_SHIFT << TAG_SIZE_SHIFT;
}

/* J1.1.4 AArch64.S2CheckPermissions. A Realm's walk of stage 1 must not go to Non-secure memory, nor, with HCR_EL2.PTW, any
 * to Device. */
bool s2_permits(const struct s2_regs *s2, uint32_t attr, enum s2_use use, struct mmu_fault *f)
{
    static const uint32_t need[] = {
        [S2_READ] = A_S2R,       [S2_WRITE] = A_S2W, [S2_FETCH_EL1] = A_S2X1,
        [S2_FETCH_EL0] = A_S2X0, [S2_WALK] = A_S2R,  [S2_WALK_UPDATE] = A_S2R | A_S2W};
    bool walk = use >= S2_WALK;
    bool device = walk && (attr & A_S2DEVICE) && (s2->hcr & HCR_PTW);
    bool elsewhere = walk && !s2->host && entry_pas(attr) != PAS_REALM;
    if (__builtin_expect((attr & need[use]) == need[use] && !device && !elsewhere, 1))
        return true;
    return s2_fault(f, MMU_PERMISSION, (int)(attr >> A_S2LEVEL_SHIFT) & 3);
}

/* A refused access leaves an entry too, if its output passes. A device of the host leaves none (walk_both says why). */
static const struct tlb_entry *s2_fill(struct machine *m, unsigned pe, const struct s2_regs *s2,
                                       uint64_t a, enum s2_use use, struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    struct tlb_entry e = {.key = s2_key(a), .ipa = align_down(a, GRANULE_SIZE)};
    struct s2_found found;
    struct mmu_fault refused;
    bool ok;
    f->ipa = a;
    if (!(s2->hcr & HCR_VM)) {
        s2_flat(s2, a, &e);
        ok = true;
    } else {
        do {
            if (!s2_walk(m, s2, a, &e, &found, f))
                return NULL;
            ok = s2_permits(s2, e.attr, use, f);
        } while (!s2_update(m, pe, s2, &found, ok && is_store(use), &e));
    }
    if (!mmu_check_pa(m, s2->host, entry_pas(e.attr), e.pa | (a & GRANULE_MASK), ok ? f : &refused))
        return NULL;
    e.attr |= A_GPC;
    if (s2->host && !mem_contains(m, e.pa)) {
        p->tlb->device = e;
        return ok ? &p->tlb->device : NULL;
    }
    const struct tlb_entry *kept = tlb_insert(p->tlb, tlb_of(p, TLB_S2, s2->host), &e);
    return ok ? kept : NULL;
}

const struct tlb_entry *s2_entry(struct machine *m, unsigned pe, const struct s2_regs *s2,
                                 uint64_t ipa_addr, enum s2_use use, struct mmu_fault *f, bool *hit)
{
    const struct pe *p = &m->pe[pe];
    struct tlb_table *in = tlb_of(p, TLB_S2, s2->host);
    struct tlb_entry *e = tlb_lookup(in, s2_key(ipa_addr), s2->tag);
    if (__builtin_expect(e && (e->attr & A_CLEAN) && is_store(use), 0)) {
        tlb_remove(p->tlb, in, e->key, s2->tag);
        e = NULL;
    }
    *hit = e != NULL;
    if (__builtin_expect(!e, 0))
        return s2_fill(m, pe, s2, ipa_addr, use, f);
    f->ipa = ipa_addr;
    if (!s2_permits(s2, e->attr, use, f))
        return NULL;
    if (__builtin_expect(!(e->attr & A_GPC), 0)) {
        if (!mmu_check_pa(m, s2->host, entry_pas(e->attr), e->pa, f))
            return NULL;
        e->attr |= A_GPC;
    }
    return e;
}

bool s2_look(struct machine *m, unsigned pe, const struct s2_regs *s2, uint64_t ipa_addr,
             enum s2_use use, struct tlb_entry *out, struct mmu_fault *f)
{
    const struct pe *p = &m->pe[pe];
    const struct tlb_entry *e = tlb_lookup(tlb_of(p, TLB_S2, s2->host), s2_key(ipa_addr), s2->tag);
    struct s2_found found;
    f->ipa = ipa_addr;
    if (e)
        *out = *e;
    else if (!(s2->hcr & HCR_VM))
        s2_flat(s2, ipa_addr, out);
    else if (!s2_walk(m, s2, ipa_addr, out, &found, f))
        return false;
    return s2_permits(s2, out->attr, use, f);
}

bool mmu_s2_translate(struct machine *m, unsigned pe, ipa_t a, enum access_kind kind,
                      struct mmu_result *out, struct mmu_fault *f)
{
    const struct s2_regs s2 = s2_of_realm(&m->pe[pe]);
    bool hit;
    fault_begin(f, &m->pe[pe], a.v);
    const struct tlb_entry *e = s2_entry(m, pe, &s2, a.v, s2_use_of(kind, 1), f, &hit);
    if (!e)
        return false;
    f->ipa = a.v;
    uint32_t attr = e->attr;
    memset(out, 0, sizeof(*out));
    out->pa = e->pa | (a.v & GRANULE_MASK);
    out->ipa = a.v;
    out->pas = entry_pas(attr);
    out->perm = (uint8_t)((attr & A_S2R ? MMU_R : 0) | (attr & A_S2W ? MMU_W : 0) |
                          (attr & A_S2X1 ? MMU_X : 0));
    out->device = attr & A_S2DEVICE;
    out->tlb_hit = hit;
    return true;
}
