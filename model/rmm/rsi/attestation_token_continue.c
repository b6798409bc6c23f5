/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_ATTESTATION_TOKEN_CONTINUE (DEN0137 B5.3.1): signs what is not signed yet, then copies the next part of the
 * token into the Realm's buffer. */
#include <string.h>

#include "rmm/attest.h"
#include "rmm/bugs.h"
#include "rmm/rsi/rsi.h"
#include "rmm/rtt.h"

static bool buffer_is_valid(const struct s2_context *s2, uint64_t addr, uint64_t offset,
                            uint64_t size)
{
    return is_granule_aligned(addr) && s2_is_protected(s2, ipa(addr)) && offset < GRANULE_SIZE &&
           size <= GRANULE_SIZE - offset;
}

/* A7.2.2: the Host hears of the interrupt; the Realm, when it runs again, that there is more to do. */
static enum run_next interrupted(struct realm_run *run)
{
    if (!BUG(run->m, TOKEN_IRQ_LOSES_RESULT))
        rsi_return(run, RSI_INCOMPLETE);
    exit_reason(run, EXIT_IRQ);
    return RUN_EXIT;
}

static void copy_part(struct realm_run *run, uint64_t pa, uint8_t *p, uint64_t size)
{
    struct attest *a = &run->rec->attest;
    struct attest_input in = attest_input(run);
    uint8_t token[ATTEST_TOKEN_MAX];
    size_t left = attest_token(a, &in, token) - a->sent;
    size_t n = left < size ? left : (size_t)size;

    memcpy(p, token + a->sent, n);
    if (BUG(run->m, TOKEN_PAST_SIZE) && n < left && (pa & GRANULE_MASK) + n < GRANULE_SIZE)
        p[n] = token[a->sent + n];
    if (n > 0)
        ev(run->m, run->pe, EV_TOKEN, run->rec_pa, pa, n);
    a->sent = (uint16_t)(a->sent + n);
    if (n == left)
        a->state = ATTEST_NONE;
    rsi_return(run, n == left ? RSI_SUCCESS : RSI_INCOMPLETE);
    run->rec->regs.x[1] = n;
}

enum run_next rsi_attestation_token_continue(struct realm_run *run)
{
    struct rec *rec = run->rec;
    uint64_t addr = rec->regs.x[1], offset = rec->regs.x[2], size = rec->regs.x[3];
    struct realm_data d;

    if (!buffer_is_valid(&rec->s2, addr, offset, size))
        return rsi_return(run, RSI_ERROR_INPUT);
    if (rec->attest.state == ATTEST_NONE)
        return rsi_return(run, RSI_ERROR_STATE);
    if (!attest_sign_steps(run))
        return interrupted(run);
    switch (realm_data_begin(run->m, run->pe, &rec->s2, ipa(addr), &d)) {
    case REALM_DATA_RAM:
        mem_note_write(run->m, d.granule, OWNER_REALM, rec->rd, false);
        copy_part(run, d.granule + offset, d.p + offset, size);
        realm_data_end(run->m, run->pe, &d);
        return RUN_RESUME;
    case REALM_DATA_EMPTY: return rsi_return(run, RSI_ERROR_INPUT);
    case REALM_DATA_ABORT: break;
    }
    rec->regs.pc -= 4; /* once the Host has mapped the page, the Realm asks again */
    return exit_data_abort_at(run, ipa(addr), d.level);
}
