/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <ccasim/rmm.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "items.h"
#include "pool.h"
#include "run_output.h"

#define MAX_TAGS 16u

static const char usage[] =
    "usage: ccasim run [OPTION...] PATH...\n\n"
    "Runs scenario files, all *.yaml below folders, or traces, and says what was not as "
    "expected.\n\n"
    "  --filter GLOB    only files whose path matches, e.g. 'rtt/*'\n"
    "  --tag T          only scenarios with the tag (again: or that one)\n"
    "  -j N             worker processes (default: one a CPU where there is much to do)\n"
    "  --fail-fast      stop at the first that fails\n"
    "  -v               every step, and the access matrix of what was seen\n"
    "  --tap            TAP version 13\n"
    "  --junit FILE     JUnit XML: a suite per folder, a case per scenario\n"
    "  --trace FILE     write every step, event and result; FILE can be run again\n"
    "  --json FILE      per scenario: result, conditions covered, findings\n"
    "  --check LEVEL    all (default), full: look at everything after each step, none\n"
    "  --realm WHAT     what runs Realm code: unicorn, script (no emulator), auto (default)\n"
    "  --break NAME     with a planted bug (ccasim list bugs)\n"
    "  --seed N         seed of the machine instead of the scenario's\n"
    "  --color WHEN     auto, always, never\n\n"
    "exit codes: 0 as expected, 1 failed, 2 usage, 3 invalid file, 4 limit, 70 model bug, 130 "
    "SIGINT\n"
    "example: ccasim run --filter 'rtt/*' -j2 scenarios\n";

struct options {
    struct run_options run;
    const char *tags[MAX_TAGS];
    const char *filter, *trace_file, *json_file, *junit_file;
    bool tap, fail_fast;
    unsigned workers; /* 0: not given */
    enum color_when color;
};

static volatile sig_atomic_t interrupted;

static void on_sigint(int sig)
{
    (void)sig;
    if (interrupted)
        _exit(EXIT_INTERRUPTED);
    interrupted = 1;
}

/* --- options ---------------------------------------------------------------------------------------------------------- */

static int parse_check(const char *text, struct run_options *o)
{
    static const char *const names[] = {
        [CHECK_NONE] = "none", [CHECK_ALL] = "all", [CHECK_FULL] = "full"};

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            o->check = (enum check_level)i;
            o->check_text = text;
            return EXIT_AS_EXPECTED;
        }
    return EXIT_USAGE;
}

static bool parse_realm(const char *text, struct run_options *o)
{
    for (unsigned i = 0; i < REALM_KINDS; i++)
        if (strcmp(text, realm_kind_names[i]) == 0) {
            o->realm = (enum realm_kind)i;
            return true;
        }
    return false;
}

int run_options_set(const char *command, int option, const char *arg, struct run_options *o)
{
    const char *names[64], *near;
    char *end;

    switch (option) {
    case OPT_REALM:
        if (parse_realm(arg, o))
            return EXIT_AS_EXPECTED;
        return cmd_usage(command, "--realm takes auto, unicorn or script, not `%s`", arg);
    case OPT_CHECK:
        if (parse_check(arg, o) == EXIT_AS_EXPECTED)
            return EXIT_AS_EXPECTED;
        return cmd_usage(command, "--check takes all, full or none, not `%s`", arg);
    case OPT_SEED:
        errno = 0;
        o->seed = strtoull(arg, &end, 0);
        o->seed_given = true;
        if (errno == 0 && end != arg && *end == '\0' && *arg != '-')
            return EXIT_AS_EXPECTED;
        return cmd_usage(command, "--seed takes a number, not `%s`", arg);
    default: break;
    }
    o->break_name = arg;
    if (rmm_bug_by_name(arg) >= 0)
        return EXIT_AS_EXPECTED;
    if (rmm_bug_count == 0)
        return cmd_usage(command, "this build has no planted bugs (meson option `break`)");
    for (size_t i = 0; i < rmm_bug_count && i < 64; i++)
        names[i] = rmm_bugs[i].name;
    near = near_match(arg, names, rmm_bug_count < 64 ? rmm_bug_count : 64);
    return cmd_usage(command, "no planted bug `%s`%s%s%s", arg, near ? "; did you mean `" : "",
                     near ? near : "", near ? "`?" : " (ccasim list bugs)");
}

