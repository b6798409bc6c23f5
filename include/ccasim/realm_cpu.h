/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm under the RMM as an interface: the RMM's run loop enters a Realm and gets back the exception that took
 * the PE to R-EL2. Instances: AArch64 code on Unicorn (cpu/), and a scripted Realm (script.h) that needs no emulator.
 * Both translate through mmu.h: stage 1, stage 2, GPC.
 */
#ifndef CCASIM_REALM_CPU_H
#define CCASIM_REALM_CPU_H

#include <ccasim/machine.h>

CCASIM_API_BEGIN

enum realm_vector { VEC_SYNC, VEC_IRQ, VEC_FIQ, VEC_SERROR };
struct realm_exception {
    enum realm_vector vector;
    uint64_t esr, far, hpfar; /* ESR_EL2, FAR_EL2, HPFAR_EL2 */
    bool limit; /* the instruction limit ended the run: vector is IRQ, and the scenario is told */
};

struct realm_cpu_ops {
    const char *name;
    bool runs_code; /* AArch64 instructions, not a script */
    /* Runs m->pe[pe].r under the EL2 controls of the PE until an exception is taken to EL2. Registers are current in
     * m->pe[pe].r on return; PC is the preferred return address. Advances m->vtime. CCA_ERR_CPU on an internal
     * failure of the emulator (exc is then an SError). */
    int (*enter)(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc);
    /* Translations may have changed (TLBI, TTBR, context): drop cached ones. May be NULL. */
    void (*flush_tlb)(void *ctx, struct machine *m);
    /* The content of a granule that may hold translated code changed from outside the CPU. May be NULL. */
    void (*flush_code)(void *ctx, struct machine *m, uint64_t granule);
    /* Everything: after machine_restore/reset. May be NULL. */
    void (*reset)(void *ctx, struct machine *m);
};

/* The Realm takes an exception to its own EL1: ELR, SPSR, ESR (and, unless `far` is NULL, FAR)_EL1, PC at the vector,
 * PSTATE EL1h with DAIF set (DDI0487 D1.4). `r` is what it ran with; ELR_EL1 becomes `return_pc`. */
void realm_take_exception(struct pe_regs *r, uint64_t esr, const uint64_t *far, uint64_t return_pc);

/* Exception classes, ESR_ELx.EC (DDI0487 D24.2.40). */
enum {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP = 0x07,
    EC_ILLEGAL = 0x0E,
    EC_SVC64 = 0x15,
    EC_HVC64 = 0x16,
    EC_SMC64 = 0x17,
    EC_SYSREG = 0x18,
    EC_IABORT_LOWER = 0x20,
    EC_IABORT_SAME = 0x21,
    EC_PC_ALIGN = 0x22,
    EC_DABORT_LOWER = 0x24,
    EC_DABORT_SAME = 0x25,
    EC_SP_ALIGN = 0x26,
    EC_SERROR = 0x2F,
    EC_BRK64 = 0x3C,
};
#define ESR_EC(ec)      ((uint64_t)(ec) << 26)
#define ESR_IL          (1ull << 25)
#define ESR_GET_EC(esr) ((unsigned)(((esr) >> 26) & 0x3f))
#define ESR_ISV         (1ull << 24)
#define ESR_SAS_SHIFT   22
#define ESR_SSE         (1ull << 21)
#define ESR_SRT_SHIFT   16
#define ESR_SF          (1ull << 15)
#define ESR_SET_SHIFT   11
#define ESR_FNV         (1ull << 10)
#define ESR_EA          (1ull << 9)
#define ESR_CM          (1ull << 8)
#define ESR_S1PTW       (1ull << 7)
#define ESR_WNR         (1ull << 6)
/* Fault status codes, ISS[5:0]. */
#define FSC_ADDRESS_SIZE 0x00u /* + level */
#define FSC_TRANSLATION  0x04u
#define FSC_ACCESS_FLAG  0x08u
#define FSC_PERMISSION   0x0Cu
#define FSC_SEA          0x10u
#define FSC_SEA_WALK     0x14u /* + level */
#define FSC_ALIGNMENT    0x21u
#define FSC_GPF          0x28u /* not on a walk */
#define FSC_GPF_WALK     0x24u /* + level */
/* Of a walk that starts at level -1 (LPA2); an SEA or a GPF of such a walk is the base value + level. */
#define FSC_ADDRESS_SIZE_MINUS1 0x29u
#define FSC_TRANSLATION_MINUS1  0x2Bu
static inline unsigned fsc_translation(int level)
{
    return level < 0 ? FSC_TRANSLATION_MINUS1 : FSC_TRANSLATION + (unsigned)level;
}

CCASIM_API_END

#endif
