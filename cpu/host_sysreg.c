/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers and SYS instructions of the host: all are the model's (host.h). A hook performs those that are common;
 * at the others, and where the model refuses, it stops the engine, and the run loop does what there is to do. Nothing is left to
 * QEMU but PSTATE, SP_EL0, FPCR and FPSR, and DC ZVA, which is a store.
 */
#include "cpu_internal.h"

#define S(op1, crn, crm, op2) SYSREG(3, op1, crn, crm, op2)

/*
 * What the hook may perform: QEMU has it in every version, so that the block goes on behind it. Of what is not here some
 * is unknown to QEMU; to say that it was performed would hang. It stops the engine.
 */
static bool is_register_of_el1(uint32_t enc)
{
    switch (enc) {
    case S(0, 1, 0, 0):  /* SCTLR_EL1 */
    case S(0, 1, 0, 1):  /* ACTLR_EL1 */
    case S(0, 1, 0, 2):  /* CPACR_EL1 */
    case S(0, 2, 0, 0):  /* TTBR0_EL1 */
    case S(0, 2, 0, 1):  /* TTBR1_EL1 */
    case S(0, 2, 0, 2):  /* TCR_EL1 */
    case S(0, 4, 0, 0):  /* SPSR_EL1 */
    case S(0, 4, 0, 1):  /* ELR_EL1 */
    case S(0, 5, 1, 0):  /* AFSR0_EL1 */
    case S(0, 5, 1, 1):  /* AFSR1_EL1 */
    case S(0, 5, 2, 0):  /* ESR_EL1 */
    case S(0, 6, 0, 0):  /* FAR_EL1 */
    case S(0, 7, 4, 0):  /* PAR_EL1 */
    case S(0, 10, 2, 0): /* MAIR_EL1 */
    case S(0, 10, 3, 0): /* AMAIR_EL1 */
    case S(0, 12, 0, 0): /* VBAR_EL1 */
    case S(0, 13, 0, 1): /* CONTEXTIDR_EL1 */
    case S(0, 13, 0, 4): /* TPIDR_EL1 */
    case S(0, 14, 1, 0): /* CNTKCTL_EL1 */
    case S(1, 0, 0, 0):  /* CCSIDR_EL1 */
    case S(1, 0, 0, 1):  /* CLIDR_EL1 */
    case S(2, 0, 0, 0):  /* CSSELR_EL1 */
    case SYSREG(2, 0, 0, 2, 2): /* MDSCR_EL1 */ return true;
    default: return false;
    }
}

static bool is_register_of_el0(uint32_t enc)
{
    switch (enc) {
    case S(3, 0, 0, 1):  /* CTR_EL0 */
    case S(3, 0, 0, 7):  /* DCZID_EL0 */
    case S(3, 13, 0, 2): /* TPIDR_EL0 */
    case S(3, 13, 0, 3): /* TPIDRRO_EL0 */
    case S(3, 14, 0, 0): /* CNTFRQ_EL0 */
    case S(3, 14, 0, 1): /* CNTPCT_EL0 */
    case S(3, 14, 0, 2): /* CNTVCT_EL0 */
    case S(3, 14, 2, 0): /* CNTP_TVAL_EL0 */
    case S(3, 14, 2, 1): /* CNTP_CTL_EL0 */
    case S(3, 14, 2, 2): /* CNTP_CVAL_EL0 */
    case S(3, 14, 3, 0): /* CNTV_TVAL_EL0 */
    case S(3, 14, 3, 1): /* CNTV_CTL_EL0 */
    case S(3, 14, 3, 2): /* CNTV_CVAL_EL0 */ return true;
    default: return false;
    }
}

