/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/mem.h>

#include <stdio.h>
#include <string.h>

#define MAX_DURING 64u

static void status_text(uint64_t x0, char *buf, size_t size)
{
    if (x0 == SMC_NOT_SUPPORTED)
        snprintf(buf, size, "SMC_NOT_SUPPORTED");
    else if (x0 >> 16 || rmi_result_status(x0) >= RMI_STATUS_COUNT)
        snprintf(buf, size, "x0 = 0x%llx", (unsigned long long)x0);
    else if (rmi_result_index(x0))
        snprintf(buf, size, "%s/%u", rmi_status_name(rmi_result_status(x0)), rmi_result_index(x0));
    else
        snprintf(buf, size, "%s", rmi_status_name(rmi_result_status(x0)));
}

static bool status_matches(const struct expect_status *e, uint64_t x0)
{
    if (e->not_supported)
        return x0 == SMC_NOT_SUPPORTED;
    return x0 >> 16 == 0 && rmi_result_status(x0) == e->status &&
           (e->index < 0 || rmi_result_index(x0) == (unsigned)e->index);
}

static void expected_text(const struct expect_status *e, unsigned num, char *buf, size_t size)
{
    size_t n = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < num && n < size; i++) {
        const char * or = i == 0 ? "" : i + 1 == num ? " or " : ", ";
        char one[48];

        if (e[i].not_supported)
            snprintf(one, sizeof(one), "SMC_NOT_SUPPORTED");
        else if (e[i].index > 0)
            snprintf(one, sizeof(one), "%s/%d", rmi_status_name(e[i].status), e[i].index);
        else
            snprintf(one, sizeof(one), "%s", rmi_status_name(e[i].status));
        n += (size_t)snprintf(buf + n, size - n, "%s%s", or, one);
    }
}

static void check_status(const struct step *st, struct step_result *r)
{
    static const struct expect_status success = {.status = RMI_SUCCESS};
    const struct expect_status *any = st->expect_given ? st->any : &success;
    unsigned num = st->expect_given ? st->num_any : 1;
    char expected[sizeof(r->expected)], got[sizeof(r->got)];

    if (num == 0)
        return;
    for (unsigned i = 0; i < num; i++)
        if (status_matches(&any[i], r->out[0]))
            return;
    expected_text(any, num, expected, sizeof(expected));
    status_text(r->out[0], got, sizeof(got));
    step_fail_got(r, expected, got);
}

/* Copies RmiRecExit as the host sees it. False: the host cannot read it. */
static bool read_rec_exit(struct sim *s, const struct step_result *r, uint8_t out[REC_EXIT_SIZE])
{
    uint64_t a = r->in[2] + REC_EXIT_BASE;

    if (r->in[0] != RMI_REC_ENTER || r->out[0] != RMI_SUCCESS || !mem_contains(s->m, a) ||
        gpt_check(s->m, PAS_NS, a).fault != GPC_OK)
        return false;
    mem_read(s->m, a, out, REC_EXIT_SIZE);
    return true;
}

static void check_exit(struct sim *s, const struct step *st, const uint8_t *rec_exit,
                       struct step_result *r)
{
    if (r->entered)
        r->exit_reason = le_load(rec_exit + REC_EXIT_REASON, 8);
    for (unsigned i = 0; i < st->num_exit; i++) {
        if (!r->entered) {
            step_fail(r, "no REC exit to look at: the Realm was not run");
            return;
        }
        if (!field_check(s, &st->exit[i], rec_exit, "exit.", r))
            return;
    }
}

static void check_out(struct sim *s, const struct step *st, struct step_result *r)
{
    uint8_t regs[8 * ABI_MAX_REGS];

    if (st->num_out == 0)
        return;
    for (unsigned i = 0; i < ABI_MAX_REGS; i++)
        le_store(regs + 8ul * i, 8, r->out[i]);
    for (unsigned i = 0; i < st->num_out; i++)
        if (!field_check(s, &st->out[i], regs, "", r))
            return;
}

static void save_results(struct sim *s, const struct step *st, const uint8_t *rec_exit,
                         const struct step_result *r)
{
    for (unsigned i = 0; i < st->num_save; i++) {
        const struct save *v = &st->save[i];

        if (v->exit_offset >= 0 && !r->entered)
            continue;
        s->vars[v->var] =
            v->exit_offset >= 0 ? le_load(rec_exit + v->exit_offset, v->size) : r->out[v->reg];
        s->var_set[v->var] = true;
    }
}

