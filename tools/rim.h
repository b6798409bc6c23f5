/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Initial Measurement of the Realms of a scenario, from the file alone: host memory as its steps write it, and
 * the calls that are measured, as DEN0137 B4.3.1.4, B4.3.9.4, B4.3.12.4 and B4.3.18.4 tell. Nothing is run, and nothing of
 * the handlers or the specification is used. A call counts if the file says that it succeeds.
 */
#ifndef CCASIM_TOOLS_RIM_H
#define CCASIM_TOOLS_RIM_H

#include <ccasim/step.h>

#include "arena.h"

struct rim_step {
    const struct step *step;
    const char *what; /* "REALM_CREATE" ... */
    uint64_t a, b;    /* DATA: IPA, flags; RIPAS: base, top */
    uint8_t rim[64];  /* after it */
    struct rim_step *next;
};
struct rim_realm {
    uint64_t rd;
    const char *name; /* of the granule; NULL */
    bool sha512;
    bool alive;
    uint8_t rim[64];
    const struct step *unknown; /* a measured call that the file does not settle, and why; NULL */
    const char *why;
    struct rim_step *first, *last;
    /* Tables below the starting level. */
    int level_start;
    const struct step *tables_open; /* a call that changes them, or not */
    struct rim_table *tables;
    struct rim_realm *next;
};

/* Realms in the order of their creation. All lives in the arena. */
struct rim_realm *rim_of_scenario(struct arena *a, const struct scenario *sc);

#endif
