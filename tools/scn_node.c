/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libyaml's events as nodes with marks.
 *
 * YAML reserves `[` and `]` inside `{}` and `[]`, where people want to write rtt[1]. An index
 * that directly follows a name cannot be anything else, so before parsing such brackets are
 * replaced by two characters of the private use area (one column each, so marks stay right), and
 * put back in each scalar.
 */
#include <string.h>
#include <yaml.h>

#include "scn_node.h"

#define MAX_DEPTH      24u
#define OPEN           "\xee\x80\x80"
#define CLOSE          "\xee\x80\x81"
#define SUBSTITUTE_LEN ((size_t)3)

struct parse {
    yaml_parser_t yaml;
    struct arena *arena;
    struct diag_list *diags;
    const char *file, *text;
    size_t len;
    struct doc_path path;
    bool has_brackets, failed;
};

const char *node_kind_name(const struct node *n)
{
    switch (n->kind) {
    case NODE_LIST: return "a list";
    case NODE_MAP: return "a mapping";
    default: return node_is_empty(n) ? "nothing" : "a text";
    }
}

const struct node *node_get(const struct node *map, const char *key)
{
    for (const struct node *n = map->first; n; n = n->next) {
        if (strcmp(n->key->text, key) == 0)
            return n;
    }
    return NULL;
}

static size_t path_append(struct doc_path *p, const char *s)
{
    size_t old = p->len, n = strlen(s), room = sizeof(p->text) - 1 - old;

    if (n > room)
        n = room;
    memcpy(p->text + old, s, n);
    path_pop(p, old + n);
    return old;
}

size_t path_key(struct doc_path *p, const char *key)
{
    size_t old = p->len;

    if (old > 0)
        path_append(p, ".");
    path_append(p, key);
    return old;
}

size_t path_index(struct doc_path *p, size_t index)
{
    char text[24];

    snprintf(text, sizeof(text), "[%zu]", index);
    return path_append(p, text);
}

/* --- brackets --- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of the index that starts with the `[` at s, both brackets included; 0: not an index. */
static size_t index_length(const char *s, const char *end)
{
    const char *p = s + 1;

    while (p < end && *p != ']' && (is_word(*p) || strchr(" +-*().", *p)))
        p++;
    return p < end && *p == ']' && p > s + 1 ? (size_t)(p - s) + 1 : 0;
}

static const char *substitute(struct parse *p)
{
    const char *s = p->text, *end = s + p->len;
    char *out = arena_alloc(p->arena, p->len * SUBSTITUTE_LEN + 1), *o = out;

    while (s < end) {
        size_t n = *s == '[' && s > p->text && is_word(s[-1]) ? index_length(s, end) : 0;

        if (n == 0) {
            *o++ = *s++;
            continue;
        }
        o += sprintf(o, "%s%.*s%s", OPEN, (int)(n - 2), s + 1, CLOSE);
        s += n;
    }
    p->len = (size_t)(o - out);
    return out;
}

/* An index anywhere? Most files have few brackets, so this is cheap. */
static bool has_index(const char *text, size_t len)
{
    const char *end = text + len, *s = text;

    while ((s = memchr(s, '[', (size_t)(end - s))) != NULL) {
        if (s > text && is_word(s[-1]) && index_length(s, end))
            return true;
        s++;
    }
    return false;
}

static size_t put_back(char *text, size_t len)
{
    char *o = text;

    for (const char *s = text; s < text + len;) {
        if (strncmp(s, OPEN, SUBSTITUTE_LEN) == 0 || strncmp(s, CLOSE, SUBSTITUTE_LEN) == 0) {
            *o++ = s[SUBSTITUTE_LEN - 1] == OPEN[SUBSTITUTE_LEN - 1] ? '[' : ']';
            s += SUBSTITUTE_LEN;
        } else {
            *o++ = *s++;
        }
    }
    *o = '\0';
    return (size_t)(o - text);
}

/* --- errors --- */

static struct loc mark_loc(const struct parse *p, yaml_mark_t m)
{
    return (struct loc){p->file, (unsigned)m.line + 1, (unsigned)m.column + 1};
}

static void refuse(struct parse *p, yaml_mark_t at, const char *text, const char *allowed)
{
    struct diag *d = diag_add(p->diags, mark_loc(p, at), p->path.text, text);

    diag_allowed(p->diags, d, allowed);
    p->failed = true;
}

static bool is_tab_at(const struct parse *p, yaml_mark_t at)
{
    return at.index < p->len && p->text[at.index] == '\t';
}

