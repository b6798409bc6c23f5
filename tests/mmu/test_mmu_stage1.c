/* SPDX-License-Identifier: BSD-3-Clause */
/* Stage 1 of EL1&0 over a stage 2: permissions, faults, hierarchical controls, and stage-2 faults on its walks. */
#include "realm_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TABLES 0x1000000ull
#define DATA   0x2000000ull /* IPA of a page of data */
#define VA     0x7654321000ull

#define SCTLR_MMU (FIX_SCTLR | 1)
#define WXN       (1ull << 19)
#define PAN       (1ull << 22)

struct stage1_world {
    struct fixture f;
    struct s1_tables t;
    struct pe *p;
    uint64_t data_pa;
};

static int setup(void **state)
{
    struct stage1_world *w = calloc(1, sizeof(*w));
    *state = w;
    if (!w || fix_new(&w->f))
        return -1;
    fix_s1_new(&w->t, &w->f, TABLES);
    w->data_pa = fix_map(&w->f, DATA, S2_RAM);
    w->p = &w->f.m->pe[0];
    w->p->r.sys[SR_TTBR0_EL1] = w->t.root;
    w->p->r.sys[SR_TTBR1_EL1] = w->t.root;
    w->p->r.sys[SR_TCR_EL1] = FIX_TCR;
    w->p->r.sys[SR_MAIR_EL1] = 0xff; /* attribute 0 Normal, 1 Device */
    w->p->r.sys[SR_SCTLR_EL1] = SCTLR_MMU;
    return 0;
}

static int teardown(void **state)
{
    struct stage1_world *w = *state;
    fix_free(&w->f);
    free(w);
    return 0;
}

static bool translate(struct stage1_world *w, unsigned el, uint64_t va, enum access_kind kind,
                      struct mmu_result *r, struct mmu_fault *e)
{
    return mmu_translate(w->f.m, 0, el, va, kind, r, e);
}

/* Bits of what is allowed: read, write, fetch at EL1, then at EL0. */
enum { R1 = 1, W1 = 2, X1 = 4, R0 = 8, W0 = 16, X0 = 32 };

static unsigned allowed(struct stage1_world *w, uint64_t va)
{
    unsigned got = 0;
    for (unsigned el = 0; el < 2; el++)
        for (unsigned k = 0; k < 3; k++) {
            struct mmu_result r;
            struct mmu_fault e;
            if (translate(w, el, va, (enum access_kind)k, &r, &e)) {
                got |= 1u << (k + (el ? 0 : 3));
                continue;
            }
            assert_int_equal(e.kind, MMU_PERMISSION);
            assert_int_equal(e.stage, 1);
            assert_int_equal(e.level, 3);
            assert_int_equal(mmu_fault_target_el(&e), 1);
        }
    return got;
}

static void test_permissions(void **state)
{
    static const struct {
        uint64_t desc;
        uint64_t sctlr, pstate;
        unsigned want;
    } row[] = {
        {0, 0, 0, R1 | W1 | X1 | X0},
        {S1_RO, 0, 0, R1 | X1 | X0},
        {S1_EL0, 0, 0, R1 | W1 | R0 | W0 | X0}, /* EL0 may write: EL1 does not execute */
        {S1_EL0 | S1_RO, 0, 0, R1 | X1 | R0 | X0},
        {S1_UXN, 0, 0, R1 | W1 | X1},
        {S1_PXN, 0, 0, R1 | W1 | X0},
        {S1_EL0 | S1_RO | S1_PXN | S1_UXN, 0, 0, R1 | R0},
        {0, WXN, 0, R1 | W1 | X0},
        {S1_EL0, WXN, 0, R1 | W1 | R0 | W0},
        {S1_RO, WXN, 0, R1 | X1 | X0},
        {S1_EL0, 0, PAN, R0 | W0 | X0},
        {0, 0, PAN, R1 | W1 | X1 | X0},
        {S1_EL0 | S1_RO, 0, PAN, X1 | R0 | X0},
    };
    struct stage1_world *w = *state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        uint64_t va = VA + i * GRANULE_SIZE;
        fix_s1_desc(&w->t, va, 3, DATA | S1_AF | row[i].desc | 3);
        w->p->r.sys[SR_SCTLR_EL1] = SCTLR_MMU | row[i].sctlr;
        w->p->r.pstate = 0x3c5 | row[i].pstate;
        assert_int_equal(allowed(w, va), row[i].want);
        assert_int_equal(allowed(w, va), row[i].want); /* and from the TLB */
    }
}

