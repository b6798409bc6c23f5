/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm exits (A4.3): what took the PE to R-EL2, and whether the Host hears of it. What the Host
 * is told is built from a zeroed RmiRecExit, field by field: nothing that is not named here can
 * leak.
 */
#include <ccasim/mmu.h>
#include <ccasim/realm_dev.h>

#include "rmm/bugs.h"
#include "rmm/run.h"
#include "rmm/rtt.h"

#define ESR_SET_MASK    (3ull << ESR_SET_SHIFT)
#define SET_UER         0u /* recoverable */
#define ESR_FSC_MASK    0x3full
#define ESR_EC_MASK     (0x3full << 26)
#define ESR_SAS_MASK    (3ull << ESR_SAS_SHIFT)
#define ESR_SRT_MASK    (0x1full << ESR_SRT_SHIFT)
#define ESR_WFX_TI_MASK 3ull
#define ESR_SERROR_MASK (1ull << 24 | 7ull << 10 | ESR_EA | ESR_FSC_MASK) /* IDS, AET, EA, DFSC */

/* A4.3.4.3: what every data abort tells, and what only an emulatable one does. */
#define ESR_ABORT_MASK      (ESR_EC_MASK | ESR_SET_MASK | ESR_FNV | ESR_EA | ESR_FSC_MASK)
#define ESR_EMULATABLE_MASK (ESR_ABORT_MASK | ESR_ISV | ESR_SAS_MASK | ESR_SF | ESR_WNR)
/* A4.3.4.2 */
#define ESR_IABORT_MASK (ESR_EC_MASK | ESR_SET_MASK | ESR_EA | ESR_FSC_MASK)

#define HPFAR_FIPA_MASK 0x00000ffffffffff0ull

static enum run_next exit_sync(struct realm_run *run, uint64_t esr, uint64_t far, uint64_t hpfar)
{
    exit_reason(run, EXIT_SYNC);
    exit_put64(run, REC_EXIT_ESR, esr);
    exit_put64(run, REC_EXIT_FAR, far);
    exit_put64(run, REC_EXIT_HPFAR, hpfar);
    return RUN_EXIT;
}

static void remember_exit(struct realm_run *run, bool unprotected, bool emulatable)
{
    struct rec_last_exit *last = &run->rec->last_exit;

    last->esr = run->exc.esr;
    last->far = run->exc.far;
    last->unprotected_abort = unprotected;
    last->emulatable_abort = emulatable;
}

/* Of the entry for the IPA: not a granule protection fault, which is about the PA (A5.2.6). */
static bool is_translation_or_permission(uint64_t esr)
{
    unsigned fsc = (unsigned)(esr & ESR_FSC_MASK), type = fsc & ~3u;

    return type == FSC_TRANSLATION || type == FSC_PERMISSION || fsc == FSC_TRANSLATION_MINUS1;
}

static uint64_t fault_ipa(const struct realm_run *run)
{
    return (run->exc.hpfar & HPFAR_FIPA_MASK) << 8;
}

static bool is_external(uint64_t esr)
{
    unsigned fsc = (unsigned)(esr & ESR_FSC_MASK);

    return fsc == FSC_SEA || (fsc >= FSC_SEA_WALK - 1 && fsc <= FSC_SEA_WALK + 3);
}

static enum run_next take_sea(struct realm_run *run)
{
    inject_sea(&run->rec->regs, run->exc.esr, run->exc.far);
    return RUN_RESUME;
}

#define SCTLR_M (1ull << 0)

/*
 * A5.2.8. To the PE the address is one that stage 2 does not translate: its PA space is larger than the Realm's. With stage
 * 1 on the fault has the level of the Realm's own walk, so the tables are walked again. If they have changed since,
 * there is nothing to report: the Realm does the access again.
 */
static enum run_next outside_ipa_space(struct realm_run *run)
{
    struct pe_regs *r = &run->rec->regs;
    enum access_kind kind =
        ESR_GET_EC(run->exc.esr) == EC_IABORT_LOWER ? ACCESS_FETCH : ACCESS_READ;
    int level = 0;

    if ((r->sys[SR_SCTLR_EL1] & SCTLR_M) &&
        !mmu_s1_level(run->m, run->pe, run->exc.far, kind, s2_ipa_size(&run->rec->s2), &level))
        return RUN_RESUME;
    if (BUG(run->m, ADDRESS_SIZE_LEVEL_0))
        level = 0;
    inject_address_size(r, run->exc.esr, run->exc.far, level);
    return RUN_RESUME;
}

static enum run_next take_undefined(struct realm_run *run)
{
    inject_undefined(&run->rec->regs);
    return RUN_RESUME;
}

