/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim rim: the RIM of the Realms of a scenario, without running it; --run compares with what a run measures. */
#include "cmd.h"

#include <ccasim/rmm.h>
#include <ccasim/scenario.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rim.h"
#include "runner.h"

static const char usage[] =
    "usage: ccasim rim [OPTION...] FILE[:REALM]\n\n"
    "Computes the Realm Initial Measurement of a scenario's Realms from the file alone: nothing "
    "is\n"
    "run. A call counts if the file says that it succeeds. REALM is the name of an RD granule;\n"
    "without it: all Realms, in the order of their creation.\n\n"
    "  --run        run the scenario too, and compare\n"
    "  --json       for programs\n"
    "  -v           with each measured call and the RIM after it\n"
    "  -h, --help   this text\n\n"
    "exit codes: 0; 1 a RIM cannot be told, or (--run) differs; 2 usage; 3 invalid scenario\n"
    "example: ccasim rim scenarios/conformance/rsi/good_rim_sha256.yaml:rd\n";

struct options {
    bool run, json, verbose;
    char *file;
    const char *realm; /* NULL: all */
};

/* --- the same from a run --- */

#define MAX_RUN_REALMS 256u
struct watcher {
    struct runner_cpu cpu;
    struct {
        uint64_t rd;
        uint8_t rim[64];
    } realm[MAX_RUN_REALMS];
    unsigned num;
    bool created; /* REALM_CREATE is what runs: the next measurement is that of a new Realm */
};

