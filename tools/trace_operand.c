/* SPDX-License-Identifier: BSD-3-Clause */
/* Words of a trace's lines: numbers, bytes, and the operands of each kind of step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scn_node.h"
#include "trace_fields.h"
#include "trace_reader.h"

void trace_complain(struct trace_reader *r, const char *what, const char *about)
{
    char text[200];

    if (r->failed)
        return;
    r->failed = true;
    snprintf(text, sizeof(text), "%s%s%s%s", what, about ? ": `" : "", about ? about : "",
             about ? "`" : "");
    diag_add(r->diags, (struct loc){r->path, r->line, 1}, "", text);
}

void *trace_append(struct trace_reader *r, void *array, unsigned *num, size_t size)
{
    unsigned n = *num;

    if (n >= TRACE_MAX_STEPS)
        trace_complain(r, "too long a list", NULL);
    else if ((n & (n - 1)) == 0)
        array = arena_grow(r->arena, array, n * size, (n ? 2 * (size_t)n : 1) * size);
    if (n < TRACE_MAX_STEPS)
        memset((char *)array + n * size, 0, size);
    *num = n < TRACE_MAX_STEPS ? n + 1 : n;
    return array;
}

uint64_t trace_number(struct trace_reader *r, const char *s)
{
    char *end;
    uint64_t v = strtoull(s, &end, 0);

    if (end == s || (*end && *end != ':'))
        trace_complain(r, "not a number", s);
    return v;
}

unsigned trace_one_of(struct trace_reader *r, const char *s, const char *const *names, unsigned num)
{
    for (unsigned i = 0; i < num; i++)
        if (strcmp(names[i], s) == 0)
            return i;
    trace_complain(r, "unknown word", s);
    return 0;
}

static uint8_t *hex(struct trace_reader *r, const char *s, uint32_t *len)
{
    size_t n = strlen(s);
    uint8_t *p = arena_alloc(r->arena, n / 2 + 1);

    for (size_t i = 0; i < n; i++) {
        const char *digits = "0123456789abcdef", *d = strchr(digits, s[i]);

        if (d == NULL || n % 2) {
            trace_complain(r, "not a string of bytes", s);
            break;
        }
        p[i / 2] = (uint8_t)(p[i / 2] << 4 | (d - digits));
    }
    *len = (uint32_t)(n / 2);
    return p;
}

struct value trace_plain(uint64_t v)
{
    return (struct value){.num = v, .var = -1};
}

/* --- operands of a step ---------------------------------------------------------------------------------------------- */

/* NAME:OFFSET:SIZE:MASK:VALUE */
static struct expect_field field(struct trace_reader *r, char *s)
{
    struct expect_field f = {.loc = {r->path, r->line, 1}};
    char *part[5];

    for (unsigned i = 0; i < 5; i++) {
        part[i] = strsep(&s, ":");
        if (part[i] == NULL) {
            trace_complain(r, "a field is NAME:OFFSET:SIZE:MASK:VALUE", NULL);
            return f;
        }
    }
    f.name = arena_strdup(r->arena, part[0]);
    f.offset = (uint32_t)trace_number(r, part[1]);
    f.size = (uint8_t)trace_number(r, part[2]);
    f.mask = trace_number(r, part[3]);
    f.value = trace_plain(trace_number(r, part[4]));
    if (f.size > 8 || f.offset > (1u << 24))
        trace_complain(r, "a field out of range", part[0]);
    return f;
}

static void call_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    if (strcmp(name, "world") == 0) {
        st->u.call.world = (enum world)trace_one_of(r, v, trace_world_names, WORLD_COUNT);
    } else if (strcmp(name, "fid") == 0) {
        st->u.call.fid = trace_number(r, v);
    } else if (strcmp(name, "pc") == 0) {
        st->u.call.pc = trace_number(r, v);
    } else if (strcmp(name, "arg") == 0 && st->u.call.num_args < ABI_MAX_ARGS) {
        st->u.call.arg[st->u.call.num_args++] = trace_plain(trace_number(r, v));
    }
}

static void access_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    if (strcmp(name, "world") == 0)
        st->u.access.world = (enum world)trace_one_of(r, v, trace_world_names, WORLD_COUNT);
    else if (strcmp(name, "pas") == 0)
        st->u.access.pas = (enum pas)trace_one_of(r, v, trace_world_names, PAS_COUNT);
    else if (strcmp(name, "addr") == 0)
        st->u.access.addr = trace_plain(trace_number(r, v));
    else if (strcmp(name, "size") == 0)
        st->u.access.size = (uint8_t)(trace_number(r, v) & 15);
    else if (strcmp(name, "value") == 0)
        st->u.access.value = trace_plain(trace_number(r, v));
}

