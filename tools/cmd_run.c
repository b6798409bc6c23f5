/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <ccasim/rmm.h>

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pool.h"
#include "trace.h"

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
    "  --trace FILE     write every step, event and result; FILE can be run again\n"
    "  --json FILE      per scenario: result, conditions covered, findings\n"
    "  --check LEVEL    all (default), full: look at everything after each step, none\n"
    "  --break NAME     with a planted bug (ccasim list bugs)\n"
    "  --seed N         seed of the machine instead of the scenario's\n"
    "  --color WHEN     auto, always, never\n\n"
    "exit codes: 0 as expected, 1 failed, 2 usage, 3 invalid file, 4 limit, 70 model bug, 130 "
    "SIGINT\n"
    "example: ccasim run --filter 'rtt/*' -j2 scenarios\n";

struct options {
    struct run_options run;
    const char *tags[MAX_TAGS];
    const char *filter, *trace_file, *json_file;
    bool tap, fail_fast;
    unsigned workers; /* 0: not given */
    enum color_when color;
};

struct counts {
    size_t n[RUN_RESULTS];
};

struct state {
    const struct options *o;
    const struct run_item *items;
    size_t num;
    FILE *trace, *json;
    bool color, tty;
    size_t shown; /* for TAP */
    struct counts all, suite;
    char *folder; /* of the suite in hand; NULL: none */
    time_t began;
    bool progress_shown;
};

static volatile sig_atomic_t interrupted;

static void on_sigint(int sig)
{
    (void)sig;
    if (interrupted)
        _exit(EXIT_INTERRUPTED);
    interrupted = 1;
}

/* --- what to run -------------------------------------------------------------------------------------------------- */

struct item_list {
    struct run_item *v;
    size_t num, capacity;
};

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool filter_matches(const char *glob, const struct run_item *item)
{
    return glob == NULL || fnmatch(glob, item->path, 0) == 0 ||
           fnmatch(glob, item->below, 0) == 0 || fnmatch(glob, base_of(item->path), 0) == 0;
}

static void add_item(struct item_list *l, const char *glob, struct run_item item)
{
    if (!filter_matches(glob, &item))
        return;
    if (l->num == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 64;
        l->v = realloc(l->v, l->capacity * sizeof(*l->v));
        if (l->v == NULL)
            MODEL_BUG("out of memory");
    }
    item.path = strdup(item.path);
    item.below = item.path + strlen(item.path) - strlen(item.below);
    l->v[l->num++] = item;
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) : 0;
}

/* A folder's own files before those of the folders below, so that a suite is in one piece. */
static int by_folder(const void *pa, const void *pb)
{
    const char *a = ((const struct run_item *)pa)->path, *b = ((const struct run_item *)pb)->path;
    size_t la = folder_length(a), lb = folder_length(b);
    int d = memcmp(a, b, la < lb ? la : lb);

    if (d == 0 && la != lb)
        d = la < lb ? -1 : 1;
    return d ? d : strcmp(a, b);
}

static int collect_path(const char *path, const struct options *o, struct item_list *l)
{
    struct file_list files = {0};
    struct diag_list diags = {0};
    size_t first = l->num, len = strlen(path);
    int sections = trace_sections(path);

    for (int i = 0; i < sections; i++)
        add_item(l, o->filter, (struct run_item){path, base_of(path), i});
    if (sections >= 0)
        return EXIT_AS_EXPECTED;
    if (scenario_find_files(path, &files, &diags) != CCA_OK) {
        diag_list_print(&diags, stderr);
        diag_list_clear(&diags);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < files.num; i++) {
        const char *below = files.v[i] + len;

        if (*below == '\0')
            below = base_of(files.v[i]);
        while (*below == '/')
            below++;
        add_item(l, o->filter, (struct run_item){files.v[i], below, -1});
    }
    file_list_free(&files);
    if (l->num > first)
        qsort(l->v + first, l->num - first, sizeof(*l->v), by_folder);
    return EXIT_AS_EXPECTED;
}

/* --- output ---------------------------------------------------------------------------------------------------------- */

static void progress(void *ctx, size_t ran)
{
    struct state *s = ctx;

    if (!s->tty || time(NULL) - s->began < 2)
        return;
    fprintf(stderr, "\r%zu of %zu ", ran, s->num);
    s->progress_shown = true;
}

static void progress_clear(struct state *s)
{
    if (s->progress_shown)
        fputs("\r                                \r", stderr);
    s->progress_shown = false;
}

static void colored(const struct state *s, const char *color, const char *text)
{
    if (s->color)
        printf("\033[%sm%s\033[0m", color, text);
    else
        fputs(text, stdout);
}

