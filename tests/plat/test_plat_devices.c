/* SPDX-License-Identifier: BSD-3-Clause */
/* UART, watchdogs, and what else answers at an address: registers, what they do, and what time does to them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <ccasim/mem.h>
#include <ccasim/plat.h>

struct bench {
    struct machine *m;
    char sent[100]; /* unit and byte, as text */
};

static void hear(void *ctx, unsigned unit, uint8_t byte)
{
    struct bench *w = ctx;
    size_t n = strlen(w->sent);

    snprintf(w->sent + n, sizeof(w->sent) - n, "%u:%02x ", unit, byte);
}

static void open_bench(struct bench *w, const char *plat)
{
    struct impl impl;

    plat_impl(plat_by_name(plat), 0, &impl);
    assert_int_equal(machine_new(&impl, &w->m), CCA_OK);
    assert_int_equal(plat_attach(w->m, plat_by_name(plat)), CCA_OK);
    w->m->plat->uart = hear;
    w->m->plat->uart_ctx = w;
    w->sent[0] = '\0';
}

static void close_bench(struct bench *w)
{
    plat_detach(w->m);
    machine_free(w->m);
}

static uint64_t base_of(const struct bench *w, enum plat_kind kind)
{
    const struct plat_region *r = plat_find(w->m->plat->desc, kind, 0);

    assert_non_null(r);
    return r->base;
}

/* --- registers ---------------------------------------------------------------------------------------------------- */

struct reg {
    enum plat_kind kind;
    const char *name;
    uint32_t at;
    uint32_t reset, ones, zeros;
};
static const struct reg regs[] = {
    {PLAT_PL011, "DR", 0x000, 0, 0, 0}, /* nothing is received */
    {PLAT_PL011, "RSR", 0x004, 0, 0, 0},
    {PLAT_PL011, "FR", 0x018, 0x90, 0x90, 0x90},
    {PLAT_PL011, "ILPR", 0x020, 0, 0xff, 0},
    {PLAT_PL011, "IBRD", 0x024, 0, 0xffff, 0},
    {PLAT_PL011, "FBRD", 0x028, 0, 0x3f, 0},
    {PLAT_PL011, "LCR_H", 0x02c, 0, 0xff, 0},
    {PLAT_PL011, "CR", 0x030, 0x300, 0xff87, 0},
    {PLAT_PL011, "IFLS", 0x034, 0x12, 0x3f, 0},
    {PLAT_PL011, "IMSC", 0x038, 0, 0x7ff, 0},
    {PLAT_PL011, "RIS", 0x03c, 0, 0, 0},
    {PLAT_PL011, "MIS", 0x040, 0, 0, 0},
    {PLAT_PL011, "ICR", 0x044, 0, 0, 0},
    {PLAT_PL011, "DMACR", 0x048, 0, 7, 0},
    {PLAT_PL011, "PeriphID0", 0xfe0, 0x11, 0x11, 0x11},
    {PLAT_PL011, "PeriphID1", 0xfe4, 0x10, 0x10, 0x10},
    {PLAT_PL011, "PCellID0", 0xff0, 0x0d, 0x0d, 0x0d},
    {PLAT_PL011, "PCellID3", 0xffc, 0xb1, 0xb1, 0xb1},
    {PLAT_SP805, "LOAD", 0x000, 0xffffffff, 0xffffffff, 0},
    {PLAT_SP805, "VALUE", 0x004, 0xffffffff, 0xffffffff, 0xffffffff},
    {PLAT_SP805, "CONTROL", 0x008, 0, 3, 0},
    {PLAT_SP805, "INTCLR", 0x00c, 0, 0, 0},
    {PLAT_SP805, "RIS", 0x010, 0, 0, 0},
    {PLAT_SP805, "MIS", 0x014, 0, 0, 0},
    {PLAT_SP805, "LOCK", 0xc00, 0, 1, 1}, /* locked, if it was not the key */
    {PLAT_SP805, "PeriphID0", 0xfe0, 0x05, 0x05, 0x05},
    {PLAT_SP805, "PCellID2", 0xff8, 0x05, 0x05, 0x05},
    {PLAT_SP805, "PCellID3", 0xffc, 0xb1, 0xb1, 0xb1},
    {PLAT_SBSA_WDT_CONTROL, "WCS", 0x000, 0, 1, 0},
    {PLAT_SBSA_WDT_CONTROL, "WOR", 0x008, 0, 0xffffffff, 0},
    {PLAT_SBSA_WDT_CONTROL, "WCV", 0x010, 0, 0xffffffff, 0},
    {PLAT_SBSA_WDT_CONTROL, "WCV, high", 0x014, 0, 0xffffffff, 0},
    {PLAT_SBSA_WDT_CONTROL, "W_IIDR", 0xfcc, 0x43b, 0x43b, 0x43b},
    {PLAT_SBSA_WDT_REFRESH, "WRR", 0x000, 0, 0, 0},
    {PLAT_SBSA_WDT_REFRESH, "W_IIDR", 0xfcc, 0x43b, 0x43b, 0x43b},
};

