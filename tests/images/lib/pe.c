/* SPDX-License-Identifier: BSD-3-Clause */
/* PEs: the start of one, PSCI, locks, and waiting for each other. */
#include "image.h"

static struct pe pes[MAX_PES];

__attribute__((weak)) void image_secondary(uint64_t context)
{
    (void)context;
}

void runtime_start(uint64_t index, uint64_t context);
void runtime_start(uint64_t index, uint64_t context)
{
    struct pe *pe = &pes[index];

    pe->index = index;
    MSR(tpidr_el2, pe);
    if (index == 0) {
        mmu_init();
        mmu_on();
        image_main();
        finish();
    }
    mmu_on();
    image_secondary(context);
    psci_cpu_off();
}

struct smc smc(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
    struct smc r = {.x = {fid, x1, x2, x3, x4, x5}};

    smc_call(&r);
    return r;
}

extern char _start[];

uint64_t psci_cpu_on(unsigned pe, uint64_t context)
{
    return smc(PSCI_CPU_ON_FID, MPIDR_OF(pe), (uint64_t)_start, context, 0, 0).x[0];
}

void psci_cpu_off(void)
{
    smc(PSCI_CPU_OFF_FID, 0, 0, 0, 0, 0);
    print("FAIL: CPU_OFF came back");
    while (1)
        __asm__ volatile("wfi");
}

void psci_system_off(void)
{
    smc(PSCI_SYSTEM_OFF_FID, 0, 0, 0, 0, 0);
    print("FAIL: SYSTEM_OFF came back");
    while (1)
        __asm__ volatile("wfi");
}

void lock(struct lock *l)
{
    uint32_t value, failed;

    __asm__ volatile("   sevl\n"
                     "1: wfe\n"
                     "2: ldaxr %w0, %2\n"
                     "   cbnz  %w0, 1b\n"
                     "   stxr  %w1, %w3, %2\n"
                     "   cbnz  %w1, 2b\n"
                     : "=&r"(value), "=&r"(failed), "+Q"(l->held)
                     : "r"(1)
                     : "memory");
}

/* The store ends the exclusive access of who waits by WFE; SEV is for machines where that is no event. */
void unlock(struct lock *l)
{
    __asm__ volatile("stlr wzr, %0\n"
                     "dsb ish\n"
                     "sev"
                     : "=Q"(l->held)::"memory");
}

uint64_t atomic_add(volatile uint64_t *p, uint64_t n)
{
    uint64_t sum;
    uint32_t failed;

    __asm__ volatile("1: ldaxr %0, %2\n"
                     "   add   %0, %0, %3\n"
                     "   stlxr %w1, %0, %2\n"
                     "   cbnz  %w1, 1b\n"
                     : "=&r"(sum), "=&r"(failed), "+Q"(*p)
                     : "r"(n)
                     : "memory");
    return sum;
}

void wait_for(volatile uint64_t *p, uint64_t v)
{
    while (load_acquire(p) < v)
        __asm__ volatile("wfe" ::: "memory");
}

void tell(volatile uint64_t *p, uint64_t v)
{
    store_release(p, v);
    __asm__ volatile("dsb ish\n"
                     "sev" ::
                         : "memory");
}
