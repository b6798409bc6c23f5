/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_VERSION (DEN0137 B5.3.10): as RMI_VERSION. */
#include "rmm/rsi/rsi.h"

enum run_next rsi_version(struct realm_run *run)
{
    uint64_t *x = run->rec->regs.x;
    bool supported = x[1] == ABI_1_0;

    rsi_return(run, supported ? RSI_SUCCESS : RSI_ERROR_INPUT);
    x[1] = ABI_1_0;
    x[2] = ABI_1_0;
    return RUN_RESUME;
}
