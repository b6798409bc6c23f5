/* SPDX-License-Identifier: BSD-3-Clause */
/* The PMU as host code finds it: EL2 has all counters, EL1 and EL0 those below MDCR_EL2.HPMN (DDI0487 D13). */
#include "host_sysreg.h"

#define PMCR    SYSREG(3, 3, 9, 12, 0)
#define PMSWINC SYSREG(3, 3, 9, 12, 4)
#define PMCEID0 SYSREG(3, 3, 9, 12, 6)
#define PMCEID1 SYSREG(3, 3, 9, 12, 7)

/* There is no such instruction. */
static bool is_one_way(uint32_t enc, bool write)
{
    return write ? enc == PMCEID0 || enc == PMCEID1 : enc == PMSWINC;
}

/* Counters that EL2 keeps for itself, as they were: nothing that EL1 writes reaches them. */
static void keep(struct pe_pmu *now, const struct pe_pmu *before, uint64_t from)
{
    for (uint64_t i = from; i < PE_NUM_COUNTERS; i++)
        now->evcntr[i] = before->evcntr[i];
}

static enum sysreg_result access_below(struct pe_pmu *pmu, unsigned el, uint64_t hpmn, uint32_t enc,
                                       bool write, uint64_t *value, uint64_t now)
{
    struct pe_pmu before;
    enum sysreg_result result;

    pmu_sync(pmu, now);
    before = *pmu;
    pmu->num = hpmn;
    result = pmu_access(pmu, el, enc, write, value, now);
    pmu->num = before.num;
    keep(pmu, &before, hpmn);
    return result;
}

/* PMUSERENR_EL0 comes before what EL2 traps. */
static enum sysreg_result refused_to_el0(const struct pe_pmu *pmu, uint32_t enc, bool write,
                                         uint64_t now)
{
    struct pe_pmu tried = *pmu;
    uint64_t value = 0;

    return pmu_access(&tried, 0, enc, write, &value, now);
}

enum sysreg_result host_pmu_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value, uint64_t now)
{
    struct pe_pmu *pmu = &m->plat->pe[pe].pmu;
    unsigned el = host_el(m, pe);
    uint64_t mdcr = host_el2(m, pe, HS_MDCR_EL2), hpmn = mdcr & MDCR_HPMN;
    enum sysreg_result result = el == 0 ? refused_to_el0(pmu, enc, write, now) : SYSREG_OK;

    if (!pmu->present || is_one_way(enc, write))
        return SYSREG_UNDEF;
    if (result != SYSREG_OK)
        return result;
    if (el < 2 && ((mdcr & MDCR_TPM) || (enc == PMCR && (mdcr & MDCR_TPMCR))))
        return SYSREG_TRAP_EL2;
    if (el < 2 && hpmn < pmu->num)
        return access_below(pmu, el, hpmn, enc, write, value, now);
    return pmu_access(pmu, el, enc, write, value, now);
}
