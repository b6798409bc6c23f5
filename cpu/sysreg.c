/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers of EL1 and EL0. One table says what each is; two ways lead to it. For a register that QEMU knows
 * the hook runs before the access, and returns 1 when it performed it. For one that QEMU does not know the hook must
 * do nothing and return 0 (1 would loop for ever), and the access arrives as an undefined instruction: the run loop
 * then calls sysreg_emulate(). A trap to EL2 is left to QEMU in the same way, by its own HCR_EL2.
 */
#include "cpu_internal.h"

#include <stdlib.h>
#include <string.h>

enum sys_kind {
    K_NONE,
    K_STORE,  /* a field of pe_regs */
    K_SPACE,  /* the same, and translations depend on it */
    K_SHADOW, /* the model's copy is written, then QEMU's; reads come from the model */
    K_SCTLR,  /* K_SHADOW and K_SPACE */
    K_CPACR,
    K_NATIVE, /* QEMU alone; saved when the engine stops */
    K_TIMER,
    K_CONST,
    K_MPIDR,
    K_RNDR,
    K_ICC, /* virtual CPU interface; QEMU has none */
    K_SGI, /* its writes trap to EL2 */
    K_DIR,
};

struct sysreg {
    uint16_t enc;
    uint8_t kind;
    uint8_t sr; /* enum pe_sysreg */
    uint8_t
        el0_read; /* EL0: 0 never, 1 always, else bit of CNTKCTL_EL1 + 2, or 64 + bit of SCTLR_EL1 */
    uint8_t el0_write;
    uint64_t value; /* K_CONST */
};
#define ALWAYS     1
#define CNTKCTL(b) (2 + (b))
#define SCTLR(b)   (64 + (b))

