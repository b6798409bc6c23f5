/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What `ccasim run` prints and writes: a line a suite, stories, TAP, the trace and JSON files, progress. It gets the
 * outcomes in the order of the list, so the bytes do not depend on who ran what.
 */
#ifndef CCASIM_TOOLS_RUN_OUTPUT_H
#define CCASIM_TOOLS_RUN_OUTPUT_H

#include <stdio.h>
#include <time.h>

#include "junit.h"
#include "runner.h"

struct run_counts {
    size_t n[RUN_RESULTS];
};
size_t run_bad(const struct run_counts *c);
size_t run_total(const struct run_counts *c);
/* The exit code that they ask for. */
int run_result_code(const struct run_counts *c);

struct run_output {
    /* set by the caller */
    const struct run_item *items;
    size_t num;
    const char *trace_file, *json_file, *junit_file; /* NULL: not wanted */
    bool tap, fail_fast, verbose;
    bool color, tty;
    time_t began;

    FILE *trace, *json;
    struct junit *junit;
    size_t shown; /* for TAP */
    struct run_counts all, suite;
    char *folder; /* of the suite in hand; NULL: none */
    bool progress_shown;
};

/* EXIT_AS_EXPECTED, or a message and EXIT_USAGE. */
int run_output_open(struct run_output *s);
/* For struct pool. */
void run_output_progress(void *ctx, size_t ran);
bool run_output_done(void *ctx, size_t i, const struct run_outcome *o);
void run_output_summary(struct run_output *s, bool stopped);
/* EXIT_AS_EXPECTED, or a message and EXIT_FAILED. */
int run_output_close(struct run_output *s);

/* Length of the part of a path that names its suite. */
size_t run_folder_length(const char *path);

#endif
