/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host's regimes: granules and start levels, permissions, faults and who takes them, devices, access flag and dirty
 * state, TLB maintenance, AT.
 */
#include "host_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAIR     0x00ffull /* attribute 0 Normal, 1 Device */
#define UART     0x09000000ull
#define SECURE   0x0E000000ull
#define NOTHING  0x30000000ull
#define VA       0x12345000ull
#define PAN      (1ull << 22)
#define VHE      (HCR_E2H_BIT | HCR_TGE_BIT)
/* 4 KB, 39 bits, 40 bits of output. */
#define TCR_EL2_FLAT (25ull | 2ull << 16)
#define TCR_VHE      (25ull | 25ull << 16 | 2ull << 30 | 2ull << 32)
#define VTCR_39      (25ull | 1ull << 6 | 2ull << 16)

struct setting {
    struct host h;
    struct tables s1, s2;
};

static int setup(void **state)
{
    struct setting *w = calloc(1, sizeof(*w));
    *state = w;
    if (!w || host_new(&w->h, 40))
        return -1;
    w->s1 = (struct tables){.h = &w->h, .page = 12, .start = 1, .root = host_table(&w->h, 0x1000)};
    w->s2 = (struct tables){.h = &w->h, .page = 12, .start = 1, .root = host_table(&w->h, 0x1000)};
    w->h.el2[HS_MAIR_EL2] = w->h.el1[SR_MAIR_EL1] = MAIR;
    w->h.el2[HS_TTBR0_EL2] = w->h.el2[HS_TTBR1_EL2] = w->s1.root;
    w->h.el1[SR_TTBR0_EL1] = w->h.el1[SR_TTBR1_EL1] = w->s1.root;
    w->h.el1[SR_TCR_EL1] = TCR_VHE;
    w->h.el2[HS_VTCR_EL2] = VTCR_39;
    w->h.el2[HS_VTTBR_EL2] = w->s2.root | 7ull << 48;
    return 0;
}

static int teardown(void **state)
{
    struct setting *w = *state;
    host_free(&w->h);
    free(w);
    return 0;
}

static void at_el2(struct setting *w, uint64_t hcr)
{
    w->h.el2[HS_HCR_EL2] = hcr;
    w->h.el2[HS_TCR_EL2] = hcr & HCR_E2H_BIT ? TCR_VHE : TCR_EL2_FLAT;
    w->h.el2[HS_SCTLR_EL2] = SCTLR_M;
    host_at(&w->h, 2);
}

/* EL1 with both stages, stage 2 mapping TABLES and DATA as they are. */
static void at_el1(struct setting *w, uint64_t hcr)
{
    w->h.el2[HS_HCR_EL2] = HCR_VM | hcr;
    w->h.el1[SR_SCTLR_EL1] = SCTLR_M;
    for (uint64_t a = TABLES; a < DATA + 0x200000; a += 0x200000)
        tables_map(&w->s2, a, 2, a, DESC_AF | S2_R | S2_W | S2_WB);
    host_at(&w->h, 1);
}

static bool reach(struct setting *w, unsigned el, uint64_t va, enum access_kind kind)
{
    struct mmu_result r;
    struct mmu_fault f;
    return host_reach(&w->h, el, va, kind, &r, &f);
}

static uint64_t pa_of(struct setting *w, unsigned el, uint64_t va)
{
    struct mmu_result r;
    struct mmu_fault f;
    return host_reach(&w->h, el, va, ACCESS_READ, &r, &f) ? r.pa : 0;
}

/* ESR of the fault, as the EL that takes it finds it; the EL in *to. 0: no fault. */
static uint64_t esr_of(struct setting *w, unsigned el, uint64_t va, enum access_kind kind,
                       unsigned *to)
{
    struct mmu_result r;
    struct mmu_fault f;
    unsigned from = (unsigned)(w->h.p->r.pstate >> 2) & 3;
    *to = 0;
    if (host_reach(&w->h, el, va, kind, &r, &f))
        return 0;
    *to = mmu_fault_target_el(&f);
    return mmu_fault_esr(&f, kind, from, *to, 1ull << 24);
}

