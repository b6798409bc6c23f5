/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_DATA_CREATE (DEN0137 B4.3.1): a granule of the Realm's initial content, copied from the Host
 * and measured. */
#include <ccasim/gpt.h>
#include <string.h>

#include "realm/measure.h"
#include "rmm/bugs.h"
#include "rmm/ns.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

#define DATA_FLAG_MEASURE 1u

struct data_create {
    uint64_t rd_pa, data, ipa, src, flags;
    struct gst_entry *g_data;
    struct rd *rd; /* SLOT_RD */
    struct rtt_walk w;
};

/* Copies the Host's page and, while it is mapped, measures the copy: the Host may change the
 * original at any time. */
static bool copy_and_hash(struct machine *m, unsigned pe, const struct data_create *c,
                          uint8_t hash[MEASUREMENT_SIZE])
{
    uint8_t *p = slot_map(m, pe, SLOT_DATA, c->data);
    bool unchecked = BUG(m, DATA_CREATE_NO_GPC) && gpt_pas(m, c->src) != PAS_NS;
    bool ok;

    mem_note_write(m, c->data, OWNER_HOST, 0, true);
    if (unchecked) {
        mem_read(m, c->src, p, GRANULE_SIZE);
        ev(m, pe, EV_COPY_FROM_NS, c->src, GRANULE_SIZE, 0);
        ok = true;
    } else {
        ok = ns_read(m, pe, c->src, p, GRANULE_SIZE);
    }
    if (ok && (c->flags & DATA_FLAG_MEASURE))
        measure_hash(c->rd->hash_algo, p, GRANULE_SIZE, hash);
    slot_unmap(m, pe, SLOT_DATA);
    return ok;
}

static void extend_rim(struct machine *m, unsigned pe, const struct data_create *c,
                       const uint8_t hash[MEASUREMENT_SIZE])
{
    if (BUG(m, DATA_CREATE_NOT_MEASURED))
        return;
    measure_rim_data(c->rd, c->ipa, c->flags, c->flags & DATA_FLAG_MEASURE ? hash : NULL);
    object_changed(m, pe, c->rd_pa);
    ev(m, pe, EV_MEASURE, c->rd_pa, 0, 0);
}

/* The walk has ended; all locks are held. */
static uint64_t data_create_at(struct machine *m, unsigned pe, struct data_create *c)
{
    uint8_t hash[MEASUREMENT_SIZE];

    if (c->w.level < RTT_LEVEL_PAGE || !desc_is_unassigned(rtt_walk_desc(&c->w)))
        return rtt_walk_error(&c->w);
    if (BUG(m, DATA_CREATE_NO_UNDO))
        gst_ref(m, pe, c->w.g, 1);
    if (!copy_and_hash(m, pe, c, hash)) {
        /* src_pas. A fault comes before the first byte, but whoever looks at provenance should not
         * have to know. */
        granule_wipe(m, pe, c->data);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    extend_rim(m, pe, c, hash);
    rtt_walk_write(m, pe, &c->w, desc_assigned(c->data, RIPAS_RAM, RTT_LEVEL_PAGE, c->w.lpa2));
    gst_ref(m, pe, c->w.g, 1);
    gst_set_state(m, pe, c->g_data, GST_DATA);
    return rmi_result(RMI_SUCCESS, 0);
}

/* RD and data granule are locked, the RD is mapped. */
static uint64_t data_create_in(struct machine *m, unsigned pe, struct data_create *c)
{
    uint64_t result;

    if (!is_granule_aligned(c->ipa) || !s2_is_protected(&c->rd->s2, ipa(c->ipa)) ||
        !s2_can_map(&c->rd->s2, c->data))
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (c->rd->state != REALM_NEW && !BUG(m, DATA_CREATE_IN_ACTIVE))
        return rmi_result(RMI_ERROR_REALM, 0);
    rtt_walk(m, pe, &c->rd->s2, NULL, ipa(c->ipa), RTT_LEVEL_PAGE, &c->w);
    result = data_create_at(m, pe, c);
    rtt_walk_end(m, pe, &c->w);
    return result;
}

uint64_t rmi_data_create(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                         uint64_t out[ABI_MAX_REGS])
{
    struct data_create c = {.rd_pa = x[1], .data = x[2], .ipa = x[3], .src = x[4], .flags = x[5]};
    struct gst_entry *g_rd;
    uint64_t result;

    (void)out;
    if (!granule_is_delegable(m, c.src) ||
        !gst_find_lock_two(m, pe, c.rd_pa, GST_RD, &g_rd, c.data, GST_DELEGATED, &c.g_data))
        return rmi_result(RMI_ERROR_INPUT, 0);
    c.rd = rd_map(m, pe, c.rd_pa);
    result = data_create_in(m, pe, &c);
    rd_unmap(m, pe);
    gst_unlock(m, pe, c.g_data);
    gst_unlock(m, pe, g_rd);
    return result;
}
