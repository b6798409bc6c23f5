/* SPDX-License-Identifier: BSD-3-Clause */
#include "state.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/rmm.h>

#include <stdlib.h>
#include <string.h>

#include "report.h"

#define ENTRIES 512u

struct collect {
    struct machine *m;
    const struct scenario *sc; /* NULL: names are not wanted */
    struct state_owner *owner; /* [m->mem.num] */
    uint64_t scratch[ENTRIES];
};

/* --- numbers and names --- */

static json_t *hex(uint64_t v)
{
    return json_sprintf("0x%llx", (unsigned long long)v);
}

static json_t *name_of(const struct collect *c, uint64_t a)
{
    struct text t = {0};
    json_t *j;

    report_address(&t, c->sc, a);
    j = json_string(t.s);
    text_free(&t);
    return j;
}

static json_t *bytes_hex(const uint8_t *bytes, size_t len)
{
    struct text t = {0};
    json_t *j;

    text_hex(&t, bytes, len);
    j = json_string(t.s);
    text_free(&t);
    return j;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

static struct state_owner *owner_at(struct collect *c, uint64_t a)
{
    return mem_contains(c->m, a) ? &c->owner[granule_index(c->m, a)] : NULL;
}

/* --- tables --- */

struct at {
    const struct rmm_rd_view *realm;
    uint64_t rd, table, ipa;
    int level;
};

static uint64_t entry_ipa(const struct at *at, unsigned index)
{
    return at->ipa + index * level_size(at->level);
}

static void decode(const struct collect *c, const struct at *at, unsigned index,
                   struct rmm_rtte_view *v)
{
    bool is_protected = entry_ipa(at, index) < 1ull << (at->realm->s2sz - 1);

    rmm_view_rtte(mem_read64(c->m, at->table + 8ull * index), at->level, is_protected,
                  at->realm->lpa2, v);
}

static unsigned num_entries(const struct at *at)
{
    uint64_t top = 1ull << at->realm->s2sz, size = level_size(at->level);
    uint64_t num = top > at->ipa ? (top - at->ipa + size - 1) / size : 0;

    return num < ENTRIES ? (unsigned)num : ENTRIES;
}

static bool has_address(const struct rmm_rtte_view *v)
{
    return v->hipas != HIPAS_UNASSIGNED;
}

/* Does b, n entries after a, go on where a began? */
static bool continues(const struct at *at, const struct rmm_rtte_view *a,
                      const struct rmm_rtte_view *b, unsigned n)
{
    if (a->hipas == HIPAS_TABLE || a->hipas != b->hipas || a->ripas != b->ripas || a->ns != b->ns ||
        a->memattr != b->memattr || a->s2ap != b->s2ap || a->malformed != b->malformed)
        return false;
    return !has_address(a) || b->addr == a->addr + n * level_size(at->level);
}

static bool is_table(const struct collect *c, uint64_t a)
{
    return is_granule_aligned(a) && mem_contains(c->m, a);
}

static json_t *table_json(struct collect *c, const struct at *at);

static struct at child_of(const struct at *at, unsigned index, uint64_t table)
{
    return (struct at){at->realm, at->rd, table, entry_ipa(at, index), at->level + 1};
}

static json_t *entry_json(struct collect *c, const struct at *at, unsigned first, unsigned last,
                          const struct rmm_rtte_view *v)
{
    bool is_protected = entry_ipa(at, first) < 1ull << (at->realm->s2sz - 1);
    json_t *j = json_pack(
        "{s:i, s:i, s:o, s:o}", "first", (int)first, "last", (int)last, "ipa",
        hex(entry_ipa(at, first)), "state",
        json_sprintf("%s%s", hipas_name(v->hipas), v->ns && v->hipas != HIPAS_TABLE ? "_NS" : ""));

    if (v->malformed)
        json_object_set_new(j, "malformed", json_true());
    if (v->hipas != HIPAS_TABLE && is_protected)
        json_object_set_new(j, "ripas", json_string(ripas_name(v->ripas)));
    if (has_address(v)) {
        json_object_set_new(j, "pa", hex(v->addr));
        json_object_set_new(j, "name", name_of(c, v->addr));
    }
    if (v->hipas == HIPAS_ASSIGNED && v->ns) {
        json_object_set_new(j, "memattr", json_integer(v->memattr));
        json_object_set_new(j, "s2ap", json_integer(v->s2ap));
    }
    if (v->hipas == HIPAS_TABLE && at->level < 3 && is_table(c, v->addr)) {
        struct at child = child_of(at, first, v->addr);

        json_object_set_new(j, "table", table_json(c, &child));
    }
    return j;
}

/* Entries that go on from each other are one. */
static json_t *table_json(struct collect *c, const struct at *at)
{
    unsigned num = num_entries(at), first = 0;
    json_t *list = json_array();

    while (first < num) {
        struct rmm_rtte_view v, next;
        unsigned last = first;

        decode(c, at, first, &v);
        for (; last + 1 < num; last++) {
            decode(c, at, last + 1, &next);
            if (!continues(at, &v, &next, last + 1 - first) ||
                entry_ipa(at, last + 1) == 1ull << (at->realm->s2sz - 1))
                break;
        }
        json_array_append_new(list, entry_json(c, at, first, last, &v));
        first = last + 1;
    }
    return json_pack("{s:o, s:o, s:i, s:o, s:i, s:o}", "pa", hex(at->table), "name",
                     name_of(c, at->table), "level", at->level, "ipa", hex(at->ipa), "refcount",
                     (int)c->m->gst[granule_index(c->m, at->table)].refcount, "entries", list);
}

/* --- owners --- */

static void own_data(struct collect *c, const struct at *at, uint64_t pa, uint64_t ipa)
{
    uint64_t size = level_size(at->level);

    for (uint64_t i = 0; i < size; i += GRANULE_SIZE) {
        struct state_owner *o = owner_at(c, pa + i);

        if (o)
            *o = (struct state_owner){.rd = at->rd, .ipa = ipa + i, .in_table = true};
    }
}

static void own_table(struct collect *c, const struct at *at)
{
    struct state_owner *o = owner_at(c, at->table);

    if (o == NULL || o->in_table) /* named twice: a broken tree must not keep us for ever */
        return;
    *o = (struct state_owner){.rd = at->rd, .ipa = at->ipa, .level = at->level, .in_table = true};
    for (unsigned i = 0; i < num_entries(at); i++) {
        struct rmm_rtte_view v;

        decode(c, at, i, &v);
        if (v.hipas == HIPAS_TABLE && at->level < 3 && is_table(c, v.addr)) {
            struct at child = child_of(at, i, v.addr);

            own_table(c, &child);
        } else if (v.hipas == HIPAS_ASSIGNED && !v.ns) {
            own_data(c, at, v.addr, entry_ipa(at, i));
        }
    }
}

static struct at root_of(const struct rmm_rd_view *v, uint64_t rd, uint32_t number)
{
    return (struct at){v, rd, v->rtt_base + (uint64_t)number * GRANULE_SIZE,
                       number * ENTRIES * level_size(v->rtt_level_start), v->rtt_level_start};
}

static void own_realm(struct collect *c, uint64_t rd)
{
    struct rmm_rd_view v;

    rmm_view_rd(c->m, rd, c->scratch, &v);
    for (uint32_t i = 0; i < v.rtt_num_start; i++) {
        struct at at = root_of(&v, rd, i);

        own_table(c, &at);
    }
}

static void own_rec(struct collect *c, uint64_t rec)
{
    struct state_owner *o;
    struct rmm_rec_view v;

    rmm_view_rec(c->m, rec, c->scratch, &v);
    owner_at(c, rec)->rd = v.rd;
    for (uint32_t i = 0; i < v.num_aux; i++) {
        o = owner_at(c, v.aux[i]);
        if (o)
            *o = (struct state_owner){.rd = v.rd, .rec = rec};
    }
}

static bool sees_objects(const struct machine *m)
{
    return m->rmm_ops && (m->rmm_ops->caps & RMM_CAP_MEMORY);
}

static void own_all(struct collect *c)
{
    for (uint32_t i = 0; sees_objects(c->m) && i < c->m->mem.num; i++) {
        if (c->m->gst[i].state == GST_RD)
            own_realm(c, granule_pa(c->m, i));
        if (c->m->gst[i].state == GST_REC)
            own_rec(c, granule_pa(c->m, i));
    }
}

static struct collect *collect_new(struct machine *m, const struct scenario *sc)
{
    struct collect *c = calloc(1, sizeof(*c));

    if (c == NULL || (c->owner = calloc(m->mem.num, sizeof(*c->owner))) == NULL)
        MODEL_BUG("out of memory");
    c->m = m;
    c->sc = sc;
    own_all(c);
    return c;
}

struct state_owner *state_owners(struct machine *m)
{
    struct collect *c = collect_new(m, NULL);
    struct state_owner *owner = c->owner;

    free(c);
    return owner;
}

/* --- granules --- */

static bool is_tracked(const struct machine *m, uint32_t g)
{
    return m->tracked[g / 64] >> (g % 64) & 1;
}

static bool is_named(const struct collect *c, uint64_t a)
{
    for (unsigned i = 0; i < c->sc->num_names; i++) {
        if (c->sc->names[i].pa == a)
            return true;
    }
    return false;
}

static json_t *granule_json(const struct collect *c, uint32_t i)
{
    const struct gst_entry *g = &c->m->gst[i];
    const struct state_owner *o = &c->owner[i];
    uint64_t a = granule_pa(c->m, i);
    json_t *j = json_pack("{s:o, s:o, s:s, s:s, s:i}", "pa", hex(a), "name", name_of(c, a), "pas",
                          pas_name(gpt_pas(c->m, a)), "state",
                          is_tracked(c->m, i) ? gst_state_name(g->state) : "not tracked",
                          "refcount", (int)g->refcount);

    if (g->lock)
        json_object_set_new(j, "locked_by", json_integer(g->lock - 1));
    if (o->rd)
        json_object_set_new(j, "realm", name_of(c, o->rd));
    if (o->rec)
        json_object_set_new(j, "rec", name_of(c, o->rec));
    if (o->in_table && g->state == GST_RTT)
        json_object_set_new(j, "level", json_integer(o->level));
    if (o->in_table)
        json_object_set_new(j, "ipa", hex(o->ipa));
    return j;
}

/* Those that have a name, or that are not simply the host's. */
static json_t *granules_json(const struct collect *c)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < c->m->mem.num; i++) {
        uint64_t a = granule_pa(c->m, i);

        if (c->m->gst[i].state != GST_UNDELEGATED || c->m->gst[i].lock || is_named(c, a) ||
            (is_tracked(c->m, i) && gpt_pas(c->m, a) != PAS_NS))
            json_array_append_new(list, granule_json(c, i));
    }
    return list;
}

