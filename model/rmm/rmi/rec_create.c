/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_CREATE (DEN0137 B4.3.12). */
#include <string.h>

#include "realm/measure.h"
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/ns.h"
#include "rmm/rmi/rmi.h"

struct rec_create {
    uint64_t rd_pa, rec_pa;
    struct rd *rd; /* SLOT_RD */
    struct gst_entry *g_rd;
    struct lock_set set; /* RD, REC, auxiliary granules */
    uint8_t params[GRANULE_SIZE];
};

static uint64_t param_aux(const struct rec_create *c, unsigned i)
{
    return get64(c->params + REC_PARAMS_AUX + 8u * i);
}

/* RD, REC and auxiliary granules in one ascending sweep; the set refuses an address that comes
 * twice (aux_alias). */
static bool lock_all(struct machine *m, unsigned pe, struct rec_create *c)
{
    unsigned num_aux = m->impl.rec_aux_count;

    if (get64(c->params + REC_PARAMS_NUM_AUX) != num_aux)
        return false;
    lock_set_add(&c->set, c->rd_pa, GST_RD);
    lock_set_add(&c->set, c->rec_pa, GST_DELEGATED);
    for (unsigned i = 0; i < num_aux; i++)
        lock_set_add(&c->set, param_aux(c, i), GST_DELEGATED);
    if (!lock_set_acquire(m, pe, &c->set))
        return false;
    c->g_rd = granule_of(m, c->rd_pa);
    return true;
}

static uint64_t rec_check(struct machine *m, const struct rec_create *c)
{
    uint64_t index = rec_mpidr_index(get64(c->params + REC_PARAMS_MPIDR));

    if (c->rd->state != REALM_NEW)
        return rmi_result(RMI_ERROR_REALM, 0);
    if (c->g_rd->refcount == (1u << m->impl.max_recs_order) - 1)
        return rmi_result(RMI_ERROR_REALM, 0); /* num_recs */
    if (index != c->rd->rec_index)
        return rmi_result(BUG(m, REC_CREATE_WRONG_STATUS) ? RMI_ERROR_REC : RMI_ERROR_INPUT, 0);
    return rmi_result(RMI_SUCCESS, 0);
}

static void rec_init(struct machine *m, unsigned pe, const struct rec_create *c)
{
    uint64_t gprs[REC_NUM_CREATE_GPRS];
    struct rec *rec;

    granule_take(m, pe, c->rec_pa);
    rec = rec_map(m, pe, c->rec_pa);
    memset(rec, 0, sizeof(*rec));
    memcpy(gprs, c->params + REC_PARAMS_GPRS, sizeof(gprs));
    rec_reset_regs(&rec->regs, get64(c->params + REC_PARAMS_PC), gprs);
    rec->rd = c->rd_pa;
    rec->mpidr = rec_mpidr_fields(get64(c->params + REC_PARAMS_MPIDR));
    rec->s2 = c->rd->s2;
    rec->hash_algo = c->rd->hash_algo;
    rec->num_bps = c->rd->num_bps;
    rec->num_wps = c->rd->num_wps;
    rec->sve = c->rd->sve;
    rec->pmu = c->rd->pmu;
    rec->pmu_num_ctrs = c->rd->pmu_num_ctrs;
    rec->runnable = get64(c->params + REC_PARAMS_FLAGS) & REC_PARAMS_FLAG_RUNNABLE;
    memcpy(rec->rpv, c->rd->rpv, sizeof(rec->rpv));
    rec->num_aux = c->rd->num_aux;
    for (unsigned i = 0; i < rec->num_aux; i++) {
        rec->aux[i] = param_aux(c, i);
        granule_take(m, pe, rec->aux[i]);
    }
    object_changed(m, pe, c->rec_pa);
    rec_unmap(m, pe);
}

/* A REC that the Host made runnable is part of what the Realm starts as. */
static void extend_rim(struct machine *m, unsigned pe, struct rec_create *c)
{
    if (BUG(m, REC_CREATE_RIM_CONTENT))
        memset(c->params + REC_PARAMS_GPRS, 0, REC_NUM_CREATE_GPRS * 8);
    measure_rim_rec(c->rd, c->params);
    ev(m, pe, EV_MEASURE, c->rd_pa, 0, 0);
}

/* All granules are locked and the parameters are good: nothing can fail any more. */
static void rec_commit(struct machine *m, unsigned pe, struct rec_create *c)
{
    rec_init(m, pe, c);
    if (get64(c->params + REC_PARAMS_FLAGS) & REC_PARAMS_FLAG_RUNNABLE)
        extend_rim(m, pe, c);
    rd_note_rec(c->rd, c->rd->rec_index++, true);
    object_changed(m, pe, c->rd_pa);
    gst_ref(m, pe, c->g_rd, 1);
    for (unsigned i = 0; i < c->set.num; i++) {
        if (c->set.e[i].pa != c->rd_pa)
            gst_set_state(m, pe, c->set.e[i].g,
                          c->set.e[i].pa == c->rec_pa ? GST_REC : GST_REC_AUX);
    }
}

uint64_t rmi_rec_create(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                        uint64_t out[ABI_MAX_REGS])
{
    uint64_t params_ptr = x[3], result;
    struct rec_create c;

    (void)out;
    c.rd_pa = x[1];
    c.rec_pa = x[2];
    c.set.num = 0;
    if (!granule_is_delegable(m, params_ptr) ||
        !ns_read(m, pe, params_ptr, c.params, sizeof(c.params)) || !lock_all(m, pe, &c))
        return rmi_result(RMI_ERROR_INPUT, 0);
    c.rd = rd_map(m, pe, c.rd_pa);
    result = rec_check(m, &c);
    if (result == RMI_SUCCESS)
        rec_commit(m, pe, &c);
    rd_unmap(m, pe);
    lock_set_release(m, pe, &c.set);
    return result;
}
