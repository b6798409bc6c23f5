/* SPDX-License-Identifier: BSD-3-Clause */
/* The scheduler: steps and what they expect, steps inside steps, locks that are waited for, reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/scenario.h>
#include <ccasim/sim.h>

#define MAX_SEEN 64u

/* A scenario in text, a sim, and the steps in the order in which they ended. */
struct stage {
    struct scenario *sc;
    struct sim *sim;
    unsigned seen[MAX_SEEN];
    struct step_result result[MAX_SEEN];
    unsigned num_seen;
    unsigned hold_at; /* step before which PE 3 takes the lock of `hold`; 0: never */
    uint64_t hold;
};

static const char *scenarios; /* the folder, for preludes */

static void before_step(void *ctx, const struct step *st, const uint64_t *in)
{
    struct stage *w = ctx;
    struct machine *m = sim_machine(w->sim);

    (void)in;
    if (st->number == w->hold_at)
        gst_lock(m, 3, gst_find(m, w->hold));
}

static void on_step(void *ctx, const struct step *st, const struct step_result *r)
{
    struct stage *w = ctx;

    assert_true(w->num_seen < MAX_SEEN);
    w->result[w->num_seen] = *r;
    w->seen[w->num_seen++] = st->number;
}

static void open_stage(struct stage *w, const char *text)
{
    struct sim_options opt = {
        .check = CHECK_ALL, .before_step = before_step, .on_step = on_step, .ctx = w};
    struct scenario_loader *loader = scenario_loader_new();
    struct diag_list diags = {0};
    char name[512];

    memset(w, 0, sizeof(*w));
    snprintf(name, sizeof(name), "%s/text.yaml", scenarios);
    if (scenario_loader_load_text(loader, name, text, strlen(text), &w->sc, &diags) != CCA_OK) {
        diag_list_print(&diags, stderr);
        fail();
    }
    diag_list_clear(&diags);
    scenario_loader_free(loader);
    assert_int_equal(sim_new(&w->sc->impl, &opt, &w->sim), CCA_OK);
}

static void close_stage(struct stage *w)
{
    sim_free(w->sim);
    scenario_free(w->sc);
}

/* Runs to the end; says why if a step failed. */
static void run_all(struct stage *w)
{
    struct step_result last;
    int failed = sim_run(w->sim, w->sc, &last);

    if (failed >= 0)
        fail_msg("step %d: %s", failed, last.why);
}

/* Runs until a step fails, and gives the result of the top-level step. */
static struct step_result run_to_failure(struct stage *w)
{
    struct step_result last;

    assert_true(sim_run(w->sim, w->sc, &last) >= 0);
    return last;
}

static void assert_seen(const struct stage *w, const unsigned *want, unsigned num)
{
    assert_int_equal(w->num_seen, num);
    for (unsigned i = 0; i < num; i++)
        assert_int_equal(w->seen[i], want[i]);
}
#define ASSERT_SEEN(w, ...)                         \
    assert_seen(w, (const unsigned[]){__VA_ARGS__}, \
                sizeof((unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

#define HEAD "# test\nccasim: 1\nmachine: {pes: 4}\n"

/* --- expectations ------------------------------------------------------------------------------------------------ */

static void test_expected_and_got(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    expect_any: [RMI_SUCCESS, RMI_ERROR_RTT/3]\n");
    r = run_to_failure(&w);
    assert_string_equal(r.expected, "RMI_SUCCESS or RMI_ERROR_RTT/3");
    assert_string_equal(r.got, "RMI_ERROR_INPUT");
    assert_true(r.called);
    assert_int_equal(r.num_findings, 0);
    assert_non_null(r.verdict.cmd);
    close_stage(&w);
}

static void test_saved_variable(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - REC_AUX_COUNT: page\n"
                        "    expect: RMI_ERROR_INPUT\n"
                        "    save: {count: aux_count}\n"
                        "  - host_store: {at: page, value: count}\n");
    /* A call that fails has results too: they are what the RMM returned. */
    (void)sim_run(w.sim, w.sc, &r);
    assert_int_equal(w.num_seen, 2);
    close_stage(&w);
}

static void test_accesses(void **state)
{
    struct stage w;
    const struct sim_accesses *a;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - host_store: {at: page, value: 0x11}\n"
                        "  - host_load: {at: page, value: 0x11}\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "  - host_load: {at: page, fault: gpf}\n");
    run_all(&w);
    a = sim_accesses(w.sim);
    assert_int_equal(a->allowed[WORLD_NS][PAS_NS], 2);
    assert_int_equal(a->faulted[WORLD_NS][PAS_REALM], 1);
    assert_int_equal(a->total, 3);
    close_stage(&w);
}

static void test_scan_and_poke(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: 2}\n"
                        "steps:\n"
                        "  - write: {at: 'page[0] + 0xffc', string: needle}\n"
                        "  - scan: {string: needle, count: 1}\n"
                        "  - scan: {string: needle, pas: realm}\n"
                        "  - poke: {at: 'page[0] + 0xff8', flip: 0x100000000}\n"
                        "  - scan: {string: needle}\n"
                        "  - scan: {string: eedle, count: 2}\n");
    r = run_to_failure(&w);
    assert_int_equal(w.num_seen, 6);
    assert_non_null(strstr(r.why, "found 1 times, expected 2"));
    close_stage(&w);
}

