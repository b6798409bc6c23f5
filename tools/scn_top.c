/* SPDX-License-Identifier: BSD-3-Clause */
/* The file as a whole: its sections, in the order in which they depend on each other. */
#include <string.h>

#include <ccasim/gpt.h>

#include "scn.h"

#define MAX_GRANULES 65536u
#define MAX_USE_DEPTH 8u
#define DEFAULT_INSN_LIMIT 10000000ull

/* --- key tables --- */

enum { RANGE_BASE, RANGE_SIZE };
const struct key_set scn_range_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [RANGE_BASE] = {"base", "first address", .type = KEY_NUMBER, .required = true},
            [RANGE_SIZE] = {"size", "bytes, as 64M", .type = KEY_NUMBER, .required = true},
        },
    .num = 2,
};

enum { M_PES, M_DRAM, M_BANKS, M_SECURE, M_ROOT_SIZE, M_PA_BITS, M_SEED, M_VIRTUAL_TIME };
const struct key_set scn_machine_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [M_PES] = {"pes", "number of PEs; default 2", .type = KEY_NUMBER, .min = 1,
                       .max = CCA_MAX_PES},
            [M_DRAM] = {"dram", "default 64 MB at 0x80000000", .type = KEY_MAP,
                        .sub = &scn_range_keys},
            [M_BANKS] = {"banks", "what the RMM tracks; default DRAM less its Root part",
                         .type = KEY_NODE, .form = FORM_RANGES},
            [M_SECURE] = {"secure", "ranges that start in the Secure PAS", .type = KEY_NODE,
                          .form = FORM_RANGES},
            [M_ROOT_SIZE] = {"root_size", "bytes at the end of DRAM for EL3M", .type = KEY_NUMBER},
            [M_PA_BITS] = {"pa_bits", "protected PA space: 32, 36, 40, 42, 44, 48; default 40",
                           .type = KEY_NUMBER, .min = 32, .max = 48},
            [M_SEED] = {"seed", "of random-number instructions; default 0", .type = KEY_NUMBER},
            [M_VIRTUAL_TIME] = {"virtual_time", "count instructions; default true",
                                .type = KEY_BOOL},
        },
    .num = 8,
};

enum {
    I_S2SZ,
    I_LPA2,
    I_NUM_BPS,
    I_NUM_WPS,
    I_SVE,
    I_SVE_VL,
    I_PMU,
    I_PMU_NUM_CTRS,
    I_SHA256,
    I_SHA512,
    I_NUM_LRS,
    I_MAX_RECS_ORDER,
    I_REC_AUX_COUNT,
    I_VMID_BITS,
    I_WIPE,
    I_LR_PRIORITY_BITS,
    I_COUNT
};
static const char *const wipes[] = {"eager", "lazy", NULL};
const struct key_set scn_impl_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [I_S2SZ] = {"s2sz", "widest IPA space; default 48", .type = KEY_NUMBER, .min = 32,
                        .max = 48},
            [I_LPA2] = {"lpa2", "not supported by this version", .type = KEY_BOOL},
            [I_NUM_BPS] = {"num_bps", "breakpoints less one; default 5", .type = KEY_NUMBER,
                           .min = 1, .max = 63},
            [I_NUM_WPS] = {"num_wps", "watchpoints less one; default 3", .type = KEY_NUMBER,
                           .min = 1, .max = 63},
            [I_SVE] = {"sve", "default false", .type = KEY_BOOL},
            [I_SVE_VL] = {"sve_vl", "default 0", .type = KEY_NUMBER, .max = 15},
            [I_PMU] = {"pmu", "default false", .type = KEY_BOOL},
            [I_PMU_NUM_CTRS] = {"pmu_num_ctrs", "default 0", .type = KEY_NUMBER, .max = 31},
            [I_SHA256] = {"sha256", "default true", .type = KEY_BOOL},
            [I_SHA512] = {"sha512", "default true", .type = KEY_BOOL},
            [I_NUM_LRS] = {"num_lrs", "list registers; default 4", .type = KEY_NUMBER, .min = 1,
                           .max = 16},
            [I_MAX_RECS_ORDER] = {"max_recs_order", "at most 2^n - 1 RECs; default 9",
                                  .type = KEY_NUMBER, .max = 15},
            [I_REC_AUX_COUNT] = {"rec_aux_count", "auxiliary granules of a REC; default 1",
                                 .type = KEY_NUMBER, .max = REC_MAX_AUX},
            [I_VMID_BITS] = {"vmid_bits", "8 or 16; default 8", .type = KEY_NUMBER, .min = 8,
                             .max = 16},
            [I_WIPE] = {"wipe", "when granules are erased; default eager", .type = KEY_CHOICE,
                        .choices = wipes},
            [I_LR_PRIORITY_BITS] = {"lr_priority_bits", "default 5", .type = KEY_NUMBER,
                                    .min = 4, .max = 8},
        },
    .num = I_COUNT,
};

