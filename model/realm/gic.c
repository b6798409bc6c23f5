/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/gic.h"

#include <string.h>

/* ICH_LR<n>_EL2 */
#define LR_STATE(lr)     ((unsigned)((lr) >> 62))
#define LR_STATE_PENDING 1u
#define LR_HW            (1ull << 61)
#define LR_PRIORITY(lr)  ((unsigned)((lr) >> 48 & 0xff))
#define LR_PINTID(lr)    ((lr) >> 32 & 0x1fff)
#define LR_EOI           (1ull << 41)
#define LR_PINTID_EOI    (1ull << 9) /* the EOI bit as a bit of pINTID */
#define LR_VINTID(lr)    ((uint32_t)(lr))

/* INTIDs: 16 bits of them, no extended ranges (ICH_VTR_EL2.IDbits 0, ICC_CTLR_EL1.ExtRange 0). */
#define INTID_LAST_SPI  1019u
#define INTID_FIRST_LPI 8192u
#define INTID_LAST      65535u

#define ICH_HCR_VSGIEOICOUNT (1ull << 8)
#define ICH_HCR_DVIM         (1ull << 11)

static bool intid_is_valid(uint32_t intid)
{
    return intid <= INTID_LAST_SPI || (intid >= INTID_FIRST_LPI && intid <= INTID_LAST);
}

static bool lr_is_valid(const struct impl *impl, uint64_t lr)
{
    unsigned unimplemented = 0xffu >> impl->lr_priority_bits;

    return !(lr & LR_HW) && (LR_PRIORITY(lr) & unimplemented) == 0 &&
           (LR_PINTID(lr) & ~LR_PINTID_EOI) == 0 && intid_is_valid(LR_VINTID(lr));
}

static bool lr_is_duplicate(const uint64_t *lrs, unsigned i)
{
    for (unsigned j = 0; j < i; j++) {
        if (LR_STATE(lrs[j]) && LR_VINTID(lrs[j]) == LR_VINTID(lrs[i]))
            return true;
    }
    return false;
}

bool gic_input_is_valid(const struct impl *impl, uint64_t hcr, const uint64_t lrs[PE_NUM_LRS])
{
    if (hcr & ~ICH_HCR_HOST_MASK)
        return false;
    for (unsigned i = 0; i < impl->num_lrs; i++) {
        /* An empty list register says nothing about an interrupt: its other fields are ignored. */
        if (LR_STATE(lrs[i]) && (!lr_is_valid(impl, lrs[i]) || lr_is_duplicate(lrs, i)))
            return false;
    }
    return true;
}

void gic_load_input(const struct impl *impl, struct pe_gic *gic, uint64_t hcr,
                    const uint64_t lrs[PE_NUM_LRS])
{
    memset(gic->lr, 0, sizeof(gic->lr));
    memcpy(gic->lr, lrs, impl->num_lrs * sizeof(lrs[0]));
    gic->hcr = ICH_HCR_EN | ICH_HCR_VSGIEOICOUNT | ICH_HCR_DVIM | (hcr & ICH_HCR_HOST_MASK);
}

uint64_t gic_misr(const struct impl *impl, const struct pe_gic *gic)
{
    enum { EOI = 0, U, LRENP, NP, VGRP0E, VGRP0D, VGRP1E, VGRP1D };
    bool eoi = false, pending = false;
    unsigned in_use = 0;
    bool veng0 = gic->vmcr & 1, veng1 = gic->vmcr & 2;
    uint64_t wanted = gic->hcr & ICH_HCR_HOST_MASK; /* the enables are at the bit of their status */

    for (unsigned i = 0; i < impl->num_lrs; i++) {
        in_use += LR_STATE(gic->lr[i]) != 0;
        pending |= LR_STATE(gic->lr[i]) == LR_STATE_PENDING;
        eoi |= LR_STATE(gic->lr[i]) == 0 && !(gic->lr[i] & LR_HW) && (gic->lr[i] & LR_EOI);
    }
    if (!(gic->hcr & ICH_HCR_EN))
        return 0;
    return (uint64_t)eoi << EOI |
           (wanted &
            ((uint64_t)(in_use <= 1) << U |
             (uint64_t)((gic->hcr & ICH_HCR_EOICOUNT_MASK) != 0) << LRENP |
             (uint64_t)!pending << NP | (uint64_t)veng0 << VGRP0E | (uint64_t)!veng0 << VGRP0D |
             (uint64_t)veng1 << VGRP1E | (uint64_t)!veng1 << VGRP1D));
}
