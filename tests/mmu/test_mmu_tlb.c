/* SPDX-License-Identifier: BSD-3-Clause */
/* The TLB: what stays visible until it is invalidated, each invalidation, and the TLB as a value. */
#include "realm_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TABLES 0x1000000ull
#define DATA   0x2000000ull
#define VA     0x7654321000ull

struct tlb_world {
    struct fixture f;
    struct s1_tables t;
    struct pe *p;
};

static int setup(void **state)
{
    struct tlb_world *w = calloc(1, sizeof(*w));
    *state = w;
    if (!w || fix_new(&w->f))
        return -1;
    fix_s1_new(&w->t, &w->f, TABLES);
    w->p = &w->f.m->pe[0];
    w->p->r.sys[SR_TTBR0_EL1] = w->t.root;
    w->p->r.sys[SR_TCR_EL1] = FIX_TCR;
    w->p->r.sys[SR_MAIR_EL1] = 0xff;
    return 0;
}

static int teardown(void **state)
{
    struct tlb_world *w = *state;
    fix_free(&w->f);
    free(w);
    return 0;
}

static bool reads(struct tlb_world *w, uint64_t va)
{
    struct mmu_result r;
    struct mmu_fault e;
    return mmu_translate(w->f.m, 0, 1, va, ACCESS_READ, &r, &e);
}

static void mmu_on(struct tlb_world *w)
{
    w->p->r.sys[SR_SCTLR_EL1] |= 1;
}

/* Taking a page away needs the invalidation of its IPA. */
static void test_stale_stage2(void **state)
{
    struct tlb_world *w = *state;
    fix_map(&w->f, DATA, S2_RAM);
    assert_true(reads(w, DATA));
    fix_s2_desc(&w->f, DATA, 3, 0);
    assert_true(reads(w, DATA));
    tlbi_ipa(w->f.m, 0, FIX_VMID + 1, DATA, GRANULE_SIZE);
    tlbi_ipa(w->f.m, 0, FIX_VMID, DATA + GRANULE_SIZE, 0x200000);
    assert_true(reads(w, DATA));
    tlbi_ipa(w->f.m, 1, FIX_VMID, DATA, GRANULE_SIZE);
    assert_false(reads(w, DATA));
}

/* With stage 1 on, entries are combined: by IPA is not enough. */
static void test_stale_combined(void **state)
{
    struct tlb_world *w = *state;
    fix_map(&w->f, DATA, S2_RAM);
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    mmu_on(w);
    assert_true(reads(w, VA));
    fix_s2_desc(&w->f, DATA, 3, 0);
    tlbi_ipa(w->f.m, 0, FIX_VMID, DATA, GRANULE_SIZE);
    assert_true(reads(w, VA));
    tlbi_s1(w->f.m, 0, FIX_VMID);
    assert_false(reads(w, VA));
}

/* A PAS change needs TLBI by PA, and that hides no missing invalidation by IPA. */
static void test_stale_gpc(void **state)
{
    struct tlb_world *w = *state;
    uint64_t a = fix_map(&w->f, DATA, S2_RAM);
    assert_true(reads(w, DATA));
    gpt_set(w->f.m, 0, a, GPI_NS);
    assert_true(reads(w, DATA));
    tlbi_pa(w->f.m, 0, a);
    assert_false(reads(w, DATA));
    gpt_set(w->f.m, 0, a, GPI_REALM);
    fix_s2_desc(&w->f, DATA, 3, 0);
    assert_true(reads(w, DATA)); /* the stale stage-2 entry, checked again */
}

/* Cached permissions are used until they are invalidated, and give the fault of the entry. */
static void test_stale_permission(void **state)
{
    struct tlb_world *w = *state;
    struct mmu_result r;
    struct mmu_fault e;
    uint64_t a = fix_map(&w->f, DATA, S2_AF | S2_NORMAL | S2_R);
    assert_true(reads(w, DATA));
    fix_s2_desc(&w->f, DATA, 3, a | S2_RAM | 3);
    assert_false(mmu_translate(w->f.m, 0, 1, DATA, ACCESS_WRITE, &r, &e));
    assert_int_equal(mmu_fault_esr(&e, ACCESS_WRITE, 1, 2, 0), 0x9200004f);
    tlbi_vmid(w->f.m, 0, FIX_VMID);
    assert_true(mmu_translate(w->f.m, 0, 1, DATA, ACCESS_WRITE, &r, &e));
}

static void use_asid(struct tlb_world *w, uint64_t asid)
{
    w->p->r.sys[SR_TTBR0_EL1] = w->t.root | asid << 48;
}

