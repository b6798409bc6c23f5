/* SPDX-License-Identifier: BSD-3-Clause */
#include "cbor.h"

#include <string.h>

#define MAX_DEPTH 16u

/* Initial byte and argument (RFC 8949 3). NULL: malformed, or of indefinite length. */
static const uint8_t *read_head(struct bytes b, unsigned *major, uint64_t *value)
{
    unsigned info, size;

    if (b.len == 0)
        return NULL;
    *major = b.at[0] >> 5;
    info = b.at[0] & 31;
    *value = info;
    if (info < 24)
        return b.at + 1;
    size = 1u << (info - 24);
    if (info > 27 || b.len < 1 + size)
        return NULL;
    *value = 0;
    for (unsigned i = 1; i <= size; i++)
        *value = *value << 8 | b.at[i];
    return b.at + 1 + size;
}

static const uint8_t *skip(const uint8_t *p, const uint8_t *end, unsigned depth)
{
    uint64_t value, items;
    unsigned major;

    p = read_head((struct bytes){p, (size_t)(end - p)}, &major, &value);
    if (p == NULL || depth == MAX_DEPTH)
        return NULL;
    switch (major) {
    case CBOR_BYTES:
    case CBOR_TEXT: return value <= (uint64_t)(end - p) ? p + value : NULL;
    case CBOR_ARRAY: items = value; break;
    case CBOR_MAP: items = value > (uint64_t)(end - p) ? value : 2 * value; break;
    case CBOR_TAG: items = 1; break;
    default: return p;
    }
    while (items-- && p)
        p = skip(p, end, depth + 1);
    return p;
}

struct item spec_cbor_first(struct bytes b, struct bytes *after)
{
    const uint8_t *end = b.at + b.len;
    const uint8_t *next = b.len ? skip(b.at, end, 0) : NULL;
    struct item i = {0};

    if (next == NULL)
        return i;
    i.there = true;
    i.rest.at = read_head(b, &i.major, &i.value);
    i.rest.len = (size_t)(next - i.rest.at);
    if (after)
        *after = (struct bytes){next, (size_t)(end - next)};
    return i;
}

struct item spec_cbor_element(struct item of, uint64_t index)
{
    struct bytes rest = of.rest;
    struct item i = {0};

    if (!spec_cbor_is(of, CBOR_TAG) && !(spec_cbor_is(of, CBOR_ARRAY) && index < of.value))
        return i;
    do
        i = spec_cbor_first(rest, &rest);
    while (index-- && i.there);
    return i;
}

struct item spec_cbor_value(struct item map, int64_t key, unsigned *count)
{
    struct bytes rest = map.rest;
    struct item found = {0};

    *count = 0;
    for (uint64_t n = spec_cbor_is(map, CBOR_MAP) ? map.value : 0; n; n--) {
        struct item k = spec_cbor_first(rest, &rest);
        struct item v = spec_cbor_first(rest, &rest);

        if (spec_cbor_is_int(k, key)) {
            ++*count;
            found = v;
        }
    }
    return found;
}

bool spec_cbor_is_int(struct item i, int64_t value)
{
    return spec_cbor_is(i, value < 0 ? CBOR_NEGATIVE : CBOR_UINT) &&
           i.value == (uint64_t)(value < 0 ? -1 - value : value);
}

bool spec_cbor_is_text(struct item i, const char *text)
{
    return spec_cbor_is(i, CBOR_TEXT) && i.value == strlen(text) &&
           memcmp(i.rest.at, text, strlen(text)) == 0;
}

struct bytes spec_cbor_bytes(struct item i)
{
    return spec_cbor_is(i, CBOR_BYTES) ? i.rest : (struct bytes){0};
}
