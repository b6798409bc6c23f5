/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every failure condition of every RMI command, true and false: one row makes one condition true in
 * a world where the command would succeed. A last check finds conditions that no row has.
 */
#include "spec_run.h"

#define INPUT      RMI_ERROR_INPUT
#define RTT(level) (RMI_ERROR_RTT | (level) << 8)
#define RD         G(N_RD)

struct poke {
    uint64_t pa;
    unsigned size;
    uint64_t value;
};

struct row {
    const char *id;
    uint64_t in[5]; /* x1.. */
    uint64_t out[3];
    struct poke poke;
};

struct table {
    uint64_t fid;
    struct spec_world *(*world)(void);
    uint64_t in[5]; /* succeeds */
    const struct row *rows;
    size_t num_rows;
};

#define ROWS(r) (r), sizeof(r) / sizeof((r)[0])

static struct spec_world *world_active(void)
{
    struct spec_world *w = world_realm();

    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    return w;
}

/* A second Realm, ACTIVE, that has no REC: its RD is G(N_FREE). */
static struct spec_world *world_second(struct spec_world *w)
{
    put(w, G(N_PARAMS) + REALM_PARAMS_VMID, 2, 9);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(N_FREE + 2));
    OK(w, CALL(RMI_REALM_CREATE, G(N_FREE), G(N_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, G(N_FREE), G(N_FREE + 4), 0, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, G(N_FREE), G(N_FREE + 5), 0, 3), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, G(N_FREE)), RMI_SUCCESS);
    realm_params(w, 40, 1, 2);
    return w;
}
#define RD2 G(N_FREE)

/* DATA at IPA 0, and the second Realm. */
static struct spec_world *world_data(void)
{
    struct spec_world *w = world_second(world_realm());

    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), 0, G(N_SRC), 0), RMI_SUCCESS);
    return w;
}

static struct spec_world *world_data_active(void)
{
    return world_second(world_realm());
}

/* An unprotected page mapped at UNPROT, with its tables. */
static struct spec_world *map_unprotected(struct spec_world *w)
{
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE), UNPROT, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_FREE + 1), UNPROT, 3), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_MAP_UNPROTECTED, RD, UNPROT, 3, G(N_HOST)), RMI_SUCCESS);
    return w;
}

static struct spec_world *world_unprotected(void)
{
    return map_unprotected(world_realm());
}

static struct spec_world *world_unprotected_lpa2(void)
{
    struct impl impl;

    impl_default(&impl);
    impl.s2sz = 40;
    impl.lpa2 = true;
    return map_unprotected(world_realm_in(world_fill(world_of(&impl))));
}

/* Two RECs; the second is running. */
static struct spec_world *world_running(void)
{
    struct spec_world *w = world_realm();

    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 1));
    put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, 1);
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_FREE), G(N_REC_PARAMS)), RMI_SUCCESS);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 3));
    put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, 2);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_FLAGS, 8, 0);
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_FREE + 2), G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    spec_rec_enter_begin(w->s, &w->env, CALL(RMI_REC_ENTER, G(N_FREE), G(N_HOST)), &w->v);
    assert_int_equal(w->v.true_mask, 0);
    return w;
}

/* A NEW Realm with a REC. */
static struct spec_world *world_new_rec(void)
{
    struct spec_world *w = world_running();

    put(w, G(N_PARAMS) + REALM_PARAMS_VMID, 2, 9);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(N_FREE + 6));
    OK(w, CALL(RMI_REALM_CREATE, G(N_FREE + 5), G(N_PARAMS)), RMI_SUCCESS);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 9));
    put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, 0);
    OK(w, CALL(RMI_REC_CREATE, G(N_FREE + 5), G(N_FREE + 8), G(N_REC_PARAMS)), RMI_SUCCESS);
    return w;
}

/* One REC more and the Realm is full: max_recs_order 1. */
static struct spec_world *world_recs(void)
{
    struct spec_world *w = world_second(world_realm());

    put(w, G(N_PARAMS) + REALM_PARAMS_VMID, 2, 11);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(N_FREE + 8));
    OK(w, CALL(RMI_REALM_CREATE, G(N_FREE + 6), G(N_PARAMS)), RMI_SUCCESS);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 11));
    for (unsigned i = 0; i < 511; i++) {
        put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, (i & 15) | (i >> 4) << 8);
        put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(1000 + 2 * i));
        delegate(w, 1000 + 2 * i);
        delegate(w, 1001 + 2 * i);
        OK(w, CALL(RMI_REC_CREATE, G(N_FREE + 6), G(1001 + 2 * i), G(N_REC_PARAMS)), RMI_SUCCESS);
    }
    rec_params(w);
    return w;
}

/*
 * A Realm (RD) whose REC left with a call that the Host must answer. REC2 is another one of it, with
 * MPIDR 1, not runnable; REC_O is the one of a second Realm (RD2), running.
 */
