/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory maps: what every table has to keep to, and that the table is all there is of a platform. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <ccasim/gpt.h>
#include <ccasim/plat.h>

#define NOTHING_FVP   0x30000000ull
#define NOTHING_SMALL 0x1C0B0000ull /* the other's console */

static uint64_t end_of(const struct plat_region *r)
{
    return r->base + r->size;
}

static bool is_within(const struct plat_region *r, const struct impl_range *dram)
{
    return r->base >= dram->base && end_of(r) <= dram->base + dram->size;
}

/* NULL: the table is in order. */
static const char *fault_of(const struct plat_desc *d)
{
    uint64_t end = 0;

    for (size_t i = 0; i < d->num_regions; i++) {
        const struct plat_region *r = &d->region[i];
        bool in_ram = r->kind == PLAT_NVM ||
                      (r->kind == PLAT_SECURE && r->base - d->dram.base < d->dram.size);

        if (!is_granule_aligned(r->base) || !is_granule_aligned(r->size) || r->size == 0)
            return "not aligned";
        if (i && r->base <= d->region[i - 1].base)
            return "not sorted";
        if (in_ram ? !is_within(r, &d->dram) : r->base < end)
            return "overlap";
        if (r->kind == PLAT_RAM && (r->base != d->dram.base || r->size != d->dram.size))
            return "RAM is not the DRAM";
        if (r->intid && (r->intid < 32 || r->intid >= d->num_intids))
            return "no such SPI";
        if (r->unit >= 4)
            return "unit";
        if (plat_find(d, (enum plat_kind)r->kind, r->unit) != r && r->kind != PLAT_SECURE)
            return "two of a kind with one number";
        if (!in_ram)
            end = end_of(r);
    }
    return NULL;
}

static void test_tables_are_in_order(void **state)
{
    static const enum plat_kind needed[] = {PLAT_RAM, PLAT_NVM, PLAT_PL011, PLAT_GICD, PLAT_GICR};

    (void)state;
    for (size_t i = 0; plat_all[i]; i++) {
        const struct plat_desc *d = plat_all[i];

        if (fault_of(d))
            fail_msg("%s: %s", d->name, fault_of(d));
        for (size_t k = 0; k < sizeof(needed) / sizeof(needed[0]); k++)
            assert_non_null(plat_find(d, needed[k], 0));
        assert_true(d->num_pes >= 1 && d->num_pes <= CCA_MAX_PES);
        assert_true(d->num_intids % 32 == 0 && d->num_intids <= 256);
        assert_true(plat_find(d, PLAT_GICR, 0)->size >= d->num_pes * 0x20000u);
        assert_ptr_equal(plat_by_name(d->name), d);
    }
    assert_null(plat_by_name("nowhere"));
    assert_string_equal(plat_all[0]->name, "fvp");
}

