/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the PE says of itself to host code: the one place. A feature that is not named is not there, and its registers
 * are undefined. AArch64 at EL0, EL1 and EL2; what QEMU executes beyond it is not announced.
 */
#include "host_internal.h"

#define ID(crm, op2) SYSREG(3, 0, 0, crm, op2)

/* ID_AA64MMFR0_EL1.PARange and TCR_ELx.{I}PS. */
static uint64_t parange(unsigned width)
{
    static const uint8_t widths[] = {32, 36, 40, 42, 44, 48, 52};
    unsigned i = 0;

    while (widths[i] < width)
        i++;
    return i;
}

static uint64_t pfr0(void)
{
    uint64_t els = 0x1111, gic = 1, ras = 1, rme = 1; /* FP, AdvSIMD: 0, there; no SVE, DIT, CSV */

    return els | gic << 24 | ras << 28 | rme << 52;
}

static uint64_t dfr0(const struct impl *impl)
{
    uint64_t debug = 6, double_lock = 0xf; /* Armv8.0 debug; no OS Double Lock */
    uint64_t brps = impl->num_bps < 15 ? impl->num_bps : 15u;
    uint64_t wrps = impl->num_wps < 15 ? impl->num_wps : 15u;

    return debug | (uint64_t)impl->pmu << 8 | brps << 12 | wrps << 20 | double_lock << 36;
}

static uint64_t mmfr0(const struct impl *impl)
{
    uint64_t asid16 = 2, sns_mem = 1, granule16 = 1; /* TGran4 and TGran64: 0, there */

    return parange(impl_pa_width(impl)) | asid16 << 4 | sns_mem << 12 | granule16 << 20;
}

static uint64_t mmfr1(const struct impl *impl)
{
    uint64_t hafdbs = 2, vmid = impl->vmid_bits == 16 ? 2 : 0, vhe = 1, hpds = 1, pan2 = 2, xnx = 1;

    return hafdbs | vmid << 4 | vhe << 8 | hpds << 12 | pan2 << 20 | xnx << 28;
}

static uint64_t mmfr2(void)
{
    uint64_t cnp = 1, uao = 1, st = 1, fwb = 1; /* ST: translation spaces down to 64 KB */

    return cnp | uao << 4 | st << 28 | fwb << 40;
}

uint64_t host_idreg(const struct machine *m, uint32_t sysreg)
{
    switch (sysreg) {
    case ID(4, 0): return pfr0();
    case ID(5, 0): return dfr0(&m->impl);
    case ID(6, 0): return 0x1000000010211120ull; /* AES, SHA1, SHA2, CRC32, atomics, RDM, RNDR */
    case ID(7, 0): return mmfr0(&m->impl);
    case ID(7, 1): return mmfr1(&m->impl);
    case ID(7, 2): return mmfr2();
    default: return 0;
    }
}

uint64_t host_mpidr(const struct machine *m, unsigned pe)
{
    return m->plat->desc->mpidr[pe] | 1ull << 31;
}
