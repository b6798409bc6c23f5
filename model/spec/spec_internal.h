/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vocabulary of model/spec: its abstract state, and what the command files share.
 *
 *   granules   a flat array over DRAM: state, PAS, and the object that lives there
 *   tables     one node an RTT: a base from which all 512 entries follow, and those that differ
 *   realms, recs
 *
 * A command is a row of SPEC_COMMANDS and a file rmi/NAME.c, rsi/NAME.c or psci/NAME.c with: conditions in the
 * specification's words, one predicate each, order edges with their source, what stays open
 * ("loose"), and the success post-state. Predicates are pure: they read a struct spec_call. One
 * that is meaningless because an earlier condition holds (B1.6, well-formedness ordering:
 * "realm_state" where rd names no Realm) is false.
 *
 * Not here: locks, reference counts, descriptors, memory. How an RMM does it is model/rmm's
 * business.
 */
#ifndef CCASIM_SPEC_INTERNAL_H
#define CCASIM_SPEC_INTERNAL_H

#include <ccasim/spec.h>

#define SPEC_ENTRIES     512u
#define SPEC_WORDS       (SPEC_ENTRIES / 64u)
#define SPEC_PAGE_LEVEL  3 /* RMM_RTT_PAGE_LEVEL */
#define SPEC_NONE        UINT32_MAX
#define SPEC_MAX_TOUCHED 64u
#define SPEC_VMIDS       65536u
#define SPEC_MAX_OUT     9u /* x0..x8: no command of RMI or RSI has more outputs */

/* --- the abstract state --- */

/*
 * RmmRttEntry. HIPAS_ASSIGNED with `ns` is ASSIGNED_NS, HIPAS_UNASSIGNED with `ns` is
 * UNASSIGNED_NS.
 */
struct spec_entry {
    uint64_t page : 40; /* address >> 12 */
    uint64_t hipas : 2;
    uint64_t ripas : 2;
    uint64_t ns : 1;
    uint64_t memattr : 4;
    uint64_t s2ap : 2;
};

struct spec_leaf {
    struct spec_entry entry[SPEC_ENTRIES];
};

struct spec_table {
    uint64_t granule;
    uint64_t ipa; /* first IPA of the table */
    uint32_t realm;
    uint32_t leaf; /* entries that differ from the base; SPEC_NONE while there are none */
    int level;
    uint16_t ns_from; /* entries from here on start as UNASSIGNED_NS (root tables) */
    uint16_t
        num_counted; /* entries ASSIGNED or TABLE: the RTT is live while there are any (A5.5.8) */
    uint16_t num_differs;
    struct spec_entry base;
    uint64_t differs[SPEC_WORDS];
    uint64_t live[SPEC_WORDS]; /* entries that hold an address (A5.5.8, RTTE liveness) */
};

struct spec_gnode {
    uint8_t state; /* enum spec_gstate */
    uint8_t pas;
    bool tracked;
    uint32_t node; /* RD: Realm. DATA: Realm. RTT: table. REC, REC_AUX: REC. */
    uint64_t ipa;  /* DATA */
};

struct spec_rnode {
    struct spec_realm pub;
    uint64_t rd;
};

/* The RmiRecExit that must be written, without what only the machine knows (A4.3). */
struct spec_exit {
    enum rec_exit_reason reason;
    uint64_t esr, far, hpfar;
    uint64_t esr_open, hpfar_open, gpr0_open; /* bits that stay open */
    uint64_t arg_open[4];                     /* PSCI: of gprs[1..3], bits that SBZ in the call */
    uint64_t gprs[31];
    uint64_t ripas_base, ripas_top;
    uint8_t ripas_value;
    uint16_t imm;
    bool call_open; /* gprs and imm cannot be judged: the Realm's memory is not visible */
    bool any_sync;  /* an exception class that the specification does not list: fields stay open */
    bool machine_known; /* gicv3_*, cnt*, pmu: values of the last trap */
    const char *what;   /* "host_call", "data_abort_emulatable" ... */
};

