/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <ccasim/mem.h>
#include <ccasim/rmm.h>

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "report.h"
#include "runner.h"
#include "story.h"
#include "target.h"

static const char usage[] =
    "usage: ccasim explain [OPTION...] FILE[:STEP]\n\n"
    "Runs the scenario up to the step and says why its call returned what it did: operands and\n"
    "their state before the call, every condition of the command, which held, which decided.\n"
    "STEP is a step number (ccasim run -v shows them) or, beyond the last step or written as L23,\n"
    "a line of the file. Without it: the step that fails, or the last call.\n\n"
    "  --check LEVEL    all (default), full or none\n"
    "  --break NAME     with a planted bug (ccasim list bugs)\n"
    "  --realm WHAT     what runs Realm code: unicorn, script, auto (default)\n"
    "  --seed N         seed of the machine instead of the scenario's\n"
    "  --color WHEN     auto, always, never\n\n"
    "example: ccasim explain scenarios/first_realm.yaml:12\n";

struct explain {
    struct run_options o;
    bool color;
    struct scenario *sc;
    struct sim *sim;
    struct runner_cpu cpu;
    uint32_t broken;
    unsigned wanted; /* step number; 0: the one that fails, or the last call */
    unsigned found;

    struct text before; /* of the step wanted: its operands and conditions in the state before it */
    struct spec_verdict verdict;
    bool evaluated;
    const struct step *step; /* the step wanted, once it has run */
    struct step_result result;
    struct text findings;
};

/* --- which step --------------------------------------------------------------------------------- */

static void last_call(void *ctx, const struct step *st)
{
    struct explain *e = ctx;

    if (st->kind == STEP_CALL && st->number > e->found)
        e->found = st->number;
}

/* --- while it runs ---------------------------------------------------------------------------------------------------- */

static void before_step(void *ctx, const struct step *st, const uint64_t *in)
{
    struct explain *e = ctx;
    struct scene w = scene_of(e->sim);

    if (st->number != e->wanted || in == NULL)
        return;
    text_clear(&e->before);
    describe_operands(&e->before, &w, e->sc, st, in, "  ");
    memset(&e->verdict, 0, sizeof(e->verdict));
    if (st->u.call.world != WORLD_NS || report_command(st) == NULL || w.check == NULL)
        return;
    check_evaluate(w.check, in, &e->verdict);
    e->evaluated = e->verdict.cmd != NULL;
}

