/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PEs in turn, a slice of instructions each. Whoever waits (WFI, WFE, a lock) is passed over until what it waits for has
 * come; when all wait, virtual time goes on to what comes next by itself: a timer, a watchdog.
 */
#include "boot_internal.h"

#include <ccasim/gst.h>

#include <stdio.h>
#include <string.h>

/* Of a PE that is alone: how long until somebody asks whether the run is to be interrupted. */
#define SLICE_ALONE 1000000u
/* Slices between two such questions. */
#define POLL_EVERY 64u

static bool in_realm(const struct boot_pe *p)
{
    return p->b->m->pe[p->pe].world == WORLD_REALM;
}

static bool wakes(const struct boot_pe *p)
{
    return in_realm(p) ? realm_wakes(p->b->m, p->pe) : host_wakes(p->b->m, p->pe);
}

static uint64_t deadline_of(const struct boot_pe *p)
{
    return in_realm(p) ? realm_deadline(p->b->m, p->pe) : host_deadline(p->b->m, p->pe);
}

static bool may_run(const struct boot_pe *p)
{
    const struct machine *m = p->b->m;
    const struct host_pe *h = &m->plat->pe[p->pe];

    if (!h->on)
        return h->on_pending;
    switch (p->wait) {
    case WAIT_WFI: return wakes(p);
    case WAIT_WFE: return h->event || p->slices != p->b->slices || wakes(p);
    case WAIT_LOCK: return m->gst[granule_index(m, p->granule)].lock == 0;
    default: return true;
    }
}

static unsigned num_pes(const struct boot *b)
{
    return b->m->impl.num_pes;
}

/* Whose turn it is after b->turn; NULL: all wait. */
static struct boot_pe *next_pe(struct boot *b)
{
    for (unsigned i = 1; i <= num_pes(b); i++) {
        struct boot_pe *p = &b->pe[(b->turn + i) % num_pes(b)];

        if (may_run(p))
            return p;
    }
    return NULL;
}

static void no_later_than(uint64_t *t, uint64_t now, uint64_t deadline)
{
    if (deadline > now && deadline < *t)
        *t = deadline;
}

/* The next thing that happens by itself: to a PE that waits, and to the platform. TIME_NEVER: nothing. */
static uint64_t next_event(struct boot *b)
{
    uint64_t t = TIME_NEVER;

    no_later_than(&t, b->m->vtime, plat_deadline(b->m));
    for (unsigned i = 0; i < num_pes(b); i++)
        if (b->m->plat->pe[i].on && b->pe[i].wait != WAIT_NONE)
            no_later_than(&t, b->m->vtime, deadline_of(&b->pe[i]));
    return t;
}

static bool is_alone(const struct boot *b)
{
    unsigned on = 0;

    for (unsigned i = 0; i < num_pes(b); i++)
        on += b->m->plat->pe[i].on || b->m->plat->pe[i].on_pending;
    return on == 1;
}

/* The end of the run in the machine's time. */
static uint64_t timeout_of(const struct boot *b)
{
    if (b->opt.timeout == 0)
        return TIME_NEVER;
    return b->opt.timeout > b->before ? b->opt.timeout - b->before : 0;
}

static void begin_slice(struct boot *b, struct boot_pe *p)
{
    const uint64_t now = b->m->vtime;

    b->turn = p->pe;
    b->until = now + (is_alone(b) ? SLICE_ALONE : b->opt.slice);
    no_later_than(&b->until, now, next_event(b));
    no_later_than(&b->until, now, timeout_of(b));
    if (p->wait == WAIT_WFE)
        b->m->plat->pe[p->pe].event = false;
    p->wait = WAIT_NONE;
}

static void poll(struct boot *b)
{
    if (b->opt.interrupted && b->polled++ % POLL_EVERY == 0 && b->opt.interrupted(b->opt.ctx))
        boot_ends(b, BOOT_INTERRUPTED, b->turn, "interrupted");
    if (b->m->vtime >= timeout_of(b))
        boot_ends(b, BOOT_TIMEOUT, b->turn, "the time is up");
}

