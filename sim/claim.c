/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/realm_cpu.h>
#include <ccasim/rmm.h>
#include <ccasim/script.h>

#include <stdio.h>

void step_irq(struct sim *s, const struct step *st, struct step_result *r)
{
    struct pe *pe = &s->m->pe[st->pe];
    bool *pending[] = {
        [LINE_IRQ] = &pe->irq_pending,
        [LINE_FIQ] = &pe->fiq_pending,
        [LINE_SERROR] = &pe->serror_pending,
    };
    uint64_t *at[] = {
        [LINE_IRQ] = &pe->irq_at,
        [LINE_FIQ] = &pe->fiq_at,
        [LINE_SERROR] = &pe->serror_at,
    };

    (void)r;
    if (st->u.irq.line == LINE_SERROR)
        pe->serror_iss = st->u.irq.iss;
    if (st->u.irq.after == 0)
        *pending[st->u.irq.line] = true;
    else
        *at[st->u.irq.line] = s->m->vtime + st->u.irq.after;
}

void step_broken(struct sim *s, const struct step *st, struct step_result *r)
{
    struct machine *m = s->m;
    uint64_t a;

    if (!step_value(s, &st->u.broken.addr, r, &a))
        return;
    m->broken_granule = st->u.broken.set < 0 ? 0 : align_down(a, GRANULE_SIZE);
    m->broken_set = st->u.broken.set < 0 ? 0 : (uint64_t)st->u.broken.set;
    /* What an emulated CPU has cached does not know of it. */
    if (m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}

void step_secure_claim(struct sim *s, const struct step *st, struct step_result *r)
{
    enum pas to = st->u.secure.claim ? PAS_SECURE : PAS_NS;
    uint64_t a;

    if (!step_value(s, &st->u.secure.addr, r, &a))
        return;
    if (el3m_secure_claim(s->m, st->pe, a, to) != CCA_OK) {
        if (!st->u.secure.refused)
            step_fail(r, "EL3M refuses: granule 0x%llx is %s, not %s", (unsigned long long)a,
                      pas_name(gpt_pas(s->m, a)), pas_name(to == PAS_SECURE ? PAS_NS : PAS_SECURE));
        return;
    }
    check_secure_claim(s->check, a, to);
    if (st->u.secure.refused)
        step_fail(r, "EL3M does not refuse: granule 0x%llx is %s now", (unsigned long long)a,
                  pas_name(to));
}

static void expect_number(struct step_result *r, const char *what, int want, int got)
{
    if (want >= 0 && want != got)
        step_fail(r, "%s: expected %d, got %d", what, want, got);
}

void step_expect_state(struct sim *s, const struct step *st, struct step_result *r)
{
    const struct gst_entry *g;
    uint64_t a;

    if (!step_value(s, &st->u.state.addr, r, &a))
        return;
    g = gst_find(s->m, a);
    if (g == NULL && (st->u.state.state >= 0 || st->u.state.refcount >= 0)) {
        step_fail(r, "0x%llx is no granule that the RMM tracks", (unsigned long long)a);
        return;
    }
    if (st->u.state.state >= 0 && g->state != st->u.state.state)
        step_fail_got(r, gst_state_name((unsigned)st->u.state.state), gst_state_name(g->state));
    if (st->u.state.pas >= 0 && (int)gpt_pas(s->m, a) != st->u.state.pas)
        step_fail_got(r, pas_name((enum pas)st->u.state.pas), pas_name(gpt_pas(s->m, a)));
    if (g)
        expect_number(r, "reference count", st->u.state.refcount, g->refcount);
}

/* Where the register is; steps name them by number. */
static uint64_t *register_at(struct pe_regs *regs, int reg)
{
    if (reg >= REG_V0)
        return &regs->v[2 * (size_t)(reg - REG_V0)];
    return reg < 31    ? &regs->x[reg]
           : reg == 31 ? &regs->pc
           : reg == 32 ? &regs->pstate
                       : &regs->sys[reg - 33];
}

void step_host_reg(struct sim *s, const struct step *st, struct step_result *r)
{
    uint64_t v;

    if (step_value(s, &st->u.reg.value, r, &v))
        *register_at(&s->m->pe[st->pe].r, st->u.reg.reg) = v;
}

static bool read_register(struct sim *s, const struct step *st, struct step_result *r)
{
    struct pe_regs regs;
    const struct gst_entry *g;
    struct rmm_rec_view rec;
    uint64_t a, scratch[GRANULE_SIZE / 8];

    if (st->u.reg.host) {
        r->value = *register_at(&s->m->pe[st->pe].r, st->u.reg.reg);
        return true;
    }
    if (!step_value(s, &st->u.reg.rec, r, &a))
        return false;
    g = gst_find(s->m, a);
    if (g == NULL || g->state != GST_REC) {
        step_fail(r, "0x%llx is no REC", (unsigned long long)a);
        return false;
    }
    rmm_view_rec(s->m, a, scratch, &rec);
    regs = *rec.regs;
    for (unsigned i = 0; i < s->m->impl.num_pes; i++)
        if (s->m->pe[i].running_rec == a)
            regs = s->m->pe[i].r;
    r->value = *register_at(&regs, st->u.reg.reg);
    return true;
}

void step_expect_reg(struct sim *s, const struct step *st, struct step_result *r)
{
    uint64_t want, mask = st->u.reg.mask;
    char expected[32], got[32];

    if (st->u.reg.var >= 0) {
        const struct value var = {.var = st->u.reg.var};

        if (!step_value(s, &var, r, &r->value))
            return;
    } else if (!read_register(s, st, r)) {
        return;
    }
    if (!step_value(s, &st->u.reg.value, r, &want) || ((r->value ^ want) & mask) == 0)
        return;
    snprintf(expected, sizeof(expected), "0x%llx", (unsigned long long)(want & mask));
    snprintf(got, sizeof(got), "0x%llx", (unsigned long long)(r->value & mask));
    step_fail_got(r, expected, got);
}

void step_script(struct sim *s, const struct step *st, struct step_result *r)
{
    uint64_t rd;
    int err;

    if (!step_value(s, &st->u.script.rd, r, &rd))
        return;
    err = script_set_add(s->scripts, st->u.script.script, rd);
    if (err == CCA_ERR_NOMEM)
        step_fail(r, "out of memory");
    else if (err)
        step_fail(r, "malformed script: sections overlap, or an operation is out of range");
}
