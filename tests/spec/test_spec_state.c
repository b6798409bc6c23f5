/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Post-states: granules, Realms, RECs, tables and their entries; output registers; copies and
 * identity.
 */
#include "spec_world.h"

#define RD         G(N_RD)
#define RTT(level) (RMI_ERROR_RTT | (level) << 8)

static enum spec_gstate state_of(struct spec_world *w, uint64_t pa)
{
    struct spec_granule g;

    assert_true(spec_granule(w->s, pa, &g));
    return g.state;
}

static void test_delegate(void **state)
{
    struct spec_world *w = world_new();
    struct spec_granule g;
    uint64_t fresh = spec_hash(w->s);
    size_t count;

    (void)state;
    assert_false(spec_granule(w->s, UNTRACKED, &g));
    OK(w, CALL(RMI_GRANULE_DELEGATE, G(1)), RMI_SUCCESS);
    assert_true(spec_granule(w->s, G(1), &g));
    assert_true(g.state == SPEC_DELEGATED && g.pas == PAS_REALM);
    assert_int_equal(spec_touched(w->s, &count)[0].a, G(1));
    assert_int_equal(count, 1);
    assert_int_not_equal(spec_hash(w->s), fresh);
    OK(w, CALL(RMI_GRANULE_UNDELEGATE, G(1)), RMI_SUCCESS);
    assert_int_equal(spec_hash(w->s), fresh);
    WRONG(w, CALL(RMI_GRANULE_DELEGATE, G(1)), RMI_ERROR_INPUT);
    assert_non_null(strstr(w->v.mismatch, "no failure condition holds"));
    assert_int_equal(spec_hash(w->s), fresh);
    WRONG(w, CALL(RMI_GRANULE_DELEGATE, G(1)), RMI_SUCCESS, 0, 0, 0, 9); /* x4 is not an output */
    world_free(w);
}

static void test_version_and_features(void **state)
{
    struct spec_world *w = world_new();

    (void)state;
    OK(w, CALL(RMI_VERSION, ABI_1_0), RMI_SUCCESS, ABI_1_0, ABI_1_0);
    OK(w, CALL(RMI_VERSION, ABI_VERSION(1, 1)), RMI_ERROR_INPUT, ABI_1_0, ABI_1_0);
    OK(w, CALL(RMI_VERSION, ABI_VERSION(0, 9)), RMI_ERROR_INPUT, ABI_1_0, ABI_1_0);
    WRONG(w, CALL(RMI_VERSION, ABI_1_0), RMI_SUCCESS, ABI_1_0);
    WRONG(w, CALL(RMI_VERSION, ABI_1_0), RMI_ERROR_INPUT, ABI_1_0, ABI_1_0);
    OK(w, CALL(RMI_FEATURES, 0), RMI_SUCCESS, impl_feature_register0(&w->impl));
    OK(w, CALL(RMI_FEATURES, 1), RMI_SUCCESS, 0);
    OK(w, CALL(RMI_FEATURES | SMC_FID_SVE_HINT, 1), RMI_SUCCESS, 0);
    OK(w, CALL(0xC4000156), SMC_NOT_SUPPORTED);
    OK(w, CALL(PSCI_VERSION), SMC_NOT_SUPPORTED);
    OK(w, CALL(RSI_VERSION), SMC_NOT_SUPPORTED);
    WRONG(w, CALL(0xC4000156), RMI_SUCCESS);
    world_free(w);
}

