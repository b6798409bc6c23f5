/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line's subcommands. Each is `int cmd_NAME(int argc, char **argv)` with argv[0] == NAME, parses its own
 * options with getopt_long, prints results to stdout and progress and diagnostics to stderr, and returns an exit code.
 * A new one: its file in tools/, a prototype here, a row in main.c.
 */
#ifndef CCASIM_TOOLS_CMD_H
#define CCASIM_TOOLS_CMD_H

#include <stdbool.h>
#include <stdio.h>

/* Exit codes of every subcommand; the first that applies from the bottom of this list up. */
enum cmd_exit {
    EXIT_AS_EXPECTED = 0,
    EXIT_FAILED = 1,  /* an expectation was not met, or a rule was violated */
    EXIT_USAGE = 2,   /* the command line is wrong */
    EXIT_INVALID = 3, /* a scenario file is malformed */
    EXIT_LIMIT = 4,   /* a limit of instructions or time was reached */
    EXIT_MODEL_BUG = 70,
    EXIT_INTERRUPTED = 130,
};

int cmd_run(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_rim(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_coverage(int argc, char **argv);
int cmd_state(int argc, char **argv);
int cmd_repl(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_bench(int argc, char **argv);

/* "ccasim COMMAND: message" on stderr; returns EXIT_USAGE. */
int cmd_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The word of `words` that somebody who typed `word` probably meant; NULL if none is near. */
const char *near_match(const char *word, const char *const *words, size_t count);

/* --- colour: only on a terminal, never with NO_COLOR, unless --color says otherwise --- */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
/* False: not one of auto, always, never. */
bool color_parse(const char *text, enum color_when *out);
bool color_wanted(enum color_when when, FILE *out);

#endif