#define REC2  G(N_FREE + 10)
#define REC_O G(N_FREE + 12)
#define RUN2  G(N_HOST)
static struct spec_world *world_left_with(const uint64_t x[ABI_MAX_REGS])
{
    struct run r = {.w = world_realm()};
    struct spec_world *w = r.w;

    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 11));
    put(w, G(N_REC_PARAMS) + REC_PARAMS_MPIDR, 8, 1);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_FLAGS, 8, 0);
    OK(w, CALL(RMI_REC_CREATE, RD, REC2, G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    put(w, G(N_PARAMS) + REALM_PARAMS_VMID, 2, 9);
    put(w, G(N_PARAMS) + REALM_PARAMS_RTT_BASE, 8, G(N_FREE + 2));
    OK(w, CALL(RMI_REALM_CREATE, G(N_FREE), G(N_PARAMS)), RMI_SUCCESS);
    rec_params(w);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_AUX, 8, G(N_FREE + 13));
    OK(w, CALL(RMI_REC_CREATE, G(N_FREE), REC_O, G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, G(N_FREE)), RMI_SUCCESS);
    spec_rec_enter_begin(w->s, &w->env, CALL(RMI_REC_ENTER, REC_O, RUN2), &w->v);
    r.regs = spec_rec(w->s, G(N_REC))->regs;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, x);
    run_end(&r);
    return w;
}

/* It wants to be RAM from the last page of its level-3 table on. */
#define BASE (MB2 - 0x1000)
static struct spec_world *world_ripas(void)
{
    return world_left_with(CALL(RSI_IPA_STATE_SET, BASE, 3 * MB2, RIPAS_RAM));
}

/* The same from inside a level-2 entry on, and to the next one. */
static struct spec_world *world_ripas_inside(void)
{
    return world_left_with(CALL(RSI_IPA_STATE_SET, MB2 + 0x1000, 3 * MB2, RIPAS_RAM));
}

static struct spec_world *world_ripas_entry(void)
{
    return world_left_with(CALL(RSI_IPA_STATE_SET, MB2, 3 * MB2, RIPAS_RAM));
}

static struct spec_world *world_cpu_on(void)
{
    return world_left_with(CALL(PSCI_CPU_ON, 1, 0x1000, 7));
}

static struct spec_world *world_affinity(void)
{
    return world_left_with(CALL(PSCI_AFFINITY_INFO, 1, 0));
}

static struct spec_world *world_system_off(void)
{
    return world_left_with(CALL(PSCI_SYSTEM_OFF));
}

static const struct row granule_delegate[] = {
    {.id = "gran_align", {G(N_HOST) + 1}, {INPUT}},
    {.id = "gran_bound", {UNTRACKED}, {INPUT}},
    {.id = "gran_state", {G(N_FREE)}, {INPUT}},
    {.id = "gran_gpt", {G(N_SECURE)}, {INPUT}},
};

static const struct row granule_undelegate[] = {
    {.id = "gran_align", {G(N_FREE) + 0x800}, {INPUT}},
    {.id = "gran_bound", {UNTRACKED}, {INPUT}},
    {.id = "gran_state", {G(N_HOST)}, {INPUT}},
};

static const struct row data_create[] = {
    {.id = "src_align", {RD, G(N_DATA), 0, G(N_SRC) + 8}, {INPUT}},
    {.id = "src_bound", {RD, G(N_DATA), 0, UNTRACKED}, {INPUT}},
    {.id = "src_pas", {RD, G(N_DATA), 0, G(N_FREE + 6)}, {INPUT}},
    {.id = "data_align", {RD, G(N_DATA) + 8, 0, G(N_SRC)}, {INPUT}},
    {.id = "data_bound", {RD, UNTRACKED, 0, G(N_SRC)}, {INPUT}},
    {.id = "data_state", {RD, G(N_HOST), 0, G(N_SRC)}, {INPUT}},
    {.id = "data_bound2", {RD, 1ull << 48, 0, G(N_SRC)}, {INPUT}},
    {.id = "rd_align", {RD + 1, G(N_DATA), 0, G(N_SRC)}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_DATA), 0, G(N_SRC)}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_DATA), 0, G(N_SRC)}, {INPUT}},
    {.id = "ipa_align", {RD, G(N_DATA), 8, G(N_SRC)}, {INPUT}},
    {.id = "ipa_bound", {RD, G(N_DATA), 1ull << 40, G(N_SRC)}, {INPUT}},
    {.id = "realm_state", {RD2, G(N_DATA), 0, G(N_SRC)}, {RMI_ERROR_REALM}},
    {.id = "rtt_walk", {RD, G(N_DATA), MB2, G(N_SRC)}, {RTT(2)}},
};

static const struct row data_create_assigned[] = {
    {.id = "rtte_state", {RD, G(N_FREE + 6), 0, G(N_SRC)}, {RTT(3)}},
};

