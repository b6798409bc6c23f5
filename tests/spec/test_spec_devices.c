/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtual interrupts, timers and trapped system registers of a Realm, by the specification alone. */
#include "spec_run.h"

/* --- ICH_MISR_EL2 follows from the other registers --- */

#define LR(state, intid) ((uint64_t)(state) << 62 | (intid))
#define ENDED            (1ull << 41) /* state 0, EOI */
#define EOICOUNT(n)      ((uint64_t)(n) << 27)

struct misr_row {
    const char *what;
    uint64_t hcr, vmcr, lrs[3], misr;
};
static const struct misr_row misrs[] = {
    {"nothing is enabled", 1, 0, {0}, 0},
    {"UIE, no list register used", 1 << 1, 0, {0}, 1 << 1},
    {"UIE, one used", 1 << 1, 0, {LR(2, 5)}, 1 << 1},
    {"UIE, two used", 1 << 1, 0, {LR(2, 5), LR(1, 6)}, 0},
    {"LRENPIE, EOIcount 0", 1 << 2, 0, {0}, 0},
    {"LRENPIE, EOIcount 3", 1 << 2 | EOICOUNT(3), 0, {0}, 1 << 2},
    {"EOIcount, not enabled", EOICOUNT(3), 0, {0}, 0},
    {"NPIE, one active", 1 << 3, 0, {LR(2, 5)}, 1 << 3},
    {"NPIE, one pending", 1 << 3, 0, {LR(2, 5), LR(1, 6)}, 0},
    {"groups, disabled", 0xf0, 0, {0}, 1 << 5 | 1 << 7},
    {"groups, enabled", 0xf0, 3, {0}, 1 << 4 | 1 << 6},
    {"an EOI was asked for", 0, 0, {LR(1, 5), ENDED | 6}, 1},
    {"it is still active", 0, 0, {LR(2, 5) | ENDED}, 0},
};

static void test_misr(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(misrs) / sizeof(misrs[0]); i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        r.trap = (struct spec_trap){.vector = SPEC_FIQ,
                                    .regs = r.regs,
                                    .gicv3_hcr = misrs[i].hcr,
                                    .gicv3_vmcr = misrs[i].vmcr};
        memcpy(r.trap.gicv3_lrs, misrs[i].lrs, sizeof(misrs[i].lrs));
        spec_realm_trap(r.w->s, &r.w->env, G(N_REC), &r.trap, &r.w->v);
        run_end(&r);
        if (exit_field(&r, REC_EXIT_GICV3_MISR, 8) != misrs[i].misr)
            fail_msg("%s: 0x%llx", misrs[i].what,
                     (unsigned long long)exit_field(&r, REC_EXIT_GICV3_MISR, 8));
        run_free(&r);
    }
}

/* --- what the PE has at an entry --- */

static bool entry_is_right(struct run *r, const struct spec_devices *d)
{
    spec_realm_resume(r->w->s, &r->w->env, G(N_REC), &r->regs, d, &r->w->v);
    return r->w->v.ok;
}

#define LR_27 LR(1, 27)

static struct run run_with_lr(void)
{
    struct run r = run_new();

    put(r.w, G(N_RUN) + REC_ENTER_GICV3_HCR, 8, 1 << 14 | 1 << 3);
    put(r.w, G(N_RUN) + REC_ENTER_GICV3_LRS + 8, 8, LR_27);
    run_begin(&r);
    return r;
}

static const struct spec_devices with_lr = {.gicv3_hcr = 1 | 1 << 14 | 1 << 3,
                                            .gicv3_lrs = {[1] = LR_27}};

static void test_gic_at_first_entry(void **state)
{
    struct spec_devices d = with_lr;
    struct run r = run_with_lr();

    (void)state;
    assert_true(entry_is_right(&r, &d));
    run_free(&r);
    r = run_with_lr();
    d.gicv3_lrs[1] = LR(1, 28);
    assert_false(entry_is_right(&r, &d));
    run_free(&r);
    r = run_with_lr();
    d = with_lr;
    d.gicv3_hcr &= ~(1ull << 14);
    assert_false(entry_is_right(&r, &d));
    run_free(&r);
}

