/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EL3M, the EL3 monitor, as an actor of its own: routes SMCs between worlds, switches worlds, and is the only writer
 * of the GPT. It changes the PAS of a granule only for the Realm world (RMM-EL3 interface, GTSI).
 *
 *   caller \ FID    RMI 0x150-0x18F    RMM-EL3 0x1B0-0x1CF     RMI_REQ_COMPLETE    anything else
 *   NS              to the RMM         -1                      -1                  -1
 *   Secure          -1                 -1                      -1                  -1
 *   Realm           -1                 served                  back to NS          -1
 *
 * RSI and PSCI of a Realm never come here: HCR_EL2.TSC traps them to the RMM.
 */
#ifndef CCASIM_EL3M_H
#define CCASIM_EL3M_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

/*
 * One SMC from `world` on `pe`. regs[0..16] is x0..x16, in and out. For an RMI from NS this runs the whole command
 * (world switch, RMM, world switch back).
 */
void el3m_smc(struct machine *m, unsigned pe, enum world world, uint64_t regs[ABI_MAX_REGS]);
/* The Secure world takes (PAS_SECURE) or returns (PAS_NS) an NS/Secure granule: what an SPM does through EL3M.
 * CCA_ERR_INVAL: not allowed from the granule's current PAS. */
int el3m_secure_claim(struct machine *m, unsigned pe, uint64_t a, enum pas to);
/* Boot: Root memory, GPT. */
int el3m_boot(struct machine *m);

#endif
