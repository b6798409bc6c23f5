/* SPDX-License-Identifier: BSD-3-Clause */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "trace.h"

void target_split(const char *arg, struct target *t)
{
    const char *colon = strrchr(arg, ':'), *digits;
    unsigned long n;
    char *end;

    *t = (struct target){.file = strdup(arg)};
    if (colon == NULL || t->file == NULL)
        return;
    digits = colon + 1 + (colon[1] == 'L');
    n = strtoul(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || *end)
        return;
    t->file[colon - arg] = '\0';
    t->impossible = n == 0 || n > TRACE_MAX_STEPS;
    if (t->impossible)
        return;
    *(digits == colon + 1 ? &t->step : &t->line) = (unsigned)n;
}

void each_step(const struct step *list, unsigned num, step_fn fn, void *ctx)
{
    for (unsigned i = 0; i < num; i++) {
        fn(ctx, &list[i]);
        each_step(list[i].running, list[i].num_running, fn, ctx);
        for (unsigned k = 0; k < list[i].num_during; k++)
            each_step(list[i].during[k].steps, list[i].during[k].num_steps, fn, ctx);
    }
}

struct line_search {
    const char *file;
    unsigned line, best_line, best;
};

static void at_line(void *ctx, const struct step *st)
{
    struct line_search *s = ctx;

    if (st->loc.line > s->line || st->loc.line <= s->best_line ||
        (st->loc.file && strcmp(st->loc.file, s->file) != 0))
        return;
    s->best_line = st->loc.line;
    s->best = st->number;
}

/* The step that begins at or last before the line. */
static unsigned step_of_line(const struct scenario *sc, unsigned line)
{
    struct line_search s = {.file = sc->file, .line = line};

    each_step(sc->steps, sc->num_steps, at_line, &s);
    return s.best;
}

int target_load(const char *command, struct target *t, struct runner_cpu *cpu)
{
    struct diag_list diags = {0};
    struct trace trace = {0};
    unsigned most = SCENARIO_MAX_STEPS;
    int err;

    if (trace_sections(t->file) > 0) {
        most = TRACE_MAX_STEPS;
        err = trace_load(t->file, 0, &trace, &diags);
        t->sc = trace.sc;
    } else {
        err = scenario_load(t->file, &t->sc, &diags);
    }
    if (err != CCA_OK)
        diag_list_print(&diags, stderr);
    diag_list_clear(&diags);
    if (err == CCA_ERR_IO)
        return EXIT_USAGE;
    if (err != CCA_OK)
        return EXIT_INVALID;
    if (t->impossible || t->step > most || t->line > most)
        return cmd_usage(command, "%s: steps and lines count from 1 to %u", t->file, most);
    if (t->step > t->sc->total_steps)
        t->line = t->step;
    if (t->line)
        t->step = step_of_line(t->sc, t->line);
    if (t->line && t->step == 0)
        return cmd_usage(command, "%s has no step at or before line %u", t->file, t->line);
    if (t->sc->needs_cpu && !runner_cpu_available(cpu))
        return cmd_usage(command, "%s needs the emulated CPU, which this build has not", t->file);
    return EXIT_AS_EXPECTED;
}

int target_not_reached(const char *command, unsigned step, const struct runner_cpu *cpu)
{
    char why[160] = "an earlier one fails";

    runner_cpu_unknown(cpu, why, sizeof(why));
    fprintf(stderr, "ccasim %s: step %u did not run: %s\n", command, step, why);
    return EXIT_FAILED;
}

void target_free(struct target *t)
{
    scenario_free(t->sc);
    free(t->file);
    *t = (struct target){0};
}
