/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the host's engine has of EL2, and which instructions it has to see. QEMU decides by its HCR_EL2, SCTLR and TCR
 * only whose accesses LDTR makes, which bits of an address are a tag, and whether pointer authentication is on; all else is
 * asked of the model.
 */
#include "cpu_internal.h"

#define SPSR_EL1  SYSREG(3, 0, 4, 0, 0)
#define SPSR_EL2  SYSREG(3, 4, 4, 0, 0)
#define SCTLR_EL1 SYSREG(3, 0, 1, 0, 0)
#define SCTLR_EL2 SYSREG(3, 4, 1, 0, 0)
#define TCR_EL1   SYSREG(3, 0, 2, 0, 2)
#define TCR_EL2   SYSREG(3, 4, 2, 0, 2)
#define HCR_EL2   SYSREG(3, 4, 1, 1, 0)
#define HCR_RW    (1ull << 31)
#define E2H_TGE   (HCR_E2H_BIT | HCR_TGE_BIT)

/* SPSR bits that QEMU takes as the model does: NZCV, UAO, PAN, DAIF, M[3:0]. A return with others is the model's. */
#define SPSR_PLAIN (0xfull << 28 | 3ull << 22 | 0xfull << 6 | 0xfull)

/* Transitions between "FP may trap" and "it may not" that are worth a translation of all code anew. */
#define MAX_FP_CHANGES 16u

static void load_cp(struct engine *e, uint32_t enc, uint64_t *held, uint64_t v)
{
    if (!e->held_valid || *held != v)
        engine_write_cp(e, enc, v);
    *held = v;
}

static void load_reg(struct engine *e, int id, uint64_t *held, uint64_t v)
{
    if (!e->held_valid || *held != v)
        uc_reg_write(e->uc, id, &v);
    *held = v;
}

void host_load_returns(struct engine *e)
{
    const struct pe_regs *r = &engine_pe(e)->r;
    const uint64_t *el2 = engine_el2(e);
    load_reg(e, UC_ARM64_REG_ELR_EL1, &e->held.sys[SR_ELR_EL1], r->sys[SR_ELR_EL1]);
    load_reg(e, UC_ARM64_REG_ELR_EL2, &e->held_el2[HS_ELR_EL2], el2[HS_ELR_EL2]);
    load_cp(e, SPSR_EL1, &e->held.sys[SR_SPSR_EL1], r->sys[SR_SPSR_EL1]);
    load_cp(e, SPSR_EL2, &e->held_el2[HS_SPSR_EL2], el2[HS_SPSR_EL2]);
}

void host_load_system(struct engine *e)
{
    const struct pe_regs *r = &engine_pe(e)->r;
    const uint64_t *el2 = engine_el2(e);
    uint64_t hcr = HCR_RW | HCR_APK | HCR_API | (el2[HS_HCR_EL2] & E2H_TGE);
    /* QEMU has EL0 look at SCTLR_EL1, also where EL2 is its regime. */
    bool el0_of_el2 = (el2[HS_HCR_EL2] & E2H_TGE) == E2H_TGE;
    uint64_t sctlr = el0_of_el2 ? el2[HS_SCTLR_EL2] : r->sys[SR_SCTLR_EL1];
    load_cp(e, HCR_EL2, &e->held_hcr, hcr);
    load_cp(e, SCTLR_EL1, &e->held_sctlr, sctlr);
    load_cp(e, TCR_EL1, &e->held.sys[SR_TCR_EL1], r->sys[SR_TCR_EL1]);
    load_cp(e, SCTLR_EL2, &e->held_el2[HS_SCTLR_EL2], el2[HS_SCTLR_EL2]);
    load_cp(e, TCR_EL2, &e->held_el2[HS_TCR_EL2], el2[HS_TCR_EL2]);
    host_load_returns(e);
}