static const struct row data_create_unknown[] = {
    {.id = "data_align", {RD, G(N_DATA) + 8, 0}, {INPUT}},
    {.id = "data_bound", {RD, UNTRACKED, 0}, {INPUT}},
    {.id = "data_state", {RD, G(N_HOST), 0}, {INPUT}},
    {.id = "data_bound2", {RD, 1ull << 48, 0}, {INPUT}},
    {.id = "rd_align", {RD + 1, G(N_DATA), 0}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_DATA), 0}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_DATA), 0}, {INPUT}},
    {.id = "ipa_align", {RD, G(N_DATA), 8}, {INPUT}},
    {.id = "ipa_bound", {RD, G(N_DATA), 1ull << 63}, {INPUT}},
    {.id = "rtt_walk", {RD, G(N_DATA), GB1}, {RTT(1)}},
};

static const struct row data_create_unknown_assigned[] = {
    {.id = "rtte_state", {RD, G(N_FREE + 6), 0}, {RTT(3)}},
};

static const struct row data_destroy[] = {
    {.id = "rd_align", {RD + 1, 0}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, 0}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), 0}, {INPUT}},
    {.id = "ipa_align", {RD, 8}, {INPUT}},
    {.id = "ipa_bound", {RD, 1ull << 41}, {INPUT}},
    {.id = "rtt_walk", {RD, MB2}, {RTT(2), 0, GB1}},
    {.id = "rtte_state", {RD, 0x1000}, {RTT(3), 0, MB2}},
};

static const struct row realm_activate[] = {
    {.id = "rd_align", {RD + 1}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED}, {INPUT}},
    {.id = "rd_state", {G(N_HOST)}, {INPUT}},
    {.id = "realm_state", {RD2}, {RMI_ERROR_REALM}},
};

#define P(field, size, value)                           \
    {                                                   \
        G(N_PARAMS) + REALM_PARAMS_##field, size, value \
    }
static const struct row realm_create[] = {
    {.id = "params_align", {RD, G(N_PARAMS) + 8}, {INPUT}},
    {.id = "params_bound", {RD, UNTRACKED}, {INPUT}},
    {.id = "params_pas", {RD, G(N_SECURE)}, {INPUT}},
    {.id = "params_valid", {RD, G(N_PARAMS)}, {INPUT}, P(HASH_ALGO, 1, 2)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(FLAGS, 8, REALM_FLAG_LPA2)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(FLAGS, 8, REALM_FLAG_SVE)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(FLAGS, 8, REALM_FLAG_PMU)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(S2SZ, 1, 31)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(S2SZ, 1, 41)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(NUM_BPS, 1, 0)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(NUM_BPS, 1, 6)},
    {.id = "params_supp", {RD, G(N_PARAMS)}, {INPUT}, P(NUM_WPS, 1, 4)},
    {.id = "alias", {G(N_ROOT), G(N_PARAMS)}, {INPUT}},
    {.id = "alias", {G(N_ROOT + 1), G(N_PARAMS)}, {INPUT}},
    {.id = "rd_align", {RD + 1, G(N_PARAMS)}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_PARAMS)}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_PARAMS)}, {INPUT}},
    {.id = "rtt_align", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_BASE, 8, G(N_ROOT + 1))},
    {.id = "rtt_num_level", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_NUM_START, 4, 1)},
    {.id = "rtt_num_level", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_LEVEL_START, 8, 0)},
    {.id = "rtt_num_level", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_LEVEL_START, 8, 2)},
    {.id = "rtt_num_level", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_LEVEL_START, 8, UINT64_MAX)},
    {.id = "rtt_state", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_BASE, 8, G(10))},
    {.id = "rtt_state", {RD, G(N_PARAMS)}, {INPUT}, P(RTT_BASE, 8, UNTRACKED)},
    {.id = "vmid_valid", {RD, G(N_PARAMS)}, {INPUT}, P(VMID, 2, 256)},
};
static const struct row realm_create_used_vmid[] = {
    {.id = "vmid_valid", {G(N_FREE + 6), G(N_PARAMS)}, {INPUT}, P(RTT_BASE, 8, G(N_FREE + 8))},
};

static const struct row realm_destroy[] = {
    {.id = "rd_align", {RD + 1}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED}, {INPUT}},
    {.id = "rd_state", {G(N_HOST)}, {INPUT}},
};
static const struct row realm_destroy_live[] = {
    {.id = "realm_live", {RD}, {RMI_ERROR_REALM}},
};

#define R(field, size, value)                             \
    {                                                     \
        G(N_REC_PARAMS) + REC_PARAMS_##field, size, value \
    }
