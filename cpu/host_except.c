/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * After a stop of the host: what happened, which EL takes it, and with which syndrome (DDI0487 D1.3, D24.2.40). Works on
 * the registers of the model, which are current.
 */
#include "cpu_internal.h"

#define ISS_WFX_ALWAYS  (1ull << 24 | 0xeull << 20) /* CV, COND */
#define FSC_UNSUPPORTED 0x35u /* exclusive or atomic access that the memory does not take */

static bool take(struct engine *e, unsigned to_el, uint64_t esr, const uint64_t *far,
                 uint64_t return_pc)
{
    e->cpu->stats.own_exceptions++;
    host_exception(e->m, e->pe, to_el, HOST_SYNC, esr, far, NULL, return_pc);
    return true;
}

static bool undefined(struct engine *e)
{
    return take(e, host_sync_el(e->m, e->pe), ESR_EC(EC_UNKNOWN) | ESR_IL, NULL,
                engine_pe(e)->r.pc);
}

bool host_illegal_state(struct engine *e)
{
    return take(e, host_sync_el(e->m, e->pe), ESR_EC(EC_ILLEGAL) | ESR_IL, NULL,
                engine_pe(e)->r.pc);
}

static bool done(struct engine *e)
{
    engine_pe(e)->r.pc += 4;
    if (e->cpu->opt.virtual_time) {
        e->m->vtime++;
        e->cpu->stats.insns++;
    }
    return true;
}

/* --- aborts --- */

/* Stage 2, and what HCR_EL2 says of granule protection faults and external aborts, goes to EL2; else who the EL of PSTATE
 * goes to for a synchronous exception. */
static unsigned fault_el(const struct engine *e, const struct mmu_fault *f)
{
    uint64_t hcr = e->m->plat->pe[e->pe].el2[HS_HCR_EL2];
    if (f->stage == 2 || (f->kind == MMU_GPF && (hcr & HCR_GPF)) ||
        (f->kind == MMU_EXTERNAL && (hcr & HCR_TEA)))
        return 2;
    return host_sync_el(e->m, e->pe);
}

static bool take_fault(struct engine *e, const struct mmu_fault *f, enum access_kind kind,
                       uint64_t iss)
{
    unsigned from = engine_el(e), to = fault_el(e, f);
    uint64_t esr = mmu_fault_esr(f, kind, from, to, from < 2 && f->stage == 2 ? iss : 0);
    esr |= iss & ESR_CM;
    uint64_t hpfar = (f->ipa >> GRANULE_SHIFT & ((1ull << 40) - 1)) << 4;
    bool by_ipa = to == 2 && from < 2 && (f->stage == 2 || f->kind == MMU_GPF);
    e->cpu->stats.faults++;
    ev(e->m, e->pe, EV_FAULT, by_ipa ? f->ipa : f->va, esr, 0);
    host_exception(e->m, e->pe, to, HOST_SYNC, esr, &f->va, by_ipa ? &hpfar : NULL,
                   engine_pe(e)->r.pc);
    return true;
}

/* Of an access that crosses a page, the second part faults at the first byte of its page. */
static uint64_t faulting_address(const struct engine *e, const struct insn_access *a, bool known)
{
    const uint64_t page = ~GRANULE_MASK & ((1ull << 56) - 1); /* the tag byte is no part of it */
    return known && ((a->addr ^ e->fault_page) & page) == 0 ? a->addr : e->fault_page;
}

static bool abort_with(struct engine *e, const struct insn_access *a, uint64_t fsc)
{
    bool same = host_sync_el(e->m, e->pe) == engine_el(e);
    uint64_t esr = ESR_EC(same ? EC_DABORT_SAME : EC_DABORT_LOWER) | ESR_IL | fsc;
    if (a->store && !a->load)
        esr |= ESR_WNR;
    e->cpu->stats.faults++;
    return take(e, host_sync_el(e->m, e->pe), esr, &a->addr, engine_pe(e)->r.pc);
}

static bool external_abort(struct engine *e, uint64_t va, enum access_kind kind)
{
    struct mmu_fault f = {.kind = MMU_EXTERNAL, .va = va};
    return take_fault(e, &f, kind, 0);
}

static bool device_access(struct engine *e, unsigned el, uint32_t insn, const struct insn_access *a,
                          enum access_kind kind)
{
    struct mmu_fault f;
    switch (mmio_access(e, el, insn, a, &f)) {
    case MMIO_DONE: return done(e);
    case MMIO_ALIGNMENT: return abort_with(e, a, FSC_ALIGNMENT);
    case MMIO_UNSUPPORTED: return abort_with(e, a, FSC_UNSUPPORTED);
    case MMIO_FAULT: return take_fault(e, &f, kind, 0);
    case MMIO_ABORT: break;
    }
    return external_abort(e, a->addr, kind);
}

static bool decode_access(struct engine *e, uint32_t *insn, struct insn_access *a)
{
    const struct pe_regs *r = &engine_pe(e)->r;
    return engine_fetch(e, r->pc, insn) &&
           insn_decode_access(*insn, r->x, *engine_sp(e, r->pstate), r->pc, a);
}

