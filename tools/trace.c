/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a trace: what was resolved and seen while the steps ran. */
#include "trace.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/script.h>

#include <inttypes.h>
#include <string.h>

#include "report.h"
#include "trace_fields.h"

const char *const trace_step_names[STEP_KINDS] = {
    [STEP_CALL] = "call",
    [STEP_LOAD] = "load",
    [STEP_STORE] = "store",
    [STEP_WRITE_BYTES] = "write",
    [STEP_EXPECT_BYTES] = "expect",
    [STEP_SCAN] = "scan",
    [STEP_IRQ] = "irq",
    [STEP_SECURE_CLAIM] = "secure",
    [STEP_EXPECT_STATE] = "state",
    [STEP_EXPECT_REG] = "register",
    [STEP_SCRIPT] = "script",
    [STEP_HOST_REG] = "host-register",
    [STEP_BROKEN] = "broken",
    [STEP_POKE] = "poke",
};
const char *const trace_world_names[WORLD_COUNT] = {"NS", "Secure", "Realm", "Root"};

static void put_number(struct text *t, const char *name, uint64_t v)
{
    text_printf(t, " %s=0x%" PRIx64, name, v);
}

/* --- the machine ------------------------------------------------------------------------------------------------ */

const struct trace_field impl_fields[] = {
#define F(f)                                                        \
    {                                                               \
#f, offsetof(struct impl, f), sizeof(((struct impl *)0)->f) \
    }
    F(num_pes),
    F(dram.base),
    F(dram.size),
    F(root_size),
    F(num_banks),
    F(bank[0].base),
    F(bank[0].size),
    F(bank[1].base),
    F(bank[1].size),
    F(bank[2].base),
    F(bank[2].size),
    F(bank[3].base),
    F(bank[3].size),
    F(num_secure),
    F(secure[0].base),
    F(secure[0].size),
    F(secure[1].base),
    F(secure[1].size),
    F(secure[2].base),
    F(secure[2].size),
    F(secure[3].base),
    F(secure[3].size),
    F(pa_bits),
    F(seed),
    F(s2sz),
    F(lpa2),
    F(num_bps),
    F(num_wps),
    F(sve),
    F(sve_vl),
    F(pmu),
    F(pmu_num_ctrs),
    F(sha256),
    F(sha512),
    F(num_lrs),
    F(max_recs_order),
    F(rec_aux_count),
    F(vmid_bits),
    F(wipe),
    F(lr_priority_bits),
    F(quiet_devices),
#undef F
};
const unsigned impl_field_count = sizeof(impl_fields) / sizeof(impl_fields[0]);
_Static_assert(IMPL_MAX_BANKS == 4 && IMPL_MAX_SECURE == 4, "one field each");
_Static_assert(sizeof(struct impl) == 216, "a new field of struct impl needs a row");

static uint64_t field_get(const void *base, uint32_t offset, uint32_t size)
{
    uint64_t v = 0;

    memcpy(&v, (const uint8_t *)base + offset, size);
    return v;
}

void trace_header(struct text *t)
{
    text_printf(t, TRACE_MAGIC " %u\n", TRACE_VERSION);
}

