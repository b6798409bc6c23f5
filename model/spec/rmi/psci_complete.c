/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_PSCI_COMPLETE (B4.3.7): the Host names the REC that a Realm's PSCI call means, and may deny
 * PSCI_CPU_ON. The result waits in the calling REC's registers. All conditions ask for
 * RMI_ERROR_INPUT.
 */
#include <string.h>

#include "../spec_internal.h"

enum {
    ALIAS,
    CALLING_ALIGN,
    CALLING_BOUND,
    CALLING_STATE,
    TARGET_ALIGN,
    TARGET_BOUND,
    TARGET_STATE,
    PENDING,
    OWNER,
    TARGET,
    STATUS,
};

const struct spec_cond spec_psci_complete_conds[] = {
    [ALIAS] = SPEC_COND("alias", "calling_rec == target_rec", RMI_ERROR_INPUT),
    [CALLING_ALIGN] =
        SPEC_COND("calling_align", "!AddrIsGranuleAligned(calling_rec)", RMI_ERROR_INPUT),
    [CALLING_BOUND] = SPEC_COND("calling_bound", "!PaIsDelegable(calling_rec)", RMI_ERROR_INPUT),
    [CALLING_STATE] =
        SPEC_COND("calling_state", "Granule(calling_rec).state != REC", RMI_ERROR_INPUT),
    [TARGET_ALIGN] =
        SPEC_COND("target_align", "!AddrIsGranuleAligned(target_rec)", RMI_ERROR_INPUT),
    [TARGET_BOUND] = SPEC_COND("target_bound", "!PaIsDelegable(target_rec)", RMI_ERROR_INPUT),
    [TARGET_STATE] = SPEC_COND("target_state", "Granule(target_rec).state != REC", RMI_ERROR_INPUT),
    [PENDING] = SPEC_COND("pending", "Rec(calling_rec).psci_pending != PSCI_REQUEST_PENDING",
                          RMI_ERROR_INPUT),
    [OWNER] =
        SPEC_COND("owner", "Rec(target_rec).owner != Rec(calling_rec).owner", RMI_ERROR_INPUT),
    [TARGET] =
        SPEC_COND("target", "Rec(target_rec).mpidr != Rec(calling_rec).gprs[1]", RMI_ERROR_INPUT),
    [STATUS] =
        SPEC_COND("status", "!PsciReturnCodePermitted(Rec(calling_rec), Rec(target_rec), status)",
                  RMI_ERROR_INPUT),
};

const struct spec_order spec_psci_complete_orders[] = {
    SPEC_IMPLIED(CALLING_ALIGN, CALLING_BOUND, CALLING_STATE),
    SPEC_IMPLIED(TARGET_ALIGN, TARGET_BOUND, TARGET_STATE),
};

const struct spec_variant spec_psci_complete_variants[] = {
    {"on_success", "PSCI_CPU_ON: the target REC becomes runnable"},
    {"on_already", "PSCI_CPU_ON: the target REC is runnable, PSCI_ALREADY_ON"},
    {"on_denied", "PSCI_CPU_ON: the Host denies it, PSCI_DENIED"},
    {"affinity_on", "PSCI_AFFINITY_INFO: the target REC is runnable, PSCI_SUCCESS"},
    {"affinity_off", "PSCI_AFFINITY_INFO: the target REC is not runnable, PSCI_OFF"},
};

/* c->rec is the calling REC, c->target the target REC. */
static void context(struct spec_call *c)
{
    c->pa = c->in[1];
    c->rec = spec_find_rec(c->s, c->in[1]);
    c->target = spec_find_rec(c->s, c->in[2]);
}

static bool alias(const struct spec_call *c)
{
    return c->in[1] == c->in[2];
}

static bool calling_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_REC);
}

static bool target_align(const struct spec_call *c)
{
    return !is_granule_aligned(c->in[2]);
}

static bool target_bound(const struct spec_call *c)
{
    return spec_pa_is_unbound(c->s, c->in[2]);
}

static bool target_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->in[2], SPEC_REC);
}

static bool pending(const struct spec_call *c)
{
    return c->rec && !c->rec->pub.psci_pending;
}

static bool owner(const struct spec_call *c)
{
    return c->rec && c->target && c->target->pub.rd != c->rec->pub.rd;
}

/* The PSCI call's arguments; they are no call's while none is pending. */
static const uint64_t *request(const struct spec_call *c)
{
    return c->rec && c->rec->pub.psci_pending ? c->rec->expect.regs.x : NULL;
}

static bool target(const struct spec_call *c)
{
    return request(c) && c->target && c->target->pub.mpidr != request(c)[1];
}

static bool is_cpu_on(const struct spec_call *c)
{
    return spec_command_by_fid((uint32_t)request(c)[0])->fid == PSCI_CPU_ON;
}

/* B3.27. */
static bool status(const struct spec_call *c)
{
    if (!request(c) || !c->target || c->in[3] == PSCI_SUCCESS)
        return false;
    return !(is_cpu_on(c) && !c->target->pub.runnable && (int64_t)c->in[3] == PSCI_DENIED);
}

static void start_target(struct spec_call *c)
{
    struct spec_recnode *r = c->target;
    struct spec_regs regs;

    spec_reset_regs(&regs);
    regs.pc = request(c)[2];
    regs.x[0] = request(c)[3];
    spec_expect_is(r, &regs);
    r->expect.open_el1 = true;
    r->rsi = NULL;
    r->variant = "cpu_on";
    r->pub.regs = regs;
    r->regs_open = false;
    r->pub.runnable = true;
    spec_touch(c->s, SPEC_TOUCH_REC, r->pa, 0);
}

/* The result that the Realm will see. */
static enum psci_status perform(struct spec_call *c)
{
    if (!is_cpu_on(c)) {
        c->v->variant = c->target->pub.runnable ? "affinity_on" : "affinity_off";
        return c->target->pub.runnable ? PSCI_SUCCESS : PSCI_OFF;
    }
    if (c->in[3] != PSCI_SUCCESS) {
        c->v->variant = "on_denied";
        return PSCI_DENIED;
    }
    if (c->target->pub.runnable) {
        c->v->variant = "on_already";
        return PSCI_ALREADY_ON;
    }
    c->v->variant = "on_success";
    start_target(c);
    return PSCI_SUCCESS;
}

static void success(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;
    uint64_t *x = r->expect.regs.x;
    uint64_t result = (uint64_t)(int64_t)perform(c);

    x[0] = result;
    memset(x + 1, 0, 3 * sizeof(*x));
    r->pub.regs = r->expect.regs;
    r->pub.psci_pending = false;
    spec_touch(c->s, SPEC_TOUCH_REC, r->pa, 0);
}

static const spec_predicate holds[] = {
    [ALIAS] = alias,
    [CALLING_ALIGN] = spec_pa_align,
    [CALLING_BOUND] = spec_pa_bound,
    [CALLING_STATE] = calling_state,
    [TARGET_ALIGN] = target_align,
    [TARGET_BOUND] = target_bound,
    [TARGET_STATE] = target_state,
    [PENDING] = pending,
    [OWNER] = owner,
    [TARGET] = target,
    [STATUS] = status,
};

const struct spec_body spec_psci_complete_body = {
    .context = context, .holds = holds, .success = success};
