/* SPDX-License-Identifier: BSD-3-Clause */
/* `monitor` commands of the debugger: questions about the machine. Those that set something are gdb.c's. */
#ifndef CCASIM_TOOLS_GDB_MONITOR_H
#define CCASIM_TOOLS_GDB_MONITOR_H

#include <ccasim/boot.h>

#include "text.h"

/* False: no such question. */
bool gdb_monitor(struct text *t, struct boot *b, const char *line);
/* What gdb_monitor() answers: a line each. */
void gdb_monitor_help(struct text *t);
/* What the PE does, on one line: "host, EL2h", "Realm 0x80005000, REC 0x80006000, EL1h", "off". */
void gdb_describe_pe(struct text *t, const struct machine *m, unsigned pe);

#endif
