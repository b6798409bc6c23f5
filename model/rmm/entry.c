/* SPDX-License-Identifier: BSD-3-Clause */
/* REC entry: what the Host answers to the last exit (A4.2.2, A4.2.3), before the Realm runs
 * again. */
#include <string.h>

#include "rmm/bugs.h"
#include "rmm/rsi/rsi.h"
#include "rmm/run.h"
#include "rmm/rtt.h"

static unsigned access_size(uint64_t esr)
{
    return 8u << (esr >> ESR_SAS_SHIFT & 3); /* bits */
}

/* The value of an emulated load as the instruction would have put it into its register. */
static uint64_t emulated_load(struct realm_run *run, uint64_t esr, uint64_t value)
{
    unsigned bits = access_size(esr);

    if (bits < 64) {
        value &= (1ull << bits) - 1;
        /* The Host is not told whether the load extends the sign (A4.3.4.3), so the RMM does it. */
        if ((esr & ESR_SSE) && value >> (bits - 1) && !BUG(run->m, MMIO_NO_SIGN_EXTEND))
            value |= ~0ull << bits;
    }
    return esr & ESR_SF ? value : (uint32_t)value;
}

/* The last exit was an emulatable abort: rec_mmio has checked it. */
static void complete_mmio(struct realm_run *run)
{
    uint64_t esr = run->rec->last_exit.esr;
    unsigned srt = (unsigned)(esr >> ESR_SRT_SHIFT & 31);

    if (!(esr & ESR_WNR) && srt != 31)
        run->rec->regs.x[srt] = emulated_load(run, esr, enter_get64(run, REC_ENTER_GPRS));
    run->rec->regs.pc += 4;
}

/* The Host's answer goes to where the Realm asked from. The mapping may be gone by now. */
static enum run_next complete_host_call(struct realm_run *run)
{
    struct rec *rec = run->rec;
    ipa_t a = ipa(rec->host_call_ipa);
    struct realm_data d;
    size_t num = BUG(run->m, HOST_CALL_SHORT_COPY) ? 30 : 31;

    switch (realm_data_begin(run->m, run->pe, &rec->s2, a, &d)) {
    case REALM_DATA_RAM:
        mem_note_write(run->m, d.granule, OWNER_REALM, rec->rd, false);
        memcpy(d.p + RSI_HOST_CALL_GPRS, run->enter + REC_ENTER_GPRS, num * sizeof(uint64_t));
        realm_data_end(run->m, run->pe, &d);
        break;
    case REALM_DATA_EMPTY: break; /* the Realm gave the page up: its loss */
    case REALM_DATA_ABORT: return exit_data_abort_at(run, a, d.level);
    }
    rec->host_call_pending = 0;
    if (!BUG(run->m, HOST_CALL_NO_RESULT))
        rsi_return(run, RSI_SUCCESS);
    return RUN_RESUME;
}

/* A5.4: how far the Host came with the Realm's request, and whether it refuses the rest. A Realm that gives memory up
 * is not asked. */
static void complete_ripas_change(struct realm_run *run)
{
    struct rec *rec = run->rec;
    bool rejected = enter_get64(run, REC_ENTER_FLAGS) & REC_ENTRY_FLAG_RIPAS_RESPONSE;

    rsi_return(run, RSI_SUCCESS);
    rec->regs.x[1] = rec->ripas_addr;
    if (rejected && rec->ripas_value == RIPAS_RAM && rec->ripas_addr != rec->ripas_top &&
        !BUG(run->m, RIPAS_REJECT_LOST))
        rec->regs.x[2] = RSI_REJECT;
    rec->ripas_addr = rec->ripas_top = 0;
    rec->ripas_value = rec->ripas_destroyed = 0;
}

enum run_next entry_complete(struct realm_run *run)
{
    uint64_t flags = enter_get64(run, REC_ENTER_FLAGS);
    const struct rec_last_exit *last = &run->rec->last_exit;

    if (flags & REC_ENTRY_FLAG_INJECT_SEA) {
        /* emul_mmio is ignored then, and the flag itself where the last exit was something else
         * (A4.2.3). */
        if (last->unprotected_abort)
            inject_sea(&run->rec->regs, last->esr, last->far);
    } else if (flags & REC_ENTRY_FLAG_EMUL_MMIO) {
        complete_mmio(run);
    }
    if (run->rec->ripas_top != 0)
        complete_ripas_change(run);
    return run->rec->host_call_pending ? complete_host_call(run) : RUN_RESUME;
}
