/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_ATTESTATION_TOKEN_INIT (DEN0137 B5.3.2): a token that was in the making is given up. */
#include <string.h>

#include "rmm/attest.h"
#include "rmm/bugs.h"
#include "rmm/granule.h"
#include "rmm/rsi/rsi.h"

/* The claims are those of now, whatever the Realm measures until the token is signed. */
static void copy_measurements(struct realm_run *run, struct attest *a)
{
    struct machine *m = run->m;
    uint64_t rd_pa = run->rec->rd;

    gst_lock(m, run->pe, granule_of(m, rd_pa));
    memcpy(a->measurement, rd_map(m, run->pe, rd_pa)->measurement, sizeof(a->measurement));
    rd_unmap(m, run->pe);
    gst_unlock(m, run->pe, granule_of(m, rd_pa));
    if (BUG(m, TOKEN_REM_ORDER)) {
        memcpy(a->measurement[1], a->measurement[2], MEASUREMENT_SIZE);
        memset(a->measurement[2], 0, MEASUREMENT_SIZE);
    }
}

enum run_next rsi_attestation_token_init(struct realm_run *run)
{
    uint64_t *x = run->rec->regs.x;
    struct attest *a = &run->rec->attest;

    if (!attest_platform(run->m, run->pe))
        return rsi_return(run, RSI_ERROR_UNKNOWN);
    memset(a, 0, sizeof(*a));
    memcpy(a->challenge, &x[1],
           BUG(run->m, TOKEN_SHORT_CHALLENGE) ? ATTEST_CHALLENGE_SIZE / 2 : ATTEST_CHALLENGE_SIZE);
    copy_measurements(run, a);
    a->state = ATTEST_SIGNING;
    ev(run->m, run->pe, EV_TOKEN, run->rec_pa, 0, 0);
    rsi_return(run, RSI_SUCCESS);
    x[1] = ATTEST_TOKEN_MAX;
    return RUN_RESUME;
}
