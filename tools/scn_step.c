/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps: which kind, which keys beside it, loops, steps within steps. */
#include <string.h>

#include "scn.h"

#define MAX_STEP_KEYS 32u
#define MAX_TURNS     65536u
#define MAX_OVER      1024u

const struct step_type *const scn_step_types[] = {
    &scn_smc,          &scn_host_load,      &scn_host_store,    &scn_write,      &scn_expect_memory,
    &scn_realm_params, &scn_rec_params,     &scn_rec_run,       &scn_scan,       &scn_irq,
    &scn_secure_claim, &scn_secure_release, &scn_expect_state,  &scn_expect_reg, &scn_attach_script,
    &scn_poke,         &scn_host_reg,       &scn_broken_memory,
};
const unsigned scn_step_type_count = COUNT_OF(scn_step_types);

enum { PE, NOTE, EXPECT, EXPECT_ANY, OUT, EXIT, SAVE, WHILE_RUNNING, DURING };
const struct beside_key scn_beside[] = {
    [PE] = {{.name = "pe",
             .doc = "the PE that does it, from 0; default 0",
             .type = KEY_NUMBER,
             .max = CCA_MAX_PES - 1},
            0},
    [NOTE] = {{.name = "note", .doc = "why this step; printed when it fails", .type = KEY_TEXT}, 0},
    [EXPECT] = {{.name = "expect",
                 .doc = "status that the call must return, as RMI_ERROR_RTT/2; `any`: none is "
                        "claimed; default RMI_SUCCESS",
                 .type = KEY_NODE,
                 .form = FORM_STATUS},
                BESIDE_CALL},
    [EXPECT_ANY] = {{.name = "expect_any",
                     .doc = "statuses of which the call must return one",
                     .type = KEY_NODE,
                     .form = FORM_STATUSES},
                    BESIDE_CALL},
    [OUT] = {{.name = "out",
              .doc = "values of output registers, by register or by name",
              .type = KEY_NODE,
              .form = FORM_FIELD_MAP},
             BESIDE_CALL},
    [EXIT] = {{.name = "exit",
               .doc = "fields of RmiRecExit after the call",
               .type = KEY_NODE,
               .form = FORM_FIELD_MAP},
              BESIDE_ENTER},
    [SAVE] = {{.name = "save",
               .doc = "names for output registers or exit fields, to be used by later steps",
               .type = KEY_NODE,
               .form = FORM_TEXT_MAP},
              BESIDE_CALL},
    [WHILE_RUNNING] = {{.name = "while_running",
                        .doc = "steps of other PEs while the Realm runs",
                        .type = KEY_NODE,
                        .form = FORM_STEPS},
                       BESIDE_ENTER},
    [DURING] = {{.name = "during",
                 .doc = "steps that happen at an event within the call",
                 .type = KEY_NODE,
                 .form = FORM_DURING},
                BESIDE_CALL},
};
const unsigned scn_beside_count = COUNT_OF(scn_beside);

enum { REPEAT_COUNT, REPEAT_FROM, REPEAT_TO, REPEAT_STEP, REPEAT_OVER, REPEAT_VAR, REPEAT_STEPS };
const struct key_set scn_repeat_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [REPEAT_COUNT] = {"count", "number of turns: the variable is 0, 1 ...",
                              .type = KEY_NUMBER, .max = MAX_TURNS},
            [REPEAT_FROM] = {"from", "first value of the variable", .type = KEY_NUMBER},
            [REPEAT_TO] = {"to", "the variable stays below this", .type = KEY_NUMBER},
            [REPEAT_STEP] = {"step", "added in each turn; default 1", .type = KEY_NUMBER, .min = 1},
            [REPEAT_OVER] = {"over", "values of the variable; `rtt.*` is every granule of an array",
                             .type = KEY_NODE, .form = FORM_VALUES},
            [REPEAT_VAR] = {"var", "name of the variable; default i", .type = KEY_TEXT},
            [REPEAT_STEPS] = {"steps", "what is done in each turn", .type = KEY_NODE,
                              .form = FORM_STEPS, .required = true},
        },
    .num = 7,
};

