/* SPDX-License-Identifier: BSD-3-Clause */
/* Host code at EL2 on a platform, against the same loop in a bare Unicorn program. */
#include "bench.h"

#include <ccasim/cpu.h>
#include <ccasim/mem.h>
#include <ccasim/plat.h>

#define REPEATS   3u
#define BARE_SIZE 0x400000ull
#define DATA      0x100000ull /* from the start of RAM; x5 */

/* Assembled by GNU as; branch targets are offsets from the start. */
static const uint32_t code[] = {
    /* 0x00 integer: */
    0xd2a02620, /* mov x0, #0x1310000 */
    0x8b000021, /* add x1, x1, x0 */
    0xca010042, /* eor x2, x2, x1 */
    0xd343fc43, /* lsr x3, x2, #3 */
    0x9b017c64, /* mul x4, x3, x1 */
    0xf1000400, /* subs x0, x0, #0x1 */
    0x54ffff61, /* b.ne 4 */
    0x14000024, /* b ac */
    /* 0x20 stores: */
    0xd2a02620, /* mov x0, #0x1310000 */
    0xd2800006, /* mov x6, #0x0 */
    0xf82668a0, /* str x0, [x5, x6] */
    0x910120c6, /* add x6, x6, #0x48 */
    0x927d38c6, /* and x6, x6, #0x3fff8 */
    0xf1000400, /* subs x0, x0, #0x1 */
    0x54ffff81, /* b.ne 28 */
    0x1400001c, /* b ac */
    /* 0x40 calls: */
    0xd2a02620, /* mov x0, #0x1310000 */
    0x94000004, /* bl 54 */
    0xf1000400, /* subs x0, x0, #0x1 */
    0x54ffffc1, /* b.ne 44 */
    0x14000017, /* b ac */
    0x91000421, /* add x1, x1, #0x1 */
    0xd65f03c0, /* ret */
    /* 0x5c mixed: */
    0xd2a00800, /* mov x0, #0x400000 */
    0x914080a7, /* add x7, x5, #0x20, lsl #12 */
    0x927d2001, /* and x1, x0, #0xff8 */
    0xf86168a2, /* ldr x2, [x5, x1] */
    0x8b000043, /* add x3, x2, x0 */
    0xf82168a3, /* str x3, [x5, x1] */
    0x36100043, /* tbz w3, #2, 7c */
    0x9400000a, /* bl a0 */
    0xa88110e3, /* stp x3, x4, [x7], #16 */
    0x926ff8e7, /* and x7, x7, #0xfffffffffffeffff */
    0x92401c66, /* and x6, x3, #0xff */
    0x386668a6, /* ldrb w6, [x5, x6] */
    0x34000046, /* cbz w6, 94 */
    0x9b0320c8, /* madd x8, x6, x3, x8 */
    0xf1000400, /* subs x0, x0, #0x1 */
    0x54fffe61, /* b.ne 64 */
    0x14000004, /* b ac */
    0xd3443c64, /* ubfx x4, x3, #4, #12 */
    0xcac41c84, /* eor x4, x4, x4, ror #7 */
    0xd65f03c0, /* ret */
    /* 0xac end: */
    0xd4000003, /* smc #0x0 */
    0x17ffffff, /* b ac */
};

static const struct {
    const char *name;
    uint64_t pc;
} loops[] = {
    {"host_integer", 0x0}, {"host_stores", 0x20}, {"host_calls", 0x40}, {"host_mixed", 0x5c}};
#define NUM_LOOPS (sizeof(loops) / sizeof(loops[0]))

static int run_host(struct machine *m, struct cpu *cpu, uint64_t pc, double *seconds)
{
    uint64_t base = m->mem.base;
    enum cpu_host_why why;
    mem_write(m, base, code, sizeof(code), OWNER_HOST, 0);
    host_reset(m, 0, base + pc, 0);
    m->pe[0].r.x[5] = base + DATA;
    double start = bench_now();
    int err = cpu_host_run(cpu, m, 0, UINT64_MAX, &why);

    *seconds = bench_now() - start;
    if (err == CCA_OK && why != CPU_HOST_SMC)
        MODEL_BUG("the host's loop ended with %u", why);
    return err;
}

static int host_loop(uint64_t pc, bool virtual_time, double *seconds)
{
    struct cpu_options opt = {.virtual_time = virtual_time, .insn_limit = UINT64_MAX};
    const struct plat_desc *d = plat_by_name("small");
    struct machine *m = NULL;
    struct cpu *cpu = NULL;
    struct impl impl;
    plat_impl(d, 1, &impl);
    int err = machine_new(&impl, &m);

    if (err == CCA_OK)
        err = plat_attach(m, d);
    if (err == CCA_OK)
        err = cpu_new(&cpu);
    if (err == CCA_OK) {
        cpu_set_options(cpu, &opt);
        err = cpu_attach(cpu, m);
    }
    if (err == CCA_OK)
        err = run_host(m, cpu, pc, seconds);
    cpu_free(cpu);
    if (m != NULL)
        plat_detach(m);
    machine_free(m);
    return err;
}

static int one_loop(unsigned i, struct bench_cpu_result *r)
{
    const uint64_t base = plat_by_name("small")->dram.base;
    const uint64_t x[31] = {[5] = base + DATA};
    const struct bench_loop l = {.name = loops[i].name,
                                 .code = code,
                                 .size = sizeof(code),
                                 .pc = loops[i].pc,
                                 .base = base,
                                 .mem_size = BARE_SIZE,
                                 .x = x,
                                 .run = host_loop};

    return bench_loop(&l, REPEATS, r);
}

int bench_host_loops(struct bench_cpu_result *out, unsigned *count)
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
