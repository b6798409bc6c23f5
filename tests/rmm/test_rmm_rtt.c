/* SPDX-License-Identifier: BSD-3-Clause */
/* Translation tables and pages. */
#include "rmm_world.h"

#define NS_RW (6ull << 2 | 3ull << 6) /* MemAttr write-back, S2AP read-write */

static void read_entry(struct rmm_world *w, uint64_t ipa, uint64_t level)
{
    RMI_OK(w, RMI_RTT_READ_ENTRY, RD, ipa, level);
}
static void expect_entry(struct rmm_world *w, uint64_t level, uint64_t state, uint64_t desc,
                         uint64_t ripas)
{
    assert_int_equal(w->x[1], level);
    assert_int_equal(w->x[2], state);
    assert_int_equal(w->x[3], desc);
    assert_int_equal(w->x[4], ripas);
    for (unsigned i = 5; i < ABI_MAX_REGS; i++)
        assert_int_equal(w->x[i], 0);
}

static void test_rtt_create(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    read_entry(w, 0, 1);
    expect_entry(w, 1, HIPAS_UNASSIGNED, 0, RIPAS_EMPTY);
    assert_int_equal(RMI_CALL(w, RMI_RTT_READ_ENTRY, RD, 0x1000, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_READ_ENTRY, RD, 0, 0), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_READ_ENTRY, RD, 0, 4), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_READ_ENTRY, RD, IPA_SIZE, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RTT_L2, 0, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RTT_L2, 0, 4), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RTT_L2, 0x200000, 2), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RD, 0, 2), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RTT_L3, 0, 3), RESULT(ERROR_RTT, 1));
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L2, 0, 2);
    assert_int_equal(refcount_of(w, ROOT), 1);
    assert_int_equal(state_of(w, RTT_L2), GST_RTT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_CREATE, RD, RTT_L3, 0, 2), RESULT(ERROR_RTT, 1));
    read_entry(w, 0, 1);
    expect_entry(w, 1, HIPAS_TABLE, RTT_L2, 0);
    read_entry(w, 0, 3);
    expect_entry(w, 2, HIPAS_UNASSIGNED, 0, RIPAS_EMPTY);
    /* The second start table. */
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L3, IPA_NS, 2);
    assert_int_equal(refcount_of(w, ROOT + GRANULE_SIZE), 1);
    read_entry(w, IPA_NS, 2);
    expect_entry(w, 2, HIPAS_UNASSIGNED, 0, 0);
    RMI_OK(w, RMI_RTT_DESTROY, RD, IPA_NS, 2);
    assert_int_equal(w->x[1], RTT_L3);
    assert_int_equal(w->x[2], IPA_SIZE);
    read_entry(w, IPA_NS, 1);
    expect_entry(w, 1, HIPAS_UNASSIGNED, 0, 0);
}

static void test_rtt_destroy(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    assert_int_equal(RMI_CALL(w, RMI_RTT_DESTROY, RD, 0, 2), RESULT(ERROR_RTT, 1));
    assert_int_equal(w->x[2], IPA_NS); /* nothing live in the start table */
    tables_create(w);
    assert_int_equal(RMI_CALL(w, RMI_RTT_DESTROY, RD, 0, 2), RESULT(ERROR_RTT, 2));
    assert_int_equal(w->x[2], 0);
    assert_int_equal(RMI_CALL(w, RMI_RTT_DESTROY, RD, 0, 1), RMI_ERROR_INPUT);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA0, 0x3000);
    assert_int_equal(RMI_CALL(w, RMI_RTT_DESTROY, RD, 0, 3), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0x3000);
    assert_int_equal(w->x[1], DATA0);
    assert_int_equal(w->x[2], 0x200000);
    RMI_OK(w, RMI_RTT_DESTROY, RD, 0, 3);
    assert_int_equal(w->x[1], RTT_L3);
    assert_int_equal(w->x[2], 1 << 30);
    assert_int_equal(refcount_of(w, RTT_L2), 0);
    assert_true(mem_is_zero(w->m, RTT_L3));
    read_entry(w, 0, 2);
    expect_entry(w, 2, HIPAS_UNASSIGNED, 0, RIPAS_DESTROYED);
    /* Unfolding keeps RIPAS. */
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L3, 0, 3);
    read_entry(w, 0x7000, 3);
    expect_entry(w, 3, HIPAS_UNASSIGNED, 0, RIPAS_DESTROYED);
}

