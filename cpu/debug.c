/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Breakpoints and single steps. A breakpoint is a hook at its address, in the translation only where it is: without
 * any, nothing costs. A step is a run of one instruction by Unicorn's own count.
 */
#include "cpu_internal.h"

#include <stdlib.h>

#define NOWHERE UINT64_MAX

static void hook_breakpoint(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct engine *e = user;
    (void)uc;
    (void)size;
    if (e->saved || e->stop != STOP_NONE || debug_steps(e))
        return;
    if (addr == e->resumed) {
        e->resumed = NOWHERE; /* only as the first instruction of a run */
        return;
    }
    engine_stop(e, STOP_BREAK);
}

static void remove_hooks(struct engine *e)
{
    for (size_t i = 0; i < e->num_breakpoints; i++)
        uc_hook_del(e->uc, e->breakpoint[i]);
    free(e->breakpoint);
    e->breakpoint = NULL;
    e->num_breakpoints = 0;
}

static void add_hooks(struct engine *e, const struct cpu_debug *d)
{
    if (!d || !d->num_breakpoints)
        return;
    e->breakpoint = calloc(d->num_breakpoints, sizeof(*e->breakpoint));
    if (!e->breakpoint)
        MODEL_BUG("no memory for %zu breakpoints", d->num_breakpoints);
    for (size_t i = 0; i < d->num_breakpoints; i++)
        if (uc_hook_add(e->uc, &e->breakpoint[i], UC_HOOK_CODE, (void *)hook_breakpoint, e,
                        d->breakpoint[i], d->breakpoint[i]) != UC_ERR_OK)
            MODEL_BUG("Unicorn has no room for a hook");
    e->num_breakpoints = d->num_breakpoints;
}

void cpu_set_debug(struct cpu *c, const struct cpu_debug *d)
{
    c->debug = d;
    c->debug_changes++;
}

void debug_load(struct engine *e)
{
    if (e->debug_changes != e->cpu->debug_changes) {
        remove_hooks(e);
        add_hooks(e, e->cpu->debug);
        e->debug_changes = e->cpu->debug_changes;
        e->want_code_flush = true;
    }
    e->began_pc = engine_pe(e)->r.pc;
    e->resumed = e->told && e->told_pc == engine_pe(e)->r.pc ? e->told_pc : NOWHERE;
    e->told = false;
}

void debug_close(struct engine *e)
{
    free(e->breakpoint);
}

/* Does QEMU end a block of translated code with it? Branches, exceptions and what changes the state of the PE do. */
static bool ends_block(uint32_t insn)
{
    if ((insn >> 26 & 7) != 5) /* DDI0487 C4.1.66 */
        return false;
    if (insn >> 20 == 0xd53) /* MRS */
        return false;
    if (insn >> 12 == 0xd5033) /* barriers, but ISB and SB */
        return (insn & 0xc0) == 0xc0;
    return insn >> 12 != 0xd5032; /* hints; those that wait stop the CPU */
}

/*
 * What is due is looked at between blocks only. A stop in the middle of one must not move that: the results of a run are
 * those without a debugger.
 */
static bool stopped_inside_block(struct engine *e)
{
    uint64_t pc = engine_pe(e)->r.pc;
    uint32_t insn;
    if (e->stop == STOP_BREAK)
        return true;
    return e->stop == STOP_NONE && e->counted && pc == e->began_pc + 4 && (pc & GRANULE_MASK) &&
           engine_fetch(e, e->began_pc, &insn) && !ends_block(insn);
}

bool debug_is_inside(struct engine *e)
{
    bool inside = e->inside && e->told_pc == engine_pe(e)->r.pc;
    e->inside = false;
    return inside;
}

void debug_stopped(struct engine *e)
{
    const struct cpu_debug *d = e->cpu->debug;
    e->told = true;
    e->inside = stopped_inside_block(e);
    e->told_pc = engine_pe(e)->r.pc;
    if (d && d->stopped)
        d->stopped(d->ctx, e->m, e->pe);
    if (e->told_pc != engine_pe(e)->r.pc)
        e->told = false;
}
