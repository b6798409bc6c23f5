/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm exits: what the RMM must do with an exception taken to R-EL2 (A4.3.4, A5.2.3, A5.2.6). It
 * either returns to the Realm, with registers that enter.c holds it to, or makes a REC exit, whose
 * RmiRecExit exit.c writes down.
 */
#include <string.h>

#include "spec_internal.h"

#define ESR_EC(esr)             (((esr) >> 26) & 0x3f)
#define ESR_EC_MASK             (0x3full << 26)
#define ESR_IL                  (1ull << 25)
#define ESR_ISV                 (1ull << 24)
#define ESR_SAS                 (3ull << 22)
#define ESR_SAS_OF(esr)         (((esr) >> 22) & 3)
#define ESR_SRT(esr)            (((esr) >> 16) & 31)
#define ESR_SF                  (1ull << 15)
#define ESR_SET                 (3ull << 11)
#define ESR_FNV                 (1ull << 10)
#define ESR_EA                  (1ull << 9)
#define ESR_WNR                 (1ull << 6)
#define ESR_FSC                 0x3full
#define FSC_TRANSLATION_MINUS_1 0x2bull /* level -1 (LPA2) */
#define ESR_WFX_TI              3ull
#define ESR_WFX_RN(esr)         (((esr) >> 5) & 31)
#define ESR_SERROR_IDS          (1ull << 24)
#define ESR_SERROR_AET          (7ull << 10)

enum {
    EC_WFX = 0x01,
    EC_HVC64 = 0x16,
    EC_SMC64 = 0x17,
    EC_SYSREG = 0x18,
    EC_IABORT = 0x20,
    EC_DABORT = 0x24,
};

static void loose(struct spec_verdict *v, unsigned row)
{
    v->loose_mask |= 1u << row;
}

/* --- aborts --- */

/* HPFAR_EL2.FIPA[43:4] is IPA[51:12]. */
static uint64_t fault_ipa(uint64_t hpfar)
{
    return (hpfar & 0xffffffffff0ull) << 8;
}

/*
 * Translation, access flag and permission faults; the others are no matter of the Realm's IPA
 * space.
 */
static bool is_stage2_fault(uint64_t esr)
{
    uint64_t fsc = esr & ESR_FSC;

    return (fsc >= 0x04 && fsc <= 0x0f) || fsc == FSC_TRANSLATION_MINUS_1;
}

static void sea(struct spec_recnode *r, const struct spec_trap *t, struct spec_verdict *v)
{
    spec_inject_sea(&r->expect, t->esr, t->far);
    r->next = SPEC_NEXT_RESUME;
    v->variant = "sea";
    loose(v, SPEC_LOOSE_PSTATE);
    loose(v, SPEC_LOOSE_SEA_ISS);
}

/*
 * The RMM may retry, take it to the Realm, or tell the Host. Of an abort the Host is told what
 * A4.3.4.2 and A4.3.4.3 list; HPFAR_EL2 need not be valid.
 */
static void unlisted(struct spec_recnode *r, const struct spec_trap *t, struct spec_verdict *v,
                     unsigned row)
{
    unsigned ec = ESR_EC(t->esr);

    r->alternative = r->expect;
    r->has_alternative = true;
    spec_exit_start(r, EXIT_SYNC, "unlisted");
    if (ec == EC_DABORT || ec == EC_IABORT) {
        spec_inject_sea(&r->alternative, t->esr, t->far);
        r->exit.esr = t->esr & (ESR_EC_MASK | ESR_SET | ESR_EA | ESR_FSC);
        r->exit.esr |= ec == EC_DABORT ? t->esr & ESR_FNV : 0;
        r->exit.hpfar_open = UINT64_MAX;
    } else {
        spec_inject_undef(&r->alternative);
        r->exit.any_sync = true;
    }
    r->next = SPEC_NEXT_EITHER;
    v->variant = "unlisted";
    loose(v, row);
}

#define SCTLR_M (1ull << 0)

