/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine as a value: snapshot, restore, hash, diff; GST locks; the event stream. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <ccasim/el3m.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>

#define A 0x80000000ull
#define B 0x80001000ull

static int setup(void **state)
{
    struct impl impl;

    impl_default(&impl);
    return machine_new(&impl, (struct machine **)state);
}

static int teardown(void **state)
{
    machine_free(*state);
    return 0;
}

static uint64_t rmi(struct machine *m, uint64_t fid, uint64_t a)
{
    uint64_t regs[ABI_MAX_REGS] = {fid, a};

    el3m_smc(m, 0, WORLD_NS, regs);
    return regs[0];
}

static void collect(void *ctx, const char *line)
{
    char *out = ctx;

    snprintf(out + strlen(out), 1000 - strlen(out), "%s\n", line);
}

static void test_diff_in_words(void **state)
{
    struct machine *m = *state;
    struct machine_snapshot *s = machine_save(m);
    char out[1000] = "";
    uint64_t v = 0xab;

    assert_int_equal(machine_diff(s, m, collect, out), 0);
    assert_int_equal(rmi(m, RMI_GRANULE_DELEGATE, A), RMI_SUCCESS);
    mem_write(m, B + 5, &v, 1, OWNER_HOST, 0);
    m->pe[1].r.x[3] = 7;
    m->pe[1].r.v[5] = 1;
    m->rmm.vmids[0] |= 4;
    assert_int_equal(machine_diff(s, m, collect, out), 6);
    assert_string_equal(out, "gst[0x80000000].state: UNDELEGATED -> DELEGATED\n"
                             "mem[0x80001005]: 1 byte, first 0x00 -> 0xab\n"
                             "gpt[0x80000000]: NS -> REALM\n"
                             "pe[1].x3: 0x0 -> 0x7\n"
                             "pe[1].v2.d[1]: 0x0 -> 0x1\n"
                             "rmm.vmid[2]: free -> used\n");
    machine_restore(m, s);
    out[0] = 0;
    assert_int_equal(machine_diff(s, m, collect, out), 0);
    machine_snapshot_free(s);
}

static void test_hash_is_identity(void **state)
{
    struct machine *m = *state, *other;
    uint64_t boot = machine_hash(m), v = 1;
    struct machine_snapshot *s;

    assert_int_equal(machine_new(&m->impl, &other), CCA_OK);
    assert_int_equal(machine_hash(other), boot);
    machine_free(other);
    rmi(m, RMI_GRANULE_DELEGATE, A);
    s = machine_save(m);
    v = machine_hash(m);
    assert_int_not_equal(v, boot);
    rmi(m, RMI_GRANULE_UNDELEGATE, A);
    assert_int_equal(machine_hash(m), boot);
    machine_restore(m, s);
    assert_int_equal(machine_hash(m), v);
    m->broken_granule = A;
    machine_reset(m);
    assert_int_equal(machine_hash(m), boot);
    machine_snapshot_free(s);
}

/* Each of these is part of the identity. */
static void test_hash_sees(void **state)
{
    struct machine *m = *state;
    uint64_t boot = machine_hash(m), one = 1;

    m->pe[0].r.pc++;
    assert_int_not_equal(machine_hash(m), boot);
    m->pe[0].r.pc--;
    m->vtime++;
    assert_int_not_equal(machine_hash(m), boot);
    m->vtime--;
    m->gst[3].refcount++;
    assert_int_not_equal(machine_hash(m), boot);
    m->gst[3].refcount--;
    m->pe[1].irq_pending = true;
    assert_int_not_equal(machine_hash(m), boot);
    m->pe[1].irq_pending = false;
    assert_int_equal(machine_hash(m), boot);
    mem_write(m, B, &one, 8, OWNER_HOST, 0);
    assert_int_not_equal(machine_hash(m), boot);
}

struct order {
    uint64_t first, second;
    unsigned n;
};

static void note_lock(void *ctx, struct machine *m, const struct event *e)
{
    struct order *o = ctx;

    (void)m;
    *(o->n++ ? &o->second : &o->first) = e->obj;
}

