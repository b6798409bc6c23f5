/* SPDX-License-Identifier: BSD-3-Clause */
/* DC ZVA: zeroes the block that the address is in, and nothing else; faults as a store does. */
#include "image.h"

void image_main(void)
{
    uint64_t dczid = MRS(dczid_el0), size = 4ul << (dczid & 0xF);
    volatile uint8_t *p = alloc(4096);
    uint64_t constant = window((uint64_t)p, MAP_NORMAL | MAP_AF | MAP_RO);
    uint64_t nothing = WINDOW_BASE + 0x3000000000ul + 8;
    struct fault f;
    unsigned wrong = 0;

    CHECK_EQ(dczid & 0x10, 0);
    CHECK(size >= 16 && size <= 2048);
    for (unsigned i = 0; i < 4096; i++)
        p[i] = 0xFF;
    f = probe_zva((uint64_t)p + size + 5); /* not aligned */
    CHECK(!f.taken);
    for (unsigned i = 0; i < 4096; i++)
        wrong += p[i] != (i / size == 1 ? 0 : 0xFF);
    CHECK_EQ(wrong, 0);
    print("one block is zero");
    f = probe_zva(constant);
    CHECK(ESR_FSC(f.esr) == FSC_PERMISSION + 3 && ESR_WNR(f.esr));
    print("read-only page: %s", fault_name(&f));
    CHECK_EQ(p[0], 0xFF);
    f = probe_zva(nothing);
    CHECK(ESR_FSC(f.esr) == FSC_TRANSLATION + 1 && ESR_WNR(f.esr));
    CHECK_EQ(f.far, nothing);
    print("no page: %s", fault_name(&f));
    f = probe_zva(UART_BASE);
    CHECK(ESR_FSC(f.esr) == 0x21);
    print("Device memory: %s", fault_name(&f));
}
