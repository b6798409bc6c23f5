/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench.h"
#include "cmd.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPU_ROWS 8u

static const char usage[] =
    "usage: ccasim bench [--json] [--only NAME] [--repeat N] [--no-cpu]\n"
    "\n"
    "Measures calls per second of the RMM handlers, alone and with the specification and all "
    "invariants on,\n"
    "and the speed of Realm code against a bare Unicorn program. Best of N runs (default 3).\n"
    "\n"
    "  --json        one JSON object instead of the table\n"
    "  --only NAME   one row (names in the first column)\n"
    "  --repeat N    runs of each row, 1..100\n"
    "  --no-cpu      leave out the rows that need the emulated CPU\n"
    "\n"
    "example: ccasim bench --only rtt_create\n";

struct options {
    bool json, no_cpu;
    const char *only;
    unsigned repeat;
};

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},         {"only", required_argument, NULL, 'o'},
        {"repeat", required_argument, NULL, 'r'}, {"no-cpu", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    int c;

    *o = (struct options){.repeat = 3};
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (c) {
        case 'j': o->json = true; break;
        case 'o': o->only = optarg; break;
        case 'c': o->no_cpu = true; break;
        case 'h': fputs(usage, stdout); return -1;
        case 'r':
            o->repeat = (unsigned)strtoul(optarg, NULL, 10);
            if (o->repeat >= 1 && o->repeat <= 100)
                break;
            fprintf(stderr, "ccasim bench: --repeat takes 1..100, not '%s'\n", optarg);
            return 2;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "ccasim bench: unexpected argument '%s'\n", argv[optind]);
        return 2;
    }
    return 0;
}

static void json_row(json_t *rows, const struct bench_row *row, const struct bench_result *bare,
                     const struct bench_result *full)
{
    json_t *o = json_object();
    char hash[20];

    snprintf(hash, sizeof(hash), "%016" PRIx64, bare->state_hash);
    json_object_set_new(o, "name", json_string(row->name));
    json_object_set_new(o, "what", json_string(row->what));
    json_object_set_new(o, "calls_per_second", json_real(bare->calls_per_second));
    json_object_set_new(o, "calls_per_second_checked", json_real(full->calls_per_second));
    json_object_set_new(o, "tf_rmm_0_6_calls_per_second", json_real(row->baseline));
    json_object_set_new(o, "wanted_factor", json_real(row->factor));
    json_object_set_new(o, "predicates", json_integer((json_int_t)full->predicates));
    json_object_set_new(o, "full_rechecks", json_integer((json_int_t)full->full_checks));
    json_object_set_new(o, "findings", json_integer((json_int_t)full->findings));
    json_object_set_new(o, "state_hash", json_string(hash));
    json_object_set_new(o, "state_hash_agrees", json_boolean(bare->state_hash == full->state_hash));
    json_array_append_new(rows, o);
}

static void print_row(const struct bench_row *row, const struct bench_result *bare,
                      const struct bench_result *full)
{
    double k = row->baseline;

    if (k <= 0) { /* nothing to compare with */
        printf("%-20s %10.0f %14s %10.0f %14s %11" PRIu64 " %4" PRIu64 " %3" PRIu64 "  %016" PRIx64
               "%s\n",
               row->name, bare->calls_per_second, "", full->calls_per_second, "", full->predicates,
               full->full_checks, full->findings, bare->state_hash,
               bare->state_hash == full->state_hash ? "" : " DIFFERS");
        return;
    }
    printf("%-20s %10.0f %5.1fx (>= %.0f) %10.0f %5.1fx (>= 1) %11" PRIu64 " %4" PRIu64 " %3" PRIu64
           "  %016" PRIx64 "%s\n",
           row->name, bare->calls_per_second, bare->calls_per_second / k, row->factor,
           full->calls_per_second, full->calls_per_second / k, full->predicates, full->full_checks,
           full->findings, bare->state_hash,
           bare->state_hash == full->state_hash ? "" : " DIFFERS");
}

