/* SPDX-License-Identifier: BSD-3-Clause */
/* The scripted Realm: each operation, exceptions in both directions, and that all state is in the registers. */
#include "../mmu/realm_fixture.h"

#include <ccasim/realm_dev.h>
#include <ccasim/script.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define PC      0x1000ull
#define VECTOR  0x2200ull
#define DATA    0x10000ull
#define NONE    0x3000000ull /* nothing there: level 2 */
#define HCR_TWI (1ull << 13)

struct script_world {
    struct fixture f;
    struct script_set *set;
    struct pe *p;
    uint64_t data_pa;
    struct realm_exception exc;
    struct script_section section[2];
    struct script script;
};

static int setup(void **state)
{
    struct script_world *w = calloc(1, sizeof(*w));
    *state = w;
    if (!w || fix_new(&w->f))
        return -1;
    w->set = script_set_new();
    script_set_attach(w->set, w->f.m);
    w->p = &w->f.m->pe[0];
    w->p->r.sys[SR_VBAR_EL1] = VECTOR - 0x200;
    w->data_pa = fix_map(&w->f, DATA, S2_RAM);
    return 0;
}

static int teardown(void **state)
{
    struct script_world *w = *state;
    script_set_free(w->set);
    fix_free(&w->f);
    free(w);
    return 0;
}

static uint64_t enter(struct script_world *w)
{
    assert_int_equal(w->f.m->cpu->enter(w->f.m->cpu_ctx, w->f.m, 0, &w->exc), CCA_OK);
    return w->exc.esr;
}

/* Runs `ops` at PC with `handler` at the vector of its own exceptions. */
static uint64_t run(struct script_world *w, struct script_op *ops, uint32_t n,
                    struct script_op *handler, uint32_t handlers)
{
    w->section[0] = (struct script_section){.pc = PC, .ops = ops, .num = n};
    w->section[1] = (struct script_section){.pc = VECTOR, .ops = handler, .num = handlers};
    w->script = (struct script){.sections = w->section, .num = handler ? 2 : 1};
    assert_int_equal(script_set_add(w->set, &w->script, 0), CCA_OK);
    w->p->r.pc = PC;
    return enter(w);
}
#define RUN(w, ops) run(w, ops, sizeof(ops) / sizeof((ops)[0]), NULL, 0)

static void test_calls(void **state)
{
    struct script_world *w = *state;
    struct script_op smc[] = {{.kind = SCRIPT_SMC, .args = 5, .arg = {0xc4000199, 1, 0x1000}}};
    w->p->r.x[1] = 7;
    assert_int_equal(RUN(w, smc), 0x5e000000);
    assert_int_equal(w->p->r.pc, PC);
    assert_int_equal(w->p->r.x[0], 0xc4000199);
    assert_int_equal(w->p->r.x[1], 7);
    assert_int_equal(w->p->r.x[2], 0x1000);
    struct script_op hvc[] = {{.kind = SCRIPT_HVC, .value = 5}};
    assert_int_equal(RUN(w, hvc), 0x5a000005);
    assert_int_equal(w->p->r.pc, PC + 4);
    struct script_op wfi[] = {{.kind = SCRIPT_WFI}, {.kind = SCRIPT_END}};
    RUN(w, wfi);
    assert_int_equal(w->exc.vector, VEC_IRQ);
    assert_int_equal(w->p->r.pc, PC + 4);
    w->p->hcr_el2 |= HCR_TWI;
    assert_int_equal(RUN(w, wfi), 0x07e00000);
    struct script_op mrs[] = {{.kind = SCRIPT_MRS, .reg = 3, .addr = SYSREG(3, 0, 0, 4, 0)}};
    assert_int_equal(RUN(w, mrs), 0x62300069);
}

/* The same syndromes as the instructions that they stand for. */
static void test_accesses(void **state)
{
    struct script_world *w = *state;
    static const struct {
        struct script_op op;
        uint64_t esr;
    } row[] = {
        {{.kind = SCRIPT_LOAD, .reg = 3, .size = 8, .addr = NONE}, 0x93c38006},
        {{.kind = SCRIPT_STORE, .reg = 4, .size = 4, .addr = NONE}, 0x93840046},
        {{.kind = SCRIPT_LOAD, .reg = 6, .size = 2, .sign = true, .sf = true, .addr = NONE},
         0x93668006},
        {{.kind = SCRIPT_STORE, .reg = 31, .size = 1, .addr = NONE}, 0x931f0046},
        {{.kind = SCRIPT_LOAD, .reg = 1, .size = 8, .no_syndrome = true, .addr = NONE}, 0x92000006},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct script_op ops[] = {row[i].op};
        assert_int_equal(RUN(w, ops), row[i].esr);
        assert_int_equal(w->exc.far, NONE);
        assert_int_equal(w->exc.hpfar, NONE >> 8);
        assert_int_equal(w->p->r.pc, PC);
    }
}

