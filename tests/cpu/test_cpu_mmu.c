/* SPDX-License-Identifier: BSD-3-Clause */
/* Realm code and its own MMU, TLB maintenance, address translation, and what other agents change under it. */
#include "cpu_fixture.h"

#define VA          0x7654321000ull
#define CODE_VA     CODE /* mapped flat */
#define MAIR        0xff04ull
#define ATTR_CODE   (S1_AF | S1_ISH)
#define LOWER_A64   8u
#define CURRENT_SPX 4u

/* Tables that map code and vectors flat, and VA to DATA. */
static void make_tables(struct cpu_world *w, struct s1_tables *t, uint64_t va_attr)
{
    fix_s1_new(t, &w->f, TABLES);
    fix_s1_desc(t, CODE, 3, CODE | ATTR_CODE | 1 << 2 | 3);
    fix_s1_desc(t, VECTORS, 3, VECTORS | ATTR_CODE | 1 << 2 | 3);
    fix_s1_desc(t, VA, 3, DATA | S1_AF | va_attr | 1 << 2 | 3);
}

static void mmu_on(struct cpu_world *w, const struct s1_tables *t)
{
    SYS(w, TTBR0_EL1) = t->root;
    SYS(w, TCR_EL1) = FIX_TCR;
    SYS(w, MAIR_EL1) = MAIR;
    SYS(w, SCTLR_EL1) |= 1;
}

/* The code turns the MMU on itself, uses it, and takes its own stage-1 aborts. */
static void test_turns_mmu_on(void **state)
{
    struct cpu_world *w = *state;
    struct s1_tables t;
    const uint64_t value = 0x1122334455667788;
    LOAD_CODE(w, mmu_on);
    make_tables(w, &t, S1_PXN | S1_UXN);
    fix_write(&w->f, w->data_pa, value);
    fix_s1_desc(&t, VA + 0x1000, 3, (DATA + 0x1000) | S1_AF | S1_RO | 1 << 2 | 3);
    uint64_t *x = w->p->r.x;
    x[0] = t.root;
    x[1] = FIX_TCR;
    x[2] = MAIR;
    x[5] = VA;
    x[7] = VA + 0x1008; /* read-only */
    x[9] = VA + 0x5000; /* not mapped */
    x[10] = VA;         /* not executable */
    expect_own(w, CURRENT_SPX, 0x9600004f, 0x28);
    assert_int_equal(SYS(w, FAR_EL1), VA + 0x1008);
    assert_int_equal(w->p->r.x[4], value);
    assert_int_equal(mem_read64(w->m, w->data_pa + 8), value);
    skip_own(w);
    expect_hvc(w, 0x101);
    expect_own(w, CURRENT_SPX, 0x96000007, 0x30);
    assert_int_equal(SYS(w, FAR_EL1), VA + 0x5000);
    skip_own(w);
    expect_hvc(w, 0x102);
    expect_hvc(w, CURRENT_SPX);
    assert_int_equal(SYS(w, ESR_EL1), 0x8600000f);
    assert_int_equal(SYS(w, ELR_EL1), VA);
    assert_int_equal(SYS(w, FAR_EL1), VA);
    SYS(w, ELR_EL1) = CODE + 0x3c;
    expect_hvc(w, 0x103);
    expect_own(w, CURRENT_SPX, 0x9600000f, 0x40); /* ldtr: not for EL0 */
    skip_own(w);
    expect_hvc(w, 0x104);
}

/* The same VA at EL0 and EL1: permissions of each, EC 0x24 and 0x20 from below. */
static void test_el0_aborts(void **state)
{
    struct cpu_world *w = *state;
    struct s1_tables t;
    LOAD_CODE(w, el0_aborts);
    make_tables(w, &t, S1_EL0 | S1_RO | S1_UXN);
    mmu_on(w, &t);
    w->p->r.x[5] = VA;
    expect_own(w, LOWER_A64, 0x9200004f, 0x14); /* the load works, the store does not */
    assert_int_equal(SYS(w, FAR_EL1), VA);
    skip_own(w);
    expect_hvc(w, LOWER_A64);
    assert_int_equal(SYS(w, ESR_EL1), 0x8200000f);
    SYS(w, ELR_EL1) = CODE + 0x1c;
    expect_own(w, LOWER_A64, 0x56000000, 0x20);
}

/* A descriptor changed by the Realm itself is seen after its TLBI, and not before. */
static void test_own_tlbi(void **state)
{
    struct cpu_world *w = *state;
    struct s1_tables t;
    LOAD_CODE(w, own_tlbi);
    make_tables(w, &t, 0);
    uint64_t desc_ipa = fix_s1_desc(&t, VA, 3, DATA | S1_AF | 1 << 2 | 3);
    fix_s1_desc(&t, desc_ipa & ~0xfffull, 3, (desc_ipa & ~0xfffull) | S1_AF | 1 << 2 | 3);
    mmu_on(w, &t);
    fix_write(&w->f, w->data_pa, 0xaaaa);
    fix_write(&w->f, fix_pa(&w->f, DATA + 0x1000), 0xbbbb);
    w->p->r.x[0] = desc_ipa;
    w->p->r.x[1] = VA;
    w->p->r.x[2] = (DATA + 0x1000) | S1_AF | 1 << 2 | 3;
    expect_hvc(w, 0x101);
    assert_int_equal(w->p->r.x[3], 0xaaaa);
    assert_int_equal(w->p->r.x[4], 0xaaaa);
    expect_hvc(w, 0x102);
    assert_int_equal(w->p->r.x[4], 0xbbbb);
}

