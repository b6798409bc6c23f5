/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of the machine as text. */
#include "state.h"

#include <string.h>

static const char *str(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));

    return s ? s : "";
}

static long long num(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}

static bool is_true(const json_t *j, const char *key)
{
    return json_is_true(json_object_get(j, key));
}

static void list_names(struct text *t, const json_t *list)
{
    size_t i;
    json_t *name;

    json_array_foreach(list, i, name)
        text_printf(t, "%s%s", i ? ", " : "", json_string_value(name));
}

/* --- granules --- */

static void regions(struct text *t, const json_t *list)
{
    size_t i;
    json_t *r;

    text_puts(t, "memory\n");
    json_array_foreach(list, i, r)
        text_printf(t, "  %-15s %6lld granule%s  %s\n", str(r, "pa"), num(r, "granules"),
                    num(r, "granules") == 1 ? " " : "s", str(r, "pas"));
}

/* Of the host, unlocked: only its name is worth a word. */
static bool is_plain(const json_t *g)
{
    return strcmp(str(g, "pas"), "NS") == 0 && strcmp(str(g, "state"), "UNDELEGATED") == 0 &&
           json_object_get(g, "locked_by") == NULL;
}

static void granule(struct text *t, const json_t *g)
{
    text_printf(t, "  %-15s %-10s %-6s %-11s refcount %-3lld", str(g, "pa"),
                strcmp(str(g, "name"), str(g, "pa")) == 0 ? "" : str(g, "name"), str(g, "pas"),
                str(g, "state"), num(g, "refcount"));
    if (json_object_get(g, "level"))
        text_printf(t, "  level %lld table", num(g, "level"));
    if (json_object_get(g, "ipa"))
        text_printf(t, "  IPA %s", str(g, "ipa"));
    if (json_object_get(g, "realm"))
        text_printf(t, "  of %s", str(g, json_object_get(g, "rec") ? "rec" : "realm"));
    if (json_object_get(g, "locked_by"))
        text_printf(t, "  locked by PE %lld", num(g, "locked_by"));
    while (t->len && t->s[t->len - 1] == ' ')
        t->s[--t->len] = '\0';
    text_puts(t, "\n");
}

static void granules(struct text *t, const json_t *list)
{
    unsigned plain = 0;
    size_t i;
    json_t *g;

    text_puts(t, "granules\n");
    json_array_foreach(list, i, g) if (!is_plain(g)) granule(t, g);
    json_array_foreach(list, i, g)
    {
        if (!is_plain(g))
            continue;
        if (plain % 8 == 0)
            text_puts(t, plain ? ",\n    " : "  the host's: ");
        else
            text_puts(t, ", ");
        text_puts(t, str(g, "name"));
        plain++;
    }
    text_puts(t, plain ? "\n" : "");
}

/* --- tables --- */

static void table(struct text *t, const json_t *tab, unsigned depth);

static void entry(struct text *t, const json_t *e, unsigned depth)
{
    long long first = num(e, "first"), last = num(e, "last");
    char index[24];

    if (first == last)
        snprintf(index, sizeof(index), "[%lld]", first);
    else
        snprintf(index, sizeof(index), "[%lld..%lld]", first, last);
    text_printf(t, "%*s%-10s %-13s %s", (int)(2 * depth), "", index, str(e, "ipa"),
                str(e, "state"));
    if (json_object_get(e, "ripas"))
        text_printf(t, " %s", str(e, "ripas"));
    if (json_object_get(e, "pa"))
        text_printf(t, " -> %s%s", str(e, "name"), first == last ? "" : " and on");
    if (json_object_get(e, "memattr"))
        text_printf(t, ", MemAttr 0x%llx, S2AP %lld", num(e, "memattr"), num(e, "s2ap"));
    if (is_true(e, "malformed"))
        text_puts(t, "  (no state of the RMM is encoded so)");
    text_puts(t, "\n");
    if (json_object_get(e, "table"))
        table(t, json_object_get(e, "table"), depth + 1);
}

static void table(struct text *t, const json_t *tab, unsigned depth)
{
    size_t i;
    json_t *e;

    text_printf(t, "%*slevel %lld table %s at IPA %s, refcount %lld\n", (int)(2 * depth), "",
                num(tab, "level"), str(tab, "name"), str(tab, "ipa"), num(tab, "refcount"));
    json_array_foreach(json_object_get(tab, "entries"), i, e) entry(t, e, depth + 1);
}

