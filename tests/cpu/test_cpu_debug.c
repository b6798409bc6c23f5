/* SPDX-License-Identifier: BSD-3-Clause */
/* Breakpoints and steps, of a host and of a Realm; a Realm that shares time with other PEs. */
#include "cpu_fixture.h"
#include "host_fixture.h"

struct seen {
    unsigned count;
    uint64_t pc[16];
    uint64_t x0;
    struct cpu *cpu;
};

static void note(void *ctx, struct machine *m, unsigned pe)
{
    struct seen *s = ctx;
    if (s->count < 16)
        s->pc[s->count] = m->pe[pe].r.pc;
    s->x0 = m->pe[pe].r.x[0];
    s->count++;
}

/* --- host --- */

static void a_breakpoint_of_the_host(void **state)
{
    struct host_world *w = *state;
    struct seen s = {0};
    const uint64_t at[] = {HOST_CODE + 4, HOST_CODE + 0x100};
    struct cpu_debug d = {.stopped = note, .ctx = &s, .breakpoint = at, .num_breakpoints = 2};
    LOAD_HOST(w, count);
    X(w, 1) = HOST_DATA;
    cpu_set_debug(w->cpu, &d);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(host_run(w, 1000), CPU_HOST_BREAK);
        assert_int_equal(s.count, i);
        assert_int_equal(s.pc[i - 1], HOST_CODE + 4);
        assert_int_equal(s.x0, 101 - i); /* the instruction there has not been executed */
        assert_int_equal(w->m->vtime, 1 + 4 * (i - 1));
    }
    cpu_set_debug(w->cpu, NULL);
    assert_int_equal(host_run(w, 1000), CPU_HOST_SLICE);
    assert_int_equal(s.count, 3);
    assert_int_equal(X(w, 0), 0);
}

static void steps_of_the_host(void **state)
{
    struct host_world *w = *state;
    struct seen s = {0};
    struct cpu_debug d = {.stopped = note, .ctx = &s, .step = {true}};
    LOAD_HOST(w, calls);
    cpu_set_debug(w->cpu, &d);
    assert_int_equal(host_run(w, 1000), CPU_HOST_BREAK); /* SVC: at the vector */
    assert_int_equal(w->p->r.pc, EL2_VECTORS + 0x200);
    assert_int_equal(host_run(w, 1000), CPU_HOST_SMC); /* for who serves it; a step all the same */
    assert_int_equal(s.count, 2);
    assert_int_equal(w->p->r.pc, EL2_VECTORS + 0x204);
    assert_int_equal(host_run(w, 1000), CPU_HOST_BREAK); /* ERET */
    assert_int_equal(w->p->r.pc, HOST_CODE + 4);
    assert_int_equal(w->m->vtime, 3);
    LOAD_HOST(w, count);
    X(w, 1) = HOST_DATA;
    for (unsigned i = 1; i <= 9; i++) {
        assert_int_equal(host_run(w, 1000), CPU_HOST_BREAK);
        assert_int_equal(w->m->vtime, 3 + i);
        assert_int_equal(w->p->r.pc, HOST_CODE + 4 * (1 + (i - 1) % 4));
    }
    cpu_set_debug(w->cpu, NULL);
    assert_int_equal(host_run(w, 1000), CPU_HOST_SLICE);
    assert_int_equal(s.count, 12);
}

/* What the debugger changes takes effect. */
static void jump(void *ctx, struct machine *m, unsigned pe)
{
    (void)ctx;
    m->pe[pe].r.x[0] = 1;
}

static void a_debugger_changes_registers(void **state)
{
    struct host_world *w = *state;
    const uint64_t at = HOST_CODE + 4;
    struct cpu_debug d = {.stopped = jump, .breakpoint = &at, .num_breakpoints = 1};
    LOAD_HOST(w, count);
    X(w, 1) = HOST_DATA;
    cpu_set_debug(w->cpu, &d);
    assert_int_equal(host_run(w, 1000), CPU_HOST_BREAK);
    assert_int_equal(host_run(w, 100), CPU_HOST_SLICE);
    assert_int_equal(X(w, 0), 0); /* after one round */
    cpu_set_debug(w->cpu, NULL);
}

/* --- Realm --- */

