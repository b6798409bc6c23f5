/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct granule_name *granule_of(const struct scenario *sc, uint64_t a)
{
    for (unsigned i = 0; i < sc->num_names; i++)
        if (sc->names[i].pa == align_down(a, GRANULE_SIZE))
            return &sc->names[i];
    return NULL;
}

void report_address(struct text *t, const struct scenario *sc, uint64_t a)
{
    const struct granule_name *g = granule_of(sc, a);

    if (g == NULL)
        text_printf(t, "0x%llx", (unsigned long long)a);
    else if (a & GRANULE_MASK)
        text_printf(t, "%s+0x%llx", g->name, (unsigned long long)(a & GRANULE_MASK));
    else
        text_puts(t, g->name);
}

static void report_number(struct text *t, uint64_t v)
{
    text_printf(t, v < 10 ? "%llu" : "0x%llx", (unsigned long long)v);
}

void report_value(struct text *t, const struct scenario *sc, const struct abi_command *cmd,
                  const struct abi_field *f, uint64_t v)
{
    switch (f->kind) {
    case ABI_ADDR:
    case ABI_RD:
    case ABI_REC:
    case ABI_RTT:
    case ABI_DATA:
    case ABI_NS_PTR: report_address(t, sc, v); break;
    case ABI_LEVEL: text_printf(t, "%lld", (long long)v); break;
    case ABI_VERSION_WORD:
        text_printf(t, "%u.%u", (unsigned)(v >> 16 & 0x7fff), (unsigned)(v & 0xffff));
        break;
    case ABI_STATE:
        if (v < 3)
            text_puts(t, hipas_name((unsigned)v));
        else
            report_number(t, v);
        break;
    case ABI_RIPAS:
        if (v < 3)
            text_puts(t, ripas_name((unsigned)v));
        else
            report_number(t, v);
        break;
    default: report_number(t, v); break;
    }
    (void)cmd;
}

const struct abi_command *report_command(const struct step *st)
{
    const struct abi_command *cmd = st->u.call.cmd;

    if (st->kind != STEP_CALL)
        return NULL;
    if (cmd == NULL)
        cmd = abi_command_by_fid(st->u.call.fid);
    return cmd && cmd->fid == st->u.call.fid ? cmd : NULL;
}

static void report_operand(struct text *t, const struct scenario *sc, const struct step *st,
                           unsigned i, const uint64_t *in)
{
    const struct abi_command *cmd = report_command(st);
    const struct value *v = &st->u.call.arg[i];

    if (in == NULL && v->var >= 0)
        text_printf(t, v->num ? "%s+0x%llx" : "%s", sc->vars[v->var], (unsigned long long)v->num);
    else if (cmd && cmd->in[i].name)
        report_value(t, sc, cmd, &cmd->in[i], in ? in[i + 1] : v->num);
    else
        report_address(t, sc, in ? in[i + 1] : v->num);
}

void report_call(struct text *t, const struct scenario *sc, const struct step *st,
                 const uint64_t *in)
{
    const struct abi_command *cmd = report_command(st);

    if (st->u.call.world != WORLD_NS)
        text_printf(t, "%s world: ", world_name(st->u.call.world));
    if (cmd)
        text_printf(t, "%s_%s(", abi_command_interface(cmd), cmd->name);
    else
        text_printf(t, "SMC(0x%llx%s", (unsigned long long)st->u.call.fid,
                    st->u.call.num_args ? ", " : "");
    for (unsigned i = 0; i < st->u.call.num_args; i++) {
        if (i)
            text_puts(t, ", ");
        if (cmd && cmd->in[i].name)
            text_printf(t, "%s=", cmd->in[i].name);
        report_operand(t, sc, st, i, in);
    }
    text_puts(t, ")");
}

static void report_at(struct text *t, const struct scenario *sc, const struct value *v)
{
    if (v->var < 0)
        report_address(t, sc, v->num);
    else
        text_printf(t, v->num ? "%s+0x%llx" : "%s", sc->vars[v->var], (unsigned long long)v->num);
}

static void report_access(struct text *t, const struct scenario *sc, const struct step *st)
{
    text_printf(t, "%s of %u bytes by the %s world, %s PAS, at ",
                st->kind == STEP_STORE ? "store" : "load", st->u.access.size,
                world_name(st->u.access.world), pas_name(st->u.access.pas));
    report_at(t, sc, &st->u.access.addr);
}

static void report_claim(struct text *t, const struct scenario *sc, const struct step *st)
{
    text_puts(t, "expect of ");
    report_at(t, sc, &st->u.state.addr);
    if (st->u.state.state >= 0)
        text_printf(t, " state %s", gst_state_name((unsigned)st->u.state.state));
    if (st->u.state.pas >= 0)
        text_printf(t, " PAS %s", pas_name((enum pas)st->u.state.pas));
    if (st->u.state.refcount >= 0)
        text_printf(t, " refcount %d", st->u.state.refcount);
}

static void report_register(struct text *t, const struct scenario *sc, const struct step *st)
{
    if (st->u.reg.var >= 0) {
        text_printf(t, "expect variable %s", sc->vars[st->u.reg.var]);
        return;
    }
    text_printf(t, "%s register %s of ", st->kind == STEP_HOST_REG ? "set" : "expect",
                st->u.reg.reg_name ? st->u.reg.reg_name : "?");
    if (st->u.reg.host || st->kind == STEP_HOST_REG) {
        text_printf(t, "the host on PE %u", st->pe);
        return;
    }
    report_at(t, sc, &st->u.reg.rec);
}