static bool is_register_of_el2(uint32_t enc)
{
    switch (enc) {
    case S(4, 0, 0, 0):  /* VPIDR_EL2 */
    case S(4, 0, 0, 5):  /* VMPIDR_EL2 */
    case S(4, 1, 0, 0):  /* SCTLR_EL2 */
    case S(4, 1, 1, 0):  /* HCR_EL2 */
    case S(4, 1, 1, 1):  /* MDCR_EL2 */
    case S(4, 1, 1, 2):  /* CPTR_EL2 */
    case S(4, 1, 1, 3):  /* HSTR_EL2 */
    case S(4, 2, 0, 0):  /* TTBR0_EL2 */
    case S(4, 2, 0, 1):  /* TTBR1_EL2 */
    case S(4, 2, 0, 2):  /* TCR_EL2 */
    case S(4, 2, 1, 0):  /* VTTBR_EL2 */
    case S(4, 2, 1, 2):  /* VTCR_EL2 */
    case S(4, 4, 0, 0):  /* SPSR_EL2 */
    case S(4, 4, 0, 1):  /* ELR_EL2 */
    case S(4, 4, 1, 0):  /* SP_EL1 */
    case S(4, 5, 2, 0):  /* ESR_EL2 */
    case S(4, 6, 0, 0):  /* FAR_EL2 */
    case S(4, 6, 0, 4):  /* HPFAR_EL2 */
    case S(4, 10, 2, 0): /* MAIR_EL2 */
    case S(4, 12, 0, 0): /* VBAR_EL2 */
    case S(4, 13, 0, 1): /* CONTEXTIDR_EL2 */
    case S(4, 13, 0, 2): /* TPIDR_EL2 */
    case S(4, 14, 0, 3): /* CNTVOFF_EL2 */
    case S(4, 14, 1, 0): /* CNTHCTL_EL2 */
    case S(4, 14, 2, 0): /* CNTHP_TVAL_EL2 */
    case S(4, 14, 2, 1): /* CNTHP_CTL_EL2 */
    case S(4, 14, 2, 2): /* CNTHP_CVAL_EL2 */ return true;
    default: return false;
    }
}

static bool is_id_register(uint32_t enc)
{
    return (enc >= S(0, 0, 1, 0) && enc <= S(0, 0, 7, 7)) || enc == S(0, 0, 0, 0) ||
           enc == S(0, 0, 0, 5) || enc == S(0, 0, 0, 6);
}

static bool is_register(uint32_t enc)
{
    switch (enc >> 11) {
    case 3u << 3 | 3: return is_register_of_el0(enc);
    case 3u << 3 | 4: return is_register_of_el2(enc);
    default: return is_id_register(enc) || is_register_of_el1(enc);
    }
}

#define SYS(op1, crn, crm, op2) SYSREG(1, op1, crn, crm, op2)

static bool is_maintenance(uint32_t enc)
{
    switch (enc) {
    case SYS(0, 7, 1, 0):  /* IC IALLUIS */
    case SYS(0, 7, 5, 0):  /* IC IALLU */
    case SYS(3, 7, 5, 1):  /* IC IVAU */
    case SYS(0, 7, 6, 1):  /* DC IVAC */
    case SYS(0, 7, 6, 2):  /* DC ISW */
    case SYS(0, 7, 10, 2): /* DC CSW */
    case SYS(0, 7, 14, 2): /* DC CISW */
    case SYS(3, 7, 4, 1):  /* DC ZVA */
    case SYS(3, 7, 10, 1): /* DC CVAC */
    case SYS(3, 7, 11, 1): /* DC CVAU */
    case SYS(3, 7, 14, 1): /* DC CIVAC */
    case SYS(0, 8, 3, 0):  /* TLBI VMALLE1IS, ... */
    case SYS(0, 8, 3, 1):
    case SYS(0, 8, 3, 2):
    case SYS(0, 8, 3, 3):
    case SYS(0, 8, 3, 5):
    case SYS(0, 8, 3, 7):
    case SYS(0, 8, 7, 0):
    case SYS(0, 8, 7, 1):
    case SYS(0, 8, 7, 2):
    case SYS(0, 8, 7, 3):
    case SYS(0, 8, 7, 5):
    case SYS(0, 8, 7, 7):
    case SYS(4, 8, 3, 0): /* TLBI ALLE2IS, VAE2IS, ... */
    case SYS(4, 8, 3, 1):
    case SYS(4, 8, 3, 4):
    case SYS(4, 8, 3, 5):
    case SYS(4, 8, 3, 6):
    case SYS(4, 8, 7, 0):
    case SYS(4, 8, 7, 1):
    case SYS(4, 8, 7, 4):
    case SYS(4, 8, 7, 5):
    case SYS(4, 8, 7, 6):
    case SYS(4, 8, 0, 1): /* TLBI IPAS2E1IS, ... */
    case SYS(4, 8, 4, 1): return true;
    default: return false;
    }
}

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
    case S(3, 4, 4, 1): /* FPSR */ return true;
    default: return false;
    }
}