enum { DURING_EVENT, DURING_N, DURING_STEPS };
const struct key_set scn_during_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [DURING_EVENT] = {"event", "kind of event, as `copy-from-ns` or `unlock`",
                              .type = KEY_TEXT, .required = true},
            [DURING_N] = {"n", "at the n-th of its kind; default 1", .type = KEY_NUMBER, .min = 1},
            [DURING_STEPS] = {"steps", "what happens then", .type = KEY_NODE, .form = FORM_STEPS,
                              .required = true},
        },
    .num = 3,
};

enum group scn_group_of(const struct abi_command *c, const struct abi_field *f)
{
    switch (f->kind) {
    case ABI_STATE: return GROUP_HIPAS;
    case ABI_RIPAS: return GROUP_RIPAS;
    case ABI_STATUS: return GROUP_PSCI_STATUS;
    case ABI_FLAGS: return c->fid == RMI_DATA_CREATE ? GROUP_DATA_FLAGS : GROUP_NUMBER;
    case ABI_UINT: return c->fid == PSCI_FEATURES ? GROUP_FID : GROUP_NUMBER;
    default: return GROUP_NUMBER;
    }
}

void scn_command_keys(const struct abi_command *c, struct key keys[ABI_MAX_ARGS],
                      struct key_set *set)
{
    unsigned n = abi_command_num_in(c);

    for (unsigned i = 0; i < n; i++)
        keys[i] = (struct key){.name = c->in[i].name,
                               .doc = "",
                               .type = KEY_VALUE,
                               .required = true,
                               .group = scn_group_of(c, &c->in[i])};
    *set = (struct key_set){"argument", keys, n, true};
}

/* --- one step --- */

/* Without `pe:`, the first PE that is not in a call around the step. */
static uint8_t free_pe(const struct scn *s)
{
    uint8_t pe = 0;

    while (s->busy_pes >> pe & 1)
        pe++;
    return pe;
}

static struct step *step_new(struct scn *s, struct step_list *list, const struct node *n)
{
    struct step *st;

    if (list->num == list->capacity) {
        unsigned cap = list->capacity ? 2 * list->capacity : 4;

        list->v = arena_grow(s->arena, list->v, list->num * sizeof(*st), cap * sizeof(*st));
        list->capacity = cap;
    }
    st = &list->v[list->num++];
    st->loc = scn_loc(s, n);
    st->path = arena_strdup(s->arena, s->path.text);
    st->pe = free_pe(s);
    st->number = ++s->sc->total_steps;
    return st;
}

static const struct step_type *type_by_name(const char *name)
{
    for (unsigned i = 0; i < scn_step_type_count; i++) {
        if (strcmp(scn_step_types[i]->name, name) == 0)
            return scn_step_types[i];
    }
    return NULL;
}

static bool is_realm_call(const char *name)
{
    const struct abi_command *c = abi_command_by_name(name);

    return c && (abi_command_is_rsi(c) || abi_command_is_psci(c));
}

static const struct abi_command *command_by_name(const struct scn *s, const char *name)
{
    const struct abi_command *c = abi_command_by_name(name);

    /* one spelling: without the prefix */
    return c && strcmp(c->name, name) == 0 && c->since <= s->sc->abi ? c : NULL;
}

static bool is_kind(const struct scn *s, const char *name)
{
    return type_by_name(name) || command_by_name(s, name) || strcmp(name, "repeat") == 0;
}

static const struct beside_key *beside_by_name(const char *name)
{
    for (unsigned i = 0; i < scn_beside_count; i++) {
        if (strcmp(scn_beside[i].key.name, name) == 0)
            return &scn_beside[i];
    }
    return NULL;
}

