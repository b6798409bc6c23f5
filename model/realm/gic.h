/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm's virtual GICv3 CPU interface (A6.1; the GIC architecture, IHI0069): what the Host may give and sees, and
 * what the Realm's accesses do.
 *
 *      Host: LRs, ICH_HCR --> pending --IAR--> active --EOIR, DIR--> gone (EOI bit: tell the Host)
 *                                       |        ^ AP0R, AP1R: active priorities, dropped by EOIR
 *      MISR follows from all of it; while it is not zero the maintenance interrupt of the Host is asserted
 */
#ifndef CCASIM_REALM_GIC_H
#define CCASIM_REALM_GIC_H

#include <ccasim/realm_dev.h>

/* ICH_HCR_EL2 */
#define ICH_HCR_EN             (1ull << 0)
#define ICH_HCR_TDIR           (1ull << 14)
#define ICH_HCR_HOST_MASK      0x40feull /* UIE, LRENPIE, NPIE, VGrp{0,1}{E,D}IE, TDIR */
#define ICH_HCR_EOICOUNT_SHIFT 27
#define ICH_HCR_EOICOUNT_MASK  (0x1full << ICH_HCR_EOICOUNT_SHIFT)

/* B3.18 Gicv3ConfigIsValid: `lrs` are RmiRecEnter.gicv3_lrs; those that the PE does not have are
 * ignored. */
bool gic_input_is_valid(const struct impl *impl, uint64_t hcr, const uint64_t lrs[PE_NUM_LRS]);
/* What ICH_VMCR_EL2 holds when `value` is written to it: a binary point below the least that there is becomes that one. */
uint64_t gic_vmcr(const struct impl *impl, uint64_t value);
/* Takes the Host's values into the save area, which the PE has then. Valid ones only. */
void gic_load_input(const struct impl *impl, struct pe_gic *gic, uint64_t hcr,
                    const uint64_t lrs[PE_NUM_LRS]);
/* ICH_MISR_EL2 as the hardware derives it from the other registers. */
uint64_t gic_misr(const struct impl *impl, const struct pe_gic *gic);
/* The maintenance interrupt of the Host is asserted. */
static inline bool gic_maintenance(const struct pe_gic *gic)
{
    return (gic->hcr & ICH_HCR_EN) && gic->misr;
}

/* What the interface signals to the PE. */
#define GIC_VIRQ 1u
#define GIC_VFIQ 2u
unsigned gic_signals(const struct impl *impl, const struct pe_gic *gic);

/* The Realm's accesses, at EL1: `sysreg` is one of ICC_*_EL1. */
enum sysreg_result gic_read(const struct impl *impl, struct pe_gic *gic, uint32_t sysreg,
                            uint64_t *value);
enum sysreg_result gic_write(const struct impl *impl, struct pe_gic *gic, uint32_t sysreg,
                             uint64_t value);

#endif