/* SPSR and ELR: of EL1 or EL2, as HCR_EL2.E2H redirects them. */
static bool is_return_state(uint32_t enc)
{
    unsigned op1 = enc >> 11 & 7;
    return enc >> 14 == 3 && (op1 == 0 || op1 == 4 || op1 == 5) && (enc & 0x7ff) >> 1 == 4u << 6;
}

/* Writes that neither the engine nor any deadline takes notice of: ESR, FAR, VBAR, TPIDR of any EL. */
static bool is_plain(uint32_t enc)
{
    switch (enc & 0x7ff) {
    case 5u << 7 | 2u << 3:
    case 6u << 7:
    case 12u << 7:
    case 13u << 7 | 2:
    case 13u << 7 | 3:
    case 13u << 7 | 4: return true;
    default: return false;
    }
}

static void refuse(struct engine *e, enum sysreg_result why)
{
    engine_stop_here(e, STOP_REFUSED);
    e->refusal = why;
}

static uint64_t time_now(struct engine *e)
{
    struct pe_regs *r = &engine_pe(e)->r;
    r->pstate = engine_pstate(e);
    uc_reg_read(e->uc, UC_ARM64_REG_PC, &r->pc);
    return clock_now(e, r->pc);
}

static bool has_random_flags(uint32_t enc)
{
    return enc >> 3 == S(3, 2, 4, 0) >> 3; /* RNDR, RNDRRS */
}

uint32_t host_hook_mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2), nzcv = 0;
    uint64_t v = 0;
    if (e->saved || is_native(enc))
        return 0;
    if (!is_register(enc)) {
        engine_stop_here(e, STOP_HOOKED);
        return 0;
    }
    uint64_t now = time_now(e);
    enum sysreg_result result = host_sysreg_access(e->m, e->pe, enc, false, &v, now);
    if (result != SYSREG_OK) {
        refuse(e, result);
        return 0;
    }
    if (has_random_flags(enc))
        uc_reg_write(uc, UC_ARM64_REG_NZCV, &nzcv);
    uc_reg_write(uc, (int)reg, &v);
    return 1;
}

uint32_t host_hook_msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    uint64_t v = cp->val;
    (void)reg;
    if (e->saved)
        return 1;
    if (is_native(enc))
        return 0;
    if (!is_register(enc)) {
        engine_stop_here(e, STOP_HOOKED);
        return 1;
    }
    uint64_t now = time_now(e);
    enum sysreg_result result = host_sysreg_access(e->m, e->pe, enc, true, &v, now);
    if (result != SYSREG_OK)
        refuse(e, result);
    else if (enc == S(4, 4, 1, 0)) /* SP_EL1 */
        uc_reg_write(uc, UC_ARM64_REG_SP_EL1, &v);
    else if (is_return_state(enc))
        host_load_returns(e);
    else if (!is_plain(enc))
        engine_stop(e, STOP_REQUEST); /* past it: the block ends here */
    return 1;
}

/* --- SYS --- */

static void instruction_cache(struct engine *e, uint32_t enc, uint64_t va)
{
    struct mmu_result out;
    struct mmu_fault f;
    if (enc == SYSREG(1, 3, 7, 5, 1)) { /* IC IVAU */
        if (mmu_translate(e->m, e->pe, engine_el(e), va, ACCESS_READ, &out, &f) && !out.mmio)
            code_changed(e->cpu, out.pa);
        return;
    }
    /* IC IALLU may do more than it must, as the Inner Shareable form. */
    for (unsigned i = 0; i < NUM_ENGINES; i++)
        if (cpu_engine(e->cpu, i))
            cpu_engine(e->cpu, i)->want_code_flush = true;
    if (e->running)
        engine_stop(e, STOP_REQUEST);
}

