/* SPDX-License-Identifier: BSD-3-Clause */
/* The RMM's objects as others may look at them: decoded from memory, without locks, slots or
 * events. */
#include <ccasim/mem.h>
#include <ccasim/rmm.h>

#include "realm/rd.h"
#include "realm/rec.h"
#include "rmm/rtt_desc.h"

static unsigned refcount_of(const struct machine *m, uint64_t granule)
{
    return m->gst[granule_index(m, granule)].refcount;
}

void rmm_view_rd(const struct machine *m, uint64_t rd, uint64_t scratch[512],
                 struct rmm_rd_view *out)
{
    const struct rd *r = (const struct rd *)(const void *)mem_view(m, rd, scratch);

    *out = (struct rmm_rd_view){
        .state = r->state,
        .s2sz = r->s2.ipa_width,
        .hash_algo = r->hash_algo,
        .sve_vl = r->sve_vl,
        .num_bps = r->num_bps,
        .num_wps = r->num_wps,
        .pmu_num_ctrs = r->pmu_num_ctrs,
        .lpa2 = r->s2.lpa2,
        .sve = r->sve,
        .pmu = r->pmu,
        .vmid = r->s2.vmid,
        .rtt_base = r->s2.rtt_base,
        .rtt_level_start = r->s2.rtt_level_start,
        .rtt_num_start = r->s2.rtt_num_start,
        .num_recs = refcount_of(m, rd),
        .rec_index = r->rec_index,
        .rpv = r->rpv,
        .measurement = r->measurement[0],
    };
}

void rmm_view_rec(const struct machine *m, uint64_t rec, uint64_t scratch[512],
                  struct rmm_rec_view *out)
{
    const struct rec *r = (const struct rec *)(const void *)mem_view(m, rec, scratch);

    *out = (struct rmm_rec_view){
        .rd = r->rd,
        .mpidr = r->mpidr,
        .runnable = r->runnable,
        .running = refcount_of(m, rec) != 0,
        .host_call_pending = r->host_call_pending,
        .psci_pending = r->psci_pending,
        .ripas_addr = r->ripas_addr,
        .ripas_top = r->ripas_top,
        .ripas_value = r->ripas_value,
        .ripas_destroyed = r->ripas_destroyed,
        .emulatable_abort = r->last_exit.emulatable_abort,
        .attest_in_progress = r->attest.state != ATTEST_NONE,
        .challenge = r->attest.challenge,
        .num_aux = r->num_aux <= REC_MAX_AUX ? r->num_aux : REC_MAX_AUX,
        .aux = r->aux,
        .regs = &r->regs,
    };
}

/* The one descriptor that the RMM writes for the decoded state. */
static uint64_t encode(const struct rmm_rtte_view *v, int level, bool protected_ipa, bool lpa2)
{
    if (v->hipas == HIPAS_TABLE)
        return desc_table(v->addr, lpa2);
    if (protected_ipa)
        return v->hipas == HIPAS_ASSIGNED
                   ? desc_assigned(v->addr, (enum ripas)v->ripas, level, lpa2)
                   : desc_unassigned((enum ripas)v->ripas);
    if (v->hipas == HIPAS_ASSIGNED)
        return desc_assigned_ns(desc_oa(v->addr, lpa2) |
                                    (uint64_t)v->memattr << DESC_MEMATTR_SHIFT |
                                    (uint64_t)v->s2ap << DESC_S2AP_SHIFT,
                                level, lpa2);
    return desc_unassigned_ns();
}

/* ASSIGNED exists where the architecture has blocks and pages (A5.5.4). */
static bool state_may_be_at(const struct rmm_rtte_view *v, int level)
{
    return v->hipas != HIPAS_ASSIGNED || level >= RTT_LEVEL_BLOCK_MIN;
}

void rmm_view_rtte(uint64_t desc, int level, bool protected_ipa, bool lpa2,
                   struct rmm_rtte_view *out)
{
    *out = (struct rmm_rtte_view){0};
    out->hipas = (uint8_t)desc_hipas(desc, level);
    out->valid = desc_is_valid(desc);
    if (out->hipas != HIPAS_UNASSIGNED)
        out->addr = desc_addr(desc, lpa2);
    if (out->hipas != HIPAS_TABLE && protected_ipa)
        out->ripas = (uint8_t)desc_ripas(desc);
    if (out->hipas != HIPAS_TABLE && !protected_ipa)
        out->ns = desc_is_ns(desc);
    if (out->hipas == HIPAS_ASSIGNED && !protected_ipa) {
        out->memattr = (uint8_t)(desc >> DESC_MEMATTR_SHIFT & 0xf);
        out->s2ap = (uint8_t)(desc >> DESC_S2AP_SHIFT & 3);
    }
    out->malformed = out->hipas > HIPAS_TABLE || out->ripas > RIPAS_DESTROYED ||
                     !state_may_be_at(out, level) ||
                     encode(out, level, protected_ipa, lpa2) != desc;
}