/* --- nested steps -------------------------------------------------------------------------------------------------- */

static void test_nested_waits(void **state)
{
    struct stage w;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    during:\n"
                        "      - event: lock\n"
                        "        steps:\n"
                        "          - GRANULE_DELEGATE: page\n"
                        "            pe: 1\n"
                        "            expect: RMI_ERROR_INPUT\n"
                        "  - GRANULE_UNDELEGATE: page\n");
    run_all(&w);
    ASSERT_SEEN(&w, 2, 1, 3);
    close_stage(&w);
}

/* PE 2 runs in PE 1's call, which runs in PE 0's, and waits for each in turn. */
static void test_nested_in_nested(void **state)
{
    struct stage w;

    (void)state;
    open_stage(&w, HEAD
               "granules: {page: , other: }\n"
               "steps:\n"
               "  - GRANULE_DELEGATE: page\n"
               "    during:\n"
               "      - event: lock\n"
               "        steps:\n"
               "          - GRANULE_DELEGATE: other\n"
               "            pe: 1\n"
               "            during:\n"
               "              - event: lock\n"
               "                steps:\n"
               "                  - {GRANULE_DELEGATE: other, pe: 2, expect: RMI_ERROR_INPUT}\n"
               "                  - {GRANULE_DELEGATE: page, pe: 2, expect: RMI_ERROR_INPUT}\n"
               "  - GRANULE_UNDELEGATE: page\n");
    run_all(&w);
    ASSERT_SEEN(&w, 3, 2, 4, 1, 5);
    close_stage(&w);
}

/* What a host does to a page between two events of a call. */
static void test_nested_access(void **state)
{
    struct stage w;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    during:\n"
                        "      - event: pas\n"
                        "        steps:\n"
                        "          - host_store: {at: page, value: 1, fault: gpf}\n"
                        "            pe: 1\n");
    run_all(&w);
    ASSERT_SEEN(&w, 2, 1);
    close_stage(&w);
}

static void test_nested_failure(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: , other: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    during:\n"
                        "      - event: lock\n"
                        "        steps:\n"
                        "          - GRANULE_UNDELEGATE: other\n"
                        "            pe: 1\n"
                        "          - GRANULE_DELEGATE: other\n"
                        "            pe: 1\n");
    r = run_to_failure(&w);
    ASSERT_SEEN(&w, 2, 1); /* the list ends where a step failed */
    assert_int_equal(r.nested->number, 2);
    assert_string_equal(w.result[0].got, "RMI_ERROR_INPUT");
    close_stage(&w);
}

static void test_event_never_comes(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: , other: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    during:\n"
                        "      - event: measure\n"
                        "        n: 3\n"
                        "        steps:\n"
                        "          - GRANULE_DELEGATE: other\n"
                        "            pe: 1\n");
    r = run_to_failure(&w);
    ASSERT_SEEN(&w, 1);
    assert_non_null(strstr(r.why, "0 `measure` events"));
    assert_int_equal(r.loc.line, 8);
    close_stage(&w);
}

static const char running[] = HEAD "use: setup/active.yaml\n"
                                   "script:\n"
                                   "  guest:\n"
                                   "    - end:\n"
                                   "steps:\n"
                                   "  - attach_script: {script: guest}\n"
                                   "  - REC_ENTER: {rec: rec, run_ptr: run}\n"
                                   "    while_running:\n"
                                   "      - REC_DESTROY: rec\n"
                                   "        pe: 1\n"
                                   "        expect: RMI_ERROR_REC\n"
                                   "      - REALM_DESTROY: rd\n"
                                   "        pe: 1\n"
                                   "        expect: RMI_ERROR_REALM\n"
                                   "    exit: {reason: IRQ}\n"
                                   "  - REC_DESTROY: rec\n";