enum { LIMIT_INSNS };
const struct key_set scn_limits_keys = {
    .what = "key",
    .keys = (const struct key[]){[LIMIT_INSNS] = {"insns",
                                                  "instructions of one REC_ENTER; default 10 M",
                                                  .type = KEY_NUMBER, .min = 1}},
    .num = 1,
};

enum { G_COUNT, G_AT, G_ALIGN };
const struct key_set scn_granule_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [G_COUNT] = {"count", "so many, one after the other; default 1", .type = KEY_NUMBER,
                         .min = 1, .max = MAX_GRANULES},
            [G_AT] = {"at", "address of the first; default the next free one",
                      .type = KEY_NUMBER},
            [G_ALIGN] = {"align", "the address is a multiple of this; default 4K",
                         .type = KEY_NUMBER, .min = GRANULE_SIZE},
        },
    .num = 3,
    .positional = true,
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

enum { T_CCASIM, T_TAGS, T_ABI, T_IMPL, T_MACHINE, T_LIMITS, T_LET, T_USE, T_GRANULES, T_G,
       T_CODE, T_SCRIPT, T_STEPS, T_COUNT };
#define VERSION_KEY \
    {"ccasim", "version of the format: 1", .type = KEY_NUMBER, .min = 1, .max = 1, .required = true}
#define TAGS_KEY {"tags", "words for `ccasim run --tag`", .type = KEY_NODE, .form = FORM_TEXTS}
#define SHARED_KEYS                                                                               \
    [T_LET] = {"let", "names for numbers", .type = KEY_NODE, .form = FORM_VALUE_MAP},               \
    [T_USE] = {"use", "preludes: files whose granules, code and steps come first",                 \
               .type = KEY_NODE, .form = FORM_USE},                                                \
    [T_GRANULES] = {"granules", "named granules: rd: , rtt: 4, buf: {at: 0x80010000}",             \
                    .type = KEY_NODE, .form = FORM_GRANULES},                                      \
    [T_G] = {"g", "short for granules", .type = KEY_NODE, .form = FORM_GRANULES},                  \
    [T_CODE] = {"code", "code for Realms", .type = KEY_NODE, .form = FORM_CODE},                   \
    [T_SCRIPT] = {"script", "scripted Realms, which need no CPU", .type = KEY_NODE,                \
                  .form = FORM_SCRIPT},                                                            \
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

/* --- machine and impl --- */

static void read_ranges(struct scn *s, const struct node *n, const char *name,
                        struct impl_range *list, uint32_t max, uint32_t *num)
{
    size_t old = path_key(&s->path, name), index = 0;

    *num = 0;
    FOR_EACH_ITEM(item, n)
    {
        size_t inner = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;
        struct field f[2];

        if (*num == max)
            scn_allowed(s, scn_error(s, item, "too many ranges"), "%u", max);
        else if (scn_read_keys(s, item, &scn_range_keys, f))
            list[(*num)++] = (struct impl_range){f[RANGE_BASE].value.num, f[RANGE_SIZE].value.num};
        path_pop(&s->path, inner);
        if (*num == max && index > max)
            break;
    }
    path_pop(&s->path, old);
}

static void read_dram(struct scn *s, const struct node *n, bool root_given)
{
    struct impl *impl = &s->sc->impl;
    struct field f[2];
    size_t old = path_key(&s->path, "dram");

    if (scn_read_keys(s, n, &scn_range_keys, f)) {
        impl->dram = (struct impl_range){f[RANGE_BASE].value.num, f[RANGE_SIZE].value.num};
        if (!root_given)
            impl->root_size = gpt_size_needed(impl);
    }
    path_pop(&s->path, old);
}

