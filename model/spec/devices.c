/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts and timers of a Realm (A6.1, A6.2): what the PE must have for it at an entry,
 * and ICH_MISR_EL2, which follows from the other registers of the virtual CPU interface.
 */
#include <inttypes.h>

#include "spec_internal.h"

/* --- ICH_MISR_EL2 (GICv3 architecture) --- */

#define HCR_UIE      (1ull << 1)
#define HCR_LRENPIE  (1ull << 2)
#define HCR_NPIE     (1ull << 3)
#define HCR_VGRP0EIE (1ull << 4)
#define HCR_VGRP0DIE (1ull << 5)
#define HCR_VGRP1EIE (1ull << 6)
#define HCR_VGRP1DIE (1ull << 7)
#define HCR_EOICOUNT (0x1full << 27)
#define HCR_HOST     ((1ull << 14) | 0xfeull)
#define VMCR_VENG0   (1ull << 0)
#define VMCR_VENG1   (1ull << 1)
#define LR_STATE(lr) ((lr) >> 62)
#define LR_PENDING   1u
#define LR_HW        (1ull << 61)
#define LR_EOI       (1ull << 41)
#define MISR_EOI     (1ull << 0)

/* Bit i of ICH_MISR_EL2, i from 1 to 7, is the condition that bit i of ICH_HCR_EL2 enables. */
uint64_t spec_gicv3_misr(const struct impl *impl, const struct spec_trap *t)
{
    unsigned used = 0, pending = 0, ended = 0;
    uint64_t is = 0;

    for (unsigned i = 0; i < impl->num_lrs; i++) {
        uint64_t lr = t->gicv3_lrs[i];

        used += LR_STATE(lr) != 0;
        pending += LR_STATE(lr) == LR_PENDING;
        ended += LR_STATE(lr) == 0 && !(lr & LR_HW) && (lr & LR_EOI);
    }
    is |= used <= 1 ? HCR_UIE : 0;
    is |= (t->gicv3_hcr & HCR_EOICOUNT) ? HCR_LRENPIE : 0;
    is |= pending == 0 ? HCR_NPIE : 0;
    is |= (t->gicv3_vmcr & VMCR_VENG0) ? HCR_VGRP0EIE : HCR_VGRP0DIE;
    is |= (t->gicv3_vmcr & VMCR_VENG1) ? HCR_VGRP1EIE : HCR_VGRP1DIE;
    return (is & t->gicv3_hcr) | (ended ? MISR_EOI : 0);
}

/* --- at an entry --- */

/*
 * A6.1: the Host's list registers and its bits of ICH_HCR_EL2; the Realm's own ICH_VMCR_EL2. Between
 * two exceptions of one REC_ENTER nothing of it changes.
 */
static void judge_gic(const struct spec *s, const struct spec_recnode *r,
                      const struct spec_devices *d, struct spec_verdict *v)
{
    const uint64_t *lrs = r->at_entry ? r->enter_lrs : r->trap.gicv3_lrs;
    uint64_t hcr = r->at_entry ? r->enter_hcr : r->trap.gicv3_hcr;

    for (unsigned i = 0; i < s->impl.num_lrs; i++) {
        if (d->gicv3_lrs[i] != lrs[i])
            spec_mismatch(
                v, "at Realm entry ICH_LR%u_EL2 is 0x%" PRIx64 ", expected 0x%" PRIx64 " (A6.1)", i,
                d->gicv3_lrs[i], lrs[i]);
    }
    if ((d->gicv3_hcr ^ hcr) & HCR_HOST)
        spec_mismatch(v,
                      "at Realm entry ICH_HCR_EL2 is 0x%" PRIx64 ", expected 0x%" PRIx64
                      " in the bits that the Host controls (A6.1)",
                      d->gicv3_hcr, (uint64_t)(hcr & HCR_HOST));
    if (r->has_run && d->gicv3_vmcr != r->trap.gicv3_vmcr)
        spec_mismatch(v,
                      "at Realm entry ICH_VMCR_EL2 is 0x%" PRIx64
                      ", when the Realm left it was 0x%" PRIx64,
                      d->gicv3_vmcr, r->trap.gicv3_vmcr);
}

/* A6.2: when a timer's output changed since the last REC exit the Host must be told, not the Realm run. */
static void judge_timer(const char *name, uint64_t ctl, bool told, struct spec_verdict *v)
{
    if (spec_timer_output(ctl) != told)
        spec_mismatch(
            v,
            "the RMM entered the Realm where a REC exit due to IRQ is required: the output "
            "of the EL1 %s timer is %u, and the Host was told %u (A6.2)",
            name, spec_timer_output(ctl), told);
}

void spec_judge_devices(const struct spec *s, struct spec_recnode *r, const struct spec_devices *d,
                        struct spec_verdict *v)
{
    judge_gic(s, r, d, v);
    judge_timer("physical", d->cntp_ctl, r->told_cntp, v);
    judge_timer("virtual", d->cntv_ctl, r->told_cntv, v);
}

void spec_timers_told(struct spec_recnode *r, uint64_t cntp_ctl, uint64_t cntv_ctl)
{
    r->told_cntp = spec_timer_output(cntp_ctl);
    r->told_cntv = spec_timer_output(cntv_ctl);
}
