/* SPDX-License-Identifier: BSD-3-Clause */
/* Random calls, mostly meaningful, on two Realms: for the tests that hold the checks against correct handlers. */
#ifndef CHECK_RANDOM_H
#define CHECK_RANDOM_H

#include "check_world.h"

#include <ccasim/realm_dev.h>

#define NUM_GRANULES 56u
#define FIRST        16u
#define TABLE_WORDS  512u
#define ASK_BASE     0x3000ull /* where a Realm asks for RAM */

struct rng {
    uint64_t s;
};

static inline uint64_t next(struct rng *r)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 7;
    r->s ^= r->s << 17;
    return r->s * 0x2545F4914F6CDD1Dull >> 16;
}

static inline uint64_t below(struct rng *r, uint64_t n)
{
    return next(r) % n;
}

/* --- arguments: mostly meaningful, sometimes not ---------------------------------------------------------------- */

static inline uint64_t any_granule(struct cw *w, struct rng *r)
{
    if (below(r, 40) == 0)
        return next(r);
    if (below(r, 40) == 0)
        return w_pa(w, FIRST) + 8 * below(r, 512);
    return w_pa(w, FIRST + (unsigned)below(r, NUM_GRANULES));
}

/* Usually a granule in the state that is asked for, if there is one. */
static inline uint64_t granule_in(struct cw *w, struct rng *r, unsigned state)
{
    unsigned start = (unsigned)below(r, NUM_GRANULES);

    if (below(r, 12) == 0)
        return any_granule(w, r);
    for (unsigned i = 0; i < NUM_GRANULES; i++) {
        uint64_t a = w_pa(w, FIRST + (start + i) % NUM_GRANULES);

        if (w->m->gst[granule_index(w->m, a)].state == state)
            return a;
    }
    return any_granule(w, r);
}

static inline uint64_t any_ipa(struct rng *r)
{
    uint64_t half = below(r, 4) == 0 ? 1ull << 39 : 0;

    switch (below(r, 8)) {
    case 0: return half + (below(r, 3) << 30);
    case 1: return half + (below(r, 4) << 21);
    case 2: return next(r) & 0xfffffff000ull;
    default: return half + (below(r, 2) << 21) + (below(r, 6) << 12);
    }
}

static inline void write_params(struct cw *w, struct rng *r, bool rec)
{
    static const uint64_t pc[8] = {0, 0, 0, 0x400, 0x400, 0x400, 0x600, 0x700};
    uint8_t page[GRANULE_SIZE] = {0};
    uint64_t v;

#define PUT(offset, value, size) (v = (value), memcpy(page + (offset), &v, (size)))
    if (rec) {
        PUT(REC_PARAMS_FLAGS, below(r, 4) != 0, 8);
        PUT(REC_PARAMS_MPIDR, below(r, 3), 8);
        PUT(REC_PARAMS_PC, W_IPA + pc[below(r, 8)], 8);
        PUT(REC_PARAMS_GPRS, next(r), 8);
        PUT(REC_PARAMS_NUM_AUX, below(r, 10) ? 1 : 0, 8);
        PUT(REC_PARAMS_AUX, granule_in(w, r, GST_DELEGATED), 8);
    } else {
        PUT(REALM_PARAMS_FLAGS,
            (below(r, 20) == 0 ? REALM_FLAG_LPA2 : 0) | (below(r, 2) ? REALM_FLAG_PMU : 0), 8);
        PUT(REALM_PARAMS_PMU_NUM_CTRS, w->m->impl.pmu_num_ctrs, 1);
        PUT(REALM_PARAMS_S2SZ, below(r, 20) ? 40 : 39, 1);
        PUT(REALM_PARAMS_NUM_BPS, 1, 1);
        PUT(REALM_PARAMS_NUM_WPS, 1, 1);
        PUT(REALM_PARAMS_HASH_ALGO, below(r, 2), 1);
        PUT(REALM_PARAMS_RPV, next(r), 8);
        PUT(REALM_PARAMS_VMID, below(r, 3), 2);
        PUT(REALM_PARAMS_RTT_BASE, granule_in(w, r, GST_DELEGATED) & ~0x1fffull, 8);
        PUT(REALM_PARAMS_RTT_LEVEL_START, 1, 8);
        PUT(REALM_PARAMS_RTT_NUM_START, 2, 4);
    }
    mem_write(w->m, w_pa(w, W_PARAMS), page, sizeof(page), OWNER_HOST, 0);
}

