/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_ENTER (B4.3.14), its conditions. What an entry does to the Realm's registers is enter.c,
 * what a Realm exit leads to is trap.c, and the RmiRecExit is exit.c.
 */
#include "../spec_internal.h"

enum {
    RUN_ALIGN,
    RUN_BOUND,
    RUN_PAS,
    REC_ALIGN,
    REC_BOUND,
    REC_GRAN_STATE,
    REALM_IS_NEW,
    SYSTEM_OFF,
    REC_STATE,
    REC_RUNNABLE,
    REC_MMIO,
    REC_GICV3,
    REC_PSCI,
};

const struct spec_cond spec_rec_enter_conds[] = {
    [RUN_ALIGN] = SPEC_COND("run_align", "!AddrIsGranuleAligned(run_ptr)", RMI_ERROR_INPUT),
    [RUN_BOUND] = SPEC_COND("run_bound", "!PaIsDelegable(run_ptr)", RMI_ERROR_INPUT),
    [RUN_PAS] = SPEC_COND("run_pas", "!GranuleAccessPermitted(run_ptr, PAS_NS)", RMI_ERROR_INPUT),
    [REC_ALIGN] = SPEC_COND("rec_align", "!AddrIsGranuleAligned(rec)", RMI_ERROR_INPUT),
    [REC_BOUND] = SPEC_COND("rec_bound", "!PaIsDelegable(rec)", RMI_ERROR_INPUT),
    [REC_GRAN_STATE] = SPEC_COND("rec_gran_state", "Granule(rec).state != REC", RMI_ERROR_INPUT),
    [REALM_IS_NEW] =
        SPEC_COND_AT("realm_new", "Realm(Rec(rec).owner).state == REALM_NEW", RMI_ERROR_REALM, "0"),
    [SYSTEM_OFF] = SPEC_COND_AT("system_off", "Realm(Rec(rec).owner).state == REALM_SYSTEM_OFF",
                                RMI_ERROR_REALM, "1"),
    [REC_STATE] = SPEC_COND("rec_state", "Rec(rec).state == REC_RUNNING", RMI_ERROR_REC),
    [REC_RUNNABLE] =
        SPEC_COND("rec_runnable", "Rec(rec).flags.runnable == NOT_RUNNABLE", RMI_ERROR_REC),
    [REC_MMIO] =
        SPEC_COND("rec_mmio",
                  "run.enter.flags.emul_mmio == RMI_EMULATED_MMIO && Rec(rec).emulatable_abort != "
                  "EMULATABLE_ABORT",
                  RMI_ERROR_REC),
    [REC_GICV3] =
        SPEC_COND("rec_gicv3", "!Gicv3ConfigIsValid(run.enter.gicv3_hcr, run.enter.gicv3_lrs)",
                  RMI_ERROR_REC),
    [REC_PSCI] =
        SPEC_COND("rec_psci", "Rec(rec).psci_pending == PSCI_REQUEST_PENDING", RMI_ERROR_REC),
};

#define INPUTS                                                                                  \
    (SPEC_ROW(REC_ALIGN) | SPEC_ROW(REC_BOUND) | SPEC_ROW(REC_GRAN_STATE) | SPEC_ROW(RUN_PAS) | \
     SPEC_ROW(RUN_BOUND) | SPEC_ROW(RUN_ALIGN))
#define STATES                                                                                    \
    (SPEC_ROW(REC_STATE) | SPEC_ROW(REC_RUNNABLE) | SPEC_ROW(REC_MMIO) | SPEC_ROW(REALM_IS_NEW) | \
     SPEC_ROW(SYSTEM_OFF) | SPEC_ROW(REC_GICV3) | SPEC_ROW(REC_PSCI))

const struct spec_order spec_rec_enter_orders[] = {
    SPEC_IMPLIED(RUN_ALIGN, RUN_BOUND, RUN_PAS),
    SPEC_IMPLIED(REC_ALIGN, REC_BOUND, REC_GRAN_STATE),
    {INPUTS, STATES, "B4.3.14.2.1"},
};