/* Registers that the Realm must see at the next entry, and what of them stays open. */
struct spec_expect {
    struct spec_regs regs;
    uint32_t open_x;
    uint64_t open_pstate, open_esr;
    bool open_el1; /* EL1 system registers of a REC that never ran */
    /* Of a register that is open, these bits are zero all the same. */
    unsigned zero_x;
    uint64_t zero_bits;
    uint64_t x0_statuses; /* x0 may be any of these: bits by status; 0: as regs has it */
};

enum spec_next {
    SPEC_NEXT_RESUME, /* back to the Realm; an exit due to IRQ is always allowed instead (A4.1) */
    SPEC_NEXT_EXIT,
    SPEC_NEXT_EITHER, /* not specified whether the RMM handles it or tells the Host */
};

enum spec_pending_write { SPEC_WRITE_NONE, SPEC_WRITE_CONFIG, SPEC_WRITE_HOST_CALL };

struct spec_recnode {
    struct spec_rec pub;
    uint64_t pa;
    uint32_t realm;
    bool has_run;
    bool regs_open; /* they will not be used: PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET */
    uint64_t ripas_base; /* of the RIPAS change that is pending */

    /* The last REC exit, for the next entry (A4.2.3). */
    bool last_abort_unprotected;
    uint64_t last_esr, last_far;

    /* Outputs of the EL1 timers as the Host knows them: those of the last REC exit (A6.2). */
    bool told_cntp, told_cntv;

    /* The REC_ENTER in progress. */
    uint64_t run_ptr;
    bool at_entry; /* the Realm has not run in it */
    uint64_t enter_hcr, enter_lrs[16];
    enum spec_next next;
    struct spec_expect expect;      /* pub.regs is its copy */
    struct spec_expect alternative; /* where two outcomes are allowed */
    bool has_alternative;
    bool range_x1; /* x1: any granule boundary in (range_base, range_top] (RSI_IPA_STATE_GET) */
    uint64_t range_base, range_top;
    struct spec_exit exit;
    bool exit_is_emulatable, exit_is_unprotected_abort;
    bool may_be_interrupted;        /* an exit due to IRQ may come in its place */
    struct spec_trap trap;          /* the last one */
    const struct spec_command *rsi; /* whose results are pending; the verdict on its conditions: */
    uint64_t rsi_true, rsi_minimal;
    int rsi_decided;
    bool rsi_open;       /* which condition, or which way to succeed, shows at the next entry */
    const char *variant; /* of what the last exception led to */
    uint64_t host_call_ipa;
    enum spec_pending_write write;
    uint64_t write_pa;
    uint64_t write_gprs[31];
    uint32_t token;                /* index in spec.tokens + 1; 0: no token is in progress */
    uint64_t piece_pa, piece_size; /* where its next bytes go */
};

/* An attestation token in progress: what the Realm has of it. */
#define SPEC_MAX_TOKEN 16384u
struct spec_token {
    uint64_t bound; /* x1 of RSI_ATTESTATION_TOKEN_INIT */
    uint32_t len;
    bool lost; /* bytes that could not be read, or too many: it cannot be judged */
    uint8_t measurement[MEASUREMENT_SLOTS][MEASUREMENT_SIZE]; /* when it was begun */
    uint8_t bytes[SPEC_MAX_TOKEN];
};

struct spec_pool {
    void *items;
    uint32_t *free;
    uint32_t item_size, count, capacity, num_free;
};

/* A REC_ENTER that failed at its begin, kept until its end. */
struct spec_failed_enter {
    bool used;
    uint64_t rec, run_ptr;
    uint64_t true_mask, minimal_mask;
    uint32_t num_predicates;
};

struct spec {
    struct impl impl;
    struct spec_gnode *granules;
    uint64_t num_granules;
    struct spec_pool realms, recs, tables, leaves, tokens;
    uint64_t vmids[SPEC_VMIDS / 64u];
    struct spec_failed_enter failed[CCA_MAX_PES];

    /* Of the last judging call. */
    struct spec_touch touched[SPEC_MAX_TOUCHED];
    uint32_t num_touched;
    bool touched_overflow;
    uint8_t page
        [GRANULE_SIZE]; /* host memory that the call read, or a granule that it must have written */
    uint8_t exit_bytes[REC_EXIT_SIZE], exit_mask[REC_EXIT_SIZE];
    uint8_t call_bytes[RSI_HOST_CALL_SIZE];
};

/* --- a call --- */

