/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim list: the tables that everything else is made of, for people and (with --json) for
 * programs. */
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <ccasim/check.h>
#include <ccasim/plat.h>
#include <ccasim/rmm.h>
#include <ccasim/spec.h>

#include "cmd.h"
#include "report.h"
#include "text.h"

static void print_help(void)
{
    puts("usage: ccasim list [--json] [--loose] "
         "conditions|variants|invariants|commands|bugs|platforms\n"
         "\n"
         "  conditions   failure conditions of every command, with the order between them\n"
         "  variants     the ways in which each command succeeds\n"
         "  invariants   rules that are checked after every step\n"
         "  commands     RMI, RSI and PSCI commands with their arguments and results\n"
         "  bugs         bugs that `ccasim run --break NAME` plants\n"
         "  platforms    memory maps that `ccasim boot --platform NAME` has\n"
         "\n"
         "  --json       for programs\n"
         "  --loose      with conditions: what the specification leaves open, and why\n"
         "  -h, --help   this text\n"
         "\n"
         "Example: ccasim list conditions | grep rtt_create");
}

/* --- names --- */

static const char *command_name(const struct abi_command *c, char *buf, size_t size)
{
    snprintf(buf, size, "%s_%s", abi_command_interface(c), c->name);
    return buf;
}

/* "rtt_create.rtte_state". The caller frees the text. */
static struct text condition_id(const struct spec_command *c, unsigned row)
{
    struct text t = {0};

    describe_cond_id(&t, c, row);
    return t;
}

/* "rtt_create/success:unfold_assigned_ns". The caller frees the text. */
static struct text variant_id(const struct spec_command *c, unsigned row)
{
    struct text t = {0};

    describe_variant_id(&t, c, row);
    return t;
}

static const char *condition_status(const struct spec_command *c, const struct spec_cond *cond)
{
    const struct abi_command *abi = abi_command_by_fid(c->fid);

    if (abi_command_is_psci(abi))
        return psci_status_name((uint64_t)(int8_t)cond->status);
    return abi_command_is_rsi(abi) ? rsi_status_name((unsigned)cond->status)
                                   : rmi_status_name((unsigned)cond->status);
}

static const char *condition_index(const struct spec_cond *cond)
{
    return cond->index ? cond->index : "0";
}

/* --- as JSON --- */

static json_t *conditions_of_mask(const struct spec_command *c, uint64_t mask)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->num_conds; i++) {
        struct text id = condition_id(c, i);

        if (mask >> i & 1)
            json_array_append_new(list, json_string(id.s));
        text_free(&id);
    }
    return list;
}

/* Edges from this condition: those that it precedes, by source. */
static json_t *edges_of(const struct spec_command *c, unsigned row)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->num_orders; i++) {
        const struct spec_order *o = &c->orders[i];

        if (o->before >> row & 1)
            json_array_append_new(list,
                                  json_pack("{s:o, s:s}", "precedes",
                                            conditions_of_mask(c, o->after), "source", o->source));
    }
    return list;
}

static json_t *condition_json(const struct spec_command *c, unsigned row)
{
    const struct abi_command *abi = abi_command_by_fid(c->fid);
    const struct spec_cond *cond = &c->conds[row];
    struct text id = condition_id(c, row);
    char name[64];
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:b}", "command",
                          command_name(abi, name, sizeof(name)), "id", id.s, "status",
                          condition_status(c, cond), "index", condition_index(cond), "condition",
                          cond->text, "order", edges_of(c, row), "source", abi->section,
                          "unreachable", cond->unreachable);

    text_free(&id);
    return j;
}

static json_t *conditions_json(void)
{
    size_t count;
    const struct spec_command *c = spec_commands(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        for (unsigned row = 0; row < c[i].num_conds; row++)
            json_array_append_new(list, condition_json(&c[i], row));
    }
    return list;
}

