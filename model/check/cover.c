/* SPDX-License-Identifier: BSD-3-Clause */
/* Coverage: which conditions of which commands held and decided, which successes were seen. */
#include "check_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static struct cover_command *cover_at(struct check *c, const struct spec_command *cmd)
{
    struct cover_command *v;

    for (unsigned i = 0; i < c->num_covered; i++) {
        if (c->covered[i].cmd == cmd)
            return &c->covered[i];
    }
    if (c->num_covered == CHECK_MAX_COMMANDS)
        return NULL;
    v = &c->covered[c->num_covered++];
    memset(v, 0, sizeof(*v));
    v->cmd = cmd;
    return v;
}

static void cover_variant(struct cover_command *k, const char *variant)
{
    if (variant == NULL || !variant[0])
        return;
    for (unsigned i = 0; i < k->num_variants; i++) {
        if (k->variant[i].name == variant || strcmp(k->variant[i].name, variant) == 0) {
            k->variant[i].count++;
            return;
        }
    }
    if (k->num_variants < CHECK_MAX_VARIANTS) {
        k->variant[k->num_variants].name = variant;
        k->variant[k->num_variants++].count = 1;
    }
}

void check_cover(struct check *c, const struct spec_verdict *v)
{
    struct cover_command *k;

    if (!v->cmd || !v->ok)
        return;
    k = c->last_covered && c->last_covered->cmd == v->cmd ? c->last_covered : cover_at(c, v->cmd);
    c->last_covered = k;
    if (k == NULL)
        return;
    for (uint64_t held = v->true_mask; held; held &= held - 1) {
        struct cover_row *row = &k->row[__builtin_ctzll(held)];

        row->held++;
        row->with |= v->true_mask;
    }
    if (v->decided >= 0) {
        k->row[v->decided].decided++;
    } else if (v->true_mask == 0) {
        k->success++;
        cover_variant(k, v->variant);
    }
}

void check_cover_trap(struct check *c, const struct spec_verdict *v)
{
    struct cover_command *k = cover_at(c, spec_command_by_fid(RMI_REC_ENTER));

    if (k && v->ok)
        cover_variant(k, v->variant);
}

/* --- what a Realm's devices were seen to do ------------------------------------------------------------------------- */

/* A key: kind, and what of the kind. */
enum device_kind { SEEN_SYSREG, SEEN_VIRTUAL, SEEN_MISR, SEEN_OVERFLOW };

static void seen(struct check *c, enum device_kind kind, uint32_t what)
{
    uint32_t key = (uint32_t)kind << 24 | what;
    unsigned i = c->num_devices;

    while (i > 0 && c->device[i - 1] > key)
        i--;
    if ((i > 0 && c->device[i - 1] == key) || c->num_devices == CHECK_MAX_DEVICES)
        return;
    memmove(&c->device[i + 1], &c->device[i], (c->num_devices++ - i) * sizeof(c->device[0]));
    c->device[i] = key;
}

void check_cover_sysreg(struct check *c, uint32_t sysreg, uint64_t how)
{
    seen(c, SEEN_SYSREG, sysreg | (uint32_t)how << 16);
}

void check_cover_virtual(struct check *c, uint64_t offset)
{
    seen(c, SEEN_VIRTUAL, (uint32_t)offset);
}

void check_cover_exit(struct check *c, const struct pe *p, bool overflow)
{
    for (uint32_t i = 0; i < 8; i++)
        if (p->gic.misr >> i & 1)
            seen(c, SEEN_MISR, i);
    if (overflow)
        seen(c, SEEN_OVERFLOW, 0);
}

