/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A scenario back into YAML: loops are unrolled, names of `let:` are numbers, preludes are part of it, comments are
 * gone. What is printed runs step by step as the scenario does.
 */
#ifndef CCASIM_TOOLS_SCN_PRINT_H
#define CCASIM_TOOLS_SCN_PRINT_H

#include <ccasim/scenario.h>

#include "text.h"

/* Everything before the list of steps, with `purpose` as the first line. */
void scenario_print_head(struct text *t, const struct scenario *sc, const char *purpose);
/* Top-level steps [first, end), below a line `steps:`. */
void scenario_print_steps(struct text *t, const struct scenario *sc, unsigned first, unsigned end);

#endif