const struct spec_loose spec_rec_enter_loose[] = {
    [SPEC_LOOSE_RESET] =
        {"EL1 system registers at the first entry of a REC, and after PSCI_CPU_ON",
         "B4.3.12.3 states gprs and pc only; RmmSystemRegisters has no reset value"},
    [SPEC_LOOSE_PSTATE] =
        {"PSTATE bits other than NZCV, DIT, UAO, PAN, SS, IL, BTYPE, DAIF, M after an "
         "exception that the RMM injects",
         "they depend on features of the PE (SSBS, TCO, ALLINT, PM, EXLOCK)"},
    [SPEC_LOOSE_SEA_ISS] = {"ESR_EL1[24:14] of an injected SEA",
                            "A5.2.7 states EA only; ISV is 0 at EL1, firmware copies ESR_EL2"},
    [SPEC_LOOSE_HVC_ELR] =
        {"ELR_EL1 of the Unknown exception on HVC: the HVC or the instruction after",
         "A4.5 does not say; the preferred return address of HVC is the next one"},
    [SPEC_LOOSE_MMIO_WIDTH] = {"exit.gprs[0] above the access size of an emulatable write",
                               "A4.3.4.3: the register's value; firmware masks it to the access"},
    [SPEC_LOOSE_ABORT_IL] = {"exit.esr.IL of a non-emulatable Data Abort at an Unprotected IPA",
                             "A4.3.4.3: ESR_EL2.IL; Arm's compliance suite requires 0"},
    [SPEC_LOOSE_WFXT] = {"exit.gprs[0] after WFIT or WFET",
                         "A4.3.4.1: the timeout; A4.3.3: exit.gprs is zero; firmware gives none"},
    [SPEC_LOOSE_SYSREG] =
        {"outcome of a trapped system register access, ID registers excepted: emulated, with any "
         "value, or Unknown exception",
         "A4.3.4: emulated by the RMM; which registers exist is IMPLEMENTATION DEFINED"},
    [SPEC_LOOSE_SGI] =
        {"a write to ICC_DIR_EL1 or ICC_{SGI0,SGI1,ASGI1}R_EL1: emulated, or a REC exit with the "
         "syndrome and the value",
         "A4.3.4: emulated, and no exit is named; A6.1: the Host controls TDIR, and must do it"},
    [SPEC_LOOSE_UNLISTED] =
        {"outcome of an exception that A4.3.4 does not list: other classes, external "
         "aborts, granule protection faults taken to R-EL2",
         "not specified"},
    [SPEC_LOOSE_SPURIOUS] = {"an abort at an IPA that is mapped by now: exit or retry",
                             "the entry changed between the access and its exception"},
    [SPEC_LOOSE_NO_RUN] =
        {"exit.gicv3_*, cnt*, pmu_ovf_status of a REC exit that the Realm did not take",
         "A4.1 allows the exit, nothing states these fields without a Realm exit"},
};
_Static_assert(sizeof(spec_rec_enter_loose) / sizeof(spec_rec_enter_loose[0]) ==
                   SPEC_NUM_LOOSE_ENTER,
               "one row each");

const struct spec_variant spec_rec_enter_variants[] = {
    {"first", "entry: a REC that never ran"},
    {"cpu_on", "entry: a REC that PSCI_CPU_ON started"},
    {"again", "entry: a REC that ran before"},
    {"mmio_read", "entry: the Host emulated a load"},
    {"mmio_write", "entry: the Host emulated a store"},
    {"host_sea", "entry: with a Synchronous External Abort, as the Host asked"},
    {"host_sea_ignored", "entry: without it, the last exit was no abort at an Unprotected IPA"},
    {"irq_without_run", "exit due to IRQ, the Realm did not run (A4.1)"},
    {"irq", "exit due to IRQ"},
    {"fiq", "exit due to FIQ"},
    {"serror", "exit due to SError"},
    {"wfx", "exit due to WFI or WFE"},
    {"data_abort", "exit due to Data Abort at a Protected IPA"},
    {"instruction_abort", "exit due to Instruction Abort at a Protected IPA"},
    {"data_abort_emulatable", "exit due to Data Abort at an Unprotected IPA, emulatable"},
    {"data_abort_unprotected", "exit due to Data Abort at an Unprotected IPA, not emulatable"},
    {"host_call", "exit due to Host call"},
    {"psci", "exit due to PSCI"},
    {"ripas_change", "exit due to RIPAS change pending"},
    {"page_missing", "exit due to Data Abort: the page of an RSI command is missing"},
    {"sea", "back to the Realm: Synchronous External Abort"},
    {"address_size", "back to the Realm: Address Size Fault, the IPA is outside its IPA space"},
    {"undef", "back to the Realm: Unknown exception"},
    {"id_register", "back to the Realm: an ID register, emulated"},
    {"gic_sysreg", "exit, or back to the Realm: an SGI or a deactivation by a system register"},
    {"sysreg", "back to the Realm: another trapped system register"},
    {"smccc_version", "back to the Realm: SMCCC_VERSION"},
    {"smc_not_supported", "back to the Realm: an SMC that is neither RSI nor PSCI"},
    {"unlisted", "an exception that A4.3.4 does not list"},
};

