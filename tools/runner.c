/* SPDX-License-Identifier: BSD-3-Clause */
#include "runner.h"

#include <ccasim/cpu.h>
#include <ccasim/gpt.h>
#include <ccasim/rmm.h>
#include <ccasim/script.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "report.h"
#include "story.h"
#include "trace.h"

struct runner {
    struct run_options o;
    uint32_t broken; /* of the options, or of the trace in hand */
    struct scenario_loader *loader;
    struct sim *sim;
    struct runner_cpu cpu;

    /* the scenario in hand */
    const struct scenario *sc;
    struct run_outcome *out;
    const struct step *failed_step; /* innermost; NULL: none so far */
    struct step_result failed;
    struct text line;
};

/* --- the emulated CPU ------------------------------------------------------------------------------------------- */

const char *const realm_kind_names[REALM_KINDS] = {"auto", "unicorn", "script"};

static bool has_emulator(struct runner_cpu *c)
{
    return c->kind != REALM_SCRIPT && (c->cpu || cpu_new(&c->cpu) == CCA_OK);
}

bool runner_cpu_available(struct runner_cpu *c)
{
    return c->kind != REALM_UNICORN || has_emulator(c);
}

static int open_script(struct runner_cpu *c, const struct scenario *sc,
                       const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct script_code_options o = {.virtual_time = sc->virtual_time, .insn_limit = sc->insn_limit};

    if (c->code == NULL)
        c->code = script_code_new();
    if (c->code == NULL)
        return CCA_ERR_NOMEM;
    script_code_reset(c->code, &o);
    *ops = &script_code_cpu;
    *ops_ctx = c->code;
    return CCA_OK;
}

void runner_cpu_reset(struct runner_cpu *c)
{
    struct script_code_options o = {.virtual_time = true};

    if (c->code)
        script_code_reset(c->code, &o);
}

bool runner_cpu_unknown(const struct runner_cpu *c, char *why, size_t size)
{
    char text[80];
    uint32_t insn;
    uint64_t pc;

    if (c->code == NULL || !script_code_unknown(c->code, &insn, &pc))
        return false;
    cpu_disasm(insn, pc, text, sizeof(text));
    snprintf(why, size, "the scripted Realm does not know `%s` (0x%08x) at 0x%llx", text,
             (unsigned)insn, (unsigned long long)pc);
    return true;
}

int runner_cpu_open(struct runner_cpu *c, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct cpu_options o = {.virtual_time = sc->virtual_time, .insn_limit = sc->insn_limit};
    int err;

    if (!has_emulator(c))
        return c->kind == REALM_UNICORN ? CCA_ERR_UNSUPPORTED : open_script(c, sc, ops, ops_ctx);
    if (c->bound != m) {
        if (c->bound)
            cpu_unbind(c->cpu);
        c->bound = NULL;
        err = cpu_bind(c->cpu, m);
        if (err != CCA_OK)
            return err;
        c->bound = m;
    }
    cpu_set_options(c->cpu, &o);
    *ops = &unicorn_cpu;
    *ops_ctx = c->cpu;
    if (unicorn_cpu.reset)
        unicorn_cpu.reset(c->cpu, m);
    return CCA_OK;
}

void runner_cpu_close(struct runner_cpu *c, struct machine *m)
{
    if (c->bound != m)
        return;
    cpu_unbind(c->cpu);
    c->bound = NULL;
}

