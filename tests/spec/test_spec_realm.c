/* SPDX-License-Identifier: BSD-3-Clause */
/* A running Realm: entries, exits, injected exceptions, MMIO emulation, RSI commands. */
#include "spec_run.h"

#define KEEP(...) (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / 4

static void test_first_entry(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    assert_true(spec_rec(r.w->s, G(N_REC))->running);
    assert_int_equal(r.regs.x[0], 0x11);
    assert_int_equal(r.regs.pc, 0x1000);
    run_resume(&r); /* vbar_el1 differs from 0: open at the first entry */
    r.regs.x[5] = 1;
    spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
    assert_false(r.w->v.ok);
    assert_string_equal(r.w->v.mismatch, "at Realm entry x5 is 0x1, expected 0x0");
    run_free(&r);
}

static void test_exit_without_run(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_IRQ);
    assert_true(exit_is_open(&r, REC_EXIT_CNTV_CTL));
    exit_rest_is_zero(&r, KEEP(REC_EXIT_REASON));
    assert_string_equal(r.w->v.variant, "irq_without_run");
    assert_false(spec_rec(r.w->s, G(N_REC))->running);
    /* The registers are still those of the first entry. */
    run_begin(&r);
    run_resume(&r);
    run_free(&r);
}

static void test_irq(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    r.regs.x[9] = 99;
    r.trap = (struct spec_trap){.vector = SPEC_IRQ,
                                .regs = r.regs,
                                .cntv_ctl = 5,
                                .cntp_cval = 77,
                                .gicv3_hcr = 0xf8000001ull | 1 << 2 | 1 << 14,
                                .gicv3_vmcr = 2,
                                .pmu_ovf_status = 1};
    r.trap.gicv3_lrs[3] = 0x123;
    r.trap.gicv3_lrs[4] = 0x456; /* not implemented */
    spec_realm_trap(r.w->s, &r.w->env, G(N_REC), &r.trap, &r.w->v);
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_IRQ);
    assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), 0);
    assert_int_equal(exit_field(&r, REC_EXIT_CNTV_CTL, 8), 5);
    assert_int_equal(exit_field(&r, REC_EXIT_CNTP_CVAL, 8), 77);
    assert_int_equal(exit_field(&r, REC_EXIT_GICV3_HCR, 8), 0xf8000000ull | 1 << 2 | 1 << 14);
    assert_int_equal(exit_field(&r, REC_EXIT_GICV3_LRS + 24, 8), 0x123);
    assert_int_equal(exit_field(&r, REC_EXIT_GICV3_LRS + 32, 8), 0);
    assert_int_equal(exit_field(&r, REC_EXIT_GICV3_MISR, 8), 1 << 2); /* LRENP */
    assert_int_equal(exit_field(&r, REC_EXIT_GICV3_VMCR, 8), 2);
    assert_int_equal(exit_field(&r, REC_EXIT_PMU_OVF_STATUS, 1), 0); /* a Realm without a PMU */
    /* The next entry restores what the Realm had. */
    run_begin(&r);
    run_resume(&r);
    run_free(&r);
}

static void test_resume_where_exit_is_required(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, ESR(EC_DA) | 0x7, IPA_RAM, IPA_RAM);
    spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
    assert_false(r.w->v.ok);
    run_free(&r);
}

struct abort_row {
    const char *what;
    uint64_t esr, ipa;
    const char *variant;
    uint64_t exit_esr; /* 0: no exit */
};

#define FNV    (1ull << 10)
#define ISV    (1ull << 24)
#define SAS(n) ((uint64_t)(n) << 22)
#define SSE    (1ull << 21)
#define SRT(n) ((uint64_t)(n) << 16)
#define SF     (1ull << 15)
#define CM     (1ull << 8)
#define WNR    (1ull << 6)

