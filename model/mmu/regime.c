/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which registers a translation goes by (DDI0487 D8.1.2; J1.1.4 S1TTWParamsEL10, ..EL2, ..EL20, NSS2TTWParams):
 *
 *   Realm at EL1, EL0               EL1&0  SCTLR_EL1, TCR_EL1, TTBRn_EL1 of pe.r, stage 2 of the RMM
 *   host at EL2, E2H = 0            EL2    SCTLR_EL2, TCR_EL2 in a layout of its own, TTBR0_EL2
 *   host at EL2, E2H = 1            EL2&0  TCR_EL2 laid out as TCR_EL1, TTBRn_EL2
 *   host at EL0, E2H, TGE = 1, 1    EL2&0
 *   host at EL1, else at EL0        EL1&0  of pe.r, and stage 2 of the host
 */
#include "mmu_internal.h"

#include <ccasim/plat.h>

#define SCTLR_M    (1ull << 0)
#define TCR_A1     (1ull << 22)
#define TCR_AS     (1ull << 36)
#define VTCR_VS    (1ull << 19)
#define PSTATE_PAN (1ull << 22)

static uint32_t asid_of(uint64_t tcr, uint64_t ttbr0, uint64_t ttbr1)
{
    return (uint32_t)((tcr & TCR_A1 ? ttbr1 : ttbr0) >> 48) & (tcr & TCR_AS ? 0xffff : 0xff);
}

uint32_t mmu_asid(const struct pe *p)
{
    return asid_of(p->r.sys[SR_TCR_EL1], p->r.sys[SR_TTBR0_EL1], p->r.sys[SR_TTBR1_EL1]);
}

/* EL1&0 but for stage 2, which says the rest. */
static void take_el1(const struct pe *p, struct regime *r)
{
    r->sctlr = p->r.sys[SR_SCTLR_EL1];
    r->tcr = p->r.sys[SR_TCR_EL1];
    r->mair = p->r.sys[SR_MAIR_EL1];
    r->ttbr[0] = p->r.sys[SR_TTBR0_EL1];
    r->ttbr[1] = p->r.sys[SR_TTBR1_EL1];
    r->tag = r->s2.tag;
    r->asid = mmu_asid(p);
    r->on = r->sctlr & SCTLR_M;
    r->el0 = true;
    r->dc = false;
    r->pan = p->r.pstate & PSTATE_PAN;
}

void regime_of_realm(const struct pe *p, struct regime *r)
{
    r->s2 = s2_of_realm(p);
    take_el1(p, r);
}

static bool in_host(uint64_t hcr)
{
    return (hcr & HCR_E2H_BIT) && (hcr & HCR_TGE_BIT);
}

void regime_of_host_el10(const struct machine *m, unsigned pe, struct regime *r)
{
    const uint64_t *el2 = m->plat->pe[pe].el2;
    uint64_t hcr = el2[HS_HCR_EL2];

    if (in_host(hcr))
        hcr &= ~(HCR_VM | HCR_DC);
    if (hcr & HCR_DC)
        hcr |= HCR_VM;
    if (hcr & HCR_TGE_BIT)
        hcr &= ~HCR_PTW;
    r->s2 = (struct s2_regs){
        .hcr = hcr, .vtcr = el2[HS_VTCR_EL2], .vttbr = el2[HS_VTTBR_EL2], .host = true};
    r->s2.tag = TAG_EL10 | ((uint32_t)(r->s2.vttbr >> 48) & (r->s2.vtcr & VTCR_VS ? 0xffff : 0xff));
    take_el1(&m->pe[pe], r);
    r->dc = hcr & HCR_DC;
    r->on = r->on && !r->dc && !(hcr & HCR_TGE_BIT);
}

/* TCR_EL2 of the EL2 regime, its fields where TCR_EL1 has them. */
static uint64_t tcr_of_el2(uint64_t tcr)
{
    static const struct {
        uint8_t from, bits, to;
    } field[] = {
        {0, 16, 0},  /* T0SZ, IRGN0, ORGN0, SH0, TG0 */
        {16, 3, 32}, /* PS */
        {20, 1, 37}, /* TBI */
        {21, 2, 39}, /* HA, HD */
        {24, 1, 41}, /* HPD */
        {29, 1, 51}, /* TBID */
    };
    uint64_t out = 0;

    for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
        out |= (tcr >> field[i].from & ((1ull << field[i].bits) - 1)) << field[i].to;
    return out & ~(1ull << 7); /* EPD0 is none of its */
}

static void regime_of_el2(const struct machine *m, unsigned pe, struct regime *r)
{
    const uint64_t *el2 = m->plat->pe[pe].el2;
    bool e2h = el2[HS_HCR_EL2] & HCR_E2H_BIT;

    *r = (struct regime){.sctlr = el2[HS_SCTLR_EL2],
                         .tcr = e2h ? el2[HS_TCR_EL2] : tcr_of_el2(el2[HS_TCR_EL2]),
                         .mair = el2[HS_MAIR_EL2],
                         .ttbr = {el2[HS_TTBR0_EL2], el2[HS_TTBR1_EL2]},
                         .tag = e2h ? TAG_EL20 : TAG_EL2,
                         .on = el2[HS_SCTLR_EL2] & SCTLR_M,
                         .el0 = e2h,
                         .pan = e2h && (m->pe[pe].r.pstate & PSTATE_PAN),
                         .s2 = {.tag = TAG_EL2, .host = true}};
    if (e2h)
        r->asid = asid_of(r->tcr, r->ttbr[0], r->ttbr[1]);
}

void regime_of_host(const struct machine *m, unsigned pe, unsigned el, struct regime *r)
{
    if (el == 2 || (el == 0 && in_host(m->plat->pe[pe].el2[HS_HCR_EL2])))
        regime_of_el2(m, pe, r);
    else
        regime_of_host_el10(m, pe, r);
}
