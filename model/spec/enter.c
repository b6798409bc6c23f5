/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry to a Realm: what a REC_ENTER changes in the registers (A4.2.2, A4.2.3), and whether the
 * registers at each entry are what they must be.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "spec_internal.h"

/* --- the REC_ENTER's own changes --- */

#define ESR_SAS(esr) (((esr) >> 22) & 3)
#define ESR_SSE      (1ull << 21)
#define ESR_SRT(esr) (((esr) >> 16) & 31)
#define ESR_SF       (1ull << 15)
#define ESR_WNR      (1ull << 6)

/*
 * The value that an emulated load puts into its register: of the access size, extended as the
 * instruction says.
 */
static uint64_t loaded_value(uint64_t value, uint64_t esr)
{
    unsigned bits = 8u << ESR_SAS(esr);

    if (bits < 64) {
        value &= (1ull << bits) - 1;
        if ((esr & ESR_SSE) && (value >> (bits - 1)))
            value |= ~((1ull << bits) - 1);
    }
    return (esr & ESR_SF) ? value : value & UINT32_MAX;
}

/* A4.2.3: the instruction counts as executed; a read gets enter.gprs[0]. */
static void emulate_mmio(struct spec_recnode *r, uint64_t gpr0)
{
    uint64_t esr = r->last_esr;

    if (!(esr & ESR_WNR) && ESR_SRT(esr) != 31)
        r->expect.regs.x[ESR_SRT(esr)] = loaded_value(gpr0, esr);
    r->expect.regs.pc += 4;
}

/*
 * A4.2.2: enter.gprs go to the RsiHostCall structure, whose page the Host may have taken away
 * meanwhile. Then the call stays pending and a REC exit due to Data Abort results. Where the Realm
 * itself made the page EMPTY, nothing is written and the call is complete (rmm-1.0.md 1.9, step
 * 12).
 */
static void complete_host_call(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;
    uint64_t pa;
    int level;
    enum spec_page page = spec_realm_page(c->s, c->realm, r->host_call_ipa, &pa, &level);

    if (page == SPEC_PAGE_MISSING) {
        spec_exit_page_missing(r, r->host_call_ipa, level);
        r->exit.machine_known = false;
        return;
    }
    r->pub.host_call_pending = false;
    if (page == SPEC_PAGE_EMPTY)
        return;
    r->write = SPEC_WRITE_HOST_CALL;
    r->write_pa = pa;
    memcpy(r->write_gprs, c->rec_enter.gprs, sizeof(r->write_gprs));
}

/* What kind of entry it is; a command of the Realm whose results it brings has a variant of its own. */
static const char *entry_variant(const struct spec_recnode *r, uint64_t flags)
{
    if (r->rsi || r->expect.open_el1)
        return r->variant; /* of that command; "first", "cpu_on" */
    if (flags & REC_ENTRY_FLAG_INJECT_SEA)
        return r->last_abort_unprotected ? "host_sea" : "host_sea_ignored";
    if (flags & REC_ENTRY_FLAG_EMUL_MMIO)
        return r->last_esr & ESR_WNR ? "mmio_write" : "mmio_read";
    return "again";
}

void spec_enter_apply(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;
    uint64_t flags = c->rec_enter.flags;

    r->pub.running = true;
    r->variant = entry_variant(r, flags);
    r->run_ptr = c->in[2];
    r->at_entry = true;
    r->enter_hcr = c->rec_enter.gicv3_hcr;
    memcpy(r->enter_lrs, c->rec_enter.gicv3_lrs, sizeof(r->enter_lrs));
    r->next = SPEC_NEXT_RESUME;
    r->write = SPEC_WRITE_NONE;
    if (flags & REC_ENTRY_FLAG_INJECT_SEA) {
        if (r->last_abort_unprotected)
            spec_inject_sea(&r->expect, r->last_esr, r->last_far);
    } else if (flags & REC_ENTRY_FLAG_EMUL_MMIO) {
        emulate_mmio(r, c->rec_enter.gprs[0]);
    }
    if (r->pub.host_call_pending)
        complete_host_call(c);
    if (r->pub.ripas_top != 0)
        spec_ripas_answer(r, flags & REC_ENTRY_FLAG_RIPAS_RESPONSE);
    spec_touch(c->s, SPEC_TOUCH_REC, r->pa, 0);
}

/* --- judging an entry --- */

/*
 * EL1h with DAIF set, SCTLR_EL1 as rmm-1.0.md 1.10 has it: DEN0137 states gprs and pc only.
 */
#define RESET_PSTATE 0x3c5ull
#define RESET_SCTLR  0x00c50878ull

void spec_reset_regs(struct spec_regs *regs)
{
    *regs = (struct spec_regs){.pstate = RESET_PSTATE, .sctlr_el1 = RESET_SCTLR};
}

void spec_expect_is(struct spec_recnode *r, const struct spec_regs *regs)
{
    r->expect = (struct spec_expect){.regs = *regs};
    r->has_alternative = false;
    r->range_x1 = false;
}

struct difference {
    char text[160];
};

static bool differs(struct difference *d, const char *name, uint64_t is, uint64_t want,
                    uint64_t open)
{
    if (((is ^ want) & ~open) == 0)
        return false;
    snprintf(d->text, sizeof(d->text), "%s is 0x%" PRIx64 ", expected 0x%" PRIx64, name, is, want);
    return true;
}

