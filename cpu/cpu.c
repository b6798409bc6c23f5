/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU as realm_cpu_ops: engines, the run loop, and what the model asks for from outside. */
#include "cpu_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT 100000000u

/* More than any Host would enter a Realm that does not get on. */
#define MAX_BARREN_ENTRIES 10000u

int cpu_new(struct cpu **out)
{
    struct cpu *c = calloc(1, sizeof(*c));
    *out = c;
    if (!c)
        return CCA_ERR_NOMEM;
    c->opt.virtual_time = true;
    c->opt.insn_limit = DEFAULT_LIMIT;
    return CCA_OK;
}

void cpu_free(struct cpu *c)
{
    if (!c)
        return;
    cpu_detach(c);
    for (unsigned i = 0; i < NUM_ENGINES; i++)
        engine_close(cpu_engine(c, i));
    free(c);
}

const char *cpu_version(void)
{
    static char text[16];
    unsigned major, minor, patch = uc_version(&major, &minor) >> 8 & 0xff;
    snprintf(text, sizeof(text), "%u.%u.%u", major & 0xff, minor & 0xff, patch);
    return text;
}

void cpu_set_options(struct cpu *c, const struct cpu_options *o)
{
    c->opt = *o;
}

const struct cpu_stats *cpu_get_stats(const struct cpu *c)
{
    return &c->stats;
}

/* --- binding --- */

static bool remap(struct engine *e, struct machine *m)
{
    const struct mem *old = &e->mapped, *new = &m->mem;
    e->m = m;
    engine_track(e);
    engine_forget(e);
    if (old->host == new->host && old->base == new->base && old->size == new->size)
        return true;
    bool ok = uc_mem_unmap(e->uc, old->base, old->size) == UC_ERR_OK &&
              uc_mem_map_ptr(e->uc, new->base, new->size, UC_PROT_ALL, new->host) == UC_ERR_OK;
    e->mapped = *new;
    return ok;
}

int cpu_bind(struct cpu *c, struct machine *m)
{
    c->m = m;
    for (unsigned i = 0; i < NUM_ENGINES; i++)
        if (cpu_engine(c, i) && !remap(cpu_engine(c, i), m)) {
            engine_close(cpu_engine(c, i));
            c->engine[i / CCA_MAX_PES][i % CCA_MAX_PES] = NULL;
            return CCA_ERR_CPU;
        }
    return CCA_OK;
}

void cpu_unbind(struct cpu *c)
{
    c->m = NULL;
}

int cpu_attach(struct cpu *c, struct machine *m)
{
    int err = cpu_bind(c, m);
    if (err)
        return err;
    m->cpu = &unicorn_cpu;
    m->cpu_ctx = c;
    return CCA_OK;
}

void cpu_detach(struct cpu *c)
{
    if (c->m && c->m->cpu_ctx == c) {
        c->m->cpu = NULL;
        c->m->cpu_ctx = NULL;
    }
    cpu_unbind(c);
}

/* --- running --- */

/* Where it stopped, the block that began last was not finished. Elsewhere PC may lie in it by a jump. */
static bool stopped_inside(const struct engine *e)
{
    if (e->stop == STOP_FAULT)
        return e->fault_kind != ACCESS_FETCH;
    return e->saved || e->stop == STOP_INTR || e->stop == STOP_HOOKED || e->stop == STOP_SP_ALIGN ||
           e->stop == STOP_BREAK || (e->stop == STOP_NONE && e->counted);
}

static uint64_t executed(const struct engine *e, uint64_t pc)
{
    return stopped_inside(e) ? clock_at(e, pc) : clock_begun(e);
}

static uc_err step(struct engine *e, uint64_t pc)
{
    clock_count_on(e);
    uc_ctl_flush_tb(e->uc); /* what is translated does not count instructions */
    return uc_emu_start(e->uc, pc, 0, 0, 1);
}

/* Up to `budget` instructions, exactly. A block that would run past it stops before it begins, and the rest of the
 * way goes instruction by instruction. */
