/* SPDX-License-Identifier: BSD-3-Clause */
/* Scripted Realms (ccasim/script.h): sections of operations at Realm addresses. */
#include <ccasim/realm_dev.h>
#include <stdio.h>
#include <string.h>

#include "scn.h"

#define OP_SIZE 4ull
#define LABEL   "label"

enum { LS_REG, LS_AT, LS_SIZE, LS_VALUE, LS_SF, LS_NO_SYNDROME, LS_SIGN };
enum { MRS_REG, MRS_FROM, MRS_VALUE, MRS_CRM, MRS_OP2 };
enum { MSR_REG, MSR_TO, MSR_VALUE };

#define AT_KEYS                                                                                  \
    {                                                                                            \
        .what = "key",                                                                           \
        .keys =                                                                                  \
            (const struct key[]){{"at", "Realm address", .type = KEY_NUMBER, .required = true}}, \
        .num = 1, .positional = true                                                             \
    }

const struct op_type scn_ops[] = {
    {.name = "set", .doc = "registers: {x0: value}", .form = FORM_VALUE_MAP, .kind = SCRIPT_SET},
    {.name = "sysreg",
     .doc = "EL1 system registers: {VBAR_EL1: value}",
     .form = FORM_VALUE_MAP,
     .kind = SCRIPT_SYSREG},
    {.name = "smc",
     .doc = "SMC #0 with these registers: {x0: value}",
     .form = FORM_VALUE_MAP,
     .kind = SCRIPT_SMC},
    {.name = "hvc", .doc = "HVC #n", .form = FORM_NUMBER, .kind = SCRIPT_HVC},
    {.name = "svc",
     .doc = "SVC #n: to the Realm's own vector",
     .form = FORM_NUMBER,
     .kind = SCRIPT_SVC},
    {.name = "load",
     .doc = "a load into a register",
     .set = {.what = "key",
             .keys =
                 (const struct key[]){
                     [LS_REG] = {"reg", "x0..x30, xzr", .type = KEY_TEXT, .required = true},
                     [LS_AT] = {"at", "Realm address", .type = KEY_NUMBER, .required = true},
                     [LS_SIZE] = {"size", "bytes: 1, 2, 4, 8; default 8", .type = KEY_NUMBER,
                                  .max = 8},
                     [LS_VALUE] = {"value", "what it must give", .type = KEY_NUMBER},
                     [LS_SIGN] = {"sign", "sign-extending", .type = KEY_BOOL},
                     [LS_SF] = {"sf", "into a 64-bit register; default true", .type = KEY_BOOL},
                     [LS_NO_SYNDROME] = {"no_syndrome", "as an instruction without a syndrome",
                                         .type = KEY_BOOL},
                 },
             .num = 7},
     .kind = SCRIPT_LOAD},
    {.name = "store",
     .doc = "a store from a register",
     .set = {.what = "key",
             .keys =
                 (const struct key[]){
                     [LS_REG] = {"reg", "x0..x30, xzr", .type = KEY_TEXT, .required = true},
                     [LS_AT] = {"at", "Realm address", .type = KEY_NUMBER, .required = true},
                     [LS_SIZE] = {"size", "bytes: 1, 2, 4, 8; default 8", .type = KEY_NUMBER,
                                  .max = 8},
                     [LS_VALUE] = {"value", "put into the register first", .type = KEY_NUMBER},
                     [LS_SF] = {"sf", "from a 64-bit register; default true", .type = KEY_BOOL},
                     [LS_NO_SYNDROME] = {"no_syndrome", "as an instruction without a syndrome",
                                         .type = KEY_BOOL},
                 },
             .num = 6},
     .kind = SCRIPT_STORE},
    {.name = "fetch",
     .doc = "a call of this address, fetched through the MMU",
     .set = AT_KEYS,
     .kind = SCRIPT_FETCH},
    {.name = "goto",
     .doc = "the script goes on at this address",
     .set = AT_KEYS,
     .kind = SCRIPT_GOTO},
    {.name = "eret", .doc = "return from an exception", .form = FORM_NOTHING, .kind = SCRIPT_ERET},
    {.name = "wfi", .doc = "wait for interrupt", .form = FORM_NOTHING, .kind = SCRIPT_WFI},
    {.name = "wfe", .doc = "wait for event", .form = FORM_NOTHING, .kind = SCRIPT_WFE},
    {.name = "mrs",
     .doc = "reads a system register: `from`, or the ID register S3_0_C0_C<crm>_<op2>",
     .set = {.what = "key",
             .keys =
                 (const struct key[]){
                     [MRS_REG] = {"reg", "x0..x30, xzr", .type = KEY_TEXT, .required = true},
                     [MRS_FROM] = {"from", "its name: ICC_IAR1_EL1, S3_0_C12_C12_0",
                                   .type = KEY_TEXT},
                     [MRS_VALUE] = {"value", "what it must give", .type = KEY_NUMBER},
                     [MRS_CRM] = {"crm", "", .type = KEY_NUMBER, .max = 15},
                     [MRS_OP2] = {"op2", "", .type = KEY_NUMBER, .max = 7},
                 },
             .num = 5},
     .kind = SCRIPT_MRS},
    {.name = "msr",
     .doc = "writes a system register",
     .set = {.what = "key",
             .keys =
                 (const struct key[]){
                     [MSR_REG] = {"reg", "x0..x30, xzr", .type = KEY_TEXT, .required = true},
                     [MSR_TO] = {"to", "its name: ICC_EOIR1_EL1, S3_0_C12_C12_1", .type = KEY_TEXT,
                                 .required = true},
                     [MSR_VALUE] = {"value", "put into the register first", .type = KEY_NUMBER},
                 },
             .num = 3},
     .kind = SCRIPT_MSR},
    {.name = "expect",
     .doc = "registers must hold these values: {x0: value}",
     .form = FORM_FIELD_MAP,
     .kind = SCRIPT_EXPECT},
    {.name = "end",
     .doc = "the Realm runs until an interrupt",
     .form = FORM_NOTHING,
     .kind = SCRIPT_END},
};
const unsigned scn_op_count = COUNT_OF(scn_ops);

