/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small world for the tests of model/rmm: a machine, a Host that issues RMI calls through EL3M,
 * and a Realm CPU that plays a list of exits. After every call no lock is held and no slot is
 * mapped.
 */
#ifndef CCASIM_TESTS_RMM_WORLD_H
#define CCASIM_TESTS_RMM_WORLD_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include <ccasim/abi.h>
#include <ccasim/el3m.h>
#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_cpu.h>
#include <ccasim/rmm.h>

/* Fixed places, in granules of the default DRAM at 2 GB. */
#define G(n)         (0x80000000ull + (uint64_t)(n)*GRANULE_SIZE)
#define PARAMS       G(1) /* Host: parameter page */
#define RUN          G(2) /* Host: RmiRecRun */
#define SRC          G(3) /* Host: content of a page */
#define RD           G(16)
#define ROOT         G(32) /* two start tables: s2sz 40, level 1 */
#define REC          G(17)
#define AUX          G(18)
#define RTT_L2       G(20)
#define RTT_L3       G(21)
#define RTT_NS_L2    G(22)
#define RTT_NS_L3    G(23)
#define DATA0        G(40)
#define DATA1        G(41)
#define IPA_SIZE     (1ull << 40)
#define IPA_NS       (IPA_SIZE / 2)
#define RESULT(s, i) rmi_result(RMI_##s, i)

struct world_exit {
    struct realm_exception exc;
    void (*act)(struct pe_regs *r); /* what the Realm did to its registers first; NULL: nothing */
};
struct rmm_world {
    struct machine *m;
    uint64_t x[ABI_MAX_REGS]; /* results of the last call */
    struct world_exit exits[8];
    unsigned num_exits, next_exit;
    struct pe_regs seen[9]; /* registers at each entry */
    unsigned num_entries;
    void (*during)(struct rmm_world *w); /* what others do while the Realm runs; once */
};

static inline int world_cpu_enter(void *ctx, struct machine *m, unsigned pe,
                                  struct realm_exception *exc)
{
    struct rmm_world *w = ctx;
    struct world_exit *e = &w->exits[w->next_exit];

    for (unsigned s = 0; s < SLOT_COUNT; s++)
        assert_int_equal(m->pe[pe].slot[s], 0);
    w->seen[w->num_entries++] = m->pe[pe].r;
    if (w->during) {
        void (*during)(struct rmm_world *) = w->during;

        w->during = NULL;
        during(w);
    }
    if (w->next_exit == w->num_exits) {
        exc->vector = VEC_IRQ;
        return CCA_OK;
    }
    w->next_exit++;
    if (e->act)
        e->act(&m->pe[pe].r);
    *exc = e->exc;
    return CCA_OK;
}
static const struct realm_cpu_ops world_cpu = {.name = "exits", .enter = world_cpu_enter};

static inline struct rmm_world *world_new(const struct impl *impl)
{
    struct rmm_world *w = test_calloc(1, sizeof(*w));

    assert_int_equal(machine_new(impl, &w->m), CCA_OK);
    w->m->cpu = &world_cpu;
    w->m->cpu_ctx = w;
    return w;
}
static inline void world_free(struct rmm_world *w)
{
    machine_free(w->m);
    test_free(w);
}
static inline int world_setup(void **state)
{
    struct impl impl;

    impl_default(&impl);
    *state = world_new(&impl);
    return 0;
}
static inline int world_setup_lazy(void **state)
{
    struct impl impl;

    impl_default(&impl);
    impl.wipe = WIPE_LAZY;
    *state = world_new(&impl);
    return 0;
}
static inline int world_teardown(void **state)
{
    world_free(*state);
    return 0;
}

static inline void world_is_quiet(const struct rmm_world *w, unsigned pe)
{
    for (uint32_t i = 0; i < w->m->mem.num; i++)
        assert_int_equal(w->m->gst[i].lock, 0);
    for (unsigned s = 0; s < SLOT_COUNT; s++)
        assert_int_equal(w->m->pe[pe].slot[s], 0);
}
/* RMI call from the Host on `pe`: returns x0. */
static inline uint64_t rmi_on(struct rmm_world *w, unsigned pe, uint64_t fid, uint64_t a,
                              uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    uint64_t regs[ABI_MAX_REGS] = {fid, a, b, c, d, e, 0x66, 0x77};

    el3m_smc(w->m, pe, WORLD_NS, regs);
    memcpy(w->x, regs, sizeof(regs));
    world_is_quiet(w, pe);
    return regs[0];
}
#define RMI_CALL(w, fid, ...)                 RMI_CALL_(w, fid, __VA_ARGS__, 0, 0, 0, 0, 0)
#define RMI_CALL_(w, fid, a, b, c, d, e, ...) rmi_on(w, 0, fid, a, b, c, d, e)

#define RMI_OK(w, ...) assert_int_equal(RMI_CALL(w, __VA_ARGS__), RMI_SUCCESS)

