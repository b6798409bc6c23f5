/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/rmm.h>
#include <ccasim/script.h>

#include <stdlib.h>
#include <string.h>

/* --- Realm code: the engine comes only when a REC without a script is entered ------------------------------- */

static int code_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct sim *s = ctx;
    int err = CCA_ERR_UNSUPPORTED;

    if (s->code == NULL && s->opt.open_cpu)
        err = s->opt.open_cpu(s->opt.ctx, m, s->sc, &s->code, &s->code_ctx);
    if (s->code)
        return s->code->enter(s->code_ctx, m, pe, exc);
    if (s->call[pe])
        s->call[pe]->no_cpu = true;
    memset(exc, 0, sizeof(*exc));
    exc->vector = VEC_IRQ;
    return err == CCA_ERR_UNSUPPORTED ? CCA_OK : err;
}

static void code_flush_tlb(void *ctx, struct machine *m)
{
    struct sim *s = ctx;

    if (s->code && s->code->flush_tlb)
        s->code->flush_tlb(s->code_ctx, m);
}

static void code_flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    struct sim *s = ctx;

    if (s->code && s->code->flush_code)
        s->code->flush_code(s->code_ctx, m, granule);
}

static void code_reset(void *ctx, struct machine *m)
{
    struct sim *s = ctx;

    if (s->code && s->code->reset)
        s->code->reset(s->code_ctx, m);
}

static const struct realm_cpu_ops code_ops = {
    .name = "code",
    .runs_code = true,
    .enter = code_enter,
    .flush_tlb = code_flush_tlb,
    .flush_code = code_flush_code,
    .reset = code_reset,
};

/* --- what check/ wraps ---------------------------------------------------------------------------------------- */

/* What an entry counts against the limit: a Realm whose vectors abort comes back for ever without an instruction. */
#define ENTRY_COST 64u

static int outer_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct sim *s = ctx;
    struct call *c = s->call[pe];
    uint64_t start = m->vtime;
    int err;

    if (c && !c->entered) {
        c->entered = true;
        if (c->st->num_running)
            sched_run(s, c->st->running, c->st->num_running);
    }
    err = s->inner->enter(s->inner_ctx, m, pe, exc);
    if (c) {
        c->cpu_failed |= err != CCA_OK;
        c->spent += m->vtime - start + ENTRY_COST;
        if (c->spent > s->sc->insn_limit && !exc->limit)
            *exc = (struct realm_exception){.vector = VEC_IRQ, .limit = true};
        c->limit |= exc->limit;
    }
    return err;
}

static void outer_flush_tlb(void *ctx, struct machine *m)
{
    struct sim *s = ctx;

    if (s->inner->flush_tlb)
        s->inner->flush_tlb(s->inner_ctx, m);
}

static void outer_flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    struct sim *s = ctx;

    if (s->inner->flush_code)
        s->inner->flush_code(s->inner_ctx, m, granule);
}

static void outer_reset(void *ctx, struct machine *m)
{
    struct sim *s = ctx;

    if (s->inner->reset)
        s->inner->reset(s->inner_ctx, m);
}

static const struct realm_cpu_ops outer_ops = {
    .name = "sim",
    .runs_code = true,
    .enter = outer_enter,
    .flush_tlb = outer_flush_tlb,
    .flush_code = outer_flush_code,
    .reset = outer_reset,
};

static void attach(struct sim *s)
{
    struct machine *m = s->m;

    m->cpu = &code_ops;
    m->cpu_ctx = s;
    script_set_attach(s->scripts, m);
    s->inner = m->cpu;
    s->inner_ctx = m->cpu_ctx;
    m->cpu = &outer_ops;
    m->cpu_ctx = s;
    m->broken = s->opt.broken;
    sched_init(s);
}

static void detach(struct sim *s)
{
    check_free(s->check);
    s->check = NULL;
    if (s->m == NULL)
        return;
    s->m->cpu = s->inner;
    s->m->cpu_ctx = s->inner_ctx;
    script_set_detach(s->scripts, s->m);
    s->m->cpu = NULL;
}

/* --- life cycle --------------------------------------------------------------------------------------------------- */

static void drop_machine(struct sim *s)
{
    if (s->m && s->opt.close_cpu)
        s->opt.close_cpu(s->opt.ctx, s->m);
    machine_free(s->m);
    s->m = NULL;
}

int sim_new(const struct impl *impl, const struct sim_options *opt, struct sim **out)
{
    struct sim *s = calloc(1, sizeof(*s));
    int err = CCA_ERR_NOMEM;

    *out = NULL;
    if (s == NULL)
        return CCA_ERR_NOMEM;
    s->opt = *opt;
    s->scripts = script_set_new();
    if (s->scripts)
        err = sim_reset(s, impl);
    if (err != CCA_OK) {
        sim_free(s);
        return err;
    }
    *out = s;
    return CCA_OK;
}

void sim_free(struct sim *s)
{
    if (s == NULL)
        return;
    if (s->scripts)
        detach(s);
    drop_machine(s);
    sched_destroy(s);
    script_set_free(s->scripts);
    free(s->vars);
    free(s->var_set);
    free(s->buf);
    free(s);
}

/* A difference in padding costs a new machine, nothing else. */
static bool same_impl(const struct impl *a, const struct impl *b)
{
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    return memcmp(a, b, sizeof(*a)) == 0;
}

int sim_reset(struct sim *s, const struct impl *impl)
{
    int err;

    detach(s);
    script_set_clear(s->scripts);
    s->sc = NULL;
    s->code = NULL;
    s->wedged = false;
    s->wedged_on = 0;
    memset(&s->seen, 0, sizeof(s->seen));
    if (s->m && !same_impl(&s->m->impl, impl))
        drop_machine(s);
    if (s->m == NULL) {
        err = machine_new(impl, &s->m);
        if (err != CCA_OK)
            return err;
    } else {
        machine_reset(s->m);
    }
    attach(s);
    err = check_new(s->m, s->opt.check, &s->check);
    return err;
}

void sim_set_options(struct sim *s, const struct sim_options *opt)
{
    s->opt = *opt;
    s->m->broken = opt->broken;
}

struct machine *sim_machine(struct sim *s)
{
    return s->m;
}

struct check *sim_check(struct sim *s)
{
    return s->check;
}

const struct sim_accesses *sim_accesses(const struct sim *s)
{
    return &s->seen;
}

uint64_t sim_wedged_on(const struct sim *s)
{
    return s->wedged_on;
}
