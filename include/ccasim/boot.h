/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host code on a platform: loads images, resets the PEs, and runs until the platform ends. Each RMI that the host makes is
 * judged as a step of a scenario is. The library's front door for embedders that have an image instead of steps.
 *
 *      boot_run: PE 0, 1 ... in turn, a slice each --> cpu_host_run --SMC--> el3m (RMI, PSCI, SMCCC) --> next
 *
 * Slices are counted in instructions, so that the interleaving, and with it every result, is the same each time.
 */
#ifndef CCASIM_BOOT_H
#define CCASIM_BOOT_H

#include <ccasim/check.h>
#include <ccasim/cpu.h>
#include <ccasim/plat.h>

CCASIM_API_BEGIN

struct boot_image {
    const char *name; /* for diagnostics */
    uint64_t base;    /* PA; anywhere in RAM */
    const uint8_t *data;
    size_t size;
};

/* An RMI that came back, or a finding outside of one. */
struct boot_call {
    uint64_t number; /* of the call, from 1 on, over resets too */
    unsigned pe;
    uint64_t pc; /* of the SMC */
    uint32_t insn;
    uint64_t began, ended; /* virtual time */
    const uint64_t *in, *out;
    const struct spec_verdict *verdict; /* NULL: checks are off */
    size_t first_finding, num_findings; /* into check_findings() */
};

struct boot_options {
    const struct plat_desc *plat; /* NULL: the first */
    unsigned num_pes;             /* 0: all of the platform */
    enum check_level check;
    uint32_t broken; /* as machine.broken */
    const struct boot_image *image;
    size_t num_images;
    uint64_t entry;   /* PA */
    uint64_t timeout; /* virtual time, ticks of the counter; 0: none */
    uint64_t slice;   /* instructions; 0: default (BOOT_SLICE) */
    uint8_t
        *nvm; /* content of the NVM region: in, and out at the end. NULL: all ones, and forgotten */
    size_t nvm_size;
    unsigned max_resets; /* 0: default (64) */
    void (*uart)(void *ctx, uint8_t byte);
    void (*on_call)(void *ctx, const struct boot_call *c);
    /* The same memory and registers with which the call is made are there to be read. May be NULL. */
    void (*before_call)(void *ctx, const struct boot_call *c);
    /* The platform is about to be reset, at virtual time `now`: calls in progress do not come back. May be NULL. */
    void (*on_reset)(void *ctx, uint64_t now, const char *why);
    /* ... and has been: images are loaded again, no PE has run. May be NULL. */
    void (*after_reset)(void *ctx);
    /* Asked now and then (not deterministic): true ends the run with BOOT_INTERRUPTED. May be NULL. */
    bool (*interrupted)(void *ctx);
    void *ctx;
};
#define BOOT_SLICE      5000u
#define BOOT_MAX_RESETS 64u

enum boot_end {
    BOOT_WFI, /* all PEs wait, and nothing will ever wake them: how images end */
    BOOT_OFF, /* PSCI SYSTEM_OFF, or the last PE that was on called CPU_OFF */
    BOOT_TIMEOUT,
    BOOT_RESETS, /* reset too often */
    BOOT_STUCK,  /* a PE takes exceptions for ever */
    BOOT_WEDGED, /* every PE waits for a lock, or for one that does; or the RMM left one held (a finding) */
    BOOT_INTERRUPTED,
    BOOT_CPU_FAILED,
    BOOT_MODEL_BUG, /* only of boot_broke() */
};
struct boot_result {
    enum boot_end end;
    unsigned pe; /* that ended it */
    uint64_t pc;
    char why[200];  /* one line */
    uint64_t vtime; /* over all resets */
    uint64_t insns;
    unsigned resets;
    uint64_t rmi_calls, other_smcs;
    uint64_t predicates; /* over all resets, as everything that follows */
};

struct boot;
/* CCA_ERR_UNSUPPORTED: built without Unicorn. CCA_ERR_INVAL: an image or the entry is outside RAM; `why` says which. */
int boot_new(const struct boot_options *opt, struct boot **out, char *why, size_t why_size);
void boot_free(struct boot *b);
struct machine *boot_machine(struct boot *b);
struct check *boot_check(struct boot *b); /* findings and coverage of all resets */
struct cpu *boot_cpu(struct boot *b);     /* for cpu_set_debug() */
int boot_run(struct boot *b, struct boot_result *r);
/* From inside of the run (a callback, a debugger): it ends as soon as it can, with BOOT_INTERRUPTED. */
void boot_interrupt(struct boot *b);
/*
 * From a model_bug_hook(): what there is to say of the run that does not come back. After a finding, that the RMM's data
 * contradicts itself is no wonder; without one it is a mistake of the model.
 */
void boot_broke(struct boot *b, const char *what, struct boot_result *r);
const char *boot_end_name(enum boot_end e); /* "wfi" */

CCASIM_API_END

#endif