static void check_reg(const struct reg *r, const char *plat)
{
    static const char *const when[] = {"after reset", "after ones", "after zeros"};
    const uint32_t expected[] = {r->reset, r->ones, r->zeros};
    struct bench w;
    uint64_t pa;

    open_bench(&w, plat);
    pa = base_of(&w, r->kind) + r->at;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t v = i == 1 ? 0xffffffff : 0;

        if (i)
            assert_true(plat_access(w.m, 0, pa, 4, true, &v));
        assert_true(plat_access(w.m, 0, pa, 4, false, &v));
        if (v != expected[i])
            fail_msg("%s %s: 0x%llx, not 0x%x", r->name, when[i], (unsigned long long)v,
                     expected[i]);
    }
    close_bench(&w);
}

static void test_registers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
        check_reg(&regs[i], "small");
        check_reg(&regs[i], "fvp");
    }
}

/* --- effects, on fvp ------------------------------------------------------------------------------------------------ */

enum what {
    END,
    WRITE,
    READ,
    REFUSED,
    AT,      /* virtual time is `value` */
    DUE,     /* plat_deadline() */
    PENDING, /* the GIC finds INTID `at` pending: `value` 1 */
    RESETS,  /* `value` 1: somebody wants one */
};
struct op {
    enum what what;
    enum plat_kind kind;
    uint32_t at;
    uint64_t value;
    unsigned size; /* 0: 4 */
};
struct rule {
    const char *name;
    const char *why; /* of the reset */
    struct op op[32];
};
#define UART       PLAT_PL011
#define WDOG       PLAT_SP805
#define WDT        PLAT_SBSA_WDT_CONTROL
#define REFRESH    PLAT_SBSA_WDT_REFRESH
#define INTID_UART 39
#define INTID_WDOG 32
#define INTID_WDT  59

static uint64_t access_is(const struct bench *w, const struct op *o)
{
    uint64_t v = o->what == WRITE ? o->value : 0;
    bool ok = plat_access(w->m, 0, base_of(w, o->kind) + o->at, o->size ? o->size : 4,
                          o->what == WRITE, &v);

    if (o->what == REFUSED)
        return ok ? ~o->value : o->value;
    return ok ? v : ~o->value;
}

static uint64_t pending(const struct bench *w, uint32_t intid)
{
    uint64_t v = 0;

    plat_advance(w->m);
    assert_true(
        plat_access(w->m, 0, base_of(w, PLAT_GICD) + 0x200 + 4 * (intid / 32), 4, false, &v));
    return v >> intid % 32 & 1;
}

static uint64_t perform(const struct bench *w, const struct op *o)
{
    switch (o->what) {
    case AT: w->m->vtime = o->value; return o->value; /* who looks is told the truth of now */
    case DUE: plat_advance(w->m); return plat_deadline(w->m);
    case PENDING: return pending(w, o->at);
    case RESETS: plat_advance(w->m); return w->m->plat->wants_reset != NULL;
    default: return access_is(w, o);
    }
}

