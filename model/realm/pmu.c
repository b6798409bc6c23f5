/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/pmu.h"

#include <string.h>

#define CYCLE_COUNTER 31u
#define EVENT_MASK    0xffffull /* PMEVTYPER<n>_EL0.evtCount */
/* P, U, NSK, NSU, NSH, M: kept; they filter nothing. */
#define FILTER_MASK 0xfc000000ull

/* S3_3_C9_C<crm>_<op2> */
#define PM(crm, op2) SYSREG(3, 3, 9, crm, op2)
#define PMCR         PM(12, 0)
#define PMCNTENSET   PM(12, 1)
#define PMCNTENCLR   PM(12, 2)
#define PMOVSCLR     PM(12, 3)
#define PMSWINC      PM(12, 4)
#define PMSELR       PM(12, 5)
#define PMCEID0      PM(12, 6)
#define PMCEID1      PM(12, 7)
#define PMCCNTR      PM(13, 0)
#define PMXEVTYPER   PM(13, 1)
#define PMXEVCNTR    PM(13, 2)
#define PMUSERENR    PM(14, 0)
#define PMOVSSET     PM(14, 3)
#define PMINTENSET   SYSREG(3, 0, 9, 14, 1)
#define PMINTENCLR   SYSREG(3, 0, 9, 14, 2)
#define PMEVCNTR0    SYSREG(3, 3, 14, 8, 0)
#define PMEVTYPER0   SYSREG(3, 3, 14, 12, 0)
#define PMCCFILTR    SYSREG(3, 3, 14, 15, 7)

#define USERENR_EN (1ull << 0)
#define USERENR_SW (1ull << 1)
#define USERENR_CR (1ull << 2)
#define USERENR_ER (1ull << 3)

/* One bit a counter; the cycle counter is bit 31. */
static uint64_t counters(const struct pe_pmu *pmu)
{
    return ((1ull << pmu->num) - 1) | 1ull << CYCLE_COUNTER;
}

void pmu_reset(struct pe_pmu *pmu, bool present, unsigned num)
{
    memset(pmu, 0, sizeof(*pmu));
    pmu->present = present;
    pmu->num = num;
    pmu->pmcr = PMCR_LC | PMCR_DP;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static bool counts_time(const struct pe_pmu *pmu, unsigned i)
{
    uint64_t event = i == CYCLE_COUNTER ? EVENT_CPU_CYCLES : pmu->evtyper[i] & EVENT_MASK;

    return (pmu->pmcr & PMCR_E) && (pmu->cnten >> i & 1) &&
           (event == EVENT_CPU_CYCLES || event == EVENT_INST_RETIRED);
}

/* Overflow is unsigned wrap: of 32 bits, and of 64 for the cycle counter with PMCR_EL0.LC. */
static bool is_long(const struct pe_pmu *pmu, unsigned i)
{
    return i == CYCLE_COUNTER && (pmu->pmcr & PMCR_LC);
}

static void add(struct pe_pmu *pmu, unsigned i, uint64_t n)
{
    uint64_t *at = i == CYCLE_COUNTER ? &pmu->ccntr : &pmu->evcntr[i];
    uint64_t sum = *at + n;
    bool wraps = is_long(pmu, i) ? sum < n : (*at & UINT32_MAX) + n > UINT32_MAX;

    *at = i == CYCLE_COUNTER ? sum : (uint32_t)sum;
    if (wraps)
        pmu->ovs |= 1ull << i;
}

void pmu_sync(struct pe_pmu *pmu, uint64_t now)
{
    uint64_t n = now - pmu->since;

    pmu->since = now;
    if (n == 0 || !(pmu->pmcr & PMCR_E))
        return;
    for (uint64_t left = pmu->cnten & counters(pmu); left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);

        if (counts_time(pmu, i))
            add(pmu, i, n);
    }
}

