/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scenarios that a command line names: files, all *.yaml below folders, and those of traces.
 */
#ifndef CCASIM_TOOLS_ITEMS_H
#define CCASIM_TOOLS_ITEMS_H

#include "runner.h"

/* Start with all zero. */
struct items {
    struct run_item *v;
    size_t num, capacity;
};

/* Appends what `path` stands for and `glob` matches (NULL: all). EXIT_AS_EXPECTED, or EXIT_USAGE with a message. */
int items_add(struct items *l, const char *path, const char *glob);
void items_free(struct items *l);

/* The argument of -j. EXIT_AS_EXPECTED, or EXIT_USAGE with a message. */
int items_workers_set(const char *command, const char *arg, unsigned *workers);
/* How many processes for `num` scenarios; `wanted` 0: as many as are worth it. */
unsigned items_workers(unsigned wanted, size_t num);

#endif
