/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state of the machine as one JSON value, decoded from granules by the RMM's own views, and
 * ways to show it: as text, and as a picture. Only the machine is read, never the specification, so
 * that it can be looked at in the middle of a call, too.
 */
#ifndef CCASIM_TOOLS_STATE_H
#define CCASIM_TOOLS_STATE_H

#include <jansson.h>

#include <ccasim/step.h>

#include "text.h"

/* `sc`: names of granules; without any, addresses stand for them. The caller gives it back with json_decref(). */
json_t *state_json(struct machine *m, const struct scenario *sc);
void state_text(struct text *t, const json_t *state);
/* Of one Realm (an item of the state's "realms"): all, or its first line. */
void state_realm_text(struct text *t, const json_t *realm);
void state_realm_line(struct text *t, const json_t *realm);
/* `title` stands above the picture. */
void state_svg(struct text *t, struct machine *m, const struct scenario *sc, const json_t *state,
               const char *title);

/* Who has a granule, as the tables and RECs of the machine say. */
struct state_owner {
    uint64_t rd, rec; /* 0: none */
    uint64_t ipa;     /* RTT: first IPA of the table; DATA: where it is assigned */
    int level;        /* RTT */
    bool in_table;    /* RTT, DATA: found in a table; ipa is valid */
};
/* One for each granule of DRAM; the caller frees it. */
struct state_owner *state_owners(struct machine *m);

#endif
