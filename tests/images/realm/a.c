/* SPDX-License-Identifier: BSD-3-Clause */
/* Realm A: a walk through the interface of a Realm, on two RECs. */
#include "realm.h"

#define IPA_WIDTH   33
#define UNPROTECTED (1ul << (IPA_WIDTH - 1))
#define DEVICE      UNPROTECTED
#define SHARED      (UNPROTECTED + SHARED_OFFSET)
#define CONTEXT     0x77ul
#define ROUNDS      50

extern char _start[];
static uint8_t page[4096] __attribute__((aligned(4096)));
static volatile uint64_t sum, started, second_done, may_end;

static void configuration(void)
{
    struct regs r = call(RSI_VERSION, ABI_1_0, 0, 0, 0);

    CHECK_EQ(r.x[0], RSI_SUCCESS);
    CHECK_EQ(r.x[1], ABI_1_0);
    CHECK_EQ(r.x[2], ABI_1_0);
    memset(page, 0xFF, sizeof(page));
    CHECK_EQ(call(RSI_FEATURES, 0, 0, 0, 0).x[1], 0);
    CHECK_EQ(call(RSI_REALM_CONFIG, (uint64_t)page, 0, 0, 0).x[0], RSI_SUCCESS);
    CHECK_EQ(*(uint64_t *)page, IPA_WIDTH);
    CHECK_EQ(page[RSI_CONFIG_HASH_ALGO], HASH_SHA_256);
    for (unsigned i = 0; i < 64; i++)
        CHECK_EQ(page[RSI_CONFIG_RPV + i], 'A');
    CHECK_EQ(page[sizeof(page) - 1], 0);
    CHECK_EQ(call(RSI_REALM_CONFIG, (uint64_t)page + 8, 0, 0, 0).x[0], RSI_ERROR_INPUT);
    say("configuration");
}

static void questions(void)
{
    struct host_call *h = host_call();

    h->gprs[0] = 0x5555;
    h->gprs[30] = 30;
    ask_host(SERVICE_QUESTION);
    CHECK_EQ(h->gprs[0], ~0x5555ul);
    CHECK_EQ(h->gprs[30], 31);
    say("the host answers");
}

static void device(void)
{
    volatile uint32_t *word = (volatile uint32_t *)DEVICE;
    volatile uint64_t *wide = (volatile uint64_t *)(DEVICE + 8);
    uint64_t value;

    *word = 0x12345678;
    CHECK_EQ(*word, ~0x12345678u);
    *wide = 0x1122334455667788;
    CHECK_EQ(*wide, ~0x1122334455667788ul);
    *(volatile uint8_t *)(DEVICE + 16) = 0x7F;
    __asm__ volatile("ldrsb %0, [%1]" : "=r"(value) : "r"(DEVICE + 16));
    CHECK_EQ(value, 0xFFFFFFFFFFFFFF80ul);
    __asm__ volatile("ldrsb %w0, [%1]" : "=r"(value) : "r"(DEVICE + 16));
    CHECK_EQ(value, 0xFFFFFF80ul);
    say("a device outside");
}

static void shared(void)
{
    volatile uint64_t *at = (volatile uint64_t *)SHARED;

    CHECK_EQ(at[0], SHARED_QUESTION);
    at[1] = SHARED_ANSWER;
    ask_host(SERVICE_SHARED);
    say("a page shared with the host");
}

static void application(void)
{
    realm_el0();
    say("EL0");
}

/* What is in the registers of the PE comes back with the REC. */
static void registers(void)
{
    struct host_call *h = host_call();
    uint64_t low, high;

    MSR(cpacr_el1, 3ul << 20);
    MSR(tpidr_el1, 0x1111);
    ISB();
    __asm__ volatile(".arch_extension simd\n"
                     "fmov d9, %0\n"
                     "fmov d31, %1" ::"r"(0x2222ul),
                     "r"(0x3333ul));
    h->gprs[0] = 0;
    ask_host(SERVICE_SLEEP);
    __asm__ volatile("fmov %0, d9\n"
                     "fmov %1, d31"
                     : "=r"(low), "=r"(high));
    CHECK_EQ(MRS(tpidr_el1), 0x1111);
    CHECK_EQ(low, 0x2222);
    CHECK_EQ(high, 0x3333);
    say("registers");
}

