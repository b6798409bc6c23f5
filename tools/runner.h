/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs one scenario after another on one machine and collects what is to be said about each: nothing is printed here,
 * so that worker processes can run scenarios in any order and the output is still the same.
 */
#ifndef CCASIM_TOOLS_RUNNER_H
#define CCASIM_TOOLS_RUNNER_H

#include <ccasim/scenario.h>
#include <ccasim/sim.h>

#include "text.h"

/* A scenario file, or one scenario of a trace. */
struct run_item {
    const char *path;
    const char *below; /* the part of `path` under the folder that was named */
    int section;       /* of a trace, from 0; -1: a scenario file */
};

/* What runs Realm code. */
enum realm_kind {
    REALM_AUTO,    /* the emulated CPU, or the scripted Realm in a build without it */
    REALM_UNICORN, /* the emulated CPU */
    REALM_SCRIPT,  /* the scripted Realm (script.h) */
    REALM_KINDS
};

extern const char *const realm_kind_names[REALM_KINDS];

struct run_options {
    enum check_level check;
    const char *check_text; /* as given; NULL: default */
    const char *break_name; /* as given; NULL: none */
    bool seed_given;
    uint64_t seed;
    enum realm_kind realm;
    const char *const *tags; /* any of these; none: all scenarios */
    unsigned num_tags;
    bool verbose, trace, json, cover;
};

enum run_result { RUN_PASSED, RUN_FAILED, RUN_LIMIT, RUN_INVALID, RUN_SKIPPED, RUN_NOT_WANTED };
#define RUN_RESULTS (RUN_NOT_WANTED + 1)

enum { OUT_STORY, OUT_VERBOSE, OUT_ERRORS, OUT_TRACE, OUT_JSON, OUT_NAME, OUT_COVER, RUN_TEXTS };
struct run_outcome {
    enum run_result result;
    /* OUT_STORY: why it failed or was skipped; OUT_ERRORS: what is wrong in the file; OUT_NAME: first line of it;
     * OUT_COVER: for coverage_add() */
    struct text text[RUN_TEXTS];
};

struct runner;
/* CCA_ERR_INVAL: no planted bug has that name. */
int runner_new(const struct run_options *o, struct runner **out);
void runner_free(struct runner *r);
void runner_run(struct runner *r, const struct run_item *item, struct run_outcome *out);
void run_outcome_clear(struct run_outcome *o);
void run_outcome_free(struct run_outcome *o);

/* --- shared with explain --- */

/* Values of struct option for the options that both have. */
enum { OPT_CHECK = 0x100, OPT_BREAK, OPT_SEED, OPT_REALM };
/* EXIT_AS_EXPECTED, or EXIT_USAGE with a message. */
int run_options_set(const char *command, int option, const char *arg, struct run_options *o);

/* What runs Realm code, opened when a scenario first needs it and kept. Start with all zero but `kind`. */
struct cpu;
struct script_code;
struct runner_cpu {
    enum realm_kind kind;
    struct cpu *cpu;
    struct script_code *code;
    struct machine *bound; /* of the emulated CPU */
};
/* False: the emulated CPU is asked for in a build without it. */
bool runner_cpu_available(struct runner_cpu *c);
/* Before a scenario. */
void runner_cpu_reset(struct runner_cpu *c);
/* The scripted Realm met an instruction that it does not know: *why says which. */
bool runner_cpu_unknown(const struct runner_cpu *c, char *why, size_t size);
/* For sim_options.open_cpu and close_cpu. */
int runner_cpu_open(struct runner_cpu *c, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx);
void runner_cpu_close(struct runner_cpu *c, struct machine *m);
void runner_cpu_free(struct runner_cpu *c);

#endif
