/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The judge: which conditions hold, which of them may decide (B1.6), is the observed result one
 * that they allow.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec_internal.h"

void spec_verdict_start(struct spec_verdict *v, const struct spec_command *cmd)
{
    v->ok = true;
    v->cmd = cmd;
    v->true_mask = 0;
    v->minimal_mask = 0;
    v->decided = -1;
    v->success_allowed = true;
    v->mismatch[0] = '\0';
    v->loose_mask = 0;
    v->num_writes = 0;
    v->num_predicates = 0;
    v->variant = "";
    v->settled = true;
}

void spec_call_start(struct spec_call *c, struct spec *s, const struct spec_env *env,
                     const uint64_t *in, const struct spec_command *cmd, struct spec_verdict *v)
{
    spec_verdict_start(v, cmd);
    c->s = s;
    c->env = env;
    c->in = in;
    c->v = v;
    c->cmd = cmd;
    c->realm = NULL;
    c->rec = NULL;
    c->target = NULL;
    c->walk.table = NULL;
    c->ptr_read = false;
    c->num_out = 1;
    c->want[0] = 0;
    c->care[0] = UINT64_MAX;
    c->alt_reg = 0;
    c->outcome = SPEC_RSI_RETURN;
    c->has_second_x0 = false;
    s->num_touched = 0;
    s->touched_overflow = false;
}

void spec_mismatch(struct spec_verdict *v, const char *fmt, ...)
{
    va_list ap;

    if (!v->ok)
        return; /* the first difference tells most */
    v->ok = false;
    va_start(ap, fmt);
    vsnprintf(v->mismatch, sizeof(v->mismatch), fmt, ap);
    va_end(ap);
}

void spec_add_write(struct spec_verdict *v, bool realm, uint64_t pa, const uint8_t *bytes,
                    const uint8_t *mask, uint32_t len)
{
    v->writes[v->num_writes++] =
        (struct spec_write){.realm = realm, .pa = pa, .len = len, .bytes = bytes, .mask = mask};
}

void spec_check_variant(const struct spec_verdict *v)
{
    const struct spec_command *cmd = v->cmd;

    /* Mostly the very string; each call comes here. */
    for (unsigned i = 0; i < cmd->num_variants; i++) {
        if (cmd->variants[i].id == v->variant)
            return;
    }
    for (unsigned i = 0; i < cmd->num_variants; i++) {
        if (strcmp(cmd->variants[i].id, v->variant) == 0)
            return;
    }
    if (cmd->num_variants || v->variant[0])
        MODEL_BUG("model/spec: function 0x%" PRIx64 " has no success variant \"%s\"", cmd->fid,
                  v->variant);
}

/* --- conditions --- */

uint64_t spec_minimal(const struct spec_command *cmd, uint64_t true_mask)
{
    uint64_t preceded = 0;

    for (unsigned i = 0; i < cmd->num_orders; i++) {
        if (true_mask & cmd->orders[i].before)
            preceded |= cmd->orders[i].after;
    }
    return true_mask & ~preceded;
}

void spec_call_conditions(struct spec_call *c)
{
    const struct spec_body *body = c->cmd->body;
    struct spec_verdict *v = c->v;
    uint64_t mask = 0;

    if (body->context)
        body->context(c);
    for (unsigned i = 0; i < c->cmd->num_conds; i++)
        mask |= (uint64_t)body->holds[i](c) << i;
    v->true_mask = mask;
    v->minimal_mask = mask ? spec_minimal(c->cmd, mask) : 0;
    v->success_allowed = mask == 0;
    v->num_predicates = c->cmd->num_conds;
}

/* --- results --- */

void spec_out(struct spec_call *c, unsigned reg, uint64_t value)
{
    c->want[reg] = value;
    c->care[reg] = UINT64_MAX;
    if (reg >= c->num_out)
        c->num_out = reg + 1;
}

void spec_out_top(struct spec_call *c, unsigned reg, unsigned loose_row)
{
    const struct spec_walk *w = &c->walk;

    spec_out(c, reg, spec_skip_non_live(w->table, c->ipa));
    if (c->want[reg] == c->ipa && !spec_is_level_aligned(c->ipa, w->level)) {
        c->alt_reg = reg;
        c->alt_value = align_down(c->ipa, level_size(w->level));
        c->v->loose_mask |= 1u << loose_row;
    }
}

static uint64_t row_result(const struct spec_call *c, unsigned row)
{
    const struct spec_cond *cond = &c->cmd->conds[row];
    int index = 0;

    if (cond->index_is_walk)
        index = c->cmd->body->index ? c->cmd->body->index(c, row) : c->walk.level;
    return rmi_result((enum rmi_status)cond->status, index);
}

