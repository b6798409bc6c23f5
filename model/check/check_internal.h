/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of model/check.
 *
 *   event stream --> events.c   rules on single events; what was touched, with its old value (per PE)
 *   calls        --> judge.c    captured host reads, verdicts, coverage; enter.c for the Realm's side of REC_ENTER
 *   step end     --> index.c    follows the machine: who owns what, which descriptor names it
 *                    inv_*.c    predicates on what was touched      } the same functions, for all granules,
 *                    refine.c   machine == specification            } make a full check (full.c)
 *
 * What a call in progress on another PE has touched is left to that call's end. Calls that overlap are judged and
 * compared when the last of them has ended, in an order that explains them (order.c).
 */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include <ccasim/check.h>
#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_dev.h>
#include <ccasim/rmm.h>

#define CHECK_MAX_FINDINGS 256u
#define CHECK_MAX_TOUCHED  128u
#define CHECK_MAX_PTES     640u
#define CHECK_MAX_HELD     64u
#define CHECK_MAX_CAPTURES 8u
#define CHECK_CAPTURE_SIZE 16384u
#define CHECK_MAX_SMC      4u
#define CHECK_MAX_OVERLAP  64u /* bits of a word; with more there is no search */
#define CHECK_MAX_CONSENTS 64u
#define CHECK_MAX_COMMANDS 64u
#define CHECK_MAX_WRITTEN  8u
#define CHECK_MAX_WINDOWS  3u
#define TABLE_ENTRIES      512u

/* --- the index ----------------------------------------------------------------------------------------------- */

#define PLACE_ROOT    (1u << 0) /* starting-level table */
#define PLACE_KNOWN   (1u << 1) /* table: level, IPA and owner are known */
#define PLACE_PENDING (1u << 2) /* REC: its PSCI call was pending when last seen */

/* What the machine says of one granule, as of the last evaluation. */
struct place {
    uint64_t ipa; /* RTT: first IPA; DATA: where it is assigned */
    uint64_t
        by; /* PA of the descriptor that names it (RTT, DATA); PA of its REC (REC_AUX); 0: none */
    uint64_t digest; /* of the content of an RD or REC: what the abstract state has of it */
    uint32_t rd;     /* index of its owner's RD granule + 1; 0: none */
    uint32_t mpidr;  /* REC: its index */
    uint16_t count;  /* RTT: entries that count; RD: its RECs */
    uint16_t realm;  /* RD: index in realms[] + 1 */
    uint8_t state;   /* enum gst_state */
    int8_t level;    /* RTT */
    uint8_t flags;
    uint8_t spare;
};

struct check_realm {
    bool used, known, replayed; /* known: v is valid */
    bool fresh;       /* came with the changes being evaluated: v is no state from before them */
    uint32_t granule; /* of the RD */
    struct rmm_rd_view v; /* as of the last evaluation; its pointers are not used */
    uint8_t rpv[64];
    uint8_t measured[MEASUREMENT_SLOTS][MEASUREMENT_SIZE]; /* as of the last evaluation */
    uint8_t replay[MEASUREMENT_SLOTS][MEASUREMENT_SIZE];   /* what the observed calls give */
    uint32_t max_index; /* next index of the RD, as of the last evaluation */
};

/* --- what a PE does ------------------------------------------------------------------------------------------ */

#define TOUCH_STATE (1u << 0)
#define TOUCH_PAS   (1u << 1)
#define TOUCH_REF   (1u << 2)
#define TOUCH_OBJ   (1u << 3)
#define TOUCH_TABLE (1u << 4)
#define TOUCH_PTE   (1u << 5)
#define TOUCH_SPEC  (1u << 6) /* the specification changed it */
#define TOUCH_NEAR  (1u << 7) /* something that names it, or named it, changed */
struct touched {
    uint32_t granule;
    uint8_t what;
    uint8_t old_state, old_pas;
    bool came, scanned; /* while the index is brought up to date */
    uint8_t late;       /* as `what`: changes of others that wait for the end of this call */
    uint16_t old_ref;
    uint16_t fid;  /* low bits of the call in progress */
    uint32_t when; /* tick of the last change of state */
    uint32_t anew; /* tick of the first change of state, or filling of the table; 0: none */
};
struct pte_change {
    uint64_t desc; /* PA */
    uint64_t old, value;
    uint32_t when; /* tick */
    uint16_t fid;
    bool
        again; /* the index does not start from this change: an earlier one, or the whole table, says what was */
};
/* A place where the specification changed an entry or a whole table. */
struct spec_place {
    uint32_t granule;
    uint16_t index; /* TABLE_ENTRIES: all */
};

