/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A level-1 block of a Realm's own memory: 1 GB, 262,144 granules, folded from 512 tables into one entry, used by the
 * Realm, and unfolded again. Too many steps for a scenario.
 */
#include "check_world.h"

#define GB           (1ull << 30)
#define BLOCK_2M     (1ull << 21)
#define PER_BLOCK_2M (BLOCK_2M / GRANULE_SIZE)
/* Granules with this number and on are the block. The first GB of DRAM holds the rest. */
#define FIRST     ((unsigned)(GB / GRANULE_SIZE))
#define SOMEWHERE 0x12345000ull

static void open_world(struct cw *w)
{
    struct impl impl;

    impl_default(&impl);
    impl.dram = (struct impl_range){0x80000000, 2 * GB + (64ull << 20)};
    impl.root_size = gpt_size_needed(&impl);
    impl_fill_banks(&impl);
    w_open(w, &impl, CHECK_ALL);
}

/* A level-3 table full of pages, folded into a block of level 2. */
static void fill_2m(struct cw *w, unsigned block)
{
    uint64_t at = block * BLOCK_2M, rd = w_pa(w, W_RD);

    w_table(w, W_L3, at, 3);
    for (unsigned i = 0; i < PER_BLOCK_2M; i++) {
        unsigned n = FIRST + block * (unsigned)PER_BLOCK_2M + i;

        w_delegate(w, n);
        assert_int_equal(
            RMI3(w, RMI_DATA_CREATE_UNKNOWN, rd, w_pa(w, n), at + i * (uint64_t)GRANULE_SIZE),
            RMI_SUCCESS);
    }
    assert_int_equal(RMI3(w, RMI_RTT_FOLD, rd, at, 3), RMI_SUCCESS);
    assert_int_equal(w->out[1], w_pa(w, W_L3));
}

/* RTT_READ_ENTRY of `ipa` at level 3: where the walk ends, and at which address. */
static void assert_block(struct cw *w, uint64_t ipa, unsigned level, uint64_t pa)
{
    assert_int_equal(RMI3(w, RMI_RTT_READ_ENTRY, w_pa(w, W_RD), ipa, 3), RMI_SUCCESS);
    assert_int_equal(w->out[1], level);
    assert_int_equal(w->out[2], HIPAS_ASSIGNED);
    assert_int_equal(w->out[3], pa);
    assert_int_equal(w->out[4], RIPAS_RAM);
}

static void run_realm(struct cw *w)
{
    assert_int_equal(RMI2(w, RMI_REC_ENTER, w_pa(w, W_REC), w_pa(w, W_RUN)), RMI_SUCCESS);
    assert_int_equal(script_set_failure(w->scripts)->count, 0);
    w_assert_clean(w);
}

static void test_fold_and_unfold(void **state)
{
    static struct script_op ops[] = {
        {.kind = SCRIPT_STORE,
         .reg = 1,
         .size = 8,
         .sf = true,
         .has_value = true,
         .value = 0x77,
         .addr = SOMEWHERE},
        {.kind = SCRIPT_WFI},
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 8, .sf = true, .addr = SOMEWHERE},
        {.kind = SCRIPT_EXPECT, .reg = 2, .value = 0x77},
        {.kind = SCRIPT_END},
    };
    static struct script_section section = {.pc = W_IPA, .ops = ops, .num = 5};
    static const struct script script = {.sections = &section, .num = 1};
    uint64_t rd, first, seen = 0;
    struct cw w;

    (void)state;
    open_world(&w);
    rd = w_pa(&w, W_RD);
    first = w_pa(&w, FIRST);
    assert_int_equal(script_set_add(w.scripts, &script, 0), CCA_OK);
    w_realm(&w);
    assert_int_equal(RMI3(&w, RMI_RTT_INIT_RIPAS, rd, 0, GB), RMI_SUCCESS);
    w_table(&w, W_L2, 0, 2);
    for (unsigned block = 0; block < GB / BLOCK_2M; block++)
        fill_2m(&w, block);
    assert_block(&w, SOMEWHERE, 2, first + (SOMEWHERE & ~(BLOCK_2M - 1)));
    assert_int_equal(RMI3(&w, RMI_RTT_FOLD, rd, 0, 2), RMI_SUCCESS);
    assert_int_equal(w.out[1], w_pa(&w, W_L2));
    assert_block(&w, SOMEWHERE, 1, first);
    w_assert_clean(&w);

    w_rec(&w, W_REC, W_AUX, 0, true);
    w_activate(&w);
    w_host_write(&w, W_RUN, REC_ENTER_FLAGS, REC_ENTRY_FLAG_TRAP_WFI, 8);
    run_realm(&w);
    mem_read(w.m, first + SOMEWHERE, &seen, sizeof(seen));
    assert_int_equal(seen, 0x77);
    /* No page of a block can be taken out of it, and a table above it cannot be folded again. */
    assert_int_equal(RMI2(&w, RMI_DATA_DESTROY, rd, SOMEWHERE), rmi_result(RMI_ERROR_RTT, 1));
    assert_int_equal(RMI3(&w, RMI_RTT_FOLD, rd, 0, 2), rmi_result(RMI_ERROR_RTT, 1));

    w_table(&w, W_L2, 0, 2);
    assert_block(&w, SOMEWHERE, 2, first + (SOMEWHERE & ~(BLOCK_2M - 1)));
    w_table(&w, W_L3, SOMEWHERE & ~(BLOCK_2M - 1), 3);
    assert_block(&w, SOMEWHERE, 3, first + SOMEWHERE);
    run_realm(&w);
    assert_int_equal(RMI2(&w, RMI_DATA_DESTROY, rd, SOMEWHERE), RMI_SUCCESS);
    assert_int_equal(w.out[1], first + SOMEWHERE);
    assert_int_equal(check_full(w.c), 0);
    w_assert_clean(&w);
    w_close(&w);
}

/* The last of the 512 blocks is not there: the table is not homogeneous. */
static void test_last_is_missing(void **state)
{
    struct cw w;
    uint64_t rd;

    (void)state;
    open_world(&w);
    rd = w_pa(&w, W_RD);
    w_realm(&w);
    assert_int_equal(RMI3(&w, RMI_RTT_INIT_RIPAS, rd, 0, GB), RMI_SUCCESS);
    w_table(&w, W_L2, 0, 2);
    for (unsigned block = 0; block < GB / BLOCK_2M - 1; block++)
        fill_2m(&w, block);
    assert_int_equal(RMI3(&w, RMI_RTT_FOLD, rd, 0, 2), rmi_result(RMI_ERROR_RTT, 2));
    w_assert_clean(&w);
    w_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold_and_unfold),
        cmocka_unit_test(test_last_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