/* APTable, UXNTable and PXNTable of the tables above, and TCR_EL1.HPD0 which turns them off. */
static void test_hierarchical(void **state)
{
    static const struct {
        uint64_t table;
        unsigned want;
    } row[] = {
        {1ull << 61, R1 | W1 | X1 | X0},      /* no access at EL0 */
        {1ull << 62, R1 | X1 | R0 | X0},      /* read-only */
        {1ull << 60, R1 | W1 | R0 | W0},      /* UXN */
        {1ull << 59, R1 | W1 | R0 | W0 | X0}, /* PXN */
    };
    struct stage1_world *w = *state;
    for (unsigned hpd = 0; hpd < 2; hpd++)
        for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
            uint64_t va = (uint64_t)(i + 1) << 30;
            fix_s1_desc(&w->t, va, 3, DATA | S1_AF | S1_EL0 | 3);
            uint64_t at = fix_pa(&w->f, w->t.root + 8 * (va >> 30));
            uint64_t table = mem_read64(w->f.m, at) & 0x0000FFFFFFFFFFFFull;
            fix_write(&w->f, at, table | row[i].table);
            w->p->r.sys[SR_TCR_EL1] = FIX_TCR | (hpd ? 1ull << 41 : 0);
            tlb_clear(w->p->tlb);
            assert_int_equal(allowed(w, va), hpd ? (R1 | W1 | R0 | W0 | X0) : row[i].want);
        }
}

/* Faults, with the ESR that EL1 takes for a read at EL1 (EC 0x25) or at EL0 (EC 0x24). */
static void test_faults(void **state)
{
    static const struct {
        uint64_t va;
        int level;
        uint64_t desc;
        unsigned fsc;
    } row[] = {
        {1ull << 30, 1, 0, 0x05},
        {2ull << 30, 2, 0, 0x06},
        {3ull << 30, 3, 0, 0x07},
        {4ull << 30, 3, DATA | S1_AF | 1, 0x07},
        {5ull << 30, 3, DATA | 3, 0x0B},
        {6ull << 30, 2, DATA | 1, 0x0A},
        {7ull << 30, 3, 1ull << 40 | S1_AF | 3, 0x03}, /* beyond TCR_EL1.IPS */
        {8ull << 30, 1, 1ull << 40 | 3, 0x01},
        {1ull << 39, 0, 0, 0x04},            /* neither half */
        {0x00ffffff00000000ull, 0, 0, 0x04}, /* TBI off */
        {0xffffff7f00000000ull, 0, 0, 0x04},
    };
    struct stage1_world *w = *state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct mmu_result r;
        struct mmu_fault e;
        if (row[i].level)
            fix_s1_desc(&w->t, row[i].va, row[i].level, row[i].desc);
        assert_false(translate(w, 1, row[i].va, ACCESS_READ, &r, &e));
        assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 1, ESR_ISV), 0x96000000 | row[i].fsc);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_FETCH, 0, 1, 0), 0x82000000 | row[i].fsc);
        assert_int_equal(e.va, row[i].va);
    }
}

