/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scripted Realm: an instance of realm_cpu_ops that needs no emulator. A script is a list of operations placed
 * at Realm addresses; operation k of a section that starts at `pc` is at pc + 4k, as an instruction would be. All
 * state is in the PC and the registers of the REC, so snapshots, several RECs and exceptions that the RMM injects
 * (PC = VBAR_EL1 + offset, where a section may lie) work as they do for real code.
 *
 *     section 0x1000:  set x1 | smc HOST_CALL | store x2 -> 0x80000000 | expect x0 == 0 | end
 *                      0x1000   0x1004          0x1008                   0x100c           0x1010
 *
 * The Realm runs at EL1. Loads, stores and fetches go through the MMU (stage 1 if the script turned it on, stage 2,
 * GPC) and reach memory. An operation takes one unit of virtual time. At a PC without an operation the run ends
 * with exc.limit, and a failure is recorded.
 */
#ifndef CCASIM_SCRIPT_H
#define CCASIM_SCRIPT_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

CCASIM_API_BEGIN

/*      kind           name        what it does */
#define SCRIPT_KINDS(X)                                                                            \
    X(SET, "set")       /* x[reg] = value */                                                       \
    X(SYSREG, "sysreg") /* EL1 system register `addr` (enum pe_sysreg) = value */                  \
    X(SMC, "smc")       /* x[i] = arg[i] for the bits i of args, then SMC #0 */                    \
    X(HVC, "hvc")       /* HVC #value */                                                           \
    X(SVC, "svc")       /* SVC #value: to the Realm's own vector */                                \
    X(LOAD, "load")     /* x[reg] = size bytes at addr */                                          \
    X(STORE, "store")   /* size bytes at addr = x[reg]; has_value: x[reg] = value first */         \
    X(FETCH, "fetch")   /* x30 = next; PC = addr, fetched through the MMU; without a section at */ \
                        /* addr there is a RET */                                                  \
    X(GOTO, "goto")     /* PC = addr */                                                            \
    X(ERET, "eret")     /* PC, PSTATE = ELR_EL1, SPSR_EL1 */                                       \
    X(WFI, "wfi")                                                                                  \
    X(WFE, "wfe")                                                                                  \
    X(MRS, "mrs")       /* x[reg] = system register `addr` (SYSREG() of realm_dev.h) */            \
    X(MSR, "msr")       /* system register `addr` = x[reg]; has_value: x[reg] = value first */     \
    X(EXPECT, "expect") /* x[reg] == value under mask, else a failure is recorded */               \
    X(END, "end")       /* the run ends as if by an interrupt, now and whenever entered again */

enum script_kind {
#define X(n, s) SCRIPT_##n,
    SCRIPT_KINDS(X)
#undef X
        SCRIPT_KIND_COUNT
};

struct script_op {
    uint8_t kind;     /* enum script_kind */
    uint8_t reg;      /* 0..30; 31 is XZR; SET, EXPECT: 32..63 are the low halves of V0..V31 */
    uint8_t size;     /* of a load or store: 1, 2, 4, 8 */
    bool sign, sf;    /* load: sign-extend; into a 64-bit register (ESR SSE, SF) */
    bool no_syndrome; /* load, store: as an instruction that has none (ISV = 0) */
    bool has_value;
    uint32_t args; /* SMC: bit i is set if x[i] = arg[i] */
    uint64_t addr;
    uint64_t value;
    uint64_t mask; /* EXPECT; 0: all bits */
    uint64_t arg[ABI_MAX_REGS];
};
struct script_section {
    uint64_t pc;
    struct script_op *ops;
    uint32_t num;
    bool fetched; /* each operation is fetched through the MMU first */
};
struct script {
    struct script_section *sections; /* must not overlap */
    uint32_t num;
};

#define SCRIPT_NO_OPERATION 255u
/* The first unmet `expect` (or PC without an operation), and how many there were. */
struct script_failure {
    uint64_t count;
    uint64_t rd, pc;
    uint8_t reg; /* 0..30, 32..63 as above; SCRIPT_NO_OPERATION: no operation at pc */
    uint64_t want, got;
};

/* The scripts of a machine's Realms. Keeps pointers to the scripts, not copies. */
struct script_set;
struct script_set *script_set_new(void); /* NULL: out of memory */
void script_set_free(struct script_set *s);
/* No scripts, no failures. */
void script_set_clear(struct script_set *s);
/* `rd`: the Realm that the script belongs to; 0: every Realm. A later script of the same Realm replaces the earlier
 * one. CCA_ERR_INVAL: sections overlap, or an operation is malformed. CCA_ERR_NOMEM. */
int script_set_add(struct script_set *s, const struct script *script, uint64_t rd);
const struct script_failure *script_set_failure(const struct script_set *s);
/* Sets m->cpu. What m->cpu was (NULL, or an emulated CPU) runs the RECs whose Realm has no script. */
void script_set_attach(struct script_set *s, struct machine *m);
void script_set_detach(struct script_set *s, struct machine *m);
/* Operations that one entry may take before it ends with exc.limit; default 1 M. */
void script_set_limit(struct script_set *s, uint64_t ops);

extern const struct realm_cpu_ops script_cpu;

/*
 * Realm code without an emulator: an instance of realm_cpu_ops that decodes and executes one A64 instruction after the
 * other, fetched through the MMU, at EL1 and EL0. What it shares with the emulated CPU is the model (MMU, exceptions,
 * system registers, interrupts); the decoding is its own. One instruction is one unit of virtual time.
 *
 * It knows the integer instructions, system instructions, and moves, loads and stores of SIMD&FP registers. At any other
 * it stops, for good, and says at which.
 */
struct script_code;
struct script_code_options {
    bool virtual_time;   /* false: time stands still */
    uint64_t insn_limit; /* of one enter() */
};
extern const struct realm_cpu_ops script_code_cpu; /* its context: a struct script_code */
struct script_code *script_code_new(void);         /* NULL: out of memory */
void script_code_free(struct script_code *c);
/* For a new scenario. */
void script_code_reset(struct script_code *c, const struct script_code_options *o);
/* The instruction that it does not know, and where; false: none was met. */
bool script_code_unknown(const struct script_code *c, uint32_t *insn, uint64_t *pc);

const char *script_kind_name(unsigned kind);
/* SCRIPT_KIND_COUNT when unknown. */
enum script_kind script_kind_by_name(const char *name);

CCASIM_API_END

#endif
