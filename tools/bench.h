/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * `ccasim bench`: what a call costs. Each row runs a fixed number of iterations (so that the final state and its hash
 * are the same on every machine), a few times, and reports the best time. Rows vary address, content and Realm.
 */
#ifndef CCASIM_TOOLS_BENCH_H
#define CCASIM_TOOLS_BENCH_H

#include <ccasim/check.h>
#include <ccasim/machine.h>

#define BENCH_REALMS 8u

/* A machine with some Realms to work on, and optionally the checks. */
struct bench_env {
    struct machine *m;
    struct check *check;        /* NULL: handlers alone */
    struct script_set *scripts; /* of the rows with needs_rec */
    uint64_t next;              /* next granule never used */
    uint64_t step;
    uint64_t full_checks, findings;
    uint64_t params; /* host page for parameters */
    uint64_t rd[BENCH_REALMS], root[BENCH_REALMS], rec[BENCH_REALMS], run[BENCH_REALMS];
    uint64_t other_rec[BENCH_REALMS]; /* never entered */
    uint64_t leaf[BENCH_REALMS];      /* level-3 table at IPA 0 */
};

struct bench_row {
    const char *name;
    const char *what;
    double baseline; /* TF-RMM v0.6.0 host build, calls per second; 0: none */
    double factor;   /* wanted: handlers alone >= factor * baseline */
    unsigned iterations, calls_per_iteration;
    bool scripted; /* Realms run a script */
    void (*prepare)(struct bench_env *e);
    void (*iterate)(struct bench_env *e, unsigned i);
};
extern const struct bench_row bench_rows[];
extern const unsigned bench_row_count;

/* Result of one row. */
struct bench_result {
    double calls_per_second;
    uint64_t state_hash, predicates, findings, full_checks;
};

/* `scripted`: the Realms run a script that makes host calls. */
int bench_env_open(struct bench_env *e, enum check_level level, bool scripted);
void bench_env_close(struct bench_env *e);
/* One RMI with the checks around it; exits with a message when the status is not RMI_SUCCESS. */
void bench_call(struct bench_env *e, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3,
                uint64_t a4, uint64_t a5);
uint64_t bench_granule(struct bench_env *e, bool delegate);
/* Two runnable RECs for Realm `i` that start at `pc`; activates the Realm. */
void bench_rec(struct bench_env *e, unsigned i, uint64_t pc);
/* Realm `i` with tables down to level 3 at IPA 0; NEW. */
void bench_realm(struct bench_env *e, unsigned i);
int bench_run_row(const struct bench_row *row, enum check_level level, unsigned repeats,
                  struct bench_result *out);
double bench_now(void);

/* Rows that run code on the emulated CPU, of a Realm (bench_cpu.c) and of the host (bench_host.c); CCA_ERR_UNSUPPORTED
 * without one. */
struct bench_cpu_result {
    const char *name;
    double bare_seconds, off_seconds, on_seconds; /* same number of instructions */
    double wanted_off, wanted_on;                 /* ratios */
};
/*
 * One row: runs the loop `repeats` times in a bare engine, without and with virtual time, in turn, so that a slow moment of
 * the machine hits them alike; the best of each goes into *r.
 */
struct bench_loop {
    const char *name;
    const void *code;
    size_t size;
    uint64_t pc, base, mem_size; /* as cpu_bare_run() takes them; pc is an offset into the code */
    const uint64_t *x;
    int (*run)(uint64_t pc, bool virtual_time, double *seconds);
};
int bench_loop(const struct bench_loop *l, unsigned repeats, struct bench_cpu_result *r);
int bench_cpu_loops(struct bench_cpu_result *out, unsigned *count);
int bench_host_loops(struct bench_cpu_result *out, unsigned *count);
/* Seconds for one REC_ENTER to a host call and back. */
int bench_cpu_round_trip(double *seconds);

#endif