static void test_halves_tbi_epd(void **state)
{
    struct stage1_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    const uint64_t high = 0xffffff8000000000ull | VA;
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    assert_true(translate(w, 1, high + 8, ACCESS_READ, &r, &e));
    assert_int_equal(r.pa, w->data_pa + 8);
    assert_false(translate(w, 1, 0x5a00000000000000ull | VA, ACCESS_READ, &r, &e));
    w->p->r.sys[SR_TCR_EL1] = FIX_TCR | 3ull << 37; /* TBI0, TBI1 */
    assert_true(translate(w, 1, 0x5a00000000000000ull | VA, ACCESS_READ, &r, &e));
    assert_true(translate(w, 1, (high & ~(0xffull << 56)) | 0x33ull << 56, ACCESS_READ, &r, &e));
    w->p->r.sys[SR_TCR_EL1] |= 1ull << 51; /* TBID0: not for fetches */
    tlb_clear(w->p->tlb);
    assert_false(translate(w, 1, 0x5a00000000000000ull | VA, ACCESS_FETCH, &r, &e));
    assert_true(translate(w, 1, 0x5a00000000000000ull | VA, ACCESS_READ, &r, &e));
    w->p->r.sys[SR_TCR_EL1] = FIX_TCR | 1ull << 7; /* EPD0 */
    tlb_clear(w->p->tlb);
    assert_false(translate(w, 1, VA, ACCESS_READ, &r, &e));
    assert_int_equal(e.level, 0);
    assert_true(translate(w, 1, high, ACCESS_READ, &r, &e));
}

/* The level of the walk that first reaches a limit below what TCR_EL1.IPS allows; nothing is cached by VA. */
static void test_level_of_limit(void **state)
{
    struct stage1_world *w = *state;
    const uint64_t limit = 1ull << 33;
    const struct {
        uint64_t va, desc;
        int level;
        bool found;
    } row[] = {
        {1ull << 30, limit | S1_AF | 1, 1, true},
        {2ull << 30, limit | 3, 1, true},
        {3ull << 30, (limit + 0x200000) | S1_AF | 1, 2, true},
        {4ull << 30, limit | S1_AF | 3, 3, true},
        {5ull << 30, (limit - 0x1000) | S1_AF | 3, 3, false},
        {6ull << 30, limit, 3, false}, /* invalid */
    };
    int level = -1;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        fix_s1_desc(&w->t, row[i].va, row[i].level, row[i].desc);
        level = -1;
        assert_int_equal(mmu_s1_level(w->f.m, 0, row[i].va, ACCESS_READ, limit, &level),
                         row[i].found);
        assert_int_equal(level, row[i].found ? row[i].level : -1);
    }
    w->p->r.sys[SR_TTBR1_EL1] = limit;
    assert_true(mmu_s1_level(w->f.m, 0, 0xffffff8000000000ull, ACCESS_FETCH, limit, &level));
    assert_int_equal(level, 0);
    assert_int_equal(tlb_count_s1(w->p->tlb), 0);
}

/* MMU off: VA is IPA; what the PE cannot output is a stage-1 Address size fault of level 0. */
static void test_flat(void **state)
{
    struct stage1_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    w->p->r.sys[SR_SCTLR_EL1] = FIX_SCTLR;
    assert_true(translate(w, 1, DATA + 4, ACCESS_READ, &r, &e));
    assert_int_equal(r.pa, w->data_pa + 4);
    assert_false(translate(w, 1, 1ull << 40, ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_target_el(&e), 1);
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 1, 0), 0x96000000);
    assert_false(translate(w, 1, 1ull << 39, ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_target_el(&e), 2);
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0), 0x92000004);
}

