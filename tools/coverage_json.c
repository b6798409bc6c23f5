/* SPDX-License-Identifier: BSD-3-Clause */
/* Coverage as JSON, and the page that shows it: tools/coverage.html with that JSON in it. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "coverage_page.h"
#include "report.h"

static json_t *files_json(const struct coverage *c, const struct cover_files *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->num; i++)
        json_array_append_new(list, json_integer(c->passed[f->v[i]]));
    return list;
}

static json_t *condition_json(const struct coverage *c, const struct cover_of *of, unsigned row)
{
    const struct spec_cond *cond = &of->cmd->conds[row];
    struct text status = {0};
    json_t *j;

    describe_cond_status_name(&status, of->cmd, row);
    j = json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o}", "id", cond->id, "condition", cond->text,
                  "status", status.s, "index", cond->index ? cond->index : "0", "unreachable",
                  cond->unreachable, "held", files_json(c, &of->held[row]), "decided",
                  files_json(c, &of->decided[row]));
    text_free(&status);
    return j;
}

static json_t *success_json(const struct coverage *c, const struct cover_success *s)
{
    return json_pack("{s:s, s:s?, s:s?, s:o}", "variant", s->name, "text", s->text, "never",
                     s->never, "seen", files_json(c, &s->seen));
}

static json_t *pair_json(const struct coverage *c, const struct cover_of *of,
                         const struct cover_pair *p)
{
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "before", of->cmd->conds[p->before].id, "after",
                     of->cmd->conds[p->after].id, "source", p->source, "never", p->never, "both",
                     files_json(c, &p->both));
}

static json_t *totals_json(const struct coverage *c, const struct cover_of *of)
{
    json_t *j = json_object();

    for (unsigned kind = 0; kind < COVER_KINDS; kind++) {
        struct cover_total t = coverage_total(c, of, (enum cover_kind)kind);

        json_object_set_new(j, cover_kind_names[kind],
                            json_pack("{s:i, s:i, s:i}", "done", (int)t.done, "possible",
                                      (int)t.possible, "never", (int)t.never));
    }
    return j;
}

static json_t *command_json(const struct coverage *c, const struct cover_of *of)
{
    const struct abi_command *abi = abi_command_by_fid(of->cmd->fid);
    json_t *conds = json_array(), *successes = json_array(), *pairs = json_array();
    struct text name = {0};
    json_t *j;

    for (unsigned i = 0; i < of->cmd->num_conds; i++)
        json_array_append_new(conds, condition_json(c, of, i));
    for (unsigned i = 0; i < of->num_successes; i++)
        json_array_append_new(successes, success_json(c, &of->success[i]));
    for (unsigned i = 0; i < of->num_pairs; i++)
        json_array_append_new(pairs, pair_json(c, of, &of->pair[i]));
    text_printf(&name, "%s_%s", abi_command_interface(abi), abi->name);
    j = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "command", name.s, "section", abi->section,
                  "totals", totals_json(c, of), "called", files_json(c, &of->called), "conditions",
                  conds, "successes", successes, "pairs", pairs);
    text_free(&name);
    return j;
}

json_t *coverage_json(const struct coverage *c)
{
    json_t *scenarios = json_array(), *commands = json_array();

    for (size_t i = 0; i < c->items->num; i++) {
        if (c->passed[i] >= 0)
            json_array_append_new(scenarios, json_pack("{s:s, s:s}", "file", c->items->v[i].path,
                                                       "purpose", c->purpose[i]));
    }
    for (size_t i = 0; i < c->num; i++)
        json_array_append_new(commands, command_json(c, &c->of[i]));
    return json_pack("{s:i, s:i, s:o, s:o, s:o}", "format", 1, "failed", (int)run_bad(&c->counts),
                     "totals", totals_json(c, NULL), "scenarios", scenarios, "commands", commands);
}

/* A `</script>` in the data would end it. */
static void put_json(const char *s, FILE *out)
{
    for (; *s; s++) {
        if (*s == '<')
            fputs("\\u003c", out);
        else
            putc(*s, out);
    }
}

void coverage_html(const struct coverage *c, FILE *out)
{
    static const char mark[] = "@DATA@";
    const char *at = strstr(coverage_page, mark);
    json_t *j = coverage_json(c);
    char *s = json_dumps(j, JSON_COMPACT);

    if (s == NULL || at == NULL)
        MODEL_BUG("coverage page");
    fwrite(coverage_page, 1, (size_t)(at - coverage_page), out);
    put_json(s, out);
    fputs(at + strlen(mark), out);
    free(s);
    json_decref(j);
}
