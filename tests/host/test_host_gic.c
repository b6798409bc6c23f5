/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU interface of host code: physical and virtual ICC_*, ICH_*, and the traps of ICH_HCR_EL2. */
#include "host_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define FMO (1ull << 3)
#define IMO (1ull << 4)

#define ICC(crm, op2) SYSREG(3, 0, 12, crm, op2)
#define ICH(crm, op2) SYSREG(3, 4, 12, crm, op2)
#define PMR           SYSREG(3, 0, 4, 6, 0)
#define IAR0          ICC(8, 0)
#define IAR1          ICC(12, 0)
#define EOIR1         ICC(12, 1)
#define DIR           ICC(11, 1)
#define RPR           ICC(11, 3)
#define SGI1R         ICC(11, 5)
#define CTLR          ICC(12, 4)
#define SRE           ICC(12, 5)
#define IGRPEN0       ICC(12, 6)
#define IGRPEN1       ICC(12, 7)
#define SRE_EL2       ICH(9, 5)
#define HCR           ICH(11, 0)
#define VTR           ICH(11, 1)
#define MISR          ICH(11, 2)
#define EISR          ICH(11, 3)
#define ELRSR         ICH(11, 5)
#define VMCR          ICH(11, 7)
#define LR(n)         (ICH(12, 0) + (n))

#define HCR_TC    (1ull << 10)
#define HCR_TALL0 (1ull << 11)
#define HCR_TALL1 (1ull << 12)
#define HCR_TDIR  (1ull << 14)

#define LR_PENDING  (1ull << 62)
#define LR_ACTIVE   (1ull << 63)
#define LR_GROUP1   (1ull << 60)
#define LR_HW       (1ull << 61)
#define LR_PRIO(p)  ((uint64_t)(p) << 48)
#define LR_PHYS(id) ((uint64_t)(id) << 32)
#define LR_EOI      (1ull << 41)

/* --- whose interface it is --------------------------------------------------------------------------------------------- */

/*
 * At EL1: p the platform's, v the virtual one, 2 trapped, u undefined (Group 0 is the Secure world's); read and write.
 * Columns of HCR_EL2: neither, IMO, FMO, both. Then, with both, one of ICH_HCR_EL2: TC, TALL0, TALL1.
 */
static const struct {
    const char *name;
    uint32_t enc;
    bool write;
    const char *expected;
} sides[] = {
    {"PMR", PMR, true, "pvvv 2vv"},          {"PMR", PMR, false, "pvvv 2vv"},
    {"RPR", RPR, false, "pvvv 2vv"},         {"CTLR", CTLR, true, "pvvv 2vv"},
    {"IGRPEN1", IGRPEN1, true, "pvpv vv2"},  {"IAR1", IAR1, false, "pvpv vv2"},
    {"EOIR1", EOIR1, true, "pvpv vv2"},      {"AP1R0", ICC(9, 0), true, "pvpv vv2"},
    {"IGRPEN0", IGRPEN0, true, "uuvv v2v"},  {"IAR0", IAR0, false, "uuvv v2v"},
    {"BPR0", ICC(8, 3), true, "uuvv v2v"},   {"AP0R0", ICC(8, 4), true, "uuvv v2v"},
    {"DIR", DIR, true, "pvvv 2vv"},          {"SGI1R", SGI1R, true, "p222 222"},
    {"SGI0R", ICC(11, 7), true, "p222 222"}, {"SGI1R is not read", SGI1R, false, "uuuu uuu"},
    {"SRE", SRE, false, "pppp ppp"},         {"SRE_EL2", SRE_EL2, false, "uuuu uuu"},
    {"ICH_HCR", HCR, false, "uuuu uuu"},
};

/* Which interface did it: the virtual one has another priority mask than the platform's. */
static char side_of(struct machine *m, uint32_t enc, bool write)
{
    struct pe_gic before;
    uint64_t value = 0;
    enum sysreg_result result;

    m->plat->pe[0].gic.vmcr = 0xffull << 24 | 2;
    m->plat->pe[0].gic.misr = 0x80; /* derived anew by any access to the virtual interface */
    before = m->plat->pe[0].gic;
    result = host_sysreg_access(m, 0, enc, write, &value, m->vtime);
    if (result != SYSREG_OK)
        return "ou12"[result];
    return memcmp(&before, &m->plat->pe[0].gic, sizeof(before)) != 0 ? 'v' : 'p';
}

