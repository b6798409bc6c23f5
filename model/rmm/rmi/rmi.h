/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI handlers: one command, one file. A handler gets x0..x16 by value in `x`, writes its results
 * other than x0 to `out` (zero beforehand) and returns x0. It runs with no lock held and no slot
 * mapped, and leaves so.
 *
 * A handler checks in the order in which it can: what needs no lock, then each object under its
 * lock, outer before inner. When it fails it gives back what it took and leaves no trace (I27).
 */
#ifndef CCASIM_RMM_RMI_H
#define CCASIM_RMM_RMI_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

typedef uint64_t rmi_handler(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                             uint64_t out[ABI_MAX_REGS]);

rmi_handler rmi_version;
rmi_handler rmi_features;
rmi_handler rmi_granule_delegate;
rmi_handler rmi_granule_undelegate;
rmi_handler rmi_realm_create;
rmi_handler rmi_realm_activate;
rmi_handler rmi_realm_destroy;
rmi_handler rmi_rec_aux_count;
rmi_handler rmi_rec_create;
rmi_handler rmi_rec_destroy;
rmi_handler rmi_rec_enter;
rmi_handler rmi_psci_complete;
rmi_handler rmi_rtt_create;
rmi_handler rmi_rtt_destroy;
rmi_handler rmi_rtt_fold;
rmi_handler rmi_rtt_read_entry;
rmi_handler rmi_rtt_init_ripas;
rmi_handler rmi_rtt_set_ripas;
rmi_handler rmi_rtt_map_unprotected;
rmi_handler rmi_rtt_unmap_unprotected;
rmi_handler rmi_data_create;
rmi_handler rmi_data_create_unknown;
rmi_handler rmi_data_destroy;

#endif