enum { SECTION_FETCHED, SECTION_OPS };
const struct key_set scn_section_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [SECTION_FETCHED] = {"fetched", "each operation is fetched through the MMU first",
                                 .type = KEY_BOOL},
            [SECTION_OPS] = {"ops", "the operations", .type = KEY_NODE, .form = FORM_OPS,
                             .required = true},
        },
    .num = 2,
};

struct op_list {
    struct script_op *v;
    uint32_t num, capacity;
};

static struct script_op *op_new(struct scn *s, struct op_list *list, enum script_kind kind)
{
    struct script_op *op;

    if (list->num == list->capacity) {
        uint32_t cap = list->capacity ? 2 * list->capacity : 8;

        list->v = arena_grow(s->arena, list->v, list->num * sizeof(*op), cap * sizeof(*op));
        list->capacity = cap;
    }
    op = &list->v[list->num++];
    op->kind = (uint8_t)kind;
    return op;
}

/* A value of a script must be known: the script is made before anything runs. */
static bool op_value(struct scn *s, const struct node *n, uint64_t *out, uint64_t *mask)
{
    struct value v;
    bool ok = mask ? scn_masked_value(s, n, GROUP_ANY, &v, mask) : scn_value(s, n, GROUP_ANY, &v);

    if (ok && v.var >= 0) {
        scn_error(s, n, "a saved variable is known only when the scenario runs");
        ok = false;
    }
    *out = v.num;
    return ok;
}

static int op_register(struct scn *s, const struct node *at, const char *text, unsigned max)
{
    int reg = strcmp(text, "xzr") == 0 ? 31 : scn_register(text, max);

    if (reg < 0)
        scn_allowed(s, scn_error(s, at, "`%.20s` is no register", text), "x0..x%u", max);
    return reg;
}

/* set, expect: V registers too, their low halves. */
static int op_any_register(struct scn *s, const struct node *key)
{
    char general[8];

    if (key->text[0] == 'v' && strlen(key->text) <= 3) {
        snprintf(general, sizeof(general), "x%s", key->text + 1);
        if (scn_register(general, 31) >= 0)
            return 32 + scn_register(general, 31);
    }
    return op_register(s, key, key->text, 30);
}