/* Every granule from every level on: first and last page of the input range, a page and each block; one bit more faults. */
static void test_granules(void **state)
{
    static const struct {
        unsigned page, tg0, tsz, in;
        int start;
    } row[] = {
        {12, 0, 16, 48, 0}, {12, 0, 25, 39, 1}, {12, 0, 34, 30, 2}, {12, 0, 43, 21, 3},
        {12, 0, 24, 40, 0}, {14, 2, 17, 47, 1}, {14, 2, 16, 48, 0}, {14, 2, 28, 36, 2},
        {14, 2, 39, 25, 3}, {16, 1, 16, 48, 1}, {16, 1, 22, 42, 2}, {16, 1, 35, 29, 3},
        {12, 0, 48, 16, 3}, {16, 1, 47, 17, 3},
    };
    struct setting *w = *state;
    for (size_t i = 0; i < COUNT(row); i++) {
        at_el2(w, 0);
        w->h.next = align_up(w->h.next, 0x10000);
        struct tables t = {.h = &w->h, .page = row[i].page, .start = row[i].start};
        t.root = host_table(&w->h, 0x10000);
        w->h.el2[HS_TTBR0_EL2] = t.root;
        w->h.el2[HS_TCR_EL2] = row[i].tsz | row[i].tg0 << 14 | 2ull << 16;
        uint64_t last = (1ull << row[i].in) - (1ull << row[i].page);
        tlb_clear(w->h.p->tlb);
        tables_map(&t, last, 3, DATA + 0x10000, DESC_AF);
        assert_int_equal(pa_of(w, 2, last + 0x3458 % (1u << row[i].page)),
                         DATA + 0x10000 + 0x3458 % (1u << row[i].page));
        assert_false(reach(w, 2, last + (1ull << row[i].in), ACCESS_READ));
        assert_false(reach(w, 2, 0, ACCESS_READ));
        for (int level = row[i].start > 1    ? row[i].start
                         : row[i].page == 12 ? 1
                                             : 2;
             level < 3; level++) {
            uint64_t size = 1ull << level_shift(row[i].page, level);
            uint64_t va = size * (1 + (uint64_t)level);
            if (va + size > 1ull << row[i].in)
                continue;
            uint64_t at = tables_map(&t, va, level, align_down(DATA, size), DESC_AF);
            assert_int_equal(pa_of(w, 2, va + DATA % size + 0x1238), DATA + 0x1238);
            host_write(&w->h, at, 0);
        }
    }
}

enum { R2 = 1, W2 = 2, X2 = 4, R0 = 8, W0 = 16, X0 = 32 };
static unsigned allowed(struct setting *w, unsigned el, uint64_t va)
{
    unsigned got = 0;
    for (unsigned k = 0; k < 3; k++) {
        got |= reach(w, el, va, (enum access_kind)k) ? 1u << k : 0;
        got |= reach(w, 0, va, (enum access_kind)k) ? 8u << k : 0;
    }
    return got;
}

/* One EL: AP[1], PXN and PAN mean nothing, XN is bit 54. With E2H it is as at EL1. EL0 of the last column has TGE. */
static void test_permissions(void **state)
{
    static const struct {
        uint64_t desc, sctlr, pstate;
        unsigned el2, el20;
    } row[] = {
        {0, 0, 0, R2 | W2 | X2, R2 | W2 | X2 | X0},
        {DESC_RO, 0, 0, R2 | X2, R2 | X2 | X0},
        {DESC_EL0, 0, 0, R2 | W2 | X2, R2 | W2 | R0 | W0 | X0},
        {DESC_EL0 | DESC_RO, 0, PAN, R2 | X2, X2 | R0 | X0},
        {DESC_EL0, 0, PAN, R2 | W2 | X2, R0 | W0 | X0},
        {DESC_PXN, 0, 0, R2 | W2 | X2, R2 | W2 | X0},
        {DESC_UXN, 0, 0, R2 | W2, R2 | W2 | X2},
        {0, 1ull << 19, 0, R2 | W2, R2 | W2 | X0},
        {DESC_RO, 1ull << 19, 0, R2 | X2, R2 | X2 | X0},
    };
    struct setting *w = *state;
    for (size_t i = 0; i < COUNT(row); i++)
        for (unsigned vhe = 0; vhe < 2; vhe++) {
            at_el2(w, vhe ? VHE : 0);
            w->h.el2[HS_SCTLR_EL2] = SCTLR_M | row[i].sctlr;
            w->h.p->r.pstate = EL2H | row[i].pstate;
            tlb_clear(w->h.p->tlb);
            tables_map(&w->s1, VA, 3, DATA, DESC_AF | row[i].desc);
            for (unsigned again = 0; again < 2; again++) {
                unsigned got = allowed(w, 2, VA);
                assert_int_equal(vhe ? got : got & 7, vhe ? row[i].el20 : row[i].el2);
            }
        }
}

