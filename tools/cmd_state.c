/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim state: what the machine looks like after a step. */
#include "cmd.h"

#include <ccasim/rmm.h>

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "state.h"
#include "target.h"

static const char usage[] =
    "usage: ccasim state [OPTION...] FILE[:STEP]\n\n"
    "Runs the scenario up to the step, and prints the machine after it: memory by PAS, granules "
    "with\n"
    "their states, reference counts and locks, each Realm with its RECs and its RTT as a tree, "
    "and\n"
    "what each PE does. A nested step is shown in the middle of the call that it runs in.\n"
    "STEP is a step number or, beyond the last step or written as L23, a line of the file. "
    "Without\n"
    "it: the last step.\n\n"
    "  --json           as JSON\n"
    "  --svg FILE       a picture: the map of granules, and the RTTs as trees\n"
    "  --break NAME     with a planted bug (ccasim list bugs)\n"
    "  --realm WHAT     what runs Realm code: unicorn, script, auto (default)\n"
    "  --seed N         seed of the machine instead of the scenario's\n"
    "  -h, --help       this text\n\n"
    "exit codes: 0; 1 the step did not run; 2 usage, or a file cannot be opened; 3 invalid "
    "scenario\n"
    "example: ccasim state --svg machine.svg scenarios/first_realm.yaml:30\n";

struct options {
    struct run_options run;
    const char *svg_file;
    bool json;
};

struct looker {
    const struct target *target;
    struct runner_cpu cpu;
    struct sim *sim;
    unsigned wanted;
    json_t *state;        /* after the wanted step; NULL: it has not run */
    struct text svg;      /* likewise */
    struct text title;    /* of the step */
    const char *svg_file; /* NULL: not wanted */
};

static void on_step(void *ctx, const struct step *st, const struct step_result *r)
{
    struct looker *l = ctx;
    const struct scenario *sc = l->target->sc;

    if (st->number != l->wanted || l->state)
        return;
    text_printf(&l->title, "%s:%u  after step %u of %u: ", st->loc.file ? st->loc.file : sc->file,
                st->loc.line, st->number, sc->total_steps);
    report_step(&l->title, sc, st, r->called ? r->in : NULL);
    text_puts(&l->title, "  ");
    report_result(&l->title, sc, st, r);
    l->state = state_json(sim_machine(l->sim), sc);
    if (l->svg_file)
        state_svg(&l->svg, sim_machine(l->sim), sc, l->state, l->title.s);
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct looker *l = ctx;

    return runner_cpu_open(&l->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    struct looker *l = ctx;

    runner_cpu_close(&l->cpu, m);
}

static void run(struct looker *l, const struct run_options *o)
{
    const struct scenario *sc = l->target->sc;
    struct sim_options opt = {
        .check = CHECK_NONE,
        .broken = o->break_name ? 1u + (unsigned)rmm_bug_by_name(o->break_name) : 0,
        .open_cpu = open_cpu,
        .close_cpu = close_cpu,
        .on_step = on_step,
        .ctx = l,
    };
    struct impl impl = sc->impl;
    struct step_result r;

    if (o->seed_given)
        impl.seed = o->seed;
    if (sim_new(&impl, &opt, &l->sim) != CCA_OK)
        MODEL_BUG("no machine");
    for (unsigned i = 0; i < sc->num_steps && l->state == NULL; i++) {
        if (!sim_step(l->sim, sc, &sc->steps[i], &r))
            break;
    }
}

static int write_file(const char *path, const char *s)
{
    FILE *out = fopen(path, "w");

    if (out == NULL)
        return cmd_usage("state", "%s: %s", path, strerror(errno));
    fputs(s, out);
    if (ferror(out) | fclose(out)) {
        fprintf(stderr, "ccasim state: cannot write %s\n", path);
        return EXIT_FAILED;
    }
    return EXIT_AS_EXPECTED;
}

static void print(const struct looker *l, bool json)
{
    struct text t = {0};

    if (json) {
        json_object_set_new(l->state, "file", json_string(l->target->file));
        json_object_set_new(l->state, "step", json_integer(l->wanted));
        json_dumpf(l->state, stdout, JSON_INDENT(1));
        putchar('\n');
        return;
    }
    printf("%s\n\n", l->title.s);
    state_text(&t, l->state);
    fputs(t.s, stdout);
    text_free(&t);
}

/* EXIT_AS_EXPECTED: go on; -1: help was printed. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'J'},
        {"svg", required_argument, NULL, 's'},
        {"break", required_argument, NULL, OPT_BREAK},
        {"seed", required_argument, NULL, OPT_SEED},
        {"realm", required_argument, NULL, OPT_REALM},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, code = EXIT_AS_EXPECTED;

    while (code == EXIT_AS_EXPECTED && (c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (c) {
        case 'h': fputs(usage, stdout); return -1;
        case 'J': o->json = true; break;
        case 's': o->svg_file = optarg; break;
        case OPT_BREAK:
        case OPT_REALM:
        case OPT_SEED: code = run_options_set("state", c, optarg, &o->run); break;
        default: return cmd_usage("state", "unknown option, or one without its value");
        }
    }
    if (code == EXIT_AS_EXPECTED && optind + 1 != argc)
        code = cmd_usage("state", "one FILE[:STEP], please");
    return code;
}

static int state(struct looker *l, const struct options *o)
{
    int code = EXIT_AS_EXPECTED;

    run(l, &o->run);
    if (l->state == NULL)
        return target_not_reached("state", l->wanted, &l->cpu);
    print(l, o->json);
    if (o->svg_file)
        code = write_file(o->svg_file, l->svg.s);
    return code;
}

int cmd_state(int argc, char **argv)
{
    struct options o = {0};
    struct target target;
    struct looker l = {.target = &target};
    int code = parse(argc, argv, &o);

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    l.cpu.kind = o.run.realm;
    target_split(argv[optind], &target);
    code = target_load("state", &target, &l.cpu);
    if (code == EXIT_AS_EXPECTED) {
        l.wanted = target.step ? target.step : target.sc->total_steps;
        l.svg_file = o.svg_file;
        code = state(&l, &o);
    }
    json_decref(l.state);
    text_free(&l.svg);
    text_free(&l.title);
    sim_free(l.sim);
    runner_cpu_free(&l.cpu);
    target_free(&target);
    return code;
}