static void device_id(uint32_t key, char *out, size_t size)
{
    static const char *const results[] = {"", ":undefined", ":trap_el1", ":trap_el2"};
    static const char *const misr[] = {"eoi",    "u",      "lrenp",  "np",
                                       "vgrp0e", "vgrp0d", "vgrp1e", "vgrp1d"};
    uint32_t sysreg = key & 0xffff;
    const char *name = sysreg_name(sysreg);

    switch ((enum device_kind)(key >> 24)) {
    case SEEN_SYSREG:
        if (name)
            snprintf(out, size, "realm/%s:%s%s", key >> 16 & 1 ? "msr" : "mrs", name,
                     results[key >> 17 & 3]);
        else
            snprintf(out, size, "realm/%s:s%u_%u_c%u_c%u_%u%s", key >> 16 & 1 ? "msr" : "mrs",
                     sysreg >> 14, sysreg >> 11 & 7, sysreg >> 7 & 15, sysreg >> 3 & 15, sysreg & 7,
                     results[key >> 17 & 3]);
        break;
    case SEEN_VIRTUAL:
        snprintf(out, size, "realm/virtual:%s",
                 sysreg == 0x80    ? "irq"
                 : sysreg == 0x100 ? "fiq"
                                   : "serror");
        break;
    case SEEN_MISR: snprintf(out, size, "realm/misr:%s", misr[sysreg & 7]); break;
    case SEEN_OVERFLOW: snprintf(out, size, "realm/pmu_overflow"); break;
    }
}

/* "rtt_create", "rsi_version", "psci_cpu_on". */
static void command_id(uint64_t fid, char *out, size_t size)
{
    const struct abi_command *a = abi_command_by_fid(fid);
    bool is_rmi = a && !abi_command_is_rsi(a) && !abi_command_is_psci(a);

    if (a == NULL || is_rmi)
        snprintf(out, size, "%s", a ? a->name : "?");
    else
        snprintf(out, size, "%s_%s", abi_command_interface(a), a->name);
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}

const struct cover_command *check_cover_of(const struct check *c, const struct spec_command *cmd)
{
    for (unsigned i = 0; c && i < c->num_covered; i++) {
        if (c->covered[i].cmd == cmd)
            return &c->covered[i];
    }
    return NULL;
}

static void each_of(const struct cover_command *k, const char *name,
                    void (*fn)(void *ctx, const char *id, uint64_t held, uint64_t decided),
                    void *ctx)
{
    const char *order[CHECK_MAX_VARIANTS];
    char id[160];

    for (unsigned i = 0; i < k->cmd->num_conds; i++) {
        snprintf(id, sizeof(id), "%s.%s", name, k->cmd->conds[i].id);
        if (k->row[i].held)
            fn(ctx, id, k->row[i].held, k->row[i].decided);
    }
    snprintf(id, sizeof(id), "%s/success", name);
    if (k->success)
        fn(ctx, id, k->success, k->success);
    /* Variants by name: the order in which they were met depends on the run. */
    for (unsigned i = 0; i < k->num_variants; i++) {
        unsigned at = i;

        while (at > 0 && strcmp(order[at - 1], k->variant[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = k->variant[i].name;
    }
    for (unsigned i = 0; i < k->num_variants; i++) {
        uint64_t count = 0;

        for (unsigned n = 0; n < k->num_variants; n++)
            count += k->variant[n].name == order[i] ? k->variant[n].count : 0;
        snprintf(id, sizeof(id), "%s/success:%s", name, order[i]);
        fn(ctx, id, count, count);
    }
}

void check_each_condition(const struct check *c,
                          void (*fn)(void *ctx, const char *id, uint64_t held, uint64_t decided),
                          void *ctx)
{
    size_t n;
    const struct spec_command *cmds = spec_commands(&n);
    char name[64];

    for (size_t i = 0; c && i < n; i++) {
        const struct cover_command *k = check_cover_of(c, &cmds[i]);

        if (k == NULL)
            continue;
        command_id(cmds[i].fid, name, sizeof(name));
        each_of(k, name, fn, ctx);
    }
}

struct decided_ctx {
    void (*fn)(void *ctx, const char *id, uint64_t count);
    void *ctx;
};

static void only_decided(void *ctx, const char *id, uint64_t held, uint64_t decided)
{
    struct decided_ctx *d = ctx;

    (void)held;
    if (decided)
        d->fn(d->ctx, id, decided);
}

void check_each_covered(const struct check *c,
                        void (*fn)(void *ctx, const char *id, uint64_t count), void *ctx)
{
    struct decided_ctx d = {fn, ctx};

    check_each_condition(c, only_decided, &d);
    for (unsigned i = 0; c && i < c->num_devices; i++) {
        char id[64];

        device_id(c->device[i], id, sizeof(id));
        fn(ctx, id, 1);
    }
}
