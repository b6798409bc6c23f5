/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIGNAL_INT  2
#define SIGNAL_TRAP 5
#define PATIENCE_MS 200 /* between two questions whether all is to end */

/* --- the connection ------------------------------------------------------------------------------------------------ */

struct gdb *gdb_listen(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct gdb *g = calloc(1, sizeof(*g));
    socklen_t size = sizeof(a);
    int one = 1;

    if (g == NULL)
        return NULL;
    g->link.fd = -1;
    g->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g->listener >= 0 &&
        setsockopt(g->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        bind(g->listener, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(g->listener, 1) == 0 &&
        getsockname(g->listener, (struct sockaddr *)&a, &size) == 0) {
        g->port = ntohs(a.sin_port);
        return g;
    }
    one = errno;
    gdb_free(g);
    errno = one;
    return NULL;
}

unsigned gdb_port(const struct gdb *g)
{
    return g->port;
}

void gdb_free(struct gdb *g)
{
    if (g == NULL)
        return;
    gdb_link_close(&g->link);
    if (g->listener >= 0)
        close(g->listener);
    free(g);
}

static void forget_debugger(struct gdb *g)
{
    memset(g->wants_step, 0, sizeof(g->wants_step));
    memset(g->debug.step, 0, sizeof(g->debug.step));
    g->debug.num_breakpoints = 0;
    g->only = ONLY_BOTH;
    g->physical = false;
    g->is_running = true;
    cpu_set_debug(boot_cpu(g->b), NULL);
}

/* A debugger that has connected; false: none has. */
static bool accept_debugger(struct gdb *g, int patience)
{
    struct pollfd p = {.fd = g->listener, .events = POLLIN};
    int fd, one = 1;

    if (poll(&p, 1, patience) <= 0)
        return false;
    fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    gdb_link_open(&g->link, fd);
    forget_debugger(g);
    cpu_set_debug(boot_cpu(g->b), &g->debug);
    g->is_running = false;
    return true;
}

/* --- the machine stands ---------------------------------------------------------------------------------------------- */

static void end_run(struct gdb *g)
{
    gdb_link_close(&g->link);
    boot_interrupt(g->b);
}

/* Until a packet lets it go on, or the debugger is gone: then it goes on without. */
static void serve_packets(struct gdb *g)
{
    enum reply then = REPLY;
    size_t len;

    while (then == REPLY) {
        switch (gdb_link_get(&g->link, &len)) {
        case GDB_PACKET: then = gdb_answer(g, g->link.packet, len); break;
        case GDB_BREAK: break; /* it stands already */
        case GDB_QUIET:
            if (g->stop(g->stop_ctx))
                then = ENDED;
            break;
        case GDB_GONE: then = RESUME; break;
        }
    }
    if (then == ENDED)
        end_run(g);
    if (g->link.fd < 0)
        forget_debugger(g);
}

static void serve(struct gdb *g, unsigned pe, int signal)
{
    bool told = !g->is_running;

    memset(g->wants_step, 0, sizeof(g->wants_step));
    memset(g->debug.step, 0, sizeof(g->debug.step));
    g->is_running = false;
    g->pe = pe;
    g->signal = signal;
    if (!told)
        gdb_reply_stopped(g);
    serve_packets(g);
}

static bool is_breakpoint(const struct gdb *g, uint64_t pc)
{
    for (size_t i = 0; i < g->debug.num_breakpoints; i++)
        if (g->breakpoint[i] == pc)
            return true;
    return false;
}

static void stopped(void *ctx, struct machine *m, unsigned pe)
{
    struct gdb *g = ctx;
    bool stepped = g->debug.step[pe];

    if (g->link.fd < 0)
        return;
    if (!gdb_is_wanted(g, pe)) {
        g->debug.step[pe] = false;
        return;
    }
    if (stepped || is_breakpoint(g, m->pe[pe].r.pc))
        serve(g, pe, SIGNAL_TRAP);
}

void gdb_attach(struct gdb *g, struct boot *b, bool (*stop)(void *ctx), void *ctx)
{
    g->b = b;
    g->m = boot_machine(b);
    g->stop = stop;
    g->stop_ctx = ctx;
    g->debug.stopped = stopped;
    g->debug.ctx = g;
    g->debug.breakpoint = g->breakpoint;
    g->is_running = true;
}

void gdb_wait(struct gdb *g)
{
    while (!accept_debugger(g, PATIENCE_MS)) {
        if (g->stop(g->stop_ctx)) {
            boot_interrupt(g->b);
            return;
        }
    }
    serve(g, 0, SIGNAL_TRAP);
}

/* The last one that was looked at, if it is on. */
static unsigned any_pe(const struct gdb *g)
{
    unsigned pe = g->pe;

    for (unsigned i = 0; i < g->m->impl.num_pes && !g->m->plat->pe[pe].on; i++)
        pe = i;
    return pe;
}

void gdb_poll(struct gdb *g)
{
    if (g->link.fd >= 0 ? gdb_link_wants(&g->link) : accept_debugger(g, 0))
        serve(g, any_pe(g), SIGNAL_INT);
    else if (g->link.fd < 0 && g->debug.num_breakpoints)
        forget_debugger(g);
}

void gdb_before_call(struct gdb *g, const struct boot_call *c)
{
    if (g->only == ONLY_REALM && c->in && c->in[0] == RMI_REC_ENTER)
        g->debug.step[c->pe] = g->wants_step[c->pe];
}

void gdb_after_call(struct gdb *g, const struct boot_call *c)
{
    if (g->only == ONLY_HOST)
        g->debug.step[c->pe] = g->wants_step[c->pe];
}

void gdb_end(struct gdb *g, int code)
{
    char s[8];

    if (g->link.fd < 0)
        return;
    snprintf(s, sizeof(s), "W%02x", (unsigned)code & 0xff);
    gdb_link_put(&g->link, s, strlen(s));
    shutdown(g->link.fd, SHUT_WR);
}