static json_t *variants_json(void)
{
    size_t count;
    const struct spec_command *c = spec_commands(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        char name[64];

        command_name(abi_command_by_fid(c[i].fid), name, sizeof(name));
        for (unsigned row = 0; row < c[i].num_variants; row++) {
            struct text id = variant_id(&c[i], row);

            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "command", name, "id", id.s,
                                                  "when", c[i].variants[row].text));
            text_free(&id);
        }
    }
    return list;
}

static json_t *loose_json(void)
{
    size_t count;
    const struct spec_command *c = spec_commands(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        char name[64];

        command_name(abi_command_by_fid(c[i].fid), name, sizeof(name));
        for (unsigned k = 0; k < c[i].num_loose; k++)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "command", name, "what",
                                                  c[i].loose[k].what, "why", c[i].loose[k].why));
    }
    return list;
}

static json_t *invariants_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < check_rule_count; i++) {
        const struct check_rule *r = &check_rules[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", r->id, "name", r->name,
                                        "rule", r->text, "source", r->source, "reads", r->reads));
    }
    return list;
}

static const char *kind_name(enum abi_kind kind)
{
    static const char *const names[] = {
        [ABI_NONE] = "none",
        [ABI_ADDR] = "pa",
        [ABI_RD] = "rd",
        [ABI_REC] = "rec",
        [ABI_RTT] = "rtt",
        [ABI_DATA] = "data",
        [ABI_NS_PTR] = "ns",
        [ABI_IPA] = "ipa",
        [ABI_LEVEL] = "level",
        [ABI_DESC] = "desc",
        [ABI_FLAGS] = "flags",
        [ABI_UINT] = "uint",
        [ABI_VERSION_WORD] = "version",
        [ABI_STATE] = "state",
        [ABI_RIPAS] = "ripas",
        [ABI_STATUS] = "status",
        [ABI_BYTES] = "bytes",
    };
    return names[kind];
}

static json_t *fields_json(const struct abi_field *f, unsigned num)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < num; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "name", f[i].name, "kind", kind_name(f[i].kind)));
    return list;
}

static json_t *command_json(const struct abi_command *c)
{
    char name[64], fid[24], since[24];

    snprintf(fid, sizeof(fid), "0x%llX", (unsigned long long)c->fid);
    snprintf(since, sizeof(since), "%u.%u", (unsigned)(c->since >> 16),
             (unsigned)(c->since & 0xffff));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "command",
                     command_name(c, name, sizeof(name)), "fid", fid, "since", since, "source",
                     c->section, "in", fields_json(c->in, abi_command_num_in(c)), "out",
                     fields_json(c->out, abi_command_num_out(c)));
}

static json_t *commands_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < abi_rmi_command_count; i++)
        json_array_append_new(list, command_json(&abi_rmi_commands[i]));
    for (size_t i = 0; i < abi_rsi_command_count; i++)
        json_array_append_new(list, command_json(&abi_rsi_commands[i]));
    for (size_t i = 0; i < abi_psci_command_count; i++)
        json_array_append_new(list, command_json(&abi_psci_commands[i]));
    return list;
}

static json_t *bugs_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rmm_bug_count; i++) {
        const struct rmm_bug_info *b = &rmm_bugs[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", b->name, "what",
                                              b->what, "claim", b->claim, "scenario", b->scenario));
    }
    return list;
}

/* --- as text --- */

static void print_edges(const struct spec_command *c, unsigned row)
{
    for (unsigned i = 0; i < c->num_orders; i++) {
        const struct spec_order *o = &c->orders[i];
        const char *comma = "";

        if (!(o->before >> row & 1))
            continue;
        printf("    before ");
        for (unsigned k = 0; k < c->num_conds; k++) {
            if (o->after >> k & 1) {
                printf("%s%s", comma, c->conds[k].id);
                comma = ", ";
            }
        }
        printf("  (%s)\n", o->source);
    }
}