static void timer(void)
{
    struct host_call *h;

    interrupts_on();
    MSR(cntv_cval_el0, MRS(cntvct_el0) + 4000);
    MSR(cntv_ctl_el0, 1);
    ISB();
    while (interrupts_seen[CNTV_PPI] == 0)
        __asm__ volatile("wfi");
    CHECK_EQ(interrupts_seen[CNTV_PPI], 1);
    /* It comes while the REC does not run. */
    h = host_call();
    h->gprs[0] = 4000;
    MSR(cntv_cval_el0, MRS(cntvct_el0) + 1000);
    MSR(cntv_ctl_el0, 1);
    ISB();
    ask_host(SERVICE_SLEEP);
    while (interrupts_seen[CNTV_PPI] == 1)
        ;
    CHECK_EQ(interrupts_seen[CNTV_PPI], 2);
    say("virtual timer");
}

static uint64_t ripas(uint64_t at)
{
    struct regs r = call(RSI_IPA_STATE_GET, at, at + 0x1000, 0, 0);

    CHECK_EQ(r.x[0], RSI_SUCCESS);
    return r.x[2];
}

/* The host may do it in parts. */
static uint64_t set_ripas(uint64_t base, uint64_t top, uint64_t value)
{
    struct regs r;

    do {
        r = call(RSI_IPA_STATE_SET, base, top, value, 0);
        CHECK_EQ(r.x[0], RSI_SUCCESS);
        base = r.x[1];
    } while (base < top && r.x[2] == RSI_ACCEPT);
    return r.x[2];
}

static uint64_t touch(uint64_t at)
{
    expect_exception();
    *(volatile uint64_t *)at = 0x600D;
    return exception_seen();
}

static void memory(void)
{
    CHECK_EQ(ripas(EXTRA_BASE), RIPAS_EMPTY);
    CHECK_EQ(touch(EXTRA_BASE) & 0x3F, 0x10); /* external abort */
    CHECK_EQ(set_ripas(EXTRA_BASE, EXTRA_BASE + EXTRA_SIZE, RIPAS_RAM), RSI_ACCEPT);
    for (uint64_t at = EXTRA_BASE; at < EXTRA_BASE + EXTRA_SIZE; at += 0x1000) {
        CHECK_EQ(ripas(at), RIPAS_RAM);
        CHECK_EQ(touch(at), 0); /* the host gives a page when it is first touched */
        CHECK_EQ(*(volatile uint64_t *)at, 0x600D);
    }
    CHECK_EQ(set_ripas(EXTRA_BASE, EXTRA_BASE + 0x1000, RIPAS_EMPTY), RSI_ACCEPT);
    CHECK_EQ(touch(EXTRA_BASE) & 0x3F, 0x10);
    CHECK_EQ(*(volatile uint64_t *)(EXTRA_BASE + 0x1000), 0x600D);
    CHECK_EQ(set_ripas(REFUSED_BASE, REFUSED_BASE + 0x1000, RIPAS_RAM), RSI_REJECT);
    CHECK_EQ(ripas(REFUSED_BASE), RIPAS_EMPTY);
    /* Behind the IPA space: a fault of stage 1. */
    CHECK_EQ(touch(realm_map_block(1ul << IPA_WIDTH)) & 0x3F, 0x01);
    say("memory becomes RAM, and empty again");
}

