/* SPDX-License-Identifier: BSD-3-Clause */
/* The Realm's GIC virtual CPU interface as far as the RMM handles it (A6.1): what the Host may
 * give, what it sees. */
#ifndef CCASIM_REALM_GIC_H
#define CCASIM_REALM_GIC_H

#include <ccasim/machine.h>

/* ICH_HCR_EL2 */
#define ICH_HCR_EN            (1ull << 0)
#define ICH_HCR_HOST_MASK     0x40feull /* UIE, LRENPIE, NPIE, VGrp{0,1}{E,D}IE, TDIR */
#define ICH_HCR_EOICOUNT_MASK (0x1full << 27)

/* B3.18 Gicv3ConfigIsValid: `lrs` are RmiRecEnter.gicv3_lrs; those that the PE does not have are
 * ignored. */
bool gic_input_is_valid(const struct impl *impl, uint64_t hcr, const uint64_t lrs[PE_NUM_LRS]);
/* Takes the Host's values into the save area. Valid ones only. */
void gic_load_input(const struct impl *impl, struct pe_gic *gic, uint64_t hcr,
                    const uint64_t lrs[PE_NUM_LRS]);
/* ICH_MISR_EL2 as the hardware derives it from the other registers. */
uint64_t gic_misr(const struct impl *impl, const struct pe_gic *gic);

#endif
