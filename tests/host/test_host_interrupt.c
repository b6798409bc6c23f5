/* SPDX-License-Identifier: BSD-3-Clause */
/* Interrupts of host code: where they go, what masks them, when timers come; those of the host while a Realm runs. */
#include "host_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define FMO (1ull << 3)
#define IMO (1ull << 4)
#define AMO (1ull << 5)
#define VF  (1ull << 6)
#define VI  (1ull << 7)
#define VSE (1ull << 8)

/* A line of each kind: its mask in PSTATE, its route in HCR_EL2, its vector. */
static const struct kind {
    enum host_vector vector;
    uint64_t mask, route, virtual;
    uint64_t offset;
} kinds[] = {{HOST_IRQ, 1ull << 7, IMO, VI, 0x80},
             {HOST_FIQ, 1ull << 6, FMO, VF, 0x100},
             {HOST_SERROR, 1ull << 8, AMO, VSE, 0x180}};

static void raise_line(struct machine *m, enum host_vector vector)
{
    struct pe *p = &m->pe[0];

    p->irq_pending = vector == HOST_IRQ;
    p->fiq_pending = vector == HOST_FIQ;
    p->serror_pending = vector == HOST_SERROR;
}

/* --- physical interrupts: Table D1-21 ------------------------------------------------------------------------------- */

#define ROUTE 1u /* IMO, FMO or AMO */

static const struct {
    unsigned el;
    uint64_t hcr;          /* or ROUTE */
    unsigned open, masked; /* EL that takes it; 0: it stays pending */
} routes[] = {
    {0, 0, 1, 0},
    {1, 0, 1, 0},
    {2, 0, 0, 0},
    {0, ROUTE, 2, 2},
    {1, ROUTE, 2, 2},
    {2, ROUTE, 2, 0},
    {0, HCR_E2H, 1, 0},
    {1, HCR_E2H | ROUTE, 2, 2},
    {2, HCR_E2H, 0, 0},
    {2, HCR_E2H | ROUTE, 2, 0},
    {0, HCR_TGE, 2, 2},
    {2, HCR_TGE, 2, 0},
    {0, HCR_TGE | HCR_E2H, 2, 0},
    {2, HCR_TGE | HCR_E2H, 2, 0},
};

static void check_route(struct machine *m, size_t i, const struct kind *k, bool masked)
{
    uint64_t hcr = (routes[i].hcr & ~(uint64_t)ROUTE) | (routes[i].hcr & ROUTE ? k->route : 0);
    unsigned expected = masked ? routes[i].masked : routes[i].open;
    bool held_back = masked && !expected && routes[i].open;
    bool taken;

    host_reset(m, 0, 0x1000, 0);
    set_hcr(m, hcr);
    m->pe[0].r.pstate = PSTATE_EL(routes[i].el) | (masked ? k->mask : 0);
    raise_line(m, k->vector);
    assert_true(host_wakes(m, 0));
    assert_int_equal(host_deadline(m, 0) == m->vtime, expected != 0);
    assert_int_equal(host_masks(m, 0), expected || held_back ? k->mask : 0);
    taken = host_interrupt(m, 0);
    if (taken != (expected != 0) || (taken && (m->pe[0].r.pstate >> 2 & 3) != expected))
        fail_msg("row %zu, vector %d, masked %d: %d", i, k->vector, masked, taken);
    if (taken) {
        assert_int_equal(m->pe[0].r.pc & 0x1ff, k->offset);
        assert_int_equal(expected == 1 ? *el1_reg(m, SR_ELR_EL1) : *el2_reg(m, HS_ELR_EL2), 0x1000);
    }
    assert_int_equal(host_wakes(m, 0), !taken); /* a line that is taken is gone */
}

static void test_physical(void **state)
{
    for (size_t i = 0; i < COUNT(routes); i++)
        for (size_t k = 0; k < COUNT(kinds); k++)
            for (unsigned masked = 0; masked < 2; masked++)
                check_route(*state, i, &kinds[k], masked);
}

static void test_lines_come_at_a_time(void **state)
{
    struct machine *m = *state;

    set_hcr(m, HCR_TGE);
    m->pe[0].r.pstate = PSTATE_EL(2);
    m->pe[0].irq_at = NOW + 10;
    assert_false(host_wakes(m, 0));
    assert_int_equal(host_deadline(m, 0), NOW + 10);
    m->vtime += 10;
    assert_true(host_wakes(m, 0));
    assert_true(host_interrupt(m, 0));
    assert_false(host_wakes(m, 0));
}

