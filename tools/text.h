/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A string that grows. All output of a scenario is collected in one, so that -j does not change a byte.
 */
#ifndef CCASIM_TOOLS_TEXT_H
#define CCASIM_TOOLS_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *s; /* NUL-terminated; NULL while empty */
    size_t len, capacity;
};

void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_add(struct text *t, const char *s, size_t len);
void text_puts(struct text *t, const char *s);
void text_hex(struct text *t, const uint8_t *bytes, size_t len);
/* As a JSON string, with its quotes. */
void text_json(struct text *t, const char *s);
void text_json_run(struct text *t, const char *s, size_t len);
void text_clear(struct text *t);
void text_free(struct text *t);

#endif
