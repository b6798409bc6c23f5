/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REALM_CREATE (DEN0137 B4.3.9). */
#include <string.h>

#include "realm/measure.h"
#include "rmm/bugs.h"
#include "rmm/ns.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"
#include "rmm/vmid.h"

/* The Host's parameters, taken out of its page once. Narrow fields are read at the specification's
 * width. */
struct realm_params {
    uint64_t flags;
    uint8_t s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo;
    uint16_t vmid;
    uint64_t rtt_base;
    int64_t rtt_level_start;
    uint32_t rtt_num_start;
};

static void params_decode(const uint8_t page[GRANULE_SIZE], struct realm_params *p)
{
    p->flags = get64(page + REALM_PARAMS_FLAGS);
    p->s2sz = page[REALM_PARAMS_S2SZ];
    p->sve_vl = page[REALM_PARAMS_SVE_VL];
    p->num_bps = page[REALM_PARAMS_NUM_BPS];
    p->num_wps = page[REALM_PARAMS_NUM_WPS];
    p->pmu_num_ctrs = page[REALM_PARAMS_PMU_NUM_CTRS];
    p->hash_algo = page[REALM_PARAMS_HASH_ALGO];
    memcpy(&p->vmid, page + REALM_PARAMS_VMID, sizeof(p->vmid));
    p->rtt_base = get64(page + REALM_PARAMS_RTT_BASE);
    p->rtt_level_start = (int64_t)get64(page + REALM_PARAMS_RTT_LEVEL_START);
    memcpy(&p->rtt_num_start, page + REALM_PARAMS_RTT_NUM_START, sizeof(p->rtt_num_start));
}

static bool hash_is_supported(const struct impl *impl, uint8_t algo)
{
    switch (algo) {
    case HASH_SHA_256: return impl->sha256;
    case HASH_SHA_512: return impl->sha512;
    default: return false; /* params_valid: no such encoding */
    }
}

/* B3.34 RealmParamsSupported: what A3.1 lets the Host select, against what RMI_FEATURES offers. */
static bool params_are_supported(const struct impl *impl, const struct realm_params *p)
{
    if ((p->flags & REALM_FLAG_LPA2) && !impl->lpa2)
        return false;
    if (p->s2sz < 32 || p->s2sz > impl->s2sz)
        return false;
    /* Both counts are minus one, and zero is reserved: there are two of each at least. */
    if (p->num_bps == 0 || p->num_bps > impl->num_bps)
        return false;
    if (p->num_wps == 0 || p->num_wps > impl->num_wps)
        return false;
    if ((p->flags & REALM_FLAG_SVE) && (!impl->sve || p->sve_vl > impl->sve_vl))
        return false;
    if ((p->flags & REALM_FLAG_PMU) && (!impl->pmu || p->pmu_num_ctrs > impl->pmu_num_ctrs))
        return false;
    return hash_is_supported(impl, p->hash_algo);
}

/* What can be refused before any lock is taken: params_valid, params_supp, rtt_num_level, rtt_align. And start tables that
 * VTTBR_EL2 cannot name: the specification has no condition for that. */
static bool params_are_valid(const struct machine *m, const struct realm_params *p)
{
    return params_are_supported(&m->impl, p) &&
           s2_config_is_valid(p->s2sz, p->rtt_level_start, p->rtt_num_start,
                              (p->flags & REALM_FLAG_LPA2) != 0, impl_pa_width(&m->impl)) &&
           p->rtt_base % ((uint64_t)p->rtt_num_start * GRANULE_SIZE) == 0 &&
           ((p->flags & REALM_FLAG_LPA2) || p->rtt_base < 1ull << 48);
}

static void rd_init(struct machine *m, unsigned pe, uint64_t rd_pa, const struct realm_params *p,
                    const uint8_t page[GRANULE_SIZE])
{
    struct rd *rd;

    granule_take(m, pe, rd_pa);
    rd = rd_map(m, pe, rd_pa);
    memset(rd, 0, sizeof(*rd));
    rd->s2.rtt_base = p->rtt_base;
    rd->s2.rtt_num_start = p->rtt_num_start;
    rd->s2.rtt_level_start = (int32_t)p->rtt_level_start;
    rd->s2.vmid = p->vmid;
    rd->s2.ipa_width = p->s2sz;
    rd->s2.lpa2 = (p->flags & REALM_FLAG_LPA2) != 0;
    rd->state = REALM_NEW;
    rd->hash_algo = p->hash_algo;
    rd->num_bps = p->num_bps;
    rd->num_wps = p->num_wps;
    rd->sve = (p->flags & REALM_FLAG_SVE) != 0;
    rd->sve_vl = p->sve_vl;
    rd->pmu = (p->flags & REALM_FLAG_PMU) != 0;
    rd->pmu_num_ctrs = p->pmu_num_ctrs;
    rd->num_aux = m->impl.rec_aux_count;
    memcpy(rd->rpv, page + REALM_PARAMS_RPV, sizeof(rd->rpv));
    measure_rim_init(rd, page);
    for (unsigned i = 0; i < p->rtt_num_start; i++)
        rtt_fill_start(m, pe, &rd->s2, i);
    object_changed(m, pe, rd_pa);
    ev(m, pe, EV_MEASURE, rd_pa, 0, 0);
    rd_unmap(m, pe);
}

/* All granules are locked and DELEGATED: nothing can fail any more. */
static void realm_commit(struct machine *m, unsigned pe, uint64_t rd_pa, struct lock_set *set)
{
    for (unsigned i = 0; i < set->num; i++)
        gst_set_state(m, pe, set->e[i].g, set->e[i].pa == rd_pa ? GST_RD : GST_RTT);
    lock_set_release(m, pe, set);
}

uint64_t rmi_realm_create(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                          uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], params_ptr = x[2];
    struct realm_params p;
    struct lock_set set = {.num = 0};
    uint8_t page[GRANULE_SIZE];

    (void)out;
    if (!granule_is_delegable(m, params_ptr) || !ns_read(m, pe, params_ptr, page, sizeof(page)))
        return rmi_result(RMI_ERROR_INPUT, 0);
    params_decode(page, &p);
    if (!params_are_valid(m, &p))
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (BUG(m, REALM_CREATE_DOUBLE_FETCH) && ns_read(m, pe, params_ptr, page, sizeof(page)))
        params_decode(page, &p);
    /* The set refuses an RD that is one of the start tables (alias). */
    lock_set_add(&set, rd_pa, GST_DELEGATED);
    for (unsigned i = 0; i < p.rtt_num_start; i++)
        lock_set_add(&set, p.rtt_base + (uint64_t)i * GRANULE_SIZE, GST_DELEGATED);
    if (!lock_set_acquire(m, pe, &set))
        return rmi_result(RMI_ERROR_INPUT, 0);
    if (!vmid_reserve(m, p.vmid)) {
        lock_set_release(m, pe, &set);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rd_init(m, pe, rd_pa, &p, page);
    realm_commit(m, pe, rd_pa, &set);
    return rmi_result(RMI_SUCCESS, 0);
}