bool pmu_overflow(const struct pe_pmu *pmu, uint64_t now)
{
    struct pe_pmu at = *pmu;

    if (!pmu->present || !(pmu->pmcr & PMCR_E) || !pmu->inten)
        return false;
    pmu_sync(&at, now);
    return (at.ovs & at.inten) != 0; /* DDI0487 D13.3.1 */
}

uint64_t pmu_deadline(const struct pe_pmu *pmu)
{
    uint64_t first = TIME_NEVER;

    if (!pmu->present || pmu->told || !(pmu->pmcr & PMCR_E))
        return first;
    if (pmu->ovs & pmu->inten)
        return 0;
    for (uint64_t left = pmu->cnten & pmu->inten; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        uint64_t value = i == CYCLE_COUNTER ? pmu->ccntr : pmu->evcntr[i];
        uint64_t room = is_long(pmu, i) ? 0 - value : (1ull << 32) - (value & UINT32_MAX);
        uint64_t at = pmu->since + room;

        /* 2^64 from zero is never */
        if (counts_time(pmu, i) && room != 0 && at > pmu->since && at < first)
            first = at;
    }
    return first;
}

/* --- registers ---------------------------------------------------------------------------------------------------- */

static bool is_indexed(uint32_t sysreg, uint32_t first)
{
    return sysreg >= first && sysreg < first + PE_NUM_COUNTERS;
}

bool pmu_has(uint32_t sysreg)
{
    switch (sysreg) {
    case PMCR:
    case PMCNTENSET:
    case PMCNTENCLR:
    case PMOVSCLR:
    case PMSWINC:
    case PMSELR:
    case PMCEID0:
    case PMCEID1:
    case PMCCNTR:
    case PMXEVTYPER:
    case PMXEVCNTR:
    case PMUSERENR:
    case PMOVSSET:
    case PMINTENSET:
    case PMINTENCLR:
    case PMCCFILTR: return true;
    default: return is_indexed(sysreg, PMEVCNTR0) || is_indexed(sysreg, PMEVTYPER0);
    }
}

/* What PMUSERENR_EL0 lets EL0 do; the rest is trapped to EL1. */
static bool el0_may(const struct pe_pmu *pmu, uint32_t sysreg, bool write)
{
    bool counter = is_indexed(sysreg, PMEVCNTR0) || sysreg == PMXEVCNTR;

    if (sysreg == PMUSERENR)
        return !write;
    if (pmu->userenr & USERENR_EN)
        return true;
    return (sysreg == PMSWINC && (pmu->userenr & USERENR_SW)) ||
           (sysreg == PMCCNTR && !write && (pmu->userenr & USERENR_CR)) ||
           ((sysreg == PMSELR || (counter && !write)) && (pmu->userenr & USERENR_ER));
}

/* PMXEV* name the counter by PMSELR_EL0. 32: none. */
static unsigned counter_of(const struct pe_pmu *pmu, uint32_t sysreg)
{
    unsigned i = (unsigned)pmu->selr;

    if (sysreg == PMCCNTR || sysreg == PMCCFILTR)
        return CYCLE_COUNTER;
    if (sysreg == PMXEVTYPER && i == CYCLE_COUNTER)
        return i;
    if (sysreg != PMXEVTYPER && sysreg != PMXEVCNTR)
        i = is_indexed(sysreg, PMEVCNTR0) ? sysreg - PMEVCNTR0 : sysreg - PMEVTYPER0;
    return i < pmu->num ? i : 32;
}

static uint64_t *counter_register(struct pe_pmu *pmu, uint32_t sysreg, uint64_t *mask)
{
    unsigned i = counter_of(pmu, sysreg);
    bool type = sysreg == PMXEVTYPER || sysreg == PMCCFILTR || is_indexed(sysreg, PMEVTYPER0);

    if (i == 32)
        return NULL;
    if (type) {
        *mask = i == CYCLE_COUNTER ? FILTER_MASK : FILTER_MASK | EVENT_MASK;
        return i == CYCLE_COUNTER ? &pmu->ccfiltr : &pmu->evtyper[i];
    }
    *mask = i == CYCLE_COUNTER ? UINT64_MAX : UINT32_MAX;
    return i == CYCLE_COUNTER ? &pmu->ccntr : &pmu->evcntr[i];
}

