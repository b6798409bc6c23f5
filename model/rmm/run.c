/* SPDX-License-Identifier: BSD-3-Clause */
/* The run loop: puts a REC on the PE, lets the Realm run, takes it off again. */
#include "rmm/run.h"

#include <string.h>

#include "realm/gic.h"
#include "realm/pmu.h"
#include "realm/timer.h"
#include "rmm/bugs.h"
#include "rmm/granule.h"

/* What the PE held for the Host, to be put back: nothing of the Realm stays in a register (I22,
 * I23). */
struct host_context {
    struct pe_regs r;
};

/* CPTR_EL2 with E2H: FP and SIMD for the Realm; SVE and SME trap, and trace and activity monitors. */
#define CPTR_FPEN (3ull << 20)
#define CPTR_TTA  (1ull << 28)
#define CPTR_TAM  (1ull << 30)

/* The REC's save area for what is not in pe_regs; see rec.h. Unmapped again by sysstate_end(). */
static struct rec_sysstate *sysstate_begin(struct realm_run *run)
{
    struct machine *m = run->m;

    if (run->rec->num_aux == 0)
        return &run->rec->sysstate;
    gst_lock(m, run->pe, granule_of(m, run->rec->aux[0]));
    return slot_map(m, run->pe, SLOT_REC_AUX, run->rec->aux[0]);
}

static void sysstate_end(struct realm_run *run)
{
    struct machine *m = run->m;

    if (run->rec->num_aux == 0)
        return;
    mem_note_write(m, run->rec->aux[0], OWNER_RMM, 0, false);
    slot_unmap(m, run->pe, SLOT_REC_AUX);
    gst_unlock(m, run->pe, granule_of(m, run->rec->aux[0]));
}

static void rec_begin(struct realm_run *run)
{
    run->rec = rec_map(run->m, run->pe, run->rec_pa);
}

static void rec_end(struct realm_run *run)
{
    object_changed(run->m, run->pe, run->rec_pa);
    run->rec = NULL;
    rec_unmap(run->m, run->pe);
}

static void timers_refresh(struct pe_regs *r, uint64_t count)
{
    uint64_t *s = r->sys;

    s[SR_CNTP_CTL_EL0] = timer_ctl(s[SR_CNTP_CTL_EL0], s[SR_CNTP_CVAL_EL0], count);
    s[SR_CNTV_CTL_EL0] = timer_ctl(s[SR_CNTV_CTL_EL0], s[SR_CNTV_CVAL_EL0], count);
}

/*
 * A6.2: a timer whose line the Host has seen asserted is masked, so that the Realm can run; a line
 * that changed since then is news for the Host. True: the Host must hear of it before the Realm
 * runs.
 */
static bool timers_changed(struct realm_run *run, const struct rec_sysstate *s)
{
    struct pe *pe = &run->m->pe[run->pe];
    bool p, v;

    timers_refresh(&run->rec->regs, run->m->vtime);
    p = timer_is_asserted(run->rec->regs.sys[SR_CNTP_CTL_EL0]);
    v = timer_is_asserted(run->rec->regs.sys[SR_CNTV_CTL_EL0]);
    pe->cnthctl_el2 = CNTHCTL_EL1PCTEN | CNTHCTL_EL1PTEN | (v ? CNTHCTL_CNTVMASK : 0) |
                      (p ? CNTHCTL_CNTPMASK : 0);
    if (BUG(run->m, TIMER_CHANGE_NOT_TOLD))
        return false;
    return p != s->cntp_asserted || v != s->cntv_asserted;
}

static uint64_t run_hcr(const struct realm_run *run)
{
    uint64_t flags = enter_get64(run, REC_ENTER_FLAGS);

    return rec_hcr_el2() | (run->rec->serror_pending ? HCR_VSE : 0) |
           (flags & REC_ENTRY_FLAG_TRAP_WFI ? HCR_TWI : 0) |
           (flags & REC_ENTRY_FLAG_TRAP_WFE ? HCR_TWE : 0);
}

