/* SPDX-License-Identifier: BSD-3-Clause */
/* Snapshot, restore, hash and typed diff of a machine. */
#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/machine.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_cpu.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct machine_snapshot {
    struct machine copy; /* host pointers in it are not used */
    struct gst_entry *gst;
    struct provenance *prov;
    uint64_t *used;
    struct tlb *tlb[CCA_MAX_PES];
    uint32_t *page; /* index of each saved granule, ascending */
    uint8_t *bytes; /* their content, one after the other */
    uint32_t num_pages;
};

static uint32_t count_used(const struct mem *mem)
{
    uint32_t n = 0;

    for (uint32_t w = 0; w < (mem->num + 63) / 64; w++)
        n += (uint32_t)__builtin_popcountll(mem->used[w]);
    return n;
}

static bool is_used(const struct mem *mem, uint32_t i)
{
    return mem->used[i / 64] >> (i % 64) & 1;
}

static void save_pages(const struct machine *m, struct machine_snapshot *s)
{
    for (uint32_t i = 0; i < m->mem.num; i++) {
        if (!is_used(&m->mem, i))
            continue;
        s->page[s->num_pages] = i;
        mem_read(m, granule_pa(m, i), s->bytes + (size_t)s->num_pages * GRANULE_SIZE, GRANULE_SIZE);
        s->num_pages++;
    }
}

static bool save_allocate(const struct machine *m, struct machine_snapshot *s)
{
    uint32_t pages = count_used(&m->mem);

    s->gst = malloc(m->mem.num * sizeof(s->gst[0]));
    s->prov = malloc(m->mem.num * sizeof(s->prov[0]));
    s->used = malloc((m->mem.num + 63) / 64 * sizeof(s->used[0]));
    s->page = malloc((pages + 1) * sizeof(s->page[0]));
    s->bytes = malloc(((size_t)pages + 1) * GRANULE_SIZE);
    return s->gst && s->prov && s->used && s->page && s->bytes;
}

