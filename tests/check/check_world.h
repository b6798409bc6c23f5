/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine with the model's RMM and the checks, driven as the scheduler drives it: one step around each call.
 * Granule n is at DRAM + n * 4 KB. The first ones are host memory, by convention.
 */
#ifndef CHECK_WORLD_H
#define CHECK_WORLD_H

#include <ccasim/check.h>
#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/rmm.h>
#include <ccasim/script.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct cw {
    struct machine *m;
    struct check *c;
    struct script_set *scripts;
    uint64_t step;
    uint64_t out[ABI_MAX_REGS];
};

/* Conventional granules. */
enum {
    W_PARAMS,
    W_RUN,
    W_SRC,
    W_NS, /* host memory */
    W_RD = 16,
    W_ROOT = 20,
    W_L1,
    W_L2,
    W_L3,
    W_REC,
    W_AUX,
    W_DATA,
    W_DATA2,
    W_L2_NS,
    W_L3_NS,
    W_FREE = 64
};

static inline uint64_t w_pa(const struct cw *w, unsigned n)
{
    return w->m->mem.base + (uint64_t)n * GRANULE_SIZE;
}

static inline void w_open(struct cw *w, const struct impl *impl, enum check_level level)
{
    struct impl def;

    memset(w, 0, sizeof(*w));
    impl_default(&def);
    assert_int_equal(machine_new(impl ? impl : &def, &w->m), CCA_OK);
    w->scripts = script_set_new();
    assert_non_null(w->scripts);
    script_set_attach(w->scripts, w->m);
    assert_int_equal(check_new(w->m, level, &w->c), CCA_OK);
}

static inline void w_close(struct cw *w)
{
    check_free(w->c);
    script_set_detach(w->scripts, w->m);
    script_set_free(w->scripts);
    machine_free(w->m);
}

static inline uint64_t w_call(struct cw *w, unsigned pe, const uint64_t in[ABI_MAX_REGS])
{
    memcpy(w->out, in, sizeof(w->out));
    check_step_begin(w->c, pe, ++w->step);
    check_rmi_begin(w->c, pe, in);
    el3m_smc(w->m, pe, WORLD_NS, w->out);
    check_rmi_end(w->c, pe, in, w->out);
    check_step_end(w->c, pe);
    return w->out[0];
}

static inline uint64_t w_rmi5(struct cw *w, uint64_t fid, uint64_t a, uint64_t b, uint64_t c,
                              uint64_t d, uint64_t e)
{
    uint64_t in[ABI_MAX_REGS] = {fid, a, b, c, d, e};

    return w_call(w, 0, in);
}
#define RMI1(w, fid, a)             w_rmi5(w, fid, a, 0, 0, 0, 0)
#define RMI2(w, fid, a, b)          w_rmi5(w, fid, a, b, 0, 0, 0)
#define RMI3(w, fid, a, b, c)       w_rmi5(w, fid, a, b, c, 0, 0)
#define RMI4(w, fid, a, b, c, d)    w_rmi5(w, fid, a, b, c, d, 0)
#define RMI5(w, fid, a, b, c, d, e) w_rmi5(w, fid, a, b, c, d, e)

static inline void w_host_write(struct cw *w, unsigned n, unsigned offset, uint64_t v,
                                unsigned size)
{
    uint64_t esr;

    check_step_begin(w->c, 0, ++w->step);
    assert_int_equal(
        gpt_access(w->m, 0, WORLD_NS, PAS_NS, w_pa(w, n) + offset, &v, size, true, &esr), CCA_OK);
    check_step_end(w->c, 0);
}

static inline size_t w_findings(const struct cw *w)
{
    size_t n;

    check_findings(w->c, &n);
    return n;
}

static inline bool w_found(const struct cw *w, const char *rule)
{
    size_t n;
    const struct finding *f = check_findings(w->c, &n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(f[i].rule, rule) == 0)
            return true;
    }
    return false;
}

static inline void w_print(const struct cw *w)
{
    size_t n;
    const struct finding *f = check_findings(w->c, &n);

    for (size_t i = 0; i < n; i++)
        print_message("# %s, step %llu, fid %llx, 0x%llx: %s\n", f[i].rule,
                      (unsigned long long)f[i].step, (unsigned long long)f[i].fid,
                      (unsigned long long)f[i].object, f[i].text);
}

static inline void w_assert_clean(const struct cw *w)
{
    if (w_findings(w))
        w_print(w);
    assert_int_equal(w_findings(w), 0);
}

