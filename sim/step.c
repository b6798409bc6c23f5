/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/script.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void step_fail(struct step_result *r, const char *fmt, ...)
{
    va_list ap;

    if (r->failed)
        return;
    r->failed = true;
    va_start(ap, fmt);
    vsnprintf(r->why, sizeof(r->why), fmt, ap);
    va_end(ap);
}

void step_fail_got(struct step_result *r, const char *expected, const char *got)
{
    if (r->failed)
        return;
    snprintf(r->expected, sizeof(r->expected), "%s", expected);
    snprintf(r->got, sizeof(r->got), "%s", got);
    step_fail(r, "expected %s, got %s", expected, got);
}

uint64_t le_load(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

void le_store(uint8_t *p, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

bool sim_value(const struct sim *s, const struct value *v, uint64_t *out)
{
    *out = v->num;
    if (v->var < 0)
        return true;
    if ((unsigned)v->var >= s->num_vars || !s->var_set[v->var])
        return false;
    *out += s->vars[v->var];
    return true;
}

bool step_value(struct sim *s, const struct value *v, struct step_result *r, uint64_t *out)
{
    if (sim_value(s, v, out))
        return true;
    step_fail(r, "variable `%s` has no value: the call that saves it has not succeeded yet",
              (unsigned)v->var < s->sc->num_vars ? s->sc->vars[v->var] : "?");
    return false;
}

uint8_t *step_buffer(struct sim *s, size_t size, struct step_result *r)
{
    uint8_t *p;

    if (size <= s->buf_size)
        return s->buf;
    p = realloc(s->buf, size);
    if (p == NULL) {
        step_fail(r, "no memory for %zu bytes", size);
        return NULL;
    }
    s->buf = p;
    s->buf_size = size;
    return p;
}

bool field_check(struct sim *s, const struct expect_field *f, const uint8_t *base, const char *of,
                 struct step_result *r)
{
    uint64_t want, got = le_load(base + f->offset, f->size);
    char expected[64], seen[64];

    if (!step_value(s, &f->value, r, &want))
        return false;
    if (((got ^ want) & f->mask) == 0)
        return true;
    if (!r->failed)
        r->loc = f->loc;
    snprintf(expected, sizeof(expected), "0x%llx", (unsigned long long)(want & f->mask));
    snprintf(seen, sizeof(seen), "0x%llx", (unsigned long long)(got & f->mask));
    step_fail(r, "%s%s: expected %s, got %s", of, f->name, expected, seen);
    return false;
}

static void step_dispatch(struct sim *s, const struct step *st, struct step_result *r)
{
    switch (st->kind) {
    case STEP_CALL: step_call(s, st, r); break;
    case STEP_LOAD:
    case STEP_STORE: step_access(s, st, r); break;
    case STEP_WRITE_BYTES: step_write_bytes(s, st, r); break;
    case STEP_EXPECT_BYTES: step_expect_bytes(s, st, r); break;
    case STEP_SCAN: step_scan(s, st, r); break;
    case STEP_IRQ: step_irq(s, st, r); break;
    case STEP_SECURE_CLAIM: step_secure_claim(s, st, r); break;
    case STEP_EXPECT_STATE: step_expect_state(s, st, r); break;
    case STEP_EXPECT_REG: step_expect_reg(s, st, r); break;
    case STEP_SCRIPT: step_script(s, st, r); break;
    case STEP_HOST_REG: step_host_reg(s, st, r); break;
    case STEP_BROKEN: step_broken(s, st, r); break;
    case STEP_POKE: step_poke(s, st, r); break;
    case STEP_KINDS: MODEL_BUG("step of no kind");
    }
}

/* One step, top-level or nested, with the checks around it. */
bool step_run(struct sim *s, const struct step *st, struct step_result *r)
{
    size_t after;

    memset(r, 0, sizeof(*r));
    r->ran = true;
    if (s->opt.before_step && st->kind != STEP_CALL)
        s->opt.before_step(s->opt.ctx, st, NULL);
    if (st->at > s->m->vtime)
        s->m->vtime = st->at;
    check_findings(s->check, &r->first_finding);
    check_step_begin(s->check, st->pe, st->number);
    step_dispatch(s, st, r);
    check_step_end(s->check, st->pe);
    check_findings(s->check, &after);
    r->num_findings = after - r->first_finding;
    if (s->nested_failed && s->current == NULL) {
        r->nested = s->nested_failed;
        step_fail(r, "step %u, which runs during it, failed", s->nested_failed->number);
    }
    if (r->num_findings)
        r->failed = true;
    if (r->failed && s->current && s->nested_failed == NULL)
        s->nested_failed = st;
    if (s->opt.on_step)
        s->opt.on_step(s->opt.ctx, st, r);
    return !r->failed;
}

static void step_give_up(struct sim *s, const struct step *st, struct step_result *r)
{
    sched_abandon(s);
    r->ran = true;
    step_fail(r, "%s", s->wedged_why);
    if (s->opt.on_step)
        s->opt.on_step(s->opt.ctx, st, r);
}

/* What `save:` stored belongs to one scenario. */
static bool scenario_begin(struct sim *s, const struct scenario *sc)
{
    s->sc = sc;
    s->code = NULL;
    script_set_limit(s->scripts, sc->insn_limit);
    if (sc->num_vars > s->num_vars) {
        uint64_t *v = realloc(s->vars, sc->num_vars * sizeof(*v));
        bool *set;

        if (v == NULL)
            return false;
        s->vars = v;
        set = realloc(s->var_set, sc->num_vars * sizeof(*set));
        if (set == NULL)
            return false;
        s->var_set = set;
        s->num_vars = sc->num_vars;
    }
    if (s->num_vars)
        memset(s->var_set, 0, s->num_vars * sizeof(*s->var_set));
    return true;
}

bool sim_step(struct sim *s, const struct scenario *sc, const struct step *st,
              struct step_result *r)
{
    bool nests = st->num_running || st->num_during;

    if (s->wedged || (s->sc != sc && !scenario_begin(s, sc))) {
        memset(r, 0, sizeof(*r));
        step_fail(r, "%s", s->wedged ? s->wedged_why : "out of memory");
        return false;
    }
    s->nested_failed = NULL;
    if (setjmp(s->give_up)) {
        step_give_up(s, st, r);
        return false;
    }
    if (nests)
        sched_begin(s, st);
    step_run(s, st, r);
    if (nests && s->listening)
        sched_abandon(s);
    return !r->failed;
}

int sim_run(struct sim *s, const struct scenario *sc, struct step_result *last)
{
    for (unsigned i = 0; i < sc->num_steps; i++)
        if (!sim_step(s, sc, &sc->steps[i], last))
            return (int)i;
    return -1;
}
