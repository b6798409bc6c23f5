/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_FEATURES (DEN0137 B5.3.3): zero, whatever the index. */
#include "rmm/rsi/rsi.h"

enum run_next rsi_features(struct realm_run *run)
{
    return rsi_return(run, RSI_SUCCESS);
}
