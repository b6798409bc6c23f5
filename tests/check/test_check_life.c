/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of a Realm raises nothing, step by step and in full checks. */
#include "check_world.h"

static void build_run_destroy(enum check_level level)
{
    static struct script_op ops[] = {
        {.kind = SCRIPT_STORE,
         .reg = 1,
         .size = 8,
         .sf = true,
         .has_value = true,
         .value = 0x1234,
         .addr = W_IPA + 8},
        {.kind = SCRIPT_SMC, .args = 0xf, .arg = {RSI_MEASUREMENT_EXTEND, 2, 8, 0x55}},
        {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_REALM_CONFIG, W_IPA}},
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 8, .sf = true, .addr = W_NS_IPA},
        {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_HOST_CALL, W_IPA + 0x100}},
        {.kind = SCRIPT_END},
    };
    static struct script_section section = {.pc = W_IPA, .ops = ops, .num = 6};
    static struct script script = {.sections = &section, .num = 1};
    struct cw w;

    w_open(&w, NULL, level);
    assert_int_equal(script_set_add(w.scripts, &script, 0), CCA_OK);
    w_whole_realm(&w);
    w_assert_clean(&w);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(RMI2(&w, RMI_REC_ENTER, w_pa(&w, W_REC), w_pa(&w, W_RUN)), RMI_SUCCESS);
        w_assert_clean(&w);
    }
    assert_int_equal(check_full(w.c), 0);
    RMI2(&w, RMI_DATA_DESTROY, w_pa(&w, W_RD), W_IPA);
    RMI1(&w, RMI_REC_DESTROY, w_pa(&w, W_REC));
    w_assert_clean(&w);
    RMI3(&w, RMI_RTT_DESTROY, w_pa(&w, W_RD), 0, 3);
    RMI3(&w, RMI_RTT_DESTROY, w_pa(&w, W_RD), 0, 2);
    RMI3(&w, RMI_RTT_DESTROY, w_pa(&w, W_RD), W_NS_IPA, 3);
    RMI3(&w, RMI_RTT_DESTROY, w_pa(&w, W_RD), W_NS_IPA, 2);
    assert_int_equal(RMI1(&w, RMI_REALM_DESTROY, w_pa(&w, W_RD)), RMI_SUCCESS);
    for (unsigned n = W_RD; n < W_FREE; n++)
        assert_int_equal(RMI1(&w, RMI_GRANULE_UNDELEGATE, w_pa(&w, n)), RMI_SUCCESS);
    w_assert_clean(&w);
    assert_int_equal(check_full(w.c), 0);
    w_assert_clean(&w);
    w_close(&w);
}

static void test_incremental(void **state)
{
    (void)state;
    build_run_destroy(CHECK_ALL);
}

static void test_full(void **state)
{
    (void)state;
    build_run_destroy(CHECK_FULL);
}

/* No check: every function takes NULL. */
static void test_none(void **state)
{
    (void)state;
    build_run_destroy(CHECK_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incremental),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
