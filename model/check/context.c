/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a REC and the host each own of a PE: the devices of a REC are, when it is entered, as they were when it left; the
 * host's SIMD registers are, after an RMI_REC_ENTER, as they were before it, and the devices of the REC are off.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct rec_context *find(struct check *c, uint64_t rec)
{
    for (unsigned i = 0; i < c->num_contexts; i++)
        if (c->context[i].rec == rec)
            return &c->context[i];
    return NULL;
}

static struct rec_context *add(struct check *c, uint64_t rec)
{
    if (c->num_contexts == c->cap_contexts) {
        unsigned cap = c->cap_contexts ? 2 * c->cap_contexts : 16;
        struct rec_context *grown = realloc(c->context, cap * sizeof(*grown));

        if (!grown)
            MODEL_BUG("no memory for %u RECs", cap);
        c->context = grown;
        c->cap_contexts = cap;
    }
    c->context[c->num_contexts] = (struct rec_context){.rec = rec};
    return &c->context[c->num_contexts++];
}

void context_forget(struct check *c, uint64_t rec)
{
    struct rec_context *x = find(c, rec);

    if (x)
        *x = c->context[--c->num_contexts];
}

/* The Host gives list registers and ICH_HCR_EL2; time goes on. */
static void keep(const struct pe *p, struct rec_context *x)
{
    x->gic = (struct pe_gic){.vmcr = p->gic.vmcr};
    memcpy(x->gic.ap0r, p->gic.ap0r, sizeof(x->gic.ap0r));
    memcpy(x->gic.ap1r, p->gic.ap1r, sizeof(x->gic.ap1r));
    x->pmu = p->pmu;
    x->pmu.since = x->pmu.told = 0;
}

void context_leaves(struct check *c, unsigned pe, uint64_t rec)
{
    struct rec_context *x = find(c, rec);
    struct pe now = {.gic = c->m->pe[pe].gic, .pmu = c->m->pe[pe].pmu};

    pmu_sync(&now.pmu, c->m->vtime);
    keep(&now, x ? x : add(c, rec));
}

void context_enters(struct check *c, unsigned pe, uint64_t rec)
{
    static const struct rec_context none;
    const struct rec_context *x = find(c, rec);
    struct rec_context now = {.rec = rec};

    check_count(c, 2);
    keep(&c->m->pe[pe], &now);
    if (memcmp(&now.gic, x ? &x->gic : &none.gic, sizeof(now.gic)) != 0)
        check_find(c, "rec-context", rec,
                   "REC 0x%" PRIx64 " enters PE %u with ICH_VMCR_EL2 0x%" PRIx64
                   " or active priorities that are not its own",
                   rec, pe, now.gic.vmcr);
    if (x && memcmp(&now.pmu, &x->pmu, sizeof(now.pmu)) != 0)
        check_find(c, "rec-context", rec,
                   "REC 0x%" PRIx64 " enters PE %u with a PMU that is not its own", rec, pe);
}

static void keep_host(const struct pe *p, struct host_simd *h)
{
    memcpy(h->v, p->r.v, sizeof(h->v));
    h->fpcr = p->r.sys[SR_FPCR];
    h->fpsr = p->r.sys[SR_FPSR];
}

void context_host_before(struct check *c, unsigned pe)
{
    keep_host(&c->m->pe[pe], &c->pes[pe].host);
}

void context_host_after(struct check *c, unsigned pe)
{
    const struct pe *p = &c->m->pe[pe];
    struct host_simd now;

    check_count(c, 3);
    keep_host(p, &now);
    if (memcmp(&now, &c->pes[pe].host, sizeof(now)) != 0)
        check_find(c, "host-context", 0,
                   "after RMI_REC_ENTER the SIMD registers of PE %u are not the host's", pe);
    if (p->hcr_el2 | p->vtcr_el2 | p->vttbr_el2 | p->vmpidr_el2 | p->cnthctl_el2 | p->cptr_el2 |
        p->vsesr_el2 | p->running_rd)
        check_find(c, "host-context", 0,
                   "after RMI_REC_ENTER a control of EL2 on PE %u is the Realm's", pe);
    if (p->gic.hcr & 1)
        check_find(c, "host-context", 0,
                   "after RMI_REC_ENTER the virtual CPU interface of PE %u is on", pe);
}
