/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Alignment that QEMU does not look at: all accesses where SCTLR_ELx.A is set, and the stack pointer as a base where SA is
 * (DDI0487 D1.3.10, B2.7). Each instruction then gets a hook. SP is nearly always aligned, so that this is needed only
 * from an instruction that makes it misaligned, which is found when its page is looked through, until it is not any more;
 * and not at all if soon after it is aligned again. Host code only.
 */
#include "cpu_internal.h"

#define SCTLR_A   (1ull << 1)
#define SCTLR_SA  (1ull << 3)
#define SCTLR_SA0 (1ull << 4)
#define E2H_TGE   (HCR_E2H_BIT | HCR_TGE_BIT)

static uint32_t bits(uint32_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2u << (high - low)) - 1);
}

static uint64_t sctlr_of(struct engine *e, unsigned el)
{
    const uint64_t *el2 = engine_el2(e);
    if (el == 2 || (el == 0 && (el2[HS_HCR_EL2] & E2H_TGE) == E2H_TGE))
        return el2[HS_SCTLR_EL2];
    return engine_pe(e)->r.sys[SR_SCTLR_EL1];
}

static bool checks_all(struct engine *e, unsigned el)
{
    return sctlr_of(e, el) & SCTLR_A;
}

bool align_checks_sp(struct engine *e, unsigned el)
{
    return sctlr_of(e, el) & (el ? SCTLR_SA : SCTLR_SA0);
}

/* --- who makes SP misaligned --- */

static uint64_t reg_or_sp(struct engine *e, unsigned n)
{
    uint64_t v = 0;
    uc_reg_read(e->uc,
                n == 31   ? UC_ARM64_REG_SP
                : n == 30 ? UC_ARM64_REG_X30
                : n == 29 ? UC_ARM64_REG_X29
                          : UC_ARM64_REG_X0 + (int)n,
                &v);
    return v;
}

static bool is_add_immediate(uint32_t insn)
{
    return (insn & 0x9f800000) == 0x91000000 && !bits(insn, 29, 29);
}
static bool is_add_extended(uint32_t insn)
{
    return (insn & 0x9fe00000) == 0x8b200000 && !bits(insn, 29, 29);
}
static bool is_logical_immediate(uint32_t insn)
{
    return (insn & 0x9f800000) == 0x92000000 && bits(insn, 30, 29) != 3;
}

/* Bytes that a load or store with writeback moves its base by; 0: none. */
static uint32_t writeback(uint32_t insn)
{
    bool v = bits(insn, 26, 26);
    if ((insn & 0x3A000000) == 0x28000000 && bits(insn, 23, 23)) {
        uint32_t opc = bits(insn, 31, 30), scale = v ? 2 + opc : 2 + (opc >> 1);
        return bits(insn, 21, 15) << scale;
    }
    return (insn & 0x3B200400) == 0x38000400 ? bits(insn, 20, 12) : 0;
}

bool align_may_move_sp(uint32_t insn)
{
    if (bits(insn, 9, 5) == 31 && writeback(insn) % 16)
        return true;
    if (bits(insn, 4, 0) != 31)
        return false;
    if (is_add_immediate(insn))
        return bits(insn, 9, 5) != 31 || (!bits(insn, 22, 22) && bits(insn, 21, 10) % 16);
    return is_add_extended(insn) || is_logical_immediate(insn);
}

/* The low bits of the mask of a logical immediate (DDI0487 J1, DecodeBitMasks), 64 bits wide. */
static uint64_t bit_mask(uint32_t insn)
{
    uint32_t n = bits(insn, 22, 22), immr = bits(insn, 21, 16), imms = bits(insn, 15, 10);
    unsigned length = n ? 64 : 32;
    while (!n && length > 2 && (~imms & 0x3f) < length)
        length /= 2;
    uint64_t ones = (2ull << (imms & (length - 1))) - 1, mask = 0;
    unsigned rotate = immr & (length - 1);
    uint64_t low = length == 64 ? UINT64_MAX : (1ull << length) - 1;
    uint64_t element = rotate ? ((ones >> rotate) | (ones << (length - rotate))) & low : ones & low;
    for (unsigned at = 0; at < 64; at += length)
        mask |= element << at;
    return mask;
}

static uint64_t extended(struct engine *e, uint32_t insn)
{
    unsigned m = bits(insn, 20, 16), option = bits(insn, 15, 13);
    uint64_t v = m == 31 ? 0 : reg_or_sp(e, m);
    unsigned width = 8u << (option & 3);
    if (width < 64)
        v = option & 4 ? (uint64_t)((int64_t)(v << (64 - width)) >> (64 - width))
                       : v & ((1ull << width) - 1);
    return v << bits(insn, 12, 10);
}

