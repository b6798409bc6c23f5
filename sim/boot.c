/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot_internal.h"

#include <ccasim/gpt.h>
#include <ccasim/mem.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const end_names[] = {
    [BOOT_WFI] = "wfi",
    [BOOT_OFF] = "off",
    [BOOT_TIMEOUT] = "timeout",
    [BOOT_RESETS] = "resets",
    [BOOT_STUCK] = "stuck",
    [BOOT_WEDGED] = "wedged",
    [BOOT_INTERRUPTED] = "interrupted",
    [BOOT_CPU_FAILED] = "cpu-failed",
    [BOOT_MODEL_BUG] = "model-bug",
};

const char *boot_end_name(enum boot_end e)
{
    return (unsigned)e < sizeof(end_names) / sizeof(end_names[0]) ? end_names[e] : "?";
}

struct machine *boot_machine(struct boot *b)
{
    return b->m;
}

struct check *boot_check(struct boot *b)
{
    return b->check;
}

struct cpu *boot_cpu(struct boot *b)
{
    return b->cpu;
}

void boot_ends(struct boot *b, enum boot_end end, unsigned pe, const char *fmt, ...)
{
    va_list ap;

    if (b->over)
        return;
    b->over = true;
    b->result.end = end;
    b->result.pe = pe;
    b->result.pc = b->m->pe[pe].r.pc;
    va_start(ap, fmt);
    vsnprintf(b->result.why, sizeof(b->result.why), fmt, ap);
    va_end(ap);
}

void boot_interrupt(struct boot *b)
{
    boot_ends(b, BOOT_INTERRUPTED, b->turn, "interrupted");
    b->until = b->m->vtime; /* no slice goes on */
}

bool boot_must_stop(struct boot *b)
{
    return b->over || b->m->plat->wants_off || b->m->plat->wants_reset;
}

/* --- what is in memory when PE 0 begins -------------------------------------------------------------------------- */

/* The host may use all of it. */
static bool is_hosts(struct machine *m, uint64_t base, uint64_t size)
{
    if (size == 0 || !mem_contains(m, base) || size > m->mem.size - (base - m->mem.base))
        return false;
    for (uint64_t a = align_down(base, GRANULE_SIZE); a < base + size; a += GRANULE_SIZE)
        if (gpt_check(m, PAS_NS, a).fault != GPC_OK)
            return false;
    return true;
}

static bool images_fit(struct boot *b, char *why, size_t why_size)
{
    for (size_t i = 0; i < b->opt.num_images; i++) {
        const struct boot_image *img = &b->opt.image[i];

        if (!is_hosts(b->m, img->base, img->size)) {
            snprintf(why, why_size, "%s: 0x%zx bytes at 0x%llx are not in the host's memory",
                     img->name, img->size, (unsigned long long)img->base);
            return false;
        }
    }
    if (!is_hosts(b->m, b->opt.entry, 4) || (b->opt.entry & 3)) {
        snprintf(why, why_size,
                 "the entry, 0x%llx, is no address of an instruction in the host's memory",
                 (unsigned long long)b->opt.entry);
        return false;
    }
    return true;
}

static void load(struct boot *b)
{
    const struct plat_region *nvm = b->nvm_region;

    if (nvm)
        mem_write(b->m, nvm->base, b->nvm, nvm->size, OWNER_HOST, 0);
    for (size_t i = 0; i < b->opt.num_images; i++) {
        const struct boot_image *img = &b->opt.image[i];

        mem_write(b->m, img->base, img->data, img->size, OWNER_HOST, 0);
    }
}

/* Power is on, or a reset has come: memory is empty, the RMM has booted. */
static void begin(struct boot *b)
{
    b->m->broken = b->opt.broken;
    b->m->cntfrq = b->desc->cntfrq;
    plat_reset(b->m);
    load(b);
    host_reset(b->m, 0, b->opt.entry, 0);
    boot_sched_reset(b);
}

static void keep_nvm(struct boot *b)
{
    if (b->nvm_region)
        mem_read(b->m, b->nvm_region->base, b->nvm, b->nvm_region->size);
}

/* --- life cycle -------------------------------------------------------------------------------------------------- */

static void send_uart(void *ctx, unsigned unit, uint8_t byte)
{
    struct boot *b = ctx;

    if (unit == 0 && b->opt.uart)
        b->opt.uart(b->opt.ctx, byte);
}

static int new_nvm(struct boot *b)
{
    size_t size;

    b->nvm_region = plat_find(b->desc, PLAT_NVM, 0);
    if (b->nvm_region == NULL)
        return CCA_OK;
    size = (size_t)b->nvm_region->size;
    b->nvm = malloc(size);
    if (b->nvm == NULL)
        return CCA_ERR_NOMEM;
    memset(b->nvm, 0xff, size);
    if (b->opt.nvm)
        memcpy(b->nvm, b->opt.nvm, b->opt.nvm_size < size ? b->opt.nvm_size : size);
    return CCA_OK;
}

