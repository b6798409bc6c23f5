/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/rec.h"

#include <string.h>

#define SCTLR_EL1_RESET 0x00C50878ull /* SPAN, EIS, nTWE, nTWI, EOS, nAA, CP15BEN, SA0, SA */
#define MDSCR_TDCC      (1ull << 12)

void rec_reset_regs(struct pe_regs *r, uint64_t pc, const uint64_t gprs[REC_NUM_CREATE_GPRS])
{
    memset(r, 0, sizeof(*r));
    memcpy(r->x, gprs, REC_NUM_CREATE_GPRS * sizeof(gprs[0]));
    r->pc = pc;
    r->pstate = PSTATE_M_EL1H | PSTATE_DAIF;
    r->sys[SR_SCTLR_EL1] = SCTLR_EL1_RESET;
    r->sys[SR_MDSCR_EL1] = MDSCR_TDCC;
}

void rec_power_on_regs(struct pe_regs *r, uint64_t sctlr_ee)
{
    memset(r->x, 0, sizeof(r->x));
    r->pstate = PSTATE_M_EL1H | PSTATE_DAIF;
    r->sys[SR_SCTLR_EL1] = SCTLR_EL1_RESET | sctlr_ee;
}

uint64_t rec_hcr_el2(void)
{
    enum {
        VM = 0,
        SWIO,
        PTW,
        FMO,
        IMO,
        AMO,
        BSU_IS = 10,
        TID3 = 18,
        TSC = 19,
        TIDCP = 20,
        RW = 31
    };
    enum { E2H = 34, TEA = 37, APK = 40, API = 41, FWB = 46 };

    return 1ull << VM | 1ull << SWIO | 1ull << PTW | 1ull << FMO | 1ull << IMO | 1ull << AMO |
           1ull << BSU_IS | 1ull << TID3 | 1ull << TSC | 1ull << TIDCP | 1ull << RW | 1ull << E2H |
           1ull << TEA | 1ull << APK | 1ull << API | 1ull << FWB;
}
