/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Values: numbers, names and arithmetic.
 *
 *     sum     = product { (+ | -) product }         number: 12, 0x1000, 4K, 2M, 1G, 0x8000_0000
 *     product = unary { * unary }                    name:   rd, rtt[1], rtt.1, rtt.(i+1), i, RAM
 *     unary   = [-] (number | name | "(" sum ")")
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scn.h"

#define MAX_PARENTHESES 16u

struct expr {
    struct scn *s;
    const struct node *at;
    const char *p;
    enum group want;
    unsigned depth;
    bool failed;
};

static struct diag *fail(struct expr *e, const char *from, const char *text)
{
    if (e->failed)
        return NULL;
    e->failed = true;
    return scn_error_at(e->s, e->at, (size_t)(from - e->at->text), "%s", text);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_name_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_spaces(struct expr *e)
{
    while (*e->p == ' ' || *e->p == '\n')
        e->p++;
}

static struct value number(uint64_t v)
{
    return (struct value){v, -1};
}

static struct value parse_sum(struct expr *e);

/* --- numbers --- */

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 255;
}

static unsigned suffix_shift(char c)
{
    switch (c) {
    case 'K': return 10;
    case 'M': return 20;
    case 'G': return 30;
    default: return 0;
    }
}

static struct diag *not_a_number(struct expr *e, const char *start)
{
    const char *end = start;
    char text[100];
    struct diag *d;

    while (is_name_char(*end) || *end == '.' || *end == ':')
        end++;
    snprintf(text, sizeof(text), "`%.*s` is no number", (int)(end - start), start);
    d = fail(e, start, text);
    e->p = end;
    return d;
}

static struct value parse_number(struct expr *e)
{
    const char *start = e->p;
    bool hex = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
    uint64_t base = hex ? 16 : 10, v = 0;
    bool overflow = false;
    unsigned digits = 0, shift;

    e->p += hex ? 2 : 0;
    for (; *e->p == '_' || digit_value(*e->p) < (int)base; e->p++) {
        if (*e->p == '_')
            continue;
        overflow |= __builtin_mul_overflow(v, base, &v);
        overflow |= __builtin_add_overflow(v, (uint64_t)digit_value(*e->p), &v);
        digits++;
    }
    shift = suffix_shift(*e->p);
    if (shift) {
        overflow |= v > UINT64_MAX >> shift;
        v <<= shift;
        e->p++;
    }
    if (digits == 0 || is_name_char(*e->p) || *e->p == '.' || *e->p == ':') {
        scn_allowed(e->s, not_a_number(e, start), "decimal, 0x hexadecimal, a suffix K, M or G");
    } else if (!hex && start[0] == '0' && digits > 1) {
        scn_allowed(e->s, not_a_number(e, start), "no leading 0, which is octal to some readers");
    } else if (overflow) {
        scn_allowed(e->s, fail(e, start, "a number above 64 bits"), "0..0xffffffffffffffff");
    }
    return number(v);
}

/* --- names --- */

static void unknown_name(struct expr *e, const char *start, size_t len)
{
    struct words w = {0};
    char *got = arena_strndup(e->s->arena, start, len);
    struct diag *d;
    const char *near_match;

    for (size_t i = 0; i < e->s->num_names; i++)
        words_add(e->s->arena, &w, e->s->names[i].text);
    for (unsigned i = 0; i < scn_constant_count; i++) {
        if (e->want == GROUP_ANY || scn_constants[i].group == e->want)
            words_add(e->s->arena, &w, scn_constants[i].name);
    }
    near_match = words_nearest(&w, got);
    d = fail(e, start, arena_printf(e->s->arena, "unknown name `%s`", got));
    if (!d)
        return;
    if (near_match)
        d->near_match = arena_strdup(e->s->diags->arena, near_match);
    if (e->want > GROUP_ANY || w.num <= 24)
        diag_words(e->s->diags, d, &w, got);
}

static struct value constant_value(struct expr *e, const struct constant *c, const char *start)
{
    if (c->group != e->want && c->group != GROUP_NUMBER && e->want != GROUP_ANY) {
        char text[120];
        struct words w = {0};
        struct diag *d;

        snprintf(text, sizeof(text), "`%s` is %s, not %s", c->name, group_name(c->group),
                 group_name(e->want));
        d = fail(e, start, text);
        for (unsigned i = 0; i < scn_constant_count; i++) {
            if (scn_constants[i].group == e->want)
                words_add(e->s->arena, &w, scn_constants[i].name);
        }
        if (d && w.num > 0)
            diag_words(e->s->diags, d, &w, c->name);
    }
    return number(c->value);
}

/* What follows the name of an array: [sum], .number, .name or .(sum). */
static struct value parse_index(struct expr *e)
{
    enum group want = e->want;
    struct value v;
    char close = *e->p == '[' ? ']' : ')';