/* A8.1. The Host, who knows of an overflow, keeps the interrupt from coming again until it is gone. */
static void pmu_load(const struct realm_run *run, const struct rec_sysstate *s)
{
    struct pe_pmu *pmu = &run->m->pe[run->pe].pmu;

    *pmu = s->pmu;
    if (!run->rec->pmu)
        return;
    if (!pmu->present)
        pmu_reset(pmu, true, run->rec->pmu_num_ctrs);
    pmu->since = run->m->vtime;
    pmu->told = s->pmu_asserted;
}

static void pmu_save(struct realm_run *run, struct rec_sysstate *s)
{
    struct pe_pmu *pmu = &run->m->pe[run->pe].pmu;

    pmu_sync(pmu, run->m->vtime);
    s->pmu = *pmu;
    s->pmu_asserted = pmu_overflow(pmu, run->m->vtime);
    run->exit[REC_EXIT_PMU_OVF_STATUS] = s->pmu_asserted;
    if (BUG(run->m, PMU_OVERFLOW_NOT_TOLD))
        run->exit[REC_EXIT_PMU_OVF_STATUS] = 0;
}

/* Controls that stay the same while the REC is on the PE. */
static void controls_load(struct realm_run *run, const struct rec_sysstate *s)
{
    const struct impl *impl = &run->m->impl;
    struct pe *pe = &run->m->pe[run->pe];
    uint64_t lrs[PE_NUM_LRS];

    memcpy(lrs, run->enter + REC_ENTER_GICV3_LRS, sizeof(lrs));
    if (!BUG(run->m, GIC_OF_ANOTHER_REC))
        pe->gic = s->gic;
    gic_load_input(impl, &pe->gic, enter_get64(run, REC_ENTER_GICV3_HCR), lrs);
    pmu_load(run, s);
    pe->hcr_el2 = run_hcr(run);
    pe->vsesr_el2 = run->rec->vsesr;
    pe->vtcr_el2 = s2_vtcr(&run->rec->s2, impl_pa_width(impl), impl->vmid_bits);
    pe->vttbr_el2 = s2_vttbr(&run->rec->s2);
    pe->vmpidr_el2 = rec_vmpidr(run->rec->mpidr);
    pe->cntvoff_el2 = 0;
    pe->cntpoff_el2 = 0;
    pe->cptr_el2 = CPTR_FPEN | CPTR_TTA | CPTR_TAM;
    pe->running_rec = run->rec_pa;
    pe->running_rd = run->rec->rd;
}

/* The Host's view of GIC and timers, which every exit has, and the save area for the next entry. */
static void controls_save(struct realm_run *run, struct rec_sysstate *s)
{
    const struct impl *impl = &run->m->impl;
    struct pe *pe = &run->m->pe[run->pe];
    const uint64_t *sys = run->rec->regs.sys;

    s->gic = pe->gic;
    if (BUG(run->m, GIC_ACTIVE_LOST)) {
        memset(s->gic.ap0r, 0, sizeof(s->gic.ap0r));
        memset(s->gic.ap1r, 0, sizeof(s->gic.ap1r));
    }
    if (BUG(run->m, GIC_VMCR_LOST))
        s->gic.vmcr = 0;
    pmu_save(run, s);
    s->cntp_asserted = timer_is_asserted(sys[SR_CNTP_CTL_EL0]);
    s->cntv_asserted = timer_is_asserted(sys[SR_CNTV_CTL_EL0]);
    exit_put64(run, REC_EXIT_GICV3_HCR, pe->gic.hcr & (ICH_HCR_HOST_MASK | ICH_HCR_EOICOUNT_MASK));
    memcpy(run->exit + REC_EXIT_GICV3_LRS, pe->gic.lr, impl->num_lrs * sizeof(pe->gic.lr[0]));
    exit_put64(run, REC_EXIT_GICV3_MISR, pe->gic.misr);
    exit_put64(run, REC_EXIT_GICV3_VMCR, pe->gic.vmcr);
    exit_put64(run, REC_EXIT_CNTP_CTL, sys[SR_CNTP_CTL_EL0]);
    exit_put64(run, REC_EXIT_CNTP_CVAL, sys[SR_CNTP_CVAL_EL0]);
    exit_put64(run, REC_EXIT_CNTV_CTL, sys[SR_CNTV_CTL_EL0]);
    exit_put64(run, REC_EXIT_CNTV_CVAL, sys[SR_CNTV_CVAL_EL0]);
}

