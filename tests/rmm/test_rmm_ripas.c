/* SPDX-License-Identifier: BSD-3-Clause */
/* RIPAS change: RSI_IPA_STATE_SET, RMI_RTT_SET_RIPAS, and what the Realm hears of it. */
#include "rmm_world.h"

#define AT_LEVEL(level) (RMI_ERROR_RTT | (level) << 8) /* a constant expression */
#define L2_SIZE         0x200000ull
#define RD_B            G(52)

static struct {
    uint64_t base, top, ripas, flags;
} request;

static void act_request(struct pe_regs *r)
{
    r->x[0] = RSI_IPA_STATE_SET;
    r->x[1] = request.base;
    r->x[2] = request.top;
    r->x[3] = request.ripas;
    r->x[4] = request.flags;
    r->x[5] = 0x55;
}

static void leave(struct rmm_world *w, uint64_t base, uint64_t top, uint64_t ripas, uint64_t flags)
{
    world_rewind(w);
    request.base = base;
    request.top = top;
    request.ripas = ripas;
    request.flags = flags;
    world_exit(w, VEC_SYNC, ESR_EC(EC_SMC64) | ESR_IL, 0, 0, act_request);
}

static void ask(struct rmm_world *w, uint64_t base, uint64_t top, uint64_t ripas, uint64_t flags)
{
    leave(w, base, top, ripas, flags);
    enter(w, EXIT_RIPAS_CHANGE);
    assert_int_equal(exit64(w, REC_EXIT_RIPAS_BASE), base);
    assert_int_equal(exit64(w, REC_EXIT_RIPAS_TOP), top);
    assert_int_equal(exit64(w, REC_EXIT_RIPAS_VALUE), ripas & 0xff);
    assert_int_equal(exit64(w, REC_EXIT_GPRS), 0);
}

/* The next entry: what the Realm finds. */
static void hear(struct rmm_world *w, uint64_t flags, uint64_t new_base, uint64_t response)
{
    world_rewind(w);
    host_write64(w, RUN + REC_ENTER_FLAGS, flags);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_int_equal(w->seen[0].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[0].x[1], new_base);
    assert_int_equal(w->seen[0].x[2], response);
    assert_int_equal(w->seen[0].x[5], 0);
    /* That was all: nothing is pending any more. */
    assert_int_equal(RMI_CALL(w, RMI_RTT_SET_RIPAS, RD, REC, 0, 0x1000), RMI_ERROR_INPUT);
}

static void test_bad_requests(void **state)
{
    static const struct {
        uint64_t base, top, ripas;
    } rows[] = {
        {0x800, 0x1000, RIPAS_RAM},      {0, 0x1800, RIPAS_RAM},
        {0x1000, 0x1000, RIPAS_RAM},     {0x2000, 0x1000, RIPAS_EMPTY},
        {0, IPA_NS + 0x1000, RIPAS_RAM}, {IPA_NS, IPA_NS + 0x1000, RIPAS_RAM},
        {0, 0x1000, RIPAS_DESTROYED},    {0, 0x1000, 3},
    };
    struct rmm_world *w = *state;

    realm_activate(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        leave(w, rows[i].base, rows[i].top, rows[i].ripas, 0);
        enter(w, EXIT_IRQ);
        assert_int_equal(w->seen[1].x[0], RSI_ERROR_INPUT);
        assert_int_equal(w->seen[1].x[1], 0);
    }
    ask(w, 0, IPA_NS, 0xff00 | RIPAS_RAM, 2); /* X3[63:8], X4[63:1] SBZ; all that is protected */
}

static void second_realm(struct rmm_world *w)
{
    realm_params(w);
    host_write64(w, PARAMS + REALM_PARAMS_VMID, 6);
    host_write64(w, PARAMS + REALM_PARAMS_RTT_BASE, G(54));
    RMI_OK(w, RMI_REALM_CREATE, RD_B, PARAMS);
}

