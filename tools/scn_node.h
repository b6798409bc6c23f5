/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A YAML file as nodes that know where they stand. Every scalar is text: what it means is decided
 * by the key table that reads it. Refused here, because a reader of the file would be surprised:
 * anchors and aliases, tags, merge keys, duplicate keys, keys that are not scalars, more than one
 * document.
 */
#ifndef CCASIM_TOOLS_SCN_NODE_H
#define CCASIM_TOOLS_SCN_NODE_H

#include <ccasim/scenario.h>

#include "arena.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    bool quoted;        /* a scalar in quotes: text even where it looks like something else */
    bool block;         /* a scalar after `|` or `>`: its text starts on the next line */
    bool refused;       /* reported already: what else is wrong with it does not matter */
    unsigned line, col; /* from 1 */
    const char *text;   /* of a scalar */
    size_t len;
    const struct node *key;   /* when this is a value of a mapping */
    const struct node *first; /* items of a list, values of a mapping */
    const struct node *next;
    unsigned num; /* of items or values */
};

/* An empty scalar, as `rd:` has. */
static inline bool node_is_empty(const struct node *n)
{
    return n->kind == NODE_SCALAR && n->len == 0 && !n->quoted && !n->block;
}
const char *node_kind_name(const struct node *n);

/* The value of a key; NULL. */
const struct node *node_get(const struct node *map, const char *key);

/* Where we are in the document, as text: "steps[4].RTT_CREATE.level". */
struct doc_path {
    char text[240];
    size_t len;
};
/* Each returns what path_pop() takes to undo it. A path too long to hold is cut. */
size_t path_key(struct doc_path *p, const char *key);
size_t path_index(struct doc_path *p, size_t index);
static inline void path_pop(struct doc_path *p, size_t len)
{
    p->len = len;
    p->text[len] = '\0';
}

struct document {
    const char *file;
    const char *purpose; /* text of the first comment; NULL */
    const char *text;    /* as given: must live as long as the nodes */
    const struct node *root;
    struct document *next; /* in the loader's list */
    bool flawed;           /* the nodes are all there, but something was reported */
};

/*
 * Parses `text`, which ends in a zero byte. Nodes live in `arena`. False: not YAML, diags say why.
 * An anchor, a duplicate key and the like leave the document `flawed`: its other errors can still
 * be found.
 */
bool document_parse(struct arena *arena, const char *file, const char *text, size_t len,
                    struct document *out, struct diag_list *diags);

/* --- diagnostics --- */
/* Adds one (unless the same one is there already) and returns it; the strings are copied. The
 * others do nothing for a diag that is NULL. */
struct diag *diag_add(struct diag_list *l, struct loc loc, const char *path, const char *text);
void diag_allowed(struct diag_list *l, struct diag *d, const char *allowed);
void diag_context(struct diag_list *l, struct diag *d, struct loc loc, const char *text);

/* Words that were possible, for "allowed:" and "did you mean". */
struct words {
    const char **v;
    unsigned num, capacity;
};
void words_add(struct arena *a, struct words *w, const char *word);
/* Sets both from the words; `got` is what the user wrote. */
void diag_words(struct diag_list *l, struct diag *d, const struct words *w, const char *got);
/* The word nearest to `got`, if it is near enough to be meant; NULL. */
const char *words_nearest(const struct words *w, const char *got);

#endif