static int op_sysreg(struct scn *s, const struct node *key)
{
    static const char *const names[] = {
#define X(n) #n,
        PE_SYSREGS(X)
#undef X
    };
    struct words w = {0};

    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i], key->text) == 0)
            return (int)i;
        words_add(s->arena, &w, names[i]);
    }
    diag_words(s->diags, scn_error(s, key, "unknown system register `%.40s`", key->text), &w,
               key->text);
    return -1;
}

/* set, sysreg, expect: an operation per register. smc: one for all. */
static void read_registers(struct scn *s, const struct node *n, enum script_kind kind,
                           struct op_list *out)
{
    struct script_op *op = kind == SCRIPT_SMC ? op_new(s, out, kind) : NULL;

    if (n->kind != NODE_MAP && !(node_is_empty(n) && op)) {
        scn_error(s, n, "%s, where registers must stand: {x0: value}", node_kind_name(n));
        return;
    }
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);
        int reg = kind == SCRIPT_SYSREG ? op_sysreg(s, v->key)
                  : op                  ? op_register(s, v->key, v->key->text, ABI_MAX_REGS - 1)
                                        : op_any_register(s, v->key);

        if (reg < 0) {
            path_pop(&s->path, old);
            continue;
        }
        if (op) {
            op->args |= 1u << reg;
            op_value(s, v, &op->arg[reg], NULL);
        } else {
            struct script_op *one = op_new(s, out, kind);

            one->reg = (uint8_t)reg;
            one->addr = (uint64_t)reg;
            op_value(s, v, &one->value, kind == SCRIPT_EXPECT ? &one->mask : NULL);
        }
        path_pop(&s->path, old);
    }
}

static void read_access(struct scn *s, const struct node *n, const struct op_type *t,
                        struct op_list *out)
{
    struct field f[7] = {0};
    struct script_op *op;
    int reg;

    if (!scn_read_keys(s, n, &t->set, f))
        return;
    op = op_new(s, out, t->kind);
    reg = op_register(s, f[LS_REG].node, f[LS_REG].text, 30);
    op->reg = (uint8_t)(reg < 0 ? 0 : reg);
    op->addr = f[LS_AT].value.num;
    op->size = f[LS_SIZE].node ? (uint8_t)f[LS_SIZE].value.num : 8;
    op->sign = f[LS_SIGN].value.num;
    op->sf = f[LS_SF].node ? f[LS_SF].value.num : true;
    op->no_syndrome = f[LS_NO_SYNDROME].value.num;
    if (op->size != 1 && op->size != 2 && op->size != 4 && op->size != 8)
        scn_allowed(s, scn_error(s, f[LS_SIZE].node, "no access has %u bytes", op->size),
                    "1, 2, 4, 8");
    if (!f[LS_VALUE].node)
        return;
    if (t->kind == SCRIPT_STORE) {
        op->has_value = true;
        op->value = f[LS_VALUE].value.num;
    } else { /* an operation of its own, at the next address */
        struct script_op *expect = op_new(s, out, SCRIPT_EXPECT);

        expect->reg = (uint8_t)(reg < 0 ? 0 : reg);
        expect->value = f[LS_VALUE].value.num;
    }
}

static void read_address(struct scn *s, const struct node *n, const struct op_type *t,
                         struct op_list *out)
{
    struct field f[1];

    if (scn_read_keys(s, n, &t->set, f))
        op_new(s, out, t->kind)->addr = f[0].value.num;
}

/* A register of the CPU by name. */
static uint32_t op_msr_name(struct scn *s, const struct field *f)
{
    struct words w = {0};
    uint32_t sysreg = 0;

    if (sysreg_by_name(f->text, &sysreg))
        return sysreg;
    for (unsigned i = 0; sysreg_name_at(i); i++)
        words_add(s->arena, &w, sysreg_name_at(i));
    diag_words(s->diags, scn_error(s, f->node, "unknown system register `%.40s`", f->text), &w,
               f->text);
    return 0;
}

static void read_mrs(struct scn *s, const struct node *n, const struct op_type *t,
                     struct op_list *out)
{
    struct field f[5];
    struct script_op *op;
    int reg;