    e->want = GROUP_NUMBER;
    if (*e->p == '[' || e->p[1] == '(') {
        e->p += *e->p == '[' ? 1 : 2;
        v = parse_sum(e);
        skip_spaces(e);
        if (*e->p == close)
            e->p++;
        else
            fail(e, e->p, close == ']' ? "a `]` is missing" : "a `)` is missing");
    } else {
        e->p++;
        v = number(0);
        if (is_digit(*e->p)) {
            v = number(strtoull(e->p, (char **)&e->p, 10));
        } else {
            const char *start = e->p;
            struct name *n;

            while (is_name_char(*e->p))
                e->p++;
            n = scn_find_name(e->s, start, (size_t)(e->p - start));
            if (n && (n->kind == NAME_LET || n->kind == NAME_LOOP || n->kind == NAME_LABEL))
                v = number(n->value);
            else
                unknown_name(e, start, (size_t)(e->p - start));
        }
    }
    e->want = want;
    if (v.var >= 0)
        fail(e, e->p, "an index must be known when the file is read");
    return v;
}

static struct value granule_value(struct expr *e, const struct name *n, const char *start)
{
    struct value index = number(0);
    char text[120];

    if (*e->p == '[' || *e->p == '.')
        index = parse_index(e);
    if (!e->failed && index.num >= n->count) {
        struct diag *d;

        snprintf(text, sizeof(text), "`%s` has %u granule%s: there is no %s[%llu]", n->text,
                 n->count, n->count == 1 ? "" : "s", n->text, (unsigned long long)index.num);
        d = fail(e, start, text);
        scn_allowed(e->s, d, "%s[0]..%s[%u]", n->text, n->text, n->count - 1);
    }
    return number(n->value + index.num * GRANULE_SIZE);
}

static struct value parse_name(struct expr *e)
{
    const char *start = e->p;
    const struct constant *c;
    const struct name *n;
    size_t len;

    while (is_name_char(*e->p))
        e->p++;
    len = (size_t)(e->p - start);
    n = scn_find_name(e->s, start, len);
    if (!n) {
        c = constant_find(start, len);
        if (c)
            return constant_value(e, c, start);
        unknown_name(e, start, len);
        return number(0);
    }
    switch (n->kind) {
    case NAME_GRANULE: return granule_value(e, n, start);
    case NAME_VAR: return (struct value){0, (int)n->value};
    case NAME_LET:
    case NAME_LOOP:
    case NAME_LABEL: return number(n->value);
    default:
        fail(
            e, start,
            arena_printf(e->s->arena, "`%s` is %s, not a value", n->text, name_kind_text(n->kind)));
        return number(0);
    }
}

/* --- arithmetic, modulo 2^64 --- */

static struct value parse_unary(struct expr *e)
{
    struct value v;

    skip_spaces(e);
    if (*e->p == '-') {
        e->p++;
        v = parse_unary(e);
        if (v.var >= 0)
            fail(e, e->p, "a saved variable stands for itself, or with + or - a number");
        return number(-v.num);
    }
    if (*e->p == '(') {
        const char *open = e->p++;

        if (e->depth++ == MAX_PARENTHESES)
            fail(e, open, "too many parentheses");
        v = e->failed ? number(0) : parse_sum(e);
        e->depth--;
        skip_spaces(e);
        if (*e->p == ')')
            e->p++;
        else
            fail(e, open, "this `(` is not closed");
        return v;
    }
    if (is_digit(*e->p))
        return parse_number(e);
    if (is_name_char(*e->p))
        return parse_name(e);
    scn_allowed(e->s, fail(e, e->p, *e->p ? "neither a number nor a name" : "a value is missing"),
                "a number, a name, + - * and parentheses");
    return number(0);
}

static struct value parse_product(struct expr *e)
{
    struct value v = parse_unary(e);

    for (skip_spaces(e); !e->failed && *e->p == '*'; skip_spaces(e)) {
        const char *at = e->p++;
        struct value w = parse_unary(e);

        if (v.var >= 0 || w.var >= 0)
            fail(e, at, "a saved variable stands for itself, or with + or - a number");
        v.num *= w.num;
    }
    return v;
}

static struct value parse_sum(struct expr *e)
{
    struct value v = parse_product(e);

    for (skip_spaces(e); !e->failed && (*e->p == '+' || *e->p == '-'); skip_spaces(e)) {
        const char *at = e->p++;
        struct value w = parse_product(e);

        if (w.var >= 0 && (v.var >= 0 || *at == '-'))
            fail(e, at, "a saved variable stands for itself, or with + or - a number");
        v.num = *at == '+' ? v.num + w.num : v.num - w.num;
        if (w.var >= 0)
            v.var = w.var;
    }
    return v;
}

