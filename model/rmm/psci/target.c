/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_ON and PSCI_AFFINITY_INFO (DEN0137 B6.3.3, B6.3.1): about the REC with an MPIDR. The RMM cannot find a REC
 * by that: the Host shows it (RMI_PSCI_COMPLETE), except for the caller itself, which the Host cannot name twice.
 */
#include "rmm/granule.h"
#include "rmm/psci/psci.h"

/* B3.24 MpidrIsUsed */
static bool mpidr_is_used(struct realm_run *run, uint64_t target)
{
    struct machine *m = run->m;
    uint64_t rd_pa = run->rec->rd;
    uint64_t mpidr = (target & 0xffffff) | (target >> 32 & 0xff) << 24;
    bool used;

    /* Bits that are no affinity: no REC is called so. */
    if (rec_psci_mpidr(rec_mpidr_fields(mpidr)) != target)
        return false;
    gst_lock(m, run->pe, granule_of(m, rd_pa));
    used = rd_has_rec(rd_map(m, run->pe, rd_pa), rec_mpidr_index(mpidr));
    rd_unmap(m, run->pe);
    gst_unlock(m, run->pe, granule_of(m, rd_pa));
    return used;
}

static bool is_caller(const struct realm_run *run, uint64_t target)
{
    return target == rec_psci_mpidr(run->rec->mpidr);
}

static enum run_next ask_host(struct realm_run *run, uint64_t a2, uint64_t a3)
{
    run->rec->psci_pending = true;
    return psci_exit(run, run->rec->regs.x[1], a2, a3);
}

enum run_next psci_cpu_on(struct realm_run *run)
{
    const uint64_t *x = run->rec->regs.x;
    uint64_t target = x[1], entry = x[2], context_id = (uint32_t)x[3]; /* X3[63:32] SBZ */

    if (!s2_is_protected(&run->rec->s2, ipa(entry)))
        return psci_return(run, PSCI_INVALID_ADDRESS);
    if (!mpidr_is_used(run, target))
        return psci_return(run, PSCI_INVALID_PARAMETERS);
    if (is_caller(run, target))
        return psci_return(run, PSCI_ALREADY_ON);
    return ask_host(run, entry, context_id);
}

enum run_next psci_affinity_info(struct realm_run *run)
{
    const uint64_t *x = run->rec->regs.x;
    uint64_t target = x[1];
    uint32_t level = (uint32_t)x[2]; /* X2[63:32] SBZ */

    if (level != 0 || !mpidr_is_used(run, target))
        return psci_return(run, PSCI_INVALID_PARAMETERS);
    if (is_caller(run, target))
        return psci_return(run, PSCI_SUCCESS); /* it is on: it is asking */
    return ask_host(run, level, 0);
}