static const struct row rec_create[] = {
    {.id = "params_align", {RD, G(N_REC), G(N_REC_PARAMS) + 8}, {INPUT}},
    {.id = "params_bound", {RD, G(N_REC), UNTRACKED}, {INPUT}},
    {.id = "params_pas", {RD, G(N_REC), G(N_SECURE)}, {INPUT}},
    {.id = "rec_align", {RD, G(N_REC) + 8, G(N_REC_PARAMS)}, {INPUT}},
    {.id = "rec_bound", {RD, UNTRACKED, G(N_REC_PARAMS)}, {INPUT}},
    {.id = "rec_state", {RD, G(N_HOST), G(N_REC_PARAMS)}, {INPUT}},
    {.id = "rd_align", {RD + 1, G(N_REC), G(N_REC_PARAMS)}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_REC), G(N_REC_PARAMS)}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_REC), G(N_REC_PARAMS)}, {INPUT}},
    {.id = "realm_state", {RD2, G(N_REC), G(N_REC_PARAMS)}, {RMI_ERROR_REALM}},
    {.id = "num_recs",
     {G(N_FREE + 6), G(N_REC), G(N_REC_PARAMS)},
     {RMI_ERROR_REALM},
     R(MPIDR, 8, 0x1f0f)},
    {.id = "mpidr_index", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(MPIDR, 8, 1)},
    {.id = "mpidr_index", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(MPIDR, 8, 1 << 24)},
    {.id = "num_aux", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(NUM_AUX, 8, 0)},
    {.id = "num_aux", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(NUM_AUX, 8, 17)},
    {.id = "aux_align", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(AUX, 8, G(N_AUX) + 1)},
    {.id = "aux_alias", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(AUX, 8, G(N_REC))},
    {.id = "aux_state", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(AUX, 8, G(N_HOST))},
    {.id = "aux_state", {RD, G(N_REC), G(N_REC_PARAMS)}, {INPUT}, R(AUX, 8, UNTRACKED)},
};

static const struct row rec_destroy[] = {
    {.id = "rec_align", {G(N_REC) + 1}, {INPUT}},
    {.id = "rec_bound", {UNTRACKED}, {INPUT}},
    {.id = "rec_gran_state", {RD}, {INPUT}},
    {.id = "rec_state", {G(N_FREE)}, {RMI_ERROR_REC}},
};

#define E(field, size, value)                     \
    {                                             \
        G(N_RUN) + REC_ENTER_##field, size, value \
    }
#define LR_PENDING (1ull << 62)
static const struct row rec_enter[] = {
    {.id = "run_align", {G(N_REC), G(N_RUN) + 8}, {INPUT}},
    {.id = "run_bound", {G(N_REC), UNTRACKED}, {INPUT}},
    {.id = "run_pas", {G(N_REC), G(N_SECURE)}, {INPUT}},
    {.id = "rec_align", {G(N_REC) + 1, G(N_RUN)}, {INPUT}},
    {.id = "rec_bound", {UNTRACKED, G(N_RUN)}, {INPUT}},
    {.id = "rec_gran_state", {RD, G(N_RUN)}, {INPUT}},
    {.id = "realm_new", {G(N_FREE + 8), G(N_RUN)}, {RMI_ERROR_REALM}},
    {.id = "rec_state", {G(N_FREE), G(N_RUN)}, {RMI_ERROR_REC}},
    {.id = "rec_runnable", {G(N_FREE + 2), G(N_RUN)}, {RMI_ERROR_REC}},
    {.id = "rec_mmio",
     {G(N_REC), G(N_RUN)},
     {RMI_ERROR_REC},
     E(FLAGS, 8, REC_ENTRY_FLAG_EMUL_MMIO)},
    {.id = "rec_gicv3", {G(N_REC), G(N_RUN)}, {RMI_ERROR_REC}, E(GICV3_HCR, 8, 1)},
    {.id = "rec_gicv3", {G(N_REC), G(N_RUN)}, {RMI_ERROR_REC}, E(GICV3_HCR, 8, 1 << 8)},
    {.id = "rec_gicv3",
     {G(N_REC), G(N_RUN)},
     {RMI_ERROR_REC},
     E(GICV3_LRS, 8, LR_PENDING | 1ull << 61 | 40)},
    {.id = "rec_gicv3", {G(N_REC), G(N_RUN)}, {RMI_ERROR_REC}, E(GICV3_LRS, 8, LR_PENDING | 1020)},
    {.id = "rec_gicv3",
     {G(N_REC), G(N_RUN)},
     {RMI_ERROR_REC},
     E(GICV3_LRS, 8, LR_PENDING | 1ull << 48 | 40)},
    {.id = "rec_gicv3",
     {G(N_REC), G(N_RUN)},
     {RMI_ERROR_REC},
     E(GICV3_LRS, 8, LR_PENDING | 1ull << 32 | 40)},
};

