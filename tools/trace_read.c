/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a trace back: its steps become a scenario whose expectations are the results in the trace. */
#include <ccasim/script.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scn_node.h"
#include "trace_fields.h"
#include "trace_reader.h"

#define NUM_OUT ABI_MAX_REGS

/* The next line without its comment; NULL at the end. */
static char *next_line(struct trace_reader *r)
{
    char *line = r->next, *end, *comment;

    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    r->next = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    comment = strstr(line, "   # ");
    if (comment)
        *comment = '\0';
    r->line++;
    return line;
}

static char *next_word(char **rest)
{
    char *w;

    do
        w = strsep(rest, " ");
    while (w && *w == '\0');
    return w;
}

static void field_set(void *base, const struct trace_field *fields, unsigned num, const char *name,
                      uint64_t v)
{
    for (unsigned i = 0; i < num; i++)
        if (strcmp(fields[i].name, name) == 0)
            memcpy((uint8_t *)base + fields[i].offset, &v, fields[i].size);
}

/* --- lines ---------------------------------------------------------------------------------------------------------- */

static struct record *record_of(struct trace_reader *r, uint64_t step)
{
    /* Nearly always one of the last. */
    for (unsigned i = r->num; i-- > 0;)
        if (r->rec[i].st.number == step)
            return &r->rec[i];
    return NULL;
}

static void read_place(struct trace_reader *r, struct record *rec, const char *name, char *v)
{
    struct record *outer;

    if (strcmp(name, "in") == 0) {
        rec->in = (unsigned)trace_number(r, v);
        outer = record_of(r, rec->in);
        if (outer == NULL || outer == rec)
            trace_complain(r, "no such step", v);
        else
            outer->has_nested = true;
    } else if (strcmp(name, "during") == 0) {
        char *event = strsep(&v, ":");

        rec->is_during = true;
        rec->event = event_by_name(event);
        rec->n = v ? trace_number(r, v) : 0;
        if (rec->event == EV_COUNT || rec->n == 0)
            trace_complain(r, "not EVENT:N", event);
    }
}

static bool is_place(const char *name)
{
    return strcmp(name, "in") == 0 || strcmp(name, "during") == 0;
}

static void step_defaults(struct step *st)
{
    if (st->kind == STEP_EXPECT_REG || st->kind == STEP_HOST_REG)
        st->u.reg.var = -1;
    if (st->kind == STEP_CALL)
        st->expect_given = true;
}

static void read_step(struct trace_reader *r, char *rest)
{
    struct record *rec;
    char *w, *eq;
    bool has_kind = false;

    r->rec = trace_append(r, r->rec, &r->num, sizeof(*r->rec));
    rec = &r->rec[r->num - 1];
    rec->st.loc = (struct loc){r->path, r->line, 1};
    rec->st.path = "";
    w = next_word(&rest);
    rec->st.number = w ? (uint32_t)trace_number(r, w) : 0;
    while (!r->failed && (w = next_word(&rest)) != NULL) {
        eq = strchr(w, '=');
        if (eq)
            *eq++ = '\0';
        if (eq == NULL && strcmp(w, "running") != 0) {
            rec->st.kind =
                (enum step_kind)trace_one_of(r, w, trace_step_names, (unsigned)STEP_KINDS);
            step_defaults(&rec->st);
            has_kind = true;
        } else if (eq && is_place(w)) {
            read_place(r, rec, w, eq);
        } else if (eq && strcmp(w, "pe") == 0) {
            rec->st.pe = (uint8_t)trace_number(r, eq);
        } else if (eq && strcmp(w, "at") == 0) {
            rec->st.at = trace_number(r, eq);
        } else if (eq && has_kind) {
            trace_operand(r, &rec->st, w, eq);
        }
    }
    if (!has_kind)
        trace_complain(r, "a step of no kind", NULL);
    if (rec->st.pe >= CCA_MAX_PES)
        trace_complain(r, "no such PE", NULL);
    r->section = NULL;
    if (rec->st.kind == STEP_SCRIPT)
        rec->st.u.script.script = arena_alloc(r->arena, sizeof(struct script));
}