/* What the Host gives to a REC: flags that fit the last exit or not, registers, virtual interrupts. */
static inline void write_run(struct cw *w, struct rng *r)
{
    uint8_t page[REC_EXIT_BASE] = {0};
    uint64_t v;

    PUT(REC_ENTER_FLAGS, below(r, 3) ? below(r, 8) << 2 : below(r, 32), 8);
    for (unsigned i = 0; i < 31; i++)
        PUT(REC_ENTER_GPRS + 8 * i, next(r), 8);
    PUT(REC_ENTER_GICV3_HCR, below(r, 8) ? below(r, 2) << 1 : below(r, 16), 8);
    for (unsigned i = 0; i < 4; i++) /* pending, group 1 */
        PUT(REC_ENTER_GICV3_LRS + 8 * i,
            below(r, 3) ? 0 : 1ull << 62 | 1ull << 60 | below(r, 32) << 51 | (40 + i), 8);
    mem_write(w->m, w_pa(w, W_RUN), page, sizeof(page), OWNER_HOST, 0);
    w->m->pe[0].irq_pending = below(r, 4) == 0;
}
#undef PUT

/* The Host's answers to a REC that waits for one. */
static inline bool answer(struct cw *w, struct rng *r, uint64_t in[ABI_MAX_REGS])
{
    uint64_t scratch[TABLE_WORDS], rec = granule_in(w, r, GST_REC);
    struct rmm_rec_view v;

    if (gst_find(w->m, rec) == NULL || gst_find(w->m, rec)->state != GST_REC)
        return false;
    rmm_view_rec(w->m, rec, scratch, &v);
    if (v.psci_pending) {
        in[0] = RMI_PSCI_COMPLETE;
        in[1] = rec;
        in[2] = granule_in(w, r, GST_REC);
        in[3] = below(r, 4) ? PSCI_SUCCESS : (uint64_t)PSCI_DENIED;
    } else if (v.ripas_top) {
        in[0] = RMI_RTT_SET_RIPAS;
        in[1] = v.rd;
        in[2] = rec;
        in[3] = v.ripas_addr;
        in[4] = below(r, 3) ? v.ripas_top : v.ripas_addr + (below(r, 4) << 12);
    }
    return v.psci_pending || v.ripas_top;
}

