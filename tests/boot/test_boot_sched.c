/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PEs in turn, waiting, time, resets and ends of a run, with a CPU that has a handful of instructions: a program is a
 * table, and the program counter says how far it has come. What happens is a text, which is compared.
 */
#include <ccasim/boot.h>
#include <ccasim/mem.h>
#include <ccasim/rmm.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the CPU ------------------------------------------------------------------------------------------------------ */

enum op {
    OP_RUN,
    OP_SMC,
    OP_WFI,
    OP_WFE,
    OP_SEV,
    OP_TIMER,
    OP_MMIO,
    OP_LOCK,
    OP_NVM,
    OP_REALM,
    OP_STUCK,
    OP_FAIL,
    OP_COUNT
};
static const char *const op_names[OP_COUNT] = {
    [OP_RUN] = "run", [OP_SMC] = "smc",     [OP_WFI] = "wfi",     [OP_WFE] = "wfe",
    [OP_SEV] = "sev", [OP_TIMER] = "timer", [OP_MMIO] = "mmio",   [OP_LOCK] = "lock",
    [OP_NVM] = "nvm", [OP_REALM] = "realm", [OP_STUCK] = "stuck", [OP_FAIL] = "fail",
};
struct insn {
    enum op op;
    uint64_t a[4];
};

#define CODE      0x41000000ull
#define CODE1     0x41001000ull /* of PE 1 */
#define LOCKED    0x41002000ull
#define NVM       0x42000000ull
#define WATCHDOG  0x09010000ull
#define CNTHP_PPI 26
#define GICD      0x08000000ull
#define GICR_SGI  0x080B0000ull /* frame of PE 0 */

struct cpu {
    struct machine *m;
    struct cpu_stats stats;
    const struct insn *program[2]; /* at CODE, at CODE1 */
    uint64_t ran[CCA_MAX_PES];     /* of the OP_RUN at PC */
    char log[8192];
    size_t used;
};
static struct cpu the_cpu;

