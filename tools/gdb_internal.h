/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside the debugger's server: gdb.c (connection, and when the machine stands), gdb_answer.c (packets and their answers). */
#ifndef CCASIM_TOOLS_GDB_INTERNAL_H
#define CCASIM_TOOLS_GDB_INTERNAL_H

#include "gdb.h"
#include "gdb_link.h"

#define GDB_MAX_BREAKPOINTS 128u

/* Where breakpoints and steps stop. */
enum only { ONLY_BOTH, ONLY_HOST, ONLY_REALM };

/* What a packet leads to. */
enum reply { REPLY, RESUME, ENDED };

struct gdb {
    int listener;
    unsigned port;
    struct gdb_link link;
    struct boot *b;
    struct machine *m;
    bool (*stop)(void *ctx);
    void *stop_ctx;

    struct cpu_debug debug;
    uint64_t breakpoint[GDB_MAX_BREAKPOINTS];
    bool wants_step[CCA_MAX_PES]; /* debug.step, but for where it is left out */
    enum only only;
    bool physical;
    unsigned pe; /* that g, p, m are about */
    bool is_running;
    int signal; /* why the machine stands */
};

/* Answers a packet while the machine stands. */
enum reply gdb_answer(struct gdb *g, const char *s, size_t len);
/* Says why it stands, and with which thread. */
void gdb_reply_stopped(struct gdb *g);
/* Does the debugger want to see what happens there? */
bool gdb_is_wanted(const struct gdb *g, unsigned pe);

#endif