static void test_memory(void **state)
{
    struct script_world *w = *state;
    struct script_op ops[] = {
        {.kind = SCRIPT_STORE, .reg = 1, .size = 8, .addr = DATA, .has_value = true, .value = 0x80},
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 1, .sign = true, .sf = true, .addr = DATA},
        {.kind = SCRIPT_LOAD, .reg = 3, .size = 1, .sign = true, .addr = DATA},
        {.kind = SCRIPT_LOAD, .reg = 4, .size = 1, .addr = DATA},
        {.kind = SCRIPT_EXPECT, .reg = 4, .value = 0x80},
        {.kind = SCRIPT_SET, .reg = 5, .value = 9},
        {.kind = SCRIPT_EXPECT, .reg = 5, .value = 0x18, .mask = 8},
        {.kind = SCRIPT_EXPECT, .reg = 5, .value = 7},
        {.kind = SCRIPT_END},
    };
    w->p->running_rd = w->f.m->mem.base;
    RUN(w, ops);
    assert_int_equal(w->p->r.x[2], (uint64_t)-0x80);
    assert_int_equal(w->p->r.x[3], 0xffffff80);
    assert_int_equal(w->p->r.x[4], 0x80);
    assert_int_equal(mem_read64(w->f.m, w->data_pa), 0x80);
    const struct script_failure *fail = script_set_failure(w->set);
    assert_int_equal(fail->count, 1);
    assert_int_equal(fail->pc, PC + 4 * 7);
    assert_int_equal(fail->want, 7);
    assert_int_equal(fail->got, 9);
    assert_true(w->f.m->mem.prov[granule_index(w->f.m, w->data_pa)].kinds & (1u << OWNER_REALM));
    assert_int_equal(w->f.m->vtime, 9);
}

/* Calls of a page without operations return; a page that may not be executed aborts with PC on it. */
static void test_fetch(void **state)
{
    struct script_world *w = *state;
    struct script_op ops[] = {{.kind = SCRIPT_FETCH, .addr = DATA}, {.kind = SCRIPT_HVC}};
    assert_int_equal(RUN(w, ops), 0x5a000000);
    struct script_op absent[] = {{.kind = SCRIPT_FETCH, .addr = NONE}, {.kind = SCRIPT_HVC}};
    assert_int_equal(RUN(w, absent), 0x82000006);
    assert_int_equal(w->p->r.pc, NONE);
    assert_int_equal(enter(w), 0x82000006);
    fix_map(&w->f, NONE, S2_RAM);
    assert_int_equal(enter(w), 0x5a000000);
    assert_int_equal(w->p->r.pc, PC + 8);
}

/* SVC, and what the RMM injects: PC at the vector, where a section lies; ERET goes back. */
static void test_own_exceptions(void **state)
{
    struct script_world *w = *state;
    struct script_op ops[] = {{.kind = SCRIPT_SVC, .value = 3}, {.kind = SCRIPT_HVC, .value = 1}};
    struct script_op handler[] = {{.kind = SCRIPT_SET, .reg = 7, .value = 77},
                                  {.kind = SCRIPT_ERET}};
    assert_int_equal(run(w, ops, 2, handler, 2), 0x5a000001);
    assert_int_equal(w->p->r.x[7], 77);
    assert_int_equal(w->p->r.sys[SR_ESR_EL1], 0x56000003);
    /* Beyond the PA size: a stage-1 fault of the Realm itself. */
    struct script_op beyond[] = {{.kind = SCRIPT_LOAD, .reg = 1, .size = 8, .addr = 1ull << 40}};
    struct script_op report[] = {{.kind = SCRIPT_HVC, .value = 2}};
    assert_int_equal(run(w, beyond, 1, report, 1), 0x5a000002);
    assert_int_equal(w->p->r.sys[SR_ESR_EL1], 0x96000000);
    assert_int_equal(w->p->r.sys[SR_FAR_EL1], 1ull << 40);
}

static void test_irq_and_limit(void **state)
{
    struct script_world *w = *state;
    struct script_op spin[] = {{.kind = SCRIPT_GOTO, .addr = PC}};
    w->p->irq_at = 100;
    RUN(w, spin);
    assert_int_equal(w->exc.vector, VEC_IRQ);
    assert_false(w->exc.limit);
    assert_int_equal(w->f.m->vtime, 100);
    script_set_limit(w->set, 50);
    enter(w);
    assert_true(w->exc.limit);
    assert_int_equal(w->f.m->vtime, 150);
    w->p->r.pc = 0x9000;
    enter(w);
    assert_true(w->exc.limit);
    assert_int_equal(script_set_failure(w->set)->reg, SCRIPT_NO_OPERATION);
}

/* One script a Realm, by RD; and what is malformed is refused. */
static void test_selection(void **state)
{
    struct script_world *w = *state;
    struct script_op one[] = {{.kind = SCRIPT_HVC, .value = 1}},
                     two[] = {{.kind = SCRIPT_HVC, .value = 2}};
    struct script_section s1 = {.pc = PC, .ops = one, .num = 1},
                          s2 = {.pc = PC, .ops = two, .num = 1};
    struct script a = {.sections = &s1, .num = 1}, b = {.sections = &s2, .num = 1};
    assert_int_equal(script_set_add(w->set, &a, 0x1000), CCA_OK);
    assert_int_equal(script_set_add(w->set, &b, 0x2000), CCA_OK);
    for (unsigned i = 0; i < 4; i++) {
        w->p->running_rd = i & 1 ? 0x1000 : 0x2000;
        w->p->r.pc = PC;
        assert_int_equal(enter(w), 0x5a000000 | (i & 1 ? 1 : 2));
    }
    struct script_section twice[] = {s1, s2};
    struct script overlap = {.sections = twice, .num = 2};
    assert_int_equal(script_set_add(w->set, &overlap, 0), CCA_ERR_INVAL);
    one[0] = (struct script_op){.kind = SCRIPT_LOAD, .size = 3};
    assert_int_equal(script_set_add(w->set, &a, 0), CCA_ERR_INVAL);
    assert_int_equal(script_kind_by_name("store"), SCRIPT_STORE);
    assert_int_equal(script_kind_by_name("sture"), SCRIPT_KIND_COUNT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_calls),          T(test_accesses),      T(test_memory),    T(test_fetch),
        T(test_own_exceptions), T(test_irq_and_limit), T(test_selection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
