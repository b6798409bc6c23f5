/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the two files that print scenarios. */
#ifndef CCASIM_TOOLS_SCN_PRINT_SCRIPT_H
#define CCASIM_TOOLS_SCN_PRINT_SCRIPT_H

#include <ccasim/step.h>

#include "text.h"

void print_number(struct text *t, uint64_t v);
/* The section `script:`. */
void print_scripts(struct text *t, const struct scenario *sc);

#endif
