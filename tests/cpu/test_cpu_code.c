/* SPDX-License-Identifier: BSD-3-Clause */
/* Translated code and registers as caches of the model: what is changed from outside, or by the code itself. */
#include "cpu_fixture.h"

/* Code that changes an instruction it has executed. */
static void test_self_modifying(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, selfmod);
    w->p->r.x[1] = 0xd2800040; /* mov x0, #2 */
    w->p->r.x[2] = CODE + 0x40;
    w->p->r.x[3] = 1; /* IC IVAU */
    expect_hvc(w, 0x100);
    assert_int_equal(w->p->r.x[5], 0x201);
}

/* A store through a translation that is already dirty: only IC IVAU makes it seen, and it does. */
static void test_self_modifying_again(void **state)
{
    struct cpu_world *w = *state;
    for (unsigned i = 1; i < 5; i++) {
        LOAD_CODE(w, selfmod);
        w->p->r.x[1] = 0xd2800000 | i << 5;
        w->p->r.x[2] = CODE + 0x40;
        w->p->r.x[3] = 1;
        expect_hvc(w, 0x100);
        assert_int_equal(w->p->r.x[5], i << 8 | 1);
    }
}

/* A granule that held code and gets other content never runs the old code. */
static void test_reused_granule(void **state)
{
    struct cpu_world *w = *state;
    for (unsigned i = 0; i < 3; i++) {
        LOAD_CODE(w, returns_one);
        expect_hvc(w, 1);
        assert_int_equal(w->p->r.x[0], 1);
        mem_wipe(w->m, 0, w->code_pa);
        LOAD_CODE(w, returns_two);
        expect_hvc(w, 2);
        assert_int_equal(w->p->r.x[0], 2);
    }
}

/* The same granule, executed by two PEs: both forget. */
static void test_reused_granule_two_pes(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, returns_one);
    w->m->pe[1].r = w->p->r;
    for (unsigned pe = 0; pe < 2; pe++) {
        assert_int_equal(w->m->cpu->enter(w->m->cpu_ctx, w->m, pe, &w->exc), CCA_OK);
        assert_int_equal(w->exc.esr, HVC(1));
    }
    LOAD_CODE(w, returns_two);
    for (unsigned pe = 0; pe < 2; pe++) {
        w->m->pe[pe].r.pc = CODE;
        assert_int_equal(w->m->cpu->enter(w->m->cpu_ctx, w->m, pe, &w->exc), CCA_OK);
        assert_int_equal(w->exc.esr, HVC(2));
    }
}

/* Snapshot and restore: memory, code and registers go back, also where the engine has them cached. */
static void test_restore(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, returns_one);
    struct machine_snapshot *s = machine_save(w->m);
    assert_non_null(s);
    uint64_t before = machine_hash(w->m);
    expect_hvc(w, 1);
    LOAD_CODE(w, pages);
    w->p->r.x[0] = 5;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = DATA_PAGES;
    expect_hvc(w, 0x100);
    uint64_t after = machine_hash(w->m);
    machine_restore(w->m, s);
    assert_int_equal(machine_hash(w->m), before);
    assert_int_equal(mem_read64(w->m, w->data_pa), 0);
    expect_hvc(w, 1);
    LOAD_CODE(w, pages);
    w->p->r.x[0] = 5;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = DATA_PAGES;
    expect_hvc(w, 0x100);
    assert_int_equal(machine_hash(w->m), after);
    machine_snapshot_free(s);
}

/* V registers belong to the context in pe.r, whoever ran before on the engine. */
static void test_fp_registers(void **state)
{
    struct cpu_world *w = *state;
    struct pe_regs other;
    LOAD_CODE(w, fp);
    SYS(w, CPACR_EL1) = 3ull << 20;
    other = w->p->r;
    w->p->r.x[1] = 0x3ff0000000000000; /* 1.0 */
    expect_hvc(w, 0x101);
    assert_int_equal(w->p->r.v[2], 0x4000000000000000);
    struct pe_regs first = w->p->r;
    w->p->r = other; /* another REC: zero V registers */
    w->p->r.pc = CODE + 0xc;
    expect_hvc(w, 0x102);
    assert_int_equal(w->p->r.x[2], 0);
    assert_int_equal(w->p->r.x[3], 0);
    w->p->r = first;
    expect_hvc(w, 0x102);
    assert_int_equal(w->p->r.x[2], 0x3ff0000000000000);
    assert_int_equal(w->p->r.x[3], 0x4000000000000000);
}

static void test_stack_pointers(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, stacks);
    SYS(w, SP_EL0) = 0x777;
    /* SVC with SPSel = 0: vector 0 */
    expect_own(w, 0, 0x56000000, 0x18);
    assert_int_equal(SYS(w, SP_EL0), 0x2000);
    assert_int_equal(SYS(w, SP_EL1), 0x1000);
    assert_int_equal(SYS(w, SPSR_EL1), 0x3c4);
    expect_hvc(w, 0x100);
    assert_int_equal(w->p->r.x[1], 0x2000);
    assert_int_equal(w->p->r.x[2], 0x1000);
    assert_int_equal(w->p->r.x[3], 0x2000);
}

