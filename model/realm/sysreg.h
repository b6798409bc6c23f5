/* SPDX-License-Identifier: BSD-3-Clause */
/* What system registers of a Realm and of the host have in common. */
#ifndef CCASIM_REALM_SYSREG_H
#define CCASIM_REALM_SYSREG_H

#include <ccasim/machine.h>

/* RNDR: the same instruction at the same time gives the same number; at different times different ones. */
uint64_t sysreg_random(const struct machine *m, uint64_t now, uint64_t pc);

#endif
