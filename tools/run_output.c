/* SPDX-License-Identifier: BSD-3-Clause */
#include "run_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "trace.h"

size_t run_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) : 0;
}

void run_output_progress(void *ctx, size_t ran)
{
    struct run_output *s = ctx;

    if (!s->tty || time(NULL) - s->began < 2)
        return;
    fprintf(stderr, "\r%zu of %zu ", ran, s->num);
    s->progress_shown = true;
}

static void progress_clear(struct run_output *s)
{
    if (s->progress_shown)
        fputs("\r                                \r", stderr);
    s->progress_shown = false;
}

static void colored(const struct run_output *s, const char *color, const char *text)
{
    if (s->color)
        printf("\033[%sm%s\033[0m", color, text);
    else
        fputs(text, stdout);
}

static void print_counts(const struct run_counts *c, FILE *out)
{
    fprintf(out, "%zu passed, %zu failed", c->n[RUN_PASSED], c->n[RUN_FAILED]);
    if (c->n[RUN_LIMIT])
        fprintf(out, ", %zu reached a limit", c->n[RUN_LIMIT]);
    if (c->n[RUN_INVALID])
        fprintf(out, ", %zu invalid", c->n[RUN_INVALID]);
    if (c->n[RUN_SKIPPED])
        fprintf(out, ", %zu skipped", c->n[RUN_SKIPPED]);
}

size_t run_bad(const struct run_counts *c)
{
    return c->n[RUN_FAILED] + c->n[RUN_LIMIT] + c->n[RUN_INVALID];
}

size_t run_total(const struct run_counts *c)
{
    return run_bad(c) + c->n[RUN_PASSED] + c->n[RUN_SKIPPED];
}

static void end_suite(struct run_output *s)
{
    if (s->folder == NULL)
        return;
    if (run_total(&s->suite) && !s->tap) {
        if (run_bad(&s->suite))
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

static void begin_suite(struct run_output *s, const char *path)
{
    size_t len = run_folder_length(path);

    if (s->folder && strlen(s->folder) == len && memcmp(s->folder, path, len) == 0)
        return;
    end_suite(s);
    s->folder = strndup(path, len);
    memset(&s->suite, 0, sizeof(s->suite));
}

static void print_story(const struct run_output *s, const struct text *story)
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

static void print_tap(struct run_output *s, const struct run_item *item,
                      const struct run_outcome *o)
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

static void print_plain(struct run_output *s, const struct run_item *item,
                        const struct run_outcome *o)
{
    static const char *const words[RUN_RESULTS] = {
        [RUN_PASSED] = "pass",     [RUN_FAILED] = "FAIL",  [RUN_LIMIT] = "FAIL",
        [RUN_INVALID] = "invalid", [RUN_SKIPPED] = "skip",
    };

    if (s->verbose) {
        printf("%s %s", words[o->result], item->path);
        if (o->result == RUN_SKIPPED)
            printf(": %s", o->text[OUT_STORY].s);
        else if (o->text[OUT_NAME].len)
            printf("  (%s)", o->text[OUT_NAME].s);
        putchar('\n');
        fputs(o->text[OUT_VERBOSE].s ? o->text[OUT_VERBOSE].s : "", stdout);
    } else if (o->result == RUN_SKIPPED) {
        printf("skip %s: %s\n", item->path, o->text[OUT_STORY].s);
    }
    if (o->result == RUN_FAILED || o->result == RUN_LIMIT)
        print_story(s, &o->text[OUT_STORY]);
    if (o->result == RUN_INVALID && o->text[OUT_ERRORS].s) {
        fflush(stdout);
        fputs(o->text[OUT_ERRORS].s, stderr);
    }
}

static void add_junit(struct run_output *s, const struct run_item *item,
                      const struct run_outcome *o)
{
    static const enum junit_result results[RUN_RESULTS] = {
        [RUN_PASSED] = JUNIT_PASSED, [RUN_FAILED] = JUNIT_FAILURE,  [RUN_LIMIT] = JUNIT_FAILURE,
        [RUN_INVALID] = JUNIT_ERROR, [RUN_SKIPPED] = JUNIT_SKIPPED,
    };
    const char *said = o->text[o->result == RUN_INVALID ? OUT_ERRORS : OUT_STORY].s;
    size_t folder = run_folder_length(item->path);
    struct text name = {0};

    text_puts(&name, item->path + (folder ? folder + 1 : 0));
    if (item->section > 0)
        text_printf(&name, ":%d", item->section);
    junit_suite(s->junit, item->path, folder);
    junit_case(s->junit, name.s, results[o->result], o->result == RUN_LIMIT ? "limit" : "failed",
               said ? said : "");
    text_free(&name);
}

bool run_output_done(void *ctx, size_t i, const struct run_outcome *o)
{
    struct run_output *s = ctx;
    const struct run_item *item = &s->items[i];

    if (o->result == RUN_NOT_WANTED)
        return true;
    progress_clear(s);
    begin_suite(s, item->path);
    s->suite.n[o->result]++;
    if (s->json)
        fprintf(s->json, "%s\n%s", run_total(&s->all) ? "," : "", o->text[OUT_JSON].s);
    s->all.n[o->result]++;
    if (s->trace && o->text[OUT_TRACE].s)
        fputs(o->text[OUT_TRACE].s, s->trace);
    if (s->junit)
        add_junit(s, item, o);
    if (s->tap)
        print_tap(s, item, o);
    else
        print_plain(s, item, o);
    return !(s->fail_fast && run_bad(&s->all));
}

void run_output_summary(struct run_output *s, bool stopped)
{
    progress_clear(s);
    end_suite(s);
    if (s->tap)
        printf("1..%zu\n# ", s->shown);
    printf("%zu scenario%s: ", run_total(&s->all), run_total(&s->all) == 1 ? "" : "s");
    print_counts(&s->all, stdout);
    puts(stopped ? "; stopped before the end" : "");
}

int run_output_open(struct run_output *s)
{
    struct text header = {0};

    if (s->trace_file) {
        s->trace = fopen(s->trace_file, "w");
        if (s->trace == NULL)
            return cmd_usage("run", "%s: %s", s->trace_file, strerror(errno));
        trace_header(&header);
        fputs(header.s, s->trace);
        text_free(&header);
    }
    if (s->json_file) {
        s->json = fopen(s->json_file, "w");
        if (s->json == NULL)
            return cmd_usage("run", "%s: %s", s->json_file, strerror(errno));
        fputs("{\"format\": 1, \"scenarios\": [", s->json);
    }
    if (s->junit_file && (s->junit = junit_open(s->junit_file)) == NULL)
        return cmd_usage("run", "%s: %s", s->junit_file, strerror(errno));
    if (s->tap)
        puts("TAP version 13");
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

int run_output_close(struct run_output *s)
{
    int code = close_file(s->trace, s->trace_file);

    if (s->json)
        fputs("\n]}\n", s->json);
    code |= close_file(s->json, s->json_file);
    return code | close_file(s->junit ? junit_close(s->junit) : NULL, s->junit_file);
}

int run_result_code(const struct run_counts *c)
{
    if (c->n[RUN_INVALID])
        return EXIT_INVALID;
    if (c->n[RUN_FAILED])
        return EXIT_FAILED;
    return c->n[RUN_LIMIT] ? EXIT_LIMIT : EXIT_AS_EXPECTED;
}
