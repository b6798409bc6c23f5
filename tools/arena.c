/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks that double in size; an allocation larger than a chunk gets one of its own. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define FIRST_CHUNK    ((size_t)16384)
#define LARGEST_CHUNK  ((size_t)1 << 20)
#define ALIGNMENT      16u
#define EXIT_NO_MEMORY 70

struct chunk {
    struct chunk *next;
    size_t size, used;
    _Alignas(ALIGNMENT) char data[];
};

struct arena {
    struct chunk *chunk; /* newest first */
};

static struct chunk *chunk_new(size_t size, struct chunk *next)
{
    struct chunk *c = malloc(sizeof(*c) + size);

    if (!c) {
        fprintf(stderr, "ccasim: out of memory\n");
        exit(EXIT_NO_MEMORY);
    }
    c->next = next;
    c->size = size;
    c->used = 0;
    return c;
}

struct arena *arena_new(void)
{
    struct chunk *c = chunk_new(FIRST_CHUNK, NULL);
    struct arena *a = (struct arena *)c->data;

    c->used = ALIGNMENT; /* the arena itself stands at the start of its first chunk */
    a->chunk = c;
    return a;
}

void arena_free(struct arena *a)
{
    struct chunk *c = a ? a->chunk : NULL;

    while (c) {
        struct chunk *next = c->next;

        free(c);
        c = next;
    }
}

void arena_reset(struct arena *a)
{
    while (a->chunk->next) {
        struct chunk *next = a->chunk->next;

        free(a->chunk);
        a->chunk = next;
    }
    a->chunk->used = ALIGNMENT;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct chunk *c = a->chunk;
    size_t need = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    char *p;

    if (c->size - c->used < need) {
        size_t chunk = c->size < LARGEST_CHUNK ? 2 * c->size : LARGEST_CHUNK;

        c = chunk_new(need > chunk ? need : chunk, c);
        a->chunk = c;
    }
    p = c->data + c->used;
    c->used += need;
    return memset(p, 0, need);
}

void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t new_size)
{
    void *p = arena_alloc(a, new_size);

    if (old_size > 0)
        memcpy(p, old, old_size);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *p = arena_alloc(a, len + 1);

    memcpy(p, s, len);
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    int len;
    char *p;

    va_start(ap, fmt);
    len = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (len < 0)
        return arena_strdup(a, "");
    if ((size_t)len < sizeof(small))
        return arena_strndup(a, small, (size_t)len);
    p = arena_alloc(a, (size_t)len + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)len + 1, fmt, ap);
    va_end(ap);
    return p;
}