static void test_operands(void **state)
{
    static const struct {
        uint64_t rd, rec, base, top, result;
    } rows[] = {
        {RD + 8, REC, 0x3000, 0x4000, RMI_ERROR_INPUT},
        {DATA1, REC, 0x3000, 0x4000, RMI_ERROR_INPUT},
        {RD, REC + 8, 0x3000, 0x4000, RMI_ERROR_INPUT},
        {RD, RD, 0x3000, 0x4000, RMI_ERROR_INPUT},
        {RD, AUX, 0x3000, 0x4000, RMI_ERROR_INPUT},
        {RD_B, REC, 0x3000, 0x4000, RMI_ERROR_REC}, /* rec_owner */
        {RD, REC, 0x3000, 0x3000, RMI_ERROR_INPUT}, /* size_valid */
        {RD, REC, 0x4000, 0x3000, RMI_ERROR_INPUT}, /* size_valid */
        {RD, REC, 0x2000, 0x4000, RMI_ERROR_INPUT}, /* base_bound */
        {RD, REC, 0x4000, 0x5000, RMI_ERROR_INPUT}, /* base_bound */
        {RD, REC, 0x3000, 0x8000, RMI_ERROR_INPUT}, /* top_bound */
        {RD, REC, 0x3000, 0x4800, RMI_ERROR_INPUT}, /* top_gran_align */
    };
    struct rmm_world *w = *state;
    uint64_t before;

    realm_activate(w);
    second_realm(w);
    assert_int_equal(RMI_CALL(w, RMI_RTT_SET_RIPAS, RD, REC, 0, 0x1000), RMI_ERROR_INPUT);
    ask(w, 0x3000, 0x7000, RIPAS_RAM, 0);
    before = machine_hash(w->m);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(
            RMI_CALL(w, RMI_RTT_SET_RIPAS, rows[i].rd, rows[i].rec, rows[i].base, rows[i].top),
            rows[i].result);
    assert_true(machine_hash(w->m) == before);
    hear(w, 0, 0x3000, RSI_ACCEPT);
}

/* Per table: where a call ends, and with what. */
static void set(struct rmm_world *w, uint64_t base, uint64_t top, uint64_t result, uint64_t out_top)
{
    assert_int_equal(RMI_CALL(w, RMI_RTT_SET_RIPAS, RD, REC, base, top), result);
    assert_int_equal(w->x[1], out_top);
}

static void expect_entry(struct rmm_world *w, uint64_t ipa, uint64_t state, uint64_t ripas)
{
    RMI_OK(w, RMI_RTT_READ_ENTRY, RD, ipa, 3);
    assert_int_equal(w->x[2], state);
    assert_int_equal(w->x[4], ripas);
}

static void test_progress(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    ask(w, 0x1fe000, 3 * L2_SIZE, RIPAS_RAM, 0);
    set(w, 0x1fe000, 0x1ff000, RMI_SUCCESS, 0x1ff000);
    set(w, 0x1ff000, 3 * L2_SIZE, RMI_SUCCESS, L2_SIZE);        /* end of the table */
    set(w, L2_SIZE, L2_SIZE + 0x1000, RESULT(ERROR_RTT, 2), 0); /* no_progress */
    set(w, L2_SIZE, 2 * L2_SIZE + 0x1000, RMI_SUCCESS, 2 * L2_SIZE);
    expect_entry(w, 0x1fd000, HIPAS_UNASSIGNED, RIPAS_EMPTY);
    expect_entry(w, 0x1ff000, HIPAS_UNASSIGNED, RIPAS_RAM);
    expect_entry(w, L2_SIZE, HIPAS_UNASSIGNED, RIPAS_RAM);
    expect_entry(w, 2 * L2_SIZE, HIPAS_UNASSIGNED, RIPAS_EMPTY);
    hear(w, REC_ENTRY_FLAG_RIPAS_RESPONSE, 2 * L2_SIZE, RSI_REJECT);
    /* From within a block that has another RIPAS; a table ends the range. */
    ask(w, L2_SIZE + 0x1000, 2 * L2_SIZE, RIPAS_EMPTY, 0);
    set(w, L2_SIZE + 0x1000, 2 * L2_SIZE, RESULT(ERROR_RTT, 2), 0);       /* base_align */
    hear(w, REC_ENTRY_FLAG_RIPAS_RESPONSE, L2_SIZE + 0x1000, RSI_ACCEPT); /* EMPTY: not asked */
}