static void read_section(struct trace_reader *r, char *rest)
{
    struct step *st = r->num ? &r->rec[r->num - 1].st : NULL;
    struct script *script;
    char *w;

    if (st == NULL || st->kind != STEP_SCRIPT) {
        trace_complain(r, "a section outside of a script", NULL);
        return;
    }
    script = st->u.script.script;
    script->sections = trace_append(r, script->sections, &script->num, sizeof(*script->sections));
    r->section = &script->sections[script->num - 1];
    while ((w = next_word(&rest)) != NULL) {
        if (strncmp(w, "pc=", 3) == 0)
            r->section->pc = trace_number(r, w + 3);
        else if (strncmp(w, "fetched=", 8) == 0)
            r->section->fetched = trace_number(r, w + 8) != 0;
    }
}

static void read_op(struct trace_reader *r, char *rest)
{
    struct script_op *op;
    char *w, *eq;

    if (r->section == NULL) {
        trace_complain(r, "an operation outside of a script", NULL);
        return;
    }
    r->section->ops = trace_append(r, r->section->ops, &r->section->num, sizeof(*op));
    op = &r->section->ops[r->section->num - 1];
    while ((w = next_word(&rest)) != NULL) {
        eq = strchr(w, '=');
        if (eq == NULL)
            continue;
        *eq++ = '\0';
        if (strcmp(w, "kind") == 0)
            op->kind = (uint8_t)script_kind_by_name(eq);
        else if (*w == 'x' && isdigit((unsigned char)w[1]) && atoi(w + 1) < (int)ABI_MAX_REGS)
            op->arg[atoi(w + 1)] = trace_number(r, eq);
        else
            field_set(op, script_fields, script_field_count, w, trace_number(r, eq));
    }
    if (op->kind >= SCRIPT_KIND_COUNT)
        trace_complain(r, "unknown operation", NULL);
}

static void end_out(struct trace_reader *r, struct step *st, unsigned *index, const char *v)
{
    static const char *const names[NUM_OUT] = {"x0",  "x1",  "x2",  "x3",  "x4",  "x5",
                                               "x6",  "x7",  "x8",  "x9",  "x10", "x11",
                                               "x12", "x13", "x14", "x15", "x16"};

    if (st->out == NULL) {
        st->out = ARENA_ARRAY(r->arena, struct expect_field, NUM_OUT);
        st->num_out = NUM_OUT;
        for (unsigned i = 0; i < NUM_OUT; i++)
            st->out[i] = (struct expect_field){.name = names[i],
                                               .offset = 8 * i,
                                               .size = 8,
                                               .mask = UINT64_MAX,
                                               .value = trace_plain(0),
                                               .loc = {r->path, r->line, 1}};
    }
    if (*index < NUM_OUT)
        st->out[(*index)++].value.num = trace_number(r, v);
}

static void end_exit(struct trace_reader *r, struct step *st, const char *v)
{
    const char *value = strchr(v, ':');
    struct expect_field *f;

    if (value == NULL) {
        trace_complain(r, "not OFFSET:VALUE", v);
        return;
    }
    st->exit = trace_append(r, st->exit, &st->num_exit, sizeof(*f));
    f = &st->exit[st->num_exit - 1];
    *f = (struct expect_field){.offset = (uint32_t)trace_number(r, v),
                               .size = 8,
                               .mask = UINT64_MAX,
                               .value = trace_plain(trace_number(r, value + 1)),
                               .loc = {r->path, r->line, 1}};
    f->name = arena_printf(r->arena, "[0x%x]", f->offset);
    if (f->offset > REC_EXIT_SIZE - 8)
        trace_complain(r, "outside of RmiRecExit", v);
}

