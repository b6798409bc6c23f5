/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_DESTROY (DEN0137 B4.3.13). */
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rmi/rmi.h"

struct rec_destroy {
    uint64_t rec_pa, rd_pa;
    struct gst_entry *g_rec, *g_rd;
};

/* Locked, and not running: its content is not the runner's. */
static uint64_t owner_of(struct machine *m, unsigned pe, uint64_t rec_pa)
{
    uint64_t rd_pa = rec_map(m, pe, rec_pa)->rd;

    rec_unmap(m, pe);
    return rd_pa;
}

/* Finds the owner under the REC's lock alone. */
static uint64_t find_owner(struct machine *m, unsigned pe, struct rec_destroy *d)
{
    struct gst_entry *g = gst_find_lock(m, pe, d->rec_pa, GST_REC);
    uint64_t result = rmi_result(RMI_SUCCESS, 0);

    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (g->refcount != 0)
        result = rmi_result(RMI_ERROR_REC, 0);
    else
        d->rd_pa = owner_of(m, pe, d->rec_pa);
    gst_unlock(m, pe, g);
    return result;
}

/*
 * Locks REC and RD in address order. The owner is known only from the REC, which had to be
 * unlocked again: it may have been destroyed in between, and even created anew for another Realm.
 * Then the search starts over; a REC whose owner is no RD (I3) must not make it go on for ever.
 */
static uint64_t lock_rec_and_rd(struct machine *m, unsigned pe, struct rec_destroy *d)
{
    for (unsigned tries = 0; tries < 8; tries++) {
        uint64_t result = find_owner(m, pe, d);

        if (result != RMI_SUCCESS)
            return result;
        if (!gst_find_lock_two(m, pe, d->rec_pa, GST_REC, &d->g_rec, d->rd_pa, GST_RD, &d->g_rd))
            continue;
        if (d->g_rec->refcount == 0 && owner_of(m, pe, d->rec_pa) == d->rd_pa)
            return result;
        gst_unlock(m, pe, d->g_rd);
        gst_unlock(m, pe, d->g_rec);
    }
    return rmi_result(RMI_ERROR_INPUT, 0);
}

/* PSCI calls that name it fail from now on. */
static void forget_rec(struct machine *m, unsigned pe, const struct rec_destroy *d)
{
    uint64_t index = rec_mpidr_index(rec_map(m, pe, d->rec_pa)->mpidr);

    rec_unmap(m, pe);
    rd_note_rec(rd_map(m, pe, d->rd_pa), index, false);
    object_changed(m, pe, d->rd_pa);
    rd_unmap(m, pe);
}

static void release_aux(struct machine *m, unsigned pe, const struct rec *rec)
{
    for (unsigned i = 0; i < rec->num_aux; i++) {
        struct gst_entry *g = granule_of(m, rec->aux[i]);

        gst_lock(m, pe, g);
        granule_release(m, pe, g);
    }
}

uint64_t rmi_rec_destroy(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                         uint64_t out[ABI_MAX_REGS])
{
    struct rec_destroy d = {.rec_pa = x[1]};
    uint64_t result = lock_rec_and_rd(m, pe, &d);

    (void)out;
    if (result != RMI_SUCCESS)
        return result;
    forget_rec(m, pe, &d);
    release_aux(m, pe, rec_map(m, pe, d.rec_pa));
    rec_unmap(m, pe);
    if (!BUG(m, REC_DESTROY_REFCOUNT))
        gst_ref(m, pe, d.g_rd, -1);
    gst_unlock(m, pe, d.g_rd);
    if (m->impl.wipe == WIPE_EAGER && BUG(m, REC_DESTROY_NO_WIPE))
        gst_unlock_to(m, pe, d.g_rec, GST_DELEGATED);
    else
        granule_release(m, pe, d.g_rec);
    return rmi_result(RMI_SUCCESS, 0);
}
