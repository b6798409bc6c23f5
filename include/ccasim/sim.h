/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one scheduler, outside the model: owns the PEs, executes steps, runs nested steps while a Realm runs or at an
 * event of a call, and lets a PE wait for a lock that another holds. The library's front door for embedders.
 */
#ifndef CCASIM_SIM_H
#define CCASIM_SIM_H

#include <ccasim/check.h>
#include <ccasim/step.h>

struct sim;
struct step_result;
struct cpu; /* cpu.h */

struct sim_options {
    enum check_level check;
    uint64_t break_mask;
    struct cpu *cpu;          /* engine to use; NULL: only scripted Realms */
    void (*on_step)(void *ctx, const struct step *s, const struct step_result *r); /* after each step; may be NULL */
    void *ctx;
};

/* What a step did, and whether it was as expected. */
struct step_result {
    bool ran;
    bool failed;                 /* an expectation was not met, or the step raised findings */
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS]; /* of a call */
    bool fault;                  /* an access: it faulted */
    uint64_t esr, value;         /* an access: syndrome or data */
    char why[512];               /* when failed: first unmet expectation (not for findings) */
    const char *got, *expected;  /* short forms for the report; may be NULL */
    size_t first_finding, num_findings; /* into check_findings() */
    uint32_t exit_reason;        /* of a REC_ENTER that succeeded */
    struct spec_verdict verdict; /* of a call, when checks are on: verdict.cmd != NULL */
};

/* Builds the machine for the scenario (kept and reset when the configuration is equal to the last one). */
int sim_new(const struct impl *impl, const struct sim_options *opt, struct sim **out);
void sim_free(struct sim *s);
/* Back to boot; for the next scenario of the same sim. impl may differ. */
int sim_reset(struct sim *s, const struct impl *impl);
struct machine *sim_machine(struct sim *s);
struct check *sim_check(struct sim *s);

/* Runs one step with everything nested in it. Returns false if it failed (r->failed). */
bool sim_step(struct sim *s, const struct scenario *sc, const struct step *st, struct step_result *r);
/* Runs all steps, stops at the first failed one. Index of the failed top-level step, or -1. */
int sim_run(struct sim *s, const struct scenario *sc, struct step_result *last);

#endif