static void check_run(struct sim *s, const struct call *c, struct step_result *r)
{
    const struct script_failure *f = script_set_failure(s->scripts);

    if (f->count) {
        if (f->reg != SCRIPT_NO_OPERATION)
            step_fail(r, "Realm script at pc 0x%llx: expected %c%u == 0x%llx, got 0x%llx",
                      (unsigned long long)f->pc, f->reg < 32 ? 'x' : 'v', f->reg % 32u,
                      (unsigned long long)f->want, (unsigned long long)f->got);
        else
            step_fail(r, "Realm script has no operation at pc 0x%llx", (unsigned long long)f->pc);
    }
    if (c->no_cpu)
        step_fail(r, "the Realm has no script, and there is no emulated CPU to run its code");
    if (c->cpu_failed)
        step_fail(r, "the emulated CPU failed inside");
    if (c->limit && !r->failed) {
        r->limit = true;
        step_fail(r, "the Realm ran into the limit of %llu instructions",
                  (unsigned long long)s->sc->insn_limit);
    }
}

/* The results, in the order in which a reader asks: did the run go well, what came back, what was written. */
static void call_check(struct sim *s, const struct step *st, const struct call *c,
                       struct step_result *r)
{
    uint8_t rec_exit[REC_EXIT_SIZE];

    r->entered = read_rec_exit(s, r, rec_exit);
    check_run(s, c, r);
    check_status(st, r);
    check_out(s, st, r);
    check_exit(s, st, rec_exit, r);
    save_results(s, st, rec_exit, r);
}

static bool call_operands(struct sim *s, const struct step *st, struct step_result *r)
{
    r->in[0] = st->u.call.fid;
    for (unsigned i = 0; i < st->u.call.num_args; i++)
        if (!step_value(s, &st->u.call.arg[i], r, &r->in[i + 1]))
            return false;
    return true;
}

static bool is_rmi_of_host(const struct step *st)
{
    uint64_t fid = st->u.call.fid & ~SMC_FID_SVE_HINT;

    return st->u.call.world == WORLD_NS && fid >= RMI_FID_FIRST && fid < RMI_REQ_COMPLETE;
}

void step_call(struct sim *s, const struct step *st, struct step_result *r)
{
    uint64_t seen[MAX_DURING] = {0};
    struct call c = {.st = st, .seen = seen};
    bool judged = is_rmi_of_host(st);
    const struct spec_verdict *v;
    enum world world;

    if (st->num_during > MAX_DURING)
        step_fail(r, "more than %u `during:` lists", MAX_DURING);
    if (s->call[st->pe])
        step_fail(r, "PE %u is inside step %u: a nested call needs a PE of its own", st->pe,
                  s->call[st->pe]->st->number);
    if (r->failed || !call_operands(s, st, r))
        return;
    if (s->opt.before_step)
        s->opt.before_step(s->opt.ctx, st, r->in);
    memcpy(r->out, r->in, sizeof(r->out));
    s->call[st->pe] = &c;
    if (judged)
        check_rmi_begin(s->check, st->pe, r->in);
    world = s->m->pe[st->pe].world;
    el3m_smc(s->m, st->pe, st->u.call.world, r->out);
    MODEL_ASSERT(s->m->pe[st->pe].world == world); /* EL3M goes back to where it was called */
    if (judged)
        check_rmi_end(s->check, st->pe, r->in, r->out);
    s->call[st->pe] = NULL;
    r->called = true;
    if (s->current == NULL && s->listening && !sched_end(s))
        step_fail(r, "%s", s->wedged_why);
    v = judged ? check_last_verdict(s->check, st->pe) : NULL;
    if (v)
        r->verdict = *v;
    call_check(s, st, &c, r);
    for (unsigned i = 0; i < st->num_during; i++)
        if (seen[i] < st->during[i].n) {
            step_fail(r, "the call had %llu `%s` events, and `during` waits for number %llu",
                      (unsigned long long)seen[i], event_name(st->during[i].event),
                      (unsigned long long)st->during[i].n);
            r->loc = st->during[i].loc;
        }
    if (st->num_running && !c.entered)
        step_fail(r, "the Realm was not run: nothing ran `while_running`");
}
