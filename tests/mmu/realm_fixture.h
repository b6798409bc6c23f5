/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Realm without an RMM, for tests of the MMU and of the CPU: stage-2 tables written by hand in granules of the
 * Realm PAS, and the EL2 controls of PE 0. IPA space of 39 bits, start level 1, VMID 1.
 */
#ifndef REALM_FIXTURE_H
#define REALM_FIXTURE_H

#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_cpu.h>

#include <stdlib.h>
#include <string.h>

#define S2_AF     (1ull << 10)
#define S2_R      (1ull << 6)
#define S2_W      (1ull << 7)
#define S2_RW     (S2_R | S2_W)
#define S2_XN     (2ull << 53)
#define S2_NS     (1ull << 55)
#define S2_NORMAL (6ull << 2) /* with HCR_EL2.FWB */
#define S2_RAM    (S2_AF | S2_RW | S2_NORMAL)

#define FIX_HCR \
    (1ull << 0 | 1ull << 2 | 1ull << 18 | 1ull << 19 | 1ull << 31 | 1ull << 34 | 1ull << 46)
#define FIX_VMID  1u
#define FIX_SCTLR 0x00C50878ull

struct fixture {
    struct machine *m;
    uint64_t next; /* next free granule */
    uint64_t root; /* stage-2 table of level 1 */
};

static inline uint64_t fix_granule(struct fixture *f)
{
    uint64_t a = f->next;
    f->next += GRANULE_SIZE;
    if (gpt_set(f->m, 0, a, GPI_REALM))
        abort();
    return a;
}

static inline void fix_write(struct fixture *f, uint64_t a, uint64_t v)
{
    mem_write(f->m, a, &v, sizeof(v), OWNER_RMM, 0);
}

/* Writes the stage-2 descriptor of `ipa` at `level`, with the tables above it. Returns the descriptor's address. */
static inline uint64_t fix_s2_desc(struct fixture *f, uint64_t ipa_addr, int level, uint64_t desc)
{
    uint64_t table = f->root, at = 0;
    for (int l = 1; l <= level; l++) {
        at = table + 8 * ((ipa_addr >> (12 + 9 * (3 - l))) & 511);
        uint64_t d = mem_read64(f->m, at);
        if (l < level && !(d & 1)) {
            d = fix_granule(f) | 3;
            fix_write(f, at, d);
        }
        table = d & 0x0000FFFFFFFFF000ull;
    }
    fix_write(f, at, desc);
    return at;
}

/* A page of memory at the IPA; returns its PA. */
static inline uint64_t fix_map(struct fixture *f, uint64_t ipa_addr, uint64_t attr)
{
    uint64_t a = fix_granule(f);
    fix_s2_desc(f, ipa_addr, 3, a | attr | 3);
    return a;
}

static inline void fix_controls(struct fixture *f, unsigned pe)
{
    struct pe *p = &f->m->pe[pe];
    memset(&p->r, 0, sizeof(p->r));
    p->world = WORLD_REALM;
    p->hcr_el2 = FIX_HCR;
    p->vtcr_el2 = 25 | 1ull << 6 | 2ull << 16; /* T0SZ 25, SL0 1, PS 40 bits */
    p->vttbr_el2 = f->root | (uint64_t)FIX_VMID << 48;
    p->cptr_el2 = 3ull << 20;
    p->vmpidr_el2 = 1ull << 31 | pe;
    p->r.pstate = 0x3c5;
    p->r.sys[SR_SCTLR_EL1] = FIX_SCTLR;
}

static inline int fix_new_with(struct fixture *f, const struct impl *impl)
{
    int err = machine_new(impl, &f->m);
    if (err)
        return err;
    f->next = f->m->mem.base + 0x10000;
    f->root = fix_granule(f);
    for (unsigned i = 0; i < impl->num_pes; i++)
        fix_controls(f, i);
    return 0;
}

static inline int fix_new(struct fixture *f)
{
    struct impl impl;
    impl_default(&impl);
    impl.dram.size = 8ull << 20;
    impl.pa_bits = impl.s2sz = 40;
    impl_fill_banks(&impl);
    return fix_new_with(f, &impl);
}

static inline void fix_free(struct fixture *f)
{
    machine_free(f->m);
}

/* Stage-1 page tables of the Realm in its own memory: a level-1 root (T0SZ 25) at an IPA of the caller's choice. */
#define S1_AF  (1ull << 10)
#define S1_NG  (1ull << 11)
#define S1_EL0 (1ull << 6)
#define S1_RO  (1ull << 7)
#define S1_PXN (1ull << 53)
#define S1_UXN (1ull << 54)
#define S1_ISH (3ull << 8)
#define FIX_TCR \
    (25ull | 25ull << 16 | 2ull << 30 | 2ull << 32) /* T0SZ, T1SZ, TG1 4 KB, IPS 40 bits */

struct s1_tables {
    struct fixture *f;
    uint64_t root, next; /* IPAs of tables: root, and where the next one goes */
};

static inline uint64_t fix_pa(struct fixture *f, uint64_t ipa_addr)
{
    struct mmu_result r;
    struct mmu_fault e;
    if (!mmu_s2_translate(f->m, 0, ipa(ipa_addr), ACCESS_READ, &r, &e))
        abort();
    return r.pa;
}

static inline uint64_t fix_s1_table(struct s1_tables *t)
{
    uint64_t a = t->next;
    t->next += GRANULE_SIZE;
    fix_map(t->f, a, S2_RAM);
    return a;
}

static inline void fix_s1_new(struct s1_tables *t, struct fixture *f, uint64_t ipa_base)
{
    t->f = f;
    t->next = ipa_base;
    t->root = fix_s1_table(t);
}

/* Returns the IPA of the descriptor. */
static inline uint64_t fix_s1_desc(struct s1_tables *t, uint64_t va, int level, uint64_t desc)
{
    uint64_t table = t->root, at = 0;
    for (int l = 1; l <= level; l++) {
        at = table + 8 * ((va >> (12 + 9 * (3 - l))) & 511);
        uint64_t pa_at = fix_pa(t->f, at), d = mem_read64(t->f->m, pa_at);
        if (l < level && !(d & 1)) {
            d = fix_s1_table(t) | 3;
            fix_write(t->f, pa_at, d);
        }
        table = d & 0x0000FFFFFFFFF000ull;
    }
    fix_write(t->f, fix_pa(t->f, at), desc);
    return at;
}

#endif