static void test_serror_syndrome(void **state)
{
    struct machine *m = *state;

    set_hcr(m, AMO);
    m->pe[0].r.pstate = PSTATE_EL(1);
    m->pe[0].serror_pending = true;
    m->pe[0].serror_iss = 0x1000002;
    assert_true(host_interrupt(m, 0));
    assert_int_equal(*el2_reg(m, HS_ESR_EL2), 0x2full << 26 | 1ull << 25 | 0x1000002);
}

/* --- virtual interrupts --------------------------------------------------------------------------------------------- */

static const struct {
    unsigned el;
    uint64_t hcr; /* or ROUTE */
    bool taken;
} virtuals[] = {
    {1, ROUTE, true},
    {0, ROUTE, true},
    {1, ROUTE | HCR_E2H, true},
    {2, ROUTE, false},
    {1, 0, false},
    {0, ROUTE | HCR_TGE, false},
    {0, ROUTE | HCR_TGE | HCR_E2H, false},
};

static void check_virtual(struct machine *m, size_t i, const struct kind *k, bool masked)
{
    uint64_t hcr = (virtuals[i].hcr & ~(uint64_t)ROUTE) | (virtuals[i].hcr & ROUTE ? k->route : 0);
    bool expected = virtuals[i].taken && !masked;

    host_reset(m, 0, 0x1000, 0);
    set_hcr(m, hcr | k->virtual);
    m->pe[0].r.pstate = PSTATE_EL(virtuals[i].el) | (masked ? k->mask : 0);
    assert_int_equal(host_wakes(m, 0), virtuals[i].taken);
    assert_int_equal(host_masks(m, 0), virtuals[i].taken ? k->mask : 0);
    if (host_interrupt(m, 0) != expected)
        fail_msg("row %zu, vector %d, masked %d", i, k->vector, masked);
    if (!expected)
        return;
    assert_int_equal(m->pe[0].r.pstate & 0x1f, 5);
    assert_int_equal(m->pe[0].r.pc & 0x1ff, k->offset);
    /* VI and VF are levels; a virtual SError is taken once */
    assert_int_equal(*el2_reg(m, HS_HCR_EL2) & k->virtual,
                     k->vector == HOST_SERROR ? 0 : k->virtual);
}

static void test_virtual(void **state)
{
    for (size_t i = 0; i < COUNT(virtuals); i++)
        for (size_t k = 0; k < COUNT(kinds); k++)
            for (unsigned masked = 0; masked < 2; masked++)
                check_virtual(*state, i, &kinds[k], masked);
}

static void test_virtual_serror_syndrome(void **state)
{
    struct machine *m = *state;

    set_hcr(m, AMO | VSE);
    *el2_reg(m, HS_VSESR_EL2) = 0x1000011;
    m->pe[0].r.pstate = PSTATE_EL(1);
    assert_true(host_interrupt(m, 0));
    assert_int_equal(*el1_reg(m, SR_ESR_EL1), 0x2full << 26 | 1ull << 25 | 0x1000011);
}

/* ISR_EL1: EL1 below an EL2 that takes them sees the virtual ones only. */
static void test_isr(void **state)
{
    static const struct {
        unsigned el;
        uint64_t hcr;
        bool line;
        uint64_t isr;
    } row[] = {
        {2, 0, true, 1ull << 7},
        {1, 0, true, 1ull << 7},
        {1, IMO, true, 0},
        {1, IMO | VI, false, 1ull << 7},
        {1, VI, false, 0},
        {2, IMO | VI, false, 0},
        {1, FMO | VF, false, 1ull << 6},
        {1, AMO | VSE, false, 1ull << 8},
    };
    struct machine *m = *state;

    for (size_t i = 0; i < COUNT(row); i++) {
        set_hcr(m, row[i].hcr);
        set_el(m, row[i].el);
        m->pe[0].irq_pending = row[i].line;
        assert_int_equal(get(m, SYSREG(3, 0, 12, 1, 0)), row[i].isr);
    }
}

