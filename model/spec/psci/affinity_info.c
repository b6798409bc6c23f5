/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_AFFINITY_INFO (B6.3.1): is a VPE on? Of another one the Host helps to find out (A4.3.7). */
#include "../spec_internal.h"

enum { TARGET_BOUND, TARGET_MATCH };

const struct spec_cond spec_affinity_info_conds[] = {
    [TARGET_BOUND] =
        SPEC_COND("target_bound", "lowest_affinity_level != 0", PSCI_INVALID_PARAMETERS),
    [TARGET_MATCH] =
        SPEC_COND("target_match", "!MpidrIsUsed(target_affinity)", PSCI_INVALID_PARAMETERS),
};

enum { LOOSE_MPIDR };

const struct spec_loose spec_affinity_info_loose[] = {
    [LOOSE_MPIDR] = SPEC_DESTROYED_REC,
};

const struct spec_variant spec_affinity_info_variants[] = {
    {"runnable", "the calling REC itself: PSCI_SUCCESS"},
    {"psci", "REC exit due to PSCI; RMI_PSCI_COMPLETE knows"},
};

static bool target_bound(const struct spec_call *c)
{
    return (uint32_t)c->in[2] != 0; /* X2[63:32] SBZ */
}

static bool target_match(const struct spec_call *c)
{
    return !spec_mpidr_is_used(c->realm, c->in[1]);
}

static void success(struct spec_call *c)
{
    if (c->in[1] == c->rec->pub.mpidr) {
        spec_out(c, 0, PSCI_SUCCESS);
        c->v->variant = "runnable";
        return;
    }
    spec_psci_exit(c, 2, SPEC_ROW(2));
    spec_psci_pending(c, LOOSE_MPIDR);
    c->v->variant = "psci";
}

static const spec_predicate holds[] = {
    [TARGET_BOUND] = target_bound, [TARGET_MATCH] = target_match};

const struct spec_body spec_affinity_info_body = {.holds = holds, .success = success};
