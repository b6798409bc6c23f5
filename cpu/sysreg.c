/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers of EL1 and EL0 are the model's (realm_dev.h); three ways lead there. For a register that QEMU knows
 * the hook runs before the access, and returns 1 when it performed it. For one that QEMU does not know the hook must
 * do nothing and return 0 (1 would loop for ever), and the access arrives as an undefined instruction: the run loop
 * then calls sysreg_emulate(). A trap to EL2 is left to QEMU in the same way, by its own HCR_EL2. Registers that QEMU
 * knows but the Realm may not have (PMU, LORegions, the IMPLEMENTATION DEFINED space) stop the engine before the instruction.
 */
#include "cpu_internal.h"

#include <stdlib.h>

#define S(op1, crn, crm, op2) SYSREG(3, op1, crn, crm, op2)

#define SCTLR_EL1 S(0, 1, 0, 0)
#define CPACR_EL1 S(0, 1, 0, 2)
#define TTBR0_EL1 S(0, 2, 0, 0)
#define TTBR1_EL1 S(0, 2, 0, 1)
#define TCR_EL1   S(0, 2, 0, 2)
#define SPSR_EL1  S(0, 4, 0, 0)
#define ELR_EL1   S(0, 4, 0, 1)
#define MAIR_EL1  S(0, 10, 2, 0)

/* In the engine, and read back when it stops. */
static bool is_native(uint32_t enc)
{
    switch (enc) {
    case S(0, 4, 1, 0): /* SP_EL0 */
    case S(0, 4, 2, 0): /* SPSel */
    case S(0, 4, 2, 2): /* CurrentEL */
    case S(0, 4, 2, 3): /* PAN */
    case S(0, 4, 2, 4): /* UAO */
    case S(3, 4, 2, 0): /* NZCV */
    case S(3, 4, 2, 1): /* DAIF */
    case S(3, 4, 4, 0): /* FPCR */
    case S(3, 4, 4, 1): /* FPSR */
    case S(3, 0, 0, 7): /* DCZID_EL0 */ return true;
    default: return false;
    }
}

/* DISR_EL1, ICC_*_EL1. */
static bool is_unknown_to_qemu(uint32_t enc)
{
    return enc == S(0, 12, 1, 1) || enc == S(0, 4, 6, 0) ||
           (enc >= S(0, 12, 8, 0) && enc <= S(0, 12, 12, 7));
}

static bool is_timer(uint32_t enc)
{
    return enc >= S(3, 14, 2, 0) && enc <= S(3, 14, 3, 7);
}

bool sysreg_stops(uint32_t enc)
{
    bool op0_3 = enc >> 14 == 3;
    unsigned op1 = enc >> 11 & 7, crn = enc >> 7 & 15, crm = enc >> 3 & 15;
    bool pmu = (op1 == 0 || op1 == 3) &&
               ((crn == 9 && crm >= 12 && crm <= 14) || (op1 == 3 && crn == 14 && crm >= 8));
    bool lor = op1 == 0 && crn == 10 && crm == 4;
    /* MDCCSR_EL0, where QEMU has it by mistake. */
    return op0_3 ? pmu || lor || crn == 11 || crn == 15 : enc == SYSREG(2, 0, 0, 1, 0);
}

/* TTBR, TCR, SCTLR and MAIR: what the engine cached was made with the old value. */
static void space_changed(struct engine *e)
{
    e->space_valid = false;
    e->flushes++;
    uc_ctl_flush_tlb(e->uc);
    e->cpu->stats.tlb_flushes++;
}

/* The model has the new value. True if QEMU has to write its copy too. */
static bool written(struct engine *e, uint32_t enc, uint64_t v)
{
    switch (enc) {
    case SCTLR_EL1:
        e->held.sys[SR_SCTLR_EL1] = v;
        space_changed(e);
        return true;
    case TCR_EL1:
        e->held.sys[SR_TCR_EL1] = v;
        space_changed(e);
        return true;
    case SPSR_EL1: e->held.sys[SR_SPSR_EL1] = v; return true;
    case ELR_EL1: e->held.sys[SR_ELR_EL1] = v; return true;
    case TTBR0_EL1:
    case TTBR1_EL1:
    case MAIR_EL1: space_changed(e); return false;
    case CPACR_EL1:
        engine_fp_mode(e);
        if (e->want_code_flush && e->running)
            engine_stop(e, STOP_REQUEST);
        return false;
    default:
        if (is_timer(enc) && e->running)
            clock_rearm(e); /* a deadline may have moved */
        return false;
    }
}