static const struct abort_row aborts[] = {
    {"data, RAM, UNASSIGNED", ESR(EC_DA) | ISV | SAS(3) | SF | WNR | CM | 7, IPA_RAM, "data_abort",
     EC_DA << 26 | 7},
    {"data, DESTROYED", ESR(EC_DA) | FNV | 7, IPA_LOST, "data_abort", EC_DA << 26 | FNV | 7},
    {"data, EMPTY", ESR(EC_DA) | 7, IPA_EMPTY, "sea", 0},
    {"fetch, RAM, UNASSIGNED", ESR(EC_IA) | FNV | 7, IPA_RAM, "instruction_abort", EC_IA << 26 | 7},
    {"fetch, DESTROYED", ESR(EC_IA) | 7, IPA_LOST, "instruction_abort", EC_IA << 26 | 7},
    {"fetch, EMPTY", ESR(EC_IA) | 7, IPA_EMPTY, "sea", 0},
    {"fetch, unprotected", ESR(EC_IA) | 5, UNPROT, "sea", 0},
    {"data, unprotected, ISV", ESR(EC_DA) | ISV | SAS(2) | SSE | SRT(3) | 5, UNPROT,
     "data_abort_emulatable", EC_DA << 26 | ISV | SAS(2) | 5},
    {"data, unprotected, write", ESR(EC_DA) | ISV | SAS(0) | SRT(3) | SF | WNR | 0xf, UNPROT,
     "data_abort_emulatable", EC_DA << 26 | ISV | SF | WNR | 0xf},
};

static void check_abort(const struct abort_row *a)
{
    struct run r = run_new();

    run_begin(&r);
    run_resume(&r);
    r.regs.x[3] = 0x1234;
    run_trap(&r, a->esr, 0xabc123, a->ipa);
    if (strcmp(r.w->v.variant, a->variant) != 0)
        fail_msg("%s: %s", a->what, r.w->v.variant);
    if (a->exit_esr) {
        bool emulatable = strcmp(a->variant, "data_abort_emulatable") == 0;

        run_end(&r);
        assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_SYNC);
        assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), a->exit_esr);
        assert_int_equal(exit_field(&r, REC_EXIT_HPFAR, 8), HPFAR(a->ipa));
        assert_int_equal(exit_field(&r, REC_EXIT_FAR, 8), emulatable ? 0x123 : 0);
        assert_int_equal(exit_field(&r, REC_EXIT_GPRS, 1), emulatable && (a->esr & WNR) ? 0x34 : 0);
        exit_rest_is_zero(&r, KEEP(REC_EXIT_ESR, REC_EXIT_FAR, REC_EXIT_HPFAR, REC_EXIT_GPRS));
        assert_int_equal(spec_rec(r.w->s, G(N_REC))->emulatable_abort, emulatable);
    }
    run_free(&r);
}

static void test_aborts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(aborts) / sizeof(aborts[0]); i++)
        check_abort(&aborts[i]);
}

static void test_non_emulatable_unprotected(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, ESR(EC_DA) | 5, 0x10, UNPROT);
    run_end(&r);
    assert_true(exit_is_open(&r, REC_EXIT_ESR + 3)); /* IL is in its fourth byte */
    assert_false(spec_rec(r.w->s, G(N_REC))->emulatable_abort);
    run_free(&r);
}

/* ESR_EL1, FAR_EL1, ELR_EL1, SPSR_EL1, PC and PSTATE as an SEA sets them. */
static struct spec_regs after_sea(struct spec_regs old, uint64_t esr, uint64_t far, uint64_t offset)
{
    struct spec_regs n = old;

    n.esr_el1 = esr;
    n.far_el1 = far;
    n.elr_el1 = old.pc;
    n.spsr_el1 = old.pstate;
    n.pc = old.vbar_el1 + offset;
    n.pstate = 0x3c5;
    return n;
}

static void test_sea_from_el1_and_el0(void **state)
{
    static const struct {
        uint64_t pstate, offset, ec, new_pstate;
    } rows[] = {
        {0x5, 0x200, 0x25, 0x3c5},             /* EL1h */
        {0x4, 0x0, 0x25, 0x3c5},               /* EL1t */
        {0x0, 0x400, 0x24, 0x3c5},             /* EL0 */
        {0x600003c5, 0x200, 0x25, 0x600003c5}, /* NZCV kept */
        {0x00700c05 | 1ull << 24, 0x200, 0x25,
         0x014003c5}, /* SS, IL, BTYPE cleared; DIT, PAN kept */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_new();
        uint64_t esr = rows[i].ec << 26 | 1ull << 25 | 1ull << 9 | 0x10;

        run_begin(&r);
        r.regs.pstate = 0x3c5;
        run_resume(&r);
        r.regs.pstate = rows[i].pstate;
        run_trap(&r, ESR(EC_DA) | FNV | 7, 0xdead, IPA_EMPTY);
        r.regs = after_sea(r.regs, esr, 0xdead, rows[i].offset);
        r.regs.pstate = rows[i].new_pstate;
        run_resume(&r);
        run_free(&r);
    }
}

