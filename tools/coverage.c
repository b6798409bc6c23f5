/* SPDX-License-Identifier: BSD-3-Clause */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

const char *const cover_kind_names[COVER_KINDS] = {"conditions", "successes", "ordered pairs"};

static void *grown(void *v, size_t num, size_t size)
{
    void *p = realloc(v, num * size);

    if (p == NULL)
        MODEL_BUG("out of memory");
    return p;
}

static void files_add(struct cover_files *f, size_t item)
{
    if (f->num == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 8;
        f->v = grown(f->v, f->capacity, sizeof(*f->v));
    }
    f->v[f->num++] = (uint32_t)item;
}

/* --- what a scenario has seen: lines that only this file reads --- */

static void write_command(struct text *t, size_t command, const struct cover_command *k)
{
    text_printf(t, "C %zu\n", command);
    for (unsigned i = 0; i < k->cmd->num_conds; i++) {
        if (k->row[i].held)
            text_printf(t, "R %u %d %llx\n", i, k->row[i].decided != 0,
                        (unsigned long long)k->row[i].with);
    }
    if (k->success && k->cmd->num_variants == 0)
        text_puts(t, "S \n");
    for (unsigned i = 0; i < k->num_variants; i++)
        text_printf(t, "S %s\n", k->variant[i].name);
}

void coverage_scenario(struct text *t, const struct check *check)
{
    size_t num;
    const struct spec_command *cmds = spec_commands(&num);

    for (size_t i = 0; i < num; i++) {
        const struct cover_command *k = check_cover_of(check, &cmds[i]);

        if (k)
            write_command(t, i, k);
    }
}

/* --- the tables --- */

static void add_pair(struct cover_of *of, unsigned before, unsigned after, const char *source)
{
    for (unsigned i = 0; i < of->num_pairs; i++) {
        if (of->pair[i].before == before && of->pair[i].after == after)
            return;
    }
    of->pair = grown(of->pair, of->num_pairs + 1, sizeof(*of->pair));
    of->pair[of->num_pairs++] = (struct cover_pair){
        .before = before,
        .after = after,
        .source = source,
        .never = spec_never_together(of->cmd, before, after),
    };
}

static void init_pairs(struct cover_of *of)
{
    for (unsigned i = 0; i < of->cmd->num_orders; i++) {
        const struct spec_order *o = &of->cmd->orders[i];

        for (uint64_t b = o->before; b; b &= b - 1) {
            for (uint64_t a = o->after; a; a &= a - 1)
                add_pair(of, (unsigned)__builtin_ctzll(b), (unsigned)__builtin_ctzll(a), o->source);
        }
    }
}

static struct cover_success *add_success(struct cover_of *of, const char *name, const char *what)
{
    struct cover_success *s;

    of->success = grown(of->success, of->num_successes + 1, sizeof(*of->success));
    s = &of->success[of->num_successes++];
    *s = (struct cover_success){.name = strdup(name), .text = what};
    if (s->name == NULL)
        MODEL_BUG("out of memory");
    return s;
}

static void init_successes(struct cover_of *of)
{
    if (of->cmd->num_variants == 0)
        add_success(of, "", NULL);
    for (unsigned i = 0; i < of->cmd->num_variants; i++)
        add_success(of, of->cmd->variants[i].id, of->cmd->variants[i].text);
}

void coverage_init(struct coverage *c, const struct items *items)
{
    const struct spec_command *cmds;

    memset(c, 0, sizeof(*c));
    c->items = items;
    cmds = spec_commands(&c->num);
    c->of = calloc(c->num, sizeof(*c->of));
    if (c->of == NULL)
        MODEL_BUG("out of memory");
    c->passed = calloc(items->num + 1, sizeof(*c->passed));
    c->purpose = calloc(items->num + 1, sizeof(*c->purpose));
    if (c->passed == NULL || c->purpose == NULL)
        MODEL_BUG("out of memory");
    for (size_t i = 0; i < items->num; i++)
        c->passed[i] = -1;
    for (size_t i = 0; i < c->num; i++) {
        c->of[i].cmd = &cmds[i];
        init_pairs(&c->of[i]);
        init_successes(&c->of[i]);
    }
}

