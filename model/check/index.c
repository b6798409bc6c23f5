/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The index: for each granule who owns it, where it is and which descriptor names it. Brought up to date from what a
 * step touched: first everything that went, then what came, then the tables that were filled anew, parents first.
 */
#include "check_internal.h"

#include <inttypes.h>

/* --- tables ------------------------------------------------------------------------------------------------------ */

static inline bool is_table(const struct check *c, uint32_t g)
{
    return c->m->gst[g].state == GST_RTT && (c->place[g].flags & PLACE_KNOWN) && c->place[g].rd;
}

/* Decodes one value of a descriptor of a table whose place is known. */
static bool decode_at(struct check *c, uint64_t desc_pa, uint64_t desc, struct entry_at *e)
{
    uint32_t table = granule_index(c->m, desc_pa);
    const struct place *t = &c->place[table];
    struct check_realm *r = index_realm_of(c, t);

    if (!(t->flags & PLACE_KNOWN) || r == NULL)
        return false;
    entry_decode(r, t, table, (unsigned)(desc_pa & GRANULE_MASK) / 8, desc, e);
    return true;
}

/* Does the descriptor at `by` name granule g, as the tables are now? */
static bool still_names(struct check *c, uint64_t by, uint32_t g)
{
    struct entry_at e;
    uint64_t a = granule_pa(c->m, g);

    if (!mem_contains(c->m, by) || !is_table(c, granule_index(c->m, by)) ||
        !decode_at(c, by, mem_read64(c->m, by), &e) || !(entry_counts(&e)))
        return false;
    if (e.v.hipas == HIPAS_TABLE)
        return e.v.addr == a;
    return a - e.v.addr < level_size(e.level);
}

static void name_granule(struct check *c, const struct entry_at *e, uint32_t g, uint64_t ipa)
{
    struct place *p = &c->place[g];
    uint64_t by = entry_pa(c, e->table, e->index);

    check_count(c, 1);
    if (p->by && p->by != by && still_names(c, p->by, g))
        check_find(c, e->v.hipas == HIPAS_TABLE ? "I7" : "I6", granule_pa(c->m, g),
                   "granule 0x%" PRIx64 " is named by two entries: at 0x%" PRIx64
                   " and at 0x%" PRIx64,
                   granule_pa(c->m, g), p->by, by);
    p->by = by;
    p->ipa = ipa;
    p->rd = c->place[e->table].rd;
}

/* What an entry names from now on. */
static void entry_came(struct check *c, const struct entry_at *e)
{
    struct place *t = &c->place[e->table];

    if (!entry_counts(e))
        return;
    t->count++;
    if (e->v.hipas == HIPAS_TABLE) {
        if (mem_contains(c->m, e->v.addr)) {
            struct place *child = place_at(c, e->v.addr);

            name_granule(c, e, granule_index(c->m, e->v.addr), e->ipa);
            child->level = (int8_t)(e->level + 1);
            child->flags = PLACE_KNOWN;
        }
        return;
    }
    for (uint64_t o = 0; o < level_size(e->level) && mem_contains(c->m, e->v.addr + o);
         o += GRANULE_SIZE)
        name_granule(c, e, granule_index(c->m, e->v.addr + o), e->ipa + o);
}

static void entry_went(struct check *c, const struct entry_at *e)
{
    uint64_t by = entry_pa(c, e->table, e->index);

    if (!entry_counts(e))
        return;
    c->place[e->table].count--;
    if (e->v.hipas == HIPAS_TABLE) {
        struct place *child = place_at(c, e->v.addr);

        if (child && child->by == by) {
            child->by = 0;
            child->flags = 0;
        }
        return;
    }
    for (uint64_t o = 0; o < level_size(e->level) && mem_contains(c->m, e->v.addr + o);
         o += GRANULE_SIZE) {
        struct place *p = place_at(c, e->v.addr + o);

        if (p->by == by)
            p->by = 0;
    }
}

/* Entries [first, end) of a table that was filled anew. Most are uniform: then one decides for all. */
static void scan_segment(struct check *c, struct check_realm *r, uint32_t g, const uint64_t *d,
                         unsigned first, unsigned end)
{
    const struct place *t = &c->place[g];
    struct entry_at e;

    if (first >= end)
        return;
    entry_decode(r, t, g, first, d[first], &e);
    if (!entry_counts(&e) && descs_are_uniform(d, first, end, t->level))
        return;
    for (unsigned i = first; i < end; i++) {
        if (i > first && d[i] == d[i - 1] && !entry_counts(&e))
            continue;
        entry_decode(r, t, g, i, d[i], &e);
        entry_came(c, &e);
    }
}

