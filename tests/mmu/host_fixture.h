/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host code without a CPU, for tests of the MMU: a machine with the small platform, PE 0 at EL2 in the Normal world, MMU off.
 * Tables are written by hand, from TABLES on.
 */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/plat.h>

#include <stdlib.h>
#include <string.h>

#define DRAM   0x40000000ull
#define TABLES (DRAM + 0x800000)
#define DATA   (DRAM + 0x1000000)

#define EL0T 0x3c0ull
#define EL1H 0x3c5ull
#define EL2H 0x3c9ull

#define SCTLR_M  (1ull << 0)
#define HCR_VM   (1ull << 0)
#define HCR_PTW  (1ull << 2)
#define HCR_FB   (1ull << 9)
#define HCR_DC   (1ull << 12)
#define HCR_TEA  (1ull << 37)
#define HCR_FWB  (1ull << 46)
#define HCR_GPF  (1ull << 48)
#define VTCR_HA  (1ull << 21)
#define VTCR_HD  (1ull << 22)
#define TCR_HA   (1ull << 39) /* as TCR_EL1 is laid out */
#define TCR_HD   (1ull << 40)
#define DESC_AF  (1ull << 10)
#define DESC_DBM (1ull << 51)
#define DESC_RO  (1ull << 7) /* stage 1 */
#define DESC_EL0 (1ull << 6)
#define DESC_NG  (1ull << 11)
#define DESC_PXN (1ull << 53)
#define DESC_UXN (1ull << 54)
#define S2_R     (1ull << 6)
#define S2_W     (1ull << 7)
#define S2_WB    (0xfull << 2)

struct host {
    struct machine *m;
    struct pe *p;
    uint64_t *el2, *el1;
    uint64_t next; /* free memory for tables */
};

static inline int host_new(struct host *h, unsigned pa_bits)
{
    const struct plat_desc *d = plat_by_name("small");
    struct impl impl;
    plat_impl(d, 0, &impl);
    impl.pa_bits = (uint8_t)pa_bits;
    if (impl.s2sz > pa_bits)
        impl.s2sz = (uint8_t)pa_bits;
    if (gpt_size_needed(&impl) > impl.root_size) {
        impl.root_size = gpt_size_needed(&impl);
        impl.num_secure = 0;
        impl_fill_banks(&impl);
    }
    int err = machine_new(&impl, &h->m);
    if (err || plat_attach(h->m, d))
        return -1;
    for (unsigned i = 0; i < impl.num_pes; i++) {
        h->m->pe[i].world = WORLD_NS;
        h->m->pe[i].r.pstate = EL2H;
    }
    h->p = &h->m->pe[0];
    h->el2 = h->m->plat->pe[0].el2;
    h->el1 = h->p->r.sys;
    h->next = TABLES;
    return 0;
}

static inline void host_free(struct host *h)
{
    plat_detach(h->m);
    machine_free(h->m);
}

static inline void host_at(struct host *h, unsigned el)
{
    static const uint64_t mode[3] = {EL0T, EL1H, EL2H};
    h->p->r.pstate = mode[el] | (h->p->r.pstate & (1ull << 22));
}

static inline void host_write(struct host *h, uint64_t a, uint64_t v)
{
    mem_write(h->m, a, &v, sizeof(v), OWNER_HOST, 0);
}

/* Memory of `size` bytes, aligned to as much. */
static inline uint64_t host_table(struct host *h, uint64_t size)
{
    uint64_t a = align_up(h->next, size);
    h->next = a + size;
    return a;
}

/* Tables of one granule from the `start` level on, whose first table is at `root`. */
struct tables {
    struct host *h;
    unsigned page; /* log2 of the granule */
    int start;
    uint64_t root;
};

static inline unsigned level_shift(unsigned page, int level)
{
    return page + (page - 3) * (unsigned)(3 - level);
}

/* Writes the descriptor of `a` at `level`, with the tables above it; its address. `in`: bits of addresses. */
static inline uint64_t tables_set(struct tables *t, uint64_t a, int level, uint64_t desc)
{
    uint64_t table = t->root, at = 0;
    for (int l = t->start; l <= level; l++) {
        uint64_t index = a >> level_shift(t->page, l);
        if (l != t->start)
            index &= (1ull << (t->page - 3)) - 1;
        at = table + 8 * index;
        uint64_t d = mem_read64(t->h->m, at);
        if (l < level && !(d & 1)) {
            d = host_table(t->h, 1ull << t->page) | 3;
            host_write(t->h, at, d);
        }
        table = d & 0x0000FFFFFFFFF000ull & ~((1ull << t->page) - 1);
    }
    host_write(t->h, at, desc);
    return at;
}

/* A leaf at `level`. */
static inline uint64_t tables_map(struct tables *t, uint64_t a, int level, uint64_t pa,
                                  uint64_t attr)
{
    return tables_set(t, a, level, pa | attr | (level == 3 ? 3 : 1));
}

static inline bool host_reach(struct host *h, unsigned el, uint64_t va, enum access_kind kind,
                              struct mmu_result *r, struct mmu_fault *f)
{
    return mmu_translate(h->m, 0, el, va, kind, r, f);
}

#endif
