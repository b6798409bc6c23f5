/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a Realm that runs finds at its PE besides memory: system registers, the virtual CPU interface, timers, PMU, and
 * the interrupts that they raise. Both instances of the Realm's CPU call these functions, and nothing else: code and
 * scripted Realms behave alike. All state is in struct pe.
 *
 *      MRS, MSR --> realm_sysreg_access --> pe.r, pe.gic, pe.pmu
 *      before an instruction --> realm_interrupt: physical: to R-EL2     virtual: the Realm's own vector
 *
 * Time is an argument where the caller's clock may be ahead of m->vtime. Not modelled: a GIC with group priority bits
 * that differ from the implemented priority bits (but for at most 7), PMU filters by EL, chained and 64-bit event
 * counters.
 */
#ifndef CCASIM_REALM_DEV_H
#define CCASIM_REALM_DEV_H

#include <ccasim/realm_cpu.h>

CCASIM_API_BEGIN

/* --- system registers --- */

/* {op0, op1, CRn, CRm, op2} in 16 bits. */
#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 | (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | \
     (uint32_t)(op2))

enum sysreg_result {
    SYSREG_OK,
    SYSREG_UNDEF,    /* undefined at this EL */
    SYSREG_TRAP_EL1, /* an access by EL0 that EL1 traps: EC 0x18 */
    SYSREG_TRAP_EL2, /* EC 0x18 to the RMM */
};
/*
 * MRS or MSR (register) by the Realm that runs on `pe`, at the EL of its PSTATE, at the time `now`. Only SYSREG_OK
 * changes anything; *value is then what was read. After a write to PSTATE.DAIF or to a device an interrupt may be due.
 */
enum sysreg_result realm_sysreg_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                       uint64_t *value, uint64_t now);
/* ESR_ELx of a trapped access whose general-purpose register is `rt`. */
uint64_t realm_sysreg_esr(uint32_t sysreg, bool write, unsigned rt);
/* "ICC_IAR1_EL1", "S3_0_C12_C12_0". False: no such name. */
bool sysreg_by_name(const char *name, uint32_t *sysreg);
/* NULL: it has none. */
const char *sysreg_name(uint32_t sysreg);
/* The i-th name of the table, for lists; NULL behind the last. */
const char *sysreg_name_at(unsigned i);

/* --- interrupts --- */

#define TIME_NEVER UINT64_MAX
/*
 * Before the next instruction: takes what is due. True: to R-EL2, *exc says what. False: the Realm runs on, at its own
 * vector if a virtual interrupt was taken.
 */
bool realm_interrupt(struct machine *m, unsigned pe, struct realm_exception *exc);
/* R-EL2 asks, in the middle of a long command: is an IRQ for the host pending? Then it is taken. */
bool realm_take_irq(struct machine *m, unsigned pe);
/* Virtual time at which realm_interrupt(), which was false, will be true by itself; TIME_NEVER. */
uint64_t realm_deadline(const struct machine *m, unsigned pe);
/* The bits of PSTATE that hold back the virtual interrupts that are signalled: one is due when its bit is clear. 0: none
 * is signalled. */
uint64_t realm_virtual_masks(const struct machine *m, unsigned pe);
/* Something that ends a WFI of the Realm is pending, masked by PSTATE or not; or an interrupt for the host. */
bool realm_wakes(struct machine *m, unsigned pe);
/* WFI that is not trapped: if nothing is pending, time goes on to the next event. WFI completes. */
void realm_wait(struct machine *m, unsigned pe);
/* IRQ, FIQ or SError to EL1: `offset` 0x80, 0x100, 0x180 of the vector group; `esr` is for SError. */
void realm_take_interrupt(struct pe_regs *r, uint64_t offset, const uint64_t *esr);

/* --- PMU --- */

/* Counters up to `now`. Called by who reads or ends the run. */
void pmu_sync(struct pe_pmu *pmu, uint64_t now);
/* The overflow interrupt is asserted, at `now`. */
bool pmu_overflow(const struct pe_pmu *pmu, uint64_t now);

CCASIM_API_END

#endif