/* Neighbours of one PAS. */
static json_t *regions_json(const struct collect *c)
{
    json_t *list = json_array();
    uint32_t first = 0;

    for (uint32_t i = 1; i <= c->m->mem.num; i++) {
        enum pas pas = gpt_pas(c->m, granule_pa(c->m, first));

        if (i < c->m->mem.num && gpt_pas(c->m, granule_pa(c->m, i)) == pas)
            continue;
        json_array_append_new(list, json_pack("{s:o, s:i, s:s}", "pa", hex(granule_pa(c->m, first)),
                                              "granules", (int)(i - first), "pas", pas_name(pas)));
        first = i;
    }
    return list;
}

/* --- RECs --- */

/* RmiRecMpidr -> REC index (A2.3.3). */
static int mpidr_index(uint64_t mpidr)
{
    return (int)((mpidr & 0xf) | (mpidr >> 8 & 0xffff) << 4 | (mpidr >> 24 & 0xff) << 20);
}

static json_t *registers_json(const struct pe_regs *r)
{
    json_t *j = json_pack("{s:o, s:o}", "pc", hex(r->pc), "pstate", hex(r->pstate));
    char name[8];

    for (unsigned i = 0; i < 31; i++) {
        snprintf(name, sizeof(name), "x%u", i);
        if (r->x[i])
            json_object_set_new(j, name, hex(r->x[i]));
    }
    return j;
}

