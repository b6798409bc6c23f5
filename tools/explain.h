/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CCASIM_TOOLS_EXPLAIN_H
#define CCASIM_TOOLS_EXPLAIN_H

#include "runner.h"

/* Why a step returned what it did, seen on a machine of its own. False: it did not run, as an earlier one fails. */
bool explain_step(struct text *t, struct scenario *sc, const struct run_options *o, uint32_t broken,
                  unsigned step);

#endif
