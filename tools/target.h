/* SPDX-License-Identifier: BSD-3-Clause */
/* FILE:STEP on a command line: a scenario or trace, and one of its steps. */
#ifndef CCASIM_TOOLS_TARGET_H
#define CCASIM_TOOLS_TARGET_H

#include "runner.h"

struct target {
    char *file;
    unsigned step, line; /* as given; 0: not given */
    bool impossible;     /* given, but 0 or more than a scenario may have */
    struct scenario *sc;
};

/* FILE:STEP, FILE:L23 or FILE. The colon is the last one, and only if a step follows. */
void target_split(const char *arg, struct target *t);
/*
 * Reads the file and finds the step. A number beyond the last step is a line: t->step becomes the
 * step that begins at or last before it. EXIT_AS_EXPECTED, or another exit code with a message.
 */
int target_load(const char *command, struct target *t, struct runner_cpu *cpu);
void target_free(struct target *t);
/* Says that the step did not run, and why; returns EXIT_FAILED. */
int target_not_reached(const char *command, unsigned step, const struct runner_cpu *cpu);

typedef void (*step_fn)(void *ctx, const struct step *st);
/* Nested ones after the step that they run in. */
void each_step(const struct step *list, unsigned num, step_fn fn, void *ctx);

#endif
