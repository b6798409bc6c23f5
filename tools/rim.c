/* SPDX-License-Identifier: BSD-3-Clause */
#include "rim.h"

#include <nettle/sha2.h>
#include <string.h>

/* --- host memory, as far as the file writes it --- */

struct page {
    uint64_t pa;
    bool unknown; /* a value came from a variable that only a run knows */
    uint8_t data[GRANULE_SIZE];
    struct page *next;
};

struct rim_table {
    int level; /* of its entries */
    uint64_t base;
    struct rim_table *next;
};

#define NUM_CHAINS 256u
struct offline {
    struct arena *arena;
    const struct scenario *sc;
    struct page *pages[NUM_CHAINS];
    struct rim_realm *realms, **end;
    bool *known; /* of the variables */
    uint64_t *value;
};

static struct page *page_at(struct offline *o, uint64_t pa)
{
    struct page **chain = &o->pages[pa / GRANULE_SIZE % NUM_CHAINS];

    for (struct page *p = *chain; p; p = p->next)
        if (p->pa == pa)
            return p;
    struct page *p = ARENA_ARRAY(o->arena, struct page, 1);
    p->pa = pa;
    p->next = *chain;
    *chain = p;
    return p;
}

static void write_byte(struct offline *o, uint64_t pa, uint8_t byte)
{
    page_at(o, align_down(pa, GRANULE_SIZE))->data[pa & GRANULE_MASK] = byte;
}

static bool value_of(const struct offline *o, const struct value *v, uint64_t *out)
{
    *out = v->num;
    if (v->var < 0)
        return true;
    *out += o->value[v->var];
    return o->known[v->var];
}

static void write_number(struct offline *o, uint64_t pa, const struct value *v, unsigned size)
{
    uint64_t n;
    bool known = value_of(o, v, &n);

    for (unsigned i = 0; i < size; i++)
        write_byte(o, pa + i, (uint8_t)(n >> (8 * i)));
    if (!known)
        page_at(o, align_down(pa, GRANULE_SIZE))->unknown = true;
}

static void write_bytes(struct offline *o, const struct step *st)
{
    uint64_t at;

    if (!value_of(o, &st->u.bytes.addr, &at))
        return;
    for (uint32_t i = 0; i < st->u.bytes.len; i++)
        write_byte(o, at + i, st->u.bytes.bytes ? st->u.bytes.bytes[i] : st->u.bytes.fill);
    for (unsigned i = 0; i < st->u.bytes.num_fields; i++)
        write_number(o, at + st->u.bytes.field[i].offset, &st->u.bytes.field[i].value,
                     st->u.bytes.field[i].size);
}

static void host_store(struct offline *o, const struct step *st)
{
    uint64_t at;

    if (st->u.access.world == WORLD_NS && st->u.access.must == ACCESS_MUST_WORK &&
        value_of(o, &st->u.access.addr, &at))
        write_number(o, at, &st->u.access.value, st->u.access.size);
}