/* RIPAS of a Protected IPA, from the deepest entry that describes it. */
static enum ripas ripas_at(struct realm_run *run, ipa_t a)
{
    struct rtt_walk w;
    enum ripas ripas;

    rtt_walk(run->m, run->pe, &run->rec->s2, NULL, a, RTT_LEVEL_PAGE, &w);
    ripas = desc_ripas(rtt_walk_desc(&w));
    rtt_walk_end(run->m, run->pe, &w);
    return ripas;
}

/* An abort that is no fault of the translation: the Host hears of it, without the address. */
static enum run_next external_abort(struct realm_run *run)
{
    uint64_t esr = run->exc.esr;

    if ((esr & ESR_SET_MASK) >> ESR_SET_SHIFT == SET_UER)
        inject_sea(&run->rec->regs, esr, run->exc.far);
    return exit_sync(run, esr & ESR_ABORT_MASK, 0, 0);
}

/* Source register of an emulated store, as many bits as are stored. */
static uint64_t store_value(const struct realm_run *run)
{
    uint64_t esr = run->exc.esr;
    unsigned srt = (unsigned)((esr & ESR_SRT_MASK) >> ESR_SRT_SHIFT);
    unsigned bits = 8u << ((esr & ESR_SAS_MASK) >> ESR_SAS_SHIFT);
    uint64_t value = srt == 31 ? 0 : run->rec->regs.x[srt];

    return bits == 64 ? value : value & ((1ull << bits) - 1);
}

static enum run_next emulatable_abort(struct realm_run *run)
{
    uint64_t esr = run->exc.esr;

    remember_exit(run, true, true);
    if ((esr & ESR_WNR) || BUG(run->m, EXIT_LEAKS_GPR))
        exit_put64(run, REC_EXIT_GPRS, store_value(run));
    return exit_sync(run, esr & ESR_EMULATABLE_MASK, run->exc.far & GRANULE_MASK, run->exc.hpfar);
}

static enum run_next non_emulatable_abort(struct realm_run *run, bool unprotected)
{
    uint64_t esr = run->exc.esr;
    uint64_t mask = ESR_ABORT_MASK;

    remember_exit(run, unprotected, false);
    if (BUG(run->m, EXIT_LEAKS_ESR))
        mask |= ESR_ISV | ESR_SRT_MASK;
    return exit_sync(run, esr & mask, 0, run->exc.hpfar);
}

/* A5.2.9, data access. */
static enum run_next data_abort(struct realm_run *run)
{
    const struct s2_context *s2 = &run->rec->s2;
    ipa_t a = ipa(fault_ipa(run));

    if (is_external(run->exc.esr))
        return external_abort(run);
    if (a.v >= s2_ipa_size(s2))
        return outside_ipa_space(run);
    if (s2_is_protected(s2, a)) {
        if (ripas_at(run, a) == RIPAS_EMPTY)
            return take_sea(run);
        return non_emulatable_abort(run, false);
    }
    /* A4.3.4.3. The syndrome of an access by AArch32 code cannot be relied on to emulate it. */
    if ((run->exc.esr & ESR_ISV) && is_translation_or_permission(run->exc.esr) &&
        !(run->rec->regs.pstate & PSTATE_NRW))
        return emulatable_abort(run);
    return non_emulatable_abort(run, true);
}

/* A5.2.9, instruction fetch: from an Unprotected IPA never, mapped or not. */
static enum run_next instruction_abort(struct realm_run *run)
{
    const struct s2_context *s2 = &run->rec->s2;
    ipa_t a = ipa(fault_ipa(run));

    if (is_external(run->exc.esr))
        return external_abort(run);
    if (a.v >= s2_ipa_size(s2))
        return outside_ipa_space(run);
    if (!s2_is_protected(s2, a) || ripas_at(run, a) == RIPAS_EMPTY)
        return take_sea(run);
    return exit_sync(run, run->exc.esr & ESR_IABORT_MASK, 0, run->exc.hpfar);
}

/* Trapped only if the Host asked for it. WFIT and WFET (TI[1]) wait until a time that is in a
 * register. */
static enum run_next wfx(struct realm_run *run)
{
    uint64_t esr = run->exc.esr;
    unsigned rn = (unsigned)(esr >> 5 & 31);

    if ((esr & 2) && (esr & 4) && rn != 31) /* TI[1], RV */
        exit_put64(run, REC_EXIT_GPRS, run->rec->regs.x[rn]);
    run->rec->regs.pc += 4;
    return exit_sync(run, esr & (ESR_EC_MASK | ESR_WFX_TI_MASK), 0, 0);
}

