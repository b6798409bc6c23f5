/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of model/mmu. A TLB is four open-addressed hash tables of one entry type; the Realms' and the host's
 * are apart, as their VMIDs are:
 *
 *   stage 2   VMID, IPA page                  -> PA, PAS, stage-2 permissions
 *   stage 1   VMID or regime, ASID, VA page   -> IPA, stage-1 permissions, and all of the stage-2 entry (a combined entry)
 *
 * Combined entries survive an invalidation by IPA, as the architecture lets them (DDI0487 D8.17): who unmaps a
 * page at stage 2 has to invalidate stage 1 of the VMID too, and the model shows it when that was forgotten.
 * A TLBI by PA clears only A_GPC, so that it never hides a missing invalidation by IPA.
 *
 * Blocks, and pages of 16 and 64 KB, are kept as pages of 4 KB that know how large they were: an invalidation of one
 * address takes all that came of the same descriptor (R_LGSCG).
 *
 * EL2 has no stage 2: there, stage 2 is one that is off, whose entries hold the PA's granule protection and nothing else.
 */
#ifndef MMU_INTERNAL_H
#define MMU_INTERNAL_H

#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>

/* Attributes of an entry. */
#define A_R1            (1u << 0) /* stage 1: read at EL1 */
#define A_W1            (1u << 1)
#define A_X1            (1u << 2)
#define A_R0            (1u << 3)
#define A_W0            (1u << 4)
#define A_X0            (1u << 5)
#define A_S2R           (1u << 6)
#define A_S2W           (1u << 7)
#define A_S2X1          (1u << 8)
#define A_S2X0          (1u << 9)
#define A_S1DEVICE      (1u << 10)
#define A_S2DEVICE      (1u << 11)
#define A_S2NORMAL      (1u << 12) /* FWB: stage 2 alone decides, Normal */
#define A_GPC           (1u << 13) /* the granule protection check of this PA passed */
#define A_NG            (1u << 14)
#define A_CLEAN         (1u << 15) /* writable, but a store sets the dirty state in a descriptor first */
#define A_PAS_SHIFT     16         /* 2 bits */
#define A_S1LEVEL_SHIFT 18         /* 2 bits */
#define A_S2LEVEL_SHIFT 20         /* 2 bits */
#define A_SH_SHIFT      22         /* 2 bits */
#define A_MAIR_SHIFT    24         /* 8 bits */

struct tlb_entry {
    uint64_t key; /* KEY_VALID, page number, and the ASID of an s1 entry; 0: free */
    uint32_t
        tag; /* VMID, regime above it; from TAG_SIZE_SHIFT on log2 of what the descriptor covers */
    uint32_t attr;
    uint64_t ipa, pa;      /* pages */
    uint32_t next_of_page; /* slot + 1 of another entry whose PA page has the same hash; 0: none */
};
#define TAG_SIZE_SHIFT 24
#define TAG_MASK       ((1u << TAG_SIZE_SHIFT) - 1)
/* The regimes of the host; of a Realm there is EL1&0 alone. */
#define TAG_EL10 (0u << 16) /* with a VMID */
#define TAG_EL2  (1u << 16)
#define TAG_EL20 (2u << 16)
struct tlb_table {
    struct tlb_entry *slot;
    uint32_t
        *of_page;  /* [capacity], by the hash of a PA page: slot + 1 of its first entry; 0: none */
    uint32_t mask; /* capacity - 1; slot == NULL: capacity 0 */
    uint32_t num;
};
#define TLB_FILTER 256u
enum tlb_kind { TLB_S1, TLB_S2, TLB_HOST_S1, TLB_HOST_S2, TLB_KINDS };
struct tlb {
    struct tlb_table table[TLB_KINDS];
    struct tlb_entry device; /* of the access that is being made; no state */
    /* Entries whose tag has these low bits: most invalidations find nothing and end here. */
    uint32_t by_tag[TLB_FILTER];
};

#define KEY_VALID      (1ull << 63)
#define KEY_GLOBAL     (1ull << 60)
#define KEY_ASID_SHIFT 44
#define KEY_PAGE_MASK  ((1ull << 44) - 1)