static json_t *pending_json(const struct rmm_rec_view *v)
{
    json_t *list = json_array();

    if (v->host_call_pending)
        json_array_append_new(list, json_string("host call"));
    if (v->psci_pending)
        json_array_append_new(list, json_string("PSCI request"));
    if (v->emulatable_abort)
        json_array_append_new(list, json_string("emulatable abort"));
    if (v->attest_in_progress)
        json_array_append_new(list, json_string("attestation token"));
    return list;
}

static json_t *rec_json(struct collect *c, uint64_t rec)
{
    json_t *aux = json_array();
    struct rmm_rec_view v;
    json_t *j;

    rmm_view_rec(c->m, rec, c->scratch, &v);
    for (uint32_t i = 0; i < v.num_aux; i++)
        json_array_append_new(aux, name_of(c, v.aux[i]));
    j = json_pack("{s:o, s:o, s:i, s:o, s:b, s:b, s:o, s:o, s:o}", "pa", hex(rec), "name",
                  name_of(c, rec), "index", mpidr_index(v.mpidr), "mpidr", hex(v.mpidr), "runnable",
                  v.runnable, "running", v.running, "pending", pending_json(&v), "aux", aux,
                  "registers", registers_json(v.regs));
    if (v.ripas_addr != v.ripas_top)
        json_object_set_new(j, "ripas_change",
                            json_pack("{s:o, s:o, s:s, s:b}", "base", hex(v.ripas_addr), "top",
                                      hex(v.ripas_top), "ripas", ripas_name(v.ripas_value),
                                      "destroyed_too", v.ripas_destroyed));
    return j;
}