void runner_cpu_free(struct runner_cpu *c)
{
    if (c->cpu)
        cpu_free(c->cpu);
    c->cpu = NULL;
    script_code_free(c->code);
    c->code = NULL;
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct runner *r = ctx;

    return runner_cpu_open(&r->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    struct runner *r = ctx;

    runner_cpu_close(&r->cpu, m);
}

/* --- what is seen of each step ------------------------------------------------------------------------------------ */

static void on_event(void *ctx, struct machine *m, const struct event *e)
{
    struct runner *r = ctx;

    (void)m;
    trace_event(&r->out->text[OUT_TRACE], e);
}

static void before_step(void *ctx, const struct step *st, const uint64_t *in)
{
    struct runner *r = ctx;

    trace_step(&r->out->text[OUT_TRACE], r->sim, r->sc, st, in);
}

static void verbose_step(struct runner *r, const struct step *st, const struct step_result *res)
{
    struct text *t = &r->out->text[OUT_VERBOSE];

    text_clear(&r->line);
    report_step(&r->line, r->sc, st, res->called ? res->in : NULL);
    text_printf(t, "  %4u  PE%u  %-56s  ", st->number, st->pe, r->line.s);
    report_result(t, r->sc, st, res);
    text_puts(t, res->failed ? "  <- FAIL\n" : "\n");
}

static void on_step(void *ctx, const struct step *st, const struct step_result *res)
{
    struct runner *r = ctx;

    if (r->o.trace)
        trace_result(&r->out->text[OUT_TRACE], sim_machine(r->sim), r->sc, st, res);
    if (r->o.verbose)
        verbose_step(r, st, res);
    if (res->failed && r->failed_step == NULL) {
        r->failed_step = st;
        r->failed = *res;
    }
}

/* --- what is told of a scenario besides pass and fail -------------------------------------------------------------- */

static const char *cell(uint32_t allowed, uint32_t faulted)
{
    if (allowed && faulted)
        return "ok, GPF";
    return allowed ? "ok" : faulted ? "GPF" : "-";
}

static void verbose_accesses(struct text *t, const struct sim_accesses *a)
{
    if (a->total == 0)
        return;
    text_puts(t, "  accesses seen        granule:  NS       Secure   Realm    Root\n");
    for (unsigned w = 0; w < WORLD_COUNT; w++) {
        text_printf(t, "    by the %-6s world         ", world_name((enum world)w));
        for (unsigned p = 0; p < PAS_COUNT; p++)
            text_printf(t, p + 1 < PAS_COUNT ? "%-9s" : "%s\n",
                        cell(a->allowed[w][p], a->faulted[w][p]));
    }
}

static void verbose_bugs(struct text *t, const struct machine *m)
{
    const char *sep = "  places of planted bugs reached: ";

    for (size_t i = 0; i < rmm_bug_count; i++) {
        if (m->break_count[i] == 0)
            continue;
        text_printf(t, "%s%s %u", sep, rmm_bugs[i].name, m->break_count[i]);
        sep = ", ";
    }
    if (*sep == ',')
        text_puts(t, "\n");
}

struct json_list {
    struct text *t;
    const char *sep;
};

static void json_covered(void *ctx, const char *id, uint64_t count)
{
    struct json_list *l = ctx;

    text_puts(l->t, l->sep);
    text_json(l->t, id);
    text_printf(l->t, ": %llu", (unsigned long long)count);
    l->sep = ", ";
}

static void json_findings(struct text *t, const struct check *c)
{
    size_t num;
    const struct finding *f = check_findings(c, &num);

    text_puts(t, "], \"findings\": [");
    for (size_t i = 0; i < num; i++)
        text_printf(t, "%s{\"rule\": \"%s\", \"step\": %llu}", i ? ", " : "", f[i].rule,
                    (unsigned long long)f[i].step);
    text_puts(t, "]");
}

static void json_bugs(struct text *t, const struct machine *m)
{
    const char *sep = "";

    text_puts(t, ", \"bugs\": {");
    for (size_t i = 0; i < rmm_bug_count; i++) {
        if (m->break_count[i] == 0)
            continue;
        text_printf(t, "%s\"%s\": %u", sep, rmm_bugs[i].name, m->break_count[i]);
        sep = ", ";
    }
    text_puts(t, "}");
}

static void json_scenario(struct runner *r)
{
    struct text *t = &r->out->text[OUT_JSON];
    struct json_list l = {.t = t, .sep = ""};

    text_printf(t, ", \"steps\": %u, \"tags\": [", r->sc->total_steps);
    for (unsigned i = 0; i < r->sc->num_tags; i++) {
        text_puts(t, i ? ", " : "");
        text_json(t, r->sc->tags[i]);
    }
    json_findings(t, sim_check(r->sim));
    if (r->failed_step)
        text_printf(t, ", \"failed_step\": %u", r->failed_step->number);
    text_printf(t, ", \"predicates\": %llu, \"covered\": {",
                (unsigned long long)check_num_predicates(sim_check(r->sim)));
    check_each_covered(sim_check(r->sim), json_covered, &l);
    text_puts(t, "}");
    json_bugs(t, sim_machine(r->sim));
}

/* --- a scenario ------------------------------------------------------------------------------------------------------ */

static struct sim_options sim_options_of(struct runner *r)
{
    return (struct sim_options){
        .check = r->o.check,
        .broken = r->broken,
        .open_cpu = open_cpu,
        .close_cpu = close_cpu,
        .before_step = r->o.trace ? before_step : NULL,
        .on_step = on_step,
        .ctx = r,
    };
}

/* False: no planted bug has that name. NULL: none. */
static bool bug_of(const char *name, uint32_t *out)
{
    int bug = name ? rmm_bug_by_name(name) : -1;

    *out = (unsigned)(bug + 1);
    return name == NULL || bug >= 0;
}

static int runner_reset(struct runner *r, const struct impl *impl)
{
    struct sim_options opt = sim_options_of(r);

    if (r->sim == NULL)
        return sim_new(impl, &opt, &r->sim);
    sim_set_options(r->sim, &opt);
    return sim_reset(r->sim, impl);
}

static void tell_failure(struct runner *r, const struct run_item *item)
{
    struct story story = {
        .o = &r->o,
        .item = item,
        .sc = r->sc,
        .step = r->failed_step,
        .r = &r->failed,
        .cpu = &r->cpu,
        .broken = r->broken,
    };

    r->out->result = r->failed.limit ? RUN_LIMIT : RUN_FAILED;
    story_tell(&r->out->text[OUT_STORY], r->sim, &story);
}

static void runner_execute(struct runner *r, const struct run_item *item, const struct trace *trace,
                           const char *bug)
{
    struct machine *m = sim_machine(r->sim);
    struct step_result last;
    char why[160];
    int failed;

    if (r->o.trace) {
        if (event_listen(m, EV_ALL, on_event, r) != CCA_OK)
            MODEL_BUG("too many listeners");
        trace_scenario(&r->out->text[OUT_TRACE], r->sc, &m->impl, trace ? trace->name : item->path,
                       bug);
    }
    runner_cpu_reset(&r->cpu);
    failed = sim_run(r->sim, r->sc, &last);
    if (r->o.trace) {
        trace_end(&r->out->text[OUT_TRACE], m, failed < 0);
        event_unlisten(m, on_event, r);
    }
    r->out->result = RUN_PASSED;
    if (r->o.verbose) {
        verbose_accesses(&r->out->text[OUT_VERBOSE], sim_accesses(r->sim));
        verbose_bugs(&r->out->text[OUT_VERBOSE], m);
    }
    if (r->o.json)
        json_scenario(r);
    if (r->o.cover)
        coverage_scenario(&r->out->text[OUT_COVER], sim_check(r->sim));
    if (failed >= 0 && r->failed_step == NULL) {
        r->failed_step = &r->sc->steps[failed];
        r->failed = last;
    }
    if (runner_cpu_unknown(&r->cpu, why, sizeof(why))) {
        r->out->result = RUN_SKIPPED;
        text_puts(&r->out->text[OUT_STORY], why);
    } else if (failed >= 0) {
        tell_failure(r, item);
        if (trace && trace->overlaps)
            text_printf(&r->out->text[OUT_STORY],
                        "     note: %u calls of this boot began while another PE was in one. A "
                        "trace puts one "
                        "inside the other, and may end differently.\n",
                        trace->overlaps);
    } else if (trace && trace->has_hash && machine_hash(m) != trace->hash) {
        r->out->result = RUN_FAILED;
        text_printf(&r->out->text[OUT_STORY],
                    "FAIL %s  the machine ends in another state than in the trace of %s\n"
                    "     expected hash 0x%016llx      got 0x%016llx\n"
                    "     reproduce: ccasim run %s\n",
                    item->path, trace->name, (unsigned long long)trace->hash,
                    (unsigned long long)machine_hash(m), item->path);
    }
}

static bool wanted(const struct runner *r)
{
    for (unsigned i = 0; i < r->o.num_tags; i++)
        for (unsigned k = 0; k < r->sc->num_tags; k++)
            if (strcmp(r->o.tags[i], r->sc->tags[k]) == 0)
                return true;
    return r->o.num_tags == 0;
}

static void run_loaded(struct runner *r, const struct run_item *item, const struct trace *trace)
{
    struct impl impl = r->sc->impl;
    const char *bug = r->o.break_name;

    text_puts(&r->out->text[OUT_NAME], r->sc->purpose ? r->sc->purpose : "");
    if (!wanted(r)) {
        r->out->result = RUN_NOT_WANTED;
        return;
    }
    if (r->sc->needs_cpu && !runner_cpu_available(&r->cpu)) {
        r->out->result = RUN_SKIPPED;
        text_puts(&r->out->text[OUT_STORY], "needs the emulated CPU");
        return;
    }
    if (trace)
        bug = r->o.break_name ? r->o.break_name : trace->break_name;
    if (!bug_of(bug, &r->broken)) {
        r->out->result = RUN_SKIPPED;
        text_printf(&r->out->text[OUT_STORY], "this build has no planted bug %s", bug);
        return;
    }
    if (r->o.seed_given)
        impl.seed = r->o.seed;
    if (runner_reset(r, &impl) != CCA_OK)
        MODEL_BUG("no machine for %s", item->path);
    runner_execute(r, item, trace, bug);
}

static void invalid(struct run_outcome *out, const struct diag_list *diags)
{
    char *s = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&s, &len);

    if (f == NULL)
        MODEL_BUG("out of memory");
    diag_list_print(diags, f);
    fclose(f);
    text_add(&out->text[OUT_ERRORS], s, len);
    free(s);
    out->result = RUN_INVALID;
}