/* ISS of a trapped MSR, MRS or system instruction (DDI0487 D24.2.40). */
static uint32_t iss_sysreg(uint64_t esr)
{
    return IDREG(esr >> 20 & 3, esr >> 14 & 7, esr >> 10 & 15, esr >> 1 & 15, esr >> 17 & 7);
}

/* Their writes are for the Host, which has the distributor: SGIs, and deactivation by INTID with ICH_HCR_EL2.TDIR. */
static bool is_for_host(uint32_t sysreg)
{
    switch (sysreg) {
    case SYSREG(3, 0, 12, 11, 1): /* ICC_DIR_EL1 */
    case SYSREG(3, 0, 12, 11, 5): /* ICC_SGI1R_EL1 */
    case SYSREG(3, 0, 12, 11, 6): /* ICC_ASGI1R_EL1 */
    case SYSREG(3, 0, 12, 11, 7): /* ICC_SGI0R_EL1 */ return true;
    default: return false;
    }
}

static enum run_next host_sysreg_write(struct realm_run *run, unsigned rt)
{
    struct rec *rec = run->rec;

    if (!BUG(run->m, SGI_NOT_TOLD))
        exit_put64(run, REC_EXIT_GPRS, rt == 31 ? 0 : rec->regs.x[rt]);
    rec->regs.pc += 4;
    return exit_sync(run, run->exc.esr, 0, 0);
}

/* A4.3.4: emulated by the RMM. ID registers have values; other registers that trap read as zero
 * and ignore writes; those of the IMPLEMENTATION DEFINED space (CRn 11 and 15) are not there. */
static enum run_next trapped_sysreg(struct realm_run *run)
{
    uint64_t esr = run->exc.esr;
    bool is_read = esr & 1;
    unsigned rt = (unsigned)(esr >> 5 & 31), crn = (unsigned)(esr >> 10 & 15);

    if (crn == 11 || crn == 15)
        return take_undefined(run);
    if (!is_read && is_for_host(iss_sysreg(esr)))
        return host_sysreg_write(run, rt);
    if (is_read && rt != 31)
        run->rec->regs.x[rt] = rec_idreg(run->rec, iss_sysreg(esr));
    run->rec->regs.pc += 4;
    return RUN_RESUME;
}

static enum run_next sync_exception(struct realm_run *run)
{
    switch (ESR_GET_EC(run->exc.esr)) {
    case EC_WFX: return wfx(run);
    case EC_SMC64: return rsi_dispatch(run);
    case EC_SYSREG: return trapped_sysreg(run);
    case EC_DABORT_LOWER: return data_abort(run);
    case EC_IABORT_LOWER: return instruction_abort(run);
    case EC_HVC64:
        /* To the Realm an HVC is an instruction that does not exist: the exception is at it, not
         * after it. */
        run->rec->regs.pc -= 4;
        return take_undefined(run);
    default: return take_undefined(run);
    }
}

#define ESR_IDS      (1ull << 24)
#define ESR_AET(esr) ((unsigned)((esr) >> 10 & 7))
#define AET_UEU      1u
#define AET_UER      3u
#define FSC_ASYNC    0x11u

/* A4.3.10. State that the Realm may have lost without noticing: it has to hear of it too. */
static enum run_next serror(struct realm_run *run)
{
    uint64_t esr = run->exc.esr;
    bool known = !(esr & ESR_IDS) && (esr & ESR_FSC_MASK) == FSC_ASYNC;

    if (known && (ESR_AET(esr) == AET_UEU || ESR_AET(esr) == AET_UER)) {
        run->rec->serror_pending = true;
        run->rec->vsesr = esr & ESR_SERROR_MASK;
    }
    exit_reason(run, EXIT_SERROR);
    exit_put64(run, REC_EXIT_ESR, esr & (ESR_EC_MASK | ESR_SERROR_MASK));
    return RUN_EXIT;
}

enum run_next exit_handle(struct realm_run *run)
{
    switch (run->exc.vector) {
    case VEC_SYNC: return sync_exception(run);
    case VEC_IRQ: exit_reason(run, EXIT_IRQ); return RUN_EXIT;
    case VEC_FIQ: exit_reason(run, EXIT_FIQ); return RUN_EXIT;
    case VEC_SERROR: break;
    }
    return serror(run);
}

enum run_next exit_data_abort_at(struct realm_run *run, ipa_t a, int level)
{
    return exit_sync(run, ESR_EC(EC_DABORT_LOWER) | fsc_translation(level), 0,
                     align_down(a.v, GRANULE_SIZE) >> 8);
}
