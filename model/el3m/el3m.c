/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/mmu.h>
#include <ccasim/rmm.h>

#include <string.h>

#include "el3m/el3m_internal.h"

static void el3m_switch(struct machine *m, unsigned pe, enum world to)
{
    ev(m, pe, EV_WORLD, 0, m->pe[pe].world, to);
    m->pe[pe].world = to;
}

/* Moves one granule between the NS and the Realm PAS for the RMM. */
static int64_t el3m_transition(struct machine *m, unsigned pe, uint64_t a, enum gpi from,
                               enum gpi to)
{
    struct gpc_result r;

    if (!is_granule_aligned(a) || a == gpt_shared_buffer(&m->impl))
        return EL3_E_BAD_ADDR;
    r = gpt_walk(m, a);
    if (r.fault != GPC_OK || r.level != 1)
        return EL3_E_BAD_ADDR; /* memory that a level-0 block describes does not change hands */
    if (r.gpi != from)
        return EL3_E_BAD_PAS;
    if (gpt_set(m, pe, a, to) != CCA_OK)
        return EL3_E_BAD_ADDR; /* nor what a contiguous descriptor describes */
    /* No PE may go on using the old result of the check (DDI0487 D9.8: TLBI by PA, then DSB). */
    tlbi_pa(m, pe, a);
    return EL3_OK;
}

/* The answer takes the place of the index: as this is 0, so is bit 0, EL3_TOKEN_SIGN. The RMM signs Realm tokens itself. */
static int64_t el3m_features(const uint64_t regs[ABI_MAX_REGS])
{
    return regs[1] == 0 ? EL3_OK : EL3_E_INVAL;
}

static int64_t el3m_boot_complete(struct machine *m, const uint64_t regs[ABI_MAX_REGS])
{
    if (m->el3m.rmm_booted)
        return EL3_E_UNK;
    m->el3m.rmm_booted = true;
    m->el3m.boot_result = (int64_t)regs[1];
    m->el3m.realm_dead = regs[1] != RMM_BOOT_OK;
    return EL3_OK;
}

static void el3m_service(struct machine *m, unsigned pe, uint64_t regs[ABI_MAX_REGS])
{
    int64_t result;

    switch (regs[0]) {
    case EL3_ATTEST_GET_REALM_KEY: result = el3m_realm_key(m, regs); break;
    case EL3_ATTEST_GET_PLAT_TOKEN: result = el3m_platform_token(m, regs); break;
    case EL3_FEATURES: result = el3m_features(regs); break;
    case EL3_BOOT_COMPLETE: result = el3m_boot_complete(m, regs); break;
    case EL3_GTSI_DELEGATE: result = el3m_transition(m, pe, regs[1], GPI_NS, GPI_REALM); break;
    case EL3_GTSI_UNDELEGATE: result = el3m_transition(m, pe, regs[1], GPI_REALM, GPI_NS); break;
    default: result = EL3_E_UNK; break;
    }
    regs[0] = (uint64_t)result;
}

static void el3m_rmi(struct machine *m, unsigned pe, uint64_t regs[ABI_MAX_REGS])
{
    uint64_t out[ABI_MAX_REGS];

    el3m_switch(m, pe, WORLD_REALM);
    m->rmm_ops->smc(m, pe, regs, out);
    el3m_switch(m, pe, WORLD_NS);
    memcpy(regs, out, sizeof(out));
}

static bool is_rmi(uint64_t fid)
{
    fid &= ~SMC_FID_SVE_HINT;
    return fid >= RMI_FID_FIRST && fid < RMI_REQ_COMPLETE;
}

void el3m_smc(struct machine *m, unsigned pe, enum world world, uint64_t regs[ABI_MAX_REGS])
{
    uint64_t fid = regs[0];

    ev(m, pe, EV_SMC, fid, world, 0);
    if (m->plat && world == WORLD_NS && !is_rmi(fid))
        el3m_host(m, pe, regs);
    else if (m->el3m.realm_dead)
        regs[0] = SMC_NOT_SUPPORTED;
    else if (world == WORLD_NS && is_rmi(fid))
        el3m_rmi(m, pe, regs);
    else if (world == WORLD_REALM)
        el3m_service(m, pe, regs);
    else
        regs[0] = SMC_NOT_SUPPORTED;
    ev(m, pe, EV_SMC_RET, fid, regs[0], 0);
}

int el3m_secure_claim(struct machine *m, unsigned pe, uint64_t a, enum pas to)
{
    enum gpi from = to == PAS_SECURE ? GPI_NS : GPI_SECURE;

    if (!is_granule_aligned(a) || gpt_walk(m, a).gpi != from ||
        gpt_set(m, pe, a, gpi_of_pas(to)) != CCA_OK)
        return CCA_ERR_INVAL;
    tlbi_pa(m, pe, a);
    return CCA_OK;
}

int el3m_boot(struct machine *m)
{
    if (gpt_init(m) != CCA_OK)
        return CCA_ERR_INVAL;
    el3m_write_manifest(m);
    return CCA_OK;
}

void el3m_start_rmm(struct machine *m)
{
    const uint64_t x[RMM_BOOT_ARGS] = {0, EL3_INTERFACE_VERSION, m->impl.num_pes,
                                       gpt_shared_buffer(&m->impl), 0};

    m->rmm_ops->reset(m, x);
    if (!m->el3m.rmm_booted)
        m->el3m.realm_dead = true;
}