/* A5.2.8: the level is that of the Realm's walk, and 0 without stage 1; nothing else will do. */
static void test_outside_ipa_space(void **state)
{
    static const struct {
        uint64_t sctlr, esr, ec;
        uint8_t level, want, wrong;
    } rows[] = {
        {0x00c50878, ESR(EC_DA) | WNR | 4, 0x25, 2, 0, 2},
        {0x00c50879, ESR(EC_DA) | 4, 0x25, 2, 2, 0},
        {0x00c50879, ESR(EC_IA) | 4, 0x21, 3, 3, 0x10},
        {0x00c50879, ESR(EC_DA) | 1ull << 7 | 4, 0x25, 1, 1, 2}, /* S1PTW stays at EL2 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_new();
        struct spec *before;
        uint64_t esr = rows[i].ec << 26 | 1ull << 25 | (rows[i].esr & WNR);

        run_begin(&r);
        r.regs.pstate = 0x3c5;
        run_resume(&r);
        r.regs.sctlr_el1 = rows[i].sctlr;
        r.trap.s1_level = rows[i].level;
        run_trap(&r, rows[i].esr, 0xdead000, 1ull << 50);
        assert_string_equal(r.w->v.variant, "address_size");
        before = spec_clone(r.w->s);
        r.regs = after_sea(r.regs, esr | rows[i].wrong, 0xdead000, 0x200);
        spec_realm_resume(before, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
        assert_false(r.w->v.ok);
        spec_free(before);
        r.regs.esr_el1 = esr | rows[i].want;
        run_resume(&r);
        run_free(&r);
    }
}

static void test_sea_sets_pan_without_span(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    r.regs.sctlr_el1 &= ~(1ull << 23);
    run_trap(&r, ESR(EC_IA) | 7, 0, IPA_EMPTY);
    r.regs = after_sea(r.regs, 0x21ull << 26 | 1ull << 25 | 1ull << 9 | 0x10, 0, 0x200);
    spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
    assert_false(r.w->v.ok);
    run_free(&r);
}

static void test_mmio_read(void **state)
{
    static const struct {
        uint64_t esr, value, want;
    } rows[] = {
        {SAS(0) | SF, 0x1ff, 0xff},
        {SAS(0) | SF | SSE, 0x80, 0xffffffffffffff80},
        {SAS(0) | SSE, 0x80, 0xffffff80},
        {SAS(1), 0x12345, 0x2345},
        {SAS(2) | SF | SSE, 0x80000000, 0xffffffff80000000},
        {SAS(2), 0x180000000, 0x80000000},
        {SAS(3) | SF, 0x123456789abcdef0, 0x123456789abcdef0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        run_trap(&r, ESR(EC_DA) | ISV | SRT(7) | rows[i].esr | 5, 0x10, UNPROT);
        run_end(&r);
        put(r.w, G(N_RUN) + REC_ENTER_FLAGS, 8, REC_ENTRY_FLAG_EMUL_MMIO);
        put(r.w, G(N_RUN) + REC_ENTER_GPRS, 8, rows[i].value);
        run_begin(&r);
        r.regs.x[7] = rows[i].want;
        r.regs.pc += 4;
        run_resume(&r);
        run_free(&r);
    }
}

static void test_mmio_write_and_retry(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, ESR(EC_DA) | ISV | SRT(7) | SAS(2) | WNR | 5, 0x10, UNPROT);
    run_end(&r);
    run_begin(&r); /* not emulated: the access again */
    run_resume(&r);
    run_trap(&r, ESR(EC_DA) | ISV | SRT(7) | SAS(2) | WNR | 5, 0x10, UNPROT);
    run_end(&r);
    put(r.w, G(N_RUN) + REC_ENTER_FLAGS, 8, REC_ENTRY_FLAG_EMUL_MMIO);
    put(r.w, G(N_RUN) + REC_ENTER_GPRS, 8, 0x5555);
    run_begin(&r);
    r.regs.pc += 4; /* and x7 as it was */
    run_resume(&r);
    run_free(&r);
}

static void test_inject_sea(void **state)
{
    struct run r = run_new();
    uint64_t esr = ESR(EC_DA) | ISV | SRT(7) | SAS(2) | WNR | 5;

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, esr, 0xf00, UNPROT);
    run_end(&r);
    /* inject_sea makes emul_mmio ignored. */
    put(r.w, G(N_RUN) + REC_ENTER_FLAGS, 8, REC_ENTRY_FLAG_EMUL_MMIO | REC_ENTRY_FLAG_INJECT_SEA);
    run_begin(&r);
    r.regs = after_sea(r.regs, 0x25ull << 26 | 1ull << 25 | 1ull << 9 | WNR | 0x10, 0xf00, 0x200);
    run_resume(&r);
    /* After an exit that was no Data Abort at an Unprotected IPA it is ignored. */
    run_trap(&r, ESR(EC_DA) | 7, 0, IPA_RAM);
    run_end(&r);
    put(r.w, G(N_RUN) + REC_ENTER_FLAGS, 8, REC_ENTRY_FLAG_INJECT_SEA);
    run_begin(&r);
    run_resume(&r);
    run_free(&r);
}

