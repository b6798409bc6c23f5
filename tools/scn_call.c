/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls: arguments, the status and values that they must return, what of them is kept for later. */
#include <stdlib.h>
#include <string.h>

#include "scn.h"

#define MAX_ARGS             (ABI_MAX_REGS - 1u)
#define STATUS_PREFIX_LENGTH 4u /* "RMI_" */

void scn_build_call(struct scn *s, const struct abi_command *c, const struct field *f,
                    struct step *st)
{
    (void)s;
    st->u.call.world = WORLD_NS;
    st->u.call.fid = c->fid;
    st->u.call.num_args = abi_command_num_in(c);
    for (unsigned i = 0; i < st->u.call.num_args; i++)
        st->u.call.arg[i] = f[i].value;
}

/* --- raw SMCs --- */

static const char *const worlds[] = {"ns", "secure", "realm", "root", NULL};

enum { SMC_WORLD, SMC_FID, SMC_ARGS };
static void build_smc(struct scn *s, const struct node *n, const struct field *f, struct step *st)
{
    size_t old = path_key(&s->path, "args");
    int num = f[SMC_ARGS].node ? scn_values(s, f[SMC_ARGS].node, MAX_ARGS, st->u.call.arg) : 0;

    (void)n;
    path_pop(&s->path, old);
    st->u.call.world = f[SMC_WORLD].node ? (enum world)f[SMC_WORLD].value.num : WORLD_NS;
    st->u.call.fid = f[SMC_FID].value.num;
    st->u.call.num_args = num < 0 ? 0 : (unsigned)num;
    st->expect_given = true; /* of a call that may be none of ours, nothing is claimed unasked */
}

const struct step_type scn_smc = {
    .name = "smc",
    .doc = "an SMC with any function identifier, from any world",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [SMC_WORLD] = {"world", "default ns", .type = KEY_CHOICE, .choices = worlds},
                    [SMC_FID] = {"fid", "x0", .type = KEY_NUMBER, .required = true},
                    [SMC_ARGS] = {"args", "x1, x2 ...; default 0", .type = KEY_NODE,
                                  .form = FORM_VALUES},
                },
            .num = 3},
    .beside = BESIDE_CALL,
    .kind = STEP_CALL,
    .build = build_smc,
};

/* --- expect --- */

bool scenario_parse_status(const char *text, struct expect_status *out)
{
    size_t len = strcspn(text, "/");
    const char *name;
    char *end;
    long index;

    *out = (struct expect_status){.index = -1};
    if (strcmp(text, "NOT_SUPPORTED") == 0) {
        out->not_supported = true;
        return true;
    }
    if (strncmp(text, "RMI_", STATUS_PREFIX_LENGTH) == 0) {
        text += STATUS_PREFIX_LENGTH;
        len -= STATUS_PREFIX_LENGTH;
    }
    for (unsigned i = 0; i < RMI_STATUS_COUNT; i++) {
        name = rmi_status_name(i) + STATUS_PREFIX_LENGTH;
        if (strncmp(text, name, len) != 0 || name[len] != '\0')
            continue;
        out->status = (uint8_t)i;
        if (text[len] == '\0')
            return true;
        if (text[len + 1] < '0' || text[len + 1] > '9')
            return false;
        index = strtol(text + len + 1, &end, 10);
        out->index = (int16_t)index;
        return *end == '\0' && index < 256;
    }
    return false;
}

char *scenario_status_text(const struct expect_status *e, char *buf, size_t size)
{
    if (e->not_supported)
        snprintf(buf, size, "NOT_SUPPORTED");
    else if (e->index >= 0)
        snprintf(buf, size, "%s/%d", rmi_status_name(e->status), e->index);
    else
        snprintf(buf, size, "%s", rmi_status_name(e->status));
    return buf;
}

static void unknown_status(struct scn *s, const struct node *n)
{
    struct words w = {0};

    for (unsigned i = 0; i < RMI_STATUS_COUNT; i++)
        words_add(s->arena, &w, rmi_status_name(i));
    words_add(s->arena, &w, "RMI_ERROR_RTT/0..255");
    words_add(s->arena, &w, "NOT_SUPPORTED");
    words_add(s->arena, &w, "any");
    diag_words(s->diags, scn_error(s, n, "`%.60s` is no status", n->text), &w, n->text);
}

