/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI for the host: versions, PEs on and off and on again, a reset that NVM outlives. */
#include "image.h"

#define PES           4
#define BOOTS         NVM_BASE
#define NOT_SUPPORTED (-1l)
#define INVALID       (-2l)
#define ALREADY_ON    (-4l)
#define ON            0
#define OFF           1

static volatile uint64_t seen[PES], go;

void image_secondary(uint64_t context)
{
    CHECK_EQ(MRS(mpidr_el1) & 0xFF00FFFFFF, MPIDR_OF(this_pe()->index));
    CHECK_EQ(MRS(CurrentEL), 2 << 2);
    seen[this_pe()->index] = context;
    wait_for(&go, 1);
}

static uint64_t affinity(unsigned pe)
{
    return smc(PSCI_AFFINITY_FID, MPIDR_OF(pe), 0, 0, 0, 0).x[0];
}

static void all_on_and_off(uint64_t context)
{
    go = 0;
    for (unsigned i = 1; i < PES; i++) {
        CHECK_EQ(affinity(i), OFF);
        CHECK_EQ(psci_cpu_on(i, context + i), 0);
    }
    for (unsigned i = 1; i < PES; i++) {
        while (seen[i] != context + i)
            ;
        CHECK_EQ(affinity(i), ON);
        CHECK_EQ((int64_t)psci_cpu_on(i, 0), ALREADY_ON);
    }
    tell(&go, 1);
    for (unsigned i = 1; i < PES; i++) {
        while (affinity(i) != OFF)
            ;
    }
}

void image_main(void)
{
    uint32_t boots = read32(BOOTS);

    boots = boots == 0xFFFFFFFF ? 1 : boots + 1;
    write32(BOOTS, boots);
    print("boot %u", boots);
    CHECK_EQ(smc(PSCI_VERSION_FID, 0, 0, 0, 0, 0).x[0], 0x10001);
    CHECK_EQ(smc(0x80000000, 0, 0, 0, 0, 0).x[0] >= 0x10002, true); /* SMCCC_VERSION */
    CHECK_EQ(smc(PSCI_FEATURES_FID, PSCI_CPU_ON_FID, 0, 0, 0, 0).x[0], 0);
    CHECK_EQ((int64_t)smc(PSCI_FEATURES_FID, 0x84000042, 0, 0, 0, 0).x[0], NOT_SUPPORTED);
    CHECK_EQ((int64_t)smc(0x84000042, 0, 0, 0, 0, 0).x[0], NOT_SUPPORTED);
    CHECK_EQ((int64_t)smc(PSCI_CPU_ON_FID, 0x7F0000, 0, 0, 0, 0).x[0], INVALID);
    CHECK_EQ(affinity(0), ON);
    all_on_and_off(100);
    all_on_and_off(200);
    print("%u PEs on and off, twice", PES - 1);
    if (boots == 1) {
        smc(PSCI_RESET_FID, 0, 0, 0, 0, 0);
        print("FAIL: SYSTEM_RESET came back");
    }
}
