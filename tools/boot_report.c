/* SPDX-License-Identifier: BSD-3-Clause */
/* What `ccasim boot` says of a run: how it ended, the calls by command and status, coverage, and a story for each finding. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <ccasim/mem.h>
#include <ccasim/mmu.h>

#include "boot_tool.h"
#include "coverage.h"

#define MOST_STORIES 20u
#define INDENT       "     "

/* Statuses of the RMI, and everything else that x0 can hold. */
#define NUM_RESULTS (RMI_STATUS_COUNT + 1u)
static const char *const result_names[NUM_RESULTS] = {"SUCCESS", "INPUT", "REALM",
                                                      "REC",     "RTT",   "other"};
struct count {
    uint64_t calls, result[NUM_RESULTS];
};

/* A call with findings, or findings outside of one (in == NULL in the boot_call). */
struct told {
    struct boot_call c;
    struct spec_verdict verdict;
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    char *operands; /* before the call; NULL */
    char *result;
    unsigned step; /* of the trace; 0: none */
};

struct boot_report {
    const struct boot_load *load;
    const struct boot_uart *uart;
    const char *explain;
    struct count *count; /* [abi_rmi_command_count] */
    struct count unknown;
    struct text operands[CCA_MAX_PES]; /* of the call in progress */
    struct told told[MOST_STORIES];
    size_t num_told;
    struct text resets;
};

/* Nothing in an image has a name that the report knows. */
static const struct scenario no_names;

/* --- calls as steps --- */

struct step boot_step(const struct boot_call *c)
{
    struct step st = {.kind = STEP_CALL, .pe = (uint8_t)c->pe, .number = (uint32_t)c->number};
    unsigned num = 0;

    st.u.call.world = WORLD_NS;
    st.u.call.fid = c->in[0];
    st.u.call.cmd = abi_command_by_fid(c->in[0] & ~SMC_FID_SVE_HINT);
    if (st.u.call.cmd && st.u.call.cmd->fid == c->in[0])
        num = abi_command_num_in(st.u.call.cmd);
    else
        st.u.call.cmd = NULL;
    for (unsigned i = 0; i < ABI_MAX_ARGS; i++)
        st.u.call.arg[i] = (struct value){.num = c->in[i + 1], .var = -1};
    st.u.call.num_args = num;
    return st;
}

struct step_result boot_step_result(const struct machine *m, const struct boot_call *c)
{
    struct step_result r = {.ran = true, .called = true};

    memcpy(r.in, c->in, sizeof(r.in));
    memcpy(r.out, c->out, sizeof(r.out));
    r.entered = c->in[0] == RMI_REC_ENTER && c->out[0] == RMI_SUCCESS && mem_contains(m, c->in[2]);
    if (r.entered)
        r.exit_reason = mem_read64(m, c->in[2] + REC_EXIT_BASE + REC_EXIT_REASON);
    return r;
}

/* --- while it runs --- */

struct boot_report *boot_report_new(const struct boot_load *load, const struct boot_uart *uart,
                                    const char *explain)
{
    struct boot_report *r = calloc(1, sizeof(*r));

    if (r)
        r->count = calloc(abi_rmi_command_count, sizeof(*r->count));
    if (r == NULL || r->count == NULL)
        MODEL_BUG("out of memory");
    r->load = load;
    r->uart = uart;
    r->explain = explain;
    return r;
}

void boot_report_free(struct boot_report *r)
{
    for (size_t i = 0; i < r->num_told; i++) {
        free(r->told[i].operands);
        free(r->told[i].result);
    }
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        text_free(&r->operands[i]);
    text_free(&r->resets);
    free(r->count);
    free(r);
}

static struct scene scene_of_boot(struct boot *b)
{
    return (struct scene){.m = boot_machine(b), .check = boot_check(b)};
}

void boot_report_before(struct boot_report *r, struct boot *b, const struct boot_call *c)
{
    struct text *t = &r->operands[c->pe];
    struct scene w = scene_of_boot(b);
    struct step st;

    text_clear(t);
    if (w.check == NULL || r->num_told == MOST_STORIES)
        return;
    st = boot_step(c);
    describe_operands(t, &w, &no_names, &st, c->in, INDENT "  ");
}