static void on_step(void *ctx, const struct step *st, const struct step_result *r)
{
    struct explain *e = ctx;

    if (e->wanted == 0 && r->failed && e->found == 0)
        e->found = st->number;
    if (st->number != e->wanted)
        return;
    e->step = st;
    e->result = *r;
    text_clear(&e->findings);
    story_findings(&e->findings, e->sim, e->sc, r, "  ");
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    struct explain *e = ctx;

    return runner_cpu_open(&e->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    struct explain *e = ctx;

    runner_cpu_close(&e->cpu, m);
}

static void run(struct explain *e)
{
    struct sim_options opt = {
        .check = e->o.check,
        .broken = e->broken,
        .open_cpu = open_cpu,
        .close_cpu = close_cpu,
        .before_step = before_step,
        .on_step = on_step,
        .ctx = e,
    };
    struct impl impl = e->sc->impl;
    struct step_result r;

    if (e->o.seed_given)
        impl.seed = e->o.seed;
    if (e->sim ? sim_reset(e->sim, &impl) : sim_new(&impl, &opt, &e->sim))
        MODEL_BUG("no machine");
    /* No further than the step in question: explain shows the state there. */
    for (unsigned i = 0; i < e->sc->num_steps && e->step == NULL; i++)
        if (!sim_step(e->sim, e->sc, &e->sc->steps[i], &r))
            break;
}

/* --- what is printed -------------------------------------------------------------------------------------------------- */

static void emphasis(const struct explain *e, struct text *t, const char *color, const char *s)
{
    text_printf(t, e->color ? "\033[%sm%s\033[0m" : "%.0s%s", color, s);
}

static void print_headline(const struct explain *e, struct text *t)
{
    const struct step *st = e->step;
    struct text call = {0};

    text_printf(t, "%s:%u  step %u of %u, PE %u", st->loc.file ? st->loc.file : e->sc->file,
                st->loc.line, st->number, e->sc->total_steps, st->pe);
    if (report_command(st))
        text_printf(t, "  (DEN0137 %s)", report_command(st)->section);
    text_puts(t, "\n");
    report_step(&call, e->sc, st, e->result.called ? e->result.in : NULL);
    emphasis(e, t, "1", call.s);
    text_puts(t, "\n");
    if (st->note)
        text_printf(t, "(%s)\n", st->note);
    text_free(&call);
}

static void print_condition(const struct explain *e, struct text *t, unsigned i)
{
    const struct spec_verdict *v = &e->verdict;
    const struct spec_cond *cond = &v->cmd->conds[i];
    bool holds = v->true_mask >> i & 1, minimal = v->minimal_mask >> i & 1;
    struct text id = {0};

    describe_cond_id(&id, v->cmd, i);
    text_printf(t, "  %s ", minimal ? ">" : holds ? "*" : cond->unreachable ? "-" : " ");
    emphasis(e, t, minimal ? "1;31" : holds ? "33" : "2", id.s);
    text_printf(t, "  ");
    describe_cond_status(t, v->cmd, i);
    text_printf(t, "\n      %s\n", cond->text);
    text_free(&id);
}

static void print_conditions(const struct explain *e, struct text *t)
{
    const struct spec_verdict *v = &e->verdict;

    text_puts(t, "\nconditions before the call  (* holds, > holds and may decide, - cannot hold "
                 "here)\n");
    for (unsigned i = 0; i < v->cmd->num_conds; i++)
        print_condition(e, t, i);
}

/* Names of the rows in a mask. */
static void print_rows(struct text *t, const struct spec_command *c, uint64_t mask)
{
    const char *sep = "";

    for (unsigned i = 0; i < c->num_conds; i++)
        if (mask >> i & 1) {
            text_printf(t, "%s%s", sep, c->conds[i].id);
            sep = ", ";
        }
}

static void print_order(struct text *t, const struct spec_verdict *v)
{
    bool any = false;

    for (unsigned i = 0; i < v->cmd->num_orders; i++) {
        const struct spec_order *o = &v->cmd->orders[i];

        if (!(o->before & v->true_mask) || !(o->after & v->true_mask))
            continue;
        if (!any)
            text_puts(t, "\norder among those that hold\n");
        any = true;
        text_puts(t, "  ");
        print_rows(t, v->cmd, o->before & v->true_mask);
        text_puts(t, " before ");
        print_rows(t, v->cmd, o->after & v->true_mask);
        text_printf(t, "   (%s)\n", o->source);
    }
    if (!any && (v->true_mask & (v->true_mask - 1)))
        text_puts(t, "\nno order among those that hold: any of them may decide\n");
}

static void print_allowed(struct text *t, const struct spec_verdict *v)
{
    text_puts(t, "\nallowed   ");
    if (v->true_mask == 0)
        text_puts(t, "RMI_SUCCESS: no condition holds");
    for (unsigned i = 0, n = 0; i < v->cmd->num_conds; i++) {
        if (!(v->minimal_mask >> i & 1))
            continue;
        text_puts(t, n++ ? ", " : "");
        describe_cond_status(t, v->cmd, i);
        text_printf(t, " (%s)", v->cmd->conds[i].id);
    }
    text_puts(t, "\n");
}

static void print_outputs(const struct explain *e, struct text *t)
{
    const struct abi_command *cmd = report_command(e->step);

    for (unsigned i = 0; cmd && i + 1 < ABI_MAX_REGS && cmd->out[i].name; i++) {
        text_printf(t, "  %-8s = ", cmd->out[i].name);
        report_value(t, e->sc, cmd, &cmd->out[i], e->result.out[i + 1]);
        text_puts(t, "\n");
    }
}

/* RmiRecExit as the host finds it: what is not zero. */
static void print_exit(const struct explain *e, struct text *t)
{
    static const struct {
        const char *name;
        uint32_t offset;
    } fields[] = {
        {"esr", REC_EXIT_ESR},
        {"far", REC_EXIT_FAR},
        {"hpfar", REC_EXIT_HPFAR},
        {"imm", REC_EXIT_IMM},
        {"ripas_base", REC_EXIT_RIPAS_BASE},
        {"ripas_top", REC_EXIT_RIPAS_TOP},
        {"gicv3_misr", REC_EXIT_GICV3_MISR},
        {"cntp_ctl", REC_EXIT_CNTP_CTL},
        {"cntv_ctl", REC_EXIT_CNTV_CTL},
    };
    uint64_t base = e->result.in[2] + REC_EXIT_BASE;
    const struct machine *m = sim_machine(e->sim);

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        uint64_t v = mem_read64(m, base + fields[i].offset);

        if (v)
            text_printf(t, "  exit.%s = 0x%llx\n", fields[i].name, (unsigned long long)v);
    }
    for (unsigned i = 0; i < 31; i++) {
        uint64_t v = mem_read64(m, base + REC_EXIT_GPRS + 8ull * i);

        if (v)
            text_printf(t, "  exit.gprs[%u] = 0x%llx\n", i, (unsigned long long)v);
    }
}

static void print_loose(struct text *t, const struct spec_verdict *v)
{
    for (unsigned i = 0; i < v->cmd->num_loose; i++)
        if (v->loose_mask >> i & 1)
            text_printf(t, "  left open: %s (%s)\n", v->cmd->loose[i].what, v->cmd->loose[i].why);
}