static void test_two_locks_ascend(void **state)
{
    static const struct {
        uint64_t a, b;
        bool ok;
    } rows[] = {{A, B, true}, {B, A, true}, {A, A, false}, {A, B + 8, false}, {A, 0x1000, false}};
    struct machine *m = *state;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gst_entry *ga, *gb;
        struct order o = {0};

        event_listen(m, EV_BIT(EV_LOCK), note_lock, &o);
        assert_int_equal(gst_find_lock_two(m, 0, rows[i].a, GST_UNDELEGATED, &ga, rows[i].b,
                                           GST_UNDELEGATED, &gb),
                         rows[i].ok);
        event_unlisten(m, note_lock, &o);
        if (!rows[i].ok) {
            assert_int_equal(m->gst[0].lock | m->gst[1].lock, 0);
            continue;
        }
        assert_int_equal(o.first, A);
        assert_int_equal(o.second, B);
        assert_int_equal(gst_pa(m, ga), rows[i].a);
        gst_unlock(m, 0, ga);
        gst_unlock(m, 0, gb);
    }
    assert_int_equal(m->ev.mask, 0);
}

static void test_wrong_state_leaves_nothing_locked(void **state)
{
    struct machine *m = *state;
    struct gst_entry *ga, *gb;

    assert_null(gst_find_lock(m, 0, A, GST_DELEGATED));
    assert_int_equal(m->gst[0].lock, 0);
    assert_false(gst_find_lock_two(m, 0, A, GST_UNDELEGATED, &ga, B, GST_RD, &gb));
    assert_int_equal(m->gst[0].lock | m->gst[1].lock, 0);
    assert_null(gst_find_lock(m, 0, A + 1, GST_UNDELEGATED));
}

/* A listener hears only what it asked for, and sequence numbers count what was heard. */
static void count_event(void *ctx, struct machine *m, const struct event *e)
{
    unsigned *n = ctx;

    (void)m;
    n[e->kind]++;
}

static void test_events(void **state)
{
    struct machine *m = *state;
    unsigned n[EV_COUNT] = {0};
    uint64_t seq = m->ev.seq;

    rmi(m, RMI_GRANULE_DELEGATE, A);
    assert_int_equal(m->ev.seq, seq);
    assert_int_equal(event_listen(m, EV_BIT(EV_PAS) | EV_BIT(EV_STATE), count_event, n), CCA_OK);
    rmi(m, RMI_GRANULE_UNDELEGATE, A);
    assert_int_equal(n[EV_PAS], 1);
    assert_int_equal(n[EV_STATE], 1);
    assert_int_equal(n[EV_LOCK], 0);
    assert_int_equal(m->ev.seq, seq + 2);
    for (unsigned k = 0; k < EV_COUNT; k++)
        assert_int_equal(event_by_name(event_name(k)), k);
    assert_int_equal(event_by_name("no-such"), EV_COUNT);
}

static void test_provenance(void **state)
{
    struct machine *m = *state;
    struct provenance *p = &m->mem.prov[0];
    uint8_t page[GRANULE_SIZE] = {1};

    mem_write(m, A, page, 8, OWNER_HOST, 0);
    mem_guest_dirty(m, 0, A, OWNER_REALM, B);
    assert_int_equal(p->kinds, 1u << OWNER_HOST | 1u << OWNER_REALM);
    assert_int_equal(p->realm, 1);
    assert_false(mem_is_zero(m, A));
    mem_write(m, A, page, sizeof(page), OWNER_RMM,
              0); /* a full overwrite: nothing of the others is left */
    assert_int_equal(p->kinds, 1u << OWNER_RMM);
    mem_wipe(m, 0, A);
    assert_int_equal(p->kinds, 0);
    assert_true(mem_is_zero(m, A));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_diff_in_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hash_is_identity, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hash_sees, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_locks_ascend, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_state_leaves_nothing_locked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_provenance, setup, teardown),
    };

    return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
