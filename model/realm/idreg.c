/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ID registers as a Realm sees them: HCR_EL2.TID3 traps their reads to the RMM, which answers with
 * what it lets the Realm use (A3.1.3 and on). Registers that are not in the table read as zero:
 * the feature is not there.
 */
#include "realm/rec.h"

#define ID_AA64PFR0  IDREG(3, 0, 0, 4, 0)
#define ID_AA64DFR0  IDREG(3, 0, 0, 5, 0)
#define ID_AA64ISAR0 IDREG(3, 0, 0, 6, 0)
#define ID_AA64MMFR0 IDREG(3, 0, 0, 7, 0)
#define ID_AA64MMFR1 IDREG(3, 0, 0, 7, 1)

static uint64_t parange(unsigned width)
{
    static const uint8_t widths[] = {32, 36, 40, 42, 44, 48, 52};
    unsigned i = 0;

    while (widths[i] < width)
        i++;
    return i;
}

static uint64_t pfr0(void)
{
    uint64_t el0 = 1, el1 = 1, gic = 1; /* FP and AdvSIMD: 0, implemented; SVE is hidden */

    return el0 | el1 << 4 | gic << 24;
}

static uint64_t dfr0(const struct rec *rec)
{
    uint64_t debug = 6; /* Armv8.0 debug */
    uint64_t brps = rec->num_bps < 15 ? rec->num_bps : 15u;
    uint64_t wrps = rec->num_wps < 15 ? rec->num_wps : 15u;

    uint64_t pmu = rec->pmu ? 1 : 0; /* PMUv3 */

    return debug | pmu << 8 | brps << 12 | wrps << 20;
}

uint64_t rec_idreg(const struct rec *rec, uint32_t sysreg)
{
    switch (sysreg) {
    case ID_AA64PFR0: return pfr0();
    case ID_AA64DFR0: return dfr0(rec);
    case ID_AA64ISAR0:
        return 0x1000000010211120ull; /* AES, SHA1, SHA2, CRC32, atomics, RDM, RNDR */
    case ID_AA64MMFR0:
        /* Granules of 4, 16 and 64 KB; 16-bit ASIDs; the Realm's IPA space is its PA space. */
        return parange(rec->s2.ipa_width) | 2ull << 4 | 1ull << 20;
    case ID_AA64MMFR1: return 2ull | 1ull << 20; /* HAFDBS: access flag and dirty state; PAN */
    default: return 0;
    }
}
