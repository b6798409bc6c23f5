/* SPDX-License-Identifier: BSD-3-Clause */
/* Invariants of RTT entries: I5, I7 (of an entry), I19, I20. */
#include "check_internal.h"

#include <inttypes.h>
#include <string.h>

static void leaf_owned(struct check *c, const struct entry_at *e)
{
    uint64_t by = entry_pa(c, e->table, e->index);

    if (e->v.addr & (level_size(e->level) - 1)) {
        check_find(c, "I5", by,
                   "IPA 0x%" PRIx64 " is assigned 0x%" PRIx64 ", which is no block of level %d",
                   e->ipa, e->v.addr, e->level);
        return;
    }
    for (uint64_t o = 0; o < level_size(e->level); o += GRANULE_SIZE) {
        uint64_t a = e->v.addr + o;
        const struct place *p = place_at(c, a);

        check_count(c, 1);
        if (p == NULL || !is_tracked(c, granule_index(c->m, a)) ||
            c->m->gst[granule_index(c->m, a)].state != GST_DATA) {
            check_find(c, "I5", a,
                       "IPA 0x%" PRIx64 " is assigned granule 0x%" PRIx64 ", which is %s",
                       e->ipa + o, a,
                       p ? gst_state_name(c->m->gst[granule_index(c->m, a)].state) : "no memory");
            return;
        }
        if (p->by != by) {
            check_find(c, "I5", a,
                       "IPA 0x%" PRIx64 " is assigned granule 0x%" PRIx64
                       ", which the entry at 0x%" PRIx64 " names",
                       e->ipa + o, a, p->by);
            return;
        }
    }
}

static void child_table(struct check *c, const struct entry_at *e)
{
    const struct place *child = place_at(c, e->v.addr);

    check_count(c, 1);
    if (e->level >= 3)
        check_find(c, "I7", entry_pa(c, e->table, e->index),
                   "the entry at 0x%" PRIx64 ", of level 3, names a table",
                   entry_pa(c, e->table, e->index));
    else if (child == NULL || c->m->gst[child - c->place].state != GST_RTT ||
             child->by != entry_pa(c, e->table, e->index))
        check_find(c, "I7", e->v.addr,
                   "the TABLE entry at 0x%" PRIx64 " names 0x%" PRIx64 ", which is %s",
                   entry_pa(c, e->table, e->index), e->v.addr,
                   child ? gst_state_name(c->m->gst[child - c->place].state) : "no memory");
}

/* I20. The walker would use the entry: bit 55 decides which PAS the access is to (DDI0487 D8.3). */
static bool right_pas(struct check *c, const struct entry_at *e)
{
    bool ns = e->desc >> 55 & 1;

    if (!(e->desc & 1) || e->v.hipas == HIPAS_TABLE)
        return true;
    if (e->is_protected && (ns || gpt_pas(c->m, e->v.addr) != PAS_REALM))
        check_find(c, "I20", e->v.addr,
                   "protected IPA 0x%" PRIx64 " maps 0x%" PRIx64 " in the %s PAS", e->ipa,
                   e->v.addr, ns ? "NS" : pas_name(gpt_pas(c->m, e->v.addr)));
    else if (!e->is_protected && !ns)
        check_find(c, "I20", e->v.addr,
                   "unprotected IPA 0x%" PRIx64 " maps 0x%" PRIx64 " in the Realm PAS", e->ipa,
                   e->v.addr);
    else
        return true;
    return false;
}

void inv_entry(struct check *c, const struct entry_at *e)
{
    check_count(c, 2);
    if (e->v.hipas == HIPAS_ASSIGNED && e->is_protected)
        leaf_owned(c, e);
    if (right_pas(c, e) && e->v.malformed)
        check_find(c, "I7", entry_pa(c, e->table, e->index),
                   "the descriptor 0x%" PRIx64 " at 0x%" PRIx64 " encodes no state", e->desc,
                   entry_pa(c, e->table, e->index));
    if (e->v.hipas == HIPAS_TABLE)
        child_table(c, e);
}

/* --- I19: how RIPAS moves ---------------------------------------------------------------------------------------- */

static bool ripas_may_move(struct check *c, const struct check_realm *r, uint16_t fid,
                           const struct entry_at *was, const struct entry_at *now)
{
    if (was->v.ripas == now->v.ripas || now->v.ripas == RIPAS_DESTROYED)
        return true;
    if (fid == (uint16_t)RMI_RTT_SET_RIPAS)
        return request_allows(c, r, now, was->v.ripas, now->v.ripas);
    return r->v.state == REALM_NEW || r->fresh;
}