static inline void random_call(struct cw *w, struct rng *r, uint64_t in[ABI_MAX_REGS])
{
    uint64_t rd = granule_in(w, r, GST_RD);
    uint64_t level = below(r, 20) ? 2 + below(r, 2) : next(r);

    memset(in, 0, ABI_MAX_REGS * sizeof(in[0]));
    if (below(r, 3) == 0 && answer(w, r, in))
        return;
    in[1] = rd;
    switch (below(r, 34)) {
    case 0:
    case 1:
    case 2:
    case 3:
        in[0] = RMI_GRANULE_DELEGATE;
        in[1] = granule_in(w, r, GST_UNDELEGATED);
        break;
    case 4:
        in[0] = RMI_GRANULE_UNDELEGATE;
        in[1] = granule_in(w, r, GST_DELEGATED);
        break;
    case 5:
        write_params(w, r, false);
        in[0] = RMI_REALM_CREATE;
        in[1] = granule_in(w, r, GST_DELEGATED);
        in[2] = below(r, 20) ? w_pa(w, W_PARAMS) : any_granule(w, r);
        break;
    case 6: in[0] = below(r, 3) ? RMI_REALM_ACTIVATE : RMI_REALM_DESTROY; break;
    case 7: in[0] = below(r, 3) ? RMI_REC_AUX_COUNT : RMI_REALM_ACTIVATE; break;
    case 8:
        write_params(w, r, true);
        in[0] = RMI_REC_CREATE;
        in[2] = granule_in(w, r, GST_DELEGATED);
        in[3] = w_pa(w, W_PARAMS);
        break;
    case 9:
        in[0] = below(r, 4) ? RMI_FEATURES : RMI_REC_DESTROY;
        in[1] = granule_in(w, r, GST_REC);
        break;
    case 10:
    case 11:
    case 24:
    case 25:
    case 30:
    case 31:
    case 32:
    case 33:
        write_run(w, r);
        in[0] = RMI_REC_ENTER;
        in[1] = granule_in(w, r, GST_REC);
        in[2] = w_pa(w, W_RUN);
        break;
    case 12:
    case 13:
    case 14:
    case 15:
        in[0] = RMI_RTT_CREATE;
        in[2] = granule_in(w, r, GST_DELEGATED);
        in[3] = align_down(any_ipa(r), level == 2 ? 1ull << 30 : 1ull << 21);
        in[4] = level;
        break;
    case 16:
        in[0] = RMI_RTT_DESTROY;
        in[2] = align_down(any_ipa(r), 1ull << 21);
        in[3] = level;
        break;
    case 17:
        in[0] = RMI_DATA_CREATE;
        in[2] = granule_in(w, r, GST_DELEGATED);
        in[3] = any_ipa(r);
        in[4] = below(r, 10) ? w_pa(w, W_SRC) : any_granule(w, r);
        in[5] = below(r, 2);
        break;
    case 18:
    case 19:
        in[0] = RMI_DATA_CREATE_UNKNOWN;
        in[2] = granule_in(w, r, GST_DELEGATED);
        in[3] = any_ipa(r);
        break;
    case 20:
        in[0] = RMI_DATA_DESTROY;
        in[2] = any_ipa(r);
        break;
    case 21:
        in[0] = RMI_RTT_INIT_RIPAS;
        in[2] = any_ipa(r);
        in[3] = in[2] + (below(r, 4) << 12 << (9 * below(r, 2)));
        break;
    case 22:
        in[0] = below(r, 3) ? RMI_RTT_MAP_UNPROTECTED : RMI_RTT_UNMAP_UNPROTECTED;
        in[2] = any_ipa(r);
        in[3] = level;
        if (in[0] == RMI_RTT_MAP_UNPROTECTED)
            in[4] = w_pa(w, W_NS) | below(r, 8) << 2 | below(r, 4) << 6;
        break;
    case 26:
        in[0] = RMI_RTT_FOLD;
        in[2] = align_down(any_ipa(r), level == 2 ? 1ull << 30 : 1ull << 21);
        in[3] = level;
        break;
    case 27:
        in[0] = RMI_RTT_SET_RIPAS;
        in[2] = granule_in(w, r, GST_REC);
        in[3] = ASK_BASE + (below(r, 3) << 12);
        in[4] = in[3] + (below(r, 4) << 12);
        break;
    case 28:
    case 29:
        in[0] = RMI_PSCI_COMPLETE;
        in[1] = granule_in(w, r, GST_REC);
        in[2] = granule_in(w, r, GST_REC);
        in[3] = below(r, 4) ? PSCI_SUCCESS : (uint64_t)PSCI_DENIED;
        break;
    default:
        in[0] = RMI_RTT_READ_ENTRY;
        in[2] = any_ipa(r);
        in[3] = level;
        break;
    }
}

/* What each Realm does: accesses, RSI and PSCI commands, its devices, for ever; a REC begins in one of the places. */
#define SMC(mask, ...)                                             \
    {                                                              \
        .kind = SCRIPT_SMC, .args = (mask), .arg = { __VA_ARGS__ } \
    }
#define WRITE(id, v)                                                                \
    {                                                                               \
        .kind = SCRIPT_MSR, .reg = 5, .has_value = true, .value = (v), .addr = (id) \
    }
#define READ(id)                                   \
    {                                              \
        .kind = SCRIPT_MRS, .reg = 5, .addr = (id) \
    }
#define JUMP(to)                                  \
    {                                             \
        .kind = SCRIPT_GOTO, .addr = W_IPA + (to) \
    }
#define SECTION(at, list)                                                          \
    {                                                                              \
        .pc = W_IPA + (at), .ops = (list), .num = sizeof(list) / sizeof((list)[0]) \
    }