static void read_machine(struct scn *s, const struct node *n)
{
    struct impl *impl = &s->sc->impl;
    struct field f[8];

    scn_read_keys(s, n, &scn_machine_keys, f);
    if (f[M_PES].node)
        impl->num_pes = (uint32_t)f[M_PES].value.num;
    if (f[M_PA_BITS].node)
        impl->pa_bits = (uint8_t)f[M_PA_BITS].value.num;
    if (f[M_ROOT_SIZE].node)
        impl->root_size = f[M_ROOT_SIZE].value.num;
    if (f[M_DRAM].node)
        read_dram(s, f[M_DRAM].node, f[M_ROOT_SIZE].node);
    if (f[M_VIRTUAL_TIME].node)
        s->sc->virtual_time = f[M_VIRTUAL_TIME].value.num;
    impl->seed = f[M_SEED].value.num;
    impl_fill_banks(impl);
    if (f[M_BANKS].node)
        read_ranges(s, f[M_BANKS].node, "banks", impl->bank, IMPL_MAX_BANKS, &impl->num_banks);
    if (f[M_SECURE].node)
        read_ranges(s, f[M_SECURE].node, "secure", impl->secure, IMPL_MAX_SECURE,
                    &impl->num_secure);
}

/* Where each key of `impl:` is kept. */
static uint8_t *impl_byte(struct impl *impl, unsigned key)
{
    switch (key) {
    case I_S2SZ: return &impl->s2sz;
    case I_NUM_BPS: return &impl->num_bps;
    case I_NUM_WPS: return &impl->num_wps;
    case I_SVE_VL: return &impl->sve_vl;
    case I_PMU_NUM_CTRS: return &impl->pmu_num_ctrs;
    case I_NUM_LRS: return &impl->num_lrs;
    case I_MAX_RECS_ORDER: return &impl->max_recs_order;
    case I_REC_AUX_COUNT: return &impl->rec_aux_count;
    case I_VMID_BITS: return &impl->vmid_bits;
    case I_LR_PRIORITY_BITS: return &impl->lr_priority_bits;
    default: return NULL;
    }
}

static bool *impl_flag(struct impl *impl, unsigned key)
{
    switch (key) {
    case I_LPA2: return &impl->lpa2;
    case I_SVE: return &impl->sve;
    case I_PMU: return &impl->pmu;
    case I_SHA256: return &impl->sha256;
    case I_SHA512: return &impl->sha512;
    default: return NULL;
    }
}

static void read_impl(struct scn *s, const struct node *n)
{
    struct impl *impl = &s->sc->impl;
    struct field f[I_COUNT];

    scn_read_keys(s, n, &scn_impl_keys, f);
    for (unsigned i = 0; i < I_COUNT; i++) {
        if (!f[i].node)
            continue;
        if (impl_byte(impl, i))
            *impl_byte(impl, i) = (uint8_t)f[i].value.num;
        else if (impl_flag(impl, i))
            *impl_flag(impl, i) = f[i].value.num;
        else
            impl->wipe = f[i].value.num ? WIPE_LAZY : WIPE_EAGER;
    }
}

/* What the tables cannot say, the model does: at the key that it names first, or else at the section. */
static void check_impl(struct scn *s, const struct node *root)
{
    const struct node *machine = node_get(root, "machine"), *impl = node_get(root, "impl");
    const struct node *at = impl ? impl : machine ? machine : root, *named = NULL;
    char why[200], word[40];

    if (impl_check(&s->sc->impl, why, sizeof(why)) == CCA_OK)
        return;
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(why, " :"), why);
    if (impl && impl->kind == NODE_MAP)
        named = node_get(impl, word);
    if (!named && machine && machine->kind == NODE_MAP) {
        at = machine;
        named = node_get(machine, word);
    }
    scn_error(s, named ? named : at, "%s", why);
}

/* --- names --- */

static void add_number(struct scn *s, const char *text, uint64_t value)
{
    static const struct node nowhere; /* built in: line 0 */
    struct name *n = scn_add_name(s, &nowhere, text, strlen(text), NAME_LET);

    if (n)
        n->value = value;
}

static void add_machine_names(struct scn *s)
{
    const struct impl *impl = &s->sc->impl;

    add_number(s, "DRAM_BASE", impl->dram.base);
    add_number(s, "DRAM_END", impl->dram.base + impl->dram.size);
    add_number(s, "ROOT_BASE", impl->dram.base + impl->dram.size - impl->root_size);
    s->next_granule = impl->bank[0].base;
}