static void unknown_step_key(struct scn *s, const struct node *key, bool has_kind)
{
    struct words w = {0};
    struct diag *d;
    const char *near_match;

    if (is_realm_call(key->text)) {
        scn_error(s, key, "%s is a call of the Realm: it belongs into `code:` or `script:`",
                  key->text);
        return;
    }
    for (unsigned i = 0; i < scn_beside_count; i++)
        words_add(s->arena, &w, scn_beside[i].key.name);
    for (unsigned i = 0; i < scn_step_type_count; i++)
        words_add(s->arena, &w, scn_step_types[i]->name);
    words_add(s->arena, &w, "repeat");
    for (size_t i = 0; i < abi_rmi_command_count; i++)
        words_add(s->arena, &w, abi_rmi_commands[i].name);
    d = scn_error(s, key, "unknown %s `%.80s`", has_kind ? "key" : "step", key->text);
    near_match = words_nearest(&w, key->text);
    if (d && near_match)
        d->near_match = arena_strdup(s->diags->arena, near_match);
    if (d && has_kind) {
        w.num = scn_beside_count;
        near_match = d->near_match;
        diag_words(s->diags, d, &w, key->text);
        d->near_match = near_match;
    } else {
        scn_allowed(s, d,
                    "an RMI command, smc, host_load, host_store, write, expect_memory, "
                    "realm_params, rec_params, rec_run, scan, irq, secure_claim, secure_release, "
                    "expect_state, expect_reg, attach_script, host_reg, "
                    "broken_memory, poke, repeat");
    }
}

static bool kind_takes(unsigned beside, const struct beside_key *b)
{
    return b->with == 0 ? beside != BESIDE_NOTHING : (b->with & beside) != 0;
}

/* The keys beside the kind that make no sense with it. */
static void check_beside(struct scn *s, const struct node *n, const struct node *kind,
                         unsigned beside)
{
    FOR_EACH_VALUE(v, n)
    {
        const struct beside_key *b = beside_by_name(v->key->text);
        size_t old = path_key(&s->path, v->key->text);

        if (v == kind)
            ;
        else if (b && !kind_takes(beside, b))
            scn_error(s, v->key, "`%s` has no meaning beside `%s`", b->key.name, kind->key->text);
        else if (!b && is_kind(s, v->key->text))
            scn_error(s, v->key, "a second step in one: `%s` and `%s`; start it with `- `",
                      kind->key->text, v->key->text);
        else if (!b)
            unknown_step_key(s, v->key, true);
        path_pop(&s->path, old);
    }
}

/* Which of the keys says what kind of step this is. NULL: reported. */
static const struct node *find_kind(struct scn *s, const struct node *n)
{
    const struct node *stray = NULL;

    if (!scn_expect_kind(s, n, NODE_MAP, "a step, as `- GRANULE_DELEGATE: rd`,"))
        return NULL;
    FOR_EACH_VALUE(v, n)
    {
        if (is_kind(s, v->key->text))
            return v;
        if (!beside_by_name(v->key->text))
            stray = v;
    }
    if (stray)
        unknown_step_key(s, stray->key, false);
    else
        scn_error(s, n, "a step without a kind: it has only keys that stand beside one");
    return NULL;
}

static void read_pe(struct scn *s, const struct node *n, struct step *st)
{
    struct field f;

    if (!scn_read_key(s, n, &scn_beside[PE].key, &f))
        return;
    if (f.value.num >= s->sc->impl.num_pes)
        scn_allowed(s, scn_error(s, n, "the machine has no PE %u", (unsigned)f.value.num), "0..%u",
                    s->sc->impl.num_pes - 1);
    else if (s->busy_pes >> f.value.num & 1)
        scn_error(s, n, "PE %u is in the call around this step", (unsigned)f.value.num);
    else
        st->pe = (uint8_t)f.value.num;
}

/* Steps of other PEs while the one of `st` is in its call. */
static void read_nested(struct scn *s, const struct node *n, const struct step *st, struct step **v,
                        unsigned *num)
{
    struct step_list list = {0};
    unsigned busy = s->busy_pes;

    s->busy_pes |= 1u << st->pe;
    if (free_pe(s) >= s->sc->impl.num_pes)
        scn_error(s, n, "no PE is left: %s in a call; give the machine more (machine.pes)",
                  s->sc->impl.num_pes == 1 ? "the only one is" : "all are");
    else
        scn_read_steps(s, n, &list);
    s->busy_pes = busy;
    *v = list.v;
    *num = list.num;
}

static void read_during_one(struct scn *s, const struct node *n, const struct step *st,
                            struct during *d)
{
    struct field f[3];
    struct words w = {0};
    size_t old;

