/* SPDX-License-Identifier: BSD-3-Clause */
/* The file as a whole: its sections, in the order in which they depend on each other; preludes. */
#include <string.h>

#include "scn.h"

#define MAX_USE_DEPTH 8u

/* --- key tables --- */

enum { LIMIT_INSNS };
const struct key_set scn_limits_keys = {
    .what = "key",
    .keys = (const struct key[]){[LIMIT_INSNS] = {"insns",
                                                  "instructions of one REC_ENTER; default 10 M",
                                                  .type = KEY_NUMBER, .min = 1}},
    .num = 1,
};

enum { USE_FILE, USE_WITH };
const struct key_set scn_use_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [USE_FILE] = {"file", "a prelude: its granules, code and steps come first",
                          .type = KEY_TEXT, .required = true},
            [USE_WITH] = {"with", "values for names in the prelude's `let:`", .type = KEY_NODE,
                          .form = FORM_VALUE_MAP},
        },
    .num = 2,
};

enum {
    T_CCASIM,
    T_TAGS,
    T_ABI,
    T_IMPL,
    T_MACHINE,
    T_LIMITS,
    T_LET,
    T_USE,
    T_GRANULES,
    T_G,
    T_CODE,
    T_SCRIPT,
    T_STEPS,
    T_COUNT
};
#define VERSION_KEY                                                                   \
    {                                                                                 \
        "ccasim", "version of the format: 1", .type = KEY_NUMBER, .min = 1, .max = 1, \
                                              .required = true                        \
    }
#define TAGS_KEY                                                                     \
    {                                                                                \
        "tags", "words for `ccasim run --tag`", .type = KEY_NODE, .form = FORM_TEXTS \
    }
#define SHARED_KEYS                                                                    \
    [T_LET] = {"let", "names for numbers", .type = KEY_NODE, .form = FORM_VALUE_MAP},  \
    [T_USE] = {"use", "preludes: files whose granules, code and steps come first",     \
               .type = KEY_NODE, .form = FORM_USE},                                    \
    [T_GRANULES] = {"granules", "named granules: rd: , rtt: 4, buf: {at: 0x80010000}", \
                    .type = KEY_NODE, .form = FORM_GRANULES},                          \
    [T_G] = {"g", "short for granules", .type = KEY_NODE, .form = FORM_GRANULES},      \
    [T_CODE] = {"code", "code for Realms", .type = KEY_NODE, .form = FORM_CODE},       \
    [T_SCRIPT] = {"script", "scripted Realms, which need no CPU", .type = KEY_NODE,    \
                  .form = FORM_SCRIPT},                                                \
    [T_STEPS] = {"steps", "what happens", .type = KEY_NODE, .form = FORM_STEPS}
const struct key_set scn_top_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [T_CCASIM] = VERSION_KEY,
            [T_TAGS] = TAGS_KEY,
            [T_ABI] = {"abi", "RMM ABI version; default 1.0", .type = KEY_TEXT},
            [T_IMPL] = {"impl", "what DEN0137 leaves to the RMM", .type = KEY_MAP,
                        .sub = &scn_impl_keys},
            [T_MACHINE] = {"machine", "the platform", .type = KEY_MAP, .sub = &scn_machine_keys},
            [T_LIMITS] = {"limits", "of a run", .type = KEY_MAP, .sub = &scn_limits_keys},
            SHARED_KEYS,
        },
    .num = T_COUNT,
};

/* --- small sections --- */

static void read_tags(struct scn *s, const struct node *n)
{
    struct scenario *sc = s->sc;
    size_t index = 0;

    sc->tags = ARENA_ARRAY(s->arena, const char *, n->kind == NODE_LIST ? n->num : 1);
    FOR_EACH_ITEM(item, n)
    {
        size_t old = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;

        if (scn_expect_kind(s, item, NODE_SCALAR, "a word"))
            sc->tags[sc->num_tags++] = arena_strdup(s->arena, item->text);
        path_pop(&s->path, old);
    }
}

static void read_limits(struct scn *s, const struct node *n)
{
    struct field f[1];

    if (scn_read_keys(s, n, &scn_limits_keys, f) && f[LIMIT_INSNS].node)
        s->sc->insn_limit = f[LIMIT_INSNS].value.num;
}

static void read_abi(struct scn *s, const struct field *f)
{
    if (f->text && strcmp(f->text, "1.0") != 0)
        scn_allowed(s, scn_error(s, f->node, "unknown ABI version `%.20s`", f->text), "1.0");
}