static inline void random_script(struct cw *w)
{
    static struct script_op memory[] = {
        {.kind = SCRIPT_SYSREG, .addr = SR_VBAR_EL1, .value = W_IPA + 0x800},
        {.kind = SCRIPT_SYSREG, .addr = SR_TPIDR_EL1, .value = 0x7777},
        {.kind = SCRIPT_SET, .reg = 40, .value = 0x8888},
        SMC(0x1f, RSI_IPA_STATE_SET, ASK_BASE, ASK_BASE + 0x3000, RIPAS_RAM, 1),
        SMC(0xf, PSCI_AFFINITY_INFO, 1, 0, 0),
        SMC(0xf, RSI_IPA_STATE_SET, ASK_BASE, ASK_BASE + 0x3000, RIPAS_EMPTY),
        SMC(0xf, PSCI_CPU_ON, 1, W_IPA, 0x77),
        SMC(0xf, PSCI_CPU_SUSPEND, 1, 2, 3),
        {.kind = SCRIPT_STORE,
         .reg = 1,
         .size = 8,
         .sf = true,
         .has_value = true,
         .value = 0xabc,
         .addr = W_IPA + 8},
        SMC(0xf, RSI_MEASUREMENT_EXTEND, 1, 64, 0x77),
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 8, .sf = true, .addr = W_NS_IPA + 0x1000},
        {.kind = SCRIPT_STORE, .reg = 2, .size = 2, .addr = W_NS_IPA + 0x2004},
        SMC(7, RSI_IPA_STATE_GET, 0, 0x200000),
        SMC(3, RSI_HOST_CALL, W_IPA + 0x100),
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 8, .sf = true, .addr = ASK_BASE},
        SMC(3, RSI_VERSION, 0x10000),
        {.kind = SCRIPT_LOAD, .reg = 2, .size = 8, .sf = true, .addr = 1ull << 41},
        JUMP(0x400),
    };
    static struct script_op devices[] = {
        WRITE(SYSREG(3, 0, 4, 6, 0), 0xf0),    /* ICC_PMR_EL1 */
        WRITE(SYSREG(3, 0, 12, 12, 7), 1),     /* ICC_IGRPEN1_EL1 */
        READ(SYSREG(3, 0, 12, 12, 0)),         /* ICC_IAR1_EL1 */
        WRITE(SYSREG(3, 3, 14, 3, 2), 0x2000), /* CNTV_CVAL_EL0 */
        WRITE(SYSREG(3, 3, 14, 3, 1), 1),      /* CNTV_CTL_EL0 */
        WRITE(SYSREG(3, 0, 12, 11, 5), 0x1),   /* ICC_SGI1R_EL1 */
        WRITE(SYSREG(3, 0, 12, 12, 1), 40),    /* ICC_EOIR1_EL1 */
        WRITE(SYSREG(3, 3, 9, 12, 0), 1),      /* PMCR_EL0 */
        {.kind = SCRIPT_WFI},
        SMC(0x1ff, RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8),
        SMC(0xf, RSI_ATTESTATION_TOKEN_CONTINUE, W_IPA, 0x200, 0x300),
        SMC(0xf, RSI_ATTESTATION_TOKEN_CONTINUE, W_IPA, 0, 0x1000),
        SMC(0x1ff, RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 9),
        SMC(0xf, RSI_ATTESTATION_TOKEN_CONTINUE, ASK_BASE, 0x800, 0x100),
        SMC(3, RSI_REALM_CONFIG, W_IPA),
        SMC(3, RSI_REALM_CONFIG, ASK_BASE + 0x1000),
        SMC(3, RSI_MEASUREMENT_READ, 1),
        SMC(3, RSI_FEATURES, 0),
        {.kind = SCRIPT_WFE},
        SMC(3, RSI_HOST_CALL, ASK_BASE),
        JUMP(0),
    };
    static struct script_op off[] = {SMC(1, PSCI_CPU_OFF), JUMP(0)};
    static struct script_op all_off[] = {SMC(1, PSCI_SYSTEM_OFF), JUMP(0)};
    /* Exceptions: on with the wait after the devices. */
    static struct script_op vector[] = {JUMP(0x420)},
                            irq[] = {READ(SYSREG(3, 0, 12, 12, 0)), JUMP(0x408)};
    static struct script_section section[] = {
        SECTION(0, memory),      SECTION(0x400, devices), SECTION(0x600, off),
        SECTION(0x700, all_off), SECTION(0xa00, vector),  SECTION(0xa80, irq),
    };
    static struct script script = {.sections = section,
                                   .num = sizeof(section) / sizeof(section[0])};

    script_set_limit(w->scripts, 200);
    assert_int_equal(script_set_add(w->scripts, &script, 0), CCA_OK);
}

#endif
