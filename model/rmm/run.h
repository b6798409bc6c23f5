/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A running REC: from the moment RMI_REC_ENTER holds its reference until the exit is written to
 * the Host.
 *
 *        +--------------------------------------------------------------+
 *        v                                                              | RUN_RESUME
 *   REC -> PE -- m->cpu->enter() --> PE -> REC -- exit.c: what was it? -+
 *        Realm runs: no lock,        SLOT_REC mapped                    | RUN_EXIT
 *        no slot; others run too                                        v
 *                                                        RmiRecExit to the Host
 */
#ifndef CCASIM_RMM_RUN_H
#define CCASIM_RMM_RUN_H

#include <ccasim/abi.h>
#include <ccasim/realm_cpu.h>

#include "realm/rec.h"

struct realm_run {
    struct machine *m;
    unsigned pe;
    uint64_t rec_pa;
    struct rec *rec; /* SLOT_REC; NULL while the Realm runs */
    struct realm_exception exc;
    uint8_t enter[REC_ENTER_SIZE];
    uint8_t exit[REC_EXIT_SIZE];
};

enum run_next { RUN_RESUME, RUN_EXIT };

/* exit.c: what to do about run->exc. Fills run->exit when it says RUN_EXIT. */
enum run_next exit_handle(struct realm_run *run);
/* entry.c: what the Host's RmiRecEnter asks for before the Realm runs. RUN_EXIT: it does not run
 * at all. */
enum run_next entry_complete(struct realm_run *run);
/* run.c: runs the REC until there is something for the Host. */
void realm_run_loop(struct realm_run *run);

/* rsi/rsi.c: an SMC of the Realm. */
enum run_next rsi_dispatch(struct realm_run *run);
/* A Realm's parameter page has no memory behind it: exit as if the Realm had touched it (rmm-1.0
 * facts 1.12). */
enum run_next exit_data_abort_at(struct realm_run *run, ipa_t a, int level);

static inline void exit_put64(struct realm_run *run, unsigned offset, uint64_t v)
{
    __builtin_memcpy(run->exit + offset, &v, sizeof(v));
}
static inline uint64_t enter_get64(const struct realm_run *run, unsigned offset)
{
    uint64_t v;

    __builtin_memcpy(&v, run->enter + offset, sizeof(v));
    return v;
}
static inline void exit_reason(struct realm_run *run, enum rec_exit_reason reason)
{
    run->exit[REC_EXIT_REASON] = (uint8_t)reason;
}

#endif
