/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_ENTER from the Realm's side: between the RMM's run loop and the Realm CPU. What the Realm finds in its
 * registers at each entry, and what takes the PE out of it, go to the specification; I10 to I12 are looked at.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void check_take_regs(const struct pe_regs *r, struct spec_regs *out)
{
    memcpy(out->x, r->x, sizeof(out->x));
    out->pc = r->pc;
    out->pstate = r->pstate;
    out->elr_el1 = r->sys[SR_ELR_EL1];
    out->spsr_el1 = r->sys[SR_SPSR_EL1];
    out->esr_el1 = r->sys[SR_ESR_EL1];
    out->far_el1 = r->sys[SR_FAR_EL1];
    out->vbar_el1 = r->sys[SR_VBAR_EL1];
    out->sctlr_el1 = r->sys[SR_SCTLR_EL1];
}

/* CNTx_CTL_EL0 as it would read now: ENABLE, IMASK, and ISTATUS by the counter (DDI0487 D24.10). */
static uint64_t timer_control(const struct machine *m, uint64_t ctl, uint64_t cval)
{
    return (ctl & 3) | ((ctl & 1) && m->vtime >= cval ? 4 : 0);
}

/* VTCR_EL2.T0SZ: the PE does not translate an IPA that is larger. */
static uint64_t ipa_top(const struct pe *p)
{
    return 1ull << (64 - (p->vtcr_el2 & 0x3f));
}

/* The Realm's tables are as the abort found them: nobody had a turn since. */
static uint8_t stage1_level(struct machine *m, unsigned pe, const struct realm_exception *exc)
{
    const struct pe *p = &m->pe[pe];
    unsigned ec = ESR_GET_EC(exc->esr);
    int level;

    if (exc->vector != VEC_SYNC || (ec != EC_DABORT_LOWER && ec != EC_IABORT_LOWER) ||
        !(p->r.sys[SR_SCTLR_EL1] & 1) || (exc->hpfar & 0xffffffffff0ull) << 8 < ipa_top(p))
        return 0;
    if (!mmu_s1_level(m, pe, exc->far, ec == EC_IABORT_LOWER ? ACCESS_FETCH : ACCESS_READ,
                      ipa_top(p), &level))
        return 0;
    return (uint8_t)level;
}

static void take_trap(struct machine *m, unsigned pe, const struct realm_exception *exc,
                      struct spec_trap *out)
{
    static const enum spec_vector vector[] = {
        [VEC_SYNC] = SPEC_SYNC,
        [VEC_IRQ] = SPEC_IRQ,
        [VEC_FIQ] = SPEC_FIQ,
        [VEC_SERROR] = SPEC_SERROR,
    };
    const struct pe *p = &m->pe[pe];

    memset(out, 0, sizeof(*out));
    out->vector = vector[exc->vector];
    out->esr = exc->esr;
    out->far = exc->far;
    out->hpfar = exc->hpfar;
    check_take_regs(&p->r, &out->regs);
    out->cntp_ctl = timer_control(m, p->r.sys[SR_CNTP_CTL_EL0], p->r.sys[SR_CNTP_CVAL_EL0]);
    out->cntp_cval = p->r.sys[SR_CNTP_CVAL_EL0];
    out->cntv_ctl = timer_control(m, p->r.sys[SR_CNTV_CTL_EL0], p->r.sys[SR_CNTV_CVAL_EL0]);
    out->cntv_cval = p->r.sys[SR_CNTV_CVAL_EL0];
    out->gicv3_hcr = p->gic.hcr;
    out->gicv3_vmcr = p->gic.vmcr;
    for (unsigned i = 0; i < PE_NUM_LRS; i++)
        out->gicv3_lrs[i] = p->gic.lr[i];
    out->s1_level = stage1_level(m, pe, exc);
    out->pmu_ovf_status = pmu_overflow(&p->pmu, m->vtime);
}

static void take_devices(const struct machine *m, unsigned pe, struct spec_devices *out)
{
    const struct pe *p = &m->pe[pe];

    out->cntp_ctl = timer_control(m, p->r.sys[SR_CNTP_CTL_EL0], p->r.sys[SR_CNTP_CVAL_EL0]);
    out->cntv_ctl = timer_control(m, p->r.sys[SR_CNTV_CTL_EL0], p->r.sys[SR_CNTV_CVAL_EL0]);
    out->gicv3_hcr = p->gic.hcr;
    out->gicv3_vmcr = p->gic.vmcr;
    for (unsigned i = 0; i < PE_NUM_LRS; i++)
        out->gicv3_lrs[i] = p->gic.lr[i];
}