    if (!scn_read_keys(s, n, &t->set, f))
        return;
    reg = op_register(s, f[MRS_REG].node, f[MRS_REG].text, 30);
    op = op_new(s, out, t->kind);
    op->reg = (uint8_t)(reg < 0 ? 0 : reg);
    if (f[MRS_FROM].node)
        op->addr = op_msr_name(s, &f[MRS_FROM]);
    else if (f[MRS_CRM].node && f[MRS_OP2].node)
        op->addr = SYSREG(3, 0, 0, f[MRS_CRM].value.num, f[MRS_OP2].value.num);
    else
        scn_error(s, n, "which register is read? `from`, or `crm` and `op2`");
    if (f[MRS_VALUE].node) { /* an operation of its own, at the next address */
        struct script_op *expect = op_new(s, out, SCRIPT_EXPECT);

        expect->reg = (uint8_t)(reg < 0 ? 0 : reg);
        expect->value = f[MRS_VALUE].value.num;
    }
}

static void read_msr(struct scn *s, const struct node *n, const struct op_type *t,
                     struct op_list *out)
{
    struct field f[3];
    struct script_op *op;
    int reg;

    if (!scn_read_keys(s, n, &t->set, f))
        return;
    reg = op_register(s, f[MSR_REG].node, f[MSR_REG].text, 30);
    op = op_new(s, out, t->kind);
    op->reg = (uint8_t)(reg < 0 ? 0 : reg);
    op->addr = op_msr_name(s, &f[MSR_TO]);
    op->has_value = f[MSR_VALUE].node != NULL;
    op->value = f[MSR_VALUE].value.num;
}

static void read_immediate(struct scn *s, const struct node *n, const struct op_type *t,
                           struct op_list *out)
{
    struct script_op *op = op_new(s, out, t->kind);

    if (!node_is_empty(n))
        scn_number(s, n, 0, 0xffff, &op->value);
}

static void read_typed_op(struct scn *s, const struct node *n, const struct op_type *t,
                          struct op_list *out)
{
    switch (t->kind) {
    case SCRIPT_LOAD:
    case SCRIPT_STORE: read_access(s, n, t, out); break;
    case SCRIPT_FETCH:
    case SCRIPT_GOTO: read_address(s, n, t, out); break;
    case SCRIPT_MRS: read_mrs(s, n, t, out); break;
    case SCRIPT_MSR: read_msr(s, n, t, out); break;
    case SCRIPT_HVC:
    case SCRIPT_SVC: read_immediate(s, n, t, out); break;
    case SCRIPT_ERET:
    case SCRIPT_WFI:
    case SCRIPT_WFE:
    case SCRIPT_END:
        op_new(s, out, t->kind);
        if (!node_is_empty(n))
            scn_error(s, n, "`%s` takes nothing", t->name);
        break;
    default: read_registers(s, n, t->kind, out); break;
    }
}

/* RSI commands with or without their prefix, PSCI functions with it. */
static const struct abi_command *realm_call_by_name(const char *name)
{
    const struct abi_command *c = abi_command_by_name(name);
    char full[64];

    if (c && (abi_command_is_rsi(c) || abi_command_is_psci(c)))
        return c;
    snprintf(full, sizeof(full), "RSI_%.50s", name);
    return abi_command_by_name(full);
}

/* HOST_CALL: {addr: 0x1000} is an SMC with x0 and x1 set. */
static void read_realm_call(struct scn *s, const struct node *n, const struct abi_command *c,
                            struct op_list *out)
{
    struct key keys[ABI_MAX_ARGS];
    struct field f[ABI_MAX_ARGS];
    struct script_op *op = op_new(s, out, SCRIPT_SMC);
    struct key_set set;

    scn_command_keys(c, keys, &set);
    op->args = 1;
    op->arg[0] = c->fid;
    if (!scn_read_keys(s, n, &set, f))
        return;
    for (unsigned i = 0; i < set.num; i++) {
        op->args |= 2u << i;
        op->arg[i + 1] = f[i].value.num;
        if (f[i].value.var >= 0)
            scn_error(s, f[i].node, "a saved variable is known only when the scenario runs");
    }
}