static void run_rules(const struct rule *rules, size_t count)
{
    for (size_t r = 0; r < count; r++) {
        struct bench w;

        open_bench(&w, "fvp");
        for (unsigned i = 0; rules[r].op[i].what != END; i++) {
            uint64_t seen = perform(&w, &rules[r].op[i]);

            if (seen != rules[r].op[i].value)
                fail_msg("%s, operation %u: 0x%llx, not 0x%llx", rules[r].name, i + 1,
                         (unsigned long long)seen, (unsigned long long)rules[r].op[i].value);
        }
        plat_advance(w.m);
        if (rules[r].why)
            assert_string_equal(w.m->plat->wants_reset, rules[r].why);
        else
            assert_null(w.m->plat->wants_reset);
        close_bench(&w);
    }
}

static const struct rule uart_rules[] = {
    {"the FIFO is empty again after each byte: an interrupt, if it is wanted",
     NULL,
     {{WRITE, UART, 0x00, 'a', 1},
      {READ, UART, 0x3c, 0x20, 0},
      {READ, UART, 0x40, 0, 0},
      {PENDING, 0, INTID_UART, 0, 0},
      {WRITE, UART, 0x38, 0x20, 0},
      {READ, UART, 0x40, 0x20, 0},
      {PENDING, 0, INTID_UART, 1, 0},
      {WRITE, UART, 0x44, 0x10, 0}, /* another one's clear */
      {PENDING, 0, INTID_UART, 1, 0},
      {WRITE, UART, 0x44, 0x7ff, 0},
      {READ, UART, 0x3c, 0, 0},
      {PENDING, 0, INTID_UART, 0, 0}}},
    {"narrow accesses are to the low part of a register",
     NULL,
     {{WRITE, UART, 0x24, 0x1234, 2},
      {READ, UART, 0x24, 0x1234, 2},
      {READ, UART, 0x24, 0x34, 1},
      {READ, UART, 0x18, 0x90, 1},
      {REFUSED, UART, 0x25, 0, 1},
      {REFUSED, UART, 0x26, 0, 2},
      {REFUSED, UART, 0x20, 0, 8}}},
    {"nothing behind the registers",
     NULL,
     {{READ, UART, 0x1000, 0, 0}, {READ, UART, 0xfffc, 0, 0}}},
};

