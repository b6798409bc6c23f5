/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of what a call names, in words: from GST and GPT, and from the specification's state where checks are on. */
#include "report.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>

#include <stdlib.h>
#include <string.h>

struct scene scene_of(struct sim *s)
{
    return (struct scene){.m = sim_machine(s), .check = sim_check(s)};
}

static void describe_realm(struct text *t, const struct spec *spec, uint64_t rd)
{
    const struct spec_realm *realm = spec_realm(spec, rd);

    if (realm)
        text_printf(t, "; Realm %s, s2sz %u, VMID %u, %u RECs", realm_state_name(realm->state),
                    realm->s2sz, realm->vmid, realm->num_recs);
}

static void describe_rec(struct text *t, const struct spec *spec, uint64_t a)
{
    const struct spec_rec *rec = spec_rec(spec, a);

    if (rec)
        text_printf(t, "; %s%s%s%s, mpidr 0x%llx", rec->runnable ? "runnable" : "not runnable",
                    rec->running ? ", running" : "",
                    rec->host_call_pending ? ", host call pending" : "",
                    rec->emulatable_abort ? ", emulatable abort pending" : "",
                    (unsigned long long)rec->mpidr);
}

static void describe_owner(struct text *t, const struct scene *w, const struct scenario *sc,
                           uint64_t a)
{
    struct spec *spec = check_spec(w->check);
    struct spec_granule g;

    if (spec == NULL || !spec_granule(spec, a, &g))
        return;
    if (g.rd) {
        text_puts(t, "; of Realm ");
        report_address(t, sc, g.rd);
    }
    if (g.state == SPEC_RTT)
        text_printf(t, ", level %d table at IPA 0x%llx", g.level, (unsigned long long)g.ipa);
    if (g.state == SPEC_DATA)
        text_printf(t, ", at IPA 0x%llx", (unsigned long long)g.ipa);
    if (g.state == SPEC_REC_AUX) {
        text_puts(t, ", of REC ");
        report_address(t, sc, g.rec);
    }
    if (g.state == SPEC_RD)
        describe_realm(t, spec, a);
    if (g.state == SPEC_REC)
        describe_rec(t, spec, a);
}

void describe_granule(struct text *t, const struct scene *w, const struct scenario *sc, uint64_t a)
{
    struct machine *m = w->m;
    uint64_t granule = align_down(a, GRANULE_SIZE);
    const struct gst_entry *g = gst_find(m, granule);

    if (!is_granule_aligned(a))
        text_puts(t, "not granule-aligned; ");
    if (!mem_contains(m, a)) {
        text_puts(t, "no memory there");
        return;
    }
    text_printf(t, "%s PAS", pas_name(gpt_pas(m, a)));
    if (g == NULL) {
        text_puts(t, ", not tracked by the RMM");
        return;
    }
    text_printf(t, ", %s, refcount %u", gst_state_name(g->state), g->refcount);
    if (g->lock)
        text_printf(t, ", locked by PE %u", g->lock - 1u);
    describe_owner(t, w, sc, granule);
}

static void describe_entry(struct text *t, const struct scenario *sc, const struct spec_rtte *e,
                           bool is_protected)
{
    text_printf(t, "%s%s", hipas_name(e->hipas), e->ns && e->hipas == HIPAS_ASSIGNED ? "_NS" : "");
    if (e->hipas != HIPAS_TABLE && is_protected)
        text_printf(t, ", RIPAS %s", ripas_name(e->ripas));
    if (e->hipas == HIPAS_UNASSIGNED)
        return;
    text_puts(t, " -> ");
    report_address(t, sc, e->addr);
    if (e->ns && e->hipas == HIPAS_ASSIGNED)
        text_printf(t, ", MemAttr 0x%x, S2AP %u", e->memattr, e->s2ap);
}

/* The walk of DEN0137 A5.5.9: from the start level to the entry that is no TABLE. */
void describe_walk(struct text *t, const struct scene *w, const struct scenario *sc, uint64_t rd,
                   uint64_t a, const char *indent)
{
    struct spec *spec = check_spec(w->check);
    const struct spec_realm *realm = spec ? spec_realm(spec, rd) : NULL;
    struct spec_rtte e;
    bool is_protected;

    if (realm == NULL)
        return;
    if (a >> realm->s2sz) {
        text_printf(t, "%s  beyond the IPA space of %u bits\n", indent, realm->s2sz);
        return;
    }
    is_protected = (a >> (realm->s2sz - 1)) == 0;
    for (int level = realm->rtt_level_start; level <= 3; level++) {
        if (!spec_rtte(spec, rd, level, a, &e))
            break;
        text_printf(t, "%s  level %d entry %u: ", indent, level,
                    (unsigned)(a / level_size(level) % 512));
        describe_entry(t, sc, &e, is_protected);
        text_puts(t, "\n");
        if (e.hipas != HIPAS_TABLE)
            break;
    }
}

