/* SPDX-License-Identifier: BSD-3-Clause */
/* Between trace_read.c (lines and the tree of steps) and trace_operand.c (words of a line). */
#ifndef CCASIM_TOOLS_TRACE_READER_H
#define CCASIM_TOOLS_TRACE_READER_H

#include "arena.h"
#include "trace.h"

/* A step with the place where it belongs, before the tree is built. */
struct record {
    struct step st;
    unsigned in; /* number of the outer step; 0: none */
    bool is_during, has_nested;
    enum event_kind event;
    uint64_t n;
};

struct trace_reader {
    struct arena *arena;
    const char *path;
    struct diag_list *diags;
    struct trace *out;
    unsigned line;
    bool failed;
    struct record *rec;
    unsigned num, capacity;
    struct script_section *section; /* of the script step that was read last */
    char *next;                     /* the next line of the file */
};

/* Reports the first thing that is wrong; the rest follows from it. */
void trace_complain(struct trace_reader *r, const char *what, const char *about);
/* Appends one element to an array in the arena that grows by doubling. */
void *trace_append(struct trace_reader *r, void *array, unsigned *num, size_t size);
uint64_t trace_number(struct trace_reader *r, const char *s);
unsigned trace_one_of(struct trace_reader *r, const char *s, const char *const *names,
                      unsigned num);
struct value trace_plain(uint64_t v);
/* One NAME=VALUE of a step. */
void trace_operand(struct trace_reader *r, struct step *st, const char *name, char *v);

#endif
