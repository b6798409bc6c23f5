/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of cpu/. An engine is a Unicorn instance: each PE has one for the Realm and one for the host, so that
 * both keep their translations over a world switch. It holds copies of what the model owns:
 *
 *   registers      `held` says what the engine has; load writes only what differs, save reads back what code changes
 *   translations   the engine's TLB has no tags: `space` names the address space that filled it
 *   instructions   translated blocks are keyed by physical address; who changes code from outside flushes them
 *
 * Hooks never take an exception. They note why to stop, and the run loop (cpu.c, host.c) acts on the registers of the model.
 */
#ifndef CPU_INTERNAL_H
#define CPU_INTERNAL_H

#include <ccasim/cpu.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/plat.h>
#include <ccasim/realm_dev.h>

#include "insn.h"

#include <unicorn/unicorn.h>

/* Why the engine stopped. */
enum stop {
    STOP_NONE,   /* WFI, or the end of a counted run */
    STOP_INTR,   /* exception `intno` of QEMU's numbering */
    STOP_FAULT,  /* a fill was refused */
    STOP_HOOKED, /* before the instruction at PC, which has to be looked at (WFE, ERET) */
    STOP_BUDGET, /* before a block that would run past the budget */
    STOP_PC_ALIGN,
    STOP_SP_ALIGN, /* before an access with a misaligned stack pointer as base (host) */
    STOP_REQUEST,  /* after an instruction: caches to flush, a deadline that moved */
    STOP_AT,       /* after an AT instruction that stage 2 refused; the host: at it */
    STOP_BREAK,    /* before the instruction at a breakpoint */
    STOP_REFUSED, /* at an access to a system register, or a SYS instruction, that the model refused (host) */
};

enum {
    INTR_UNDEF = 1,
    INTR_SVC = 2,
    INTR_PABORT = 3,
    INTR_DABORT = 4,
    INTR_BKPT = 7,
    INTR_HVC = 11,
    INTR_SMC = 13
};

/* What the engine's TLB depends on. */
struct space {
    uint64_t vttbr, vtcr, hcr, sctlr, tcr, ttbr0, ttbr1;
    uint64_t sctlr2, tcr2, ttbr0_2, ttbr1_2, mair, mair2; /* the host's */
};

/* An executable page that was looked through. */
struct scanned {
    uint64_t va, granule;
    bool fp;
};
#define MAX_PAGES 512u

enum engine_kind { ENGINE_REALM, ENGINE_HOST, ENGINE_KINDS };

struct engine {
    /*
     * Time, in bytes of code (4 an instruction), so that the block hook is one subtraction, and all of it in one cache
     * line: from `start` on `left` goes down, and below zero the budget of this run is used up. `block` is what began last;
     * it may not be complete. Once halted, `left` is negative and `begun` says what had begun.
     */
    int64_t left;
    uint64_t block;
    uint32_t block_size;
    int64_t start;
    uint64_t begun;

    uc_engine *uc;
    struct cpu *cpu;
    struct machine *m;
    enum engine_kind kind;
    struct mem mapped; /* base, size and host address that Unicorn has */
    unsigned pe;
    bool running; /* inside uc_emu_start */
    bool want_tlb_flush, want_code_flush;
    uint32_t flushes; /* a fill that sees it change starts again */

    struct pe_regs held;
    bool held_valid;
    bool fp_live; /* executable pages with FP instructions are mapped: V registers are exchanged */
    bool fp_off;  /* FP may have to trap: its instructions are looked at one by one */
    bool fp_seen; /* translated code may hold FP instructions that are not looked at */
    uint64_t held_hcr;
    uint64_t held_sctlr; /* host: the SCTLR in force at EL0 and EL1 */
    uint64_t held_el2[HS_COUNT];
    struct space space;
    bool space_valid;
    /* Granules that code was fetched from since the last flush of translated code: a bit each. */
    uint64_t *exec;
    size_t exec_words;

    enum stop stop;
    unsigned intno;
    uint64_t fault_page;
    enum access_kind fault_kind;
    struct mmu_fault at_fault;
    /* The registers of the model are those of the instruction that stopped the engine; what the engine did to the end of its
     * block has no effect. */
    bool saved;
    bool refused; /* the hook had an access to a system register refused, which comes again */
    uint64_t refused_pc;
    enum sysreg_result refusal;
    uint64_t zva_granule; /* sanitizer builds: not poisoned while QEMU zeroes it */

    /* PSTATE bits that hold a virtual interrupt back: each block looks whether one is gone. `left` then runs far below
     * zero, so that only such runs pay for it. */
    uint64_t watch;
    bool halted;
    bool counted;            /* this run goes to an exact instruction, by Unicorn's own count */
    uint64_t budget, before; /* instructions; of the run, and of its part that is over */
    uint64_t soft;           /* from here on it ends with the block */
    unsigned barren;         /* Realm: entries in a row that executed nothing */
    bool event;              /* Realm: an SEVL or SEV of its own that no WFE has used up */
    unsigned fp_changes;     /* of fp_off, by the host; too many, and it stays on */
    bool has_block_hook;
    uc_hook block_hook;

