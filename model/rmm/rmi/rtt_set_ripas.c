/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_SET_RIPAS (DEN0137 B4.3.21): the Host carries out what the Realm asked for with
 * RSI_IPA_STATE_SET, as far as one table describes it. The request is in the REC: nothing outside
 * of it can change.
 */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

struct set_ripas {
    uint64_t rd_pa, rec_pa, base, top;
    struct gst_entry *g_rd, *g_rec;
    struct rec *rec; /* SLOT_REC */
    struct rtt_walk w;
};

/* B3.75 RttSkipEntriesWithRipas: end of the entries that have a RIPAS which may change. */
static uint64_t walk_top(struct machine *m, const struct set_ripas *c)
{
    const struct rtt_walk *w = &c->w;
    bool may_revive = c->rec->ripas_destroyed || BUG(m, SET_RIPAS_REVIVES);
    uint64_t size = level_size(w->level), end = align_down(c->base, size), top = c->top;

    if (BUG(m, SET_RIPAS_BEYOND_TOP))
        top = end + RTT_ENTRIES * size;
    for (unsigned i = w->index; i < RTT_ENTRIES; i++) {
        if (desc_is_table(w->tt[i], w->level))
            break;
        if (desc_ripas(w->tt[i]) == RIPAS_DESTROYED && !may_revive)
            break;
        end += size;
    }
    return align_down(end < top ? end : top, size);
}

/* A page that the Realm gives up must be gone for every PE before the Host hears of it. */
static void change_entries(struct machine *m, unsigned pe, struct set_ripas *c, uint64_t end)
{
    struct rtt_walk *w = &c->w;
    uint64_t size = level_size(w->level);
    unsigned i = w->index;

    for (uint64_t a = align_down(c->base, size); a < end; a += size, i++) {
        uint64_t old = w->tt[i];
        uint64_t desc = desc_with_ripas(old, (enum ripas)c->rec->ripas_value, w->level, w->lpa2);

        if (desc == old)
            continue;
        rtt_write(m, pe, w->table, w->tt, i, desc);
        if (desc_is_valid(old) && !BUG(m, SET_RIPAS_NO_TLBI))
            rtt_invalidate(m, pe, &c->rec->s2, ipa(a), size);
    }
}

/*
 * The walk has ended. base_align and no_progress fail only where the entry does not have the RIPAS already. Where it has,
 * and `top` is within it too, B3.75 aligns walk_top down, below `base`; rec.ripas_addr stays then: what lies there the
 * Realm did not ask for.
 */
static uint64_t set_ripas_at(struct machine *m, unsigned pe, struct set_ripas *c, uint64_t *out_top)
{
    bool differs = desc_ripas(rtt_walk_desc(&c->w)) != c->rec->ripas_value;
    uint64_t end;

    if (differs && !rtt_is_level_aligned(c->base, c->w.level))
        return rtt_walk_error(&c->w);
    end = walk_top(m, c);
    if (differs && end == c->base)
        return rtt_walk_error(&c->w);
    if (end < c->base)
        end = c->base;
    change_entries(m, pe, c, end);
    if (!BUG(m, SET_RIPAS_NO_PROGRESS)) {
        c->rec->ripas_addr = end;
        object_changed(m, pe, c->rec_pa);
    }
    *out_top = end;
    return rmi_result(RMI_SUCCESS, 0);
}

/* RD and REC are locked, the REC is READY and mapped. */
static uint64_t set_ripas(struct machine *m, unsigned pe, struct set_ripas *c, uint64_t *out_top)
{
    uint64_t result;

    if (c->rec->rd != c->rd_pa)
        return rmi_result(RMI_ERROR_REC, 0);
    if (c->base != c->rec->ripas_addr || c->top > c->rec->ripas_top)
        return rmi_result(RMI_ERROR_INPUT, 0);
    rtt_walk(m, pe, &c->rec->s2, NULL, ipa(c->base), RTT_LEVEL_PAGE, &c->w);
    result = set_ripas_at(m, pe, c, out_top);
    rtt_walk_end(m, pe, &c->w);
    return result;
}

uint64_t rmi_rtt_set_ripas(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                           uint64_t out[ABI_MAX_REGS])
{
    struct set_ripas c = {.rd_pa = x[1], .rec_pa = x[2], .base = x[3], .top = x[4]};
    uint64_t result = rmi_result(RMI_ERROR_REC, 0); /* rec_state */

    if (c.top <= c.base || !is_granule_aligned(c.top) ||
        !gst_find_lock_two(m, pe, c.rd_pa, GST_RD, &c.g_rd, c.rec_pa, GST_REC, &c.g_rec))
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (c.g_rec->refcount == 0) {
        c.rec = rec_map(m, pe, c.rec_pa);
        result = set_ripas(m, pe, &c, &out[1]);
        rec_unmap(m, pe);
    }
    gst_unlock(m, pe, c.g_rec);
    gst_unlock(m, pe, c.g_rd);
    return result;
}