static void read_end(struct trace_reader *r, char *rest)
{
    char *w = next_word(&rest), *eq;
    struct record *rec = w ? record_of(r, trace_number(r, w)) : NULL;
    struct step *st = rec ? &rec->st : NULL;
    unsigned index = 0;

    if (st == NULL) {
        trace_complain(r, "the end of no step", w);
        return;
    }
    while ((w = next_word(&rest)) != NULL) {
        eq = strchr(w, '=');
        if (eq == NULL)
            continue;
        *eq++ = '\0';
        if (strcmp(w, "out") == 0 && st->kind == STEP_CALL) {
            end_out(r, st, &index, eq);
        } else if (strcmp(w, "exit") == 0 && st->kind == STEP_CALL) {
            end_exit(r, st, eq);
        } else if (strcmp(w, "value") == 0 && st->kind == STEP_LOAD) {
            st->u.access.has_value = true;
            st->u.access.value = trace_plain(trace_number(r, eq));
        } else if (strcmp(w, "fault") == 0 && (st->kind == STEP_LOAD || st->kind == STEP_STORE)) {
            st->u.access.must = ACCESS_MUST_FAULT;
            st->u.access.has_esr = true;
            st->u.access.esr = trace_number(r, eq);
        }
    }
}

static void read_pairs(struct trace_reader *r, char *rest, bool impl)
{
    struct scenario *sc = r->out->sc;
    char *w, *eq;

    while ((w = next_word(&rest)) != NULL) {
        eq = strchr(w, '=');
        if (eq == NULL)
            continue;
        *eq++ = '\0';
        if (impl)
            field_set(&sc->impl, impl_fields, impl_field_count, w, trace_number(r, eq));
        else if (strcmp(w, "insns") == 0)
            sc->insn_limit = trace_number(r, eq);
        else if (strcmp(w, "virtual_time") == 0)
            sc->virtual_time = trace_number(r, eq) != 0;
        else if (strcmp(w, "needs_cpu") == 0)
            sc->needs_cpu = trace_number(r, eq) != 0;
    }
}

static void read_name(struct trace_reader *r, char *rest)
{
    struct scenario *sc = r->out->sc;
    char *name = next_word(&rest), *at = next_word(&rest);

    if (name == NULL || at == NULL) {
        trace_complain(r, "not NAME ADDRESS", NULL);
        return;
    }
    sc->names = trace_append(r, sc->names, &sc->num_names, sizeof(*sc->names));
    sc->names[sc->num_names - 1] =
        (struct granule_name){arena_strdup(r->arena, name), trace_number(r, at)};
}

static void read_line(struct trace_reader *r, char *line)
{
    char *rest = line, *w;

    if (*line == ' ' || *line == '\0' || *line == '#')
        return;
    w = next_word(&rest);
    if (strcmp(w, "step") == 0) {
        read_step(r, rest);
    } else if (strcmp(w, "end") == 0) {
        read_end(r, rest);
    } else if (strcmp(w, "section") == 0) {
        read_section(r, rest);
    } else if (strcmp(w, "op") == 0) {
        read_op(r, rest);
    } else if (strcmp(w, "name") == 0) {
        read_name(r, rest);
    } else if (strcmp(w, "impl") == 0) {
        read_pairs(r, rest, true);
    } else if (strcmp(w, "limits") == 0) {
        read_pairs(r, rest, false);
    } else if (strcmp(w, "break") == 0) {
        r->out->break_name = rest ? arena_strdup(r->arena, rest) : NULL;
    } else if (strcmp(w, "overlap") == 0 && rest) {
        r->out->overlaps = (unsigned)trace_number(r, rest);
    } else if (strcmp(w, "hash") == 0 && rest) {
        r->out->has_hash = true;
        r->out->hash = trace_number(r, rest);
    } else if (strcmp(w, "result") != 0) {
        trace_complain(r, "unknown line", w);
    }
}

/* --- the tree ---------------------------------------------------------------------------------------------------------- */

static bool is_in(const struct record *rec, unsigned in, const struct during *d)
{
    if (rec->in != in || rec->is_during != (d != NULL))
        return false;
    return d == NULL || (rec->event == d->event && rec->n == d->n);
}

static void build_nested(struct trace_reader *r, struct step *st);

static struct step *build_list(struct trace_reader *r, unsigned in, const struct during *d,
                               unsigned *num)
{
    struct step *list;
    unsigned n = 0;

    for (unsigned i = 0; i < r->num; i++)
        n += is_in(&r->rec[i], in, d);
    list = ARENA_ARRAY(r->arena, struct step, n);
    *num = n;
    n = 0;
    for (unsigned i = 0; i < r->num; i++) {
        if (!is_in(&r->rec[i], in, d))
            continue;
        list[n] = r->rec[i].st;
        if (r->rec[i].has_nested)
            build_nested(r, &list[n]);
        n++;
    }
    return list;
}