/* An HVC is handled without the Host: then nothing of the virtual CPU interface may have moved. */
static void hvc(struct run *r)
{
    r->regs.vbar_el1 = 0;
    r->trap.gicv3_hcr = with_lr.gicv3_hcr | EOICOUNT(1);
    r->trap.gicv3_lrs[1] = LR(2, 27); /* the Realm acknowledged it */
    r->trap.gicv3_vmcr = 0xf0000002;
    run_trap(r, ESR(EC_HVC), 0, 0);
    r->regs = spec_rec(r->w->s, G(N_REC))->regs;
}

static void test_gic_within_a_run(void **state)
{
    struct spec_devices d = with_lr, later = {.gicv3_hcr = with_lr.gicv3_hcr | EOICOUNT(1),
                                              .gicv3_lrs = {[1] = LR(2, 27)},
                                              .gicv3_vmcr = 0xf0000002};

    (void)state;
    for (unsigned wrong = 0; wrong < 3; wrong++) {
        struct run r = run_with_lr();
        struct spec_devices at = later;

        assert_true(entry_is_right(&r, &d));
        hvc(&r);
        if (wrong == 1)
            at.gicv3_lrs[1] = LR_27; /* as the Host gave it */
        else if (wrong == 2)
            at.gicv3_vmcr = 0;
        assert_int_equal(entry_is_right(&r, &at), wrong == 0);
        run_free(&r);
    }
}

/* A6.2: a change of a timer's output is the Host's to know before the Realm goes on. */
struct timer_row {
    const char *what;
    uint64_t told, now;
    bool ok;
};
static const struct timer_row timers[] = {
    {"never on", 0, 0, true},
    {"fires, not told", 0, 5, false},
    {"fires, masked by the Realm", 0, 7, true},
    {"fires, told", 5, 5, true},
    {"was told, is off", 5, 1, false},
    {"was told, is masked", 5, 7, false},
    {"not enabled", 1, 4, true},
};

static void test_timers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * sizeof(timers) / sizeof(timers[0]); i++) {
        const struct timer_row *t = &timers[i / 2];
        struct run r = run_new();
        struct spec_devices d = {0};

        run_begin(&r);
        run_resume(&r);
        r.trap = (struct spec_trap){.vector = SPEC_IRQ, .regs = r.regs};
        *(i & 1 ? &r.trap.cntp_ctl : &r.trap.cntv_ctl) = t->told;
        *(i & 1 ? &d.cntp_ctl : &d.cntv_ctl) = t->now;
        spec_realm_trap(r.w->s, &r.w->env, G(N_REC), &r.trap, &r.w->v);
        run_end(&r);
        run_begin(&r);
        if (entry_is_right(&r, &d) != t->ok)
            fail_msg("%s: %s", t->what, r.w->v.mismatch);
        run_free(&r);
    }
}

/* --- trapped system registers --- */

#define ISS(op1, crn, crm, op2, rt, read)                                                 \
    (3ull << 20 | (uint64_t)(op2) << 17 | (uint64_t)(op1) << 14 | (uint64_t)(crn) << 10 | \
     (uint64_t)(rt) << 5 | (uint64_t)(crm) << 1 | (read))
#define PFR0       ISS(0, 0, 4, 0, 3, 1)
#define MMFR0      ISS(0, 0, 7, 0, 3, 1)
#define SGI1R(rt)  ISS(0, 12, 11, 5, rt, 0)
#define PMCR(read) ISS(3, 9, 12, 0, 3, read)

enum outcome { EMULATED, UNDEFINED, TOLD };
struct sysreg_row {
    const char *what;
    uint64_t iss, x3;
    const char *variant;
    bool allowed[3]; /* by enum outcome */
};
static const struct sysreg_row sysregs[] = {
    {"ID register", MMFR0, 0x1122, "id_register", {true, false, false}},
    {"ID_AA64PFR0_EL1 without SVE", PFR0, 0x11, "id_register", {true, false, false}},
    {"ID_AA64PFR0_EL1 with SVE", PFR0, 1ull << 32, "id_register", {false, false, false}},
    {"SGI", SGI1R(4), 7, "gic_sysreg", {true, false, true}},
    {"another, read", PMCR(1), 0, "sysreg", {true, true, false}},
    {"another, written", PMCR(0), 7, "sysreg", {true, true, false}},
};

