/* SPDX-License-Identifier: BSD-3-Clause */
/* Branches, exception generation and system instructions (DDI0487 C4.1.93). */
#include "code.h"

#define HCR_TWI    (1ull << 13)
#define HCR_TWE    (1ull << 14)
#define SCTLR_UMA  (1ull << 9)
#define SCTLR_DZE  (1ull << 14)
#define SCTLR_NTWI (1ull << 16)
#define SCTLR_NTWE (1ull << 18)
#define SCTLR_UCI  (1ull << 26)

/* --- branches ----------------------------------------------------------------------------------------------------- */

static enum done branch(struct code_run *c, bool taken, uint64_t offset)
{
    if (!taken)
        return DONE_NEXT;
    c->r->pc += offset;
    return DONE_JUMP;
}

static enum done branch_register(struct code_run *c, uint32_t insn);

static enum done compare_and_branch(struct code_run *c, uint32_t insn)
{
    uint64_t v = code_x(c, bits(insn, 4, 0));

    if (!bits(insn, 31, 31))
        v = (uint32_t)v;
    return branch(c, (v == 0) != (bool)bits(insn, 24, 24),
                  sign_extend((uint64_t)bits(insn, 23, 5) << 2, 21));
}

static enum done test_and_branch(struct code_run *c, uint32_t insn)
{
    unsigned bit = bits(insn, 31, 31) << 5 | bits(insn, 23, 19);

    return branch(c, (code_x(c, bits(insn, 4, 0)) >> bit & 1) == bits(insn, 24, 24),
                  sign_extend((uint64_t)bits(insn, 18, 5) << 2, 16));
}

/* PSTATE bits that SPSR_EL1 can give back in this machine: NZCV, DIT, UAO, PAN, IL, SSBS, DAIF, M. */
#define SPSR_BITS \
    (FLAGS | 1ull << 24 | 3ull << 22 | CODE_PSTATE_IL | 1ull << 12 | 0xfull << 6 | 0x1f)

/* An illegal return keeps EL and stack pointer, takes flags and masks, and sets IL (D1.4.4). */
static enum done exception_return(struct code_run *c)
{
    struct pe_regs *r = c->r;
    uint64_t spsr = r->sys[SR_SPSR_EL1];
    const uint64_t taken = FLAGS | 0xfull << 6;
    unsigned mode = spsr & 0x1f;

    if (code_el(c) == 0)
        return code_undefined(c);
    code_forget(c);
    c->exclusive = false;
    r->pc = r->sys[SR_ELR_EL1];
    if (mode == 0 || mode == 4 || mode == 5)
        r->pstate = spsr & SPSR_BITS;
    else
        r->pstate = (r->pstate & ~taken) | (spsr & taken) | CODE_PSTATE_IL;
    return DONE_JUMP;
}

static enum done branch_register(struct code_run *c, uint32_t insn)
{
    uint64_t to = code_x(c, bits(insn, 9, 5));

    if (insn == 0xD69F03E0)
        return exception_return(c);
    if (bits(insn, 20, 10) != 0x7c0 || bits(insn, 4, 0) || bits(insn, 24, 21) > 2)
        return DONE_UNKNOWN;
    if (bits(insn, 24, 21) == 1)
        c->r->x[30] = c->r->pc + 4;
    c->r->pc = to;
    return DONE_JUMP;
}

/* --- exceptions --------------------------------------------------------------------------------------------------- */

static enum done generate(struct code_run *c, uint32_t insn)
{
    uint64_t imm = bits(insn, 20, 5), next = c->r->pc + 4;

    switch (insn & 0xFFE0001F) {
    case 0xD4000001: /* SVC */
        code_to_el1(c, ESR_EC(EC_SVC64) | ESR_IL | imm, NULL, next);
        return DONE_JUMP;
    case 0xD4000002: /* HVC */
        if (code_el(c) == 0)
            return code_undefined(c);
        c->r->pc = next;
        code_to_el2(c, ESR_EC(EC_HVC64) | ESR_IL | imm);
        return DONE_LEAVE;
    case 0xD4000003: /* SMC, trapped by HCR_EL2.TSC: the preferred return is the SMC itself */
        if (code_el(c) == 0)
            return code_undefined(c);
        code_to_el2(c, ESR_EC(EC_SMC64) | ESR_IL | imm);
        return DONE_LEAVE;
    case 0xD4200000: /* BRK */
        return code_to_el1(c, ESR_EC(EC_BRK64) | ESR_IL | imm, NULL, c->r->pc);
    default: return DONE_UNKNOWN;
    }
}

/* EL1's own control comes first. A WFI that waits lets time go on to the next event. */
static enum done wait_for(struct code_run *c, bool wfe)
{
    const struct pe *p = &c->m->pe[c->pe];
    uint64_t esr = ESR_EC(EC_WFX) | ESR_IL | 1ull << 24 | 0xeull << 20 | (wfe ? 1 : 0);