static const char *const result_names[RUN_RESULTS] = {
    [RUN_PASSED] = "passed",   [RUN_FAILED] = "failed",   [RUN_LIMIT] = "limit",
    [RUN_INVALID] = "invalid", [RUN_SKIPPED] = "skipped", [RUN_NOT_WANTED] = "not wanted",
};

static void json_close(const struct run_item *item, struct run_outcome *out)
{
    struct text rest = out->text[OUT_JSON];
    struct text *t = &out->text[OUT_JSON];

    *t = (struct text){0};
    text_puts(t, "{\"file\": ");
    text_json(t, item->path);
    text_printf(t, ", \"result\": \"%s\", \"purpose\": ", result_names[out->result]);
    text_json(t, out->text[OUT_NAME].s ? out->text[OUT_NAME].s : "");
    text_add(t, rest.s, rest.len);
    text_puts(t, "}");
    text_free(&rest);
}

void runner_run(struct runner *r, const struct run_item *item, struct run_outcome *out)
{
    struct diag_list diags = {0};
    struct trace trace = {0};
    struct scenario *sc = NULL;
    int err;

    run_outcome_clear(out);
    r->out = out;
    r->failed_step = NULL;
    if (item->section >= 0) {
        err = trace_load(item->path, item->section, &trace, &diags);
        sc = trace.sc;
    } else {
        err = scenario_loader_load(r->loader, item->path, &sc, &diags);
    }
    r->sc = sc;
    if (err != CCA_OK)
        invalid(out, &diags);
    else
        run_loaded(r, item, item->section >= 0 ? &trace : NULL);
    if (r->o.json)
        json_close(item, out);
    if (sc)
        scenario_free(sc);
    diag_list_clear(&diags);
}

