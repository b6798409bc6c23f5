/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The run loop of host code. A deadline ends a run with the block of instructions in which it lies: an interrupt may come a
 * few instructions late (DDI0487 D1.3.4 asks for finite time), and no block is ever translated twice.
 */
#include "cpu_internal.h"

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Instructions that may run before something is due; at least one, as what is due may be masked. */
static uint64_t budget_of(const struct engine *e, uint64_t until)
{
    struct machine *m = e->m;
    if (!e->cpu->opt.virtual_time)
        return UINT64_MAX;
    uint64_t at = earliest(until, earliest(host_deadline(m, e->pe), plat_deadline(m)));
    return at > m->vtime ? at - m->vtime : 1;
}

static bool is_illegal_state(const struct pe_regs *r)
{
    unsigned mode = r->pstate & 0x1f;
    return (r->pstate & PSTATE_IL) || (mode & 0x12) || mode == 1 || mode > 9;
}

/* Before each start. True: the run is over, *why. */
static bool is_over(struct engine *e, uint64_t until, enum cpu_host_why *why)
{
    struct machine *m = e->m;
    if (debug_is_inside(e)) {
        e->watch = host_masks(m, e->pe);
        return false;
    }
    if (plat_deadline(m) <= m->vtime)
        plat_advance(m);
    if (m->plat->wants_reset || m->plat->wants_off) {
        *why = CPU_HOST_RESET;
        return true;
    }
    if (m->vtime >= until) {
        *why = CPU_HOST_SLICE;
        return true;
    }
    host_interrupt(m, e->pe);
    if (is_illegal_state(&engine_pe(e)->r))
        host_illegal_state(e);
    e->watch = host_masks(m, e->pe);
    return false;
}

static int loop(struct engine *e, uint64_t until, enum cpu_host_why *why)
{
    for (unsigned idle = 0; idle < MAX_IDLE_STOPS;) {
        if (is_over(e, until, why))
            return CCA_OK;
        uint64_t before = e->cpu->stats.insns;
        if (engine_run_once(e, UINT64_MAX, budget_of(e, until)) != CCA_OK)
            return CCA_ERR_CPU;
        bool stays = host_dispatch(e, why);
        if (e->stop == STOP_BREAK || debug_steps(e)) {
            debug_stopped(e);
            if (stays)
                *why = CPU_HOST_BREAK;
            return CCA_OK;
        }
        if (!stays)
            return CCA_OK;
        idle = engine_progressed(e, e->cpu->stats.insns != before) ? 0 : idle + 1;
    }
    *why = CPU_HOST_STUCK;
    return CCA_OK;
}

int cpu_host_run(struct cpu *c, struct machine *m, unsigned pe, uint64_t until,
                 enum cpu_host_why *why)
{
    struct engine *e;
    if (c->m != m || !m->plat)
        MODEL_BUG("host code of another machine, or without a platform, runs on this CPU");
    int err = cpu_get_engine(c, ENGINE_HOST, pe, &e);
    return err ? err : loop(e, until, why);
}
