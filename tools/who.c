/* SPDX-License-Identifier: BSD-3-Clause */
#include "who.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/rmm.h>

#include <stdlib.h>

struct who {
    struct text *t;
    const struct scene *scene;
    struct machine *m;
    const struct scenario *sc;
    uint64_t a;
    unsigned pe; /* whose TLB is looked through */
    int vmid;    /* -1: by PA */
    const char *sep;
    unsigned num;
};

/* --- as a PA --- */

/* DDI0487 D9.3: the PASes that software of each world can name. */
static bool may_name(enum world w, enum pas pas)
{
    return w == WORLD_ROOT || pas == PAS_NS || (enum pas)w == pas;
}

static void tell_reach(struct who *w)
{
    enum pas pas = gpt_pas(w->m, w->a);

    text_puts(w->t, "  reached by ");
    w->sep = "";
    for (unsigned i = 0; i < WORLD_COUNT; i++) {
        if (may_name((enum world)i, pas) && gpt_check(w->m, pas, w->a).fault == GPC_OK) {
            text_printf(w->t, "%s%s", w->sep, world_name((enum world)i));
            w->sep = ", ";
        }
    }
    text_puts(w->t, "; granule protection fault for ");
    w->sep = "";
    for (unsigned i = 0; i < WORLD_COUNT; i++) {
        if (!may_name((enum world)i, pas)) {
            text_printf(w->t, "%s%s", w->sep, world_name((enum world)i));
            w->sep = ", ";
        }
    }
    text_puts(w->t, *w->sep ? "\n" : "nobody\n");
}

static void tell_provenance(struct who *w)
{
    static const char *const names[] = {[OWNER_HOST] = "the host",
                                        [OWNER_RMM] = "the RMM",
                                        [OWNER_EL3M] = "EL3M",
                                        [OWNER_SECURE] = "the Secure world"};
    uint32_t g = granule_index(w->m, w->a);
    const struct provenance *p = &w->m->mem.prov[g];

    text_puts(w->t,
              mem_is_zero(w->m, granule_pa(w->m, g)) ? "  content: zero" : "  content: not zero");
    w->sep = "; may hold data of ";
    for (unsigned i = OWNER_HOST; i <= OWNER_SECURE; i++) {
        if (!(p->kinds >> i & 1))
            continue;
        text_puts(w->t, w->sep);
        w->sep = ", ";
        if (i == OWNER_REALM) {
            text_puts(w->t, "Realm ");
            report_address(w->t, w->sc, granule_pa(w->m, p->realm));
        } else {
            text_puts(w->t, names[i]);
        }
    }
    text_puts(w->t, "\n");
}

static void tell_slots(struct who *w)
{
    for (unsigned pe = 0; pe < w->m->impl.num_pes; pe++) {
        for (unsigned i = 0; i < SLOT_COUNT; i++) {
            if (w->m->pe[pe].slot[i] == (align_down(w->a, GRANULE_SIZE) | 1))
                text_printf(w->t, "  mapped by the RMM in a slot of PE %u\n", pe);
        }
    }
}

/* --- TLBs --- */

static bool is_wanted(const struct who *w, const struct tlb_s2_entry *e)
{
    uint64_t page = align_down(w->a, GRANULE_SIZE);

    return w->vmid < 0 ? align_down(e->pa, GRANULE_SIZE) == page
                       : e->vmid == w->vmid && align_down(e->ipa, GRANULE_SIZE) == page;
}

static void tell_entry(struct who *w, const struct tlb_s2_entry *e)
{
    text_printf(w->t, "  TLB of PE %u: VMID %u, IPA 0x%llx -> ", w->pe, e->vmid,
                (unsigned long long)e->ipa);
    report_address(w->t, w->sc, e->pa);
    text_printf(w->t, " in the %s PAS, %s%s%s", pas_name(e->pas), e->perm & MMU_R ? "r" : "-",
                e->perm & MMU_W ? "w" : "-", e->perm & MMU_X ? "x" : "-");
    w->num++;
}

static void stage2_entry(void *ctx, const struct tlb_s2_entry *e)
{
    struct who *w = ctx;

    if (!is_wanted(w, e))
        return;
    tell_entry(w, e);
    text_puts(w->t, "\n");
}

static void combined_entry(void *ctx, const struct tlb_s1_entry *e)
{
    struct who *w = ctx;

    if (!is_wanted(w, &e->s2))
        return;
    tell_entry(w, &e->s2);
    text_printf(w->t, ", by VA 0x%llx", (unsigned long long)e->va);
    if (!e->global)
        text_printf(w->t, ", ASID %u", e->asid);
    text_puts(w->t, "\n");
}

static void tell_tlbs(struct who *w, int vmid)
{
    struct tlb_filter all = {.any = true};

    w->vmid = vmid;
    w->num = 0;
    for (w->pe = 0; w->pe < w->m->impl.num_pes; w->pe++) {
        tlb_each_s2(w->m->pe[w->pe].tlb, stage2_entry, w);
        tlb_each_s1(w->m->pe[w->pe].tlb, &all, combined_entry, w);
    }
    if (w->num == 0)
        text_puts(w->t, "  TLB: no entry\n");
}

static void tell_pa(struct who *w)
{
    text_printf(w->t, "PA 0x%llx ", (unsigned long long)w->a);
    report_address(w->t, w->sc, w->a);
    text_puts(w->t, ": ");
    describe_granule(w->t, w->scene, w->sc, align_down(w->a, GRANULE_SIZE));
    text_puts(w->t, "\n");
    tell_reach(w);
    tell_provenance(w);
    tell_slots(w);
    tell_tlbs(w, -1);
}

/* --- as an IPA --- */

static void tell_ipa(struct who *w, uint64_t rd)
{
    uint64_t scratch[512];
    struct rmm_rd_view v;

    rmm_view_rd(w->m, rd, scratch, &v);
    if (w->a >> v.s2sz)
        return;
    text_printf(w->t, "IPA 0x%llx of Realm ", (unsigned long long)w->a);
    report_address(w->t, w->sc, rd);
    text_printf(w->t, ": %s\n", w->a >> (v.s2sz - 1) ? "Unprotected" : "Protected");
    describe_walk(w->t, w->scene, w->sc, rd, w->a, "");
    tell_tlbs(w, v.vmid);
}

void who_tell(struct text *t, const struct scene *scene, const struct scenario *sc, uint64_t a)
{
    struct who w = {.t = t, .scene = scene, .m = scene->m, .sc = sc, .a = a};
    size_t before = t->len;

    if (mem_contains(w.m, a))
        tell_pa(&w);
    for (uint32_t i = 0; i < w.m->mem.num && (w.m->rmm_ops->caps & RMM_CAP_MEMORY); i++) {
        if (w.m->gst[i].state == GST_RD)
            tell_ipa(&w, granule_pa(w.m, i));
    }
    if (t->len == before)
        text_printf(t, "0x%llx is no PA of DRAM, and no IPA of a Realm\n", (unsigned long long)a);
}