/* What libyaml says, with the place where the unclosed thing was opened. */
static void refuse_syntax(struct parse *p)
{
    const yaml_parser_t *y = &p->yaml;
    char text[200];
    struct diag *d;

    if (y->error == YAML_READER_ERROR) {
        snprintf(text, sizeof(text), "not UTF-8 text: %s at byte %zu", y->problem,
                 y->problem_offset);
        refuse(p, y->mark, text, NULL);
        return;
    }
    if (is_tab_at(p, y->problem_mark))
        snprintf(text, sizeof(text), "a tab: YAML is indented with spaces");
    else
        snprintf(text, sizeof(text), "not YAML: %s", y->problem ? y->problem : "unknown error");
    p->failed = true;
    d = diag_add(p->diags, mark_loc(p, y->problem_mark), p->path.text, text);
    if (y->context) {
        snprintf(text, sizeof(text), "%s that starts here", y->context);
        diag_context(p->diags, d, mark_loc(p, y->context_mark), text);
    }
}

static bool next_event(struct parse *p, yaml_event_t *e)
{
    if (yaml_parser_parse(&p->yaml, e))
        return true;
    refuse_syntax(p);
    return false;
}

/* --- nodes --- */

static struct node *node_new(struct parse *p, enum node_kind kind, yaml_mark_t at)
{
    struct node *n = ARENA_ARRAY(p->arena, struct node, 1);

    n->kind = kind;
    n->line = (unsigned)at.line + 1;
    n->col = (unsigned)at.column + 1;
    return n;
}

static void refuse_properties(struct parse *p, yaml_mark_t at, const void *anchor, const void *tag)
{
    if (anchor)
        refuse(p, at, "an anchor (`&name`): scenario files have none", "let:, repeat: and use:");
    if (tag)
        refuse(p, at, "a tag (`!name`): every value is text, its place says what it is", NULL);
}

static struct node *read_scalar(struct parse *p, const yaml_event_t *e)
{
    struct node *n = node_new(p, NODE_SCALAR, e->start_mark);
    char *text = arena_strndup(p->arena, (const char *)e->data.scalar.value, e->data.scalar.length);

    refuse_properties(p, e->start_mark, e->data.scalar.anchor, e->data.scalar.tag);
    n->len = p->has_brackets ? put_back(text, e->data.scalar.length) : e->data.scalar.length;
    n->text = text;
    n->quoted = e->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    n->block = e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
               e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    return n;
}

static struct node *read_node(struct parse *p, yaml_event_t *e, unsigned depth);

static struct node *read_list(struct parse *p, yaml_event_t *start, unsigned depth)
{
    struct node *list = node_new(p, NODE_LIST, start->start_mark);
    const struct node **tail = &list->first;
    yaml_event_t e;

    while (next_event(p, &e)) {
        struct node *item;
        size_t old;

        if (e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            return list;
        }
        old = path_index(&p->path, list->num);
        item = read_node(p, &e, depth);
        path_pop(&p->path, old);
        if (!item)
            return NULL;
        *tail = item;
        tail = &item->next;
        list->num++;
    }
    return NULL;
}

static void check_key(struct parse *p, const struct node *map, struct node *key)
{
    yaml_mark_t at = {.line = key->line - 1, .column = key->col - 1};
    const struct node *same = node_get(map, key->text);
    char text[160];

    if (strcmp(key->text, "<<") == 0 && !key->quoted)
        refuse(p, at, "a merge key (`<<`): scenario files have none", "let:, repeat: and use:");
    key->refused = strcmp(key->text, "<<") == 0 || same;
    if (same) {
        struct diag *d;

        snprintf(text, sizeof(text), "duplicate key `%.80s`", key->text);
        d = diag_add(p->diags, mark_loc(p, at), p->path.text, text);
        diag_context(p->diags, d, (struct loc){p->file, same->key->line, same->key->col},
                     "the first one is here");
        p->failed = true;
    }
}

/* Reads the key that `e` starts. NULL: not a scalar, or the file ends. */
static const struct node *read_key(struct parse *p, yaml_event_t *e, const struct node *map)
{
    struct node *key;

    if (e->type != YAML_SCALAR_EVENT) {
        refuse(p, e->start_mark, "a key must be a plain word", NULL);
        yaml_event_delete(e);
        return NULL;
    }
    key = read_scalar(p, e);
    yaml_event_delete(e);
    check_key(p, map, key);
    return key;
}

static struct node *read_map(struct parse *p, yaml_event_t *start, unsigned depth)
{
    struct node *map = node_new(p, NODE_MAP, start->start_mark);
    const struct node **tail = &map->first;
    yaml_event_t e;

