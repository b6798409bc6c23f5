/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORD 48u

int cmd_usage(const char *command, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "ccasim %s: ", command);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\n(ccasim %s -h lists the options)\n", command);
    return EXIT_USAGE;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Letters to insert, remove or replace. */
static unsigned edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    unsigned row[MAX_WORD + 1];

    if (la > MAX_WORD || lb > MAX_WORD)
        return MAX_WORD;
    for (unsigned j = 0; j <= lb; j++)
        row[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned above = row[j];

            row[j] = min3(row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[lb];
}

const char *near_match(const char *word, const char *const *words, size_t count)
{
    unsigned best = (unsigned)strlen(word) / 3 + 1;
    const char *found = NULL;

    for (size_t i = 0; i < count; i++) {
        unsigned d = edit_distance(word, words[i]);

        if (d > best || (found && d == best))
            continue;
        best = d;
        found = words[i];
    }
    return found;
}

bool color_parse(const char *text, enum color_when *out)
{
    static const char *const names[] = {
        [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum color_when)i;
            return true;
        }
    return false;
}

bool color_wanted(enum color_when when, FILE *out)
{
    const char *no = getenv("NO_COLOR");

    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return isatty(fileno(out)) && (no == NULL || *no == '\0');
}
