/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CCASIM_RMM_BOOT_H
#define CCASIM_RMM_BOOT_H

#include <ccasim/rmm.h>

/* Entry from EL3M; x is x0..x4. */
void rmm_boot(struct machine *m, const uint64_t x[RMM_BOOT_ARGS]);

#endif
