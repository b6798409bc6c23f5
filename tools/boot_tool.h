/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of `ccasim boot`: what is loaded, where the console's text goes, what is said of the run, and its trace.
 * cmd_boot.c puts them together.
 */
#ifndef CCASIM_TOOLS_BOOT_TOOL_H
#define CCASIM_TOOLS_BOOT_TOOL_H

#include <ccasim/boot.h>
#include <stdio.h>

#include "arena.h"
#include "report.h"

/* --- what is loaded (boot_load.c) --- */

struct boot_symbol {
    uint64_t at, size;
    const char *name;
};
/* Start with all zero but the arena, in which everything lives. */
struct boot_load {
    struct arena *arena;
    struct boot_image *image; /* those of --image, and the segments of --elf */
    size_t num;
    bool has_entry;             /* an ELF file says so */
    uint64_t entry;             /* that, or the base of the first image */
    struct boot_symbol *symbol; /* by address */
    size_t num_symbols;
};
/* FILE@ADDR. EXIT_AS_EXPECTED, or a message and EXIT_USAGE or EXIT_INVALID. */
int boot_load_image(struct boot_load *l, const char *arg);
int boot_load_elf(struct boot_load *l, const char *path);
/* Everything in RAM, nothing in the way of another. */
int boot_load_check(const struct boot_load *l, const struct plat_desc *d);
/* "main+0x10"; nothing where no symbol is. */
void boot_load_symbol(const struct boot_load *l, uint64_t a, struct text *t);
/* 0x-prefixed hexadecimal or decimal, with `_` between digits. */
bool boot_number(const char *s, uint64_t *out);

/* --- the console (boot_uart.c) --- */

struct boot_expect;
struct boot_uart {
    FILE *out;     /* NULL: nowhere */
    bool as_it_is; /* else a line at a time, marked, and harmless to a terminal */
    struct text line;
    uint64_t bytes, lines;
    struct boot_expect *expect;
    size_t num_expect;
};
/* A line must match; NULL or what is wrong with the expression, valid until the next call. */
const char *boot_uart_expect(struct boot_uart *u, const char *regex);
void boot_uart_byte(struct boot_uart *u, uint8_t byte);
/* The last line may have no end. */
void boot_uart_end(struct boot_uart *u);
const char *boot_uart_regex(const struct boot_uart *u, size_t i);
bool boot_uart_matched(const struct boot_uart *u, size_t i);
size_t boot_uart_num_unmet(const struct boot_uart *u);
void boot_uart_free(struct boot_uart *u);

/* --- calls as steps: what report.h and trace.h speak of --- */

struct step boot_step(const struct boot_call *c);
struct step_result boot_step_result(const struct machine *m, const struct boot_call *c);

/* --- what is said of the run (boot_report.c) --- */

struct boot_report;
/* `uart` and `load` are looked at when the report is made; "explain:STEP" is then the command that shows a call again, NULL
 * where there is no trace. */
struct boot_report *boot_report_new(const struct boot_load *load, const struct boot_uart *uart,
                                    const char *explain);
void boot_report_free(struct boot_report *r);
void boot_report_before(struct boot_report *r, struct boot *b, const struct boot_call *c);
/* `step`: of the call in the trace; 0: no trace, or none that explain finds. */
void boot_report_call(struct boot_report *r, struct boot *b, const struct boot_call *c,
                      unsigned step);
void boot_report_reset(struct boot_report *r, uint64_t ticks, uint64_t frequency, const char *why);
void boot_report_text(struct boot_report *r, struct boot *b, const struct boot_result *res,
                      struct text *t);
/* `code` is the exit code to come. */
void boot_report_json(struct boot_report *r, struct boot *b, const struct boot_result *res,
                      int code, FILE *out);

/* --- the trace (boot_trace.c) --- */

struct boot_trace;
struct boot_trace *boot_trace_new(FILE *out, const char *name, const char *break_name);
/* After boot_new(), and after each reset. */
void boot_trace_begin(struct boot_trace *t, struct machine *m);
void boot_trace_before(struct boot_trace *t, const struct boot_call *c);
/* The step that the call is, where `ccasim explain` finds it; 0: it is in another scenario of the file, or not written yet. */
unsigned boot_trace_call(struct boot_trace *t, const struct boot_call *c);
/* False: the file could not be written. */
bool boot_trace_end(struct boot_trace *t, bool as_expected);
void boot_trace_free(struct boot_trace *t);

#endif
