/* SPDX-License-Identifier: BSD-3-Clause */
/* RTT_FOLD, and the way back: every state that folds, every reason not to. */
#include "rmm_world.h"

#define NS_RW           (6ull << 2 | 3ull << 6) /* MemAttr write-back, S2AP read-write */
#define NS_RO           (6ull << 2 | 1ull << 6)
#define AT_LEVEL(level) (RMI_ERROR_RTT | (level) << 8) /* a constant expression */
#define L2_SIZE         0x200000ull
#define L1_SIZE         0x40000000ull
#define DATA_2M         0x80400000ull /* 512 granules from a 2 MB boundary */

static void test_operands(void **state)
{
    static const struct {
        uint64_t rd, ipa, level, result;
    } rows[] = {
        {RD + 8, 0, 3, RMI_ERROR_INPUT},
        {0, 0, 3, RMI_ERROR_INPUT},
        {DATA0, 0, 3, RMI_ERROR_INPUT},
        {RD, 0, 1, RMI_ERROR_INPUT}, /* the starting level */
        {RD, 0, 4, RMI_ERROR_INPUT},
        {RD, 0, 1ull << 32 | 3, RMI_ERROR_INPUT},
        {RD, 0x1000, 3, RMI_ERROR_INPUT},
        {RD, L2_SIZE, 2, RMI_ERROR_INPUT},
        {RD, IPA_SIZE, 3, RMI_ERROR_INPUT},
        {RD, L1_SIZE, 3, AT_LEVEL(1)}, /* rtt_walk */
        {RD, L2_SIZE, 3, AT_LEVEL(2)}, /* rtte_state */
        {RD, L1_SIZE, 2, AT_LEVEL(1)}, /* rtte_state, in the starting level */
        {RD, 0, 2, AT_LEVEL(2)},       /* rtt_homo: an entry is TABLE */
        {RD, IPA_SIZE, 0, RMI_ERROR_INPUT},
        {RD, IPA_NS + L1_SIZE, 2, AT_LEVEL(1)}, /* the second starting-level table */
    };
    struct rmm_world *w = *state;
    uint64_t before;

    realm_create(w);
    tables_create(w);
    before = machine_hash(w->m);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, rows[i].rd, rows[i].ipa, rows[i].level),
                         rows[i].result);
        assert_int_equal(w->x[1], 0);
    }
    assert_true(machine_hash(w->m) == before);
}

static void expect_entry(struct rmm_world *w, uint64_t ipa, uint64_t level, uint64_t state,
                         uint64_t desc, uint64_t ripas)
{
    RMI_OK(w, RMI_RTT_READ_ENTRY, RD, ipa, 3);
    assert_int_equal(w->x[1], level);
    assert_int_equal(w->x[2], state);
    assert_int_equal(w->x[3], desc);
    assert_int_equal(w->x[4], ripas);
}

static void fold(struct rmm_world *w, uint64_t ipa, uint64_t level, uint64_t rtt)
{
    RMI_OK(w, RMI_RTT_FOLD, RD, ipa, level);
    assert_int_equal(w->x[1], rtt);
    for (unsigned i = 2; i < ABI_MAX_REGS; i++)
        assert_int_equal(w->x[i], 0);
    assert_int_equal(state_of(w, rtt), GST_DELEGATED);
    assert_int_equal(refcount_of(w, rtt), 0);
    assert_true(mem_is_zero(w->m, rtt));
}

static void test_unassigned(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0, 0x1000);
    assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, 0, 3), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, L2_SIZE);
    fold(w, 0, 3, RTT_L3);
    expect_entry(w, 0x5000, 2, HIPAS_UNASSIGNED, 0, RIPAS_RAM);
    assert_int_equal(refcount_of(w, RTT_L2), 0);
    assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, 0, 2), RESULT(ERROR_RTT, 2));
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, L2_SIZE, L1_SIZE);
    fold(w, 0, 2, RTT_L2);
    expect_entry(w, 0x5000, 1, HIPAS_UNASSIGNED, 0, RIPAS_RAM);
    assert_int_equal(refcount_of(w, ROOT), 0);
    /* Unprotected IPA have no RIPAS. */
    fold(w, IPA_NS, 3, RTT_NS_L3);
    fold(w, IPA_NS, 2, RTT_NS_L2);
    expect_entry(w, IPA_NS, 1, HIPAS_UNASSIGNED, 0, 0);
}

