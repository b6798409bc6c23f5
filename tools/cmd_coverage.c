/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim coverage: runs scenarios and says what of the specification they show, and what they do not. */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "pool.h"
#include "report.h"

static const char usage[] =
    "usage: ccasim coverage [OPTION...] PATH...\n\n"
    "Runs scenarios and says which failure conditions were true and which decided a call, which "
    "kinds\nof success were seen, and which ordered pairs of conditions were true in one call. "
    "Lists what is\nmissing, each with a scenario to start from.\n\n"
    "  --json FILE      all of it, with the scenarios behind each\n"
    "  --html FILE      the same as a page to look at: one file, opens from disk\n"
    "  --all            list what is covered too, and what cannot be\n"
    "  --filter GLOB    only files whose path matches\n"
    "  -j N             worker processes (default: one a CPU where there is much to do)\n"
    "  --require-full   exit with 1 if anything that can be is missing\n"
    "  -h, --help       this text\n\n"
    "exit codes: 0; 1 a scenario failed, or (--require-full) something is missing; 2 usage;\n"
    "            3 invalid file; 130 SIGINT\n"
    "example: ccasim coverage --html coverage.html scenarios\n";

struct options {
    const char *json_file, *html_file, *filter;
    bool all, require_full;
    unsigned workers;
};

static volatile sig_atomic_t interrupted;

static void on_sigint(int sig)
{
    (void)sig;
    interrupted = 1;
}

/* --- text ------------------------------------------------------------------------------------------------------ */

static const char *command_name(const struct cover_of *of, char *buf, size_t size)
{
    const struct abi_command *abi = abi_command_by_fid(of->cmd->fid);

    snprintf(buf, size, "%s_%s", abi_command_interface(abi), abi->name);
    return buf;
}

static void print_total(const struct coverage *c, enum cover_kind kind, const char *verb)
{
    struct cover_total t = coverage_total(c, NULL, kind);
    unsigned share = t.possible ? 1000u * t.done / t.possible : 1000u;

    printf("%-14s %4u of %4u %-20s %3u.%u %%", cover_kind_names[kind], t.done, t.possible, verb,
           share / 10, share % 10);
    if (t.never)
        printf("   (%u more cannot be)", t.never);
    putchar('\n');
}

/* Up to three scenarios, and how many more. */
static void print_files(const struct coverage *c, const char *what, const struct cover_files *f)
{
    size_t shown = f->num > 4 ? 3 : f->num;

    if (f->num == 0)
        return;
    printf("      %s", what);
    for (size_t i = 0; i < shown; i++)
        printf("%s %s", i ? "," : "", c->items->v[f->v[i]].path);
    if (f->num > shown)
        printf(" and %zu more", f->num - shown);
    putchar('\n');
}

/* A scenario that is near to one that is missing. */
static void print_start(const struct coverage *c, const struct cover_files *f)
{
    if (f->num == 0)
        puts("      no scenario calls it");
    else
        printf("      start from %s\n", c->items->v[f->v[0]].path);
}

static void print_condition(const struct coverage *c, const struct cover_of *of, unsigned row)
{
    const struct spec_cond *cond = &of->cmd->conds[row];
    bool missing = of->decided[row].num == 0;
    struct text id = {0}, status = {0};

    describe_cond_id(&id, of->cmd, row);
    describe_cond_status(&status, of->cmd, row);
    printf("  condition %s  %s%s\n      %s\n", id.s, status.s,
           cond->unreachable   ? "  cannot be true"
           : !missing          ? ""
           : of->held[row].num ? "  true, but another one decides"
                               : "  never true",
           cond->text);
    if (!missing)
        print_files(c, "decides in", &of->decided[row]);
    else if (of->held[row].num)
        print_files(c, "true in", &of->held[row]);
    else if (!cond->unreachable)
        print_start(c, &of->called);
    text_free(&id);
    text_free(&status);
}

static void print_success(const struct coverage *c, const struct cover_of *of,
                          const struct cover_success *s)
{
    char name[64];

    printf("  success   %s%s%s%s%s\n", command_name(of, name, sizeof(name)), *s->name ? ": " : "",
           s->name, s->never ? "  cannot be: " : "", s->never ? s->never : "");
    if (s->text)
        printf("      %s\n", s->text);
    if (s->seen.num)
        print_files(c, "seen in", &s->seen);
    else if (!s->never)
        print_start(c, &of->called);
}