static void test_hvc_is_undefined(void **state)
{
    (void)state;
    for (unsigned next = 0; next < 3; next++) {
        struct run r = run_new();
        struct spec_regs n;

        run_begin(&r);
        run_resume(&r);
        r.regs.pc = 0x2004;
        run_trap(&r, ESR(EC_HVC), 0, 0);
        assert_string_equal(r.w->v.variant, "undef");
        n = after_sea(r.regs, 1ull << 25, r.regs.far_el1, 0x200);
        n.elr_el1 = 0x2004 - 4 * next;
        spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &n, NULL, &r.w->v);
        assert_int_equal(r.w->v.ok, next < 2);
        run_free(&r);
    }
}

static void test_wfi(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, ESR(EC_WFX) | 1ull << 24 | 1, 0, 0);
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), EC_WFX << 26 | 1);
    exit_rest_is_zero(&r, KEEP(REC_EXIT_ESR));
    run_begin(&r);
    r.regs.pc += 4;
    run_resume(&r);
    run_free(&r);
}

static void test_unknown_smc(void **state)
{
    static const uint64_t fids[] = {0x84000003, 0x84000005, RMI_VERSION, 0xc4000002, 0x12345};

    (void)state;
    for (size_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        run_smc(&r, CALL(fids[i], 1, 2, 3, 4, 5));
        run_result(&r, CALL(SMC_NOT_SUPPORTED, 0, 0, 0, 4, 5));
        run_free(&r);
    }
}

static void test_rsi_simple(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_VERSION, ABI_1_0, 9, 9, 9, 9));
    run_result(&r, CALL(RSI_SUCCESS, ABI_1_0, ABI_1_0));
    run_smc(&r, CALL(RSI_VERSION, ABI_VERSION(2, 0)));
    run_result(&r, CALL(RSI_ERROR_INPUT, ABI_1_0, ABI_1_0));
    run_smc(&r, CALL(RSI_FEATURES | SMC_FID_SVE_HINT, 3));
    run_result(&r, CALL(RSI_SUCCESS, 0));
    run_smc(&r, CALL(RSI_MEASUREMENT_READ, 5));
    assert_int_equal(r.w->v.true_mask, 1);
    run_result(&r, CALL(RSI_ERROR_INPUT, 7, 7, 7, 7, 7, 7, 7, 7)); /* outputs are UNDEFINED */
    run_smc(&r, CALL(RSI_MEASUREMENT_EXTEND, 0, 64));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_MEASUREMENT_EXTEND, 1, 65));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_FEATURES, 0));
    r.regs.x[0] = RSI_SUCCESS;
    r.regs.x[1] = 1;
    r.regs.pc += 4;
    spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
    assert_false(r.w->v.ok);
    run_free(&r);
}

