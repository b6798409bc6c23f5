/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps that are neither calls nor byte strings: loads and stores, interrupts, faults, claims
 * about the state. */
#include <stdio.h>
#include <string.h>

#include <ccasim/machine.h>

#include "scn.h"

/* In the order of enum world, enum pas and enum gst_state. */
static const char *const worlds[] = {"ns", "secure", "realm", "root", NULL};
static const char *const spaces[] = {"ns", "secure", "realm", "root", NULL};
static const char *const states[] = {"UNDELEGATED", "DELEGATED", "RD",  "REC",
                                     "REC_AUX",     "DATA",      "RTT", NULL};
static const char *const faults[] = {"none", "gpf", "any", NULL};
_Static_assert(COUNT_OF(worlds) == WORLD_COUNT + 1, "a name per world");
_Static_assert(COUNT_OF(spaces) == PAS_COUNT + 1, "a name per PAS");
_Static_assert(COUNT_OF(states) == GST_STATE_COUNT + 1, "a name per granule state");

static void check_size(struct scn *s, const struct field *f, uint8_t *size)
{
    uint64_t n = f->node ? f->value.num : 8;

    if (n != 1 && n != 2 && n != 4 && n != 8)
        scn_allowed(s, scn_error(s, f->node, "no access has %llu bytes", (unsigned long long)n),
                    "1, 2, 4, 8");
    *size = (uint8_t)n;
}

/* A choice, or -1 when it was not given. */
static int choice(const struct field *f)
{
    return f->node ? (int)f->value.num : -1;
}

/* --- loads and stores --- */

enum { AT, SIZE, VALUE, WORLD, PAS, FAULT, ESR };

static void build_access(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    (void)n;
    st->u.access.addr = f[AT].value;
    check_size(s, &f[SIZE], &st->u.access.size);
    st->u.access.world = f[WORLD].node ? (enum world)f[WORLD].value.num : WORLD_NS;
    /* software of a world means its own address space unless it says otherwise */
    st->u.access.pas = (enum pas)(f[PAS].node ? f[PAS].value.num : st->u.access.world);
    st->u.access.has_value = f[VALUE].node != NULL;
    st->u.access.value = f[VALUE].value;
    st->u.access.must = f[FAULT].value.num == 0   ? ACCESS_MUST_WORK
                        : f[FAULT].value.num == 1 ? ACCESS_MUST_GPF
                                                  : ACCESS_MUST_FAULT;
    st->u.access.has_esr = f[ESR].node != NULL;
    st->u.access.esr = f[ESR].value.num;
    if (f[ESR].node && !f[FAULT].node)
        scn_error(s, f[ESR].node, "`esr` is the syndrome of a fault: say which with `fault`");
}

#define ACCESS_KEYS(value_doc, value_required)                                                    \
    (const struct key[])                                                                          \
    {                                                                                             \
        [AT] = {"at", "physical address", .type = KEY_VALUE, .required = true},                   \
        [SIZE] = {"size", "bytes: 1, 2, 4, 8; default 8", .type = KEY_NUMBER, .max = 8},          \
        [VALUE] = {"value", value_doc, .type = KEY_VALUE, .required = (value_required),           \
                   .group = GROUP_ANY},                                                           \
        [WORLD] = {"world", "whose software; default ns", .type = KEY_CHOICE, .choices = worlds}, \
        [PAS] = {"pas", "address space of the access; default that of the world",                 \
                 .type = KEY_CHOICE, .choices = spaces},                                          \
        [FAULT] = {"fault", "the access must fault: gpf, a granule protection fault; any",        \
                   .type = KEY_CHOICE, .choices = faults},                                        \
        [ESR] = {"esr", "syndrome of the fault", .type = KEY_NUMBER},                             \
    }

const struct step_type scn_host_load = {
    .name = "host_load",
    .doc = "a load by the host, or by software of another world",
    .set = {.what = "key", .keys = ACCESS_KEYS("value that it must give", false), .num = 7},
    .kind = STEP_LOAD,
    .build = build_access,
};
const struct step_type scn_host_store = {
    .name = "host_store",
    .doc = "a store by the host, or by software of another world",
    .set = {.what = "key", .keys = ACCESS_KEYS("value that is stored", true), .num = 7},
    .kind = STEP_STORE,
    .build = build_access,
};