static void logf_(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void logf_(const char *fmt, ...)
{
    struct cpu *c = &the_cpu;
    va_list ap;

    va_start(ap, fmt);
    c->used += (size_t)vsnprintf(c->log + c->used, sizeof(c->log) - c->used, fmt, ap);
    va_end(ap);
    assert_true(c->used < sizeof(c->log));
}

int cpu_new(struct cpu **out)
{
    *out = &the_cpu;
    return CCA_OK;
}

void cpu_free(struct cpu *c)
{
    (void)c;
}

int cpu_bind(struct cpu *c, struct machine *m)
{
    c->m = m;
    return CCA_OK;
}

void cpu_set_options(struct cpu *c, const struct cpu_options *o)
{
    (void)c;
    assert_true(o->virtual_time);
}

const struct cpu_stats *cpu_get_stats(const struct cpu *c)
{
    return &c->stats;
}

/* A Realm in which nothing is executed. */
static int enter_realm(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct cpu *c = ctx;

    assert_ptr_equal(c->m, m);
    assert_int_equal(pe, 0);
    *exc = (struct realm_exception){.vector = VEC_SYNC};
    return CCA_OK;
}

static void forget(void *ctx, struct machine *m)
{
    (void)ctx;
    (void)m;
}

static void forget_code(void *ctx, struct machine *m, uint64_t granule)
{
    (void)granule;
    forget(ctx, m);
}

const struct realm_cpu_ops unicorn_cpu = {
    .name = "table",
    .enter = enter_realm,
    .flush_tlb = forget,
    .flush_code = forget_code,
    .reset = forget,
};

static void tick(struct cpu *c, struct machine *m, uint64_t n)
{
    m->vtime += n;
    c->stats.insns += n;
}

/* The rest of an OP_RUN, as far as the slice goes, and the devices. True: all of it. */
static bool run(struct cpu *c, struct machine *m, unsigned pe, uint64_t n, uint64_t until)
{
    uint64_t left = n - c->ran[pe], now;

    if (until > plat_deadline(m))
        until = plat_deadline(m);
    now = until > m->vtime ? until - m->vtime : 0;
    now = now < left ? now : left;
    tick(c, m, now);
    plat_advance(m);
    c->ran[pe] += now;
    if (now < left)
        return false;
    c->ran[pe] = 0;
    return true;
}

static void set_timer(struct machine *m, unsigned pe, uint64_t n)
{
    uint64_t group = 2, ppi = 1u << CNTHP_PPI, enable = 1;

    assert_true(plat_access(m, pe, GICD, 4, true, &group));
    assert_true(plat_access(m, pe, GICR_SGI + 0x20000ul * pe + 0x100, 4, true, &ppi));
    assert_int_equal(plat_icc_access(m, pe, SYSREG(3, 0, 12, 12, 7), true, &enable), SYSREG_OK);
    m->plat->pe[pe].el2[HS_CNTHP_CTL_EL2] = n != 0;
    m->plat->pe[pe].el2[HS_CNTHP_CVAL_EL2] = m->vtime + n;
}

static bool take_event(struct machine *m, unsigned pe)
{
    bool event = m->plat->pe[pe].event;

    m->plat->pe[pe].event = false;
    return event;
}

/* Counts in the first byte of the NVM. */
static void count_in_nvm(struct machine *m)
{
    uint8_t byte;

    mem_read(m, NVM, &byte, 1);
    logf_("=%u", byte++);
    mem_write(m, NVM, &byte, 1, OWNER_HOST, 0);
}

/* An RMM that enters the Realm again and again. */
static void run_realm(struct machine *m, unsigned pe, uint64_t times)
{
    struct realm_exception exc;
    uint64_t n = 0;

    while (n < times && !m->plat->wants_reset) {
        n++;
        assert_int_equal(m->cpu->enter(m->cpu_ctx, m, pe, &exc), CCA_OK);
        plat_advance(m);
    }
    logf_("*%llu", (unsigned long long)n);
}

/* True: on to the next. */
static bool execute(struct cpu *c, struct machine *m, unsigned pe, const struct insn *i,
                    uint64_t until, enum cpu_host_why *why)
{
    uint64_t value = i->a[2];

    if (i->op != OP_RUN) {
        if (m->vtime >= until)
            return false;
        logf_(" %u:%s@%llu", pe, op_names[i->op], (unsigned long long)m->vtime);
        tick(c, m, 1);
        m->pe[pe].r.pc += 4;
    }
    switch (i->op) {
    case OP_RUN:
        if (!run(c, m, pe, i->a[0], until))
            return false;
        m->pe[pe].r.pc += 4;
        break;
    case OP_SMC:
        memcpy(m->pe[pe].r.x, i->a, sizeof(i->a));
        *why = CPU_HOST_SMC;
        return false;
    case OP_WFI: *why = CPU_HOST_WFI; return false;
    case OP_WFE: *why = CPU_HOST_WFE; return take_event(m, pe);
    case OP_SEV: *why = CPU_HOST_SEV; return false;
    case OP_TIMER: set_timer(m, pe, i->a[0]); break;
    case OP_MMIO: assert_true(plat_access(m, pe, i->a[0], (unsigned)i->a[1], true, &value)); break;
    case OP_LOCK: m->gst[granule_index(m, i->a[0])].lock = (uint8_t)i->a[1]; break;
    case OP_NVM: count_in_nvm(m); break;
    case OP_REALM: run_realm(m, pe, i->a[0]); break;
    case OP_STUCK: *why = CPU_HOST_STUCK; return false;
    default: *why = CPU_HOST_BREAK; return false;
    }
    return true;
}

int cpu_host_run(struct cpu *c, struct machine *m, unsigned pe, uint64_t until,
                 enum cpu_host_why *why)
{
    const uint64_t *pc = &m->pe[pe].r.pc;
    const struct insn *i;

    assert_ptr_equal(c->m, m);
    do {
        *why = m->plat->wants_reset ? CPU_HOST_RESET : CPU_HOST_SLICE;
        i = *pc >= CODE1 ? &c->program[1][(*pc - CODE1) / 4] : &c->program[0][(*pc - CODE) / 4];
        if (i->op == OP_FAIL)
            return CCA_ERR_CPU;
    } while (*why == CPU_HOST_SLICE && execute(c, m, pe, i, until, why));
    return CCA_OK;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define RUN(n)     {OP_RUN, {n}}
#define SMC(...)   {OP_SMC, {__VA_ARGS__}}
#define CPU_ON_PE1 SMC(PSCI_CPU_ON, 1, CODE1, 0)
#define OFF        SMC(PSCI_CPU_OFF)
#define WFI        {OP_WFI, {0}}
#define WFE        {OP_WFE, {0}}
#define SEV        {OP_SEV, {0}}
#define TIMER(n)   {OP_TIMER, {n}} /* the interrupt of CNTHP, so much later */
#define NO_TIMER   TIMER(0)
#define HOLD(pe)   {OP_LOCK, {LOCKED, pe}} /* plus one; 0: free */
/* SP805, 1 MHz: LOAD, then INTEN and RESEN; it runs down twice. */
#define WATCH(us)  {OP_MMIO, {WATCHDOG, 4, us}}, {OP_MMIO, {WATCHDOG + 8, 4, 3}}
/* clang-format on */

struct run {
    const char *name;
    struct boot_options opt;
    struct insn program[2][24];
    const char *log;
    const char *why; /* how it begins */
    enum boot_end end;
    uint64_t vtime;
    unsigned resets;
    uint64_t rmi_calls, other_smcs;
};

static const uint8_t image[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct boot_image images[] = {{"image", CODE, image, sizeof(image)}};

static void on_call(void *ctx, const struct boot_call *c)
{
    (void)ctx;
    logf_(" call%llu(pe%u,%llx,%llx)", (unsigned long long)c->number, c->pe,
          (unsigned long long)c->pc, (unsigned long long)(c->out ? c->out[0] : 0));
    assert_int_equal(c->num_findings, 0);
    if (c->out)
        assert_non_null(c->verdict);
}

static struct boot *start(const struct run *r, const struct insn program[2][24])
{
    struct boot_options opt = r->opt;
    char why[128] = "";
    struct boot *b;

    memset(&the_cpu, 0, sizeof(the_cpu));
    the_cpu.program[0] = program[0];
    the_cpu.program[1] = program[1];
    opt.plat = plat_by_name("small");
    opt.image = images;
    opt.num_images = 1;
    opt.entry = CODE;
    opt.check = CHECK_ALL;
    opt.on_call = on_call;
    opt.slice = opt.slice ? opt.slice : 100;
    assert_int_equal(boot_new(&opt, &b, why, sizeof(why)), CCA_OK);
    return b;
}

static const struct run runs[] = {
    {"one PE that waits for nothing", .program = {{RUN(250), WFI}}, .log = " 0:wfi@250",
     .why = "all PEs wait for an interrupt that cannot come; PE 0 at 0x41000008", .end = BOOT_WFI,
     .vtime = 251},
    {"a timer ends a wait", .program = {{TIMER(5000), WFI, RUN(10), OFF}},
     .log = " 0:timer@0 0:wfi@1 0:smc@5011", .why = "PE 0 called CPU_OFF, and no other is on",
     .end = BOOT_OFF, .vtime = 5012, .other_smcs = 1},
    {"RMIs are judged and numbered",
     .program = {{SMC(RMI_VERSION, ABI_1_0), SMC(0xC4000156), SMC(PSCI_VERSION), SMC(RMI_FEATURES),
                  WFI}},
     .log = " 0:smc@0 call1(pe0,41000000,0) 0:smc@1 call2(pe0,41000004,ffffffffffffffff) 0:smc@2"
            " 0:smc@3 call3(pe0,4100000c,0) 0:wfi@4",
     .why = "all PEs wait", .end = BOOT_WFI, .vtime = 5, .rmi_calls = 3, .other_smcs = 1},
    {"two PEs in turn", .program = {{CPU_ON_PE1, RUN(150), SEV, WFI}, {RUN(120), WFI}},
     .log = " 0:smc@0 0:sev@251 0:wfi@252 1:wfi@273",
     .why = "all PEs wait for an interrupt that cannot come; PE 1 at 0x41001008", .end = BOOT_WFI,
     .vtime = 274, .other_smcs = 1},
    {"a WFE ends when another PE has run",
     .program = {{CPU_ON_PE1, WFE, RUN(10), WFI}, {RUN(250), WFI}},
     .log = " 0:smc@0 0:wfe@1 0:wfi@112 1:wfi@263", .why = "all PEs wait", .end = BOOT_WFI,
     .vtime = 264, .other_smcs = 1},
    {"an event that came before the WFE ends it",
     .program = {{CPU_ON_PE1, RUN(200), WFE, WFI}, {SEV, WFI}},
     .log = " 0:smc@0 1:sev@101 1:wfi@102 0:wfe@203 0:wfi@204", .why = "all PEs wait",
     .end = BOOT_WFI, .vtime = 205, .other_smcs = 1},
    {"a WFE that nobody ends", .program = {{WFE, WFI}}, .log = " 0:wfe@0", .why = "all PEs wait",
     .end = BOOT_WFI, .vtime = 1},
    {"time that passes ends a WFE", .program = {{TIMER(700), WFE, NO_TIMER, WFI}},
     .log = " 0:timer@0 0:wfe@1 0:timer@701 0:wfi@702", .why = "all PEs wait", .end = BOOT_WFI,
     .vtime = 703},
    {"a slice ends where a timer of another PE does",
     .program = {{CPU_ON_PE1, TIMER(60), WFI, RUN(5), NO_TIMER, WFI}, {RUN(1000), WFI}},
     .log = " 0:smc@0 0:timer@1 0:wfi@2 0:timer@67 0:wfi@68 1:wfi@1010", .why = "all PEs wait",
     .end = BOOT_WFI, .vtime = 1011, .other_smcs = 1},
    {"standby, and powerdown, which begins at its entry",
     .program = {{TIMER(400), SMC(PSCI_CPU_SUSPEND, 0), NO_TIMER, TIMER(400),
                  SMC(PSCI_CPU_SUSPEND, 1u << 16, CODE1, 0)},
                 {RUN(20), WFI}},
     .log = " 0:timer@0 0:smc@1 0:timer@401 0:timer@402 0:smc@403 0:wfi@823", .why = "all PEs wait",
     .end = BOOT_WFI, .vtime = 824, .other_smcs = 2},
    {"a PE that is off comes on again",
     .program = {{CPU_ON_PE1, RUN(300), CPU_ON_PE1, RUN(300), OFF}, {RUN(20), OFF}},
     .log = " 0:smc@0 1:smc@121 0:smc@322 1:smc@443 0:smc@644", .why = "PE 0 called CPU_OFF",
     .end = BOOT_OFF, .vtime = 645, .other_smcs = 5},
    {"the last PE goes off", .program = {{CPU_ON_PE1, OFF}, {RUN(20), OFF}},
     .log = " 0:smc@0 0:smc@1 1:smc@22", .why = "PE 1 called CPU_OFF, and no other is on",
     .end = BOOT_OFF, .vtime = 23, .other_smcs = 3},
    {"SYSTEM_OFF", .program = {{RUN(20), SMC(PSCI_SYSTEM_OFF), RUN(20)}}, .log = " 0:smc@20",
     .why = "PSCI SYSTEM_OFF", .end = BOOT_OFF, .vtime = 21, .other_smcs = 1},
    {"the time is up while it runs", .opt = {.timeout = 1000}, .program = {{RUN(100000)}},
     .log = "", .why = "the time is up", .end = BOOT_TIMEOUT, .vtime = 1000},
    {"the time is up while all wait", .opt = {.timeout = 1000}, .program = {{TIMER(100000), WFI}},
     .log = " 0:timer@0 0:wfi@1", .why = "the time is up", .end = BOOT_TIMEOUT, .vtime = 1000},
    {"the time is up after resets", .opt = {.timeout = 1000},
     .program = {{RUN(300), SMC(PSCI_SYSTEM_RESET)}}, .log = " 0:smc@300 0:smc@300 0:smc@300",
     .why = "the time is up", .end = BOOT_TIMEOUT, .vtime = 1000, .resets = 3, .other_smcs = 3},
    {"NVM is kept, what is in progress is not", .opt = {.max_resets = 2},
     .program = {{{OP_NVM, {0}}, CPU_ON_PE1, WFI}, {RUN(30), SMC(PSCI_SYSTEM_RESET)}},
     .log = " 0:nvm@0=255 0:smc@1 0:wfi@2 1:smc@33 0:nvm@0=0 0:smc@1 0:wfi@2 1:smc@33 0:nvm@0=1 "
            "0:smc@1 0:wfi@2 1:smc@33",
     .why = "reset 2 times, and again: PSCI SYSTEM_RESET", .end = BOOT_RESETS, .vtime = 102,
     .resets = 2, .other_smcs = 6},
    {"a watchdog resets while all wait", .opt = {.max_resets = 1}, .program = {{WATCH(3), WFI}},
     .log = " 0:mmio@0 0:mmio@1 0:wfi@2 0:mmio@0 0:mmio@1 0:wfi@2",
     .why = "reset 1 times, and again: SP805 watchdog", .end = BOOT_RESETS, .vtime = 1204,
     .resets = 1},
    {"a watchdog resets a PE that runs", .opt = {.max_resets = 1},
     .program = {{WATCH(3), RUN(100000)}}, .log = " 0:mmio@0 0:mmio@1 0:mmio@0 0:mmio@1",
     .why = "reset 1 times, and again: SP805 watchdog", .end = BOOT_RESETS, .vtime = 1204,
     .resets = 1},
    {"a Realm that executes nothing takes time all the same", .program = {{{OP_REALM, {4}}, WFI}},
     .log = " 0:realm@0*4 0:wfi@16", .why = "all PEs wait", .end = BOOT_WFI, .vtime = 17},
    {"a watchdog ends a Realm that executes nothing", .opt = {.max_resets = 1},
     .program = {{WATCH(3), {OP_REALM, {1000}}}},
     .log = " 0:mmio@0 0:mmio@1 0:realm@2*10 0:mmio@0 0:mmio@1 0:realm@2*10",
     .why = "reset 1 times, and again: SP805 watchdog", .end = BOOT_RESETS, .vtime = 1204,
     .resets = 1},
    {"a lock that is given back",
     .program = {{CPU_ON_PE1, HOLD(2), SMC(RMI_GRANULE_DELEGATE, LOCKED), WFI},
                 {RUN(150), HOLD(0), WFI}},
     .log = " 0:smc@0 0:lock@1 0:smc@2 1:lock@153 1:wfi@154 call1(pe0,41000008,0) 0:wfi@155",
     .why = "all PEs wait", .end = BOOT_WFI, .vtime = 156, .rmi_calls = 1, .other_smcs = 1},
    {"a lock that is not",
     .program = {{CPU_ON_PE1, HOLD(2), SMC(RMI_GRANULE_DELEGATE, LOCKED)}, {RUN(150), WFI}},
     .log = " 0:smc@0 0:lock@1 0:smc@2 1:wfi@153",
     .why = "PE 0 waits for the lock of granule 0x41002000, and nobody", .end = BOOT_WEDGED,
     .vtime = 154, .rmi_calls = 1, .other_smcs = 1},
    {"exceptions for ever", .program = {{RUN(10), {OP_STUCK, {0}}}}, .log = " 0:stuck@10",
     .why = "PE 0 takes exceptions for ever", .end = BOOT_STUCK, .vtime = 11},
    {"the CPU fails", .program = {{RUN(10), {OP_FAIL, {0}}}}, .log = "",
     .why = "the emulated CPU failed", .end = BOOT_CPU_FAILED, .vtime = 10},
};

static void test_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        const struct run *r = &runs[i];
        struct boot *b = start(r, r->program);
        struct boot_result got;

        assert_int_equal(boot_run(b, &got), CCA_OK);
        if (strcmp(the_cpu.log, r->log) != 0 || strncmp(got.why, r->why, strlen(r->why)) != 0)
            print_message("# %s\n# %s\n# %s at %llu\n", r->name, the_cpu.log, got.why,
                          (unsigned long long)got.vtime);
        assert_string_equal(the_cpu.log, r->log);
        assert_int_equal(strncmp(got.why, r->why, strlen(r->why)), 0);
        assert_int_equal(got.end, r->end);
        assert_int_equal(got.vtime, r->vtime);
        assert_int_equal(got.resets, r->resets);
        assert_int_equal(got.rmi_calls, r->rmi_calls);
        assert_int_equal(got.other_smcs, r->other_smcs);
        boot_free(b);
    }
}

/* Content of the NVM comes from the caller and goes to him. */
static void test_nvm(void **state)
{
    static const struct insn program[2][24] = {{{OP_NVM, {0}}, WFI}};
    uint8_t nvm[16] = {41, 1, 2};
    const struct run r = {.opt = {.nvm = nvm, .nvm_size = sizeof(nvm)}};
    struct boot_result got;
    struct boot *b;

    (void)state;
    b = start(&r, program);
    assert_int_equal(boot_run(b, &got), CCA_OK);
    assert_string_equal(the_cpu.log, " 0:nvm@0=41 0:wfi@1");
    assert_int_equal(nvm[0], 42);
    assert_int_equal(nvm[2], 2);
    boot_free(b);
}

static void test_what_cannot_be_loaded(void **state)
{
    static const struct {
        uint64_t base;
        size_t size;
        uint64_t entry;
        const char *why;
    } rows[] = {
        {CODE, 8, CODE, NULL},
        {0x40000000, 8, CODE, NULL},
        {0x3FFFF000, 8, CODE, "image: 0x8 bytes at 0x3ffff000"},
        {0x437FFFFC, 8, CODE, "image: 0x8 bytes at 0x437ffffc"}, /* its end is Secure */
        {0x43FFFFF8, 8, CODE, "image: 0x8 bytes at 0x43fffff8"}, /* Root */
        {CODE, 0, CODE, "image: 0x0 bytes"},
        {CODE, 8, CODE + 2, "the entry, 0x41000002"},
        {CODE, 8, 0x09000000, "the entry, 0x9000000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct boot_image img = {"image", rows[i].base, image, rows[i].size};
        const struct boot_options opt = {
            .plat = plat_by_name("small"), .image = &img, .num_images = 1, .entry = rows[i].entry};
        char why[128] = "";
        struct boot *b;

        assert_int_equal(boot_new(&opt, &b, why, sizeof(why)),
                         rows[i].why ? CCA_ERR_INVAL : CCA_OK);
        if (rows[i].why)
            assert_int_equal(strncmp(why, rows[i].why, strlen(rows[i].why)), 0);
        boot_free(b);
    }
}

static void count_success(void *ctx, const char *id, uint64_t count)
{
    if (strcmp(id, "granule_delegate/success") == 0)
        *(uint64_t *)ctx += count;
}

/* What the checks counted and found before a reset is there after it; what they knew of the machine is not. */
static void test_checks_over_a_reset(void **state)
{
    static const struct insn program[2][24] = {
        {SMC(RMI_VERSION, ABI_1_0), SMC(RMI_GRANULE_DELEGATE, LOCKED), SMC(PSCI_SYSTEM_RESET)}};
    const struct run r = {.opt = {.max_resets = 2}};
    struct boot_result got;
    struct boot *b;
    size_t findings;
    uint64_t seen = 0;

    (void)state;
    b = start(&r, program);
    assert_int_equal(boot_run(b, &got), CCA_OK);
    assert_int_equal(got.rmi_calls, 6);
    (void)check_findings(boot_check(b), &findings);
    assert_int_equal(findings, 0); /* each time the granule was the host's */
    check_each_covered(boot_check(b), count_success, &seen);
    assert_int_equal(seen, 3);
    assert_true(got.predicates > 3);
    boot_free(b);
}

/* A lock or a slot that the RMM keeps: a finding, and the run ends before it would stand in the way of another call. */
static void test_a_leak_ends_the_run(void **state)
{
    static const struct insn program[2][24] = {{SMC(RMI_GRANULE_DELEGATE, LOCKED),
                                                SMC(RMI_REALM_CREATE, LOCKED, CODE),
                                                SMC(RMI_REALM_CREATE, LOCKED, CODE), WFI}};
    const struct boot_options opt = {
        .plat = plat_by_name("small"),
        .check = CHECK_ALL,
        .image = images,
        .num_images = 1,
        .entry = CODE,
        .broken = (uint32_t)rmm_bug_by_name("ns-slot-leak") + 1,
    };
    struct boot_result got;
    char why[128];
    struct boot *b;
    size_t findings;

    (void)state;
    if (rmm_bug_count == 0)
        skip();
    memset(&the_cpu, 0, sizeof(the_cpu));
    the_cpu.program[0] = program[0];
    assert_int_equal(boot_new(&opt, &b, why, sizeof(why)), CCA_OK);
    assert_int_equal(boot_run(b, &got), CCA_OK);
    assert_int_equal(got.end, BOOT_WEDGED);
    assert_int_equal(got.rmi_calls, 2);
    (void)check_findings(boot_check(b), &findings);
    assert_true(findings > 0);
    boot_free(b);
}

static void contradiction(void *ctx, const struct boot_call *c)
{
    (void)ctx;
    if (c->number == 2)
        MODEL_BUG("call %u contradicts itself", 2u);
}

/* Its exit code says what it saw. */
static void tell_what_there_is(void *ctx, const char *what)
{
    struct boot *b = *(struct boot **)ctx;
    struct boot_result got;
    size_t findings;

    boot_broke(b, what, &got);
    (void)check_findings(boot_check(b), &findings);
    if (strstr(got.why, ": call 2 contradicts itself") == NULL || got.end != BOOT_MODEL_BUG)
        _Exit(1);
    _Exit(got.rmi_calls == 2 && got.predicates > 0 && findings > 0 ? 7 : 2);
}

/* A contradiction in the model does not take what was found before along; without a hook it is an exit with 70. */
static void test_a_contradiction_in_the_model(void **state)
{
    static const struct insn program[2][24] = {
        {SMC(RMI_VERSION, ABI_1_0), SMC(RMI_GRANULE_DELEGATE, LOCKED), WFI}};
    static const int codes[2] = {70, 7};
    const struct boot_options opt = {
        .plat = plat_by_name("small"),
        .check = CHECK_ALL,
        .image = images,
        .num_images = 1,
        .entry = CODE,
        .broken = (uint32_t)rmm_bug_by_name("delegate-writes-gpt") + 1,
        .on_call = contradiction,
    };
    char why[128];
    struct boot_result got;
    struct boot *b;
    int status;

    (void)state;
    if (rmm_bug_count == 0)
        skip();
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        pid_t child = fork();

        if (child == 0) {
            memset(&the_cpu, 0, sizeof(the_cpu));
            the_cpu.program[0] = program[0];
            if (boot_new(&opt, &b, why, sizeof(why)) != CCA_OK)
                _Exit(4);
            if (hooked)
                model_bug_hook(tell_what_there_is, &b);
            boot_run(b, &got);
            _Exit(3);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), codes[hooked]);
    }
}

