/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SMCs of host code that are no RMI: SMCCC itself and PSCI. What EL3M does not know, FF-A included, as
 * there is no SPM, returns -1. Results are x0 alone: x1 to x17 stay as the caller had them (SMCCC 1.2, DEN0028).
 */
#include "el3m/el3m_internal.h"

#define SMCCC_ARCH_FEATURES_FID 0x80000001ull

/* Of the Arm architecture service. Workarounds and SOC_ID are not there. */
static int64_t arch_features(uint64_t fid)
{
    return fid == SMCCC_VERSION_FID || fid == SMCCC_ARCH_FEATURES_FID ? 0 : -1;
}

void el3m_host(struct machine *m, unsigned pe, uint64_t regs[ABI_MAX_REGS])
{
    uint64_t fid = regs[0] & ~SMC_FID_SVE_HINT;

    switch (fid) {
    case SMCCC_VERSION_FID: regs[0] = SMCCC_VERSION_1_2; break;
    case SMCCC_ARCH_FEATURES_FID: regs[0] = (uint64_t)arch_features(regs[1] & UINT32_MAX); break;
    default:
        if (!el3m_psci(m, pe, fid, regs))
            regs[0] = SMC_NOT_SUPPORTED;
        break;
    }
}