static void a_breakpoint_of_a_realm(void **state)
{
    struct cpu_world *w = *state;
    struct seen s = {0};
    const uint64_t at = CODE + 8;
    struct cpu_debug d = {.stopped = note, .ctx = &s, .breakpoint = &at, .num_breakpoints = 1};
    LOAD_CODE(w, count);
    w->p->r.x[1] = DATA;
    cpu_set_debug(w->cpu, &d);
    expect_hvc(w, 0x100);
    assert_int_equal(s.count, 10);
    assert_int_equal(s.pc[0], CODE + 8);
    assert_int_equal(s.x0, 0);
    cpu_set_debug(w->cpu, NULL);
}

static void steps_of_a_realm(void **state)
{
    struct cpu_world *w = *state;
    struct seen s = {0};
    struct cpu_debug d = {.stopped = note, .ctx = &s, .step = {true}};
    LOAD_CODE(w, waits);
    cpu_set_debug(w->cpu, &d);
    expect_hvc(w, 0x100);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.pc[0], CODE + 4);
    assert_int_equal(s.pc[1], CODE + 8);
    assert_int_equal(w->m->vtime, 3);
    cpu_set_debug(w->cpu, NULL);
}

/* --- others run --- */

struct turns {
    unsigned count[3];
    uint64_t end;
};

static uint64_t turn_end(void *ctx, struct machine *m, unsigned pe)
{
    struct turns *t = ctx;
    (void)m;
    assert_int_equal(pe, 0);
    return t->end;
}

static void turn_over(void *ctx, struct machine *m, unsigned pe, enum sched_why why)
{
    struct turns *t = ctx;
    (void)pe;
    t->count[why]++;
    m->vtime += 1000; /* the others */
    t->end = m->vtime + 10;
}

static void a_realm_shares_time(void **state)
{
    struct cpu_world *w = *state;
    struct turns t = {.end = 10};
    const struct sched_ops ops = {.slice = turn_end, .yield = turn_over};
    LOAD_CODE(w, count);
    w->p->r.x[1] = DATA;
    w->m->sched = &ops;
    w->m->sched_ctx = &t;
    expect_hvc(w, 0x100);
    /* 36 instructions, ten a turn, to the end of a block of three */
    assert_in_range(t.count[SCHED_SLICE], 2, 3);
    assert_int_equal(w->m->vtime - 1000ull * t.count[SCHED_SLICE], 36);
    w->m->sched = NULL;
}

static void a_realm_that_waits_lets_others_run(void **state)
{
    struct cpu_world *w = *state;
    struct turns t = {.end = 1000};
    const struct sched_ops ops = {.slice = turn_end, .yield = turn_over};
    LOAD_CODE(w, waits);
    w->m->sched = &ops;
    w->m->sched_ctx = &t;
    expect_hvc(w, 0x100);
    assert_int_equal(t.count[SCHED_WFI], 1);
    assert_int_equal(t.count[SCHED_WFE], 1);
    w->m->sched = NULL;
}

/* R-EL2 gives the Realm an exception each time, and its vectors are not there: only an event from outside ends that. */
static void a_realm_that_never_gets_on(void **state)
{
    struct cpu_world *w = *state;
    struct turns t = {.end = 1000};
    const struct sched_ops ops = {.slice = turn_end, .yield = turn_over};
    for (unsigned shared = 0; shared < 2; shared++) {
        unsigned entries = 0;
        w->m->sched = shared ? &ops : NULL;
        w->m->sched_ctx = &t;
        w->p->r.pc = 0x900000;
        do {
            unsigned ec = ESR_GET_EC(enter(w));
            assert_int_equal(ec, w->exc.limit ? 0 : EC_IABORT_LOWER);
            entries++;
        } while (!w->exc.limit && !t.count[SCHED_WFI]);
        assert_int_equal(w->exc.limit, !shared);
        assert_int_equal(entries, 10001);
        LOAD_CODE(w, count); /* one that does starts anew */
        w->p->r.x[1] = DATA;
        w->m->sched = NULL;
        expect_hvc(w, 0x100);
    }
}

int main(void)
{
#define H(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)
#define R(f) cmocka_unit_test_setup_teardown(f, cpu_world_setup, cpu_world_teardown)
    const struct CMUnitTest tests[] = {
        H(a_breakpoint_of_the_host),
        H(steps_of_the_host),
        H(a_debugger_changes_registers),
        R(a_breakpoint_of_a_realm),
        R(steps_of_a_realm),
        R(a_realm_shares_time),
        R(a_realm_that_waits_lets_others_run),
        R(a_realm_that_never_gets_on),
    };
#undef H
#undef R
    return cmocka_run_group_tests(tests, NULL, NULL);
}