/* An entry became a table: every entry of it must have the RIPAS that the entry had. */
static void unfold_keeps_ripas(struct check *c, const struct check_realm *r,
                               const struct entry_at *was, const struct entry_at *now)
{
    const struct place *t = place_at(c, now->v.addr);
    uint64_t buffer[TABLE_ENTRIES];
    const uint64_t *d;
    struct entry_at e;

    if (t == NULL || !(t->flags & PLACE_KNOWN))
        return; /* I7 */
    d = mem_view(c->m, now->v.addr, buffer);
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        entry_decode(r, t, granule_index(c->m, now->v.addr), i, d[i], &e);
        if (e.v.hipas == HIPAS_TABLE || e.v.ripas != was->v.ripas) {
            check_find(c, "I19", now->v.addr,
                       "IPA 0x%" PRIx64 " had RIPAS %s before its table was created, now %s", e.ipa,
                       ripas_name(was->v.ripas), ripas_name(e.v.ripas));
            return;
        }
        if (i == 0 && descs_are_uniform(d, 0, TABLE_ENTRIES, t->level))
            return;
    }
}

void inv_entry_moved(struct check *c, struct check_realm *r, const struct pte_change *p,
                     const struct entry_at *was, const struct entry_at *now, bool unfold_too)
{
    if (!now->is_protected)
        return;
    check_count(c, 1);
    if (was->v.hipas == HIPAS_TABLE) {
        if (now->v.hipas != HIPAS_TABLE && now->v.ripas != RIPAS_DESTROYED &&
            p->fid != (uint16_t)RMI_RTT_FOLD)
            check_find(c, "I19", p->desc,
                       "IPA 0x%" PRIx64 " has RIPAS %s after its table was destroyed", now->ipa,
                       ripas_name(now->v.ripas));
        return;
    }
    if (now->v.hipas == HIPAS_TABLE) {
        if (unfold_too)
            unfold_keeps_ripas(c, r, was, now);
    } else if (!ripas_may_move(c, r, p->fid, was, now))
        check_find(c, "I19", p->desc,
                   "RIPAS of IPA 0x%" PRIx64 " moves from %s to %s in a Realm that is %s", now->ipa,
                   ripas_name(was->v.ripas), ripas_name(now->v.ripas),
                   realm_state_name(r->v.state));
}

/* --- a whole table ------------------------------------------------------------------------------------------------- */

static void segment(struct check *c, const struct check_realm *r, uint32_t g, const uint64_t *d,
                    unsigned first, unsigned end)
{
    const struct place *t = &c->place[g];
    struct entry_at e;

    if (first >= end)
        return;
    entry_decode(r, t, g, first, d[first], &e);
    if (!entry_counts(&e) && !(e.desc & 1) && descs_are_uniform(d, first, end, t->level)) {
        inv_entry(c, &e);
        check_count(c, 2 * (end - first - 1));
        return;
    }
    for (unsigned i = first; i < end; i++) {
        if (i > first && d[i] == d[i - 1] && !entry_counts(&e) && !(e.desc & 1)) {
            check_count(c, 2);
            continue;
        }
        entry_decode(r, t, g, i, d[i], &e);
        inv_entry(c, &e);
    }
}

void inv_table(struct check *c, uint32_t granule)
{
    const struct place *t = &c->place[granule];
    struct check_realm *r = index_realm_of(c, t);
    uint64_t buffer[TABLE_ENTRIES];
    const uint64_t *d;
    unsigned num, num_protected;

    if (!(t->flags & PLACE_KNOWN) || r == NULL)
        return; /* I7, of the granule */
    d = mem_view(c->m, granule_pa(c->m, granule), buffer);
    table_extent(r, t, &num, &num_protected);
    segment(c, r, granule, d, 0, num_protected);
    segment(c, r, granule, d, num_protected, num);
    /* Beyond the IPA space: nothing that a walker would use. */
    for (unsigned i = num; i < TABLE_ENTRIES; i++) {
        if (d[i] & 1)
            check_find(c, "I20", entry_pa(c, granule, i),
                       "the entry at 0x%" PRIx64 " lies outside the IPA space and is valid",
                       entry_pa(c, granule, i));
    }
    check_count(c, 1);
}
