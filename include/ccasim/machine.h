/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine as one value: PEs, DRAM, GPT, GST, event stream, virtual time. There is no other state: copying it
 * is a snapshot, hashing it is its identity, and machine_diff() says in words how two differ.
 *
 *      PE 0..n -- access --> MMU (stage 1, stage 2) --> GPC (gpt.h) --> mem (granule pages)
 *                                                        ^ written by EL3M only
 *      RMM handlers -- lock, slot --> granules; GST says what each granule is
 *
 * Invariants: `ccasim list invariants`. Not modelled: docs/limits.md.
 */
#ifndef CCASIM_MACHINE_H
#define CCASIM_MACHINE_H

#include <ccasim/event.h>
#include <ccasim/impl.h>
#include <ccasim/types.h>

CCASIM_API_BEGIN

/* ---- GST: what the RMM knows of each granule that it tracks (model/gst) ---------------------------------------
 *
 *                GRANULE_DELEGATE              REALM_CREATE            REALM_CREATE / RTT_CREATE
 *   UNDELEGATED ----------------> DELEGATED ---------------> RD    ... ---------------------------> RTT
 *               <----------------           <---------------           <---------------------------
 *               GRANULE_UNDELEGATE          REALM_DESTROY              REALM_DESTROY / RTT_DESTROY
 *                                 DELEGATED <-> REC, REC_AUX (REC_CREATE / REC_DESTROY)
 *                                 DELEGATED <-> DATA (DATA_CREATE[_UNKNOWN] / DATA_DESTROY)
 *
 * External states are those that an RMI argument names directly; they are locked in ascending address order and
 * before any internal state, which are locked RTT -> DATA -> REC_AUX.
 */
enum gst_state {
    GST_UNDELEGATED,
    GST_DELEGATED,
    GST_RD,
    GST_REC,
    GST_REC_AUX,
    GST_DATA,
    GST_RTT,
    GST_STATE_COUNT
};
struct gst_entry {
    uint8_t state; /* enum gst_state */
    uint8_t lock;  /* 0: free, else PE + 1 */
    uint16_t
        refcount; /* RD: RECs; REC: 1 while running; RTT: live entries (TABLE, ASSIGNED at protected IPA) */
};

/* ---- memory (model/mem) ---------------------------------------------------------------------------------------- */
enum owner_kind { OWNER_NONE, OWNER_HOST, OWNER_REALM, OWNER_RMM, OWNER_EL3M, OWNER_SECURE };
/* Whose data a granule may still hold: set by writes, cleared only by a full overwrite. */
struct provenance {
    uint8_t kinds;       /* bits 1 << enum owner_kind */
    uint8_t guest_clean; /* internal to mem: 1 while the next guest store must be noticed */
    uint8_t was_exec;    /* instructions were fetched from it since the last mem_exec_flush */
    uint8_t spare;
    uint32_t realm; /* granule index of the RD when kinds has OWNER_REALM; of the last one */
};
struct mem {
    uint8_t *host; /* host mapping of DRAM; page-aligned */
    uint64_t base, size;
    uint32_t num;            /* granules */
    struct provenance *prov; /* [num] */
    uint64_t *used;          /* bitmap [num]: granules that may be non-zero */
};

/* ---- PEs --------------------------------------------------------------------------------------------------------- */
/* clang-format off */
#define PE_SYSREGS(X)                                                                               \
    X(SP_EL0) X(SP_EL1) X(ELR_EL1) X(SPSR_EL1) X(ESR_EL1) X(FAR_EL1) X(VBAR_EL1) X(SCTLR_EL1)       \
    X(TCR_EL1) X(TTBR0_EL1) X(TTBR1_EL1) X(MAIR_EL1) X(AMAIR_EL1) X(CONTEXTIDR_EL1) X(TPIDR_EL0)    \
    X(TPIDRRO_EL0) X(TPIDR_EL1) X(CPACR_EL1) X(CNTKCTL_EL1) X(PAR_EL1) X(MDSCR_EL1) X(CSSELR_EL1)   \
    X(AFSR0_EL1) X(AFSR1_EL1) X(ACTLR_EL1) X(DISR_EL1) X(CNTP_CTL_EL0) X(CNTP_CVAL_EL0)             \
    X(CNTV_CTL_EL0) X(CNTV_CVAL_EL0) X(FPCR) X(FPSR)