static void print_condition(const struct spec_command *c, unsigned row)
{
    const struct spec_cond *cond = &c->conds[row];
    struct text id = condition_id(c, row);
    const char *status = condition_status(c, cond);

    if (cond->index)
        printf("%-42s %s/%s\n", id.s, status, cond->index);
    else
        printf("%-42s %s\n", id.s, status);
    printf("    %s%s\n", cond->text, cond->unreachable ? "  [cannot be true]" : "");
    print_edges(c, row);
    text_free(&id);
}

static void print_conditions(void)
{
    size_t count, num = 0;
    const struct spec_command *c = spec_commands(&count);

    for (size_t i = 0; i < count; i++) {
        char name[64];
        const struct abi_command *abi = abi_command_by_fid(c[i].fid);

        printf("%s  DEN0137 %s\n", command_name(abi, name, sizeof(name)), abi->section);
        for (unsigned row = 0; row < c[i].num_conds; row++)
            print_condition(&c[i], row);
        num += c[i].num_conds;
        putchar('\n');
    }
    printf("%zu conditions of %zu commands\n", num, count);
}

static void print_variants(void)
{
    size_t count, num = 0;
    const struct spec_command *c = spec_commands(&count);

    for (size_t i = 0; i < count; i++) {
        for (unsigned row = 0; row < c[i].num_variants; row++) {
            struct text id = variant_id(&c[i], row);

            printf("%s\n    %s\n", id.s, c[i].variants[row].text);
            text_free(&id);
            num++;
        }
    }
    printf("%zu variants\n", num);
}

static void print_loose(void)
{
    size_t count, num = 0;
    const struct spec_command *c = spec_commands(&count);

    for (size_t i = 0; i < count; i++) {
        char name[64];

        for (unsigned k = 0; k < c[i].num_loose; k++) {
            printf("%s: %s\n    %s\n",
                   command_name(abi_command_by_fid(c[i].fid), name, sizeof(name)),
                   c[i].loose[k].what, c[i].loose[k].why);
            num++;
        }
    }
    printf("%zu left open\n", num);
}

static void print_invariants(void)
{
    for (size_t i = 0; i < check_rule_count; i++) {
        const struct check_rule *r = &check_rules[i];

        printf("%-16s %s\n    %s\n    source: %s; evaluated for each %s\n", r->id, r->name, r->text,
               r->source, r->reads);
    }
    printf("%zu rules\n", check_rule_count);
}

static void print_fields(const char *title, const struct abi_field *f, unsigned num)
{
    if (num)
        printf("    %s", title);
    for (unsigned i = 0; i < num; i++)
        printf("%s %s", i ? "," : "", f[i].name);
    if (num)
        putchar('\n');
}

static void print_command(const struct abi_command *c)
{
    char name[64];

    printf("0x%llX %-31s DEN0137 %s\n", (unsigned long long)c->fid,
           command_name(c, name, sizeof(name)), c->section);
    print_fields("in: ", c->in, abi_command_num_in(c));
    print_fields("out:", c->out, abi_command_num_out(c));
}

static void print_commands(void)
{
    for (size_t i = 0; i < abi_rmi_command_count; i++)
        print_command(&abi_rmi_commands[i]);
    for (size_t i = 0; i < abi_rsi_command_count; i++)
        print_command(&abi_rsi_commands[i]);
    for (size_t i = 0; i < abi_psci_command_count; i++)
        print_command(&abi_psci_commands[i]);
    printf("%zu RMI commands, %zu RSI commands, %zu PSCI commands\n", abi_rmi_command_count,
           abi_rsi_command_count, abi_psci_command_count);
}

static void print_bugs(void)
{
    for (size_t i = 0; i < rmm_bug_count; i++)
        printf("%s\n    %s\n    caught by %s in scenarios/%s\n", rmm_bugs[i].name, rmm_bugs[i].what,
               rmm_bugs[i].claim, rmm_bugs[i].scenario);
    printf("%zu bugs%s\n", rmm_bug_count,
           rmm_bug_count ? "" : ": this build has no --break (meson option `break`)");
}