    d->loc = scn_loc(s, n);
    if (!scn_read_keys(s, n, &scn_during_keys, f))
        return;
    d->n = f[DURING_N].node ? f[DURING_N].value.num : 1;
    d->event = event_by_name(f[DURING_EVENT].text);
    if (d->event == EV_COUNT) {
        for (unsigned i = 0; i < EV_COUNT; i++)
            words_add(s->arena, &w, event_name(i));
        diag_words(
            s->diags,
            scn_error(s, f[DURING_EVENT].node, "unknown event `%.60s`", f[DURING_EVENT].text), &w,
            f[DURING_EVENT].text);
    }
    old = path_key(&s->path, "steps");
    read_nested(s, f[DURING_STEPS].node, st, &d->steps, &d->num_steps);
    path_pop(&s->path, old);
}

static void read_during(struct scn *s, const struct node *n, struct step *st)
{
    if (!scn_expect_kind(s, n, NODE_LIST, "a list of {event, n, steps}"))
        return;
    st->during = ARENA_ARRAY(s->arena, struct during, n->num);
    FOR_EACH_VALUE(item, n)
    {
        size_t old = path_index(&s->path, st->num_during);

        read_during_one(s, item, st, &st->during[st->num_during++]);
        path_pop(&s->path, old);
    }
}

static void read_beside(struct scn *s, const struct node *n, unsigned which, struct step *st)
{
    size_t old = path_key(&s->path, scn_beside[which].key.name);

    switch (which) {
    case PE: read_pe(s, n, st); break;
    case NOTE:
        if (scn_expect_kind(s, n, NODE_SCALAR, "a text"))
            st->note = arena_strdup(s->arena, n->text);
        break;
    case EXPECT:
    case EXPECT_ANY: scn_read_expect(s, n, st); break;
    case OUT: scn_read_out(s, n, st); break;
    case EXIT: scn_read_exit(s, n, st); break;
    case SAVE: scn_read_save(s, n, st); break;
    case WHILE_RUNNING: read_nested(s, n, st, &st->running, &st->num_running); break;
    case DURING: read_during(s, n, st); break;
    default: break;
    }
    path_pop(&s->path, old);
}

static void read_all_beside(struct scn *s, const struct node *n, unsigned beside, struct step *st)
{
    for (unsigned i = 0; i < scn_beside_count; i++) {
        const struct node *v = node_get(n, scn_beside[i].key.name);

        if (v && kind_takes(beside, &scn_beside[i]))
            read_beside(s, v, i, st);
    }
    if (node_get(n, "expect") && node_get(n, "expect_any"))
        scn_error(s, n, "both `expect` and `expect_any`: write one of them");
}

static void read_command(struct scn *s, const struct node *n, const struct node *v,
                         const struct abi_command *c, struct step *st)
{
    unsigned beside = BESIDE_CALL | (c->fid == RMI_REC_ENTER ? BESIDE_ENTER : 0);
    struct key keys[ABI_MAX_ARGS];
    struct field f[ABI_MAX_ARGS];
    struct key_set set;
    size_t old = path_key(&s->path, v->key->text);

    scn_command_keys(c, keys, &set);
    st->kind = STEP_CALL;
    if (scn_read_keys(s, v, &set, f))
        scn_build_call(s, c, f, st);
    path_pop(&s->path, old);
    st->u.call.cmd = c;
    check_beside(s, n, v, beside);
    read_all_beside(s, n, beside, st);
}

static void read_typed(struct scn *s, const struct node *n, const struct node *v,
                       const struct step_type *t, struct step *st)
{
    struct field f[MAX_STEP_KEYS];
    size_t old = path_key(&s->path, t->name);

    st->kind = t->kind;
    if (scn_read_keys(s, v, &t->set, f))
        t->build(s, v, f, st);
    path_pop(&s->path, old);
    check_beside(s, n, v, t->beside);
    read_all_beside(s, n, t->beside, st);
}

/* --- loops --- */

struct turns {
    struct value *over; /* NULL: from, from + step ... */
    uint64_t from, step, count;
};

static bool count_range(struct scn *s, const struct node *n, const struct field *f, struct turns *t)
{
    uint64_t to;

    t->step = f[REPEAT_STEP].node ? f[REPEAT_STEP].value.num : 1;
    t->from = f[REPEAT_FROM].value.num;
    if (f[REPEAT_COUNT].node) {
        t->count = f[REPEAT_COUNT].value.num;
        return true;
    }
    to = f[REPEAT_TO].value.num;
    t->count = to > t->from ? (to - t->from + t->step - 1) / t->step : 0;
    if (t->count <= MAX_TURNS)
        return true;
    scn_allowed(s, scn_error(s, n, "too many turns"), "%u", MAX_TURNS);
    return false;
}

