/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_ENTER (DEN0137 B4.3.14): conditions, reference, run, exit to the Host. The run itself is
 * run.c. */
#include <string.h>

#include "realm/gic.h"
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/ns.h"
#include "rmm/rmi/rmi.h"
#include "rmm/run.h"

static bool gic_is_valid(const struct realm_run *run)
{
    uint64_t lrs[PE_NUM_LRS];

    memcpy(lrs, run->enter + REC_ENTER_GICV3_LRS, sizeof(lrs));
    return gic_input_is_valid(&run->m->impl, enter_get64(run, REC_ENTER_GICV3_HCR), lrs);
}

/* rec_mmio, where the flag counts at all: with inject_sea it is ignored (A4.2.3). */
static bool mmio_is_valid(const struct realm_run *run, const struct rec *rec)
{
    uint64_t flags = enter_get64(run, REC_ENTER_FLAGS);

    return (flags & REC_ENTRY_FLAG_INJECT_SEA) || !(flags & REC_ENTRY_FLAG_EMUL_MMIO) ||
           rec->last_exit.emulatable_abort;
}

/* Conditions of the REC itself, which is locked. */
static bool rec_is_ready(struct realm_run *run, const struct gst_entry *g)
{
    struct machine *m = run->m;
    const struct rec *rec;
    bool ok;

    if (g->refcount != 0) /* rec_state: its content is the runner's */
        return BUG(m, REC_ENTER_TWICE);
    rec = rec_map(m, run->pe, run->rec_pa);
    ok = rec->runnable && !rec->psci_pending && mmio_is_valid(run, rec) && gic_is_valid(run);
    rec_unmap(m, run->pe);
    return ok;
}

/*
 * The Realm's state. The RD is not locked: with the reference of one of its RECs it cannot go away, and its state is read
 * at once (rmm-1.0 facts 1.4, rule 9).
 */
static uint64_t realm_check(struct realm_run *run)
{
    struct machine *m = run->m;
    uint64_t rd_pa = rec_map(m, run->pe, run->rec_pa)->rd;
    unsigned state;

    rec_unmap(m, run->pe);
    state = rd_map(m, run->pe, rd_pa)->state;
    rd_unmap(m, run->pe);
    if (state == REALM_NEW)
        return rmi_result(RMI_ERROR_REALM, 0);
    if (state == REALM_SYSTEM_OFF)
        return rmi_result(RMI_ERROR_REALM, 1);
    return rmi_result(RMI_SUCCESS, 0);
}

/* Finds the REC and takes its reference: from here on it is RUNNING and needs no lock. Nobody sees the reference of a
 * call that fails. */
static uint64_t take_reference(struct realm_run *run, struct gst_entry **g)
{
    struct machine *m = run->m;
    uint64_t result;

    *g = gst_find_lock(m, run->pe, run->rec_pa, GST_REC);
    if (*g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (!rec_is_ready(run, *g)) {
        gst_unlock(m, run->pe, *g);
        return rmi_result(RMI_ERROR_REC, 0);
    }
    gst_ref(m, run->pe, *g, 1);
    result = realm_check(run);
    if (result != RMI_SUCCESS)
        gst_ref(m, run->pe, *g, -1);
    gst_unlock(m, run->pe, *g);
    return result;
}

static uint64_t rec_enter(struct realm_run *run, uint64_t run_ptr)
{
    realm_run_loop(run);
    if (BUG(run->m, ENTER_CLEARS_INPUT)) {
        memset(run->enter, 0, sizeof(run->enter));
        ns_write(run->m, run->pe, run_ptr, run->enter, sizeof(run->enter));
    }
    /* The Realm may have run for long: the Host's page may be gone by now. */
    if (!ns_write(run->m, run->pe, run_ptr + REC_EXIT_BASE, run->exit, sizeof(run->exit)))
        return rmi_result(RMI_ERROR_INPUT, 0);
    return rmi_result(RMI_SUCCESS, 0);
}

uint64_t rmi_rec_enter(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                       uint64_t out[ABI_MAX_REGS])
{
    uint64_t run_ptr = x[2], result;
    struct realm_run run;
    struct gst_entry *g;

    (void)out;
    run.m = m;
    run.pe = pe;
    run.rec_pa = x[1];
    run.rec = NULL;
    if (!granule_is_delegable(m, run_ptr) || !ns_read(m, pe, run_ptr, run.enter, sizeof(run.enter)))
        return rmi_result(RMI_ERROR_INPUT, 0);
    result = take_reference(&run, &g);
    if (result != RMI_SUCCESS)
        return result;
    result = rec_enter(&run, run_ptr);
    if (!BUG(m, REC_EXIT_REFCOUNT))
        gst_ref(m, pe, g, -1);
    return result;
}