static bool x_differs(const struct spec_recnode *r, const struct spec_expect *e,
                      const struct spec_regs *regs, struct difference *d)
{
    for (unsigned i = 0; i < 31; i++) {
        char name[8];
        bool in_range = r->range_x1 && i == 1 && regs->x[1] > r->range_base &&
                        regs->x[1] <= r->range_top && is_granule_aligned(regs->x[1]);

        if (i == 0 && regs->x[0] < 64 && ((e->x0_statuses >> regs->x[0]) & 1))
            continue;
        if (e->zero_bits && e->zero_x == i && (regs->x[i] & e->zero_bits))
            return differs(d, "the ID register read", regs->x[i] & e->zero_bits, 0, 0);
        if (regs->x[i] == e->regs.x[i] || ((e->open_x >> i) & 1) || in_range)
            continue;
        snprintf(name, sizeof(name), "x%u", i);
        return differs(d, name, regs->x[i], e->regs.x[i], 0);
    }
    return false;
}

static bool regs_differ(const struct spec_recnode *r, const struct spec_expect *e,
                        const struct spec_regs *regs, struct difference *d)
{
    uint64_t el1 = e->open_el1 ? UINT64_MAX : 0;

    return x_differs(r, e, regs, d) || differs(d, "pc", regs->pc, e->regs.pc, 0) ||
           differs(d, "pstate", regs->pstate, e->regs.pstate, e->open_pstate) ||
           differs(d, "elr_el1", regs->elr_el1, e->regs.elr_el1, el1) ||
           differs(d, "spsr_el1", regs->spsr_el1, e->regs.spsr_el1, el1) ||
           differs(d, "esr_el1", regs->esr_el1, e->regs.esr_el1, el1 | e->open_esr) ||
           differs(d, "far_el1", regs->far_el1, e->regs.far_el1, el1) ||
           differs(d, "vbar_el1", regs->vbar_el1, e->regs.vbar_el1, el1) ||
           differs(d, "sctlr_el1", regs->sctlr_el1, e->regs.sctlr_el1, el1);
}

/* Does no allowed outcome have these registers? `d` says what differs from the expected one. */
static bool none_has(const struct spec_recnode *r, const struct spec_regs *regs,
                     struct difference *d)
{
    struct difference other;

    return regs_differ(r, &r->expect, regs, d) &&
           !(r->has_alternative && !regs_differ(r, &r->alternative, regs, &other));
}

static void judge_regs(const struct spec_recnode *r, const struct spec_regs *regs,
                       struct spec_verdict *v)
{
    struct difference d;

    if (none_has(r, regs, &d))
        spec_mismatch(v, "at Realm entry %s", d.text);
}

/* The results of a call that the Host answers come to the registers at the next entry at the latest. */
static bool results_are_pending(const struct spec_rec *r)
{
    return r->host_call_pending || r->psci_pending || r->ripas_top != 0;
}

bool spec_rec_regs_may_be(const struct spec *s, uint64_t rec, const struct spec_regs *regs,
                          char *why, size_t size)
{
    const struct spec_recnode *r = spec_find_rec(s, rec);
    struct spec_regs now = *regs;
    struct difference d;

    if (!r || r->pub.running || r->regs_open)
        return true;
    if (results_are_pending(&r->pub))
        memcpy(now.x, r->expect.regs.x, ABI_MAX_REGS * sizeof(now.x[0]));
    if (!none_has(r, &now, &d))
        return true;
    snprintf(why, size, "%s", d.text);
    return false;
}

/* The verdict on the conditions of a command of the Realm, whose results are in the registers now. */
static void command_answered(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                             const struct spec_regs *regs, struct spec_verdict *v)
{
    v->true_mask = r->rsi_true;
    v->minimal_mask = r->rsi_minimal;
    v->decided = r->rsi_true ? spec_decided_by(r, regs->x[0]) : -1;
    v->success_allowed = r->rsi_true == 0;
    v->settled = r->rsi_open;
    if (r->rsi->fid == RSI_ATTESTATION_TOKEN_INIT)
        spec_token_bound(s, r, regs->x[1]);
    else if (r->pub.attest_answer_pending)
        spec_token_piece(s, env, r, regs, v);
}

void spec_realm_resume(struct spec *s, const struct spec_env *env, uint64_t rec,
                       const struct spec_regs *regs, const struct spec_devices *devices,
                       struct spec_verdict *v)
{
    struct spec_recnode *r = spec_find_rec(s, rec);

    s->num_touched = 0;
    s->touched_overflow = false;
    spec_verdict_start(v, r && r->rsi ? r->rsi : spec_command_by_fid(RMI_REC_ENTER));
    if (!r || !r->pub.running) {
        spec_mismatch(v, "the RMM entered a REC that is not running");
        return;
    }
    v->variant = r->variant;
    if (r->rsi == NULL || r->rsi_true == 0)
        spec_check_variant(v);
    if (r->rsi)
        command_answered(s, env, r, regs, v);
    if (r->next == SPEC_NEXT_EXIT)
        spec_mismatch(v, "the RMM entered the Realm where a REC exit (%s) is required",
                      r->exit.what);
    else
        judge_regs(r, regs, v);
    if (devices)
        spec_judge_devices(s, r, devices, v);
    if (r->expect.open_el1)
        v->loose_mask |= 1u << SPEC_LOOSE_RESET;
    spec_pending_write(s, r, v);
    spec_expect_is(r, regs); /* what was left open is settled now */
    r->pub.regs = *regs;
    r->pub.psci_pending = false;
    r->next = SPEC_NEXT_RESUME;
    r->at_entry = false;
    r->rsi = NULL;
}