/* --- platforms --- */

static void print_platform(const struct plat_desc *d)
{
    printf("%s%s\n    %s\n", d->name, d == plat_all[0] ? "  (default)" : "", d->what);
    for (size_t i = 0; i < d->num_regions; i++) {
        const struct plat_region *r = &d->region[i];

        printf("    0x%08llx..0x%08llx  %-32s %s", (unsigned long long)r->base,
               (unsigned long long)(r->base + r->size - 1), r->name,
               plat_kind_name((enum plat_kind)r->kind));
        if (r->intid)
            printf(", INTID %u", r->intid);
        putchar('\n');
    }
}

static void print_platforms(void)
{
    size_t num = 0;

    for (; plat_all[num]; num++)
        print_platform(plat_all[num]);
    printf("%zu platforms\n", num);
}

static json_t *region_json(const struct plat_region *r)
{
    char base[24], size[24];
    json_t *j;

    snprintf(base, sizeof(base), "0x%llx", (unsigned long long)r->base);
    snprintf(size, sizeof(size), "0x%llx", (unsigned long long)r->size);
    j = json_pack("{s:s, s:s, s:s, s:s}", "name", r->name, "what",
                  plat_kind_name((enum plat_kind)r->kind), "base", base, "size", size);
    if (r->intid)
        json_object_set_new(j, "intid", json_integer(r->intid));
    return j;
}

static json_t *platform_json(const struct plat_desc *d)
{
    json_t *list = json_array();

    for (size_t i = 0; i < d->num_regions; i++)
        json_array_append_new(list, region_json(&d->region[i]));
    return json_pack("{s:s, s:s, s:i, s:I, s:o}", "name", d->name, "what", d->what, "pes",
                     (int)d->num_pes, "frequency", (json_int_t)d->cntfrq, "map", list);
}

static json_t *platforms_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; plat_all[i]; i++)
        json_array_append_new(list, platform_json(plat_all[i]));
    return list;
}

/* --- the command --- */

static const struct topic {
    const char *name;
    void (*print)(void);
    json_t *(*json)(void);
} topics[] = {
    {"conditions", print_conditions, conditions_json},
    {"variants", print_variants, variants_json},
    {"invariants", print_invariants, invariants_json},
    {"commands", print_commands, commands_json},
    {"bugs", print_bugs, bugs_json},
    {"platforms", print_platforms, platforms_json},
};
static const struct topic loose_topic = {"conditions", print_loose, loose_json};

#define NUM_TOPICS (sizeof(topics) / sizeof(topics[0]))

static const struct topic *find_topic(const char *name)
{
    const char *names[NUM_TOPICS], *near_name;

    for (size_t i = 0; i < NUM_TOPICS; i++) {
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
        names[i] = topics[i].name;
    }
    near_name = near_match(name, names, NUM_TOPICS);
    cmd_usage("list", near_name ? "no list `%s`; did you mean `%s`?" : "no list `%s`", name,
              near_name);
    return NULL;
}

static int show(const struct topic *t, bool json)
{
    json_t *j;

    if (!json) {
        t->print();
        return EXIT_AS_EXPECTED;
    }
    j = t->json();
    json_dumpf(j, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(j);
    return EXIT_AS_EXPECTED;
}

int cmd_list(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"loose", no_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    bool json = false, loose = false;
    const struct topic *t;
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h') {
            print_help();
            return EXIT_AS_EXPECTED;
        }
        if (c == '?')
            return cmd_usage("list", "unknown option");
        json |= c == 'j';
        loose |= c == 'l';
    }
    if (optind + 1 != argc)
        return cmd_usage("list",
                         "one of conditions, variants, invariants, commands, bugs, platforms");
    t = find_topic(argv[optind]);
    if (!t)
        return EXIT_USAGE;
    if (loose && t != &topics[0])
        return cmd_usage("list", "--loose goes with conditions");
    return show(loose ? &loose_topic : t, json);
}