static void test_realm_life(void **state)
{
    struct spec_world *w = world_bare();
    uint64_t before = spec_hash(w->s);
    const struct spec_realm *r;
    struct spec_granule g;

    (void)state;
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS);
    r = spec_realm(w->s, RD);
    assert_true(r->state == REALM_NEW && r->s2sz == 40 && r->vmid == 7 && r->num_recs == 0);
    assert_true(spec_granule(w->s, G(N_ROOT + 1), &g));
    assert_true(g.state == SPEC_RTT && g.ipa == UNPROT && g.level == 1 && g.rd == RD);
    assert_int_equal(entry(w, 1, 0).hipas, HIPAS_UNASSIGNED);
    assert_false(entry(w, 1, UNPROT - GB1).ns);
    assert_true(entry(w, 1, UNPROT).ns);
    assert_true(spec_table_is_uniform(w->s, G(N_ROOT), 0, 512));
    OK(w, CALL(RMI_REC_AUX_COUNT, RD), RMI_SUCCESS, 1);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    assert_int_equal(spec_realm(w->s, RD)->state, REALM_ACTIVE);
    OK(w, CALL(RMI_REALM_DESTROY, RD), RMI_SUCCESS);
    assert_null(spec_realm(w->s, RD));
    assert_int_equal(spec_hash(w->s), before);
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS); /* the VMID is free again */
    world_free(w);
}

/*
 * {ipa width, start level, tables} that are valid (A: rtt_level_start; fact sheet 1.6), and some
 * that are not.
 */
static void test_start_levels(void **state)
{
    static const struct {
        unsigned s2sz;
        int level;
        unsigned num;
        bool ok;
    } rows[] = {
        {32, 2, 4, true},   {34, 2, 16, true},  {35, 2, 32, false}, {32, 1, 1, true},
        {39, 1, 1, true},   {40, 1, 2, true},   {42, 1, 8, true},   {43, 1, 16, true},
        {44, 1, 32, false}, {40, 0, 1, true},   {48, 0, 1, true},   {39, 0, 1, false},
        {40, 1, 1, false},  {48, -1, 1, false}, {32, 3, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spec_world *w = world_new();
        uint64_t base = G(64);

        w->impl.s2sz = 48;
        spec_free(w->s);
        w->s = spec_new(&w->impl);
        realm_params(w, rows[i].s2sz, rows[i].level, rows[i].num);
        put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, base);
        delegate(w, N_RD);
        for (unsigned n = 64; n < 96; n++)
            delegate(w, n);
        if (judge(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), CALL(RMI_SUCCESS)) != rows[i].ok)
            fail_msg("s2sz %u level %d: %s", rows[i].s2sz, rows[i].level, w->v.mismatch);
        if (rows[i].ok) {
            assert_false(entry(w, rows[i].level, 0).ns);
            assert_false(entry(w, rows[i].level, (1ull << (rows[i].s2sz - 1)) - 1).ns);
            assert_true(entry(w, rows[i].level, 1ull << (rows[i].s2sz - 1)).ns);
        }
        world_free(w);
    }
}

/* A 44-bit PA is needed for start level 0. */
static void test_level_0_needs_44_bits(void **state)
{
    struct spec_world *w = world_bare();

    (void)state;
    realm_params(w, 40, 0, 1);
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_ERROR_INPUT);
    world_free(w);
}

static void test_rec_life(void **state)
{
    struct spec_world *w = world_realm();
    const struct spec_rec *rec;
    struct spec_granule g;

    (void)state;
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    rec = spec_rec(w->s, G(N_REC));
    assert_true(rec->rd == RD && rec->runnable && !rec->running && rec->num_aux == 1);
    assert_int_equal(rec->regs.x[0], 0x11);
    assert_int_equal(rec->regs.pstate, 0x3c5);
    assert_true(spec_granule(w->s, G(N_AUX), &g));
    assert_true(g.state == SPEC_REC_AUX && g.rec == G(N_REC) && g.rd == RD);
    OK(w, CALL(RMI_REALM_DESTROY, RD), RMI_ERROR_REALM);
    OK(w, CALL(RMI_REC_DESTROY, G(N_REC)), RMI_SUCCESS);
    assert_int_equal(state_of(w, G(N_AUX)), SPEC_DELEGATED);
    /* rec_index did not go down: the same MPIDR cannot be used again. */
    assert_int_equal(spec_realm(w->s, RD)->num_recs, 0);
    assert_int_equal(spec_realm(w->s, RD)->rec_index, 1);
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_ERROR_INPUT);
    world_free(w);
}