static void context(struct spec_call *c)
{
    struct spec_rec_enter *e = &c->rec_enter;
    const uint8_t *page = c->s->page;

    c->pa = c->in[1];
    c->rec = spec_find_rec(c->s, c->pa);
    if (c->rec)
        c->realm = spec_realm_node(c->s, c->rec->realm);
    spec_context_read(c, c->in[2], REC_ENTER_SIZE);
    if (!c->ptr_read)
        return;
    e->flags = spec_load(page, REC_ENTER_FLAGS, 8);
    e->gicv3_hcr = spec_load(page, REC_ENTER_GICV3_HCR, 8);
    for (unsigned i = 0; i < 31; i++)
        e->gprs[i] = spec_load(page, REC_ENTER_GPRS + 8 * i, 8);
    for (unsigned i = 0; i < 16; i++)
        e->gicv3_lrs[i] = spec_load(page, REC_ENTER_GICV3_LRS + 8 * i, 8);
}

static bool rec_gran_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_REC);
}

static bool realm_new(const struct spec_call *c)
{
    return c->rec && c->realm->pub.state == REALM_NEW;
}

static bool system_off(const struct spec_call *c)
{
    return c->rec && c->realm->pub.state == REALM_SYSTEM_OFF;
}

static bool rec_state(const struct spec_call *c)
{
    return c->rec && c->rec->pub.running;
}

static bool rec_runnable(const struct spec_call *c)
{
    return c->rec && !c->rec->pub.runnable;
}

/*
 * A4.2.3: with inject_sea, emul_mmio is ignored. The condition does not repeat it; firmware reads
 * it so too.
 */
static bool rec_mmio(const struct spec_call *c)
{
    uint64_t flags = c->rec_enter.flags;

    return c->ptr_read && c->rec && (flags & REC_ENTRY_FLAG_EMUL_MMIO) &&
           !(flags & REC_ENTRY_FLAG_INJECT_SEA) && !c->rec->pub.emulatable_abort;
}

/* ICH_HCR_EL2 fields that the Host controls (A6.1): UIE, LRENPIE, NPIE, VGrp{0,1}{E,D}IE, TDIR. */
#define HCR_HOST ((1ull << 14) | 0xfeull)

#define LR_STATE(lr)      ((lr) >> 62)
#define LR_HW             (1ull << 61)
#define LR_PRIORITY(lr)   (((lr) >> 48) & 0xff)
#define LR_PINTID_NOT_EOI 0x00001dff00000000ull /* pINTID without bit 41, EOI, when HW is 0 */
#define LR_VINTID(lr)     ((uint32_t)(lr))
#define INTID_SPECIAL     1020u
#define INTID_LPI         8192u
#define INTID_LIMIT       65536u /* 16 bits: impl has no other width and no extended ranges */

static bool lr_is_valid(const struct impl *impl, uint64_t lr)
{
    unsigned unimplemented = (1u << (8 - impl->lr_priority_bits)) - 1;

    if (lr & (LR_HW | LR_PINTID_NOT_EOI))
        return false;
    if (LR_PRIORITY(lr) & unimplemented)
        return false;
    return LR_VINTID(lr) < INTID_SPECIAL ||
           (LR_VINTID(lr) >= INTID_LPI && LR_VINTID(lr) < INTID_LIMIT);
}