static void software_increment(struct pe_pmu *pmu, uint64_t which)
{
    for (unsigned i = 0; i < pmu->num; i++)
        if ((which >> i & 1) && (pmu->pmcr & PMCR_E) && (pmu->cnten >> i & 1) &&
            (pmu->evtyper[i] & EVENT_MASK) == EVENT_SW_INCR)
            add(pmu, i, 1);
}

static void write_control(struct pe_pmu *pmu, uint64_t value)
{
    pmu->pmcr = value & (PMCR_E | PMCR_X | PMCR_DP | PMCR_LC);
    if (value & PMCR_P)
        memset(pmu->evcntr, 0, sizeof(pmu->evcntr));
    if (value & PMCR_C)
        pmu->ccntr = 0;
}

static enum sysreg_result pmu_write(struct pe_pmu *pmu, uint32_t sysreg, uint64_t value)
{
    uint64_t bits = value & counters(pmu), mask, *reg;

    switch (sysreg) {
    case PMCR: write_control(pmu, value); break;
    case PMCNTENSET: pmu->cnten |= bits; break;
    case PMCNTENCLR: pmu->cnten &= ~bits; break;
    case PMOVSSET: pmu->ovs |= bits; break;
    case PMOVSCLR: pmu->ovs &= ~bits; break;
    case PMINTENSET: pmu->inten |= bits; break;
    case PMINTENCLR: pmu->inten &= ~bits; break;
    case PMSWINC: software_increment(pmu, value); break;
    case PMSELR: pmu->selr = value & 31; break;
    case PMUSERENR: pmu->userenr = value & 15; break;
    case PMCEID0:
    case PMCEID1: return SYSREG_UNDEF;
    default:
        reg = counter_register(pmu, sysreg, &mask);
        if (!reg)
            return SYSREG_UNDEF;
        *reg = value & mask;
        break;
    }
    return SYSREG_OK;
}

static enum sysreg_result pmu_read(struct pe_pmu *pmu, uint32_t sysreg, uint64_t *value)
{
    uint64_t mask;
    const uint64_t *reg;

    switch (sysreg) {
    case PMCR: *value = pmu->pmcr | pmu->num << PMCR_N_SHIFT; break;
    case PMCNTENSET:
    case PMCNTENCLR: *value = pmu->cnten; break;
    case PMOVSSET:
    case PMOVSCLR: *value = pmu->ovs; break;
    case PMINTENSET:
    case PMINTENCLR: *value = pmu->inten; break;
    case PMSELR: *value = pmu->selr; break;
    case PMUSERENR: *value = pmu->userenr; break;
    case PMCEID0: *value = PMU_EVENTS; break;
    case PMCEID1: *value = 0; break;
    case PMSWINC: return SYSREG_UNDEF;
    default:
        reg = counter_register(pmu, sysreg, &mask);
        if (!reg)
            return SYSREG_UNDEF;
        *value = *reg;
        break;
    }
    return SYSREG_OK;
}

enum sysreg_result pmu_access(struct pe_pmu *pmu, unsigned el, uint32_t sysreg, bool write,
                              uint64_t *value, uint64_t now)
{
    bool only_el1 = sysreg == PMINTENSET || sysreg == PMINTENCLR;

    if (!pmu->present || (el == 0 && only_el1))
        return SYSREG_UNDEF;
    if (el == 0 && !el0_may(pmu, sysreg, write))
        return sysreg == PMUSERENR ? SYSREG_UNDEF : SYSREG_TRAP_EL1;
    pmu_sync(pmu, now);
    return write ? pmu_write(pmu, sysreg, *value) : pmu_read(pmu, sysreg, value);
}