    while (next_event(p, &e)) {
        const struct node *key;
        struct node *value = NULL;
        size_t old;

        if (e.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&e);
            return map;
        }
        key = read_key(p, &e, map);
        if (!key || !next_event(p, &e))
            return NULL;
        old = path_key(&p->path, key->text);
        value = read_node(p, &e, depth);
        path_pop(&p->path, old);
        if (!value)
            return NULL;
        value->key = key;
        value->refused |= key->refused;
        *tail = value;
        tail = &value->next;
        map->num++;
    }
    return NULL;
}

/* Reads the node that `e` starts, and deletes `e`. NULL: it cannot be read further. */
static struct node *read_node(struct parse *p, yaml_event_t *e, unsigned depth)
{
    struct node *n = NULL;

    if (depth == MAX_DEPTH) {
        refuse(p, e->start_mark, "nested too deeply", NULL);
    } else if (e->type == YAML_SCALAR_EVENT) {
        n = read_scalar(p, e);
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        refuse_properties(p, e->start_mark, e->data.sequence_start.anchor,
                          e->data.sequence_start.tag);
        n = read_list(p, e, depth + 1);
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        refuse_properties(p, e->start_mark, e->data.mapping_start.anchor,
                          e->data.mapping_start.tag);
        n = read_map(p, e, depth + 1);
    } else {
        refuse(p, e->start_mark, "an alias (`*name`): scenario files have none",
               "let:, repeat: and use:");
        n = node_new(p, NODE_SCALAR, e->start_mark);
        n->text = "";
        n->refused = true;
    }
    yaml_event_delete(e);
    return n;
}

/* --- the document --- */

static bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* The first comment that is not for editors or lawyers. */
static const char *read_purpose(struct arena *arena, const char *text, size_t len)
{
    const char *s = text, *end = text + len;

    while (s < end && (*s == '#' || *s == '\n')) {
        const char *line_end = memchr(s, '\n', (size_t)(end - s));
        const char *start = s;

        if (!line_end)
            line_end = end;
        while (start < line_end && (*start == '#' || *start == ' '))
            start++;
        if (start < line_end && !starts_with(start, "yaml-language-server:") &&
            !starts_with(start, "$schema") && !starts_with(start, "SPDX-"))
            return arena_strndup(arena, start, (size_t)(line_end - start));
        s = line_end < end ? line_end + 1 : end;
    }
    return NULL;
}

/* Stream start, document start. The event returned starts the root node, or ends the stream. */
static bool read_head(struct parse *p, yaml_event_t *e)
{
    if (!next_event(p, e))
        return false;
    yaml_event_delete(e);
    if (!next_event(p, e))
        return false;
    if (e->type == YAML_STREAM_END_EVENT)
        return true;
    yaml_event_delete(e);
    return next_event(p, e);
}

static bool check_tail(struct parse *p)
{
    yaml_event_t e;

    if (!next_event(p, &e)) /* document end */
        return false;
    yaml_event_delete(&e);
    if (!next_event(p, &e))
        return false;
    if (e.type != YAML_STREAM_END_EVENT)
        refuse(p, e.start_mark, "a second document: a file holds one", NULL);
    yaml_event_delete(&e);
    return true;
}

static const struct node *read_document(struct parse *p)
{
    const struct node *root;
    yaml_event_t e;

    if (!read_head(p, &e))
        return NULL;
    if (e.type == YAML_STREAM_END_EVENT) {
        refuse(p, e.start_mark, "the file is empty", "a mapping with `ccasim: 1` and `steps:`");
        yaml_event_delete(&e);
        return NULL;
    }
    root = read_node(p, &e, 0);
    return root && check_tail(p) ? root : NULL;
}

bool document_parse(struct arena *arena, const char *file, const char *text, size_t len,
                    struct document *out, struct diag_list *diags)
{
    struct parse p = {.arena = arena, .diags = diags, .file = file, .text = text, .len = len};

    out->file = file;
    out->text = text;
    out->purpose = read_purpose(arena, text, len);
    p.has_brackets = has_index(text, len);
    if (p.has_brackets)
        p.text = substitute(&p);
    if (!yaml_parser_initialize(&p.yaml)) {
        diag_add(diags, (struct loc){file, 1, 1}, "", "out of memory");
        return false;
    }
    yaml_parser_set_input_string(&p.yaml, (const unsigned char *)p.text, p.len);
    out->root = read_document(&p);
    yaml_parser_delete(&p.yaml);
    out->flawed = p.failed;
    return out->root != NULL;
}