static void print_pair(const struct coverage *c, const struct cover_of *of,
                       const struct cover_pair *p)
{
    struct text before = {0};

    describe_cond_id(&before, of->cmd, p->before);
    printf("  pair      %s < %s  (%s)%s%s\n", before.s, of->cmd->conds[p->after].id, p->source,
           p->never ? "  cannot both be true: " : "", p->never ? p->never : "");
    if (p->both.num)
        print_files(c, "both true in", &p->both);
    else if (!p->never)
        print_start(c, of->held[p->after].num    ? &of->held[p->after]
                       : of->held[p->before].num ? &of->held[p->before]
                                                 : &of->called);
    text_free(&before);
}

/* Of one command; wanted(done, never) says which. */
static void print_command(const struct coverage *c, const struct cover_of *of,
                          bool (*wanted)(bool done, bool never))
{
    for (unsigned i = 0; i < of->cmd->num_conds; i++) {
        if (wanted(of->decided[i].num != 0, of->cmd->conds[i].unreachable))
            print_condition(c, of, i);
    }
    for (unsigned i = 0; i < of->num_successes; i++) {
        if (wanted(of->success[i].seen.num != 0, of->success[i].never != NULL))
            print_success(c, of, &of->success[i]);
    }
    for (unsigned i = 0; i < of->num_pairs; i++) {
        if (wanted(of->pair[i].both.num != 0, of->pair[i].never != NULL))
            print_pair(c, of, &of->pair[i]);
    }
}

static bool is_covered(bool done, bool never)
{
    return done && !never;
}

static bool is_missing(bool done, bool never)
{
    return !done && !never;
}

static bool is_never(bool done, bool never)
{
    return !done && never;
}

static bool is_impossible(bool done, bool never)
{
    return done && never;
}

static unsigned num_of(const struct coverage *c, bool (*wanted)(bool done, bool never))
{
    unsigned n = 0;

    for (unsigned kind = 0; kind < COVER_KINDS; kind++) {
        struct cover_total t = coverage_total(c, NULL, (enum cover_kind)kind);

        n += wanted == is_missing ? t.possible - t.done : wanted == is_never ? t.never : t.done;
    }
    return n;
}

static void print_list(const struct coverage *c, const char *title,
                       bool (*wanted)(bool done, bool never))
{
    unsigned n = wanted == is_impossible ? coverage_num_impossible(c) : num_of(c, wanted);

    if (n == 0)
        return;
    printf("\n%s (%u)\n", title, n);
    for (size_t i = 0; i < c->num; i++)
        print_command(c, &c->of[i], wanted);
}

static void print_commands(const struct coverage *c)
{
    printf("%-30s", "");
    for (unsigned kind = 0; kind < COVER_KINDS; kind++)
        printf("  %13s", cover_kind_names[kind]);
    putchar('\n');
    for (size_t i = 0; i < c->num; i++) {
        char name[64];

        printf("%-30s", command_name(&c->of[i], name, sizeof(name)));
        for (unsigned kind = 0; kind < COVER_KINDS; kind++) {
            struct cover_total t = coverage_total(c, &c->of[i], (enum cover_kind)kind);
            char cell[32];

            snprintf(cell, sizeof(cell), "%u/%u", t.done, t.possible);
            printf("  %13s", t.possible ? cell : "-");
        }
        putchar('\n');
    }
    putchar('\n');
}

