/* SPDX-License-Identifier: BSD-3-Clause */
/* The GIC's rules (IHI0069), each as a list of what is done and what is then to be seen, with the case that breaks it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "plat/devices.h"

#define ICC(crm, op2) SYSREG(3, 0, 12, crm, op2)
#define PMR           SYSREG(3, 0, 4, 6, 0)
#define AP1R0         ICC(9, 0)
#define DIR           ICC(11, 1)
#define RPR           ICC(11, 3)
#define SGI1R         ICC(11, 5)
#define IAR1          ICC(12, 0)
#define EOIR1         ICC(12, 1)
#define HPPIR1        ICC(12, 2)
#define BPR1          ICC(12, 3)
#define CTLR          ICC(12, 4)
#define SRE           ICC(12, 5)
#define IGRPEN1       ICC(12, 7)
#define SRE_EL2       SYSREG(3, 4, 12, 9, 5)

#define NONE 1023u

enum what {
    END,
    DIST,    /* write a distributor's register: at, value */
    DIST_IS, /* read it */
    DIST_NO, /* an access of that size is refused */
    RED,     /* redistributor of pe; at: from its first frame on */
    RED_IS,
    RED_NO,
    ICC_,
    ICC_IS,
    ICC_UNDEF,       /* read */
    ICC_UNDEF_WRITE, /* write */
    SPI_LINE,        /* at: INTID */
    PPI_LINES,
    SIGNALS, /* value: INTID that the CPU interface of pe would signal */
};
struct op {
    enum what what;
    unsigned pe;
    uint32_t at;
    uint64_t value;
    unsigned size; /* 0: 4 */
};
#define SGIS 0x10000u

struct rule {
    const char *name;
    struct op op[40];
};

static const char *const small_or_not[] = {"fvp", "small"};

static bool access_is(struct gic *g, const struct op *o, bool dist, bool write, uint64_t *value)
{
    struct plat_io io = {.offset = dist ? o->at : o->pe * 0x20000 + o->at,
                         .size = o->size ? o->size : 4,
                         .write = write,
                         .value = write ? o->value : 0};
    bool ok = dist ? gicd_access(g, &io) : gicr_access(g, &io);

    if (io.size < 8)
        io.value &= (1ull << 8 * io.size) - 1;
    *value = io.value;
    return ok;
}

/* What was seen; `o->value` where nothing is to be seen. */
static uint64_t perform(struct gic *g, const struct op *o)
{
    uint64_t v = o->value;
    bool write = o->what == DIST || o->what == RED;

    switch (o->what) {
    case DIST:
    case DIST_IS: return access_is(g, o, true, write, &v) ? v : ~o->value;
    case RED:
    case RED_IS: return access_is(g, o, false, write, &v) ? v : ~o->value;
    case DIST_NO: return access_is(g, o, true, false, &v) ? ~o->value : o->value;
    case RED_NO: return access_is(g, o, false, false, &v) ? ~o->value : o->value;
    case ICC_: return gic_icc_access(g, o->pe, o->at, true, &v) == SYSREG_OK ? v : ~v;
    case ICC_IS: return gic_icc_access(g, o->pe, o->at, false, &v) == SYSREG_OK ? v : ~v;
    case ICC_UNDEF:
        return gic_icc_access(g, o->pe, o->at, false, &v) == SYSREG_UNDEF ? o->value : ~v;
    case ICC_UNDEF_WRITE:
        return gic_icc_access(g, o->pe, o->at, true, &v) == SYSREG_UNDEF ? o->value : ~v;
    case SPI_LINE: gic_set_spi(g, o->at, o->value); return o->value;
    case PPI_LINES: gic_set_ppis(g, o->pe, (uint32_t)o->value); return o->value;
    default: return gic_signalled(g, o->pe);
    }
}

/* Ready for interrupts: the group is on everywhere, SPI 40 is enabled at priority 0x80 for PE 0, and pulls its line. */
static void make_ready(struct gic *g)
{
    static const struct op ready[] = {
        {DIST, 0, 0x000, 2, 0},    {ICC_, 0, IGRPEN1, 1, 0},    {ICC_, 1, IGRPEN1, 1, 0},
        {DIST, 0, 0x428, 0x80, 1}, {DIST, 0, 0x104, 1 << 8, 0}, {DIST, 0, 0x6140, 0, 8},
        {SPI_LINE, 0, 40, 1, 0},
    };

    for (size_t i = 0; i < sizeof(ready) / sizeof(ready[0]); i++)
        assert_int_equal(perform(g, &ready[i]), ready[i].value);
}

static void run_rules(const struct rule *rules, size_t count, bool ready, const char *plat)
{
    static struct gic g;

    for (size_t r = 0; r < count; r++) {
        gic_reset(&g, plat_by_name(plat), 2);
        if (ready)
            make_ready(&g);
        for (unsigned i = 0; rules[r].op[i].what != END; i++) {
            uint64_t seen = perform(&g, &rules[r].op[i]);

            if (seen != rules[r].op[i].value)
                fail_msg("%s, %s, operation %u: 0x%llx, not 0x%llx", plat, rules[r].name, i + 1,
                         (unsigned long long)seen, (unsigned long long)rules[r].op[i].value);
        }
    }
}
#define RUN(rules, ready)                                                                  \
    do {                                                                                   \
        (void)state;                                                                       \
        for (unsigned p_ = 0; p_ < 2; p_++)                                                \
            run_rules(rules, sizeof(rules) / sizeof((rules)[0]), ready, small_or_not[p_]); \
    } while (0)