static void print_counts(const struct counts *c, FILE *out)
{
    fprintf(out, "%zu passed, %zu failed", c->n[RUN_PASSED], c->n[RUN_FAILED]);
    if (c->n[RUN_LIMIT])
        fprintf(out, ", %zu reached a limit", c->n[RUN_LIMIT]);
    if (c->n[RUN_INVALID])
        fprintf(out, ", %zu invalid", c->n[RUN_INVALID]);
    if (c->n[RUN_SKIPPED])
        fprintf(out, ", %zu skipped", c->n[RUN_SKIPPED]);
}

static size_t bad(const struct counts *c)
{
    return c->n[RUN_FAILED] + c->n[RUN_LIMIT] + c->n[RUN_INVALID];
}

static size_t total(const struct counts *c)
{
    return bad(c) + c->n[RUN_PASSED] + c->n[RUN_SKIPPED];
}

static void end_suite(struct state *s)
{
    if (s->folder == NULL)
        return;
    if (total(&s->suite) && !s->o->tap) {
        if (bad(&s->suite))
            colored(s, "1;31", "FAIL");
        else if (s->suite.n[RUN_PASSED] == 0)
            colored(s, "33", "skip");
        else
            colored(s, "32", "ok  ");
        printf("  %-32s  ", *s->folder ? s->folder : ".");
        print_counts(&s->suite, stdout);
        putchar('\n');
    }
    free(s->folder);
    s->folder = NULL;
}

static void begin_suite(struct state *s, const char *path)
{
    size_t len = folder_length(path);

    if (s->folder && strlen(s->folder) == len && memcmp(s->folder, path, len) == 0)
        return;
    end_suite(s);
    s->folder = strndup(path, len);
    memset(&s->suite, 0, sizeof(s->suite));
}

static void print_story(const struct state *s, const struct text *story)
{
    const char *p = story->s ? story->s : "";

    if (strncmp(p, "FAIL", 4) == 0) {
        colored(s, "1;31", "FAIL");
        p += 4;
    }
    fputs(p, stdout);
}

static void print_comment(const char *text)
{
    while (text && *text) {
        size_t len = strcspn(text, "\n");

        printf("# %.*s\n", (int)len, text);
        text += len;
        text += *text == '\n';
    }
}

static void print_tap(struct state *s, const struct run_item *item, const struct run_outcome *o)
{
    bool ok = o->result == RUN_PASSED || o->result == RUN_SKIPPED;

    printf("%sok %zu - %s", ok ? "" : "not ", ++s->shown, item->path);
    if (item->section > 0)
        printf(":%d", item->section);
    if (o->result == RUN_SKIPPED)
        printf(" # SKIP %s", o->text[OUT_STORY].s);
    putchar('\n');
    print_comment(o->text[OUT_VERBOSE].s);
    if (!ok)
        print_comment(o->text[OUT_STORY].s);
    if (o->result == RUN_INVALID)
        print_comment(o->text[OUT_ERRORS].s);
}

static void print_plain(struct state *s, const struct run_item *item, const struct run_outcome *o)
{
    static const char *const words[RUN_RESULTS] = {
        [RUN_PASSED] = "pass",     [RUN_FAILED] = "FAIL",  [RUN_LIMIT] = "FAIL",
        [RUN_INVALID] = "invalid", [RUN_SKIPPED] = "skip",
    };

    if (s->o->run.verbose) {
        printf("%s %s", words[o->result], item->path);
        if (o->result == RUN_SKIPPED)
            printf(": %s", o->text[OUT_STORY].s);
        else if (o->text[OUT_NAME].len)
            printf("  (%s)", o->text[OUT_NAME].s);
        putchar('\n');
        fputs(o->text[OUT_VERBOSE].s ? o->text[OUT_VERBOSE].s : "", stdout);
    }
    if (o->result == RUN_FAILED || o->result == RUN_LIMIT)
        print_story(s, &o->text[OUT_STORY]);
    if (o->result == RUN_INVALID && o->text[OUT_ERRORS].s) {
        fflush(stdout);
        fputs(o->text[OUT_ERRORS].s, stderr);
    }
}

static bool done(void *ctx, size_t i, const struct run_outcome *o)
{
    struct state *s = ctx;
    const struct run_item *item = &s->items[i];

    if (o->result == RUN_NOT_WANTED)
        return true;
    progress_clear(s);
    begin_suite(s, item->path);
    s->suite.n[o->result]++;
    if (s->json)
        fprintf(s->json, "%s\n%s", total(&s->all) ? "," : "", o->text[OUT_JSON].s);
    s->all.n[o->result]++;
    if (s->trace && o->text[OUT_TRACE].s)
        fputs(o->text[OUT_TRACE].s, s->trace);
    if (s->o->tap)
        print_tap(s, item, o);
    else
        print_plain(s, item, o);
    return !(s->o->fail_fast && bad(&s->all));
}

