/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Steps, calls and operands in words. `run` and `explain` print with these, so that they say the same things.
 */
#ifndef CCASIM_TOOLS_REPORT_H
#define CCASIM_TOOLS_REPORT_H

#include <ccasim/sim.h>

#include "text.h"

/* The command of a call, of a raw SMC with its identifier too; NULL: none. */
const struct abi_command *report_command(const struct step *st);
/* "rtt[3]", "run+0x800", or the number. */
void report_address(struct text *t, const struct scenario *sc, uint64_t a);
/* "RMI_RTT_FOLD(rd=rd, ipa=0x200000, level=3)"; `in` NULL: as in the file, variables by name. */
void report_call(struct text *t, const struct scenario *sc, const struct step *st,
                 const uint64_t *in);
/* The same for any step, on one line. */
void report_step(struct text *t, const struct scenario *sc, const struct step *st,
                 const uint64_t *in);
/* "RMI_ERROR_RTT/3" */
void report_status(struct text *t, uint64_t x0);
/* What the step did, on one line: a status, a value, a fault. */
void report_result(struct text *t, const struct scenario *sc, const struct step *st,
                   const struct step_result *r);
/* Text of a finding, with names put beside the addresses in it. `indent` starts every line after the first. */
void report_named(struct text *t, const struct scenario *sc, const char *s, const char *indent);
/* A paragraph: "finding I13 (tlb-coherent): ..." */
void report_finding(struct text *t, const struct scenario *sc, const struct finding *f,
                    const char *indent);
/* The value of an argument or result by its kind: name, number, version, state. */
void report_value(struct text *t, const struct scenario *sc, const struct abi_command *cmd,
                  const struct abi_field *f, uint64_t v);

/* --- the state of things (describe.c) --- */
/* Where one looks: the machine, and what its checks know (NULL: they are off). */
struct scene {
    struct machine *m;
    struct check *check;
};
struct scene scene_of(struct sim *s);
/* "RD, Realm PAS, refcount 1; Realm NEW, rec_index 0": one line. */
void describe_granule(struct text *t, const struct scene *w, const struct scenario *sc, uint64_t a);
/* The walk of the Realm's RTTs to an IPA: a line a level. */
void describe_walk(struct text *t, const struct scene *w, const struct scenario *sc, uint64_t rd,
                   uint64_t a, const char *indent);
/* One line per operand of the call that names something; walks of IPA operands take a line per level. */
void describe_operands(struct text *t, const struct scene *w, const struct scenario *sc,
                       const struct step *st, const uint64_t in[ABI_MAX_REGS], const char *indent);
/* "rtt_create.rtte_state" */
void describe_cond_id(struct text *t, const struct spec_command *c, unsigned row);
/* "RMI_ERROR_RTT" */
void describe_cond_status_name(struct text *t, const struct spec_command *c, unsigned row);
/* "rtt_create/success:unfold_assigned_ns". */
void describe_variant_id(struct text *t, const struct spec_command *c, unsigned row);
/* "RMI_ERROR_RTT/walk.level" */
void describe_cond_status(struct text *t, const struct spec_command *c, unsigned row);
/* Which condition decided: one line, or several when several may. */
void describe_deciding(struct text *t, const struct spec_verdict *v, const char *indent);

#endif
