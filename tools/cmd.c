/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "scn_node.h"

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

const char *near_match(const char *word, const char *const *words, size_t count)
{
    struct arena *a = arena_new();
    struct words w = {0};
    const char *found;

    for (size_t i = 0; i < count; i++)
        words_add(a, &w, words[i]);
    found = words_nearest(&w, word);
    arena_free(a);
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
