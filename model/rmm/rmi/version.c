/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_VERSION (DEN0137 B4.3.23): there is one revision, so it is the highest below and above any
 * other request. */
#include "rmm/rmi/rmi.h"

uint64_t rmi_version(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                     uint64_t out[ABI_MAX_REGS])
{
    (void)m;
    (void)pe;
    out[1] = ABI_1_0;
    out[2] = ABI_1_0;
    return rmi_result(x[1] == ABI_1_0 ? RMI_SUCCESS : RMI_ERROR_INPUT, 0);
}