void trace_scenario(struct text *t, const struct scenario *sc, const struct impl *impl,
                    const char *name, const char *break_name)
{
    text_printf(t, "scenario %s\n", name);
    text_puts(t, "impl");
    for (unsigned i = 0; i < impl_field_count; i++)
        put_number(t, impl_fields[i].name,
                   field_get(impl, impl_fields[i].offset, impl_fields[i].size));
    text_printf(t, "\nlimits insns=%" PRIu64 " virtual_time=%d needs_cpu=%d\n", sc->insn_limit,
                sc->virtual_time, sc->needs_cpu);
    if (break_name)
        text_printf(t, "break %s\n", break_name);
    for (unsigned i = 0; i < sc->num_names; i++)
        text_printf(t, "name %s 0x%" PRIx64 "\n", sc->names[i].name, sc->names[i].pa);
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

/* Where a nested step belongs. */
struct place {
    const struct step *in;
    const struct during *during; /* NULL: while the Realm runs */
};

static bool find_place(const struct step *list, unsigned num, const struct step *st,
                       struct place *out)
{
    for (unsigned i = 0; i < num; i++) {
        const struct step *p = &list[i];

        if (st >= p->running && st < p->running + p->num_running) {
            *out = (struct place){p, NULL};
            return true;
        }
        if (find_place(p->running, p->num_running, st, out))
            return true;
        for (unsigned k = 0; k < p->num_during; k++) {
            const struct during *d = &p->during[k];

            if (st >= d->steps && st < d->steps + d->num_steps) {
                *out = (struct place){p, d};
                return true;
            }
            if (find_place(d->steps, d->num_steps, st, out))
                return true;
        }
    }
    return false;
}

static uint64_t now(const struct sim *s, const struct value *v)
{
    uint64_t n;

    return sim_value(s, v, &n) ? n : 0;
}

static void put_fields(struct text *t, const struct sim *s, const char *what,
                       const struct expect_field *f, unsigned num)
{
    for (unsigned i = 0; i < num; i++)
        text_printf(t, " %s=%s:0x%x:%u:0x%" PRIx64 ":0x%" PRIx64, what,
                    f[i].name && *f[i].name ? f[i].name : "-", f[i].offset, f[i].size, f[i].mask,
                    now(s, &f[i].value));
}

static void put_bytes(struct text *t, const struct sim *s, const struct step *st)
{
    put_number(t, "addr", now(s, &st->u.bytes.addr));
    put_number(t, "len", st->u.bytes.len);
    if (st->u.bytes.bytes) {
        text_puts(t, " bytes=");
        text_hex(t, st->u.bytes.bytes, st->u.bytes.len);
    } else {
        put_number(t, "fill", st->u.bytes.fill);
    }
    put_fields(t, s, "field", st->u.bytes.field, st->u.bytes.num_fields);
}

static void put_call(struct text *t, const struct step *st, const uint64_t *in)
{
    text_printf(t, " world=%s", trace_world_names[st->u.call.world]);
    put_number(t, "fid", st->u.call.fid);
    for (unsigned i = 0; i < st->u.call.num_args; i++)
        put_number(t, "arg", in ? in[i + 1] : 0);
    if (st->u.call.pc)
        put_number(t, "pc", st->u.call.pc);
}

static void put_access(struct text *t, const struct sim *s, const struct step *st)
{
    text_printf(t, " world=%s pas=%s", trace_world_names[st->u.access.world],
                trace_world_names[st->u.access.pas]);
    put_number(t, "addr", now(s, &st->u.access.addr));
    put_number(t, "size", st->u.access.size);
    if (st->kind == STEP_STORE)
        put_number(t, "value", now(s, &st->u.access.value));
}

static void put_register(struct text *t, const struct sim *s, const struct step *st)
{
    put_number(t, "rec", now(s, &st->u.reg.rec));
    put_number(t, "host", st->u.reg.host);
    text_printf(t, " reg=%d name=%s", st->u.reg.reg, st->u.reg.reg_name ? st->u.reg.reg_name : "-");
    put_number(t, "value", now(s, &st->u.reg.value));
    put_number(t, "mask", st->u.reg.mask);
}

static void put_operands(struct text *t, const struct sim *s, const struct step *st,
                         const uint64_t *in)
{
    switch (st->kind) {
    case STEP_CALL: put_call(t, st, in); break;
    case STEP_LOAD:
    case STEP_STORE: put_access(t, s, st); break;
    case STEP_WRITE_BYTES:
    case STEP_EXPECT_BYTES: put_bytes(t, s, st); break;
    case STEP_SCAN:
        text_puts(t, " bytes=");
        text_hex(t, st->u.scan.bytes, st->u.scan.len);
        text_printf(t, " pas=%d", st->u.scan.pas);
        put_number(t, "count", st->u.scan.count);
        break;
    case STEP_IRQ:
        put_number(t, "after", st->u.irq.after);
        put_number(t, "line", st->u.irq.line);
        put_number(t, "iss", st->u.irq.iss);
        break;
    case STEP_BROKEN:
        put_number(t, "addr", now(s, &st->u.broken.addr));
        text_printf(t, " set=%d", st->u.broken.set);
        break;
    case STEP_SECURE_CLAIM:
        put_number(t, "addr", now(s, &st->u.secure.addr));
        put_number(t, "claim", st->u.secure.claim);
        if (st->u.secure.refused)
            put_number(t, "refused", 1);
        break;
    case STEP_EXPECT_STATE:
        put_number(t, "addr", now(s, &st->u.state.addr));
        text_printf(t, " state=%d pas=%d refcount=%d", st->u.state.state, st->u.state.pas,
                    st->u.state.refcount);
        break;
    case STEP_HOST_REG:
    case STEP_EXPECT_REG: put_register(t, s, st); break;
    case STEP_SCRIPT: put_number(t, "rd", now(s, &st->u.script.rd)); break;
    case STEP_POKE:
        put_number(t, "addr", now(s, &st->u.poke.addr));
        put_number(t, "size", st->u.poke.size);
        put_number(t, "flip", st->u.poke.flip);
        break;
    case STEP_KINDS: break;
    }
}

static void put_script(struct text *t, const struct script *script)
{
    for (uint32_t i = 0; i < script->num; i++) {
        const struct script_section *sec = &script->sections[i];

        text_puts(t, "section");
        put_number(t, "pc", sec->pc);
        put_number(t, "fetched", sec->fetched);
        text_puts(t, "\n");
        for (uint32_t k = 0; k < sec->num; k++) {
            const struct script_op *op = &sec->ops[k];

            text_printf(t, "op kind=%s", script_kind_name(op->kind));
            for (unsigned f = 0; f < script_field_count; f++) {
                uint64_t v = field_get(op, script_fields[f].offset, script_fields[f].size);

                if (v)
                    put_number(t, script_fields[f].name, v);
            }
            for (unsigned a = 0; a < ABI_MAX_REGS; a++)
                if (op->args >> a & 1)
                    text_printf(t, " x%u=0x%" PRIx64, a, op->arg[a]);
            text_puts(t, "\n");
        }
    }
}

const struct trace_field script_fields[] = {
#define F(f)                                                                  \
    {                                                                         \
#f, offsetof(struct script_op, f), sizeof(((struct script_op *)0)->f) \
    }
    F(reg),       F(size), F(sign), F(sf),    F(no_syndrome),
    F(has_value), F(args), F(addr), F(value), F(mask),
#undef F
};
const unsigned script_field_count = sizeof(script_fields) / sizeof(script_fields[0]);

void trace_step(struct text *t, const struct sim *s, const struct scenario *sc,
                const struct step *st, const uint64_t *in)
{
    struct place place;
    struct text words = {0};

    /* A claim about a variable says nothing that the results in the trace do not say. */
    if (st->kind == STEP_EXPECT_REG && st->u.reg.var >= 0)
        return;
    text_printf(t, "step %u line=%u pe=%u", st->number, st->loc.line, st->pe);
    if (st->at)
        put_number(t, "at", st->at);
    if (find_place(sc->steps, sc->num_steps, st, &place)) {
        text_printf(t, " in=%u", place.in->number);
        if (place.during)
            text_printf(t, " during=%s:%" PRIu64, event_name(place.during->event), place.during->n);
        else
            text_puts(t, " running");
    }
    text_printf(t, " %s", trace_step_names[st->kind]);
    put_operands(t, s, st, in);
    report_step(&words, sc, st, in);
    text_printf(t, "   # %s\n", words.s);
    text_free(&words);
    if (st->kind == STEP_SCRIPT)
        put_script(t, st->u.script.script);
}

/* --- events ------------------------------------------------------------------------------------------------------------ */

/* How the two numbers of an event read. */
enum event_style {
    STYLE_NONE,
    STYLE_STATE,
    STYLE_STATES,
    STYLE_PASES,
    STYLE_WORLDS,
    STYLE_CHANGE,
    STYLE_NUMBER,
    STYLE_TWO,
    STYLE_LENGTH,
};
static const uint8_t event_styles[EV_COUNT] = {
    [EV_LOCK] = STYLE_STATE,
    [EV_UNLOCK] = STYLE_STATE,
    [EV_WAIT] = STYLE_NUMBER,
    [EV_STATE] = STYLE_STATES,
    [EV_REFCOUNT] = STYLE_CHANGE,
    [EV_PAS] = STYLE_PASES,
    [EV_PTE] = STYLE_CHANGE,
    [EV_TLBI] = STYLE_TWO,
    [EV_SLOT_MAP] = STYLE_NUMBER,
    [EV_SLOT_UNMAP] = STYLE_NUMBER,
    [EV_COPY_FROM_NS] = STYLE_LENGTH,
    [EV_COPY_TO_NS] = STYLE_LENGTH,
    [EV_WORLD] = STYLE_WORLDS,
    [EV_SMC] = STYLE_NUMBER,
    [EV_SMC_RET] = STYLE_NUMBER,
    [EV_ENTER] = STYLE_NUMBER,
    [EV_EXIT] = STYLE_TWO,
    [EV_FAULT] = STYLE_NUMBER,
    [EV_MEASURE] = STYLE_NUMBER,
    [EV_TOKEN] = STYLE_TWO,
    [EV_SYSREG] = STYLE_TWO,
    [EV_VIRTUAL] = STYLE_TWO,
};

void trace_event(struct text *t, const struct event *e)
{
    text_printf(t, "  pe%u %s", e->pe, event_name(e->kind));
    if (e->kind != EV_WORLD)
        text_printf(t, " 0x%" PRIx64, e->obj);
    switch ((enum event_style)event_styles[e->kind]) {
    case STYLE_NONE: break;
    case STYLE_STATE: text_printf(t, " %s", gst_state_name((unsigned)e->a)); break;
    case STYLE_STATES:
        text_printf(t, " %s -> %s", gst_state_name((unsigned)e->a), gst_state_name((unsigned)e->b));
        break;
    case STYLE_PASES:
        text_printf(t, " %s -> %s", pas_name((enum pas)e->a), pas_name((enum pas)e->b));
        break;
    case STYLE_WORLDS:
        text_printf(t, " %s -> %s", world_name((enum world)e->a), world_name((enum world)e->b));
        break;
    case STYLE_CHANGE: text_printf(t, " 0x%" PRIx64 " -> 0x%" PRIx64, e->a, e->b); break;
    case STYLE_NUMBER: text_printf(t, " 0x%" PRIx64, e->a); break;
    case STYLE_TWO: text_printf(t, " 0x%" PRIx64 " 0x%" PRIx64, e->a, e->b); break;
    case STYLE_LENGTH:
        text_printf(t, " %" PRIu64 "%s", e->a, e->b ? " granule protection fault" : "");
        break;
    }
    text_puts(t, "\n");
}

/* --- results ------------------------------------------------------------------------------------------------------------ */

static void put_exit(struct text *t, const struct machine *m, const struct step_result *r)
{
    static const uint32_t offsets[] = {REC_EXIT_REASON, REC_EXIT_ESR, REC_EXIT_FAR, REC_EXIT_HPFAR};

    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
        text_printf(t, " exit=0x%x:0x%" PRIx64, offsets[i],
                    mem_read64(m, r->in[2] + REC_EXIT_BASE + offsets[i]));
}

void trace_result(struct text *t, const struct machine *m, const struct scenario *sc,
                  const struct step *st, const struct step_result *r)
{
    struct text words = {0};
    unsigned last = ABI_MAX_REGS - 1;

    if (st->kind == STEP_EXPECT_REG && st->u.reg.var >= 0)
        return;
    text_printf(t, "end %u", st->number);
    if (r->called) {
        while (last > 0 && r->out[last] == 0)
            last--;
        for (unsigned i = 0; i <= last; i++)
            put_number(t, "out", r->out[i]);
        if (r->entered)
            put_exit(t, m, r);
    } else if (r->fault) {
        put_number(t, "fault", r->esr);
    } else if (st->kind == STEP_LOAD) {
        put_number(t, "value", r->value);
    }
    report_result(&words, sc, st, r);
    text_printf(t, "   # %s%s\n", words.s, r->failed ? ", failed" : "");
    text_free(&words);
}

void trace_end(struct text *t, const struct machine *m, bool passed)
{
    text_printf(t, "hash 0x%016" PRIx64 "\nresult %s\n", machine_hash(m),
                passed ? "passed" : "failed");
}