/*
 * Gicv3ConfigIsValid (B3.18, A6.1). List registers in state Invalid, and those beyond impl.num_lrs,
 * do not count.
 */
static bool rec_gicv3(const struct spec_call *c)
{
    const struct impl *impl = &c->s->impl;
    const uint64_t *lrs = c->rec_enter.gicv3_lrs;

    if (!c->ptr_read)
        return false;
    if (c->rec_enter.gicv3_hcr & ~HCR_HOST)
        return true;
    for (unsigned i = 0; i < impl->num_lrs; i++) {
        if (LR_STATE(lrs[i]) == 0)
            continue;
        if (!lr_is_valid(impl, lrs[i]))
            return true;
        for (unsigned j = 0; j < i; j++) {
            if (LR_STATE(lrs[j]) != 0 && LR_VINTID(lrs[j]) == LR_VINTID(lrs[i]))
                return true;
        }
    }
    return false;
}

static bool rec_psci(const struct spec_call *c)
{
    return c->rec && c->rec->pub.psci_pending;
}

static int result_index(const struct spec_call *c, unsigned row)
{
    (void)c;
    return row == SYSTEM_OFF ? 1 : 0;
}

static const spec_predicate holds[] = {
    [RUN_ALIGN] = spec_ptr_align,  [RUN_BOUND] = spec_ptr_bound, [RUN_PAS] = spec_ptr_pas,
    [REC_ALIGN] = spec_pa_align,   [REC_BOUND] = spec_pa_bound,  [REC_GRAN_STATE] = rec_gran_state,
    [REALM_IS_NEW] = realm_new,    [SYSTEM_OFF] = system_off,    [REC_STATE] = rec_state,
    [REC_RUNNABLE] = rec_runnable, [REC_MMIO] = rec_mmio,        [REC_GICV3] = rec_gicv3,
    [REC_PSCI] = rec_psci,
};

const struct spec_body spec_rec_enter_body = {
    .context = context, .holds = holds, .index = result_index};

/* --- the call in parts --- */

static void remember_failure(struct spec *s, const uint64_t in[ABI_MAX_REGS],
                             const struct spec_verdict *v)
{
    unsigned slot = 0;

    while (slot < CCA_MAX_PES - 1 && s->failed[slot].used)
        slot++;
    s->failed[slot] = (struct spec_failed_enter){.used = true,
                                                 .rec = in[1],
                                                 .run_ptr = in[2],
                                                 .true_mask = v->true_mask,
                                                 .minimal_mask = v->minimal_mask,
                                                 .num_predicates = v->num_predicates};
}

void spec_rec_enter_begin(struct spec *s, const struct spec_env *env,
                          const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v)
{
    struct spec_call c;

    spec_call_start(&c, s, env, in, spec_command_by_fid(RMI_REC_ENTER), v);
    spec_call_conditions(&c);
    if (v->true_mask)
        remember_failure(s, in, v);
    else
        spec_enter_apply(&c);
}

/* The result of a REC_ENTER that found a condition at its begin. False: it found none. */
static bool end_failed(struct spec_call *c, const uint64_t out[ABI_MAX_REGS])
{
    for (unsigned i = 0; i < CCA_MAX_PES; i++) {
        struct spec_failed_enter *f = &c->s->failed[i];

        if (!f->used || f->rec != c->in[1] || f->run_ptr != c->in[2])
            continue;
        f->used = false;
        c->v->true_mask = f->true_mask;
        c->v->minimal_mask = f->minimal_mask;
        c->v->num_predicates = f->num_predicates;
        c->v->success_allowed = false;
        spec_call_result(c, out);
        return true;
    }
    return false;
}

static bool has_reason(const struct spec_call *c, enum rec_exit_reason reason)
{
    uint8_t bytes[8];

    return c->env->host_read(c->env->ctx, c->rec->run_ptr + REC_EXIT_BASE, bytes, sizeof(bytes)) &&
           spec_load(bytes, 0, 8) == (uint64_t)reason;
}

/*
 * Where the Realm could have gone on, only an exit due to IRQ is allowed (A4.1); it need not have
 * run.
 */
