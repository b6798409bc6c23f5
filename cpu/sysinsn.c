/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SYS instructions: TLB, instruction-cache and data-cache maintenance, address translation. All are known to QEMU,
 * and its own idea of them concerns state that is not used here; DC ZVA alone is left to it, as a store.
 */
#include "cpu_internal.h"

/* TLBI: CRn 8, op1 0; CRm 3 is the Inner Shareable form, 7 the local one. */
static uint32_t tlbi(struct engine *e, const uc_arm64_cp_reg *cp)
{
    struct pe *p = engine_pe(e);
    uint16_t vmid = (uint16_t)(p->vttbr_el2 >> 48);
    bool is = cp->crm == 3;
    uint64_t page = cp->val & ((1ull << 44) - 1);
    uint32_t asid = (uint32_t)(cp->val >> 48);
    if (cp->op1 != 0 || (cp->crm != 3 && cp->crm != 7))
        return 0;
    switch (cp->op2) {
    case 0: tlbi_vmalle1(e->m, e->pe, vmid, is); break;
    case 1:
    case 5: tlbi_va(e->m, e->pe, vmid, page, asid, false, is); break;
    case 2: tlbi_asid(e->m, e->pe, vmid, asid, is); break;
    case 3:
    case 7: tlbi_va(e->m, e->pe, vmid, page, 0, true, is); break;
    default: return 0;
    }
    return 1;
}

/* Instruction caches of all PEs: the Inner Shareable forms, and the local one, which may do more than it must. By address:
 * of one granule, and of all where it cannot be told. */
static uint32_t instruction_cache(struct engine *e, unsigned el, const uint64_t *va)
{
    struct mmu_result out;
    struct mmu_fault f;
    if (va && mmu_translate(e->m, e->pe, el, *va, ACCESS_READ, &out, &f)) {
        code_changed(e->cpu, out.pa);
        return 1;
    }
    for (unsigned i = 0; i < NUM_ENGINES; i++)
        if (cpu_engine(e->cpu, i))
            cpu_engine(e->cpu, i)->want_code_flush = true;
    engine_stop(e, STOP_REQUEST);
    return 1;
}

#define PAR_F    1ull
#define PAR_RES1 (1ull << 11)

/* PAR_EL1 of a translation that succeeded, or failed at stage 1 (DDI0487 D24.2.128). */
static uint64_t par_success(const struct mmu_result *r)
{
    uint64_t attr = r->attr, sh = r->device ? 2 : r->sh;
    return PAR_RES1 | sh << 7 | (r->pa & 0x0000FFFFFFFFF000ull) | attr << 56;
}

static uint32_t address_translate(struct engine *e, const uc_arm64_cp_reg *cp)
{
    struct pe *p = engine_pe(e);
    bool pan = cp->crm == 9;
    if (cp->op1 != 0 || (cp->crm != 8 && !pan) || cp->op2 > (pan ? 1u : 3u))
        return 0;
    enum access_kind kind = cp->op2 & 1 ? ACCESS_WRITE : ACCESS_READ;
    unsigned el = cp->op2 & 2 ? 0 : 1;
    struct mmu_result out;
    struct mmu_fault f;
    uint64_t pstate = engine_pstate(e);
    /* Only the forms with P look at PSTATE.PAN. */
    p->r.pstate = pan ? pstate : pstate & ~(1ull << 22);
    bool ok = mmu_translate_s1(e->m, e->pe, el, cp->val, kind, &out, &f);
    p->r.pstate = pstate;
    if (ok) {
        p->r.sys[SR_PAR_EL1] = par_success(&out);
    } else if (mmu_fault_target_el(&f) == 2) {
        /* Taken to EL2, not reported in PAR_EL1. QEMU ends the block here: PC will be past the AT. */
        e->at_fault = f;
        engine_stop(e, STOP_AT);
    } else {
        uint64_t fst = mmu_fault_esr(&f, kind, el, 1, 0) & 0x3f;
        p->r.sys[SR_PAR_EL1] = PAR_F | fst << 1 | PAR_RES1;
    }
    return 1;
}

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifndef POISONS
#define POISONS 0
#endif

void zva_done(struct engine *e)
{
    if (e->zva_granule)
        mem_poison(e->m, e->zva_granule);
    e->zva_granule = 0;
}

/* QEMU zeroes by memset(), which sanitizer builds watch, unlike the Realm's other accesses. */
static uint32_t data_cache_zero(struct engine *e, uint64_t va)
{
    struct mmu_result out;
    struct mmu_fault f;
    zva_done(e);
    engine_pe(e)->r.pstate = engine_pstate(e);
    if (!mmu_translate(e->m, e->pe, PSTATE_EL(engine_pe(e)->r.pstate), va, ACCESS_WRITE, &out,
                       &f) ||
        out.pas != PAS_REALM)
        return 0;
    e->zva_granule = align_down(out.pa, GRANULE_SIZE);
    mem_unpoison(e->m, e->zva_granule);
    return 0;
}

uint32_t hook_sys(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    (void)uc;
    (void)reg;
    unsigned el = PSTATE_EL(engine_pstate(e));
    bool by_va = cp->op1 == 3;
    if (POISONS && by_va && cp->crn == 7 && cp->crm == 4 && cp->op2 == 1)
        return data_cache_zero(e, cp->val);
    /* Undefined at EL0, or trapped by SCTLR_EL1.UCI: QEMU's copy of SCTLR_EL1 says so. */
    if (el == 0 && !(by_va && (engine_pe(e)->r.sys[SR_SCTLR_EL1] & SCTLR_UCI)))
        return 0;
    if (cp->crn == 8)
        return tlbi(e, cp);
    if (cp->crn != 7 || (cp->op1 != 0 && cp->op1 != 3))
        return 0;
    if (cp->crm == 8 || cp->crm == 9)
        return address_translate(e, cp);
    if ((cp->op1 == 0 && (cp->crm == 1 || cp->crm == 5) && cp->op2 == 0) ||
        (by_va && cp->crm == 5 && cp->op2 == 1))
        return instruction_cache(e, el, by_va ? &cp->val : NULL);
    /* Data caches are coherent, and their maintenance does nothing; DC ZVA is a store. */
    return 0;
}