static inline uint64_t s2_key(uint64_t ipa_addr)
{
    return KEY_VALID | ((ipa_addr >> GRANULE_SHIFT) & KEY_PAGE_MASK);
}
static inline uint64_t s1_key(uint64_t va_page, uint32_t asid, bool global)
{
    return KEY_VALID | (va_page & KEY_PAGE_MASK) |
           (global ? KEY_GLOBAL : (uint64_t)asid << KEY_ASID_SHIFT);
}
static inline unsigned entry_size(const struct tlb_entry *e)
{
    return e->tag >> TAG_SIZE_SHIFT;
}
static inline uint32_t tlb_filter_of(uint32_t tag)
{
    return (tag ^ (tag & TAG_MASK) >> 10) % TLB_FILTER;
}
static inline bool tlb_has_tag(const struct tlb *t, uint32_t tag)
{
    return t && t->by_tag[tlb_filter_of(tag)] != 0;
}
/* `tag` is without a size from here on. */
static inline uint32_t tlb_slot_of(const struct tlb_table *t, uint64_t key, uint32_t tag)
{
    uint64_t h = (key ^ ((uint64_t)tag << 32)) * 0x9E3779B97F4A7C15ull;
    return (uint32_t)(h >> 32) & t->mask;
}
static inline uint32_t tlb_page_hash(const struct tlb_table *t, uint64_t page_pa)
{
    return (uint32_t)((page_pa >> GRANULE_SHIFT) * 0x9E3779B97F4A7C15ull >> 32) & t->mask;
}
/* Entries by PA: the first, and those that follow, which may be of another page. */
static inline struct tlb_entry *tlb_first_of_page(const struct tlb_table *t, uint64_t page_pa)
{
    uint32_t i = t->num ? t->of_page[tlb_page_hash(t, page_pa)] : 0;
    return i ? &t->slot[i - 1] : NULL;
}
static inline struct tlb_entry *tlb_next_of_page(const struct tlb_table *t,
                                                 const struct tlb_entry *e)
{
    return e->next_of_page ? &t->slot[e->next_of_page - 1] : NULL;
}
static inline struct tlb_entry *tlb_lookup(const struct tlb_table *t, uint64_t key, uint32_t tag)
{
    if (!t->slot)
        return NULL;
    for (uint32_t i = tlb_slot_of(t, key, tag);; i = (i + 1) & t->mask) {
        struct tlb_entry *e = &t->slot[i];
        if (e->key == key && ((e->tag ^ tag) & TAG_MASK) == 0)
            return e;
        if (!e->key)
            return NULL;
    }
}
/* The entry must not be there yet. The pointer lives until the next insertion. */
struct tlb_entry *tlb_insert(struct tlb *t, struct tlb_table *in, const struct tlb_entry *e);
/* Removes the entries that `match` takes. */
uint32_t tlb_remove_if(struct tlb *t, struct tlb_table *in,
                       bool (*match)(const struct tlb_entry *e, const void *arg), const void *arg);
bool tlb_remove(struct tlb *t, struct tlb_table *in, uint64_t key, uint32_t tag);

static inline uint32_t pe_vmid(const struct pe *p)
{
    return (uint32_t)(p->vttbr_el2 >> 48);
}
static inline enum pas entry_pas(uint32_t attr)
{
    return (enum pas)((attr >> A_PAS_SHIFT) & 3);
}

#define HCR_VM  (1ull << 0)
#define HCR_PTW (1ull << 2)
#define HCR_FB  (1ull << 9)
#define HCR_DC  (1ull << 12)
#define HCR_TEA (1ull << 37)
#define HCR_FWB (1ull << 46)
#define HCR_GPF (1ull << 48)

/* --- regimes: which registers a translation goes by --- */

struct s2_regs {
    uint64_t hcr, vtcr, vttbr; /* HCR_EL2.VM and PTW as they take effect */
    uint32_t tag;
    bool host;
};
struct regime {
    uint64_t sctlr, tcr, mair, ttbr[2]; /* tcr: as TCR_EL1 is laid out */
    uint32_t tag, asid;
    bool on;  /* stage 1 */
    bool el0; /* EL1&0 or EL2&0: two halves, ASIDs, AP[1], PXN */
    bool dc;  /* HCR_EL2.DC: stage 1 is off, but Normal */
    bool pan;
    struct s2_regs s2;
};
void regime_of_realm(const struct pe *p, struct regime *r);
/* The regime in which the host translates at `el`. */
void regime_of_host(const struct machine *m, unsigned pe, unsigned el, struct regime *r);
/* EL1&0, whatever HCR_EL2.TGE says: for TLBI and AT. */
void regime_of_host_el10(const struct machine *m, unsigned pe, struct regime *r);
static inline struct s2_regs s2_of_realm(const struct pe *p)
{
    return (struct s2_regs){
        .hcr = p->hcr_el2, .vtcr = p->vtcr_el2, .vttbr = p->vttbr_el2, .tag = pe_vmid(p)};
}
static inline struct tlb_table *tlb_of(const struct pe *p, enum tlb_kind kind, bool host)
{
    return &p->tlb->table[kind + (host ? TLB_HOST_S1 : 0)];
}

/* --- descriptors, the same at both stages (DDI0487 D8.2, D8.3) --- */

#define DESC_AF  (1ull << 10)
#define DESC_DBM (1ull << 51)