static unsigned result_of(uint64_t x0)
{
    unsigned status = rmi_result_status(x0);

    return x0 >> 16 == 0 && status < RMI_STATUS_COUNT ? status : NUM_RESULTS - 1;
}

static void count_call(struct boot_report *r, const struct boot_call *c)
{
    struct count *n = &r->unknown;

    for (size_t i = 0; i < abi_rmi_command_count; i++)
        if (abi_rmi_commands[i].fid == (c->in[0] & ~SMC_FID_SVE_HINT))
            n = &r->count[i];
    n->calls++;
    n->result[result_of(c->out[0])]++;
}

static char *kept(const struct text *t)
{
    char *s = strdup(t->s ? t->s : "");

    if (s == NULL)
        MODEL_BUG("out of memory");
    return s;
}

static void keep_call(struct told *f, struct boot *b, const struct text *operands)
{
    const struct boot_call *c = &f->c;
    struct step st = boot_step(c);
    struct step_result res = boot_step_result(boot_machine(b), c);
    struct text t = {0};

    memcpy(f->in, c->in, sizeof(f->in));
    memcpy(f->out, c->out, sizeof(f->out));
    if (c->verdict)
        f->verdict = *c->verdict;
    f->operands = kept(operands);
    report_result(&t, &no_names, &st, &res);
    f->result = kept(&t);
    text_free(&t);
    f->c.in = f->in;
    f->c.out = f->out;
    f->c.verdict = c->verdict ? &f->verdict : NULL;
}

void boot_report_call(struct boot_report *r, struct boot *b, const struct boot_call *c,
                      unsigned step)
{
    struct told *f;

    if (c->in)
        count_call(r, c);
    if (c->num_findings == 0 || r->num_told == MOST_STORIES)
        return;
    f = &r->told[r->num_told++];
    f->c = *c;
    f->step = step;
    if (c->in)
        keep_call(f, b, &r->operands[c->pe]);
}

void boot_report_reset(struct boot_report *r, uint64_t ticks, uint64_t frequency, const char *why)
{
    text_printf(&r->resets, "%sat %.6f s by %s", r->resets.len ? ", " : "",
                (double)ticks / (double)frequency, why);
}

/* --- as text --- */

static void put_place(const struct boot_report *r, struct text *t, unsigned pe, uint64_t pc,
                      uint32_t insn)
{
    struct text symbol = {0};
    char words[80];

    boot_load_symbol(r->load, pc, &symbol);
    cpu_disasm(insn, pc, words, sizeof(words));
    text_printf(t, "PE %u at 0x%llx%s%s%s: %s", pe, (unsigned long long)pc, symbol.len ? " <" : "",
                symbol.len ? symbol.s : "", symbol.len ? ">" : "", words);
    text_free(&symbol);
}

static double seconds(uint64_t ticks, struct boot *b)
{
    return (double)ticks / (double)boot_machine(b)->cntfrq;
}

/* The instruction at which the PE stands, or, after a WFI, that one. */
static uint32_t last_insn(struct boot *b, const struct boot_result *res, uint64_t *pc)
{
    struct machine *m = boot_machine(b);
    struct mmu_result out;
    struct mmu_fault f;
    uint32_t insn = 0;

    *pc = res->end == BOOT_WFI ? res->pc - 4 : res->pc;
    if (mmu_translate(m, res->pe, (unsigned)(m->pe[res->pe].r.pstate >> 2 & 3), *pc, ACCESS_FETCH,
                      &out, &f) &&
        mem_contains(m, out.pa))
        mem_read(m, out.pa, &insn, sizeof(insn));
    return insn;
}

