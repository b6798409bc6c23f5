/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that is given back all at once. A scenario and everything in it lives in one arena.
 * An allocation never fails: when the host has no memory left, the program says so and exits with
 * 70.
 */
#ifndef CCASIM_TOOLS_ARENA_H
#define CCASIM_TOOLS_ARENA_H

#include <stddef.h>

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *a);
/* Forgets all allocations, keeps one chunk for the next ones. */
void arena_reset(struct arena *a);
/* Zeroed, aligned to 16 bytes. */
void *arena_alloc(struct arena *a, size_t size);
/* A larger copy of an array; `old` stays allocated. */
void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t new_size);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), (n) * sizeof(type)))

#endif