#define S(op1, crn, crm, op2) ((uint16_t)SYSREG_ENC(3, op1, crn, crm, op2))
static const struct sysreg table[] = {
    {S(0, 0, 0, 0), K_CONST, 0, 0, 0, 0x000F0000}, /* MIDR_EL1: no implementer */
    {S(0, 0, 0, 5), K_MPIDR, 0, 0, 0, 0},
    {S(0, 0, 0, 6), K_CONST, 0, 0, 0, 0}, /* REVIDR_EL1 */
    {S(0, 1, 0, 0), K_SCTLR, SR_SCTLR_EL1, 0, 0, 0},
    {S(0, 1, 0, 1), K_STORE, SR_ACTLR_EL1, 0, 0, 0},
    {S(0, 1, 0, 2), K_CPACR, SR_CPACR_EL1, 0, 0, 0},
    {S(0, 2, 0, 0), K_SPACE, SR_TTBR0_EL1, 0, 0, 0},
    {S(0, 2, 0, 1), K_SPACE, SR_TTBR1_EL1, 0, 0, 0},
    {S(0, 2, 0, 2), K_SCTLR, SR_TCR_EL1, 0, 0, 0},
    {S(0, 4, 0, 0), K_SHADOW, SR_SPSR_EL1, 0, 0, 0},
    {S(0, 4, 0, 1), K_SHADOW, SR_ELR_EL1, 0, 0, 0},
    {S(0, 4, 1, 0), K_NATIVE, 0, 0, 0, 0}, /* SP_EL0 */
    {S(0, 4, 2, 0), K_NATIVE, 0, 0, 0, 0}, /* SPSel */
    {S(0, 4, 2, 2), K_NATIVE, 0, 0, 0, 0}, /* CurrentEL */
    {S(0, 4, 2, 3), K_NATIVE, 0, 0, 0, 0}, /* PAN */
    {S(0, 4, 2, 4), K_NATIVE, 0, 0, 0, 0}, /* UAO */
    {S(0, 5, 1, 0), K_STORE, SR_AFSR0_EL1, 0, 0, 0},
    {S(0, 5, 1, 1), K_STORE, SR_AFSR1_EL1, 0, 0, 0},
    {S(0, 5, 2, 0), K_STORE, SR_ESR_EL1, 0, 0, 0},
    {S(0, 6, 0, 0), K_STORE, SR_FAR_EL1, 0, 0, 0},
    {S(0, 7, 4, 0), K_STORE, SR_PAR_EL1, 0, 0, 0},
    {S(0, 10, 2, 0), K_SPACE, SR_MAIR_EL1, 0, 0, 0},
    {S(0, 10, 3, 0), K_STORE, SR_AMAIR_EL1, 0, 0, 0},
    {S(0, 12, 0, 0), K_STORE, SR_VBAR_EL1, 0, 0, 0},
    {S(0, 12, 1, 0), K_CONST, 0, 0, 0, 0}, /* ISR_EL1 */
    {S(0, 12, 1, 1), K_STORE, SR_DISR_EL1, 0, 0, 0},
    {S(0, 13, 0, 1), K_STORE, SR_CONTEXTIDR_EL1, 0, 0, 0},
    {S(0, 13, 0, 4), K_STORE, SR_TPIDR_EL1, 0, 0, 0},
    {S(0, 14, 1, 0), K_STORE, SR_CNTKCTL_EL1, 0, 0, 0},
    {S(1, 0, 0, 0), K_CONST, 0, 0, 0, 0}, /* CCSIDR_EL1: no cache is described */
    {S(1, 0, 0, 1), K_CONST, 0, 0, 0, 0}, /* CLIDR_EL1 */
    {S(1, 0, 0, 7), K_CONST, 0, 0, 0, 0}, /* AIDR_EL1 */
    {S(2, 0, 0, 0), K_STORE, SR_CSSELR_EL1, 0, 0, 0},
    {S(3, 0, 0, 1), K_CONST, 0, SCTLR(15), 0,
     0x84448004}, /* CTR_EL0: 64-byte lines, neither IDC nor DIC */
    {S(3, 2, 4, 0), K_RNDR, 0, ALWAYS, 0, 0},
    {S(3, 2, 4, 1), K_RNDR, 0, ALWAYS, 0, 0},
    {S(3, 4, 2, 0), K_NATIVE, 0, 0, 0, 0}, /* NZCV */
    {S(3, 4, 2, 1), K_NATIVE, 0, 0, 0, 0}, /* DAIF */
    {S(3, 4, 4, 0), K_NATIVE, 0, 0, 0, 0}, /* FPCR */
    {S(3, 4, 4, 1), K_NATIVE, 0, 0, 0, 0}, /* FPSR */
    {S(3, 0, 0, 7), K_NATIVE, 0, 0, 0, 0}, /* DCZID_EL0 */
    {S(3, 13, 0, 2), K_STORE, SR_TPIDR_EL0, ALWAYS, ALWAYS, 0},
    {S(3, 13, 0, 3), K_STORE, SR_TPIDRRO_EL0, ALWAYS, 0, 0},
    {S(3, 14, 0, 0), K_TIMER, 0, ALWAYS, 0, 0},
    {S(3, 14, 0, 1), K_TIMER, 0, CNTKCTL(0), 0, 0},
    {S(3, 14, 0, 2), K_TIMER, 0, CNTKCTL(1), 0, 0},
    {S(3, 14, 2, 0), K_TIMER, 0, CNTKCTL(9), CNTKCTL(9), 0},
    {S(3, 14, 2, 1), K_TIMER, 0, CNTKCTL(9), CNTKCTL(9), 0},
    {S(3, 14, 2, 2), K_TIMER, 0, CNTKCTL(9), CNTKCTL(9), 0},
    {S(3, 14, 3, 0), K_TIMER, 0, CNTKCTL(8), CNTKCTL(8), 0},
    {S(3, 14, 3, 1), K_TIMER, 0, CNTKCTL(8), CNTKCTL(8), 0},
    {S(3, 14, 3, 2), K_TIMER, 0, CNTKCTL(8), CNTKCTL(8), 0},
    {(uint16_t)SYSREG_ENC(2, 0, 0, 2, 2), K_STORE, SR_MDSCR_EL1, 0, 0, 0},
    {(uint16_t)SYSREG_ENC(2, 0, 1, 0, 4), K_CONST, 0, 0, 0, 0}, /* OSLAR_EL1 */
    {(uint16_t)SYSREG_ENC(2, 0, 1, 1, 4), K_CONST, 0, 0, 0, 0}, /* OSLSR_EL1: unlocked */
    {(uint16_t)SYSREG_ENC(2, 0, 1, 3, 4), K_CONST, 0, 0, 0, 0}, /* OSDLR_EL1 */
    {S(0, 4, 6, 0), K_ICC, 0, 0, 0, 0},                         /* ICC_PMR_EL1 */
    {S(0, 12, 8, 0), K_ICC, 0, 0, 0, 0},                        /* IAR0, EOIR0, HPPIR0, BPR0 */
    {S(0, 12, 8, 1), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 8, 2), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 8, 3), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 8, 4), K_ICC, 0, 0, 0, 0}, /* AP0R0 */
    {S(0, 12, 9, 0), K_ICC, 0, 0, 0, 0}, /* AP1R0 */
    {S(0, 12, 11, 1), K_DIR, 0, 0, 0, 0},
    {S(0, 12, 11, 3), K_ICC, 0, 0, 0, 0}, /* RPR */
    {S(0, 12, 11, 5), K_SGI, 0, 0, 0, 0}, /* SGI1R */
    {S(0, 12, 11, 6), K_SGI, 0, 0, 0, 0}, /* ASGI1R */
    {S(0, 12, 11, 7), K_SGI, 0, 0, 0, 0}, /* SGI0R */
    {S(0, 12, 12, 0), K_ICC, 0, 0, 0, 0}, /* IAR1, EOIR1, HPPIR1, BPR1 */
    {S(0, 12, 12, 1), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 12, 2), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 12, 3), K_ICC, 0, 0, 0, 0},
    {S(0, 12, 12, 4), K_ICC, 0, 0, 0, 0}, /* CTLR */
    {S(0, 12, 12, 5), K_ICC, 0, 0, 0, 0}, /* SRE */
    {S(0, 12, 12, 6), K_ICC, 0, 0, 0, 0}, /* IGRPEN0 */
    {S(0, 12, 12, 7), K_ICC, 0, 0, 0, 0}, /* IGRPEN1 */
};

