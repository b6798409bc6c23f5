/* SPDX-License-Identifier: BSD-3-Clause */
/* CBOR into a tree: libcbor's streaming decoder says what the next head is, this file what follows from it. */
#include <cbor.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "token.h"

#define MAX_DEPTH 16u

struct reader {
    struct arena *arena;
    const uint8_t *data;
    size_t at, to;
    struct token_error *err;
};

/* What a callback of libcbor saw. */
struct head {
    bool known;
    bool indefinite;
    struct cbor_node node;
};

static void set_number(void *ctx, enum cbor_kind kind, uint64_t v)
{
    struct head *h = ctx;

    h->known = true;
    h->node.kind = kind;
    h->node.num = v;
}
static void on_uint8(void *ctx, uint8_t v)
{
    set_number(ctx, CBOR_UINT, v);
}
static void on_uint16(void *ctx, uint16_t v)
{
    set_number(ctx, CBOR_UINT, v);
}
static void on_uint32(void *ctx, uint32_t v)
{
    set_number(ctx, CBOR_UINT, v);
}
static void on_uint64(void *ctx, uint64_t v)
{
    set_number(ctx, CBOR_UINT, v);
}
static void on_negint8(void *ctx, uint8_t v)
{
    set_number(ctx, CBOR_NEGINT, v);
}
static void on_negint16(void *ctx, uint16_t v)
{
    set_number(ctx, CBOR_NEGINT, v);
}
static void on_negint32(void *ctx, uint32_t v)
{
    set_number(ctx, CBOR_NEGINT, v);
}
static void on_negint64(void *ctx, uint64_t v)
{
    set_number(ctx, CBOR_NEGINT, v);
}
static void on_tag(void *ctx, uint64_t v)
{
    set_number(ctx, CBOR_TAG, v);
    ((struct head *)ctx)->node.len = 1;
}

static void set_run(void *ctx, enum cbor_kind kind, const uint8_t *bytes, size_t len)
{
    struct head *h = ctx;

    h->known = true;
    h->node.kind = kind;
    h->node.bytes = bytes;
    h->node.len = len;
}
static void on_bytes(void *ctx, cbor_data bytes, size_t len)
{
    set_run(ctx, CBOR_BYTES, bytes, len);
}
static void on_text(void *ctx, cbor_data bytes, size_t len)
{
    set_run(ctx, CBOR_TEXT, bytes, len);
}
static void on_array(void *ctx, size_t len)
{
    set_run(ctx, CBOR_ARRAY, NULL, len);
}
static void on_map(void *ctx, size_t len)
{
    set_run(ctx, CBOR_MAP, NULL, len);
}
static void on_indefinite(void *ctx)
{
    ((struct head *)ctx)->indefinite = true;
}

__attribute__((format(printf, 3, 4))) static struct cbor_node *
refuse(struct reader *r, size_t offset, const char *fmt, ...)
{
    va_list ap;

    r->err->offset = offset;
    va_start(ap, fmt);
    vsnprintf(r->err->why, sizeof(r->err->why), fmt, ap);
    va_end(ap);
    return NULL;
}

/* Bytes of the shortest head with this argument. */
static size_t shortest_head(uint64_t v)
{
    return v < 24 ? 1 : v <= UINT8_MAX ? 2 : v <= UINT16_MAX ? 3 : v <= UINT32_MAX ? 5 : 9;
}

/* One byte of major type 6. libcbor refuses those to which RFC 8949 gives no meaning; 18 is one of them. */
static bool read_small_tag(struct reader *r, struct head *h)
{
    uint8_t byte = r->data[r->at];

    if (byte >> 5 != 6 || (byte & 31) >= 24)
        return false;
    on_tag(h, byte & 31);
    h->node.offset = r->at++;
    return true;
}

/* RFC 3629 4. */
static bool is_utf8(const uint8_t *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint8_t c = s[i++];
        unsigned more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        /* What the second byte may be, so that there is neither a longer form than needed nor a surrogate. */
        uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;

        if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || more > len - i)
            return false;
        for (; more; more--, i++, low = 0x80, high = 0xbf)
            if (s[i] < low || s[i] > high)
                return false;
    }
    return true;
}

static bool read_head(struct reader *r, struct head *h)
{
    struct cbor_callbacks on = cbor_empty_callbacks;
    struct cbor_decoder_result got;
    size_t size;

    on.uint8 = on_uint8;
    on.uint16 = on_uint16;
    on.uint32 = on_uint32;
    on.uint64 = on_uint64;
    on.negint8 = on_negint8;
    on.negint16 = on_negint16;
    on.negint32 = on_negint32;
    on.negint64 = on_negint64;
    on.tag = on_tag;
    on.byte_string = on_bytes;
    on.string = on_text;
    on.array_start = on_array;
    on.map_start = on_map;
    on.byte_string_start = on_indefinite;
    on.string_start = on_indefinite;
    on.indef_array_start = on_indefinite;
    on.indef_map_start = on_indefinite;
    memset(h, 0, sizeof(*h));
    if (r->at == r->to)
        return refuse(r, r->at, "the data ends where an item must follow");
    if (read_small_tag(r, h))
        return true;
    got = cbor_stream_decode(r->data + r->at, r->to - r->at, &on, h);
    if (got.status == CBOR_DECODER_NEDATA)
        return refuse(r, r->at,
                      "truncated: the item that begins here needs %zu bytes, and %zu are left",
                      got.required, r->to - r->at);
    if (got.status == CBOR_DECODER_ERROR)
        return refuse(r, r->at, "no CBOR item begins with byte 0x%02x", r->data[r->at]);
    if (h->indefinite)
        return refuse(r, r->at, "an item of indefinite length");
    if (!h->known)
        return refuse(r, r->at, "an item of a type that tokens do not have (byte 0x%02x)",
                      r->data[r->at]);
    size = got.read - (h->node.bytes ? h->node.len : 0);
    if (size != shortest_head(h->node.kind == CBOR_UINT || h->node.kind == CBOR_NEGINT ||
                                      h->node.kind == CBOR_TAG
                                  ? h->node.num
                                  : h->node.len))
        return refuse(r, r->at, "not in the shortest form");
    if (h->node.kind == CBOR_TEXT && h->node.bytes && !is_utf8(h->node.bytes, h->node.len))
        return refuse(r, r->at, "text that is not UTF-8");
    h->node.offset = r->at;
    r->at += got.read;
    return true;
}

