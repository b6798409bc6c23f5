/* SPDX-License-Identifier: BSD-3-Clause */
/* Stage 2: permissions, faults and their syndromes, start level and concatenation, GPC, against DDI0487 D8. */
#include "realm_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define IPA   0x40000000ull
#define BLOCK 0x80200000ull

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    return f ? fix_new(f) : -1;
}

static int teardown(void **state)
{
    fix_free(*state);
    free(*state);
    return 0;
}

static bool translate(struct fixture *f, uint64_t a, enum access_kind kind, struct mmu_result *r,
                      struct mmu_fault *e)
{
    return mmu_s2_translate(f->m, 0, ipa(a), kind, r, e);
}

/* Rows: attributes of a page; columns: read, write, fetch. R_YMCSL: nothing Non-secure is executable. */
static void test_permissions(void **state)
{
    static const struct {
        uint64_t attr;
        bool ok[3];
    } row[] = {
        {S2_AF | S2_NORMAL, {false, false, true}},
        {S2_AF | S2_NORMAL | S2_R, {true, false, true}},
        {S2_AF | S2_NORMAL | S2_W, {false, true, true}},
        {S2_AF | S2_NORMAL | S2_RW, {true, true, true}},
        {S2_AF | S2_NORMAL | S2_RW | S2_XN, {true, true, false}},
        {S2_AF | S2_NORMAL | S2_RW | 1ull << 53, {true, true, false}}, /* XNX: not at EL1 */
        {S2_AF | S2_NORMAL | S2_RW | 3ull << 53, {true, true, true}},  /* XNX: not at EL0 */
        {S2_AF | S2_RW, {true, true, true}},                           /* Device */
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        uint64_t page = IPA + i * GRANULE_SIZE, a = fix_map(f, page, row[i].attr);
        for (unsigned k = 0; k < 3; k++) {
            struct mmu_result r;
            struct mmu_fault e;
            assert_int_equal(translate(f, page + 0x123, (enum access_kind)k, &r, &e), row[i].ok[k]);
            if (row[i].ok[k]) {
                assert_int_equal(r.pa, a + 0x123);
                assert_int_equal(r.pas, PAS_REALM);
                continue;
            }
            assert_int_equal(e.kind, MMU_PERMISSION);
            assert_int_equal(e.stage, 2);
            assert_int_equal(e.level, 3);
            assert_int_equal(mmu_fault_target_el(&e), 2);
        }
    }
}

static void test_ns_output(void **state)
{
    struct fixture *f = *state;
    uint64_t ns = f->m->mem.base + 0x100000;
    struct mmu_result r;
    struct mmu_fault e;
    fix_s2_desc(f, IPA, 3, ns | S2_RAM | S2_NS | 3);
    assert_true(translate(f, IPA, ACCESS_WRITE, &r, &e));
    assert_int_equal(r.pas, PAS_NS);
    assert_false(translate(f, IPA, ACCESS_FETCH, &r, &e));
    assert_int_equal(e.kind, MMU_PERMISSION);
}

/* A fault at each level, with the syndrome for a data abort from EL1 (level in FSC[1:0]). */
static void test_faults_by_level(void **state)
{
    struct fixture *f = *state;
    const uint64_t pa_above = 1ull << 40, granule = fix_granule(f);
    struct {
        uint64_t ipa;
        int level;
        uint64_t desc;
        enum mmu_fault_kind kind;
        unsigned fsc;
    } row[] = {
        {1ull << 30, 1, 0, MMU_TRANSLATION, 0x05},
        {2ull << 30, 2, 0, MMU_TRANSLATION, 0x06},
        {3ull << 30, 3, 0, MMU_TRANSLATION, 0x07},
        {4ull << 30, 3, granule | S2_RAM | 1, MMU_TRANSLATION, 0x07}, /* a page needs bit 1 */
        {5ull << 30, 1, pa_above | 3, MMU_ADDRESS_SIZE, 0x01},        /* next-level table */
        {6ull << 30, 2, pa_above | S2_RAM | 1, MMU_ADDRESS_SIZE, 0x02},
        {7ull << 30, 3, pa_above | S2_RAM | 3, MMU_ADDRESS_SIZE, 0x03},
        {8ull << 30, 1, 0x80000000 | S2_RW | S2_NORMAL | 1, MMU_ACCESS_FLAG, 0x09},
        {9ull << 30, 2, 0x80000000 | S2_RW | S2_NORMAL | 1, MMU_ACCESS_FLAG, 0x0A},
        {10ull << 30, 3, granule | S2_RW | S2_NORMAL | 3, MMU_ACCESS_FLAG, 0x0B},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct mmu_result r;
        struct mmu_fault e;
        fix_s2_desc(f, row[i].ipa, row[i].level, row[i].desc);
        assert_false(translate(f, row[i].ipa + 0x18, ACCESS_WRITE, &r, &e));
        assert_int_equal(e.kind, row[i].kind);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_WRITE, 1, 2, 0), 0x92000040 | row[i].fsc);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_FETCH, 0, 2, 0), 0x82000000 | row[i].fsc);
        assert_int_equal(mmu_fault_hpfar(&e), (row[i].ipa >> 12) << 4);
    }
}