static const struct row rtt_create[] = {
    {.id = "rd_align", {RD + 1, G(N_FREE), MB2, 3}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_FREE), MB2, 3}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_FREE), MB2, 3}, {INPUT}},
    {.id = "level_bound", {RD, G(N_FREE), MB2, 1}, {INPUT}},
    {.id = "level_bound", {RD, G(N_FREE), MB2, 4}, {INPUT}},
    {.id = "level_bound", {RD, G(N_FREE), MB2, UINT64_MAX}, {INPUT}},
    {.id = "level_bound", {RD, G(N_FREE), MB2, 1ull << 63}, {INPUT}},
    {.id = "ipa_align", {RD, G(N_FREE), MB2 + 0x1000, 3}, {INPUT}},
    {.id = "ipa_bound", {RD, G(N_FREE), 1ull << 40, 3}, {INPUT}},
    {.id = "rtt_align", {RD, G(N_FREE) + 1, MB2, 3}, {INPUT}},
    {.id = "rtt_bound", {RD, UNTRACKED, MB2, 3}, {INPUT}},
    {.id = "rtt_state", {RD, G(N_HOST), MB2, 3}, {INPUT}},
    {.id = "rtt_bound2", {RD, 1ull << 48, MB2, 3}, {INPUT}},
    {.id = "rtt_walk", {RD, G(N_FREE), GB1, 3}, {RTT(1)}},
    {.id = "rtte_state", {RD, G(N_FREE), 0, 2}, {RTT(1)}},
};

static const struct row rtt_destroy[] = {
    {.id = "rd_align", {RD + 1, 0, 3}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, 0, 3}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), 0, 3}, {INPUT}},
    {.id = "level_bound", {RD, 0, 1}, {INPUT}},
    {.id = "ipa_align", {RD, 0x1000, 3}, {INPUT}},
    {.id = "ipa_bound", {RD, 1ull << 40, 3}, {INPUT}},
    {.id = "rtt_walk", {RD, GB1, 3}, {RTT(1), 0, 1ull << 39}},
    {.id = "rtte_state", {RD, MB2, 3}, {RTT(2), 0, GB1}},
    {.id = "rtt_live", {RD, 0, 2}, {RTT(2), 0, 0}},
};

static const struct row rtt_map_unprotected[] = {
    {.id = "attr_valid", {RD, UNPROT + 0x1000, 3, G(9) | 1ull << 51}, {INPUT}},
    {.id = "attr_valid", {RD, UNPROT + 0x1000, 3, G(9) | 1 << 10}, {INPUT}},
    {.id = "attr_valid", {RD, UNPROT + 0x1000, 3, G(9) | 4 << 2}, {INPUT}},
    {.id = "attr_valid", {RD, UNPROT + 0x1000, 3, G(9) | 8 << 2}, {INPUT}},
    {.id = "rd_align", {RD + 1, UNPROT + 0x1000, 3, G(9)}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, UNPROT + 0x1000, 3, G(9)}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), UNPROT + 0x1000, 3, G(9)}, {INPUT}},
    {.id = "level_bound", {RD, UNPROT, 0, 0}, {INPUT}},
    {.id = "level_bound", {RD, UNPROT, 4, 0}, {INPUT}},
    {.id = "addr_align", {RD, UNPROT + MB2, 2, G(9)}, {INPUT}},
    {.id = "ipa_align", {RD, UNPROT + 0x1800, 3, G(9)}, {INPUT}},
    {.id = "ipa_bound", {RD, 0x1000, 3, G(9)}, {INPUT}},
    {.id = "ipa_bound", {RD, 1ull << 40, 3, G(9)}, {INPUT}},
    {.id = "rtt_walk", {RD, UNPROT + MB2, 3, G(9)}, {RTT(2)}},
    {.id = "rtte_state", {RD, UNPROT, 3, G(9)}, {RTT(3)}},
};

/* The platform has LPA2, the Realm has not: [49:48] and [9:8] are address bits of no use. */
static const struct row rtt_map_unprotected_high[] = {
    {.id = "addr_bound", {RD, UNPROT + 0x1000, 3, G(9) | 1ull << 48}, {INPUT}},
    {.id = "addr_bound", {RD, UNPROT + 0x1000, 3, G(9) | 1ull << 8}, {INPUT}},
};

static const struct row rtt_read_entry[] = {
    {.id = "rd_align", {RD + 1, 0, 3}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, 0, 3}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), 0, 3}, {INPUT}},
    {.id = "level_bound", {RD, 0, 0}, {INPUT}},
    {.id = "level_bound", {RD, 0, 4}, {INPUT}},
    {.id = "ipa_align", {RD, 0x1000, 2}, {INPUT}},
    {.id = "ipa_bound", {RD, 1ull << 40, 3}, {INPUT}},
};

static const struct row rtt_unmap_unprotected[] = {
    {.id = "rd_align", {RD + 1, UNPROT, 3}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, UNPROT, 3}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), UNPROT, 3}, {INPUT}},
    {.id = "level_bound", {RD, UNPROT, 0}, {INPUT}},
    {.id = "ipa_align", {RD, UNPROT + 8, 3}, {INPUT}},
    {.id = "ipa_bound", {RD, 0, 3}, {INPUT}},
    {.id = "rtt_walk", {RD, UNPROT + MB2, 3}, {RTT(2), UNPROT + GB1}},
    {.id = "rtte_state", {RD, UNPROT + 0x1000, 3}, {RTT(3), UNPROT + MB2}},
};

static const struct row rec_aux_count[] = {
    {.id = "rd_align", {RD + 1}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED}, {INPUT}},
    {.id = "rd_state", {G(N_HOST)}, {INPUT}},
};