/* After the exit the PE is the Host's: stage 2 and the virtual CPU interface are off (A6.1:
 * ICH_HCR_EL2.En == 0), and nothing of the Realm is left in a register. */
static void controls_clear(struct machine *m, struct pe *pe)
{
    if (BUG(m, GIC_OF_ANOTHER_REC))
        pe->gic.hcr = 0;
    else
        memset(&pe->gic, 0, sizeof(pe->gic));
    memset(&pe->pmu, 0, sizeof(pe->pmu));
    pe->vsesr_el2 = 0;
    pe->hcr_el2 = 0;
    pe->vtcr_el2 = 0;
    pe->vttbr_el2 = 0;
    pe->vmpidr_el2 = 0;
    pe->cnthctl_el2 = 0;
    pe->cptr_el2 = 0;
    pe->running_rec = 0;
    pe->running_rd = 0;
}

/* One entry of the Realm, from registers in the REC to registers in the REC. No slot is mapped
 * while it runs. */
static void realm_enter(struct realm_run *run)
{
    struct machine *m = run->m;
    struct pe *pe = &m->pe[run->pe];

    pe->r = run->rec->regs;
    rec_end(run);
    memset(&run->exc, 0, sizeof(run->exc));
    ev(m, run->pe, EV_ENTER, run->rec_pa, pe->r.pc, 0);
    if (m->cpu)
        m->cpu->enter(m->cpu_ctx, m, run->pe, &run->exc);
    else
        run->exc.vector = VEC_IRQ;
    ev(m, run->pe, EV_EXIT, run->rec_pa, run->exc.esr, run->exc.vector);
    rec_begin(run);
    run->rec->regs = pe->r;
    timers_refresh(&run->rec->regs, m->vtime);
    run->rec->serror_pending = (pe->hcr_el2 & HCR_VSE) != 0; /* not taken yet */
}

static enum run_next run_once(struct realm_run *run, const struct rec_sysstate *seen)
{
    if (timers_changed(run, seen)) {
        exit_reason(run, EXIT_IRQ);
        return RUN_EXIT;
    }
    realm_enter(run);
    return exit_handle(run);
}

static void run_begin(struct realm_run *run, struct rec_sysstate *seen)
{
    memset(run->exit, 0, sizeof(run->exit));
    rec_begin(run);
    if (BUG(run->m, REC_SYSREG_LOST))
        run->rec->regs.sys[SR_TPIDR_EL1] = 0;
    *seen = *sysstate_begin(run);
    sysstate_end(run);
    controls_load(run, seen);
}

static void run_end(struct realm_run *run)
{
    timers_refresh(&run->rec->regs, run->m->vtime); /* a long command takes time, too */
    controls_save(run, sysstate_begin(run));
    sysstate_end(run);
    controls_clear(run->m, &run->m->pe[run->pe]);
    rec_end(run);
}

void realm_run_loop(struct realm_run *run)
{
    struct host_context host = {.r = run->m->pe[run->pe].r};
    struct rec_sysstate seen; /* as the last exit left it */
    enum run_next next;

    run_begin(run, &seen);
    next = entry_complete(run);
    memset(&run->rec->last_exit, 0, sizeof(run->rec->last_exit));
    while (next == RUN_RESUME)
        next = run_once(run, &seen);
    run_end(run);
    if (BUG(run->m, FP_LEAKS_TO_HOST))
        memcpy(host.r.v, run->m->pe[run->pe].r.v, sizeof(host.r.v));
    if (BUG(run->m, SYSREG_LEAKS_TO_HOST))
        host.r.sys[SR_TPIDR_EL1] = run->m->pe[run->pe].r.sys[SR_TPIDR_EL1];
    run->m->pe[run->pe].r = host.r;
}