static uc_err run(struct engine *e, uint64_t pc, uint64_t hard, uint64_t soft)
{
    uint64_t budget = soft < hard ? soft : hard;
    e->stop = STOP_NONE;
    e->saved = false;
    clock_begin(e, hard, soft);
    e->running = true;
    uc_err err = debug_steps(e) ? step(e, pc) : uc_emu_start(e->uc, pc, 0, 0, 0);
    if (e->stop == STOP_BUDGET && clock_begun(e) < budget && e->budget) {
        uint64_t rest = budget - clock_begun(e);
        e->stop = STOP_NONE;
        clock_count_on(e);
        uc_reg_read(e->uc, UC_ARM64_REG_PC, &pc);
        uc_ctl_flush_tb(e->uc); /* what is translated does not count instructions */
        err = uc_emu_start(e->uc, pc, 0, 0, (size_t)rest);
    }
    e->running = false;
    zva_done(e);
    /* A fill that was refused to a probe is no fault. */
    if (e->stop == STOP_FAULT && err == UC_ERR_OK)
        e->stop = STOP_NONE;
    return err;
}

/* Instructions that may run before something is due. */
static uint64_t budget_of(const struct engine *e, uint64_t used)
{
    const struct machine *m = e->m;
    if (!e->cpu->opt.virtual_time)
        return UINT64_MAX;
    uint64_t left = e->cpu->opt.insn_limit - used, deadline = realm_deadline(m, e->pe);
    if (deadline == TIME_NEVER)
        return left;
    return deadline - m->vtime < left ? deadline - m->vtime : left;
}

/* Instructions to the end of this PE's turn. */
static uint64_t soft_of(const struct engine *e)
{
    struct machine *m = e->m;
    if (!e->cpu->opt.virtual_time || !m->sched || !m->sched->slice)
        return UINT64_MAX;
    uint64_t end = m->sched->slice(m->sched_ctx, m, e->pe);
    return end > m->vtime ? end - m->vtime : 0;
}

/* Others run, when this PE's turn is over; the platform's devices get what time it is. */
static void share(struct engine *e)
{
    struct machine *m = e->m;
    if (m->plat && plat_deadline(m) <= m->vtime)
        plat_advance(m);
    if (m->sched && m->sched->yield && soft_of(e) == 0)
        m->sched->yield(m->sched_ctx, m, e->pe, SCHED_SLICE);
}

static bool is_illegal_state(const struct pe_regs *r)
{
    unsigned mode = r->pstate & 0x1f;
    return (r->pstate & PSTATE_IL) || (mode != 0 && mode != 4 && mode != 5);
}

static void leave_by_limit(struct realm_exception *exc)
{
    memset(exc, 0, sizeof(*exc));
    exc->vector = VEC_IRQ;
    exc->limit = true;
}

static int internal_failure(struct realm_exception *exc)
{
    memset(exc, 0, sizeof(*exc));
    exc->vector = VEC_SERROR;
    return CCA_ERR_CPU;
}

int engine_run_once(struct engine *e, uint64_t hard, uint64_t soft)
{
    int err = engine_load(e);
    if (err)
        return err;
    uc_err uc = run(e, engine_pe(e)->r.pc, hard, soft);
    if (e->saved)
        e->held_valid = false;
    else
        engine_save(e);
    e->cpu->stats.runs++;
    if (uc != UC_ERR_OK && !(uc == UC_ERR_EXCEPTION && (e->stop == STOP_FAULT || e->saved)))
        return CCA_ERR_CPU;
    if (e->cpu->opt.virtual_time) {
        uint64_t n = executed(e, engine_pe(e)->r.pc);
        e->m->vtime += n;
        e->cpu->stats.insns += n;
    }
    return CCA_OK;
}

/* Did anything run? Without virtual time, only a fetch that was refused says for sure that nothing did. */
bool engine_progressed(const struct engine *e, bool time_passed)
{
    if (e->cpu->opt.virtual_time)
        return time_passed;
    return !(e->stop == STOP_FAULT && e->fault_kind == ACCESS_FETCH);
}

