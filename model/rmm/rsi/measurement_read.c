/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_MEASUREMENT_READ (DEN0137 B5.3.8). */
#include <string.h>

#include "rmm/granule.h"
#include "rmm/rsi/rsi.h"

enum run_next rsi_measurement_read(struct realm_run *run)
{
    struct machine *m = run->m;
    uint64_t *x = run->rec->regs.x;
    uint64_t index = x[1], rd_pa = run->rec->rd;

    if (index >= MEASUREMENT_SLOTS)
        return rsi_return(run, RSI_ERROR_INPUT);
    rsi_return(run, RSI_SUCCESS);
    gst_lock(m, run->pe, granule_of(m, rd_pa));
    memcpy(&x[1], rd_map(m, run->pe, rd_pa)->measurement[index], MEASUREMENT_SIZE);
    rd_unmap(m, run->pe);
    gst_unlock(m, run->pe, granule_of(m, rd_pa));
    return RUN_RESUME;
}
