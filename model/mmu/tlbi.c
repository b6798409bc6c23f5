/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TLB invalidation (DDI0487 D8.17). What the CPU caches came from here, so it is told only when an entry went.
 */
#include "mmu_internal.h"

#include <ccasim/realm_cpu.h>

struct range {
    uint32_t vmid;
    uint64_t base, size;
};
struct stage1 {
    uint32_t vmid, asid;
    uint64_t page;
    bool any_asid, any_page;
};

static void done(struct machine *m, unsigned pe, uint64_t obj, uint64_t vmid, enum tlbi_kind kind,
                 uint32_t removed)
{
    ev(m, pe, EV_TLBI, obj, vmid, kind);
    if (removed && m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}

static bool match_range(const struct tlb_entry *e, const void *arg)
{
    const struct range *r = arg;
    return (uint16_t)e->tag == r->vmid && e->ipa - r->base < r->size;
}

static uint32_t remove_range(struct tlb *t, const struct range *r)
{
    if (r->size >> GRANULE_SHIFT > t->table[TLB_S2].num)
        return tlb_remove_if(t, &t->table[TLB_S2], match_range, r);
    uint32_t removed = 0;
    for (uint64_t a = 0; a < r->size; a += GRANULE_SIZE)
        removed += tlb_remove(t, &t->table[TLB_S2], s2_key(r->base + a), r->vmid);
    return removed;
}

void tlbi_ipa(struct machine *m, unsigned pe, uint16_t vmid, uint64_t ipa_base, uint64_t size)
{
    struct range r = {.vmid = vmid, .base = ipa_base, .size = size};
    uint32_t removed = 0;
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        if (tlb_has_tag(m->pe[i].tlb, vmid))
            removed += remove_range(m->pe[i].tlb, &r);
    done(m, pe, ipa_base, vmid, TLBI_IPA, removed);
}

static bool match_vmid(const struct tlb_entry *e, const void *arg)
{
    return (uint16_t)e->tag == *(const uint32_t *)arg;
}

static uint32_t remove_vmid(struct machine *m, uint32_t vmid, bool stage2)
{
    uint32_t removed = 0;
    for (unsigned i = 0; i < m->impl.num_pes; i++) {
        struct tlb *t = m->pe[i].tlb;
        if (!tlb_has_tag(t, vmid))
            continue;
        removed += tlb_remove_if(t, &t->table[TLB_S1], match_vmid, &vmid);
        if (stage2)
            removed += tlb_remove_if(t, &t->table[TLB_S2], match_vmid, &vmid);
    }
    return removed;
}

void tlbi_s1(struct machine *m, unsigned pe, uint16_t vmid)
{
    done(m, pe, 0, vmid, TLBI_S1, remove_vmid(m, vmid, false));
}

void tlbi_vmid(struct machine *m, unsigned pe, uint16_t vmid)
{
    done(m, pe, 0, vmid, TLBI_VMID, remove_vmid(m, vmid, true));
}

static uint32_t forget_gpc(struct tlb_table *t, uint64_t granule)
{
    uint32_t changed = 0;
    for (struct tlb_entry *e = tlb_first_of_page(t, granule); e; e = tlb_next_of_page(t, e))
        if (e->pa == granule && (e->attr & A_GPC)) {
            e->attr &= ~A_GPC;
            changed++;
        }
    return changed;
}

void tlbi_pa(struct machine *m, unsigned pe, uint64_t granule)
{
    uint32_t changed = 0;
    for (unsigned i = 0; i < m->impl.num_pes; i++) {
        struct tlb *t = m->pe[i].tlb;
        for (unsigned k = 0; t && k < TLB_KINDS; k++)
            changed += forget_gpc(&t->table[k], align_down(granule, GRANULE_SIZE));
    }
    done(m, pe, granule, 0, TLBI_PA, changed);
}

static bool match_stage1(const struct tlb_entry *e, const void *arg)
{
    const struct stage1 *s = arg;
    bool global = (e->key & KEY_GLOBAL) != 0;
    uint32_t asid = (uint32_t)(e->key >> KEY_ASID_SHIFT) & 0xffff;
    uint64_t apart = ((e->key & KEY_PAGE_MASK) ^ s->page) >> (entry_size(e) - GRANULE_SHIFT);
    if ((uint16_t)e->tag != s->vmid || (!s->any_page && apart))
        return false;
    if (s->any_asid)
        return true;
    /* By VA and ASID takes global entries of the VA; by ASID alone does not (DDI0487 D8.17.5). */
    return global ? !s->any_page : asid == s->asid;
}

static uint32_t remove_stage1(struct machine *m, unsigned pe, bool is, const struct stage1 *s)
{
    uint32_t removed = 0;
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        if ((is || i == pe) && tlb_has_tag(m->pe[i].tlb, s->vmid))
            removed += tlb_remove_if(m->pe[i].tlb, &m->pe[i].tlb->table[TLB_S1], match_stage1, s);
    return removed;
}

void tlbi_va(struct machine *m, unsigned pe, uint16_t vmid, uint64_t va_page, uint32_t asid,
             bool any_asid, bool is)
{
    struct stage1 s = {
        .vmid = vmid, .asid = asid, .page = va_page & KEY_PAGE_MASK, .any_asid = any_asid};
    done(m, pe, va_page << GRANULE_SHIFT, vmid, TLBI_VA, remove_stage1(m, pe, is, &s));
}

void tlbi_asid(struct machine *m, unsigned pe, uint16_t vmid, uint32_t asid, bool is)
{
    struct stage1 s = {.vmid = vmid, .asid = asid, .any_page = true};
    done(m, pe, asid, vmid, TLBI_ASID, remove_stage1(m, pe, is, &s));
}

void tlbi_vmalle1(struct machine *m, unsigned pe, uint16_t vmid, bool is)
{
    struct stage1 s = {.vmid = vmid, .any_page = true, .any_asid = true};
    done(m, pe, 0, vmid, TLBI_ALL, remove_stage1(m, pe, is, &s));
}