/* FSC, and EC 0x25 or 0x21 from EL2 to itself; no instruction syndrome. */
static void test_faults_of_el2(void **state)
{
    static const struct {
        uint64_t va, desc;
        int level;
        unsigned fsc;
    } row[] = {
        {1ull << 39, 0, 0, 0x04},
        {0x0100000000000000ull | VA, DATA | DESC_AF | 3, 3, 0x04},
        {1ull << 30, 0, 1, 0x05},
        {2ull << 30, 0, 2, 0x06},
        {3ull << 30, DATA | DESC_AF | 1, 3, 0x07},
        {4ull << 30, DATA | 3, 3, 0x0b},
        {5ull << 30, DATA | 1, 2, 0x0a},
        {6ull << 30, 1ull << 40 | DESC_AF | 3, 3, 0x03},
        {7ull << 30, 1ull << 40 | 3, 1, 0x01},
        {8ull << 30, NOTHING | 3, 2, 0x17},
        {9ull << 30, UART | 3, 2, 0x17},
        {10ull << 30, NOTHING | DESC_AF | 3, 3, 0x10},
        {11ull << 30, SECURE | DESC_AF | 3, 3, 0x10},
        {12ull << 30, 0x43800000 | DESC_AF | 3, 3, 0x28},
        {13ull << 30, 0x43800000 | 3, 2, 0x27},
    };
    struct setting *w = *state;
    unsigned to;
    at_el2(w, 0);
    for (size_t i = 0; i < COUNT(row); i++) {
        if (row[i].level)
            tables_set(&w->s1, row[i].va & ((1ull << 39) - 1), row[i].level, row[i].desc);
        assert_int_equal(esr_of(w, 2, row[i].va, ACCESS_READ, &to), 0x96000000 | row[i].fsc);
        assert_int_equal(to, 2);
        assert_int_equal(esr_of(w, 2, row[i].va, ACCESS_WRITE, &to), 0x96000040 | row[i].fsc);
        assert_int_equal(esr_of(w, 2, row[i].va, ACCESS_FETCH, &to), 0x86000000 | row[i].fsc);
    }
    w->h.el2[HS_TTBR0_EL2] = 1ull << 40;
    assert_int_equal(esr_of(w, 2, 14ull << 30, ACCESS_READ, &to), 0x96000000);
}

/* Address tags: TBI, and TBID for fetches, also of a page that the TLB has. */
static void test_tags(void **state)
{
    struct setting *w = *state;
    const uint64_t tagged = 0x5a00000000000000ull | VA;
    at_el2(w, 0);
    tables_map(&w->s1, VA, 3, DATA, DESC_AF);
    assert_true(reach(w, 2, VA, ACCESS_READ));
    assert_false(reach(w, 2, tagged, ACCESS_READ));
    w->h.el2[HS_TCR_EL2] |= 1ull << 20;
    assert_true(reach(w, 2, tagged, ACCESS_READ));
    assert_true(reach(w, 2, tagged, ACCESS_FETCH));
    w->h.el2[HS_TCR_EL2] |= 1ull << 29;
    assert_true(reach(w, 2, tagged, ACCESS_READ));
    assert_false(reach(w, 2, tagged, ACCESS_FETCH));
}

/* MMU off, devices and holes. */
static void test_flat(void **state)
{
    static const struct {
        uint64_t va;
        uint64_t esr;
        bool mmio;
    } row[] = {
        {DATA + 8, 0, false},
        {UART + 0x18, 0, true},
        {NOTHING, 0x96000010, false},
        {SECURE, 0x96000010, false},
        {0x43800000, 0x96000028, false},
        {(1ull << 40) - 8, 0x96000010, false},
        {1ull << 40, 0x96000000, false},
        {1ull << 56, 0x96000000, false},
    };
    struct setting *w = *state;
    struct mmu_result r;
    struct mmu_fault f;
    unsigned to;
    for (size_t i = 0; i < COUNT(row); i++) {
        assert_int_equal(esr_of(w, 2, row[i].va, ACCESS_READ, &to), row[i].esr);
        if (!row[i].esr) {
            assert_true(host_reach(&w->h, 2, row[i].va, ACCESS_READ, &r, &f));
            assert_int_equal(r.pa, row[i].va);
            assert_int_equal(r.mmio, row[i].mmio);
            assert_int_equal(r.pas, PAS_NS);
        }
    }
}

/* A granule that was delegated: the cached check is used until a TLBI by PA. */
static void test_gpf(void **state)
{
    static const struct {
        unsigned el; /* that runs */
        uint64_t hcr, esr;
        unsigned to;
    } row[] = {
        {2, 0, 0x96000028, 2},       {2, VHE, 0x96000028, 2}, {1, 0, 0x96000028, 1},
        {1, HCR_GPF, 0x92000028, 2}, {0, 0, 0x92000028, 1},   {0, HCR_TGE_BIT, 0x92000028, 2},
        {0, VHE, 0x92000028, 2},
    };
    struct setting *w = *state;
    unsigned to;
    for (size_t i = 0; i < COUNT(row); i++) {
        w->h.el2[HS_HCR_EL2] = row[i].hcr;
        host_at(&w->h, row[i].el);
        gpt_set(w->h.m, 0, DATA, GPI_NS);
        assert_true(reach(w, row[i].el, DATA, ACCESS_READ));
        gpt_set(w->h.m, 0, DATA, GPI_REALM);
        assert_true(reach(w, row[i].el, DATA, ACCESS_READ));
        assert_true(tlb_holds_gpc(w->h.p->tlb, DATA, PAS_NS));
        tlbi_pa(w->h.m, 1, DATA);
        assert_false(tlb_holds_gpc(w->h.p->tlb, DATA, PAS_NS));
        assert_int_equal(esr_of(w, row[i].el, DATA, ACCESS_READ, &to), row[i].esr);
        assert_int_equal(to, row[i].to);
    }
}