/* clang-format on */
enum pe_sysreg {
#define X(n) SR_##n,
    PE_SYSREGS(X)
#undef X
        SR_COUNT
};
/* The EL1/EL0 context: what a REC saves. SP is SP_EL0/SP_EL1 as PSTATE selects. */
struct pe_regs {
    uint64_t x[31];
    uint64_t pc;
    uint64_t pstate; /* as SPSR_EL2 holds it: M[4:0], DAIF [9:6], NZCV [31:28] ... */
    uint64_t sys[SR_COUNT];
    uint64_t v[64]; /* V0..V31, low half first */
};
#define PE_NUM_LRS 16u
/* The virtual CPU interface: ICH_*_EL2. misr always follows from the others (realm_dev.h). */
struct pe_gic {
    uint64_t hcr, vmcr, misr, lr[PE_NUM_LRS];
    uint32_t ap0r[4], ap1r[4]; /* active priorities, a bit a level */
};
/* The PMU. Counters that count time stand at what they were at `since`. */
#define PE_NUM_COUNTERS 31u
struct pe_pmu {
    uint64_t num;     /* event counters of the Realm (MDCR_EL2.HPMN) */
    uint64_t present; /* 0: the Realm has none, and its registers are undefined */
    uint64_t pmcr, cnten, ovs, inten, selr, userenr;
    uint64_t ccntr, ccfiltr, evcntr[PE_NUM_COUNTERS], evtyper[PE_NUM_COUNTERS];
    uint64_t since; /* virtual time */
    uint64_t
        told; /* 1: the Host knows of the overflow, and holds the interrupt back until it is gone */
};
enum rmm_slot {
    SLOT_NS,
    SLOT_DELEGATED,
    SLOT_RD,
    SLOT_REC,
    SLOT_REC_AUX,
    SLOT_RTT,
    SLOT_RTT2,
    SLOT_DATA,
    SLOT_EL3, /* the buffer shared with EL3M */
    SLOT_COUNT
};
struct tlb;
struct pe {
    struct pe_regs r; /* of the Realm (or host) that runs here */
    enum world world;
    /* R-EL2 controls that the RMM sets before it enters a Realm */
    uint64_t hcr_el2, vtcr_el2, vttbr_el2, vmpidr_el2, cntvoff_el2, cntpoff_el2, cnthctl_el2,
        cptr_el2, vsesr_el2;
    struct pe_gic gic;
    struct pe_pmu pmu;
    bool
        irq_pending; /* a physical interrupt for the host is pending: a Realm that runs here exits */
    bool fiq_pending, serror_pending;
    uint64_t irq_at; /* virtual time at which irq_pending becomes set; 0: none */
    uint64_t fiq_at, serror_at;
    uint64_t serror_iss;       /* ISS of the physical SError, as ESR_EL2 will hold it */
    uint64_t slot[SLOT_COUNT]; /* PA | 1 while mapped, else 0 */
    uint64_t running_rec;      /* PA of the REC whose context is in r; 0: none */
    uint64_t running_rd; /* PA of that REC's RD: owner of what the Realm stores; set with it */
    struct tlb *tlb;     /* mmu.h; owned */
};

/* ---- what the RMM keeps outside granules ------------------------------------------------------------------------- */
#define PLAT_TOKEN_MAX 1536u
struct rmm_state {
    uint64_t vmids[65536 / 64]; /* in use */
    uint64_t el3_buffer;        /* the page that EL3M and the RMM share, from boot */
    /* What EL3M gave for attestation tokens; asked for when the first one is wanted. */
    uint32_t plat_token_size; /* 0: not asked yet */
    uint8_t rak[48];          /* Realm attestation key, private */
    uint8_t rak_public[107];  /* its COSE_Key, as tokens have it */
    uint8_t plat_token[PLAT_TOKEN_MAX];
};

/* ---- what EL3M keeps outside the GPT --------------------------------------------------------------------------------- */
struct el3m_state {
    bool rmm_booted;     /* BOOT_COMPLETE came */
    int64_t boot_result; /* with this */
    bool realm_dead;     /* and said that the RMM cannot run: nobody serves the Realm world */
    /* Of the platform token that the RMM is fetching; challenge_size 0: none. */
    uint8_t challenge_size;
    uint8_t challenge[64];
    uint32_t token_sent;
};

/* ---- GPT registers (tables are in Root memory) ---------------------------------------------------------------------- */
struct gpt_regs {
    uint64_t gptbr_el3; /* PA of the level-0 table >> 12 */
    uint64_t gpccr_el3; /* PPS, L0GPTSZ, PGS, GPC */
};