static bool is_same(const struct reader *r, const struct cbor_node *a, const struct cbor_node *b)
{
    return a->end - a->offset == b->end - b->offset &&
           memcmp(r->data + a->offset, r->data + b->offset, a->end - a->offset) == 0;
}

static bool read_item(struct reader *r, unsigned depth, struct cbor_node *out);

static bool read_children(struct reader *r, unsigned depth, struct cbor_node *n)
{
    size_t num = n->kind == CBOR_MAP ? 2 * n->len : n->len;

    /* An item has a byte at least: a count beyond that would only take memory. */
    if (n->len > r->to - r->at || num > r->to - r->at)
        return refuse(r, n->offset, "truncated: %zu items are announced, and %zu bytes are left",
                      num, r->to - r->at);
    n->child = ARENA_ARRAY(r->arena, struct cbor_node, num + 1);
    for (size_t i = 0; i < num; i++) {
        if (!read_item(r, depth + 1, &n->child[i]))
            return false;
        for (size_t k = 0; n->kind == CBOR_MAP && i % 2 == 0 && k < i; k += 2)
            if (is_same(r, &n->child[i], &n->child[k]))
                return refuse(r, n->child[i].offset, "a key that the map has already");
    }
    return true;
}

static bool read_item(struct reader *r, unsigned depth, struct cbor_node *out)
{
    struct head h;

    if (depth == MAX_DEPTH)
        return refuse(r, r->at, "more than %u items inside each other", MAX_DEPTH);
    if (!read_head(r, &h))
        return false;
    *out = h.node;
    if ((out->kind == CBOR_ARRAY || out->kind == CBOR_MAP || out->kind == CBOR_TAG) &&
        !read_children(r, depth, out))
        return false;
    out->end = r->at;
    return true;
}

struct cbor_node *cbor_decode(struct arena *a, const uint8_t *data, size_t from, size_t to,
                              struct token_error *err)
{
    struct reader r = {.arena = a, .data = data, .at = from, .to = to, .err = err};
    struct cbor_node *n = ARENA_ARRAY(a, struct cbor_node, 1);

    if (!read_item(&r, 0, n))
        return NULL;
    if (r.at != to)
        return refuse(&r, r.at, "%zu bytes follow the item", to - r.at);
    return n;
}

const struct cbor_node *cbor_find(const struct cbor_node *map, int64_t key)
{
    if (map->kind != CBOR_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++) {
        const struct cbor_node *k = &map->child[2 * i];

        if (k->kind == (key < 0 ? CBOR_NEGINT : CBOR_UINT) &&
            k->num == (uint64_t)(key < 0 ? -1 - key : key))
            return &map->child[2 * i + 1];
    }
    return NULL;
}

static void print_children(struct text *t, const struct cbor_node *n)
{
    bool map = n->kind == CBOR_MAP;

    for (size_t i = 0; i < (map ? 2 * n->len : n->len); i++) {
        text_puts(t, i == 0 ? "" : map && i % 2 ? ": " : ", ");
        cbor_print(t, &n->child[i]);
    }
}

void cbor_print(struct text *t, const struct cbor_node *n)
{
    switch (n->kind) {
    case CBOR_UINT: text_printf(t, "%" PRIu64, n->num); break;
    case CBOR_NEGINT:
        if (n->num == UINT64_MAX)
            text_puts(t, "-18446744073709551616");
        else
            text_printf(t, "-%" PRIu64, n->num + 1);
        break;
    case CBOR_BYTES:
        if (n->inside) {
            text_puts(t, "<< ");
            cbor_print(t, n->inside);
            text_puts(t, " >>");
            break;
        }
        text_puts(t, "h'");
        text_hex(t, n->bytes, n->len);
        text_puts(t, "'");
        break;
    case CBOR_TEXT: text_json_run(t, (const char *)n->bytes, n->len); break;
    case CBOR_ARRAY:
        text_puts(t, "[");
        print_children(t, n);
        text_puts(t, "]");
        break;
    case CBOR_MAP:
        text_puts(t, "{");
        print_children(t, n);
        text_puts(t, "}");
        break;
    case CBOR_TAG:
        text_printf(t, "%" PRIu64 "(", n->num);
        print_children(t, n);
        text_puts(t, ")");
        break;
    }
}
