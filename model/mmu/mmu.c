/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both stages together, and how a fault is reported (DDI0487 D8.15, J1.1.3 AArch64.FaultSyndrome).
 */
#include "mmu_internal.h"

#include <ccasim/realm_cpu.h>

#include <string.h>

#define SCTLR_M  (1ull << 0)
#define TCR_A1   (1ull << 22)
#define TCR_AS   (1ull << 36)
#define TCR_TBI0 (1ull << 37)
#define TCR_TBI1 (1ull << 38)

void fault_begin(struct mmu_fault *f, const struct pe *p, uint64_t va)
{
    memset(f, 0, sizeof(*f));
    f->va = va;
    f->gpf_el2 = p->hcr_el2 & HCR_GPF;
}

uint32_t mmu_asid(const struct pe *p)
{
    uint64_t tcr = p->r.sys[SR_TCR_EL1];
    uint64_t ttbr = p->r.sys[tcr & TCR_A1 ? SR_TTBR1_EL1 : SR_TTBR0_EL1];
    return (uint32_t)(ttbr >> 48) & (tcr & TCR_AS ? 0xffff : 0xff);
}

static uint8_t allowed(uint32_t attr, unsigned el, bool pan)
{
    uint32_t r = el ? A_R1 : A_R0, w = el ? A_W1 : A_W0, x = el ? A_X1 : A_X0,
             x2 = el ? A_S2X1 : A_S2X0;
    bool data = !(pan && el && (attr & A_R0));
    return (uint8_t)((data && (attr & r) && (attr & A_S2R) ? MMU_R : 0) |
                     (data && (attr & w) && (attr & A_S2W) ? MMU_W : 0) |
                     ((attr & x) && (attr & x2) ? MMU_X : 0));
}

static void describe(const struct tlb_entry *e, const struct pe *p, unsigned el, uint64_t va,
                     bool hit, struct mmu_result *out)
{
    out->pa = e->pa | (va & GRANULE_MASK);
    out->ipa = e->ipa | (va & GRANULE_MASK);
    out->pas = entry_pas(e->attr);
    out->perm = allowed(e->attr, el, p->r.pstate & (1ull << 22));
    out->device = (e->attr & A_S2DEVICE) || ((e->attr & A_S1DEVICE) && !(e->attr & A_S2NORMAL));
    out->tlb_hit = hit;
    out->attr = (uint8_t)(e->attr >> A_MAIR_SHIFT);
    out->sh = (uint8_t)((e->attr >> A_SH_SHIFT) & 3);
}

/* Stage 1 off: VA is IPA, data is Device-nGnRnE, and what the PE cannot output is a level-0 Address size fault. */
static bool translate_flat(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                           enum access_kind kind, struct mmu_result *out, struct mmu_fault *f)
{
    const struct pe *p = &m->pe[pe];
    uint64_t tbi = p->r.sys[SR_TCR_EL1] & ((va >> 55) & 1 ? TCR_TBI1 : TCR_TBI0);
    if (!s1_flat_in_range(m, va, tbi != 0)) {
        f->kind = MMU_ADDRESS_SIZE;
        f->stage = 1;
        return false;
    }
    bool hit;
    uint64_t a = va & ((1ull << 56) - 1);
    const struct tlb_entry *found = s2_entry(m, pe, a, f, &hit);
    f->ipa = a;
    if (!found || !s2_permits(found, kind, el, f))
        return false;
    struct tlb_entry e = *found;
    e.attr |= A_R1 | A_W1 | A_X1 | A_R0 | A_W0 | A_X0 | A_S1DEVICE;
    describe(&e, p, el, va, hit, out);
    if (el)
        out->perm = allowed(e.attr, el, false);
    return true;
}

static struct tlb_entry *s1_cached(const struct pe *p, uint64_t va)
{
    uint64_t page = (va >> GRANULE_SHIFT) & KEY_PAGE_MASK;
    uint32_t vmid = pe_vmid(p);
    if (!p->tlb->s1.num)
        return NULL;
    struct tlb_entry *e = tlb_lookup(&p->tlb->s1, s1_key(page, mmu_asid(p), false), vmid);
    return e ? e : tlb_lookup(&p->tlb->s1, s1_key(page, 0, true), vmid);
}

static bool use_cached(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                       enum access_kind kind, struct tlb_entry *e, struct mmu_result *out,
                       struct mmu_fault *f)
{
    if (!s1_permits(m, pe, e->attr, kind, el, f))
        return false;
    f->ipa = e->ipa | (va & GRANULE_MASK);
    if (!(e->attr & A_GPC)) {
        if (!mmu_check_pa(m, entry_pas(e->attr), e->pa, 0, 0, false, f))
            return false;
        e->attr |= A_GPC;
    }
    if (!s2_permits(e, kind, el, f))
        return false;
    describe(e, &m->pe[pe], el, va, true, out);
    return true;
}

static bool translate(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                      enum access_kind kind, struct mmu_result *out, struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    fault_begin(f, p, va);
    if (!(p->r.sys[SR_SCTLR_EL1] & SCTLR_M))
        return translate_flat(m, pe, el, va, kind, out, f);
    struct tlb_entry *cached = s1_cached(p, va);
    if (cached)
        return use_cached(m, pe, el, va, kind, cached, out, f);
    struct s1_leaf leaf;
    bool hit;
    if (!s1_walk(m, pe, va, kind == ACCESS_FETCH, &leaf, f) ||
        !s1_permits(m, pe, leaf.attr, kind, el, f))
        return false;
    uint64_t a = leaf.ipa | (va & GRANULE_MASK);
    const struct tlb_entry *s2 = s2_entry(m, pe, a, f, &hit);
    f->ipa = a;
    if (!s2 || !s2_permits(s2, kind, el, f))
        return false;
    bool global = !(leaf.attr & A_NG);
    struct tlb_entry e = {.key = s1_key(va >> GRANULE_SHIFT, global ? 0 : mmu_asid(p), global),
                          .vmid = pe_vmid(p),
                          .attr = s2->attr | leaf.attr,
                          .ipa = leaf.ipa,
                          .pa = s2->pa};
    tlb_insert(p->tlb, &p->tlb->s1, &e);
    describe(&e, p, el, va, hit, out);
    return true;
}