/* --- segments ------------------------------------------------------------------------------------------------------ */

static void entered_despite_failure(struct spec_verdict *v)
{
    v->ok = false;
    snprintf(v->mismatch, sizeof(v->mismatch),
             "the Realm is entered, although a failure condition of the call holds");
}

static void run_start(struct check *c, struct call *call, const struct spec_env *env,
                      struct spec_verdict *v)
{
    const struct segment *g = &call->segment;

    if (!g->begins) {
        spec_realm_trap(c->spec, env, call->in[1], &g->trap, v);
        return;
    }
    spec_rec_enter_begin(c->spec, env, call->in, v);
    if (g->enters && v->true_mask)
        entered_despite_failure(v);
}

static void run_end(struct check *c, struct call *call, const struct spec_env *env,
                    struct spec_verdict *v)
{
    const struct segment *g = &call->segment;

    if (g->enters)
        spec_realm_resume(c->spec, env, call->in[1], &g->regs, &g->devices, v);
    else
        spec_rec_enter_end(c->spec, env, call->in, call->out, v);
}

bool check_segment_tries(struct check *c, struct call *call, struct spec_verdict *v)
{
    struct env_ctx ctx;
    struct spec_env env;

    check_env(c, call, &ctx, &env);
    run_start(c, call, &env, v);
    if (v->ok)
        run_end(c, call, &env, v);
    return v->ok;
}

/* What the RMM did with an exception of the Realm. */
static void cover_start(struct check *c, const struct call *call, const struct spec_verdict *v)
{
    if (call->segment.begins)
        return;
    if (v->cmd == NULL || v->cmd->fid == RMI_REC_ENTER)
        check_cover_trap(c, v);
    else if (v->settled)
        check_cover(c, v);
}

/* A command of the Realm that was not settled before; or what this entry is, if no exit before it said so. */
static void cover_entry(struct check *c, const struct segment *g, const struct spec_verdict *v)
{
    if (v->cmd != NULL && v->cmd->fid != RMI_REC_ENTER) {
        if (v->settled)
            check_cover(c, v);
    } else if (g->begins) {
        check_cover_trap(c, v);
    }
}

void check_segment_judge(struct check *c, struct call *call)
{
    struct check_pe *p = &c->pes[call->pe];
    const struct segment *g = &call->segment;
    struct env_ctx ctx;
    struct spec_env env;

    check_env(c, call, &ctx, &env);
    run_start(c, call, &env, &p->verdict);
    check_take_spec_touched(c, call->pe);
    check_verdict(c, call, &p->verdict, g->begins ? "result" : "realm-registers");
    cover_start(c, call, &p->verdict);
    run_end(c, call, &env, &p->verdict);
    check_take_spec_touched(c, call->pe);
    check_verdict(c, call, &p->verdict, g->enters ? "realm-registers" : "result");
    if (g->enters) {
        cover_entry(c, g, &p->verdict);
        return;
    }
    check_cover(c, &p->verdict);
    check_touch(c, call->pe, call->in[1], TOUCH_SPEC | TOUCH_OBJ);
}

static bool is_captured(const struct call *call, uint64_t pa)
{
    for (unsigned i = 0; i < call->num_captures; i++) {
        if (call->capture[i].pa == pa)
            return true;
    }
    return false;
}

void check_enter_end(struct check *c, struct check_pe *p)
{
    uint64_t exit = p->call.in[2] + REC_EXIT_BASE;

    p->call.segment.enters = false;
    if (c->num_active > 1 || c->num_overlap || is_captured(&p->call, exit))
        check_capture_written(c, &p->call, exit, REC_EXIT_SIZE);
    check_ended(c, &p->call);
}

/* --- I10, I11, I12 at an entry ------------------------------------------------------------------------------------ */

static void rec_may_run(struct check *c, struct check_pe *p, unsigned pe, uint64_t rec)
{
    const struct gst_entry *g = &c->m->gst[granule_index(c->m, rec)];
    struct rmm_rec_view v;
    struct rmm_rd_view rd;

    check_count(c, 3);
    if (g->state != GST_REC || g->refcount != 1) {
        check_find(c, "I12", rec,
                   "PE %u enters REC 0x%" PRIx64 ", which is %s with reference count %u", pe, rec,
                   gst_state_name(g->state), g->refcount);
        return;
    }
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        if (i != pe && c->m->pe[i].running_rec == rec)
            check_find(c, "I11", rec, "REC 0x%" PRIx64 " runs on PE %u and on PE %u", rec, i, pe);
    }
    rmm_view_rec(c->m, rec, c->scratch, &v);
    if (!p->entered && !v.runnable)
        check_find(c, "I12", rec, "PE %u enters REC 0x%" PRIx64 ", which is not runnable", pe, rec);
    if (!mem_contains(c->m, v.rd) || c->m->gst[granule_index(c->m, v.rd)].state != GST_RD)
        return; /* I3 */
    rmm_view_rd(c->m, v.rd, c->scratch2, &rd);
    if (p->entered ? rd.state == REALM_NEW : rd.state != REALM_ACTIVE)
        check_find(c, "I12", rec, "PE %u enters REC 0x%" PRIx64 " of a Realm that is %s", pe, rec,
                   realm_state_name(rd.state));
}