static void unknown_op(struct scn *s, const struct node *key)
{
    struct words w = {0};

    for (unsigned i = 0; i < scn_op_count; i++)
        words_add(s->arena, &w, scn_ops[i].name);
    words_add(s->arena, &w, LABEL);
    for (size_t i = 0; i < abi_rsi_command_count; i++)
        words_add(s->arena, &w, abi_rsi_commands[i].name);
    for (size_t i = 0; i < abi_psci_command_count; i++)
        words_add(s->arena, &w, arena_printf(s->arena, "PSCI_%s", abi_psci_commands[i].name));
    diag_words(s->diags, scn_error(s, key, "unknown operation `%.60s`", key->text), &w, key->text);
}

/* --- labels: names for addresses of operations, known in the whole script ------------------------------------- */

static bool is_label(const struct node *op)
{
    return op->kind == NODE_MAP && op->num == 1 && strcmp(op->first->key->text, LABEL) == 0;
}

/* How many addresses an operation takes (read_registers, read_access, read_mrs). */
static unsigned op_places(const struct node *op)
{
    const struct node *v = op->first;
    const char *name;

    if (op->kind != NODE_MAP || op->num != 1)
        return 0;
    name = v->key->text;
    if (strcmp(name, "set") == 0 || strcmp(name, "sysreg") == 0 || strcmp(name, "expect") == 0)
        return v->kind == NODE_MAP ? (unsigned)v->num : 0;
    if ((strcmp(name, "load") == 0 || strcmp(name, "mrs") == 0) && v->kind == NODE_MAP) {
        FOR_EACH_VALUE(field, v)
        {
            if (strcmp(field->key->text, "value") == 0)
                return 2;
        }
    }
    return 1;
}

static void add_labels(struct scn *s, const struct node *section, uint64_t pc)
{
    const struct node *ops = section;

    if (section->kind == NODE_MAP) {
        ops = NULL;
        FOR_EACH_VALUE(v, section)
        {
            if (strcmp(v->key->text, "ops") == 0)
                ops = v;
        }
    }
    if (ops == NULL || ops->kind != NODE_LIST)
        return;
    FOR_EACH_VALUE(op, ops)
    {
        if (is_label(op)) {
            const struct node *v = op->first;
            struct name *name =
                v->kind == NODE_SCALAR ? scn_add_name(s, v, v->text, v->len, NAME_LABEL) : NULL;

            if (name)
                name->value = pc;
            else if (v->kind != NODE_SCALAR)
                scn_error(s, v, "%s, where a name must stand", node_kind_name(v));
        } else {
            pc += OP_SIZE * op_places(op);
        }
    }
}

static void drop_labels(struct scn *s)
{
    while (s->num_names && s->names[s->num_names - 1].kind == NAME_LABEL)
        s->num_names--;
}

static void read_op(struct scn *s, const struct node *n, struct op_list *out)
{
    const struct node *v = n->first;
    const struct abi_command *c;
    size_t old;

    if (n->kind != NODE_MAP || n->num != 1) {
        scn_error(s, n, "an operation is one key with its value, as `- set: {x0: 1}`");
        return;
    }
    old = path_key(&s->path, v->key->text);
    c = realm_call_by_name(v->key->text);
    if (c) {
        read_realm_call(s, v, c, out);
    } else {
        unsigned i = 0;

        while (i < scn_op_count && strcmp(scn_ops[i].name, v->key->text) != 0)
            i++;
        if (i < scn_op_count)
            read_typed_op(s, v, &scn_ops[i], out);
        else
            unknown_op(s, v->key);
    }
    path_pop(&s->path, old);
}

/* op_places() and what the operations became agree. */
static void check_label(struct scn *s, const struct node *n, uint64_t pc)
{
    const struct name *name = scn_find_name(s, n->text, n->len);

    if (s->diags->num == 0 && (name == NULL || name->value != pc))
        MODEL_BUG("label `%.40s` is not where it was thought to be", n->text);
}

