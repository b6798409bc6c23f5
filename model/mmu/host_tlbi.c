/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TLB maintenance by the host (DDI0487 C5.5, D8.17; J1.1.3 TLBIMatch). It reaches entries of the host alone: those of Realms
 * are of another Security state. TTL narrows an invalidation where it is given, as hardware may; "last level" is all that
 * the model's TLB has.
 *
 *   regime of ..E1 and VMALLE1   EL2&0 when HCR_EL2.{E2H, TGE} is {1, 1}, else EL1&0 of the current VMID
 *   of ..E2                      EL2&0 or EL2, by E2H; ALLE2: both
 */
#include "mmu_internal.h"

#include <ccasim/plat.h>

#define NUM_OP2 8

enum what { NONE, ALL_E1, ALL_E2, ALL_S1, ALL_S12, BY_VA, BY_VA_ANY, BY_ASID, BY_VA_E2, BY_IPA };
struct op {
    uint8_t what;
    bool range, everywhere;
};

/* What is invalidated; addresses are of 56 bits. */
struct scope {
    uint8_t what;
    uint32_t tag, asid;
    uint64_t start, end;
    unsigned size; /* of the translation, log2, by TTL; 0: any */
};

static const uint8_t by_op2_e1[NUM_OP2] = {ALL_S1, BY_VA, BY_ASID, BY_VA_ANY,
                                           NONE,   BY_VA, NONE,    BY_VA_ANY};
static const uint8_t by_op2_e2[NUM_OP2] = {ALL_E2, BY_VA_E2, NONE,    NONE,
                                           ALL_E1, BY_VA_E2, ALL_S12, NONE};

/* CRm 7, 3, 1: local, Inner, Outer Shareable; 6, 2, 5: the same for ranges. */
static struct op decode_by_va(unsigned op1, unsigned crm, unsigned op2)
{
    bool range = crm == 6 || crm == 2 || crm == 5;
    uint8_t what = (op1 ? by_op2_e2 : by_op2_e1)[op2];
    if (range && what != BY_VA && what != BY_VA_ANY && what != BY_VA_E2)
        what = NONE;
    return (struct op){.what = what, .range = range, .everywhere = crm != 7 && crm != 6};
}

/* Stage 2: CRm 0 has the Inner Shareable forms, CRm 4 local and Outer Shareable ones. */
static struct op decode_by_ipa(unsigned crm, unsigned op2)
{
    unsigned form = op2 & 3;
    if (crm == 0)
        return (struct op){
            .what = form == 1 || form == 2 ? BY_IPA : NONE, .range = form == 2, .everywhere = true};
    return (struct op){.what = BY_IPA, .range = form >= 2, .everywhere = form == 0 || form == 3};
}

static struct op decode(uint32_t sysinsn)
{
    unsigned op1 = sysinsn >> 11 & 7, crn = sysinsn >> 7 & 15, crm = sysinsn >> 3 & 15,
             op2 = sysinsn & 7;
    if (sysinsn >> 14 != 1 || (crn != 8 && crn != 9) || (op1 != 0 && op1 != 4) || crm > 7)
        return (struct op){.what = NONE};
    if (crm != 0 && crm != 4)
        return decode_by_va(op1, crm, op2);
    return op1 == 4 ? decode_by_ipa(crm, op2) : (struct op){.what = NONE};
}

static unsigned page_of(unsigned tg)
{
    return 10 + 2 * tg;
}

/* ResTLBITTL, ResTLBIRTTL: TG 0b00 and level 0 say nothing. */
static unsigned size_of(unsigned tg, unsigned level)
{
    return tg && level ? page_of(tg) + (page_of(tg) - 3) * (3 - level) : 0;
}

static void scope_of_page(uint64_t value, uint64_t page_mask, struct scope *s)
{
    s->start = (value & page_mask) << GRANULE_SHIFT;
    s->end = s->start + 1;
    s->size = size_of(value >> 46 & 3, value >> 44 & 3);
}