/* What the entries of a table name; how many count. */
static void index_scan_table(struct check *c, uint32_t g)
{
    struct place *t = &c->place[g];
    struct check_realm *r = index_realm_of(c, t);
    uint64_t buffer[TABLE_ENTRIES];
    const uint64_t *d;
    unsigned num, num_protected;

    if (r == NULL)
        return;
    d = mem_view(c->m, granule_pa(c->m, g), buffer);
    t->count = 0;
    table_extent(r, t, &num, &num_protected);
    scan_segment(c, r, g, d, 0, num_protected);
    scan_segment(c, r, g, d, num_protected, num);
}

/* --- objects ----------------------------------------------------------------------------------------------------- */

static void rd_roots(struct check *c, uint32_t g, const struct check_realm *r)
{
    c->place[g].rd = g + 1;
    c->place[g].count = 0;
    for (uint32_t i = 0; i < r->v.rtt_num_start && i < 16; i++) {
        struct place *root = place_at(c, r->v.rtt_base + (uint64_t)i * GRANULE_SIZE);

        check_count(c, 1);
        if (root == NULL)
            continue;
        if (root->flags & PLACE_ROOT && root->rd && root->rd != g + 1)
            check_find(c, "I7", place_pa(c, root),
                       "table 0x%" PRIx64 " is a starting-level table of two Realms",
                       place_pa(c, root));
        root->level = (int8_t)r->v.rtt_level_start;
        root->ipa = (uint64_t)i * TABLE_ENTRIES * level_size(r->v.rtt_level_start);
        root->rd = g + 1;
        root->by = 0;
        root->flags = PLACE_ROOT | PLACE_KNOWN;
    }
}

static void rd_came(struct check *c, uint32_t g)
{
    struct check_realm *r = index_realm_add(c, g);

    index_realm_seen(c, r);
    r->fresh = true;
    rd_roots(c, g, r);
}

static void rd_went(struct check *c, uint32_t g)
{
    struct check_realm *r = index_realm(c, g);
    uint64_t rd = granule_pa(c->m, g);

    check_count(c, 2);
    if (c->place[g].count)
        check_find(c, "I3", rd, "RD 0x%" PRIx64 " is gone and %u RECs still have it as their owner",
                   rd, c->place[g].count);
    if (r == NULL)
        return;
    for (uint32_t i = 0; r->known && i < r->v.rtt_num_start && i < 16; i++) {
        struct place *root = place_at(c, r->v.rtt_base + (uint64_t)i * GRANULE_SIZE);

        if (root == NULL || root->rd != g + 1)
            continue;
        root->flags = 0;
        root->rd = 0;
        root->ipa = 0;
        root->level = 0;
        /* As of the last evaluation: it may have gone and have become a table again. */
        if (root->state == GST_RTT && c->m->gst[root - c->place].state == GST_RTT)
            check_find(c, "I7", place_pa(c, root),
                       "table 0x%" PRIx64 " is still RTT and its RD 0x%" PRIx64 " is gone",
                       place_pa(c, root), rd);
        else if (root->count)
            check_find(c, "I7", place_pa(c, root),
                       "starting-level table 0x%" PRIx64 " was given up with %u entries in use",
                       place_pa(c, root), root->count);
        root->count = 0;
    }
    if (r->known)
        inv_tlb_realm_gone(c, r->v.vmid, rd);
    if (c->m->gst[g].state != GST_RD)
        index_realm_drop(c, g);
    else /* another Realm has come already, and its measurement is being replayed */
        r->known = false;
}

/* The auxiliary granules of a REC are chained by `ipa`, which they have no other use for: when the REC is gone, so is
 * its list of them. */
static void rec_came(struct check *c, uint32_t g)
{
    struct rmm_rec_view v;
    struct place *p = &c->place[g], *rd;
    uint64_t a = granule_pa(c->m, g);

    rmm_view_rec(c->m, a, c->scratch, &v);
    p->mpidr = mpidr_index(v.mpidr);
    p->rd = 0;
    p->ipa = 0;
    rd = place_at(c, v.rd);
    if (rd) {
        p->rd = (uint32_t)(rd - c->place) + 1;
        rd->count++;
    }
    for (unsigned i = 0; i < v.num_aux && i < REC_MAX_AUX; i++) {
        struct place *aux = place_at(c, v.aux[i]);

        check_count(c, 1);
        if (aux == NULL)
            continue;
        if (aux->by)
            check_find(c, "I4", v.aux[i],
                       "auxiliary granule 0x%" PRIx64 " belongs to REC 0x%" PRIx64
                       " and to REC 0x%" PRIx64,
                       v.aux[i], aux->by, a);
        aux->by = a;
        aux->rd = p->rd;
        aux->ipa = p->ipa;
        p->ipa = v.aux[i];
    }
}

