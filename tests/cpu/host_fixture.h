/* SPDX-License-Identifier: BSD-3-Clause */
/* A host that runs code at EL2 on the platform "small": vectors report by SMC. */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include <ccasim/cpu.h>
#include <ccasim/mem.h>
#include <ccasim/plat.h>

#include "host_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DRAM        0x40000000ull
#define HOST_CODE   (DRAM + 0x1000)
#define EL2_VECTORS (DRAM + 0x4000) /* vector n of 16: SMC #n, ERET */
#define EL1_VECTORS (DRAM + 0x5000) /* vector n of 16: SMC #(n + 32), ERET */
#define HOST_DATA   (DRAM + 0x10000)
#define STACK(el)   (DRAM + 0x20000 + (el)*0x1000)
#define HOST_TABLES (DRAM + 0x100000)
#define UART        0x09000000ull
#define NOBODY      0x20000000ull

struct host_world {
    struct machine *m;
    struct cpu *cpu;
    struct pe *p;
    struct host_pe *h;
    enum cpu_host_why why;
    char out[64]; /* what the UART sent */
    size_t num_out;
};

static inline void host_uart(void *ctx, unsigned unit, uint8_t byte)
{
    struct host_world *w = ctx;
    assert_int_equal(unit, 0);
    if (w->num_out < sizeof(w->out) - 1)
        w->out[w->num_out++] = (char)byte;
}

static inline void put_vectors(struct machine *m, uint64_t base, uint32_t number)
{
    for (uint32_t i = 0; i < 16; i++) {
        const uint32_t entry[2] = {0xd4000003u | (number + i) << 5, 0xd69f03e0u};
        mem_write(m, base + i * 128, entry, sizeof(entry), OWNER_HOST, 0);
    }
}

static inline int host_setup(void **state)
{
    struct host_world *w = calloc(1, sizeof(*w));
    const struct plat_desc *d = plat_by_name("small");
    struct impl impl;
    *state = w;
    if (!w || !d)
        return -1;
    plat_impl(d, 2, &impl);
    if (machine_new(&impl, &w->m) || plat_attach(w->m, d) || cpu_new(&w->cpu) ||
        cpu_attach(w->cpu, w->m))
        return -1;
    w->m->plat->uart = host_uart;
    w->m->plat->uart_ctx = w;
    w->p = &w->m->pe[0];
    w->h = &w->m->plat->pe[0];
    put_vectors(w->m, EL2_VECTORS, 0);
    put_vectors(w->m, EL1_VECTORS, 32);
    for (unsigned i = 0; i < 2; i++) {
        host_reset(w->m, i, HOST_CODE, 0);
        w->m->plat->pe[i].on = true;
        w->m->plat->pe[i].el2[HS_VBAR_EL2] = EL2_VECTORS;
    }
    return 0;
}

static inline int host_teardown(void **state)
{
    struct host_world *w = *state;
    cpu_free(w->cpu);
    plat_detach(w->m);
    machine_free(w->m);
    free(w);
    return 0;
}

#define LOAD_HOST(w, name)                                                                       \
    do {                                                                                         \
        mem_write((w)->m, HOST_CODE, code_host_##name, sizeof(code_host_##name), OWNER_HOST, 0); \
        (w)->p->r.pc = HOST_CODE;                                                                \
    } while (0)

#define X(w, n)   ((w)->p->r.x[n])
#define EL2(w, n) ((w)->h->el2[HS_##n])
#define EL1(w, n) ((w)->p->r.sys[SR_##n])

static inline enum cpu_host_why host_run(struct host_world *w, uint64_t instructions)
{
    assert_int_equal(cpu_host_run(w->cpu, w->m, 0, w->m->vtime + instructions, &w->why), CCA_OK);
    return w->why;
}

/* Runs to SMC #n. */
static inline void expect_smc(struct host_world *w, unsigned n)
{
    assert_int_equal(host_run(w, 100000), CPU_HOST_SMC);
    uint32_t insn = (uint32_t)(mem_read64(w->m, w->p->r.pc - 4) >> ((w->p->r.pc - 4) & 4 ? 32 : 0));
    assert_int_equal(insn >> 5 & 0xffff, n);
}

/* EL2 took an exception at vector n of 16 with this syndrome, for the instruction at HOST_CODE + offset. */
static inline void expect_el2(struct host_world *w, unsigned vector, uint64_t esr, uint64_t offset)
{
    expect_smc(w, vector);
    assert_int_equal(EL2(w, ESR_EL2), esr);
    assert_int_equal(EL2(w, ELR_EL2), HOST_CODE + offset);
}
static inline void expect_el1(struct host_world *w, unsigned vector, uint64_t esr, uint64_t offset)
{
    expect_smc(w, vector + 32);
    assert_int_equal(EL1(w, ESR_EL1), esr);
    assert_int_equal(EL1(w, ELR_EL1), HOST_CODE + offset);
}

#endif