struct capture {
    uint64_t pa;
    uint32_t len, offset;
    bool fault;
};
/* Bytes that the RMM wrote where a Realm or the Host reads them (writes.c). */
struct written {
    uint64_t pa;
    uint32_t len;
    bool realm;
    bool explained; /* the specification says so, or nobody can read them any more */
};
/* A slot that maps a page of a Realm or of the Host. */
struct window {
    uint64_t pa;    /* | 1; 0: free */
    uint64_t stamp; /* moves when others had their turn */
    unsigned slot;
    uint8_t bytes[GRANULE_SIZE]; /* when it was mapped */
};
/*
 * RMI_REC_ENTER is judged in segments: what the RMM does from the call, or from an exception of the Realm, until it
 * enters the Realm, or the call returns.
 */
struct segment {
    bool begins; /* with the call */
    bool enters; /* ends with a Realm entry */
    struct spec_trap trap;
    struct spec_regs regs; /* at the Realm entry */
    struct spec_devices devices;
};
struct call {
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    bool
        is_claim; /* no call, but the Secure world's claim of the granule in[0], which is `to` then */
    enum pas to;
    bool is_segment, is_late; /* late: judged when the Realm may have gone on already */
    struct segment segment;
    uint64_t fid;
    unsigned pe;
    uint64_t began, ended; /* clock of calls */
    unsigned num_captures;
    struct capture capture[CHECK_MAX_CAPTURES];
    uint8_t *bytes; /* [CHECK_CAPTURE_SIZE] */
    uint32_t used;
    bool captures_lost;
    bool has_level; /* RTT_INIT_RIPAS: where the walk ended, when it measured */
    int8_t level;
    unsigned num_written;
    struct written written[CHECK_MAX_WRITTEN];
};

enum lock_class { LOCK_EXTERNAL, LOCK_RTT, LOCK_DATA, LOCK_AUX };
struct held_lock {
    uint32_t granule;
    uint8_t class;
};

/* What a REC left on a PE that is its own (context.c). */
struct rec_context {
    uint64_t rec;
    struct pe_gic gic;
    struct pe_pmu pmu;
    bool has_regs; /* false: it went off, and what it starts with again is open */
    uint64_t sys[SR_COUNT], v[64];
};

struct check_pe {
    uint64_t step;
    bool active;   /* an RMI is in progress */
    bool is_enter; /* it is a REC_ENTER */
    bool entered;  /* the Realm has run */
    struct call call;
    uint64_t rsi_extend
        [ABI_MAX_REGS]; /* registers of the RSI_MEASUREMENT_EXTEND in progress; [0] 0: none */

    unsigned num_touched, touched_start; /* start: of the call in progress */
    struct touched touched[CHECK_MAX_TOUCHED];
    unsigned num_ptes, ptes_start;
    struct pte_change pte[CHECK_MAX_PTES];
    unsigned num_spec;
    struct spec_place spec[CHECK_MAX_PTES];
    unsigned num_calls; /* that began since the lists were empty */
    bool has_late;
    bool overflow;      /* more was touched than the lists hold */
    bool spec_overflow; /* the same, by the specification */

    unsigned num_held;
    struct held_lock held[CHECK_MAX_HELD];
    const char *suspect; /* rule of order that the last lock seems to break */
    uint64_t suspect_pa;
    unsigned smc_depth;
    struct {
        uint64_t fid;
        uint8_t world;
    } smc[CHECK_MAX_SMC];
    uint64_t
        claim; /* PA | 1: changed between Non-secure and Secure outside a call, nobody said why yet */
    uint64_t claimed; /* clock of calls, then */

    uint64_t broken;     /* descriptor that was made invalid in this SMC, and no TLBI since */
    struct pe_regs host; /* when the call in progress began */

    struct window window[CHECK_MAX_WINDOWS];

    uint32_t tlb_count, tlb_combined; /* entries when they were last looked at */
    bool has_verdict;
    struct spec_verdict verdict;
};

#define CHECK_MAX_DEVICES 255u
/* An RSI_IPA_STATE_SET, until its REC is entered again. */
struct consent {
    uint64_t rec, rd, base, top;
    uint8_t ripas;
    bool destroyed, is_over;
};