static void rec_went(struct check *c, uint32_t g)
{
    uint64_t a = granule_pa(c->m, g);

    if (c->place[g].rd)
        c->place[c->place[g].rd - 1].count--;
    for (struct place *aux = place_at(c, c->place[g].ipa), *next; aux && aux->by == a; aux = next) {
        next = place_at(c, aux->ipa);
        aux->by = 0;
        aux->ipa = 0;
        check_touch_in(c, c->now, place_pa(c, aux), TOUCH_NEAR);
    }
}

/* The entry that named the table is a block now: it names what all the entries of the table named (A5.5.6). Whether these
 * are the same pages, refinement tells. */
static bool is_folded(struct check *c, uint32_t g)
{
    struct entry_at e;

    for (unsigned i = 0; i < c->now->num_ptes; i++) {
        const struct pte_change *d = &c->now->pte[i];

        if (!d->again && decode_at(c, d->desc, d->old, &e) && e.v.hipas == HIPAS_TABLE &&
            e.v.addr == granule_pa(c->m, g))
            return decode_at(c, d->desc, mem_read64(c->m, d->desc), &e) && entry_counts(&e) &&
                   e.v.hipas == HIPAS_ASSIGNED;
    }
    return false;
}

static void table_went(struct check *c, uint32_t g)
{
    struct place *t = &c->place[g];

    check_count(c, 1);
    if (t->count && !(t->count == TABLE_ENTRIES && is_folded(c, g)))
        check_find(c, "I8", granule_pa(c->m, g),
                   "table 0x%" PRIx64 " was given up with %u entries in use", granule_pa(c->m, g),
                   t->count);
    t->count = 0;
    t->flags = 0;
}

/* --- bringing it up to date -------------------------------------------------------------------------------------- */

static void object_went(struct check *c, uint32_t g, unsigned state)
{
    struct place *p = &c->place[g];

    switch (state) {
    case GST_REC: rec_went(c, g); break;
    case GST_RTT:
        if (!(p->flags & PLACE_ROOT)) {
            table_went(c, g);
        } else if (
            p->rd) { /* the RD, which goes with it or should not have lost it, sees to its own */
            check_touch_in(c, c->now, granule_pa(c->m, p->rd - 1), TOUCH_NEAR | TOUCH_OBJ);
            p->state = GST_DELEGATED;
            return;
        }
        break;
    case GST_RD: rd_went(c, g); break;
    default: break;
    }
    /* What names it stays: I2, I5 and I7 are about that. So does the chain of a REC that has not gone yet. */
    *p = (struct place){.by = p->by,
                        .ipa = state == GST_REC_AUX && p->by ? p->ipa : 0,
                        .realm = p->realm,
                        .state = GST_DELEGATED};
}

static bool has_moved(const struct check *c, const struct touched *t)
{
    return c->place[t->granule].state != c->m->gst[t->granule].state ||
           ((t->what & TOUCH_STATE) && !t->came);
}

static void objects_went(struct check *c, struct check_pe *p)
{
    /* RECs before RDs: an RD that goes must have none left. */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < p->num_touched; i++) {
            struct touched *t = &p->touched[i];
            unsigned was = c->place[t->granule].state;

            if (has_moved(c, t) && (was == GST_RD) == (pass == 1))
                object_went(c, t->granule, was);
        }
    }
}

static void objects_came(struct check *c, struct check_pe *p)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < p->num_touched; i++) {
            struct touched *t = &p->touched[i];
            unsigned now = c->m->gst[t->granule].state;

            if (c->place[t->granule].state == now || (now == GST_RD) != (pass == 0))
                continue;
            c->place[t->granule].state = (uint8_t)now;
            t->came = true;
            if (now == GST_RD)
                rd_came(c, t->granule);
            else if (now == GST_REC)
                rec_came(c, t->granule);
        }
    }
}

static void mark_repeated(struct check_pe *p)
{
    for (unsigned i = 1; i < p->num_ptes; i++) {
        for (unsigned k = i; k-- > 0 && !p->pte[i].again;)
            p->pte[i].again = p->pte[k].desc == p->pte[i].desc;
    }
}