/* Stage 2 of the host: who takes what, with which syndrome. */
static void test_stage2(void **state)
{
    static const struct {
        uint64_t desc;
        enum access_kind kind;
        uint64_t esr;
    } row[] = {
        {0, ACCESS_READ, 0x93000007},
        {DATA | S2_R | S2_WB | 3, ACCESS_READ, 0x9300000b},
        {DATA | S2_R | S2_WB | DESC_AF | 3, ACCESS_WRITE, 0x9300004f},
        {DATA | S2_W | S2_WB | DESC_AF | 3, ACCESS_READ, 0x9300000f},
        {DATA | S2_R | S2_WB | DESC_AF | 2ull << 53 | 3, ACCESS_FETCH, 0x8200000f},
        {DATA | S2_R | S2_WB | DESC_AF | 1ull << 53 | 3, ACCESS_FETCH, 0x8200000f},
        {DATA | S2_R | S2_WB | DESC_AF | 3ull << 53 | 3, ACCESS_FETCH, 0},
        {1ull << 40 | S2_R | DESC_AF | 3, ACCESS_READ, 0x93000003},
    };
    struct setting *w = *state;
    unsigned to;
    at_el1(w, 0);
    tables_map(&w->s1, VA, 3, 0x5000000, DESC_AF);
    for (size_t i = 0; i < COUNT(row); i++) {
        tables_set(&w->s2, 0x5000000, 3, row[i].desc);
        tlb_clear(w->h.p->tlb);
        assert_int_equal(esr_of(w, 1, VA, row[i].kind, &to), row[i].esr);
        assert_int_equal(to, row[i].esr ? 2 : 0);
    }
}

/* A table of stage 1 that stage 2 does not give, or gives as a device: S1PTW, with the IPA of the descriptor. */
static void test_s1ptw(void **state)
{
    struct setting *w = *state;
    struct mmu_result r;
    struct mmu_fault f;
    unsigned to;
    at_el1(w, HCR_PTW);
    uint64_t at = tables_map(&w->s1, VA, 3, DATA, DESC_AF);
    uint64_t block = align_down(at, 0x200000);
    assert_true(reach(w, 1, VA, ACCESS_READ));
    tables_map(&w->s2, block, 2, block, DESC_AF | S2_R | S2_W); /* Device */
    tlb_clear(w->h.p->tlb);
    assert_int_equal(esr_of(w, 1, VA, ACCESS_WRITE, &to), 0x920000ce);
    assert_int_equal(to, 2);
    w->h.el2[HS_HCR_EL2] &= ~HCR_PTW;
    assert_true(reach(w, 1, VA, ACCESS_READ));
    tables_set(&w->s2, block, 2, 0);
    tlb_clear(w->h.p->tlb);
    assert_false(host_reach(&w->h, 1, VA, ACCESS_READ, &r, &f));
    assert_true(f.s1ptw && mmu_fault_has_ipa(&f));
    assert_int_equal(mmu_fault_hpfar(&f), align_down(w->s1.root, 0x1000) >> 8);
}

/* HCR_EL2.DC: stage 1 off, stage 2 on. TGE: stage 1 off. */
static void test_dc_tge(void **state)
{
    struct setting *w = *state;
    at_el1(w, 0);
    tables_map(&w->s1, VA, 3, DATA, DESC_AF);
    assert_int_equal(pa_of(w, 1, VA), DATA);
    w->h.el2[HS_HCR_EL2] = HCR_DC;
    tlb_clear(w->h.p->tlb);
    assert_false(reach(w, 1, VA, ACCESS_READ));
    assert_int_equal(pa_of(w, 1, DATA + 0x1000), DATA + 0x1000);
    w->h.el2[HS_HCR_EL2] = HCR_TGE_BIT;
    host_at(&w->h, 0);
    assert_int_equal(pa_of(w, 0, DATA + 0x3000), DATA + 0x3000);
    assert_int_equal(pa_of(w, 0, VA), 0);
}