static const struct sysreg *find(uint32_t enc)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].enc == enc)
            return &table[i];
    return NULL;
}

/* QEMU has registers that the model does not: debug and the like. They read zero and ignore writes, so that
 * nothing is kept where a snapshot cannot see it. */
static bool is_ignored(uint32_t enc)
{
    unsigned op0 = enc >> 14, op1 = enc >> 11 & 7, crn = enc >> 7 & 15, crm = enc >> 3 & 15,
             op2 = enc & 7;
    if (op0 == 2)
        return op1 == 0 && crn == 0 && op2 >= 4 && crm < (op2 < 6 ? 6 : 4);
    if (op1 == 0 && crn == 2 && crm >= 1 && crm <= 3)
        return crm == 3 ? op2 < 2 : op2 < 4; /* pointer authentication keys */
    return op1 == 3 && crn == 9 && crm >= 12 && crm <= 14 && enc != S(3, 9, 12, 7) &&
           !(crm == 14 && op2 > 3); /* PMU */
}

static bool el0_may(const struct pe_regs *r, uint8_t rule)
{
    if (rule < 2)
        return rule;
    return rule >= 64 ? (r->sys[SR_SCTLR_EL1] >> (rule - 64)) & 1
                      : (r->sys[SR_CNTKCTL_EL1] >> (rule - 2)) & 1;
}

static bool may_access(const struct pe_regs *r, const struct sysreg *s, unsigned el, bool read)
{
    return el ? true : el0_may(r, read ? s->el0_read : s->el0_write);
}