/* The test above sees what it is there for: a table with one thing wrong is found out. */
static void test_a_wrong_table_is_seen(void **state)
{
    static const struct {
        const char *fault;
        struct plat_region second;
    } rows[] = {
        {NULL, {"b", 0x2000, 0x1000, PLAT_ECAM, 0, 0}},
        {"not aligned", {"b", 0x2800, 0x1000, PLAT_ECAM, 0, 0}},
        {"not aligned", {"b", 0x2000, 0x800, PLAT_ECAM, 0, 0}},
        {"not sorted", {"b", 0x0000, 0x1000, PLAT_ECAM, 0, 0}},
        {"overlap", {"b", 0x2000, 0x1000, PLAT_GICD, 0, 0}}, /* the first is longer then */
        {"overlap", {"b", 0x2000, 0x1000, PLAT_NVM, 0, 0}},  /* outside RAM */
        {"RAM is not the DRAM", {"b", 0x3000, 0x1000, PLAT_RAM, 0, 0}},
        {"no such SPI", {"b", 0x2000, 0x1000, PLAT_ECAM, 0, 64}},
        {"no such SPI", {"b", 0x2000, 0x1000, PLAT_ECAM, 0, 31}},
        {"unit", {"b", 0x2000, 0x1000, PLAT_ECAM, 4, 0}},
        {"two of a kind with one number", {"b", 0x2000, 0x1000, PLAT_PL011, 0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plat_region regions[2] = {{"a", 0x1000, 0x1000, PLAT_PL011, 0, 0}, rows[i].second};
        struct plat_desc d = {.dram = {0x10000, 0x10000}, .num_intids = 64, .num_regions = 2};
        const char *fault;

        if (rows[i].second.kind == PLAT_GICD)
            regions[0].size = 0x2000;
        d.region = regions;
        fault = fault_of(&d);
        if (rows[i].fault == NULL)
            assert_null(fault);
        else if (fault == NULL || strcmp(fault, rows[i].fault) != 0)
            fail_msg("row %zu: %s instead of %s", i, fault ? fault : "nothing", rows[i].fault);
    }
}

static struct machine *machine_of(const struct plat_desc *d, unsigned num_pes)
{
    struct impl impl;
    struct machine *m;
    char why[200];

    plat_impl(d, num_pes, &impl);
    if (impl_check(&impl, why, sizeof(why)) != CCA_OK)
        fail_msg("%s: %s", d->name, why);
    assert_int_equal(machine_new(&impl, &m), CCA_OK);
    assert_int_equal(plat_attach(m, d), CCA_OK);
    return m;
}

static void free_machine(struct machine *m)
{
    plat_detach(m);
    machine_free(m);
}

/* What a host may touch, by the GPT: Secure DRAM and the Root part not. The RMM tracks what is left. */
static void test_implementation_follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; plat_all[i]; i++) {
        const struct plat_desc *d = plat_all[i];
        struct machine *m = machine_of(d, 0);
        const struct plat_region *nvm = plat_find(d, PLAT_NVM, 0);
        uint64_t root = d->dram.base + d->dram.size - d->root_size;

        assert_int_equal(m->impl.num_pes, d->num_pes);
        assert_true(m->impl.pmu && m->impl.pmu_num_ctrs == 6);
        assert_int_equal(m->mem.base, d->dram.base);
        assert_int_equal(m->mem.size, d->dram.size);
        assert_true(gpt_check(m, PAS_NS, nvm->base).fault == GPC_OK);
        assert_true(gpt_check(m, PAS_NS, root).fault == GPC_FAIL);
        assert_true(impl_is_tracked(&m->impl, d->dram.base));
        assert_false(impl_is_tracked(&m->impl, root));
        for (size_t k = 0; k < d->num_regions; k++) {
            const struct plat_region *r = &d->region[k];

            if (r->kind == PLAT_RAM || r->kind == PLAT_NVM)
                continue;
            assert_false(impl_is_tracked(&m->impl, r->base));
            if (!is_within(r, &d->dram)) { /* "any": who is not allowed is refused by the device */
                assert_true(gpt_check(m, PAS_NS, r->base).fault == GPC_OK);
                continue;
            }
            assert_int_equal(gpt_pas(m, r->base), PAS_SECURE);
            assert_int_equal(gpt_pas(m, end_of(r) - GRANULE_SIZE), PAS_SECURE);
            assert_true(gpt_check(m, PAS_NS, r->base).fault == GPC_FAIL);
        }
        free_machine(m);
    }
}

static void test_fewer_pes(void **state)
{
    struct machine *m = machine_of(plat_by_name("fvp"), 3);
    uint64_t gicr = plat_find(m->plat->desc, PLAT_GICR, 0)->base, v;

    (void)state;
    assert_int_equal(m->impl.num_pes, 3);
    assert_true(plat_access(m, 0, gicr + 2 * 0x20000 + 8, 8, false, &v));
    assert_int_equal(v, 0x200ull << 32 | 2 << 8 | 1 << 4); /* Last */
    assert_false(plat_access(m, 0, gicr + 3 * 0x20000 + 8, 8, false, &v));
    free_machine(m);
}