static int handlers(const struct options *o, json_t *rows)
{
    bool any = false, bad = false;

    if (!o->json)
        printf("%-20s %10s %-14s %10s %-14s %11s %4s %3s  %s\n", "handlers", "calls/s", "vs TF-RMM",
               "all checks", "vs TF-RMM", "predicates", "full", "bad", "final state");
    for (unsigned i = 0; i < bench_row_count; i++) {
        const struct bench_row *row = &bench_rows[i];
        struct bench_result bare, full;

        if (o->only && strcmp(o->only, row->name) != 0)
            continue;
        any = true;
        if (bench_run_row(row, CHECK_NONE, o->repeat, &bare) != CCA_OK ||
            bench_run_row(row, CHECK_ALL, o->repeat, &full) != CCA_OK) {
            fprintf(stderr, "ccasim bench: %s: out of memory\n", row->name);
            return 70;
        }
        bad |= full.findings != 0 || bare.state_hash != full.state_hash;
        if (o->json)
            json_row(rows, row, &bare, &full);
        else
            print_row(row, &bare, &full);
        fflush(stdout);
    }
    if (o->only && !any)
        return -1;
    return bad ? 1 : 0;
}

static void print_loop(const struct bench_cpu_result *r)
{
    printf("%-20s %9.3f s bare %6.1f %% time off (>= %.0f %%) %6.1f %% time on (>= %.0f %%)\n",
           r->name, r->bare_seconds, 100 * r->bare_seconds / r->off_seconds, 100 * r->wanted_off,
           100 * r->bare_seconds / r->on_seconds, 100 * r->wanted_on);
}

static void json_loop(json_t *rows, const struct bench_cpu_result *r)
{
    json_array_append_new(rows, json_pack("{s:s,s:f,s:f,s:f}", "name", r->name, "bare_seconds",
                                          r->bare_seconds, "ratio_time_off",
                                          r->bare_seconds / r->off_seconds, "ratio_time_on",
                                          r->bare_seconds / r->on_seconds));
}

static void show_loops(const struct options *o, json_t *root, const char *what,
                       const struct bench_cpu_result *rows, unsigned n)
{
    json_t *list = json_array();

    json_object_set_new(root, what, list);
    for (unsigned i = 0; i < n; i++) {
        if (o->json)
            json_loop(list, &rows[i]);
        else
            print_loop(&rows[i]);
    }
}

static int emulated_code(const struct options *o, json_t *root)
{
    struct bench_cpu_result realm[MAX_CPU_ROWS], host[MAX_CPU_ROWS];
    unsigned num_realm = MAX_CPU_ROWS, num_host = MAX_CPU_ROWS;
    double seconds;
    int err = bench_cpu_loops(realm, &num_realm);

    if (err == CCA_OK)
        err = bench_cpu_round_trip(&seconds);
    if (err == CCA_OK)
        err = bench_host_loops(host, &num_host);
    if (err == CCA_ERR_UNSUPPORTED) {
        fprintf(stderr, "ccasim bench: no emulated CPU in this build: code not measured\n");
        num_realm = num_host = 0;
    } else if (err != CCA_OK) {
        return 70;
    }
    show_loops(o, root, "realm_code", realm, num_realm);
    show_loops(o, root, "host_code", host, num_host);
    if (err != CCA_OK)
        return 0;
    if (o->json)
        json_object_set_new(root, "rec_enter_host_call_us", json_real(seconds * 1e6));
    else
        printf("%-20s %9.2f us REC_ENTER to a host call exit and back, checks off (<= 3 us)\n",
               "round_trip", seconds * 1e6);
    return 0;
}

int cmd_bench(int argc, char **argv)
{
    json_t *root = json_object(), *rows = json_array();
    struct options o;
    int result = parse(argc, argv, &o);

    json_object_set_new(root, "handlers", rows);
    if (result == 0)
        result = handlers(&o, rows);
    else if (result < 0)
        o.json = false;
    if (result == -1 && o.only) {
        fprintf(stderr, "ccasim bench: no row '%s'\n", o.only);
        result = 2;
    }
    if (result >= 0 && result < 2 && !o.only && !o.no_cpu) {
        int cpu = emulated_code(&o, root);

        result = cpu ? cpu : result;
    }
    if (o.json && result >= 0 && result < 2) {
        json_dumpf(root, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(root);
    return result < 0 ? 0 : result;
}