/* What the engine has of native registers, for the model to look at. */
static void fetch_native(struct engine *e, uint32_t enc, struct pe_regs *r)
{
    uint32_t v = 0;
    if (enc == S(0, 4, 1, 0))
        uc_reg_read(e->uc, UC_ARM64_REG_SP_EL0, &r->sys[SR_SP_EL0]);
    if (enc != S(3, 4, 4, 0) && enc != S(3, 4, 4, 1))
        return;
    uc_reg_read(e->uc, enc & 1 ? UC_ARM64_REG_FPSR : UC_ARM64_REG_FPCR, &v);
    r->sys[enc & 1 ? SR_FPSR : SR_FPCR] = v;
}

/* The access that a hook sees, at its time. One that is refused comes again, as an undefined instruction; one of a native
 * register is QEMU's to perform, too. */
static bool access_now(struct engine *e, uint32_t enc, bool write, uint64_t *v)
{
    struct pe_regs *r = &engine_pe(e)->r;
    enum sysreg_result result;
    if (is_unknown_to_qemu(enc))
        return false;
    r->pstate = engine_pstate(e);
    uc_reg_read(e->uc, UC_ARM64_REG_PC, &r->pc);
    fetch_native(e, enc, r);
    result = realm_sysreg_access(e->m, e->pe, enc, write, v, clock_now(e, r->pc));
    e->refused = result != SYSREG_OK;
    e->refused_pc = r->pc;
    e->refusal = result;
    return result == SYSREG_OK && !is_native(enc);
}

uint32_t hook_mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    uint64_t v = 0;
    if (!access_now(e, enc, false, &v))
        return 0;
    if (enc >> 3 == S(3, 2, 4, 0) >> 3) { /* RNDR and RNDRRS set the flags */
        uint32_t nzcv = 0;
        uc_reg_write(uc, UC_ARM64_REG_NZCV, &nzcv);
    }
    uc_reg_write(uc, (int)reg, &v);
    return 1;
}

uint32_t hook_msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    uint64_t v = cp->val;
    (void)uc;
    (void)reg;
    return access_now(e, enc, true, &v) && !written(e, enc, v) ? 1 : 0;
}

/* What is no register: an EL0-accessible encoding that a control of EL1 denies is a trap, the rest is undefined. */
static enum sysreg_result refused_instruction(unsigned el, const struct insn_system *i)
{
    bool sys = i->op0 == 1 && i->op1 == 3 && i->crn == 7; /* IC IVAU, DC by VA */
    bool daif = i->op0 == 0 && i->op1 == 3 && i->crn == 4 && i->op2 >= 6;
    return el == 0 && (sys || daif) ? SYSREG_TRAP_EL1 : SYSREG_UNDEF;
}

enum sysreg_result sysreg_emulate(struct engine *e, const struct insn_system *i)
{
    struct pe *p = engine_pe(e);
    uint32_t enc = SYSREG(i->op0, i->op1, i->crn, i->crm, i->op2);
    uint64_t v = i->read || i->rt == 31 ? 0 : p->r.x[i->rt];
    if (i->op0 < 2)
        return refused_instruction(PSTATE_EL(p->r.pstate), i);
    if (e->refused && e->refused_pc == p->r.pc) {
        e->refused = false;
        return e->refusal;
    }
    enum sysreg_result result = realm_sysreg_access(e->m, e->pe, enc, !i->read, &v, e->m->vtime);
    if (result != SYSREG_OK)
        return result;
    if (!i->read)
        written(e, enc, v);
    else if (i->rt != 31)
        p->r.x[i->rt] = v;
    return SYSREG_OK;
}
