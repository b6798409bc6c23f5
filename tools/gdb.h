/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A debugger at the machine of `ccasim boot`, by the remote serial protocol of gdb on a TCP port of this computer alone.
 * PEs are threads; what one sees through a PE (registers, memory by virtual address) is the host's or the Realm's, whichever
 * runs there. docs/gdb.md is for its users.
 *
 *      gdb_wait --------------+
 *      cpu_debug.stopped -----+--> packets are served until one lets the PEs go on
 *      gdb_poll (Ctrl-C) -----+
 *
 * Without a connection nothing changes: no breakpoint, and the question of gdb_poll() has no effect on the machine. A look at
 * the machine leaves no trace in it, the TLBs included.
 */
#ifndef CCASIM_TOOLS_GDB_H
#define CCASIM_TOOLS_GDB_H

#include <ccasim/boot.h>

struct gdb;

/* Listens on 127.0.0.1. `port` 0: any that is free. NULL: errno says why. */
struct gdb *gdb_listen(unsigned port);
unsigned gdb_port(const struct gdb *g);
/* Closes the connection. NULL is fine. */
void gdb_free(struct gdb *g);

/* The run to debug, and who asks the user whether all is to end: looked at while nothing runs. */
void gdb_attach(struct gdb *g, struct boot *b, bool (*stop)(void *ctx), void *ctx);
/* Before the run: waits for a debugger, and serves it until it lets the machine go. */
void gdb_wait(struct gdb *g);
/* For boot_options.interrupted: serves a debugger that wants to stop, or a new one. */
void gdb_poll(struct gdb *g);
/* Around each RMI, for steps that leave out what is not debugged. */
void gdb_before_call(struct gdb *g, const struct boot_call *c);
void gdb_after_call(struct gdb *g, const struct boot_call *c);
/* The run has ended, and this will be the exit code. */
void gdb_end(struct gdb *g, int code);

#endif
