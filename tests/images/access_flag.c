/* SPDX-License-Identifier: BSD-3-Clause */
/* Hardware management of the access flag and of dirty state at EL2: without, with the first, with both. */
#include "image.h"

#ifdef VHE
#define TCR_HA (1ul << 39)
#define TCR_HD (1ul << 40)
#else
#define TCR_HA (1ul << 21)
#define TCR_HD (1ul << 22)
#endif

static void manage(uint64_t bits)
{
    MSR(R_TCR, (MRS(R_TCR) & ~(TCR_HA | TCR_HD)) | bits);
    ISB();
    tlbi_all();
}

static void expect(const char *what, struct fault f, uint64_t status)
{
    CHECK_EQ(f.taken, status != 0);
    if (status)
        CHECK_EQ(ESR_FSC(f.esr), status);
    print("%s: %s", what, fault_name(&f));
}

void image_main(void)
{
    uint64_t page = (uint64_t)alloc(4096);
    uint64_t va = window(page, MAP_NORMAL);                                /* not accessed yet */
    uint64_t clean = window(page, MAP_NORMAL | MAP_RO | MAP_DBM | MAP_AF); /* writable, clean */
    uint64_t fresh = window(page, MAP_NORMAL | MAP_RO | MAP_DBM);
    uint64_t fixed = window(page, MAP_NORMAL | MAP_RO | MAP_AF);
    volatile uint64_t *d = space_entry(&host_space, va), *dc = space_entry(&host_space, clean);
    volatile uint64_t *df = space_entry(&host_space, fresh), *dx = space_entry(&host_space, fixed);

    if ((MRS(id_aa64mmfr1_el1) & 0xF) < 2) {
        print("FEAT_HAFDBS is not there");
        return;
    }
    expect("software only: load", probe_load(va, 8, NULL), FSC_ACCESS_FLAG + 3);
    expect("software only: store", probe_store(clean, 8, 1), FSC_PERMISSION + 3);
    CHECK(!(*d & MAP_AF));

    manage(TCR_HA);
    expect("access flag: load", probe_load(va, 8, NULL), 0);
    CHECK(*d & MAP_AF);
    expect("access flag: store to a clean page", probe_store(clean, 8, 1), FSC_PERMISSION + 3);
    CHECK(*dc & MAP_RO);

    manage(TCR_HA | TCR_HD);
    expect("dirty state: load of a clean page", probe_load(clean, 8, NULL), 0);
    CHECK(*dc & MAP_RO);
    expect("dirty state: store to a clean page", probe_store(clean, 8, 0x1234), 0);
    CHECK(!(*dc & MAP_RO));
    CHECK_EQ(*(volatile uint64_t *)page, 0x1234);
    expect("both at once", probe_store(fresh, 8, 0x5678), 0);
    CHECK((*df & MAP_AF) && !(*df & MAP_RO));
    expect("a page that is read-only", probe_store(fixed, 8, 1), FSC_PERMISSION + 3);
    CHECK(*dx & MAP_RO);
    CHECK_EQ(*(volatile uint64_t *)page, 0x5678);
}
