/* SPDX-License-Identifier: BSD-3-Clause */
/* GPT: the tables as the architecture lays them out, the check, and who may write them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/realm_cpu.h>
#include <ccasim/rmm.h>

#define NS_GRANULE     0x80000000ull
#define REALM_GRANULE  0x80001000ull
#define SECURE_GRANULE 0x80100000ull
#define ROOT_GRANULE   0x83f00000ull
#define NOWHERE        0x1000ull

static int setup(void **state)
{
    struct impl impl;
    struct machine *m;

    impl_default(&impl);
    impl.num_secure = 1;
    impl.secure[0] = (struct impl_range){SECURE_GRANULE, 0x10000};
    if (machine_new(&impl, &m) != CCA_OK)
        return -1;
    uint64_t regs[ABI_MAX_REGS] = {EL3_GTSI_DELEGATE, REALM_GRANULE};
    el3m_smc(m, 0, WORLD_REALM, regs);
    *state = m;
    return regs[0] == EL3_OK ? 0 : -1;
}

static int teardown(void **state)
{
    machine_free(*state);
    return 0;
}

static const uint64_t granule_of[PAS_COUNT] = {
    [PAS_NS] = NS_GRANULE,
    [PAS_SECURE] = SECURE_GRANULE,
    [PAS_REALM] = REALM_GRANULE,
    [PAS_ROOT] = ROOT_GRANULE,
};

/* DDI0487 D9.2: rows world, columns PAS of the granule; accesses made to the PAS of the granule where the world can
 * name it, else to its own. */
static const bool allowed[WORLD_COUNT][PAS_COUNT] = {
    /*                 NS    Secure Realm Root */
    [WORLD_NS] = {true, false, false, false},
    [WORLD_SECURE] = {true, true, false, false},
    [WORLD_REALM] = {true, false, true, false},
    [WORLD_ROOT] = {true, true, true, true},
};

static void test_access_matrix(void **state)
{
    struct machine *m = *state;

    for (unsigned w = 0; w < WORLD_COUNT; w++)
        for (unsigned p = 0; p < PAS_COUNT; p++)
            for (int write = 0; write < 2; write++) {
                uint64_t v = 0x1122334455667788ull, esr = 1;
                uint64_t before = mem_read64(m, granule_of[p] + 8);
                int err = gpt_access(m, 0, (enum world)w, (enum pas)p, granule_of[p] + 8, &v, 8,
                                     write, &esr);

                assert_int_equal(err == CCA_OK, allowed[w][p]);
                if (err == CCA_OK)
                    continue;
                assert_int_equal(esr & 0x3f, FSC_GPF);
                assert_int_equal(ESR_GET_EC(esr), EC_DABORT_SAME);
                assert_int_equal((esr & ESR_WNR) != 0, write);
                assert_int_equal(mem_read64(m, granule_of[p] + 8), before);
            }
}

static void test_other_faults(void **state)
{
    static const struct {
        uint64_t addr;
        unsigned size, fsc;
    } rows[] = {
        {NOWHERE, 8, FSC_SEA},                 /* no memory */
        {1ull << 41, 8, FSC_SEA},              /* beyond the protected space */
        {NS_GRANULE + 0xffc, 8, FSC_ALIGNMENT} /* crosses a granule */
    };
    struct machine *m = *state;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t v = 0, esr;

        assert_int_equal(
            gpt_access(m, 0, WORLD_NS, PAS_NS, rows[i].addr, &v, rows[i].size, false, &esr),
            CCA_ERR_INVAL);
        assert_int_equal(esr & 0x3f, rows[i].fsc);
    }
}

static void test_tables_are_in_root_memory(void **state)
{
    struct machine *m = *state;
    uint64_t l0 = m->gpt.gptbr_el3 << GRANULE_SHIFT;
    uint64_t desc = mem_read64(m, l0 + (0x80000000ull >> 30) * 8);

    assert_int_equal(gpt_pas(m, l0), PAS_ROOT);
    assert_int_equal(desc & 0xf, 3);
    assert_int_equal(gpt_pas(m, desc & ~0xfffull), PAS_ROOT);
    assert_int_equal(gpt_pas(m, REALM_GRANULE), PAS_REALM);
    assert_int_equal(gpt_pas(m, SECURE_GRANULE), PAS_SECURE);
    /* the nibble of granule 1 is the Realm GPI */
    assert_int_equal(mem_read64(m, desc & ~0xfffull) >> 4 & 0xf, GPI_REALM);
}

