/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtual time: exact at stops and in counters; interrupts, timers and the limit at an exact instruction. */
#include "cpu_fixture.h"

static void test_counter(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, count);
    w->p->r.x[1] = DATA;
    expect_hvc(w, 0x100);
    /* 1 + 10 * 3 before the first MRS; then MRS, 2 NOPs, MRS, HVC. */
    assert_int_equal(w->p->r.x[2], 31);
    assert_int_equal(w->p->r.x[3], 34);
    assert_int_equal(w->m->vtime, 36);
}

/* The same code, faulting in the middle of a block: what was not executed is not counted. */
static void test_exact_at_fault(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, count);
    w->p->r.x[1] = 0x3000000;
    enter(w);
    assert_int_equal(w->exc.far, 0x3000000);
    assert_int_equal(w->m->vtime, 2);
    w->p->r.x[1] = DATA;
    expect_hvc(w, 0x100);
    assert_int_equal(w->m->vtime, 36);
}

struct at {
    uint64_t pc, x0, x1, x3;
};

/* The state after n instructions of code_endless, by hand. */
static struct at after(unsigned n)
{
    struct at s = {.pc = CODE};
    uint64_t memory = 0;
    for (unsigned i = 0; i < n; i++) {
        switch ((s.pc - CODE) / 4) {
        case 0: s.x0++; break;
        case 1: s.x1 += s.x0; break;
        case 2: memory = s.x1; break;
        case 3: s.x3 = memory; break;
        case 4: s.pc = s.x0 & 2 ? s.pc : CODE - 4; break;
        case 6: s.pc = CODE - 4; break;
        default: break;
        }
        s.pc += 4;
    }
    return s;
}

static void expect_irq(struct cpu_world *w, uint64_t vtime)
{
    assert_int_equal(w->m->cpu->enter(w->m->cpu_ctx, w->m, 0, &w->exc), CCA_OK);
    assert_int_equal(w->exc.vector, VEC_IRQ);
    assert_false(w->exc.limit);
    assert_int_equal(w->m->vtime, vtime);
}

static void test_irq_at_every_instruction(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, endless);
    w->p->r.x[2] = DATA;
    uint64_t vtime = 0;
    for (unsigned n = 1; n < 60; n++) {
        struct at s;
        /* one at a time, then in strides */
        vtime += n < 30 ? 1 : n;
        w->p->irq_at = vtime;
        expect_irq(w, vtime);
        s = after((unsigned)vtime);
        assert_int_equal(w->p->r.pc, s.pc);
        assert_int_equal(w->p->r.x[0], s.x0);
        assert_int_equal(w->p->r.x[1], s.x1);
        assert_int_equal(w->p->r.x[3], s.x3);
        assert_int_equal(w->p->irq_at, 0);
    }
}

static void test_irq_pending(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, returns_one);
    w->p->irq_pending = true;
    expect_irq(w, 0);
    assert_int_equal(w->p->r.pc, CODE);
    assert_false(w->p->irq_pending);
    expect_hvc(w, 1);
}

static void test_limit(void **state)
{
    struct cpu_world *w = *state;
    struct cpu_options o = {.virtual_time = true, .insn_limit = 1001};
    cpu_set_options(w->cpu, &o);
    LOAD_CODE(w, endless);
    w->p->r.x[2] = DATA;
    for (unsigned i = 1; i < 4; i++) {
        enter(w);
        assert_true(w->exc.limit);
        assert_int_equal(w->exc.vector, VEC_IRQ);
        assert_int_equal(w->m->vtime, 1001 * i);
    }
}

/* CNTV: CVAL = 100 after the read of the counter at 0; the loop began at 5. Held back, the Realm runs on. */
static void test_timer(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, timer);
    expect_irq(w, 100);
    assert_int_equal(w->p->r.x[5], 48); /* (100 - 5) / 2, and the add of a begun iteration */
    w->p->cnthctl_el2 |= 1ull << 18;
    w->p->irq_at = 200;
    expect_irq(w, 200);
}

/* The same bytes, whatever ran on the engine before. */
static void test_deterministic(void **state)
{
    struct cpu_world *w = *state;
    uint64_t first[3] = {0};
    for (unsigned i = 0; i < 3; i++) {
        LOAD_CODE(w, random);
        w->m->vtime = 1000;
        expect_hvc(w, 0x100);
        uint64_t *x = w->p->r.x;
        if (i == 0)
            memcpy(first, (uint64_t[]){x[0], x[2], x[3]}, sizeof(first));
        assert_int_equal(x[0], first[0]);
        assert_int_equal(x[2], first[1]);
        assert_int_equal(x[3], first[2]);
        assert_int_equal(x[1], 0); /* NZCV = 0: a number was returned */
        assert_int_not_equal(x[0], x[3]);
        LOAD_CODE(w, count);
        w->p->r.x[1] = DATA;
        expect_hvc(w, 0x100);
    }
}

/* Off: time stands still, and the code runs all the same. */
static void test_without(void **state)
{
    struct cpu_world *w = *state;
    struct cpu_options o = {.virtual_time = false, .insn_limit = 1000};
    LOAD_CODE(w, count);
    w->p->r.x[1] = DATA;
    expect_hvc(w, 0x100);
    uint64_t vtime = w->m->vtime;
    cpu_set_options(w->cpu, &o);
    w->p->r.pc = CODE;
    expect_hvc(w, 0x100);
    assert_int_equal(w->m->vtime, vtime);
    o.virtual_time = true;
    cpu_set_options(w->cpu, &o);
    w->p->r.pc = CODE;
    expect_hvc(w, 0x100);
    assert_int_equal(w->m->vtime, 2 * vtime);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, cpu_world_setup, cpu_world_teardown)
    const struct CMUnitTest tests[] = {
        T(test_counter),       T(test_exact_at_fault), T(test_irq_at_every_instruction),
        T(test_irq_pending),   T(test_limit),          T(test_timer),
        T(test_deterministic), T(test_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