/* --- timers ----------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned ppi;
    bool el2;
    unsigned ctl, cval;
} timers[] = {
    {"CNTHP", 26, true, HS_CNTHP_CTL_EL2, HS_CNTHP_CVAL_EL2},
    {"CNTHV", 28, true, HS_CNTHV_CTL_EL2, HS_CNTHV_CVAL_EL2},
    {"CNTP", 30, false, SR_CNTP_CTL_EL0, SR_CNTP_CVAL_EL0},
    {"CNTV", 27, false, SR_CNTV_CTL_EL0, SR_CNTV_CVAL_EL0},
};

static void set_timer(struct machine *m, size_t i, uint64_t ctl, uint64_t cval)
{
    uint64_t *base = timers[i].el2 ? m->plat->pe[0].el2 : m->pe[0].r.sys;

    base[timers[i].ctl] = ctl;
    base[timers[i].cval] = cval;
}

static void test_timers(void **state)
{
    static const struct {
        uint64_t ctl, cval;
        bool asserted;
        uint64_t deadline;
    } row[] = {
        {0, 0, false, TIME_NEVER},
        {1, NOW, true, TIME_NEVER},
        {1, NOW - 1, true, TIME_NEVER},
        {1, NOW + 1, false, NOW + 1},
        {3, 0, false, TIME_NEVER} /* IMASK */,
        {3, NOW + 1, false, TIME_NEVER},
        {1, UINT64_MAX, false, UINT64_MAX},
    };
    struct machine *m = *state;

    for (size_t t = 0; t < COUNT(timers); t++)
        for (size_t i = 0; i < COUNT(row); i++) {
            host_reset(m, 0, 0, 0);
            set_timer(m, t, row[i].ctl, row[i].cval);
            if (host_ppis(m, 0, NOW) != (row[i].asserted ? 1u << timers[t].ppi : 0) ||
                host_ppi_deadline(m, 0, NOW) != row[i].deadline)
                fail_msg("%s, row %zu: %#x", timers[t].name, i, host_ppis(m, 0, NOW));
        }
}

/* With a REC on the PE the timers of EL1 are the Realm's, without the host's offset, and less what the RMM holds back. */
static void test_timers_while_a_realm_runs(void **state)
{
    static const struct {
        uint64_t cnthctl; /* of R-EL2: CNTVMASK, CNTPMASK */
        uint32_t ppis;
    } row[] = {{0, 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30},
               {1ull << 18, 1u << 26 | 1u << 28 | 1u << 30},
               {1ull << 19, 1u << 26 | 1u << 27 | 1u << 28}};
    struct machine *m = *state;

    *el2_reg(m, HS_CNTVOFF_EL2) = 100;
    m->pe[0].running_rec = 0x80001000;
    m->pe[0].cntpoff_el2 = m->pe[0].cntvoff_el2 = 2;
    for (size_t i = 0; i < COUNT(row); i++) {
        m->pe[0].cnthctl_el2 = row[i].cnthctl;
        for (size_t t = 0; t < COUNT(timers); t++)
            set_timer(m, t, 1, timers[t].el2 ? NOW + 5 : NOW + 3);
        assert_int_equal(host_ppis(m, 0, NOW + 4), 0);
        assert_int_equal(host_ppi_deadline(m, 0, NOW), NOW + 5);
        assert_int_equal(host_ppis(m, 0, NOW + 5), row[i].ppis);
        set_timer(m, 0, 0, 0);
        set_timer(m, 1, 0, 0);
        assert_int_equal(host_ppi_deadline(m, 0, NOW), NOW + 5);
    }
    m->pe[0].cnthctl_el2 |= 1ull << 18;
    assert_int_equal(host_ppi_deadline(m, 0, NOW), TIME_NEVER);
}

/* So are the PMU and the virtual CPU interface. */
static void test_devices_while_a_realm_runs(void **state)
{
    struct machine *m = *state;

    put(m, SYSREG(3, 4, 12, 11, 0), 1 | 1 << 3); /* the host's ICH_HCR_EL2.En, NPIE */
    m->pe[0].running_rec = 0x80001000;
    assert_int_equal(host_ppis(m, 0, NOW), 0);
    m->pe[0].gic = m->plat->pe[0].gic;
    assert_int_equal(host_ppis(m, 0, NOW), 1u << 25);
}

/* CNTV compares with the counter less CNTVOFF_EL2, and no other does. */
static void test_virtual_offset(void **state)
{
    struct machine *m = *state;

    *el2_reg(m, HS_CNTVOFF_EL2) = 100;
    for (size_t t = 0; t < COUNT(timers); t++)
        set_timer(m, t, 1, NOW - 50);
    assert_int_equal(host_ppis(m, 0, NOW), 1u << 26 | 1u << 28 | 1u << 30);
    assert_int_equal(host_ppi_deadline(m, 0, NOW), NOW + 50);
    assert_int_equal(host_ppis(m, 0, NOW + 50), 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30);
}

