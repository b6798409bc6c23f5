/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading CBOR (RFC 8949) in place: an item is a stretch of bytes. Definite lengths only. Not libcbor,
 * whose reader refuses tag 18 before version 0.10; and so what reads a token has nothing in common
 * with what made it.
 */
#ifndef CCASIM_SPEC_CBOR_H
#define CCASIM_SPEC_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cbor_major { CBOR_UINT, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG };

struct bytes {
    const uint8_t *at; /* NULL: not there */
    size_t len;
};

struct item {
    bool there;
    unsigned major;
    uint64_t value;    /* number, length, number of items or of pairs, tag */
    struct bytes rest; /* content of a string; the items of an array, map or tag */
};

/* The first item of `b`; `after` (may be NULL): what follows it. Not there: malformed, or nothing. */
struct item spec_cbor_first(struct bytes b, struct bytes *after);
/* Entry `index` of an array; the item that a tag is of: index 0. */
struct item spec_cbor_element(struct item of, uint64_t index);
/* The value of an integer key; *count says how many such keys the map has. */
struct item spec_cbor_value(struct item map, int64_t key, unsigned *count);

static inline bool spec_cbor_is(struct item i, enum cbor_major major)
{
    return i.there && i.major == (unsigned)major;
}
bool spec_cbor_is_int(struct item i, int64_t value);
bool spec_cbor_is_text(struct item i, const char *text);
/* Of a byte string; else not there. */
struct bytes spec_cbor_bytes(struct item i);

#endif