static void test_rtt_create_and_destroy(void **state)
{
    struct spec_world *w = world_realm();
    uint64_t before = spec_hash(w->s);

    (void)state;
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), MB2, 3), RMI_SUCCESS);
    assert_string_equal(w->v.variant, "unfold_unassigned_empty");
    assert_int_equal(entry(w, 2, MB2).hipas, HIPAS_TABLE);
    assert_int_equal(entry(w, 2, MB2).addr, G(N_FREE));
    assert_int_equal(entry(w, 3, MB2 + 0x5000).ripas, RIPAS_EMPTY);
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, MB2, 2), RMI_SUCCESS, 2, HIPAS_TABLE, G(N_FREE), 0x55);
    WRONG(w, CALL(RMI_RTT_READ_ENTRY, RD, MB2, 2), RMI_SUCCESS, 2, HIPAS_TABLE, G(N_FREE), 0x100);
    WRONG(w, CALL(RMI_RTT_DESTROY, RD, MB2, 3), RMI_SUCCESS, G(N_FREE), 2 * MB2);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), MB2, 3), RMI_SUCCESS); /* that one did happen */
    OK(w, CALL(RMI_RTT_DESTROY, RD, MB2, 3), RMI_SUCCESS, G(N_FREE), GB1);
    assert_int_equal(entry(w, 2, MB2).ripas, RIPAS_DESTROYED);
    assert_int_not_equal(spec_hash(w->s), before);
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, MB2 + 0x1000, 3), RMI_SUCCESS, 2, 0, 0, RIPAS_DESTROYED);
    /* At an unprotected IPA there is no RIPAS. */
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), UNPROT, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_DESTROY, RD, UNPROT, 2), RMI_SUCCESS, G(N_FREE), 1ull << 40);
    assert_true(entry(w, 1, UNPROT).ns);
    world_free(w);
}

static void test_unfold_block(void **state)
{
    struct spec_world *w = world_realm();
    struct spec_rtte e;

    (void)state;
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), UNPROT, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, UNPROT + MB2, 2, 0x80200000 | 0x3 << 6 | 0x6 << 2),
       RMI_SUCCESS);
    assert_string_equal(w->v.variant, "block_level_2");
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, UNPROT + MB2 + 0x7000, 3), RMI_SUCCESS, 2, HIPAS_ASSIGNED,
       0x80200000 | 0x3 << 6 | 0x6 << 2, 0);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), UNPROT + MB2, 3), RMI_SUCCESS);
    assert_string_equal(w->v.variant, "unfold_assigned_ns");
    e = entry(w, 3, UNPROT + MB2 + 0x7000);
    assert_true(e.ns && e.hipas == HIPAS_ASSIGNED && e.addr == 0x80207000 && e.memattr == 6 &&
                e.s2ap == 3);
    assert_true(spec_table_is_uniform(w->s, G(N_FREE + 1), 0, 512));
    /* ASSIGNED_NS entries do not keep their RTT alive; they are live for `top`. */
    OK(w, CALL(RMI_RTT_UNMAP_UNPROTECTED, RD, UNPROT + MB2, 3), RMI_SUCCESS, UNPROT + MB2 + 0x1000);
    assert_false(spec_table_is_uniform(w->s, G(N_FREE + 1), 0, 512));
    assert_false(spec_table_is_uniform(w->s, G(N_FREE + 1), 0, 1));
    assert_true(spec_table_is_uniform(w->s, G(N_FREE + 1), 1, 512));
    OK(w, CALL(RMI_RTT_DESTROY, RD, UNPROT + MB2, 3), RMI_SUCCESS, G(N_FREE + 1), UNPROT + GB1);
    world_free(w);
}

