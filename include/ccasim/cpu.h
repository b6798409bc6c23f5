/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The emulated CPU: runs AArch64 code on Unicorn, of a Realm at EL1 and EL0 (an instance of realm_cpu_ops), and of the host
 * at EL2, EL1 and EL0. MMU, system registers, exceptions and time are the model's; Unicorn translates instructions and
 * caches what the model's MMU answered. Two engines a PE, one for each, opened when first needed and kept for the next machine.
 *
 *      enter():  registers that differ -> engine -> run ----> stop: fault, exception, trap, budget
 *                                          ^                   |
 *                                          +--- taken at EL1 --+--- taken at EL2 -> ESR, FAR, HPFAR, return
 *
 * Not modelled: AArch32, SVE, debug exceptions but BRK; in a Realm SP alignment faults and faults of cache maintenance by
 * VA. A build without Unicorn has these functions too: cpu_new() then returns CCA_ERR_UNSUPPORTED.
 */
#ifndef CCASIM_CPU_H
#define CCASIM_CPU_H

#include <ccasim/realm_cpu.h>

CCASIM_API_BEGIN

struct cpu;

/* CCA_ERR_UNSUPPORTED: built without Unicorn. CCA_ERR_NOMEM. */
int cpu_new(struct cpu **out);
void cpu_free(struct cpu *c); /* detaches; NULL is fine */
/* "2.1.4"; "none" in a build without Unicorn. */
const char *cpu_version(void);

/* What m->cpu may be set to, with the struct cpu as m->cpu_ctx. */
extern const struct realm_cpu_ops unicorn_cpu;
/* The machine whose memory the engines see; must outlive the binding. CCA_ERR_CPU: Unicorn refused. */
int cpu_bind(struct cpu *c, struct machine *m);
void cpu_unbind(struct cpu *c);
/* cpu_bind(), and m->cpu = &unicorn_cpu. */
int cpu_attach(struct cpu *c, struct machine *m);
void cpu_detach(struct cpu *c);

/* --- host code (machine.plat is set) --- */
enum cpu_host_why {
    CPU_HOST_SMC,   /* past an SMC that goes to EL3M: x0.. are the call */
    CPU_HOST_WFI,   /* past a WFI that nothing ends yet */
    CPU_HOST_WFE,   /* past a WFE with the event register clear */
    CPU_HOST_SEV,   /* past an SEV: the event registers of the other PEs are the caller's to set */
    CPU_HOST_SLICE, /* `until` is reached */
    CPU_HOST_RESET, /* plat.wants_reset or wants_off */
    CPU_HOST_BREAK, /* at a breakpoint, or one step is done: stopped() of cpu_debug has been called */
    CPU_HOST_STUCK, /* endless exceptions without an instruction: the host's vectors fault */
};
/*
 * Runs the host code of the PE from m->pe[pe].r in the Normal world. Exceptions, interrupts, system registers and devices
 * are served inside, and m->vtime advances. Registers are current on return; PC is the next instruction.
 * CCA_OK and *why; CCA_ERR_CPU: Unicorn failed.
 */
int cpu_host_run(struct cpu *c, struct machine *m, unsigned pe, uint64_t until,
                 enum cpu_host_why *why);

/*
 * For a debugger; both kinds of code. Before an instruction at a breakpoint, or after one instruction with `step`, the run of
 * this PE calls back, with registers current. It goes on when that returns: the Realm's by itself, the host's with the next
 * cpu_host_run(). An instruction that leaves a Realm, or the host for EL3M, is a step too. While a PE steps, breakpoints are
 * not told. NULL: none.
 */
struct cpu_debug {
    void (*stopped)(void *ctx, struct machine *m, unsigned pe);
    void *ctx;
    const uint64_t *breakpoint; /* virtual addresses, of any EL and world */
    size_t num_breakpoints;
    bool step[CCA_MAX_PES];
};
/* Takes effect at the next start of an engine, and at once inside stopped(). */
void cpu_set_debug(struct cpu *c, const struct cpu_debug *d);

struct cpu_options {
    /* Count instructions: m->vtime advances, IRQs and the limit come at an exact instruction. Default true. Off, the
     * Realm runs faster, time stands still, and an endless loop is endless. */
    bool virtual_time;
    uint64_t insn_limit; /* of one enter(); default 100 M */
};
void cpu_set_options(struct cpu *c, const struct cpu_options *o);

struct cpu_stats {
    uint64_t enters, runs; /* enter(); starts of the emulator */
    uint64_t insns;        /* with virtual time */
    uint64_t fills, faults, traps, own_exceptions;
    uint64_t tlb_flushes, code_flushes;
};
const struct cpu_stats *cpu_get_stats(const struct cpu *c);

/*
 * Runs `code`, which is placed at `base`, from `pc` on in a bare Unicorn engine, with `x` in x0..x30 and `mem_size` bytes
 * of memory from `base` on (those after the pages of the code are data), until an instruction raises an exception (end
 * the code with SMC or HVC). Nothing of the model: no hooks, no MMU. The yardstick of the bench.
 * CCA_OK and the seconds that it took; CCA_ERR_UNSUPPORTED, CCA_ERR_CPU.
 */
int cpu_bare_run(const void *code, size_t size, uint64_t pc, uint64_t base, uint64_t mem_size,
                 const uint64_t x[31], double *seconds);

/* One instruction as text, e.g. "ldr x0, [x1, #8]". False: not an instruction; buf then holds ".inst 0x...". */
bool cpu_disasm(uint32_t insn, uint64_t pc, char *buf, size_t size);

CCASIM_API_END

#endif