static const struct rule sp805_rules[] = {
    {"counts down at 24 MHz, not before it is told to",
     NULL,
     {{AT, 0, 0, 1000, 0},
      {WRITE, WDOG, 0x00, 2400, 0},
      {AT, 0, 0, 2000, 0},
      {READ, WDOG, 0x04, 2400, 0},
      {DUE, 0, 0, TIME_NEVER, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {DUE, 0, 0, 12000, 0},
      {AT, 0, 0, 2100, 0},
      {READ, WDOG, 0x04, 2376, 0},
      {AT, 0, 0, 11999, 0},
      {READ, WDOG, 0x04, 1, 0},
      {READ, WDOG, 0x10, 0, 0}}},
    {"zero: interrupt, and again from LOAD",
     NULL,
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 9999, 0},
      {PENDING, 0, INTID_WDOG, 0, 0},
      {AT, 0, 0, 10000, 0},
      {PENDING, 0, INTID_WDOG, 1, 0},
      {READ, WDOG, 0x10, 1, 0},
      {READ, WDOG, 0x14, 1, 0},
      {READ, WDOG, 0x04, 2400, 0},
      {AT, 0, 0, 10100, 0},
      {READ, WDOG, 0x04, 2376, 0},
      {WRITE, WDOG, 0x0c, 0, 0}, /* whatever is written */
      {READ, WDOG, 0x10, 0, 0},
      {READ, WDOG, 0x04, 2400, 0},
      {PENDING, 0, INTID_WDOG, 0, 0},
      {DUE, 0, 0, 20100, 0}}},
    {"zero again, the interrupt not cleared: reset",
     "SP805 watchdog",
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 3, 0},
      {AT, 0, 0, 10000, 0},
      {RESETS, 0, 0, 0, 0},
      {DUE, 0, 0, 20000, 0},
      {AT, 0, 0, 19999, 0},
      {RESETS, 0, 0, 0, 0},
      {AT, 0, 0, 20000, 0},
      {RESETS, 0, 0, 1, 0},
      {DUE, 0, 0, TIME_NEVER, 0}}},
    {"both at once, when time has jumped",
     "SP805 watchdog",
     {{WRITE, WDOG, 0x00, 2400, 0}, {WRITE, WDOG, 0x08, 3, 0}, {AT, 0, 0, 1000000, 0}}},
    {"cleared in time: no reset",
     NULL,
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 3, 0},
      {AT, 0, 0, 19999, 0},
      {WRITE, WDOG, 0x0c, 1, 0},
      {AT, 0, 0, 29999, 0},
      {PENDING, 0, INTID_WDOG, 1, 0}}},
    {"without RESEN: no reset, ever; the count goes round",
     NULL,
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 10000, 0},
      {DUE, 0, 0, TIME_NEVER, 0},
      {AT, 0, 0, 95000, 0},
      {READ, WDOG, 0x04, 1200, 0},
      {PENDING, 0, INTID_WDOG, 1, 0}}},
    {"RESEN while the interrupt is there: at the next zero",
     "SP805 watchdog",
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 95000, 0},
      {WRITE, WDOG, 0x08, 3, 0},
      {DUE, 0, 0, 100000, 0},
      {AT, 0, 0, 100000, 0}}},
    {"off: it stops where it is, and starts again from LOAD",
     NULL,
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 5000, 0},
      {WRITE, WDOG, 0x08, 0, 0},
      {DUE, 0, 0, TIME_NEVER, 0},
      {AT, 0, 0, 7000, 0},
      {READ, WDOG, 0x04, 1200, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {READ, WDOG, 0x04, 2400, 0}}},
    {"off: no line, the raw status stays",
     NULL,
     {{WRITE, WDOG, 0x00, 24, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 100, 0},
      {WRITE, WDOG, 0x08, 0, 0},
      {READ, WDOG, 0x10, 1, 0},
      {READ, WDOG, 0x14, 0, 0},
      {PENDING, 0, INTID_WDOG, 0, 0}}},
    {"LOAD starts it anew",
     NULL,
     {{WRITE, WDOG, 0x00, 2400, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {AT, 0, 0, 9000, 0},
      {WRITE, WDOG, 0x00, 4800, 0},
      {DUE, 0, 0, 29000, 0}}},
    {"LOAD 0: at the next tick",
     NULL,
     {{WRITE, WDOG, 0x00, 0, 0},
      {WRITE, WDOG, 0x08, 1, 0},
      {DUE, 0, 0, 5, 0},
      {AT, 0, 0, 5, 0},
      {READ, WDOG, 0x10, 1, 0}}},
    {"locked: writes do nothing until the key comes",
     NULL,
     {{WRITE, WDOG, 0xc00, 1, 0},
      {READ, WDOG, 0xc00, 1, 0},
      {WRITE, WDOG, 0x00, 5, 0},
      {READ, WDOG, 0x00, 0xffffffff, 0},
      {WRITE, WDOG, 0x08, 3, 0},
      {READ, WDOG, 0x08, 0, 0},
      {WRITE, WDOG, 0xc00, 0x1acce551, 0},
      {READ, WDOG, 0xc00, 0, 0},
      {WRITE, WDOG, 0x00, 5, 0},
      {READ, WDOG, 0x00, 5, 0}}},
};

