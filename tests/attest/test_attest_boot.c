/* SPDX-License-Identifier: BSD-3-Clause */
/* Boot of the RMM: each reason to refuse it, and a Realm world that is dead afterwards. */
#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/rmm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct machine *new_machine(void)
{
    struct machine *m;
    struct impl impl;

    impl_default(&impl);
    impl.num_banks = 2;
    impl.bank[0] = (struct impl_range){impl.dram.base, 0x100000};
    impl.bank[1] = (struct impl_range){impl.dram.base + 0x200000, 0x100000};
    assert_int_equal(machine_new(&impl, &m), CCA_OK);
    return m;
}

static uint64_t smc(struct machine *m, enum world world, uint64_t fid, uint64_t x1)
{
    uint64_t regs[ABI_MAX_REGS] = {fid, x1};

    el3m_smc(m, 0, world, regs);
    return regs[0];
}

/* What a bad boot does to the manifest: the 8 bytes at an offset of the shared buffer. */
struct boot {
    uint64_t x[RMM_BOOT_ARGS]; /* 0 and UINT64_MAX in x3: the right one, and 0 */
    uint64_t offset, value;    /* offset 0xfff: the manifest is as it should be */
    int64_t result;
};
#define AS_IT_IS 0xfff

static void test_boot(void **state)
{
    const struct boot rows[] = {
        {{0, 0x4, 2, 0, 0}, AS_IT_IS, 0, RMM_BOOT_OK},
        {{0, 0x3, 1, 0, 0}, AS_IT_IS, 0, RMM_BOOT_OK},
        {{0, 0x2, 2, 0, 0}, AS_IT_IS, 0, RMM_BOOT_E_VERSION},
        {{0, 0x20000, 2, 0, 0}, AS_IT_IS, 0, RMM_BOOT_E_VERSION},
        {{0, 0x4, CCA_MAX_PES + 1, 0, 0}, AS_IT_IS, 0, RMM_BOOT_E_TOO_MANY_CPUS},
        {{1, 0x4, 1, 0, 0}, AS_IT_IS, 0, RMM_BOOT_E_CPU_ID},
        {{0, 0x4, 2, UINT64_MAX, 0}, AS_IT_IS, 0, RMM_BOOT_E_BUFFER},
        {{0, 0x4, 2, 8, 0}, AS_IT_IS, 0, RMM_BOOT_E_BUFFER},
        {{0, 0x4, 2, 0, 0}, MANIFEST_VERSION, 0x2, RMM_BOOT_E_MANIFEST_VERSION},
        {{0, 0x4, 2, 0, 0}, MANIFEST_VERSION, 0x10003, RMM_BOOT_E_MANIFEST_VERSION},
        {{0, 0x4, 2, 0, 0}, MANIFEST_VERSION, 0x5, RMM_BOOT_OK},
        {{0, 0x4, 2, 0, 0}, MANIFEST_DRAM, 0, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_DRAM, 1000, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_DRAM + 8, 0x1000, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_DRAM + 16, 1, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_BANKS, 0x80001000, RMM_BOOT_E_MANIFEST_DATA}, /* checksum */
        {{0, 0x4, 2, 0, 0}, MANIFEST_BANKS, 0, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_BANKS + 8, 0x100800, RMM_BOOT_E_MANIFEST_DATA},
        {{0, 0x4, 2, 0, 0}, MANIFEST_BANKS + 16, 0x80000000, RMM_BOOT_E_MANIFEST_DATA},
    };
    struct machine *m = new_machine();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t buffer = gpt_shared_buffer(&m->impl), x[RMM_BOOT_ARGS];

        machine_reset(m);
        memcpy(x, rows[i].x, sizeof(x));
        x[3] = x[3] == UINT64_MAX ? 0 : buffer + x[3];
        if (rows[i].offset != AS_IT_IS)
            mem_write(m, buffer + rows[i].offset, &rows[i].value, sizeof(uint64_t), OWNER_EL3M, 0);
        m->el3m = (struct el3m_state){0};
        m->rmm_ops->reset(m, x);
        assert_true(m->el3m.rmm_booted);
        if (m->el3m.boot_result != rows[i].result)
            fail_msg("row %zu: %d, expected %d", i, (int)m->el3m.boot_result, (int)rows[i].result);
    }
    machine_free(m);
}

