/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The index follows the machine between calls. The rules on events ask it who is whose during a call; when calls
 * overlap, another one may have made or unmade a table, a Realm or a REC that the index has not seen. Then the machine
 * is asked, which costs more.
 */
#include "check_internal.h"

#define DESC_ADDR 0x0000fffffffff000ull

/* Has a call other than the one of `p` changed things since the index was brought up to date? */
static bool is_behind(const struct check *c, const struct check_pe *p)
{
    return c->num_unseen > (unsigned)(p->active && !p->is_enter);
}

static bool names_table(uint64_t desc, uint64_t table)
{
    return (desc & 3) == 3 && (desc & DESC_ADDR) == table;
}

bool live_is_child(struct check *c, const struct check_pe *p, uint32_t child, uint32_t parent)
{
    uint64_t a = granule_pa(c->m, child);

    if (!is_behind(c, p))
        return align_down(c->place[child].by, GRANULE_SIZE) == granule_pa(c->m, parent);
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        if (names_table(mem_read64(c->m, entry_pa(c, parent, i)), a))
            return true;
    }
    return false;
}

static bool is_root_of_rd(struct check *c, uint32_t rd, uint32_t g)
{
    struct rmm_rd_view v;

    rmm_view_rd(c->m, granule_pa(c->m, rd), c->scratch, &v);
    return granule_pa(c->m, g) - v.rtt_base < (uint64_t)v.rtt_num_start * GRANULE_SIZE;
}

uint32_t live_root_of(struct check *c, const struct check_pe *p, uint32_t g)
{
    if (!is_behind(c, p))
        return c->place[g].flags & PLACE_ROOT ? c->place[g].rd : 0;
    for (uint32_t i = 0; i < c->num_realms; i++) {
        uint32_t rd = c->realm[i].granule;

        if (c->realm[i].used && c->m->gst[rd].state == GST_RD && is_root_of_rd(c, rd, g))
            return rd + 1;
    }
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        for (unsigned k = 0; k < c->pes[i].num_touched; k++) {
            uint32_t rd = c->pes[i].touched[k].granule;

            if (c->m->gst[rd].state == GST_RD && is_root_of_rd(c, rd, g))
                return rd + 1;
        }
    }
    return 0;
}

bool live_is_below(struct check *c, const struct check_pe *p, uint32_t g)
{
    if (!is_behind(c, p))
        return (c->place[g].flags & PLACE_KNOWN) && !(c->place[g].flags & PLACE_ROOT);
    return c->m->gst[g].state == GST_RTT && live_root_of(c, p, g) == 0;
}

static bool has_aux(struct check *c, uint32_t rec, uint32_t aux)
{
    struct rmm_rec_view v;

    rmm_view_rec(c->m, granule_pa(c->m, rec), c->scratch, &v);
    for (unsigned i = 0; i < v.num_aux && i < REC_MAX_AUX; i++) {
        if (v.aux[i] == granule_pa(c->m, aux))
            return true;
    }
    return false;
}

bool live_has_rec_of(struct check *c, const struct check_pe *p, uint32_t aux)
{
    if (!is_behind(c, p))
        return false;
    if (p->active && p->is_enter && mem_contains(c->m, p->call.in[1])) {
        uint32_t rec = granule_index(c->m, p->call.in[1]);

        if (c->m->gst[rec].state == GST_REC && c->m->gst[rec].refcount && has_aux(c, rec, aux))
            return true;
    }
    for (unsigned i = 0; i < p->num_held; i++) {
        uint32_t rec = p->held[i].granule;

        if (c->m->gst[rec].state == GST_REC && has_aux(c, rec, aux))
            return true;
    }
    return false;
}

bool live_has_table_of(struct check *c, const struct check_pe *p, uint32_t data)
{
    uint64_t a = granule_pa(c->m, data);

    for (unsigned i = 0; is_behind(c, p) && i < p->num_held; i++) {
        for (unsigned k = 0; p->held[i].class == LOCK_RTT && k < TABLE_ENTRIES; k++) {
            uint64_t named = mem_read64(c->m, entry_pa(c, p->held[i].granule, k)) & DESC_ADDR;

            /* A page, or a block that covers it. */
            if (named == a || named == align_down(a, level_size(2)))
                return true;
        }
    }
    return false;
}

bool live_is_rd_of(struct check *c, const struct check_pe *p, uint32_t rec, uint32_t rd)
{
    struct rmm_rec_view v;

    if (!is_behind(c, p))
        return c->place[rec].rd == rd + 1;
    if (c->m->gst[rec].state != GST_REC)
        return false;
    rmm_view_rec(c->m, granule_pa(c->m, rec), c->scratch, &v);
    return v.rd == granule_pa(c->m, rd);
}