/* A malformed entry faults whatever the access: rows are entries and what a walk makes of them. */
static void test_walk_of_entries(void **state)
{
    static const struct {
        uint64_t l0, l1; /* 0: leave */
        enum gpc_fault fault;
        unsigned gpi;
        int level;
    } rows[] = {
        {0x2, 0, GPC_WALK, 0, 0},                        /* reserved level-0 type */
        {0x92, 0, GPC_WALK, 0, 0},                       /* likewise */
        {0x91, 0, GPC_OK, GPI_NS, 0},                    /* block */
        {0x11, 0, GPC_WALK, 0, 0},                       /* block with a reserved GPI */
        {0x191, 0, GPC_WALK, 0, 0},                      /* with a RES0 bit */
        {0x0000000010000003, 0, GPC_EABT, 0, 1},         /* table where no memory is */
        {0x0000010000000003, 0, GPC_ADDRESS_SIZE, 0, 0}, /* above the protected space */
        {0x0010000010000003, 0, GPC_WALK, 0, 0},         /* with a RES0 bit */
        {0x0000000010000013, 0, GPC_WALK, 0, 0},         /* likewise */
        {0x0000000010010003, 0, GPC_WALK, 0, 0},         /* not aligned to its size */
        {0, 0x00000000000001b1, GPC_OK, GPI_REALM, 1},   /* contiguous, 2 MB */
        {0, 0x00000000000000b1, GPC_WALK, 0, 1},         /* of no size */
        {0, 0x00000000000005b1, GPC_WALK, 0, 1},         /* with a RES0 bit */
        {0, 0x00000000000001c1, GPC_WALK, 0, 1},         /* with a reserved GPI */
        {0, 0xc99999999999999a, GPC_WALK, 0, 1}, /* granules, the GPI of another one is reserved */
        {0, 0x999999999999999a, GPC_OK, GPI_ROOT, 1}, /* granules */
    };
    struct machine *m = *state;
    uint64_t l0 = (m->gpt.gptbr_el3 << GRANULE_SHIFT) + (0x80000000ull >> 30) * 8;
    uint64_t table = mem_read64(m, l0) & ~0xfffull;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t old0 = mem_read64(m, l0), old1 = mem_read64(m, table);
        struct gpc_result r;

        if (rows[i].l0)
            mem_write(m, l0, &rows[i].l0, 8, OWNER_EL3M, 0);
        if (rows[i].l1)
            mem_write(m, table, &rows[i].l1, 8, OWNER_EL3M, 0);
        r = gpt_walk(m, NS_GRANULE);
        mem_write(m, l0, &old0, 8, OWNER_EL3M, 0);
        mem_write(m, table, &old1, 8, OWNER_EL3M, 0);
        assert_int_equal(r.fault, rows[i].fault);
        assert_int_equal(r.gpi, rows[i].gpi);
        assert_int_equal(r.level, rows[i].level);
    }
}

/* What the tables do not say: beyond the protected space, and without a level-0 table. */
static void test_walk_of_no_entry(void **state)
{
    struct machine *m = *state;
    struct gpc_result gone;

    for (unsigned bit = 40; bit < 64; bit++) {
        struct gpc_result above = gpt_walk(m, 1ull << bit);

        assert_int_equal(above.fault, GPC_ADDRESS_SIZE);
        assert_int_equal(above.gpi, 0);
        assert_int_equal(above.level, 0);
        assert_int_equal(gpt_check(m, PAS_NS, 1ull << bit).fault, GPC_OK);
        assert_int_equal(gpt_check(m, PAS_ROOT, 1ull << bit).fault, GPC_FAIL);
    }
    assert_int_equal(gpt_check(m, PAS_NS, REALM_GRANULE).fault, GPC_FAIL);
    m->gpt.gptbr_el3 = NOWHERE >> GRANULE_SHIFT;
    gone = gpt_walk(m, NS_GRANULE);
    assert_int_equal(gone.fault, GPC_EABT);
    assert_int_equal(gone.gpi, 0);
    assert_int_equal(gone.level, 0);
}

