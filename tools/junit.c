/* SPDX-License-Identifier: BSD-3-Clause */
#include "junit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct counts {
    size_t n[JUNIT_RESULTS];
};

struct junit {
    FILE *out;
    struct text suites, cases; /* those that are complete, and the current one's */
    struct counts all, suite;
    char *name; /* of the current suite; NULL: none yet */
};

/* --- text in XML 1.0 --- */

/* Bytes of the character that begins at `s`; 0: none that XML 1.0 may hold (its production 2) in UTF-8. */
static size_t character(const unsigned char *s, size_t len)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    unsigned c;

    if (n == 1)
        return s[0] >= 0x20 || s[0] == '\t' || s[0] == '\n' || s[0] == '\r';
    if (n == 0 || n > len)
        return 0;
    c = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
        return 0;
    return n;
}

/* A parser turns white space of an attribute into blanks unless it is a reference, and CR anywhere. */
static const char *reference(char c, bool attribute)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\r': return "&#13;";
    case '"': return attribute ? "&quot;" : NULL;
    case '\n': return attribute ? "&#10;" : NULL;
    case '\t': return attribute ? "&#9;" : NULL;
    default: return NULL;
    }
}

static void escaped(struct text *t, const char *s, size_t len, bool attribute)
{
    for (size_t i = 0; i < len;) {
        const char *ref = reference(s[i], attribute);
        size_t n = character((const unsigned char *)s + i, len - i);

        if (ref)
            text_puts(t, ref);
        else if (n)
            text_add(t, s + i, n);
        else
            text_puts(t, "\xef\xbf\xbd"); /* U+FFFD */
        i += n ? n : 1;
    }
}

static void attribute(struct text *t, const char *name, const char *value, size_t len)
{
    text_printf(t, " %s=\"", name);
    escaped(t, value, len, true);
    text_puts(t, "\"");
}

static void counted(struct text *t, const struct counts *c)
{
    size_t tests = 0;

    for (unsigned i = 0; i < JUNIT_RESULTS; i++)
        tests += c->n[i];
    text_printf(t, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", tests,
                c->n[JUNIT_FAILURE], c->n[JUNIT_ERROR], c->n[JUNIT_SKIPPED]);
}

/* --- suites and cases --- */

struct junit *junit_open(const char *path)
{
    FILE *out = fopen(path, "w");
    struct junit *j = out ? calloc(1, sizeof(*j)) : NULL;

    if (j)
        j->out = out;
    else if (out)
        fclose(out);
    return j;
}

static void end_suite(struct junit *j)
{
    struct text *t = &j->suites;

    if (j->name == NULL)
        return;
    text_puts(t, "  <testsuite");
    attribute(t, "name", j->name, strlen(j->name));
    counted(t, &j->suite);
    text_puts(t, ">\n");
    text_add(t, j->cases.s ? j->cases.s : "", j->cases.len);
    text_puts(t, "  </testsuite>\n");
    text_clear(&j->cases);
    memset(&j->suite, 0, sizeof(j->suite));
    free(j->name);
    j->name = NULL;
}

void junit_suite(struct junit *j, const char *name, size_t len)
{
    if (len == 0) {
        name = ".";
        len = 1;
    }
    if (j->name && strlen(j->name) == len && memcmp(j->name, name, len) == 0)
        return;
    end_suite(j);
    j->name = strndup(name, len);
}

/* A finding says most; else the second line, which says what, as the first says where. A note, in brackets, is passed. */
static const char *telling_line(const char *said)
{
    const char *second = NULL;

    for (const char *line = strchr(said, '\n'); line; line = strchr(line, '\n')) {
        line++;
        line += strspn(line, " \t");
        if (strncmp(line, "finding ", 8) == 0)
            return line;
        if (second == NULL && *line && *line != '(')
            second = line;
    }
    return second ? second : said;
}

static void message(struct text *t, const char *said)
{
    const char *line = telling_line(said);

    attribute(t, "message", line, strcspn(line, "\n"));
}

void junit_case(struct junit *j, const char *name, enum junit_result result, const char *type,
                const char *said)
{
    static const char *const elements[JUNIT_RESULTS] = {
        [JUNIT_FAILURE] = "failure", [JUNIT_ERROR] = "error", [JUNIT_SKIPPED] = "skipped"};
    struct text *t = &j->cases;

    j->suite.n[result]++;
    j->all.n[result]++;
    text_puts(t, "    <testcase");
    attribute(t, "classname", j->name, strlen(j->name));
    attribute(t, "name", name, strlen(name));
    if (result == JUNIT_PASSED) {
        text_puts(t, "/>\n");
        return;
    }
    text_printf(t, ">\n      <%s", elements[result]);
    message(t, said);
    if (result == JUNIT_SKIPPED) {
        text_puts(t, "/>\n");
    } else {
        attribute(t, "type", type, strlen(type));
        text_puts(t, ">");
        escaped(t, said, strlen(said), false);
        text_printf(t, "</%s>\n", elements[result]);
    }
    text_puts(t, "    </testcase>\n");
}

FILE *junit_close(struct junit *j)
{
    struct text head = {0};
    FILE *out = j->out;

    end_suite(j);
    counted(&head, &j->all);
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ccasim\"%s>\n%s",
            head.s, j->suites.s ? j->suites.s : "");
    fputs("</testsuites>\n", out);
    text_free(&head);
    text_free(&j->suites);
    text_free(&j->cases);
    free(j);
    return out;
}
