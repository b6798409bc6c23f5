/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A step is one thing that can happen from outside the machine. A scenario is a list of steps, a
 * trace is a list of steps with results (and can be run again), a reproducer is a list of steps
 * printed as YAML.
 *
 * tools/ reads a scenario file into these structures (scenario.h); sim/ executes them (sim.h).
 * Loops are unrolled and symbolic names resolved by the loader; only values that a call returned
 * (`save:`) are looked up when the step runs.
 */
#ifndef CCASIM_STEP_H
#define CCASIM_STEP_H

#include <ccasim/abi.h>
#include <ccasim/event.h>
#include <ccasim/impl.h>
#include <ccasim/machine.h>
#include <ccasim/script.h>

CCASIM_API_BEGIN

/* Where in the user's file something stands. line and column start at 1. */
struct loc {
    const char *file;
    unsigned line, col;
};

/* A number known at load time, or variable `var` (what `save:` stored) plus the number. */
struct value {
    uint64_t num;
    int var; /* -1: none; else index into scenario.vars */
};

enum step_kind {
    STEP_CALL, /* an SMC: RMI from the Normal world, or any FID from any world */
    STEP_LOAD, /* a load by a PE of some world to some PAS */
    STEP_STORE,
    STEP_WRITE_BYTES,  /* host writes a byte string (parameter page, code, pattern) to NS memory */
    STEP_EXPECT_BYTES, /* host reads NS memory and compares (a byte string, or a fill value) */
    STEP_SCAN,         /* search all of DRAM (or the PAS named) for a byte string; expected count */
    STEP_IRQ, /* make an IRQ, FIQ or SError pending for a PE, now or after n instructions */
    STEP_SECURE_CLAIM, /* the Secure world takes an NS granule, or gives it back */
    STEP_EXPECT_STATE, /* claim about a granule: GST state, PAS, refcount */
    STEP_EXPECT_REG,   /* claim about a REC's register as the RMM holds it, or a saved variable */
    STEP_SCRIPT,       /* attach a scripted Realm */
    STEP_HOST_REG,     /* a register of the host on a PE */
    STEP_BROKEN,       /* fault injection: a Realm's access to a granule takes an external abort */
    STEP_POKE,         /* fault injection: flip bits of any DRAM behind everybody's back */
    STEP_KINDS
};

/* The low half of V0 in step.u.reg.reg; then that of V1 ... */
#define REG_V0 (33 + (int)SR_COUNT)

struct expect_status {
    uint8_t status;
    int16_t index;      /* -1: any */
    bool not_supported; /* x0 == SMC_NOT_SUPPORTED */
};

/* One field of RmiRecExit, of any structure in memory, or an output register. */
struct expect_field {
    const char *name;
    uint32_t offset; /* bytes from the start of the structure */
    uint8_t size;    /* 1, 2, 4, 8 */
    uint64_t mask;   /* compared under this mask */
    struct value value;
    struct loc loc;
};

