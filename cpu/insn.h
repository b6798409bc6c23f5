/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the CPU needs to know of an A64 instruction that faulted: the address and the syndrome of a load or store,
 * the fields of a system instruction, whether it uses the SIMD&FP registers. Encodings: DDI0487 C4.1.
 */
#ifndef CPU_INSN_H
#define CPU_INSN_H

#include <ccasim/types.h>

/* A memory access. `addr` is computed from the registers as they were before the instruction. */
struct insn_access {
    uint64_t addr;
    uint32_t size;    /* bytes from addr that it may touch */
    uint32_t element; /* what has to be aligned where alignment is checked; 0: nothing */
    bool load, store; /* both: an atomic read-modify-write */
    bool exclusive;
    bool unprivileged; /* LDTR, STTR: the permissions of EL0 */
    uint64_t iss;      /* ISV, SAS, SSE, SRT, SF, AR as ESR_EL2 has them; 0: no valid syndrome */
};
/* False: not a load or store. `x` is x0..x30. */
bool insn_decode_access(uint32_t insn, const uint64_t x[31], uint64_t sp, uint64_t pc,
                        struct insn_access *out);

/* MRS, MSR, SYS, SYSL. */
struct insn_system {
    uint8_t op0, op1, crn, crm, op2, rt;
    bool read;
};
bool insn_decode_system(uint32_t insn, struct insn_system *out);

bool insn_uses_fp(uint32_t insn);

#define INSN_WFE      0xD503205Fu
#define INSN_WFI      0xD503207Fu
#define INSN_SEV      0xD503209Fu
#define INSN_SEVL     0xD50320BFu
#define INSN_ERET     0xD69F03E0u
#define INSN_ERETAA   0xD69F0BFFu
#define INSN_ERETAB   0xD69F0FFFu
#define INSN_IMM16(i) (((i) >> 5) & 0xffffu) /* SVC, HVC, SMC, BRK */

#endif
