/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls with several true conditions: which statuses may be observed. A status is accepted iff it
 * is that of a condition that no other true condition precedes (B1.6).
 */
#include "spec_run.h"

#define RD         G(N_RD)
#define INPUT      RMI_ERROR_INPUT
#define REALM      RMI_ERROR_REALM
#define REC        RMI_ERROR_REC
#define RTT(level) (RMI_ERROR_RTT | (level) << 8)
#define NO         0xffff

struct order_row {
    const char *what;
    uint64_t in[6];
    uint64_t accepted[3]; /* ends with NO */
    uint64_t rejected[3];
};

/* An ACTIVE Realm with one REC, which is running; the run page is G(N_RUN). */
static struct spec_world *world_order(void)
{
    struct spec_world *w = world_realm();

    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    spec_rec_enter_begin(w->s, &w->env, CALL(RMI_REC_ENTER, G(N_REC), G(N_HOST)), &w->v);
    assert_int_equal(w->v.true_mask, 0);
    return w;
}

static const struct order_row active[] = {
    {"data_create: realm_state and rtt_walk are not ordered",
     {RMI_DATA_CREATE, RD, G(N_DATA), MB2, G(N_SRC)},
     {REALM, RTT(2), NO},
     {INPUT, 0, RTT(3)}},
    {"data_create: realm_state and src_align are not ordered",
     {RMI_DATA_CREATE, RD, G(N_DATA), 0, G(N_SRC) + 8},
     {REALM, INPUT, NO},
     {0, REC, NO}},
    {"data_create: ipa_bound < rtt_walk",
     {RMI_DATA_CREATE, RD, G(N_DATA), UNPROT, G(N_SRC)},
     {REALM, INPUT, NO},
     {RTT(1), RTT(2), 0}},
    {"data_create: rd_state < all that need a Realm",
     {RMI_DATA_CREATE, G(N_HOST), G(N_DATA), UNPROT, G(N_SRC)},
     {INPUT, NO},
     {REALM, RTT(1), 0}},
    {"data_create_unknown: ipa_bound < rtte_state",
     {RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), UNPROT},
     {INPUT, NO},
     {RTT(1), 0, NO}},
    {"data_create_unknown: data_state and rtt_walk are not ordered",
     {RMI_DATA_CREATE_UNKNOWN, RD, G(N_HOST), MB2},
     {INPUT, RTT(2), NO},
     {0, RTT(3), NO}},
    {"data_create_unknown: ipa_align and rtt_walk are not ordered",
     {RMI_DATA_CREATE_UNKNOWN, RD, G(N_DATA), MB2 + 8},
     {INPUT, RTT(2), NO},
     {0, NO}},
    {"rtt_create: level_bound < rtt_walk",
     {RMI_RTT_CREATE, RD, G(N_FREE), GB1, 4},
     {INPUT, NO},
     {RTT(1), RTT(3), 0}},
    {"rtt_create: ipa_bound < rtte_state",
     {RMI_RTT_CREATE, RD, G(N_FREE), 1ull << 40, 2},
     {INPUT, NO},
     {RTT(1), 0, NO}},
    {"rtt_create: rtt_state and rtte_state are not ordered",
     {RMI_RTT_CREATE, RD, G(N_HOST), 0, 2},
     {INPUT, RTT(1), NO},
     {0, RTT(2), NO}},
    {"rtt_create: ipa_align and rtt_walk are not ordered",
     {RMI_RTT_CREATE, RD, G(N_FREE), GB1 + 0x1000, 3},
     {INPUT, RTT(1), NO},
     {RTT(2), 0, NO}},
    {"rec_create: rd_state < realm_state",
     {RMI_REC_CREATE, G(N_HOST), G(N_FREE), G(N_REC_PARAMS)},
     {INPUT, NO},
     {REALM, 0, NO}},
    {"rec_create: realm_state and mpidr_index are not ordered",
     {RMI_REC_CREATE, RD, G(N_FREE), G(N_REC_PARAMS)},
     {REALM, INPUT, NO},
     {REC, 0, NO}},
    {"rec_destroy: rec_gran_state < rec_state",
     {RMI_REC_DESTROY, G(N_AUX)},
     {INPUT, NO},
     {REC, 0, NO}},
    {"rec_destroy: a running REC", {RMI_REC_DESTROY, G(N_REC)}, {REC, NO}, {INPUT, 0, NO}},
    {"realm_destroy: rd_align < realm_live",
     {RMI_REALM_DESTROY, RD + 8},
     {INPUT, NO},
     {REALM, 0, NO}},
    {"rtt_init_ripas: realm_state, rtte_state and base_align are not ordered",
     {RMI_RTT_INIT_RIPAS, RD, MB2 + 0x1000, 2 * MB2},
     {REALM, RTT(2), NO},
     {INPUT, 0, NO}},
    {"rtt_init_ripas: top_gran_align < no_progress",
     {RMI_RTT_INIT_RIPAS, RD, MB2, MB2 + 0x800},
     {REALM, INPUT, NO},
     {RTT(2), 0, NO}},
    {"rtt_init_ripas: size_valid and no_progress are not ordered",
     {RMI_RTT_INIT_RIPAS, RD, MB2, MB2},
     {REALM, INPUT, RTT(2)},
     {0, NO}},
    {"rec_enter: run_align < rec_state",
     {RMI_REC_ENTER, G(N_REC), G(N_RUN) + 8},
     {INPUT, NO},
     {REC, REALM, 0}},
    {"rec_enter: run_pas < rec_state",
     {RMI_REC_ENTER, G(N_REC), G(N_SECURE)},
     {INPUT, NO},
     {REC, REALM, 0}},
    {"rec_enter: rec_gran_state < rec_gicv3",
     {RMI_REC_ENTER, RD, G(N_SRC)},
     {INPUT, NO},
     {REC, REALM, 0}},
    {"rec_enter: rec_state and rec_gicv3 ask for the same",
     {RMI_REC_ENTER, G(N_REC), G(N_SRC)},
     {REC, NO},
     {INPUT, REALM, 0}},
    {"granule_delegate: gran_state and gran_gpt ask for the same",
     {RMI_GRANULE_DELEGATE, RD},
     {INPUT, NO},
     {REALM, 0, NO}},
};