static void read_section(struct scn *s, const struct node *n, struct script_section *section)
{
    const struct node *ops = n;
    struct op_list list = {0};
    size_t old = s->path.len, index = 0;

    if (n->kind == NODE_MAP) {
        struct field f[2];

        if (!scn_read_keys(s, n, &scn_section_keys, f))
            return;
        section->fetched = f[SECTION_FETCHED].value.num;
        ops = f[SECTION_OPS].node;
        path_key(&s->path, "ops");
    }
    if (scn_expect_kind(s, ops, NODE_LIST, "a list of operations")) {
        FOR_EACH_VALUE(item, ops)
        {
            size_t inner = path_index(&s->path, index++);

            if (is_label(item))
                check_label(s, item->first, section->pc + OP_SIZE * list.num);
            else
                read_op(s, item, &list);
            path_pop(&s->path, inner);
        }
    }
    section->ops = list.v;
    section->num = list.num;
    path_pop(&s->path, old);
}

static void check_overlap(struct scn *s, const struct node *key, const struct script *script)
{
    const struct script_section *last = &script->sections[script->num - 1];

    for (uint32_t i = 0; i + 1 < script->num; i++) {
        const struct script_section *b = &script->sections[i];

        if (last->pc < b->pc + OP_SIZE * b->num && b->pc < last->pc + OP_SIZE * last->num)
            scn_error(s, key, "overlaps the section at 0x%llx, which ends at 0x%llx",
                      (unsigned long long)b->pc, (unsigned long long)b->pc + OP_SIZE * b->num);
    }
}

/* The address of a section is a key: a value all the same. */
static bool section_address(struct scn *s, const struct node *key, uint64_t *out)
{
    if (!scn_number(s, key, 0, 0, out))
        return false;
    if (*out % OP_SIZE != 0) {
        scn_error(s, key, "an address of operations is a multiple of 4");
        return false;
    }
    return true;
}

/* One section, at 0. */
static struct script *read_flat_script(struct scn *s, const struct node *n)
{
    struct script *script = ARENA_ARRAY(s->arena, struct script, 1);

    script->sections = ARENA_ARRAY(s->arena, struct script_section, 1);
    script->num = 1;
    add_labels(s, n, 0);
    read_section(s, n, &script->sections[0]);
    return script;
}

/* Sections by address. Labels first: an operation may name one that follows. */
static struct script *read_sections(struct scn *s, const struct node *n)
{
    struct script *script = ARENA_ARRAY(s->arena, struct script, 1);
    uint64_t *pc = ARENA_ARRAY(s->arena, uint64_t, n->num + 1);
    bool *ok = ARENA_ARRAY(s->arena, bool, n->num + 1);
    size_t i = 0;

    script->sections = ARENA_ARRAY(s->arena, struct script_section, n->num + 1);
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);

        ok[i] = section_address(s, v->key, &pc[i]);
        if (ok[i])
            add_labels(s, v, pc[i]);
        i++;
        path_pop(&s->path, old);
    }
    i = 0;
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);
        struct script_section *section = &script->sections[script->num];

        if (ok[i]) {
            section->pc = pc[i];
            script->num++;
            read_section(s, v, section);
            check_overlap(s, v->key, script);
        }
        i++;
        path_pop(&s->path, old);
    }
    return script;
}

static struct script *read_script(struct scn *s, const struct node *n)
{
    struct script *script = n->kind == NODE_MAP ? read_sections(s, n) : read_flat_script(s, n);

    drop_labels(s);
    return script;
}

static void list_script(struct scn *s, const char *name, struct script *script)
{
    struct scenario *sc = s->sc;

    sc->scripts = arena_grow(s->arena, sc->scripts, sc->num_scripts * sizeof(*sc->scripts),
                             (sc->num_scripts + 1) * sizeof(*sc->scripts));
    sc->scripts[sc->num_scripts++] = (struct script_name){name, script};
}

void scn_read_scripts(struct scn *s, const struct node *n)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from names to scripts"))
        return;
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);
        struct name *name = scn_add_name(s, v->key, v->key->text, v->key->len, NAME_SCRIPT);
        struct script *script = read_script(s, v);

        if (name) {
            s->scripts = arena_grow(s->arena, s->scripts, s->num_scripts * sizeof(*s->scripts),
                                    (s->num_scripts + 1) * sizeof(*s->scripts));
            name = scn_find_name(s, v->key->text, v->key->len);
            name->value = s->num_scripts;
            s->scripts[s->num_scripts++].script = script;
            list_script(s, name->text, script);
        }
        path_pop(&s->path, old);
    }
}