static void measurements(void)
{
    struct regs r = call(RSI_MEASUREMENT_READ, 0, 0, 0, 0);
    struct regs rem = {.x = {RSI_MEASUREMENT_EXTEND, 1, 32, 1, 2, 3, 4}};
    struct host_call *h = host_call();

    CHECK_EQ(r.x[0], RSI_SUCCESS);
    for (unsigned i = 0; i < 8; i++)
        h->gprs[i] = r.x[1 + i];
    ask_host(SERVICE_MEASUREMENT);
    CHECK_EQ(call(RSI_MEASUREMENT_READ, 1, 0, 0, 0).x[1], 0);
    call_smc(&rem);
    CHECK_EQ(rem.x[0], RSI_SUCCESS);
    CHECK_EQ(call(RSI_MEASUREMENT_READ, 1, 0, 0, 0).x[1] != 0, true);
    CHECK_EQ(call(RSI_MEASUREMENT_READ, 5, 0, 0, 0).x[0], RSI_ERROR_INPUT);
    say("measurements");
}

static void token(void)
{
    struct regs r = {.x = {RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8}};
    uint64_t length = 0;

    call_smc(&r);
    CHECK_EQ(r.x[0], RSI_SUCCESS);
    CHECK_EQ(r.x[1] <= sizeof(page), true);
    do {
        r = call(RSI_ATTESTATION_TOKEN_CONTINUE, (uint64_t)page, length, 500, 0);
        length += r.x[1];
    } while (r.x[0] == RSI_INCOMPLETE && length + 500 <= sizeof(page));
    CHECK_EQ(r.x[0], RSI_SUCCESS);
    CHECK_EQ(page[0] << 16 | page[1] << 8 | page[2], 0xD9018F); /* tag 399 */
    say("attestation token");
}

static void second_rec(uint64_t life)
{
    CHECK_EQ(call(PSCI_VERSION, 0, 0, 0, 0).x[0], PSCI_VERSION_1_1);
    CHECK_EQ(call(PSCI_AFFINITY_INFO, 1, 0, 0, 0).x[0], PSCI_OFF);
    CHECK_EQ(call(PSCI_CPU_ON, 5, (uint64_t)_start, CONTEXT, 0).x[0], PSCI_INVALID_PARAMETERS);
    CHECK_EQ(call(PSCI_CPU_ON, 1, (uint64_t)_start, CONTEXT + life, 0x4444).x[0], PSCI_SUCCESS);
    CHECK_EQ(call(PSCI_CPU_ON, 1, (uint64_t)_start, CONTEXT, 0).x[0], PSCI_ALREADY_ON);
    may_end = life;
    for (unsigned i = 0; i < ROUNDS; i++)
        atomic_add(&sum, 1);
    while (call(PSCI_AFFINITY_INFO, 1, 0, 0, 0).x[0] != PSCI_OFF)
        ;
    CHECK_EQ(started, CONTEXT + life);
    CHECK_EQ(second_done, life);
    CHECK_EQ(sum, life * 2 * ROUNDS);
    say("second REC came and went");
}

static void calls_without_meaning(void)
{
    expect_exception();
    __asm__ volatile("hvc #0\n"
                     "nop");             /* for who returns behind the HVC */
    CHECK_EQ(exception_seen() >> 25, 1); /* unknown reason */
    CHECK_EQ(call(RMI_VERSION, ABI_1_0, 0, 0, 0).x[0], SMC_NOT_SUPPORTED);
    say("HVC is undefined, RMI is not for Realms");
}

void realm_main(uint64_t index, uint64_t context)
{
    if (index == 1) {
        realm_mmu_on(UNPROTECTED);
        started = context;
        for (unsigned i = 0; i < ROUNDS; i++)
            atomic_add(&sum, 1);
        say("second REC runs");
        while (may_end < context - CONTEXT)
            ;
        second_done++;
        call(PSCI_CPU_OFF, 0, 0, 0, 0);
    }
    CHECK_EQ(context, 0xA);
    configuration();
    realm_mmu_on(UNPROTECTED);
    questions();
    device();
    shared();
    application();
    registers();
    timer();
    memory();
    measurements();
    token();
    second_rec(1);
    second_rec(2);
    calls_without_meaning();
    call(PSCI_SYSTEM_OFF, 0, 0, 0, 0);
}