/* In a NEW Realm. */
static const struct order_row fresh[] = {
    {"rec_enter: realm_new and rec_gicv3 are not ordered",
     {RMI_REC_ENTER, G(N_REC), G(N_SRC)},
     {REALM, REC, NO},
     {INPUT, 0, REALM | 1 << 8}},
    {"rec_enter: run_bound < realm_new",
     {RMI_REC_ENTER, G(N_REC), UNTRACKED},
     {INPUT, NO},
     {REALM, REC, 0}},
    {"rtt_init_ripas: top_bound and rtte_state are not ordered",
     {RMI_RTT_INIT_RIPAS, RD, UNPROT, UNPROT + GB1},
     {INPUT, RTT(1), NO},
     {0, RTT(2), REALM}},
    {"rtt_init_ripas: nothing is walked outside the IPA space",
     {RMI_RTT_INIT_RIPAS, RD, 1ull << 40, (1ull << 40) + GB1},
     {INPUT, NO},
     {RTT(1), 0, REALM}},
    {"rtt_map_unprotected: attr_valid and rtt_walk are not ordered",
     {RMI_RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 1},
     {INPUT, RTT(1), NO},
     {0, RTT(3), NO}},
    {"rtt_map_unprotected: ipa_bound < rtt_walk",
     {RMI_RTT_MAP_UNPROTECTED, RD, GB1, 3, 0},
     {INPUT, NO},
     {RTT(1), 0, NO}},
};