void scn_read_expect(struct scn *s, const struct node *n, struct step *st)
{
    unsigned index = 0;

    st->expect_given = true;
    st->num_any = 0;
    if (n->kind == NODE_SCALAR && strcmp(n->text, "any") == 0)
        return;
    if (n->kind == NODE_MAP || node_is_empty(n) || (n->kind == NODE_LIST && n->num == 0)) {
        scn_allowed(s, scn_error(s, n, "%s, where a status must stand", node_kind_name(n)),
                    "RMI_SUCCESS, RMI_ERROR_INPUT, RMI_ERROR_RTT/2, NOT_SUPPORTED, any");
        return;
    }
    st->any = ARENA_ARRAY(s->arena, struct expect_status, n->kind == NODE_LIST ? n->num : 1);
    FOR_EACH_ITEM(item, n)
    {
        size_t old = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;

        if (!scn_expect_kind(s, item, NODE_SCALAR, "a status"))
            ;
        else if (scenario_parse_status(item->text, &st->any[st->num_any]))
            st->num_any++;
        else
            unknown_status(s, item);
        path_pop(&s->path, old);
    }
}

/* --- out --- */

int scn_register(const char *text, unsigned max)
{
    char *end;
    unsigned long n;

    if (text[0] != 'x' || text[1] < '0' || text[1] > '9')
        return -1;
    n = strtoul(text + 1, &end, 10);
    return *end == '\0' && n <= max ? (int)n : -1;
}

/* Register of an output by name; *group is what it holds. -1: none. */
static int output_register(const struct abi_command *c, const char *text, enum group *group)
{
    int reg = scn_register(text, ABI_MAX_REGS - 1);

    *group = GROUP_ANY;
    for (unsigned i = 0; c && i < abi_command_num_out(c); i++) {
        if (reg == (int)i + 1 || strcmp(c->out[i].name, text) == 0) {
            *group = scn_group_of(c, &c->out[i]);
            return (int)i + 1;
        }
    }
    return reg;
}

static void unknown_output(struct scn *s, const struct node *key, const struct abi_command *c,
                           bool exit_too)
{
    struct words w = {0};

    for (unsigned i = 0; c && i < abi_command_num_out(c); i++)
        words_add(s->arena, &w, c->out[i].name);
    words_add(s->arena, &w, "x0..x16");
    if (exit_too)
        words_add(s->arena, &w, "exit.FIELD");
    diag_words(s->diags, scn_error(s, key, "no output is called `%.60s`", key->text), &w,
               key->text);
}

enum { MASKED_VALUE, MASKED_MASK };
bool scn_masked_value(struct scn *s, const struct node *n, enum group want, struct value *value,
                      uint64_t *mask)
{
    const struct key_set set = {
        .what = "key",
        .keys =
            (const struct key[]){
                [MASKED_VALUE] = {"value", "", .type = KEY_VALUE, .group = want, .required = true},
                [MASKED_MASK] = {"mask", "", .type = KEY_NUMBER, .required = true},
            },
        .num = 2,
    };
    struct field f[2];

    *mask = UINT64_MAX;
    if (n->kind != NODE_MAP)
        return scn_value(s, n, want, value);
    if (!scn_read_keys(s, n, &set, f))
        return false;
    *value = f[MASKED_VALUE].value;
    *mask = f[MASKED_MASK].value.num;
    return true;
}

void scn_read_out(struct scn *s, const struct node *n, struct step *st)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from outputs to values"))
        return;
    st->out = ARENA_ARRAY(s->arena, struct expect_field, n->num);
    FOR_EACH_VALUE(v, n)
    {
        struct expect_field *f = &st->out[st->num_out];
        size_t old = path_key(&s->path, v->key->text);
        enum group group;
        int reg = output_register(st->u.call.cmd, v->key->text, &group);

        if (reg < 0) {
            unknown_output(s, v->key, st->u.call.cmd, false);
        } else if (scn_masked_value(s, v, group, &f->value, &f->mask)) {
            f->name = arena_strdup(s->arena, v->key->text);
            f->offset = 8 * (uint32_t)reg;
            f->size = 8;
            f->loc = scn_loc(s, v);
            st->num_out++;
        }
        path_pop(&s->path, old);
    }
}

/* --- exit --- */