static void print_summary(struct state *s, bool stopped)
{
    progress_clear(s);
    end_suite(s);
    if (s->o->tap)
        printf("1..%zu\n# ", s->shown);
    printf("%zu scenario%s: ", total(&s->all), total(&s->all) == 1 ? "" : "s");
    print_counts(&s->all, stdout);
    puts(stopped ? "; stopped before the end" : "");
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

int run_options_set(const char *command, int option, const char *arg, struct run_options *o)
{
    const char *names[64], *near;
    char *end;

    switch (option) {
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

static int parse_workers(const char *arg, struct options *o)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);

    if (end == arg || *end || n < 1 || n > 64)
        return cmd_usage("run", "-j takes 1 to 64, not `%s`", arg);
    o->workers = (unsigned)n;
    return EXIT_AS_EXPECTED;
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
    case 'j': return parse_workers(optarg, o);
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
    case 'c':
        if (!color_parse(optarg, &o->color))
            return cmd_usage("run", "--color takes auto, always or never, not `%s`", optarg);
        break;
    case OPT_CHECK:
    case OPT_BREAK:
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
        {"check", required_argument, NULL, OPT_CHECK},
        {"break", required_argument, NULL, OPT_BREAK},
        {"seed", required_argument, NULL, OPT_SEED},
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

static unsigned num_workers(const struct options *o, size_t num)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = o->workers;

    /* A process has to be worth its start. */
    if (n == 0)
        n = cpus > 1 && num >= 16 ? (size_t)cpus : 1;
    if (n > num)
        n = num ? num : 1;
    return n > 64 ? 64 : (unsigned)n;
}

static int open_outputs(struct state *s)
{
    const struct options *o = s->o;
    struct text header = {0};

    if (o->trace_file) {
        s->trace = fopen(o->trace_file, "w");
        if (s->trace == NULL)
            return cmd_usage("run", "%s: %s", o->trace_file, strerror(errno));
        trace_header(&header);
        fputs(header.s, s->trace);
        text_free(&header);
    }
    if (o->json_file) {
        s->json = fopen(o->json_file, "w");
        if (s->json == NULL)
            return cmd_usage("run", "%s: %s", o->json_file, strerror(errno));
        fputs("{\"format\": 1, \"scenarios\": [", s->json);
    }
    return EXIT_AS_EXPECTED;
}

static int close_file(FILE *f, const char *name)
{
    if (f == NULL)
        return EXIT_AS_EXPECTED;
    if (ferror(f) | fclose(f)) {
        fprintf(stderr, "ccasim run: cannot write %s\n", name);
        return EXIT_FAILED;
    }
    return EXIT_AS_EXPECTED;
}

static int close_outputs(struct state *s)
{
    int code = close_file(s->trace, s->o->trace_file);

    if (s->json)
        fputs("\n]}\n", s->json);
    return code | close_file(s->json, s->o->json_file);
}

static int result_code(const struct counts *c)
{
    if (c->n[RUN_INVALID])
        return EXIT_INVALID;
    if (c->n[RUN_FAILED])
        return EXIT_FAILED;
    return c->n[RUN_LIMIT] ? EXIT_LIMIT : EXIT_AS_EXPECTED;
}

static int run_items(const struct options *o, const struct item_list *l)
{
    struct state s = {
        .o = o,
        .items = l->v,
        .num = l->num,
        .color = color_wanted(o->color, stdout),
        .tty = isatty(STDERR_FILENO),
        .began = time(NULL),
    };
    struct pool pool = {
        .options = &o->run,
        .items = l->v,
        .num = l->num,
        .workers = num_workers(o, l->num),
        .done = done,
        .progress = progress,
        .ctx = &s,
        .interrupted = &interrupted,
    };
    struct sigaction sa = {.sa_handler = on_sigint};
    int code = open_outputs(&s), written;

    if (code != EXIT_AS_EXPECTED)
        return code;
    sigaction(SIGINT, &sa, NULL);
    if (o->tap)
        puts("TAP version 13");
    code = pool_run(&pool);
    print_summary(&s, code != EXIT_AS_EXPECTED || (o->fail_fast && bad(&s.all)));
    written = close_outputs(&s);
    if (code == EXIT_AS_EXPECTED)
        code = result_code(&s.all);
    if (code == EXIT_AS_EXPECTED && total(&s.all) == 0)
        code = cmd_usage("run", "no scenario has such a tag");
    return code ? code : written;
}

int cmd_run(int argc, char **argv)
{
    struct options o = {.run = {.check = CHECK_ALL}};
    struct item_list l = {0};
    int code = parse(argc, argv, &o);

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    for (int i = optind; i < argc && code == EXIT_AS_EXPECTED; i++)
        code = collect_path(argv[i], &o, &l);
    if (code == EXIT_AS_EXPECTED && l.num == 0)
        code = cmd_usage("run", o.filter ? "no scenario matches the filter" : "no scenario there");
    if (code == EXIT_AS_EXPECTED)
        code = run_items(&o, &l);
    for (size_t i = 0; i < l.num; i++)
        free((char *)(uintptr_t)l.v[i].path);
    free(l.v);
    return code;
}
