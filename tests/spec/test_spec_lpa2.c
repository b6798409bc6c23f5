/* SPDX-License-Identifier: BSD-3-Clause */
/* Realms with LPA2: up to 52 bits of IPA and PA, walks from level -1, and the limits without it. */
#include "spec_world.h"

#define RD  G(N_RD)
#define TOP (1ull << 52)

static struct spec_world *world_lpa2(int level, unsigned roots)
{
    struct impl impl;
    struct spec_world *w;

    impl_default(&impl);
    impl.lpa2 = true;
    impl.s2sz = 52;
    impl.pa_bits = 52;
    w = world_fill(world_of(&impl));
    realm_params(w, 52, level, roots);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(32));
    put(w, G(N_PARAMS) + REALM_PARAMS_FLAGS, 8, REALM_FLAG_LPA2);
    return w;
}

static void test_configurations(void **state)
{
    static const struct {
        unsigned s2sz;
        int level;
        unsigned roots;
        bool lpa2, ok;
    } rows[] = {
        {52, -1, 1, true, true},  {49, -1, 1, true, true},   {48, -1, 1, true, false},
        {52, -1, 2, true, false}, {52, -1, 1, false, false}, {52, 0, 16, true, true},
        {52, 0, 8, true, false},  {49, 0, 2, true, true},    {49, 0, 2, false, false},
        {48, 0, 1, true, true},   {48, 0, 1, false, true},   {52, -2, 1, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spec_world *w = world_lpa2(rows[i].level, rows[i].roots);

        put(w, G(N_PARAMS) + REALM_PARAMS_S2SZ, 1, rows[i].s2sz);
        put(w, G(N_PARAMS) + REALM_PARAMS_FLAGS, 8, rows[i].lpa2);
        if (judge(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), CALL(RMI_SUCCESS)) != rows[i].ok)
            fail_msg("row %zu: %s", i, w->v.mismatch);
        world_free(w);
    }
}

static void test_walk_from_minus_1(void **state)
{
    struct spec_world *w = world_lpa2(-1, 1);
    uint64_t ipa = TOP - MB2, addr = 1ull << 50 | 1ull << 48 | MB2;
    uint64_t desc = 1ull << 8 | 1ull << 48 | MB2 | 0x3ull << 6;

    (void)state;
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, TOP - (1ull << 48), (uint64_t)-1), RMI_SUCCESS, (uint64_t)-1,
       HIPAS_UNASSIGNED);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), ipa & ~(GB1 - 1), 2),
       RMI_ERROR_RTT | 0xffull << 8);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), TOP - (1ull << 48), 0), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 2), TOP - (1ull << 39), 1), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 3), TOP - GB1, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, ipa, 2, desc), RMI_SUCCESS);
    assert_int_equal(entry(w, 2, ipa).addr, addr);
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, ipa, 2), RMI_SUCCESS, 2, HIPAS_ASSIGNED, desc);
    WRONG(w, CALL(RMI_RTT_READ_ENTRY, RD, ipa, 2), RMI_SUCCESS, 2, HIPAS_ASSIGNED,
          desc & ~(1ull << 8));
    world_free(w);
}

static void test_sixteen_roots(void **state)
{
    struct spec_world *w = world_lpa2(0, 16);
    struct spec_granule g;

    (void)state;
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_REC), 5ull << 48, 1), RMI_SUCCESS);
    assert_int_equal(entry(w, 0, 5ull << 48).hipas, HIPAS_TABLE);
    assert_int_equal(entry(w, 0, 4ull << 48).hipas, HIPAS_UNASSIGNED);
    assert_true(entry(w, 0, 8ull << 48).ns);
    assert_true(spec_granule(w->s, G(32 + 15), &g));
    assert_int_equal(g.state, SPEC_RTT);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configurations),
        cmocka_unit_test(test_walk_from_minus_1),
        cmocka_unit_test(test_sixteen_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