/* Descriptor before, access, and descriptor after; `ok`: the access is allowed. */
static void test_updates(void **state)
{
    static const struct {
        uint64_t tcr, desc;
        enum access_kind kind;
        bool ok;
        uint64_t after;
    } row[] = {
        {0, 0, ACCESS_READ, false, 0},
        {TCR_HA, 0, ACCESS_READ, true, DESC_AF},
        {TCR_HA, DESC_RO, ACCESS_WRITE, false, DESC_RO | DESC_AF},
        {TCR_HA, DESC_AF | DESC_RO | DESC_DBM, ACCESS_WRITE, false, DESC_AF | DESC_RO | DESC_DBM},
        {TCR_HD, DESC_AF | DESC_RO | DESC_DBM, ACCESS_WRITE, false, DESC_AF | DESC_RO | DESC_DBM},
        {TCR_HA | TCR_HD, DESC_AF | DESC_RO, ACCESS_WRITE, false, DESC_AF | DESC_RO},
        {TCR_HA | TCR_HD, DESC_RO | DESC_DBM, ACCESS_READ, true, DESC_AF | DESC_RO | DESC_DBM},
        {TCR_HA | TCR_HD, DESC_RO | DESC_DBM, ACCESS_WRITE, true, DESC_AF | DESC_DBM},
        {TCR_HA | TCR_HD, DESC_RO | DESC_DBM, ACCESS_FETCH, true, DESC_AF | DESC_RO | DESC_DBM},
    };
    struct setting *w = *state;
    for (size_t i = 0; i < COUNT(row); i++)
        for (unsigned el = 1; el < 4; el++) { /* 3: EL2&0 */
            uint64_t tcr = row[i].tcr;
            if (el == 1)
                at_el1(w, 0);
            else
                at_el2(w, el == 3 ? VHE : 0);
            if (el == 2)
                tcr >>= 18;
            w->h.el1[SR_TCR_EL1] = TCR_VHE | row[i].tcr;
            w->h.el2[HS_TCR_EL2] |= tcr;
            tlb_clear(w->h.p->tlb);
            uint64_t at = tables_map(&w->s1, VA, 3, DATA, row[i].desc);
            assert_int_equal(reach(w, el == 1 ? 1 : 2, VA, row[i].kind), row[i].ok);
            assert_int_equal(mem_read64(w->h.m, at), DATA | 3 | row[i].after);
            w->h.el2[HS_TCR_EL2] = w->h.el1[SR_TCR_EL1] = 0;
        }
}

/* Stage 2, and the TLB: what was cached clean becomes dirty at the first store, of the tables as they are then. */
static void test_stage2_updates(void **state)
{
    struct setting *w = *state;
    at_el1(w, 0);
    w->h.el1[SR_SCTLR_EL1] = 0;
    uint64_t at = tables_set(&w->s2, 0x5000000, 3, DATA | S2_R | S2_WB | DESC_DBM | 3);
    assert_false(reach(w, 1, 0x5000000, ACCESS_READ));
    w->h.el2[HS_VTCR_EL2] |= VTCR_HA;
    assert_true(reach(w, 1, 0x5000000, ACCESS_READ));
    assert_int_equal(mem_read64(w->h.m, at) & (DESC_AF | S2_W), DESC_AF);
    assert_false(reach(w, 1, 0x5000000, ACCESS_WRITE));
    w->h.el2[HS_VTCR_EL2] |= VTCR_HD;
    tlb_clear(w->h.p->tlb);
    assert_true(reach(w, 1, 0x5000000, ACCESS_READ));
    assert_int_equal(mem_read64(w->h.m, at) & S2_W, 0);
    assert_true(reach(w, 1, 0x5000000, ACCESS_WRITE));
    assert_int_equal(mem_read64(w->h.m, at) & S2_W, S2_W);
    host_write(&w->h, at, 0);
    assert_true(reach(w, 1, 0x5000000, ACCESS_WRITE)); /* dirty in the TLB: nothing is looked up */
}

/* The update of a stage-1 descriptor is a store: stage 2 has to allow it, and is reported when it does not. */
static void test_update_is_a_store(void **state)
{
    struct setting *w = *state;
    unsigned to;
    at_el1(w, 0);
    w->h.el1[SR_TCR_EL1] |= TCR_HA;
    uint64_t at = tables_map(&w->s1, VA, 3, DATA, 0), block = align_down(at, 0x200000);
    tables_map(&w->s2, block, 2, block, DESC_AF | S2_R | S2_WB);
    assert_int_equal(esr_of(w, 1, VA, ACCESS_READ, &to), 0x9200008e);
    assert_int_equal(to, 2);
    assert_int_equal(mem_read64(w->h.m, at) & DESC_AF, 0);
    tables_map(&w->s2, block, 2, block, DESC_AF | S2_R | S2_W | S2_WB);
    tlb_clear(w->h.p->tlb);
    assert_true(reach(w, 1, VA, ACCESS_READ));
    assert_int_equal(mem_read64(w->h.m, at) & DESC_AF, DESC_AF);
    uint32_t g = granule_index(w->h.m, at);
    assert_int_equal(w->h.m->mem.prov[g].kinds & 1u << OWNER_HOST, 1u << OWNER_HOST);
}