static inline void w_assert_found(const struct cw *w, const char *rule)
{
    if (!w_found(w, rule))
        w_print(w);
    assert_true(w_found(w, rule));
}

/* --- a Realm: s2sz 40, one starting-level table at level 0 ------------------------------------------------------ */

#define W_IPA    0x1000ull    /* below the protected half: level-3 table W_L3 covers 0..2 MB */
#define W_NS_IPA (1ull << 39) /* first unprotected IPA */

static inline void w_delegate(struct cw *w, unsigned n)
{
    assert_int_equal(RMI1(w, RMI_GRANULE_DELEGATE, w_pa(w, n)), RMI_SUCCESS);
}

static inline void w_realm_params(struct cw *w)
{
    w_host_write(w, W_PARAMS, REALM_PARAMS_S2SZ, 40, 1);
    w_host_write(w, W_PARAMS, REALM_PARAMS_NUM_BPS, 1, 1);
    w_host_write(w, W_PARAMS, REALM_PARAMS_NUM_WPS, 1, 1);
    w_host_write(w, W_PARAMS, REALM_PARAMS_HASH_ALGO, HASH_SHA_256, 1);
    w_host_write(w, W_PARAMS, REALM_PARAMS_VMID, 3, 2);
    w_host_write(w, W_PARAMS, REALM_PARAMS_RTT_BASE, w_pa(w, W_ROOT), 8);
    w_host_write(w, W_PARAMS, REALM_PARAMS_RTT_LEVEL_START, 1, 8);
    w_host_write(w, W_PARAMS, REALM_PARAMS_RTT_NUM_START, 2, 4);
}

/* s2sz 40 at level 1: two concatenated tables, W_ROOT (protected half) and W_L1. */
static inline void w_realm(struct cw *w)
{
    for (unsigned n = W_RD; n < W_FREE; n++)
        w_delegate(w, n);
    w_realm_params(w);
    assert_int_equal(RMI2(w, RMI_REALM_CREATE, w_pa(w, W_RD), w_pa(w, W_PARAMS)), RMI_SUCCESS);
}

static inline void w_table(struct cw *w, unsigned n, uint64_t ipa, int level)
{
    assert_int_equal(RMI4(w, RMI_RTT_CREATE, w_pa(w, W_RD), w_pa(w, n), ipa, (uint64_t)level),
                     RMI_SUCCESS);
}

static inline void w_tables(struct cw *w)
{
    w_table(w, W_L2, 0, 2);
    w_table(w, W_L3, 0, 3);
    w_table(w, W_L2_NS, W_NS_IPA, 2);
    w_table(w, W_L3_NS, W_NS_IPA, 3);
}

static inline void w_rec(struct cw *w, unsigned rec, unsigned aux, uint64_t mpidr, bool runnable)
{
    w_host_write(w, W_PARAMS, REC_PARAMS_FLAGS, runnable, 8);
    w_host_write(w, W_PARAMS, REC_PARAMS_MPIDR, mpidr, 8);
    w_host_write(w, W_PARAMS, REC_PARAMS_PC, W_IPA, 8);
    w_host_write(w, W_PARAMS, REC_PARAMS_NUM_AUX, w->m->impl.rec_aux_count, 8);
    for (unsigned i = 0; i < w->m->impl.rec_aux_count; i++)
        w_host_write(w, W_PARAMS, REC_PARAMS_AUX + 8 * i, w_pa(w, aux + i), 8);
    assert_int_equal(RMI3(w, RMI_REC_CREATE, w_pa(w, W_RD), w_pa(w, rec), w_pa(w, W_PARAMS)),
                     RMI_SUCCESS);
}

static inline void w_data(struct cw *w, unsigned n, uint64_t ipa)
{
    assert_int_equal(RMI5(w, RMI_DATA_CREATE, w_pa(w, W_RD), w_pa(w, n), ipa, w_pa(w, W_SRC), 1),
                     RMI_SUCCESS);
}

static inline void w_activate(struct cw *w)
{
    assert_int_equal(RMI1(w, RMI_REALM_ACTIVATE, w_pa(w, W_RD)), RMI_SUCCESS);
}

/* All of it: a page at W_IPA, a REC. */
static inline void w_whole_realm(struct cw *w)
{
    w_realm(w);
    w_tables(w);
    w_data(w, W_DATA, W_IPA);
    w_rec(w, W_REC, W_AUX, 0, true);
    w_activate(w);
}

#endif