/* IPA beyond T0SZ: level 0 of stage 2 (D8.1.8), whatever the tables hold. */
static void test_beyond_ipa_space(void **state)
{
    struct fixture *f = *state;
    struct mmu_result r;
    struct mmu_fault e;
    assert_false(translate(f, 1ull << 39, ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0), 0x92000004);
}

static void test_blocks(void **state)
{
    struct fixture *f = *state;
    uint64_t base = align_up(f->m->mem.base + 0x200000, 0x200000);
    struct mmu_result r;
    struct mmu_fault e;
    for (uint64_t a = 0; a < 0x200000; a += GRANULE_SIZE)
        gpt_set(f->m, 0, base + a, GPI_REALM);
    fix_s2_desc(f, BLOCK, 2, base | S2_RAM | 1);
    assert_true(translate(f, BLOCK + 0x123458, ACCESS_READ, &r, &e));
    assert_int_equal(r.pa, base + 0x123458);
    fix_s2_desc(f, 1ull << 30, 1, 0x80000000ull | S2_RAM | 1);
    assert_true(translate(f, (1ull << 30) + (base - 0x80000000ull) + 8, ACCESS_READ, &r, &e));
    assert_int_equal(r.pa, base + 8);
}

/*
 * Start level and T0SZ: which combinations are walked, and through how many concatenated tables (Tables D8-21 to
 * D8-23). PA size 40 bits: a start at level 0 is not valid (S2InvalidSL).
 */
static void test_start_level(void **state)
{
    static const struct {
        unsigned t0sz, sl0; /* SL0: 0 level 2, 1 level 1, 2 level 0 */
        bool valid;
        unsigned tables;
    } row[] = {
        {24, 1, true, 2}, {25, 1, true, 1},  {33, 1, true, 1},  {34, 1, false, 0},
        {32, 0, true, 4}, {33, 0, true, 2},  {30, 0, true, 16}, {29, 0, false, 0},
        {39, 0, true, 1}, {24, 2, false, 0}, {23, 1, false, 0}, /* more than the PA size */
    };
    struct fixture *f = *state;
    uint64_t root = align_up(f->next, 16 * GRANULE_SIZE);
    for (unsigned i = 0; i < 16; i++)
        gpt_set(f->m, 0, root + i * GRANULE_SIZE, GPI_REALM);
    f->next = root + 16 * GRANULE_SIZE;
    uint64_t data = fix_granule(f);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct pe *p = &f->m->pe[0];
        struct mmu_result r;
        struct mmu_fault e;
        unsigned start = 2 - row[i].sl0, shift = 12 + 9 * (3 - start);
        /* The last entry of the last table: a block at level 1 or 2. */
        uint64_t last = ((uint64_t)row[i].tables << 9) - 1;
        p->vttbr_el2 = root | (uint64_t)(i + 2) << 48;
        p->vtcr_el2 = row[i].t0sz | (uint64_t)row[i].sl0 << 6 | 2 << 16;
        if (!row[i].valid) {
            assert_false(translate(f, 0, ACCESS_READ, &r, &e));
            assert_int_equal(e.kind, MMU_TRANSLATION);
            assert_int_equal(e.level, 0);
            continue;
        }
        if (row[i].tables == 1)
            last = (1ull << (64 - row[i].t0sz - shift)) - 1;
        uint64_t block = align_down(data, 1ull << shift);
        fix_write(f, root + last * 8, block | S2_RAM | 1);
        assert_true(translate(f, (last << shift) + (data - block), ACCESS_READ, &r, &e));
        assert_int_equal(r.pa, data);
        fix_write(f, root + last * 8, 0);
    }
}

