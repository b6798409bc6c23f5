/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a REC and the host each own of a PE: devices, system and SIMD registers of a REC are, when it is entered, as they
 * were when it left; the host's registers are, after each call, as they were before it, and the devices of the REC are off.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const sysreg_names[SR_COUNT] = {
#define X(n) #n,
    PE_SYSREGS(X)
#undef X
};

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

/* The RMM changes these where it takes an exception to the Realm: they are judged with it. */
static bool is_of_exception(unsigned reg)
{
    return reg == SR_ELR_EL1 || reg == SR_SPSR_EL1 || reg == SR_ESR_EL1 || reg == SR_FAR_EL1;
}

#define CNT_ISTATUS 4ull

static void keep_regs(const struct pe_regs *r, struct rec_context *x)
{
    for (unsigned i = 0; i < SR_COUNT; i++)
        x->sys[i] = is_of_exception(i) ? 0 : r->sys[i];
    x->sys[SR_CNTP_CTL_EL0] &= ~CNT_ISTATUS;
    x->sys[SR_CNTV_CTL_EL0] &= ~CNT_ISTATUS;
    memcpy(x->v, r->v, sizeof(x->v));
}

/* The Host gives list registers and ICH_HCR_EL2; time goes on. */
static void keep(const struct pe *p, struct rec_context *x)
{
    x->gic = (struct pe_gic){.vmcr = p->gic.vmcr};
    memcpy(x->gic.ap0r, p->gic.ap0r, sizeof(x->gic.ap0r));
    memcpy(x->gic.ap1r, p->gic.ap1r, sizeof(x->gic.ap1r));
    x->pmu = p->pmu;
    x->pmu.since = x->pmu.told = 0;
    keep_regs(&p->r, x);
}

void context_leaves(struct check *c, unsigned pe, uint64_t rec)
{
    struct rec_context *x = find(c, rec);
    struct pe now = {.r = c->m->pe[pe].r, .gic = c->m->pe[pe].gic, .pmu = c->m->pe[pe].pmu};

    pmu_sync(&now.pmu, c->m->vtime);
    x = x ? x : add(c, rec);
    keep(&now, x);
    x->has_regs = c->sees_memory;
}

/* A REC that is off starts anew when it runs again. */
void context_rests(struct check *c, uint64_t rec)
{
    struct rec_context *x = find(c, rec);
    struct rmm_rec_view v;

    if (x == NULL || !x->has_regs || c->m->gst[granule_index(c->m, rec)].state != GST_REC)
        return;
    rmm_view_rec(c->m, rec, c->scratch, &v);
    x->has_regs = v.runnable;
}

static void same_regs(struct check *c, unsigned pe, const struct rec_context *was,
                      const struct rec_context *now)
{
    check_count(c, 2);
    for (unsigned i = 0; i < SR_COUNT; i++) {
        if (now->sys[i] != was->sys[i])
            check_find(c, "rec-context", now->rec,
                       "REC 0x%" PRIx64 " enters PE %u with %s 0x%" PRIx64
                       ", it left with 0x%" PRIx64,
                       now->rec, pe, sysreg_names[i], now->sys[i], was->sys[i]);
    }
    if (memcmp(now->v, was->v, sizeof(now->v)) != 0)
        check_find(c, "rec-context", now->rec,
                   "REC 0x%" PRIx64 " enters PE %u with SIMD registers that are not its own",
                   now->rec, pe);
}

/* Of a REC that never ran: nothing is active, and the binary points are the least that the PE has (IHI0069, ICH_VMCR_EL2). */
static struct pe_gic new_gic(const struct impl *impl)
{
    uint64_t bits = impl->lr_priority_bits < 7 ? impl->lr_priority_bits : 7;

    return (struct pe_gic){.vmcr = (7 - bits) << 21 | (8 - bits) << 18};
}

void context_enters(struct check *c, unsigned pe, uint64_t rec)
{
    const struct pe_gic none = new_gic(&c->m->impl);
    const struct rec_context *x = find(c, rec);
    struct rec_context now = {.rec = rec};

    check_count(c, 2);
    keep(&c->m->pe[pe], &now);
    if (memcmp(&now.gic, x ? &x->gic : &none, sizeof(now.gic)) != 0)
        check_find(c, "rec-context", rec,
                   "REC 0x%" PRIx64 " enters PE %u with ICH_VMCR_EL2 0x%" PRIx64
                   " or active priorities that are not its own",
                   rec, pe, now.gic.vmcr);
    if (x && memcmp(&now.pmu, &x->pmu, sizeof(now.pmu)) != 0)
        check_find(c, "rec-context", rec,
                   "REC 0x%" PRIx64 " enters PE %u with a PMU that is not its own", rec, pe);
    if (x && x->has_regs)
        same_regs(c, pe, x, &now);
}

void context_host_before(struct check *c, unsigned pe)
{
    c->pes[pe].host = c->m->pe[pe].r;
}

/* I23, but for x0 to x16, which `result` judges. */
static void host_regs(struct check *c, unsigned pe, const struct pe_regs *was,
                      const struct pe_regs *now)
{
    if (memcmp(now->x, was->x, sizeof(now->x)) != 0 || now->pc != was->pc ||
        now->pstate != was->pstate)
        check_find(c, "I23", 0,
                   "after the call the general-purpose registers, PC or PSTATE of PE %u are not "
                   "the host's",
                   pe);
    for (unsigned i = 0; i < SR_COUNT; i++) {
        if (now->sys[i] != was->sys[i] && i != SR_FPCR && i != SR_FPSR)
            check_find(c, "I23", 0,
                       "after the call %s of PE %u is 0x%" PRIx64 ", the host had 0x%" PRIx64,
                       sysreg_names[i], pe, now->sys[i], was->sys[i]);
    }
}

void context_host_after(struct check *c, unsigned pe, bool is_enter)
{
    static const struct pe_pmu none;
    const struct pe *p = &c->m->pe[pe];
    const struct pe_regs *was = &c->pes[pe].host;

    check_count(c, 1);
    if (__builtin_expect(memcmp(&p->r, was, sizeof(*was)) != 0, 0)) {
        host_regs(c, pe, was, &p->r);
        if (memcmp(p->r.v, was->v, sizeof(was->v)) != 0 || p->r.sys[SR_FPCR] != was->sys[SR_FPCR] ||
            p->r.sys[SR_FPSR] != was->sys[SR_FPSR])
            check_find(c, "host-context", 0,
                       "after the call the SIMD registers of PE %u are not the host's", pe);
    }
    if (!is_enter)
        return;
    check_count(c, 3);
    if (p->hcr_el2 | p->vtcr_el2 | p->vttbr_el2 | p->vmpidr_el2 | p->cnthctl_el2 | p->cptr_el2 |
        p->vsesr_el2 | p->running_rd | p->running_rec)
        check_find(c, "host-context", 0,
                   "after RMI_REC_ENTER a control of EL2 on PE %u is the Realm's", pe);
    if (memcmp(&p->pmu, &none, sizeof(none)) != 0)
        check_find(c, "host-context", 0, "after RMI_REC_ENTER the PMU of PE %u is the Realm's", pe);
    if (p->gic.hcr & 1)
        check_find(c, "host-context", 0,
                   "after RMI_REC_ENTER the virtual CPU interface of PE %u is on", pe);
}
