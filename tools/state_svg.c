/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state of the machine as a picture: above, the granules in rows of 128 KB, coloured by what they
 * are, with a strip for their PAS; below, the RTTs of each Realm as trees, a column a level.
 */
#include "state.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>

#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MARGIN     24
#define PER_ROW    32u /* granules */
#define CELL       30
#define CELL_H     26
#define ROW_H      17
#define HEAD_H     40
#define BOX_W      272
#define COLUMN_W   (BOX_W + 56)
#define CHAR       8 /* width of a character, at most; of the title */
#define TITLE_CHAR 9
#define MAX_ROWS   28u /* of a table: the rest is counted */

static const char style[] =
    "<style>\n"
    "svg { --bg: #ffffff; --ink: #1b1f24; --soft: #5b6672; --line: #c9d0d7; --box: #f7f9fb;\n"
    "  background: var(--bg); }\n"
    "text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; fill: var(--ink); }\n"
    ".h { font: 600 15px system-ui, 'DejaVu Sans', Arial, sans-serif; }\n"
    ".soft { fill: var(--soft); }\n"
    ".tag { font-size: 10px; font-weight: 700; text-anchor: middle; fill: #10151a; }\n"
    ".box { fill: var(--box); stroke: var(--line); } .edge { fill: none; stroke: var(--soft);\n"
    "  stroke-width: 1.4; } .plain { fill: none; stroke: var(--line); }\n"
    ".lock { fill: none; stroke: #d01c1c; stroke-width: 2.5; }\n"
    ".named { fill: #dfe7ef; stroke: #9fb0c0; }\n"
    ".DELEGATED { fill: #b9c6d3; } .RD { fill: #c49af0; } .REC { fill: #f2a65a; }\n"
    ".REC_AUX { fill: #f8d3ab; } .RTT { fill: #7fb4f5; } .DATA { fill: #83d39b; }\n"
    ".pNS { fill: #aab4be; } .pSECURE { fill: #e7c229; } .pREALM { fill: #1f8a4c; }\n"
    ".pROOT { fill: #3a3f46; }\n"
    ".a { fill: #83d39b; } .n { fill: #aab4be; } .t { fill: #7fb4f5; } .u { fill: none;\n"
    "  stroke: var(--line); } .d { fill: #e48a86; } .e { fill: #d7f0de; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  svg { --bg: #12161b; --ink: #e4e9ee; --soft: #9aa6b2; --line: #3a4550; --box: #1a2027; }\n"
    "  .named { fill: #2a3440; stroke: #566575; } .pROOT { fill: #7b858f; }\n"
    "}\n"
    "</style>\n";

static const char *str(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));

    return s ? s : "";
}

static long long num(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}

static void escaped(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            text_puts(t, "&lt;");
        else if (*s == '&')
            text_puts(t, "&amp;");
        else
            text_add(t, s, 1);
    }
}