/* GPC on every table access and on the result; syndrome and level of each (D24.2.45, 0x23 to 0x28). */
static void test_gpc(void **state)
{
    struct fixture *f = *state;
    struct mmu_result r;
    struct mmu_fault e;
    uint64_t a = fix_map(f, IPA, S2_RAM);
    uint64_t l2 = mem_read64(f->m, f->root + 8 * (IPA >> 30)) & 0xFFFFFFFFF000;
    uint64_t l3 = mem_read64(f->m, l2) & 0xFFFFFFFFF000;
    const struct {
        uint64_t granule;
        unsigned fsc;
    } row[] = {{f->root, 0x25}, {l2, 0x26}, {l3, 0x27}, {a, 0x28}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gpt_set(f->m, 0, row[i].granule, GPI_NS);
        assert_false(translate(f, IPA + 8, ACCESS_READ, &r, &e));
        assert_int_equal(e.kind, MMU_GPF);
        /* Of the access itself: the Realm's own, unless HCR_EL2.GPF is 1. */
        assert_int_equal(mmu_fault_target_el(&e), i == 3 ? 1 : 2);
        e.gpf_el2 = true;
        assert_int_equal(mmu_fault_target_el(&e), 2);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, ESR_ISV) & 0x3f, row[i].fsc);
        /* The instruction syndrome is for the access itself only. */
        assert_int_equal(!!(mmu_fault_esr(&e, ACCESS_READ, 1, 2, ESR_ISV) & ESR_ISV), i == 3);
        gpt_set(f->m, 0, row[i].granule, GPI_REALM);
    }
    assert_true(translate(f, IPA + 8, ACCESS_READ, &r, &e));
}

static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    struct mmu_result r;
    struct mmu_fault e;
    fix_s2_desc(f, IPA, 3, 0x1000 | S2_RAM | S2_NS | 3);
    if (gpt_check(f->m, PAS_NS, 0x1000).fault == GPC_OK) {
        assert_false(translate(f, IPA, ACCESS_READ, &r, &e));
        assert_int_equal(e.kind, MMU_EXTERNAL);
        assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, ESR_ISV), 0x92000010);
    }
}

/* --- 52-bit addresses: VTCR_EL2.DS (FEAT_LPA2) --- */

#define DS       (1ull << 32)
#define SL2      (1ull << 33)
#define PS_48    (5ull << 16)
#define PS_52    (6ull << 16)
#define FAR_BASE 0x9000080000000ull /* bits 51 and 48 */

static int setup_lpa2(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct impl impl;
    *state = f;
    impl_default(&impl);
    impl.lpa2 = true;
    impl.pa_bits = impl.s2sz = 52;
    impl.dram = (struct impl_range){FAR_BASE, 16ull << 20};
    impl.root_size = gpt_size_needed(&impl);
    impl_fill_banks(&impl);
    return f ? fix_new_with(f, &impl) : -1;
}

/* D8.3.1: OA[49:12] in place, OA[51:50] at bits 9:8. */
static uint64_t lpa2_desc(uint64_t pa)
{
    return (pa & 0x3FFFFFFFFF000) | (pa >> 50 & 3) << 8;
}

static void lpa2_controls(struct fixture *f, uint64_t vtcr, uint64_t root, unsigned vmid)
{
    struct pe *p = &f->m->pe[0];
    p->vtcr_el2 = vtcr;
    p->vttbr_el2 = (uint64_t)vmid << 48 | (root & 0xFFFFFFFFFFFF) | (root >> 48 & 0xf) << 2;
}

