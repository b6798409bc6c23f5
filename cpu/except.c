/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * After a stop: what happened, which EL takes it, and with which syndrome (DDI0487 D1.4, D24.2.45). Works on the
 * registers of the model, which are current.
 */
#include "cpu_internal.h"

#define ISS_WFX_ALWAYS (1ull << 24 | 0xeull << 20) /* CV, COND */

static bool to_el2(struct engine *e, struct realm_exception *exc, uint64_t esr)
{
    exc->vector = VEC_SYNC;
    exc->esr = esr;
    e->cpu->stats.traps++;
    return false;
}

static bool to_el1(struct engine *e, uint64_t esr, const uint64_t *far, uint64_t return_pc)
{
    realm_take_exception(&engine_pe(e)->r, esr, far, return_pc);
    e->cpu->stats.own_exceptions++;
    return true;
}

static bool undefined(struct engine *e)
{
    return to_el1(e, ESR_EC(EC_UNKNOWN) | ESR_IL, NULL, engine_pe(e)->r.pc);
}

static unsigned el_of(const struct engine *e)
{
    return PSTATE_EL(e->m->pe[e->pe].r.pstate);
}

bool except_illegal_state(struct engine *e)
{
    return to_el1(e, ESR_EC(EC_ILLEGAL) | ESR_IL, NULL, engine_pe(e)->r.pc);
}

/* --- aborts --- */

/* Of an access that crosses a page, the second part faults at the first byte of its page. */
static uint64_t faulting_address(const struct engine *e, const struct insn_access *a, bool known)
{
    const uint64_t page = ~GRANULE_MASK & ((1ull << 56) - 1); /* the tag byte is no part of it */
    return known && ((a->addr ^ e->fault_page) & page) == 0 ? a->addr : e->fault_page;
}

static bool take_fault(struct engine *e, struct realm_exception *exc, const struct mmu_fault *f,
                       enum access_kind kind, uint64_t iss)
{
    unsigned from = el_of(e), to = mmu_fault_target_el(f);
    uint64_t esr = mmu_fault_esr(f, kind, from, to, iss);
    e->cpu->stats.faults++;
    ev(e->m, e->pe, EV_FAULT, to == 2 ? f->ipa : f->va, esr, 0);
    if (to == 1)
        return to_el1(e, esr, &f->va, engine_pe(e)->r.pc);
    exc->far = f->va;
    exc->hpfar = mmu_fault_hpfar(f);
    return to_el2(e, exc, esr);
}

static bool data_fault(struct engine *e, struct realm_exception *exc)
{
    const struct pe_regs *r = &engine_pe(e)->r;
    unsigned el = el_of(e);
    struct insn_access a = {0};
    struct mmu_result out;
    struct mmu_fault f;
    uint32_t insn;
    uint64_t sp = r->sys[el && (r->pstate & 1) ? SR_SP_EL1 : SR_SP_EL0];
    bool known = engine_fetch(e, r->pc, &insn) && insn_decode_access(insn, r->x, sp, r->pc, &a);
    if (known && a.unprivileged && !(r->pstate & PSTATE_UAO))
        el = 0;
    uint64_t va = faulting_address(e, &a, known);
    enum access_kind kind = e->fault_kind;
    /* A read-modify-write is reported as a read where a read would have faulted too (WnR). */
    if (known && a.load && a.store && kind == ACCESS_WRITE &&
        !mmu_translate(e->m, e->pe, el, va, ACCESS_READ, &out, &f))
        return take_fault(e, exc, &f, ACCESS_READ, 0);
    if (mmu_translate(e->m, e->pe, el, va, kind, &out, &f))
        return true; /* it became valid meanwhile: try again */
    return take_fault(e, exc, &f, kind, known ? a.iss : 0);
}

static bool fetch_fault(struct engine *e, struct realm_exception *exc)
{
    struct mmu_result out;
    struct mmu_fault f;
    uint64_t pc = engine_pe(e)->r.pc;
    if (mmu_translate(e->m, e->pe, el_of(e), pc, ACCESS_FETCH, &out, &f))
        return true;
    return take_fault(e, exc, &f, ACCESS_FETCH, 0);
}

