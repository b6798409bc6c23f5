/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers, by what they are to an image. One source is built twice: as it is for HCR_EL2.E2H = 0, and with -DVHE,
 * where an EL2 register goes by the name of its EL1 twin and that of a guest has a name with 12 or 02 in it.
 */
#ifndef IMAGES_SYSREG_H
#define IMAGES_SYSREG_H

#ifdef VHE
#define R_SCTLR      sctlr_el1
#define R_TCR        tcr_el1
#define R_TTBR0      ttbr0_el1
#define R_TTBR1      ttbr1_el1
#define R_MAIR       mair_el1
#define R_VBAR       vbar_el1
#define R_ESR        esr_el1
#define R_FAR        far_el1
#define R_ELR        elr_el1
#define R_SPSR       spsr_el1
#define R_TIMER_CTL  cntp_ctl_el0
#define R_TIMER_CVAL cntp_cval_el0
#define G_SCTLR      sctlr_el12
#define G_VBAR       vbar_el12
#define G_ESR        esr_el12
#define G_FAR        far_el12
#define G_ELR        elr_el12
#define G_SPSR       spsr_el12
#define G_TTBR0      ttbr0_el12
#define G_CNTV_CTL   cntv_ctl_el02
#define G_CNTV_CVAL  cntv_cval_el02
#else
#define R_SCTLR      sctlr_el2
#define R_TCR        tcr_el2
#define R_TTBR0      ttbr0_el2
#define R_MAIR       mair_el2
#define R_VBAR       vbar_el2
#define R_ESR        esr_el2
#define R_FAR        far_el2
#define R_ELR        elr_el2
#define R_SPSR       spsr_el2
#define R_TIMER_CTL  cnthp_ctl_el2
#define R_TIMER_CVAL cnthp_cval_el2
#define G_SCTLR      sctlr_el1
#define G_VBAR       vbar_el1
#define G_ESR        esr_el1
#define G_FAR        far_el1
#define G_ELR        elr_el1
#define G_SPSR       spsr_el1
#define G_TTBR0      ttbr0_el1
#define G_CNTV_CTL   cntv_ctl_el0
#define G_CNTV_CVAL  cntv_cval_el0
#endif
#define TIMER_PPI 26 /* CNTHP, by either name */
#define CNTV_PPI  27

/* GICv3, by encoding: not every assembler knows the names. */
#define ICC_IAR1    s3_0_c12_c12_0
#define ICC_EOIR1   s3_0_c12_c12_1
#define ICC_IGRPEN1 s3_0_c12_c12_7
#define ICC_SGI1R   s3_0_c12_c11_5
#define ICC_SRE_EL1 s3_0_c12_c12_5
#define ICC_SRE_EL2 s3_4_c12_c9_5
#define ICC_PMR     s3_0_c4_c6_0
#define ICH_HCR     s3_4_c12_c11_0
#define ICH_VMCR    s3_4_c12_c11_7
#define ICH_LR0     s3_4_c12_c12_0

#define HCR_VM  (1ul << 0)
#define HCR_FMO (1ul << 3)
#define HCR_IMO (1ul << 4)
#define HCR_AMO (1ul << 5)
#define HCR_TWI (1ul << 13)
#define HCR_TSC (1ul << 19)
#define HCR_TGE (1ul << 27)
#define HCR_RW  (1ul << 31)
#define HCR_E2H (1ul << 34)
#ifdef VHE
#define HCR_HOST       (HCR_E2H | HCR_TGE | HCR_RW | HCR_AMO | HCR_IMO | HCR_FMO)
#define HCR_GUEST_BASE (HCR_E2H | HCR_RW | HCR_AMO | HCR_IMO | HCR_FMO)
#else
#define HCR_HOST       (HCR_RW | HCR_AMO | HCR_IMO | HCR_FMO)
#define HCR_GUEST_BASE HCR_HOST
#endif

#ifndef __ASSEMBLER__
#define STRING_(x) #x
#define STRING(x)  STRING_(x)
#define MRS(name)                                                       \
    ({                                                                  \
        uint64_t v_;                                                    \
        __asm__ volatile("mrs %0, " STRING(name) : "=r"(v_)::"memory"); \
        v_;                                                             \
    })
#define MSR(name, value) \
    __asm__ volatile("msr " STRING(name) ", %0" ::"r"((uint64_t)(value)) : "memory")
#define ISB() __asm__ volatile("isb" ::: "memory")
#define DSB() __asm__ volatile("dsb sy" ::: "memory")
#endif

#endif
