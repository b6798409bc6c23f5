/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups of the host's system registers that are devices: each says who may, and does it. */
#ifndef CCASIM_HOST_SYSREG_H
#define CCASIM_HOST_SYSREG_H

#include "host_internal.h"

/* --- counters and timers: S3_{3,4,5}_C14_C{0,2,3}_n --- */

/* May it be accessed at the EL of PSTATE? SYSREG_TRAP_EL1: EL0's trap, whose EL the caller finds. */
enum sysreg_result host_timer_check(const struct machine *m, unsigned pe, uint32_t enc);
uint64_t host_timer_read(struct machine *m, unsigned pe, uint32_t enc, uint64_t now);
/* A timer's: counters are read-only. */
void host_timer_write(struct machine *m, unsigned pe, uint32_t enc, uint64_t value, uint64_t now);

/* --- GIC: ICC_*_EL1, physical or virtual by HCR_EL2, and ICH_*_EL2 --- */

enum sysreg_result host_icc_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value);
enum sysreg_result host_ich_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value);

/* --- PMU --- */

enum sysreg_result host_pmu_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value, uint64_t now);

#endif