/* --- registers ---------------------------------------------------------------------------------------------------- */

/* Reset value, what a write of all ones leaves, what one of zeros leaves. */
struct reg {
    const char *name;
    enum what write, read;
    uint32_t at;
    unsigned size;
    uint64_t reset, ones, zeros;
};
#define DISTRIBUTOR   DIST, DIST_IS
#define REDISTRIBUTOR RED, RED_IS
#define CPU_INTERFACE ICC_, ICC_IS
static const struct reg regs[] = {
    {"GICD_CTLR", DISTRIBUTOR, 0x000, 4, 0x10, 0x12, 0x10},
    {"GICD_IIDR", DISTRIBUTOR, 0x008, 4, 0x43b, 0x43b, 0x43b},
    {"GICD_STATUSR", DISTRIBUTOR, 0x010, 4, 0, 0, 0},
    {"GICD_SETSPI_NSR", DISTRIBUTOR, 0x040, 4, 0, 0, 0},
    {"GICD_IGROUPR1", DISTRIBUTOR, 0x084, 4, 0, 0, 0},   /* Secure software's */
    {"GICD_ISENABLER0", DISTRIBUTOR, 0x100, 4, 0, 0, 0}, /* in the redistributors */
    {"GICD_ISENABLER1", DISTRIBUTOR, 0x104, 4, 0, 0xfcffffff, 0xfcffffff},
    {"GICD_ICENABLER1", DISTRIBUTOR, 0x184, 4, 0, 0, 0},
    {"GICD_ISPENDR1", DISTRIBUTOR, 0x204, 4, 0, 0xfcffffff, 0xfcffffff},
    {"GICD_ICPENDR1", DISTRIBUTOR, 0x284, 4, 0, 0, 0},
    {"GICD_ISACTIVER1", DISTRIBUTOR, 0x304, 4, 0, 0xfcffffff, 0xfcffffff},
    {"GICD_ICACTIVER1", DISTRIBUTOR, 0x384, 4, 0, 0, 0},
    {"GICD_IPRIORITYR0", DISTRIBUTOR, 0x400, 4, 0, 0, 0},
    {"GICD_IPRIORITYR8", DISTRIBUTOR, 0x420, 4, 0, 0xf0f0f0f0, 0},
    {"GICD_IPRIORITYR14", DISTRIBUTOR, 0x438, 4, 0, 0xf0f00000, 0}, /* 56 and 57 are Secure */
    {"GICD_IPRIORITYR, byte", DISTRIBUTOR, 0x43b, 1, 0, 0xf0, 0},
    {"GICD_ITARGETSR8", DISTRIBUTOR, 0x820, 4, 0, 0, 0}, /* affinity routing */
    {"GICD_ICFGR0", DISTRIBUTOR, 0xc00, 4, 0, 0, 0},
    {"GICD_ICFGR2", DISTRIBUTOR, 0xc08, 4, 0, 0xaaaaaaaa, 0},
    {"GICD_ICFGR3", DISTRIBUTOR, 0xc0c, 4, 0, 0xaaa0aaaa, 0},
    {"GICD_IGRPMODR1", DISTRIBUTOR, 0xd04, 4, 0, 0, 0},
    {"GICD_NSACR2", DISTRIBUTOR, 0xe08, 4, 0, 0, 0},
    {"GICD_SGIR", DISTRIBUTOR, 0xf00, 4, 0, 0, 0},
    {"GICD_IROUTER32", DISTRIBUTOR, 0x6100, 8, 0, 0xff80ffffff, 0},
    {"GICD_IROUTER32, low", DISTRIBUTOR, 0x6100, 4, 0, 0x80ffffff, 0},
    {"GICD_IROUTER32, high", DISTRIBUTOR, 0x6104, 4, 0, 0xff, 0},
    {"GICD_IROUTER31", DISTRIBUTOR, 0x60f8, 8, 0, 0, 0}, /* there is none */
    {"GICD_IROUTER56", DISTRIBUTOR, 0x61c0, 8, 0, 0, 0}, /* Secure */
    {"GICD_PIDR4", DISTRIBUTOR, 0xffd0, 4, 0x44, 0x44, 0x44},
    {"GICD_PIDR0", DISTRIBUTOR, 0xffe0, 4, 0x92, 0x92, 0x92},
    {"GICD_PIDR2", DISTRIBUTOR, 0xffe8, 4, 0x3b, 0x3b, 0x3b},
    {"GICD_CIDR1", DISTRIBUTOR, 0xfff4, 4, 0xf0, 0xf0, 0xf0},
    {"GICR_CTLR", REDISTRIBUTOR, 0x000, 4, 0, 0, 0},
    {"GICR_IIDR", REDISTRIBUTOR, 0x004, 4, 0x43b, 0x43b, 0x43b},
    {"GICR_WAKER", REDISTRIBUTOR, 0x014, 4, 0, 0, 0}, /* Secure software's; the PE is awake */
    {"GICR_PROPBASER", REDISTRIBUTOR, 0x070, 4, 0, 0, 0},
    {"GICR_PIDR4", REDISTRIBUTOR, 0xffd0, 4, 0x44, 0x44, 0x44},
    {"GICR_PIDR0", REDISTRIBUTOR, 0xffe0, 4, 0x93, 0x93, 0x93},
    {"GICR_PIDR2", REDISTRIBUTOR, 0xffe8, 4, 0x3b, 0x3b, 0x3b},
    {"GICR_CIDR3", REDISTRIBUTOR, 0xfffc, 4, 0xb1, 0xb1, 0xb1},
    {"GICR_IGROUPR0", REDISTRIBUTOR, SGIS + 0x080, 4, 0, 0, 0},
    {"GICR_ISENABLER0", REDISTRIBUTOR, SGIS + 0x100, 4, 0, 0xdfff00ff, 0xdfff00ff},
    {"GICR_ICENABLER0", REDISTRIBUTOR, SGIS + 0x180, 4, 0, 0, 0},
    {"GICR_ISPENDR0", REDISTRIBUTOR, SGIS + 0x200, 4, 0, 0xdfff00ff, 0xdfff00ff},
    {"GICR_ICPENDR0", REDISTRIBUTOR, SGIS + 0x280, 4, 0, 0, 0},
    {"GICR_ISACTIVER0", REDISTRIBUTOR, SGIS + 0x300, 4, 0, 0xdfff00ff, 0xdfff00ff},
    {"GICR_ICACTIVER0", REDISTRIBUTOR, SGIS + 0x380, 4, 0, 0, 0},
    {"GICR_IPRIORITYR0", REDISTRIBUTOR, SGIS + 0x400, 4, 0, 0xf0f0f0f0, 0},
    {"GICR_IPRIORITYR2", REDISTRIBUTOR, SGIS + 0x408, 4, 0, 0, 0},
    {"GICR_IPRIORITYR7", REDISTRIBUTOR, SGIS + 0x41c, 4, 0, 0xf0f000f0, 0}, /* 29 is Secure */
    {"GICR_IPRIORITYR, byte", REDISTRIBUTOR, SGIS + 0x41e, 1, 0, 0xf0, 0},
    {"GICR_ICFGR0", REDISTRIBUTOR, SGIS + 0xc00, 4, 0xaaaa, 0xaaaa, 0xaaaa},
    {"GICR_ICFGR1", REDISTRIBUTOR, SGIS + 0xc04, 4, 0, 0, 0},
    {"GICR_IGRPMODR0", REDISTRIBUTOR, SGIS + 0xd00, 4, 0, 0, 0},
    {"GICR_NSACR", REDISTRIBUTOR, SGIS + 0xe00, 4, 0, 0, 0},
    {"ICC_PMR_EL1", CPU_INTERFACE, PMR, 4, 0xf0, 0xf0, 0},
    {"ICC_AP1R0_EL1", CPU_INTERFACE, AP1R0, 4, 0, 0xffff0000, 0},
    {"ICC_BPR1_EL1", CPU_INTERFACE, BPR1, 4, 3, 7, 3},
    {"ICC_CTLR_EL1", CPU_INTERFACE, CTLR, 4, 0x8400, 0x8402, 0x8400},
    {"ICC_SRE_EL1", CPU_INTERFACE, SRE, 4, 7, 7, 7},
    {"ICC_SRE_EL2", CPU_INTERFACE, SRE_EL2, 4, 15, 15, 15},
    {"ICC_IGRPEN1_EL1", CPU_INTERFACE, IGRPEN1, 4, 0, 1, 0},
};