static const struct row rtt_init_ripas[] = {
    {.id = "rd_align", {RD + 1, 0, 0x1000}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, 0, 0x1000}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), 0, 0x1000}, {INPUT}},
    {.id = "size_valid", {RD, 0x1000, 0x1000}, {INPUT}},
    {.id = "top_bound", {RD, 0x1000, UNPROT + 0x1000}, {INPUT}},
    {.id = "realm_state", {RD2, 0x1000, 0x2000}, {RMI_ERROR_REALM}},
    {.id = "base_align", {RD, MB2 + 0x1000, 2 * MB2}, {RTT(2)}},
    {.id = "rtte_state", {RD, 0, 0x1000}, {RTT(3)}},
    {.id = "top_gran_align", {RD, 0x1000, 0x2800}, {INPUT}},
    {.id = "no_progress", {RD, MB2, MB2 + 0x1000}, {RTT(2)}},
};

static const struct row rtt_fold[] = {
    {.id = "rd_align", {RD + 1, 0, 3}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, 0, 3}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), 0, 3}, {INPUT}},
    {.id = "level_bound", {RD, 0, 1}, {INPUT}},
    {.id = "level_bound", {RD, 0, 4}, {INPUT}},
    {.id = "ipa_align", {RD, 0x1000, 3}, {INPUT}},
    {.id = "ipa_bound", {RD, 1ull << 40, 3}, {INPUT}},
    {.id = "rtt_walk", {RD, GB1, 3}, {RTT(1)}},
    {.id = "rtte_state", {RD, MB2, 3}, {RTT(2)}},
    {.id = "rtt_homo", {RD, 0, 2}, {RTT(2)}},
};

static const struct row rtt_fold_data[] = {
    {.id = "rtt_homo", {RD, 0, 3}, {RTT(3)}},
};

static const struct row rtt_set_ripas[] = {
    {.id = "rd_align", {RD + 1, G(N_REC), BASE, MB2}, {INPUT}},
    {.id = "rd_bound", {UNTRACKED, G(N_REC), BASE, MB2}, {INPUT}},
    {.id = "rd_state", {G(N_HOST), G(N_REC), BASE, MB2}, {INPUT}},
    {.id = "rec_align", {RD, G(N_REC) + 1, BASE, MB2}, {INPUT}},
    {.id = "rec_bound", {RD, UNTRACKED, BASE, MB2}, {INPUT}},
    {.id = "rec_gran_state", {RD, G(N_HOST), BASE, MB2}, {INPUT}},
    {.id = "rec_state", {RD2, REC_O, 0, 0x1000}, {RMI_ERROR_REC}},
    {.id = "rec_owner", {RD2, G(N_REC), BASE, MB2}, {RMI_ERROR_REC}},
    {.id = "size_valid", {RD, G(N_REC), BASE, BASE}, {INPUT}},
    {.id = "base_bound", {RD, G(N_REC), BASE - 0x1000, MB2}, {INPUT}},
    {.id = "top_bound", {RD, G(N_REC), BASE, 3 * MB2 + 0x1000}, {INPUT}},
    {.id = "top_gran_align", {RD, G(N_REC), BASE, MB2 + 8}, {INPUT}},
};

static const struct row rtt_set_ripas_inside[] = {
    {.id = "base_align", {RD, G(N_REC), MB2 + 0x1000, 3 * MB2}, {RTT(2)}},
};

static const struct row rtt_set_ripas_entry[] = {
    {.id = "no_progress", {RD, G(N_REC), MB2, MB2 + 0x1000}, {RTT(2)}},
};

static const struct row psci_complete[] = {
    {.id = "alias", {G(N_REC), G(N_REC), 0}, {INPUT}},
    {.id = "calling_align", {G(N_REC) + 1, REC2, 0}, {INPUT}},
    {.id = "calling_bound", {UNTRACKED, REC2, 0}, {INPUT}},
    {.id = "calling_state", {G(N_HOST), REC2, 0}, {INPUT}},
    {.id = "target_align", {G(N_REC), REC2 + 1, 0}, {INPUT}},
    {.id = "target_bound", {G(N_REC), UNTRACKED, 0}, {INPUT}},
    {.id = "target_state", {G(N_REC), G(N_HOST), 0}, {INPUT}},
    {.id = "pending", {REC2, G(N_REC), 0}, {INPUT}},
    {.id = "owner", {G(N_REC), REC_O, 0}, {INPUT}},
    {.id = "target", {G(N_REC), REC_O, 0}, {INPUT}},
    {.id = "status", {G(N_REC), REC2, (uint64_t)PSCI_NOT_SUPPORTED}, {INPUT}},
};

/* Only PSCI_CPU_ON may be denied. */
static const struct row psci_complete_affinity[] = {
    {.id = "status", {G(N_REC), REC2, (uint64_t)PSCI_DENIED}, {INPUT}},
};

static const struct row rec_enter_psci[] = {
    {.id = "rec_psci", {G(N_REC), G(N_RUN)}, {RMI_ERROR_REC}},
};