/* `with` holds the values that the user of a prelude gives: names, with `len` of those not yet taken. */
static const struct name *find_override(const struct name *with, unsigned num, const char *text)
{
    for (unsigned i = 0; i < num; i++) {
        if (strcmp(with[i].text, text) == 0)
            return &with[i];
    }
    return NULL;
}

static void read_let(struct scn *s, const struct node *n, const struct name *with, unsigned num)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from names to numbers"))
        return;
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);
        const struct name *given = find_override(with, num, v->key->text);
        struct value value;
        bool ok = scn_value(s, v, GROUP_ANY, &value);
        struct name *name = scn_add_name(s, v->key, v->key->text, v->key->len, NAME_LET);

        if (ok && value.var >= 0)
            scn_error(s, v, "a saved variable is known only when the scenario runs");
        if (name)
            name->value = given ? given->value : value.num;
        path_pop(&s->path, old);
    }
}

/* --- granules --- */

struct span {
    uint64_t base, size;
};

static bool overlaps(struct span a, uint64_t base, uint64_t size)
{
    return a.base < base + size && base < a.base + a.size;
}

/* A granule or Secure range that the span runs into. */
static bool find_taken(const struct scn *s, struct span want, struct span *taken,
                       const char **whose)
{
    const struct impl *impl = &s->sc->impl;

    for (size_t i = 0; i < s->num_names; i++) {
        const struct name *n = &s->names[i];
        uint64_t size = (uint64_t)n->count * GRANULE_SIZE;

        if (n->kind == NAME_GRANULE && overlaps(want, n->value, size)) {
            *taken = (struct span){n->value, size};
            *whose = n->text;
            return true;
        }
    }
    *whose = NULL;
    for (uint32_t i = 0; i < impl->num_secure; i++) {
        if (overlaps(want, impl->secure[i].base, impl->secure[i].size)) {
            *taken = (struct span){impl->secure[i].base, impl->secure[i].size};
            return true;
        }
    }
    return false;
}

/* The next free place for `size` bytes, bank by bank. False: there is none. */
static bool place_granules(struct scn *s, uint64_t size, uint64_t align, uint64_t *out)
{
    const struct impl *impl = &s->sc->impl;
    struct span want = {s->next_granule, size}, taken;
    const char *whose;

    for (;;) {
        const struct impl_range *bank = &impl->bank[s->bank];

        want.base = align_up(want.base, align);
        if (want.base + size > bank->base + bank->size) {
            if (s->bank + 1 >= impl->num_banks)
                return false;
            want.base = impl->bank[++s->bank].base;
        } else if (find_taken(s, want, &taken, &whose)) {
            want.base = taken.base + taken.size;
        } else {
            break;
        }
    }
    *out = want.base;
    s->next_granule = want.base + size;
    return true;
}

static bool check_address(struct scn *s, const struct node *n, uint64_t at, uint64_t size)
{
    const struct impl_range *dram = &s->sc->impl.dram;
    struct span taken;
    const char *whose;

    if (!is_granule_aligned(at)) {
        scn_error(s, n, "0x%llx is not a multiple of 4K", (unsigned long long)at);
        return false;
    }
    if (at < dram->base || at - dram->base >= dram->size || size > dram->base + dram->size - at) {
        scn_allowed(s, scn_error(s, n, "outside of DRAM: a plain address belongs into `let:`"),
                    "0x%llx..0x%llx", (unsigned long long)dram->base,
                    (unsigned long long)(dram->base + dram->size - GRANULE_SIZE));
        return false;
    }
    if (find_taken(s, (struct span){at, size}, &taken, &whose) && whose) {
        scn_error(s, n, "0x%llx is `%s` already", (unsigned long long)at, whose);
        return false;
    }
    return true;
}

/* rtt[4]: and rtt: 4 both mean four. */
static bool split_array(struct scn *s, const struct node *key, size_t *len, uint64_t *count)
{
    const char *open = strchr(key->text, '[');
    struct node number = *key;
    char digits[24];

    *len = key->len;
    if (!open)
        return true;
    *len = (size_t)(open - key->text);
    if (key->text[key->len - 1] != ']' || key->len - *len > sizeof(digits)) {
        scn_allowed(s, scn_error(s, key, "`%.60s` is no name", key->text), "rd, rtt[4]");
        return false;
    }
    snprintf(digits, sizeof(digits), "%.*s", (int)(key->len - *len - 2), open + 1);
    number.text = digits;
    number.len = strlen(digits);
    number.col += (unsigned)*len + 1;
    return scn_number(s, &number, 1, MAX_GRANULES, count);
}

