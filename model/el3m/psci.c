/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI 1.1 for the host (DEN0022). A PE is off, about to come on (CPU_ON was called, and whoever schedules has not let it
 * run yet), or on. Power states deeper than that do not exist: a PE that is suspended waits for its interrupt, and from a
 * powerdown state it then begins anew. OS-initiated mode, migration and the optional functions are not there.
 */
#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/plat.h>

#include <string.h>

#include "el3m/el3m_internal.h"

#define PSCI_SMC64             (1ull << 30) /* of the two forms of a function, the other one has it clear */
#define PSCI_MIGRATE_INFO_TYPE 0x84000006ull
#define NO_MIGRATION           2 /* no Trusted OS, or one that is on all PEs */
#define AFFINITY_FIELDS        0xff00ffffffull
#define ON_PENDING             2 /* AFFINITY_INFO */

/* power_state in its original format: powerdown is bit 16, the level [25:24], the rest is zero. */
#define STATE_POWERDOWN (1ull << 16)
#define STATE_LEVEL     (3ull << 24)
#define STATE_LEVEL_TOP (2ull << 24) /* PE, cluster, system */

/* The PE with these affinity fields; -1: none. */
static int pe_of(const struct machine *m, uint64_t mpidr)
{
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        if ((m->plat->desc->mpidr[i] & AFFINITY_FIELDS) == mpidr)
            return (int)i;
    return -1;
}

/* An instruction of the host may be there. */
static bool is_entry(struct machine *m, uint64_t a)
{
    return (a & 3) == 0 && mem_contains(m, a) && gpt_check(m, PAS_NS, a).fault == GPC_OK;
}

static int64_t cpu_on(struct machine *m, const uint64_t x[4])
{
    int target = pe_of(m, x[1]);
    struct host_pe *p;

    if (target < 0)
        return PSCI_INVALID_PARAMETERS;
    if (!is_entry(m, x[2]))
        return PSCI_INVALID_ADDRESS;
    p = &m->plat->pe[target];
    if (p->on)
        return PSCI_ALREADY_ON;
    if (p->on_pending)
        return PSCI_ON_PENDING;
    host_reset(m, (unsigned)target, x[2], x[3]);
    p->on_pending = true;
    return PSCI_SUCCESS;
}

static int64_t cpu_off(struct machine *m, unsigned pe)
{
    m->plat->pe[pe].on = false;
    return PSCI_SUCCESS;
}

static int64_t affinity_info(const struct machine *m, const uint64_t x[4])
{
    int target = pe_of(m, x[1]);

    if (target < 0 || x[2] != 0) /* levels above the PE: optional since 1.0 */
        return PSCI_INVALID_PARAMETERS;
    if (m->plat->pe[target].on_pending)
        return ON_PENDING;
    return m->plat->pe[target].on ? PSCI_SUCCESS : PSCI_OFF;
}

static bool is_power_state(uint64_t state)
{
    if (state & ~(STATE_POWERDOWN | STATE_LEVEL) || (state & STATE_LEVEL) > STATE_LEVEL_TOP)
        return false;
    return (state & STATE_POWERDOWN) || (state & STATE_LEVEL) == 0; /* standby: of a PE only */
}

static int64_t cpu_suspend(struct machine *m, unsigned pe, const uint64_t x[4],
                           uint64_t regs[ABI_MAX_REGS])
{
    bool powerdown = x[1] & STATE_POWERDOWN;

    if (!is_power_state(x[1]))
        return PSCI_INVALID_PARAMETERS;
    if (powerdown && !is_entry(m, x[2]))
        return PSCI_INVALID_ADDRESS;
    if (m->sched && m->sched->yield && !host_wakes(m, pe))
        m->sched->yield(m->sched_ctx, m, pe, SCHED_WFI);
    if (!powerdown)
        return PSCI_SUCCESS;
    host_reset(m, pe, x[2], x[3]);
    m->plat->pe[pe].on = true;
    memcpy(regs, m->pe[pe].r.x, ABI_MAX_REGS * sizeof(regs[0]));
    return (int64_t)regs[0];
}

static int64_t system_ends(const char **how, const char *why)
{
    *how = why;
    return PSCI_SUCCESS; /* nobody sees it */
}

static int64_t features(uint64_t fid)
{
    switch (fid) {
    case SMCCC_VERSION_FID:
    case PSCI_VERSION:
    case PSCI_CPU_OFF:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_FEATURES:
    case PSCI_CPU_ON:
    case PSCI_CPU_ON & ~PSCI_SMC64:
    case PSCI_AFFINITY_INFO:
    case PSCI_AFFINITY_INFO & ~PSCI_SMC64:
    case PSCI_CPU_SUSPEND: /* original format of power_state, no OS-initiated mode */
    case PSCI_CPU_SUSPEND & ~PSCI_SMC64: return PSCI_SUCCESS;
    default: return PSCI_NOT_SUPPORTED;
    }
}

bool el3m_psci(struct machine *m, unsigned pe, uint64_t fid, uint64_t regs[ABI_MAX_REGS])
{
    uint64_t mask = fid & PSCI_SMC64 ? UINT64_MAX : UINT32_MAX;
    const uint64_t x[4] = {fid, regs[1] & mask, regs[2] & mask, regs[3] & mask};
    int64_t result;

    switch (fid) {
    case PSCI_VERSION: result = PSCI_VERSION_1_1; break;
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_SUSPEND & ~PSCI_SMC64: result = cpu_suspend(m, pe, x, regs); break;
    case PSCI_CPU_OFF: result = cpu_off(m, pe); break;
    case PSCI_CPU_ON:
    case PSCI_CPU_ON & ~PSCI_SMC64: result = cpu_on(m, x); break;
    case PSCI_AFFINITY_INFO:
    case PSCI_AFFINITY_INFO & ~PSCI_SMC64: result = affinity_info(m, x); break;
    case PSCI_MIGRATE_INFO_TYPE: result = NO_MIGRATION; break;
    case PSCI_SYSTEM_OFF: result = system_ends(&m->plat->wants_off, "PSCI SYSTEM_OFF"); break;
    case PSCI_SYSTEM_RESET: result = system_ends(&m->plat->wants_reset, "PSCI SYSTEM_RESET"); break;
    case PSCI_FEATURES: result = features(x[1]); break;
    default: return false;
    }
    regs[0] = (uint64_t)result;
    return true;
}