static void test_sides(void **state)
{
    static const struct {
        uint64_t hcr, ich;
    } column[] = {{0, 0},
                  {IMO, 0},
                  {FMO, 0},
                  {IMO | FMO, 0},
                  {0, 0},
                  {IMO | FMO, HCR_TC},
                  {IMO | FMO, HCR_TALL0},
                  {IMO | FMO, HCR_TALL1}};
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(sides); i++) {
        char got[9] = "    "
                      " "
                      "   ";

        for (size_t c = 0; c < COUNT(column); c++) {
            if (c == 4)
                continue;
            host_reset(m, 0, 0, 0);
            put(m, HCR, column[c].ich | 1);
            set_el(m, 1);
            set_hcr(m, column[c].hcr);
            got[c] = side_of(m, sides[i].enc, sides[i].write);
        }
        if (strcmp(got, sides[i].expected) != 0)
            fail_msg("%s: %s, not %s", sides[i].name, got, sides[i].expected);
    }
}

/* EL2 always has the platform's, whatever it traps; EL0 has none. */
static void test_el2_and_el0(void **state)
{
    struct machine *m = *state;
    uint64_t value;

    put(m, HCR, HCR_TC | HCR_TALL1);
    set_hcr(m, IMO | FMO);
    put(m, PMR, 0xa0);
    assert_int_equal(get(m, PMR), 0xa0);
    assert_int_equal(get(m, VMCR), 0);
    assert_int_equal(get(m, IAR1), 1023);
    assert_int_equal(get(m, SRE_EL2) & 9, 9); /* Enable, SRE */
    set_el(m, 0);
    assert_int_equal(read_reg(m, PMR, &value), SYSREG_UNDEF);
    assert_int_equal(read_reg(m, IAR1, &value), SYSREG_UNDEF);
}

/* --- a guest's interrupt -------------------------------------------------------------------------------------------------- */

static void guest(struct machine *m)
{
    set_hcr(m, IMO | FMO);
    m->pe[0].r.pstate = PSTATE_EL(1);
}

static void hypervisor(struct machine *m)
{
    m->pe[0].r.pstate = PSTATE_EL(2);
}

static void test_list_register(void **state)
{
    struct machine *m = *state;

    put(m, HCR, 1);
    put(m, VMCR, 0xffull << 24 | 2); /* VPMR, VENG1 */
    put(m, LR(0), LR_PENDING | LR_GROUP1 | LR_PRIO(0x80) | 42);
    assert_false(host_wakes(m, 0)); /* EL2 has no virtual interrupts */
    guest(m);
    assert_true(host_wakes(m, 0));
    assert_true(host_interrupt(m, 0));
    assert_int_equal(m->pe[0].r.pstate & 0x1f, 5);
    assert_int_equal(get(m, IAR1), 42);
    assert_false(host_wakes(m, 0));
    hypervisor(m);
    assert_int_equal(get(m, LR(0)) >> 62, 2); /* active */
    guest(m);
    put(m, EOIR1, 42);
    hypervisor(m);
    assert_int_equal(get(m, LR(0)) >> 62, 0);
    assert_int_equal(get(m, ELRSR) & 1, 1);
    assert_int_equal(get(m, EISR), 0);
}

static void test_eoi_maintenance(void **state)
{
    struct machine *m = *state;

    put(m, HCR, 1);
    put(m, VMCR, 0xffull << 24 | 2);
    put(m, LR(1), LR_PENDING | LR_GROUP1 | LR_EOI | 42);
    guest(m);
    assert_int_equal(get(m, IAR1), 42);
    put(m, EOIR1, 42);
    hypervisor(m);
    assert_int_equal(get(m, MISR), 1);
    assert_int_equal(get(m, EISR), 2);
    assert_int_equal(get(m, ELRSR) & 2, 0);
    assert_int_equal(host_ppis(m, 0, NOW), 1u << 25);
    put(m, LR(1), 0);
    assert_int_equal(host_ppis(m, 0, NOW), 0);
}

static void test_tdir(void **state)
{
    struct machine *m = *state;

    put(m, HCR, 1 | HCR_TDIR);
    guest(m);
    assert_int_equal(write_reg(m, DIR, 42), SYSREG_TRAP_EL2);
    hypervisor(m);
    put(m, HCR, 1);
    guest(m);
    assert_int_equal(write_reg(m, DIR, 42), SYSREG_OK);
}