static void text_calls_row(struct text *t, const char *name, const struct count *n)
{
    text_printf(t, "  %-24s", name);
    for (unsigned i = 0; i < NUM_RESULTS; i++)
        if (n->result[i])
            text_printf(t, " %9llu", (unsigned long long)n->result[i]);
        else
            text_printf(t, " %9s", "-");
    text_puts(t, "\n");
}

static void text_calls(const struct boot_report *r, struct text *t)
{
    text_printf(t, "  %-24s", "");
    for (unsigned i = 0; i < NUM_RESULTS; i++)
        text_printf(t, " %9s", result_names[i]);
    text_puts(t, "\n");
    for (size_t i = 0; i < abi_rmi_command_count; i++)
        if (r->count[i].calls)
            text_calls_row(t, abi_rmi_commands[i].name, &r->count[i]);
    if (r->unknown.calls)
        text_calls_row(t, "not of RMM 1.0", &r->unknown);
}

/* What scenarios would have shown: the same tables count it. */
static void coverage_of(struct boot *b, struct coverage *cov)
{
    static struct run_item item = {.path = "boot", .below = "boot", .section = -1};
    static const struct items one = {.v = &item, .num = 1, .capacity = 1};
    struct run_outcome o = {.result = RUN_PASSED};

    coverage_init(cov, &one);
    coverage_scenario(&o.text[OUT_COVER], boot_check(b));
    coverage_add(cov, 0, &o);
    run_outcome_free(&o);
}

static void text_coverage(struct text *t, struct boot *b)
{
    static const char *const verbs[] = {
        [COVER_CONDITIONS] = "decided a call", [COVER_SUCCESSES] = "seen", [COVER_PAIRS] = "true"};
    struct coverage cov;

    coverage_of(b, &cov);
    for (unsigned k = 0; k < COVER_KINDS; k++) {
        struct cover_total total = coverage_total(&cov, NULL, (enum cover_kind)k);

        text_printf(t, "%s%u of %u %s %s", k ? ", " : "covered   ", total.done, total.possible,
                    cover_kind_names[k], verbs[k]);
    }
    text_puts(t, "\n");
    coverage_free(&cov);
}

static void text_uart(const struct boot_report *r, struct text *t)
{
    const struct boot_uart *u = r->uart;

    text_printf(t, "console   %llu bytes in %llu lines", (unsigned long long)u->bytes,
                (unsigned long long)u->lines);
    if (u->num_expect)
        text_printf(t, "; %zu of %zu expressions matched", u->num_expect - boot_uart_num_unmet(u),
                    u->num_expect);
    text_puts(t, "\n");
    for (size_t i = 0; i < u->num_expect; i++)
        if (!boot_uart_matched(u, i))
            text_printf(t, "  no line matches `%s`\n", boot_uart_regex(u, i));
}

static void text_story(const struct boot_report *r, struct text *t, const struct told *f,
                       struct boot *b)
{
    size_t num;
    const struct finding *all = check_findings(boot_check(b), &num);

    text_puts(t, "FAIL ");
    put_place(r, t, f->c.pe, f->c.pc, f->c.insn);
    text_puts(t, "\n");
    if (f->c.in) {
        struct step st = boot_step(&f->c);

        text_printf(t, INDENT "call %llu, at %.6f s: ", (unsigned long long)f->c.number,
                    seconds(f->c.began, b));
        report_call(t, &no_names, &st, f->in);
        text_printf(t, "\n" INDENT "returned %s\n", f->result);
        if (f->c.verdict)
            describe_deciding(t, &f->verdict, INDENT);
        text_puts(t, f->operands);
    } else {
        text_printf(t, INDENT "at %.6f s, outside of a call\n", seconds(f->c.began, b));
    }
    for (size_t i = 0; i < f->c.num_findings && f->c.first_finding + i < num; i++)
        report_finding(t, &no_names, &all[f->c.first_finding + i], INDENT);
    if (f->step)
        text_printf(t, INDENT "reproduce: %s:%u\n", r->explain, f->step);
}

static size_t num_findings(struct boot *b)
{
    size_t num = 0;

    check_findings(boot_check(b), &num);
    return num;
}