static const struct rule wdt_rules[] = {
    {"compares with the system counter; not before it is on",
     NULL,
     {{AT, 0, 0, 100, 0},
      {WRITE, WDT, 0x08, 1000, 0},
      {READ, WDT, 0x10, 1100, 0},
      {DUE, 0, 0, TIME_NEVER, 0},
      {AT, 0, 0, 5000, 0},
      {READ, WDT, 0x00, 0, 0},
      {WRITE, WDT, 0x00, 1, 0},
      {READ, WDT, 0x10, 6000, 0},
      {DUE, 0, 0, 6001, 0}}},
    {"past the compare value: WS0 and its interrupt; past the next: reset",
     "generic watchdog",
     {{WRITE, WDT, 0x08, 1000, 0},
      {WRITE, WDT, 0x00, 1, 0},
      {AT, 0, 0, 1000, 0},
      {PENDING, 0, INTID_WDT, 0, 0},
      {AT, 0, 0, 1001, 0},
      {PENDING, 0, INTID_WDT, 1, 0},
      {READ, WDT, 0x00, 3, 0},
      {READ, WDT, 0x10, 2001, 0},
      {DUE, 0, 0, 2002, 0},
      {AT, 0, 0, 2001, 0},
      {RESETS, 0, 0, 0, 0},
      {AT, 0, 0, 2002, 0},
      {RESETS, 0, 0, 1, 0},
      {READ, WDT, 0x00, 7, 0}}},
    {"a refresh takes WS0 back",
     NULL,
     {{WRITE, WDT, 0x08, 1000, 0},
      {WRITE, WDT, 0x00, 1, 0},
      {AT, 0, 0, 1500, 0},
      {WRITE, REFRESH, 0x00, 0, 0},
      {READ, WDT, 0x00, 1, 0},
      {PENDING, 0, INTID_WDT, 0, 0},
      {READ, WDT, 0x10, 2500, 0},
      {AT, 0, 0, 2500, 0},
      {READ, WDT, 0x00, 1, 0}}},
    {"so does a write to the offset",
     NULL,
     {{WRITE, WDT, 0x08, 1000, 0},
      {WRITE, WDT, 0x00, 1, 0},
      {AT, 0, 0, 1500, 0},
      {WRITE, WDT, 0x08, 10, 0},
      {READ, WDT, 0x00, 1, 0},
      {DUE, 0, 0, 1511, 0}}},
    {"and one to the control register, which cannot set the stages",
     NULL,
     {{WRITE, WDT, 0x08, 1000, 0},
      {WRITE, WDT, 0x00, 7, 0},
      {READ, WDT, 0x00, 1, 0},
      {AT, 0, 0, 1500, 0},
      {READ, WDT, 0x00, 3, 0},
      {WRITE, WDT, 0x00, 0, 0},
      {READ, WDT, 0x00, 0, 0},
      {PENDING, 0, INTID_WDT, 0, 0},
      {DUE, 0, 0, TIME_NEVER, 0}}},
    {"reading refreshes nothing",
     NULL,
     {{WRITE, WDT, 0x08, 1000, 0},
      {WRITE, WDT, 0x00, 1, 0},
      {AT, 0, 0, 900, 0},
      {READ, REFRESH, 0x00, 0, 0},
      {READ, WDT, 0x10, 1000, 0}}},
    {"the compare value can be written",
     NULL,
     {{WRITE, WDT, 0x00, 1, 0},
      {WRITE, WDT, 0x10, 0x500, 0},
      {WRITE, WDT, 0x14, 1, 0},
      {DUE, 0, 0, 0x100000501, 0}}},
    {"the counter never passes the greatest",
     NULL,
     {{WRITE, WDT, 0x00, 1, 0},
      {WRITE, WDT, 0x10, 0xffffffff, 0},
      {WRITE, WDT, 0x14, 0xffffffff, 0},
      {DUE, 0, 0, TIME_NEVER, 0}}},
    {"64 bits at once are refused",
     NULL,
     {{REFUSED, WDT, 0x10, 0, 8}, {REFUSED, REFRESH, 0x00, 0, 8}}},
};