/* Which TLBI of the Realm removes a global entry, an entry of ASID 5, both, neither. */
static void test_own_tlbi(void **state)
{
    enum { BY_VA, BY_VAA, BY_ASID, BY_ASID_OTHER, BY_VA_ASID_OTHER, ALL, OTHER_VMID };
    static const struct {
        int what;
        bool global_stays, asid_stays;
    } row[] = {{BY_VA, false, false},       {BY_VAA, false, false},          {BY_ASID, true, false},
               {BY_ASID_OTHER, true, true}, {BY_VA_ASID_OTHER, false, true}, {ALL, false, false},
               {OTHER_VMID, true, true}};
    struct tlb_world *w = *state;
    struct machine *m = w->f.m;
    fix_map(&w->f, DATA, S2_RAM);
    mmu_on(w);
    use_asid(w, 5);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const uint64_t global = VA, own = VA + GRANULE_SIZE;
        fix_s1_desc(&w->t, global, 3, DATA | S1_AF | 3);
        fix_s1_desc(&w->t, own, 3, DATA | S1_AF | S1_NG | 3);
        assert_true(reads(w, global) && reads(w, own));
        fix_s1_desc(&w->t, global, 3, 0);
        fix_s1_desc(&w->t, own, 3, 0);
        for (unsigned k = 0; k < 2; k++) {
            uint64_t page = (k ? own : global) >> 12;
            switch (row[i].what) {
            case BY_VA: tlbi_va(m, 0, FIX_VMID, page, 5, false, false); break;
            case BY_VAA: tlbi_va(m, 0, FIX_VMID, page, 0, true, false); break;
            case BY_ASID: tlbi_asid(m, 0, FIX_VMID, 5, false); break;
            case BY_ASID_OTHER: tlbi_asid(m, 0, FIX_VMID, 6, false); break;
            case BY_VA_ASID_OTHER: tlbi_va(m, 0, FIX_VMID, page, 6, false, false); break;
            case ALL: tlbi_vmalle1(m, 0, FIX_VMID, false); break;
            default: tlbi_vmalle1(m, 0, FIX_VMID + 1, true); break;
            }
        }
        assert_int_equal(reads(w, global), row[i].global_stays);
        assert_int_equal(reads(w, own), row[i].asid_stays);
        tlb_clear(w->p->tlb);
    }
}

static void test_asid_tag(void **state)
{
    struct tlb_world *w = *state;
    fix_map(&w->f, DATA, S2_RAM);
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | S1_NG | 3);
    mmu_on(w);
    use_asid(w, 1);
    assert_true(reads(w, VA));
    fix_s1_desc(&w->t, VA, 3, 0);
    use_asid(w, 2);
    assert_false(reads(w, VA));
    use_asid(w, 1);
    assert_true(reads(w, VA));
}

/* The local form leaves the other PE's entries, the Inner Shareable form does not. */
static void test_broadcast(void **state)
{
    struct tlb_world *w = *state;
    struct machine *m = w->f.m;
    struct mmu_result r;
    struct mmu_fault e;
    fix_map(&w->f, DATA, S2_RAM);
    fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
    mmu_on(w);
    memcpy(m->pe[1].r.sys, w->p->r.sys, sizeof(w->p->r.sys));
    for (unsigned is = 0; is < 2; is++) {
        assert_true(reads(w, VA));
        assert_true(mmu_translate(m, 1, 1, VA, ACCESS_READ, &r, &e));
        fix_s1_desc(&w->t, VA, 3, 0);
        tlbi_vmalle1(m, 0, FIX_VMID, is);
        assert_false(reads(w, VA));
        assert_int_equal(mmu_translate(m, 1, 1, VA, ACCESS_READ, &r, &e), !is);
        fix_s1_desc(&w->t, VA, 3, DATA | S1_AF | 3);
        tlbi_vmid(m, 0, FIX_VMID);
    }
}

/* Equality and hash depend on the entries, not on the order or on what was removed in between. */
static void test_value(void **state)
{
    struct tlb_world *w = *state;
    struct tlb *a = w->p->tlb, *b = w->f.m->pe[1].tlb;
    struct mmu_result r;
    struct mmu_fault e;
    enum { N = 300 };
    for (unsigned i = 0; i < N; i++)
        fix_map(&w->f, DATA + i * GRANULE_SIZE, S2_RAM);
    for (unsigned i = 0; i < N; i++) {
        assert_true(mmu_s2_translate(w->f.m, 0, ipa(DATA + i * GRANULE_SIZE), ACCESS_READ, &r, &e));
        assert_true(mmu_s2_translate(w->f.m, 1, ipa(DATA + (N - 1 - i) * GRANULE_SIZE), ACCESS_READ,
                                     &r, &e));
    }
    /* fix_map() looked its tables up on PE 0. */
    tlbi_ipa(w->f.m, 0, FIX_VMID, TABLES, 0x100000);
    assert_int_equal(tlb_count_s2(a), N);
    assert_true(tlb_equal(a, b));
    assert_int_equal(tlb_hash(a), tlb_hash(b));
    struct tlb *c = tlb_clone(a);
    tlbi_ipa(w->f.m, 0, FIX_VMID, DATA + 7 * GRANULE_SIZE, 5 * GRANULE_SIZE);
    assert_int_equal(tlb_count_s2(a), N - 5);
    assert_false(tlb_equal(a, c));
    assert_int_not_equal(tlb_hash(a), tlb_hash(c));
    for (unsigned i = 11; i >= 7; i--)
        assert_true(mmu_s2_translate(w->f.m, 0, ipa(DATA + i * GRANULE_SIZE), ACCESS_READ, &r, &e));
    assert_true(tlb_equal(a, c));
    assert_int_equal(tlb_hash(a), tlb_hash(c));
    struct tlb_s2_entry entry;
    assert_true(tlb_find_s2(a, FIX_VMID, DATA + 0x123, &entry));
    assert_int_equal(entry.ipa, DATA);
    assert_false(tlb_find_s2(a, FIX_VMID + 1, DATA, &entry));
    tlb_clear(a);
    assert_int_equal(tlb_count_s2(a), 0);
    tlb_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stale_stage2, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stale_combined, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stale_gpc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stale_permission, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own_tlbi, setup, teardown),
        cmocka_unit_test_setup_teardown(test_asid_tag, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broadcast, setup, teardown),
        cmocka_unit_test_setup_teardown(test_value, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