static void test_pmu_overflow(void **state)
{
    struct machine *m = *state;

    put(m, SYSREG(3, 3, 9, 13, 0), 0 - 100ull);    /* PMCCNTR_EL0 */
    put(m, SYSREG(3, 3, 9, 12, 1), 1u << 31);      /* PMCNTENSET_EL0 */
    put(m, SYSREG(3, 3, 9, 12, 0), 1 | 1ull << 6); /* PMCR_EL0.E, LC */
    assert_int_equal(host_ppi_deadline(m, 0, NOW), TIME_NEVER);
    put(m, SYSREG(3, 0, 9, 14, 1), 1u << 31); /* PMINTENSET_EL1 */
    assert_int_equal(host_ppi_deadline(m, 0, NOW), NOW + 100);
    assert_int_equal(host_ppis(m, 0, NOW + 99), 0);
    assert_int_equal(host_ppis(m, 0, NOW + 100), 1u << 23);
    assert_int_equal(host_ppi_deadline(m, 0, NOW + 100), TIME_NEVER); /* it has come */
    m->vtime += 100;
    put(m, SYSREG(3, 3, 9, 12, 3), 1u << 31); /* PMOVSCLR_EL0 */
    assert_int_equal(host_ppis(m, 0, m->vtime), 0);
}

static void test_maintenance(void **state)
{
    struct machine *m = *state;

    put(m, SYSREG(3, 4, 12, 11, 0), 1 | 1 << 3); /* ICH_HCR_EL2.En, NPIE: nothing is pending */
    assert_int_equal(host_ppis(m, 0, NOW), 1u << 25);
    put(m, SYSREG(3, 4, 12, 12, 0), 1ull << 62 | 1ull << 60 | 40);
    assert_int_equal(host_ppis(m, 0, NOW), 0);
}

/* --- through the GIC --------------------------------------------------------------------------------------------------- */

#define IAR1       SYSREG(3, 0, 12, 12, 0)
#define EOIR1      SYSREG(3, 0, 12, 12, 1)
#define CNTHP      26u
#define CNTHP_CTL  SYSREG(3, 4, 14, 2, 1)
#define CNTHP_CVAL SYSREG(3, 4, 14, 2, 2)

static void store32(struct machine *m, enum plat_kind kind, uint64_t offset, uint64_t value)
{
    const struct plat_region *r = plat_find(m->plat->desc, kind, 0);

    assert_non_null(r);
    assert_true(plat_access(m, 0, r->base + offset, 4, true, &value));
}

/* Distributor and interface on, one PPI enabled; the host takes interrupts at EL2. */
static void gic_on(struct machine *m, unsigned ppi)
{
    store32(m, PLAT_GICD, 0, 2);               /* GICD_CTLR.EnableGrp1A */
    store32(m, PLAT_GICR, 0x10100, 1u << ppi); /* GICR_ISENABLER0 */
    put(m, SYSREG(3, 0, 4, 6, 0), 0xf0);       /* ICC_PMR_EL1 */
    put(m, SYSREG(3, 0, 12, 12, 7), 1);        /* ICC_IGRPEN1_EL1 */
    set_hcr(m, HCR_TGE);
    m->pe[0].r.pstate = PSTATE_EL(2);
}

static void test_timer_interrupt(void **state)
{
    struct machine *m = *state;

    gic_on(m, CNTHP);
    put(m, CNTHP_CVAL, NOW + 50);
    put(m, CNTHP_CTL, 1);
    assert_false(host_interrupt(m, 0));
    assert_int_equal(host_deadline(m, 0), NOW + 50);
    m->vtime += 50;
    assert_int_equal(host_deadline(m, 0), m->vtime);
    assert_true(host_interrupt(m, 0));
    assert_int_equal(m->pe[0].r.pc, 0x280);
    assert_true(host_wakes(m, 0)); /* until it is acknowledged */
    assert_int_equal(get(m, IAR1), CNTHP);
    assert_false(host_wakes(m, 0));
    put(m, CNTHP_CTL, 0);
    put(m, EOIR1, CNTHP);
    assert_false(host_wakes(m, 0));
}

