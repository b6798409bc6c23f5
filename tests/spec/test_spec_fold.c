/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_FOLD: each row of A5.5.6's table, and each way to miss it. */
#include "spec_world.h"

#define RD    G(N_RD)
#define BLOCK (WORLD_BASE + 8 * MB2) /* contiguous granules for DATA, aligned to a block */
#define CHILD G(N_FREE)

static const char *fold(struct spec_world *w, uint64_t rtt, uint64_t ipa, int level)
{
    OK(w, CALL(RMI_RTT_FOLD, RD, ipa, (uint64_t)level), RMI_SUCCESS, rtt);
    return w->v.variant;
}

static void refuse_fold(struct spec_world *w, uint64_t ipa, int level)
{
    OK(w, CALL(RMI_RTT_FOLD, RD, ipa, (uint64_t)level), RMI_ERROR_RTT | (uint64_t)level << 8);
    assert_string_equal(w->v.cmd->conds[w->v.decided].id, "rtt_homo");
}

static void child_of(struct spec_world *w, uint64_t ipa)
{
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, ipa, 3), RMI_SUCCESS);
}

static void test_unassigned(void **state)
{
    struct spec_world *w = world_realm();
    struct spec_granule g;

    (void)state;
    child_of(w, MB2);
    assert_string_equal(fold(w, CHILD, MB2, 3), "unassigned_empty");
    assert_true(spec_granule(w->s, CHILD, &g) && g.state == SPEC_DELEGATED);
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, MB2, 2 * MB2), RMI_SUCCESS, 2 * MB2);
    child_of(w, MB2);
    assert_string_equal(fold(w, CHILD, MB2, 3), "unassigned_ram");
    assert_int_equal(entry(w, 2, MB2).ripas, RIPAS_RAM);
    child_of(w, MB2);
    OK(w, CALL(RMI_RTT_DESTROY, RD, MB2, 3), RMI_SUCCESS, CHILD, GB1);
    child_of(w, MB2);
    assert_string_equal(fold(w, CHILD, MB2, 3), "unassigned_destroyed");
    assert_int_equal(entry(w, 2, MB2).ripas, RIPAS_DESTROYED);
    /* Any level: the one above, at once. */
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, GB1, 2), RMI_SUCCESS);
    assert_string_equal(fold(w, CHILD, GB1, 2), "unassigned_empty");
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, UNPROT, 2), RMI_SUCCESS);
    assert_string_equal(fold(w, CHILD, UNPROT, 2), "unassigned_ns");
    assert_true(entry(w, 1, UNPROT).ns);
    world_free(w);
}

static void test_mixed_ripas(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 0, 0x1000), RMI_SUCCESS, 0x1000);
    refuse_fold(w, 0, 3);
    refuse_fold(w, 0, 2); /* it has a TABLE */
    world_free(w);
}

/* 512 pages of DATA at IPA 0, from `create` (DATA_CREATE or its sister). */
static void fill_data(struct spec_world *w, uint64_t create)
{
    for (unsigned i = 0; i < 512; i++)
        OK(w, CALL(create, RD, BLOCK + i * 0x1000ull, i * 0x1000ull, G(N_SRC)), RMI_SUCCESS);
}

static struct spec_world *world_with_data(void)
{
    struct spec_world *w = world_realm();

    for (unsigned i = 0; i < 512; i++)
        OK(w, CALL(RMI_GRANULE_DELEGATE, BLOCK + i * 0x1000ull), RMI_SUCCESS);
    return w;
}

static void fold_and_unfold(struct spec_world *w, const char *variant, enum ripas ripas)
{
    assert_string_equal(fold(w, G(N_RTT3), 0, 3), variant);
    assert_int_equal(entry(w, 2, 0).hipas, HIPAS_ASSIGNED);
    assert_int_equal(entry(w, 2, 0).addr, BLOCK);
    assert_int_equal(entry(w, 2, 0).ripas, ripas);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_RTT3), 0, 3), RMI_SUCCESS);
    assert_int_equal(entry(w, 3, 0x5000).addr, BLOCK + 0x5000);
    assert_int_equal(entry(w, 3, 0x5000).ripas, ripas);
}

