/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices, and addresses where there is none: an external abort, and the image goes on. */
#include "image.h"

static void nothing_there(const char *what, uint64_t va)
{
    struct fault f = probe_load(va, 4, NULL);

    CHECK(f.taken && ESR_EC(f.esr) == EC_DABT && ESR_FSC(f.esr) == FSC_EXTERNAL);
    CHECK_EQ(f.far, va);
    print("%s: load: %s", what, fault_name(&f));
    f = probe_store(va, 4, 0);
    CHECK(f.taken && ESR_FSC(f.esr) == FSC_EXTERNAL && ESR_WNR(f.esr));
    print("%s: store: %s", what, fault_name(&f));
}

void image_main(void)
{
    struct fault f;
    uint64_t v;

    nothing_there("no device", NOTHING_BASE);
    nothing_there("behind memory",
                  window((uint64_t)RAM_BASE + RAM_SIZE + 0x100000000ul, MAP_DEVICE | MAP_AF));
    f = probe_fetch(window(NOTHING_BASE, MAP_NORMAL | MAP_AF));
    CHECK(f.taken && ESR_EC(f.esr) == EC_IABT && ESR_FSC(f.esr) == FSC_EXTERNAL);
    print("no memory: fetch: %s", fault_name(&f));
    f = probe_load(UART_BASE + 0x18, 4, &v); /* the flags of the console */
    CHECK(!f.taken);
    CHECK_EQ(v & 0x20, 0);
#ifdef PCIE_BASE
    f = probe_load(window(PCIE_BASE, MAP_DEVICE | MAP_AF), 4, &v);
    CHECK(!f.taken);
    CHECK_EQ(v, 0xFFFFFFFF);
    print("PCIe: no function");
#endif
}