/* A slice of the PE has ended, or it waits; returns when it may go on. */
static void pause_pe(struct boot_pe *p, enum boot_wait wait)
{
    struct boot *b = p->b;

    p->wait = wait;
    p->slices = ++b->slices;
    boot_tell_findings(b, p->pe);
    if (plat_deadline(b->m) <= b->m->vtime)
        plat_advance(b->m);
    poll(b);
    if (!boot_must_stop(b) && next_pe(b) == p)
        begin_slice(b, p); /* the others wait: no need to change stacks */
    else
        coro_yield(p->co);
}

/* A PE that was alone has called another. */
static void shorten_slice(struct boot *b)
{
    uint64_t end = b->m->vtime + b->opt.slice;

    if (end < b->until && !is_alone(b))
        b->until = end;
}

static void send_event(struct boot *b, unsigned pe)
{
    for (unsigned i = 0; i < num_pes(b); i++)
        if (i != pe)
            b->m->plat->pe[i].event = true;
}

static void pe_stopped(struct boot_pe *p, enum cpu_host_why why)
{
    struct boot *b = p->b;

    switch (why) {
    case CPU_HOST_SMC:
        boot_smc(b, p->pe);
        shorten_slice(b);
        if (boot_must_stop(b))
            pause_pe(p, WAIT_NONE);
        break;
    case CPU_HOST_SEV: send_event(b, p->pe); break;
    case CPU_HOST_WFI: pause_pe(p, WAIT_WFI); break;
    case CPU_HOST_WFE: pause_pe(p, WAIT_WFE); break;
    case CPU_HOST_STUCK:
        boot_ends(b, BOOT_STUCK, p->pe,
                  "PE %u takes exceptions for ever, and executes nothing between them", p->pe);
        pause_pe(p, WAIT_NONE);
        break;
    case CPU_HOST_SLICE:
    case CPU_HOST_RESET: pause_pe(p, WAIT_NONE); break;
    case CPU_HOST_BREAK: break; /* the debugger has had its turn */
    }
}

static void pe_main(void *arg)
{
    struct boot_pe *p = arg;
    struct boot *b = p->b;
    enum cpu_host_why why;

    while (b->m->plat->pe[p->pe].on) {
        if (cpu_host_run(b->cpu, b->m, p->pe, b->until, &why) == CCA_OK) {
            pe_stopped(p, why);
            continue;
        }
        boot_ends(b, BOOT_CPU_FAILED, p->pe, "the emulated CPU failed inside");
        pause_pe(p, WAIT_NONE);
    }
    b->slices++;
}

static void start_pe(struct boot_pe *p)
{
    struct host_pe *h = &p->b->m->plat->pe[p->pe];

    h->on = true;
    h->on_pending = false;
    if (p->co == NULL)
        p->co = coro_new();
    if (p->co == NULL)
        MODEL_BUG("no memory for a stack");
    coro_prepare(p->co, pe_main, p);
    p->active = true;
    p->wait = WAIT_NONE;
}

static void nobody_can(struct boot *b)
{
    const struct boot_pe *lock = NULL, *last = &b->pe[b->turn];
    bool any = false;

    for (unsigned i = 0; i < num_pes(b); i++) {
        any |= b->m->plat->pe[i].on;
        if (b->m->plat->pe[i].on && b->pe[i].wait == WAIT_LOCK)
            lock = &b->pe[i];
    }
    if (!any)
        boot_ends(b, BOOT_OFF, b->turn, "PE %u called CPU_OFF, and no other is on", b->turn);
    else if (lock)
        boot_ends(b, BOOT_WEDGED, lock->pe,
                  "PE %u waits for the lock of granule 0x%llx, and nobody is left to release it",
                  lock->pe, (unsigned long long)lock->granule);
    else
        boot_ends(b, BOOT_WFI, last->pe,
                  "all PEs wait for an interrupt that cannot come; PE %u at 0x%llx", last->pe,
                  (unsigned long long)b->m->pe[last->pe].r.pc);
}

/* All wait: on to what comes next. A WFE may end at any time, and does then. */
static void pass_time(struct boot *b)
{
    uint64_t t = next_event(b), end = timeout_of(b);

    if (t == TIME_NEVER) {
        nobody_can(b);
        return;
    }
    b->m->vtime = t < end ? t : end;
    b->slices++;
    plat_advance(b->m);
    poll(b);
}

