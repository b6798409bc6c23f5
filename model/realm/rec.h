/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm Execution Context: the content of a granule in state REC (A2.3.2), and of its first
 * REC_AUX granule.
 *
 *   NULL -- REC_CREATE --> READY <-- RMI_REC_ENTER --> RUNNING (reference count 1)
 *     ^--- REC_DESTROY ------'
 *
 * Guarded by the granule's lock while READY and by the reference while RUNNING (rmm-1.0 facts 1.4,
 * rule 8). What is fixed when the Realm is created is copied from the RD, so that the run loop
 * need not lock it.
 */
#ifndef CCASIM_REALM_REC_H
#define CCASIM_REALM_REC_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

#include "realm/attest.h"
#include "realm/s2.h"

/* What is not in struct pe_regs: in the first REC_AUX granule, or in the REC where there is
 * none. */
struct rec_sysstate {
    struct pe_gic gic;
    struct pe_pmu pmu;
    /* As the Host saw them at the last exit (A6.2, A8.1). */
    uint8_t cntp_asserted, cntv_asserted, pmu_asserted;
};
_Static_assert(sizeof(struct rec_sysstate) <= GRANULE_SIZE, "fits the first REC_AUX granule");

/* The last REC exit, as the next entry needs it (A4.2.3). */
struct rec_last_exit {
    uint64_t esr, far;         /* of EL2, not masked */
    uint8_t emulatable_abort;  /* Rec.emulatable_abort */
    uint8_t unprotected_abort; /* data abort at an Unprotected IPA: the Host may inject an SEA */
};

struct rec {
    struct pe_regs regs; /* while psci_pending: x0 to x3 are the PSCI call */
    uint64_t rd;
    uint64_t mpidr; /* RmiRecMpidr: Aff3 in [31:24] */
    struct s2_context s2;
    uint8_t hash_algo;
    uint8_t runnable;
    uint8_t host_call_pending;
    uint8_t psci_pending;
    uint8_t ripas_value, ripas_destroyed; /* of the pending RIPAS change: enum ripas, bool */
    uint8_t num_bps, num_wps;
    uint8_t sve;
    uint8_t pmu, pmu_num_ctrs;
    uint8_t serror_pending; /* a virtual SError for the Realm, of this syndrome */
    uint64_t vsesr;
    uint32_t num_aux;
    uint64_t aux[REC_MAX_AUX];
    uint64_t host_call_ipa;
    uint64_t ripas_addr, ripas_top; /* pending RIPAS change (A5.4): what is left; both 0: none */
    uint8_t rpv[64];
    struct rec_last_exit last_exit;
    struct attest attest;
    struct rec_sysstate sysstate; /* used when num_aux == 0 */
};
_Static_assert(sizeof(struct rec) <= GRANULE_SIZE, "a REC is one granule");

/* PSTATE fields, as in SPSR_ELx. */
#define PSTATE_M_MASK 0x1full
#define PSTATE_M_EL0T 0x0ull
#define PSTATE_M_EL1T 0x4ull
#define PSTATE_M_EL1H 0x5ull
#define PSTATE_NRW    (1ull << 4)
#define PSTATE_DAIF   (0xfull << 6)
#define PSTATE_SSBS   (1ull << 12)
#define PSTATE_PAN    (1ull << 22)
#define PSTATE_DIT    (1ull << 24)
#define PSTATE_NZCV   (0xfull << 28)

/* B3.38 RecIndex: Aff0[7:4] is not part of it. */
static inline uint64_t rec_mpidr_index(uint64_t mpidr)
{
    return (mpidr & 0xf) | (mpidr >> 8 & 0xff) << 4 | (mpidr >> 16 & 0xff) << 12 |
           (mpidr >> 24 & 0xff) << 20;
}
/* The affinity fields of an RmiRecMpidr, reserved bits dropped. */
static inline uint64_t rec_mpidr_fields(uint64_t mpidr)
{
    return mpidr & 0xffffff0full;
}
/* VMPIDR_EL2: Aff3 is in [39:32] there, and bit 31 is RES1. */
static inline uint64_t rec_vmpidr(uint64_t mpidr)
{
    return (mpidr & 0xffffff) | 1ull << 31 | (mpidr >> 24 & 0xff) << 32;
}

/* The same as an argument of PSCI functions. */
static inline uint64_t rec_psci_mpidr(uint64_t mpidr)
{
    return (mpidr & 0xffffff) | (mpidr >> 24 & 0xff) << 32;
}

/* Reset state of a new REC (rmm-1.0 facts 1.10). */
void rec_reset_regs(struct pe_regs *r, uint64_t pc, const uint64_t gprs[REC_NUM_CREATE_GPRS]);
/* Registers of a REC that PSCI_CPU_ON starts: general-purpose ones zero, EL1 with stage 1 off. `sctlr_ee`: SCTLR_EL1.EE
 * of the caller. Other system registers stay (the footprint of B4.3.7). */
void rec_power_on_regs(struct pe_regs *r, uint64_t sctlr_ee);

/* The result of a PSCI function: x0, and x1 to x3 zero (B4.3.7.3, args). */
static inline void rec_psci_result(struct rec *rec, uint64_t result)
{
    rec->regs.x[0] = result;
    rec->regs.x[1] = rec->regs.x[2] = rec->regs.x[3] = 0;
}

/* HCR_EL2 while a Realm runs, less the WFx traps that the Host asks for. */
#define HCR_VSE (1ull << 8) /* a virtual SError is pending */
#define HCR_TWI (1ull << 13)
#define HCR_TWE (1ull << 14)
uint64_t rec_hcr_el2(void);

/*
 * Exceptions that the RMM injects into the Realm: the register changes of an exception taken to
 * EL1. SEA: synchronous external abort, from the syndrome of the abort that EL2 took (A5.2.7).
 */
void inject_sea(struct pe_regs *r, uint64_t esr_el2, uint64_t far_el2);
/* Address size fault of stage 1, at this level (A5.2.8). */
void inject_address_size(struct pe_regs *r, uint64_t esr_el2, uint64_t far_el2, int level);
/* Exception of class Unknown, for the instruction at r->pc. */
void inject_undefined(struct pe_regs *r);

/* Value of an ID register as this Realm sees it; `sysreg` is {op0, op1, CRn, CRm, op2} as IDREG()
 * packs it. */
#define IDREG(op0, op1, crn, crm, op2)                                                             \
    ((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 | (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | \
     (uint32_t)(op2))
uint64_t rec_idreg(const struct rec *rec, uint32_t sysreg);

#endif
