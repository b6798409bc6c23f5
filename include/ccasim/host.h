/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host of a PE as software finds it: the registers of Non-secure EL2 and of the EL1 and EL0 below it, exceptions,
 * interrupts, generic timers. Exists where host code runs (`ccasim boot`): machine.plat is then set. EL1 and EL0 state is
 * pe.r while the PE is in the Normal world; the RMM swaps it with that of the Realm, as EL3M and an RMM do.
 *
 *      MRS, MSR --> host_sysreg_access --> el2[], pe.r, gic, platform (ICC_*)
 *      a synchronous exception --> host_exception --> ELR, SPSR, ESR, FAR, HPFAR of its EL, PSTATE, PC
 *      before an instruction --> host_interrupt --> the same, for IRQ, FIQ, SError, virtual ones too
 *
 * Registers of Secure and Root state are not here. Not modelled: docs/limits.md.
 */
#ifndef CCASIM_HOST_H
#define CCASIM_HOST_H

#include <ccasim/realm_dev.h>

CCASIM_API_BEGIN

/* clang-format off */
#define HOST_SYSREGS(X)                                                                              \
    X(SP_EL2) X(ELR_EL2) X(SPSR_EL2) X(ESR_EL2) X(FAR_EL2) X(HPFAR_EL2) X(VBAR_EL2) X(SCTLR_EL2)     \
    X(TCR_EL2) X(TTBR0_EL2) X(TTBR1_EL2) X(MAIR_EL2) X(AMAIR_EL2) X(ACTLR_EL2) X(AFSR0_EL2)          \
    X(AFSR1_EL2) X(TPIDR_EL2) X(CONTEXTIDR_EL2) X(HCR_EL2) X(HCRX_EL2) X(CPTR_EL2) X(HSTR_EL2)       \
    X(HACR_EL2) X(MDCR_EL2) X(VTTBR_EL2) X(VTCR_EL2) X(VPIDR_EL2) X(VMPIDR_EL2) X(VSESR_EL2)         \
    X(VDISR_EL2) X(CNTHCTL_EL2) X(CNTVOFF_EL2) X(CNTPOFF_EL2) X(CNTHP_CTL_EL2) X(CNTHP_CVAL_EL2)     \
    X(CNTHV_CTL_EL2) X(CNTHV_CVAL_EL2)
/* clang-format on */
enum host_sysreg {
#define X(n) HS_##n,
    HOST_SYSREGS(X)
#undef X
        HS_COUNT
};

#define HCR_E2H_BIT (1ull << 34)
#define HCR_TGE_BIT (1ull << 27)

struct host_pe {
    uint64_t
        el2[HS_COUNT]; /* ELR, SPSR ... of EL2: what the host wrote or an exception put there */
    struct pe_gic gic; /* ICH_*_EL2: virtual CPU interface of a guest at EL1 */
    struct pe_pmu pmu;
    bool on;         /* PSCI */
    bool on_pending; /* CPU_ON was called; whoever schedules starts it */
    bool event;      /* the event register that WFE looks at */
    bool os_locked;  /* OSLSR_EL1.OSLK */
};

/* Everything but MPIDR as reset leaves it: EL2h, DAIF masked, MMU off, UNKNOWN registers zero; PC is `entry`, x0 is `x0`. */
void host_reset(struct machine *m, unsigned pe, uint64_t entry, uint64_t x0);

/* --- exceptions (DDI0487 D1.3, D1.4) --- */

enum host_vector { HOST_SYNC, HOST_IRQ, HOST_FIQ, HOST_SERROR };
/* Taken to `to_el` (1 or 2): ELR, SPSR, ESR (not for IRQ and FIQ), FAR and HPFAR where given, PSTATE, PC at the vector. */
void host_exception(struct machine *m, unsigned pe, unsigned to_el, enum host_vector vector,
                    uint64_t esr, const uint64_t *far, const uint64_t *hpfar, uint64_t return_pc);
/* The EL that a synchronous exception of EC `ec`, raised at the EL of PSTATE and not routed by anything of its own, is taken
 * to: EL2 from EL2, and from EL0 with HCR_EL2.TGE; else EL1. */
unsigned host_sync_el(const struct machine *m, unsigned pe);
/* ERET at EL1 or EL2, legal or not (PSTATE.IL). False: it traps or is undefined there; nothing changed. */
bool host_eret(struct machine *m, unsigned pe);
/* WFI or WFE at the EL of PSTATE: is it trapped, and whereto? 0: not. */
unsigned host_wfx_trap_el(const struct machine *m, unsigned pe, bool wfe);
/* An SMC, HVC or FP instruction: EL that takes its trap; 0: it executes (SMC: goes to EL3M; HVC: to EL2). -1: undefined. */
int host_smc_trap_el(const struct machine *m, unsigned pe);
int host_hvc_trap_el(const struct machine *m, unsigned pe);
int host_fp_trap_el(const struct machine *m, unsigned pe);

/* --- system registers --- */

/*
 * MRS or MSR (register) by host code at the EL of PSTATE at time `now`; the redirection of HCR_EL2.E2H is in it. As
 * realm_sysreg_access(): SYSREG_TRAP_EL1 and SYSREG_TRAP_EL2 are EC 0x18 to that EL.
 */
enum sysreg_result host_sysreg_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                      uint64_t *value, uint64_t now);
/* Does a write to it change the address space or PSTATE's meaning, so that cached translations and flags are void? */
bool host_sysreg_changes_space(uint32_t sysreg);
/* A SYS instruction (TLBI, AT, IC, DC) of the host: may it be executed at the EL of PSTATE? */
enum sysreg_result host_sys_check(const struct machine *m, unsigned pe, uint32_t sysinsn);

/* --- interrupts and time --- */

/* Takes what is due, by PSTATE and routing; true: an exception was taken. */
bool host_interrupt(struct machine *m, unsigned pe);
/* Something that ends a WFI is pending, masked by PSTATE or not. */
bool host_wakes(struct machine *m, unsigned pe);
/* Virtual time at which host_interrupt() or host_wakes() may change by itself; TIME_NEVER. */
uint64_t host_deadline(struct machine *m, unsigned pe);
/* PSTATE bits that hold back what is pending now (realm_virtual_masks): an exception is due when one is clear. 0: none. */
uint64_t host_masks(struct machine *m, unsigned pe);
/*
 * PPIs that the PE's own devices assert now, a bit an INTID (16..31): CNTHP 26, CNTV 27, CNTHV 28, PMU 23, maintenance 25,
 * CNTP 30. While a REC is on the PE, all but CNTHP and CNTHV are of the Realm's devices, less what the RMM holds back.
 */
uint32_t host_ppis(const struct machine *m, unsigned pe, uint64_t now);
/* Virtual time of their next change; TIME_NEVER. */
uint64_t host_ppi_deadline(const struct machine *m, unsigned pe, uint64_t now);

CCASIM_API_END

#endif