/* --- TLB maintenance --- */

#define TLBI(op1, crm, op2) SYSREG(1, op1, 8, crm, op2)
#define ASID(n)             ((uint64_t)(n) << 48)

enum space { EL2_, EL20_G, EL20_5, EL10_G, EL10_5, EL10_S2, SPACES };

/* Makes an entry in each space for VA (stage 2: an IPA of its own), then takes the tables away. */
static void fill_spaces(struct setting *w)
{
    tlb_clear(w->h.p->tlb);
    tables_map(&w->s1, VA, 3, DATA, DESC_AF);
    tables_map(&w->s1, VA + 0x1000, 3, DATA, DESC_AF | DESC_NG);
    tables_map(&w->s2, 0x5000000, 3, DATA, DESC_AF | S2_R | S2_WB);
}

static bool still(struct setting *w, enum space s)
{
    uint64_t sctlr = w->h.el1[SR_SCTLR_EL1];
    bool global = s == EL20_G || s == EL10_G, ok;
    if (s <= EL20_5) {
        at_el2(w, s == EL2_ ? 0 : HCR_E2H_BIT);
        w->h.el2[HS_TTBR0_EL2] = w->s1.root | ASID(5);
        ok = reach(w, 2, VA + (s == EL20_5 ? 0x1000 : 0), ACCESS_READ);
    } else {
        w->h.el2[HS_HCR_EL2] = HCR_VM;
        host_at(&w->h, 1);
        w->h.el1[SR_SCTLR_EL1] = (uint64_t)(s == EL10_S2 ? 0 : 1); /* SCTLR_EL1.M */
        w->h.el1[SR_TTBR0_EL1] = w->s1.root | ASID(5);
        ok = reach(w, 1, s == EL10_S2 ? 0x5000000 : VA + (global ? 0 : 0x1000), ACCESS_READ);
    }
    w->h.el1[SR_SCTLR_EL1] = sctlr;
    return ok;
}

static void empty_tables(struct setting *w)
{
    tables_set(&w->s1, VA, 3, 0);
    tables_set(&w->s1, VA + 0x1000, 3, 0);
    tables_set(&w->s2, 0x5000000, 3, 0);
}

#define B(s) (1u << (s))
#define ALL2 (B(EL2_) | B(EL20_G) | B(EL20_5))
#define ALL1 (B(EL10_G) | B(EL10_5))
#define IPAS (B(EL10_S2))

static void test_tlbi(void **state)
{
    static const struct {
        const char *name;
        uint32_t insn;
        uint64_t hcr, value;
        unsigned gone;
    } row[] = {
        {"ALLE2", TLBI(4, 7, 0), 0, 0, ALL2},
        {"ALLE2IS", TLBI(4, 3, 0), HCR_E2H_BIT, 0, ALL2},
        {"VAE2", TLBI(4, 7, 1), 0, VA >> 12, B(EL2_)},
        {"VAE2IS, E2H", TLBI(4, 3, 1), HCR_E2H_BIT, VA >> 12, B(EL20_G)},
        {"VAE2, E2H, ASID", TLBI(4, 7, 1), HCR_E2H_BIT, (VA >> 12) + 1 + ASID(5), B(EL20_5)},
        {"VAE2, E2H, other", TLBI(4, 7, 1), HCR_E2H_BIT, (VA >> 12) + 1 + ASID(6), 0},
        {"VALE2OS", TLBI(4, 1, 5), 0, VA >> 12, B(EL2_)},
        {"VAE2 of another page", TLBI(4, 7, 1), 0, (VA >> 12) + 9, 0},
        {"VAE2, TTL of level 2", TLBI(4, 7, 1), 0, VA >> 12 | 6ull << 44, 0},
        {"VAE2, TTL of level 3", TLBI(4, 7, 1), 0, VA >> 12 | 7ull << 44, B(EL2_)},
        {"RVAE2", TLBI(4, 6, 1), 0, ((VA >> 12) - 1) | 1ull << 46, B(EL2_)},
        {"RVAE2IS beside it", TLBI(4, 2, 1), 0, ((VA >> 12) - 2) | 1ull << 46, 0},
        {"VMALLE1", TLBI(0, 7, 0), HCR_VM, 0, ALL1},
        {"VMALLE1, E2H, TGE", TLBI(0, 3, 0), VHE, 0, B(EL20_G) | B(EL20_5)},
        {"VAE1", TLBI(0, 7, 1), HCR_VM, VA >> 12 | ASID(9), B(EL10_G)},
        {"VAE1, ASID", TLBI(0, 7, 1), HCR_VM, ((VA >> 12) + 1) | ASID(5), B(EL10_5)},
        {"VAAE1IS", TLBI(0, 3, 3), HCR_VM, (VA >> 12) + 1, B(EL10_5)},
        {"VAALE1, E2H, TGE", TLBI(0, 7, 7), VHE, (VA >> 12) + 1, B(EL20_5)},
        {"RVAAE1", TLBI(0, 6, 3), HCR_VM, VA >> 12 | 1ull << 46, ALL1},
        {"ASIDE1", TLBI(0, 7, 2), HCR_VM, ASID(5), B(EL10_5)},
        {"ASIDE1, other", TLBI(0, 7, 2), HCR_VM, ASID(6), 0},
        {"ALLE1", TLBI(4, 7, 4), 0, 0, ALL1 | IPAS},
        {"VMALLS12E1IS", TLBI(4, 3, 6), 0, 0, ALL1 | IPAS},
        {"IPAS2E1IS", TLBI(4, 0, 1), 0, 0x5000, IPAS},
        {"IPAS2LE1", TLBI(4, 4, 5), 0, 0x5000, IPAS},
        {"IPAS2E1OS, other", TLBI(4, 4, 0), 0, 0x5001, 0},
        {"RIPAS2E1", TLBI(4, 4, 2), 0, 0x4fff | 1ull << 46, IPAS},
        {"of EL3", TLBI(6, 7, 0), 0, 0, 0},
    };
    struct setting *w = *state;
    at_el1(w, 0);
    for (size_t i = 0; i < COUNT(row); i++) {
        fill_spaces(w);
        for (enum space s = 0; s < SPACES; s++)
            assert_true(still(w, s));
        empty_tables(w);
        w->h.el2[HS_HCR_EL2] = row[i].hcr;
        host_at(&w->h, 2);
        mmu_host_tlbi(w->h.m, 0, row[i].insn, row[i].value);
        for (enum space s = 0; s < SPACES; s++)
            if (still(w, s) == (row[i].gone >> s & 1))
                fail_msg("TLBI %s: entry %u", row[i].name, (unsigned)s);
    }
}

