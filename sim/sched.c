/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/gst.h>

#include <stdio.h>
#include <string.h>

static bool lock_is_free(const struct sim *s, uint64_t granule)
{
    return s->m->gst[granule_index(s->m, granule)].lock == 0;
}

static void nested_main(void *arg)
{
    struct nested *n = arg;
    struct step_result r;

    for (unsigned i = 0; i < n->num; i++) {
        n->now = &n->steps[i];
        if (!step_run(n->sim, n->now, &r))
            break;
    }
    n->now = NULL;
}

static void nested_resume(struct nested *n)
{
    struct sim *s = n->sim;

    n->outer = s->current;
    n->waiting = false;
    s->current = n;
    n->active = coro_resume(n->co);
    s->current = n->outer;
}

/* Goes on with whoever waits for a lock that is free now. False: there was nobody. */
static bool sched_pump(struct sim *s)
{
    bool any = false;

    for (unsigned i = 0; i < SIM_MAX_NESTED; i++) {
        struct nested *n = &s->nested[i];

        if (!n->active || !n->waiting || !lock_is_free(s, n->granule))
            continue;
        nested_resume(n);
        any = true;
    }
    return any;
}

void sched_run(struct sim *s, const struct step *steps, unsigned num)
{
    for (unsigned i = 0; i < SIM_MAX_NESTED; i++) {
        struct nested *n = &s->nested[i];

        if (n->active)
            continue;
        if (n->co == NULL)
            n->co = coro_new();
        if (n->co == NULL)
            MODEL_BUG("no memory for a stack");
        n->sim = s;
        n->steps = steps;
        n->num = num;
        n->active = true;
        coro_prepare(n->co, nested_main, n);
        nested_resume(n);
        return;
    }
    MODEL_BUG("more than %u lists of nested steps at once", SIM_MAX_NESTED);
}

/* Says who waits for whom, and leaves the machine as it is. */
static void sched_wedge(struct sim *s, unsigned pe, uint64_t granule)
{
    const struct gst_entry *g = &s->m->gst[granule_index(s->m, granule)];
    int n;

    s->wedged = true;
    s->wedged_on = granule;
    n = snprintf(s->wedged_why, sizeof(s->wedged_why),
                 "PE %u waits for the lock of granule 0x%llx (%s), which PE %u holds", pe,
                 (unsigned long long)granule, gst_state_name(g->state), g->lock - 1u);
    for (unsigned i = 0; i < SIM_MAX_NESTED; i++) {
        const struct nested *w = &s->nested[i];

        if (w->active && w->waiting && (w->pe != pe || w->granule != granule) && n > 0 &&
            (size_t)n < sizeof(s->wedged_why))
            n +=
                snprintf(s->wedged_why + n, sizeof(s->wedged_why) - (size_t)n,
                         "; PE %u waits for that of 0x%llx", w->pe, (unsigned long long)w->granule);
    }
    if (n > 0 && (size_t)n < sizeof(s->wedged_why))
        snprintf(s->wedged_why + n, sizeof(s->wedged_why) - (size_t)n,
                 "; nobody is left to release it");
}

static void sched_wait(void *ctx, struct machine *m, unsigned pe, pa_t granule)
{
    struct sim *s = ctx;
    struct nested *n = s->current;

    (void)m;
    if (n) {
        n->waiting = true;
        n->pe = pe;
        n->granule = granule.v;
        coro_yield(n->co);
        return;
    }
    while (!lock_is_free(s, granule.v)) {
        if (sched_pump(s))
            continue;
        sched_wedge(s, pe, granule.v);
        longjmp(s->give_up, 1);
    }
}

static void sched_event(void *ctx, struct machine *m, const struct event *e)
{
    struct sim *s = ctx;
    struct call *c = s->call[e->pe];

    (void)m;
    if (e->kind == EV_UNLOCK)
        sched_pump(s);
    if (c == NULL)
        return;
    for (unsigned i = 0; i < c->st->num_during; i++) {
        const struct during *d = &c->st->during[i];

        if (d->event == (enum event_kind)e->kind && ++c->seen[i] == d->n)
            sched_run(s, d->steps, d->num_steps);
    }
}

static uint32_t during_mask(const struct step *st)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < st->num_running; i++)
        mask |= during_mask(&st->running[i]);
    for (unsigned i = 0; i < st->num_during; i++) {
        mask |= EV_BIT(st->during[i].event);
        for (unsigned k = 0; k < st->during[i].num_steps; k++)
            mask |= during_mask(&st->during[i].steps[k]);
    }
    return mask;
}

/* The listener comes last, after check/ and a trace: what runs nested in an event is seen after that event. */
void sched_begin(struct sim *s, const struct step *st)
{
    s->nested_failed = NULL;
    if (event_listen(s->m, during_mask(st) | EV_BIT(EV_UNLOCK), sched_event, s) != CCA_OK)
        MODEL_BUG("too many listeners");
    s->listening = true;
}

void sched_abandon(struct sim *s)
{
    if (s->listening)
        event_unlisten(s->m, sched_event, s);
    s->listening = false;
    s->current = NULL;
    for (unsigned i = 0; i < SIM_MAX_NESTED; i++)
        s->nested[i].active = false;
    memset(s->call, 0, sizeof(s->call));
}

bool sched_end(struct sim *s)
{
    while (sched_pump(s)) {
    }
    for (unsigned i = 0; i < SIM_MAX_NESTED && !s->wedged; i++)
        if (s->nested[i].active)
            sched_wedge(s, s->nested[i].pe, s->nested[i].granule);
    sched_abandon(s);
    return !s->wedged;
}

void sched_init(struct sim *s)
{
    s->sched.wait = sched_wait;
    s->m->sched = &s->sched;
    s->m->sched_ctx = s;
}

void sched_destroy(struct sim *s)
{
    for (unsigned i = 0; i < SIM_MAX_NESTED; i++)
        coro_free(s->nested[i].co);
}