/* The same instruction at the same time gives the same number; RNDR at different times different ones. */
static uint64_t random_at(const struct engine *e, uint64_t now, uint64_t pc)
{
    uint64_t z = e->m->impl.seed + (now + 1) * 0x9E3779B97F4A7C15ull + pc * 0xD1B54A32D192ED03ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* VMPIDR_EL2 as it is: RES1 bit and affinity are the RMM's to set. */
static uint64_t read_value(struct engine *e, const struct sysreg *s, uint64_t now, uint64_t pc)
{
    const struct pe *p = engine_pe(e);
    switch ((enum sys_kind)s->kind) {
    case K_STORE:
    case K_SPACE:
    case K_SHADOW:
    case K_SCTLR:
    case K_CPACR: return p->r.sys[s->sr];
    case K_TIMER: return timer_read(p, s->enc, now, e->m->cntfrq);
    case K_MPIDR: return p->vmpidr_el2;
    case K_RNDR: return random_at(e, now, pc);
    case K_CONST: return s->value;
    default: return 0;
    }
}

/* TTBR, TCR, SCTLR and MAIR: what the engine cached was made with the old value. */
static void space_changed(struct engine *e)
{
    e->space_valid = false;
    e->flushes++;
    uc_ctl_flush_tlb(e->uc);
    e->cpu->stats.tlb_flushes++;
}

/* True if QEMU has to write its copy too. */
static bool write_value(struct engine *e, const struct sysreg *s, uint64_t v, uint64_t now)
{
    struct pe *p = engine_pe(e);
    switch ((enum sys_kind)s->kind) {
    case K_STORE: p->r.sys[s->sr] = v; return false;
    case K_SPACE:
        p->r.sys[s->sr] = v;
        space_changed(e);
        return false;
    case K_SHADOW:
    case K_SCTLR:
        p->r.sys[s->sr] = e->held.sys[s->sr] = v;
        if (s->kind == K_SCTLR)
            space_changed(e);
        return true;
    case K_CPACR:
        p->r.sys[s->sr] = v;
        engine_fp_mode(e);
        if (e->want_code_flush && e->running)
            engine_stop(e, STOP_REQUEST);
        return false;
    case K_TIMER:
        timer_write(p, s->enc, v, now);
        clock_rearm(e); /* a deadline may have moved */
        return false;
    default: return false;
    }
}

uint32_t hook_mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG_ENC(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    const struct sysreg *s = find(enc);
    uint64_t pc = 0, v = 0;
    if (!s && !is_ignored(enc))
        return 0;
    if (s && (s->kind == K_NATIVE || s->kind >= K_ICC))
        return 0;
    unsigned el = PSTATE_EL(engine_pstate(e));
    if (s ? !may_access(&engine_pe(e)->r, s, el, true) : !el)
        return 0;
    uc_reg_read(uc, UC_ARM64_REG_PC, &pc);
    if (s)
        v = read_value(e, s, clock_now(e, pc), pc);
    if (s && s->kind == K_RNDR) { /* PSTATE.NZCV = 0000: a number was returned */
        uint32_t nzcv = 0;
        uc_reg_write(uc, UC_ARM64_REG_NZCV, &nzcv);
    }
    uc_reg_write(uc, (int)reg, &v);
    return 1;
}

uint32_t hook_msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user)
{
    struct engine *e = user;
    uint32_t enc = SYSREG_ENC(cp->op0, cp->op1, cp->crn, cp->crm, cp->op2);
    const struct sysreg *s = find(enc);
    uint64_t pc = 0;
    (void)reg;
    if (!s)
        return is_ignored(enc) && PSTATE_EL(engine_pstate(e)) ? 1 : 0;
    if (s->kind == K_NATIVE || s->kind >= K_ICC || s->kind == K_MPIDR || s->kind == K_RNDR ||
        (s->kind == K_CONST && enc != SYSREG_ENC(2, 0, 1, 0, 4) &&
         enc != SYSREG_ENC(2, 0, 1, 3, 4)))
        return 0;
    if (s->kind == K_TIMER && (enc >> 3 & 15) == 0)
        return 0; /* CNTFRQ_EL0, CNTPCT_EL0, CNTVCT_EL0 are read-only here */
    if (!may_access(&engine_pe(e)->r, s, PSTATE_EL(engine_pstate(e)), false))
        return 0;
    uc_reg_read(uc, UC_ARM64_REG_PC, &pc);
    return write_value(e, s, cp->val, clock_now(e, pc)) ? 0 : 1;
}

/* --- what QEMU does not know --- */

#define VMCR_VENG0     (1ull << 0)
#define VMCR_VENG1     (1ull << 1)
#define VMCR_VCBPR     (1ull << 4)
#define VMCR_VEOIM     (1ull << 9)
#define VMCR_VBPR1     18
#define VMCR_VBPR0     21
#define VMCR_VPMR      24
#define ICH_HCR_TDIR   (1ull << 14)
#define INTID_SPURIOUS 1023u
#define ICC_SRE_VALUE  7u

struct field {
    uint16_t enc;
    uint8_t shift, width;
};
/* What the virtual CPU interface keeps in ICH_VMCR_EL2. */
static const struct field vmcr_field[] = {{S(0, 4, 6, 0), VMCR_VPMR, 8},
                                          {S(0, 12, 8, 3), VMCR_VBPR0, 3},
                                          {S(0, 12, 12, 3), VMCR_VBPR1, 3},
                                          {S(0, 12, 12, 6), 0, 1},
                                          {S(0, 12, 12, 7), 1, 1}};

