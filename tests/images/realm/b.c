/* SPDX-License-Identifier: BSD-3-Clause */
/* Realm B: works for a while, and is interrupted. Its tables begin at level 2, sixteen of them side by side. */
#include "realm.h"

#define IPA_WIDTH   34
#define UNPROTECTED (1ul << (IPA_WIDTH - 1))
#define DEVICE      UNPROTECTED
#define SHARED      (UNPROTECTED + SHARED_OFFSET)
#define SGI         5

static uint8_t page[4096] __attribute__((aligned(4096)));
static uint8_t numbers[20000];

/* How many primes there are below the size of the array. */
static unsigned primes(void)
{
    unsigned found = 0;

    memset(numbers, 1, sizeof(numbers));
    for (unsigned i = 2; i < sizeof(numbers); i++) {
        if (!numbers[i])
            continue;
        found++;
        for (unsigned j = 2 * i; j < sizeof(numbers); j += i)
            numbers[j] = 0;
    }
    return found;
}

static void configuration(void)
{
    CHECK_EQ(call(RSI_REALM_CONFIG, (uint64_t)page, 0, 0, 0).x[0], RSI_SUCCESS);
    CHECK_EQ(*(uint64_t *)page, IPA_WIDTH);
    CHECK_EQ(page[RSI_CONFIG_HASH_ALGO], HASH_SHA_512);
    CHECK_EQ(page[RSI_CONFIG_RPV + 63], 'B');
    say("configuration");
}

static void measurement(void)
{
    struct regs r = call(RSI_MEASUREMENT_READ, 0, 0, 0, 0);
    struct host_call *h = host_call();

    for (unsigned i = 0; i < 8; i++)
        h->gprs[i] = r.x[1 + i];
    ask_host(SERVICE_MEASUREMENT);
    say("measurement");
}

/* An exit, with the interrupt active. */
void realm_in_interrupt(void)
{
    __asm__ volatile("wfi");
}

/* An SGI to itself goes by the host. */
static void send_interrupt(void)
{
    interrupts_on();
    MSR(ICC_SGI1R, (uint64_t)SGI << 24 | 1);
    ISB();
    while (interrupts_seen[SGI] == 0)
        __asm__ volatile("wfi"); /* the host asked to hear of it */
    CHECK_EQ(interrupts_seen[SGI], 1);
    say("software interrupt");
}

void realm_main(uint64_t index, uint64_t context)
{
    volatile uint32_t *device = (volatile uint32_t *)DEVICE;

    CHECK_EQ(index, 0);
    CHECK_EQ(context, 0xB);
    configuration();
    CHECK_EQ(primes(), 2262);
    say("counted the primes with the MMU off");
    realm_mmu_on(UNPROTECTED);
    CHECK_EQ(primes(), 2262);
    say("counted the primes with the MMU on");
    for (uint32_t i = 0; i < 20; i++) {
        device[0] = i;
        CHECK_EQ(device[0], ~i);
    }
    say("a device outside");
    CHECK_EQ(*(volatile uint64_t *)SHARED, SHARED_QUESTION);
    ((volatile uint64_t *)SHARED)[1] = SHARED_ANSWER;
    ask_host(SERVICE_SHARED);
    measurement();
    send_interrupt();
    call(PSCI_SYSTEM_OFF, 0, 0, 0, 0);
}