/* The REC asked for [MB2, 3 * MB2), which is one table of level 2, to be RAM. */
static const struct order_row ripas_change[] = {
    {"rtt_set_ripas: base_bound < base_align",
     {RMI_RTT_SET_RIPAS, RD, G(N_REC), MB2 + 0x1000, 3 * MB2},
     {INPUT, NO},
     {RTT(2), 0, REC}},
    {"rtt_set_ripas: top_gran_align < no_progress",
     {RMI_RTT_SET_RIPAS, RD, G(N_REC), MB2, MB2 + 8},
     {INPUT, NO},
     {RTT(2), 0, REC}},
    {"rtt_set_ripas: size_valid and no_progress are not ordered",
     {RMI_RTT_SET_RIPAS, RD, G(N_REC), MB2, MB2},
     {INPUT, RTT(2), NO},
     {0, REC, NO}},
    {"rtt_set_ripas: rd_state < base_align, and not rec_owner",
     {RMI_RTT_SET_RIPAS, G(N_HOST), G(N_REC), MB2, MB2 + 0x1000},
     {INPUT, REC, NO},
     {RTT(2), 0, NO}},
    {"rtt_set_ripas: rec_gran_state < rec_owner",
     {RMI_RTT_SET_RIPAS, RD, G(N_HOST), MB2, 3 * MB2},
     {INPUT, NO},
     {REC, RTT(2), 0}},
    {"rtt_fold: level_bound < rtt_walk",
     {RMI_RTT_FOLD, RD, GB1, 4},
     {INPUT, NO},
     {RTT(1), RTT(3), 0}},
    {"rtt_fold: ipa_bound < rtte_state",
     {RMI_RTT_FOLD, RD, 1ull << 40, 2},
     {INPUT, NO},
     {RTT(1), 0, NO}},
    {"rtt_fold: ipa_align and rtt_homo are not ordered",
     {RMI_RTT_FOLD, RD, 0x1000, 2},
     {INPUT, RTT(2), NO},
     {RTT(1), 0, NO}},
    {"rtt_fold: rd_state < rtte_state",
     {RMI_RTT_FOLD, G(N_HOST), MB2, 3},
     {INPUT, NO},
     {RTT(2), RTT(3), 0}},
};

/* The REC left with PSCI_SYSTEM_OFF. */
static const struct order_row system_off[] = {
    {"rec_enter: run_align < system_off",
     {RMI_REC_ENTER, G(N_REC), G(N_RUN) + 8},
     {INPUT, NO},
     {REALM | 1 << 8, 0, NO}},
    {"rec_enter: system_off and rec_gicv3 are not ordered",
     {RMI_REC_ENTER, G(N_REC), G(N_SRC)},
     {REALM | 1 << 8, REC, NO},
     {INPUT, REALM, 0}},
};

/* The REC left with PSCI_CPU_ON. */
static const struct order_row psci_pending[] = {
    {"rec_enter: run_pas < rec_psci",
     {RMI_REC_ENTER, G(N_REC), G(N_SECURE)},
     {INPUT, NO},
     {REC, REALM, 0}},
};

/* Is this x0 the status of a condition that may decide? Outputs are another test's matter. */
static bool status_is_accepted(struct spec_world *w, const uint64_t in[6], uint64_t x0)
{
    struct spec *copy = spec_clone(w->s);
    uint64_t full[ABI_MAX_REGS] = {0};
    bool accepted;

    memcpy(full, in, 6 * sizeof(uint64_t));
    spec_rmi(copy, &w->env, full, CALL(x0), &w->v);
    accepted = w->v.decided >= 0;
    spec_free(copy);
    return accepted;
}

