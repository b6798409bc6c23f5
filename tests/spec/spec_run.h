/* SPDX-License-Identifier: BSD-3-Clause */
/* A REC that runs: the parts of RMI_REC_ENTER, one helper each. */
#ifndef CCASIM_TESTS_SPEC_RUN_H
#define CCASIM_TESTS_SPEC_RUN_H

#include "spec_world.h"

#define EC_WFX     0x01ull
#define EC_HVC     0x16ull
#define EC_SMC     0x17ull
#define EC_SYSREG  0x18ull
#define EC_IA      0x20ull
#define EC_DA      0x24ull
#define ESR(ec)    ((ec) << 26 | 1ull << 25)
#define HPFAR(ipa) (((ipa) >> 12) << 4)
#define IPA_DATA   0x1000ull /* ASSIGNED, RAM: DATA at G(N_DATA) */
#define IPA_RAM    0x2000ull /* UNASSIGNED, RAM */
#define IPA_LOST   0x3000ull /* UNASSIGNED, DESTROYED */
#define IPA_EMPTY  0x4000ull /* UNASSIGNED, EMPTY */

struct run {
    struct spec_world *w;
    struct spec_regs regs; /* the Realm's, as the test moves them */
    struct spec_trap trap;
};

#define ENTER_IN CALL(RMI_REC_ENTER, G(N_REC), G(N_RUN))

/* An ACTIVE Realm with one page of DATA, one of RAM that is missing, and one that was destroyed. */
static inline struct run run_new(void)
{
    struct run r = {.w = world_realm()};
    struct spec_world *w = r.w;

    OK(w, CALL(RMI_DATA_CREATE, G(N_RD), G(N_DATA), IPA_DATA, G(N_SRC), 0), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_INIT_RIPAS, G(N_RD), IPA_RAM, IPA_RAM + 0x1000), RMI_SUCCESS,
       IPA_RAM + 0x1000);
    OK(w, CALL(RMI_DATA_CREATE, G(N_RD), G(N_DATA + 1), IPA_LOST, G(N_SRC), 0), RMI_SUCCESS);
    OK(w, CALL(RMI_DATA_DESTROY, G(N_RD), IPA_LOST), RMI_SUCCESS, G(N_DATA + 1), MB2);
    OK(w, CALL(RMI_REC_CREATE, G(N_RD), G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    OK(w, CALL(RMI_REALM_ACTIVATE, G(N_RD)), RMI_SUCCESS);
    r.regs = spec_rec(w->s, G(N_REC))->regs;
    r.regs.vbar_el1 = 0xffff0000;
    return r;
}

static inline void run_begin(struct run *r)
{
    spec_rec_enter_begin(r->w->s, &r->w->env, ENTER_IN, &r->w->v);
    if (r->w->v.true_mask)
        fail_msg("REC_ENTER has conditions 0x%llx", (unsigned long long)r->w->v.true_mask);
}

static inline void run_resume(struct run *r)
{
    spec_realm_resume(r->w->s, &r->w->env, G(N_REC), &r->regs, NULL, &r->w->v);
    if (!r->w->v.ok)
        fail_msg("%s", r->w->v.mismatch);
}

static inline void run_trap(struct run *r, uint64_t esr, uint64_t far, uint64_t ipa)
{
    r->trap.vector = SPEC_SYNC;
    r->trap.esr = esr;
    r->trap.far = far;
    r->trap.hpfar = HPFAR(ipa);
    r->trap.regs = r->regs;
    spec_realm_trap(r->w->s, &r->w->env, G(N_REC), &r->trap, &r->w->v);
    if (!r->w->v.ok)
        fail_msg("%s", r->w->v.mismatch);
}

/* An SMC with x0.. as given; afterwards r->regs are what the test expects but for x0.. */
static inline void run_smc(struct run *r, const uint64_t x[ABI_MAX_REGS])
{
    memcpy(r->regs.x, x, ABI_MAX_REGS * sizeof(uint64_t));
    run_trap(r, ESR(EC_SMC), 0, 0);
}

/* Back in the Realm after an RSI command, with these results. */
static inline void run_result(struct run *r, const uint64_t x[ABI_MAX_REGS])
{
    memcpy(r->regs.x, x, ABI_MAX_REGS * sizeof(uint64_t));
    r->regs.pc += 4;
    run_resume(r);
}

static inline void run_end(struct run *r)
{
    spec_rec_enter_end(r->w->s, &r->w->env, ENTER_IN, CALL(RMI_SUCCESS), &r->w->v);
    if (!r->w->v.ok)
        fail_msg("%s", r->w->v.mismatch);
}

/*
 * The RmiRecExit that the last run_end asks for: `size` bytes at `offset`; every one of them must
 * be judged.
 */
static inline uint64_t exit_field(struct run *r, unsigned offset, unsigned size)
{
    const struct spec_write *x = &r->w->v.writes[r->w->v.num_writes - 1];
    uint64_t value = 0;

    assert_int_equal(x->pa, G(N_RUN) + REC_EXIT_BASE);
    assert_false(x->realm);
    for (unsigned i = 0; i < size; i++) {
        assert_int_equal(x->mask[offset + i], 0xff);
        value |= (uint64_t)x->bytes[offset + i] << (8 * i);
    }
    return value;
}

static inline bool exit_is_open(struct run *r, unsigned offset)
{
    return r->w->v.writes[r->w->v.num_writes - 1].mask[offset] == 0;
}

/* All judged bytes outside `keep` (offsets of 8 bytes) are zero. */
static inline void exit_rest_is_zero(struct run *r, const unsigned *keep, unsigned num)
{
    const struct spec_write *x = &r->w->v.writes[r->w->v.num_writes - 1];

    for (unsigned i = 0; i < REC_EXIT_SIZE; i++) {
        bool kept = false;

        for (unsigned j = 0; j < num; j++)
            kept |= i - keep[j] < 8;
        if (!kept && x->bytes[i] != 0)
            fail_msg("byte 0x%x of RmiRecExit is not zero", i);
    }
}

static inline void run_free(struct run *r)
{
    world_free(r->w);
}

#endif