struct step {
    enum step_kind kind;
    uint8_t pe;
    struct loc loc;
    const char *path; /* "steps[4]", "steps[7].repeat[3].steps[0]" */
    const char *note; /* the user's `note:`; NULL */
    uint32_t number;  /* 1.. in order of appearance, nested ones included */
    uint64_t
        at; /* virtual time goes on to this before the step, if it is not there yet; 0: it stays */
    union {
        struct {
            enum world world;
            const struct abi_command *cmd; /* NULL: raw fid */
            uint64_t fid;
            struct value arg[ABI_MAX_ARGS];
            unsigned num_args;
            uint64_t pc; /* of the SMC, in a trace of host code; 0: nobody's */
        } call;
        struct {
            enum world world;
            enum pas pas; /* of the access */
            struct value addr;
            uint8_t size;       /* 1, 2, 4, 8 */
            struct value value; /* store: stored; load: expected if has_value */
            bool has_value;
            enum { ACCESS_MUST_WORK, ACCESS_MUST_GPF, ACCESS_MUST_FAULT } must;
            uint64_t esr; /* if has_esr: expected syndrome */
            bool has_esr;
        } access;
        struct {
            struct value addr;
            const uint8_t *bytes; /* NULL: `len` times `fill` */
            uint32_t len;
            uint8_t fill;
            /* WRITE_BYTES: those whose value is in a variable; EXPECT_BYTES: those to compare */
            struct expect_field *field;
            unsigned num_fields;
        } bytes;
        struct {
            const uint8_t *bytes;
            uint32_t len;
            int pas;        /* enum pas, or -1: everywhere */
            uint64_t count; /* expected number of places */
        } scan;
        struct {
            uint64_t after; /* instructions from now; 0: now */
            enum { LINE_IRQ, LINE_FIQ, LINE_SERROR } line;
            uint64_t iss; /* of an SError: ISS of ESR_EL2 */
        } irq;
        struct {
            struct value addr;
            int set; /* ESR_ELx.ISS.SET of the abort; -1: the granule is good again */
        } broken;
        struct {
            struct value addr;
            bool claim;   /* false: give back */
            bool refused; /* EL3M must refuse */
        } secure;
        struct {
            struct value addr;
            int state;    /* enum gst_state, -1: not claimed */
            int pas;      /* enum pas, -1 */
            int refcount; /* -1 */
        } state;
        struct {
            struct value rec; /* REC granule; unused when `var` is set */
            bool host;        /* the host's, on the PE of the step: no REC */
            int reg;          /* 0..30 x; 31 pc; 32 pstate; 33.. SR_* + 33; REG_V0.. V registers */
            const char *reg_name;
            int var; /* -1, or index of a saved variable */
            struct value value;
            uint64_t mask;
        } reg;
        struct {
            struct script *script;
            struct value rd; /* Realm it belongs to */
        } script;
        struct {
            struct value addr;
            uint8_t size;
            uint64_t flip;
        } poke;
    } u;

    /* --- expectations of a call. Not given: RMI_SUCCESS. Given with num_any == 0: x0 is not
     * claimed (`expect: any`, and a raw `smc:` without `expect:`) --- */
    bool expect_given;
    struct expect_status *any;
    unsigned num_any;
    struct expect_field *out; /* offset = 8 * register number */
    unsigned num_out;
    struct expect_field *exit; /* RmiRecExit, offset from REC_EXIT_BASE */
    unsigned num_exit;
    struct save *save;
    unsigned num_save;

    /* --- things that happen during the call --- */
    struct step *running; /* while the Realm runs: at the first entry of this REC_ENTER */
    unsigned num_running;
    struct during *during;
    unsigned num_during;
};

/* Stores a result of the call in a variable: register `reg`, or `size` bytes of RmiRecExit. */
struct save {
    uint8_t reg;
    uint8_t size;
    int32_t exit_offset; /* >= 0: from RmiRecExit instead */
    int var;
};

/* Steps that happen inside the call, at its n-th event of the kind, from 1. */
struct during {
    enum event_kind event;
    uint64_t n;
    struct step *steps;
    unsigned num_steps;
    struct loc loc;
};

/* A blob of bytes with a name: assembled code, a raw file, an ELF's loadable bytes, a pattern. */
struct blob {
    const char *name;
    uint8_t *bytes;
    uint32_t len;
    uint64_t entry; /* offset of the entry point */
};

/* A scripted Realm with a name. */
struct script_name {
    const char *name;
    struct script *script;
};

/* What a name in `granules:` stands for. */
struct granule_name {
    const char *name; /* "rd", "rtt[3]" */
    uint64_t pa;
};

struct scenario {
    const char *file;
    const char *purpose; /* first line */
    const char **tags;
    unsigned num_tags;
    unsigned version; /* format version: 1 */
    uint64_t abi;     /* ABI_VERSION */
    struct impl impl;
    uint64_t insn_limit; /* per REC_ENTER */
    bool virtual_time;
    bool needs_cpu;         /* has Realm code: the emulated CPU, or the interpreter */
    const char *break_name; /* tag of scenarios/bugs: NULL */
    struct granule_name *names;
    unsigned num_names;
    const char **vars;
    unsigned num_vars;
    struct blob *blobs;
    unsigned num_blobs;
    struct script_name *scripts;
    unsigned num_scripts;
    struct step *steps;
    unsigned num_steps;
    uint32_t total_steps; /* nested ones included */
    void *arena;          /* everything above lives here */
};

CCASIM_API_END

#endif
