/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * I13: stage-2 entries of the TLBs, and the stage-2 part of those by VA that combine both stages, agree with the
 * tables. A descriptor that changed is looked up in each TLB that has entries at all; a TLB that grew is looked through
 * when its REC_ENTER ends.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdio.h>

static bool any_entries(const struct check *c)
{
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        if (tlb_count_s2(c->m->pe[i].tlb) || tlb_count_s1(c->m->pe[i].tlb))
            return true;
    }
    return false;
}

static uint8_t s2_perm(const struct entry_at *e)
{
    if (e->is_protected)
        return MMU_R | MMU_W | MMU_X;
    return (uint8_t)((e->v.s2ap & 1 ? MMU_R : 0) | (e->v.s2ap & 2 ? MMU_W : 0));
}

/* `what`: "", or what kind of entry it is. */
static void one_entry(struct check *c, unsigned pe, const struct tlb_s2_entry *t, const char *what)
{
    struct check_realm *r = index_realm_by_vmid(c, t->vmid);
    struct entry_at e;
    uint64_t offset;

    check_count(c, 1);
    if (r == NULL) {
        check_find(c, "I13", t->ipa,
                   "the TLB of PE %u%s translates IPA 0x%" PRIx64
                   " for VMID %u, which no Realm has",
                   pe, what, t->ipa, t->vmid);
        return;
    }
    if (!index_walk(c, r, t->ipa, 3, &e) || !(e.desc & 1) || e.v.hipas == HIPAS_TABLE) {
        check_find(c, "I13", t->ipa,
                   "the TLB of PE %u%s still translates IPA 0x%" PRIx64 " of VMID %u to 0x%" PRIx64
                   ", the tables do not",
                   pe, what, t->ipa, t->vmid, t->pa);
        return;
    }
    offset = t->ipa - e.ipa;
    if (e.v.addr + offset != t->pa || t->pas != (e.is_protected ? PAS_REALM : PAS_NS) ||
        t->perm != s2_perm(&e))
        check_find(c, "I13", t->ipa,
                   "the TLB of PE %u%s translates IPA 0x%" PRIx64 " of VMID %u to 0x%" PRIx64
                   " (%s, permissions %u), the tables to 0x%" PRIx64 " (permissions %u)",
                   pe, what, t->ipa, t->vmid, t->pa, pas_name(t->pas), t->perm, e.v.addr + offset,
                   s2_perm(&e));
}

/* --- all entries of a TLB, or those that a filter takes ------------------------------------------------------------ */

struct each_ctx {
    struct check *c;
    unsigned pe;
    bool by_vmid, by_range;
    uint16_t vmid;
    uint64_t ipa, size, rd;
};

static void each_entry(void *ctx, const struct tlb_s2_entry *t)
{
    struct each_ctx *x = ctx;

    if (x->by_vmid && t->vmid != x->vmid)
        return;
    if (x->by_range && t->ipa - x->ipa >= x->size)
        return;
    one_entry(x->c, x->pe, t, "");
}

static void each_combined(void *ctx, const struct tlb_s1_entry *t)
{
    struct each_ctx *x = ctx;
    char what[48];

    snprintf(what, sizeof(what), ", by VA 0x%" PRIx64 ",", t->va);
    one_entry(x->c, x->pe, &t->s2, what);
}

bool inv_tlb_grew(const struct check *c, unsigned pe)
{
    return tlb_count_s2(c->m->pe[pe].tlb) != c->pes[pe].tlb_count ||
           tlb_count_s1(c->m->pe[pe].tlb) != c->pes[pe].tlb_combined;
}

void inv_tlb(struct check *c, unsigned pe)
{
    struct each_ctx x = {.c = c, .pe = pe};

    c->pes[pe].tlb_count = tlb_count_s2(c->m->pe[pe].tlb);
    if (c->pes[pe].tlb_count)
        tlb_each_s2(c->m->pe[pe].tlb, each_entry, &x);
    c->pes[pe].tlb_combined = tlb_count_s1(c->m->pe[pe].tlb);
    if (c->pes[pe].tlb_combined)
        tlb_each_s1(c->m->pe[pe].tlb, &(struct tlb_filter){.any = true}, each_combined, &x);
}

void inv_tlb_entry_moved(struct check *c, struct check_realm *r, const struct entry_at *now)
{
    struct each_ctx x = {.c = c,
                         .by_vmid = true,
                         .by_range = true,
                         .vmid = r->v.vmid,
                         .ipa = now->ipa,
                         .size = level_size(now->level)};
    const struct tlb_filter filter = {
        .vmid = r->v.vmid, .ipa_base = now->ipa, .size = level_size(now->level)};
    struct tlb_s2_entry t;

    check_count(c, 1);
    if (!any_entries(c))
        return;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        const struct tlb *tlb = c->m->pe[i].tlb;

        x.pe = i;
        if (tlb_count_s1(tlb))
            tlb_each_s1(tlb, &filter, each_combined, &x);
        if (tlb_count_s2(tlb) == 0)
            continue;
        if (now->level < 3)
            tlb_each_s2(tlb, each_entry, &x);
        else if (tlb_find_s2(tlb, r->v.vmid, now->ipa, &t))
            one_entry(c, i, &t, "");
    }
}

static void entry_of_dead(void *ctx, const struct tlb_s2_entry *t)
{
    struct each_ctx *x = ctx;

    if (t->vmid == x->vmid)
        check_find(x->c, "I13", t->ipa,
                   "Realm 0x%" PRIx64
                   " is gone and the TLB of PE %u still translates IPA 0x%" PRIx64
                   " for its VMID %u",
                   x->rd, x->pe, t->ipa, t->vmid);
}

static void combined_of_dead(void *ctx, const struct tlb_s1_entry *t)
{
    entry_of_dead(ctx, &t->s2);
}

void inv_tlb_realm_gone(struct check *c, uint16_t vmid, uint64_t rd)
{
    const struct tlb_filter filter = {.vmid = vmid, .size = UINT64_MAX};
    struct each_ctx x = {.c = c, .vmid = vmid, .rd = rd};

    check_count(c, 1);
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        x.pe = i;
        if (tlb_count_s2(c->m->pe[i].tlb))
            tlb_each_s2(c->m->pe[i].tlb, entry_of_dead, &x);
        if (tlb_count_s1(c->m->pe[i].tlb))
            tlb_each_s1(c->m->pe[i].tlb, &filter, combined_of_dead, &x);
    }
}
