/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_ON (B6.3.3). The RMM does not know the REC that an MPIDR means (A4.3.7): the Host names
 * it with RMI_PSCI_COMPLETE, where the operation is performed.
 */
#include "../spec_internal.h"

enum { ENTRY, MPIDR, RUNNABLE };

const struct spec_cond spec_cpu_on_conds[] = {
    [ENTRY] =
        SPEC_COND("entry", "!AddrIsProtected(entry_point_address, realm)", PSCI_INVALID_ADDRESS),
    [MPIDR] = SPEC_COND("mpidr", "!MpidrIsUsed(target_cpu)", PSCI_INVALID_PARAMETERS),
    [RUNNABLE] = SPEC_COND("runnable",
                           "target_rec.flags.runnable == RUNNABLE, of the calling REC; of another "
                           "one RMI_PSCI_COMPLETE finds out (on_already)",
                           PSCI_ALREADY_ON),
};

enum { LOOSE_MPIDR };

const struct spec_loose spec_cpu_on_loose[] = {
    [LOOSE_MPIDR] = SPEC_DESTROYED_REC,
};

static bool entry(const struct spec_call *c)
{
    return !spec_is_protected(c->realm, c->in[2]);
}

static bool mpidr(const struct spec_call *c)
{
    return !spec_mpidr_is_used(c->realm, c->in[1]);
}

/* A REC that calls is on. */
static bool runnable(const struct spec_call *c)
{
    return c->in[1] == c->rec->pub.mpidr;
}

static void success(struct spec_call *c)
{
    spec_psci_exit(c, 3, SPEC_ROW(3));
    spec_psci_pending(c, LOOSE_MPIDR);
}

static const spec_predicate holds[] = {[ENTRY] = entry, [MPIDR] = mpidr, [RUNNABLE] = runnable};

const struct spec_body spec_cpu_on_body = {.holds = holds, .success = success};