static void on_event(void *ctx, struct machine *m, const struct event *e)
{
    struct watcher *w = ctx;
    uint64_t scratch[512];
    struct rmm_rd_view rd;
    unsigned i = w->num;

    if (e->kind == EV_SMC) {
        w->created = e->obj == RMI_REALM_CREATE;
        return;
    }
    if (e->a != 0)
        return; /* a REM */
    while (i > 0 && w->realm[i - 1].rd != e->obj)
        i--;
    if (w->created || i == 0) {
        if (w->num == MAX_RUN_REALMS)
            return;
        i = ++w->num;
        w->created = false;
    }
    rmm_view_rd(m, e->obj, scratch, &rd);
    w->realm[i - 1].rd = e->obj;
    memcpy(w->realm[i - 1].rim, rd.measurement, 64);
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    return runner_cpu_open(&((struct watcher *)ctx)->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    runner_cpu_close(&((struct watcher *)ctx)->cpu, m);
}

static void run_scenario(const struct scenario *sc, struct watcher *w)
{
    struct sim_options opt = {
        .check = CHECK_NONE, .open_cpu = open_cpu, .close_cpu = close_cpu, .ctx = w};
    struct step_result last;
    struct sim *sim;

    if (sim_new(&sc->impl, &opt, &sim) != CCA_OK)
        MODEL_BUG("no machine");
    if (event_listen(sim_machine(sim), EV_BIT(EV_MEASURE) | EV_BIT(EV_SMC), on_event, w) != CCA_OK)
        MODEL_BUG("nobody may listen");
    sim_run(sim, sc, &last);
    sim_free(sim);
    runner_cpu_free(&w->cpu);
}

/* --- what is printed --- */

static void put_rim(struct text *t, const struct rim_realm *r, const uint8_t rim[64])
{
    text_hex(t, rim, r->sha512 ? 64 : 32);
}

static void print_steps(struct text *t, const struct rim_realm *r)
{
    for (const struct rim_step *s = r->first; s; s = s->next) {
        text_printf(t, "  step %-5u %-14s ", s->step->number, s->what);
        if (strcmp(s->what, "DATA_CREATE") == 0)
            text_printf(t, "0x%" PRIx64 "%s ", s->a, s->b & 1 ? "" : " (content not measured)");
        else if (strcmp(s->what, "RTT_INIT_RIPAS") == 0)
            text_printf(t, "0x%" PRIx64 "..0x%" PRIx64 " ", s->a, s->b);
        put_rim(t, r, s->rim);
        text_puts(t, "\n");
    }
}

static void print_text(struct text *t, const struct options *o, const struct rim_realm *r,
                       const uint8_t *run)
{
    text_printf(t, "%s 0x%" PRIx64 " %s ", r->name ? r->name : "-", r->rd,
                r->sha512 ? "sha-512" : "sha-256");
    if (r->unknown)
        text_printf(t, "unknown: %s:%u: %s", r->unknown->loc.file ? r->unknown->loc.file : o->file,
                    r->unknown->loc.line, r->why);
    else
        put_rim(t, r, r->rim);
    text_puts(t, "\n");
    if (o->verbose)
        print_steps(t, r);
    if (run && !r->unknown && memcmp(run, r->rim, 64) != 0) {
        text_puts(t, "  DIFFERS from the run: ");
        put_rim(t, r, run);
        text_puts(t, "\n");
    }
}

static void print_json(struct text *t, const struct rim_realm *r, const uint8_t *run,
                       const char *sep)
{
    text_printf(t, "%s{\"realm\": ", sep);
    if (r->name)
        text_json(t, r->name);
    else
        text_puts(t, "null");
    text_printf(t, ", \"rd\": \"0x%" PRIx64 "\", \"algorithm\": \"%s\", \"rim\": ", r->rd,
                r->sha512 ? "sha-512" : "sha-256");
    if (r->unknown) {
        text_puts(t, "null, \"why\": ");
        text_json(t, r->why);
    } else {
        text_puts(t, "\"");
        put_rim(t, r, r->rim);
        text_puts(t, "\"");
    }
    if (run) {
        text_puts(t, ", \"run\": \"");
        put_rim(t, r, run);
        text_puts(t, "\"");
    }
    text_puts(t, "}");
}

static bool is_wanted(const struct options *o, const struct rim_realm *r)
{
    return o->realm == NULL || (r->name && strcmp(r->name, o->realm) == 0);
}

static int report(const struct options *o, const struct rim_realm *list, const struct watcher *w)
{
    struct text t = {0};
    int code = EXIT_AS_EXPECTED;
    unsigned index = 0, shown = 0;

    text_puts(&t, o->json ? "[" : "");
    for (const struct rim_realm *r = list; r; r = r->next, index++) {
        const uint8_t *run =
            w && index < w->num && w->realm[index].rd == r->rd ? w->realm[index].rim : NULL;

        if (!is_wanted(o, r))
            continue;
        if (o->json)
            print_json(&t, r, run, shown ? ",\n " : "");
        else
            print_text(&t, o, r, run);
        shown++;
        if (r->unknown || (w && (run == NULL || memcmp(run, r->rim, 64) != 0)))
            code = EXIT_FAILED;
    }
    text_puts(&t, o->json ? "]\n" : "");
    if (w && w->num != index) {
        fprintf(stderr, "ccasim rim: %s: the run has %u Realms, the file %u\n", o->file, w->num,
                index);
        code = EXIT_FAILED;
    }
    if (shown == 0 && o->realm) {
        fprintf(stderr, "ccasim rim: %s: it creates no Realm `%s`\n", o->file, o->realm);
        code = EXIT_FAILED;
    }
    if (shown == 0 && o->realm == NULL && !o->json)
        text_puts(&t, "no Realm is created\n");
    fputs(t.s ? t.s : "", stdout);
    text_free(&t);
    return code;
}

static int rim(const struct options *o)
{
    struct diag_list diags = {0};
    struct scenario *sc;
    struct arena *a;
    struct watcher *w = NULL;
    int code = scenario_load(o->file, &sc, &diags);

    if (code != CCA_OK) {
        diag_list_print(&diags, stderr);
        diag_list_clear(&diags);
        return code == CCA_ERR_IO ? EXIT_USAGE : EXIT_INVALID;
    }
    a = arena_new();
    if (o->run) {
        w = ARENA_ARRAY(a, struct watcher, 1);
        run_scenario(sc, w);
    }
    code = report(o, rim_of_scenario(a, sc), w);
    arena_free(a);
    scenario_free(sc);
    diag_list_clear(&diags);
    return code;
}

enum { OPT_RUN = 0x300, OPT_JSON };

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"run", no_argument, NULL, OPT_RUN},
        {"json", no_argument, NULL, OPT_JSON},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    char *colon;
    int c;

    while ((c = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
        switch (c) {
        case OPT_RUN: o->run = true; break;
        case OPT_JSON: o->json = true; break;
        case 'v': o->verbose = true; break;
        case 'h': fputs(usage, stdout); return -1;
        default: return EXIT_USAGE;
        }
    }
    if (optind + 1 != argc)
        return cmd_usage("rim", "one FILE is needed (ccasim rim -h)");
    o->file = argv[optind];
    colon = strrchr(o->file, ':');
    if (colon && strchr(colon, '/') == NULL) {
        *colon = '\0';
        o->realm = colon + 1;
    }
    return EXIT_AS_EXPECTED;
}

int cmd_rim(int argc, char **argv)
{
    struct options o = {0};
    int code = parse(argc, argv, &o);

    if (code)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    return rim(&o);
}