struct spec_walk {
    struct spec_table *table; /* NULL: no walk (the inputs name no Realm or no address in it) */
    uint32_t table_index;
    unsigned index;
    int level;
    struct spec_entry rtte;
};

struct spec_realm_params {
    uint64_t flags, rtt_base;
    int64_t rtt_level_start;
    uint32_t rtt_num_start;
    uint16_t vmid;
    uint8_t s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo;
};

struct spec_rec_params {
    uint64_t flags, mpidr, pc, num_aux;
    uint64_t gprs[REC_NUM_CREATE_GPRS];
    uint64_t aux[REC_MAX_AUX];
};

struct spec_rec_enter {
    uint64_t flags, gicv3_hcr;
    uint64_t gprs[31];
    uint64_t gicv3_lrs[16];
};

/* Rows of spec_rec_enter_loose. */
enum {
    SPEC_LOOSE_RESET,
    SPEC_LOOSE_PSTATE,
    SPEC_LOOSE_SEA_ISS,
    SPEC_LOOSE_HVC_ELR,
    SPEC_LOOSE_MMIO_WIDTH,
    SPEC_LOOSE_ABORT_IL,
    SPEC_LOOSE_WFXT,
    SPEC_LOOSE_SYSREG,
    SPEC_LOOSE_SGI,
    SPEC_LOOSE_UNLISTED,
    SPEC_LOOSE_SPURIOUS,
    SPEC_LOOSE_NO_RUN,
    SPEC_NUM_LOOSE_ENTER
};

/* What an RSI command leads to. */
enum spec_rsi_outcome {
    SPEC_RSI_RETURN,      /* results in registers, back to the Realm */
    SPEC_RSI_EXIT,        /* REC exit; results in registers */
    SPEC_PSCI_PENDING,    /* REC exit; the call stays in the registers for RMI_PSCI_COMPLETE */
    SPEC_RSI_STAGE2_ABORT /* the page is not there: REC exit due to Data Abort, SMC not done */
};

struct spec_call {
    struct spec *s;
    const struct spec_env *env;
    const uint64_t *in;
    struct spec_verdict *v;
    const struct spec_command *cmd;

    /* Context values (B1.5). */
    uint64_t rd, ipa, pa; /* pa: the granule that the command creates, destroys or changes */
    int64_t level;
    struct spec_rnode *realm; /* Realm(rd), NULL: rd names no Realm */
    struct spec_recnode *rec;
    struct spec_recnode *target; /* RMI_PSCI_COMPLETE */
    struct spec_walk walk;
    uint64_t ptr;  /* host memory that the command reads */
    bool ptr_read; /* it was read */
    union {
        struct spec_realm_params realm_params;
        struct spec_rec_params rec_params;
        struct spec_rec_enter rec_enter;
    };

    /*
     * Outputs: want[i] is x(i), judged where care[i] has a bit set. Registers above num_out must be
     * zero.
     */
    unsigned num_out;
    uint64_t want[SPEC_MAX_OUT], care[SPEC_MAX_OUT];
    unsigned alt_reg; /* this output may also be alt_value; 0: none */
    uint64_t alt_value;
    enum spec_rsi_outcome outcome; /* RSI */
    bool has_second_x0;            /* SMC of a Realm: another status is allowed too */
    uint64_t second_x0;
};

typedef bool (*spec_predicate)(const struct spec_call *c);

struct spec_body {
    void (*context)(struct spec_call *c);
    const spec_predicate *holds;                           /* one a condition */
    int (*index)(const struct spec_call *c, unsigned row); /* NULL: walk.level */
    void (*success)(struct spec_call *c);                  /* moves the state, states the outputs */
    void (*failure)(struct spec_call *c, unsigned row);    /* states the outputs; NULL: all open */
};

/* --- the commands --- */