/* --- interrupts, the Secure world, flipped bits --- */

static const char *const lines[] = {"irq", "fiq", "serror", NULL}; /* LINE_IRQ .. */
/* ESR_ELx.ISS.AET of an SError, in the order of its values; SET of an external abort likewise. */
static const char *const aets[] = {"UC", "UEU", "UEO", "UER", NULL};
static const char *const sets[] = {"UER", "none", "UC", "UEO", NULL};

#define ISS_SERROR_ASYNC 0x11u /* DFSC */
#define ISS_AET_SHIFT    10

enum { IRQ_AFTER, IRQ_LINE, IRQ_AET, IRQ_ISS };
static void build_irq(struct scn *s, const struct node *n, const struct field *f, struct step *st)
{
    (void)n;
    st->u.irq.after = f[IRQ_AFTER].value.num;
    st->u.irq.line = f[IRQ_LINE].value.num == LINE_FIQ      ? LINE_FIQ
                     : f[IRQ_LINE].value.num == LINE_SERROR ? LINE_SERROR
                                                            : LINE_IRQ;
    st->u.irq.iss = f[IRQ_ISS].node ? f[IRQ_ISS].value.num
                                    : ISS_SERROR_ASYNC | f[IRQ_AET].value.num << ISS_AET_SHIFT;
    if (st->u.irq.line != LINE_SERROR) {
        st->u.irq.iss = 0;
        if (f[IRQ_AET].node || f[IRQ_ISS].node)
            scn_error(s, f[IRQ_AET].node ? f[IRQ_AET].node : f[IRQ_ISS].node,
                      "only an SError has a syndrome: say `line: serror`");
    }
}

const struct step_type scn_irq = {
    .name = "irq",
    .doc = "an interrupt for the host becomes pending at the PE `pe`",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [IRQ_AFTER] = {"after", "instructions from now; default 0: now",
                                   .type = KEY_NUMBER},
                    [IRQ_LINE] = {"line", "default irq", .type = KEY_CHOICE, .choices = lines},
                    [IRQ_AET] = {"aet", "an SError's severity; default UC", .type = KEY_CHOICE,
                                 .choices = aets},
                    [IRQ_ISS] = {"iss", "its whole syndrome instead: ISS of ESR_EL2",
                                 .type = KEY_NUMBER, .max = 0x1ffffff},
                },
            .num = 4},
    .kind = STEP_IRQ,
    .build = build_irq,
};

enum { BROKEN_AT, BROKEN_SET };
#define BROKEN_NONE 1 /* in `sets` */
static void build_broken(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    (void)s;
    (void)n;
    st->u.broken.addr = f[BROKEN_AT].value;
    st->u.broken.set = f[BROKEN_SET].value.num == BROKEN_NONE ? -1 : (int)f[BROKEN_SET].value.num;
}

const struct step_type scn_broken_memory = {
    .name = "broken_memory",
    .doc = "fault injection: accesses of Realms to this granule take an external abort",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [BROKEN_AT] = {"at", "granule", .type = KEY_VALUE, .required = true},
                    [BROKEN_SET] = {"set", "how bad the error is; none: repaired; default UER",
                                    .type = KEY_CHOICE, .choices = sets},
                },
            .num = 2,
            .positional = true},
    .kind = STEP_BROKEN,
    .build = build_broken,
};

enum { SECURE_AT, SECURE_EXPECT };
static const char *const claim_ends[] = {"refused", NULL};

static void build_secure(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    (void)s;
    (void)n;
    st->u.secure.addr = f[SECURE_AT].value;
    st->u.secure.refused = f[SECURE_EXPECT].node != NULL;
}

static void build_claim(struct scn *s, const struct node *n, const struct field *f, struct step *st)
{
    build_secure(s, n, f, st);
    st->u.secure.claim = true;
}

#define SECURE_KEYS                                                                   \
    {                                                                                 \
        .what = "key",                                                                \
        .keys =                                                                       \
            (const struct key[]){                                                     \
                [SECURE_AT] = {"at", "granule", .type = KEY_VALUE, .required = true}, \
                [SECURE_EXPECT] = {"expect", "EL3M must refuse", .type = KEY_CHOICE,  \
                                   .choices = claim_ends},                            \
            },                                                                        \
        .num = 2, .positional = true                                                  \
    }