struct exit_row {
    const char *name;
    uint16_t offset;
    uint8_t size;
    uint8_t count; /* 0: not an array */
    enum group group;
};
static const struct exit_row exit_rows[] = {
    {"reason", REC_EXIT_REASON, 1, 0, GROUP_REASON},
    {"esr", REC_EXIT_ESR, 8, 0, GROUP_NUMBER},
    {"far", REC_EXIT_FAR, 8, 0, GROUP_NUMBER},
    {"hpfar", REC_EXIT_HPFAR, 8, 0, GROUP_NUMBER},
    {"gprs", REC_EXIT_GPRS, 8, 31, GROUP_ANY},
    {"gicv3_hcr", REC_EXIT_GICV3_HCR, 8, 0, GROUP_NUMBER},
    {"gicv3_lrs", REC_EXIT_GICV3_LRS, 8, 16, GROUP_NUMBER},
    {"gicv3_misr", REC_EXIT_GICV3_MISR, 8, 0, GROUP_NUMBER},
    {"gicv3_vmcr", REC_EXIT_GICV3_VMCR, 8, 0, GROUP_NUMBER},
    {"cntp_ctl", REC_EXIT_CNTP_CTL, 8, 0, GROUP_NUMBER},
    {"cntp_cval", REC_EXIT_CNTP_CVAL, 8, 0, GROUP_NUMBER},
    {"cntv_ctl", REC_EXIT_CNTV_CTL, 8, 0, GROUP_NUMBER},
    {"cntv_cval", REC_EXIT_CNTV_CVAL, 8, 0, GROUP_NUMBER},
    {"ripas_base", REC_EXIT_RIPAS_BASE, 8, 0, GROUP_NUMBER},
    {"ripas_top", REC_EXIT_RIPAS_TOP, 8, 0, GROUP_NUMBER},
    {"ripas_value", REC_EXIT_RIPAS_VALUE, 1, 0, GROUP_RIPAS},
    {"imm", REC_EXIT_IMM, 2, 0, GROUP_NUMBER},
    {"pmu_ovf_status", REC_EXIT_PMU_OVF_STATUS, 1, 0, GROUP_NUMBER},
};

/* Parts of ESR (DDI0487 D24.2.40). */
struct esr_part {
    const char *name;
    uint8_t shift, width;
    enum group group;
};
static const struct esr_part esr_parts[] = {
    {"EC", 26, 6, GROUP_EC},      {"IL", 25, 1, GROUP_NUMBER},   {"ISS", 0, 25, GROUP_NUMBER},
    {"ISV", 24, 1, GROUP_NUMBER}, {"SAS", 22, 2, GROUP_NUMBER},  {"SSE", 21, 1, GROUP_NUMBER},
    {"SRT", 16, 5, GROUP_NUMBER}, {"SF", 15, 1, GROUP_NUMBER},   {"AR", 14, 1, GROUP_NUMBER},
    {"SET", 11, 2, GROUP_NUMBER}, {"FnV", 10, 1, GROUP_NUMBER},  {"EA", 9, 1, GROUP_NUMBER},
    {"CM", 8, 1, GROUP_NUMBER},   {"S1PTW", 7, 1, GROUP_NUMBER}, {"WnR", 6, 1, GROUP_NUMBER},
    {"DFSC", 0, 6, GROUP_NUMBER}, {"IFSC", 0, 6, GROUP_NUMBER},  {"TI", 0, 2, GROUP_NUMBER},
    {"IMM", 0, 16, GROUP_NUMBER},
};

const char *scn_exit_name_at(struct arena *a, uint32_t offset)
{
    for (unsigned i = 0; i < COUNT_OF(exit_rows); i++) {
        const struct exit_row *r = &exit_rows[i];
        uint32_t n = (offset - r->offset) / 8;

        if (r->count && offset >= r->offset && n < r->count && offset % 8 == 0)
            return arena_printf(a, "%s[%u]", r->name, n);
        if (!r->count && offset == r->offset)
            return r->name;
    }
    return NULL;
}

void scn_exit_names(struct arena *a, struct words *w)
{
    for (unsigned i = 0; i < COUNT_OF(exit_rows); i++)
        words_add(a, w,
                  exit_rows[i].count
                      ? arena_printf(a, "%s[0..%u]", exit_rows[i].name, exit_rows[i].count - 1)
                      : exit_rows[i].name);
    for (unsigned i = 0; i < COUNT_OF(esr_parts); i++)
        words_add(a, w, arena_printf(a, "esr.%s", esr_parts[i].name));
}

struct exit_place {
    const struct exit_row *row;
    const struct esr_part *part; /* NULL: all of it */
    uint32_t offset;
};

static const struct esr_part *find_part(const char *name)
{
    for (unsigned i = 0; i < COUNT_OF(esr_parts); i++) {
        if (strcmp(esr_parts[i].name, name) == 0)
            return &esr_parts[i];
    }
    return NULL;
}

bool scn_exit_part(const char *name, unsigned *shift, unsigned *width)
{
    const struct esr_part *part = strncmp(name, "esr.", 4) == 0 ? find_part(name + 4) : NULL;

    if (part == NULL)
        return false;
    *shift = part->shift;
    *width = part->width;
    return true;
}