static void check_reg(const struct reg *r)
{
    static struct gic g;
    static const char *const when[] = {"after reset", "after ones", "after zeros"};
    const uint64_t expected[] = {r->reset, r->ones, r->zeros};
    uint64_t ones = r->size == 8 ? UINT64_MAX : (1ull << 8 * r->size) - 1;
    struct op write = {r->write, 1, r->at, ones, r->size};

    gic_reset(&g, plat_by_name("fvp"), 2);
    for (unsigned i = 0; i < 3; i++) {
        struct op read = {r->read, 1, r->at, expected[i], r->size};
        uint64_t seen;

        if (i) {
            write.value = i == 1 ? ones : 0;
            assert_int_equal(perform(&g, &write), write.value);
        }
        seen = perform(&g, &read);
        if (seen != expected[i])
            fail_msg("%s %s: 0x%llx, not 0x%llx", r->name, when[i], (unsigned long long)seen,
                     (unsigned long long)expected[i]);
    }
}

static void test_registers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
        check_reg(&regs[i]);
}

/* The other banks are others; a register that writes another's state does. */
static const struct rule register_rules[] = {
    {"a clear register clears what the set register set, and nothing else",
     {{DIST, 0, 0x104, 0xff, 0},
      {DIST, 0, 0x184, 0x0f, 0},
      {DIST_IS, 0, 0x104, 0xf0, 0},
      {DIST_IS, 0, 0x184, 0xf0, 0},
      {DIST, 0, 0x204, 0xff, 0},
      {DIST, 0, 0x284, 0x3c, 0},
      {DIST_IS, 0, 0x204, 0xc3, 0},
      {DIST_IS, 0, 0x284, 0xc3, 0},
      {DIST, 0, 0x304, 0xff, 0},
      {DIST, 0, 0x384, 0xfe, 0},
      {DIST_IS, 0, 0x304, 0x01, 0},
      {DIST_IS, 0, 0x384, 0x01, 0}}},
    {"private interrupts are a PE's own",
     {{RED, 0, SGIS + 0x100, 0x10001, 0},
      {RED_IS, 1, SGIS + 0x100, 0, 0},
      {RED_IS, 0, SGIS + 0x100, 0x10001, 0},
      {RED, 1, SGIS + 0x410, 0x40, 1},
      {RED_IS, 0, SGIS + 0x410, 0, 1},
      {RED_IS, 1, SGIS + 0x410, 0x40, 1}}},
    {"a priority is a byte of a word",
     {{DIST, 0, 0x42a, 0x70, 1},
      {DIST_IS, 0, 0x428, 0x700000, 0},
      {DIST, 0, 0x428, 0x10203040, 0},
      {DIST_IS, 0, 0x42a, 0x20, 1},
      {RED, 0, SGIS + 0x41a, 0xa0, 1},
      {RED_IS, 0, SGIS + 0x418, 0xa00000, 0}}},
    {"a route is two words",
     {{DIST, 0, 0x6140, 0x80000100, 0},
      {DIST, 0, 0x6144, 0x5, 0},
      {DIST_IS, 0, 0x6140, 0x580000100, 8},
      {DIST, 0, 0x6140, 0x100, 8},
      {DIST_IS, 0, 0x6144, 0, 0}}},
    {"interrupts that are not there",
     {{DIST, 0, 0x120, 0xff, 0}, /* 256 and on */
      {DIST_IS, 0, 0x120, 0, 0},
      {DIST, 0, 0x500, 0xf0, 1},
      {DIST_IS, 0, 0x500, 0, 1},
      {DIST, 0, 0xc40, 0xaa, 0},
      {DIST_IS, 0, 0xc40, 0, 0},
      {DIST, 0, 0x6800, 1, 8},
      {DIST_IS, 0, 0x6800, 0, 8},
      {ICC_, 0, EOIR1, 64, 0},
      {ICC_, 0, EOIR1, 256, 0}}},
    {"other sizes are refused",
     {{DIST_NO, 0, 0xc00, 0, 1},
      {DIST_NO, 0, 0x8000, 0, 8},
      {DIST_NO, 0, 0x104, 0, 1},
      {DIST_NO, 0, 0x104, 0, 8},
      {DIST_NO, 0, 0x428, 0, 2},
      {DIST_NO, 0, 0x428, 0, 8},
      {RED_NO, 0, 0x0, 0, 8},
      {RED_NO, 0, 0x8, 0, 1},
      {RED_NO, 0, SGIS + 0x100, 0, 1},
      {RED_NO, 0, SGIS + 0x400, 0, 2},
      {RED_NO, 2, 0x8, 0, 8}}}, /* and a PE that is not there */
    {"Group 0 is Secure software's",
     {{ICC_UNDEF, 0, ICC(8, 0), 0, 0},
      {ICC_UNDEF_WRITE, 0, ICC(8, 1), 0, 0},
      {ICC_UNDEF, 0, ICC(8, 2), 0, 0},
      {ICC_UNDEF, 0, ICC(8, 3), 0, 0},
      {ICC_UNDEF, 0, ICC(8, 4), 0, 0},
      {ICC_UNDEF, 0, ICC(12, 6), 0, 0},
      {ICC_UNDEF_WRITE, 0, ICC(12, 6), 0, 0}}},
    {"what is not implemented, or of EL3, is undefined",
     {{ICC_UNDEF, 0, ICC(9, 1), 0, 0},
      {ICC_UNDEF, 0, ICC(9, 5), 0, 0},
      {ICC_UNDEF, 0, SYSREG(3, 6, 12, 12, 5), 0, 0},
      {ICC_UNDEF, 0, SYSREG(3, 6, 12, 12, 4), 0, 0}}},
    {"a register that is only read or only written",
     {{ICC_UNDEF_WRITE, 0, IAR1, 0, 0},
      {ICC_UNDEF_WRITE, 0, HPPIR1, 0, 0},
      {ICC_UNDEF_WRITE, 0, RPR, 0, 0},
      {ICC_UNDEF, 0, EOIR1, 0, 0},
      {ICC_UNDEF, 0, DIR, 0, 0},
      {ICC_UNDEF, 0, SGI1R, 0, 0}}},
};