static void label(struct text *t, int x, int y, const char *class, const char *s)
{
    text_printf(t, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    escaped(t, s);
    text_puts(t, "</text>\n");
}

/* --- the map ---------------------------------------------------------------------------------------------------- */

struct map {
    struct text *t;
    struct machine *m;
    const struct scenario *sc;
    const struct state_owner *owner;
    int x, y; /* x: right of the addresses */
};

static const char *name_at(const struct map *p, uint64_t a)
{
    for (unsigned i = 0; i < p->sc->num_names; i++) {
        if (p->sc->names[i].pa == a)
            return p->sc->names[i].name;
    }
    return NULL;
}

static bool is_same(const struct map *p, uint32_t a, uint32_t b)
{
    const struct gst_entry *x = &p->m->gst[a], *y = &p->m->gst[b];

    return x->state == y->state && x->lock == y->lock &&
           gpt_pas(p->m, granule_pa(p->m, a)) == gpt_pas(p->m, granule_pa(p->m, b));
}

/* All of one kind, and nothing in it has a name. */
static bool is_plain_row(const struct map *p, uint32_t first)
{
    for (uint32_t i = first; i < first + PER_ROW && i < p->m->mem.num; i++) {
        if (!is_same(p, first, i) || p->m->gst[i].lock || name_at(p, granule_pa(p->m, i)))
            return false;
    }
    return p->m->gst[first].state == GST_UNDELEGATED;
}

static const char *tag_of(const struct map *p, uint32_t i, char *buf, size_t size)
{
    static const char *const tags[GST_STATE_COUNT] = {
        [GST_RD] = "RD", [GST_REC] = "REC", [GST_REC_AUX] = "AUX", [GST_DATA] = "DATA"};
    unsigned state = p->m->gst[i].state;

    if (state == GST_RTT && p->owner[i].in_table) {
        snprintf(buf, size, "RTT%d", p->owner[i].level);
        return buf;
    }
    return state == GST_RTT ? "RTT" : tags[state] ? tags[state] : "";
}

static void cell_title(const struct map *p, uint32_t i)
{
    const struct gst_entry *g = &p->m->gst[i];
    const struct state_owner *o = &p->owner[i];
    uint64_t a = granule_pa(p->m, i);

    text_puts(p->t, "<title>");
    if (name_at(p, a))
        text_printf(p->t, "%s  ", name_at(p, a));
    text_printf(p->t, "0x%llx  %s PAS  %s, refcount %u", (unsigned long long)a,
                pas_name(gpt_pas(p->m, a)), gst_state_name(g->state), g->refcount);
    if (o->rd) {
        text_puts(p->t, "  of ");
        report_address(p->t, p->sc, o->rec ? o->rec : o->rd);
    }
    if (o->in_table)
        text_printf(p->t, "  IPA 0x%llx", (unsigned long long)o->ipa);
    if (g->lock)
        text_printf(p->t, "  locked by PE %u", g->lock - 1u);
    text_puts(p->t, "</title>");
}

static void cell(const struct map *p, uint32_t i, int x)
{
    uint64_t a = granule_pa(p->m, i);
    unsigned state = p->m->gst[i].state;
    const char *class = state != GST_UNDELEGATED ? gst_state_name(state)
                        : name_at(p, a)          ? "named"
                                                 : "plain";
    char tag[16];

    text_puts(p->t, "<g>");
    cell_title(p, i);
    text_printf(p->t, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" class=\"%s\"/>",
                x, p->y, CELL - 3, CELL_H - 4, class);
    text_printf(p->t, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"4\" class=\"p%s\"/>", x,
                p->y + CELL_H - 8, CELL - 3, pas_name(gpt_pas(p->m, a)));
    if (state != GST_UNDELEGATED)
        text_printf(p->t, "<text x=\"%d\" y=\"%d\" class=\"tag\">%s</text>", x + (CELL - 3) / 2,
                    p->y + 13, tag_of(p, i, tag, sizeof(tag)));
    if (p->m->gst[i].lock)
        text_printf(p->t,
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" class=\"lock\"/>",
                    x - 1, p->y - 1, CELL - 1, CELL_H - 2);
    text_puts(p->t, "</g>\n");
}

static void row(struct map *p, uint32_t first)
{
    char address[32];

    snprintf(address, sizeof(address), "0x%llx", (unsigned long long)granule_pa(p->m, first));
    label(p->t, MARGIN, p->y + 14, "soft", address);
    for (uint32_t i = first; i < first + PER_ROW && i < p->m->mem.num; i++)
        cell(p, i, p->x + (int)(i - first) * CELL);
    p->y += CELL_H;
}

static void plain_rows(struct map *p, uint32_t first, uint32_t end)
{
    const char *pas = pas_name(gpt_pas(p->m, granule_pa(p->m, first)));
    struct text s = {0};

    text_printf(&s, "0x%llx", (unsigned long long)granule_pa(p->m, first));
    label(p->t, MARGIN, p->y + 14, "soft", s.s);
    text_clear(&s);
    text_printf(&s, "%u granules, %s", end - first, pas);
    text_printf(p->t,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" class=\"plain\" "
                "stroke-dasharray=\"3 3\"/>",
                p->x, p->y, (int)PER_ROW * CELL - 3, CELL_H - 4);
    text_printf(p->t, "<rect x=\"%d\" y=\"%d\" width=\"6\" height=\"%d\" class=\"p%s\"/>\n", p->x,
                p->y, CELL_H - 4, pas);
    label(p->t, p->x + 14, p->y + 15, "soft", s.s);
    text_free(&s);
    p->y += CELL_H;
}

static void map(struct map *p)
{
    uint32_t i = 0;

    while (i < p->m->mem.num) {
        uint32_t end = i;

        while (end < p->m->mem.num && is_plain_row(p, end) && is_same(p, i, end))
            end += PER_ROW;
        if (end > p->m->mem.num)
            end = p->m->mem.num;
        if (end > i) {
            plain_rows(p, i, end);
            i = end;
        } else {
            row(p, i);
            i += PER_ROW;
        }
    }
}

static int legend_item(struct text *t, int x, int y, const char *class, int height,
                       const char *what)
{
    text_printf(t, "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"%d\" rx=\"2\" class=\"%s\"/>", x,
                y + 12 - height, height, class);
    label(t, x + 20, y + 11, "soft", what);
    return x + 20 + (int)strlen(what) * 7 + 22;
}

static void map_legend(struct map *p)
{
    static const char *const pas[] = {"NS", "SECURE", "REALM", "ROOT"};
    int x = p->x;

    label(p->t, MARGIN, p->y + 11, "soft", "granule");
    for (unsigned i = GST_DELEGATED; i < GST_STATE_COUNT; i++)
        x = legend_item(p->t, x, p->y, gst_state_name(i), 14, gst_state_name(i));
    x = legend_item(p->t, x, p->y, "named", 14, "UNDELEGATED, with a name");
    legend_item(p->t, x, p->y, "lock", 14, "locked");
    p->y += 20;
    x = p->x;
    label(p->t, MARGIN, p->y + 11, "soft", "PAS");
    for (unsigned i = 0; i < 4; i++) {
        char class[16];

        snprintf(class, sizeof(class), "p%s", pas[i]);
        x = legend_item(p->t, x, p->y, class, 6, pas[i]);
    }
    p->y += 32;
}

/* --- the trees ------------------------------------------------------------------------------------------------------ */

static unsigned rows_of(const json_t *table)
{
    size_t n = json_array_size(json_object_get(table, "entries"));

    return n > MAX_ROWS ? MAX_ROWS + 1 : (unsigned)n;
}

static int height_of(const json_t *table)
{
    return HEAD_H + (int)rows_of(table) * ROW_H + 8;
}

/* Of the table with all that hangs below it. */
static int total_height(const json_t *table)
{
    int below = 0, own = height_of(table) + 14;
    size_t i;
    json_t *e;

    json_array_foreach(json_object_get(table, "entries"), i, e)
    {
        if (i < MAX_ROWS && json_object_get(e, "table"))
            below += total_height(json_object_get(e, "table"));
    }
    return below > own ? below : own;
}

static const char *entry_class(const json_t *e)
{
    const char *state = str(e, "state"), *ripas = str(e, "ripas");

    if (strcmp(state, "TABLE") == 0)
        return "t";
    if (strcmp(state, "ASSIGNED_NS") == 0)
        return "n";
    if (strcmp(ripas, "DESTROYED") == 0)
        return "d";
    if (strcmp(state, "ASSIGNED") == 0)
        return strcmp(ripas, "RAM") == 0 ? "a" : "e";
    return strcmp(ripas, "RAM") == 0 ? "e" : "u";
}

static void entry_label(struct text *s, const json_t *e)
{
    long long first = num(e, "first"), last = num(e, "last");

    if (first == last)
        text_printf(s, "[%lld] ", first);
    else
        text_printf(s, "[%lld..%lld] ", first, last);
    text_puts(s, str(e, "state"));
    if (json_object_get(e, "ripas"))
        text_printf(s, " %s", str(e, "ripas"));
    if (json_object_get(e, "pa") && json_object_get(e, "table") == NULL)
        text_printf(s, " %s", str(e, "name"));
}

static void entry_row(struct text *t, const json_t *e, int x, int y)
{
    struct text s = {0};

    entry_label(&s, e);
    text_puts(t, "<g><title>");
    escaped(t, s.s);
    text_printf(t, "  IPA %s</title>", str(e, "ipa"));
    text_printf(t, "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"%d\" class=\"%s\"/>", x + 8, y + 3,
                ROW_H - 5, entry_class(e));
    /* What does not fit is in the title. */
    if (s.len > 33) {
        s.len = 32;
        s.s[s.len] = '\0';
        text_puts(&s, "\xe2\x80\xa6");
    }
    label(t, x + 22, y + 13, "", s.s);
    text_puts(t, "</g>");
    text_free(&s);
}

static void tree(struct text *t, const json_t *table, int x, int y)
{
    const json_t *entries = json_object_get(table, "entries");
    int below = y, h = height_of(table);
    struct text s = {0};
    size_t i;
    json_t *e;

    text_printf(t, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" class=\"box\"/>\n",
                x, y, BOX_W, h);
    text_printf(&s, "level %lld  %s", num(table, "level"), str(table, "name"));
    label(t, x + 8, y + 16, "", s.s);
    text_clear(&s);
    text_printf(&s, "IPA %s, refcount %lld", str(table, "ipa"), num(table, "refcount"));
    label(t, x + 8, y + 32, "soft", s.s);
    text_clear(&s);
    json_array_foreach(entries, i, e)
    {
        int at = y + HEAD_H + (int)i * ROW_H;
        const json_t *child = json_object_get(e, "table");

        if (i == MAX_ROWS) {
            text_printf(&s, "and %zu more", json_array_size(entries) - i);
            label(t, x + 22, at + 13, "soft", s.s);
            break;
        }
        entry_row(t, e, x, at);
        if (child == NULL)
            continue;
        text_printf(t, "<path class=\"edge\" d=\"M%d %d C%d %d %d %d %d %d\"/>\n", x + BOX_W,
                    at + 9, x + BOX_W + 28, at + 9, x + COLUMN_W - 28, below + 18, x + COLUMN_W,
                    below + 18);
        tree(t, child, x + COLUMN_W, below);
        below += total_height(child);
    }
    text_free(&s);
}

static unsigned depth_of(const json_t *table)
{
    unsigned deepest = 0;
    size_t i;
    json_t *e;

    json_array_foreach(json_object_get(table, "entries"), i, e)
    {
        unsigned d = json_object_get(e, "table") ? depth_of(json_object_get(e, "table")) : 0;

        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

static void recs(struct text *t, const json_t *realm, int *y)
{
    size_t i;
    json_t *r;

    json_array_foreach(json_object_get(realm, "recs"), i, r)
    {
        const json_t *pending = json_object_get(r, "pending");
        struct text s = {0};

        text_printf(&s, "REC %s: index %lld, %s%s", str(r, "name"), num(r, "index"),
                    json_is_true(json_object_get(r, "runnable")) ? "runnable" : "not runnable",
                    json_is_true(json_object_get(r, "running")) ? ", running" : "");
        for (size_t k = 0; k < json_array_size(pending); k++)
            text_printf(&s, "%s %s",
                        k ? "," : "; pending:", json_string_value(json_array_get(pending, k)));
        label(t, MARGIN, *y + 12, "", s.s);
        text_free(&s);
        *y += 18;
    }
}

static void tree_legend(struct text *t, int *y)
{
    int x = legend_item(t, MARGIN, *y, "t", 14, "TABLE");

    x = legend_item(t, x, *y, "a", 14, "ASSIGNED RAM");
    x = legend_item(t, x, *y, "e", 14, "RAM without a page, or a page that is not RAM");
    x = legend_item(t, x, *y, "d", 14, "DESTROYED");
    x = legend_item(t, x, *y, "n", 14, "ASSIGNED_NS");
    legend_item(t, x, *y, "u", 14, "UNASSIGNED");
    *y += 26;
}

/* Returns the width. */
static int realm(struct text *t, const json_t *r, int *y)
{
    struct text s = {0};
    unsigned depth = 1;
    size_t i;
    json_t *table;

    text_printf(&s, "Realm %s: %s, s2sz %lld, VMID %lld, %s", str(r, "name"), str(r, "state"),
                num(r, "s2sz"), num(r, "vmid"), str(r, "hash"));
    label(t, MARGIN, *y + 14, "h", s.s);
    text_free(&s);
    *y += 26;
    recs(t, r, y);
    *y += 8;
    tree_legend(t, y);
    json_array_foreach(json_object_get(r, "tables"), i, table)
    {
        unsigned d = depth_of(table);

        tree(t, table, MARGIN, *y);
        *y += total_height(table);
        depth = d > depth ? d : depth;
    }
    *y += 20;
    return MARGIN + (int)depth * COLUMN_W;
}

static int address_width(const struct machine *m)
{
    char last[32];

    return CHAR * snprintf(last, sizeof(last), "0x%llx ",
                           (unsigned long long)(m->mem.base + m->mem.size - 1));
}

void state_svg(struct text *t, struct machine *m, const struct scenario *sc, const json_t *state,
               const char *title)
{
    struct state_owner *owner = state_owners(m);
    struct text body = {0};
    struct map p = {&body, m, sc, owner, MARGIN, MARGIN};
    int width, title_width = 2 * MARGIN + (int)strlen(title) * TITLE_CHAR;
    size_t i;
    json_t *r;

    p.x += address_width(p.m);
    width = p.x + (int)PER_ROW * CELL + MARGIN;
    width = title_width > width ? title_width : width;
    label(&body, MARGIN, p.y + 12, "h", title);
    p.y += 30;
    map_legend(&p);
    map(&p);
    p.y += 24;
    json_array_foreach(json_object_get(state, "realms"), i, r)
    {
        int w = realm(&body, r, &p.y);

        width = w > width ? w : width;
    }
    text_printf(t,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
                width, p.y + MARGIN, width, p.y + MARGIN);
    escaped(t, title);
    text_puts(t, "</title>\n");
    text_puts(t, style);
    text_add(t, body.s, body.len);
    text_puts(t, "</svg>\n");
    text_free(&body);
    free(owner);
}