struct check {
    struct machine *m;
    struct spec *spec;
    enum check_level level;
    bool sees_memory;    /* the RMM's objects are in the machine's granules */
    struct place *place; /* [m->mem.num] */
    struct place *spare_place;
    struct check_realm *realm;
    uint32_t num_realms; /* capacity in use */
    uint32_t cap_realms;
    uint64_t predicates;
    uint64_t clock;
    uint64_t steps;

    unsigned num_active;  /* calls in progress; a REC_ENTER except while its Realm runs */
    unsigned num_entered; /* REC_ENTERs in progress */
    unsigned num_overlap, cap_overlap;
    struct call **overlap; /* ended, not judged yet */
    bool dirty;            /* the lists of some PE are not empty */
    uint32_t ticks;        /* order of changes between PEs, since the lists were empty */
    unsigned num_unseen; /* calls, REC_ENTER excepted, that began since the index was up to date */

    unsigned num_consents;
    struct consent consent[CHECK_MAX_CONSENTS];
    bool vmids_moved; /* a Realm was created or destroyed, or should have been */

    unsigned quiet; /* > 0: count differences, report nothing */
    uint64_t quiet_hits;
    struct finding *findings;
    size_t num_findings, cap_findings;
    unsigned pe;                   /* to which findings are attributed now */
    struct check_pe *pes;          /* of the machine, and one for all of them together (merge.c) */
    struct check_pe *now;          /* whose lists are being evaluated */
    const struct check_pe *ending; /* whose call is being judged, at its end */
    uint8_t *capture_bytes;

    unsigned num_devices; /* what the devices of Realms were seen to do; ascending (cover.c) */
    uint32_t device[CHECK_MAX_DEVICES + 1];
    unsigned num_contexts, cap_contexts;
    struct rec_context *context;

    const struct realm_cpu_ops *real_cpu;
    void *real_ctx;
    struct realm_cpu_ops cpu; /* what m->cpu points to */

    unsigned num_covered;
    struct cover_command *last_covered;
    struct cover_command covered[CHECK_MAX_COMMANDS];
    uint64_t scratch[TABLE_ENTRIES], scratch2[TABLE_ENTRIES];
};