/* By what the registers hold now. */
static bool moves_sp(struct engine *e, uint32_t insn)
{
    unsigned rn = bits(insn, 9, 5), opc = bits(insn, 30, 29);
    uint64_t v;
    if (!align_may_move_sp(insn))
        return false;
    if (rn == 31 && writeback(insn) % 16)
        return true;
    if (is_logical_immediate(insn)) {
        v = rn == 31 ? 0 : reg_or_sp(e, rn);
        v = opc == 0 ? v & bit_mask(insn) : opc == 1 ? v | bit_mask(insn) : v ^ bit_mask(insn);
        return v % 16;
    }
    v = is_add_extended(insn) ? extended(e, insn)
        : bits(insn, 22, 22)  ? (uint64_t)bits(insn, 21, 10) << 12
                              : bits(insn, 21, 10);
    v = bits(insn, 30, 30) ? reg_or_sp(e, rn) - v : reg_or_sp(e, rn) + v;
    return v % 16;
}

/* --- a misaligned SP that nobody uses --- */

/* Instructions; enough for a kernel that tests for an overflow of its stack by adding to SP. */
#define LOOK_AHEAD 16u

static uint64_t branch_target(uint32_t insn, uint64_t pc, unsigned high, unsigned low)
{
    int64_t offset = (int64_t)((uint64_t)insn << (63 - high)) >> (63 - high + low);
    return pc + (uint64_t)(offset * 4);
}

static bool is_conditional(uint32_t insn, uint64_t pc, uint64_t *target)
{
    bool tbz = (insn & 0x7e000000) == 0x36000000;
    bool is = tbz || (insn & 0x7e000000) == 0x34000000 || (insn & 0xff000010) == 0x54000000;
    *target = branch_target(insn, pc, tbz ? 18 : 23, 5);
    return is;
}

/* Of a load or store, SP is the base. */
static bool uses_sp(uint32_t insn)
{
    return (insn & 0x0a000000) == 0x08000000 && (insn & 0x3b000000) != 0x18000000 &&
           bits(insn, 9, 5) == 31;
}

/* Branches other than the conditional ones, exceptions, and system instructions, but for MSR and MRS of TPIDR registers. */
static bool leads_elsewhere(uint32_t insn)
{
    bool tpidr = (insn & 0xffd0f000) == 0xd510d000;
    return bits(insn, 28, 26) == 5 && !tpidr;
}

/* Does SP stay unused, on every way from pc on, until an instruction that is looked at as it may align it again? */
static bool stays_unused(struct engine *e, uint64_t pc, unsigned depth)
{
    uint32_t insn;
    uint64_t target;
    for (; depth && engine_fetch(e, pc, &insn); depth--, pc += 4) {
        if (uses_sp(insn))
            return false;
        if (align_may_move_sp(insn))
            return true;
        if (is_conditional(insn, pc, &target) ? !stays_unused(e, target, depth - 1)
                                              : leads_elsewhere(insn))
            return false;
    }
    return false;
}

bool align_is_at_risk(struct engine *e, uint64_t pc, uint32_t insn)
{
    return moves_sp(e, insn) && !stays_unused(e, pc + 4, LOOK_AHEAD);
}

/* --- the check --- */

static void load_registers(struct engine *e, uint64_t x[31])
{
    for (unsigned i = 0; i < 31; i++)
        x[i] = reg_or_sp(e, i);
}

static void hook_each(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct engine *e = user;
    struct insn_access a;
    uint64_t x[31];
    uint32_t insn;
    (void)uc;
    (void)size;
    if (e->saved || e->stop != STOP_NONE)
        return;
    engine_pe(e)->r.pstate = engine_pstate(e);
    unsigned el = engine_el(e);
    uint64_t sp = reg_or_sp(e, 31);
    if (!engine_fetch(e, addr, &insn))
        return;
    load_registers(e, x);
    if (!insn_decode_access(insn, x, sp, addr, &a))
        return;
    bool literal = (insn & 0x3B000000) == 0x18000000;
    if (align_checks_sp(e, el) && bits(insn, 9, 5) == 31 && !literal && sp % 16) {
        engine_stop(e, STOP_SP_ALIGN);
    } else if (checks_all(e, el) && a.element && a.addr % a.element) {
        e->intno = INTR_DABORT;
        engine_stop(e, STOP_INTR);
    }
}

void align_load(struct engine *e)
{
    unsigned el = engine_el(e);
    bool sp_moves = e->sp_moves;
    e->sp_moves = false;
    bool on = checks_all(e, el) ||
              (align_checks_sp(e, el) && (sp_moves || *engine_sp(e, engine_pe(e)->r.pstate) % 16));
    if (on == e->aligning)
        return;
    uc_err err = on ? uc_hook_add(e->uc, &e->align_hook, UC_HOOK_CODE, (void *)hook_each, e, 1, 0)
                    : uc_hook_del(e->uc, e->align_hook);
    if (err != UC_ERR_OK)
        MODEL_BUG("Unicorn refuses a hook: %u", err);
    e->aligning = on;
    e->want_code_flush = true;
}
