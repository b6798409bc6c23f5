/* SPDX-License-Identifier: BSD-3-Clause */
#include "session.h"

#include <ccasim/abi.h>

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "report.h"
#include "scn_print.h"
#include "story.h"

#define DFSC_MASK 0x3full
#define DFSC_GPF  0x28ull /* on a level-independent access; table accesses have 0x24 + level */

/* --- what is said of each step ----------------------------------------------------------------------------------- */

static void say_step(void *ctx, const struct step *st, const struct step_result *r)
{
    struct session *s = ctx;
    struct text line = {0};

    if (s->quiet)
        return;
    report_step(&line, s->sc, st, r->called ? r->in : NULL);
    text_printf(&s->said, "  %4u  PE%u  %s  ", st->number, st->pe, line.s);
    report_result(&s->said, s->sc, st, r);
    text_puts(&s->said, r->failed ? "  <- FAIL\n" : "\n");
    if (r->failed && r->why[0] && r->nested == NULL) {
        text_puts(&s->said, "        ");
        report_named(&s->said, s->sc, r->why, "        ");
        text_puts(&s->said, "\n");
    }
    if (r->num_findings)
        story_findings(&s->said, s->sim, s->sc, r, "        ");
    text_free(&line);
}

/* --- running --------------------------------------------------------------------------------------------------------- */

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct session *s = ctx;

    return runner_cpu_open(&s->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    struct session *s = ctx;

    runner_cpu_close(&s->cpu, m);
}

static void to_begin(struct session *s)
{
    struct sim_options opt = {
        .check = s->o.check,
        .broken = s->broken,
        .open_cpu = open_cpu,
        .close_cpu = close_cpu,
        .on_step = say_step,
        .ctx = s,
    };
    struct impl impl = s->sc->impl;

    if (s->o.seed_given)
        impl.seed = s->o.seed;
    if (s->sim ? sim_reset(s->sim, &impl) : sim_new(&impl, &opt, &s->sim))
        MODEL_BUG("no machine");
    s->pos = 0;
    s->failed = false;
}

bool session_next(struct session *s)
{
    if (s->pos == s->sc->num_steps)
        return false;
    s->failed = !sim_step(s->sim, s->sc, &s->sc->steps[s->pos], &s->last);
    s->pos++;
    return !s->failed;
}

/* Without a word; a step that failed the first time fails again. */
static void run_to(struct session *s, unsigned pos)
{
    bool quiet = s->quiet;

    s->quiet = true;
    if (pos < s->pos)
        to_begin(s);
    while (s->pos < pos)
        session_next(s);
    s->quiet = quiet;
}

bool session_goto(struct session *s, unsigned pos)
{
    bool ok = true;

    if (pos < s->pos)
        run_to(s, pos);
    while (s->pos < pos && ok)
        ok = session_next(s);
    return ok;
}

void session_start(struct session *s, struct scenario *sc)
{
    s->sc = sc;
    s->purpose = strdup(sc->purpose && *sc->purpose ? sc->purpose : "By hand");
    s->loader = scenario_loader_new();
    if (s->loader == NULL || s->purpose == NULL)
        MODEL_BUG("out of memory");
    to_begin(s);
}

void session_free(struct session *s)
{
    sim_free(s->sim);
    runner_cpu_free(&s->cpu);
    scenario_free(s->sc);
    scenario_loader_free(s->loader);
    text_free(&s->said);
    free(s->purpose);
}

/* --- reading what the user types --------------------------------------------------------------------------------------- */

/* The path without its first part, which counts steps that the user did not number. */
static const char *rest_of_path(const char *path)
{
    const char *dot = strchr(path, '.');

    return strncmp(path, "steps[", 6) == 0 && dot ? dot + 1 : "";
}

static void say_diags(struct session *s, const struct diag_list *diags, bool with_path)
{
    for (size_t i = 0; i < diags->num; i++) {
        const struct diag *d = &diags->d[i];
        const char *path = rest_of_path(d->path);

        if (with_path && *path)
            text_printf(&s->said, "%s: ", path);
        text_puts(&s->said, d->text);
        if (d->allowed)
            text_printf(&s->said, "; allowed: %s", d->allowed);
        if (d->near_match)
            text_printf(&s->said, "; did you mean `%s`?", d->near_match);
        text_puts(&s->said, "\n");
    }
}

/* The scenario with a line put in at its place. NULL: the line is at fault, and was told. */
static struct scenario *load_with(struct session *s, const char *line, bool is_step)
{
    struct diag_list diags = {0};
    struct scenario *sc = NULL;
    struct text t = {0};

    scenario_print_head(&t, s->sc, "A session");
    scenario_print_steps(&t, s->sc, 0, s->pos);
    text_printf(&t, "  - {%s}\n", line);
    scenario_print_steps(&t, s->sc, s->pos, s->sc->num_steps);
    if (scenario_loader_load_text(s->loader, "session", t.s, t.len, &sc, &diags) != CCA_OK)
        say_diags(s, &diags, is_step);
    diag_list_clear(&diags);
    text_free(&t);
    return sc;
}