bool mmu_translate(struct machine *m, unsigned pe, unsigned el, uint64_t va, enum access_kind kind,
                   struct mmu_result *out, struct mmu_fault *f)
{
    if (!translate(m, pe, el, va, kind, out, f))
        return false;
    if (!m->broken_granule || align_down(out->pa, GRANULE_SIZE) != m->broken_granule)
        return true;
    f->kind = MMU_EXTERNAL;
    f->stage = 0;
    f->set = (uint8_t)m->broken_set;
    return false;
}

bool mmu_translate_s1(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                      enum access_kind kind, struct mmu_result *out, struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    fault_begin(f, p, va);
    struct tlb_entry e = {.attr =
                              A_S2R | A_S2W | A_S2X1 | A_S2X0 | (uint32_t)PAS_REALM << A_PAS_SHIFT};
    if (p->r.sys[SR_SCTLR_EL1] & SCTLR_M) {
        struct s1_leaf leaf;
        if (!s1_walk(m, pe, va, kind == ACCESS_FETCH, &leaf, f) ||
            !s1_permits(m, pe, leaf.attr, kind, el, f))
            return false;
        e.ipa = leaf.ipa;
        e.attr |= leaf.attr;
    } else {
        uint64_t tbi = p->r.sys[SR_TCR_EL1] & ((va >> 55) & 1 ? TCR_TBI1 : TCR_TBI0);
        if (!s1_flat_in_range(m, va, tbi != 0)) {
            f->kind = MMU_ADDRESS_SIZE;
            f->stage = 1;
            return false;
        }
        e.ipa = align_down(va & ((1ull << 56) - 1), GRANULE_SIZE);
        e.attr |= A_R1 | A_W1 | A_X1 | A_R0 | A_W0 | A_X0 | A_S1DEVICE;
    }
    e.pa = e.ipa;
    describe(&e, p, el, va, false, out);
    return true;
}

/* DDI0487 J1.1.4 AArch64.DataAbort, with HCR_EL2.TEA = 1, as an RMM has it. A GPF of the access itself or of a stage-1
 * walk is the Realm's own (DEN0137 A5.2.6: Realm software must be able to handle it), unless HCR_EL2.GPF is 1. */
unsigned mmu_fault_target_el(const struct mmu_fault *f)
{
    return f->stage == 2 || f->kind == MMU_EXTERNAL || (f->kind == MMU_GPF && f->gpf_el2) ? 2 : 1;
}

static uint64_t fault_status(const struct mmu_fault *f)
{
    uint64_t level = (uint64_t)(int64_t)f->level; /* -1 at least */
    switch ((enum mmu_fault_kind)f->kind) {
    case MMU_ADDRESS_SIZE: return f->level < 0 ? FSC_ADDRESS_SIZE_MINUS1 : FSC_ADDRESS_SIZE + level;
    case MMU_TRANSLATION: return fsc_translation(f->level);
    case MMU_ACCESS_FLAG: return FSC_ACCESS_FLAG + level;
    case MMU_PERMISSION: return FSC_PERMISSION + level;
    case MMU_EXTERNAL: return f->on_walk ? FSC_SEA_WALK + level : FSC_SEA;
    case MMU_GPF: return f->on_walk ? FSC_GPF_WALK + level : FSC_GPF;
    case MMU_OK: break;
    }
    MODEL_BUG("no fault status for fault kind %u", f->kind);
}

uint64_t mmu_fault_esr(const struct mmu_fault *f, enum access_kind kind, unsigned from_el,
                       unsigned to_el, uint64_t iss_dabt)
{
    unsigned same = from_el == to_el;
    /* IL is 1 for every A64 instruction, and where ISV is 0 (J1.1.3 AArch64.ReportException). */
    uint64_t esr = ESR_IL | fault_status(f);
    esr |= (uint64_t)f->set << ESR_SET_SHIFT;
    esr |= f->s1ptw ? ESR_S1PTW : 0;
    if (kind == ACCESS_FETCH)
        return esr | ESR_EC((unsigned)EC_IABORT_LOWER + same);
    /* The instruction syndrome is for the final access at stage 2 alone (J1.1.3 InstructionSyndromeValid). */
    if (to_el == 2 && !f->s1ptw && f->kind != MMU_EXTERNAL &&
        (f->stage == 2 || f->kind == MMU_GPF) && !f->on_walk)
        esr |= iss_dabt;
    esr |= kind == ACCESS_WRITE ? ESR_WNR : 0;
    return esr | ESR_EC((unsigned)EC_DABORT_LOWER + same);
}

uint64_t mmu_fault_hpfar(const struct mmu_fault *f)
{
    return mmu_fault_target_el(f) == 2 ? (f->ipa >> GRANULE_SHIFT & ((1ull << 40) - 1)) << 4 : 0;
}

bool mmu_fault_has_ipa(const struct mmu_fault *f)
{
    return f->stage == 2;
}
