/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The checks: everything that looks at a run and can object. Three parts, one front:
 *
 *   judge       holds each call against model/spec: result registers, memory that the call must write, Realm registers
 *   refine      abstraction of the machine's tables == the specification's state (only with RMM_CAP_MEMORY)
 *   invariants  isolation predicates with ids (I1, I2 ...; docs/invariants.md), and rules on the event stream
 *               (lock-order, lock-leak, slot-leak, slot-without-lock, double-fetch, gpt-writer ...)
 *
 * After each step only what the step touched is evaluated again (CHECK_ALL), or everything (CHECK_FULL); a test holds
 * the two equal. A violated rule is a finding: data, never an abort.
 */
#ifndef CCASIM_CHECK_H
#define CCASIM_CHECK_H

#include <ccasim/machine.h>
#include <ccasim/realm_cpu.h>
#include <ccasim/spec.h>

CCASIM_API_BEGIN

enum check_level { CHECK_NONE, CHECK_ALL, CHECK_FULL };

struct finding {
    const char *rule; /* id from check_rules[]: "refine", "result", "lock-order", "I13" ... */
    uint64_t step;    /* as given to check_step_begin */
    unsigned pe;
    uint64_t fid;    /* call in progress, 0: none */
    uint64_t object; /* granule or address concerned, 0: none */
    char text[480];  /* what was found, what was expected; one or more lines, no trailing newline */
};

struct check_rule {
    const char *id;     /* "I13", "lock-order" */
    const char *name;   /* "tlb-coherent" */
    const char *text;   /* the predicate, restated for RMM 1.0 */
    const char *source; /* DEN0137 section, rmm-1.0 fact, seed invariant */
    const char *reads;  /* "granule", "realm", "machine", "event": what makes it evaluated again */
};
extern const struct check_rule check_rules[];
extern const size_t check_rule_count;

struct check;

/* Attaches to the machine: listens to events, interposes on m->cpu (so m->cpu must be set before; a NULL cpu is fine).
 * CHECK_NONE gives NULL and CCA_OK: all functions below accept NULL and do nothing. */
int check_new(struct machine *m, enum check_level level, struct check **out);
void check_free(struct check *c);
/* After machine_restore to a snapshot taken at the same time as check_save. */
struct check_snapshot;
struct check_snapshot *check_save(struct check *c);
void check_restore(struct check *c, const struct check_snapshot *s);
void check_snapshot_free(struct check_snapshot *s);

/* machine_reset(), and the checks begin anew with it: findings, coverage and the number of predicates stay. */
void check_machine_reset(struct check *c);

/* --- driven by the scheduler ---
 * A step may be nested in another's call (during:, while_running:). */
void check_step_begin(struct check *c, unsigned pe, uint64_t step);
/* Around one RMI: before the SMC leaves NS and after it came back. */
void check_rmi_begin(struct check *c, unsigned pe, const uint64_t in[ABI_MAX_REGS]);
void check_rmi_end(struct check *c, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                   const uint64_t out[ABI_MAX_REGS]);
/* Evaluates refine and the invariants on what was touched. */
void check_step_end(struct check *c, unsigned pe);
/* The Secure world took or gave back a granule. */
void check_secure_claim(struct check *c, uint64_t pa, enum pas to);

/* Everything, now: returns the number of new findings. */
size_t check_full(struct check *c);

const struct finding *check_findings(const struct check *c, size_t *count);
void check_findings_clear(struct check *c);
/* Verdict of the last completed call on `pe`, for explain and coverage; NULL: none yet. */
const struct spec_verdict *check_last_verdict(const struct check *c, unsigned pe);
/* Conditions of a call that is about to be made, without making it (explain). */
void check_evaluate(struct check *c, const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v);
struct spec *check_spec(struct check *c);
uint64_t check_num_predicates(const struct check *c);

/* Every (command, condition or success variant) seen, for coverage and for "no two scenarios cover the same set":
 * calls fn in a fixed order; id is "rtt_create.rtte_state" or "rtt_create/success" or "rtt_create/success:VARIANT"; and what the
 * devices of Realms were seen to do: "realm/mrs:ICC_IAR1_EL1", "realm/virtual:irq" ... */
void check_each_covered(const struct check *c,
                        void (*fn)(void *ctx, const char *id, uint64_t count), void *ctx);

/* What was seen of one command. */
#define CHECK_MAX_VARIANTS 64u
struct cover_row {
    uint64_t held,
        decided;   /* calls in which the condition held; in which its status was observed */
    uint64_t with; /* rows that held together with this one, itself included, in some call */
};
struct cover_command {
    const struct spec_command *cmd;
    struct cover_row row[SPEC_MAX_CONDS];
    uint64_t success;
    unsigned num_variants;
    struct {
        const char *name;
        uint64_t count;
    } variant[CHECK_MAX_VARIANTS];
};
/* NULL: no call of the command was judged. */
const struct cover_command *check_cover_of(const struct check *c, const struct spec_command *cmd);

/* As check_each_covered, and with how often each condition held, decided or not. */
void check_each_condition(const struct check *c,
                          void (*fn)(void *ctx, const char *id, uint64_t held, uint64_t decided),
                          void *ctx);

CCASIM_API_END

#endif
