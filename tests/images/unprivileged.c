/* SPDX-License-Identifier: BSD-3-Clause */
/* LDTR and STTR: at EL2 they are as EL0's where HCR_EL2.{E2H, TGE} are both 1, and ordinary accesses else. PSTATE.PAN. */
#include "image.h"

static struct fault probe_ldtr(uint64_t va)
{
    struct pe *pe = probe_begin();
    uint64_t v;

    __asm__ volatile("ldtr %0, [%1]" : "=&r"(v) : "r"(va) : "memory");
    return probe_end(pe);
}

static struct fault probe_sttr(uint64_t va)
{
    struct pe *pe = probe_begin();

    __asm__ volatile("sttr %0, [%1]" ::"r"(0x77ul), "r"(va) : "memory");
    return probe_end(pe);
}

static void expect(const char *what, struct fault f, bool fails)
{
    CHECK_EQ(f.taken, fails);
    if (fails) {
        CHECK_EQ(ESR_EC(f.esr), EC_DABT);
        CHECK_EQ(ESR_FSC(f.esr), FSC_PERMISSION + 3);
    }
    print("%s: %s", what, fault_name(&f));
}

#ifdef VHE
#define UNPRIVILEGED true
#else
#define UNPRIVILEGED false
#endif

void image_main(void)
{
    uint64_t page = (uint64_t)alloc(4096);
    uint64_t mine = window(page, MAP_NORMAL | MAP_AF | MAP_XN | MAP_PXN);
#ifdef VHE
    uint64_t shared = window(page, MAP_NORMAL | MAP_AF | MAP_EL0 | MAP_XN | MAP_PXN);
    uint64_t constant = window(page, MAP_NORMAL | MAP_AF | MAP_EL0 | MAP_RO | MAP_XN | MAP_PXN);
#endif

    expect("own page: LDR", probe_load(mine, 8, NULL), false);
    expect("own page: LDTR", probe_ldtr(mine), UNPRIVILEGED);
    expect("own page: STTR", probe_sttr(mine), UNPRIVILEGED);
#ifdef VHE
    expect("EL0's page: LDTR", probe_ldtr(shared), false);
    expect("EL0's page: STTR", probe_sttr(shared), false);
    CHECK_EQ(*(volatile uint64_t *)page, 0x77);
    expect("EL0's read-only page: LDTR", probe_ldtr(constant), false);
    expect("EL0's read-only page: STTR", probe_sttr(constant), true);
    __asm__ volatile(".arch_extension pan\n"
                     "msr pan, #1");
    expect("PAN, EL0's page: LDR", probe_load(shared, 8, NULL), true);
    expect("PAN, EL0's page: LDTR", probe_ldtr(shared), false);
    expect("PAN, own page: LDR", probe_load(mine, 8, NULL), false);
    __asm__ volatile("msr pan, #0");
    expect("EL0's page: LDR", probe_load(shared, 8, NULL), false);
#else
    CHECK_EQ(*(volatile uint64_t *)page, 0x77);
#endif
}