static int loop(struct engine *e, struct realm_exception *exc)
{
    uint64_t used = 0, before, ran;
    for (unsigned idle = 0; idle < MAX_IDLE_STOPS;) {
        bool inside = debug_is_inside(e);
        if (!inside)
            share(e);
        if (realm_interrupt(e->m, e->pe, exc))
            return CCA_OK;
        if (used >= e->cpu->opt.insn_limit) {
            leave_by_limit(exc);
            return CCA_OK;
        }
        e->watch = realm_virtual_masks(e->m, e->pe);
        if (is_illegal_state(&engine_pe(e)->r))
            except_illegal_state(e);
        before = e->cpu->stats.insns;
        uint64_t soft = soft_of(e);
        if (engine_run_once(e, budget_of(e, used), inside && !soft ? 1 : soft) != CCA_OK)
            return internal_failure(exc);
        ran = e->cpu->stats.insns - before;
        used += ran;
        memset(exc, 0, sizeof(*exc));
        bool stays = except_dispatch(e, exc);
        if (e->stop == STOP_BREAK || debug_steps(e))
            debug_stopped(e);
        if (!stays)
            return CCA_OK;
        idle = engine_progressed(e, ran != 0) ? 0 : idle + 1;
    }
    /* An exception whose vector faults at once, for ever: the Realm's fault, and endless on hardware. */
    leave_by_limit(exc);
    return CCA_OK;
}

int cpu_get_engine(struct cpu *c, enum engine_kind kind, unsigned pe, struct engine **out)
{
    int err = CCA_OK;
    if (!c->engine[kind][pe])
        err = engine_open(c, kind, pe, &c->engine[kind][pe]);
    *out = c->engine[kind][pe];
    return err;
}

/*
 * The Realm was entered again and again, and each time took an exception before it executed anything: R-EL2 gives it one of
 * its own, whose vector faults. That is endless, until something else happens. False: the run is over, *exc.
 */
static bool goes_on(struct engine *e, struct realm_exception *exc)
{
    struct machine *m = e->m;
    e->barren = 0;
    if (m->sched && m->sched->yield) {
        m->sched->yield(m->sched_ctx, m, e->pe, SCHED_WFI);
        return true;
    }
    leave_by_limit(exc);
    return false;
}

static int cpu_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct cpu *c = ctx;
    struct engine *e;
    if (c->m != m)
        MODEL_BUG("a Realm of another machine entered on this CPU");
    int err = cpu_get_engine(c, ENGINE_REALM, pe, &e);
    if (err) {
        internal_failure(exc);
        return err;
    }
    c->stats.enters++;
    if (e->barren >= MAX_BARREN_ENTRIES && !goes_on(e, exc))
        return CCA_OK;
    uint64_t before = c->stats.insns;
    err = loop(e, exc);
    bool barren = c->opt.virtual_time && c->stats.insns == before && exc->vector == VEC_SYNC;
    e->barren = barren ? e->barren + 1 : 0;
    return err;
}

static void cpu_flush_tlb(void *ctx, struct machine *m)
{
    struct cpu *c = ctx;
    (void)m;
    for (unsigned i = 0; i < NUM_ENGINES; i++) {
        struct engine *e = cpu_engine(c, i);
        if (!e)
            continue;
        e->flushes++;
        if (e->running) {
            uc_ctl_flush_tlb(e->uc);
            c->stats.tlb_flushes++;
        } else {
            e->want_tlb_flush = true;
        }
    }
}

static void cpu_flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    (void)m;
    code_changed(ctx, granule);
}

static void cpu_reset(void *ctx, struct machine *m)
{
    struct cpu *c = ctx;
    (void)m;
    for (unsigned i = 0; i < NUM_ENGINES; i++)
        if (cpu_engine(c, i))
            engine_forget(cpu_engine(c, i));
}

const struct realm_cpu_ops unicorn_cpu = {
    .name = "unicorn",
    .runs_code = true,
    .enter = cpu_enter,
    .flush_tlb = cpu_flush_tlb,
    .flush_code = cpu_flush_code,
    .reset = cpu_reset,
};