    if (code_el(c) == 0 && !(p->r.sys[SR_SCTLR_EL1] & (wfe ? SCTLR_NTWE : SCTLR_NTWI)))
        return code_to_el1(c, esr, NULL, p->r.pc);
    if (p->hcr_el2 & (wfe ? HCR_TWE : HCR_TWI)) {
        code_to_el2(c, esr);
        return wfe ? DONE_TRAP : DONE_LEAVE;
    }
    if (!wfe && c->virtual_time) { /* the WFI itself takes its time first */
        c->m->vtime++;
        realm_wait(c->m, c->pe);
        c->m->vtime--;
    }
    c->look = true;
    return DONE_NEXT;
}

/* --- system instructions ------------------------------------------------------------------------------------------ */

static enum done trap_el1(struct code_run *c, uint32_t sysreg, bool write, uint32_t rt)
{
    return code_to_el1(c, realm_sysreg_esr(sysreg, write, rt), NULL, c->r->pc);
}

static bool is_translation_control(uint32_t sysreg)
{
    return sysreg == SYSREG(3, 0, 1, 0, 0) || sysreg == SYSREG(3, 0, 2, 0, 0) ||
           sysreg == SYSREG(3, 0, 2, 0, 1) || sysreg == SYSREG(3, 0, 2, 0, 2) ||
           sysreg == SYSREG(3, 0, 10, 2, 0);
}

static enum done system_register(struct code_run *c, uint32_t insn)
{
    uint32_t sysreg = bits(insn, 20, 5), rt = bits(insn, 4, 0);
    bool write = !bits(insn, 21, 21);
    uint64_t v = write ? code_x(c, rt) : 0;

    if (sysreg >> 1 == SYSREG(3, 3, 4, 4, 0) >> 1) { /* FPCR, FPSR */
        enum done done = code_fp_access(c);

        if (done != DONE_NEXT)
            return done;
    }
    switch (realm_sysreg_access(c->m, c->pe, sysreg, write, &v, c->m->vtime)) {
    case SYSREG_OK:
        if (write && is_translation_control(sysreg))
            code_forget_stores(c);
        code_forget(c); /* a read of the interrupt controller changes it, too */
        if (!write)
            code_set_x(c, rt, v);
        return DONE_NEXT;
    case SYSREG_TRAP_EL1: return trap_el1(c, sysreg, write, rt);
    case SYSREG_TRAP_EL2: return code_to_el2(c, realm_sysreg_esr(sysreg, write, rt));
    case SYSREG_UNDEF: break;
    }
    return code_undefined(c);
}

/* MSR (immediate): a field of PSTATE. */
static enum done pstate_field(struct code_run *c, uint32_t insn)
{
    uint32_t field = bits(insn, 18, 16) << 3 | bits(insn, 7, 5);
    uint64_t imm = bits(insn, 11, 8), *p = &c->r->pstate;

    if (code_el(c) == 0) {
        if (field >> 1 != 15)
            return field == 032 ? DONE_UNKNOWN : code_undefined(c);
        if (!(c->r->sys[SR_SCTLR_EL1] & SCTLR_UMA))
            return trap_el1(c, bits(insn, 20, 5), true, 31);
    }
    switch (field) {
    case 003: *p = (*p & ~CODE_PSTATE_UAO) | (imm & 1) << 23; break;
    case 004: *p = (*p & ~CODE_PSTATE_PAN) | (imm & 1) << 22; break;
    case 005: *p = (*p & ~CODE_PSTATE_SP) | (imm & 1); break;
    case 036: *p |= imm << 6; break;
    case 037: *p &= ~(imm << 6); break;
    default: return DONE_UNKNOWN;
    }
    c->look = true;
    return DONE_NEXT;
}

static enum done tlb_maintenance(struct code_run *c, uint32_t insn)
{
    uint16_t vmid = (uint16_t)(c->m->pe[c->pe].vttbr_el2 >> 48);
    uint64_t v = code_x(c, bits(insn, 4, 0)), page = v & ((1ull << 44) - 1);
    uint32_t asid = (uint32_t)(v >> 48), crm = bits(insn, 11, 8);
    bool is = crm == 3;

    if (bits(insn, 18, 16) != 0 || (crm != 3 && crm != 7))
        return DONE_UNKNOWN;
    code_forget_stores(c);
    switch (bits(insn, 7, 5)) {
    case 0: tlbi_vmalle1(c->m, c->pe, vmid, is); return DONE_NEXT;
    case 1:
    case 5: tlbi_va(c->m, c->pe, vmid, page, asid, false, is); return DONE_NEXT;
    case 2: tlbi_asid(c->m, c->pe, vmid, asid, is); return DONE_NEXT;
    case 3:
    case 7: tlbi_va(c->m, c->pe, vmid, page, 0, true, is); return DONE_NEXT;
    default: return DONE_UNKNOWN;
    }
}

#define PAR_F    1ull
#define PAR_RES1 (1ull << 11)