/* --- Realms --- */

static void rec(struct text *t, const json_t *r)
{
    const json_t *regs = json_object_get(r, "registers"),
                 *ripas = json_object_get(r, "ripas_change");
    const char *key;
    json_t *value;
    unsigned n = 0;

    text_printf(t, "  REC %s: index %lld, %s%s", str(r, "name"), num(r, "index"),
                is_true(r, "runnable") ? "runnable" : "not runnable",
                is_true(r, "running") ? ", running" : "");
    if (json_array_size(json_object_get(r, "aux"))) {
        text_puts(t, ", aux ");
        list_names(t, json_object_get(r, "aux"));
    }
    if (json_array_size(json_object_get(r, "pending"))) {
        text_puts(t, "; pending: ");
        list_names(t, json_object_get(r, "pending"));
    }
    text_puts(t, "\n");
    if (ripas)
        text_printf(t, "    RIPAS change to %s: IPA %s up to %s%s\n", str(ripas, "ripas"),
                    str(ripas, "base"), str(ripas, "top"),
                    is_true(ripas, "destroyed_too") ? ", DESTROYED too" : "");
    if (is_true(r, "running"))
        return; /* its registers are in the PE */
    json_object_foreach((json_t *)(uintptr_t)regs, key, value)
        text_printf(t, "%s%s %s",
                    n++ % 6 ? ", "
                    : n > 1 ? "\n    "
                            : "    ",
                    key, json_string_value(value));
    text_puts(t, "\n");
}

/* Without the zeros at its end. */
static void rpv(struct text *t, const char *s)
{
    size_t len = strlen(s);

    while (len > 2 && s[len - 1] == '0' && s[len - 2] == '0')
        len -= 2;
    text_printf(t, "  RPV  %.*s%s\n", (int)len, s, len < strlen(s) ? " 00..." : "");
}

void state_realm_line(struct text *t, const json_t *r)
{
    text_printf(t, "Realm %s: %s, s2sz %lld%s, VMID %lld, %s, %lld REC%s, next index %lld\n",
                str(r, "name"), str(r, "state"), num(r, "s2sz"), is_true(r, "lpa2") ? " LPA2" : "",
                num(r, "vmid"), str(r, "hash"), num(r, "num_recs"),
                num(r, "num_recs") == 1 ? "" : "s", num(r, "next_index"));
}

void state_realm_text(struct text *t, const json_t *r)
{
    const json_t *m = json_object_get(r, "measurements");
    size_t i;
    json_t *j;

    state_realm_line(t, r);
    if (json_object_get(r, "rpv"))
        rpv(t, str(r, "rpv"));
    json_array_foreach(m, i, j)
        text_printf(t, i ? "  REM%zu %s\n" : "  RIM%.0zu  %s\n", i, json_string_value(j));
    json_array_foreach(json_object_get(r, "recs"), i, j) rec(t, j);
    json_array_foreach(json_object_get(r, "tables"), i, j) table(t, j, 1);
}

static void pe(struct text *t, const json_t *p)
{
    text_printf(t, "PE %lld: %s world", num(p, "pe"), str(p, "world"));
    if (json_object_get(p, "rec"))
        text_printf(t, ", runs %s", str(p, "rec"));
    if (is_true(p, "irq_pending"))
        text_puts(t, ", interrupt pending");
    if (json_array_size(json_object_get(p, "locks"))) {
        text_puts(t, ", holds the lock of ");
        list_names(t, json_object_get(p, "locks"));
    }
    if (json_array_size(json_object_get(p, "mapped"))) {
        text_puts(t, ", has mapped ");
        list_names(t, json_object_get(p, "mapped"));
    }
    text_puts(t, "\n");
}

void state_text(struct text *t, const json_t *state)
{
    size_t i;
    json_t *j;

    regions(t, json_object_get(state, "regions"));
    granules(t, json_object_get(state, "granules"));
    json_array_foreach(json_object_get(state, "realms"), i, j)
    {
        text_puts(t, "\n");
        state_realm_text(t, j);
    }
    text_puts(t, "\n");
    json_array_foreach(json_object_get(state, "pes"), i, j) pe(t, j);
}
