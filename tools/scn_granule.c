/* SPDX-License-Identifier: BSD-3-Clause */
/* Names for numbers (`let:`) and for granules (`granules:`), and where granules go. */
#include <ccasim/gpt.h>
#include <string.h>

#include "scn.h"

#define MAX_GRANULES 65536u

enum { G_COUNT, G_AT, G_ALIGN };
const struct key_set scn_granule_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [G_COUNT] = {"count", "so many, one after the other; default 1", .type = KEY_NUMBER,
                         .min = 1, .max = MAX_GRANULES},
            [G_AT] = {"at", "address of the first; default the next free one", .type = KEY_NUMBER},
            [G_ALIGN] = {"align", "the address is a multiple of this; default 4K",
                         .type = KEY_NUMBER, .min = GRANULE_SIZE},
        },
    .num = 3,
    .positional = true,
};

/* --- names --- */

static void add_number(struct scn *s, const char *text, uint64_t value)
{
    static const struct node nowhere; /* built in: line 0 */
    struct name *n = scn_add_name(s, &nowhere, text, strlen(text), NAME_LET);

    if (n)
        n->value = value;
}

void scn_add_machine_names(struct scn *s)
{
    const struct impl *impl = &s->sc->impl;

    add_number(s, "DRAM_BASE", impl->dram.base);
    add_number(s, "DRAM_END", impl->dram.base + impl->dram.size);
    add_number(s, "EL3_BUFFER", scn_pa_bits_may_be(impl->pa_bits) ? gpt_shared_buffer(impl) : 0);
    add_number(s, "ROOT_BASE", impl->dram.base + impl->dram.size - impl->root_size);
    s->next_granule = impl->bank[0].base;
}

/* The value that the user of a prelude gives instead of its own. */
static const struct name *find_override(const struct name *with, unsigned num, const char *text)
{
    for (unsigned i = 0; i < num; i++) {
        if (strcmp(with[i].text, text) == 0)
            return &with[i];
    }
    return NULL;
}

void scn_read_let(struct scn *s, const struct node *n, const struct name *with, unsigned num)
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

void scn_read_granules(struct scn *s, const struct node *n)
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