/* The device, or nothing, by the table of the platform that is attached. */
static void test_region_at(void **state)
{
    static const struct {
        const char *plat;
        uint64_t pa;
        int kind; /* -1: NULL */
    } rows[] = {
        {"fvp", 0x1C0B0000, PLAT_PL011},   {"fvp", 0x1C0BFFFF, PLAT_PL011},
        {"fvp", 0x1C0D0000, -1},           {"fvp", 0x1C0AFFFF, PLAT_PL011},
        {"fvp", 0x1C08FFFF, -1},           {"fvp", 0x04000000, PLAT_SECURE},
        {"fvp", 0x2F000000, PLAT_GICD},    {"fvp", 0x2F1FFFFF, PLAT_GICR},
        {"fvp", 0x2F200000, -1},           {"fvp", 0x4FFFFFFF, PLAT_ECAM},
        {"fvp", 0x50000000, -1},           {"fvp", 0x80000000, -1}, /* RAM is memory, NVM too */
        {"fvp", 0x82800000, -1},           {"fvp", 0xFC000000, -1},
        {"fvp", 0x100000000, -1},          {"fvp", 0, -1},
        {"fvp", UINT64_MAX, -1},           {"fvp", NOTHING_FVP, -1},
        {"small", NOTHING_SMALL, -1},      {"small", 0x09000000, PLAT_PL011},
        {"small", 0x09000FFF, PLAT_PL011}, {"small", 0x09001000, -1},
        {"small", 0x2F000000, -1},         {"small", 0x080A0000, PLAT_GICR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct platform p = {.desc = plat_by_name(rows[i].plat)};
        const struct plat_region *r = plat_region_at(&p, rows[i].pa);

        if ((r ? r->kind : -1) != rows[i].kind)
            fail_msg("%s 0x%llx: %s", rows[i].plat, (unsigned long long)rows[i].pa,
                     r ? r->name : "nothing");
    }
}

/* Attached twice, reset in between: no state is left, nor outside of the machine. */
static void test_attach_detach(void **state)
{
    struct machine *m = machine_of(plat_by_name("small"), 1);
    uint64_t console = plat_find(m->plat->desc, PLAT_PL011, 0)->base, v = 0x55;

    (void)state;
    assert_true(plat_access(m, 0, console + 0x24, 4, true, &v));
    plat_detach(m);
    assert_null(m->plat);
    plat_detach(m);
    assert_int_equal(plat_attach(m, plat_by_name("small")), CCA_OK);
    assert_true(plat_access(m, 0, console + 0x24, 4, false, &v));
    assert_int_equal(v, 0);
    free_machine(m);
}

/* The table of docs/platform.md is what the code has. `--print` prints it. */
static void print_map(FILE *f, const struct plat_desc *d)
{
    fprintf(f, "| from | to | what | kind | INTID |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < d->num_regions; i++) {
        const struct plat_region *r = &d->region[i];

        fprintf(f, "| 0x%08llX | 0x%08llX | %s | %s |", (unsigned long long)r->base,
                (unsigned long long)(end_of(r) - 1), r->name,
                plat_kind_name((enum plat_kind)r->kind));
        if (r->intid)
            fprintf(f, " %u |\n", r->intid);
        else
            fprintf(f, " |\n");
    }
}

#define TEXT_SIZE 65536u

static void read_all(FILE *f, char *text)
{
    size_t n;

    rewind(f);
    n = fread(text, 1, TEXT_SIZE - 1, f);
    text[n] = '\0';
    fclose(f);
}

static void test_page_has_the_tables(void **state)
{
    static char page[TEXT_SIZE], map[TEXT_SIZE];
    FILE *f = fopen(*state, "r");

    if (f == NULL)
        fail_msg("no docs/platform.md");
    read_all(f, page);
    for (size_t i = 0; plat_all[i]; i++) {
        f = tmpfile();
        assert_non_null(f);
        print_map(f, plat_all[i]);
        read_all(f, map);
        if (!strstr(page, map))
            fail_msg("docs/platform.md does not have the map of %s", plat_all[i]->name);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_in_order),
        cmocka_unit_test(test_a_wrong_table_is_seen),
        cmocka_unit_test(test_implementation_follows_the_table),
        cmocka_unit_test(test_fewer_pes),
        cmocka_unit_test(test_region_at),
        cmocka_unit_test(test_attach_detach),
        cmocka_unit_test_prestate(test_page_has_the_tables, argc > 1 ? argv[1] : NULL),
    };

    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        for (size_t i = 0; plat_all[i]; i++)
            print_map(stdout, plat_all[i]);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
