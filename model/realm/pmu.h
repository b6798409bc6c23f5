/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm's PMU (A8.1; PMUv3, DDI0487 D13): a cycle counter of 64 bits and up to 31 event counters of 32. An
 * instruction takes one cycle; time counts only while the REC is on the PE.
 */
#ifndef CCASIM_REALM_PMU_H
#define CCASIM_REALM_PMU_H

#include <ccasim/realm_dev.h>

#define PMCR_E       (1ull << 0)
#define PMCR_P       (1ull << 1)
#define PMCR_C       (1ull << 2)
#define PMCR_X       (1ull << 4)
#define PMCR_DP      (1ull << 5)
#define PMCR_LC      (1ull << 6)
#define PMCR_N_SHIFT 11

/* Common events that it has; PMCEID0_EL0. */
#define EVENT_SW_INCR      0x00u
#define EVENT_INST_RETIRED 0x08u
#define EVENT_CPU_CYCLES   0x11u
#define PMU_EVENTS         (1ull << EVENT_SW_INCR | 1ull << EVENT_INST_RETIRED | 1ull << EVENT_CPU_CYCLES)

/* A new REC's. */
void pmu_reset(struct pe_pmu *pmu, bool present, unsigned num);
/* Is it one of the registers of the PMU? */
bool pmu_has(uint32_t sysreg);
/* The Realm's accesses at `el`; SYSREG_UNDEF where the counter is not there. */
enum sysreg_result pmu_access(struct pe_pmu *pmu, unsigned el, uint32_t sysreg, bool write,
                              uint64_t *value, uint64_t now);
/* Virtual time at which a counter that may interrupt overflows; TIME_NEVER. */
uint64_t pmu_deadline(const struct pe_pmu *pmu);

#endif