struct walk {
    unsigned page;    /* log2 of the granule: 12, 14, 16 */
    unsigned in, out; /* bits of input and output addresses */
    int start;        /* level of the initial lookup */
    bool ds;          /* 52-bit addresses of 4 KB and 16 KB descriptors (FEAT_LPA2) */
    bool lpa;         /* of 64 KB descriptors (FEAT_LPA) */
    uint64_t base;
};
enum desc_type { DESC_INVALID, DESC_TABLE, DESC_LEAF };
static inline unsigned walk_shift(const struct walk *w, int level)
{
    return w->page + (w->page - 3) * (unsigned)(3 - level);
}
/* Base of the first table: aligned to its size. `wide`: TTBR bits 5:2 are bits 51:48. */
uint64_t walk_base(const struct walk *w, uint64_t ttbr, bool wide);
uint64_t walk_entry(const struct walk *w, uint64_t table, uint64_t a, int level);
enum desc_type walk_type(const struct walk *w, uint64_t desc, int level);
uint64_t walk_address(const struct walk *w, uint64_t desc);
/* StageOA: page of a leaf's output for `a`. */
static inline uint64_t walk_output(uint64_t base, uint64_t a, unsigned shift)
{
    uint64_t in_block = (1ull << shift) - 1;
    return (base & ~in_block) | (a & in_block & ~GRANULE_MASK);
}
/* Output size that a PS/IPS field asks for, no more than the PE implements; 48 at most without 52-bit addresses. */
unsigned walk_output_bits(const struct machine *m, unsigned ps, bool wide);
/* Hardware update of a descriptor, if it is still what was read. False: it is not, and the walk has to start again. */
bool walk_swap(struct machine *m, unsigned pe, uint64_t at, uint64_t was, uint64_t now, bool host);

/* --- stages --- */

/* Nothing wrong yet, for a translation of `va`. */
void fault_begin(struct mmu_fault *f, const struct pe *p, uint64_t va);
/* GPC, then presence of memory, or for the host of a device. False: *f. */
bool mmu_check_pa(struct machine *m, bool host, enum pas pas, uint64_t a, struct mmu_fault *f);

static inline bool mmu_is_broken(const struct machine *m, uint64_t pa)
{
    return m->broken_granule && align_down(pa, GRANULE_SIZE) == m->broken_granule;
}

/* What stage 2 is asked for. A walk of stage 1 is at no EL. */
enum s2_use { S2_READ, S2_WRITE, S2_FETCH_EL1, S2_FETCH_EL0, S2_WALK, S2_WALK_UPDATE };
static inline enum s2_use s2_use_of(enum access_kind kind, unsigned el)
{
    return kind == ACCESS_READ    ? S2_READ
           : kind == ACCESS_WRITE ? S2_WRITE
           : el                   ? S2_FETCH_EL1
                                  : S2_FETCH_EL0;
}
/* Stage 2, then the granule protection of its output: the entry for the page, walked for and cached where need be, its
 * access flag and dirty state set. NULL: *f. An entry that was not walked for sets *hit. */
const struct tlb_entry *s2_entry(struct machine *m, unsigned pe, const struct s2_regs *s2,
                                 uint64_t ipa_addr, enum s2_use use, struct mmu_fault *f,
                                 bool *hit);
/* The same for an AT: nothing is cached, updated or checked by the GPC. */
bool s2_look(struct machine *m, unsigned pe, const struct s2_regs *s2, uint64_t ipa_addr,
             enum s2_use use, struct tlb_entry *out, struct mmu_fault *f);
bool s2_permits(const struct s2_regs *s2, uint32_t attr, enum s2_use use, struct mmu_fault *f);

/* Stage 1 of a page whose translation is on: IPA and the stage-1 part of the attributes. */
struct s1_leaf {
    uint64_t ipa; /* of the page */
    uint32_t attr;
    unsigned size; /* log2 */
};
/* What is translated, and for what. `at`: by an AT, which updates no descriptor of stage 1. */
struct s1_access {
    uint64_t va;
    unsigned el;
    enum access_kind kind;
    bool at;
};
/* Walk, permissions, access flag and dirty state. */
bool s1_translate(struct machine *m, unsigned pe, const struct regime *r, const struct s1_access *a,
                  struct s1_leaf *out, struct mmu_fault *f);
/* Stage 1 off: VA is IPA. */
bool s1_flat(const struct machine *m, const struct regime *r, const struct s1_access *a,
             struct s1_leaf *out, struct mmu_fault *f);
/* Does the VA's top byte count, and is not what the rest of it says? */
bool s1_is_mistagged(const struct regime *r, const struct s1_access *a);
bool s1_permits(uint32_t attr, enum access_kind kind, unsigned el, bool pan, struct mmu_fault *f);

/* --- both --- */

void mmu_describe(const struct tlb_entry *e, unsigned el, bool pan, uint64_t va, bool hit,
                  struct mmu_result *out);
/* Stage 1 alone, into an entry whose `pa` is the IPA. */
bool mmu_s1_of(struct machine *m, unsigned pe, const struct regime *r, const struct s1_access *a,
               struct tlb_entry *out, struct mmu_fault *f);
/* A fault of the host: who takes it. */
void mmu_host_fault(const struct machine *m, unsigned pe, struct mmu_fault *f);

#endif