    /* Instructions that Unicorn offers nothing else to see them by, in executable pages (fill.c). */
    struct scanned page[MAX_PAGES];
    unsigned num_pages;
    uc_hook *special;
    size_t num_special, max_special;

    /* Alignment (align.c): each instruction is looked at; the next one makes SP misaligned. */
    bool aligning, sp_moves;
    uc_hook align_hook;

    /* The debugger (debug.c). */
    uint32_t debug_changes;
    uc_hook *breakpoint;
    size_t num_breakpoints;
    bool
        told; /* of the breakpoint at told_pc; it is not told again when the engine goes on from there */
    uint64_t told_pc, resumed;
    uint64_t began_pc; /* of the last run */
    bool inside;       /* a stop for the debugger that no stop of the CPU would have been */
};

struct cpu {
    struct machine *m;
    struct cpu_options opt;
    struct cpu_stats stats;
    struct engine *engine[ENGINE_KINDS][CCA_MAX_PES];
    const struct cpu_debug *debug;
    uint32_t debug_changes;
    uint64_t probed[65536 / 64],
        known[65536 / 64]; /* encodings of system registers that QEMU has */
};
#define NUM_ENGINES (ENGINE_KINDS * CCA_MAX_PES)
static inline struct engine *cpu_engine(struct cpu *c, unsigned i) /* of all; NULL: not opened */
{
    return c->engine[i / CCA_MAX_PES][i % CCA_MAX_PES];
}

static inline struct pe *engine_pe(struct engine *e)
{
    return &e->m->pe[e->pe];
}

#define HCR_TWI  (1ull << 13)
#define HCR_TWE  (1ull << 14)
#define HCR_TID3 (1ull << 18)
#define HCR_TSC  (1ull << 19)
#define HCR_E2H  (1ull << 34)

#define HCR_TEA  (1ull << 37)
#define HCR_APK  (1ull << 40)
#define HCR_NV   (1ull << 42)
#define HCR_API  (1ull << 41)
#define HCR_GPF  (1ull << 48)
#define MDCR_TDE (1ull << 8)

#define PSTATE_EL(p) ((unsigned)((p) >> 2) & 3)
#define PSTATE_BTYPE (3u << 10)
#define PSTATE_IL    (1ull << 20)
#define PSTATE_UAO   (1ull << 23)

#define SCTLR_M    (1ull << 0)
#define SCTLR_DZE  (1ull << 14)
#define SCTLR_UCT  (1ull << 15)
#define SCTLR_NTWI (1ull << 16)
#define SCTLR_NTWE (1ull << 18)
#define SCTLR_UCI  (1ull << 26)

/* engine.c */
int engine_open(struct cpu *c, enum engine_kind kind, unsigned pe, struct engine **out);
void engine_close(struct engine *e);
void engine_forget(struct engine *e); /* nothing that it holds is known */
int engine_load(struct engine *e);    /* m->pe[pe].r and the EL2 controls -> engine */
void engine_save(struct engine *e);   /* engine -> m->pe[pe].r */
void engine_flush(struct engine *e);  /* what was asked for while it could not be done */
void engine_write_cp(struct engine *e, uint32_t enc, uint64_t v);
void engine_stop(struct engine *e, enum stop why);
uint32_t engine_pstate(struct engine *e);
void engine_fp_live(struct engine *e);
void engine_fp_mode(struct engine *e); /* after CPACR_EL1, CPTR_EL2 changed */
bool fp_traps_to_el2(const struct pe *p);
bool fp_traps_to_el1(const struct pe *p, unsigned el);
bool engine_fetch(struct engine *e, uint64_t pc,
                  uint32_t *insn);   /* the instruction there, if it may be fetched */
void engine_track(struct engine *e); /* sized by the machine's memory */
/* The engine stops as if before the instruction at PC, whose hook this is; what is left of its block is undone. */
void engine_stop_here(struct engine *e, enum stop why);
uint64_t *engine_sp(struct engine *e, uint64_t pstate); /* of the model, as PSTATE selects it */
static inline unsigned engine_el(const struct engine *e)
{
    return PSTATE_EL(e->m->pe[e->pe].r.pstate);
}
static inline bool engine_executed(const struct engine *e, uint64_t pa)
{
    uint32_t i = granule_index(e->m, pa);
    return i / 64 < e->exec_words && (e->exec[i / 64] >> i % 64 & 1);
}

