/* SPDX-License-Identifier: BSD-3-Clause */
/* Bits and small questions that the parts of the host's PE share. */
#ifndef CCASIM_HOST_INTERNAL_H
#define CCASIM_HOST_INTERNAL_H

#include <ccasim/plat.h>

#include "realm/gic.h"
#include "realm/pmu.h"
#include "realm/rec.h"
#include "realm/timer.h"

#define PSTATE_SP    (1ull << 0)
#define PSTATE_F     (1ull << 6)
#define PSTATE_I     (1ull << 7)
#define PSTATE_A     (1ull << 8)
#define PSTATE_BTYPE (3ull << 10)
#define PSTATE_IL    (1ull << 20)
#define PSTATE_SS    (1ull << 21)
#define PSTATE_UAO   (1ull << 23)
#define PSTATE_EL2H  0x9ull

#define HCR_FMO   (1ull << 3)
#define HCR_IMO   (1ull << 4)
#define HCR_AMO   (1ull << 5)
#define HCR_VF    (1ull << 6)
#define HCR_VI    (1ull << 7)
#define HCR_TID1  (1ull << 16)
#define HCR_TID2  (1ull << 17)
#define HCR_TID3  (1ull << 18)
#define HCR_TSC   (1ull << 19)
#define HCR_TIDCP (1ull << 20)
#define HCR_TACR  (1ull << 21)
#define HCR_TSW   (1ull << 22)
#define HCR_TPC   (1ull << 23)
#define HCR_TPU   (1ull << 24)
#define HCR_TTLB  (1ull << 25)
#define HCR_TVM   (1ull << 26)
#define HCR_TDZ   (1ull << 28)
#define HCR_TRVM  (1ull << 30)
#define HCR_RW    (1ull << 31)
#define HCR_TERR  (1ull << 36)

/* SCTLR_ELx */
#define SCTLR_UMA   (1ull << 9)
#define SCTLR_DZE   (1ull << 14)
#define SCTLR_UCT   (1ull << 15)
#define SCTLR_NTWI  (1ull << 16)
#define SCTLR_NTWE  (1ull << 18)
#define SCTLR_SPAN  (1ull << 23)
#define SCTLR_UCI   (1ull << 26)
#define SCTLR_DSSBS (1ull << 44)

/* CPTR_EL2: TCPAC at the same place in both layouts */
#define CPTR_TFP   (1ull << 10) /* E2H 0 */
#define CPTR_TCPAC (1ull << 31)

#define ICH_HCR_TC    (1ull << 10)
#define ICH_HCR_TALL0 (1ull << 11)
#define ICH_HCR_TALL1 (1ull << 12)

#define MDCR_HPMN  0x1full
#define MDCR_TPMCR (1ull << 5)
#define MDCR_TPM   (1ull << 6)
#define MDCR_TDE   (1ull << 8)
#define MDCR_TDA   (1ull << 9)
#define MDCR_TDOSA (1ull << 10)
#define MDCR_TDRA  (1ull << 11)

#define HOST_MIDR 0x000F0000ull /* no implementer, as a Realm reads it */

static inline uint64_t host_el2(const struct machine *m, unsigned pe, enum host_sysreg r)
{
    return m->plat->pe[pe].el2[r];
}
static inline unsigned host_el(const struct machine *m, unsigned pe)
{
    return (unsigned)(m->pe[pe].r.pstate >> 2) & 3;
}
static inline bool host_hcr(const struct machine *m, unsigned pe, uint64_t bit)
{
    return (host_el2(m, pe, HS_HCR_EL2) & bit) != 0;
}
/* ELIsInHost(EL0): EL0 is the Host's own, below EL2. */
static inline bool host_is_el2_app(const struct machine *m, unsigned pe)
{
    uint64_t both = HCR_E2H_BIT | HCR_TGE_BIT;

    return (host_el2(m, pe, HS_HCR_EL2) & both) == both;
}
/* SCTLR_ELx of the regime that controls EL0. */
static inline uint64_t host_sctlr_of_el0(const struct machine *m, unsigned pe)
{
    return host_is_el2_app(m, pe) ? host_el2(m, pe, HS_SCTLR_EL2) : m->pe[pe].r.sys[SR_SCTLR_EL1];
}

/* MPIDR_EL1 as EL2 reads it. */
uint64_t host_mpidr(const struct machine *m, unsigned pe);
/* S3_0_C0_C4_0 ... S3_0_C0_C7_7; zero where nothing is said. */
uint64_t host_idreg(const struct machine *m, uint32_t sysreg);

#endif
