/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the run of host code: boot.c (life cycle, images, reset, the run), boot_sched.c (PEs in turn, waiting, time),
 * boot_smc.c (SMCs of the host, judged).
 */
#ifndef CCASIM_SIM_BOOT_INTERNAL_H
#define CCASIM_SIM_BOOT_INTERNAL_H

#include <ccasim/boot.h>

#include "coro.h"

enum boot_wait { WAIT_NONE, WAIT_WFI, WAIT_WFE, WAIT_LOCK };

/* A PE that is on: its code, host's or Realm's, on a stack of its own. */
struct boot_pe {
    struct boot *b;
    unsigned pe;
    struct coro *co; /* NULL: it was never on */
    bool active;     /* the coroutine has begun, and has not ended */
    enum boot_wait wait;
    uint64_t slices; /* WFE: of the others, when it began to wait */
    uint64_t
        idle; /* what the last entry of a Realm cost, which came back without an instruction; 0: it did not */
    uint64_t granule; /* of the lock */
};

struct boot {
    struct boot_options opt;
    const struct plat_desc *desc;
    struct machine *m;
    struct cpu *cpu;
    struct check *check;
    struct sched_ops sched;
    struct realm_cpu_ops realm;           /* what check/ wraps; forwards to the CPU */
    uint8_t *nvm;                         /* as it is kept over a reset */
    const struct plat_region *nvm_region; /* NULL: the platform has none */

    struct boot_pe pe[CCA_MAX_PES];
    unsigned turn;    /* the PE that runs, or ran last */
    uint64_t slices;  /* that ended, and passages of time while all waited */
    uint64_t until;   /* virtual time at which the slice ends */
    uint64_t before;  /* virtual time of what came before the last reset */
    unsigned polled;  /* slices since `interrupted` was asked */
    bool interrupted; /* it said so */

    bool over;
    struct boot_result result;
    size_t told; /* findings that on_call has heard of */
};

/* --- boot.c --- */
/* The run ends, here and now; the first one counts. */
void boot_ends(struct boot *b, enum boot_end end, unsigned pe, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static inline uint64_t boot_vtime(const struct boot *b)
{
    return b->before + b->m->vtime;
}
/* The platform is to be reset or off, or the run is over: no PE goes on. */
bool boot_must_stop(struct boot *b);

/* --- boot_sched.c --- */
void boot_sched_init(struct boot *b);
void boot_sched_free(struct boot *b);
/* Forgets what was in progress; PE 0 is on. */
void boot_sched_reset(struct boot *b);
/* m->cpu is the CPU, and time goes on in a Realm that only takes exceptions. */
void boot_sched_attach_cpu(struct boot *b);
/* Lets PEs run until boot_must_stop(). */
void boot_sched_run(struct boot *b);

/* --- boot_smc.c --- */
/* The PE executed an SMC that goes to EL3M. */
void boot_smc(struct boot *b, unsigned pe);
/* Findings that no call stands for: the listener hears of them. */
void boot_tell_findings(struct boot *b, unsigned pe);

#endif
