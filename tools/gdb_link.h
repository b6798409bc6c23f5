/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets of gdb's remote serial protocol on a socket: `$data#checksum`, acknowledged with + or - unless the debugger says
 * that it needs none. Whatever comes, this gives whole packets or nothing.
 */
#ifndef CCASIM_TOOLS_GDB_LINK_H
#define CCASIM_TOOLS_GDB_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define GDB_PACKET_MAX 0x4000u /* bytes of data, as they come */

struct gdb_link {
    int fd; /* -1: nobody is there */
    bool no_ack;
    uint8_t in[2048];
    size_t at, have;                 /* of in[]: read, and there */
    char packet[GDB_PACKET_MAX + 1]; /* that comes, or came; then with a NUL behind it */
    unsigned place;                  /* in a packet */
    size_t size;                     /* so far */
    unsigned sum;                    /* of its bytes */
    int given;                       /* its checksum as it says; -1: that is no number */
    struct text sent;                /* to be said again when it did not arrive */
};

enum gdb_event {
    GDB_PACKET, /* link.packet */
    GDB_BREAK,  /* Ctrl-C: byte 3 */
    GDB_QUIET,  /* nothing for a while: somebody else may want to end */
    GDB_GONE,
};

void gdb_link_open(struct gdb_link *l, int fd);
/* Closes it. */
void gdb_link_close(struct gdb_link *l);
/* Waits. The size of the packet is in *len. */
enum gdb_event gdb_link_get(struct gdb_link *l, size_t *len);
/* Does not wait: has something come that cannot wait until the machine stops? */
bool gdb_link_wants(struct gdb_link *l);
/* Data with any bytes. */
void gdb_link_put(struct gdb_link *l, const char *data, size_t len);

/* Value of a hexadecimal digit; -1: it is none. */
int gdb_hex_digit(char c);

#endif
