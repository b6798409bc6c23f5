/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CTRL_C  0x03
#define NO_BYTE (-1)
#define SIGNAL  (-2)

void gdb_link_open(struct gdb_link *l, int fd)
{
    l->fd = fd;
    l->no_ack = false;
    l->at = l->have = 0;
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
static bool fill(struct gdb_link *l, int flags)
{
    ssize_t n = recv(l->fd, l->in, sizeof(l->in), flags);

    l->at = l->have = 0;
    if (n > 0) {
        l->have = (size_t)n;
        return true;
    }
    if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
        gdb_link_close(l);
    return false;
}

static int get_byte(struct gdb_link *l)
{
    if (l->at == l->have && !fill(l, 0))
        return l->fd < 0 ? NO_BYTE : SIGNAL;
    return l->in[l->at++];
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

/* Up to its checksum. A packet that is too long, or wrong, counts as none. A `$` begins a new one. */
static int read_packet(struct gdb_link *l, size_t *len, bool *good)
{
    size_t n = 0;
    unsigned sum = 0;
    int c, hi, lo;

    while ((c = get_byte(l)) >= 0 && c != '#') {
        if (c == '$') {
            n = 0;
            sum = 0;
            continue;
        }
        if (n < GDB_PACKET_MAX)
            l->packet[n] = (char)c;
        n++;
        sum += (unsigned)c;
    }
    if (c < 0 || (hi = get_byte(l)) < 0 || (lo = get_byte(l)) < 0)
        return l->fd < 0 ? NO_BYTE : SIGNAL;
    hi = gdb_hex_digit((char)hi);
    lo = gdb_hex_digit((char)lo);
    *good = n <= GDB_PACKET_MAX && hi >= 0 && lo >= 0 && (sum & 0xff) == (unsigned)(hi << 4 | lo);
    *len = *good ? n : 0;
    l->packet[*len] = '\0';
    return 0;
}

static bool acknowledge(struct gdb_link *l, bool good)
{
    if (!l->no_ack)
        put_bytes(l, good ? "+" : "-", 1);
    return good;
}

enum gdb_event gdb_link_get(struct gdb_link *l, size_t *len)
{
    while (l->fd >= 0) {
        bool good = false;
        int c = get_byte(l);

        if (c == '$')
            c = read_packet(l, len, &good);
        else if (c == '-' && l->sent.len)
            put_bytes(l, l->sent.s, l->sent.len);
        else if (c == CTRL_C)
            return GDB_BREAK;
        else if (c >= 0)
            continue; /* +, or noise */
        if (c == SIGNAL)
            return GDB_SIGNAL;
        if (c == 0 && acknowledge(l, good))
            return GDB_PACKET;
    }
    return GDB_GONE;
}

bool gdb_link_wants(struct gdb_link *l)
{
    while (l->fd >= 0 && (l->at < l->have || fill(l, MSG_DONTWAIT))) {
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
