/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A scenario that is run a step at a time, back and forth, and that grows by what its user types:
 *
 *      steps   0 .. pos-1 have run          pos .. are to come
 *
 * A step that is put in stands between them. Going back runs the scenario from its begin again, which gives the same
 * state. What has run is a scenario of its own: session_save().
 */
#ifndef CCASIM_TOOLS_SESSION_H
#define CCASIM_TOOLS_SESSION_H

#include "runner.h"

struct session {
    struct run_options o;
    uint32_t broken;
    struct runner_cpu cpu;
    struct sim *sim;
    struct scenario_loader *loader;
    struct scenario *sc;
    unsigned pos;
    char *purpose; /* of the scenario that it began with */

    struct text
        said;    /* of the steps that ran since it was cleared: a line each, and why one failed */
    bool quiet;  /* say nothing of steps that run again */
    bool failed; /* the last one */
    struct step_result last; /* result of the last top-level step */
};

/* The scenario then belongs to the session. */
void session_start(struct session *s, struct scenario *sc);
void session_free(struct session *s);

/* One step forward; false: none is left, or it failed. */
bool session_next(struct session *s);
/* To the state in which `pos` steps have run. False: a step on the way fails; the state is then the one after it. */
bool session_goto(struct session *s, unsigned pos);
/*
 * Puts in the steps of `line` (a step in YAML's flow style, without its braces) and runs them. What the line does not
 * expect is kept as expected: the status, the reason of an exit, the value of a load. False: the line is at fault, or a
 * step failed; nothing was put in then, unless only a check objected. `said` has the reason.
 */
bool session_put(struct session *s, const char *line);
/* The number that an expression with the scenario's names stands for. */
bool session_value(struct session *s, const char *expression, uint64_t *out);
/* What has run, as a scenario file. */
void session_save(const struct session *s, struct text *t);

#endif