/* A stage-2 fault on a table access is S1PTW, names the IPA of the descriptor, and carries no instruction syndrome. */
static void test_s1ptw(void **state)
{
    struct stage1_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    uint64_t l1_at = w->t.root + 8 * (VA >> 30);
    uint64_t l2 = mem_read64(w->f.m, fix_pa(&w->f, l1_at)) & 0xFFFFFFFFF000;
    uint64_t l2_at = l2 + 8 * ((VA >> 21) & 511);
    uint64_t l3 = mem_read64(w->f.m, fix_pa(&w->f, l2_at)) & 0xFFFFFFFFF000;
    uint64_t l3_at = l3 + 8 * ((VA >> 12) & 511);
    const struct {
        uint64_t at, desc;
        unsigned fsc;
    } row[] = {
        {l1_at, 0, 0x07},
        {l2_at, 0, 0x07},
        {l3_at, 0, 0x07},
        {l3_at, S2_AF | S2_NORMAL | S2_W | 3, 0x0F}, /* not readable */
        {l3_at, S2_AF | S2_RW | 3, 0x0F},            /* Device, with HCR_EL2.PTW */
        {l3_at, S2_RAM | S2_NS | 3, 0x0F},           /* Non-secure memory */
        {l3_at, S2_RW | S2_NORMAL | 3, 0x0B},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        uint64_t page = align_down(row[i].at, GRANULE_SIZE), pa_was = fix_pa(&w->f, page);
        uint64_t out = row[i].desc & S2_NS ? w->f.m->mem.base + 0x200000 : pa_was;
        fix_s2_desc(&w->f, page, 3, row[i].desc ? row[i].desc | out : 0);
        tlb_clear(w->p->tlb);
        assert_false(translate(w, 1, VA + 0x10, ACCESS_WRITE, &r, &e));
        assert_true(e.s1ptw);
        assert_int_equal(mmu_fault_target_el(&e), 2);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_WRITE, 1, 2, ESR_ISV), 0x920000c0 | row[i].fsc);
        assert_int_equal(mmu_fault_hpfar(&e), page >> 12 << 4);
        assert_int_equal(e.va, VA + 0x10);
        fix_s2_desc(&w->f, page, 3, pa_was | S2_RAM | 3);
        tlb_clear(w->p->tlb);
        assert_true(translate(w, 1, VA + 0x10, ACCESS_WRITE, &r, &e));
    }
}

/* GPF on a stage-1 table access: the level is that of stage 1. */
static void test_gpf_on_walk(void **state)
{
    struct stage1_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    uint64_t root_pa = fix_pa(&w->f, w->t.root);
    gpt_set(w->f.m, 0, root_pa, GPI_ROOT);
    tlb_clear(w->p->tlb);
    assert_false(translate(w, 1, VA, ACCESS_READ, &r, &e));
    assert_int_equal(e.kind, MMU_GPF);
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 1, 0), 0x96000025);
    assert_int_equal(mmu_fault_target_el(&e), 1);
    w->p->hcr_el2 |= 1ull << 48; /* HCR_EL2.GPF */
    tlb_clear(w->p->tlb);
    assert_false(translate(w, 1, VA, ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_target_el(&e), 2);
}

/* Stage 1 is asked first; a permission of stage 2 that is missing goes to EL2. */
static void test_both_stages(void **state)
{
    struct stage1_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    fix_s2_desc(&w->f, DATA, 3, w->data_pa | S2_AF | S2_NORMAL | S2_R | S2_XN | 3);
    tlb_clear(w->p->tlb);
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    fix_s1_desc(&w->t, VA + 0x1000, 3, DATA | S1_AF | S1_RO | S1_PXN | 3);
    for (unsigned cached = 0; cached < 2; cached++) {
        assert_true(translate(w, 1, VA, ACCESS_READ, &r, &e));
        assert_int_equal(r.perm, MMU_R);
        assert_false(translate(w, 1, VA + 8, ACCESS_WRITE, &r, &e));
        assert_int_equal(mmu_fault_esr(&e, ACCESS_WRITE, 1, 2, ESR_ISV), 0x9300004f);
        assert_int_equal(mmu_fault_hpfar(&e), DATA >> 12 << 4);
        assert_false(translate(w, 1, VA, ACCESS_FETCH, &r, &e));
        assert_int_equal(mmu_fault_target_el(&e), 2);
        assert_false(translate(w, 1, VA + 0x1000, ACCESS_WRITE, &r, &e));
        assert_int_equal(mmu_fault_target_el(&e), 1);
        assert_false(translate(w, 1, VA + 0x1000, ACCESS_FETCH, &r, &e));
        assert_int_equal(mmu_fault_target_el(&e), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hierarchical, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_halves_tbi_epd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flat, setup, teardown),
        cmocka_unit_test_setup_teardown(test_level_of_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_s1ptw, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gpf_on_walk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_both_stages, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