void coverage_free(struct coverage *c)
{
    for (size_t i = 0; i < c->num; i++) {
        struct cover_of *of = &c->of[i];

        free(of->called.v);
        for (unsigned k = 0; k < SPEC_MAX_CONDS; k++) {
            free(of->held[k].v);
            free(of->decided[k].v);
        }
        for (unsigned k = 0; k < of->num_pairs; k++)
            free(of->pair[k].both.v);
        for (unsigned k = 0; k < of->num_successes; k++) {
            free(of->success[k].name);
            free(of->success[k].seen.v);
        }
        free(of->pair);
        free(of->success);
    }
    for (size_t i = 0; i < c->items->num; i++)
        free(c->purpose[i]);
    free(c->purpose);
    free(c->passed);
    free(c->of);
    *c = (struct coverage){0};
}

/* --- gathering --- */

static void read_row(struct cover_of *of, const char *line, size_t item)
{
    unsigned row;
    int decided;
    unsigned long long with;

    if (sscanf(line, "%u %d %llx", &row, &decided, &with) != 3 || row >= of->cmd->num_conds)
        MODEL_BUG("coverage of a scenario: %s", line);
    files_add(&of->held[row], item);
    if (decided)
        files_add(&of->decided[row], item);
    for (unsigned i = 0; i < of->num_pairs; i++) {
        if (of->pair[i].before == row && with >> of->pair[i].after & 1)
            files_add(&of->pair[i].both, item);
    }
}

static void read_success(struct cover_of *of, const char *name, size_t len, size_t item)
{
    struct cover_success *s = NULL;
    char *copy = strndup(name, len);

    if (copy == NULL)
        MODEL_BUG("out of memory");
    for (unsigned i = 0; i < of->num_successes && s == NULL; i++)
        s = strcmp(of->success[i].name, copy) == 0 ? &of->success[i] : NULL;
    if (s == NULL) {
        s = add_success(of, copy, NULL);
        s->never = "no row of the table has that name";
    }
    if (s && (s->seen.num == 0 || s->seen.v[s->seen.num - 1] != item))
        files_add(&s->seen, item);
    free(copy);
}

void coverage_add(struct coverage *c, size_t item, const struct run_outcome *o)
{
    const char *p = o->text[OUT_COVER].s;
    struct cover_of *of = NULL;

    c->counts.n[o->result]++;
    if (o->result != RUN_PASSED)
        return;
    c->passed[item] = c->num_passed++;
    c->purpose[item] = strdup(o->text[OUT_NAME].s ? o->text[OUT_NAME].s : "");
    while (p && *p) {
        size_t len = strcspn(p, "\n");

        if (*p == 'C') {
            of = &c->of[strtoul(p + 2, NULL, 10)];
            files_add(&of->called, item);
        } else if (of && *p == 'R') {
            read_row(of, p + 2, item);
        } else if (of) {
            read_success(of, p + 2, len - 2, item);
        }
        p += len + (p[len] == '\n');
    }
}

/* --- totals --- */

static void count(struct cover_total *t, bool done, bool never)
{
    t->never += never;
    t->possible += !never;
    t->done += done && !never;
}

static void total_of(const struct cover_of *of, enum cover_kind kind, struct cover_total *t)
{
    switch (kind) {
    case COVER_CONDITIONS:
        for (unsigned i = 0; i < of->cmd->num_conds; i++)
            count(t, of->decided[i].num != 0, of->cmd->conds[i].unreachable);
        break;
    case COVER_SUCCESSES:
        for (unsigned i = 0; i < of->num_successes; i++)
            count(t, of->success[i].seen.num != 0, of->success[i].never != NULL);
        break;
    case COVER_PAIRS:
        for (unsigned i = 0; i < of->num_pairs; i++)
            count(t, of->pair[i].both.num != 0, of->pair[i].never != NULL);
        break;
    case COVER_KINDS: break;
    }
}

struct cover_total coverage_total(const struct coverage *c, const struct cover_of *of,
                                  enum cover_kind kind)
{
    struct cover_total t = {0};

    for (size_t i = 0; i < c->num; i++) {
        if (of == NULL || of == &c->of[i])
            total_of(&c->of[i], kind, &t);
    }
    return t;
}

unsigned coverage_num_impossible(const struct coverage *c)
{
    unsigned n = 0;

    for (size_t i = 0; i < c->num; i++) {
        const struct cover_of *of = &c->of[i];

        for (unsigned k = 0; k < of->cmd->num_conds; k++)
            n += of->cmd->conds[k].unreachable && of->held[k].num;
        for (unsigned k = 0; k < of->num_pairs; k++)
            n += of->pair[k].never && of->pair[k].both.num;
        for (unsigned k = 0; k < of->num_successes; k++)
            n += of->success[k].never && of->success[k].seen.num;
    }
    return n;
}