/* Guest stores are noticed once a granule until the next clean: a snapshot is a clean. */
static void rearm_guest_stores(struct machine *m)
{
    if (m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}

struct machine_snapshot *machine_save(struct machine *m)
{
    struct machine_snapshot *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    if (!save_allocate(m, s)) {
        machine_snapshot_free(s);
        return NULL;
    }
    s->copy = *m;
    memcpy(s->gst, m->gst, m->mem.num * sizeof(s->gst[0]));
    memcpy(s->prov, m->mem.prov, m->mem.num * sizeof(s->prov[0]));
    memcpy(s->used, m->mem.used, (m->mem.num + 63) / 64 * sizeof(s->used[0]));
    save_pages(m, s);
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        if (m->pe[i].tlb && (s->tlb[i] = tlb_clone(m->pe[i].tlb)) == NULL) {
            machine_snapshot_free(s);
            return NULL;
        }
    rearm_guest_stores(m);
    return s;
}

static void restore_pes(struct machine *m, const struct machine_snapshot *s)
{
    for (unsigned i = 0; i < CCA_MAX_PES; i++) {
        struct tlb *tlb = m->pe[i].tlb;

        m->pe[i] = s->copy.pe[i];
        m->pe[i].tlb = tlb;
        if (tlb == NULL)
            continue;
        tlb_free(tlb);
        m->pe[i].tlb = tlb_clone(s->tlb[i]);
        if (m->pe[i].tlb == NULL)
            MODEL_BUG("out of memory while restoring a snapshot");
    }
}

void machine_restore(struct machine *m, const struct machine_snapshot *s)
{
    mem_clear(m);
    m->gpt = s->copy.gpt;
    m->broken_granule = s->copy.broken_granule;
    m->broken_set = s->copy.broken_set;
    m->vtime = s->copy.vtime;
    m->cntfrq = s->copy.cntfrq;
    m->rmm = s->copy.rmm;
    m->el3m = s->copy.el3m;
    m->impl = s->copy.impl;
    memcpy(m->break_count, s->copy.break_count, sizeof(m->break_count));
    memcpy(m->gst, s->gst, m->mem.num * sizeof(m->gst[0]));
    memcpy(m->mem.prov, s->prov, m->mem.num * sizeof(s->prov[0]));
    memcpy(m->mem.used, s->used, (m->mem.num + 63) / 64 * sizeof(s->used[0]));
    for (uint32_t i = 0; i < s->num_pages; i++)
        memcpy(mem_ptr(m, granule_pa(m, s->page[i])), s->bytes + (size_t)i * GRANULE_SIZE,
               GRANULE_SIZE);
    restore_pes(m, s);
    for (uint32_t i = 0; i < m->mem.num; i++)
        if (m->gst[i].state != GST_UNDELEGATED)
            mem_poison(m, granule_pa(m, i));
    if (m->cpu && m->cpu->reset)
        m->cpu->reset(m->cpu_ctx, m);
}

void machine_snapshot_free(struct machine_snapshot *s)
{
    if (s == NULL)
        return;
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        if (s->tlb[i])
            tlb_free(s->tlb[i]);
    free(s->gst);
    free(s->prov);
    free(s->used);
    free(s->page);
    free(s->bytes);
    free(s);
}

/* --- hash: identity of a state, not security; a multiply and a rotate a word are enough --- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ull;
    return h ^ h >> 29;
}

static uint64_t mix_words(uint64_t h, const void *p, size_t bytes)
{
    const uint8_t *b = p;
    uint64_t w;

    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        memcpy(&w, b + i, 8);
        h = mix(h, w);
    }
    if (bytes % 8) {
        w = 0;
        memcpy(&w, b + bytes - bytes % 8, bytes % 8);
        h = mix(h, w);
    }
    return h;
}

static uint64_t hash_pe(uint64_t h, const struct pe *pe)
{
    const uint64_t el2[] = {pe->hcr_el2,     pe->vtcr_el2,    pe->vttbr_el2,   pe->vmpidr_el2,
                            pe->cntvoff_el2, pe->cntpoff_el2, pe->cnthctl_el2, pe->cptr_el2,
                            pe->irq_pending, pe->irq_at,      pe->running_rec, (uint64_t)pe->world,
                            pe->vsesr_el2,   pe->fiq_pending, pe->fiq_at,      pe->serror_pending,
                            pe->serror_at,   pe->serror_iss};

    h = mix_words(h, &pe->r, sizeof(pe->r));
    h = mix_words(h, el2, sizeof(el2));
    h = mix_words(h, &pe->gic, sizeof(pe->gic));
    h = mix_words(h, &pe->pmu, sizeof(pe->pmu));
    h = mix_words(h, pe->slot, sizeof(pe->slot));
    return pe->tlb ? mix(h, tlb_hash(pe->tlb)) : h;
}

uint64_t machine_hash(const struct machine *m)
{
    uint64_t h = mix_words(0, &m->gpt, sizeof(m->gpt)), scratch[512];

    for (uint32_t i = 0; i < m->mem.num; i++) {
        const struct gst_entry *g = &m->gst[i];

        if (g->state || g->lock || g->refcount)
            h = mix(mix(h, i),
                    (uint64_t)g->state | (uint64_t)g->lock << 8 | (uint64_t)g->refcount << 16);
        if (!is_used(&m->mem, i) || mem_is_zero(m, granule_pa(m, i)))
            continue;
        h = mix_words(mix(h, ~(uint64_t)i), mem_view(m, granule_pa(m, i), scratch), GRANULE_SIZE);
    }
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        h = hash_pe(h, &m->pe[i]);
    h = mix_words(h, m->rmm.vmids, sizeof(m->rmm.vmids));
    h = mix(h, m->rmm.plat_token_size);
    h = mix(h, (uint64_t)m->el3m.rmm_booted | (uint64_t)m->el3m.realm_dead << 1 |
                   (uint64_t)m->el3m.challenge_size << 8 | (uint64_t)m->el3m.token_sent << 32);
    for (unsigned i = 0; i < m->el3m.challenge_size; i++)
        h = mix(h, m->el3m.challenge[i]);
    h = mix(mix(h, m->broken_granule), m->broken_set);
    return mix(h, m->vtime);
}

/* --- diff --- */

struct differ {
    void (*fn)(void *ctx, const char *line);
    void *ctx;
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void differs(struct differ *d, const char *fmt, ...)
{
    char line[160];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    d->count++;
    if (d->fn)
        d->fn(d->ctx, line);
}

static void diff_gst(struct differ *d, const struct machine_snapshot *s, const struct machine *m)
{
    for (uint32_t i = 0; i < m->mem.num; i++) {
        const struct gst_entry *a = &s->gst[i], *b = &m->gst[i];
        unsigned long long addr = granule_pa(m, i);

        if (a->state != b->state)
            differs(d, "gst[0x%llx].state: %s -> %s", addr, gst_state_name(a->state),
                    gst_state_name(b->state));
        if (a->refcount != b->refcount)
            differs(d, "gst[0x%llx].refcount: %u -> %u", addr, a->refcount, b->refcount);
        if (a->lock != b->lock)
            differs(d, "gst[0x%llx].lock: %d -> %d", addr, a->lock - 1, b->lock - 1);
    }
}

/* `page` advances with ascending index: the saved pages are sorted. */
static const uint8_t *saved_page(const struct machine_snapshot *s, uint32_t index, uint32_t *cursor)
{
    static const uint8_t zero[GRANULE_SIZE];

    while (*cursor < s->num_pages && s->page[*cursor] < index)
        ++*cursor;
    if (*cursor < s->num_pages && s->page[*cursor] == index)
        return s->bytes + (size_t)*cursor * GRANULE_SIZE;
    return zero;
}

static enum pas pas_of_gpi(unsigned gpi)
{
    for (unsigned p = 0; p < PAS_COUNT; p++)
        if (gpi_of_pas((enum pas)p) == gpi)
            return (enum pas)p;
    return gpi == GPI_ANY ? PAS_NS : PAS_ROOT;
}

/* A difference inside a level-1 table is a difference of the PAS of some granules: say that. */
static bool diff_gpt_page(struct differ *d, const struct machine *m, uint64_t page,
                          const uint8_t *before, const uint8_t *after)
{
    uint64_t l0 = m->gpt.gptbr_el3 << GRANULE_SHIFT,
             table_size = (1ull << 30) >> (GRANULE_SHIFT + 1);

    for (uint64_t gb = m->mem.base >> 30; gb <= (m->mem.base + m->mem.size - 1) >> 30; gb++) {
        uint64_t table = mem_read64(m, l0 + gb * 8) & 0x000ffffffffff000ull;

        if (page - table >= table_size)
            continue;
        for (unsigned i = 0; i < GRANULE_SIZE * 2; i++) {
            unsigned a = before[i / 2] >> (4 * (i & 1)) & 0xf,
                     b = after[i / 2] >> (4 * (i & 1)) & 0xf;

            if (a != b)
                differs(d, "gpt[0x%llx]: %s -> %s",
                        (unsigned long long)((gb << 30) +
                                             ((page - table) * 2 + i) * (uint64_t)GRANULE_SIZE),
                        pas_name(pas_of_gpi(a)), pas_name(pas_of_gpi(b)));
        }
        return true;
    }
    return false;
}

static void diff_bytes(struct differ *d, uint64_t page, const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < GRANULE_SIZE;) {
        unsigned n = 0;

        if (a[i] == b[i]) {
            i++;
            continue;
        }
        while (i + n < GRANULE_SIZE && a[i + n] != b[i + n])
            n++;
        differs(d, "mem[0x%llx]: %u byte%s, first 0x%02x -> 0x%02x", (unsigned long long)(page + i),
                n, n == 1 ? "" : "s", a[i], b[i]);
        i += n;
    }
}

static void diff_memory(struct differ *d, const struct machine_snapshot *s, const struct machine *m)
{
    uint64_t scratch[512];
    uint32_t cursor = 0;

    for (uint32_t i = 0; i < m->mem.num; i++) {
        const uint8_t *a, *b;

        if (!is_used(&m->mem, i) && !(s->used[i / 64] >> (i % 64) & 1))
            continue;
        a = saved_page(s, i, &cursor);
        b = (const uint8_t *)mem_view(m, granule_pa(m, i), scratch);
        if (memcmp(a, b, GRANULE_SIZE) != 0 && !diff_gpt_page(d, m, granule_pa(m, i), a, b))
            diff_bytes(d, granule_pa(m, i), a, b);
    }
}

static const char *const sysreg_names[SR_COUNT] = {
#define X(n) [SR_##n] = #n,
    PE_SYSREGS(X)
#undef X
};

static void diff_u64(struct differ *d, unsigned pe, const char *what, uint64_t a, uint64_t b)
{
    if (a != b)
        differs(d, "pe[%u].%s: 0x%llx -> 0x%llx", pe, what, (unsigned long long)a,
                (unsigned long long)b);
}

static void diff_pmu(struct differ *d, unsigned n, const struct pe_pmu *a, const struct pe_pmu *b)
{
    char name[20];

    diff_u64(d, n, "PMCR_EL0.N", a->num, b->num);
    diff_u64(d, n, "pmu.present", a->present, b->present);
    diff_u64(d, n, "PMCR_EL0", a->pmcr, b->pmcr);
    diff_u64(d, n, "PMCNTENSET_EL0", a->cnten, b->cnten);
    diff_u64(d, n, "PMOVSSET_EL0", a->ovs, b->ovs);
    diff_u64(d, n, "PMINTENSET_EL1", a->inten, b->inten);
    diff_u64(d, n, "PMSELR_EL0", a->selr, b->selr);
    diff_u64(d, n, "PMUSERENR_EL0", a->userenr, b->userenr);
    diff_u64(d, n, "PMCCNTR_EL0", a->ccntr, b->ccntr);
    diff_u64(d, n, "PMCCFILTR_EL0", a->ccfiltr, b->ccfiltr);
    for (unsigned i = 0; i < PE_NUM_COUNTERS; i++) {
        snprintf(name, sizeof(name), "PMEVCNTR%u_EL0", i);
        diff_u64(d, n, name, a->evcntr[i], b->evcntr[i]);
        snprintf(name, sizeof(name), "PMEVTYPER%u_EL0", i);
        diff_u64(d, n, name, a->evtyper[i], b->evtyper[i]);
    }
    diff_u64(d, n, "pmu.since", a->since, b->since);
    diff_u64(d, n, "pmu.told", a->told, b->told);
}

static void diff_pe(struct differ *d, unsigned n, const struct pe *a, const struct pe *b)
{
    char name[16];

    if (a->world != b->world)
        differs(d, "pe[%u].world: %s -> %s", n, world_name(a->world), world_name(b->world));
    for (unsigned i = 0; i < 31; i++) {
        snprintf(name, sizeof(name), "x%u", i);
        diff_u64(d, n, name, a->r.x[i], b->r.x[i]);
    }
    diff_u64(d, n, "pc", a->r.pc, b->r.pc);
    diff_u64(d, n, "pstate", a->r.pstate, b->r.pstate);
    for (unsigned i = 0; i < 64; i++) {
        snprintf(name, sizeof(name), "v%u.d[%u]", i / 2, i % 2);
        diff_u64(d, n, name, a->r.v[i], b->r.v[i]);
    }
    for (unsigned i = 0; i < SR_COUNT; i++)
        diff_u64(d, n, sysreg_names[i], a->r.sys[i], b->r.sys[i]);
    diff_u64(d, n, "HCR_EL2", a->hcr_el2, b->hcr_el2);
    diff_u64(d, n, "VTCR_EL2", a->vtcr_el2, b->vtcr_el2);
    diff_u64(d, n, "VTTBR_EL2", a->vttbr_el2, b->vttbr_el2);
    diff_u64(d, n, "VMPIDR_EL2", a->vmpidr_el2, b->vmpidr_el2);
    diff_u64(d, n, "CNTVOFF_EL2", a->cntvoff_el2, b->cntvoff_el2);
    diff_u64(d, n, "CNTPOFF_EL2", a->cntpoff_el2, b->cntpoff_el2);
    diff_u64(d, n, "CNTHCTL_EL2", a->cnthctl_el2, b->cnthctl_el2);
    diff_u64(d, n, "CPTR_EL2", a->cptr_el2, b->cptr_el2);
    diff_u64(d, n, "VSESR_EL2", a->vsesr_el2, b->vsesr_el2);
    diff_u64(d, n, "ICH_HCR_EL2", a->gic.hcr, b->gic.hcr);
    diff_u64(d, n, "ICH_VMCR_EL2", a->gic.vmcr, b->gic.vmcr);
    diff_u64(d, n, "ICH_MISR_EL2", a->gic.misr, b->gic.misr);
    for (unsigned i = 0; i < PE_NUM_LRS; i++) {
        snprintf(name, sizeof(name), "ICH_LR%u_EL2", i);
        diff_u64(d, n, name, a->gic.lr[i], b->gic.lr[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "ICH_AP0R%u_EL2", i);
        diff_u64(d, n, name, a->gic.ap0r[i], b->gic.ap0r[i]);
        snprintf(name, sizeof(name), "ICH_AP1R%u_EL2", i);
        diff_u64(d, n, name, a->gic.ap1r[i], b->gic.ap1r[i]);
    }
    diff_pmu(d, n, &a->pmu, &b->pmu);
    for (unsigned i = 0; i < SLOT_COUNT; i++) {
        snprintf(name, sizeof(name), "slot[%u]", i);
        diff_u64(d, n, name, a->slot[i], b->slot[i]);
    }
    diff_u64(d, n, "running_rec", a->running_rec, b->running_rec);
    diff_u64(d, n, "irq_pending", a->irq_pending, b->irq_pending);
    diff_u64(d, n, "irq_at", a->irq_at, b->irq_at);
    diff_u64(d, n, "fiq_pending", a->fiq_pending, b->fiq_pending);
    diff_u64(d, n, "fiq_at", a->fiq_at, b->fiq_at);
    diff_u64(d, n, "serror_pending", a->serror_pending, b->serror_pending);
    diff_u64(d, n, "serror_at", a->serror_at, b->serror_at);
    diff_u64(d, n, "serror_iss", a->serror_iss, b->serror_iss);
}

size_t machine_diff(const struct machine_snapshot *before, const struct machine *after,
                    void (*fn)(void *ctx, const char *line), void *ctx)
{
    struct differ d = {fn, ctx, 0};

    diff_gst(&d, before, after);
    diff_memory(&d, before, after);
    for (unsigned i = 0; i < after->impl.num_pes; i++) {
        diff_pe(&d, i, &before->copy.pe[i], &after->pe[i]);
        if (after->pe[i].tlb && !tlb_equal(before->tlb[i], after->pe[i].tlb))
            differs(&d, "pe[%u].tlb: %u -> %u stage-2 entries", i, tlb_count_s2(before->tlb[i]),
                    tlb_count_s2(after->pe[i].tlb));
    }
    for (unsigned v = 0; v < 65536; v++) {
        uint64_t a = before->copy.rmm.vmids[v / 64] >> (v % 64) & 1;
        uint64_t b = after->rmm.vmids[v / 64] >> (v % 64) & 1;

        if (a != b)
            differs(&d, "rmm.vmid[%u]: %s -> %s", v, a ? "used" : "free", b ? "used" : "free");
    }
    if (before->copy.rmm.plat_token_size != after->rmm.plat_token_size)
        differs(&d, "rmm.plat_token: %u -> %u bytes", before->copy.rmm.plat_token_size,
                after->rmm.plat_token_size);
    if (before->copy.el3m.token_sent != after->el3m.token_sent ||
        before->copy.el3m.challenge_size != after->el3m.challenge_size)
        differs(&d, "el3m.token: challenge of %u bytes, %u sent -> %u, %u",
                before->copy.el3m.challenge_size, before->copy.el3m.token_sent,
                after->el3m.challenge_size, after->el3m.token_sent);
    if (before->copy.vtime != after->vtime)
        differs(&d, "vtime: %llu -> %llu", (unsigned long long)before->copy.vtime,
                (unsigned long long)after->vtime);
    return d.count;
}