/* Local, broadcast, broadcast by HCR_EL2.FB; a Realm's entries of the same VMID stay; one page takes its block along. */
static void test_tlbi_reach(void **state)
{
    struct setting *w = *state;
    struct mmu_result r;
    struct mmu_fault f;
    at_el1(w, 0);
    fill_spaces(w);
    assert_true(still(w, EL10_S2));
    empty_tables(w);
    host_at(&w->h, 2);
    mmu_host_tlbi(w->h.m, 1, TLBI(4, 7, 4), 0);
    assert_true(still(w, EL10_S2));
    w->h.m->plat->pe[1].el2[HS_HCR_EL2] = HCR_FB;
    w->h.m->pe[1].r.pstate = EL1H;
    mmu_host_tlbi(w->h.m, 1, TLBI(4, 7, 4), 0);
    assert_false(still(w, EL10_S2));
    w->h.p->world = WORLD_REALM;
    w->h.p->hcr_el2 = 0;
    w->h.p->vttbr_el2 = 7ull << 48;
    gpt_set(w->h.m, 0, DATA, GPI_REALM);
    assert_true(mmu_s2_translate(w->h.m, 0, ipa(DATA), ACCESS_READ, &r, &f));
    w->h.p->world = WORLD_NS;
    mmu_host_tlbi(w->h.m, 0, TLBI(4, 3, 4), 0);
    assert_int_equal(tlb_count_s2(w->h.p->tlb), 1);
    gpt_set(w->h.m, 0, DATA, GPI_NS);
    tlbi_pa(w->h.m, 0, DATA);
    at_el2(w, 0);
    uint64_t at = tables_map(&w->s1, 0x80000000, 2, DATA, DESC_AF);
    assert_true(reach(w, 2, 0x80003000, ACCESS_READ));
    host_write(&w->h, at, 0);
    mmu_host_tlbi(w->h.m, 0, TLBI(4, 7, 1), 0x801ff);
    assert_false(reach(w, 2, 0x80003000, ACCESS_READ));
}

/* --- AT --- */

#define AT(op1, crm, op2) SYSREG(1, op1, 7, crm, op2)