/* --- preludes --- */

static void read_body(struct scn *s, const struct field *f, const struct name *with, unsigned num,
                      struct step_list *steps);

static bool is_in_chain(const struct use_chain *chain, const char *file)
{
    for (; chain; chain = chain->outer) {
        if (strcmp(chain->file, file) == 0)
            return true;
    }
    return false;
}

static bool is_used(const struct scn *s, const char *file)
{
    for (size_t i = 0; i < s->num_used; i++) {
        if (strcmp(s->used[i], file) == 0)
            return true;
    }
    return false;
}

/* Each prelude comes once, where it is used first: two that build on a third can be used
 * together. */
static bool may_use(struct scn *s, const struct node *at, const char *file, bool with)
{
    unsigned depth = 0;

    if (is_in_chain(s->chain, file)) {
        scn_error(s, at, "a cycle: `%s` uses itself", file);
        return false;
    }
    for (const struct use_chain *c = s->chain; c; c = c->outer)
        depth++;
    if (depth >= MAX_USE_DEPTH) {
        scn_allowed(s, scn_error(s, at, "preludes use each other too deeply"), "%u levels",
                    MAX_USE_DEPTH);
        return false;
    }
    if (is_used(s, file)) {
        if (with)
            scn_error(s, at, "`%s` is used already: `with` comes too late", file);
        return false;
    }
    s->used = arena_grow(s->arena, s->used, s->num_used * sizeof(*s->used),
                         (s->num_used + 1) * sizeof(*s->used));
    s->used[s->num_used++] = file;
    return true;
}

/* Evaluates `with` in the file that uses. *num values; false: reported. */
static bool read_with(struct scn *s, const struct node *n, struct name **with, unsigned *num)
{
    size_t old = path_key(&s->path, "with");
    bool ok = scn_expect_kind(s, n, NODE_MAP, "a mapping from names to values");

    *num = 0;
    if (ok) {
        *with = ARENA_ARRAY(s->arena, struct name, n->num);
        FOR_EACH_VALUE(v, n)
        {
            struct name *w = &(*with)[(*num)++];
            size_t inner = path_key(&s->path, v->key->text);

            w->text = v->key->text;
            ok &= scn_number(s, v, 0, 0, &w->value);
            path_pop(&s->path, inner);
        }
    }
    path_pop(&s->path, old);
    return ok;
}

/* Every name in `with` must be one that the prelude lets. */
static void check_with(struct scn *s, const struct node *with, const struct node *let)
{
    struct words w = {0};
    size_t old = path_key(&s->path, "with");

    if (let && let->kind == NODE_MAP) {
        FOR_EACH_VALUE(v, let)
        words_add(s->arena, &w, v->key->text);
    }
    FOR_EACH_VALUE(v, with)
    {
        if (!let || let->kind != NODE_MAP || !node_get(let, v->key->text))
            diag_words(s->diags,
                       scn_error(s, v->key, "the prelude has no `let:` name `%.60s`", v->key->text),
                       &w, v->key->text);
    }
    path_pop(&s->path, old);
}

/* A prelude has the keys of a scenario less those that are about the run or the machine. */
static void read_prelude_keys(struct scn *s, const struct document *doc, struct field *f)
{
    scn_read_keys(s, doc->root, &scn_top_keys, f);
    for (unsigned i = T_TAGS; i <= T_LIMITS; i++) {
        if (f[i].node)
            scn_error(s, f[i].node->key, "`%s` belongs into the scenario, not into a prelude",
                      scn_top_keys.keys[i].name);
    }
}

static void use_document(struct scn *s, const struct document *doc, const struct node *with_node,
                         const struct name *with, unsigned num, struct step_list *steps)
{
    struct use_chain link = {doc->file, s->chain};
    const char *file = s->file, *text = s->text;
    struct doc_path path = s->path;
    struct field f[T_COUNT];

    if (with_node && doc->root->kind == NODE_MAP)
        check_with(s, with_node, node_get(doc->root, "let"));
    s->chain = &link;
    s->file = arena_strdup(s->arena, doc->file);
    s->text = doc->text;
    path_pop(&s->path, 0);
    read_prelude_keys(s, doc, f);
    read_body(s, f, with, num, steps);
    s->file = file;
    s->text = text;
    s->path = path;
    s->chain = link.outer;
}