const struct step_type scn_secure_claim = {
    .name = "secure_claim",
    .doc = "the Secure world takes a granule of the host",
    .set = SECURE_KEYS,
    .kind = STEP_SECURE_CLAIM,
    .build = build_claim,
};
const struct step_type scn_secure_release = {
    .name = "secure_release",
    .doc = "the Secure world gives a granule back to the host",
    .set = SECURE_KEYS,
    .kind = STEP_SECURE_CLAIM,
    .build = build_secure,
};

enum { POKE_AT, POKE_SIZE, POKE_FLIP };
static void build_poke(struct scn *s, const struct node *n, const struct field *f, struct step *st)
{
    (void)n;
    st->u.poke.addr = f[POKE_AT].value;
    st->u.poke.flip = f[POKE_FLIP].value.num;
    check_size(s, &f[POKE_SIZE], &st->u.poke.size);
}

const struct step_type scn_poke = {
    .name = "poke",
    .doc = "fault injection: flips bits of any DRAM, with no check and behind everybody's back",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [POKE_AT] = {"at", "physical address", .type = KEY_VALUE, .required = true},
                    [POKE_SIZE] = {"size", "bytes: 1, 2, 4, 8; default 8", .type = KEY_NUMBER,
                                   .max = 8},
                    [POKE_FLIP] = {"flip", "bits that change", .type = KEY_NUMBER,
                                   .required = true},
                },
            .num = 3},
    .kind = STEP_POKE,
    .build = build_poke,
};

/* --- claims --- */

enum { STATE_AT, STATE_STATE, STATE_PAS, STATE_REFCOUNT };
static void build_expect_state(struct scn *s, const struct node *n, const struct field *f,
                               struct step *st)
{
    st->u.state.addr = f[STATE_AT].value;
    st->u.state.state = choice(&f[STATE_STATE]);
    st->u.state.pas = choice(&f[STATE_PAS]);
    st->u.state.refcount = choice(&f[STATE_REFCOUNT]);
    if (!f[STATE_STATE].node && !f[STATE_PAS].node && !f[STATE_REFCOUNT].node)
        scn_allowed(s, scn_error(s, n, "nothing is claimed"), "state, pas, refcount");
}

const struct step_type scn_expect_state = {
    .name = "expect_state",
    .doc = "a claim about a granule",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [STATE_AT] = {"at", "granule", .type = KEY_VALUE, .required = true},
                    [STATE_STATE] = {"state", "what the RMM holds it for", .type = KEY_CHOICE,
                                     .choices = states},
                    [STATE_PAS] = {"pas", "address space that the GPT gives it to",
                                   .type = KEY_CHOICE, .choices = spaces},
                    [STATE_REFCOUNT] = {"refcount",
                                        "RD: RECs; REC: 1 while it runs; RTT: live entries",
                                        .type = KEY_NUMBER, .max = 512},
                },
            .num = 4},
    .kind = STEP_EXPECT_STATE,
    .build = build_expect_state,
};

enum { REG_REC, REG_REG, REG_VAR, REG_VALUE, REG_MASK };

#define REG_PC     31
#define REG_PSTATE 32
#define REG_SYS    33
static const char *const sysregs[] = {
#define X(n) #n,
    PE_SYSREGS(X)
#undef X
};

/* v0..v31: the low half. */
static int simd_number(const char *text)
{
    char general[8];

    if (text[0] != 'v' || strlen(text) > 3)
        return -1;
    snprintf(general, sizeof(general), "x%s", text + 1);
    return scn_register(general, 31);
}

static int register_number(struct scn *s, const struct field *f)
{
    struct words w = {0};
    int reg = scn_register(f->text, 30);

    if (reg >= 0)
        return reg;
    reg = simd_number(f->text);
    if (reg >= 0)
        return REG_V0 + reg;
    if (strcmp(f->text, "pc") == 0)
        return REG_PC;
    if (strcmp(f->text, "pstate") == 0)
        return REG_PSTATE;
    words_add(s->arena, &w, "x0..x30");
    words_add(s->arena, &w, "v0..v31");
    words_add(s->arena, &w, "pc");
    words_add(s->arena, &w, "pstate");
    for (unsigned i = 0; i < COUNT_OF(sysregs); i++) {
        if (strcmp(f->text, sysregs[i]) == 0)
            return REG_SYS + (int)i;
        words_add(s->arena, &w, sysregs[i]);
    }
    diag_words(s->diags, scn_error(s, f->node, "no register is called `%.40s`", f->text), &w,
               f->text);
    return -1;
}

