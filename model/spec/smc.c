/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SMC of a Realm (A4.3.4, A4.3.7): RSI and PSCI commands with their conditions, SMCCC_VERSION, and
 * what is none of them. The RMM answers in registers or makes a REC exit.
 */
#include "spec_internal.h"

/*
 * x0, and zero in x1 to x3 as RMI_PSCI_COMPLETE leaves them; the other registers keep their values
 * (SMCCC 1.2).
 */
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
static void answer_rsi(struct spec_call *c)
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

static uint64_t status_of(const struct spec_command *cmd, unsigned row)
{
    return (uint64_t)(int64_t)cmd->conds[row].status;
}

/*
 * Which of several conditions decides is seen by the status only. No state makes more than two
 * statuses possible.
 */
static void failed(struct spec_call *c)
{
    unsigned num = abi_command_num_out(abi_command_by_fid(c->cmd->fid));

    c->v->decided = __builtin_ctzll(c->v->minimal_mask);
    c->want[0] = status_of(c->cmd, (unsigned)c->v->decided);
    for (unsigned i = 0; i < c->cmd->num_conds; i++) {
        if (!(c->v->minimal_mask & SPEC_ROW(i)) || status_of(c->cmd, i) == c->want[0])
            continue;
        c->has_second_x0 = true;
        c->second_x0 = status_of(c->cmd, i);
    }
    c->num_out = num + 1;
    for (unsigned i = 1; i <= num; i++) {
        c->want[i] = 0;
        c->care[i] = 0;
        c->v->loose_mask |= 1;
    }
}

static void give_answer(struct spec_call *c, bool is_psci)
{
    struct spec_recnode *r = c->rec;

    if (c->outcome == SPEC_RSI_STAGE2_ABORT)
        return;
    if (c->outcome == SPEC_PSCI_PENDING) {
        if (c->has_second_x0)
            answer(&r->alternative, c->second_x0);
        r->expect.regs.pc += 4;
        return;
    }
    if (is_psci)
        answer(&r->expect, c->want[0]);
    else
        answer_rsi(c);
    if (c->has_second_x0) {
        r->alternative = r->expect;
        r->alternative.regs.x[0] = c->second_x0;
        r->has_alternative = true;
    }
}

static void command(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                    const struct spec_command *cmd, struct spec_verdict *v)
{
    struct spec_call c;

    spec_call_start(&c, s, env, r->trap.regs.x, cmd, v);
    c.rec = r;
    c.realm = spec_realm_node(s, r->realm);
    spec_call_conditions(&c);
    if (v->true_mask)
        failed(&c);
    else if (cmd->body->success)
        cmd->body->success(&c);
    r->rsi = c.outcome == SPEC_RSI_STAGE2_ABORT ? NULL : cmd;
    r->rsi_true = v->true_mask;
    r->rsi_minimal = v->minimal_mask;
    r->rsi_decided = v->decided;
    give_answer(&c, abi_command_is_psci(abi_command_by_fid(cmd->fid)));
    r->rsi_open = (v->true_mask && c.has_second_x0) || r->expect.x0_statuses;
    v->settled = !r->rsi_open;
}

int spec_decided_by(const struct spec_recnode *r, uint64_t x0)
{
    for (unsigned i = 0; i < r->rsi->num_conds; i++) {
        if ((r->rsi_minimal & SPEC_ROW(i)) && status_of(r->rsi, i) == x0)
            return (int)i;
    }
    return r->rsi_decided;
}

void spec_trap_smc(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                   struct spec_verdict *v)
{
    uint64_t fid = (uint32_t)r->trap.regs.x[0] & ~SMC_FID_SVE_HINT;
    const struct spec_command *cmd = spec_command_by_fid(fid);

    if (cmd && !spec_is_rmi(cmd)) {
        command(s, env, r, cmd, v);
    } else if (fid == SMCCC_VERSION_FID) {
        answer(&r->expect, SMCCC_VERSION_1_2);
        v->variant = "smccc_version";
    } else {
        answer(&r->expect, SMC_NOT_SUPPORTED);
        v->variant = "smc_not_supported";
    }
}

/* --- PSCI --- */

/* A4.3.3: the function identifier and the arguments; the rest is zero. */
void spec_psci_exit(struct spec_call *c, unsigned num, uint32_t args32)
{
    struct spec_recnode *r = c->rec;

    spec_exit_start(r, EXIT_PSCI, "psci");
    r->exit.gprs[0] = c->cmd->fid;
    for (unsigned i = 1; i <= num; i++) {
        r->exit.gprs[i] = c->in[i];
        if (args32 >> i & 1)
            r->exit.arg_open[i] = c->in[i] & ~(uint64_t)UINT32_MAX;
    }
    c->outcome = SPEC_RSI_EXIT;
}

static bool has_rec(const struct spec *s, uint64_t rd, uint64_t mpidr)
{
    for (uint64_t i = 0; i < s->num_granules; i++) {
        const struct spec_gnode *g = &s->granules[i];

        if (g->state == SPEC_REC && spec_rec_node(s, g->node)->pub.rd == rd &&
            spec_rec_node(s, g->node)->pub.mpidr == mpidr)
            return true;
    }
    return false;
}

void spec_psci_pending(struct spec_call *c, unsigned loose_row)
{
    struct spec_recnode *r = c->rec;

    r->pub.psci_pending = true;
    c->outcome = SPEC_PSCI_PENDING;
    if (c->realm->pub.num_recs == c->realm->pub.rec_index || has_rec(c->s, c->realm->rd, c->in[1]))
        return;
    r->next = SPEC_NEXT_EITHER;
    r->alternative = r->expect;
    r->has_alternative = true;
    c->has_second_x0 = true;
    c->second_x0 = (uint64_t)PSCI_INVALID_PARAMETERS;
    c->v->loose_mask |= 1u << loose_row;
}

#define MPIDR_AFFINITY 0xff00ffff0full /* Aff3, Aff2, Aff1, Aff0[3:0] of MPIDR_EL1 */

bool spec_mpidr_is_used(const struct spec_rnode *r, uint64_t mpidr)
{
    uint64_t index = (mpidr & 0xf) | (mpidr >> 8 & 0xffff) << 4 | (mpidr >> 32 & 0xff) << 20;

    return (mpidr & ~MPIDR_AFFINITY) == 0 && index < r->pub.rec_index;
}