/* Function identifier, name, and the number of conditions, order edges, loose rows and variants. */
#define SPEC_RMM_COMMANDS(X)                                                  \
    X(RMI_VERSION, rmi_version, 0, 0, 0, 2)                                   \
    X(RMI_GRANULE_DELEGATE, granule_delegate, 4, 2, 0, 0)                     \
    X(RMI_GRANULE_UNDELEGATE, granule_undelegate, 3, 2, 1, 0)                 \
    X(RMI_DATA_CREATE, data_create, 15, 9, 0, 2)                              \
    X(RMI_DATA_CREATE_UNKNOWN, data_create_unknown, 11, 6, 1, 3)              \
    X(RMI_DATA_DESTROY, data_destroy, 7, 4, 2, 3)                             \
    X(RMI_REALM_ACTIVATE, realm_activate, 4, 3, 0, 0)                         \
    X(RMI_REALM_CREATE, realm_create, 13, 5, 1, 2)                            \
    X(RMI_REALM_DESTROY, realm_destroy, 4, 3, 0, 3)                           \
    X(RMI_REC_CREATE, rec_create, 16, 7, 0, 2)                                \
    X(RMI_REC_DESTROY, rec_destroy, 4, 3, 0, 0)                               \
    X(RMI_REC_ENTER, rec_enter, 13, 5, 12, 29)                                \
    X(RMI_RTT_CREATE, rtt_create, 12, 6, 0, 8)                                \
    X(RMI_RTT_DESTROY, rtt_destroy, 9, 4, 2, 3)                               \
    X(RMI_RTT_MAP_UNPROTECTED, rtt_map_unprotected, 11, 4, 0, 3)              \
    X(RMI_RTT_READ_ENTRY, rtt_read_entry, 6, 2, 3, 9)                         \
    X(RMI_RTT_UNMAP_UNPROTECTED, rtt_unmap_unprotected, 8, 4, 1, 3)           \
    X(RMI_PSCI_COMPLETE, psci_complete, 11, 4, 0, 5)                          \
    X(RMI_FEATURES, rmi_features, 0, 0, 0, 2)                                 \
    X(RMI_RTT_FOLD, rtt_fold, 9, 4, 1, 8)                                     \
    X(RMI_REC_AUX_COUNT, rec_aux_count, 3, 2, 1, 0)                           \
    X(RMI_RTT_INIT_RIPAS, rtt_init_ripas, 10, 6, 1, 4)                        \
    X(RMI_RTT_SET_RIPAS, rtt_set_ripas, 14, 9, 2, 14)                         \
    X(RSI_VERSION, rsi_version, 0, 0, 0, 2)                                   \
    X(RSI_FEATURES, rsi_features, 0, 0, 0, 0)                                 \
    X(RSI_MEASUREMENT_READ, measurement_read, 1, 0, 1, 2)                     \
    X(RSI_MEASUREMENT_EXTEND, measurement_extend, 2, 0, 1, 0)                 \
    X(RSI_ATTESTATION_TOKEN_INIT, attestation_token_init, 0, 0, 1, 2)         \
    X(RSI_ATTESTATION_TOKEN_CONTINUE, attestation_token_continue, 7, 0, 4, 5) \
    X(RSI_REALM_CONFIG, realm_config, 2, 0, 2, 3)                             \
    X(RSI_IPA_STATE_SET, ipa_state_set, 5, 0, 1, 6)                           \
    X(RSI_IPA_STATE_GET, ipa_state_get, 4, 0, 2, 3)                           \
    X(RSI_HOST_CALL, host_call, 2, 0, 3, 3)
#define SPEC_PSCI32_COMMANDS(X)                    \
    X(PSCI_VERSION, psci_version, 0, 0, 0, 0)      \
    X(PSCI_CPU_OFF, cpu_off, 0, 0, 0, 0)           \
    X(PSCI_SYSTEM_OFF, system_off, 0, 0, 0, 0)     \
    X(PSCI_SYSTEM_RESET, system_reset, 0, 0, 0, 0) \
    X(PSCI_FEATURES, psci_features, 0, 0, 1, 2)
#define SPEC_PSCI64_COMMANDS(X)                  \
    X(PSCI_CPU_SUSPEND, cpu_suspend, 0, 0, 0, 0) \
    X(PSCI_CPU_ON, cpu_on, 3, 0, 1, 0)           \
    X(PSCI_AFFINITY_INFO, affinity_info, 2, 0, 1, 2)
#define SPEC_COMMANDS(X) SPEC_RMM_COMMANDS(X) SPEC_PSCI32_COMMANDS(X) SPEC_PSCI64_COMMANDS(X)