static const struct rule other_rules[] = {
    {"no PCIe function anywhere",
     NULL,
     {{READ, PLAT_ECAM, 0, 0xffffffff, 0},
      {READ, PLAT_ECAM, 0x100000, 0xffff, 2},
      {READ, PLAT_ECAM, 0xfffffff, 0xff, 1},
      {WRITE, PLAT_ECAM, 4, 0, 0},
      {READ, PLAT_ECAM, 0, UINT64_MAX, 8}}},
    {"what is ignored reads as zero",
     NULL,
     {{WRITE, PLAT_IGNORED, 0, 5, 0}, {READ, PLAT_IGNORED, 0, 0, 0}}},
    {"the Secure world's refuse a Non-secure access",
     NULL,
     {{REFUSED, PLAT_SECURE, 0, 0, 0}, {REFUSED, PLAT_SECURE, 0x1000, 0, 8}}},
    {"the system counter, in one part or two",
     NULL,
     {{AT, 0, 0, 0x300000005, 0},
      {READ, PLAT_COUNTER, 0, 0x300000005, 8},
      {READ, PLAT_COUNTER, 0, 5, 0},
      {READ, PLAT_COUNTER, 4, 3, 0},
      {WRITE, PLAT_COUNTER, 0, 0, 8},
      {READ, PLAT_COUNTER, 0, 0x300000005, 8},
      {READ, PLAT_COUNTER, 8, 0, 0},
      {REFUSED, PLAT_COUNTER, 0, 0, 1}}},
    {"an access that is not aligned",
     NULL,
     {{REFUSED, PLAT_GICD, 2, 0, 0}, {REFUSED, PLAT_GICD, 0x6104, 0, 8}}},
};
#define RUN(rules) run_rules(rules, sizeof(rules) / sizeof((rules)[0]))

static void test_uart(void **state)
{
    (void)state;
    RUN(uart_rules);
}

static void test_sp805(void **state)
{
    (void)state;
    RUN(sp805_rules);
}

static void test_generic_watchdog(void **state)
{
    (void)state;
    RUN(wdt_rules);
}

static void test_others(void **state)
{
    (void)state;
    RUN(other_rules);
}

/* Bytes pass as they are, each with the number of its UART; bits above them are not data. */
static void test_uart_sends(void **state)
{
    static const uint64_t words[] = {'H', '\n', '\r', 0, 0xff, 0x141};
    struct bench w;
    const struct plat_region *third;

    (void)state;
    open_bench(&w, "fvp");
    third = plat_find(w.m->plat->desc, PLAT_PL011, 3);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        uint64_t v = words[i];

        assert_true(plat_access(w.m, 0, base_of(&w, PLAT_PL011), 4, true, &v));
    }
    assert_true(plat_access(w.m, 0, third->base, 1, true, &(uint64_t){'x'}));
    assert_string_equal(w.sent, "0:48 0:0a 0:0d 0:00 0:ff 0:41 3:78 ");
    w.m->plat->uart = NULL;
    assert_true(plat_access(w.m, 0, third->base, 1, true, &(uint64_t){'y'}));
    assert_string_equal(w.sent, "0:48 0:0a 0:0d 0:00 0:ff 0:41 3:78 ");
    close_bench(&w);
}

/* Reset: every device as at the start, whatever time it is, no PE on; memory, NVM with it, is not the devices'. */
static void test_reset(void **state)
{
    struct bench w;
    uint64_t nvm, v;

    (void)state;
    open_bench(&w, "fvp");
    nvm = base_of(&w, PLAT_NVM);
    mem_write(w.m, nvm, &(uint64_t){0x1234}, 8, OWNER_HOST, 0);
    w.m->plat->pe[1].on = true;
    w.m->plat->wants_off = "PSCI SYSTEM_OFF";
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
            v = 0;
            assert_true(plat_access(w.m, 0, base_of(&w, regs[i].kind) + regs[i].at, 4, false, &v));
            assert_int_equal(v, regs[i].reset);
        }
        if (round)
            break;
        for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
            v = regs[i].at == 0xc00 ? 0x1acce551 : 7;
            assert_true(plat_access(w.m, 0, base_of(&w, regs[i].kind) + regs[i].at, 4, true, &v));
        }
        w.m->vtime = 1000000;
        plat_advance(w.m);
        assert_non_null(w.m->plat->wants_reset);
        plat_reset(w.m);
        assert_true(plat_deadline(w.m) == TIME_NEVER);
    }
    assert_null(w.m->plat->wants_reset);
    assert_null(w.m->plat->wants_off);
    assert_false(w.m->plat->pe[1].on);
    assert_int_equal(mem_read64(w.m, nvm), 0x1234);
    close_bench(&w);
}

