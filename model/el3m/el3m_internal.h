/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CCASIM_EL3M_INTERNAL_H
#define CCASIM_EL3M_INTERNAL_H

#include <ccasim/el3m.h>

/* attest.c: ATTEST_GET_REALM_KEY, ATTEST_GET_PLAT_TOKEN. */
int64_t el3m_realm_key(struct machine *m, uint64_t regs[ABI_MAX_REGS]);
int64_t el3m_platform_token(struct machine *m, uint64_t regs[ABI_MAX_REGS]);
/* manifest.c: writes the boot manifest to the base of the shared buffer. */
void el3m_write_manifest(struct machine *m);
/* host.c: an SMC of host code that is no RMI. */
void el3m_host(struct machine *m, unsigned pe, uint64_t regs[ABI_MAX_REGS]);
/* psci.c: false: no PSCI function that is here. */
bool el3m_psci(struct machine *m, unsigned pe, uint64_t fid, uint64_t regs[ABI_MAX_REGS]);

#endif
