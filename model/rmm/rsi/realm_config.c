/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_REALM_CONFIG (DEN0137 B5.3.9): writes a page of the Realm's memory. */
#include <string.h>

#include "rmm/bugs.h"
#include "rmm/rsi/rsi.h"
#include "rmm/rtt.h"

static void config_fill(struct realm_run *run, uint8_t *page)
{
    struct machine *m = run->m;
    uint64_t width = run->rec->s2.ipa_width;

    /* All of the page: unused bits MBZ. */
    if (!BUG(m, REALM_CONFIG_STALE))
        memset(page, 0, GRANULE_SIZE);
    memcpy(page + RSI_CONFIG_IPA_WIDTH, &width, sizeof(width));
    page[RSI_CONFIG_HASH_ALGO] = run->rec->hash_algo;
    memcpy(page + RSI_CONFIG_RPV, run->rec->rpv, sizeof(run->rec->rpv));
}

enum run_next rsi_realm_config(struct realm_run *run)
{
    struct rec *rec = run->rec;
    ipa_t a = ipa(rec->regs.x[1]);
    struct realm_data d;

    if (!is_granule_aligned(a.v) || !s2_is_protected(&rec->s2, a))
        return rsi_return(run, RSI_ERROR_INPUT);
    switch (realm_data_begin(run->m, run->pe, &rec->s2, a, &d)) {
    case REALM_DATA_RAM:
        mem_note_write(run->m, d.granule, OWNER_REALM, rec->rd, true);
        config_fill(run, d.p);
        realm_data_end(run->m, run->pe, &d);
        return rsi_return(run, RSI_SUCCESS);
    case REALM_DATA_EMPTY: return rsi_return(run, RSI_ERROR_INPUT);
    case REALM_DATA_ABORT: break;
    }
    rec->regs.pc -= 4; /* once the Host has mapped the page, the Realm asks again */
    return exit_data_abort_at(run, a, d.level);
}