void host_space(const struct engine *e, struct space *s)
{
    const struct pe_regs *r = &e->m->pe[e->pe].r;
    const uint64_t *el2 = e->m->plat->pe[e->pe].el2;
    s->vttbr = el2[HS_VTTBR_EL2];
    s->vtcr = el2[HS_VTCR_EL2];
    s->hcr = el2[HS_HCR_EL2];
    s->mair = r->sys[SR_MAIR_EL1];
    s->sctlr2 = el2[HS_SCTLR_EL2];
    s->tcr2 = el2[HS_TCR_EL2];
    s->ttbr0_2 = el2[HS_TTBR0_EL2];
    s->ttbr1_2 = el2[HS_TTBR1_EL2];
    s->mair2 = el2[HS_MAIR_EL2];
}

/* --- FP --- */

/* A host that switches FP on and off as it schedules would have its code translated anew each time: after a few times
 * FP instructions are looked at one by one for good. */
void host_fp_mode(struct engine *e)
{
    bool off = host_fp_trap_el(e->m, e->pe) != 0 || e->fp_changes > MAX_FP_CHANGES;
    if (off != e->fp_off) {
        e->fp_changes++;
        e->want_code_flush |= e->fp_seen || !off;
    }
    e->fp_off = off;
}

/* --- instructions to stop before --- */

bool host_is_special(uint32_t insn)
{
    switch (insn) {
    case INSN_WFE:
    case INSN_SEV:
    case INSN_SEVL:
    case INSN_ERET:
    case INSN_ERETAA:
    case INSN_ERETAB: return true;
    default: return align_may_move_sp(insn);
    }
}

/* From EL2 to a guest's EL1 and EL0: there virtual interrupts exist, and PSTATE masks no physical one. */
static bool has_other_interrupts(const struct engine *e, unsigned el)
{
    return el == 2 && !(e->m->plat->pe[e->pe].el2[HS_HCR_EL2] & HCR_TGE_BIT);
}

/* May QEMU perform this ERET: legal, to an EL whose FP instructions are looked at as those of this one, where nothing is
 * pending that is not at this one? */
static bool is_plain_return(struct engine *e)
{
    struct pe_regs *r = &engine_pe(e)->r;
    const uint64_t *el2 = engine_el2(e);
    unsigned el = PSTATE_EL(r->pstate);
    uint64_t spsr = el == 2 ? el2[HS_SPSR_EL2] : r->sys[SR_SPSR_EL1], pstate = r->pstate;
    unsigned mode = (unsigned)spsr & 0xf;
    if ((spsr & ~SPSR_PLAIN) || PSTATE_EL(spsr) > el || (mode & 2) || mode == 1)
        return false;
    /* Nested virtualisation, and a return to EL1 that TGE forbids. */
    if ((el == 1 && (el2[HS_HCR_EL2] & HCR_NV)) ||
        (PSTATE_EL(spsr) == 1 && (el2[HS_HCR_EL2] & HCR_TGE_BIT)))
        return false;
    if (align_checks_sp(e, PSTATE_EL(spsr)) && *engine_sp(e, spsr) % 16)
        return false;
    r->pstate = spsr;
    bool plain = e->fp_changes > MAX_FP_CHANGES || (host_fp_trap_el(e->m, e->pe) != 0) == e->fp_off;
    if (plain && has_other_interrupts(e, el) && PSTATE_EL(spsr) < el)
        plain = !host_masks(e->m, e->pe);
    r->pstate = pstate;
    return plain;
}

bool host_stops_before(struct engine *e, uint64_t pc, uint32_t insn)
{
    struct host_pe *h = &e->m->plat->pe[e->pe];
    switch (insn) {
    case INSN_WFE:
    case INSN_SEV: return true;
    case INSN_SEVL: h->event = true; return false;
    case INSN_ERET:
        if (!is_plain_return(e))
            return true;
        h->event = true; /* an exception return is an event for its PE (DDI0487 D1.6.1) */
        return false;
    case INSN_ERETAA:
    case INSN_ERETAB: return true;
    default: break;
    }
    unsigned el = engine_el(e);
    if (!e->aligning && align_checks_sp(e, el) && align_is_at_risk(e, pc, insn)) {
        e->sp_moves = true;
        return true;
    }
    return insn_uses_fp(insn) && host_fp_trap_el(e->m, e->pe) != 0;
}
