/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ordered conditions that cannot hold in one call. Most edges of DEN0137 exist because the later
 * condition means nothing while the earlier one holds (B1.6, well-formedness ordering): such a pair
 * never decides anything. A pair that is not listed can be true, and a scenario shows it.
 */
#include <string.h>

#include "spec_internal.h"

static const struct {
    uint64_t fid;               /* 0: every command */
    const char *before, *after; /* ids */
    const char *why;
} apart[] = {
    {0, "rd_align rd_bound rd_state",
     "realm_state realm_live num_recs rtt_walk rtte_state rtt_live rtt_homo base_align no_progress",
     "rd names no Realm, so there is neither a Realm's state nor a walk"},
    {0, "params_align params_bound params_pas",
     "params_valid params_supp alias rtt_align rtt_num_level rtt_state vmid_valid",
     "the parameters cannot be read"},
    {RMI_REC_DESTROY, "rec_bound rec_gran_state", "rec_state", "there is no REC"},
    {RMI_REC_ENTER, "rec_align rec_bound rec_gran_state",
     "realm_new system_off rec_state rec_runnable rec_mmio rec_psci", "there is no REC"},
    {RMI_REC_ENTER, "run_align run_bound run_pas", "rec_mmio rec_gicv3",
     "RmiRecEnter cannot be read"},
    {RMI_RTT_SET_RIPAS, "rec_align rec_bound rec_gran_state", "rec_state rec_owner",
     "there is no REC"},
    {RMI_RTT_CREATE, "ipa_bound", "rtt_walk rtte_state", "there is no walk to that IPA"},
    {RMI_RTT_DESTROY, "ipa_bound", "rtt_walk rtte_state", "there is no walk to that IPA"},
    {RMI_RTT_FOLD, "ipa_bound", "rtt_walk rtte_state", "there is no walk to that IPA"},
    {RMI_RTT_CREATE, "level_bound", "rtte_state",
     "a level above the others has no walk, one below them ends at level 3, where no entry is "
     "TABLE"},
    {RMI_RTT_MAP_UNPROTECTED, "level_bound", "rtt_walk",
     "a valid level above the blocks is level 0, where a walk begins"},
    {RMI_RTT_UNMAP_UNPROTECTED, "level_bound", "rtt_walk",
     "a valid level above the blocks is level 0, where a walk begins"},
};

static bool is_listed(const char *ids, const char *id)
{
    size_t len = strlen(id);

    for (const char *p = ids; (p = strstr(p, id)) != NULL; p += len) {
        if ((p == ids || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
            return true;
    }
    return false;
}

/* Of "src_bound" and "bound", "src"; 0: the id does not end so. */
static size_t stem_of(const char *id, const char *end)
{
    size_t n = strlen(id), m = strlen(end);

    return n > m + 1 && id[n - m - 1] == '_' && strcmp(id + n - m, end) == 0 ? n - m : 0;
}

/* align < bound < state of one address. */
static const char *of_one_address(const char *before, const char *after)
{
    static const char *const states[] = {"state", "pas", "gran_state"};
    size_t align = stem_of(before, "align"), bound = stem_of(before, "bound");
    size_t stem = align ? align : bound;

    if (stem == 0 || strncmp(before, after, stem) != 0)
        return NULL;
    if (align && stem_of(after, "bound") == stem)
        return "a misaligned address names no granule";
    for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (stem_of(after, states[i]) == stem)
            return "the address names no granule";
    }
    return NULL;
}

const char *spec_never_together(const struct spec_command *cmd, unsigned before, unsigned after)
{
    const struct spec_cond *x = &cmd->conds[before], *y = &cmd->conds[after];
    const char *why = of_one_address(x->id, y->id);

    if (x->unreachable || y->unreachable)
        return "one of them cannot be true";
    for (unsigned i = 0; i < sizeof(apart) / sizeof(apart[0]) && why == NULL; i++) {
        if ((apart[i].fid == 0 || apart[i].fid == cmd->fid) && is_listed(apart[i].before, x->id) &&
            is_listed(apart[i].after, y->id))
            why = apart[i].why;
    }
    return why;
}
