/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traces: what a run did, step by step, as text that can be read, compared and run again.
 *
 *     ccasim-trace 1
 *     scenario scenarios/conformance/granule/good_delegate.yaml       one or more of these
 *     impl num_pes=2 dram.base=0x80000000 ...             the machine
 *     limits insns=1000000 virtual_time=1
 *     name rd 0x80000000                                  for people
 *     step 1 pe=0 call world=NS fid=0xc4000151 args=0x80000000   # RMI_GRANULE_DELEGATE(addr=rd)
 *       pe0 lock 0x80000000 UNDELEGATED                   events: indented, not read back
 *     end 1 out=0x0,0x0 ...                               # RMI_SUCCESS
 *     hash 0x1234                                         of the machine at the end
 *     result passed
 *
 * A step that runs inside another says where: `in=4 running`, `in=4 during=unlock:2`. When a trace is run, each result
 * must be the one that it has, and the machine must end in the same state. A trace of host code (`ccasim boot`) says when
 * and where each call was made, `at=TIME`, `pc=ADDR`, and has no hash: the host's own state is not in it; and how many calls
 * overlapped, `overlap N`.
 */
#ifndef CCASIM_TOOLS_TRACE_H
#define CCASIM_TOOLS_TRACE_H

#include <ccasim/scenario.h>
#include <ccasim/sim.h>

#include "text.h"

#define TRACE_VERSION   1u
#define TRACE_MAX_STEPS (1u << 20) /* in one scenario */

/* --- writing --- */
void trace_header(struct text *t);
/* `impl` is that of the machine. */
void trace_scenario(struct text *t, const struct scenario *sc, const struct impl *impl,
                    const char *name, const char *break_name);
/* As a before_step hook is called; `s` may be NULL where no value is in a variable. */
void trace_step(struct text *t, const struct sim *s, const struct scenario *sc,
                const struct step *st, const uint64_t *in);
void trace_event(struct text *t, const struct event *e);
void trace_result(struct text *t, const struct machine *m, const struct scenario *sc,
                  const struct step *st, const struct step_result *r);
void trace_end(struct text *t, const struct machine *m, bool passed);

/* --- reading --- */
struct trace {
    struct scenario *sc; /* free it with scenario_free(); name, below, lives there too */
    const char *name;
    const char *break_name; /* NULL: none */
    unsigned overlaps;      /* calls of host code that began while another PE was in one */
    bool has_hash;
    uint64_t hash;
};
/* Scenarios in the trace; -1: the file is no trace (or cannot be read). */
int trace_sections(const char *path);
/* CCA_ERR_PARSE, CCA_ERR_IO: a diag was added. */
int trace_load(const char *path, int section, struct trace *out, struct diag_list *diags);

#endif
