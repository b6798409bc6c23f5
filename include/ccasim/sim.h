/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one scheduler, outside the model: owns the PEs, executes steps, runs nested steps while a Realm runs or at an
 * event of a call, and lets a PE wait for a lock that another holds. The library's front door for embedders.
 *
 *      sim_step -- el3m_smc / gpt_access --> machine          (on the caller's stack)
 *                       | n-th event (during:), first entry of the Realm (while_running:)
 *                       v
 *                  nested steps, on a stack of their own: where one needs a lock that another PE holds, it is put
 *                  aside, the outer call goes on, and it continues when the lock is free or the outer call has ended.
 *
 * What interposes on machine.cpu, from the RMM's side: check/ (judges every entry and exit), then sim/ (runs
 * while_running: steps, picks script or code), then the scripted Realm or the emulated CPU.
 *
 * A machine in which a step waits for ever is wedged: nothing runs on it until sim_reset().
 */
#ifndef CCASIM_SIM_H
#define CCASIM_SIM_H

#include <ccasim/check.h>
#include <ccasim/step.h>

CCASIM_API_BEGIN

struct sim;
struct step_result;

struct sim_options {
    enum check_level check;
    uint32_t broken; /* as machine.broken: the planted bug, plus 1 */
    /* The engine for Realm code. Called once a scenario, when a REC without a script is first entered; the engine must
     * then forget what it knew of the machine. NULL, or CCA_ERR_UNSUPPORTED: only scripted Realms run. */
    int (*open_cpu)(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx);
    /* The machine for which open_cpu was called is about to be freed. May be NULL. */
    void (*close_cpu)(void *ctx, struct machine *m);
    /* Before each step, nested ones too: `in` is x0..x16 of a call with variables filled in, NULL otherwise. */
    void (*before_step)(void *ctx, const struct step *s, const uint64_t *in);
    /* After each step; a nested step is reported before the step that it runs in. */
    void (*on_step)(void *ctx, const struct step *s, const struct step_result *r);
    void *ctx;
};

/* What a step did, and whether it was as expected. */
struct step_result {
    bool ran;
    bool failed; /* an expectation was not met, or the step raised findings */
    bool limit;  /* the instruction limit ended a Realm's run */
    bool called; /* in and out are those of a call that returned */
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    bool fault;          /* an access: it faulted */
    uint64_t esr, value; /* an access: syndrome or data; a claim about a register: its value */
    char why[512];       /* when failed: first unmet expectation; "" when only findings */
    char got[96], expected[160];        /* short forms for the report; "" when `why` says it all */
    struct loc loc;                     /* of the unmet expectation; line 0: that of the step */
    const struct step *nested;          /* failed because this step, which ran during it, did */
    size_t first_finding, num_findings; /* into check_findings() */
    bool entered;                       /* a REC_ENTER that succeeded: exit_* are valid */
    uint64_t exit_reason;
    struct spec_verdict verdict; /* of a call, when checks are on: verdict.cmd != NULL */
};

/* Builds the machine. The options are copied. CCA_ERR_NOMEM or CCA_ERR_INVAL; *out is then NULL. */
int sim_new(const struct impl *impl, const struct sim_options *opt, struct sim **out);
void sim_free(struct sim *s);
/* Back to boot, for the next scenario. impl may differ: the mapping is kept when it does not. */
int sim_reset(struct sim *s, const struct impl *impl);
/* For the steps that follow; what is reset by sim_reset() is not affected. */
void sim_set_options(struct sim *s, const struct sim_options *opt);
struct machine *sim_machine(struct sim *s);
struct check *sim_check(struct sim *s);

/* Runs one step with everything nested in it. Returns false if it failed (r->failed). */
bool sim_step(struct sim *s, const struct scenario *sc, const struct step *st,
              struct step_result *r);
/* Runs all steps, stops at the first failed one. Index of the failed top-level step, or -1. */
int sim_run(struct sim *s, const struct scenario *sc, struct step_result *last);

/* The number that a value stands for now. False: its variable has none yet. */
bool sim_value(const struct sim *s, const struct value *v, uint64_t *out);
/* The granule whose lock makes a nested step wait: explain names it. 0: none waits. */
uint64_t sim_wedged_on(const struct sim *s);

/* What accesses were seen since the last reset: by the world that made them and the PAS of the granule. */
struct sim_accesses {
    uint32_t allowed[WORLD_COUNT][PAS_COUNT];
    uint32_t faulted[WORLD_COUNT][PAS_COUNT];
    uint32_t total;
};
const struct sim_accesses *sim_accesses(const struct sim *s);

CCASIM_API_END

#endif
