/* SPDX-License-Identifier: BSD-3-Clause */
#include "story.h"

#include <string.h>

#include "report.h"

#define INDENT "     "

/* State before the step, and the conditions that hold there; looked at in a second run. */
struct before {
    const struct story *story;
    struct sim *sim;
    struct text operands, conditions;
};

static void look(void *ctx, const struct step *st, const uint64_t *in)
{
    struct before *b = ctx;
    struct scene w = scene_of(b->sim);
    struct spec_verdict v;

    if (st != b->story->step || in == NULL || b->operands.len)
        return;
    describe_operands(&b->operands, &w, b->story->sc, st, in, INDENT "  ");
    if (st->u.call.world != WORLD_NS || report_command(st) == NULL)
        return;
    memset(&v, 0, sizeof(v));
    check_evaluate(w.check, in, &v);
    describe_deciding(&b->conditions, &v, INDENT);
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct before *b = ctx;

    return runner_cpu_open(b->story->cpu, m, sc, ops, ops_ctx);
}

static void look_before(struct before *b)
{
    const struct story *story = b->story;
    struct sim_options opt = {
        .check = story->o->check == CHECK_NONE ? CHECK_ALL : story->o->check,
        .broken = story->broken,
        .open_cpu = open_cpu,
        .before_step = look,
        .ctx = b,
    };
    struct impl impl = sim_machine(b->sim)->impl;
    struct step_result last;

    sim_set_options(b->sim, &opt);
    if (sim_reset(b->sim, &impl) == CCA_OK)
        sim_run(b->sim, story->sc, &last);
}

void story_findings(struct text *t, struct sim *s, const struct scenario *sc,
                    const struct step_result *r, const char *indent)
{
    size_t num;
    const struct finding *f = check_findings(sim_check(s), &num);

    for (size_t i = r->first_finding; i < r->first_finding + r->num_findings && i < num; i++)
        report_finding(t, sc, &f[i], indent);
}

static void tell_headline(struct text *t, const struct story *story)
{
    const struct step *st = story->step;
    const struct loc *loc = story->r->loc.line ? &story->r->loc : &st->loc;

    /* A step of a prelude stands in another file. */
    if (loc->file && strcmp(loc->file, story->item->path) != 0)
        text_printf(t, "FAIL %s  step %u (%s:%u)  ", story->item->path, st->number, loc->file,
                    loc->line);
    else
        text_printf(t, "FAIL %s:%u  step %u  ", story->item->path, loc->line, st->number);
    if (st->pe)
        text_printf(t, "PE %u  ", st->pe);
    report_step(t, story->sc, st, story->r->called ? story->r->in : NULL);
    text_puts(t, "\n");
    if (st->note)
        text_printf(t, INDENT "(%s)\n", st->note);
}

static void tell_outcome(struct text *t, const struct story *story)
{
    const struct step_result *r = story->r;

    if (r->expected[0]) {
        text_printf(t, INDENT "expected %s      got %s\n", r->expected, r->got);
    } else if (r->why[0]) {
        text_puts(t, INDENT);
        report_named(t, story->sc, r->why, INDENT "  ");
        text_puts(t, "\n");
    } else if (r->called) {
        text_puts(t, INDENT "returned ");
        report_result(t, story->sc, story->step, r);
        text_puts(t, ", as the scenario expects\n");
    }
}

/* A step that is no call: what it is about, as it is now. */
static void tell_object(struct text *t, struct sim *s, const struct story *story)
{
    const struct step *st = story->step;
    struct scene w = scene_of(s);
    const struct value *v;
    uint64_t a;

    switch (st->kind) {
    case STEP_LOAD:
    case STEP_STORE: v = &st->u.access.addr; break;
    case STEP_EXPECT_STATE: v = &st->u.state.addr; break;
    case STEP_WRITE_BYTES:
    case STEP_EXPECT_BYTES: v = &st->u.bytes.addr; break;
    case STEP_SECURE_CLAIM: v = &st->u.secure.addr; break;
    default: return;
    }
    if (!sim_value(s, v, &a))
        return;
    text_puts(t, INDENT "  ");
    report_address(t, story->sc, a);
    text_puts(t, ": ");
    describe_granule(t, &w, story->sc, align_down(a, GRANULE_SIZE));
    text_puts(t, "\n");
}

static void tell_reproduce(struct text *t, const struct story *story)
{
    const struct run_options *o = story->o;

    if (story->item->section >= 0) {
        text_printf(t, INDENT "reproduce: ccasim run %s\n", story->item->path);
        return;
    }
    text_puts(t, INDENT "reproduce: ccasim explain ");
    if (o->break_name)
        text_printf(t, "--break %s ", o->break_name);
    if (o->check_text)
        text_printf(t, "--check %s ", o->check_text);
    if (o->realm != REALM_AUTO)
        text_printf(t, "--realm %s ", realm_kind_names[o->realm]);
    if (o->seed_given)
        text_printf(t, "--seed %llu ", (unsigned long long)o->seed);
    text_printf(t, "%s:%u\n", story->item->path, story->step->number);
}

void story_tell(struct text *t, struct sim *sim, const struct story *story)
{
    struct before b = {.story = story, .sim = sim};
    struct text object = {0}, findings = {0};

    tell_object(&object, sim, story);
    story_findings(&findings, sim, story->sc, story->r, INDENT);
    if (story->step->kind == STEP_CALL)
        look_before(&b);
    tell_headline(t, story);
    tell_outcome(t, story);
    text_add(t, b.conditions.s, b.conditions.len);
    text_add(t, b.operands.s, b.operands.len);
    text_add(t, object.s, object.len);
    text_add(t, findings.s, findings.len);
    tell_reproduce(t, story);
    text_free(&b.conditions);
    text_free(&b.operands);
    text_free(&object);
    text_free(&findings);
}
