/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain types shared by every part of ccasim: addresses, granules, physical address spaces, worlds,
 * C error codes. No state and no functions with side effects live here; model/spec may include it.
 */
#ifndef CCASIM_TYPES_H
#define CCASIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ccasim/api.h>

CCASIM_API_BEGIN

#define GRANULE_SHIFT 12u
#define GRANULE_SIZE  4096u
#define GRANULE_MASK  4095ull
#define CCA_MAX_PES   8u

/* Physical and intermediate physical addresses are distinct types: mixing them up is the classic bug. */
typedef struct {
    uint64_t v;
} pa_t;
typedef struct {
    uint64_t v;
} ipa_t;

static inline pa_t pa(uint64_t v)
{
    pa_t a = {v};

    return a;
}
static inline ipa_t ipa(uint64_t v)
{
    ipa_t a = {v};

    return a;
}
static inline bool is_granule_aligned(uint64_t v)
{
    return (v & GRANULE_MASK) == 0;
}

/* Security state of a PE (DDI0487 D1.1: FEAT_RME adds Realm and Root). */
enum world { WORLD_NS, WORLD_SECURE, WORLD_REALM, WORLD_ROOT, WORLD_COUNT };

/* Physical address space of an access or of a granule. */
enum pas { PAS_NS, PAS_SECURE, PAS_REALM, PAS_ROOT, PAS_COUNT };

/* Access kinds, as seen by the MMU. */
enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

/*
 * C-level failures (never architectural results, never rule violations).
 * All functions that return `int` return 0 or one of these.
 */
enum cca_err {
    CCA_OK = 0,
    CCA_ERR_NOMEM = -1,       /* host memory exhausted */
    CCA_ERR_INVAL = -2,       /* caller's argument out of the documented range */
    CCA_ERR_IO = -3,          /* a file could not be read or written */
    CCA_ERR_PARSE = -4,       /* a user's file is malformed: the diag says where */
    CCA_ERR_UNSUPPORTED = -5, /* this build or this instance cannot do it (e.g. no Unicorn) */
    CCA_ERR_LIMIT = -6,       /* a limit (instructions, time, steps) was reached */
    CCA_ERR_CPU = -7,         /* the CPU emulator reported an internal failure */
};

/* Prints "model bug: ..." to stderr and exits with code 70. For impossible states only. */
void model_bug(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* Who wants to know before the exit: what it says comes after the words on stderr, and it may exit with another code. */
void model_bug_hook(void (*fn)(void *ctx, const char *what), void *ctx);
#define MODEL_BUG(...) model_bug(__FILE__, __LINE__, __VA_ARGS__)
#define MODEL_ASSERT(c)                            \
    do {                                           \
        if (__builtin_expect(!(c), 0))             \
            MODEL_BUG("assertion failed: %s", #c); \
    } while (0)

static inline uint64_t align_down(uint64_t v, uint64_t a)
{
    return v & ~(a - 1);
}
static inline uint64_t align_up(uint64_t v, uint64_t a)
{
    return (v + a - 1) & ~(a - 1);
}
/* Bytes mapped by one entry of a 4 KB-granule translation table at `level` (-1..3). */
static inline uint64_t level_size(int level)
{
    return 1ull << (12 + 9 * (3 - level));
}

CCASIM_API_END

#endif