/* QEMU found the access unaligned: SCTLR_EL1.A, or an exclusive or ordered access. */
static bool alignment_fault(struct engine *e)
{
    const struct pe_regs *r = &engine_pe(e)->r;
    struct insn_access a = {0};
    uint32_t insn;
    uint64_t sp = r->sys[el_of(e) && (r->pstate & 1) ? SR_SP_EL1 : SR_SP_EL0];
    if (engine_fetch(e, r->pc, &insn))
        insn_decode_access(insn, r->x, sp, r->pc, &a);
    uint64_t esr = ESR_EC(el_of(e) ? EC_DABORT_SAME : EC_DABORT_LOWER) | ESR_IL | FSC_ALIGNMENT;
    if (a.store && !a.load)
        esr |= ESR_WNR;
    return to_el1(e, esr, &a.addr, r->pc);
}

static bool pc_alignment(struct engine *e)
{
    uint64_t pc = engine_pe(e)->r.pc;
    return to_el1(e, ESR_EC(EC_PC_ALIGN) | ESR_IL, &pc, pc);
}

/* An AT whose table walk stage 2 refused: an abort of the AT itself, as a cache maintenance (CM, WnR). */
static bool at_fault(struct engine *e, struct realm_exception *exc)
{
    engine_pe(e)->r.pc -= 4;
    bool on = take_fault(e, exc, &e->at_fault, ACCESS_WRITE, 0);
    exc->esr |= ESR_CM;
    return on;
}

/* --- instructions --- */

static bool wait_for(struct engine *e, struct realm_exception *exc, bool wfe)
{
    struct pe *p = engine_pe(e);
    uint64_t esr = ESR_EC(EC_WFX) | ESR_IL | ISS_WFX_ALWAYS | (wfe ? 1 : 0);
    if (wfe && e->event) {
        e->event = false;
        p->r.pc += 4;
        return true;
    }
    /* EL1's own control comes first. */
    if (el_of(e) == 0 && !(p->r.sys[SR_SCTLR_EL1] & (wfe ? SCTLR_NTWE : SCTLR_NTWI)))
        return to_el1(e, esr, NULL, p->r.pc);
    if (p->hcr_el2 & (wfe ? HCR_TWE : HCR_TWI))
        return to_el2(e, exc, esr);
    p->r.pc += 4;
    if (e->m->sched && e->m->sched->yield)
        e->m->sched->yield(e->m->sched_ctx, e->m, e->pe, wfe ? SCHED_WFE : SCHED_WFI);
    else if (!wfe && e->cpu->opt.virtual_time)
        realm_wait(e->m, e->pe);
    return true;
}

/* PSTATE keeps its EL and stack pointer, takes flags and masks from SPSR, and sets IL (DDI0487 D1.4.4). */
static bool illegal_return(struct engine *e)
{
    struct pe_regs *r = &engine_pe(e)->r;
    const uint64_t taken = 0xfull << 28 | 0xfull << 6;
    uint64_t spsr = r->sys[SR_SPSR_EL1];
    r->pstate = (r->pstate & ~taken) | (spsr & taken) | PSTATE_IL;
    r->pc = r->sys[SR_ELR_EL1];
    return except_illegal_state(e);
}

/* EC 0x07 to who disabled it, EL1 first. */
static bool fp_access(struct engine *e, struct realm_exception *exc)
{
    const struct pe *p = engine_pe(e);
    uint64_t esr = ESR_EC(EC_FP) | ESR_IL | ISS_WFX_ALWAYS;
    if (fp_traps_to_el1(p, el_of(e)))
        return to_el1(e, esr, NULL, p->r.pc);
    return fp_traps_to_el2(p) ? to_el2(e, exc, esr) : undefined(e);
}

static bool system_access(struct engine *e, struct realm_exception *exc,
                          const struct insn_system *i);

/* Before an instruction that has to be looked at. */
static bool hooked(struct engine *e, struct realm_exception *exc)
{
    struct insn_system i;
    uint32_t insn;
    if (!engine_fetch(e, engine_pe(e)->r.pc, &insn))
        return fetch_fault(e, exc);
    if (insn == INSN_WFE)
        return wait_for(e, exc, true);
    if (insn_uses_fp(insn))
        return fp_access(e, exc);
    if (insn_decode_system(insn, &i))
        return system_access(e, exc, &i);
    return insn == INSN_ERET ? illegal_return(e) : true;
}

