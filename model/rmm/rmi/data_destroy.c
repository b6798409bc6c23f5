/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_DATA_DESTROY (DEN0137 B4.3.3): the Host takes memory away from the Realm, which can tell:
 * RAM becomes DESTROYED. */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

static void data_release(struct machine *m, unsigned pe, uint64_t data)
{
    struct gst_entry *g = granule_of(m, data);

    gst_lock(m, pe, g);
    if (m->impl.wipe == WIPE_EAGER && BUG(m, DATA_DESTROY_NO_WIPE))
        gst_unlock_to(m, pe, g, GST_DELEGATED);
    else
        granule_release(m, pe, g);
}

/* The entry is ASSIGNED. Once it is invalid and no PE holds the translation, the granule can be
 * wiped. */
static void data_destroy_at(struct machine *m, unsigned pe, const struct s2_context *s2,
                            struct rtt_walk *w, ipa_t a)
{
    uint64_t desc = rtt_walk_desc(w);
    enum ripas ripas = desc_ripas(desc) == RIPAS_EMPTY ? RIPAS_EMPTY : RIPAS_DESTROYED;

    rtt_walk_write(m, pe, w,
                   BUG(m, DATA_DESTROY_KEEPS_ENTRY)
                       ? desc_assigned(desc_addr(desc, w->lpa2), ripas, w->level, w->lpa2)
                       : desc_unassigned(ripas));
    if (desc_is_valid(desc) && !BUG(m, DATA_DESTROY_NO_TLBI))
        rtt_invalidate(m, pe, s2, a, GRANULE_SIZE);
    gst_ref(m, pe, w->g, -1);
    data_release(m, pe, desc_addr(desc, w->lpa2));
}

uint64_t rmi_data_destroy(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                          uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], result;
    ipa_t a = ipa(x[2]);
    struct gst_entry *g_rd = gst_find_lock(m, pe, rd_pa, GST_RD);
    struct s2_context s2;
    struct rtt_walk w;

    if (g_rd == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!is_granule_aligned(a.v) || !s2_is_protected(&s2, a)) {
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rtt_walk(m, pe, &s2, g_rd, a, RTT_LEVEL_PAGE, &w);
    if (w.level < RTT_LEVEL_PAGE || !desc_is_assigned(rtt_walk_desc(&w), w.level)) {
        result = rtt_walk_error(&w);
    } else {
        out[1] = desc_addr(rtt_walk_desc(&w), w.lpa2);
        data_destroy_at(m, pe, &s2, &w, a);
        result = rmi_result(RMI_SUCCESS, 0);
    }
    out[2] = rtt_skip_non_live(&w, a);
    if (BUG(m, DATA_DESTROY_WRONG_TOP) && out[2] > a.v)
        out[2] = a.v + GRANULE_SIZE;
    rtt_walk_end(m, pe, &w);
    return result;
}