static void text_findings(const struct boot_report *r, struct text *t, struct boot *b)
{
    size_t all = num_findings(b), shown = 0;

    for (size_t i = 0; i < r->num_told; i++) {
        text_story(r, t, &r->told[i], b);
        shown += r->told[i].c.num_findings;
    }
    if (boot_check(b) == NULL)
        text_puts(t, "findings  none looked for (--check none)\n");
    else if (all > shown)
        text_printf(t, "findings  %zu; those of the first %zu calls are above\n", all, r->num_told);
    else if (all)
        text_printf(t, "findings  %zu\n", all);
    else
        text_puts(t, "findings  none\n");
}

void boot_report_text(struct boot_report *r, struct boot *b, const struct boot_result *res,
                      struct text *t)
{
    uint64_t pc;
    uint32_t insn = last_insn(b, res, &pc);

    text_printf(t, "ended     %s: %s\n          ", boot_end_name(res->end), res->why);
    put_place(r, t, res->pe, pc, insn);
    text_printf(t, "\ntime      %.6f s of virtual time, %llu instructions, %u resets",
                seconds(res->vtime, b), (unsigned long long)res->insns, res->resets);
    text_printf(t, "%s%s\n", r->resets.len ? ": " : "", r->resets.len ? r->resets.s : "");
    text_printf(t, "calls     %llu of the RMI, %llu other SMCs\n",
                (unsigned long long)res->rmi_calls, (unsigned long long)res->other_smcs);
    if (res->rmi_calls)
        text_calls(r, t);
    if (boot_check(b)) {
        text_coverage(t, b);
        text_printf(t, "checked   %llu predicates evaluated\n",
                    (unsigned long long)res->predicates);
    }
    text_uart(r, t);
    text_findings(r, t, b);
}

/* --- as JSON --- */

static json_t *hex(uint64_t v)
{
    return json_sprintf("0x%llx", (unsigned long long)v);
}

static json_t *json_place(const struct boot_report *r, unsigned pe, uint64_t pc, uint32_t insn)
{
    struct text symbol = {0};
    char words[80];
    json_t *j;

    boot_load_symbol(r->load, pc, &symbol);
    cpu_disasm(insn, pc, words, sizeof(words));
    j = json_pack("{s:i, s:o, s:s}", "pe", (int)pe, "pc", hex(pc), "instruction", words);
    if (symbol.len)
        json_object_set_new(j, "symbol", json_string(symbol.s));
    text_free(&symbol);
    return j;
}

static json_t *json_count(const char *name, const struct count *n)
{
    json_t *results = json_object();

    for (unsigned i = 0; i < NUM_RESULTS; i++)
        if (n->result[i])
            json_object_set_new(results,
                                i < RMI_STATUS_COUNT ? rmi_status_name(i) : result_names[i],
                                json_integer((json_int_t)n->result[i]));
    return json_pack("{s:s, s:I, s:o}", "command", name, "calls", (json_int_t)n->calls, "results",
                     results);
}

static json_t *json_calls(const struct boot_report *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < abi_rmi_command_count; i++) {
        char name[64];

        snprintf(name, sizeof(name), "RMI_%s", abi_rmi_commands[i].name);
        if (r->count[i].calls)
            json_array_append_new(list, json_count(name, &r->count[i]));
    }
    if (r->unknown.calls)
        json_array_append_new(list, json_count("unknown", &r->unknown));
    return list;
}

static json_t *json_coverage(struct boot *b)
{
    json_t *j = json_object();
    struct coverage cov;

    coverage_of(b, &cov);
    for (unsigned k = 0; k < COVER_KINDS; k++) {
        struct cover_total total = coverage_total(&cov, NULL, (enum cover_kind)k);

        json_object_set_new(
            j, cover_kind_names[k],
            json_pack("{s:i, s:i}", "seen", (int)total.done, "of", (int)total.possible));
    }
    coverage_free(&cov);
    return j;
}

static void json_covered(void *ctx, const char *id, uint64_t count)
{
    json_object_set_new(ctx, id, json_integer((json_int_t)count));
}