static void test_realm_config(void **state)
{
    struct run r = run_new();
    const struct spec_write *x;

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_REALM_CONFIG, IPA_DATA));
    run_result(&r, CALL(RSI_SUCCESS));
    assert_int_equal(r.w->v.num_writes, 1);
    x = &r.w->v.writes[0];
    assert_true(x->realm && x->pa == G(N_DATA) && x->len == 4096 && !x->mask);
    assert_int_equal(x->bytes[0], 40);
    run_smc(&r, CALL(RSI_REALM_CONFIG, IPA_DATA + 8));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_REALM_CONFIG, UNPROT));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_REALM_CONFIG, IPA_EMPTY));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_REALM_CONFIG, IPA_LOST));
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), EC_DA << 26 | 7);
    assert_int_equal(exit_field(&r, REC_EXIT_HPFAR + 1, 7), HPFAR(IPA_LOST) >> 8);
    run_begin(&r); /* the SMC again */
    run_resume(&r);
    run_free(&r);
}

static void test_host_call(void **state)
{
    struct run r = run_new();
    const struct spec_write *x;

    (void)state;
    put(r.w, G(N_DATA) + 0x100, 2, 0x4242);
    put(r.w, G(N_DATA) + 0x108, 8, 1111);
    put(r.w, G(N_DATA) + 0x1f8, 8, 3333);
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_HOST_CALL, IPA_DATA + 0x100));
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_HOST_CALL);
    assert_int_equal(exit_field(&r, REC_EXIT_IMM, 2), 0x4242);
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS, 8), 1111);
    assert_int_equal(exit_field(&r, REC_EXIT_GPRS + 240, 8), 3333);
    assert_true(spec_rec(r.w->s, G(N_REC))->host_call_pending);
    put(r.w, G(N_RUN) + REC_ENTER_GPRS + 240, 8, 5555);
    run_begin(&r);
    assert_false(spec_rec(r.w->s, G(N_REC))->host_call_pending);
    run_result(&r, CALL(RSI_SUCCESS));
    x = &r.w->v.writes[0];
    assert_true(r.w->v.num_writes == 1 && x->realm && x->pa == G(N_DATA) + 0x108 && x->len == 248);
    assert_int_equal(x->bytes[240] | x->bytes[241] << 8, 5555);
    run_smc(&r, CALL(RSI_HOST_CALL, IPA_DATA + 0x80));
    run_result(&r, CALL(RSI_ERROR_INPUT));
    run_smc(&r, CALL(RSI_HOST_CALL, IPA_RAM + 0x100));
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_SYNC);
    run_free(&r);
}

/* The Host takes the page away while the call is pending, and gives it back. */
static void test_host_call_page_taken(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_HOST_CALL, IPA_DATA));
    run_end(&r);
    OK(r.w, CALL(RMI_DATA_DESTROY, G(N_RD), IPA_DATA), RMI_SUCCESS, G(N_DATA), MB2);
    run_begin(&r);
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_ESR, 8), EC_DA << 26 | 7);
    assert_true(exit_is_open(&r, REC_EXIT_CNTV_CTL));
    assert_true(spec_rec(r.w->s, G(N_REC))->host_call_pending);
    run_free(&r);
}

static void test_ipa_state_get(void **state)
{
    static const struct {
        uint64_t base, top, x0, x1, x2;
        bool ok;
    } rows[] = {
        {IPA_DATA, 0x8000, 0, IPA_LOST, RIPAS_RAM, true},
        {IPA_DATA, 0x8000, 0, IPA_RAM, RIPAS_RAM, true}, /* a nearer top is allowed */
        {IPA_DATA, 0x8000, 0, IPA_EMPTY, RIPAS_RAM, false},
        {IPA_DATA, 0x8000, 0, IPA_DATA, RIPAS_RAM, false},
        {IPA_LOST, 0x8000, 0, IPA_EMPTY, RIPAS_DESTROYED, true},
        {IPA_EMPTY, 1ull << 39, 0, 1ull << 39, RIPAS_EMPTY, true},
        {IPA_EMPTY, 1ull << 39, 0, MB2, RIPAS_EMPTY, true},
        {IPA_EMPTY, 0x8000, 0, 0x9000, RIPAS_EMPTY, false},
        {IPA_EMPTY, IPA_EMPTY, RSI_ERROR_INPUT, 0, 0, true},
        {IPA_EMPTY + 1, 0x8000, RSI_ERROR_INPUT, 0, 0, true},
        {IPA_EMPTY, 0x8001, RSI_ERROR_INPUT, 0, 0, true},
        {IPA_EMPTY, (1ull << 39) + 0x1000, RSI_ERROR_INPUT, 0, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        run_smc(&r, CALL(RSI_IPA_STATE_GET, rows[i].base, rows[i].top));
        memset(r.regs.x, 0, sizeof(r.regs.x));
        r.regs.x[0] = rows[i].x0;
        r.regs.x[1] = rows[i].x1;
        r.regs.x[2] = rows[i].x2;
        r.regs.pc += 4;
        spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
        if (r.w->v.ok != rows[i].ok)
            fail_msg("row %zu: %s", i, r.w->v.mismatch);
        run_free(&r);
    }
}

/* An RSI command was handled, then the RMM saw an interrupt: its results are for the next entry. */
static void test_irq_after_rsi(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_smc(&r, CALL(RSI_FEATURES, 1));
    run_end(&r);
    assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), EXIT_IRQ);
    run_begin(&r);
    run_result(&r, CALL(RSI_SUCCESS));
    run_free(&r);
}

