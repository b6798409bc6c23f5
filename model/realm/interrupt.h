/* SPDX-License-Identifier: BSD-3-Clause */
/* The interrupt lines of a PE that steps raise, as the Realm's and the host's side both read them. */
#ifndef CCASIM_REALM_INTERRUPT_H
#define CCASIM_REALM_INTERRUPT_H

#include <ccasim/machine.h>

/* Lines that a step raised for a time that has come. */
void interrupt_raise_lines(struct pe *p, uint64_t now);
/* The earlier of `first` and the time at which the next line comes. */
uint64_t interrupt_next_line(const struct pe *p, uint64_t first);

#endif
