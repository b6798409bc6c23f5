/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_monitor.h"

#include <stdio.h>
#include <string.h>

#include "boot_tool.h"
#include "gdb_target.h"
#include "state.h"
#include "who.h"

static const struct scenario no_names; /* host code has no names for granules */

void gdb_describe_pe(struct text *t, const struct machine *m, unsigned pe)
{
    static const char *const modes[] = {
        [0] = "EL0", [4] = "EL1t", [5] = "EL1h", [8] = "EL2t", [9] = "EL2h"};
    const struct pe *p = &m->pe[pe];
    unsigned mode = p->r.pstate & 0x1f;

    if (!m->plat->pe[pe].on) {
        text_puts(t, "off");
        return;
    }
    if (gdb_in_realm(m, pe))
        text_printf(t, "Realm 0x%llx, REC 0x%llx", (unsigned long long)p->running_rd,
                    (unsigned long long)p->running_rec);
    else
        text_puts(t, p->world == WORLD_REALM ? "RMM" : "host");
    if (mode < sizeof(modes) / sizeof(modes[0]) && modes[mode])
        text_printf(t, ", %s", modes[mode]);
}

static bool address(struct text *t, const char *arg, uint64_t *a)
{
    if (boot_number(arg, a))
        return true;
    text_printf(t, "`%s` is no address: 0x-prefixed hexadecimal, or decimal\n", arg);
    return false;
}

static void who(struct text *t, struct boot *b, const char *arg)
{
    struct scene w = {.m = boot_machine(b), .check = boot_check(b)};
    uint64_t a;

    if (address(t, arg, &a))
        who_tell(t, &w, &no_names, a);
}

static void state(struct text *t, struct boot *b, const char *arg)
{
    json_t *j = state_json(boot_machine(b), &no_names);

    (void)arg;
    state_text(t, j);
    json_decref(j);
}

static void realms(struct text *t, struct boot *b, const char *arg)
{
    json_t *j = state_json(boot_machine(b), &no_names), *realm;
    size_t i;

    (void)arg;
    json_array_foreach(json_object_get(j, "realms"), i, realm) state_realm_line(t, realm);
    if (json_array_size(json_object_get(j, "realms")) == 0)
        text_puts(t, "no Realm\n");
    json_decref(j);
}

static void rtt(struct text *t, struct boot *b, const char *arg)
{
    json_t *j, *realm;
    bool found = false;
    char rd[24];
    uint64_t a;
    size_t i;

    if (!address(t, arg, &a))
        return;
    snprintf(rd, sizeof(rd), "0x%llx", (unsigned long long)a);
    j = state_json(boot_machine(b), &no_names);
    json_array_foreach(json_object_get(j, "realms"), i, realm)
    {
        if (strcmp(json_string_value(json_object_get(realm, "rd")), rd) != 0)
            continue;
        state_realm_text(t, realm);
        found = true;
    }
    if (!found)
        text_printf(t, "%s is not the RD of a Realm (monitor realms)\n", rd);
    json_decref(j);
}

static const struct question {
    const char *name, *arg, *what;
    void (*answer)(struct text *t, struct boot *b, const char *arg);
} questions[] = {
    {"who", "ADDR", "what is at a PA, and at this IPA of each Realm; who may reach it", who},
    {"rtt", "RD", "the Realm with that RD: RECs, measurements, tables", rtt},
    {"realms", "", "all Realms, a line each", realms},
    {"state", "", "memory by PAS, granules, Realms, PEs", state},
};
#define NUM_QUESTIONS (sizeof(questions) / sizeof(questions[0]))

bool gdb_monitor(struct text *t, struct boot *b, const char *line)
{
    size_t len = strcspn(line, " ");
    const char *arg = line + len + strspn(line + len, " ");

    for (size_t i = 0; i < NUM_QUESTIONS; i++) {
        const struct question *q = &questions[i];

        if (strlen(q->name) != len || strncmp(q->name, line, len) != 0)
            continue;
        if (*q->arg && *arg == '\0')
            text_printf(t, "%s takes %s\n", q->name, q->arg);
        else if (*q->arg == '\0' && *arg)
            text_printf(t, "%s takes no argument\n", q->name);
        else
            q->answer(t, b, arg);
        return true;
    }
    return false;
}

void gdb_monitor_help(struct text *t)
{
    for (size_t i = 0; i < NUM_QUESTIONS; i++)
        text_printf(t, "  %-6s %-16s %s\n", questions[i].name, questions[i].arg, questions[i].what);
}