static void test_data(void **state)
{
    struct spec_world *w = world_realm();
    struct spec_granule g;

    (void)state;
    OK(w, CALL(RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), 0x1000), RMI_SUCCESS);
    assert_string_equal(w->v.variant, "empty");
    assert_true(spec_granule(w->s, G(N_DATA), &g));
    assert_true(g.state == SPEC_DATA && g.ipa == 0x1000 && g.rd == RD);
    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA + 1), 0x5000, G(N_SRC)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_READ_ENTRY, RD, 0x5000, 3), RMI_SUCCESS, 3, HIPAS_ASSIGNED, G(N_DATA + 1),
       RIPAS_RAM);
    WRONG(w, CALL(RMI_RTT_READ_ENTRY, RD, 0x5000, 3), RMI_SUCCESS, 3, HIPAS_ASSIGNED,
          G(N_DATA + 1) | 0x40, RIPAS_RAM);
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x0), RTT(3), 0xbad, 0x1000); /* x1 is UNDEFINED */
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x2000), RTT(3), 0, 0x5000);
    WRONG(w, CALL(RMI_DATA_DESTROY, RD, 0x2000), RTT(3), 0, 0x2000);
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x1000), RMI_SUCCESS, G(N_DATA), 0x5000);
    assert_int_equal(entry(w, 3, 0x1000).ripas, RIPAS_EMPTY);
    OK(w, CALL(RMI_RTT_DESTROY, RD, 0, 3), RTT(3), 0, 0);
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x5000), RMI_SUCCESS, G(N_DATA + 1), MB2);
    assert_int_equal(entry(w, 3, 0x5000).ripas, RIPAS_DESTROYED);
    OK(w, CALL(RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), 0x5000), RMI_SUCCESS);
    assert_string_equal(w->v.variant, "destroyed");
    OK(w, CALL(RMI_DATA_DESTROY, RD, 0x5000), RMI_SUCCESS, G(N_DATA), MB2);
    OK(w, CALL(RMI_RTT_DESTROY, RD, 0, 3), RMI_SUCCESS, G(N_RTT3), GB1);
    world_free(w);
}

/* `top` at a live stop entry with an ipa inside its range: ipa, or ipa aligned down. */
static void test_top_of_live_entry(void **state)
{
    struct spec_world *w = world_realm();
    uint64_t ipa = UNPROT + GB1 + 0x5000;

    (void)state;
    OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, UNPROT + GB1, 1, 0), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_UNMAP_UNPROTECTED, RD, ipa, 3), RTT(1), ipa);
    assert_int_not_equal(w->v.loose_mask, 0);
    OK(w, CALL(RMI_RTT_UNMAP_UNPROTECTED, RD, ipa, 3), RTT(1), UNPROT + GB1);
    WRONG(w, CALL(RMI_RTT_UNMAP_UNPROTECTED, RD, ipa, 3), RTT(1), UNPROT + 2 * GB1);
    world_free(w);
}

static void test_init_ripas(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x4000), RMI_SUCCESS, 0x4000);
    assert_string_equal(w->v.variant, "whole");
    assert_int_equal(entry(w, 3, 0x3000).ripas, RIPAS_RAM);
    assert_int_equal(entry(w, 3, 0x4000).ripas, RIPAS_EMPTY);
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x4000), RMI_SUCCESS, 0x4000);
    assert_string_equal(w->v.variant, "already_ram");
    /* To the end of the table, no further. */
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 0x4000, 2 * MB2), RMI_SUCCESS, MB2);
    assert_string_equal(w->v.variant, "partial");
    assert_true(spec_touched_overflow(w->s));
    /* Blocks, up to the next table. */
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), 4 * MB2, 3), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, MB2, 8 * MB2), RMI_SUCCESS, 4 * MB2);
    assert_int_equal(entry(w, 2, 3 * MB2).ripas, RIPAS_RAM);
    /* A top within an entry is rounded down. */
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 5 * MB2, 6 * MB2 + 0x1000), RMI_SUCCESS, 6 * MB2);
    world_free(w);
}

