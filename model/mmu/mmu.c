/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both stages together, and how a fault is reported (DDI0487 D8.15, J1.1.3 AArch64.FaultSyndrome).
 */
#include "mmu_internal.h"

#include <ccasim/plat.h>

#include <string.h>

#define SCTLR_M    (1ull << 0)
#define PSTATE_PAN (1ull << 22)

void fault_begin(struct mmu_fault *f, const struct pe *p, uint64_t va)
{
    memset(f, 0, sizeof(*f));
    f->va = va;
    f->gpf_el2 = p->hcr_el2 & HCR_GPF;
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

void mmu_describe(const struct tlb_entry *e, unsigned el, bool pan, uint64_t va, bool hit,
                  struct mmu_result *out)
{
    out->pa = e->pa | (va & GRANULE_MASK);
    out->ipa = e->ipa | (va & GRANULE_MASK);
    out->pas = entry_pas(e->attr);
    out->perm = allowed(e->attr, el, pan);
    out->device = (e->attr & A_S2DEVICE) || ((e->attr & A_S1DEVICE) && !(e->attr & A_S2NORMAL));
    out->tlb_hit = hit;
    out->attr = (uint8_t)(e->attr >> A_MAIR_SHIFT);
    out->sh = (uint8_t)((e->attr >> A_SH_SHIFT) & 3);
    out->mmio = false;
}

static struct tlb_entry *find_va(const struct tlb_table *t, uint64_t va, uint32_t asid,
                                 uint32_t tag)
{
    uint64_t page = (va >> GRANULE_SHIFT) & KEY_PAGE_MASK;
    struct tlb_entry *e = tlb_lookup(t, s1_key(page, asid, false), tag);
    return e ? e : tlb_lookup(t, s1_key(page, 0, true), tag);
}

/* By an entry that combines both stages. */
static bool use_cached(struct machine *m, const struct s1_access *a, bool pan,
                       const struct s2_regs *s2, struct tlb_entry *e, struct mmu_result *out,
                       struct mmu_fault *f)
{
    if (!s1_permits(e->attr, a->kind, a->el, pan, f))
        return false;
    f->ipa = e->ipa | (a->va & GRANULE_MASK);
    if (!s2_permits(s2, e->attr, s2_use_of(a->kind, a->el), f))
        return false;
    if (!(e->attr & A_GPC)) {
        if (!mmu_check_pa(m, s2->host, entry_pas(e->attr), e->pa, f))
            return false;
        e->attr |= A_GPC;
    }
    mmu_describe(e, a->el, pan, a->va, true, out);
    return true;
}

/* A store through an entry that was cached as clean goes by the tables, which may have changed since then. */
static bool is_clean_store(const struct tlb_entry *e, const struct s1_access *a)
{
    return a->kind == ACCESS_WRITE && (e->attr & A_CLEAN);
}

/* Both stages, and with stage 1 on an entry for the VA. */
static bool walk_both(struct machine *m, unsigned pe, const struct regime *r,
                      const struct s1_access *a, struct mmu_result *out, struct mmu_fault *f)
{
    struct tlb *t = m->pe[pe].tlb;
    struct s1_leaf leaf;
    bool hit;
    if (!(r->on ? s1_translate(m, pe, r, a, &leaf, f) : s1_flat(m, r, a, &leaf, f)))
        return false;
    uint64_t ipa_addr = leaf.ipa | (a->va & GRANULE_MASK);
    const struct tlb_entry *s2 =
        s2_entry(m, pe, &r->s2, ipa_addr, s2_use_of(a->kind, a->el), f, &hit);
    f->ipa = ipa_addr;
    if (!s2)
        return false;
    bool global = !(leaf.attr & A_NG);
    struct tlb_entry e = {.key = s1_key(a->va >> GRANULE_SHIFT, global ? 0 : r->asid, global),
                          .tag = r->tag | leaf.size << TAG_SIZE_SHIFT,
                          .attr = s2->attr | leaf.attr,
                          .ipa = leaf.ipa,
                          .pa = s2->pa};
    /* Not of a device of the host: a scan of PCIe configuration space would fill the TLB, which never evicts. */
    if (r->on && !(r->s2.host && !mem_contains(m, e.pa)))
        tlb_insert(t, tlb_of(&m->pe[pe], TLB_S1, r->s2.host), &e);
    mmu_describe(&e, a->el, r->on && r->pan, a->va, hit, out);
    return true;
}

/* With what the TLB has, if anything: not for a mistagged VA, nor for a store that makes a page dirty. */
static bool translate_slowly(struct machine *m, unsigned pe, const struct regime *r,
                             const struct s1_access *a, struct tlb_entry *e, struct mmu_result *out,
                             struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    if (e && !s1_is_mistagged(r, a)) {
        if (!is_clean_store(e, a))
            return use_cached(m, a, r->pan, &r->s2, e, out, f);
        tlb_remove(p->tlb, tlb_of(p, TLB_S1, r->s2.host), e->key, r->tag);
    }
    return walk_both(m, pe, r, a, out, f);
}

/* A VA in the canonical form is what its entry is for; any other may be refused before the TLB is asked. */
static bool is_plain(uint64_t va)
{
    return va >> 55 == 0 || va >> 55 == 0x1ff;
}

static bool translate_realm(struct machine *m, unsigned pe, const struct s1_access *a,
                            struct mmu_result *out, struct mmu_fault *f)
{
    struct pe *p = &m->pe[pe];
    struct tlb_table *t = tlb_of(p, TLB_S1, false);
    struct tlb_entry *e = NULL;
    struct regime r;
    const struct s2_regs s2 = s2_of_realm(p);
    fault_begin(f, p, a->va);
    if (t->num && (p->r.sys[SR_SCTLR_EL1] & SCTLR_M))
        e = find_va(t, a->va, mmu_asid(p), s2.tag);
    if (e && is_plain(a->va) && !is_clean_store(e, a))
        return use_cached(m, a, p->r.pstate & PSTATE_PAN, &s2, e, out, f);
    regime_of_realm(p, &r);
    return translate_slowly(m, pe, &r, a, e, out, f);
}

/*
 * Who takes an abort of the host (J1.1.3 DataAbort, InstructionAbort, SyncExternalAbortTarget; SCR_EL3.GPF and EA are 0):
 * it is the EL that executes, not that of an unprivileged access, that counts.
 */
static uint8_t host_target(const struct machine *m, unsigned pe, const struct mmu_fault *f)
{
    uint64_t hcr = m->plat->pe[pe].el2[HS_HCR_EL2];
    unsigned from = (unsigned)(m->pe[pe].r.pstate >> 2) & 3;
    bool to_el2 = from == 2 || f->stage == 2 || (from == 0 && (hcr & HCR_TGE_BIT)) ||
                  (f->kind == MMU_EXTERNAL && (hcr & HCR_TEA)) ||
                  (f->kind == MMU_GPF && (hcr & HCR_GPF));
    return to_el2 ? 2 : 1;
}

void mmu_host_fault(const struct machine *m, unsigned pe, struct mmu_fault *f)
{
    f->host_el = host_target(m, pe, f);
    if (f->stage != 2)
        f->ipa = 0;
}

static bool translate_host(struct machine *m, unsigned pe, const struct s1_access *a,
                           struct mmu_result *out, struct mmu_fault *f)
{
    struct tlb_entry *e = NULL;
    struct regime r;
    fault_begin(f, &m->pe[pe], a->va);
    regime_of_host(m, pe, a->el, &r);
    if (r.on)
        e = find_va(tlb_of(&m->pe[pe], TLB_S1, true), a->va, r.asid, r.tag);
    if (translate_slowly(m, pe, &r, a, e, out, f)) {
        out->mmio = !mem_contains(m, out->pa);
        return true;
    }
    mmu_host_fault(m, pe, f);
    return false;
}

bool mmu_translate(struct machine *m, unsigned pe, unsigned el, uint64_t va, enum access_kind kind,
                   struct mmu_result *out, struct mmu_fault *f)
{
    const struct s1_access a = {.va = va, .el = el, .kind = kind};
    if (m->plat && m->pe[pe].world == WORLD_NS)
        return translate_host(m, pe, &a, out, f);
    if (!translate_realm(m, pe, &a, out, f))
        return false;
    if (!mmu_is_broken(m, out->pa))
        return true;
    f->kind = MMU_EXTERNAL;
    f->stage = 0;
    f->set = (uint8_t)m->broken_set;
    return false;
}

bool mmu_s1_of(struct machine *m, unsigned pe, const struct regime *r, const struct s1_access *a,
               struct tlb_entry *out, struct mmu_fault *f)
{
    struct s1_leaf leaf;
    fault_begin(f, &m->pe[pe], a->va);
    if (!(r->on ? s1_translate(m, pe, r, a, &leaf, f) : s1_flat(m, r, a, &leaf, f)))
        return false;
    enum pas pas = r->s2.host ? PAS_NS : PAS_REALM;
    *out = (struct tlb_entry){.attr = leaf.attr | A_S2R | A_S2W | A_S2X1 | A_S2X0 |
                                      (uint32_t)pas << A_PAS_SHIFT,
                              .ipa = leaf.ipa,
                              .pa = leaf.ipa};
    return true;
}

bool mmu_translate_s1(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                      enum access_kind kind, struct mmu_result *out, struct mmu_fault *f)
{
    const struct s1_access a = {.va = va, .el = el, .kind = kind, .at = true};
    struct regime r;
    struct tlb_entry e;
    regime_of_realm(&m->pe[pe], &r);
    if (!mmu_s1_of(m, pe, &r, &a, &e, f))
        return false;
    mmu_describe(&e, el, r.on && r.pan, va, false, out);
    return true;
}

/* DDI0487 J1.1.4 AArch64.DataAbort, with HCR_EL2.TEA = 1, as an RMM has it. A GPF of the access itself or of a stage-1
 * walk is the Realm's own (DEN0137 A5.2.6: Realm software must be able to handle it), unless HCR_EL2.GPF is 1. */
unsigned mmu_fault_target_el(const struct mmu_fault *f)
{
    if (f->host_el)
        return f->host_el;
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

/* The instruction syndrome is for the final access at stage 2 alone (J1.1.3 InstructionSyndromeValid). */
static bool has_syndrome(const struct mmu_fault *f)
{
    if (f->s1ptw || f->kind == MMU_EXTERNAL)
        return false;
    return f->host_el ? f->stage == 2 : (f->stage == 2 || f->kind == MMU_GPF) && !f->on_walk;
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
    if (to_el == 2 && has_syndrome(f))
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