/* "RMI_ERROR_RTT/2 (rtt_walk) or RMI_ERROR_INPUT (ipa_align)" */
static void describe_allowed(const struct spec_call *c, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < c->cmd->num_conds && used < size; i++) {
        uint64_t r = row_result(c, i);
        int n;

        if (!(c->v->minimal_mask & SPEC_ROW(i)))
            continue;
        n = snprintf(text + used, size - used, "%s%s/%u (%s)", used ? " or " : "",
                     rmi_status_name(rmi_result_status(r)), rmi_result_index(r),
                     c->cmd->conds[i].id);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void wrong_result(struct spec_call *c, uint64_t x0)
{
    char allowed[224];

    if (c->v->true_mask)
        describe_allowed(c, allowed, sizeof(allowed));
    else
        snprintf(allowed, sizeof(allowed), "%s: no failure condition holds",
                 rmi_status_name(rmi_result_status(c->want[0])));
    if (x0 <= 0xffff)
        spec_mismatch(c->v, "x0 is %s/%u, expected %s", rmi_status_name(rmi_result_status(x0)),
                      rmi_result_index(x0), allowed);
    else
        spec_mismatch(c->v, "x0 is 0x%" PRIx64 ", expected %s", x0, allowed);
}

/* The outputs that the command states, and zero in every other register (B1.2). */
static void check_registers(struct spec_call *c, const uint64_t out[ABI_MAX_REGS])
{
    uint64_t rest = 0;

    for (unsigned i = 1; i < c->num_out; i++) {
        if (((out[i] ^ c->want[i]) & c->care[i]) == 0)
            continue;
        if (i == c->alt_reg && out[i] == c->alt_value)
            continue;
        spec_mismatch(c->v, "x%u (%s) is 0x%" PRIx64 ", expected 0x%" PRIx64, i,
                      abi_command_by_fid(c->cmd->fid)->out[i - 1].name, out[i], c->want[i]);
    }
    for (unsigned i = c->num_out; i < ABI_MAX_REGS; i++)
        rest |= out[i];
    if (rest == 0)
        return;
    for (unsigned i = c->num_out; i < ABI_MAX_REGS; i++) {
        if (out[i])
            spec_mismatch(c->v, "x%u is 0x%" PRIx64 ", expected 0: it is not an output (B1.2)", i,
                          out[i]);
    }
}

/* B1.6: after a failure the outputs are UNDEFINED unless the command states them. */
static void open_outputs(struct spec_call *c)
{
    unsigned num = abi_command_num_out(abi_command_by_fid(c->cmd->fid));

    c->num_out = num + 1;
    for (unsigned i = 1; i <= num; i++) {
        c->want[i] = 0;
        c->care[i] = 0;
    }
}

static void failed(struct spec_call *c, const uint64_t out[ABI_MAX_REGS])
{
    struct spec_verdict *v = c->v;

    for (unsigned i = 0; i < c->cmd->num_conds; i++) {
        if (!(v->minimal_mask & SPEC_ROW(i)) || row_result(c, i) != out[0])
            continue;
        v->decided = (int)i;
        open_outputs(c);
        if (c->cmd->body->failure)
            c->cmd->body->failure(c, i);
        for (unsigned reg = 1; reg < c->num_out; reg++) {
            if (c->care[reg] == 0)
                v->loose_mask |=
                    1; /* SPEC_OUTPUTS_UNDEFINED is the first row of a command that has outputs */
        }
        check_registers(c, out);
        return;
    }
    wrong_result(c, out[0]);
}

void spec_call_result(struct spec_call *c, const uint64_t out[ABI_MAX_REGS])
{
    if (c->v->true_mask) {
        failed(c, out);
    } else if (out[0] != c->want[0]) {
        wrong_result(c, out[0]);
    } else {
        if (c->cmd->body->success)
            c->cmd->body->success(c);
        spec_check_variant(c->v);
        check_registers(c, out);
    }
}

/* --- entry points --- */

static void unknown_fid(uint64_t fid, const uint64_t out[ABI_MAX_REGS], struct spec_verdict *v)
{
    spec_verdict_start(v, NULL);
    v->success_allowed = false;
    if (out[0] != SMC_NOT_SUPPORTED)
        spec_mismatch(
            v, "x0 is 0x%" PRIx64 ", expected -1: function identifier 0x%" PRIx64 " is not known",
            out[0], fid);
}

void spec_evaluate(struct spec *s, const struct spec_env *env, uint64_t fid,
                   const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v)
{
    const struct spec_command *cmd = spec_command_by_fid(fid);
    struct spec_call c;

    if (!cmd || !spec_is_rmi(cmd)) {
        spec_verdict_start(v, cmd); /* a Realm's call depends on the REC that makes it */
        return;
    }
    spec_call_start(&c, s, env, in, cmd, v);
    spec_call_conditions(&c);
}

void spec_rmi(struct spec *s, const struct spec_env *env, const uint64_t in[ABI_MAX_REGS],
              const uint64_t out[ABI_MAX_REGS], struct spec_verdict *v)
{
    const struct spec_command *cmd = spec_command_by_fid(in[0]);
    struct spec_call c;

    if (!cmd || !spec_is_rmi(cmd)) {
        s->num_touched = 0;
        s->touched_overflow = false;
        unknown_fid(in[0], out, v);
        return;
    }
    if (cmd->fid == RMI_REC_ENTER) {
        spec_rec_enter_begin(s, env, in, v);
        spec_rec_enter_end(s, env, in, out, v);
        return;
    }
    spec_call_start(&c, s, env, in, cmd, v);
    spec_call_conditions(&c);
    spec_call_result(&c, out);
}
