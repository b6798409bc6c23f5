/* SPDX-License-Identifier: BSD-3-Clause */
/* Mappings by key table, and the errors that this finds. */
#include <stdarg.h>
#include <string.h>

#include "scn.h"

#define MAX_MESSAGE 300u

struct loc scn_loc(const struct scn *s, const struct node *n)
{
    return (struct loc){s->file, n->line, n->col};
}

static struct diag *add_error(struct scn *s, struct loc loc, const char *fmt, va_list ap)
{
    char text[MAX_MESSAGE];

    vsnprintf(text, sizeof(text), fmt, ap);
    s->errors++;
    return diag_add(s->diags, loc, s->path.text, text);
}

struct diag *scn_error(struct scn *s, const struct node *at, const char *fmt, ...)
{
    struct diag *d;
    va_list ap;

    if (at->refused)
        return NULL;
    va_start(ap, fmt);
    d = add_error(s, scn_loc(s, at), fmt, ap);
    va_end(ap);
    return d;
}

struct diag *scn_error_at(struct scn *s, const struct node *at, size_t offset, const char *fmt, ...)
{
    struct loc loc = scn_loc(s, at);
    struct diag *d;
    va_list ap;

    if (at->refused)
        return NULL;
    if (!at->block) /* the text of a block starts on another line */
        loc.col += (unsigned)offset + at->quoted;
    va_start(ap, fmt);
    d = add_error(s, loc, fmt, ap);
    va_end(ap);
    return d;
}

void scn_allowed(struct scn *s, struct diag *d, const char *fmt, ...)
{
    char text[MAX_MESSAGE];
    va_list ap;

    if (!d)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    diag_allowed(s->diags, d, text);
}

bool scn_expect_kind(struct scn *s, const struct node *n, enum node_kind kind, const char *what)
{
    if (n->kind == kind && (kind != NODE_SCALAR || !node_is_empty(n)))
        return true;
    scn_error(s, n, "%s, where %s must stand", node_kind_name(n), what);
    return false;
}

static void unknown_key(struct scn *s, const struct node *key, const struct key_set *set)
{
    struct words w = {0};

    for (unsigned i = 0; i < set->num; i++)
        words_add(s->arena, &w, set->keys[i].name);
    diag_words(s->diags, scn_error(s, key, "unknown %s `%.80s`", set->what, key->text), &w,
               key->text);
}

static bool read_choice(struct scn *s, const struct node *n, const struct key *key, uint64_t *out)
{
    struct words w = {0};

    if (!scn_expect_kind(s, n, NODE_SCALAR, "a word"))
        return false;
    for (unsigned i = 0; key->choices[i]; i++) {
        if (strcmp(key->choices[i], n->text) == 0) {
            *out = i;
            return true;
        }
        words_add(s->arena, &w, key->choices[i]);
    }
    diag_words(s->diags, scn_error(s, n, "`%.80s` is not possible here", n->text), &w, n->text);
    return false;
}

static bool read_text(struct scn *s, const struct node *n, struct field *out)
{
    if (!scn_expect_kind(s, n, NODE_SCALAR, "a text"))
        return false;
    out->text = arena_strndup(s->arena, n->text, n->len);
    out->len = (uint32_t)n->len;
    return true;
}

/* A value that goes into fewer than 64 bits, as a positive or as a negative number. */
static bool check_width(struct scn *s, const struct node *n, const struct key *key,
                        const struct field *f)
{
    if (key->max == 0 || f->value.var >= 0 || f->value.num <= key->max ||
        f->value.num > ~(key->max / 2))
        return true;
    scn_allowed(s, scn_error(s, n, "0x%llx does not fit", (unsigned long long)f->value.num),
                "0..0x%llx", (unsigned long long)key->max);
    return false;
}

bool scn_read_key(struct scn *s, const struct node *n, const struct key *key, struct field *out)
{
    bool flag = false;

    out->node = n;
    out->value.var = -1;
    switch (key->type) {
    case KEY_VALUE: return scn_value(s, n, key->group, &out->value) && check_width(s, n, key, out);
    case KEY_NUMBER: return scn_number(s, n, key->min, key->max, &out->value.num);
    case KEY_CHOICE: return read_choice(s, n, key, &out->value.num);
    case KEY_TEXT: return read_text(s, n, out);
    case KEY_BYTES: return (out->bytes = scn_bytes(s, n, &out->len)) != NULL;
    case KEY_BOOL:
        if (!scn_bool(s, n, &flag))
            return false;
        out->value.num = flag;
        return true;
    default: return true; /* the caller reads the node */
    }
}

static bool read_named(struct scn *s, const struct node *n, const struct key_set *set,
                       unsigned index, struct field *field)
{
    size_t old = path_key(&s->path, set->keys[index].name);
    bool ok = scn_read_key(s, n, &set->keys[index], &field[index]);

    path_pop(&s->path, old);
    return ok;
}

static bool read_mapping(struct scn *s, const struct node *n, const struct key_set *set,
                         struct field *field)
{
    bool ok = true;

    FOR_EACH_VALUE(v, n)
    {
        unsigned i = 0;

        while (i < set->num && strcmp(set->keys[i].name, v->key->text) != 0)
            i++;
        if (i < set->num) {
            ok &= read_named(s, v, set, i, field);
        } else {
            size_t old = path_key(&s->path, v->key->text);

            unknown_key(s, v->key, set);
            path_pop(&s->path, old);
            ok = false;
        }
    }
    return ok;
}

static bool read_positional(struct scn *s, const struct node *n, const struct key_set *set,
                            struct field *field)
{
    bool ok = true;
    unsigned i = 0;

    if (node_is_empty(n))
        return true;
    FOR_EACH_ITEM(item, n)
    {
        if (i == set->num) {
            scn_allowed(s, scn_error(s, item, "too many %ss", set->what), "%u", set->num);
            return false;
        }
        ok &= read_named(s, item, set, i++, field);
    }
    return ok;
}

static bool check_required(struct scn *s, const struct node *n, const struct key_set *set,
                           const struct field *field)
{
    bool ok = true;

    for (unsigned i = 0; i < set->num; i++) {
        if (set->keys[i].required && !field[i].node) {
            scn_error(s, n, "%s `%s` is missing", set->what, set->keys[i].name);
            ok = false;
        }
    }
    return ok;
}

bool scn_read_keys(struct scn *s, const struct node *n, const struct key_set *set,
                   struct field *field)
{
    bool ok;

    for (unsigned i = 0; i < set->num; i++)
        field[i] = (struct field){.value = {0, -1}};
    if (n->kind == NODE_MAP || (node_is_empty(n) && !set->positional))
        ok = read_mapping(s, n, set, field);
    else if (set->positional)
        ok = read_positional(s, n, set, field);
    else
        ok = scn_expect_kind(s, n, NODE_MAP, "a mapping");
    return ok && check_required(s, n, set, field);
}
