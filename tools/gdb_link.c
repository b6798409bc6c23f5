/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CTRL_C      0x03
#define PATIENCE_MS 200

enum place { OUTSIDE, IN_DATA, IN_SUM, IN_SUM_2 };

void gdb_link_open(struct gdb_link *l, int fd)
{
    l->fd = fd;
    l->no_ack = false;
    l->at = l->have = 0;
    l->place = OUTSIDE;
    text_clear(&l->sent);
}

void gdb_link_close(struct gdb_link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    text_free(&l->sent);
}

/* --- bytes --- */

/* False: nothing has come. The end of the connection closes it. */
static bool fill(struct gdb_link *l, int patience)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    ssize_t n;

    if (poll(&p, 1, patience) <= 0)
        return false;
    n = recv(l->fd, l->in, sizeof(l->in), MSG_DONTWAIT);
    l->at = l->have = 0;
    if (n > 0) {
        l->have = (size_t)n;
        return true;
    }
    if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
        gdb_link_close(l);
    return false;
}

static void put_bytes(struct gdb_link *l, const char *s, size_t len)
{
    while (len && l->fd >= 0) {
        ssize_t n = send(l->fd, s, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            gdb_link_close(l);
            return;
        }
        s += n;
        len -= (size_t)n;
    }
}

/* --- packets --- */

int gdb_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void begin_packet(struct gdb_link *l)
{
    l->size = 0;
    l->sum = 0;
    l->place = IN_DATA;
}

/* One that is too long, or wrong, counts as none. */
static bool end_packet(struct gdb_link *l)
{
    bool good = l->size <= GDB_PACKET_MAX && l->given >= 0 && (l->sum & 0xff) == (unsigned)l->given;

    l->place = OUTSIDE;
    l->packet[good ? l->size : 0] = '\0';
    if (!l->no_ack)
        put_bytes(l, good ? "+" : "-", 1);
    return good;
}

/* The next byte of a packet. True: it is complete, and good. A `$` begins a new one. */
static bool take_byte(struct gdb_link *l, char c)
{
    int digit = gdb_hex_digit(c);

    switch (l->place) {
    case IN_DATA:
        if (c == '#') {
            l->place = IN_SUM;
            return false;
        }
        if (l->size < GDB_PACKET_MAX)
            l->packet[l->size] = c;
        l->size++;
        l->sum += (unsigned char)c;
        return false;
    case IN_SUM:
        l->given = digit < 0 ? -1 : digit << 4;
        l->place = IN_SUM_2;
        return false;
    default: l->given = digit < 0 || l->given < 0 ? -1 : l->given | digit; return end_packet(l);
    }
}

enum gdb_event gdb_link_get(struct gdb_link *l, size_t *len)
{
    while (l->fd >= 0) {
        char c;

        if (l->at == l->have && !fill(l, PATIENCE_MS)) {
            if (l->fd >= 0)
                return GDB_QUIET;
            continue;
        }
        c = (char)l->in[l->at++];
        if (c == '$') {
            begin_packet(l);
        } else if (l->place != OUTSIDE) {
            if (!take_byte(l, c))
                continue;
            *len = l->size;
            return GDB_PACKET;
        } else if (c == CTRL_C) {
            return GDB_BREAK;
        } else if (c == '-' && l->sent.len) {
            put_bytes(l, l->sent.s, l->sent.len);
        }
    }
    return GDB_GONE;
}

bool gdb_link_wants(struct gdb_link *l)
{
    while (l->fd >= 0 && (l->at < l->have || fill(l, 0))) {
        /* While the machine runs, a debugger says nothing but Ctrl-C. A packet is left to be read when it has stopped. */
        if (l->in[l->at] == '$')
            return true;
        if (l->in[l->at++] == CTRL_C)
            return true;
    }
    return false;
}

void gdb_link_put(struct gdb_link *l, const char *data, size_t len)
{
    unsigned sum = 0;

    text_clear(&l->sent);
    text_puts(&l->sent, "$");
    for (size_t i = 0; i < len; i++) {
        char c[2] = {data[i], 0};
        size_t n = 1;

        if (strchr("#$}*", data[i]) && data[i]) {
            c[0] = '}';
            c[1] = (char)(data[i] ^ 0x20);
            n = 2;
        }
        text_add(&l->sent, c, n);
        sum += (unsigned char)c[0] + (unsigned char)c[1];
    }
    text_printf(&l->sent, "#%02x", sum & 0xff);
    put_bytes(l, l->sent.s, l->sent.len);
}
