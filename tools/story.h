/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a step was not as expected, told to somebody who did not write the scenario: the call with its operands by name,
 * expected and got, the condition that decided, the state of the operands before the call, findings, and the command
 * that shows it again.
 */
#ifndef CCASIM_TOOLS_STORY_H
#define CCASIM_TOOLS_STORY_H

#include "runner.h"

struct story {
    const struct run_options *o;
    const struct run_item *item;
    const struct scenario *sc;
    const struct step *step; /* the innermost that failed */
    const struct step_result *r;
    struct runner_cpu *cpu;
    uint32_t broken;
};

/* Tells it. Runs the scenario once more on `sim` for the state before the step, so `sim` is changed. */
void story_tell(struct text *t, struct sim *sim, const struct story *story);

/* Findings of a result, one paragraph each. */
void story_findings(struct text *t, struct sim *s, const struct scenario *sc,
                    const struct step_result *r, const char *indent);

#endif
