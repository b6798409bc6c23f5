/* SPDX-License-Identifier: BSD-3-Clause */
/* TLB maintenance by the host. */
#include "mmu_internal.h"

#include <ccasim/realm_cpu.h>

void mmu_host_tlbi(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t value)
{
    (void)pe;
    (void)sysinsn;
    (void)value;
    if (m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}