static void test_assigned(void **state)
{
    struct spec_world *w = world_with_data();

    (void)state;
    fill_data(w, RMI_DATA_CREATE_UNKNOWN);
    fold_and_unfold(w, "assigned_empty", RIPAS_EMPTY);
    for (unsigned i = 0; i < 512; i++) {
        uint64_t top = i == 511 ? MB2 : (i + 1) * 0x1000ull;

        OK(w, CALL(RMI_DATA_DESTROY, RD, i * 0x1000ull), RMI_SUCCESS, BLOCK + i * 0x1000ull, top);
    }
    fill_data(w, RMI_DATA_CREATE);
    fold_and_unfold(w, "assigned_ram", RIPAS_RAM);
    for (unsigned i = 0; i < 512; i++) {
        uint64_t top = i == 511 ? MB2 : (i + 1) * 0x1000ull;

        OK(w, CALL(RMI_DATA_DESTROY, RD, i * 0x1000ull), RMI_SUCCESS, BLOCK + i * 0x1000ull, top);
    }
    fill_data(w, RMI_DATA_CREATE_UNKNOWN);
    fold_and_unfold(w, "assigned_destroyed", RIPAS_DESTROYED);
    world_free(w);
}

/* One page is missing; then it is another one than contiguity asks for. */
static void test_not_contiguous(void **state)
{
    struct spec_world *w = world_with_data();

    (void)state;
    fill_data(w, RMI_DATA_CREATE);
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x7000), RMI_SUCCESS, BLOCK + 0x7000, 0x8000);
    refuse_fold(w, 0, 3);
    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), 0x7000, G(N_SRC)), RMI_SUCCESS);
    refuse_fold(w, 0, 3);
    world_free(w);
}

static void map(struct spec_world *w, unsigned i, uint64_t desc)
{
    OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, UNPROT + i * 0x1000ull, 3, desc), RMI_SUCCESS);
}

static void unmap(struct spec_world *w, unsigned i)
{
    uint64_t top = UNPROT + (i + 1) * 0x1000ull;

    OK(w, CALL(RMI_RTT_UNMAP_UNPROTECTED, RD, UNPROT + i * 0x1000ull, 3), RMI_SUCCESS, top);
}

#define ATTRS (0x3ull << 6 | 0x6ull << 2)

static void test_assigned_ns(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), UNPROT, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, UNPROT, 3), RMI_SUCCESS);
    for (unsigned i = 0; i < 512; i++)
        map(w, i, (MB2 + i * 0x1000ull) | ATTRS);
    unmap(w, 9);
    refuse_fold(w, UNPROT, 3); /* state */
    map(w, 9, (MB2 + 9 * 0x1000ull) | 0x1ull << 6 | 0x6ull << 2);
    refuse_fold(w, UNPROT, 3); /* S2AP */
    unmap(w, 9);
    map(w, 9, (MB2 + 9 * 0x1000ull) | 0x3ull << 6);
    refuse_fold(w, UNPROT, 3); /* MemAttr */
    unmap(w, 9);
    map(w, 9, (MB2 + 9 * 0x1000ull) | ATTRS);
    assert_string_equal(fold(w, CHILD, UNPROT, 3), "assigned_ns");
    assert_int_equal(entry(w, 2, UNPROT).addr, MB2);
    assert_int_equal(entry(w, 2, UNPROT).memattr, 6);
    assert_int_equal(entry(w, 2, UNPROT).s2ap, 3);
    world_free(w);
}

/* Contiguous, but the first address is not aligned to the block. */
static void test_misaligned(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), UNPROT, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, UNPROT, 3), RMI_SUCCESS);
    for (unsigned i = 0; i < 512; i++)
        map(w, i, (MB2 + (i + 1) * 0x1000ull) | ATTRS);
    refuse_fold(w, UNPROT, 3);
    world_free(w);
}

/* ASSIGNED folds into blocks of level 1 and 2 only: a level-1 table of blocks stays. */
static void test_no_level_0_block(void **state)
{
    struct impl impl;
    struct spec_world *w;

    (void)state;
    impl_default(&impl);
    w = world_fill(world_of(&impl));
    realm_params(w, 48, 0, 1);
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, CHILD, 1ull << 47, 1), RMI_SUCCESS);
    for (unsigned i = 0; i < 512; i++)
        OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, (1ull << 47) + i * GB1, 1, i * GB1 | ATTRS),
           RMI_SUCCESS);
    refuse_fold(w, 1ull << 47, 1);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unassigned),       cmocka_unit_test(test_mixed_ripas),
        cmocka_unit_test(test_assigned),         cmocka_unit_test(test_not_contiguous),
        cmocka_unit_test(test_assigned_ns),      cmocka_unit_test(test_misaligned),
        cmocka_unit_test(test_no_level_0_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