static void test_data_create(void **state)
{
    struct rmm_world *w = *state;
    uint64_t before;

    realm_create(w);
    host_fill(w, SRC, 0x5a);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA0, 0, SRC, 1), RESULT(ERROR_RTT, 1));
    tables_create(w);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA0, IPA_NS, SRC, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA0, 0x10, SRC, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, SRC, 0, SRC, 1), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA0, 0, SRC + 8, 1), RMI_ERROR_INPUT);
    before = machine_hash(w->m);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA0, 0, DATA1, 1), RMI_ERROR_INPUT);
    assert_true(machine_hash(w->m) == before);
    RMI_OK(w, RMI_DATA_CREATE, RD, DATA0, 0, SRC, 3); /* flags[63:1] SBZ: no failure */
    assert_int_equal(host_read64(w, DATA0), 0x5a5a5a5a5a5a5a5a);
    assert_int_equal(state_of(w, DATA0), GST_DATA);
    assert_int_equal(refcount_of(w, RTT_L3), 1);
    read_entry(w, 0, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, DATA0, RIPAS_RAM);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, DATA1, 0, SRC, 1), RESULT(ERROR_RTT, 3));
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0x2000);
    read_entry(w, 0x2000, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, DATA1, RIPAS_EMPTY);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    assert_int_equal(RMI_CALL(w, RMI_DATA_CREATE, RD, G(42), 0x3000, SRC, 1), RMI_ERROR_REALM);
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0);
    assert_int_equal(w->x[1], DATA0);
    assert_int_equal(w->x[2], 0x2000);
    assert_true(mem_is_zero(w->m, DATA0));
    read_entry(w, 0, 3);
    expect_entry(w, 3, HIPAS_UNASSIGNED, 0, RIPAS_DESTROYED);
    assert_int_equal(RMI_CALL(w, RMI_DATA_DESTROY, RD, 0), RESULT(ERROR_RTT, 3));
    assert_int_equal(w->x[2], 0x2000);
    assert_int_equal(RMI_CALL(w, RMI_DATA_DESTROY, RD, 0x40000000), RESULT(ERROR_RTT, 1));
    assert_int_equal(w->x[2], IPA_NS);
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0x2000);
    read_entry(w, 0x2000, 3);
    expect_entry(w, 3, HIPAS_UNASSIGNED, 0, RIPAS_EMPTY);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA0, 0);
    read_entry(w, 0, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, DATA0, RIPAS_DESTROYED);
}

static void test_unprotected_input(void **state)
{
    static const uint64_t bad_desc[] = {
        1ull << 10, 3ull << 8, 1ull << 55, 1ull << 5, 4ull << 2, 1ull << 51, 1, 1ull << 48,
    };
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    for (size_t i = 0; i < sizeof(bad_desc) / sizeof(bad_desc[0]); i++)
        assert_int_equal(
            RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 3, G(4) | NS_RW | bad_desc[i]),
            bad_desc[i] == 4ull << 2 ? RMI_SUCCESS : RMI_ERROR_INPUT);
    RMI_OK(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS, 3);
    assert_int_equal(w->x[1], IPA_NS + 0x200000);
    assert_int_equal(RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 3, G(4) | 4ull << 2),
                     RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, 0, 3, G(4) | NS_RW), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 0, NS_RW), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 2, G(4) | NS_RW),
                     RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 2, NS_RW),
                     RESULT(ERROR_RTT, 2));
}

static void test_unprotected(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    /* Device memory is outer shareable, cacheable memory inner shareable. */
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3, G(4) | NS_RW);
    assert_int_equal(host_read64(w, RTT_NS_L3 + 8),
                     G(4) | NS_RW | 3 | 3ull << 8 | 1ull << 10 | 2ull << 53 | 1ull << 55);
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + 0x3000, 3, G(4) | 1ull << 6);
    assert_int_equal(host_read64(w, RTT_NS_L3 + 24),
                     G(4) | 1ull << 6 | 3 | 2ull << 8 | 1ull << 10 | 2ull << 53 | 1ull << 55);
    read_entry(w, IPA_NS + 0x1000, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, G(4) | NS_RW, 0);
    assert_int_equal(refcount_of(w, RTT_NS_L3), 0);
    RMI_OK(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3);
    assert_int_equal(w->x[1], IPA_NS + 0x3000);
    assert_int_equal(RMI_CALL(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS, 3), RESULT(ERROR_RTT, 3));
    assert_int_equal(w->x[1], IPA_NS + 0x3000);
}

static void test_unprotected_block(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + 0x3000, 3, G(4) | 1ull << 6);
    /* Mappings of host memory do not keep their table. */
    RMI_OK(w, RMI_RTT_DESTROY, RD, IPA_NS, 3);
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS, 2, 0x80000000 | NS_RW);
    assert_int_equal(RMI_CALL(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3),
                     RESULT(ERROR_RTT, 2));
    assert_int_equal(w->x[1], IPA_NS + 0x1000);
    /* Unfolding a block of host memory. */
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_NS_L3, IPA_NS, 3);
    read_entry(w, IPA_NS + 0x5000, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, 0x80005000 | NS_RW, 0);
    assert_int_equal(refcount_of(w, RTT_NS_L3), 0);
    assert_int_equal(refcount_of(w, RTT_NS_L2), 1);
}

