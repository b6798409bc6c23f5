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
 * RSI and PSCI of a Realm never come here: HCR_EL2.TSC traps them to the RMM. Where host code runs (machine.plat), "anything
 * else" of NS is SMCCC_VERSION (1.2) and SMCCC_ARCH_FEATURES, PSCI 1.1 (CPU_SUSPEND, CPU_OFF, CPU_ON, AFFINITY_INFO,
 * MIGRATE_INFO_TYPE, SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES), and -1 for all others, FF-A among them; x1 to x17 are kept.
 */
#ifndef CCASIM_EL3M_H
#define CCASIM_EL3M_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

CCASIM_API_BEGIN

/*
 * One SMC from `world` on `pe`. regs[0..16] is x0..x16, in and out. For an RMI from NS this runs the whole command
 * (world switch, RMM, world switch back). CPU_OFF, SYSTEM_OFF and SYSTEM_RESET return here, and only note in machine.plat
 * what has to happen; CPU_SUSPEND waits by machine.sched, and regs is then what the PE goes on with.
 */
void el3m_smc(struct machine *m, unsigned pe, enum world world, uint64_t regs[ABI_MAX_REGS]);
/* The Secure world takes (PAS_SECURE) or returns (PAS_NS) an NS/Secure granule: what an SPM does through EL3M.
 * CCA_ERR_INVAL: not allowed from the granule's current PAS. */
int el3m_secure_claim(struct machine *m, unsigned pe, uint64_t a, enum pas to);
/* The public part of the key that signs platform tokens of machines with this seed, as its maker would publish it. */
void el3m_platform_key(uint64_t seed, uint8_t x[48], uint8_t y[48]);
/* Boot: Root memory, GPT, the boot manifest in the buffer that EL3M and the RMM share (gpt_shared_buffer()). */
int el3m_boot(struct machine *m);
/* Cold boot of the RMM on PE 0. Without BOOT_COMPLETE, or with an error in it, the Realm world is dead: every RMI and every
 * RMM-EL3 call returns -1. */
void el3m_start_rmm(struct machine *m);

/*
 * The RMM-EL3 interface, version 0.4. Results: x0, and what is named; other registers stay as they are. Where several
 * errors apply any of them may come; this EL3M checks the buffer's address, its size, then the rest.
 *
 *   GTSI_DELEGATE, GTSI_UNDELEGATE  x1 PA                                    BAD_ADDR, BAD_PAS
 *   ATTEST_GET_REALM_KEY            x1 buffer, x2 size, x3 curve             BAD_ADDR, INVAL; x1 = size of the key
 *   ATTEST_GET_PLAT_TOKEN           x1 buffer, x2 size, x3 challenge size    BAD_ADDR, INVAL; x1 = bytes written,
 *                                   (0: go on)                               x2 = bytes that are left
 *   EL3_FEATURES                    x1 index                                 INVAL; x1 = 0: EL3_TOKEN_SIGN is not there
 *   BOOT_COMPLETE                   x1 result                                once
 *
 * EL3_TOKEN_SIGN and what later versions add (MEC, IDE, memory reservation) return UNK, as any unknown call. AGAIN never
 * comes: the signer of the platform token is always ready. The shared buffer itself cannot change its PAS.
 */
#define EL3_INTERFACE_VERSION 0x00000004u
#define EL3_MANIFEST_VERSION  0x00000003u
/* Boot manifest: offsets from the base of the shared buffer. */
#define MANIFEST_VERSION 0x00
#define MANIFEST_DRAM    0x10  /* u64 number of banks, u64 PA of the list, u64 checksum */
#define MANIFEST_CONSOLE 0x28  /* likewise */
#define MANIFEST_BANKS   0x800 /* {u64 base, u64 size} each */

CCASIM_API_END

#endif