#define SPEC_DECLARE_COMMAND(fid, name, conds, orders, loose, variants) \
    extern const struct spec_cond spec_##name##_conds[conds];           \
    extern const struct spec_order spec_##name##_orders[orders];        \
    extern const struct spec_loose spec_##name##_loose[loose];          \
    extern const struct spec_variant spec_##name##_variants[variants];  \
    extern const struct spec_body spec_##name##_body;
SPEC_COMMANDS(SPEC_DECLARE_COMMAND)

/*
 * A row: id, the predicate in the specification's words, status, and where it has one, what the
 * index is.
 */
#define SPEC_COND(id_, text_, status_)                    \
    {                                                     \
        .id = (id_), .text = (text_), .status = (status_) \
    }
#define SPEC_COND_AT(id_, text_, status_, index_)                                 \
    {                                                                             \
        .id = (id_), .text = (text_), .status = (status_), .index_is_walk = true, \
        .index = (index_)                                                         \
    }
#define SPEC_COND_UNREACHABLE(id_, text_, status_)                             \
    {                                                                          \
        .id = (id_), .text = (text_), .status = (status_), .unreachable = true \
    }
#define SPEC_ROW(i) (1ull << (i))
/*
 * The two edges that every address has: its bound is meaningless while it is misaligned, its state
 * while it is either.
 */
#define SPEC_IMPLIED(align, bound, state)                                                          \
    {SPEC_ROW(align), SPEC_ROW(bound) | SPEC_ROW(state), "implied: align < bound < state (B1.6)"}, \
    {                                                                                              \
        SPEC_ROW(bound), SPEC_ROW(state), "implied: align < bound < state (B1.6)"                  \
    }
#define SPEC_OUTPUTS_UNDEFINED                                                          \
    {                                                                                   \
        "outputs other than x0 after a failure, where the command does not state them", \
            "B1.6: UNDEFINED"                                                           \
    }
#define SPEC_DESTROYED_REC                                                                  \
    {                                                                                       \
        "an MPIDR of a REC that was destroyed: used or not",                                \
            "MpidrIsUsed (B3.24) has no body, and A4.3.7: the RMM keeps no map from MPIDR " \
            "to REC; used here, as every index below rec_index"                             \
    }
#define SPEC_LIVE_TOP                                                                             \
    {                                                                                             \
        "top where the walk stopped at a live entry and ipa is not aligned to its level: ipa or " \
        "ipa aligned down",                                                                       \
            "the output table says == ipa, RttSkipNonLiveEntries (B3.76) aligns down"             \
    }

/* --- vocabulary --- */

static inline uint64_t spec_entry_addr(struct spec_entry e)
{
    return (uint64_t)e.page << GRANULE_SHIFT;
}
struct spec_entry spec_entry_make(enum hipas hipas, enum ripas ripas, bool ns, uint64_t addr);

/* NULL: not in DRAM or misaligned. */
static inline struct spec_gnode *spec_gnode_any(const struct spec *s, uint64_t pa)
{
    uint64_t offset = pa - s->impl.dram.base;

    if ((offset & GRANULE_MASK) || (offset >> GRANULE_SHIFT) >= s->num_granules)
        return NULL;
    return &s->granules[offset >> GRANULE_SHIFT];
}
/* Granule(pa). NULL: !PaIsDelegable(pa), or misaligned. */
static inline struct spec_gnode *spec_gnode(const struct spec *s, uint64_t pa)
{
    struct spec_gnode *g = spec_gnode_any(s, pa);

    return g && g->tracked ? g : NULL;
}
static inline bool spec_pa_is_unbound(const struct spec *s, uint64_t pa)
{
    return is_granule_aligned(pa) && !spec_gnode(s, pa);
}
static inline bool spec_pa_is_not(const struct spec *s, uint64_t pa, enum spec_gstate state)
{
    const struct spec_gnode *g = spec_gnode(s, pa);

    return g && g->state != state;
}
static inline uint64_t spec_ipa_top(const struct spec_rnode *r)
{
    return 1ull << r->pub.s2sz;
}
/* AddrIsProtected (B3.4). */
static inline bool spec_is_protected(const struct spec_rnode *r, uint64_t ipa)
{
    return ipa < 1ull << (r->pub.s2sz - 1);
}
/* AddrIsRttLevelAligned (B3.5). */
static inline bool spec_is_level_aligned(uint64_t ipa, int64_t level)
{
    return level >= -1 && level <= SPEC_PAGE_LEVEL && (ipa & (level_size((int)level) - 1)) == 0;
}
/* RttLevelIsValid (B3.67). */
static inline bool spec_level_is_valid(const struct spec_rnode *r, int64_t level)
{
    return level >= r->pub.rtt_level_start && level <= SPEC_PAGE_LEVEL;
}
/* RttLevelIsBlockOrPage (B3.65). */
static inline bool spec_level_is_block_or_page(const struct spec_rnode *r, int64_t level)
{
    return spec_level_is_valid(r, level) && level >= 1;
}
/* Bits below the index of a level's table. */
static inline unsigned spec_level_shift(int level)
{
    return GRANULE_SHIFT + 9u * (unsigned)(SPEC_PAGE_LEVEL - level);
}
/* The output address of a stage 2 descriptor (DDI0487 D8.3): [47:12]; with LPA2 [49:12], and its bits
 * [51:50] in [9:8]. */
