/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a list of scenarios, in this process or by worker processes, and hands out the outcomes in the order of the
 * list. A worker is a process because a model bug ends one, and because an emulator has one thread.
 */
#ifndef CCASIM_TOOLS_POOL_H
#define CCASIM_TOOLS_POOL_H

#include <signal.h>

#include "runner.h"

struct pool {
    const struct run_options *options;
    const struct run_item *items;
    size_t num;
    unsigned workers; /* 1: none, all in this process */
    /* One outcome, in order. False: stop. */
    bool (*done)(void *ctx, size_t i, const struct run_outcome *o);
    /* So many have been run, in any order. May be NULL. */
    void (*progress)(void *ctx, size_t ran);
    void *ctx;
    const volatile sig_atomic_t *interrupted;
};

/* EXIT_AS_EXPECTED, whatever the outcomes; EXIT_INTERRUPTED; EXIT_MODEL_BUG when a worker died. */
int pool_run(const struct pool *p);

#endif