static void bytes_operand(struct trace_reader *r, struct step *st, const char *name, char *v)
{
    if (strcmp(name, "addr") == 0) {
        st->u.bytes.addr = trace_plain(trace_number(r, v));
    } else if (strcmp(name, "len") == 0) {
        st->u.bytes.len = (uint32_t)trace_number(r, v);
    } else if (strcmp(name, "fill") == 0) {
        st->u.bytes.fill = (uint8_t)trace_number(r, v);
    } else if (strcmp(name, "bytes") == 0) {
        st->u.bytes.bytes = hex(r, v, &st->u.bytes.len);
    } else if (strcmp(name, "field") == 0) {
        unsigned i = st->u.bytes.num_fields;

        st->u.bytes.field = trace_append(r, st->u.bytes.field, &st->u.bytes.num_fields,
                                         sizeof(struct expect_field));
        st->u.bytes.field[i] = field(r, v);
    }
}

static void register_operand(struct trace_reader *r, struct step *st, const char *name,
                             const char *v)
{
    if (strcmp(name, "rec") == 0)
        st->u.reg.rec = trace_plain(trace_number(r, v));
    else if (strcmp(name, "host") == 0)
        st->u.reg.host = trace_number(r, v) != 0;
    else if (strcmp(name, "reg") == 0)
        st->u.reg.reg = (int)trace_number(r, v);
    else if (strcmp(name, "name") == 0)
        st->u.reg.reg_name = arena_strdup(r->arena, v);
    else if (strcmp(name, "value") == 0)
        st->u.reg.value = trace_plain(trace_number(r, v));
    else if (strcmp(name, "mask") == 0)
        st->u.reg.mask = trace_number(r, v);
}

static void state_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    int n = (int)(int64_t)trace_number(r, v);

    if (strcmp(name, "addr") == 0)
        st->u.state.addr = trace_plain(trace_number(r, v));
    else if (strcmp(name, "state") == 0)
        st->u.state.state = n;
    else if (strcmp(name, "pas") == 0)
        st->u.state.pas = n;
    else if (strcmp(name, "refcount") == 0)
        st->u.state.refcount = n;
}

static void scan_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    if (strcmp(name, "bytes") == 0)
        st->u.scan.bytes = hex(r, v, &st->u.scan.len);
    else if (strcmp(name, "pas") == 0)
        st->u.scan.pas = (int)(int64_t)trace_number(r, v);
    else if (strcmp(name, "count") == 0)
        st->u.scan.count = trace_number(r, v);
}

static void poke_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    if (strcmp(name, "addr") == 0)
        st->u.poke.addr = trace_plain(trace_number(r, v));
    else if (strcmp(name, "size") == 0)
        st->u.poke.size = (uint8_t)(trace_number(r, v) & 15);
    else if (strcmp(name, "flip") == 0)
        st->u.poke.flip = trace_number(r, v);
}

static void irq_operand(struct trace_reader *r, struct step *st, const char *name, const char *v)
{
    uint64_t n = trace_number(r, v);

    if (strcmp(name, "after") == 0)
        st->u.irq.after = n;
    else if (strcmp(name, "iss") == 0)
        st->u.irq.iss = n;
    else if (n == LINE_FIQ || n == LINE_SERROR)
        st->u.irq.line = n == LINE_FIQ ? LINE_FIQ : LINE_SERROR;
}

void trace_operand(struct trace_reader *r, struct step *st, const char *name, char *v)
{
    switch (st->kind) {
    case STEP_CALL: call_operand(r, st, name, v); break;
    case STEP_LOAD:
    case STEP_STORE: access_operand(r, st, name, v); break;
    case STEP_WRITE_BYTES:
    case STEP_EXPECT_BYTES: bytes_operand(r, st, name, v); break;
    case STEP_SCAN: scan_operand(r, st, name, v); break;
    case STEP_IRQ: irq_operand(r, st, name, v); break;
    case STEP_BROKEN:
        if (strcmp(name, "addr") == 0)
            st->u.broken.addr = trace_plain(trace_number(r, v));
        else
            st->u.broken.set = (int)(int64_t)trace_number(r, v);
        break;
    case STEP_SECURE_CLAIM:
        if (strcmp(name, "addr") == 0)
            st->u.secure.addr = trace_plain(trace_number(r, v));
        else if (strcmp(name, "refused") == 0)
            st->u.secure.refused = trace_number(r, v) != 0;
        else
            st->u.secure.claim = trace_number(r, v) != 0;
        break;
    case STEP_EXPECT_STATE: state_operand(r, st, name, v); break;
    case STEP_HOST_REG:
    case STEP_EXPECT_REG: register_operand(r, st, name, v); break;
    case STEP_SCRIPT: st->u.script.rd = trace_plain(trace_number(r, v)); break;
    case STEP_POKE: poke_operand(r, st, name, v); break;
    case STEP_KINDS: break;
    }
}