static void findings_of(void *ctx, const struct boot_call *c)
{
    *(size_t *)ctx += c->num_findings;
}

static void test_findings_over_a_reset(void **state)
{
    static const struct insn program[2][24] = {{SMC(RMI_GRANULE_DELEGATE, LOCKED),
                                                SMC(RMI_GRANULE_UNDELEGATE, LOCKED),
                                                SMC(PSCI_SYSTEM_RESET)}};
    size_t told = 0, findings;
    struct boot_options opt = {.plat = plat_by_name("small"),
                               .check = CHECK_ALL,
                               .image = images,
                               .num_images = 1,
                               .entry = CODE,
                               .max_resets = 1,
                               .on_call = findings_of,
                               .ctx = &told};
    char why[128];
    struct boot_result got;
    struct boot *b;

    (void)state;
    if (rmm_bug_count == 0)
        skip();
    opt.broken = (uint32_t)rmm_bug_by_name("delegate-writes-gpt") + 1;
    memset(&the_cpu, 0, sizeof(the_cpu));
    the_cpu.program[0] = program[0];
    assert_int_equal(boot_new(&opt, &b, why, sizeof(why)), CCA_OK);
    assert_int_equal(boot_run(b, &got), CCA_OK);
    (void)check_findings(boot_check(b), &findings);
    assert_true(findings > 0);
    assert_int_equal(told, findings);
    boot_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_nvm),
        cmocka_unit_test(test_what_cannot_be_loaded),
        cmocka_unit_test(test_checks_over_a_reset),
        cmocka_unit_test(test_findings_over_a_reset),
        cmocka_unit_test(test_a_leak_ends_the_run),
        cmocka_unit_test(test_a_contradiction_in_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