static bool is_one_line(const char *line)
{
    return strpbrk(line, "\r\n") == NULL;
}

bool session_value(struct session *s, const char *expression, uint64_t *out)
{
    struct text line = {0};
    struct scenario *sc;

    text_printf(&line, "host_load: {at: %s}", expression);
    sc = is_one_line(expression) ? load_with(s, line.s, false) : NULL;
    text_free(&line);
    if (sc == NULL)
        return false;
    /* Variables have the values of this moment. */
    if (!sim_value(s->sim, &sc->steps[s->pos].u.access.addr, out)) {
        text_puts(&s->said, "the variable has no value yet\n");
        scenario_free(sc);
        return false;
    }
    scenario_free(sc);
    return true;
}

/* --- what is kept as expected ----------------------------------------------------------------------------------------- */

static void expect_nothing(struct step *st)
{
    if (st->kind != STEP_CALL || st->expect_given)
        return;
    st->expect_given = true;
    st->num_any = 0;
}

static void expect_status(struct arena *a, struct step *st, const struct step_result *r)
{
    if (st->u.call.cmd == NULL) /* of an SMC that may be none of ours nothing is claimed */
        return;
    if (r->out[0] == RMI_SUCCESS) {
        st->expect_given = false;
        return;
    }
    st->any = arena_alloc(a, sizeof(*st->any));
    st->num_any = 1;
    st->any[0] = (struct expect_status){
        .status = (uint8_t)rmi_result_status(r->out[0]),
        .index = (int16_t)rmi_result_index(r->out[0]),
        .not_supported = r->out[0] == SMC_NOT_SUPPORTED,
    };
}

static void expect_reason(struct arena *a, struct step *st, const struct step_result *r)
{
    if (!r->entered || st->num_exit)
        return;
    st->exit = arena_alloc(a, sizeof(*st->exit));
    st->num_exit = 1;
    st->exit[0] = (struct expect_field){
        .name = "reason",
        .offset = REC_EXIT_REASON,
        .size = 1,
        .mask = UINT64_MAX,
        .value = {r->exit_reason, -1},
    };
}

static void keep_result(struct scenario *sc, struct step *st, bool was_open,
                        const struct step_result *r)
{
    if (st->kind == STEP_LOAD && !st->u.access.has_value && !r->fault) {
        st->u.access.has_value = true;
        st->u.access.value = (struct value){r->value, -1};
    }
    if (st->kind != STEP_CALL || !was_open || !r->called)
        return;
    expect_status(sc->arena, st, r);
    expect_reason(sc->arena, st, r);
}

/* An access of which nothing was said may fault. */
static bool may_fault(struct step *st, const struct step_result *r)
{
    bool gpf = (r->esr & DFSC_MASK) == DFSC_GPF;

    if ((st->kind != STEP_LOAD && st->kind != STEP_STORE) || !r->fault ||
        st->u.access.must != ACCESS_MUST_WORK)
        return false;
    st->u.access.must = gpf ? ACCESS_MUST_GPF : ACCESS_MUST_FAULT;
    return true;
}

/* --- putting steps in ---------------------------------------------------------------------------------------------------- */

static void swap_scenario(struct session *s, struct scenario *sc, unsigned pos)
{
    s->sc = sc;
    s->pos = sc->num_steps + 1; /* steps of another scenario: from the begin */
    run_to(s, pos);
}

static bool put_one(struct session *s)
{
    struct step *st = &s->sc->steps[s->pos];
    bool was_open = st->kind == STEP_CALL && !st->expect_given;
    size_t said = s->said.len;
    unsigned at = s->pos;
    bool ok;

    expect_nothing(st);
    ok = session_next(s);
    if (!ok && may_fault(st, &s->last)) {
        run_to(s, at);
        s->said.len = said;
        ok = session_next(s);
    }
    /* What a check found is worth keeping, an expectation of the line that is not met is not. */
    if (!ok && (s->last.why[0] || s->last.nested || s->last.limit))
        return false;
    keep_result(s->sc, st, was_open, &s->last);
    return true;
}

bool session_put(struct session *s, const char *line)
{
    struct scenario *old = s->sc, *sc = is_one_line(line) ? load_with(s, line, true) : NULL;
    unsigned at = s->pos, num;

    if (sc == NULL)
        return false;
    num = sc->num_steps - old->num_steps;
    swap_scenario(s, sc, at);
    for (unsigned i = 0; i < num; i++) {
        if (put_one(s))
            continue;
        text_puts(&s->said, "it is undone\n");
        swap_scenario(s, old, at);
        scenario_free(sc);
        return false;
    }
    scenario_free(old);
    return true;
}

void session_save(const struct session *s, struct text *t)
{
    struct text purpose = {0};

    text_printf(&purpose, "%s (%u steps of a session)", s->purpose, s->pos);
    scenario_print_head(t, s->sc, purpose.s);
    scenario_print_steps(t, s->sc, 0, s->pos);
    if (s->pos == 0)
        text_puts(t, "  []\n");
    text_free(&purpose);
}