static bool names_granule(enum abi_kind kind)
{
    return kind == ABI_ADDR || kind == ABI_RD || kind == ABI_REC || kind == ABI_RTT ||
           kind == ABI_DATA || kind == ABI_NS_PTR;
}

static uint64_t realm_of_call(const struct scene *w, const struct abi_command *cmd,
                              const uint64_t *in)
{
    struct spec *spec = check_spec(w->check);
    struct spec_granule g;

    for (unsigned i = 0; i < ABI_MAX_ARGS && cmd->in[i].name; i++) {
        if (cmd->in[i].kind == ABI_RD)
            return in[i + 1];
        if (cmd->in[i].kind == ABI_REC && spec && spec_granule(spec, in[i + 1], &g))
            return g.rd;
    }
    return 0;
}

void describe_operands(struct text *t, const struct scene *w, const struct scenario *sc,
                       const struct step *st, const uint64_t in[ABI_MAX_REGS], const char *indent)
{
    const struct abi_command *cmd = report_command(st);
    uint64_t rd;

    if (cmd == NULL)
        return;
    rd = realm_of_call(w, cmd, in);
    for (unsigned i = 0; i < ABI_MAX_ARGS && cmd->in[i].name; i++) {
        const struct abi_field *f = &cmd->in[i];

        text_printf(t, "%s%-8s = ", indent, f->name);
        report_value(t, sc, cmd, f, in[i + 1]);
        if (names_granule(f->kind)) {
            text_puts(t, ": ");
            describe_granule(t, w, sc, in[i + 1]);
        }
        text_puts(t, "\n");
        if (f->kind == ABI_IPA)
            describe_walk(t, w, sc, rd, in[i + 1], indent);
    }
}

/* --- conditions ------------------------------------------------------------------------------------------------- */

static void command_id(struct text *t, const struct spec_command *c)
{
    const struct abi_command *abi = abi_command_by_fid(c->fid);

    if (abi && abi_command_is_rsi(abi))
        text_puts(t, "rsi_");
    if (abi && abi_command_is_psci(abi))
        text_puts(t, "psci_");
    for (const char *p = abi ? abi->name : "?"; *p; p++)
        text_printf(t, "%c", *p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
}

void describe_cond_id(struct text *t, const struct spec_command *c, unsigned row)
{
    command_id(t, c);
    text_printf(t, ".%s", c->conds[row].id);
}

void describe_variant_id(struct text *t, const struct spec_command *c, unsigned row)
{
    command_id(t, c);
    text_printf(t, "/success:%s", c->variants[row].id);
}

void describe_cond_status_name(struct text *t, const struct spec_command *c, unsigned row)
{
    const struct abi_command *abi = abi_command_by_fid(c->fid);
    unsigned status = (unsigned)c->conds[row].status;

    if (abi && abi_command_is_psci(abi))
        text_puts(t, psci_status_name((uint64_t)(int8_t)status));
    else
        text_puts(t, abi && abi_command_is_rsi(abi) ? rsi_status_name(status)
                                                    : rmi_status_name(status));
}

void describe_cond_status(struct text *t, const struct spec_command *c, unsigned row)
{
    const struct spec_cond *cond = &c->conds[row];

    describe_cond_status_name(t, c, row);
    if (cond->index_is_walk)
        text_printf(t, "/%s", cond->index ? cond->index : "0");
}

void describe_deciding(struct text *t, const struct spec_verdict *v, const char *indent)
{
    const struct spec_command *c = v->cmd;
    unsigned minimal = (unsigned)__builtin_popcountll(v->minimal_mask);

    if (c == NULL)
        return;
    if (v->true_mask == 0) {
        text_printf(t, "%sno failure condition is true: the call must succeed\n", indent);
        return;
    }
    for (unsigned i = 0; i < c->num_conds; i++) {
        if (!(v->minimal_mask >> i & 1))
            continue;
        text_printf(t, "%scondition ", indent);
        describe_cond_id(t, c, i);
        text_printf(t, " is true and %s ", minimal > 1 ? "may decide," : "decides,");
        describe_cond_status(t, c, i);
        text_printf(t, ": %s\n", c->conds[i].text);
    }
}
