/* SPDX-License-Identifier: BSD-3-Clause */
/* Realm code on the emulated CPU, against the same loop in a bare Unicorn program. */
#include "bench.h"

#include <ccasim/cpu.h>
#include <ccasim/mem.h>

#include <string.h>

#define PAGE_CODE      0x0ull
#define PAGE_HOST_CALL 0x1000ull
#define DATA_BASE      0x100000ull
#define DATA_PAGES     64u
#define BARE_SIZE      0x400000ull

/* Assembled by GNU as; every loop runs 19,988,480 times and ends in a host call. */
static const uint32_t code[] = {
    /* 0x00 integer: */
    0xd2a02620, /*    movz x0, #0x131, lsl #16 */
    0x8b000021, /* 1: add  x1, x1, x0 */
    0xca010042, /*    eor  x2, x2, x1 */
    0xd343fc43, /*    lsr  x3, x2, #3 */
    0x9b017c64, /*    mul  x4, x3, x1 */
    0xf1000400, /*    subs x0, x0, #1 */
    0x54ffff61, /*    b.ne 1b */
    0x14000010, /*    b    end */
    /* 0x20 stores: */
    0xd2a02620, /*    movz x0, #0x131, lsl #16 */
    0xd2a00205, /*    movz x5, #0x10, lsl #16 */
    0xf82668a0, /* 1: str  x0, [x5, x6] */
    0x910120c6, /*    add  x6, x6, #72 */
    0x927d38c6, /*    and  x6, x6, #0x3fff8 */
    0xf1000400, /*    subs x0, x0, #1 */
    0x54ffff81, /*    b.ne 1b */
    0x14000008, /*    b    end */
    /* 0x40 calls: */
    0xd2a02620, /*    movz x0, #0x131, lsl #16 */
    0x94000004, /* 1: bl   f */
    0xf1000400, /*    subs x0, x0, #1 */
    0x54ffffc1, /*    b.ne 1b */
    0x14000003, /*    b    end */
    0x91000421, /* f: add  x1, x1, #1 */
    0xd65f03c0, /*    ret */
    /* 0x5c end: */
    0xd2b88000, /*    movz x0, #0xc400, lsl #16   RSI_HOST_CALL */
    0xf2803320, /*    movk x0, #0x199 */
    0xd2820001, /*    movz x1, #0x1000 */
    0xd4000003, /*    smc  #0 */
    0x17fffffc, /*    b    end */
};
#define PC_END 0x5cull

static const struct {
    const char *name;
    uint64_t pc;
} loops[] = {{"loop_integer", 0x0}, {"loop_stores", 0x20}, {"loop_calls", 0x40}};
#define NUM_LOOPS (sizeof(loops) / sizeof(loops[0]))

static void map_data(struct bench_env *e, uint64_t ipa_base, const void *bytes, size_t len)
{
    if (bytes == NULL) {
        bench_call(e, RMI_DATA_CREATE_UNKNOWN, e->rd[0], bench_granule(e, true), ipa_base, 0, 0);
        return;
    }
    uint64_t src = bench_granule(e, false);

    mem_write(e->m, src, bytes, len, OWNER_HOST, 0);
    bench_call(e, RMI_DATA_CREATE, e->rd[0], bench_granule(e, true), ipa_base, src, 0);
}

static void realm_with_code(struct bench_env *e, uint64_t pc)
{
    bench_realm(e, 0);
    bench_call(e, RMI_RTT_INIT_RIPAS, e->rd[0], 0, 0x200000, 0, 0);
    map_data(e, PAGE_CODE, code, sizeof(code));
    map_data(e, PAGE_HOST_CALL, NULL, 0);
    for (unsigned i = 0; i < DATA_PAGES; i++)
        map_data(e, DATA_BASE + (uint64_t)i * GRANULE_SIZE, NULL, 0);
    bench_rec(e, 0, pc);
}

static int open_with_code(struct bench_env *e, struct cpu **cpu, uint64_t pc, bool virtual_time)
{
    struct cpu_options opt = {.virtual_time = virtual_time, .insn_limit = UINT64_MAX};
    int err = bench_env_open(e, CHECK_NONE, false);

    if (err == CCA_OK)
        err = cpu_new(cpu);
    if (err != CCA_OK)
        return err;
    cpu_set_options(*cpu, &opt);
    err = cpu_attach(*cpu, e->m);
    if (err == CCA_OK)
        realm_with_code(e, pc);
    return err;
}

static int realm_loop(uint64_t pc, bool virtual_time, double *seconds)
{
    struct bench_env e;
    struct cpu *cpu = NULL;
    int err = open_with_code(&e, &cpu, pc, virtual_time);

    if (err == CCA_OK) {
        double start = bench_now();

        bench_call(&e, RMI_REC_ENTER, e.rec[0], e.run[0], 0, 0, 0);
        *seconds = bench_now() - start;
    }
    cpu_free(cpu);
    bench_env_close(&e);
    return err;
}

static void keep_best(double *best, double s)
{
    if (*best == 0 || s < *best)
        *best = s;
}

int bench_loop(const struct bench_loop *l, unsigned repeats, struct bench_cpu_result *r)
{
    *r = (struct bench_cpu_result){.name = l->name, .wanted_off = 0.80, .wanted_on = 0.65};
    for (unsigned n = 0; n < repeats; n++) {
        double bare, off, on;
        int err =
            cpu_bare_run(l->code, l->size, l->base + l->pc, l->base, l->mem_size, l->x, &bare);

        if (err == CCA_OK)
            err = l->run(l->pc, false, &off);
        if (err == CCA_OK)
            err = l->run(l->pc, true, &on);
        if (err != CCA_OK)
            return err;
        keep_best(&r->bare_seconds, bare);
        keep_best(&r->off_seconds, off);
        keep_best(&r->on_seconds, on);
    }
    return CCA_OK;
}

static int one_loop(unsigned i, struct bench_cpu_result *r)
{
    static const uint64_t x[31];
    const struct bench_loop l = {.name = loops[i].name,
                                 .code = code,
                                 .size = sizeof(code),
                                 .pc = loops[i].pc,
                                 .mem_size = BARE_SIZE,
                                 .x = x,
                                 .run = realm_loop};

    return bench_loop(&l, 5, r);
}

int bench_cpu_loops(struct bench_cpu_result *out, unsigned *count)
{
    for (unsigned i = 0; i < NUM_LOOPS && i < *count; i++) {
        int err = one_loop(i, &out[i]);

        if (err != CCA_OK)
            return err;
    }
    if (*count > NUM_LOOPS)
        *count = NUM_LOOPS;
    return CCA_OK;
}

int bench_cpu_round_trip(double *seconds)
{
    const unsigned calls = 20000;
    struct bench_env e;
    struct cpu *cpu = NULL;
    int err = open_with_code(&e, &cpu, PC_END, true);

    *seconds = 0;
    for (unsigned n = 0; err == CCA_OK && n < 5; n++) {
        double start = bench_now();

        for (unsigned i = 0; i < calls; i++)
            bench_call(&e, RMI_REC_ENTER, e.rec[0], e.run[0], 0, 0, 0);
        keep_best(seconds, (bench_now() - start) / calls);
    }
    cpu_free(cpu);
    bench_env_close(&e);
    return err;
}