static void read_use_one(struct scn *s, const struct node *n, struct step_list *steps)
{
    struct field f[2] = {0};
    struct name *with = NULL;
    const struct document *doc;
    const struct node *at = n;
    unsigned num = 0;
    char *path;

    if (n->kind == NODE_MAP) {
        if (!scn_read_keys(s, n, &scn_use_keys, f))
            return;
        at = f[USE_FILE].node;
    }
    if (!scn_expect_kind(s, at, NODE_SCALAR, "the name of a file"))
        return;
    if (f[USE_WITH].node && !read_with(s, f[USE_WITH].node, &with, &num))
        return;
    path = file_resolve(s->arena, s->file, at->text);
    if (!path) {
        scn_allowed(s, scn_error(s, at, "there is no file `%.200s`", at->text),
                    "a path from this file, or from a folder that it is in");
        return;
    }
    if (!may_use(s, at, path, f[USE_WITH].node))
        return;
    doc = scn_prelude(s, at, path);
    if (doc)
        use_document(s, doc, f[USE_WITH].node, with, num, steps);
}

static void read_use(struct scn *s, const struct node *n, struct step_list *steps)
{
    size_t index = 0;

    FOR_EACH_ITEM(item, n)
    {
        size_t old = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;

        read_use_one(s, item, steps);
        path_pop(&s->path, old);
    }
}

/* --- the whole --- */

/* The sections that scenarios and preludes share. */
static void read_body(struct scn *s, const struct field *f, const struct name *with, unsigned num,
                      struct step_list *steps)
{
    /* code before use: a prelude may load what its user declares */
    static const unsigned order[] = {T_LET, T_CODE, T_SCRIPT, T_USE, T_GRANULES, T_G, T_STEPS};

    for (unsigned i = 0; i < COUNT_OF(order); i++) {
        const struct node *n = f[order[i]].node;
        size_t old = path_key(&s->path, scn_top_keys.keys[order[i]].name);

        if (!n)
            ;
        else if (order[i] == T_LET)
            scn_read_let(s, n, with, num);
        else if (order[i] == T_USE)
            read_use(s, n, steps);
        else if (order[i] == T_CODE)
            scn_read_code(s, n);
        else if (order[i] == T_SCRIPT)
            scn_read_scripts(s, n);
        else if (order[i] == T_STEPS)
            scn_read_steps(s, n, steps);
        else
            scn_read_granules(s, n);
        path_pop(&s->path, old);
    }
    if (f[T_G].node && f[T_GRANULES].node)
        scn_error(s, f[T_G].node->key, "both `granules` and `g`: write one of them");
}

static void read_section(struct scn *s, const struct field *f, const char *name,
                         void (*read)(struct scn *s, const struct node *n))
{
    size_t old;

    if (!f->node)
        return;
    old = path_key(&s->path, name);
    read(s, f->node);
    path_pop(&s->path, old);
}

void scn_read_file(struct scn *s, const struct document *doc)
{
    struct use_chain link = {doc->file, NULL};
    struct step_list steps = {0};
    struct scenario *sc = s->sc;
    struct field f[T_COUNT];

    s->chain = &link;
    s->file = arena_strdup(s->arena, doc->file);
    s->text = doc->text;
    sc->file = s->file;
    sc->version = SCENARIO_FORMAT_VERSION;
    sc->abi = ABI_1_0;
    sc->insn_limit = SCENARIO_INSN_LIMIT;
    sc->virtual_time = true;
    impl_default(&sc->impl);
    if (!scn_expect_kind(s, doc->root, NODE_MAP, "a mapping with `ccasim: 1` and `steps:`"))
        return;
    if (doc->purpose)
        sc->purpose = arena_strdup(s->arena, doc->purpose);
    else
        scn_allowed(s, scn_error(s, &(struct node){.line = 1, .col = 1}, "no purpose"),
                    "a comment in the first line that says what the scenario is for");
    scn_read_keys(s, doc->root, &scn_top_keys, f);
    read_abi(s, &f[T_ABI]);
    read_section(s, &f[T_MACHINE], "machine", scn_read_machine);
    read_section(s, &f[T_IMPL], "impl", scn_read_impl);
    if (!s->errors)
        scn_check_impl(s, doc->root);
    read_section(s, &f[T_LIMITS], "limits", read_limits);
    read_section(s, &f[T_TAGS], "tags", read_tags);
    scn_add_machine_names(s);
    read_body(s, f, NULL, 0, &steps);
    if (!f[T_STEPS].node && steps.num == 0)
        scn_error(s, doc->root, "no `steps`");
    sc->steps = steps.v;
    sc->num_steps = steps.num;
}