static uint64_t icc_read(const struct pe *p, uint32_t enc)
{
    for (unsigned i = 0; i < sizeof(vmcr_field) / sizeof(vmcr_field[0]); i++)
        if (vmcr_field[i].enc == enc)
            return p->gic.vmcr >> vmcr_field[i].shift & ((1u << vmcr_field[i].width) - 1);
    switch (enc) {
    case S(0, 12, 12, 4): /* CTLR: 5 priority bits, and CBPR, EOImode of VMCR */
        return 4u << 8 | (p->gic.vmcr & VMCR_VCBPR ? 1 : 0) | (p->gic.vmcr & VMCR_VEOIM ? 2 : 0);
    case S(0, 12, 12, 5): return ICC_SRE_VALUE;
    case S(0, 12, 8, 0):
    case S(0, 12, 8, 2):
    case S(0, 12, 12, 0):
    case S(0, 12, 12, 2): return INTID_SPURIOUS;
    case S(0, 12, 11, 3): return 0xff;
    default: return 0;
    }
}

static void icc_write(struct pe *p, uint32_t enc, uint64_t v)
{
    for (unsigned i = 0; i < sizeof(vmcr_field) / sizeof(vmcr_field[0]); i++)
        if (vmcr_field[i].enc == enc) {
            uint64_t mask = ((1ull << vmcr_field[i].width) - 1) << vmcr_field[i].shift;
            p->gic.vmcr = (p->gic.vmcr & ~mask) | (v << vmcr_field[i].shift & mask);
        }
    if (enc == S(0, 12, 12, 4)) {
        p->gic.vmcr &= ~(VMCR_VCBPR | VMCR_VEOIM);
        p->gic.vmcr |= (v & 1 ? VMCR_VCBPR : 0) | (v & 2 ? VMCR_VEOIM : 0);
    }
}

static bool is_id_register(const struct insn_system *i)
{
    return i->op0 == 3 && i->op1 == 0 && i->crn == 0 && i->crm >= 1 && i->crm <= 7;
}

static enum sys_result emulate_el0(const struct insn_system *i)
{
    uint32_t enc = SYSREG_ENC(i->op0, i->op1, i->crn, i->crm, i->op2);
    /* What an EL0-accessible encoding is denied by a control of EL1 is a trap; the rest is undefined. */
    bool sys = i->op0 == 1 && i->op1 == 3 && i->crn == 7; /* IC IVAU, DC by VA */
    const struct sysreg *s = find(enc);
    bool controlled = s && (i->read ? s->el0_read : s->el0_write) > ALWAYS;
    bool daif = enc == S(3, 4, 2, 1) || (i->op0 == 0 && i->op1 == 3 && i->crn == 4 && i->op2 >= 6);
    return sys || controlled || daif ? SYS_TRAP_EL1 : SYS_UNDEF;
}

enum sys_result sysreg_emulate(struct engine *e, const struct insn_system *i)
{
    struct pe *p = engine_pe(e);
    uint32_t enc = SYSREG_ENC(i->op0, i->op1, i->crn, i->crm, i->op2);
    const struct sysreg *s = find(enc);
    if (PSTATE_EL(p->r.pstate) == 0)
        return emulate_el0(i);
    if (is_id_register(i) && i->read && (p->hcr_el2 & HCR_TID3))
        return SYS_TRAP_EL2;
    if (!s || (s->kind == K_CONST && !i->read))
        return SYS_UNDEF;
    if (s->kind == K_SGI)
        return i->read ? SYS_UNDEF : SYS_TRAP_EL2;
    if (s->kind == K_DIR)
        return i->read ? SYS_UNDEF : p->gic.hcr & ICH_HCR_TDIR ? SYS_TRAP_EL2 : SYS_DONE;
    uint64_t v = i->rt == 31 ? 0 : p->r.x[i->rt];
    if (i->read)
        v = s->kind == K_ICC ? icc_read(p, enc) : read_value(e, s, e->m->vtime, p->r.pc);
    else if (s->kind == K_ICC)
        icc_write(p, enc, v);
    else
        write_value(e, s, v, e->m->vtime);
    if (i->read && i->rt != 31)
        p->r.x[i->rt] = v;
    return SYS_DONE;
}