static json_t *json_uart(const struct boot_uart *u)
{
    json_t *list = json_array();

    for (size_t i = 0; i < u->num_expect; i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "regex", boot_uart_regex(u, i),
                                              "matched", (int)boot_uart_matched(u, i)));
    return json_pack("{s:I, s:I, s:o}", "bytes", (json_int_t)u->bytes, "lines",
                     (json_int_t)u->lines, "expected", list);
}

static json_t *json_conditions(const struct spec_verdict *v)
{
    json_t *list = json_array();

    for (unsigned i = 0; v->cmd && i < v->cmd->num_conds; i++) {
        struct text id = {0};

        if (!(v->true_mask >> i & 1))
            continue;
        describe_cond_id(&id, v->cmd, i);
        json_array_append_new(list, json_string(id.s));
        text_free(&id);
    }
    return list;
}

static void json_call(json_t *j, const struct told *f)
{
    struct step st = boot_step(&f->c);
    struct text call = {0};
    json_t *in = json_array(), *out = json_array();

    report_call(&call, &no_names, &st, f->in);
    for (unsigned i = 0; i < ABI_MAX_REGS; i++) {
        json_array_append_new(in, hex(f->in[i]));
        json_array_append_new(out, hex(f->out[i]));
    }
    json_object_set_new(j, "call", json_string(call.s));
    json_object_set_new(j, "number", json_integer((json_int_t)f->c.number));
    json_object_set_new(j, "result", json_string(f->result));
    json_object_set_new(j, "in", in);
    json_object_set_new(j, "out", out);
    json_object_set_new(j, "conditions", json_conditions(&f->verdict));
    json_object_set_new(j, "operands", json_string(f->operands));
    text_free(&call);
}

/* An object a finding; those of one call repeat the call. */
static json_t *json_findings(const struct boot_report *r, struct boot *b)
{
    size_t num;
    const struct finding *all = check_findings(boot_check(b), &num);
    json_t *list = json_array();

    for (size_t k = 0; k < r->num_told; k++) {
        const struct told *f = &r->told[k];

        for (size_t i = 0; i < f->c.num_findings && f->c.first_finding + i < num; i++) {
            json_t *j = json_place(r, f->c.pe, f->c.pc, f->c.insn);

            json_object_set_new(j, "rule", json_string(all[f->c.first_finding + i].rule));
            json_object_set_new(j, "text", json_string(all[f->c.first_finding + i].text));
            json_object_set_new(j, "ticks", json_integer((json_int_t)f->c.began));
            if (f->c.in)
                json_call(j, f);
            json_array_append_new(list, j);
        }
    }
    return list;
}

void boot_report_json(struct boot_report *r, struct boot *b, const struct boot_result *res,
                      int code, FILE *out)
{
    uint64_t pc;
    uint32_t insn = last_insn(b, res, &pc);
    json_t *at = json_place(r, res->pe, pc, insn), *covered = json_object();
    json_t *j;

    check_each_covered(boot_check(b), json_covered, covered);
    j = json_pack("{s:i, s:i, s:s, s:s, s:o, s:I, s:I, s:I, s:i, s:I, s:I, s:I, s:o, s:o, s:o, "
                  "s:o, s:I, s:o}",
                  "version", 1, "exit_code", code, "end", boot_end_name(res->end), "why", res->why,
                  "at", at, "ticks", (json_int_t)res->vtime, "frequency",
                  (json_int_t)boot_machine(b)->cntfrq, "instructions", (json_int_t)res->insns,
                  "resets", (int)res->resets, "rmi_calls", (json_int_t)res->rmi_calls, "other_smcs",
                  (json_int_t)res->other_smcs, "predicates", (json_int_t)res->predicates,
                  "commands", json_calls(r), "coverage", json_coverage(b), "covered", covered,
                  "uart", json_uart(r->uart), "num_findings", (json_int_t)num_findings(b),
                  "findings", json_findings(r, b));
    json_dumpf(j, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(j);
}
