/* SPDX-License-Identifier: BSD-3-Clause */
/* Exclusives between PEs: a store of another PE, or CLREX, ends an exclusive access; counters lose nothing. */
#include "image.h"

#define ROUNDS 2000
#define PES    4

static volatile uint64_t word, sum, swapped, go, ready;
static struct lock counter_lock;
static volatile uint64_t counter;

static uint64_t load_exclusive(volatile uint64_t *p)
{
    uint64_t v;

    __asm__ volatile("ldxr %0, %1" : "=r"(v) : "Q"(*p) : "memory");
    return v;
}

static bool store_exclusive(volatile uint64_t *p, uint64_t v)
{
    uint32_t failed;

    __asm__ volatile("stxr %w0, %2, %1" : "=&r"(failed), "=Q"(*p) : "r"(v) : "memory");
    return !failed;
}

/* LSE: compare and swap. */
static uint64_t compare_and_swap(volatile uint64_t *p, uint64_t old, uint64_t new)
{
    __asm__ volatile(".arch_extension lse\n"
                     "casal %0, %2, %1"
                     : "+r"(old), "+Q"(*p)
                     : "r"(new)
                     : "memory");
    return old;
}

static void count(void)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t old;

        atomic_add(&sum, 1);
        do {
            old = swapped;
        } while (compare_and_swap(&swapped, old, old + 1) != old);
        if (i % 8 == 0) {
            lock(&counter_lock);
            counter++;
            unlock(&counter_lock);
        }
    }
    atomic_add(&ready, 1);
    __asm__ volatile("sev");
}

void image_secondary(uint64_t context)
{
    if (context == 1) {
        wait_for(&go, 1);
        store_release(&word, 0xAB);
        tell(&go, 2);
    }
    wait_for(&go, 3);
    count();
}

/* The other PE stores between the load and the store of this one. Waiting is done without exclusives and WFE. */
static void interfered(void)
{
    load_exclusive(&word);
    store_release(&go, 1);
    __asm__ volatile("sev");
    while (go != 2)
        ;
    CHECK(!store_exclusive(&word, 0xCD));
    CHECK_EQ(word, 0xAB);
    print("a store of another PE ends an exclusive access");
}

void image_main(void)
{
    CHECK(!store_exclusive(&word, 1));
    load_exclusive(&word);
    __asm__ volatile("clrex" ::: "memory");
    CHECK(!store_exclusive(&word, 1));
    load_exclusive(&word);
    CHECK(store_exclusive(&word, 0));
    print("CLREX ends an exclusive access");
    for (unsigned i = 1; i < PES; i++)
        CHECK_EQ(psci_cpu_on(i, i), 0);
    interfered();
    tell(&go, 3);
    count();
    wait_for(&ready, PES);
    CHECK_EQ(sum, PES * ROUNDS);
    CHECK_EQ(swapped, PES * ROUNDS);
    CHECK_EQ(counter, PES * ROUNDS / 8);
    print("%u PEs count to %lu", PES, sum);
}
