/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_IPA_STATE_GET (DEN0137 B5.3.5): RIPAS at `base`, and how far it reaches within one table. */
#include "rmm/rsi/rsi.h"
#include "rmm/rtt.h"

static uint64_t end_of_ripas(const struct rtt_walk *w, uint64_t base, enum ripas ripas)
{
    uint64_t size = level_size(w->level);
    uint64_t end = align_down(base, size);

    for (unsigned i = w->index; i < RTT_ENTRIES; i++) {
        if (desc_is_table(w->tt[i], w->level) || desc_ripas(w->tt[i]) != ripas)
            break;
        end += size;
    }
    return end;
}

enum run_next rsi_ipa_state_get(struct realm_run *run)
{
    uint64_t *x = run->rec->regs.x;
    uint64_t base = x[1], top = x[2], end;
    const struct s2_context *s2 = &run->rec->s2;
    struct rtt_walk w;
    enum ripas ripas;

    if (!is_granule_aligned(base) || !is_granule_aligned(top) ||
        !s2_range_is_protected(s2, base, top))
        return rsi_return(run, RSI_ERROR_INPUT);
    rtt_walk(run->m, run->pe, s2, NULL, ipa(base), RTT_LEVEL_PAGE, &w);
    ripas = desc_ripas(rtt_walk_desc(&w));
    end = end_of_ripas(&w, base, ripas);
    rtt_walk_end(run->m, run->pe, &w);
    rsi_return(run, RSI_SUCCESS);
    x[1] = end < top ? end : top;
    x[2] = ripas;
    return RUN_RESUME;
}
