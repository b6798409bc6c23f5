/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm C: two RECs on two PEs at the same time. A lock, counters and code between them; all the while they read a page of the
 * host's, which the host replaces, and two megabytes of their own, whose tables the host folds and unfolds.
 */
#include "realm.h"

#define IPA_WIDTH   33
#define UNPROTECTED (1ul << (IPA_WIDTH - 1))
#define SHARED      (UNPROTECTED + SHARED_OFFSET)
#define ROUNDS      300
#define VERSIONS    10
#define RECS        2

extern char _start[];
static volatile uint64_t sum, locked_sum, lock_word, written, executed, second_ended;
static uint32_t code[2] __attribute__((aligned(64)));

static void take(void)
{
    uint32_t value, failed;

    __asm__ volatile("   sevl\n"
                     "1: wfe\n"
                     "2: ldaxr %w0, %2\n"
                     "   cbnz  %w0, 1b\n"
                     "   stxr  %w1, %w3, %2\n"
                     "   cbnz  %w1, 2b\n"
                     : "=&r"(value), "=&r"(failed), "+Q"(lock_word)
                     : "r"(1)
                     : "memory");
}

static void release(void)
{
    __asm__ volatile("stlr wzr, %0\n"
                     "dsb ish\n"
                     "sev"
                     : "=Q"(lock_word)::"memory");
}

static void wait_for(volatile uint64_t *p, uint64_t v)
{
    while (*p < v)
        __asm__ volatile("wfe" ::: "memory");
}

static void tell(volatile uint64_t *p, uint64_t v)
{
    __asm__ volatile("dmb ish" ::: "memory");
    *p = v;
    __asm__ volatile("dsb ish\n"
                     "sev" ::
                         : "memory");
}

static void write_code(uint32_t n)
{
    volatile uint32_t *p = code;

    p[0] = 0x52800000u | n << 5; /* MOV W0, #n */
    p[1] = 0xD65F03C0u;          /* RET */
    __asm__ volatile("dc cvau, %0\n"
                     "dsb ish\n"
                     "ic ivau, %0\n"
                     "dsb ish\n"
                     "isb" ::"r"(code)
                     : "memory");
}

static void code_of_the_other(uint64_t index)
{
    for (uint32_t i = 1; i <= VERSIONS; i++) {
        if (index == 0) {
            write_code(i);
            tell(&written, i);
            wait_for(&executed, i);
        } else {
            wait_for(&written, i);
            ISB();
            CHECK_EQ(((uint32_t(*)(void))code)(), i);
            tell(&executed, i);
        }
    }
}

static void round(uint64_t index, uint64_t i)
{
    volatile uint64_t *shared = (volatile uint64_t *)SHARED;
    uint64_t at = LARGE_BASE + (i * 37 % 512) * 0x1000 + index * 8;

    CHECK_EQ(shared[0], SHARED_QUESTION);
    *(volatile uint64_t *)at = at + i;
    take();
    locked_sum++;
    release();
    atomic_add(&sum, 1);
    CHECK_EQ(*(volatile uint64_t *)at, at + i);
    CHECK_EQ(shared[511], SHARED_QUESTION);
}

void realm_main(uint64_t index, uint64_t context)
{
    realm_mmu_on(UNPROTECTED);
    if (index == 0) {
        CHECK_EQ(context, 0xC);
        CHECK_EQ(call(PSCI_CPU_ON, 1, (uint64_t)_start, 0, 0).x[0], PSCI_SUCCESS);
    }
    code_of_the_other(index);
    for (uint64_t i = 0; i < ROUNDS; i++)
        round(index, i);
    if (index == 1) {
        say("second REC: code, lock, memory");
        tell(&second_ended, 1);
        call(PSCI_CPU_OFF, 0, 0, 0, 0);
    }
    wait_for(&second_ended, 1);
    while (call(PSCI_AFFINITY_INFO, 1, 0, 0, 0).x[0] != PSCI_OFF)
        ;
    CHECK_EQ(locked_sum, RECS * ROUNDS);
    CHECK_EQ(sum, RECS * ROUNDS);
    say("first REC: code, lock, memory");
    call(PSCI_SYSTEM_OFF, 0, 0, 0, 0);
}
