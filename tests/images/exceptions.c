/* SPDX-License-Identifier: BSD-3-Clause */
/* Synchronous exceptions of EL2 that are no aborts by its tables: calls, traps, alignment, illegal state. */
#include "image.h"

#define SCTLR_A  (1ul << 1)
#define SCTLR_SA (1ul << 3)

#define DO(instructions, ...)                                                       \
    ({                                                                              \
        struct pe *pe_ = probe_begin();                                             \
        __asm__ volatile(instructions::__VA_ARGS__ : "x9", "x10", "x30", "memory"); \
        probe_end(pe_);                                                             \
    })

static void expect(const char *what, struct fault f, uint64_t ec)
{
    CHECK_EQ(f.taken, ec != ~0ul);
    if (f.taken)
        CHECK_EQ(ESR_EC(f.esr), ec);
    print("%s: %s", what, fault_name(&f));
}

static void calls(void)
{
    struct fault f = DO("svc #0x12\n"
                        "nop");

    expect("SVC", f, EC_SVC);
    CHECK_EQ(f.esr & 0xFFFF, 0x12);
    f = DO("hvc #0x34\n"
           "nop");
    expect("HVC", f, EC_HVC);
    CHECK_EQ(f.esr & 0xFFFF, 0x34);
    f = DO("brk #0x56");
    expect("BRK", f, EC_BRK);
    CHECK_EQ(f.esr & 0xFFFF, 0x56);
    expect("UDF", DO("udf #0"), EC_UNKNOWN);
    expect("a register of EL3", DO("mrs x9, scr_el3"), EC_UNKNOWN);
    expect("a register that is not there", DO("mrs x9, s3_7_c15_c15_7"), EC_UNKNOWN);
#ifndef VHE
    expect("SCTLR_EL12 without VHE", DO("mrs x9, s3_5_c1_c0_0"), EC_UNKNOWN);
#endif
    expect("a write of a read-only register", DO("msr s3_0_c0_c0_5, x9"), EC_UNKNOWN);
}

static void simd(void)
{
#ifdef VHE
    MSR(cpacr_el1, 0);
    ISB();
    expect("SIMD&FP, CPTR_EL2.FPEN 0", DO("fmov d0, x9"), EC_SIMD);
    MSR(cpacr_el1, 3ul << 20);
#else
    MSR(cptr_el2, MRS(cptr_el2) | 1ul << 10);
    ISB();
    expect("SIMD&FP, CPTR_EL2.TFP", DO("fmov d0, x9"), EC_SIMD);
    MSR(cptr_el2, MRS(cptr_el2) & ~(1ul << 10));
#endif
    ISB();
    expect("SIMD&FP", DO("fmov d0, x9"), ~0ul);
}

static void alignment(void)
{
    uint64_t *p = alloc(4096), at = (uint64_t)p + 1, sctlr = MRS(R_SCTLR);
    uint64_t device = UART_BASE + 0x18 + 1;
    struct fault f;

    expect("unaligned load", probe_load(at, 8, NULL), ~0ul);
    f = probe_exclusive(at);
    expect("unaligned exclusive load", f, EC_DABT);
    CHECK_EQ(ESR_FSC(f.esr), 0x21);
    CHECK_EQ(f.far, at);
    f = probe_load(device, 4, NULL);
    expect("unaligned load of a device", f, EC_DABT);
    CHECK_EQ(ESR_FSC(f.esr), 0x21);
    MSR(R_SCTLR, sctlr | SCTLR_A);
    ISB();
    f = probe_store(at, 4, 0);
    MSR(R_SCTLR, sctlr);
    ISB();
    expect("unaligned store, SCTLR_EL2.A", f, EC_DABT);
    CHECK(ESR_FSC(f.esr) == 0x21 && ESR_WNR(f.esr));
    f = probe_fetch((uint64_t)alignment + 2);
    expect("PC", f, EC_PC_ALIGNMENT);
    CHECK_EQ(f.far, (uint64_t)alignment + 2);
    MSR(R_SCTLR, sctlr | SCTLR_SA);
    ISB();
    /* With SP_EL0, so that the vectors have a stack. */
    f = DO("msr spsel, #0\n"
           "mov sp, %0\n"
           "ldr x10, [sp]\n"
           "msr spsel, #1",
           "r"((uint64_t)p + 8));
    MSR(R_SCTLR, sctlr);
    ISB();
    expect("SP", f, EC_SP_ALIGNMENT);
}

static void illegal(void)
{
    /* EL3 in SPSR_EL2: the return is illegal, and nothing executes until the state is legal again. */
    expect("illegal return",
           DO("adr x9, 1f\n"
              "msr " STRING(R_ELR) ", x9\n"
                                   "mov x9, #0x3cd\n"
                                   "msr " STRING(R_SPSR) ", x9\n"
                                                         "eret\n"
                                                         "1: nop"),
           EC_ILLEGAL);
}

void image_main(void)
{
    calls();
    simd();
    alignment();
    illegal();
}