/* A level that stays comes again. */
static void test_timer_level(void **state)
{
    struct machine *m = *state;

    gic_on(m, CNTHP);
    put(m, CNTHP_CVAL, NOW);
    put(m, CNTHP_CTL, 1);
    assert_int_equal(get(m, IAR1), CNTHP);
    put(m, EOIR1, CNTHP);
    assert_int_equal(get(m, IAR1), CNTHP);
    put(m, EOIR1, CNTHP);
    put(m, CNTHP_CTL, 3);
    assert_int_equal(get(m, IAR1), 1023);
}

/* What devices of the platform will do is in time, too. */
static void test_deadline_of_the_platform(void **state)
{
    struct machine *m = *state;

    assert_int_equal(host_deadline(m, 0), TIME_NEVER);
    store32(m, PLAT_SBSA_WDT_CONTROL, 8, 500); /* WOR */
    store32(m, PLAT_SBSA_WDT_CONTROL, 0, 1);   /* WCS.EN */
    assert_in_range(plat_deadline(m), NOW + 500, NOW + 501);
    assert_int_equal(host_deadline(m, 0), plat_deadline(m));
    assert_int_equal(realm_deadline(m, 0), plat_deadline(m));
    put(m, CNTHP_CVAL, NOW + 499);
    put(m, CNTHP_CTL, 1);
    assert_int_equal(host_deadline(m, 0), NOW + 499);
    assert_int_equal(realm_deadline(m, 0), NOW + 499);
}

static void test_not_enabled(void **state)
{
    struct machine *m = *state;

    gic_on(m, CNTHP + 1);
    put(m, CNTHP_CVAL, NOW);
    put(m, CNTHP_CTL, 1);
    assert_int_equal(host_ppis(m, 0, NOW), 1u << CNTHP);
    assert_false(host_interrupt(m, 0));
    assert_false(host_wakes(m, 0));
}

/* --- while a Realm runs ------------------------------------------------------------------------------------------------- */

static void test_realm_leaves_for_the_host(void **state)
{
    struct machine *m = *state;
    struct realm_exception exc;

    gic_on(m, CNTHP);
    put(m, CNTHP_CVAL, NOW + 50);
    put(m, CNTHP_CTL, 1);
    m->pe[0].world = WORLD_REALM;
    m->pe[0].r.pstate = 5 | PSTATE_DAIF;
    assert_false(realm_interrupt(m, 0, &exc));
    assert_false(realm_take_irq(m, 0));
    assert_false(realm_wakes(m, 0));
    assert_int_equal(realm_deadline(m, 0), NOW + 50);
    realm_wait(m, 0);
    assert_int_equal(m->vtime, NOW + 50);
    assert_true(realm_wakes(m, 0));
    assert_true(realm_interrupt(m, 0, &exc)); /* whatever the Realm masks */
    assert_int_equal(exc.vector, VEC_IRQ);
    assert_true(realm_take_irq(m, 0)); /* it is the host that acknowledges it */
    realm_wait(m, 0);
    assert_int_equal(m->vtime, NOW + 50);

    m->pe[0].world = WORLD_NS;
    m->pe[0].r.pstate = PSTATE_EL(2);
    assert_int_equal(get(m, IAR1), CNTHP);
    assert_false(realm_wakes(m, 0));
}

/* Without a platform there is nothing of it. */
static void test_realm_without_a_platform(void **state)
{
    struct machine *m = *state;
    struct platform *plat = m->plat;
    struct realm_exception exc;

    gic_on(m, CNTHP);
    put(m, CNTHP_CVAL, NOW);
    put(m, CNTHP_CTL, 1);
    m->pe[0].world = WORLD_REALM;
    m->plat = NULL;
    assert_false(realm_interrupt(m, 0, &exc));
    assert_false(realm_wakes(m, 0));
    assert_int_equal(realm_deadline(m, 0), TIME_NEVER);
    m->pe[0].irq_pending = true;
    assert_true(realm_wakes(m, 0));
    assert_true(realm_interrupt(m, 0, &exc));
    m->plat = plat;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_physical, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_lines_come_at_a_time, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_serror_syndrome, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_virtual, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_virtual_serror_syndrome, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_isr, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timers, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timers_while_a_realm_runs, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_devices_while_a_realm_runs, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_virtual_offset, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_pmu_overflow, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_maintenance, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timer_interrupt, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_timer_level, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_deadline_of_the_platform, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_not_enabled, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_realm_leaves_for_the_host, host_setup, host_teardown),
        cmocka_unit_test_setup_teardown(test_realm_without_a_platform, host_setup, host_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