/* A list that is wrong in its order alone: the checksum is right. */
static void test_banks_out_of_order(void **state)
{
    struct machine *m = new_machine();
    uint64_t buffer = gpt_shared_buffer(&m->impl), bank[4];
    uint64_t x[RMM_BOOT_ARGS] = {0, EL3_INTERFACE_VERSION, 2, buffer, 0};

    (void)state;
    mem_read(m, buffer + MANIFEST_BANKS, bank, sizeof(bank));
    mem_write(m, buffer + MANIFEST_BANKS, bank + 2, 16, OWNER_EL3M, 0);
    mem_write(m, buffer + MANIFEST_BANKS + 16, bank, 16, OWNER_EL3M, 0);
    m->el3m = (struct el3m_state){0};
    m->rmm_ops->reset(m, x);
    assert_int_equal(m->el3m.boot_result, RMM_BOOT_E_MANIFEST_DATA);
    machine_free(m);
}

static void boot_refused(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    uint64_t regs[ABI_MAX_REGS] = {EL3_BOOT_COMPLETE, (uint64_t)RMM_BOOT_E_MANIFEST_DATA};

    (void)x;
    el3m_smc(m, 0, WORLD_REALM, regs);
    assert_int_equal(regs[0], EL3_OK);
}

static void boot_silent(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    (void)m;
    (void)x;
}

static uint64_t boot_args[RMM_BOOT_ARGS];

static void boot_notes(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    (void)m;
    memcpy(boot_args, x, sizeof(boot_args));
}

/* What EL3M boots the RMM with: the PE, the version, the number of PEs, the shared buffer, no activation token. */
static void test_boot_arguments(void **state)
{
    static const struct rmm_ops notes = {.name = "notes", .reset = boot_notes};
    struct machine *m = new_machine();
    const uint64_t expected[RMM_BOOT_ARGS] = {0, EL3_INTERFACE_VERSION, m->impl.num_pes,
                                              gpt_shared_buffer(&m->impl), 0};

    (void)state;
    m->rmm_ops = &notes;
    machine_reset(m);
    assert_memory_equal(boot_args, expected, sizeof(expected));
    machine_free(m);
}

static void test_dead_realm_world(void **state)
{
    static const struct rmm_ops refused = {.name = "refused", .reset = boot_refused};
    static const struct rmm_ops silent = {.name = "silent", .reset = boot_silent};
    const struct rmm_ops *const ops[] = {&refused, &silent};
    struct machine *m = new_machine();
    const struct rmm_ops *good = m->rmm_ops;

    (void)state;
    assert_int_equal(smc(m, WORLD_NS, RMI_VERSION, ABI_1_0), RMI_SUCCESS);
    for (size_t i = 0; i < 2; i++) {
        m->rmm_ops = ops[i];
        machine_reset(m);
        assert_true(smc(m, WORLD_NS, RMI_VERSION, ABI_1_0) == SMC_NOT_SUPPORTED);
        assert_true(smc(m, WORLD_REALM, EL3_GTSI_DELEGATE, m->mem.base) == SMC_NOT_SUPPORTED);
        assert_true(smc(m, WORLD_REALM, EL3_FEATURES, 0) == SMC_NOT_SUPPORTED);
    }
    m->rmm_ops = good;
    machine_reset(m);
    assert_int_equal(smc(m, WORLD_NS, RMI_VERSION, ABI_1_0), RMI_SUCCESS);
    assert_int_equal(smc(m, WORLD_REALM, EL3_FEATURES, 0), EL3_OK);
    machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot),
        cmocka_unit_test(test_banks_out_of_order),
        cmocka_unit_test(test_boot_arguments),
        cmocka_unit_test(test_dead_realm_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