/*
 * A5.2.8, A5.2.9: an Address Size Fault taken to the Realm, never a REC exit: of the level of its stage-1 walk at which
 * the fault occurred, or 0 without stage 1. A PE that does not report it of itself leaves it to the RMM.
 */
static void outside_ipa_space(struct spec_recnode *r, const struct spec_trap *t,
                              struct spec_verdict *v)
{
    unsigned level = r->expect.regs.sctlr_el1 & SCTLR_M ? t->s1_level : 0;

    spec_inject_address_size(&r->expect, t->esr, t->far, level);
    r->next = SPEC_NEXT_RESUME;
    v->variant = "address_size";
    loose(v, SPEC_LOOSE_PSTATE);
}

static void exit_data_abort(struct spec_recnode *r, const struct spec_trap *t)
{
    spec_exit_start(r, EXIT_SYNC, "data_abort");
    r->exit.esr = t->esr & (ESR_EC_MASK | ESR_SET | ESR_FNV | ESR_EA | ESR_FSC);
    r->exit.hpfar = t->hpfar;
}

static void exit_instruction_abort(struct spec_recnode *r, const struct spec_trap *t)
{
    spec_exit_start(r, EXIT_SYNC, "instruction_abort");
    r->exit.esr = t->esr & (ESR_EC_MASK | ESR_SET | ESR_EA | ESR_FSC);
    r->exit.hpfar = t->hpfar;
}

/* A4.3.4.3: what the Host needs to emulate the access; SSE and SRT stay with the RMM. */
static void exit_emulatable(struct spec_recnode *r, const struct spec_trap *t,
                            struct spec_verdict *v)
{
    unsigned bits = 8u << ESR_SAS_OF(t->esr);
    uint64_t wide = bits < 64 ? ~((1ull << bits) - 1) : 0;

    exit_data_abort(r, t);
    r->exit.what = "data_abort_emulatable";
    r->exit.esr |= t->esr & (ESR_ISV | ESR_SAS | ESR_SF | ESR_WNR);
    r->exit.far = t->far & GRANULE_MASK;
    r->exit_is_emulatable = true;
    if (!(t->esr & ESR_WNR))
        return;
    if (ESR_SRT(t->esr) != 31)
        r->exit.gprs[0] = t->regs.x[ESR_SRT(t->esr)] & ~wide;
    r->exit.gpr0_open = wide;
    if (wide)
        loose(v, SPEC_LOOSE_MMIO_WIDTH);
}

static void unprotected_data_abort(struct spec_recnode *r, const struct spec_trap *t,
                                   struct spec_verdict *v)
{
    if (t->esr & ESR_ISV) {
        exit_emulatable(r, t, v);
    } else {
        exit_data_abort(r, t);
        r->exit.what = "data_abort_unprotected";
        r->exit.esr_open = ESR_IL;
        loose(v, SPEC_LOOSE_ABORT_IL);
    }
    r->exit_is_unprotected_abort = true;
    v->variant = r->exit.what;
}

/*
 * A5.2.3: EMPTY is the Realm's own doing and stays with it; what the Host can mend or broke goes to
 * the Host.
 */
static void protected_abort(const struct spec *s, struct spec_recnode *r, const struct spec_trap *t,
                            uint64_t ipa, struct spec_verdict *v)
{
    struct spec_walk w;

    spec_walk(s, spec_realm_node(s, r->realm), ipa, SPEC_PAGE_LEVEL, &w);
    if (w.rtte.ripas == RIPAS_EMPTY) {
        sea(r, t, v);
        return;
    }
    if (ESR_EC(t->esr) == EC_DABORT)
        exit_data_abort(r, t);
    else
        exit_instruction_abort(r, t);
    v->variant = r->exit.what;
    if (w.rtte.hipas == HIPAS_ASSIGNED && w.rtte.ripas == RIPAS_RAM) {
        r->next = SPEC_NEXT_EITHER;
        loose(v, SPEC_LOOSE_SPURIOUS);
    }
}

static void abort_taken(const struct spec *s, struct spec_recnode *r, const struct spec_trap *t,
                        struct spec_verdict *v)
{
    const struct spec_rnode *realm = spec_realm_node(s, r->realm);
    uint64_t ipa = fault_ipa(t->hpfar);