/* TLBIRange, without LPA2. An address of 37 bits is signed. */
static bool scope_of_range(uint64_t value, struct scope *s)
{
    unsigned tg = value >> 46 & 3, scale = value >> 44 & 3, num = value >> 39 & 0x1f;
    uint64_t page = (uint64_t)((int64_t)(value << 27) >> 27);
    if (tg == 0)
        return false;
    s->start = page << page_of(tg) & ((1ull << 56) - 1);
    s->end = s->start + ((num + 1ull) << (5 * scale + 1 + page_of(tg)));
    s->size = size_of(tg, value >> 37 & 3);
    return true;
}

static bool is_in(const struct tlb_entry *e, const struct scope *s)
{
    uint64_t size = 1ull << entry_size(e);
    uint64_t first = align_down((e->key & KEY_PAGE_MASK) << GRANULE_SHIFT, size);
    return (!s->size || s->size == entry_size(e)) && first < s->end && first + size > s->start;
}

static bool matches(const struct tlb_entry *e, const void *arg)
{
    const struct scope *s = arg;
    uint32_t tag = e->tag & TAG_MASK, regime = tag & ~0xffffu;
    bool global = e->key & KEY_GLOBAL, same = (e->key >> KEY_ASID_SHIFT & 0xffff) == s->asid;
    switch ((enum what)s->what) {
    case ALL_E1: return regime == TAG_EL10;
    case ALL_E2: return regime != TAG_EL10;
    case ALL_S1:
    case ALL_S12: return tag == s->tag;
    case BY_ASID: return tag == s->tag && !global && same;
    case BY_VA:
    case BY_VA_E2: return tag == s->tag && (global || same) && is_in(e, s);
    case BY_VA_ANY:
    case BY_IPA: return tag == s->tag && is_in(e, s);
    case NONE: break;
    }
    return false;
}

static uint32_t invalidate(struct tlb *t, const struct scope *s)
{
    bool all = s->what == ALL_E1 || s->what == ALL_E2;
    bool stage1 = s->what != BY_IPA;
    bool stage2 = s->what == BY_IPA || s->what == ALL_S12 || s->what == ALL_E1;
    if (!t || (!all && !tlb_has_tag(t, s->tag)))
        return 0;
    return (stage1 ? tlb_remove_if(t, &t->table[TLB_HOST_S1], matches, s) : 0) +
           (stage2 ? tlb_remove_if(t, &t->table[TLB_HOST_S2], matches, s) : 0);
}

/* Stage 1 of EL1 is that of EL2&0 for a host that has no EL1; stage 2 is always of EL1&0. */
static void choose_regime(const struct machine *m, unsigned pe, struct scope *s)
{
    uint64_t hcr = m->plat->pe[pe].el2[HS_HCR_EL2];
    bool e2h = hcr & HCR_E2H_BIT;
    bool of_el1 =
        s->what == ALL_S1 || s->what == BY_VA || s->what == BY_VA_ANY || s->what == BY_ASID;
    struct regime r;
    if (s->what == BY_VA_E2) {
        s->tag = e2h ? TAG_EL20 : TAG_EL2;
    } else if (of_el1 && e2h && (hcr & HCR_TGE_BIT)) {
        s->tag = TAG_EL20;
    } else {
        regime_of_host_el10(m, pe, &r);
        s->tag = r.tag;
    }
}

void mmu_host_tlbi(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t value)
{
    struct op op = decode(sysinsn);
    struct scope s = {.what = op.what, .asid = (uint32_t)(value >> 48)};
    uint64_t page_mask = op.what == BY_IPA ? (1ull << 40) - 1 : KEY_PAGE_MASK;
    bool el1 = (m->pe[pe].r.pstate >> 2 & 3) == 1;
    bool forced = el1 && (m->plat->pe[pe].el2[HS_HCR_EL2] & HCR_FB);
    uint32_t removed = 0;

    if (op.what == NONE || (op.range && !scope_of_range(value, &s)))
        return;
    if (!op.range)
        scope_of_page(value, page_mask, &s);
    choose_regime(m, pe, &s);
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        if (i == pe || op.everywhere || forced)
            removed += invalidate(m->pe[i].tlb, &s);
    if (removed && m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}