void report_step(struct text *t, const struct scenario *sc, const struct step *st,
                 const uint64_t *in)
{
    switch (st->kind) {
    case STEP_CALL: report_call(t, sc, st, in); break;
    case STEP_LOAD:
    case STEP_STORE: report_access(t, sc, st); break;
    case STEP_WRITE_BYTES:
    case STEP_EXPECT_BYTES:
        text_printf(t, "host %s ", st->kind == STEP_WRITE_BYTES ? "writes" : "expects");
        if (st->u.bytes.len)
            text_printf(t, "0x%x bytes at ", st->u.bytes.len);
        else
            text_puts(t, "fields at ");
        report_at(t, sc, &st->u.bytes.addr);
        break;
    case STEP_SCAN:
        text_printf(t, "search of %s for %u bytes",
                    st->u.scan.pas < 0 ? "all DRAM" : pas_name((enum pas)st->u.scan.pas),
                    st->u.scan.len);
        break;
    case STEP_IRQ:
        text_printf(t, "%s for PE %u",
                    st->u.irq.line == LINE_SERROR ? "SError"
                    : st->u.irq.line == LINE_FIQ  ? "FIQ"
                                                  : "interrupt",
                    st->pe);
        if (st->u.irq.after)
            text_printf(t, " after %llu instructions", (unsigned long long)st->u.irq.after);
        break;
    case STEP_SECURE_CLAIM:
        text_printf(t, "Secure world %s ", st->u.secure.claim ? "takes" : "gives back");
        report_at(t, sc, &st->u.secure.addr);
        if (st->u.secure.refused)
            text_puts(t, ", which EL3M must refuse");
        break;
    case STEP_EXPECT_STATE: report_claim(t, sc, st); break;
    case STEP_HOST_REG:
    case STEP_EXPECT_REG: report_register(t, sc, st); break;
    case STEP_BROKEN:
        text_puts(t, st->u.broken.set < 0 ? "memory is good again: " : "memory breaks: ");
        report_at(t, sc, &st->u.broken.addr);
        break;
    case STEP_SCRIPT:
        text_puts(t, "script for ");
        text_puts(t, st->u.script.rd.num || st->u.script.rd.var >= 0 ? "Realm " : "every Realm");
        if (st->u.script.rd.num || st->u.script.rd.var >= 0)
            report_at(t, sc, &st->u.script.rd);
        break;
    case STEP_POKE:
        text_puts(t, "bits flipped at ");
        report_at(t, sc, &st->u.poke.addr);
        break;
    case STEP_KINDS: break;
    }
}

void report_status(struct text *t, uint64_t x0)
{
    unsigned status = rmi_result_status(x0), index = rmi_result_index(x0);

    if (x0 == SMC_NOT_SUPPORTED)
        text_puts(t, "SMC_NOT_SUPPORTED");
    else if (x0 >> 16 || status >= RMI_STATUS_COUNT)
        text_printf(t, "x0 = 0x%llx", (unsigned long long)x0);
    else if (index)
        text_printf(t, "%s/%u", rmi_status_name(status), index);
    else
        text_puts(t, rmi_status_name(status));
}

static void report_outputs(struct text *t, const struct scenario *sc, const struct step *st,
                           const struct step_result *r)
{
    const struct abi_command *cmd = report_command(st);
    bool first = true;

    if (cmd == NULL || rmi_result_status(r->out[0]) != RMI_SUCCESS)
        return;
    for (unsigned i = 0; i < ABI_MAX_REGS - 1 && cmd->out[i].name; i++) {
        text_printf(t, "%s%s=", first ? ": " : ", ", cmd->out[i].name);
        report_value(t, sc, cmd, &cmd->out[i], r->out[i + 1]);
        first = false;
    }
}

void report_result(struct text *t, const struct scenario *sc, const struct step *st,
                   const struct step_result *r)
{
    if (st->kind == STEP_CALL && r->called) {
        report_status(t, r->out[0]);
        if (r->entered)
            text_printf(t, ": exit %s", rec_exit_reason_name((unsigned)r->exit_reason));
        else
            report_outputs(t, sc, st, r);
        return;
    }
    if (r->fault)
        text_printf(t, "fault, ESR 0x%llx", (unsigned long long)r->esr);
    else if (r->failed)
        text_puts(t, r->got[0] ? r->got : "not as expected");
    else if (st->kind == STEP_LOAD)
        text_printf(t, "0x%llx", (unsigned long long)r->value);
    else
        text_puts(t, "ok");
}

void report_named(struct text *t, const struct scenario *sc, const char *s, const char *indent)
{
    while (*s) {
        const struct granule_name *g;
        char *end;
        uint64_t v;

        if (*s == '\n') {
            text_printf(t, "\n%s", indent);
            s++;
            continue;
        }
        if (s[0] != '0' || s[1] != 'x') {
            text_add(t, s++, 1);
            continue;
        }
        v = strtoull(s, &end, 16);
        text_add(t, s, (size_t)(end - s));
        g = granule_of(sc, v);
        if (g && !isalnum((unsigned char)*end)) {
            text_puts(t, " (");
            report_address(t, sc, v);
            text_puts(t, ")");
        }
        s = end;
    }
}

static const char *rule_name(const char *id)
{
    for (size_t i = 0; i < check_rule_count; i++)
        if (strcmp(check_rules[i].id, id) == 0)
            return check_rules[i].name;
    return "";
}

void report_finding(struct text *t, const struct scenario *sc, const struct finding *f,
                    const char *indent)
{
    const char *name = rule_name(f->rule);
    char more[64];

    snprintf(more, sizeof(more), "%s  ", indent);
    text_printf(t, "%sfinding %s", indent, f->rule);
    if (*name && strcmp(name, f->rule) != 0)
        text_printf(t, " (%s)", name);
    text_puts(t, ": ");
    report_named(t, sc, f->text, more);
    text_puts(t, "\n");
}