static bool read_over(struct scn *s, const struct node *n, struct turns *t)
{
    size_t old = path_key(&s->path, "over");
    int num;

    t->over = ARENA_ARRAY(s->arena, struct value, MAX_OVER);
    num = scn_values(s, n, MAX_OVER, t->over);
    t->count = num < 0 ? 0 : (uint64_t)num;
    for (int i = 0; i < num; i++) {
        if (t->over[i].var >= 0) {
            scn_error(s, n, "a saved variable is known only when the scenario runs");
            num = -1;
        }
    }
    path_pop(&s->path, old);
    return num >= 0;
}

/* How often, from which of the three ways to say it. */
static bool read_turns(struct scn *s, const struct node *n, const struct field *f, struct turns *t)
{
    bool has_count = f[REPEAT_COUNT].node, has_to = f[REPEAT_TO].node;
    bool has_over = f[REPEAT_OVER].node;

    if (has_count + has_to + has_over != 1) {
        scn_allowed(s, scn_error(s, n, "`repeat` needs one of `count`, `to` and `over`"),
                    "{count: 4}, {from: 0, to: 8M, step: 4K}, {over: [rd, rec]}");
        return false;
    }
    return has_over ? read_over(s, f[REPEAT_OVER].node, t) : count_range(s, n, f, t);
}

static void drop_name(struct scn *s, struct name *name)
{
    size_t after = (size_t)(s->names + s->num_names - (name + 1));

    memmove(name, name + 1, after * sizeof(*name));
    s->num_names--;
}

static void read_repeat(struct scn *s, const struct node *v, struct step_list *out)
{
    struct field f[7];
    struct turns t = {0};
    const char *var = "i";
    struct name *name;
    size_t old;

    if (!scn_read_keys(s, v, &scn_repeat_keys, f) || !read_turns(s, v, f, &t))
        return;
    if (f[REPEAT_VAR].node)
        var = f[REPEAT_VAR].text;
    name =
        scn_add_name(s, f[REPEAT_VAR].node ? f[REPEAT_VAR].node : v, var, strlen(var), NAME_LOOP);
    if (!name)
        return;
    old = s->path.len;
    for (uint64_t i = 0; i < t.count && !s->too_many_steps; i++) {
        /* names may move: a save in the loop adds one */
        name = scn_find_name(s, var, strlen(var));
        name->value = t.over ? t.over[i].num : t.from + i * t.step;
        path_index(&s->path, i);
        path_key(&s->path, "steps");
        scn_read_steps(s, f[REPEAT_STEPS].node, out);
        path_pop(&s->path, old);
    }
    drop_name(s, scn_find_name(s, var, strlen(var))); /* the name ends with the loop */
}

/* --- lists of steps --- */

static void read_step(struct scn *s, const struct node *n, struct step_list *out)
{
    const struct node *v = find_kind(s, n);
    const struct abi_command *c;
    struct step *st;

    if (!v)
        return;
    if (strcmp(v->key->text, "repeat") == 0) {
        size_t old = path_key(&s->path, "repeat");

        read_repeat(s, v, out);
        path_pop(&s->path, old);
        check_beside(s, n, v, BESIDE_NOTHING);
        return;
    }
    st = step_new(s, out, n);
    c = command_by_name(s, v->key->text);
    if (c)
        read_command(s, n, v, c, st);
    else
        read_typed(s, n, v, type_by_name(v->key->text), st);
}

void scn_read_steps(struct scn *s, const struct node *n, struct step_list *out)
{
    size_t index = 0;

    if (!scn_expect_kind(s, n, NODE_LIST, "a list of steps"))
        return;
    FOR_EACH_VALUE(item, n)
    {
        size_t old = path_index(&s->path, index++);

        if (s->sc->total_steps >= SCENARIO_MAX_STEPS) {
            if (!s->too_many_steps)
                scn_allowed(s, scn_error(s, item, "too many steps after unrolling loops"), "%u",
                            SCENARIO_MAX_STEPS);
            s->too_many_steps = true;
        } else {
            read_step(s, item, out);
        }
        path_pop(&s->path, old);
    }
}