static void test_while_running(void **state)
{
    struct stage w;
    unsigned n;

    (void)state;
    open_stage(&w, running);
    run_all(&w);
    n = w.num_seen;
    assert_int_equal(w.seen[n - 4], w.seen[n - 2] + 1);
    assert_int_equal(w.seen[n - 3], w.seen[n - 2] + 2);
    assert_true(w.result[n - 2].entered);
    assert_int_equal(w.result[n - 2].exit_reason, EXIT_IRQ);
    close_stage(&w);
}

static void test_needs_a_cpu(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "use: setup/active.yaml\n"
                        "steps:\n"
                        "  - REC_ENTER: {rec: rec, run_ptr: run}\n");
    r = run_to_failure(&w);
    assert_non_null(strstr(r.why, "no emulated CPU"));
    close_stage(&w);
}

/* --- nothing can go on --------------------------------------------------------------------------------------------- */

static void assert_wedged(struct stage *w, const struct step_result *r, uint64_t granule)
{
    struct step_result again;
    struct impl impl = sim_machine(w->sim)->impl;

    assert_non_null(strstr(r->why, "which PE 3 holds"));
    assert_non_null(strstr(r->why, "nobody is left to release it"));
    assert_int_equal(sim_wedged_on(w->sim), granule);
    assert_false(sim_step(w->sim, w->sc, &w->sc->steps[0], &again));
    /* A reset makes a machine of it again. */
    w->hold_at = 0;
    w->num_seen = 0;
    assert_int_equal(sim_reset(w->sim, &impl), CCA_OK);
    run_all(w);
}

static void test_wait_for_ever(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "  - GRANULE_UNDELEGATE: page\n");
    w.hold_at = 2;
    w.hold = w.sc->names[0].pa;
    r = run_to_failure(&w);
    assert_wedged(&w, &r, w.sc->names[0].pa);
    close_stage(&w);
}

static void test_nested_waits_for_ever(void **state)
{
    struct stage w;
    struct step_result r;

    (void)state;
    open_stage(&w, HEAD "granules: {page: , other: }\n"
                        "steps:\n"
                        "  - GRANULE_DELEGATE: page\n"
                        "    during:\n"
                        "      - event: unlock\n"
                        "        steps:\n"
                        "          - GRANULE_DELEGATE: other\n"
                        "            pe: 1\n");
    w.hold_at = 2;
    w.hold = w.sc->names[1].pa;
    r = run_to_failure(&w);
    ASSERT_SEEN(&w, 1);
    assert_wedged(&w, &r, w.sc->names[1].pa);
    close_stage(&w);
}

/* --- reset ------------------------------------------------------------------------------------------------------------ */

static void test_reset_is_boot(void **state)
{
    struct stage w;
    struct impl impl;
    uint64_t boot, end;

    (void)state;
    open_stage(&w, running);
    impl = w.sc->impl;
    boot = machine_hash(sim_machine(w.sim));
    run_all(&w);
    end = machine_hash(sim_machine(w.sim));
    assert_true(end != boot);
    for (unsigned i = 0; i < 3; i++) {
        w.num_seen = 0;
        assert_int_equal(sim_reset(w.sim, &impl), CCA_OK);
        assert_true(machine_hash(sim_machine(w.sim)) == boot);
        run_all(&w);
        assert_true(machine_hash(sim_machine(w.sim)) == end);
    }
    impl.num_pes = 1;
    assert_int_equal(sim_reset(w.sim, &impl), CCA_OK);
    assert_int_equal(sim_machine(w.sim)->impl.num_pes, 1);
    close_stage(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_and_got),
        cmocka_unit_test(test_saved_variable),
        cmocka_unit_test(test_accesses),
        cmocka_unit_test(test_scan_and_poke),
        cmocka_unit_test(test_nested_waits),
        cmocka_unit_test(test_nested_in_nested),
        cmocka_unit_test(test_nested_access),
        cmocka_unit_test(test_nested_failure),
        cmocka_unit_test(test_event_never_comes),
        cmocka_unit_test(test_while_running),
        cmocka_unit_test(test_needs_a_cpu),
        cmocka_unit_test(test_wait_for_ever),
        cmocka_unit_test(test_nested_waits_for_ever),
        cmocka_unit_test(test_reset_is_boot),
    };

    if (argc != 2)
        return 2;
    scenarios = argv[1];
    return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
