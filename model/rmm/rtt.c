/* SPDX-License-Identifier: BSD-3-Clause */
#include "rmm/rtt.h"

#include <ccasim/mmu.h>

void rtt_walk(struct machine *m, unsigned pe, const struct s2_context *s2, struct gst_entry *rd,
              ipa_t ipa, int level, struct rtt_walk *w)
{
    int l = s2->rtt_level_start;
    uint64_t n = ipa.v >> rtt_level_shift(l); /* counts on over concatenated start tables */

    w->lpa2 = s2->lpa2;
    w->table = s2->rtt_base + n / RTT_ENTRIES * GRANULE_SIZE;
    w->g = granule_of(m, w->table);
    gst_lock(m, pe, w->g);
    if (rd)
        gst_unlock(m, pe, rd);
    for (;;) {
        struct gst_entry *next;

        w->tt = slot_map(m, pe, SLOT_RTT, w->table);
        w->index = (unsigned)(n % RTT_ENTRIES);
        w->level = l;
        if (l >= level || !desc_is_table(rtt_walk_desc(w), l))
            return;
        w->table = desc_addr(rtt_walk_desc(w), w->lpa2);
        next = granule_of(m, w->table);
        gst_lock(m, pe, next);
        slot_unmap(m, pe, SLOT_RTT);
        gst_unlock(m, pe, w->g);
        w->g = next;
        n = ipa.v >> rtt_level_shift(++l);
    }
}

void rtt_walk_end(struct machine *m, unsigned pe, struct rtt_walk *w)
{
    slot_unmap(m, pe, SLOT_RTT);
    gst_unlock(m, pe, w->g);
}

void rtt_fill(struct machine *m, unsigned pe, uint64_t table, uint64_t *tt, uint64_t first,
              uint64_t step)
{
    mem_note_write(m, table, OWNER_RMM, 0, true);
    for (unsigned i = 0; i < RTT_ENTRIES; i++)
        tt[i] = first + i * step;
    ev(m, pe, EV_TABLE, table, 0, 0);
}

void rtt_fill_start(struct machine *m, unsigned pe, const struct s2_context *s2, unsigned number)
{
    uint64_t table = s2->rtt_base + (uint64_t)number * GRANULE_SIZE;
    uint64_t num_protected = s2_ipa_size(s2) / 2 >> rtt_level_shift(s2->rtt_level_start);
    uint64_t before = (uint64_t)number * RTT_ENTRIES;
    uint64_t *tt = slot_map(m, pe, SLOT_RTT, table);

    mem_note_write(m, table, OWNER_RMM, 0, true);
    for (unsigned i = 0; i < RTT_ENTRIES; i++)
        tt[i] = before + i < num_protected ? desc_unassigned(RIPAS_EMPTY) : desc_unassigned_ns();
    ev(m, pe, EV_TABLE, table, 0, 0);
    slot_unmap(m, pe, SLOT_RTT);
}

void rtt_invalidate(struct machine *m, unsigned pe, const struct s2_context *s2, ipa_t ipa,
                    uint64_t size)
{
    tlbi_ipa(m, pe, s2->vmid, align_down(ipa.v, size), size);
    tlbi_s1(m, pe, s2->vmid);
}

uint64_t rtt_skip_non_live(const struct rtt_walk *w, ipa_t ipa)
{
    unsigned i = w->index;
    uint64_t size = level_size(w->level);

    if (desc_is_live(w->tt[i], w->level))
        return ipa.v;
    while (i < RTT_ENTRIES && !desc_is_live(w->tt[i], w->level))
        i++;
    return align_down(ipa.v, size) + (i - w->index) * size;
}

static enum realm_data_state realm_data_state(uint64_t desc, int level)
{
    if (desc_ripas(desc) == RIPAS_EMPTY)
        return REALM_DATA_EMPTY;
    if (desc_ripas(desc) == RIPAS_RAM && desc_is_assigned(desc, level))
        return REALM_DATA_RAM;
    return REALM_DATA_ABORT;
}

enum realm_data_state realm_data_begin(struct machine *m, unsigned pe, const struct s2_context *s2,
                                       ipa_t ipa, struct realm_data *d)
{
    enum realm_data_state state;
    uint64_t desc;

    rtt_walk(m, pe, s2, NULL, ipa, RTT_LEVEL_PAGE, &d->walk);
    d->level = d->walk.level;
    desc = rtt_walk_desc(&d->walk);
    state = realm_data_state(desc, d->level);
    if (state != REALM_DATA_RAM) {
        rtt_walk_end(m, pe, &d->walk);
        return state;
    }
    d->granule =
        desc_addr(desc, s2->lpa2) + align_down(ipa.v & (level_size(d->level) - 1), GRANULE_SIZE);
    d->g = granule_of(m, d->granule);
    gst_lock(m, pe, d->g);
    d->p = (uint8_t *)slot_map(m, pe, SLOT_DATA, d->granule) + (ipa.v & GRANULE_MASK);
    return state;
}

void realm_data_end(struct machine *m, unsigned pe, struct realm_data *d)
{
    slot_unmap(m, pe, SLOT_DATA);
    gst_unlock(m, pe, d->g);
    rtt_walk_end(m, pe, &d->walk);
}