static const struct row rec_enter_off[] = {
    {.id = "system_off", {G(N_REC), G(N_RUN)}, {RMI_ERROR_REALM | 1 << 8}},
};

static const struct table tables[] = {
    {RMI_GRANULE_DELEGATE, world_realm, {G(N_HOST)}, ROWS(granule_delegate)},
    {RMI_GRANULE_UNDELEGATE, world_realm, {G(N_FREE)}, ROWS(granule_undelegate)},
    {RMI_DATA_CREATE, world_data_active, {RD, G(N_DATA), 0, G(N_SRC), 1}, ROWS(data_create)},
    {RMI_DATA_CREATE,
     world_data,
     {RD, G(N_FREE + 6), 0x1000, G(N_SRC)},
     ROWS(data_create_assigned)},
    {RMI_DATA_CREATE_UNKNOWN, world_realm, {RD, G(N_DATA), 0}, ROWS(data_create_unknown)},
    {RMI_DATA_CREATE_UNKNOWN,
     world_data,
     {RD, G(N_FREE + 6), 0x1000},
     ROWS(data_create_unknown_assigned)},
    {RMI_DATA_DESTROY, world_data, {RD, 0}, ROWS(data_destroy)},
    {RMI_REALM_ACTIVATE, world_data, {RD}, ROWS(realm_activate)},
    {RMI_REALM_CREATE, world_bare, {RD, G(N_PARAMS)}, ROWS(realm_create)},
    {RMI_REALM_CREATE, world_realm, {0}, ROWS(realm_create_used_vmid)},
    {RMI_REALM_DESTROY, world_bare, {0}, ROWS(realm_destroy)},
    {RMI_REALM_DESTROY, world_data, {0}, ROWS(realm_destroy_live)},
    {RMI_REALM_DESTROY, world_active, {0}, ROWS(realm_destroy_live)},
    {RMI_REC_CREATE, world_recs, {RD, G(N_REC), G(N_REC_PARAMS)}, ROWS(rec_create)},
    {RMI_REC_DESTROY, world_running, {G(N_REC)}, ROWS(rec_destroy)},
    {RMI_REC_ENTER, world_new_rec, {G(N_REC), G(N_RUN)}, ROWS(rec_enter)},
    {RMI_RTT_CREATE, world_realm, {RD, G(N_FREE), MB2, 3}, ROWS(rtt_create)},
    {RMI_RTT_DESTROY, world_realm, {RD, 0, 3}, ROWS(rtt_destroy)},
    {RMI_RTT_MAP_UNPROTECTED,
     world_unprotected,
     {RD, UNPROT + 0x1000, 3, G(9)},
     ROWS(rtt_map_unprotected)},
    {RMI_RTT_MAP_UNPROTECTED,
     world_unprotected_lpa2,
     {RD, UNPROT + 0x1000, 3, G(9)},
     ROWS(rtt_map_unprotected_high)},
    {RMI_RTT_READ_ENTRY, world_realm, {RD, 0, 3}, ROWS(rtt_read_entry)},
    {RMI_RTT_UNMAP_UNPROTECTED, world_unprotected, {RD, UNPROT, 3}, ROWS(rtt_unmap_unprotected)},
    {RMI_REC_AUX_COUNT, world_realm, {RD}, ROWS(rec_aux_count)},
    {RMI_REC_ENTER, world_cpu_on, {0}, ROWS(rec_enter_psci)},
    {RMI_REC_ENTER, world_system_off, {0}, ROWS(rec_enter_off)},
    {RMI_RTT_FOLD, world_realm, {RD, 0, 3}, ROWS(rtt_fold)},
    {RMI_RTT_FOLD, world_data, {0}, ROWS(rtt_fold_data)},
    {RMI_RTT_SET_RIPAS, world_ripas, {RD, G(N_REC), BASE, 3 * MB2}, ROWS(rtt_set_ripas)},
    {RMI_RTT_SET_RIPAS, world_ripas_inside, {0}, ROWS(rtt_set_ripas_inside)},
    {RMI_RTT_SET_RIPAS, world_ripas_entry, {RD, G(N_REC), MB2, 3 * MB2}, ROWS(rtt_set_ripas_entry)},
    {RMI_PSCI_COMPLETE, world_cpu_on, {G(N_REC), REC2, (uint64_t)PSCI_DENIED}, ROWS(psci_complete)},
    {RMI_PSCI_COMPLETE, world_affinity, {G(N_REC), REC2, 0}, ROWS(psci_complete_affinity)},
    {RMI_RTT_INIT_RIPAS, world_data, {RD, 0x1000, 0x2000}, ROWS(rtt_init_ripas)},
};
#define NUM_TABLES (sizeof(tables) / sizeof(tables[0]))

static unsigned row_of(const struct spec_command *cmd, const char *id)
{
    for (unsigned i = 0; i < cmd->num_conds; i++) {
        if (strcmp(cmd->conds[i].id, id) == 0)
            return i;
    }
    fail_msg("no condition %s", id);
    return 0;
}