/* LDTR and STTR have EL0's permissions at EL1, and at EL2 where EL0 is in its regime. */
static unsigned el_of_access(struct engine *e, const struct insn_access *a)
{
    const uint64_t both = HCR_E2H_BIT | HCR_TGE_BIT;
    unsigned el = engine_el(e);
    bool has = el == 1 || (el == 2 && (engine_el2(e)[HS_HCR_EL2] & both) == both);
    return a->unprivileged && has && !(engine_pe(e)->r.pstate & PSTATE_UAO) ? 0 : el;
}

static bool data_fault(struct engine *e)
{
    struct insn_access a = {0};
    struct mmu_result out;
    struct mmu_fault f;
    uint32_t insn = 0;
    bool known = decode_access(e, &insn, &a);
    unsigned el = el_of_access(e, &a);
    uint64_t va = faulting_address(e, &a, known);
    enum access_kind kind = e->fault_kind;
    /* A read-modify-write is reported as a read where a read would have faulted too (WnR). */
    if (known && a.load && a.store && kind == ACCESS_WRITE &&
        !mmu_translate(e->m, e->pe, el, va, ACCESS_READ, &out, &f))
        return take_fault(e, &f, ACCESS_READ, 0);
    if (!mmu_translate(e->m, e->pe, el, va, kind, &out, &f))
        return take_fault(e, &f, kind, known ? a.iss : 0);
    if (!out.mmio)
        return true; /* it became valid meanwhile: try again */
    return known ? device_access(e, el, insn, &a, kind) : external_abort(e, va, kind);
}

static bool fetch_fault(struct engine *e)
{
    struct mmu_result out;
    struct mmu_fault f;
    uint64_t pc = engine_pe(e)->r.pc;
    if (!mmu_translate(e->m, e->pe, engine_el(e), pc, ACCESS_FETCH, &out, &f))
        return take_fault(e, &f, ACCESS_FETCH, 0);
    return out.mmio ? external_abort(e, pc, ACCESS_FETCH) : true;
}

/* QEMU found an exclusive or ordered access unaligned. */
static bool alignment_fault(struct engine *e)
{
    struct insn_access a = {0};
    uint32_t insn;
    decode_access(e, &insn, &a);
    return abort_with(e, &a, FSC_ALIGNMENT);
}

/* An AT whose table walk was refused, or a DC: an abort of the instruction itself, as a cache maintenance (CM, WnR). */
static bool at_fault(struct engine *e)
{
    return take_fault(e, &e->at_fault, ACCESS_WRITE, ESR_CM);
}

static bool pc_alignment(struct engine *e)
{
    uint64_t pc = engine_pe(e)->r.pc;
    return take(e, host_sync_el(e->m, e->pe), ESR_EC(EC_PC_ALIGN) | ESR_IL, &pc, pc);
}

/* --- instructions --- */

static bool wait_for(struct engine *e, bool wfe, enum cpu_host_why *why)
{
    struct host_pe *h = &e->m->plat->pe[e->pe];
    unsigned el = host_wfx_trap_el(e->m, e->pe, wfe);
    if (wfe && h->event) {
        h->event = false;
        return done(e);
    }
    if (!wfe && host_wakes(e->m, e->pe))
        return done(e);
    if (el)
        return take(e, el, ESR_EC(EC_WFX) | ESR_IL | ISS_WFX_ALWAYS | (wfe ? 1 : 0), NULL,
                    engine_pe(e)->r.pc);
    done(e);
    *why = wfe ? CPU_HOST_WFE : CPU_HOST_WFI;
    return false;
}

static bool send_event(struct engine *e, enum cpu_host_why *why)
{
    e->m->plat->pe[e->pe].event = true;
    done(e);
    *why = CPU_HOST_SEV;
    return false;
}

static bool exception_return(struct engine *e)
{
    if (!host_eret(e->m, e->pe))
        return undefined(e);
    e->m->plat->pe[e->pe].event = true;
    if (e->cpu->opt.virtual_time) {
        e->m->vtime++;
        e->cpu->stats.insns++;
    }
    return true;
}

static bool fp_access(struct engine *e)
{
    int el = host_fp_trap_el(e->m, e->pe);
    if (el <= 0)
        return el < 0 ? undefined(e) : true;
    return take(e, (unsigned)el, ESR_EC(EC_FP) | ESR_IL | ISS_WFX_ALWAYS, NULL, engine_pe(e)->r.pc);
}

static bool system_result(struct engine *e, const struct insn_system *i, enum sysreg_result result)
{
    uint32_t sysreg = SYSREG(i->op0, i->op1, i->crn, i->crm, i->op2);
    uint64_t esr = realm_sysreg_esr(sysreg, !i->read, i->rt);
    switch (result) {
    case SYSREG_OK: return e->stop == STOP_AT ? at_fault(e) : done(e);
    case SYSREG_TRAP_EL1: return take(e, 1, esr, NULL, engine_pe(e)->r.pc);
    case SYSREG_TRAP_EL2: return take(e, 2, esr, NULL, engine_pe(e)->r.pc);
    case SYSREG_UNDEF: break;
    }
    return undefined(e);
}