void boot_sched_run(struct boot *b)
{
    while (!boot_must_stop(b)) {
        struct boot_pe *p = next_pe(b);

        if (p == NULL) {
            pass_time(b);
            continue;
        }
        if (!p->active)
            start_pe(p);
        begin_slice(b, p);
        p->active = coro_resume(p->co);
    }
}

/* --- what the model asks for ------------------------------------------------------------------------------------- */

static void sched_wait(void *ctx, struct machine *m, unsigned pe, pa_t granule)
{
    struct boot *b = ctx;

    (void)m;
    b->pe[pe].granule = granule.v;
    pause_pe(&b->pe[pe], WAIT_LOCK);
}

static uint64_t sched_slice(void *ctx, struct machine *m, unsigned pe)
{
    const struct boot *b = ctx;

    (void)m;
    (void)pe;
    return b->until;
}

static void sched_yield(void *ctx, struct machine *m, unsigned pe, enum sched_why why)
{
    static const enum boot_wait wait[] = {
        [SCHED_SLICE] = WAIT_NONE,
        [SCHED_WFI] = WAIT_WFI,
        [SCHED_WFE] = WAIT_WFE,
    };
    struct boot *b = ctx;

    (void)m;
    pause_pe(&b->pe[pe], wait[why]);
}

/* --- Realms ------------------------------------------------------------------------------------------------------ */

#define IDLE_MAX 1000000u

/*
 * A Realm whose vectors fault comes back for ever, and nothing is executed that would take time. On a PE it does: each such
 * entry costs twice what the one before it cost, but no more than to where something else is due, so that a timer or a
 * watchdog ends it.
 */
static void pass_idle(struct boot *b, unsigned pe)
{
    struct boot_pe *p = &b->pe[pe];
    uint64_t now = b->m->vtime, end;

    p->idle = p->idle ? 2 * p->idle : 1;
    if (p->idle > IDLE_MAX)
        p->idle = IDLE_MAX;
    end = now + p->idle;
    no_later_than(&end, now, b->until);
    no_later_than(&end, now, next_event(b));
    no_later_than(&end, now, realm_deadline(b->m, pe));
    b->m->vtime = end;
}

static int enter_realm(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct boot *b = ctx;
    uint64_t before = m->vtime;
    int err = unicorn_cpu.enter(b->cpu, m, pe, exc);

    if (m->vtime == before)
        pass_idle(b, pe);
    else
        b->pe[pe].idle = 0;
    return err;
}

static void flush_tlb(void *ctx, struct machine *m)
{
    const struct boot *b = ctx;

    unicorn_cpu.flush_tlb(b->cpu, m);
}

static void flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    const struct boot *b = ctx;

    unicorn_cpu.flush_code(b->cpu, m, granule);
}

static void reset_cpu(void *ctx, struct machine *m)
{
    const struct boot *b = ctx;

    unicorn_cpu.reset(b->cpu, m);
}

void boot_sched_attach_cpu(struct boot *b)
{
    b->realm = (struct realm_cpu_ops){
        .name = "boot",
        .runs_code = true,
        .enter = enter_realm,
        .flush_tlb = flush_tlb,
        .flush_code = flush_code,
        .reset = reset_cpu,
    };
    b->m->cpu = &b->realm;
    b->m->cpu_ctx = b;
}

void boot_sched_init(struct boot *b)
{
    for (unsigned i = 0; i < num_pes(b); i++) {
        b->pe[i].b = b;
        b->pe[i].pe = i;
    }
    b->sched = (struct sched_ops){.wait = sched_wait, .slice = sched_slice, .yield = sched_yield};
    b->m->sched = &b->sched;
    b->m->sched_ctx = b;
}

void boot_sched_free(struct boot *b)
{
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        coro_free(b->pe[i].co);
}

void boot_sched_reset(struct boot *b)
{
    for (unsigned i = 0; i < num_pes(b); i++) {
        b->pe[i].active = false;
        b->pe[i].wait = WAIT_NONE;
        b->pe[i].idle = 0;
    }
    b->turn = num_pes(b) - 1;
    b->m->plat->pe[0].on = true;
}
