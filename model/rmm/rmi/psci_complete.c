/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_PSCI_COMPLETE (DEN0137 B4.3.7): the Host shows the REC that a Realm's PSCI call names by its
 * MPIDR, and lets the call happen or, within limits, denies it. The call itself is still in x0 to
 * x3 of the calling REC.
 */
#include "realm/rec.h"
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

struct psci_complete {
    uint64_t calling_pa, target_pa;
    struct gst_entry *g_calling, *g_target;
    int64_t status;    /* the Host's; then the result of the call */
    struct rec caller; /* copy of what the call needs: RECs are mapped one at a time */
    bool target_on;
};

/* Bits of SCTLR_EL1 that CPU_ON takes over from the caller: its endianness. */
#define SCTLR_EE (1ull << 25)

static uint64_t caller_fid(const struct psci_complete *c)
{
    return c->caller.regs.x[0] & ~SMC_FID_SVE_HINT;
}

/* Of a REC that runs only what never changes may be read: the rest is its runner's. It is on. */
static bool read_target(struct machine *m, unsigned pe, struct psci_complete *c)
{
    const struct rec *target = rec_map(m, pe, c->target_pa);
    bool ok = (target->rd == c->caller.rd || BUG(m, PSCI_COMPLETE_ANY_REALM)) &&
              rec_psci_mpidr(target->mpidr) == c->caller.regs.x[1];

    c->target_on = c->g_target->refcount != 0 || target->runnable;
    rec_unmap(m, pe);
    return ok;
}

static bool read_caller(struct machine *m, unsigned pe, struct psci_complete *c)
{
    if (c->g_calling->refcount != 0) /* its exit is not complete: nothing is pending yet */
        return false;
    c->caller = *rec_map(m, pe, c->calling_pa);
    rec_unmap(m, pe);
    return c->caller.psci_pending;
}

/* B3.27 PsciReturnCodePermitted */
static bool status_is_permitted(const struct psci_complete *c)
{
    if (c->status == PSCI_SUCCESS)
        return true;
    return c->status == PSCI_DENIED && caller_fid(c) == PSCI_CPU_ON && !c->target_on;
}

/* The target starts as PSCI says, and not with what it held when it went off. */
static void turn_on(struct machine *m, unsigned pe, const struct psci_complete *c)
{
    const struct pe_regs *call = &c->caller.regs;
    struct rec *target = rec_map(m, pe, c->target_pa);

    if (!BUG(m, CPU_ON_KEEPS_REGISTERS))
        rec_power_on_regs(&target->regs, call->sys[SR_SCTLR_EL1] & SCTLR_EE);
    target->regs.pc = call->x[2];
    target->regs.x[0] = call->x[3];
    target->runnable = true;
    object_changed(m, pe, c->target_pa);
    rec_unmap(m, pe);
}

/* What the call returns to the Realm. */
static int64_t perform(struct machine *m, unsigned pe, const struct psci_complete *c)
{
    if (c->status != PSCI_SUCCESS)
        return c->status;
    if (caller_fid(c) == PSCI_AFFINITY_INFO)
        return c->target_on ? PSCI_SUCCESS : PSCI_OFF;
    if (c->target_on)
        return PSCI_ALREADY_ON;
    turn_on(m, pe, c);
    return PSCI_SUCCESS;
}

static void answer_caller(struct machine *m, unsigned pe, const struct psci_complete *c,
                          int64_t result)
{
    struct rec *rec = rec_map(m, pe, c->calling_pa);

    rec_psci_result(rec, (uint64_t)result);
    if (!BUG(m, PSCI_STAYS_PENDING))
        rec->psci_pending = 0;
    object_changed(m, pe, c->calling_pa);
    rec_unmap(m, pe);
}

uint64_t rmi_psci_complete(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                           uint64_t out[ABI_MAX_REGS])
{
    struct psci_complete c = {.calling_pa = x[1], .target_pa = x[2], .status = (int64_t)x[3]};
    bool ok;

    (void)out;
    if (!gst_find_lock_two(m, pe, c.calling_pa, GST_REC, &c.g_calling, c.target_pa, GST_REC,
                           &c.g_target))
        return rmi_result(RMI_ERROR_INPUT, 0);
    ok = read_caller(m, pe, &c) && read_target(m, pe, &c) && status_is_permitted(&c);
    if (ok)
        answer_caller(m, pe, &c, perform(m, pe, &c));
    gst_unlock(m, pe, c.g_target);
    gst_unlock(m, pe, c.g_calling);
    return rmi_result(ok ? RMI_SUCCESS : RMI_ERROR_INPUT, 0);
}