static uint64_t get(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/* --- hashes --- */

static void hash(bool sha512, const uint8_t *data, size_t len, uint8_t out[64])
{
    struct sha256_ctx h256;
    struct sha512_ctx h512;

    memset(out, 0, 64);
    if (sha512) {
        sha512_init(&h512);
        sha512_update(&h512, len, data);
        sha512_digest(&h512, SHA512_DIGEST_SIZE, out);
    } else {
        sha256_init(&h256);
        sha256_update(&h256, len, data);
        sha256_digest(&h256, SHA256_DIGEST_SIZE, out);
    }
}

static void note(struct offline *o, struct rim_realm *r, const struct step *st, const char *what,
                 uint64_t a, uint64_t b)
{
    struct rim_step *s = ARENA_ARRAY(o->arena, struct rim_step, 1);

    s->step = st;
    s->what = what;
    s->a = a;
    s->b = b;
    memcpy(s->rim, r->rim, sizeof(s->rim));
    if (r->last)
        r->last->next = s;
    else
        r->first = s;
    r->last = s;
}

/* RmmMeasurementDescriptor*: type, length, RIM before, and what the kind adds from 0x50. */
static void extend(struct rim_realm *r, uint8_t type, const void *tail, size_t len)
{
    uint8_t desc[256] = {type};

    desc[0x09] = 1; /* len: 0x100 */
    memcpy(desc + 0x10, r->rim, sizeof(r->rim));
    memcpy(desc + 0x50, tail, len);
    hash(r->sha512, desc, sizeof(desc), r->rim);
}

/* Little-endian, as a descriptor has it. */
static void put(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* --- the calls --- */

static struct rim_realm *realm_at(struct offline *o, uint64_t rd)
{
    for (struct rim_realm *r = o->realms; r; r = r->next)
        if (r->alive && r->rd == rd)
            return r;
    return NULL;
}

static void unknown(struct rim_realm *r, const struct step *st, const char *why)
{
    if (r->unknown)
        return;
    r->unknown = st;
    r->why = why;
}

static const struct page *measured_page(struct offline *o, struct rim_realm *r,
                                        const struct step *st, uint64_t pa)
{
    const struct page *p = page_at(o, align_down(pa, GRANULE_SIZE));

    if (p->unknown)
        unknown(r, st, "its page holds a value that only a run knows");
    return p;
}

static const char *granule_name(const struct scenario *sc, uint64_t pa)
{
    for (unsigned i = 0; i < sc->num_names; i++)
        if (sc->names[i].pa == pa)
            return sc->names[i].name;
    return NULL;
}

static void realm_create(struct offline *o, const struct step *st, const uint64_t x[],
                         const char *why)
{
    static const struct {
        uint16_t offset, size;
    } measured[] = {{0x0, 8}, {0x8, 1}, {0x10, 1}, {0x18, 1}, {0x20, 1}, {0x28, 1}, {0x30, 1}};
    struct rim_realm *r = ARENA_ARRAY(o->arena, struct rim_realm, 1);
    const struct page *params = measured_page(o, r, st, x[2]);
    uint8_t copy[GRANULE_SIZE] = {0};

    for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
        memcpy(copy + measured[i].offset, params->data + measured[i].offset, measured[i].size);
    r->rd = x[1];
    r->name = granule_name(o->sc, x[1]);
    r->sha512 = params->data[0x30] == 1;
    r->level_start = (int)(int64_t)get(params->data + 0x810, 8);
    r->alive = true;
    if (why)
        unknown(r, st, why);
    hash(r->sha512, copy, sizeof(copy), r->rim);
    note(o, r, st, "REALM_CREATE", 0, 0);
    *o->end = r;
    o->end = &r->next;
}

static void data_create(struct offline *o, struct rim_realm *r, const struct step *st,
                        const uint64_t x[])
{
    const struct page *src = measured_page(o, r, st, x[4]);
    uint8_t tail[0x50] = {0};

    put(tail, x[3]);
    put(tail + 8, x[5]);
    if (x[5] & 1)
        hash(r->sha512, src->data, GRANULE_SIZE, tail + 0x10);
    extend(r, 0, tail, sizeof(tail));
    note(o, r, st, "DATA_CREATE", x[3], x[5]);
}

static void rec_create(struct offline *o, struct rim_realm *r, const struct step *st,
                       const uint64_t x[])
{
    const struct page *params = measured_page(o, r, st, x[3]);
    uint8_t copy[GRANULE_SIZE] = {0}, digest[64];

    if (!(params->data[0] & 1))
        return;
    memcpy(copy, params->data, 8);
    memcpy(copy + 0x200, params->data + 0x200, 8);
    memcpy(copy + 0x300, params->data + 0x300, 64);
    hash(r->sha512, copy, sizeof(copy), digest);
    extend(r, 1, digest, sizeof(digest));
    note(o, r, st, "REC_CREATE", 0, 0);
}

static uint64_t entry_size(int level)
{
    return (uint64_t)GRANULE_SIZE << (9 * (3 - level));
}

static struct rim_table **find_table(struct rim_realm *r, int level, uint64_t base)
{
    struct rim_table **t = &r->tables;

    while (*t && ((*t)->level != level || (*t)->base != base))
        t = &(*t)->next;
    return t;
}

/* Is there a table for the entry of `level` at `a`? */
static bool has_table(struct rim_realm *r, int level, uint64_t a)
{
    return level < 3 && *find_table(r, level + 1, align_down(a, entry_size(level))) != NULL;
}

static void table_create(struct offline *o, struct rim_realm *r, uint64_t ipa, int level)
{
    struct rim_table *t = ARENA_ARRAY(o->arena, struct rim_table, 1);

    t->level = level;
    t->base = ipa;
    t->next = r->tables;
    r->tables = t;
}

static void table_remove(struct rim_realm *r, uint64_t ipa, int level)
{
    struct rim_table **t = find_table(r, level, ipa);

    if (*t)
        *t = (*t)->next;
}

/* One descriptor an entry: from `base` to the end of its table, to `top`, or to an entry that is a table. */
static uint64_t init_ripas(struct offline *o, struct rim_realm *r, const struct step *st,
                           const uint64_t x[])
{
    uint64_t a = x[2], top = x[3], size, end;
    int level = r->level_start;

    while (has_table(r, level, a))
        level++;
    size = entry_size(level);
    end = align_down(a, 512 * size) + 512 * size;
    for (; a < end && a + size <= top && !has_table(r, level, a); a += size) {
        uint8_t tail[16];

        put(tail, a);
        put(tail + 8, a + size);
        extend(r, 2, tail, sizeof(tail));
    }
    note(o, r, st, "RTT_INIT_RIPAS", x[2], a);
    return a;
}

/* --- which calls succeed --- */

enum outcome { FAILS, SUCCEEDS, OPEN };

static enum outcome outcome_of(const struct step *st)
{
    bool success = false, failure = false;

    if (!st->expect_given)
        return SUCCEEDS;
    if (st->num_any == 0)
        return OPEN;
    for (unsigned i = 0; i < st->num_any; i++) {
        bool is_success = !st->any[i].not_supported && st->any[i].status == RMI_SUCCESS;

        success |= is_success;
        failure |= !is_success;
    }
    return success && failure ? OPEN : success ? SUCCEEDS : FAILS;
}

/* Variables that the call sets: known is only how far RTT_INIT_RIPAS came. */
static void set_variables(struct offline *o, const struct step *st, const uint64_t *x1)
{
    for (unsigned i = 0; i < st->num_save; i++) {
        const struct save *s = &st->save[i];

        o->known[s->var] = x1 && s->exit_offset < 0 && s->reg == 1;
        if (o->known[s->var])
            o->value[s->var] = *x1;
    }
}

static bool is_measured(uint64_t fid)
{
    return fid == RMI_DATA_CREATE || fid == RMI_REC_CREATE || fid == RMI_RTT_INIT_RIPAS;
}

static bool changes_tables(uint64_t fid)
{
    return fid == RMI_RTT_CREATE || fid == RMI_RTT_DESTROY || fid == RMI_RTT_FOLD;
}

/* Host memory that changes inside the call: before or after the call reads it? Only `copy-from-ns` says so. */
static bool is_disturbed(const struct step *st)
{
    for (unsigned k = 0; k < st->num_during; k++) {
        if (st->during[k].event == EV_COPY_FROM_NS)
            continue;
        for (unsigned i = 0; i < st->during[k].num_steps; i++)
            if (st->during[k].steps[i].kind == STEP_WRITE_BYTES ||
                st->during[k].steps[i].kind == STEP_STORE)
                return true;
    }
    return false;
}

/* Why a call to a Realm cannot be followed; NULL: it can. */
static const char *why_open(const struct step *st, enum outcome outcome, bool known)
{
    if (outcome == OPEN)
        return "the file does not say whether it succeeds";
    if (!known)
        return "only a run knows an argument";
    return is_disturbed(st) ? "what it reads is written while it runs" : NULL;
}

static void follow(struct offline *o, struct rim_realm *r, const struct step *st,
                   const uint64_t x[], const char *why, uint64_t *top)
{
    if (x[0] == RMI_RTT_INIT_RIPAS && r->tables_open && !why)
        why = "the tables at its time are not known";
    if (why && changes_tables(x[0])) {
        r->tables_open = st;
        return;
    }
    if (why && is_measured(x[0])) {
        unknown(r, st, why);
        return;
    }
    switch (x[0]) {
    case RMI_DATA_CREATE: data_create(o, r, st, x); break;
    case RMI_REC_CREATE: rec_create(o, r, st, x); break;
    case RMI_RTT_CREATE: table_create(o, r, x[3], (int)(int64_t)x[4]); break;
    case RMI_RTT_DESTROY:
    case RMI_RTT_FOLD: table_remove(r, x[2], (int)(int64_t)x[3]); break;
    case RMI_RTT_INIT_RIPAS: *top = init_ripas(o, r, st, x); break;
    case RMI_REALM_DESTROY: r->alive = false; break;
    default: break;
    }
}

static void call(struct offline *o, const struct step *st)
{
    enum outcome outcome = outcome_of(st);
    uint64_t x[ABI_MAX_ARGS + 1] = {st->u.call.fid}, top = 0;
    bool known = true;
    struct rim_realm *r;

    for (unsigned i = 0; i < st->u.call.num_args; i++)
        known &= value_of(o, &st->u.call.arg[i], &x[i + 1]);
    r = realm_at(o, x[1]);
    if (outcome != FAILS && st->u.call.world == WORLD_NS) {
        if (x[0] == RMI_REALM_CREATE && r == NULL)
            realm_create(o, st, x, why_open(st, outcome, known));
        else if (x[0] == RMI_GRANULE_DELEGATE)
            memset(page_at(o, align_down(x[1], GRANULE_SIZE))->data, 0, GRANULE_SIZE);
        else if (r)
            follow(o, r, st, x, why_open(st, outcome, known), &top);
    }
    set_variables(o, st, top ? &top : NULL);
}

/* Steps inside a call come after it: what a call reads, it reads once and first. */
static void each_step(struct offline *o, const struct step *list, unsigned num)
{
    for (unsigned i = 0; i < num; i++) {
        const struct step *st = &list[i];

        if (st->kind == STEP_CALL)
            call(o, st);
        else if (st->kind == STEP_WRITE_BYTES)
            write_bytes(o, st);
        else if (st->kind == STEP_STORE)
            host_store(o, st);
        for (unsigned k = 0; k < st->num_during; k++)
            each_step(o, st->during[k].steps, st->during[k].num_steps);
        each_step(o, st->running, st->num_running);
    }
}

struct rim_realm *rim_of_scenario(struct arena *a, const struct scenario *sc)
{
    struct offline o = {.arena = a, .sc = sc};

    o.end = &o.realms;
    o.known = ARENA_ARRAY(a, bool, sc->num_vars + 1);
    o.value = ARENA_ARRAY(a, uint64_t, sc->num_vars + 1);
    each_step(&o, sc->steps, sc->num_steps);
    return o.realms;
}
