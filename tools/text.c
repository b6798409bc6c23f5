/* SPDX-License-Identifier: BSD-3-Clause */
#include "text.h"

#include <ccasim/types.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_reserve(struct text *t, size_t more)
{
    size_t want = t->len + more + 1;
    char *grown;

    if (want <= t->capacity)
        return;
    if (want < 2 * t->capacity)
        want = 2 * t->capacity;
    if (want < 256)
        want = 256;
    grown = realloc(t->s, want);
    if (grown == NULL)
        MODEL_BUG("out of memory");
    t->s = grown;
    t->capacity = want;
}

void text_add(struct text *t, const char *s, size_t len)
{
    text_reserve(t, len);
    if (len)
        memcpy(t->s + t->len, s, len);
    t->len += len;
    t->s[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    text_reserve(t, 128);
    va_start(ap, fmt);
    n = vsnprintf(t->s + t->len, t->capacity - t->len, fmt, ap);
    va_end(ap);
    if (n < 0)
        MODEL_BUG("format `%s`", fmt);
    if ((size_t)n >= t->capacity - t->len) {
        text_reserve(t, (size_t)n);
        va_start(ap, fmt);
        vsnprintf(t->s + t->len, t->capacity - t->len, fmt, ap);
        va_end(ap);
    }
    t->len += (size_t)n;
}

void text_hex(struct text *t, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    text_reserve(t, 2 * len);
    for (size_t i = 0; i < len; i++) {
        t->s[t->len++] = digits[bytes[i] >> 4];
        t->s[t->len++] = digits[bytes[i] & 15];
    }
    t->s[t->len] = '\0';
}

void text_json(struct text *t, const char *s)
{
    text_json_run(t, s, strlen(s));
}

void text_json_run(struct text *t, const char *s, size_t len)
{
    text_add(t, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '"' || c == '\\')
            text_printf(t, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            text_printf(t, "\\u%04x", c);
        else
            text_add(t, &s[i], 1);
    }
    text_add(t, "\"", 1);
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->s)
        t->s[0] = '\0';
}

void text_free(struct text *t)
{
    free(t->s);
    *t = (struct text){0};
}
