/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual time: a block hook counts what begins, and who stops inside a block takes the rest of it off again. The
 * hook is most of what virtual time costs: it does as little as can be.
 */
#include "cpu_internal.h"

#define UNLIMITED (INT64_MAX / 4)
#define WATCHING  (INT64_MAX / 2) /* taken off `left` while each block is looked at */

/* The budget may end with this block: it is not at its soft end yet, and stays within the hard one. */
static bool ends_with(const struct engine *e, uint32_t size)
{
    uint64_t begun = e->before + (uint64_t)(e->start - e->left - (int64_t)size) / 4;
    return begun < e->soft && e->soft < e->budget && e->budget - begun >= size / 4;
}

/* The hook comes before QEMU's own check for a stop: after a halt, a block may come here that does not begin. Not
 * inlined: the hook would save registers for it, each time. */
__attribute__((noinline)) void clock_slow_block(uc_engine *uc, uint64_t addr, uint32_t size,
                                                void *user)
{
    struct engine *e = user;
    (void)uc;
    if (e->stop != STOP_NONE) {
        e->left += size;
        return;
    }
    bool over = e->left + (e->watch ? WATCHING : 0) < 0 && !ends_with(e, size);
    bool unmasked = e->watch && (engine_pstate(e) & e->watch) != e->watch;
    if (!over && !unmasked && !(addr & 3)) {
        e->block = addr;
        e->block_size = size;
        return;
    }
    e->left += size;
    e->block_size = 0;
    engine_stop(e, addr & 3 ? STOP_PC_ALIGN : over ? STOP_BUDGET : STOP_REQUEST);
}

void hook_block(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct engine *e = user;
    e->left -= size;
    if (__builtin_expect(e->left < 0, 0) || __builtin_expect(addr & 3, 0)) {
        clock_slow_block(uc, addr, size, user);
        return;
    }
    e->block = addr;
    e->block_size = size;
}

void clock_begin(struct engine *e, uint64_t hard, uint64_t soft)
{
    uint64_t budget = soft < hard ? soft : hard;
    e->budget = hard;
    e->soft = soft;
    e->before = 0;
    e->start = budget < UNLIMITED / 4 ? (int64_t)budget * 4 : UNLIMITED;
    e->start -= e->watch ? WATCHING : 0;
    e->left = e->start;
    e->block_size = 0;
    e->halted = e->counted = false;
}

void clock_halt(struct engine *e)
{
    if (!e->halted)
        e->begun = (uint64_t)(e->start - e->left);
    e->halted = true;
    e->left = -1;
}

void clock_rearm(struct engine *e)
{
    clock_halt(e);
    e->budget = 0;
}

void clock_count_on(struct engine *e)
{
    uint64_t budget = e->budget, before = clock_begun(e);
    clock_begin(e, UINT64_MAX, UINT64_MAX);
    e->budget = budget;
    e->before = before;
    e->counted = true;
}

uint64_t clock_begun(const struct engine *e)
{
    return e->before + (e->halted ? e->begun : (uint64_t)(e->start - e->left)) / 4;
}

uint64_t clock_at(const struct engine *e, uint64_t pc)
{
    uint64_t size = e->block_size, into = pc - e->block;
    return clock_begun(e) - (into < size ? (size - into) / 4 : 0);
}

uint64_t clock_now(const struct engine *e, uint64_t pc)
{
    return e->m->vtime + (e->cpu->opt.virtual_time ? clock_at(e, pc) : 0);
}