static bool system_access(struct engine *e, struct realm_exception *exc,
                          const struct insn_system *i)
{
    struct pe *p = engine_pe(e);
    uint32_t sysreg = SYSREG(i->op0, i->op1, i->crn, i->crm, i->op2);
    uint64_t esr = realm_sysreg_esr(sysreg, !i->read, i->rt);
    switch (sysreg_emulate(e, i)) {
    case SYSREG_OK:
        p->r.pc += 4;
        e->m->vtime += e->cpu->opt.virtual_time ? 1 : 0;
        return true;
    case SYSREG_TRAP_EL1: return to_el1(e, esr, NULL, p->r.pc);
    case SYSREG_TRAP_EL2: return to_el2(e, exc, esr);
    case SYSREG_UNDEF: break;
    }
    return undefined(e);
}

static bool undefined_instruction(struct engine *e, struct realm_exception *exc)
{
    uint32_t insn;
    struct insn_system i;
    if (!engine_fetch(e, engine_pe(e)->r.pc, &insn))
        return fetch_fault(e, exc);
    if (insn == INSN_WFI || insn == INSN_WFE)
        return wait_for(e, exc, insn == INSN_WFE);
    if (insn_uses_fp(insn))
        return fp_access(e, exc);
    if (insn_decode_system(insn, &i))
        return system_access(e, exc, &i);
    return undefined(e);
}

/* SVC, HVC and SMC come with PC past them. */
static uint64_t immediate_before_pc(struct engine *e)
{
    uint32_t insn = 0;
    engine_fetch(e, engine_pe(e)->r.pc - 4, &insn);
    return INSN_IMM16(insn);
}

static bool monitor_call(struct engine *e, struct realm_exception *exc)
{
    struct pe_regs *r = &engine_pe(e)->r;
    uint64_t imm = immediate_before_pc(e);
    /* Trapped by HCR_EL2.TSC: the preferred return is the SMC itself. Nothing else takes an SMC of a Realm. */
    r->pc -= 4;
    return to_el2(e, exc, ESR_EC(EC_SMC64) | ESR_IL | imm);
}

static bool interrupted(struct engine *e, struct realm_exception *exc)
{
    struct pe_regs *r = &engine_pe(e)->r;
    uint32_t insn = 0;
    switch (e->intno) {
    case INTR_UNDEF: return undefined_instruction(e, exc);
    case INTR_SVC:
        return to_el1(e, ESR_EC(EC_SVC64) | ESR_IL | immediate_before_pc(e), NULL, r->pc);
    case INTR_HVC: return to_el2(e, exc, ESR_EC(EC_HVC64) | ESR_IL | immediate_before_pc(e));
    case INTR_SMC: return monitor_call(e, exc);
    case INTR_BKPT:
        engine_fetch(e, r->pc, &insn);
        return to_el1(e, ESR_EC(EC_BRK64) | ESR_IL | INSN_IMM16(insn), NULL, r->pc);
    case INTR_DABORT: return alignment_fault(e);
    default: return undefined(e);
    }
}

bool except_dispatch(struct engine *e, struct realm_exception *exc)
{
    switch (e->stop) {
    case STOP_INTR: return interrupted(e, exc);
    case STOP_FAULT:
        return e->fault_kind == ACCESS_FETCH ? fetch_fault(e, exc) : data_fault(e, exc);
    case STOP_HOOKED: return hooked(e, exc);
    case STOP_PC_ALIGN: return pc_alignment(e);
    case STOP_AT: return at_fault(e, exc);
    case STOP_NONE: /* WFI: QEMU is past it; or the end of a counted run */
        if (e->counted)
            return true;
        engine_pe(e)->r.pc -= 4;
        return wait_for(e, exc, false);
    case STOP_REFUSED: /* the host's */
    case STOP_SP_ALIGN:
    case STOP_BREAK:
    case STOP_BUDGET:
    case STOP_REQUEST: break;
    }
    return true;
}