static void store32(struct machine *m, enum plat_kind kind, uint64_t offset, uint64_t value)
{
    assert_true(
        plat_access(m, 0, plat_find(m->plat->desc, kind, 0)->base + offset, 4, true, &value));
}

/* CNTV's physical interrupt is acknowledged by EL2 and deactivated by the guest's end of the virtual one. */
static void test_hardware_interrupt(void **state)
{
    struct machine *m = *state;

    store32(m, PLAT_GICD, 0, 2);
    store32(m, PLAT_GICR, 0x10100, 1u << 27);
    put(m, PMR, 0xf0);
    put(m, CTLR, 2); /* EOImode */
    put(m, IGRPEN1, 1);
    *el1_reg(m, SR_CNTV_CTL_EL0) = 1;
    assert_int_equal(get(m, IAR1), 27);
    put(m, EOIR1, 27);
    assert_int_equal(get(m, IAR1), 1023); /* still active */

    put(m, HCR, 1);
    put(m, VMCR, 0xffull << 24 | 2);
    put(m, LR(0), LR_PENDING | LR_GROUP1 | LR_HW | LR_PHYS(27) | 27);
    guest(m);
    assert_int_equal(get(m, IAR1), 27);
    put(m, PMR, 0xf8);
    hypervisor(m);
    assert_int_equal(get(m, IAR1), 1023); /* it is the end that counts */
    guest(m);
    put(m, EOIR1, 27);
    hypervisor(m);
    assert_int_equal(get(m, LR(0)) >> 62, 0);
    assert_int_equal(get(m, IAR1), 27); /* the line is up, and the interrupt free again */
}

/* --- ICH_* ------------------------------------------------------------------------------------------------------------------ */

static void test_ich_registers(void **state)
{
    struct machine *m = *state;
    uint64_t value, vtr = get(m, VTR);

    assert_int_equal((vtr & 31) + 1, m->impl.num_lrs);
    assert_int_equal((vtr >> 29 & 7) + 1, m->impl.lr_priority_bits);
    put(m, LR(m->impl.num_lrs - 1), 5);
    assert_int_equal(read_reg(m, LR(m->impl.num_lrs), &value), SYSREG_UNDEF);
    assert_int_equal(write_reg(m, LR(m->impl.num_lrs), 0), SYSREG_UNDEF);
    put(m, ICH(9, 0), 0x80);
    assert_int_equal(get(m, ICH(9, 0)), 0x80);
    assert_int_equal(m->plat->pe[0].gic.ap1r[0], 0x80);
    assert_int_equal(read_reg(m, ICH(9, 1), &value), SYSREG_UNDEF); /* five priority bits */
    m->impl.lr_priority_bits = 6;
    assert_int_equal(read_reg(m, ICH(8, 1), &value), SYSREG_OK);
    assert_int_equal(read_reg(m, ICH(8, 2), &value), SYSREG_UNDEF);
    m->impl.lr_priority_bits = 8;
    assert_int_equal(read_reg(m, ICH(9, 3), &value), SYSREG_OK);
    m->impl.lr_priority_bits = 5;
    assert_int_equal(write_reg(m, VTR, 0), SYSREG_UNDEF);
    assert_int_equal(write_reg(m, MISR, 0), SYSREG_UNDEF);
    assert_int_equal(write_reg(m, EISR, 0), SYSREG_UNDEF);
    assert_int_equal(write_reg(m, ELRSR, 0), SYSREG_UNDEF);
    assert_int_equal(get(m, ELRSR), (1u << m->impl.num_lrs) - 1);
}

/* Bits that are not implemented read zero. */
static void test_ich_masks(void **state)
{
    struct machine *m = *state;

    put(m, HCR, UINT64_MAX);
    assert_int_equal(get(m, HCR), 0xf8007cff);
    put(m, VMCR, UINT64_MAX);
    assert_int_equal(get(m, VMCR), 0xfffc021f);
    put(m, LR(0), UINT64_MAX);
    assert_int_equal(get(m, LR(0)),
                     0xf0f81fff0000ffff); /* five bits of priority, sixteen of INTID */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sides, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_el2_and_el0, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_list_register, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_eoi_maintenance, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_tdir, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_hardware_interrupt, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_ich_registers, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_ich_masks, host_setup, host_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
