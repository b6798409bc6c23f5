/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of model/mmu. A TLB is two open-addressed hash tables of one entry type:
 *
 *   s2   VMID, IPA page          -> PA, PAS, stage-2 permissions
 *   s1   VMID, ASID, VA page     -> IPA, stage-1 permissions, and all of the stage-2 entry (a combined entry)
 *
 * Combined entries survive an invalidation by IPA, as the architecture lets them (DDI0487 D8.17): who unmaps a
 * page at stage 2 has to invalidate stage 1 of the VMID too, and the model shows it when that was forgotten.
 * A TLBI by PA clears only A_GPC, so that it never hides a missing invalidation by IPA.
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
#define A_PAS_SHIFT     16 /* 2 bits */
#define A_S1LEVEL_SHIFT 18 /* 2 bits */
#define A_S2LEVEL_SHIFT 20 /* 2 bits */
#define A_SH_SHIFT      22 /* 2 bits */
#define A_MAIR_SHIFT    24 /* 8 bits */
#define A_S1_MASK                                                                            \
    (A_R1 | A_W1 | A_X1 | A_R0 | A_W0 | A_X0 | A_S1DEVICE | A_NG | (3u << A_S1LEVEL_SHIFT) | \
     (3u << A_SH_SHIFT) | (0xffu << A_MAIR_SHIFT))

struct tlb_entry {
    uint64_t key; /* KEY_VALID, page number, and the ASID of an s1 entry; 0: free */
    uint32_t vmid;
    uint32_t attr;
    uint64_t ipa, pa; /* pages */
};
struct tlb_table {
    struct tlb_entry *slot;
    uint32_t mask; /* capacity - 1; slot == NULL: capacity 0 */
    uint32_t num;
};
#define TLB_FILTER 256u
struct tlb {
    struct tlb_table s1, s2;
    /* Entries whose VMID or PA page has these low bits: most invalidations find nothing and end here. */
    uint32_t by_vmid[TLB_FILTER], by_pa[TLB_FILTER];
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
static inline uint32_t tlb_slot_of(const struct tlb_table *t, uint64_t key, uint32_t vmid)
{
    uint64_t h = (key ^ ((uint64_t)vmid << 32)) * 0x9E3779B97F4A7C15ull;
    return (uint32_t)(h >> 32) & t->mask;
}
static inline struct tlb_entry *tlb_lookup(const struct tlb_table *t, uint64_t key, uint32_t vmid)
{
    if (!t->slot)
        return NULL;
    for (uint32_t i = tlb_slot_of(t, key, vmid);; i = (i + 1) & t->mask) {
        struct tlb_entry *e = &t->slot[i];
        if (e->key == key && e->vmid == vmid)
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
bool tlb_remove(struct tlb *t, struct tlb_table *in, uint64_t key, uint32_t vmid);

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
#define HCR_FWB (1ull << 46)
#define HCR_GPF (1ull << 48)

/* Output size that a PS/IPS field asks for, no more than the PE implements; 48 at most without 52-bit addresses (DS). */
unsigned mmu_output_bits(const struct machine *m, unsigned ps, bool ds);

/* Nothing wrong yet, for a translation of `va`. */
void fault_begin(struct mmu_fault *f, const struct pe *p, uint64_t va);
/* GPC, then presence of memory. `stage`, `level` and `on_walk` go into *f when it fails. */
bool mmu_check_pa(struct machine *m, enum pas pas, uint64_t a, unsigned stage, int level,
                  bool on_walk, struct mmu_fault *f);

/* Stage 2 without permission checks: the entry for the page, walked for and cached where need be, its GPC passed.
 * NULL: *f. An entry that was not walked for sets *hit. */
const struct tlb_entry *s2_entry(struct machine *m, unsigned pe, uint64_t ipa_addr,
                                 struct mmu_fault *f, bool *hit);
/* Does stage 2 allow it? `el` matters for fetches (XNX). False: *f. */
bool s2_permits(const struct tlb_entry *e, enum access_kind kind, unsigned el, struct mmu_fault *f);

/* Stage 1 of a page whose translation is on: IPA and the stage-1 part of the attributes. */
struct s1_leaf {
    uint64_t ipa; /* of the page */
    uint32_t attr;
};
bool s1_walk(struct machine *m, unsigned pe, uint64_t va, bool fetch, struct s1_leaf *out,
             struct mmu_fault *f);
bool s1_flat_in_range(const struct machine *m, uint64_t va, bool tbi);
bool s1_permits(const struct machine *m, unsigned pe, uint32_t attr, enum access_kind kind,
                unsigned el, struct mmu_fault *f);

#endif