/* Who may ask EL3M for what. */
static void test_el3m_routing(void **state)
{
    static const struct {
        enum world from;
        uint64_t fid, addr;
        int64_t result;
    } rows[] = {
        {WORLD_NS, EL3_GTSI_DELEGATE, 0x80002000, -1},
        {WORLD_SECURE, EL3_GTSI_DELEGATE, 0x80002000, -1},
        {WORLD_SECURE, RMI_VERSION, 0x10000, -1},
        {WORLD_REALM, RMI_VERSION, 0x10000, -1},
        {WORLD_ROOT, RMI_VERSION, 0x10000, -1},
        {WORLD_NS, RSI_VERSION, 0x10000, -1},
        {WORLD_NS, RMI_REQ_COMPLETE, 0, -1},
        {WORLD_REALM, EL3_FID_LAST, 0, -1},
        {WORLD_REALM, EL3_GTSI_DELEGATE, 0x80002000, EL3_OK},
        {WORLD_REALM, EL3_GTSI_DELEGATE, 0x80002000, EL3_E_BAD_PAS},
        {WORLD_REALM, EL3_GTSI_UNDELEGATE, 0x80002000, EL3_OK},
        {WORLD_REALM, EL3_GTSI_UNDELEGATE, 0x80002000, EL3_E_BAD_PAS},
        {WORLD_REALM, EL3_GTSI_DELEGATE, 0x80002008, EL3_E_BAD_ADDR},
        {WORLD_REALM, EL3_GTSI_DELEGATE, SECURE_GRANULE, EL3_E_BAD_PAS},
        {WORLD_REALM, EL3_GTSI_DELEGATE, ROOT_GRANULE, EL3_E_BAD_PAS},
        {WORLD_REALM, EL3_GTSI_DELEGATE, NOWHERE, EL3_E_BAD_ADDR},
        {WORLD_NS, RMI_VERSION, 0x10000, RMI_SUCCESS},
    };
    struct machine *m = *state;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t regs[ABI_MAX_REGS] = {rows[i].fid, rows[i].addr};

        el3m_smc(m, 0, rows[i].from, regs);
        assert_int_equal((int64_t)regs[0], rows[i].result);
    }
}

static void test_secure_claim(void **state)
{
    struct machine *m = *state;

    assert_int_equal(el3m_secure_claim(m, 0, 0x80003000, PAS_SECURE), CCA_OK);
    assert_int_equal(gpt_pas(m, 0x80003000), PAS_SECURE);
    assert_int_equal(el3m_secure_claim(m, 0, 0x80003000, PAS_SECURE), CCA_ERR_INVAL);
    assert_int_equal(el3m_secure_claim(m, 0, REALM_GRANULE, PAS_SECURE), CCA_ERR_INVAL);
    assert_int_equal(el3m_secure_claim(m, 0, 0x80003008, PAS_NS), CCA_ERR_INVAL);
    assert_int_equal(el3m_secure_claim(m, 0, 1ull << 41, PAS_SECURE), CCA_ERR_INVAL);
    assert_int_equal(el3m_secure_claim(m, 0, NOWHERE, PAS_SECURE), CCA_ERR_INVAL);
    assert_int_equal(el3m_secure_claim(m, 0, 0x80003000, PAS_NS), CCA_OK);
    assert_int_equal(gpt_pas(m, 0x80003000), PAS_NS);
}

