/* SPDX-License-Identifier: BSD-3-Clause */
/* Address translation instructions of the host: the result goes to PAR_EL1. */
#include "mmu_internal.h"

#include <ccasim/realm_dev.h>

#define PAR_F    1ull
#define PAR_RES1 (1ull << 11)

bool mmu_host_at(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t va, struct mmu_fault *f)
{
    struct mmu_result out;
    unsigned el = sysinsn & 2 ? 0 : 1;
    enum access_kind kind = sysinsn & 1 ? ACCESS_WRITE : ACCESS_READ;
    uint64_t *par = &m->pe[pe].r.sys[SR_PAR_EL1];

    if (mmu_translate_s1(m, pe, el, va, kind, &out, f))
        *par = PAR_RES1 | (out.pa & 0x0000FFFFFFFFF000ull) | (uint64_t)out.attr << 56;
    else
        *par = PAR_F | PAR_RES1 | (mmu_fault_esr(f, kind, el, 1, 0) & 0x3f) << 1;
    return true;
}