static void test_at(void **state)
{
    static const struct {
        const char *name;
        uint32_t insn;
        uint64_t hcr, va, pstate, par;
    } row[] = {
        {"S1E2R", AT(4, 8, 0), 0, VA + 8, 0, 0xff00000000000900 | DATA},
        {"S1E2W", AT(4, 8, 1), 0, VA + 0x1000, 0, 0x81f},
        {"S1E2R, none", AT(4, 8, 0), 0, VA + 0x9000, 0, 0x80f},
        {"S1E2R, VHE", AT(4, 8, 0), VHE, VA, 0, 0xff00000000000900 | DATA},
        {"S1E1R", AT(0, 8, 0), HCR_VM, VA, 0, 0xff00000000000900 | 0x5000000},
        {"S1E1R, VHE", AT(0, 8, 0), VHE, VA + 0x3000, 0, 0xff00000000000800 | (DATA + 0x3000)},
        {"S1E1W, read-only", AT(0, 8, 1), HCR_VM, VA + 0x1000, 0, 0x81f},
        {"S1E0R", AT(0, 8, 2), HCR_VM, VA, 0, 0x81f},
        {"S1E0R of EL0", AT(0, 8, 2), HCR_VM, VA + 0x3000, 0, 0xff00000000000800 | (DATA + 0x3000)},
        {"S1E1R, PAN", AT(0, 8, 0), HCR_VM, VA + 0x3000, PAN, 0xff00000000000800 | (DATA + 0x3000)},
        {"S1E1RP, PAN", AT(0, 9, 0), HCR_VM, VA + 0x3000, PAN, 0x81f},
        {"S12E1R", AT(4, 8, 4), HCR_VM, VA, 0, 0xff00000000000900 | (DATA + 0x5000)},
        {"S12E1W, stage 2", AT(4, 8, 5), HCR_VM, VA, 0, 0xa1f},
        {"S12E0R", AT(4, 8, 6), HCR_VM, VA + 0x3000, 0, 0xff00000000000800 | (DATA + 0x3000)},
    };
    struct setting *w = *state;
    struct mmu_fault f;
    for (size_t i = 0; i < COUNT(row); i++) {
        at_el1(w, 0);
        at_el2(w, row[i].hcr);
        w->h.p->r.pstate = EL2H | row[i].pstate;
        tables_map(&w->s2, 0x5000000, 3, DATA + 0x5000, DESC_AF | S2_R | S2_WB);
        tables_map(&w->s1, VA, 3, row[i].hcr == HCR_VM ? 0x5000000 : DATA, DESC_AF | 0x200);
        tables_map(&w->s1, VA + 0x1000, 3, DATA, DESC_AF | DESC_RO);
        tables_map(&w->s1, VA + 0x3000, 3, DATA + 0x3000, DESC_AF | DESC_EL0);
        tlb_clear(w->h.p->tlb);
        w->h.el1[SR_PAR_EL1] = 0;
        assert_true(mmu_host_at(w->h.m, 0, row[i].insn, row[i].va, &f));
        if (w->h.el1[SR_PAR_EL1] != row[i].par)
            fail_msg("AT %s: PAR 0x%llx", row[i].name, (unsigned long long)w->h.el1[SR_PAR_EL1]);
        assert_int_equal(tlb_holds_gpc(w->h.p->tlb, DATA + 0x3000, PAS_NS), false);
    }
}

/* What an AT does not report: a stage-2 fault on the walk of EL1's own AT, an external abort. And it sets no access flag. */
static void test_at_aborts(void **state)
{
    struct setting *w = *state;
    struct mmu_fault f;
    at_el1(w, 0);
    w->h.el1[SR_TCR_EL1] |= TCR_HA;
    uint64_t at = tables_map(&w->s1, VA, 3, DATA, 0), block = align_down(at, 0x200000);
    assert_true(mmu_host_at(w->h.m, 0, AT(0, 8, 0), VA, &f));
    assert_int_equal(w->h.el1[SR_PAR_EL1] & 1, 0);
    assert_int_equal(mem_read64(w->h.m, at) & DESC_AF, 0);
    tables_set(&w->s2, block, 2, 0);
    tlb_clear(w->h.p->tlb);
    assert_false(mmu_host_at(w->h.m, 0, AT(0, 8, 0), VA, &f));
    assert_int_equal(mmu_fault_target_el(&f), 2);
    host_at(&w->h, 2);
    assert_true(mmu_host_at(w->h.m, 0, AT(0, 8, 0), VA, &f));
    assert_int_equal(w->h.el1[SR_PAR_EL1], 0x801 | 1u << 8 | 1u << 9 | 0x06 << 1);
    at_el2(w, 0);
    tables_set(&w->s1, VA, 2, NOTHING | 3);
    assert_false(mmu_host_at(w->h.m, 0, AT(4, 8, 0), VA, &f));
    assert_int_equal(mmu_fault_esr(&f, ACCESS_READ, 2, 2, 0), 0x96000017);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_granules),  T(test_permissions),    T(test_faults_of_el2),
        T(test_tags),      T(test_flat),           T(test_gpf),
        T(test_stage2),    T(test_s1ptw),          T(test_dc_tge),
        T(test_updates),   T(test_stage2_updates), T(test_update_is_a_store),
        T(test_tlbi),      T(test_tlbi_reach),     T(test_at),
        T(test_at_aborts),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