static void print_result(const struct explain *e, struct text *t)
{
    const struct step_result *r = &e->result;

    text_puts(t, e->step->kind == STEP_CALL ? "returned  " : "\ndid       ");
    report_result(t, e->sc, e->step, r);
    if (r->verdict.cmd && r->verdict.ok && r->verdict.decided >= 0) {
        text_puts(t, ": ");
        describe_cond_id(t, r->verdict.cmd, (unsigned)r->verdict.decided);
        text_puts(t, " decided");
    } else if (r->verdict.cmd && r->verdict.ok && r->verdict.variant && *r->verdict.variant) {
        text_printf(t, " (%s)", r->verdict.variant);
    }
    text_puts(t, "\n");
    if (r->called)
        print_outputs(e, t);
    if (r->entered)
        print_exit(e, t);
    if (r->verdict.cmd)
        print_loose(t, &r->verdict);
    if (r->failed && r->why[0]) {
        text_puts(t, "  not as the scenario expects: ");
        report_named(t, e->sc, r->why, "    ");
        text_puts(t, "\n");
    }
}

static void print_findings(const struct explain *e, struct text *t)
{
    if (e->findings.len) {
        text_puts(t, "findings\n");
        text_add(t, e->findings.s, e->findings.len);
    } else {
        text_puts(t, e->o.check == CHECK_NONE ? "findings  not looked for (--check none)\n"
                                              : "findings  none\n");
    }
}

static void print_all(const struct explain *e, struct text *t)
{
    print_headline(e, t);
    if (e->before.len) {
        text_puts(t, "\noperands before the call\n");
        text_add(t, e->before.s, e->before.len);
    }
    if (e->evaluated) {
        print_conditions(e, t);
        print_order(t, &e->verdict);
        print_allowed(t, &e->verdict);
    } else if (e->step->kind == STEP_CALL) {
        text_puts(t, "\n");
    }
    print_result(e, t);
    print_findings(e, t);
}

/* --- the command ------------------------------------------------------------------------------------------------------ */

static int explain(struct explain *e)
{
    struct text t = {0};
    char why[160];

    if (e->wanted == 0) {
        run(e);
        if (e->found == 0)
            each_step(e->sc->steps, e->sc->num_steps, last_call, e);
        e->wanted = e->found ? e->found : e->sc->total_steps;
    }
    run(e);
    if (e->step == NULL)
        return target_not_reached("explain", e->wanted, &e->cpu);
    print_all(e, &t);
    if (runner_cpu_unknown(&e->cpu, why, sizeof(why)))
        text_printf(&t, "note      %s\n", why);
    fputs(t.s, stdout);
    text_free(&t);
    return EXIT_AS_EXPECTED;
}

static void explain_free(struct explain *e)
{
    sim_free(e->sim);
    runner_cpu_free(&e->cpu);
    text_free(&e->before);
    text_free(&e->findings);
}

bool explain_step(struct text *t, struct scenario *sc, const struct run_options *o, uint32_t broken,
                  unsigned step)
{
    struct explain e = {.o = *o, .sc = sc, .broken = broken, .wanted = step};
    bool ran;

    run(&e);
    ran = e.step != NULL;
    if (ran)
        print_all(&e, t);
    explain_free(&e);
    return ran;
}

static int parse(int argc, char **argv, struct explain *e)
{
    static const struct option longs[] = {
        {"check", required_argument, NULL, OPT_CHECK},
        {"break", required_argument, NULL, OPT_BREAK},
        {"seed", required_argument, NULL, OPT_SEED},
        {"realm", required_argument, NULL, OPT_REALM},
        {"color", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum color_when color = COLOR_AUTO;
    int c, code = EXIT_AS_EXPECTED;

    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1 && code == EXIT_AS_EXPECTED) {
        if (c == 'h') {
            fputs(usage, stdout);
            return -1;
        }
        if (c == '?')
            return cmd_usage("explain", "unknown option, or one without its value");
        if (c != 'c')
            code = run_options_set("explain", c, optarg, &e->o);
        else if (!color_parse(optarg, &color))
            code = cmd_usage("explain", "--color takes auto, always or never, not `%s`", optarg);
    }
    if (code == EXIT_AS_EXPECTED && optind + 1 != argc)
        code = cmd_usage("explain", "one FILE[:STEP], please");
    e->color = color_wanted(color, stdout);
    e->cpu.kind = e->o.realm;
    if (e->o.break_name && code == EXIT_AS_EXPECTED)
        e->broken = 1u + (unsigned)rmm_bug_by_name(e->o.break_name);
    return code;
}

int cmd_explain(int argc, char **argv)
{
    struct explain e = {.o = {.check = CHECK_ALL}};
    struct target target;
    int code = parse(argc, argv, &e);

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    target_split(argv[optind], &target);
    code = target_load("explain", &target, &e.cpu);
    e.sc = target.sc;
    e.wanted = target.step;
    if (code == EXIT_AS_EXPECTED)
        code = explain(&e);
    explain_free(&e);
    target_free(&target);
    return code;
}