static struct spec_exit exit_instead(struct spec_call *c)
{
    struct spec_exit x = {.reason = EXIT_IRQ, .what = "irq_without_run"};

    if (c->rec->next == SPEC_NEXT_EITHER && has_reason(c, c->rec->exit.reason))
        return c->rec->exit;
    c->v->loose_mask |= 1u << SPEC_LOOSE_NO_RUN;
    return x;
}

/* An exit that the Realm did not take may report the timers too (A4.1): then as they are there. */
static void tell_timers(struct spec_call *c, const struct spec_exit *x)
{
    struct spec_recnode *r = c->rec;
    uint64_t base = r->run_ptr + REC_EXIT_BASE;
    uint8_t cntp[8], cntv[8];

    if (x->machine_known)
        spec_timers_told(r, r->trap.cntp_ctl, r->trap.cntv_ctl);
    else if (x->reason == EXIT_IRQ &&
             c->env->host_read(c->env->ctx, base + REC_EXIT_CNTP_CTL, cntp, sizeof(cntp)) &&
             c->env->host_read(c->env->ctx, base + REC_EXIT_CNTV_CTL, cntv, sizeof(cntv)))
        spec_timers_told(r, spec_load(cntp, 0, 8), spec_load(cntv, 0, 8));
}

/* A2.3, A4.3.4.3: emulatable_abort is that of the most recent exit, every exit updates it. */
static void remember_exit(struct spec_recnode *r, bool expected)
{
    r->pub.emulatable_abort = expected && r->exit_is_emulatable;
    r->last_abort_unprotected = expected && r->exit_is_unprotected_abort;
    r->last_esr = r->trap.esr;
    r->last_far = r->trap.far;
}

static void finish(struct spec_call *c)
{
    struct spec_recnode *r = c->rec;
    bool expected =
        r->next == SPEC_NEXT_EXIT && !(r->may_be_interrupted && has_reason(c, EXIT_IRQ));
    struct spec_exit x = expected ? r->exit : exit_instead(c);

    spec_exit_bytes(c->s, r, &x);
    spec_add_write(c->v, false, r->run_ptr + REC_EXIT_BASE, c->s->exit_bytes, c->s->exit_mask,
                   REC_EXIT_SIZE);
    if (!x.machine_known)
        c->v->loose_mask |= 1u << SPEC_LOOSE_NO_RUN;
    c->v->variant = x.what;
    tell_timers(c, &x);
    remember_exit(r, expected);
}

/*
 * A4.3.3: a granule protection fault on the RMM's access to `exit` fails the command, although the
 * Realm ran.
 */
static bool exit_is_not_writable(const struct spec_call *c)
{
    uint8_t byte;

    return spec_gnode(c->s, c->in[2])->pas != PAS_NS ||
           !c->env->host_read(c->env->ctx, c->in[2] + REC_EXIT_BASE, &byte, 1);
}

void spec_rec_enter_end(struct spec *s, const struct spec_env *env, const uint64_t in[ABI_MAX_REGS],
                        const uint64_t out[ABI_MAX_REGS], struct spec_verdict *v)
{
    struct spec_call c;
    struct spec_recnode *r;

    spec_call_start(&c, s, env, in, spec_command_by_fid(RMI_REC_ENTER), v);
    if (end_failed(&c, out))
        return;
    r = c.rec = spec_find_rec(s, in[1]);
    if (!r || !r->pub.running || r->run_ptr != in[2]) {
        spec_mismatch(v, "RMI_REC_ENTER ended that did not begin");
        return;
    }
    spec_pending_write(s, r, v);
    spec_token_pending_write(r, v);
    if (exit_is_not_writable(&c)) {
        v->true_mask = v->minimal_mask = SPEC_ROW(RUN_PAS);
        v->success_allowed = false;
        spec_call_result(&c, out);
        remember_exit(r, r->next == SPEC_NEXT_EXIT); /* there was one, although nobody is told */
    } else {
        finish(&c);
        spec_call_result(&c, out);
    }
    r->pub.running = false;
    r->pub.regs = r->expect.regs;
    r->next = SPEC_NEXT_RESUME;
    spec_touch(s, SPEC_TOUCH_REC, r->pa, 0);
}