static void build_expect_reg(struct scn *s, const struct node *n, const struct field *f,
                             struct step *st)
{
    st->u.reg.rec = f[REG_REC].value;
    st->u.reg.var = -1;
    st->u.reg.value = f[REG_VALUE].value;
    st->u.reg.mask = f[REG_MASK].node ? f[REG_MASK].value.num : UINT64_MAX;
    if (f[REG_VAR].node && !f[REG_REC].node && !f[REG_REG].node) {
        st->u.reg.var = scn_reference(s, f[REG_VAR].node, NAME_VAR);
        st->u.reg.reg_name = f[REG_VAR].text;
    } else if (f[REG_REG].node && !f[REG_VAR].node) {
        st->u.reg.host = !f[REG_REC].node;
        st->u.reg.reg = register_number(s, &f[REG_REG]);
        st->u.reg.reg_name = f[REG_REG].text;
    } else {
        scn_allowed(s, scn_error(s, n, "either a register, or a saved variable"),
                    "{rec: rec, reg: x0, value: 1}, {reg: v0, value: 1}, {var: name, value: 1}");
    }
}

const struct step_type scn_expect_reg = {
    .name = "expect_reg",
    .doc = "a claim about a register of a REC that does not run, or about a saved variable",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [REG_REC] = {"rec", "the REC; without it the host's register on the PE",
                                 .type = KEY_VALUE},
                    [REG_REG] = {"reg", "x0..x30, v0..v31, pc, pstate, SP_EL1 ...",
                                 .type = KEY_TEXT},
                    [REG_VAR] = {"var", "a saved variable instead", .type = KEY_TEXT},
                    [REG_VALUE] = {"value", "what it must hold", .type = KEY_VALUE,
                                   .group = GROUP_ANY, .required = true},
                    [REG_MASK] = {"mask", "bits that count; default all", .type = KEY_NUMBER},
                },
            .num = 5},
    .kind = STEP_EXPECT_REG,
    .build = build_expect_reg,
};

enum { HOST_REG, HOST_VALUE };
static void build_host_reg(struct scn *s, const struct node *n, const struct field *f,
                           struct step *st)
{
    (void)n;
    st->u.reg.var = -1;
    st->u.reg.host = true;
    st->u.reg.reg = register_number(s, &f[HOST_REG]);
    st->u.reg.reg_name = f[HOST_REG].text;
    st->u.reg.value = f[HOST_VALUE].value;
}

const struct step_type scn_host_reg = {
    .name = "host_reg",
    .doc = "the host puts a value into a register of the PE `pe`",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [HOST_REG] = {"reg", "v0..v31, FPCR ...", .type = KEY_TEXT, .required = true},
                    [HOST_VALUE] = {"value", "the value", .type = KEY_VALUE, .group = GROUP_ANY,
                                    .required = true},
                },
            .num = 2},
    .kind = STEP_HOST_REG,
    .build = build_host_reg,
};

/* --- scripted Realms --- */

enum { ATTACH_SCRIPT, ATTACH_RD };
static void build_attach(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    int index = scn_reference(s, f[ATTACH_SCRIPT].node, NAME_SCRIPT);

    (void)n;
    st->u.script.script = index >= 0 ? s->scripts[index].script : NULL;
    st->u.script.rd = f[ATTACH_RD].value;
}

const struct step_type scn_attach_script = {
    .name = "attach_script",
    .doc = "RECs of this Realm run the script from now on",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [ATTACH_SCRIPT] = {"script", "its name in `script:`", .type = KEY_TEXT,
                                       .required = true},
                    [ATTACH_RD] = {"rd", "the Realm; default every Realm", .type = KEY_VALUE},
                },
            .num = 2,
            .positional = true},
    .kind = STEP_SCRIPT,
    .build = build_attach,
};
