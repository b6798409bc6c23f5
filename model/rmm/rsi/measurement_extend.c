/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_MEASUREMENT_EXTEND (DEN0137 B5.3.7): slot 0 is the RIM, which no Realm can change. */
#include <string.h>

#include "realm/measure.h"
#include "rmm/granule.h"
#include "rmm/rsi/rsi.h"

enum run_next rsi_measurement_extend(struct realm_run *run)
{
    struct machine *m = run->m;
    const uint64_t *x = run->rec->regs.x;
    uint64_t index = x[1], size = x[2], rd_pa = run->rec->rd;
    uint8_t value[MEASUREMENT_SIZE];

    if (index == 0 || index >= MEASUREMENT_SLOTS || size > MEASUREMENT_SIZE)
        return rsi_return(run, RSI_ERROR_INPUT);
    memcpy(value, &x[3], sizeof(value));
    gst_lock(m, run->pe, granule_of(m, rd_pa));
    measure_rem_extend(rd_map(m, run->pe, rd_pa), (unsigned)index, value, size);
    object_changed(m, run->pe, rd_pa);
    ev(m, run->pe, EV_MEASURE, rd_pa, index, 0);
    rd_unmap(m, run->pe);
    gst_unlock(m, run->pe, granule_of(m, rd_pa));
    return rsi_return(run, RSI_SUCCESS);
}