/* --- check.c --- */
void check_find(struct check *c, const char *rule, uint64_t object, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static inline void check_count(struct check *c, unsigned n)
{
    c->predicates += n;
}

/* --- events.c --- */
void check_on_event(void *ctx, struct machine *m, const struct event *e);
extern const uint32_t check_event_mask;
struct touched *check_touch(struct check *c, unsigned pe, uint64_t pa, unsigned what);
struct touched *check_touch_in(struct check *c, struct check_pe *p, uint64_t pa, unsigned what);
/* At the end of a call. */
void check_leftovers(struct check *c, unsigned pe);

/* --- cover.c: the Realm's devices --- */
void check_cover_sysreg(struct check *c, uint32_t sysreg, uint64_t how);
void check_cover_virtual(struct check *c, uint64_t offset);
void check_cover_exit(struct check *c, const struct pe *p, bool overflow);

/* --- context.c --- */
void context_enters(struct check *c, unsigned pe, uint64_t rec);
void context_leaves(struct check *c, unsigned pe, uint64_t rec);
void context_forget(struct check *c, uint64_t rec); /* the granule is a REC no more */
void context_rests(struct check *c, uint64_t rec);  /* the RMI_REC_ENTER has ended */
void context_host_before(struct check *c, unsigned pe);
void context_host_after(struct check *c, unsigned pe, bool is_enter);

/* --- live.c: as the index, but right while calls overlap too, when the index is behind --- */
bool live_is_child(struct check *c, const struct check_pe *p, uint32_t child, uint32_t parent);
/* RD (granule + 1) of which g is a starting-level table; 0: none. */
uint32_t live_root_of(struct check *c, const struct check_pe *p, uint32_t g);
/* Is it a table that another one names? */
bool live_is_below(struct check *c, const struct check_pe *p, uint32_t g);
/* Does a granule that this PE has locked, or the REC that it runs, stand for the lock of granule g? */
bool live_has_rec_of(struct check *c, const struct check_pe *p, uint32_t aux);
bool live_has_table_of(struct check *c, const struct check_pe *p, uint32_t data);
bool live_is_rd_of(struct check *c, const struct check_pe *p, uint32_t rec, uint32_t rd);

/* --- merge.c --- */
/* The lists of all PEs whose calls have ended, as one, each thing once. */
struct check_pe *merge_lists(struct check *c);
static inline bool has_lists(const struct check_pe *p)
{
    return p->num_touched + p->num_ptes + p->num_spec != 0 || p->overflow || p->spec_overflow;
}
static inline bool is_merged(const struct check *c, const struct check_pe *p)
{
    return p == &c->pes[c->m->impl.num_pes];
}

/* --- judge.c, order.c, cover.c --- */
void check_capture(struct check *c, struct check_pe *p, uint64_t pa, uint64_t len, bool fault);
struct env_ctx {
    struct check *c;
    struct call *call; /* NULL: host memory as it is now */
};
void check_env(struct check *c, struct call *call, struct env_ctx *ctx, struct spec_env *env);
/* Host memory that the call wrote, as it is now, or the fault that this would take: what the judgement compares. */
void check_capture_written(struct check *c, struct call *call, uint64_t pa, uint64_t len);
/* Judges one call, or segment, on c->spec and says nothing of it. True: the specification does not object. */
bool check_tries(struct check *c, struct call *call, struct spec_verdict *v);
/* The same, with findings, coverage and note of what the specification touched. */
void check_judge(struct check *c, struct call *call);
/* A call or segment has ended: it is judged now, or with those that it overlapped. */
void check_ended(struct check *c, struct call *call);
/* The Secure world claimed a granule, or gave it back: the same. */
void check_claimed(struct check *c, unsigned pe, uint64_t pa, enum pas to, uint64_t when);
void check_take_spec_touched(struct check *c, unsigned pe);
void check_verdict(struct check *c, struct call *call, const struct spec_verdict *v,
                   const char *rule);
void check_writes(struct check *c, struct call *call, const struct spec_verdict *v);
void check_fail_unchanged(struct check *c, unsigned pe);
void check_overlap_add(struct check *c, const struct call *call);
void check_overlap_judge(struct check *c);
void check_cover(struct check *c, const struct spec_verdict *v);
/* What the RMM did with an exception of the Realm that is no RSI command: a variant of REC_ENTER's success. */
void check_cover_trap(struct check *c, const struct spec_verdict *v);

/* --- enter.c --- */
void check_enter_end(struct check *c, struct check_pe *p);
void check_take_regs(const struct pe_regs *r, struct spec_regs *out);
bool check_segment_tries(struct check *c, struct call *call, struct spec_verdict *v);
void check_segment_judge(struct check *c, struct call *call);
void check_cpu_interpose(struct check *c);
void check_cpu_restore(struct check *c);

/* --- writes.c --- */
void writes_map(struct check *c, struct check_pe *p, uint64_t pa, unsigned slot);
void writes_unmap(struct check *c, struct check_pe *p, unsigned slot);
void writes_to_host(struct check_pe *p, uint64_t pa, uint64_t len);
void writes_forget(struct check_pe *p, uint64_t granule);
/* What this verdict says of the call explains what was written; what is left at the end is a finding. */
void writes_explained(struct call *call, const struct spec_verdict *v);
void writes_judge(struct check *c, struct call *call);

/* --- replay.c: I18 --- */
void replay_call(struct check *c, struct call *call);
/* The RIM moves now: what a replay needs of tables that another call may change before this one is judged. */
void replay_note(struct check *c, struct call *call);
void replay_rem(struct check *c, uint64_t rd, const uint64_t regs[ABI_MAX_REGS]);

/* --- index.c, realms.c --- */
struct check_realm *index_realm(struct check *c, uint32_t granule);
struct check_realm *index_realm_of(struct check *c,
                                   const struct place *t); /* owner; NULL: unknown */
struct check_realm *index_realm_add(struct check *c, uint32_t granule);
void index_realm_drop(struct check *c, uint32_t granule);
void index_realm_seen(struct check *c, struct check_realm *r);
struct check_realm *index_realm_by_vmid(struct check *c, uint16_t vmid);
/* Brings the index up to date with what the lists say was touched. */
void index_update(struct check *c, struct check_pe *p);
/* From the machine alone; reports what differs from the index so far. */
void index_from_machine(struct check *c);
void index_rebuild(struct check *c, bool compare);
uint64_t index_digest(struct check *c, uint32_t granule);

/* One entry, as the tables have it now. */
struct entry_at {
    uint32_t table; /* granule */
    unsigned index;
    int level;
    uint64_t ipa;
    bool is_protected;
    uint64_t desc;
    struct rmm_rtte_view v;
};
/* Number of entries of the table that lie in the Realm's IPA space, and of those the protected ones. */
void table_extent(const struct check_realm *r, const struct place *t, unsigned *num,
                  unsigned *num_protected);
void entry_decode(const struct check_realm *r, const struct place *t, uint32_t table,
                  unsigned index, uint64_t desc, struct entry_at *e);
/* PA of entry `index` of a table. */
static inline uint64_t entry_pa(const struct check *c, uint32_t table, unsigned index)
{
    return granule_pa(c->m, table) + 8ull * index;
}
/* RmiRecMpidr -> REC index (A2.3.3). */
static inline uint32_t mpidr_index(uint64_t mpidr)
{
    return (uint32_t)((mpidr & 0xf) | (mpidr >> 8 & 0xffff) << 4 | (mpidr >> 24 & 0xff) << 20);
}
static inline bool entry_counts(const struct entry_at *e)
{
    return e->v.hipas == HIPAS_TABLE || (e->v.hipas == HIPAS_ASSIGNED && e->is_protected);
}
/* True if d[first..end) follow from d[first]: all equal, or addresses contiguous at `level`. */
/* Walks the tables from the Realm's RD down to `level` at most. False: no table covers the address. */
bool index_walk(struct check *c, const struct check_realm *r, uint64_t ipa, int level,
                struct entry_at *e);
bool descs_are_uniform(const uint64_t *d, unsigned first, unsigned end, int level);

static inline struct place *place_at(struct check *c, uint64_t pa)
{
    return mem_contains(c->m, pa) ? &c->place[granule_index(c->m, pa)] : NULL;
}
static inline uint64_t place_pa(const struct check *c, const struct place *p)
{
    return granule_pa(c->m, (uint32_t)(p - c->place));
}
static inline bool is_tracked(const struct check *c, uint32_t g)
{
    return (c->m->tracked[g / 64] >> (g % 64)) & 1;
}

/* --- inv_granule.c, inv_table.c, inv_tlb.c --- */
void inv_granule(struct check *c, uint32_t granule, const struct touched *t);
void inv_table(struct check *c, uint32_t granule);
void inv_entry(struct check *c, const struct entry_at *e);
void inv_entry_moved(struct check *c, struct check_realm *r, const struct pte_change *p,
                     const struct entry_at *was, const struct entry_at *now, bool unfold_too);
void inv_tlb_entry_moved(struct check *c, struct check_realm *r, const struct entry_at *now);
void inv_tlb_realm_gone(struct check *c, uint16_t vmid, uint64_t rd);
/* Has the TLB another number of entries than when it was last looked through? */
bool inv_tlb_grew(const struct check *c, unsigned pe);
void inv_tlb(struct check *c, unsigned pe);

/* --- inv_request.c --- */
/* RSI_IPA_STATE_SET of a REC, with these registers; the REC is entered again. */
void request_ripas(struct check *c, uint64_t rec, const uint64_t x[31]);
void request_is_over(struct check *c, uint64_t rec);
void request_forget(struct check *c);
/* Did a REC of the Realm ask for this change of an entry's RIPAS? */
bool request_allows(struct check *c, const struct check_realm *r, const struct entry_at *e,
                    unsigned from, unsigned to);
void psci_frozen(struct check *c, uint32_t granule, const struct rmm_rec_view *v,
                 const struct touched *t);
void inv_vmids(struct check *c);

/* --- refine.c --- */
void refine_granule(struct check *c, uint32_t granule);
void refine_object(struct check *c, uint32_t granule);
void refine_entry(struct check *c, uint32_t granule, unsigned index);
void refine_table(struct check *c, uint32_t granule);
void refine_all(struct check *c);

/* --- full.c --- */
bool check_is_busy(const struct check *c,
                   uint32_t granule); /* touched by a call in progress, or locked by one */
void check_everything(struct check *c, bool compare); /* compare: with the index so far */
/* Between steps: no call is in progress but a REC_ENTER whose Realm runs. */
static inline bool check_is_busy_now(const struct check *c, uint32_t granule)
{
    return c->num_entered && check_is_busy(c, granule);
}

#endif