static void test_host_memory(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    for (unsigned i = 0; i < 512; i++)
        RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + i * 0x1000, 3, i * 0x1000 | NS_RO);
    RMI_OK(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3);
    assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, IPA_NS, 3), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3, 0x1000 | NS_RW);
    assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, IPA_NS, 3), RESULT(ERROR_RTT, 3));
    RMI_OK(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3);
    RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + 0x1000, 3, 0x1000 | NS_RO);
    fold(w, IPA_NS, 3, RTT_NS_L3);
    assert_int_equal(host_read64(w, RTT_NS_L2),
                     NS_RO | 1 | 3ull << 8 | 1ull << 10 | 2ull << 53 | 1ull << 55);
    expect_entry(w, IPA_NS + 0x5000, 2, HIPAS_ASSIGNED, NS_RO, 0);
    assert_int_equal(refcount_of(w, RTT_NS_L2), 0);
    for (unsigned i = 1; i < 512; i++)
        RMI_OK(w, RMI_RTT_MAP_UNPROTECTED, RD, IPA_NS + i * L2_SIZE, 2, i * L2_SIZE | NS_RO);
    fold(w, IPA_NS, 2, RTT_NS_L2);
    expect_entry(w, IPA_NS + 0x5000, 1, HIPAS_ASSIGNED, NS_RO, 0);
    RMI_OK(w, RMI_RTT_UNMAP_UNPROTECTED, RD, IPA_NS, 1);
}

/* `ripas` of all pages, by way of RTT_INIT_RIPAS, and by DATA_DESTROY for DESTROYED. */
static void map_pages(struct rmm_world *w, enum ripas ripas, unsigned first_granule)
{
    if (ripas == RIPAS_RAM)
        RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0, L2_SIZE);
    for (unsigned i = 0; i < 512; i++) {
        uint64_t data = DATA_2M + ((i + first_granule) % 512) * GRANULE_SIZE;

        RMI_OK(w, RMI_GRANULE_DELEGATE, data);
        if (ripas == RIPAS_DESTROYED) {
            RMI_OK(w, RMI_DATA_CREATE, RD, data, i * 0x1000, SRC, 0);
            RMI_OK(w, RMI_DATA_DESTROY, RD, i * 0x1000);
        }
        RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, data, i * 0x1000);
    }
}

static void test_pages(void **state)
{
    struct rmm_world *w = *state;

    for (unsigned ripas = RIPAS_EMPTY; ripas <= RIPAS_DESTROYED; ripas++) {
        realm_create(w);
        tables_create(w);
        map_pages(w, (enum ripas)ripas, 0);
        fold(w, 0, 3, RTT_L3);
        assert_int_equal(refcount_of(w, RTT_L2), 1);
        expect_entry(w, 0x5000, 2, HIPAS_ASSIGNED, DATA_2M, ripas);
        assert_int_equal(host_read64(w, RTT_L2) & 1, ripas == RIPAS_RAM);
        assert_int_equal(RMI_CALL(w, RMI_DATA_DESTROY, RD, 0x5000), RESULT(ERROR_RTT, 2));
        assert_int_equal(w->x[2], 0x5000);
        assert_int_equal(RMI_CALL(w, RMI_RTT_DESTROY, RD, 0, 2), RESULT(ERROR_RTT, 2)); /* live */
        RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L3, 0, 3);
        assert_int_equal(refcount_of(w, RTT_L2), 1);
        assert_int_equal(refcount_of(w, RTT_L3), 512);
        expect_entry(w, 0x5000, 3, HIPAS_ASSIGNED, DATA_2M + 0x5000, ripas);
        RMI_OK(w, RMI_DATA_DESTROY, RD, 0);
        assert_int_equal(w->x[1], DATA_2M);
        assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, 0, 3), RESULT(ERROR_RTT, 3));
        world_teardown(state);
        world_setup(state);
        w = *state;
    }
}

static void test_pages_in_another_order(void **state)
{
    struct rmm_world *w = *state;

    realm_create(w);
    tables_create(w);
    map_pages(w, RIPAS_RAM, 1); /* contiguous, but for the last, and no block begins there */
    assert_int_equal(RMI_CALL(w, RMI_RTT_FOLD, RD, 0, 3), RESULT(ERROR_RTT, 3));
    assert_int_equal(refcount_of(w, RTT_L3), 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_operands),
        WORLD_TEST(test_unassigned),
        WORLD_TEST(test_host_memory),
        WORLD_TEST(test_pages),
        WORLD_TEST(test_pages_in_another_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
