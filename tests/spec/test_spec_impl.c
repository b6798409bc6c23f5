/* SPDX-License-Identifier: BSD-3-Clause */
/* The ABI tables and the implementation-defined choices. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <ccasim/abi.h>
#include <ccasim/impl.h>

static void test_tables(void **state)
{
    (void)state;
    assert_int_equal(abi_rmi_command_count, 23);
    assert_int_equal(abi_rsi_command_count, 10);
    for (size_t i = 0; i < abi_rmi_command_count; i++) {
        assert_ptr_equal(abi_command_by_fid(abi_rmi_commands[i].fid), &abi_rmi_commands[i]);
        assert_ptr_equal(abi_command_by_name(abi_rmi_commands[i].name), &abi_rmi_commands[i]);
        assert_true(i == 0 || abi_rmi_commands[i].fid > abi_rmi_commands[i - 1].fid);
        assert_false(abi_command_is_rsi(&abi_rmi_commands[i]));
    }
    for (size_t i = 0; i < abi_rsi_command_count; i++) {
        assert_true(abi_command_is_rsi(&abi_rsi_commands[i]));
        assert_true(i == 0 || abi_rsi_commands[i].fid > abi_rsi_commands[i - 1].fid);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(abi_command_by_name("RTT_CREATE")->fid, RMI_RTT_CREATE);
    assert_int_equal(abi_command_by_name("RMI_VERSION")->fid, RMI_VERSION);
    assert_int_equal(abi_command_by_name("RSI_VERSION")->fid, RSI_VERSION);
    assert_null(abi_command_by_name("RTT_CREAT"));
    assert_null(abi_command_by_fid(0xC4000156));
    assert_int_equal(abi_command_by_fid(RMI_RTT_CREATE | SMC_FID_SVE_HINT)->fid, RMI_RTT_CREATE);
    assert_int_equal(abi_command_num_in(abi_command_by_name("DATA_CREATE")), 5);
    assert_int_equal(abi_command_num_out(abi_command_by_name("RTT_READ_ENTRY")), 4);
    assert_int_equal(abi_command_num_in(abi_command_by_name("RSI_MEASUREMENT_EXTEND")), 10);
    assert_int_equal(abi_command_num_out(abi_command_by_name("RSI_MEASUREMENT_READ")), 8);
    assert_string_equal(rmi_status_name(4), "RMI_ERROR_RTT");
    assert_string_equal(rmi_status_name(5), "?");
    assert_string_equal(rsi_status_name(3), "RSI_INCOMPLETE");
    assert_string_equal(ripas_name(2), "DESTROYED");
    assert_string_equal(hipas_name(2), "TABLE");
    assert_string_equal(rec_exit_reason_name(5), "HOST_CALL");
    assert_string_equal(realm_state_name(2), "SYSTEM_OFF");
}

static void test_defaults(void **state)
{
    struct impl impl;
    char why[80] = "x";

    (void)state;
    impl_default(&impl);
    assert_int_equal(impl_check(&impl, why, sizeof(why)), CCA_OK);
    assert_string_equal(why, "");
    assert_int_equal(impl.num_banks, 1);
    assert_int_equal(impl.bank[0].size, impl.dram.size - impl.root_size);
    assert_true(impl_is_tracked(&impl, impl.dram.base));
    assert_false(impl_is_tracked(&impl, impl.dram.base + 8));
    assert_false(impl_is_tracked(&impl, impl.dram.base - 4096));
    assert_false(impl_is_tracked(&impl, impl.dram.base + impl.dram.size - 4096));
    impl.dram.base = 0x90000000;
    impl_fill_banks(&impl);
    assert_int_equal(impl.bank[0].base, 0x90000000);
}

static void test_feature_register(void **state)
{
    struct impl impl;
    uint64_t f;

    (void)state;
    impl_default(&impl);
    f = impl_feature_register0(&impl);
    assert_int_equal(f & 0xff, impl.s2sz);
    assert_int_equal((f >> FEAT0_NUM_BPS_SHIFT) & 0x3f, 5);
    assert_int_equal((f >> FEAT0_NUM_WPS_SHIFT) & 0x3f, 3);
    assert_int_equal((f >> 32) & 3, 3);
    assert_int_equal((f >> FEAT0_GICV3_NUM_LRS_SHIFT) & 0xf, 3);
    assert_int_equal((f >> FEAT0_MAX_RECS_ORDER_SHIFT) & 0xf, 9);
    assert_int_equal(f >> 42, 0);
}

static void test_pa_width(void **state)
{
    struct impl impl;

    (void)state;
    impl_default(&impl);
    impl.pa_bits = 40;
    impl.s2sz = 32;
    assert_int_equal(impl_pa_width(&impl), 40);
    impl.s2sz = 41;
    assert_int_equal(impl_pa_width(&impl), 42);
    impl.pa_bits = 48;
    assert_int_equal(impl_pa_width(&impl), 48);
    impl.lpa2 = true;
    impl.s2sz = 49;
    assert_int_equal(impl_pa_width(&impl), 52);
    assert_int_equal(impl_check(&impl, NULL, 0), CCA_OK);
}

#define REFUSED(change, text)                                                 \
    do {                                                                      \
        struct impl impl;                                                     \
        char why[160];                                                        \
                                                                              \
        impl_default(&impl);                                                  \
        change;                                                               \
        assert_int_equal(impl_check(&impl, why, sizeof(why)), CCA_ERR_INVAL); \
        assert_non_null(strstr(why, text));                                   \
    } while (0)

static void test_refusals(void **state)
{
    (void)state;
    REFUSED(impl.num_pes = 0, "num_pes is 0: must be 1..8");
    REFUSED(impl.s2sz = 49, "s2sz");
    REFUSED((impl.lpa2 = true, impl.s2sz = 53), "s2sz is 53: must be 32..52");
    REFUSED(impl.pa_bits = 41, "pa_bits");
    REFUSED(impl.vmid_bits = 12, "vmid_bits");
    REFUSED(impl.sha256 = impl.sha512 = false, "hash algorithm");
    REFUSED(impl.dram.size = 4097, "dram");
    REFUSED(impl.dram.base = 1ull << 41, "40-bit");
    REFUSED(impl.root_size = impl.dram.size, "root_size");
    REFUSED(impl.bank[0].size = impl.dram.size, "bank 0");
    REFUSED((impl.num_banks = 2, impl.bank[1] = impl.bank[0]), "bank 1");
    REFUSED((impl.num_secure = 1, impl.secure[0].size = 8), "secure range 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_feature_register),
        cmocka_unit_test(test_pa_width), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
