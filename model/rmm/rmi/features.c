/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_FEATURES (DEN0137 B4.3.4): feature registers beyond those that exist read as zero. */
#include "rmm/rmi/rmi.h"

uint64_t rmi_features(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                      uint64_t out[ABI_MAX_REGS])
{
    (void)pe;
    out[1] = x[1] == 0 ? impl_feature_register0(&m->impl) : 0;
    return rmi_result(RMI_SUCCESS, 0);
}
