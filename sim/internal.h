/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside sim/: sim.c (life cycle, realm_cpu_ops), step.c (one step), call.c, access.c, claim.c (the kinds of step),
 * sched.c (nested steps and locks), coro.c (stacks).
 */
#ifndef CCASIM_SIM_INTERNAL_H
#define CCASIM_SIM_INTERNAL_H

#include <ccasim/sim.h>

#include <setjmp.h>

#include "coro.h"

#define SIM_MAX_NESTED 16u

/* A list of nested steps that is being run on a stack of its own. */
struct nested {
    struct sim *sim;
    struct coro *co; /* kept for the next list */
    const struct step *steps;
    unsigned num;
    const struct step *now; /* the step that is in progress */
    bool active;
    bool waiting;
    unsigned pe; /* while waiting: who waits, and for which granule */
    uint64_t granule;
    struct nested *outer; /* whoever resumed it */
};

/* A call that is in progress on a PE. */
struct call {
    const struct step *st;
    uint64_t *seen; /* [st->num_during]: events of the kind so far */
    uint64_t spent; /* of the instruction limit */
    bool entered;   /* the Realm was entered once: while_running: steps have run */
    bool limit, cpu_failed, no_cpu;
};

struct sim {
    struct sim_options opt;
    struct machine *m;
    struct check *check;
    struct script_set *scripts;
    struct realm_cpu_ops ops;          /* what check/ wraps; forwards to `inner` */
    const struct realm_cpu_ops *inner; /* scripts, then code */
    void *inner_ctx;
    const struct realm_cpu_ops *code; /* NULL: not opened in this scenario */
    void *code_ctx;
    struct sched_ops sched;

    const struct scenario *sc;
    uint64_t *vars;
    bool *var_set;
    unsigned num_vars;
    uint8_t *buf; /* of steps that move bytes */
    size_t buf_size;
    struct sim_accesses seen;

    struct call *call[CCA_MAX_PES];
    struct nested nested[SIM_MAX_NESTED];
    struct nested *current;           /* NULL: on the caller's stack */
    const struct step *nested_failed; /* first nested step that failed, in this top-level step */
    bool listening;
    bool wedged;
    uint64_t wedged_on;
    char wedged_why[400];
    jmp_buf give_up; /* of the top-level step, when nothing can go on */
};

/* --- step.c --- */
/* First unmet expectation of the step: later ones are ignored. */
void step_fail(struct step_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void step_fail_got(struct step_result *r, const char *expected, const char *got);
/* True, or the step fails because a variable has no value. */
bool step_value(struct sim *s, const struct value *v, struct step_result *r, uint64_t *out);
bool step_run(struct sim *s, const struct step *st, struct step_result *r);
/* Buffer of the sim, at least `size` bytes; NULL: out of memory (the step fails). */
uint8_t *step_buffer(struct sim *s, size_t size, struct step_result *r);
uint64_t le_load(const uint8_t *p, unsigned size);
void le_store(uint8_t *p, unsigned size, uint64_t v);
/* A field of a structure in `base`, compared under its mask. */
bool field_check(struct sim *s, const struct expect_field *f, const uint8_t *base, const char *of,
                 struct step_result *r);

/* --- the kinds --- */
void step_call(struct sim *s, const struct step *st, struct step_result *r);
void step_access(struct sim *s, const struct step *st, struct step_result *r);
void step_write_bytes(struct sim *s, const struct step *st, struct step_result *r);
void step_expect_bytes(struct sim *s, const struct step *st, struct step_result *r);
void step_scan(struct sim *s, const struct step *st, struct step_result *r);
void step_poke(struct sim *s, const struct step *st, struct step_result *r);
void step_irq(struct sim *s, const struct step *st, struct step_result *r);
void step_broken(struct sim *s, const struct step *st, struct step_result *r);
void step_host_reg(struct sim *s, const struct step *st, struct step_result *r);
void step_secure_claim(struct sim *s, const struct step *st, struct step_result *r);
void step_expect_state(struct sim *s, const struct step *st, struct step_result *r);
void step_expect_reg(struct sim *s, const struct step *st, struct step_result *r);
void step_script(struct sim *s, const struct step *st, struct step_result *r);

/* --- sched.c --- */
void sched_init(struct sim *s);
void sched_destroy(struct sim *s);
/* Around a top-level step that has nested ones. */
void sched_begin(struct sim *s, const struct step *st);
/* Lets what still waits come to an end. False: something waits for ever; wedged_why says what. */
bool sched_end(struct sim *s);
/* Drops whatever is in progress. */
void sched_abandon(struct sim *s);
/* Runs nested steps now, until they end or one has to wait. */
void sched_run(struct sim *s, const struct step *steps, unsigned num);

#endif