/* "[3]", ".3" or ".x3" after the name of an array. -1: neither. */
static int parse_element(const char *text, unsigned count)
{
    char *end;
    unsigned long n;
    const char *p = text + 1;

    if (text[0] != '[' && text[0] != '.')
        return -1;
    if (*p == 'x')
        p++;
    if (*p < '0' || *p > '9')
        return -1;
    n = strtoul(p, &end, 10);
    if (text[0] == '[' && *end++ != ']')
        return -1;
    return *end == '\0' && n < count ? (int)n : -1;
}

static bool find_exit_place(const char *text, struct exit_place *out)
{
    for (unsigned i = 0; i < COUNT_OF(exit_rows); i++) {
        const struct exit_row *r = &exit_rows[i];
        size_t len = strlen(r->name);
        int element = 0;

        if (strncmp(text, r->name, len) != 0 || (text[len] && !strchr(".[", text[len])))
            continue;
        *out = (struct exit_place){.row = r, .offset = r->offset};
        if (r->count) {
            element = parse_element(text + len, r->count);
            out->offset += 8u * (uint32_t)element;
            return element >= 0;
        }
        if (text[len] == '\0')
            return true;
        out->part = r->offset == REC_EXIT_ESR ? find_part(text + len + 1) : NULL;
        return out->part != NULL;
    }
    return false;
}

static void unknown_exit_field(struct scn *s, const struct node *at, const char *text)
{
    struct words w = {0};

    scn_exit_names(s->arena, &w);
    diag_words(s->diags, scn_error(s, at, "RmiRecExit has no `%.60s`", text), &w, text);
}

static bool read_exit_value(struct scn *s, const struct node *n, const struct exit_place *place,
                            struct expect_field *f)
{
    enum group group = place->part ? place->part->group : place->row->group;
    uint64_t max;

    if (!scn_masked_value(s, n, group, &f->value, &f->mask))
        return false;
    if (!place->part)
        return true;
    max = (1ull << place->part->width) - 1;
    if (f->value.var >= 0 || f->value.num > max) {
        scn_allowed(s,
                    scn_error(s, n, "esr.%s has %u bit%s", place->part->name, place->part->width,
                              place->part->width == 1 ? "" : "s"),
                    "0..0x%llx", (unsigned long long)max);
        return false;
    }
    f->value.num <<= place->part->shift;
    f->mask = (f->mask & max) << place->part->shift;
    return true;
}

void scn_read_exit(struct scn *s, const struct node *n, struct step *st)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from fields of RmiRecExit to values"))
        return;
    st->exit = ARENA_ARRAY(s->arena, struct expect_field, n->num);
    FOR_EACH_VALUE(v, n)
    {
        struct expect_field *f = &st->exit[st->num_exit];
        size_t old = path_key(&s->path, v->key->text);
        struct exit_place place;

        if (!find_exit_place(v->key->text, &place)) {
            unknown_exit_field(s, v->key, v->key->text);
        } else if (read_exit_value(s, v, &place, f)) {
            f->name = arena_strdup(s->arena, v->key->text);
            f->offset = place.offset;
            f->size = place.row->size;
            f->loc = scn_loc(s, v);
            st->num_exit++;
        }
        path_pop(&s->path, old);
    }
}

/* --- save --- */

static bool read_save_source(struct scn *s, const struct node *n, const struct step *st,
                             struct save *out)
{
    const struct abi_command *c = st->u.call.cmd;
    bool enter = c && c->fid == RMI_REC_ENTER;
    struct exit_place place;
    enum group group;
    int reg;

    if (!scn_expect_kind(s, n, NODE_SCALAR, "an output, as x1,"))
        return false;
    *out = (struct save){.exit_offset = -1, .size = 8};
    if (enter && strncmp(n->text, "exit.", 5) == 0) {
        if (find_exit_place(n->text + 5, &place) && !place.part) {
            out->exit_offset = (int32_t)place.offset;
            out->size = place.row->size;
            return true;
        }
        unknown_exit_field(s, n, n->text + 5);
        return false;
    }
    reg = output_register(c, n->text, &group);
    if (reg < 0)
        unknown_output(s, n, c, enter);
    else
        out->reg = (uint8_t)reg;
    return reg >= 0;
}

void scn_read_save(struct scn *s, const struct node *n, struct step *st)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from names to outputs"))
        return;
    st->save = ARENA_ARRAY(s->arena, struct save, n->num);
    FOR_EACH_VALUE(v, n)
    {
        struct save *save = &st->save[st->num_save];
        size_t old = path_key(&s->path, v->key->text);

        if (read_save_source(s, v, st, save)) {
            save->var = scn_variable(s, v->key, v->key->text);
            st->num_save += save->var >= 0;
        }
        path_pop(&s->path, old);
    }
}