static void check_rows(struct spec_world *w, const struct order_row *rows, size_t num)
{
    /* G(N_SRC) is an RmiRecRun whose gicv3_hcr is not valid. */
    put(w, G(N_SRC) + REC_ENTER_GICV3_HCR, 8, 1);
    for (size_t i = 0; i < num; i++) {
        for (unsigned j = 0; j < 3 && rows[i].accepted[j] != NO; j++) {
            if (!status_is_accepted(w, rows[i].in, rows[i].accepted[j]))
                fail_msg("%s: 0x%llx refused (%s)", rows[i].what,
                         (unsigned long long)rows[i].accepted[j], w->v.mismatch);
        }
        for (unsigned j = 0; j < 3 && rows[i].rejected[j] != NO; j++) {
            if (status_is_accepted(w, rows[i].in, rows[i].rejected[j]))
                fail_msg("%s: 0x%llx accepted", rows[i].what,
                         (unsigned long long)rows[i].rejected[j]);
        }
    }
    world_free(w);
}

static void test_active_realm(void **state)
{
    (void)state;
    check_rows(world_order(), active, sizeof(active) / sizeof(active[0]));
}

static void test_new_realm(void **state)
{
    struct spec_world *w = world_realm();

    (void)state;
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    check_rows(w, fresh, sizeof(fresh) / sizeof(fresh[0]));
}

/* A Realm whose REC left with this call. */
static struct spec_world *world_left_with(const uint64_t x[ABI_MAX_REGS])
{
    struct run r = {.w = world_realm()};

    OK(r.w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    put(r.w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 1));
    put(r.w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, 1);
    OK(r.w, CALL(RMI_REC_CREATE, RD, G(N_FREE), G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(r.w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    r.regs = spec_rec(r.w->s, G(N_REC))->regs;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, x);
    run_end(&r);
    return r.w;
}

static void test_after_an_exit(void **state)
{
    (void)state;
    check_rows(world_left_with(CALL(RSI_IPA_STATE_SET, MB2, 3 * MB2, RIPAS_RAM)), ripas_change,
               sizeof(ripas_change) / sizeof(ripas_change[0]));
    check_rows(world_left_with(CALL(PSCI_SYSTEM_OFF)), system_off,
               sizeof(system_off) / sizeof(system_off[0]));
    check_rows(world_left_with(CALL(PSCI_CPU_ON, 1, 0x1000)), psci_pending,
               sizeof(psci_pending) / sizeof(psci_pending[0]));
}

/* The edges as they are listed: 1.6c of the fact sheet, by command, without the implied ones. */
static void test_edges_are_listed(void **state)
{
    static const struct {
        uint64_t fid;
        unsigned explicit_edges;
    } rows[] = {
        {RMI_DATA_CREATE, 3},
        {RMI_DATA_CREATE_UNKNOWN, 2},
        {RMI_DATA_DESTROY, 2},
        {RMI_REALM_ACTIVATE, 1},
        {RMI_REALM_DESTROY, 1},
        {RMI_REC_CREATE, 1},
        {RMI_REC_DESTROY, 1},
        {RMI_REC_ENTER, 1},
        {RMI_RTT_CREATE, 2},
        {RMI_RTT_DESTROY, 2},
        {RMI_RTT_INIT_RIPAS, 4},
        {RMI_RTT_MAP_UNPROTECTED, 2},
        {RMI_RTT_UNMAP_UNPROTECTED, 2},
        {RMI_RTT_READ_ENTRY, 0},
        {RMI_GRANULE_DELEGATE, 0},
        {RMI_REC_AUX_COUNT, 0},
        {RMI_RTT_FOLD, 2},
        {RMI_RTT_SET_RIPAS, 5},
        {RMI_PSCI_COMPLETE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct spec_command *cmd = spec_command_by_fid(rows[i].fid);
        unsigned found = 0;

        for (unsigned j = 0; j < cmd->num_orders; j++)
            found += strncmp(cmd->orders[j].source, "B4.3.", 5) == 0;
        assert_int_equal(found, rows[i].explicit_edges);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_are_listed),
        cmocka_unit_test(test_active_realm),
        cmocka_unit_test(test_new_realm),
        cmocka_unit_test(test_after_an_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