static bool parse_text(struct scn *s, const struct node *n, enum group want, struct value *out)
{
    struct expr e = {.s = s, .at = n, .p = n->text, .want = want};

    *out = parse_sum(&e);
    skip_spaces(&e);
    if (!e.failed && *e.p)
        scn_allowed(s, fail(&e, e.p, "a value ends here, and something follows"),
                    "+ - * and parentheses");
    return !e.failed;
}

bool scn_value(struct scn *s, const struct node *n, enum group want, struct value *out)
{
    *out = number(0);
    if (n->kind != NODE_SCALAR || node_is_empty(n)) {
        scn_error(s, n, "%s, where a value must stand", node_kind_name(n));
        return false;
    }
    if (n->text[0] == '~' && n->text[1] == '\0') {
        scn_error(s, n, "`~` is null to YAML: write a value");
        return false;
    }
    return parse_text(s, n, want, out);
}

bool scn_number(struct scn *s, const struct node *n, uint64_t min, uint64_t max, uint64_t *out)
{
    struct value v;
    struct diag *d;

    if (!scn_value(s, n, GROUP_NUMBER, &v))
        return false;
    *out = v.num;
    if (v.var >= 0) {
        d = scn_error(s, n, "a saved variable is known only when the scenario runs");
        scn_allowed(s, d, "numbers, `let:` names, loop variables, granules");
        return false;
    }
    if (v.num >= min && (max == 0 || v.num <= max))
        return true;
    d = scn_error(s, n, "%s is out of range", n->text);
    if (max)
        scn_allowed(s, d, max > 0xffff ? "0x%llx..0x%llx" : "%llu..%llu", (unsigned long long)min,
                    (unsigned long long)max);
    else
        scn_allowed(s, d, "%llu or more", (unsigned long long)min);
    return false;
}

bool scn_bool(struct scn *s, const struct node *n, bool *out)
{
    if (n->kind == NODE_SCALAR && strcmp(n->text, "true") == 0)
        *out = true;
    else if (n->kind == NODE_SCALAR && strcmp(n->text, "false") == 0)
        *out = false;
    else {
        struct diag *d =
            n->kind == NODE_SCALAR
                ? scn_error(s, n, "`%.40s` is neither true nor false", n->text)
                : scn_error(s, n, "%s, where true or false must stand", node_kind_name(n));

        scn_allowed(s, d, "true, false");
        return false;
    }
    return true;
}

/* The array whose elements `name.*` or `name[*]` stands for; NULL: the text is something else. */
static const struct name *whole_array(struct scn *s, const struct node *n)
{
    size_t len = 0;
    const struct name *name;

    while (is_name_char(n->text[len]))
        len++;
    if (strcmp(n->text + len, ".*") != 0 && strcmp(n->text + len, "[*]") != 0)
        return NULL;
    name = scn_find_name(s, n->text, len);
    return name && name->kind == NAME_GRANULE ? name : NULL;
}

int scn_values(struct scn *s, const struct node *n, unsigned max, struct value *out)
{
    unsigned num = 0, index = 0;
    bool ok = true;

    FOR_EACH_ITEM(item, n)
    {
        const struct name *array = item->kind == NODE_SCALAR ? whole_array(s, item) : NULL;
        unsigned count = array ? array->count : 1;
        size_t old = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;

        if (count > max - num) {
            scn_allowed(s, scn_error(s, item, "too many values"), "%u", max);
            ok = false;
        } else if (array) {
            for (unsigned i = 0; i < count; i++)
                out[num++] = number(array->value + (uint64_t)i * GRANULE_SIZE);
        } else {
            ok &= scn_value(s, item, GROUP_ANY, &out[num++]);
        }
        path_pop(&s->path, old);
        if (count > max - num && !ok)
            break;
    }
    return ok ? (int)num : -1;
}

uint8_t *scn_bytes(struct scn *s, const struct node *n, uint32_t *len)
{
    uint8_t *out;
    const char *p;

    *len = 0;
    if (!scn_expect_kind(s, n, NODE_SCALAR, "hexadecimal digits"))
        return NULL;
    out = arena_alloc(s->arena, n->len / 2 + 1);
    for (p = n->text; *p;) {
        int high, low;

        if (strchr(" \n\t_", *p)) {
            p++;
            continue;
        }
        high = digit_value(p[0]);
        low = high < 16 ? digit_value(p[1]) : 255;
        if (high > 15 || low > 15) {
            scn_allowed(s,
                        scn_error_at(s, n, (size_t)(p - n->text),
                                     "not a pair of hexadecimal digits: `%.8s`", p),
                        "00..ff, spaces between pairs");
            return NULL;
        }
        out[(*len)++] = (uint8_t)(high << 4 | low);
        p += 2;
    }
    return out;
}