static void test_register_rules(void **state)
{
    RUN(register_rules, false);
}

/* GICD_TYPER and GICR_TYPER say what the platform has. */
static void test_types(void **state)
{
    static const struct {
        const char *plat;
        unsigned pes, pe;
        uint64_t gicd, gicr;
    } rows[] = {
        {"fvp", 8, 0, 0x01480407, 0},
        {"fvp", 8, 4, 0x01480407, 0x0001000000000400},
        {"fvp", 8, 7, 0x01480407, 0x0001030000000710},
        {"fvp", 1, 0, 0x01480407, 0x10},
        {"small", 2, 1, 0x01480401, 0x0000000100000110},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct gic g;
        struct op dist = {DIST_IS, 0, 4, rows[i].gicd, 4};
        struct op red = {RED_IS, rows[i].pe, 8, rows[i].gicr, 8};
        struct op low = {RED_IS, rows[i].pe, 8, (uint32_t)rows[i].gicr, 4};
        struct op high = {RED_IS, rows[i].pe, 12, rows[i].gicr >> 32, 4};

        gic_reset(&g, plat_by_name(rows[i].plat), rows[i].pes);
        assert_int_equal(perform(&g, &dist), dist.value);
        assert_int_equal(perform(&g, &red), red.value);
        assert_int_equal(perform(&g, &low), low.value);
        assert_int_equal(perform(&g, &high), high.value);
    }
}

/* --- from pending to signalled ------------------------------------------------------------------------------------- */