static void list_granules(struct scn *s, const struct name *n, bool array)
{
    struct scenario *sc = s->sc;

    sc->names = arena_grow(s->arena, sc->names, sc->num_names * sizeof(*sc->names),
                           (sc->num_names + n->count) * sizeof(*sc->names));
    for (uint32_t i = 0; i < n->count; i++) {
        sc->names[sc->num_names++] = (struct granule_name){
            array ? arena_printf(s->arena, "%s[%u]", n->text, i) : n->text,
            n->value + (uint64_t)i * GRANULE_SIZE,
        };
    }
}

static void read_granule(struct scn *s, const struct node *n)
{
    uint64_t count = 1, align = GRANULE_SIZE, at = 0, size;
    struct field f[3];
    struct name *name;
    bool array, ok;
    size_t len;

    if (!split_array(s, n->key, &len, &count) || !scn_read_keys(s, n, &scn_granule_keys, f))
        return;
    array = len < n->key->len || f[G_COUNT].node;
    if (f[G_COUNT].node)
        count = f[G_COUNT].value.num;
    if (f[G_ALIGN].node)
        align = f[G_ALIGN].value.num;
    if (align & (align - 1))
        scn_error(s, f[G_ALIGN].node, "an alignment is a power of two");
    size = count * GRANULE_SIZE;
    if (f[G_AT].node) {
        at = f[G_AT].value.num;
        ok = check_address(s, f[G_AT].node, at, size);
    } else {
        ok = !(align & (align - 1)) && place_granules(s, size, align, &at);
        if (!ok)
            scn_error(s, n, "the banks have no room for it");
    }
    name = scn_add_name(s, n->key, n->key->text, len, NAME_GRANULE);
    if (!name)
        return;
    name->value = at;
    name->count = (uint32_t)count;
    if (ok)
        list_granules(s, name, array);
}

static void read_granules(struct scn *s, const struct node *n)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from names to granules"))
        return;
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);

        read_granule(s, v);
        path_pop(&s->path, old);
    }
}

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

/* Each prelude comes once, where it is used first: two that build on a third can be used together. */
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
                       scn_error(s, v->key, "the prelude has no `let:` name `%.60s`",
                                 v->key->text),
                       &w, v->key->text);
    }
    path_pop(&s->path, old);
}

/* A prelude has the keys of a scenario less those that are about the run or the machine. */
static bool read_prelude_keys(struct scn *s, const struct document *doc, struct field *f)
{
    bool ok = scn_read_keys(s, doc->root, &scn_top_keys, f);

    for (unsigned i = T_TAGS; i <= T_LIMITS; i++) {
        if (f[i].node) {
            scn_error(s, f[i].node->key, "`%s` belongs into the scenario, not into a prelude",
                      scn_top_keys.keys[i].name);
            ok = false;
        }
    }
    return ok;
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
    if (read_prelude_keys(s, doc, f))
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
            read_let(s, n, with, num);
        else if (order[i] == T_USE)
            read_use(s, n, steps);
        else if (order[i] == T_CODE)
            scn_read_code(s, n);
        else if (order[i] == T_SCRIPT)
            scn_read_scripts(s, n);
        else if (order[i] == T_STEPS)
            scn_read_steps(s, n, steps);
        else
            read_granules(s, n);
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
    sc->insn_limit = DEFAULT_INSN_LIMIT;
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
    read_section(s, &f[T_MACHINE], "machine", read_machine);
    read_section(s, &f[T_IMPL], "impl", read_impl);
    if (!s->errors)
        check_impl(s, doc->root);
    read_section(s, &f[T_LIMITS], "limits", read_limits);
    read_section(s, &f[T_TAGS], "tags", read_tags);
    add_machine_names(s);
    read_body(s, f, NULL, 0, &steps);
    if (!f[T_STEPS].node && steps.num == 0)
        scn_error(s, doc->root, "no `steps`");
    sc->steps = steps.v;
    sc->num_steps = steps.num;
}