/* AT S1E1R, S1E1W, S1E0R, S1E0W, and S1E1RP, S1E1WP, which alone look at PSTATE.PAN. */
static enum done address_translate(struct code_run *c, uint32_t insn)
{
    bool pan = bits(insn, 11, 8) == 9;
    uint32_t op2 = bits(insn, 7, 5);
    enum access_kind kind = op2 & 1 ? ACCESS_WRITE : ACCESS_READ;
    unsigned el = op2 & 2 ? 0 : 1;
    uint64_t pstate = c->r->pstate, *par = &c->r->sys[SR_PAR_EL1];
    struct mmu_result out;
    struct mmu_fault f;
    bool ok;

    if (bits(insn, 18, 16) != 0 || op2 > (pan ? 1u : 3u))
        return DONE_UNKNOWN;
    c->r->pstate = pan ? pstate : pstate & ~CODE_PSTATE_PAN;
    ok = mmu_translate_s1(c->m, c->pe, el, code_x(c, bits(insn, 4, 0)), kind, &out, &f);
    c->r->pstate = pstate;
    if (ok) {
        *par = PAR_RES1 | (uint64_t)(out.device ? 2 : out.sh) << 7 |
               (out.pa & 0x0000FFFFFFFFF000ull) | (uint64_t)out.attr << 56;
    } else if (mmu_fault_target_el(&f) == 2) {
        enum done d = code_fault(c, &f, ACCESS_WRITE, 0);

        c->exc->esr |= ESR_CM;
        return d;
    } else {
        *par = PAR_F | (mmu_fault_esr(&f, kind, el, 1, 0) & 0x3f) << 1 | PAR_RES1;
    }
    return DONE_NEXT;
}

/* SYS: caches are not modelled, and code is fetched anew each time; DC ZVA stores. */
static enum done system_instruction(struct code_run *c, uint32_t insn)
{
    uint32_t op1 = bits(insn, 18, 16), crn = bits(insn, 15, 12), crm = bits(insn, 11, 8);
    bool zva = op1 == 3 && crn == 7 && crm == 4 && bits(insn, 7, 5) == 1;

    if (bits(insn, 21, 21))
        return DONE_UNKNOWN; /* SYSL */
    if (code_el(c) == 0) {
        if (op1 != 3 || crn != 7)
            return code_undefined(c);
        if (!(c->r->sys[SR_SCTLR_EL1] & (zva ? SCTLR_DZE : SCTLR_UCI)))
            return trap_el1(c, bits(insn, 20, 5), true, bits(insn, 4, 0));
    }
    if (zva)
        return code_zero_block(c, code_x(c, bits(insn, 4, 0)));
    if (crn == 8)
        return tlb_maintenance(c, insn);
    if (crn != 7 || (op1 != 0 && op1 != 3))
        return DONE_UNKNOWN;
    code_forget_stores(c);
    return op1 == 0 && (crm == 8 || crm == 9) ? address_translate(c, insn) : DONE_NEXT;
}

static enum done hint(struct code_run *c, uint32_t insn)
{
    switch (bits(insn, 11, 5)) {
    case 2: return wait_for(c, true);
    case 3: return wait_for(c, false);
    default: return DONE_NEXT; /* NOP, YIELD, SEV, and what is not there */
    }
}

/* CLREX, DSB, DMB, ISB, SB: memory is sequentially consistent, and every change is seen at once. */
static enum done barrier(struct code_run *c, uint32_t insn)
{
    if (bits(insn, 7, 5) == 2)
        c->exclusive = false;
    return DONE_NEXT;
}

static enum done system(struct code_run *c, uint32_t insn)
{
    if ((insn & 0xFFFFF01F) == 0xD503201F)
        return hint(c, insn);
    if ((insn & 0xFFFFF01F) == 0xD503301F)
        return barrier(c, insn);
    if ((insn & 0xFFF8F01F) == 0xD500401F)
        return pstate_field(c, insn);
    if (bits(insn, 20, 19) == 1)
        return system_instruction(c, insn);
    return bits(insn, 20, 20) ? system_register(c, insn) : DONE_UNKNOWN;
}

enum done code_branch_system(struct code_run *c, uint32_t insn)
{
    if (bits(insn, 30, 26) == 5) { /* B, BL */
        if (bits(insn, 31, 31))
            c->r->x[30] = c->r->pc + 4;
        return branch(c, true, sign_extend((uint64_t)bits(insn, 25, 0) << 2, 28));
    }
    if (bits(insn, 30, 25) == 0x1a)
        return compare_and_branch(c, insn);
    if (bits(insn, 30, 25) == 0x1b)
        return test_and_branch(c, insn);
    if ((insn & 0xFF000010) == 0x54000000)
        return branch(c, code_condition(c, bits(insn, 3, 0)),
                      sign_extend((uint64_t)bits(insn, 23, 5) << 2, 21));
    if (bits(insn, 31, 24) == 0xd4)
        return generate(c, insn);
    if (bits(insn, 31, 22) == 0x354)
        return system(c, insn);
    return bits(insn, 31, 25) == 0x6b ? branch_register(c, insn) : DONE_UNKNOWN;
}