/* --- the Realm CPU, interposed ------------------------------------------------------------------------------------ */

static void before_entry(struct check *c, struct check_pe *p, unsigned pe, uint64_t rec)
{
    struct segment *g = &p->call.segment;

    if (mem_contains(c->m, rec))
        rec_may_run(c, p, pe, rec);
    context_enters(c, pe, rec);
    request_is_over(c, rec);
    g->enters = true;
    check_take_regs(&c->m->pe[pe].r, &g->regs);
    take_devices(c->m, pe, &g->devices);
    check_ended(c, &p->call);
}

static void after_exit(struct check *c, struct check_pe *p, unsigned pe,
                       const struct realm_exception *exc)
{
    const struct pe_regs *r = &c->m->pe[pe].r;

    context_leaves(c, pe, p->call.in[1]);
    check_cover_exit(c, &c->m->pe[pe], pmu_overflow(&c->m->pe[pe].pmu, c->m->vtime));
    c->num_active++;
    p->call.began = ++c->clock;
    p->call.num_written = 0;
    p->call.segment.begins = false;
    take_trap(c->m, pe, exc, &p->call.segment.trap);
    p->rsi_extend[0] = 0;
    if (exc->vector == VEC_SYNC && ESR_GET_EC(exc->esr) == EC_SMC64 &&
        r->x[0] == RSI_MEASUREMENT_EXTEND)
        memcpy(p->rsi_extend, r->x, sizeof(p->rsi_extend));
    if (exc->vector == VEC_SYNC && ESR_GET_EC(exc->esr) == EC_SMC64 && r->x[0] == RSI_IPA_STATE_SET)
        request_ripas(c, p->call.in[1], r->x);
}

static int check_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct check *c = ctx;
    struct check_pe *p = &c->pes[pe];
    uint64_t rec = m->pe[pe].running_rec;
    bool judged = p->active && p->is_enter;
    int err;

    c->pe = pe;
    if (judged) {
        if (rec != p->call.in[1])
            check_find(c, "I11", rec,
                       "PE %u enters REC 0x%" PRIx64 " in an RMI_REC_ENTER of 0x%" PRIx64, pe, rec,
                       p->call.in[1]);
        before_entry(c, p, pe, p->call.in[1]);
    }
    p->entered = true;
    err = c->real_cpu->enter(c->real_ctx, m, pe, exc);
    c->pe = pe;
    if (judged)
        after_exit(c, p, pe, exc);
    return err;
}

static void pass_flush_tlb(void *ctx, struct machine *m)
{
    struct check *c = ctx;

    c->real_cpu->flush_tlb(c->real_ctx, m);
}

static void pass_flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    struct check *c = ctx;

    c->real_cpu->flush_code(c->real_ctx, m, granule);
}

static void pass_reset(void *ctx, struct machine *m)
{
    struct check *c = ctx;

    c->real_cpu->reset(c->real_ctx, m);
}

void check_cpu_interpose(struct check *c)
{
    const struct realm_cpu_ops *real = c->m->cpu;

    if (real == NULL)
        return;
    c->real_cpu = real;
    c->real_ctx = c->m->cpu_ctx;
    c->cpu = (struct realm_cpu_ops){
        .name = real->name,
        .runs_code = real->runs_code,
        .enter = check_enter,
        .flush_tlb = real->flush_tlb ? pass_flush_tlb : NULL,
        .flush_code = real->flush_code ? pass_flush_code : NULL,
        .reset = real->reset ? pass_reset : NULL,
    };
    c->m->cpu = &c->cpu;
    c->m->cpu_ctx = c;
}

void check_cpu_restore(struct check *c)
{
    if (c->real_cpu == NULL || c->m->cpu != &c->cpu)
        return;
    c->m->cpu = c->real_cpu;
    c->m->cpu_ctx = c->real_ctx;
}