/* A4.3.3: the Host's page was taken while the Realm ran. */
static void test_exit_page_not_writable(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    run_trap(&r, ESR(EC_DA) | 7, 0, IPA_RAM);
    spec_set_pas(r.w->s, G(N_RUN), PAS_SECURE);
    spec_rec_enter_end(r.w->s, &r.w->env, ENTER_IN, CALL(RMI_ERROR_INPUT), &r.w->v);
    assert_true(r.w->v.ok);
    assert_int_equal(r.w->v.num_writes, 0);
    assert_false(spec_rec(r.w->s, G(N_REC))->running);
    run_free(&r);
}

/* Where neither is specified, the RMM may go on or tell the Host. */
static void test_unlisted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        run_trap(&r, ESR(EC_SYSREG) | 1 | 4 << 5, 0, 0); /* MRS x4 */
        if (i == 0) {
            r.regs.x[4] = 0x1234;
            r.regs.pc += 4;
            run_resume(&r);
        } else {
            r.regs = after_sea(r.regs, 1ull << 25, r.regs.far_el1, 0x200);
            run_resume(&r);
        }
        run_free(&r);
    }
}

/*
 * A failing REC_ENTER on a REC that runs elsewhere, with the same run page: its end is not the
 * other's.
 */
static void test_failed_enter_while_running(void **state)
{
    struct run r = run_new();

    (void)state;
    run_begin(&r);
    run_resume(&r);
    spec_rec_enter_begin(r.w->s, &r.w->env, ENTER_IN, &r.w->v);
    assert_false(r.w->v.success_allowed);
    spec_rec_enter_end(r.w->s, &r.w->env, ENTER_IN, CALL(RMI_ERROR_REC), &r.w->v);
    assert_true(r.w->v.ok);
    assert_true(spec_rec(r.w->s, G(N_REC))->running);
    run_trap(&r, ESR(EC_DA) | 7, 0, IPA_RAM);
    run_end(&r);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_entry),
        cmocka_unit_test(test_exit_without_run),
        cmocka_unit_test(test_irq),
        cmocka_unit_test(test_resume_where_exit_is_required),
        cmocka_unit_test(test_aborts),
        cmocka_unit_test(test_non_emulatable_unprotected),
        cmocka_unit_test(test_sea_from_el1_and_el0),
        cmocka_unit_test(test_outside_ipa_space),
        cmocka_unit_test(test_sea_sets_pan_without_span),
        cmocka_unit_test(test_mmio_read),
        cmocka_unit_test(test_mmio_write_and_retry),
        cmocka_unit_test(test_inject_sea),
        cmocka_unit_test(test_hvc_is_undefined),
        cmocka_unit_test(test_wfi),
        cmocka_unit_test(test_unknown_smc),
        cmocka_unit_test(test_rsi_simple),
        cmocka_unit_test(test_realm_config),
        cmocka_unit_test(test_host_call),
        cmocka_unit_test(test_host_call_page_taken),
        cmocka_unit_test(test_ipa_state_get),
        cmocka_unit_test(test_irq_after_rsi),
        cmocka_unit_test(test_exit_page_not_writable),
        cmocka_unit_test(test_unlisted),
        cmocka_unit_test(test_failed_enter_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