/* --- life cycle ------------------------------------------------------------------------------------------------------ */

int runner_new(const struct run_options *o, struct runner **out)
{
    struct runner *r = calloc(1, sizeof(*r));

    *out = NULL;
    if (r == NULL)
        return CCA_ERR_NOMEM;
    r->o = *o;
    r->cpu.kind = o->realm;
    if (!bug_of(o->break_name, &r->broken)) {
        free(r);
        return CCA_ERR_INVAL;
    }
    r->loader = scenario_loader_new();
    if (r->loader == NULL) {
        free(r);
        return CCA_ERR_NOMEM;
    }
    *out = r;
    return CCA_OK;
}

void runner_free(struct runner *r)
{
    struct sim_options opt;

    if (r == NULL)
        return;
    if (r->sim) {
        opt = sim_options_of(r); /* those of a story are gone */
        sim_set_options(r->sim, &opt);
    }
    sim_free(r->sim);
    runner_cpu_free(&r->cpu);
    scenario_loader_free(r->loader);
    text_free(&r->line);
    free(r);
}

void run_outcome_clear(struct run_outcome *o)
{
    for (unsigned i = 0; i < RUN_TEXTS; i++)
        text_clear(&o->text[i]);
    o->result = RUN_PASSED;
}

void run_outcome_free(struct run_outcome *o)
{
    for (unsigned i = 0; i < RUN_TEXTS; i++)
        text_free(&o->text[i]);
}
