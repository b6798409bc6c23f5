/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A world for the tests of model/spec: an abstract state, 64 MB of memory that stands for what the
 * Host and the Realm see, and calls whose observed results the test makes up.
 */
#ifndef CCASIM_TESTS_SPEC_WORLD_H
#define CCASIM_TESTS_SPEC_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <cmocka.h>

#include <ccasim/spec.h>

#define WORLD_BASE 0x80000000ull
#define G(n)       (WORLD_BASE + (uint64_t)(n)*0x1000)
#define MB2        0x200000ull
#define GB1        0x40000000ull

/* Fixed places. */
enum {
    N_PARAMS = 0,
    N_REC_PARAMS = 1,
    N_RUN = 2,
    N_SRC = 3,
    N_SECURE = 8,
    N_HOST = 9, /* an UNDELEGATED granule in the NS PAS, not used otherwise */
    N_RD = 16,
    N_ROOT = 18, /* two root tables */
    N_RTT2 = 20,
    N_RTT3 = 21,
    N_REC = 22,
    N_AUX = 23,
    N_DATA = 24,
    N_FREE = 32, /* DELEGATED and free from here */
    N_FREE_END = 48,
};
#define UNTRACKED 0x40000000ull
#define UNPROT    (1ull << 39) /* lowest unprotected IPA with s2sz 40 */

struct spec_world {
    struct impl impl;
    struct spec *s;
    uint8_t *memory;
    struct spec_env env;
    uint64_t unreadable; /* a page whose reads take a granule protection fault */
    struct spec_verdict v;
};

static bool world_read(void *ctx, uint64_t pa, void *buf, size_t len)
{
    struct spec_world *w = ctx;

    if ((pa & ~0xfffull) == w->unreadable || pa - WORLD_BASE + len > w->impl.dram.size)
        return false;
    memcpy(buf, w->memory + (pa - WORLD_BASE), len);
    return true;
}

static inline uint8_t *at(struct spec_world *w, uint64_t pa)
{
    return w->memory + (pa - WORLD_BASE);
}

static inline void put(struct spec_world *w, uint64_t pa, unsigned size, uint64_t value)
{
    memcpy(at(w, pa), &value, size);
}

static inline struct spec_world *world_of(const struct impl *impl)
{
    struct spec_world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->impl = *impl;
    /* Not malloc: most of it is never touched, and MALLOC_PERTURB_ would fill it. */
    w->memory =
        mmap(NULL, w->impl.dram.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(w->memory != MAP_FAILED);
    w->s = spec_new(&w->impl);
    assert_non_null(w->s);
    w->env = (struct spec_env){.ctx = w, .host_read = world_read, .realm_read = world_read};
    w->unreadable = 1;
    return w;
}

static inline struct spec_world *world_new(void)
{
    struct impl impl;

    impl_default(&impl);
    impl.s2sz = 40;
    return world_of(&impl);
}

static inline void world_free(struct spec_world *w)
{
    spec_free(w->s);
    munmap(w->memory, w->impl.dram.size);
    free(w);
}

/* Judges a call whose registers x0.. came back as given; the rest zero. */
static inline bool judge(struct spec_world *w, const uint64_t in[ABI_MAX_REGS],
                         const uint64_t out[ABI_MAX_REGS])
{
    spec_rmi(w->s, &w->env, in, out, &w->v);
    return w->v.ok;
}

#define CALL(...)            \
    (uint64_t[ABI_MAX_REGS]) \
    {                        \
        __VA_ARGS__          \
    }

/* A call that must be judged right with these results. */
#define OK(w, in, ...)                                \
    do {                                              \
        if (!judge((w), in, CALL(__VA_ARGS__)))       \
            fail_msg("refused: %s", (w)->v.mismatch); \
    } while (0)
#define WRONG(w, in, ...) assert_false(judge((w), in, CALL(__VA_ARGS__)))

static inline void delegate(struct spec_world *w, unsigned n)
{
    OK(w, CALL(RMI_GRANULE_DELEGATE, G(n)), RMI_SUCCESS);
}

static inline void realm_params(struct spec_world *w, unsigned s2sz, int level, unsigned num)
{
    memset(at(w, G(N_PARAMS)), 0, 4096);
    put(w, G(N_PARAMS) + REALM_PARAMS_S2SZ, 1, s2sz);
    put(w, G(N_PARAMS) + REALM_PARAMS_NUM_BPS, 1, 5);
    put(w, G(N_PARAMS) + REALM_PARAMS_NUM_WPS, 1, 3);
    put(w, G(N_PARAMS) + REALM_PARAMS_VMID, 2, 7);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(N_ROOT));
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_LEVEL_START, 8, (uint64_t)(int64_t)level);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_NUM_START, 4, num);
}

static inline void rec_params(struct spec_world *w)
{
    memset(at(w, G(N_REC_PARAMS)), 0, 4096);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_FLAGS, 8, REC_PARAMS_FLAG_RUNNABLE);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_PC, 8, 0x1000);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_GPRS, 8, 0x11);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_NUM_AUX, 8, 1);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_AUX));
}

/* Delegated granules and parameters, nothing created. */
static inline struct spec_world *world_fill(struct spec_world *w)
{
    for (unsigned n = N_RD; n < N_FREE_END; n++)
        delegate(w, n);
    spec_set_pas(w->s, G(N_SECURE), PAS_SECURE);
    realm_params(w, 40, 1, 2);
    rec_params(w);
    return w;
}

static inline struct spec_world *world_bare(void)
{
    return world_fill(world_new());
}

/* A NEW Realm of 40 bits: level-1 roots, a level-2 table at 0, a level-3 table at 0. */
static inline struct spec_world *world_realm_in(struct spec_world *w)
{
    OK(w, CALL(RMI_REALM_CREATE, G(N_RD), G(N_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, G(N_RD), G(N_RTT2), 0, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, G(N_RD), G(N_RTT3), 0, 3), RMI_SUCCESS);
    return w;
}

static inline struct spec_world *world_realm(void)
{
    return world_realm_in(world_bare());
}

static inline struct spec_rtte entry(struct spec_world *w, int level, uint64_t ipa)
{
    struct spec_rtte e;

    assert_true(spec_rtte(w->s, G(N_RD), level, ipa, &e));
    return e;
}

#endif