static void touch_named(struct check *c, const struct entry_at *e)
{
    if (!entry_counts(e))
        return;
    if (e->v.hipas == HIPAS_TABLE) {
        check_touch_in(c, c->now, e->v.addr, TOUCH_NEAR);
        return;
    }
    for (uint64_t o = 0; o < level_size(e->level) && mem_contains(c->m, e->v.addr + o);
         o += GRANULE_SIZE)
        check_touch_in(c, c->now, e->v.addr + o, TOUCH_NEAR);
}

static bool is_filled_anew(const struct check_pe *p, uint32_t table)
{
    for (unsigned i = 0; i < p->num_touched; i++) {
        if (p->touched[i].granule == table &&
            (p->touched[i].came || (p->touched[i].what & TOUCH_TABLE)))
            return true;
    }
    return false;
}

static void entries_went(struct check *c, struct check_pe *p)
{
    struct entry_at e;

    for (unsigned i = 0; i < p->num_ptes; i++) {
        const struct pte_change *d = &p->pte[i];

        if (d->again || c->place[granule_index(c->m, d->desc)].state != GST_RTT ||
            !decode_at(c, d->desc, d->old, &e))
            continue;
        entry_went(c, &e);
        touch_named(c, &e);
    }
}

static void entries_came(struct check *c, struct check_pe *p)
{
    struct entry_at e;

    for (unsigned i = 0; i < p->num_ptes; i++) {
        const struct pte_change *d = &p->pte[i];
        uint32_t table = granule_index(c->m, d->desc);

        if (d->again || !is_table(c, table) || is_filled_anew(p, table) ||
            !decode_at(c, d->desc, mem_read64(c->m, d->desc), &e))
            continue;
        entry_came(c, &e);
        touch_named(c, &e);
    }
}

/* A table can be read once its place is known, which its parent says: parents first. */
static void tables_came(struct check *c, struct check_pe *p)
{
    bool progress = true;

    while (progress) {
        progress = false;
        for (unsigned i = 0; i < p->num_touched; i++) {
            struct touched *t = &p->touched[i];

            if (t->scanned || !(t->came || (t->what & TOUCH_TABLE)) || !is_table(c, t->granule))
                continue;
            t->scanned = true;
            progress = true;
            index_scan_table(c, t->granule);
        }
    }
}

void index_update(struct check *c, struct check_pe *p)
{
    if (p->num_ptes > 1)
        mark_repeated(p);
    entries_went(c, p);
    objects_went(c, p);
    objects_came(c, p);
    entries_came(c, p);
    tables_came(c, p);
}

/* --- from the machine alone -------------------------------------------------------------------------------------- */

static void scan_below(struct check *c, uint32_t g)
{
    struct place *t = &c->place[g];
    struct entry_at e;

    if (c->m->gst[g].state != GST_RTT || t->level > 3)
        return; /* I7 */
    index_scan_table(c, g);
    for (unsigned i = 0; i < TABLE_ENTRIES && t->count && t->level < 3; i++) {
        if (decode_at(c, entry_pa(c, g, i), mem_read64(c->m, entry_pa(c, g, i)), &e) &&
            e.v.hipas == HIPAS_TABLE && mem_contains(c->m, e.v.addr) &&
            place_at(c, e.v.addr)->by == entry_pa(c, g, i))
            scan_below(c, granule_index(c->m, e.v.addr));
    }
}

/* The places are empty, except that Realms seen before keep their record. */
void index_from_machine(struct check *c)
{
    for (uint32_t g = 0; g < c->m->mem.num; g++) {
        c->place[g].state = c->m->gst[g].state;
        if (c->place[g].realm && c->m->gst[g].state != GST_RD)
            index_realm_drop(c, g);
    }
    for (uint32_t g = 0; g < c->m->mem.num; g++) {
        struct check_realm *r = index_realm(c, g);

        if (c->m->gst[g].state != GST_RD)
            continue;
        if (r && r->known)
            rd_roots(c, g, r);
        else
            rd_came(c, g);
        for (uint32_t i = 0; i < index_realm(c, g)->v.rtt_num_start && i < 16; i++) {
            struct place *root =
                place_at(c, index_realm(c, g)->v.rtt_base + (uint64_t)i * GRANULE_SIZE);

            if (root)
                scan_below(c, (uint32_t)(root - c->place));
        }
    }
    for (uint32_t g = 0; g < c->m->mem.num; g++) {
        if (c->m->gst[g].state == GST_REC)
            rec_came(c, g);
    }
}