static bool refused(struct engine *e)
{
    struct insn_system i;
    uint32_t insn;
    if (!engine_fetch(e, engine_pe(e)->r.pc, &insn) || !insn_decode_system(insn, &i))
        return fetch_fault(e);
    return system_result(e, &i, e->refusal);
}

/* Before an instruction that has to be looked at, or one that QEMU does not know. */
static bool look_at(struct engine *e, bool unknown, enum cpu_host_why *why)
{
    struct insn_system i;
    uint32_t insn;
    if (!engine_fetch(e, engine_pe(e)->r.pc, &insn))
        return fetch_fault(e);
    switch (insn) {
    case INSN_WFI:
    case INSN_WFE: return wait_for(e, insn == INSN_WFE, why);
    case INSN_SEV: return send_event(e, why);
    case INSN_ERET: return exception_return(e);
    case INSN_ERETAA:
    case INSN_ERETAB: return undefined(e);
    default: break;
    }
    if (insn_uses_fp(insn) && host_fp_trap_el(e->m, e->pe) != 0)
        return fp_access(e);
    if (insn_decode_system(insn, &i))
        return system_result(e, &i, host_emulate(e, &i));
    return unknown ? undefined(e) : true;
}

/* SVC, HVC and SMC come with PC past them. */
static uint64_t immediate_before_pc(struct engine *e)
{
    uint32_t insn = 0;
    engine_fetch(e, engine_pe(e)->r.pc - 4, &insn);
    return INSN_IMM16(insn);
}

/* SMC or HVC that traps to an EL, or is undefined there: as if it had not begun. */
static bool call_refused(struct engine *e, int el, unsigned ec, uint64_t imm)
{
    engine_pe(e)->r.pc -= 4;
    if (el < 0)
        return undefined(e);
    return take(e, (unsigned)el, ESR_EC(ec) | ESR_IL | imm, NULL, engine_pe(e)->r.pc);
}

static bool monitor_call(struct engine *e, enum cpu_host_why *why)
{
    int el = host_smc_trap_el(e->m, e->pe);
    if (el)
        return call_refused(e, el, EC_SMC64, immediate_before_pc(e));
    *why = CPU_HOST_SMC;
    return false;
}

static bool hypervisor_call(struct engine *e)
{
    int el = host_hvc_trap_el(e->m, e->pe);
    uint64_t imm = immediate_before_pc(e);
    if (el)
        return call_refused(e, el, EC_HVC64, imm);
    return take(e, 2, ESR_EC(EC_HVC64) | ESR_IL | imm, NULL, engine_pe(e)->r.pc);
}

static bool breakpoint(struct engine *e)
{
    uint32_t insn = 0;
    engine_fetch(e, engine_pe(e)->r.pc, &insn);
    unsigned el = engine_el2(e)[HS_MDCR_EL2] & MDCR_TDE ? 2 : host_sync_el(e->m, e->pe);
    return take(e, el, ESR_EC(EC_BRK64) | ESR_IL | INSN_IMM16(insn), NULL, engine_pe(e)->r.pc);
}

static bool interrupted(struct engine *e, enum cpu_host_why *why)
{
    switch (e->intno) {
    case INTR_UNDEF: return look_at(e, true, why);
    case INTR_SVC:
        return take(e, host_sync_el(e->m, e->pe),
                    ESR_EC(EC_SVC64) | ESR_IL | immediate_before_pc(e), NULL, engine_pe(e)->r.pc);
    case INTR_HVC: return hypervisor_call(e);
    case INTR_SMC: return monitor_call(e, why);
    case INTR_BKPT: return breakpoint(e);
    case INTR_DABORT: return alignment_fault(e);
    default: return undefined(e);
    }
}

bool host_dispatch(struct engine *e, enum cpu_host_why *why)
{
    switch (e->stop) {
    case STOP_INTR: return interrupted(e, why);
    case STOP_FAULT: return e->fault_kind == ACCESS_FETCH ? fetch_fault(e) : data_fault(e);
    case STOP_HOOKED: return look_at(e, false, why);
    case STOP_PC_ALIGN: return pc_alignment(e);
    case STOP_SP_ALIGN:
        return take(e, host_sync_el(e->m, e->pe), ESR_EC(EC_SP_ALIGN) | ESR_IL, NULL,
                    engine_pe(e)->r.pc);
    case STOP_AT: return at_fault(e);
    case STOP_REFUSED: return refused(e);
    case STOP_NONE: /* WFI: QEMU is past it; or the end of a counted run */
        if (e->counted)
            return true;
        engine_pe(e)->r.pc -= 4;
        if (e->cpu->opt.virtual_time) { /* it is counted when it completes */
            e->m->vtime--;
            e->cpu->stats.insns--;
        }
        return wait_for(e, false, why);
    case STOP_BREAK:
    case STOP_BUDGET:
    case STOP_REQUEST: break;
    }
    return true;
}
