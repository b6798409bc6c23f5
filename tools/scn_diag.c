/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of what is wrong in a file, near matches, and how a diag is printed. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scn_node.h"

#define MAX_DIAGS 200u
#define MAX_WORD  40u

static bool is_same(const struct diag *d, struct loc loc, const char *text)
{
    return d->loc.line == loc.line && d->loc.col == loc.col && strcmp(d->text, text) == 0 &&
           strcmp(d->loc.file, loc.file) == 0;
}

/* The body of a loop is read once a turn: its errors are reported once. */
static struct diag *find_same(struct diag_list *l, struct loc loc, const char *text)
{
    for (size_t i = 0; i < l->num; i++) {
        if (is_same(&l->d[i], loc, text))
            return &l->d[i];
    }
    return NULL;
}

static struct diag *append(struct diag_list *l)
{
    if (l->num == l->capacity) {
        size_t n = l->capacity ? 2 * l->capacity : 8;

        l->d = arena_grow(l->arena, l->d, l->num * sizeof(*l->d), n * sizeof(*l->d));
        l->capacity = n;
    }
    return &l->d[l->num++];
}

struct diag *diag_add(struct diag_list *l, struct loc loc, const char *path, const char *text)
{
    struct diag *d;

    if (!l->arena)
        l->arena = arena_new();
    d = find_same(l, loc, text);
    if (d)
        return d;
    d = append(l);
    if (l->num > MAX_DIAGS) { /* room that the next one takes again */
        l->num--;
        l->dropped++;
        memset(d, 0, sizeof(*d));
    }
    d->loc = loc;
    d->loc.file = arena_strdup(l->arena, loc.file);
    d->path = arena_strdup(l->arena, path);
    d->text = arena_strdup(l->arena, text);
    return d;
}

void diag_allowed(struct diag_list *l, struct diag *d, const char *allowed)
{
    if (d && allowed)
        d->allowed = arena_strdup(l->arena, allowed);
}

void diag_context(struct diag_list *l, struct diag *d, struct loc loc, const char *text)
{
    if (!d)
        return;
    d->context = loc;
    d->context.file = arena_strdup(l->arena, loc.file);
    d->context_text = arena_strdup(l->arena, text);
}

void words_add(struct arena *a, struct words *w, const char *word)
{
    if (w->num == w->capacity) {
        unsigned n = w->capacity ? 2 * w->capacity : 16;

        w->v = arena_grow(a, w->v, w->num * sizeof(*w->v), n * sizeof(*w->v));
        w->capacity = n;
    }
    w->v[w->num++] = word;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Insertions, deletions, replacements and swaps of neighbours that make one word of the other. */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned row[3][MAX_WORD + 1];
    unsigned la = (unsigned)strlen(a), lb = (unsigned)strlen(b);

    if (la > MAX_WORD || lb > MAX_WORD)
        return MAX_WORD;
    for (unsigned j = 0; j <= lb; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

        now[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            bool same = strncasecmp(&a[i - 1], &b[j - 1], 1) == 0;

            now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[la % 3][lb];
}

const char *words_nearest(const struct words *w, const char *got)
{
    unsigned best = (unsigned)strlen(got) / 3 + 1;
    const char *word = NULL;

    for (unsigned i = 0; i < w->num; i++) {
        unsigned d = edit_distance(got, w->v[i]);

        if (d < best || (d == best && !word)) {
            best = d;
            word = w->v[i];
        }
    }
    return word;
}

void diag_words(struct diag_list *l, struct diag *d, const struct words *w, const char *got)
{
    const char *near_match = words_nearest(w, got);
    const char *text = "";

    if (!d)
        return;
    if (near_match)
        d->near_match = arena_strdup(l->arena, near_match);
    for (unsigned i = 0; i < w->num; i++)
        text = arena_printf(l->arena, "%s%s%s", text, i > 0 ? ", " : "", w->v[i]);
    if (w->num > 0)
        d->allowed = text;
}

void diag_print(const struct diag *d, FILE *out)
{
    fprintf(out, "%s:", d->loc.file);
    if (d->loc.line) /* else it is about the file as a whole */
        fprintf(out, "%u:%u:", d->loc.line, d->loc.col);
    fputc(' ', out);
    if (d->path[0])
        fprintf(out, "%s: ", d->path);
    fprintf(out, "%s", d->text);
    if (d->allowed)
        fprintf(out, "; allowed: %s", d->allowed);
    if (d->near_match)
        fprintf(out, "; did you mean `%s`?", d->near_match);
    fputc('\n', out);
    if (d->context.line)
        fprintf(out, "%s:%u:%u: note: %s\n", d->context.file, d->context.line, d->context.col,
                d->context_text);
}

void diag_list_print(const struct diag_list *l, FILE *out)
{
    for (size_t i = 0; i < l->num; i++)
        diag_print(&l->d[i], out);
    if (l->dropped)
        fprintf(out, "... and %zu more\n", l->dropped);
}

void diag_list_clear(struct diag_list *l)
{
    arena_free(l->arena);
    memset(l, 0, sizeof(*l));
}