static bool outcome_is_allowed(const struct sysreg_row *row, enum outcome o)
{
    struct run r = run_new();
    uint64_t reason = o == TOLD ? EXIT_SYNC : EXIT_IRQ;
    bool ok;

    run_begin(&r);
    run_resume(&r);
    r.regs.x[3] = 7;
    r.regs.x[4] = 0xabcd;
    run_trap(&r, ESR(EC_SYSREG) | row->iss, 0, 0);
    assert_string_equal(r.w->v.variant, row->variant);
    if (o == TOLD) {
        put(r.w, G(N_RUN) + REC_EXIT_BASE, 8, reason);
        run_end(&r);
        ok = exit_field(&r, REC_EXIT_REASON, 8) == EXIT_SYNC;
        if (ok) {
            assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), ESR(EC_SYSREG) | row->iss);
            assert_int_equal(exit_field(&r, REC_EXIT_GPRS, 8), 0xabcd);
        }
    } else {
        if (o == EMULATED) {
            r.regs.x[3] = row->x3;
            r.regs.pc += 4;
        } else {
            r.regs.x[3] = 7;
            r.regs.esr_el1 = 1ull << 25;
            r.regs.elr_el1 = r.regs.pc;
            r.regs.spsr_el1 = r.regs.pstate;
            r.regs.pc = r.regs.vbar_el1 + 0x200;
            r.regs.pstate = 0x3c5 | (~r.regs.sctlr_el1 >> 23 & 1) << 22; /* PAN, SPAN */
        }
        ok = entry_is_right(&r, NULL);
    }
    run_free(&r);
    return ok;
}

static void test_sysregs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sysregs) / sizeof(sysregs[0]); i++) {
        for (enum outcome o = EMULATED; o <= TOLD; o++) {
            if (outcome_is_allowed(&sysregs[i], o) != sysregs[i].allowed[o])
                fail_msg("%s, outcome %u", sysregs[i].what, (unsigned)o);
        }
    }
}

/* --- between two entries: what is left open may be anything that the next entry allows --- */

static bool may_be(struct run *r, uint64_t x1, uint64_t pc)
{
    struct spec_regs regs = r->regs;
    char why[160];

    memset(regs.x, 0, ABI_MAX_REGS * sizeof(regs.x[0]));
    regs.x[1] = x1;
    regs.pc = pc;
    return spec_rec_regs_may_be(r->w->s, G(N_REC), &regs, why, sizeof(why));
}

static void test_open_registers(void **state)
{
    struct run r = run_new();
    uint64_t pc;

    (void)state;
    run_begin(&r);
    run_resume(&r);
    pc = r.regs.pc;
    run_smc(&r, CALL(RSI_IPA_STATE_GET, IPA_EMPTY, IPA_EMPTY + 0x4000));
    run_end(&r); /* an interrupt, before the Realm had the answer */
    assert_true(may_be(&r, IPA_EMPTY + 0x1000, pc + 4));
    assert_true(may_be(&r, IPA_EMPTY + 0x4000, pc + 4));
    assert_false(may_be(&r, IPA_EMPTY + 0x5000, pc + 4));
    assert_false(may_be(&r, IPA_EMPTY, pc + 4));
    assert_false(may_be(&r, IPA_EMPTY + 0x1000, pc));
    run_begin(&r);
    r.regs.pc = pc;
    run_result(&r, CALL(RSI_SUCCESS, IPA_EMPTY + 0x2000, RIPAS_EMPTY));
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misr),
        cmocka_unit_test(test_gic_at_first_entry),
        cmocka_unit_test(test_gic_within_a_run),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_sysregs),
        cmocka_unit_test(test_open_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
