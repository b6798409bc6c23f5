/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the interpreter of Realm code: script_code.c (loop, fetch, exceptions), code_alu.c (data processing),
 * code_memory.c (loads and stores), code_system.c (branches, exceptions, system instructions). Encodings: DDI0487 C4.1.
 *
 * Each instruction works on m->pe[pe].r directly; nothing of it has happened when it faults.
 */
#ifndef CCASIM_SIM_CODE_H
#define CCASIM_SIM_CODE_H

#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_dev.h>
#include <ccasim/script.h>

/* What an instruction came to. */
enum done {
    DONE_NEXT, /* executed: PC + 4 */
    DONE_JUMP, /* executed, PC is set; also an exception that is taken at EL1 from an executed instruction */
    DONE_AGAIN,   /* not executed: an exception is taken at EL1, PC is set */
    DONE_LEAVE,   /* executed, and the PE is in R-EL2: *exc */
    DONE_TRAP,    /* not executed, and the PE is in R-EL2: *exc */
    DONE_UNKNOWN, /* outside of what is implemented here */
};

/* Granules that the Realm on a PE stored to since its translations last changed: what they depend on, and which. */
#define CODE_MAX_STORES 64u
struct code_stores {
    uint64_t vttbr, sctlr, tcr, ttbr0, ttbr1;
    uint64_t granule[CODE_MAX_STORES];
    unsigned num;
};

/* One entry of a Realm. */
struct code_run {
    struct script_code *set;
    struct machine *m;
    unsigned pe;
    struct pe_regs *r;
    struct realm_exception *exc;
    bool virtual_time;
    uint64_t fetch_page; /* | 1: VA page that was fetched from last ... */
    uint64_t fetch_pa;   /* ... and where it is */
    bool look;           /* an interrupt may have become due by what was executed */
    bool exclusive;      /* local exclusive monitor */
    uint64_t exclusive_pa;
    struct code_run
        *outer; /* a Realm on another PE, in the middle of an instruction of which somebody heard */
};

struct script_code {
    struct script_code_options opt;
    bool unknown;
    uint32_t unknown_insn;
    uint64_t unknown_pc;
    struct code_run *run; /* innermost; NULL: none runs */
    struct code_stores stores[CCA_MAX_PES];
};

#define CODE_PSTATE_EL(p) ((unsigned)((p) >> 2) & 3)
#define CODE_PSTATE_SP    1ull
#define CODE_PSTATE_IL    (1ull << 20)
#define CODE_PSTATE_PAN   (1ull << 22)
#define CODE_PSTATE_UAO   (1ull << 23)
#define FLAG_N            (1ull << 31)
#define FLAG_Z            (1ull << 30)
#define FLAG_C            (1ull << 29)
#define FLAG_V            (1ull << 28)
#define FLAGS             (0xfull << 28)

static inline uint32_t bits(uint32_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2u << (high - low)) - 1);
}
static inline uint64_t sign_extend(uint64_t v, unsigned width)
{
    return (uint64_t)((int64_t)(v << (64 - width)) >> (64 - width));
}
static inline unsigned code_el(const struct code_run *c)
{
    return CODE_PSTATE_EL(c->r->pstate);
}
/* Register 31 is zero ... */
static inline uint64_t code_x(const struct code_run *c, uint32_t n)
{
    return n == 31 ? 0 : c->r->x[n];
}
static inline void code_set_x(struct code_run *c, uint32_t n, uint64_t v)
{
    if (n != 31)
        c->r->x[n] = v;
}
/* ... or the stack pointer in use. */
static inline uint64_t *code_xsp(struct code_run *c, uint32_t n)
{
    bool el1 = code_el(c) && (c->r->pstate & CODE_PSTATE_SP);
    return n != 31 ? &c->r->x[n] : &c->r->sys[el1 ? SR_SP_EL1 : SR_SP_EL0];
}

/* --- script_code.c --- */
enum done code_to_el1(struct code_run *c, uint64_t esr, const uint64_t *far, uint64_t return_pc);
enum done code_to_el2(struct code_run *c, uint64_t esr);
enum done code_undefined(struct code_run *c);
/* Who takes the fault, and how it is told; `iss`: of the instruction, 0 without. */
enum done code_fault(struct code_run *c, const struct mmu_fault *f, enum access_kind kind,
                     uint64_t iss);
/* The next instruction may be another, at another place or EL. */
void code_forget(struct code_run *c);
/* Translations changed: the next store to a granule is told again. */
void code_forget_stores(struct code_run *c);
/* SIMD&FP is disabled: DONE_NEXT if not, else the exception is taken. */
enum done code_fp_access(struct code_run *c);

/* --- code_alu.c --- */
enum done code_alu_immediate(struct code_run *c, uint32_t insn);
enum done code_alu_register(struct code_run *c, uint32_t insn);
enum done code_simd(struct code_run *c, uint32_t insn);
bool code_condition(const struct code_run *c, uint32_t cond);

/* --- code_memory.c --- */
enum done code_load_store(struct code_run *c, uint32_t insn);
/* DC ZVA */
enum done code_zero_block(struct code_run *c, uint64_t va);

/* --- code_system.c --- */
enum done code_branch_system(struct code_run *c, uint32_t insn);

#endif