static inline void host_write64(struct rmm_world *w, uint64_t a, uint64_t v)
{
    mem_write(w->m, a, &v, sizeof(v), OWNER_HOST, 0);
}
static inline void host_fill(struct rmm_world *w, uint64_t granule, uint8_t v)
{
    uint8_t page[GRANULE_SIZE];

    memset(page, v, sizeof(page));
    mem_write(w->m, granule, page, sizeof(page), OWNER_HOST, 0);
}
static inline uint64_t host_read64(struct rmm_world *w, uint64_t a)
{
    return mem_read64(w->m, a);
}
static inline unsigned state_of(const struct rmm_world *w, uint64_t a)
{
    return w->m->gst[granule_index(w->m, a)].state;
}
static inline unsigned refcount_of(const struct rmm_world *w, uint64_t a)
{
    return w->m->gst[granule_index(w->m, a)].refcount;
}

static inline void realm_params(struct rmm_world *w)
{
    host_fill(w, PARAMS, 0);
    host_write64(w, PARAMS + REALM_PARAMS_S2SZ, 40);
    host_write64(w, PARAMS + REALM_PARAMS_NUM_BPS, 1);
    host_write64(w, PARAMS + REALM_PARAMS_NUM_WPS, 1);
    host_write64(w, PARAMS + REALM_PARAMS_RPV, 0x1122334455667788);
    host_write64(w, PARAMS + REALM_PARAMS_VMID, 5);
    host_write64(w, PARAMS + REALM_PARAMS_RTT_BASE, ROOT);
    host_write64(w, PARAMS + REALM_PARAMS_RTT_LEVEL_START, 1);
    host_write64(w, PARAMS + REALM_PARAMS_RTT_NUM_START, 2);
}
static inline void realm_create(struct rmm_world *w)
{
    for (unsigned i = 16; i < 64; i++)
        RMI_OK(w, RMI_GRANULE_DELEGATE, G(i));
    realm_params(w);
    RMI_OK(w, RMI_REALM_CREATE, RD, PARAMS);
}
static inline void rec_params(struct rmm_world *w, uint64_t mpidr)
{
    host_fill(w, PARAMS, 0);
    host_write64(w, PARAMS + REC_PARAMS_FLAGS, REC_PARAMS_FLAG_RUNNABLE);
    host_write64(w, PARAMS + REC_PARAMS_MPIDR, mpidr);
    host_write64(w, PARAMS + REC_PARAMS_PC, 0x1000);
    for (unsigned i = 0; i < REC_NUM_CREATE_GPRS; i++)
        host_write64(w, PARAMS + REC_PARAMS_GPRS + 8 * i, 0x100 + i);
    host_write64(w, PARAMS + REC_PARAMS_NUM_AUX, w->m->impl.rec_aux_count);
    host_write64(w, PARAMS + REC_PARAMS_AUX, AUX);
}
/* Tables for the first 2 MB of the protected and of the unprotected half. */
static inline void tables_create(struct rmm_world *w)
{
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L2, 0, 2);
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_L3, 0, 3);
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_NS_L2, IPA_NS, 2);
    RMI_OK(w, RMI_RTT_CREATE, RD, RTT_NS_L3, IPA_NS, 3);
}
/*
 * An ACTIVE Realm with one REC, RAM at IPA 0 (DATA0, filled with 0x5a) and RIPAS RAM without memory
 * at 0x1000.
 */
static inline void realm_activate(struct rmm_world *w)
{
    realm_create(w);
    tables_create(w);
    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x2000);
    host_fill(w, SRC, 0x5a);
    RMI_OK(w, RMI_DATA_CREATE, RD, DATA0, 0, SRC, 1);
    rec_params(w, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    host_fill(w, RUN, 0);
}

static inline void world_exit(struct rmm_world *w, enum realm_vector vector, uint64_t esr,
                              uint64_t far, uint64_t ipa, void (*act)(struct pe_regs *r))
{
    w->exits[w->num_exits].exc =
        (struct realm_exception){.vector = vector, .esr = esr, .far = far, .hpfar = ipa >> 8};
    w->exits[w->num_exits++].act = act;
}
static inline void world_rewind(struct rmm_world *w)
{
    w->num_exits = w->next_exit = w->num_entries = 0;
}
static inline uint64_t exit64(struct rmm_world *w, unsigned offset)
{
    return host_read64(w, RUN + REC_EXIT_BASE + offset);
}
/* Enters the REC and wants `reason`. */
static inline void enter(struct rmm_world *w, enum rec_exit_reason reason)
{
    host_fill(w, RUN, 0xee); /* whatever is not written shows */
    for (unsigned i = 0; i < REC_ENTER_SIZE; i += 8)
        host_write64(w, RUN + i, 0);
    RMI_OK(w, RMI_REC_ENTER, REC, RUN);
    assert_int_equal(exit64(w, REC_EXIT_REASON), reason);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