/* Why a PE lets others run. */
enum sched_why {
    SCHED_SLICE, /* it has run up to slice() */
    SCHED_WFI,   /* nothing to do until an interrupt is pending */
    SCHED_WFE,   /* nothing to do until an event; it may go on at any time */
};
struct sched_ops {
    /* Waiting for a lock that another PE holds: the scheduler (outside the model) runs others until it is free. */
    void (*wait)(void *ctx, struct machine *m, unsigned pe, pa_t granule);
    /* Where several PEs run code: the virtual time at which this one has to call yield(). Both NULL: one runs to its end. */
    uint64_t (*slice)(void *ctx, struct machine *m, unsigned pe);
    void (*yield)(void *ctx, struct machine *m, unsigned pe, enum sched_why why);
};

struct platform;      /* plat.h */
struct rmm_ops;       /* rmm.h */
struct realm_cpu_ops; /* realm_cpu.h */

#define MACHINE_MAX_BREAKS 128u
struct machine {
    struct impl impl;
    struct mem mem;
    struct gpt_regs gpt;
    struct gst_entry
        *gst; /* [mem.num]; granules outside the banks stay UNDELEGATED and are not tracked */
    uint64_t *tracked; /* bitmap [mem.num] */
    struct pe pe[CCA_MAX_PES];
    struct event_stream ev;
    /* A granule of broken memory: a Realm's access to it takes an external abort, of this SET. 0: none */
    uint64_t broken_granule, broken_set;
    uint64_t vtime;  /* virtual time: instructions executed by all PEs; the counter's tick */
    uint64_t cntfrq; /* Hz that CNTFRQ_EL0 reads: 100 MHz */
    struct rmm_state rmm;
    struct el3m_state el3m;
    const struct rmm_ops *rmm_ops;
    const struct realm_cpu_ops *cpu;
    void *cpu_ctx;
    const struct sched_ops *sched;
    void *sched_ctx;
    struct platform *plat; /* where host code runs; NULL: the host is a list of steps */
    uint32_t broken;       /* the planted bug that is on: enum rmm_bug + 1; 0: none */
    uint32_t
        break_count[MACHINE_MAX_BREAKS]; /* how often each bug's place was reached, on or off */
};

/*
 * Builds a machine in the state after boot: GPT tables written by EL3M (DRAM NS, secure ranges Secure, the Root
 * part Root), every tracked granule UNDELEGATED, PEs in the Normal world. `impl` must pass impl_check().
 * rmm_ops is the model's RMM; cpu is NULL (no Realm can run) until set.
 * Returns CCA_ERR_NOMEM or CCA_ERR_INVAL; *out is then NULL.
 */
int machine_new(const struct impl *impl, struct machine **out);
void machine_free(struct machine *m);
/* Back to the state after boot: as free + new with the same impl, but keeps the mapping. Listeners stay. */
void machine_reset(struct machine *m);

/* --- snapshot, restore, hash, diff --- */
struct machine_snapshot;
/* Everything but listeners and ops. NULL: out of memory. */
struct machine_snapshot *machine_save(struct machine *m);
/* The snapshot must come from this machine (or one of equal impl). Tells the CPU to forget its caches. */
void machine_restore(struct machine *m, const struct machine_snapshot *s);
void machine_snapshot_free(struct machine_snapshot *s);
/* Identity of the state; independent of host addresses, of listeners and of event counts. */
uint64_t machine_hash(const struct machine *m);
/*
 * Typed diff: calls fn once per difference with a line such as `gst[0x88300000].state: NS -> DELEGATED`,
 * in a fixed order. Returns the number of differences. Memory differences are one line per run of bytes.
 */
size_t machine_diff(const struct machine_snapshot *before, const struct machine *after,
                    void (*fn)(void *ctx, const char *line), void *ctx);

/* --- granule index helpers --- */
static inline bool mem_contains(const struct machine *m, uint64_t a)
{
    return a - m->mem.base < m->mem.size;
}
static inline uint32_t granule_index(const struct machine *m, uint64_t a)
{
    return (uint32_t)((a - m->mem.base) >> GRANULE_SHIFT);
}
static inline uint64_t granule_pa(const struct machine *m, uint32_t index)
{
    return m->mem.base + ((uint64_t)index << GRANULE_SHIFT);
}

/* --- events: the hot path --- */
static inline void ev(struct machine *m, unsigned pe, enum event_kind k, uint64_t obj, uint64_t a,
                      uint64_t b)
{
    if (__builtin_expect((m->ev.mask & EV_BIT(k)) != 0, 0))
        event_emit(m, pe, k, obj, a, b);
}

CCASIM_API_END

#endif