static void fill(uint64_t in[ABI_MAX_REGS], uint64_t fid, const uint64_t args[5])
{
    memset(in, 0, sizeof(uint64_t) * ABI_MAX_REGS);
    in[0] = fid;
    memcpy(in + 1, args, 5 * sizeof(uint64_t));
}

static void check_row(struct spec_world *w, uint64_t fid, const struct row *row)
{
    const struct spec_command *cmd = spec_command_by_fid(fid);
    uint64_t bit = 1ull << row_of(cmd, row->id);
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS] = {0};
    uint64_t before = spec_hash(w->s);

    if (row->poke.size)
        put(w, row->poke.pa, row->poke.size, row->poke.value);
    fill(in, fid, row->in);
    memcpy(out, row->out, sizeof(row->out));
    spec_evaluate(w->s, &w->env, fid, in, &w->v);
    if (!(w->v.true_mask & bit) || w->v.success_allowed)
        fail_msg("%s is not true", row->id);
    if (!judge(w, in, out))
        fail_msg("%s: %s", row->id, w->v.mismatch);
    if (!(w->v.minimal_mask & bit))
        fail_msg("%s is not minimal", row->id);
    assert_int_equal(spec_hash(w->s), before); /* a failing call changes nothing */
    out[0] = RMI_SUCCESS;
    if (judge(w, in, out))
        fail_msg("%s: success was accepted", row->id);
}

static void check_table(const struct table *t)
{
    for (size_t i = 0; i < t->num_rows; i++) {
        struct spec_world *w = t->world();

        check_row(w, t->fid, &t->rows[i]);
        world_free(w);
    }
}

static void test_each_condition_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TABLES; i++)
        check_table(&tables[i]);
}

static void test_each_command_succeeds(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TABLES; i++) {
        uint64_t in[ABI_MAX_REGS];
        struct spec_world *w;

        if (tables[i].in[0] == 0)
            continue;
        w = tables[i].world();
        fill(in, tables[i].fid, tables[i].in);
        spec_evaluate(w->s, &w->env, tables[i].fid, in, &w->v);
        if (w->v.true_mask != 0)
            fail_msg("fid 0x%llx: 0x%llx", (unsigned long long)tables[i].fid,
                     (unsigned long long)w->v.true_mask);
        world_free(w);
    }
}

static bool has_row(uint64_t fid, const char *id)
{
    for (size_t i = 0; i < NUM_TABLES; i++) {
        for (size_t j = 0; tables[i].fid == fid && j < tables[i].num_rows; j++) {
            if (strcmp(tables[i].rows[j].id, id) == 0)
                return true;
        }
    }
    return false;
}

static void test_no_condition_without_row(void **state)
{
    size_t count;
    const struct spec_command *cmd = spec_commands(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (cmd[i].fid < RMI_FID_FIRST || cmd[i].fid > RMI_FID_LAST)
            continue;
        for (unsigned j = 0; j < cmd[i].num_conds; j++) {
            if (cmd[i].conds[j].unreachable == has_row(cmd[i].fid, cmd[i].conds[j].id))
                fail_msg("%s", cmd[i].conds[j].id);
        }
    }
}

static void test_tables_are_well_formed(void **state)
{
    size_t count;
    const struct spec_command *cmd = spec_commands(&count);

    (void)state;
    assert_int_equal(count, 41);
    for (size_t i = 0; i < count; i++) {
        uint64_t all = (1ull << cmd[i].num_conds) - 1;

        assert_non_null(abi_command_by_fid(cmd[i].fid));
        assert_true(i == 0 || cmd[i].fid > cmd[i - 1].fid || cmd[i].fid == PSCI_VERSION);
        assert_true(cmd[i].num_conds <= SPEC_MAX_CONDS);
        for (unsigned j = 0; j < cmd[i].num_conds; j++)
            assert_non_null(cmd[i].conds[j].id);
        for (unsigned j = 0; j < cmd[i].num_orders; j++) {
            const struct spec_order *o = &cmd[i].orders[j];

            assert_true(o->before != 0 && o->after != 0);
            assert_true((o->before & o->after) == 0 && ((o->before | o->after) & ~all) == 0);
            assert_non_null(o->source);
        }
        assert_int_not_equal(cmd[i].num_variants, 1);
        for (unsigned j = 0; j < cmd[i].num_variants; j++) {
            assert_true(cmd[i].variants[j].id[0] && cmd[i].variants[j].text[0]);
            for (unsigned k = 0; k < j; k++)
                assert_string_not_equal(cmd[i].variants[j].id, cmd[i].variants[k].id);
        }
        for (unsigned j = 0; j < cmd[i].num_loose; j++)
            assert_true(cmd[i].loose[j].what && cmd[i].loose[j].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_well_formed),
        cmocka_unit_test(test_each_command_succeeds),
        cmocka_unit_test(test_each_condition_true),
        cmocka_unit_test(test_no_condition_without_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
