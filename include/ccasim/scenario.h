/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenario files: YAML in, struct scenario out (docs/scenarios.md describes the format).
 *
 *     file --libyaml--> nodes with marks --key tables--> steps, names resolved, loops unrolled
 *
 * Every error of a file is reported at once, with file:line:column, the path in the document,
 * what was allowed and a near match. The key tables that convert a file also make the JSON Schema
 * (`ccasim schema`), so the two cannot differ.
 *
 * Blocks of assembler are given to aarch64-linux-gnu-as, which is looked for in PATH and works in TMPDIR (/tmp).
 * Not here: what a step does (sim.h), and whether it makes sense in the state in which it runs.
 */
#ifndef CCASIM_SCENARIO_H
#define CCASIM_SCENARIO_H

#include <stdio.h>

#include <ccasim/step.h>

CCASIM_API_BEGIN

#define SCENARIO_FORMAT_VERSION 1u
#define SCENARIO_MAX_STEPS      100000u /* after unrolling */
#define SCENARIO_INSN_LIMIT     10000000ull

/* One thing that is wrong in a file. */
struct diag {
    struct loc loc;
    const char *path;       /* "steps[4].RTT_CREATE.level"; "" when it concerns the file */
    const char *text;       /* "unknown key `levle`" */
    const char *allowed;    /* "rd, rtt, ipa, level"; NULL */
    const char *near_match; /* "level"; NULL */
    struct loc context;     /* a second place, e.g. where the `[` was opened; line 0: none */
    const char *context_text;
};

/* Start with all zero: `struct diag_list diags = {0};`. Owns the strings of its diags. */
struct diag_list {
    struct diag *d;
    size_t num;
    size_t dropped; /* beyond the limit of 200 */
    size_t capacity;
    void *arena;
};
/* One line a diag: FILE:LINE:COL: PATH: TEXT; allowed: ...; did you mean `...`? (a second one for
 * the context). */
void diag_print(const struct diag *d, FILE *out);
void diag_list_print(const struct diag_list *l, FILE *out);
void diag_list_clear(struct diag_list *l);

/* Keeps what several files share: parsed preludes, assembled code. One a thread. */
struct scenario_loader;
struct scenario_loader *scenario_loader_new(void); /* NULL: out of memory */
void scenario_loader_free(struct scenario_loader *l);

/*
 * Reads the file at `path`. Returns CCA_OK and *out; or, with *out NULL and at least one diag
 * added, CCA_ERR_PARSE (the file is at fault) or CCA_ERR_IO (it cannot be read). Without host
 * memory the process ends with a message. The scenario does not depend on the loader, except that
 * loc.file and step.path live in the scenario's arena.
 */
int scenario_loader_load(struct scenario_loader *l, const char *path, struct scenario **out,
                         struct diag_list *diags);
/* As above for text in memory; `name` stands for the file in messages and for resolving `use:`
 * and `raw:`. */
int scenario_loader_load_text(struct scenario_loader *l, const char *name, const char *text,
                              size_t len, struct scenario **out, struct diag_list *diags);
/* With a loader of its own. */
int scenario_load(const char *path, struct scenario **out, struct diag_list *diags);
void scenario_free(struct scenario *sc);

/*
 * The scenario files that `path` stands for: itself, or, if it is a directory, every *.yaml below
 * it in sorted order, without folders named `setup` (preludes). Appends to a list that starts
 * with all zero. CCA_ERR_IO (with a diag) if there is no such file or directory.
 */
struct file_list {
    char **v;
    size_t num, capacity;
};
int scenario_find_files(const char *path, struct file_list *list, struct diag_list *diags);
void file_list_free(struct file_list *list);

/* "RMI_ERROR_RTT/2", "ERROR_INPUT", "NOT_SUPPORTED". False: none of these; *out is then
 * undefined. */
bool scenario_parse_status(const char *text, struct expect_status *out);
/* The text that scenario_parse_status() reads. Returns `buf`. */
char *scenario_status_text(const struct expect_status *s, char *buf, size_t size);

/* The JSON Schema (draft-07) of the format, as text that ends in a newline. The caller frees it;
 * NULL: no memory. */
char *scenario_schema(void);

CCASIM_API_END

#endif
