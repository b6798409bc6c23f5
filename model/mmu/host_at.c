/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address translation instructions of the host, into PAR_EL1 (DDI0487 C5.4, D8.1.8; J1.1.3 AArch64.AT, EncodePAR). Nothing is
 * cached, no access flag of what is asked for is set, and the granule protection of the output is not looked at.
 */
#include "mmu_internal.h"

#include <ccasim/plat.h>

#define PAR_F        1ull
#define PAR_SH_SHIFT 7
#define PAR_PTW      (1ull << 8)
#define PAR_S        (1ull << 9)
#define PAR_RES1     (1ull << 11)
#define PAR_PA       0x000FFFFFFFFFF000ull
#define ATTR_DEVICE  0ull
#define ATTR_NC      0x44ull
#define SH_OUTER     2ull

struct at {
    unsigned el;
    bool write, both, pan;
};

/* op1 0: CRm 8 S1E1R, S1E1W, S1E0R, S1E0W; CRm 9 S1E1RP, S1E1WP. op1 4, CRm 8: S1E2R, S1E2W, and from 4 on S12. */
static bool decode(uint32_t sysinsn, struct at *at)
{
    unsigned op1 = sysinsn >> 11 & 7, crn = sysinsn >> 7 & 15, crm = sysinsn >> 3 & 15,
             op2 = sysinsn & 7;
    if (sysinsn >> 14 != 1 || crn != 7)
        return false;
    *at = (struct at){.el = op2 & 2 ? 0 : 1, .write = op2 & 1, .both = op1 == 4 && op2 >= 4};
    at->pan = op1 == 0 && crm == 9;
    if (op1 == 4 && op2 < 4)
        at->el = 2;
    if (op1 == 0)
        return (crm == 8 && op2 < 4) || (crm == 9 && op2 < 2);
    return op1 == 4 && crm == 8 && op2 != 2 && op2 != 3;
}

static void choose_regime(const struct machine *m, unsigned pe, const struct at *at,
                          struct regime *r)
{
    uint64_t hcr = m->plat->pe[pe].el2[HS_HCR_EL2];
    bool in_host = (hcr & HCR_E2H_BIT) && (hcr & HCR_TGE_BIT);
    if (at->both)
        regime_of_host_el10(m, pe, r);
    else
        regime_of_host(m, pe, in_host && at->el == 1 ? 2 : at->el, r);
    r->pan = r->pan && at->pan;
}

/* Memory type and cacheability as far as the model knows them: of stage 1, unless stage 2 makes it a device. */
static uint64_t par_of(const struct tlb_entry *e, uint64_t va)
{
    uint64_t attr = e->attr >> A_MAIR_SHIFT & 0xff, sh = e->attr >> A_SH_SHIFT & 3;
    bool device1 = e->attr & A_S1DEVICE;
    if ((e->attr & A_S2DEVICE) && !device1)
        attr = ATTR_DEVICE;
    if ((e->attr & A_S2NORMAL) && device1)
        attr = 0xff;
    if (attr >> 4 == 0 || attr == ATTR_NC)
        sh = SH_OUTER;
    return PAR_RES1 | sh << PAR_SH_SHIFT | ((e->pa | (va & GRANULE_MASK)) & PAR_PA) | attr << 56;
}

static uint64_t par_of_fault(const struct mmu_fault *f)
{
    uint64_t fst = mmu_fault_esr(f, ACCESS_READ, 1, 1, 0) & 0x3f;
    return PAR_F | fst << 1 | (f->s1ptw ? PAR_PTW : 0) | (f->stage == 2 ? PAR_S : 0) | PAR_RES1;
}

/* An abort instead of a result: external, a stage-2 fault on the walk of a guest's AT, a GPF that EL2 wants. */
static bool is_taken(const struct machine *m, unsigned pe, const struct at *at,
                     const struct mmu_fault *f)
{
    bool el1 = (m->pe[pe].r.pstate >> 2 & 3) == 1;
    bool gpf_el2 = m->plat->pe[pe].el2[HS_HCR_EL2] & HCR_GPF;
    return f->kind == MMU_EXTERNAL || (el1 && f->s1ptw) ||
           (el1 && f->kind == MMU_GPF && gpf_el2 && !at->both);
}

bool mmu_host_at(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t va, struct mmu_fault *f)
{
    struct at at;
    struct regime r;
    struct tlb_entry e, s2 = {0};
    if (!decode(sysinsn, &at))
        return true;
    enum access_kind kind = at.write ? ACCESS_WRITE : ACCESS_READ;
    const struct s1_access a = {.va = va, .el = at.el, .kind = kind, .at = true};
    choose_regime(m, pe, &at, &r);
    bool ok = mmu_s1_of(m, pe, &r, &a, &e, f);
    if (ok && at.both) {
        uint64_t ipa_addr = e.ipa | (va & GRANULE_MASK);
        ok = s2_look(m, pe, &r.s2, ipa_addr, s2_use_of(kind, at.el), &s2, f);
        e.pa = s2.pa;
        e.attr |= s2.attr & (A_S2DEVICE | A_S2NORMAL);
    }
    if (!ok && is_taken(m, pe, &at, f)) {
        mmu_host_fault(m, pe, f);
        return false;
    }
    m->pe[pe].r.sys[SR_PAR_EL1] = ok ? par_of(&e, va) : par_of_fault(f);
    return true;
}