static void print_all(const struct coverage *c, const struct options *o)
{
    print_commands(c);
    print_total(c, COVER_CONDITIONS, "decide a call");
    print_total(c, COVER_SUCCESSES, "seen");
    print_total(c, COVER_PAIRS, "true in one call");
    if (o->all) {
        print_list(c, "covered", is_covered);
        print_list(c, "cannot be", is_never);
    }
    print_list(c, "missing", is_missing);
    print_list(c, "seen, although the specification's tables say that it cannot be", is_impossible);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static int write_file(const struct coverage *c, const char *path, bool html)
{
    FILE *out = fopen(path, "w");

    if (out == NULL)
        return cmd_usage("coverage", "%s: %s", path, strerror(errno));
    if (html) {
        coverage_html(c, out);
    } else {
        json_t *j = coverage_json(c);

        json_dumpf(j, out, JSON_INDENT(1));
        putc('\n', out);
        json_decref(j);
    }
    if (ferror(out) | fclose(out)) {
        fprintf(stderr, "ccasim coverage: cannot write %s\n", path);
        return EXIT_FAILED;
    }
    return EXIT_AS_EXPECTED;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* EXIT_AS_EXPECTED: go on; -1: help was printed. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"json", required_argument, NULL, 'J'},   {"html", required_argument, NULL, 'H'},
        {"filter", required_argument, NULL, 'f'}, {"all", no_argument, NULL, 'a'},
        {"require-full", no_argument, NULL, 'r'}, {"jobs", required_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int c, code = EXIT_AS_EXPECTED;

    while (code == EXIT_AS_EXPECTED && (c = getopt_long(argc, argv, "hj:", longs, NULL)) != -1) {
        switch (c) {
        case 'h': fputs(usage, stdout); return -1;
        case 'J': o->json_file = optarg; break;
        case 'H': o->html_file = optarg; break;
        case 'f': o->filter = optarg; break;
        case 'a': o->all = true; break;
        case 'r': o->require_full = true; break;
        case 'j': code = items_workers_set("coverage", optarg, &o->workers); break;
        default: return cmd_usage("coverage", "unknown option, or one without its value");
        }
    }
    if (code == EXIT_AS_EXPECTED && optind == argc)
        return cmd_usage("coverage", "which scenarios? give a file or a folder");
    return code;
}

struct gathering {
    struct coverage *c;
    const struct items *items;
};

static bool done(void *ctx, size_t i, const struct run_outcome *out)
{
    struct gathering *g = ctx;

    coverage_add(g->c, i, out);
    if (out->result == RUN_INVALID && out->text[OUT_ERRORS].s)
        fputs(out->text[OUT_ERRORS].s, stderr);
    else if (out->result == RUN_FAILED || out->result == RUN_LIMIT)
        fprintf(stderr, "%s fails and shows nothing: ccasim run %s\n", g->items->v[i].path,
                g->items->v[i].path);
    else if (out->result == RUN_SKIPPED)
        fprintf(stderr, "%s was skipped: %s\n", g->items->v[i].path, out->text[OUT_STORY].s);
    return true;
}

static int run(struct coverage *c, const struct items *items, const struct options *o)
{
    struct run_options run = {.check = CHECK_ALL, .cover = true};
    struct gathering g = {c, items};
    struct pool pool = {
        .options = &run,
        .items = items->v,
        .num = items->num,
        .workers = items_workers(o->workers, items->num),
        .done = done,
        .ctx = &g,
        .interrupted = &interrupted,
    };
    struct sigaction sa = {.sa_handler = on_sigint};

    sigaction(SIGINT, &sa, NULL);
    return pool_run(&pool);
}

static int report(const struct coverage *c, const struct options *o)
{
    int code = EXIT_AS_EXPECTED;

    print_all(c, o);
    if (o->json_file)
        code = write_file(c, o->json_file, false);
    if (o->html_file && code == EXIT_AS_EXPECTED)
        code = write_file(c, o->html_file, true);
    if (code == EXIT_AS_EXPECTED)
        code = run_result_code(&c->counts);
    if (code == EXIT_AS_EXPECTED &&
        (coverage_num_impossible(c) || (o->require_full && num_of(c, is_missing))))
        code = EXIT_FAILED;
    return code;
}

int cmd_coverage(int argc, char **argv)
{
    struct options o = {0};
    struct items items = {0};
    struct coverage c;
    int code = parse(argc, argv, &o);

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    for (int i = optind; i < argc && code == EXIT_AS_EXPECTED; i++)
        code = items_add(&items, argv[i], o.filter);
    if (code == EXIT_AS_EXPECTED && items.num == 0)
        code = cmd_usage("coverage",
                         o.filter ? "no scenario matches the filter" : "no scenario there");
    if (code == EXIT_AS_EXPECTED) {
        coverage_init(&c, &items);
        code = run(&c, &items, &o);
        if (code == EXIT_AS_EXPECTED)
            code = report(&c, &o);
        coverage_free(&c);
    }
    items_free(&items);
    return code;
}