static bool has_during(const struct step *st, const struct record *rec)
{
    for (unsigned i = 0; i < st->num_during; i++)
        if (st->during[i].event == rec->event && st->during[i].n == rec->n)
            return true;
    return false;
}

static void build_nested(struct trace_reader *r, struct step *st)
{
    st->running = build_list(r, st->number, NULL, &st->num_running);
    for (unsigned i = 0; i < r->num; i++) {
        const struct record *rec = &r->rec[i];

        if (rec->in != st->number || !rec->is_during || has_during(st, rec))
            continue;
        st->during = trace_append(r, st->during, &st->num_during, sizeof(*st->during));
        st->during[st->num_during - 1] =
            (struct during){.event = rec->event, .n = rec->n, .loc = rec->st.loc};
    }
    for (unsigned i = 0; i < st->num_during; i++)
        st->during[i].steps = build_list(r, st->number, &st->during[i], &st->during[i].num_steps);
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *s = NULL;
    size_t len = 0;
    ssize_t n;

    if (f == NULL)
        return NULL;
    n = getdelim(&s, &len, '\0', f);
    fclose(f);
    if (n < 0) {
        free(s);
        return NULL;
    }
    return s;
}

int trace_sections(const char *path)
{
    static const char magic[] = TRACE_MAGIC " ";
    char first[sizeof(magic)] = "", *s;
    FILE *f = fopen(path, "rb");
    size_t n;
    int count = 0;

    if (f == NULL)
        return -1;
    n = fread(first, 1, sizeof(magic) - 1, f);
    fclose(f);
    if (n != sizeof(magic) - 1 || memcmp(first, magic, n) != 0 || (s = slurp(path)) == NULL)
        return -1;
    for (const char *p = s; (p = strstr(p, "\nscenario ")) != NULL; p++)
        count++;
    free(s);
    return count;
}

/* Moves to the section; its first line becomes the name. */
static bool find_section(struct trace_reader *r, int section)
{
    char *line = next_line(r);
    unsigned version = 0;

    if (line == NULL || sscanf(line, TRACE_MAGIC " %u", &version) != 1 ||
        version != TRACE_VERSION) {
        trace_complain(r, "not a trace of this version", line);
        return false;
    }
    while ((line = next_line(r)) != NULL)
        if (strncmp(line, "scenario ", 9) == 0 && section-- == 0) {
            r->out->name = arena_strdup(r->arena, line + 9);
            return true;
        }
    trace_complain(r, "the trace has no such section", NULL);
    return false;
}

static void read_section_of_file(struct trace_reader *r)
{
    struct scenario *sc = r->out->sc;
    char why[200], *line;

    sc->file = r->path;
    sc->purpose = r->out->name;
    sc->version = SCENARIO_FORMAT_VERSION;
    sc->abi = ABI_1_0;
    sc->arena = r->arena;
    impl_default(&sc->impl);
    while (!r->failed && (line = next_line(r)) != NULL && strncmp(line, "scenario ", 9) != 0)
        read_line(r, line);
    if (!r->failed && impl_check(&sc->impl, why, sizeof(why)) != CCA_OK)
        trace_complain(r, why, NULL);
    if (r->failed)
        return;
    sc->steps = build_list(r, 0, NULL, &sc->num_steps);
    sc->total_steps = r->num;
}

int trace_load(const char *path, int section, struct trace *out, struct diag_list *diags)
{
    struct trace_reader r = {.path = path, .diags = diags, .out = out};
    char *text;

    memset(out, 0, sizeof(*out));
    text = slurp(path);
    r.next = text;
    if (text == NULL) {
        diag_add(diags, (struct loc){path, 0, 0}, "", "cannot be read");
        return CCA_ERR_IO;
    }
    r.arena = arena_new();
    r.path = arena_strdup(r.arena, path);
    out->sc = arena_alloc(r.arena, sizeof(*out->sc));
    if (find_section(&r, section))
        read_section_of_file(&r);
    free(text);
    if (!r.failed)
        return CCA_OK;
    arena_free(r.arena);
    memset(out, 0, sizeof(*out));
    return CCA_ERR_PARSE;
}