/* System registers are the model's; what the model does not have keeps nothing. */
static void test_system_registers(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, regs);
    for (unsigned i = 0; i < 4; i++)
        w->p->r.x[i] = 0x1000 + i;
    expect_hvc(w, 0x100);
    assert_int_equal(SYS(w, TPIDR_EL0), 0x1000);
    assert_int_equal(SYS(w, TPIDR_EL1), 0x1001);
    assert_int_equal(SYS(w, CONTEXTIDR_EL1), 0x1002);
    assert_int_equal(SYS(w, AFSR0_EL1), 0x1003);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(w->p->r.x[4 + i], 0x1000 + i);
    assert_int_equal(w->p->r.x[8], 0);
    assert_int_equal(w->p->r.x[9], 0x1001);
    assert_int_equal(w->p->r.x[10], 0);
}

static void test_atomics(void **state)
{
    struct cpu_world *w = *state;
    LOAD_CODE(w, atomics);
    w->p->r.x[2] = DATA;
    fix_write(&w->f, w->data_pa, 10);
    expect_hvc(w, 0x100);
    assert_int_equal(w->p->r.x[1], 10);
    assert_int_equal(w->p->r.x[4], 0);
    assert_int_equal(w->p->r.x[5], 16);
}

/* One struct cpu for one machine after another. */
static void test_rebind(void **state)
{
    struct cpu_world *w = *state;
    struct fixture second;
    struct realm_exception exc;
    LOAD_CODE(w, returns_one);
    expect_hvc(w, 1);
    assert_int_equal(fix_new(&second), 0);
    assert_int_equal(cpu_attach(w->cpu, second.m), CCA_OK);
    uint64_t pa_addr = fix_map(&second, CODE, S2_RAM);
    put_code(&(struct cpu_world){.m = second.m}, pa_addr, code_returns_two,
             sizeof(code_returns_two));
    second.m->pe[0].r.pc = CODE;
    assert_int_equal(second.m->cpu->enter(second.m->cpu_ctx, second.m, 0, &exc), CCA_OK);
    assert_int_equal(exc.esr, HVC(2));
    fix_free(&second);
    assert_int_equal(cpu_attach(w->cpu, w->m), CCA_OK);
    w->p->r.pc = CODE;
    expect_hvc(w, 1);
}

static void test_disasm(void **state)
{
    char text[64];
    (void)state;
    assert_true(cpu_disasm(0xf9400441, 0x1000, text, sizeof(text)));
    assert_string_equal(text, "ldr x1, [x2, #8]");
    assert_false(cpu_disasm(0xffffffff, 0x1000, text, sizeof(text)));
    assert_string_equal(text, ".inst 0xffffffff");
}

/* Stores x0 to two pages, from where it stands. */
static void store_pages(struct cpu_world *w, uint64_t value)
{
    w->p->r.pc = CODE;
    w->p->r.x[0] = value;
    w->p->r.x[1] = DATA;
    w->p->r.x[2] = 2;
    expect_hvc(w, 0x100);
}

static void find_memory_line(void *ctx, const char *line)
{
    char at[40];
    struct cpu_world *w = ((void **)ctx)[0];
    snprintf(at, sizeof(at), "mem[0x%llx]: 1 byte, ", (unsigned long long)w->data_pa);
    *(unsigned *)((void **)ctx)[1] += strncmp(line, at, strlen(at)) == 0;
}

/* Guest stores are seen by snapshot, restore, hash and diff: the second one to a page too, whose translation is
 * writable already, and the first ones after a snapshot and after a restore. */
static void test_stores_are_seen(void **state)
{
    struct cpu_world *w = *state;
    unsigned found = 0;
    void *ctx[2] = {w, &found};
    LOAD_CODE(w, pages);
    store_pages(w, 1);
    struct machine_snapshot *first = machine_save(w->m);
    uint64_t hash = machine_hash(w->m);
    for (uint64_t round = 0; round < 2; round++) {
        store_pages(w, 2);
        store_pages(w, 3 + round);
        assert_int_not_equal(machine_hash(w->m), hash);
        found = 0;
        machine_diff(first, w->m, find_memory_line, ctx);
        assert_int_equal(found, 1);
        struct machine_snapshot *second = machine_save(w->m);
        store_pages(w, 9);
        machine_restore(w->m, second);
        assert_int_equal(mem_read64(w->m, w->data_pa), 3 + round);
        machine_snapshot_free(second);
        machine_restore(w->m, first);
        assert_int_equal(mem_read64(w->m, w->data_pa), 1);
        assert_int_equal(machine_hash(w->m), hash);
    }
    machine_snapshot_free(first);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, cpu_world_setup, cpu_world_teardown)
    const struct CMUnitTest tests[] = {
        T(test_self_modifying),   T(test_self_modifying_again),
        T(test_reused_granule),   T(test_reused_granule_two_pes),
        T(test_restore),          T(test_stores_are_seen),
        T(test_fp_registers),     T(test_stack_pointers),
        T(test_system_registers), T(test_atomics),
        T(test_rebind),           cmocka_unit_test(test_disasm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