static json_t *recs_json(struct collect *c, uint64_t rd)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < c->m->mem.num; i++) {
        if (c->m->gst[i].state == GST_REC && c->owner[i].rd == rd)
            json_array_append_new(list, rec_json(c, granule_pa(c->m, i)));
    }
    return list;
}

/* --- Realms --- */

static json_t *measurements_json(const struct rmm_rd_view *v)
{
    json_t *list = json_array();
    size_t size = v->hash_algo == HASH_SHA_256 ? 32 : 64;
    unsigned last = MEASUREMENT_SLOTS;

    /* A REM that was never extended says nothing. */
    while (last > 1 && is_zero(v->measurement + (size_t)(last - 1) * MEASUREMENT_SIZE, size))
        last--;
    for (unsigned i = 0; i < last; i++)
        json_array_append_new(list, bytes_hex(v->measurement + (size_t)i * MEASUREMENT_SIZE, size));
    return list;
}

static json_t *realm_json(struct collect *c, uint64_t rd)
{
    json_t *tables = json_array(), *j;
    uint64_t scratch[ENTRIES];
    struct rmm_rd_view v;

    rmm_view_rd(c->m, rd, scratch, &v);
    for (uint32_t i = 0; i < v.rtt_num_start; i++) {
        struct at at = root_of(&v, rd, i);

        if (is_table(c, at.table))
            json_array_append_new(tables, table_json(c, &at));
    }
    j = json_pack("{s:o, s:o, s:s, s:i, s:i, s:s, s:b, s:i, s:i, s:o, s:o, s:o}", "rd", hex(rd),
                  "name", name_of(c, rd), "state", realm_state_name(v.state), "s2sz", (int)v.s2sz,
                  "vmid", (int)v.vmid, "hash", v.hash_algo == HASH_SHA_256 ? "SHA-256" : "SHA-512",
                  "lpa2", v.lpa2, "num_recs", (int)v.num_recs, "next_index", (int)v.rec_index,
                  "measurements", measurements_json(&v), "recs", recs_json(c, rd), "tables",
                  tables);
    if (!is_zero(v.rpv, 64))
        json_object_set_new(j, "rpv", bytes_hex(v.rpv, 64));
    return j;
}

static json_t *realms_json(struct collect *c)
{
    json_t *list = json_array();

    for (uint32_t i = 0; sees_objects(c->m) && i < c->m->mem.num; i++) {
        if (c->m->gst[i].state == GST_RD)
            json_array_append_new(list, realm_json(c, granule_pa(c->m, i)));
    }
    return list;
}

/* --- PEs --- */

static json_t *pe_json(const struct collect *c, unsigned pe)
{
    const struct pe *p = &c->m->pe[pe];
    json_t *locks = json_array(), *slots = json_array(), *j;

    for (uint32_t i = 0; i < c->m->mem.num; i++) {
        if (c->m->gst[i].lock == pe + 1)
            json_array_append_new(locks, name_of(c, granule_pa(c->m, i)));
    }
    for (unsigned i = 0; i < SLOT_COUNT; i++) {
        if (p->slot[i] & 1)
            json_array_append_new(slots, name_of(c, p->slot[i] & ~1ull));
    }
    j = json_pack("{s:i, s:s, s:o, s:o, s:b}", "pe", (int)pe, "world", world_name(p->world),
                  "locks", locks, "mapped", slots, "irq_pending", p->irq_pending);
    if (p->running_rec)
        json_object_set_new(j, "rec", name_of(c, p->running_rec));
    return j;
}

json_t *state_json(struct machine *m, const struct scenario *sc)
{
    struct collect *c = collect_new(m, sc);
    json_t *pes = json_array(), *j;

    for (unsigned i = 0; i < c->m->impl.num_pes; i++)
        json_array_append_new(pes, pe_json(c, i));
    j = json_pack("{s:i, s:I, s:o, s:o, s:o, s:o}", "format", 1, "vtime", (json_int_t)c->m->vtime,
                  "pes", pes, "regions", regions_json(c), "granules", granules_json(c), "realms",
                  realms_json(c));
    free(c->owner);
    free(c);
    return j;
}