static const struct rule signal_rules[] = {
    {"a pending interrupt that nothing holds back",
     {{SIGNALS, 0, 0, 40, 0}, {SIGNALS, 1, 0, NONE, 0}}},
    {"not disabled", {{DIST, 0, 0x184, 1 << 8, 0}, {SIGNALS, 0, 0, NONE, 0}}},
    {"not with the group disabled in the distributor",
     {{DIST, 0, 0, 0, 0}, {SIGNALS, 0, 0, NONE, 0}, {DIST, 0, 0, 2, 0}, {SIGNALS, 0, 0, 40, 0}}},
    {"EnableGrp1 without affinity routing is another bit",
     {{DIST, 0, 0, 1, 0}, {SIGNALS, 0, 0, NONE, 0}}},
    {"not with the group disabled in the CPU interface",
     {{ICC_, 0, IGRPEN1, 0, 0}, {SIGNALS, 0, 0, NONE, 0}, {ICC_IS, 0, IAR1, NONE, 0}}},
    {"not when the line is low again", {{SPI_LINE, 0, 40, 0, 0}, {SIGNALS, 0, 0, NONE, 0}}},
    {"a priority equal to the mask is masked",
     {{ICC_, 0, PMR, 0x80, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {ICC_, 0, PMR, 0x90, 0},
      {SIGNALS, 0, 0, 40, 0}}},
    {"routed to another PE",
     {{DIST, 0, 0x6140, 0, 8},
      {SIGNALS, 0, 0, 40, 0},
      {DIST, 0, 0x6140, 0x10101, 8},
      {SIGNALS, 0, 0, NONE, 0},
      {SIGNALS, 1, 0, NONE, 0}}},
    {"to any one PE: the first that takes the group",
     {{DIST, 0, 0x6140, 1u << 31, 8},
      {SIGNALS, 0, 0, 40, 0},
      {SIGNALS, 1, 0, NONE, 0},
      {ICC_, 0, IGRPEN1, 0, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {SIGNALS, 1, 0, 40, 0}}},
    {"the highest priority is first, whatever its number",
     {{DIST, 0, 0x429, 0x70, 1},
      {DIST, 0, 0x104, 1 << 9, 0},
      {DIST, 0, 0x6148, 0, 8},
      {SPI_LINE, 0, 41, 1, 0},
      {SIGNALS, 0, 0, 41, 0},
      {DIST, 0, 0x429, 0x80, 1}, /* of equals, the least number */
      {SIGNALS, 0, 0, 40, 0},
      {DIST, 0, 0x429, 0x90, 1},
      {SIGNALS, 0, 0, 40, 0}}},
    {"an active interrupt is not forwarded",
     {{DIST, 0, 0x304, 1 << 8, 0}, {SIGNALS, 0, 0, NONE, 0}}},
    {"a Secure interrupt is nobody's here",
     {{DIST, 0, 0x100 + 4, 0xffffffff, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {RED, 0, SGIS + 0x100, 0xffffffff, 0},
      {PPI_LINES, 0, 0, 1u << 29, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {PPI_LINES, 0, 0, 3u << 29, 0},
      {SIGNALS, 0, 0, 30, 0}}},
    {"private lines are a PE's own",
     {{RED, 0, SGIS + 0x100, 1 << 26, 0},
      {RED, 1, SGIS + 0x100, 1 << 26, 0},
      {PPI_LINES, 1, 0, 1 << 26, 0},
      {SIGNALS, 0, 0, 40, 0},
      {SIGNALS, 1, 0, 26, 0},
      {PPI_LINES, 1, 0, 0, 0},
      {SIGNALS, 1, 0, NONE, 0},
      {RED, 1, SGIS + 0x100, 1, 0},
      {PPI_LINES, 1, 0, 1, 0}, /* an SGI has no line */
      {SIGNALS, 1, 0, NONE, 0}}},
    {"HPPIR: whatever mask and running priority, but not a disabled group",
     {{ICC_, 0, PMR, 0, 0},
      {ICC_IS, 0, HPPIR1, 40, 0},
      {ICC_IS, 0, IAR1, NONE, 0},
      {ICC_, 0, IGRPEN1, 0, 0},
      {ICC_IS, 0, HPPIR1, NONE, 0},
      {ICC_, 0, IGRPEN1, 1, 0},
      {ICC_IS, 0, HPPIR1, 40, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {ICC_IS, 0, HPPIR1, NONE, 0}}},
};

static void test_signalling(void **state)
{
    RUN(signal_rules, true);
}

/* --- states -------------------------------------------------------------------------------------------------------- */

static const struct rule state_rules[] = {
    {"level: acknowledged once, pending again after deactivation while the line is high",
     {{ICC_IS, 0, IAR1, 40, 0},
      {DIST_IS, 0, 0x304, 1 << 8, 0},
      {DIST_IS, 0, 0x204, 1 << 8, 0}, /* active and pending */
      {ICC_IS, 0, IAR1, NONE, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {DIST_IS, 0, 0x304, 0, 0},
      {SIGNALS, 0, 0, 40, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {SIGNALS, 0, 0, NONE, 0}}},
    {"edge: pending once an edge, whatever the level then",
     {{SPI_LINE, 0, 40, 0, 0},
      {DIST, 0, 0xc08, 2 << 16, 0},
      {SPI_LINE, 0, 40, 1, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {ICC_IS, 0, IAR1, 40, 0},
      {DIST_IS, 0, 0x204, 0, 0},
      {SPI_LINE, 0, 40, 1, 0}, /* one more while it is active */
      {DIST_IS, 0, 0x204, 1 << 8, 0},
      {ICC_IS, 0, IAR1, NONE, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {ICC_IS, 0, IAR1, 40, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {ICC_IS, 0, IAR1, NONE, 0}}},
    {"edge: a line that stays high is no edge",
     {{DIST, 0, 0xc08, 2 << 16, 0},
      {SPI_LINE, 0, 40, 1, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {SPI_LINE, 0, 40, 1, 0},
      {SIGNALS, 0, 0, 40, 0}}},
    {"set pending by a write: until acknowledged or cleared, line low",
     {{SPI_LINE, 0, 40, 0, 0},
      {DIST, 0, 0x204, 1 << 8, 0},
      {SIGNALS, 0, 0, 40, 0},
      {DIST, 0, 0x284, 1 << 8, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {DIST, 0, 0x204, 1 << 8, 0},
      {ICC_IS, 0, IAR1, 40, 0},
      {DIST_IS, 0, 0x204, 0, 0}}},
    {"a write cannot clear what a high line makes pending",
     {{DIST, 0, 0x284, 1 << 8, 0}, {SIGNALS, 0, 0, 40, 0}}},
    {"EOImode 1: EOIR drops the priority, DIR deactivates",
     {{ICC_, 0, CTLR, 2, 0},
      {ICC_IS, 0, CTLR, 0x8402, 0},
      {ICC_IS, 0, IAR1, 40, 0},
      {ICC_IS, 0, RPR, 0x80, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {ICC_IS, 0, RPR, 0xff, 0},
      {DIST_IS, 0, 0x304, 1 << 8, 0},
      {ICC_IS, 0, IAR1, NONE, 0},
      {ICC_, 0, DIR, 40, 0},
      {DIST_IS, 0, 0x304, 0, 0},
      {ICC_IS, 0, IAR1, 40, 0}}},
    {"EOImode 0: DIR does nothing",
     {{ICC_IS, 0, IAR1, 40, 0}, {ICC_, 0, DIR, 40, 0}, {DIST_IS, 0, 0x304, 1 << 8, 0}}},
    {"another PE may deactivate a shared interrupt, not a private one",
     {{ICC_, 1, CTLR, 2, 0},
      {DIST, 0, 0x304, 1 << 8, 0},
      {RED, 0, SGIS + 0x300, 1 << 26, 0},
      {ICC_, 1, DIR, 40, 0},
      {ICC_, 1, DIR, 26, 0},
      {DIST_IS, 0, 0x304, 0, 0},
      {RED_IS, 0, SGIS + 0x300, 1 << 26, 0}}},
    {"the end of no interrupt is no end",
     {{ICC_IS, 0, IAR1, 40, 0},
      {ICC_, 0, EOIR1, 1023, 0},
      {ICC_, 0, EOIR1, 1020, 0},
      {ICC_IS, 0, RPR, 0x80, 0},
      {DIST_IS, 0, 0x304, 1 << 8, 0},
      {ICC_, 0, EOIR1, 900,
       0}, /* an INTID that is not there: UNPREDICTABLE; here a priority drop */
      {ICC_IS, 0, RPR, 0xff, 0},
      {DIST_IS, 0, 0x304, 1 << 8, 0}}},
};

static void test_states(void **state)
{
    RUN(state_rules, true);
}

/* --- priorities ----------------------------------------------------------------------------------------------------- */

/* SPI 41, of priority 0x60, comes while 40 is handled. */
#define SECOND(p)                                                                  \
    {ICC_IS, 0, IAR1, 40, 0}, {DIST, 0, 0x429, p, 1}, {DIST, 0, 0x104, 1 << 9, 0}, \
        {DIST, 0, 0x6148, 0, 8},                                                   \
    {                                                                              \
        SPI_LINE, 0, 41, 1, 0                                                      \
    }
static const struct rule priority_rules[] = {
    {"a higher group priority preempts",
     {SECOND(0x70),
      {SIGNALS, 0, 0, 41, 0},
      {ICC_IS, 0, IAR1, 41, 0},
      {ICC_IS, 0, RPR, 0x70, 0},
      {ICC_IS, 0, AP1R0, 3u << 23, 0}, /* physical 0xb8 and 0xc0 */
      {ICC_, 0, EOIR1, 41, 0},
      {ICC_IS, 0, RPR, 0x80, 0},
      {ICC_IS, 0, AP1R0, 1u << 24, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {ICC_IS, 0, RPR, 0xff, 0},
      {ICC_IS, 0, AP1R0, 0, 0}}},
    {"the same does not", {SECOND(0x80), {SIGNALS, 0, 0, NONE, 0}, {ICC_IS, 0, HPPIR1, 41, 0}}},
    {"a lower does not",
     {SECOND(0x90),
      {SIGNALS, 0, 0, NONE, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {SPI_LINE, 0, 40, 0, 0},
      {SIGNALS, 0, 0, 41, 0}}},
    {"a higher within the same group priority does not",
     {{ICC_, 0, BPR1, 4, 0}, /* groups of two: 0x80 with 0x90 */
      {DIST, 0, 0x428, 0x90, 1},
      SECOND(0x80),
      {ICC_IS, 0, RPR, 0x80, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {DIST, 0, 0x429, 0x70, 1},
      {SIGNALS, 0, 0, 41, 0}}},
    {"binary point 7: nothing preempts",
     {{ICC_, 0, BPR1, 7, 0},
      SECOND(0x00),
      {ICC_IS, 0, RPR, 0x00, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {ICC_, 0, EOIR1, 40, 0},
      {SIGNALS, 0, 0, 41, 0}}},
    {"an active priority that software wrote holds back",
     {{ICC_, 0, AP1R0, 1u << 24, 0},
      {ICC_IS, 0, RPR, 0x80, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {ICC_, 0, AP1R0, 1u << 25, 0},
      {SIGNALS, 0, 0, 40, 0}}},
    {"the lowest priority passes no mask",
     {{DIST, 0, 0x428, 0xff, 1},
      {ICC_, 0, PMR, 0xff, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {DIST, 0, 0x428, 0xe0, 1},
      {SIGNALS, 0, 0, 40, 0}}},
    {"the running priority is a PE's own",
     {{ICC_IS, 0, IAR1, 40, 0}, {ICC_IS, 0, RPR, 0x80, 0}, {ICC_IS, 1, RPR, 0xff, 0}}},
};

static void test_priorities(void **state)
{
    RUN(priority_rules, true);
}

/* --- SGIs ------------------------------------------------------------------------------------------------------------- */

#define ENABLE_SGIS                                                                                \
    {SPI_LINE, 0, 40, 0, 0}, {RED, 0, SGIS + 0x100, 0xffff, 0}, {RED, 1, SGIS + 0x100, 0xffff, 0}, \
        {SIGNALS, 0, 0, NONE, 0},                                                                  \
    {                                                                                              \
        SIGNALS, 1, 0, NONE, 0                                                                     \
    }
/* fvp: PE 1 is 0.0.1.0 */
static const struct rule sgi_rules[] = {
    {"to the PE that the affinity names",
     {ENABLE_SGIS,
      {ICC_, 0, SGI1R, 3u << 24 | 1u << 16 | 1, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {ICC_IS, 1, IAR1, 3, 0},
      {RED_IS, 1, SGIS + 0x300, 1 << 3, 0},
      {ICC_, 1, EOIR1, 3, 0},
      {SIGNALS, 1, 0, NONE, 0}}},
    {"to itself",
     {ENABLE_SGIS,
      {ICC_, 1, SGI1R, 3u << 24 | 1u << 16 | 1, 0},
      {SIGNALS, 1, 0, 3, 0},
      {SIGNALS, 0, 0, NONE, 0}}},
    {"nobody of that affinity 0",
     {ENABLE_SGIS,
      {ICC_, 0, SGI1R, 3u << 24 | 1u << 16 | 2, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {SIGNALS, 1, 0, NONE, 0}}},
    {"nobody of that affinity 2",
     {ENABLE_SGIS, {ICC_, 0, SGI1R, 1ull << 32 | 1u << 16 | 1, 0}, {SIGNALS, 1, 0, NONE, 0}}},
    {"nobody of that affinity 3",
     {ENABLE_SGIS, {ICC_, 0, SGI1R, 1ull << 48 | 1u << 16 | 1, 0}, {SIGNALS, 1, 0, NONE, 0}}},
    {"nobody of that range",
     {ENABLE_SGIS, {ICC_, 0, SGI1R, 1ull << 44 | 1u << 16 | 1, 0}, {SIGNALS, 1, 0, NONE, 0}}},
    {"to all but itself",
     {ENABLE_SGIS,
      {ICC_, 0, SGI1R, 1ull << 40 | 5u << 24, 0},
      {SIGNALS, 0, 0, NONE, 0},
      {SIGNALS, 1, 0, 5, 0}}},
    {"a Secure SGI is not sent",
     {ENABLE_SGIS,
      {ICC_, 0, SGI1R, 8u << 24 | 1u << 16 | 1, 0},
      {SIGNALS, 1, 0, NONE, 0},
      {RED_IS, 1, SGIS + 0x200, 0, 0}}},
    {"nor one of the other groups",
     {ENABLE_SGIS,
      {ICC_, 0, ICC(11, 6), 3u << 24 | 1u << 16 | 1, 0},
      {ICC_, 0, ICC(11, 7), 3u << 24 | 1u << 16 | 1, 0},
      {SIGNALS, 1, 0, NONE, 0}}},
};

static void test_sgis(void **state)
{
    (void)state;
    run_rules(sgi_rules, sizeof(sgi_rules) / sizeof(sgi_rules[0]), true, "fvp");
}

/* Four levels of affinity and a target list of sixteen: a table of who is meant. */
static void test_sgi_targets(void **state)
{
    static const struct {
        uint64_t mpidr, value;
        bool meant;
    } rows[] = {
        {0x0f, 1u << 15, true},
        {0x0f, 1u << 14, false},
        {0x10, 1, false},
        {0x10, 1ull << 44 | 1, true},
        {0x2f, 2ull << 44 | 1u << 15, true},
        {0x0500060703, 0x05ull << 48 | 0x06ull << 32 | 0x07ull << 16 | 1u << 3, true},
        {0x0500060703, 0x05ull << 48 | 0x06ull << 32 | 0x07ull << 16 | 1u << 2, false},
        {0x0500060703, 0x05ull << 48 | 0x06ull << 32 | 0x08ull << 16 | 1u << 3, false},
        {0x0500060703, 0x05ull << 48 | 0x07ull << 32 | 0x07ull << 16 | 1u << 3, false},
        {0x0500060703, 0x06ull << 48 | 0x06ull << 32 | 0x07ull << 16 | 1u << 3, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct gic g;
        struct plat_desc d = *plat_by_name("small");
        uint64_t value = rows[i].value;
        struct op type = {RED_IS, 1, 8, 0, 8};

        d.mpidr[1] = rows[i].mpidr;
        gic_reset(&g, &d, 2);
        assert_int_equal(gic_icc_access(&g, 0, SGI1R, true, &value), SYSREG_OK);
        if ((g.pe[1].own.latched != 0) != rows[i].meant)
            fail_msg("row %zu", i);
        type.value = ((rows[i].mpidr >> 32) << 24 | (rows[i].mpidr & 0xffffff)) << 32 | 0x110;
        assert_int_equal(perform(&g, &type), type.value);
    }
}

/* A PE that was off and is on again: its interface as firmware leaves it, its interrupts as they were. */
static void test_pe_reset(void **state)
{
    static struct gic g;
    struct op ops[] = {
        {ICC_IS, 0, IAR1, 40, 0},       {ICC_, 0, CTLR, 2, 0},       {ICC_, 0, BPR1, 5, 0},
        {RED, 0, SGIS + 0x100, 1, 0},   {DIST, 0, 0x104, 1 << 9, 0}, /* 41, to any PE */
        {DIST, 0, 0x6148, 1u << 31, 8}, {SPI_LINE, 0, 41, 1, 0},     {SIGNALS, 1, 0, NONE, 0},
    };
    struct op after[] = {
        {ICC_IS, 0, RPR, 0xff, 0},      {ICC_IS, 0, CTLR, 0x8400, 0},
        {ICC_IS, 0, BPR1, 3, 0},        {ICC_IS, 0, IGRPEN1, 0, 0},
        {ICC_IS, 0, PMR, 0xf0, 0},      {RED_IS, 0, SGIS + 0x100, 1, 0},
        {DIST_IS, 0, 0x304, 1 << 8, 0}, {ICC_IS, 1, IGRPEN1, 1, 0},
        {SIGNALS, 1, 0, 41, 0},
    };

    (void)state;
    gic_reset(&g, plat_by_name("fvp"), 2);
    make_ready(&g);
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        assert_int_equal(perform(&g, &ops[i]), ops[i].value);
    gic_reset_pe(&g, 0);
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
        assert_int_equal(perform(&g, &after[i]), after[i].value);
}

/* --- whatever is done -------------------------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 20;
}

/* The interrupt that a PE should be signalled, by looking at each of them and remembering nothing. */
static unsigned should_signal(const struct gic *g, unsigned pe)
{
    const struct gic_pe *p = &g->pe[pe];
    unsigned best = NONE, priority = 0xff, running = 0xff;

    if (!g->group_enabled || !p->group_enabled)
        return NONE;
    for (unsigned i = 0; i < 32 * g->num_words; i++) {
        const struct gic_word *w = i < 32 ? &p->own : &g->spi[i / 32];
        uint32_t bit = 1u << i % 32;
        bool any = g->router[i] & 1u << 31;
        unsigned target =
            g->pe[0].group_enabled ? 0 : 1; /* where both take it, or only the other */
        bool pending = (w->latched & bit) || ((w->line & bit) && !(w->edge & bit));

        if (!pending || !(w->enabled & bit) || (w->active & bit) || !(w->visible & bit))
            continue;
        if (i >= 32 && (any ? target != pe : g->router[i] != g->mpidr[pe]))
            continue;
        if (w->priority[i % 32] < priority) {
            best = i;
            priority = w->priority[i % 32];
        }
    }
    for (unsigned level = 31; level >= 16; level--)
        if (p->active & 1u << level)
            running = (level - 16) * 16;
    if (best == NONE || priority >= p->mask)
        return NONE;
    return running == 0xff || (priority >> (p->bpr + 1) << (p->bpr + 1)) < running ? best : NONE;
}

/* An operation on registers, lines and interfaces, of those that matter more often than the rest. */
static void do_something(struct gic *g, uint64_t *seed)
{
    static const uint32_t icc[] = {PMR, AP1R0, DIR, SGI1R, IAR1, EOIR1, EOIR1, BPR1, CTLR, IGRPEN1};
    uint64_t r = next_random(seed), v = next_random(seed);
    unsigned pe = r & 1, offset = r >> 8 & 0xffc;
    struct plat_io io = {.offset = offset, .size = 4, .write = true, .value = v};

    switch (r >> 1 & 7) {
    case 0: gicd_access(g, &io); break;
    case 1:
        io.offset = 0x6000 + 4 * (uint32_t)(r >> 8 & 0x7f);
        io.value = v & 0x80000100;
        gicd_access(g, &io);
        break;
    case 2:
        io.offset = pe * 0x20000 + SGIS + offset;
        gicr_access(g, &io);
        break;
    case 3: gic_set_spi(g, 32 + (r >> 8 & 31), v & 1); break;
    case 4: gic_set_ppis(g, pe, (uint32_t)v); break;
    case 5:
        io.offset = 0;
        io.value = (v & 15) ? 2 : 0;
        gicd_access(g, &io);
        break;
    default:
        v = (r >> 30 & 3) == 0 ? 40 : v & 0xff; /* an INTID, a priority */
        gic_icc_access(g, pe, icc[(r >> 8) % 10], (r >> 20 & 7) != 0, &v);
        break;
    }
}

static void test_whatever_is_done(void **state)
{
    static struct gic g;
    uint64_t seed = 1;
    unsigned signalled = 0;

    (void)state;
    gic_reset(&g, plat_by_name("fvp"), 2);
    make_ready(&g);
    for (unsigned i = 0; i < 300000; i++) {
        do_something(&g, &seed);
        for (unsigned pe = 0; pe < 2; pe++) {
            unsigned should = should_signal(&g, pe), is = gic_signalled(&g, pe);

            if (is != should)
                fail_msg("step %u, PE %u: %u is signalled, %u should be", i, pe, is, should);
            signalled += is != NONE;
        }
    }
    assert_true(signalled > 10000); /* it does happen */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers), cmocka_unit_test(test_register_rules),
        cmocka_unit_test(test_types),     cmocka_unit_test(test_signalling),
        cmocka_unit_test(test_states),    cmocka_unit_test(test_priorities),
        cmocka_unit_test(test_sgis),      cmocka_unit_test(test_sgi_targets),
        cmocka_unit_test(test_pe_reset),  cmocka_unit_test(test_whatever_is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