static inline uint64_t spec_desc_addr_field(bool lpa2)
{
    return lpa2 ? 0x0003fffffffff300ull : 0x0000fffffffff000ull;
}
static inline uint64_t spec_desc_addr(uint64_t desc, bool lpa2)
{
    uint64_t high = lpa2 ? (desc >> 8 & 3) << 50 : 0;

    return (desc & spec_desc_addr_field(lpa2) & ~GRANULE_MASK) | high;
}
static inline uint64_t spec_desc_of_addr(uint64_t addr, bool lpa2)
{
    return lpa2 ? (addr & ~(3ull << 50)) | (addr >> 50 & 3) << 8 : addr;
}
static inline uint64_t spec_load(const uint8_t *bytes, unsigned offset, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)bytes[offset + i] << (8 * i);
    return v;
}
static inline void spec_store(uint8_t *bytes, unsigned offset, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++)
        bytes[offset + i] = (uint8_t)(v >> (8 * i));
}

/* state.c */
uint32_t spec_pool_take(struct spec_pool *p); /* not zeroed */
void spec_pool_give(struct spec_pool *p, uint32_t index);
static inline void *spec_pool_at(const struct spec_pool *p, uint32_t index)
{
    return (char *)p->items + (size_t)index * p->item_size;
}
static inline struct spec_rnode *spec_realm_node(const struct spec *s, uint32_t i)
{
    return spec_pool_at(&s->realms, i);
}
static inline struct spec_recnode *spec_rec_node(const struct spec *s, uint32_t i)
{
    return spec_pool_at(&s->recs, i);
}
static inline struct spec_table *spec_table_node(const struct spec *s, uint32_t i)
{
    return spec_pool_at(&s->tables, i);
}
void spec_touch(struct spec *s, enum spec_touch_kind kind, uint64_t a, uint64_t b);
void spec_set_state(struct spec *s, uint64_t pa, enum spec_gstate state, uint32_t node,
                    uint64_t ipa);
struct spec_rnode *spec_find_realm(const struct spec *s, uint64_t rd);
struct spec_recnode *spec_find_rec(const struct spec *s, uint64_t rec);

/* table.c */
uint32_t spec_table_new(struct spec *s, uint64_t granule, uint32_t realm, uint64_t ipa, int level,
                        struct spec_entry base, unsigned ns_from);
void spec_table_free(struct spec *s, uint32_t table);
struct spec_entry spec_table_get(const struct spec *s, const struct spec_table *t, unsigned index);
/* Is an entry of [first, end) another than what follows from the base? */
bool spec_table_differs(const struct spec_table *t, unsigned first, unsigned end);
void spec_table_set(struct spec *s, struct spec_table *t, unsigned index, struct spec_entry e);
/* RttWalk (B3.78); ipa must lie in the Realm's IPA space and level must be valid. */
void spec_walk(const struct spec *s, const struct spec_rnode *r, uint64_t ipa, int level,
               struct spec_walk *w);
/*
 * RttSkipNonLiveEntries (B3.76) from the entry that covers `ipa`; `ipa` itself when that entry is
 * live.
 */
