/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What scenarios show of the specification: for each condition, success variant and ordered pair of
 * conditions, which scenarios have it. Gathered from the outcomes of a run (OUT_COVER), in the
 * order of the list, so that the result does not depend on who ran what.
 */
#ifndef CCASIM_TOOLS_COVERAGE_H
#define CCASIM_TOOLS_COVERAGE_H

#include <jansson.h>

#include "items.h"
#include "run_output.h"

/* Scenarios, by index in the list of items; ascending. */
struct cover_files {
    uint32_t *v;
    size_t num, capacity;
};

/* X < Y: both held in one call. */
struct cover_pair {
    unsigned before, after; /* rows */
    const char *source;
    const char *never; /* why they cannot; NULL: they can */
    struct cover_files both;
};

struct cover_success {
    char *name;        /* "" for a command without variants */
    const char *text;  /* when; NULL */
    const char *never; /* why it cannot be; NULL: it can */
    struct cover_files seen;
};

struct cover_of {
    const struct spec_command *cmd;
    struct cover_files called;
    struct cover_files held[SPEC_MAX_CONDS], decided[SPEC_MAX_CONDS];
    struct cover_pair *pair;
    unsigned num_pairs;
    struct cover_success *success;
    unsigned num_successes;
};

struct coverage {
    const struct items *items;
    struct cover_of *of; /* in the order of spec_commands() */
    size_t num;
    struct run_counts counts;
    int *passed;    /* [items->num] place of an item among those that passed; -1 */
    char **purpose; /* [items->num] of those; NULL */
    int num_passed;
};

/* `possible`: all but those that cannot be. */
struct cover_total {
    unsigned done, possible, never;
};
enum cover_kind { COVER_CONDITIONS, COVER_SUCCESSES, COVER_PAIRS, COVER_KINDS };
extern const char *const cover_kind_names[COVER_KINDS];

void coverage_init(struct coverage *c, const struct items *items);
void coverage_free(struct coverage *c);
/* The outcome of one item; those that did not pass show nothing. */
void coverage_add(struct coverage *c, size_t item, const struct run_outcome *o);
/* of == NULL: all commands. */
struct cover_total coverage_total(const struct coverage *c, const struct cover_of *of,
                                  enum cover_kind kind);
/* What the tables say cannot be, and was seen: the tables are wrong. */
unsigned coverage_num_impossible(const struct coverage *c);

/* What one scenario has seen, for its outcome. */
void coverage_scenario(struct text *t, const struct check *check);

/* --- coverage_json.c --- */
json_t *coverage_json(const struct coverage *c);
/* One file, no other needed. */
void coverage_html(const struct coverage *c, FILE *out);

#endif