/* From a device's line to the PE, and from the PE's own timer: what plat_irq() says is what ICC_IAR1_EL1 then gives. */
#define IAR1  SYSREG(3, 0, 12, 12, 0)
#define EOIR1 SYSREG(3, 0, 12, 12, 1)
static void set(const struct bench *w, uint64_t pa, uint64_t v)
{
    assert_true(plat_access(w->m, 0, pa, 4, true, &v));
}

static uint64_t icc(const struct bench *w, unsigned pe, uint32_t reg, bool write, uint64_t v)
{
    assert_int_equal(plat_icc_access(w->m, pe, reg, write, &v), SYSREG_OK);
    return v;
}

static void test_interrupts_arrive(void **state)
{
    struct bench w;
    uint64_t gicd, gicr;

    (void)state;
    open_bench(&w, "fvp");
    gicd = base_of(&w, PLAT_GICD);
    gicr = base_of(&w, PLAT_GICR) + 0x20000; /* PE 1 */
    set(&w, gicd, 2);
    set(&w, gicd + 0x104, 1u << (INTID_WDT - 32));
    set(&w, gicd + 0x6000 + 8 * INTID_WDT, 0x100);
    set(&w, gicd + 0x400 + (INTID_WDT & ~3u), 0x80000000);
    set(&w, gicr + 0x10100, 1u << 26);
    set(&w, gicr + 0x10418, 0x400000); /* 26: priority 0x40 */
    icc(&w, 1, SYSREG(3, 0, 12, 12, 7), true, 1);
    set(&w, base_of(&w, WDT) + 8, 100);
    set(&w, base_of(&w, WDT), 1);
    w.m->plat->pe[1].el2[HS_CNTHP_CVAL_EL2] = 150;
    w.m->plat->pe[1].el2[HS_CNTHP_CTL_EL2] = 1;
    assert_false(plat_irq(w.m, 1));
    w.m->vtime = 101;
    assert_true(plat_irq(w.m, 1)); /* by itself: who asks is told the truth of now */
    assert_false(plat_irq(w.m, 0));
    assert_int_equal(icc(&w, 1, IAR1, false, 0), INTID_WDT);
    assert_false(plat_irq(w.m, 1));
    w.m->vtime = 150;
    assert_true(plat_irq(w.m, 1)); /* preempts */
    assert_int_equal(icc(&w, 1, IAR1, false, 0), 26);
    w.m->plat->pe[1].el2[HS_CNTHP_CTL_EL2] = 0;
    icc(&w, 1, EOIR1, true, 26);
    assert_int_equal(icc(&w, 1, IAR1, false, 0), 1023);
    plat_deactivate(w.m, 1, INTID_WDT); /* of a guest: the priority is not dropped */
    assert_false(plat_irq(w.m, 1));
    icc(&w, 1, EOIR1, true, 1000);
    assert_true(plat_irq(w.m, 1)); /* its line is still high */
    set(&w, base_of(&w, REFRESH), 0);
    assert_false(plat_irq(w.m, 1));
    w.m->vtime += 101;
    assert_int_equal(icc(&w, 1, IAR1, false, 0), INTID_WDT);
    plat_pe_reset(w.m, 1);
    assert_int_equal(icc(&w, 1, SYSREG(3, 0, 12, 12, 7), false, 0), 0);
    close_bench(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_uart),
        cmocka_unit_test(test_uart_sends),
        cmocka_unit_test(test_sp805),
        cmocka_unit_test(test_generic_watchdog),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_interrupts_arrive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