static int parse_option(int c, struct options *o)
{
    switch (c) {
    case 'f': o->filter = optarg; break;
    case 't':
        if (o->run.num_tags == MAX_TAGS)
            return cmd_usage("run", "more than %u tags", MAX_TAGS);
        o->tags[o->run.num_tags++] = optarg;
        break;
    case 'j': return items_workers_set("run", optarg, &o->workers);
    case 'F': o->fail_fast = true; break;
    case 'v': o->run.verbose = true; break;
    case 'p': o->tap = true; break;
    case 'T':
        o->trace_file = optarg;
        o->run.trace = true;
        break;
    case 'J':
        o->json_file = optarg;
        o->run.json = true;
        break;
    case 'U': o->junit_file = optarg; break;
    case 'c':
        if (!color_parse(optarg, &o->color))
            return cmd_usage("run", "--color takes auto, always or never, not `%s`", optarg);
        break;
    case OPT_CHECK:
    case OPT_BREAK:
    case OPT_REALM:
    case OPT_SEED: return run_options_set("run", c, optarg, &o->run);
    default: return cmd_usage("run", "unknown option, or one without its value");
    }
    return EXIT_AS_EXPECTED;
}

/* EXIT_AS_EXPECTED: go on; -1: help was printed. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"filter", required_argument, NULL, 'f'},
        {"tag", required_argument, NULL, 't'},
        {"jobs", required_argument, NULL, 'j'},
        {"fail-fast", no_argument, NULL, 'F'},
        {"verbose", no_argument, NULL, 'v'},
        {"tap", no_argument, NULL, 'p'},
        {"trace", required_argument, NULL, 'T'},
        {"json", required_argument, NULL, 'J'},
        {"junit", required_argument, NULL, 'U'},
        {"check", required_argument, NULL, OPT_CHECK},
        {"break", required_argument, NULL, OPT_BREAK},
        {"seed", required_argument, NULL, OPT_SEED},
        {"realm", required_argument, NULL, OPT_REALM},
        {"color", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, code;

    while ((c = getopt_long(argc, argv, "hvj:", longs, NULL)) != -1) {
        if (c == 'h') {
            fputs(usage, stdout);
            return -1;
        }
        code = parse_option(c, o);
        if (code != EXIT_AS_EXPECTED)
            return code;
    }
    o->run.tags = o->tags;
    if (optind == argc)
        return cmd_usage("run", "which scenarios? give a file or a folder");
    return EXIT_AS_EXPECTED;
}

/* --- the command ------------------------------------------------------------------------------------------------------ */

static int run_items(const struct options *o, const struct items *l)
{
    struct run_output s = {
        .items = l->v,
        .num = l->num,
        .trace_file = o->trace_file,
        .json_file = o->json_file,
        .junit_file = o->junit_file,
        .tap = o->tap,
        .fail_fast = o->fail_fast,
        .verbose = o->run.verbose,
        .color = color_wanted(o->color, stdout),
        .tty = isatty(STDERR_FILENO),
        .began = time(NULL),
    };
    struct pool pool = {
        .options = &o->run,
        .items = l->v,
        .num = l->num,
        .workers = items_workers(o->workers, l->num),
        .done = run_output_done,
        .progress = run_output_progress,
        .ctx = &s,
        .interrupted = &interrupted,
    };
    struct sigaction sa = {.sa_handler = on_sigint};
    int code = run_output_open(&s), written;

    if (code != EXIT_AS_EXPECTED)
        return code;
    sigaction(SIGINT, &sa, NULL);
    code = pool_run(&pool);
    run_output_summary(&s, code != EXIT_AS_EXPECTED || (o->fail_fast && run_bad(&s.all)));
    written = run_output_close(&s);
    if (code == EXIT_AS_EXPECTED)
        code = run_result_code(&s.all);
    if (code == EXIT_AS_EXPECTED && run_total(&s.all) == 0)
        code = cmd_usage("run", "no scenario has such a tag");
    return code ? code : written;
}

int cmd_run(int argc, char **argv)
{
    struct options o = {.run = {.check = CHECK_ALL}};
    struct items l = {0};
    int code = parse(argc, argv, &o);

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    for (int i = optind; i < argc && code == EXIT_AS_EXPECTED; i++)
        code = items_add(&l, argv[i], o.filter);
    if (code == EXIT_AS_EXPECTED && l.num == 0)
        code = cmd_usage("run", o.filter ? "no scenario matches the filter" : "no scenario there");
    if (code == EXIT_AS_EXPECTED)
        code = run_items(&o, &l);
    items_free(&l);
    return code;
}
