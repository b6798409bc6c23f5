/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SMC of a Realm (A4.3.4, A4.3.7): RSI and PSCI commands with their conditions, SMCCC_VERSION, and
 * what is none of them. The RMM answers in registers or makes a REC exit.
 */
#include "spec_internal.h"

/* x0, and zero in x1 to x3; the other registers keep their values (SMCCC 1.2). */
static void answer(struct spec_expect *e, uint64_t x0)
{
    e->regs.x[0] = x0;
    for (unsigned i = 1; i <= 3; i++)
        e->regs.x[i] = 0;
    e->regs.pc += 4;
}

/*
 * x0 and the outputs; every other register of x0..x16 is zero (B1.2); then the instruction after
 * the SMC.
 */
static void return_to_realm(struct spec_call *c)
{
    struct spec_expect *e = &c->rec->expect;

    for (unsigned i = 0; i < ABI_MAX_REGS; i++)
        e->regs.x[i] = i < c->num_out ? c->want[i] : 0;
    for (unsigned i = 1; i < c->num_out; i++) {
        if (c->care[i] != UINT64_MAX)
            e->open_x |= 1u << i;
    }
    e->regs.pc += 4;
}

static void rsi_failed(struct spec_call *c)
{
    unsigned num = abi_command_num_out(abi_command_by_fid(c->cmd->fid));

    c->v->decided = __builtin_ctzll(c->v->minimal_mask);
    c->want[0] = c->cmd->conds[c->v->decided].status;
    c->num_out = num + 1;
    for (unsigned i = 1; i <= num; i++) {
        c->want[i] = 0;
        c->care[i] = 0;
        c->v->loose_mask |= 1;
    }
}

/*
 * All conditions of one RSI command ask for the same status, so which of them decides cannot be
 * observed.
 */
static void command(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                    const struct spec_command *cmd, struct spec_verdict *v)
{
    struct spec_call c;

    spec_call_start(&c, s, env, r->trap.regs.x, cmd, v);
    c.rec = r;
    c.realm = spec_realm_node(s, r->realm);
    spec_call_conditions(&c);
    if (v->true_mask)
        rsi_failed(&c);
    else if (cmd->body->success)
        cmd->body->success(&c);
    r->rsi = c.outcome == SPEC_RSI_STAGE2_ABORT ? NULL : cmd;
    r->rsi_true = v->true_mask;
    r->rsi_minimal = v->minimal_mask;
    r->rsi_decided = v->decided;
    if (c.outcome != SPEC_RSI_STAGE2_ABORT)
        return_to_realm(&c);
}

void spec_trap_smc(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                   struct spec_verdict *v)
{
    const struct spec_command *cmd = spec_command_by_fid((uint32_t)r->trap.regs.x[0]);

    if (cmd && cmd->fid >= RSI_FID_FIRST) {
        command(s, env, r, cmd, v);
    } else {
        answer(&r->expect, SMC_NOT_SUPPORTED);
        v->variant = "smc_not_supported";
    }
}
