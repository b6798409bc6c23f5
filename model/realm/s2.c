/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/s2.h"

#define MAX_CONCATENATED 16u
/* DDI0487 AArch64.S2InvalidSL */
#define LEVEL0_MIN_PA_WIDTH       44u
#define LEVEL_MINUS1_MIN_PA_WIDTH 52u
/* AArch64.S2MinTxSZ: widest input address without VTCR_EL2.DS */
#define MAX_WIDTH 48u

bool s2_config_is_valid(uint64_t ipa_width, int64_t level_start, uint64_t num_start, bool lpa2,
                        unsigned pa_width)
{
    unsigned table_width; /* IPA bits that one start table resolves */
    uint64_t num = 1;

    /* Level 3 resolves 25 bits at most, and a Realm has 32 or more. */
    if (level_start < -1 || level_start > 2)
        return false;
    if (!lpa2 && (level_start < 0 || ipa_width > MAX_WIDTH))
        return false;
    if (level_start < 0 && pa_width < LEVEL_MINUS1_MIN_PA_WIDTH)
        return false;
    if (level_start == 0 && pa_width < LEVEL0_MIN_PA_WIDTH)
        return false;
    table_width = rtt_level_shift((int)level_start) + 9u;
    /* S2InconsistentSL: at least two entries of the start level are in use. */
    if (ipa_width < rtt_level_shift((int)level_start) + 1u)
        return false;
    if (ipa_width > table_width)
        num = 1ull << (ipa_width - table_width);
    return num <= MAX_CONCATENATED && num == num_start;
}

static uint64_t vtcr_ps(unsigned pa_width)
{
    static const uint8_t width[] = {32, 36, 40, 42, 44, 48, 52};
    unsigned ps = 0;

    while (width[ps] != pa_width)
        ps++;
    return ps;
}

/* VTCR_EL2 (DDI0487 D24.2): write-back, inner shareable walks of 4 KB granules. */
uint64_t s2_vtcr(const struct s2_context *s2, unsigned pa_width, unsigned vmid_bits)
{
    uint64_t t0sz = 64u - s2->ipa_width;
    uint64_t sl2 = s2->rtt_level_start < 0; /* with SL0 0: start at level -1 */
    uint64_t sl0 = sl2 ? 0 : (uint64_t)(2 - s2->rtt_level_start);
    uint64_t irgn0 = 1, orgn0 = 1, sh0 = 3;
    uint64_t vs = vmid_bits == 16;

    return t0sz | sl0 << 6 | irgn0 << 8 | orgn0 << 10 | sh0 << 12 | vtcr_ps(pa_width) << 16 |
           vs << 19 | 1ull << 31 | (uint64_t)s2->lpa2 << 32 | sl2 << 33;
}

uint64_t s2_vttbr(const struct s2_context *s2)
{
    /* With LPA2 the base's bits 51 to 48 are in BADDR[5:2]. */
    return (uint64_t)s2->vmid << 48 | (s2->rtt_base & ((1ull << 48) - 1)) |
           (s2->rtt_base >> 48 & 0xf) << 2;
}