static void test_at(void **state)
{
    struct cpu_world *w = *state;
    struct s1_tables t;
    LOAD_CODE(w, at);
    make_tables(w, &t, 0);
    mmu_on(w, &t);
    w->p->r.x[0] = VA + 0x123;
    w->p->r.x[2] = VA + 0x1000;
    w->p->r.x[5] = 2ull << 30;
    expect_hvc(w, 0x101);
    assert_int_equal(w->p->r.x[1], 0xff00000000000800ull | DATA); /* PA field: the IPA; ATTR 0xff */
    assert_int_equal(w->p->r.x[3], 0x80f);                        /* F, FST 0x07, bit 11 */
    assert_int_equal(w->p->r.x[4], 0x81f);                        /* EL0 may not: FST 0x0f */
    /* A walk that stage 2 refuses is an abort of the AT itself, taken to EL2. */
    uint64_t l1 = fix_pa(&w->f, t.root);
    fix_write(&w->f, l1 + 8 * 2, (TABLES + 0x100000) | 3);
    assert_int_equal(enter(w), 0x920001c7);
    assert_int_equal(w->p->r.pc, CODE + 0x28);
    assert_int_equal(w->exc.far, 2ull << 30);
}

/* Who unmaps a page at stage 2 and forgets the TLBI leaves the Realm with it. */
static void test_stale_stage2(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, pages);
    w->p->r.x[0] = 0x77;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = 1;
    expect_hvc(w, 0x100);
    fix_s2_desc(&w->f, DATA, 3, 0);
    w->p->r.pc = CODE;
    w->p->r.x[0] = 0x88;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = 1;
    expect_hvc(w, 0x100);
    assert_int_equal(mem_read64(w->m, w->data_pa), 0x88);
    tlbi_ipa(w->m, 0, FIX_VMID, DATA, GRANULE_SIZE);
    w->p->r.pc = CODE;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = 1;
    assert_int_equal(enter(w), 0x93c08047);
}

/* Two Realms at the same addresses, on one PE, without a TLBI between them: VMIDs keep them apart. */
static void test_two_vmids(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, pages);
    uint64_t root1 = w->f.root, l1 = mem_read64(w->m, root1);
    w->f.root = fix_granule(&w->f);
    uint64_t other = fix_map(&w->f, DATA, S2_RAM);
    fix_s2_desc(&w->f, CODE, 3, w->code_pa | S2_RAM | 3);
    (void)l1;
    for (unsigned i = 0; i < 4; i++) {
        w->p->vttbr_el2 = i & 1 ? w->f.root | 2ull << 48 : root1 | 1ull << 48;
        w->p->r.pc = CODE;
        w->p->r.x[0] = 0x100 + i;
        w->p->r.x[1] = DATA;
        w->p->r.x[2] = 1;
        expect_hvc(w, 0x100);
    }
    assert_int_equal(mem_read64(w->m, w->data_pa), 0x102);
    assert_int_equal(mem_read64(w->m, other), 0x103);
}

static void count_dirty(void *ctx, struct machine *m, const struct event *e)
{
    unsigned *n = ctx;
    (void)m;
    (void)e;
    ++*n;
}

/* The first store to each page is noticed, further ones are not, until the translations are dropped. */
static void test_dirty(void **state)
{
    struct cpu_world *w = *state;
    unsigned n = 0;
    LOAD_CODE(w, pages);
    event_listen(w->m, EV_BIT(EV_DIRTY), count_dirty, &n);
    for (unsigned i = 0; i < 3; i++) {
        w->p->r.pc = CODE;
        w->p->r.x[1] = DATA;
        w->p->r.x[2] = DATA_PAGES;
        expect_hvc(w, 0x100);
        assert_int_equal(n, i < 2 ? DATA_PAGES : 2 * DATA_PAGES);
        if (i == 1)
            w->m->cpu->flush_tlb(w->m->cpu_ctx, w->m);
    }
    const struct provenance *p = &w->m->mem.prov[granule_index(w->m, w->data_pa)];
    assert_int_equal(p->kinds & (1u << OWNER_REALM), 1u << OWNER_REALM);
    assert_int_equal(p->realm, granule_index(w->m, w->p->running_rd));
    event_unlisten(w->m, count_dirty, &n);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, cpu_world_setup, cpu_world_teardown)
    const struct CMUnitTest tests[] = {
        T(test_turns_mmu_on), T(test_el0_aborts), T(test_own_tlbi), T(test_at),
        T(test_stale_stage2), T(test_two_vmids),  T(test_dirty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