/* Start level, width and PS of a walk through two tables, in memory above 2^51, to an entry that is not there. */
static void test_lpa2_config(void **state)
{
    static const struct {
        uint64_t vtcr;
        unsigned t0sz, sl0;
        unsigned fsc; /* of a read of IPA 0 */
    } row[] = {
        {DS | SL2 | PS_52, 12, 0, 0x05}, /* walked from level -1 */
        {DS | SL2 | PS_52, 15, 0, 0x05},
        {DS | SL2 | PS_52, 16, 0, 0x04}, /* 48 bits are too few for level -1 */
        {DS | SL2 | PS_52, 12, 1, 0x04}, /* SL2:SL0 0b101 and 0b110 are reserved */
        {DS | SL2 | PS_52, 12, 2, 0x04},
        {DS | PS_52, 12, 2, 0x06}, /* level 0, 16 tables */
        {DS | PS_52, 16, 2, 0x06},
        {PS_52, 16, 2, 0x14},            /* no DS: a base above 48 bits cannot be said */
        {SL2 | PS_52, 12, 0, 0x04},      /* no DS: SL2 is RES0, and 52 bits are too many */
        {DS | SL2 | PS_48, 12, 0, 0x00}, /* the base is beyond PS */
    };
    struct fixture *f = *state;
    uint64_t root = align_up(f->next, 16 * GRANULE_SIZE);
    for (unsigned i = 0; i < 16; i++)
        gpt_set(f->m, 0, root + i * GRANULE_SIZE, GPI_REALM);
    f->next = root + 16 * GRANULE_SIZE;
    uint64_t next = fix_granule(f);
    fix_write(f, root, lpa2_desc(next) | 3);
    fix_write(f, next, lpa2_desc(fix_granule(f)) | 3);
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct mmu_result r;
        struct mmu_fault e;
        lpa2_controls(f, row[i].vtcr | row[i].t0sz | (uint64_t)row[i].sl0 << 6, root, i + 2);
        assert_false(translate(f, 0, ACCESS_READ, &r, &e));
        assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0) & 0x3f, row[i].fsc);
    }
}

/* A walk through five levels, and the fault of each. */
static void test_lpa2_walk(void **state)
{
    static const uint64_t step[5] = {1ull << 48, 1ull << 39, 1ull << 30, 1ull << 21, 1ull << 12};
    struct fixture *f = *state;
    struct mmu_result r;
    struct mmu_fault e;
    uint64_t table = f->root, at[5], page;
    lpa2_controls(f, DS | SL2 | PS_52 | 12, f->root, 2);
    for (int level = -1; level <= 3; level++) {
        uint64_t next = fix_granule(f);
        at[level + 1] = table + 8;
        assert_false(translate(f, 0x1008040201000, ACCESS_READ, &r, &e));
        assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0) & 0x3f,
                         level < 0 ? 0x2b : 0x04 + level);
        assert_int_equal(mmu_fault_hpfar(&e), 0x10080402010);
        fix_write(f, table + 8, lpa2_desc(next) | (level == 3 ? S2_RAM : 0) | 3);
        table = next;
    }
    page = table;
    assert_true(translate(f, 0x1008040201238, ACCESS_WRITE, &r, &e));
    assert_int_equal(r.pa, page + 0x238);
    assert_true(page >= 1ull << 51);
    /* A block of 512 GB exists with DS only; the one here begins below the memory. */
    tlbi_vmid(f->m, 0, 2);
    fix_write(f, at[1], lpa2_desc(align_down(page, 1ull << 39)) | S2_RAM | 1);
    assert_true(translate(f, step[0] + step[1] + (page & (step[1] - 1)), ACCESS_READ, &r, &e));
    assert_int_equal(r.pa, page);
    /* Level -1: no block, and an output beyond PS. */
    tlbi_vmid(f->m, 0, 2);
    fix_write(f, at[0], S2_RAM | 1);
    assert_false(translate(f, step[0], ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0) & 0x3f, 0x2b);
    gpt_set(f->m, 0, f->root, GPI_NS);
    assert_false(translate(f, step[0], ACCESS_READ, &r, &e));
    assert_int_equal(mmu_fault_esr(&e, ACCESS_READ, 1, 2, 0) & 0x3f, 0x23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ns_output, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults_by_level, setup, teardown),
        cmocka_unit_test_setup_teardown(test_beyond_ipa_space, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_start_level, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gpc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lpa2_config, setup_lpa2, teardown),
        cmocka_unit_test_setup_teardown(test_lpa2_walk, setup_lpa2, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