/* What has no GPI of its own is not set. */
static void test_set_needs_an_entry(void **state)
{
    static const uint64_t block = 0x91, contiguous = 0x191;
    struct machine *m = *state;
    uint64_t l0 = m->gpt.gptbr_el3 << GRANULE_SHIFT;
    uint64_t table = mem_read64(m, l0 + (0x80000000ull >> 30) * 8) & ~0xfffull;

    assert_int_equal(m->gpt.gpccr_el3 >> 16 & 1, 1); /* GPCCR_EL3.GPC */
    mem_write(m, l0, &block, 8, OWNER_EL3M, 0);
    mem_write(m, table, &contiguous, 8, OWNER_EL3M, 0);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t a = i ? NS_GRANULE : NOWHERE;

        assert_int_equal(gpt_pas(m, a), PAS_NS);
        assert_int_equal(gpt_set(m, 0, a, GPI_SECURE), CCA_ERR_INVAL);
        assert_int_equal(el3m_secure_claim(m, 0, a, PAS_SECURE), CCA_ERR_INVAL);
        assert_int_equal(gpt_pas(m, a), PAS_NS);
    }
    assert_int_equal(mem_read64(m, l0), block);
    assert_int_equal(mem_read64(m, table), contiguous);
}

static enum world world_of_the_rmm;

static void note_world(struct machine *m, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                       uint64_t out[ABI_MAX_REGS])
{
    world_of_the_rmm = m->pe[pe].world;
    memcpy(out, in, ABI_MAX_REGS * sizeof(out[0]));
}

static void test_world_of_the_rmm(void **state)
{
    static const struct rmm_ops ops = {.name = "notes its world", .smc = note_world};
    struct machine *m = *state;
    uint64_t regs[ABI_MAX_REGS] = {RMI_VERSION};

    m->rmm_ops = &ops;
    world_of_the_rmm = WORLD_COUNT;
    el3m_smc(m, 0, WORLD_NS, regs);
    assert_int_equal(world_of_the_rmm, WORLD_REALM);
    assert_int_equal(m->pe[0].world, WORLD_NS);
}

static void test_sizes(void **state)
{
    static const struct {
        uint64_t base, size, root;
        uint8_t pa_bits;
        int result;
    } rows[] = {
        {0x80000000, 64 << 20, 1 << 20, 40, CCA_OK},
        {0x80000000, 64 << 20, 1 << 20, 36, CCA_OK},
        {0x40000000, 1ull << 31, 1 << 20, 40, CCA_OK},      /* two level-1 tables */
        {0x880000000, 32 << 20, 1 << 20, 40, CCA_OK},       /* above 4 GB */
        {0x80000000, 64 << 20, 1 << 20, 48, CCA_ERR_INVAL}, /* a 2 MB level-0 table */
        {0x80000000, 64 << 20, 8 << 20, 48, CCA_OK},
        {0x80000000, 64 << 20, 4 << 20, 52, CCA_ERR_INVAL}, /* 2 MB at each level, and the buffer */
        {0x80000000, 64 << 20, (4 << 20) + 8192, 52, CCA_OK},
        {1ull << 51, 64 << 20, (4 << 20) + 8192, 52, CCA_OK},
        {(1ull << 50) - (32 << 20), 64 << 20, (6 << 20) + 8192, 52,
         CCA_OK}, /* two level-1 tables of 16 GB */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct impl impl;
        struct machine *m;
        uint64_t last;

        impl_default(&impl);
        impl.dram = (struct impl_range){rows[i].base, rows[i].size};
        impl.root_size = rows[i].root;
        impl.pa_bits = rows[i].pa_bits;
        impl_fill_banks(&impl);
        assert_int_equal(machine_new(&impl, &m), rows[i].result);
        if (rows[i].result != CCA_OK)
            continue;
        last = rows[i].base + rows[i].size - rows[i].root;
        assert_int_equal(gpt_pas(m, rows[i].base), PAS_NS);
        assert_int_equal(gpt_pas(m, last - GRANULE_SIZE), PAS_NS);
        assert_int_equal(gpt_pas(m, last), PAS_ROOT);
        machine_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_access_matrix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tables_are_in_root_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_walk_of_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_walk_of_no_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_el3m_routing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_secure_claim, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set_needs_an_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_world_of_the_rmm, setup, teardown),
        cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests_name("gpt", tests, NULL, NULL);
}