static bool is_zva(uint32_t enc)
{
    return enc == SYSREG(1, 3, 7, 4, 1);
}

/* DC ZVA: a store, but Device memory takes none (DDI0487 B2.10.2): an alignment fault. */
static uint32_t zeroes(struct engine *e, uint64_t va)
{
    struct mmu_result out;
    struct mmu_fault f;
    if (!mmu_translate(e->m, e->pe, engine_el(e), va, ACCESS_WRITE, &out, &f) || !out.device)
        return 0;
    engine_stop_here(e, STOP_INTR);
    e->intno = INTR_DABORT;
    return 1;
}

/*
 * Maintenance of a data cache by VA needs a translation, and no permission (DDI0487 D7.5.9.2; EL0's, to read, is not looked
 * at). What the translation hits does not matter: there are no caches.
 */
static bool has_translation(struct engine *e, uint64_t va)
{
    struct mmu_result out;
    struct mmu_fault *f = &e->at_fault;
    return mmu_translate(e->m, e->pe, engine_el(e), va, ACCESS_READ, &out, f) ||
           (f->kind != MMU_TRANSLATION && f->kind != MMU_ADDRESS_SIZE);
}

/* False: an AT whose walk was refused by somebody who does not report in PAR_EL1, or a DC without a translation;
 * e->at_fault says how. */
static bool perform(struct engine *e, uint32_t enc, uint64_t v)
{
    unsigned crn = enc >> 7 & 15, crm = enc >> 3 & 15;
    if (crn == 8)
        mmu_host_tlbi(e->m, e->pe, enc, v);
    else if (crn == 7 && (crm == 8 || crm == 9))
        return mmu_host_at(e->m, e->pe, enc, v, &e->at_fault);
    else if (crn == 7 && (crm == 1 || crm == 5))
        instruction_cache(e, enc, v);
    else if (crn == 7 && (enc >> 11 & 7) == 3)
        return has_translation(e, v);
    return true; /* data caches are coherent, and their maintenance does nothing */
}

uint32_t host_hook_sys(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    (void)uc;
    (void)reg;
    if (e->saved)
        return 1;
    if (!is_maintenance(enc)) {
        engine_stop_here(e, STOP_HOOKED);
        return 1;
    }
    time_now(e);
    enum sysreg_result result = host_sys_check(e->m, e->pe, enc);
    if (result != SYSREG_OK)
        refuse(e, result);
    else if (is_zva(enc))
        return zeroes(e, cp->val);
    else if (!perform(e, enc, cp->val))
        engine_stop_here(e, STOP_AT);
    return 1;
}

/* --- what QEMU does not know --- */

/* EL0 may have PSTATE.DAIF, and is told by SCTLR.UMA. */
static enum sysreg_result refused_immediate(const struct engine *e, const struct insn_system *i)
{
    bool daif = i->op1 == 3 && i->op2 >= 6;
    if (engine_el(e) || !daif)
        return SYSREG_UNDEF;
    return host_sync_el(e->m, e->pe) == 2 ? SYSREG_TRAP_EL2 : SYSREG_TRAP_EL1;
}

enum sysreg_result host_emulate(struct engine *e, const struct insn_system *i)
{
    struct pe_regs *r = &engine_pe(e)->r;
    uint32_t enc = SYSREG(i->op0, i->op1, i->crn, i->crm, i->op2);
    uint64_t v = i->read || i->rt == 31 ? 0 : r->x[i->rt];
    if (i->op0 == 0)
        return refused_immediate(e, i);
    if (i->op0 == 1) {
        enum sysreg_result may = i->read ? SYSREG_UNDEF : host_sys_check(e->m, e->pe, enc);
        if (may == SYSREG_OK && !is_zva(enc) && !perform(e, enc, v))
            e->stop = STOP_AT; /* the caller takes it */
        return may;
    }
    enum sysreg_result result = host_sysreg_access(e->m, e->pe, enc, !i->read, &v, e->m->vtime);
    if (result != SYSREG_OK || !i->read)
        return result;
    if (has_random_flags(enc))
        r->pstate &= ~(0xfull << 28);
    if (i->rt != 31)
        r->x[i->rt] = v;
    return SYSREG_OK;
}
