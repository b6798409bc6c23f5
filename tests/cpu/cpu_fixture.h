/* SPDX-License-Identifier: BSD-3-Clause */
/* A Realm that runs code: the tables of realm_fixture.h, code, vectors that report by HVC, and data. */
#ifndef CPU_FIXTURE_H
#define CPU_FIXTURE_H

#include "../mmu/realm_fixture.h"

#include <ccasim/cpu.h>

#include "cpu_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define CODE       0x1000ull
#define VECTORS    0x4000ull /* vector n of 16: HVC #n, ERET */
#define DATA       0x10000ull
#define DATA_PAGES 64u
#define TABLES     0x1000000ull
#define RD         0x123000ull /* stands for the owner in provenance: base + this */

struct cpu_world {
    struct fixture f;
    struct cpu *cpu;
    struct machine *m;
    struct pe *p;
    struct realm_exception exc;
    uint64_t code_pa, data_pa;
};

static inline void put_code(struct cpu_world *w, uint64_t pa_addr, const uint32_t *code,
                            size_t size)
{
    uint8_t zero[64] = {0};
    mem_write(w->m, pa_addr, code, size, OWNER_HOST, 0);
    mem_write(w->m, pa_addr + size, zero, sizeof(zero), OWNER_HOST, 0);
}

#define LOAD_CODE(w, name)                                           \
    do {                                                             \
        put_code(w, (w)->code_pa, code_##name, sizeof(code_##name)); \
        (w)->p->r.pc = CODE;                                         \
    } while (0)

static inline int cpu_world_setup(void **state)
{
    struct cpu_world *w = calloc(1, sizeof(*w));
    *state = w;
    if (!w || fix_new(&w->f) || cpu_new(&w->cpu))
        return -1;
    w->m = w->f.m;
    w->p = &w->m->pe[0];
    if (cpu_attach(w->cpu, w->m))
        return -1;
    w->code_pa = fix_map(&w->f, CODE, S2_RAM);
    uint64_t vectors = fix_map(&w->f, VECTORS, S2_RAM);
    for (uint32_t i = 0; i < 16; i++) {
        const uint32_t entry[2] = {0xd4000002u | i << 5, 0xd69f03e0u};
        mem_write(w->m, vectors + i * 128, entry, sizeof(entry), OWNER_HOST, 0);
    }
    w->data_pa = fix_map(&w->f, DATA, S2_RAM);
    for (unsigned i = 1; i < DATA_PAGES; i++)
        fix_map(&w->f, DATA + i * GRANULE_SIZE, S2_RAM);
    for (unsigned i = 0; i < 2; i++) {
        w->m->pe[i].r.sys[SR_VBAR_EL1] = VECTORS;
        w->m->pe[i].running_rd = w->m->mem.base + RD;
    }
    return 0;
}

static inline int cpu_world_teardown(void **state)
{
    struct cpu_world *w = *state;
    cpu_free(w->cpu);
    fix_free(&w->f);
    free(w);
    return 0;
}

/* Runs to the next exception to EL2; returns its syndrome. */
static inline uint64_t enter(struct cpu_world *w)
{
    assert_int_equal(w->m->cpu->enter(w->m->cpu_ctx, w->m, 0, &w->exc), CCA_OK);
    return w->exc.esr;
}

#define HVC(n) (0x5a000000ull | (n))
#define SMC(n) (0x5e000000ull | (n))

/* Runs to HVC #n. */
static inline void expect_hvc(struct cpu_world *w, unsigned n)
{
    assert_int_equal(enter(w), HVC(n));
    assert_int_equal(w->exc.vector, VEC_SYNC);
}

#define SYS(w, name) ((w)->p->r.sys[SR_##name])

/* The Realm took an exception at vector n of 16 with this syndrome, for the instruction at CODE + offset. */
static inline void expect_own(struct cpu_world *w, unsigned vector, uint64_t esr, uint64_t offset)
{
    expect_hvc(w, vector);
    assert_int_equal(SYS(w, ESR_EL1), esr);
    assert_int_equal(SYS(w, ELR_EL1), CODE + offset);
}
/* The handler returns past the instruction. */
static inline void skip_own(struct cpu_world *w)
{
    SYS(w, ELR_EL1) += 4;
}

#endif