static void test_clone(void **state)
{
    struct spec_world *w = world_realm();
    struct spec *copy = spec_clone(w->s);
    uint64_t before = spec_hash(copy);

    (void)state;
    assert_int_equal(spec_hash(w->s), before);
    OK(w, CALL(RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), 0x1000), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), MB2, 3), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    assert_int_equal(spec_hash(copy), before);
    spec_free(w->s);
    w->s = copy;
    OK(w, CALL(RMI_RTT_DESTROY, RD, 0, 3), RMI_SUCCESS, G(N_RTT3), GB1);
    world_free(w);
}

static void count_granule(void *ctx, uint64_t pa, const struct spec_granule *g)
{
    (void)pa;
    ((unsigned *)ctx)[g->state]++;
}

static void test_each_granule(void **state)
{
    struct spec_world *w = world_realm();
    unsigned num[SPEC_GSTATE_COUNT] = {0};

    (void)state;
    spec_each_granule(w->s, count_granule, num);
    assert_int_equal(num[SPEC_RD], 1);
    assert_int_equal(num[SPEC_RTT], 4);
    assert_int_equal(num[SPEC_DELEGATED], N_FREE_END - N_RD - 5);
    assert_int_equal(num[SPEC_UNDELEGATED], 0);
    world_free(w);
}

/* A page that becomes unreadable between the check and the read: src_pas. */
static void test_source_protection_fault(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    w->unreadable = G(N_SRC);
    WRONG(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), 0, G(N_SRC)), RMI_SUCCESS);
    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), 0, G(N_SRC)), RMI_ERROR_INPUT);
    assert_string_equal(w->v.cmd->conds[w->v.decided].id, "src_pas");
    world_free(w);
}

/* Many tables at once: the pools grow, entries stay. */
static void test_many_tables(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    for (unsigned i = 1; i < 512; i++) {
        delegate(w, 2000 + i);
        delegate(w, 4000 + i);
        OK(w, CALL(RMI_RTT_CREATE, RD, G(2000 + i), i * MB2, 3), RMI_SUCCESS);
        OK(w, CALL(RMI_DATA_CREATE_UNKNOWN, RD, G(4000 + i), i * MB2 + i * 0x1000ull), RMI_SUCCESS);
    }
    for (unsigned i = 1; i < 512; i++) {
        uint64_t ipa = i * MB2 + i * 0x1000ull;

        OK(w, CALL(RMI_RTT_READ_ENTRY, RD, ipa, 3), RMI_SUCCESS, 3, 1, G(4000 + i), 0);
        OK(w, CALL(RMI_RTT_DESTROY, RD, i * MB2, 3), RTT(3), 0, i * MB2);
        OK(w, CALL(RMI_DATA_DESTROY, RD, ipa), RMI_SUCCESS, G(4000 + i), (i + 1) * MB2);
        OK(w, CALL(RMI_RTT_DESTROY, RD, i * MB2, 3), RMI_SUCCESS, G(2000 + i),
           i == 511 ? GB1 : (i + 1) * MB2);
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegate),
        cmocka_unit_test(test_version_and_features),
        cmocka_unit_test(test_realm_life),
        cmocka_unit_test(test_start_levels),
        cmocka_unit_test(test_level_0_needs_44_bits),
        cmocka_unit_test(test_rec_life),
        cmocka_unit_test(test_rtt_create_and_destroy),
        cmocka_unit_test(test_unfold_block),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_top_of_live_entry),
        cmocka_unit_test(test_init_ripas),
        cmocka_unit_test(test_clone),
        cmocka_unit_test(test_each_granule),
        cmocka_unit_test(test_source_protection_fault),
        cmocka_unit_test(test_many_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