    if (!is_stage2_fault(t->esr))
        unlisted(r, t, v, SPEC_LOOSE_UNLISTED);
    else if (ipa >= spec_ipa_top(realm))
        outside_ipa_space(r, t, v);
    else if (spec_is_protected(realm, ipa))
        protected_abort(s, r, t, ipa, v);
    else if (ESR_EC(t->esr) == EC_DABORT)
        unprotected_data_abort(r, t, v);
    else
        sea(r, t, v); /* A5.2.6: instruction fetch from an Unprotected IPA */
}

/* --- other synchronous exceptions --- */

static void wfx(struct spec_recnode *r, const struct spec_trap *t, struct spec_verdict *v)
{
    spec_exit_start(r, EXIT_SYNC, "wfx");
    r->exit.esr = t->esr & (ESR_EC_MASK | ESR_WFX_TI);
    r->expect.regs.pc += 4;
    v->variant = "wfx";
    if (!(t->esr & 2)) /* TI: 0 WFI, 1 WFE, 2 WFIT, 3 WFET */
        return;
    if (ESR_WFX_RN(t->esr) != 31)
        r->exit.gprs[0] = t->regs.x[ESR_WFX_RN(t->esr)];
    r->exit.gpr0_open = UINT64_MAX;
    loose(v, SPEC_LOOSE_WFXT);
}

/* A4.5: HVC is no way to the Host. */
static void hvc(struct spec_recnode *r, struct spec_verdict *v)
{
    spec_inject_undef(&r->expect);
    r->alternative = r->expect;
    r->alternative.regs.elr_el1 -= 4;
    r->has_alternative = true;
    v->variant = "undef";
    loose(v, SPEC_LOOSE_PSTATE);
    loose(v, SPEC_LOOSE_HVC_ELR);
}

static void synchronous(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                        struct spec_verdict *v)
{
    const struct spec_trap *t = &r->trap;

    switch (ESR_EC(t->esr)) {
    case EC_WFX: wfx(r, t, v); break;
    case EC_HVC64: hvc(r, v); break;
    case EC_SMC64: spec_trap_smc(s, env, r, v); break;
    case EC_SYSREG: spec_trap_sysreg(s, r, v); break;
    case EC_IABORT:
    case EC_DABORT: abort_taken(s, r, t, v); break;
    default: unlisted(r, t, v, SPEC_LOOSE_UNLISTED); break;
    }
}

void spec_realm_trap(struct spec *s, const struct spec_env *env, uint64_t rec,
                     const struct spec_trap *trap, struct spec_verdict *v)
{
    struct spec_recnode *r = spec_find_rec(s, rec);

    s->num_touched = 0;
    s->touched_overflow = false;
    spec_verdict_start(v, spec_command_by_fid(RMI_REC_ENTER));
    if (!r || !r->pub.running) {
        spec_mismatch(v, "a REC that is not running took an exception");
        return;
    }
    r->trap = *trap;
    r->has_run = true;
    r->rsi = NULL;
    spec_expect_is(r, &trap->regs);
    r->next = SPEC_NEXT_RESUME;
    switch (trap->vector) {
    case SPEC_SYNC: synchronous(s, env, r, v); break;
    case SPEC_IRQ: spec_exit_start(r, EXIT_IRQ, v->variant = "irq"); break;
    case SPEC_FIQ: spec_exit_start(r, EXIT_FIQ, v->variant = "fiq"); break;
    case SPEC_SERROR:
        spec_exit_start(r, EXIT_SERROR, v->variant = "serror");
        r->exit.esr =
            trap->esr & (ESR_EC_MASK | ESR_SERROR_IDS | ESR_SERROR_AET | ESR_EA | ESR_FSC);
        break;
    }
    if (v->true_mask == 0)
        spec_check_variant(v);
    r->variant = v->variant;
    r->pub.regs = r->expect.regs;
    spec_touch(s, SPEC_TOUCH_REC, r->pa, 0);
}
