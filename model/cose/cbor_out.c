/* SPDX-License-Identifier: BSD-3-Clause */
#include <cbor.h>
#include <string.h>

#include "cose/cose.h"

/* An encoder returns how many bytes it wrote: none if there is no room. */
static void out_advance(struct cbor_out *o, size_t written)
{
    o->full |= written == 0;
    o->len += written;
}

#define OUT(o, encode, v) \
    ((o)->full ? (void)0 : out_advance(o, encode((v), (o)->p + (o)->len, (o)->size - (o)->len)))

void out_uint(struct cbor_out *o, uint64_t v)
{
    OUT(o, cbor_encode_uint, v);
}

void out_int(struct cbor_out *o, int64_t v)
{
    if (v < 0)
        OUT(o, cbor_encode_negint, (uint64_t)(-1 - v));
    else
        OUT(o, cbor_encode_uint, (uint64_t)v);
}

void out_tag(struct cbor_out *o, uint64_t tag)
{
    OUT(o, cbor_encode_tag, tag);
}

void out_map(struct cbor_out *o, size_t pairs)
{
    OUT(o, cbor_encode_map_start, pairs);
}

void out_array(struct cbor_out *o, size_t items)
{
    OUT(o, cbor_encode_array_start, items);
}

static void out_raw(struct cbor_out *o, const void *data, size_t len)
{
    if (o->full || len > o->size - o->len) {
        o->full = true;
        return;
    }
    if (len > 0)
        memcpy(o->p + o->len, data, len);
    o->len += len;
}

void out_bytes_start(struct cbor_out *o, size_t len)
{
    OUT(o, cbor_encode_bytestring_start, len);
}

void out_bytes(struct cbor_out *o, const void *data, size_t len)
{
    out_bytes_start(o, len);
    out_raw(o, data, len);
}

void out_text(struct cbor_out *o, const char *text)
{
    size_t len = strlen(text);

    OUT(o, cbor_encode_string_start, len);
    out_raw(o, text, len);
}

void out_claim_bytes(struct cbor_out *o, int64_t key, const void *data, size_t len)
{
    out_int(o, key);
    out_bytes(o, data, len);
}

void out_claim_text(struct cbor_out *o, int64_t key, const char *text)
{
    out_int(o, key);
    out_text(o, text);
}