static void test_already(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    ask(w, L2_SIZE + 0x1000, 4 * L2_SIZE, RIPAS_EMPTY, 0);
    /* Within one entry: never below what the Realm asked for. */
    set(w, L2_SIZE + 0x1000, L2_SIZE + 0x2000, RMI_SUCCESS, L2_SIZE + 0x1000);
    set(w, L2_SIZE + 0x1000, 2 * L2_SIZE, RMI_SUCCESS, 2 * L2_SIZE);
    set(w, 2 * L2_SIZE, 2 * L2_SIZE + 0x1000, RMI_SUCCESS, 2 * L2_SIZE);
    set(w, 2 * L2_SIZE, 4 * L2_SIZE, RMI_SUCCESS, 4 * L2_SIZE);
    hear(w, REC_ENTRY_FLAG_RIPAS_RESPONSE, 4 * L2_SIZE, RSI_ACCEPT);
}

/* Each state of an entry, and each request. */
static void test_entries(void **state)
{
    static const struct {
        uint64_t ipa, ripas, flags, result, out_top, entry, entry_ripas;
    } rows[] = {
        {0x2000, RIPAS_RAM, 0, RMI_SUCCESS, 0x3000, HIPAS_UNASSIGNED, RIPAS_RAM},
        {0x2000, RIPAS_EMPTY, 0, RMI_SUCCESS, 0x3000, HIPAS_UNASSIGNED, RIPAS_EMPTY},
        {0, RIPAS_RAM, 0, RMI_SUCCESS, 0x1000, HIPAS_ASSIGNED, RIPAS_RAM},
        {0, RIPAS_EMPTY, 0, RMI_SUCCESS, 0x1000, HIPAS_ASSIGNED, RIPAS_EMPTY},
        {0, RIPAS_RAM, 0, RMI_SUCCESS, 0x1000, HIPAS_ASSIGNED, RIPAS_RAM},
        {0x5000, RIPAS_RAM, 0, AT_LEVEL(3), 0, HIPAS_UNASSIGNED, RIPAS_DESTROYED},
        {0x5000, RIPAS_EMPTY, 0, AT_LEVEL(3), 0, HIPAS_UNASSIGNED, RIPAS_DESTROYED},
        {0x5000, RIPAS_EMPTY, 1, RMI_SUCCESS, 0x6000, HIPAS_UNASSIGNED, RIPAS_EMPTY},
        {0x6000, RIPAS_RAM, 0, AT_LEVEL(3), 0, HIPAS_ASSIGNED, RIPAS_DESTROYED},
        {0x6000, RIPAS_RAM, 1, RMI_SUCCESS, 0x7000, HIPAS_ASSIGNED, RIPAS_RAM},
    };
    struct rmm_world *w = *state;

    realm_activate(w);
    ask(w, 0x5000, 0x7000, RIPAS_RAM, 0);
    set(w, 0x5000, 0x7000, RMI_SUCCESS, 0x7000);
    for (uint64_t ipa = 0x5000; ipa < 0x7000; ipa += 0x1000) {
        RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, ipa);
        RMI_OK(w, RMI_DATA_DESTROY, RD, ipa);
    }
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, DATA1, 0x6000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ask(w, rows[i].ipa, rows[i].ipa + 0x1000, rows[i].ripas, rows[i].flags);
        set(w, rows[i].ipa, rows[i].ipa + 0x1000, rows[i].result, rows[i].out_top);
        expect_entry(w, rows[i].ipa, rows[i].entry, rows[i].entry_ripas);
    }
    /* A DESTROYED entry further on ends the range, one that is not in it does not. */
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0x6000);
    ask(w, 0x2000, 0x7000, RIPAS_RAM, 0);
    set(w, 0x2000, 0x7000, RMI_SUCCESS, 0x6000);
    ask(w, 0x7000, 0x9000, RIPAS_RAM, 0);
    set(w, 0x7000, 0x9000, RMI_SUCCESS, 0x9000);
}

static void try_while_running(struct rmm_world *w)
{
    assert_int_equal(rmi_on(w, 1, RMI_RTT_SET_RIPAS, RD, REC, 0x3000, 0x4000, 0), RMI_ERROR_REC);
}

static void test_running(void **state)
{
    struct rmm_world *w = *state;

    realm_activate(w);
    w->during = try_while_running;
    enter(w, EXIT_IRQ);
    assert_null(w->during);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_bad_requests), WORLD_TEST(test_operands), WORLD_TEST(test_progress),
        WORLD_TEST(test_already),      WORLD_TEST(test_entries),  WORLD_TEST(test_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
