/* SPDX-License-Identifier: BSD-3-Clause */
/* One PE writes code, another executes it: each version of it, with IC IVAU between them. And a PE changes its own. */
#include "image.h"

#define VERSIONS   40
#define MOVZ_W0(n) (0x52800000u | (uint32_t)(n) << 5)
#define RET        0xD65F03C0u

static uint32_t *code;
static volatile uint64_t written, executed;

static void write_code(uint32_t n)
{
    *(volatile uint32_t *)&code[0] = MOVZ_W0(n);
    *(volatile uint32_t *)&code[1] = RET;
    __asm__ volatile("dc cvau, %0\n"
                     "dsb ish\n"
                     "ic ivau, %0\n"
                     "dsb ish\n"
                     "isb" ::"r"(code)
                     : "memory");
}

static uint32_t run_code(void)
{
    ISB();
    return ((uint32_t(*)(void))code)();
}

void image_secondary(uint64_t context)
{
    (void)context;
    for (uint64_t i = 1; i <= VERSIONS; i++) {
        wait_for(&written, i);
        CHECK_EQ(run_code(), i);
        tell(&executed, i);
    }
}

void image_main(void)
{
    code = alloc(4096);
    for (uint32_t i = 100; i < 110; i++) {
        write_code(i);
        CHECK_EQ(run_code(), i);
        CHECK_EQ(run_code(), i);
    }
    print("code of its own");
    CHECK_EQ(psci_cpu_on(1, 0), 0);
    for (uint32_t i = 1; i <= VERSIONS; i++) {
        write_code(i);
        tell(&written, i);
        wait_for(&executed, i);
    }
    print("code of another PE");
}