static void test_init_ripas(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x1000), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0, 0x1800), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0, IPA_NS + 0x1000), RMI_ERROR_INPUT);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x2000), RESULT(ERROR_RTT, 1));
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0, 0x2000), RESULT(ERROR_RTT, 1));
    tables_create(w);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA0, 0x2000);
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x4000);
    assert_int_equal(w->x[1], 0x4000);
    read_entry(w, 0x1000, 3);
    expect_entry(w, 3, HIPAS_UNASSIGNED, 0, RIPAS_RAM);
    read_entry(w, 0x2000, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, DATA0, RIPAS_RAM);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0x2000, 0x4000), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x1ff000, 0x400000); /* to the end of the table */
    assert_int_equal(w->x[1], 0x200000);
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x200000, 0x600000);
    assert_int_equal(w->x[1], 0x600000);
    read_entry(w, 0x400000, 2);
    expect_entry(w, 2, HIPAS_UNASSIGNED, 0, RIPAS_RAM);
    /* RAM without memory, then memory: RIPAS stays, and the page is valid at once. */
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0x1000);
    read_entry(w, 0x1000, 3);
    expect_entry(w, 3, HIPAS_ASSIGNED, DATA1, RIPAS_RAM);
    assert_int_equal(host_read64(w, RTT_L3 + 8) & 1, 1);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    assert_int_equal(RMI_CALL(w, RMI_RTT_INIT_RIPAS, RD, 0x5000, 0x6000), RMI_ERROR_REALM);
}

static void test_view_rtte(void **state)
{
    struct rmm_rtte_view v;

    (void)state;
    rmm_view_rtte(0, 3, true, false, &v);
    assert_false(v.malformed);
    assert_int_equal(v.hipas, HIPAS_UNASSIGNED);
    rmm_view_rtte(1ull << 55, 1, false, false, &v);
    assert_false(v.malformed);
    assert_true(v.ns);
    rmm_view_rtte(1ull << 55, 1, true, false, &v);
    assert_true(v.malformed);
    rmm_view_rtte(0, 2, false, false, &v);
    assert_true(v.malformed);
    rmm_view_rtte(3ull << 5, 3, true, false, &v); /* no such RIPAS */
    assert_true(v.malformed);
    rmm_view_rtte(DATA0 | 3, 3, true, false, &v); /* no attributes */
    assert_true(v.malformed);
    assert_true(v.valid);
    rmm_view_rtte(RTT_L3 | 3, 2, true, false, &v);
    assert_false(v.malformed);
    assert_int_equal(v.hipas, HIPAS_TABLE);
    assert_int_equal(v.addr, RTT_L3);
}

/* Descriptors of a Realm with LPA2: OA[51:50] at bits 9:8, where other Realms have the shareability. */
static void test_view_rtte_lpa2(void **state)
{
    const uint64_t pa = 0x9000080000000, oa = 0x1000080000200;
    const struct {
        uint64_t desc;
        int level;
        bool protected_ipa;
        uint64_t addr;
    } row[] = {
        {oa | 3, 2, true, pa},                              /* TABLE */
        {oa | 1 << 2, 3, true, pa},                         /* ASSIGNED/EMPTY */
        {oa | 0x4d8 | 3, 3, true, pa},                      /* ASSIGNED/RAM: AF, S2AP, MemAttr */
        {oa | 0x4d8 | 1, 2, true, pa},                      /* the same, a block */
        {oa | 0x4d8 | 6ull << 53 | 3, 3, false, pa},        /* ASSIGNED_NS: and XN, NS */
        {0x40000000 | 0x7d8 | 3, 3, true, 0xc000040000000}, /* bits 9:8 are no shareability */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct rmm_rtte_view v;

        rmm_view_rtte(row[i].desc, row[i].level, row[i].protected_ipa, true, &v);
        assert_false(v.malformed);
        assert_int_equal(v.addr, row[i].addr);
        /* Without LPA2: only where SH of a valid entry is Inner Shareable. */
        rmm_view_rtte(row[i].desc, row[i].level, row[i].protected_ipa, false, &v);
        assert_int_equal(v.malformed, row[i].addr == pa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_rtt_create),           WORLD_TEST(test_rtt_destroy),
        WORLD_TEST(test_data_create),          WORLD_TEST(test_unprotected_input),
        WORLD_TEST(test_unprotected),          WORLD_TEST(test_unprotected_block),
        WORLD_TEST(test_init_ripas),           cmocka_unit_test(test_view_rtte),
        cmocka_unit_test(test_view_rtte_lpa2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
