/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REALM_DESTROY (DEN0137 B4.3.10). */
#include <ccasim/mmu.h>

#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"
#include "rmm/vmid.h"

static uint64_t start_table(const struct s2_context *s2, unsigned i)
{
    return s2->rtt_base + (uint64_t)i * GRANULE_SIZE;
}

/* A2.1.4: a start table is live. The tables are locked in ascending order, as a walk that goes on
 * to one would. */
static bool start_tables_are_live(struct machine *m, unsigned pe, const struct s2_context *s2)
{
    bool live = false;

    for (unsigned i = 0; i < s2->rtt_num_start; i++) {
        gst_lock(m, pe, granule_of(m, start_table(s2, i)));
        live |= granule_of(m, start_table(s2, i))->refcount != 0;
    }
    return live;
}

static void start_tables_unlock(struct machine *m, unsigned pe, const struct s2_context *s2)
{
    for (unsigned i = s2->rtt_num_start; i-- > 0;)
        gst_unlock(m, pe, granule_of(m, start_table(s2, i)));
}

/* The RD and its start tables are locked and not live. */
static void realm_destroy(struct machine *m, unsigned pe, struct gst_entry *g,
                          const struct s2_context *s2)
{
    /* Mappings of host memory in a start table do not keep a Realm alive, but PEs may have them
     * cached under a VMID that the next Realm may be given. */
    tlbi_vmid(m, pe, s2->vmid);
    for (unsigned i = 0; i < s2->rtt_num_start; i++)
        granule_release(m, pe, granule_of(m, start_table(s2, i)));
    if (!BUG(m, REALM_DESTROY_KEEPS_VMID))
        vmid_free(m, s2->vmid);
    granule_release(m, pe, g);
}

uint64_t rmi_realm_destroy(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                           uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1];
    struct gst_entry *g = gst_find_lock(m, pe, rd_pa, GST_RD);
    struct s2_context s2;

    (void)out;
    if (g == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (g->refcount != 0) {
        if (!BUG(m, REALM_DESTROY_WITH_RECS)) {
            gst_unlock(m, pe, g);
            return rmi_result(RMI_ERROR_REALM, 0);
        }
        gst_ref(m, pe, g, -(int)g->refcount);
    }
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (start_tables_are_live(m, pe, &s2)) {
        start_tables_unlock(m, pe, &s2);
        gst_unlock(m, pe, g);
        return rmi_result(RMI_ERROR_REALM, 0);
    }
    realm_destroy(m, pe, g, &s2);
    return rmi_result(RMI_SUCCESS, 0);
}