static int new_machine(struct boot *b, char *why, size_t why_size)
{
    struct impl impl;
    int err;

    plat_impl(b->desc, b->opt.num_pes, &impl);
    err = impl_check(&impl, why, why_size);
    if (err == CCA_OK)
        err = machine_new(&impl, &b->m);
    if (err == CCA_OK)
        err = plat_attach(b->m, b->desc);
    if (err == CCA_OK)
        err = cpu_new(&b->cpu);
    if (err == CCA_OK)
        err = cpu_bind(b->cpu, b->m);
    return err;
}

static int new_parts(struct boot *b, char *why, size_t why_size)
{
    /* A Realm that does not exit is no mistake of the host: its slices end, its entry does not. */
    static const struct cpu_options no_limit = {.virtual_time = true, .insn_limit = UINT64_MAX / 4};
    int err = new_machine(b, why, why_size);

    if (err == CCA_OK)
        err = new_nvm(b);
    if (err != CCA_OK)
        return err;
    cpu_set_options(b->cpu, &no_limit);
    b->m->plat->uart = send_uart;
    b->m->plat->uart_ctx = b;
    boot_sched_init(b);
    boot_sched_attach_cpu(b);
    if (!images_fit(b, why, why_size))
        return CCA_ERR_INVAL;
    err = check_new(b->m, b->opt.check, &b->check);
    if (err == CCA_OK)
        begin(b);
    return err;
}

int boot_new(const struct boot_options *opt, struct boot **out, char *why, size_t why_size)
{
    struct boot *b = calloc(1, sizeof(*b));
    int err;

    *out = NULL;
    snprintf(why, why_size, "out of memory");
    if (b == NULL)
        return CCA_ERR_NOMEM;
    b->opt = *opt;
    b->desc = opt->plat ? opt->plat : plat_all[0];
    if (b->opt.slice == 0)
        b->opt.slice = BOOT_SLICE;
    if (b->opt.max_resets == 0)
        b->opt.max_resets = BOOT_MAX_RESETS;
    err = new_parts(b, why, why_size);
    if (err == CCA_ERR_UNSUPPORTED)
        snprintf(why, why_size, "host code needs the emulated CPU, which this build has not");
    if (err == CCA_ERR_CPU)
        snprintf(why, why_size, "the emulated CPU failed inside");
    if (err != CCA_OK) {
        boot_free(b);
        return err;
    }
    *out = b;
    return CCA_OK;
}

void boot_free(struct boot *b)
{
    if (b == NULL)
        return;
    check_free(b->check);
    cpu_free(b->cpu);
    if (b->m)
        plat_detach(b->m);
    machine_free(b->m);
    boot_sched_free(b);
    free(b->nvm);
    free(b);
}

/* --- the run ----------------------------------------------------------------------------------------------------- */

static void machine_begins_anew(struct boot *b)
{
    keep_nvm(b);
    b->before += b->m->vtime;
    if (b->check)
        check_machine_reset(b->check);
    else
        machine_reset(b->m);
    begin(b);
}

static void reset(struct boot *b)
{
    const char *why = b->m->plat->wants_reset;

    if (b->result.resets == b->opt.max_resets) {
        boot_ends(b, BOOT_RESETS, b->turn, "reset %u times, and again: %s", b->result.resets, why);
        return;
    }
    b->result.resets++;
    if (b->opt.on_reset)
        b->opt.on_reset(b->opt.ctx, boot_vtime(b), why);
    machine_begins_anew(b);
    if (b->opt.after_reset)
        b->opt.after_reset(b->opt.ctx);
}

static void sum_up(struct boot *b, struct boot_result *r)
{
    keep_nvm(b);
    if (b->opt.nvm && b->nvm_region)
        memcpy(b->opt.nvm, b->nvm,
               b->opt.nvm_size < b->nvm_region->size ? b->opt.nvm_size : b->nvm_region->size);
    b->result.vtime = boot_vtime(b);
    b->result.insns = cpu_get_stats(b->cpu)->insns;
    b->result.predicates = check_num_predicates(b->check);
    *r = b->result;
}

void boot_broke(struct boot *b, const char *what, struct boot_result *r)
{
    boot_tell_findings(b, b->turn);
    boot_ends(b, BOOT_MODEL_BUG, b->turn, "%s", what);
    sum_up(b, r);
}

int boot_run(struct boot *b, struct boot_result *r)
{
    while (!b->over) {
        boot_sched_run(b);
        boot_tell_findings(b, b->turn);
        if (b->over)
            break;
        if (b->m->plat->wants_off)
            boot_ends(b, BOOT_OFF, b->turn, "%s", b->m->plat->wants_off);
        else if (b->m->plat->wants_reset)
            reset(b);
    }
    sum_up(b, r);
    return CCA_OK;
}