uint64_t spec_skip_non_live(const struct spec_table *t, uint64_t ipa);
/* RttSkipEntriesUnlessState(TABLE) (B3.74). */
uint64_t spec_skip_to_table(const struct spec *s, const struct spec_table *t, uint64_t ipa);

/* digest.c, measure.c */
void spec_digest(enum hash_algo algo, const void *bytes, size_t size,
                 uint8_t out[MEASUREMENT_SIZE]);
void spec_rim_init(struct spec_rnode *r, const struct spec_realm_params *p);
void spec_rim_extend_data(struct spec_rnode *r, uint64_t ipa, uint64_t flags,
                          const uint8_t page[GRANULE_SIZE]);
void spec_rim_extend_rec(struct spec_rnode *r, const struct spec_rec_params *p);
void spec_rim_extend_ripas(struct spec_rnode *r, uint64_t base, uint64_t top);
void spec_rem_extend(struct spec_rnode *r, unsigned index, const uint8_t *value, size_t size);

/* judge.c */
void spec_verdict_start(struct spec_verdict *v, const struct spec_command *cmd);
void spec_call_start(struct spec_call *c, struct spec *s, const struct spec_env *env,
                     const uint64_t *in, const struct spec_command *cmd, struct spec_verdict *v);
void spec_call_conditions(struct spec_call *c);
/* The variant of a success is one of the command's: else a bug of the model. */
void spec_check_variant(const struct spec_verdict *v);
bool spec_is_rmi(const struct spec_command *cmd);
uint64_t spec_minimal(const struct spec_command *cmd, uint64_t true_mask);
void spec_call_result(struct spec_call *c, const uint64_t out[ABI_MAX_REGS]);
void spec_mismatch(struct spec_verdict *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void spec_add_write(struct spec_verdict *v, bool realm, uint64_t pa, const uint8_t *bytes,
                    const uint8_t *mask, uint32_t len);

/* context.c: context values and conditions that many commands share */
void spec_context_rd(struct spec_call *c, uint64_t rd);
void spec_context_walk(struct spec_call *c, uint64_t ipa, int64_t level);
/*
 * Reads `len` bytes of host memory at c->ptr into s->page, if c->ptr is a granule that the RMM may
 * read.
 */
void spec_context_read(struct spec_call *c, uint64_t ptr, size_t len);
bool spec_rd_align(const struct spec_call *c);
bool spec_rd_bound(const struct spec_call *c);
bool spec_rd_state(const struct spec_call *c);
bool spec_ptr_align(const struct spec_call *c);
bool spec_ptr_bound(const struct spec_call *c);
bool spec_ptr_pas(const struct spec_call *c);
bool spec_pa_align(const struct spec_call *c);
bool spec_pa_bound(const struct spec_call *c);
bool spec_pa_delegated(const struct spec_call *c); /* Granule(pa).state != DELEGATED */
bool spec_pa_above_48(const struct spec_call *c);
bool spec_ipa_align(const struct spec_call *c);
bool spec_ipa_protected(const struct spec_call *c); /* !AddrIsProtected(ipa) */
bool spec_ipa_unprotected(
    const struct spec_call *c);                 /* outside the IPA space or AddrIsProtected(ipa) */
bool spec_ipa_bound(const struct spec_call *c); /* outside the IPA space */
bool spec_ipa_level_align(const struct spec_call *c);
bool spec_ipa_parent_align(const struct spec_call *c);
bool spec_level_bound(const struct spec_call *c);
bool spec_level_not_child(const struct spec_call *c);
bool spec_level_not_leaf(const struct spec_call *c);
bool spec_realm_not_new(const struct spec_call *c);
/* Of a command on a leaf entry: "page", "block_level_2", "block_level_1". */
const char *spec_leaf_variant(int64_t level);
void spec_out(struct spec_call *c, unsigned reg, uint64_t value);
void spec_out_top(struct spec_call *c, unsigned reg, unsigned loose_row);

/* enter.c, trap.c, inject.c, exit.c */
void spec_enter_apply(struct spec_call *c);
void spec_trap_smc(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                   struct spec_verdict *v);
/*
 * REC exit due to PSCI with the first `num` arguments (A4.3.7); x1.. in `args32` are 32 bits wide:
 * the rest SBZ.
 */
void spec_psci_exit(struct spec_call *c, unsigned num, uint32_t args32);
/* The Host has to complete it. `loose_row`: SPEC_DESTROYED_REC. */
void spec_psci_pending(struct spec_call *c, unsigned loose_row);
/* MpidrIsUsed (B3.24): no bit but the affinity fields of MPIDR_EL1, and the index of a REC. */
bool spec_mpidr_is_used(const struct spec_rnode *r, uint64_t mpidr);
/* The Host's answer to a RIPAS change goes to the registers (A5.4). */
void spec_ripas_answer(struct spec_recnode *r, bool host_rejects);
/* What a REC holds before it runs, gprs and pc excepted. */
void spec_reset_regs(struct spec_regs *regs);
/* The condition whose status the Realm got. */
int spec_decided_by(const struct spec_recnode *r, uint64_t x0);
void spec_expect_is(struct spec_recnode *r, const struct spec_regs *regs);
/* ICH_MISR_EL2 as ICH_HCR_EL2, the list registers and ICH_VMCR_EL2 make it. */
uint64_t spec_gicv3_misr(const struct impl *impl, const struct spec_trap *t);
/* A timer's output by its CNTx_CTL_EL0: enabled, not masked, condition met. */
static inline bool spec_timer_output(uint64_t ctl)
{
    return (ctl & 7) == 5;
}
/* The exit's cntp_ctl and cntv_ctl are what the Host knows from now on. */
void spec_timers_told(struct spec_recnode *r, uint64_t cntp_ctl, uint64_t cntv_ctl);
/* What the PE has for the Realm at an entry. */
void spec_judge_devices(const struct spec *s, struct spec_recnode *r, const struct spec_devices *d,
                        struct spec_verdict *v);
/* A trapped MSR or MRS (A4.3.4). */
void spec_trap_sysreg(const struct spec *s, struct spec_recnode *r, struct spec_verdict *v);
void spec_inject_sea(struct spec_expect *e, uint64_t esr_el2, uint64_t far_el2);
/* Address size fault of stage 1, at this level (A5.2.8). */
void spec_inject_address_size(struct spec_expect *e, uint64_t esr_el2, uint64_t far_el2,
                              unsigned level);
void spec_inject_undef(struct spec_expect *e);
void spec_exit_start(struct spec_recnode *r, enum rec_exit_reason reason, const char *what);
void spec_exit_bytes(struct spec *s, const struct spec_recnode *r, const struct spec_exit *x);
void spec_exit_page_missing(struct spec_recnode *r, uint64_t ipa, int level);
void spec_pending_write(struct spec *s, struct spec_recnode *r, struct spec_verdict *v);
/*
 * A page of Realm memory that the RMM accesses on the Realm's behalf (RSI_HOST_CALL,
 * RSI_REALM_CONFIG).
 */
enum spec_page { SPEC_PAGE_READY, SPEC_PAGE_EMPTY, SPEC_PAGE_MISSING };
enum spec_page spec_realm_page(const struct spec *s, const struct spec_rnode *r, uint64_t ipa,
                               uint64_t *pa, int *level);

/* attest.c, token.c */
void spec_token_begin(struct spec *s, struct spec_recnode *r);
void spec_token_drop(struct spec *s, struct spec_recnode *r);
void spec_token_bound(struct spec *s, struct spec_recnode *r, uint64_t bound);
/* The next piece goes to this page, at the offset that the call says. */
void spec_token_expect(struct spec_call *c, uint64_t page);
/* An interrupt may end the call before its page is looked at, which is missing. */
void spec_token_interruptible(struct spec_call *c);
/* A REC exit before it is known how much of the buffer the call has filled. */
void spec_token_pending_write(const struct spec_recnode *r, struct spec_verdict *v);
/* The answer has come. */
void spec_token_piece(struct spec *s, const struct spec_env *env, struct spec_recnode *r,
                      const struct spec_regs *regs, struct spec_verdict *v);
/* Is the whole token one of this Realm (A7.2.3)? */
bool spec_token_is_right(const struct spec_realm *realm, const struct spec_token *t,
                         const uint8_t challenge[64], char *why, size_t size);

#endif