/* cpu.c: one start of the emulator, of up to `hard` instructions exactly, or about `soft`. CCA_ERR_CPU. */
int engine_run_once(struct engine *e, uint64_t hard, uint64_t soft);
bool engine_progressed(const struct engine *e, bool time_passed);
int cpu_get_engine(struct cpu *c, enum engine_kind kind, unsigned pe, struct engine **out);
/* A stop without progress that repeats is a vector that faults at once, for ever. */
#define MAX_IDLE_STOPS 1000u

/* clock.c */
void hook_block(uc_engine *uc, uint64_t addr, uint32_t size, void *user);
/* With the arguments in the places of hook_block(), which ends in a jump to it. */
void clock_slow_block(uc_engine *uc, uint64_t addr, uint32_t size, void *user);
/* A run of `hard` instructions at most, to the end of the block in which it has `soft`. */
void clock_begin(struct engine *e, uint64_t hard, uint64_t soft);
void clock_halt(struct engine *e);            /* the next block does not begin */
void clock_rearm(struct engine *e);           /* it asks for a new budget */
void clock_count_on(struct engine *e);        /* after STOP_BUDGET: no budget from here on */
uint64_t clock_begun(const struct engine *e); /* instructions begun in this run */
/* The same, less what of the last block lies from pc on. */
uint64_t clock_at(const struct engine *e, uint64_t pc);
uint64_t clock_now(const struct engine *e, uint64_t pc); /* virtual time at pc, inside a run */

/* fill.c */
bool hook_fill(uc_engine *uc, uint64_t vaddr, uc_mem_type type, uc_tlb_entry *result, void *user);
void specials_clear(struct engine *e);
void code_changed(struct cpu *c,
                  uint64_t pa); /* who executed that granule has to translate it anew */

/* sysreg.c */
uint32_t hook_mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
uint32_t hook_msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
/* The same for a register that QEMU does not know or trapped, on the registers of the model. */
enum sysreg_result sysreg_emulate(struct engine *e, const struct insn_system *i);
/* QEMU must not see an access to this register: the engine stops before it. */
bool sysreg_stops(uint32_t enc);

/* sysinsn.c */
uint32_t hook_sys(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);

void zva_done(struct engine *e);

/* except.c: after a stop. True: taken at EL1 or done, the Realm runs on. False: *exc. */
bool except_dispatch(struct engine *e, struct realm_exception *exc);
bool except_illegal_state(struct engine *e);

/* align.c */
void align_load(struct engine *e); /* before each start */
bool align_checks_sp(struct engine *e, unsigned el);
bool align_may_move_sp(uint32_t insn); /* to where it is misaligned, by its form */
/* The instruction at pc makes it misaligned, by what the registers hold now, and one that uses it may come. */
bool align_is_at_risk(struct engine *e, uint64_t pc, uint32_t insn);

/* debug.c */
void debug_load(struct engine *e); /* before each start */
void debug_close(struct engine *e);
void debug_stopped(struct engine *e); /* tells the debugger, who may change everything */
/* Where this run begins, none would if nobody had stopped it: then nothing is due yet, whatever the time. Once a stop. */
bool debug_is_inside(struct engine *e);
static inline bool debug_steps(const struct engine *e)
{
    return e->cpu->debug && e->cpu->debug->step[e->pe];
}

/* host_engine.c: what differs for the host's engine */
static inline uint64_t *engine_el2(struct engine *e)
{
    return e->m->plat->pe[e->pe].el2;
}
void host_load_system(struct engine *e);
void host_load_returns(struct engine *e); /* ELR and SPSR of EL1 and EL2 */
void host_space(const struct engine *e, struct space *s);
void host_fp_mode(struct engine *e);
bool host_is_special(uint32_t insn);
bool host_stops_before(struct engine *e, uint64_t pc, uint32_t insn);

/* host_sysreg.c */
uint32_t host_hook_mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
uint32_t host_hook_msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
uint32_t host_hook_sys(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
/* The same for what QEMU does not know, on the registers of the model. */
enum sysreg_result host_emulate(struct engine *e, const struct insn_system *i);

/* host_except.c: after a stop. True: the host runs on. False: *why. */
bool host_dispatch(struct engine *e, enum cpu_host_why *why);
bool host_illegal_state(struct engine *e);

/* mmio.c: a load or store to a device, performed on the registers of the model. */
enum mmio_result {
    MMIO_DONE,
    MMIO_ABORT,       /* nobody answers this access */
    MMIO_ALIGNMENT,   /* Device memory takes aligned accesses only, and no DC ZVA */
    MMIO_UNSUPPORTED, /* an exclusive or atomic access to Device memory */
    MMIO_FAULT,       /* *f: of a part that lies in another page */
};
enum mmio_result mmio_access(struct engine *e, unsigned el, uint32_t insn,
                             const struct insn_access *a, struct mmu_fault *f);

#endif
