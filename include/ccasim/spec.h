/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The specification as a program: DEN0137 1.0-rel0's commands as named conditions, statuses, order
 * edges and post-states over an abstract state of its own. It knows the ABI tables, the
 * implementation's choices and plain types, and nothing of how an RMM works: no granule memory, no
 * descriptors, no GST. So it can judge a firmware whose insides cannot be seen. (A test runs nm
 * over model/spec to hold this.)
 *
 *     call + host memory it reads + observed result  --spec_rmi()-->  verdict, next abstract state
 *
 * Abstract state: granules (PA -> state, PAS), Realms (RD PA -> attributes), RECs (PA ->
 * attributes), and for each Realm a map (level, IPA) -> entry. All addresses are plain numbers.
 *
 * Order of judgement: a call with several true conditions may return the status of any condition
 * that is minimal in the command's partial order (DEN0137 B1.6; "X < Y": if both hold, X's status
 * must be observed).
 */
#ifndef CCASIM_SPEC_H
#define CCASIM_SPEC_H

#include <ccasim/abi.h>
#include <ccasim/impl.h>

CCASIM_API_BEGIN

struct spec; /* the abstract state; a value: spec_clone() copies it */
struct spec_body;

#define SPEC_MAX_CONDS  40u
#define SPEC_MAX_WRITES 4u

/* One failure condition: a row of `ccasim list conditions`. */
struct spec_cond {
    const char *id;     /* the specification's name within the command: "rtte_state" */
    const char *text;   /* the predicate in the specification's words */
    int8_t status;      /* enum rmi_status / rsi_status / psci_status that it asks for */
    bool index_is_walk; /* RMI_ERROR_RTT, and RMI_ERROR_REALM of REC_ENTER, carry an index */
    const char *index;  /* "walk.level", "level", "1" ...; NULL: 0 */
    bool unreachable;   /* cannot be true in this ABI version or configuration: `text` says why */
};

/* X < Y: bit masks over the rows of one command. */
struct spec_order {
    uint64_t before, after;
    const char *source; /* "B4.3.1.2.1", or "implied: align < bound < state" */
};

/*
 * Something that the specification leaves open, or that ccasim cannot judge: never skipped in
 * silence.
 */
struct spec_loose {
    const char *what; /* "x3[63:52] of a protected ASSIGNED entry" */
    const char *why;  /* reason and source */
};

/*
 * One way to succeed: a row of the specification's state tables, a kind of REC exit or of return to
 * the Realm. A command whose successes are all alike has none.
 */
struct spec_variant {
    const char *id;   /* spec_verdict.variant: "unfold_assigned_ns" */
    const char *text; /* when */
};

struct spec_command {
    const struct abi_command *abi; /* filled by spec_commands() users via fid */
    uint64_t fid;
    const struct spec_cond *conds;
    unsigned num_conds;
    const struct spec_order *orders;
    unsigned num_orders;
    const struct spec_loose *loose;
    unsigned num_loose;
    const struct spec_variant *variants;
    unsigned num_variants;
    const struct spec_body *body; /* predicates and post-state: model/spec's own */
};

/* All commands: RMI, RSI, PSCI, each ordered by fid. */
const struct spec_command *spec_commands(size_t *count);
const struct spec_command *spec_command_by_fid(uint64_t fid);
/*
 * Why two rows, of which `before` precedes `after`, cannot both hold in one call. NULL: they can.
 */
const char *spec_never_together(const struct spec_command *cmd, unsigned before, unsigned after);

/* What a call reads from outside the abstract state. */
struct spec_env {
    void *ctx;
    /* Host (NS) memory as the call saw it; false: the access takes a granule protection fault. */
    bool (*host_read)(void *ctx, uint64_t pa, void *buf, size_t len);
    /*
     * Content of a granule of Realm memory (DATA) at a physical address; used by RSI_HOST_CALL,
     * never for judging RMI conditions. NULL when the RMM under test shows no memory.
     */
    bool (*realm_read)(void *ctx, uint64_t pa, void *buf, size_t len);
};

/*
 * Bytes that the call must have written; `mask` NULL means every byte counts, else only those with
 * mask != 0: the others may have been written too, with any value. What is in no write was not
 * written.
 */
struct spec_write {
    bool realm; /* physical address in the Realm PAS (a DATA granule), else host memory */
    uint64_t pa;
    uint32_t len;
    const uint8_t *bytes; /* valid until the next call on this spec */
    const uint8_t *mask;
};

struct spec_verdict {
    bool ok;                        /* result allowed */
    const struct spec_command *cmd; /* NULL: unknown function identifier */
    uint64_t true_mask;             /* conditions that hold in the pre-state, by row */
    uint64_t minimal_mask;          /* those whose status may be observed */
    int decided;                    /* row whose status was observed; -1: success or none */
    bool success_allowed;           /* no condition holds */
    char mismatch[320];             /* when !ok: what was expected, in words */
    uint32_t loose_mask;            /* rows of cmd->loose that applied */
    struct spec_write writes[SPEC_MAX_WRITES];
    unsigned num_writes;
    uint32_t num_predicates; /* evaluated for this verdict: bench counts them */
    bool settled; /* which condition decided, or which variant it was, is known: true but after a
                     Realm's command that may answer in several ways, and at its next entry */
    const char *variant; /* on success: a row of cmd->variants; "" when it has none */
};

/*
 * A new abstract state: every tracked granule UNDELEGATED, PAS from impl, no Realm. NULL: out of
 * memory.
 */
struct spec *spec_new(const struct impl *impl);
struct spec *spec_clone(const struct spec *s);
void spec_free(struct spec *s);
uint64_t spec_hash(const struct spec *s);

/* --- judging --- */

/*
 * Evaluates the conditions only (explain, fuzzer goals); the state is unchanged and v->ok is true.
 */
void spec_evaluate(struct spec *s, const struct spec_env *env, uint64_t fid,
                   const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v);

/*
 * Judges a completed RMI call and moves the abstract state to the command's post-state (unchanged
 * if it failed). in[0] is the fid, in[1..] x1..; out[0..16] is x0..x16 as the host sees them
 * afterwards. For RMI_REC_ENTER use the four functions below instead.
 */
void spec_rmi(struct spec *s, const struct spec_env *env, const uint64_t in[ABI_MAX_REGS],
              const uint64_t out[ABI_MAX_REGS], struct spec_verdict *v);

/* Register file of a Realm PE at the boundary between Realm and RMM. */
struct spec_regs {
    uint64_t x[31];
    uint64_t pc, pstate;
    uint64_t elr_el1, spsr_el1, esr_el1, far_el1, vbar_el1, sctlr_el1;
};

/* What took the PE from the Realm to the RMM. */
enum spec_vector { SPEC_SYNC, SPEC_IRQ, SPEC_FIQ, SPEC_SERROR };
struct spec_trap {
    enum spec_vector vector;
    uint64_t esr, far, hpfar; /* as ESR_EL2, FAR_EL2, HPFAR_EL2 */
    struct spec_regs regs;
    /* values that only the machine knows and every exit reports: */
    uint64_t cntp_ctl, cntp_cval, cntv_ctl, cntv_cval, gicv3_hcr, gicv3_lrs[16], gicv3_vmcr;
    uint8_t pmu_ovf_status; /* of a Realm that has a PMU */
    /*
     * Of an abort at an IPA outside the Realm's IPA space, stage 1 on: the level of the Realm's walk
     * that gave that IPA; of TTBRn_EL1 0.
     */
    uint8_t s1_level;
};

/* What the PE has for the Realm when it is entered, besides its registers (A6). */
struct spec_devices {
    uint64_t cntp_ctl, cntv_ctl; /* CNTx_CTL_EL0 as they would read now */
    uint64_t gicv3_hcr, gicv3_lrs[16], gicv3_vmcr;
};

/*
 * RMI_REC_ENTER, part 1: at the call. Evaluates the conditions. If none holds, the REC is running
 * and the register changes of the entry (MMIO emulation, SEA, host-call result) are what
 * spec_realm_resume() will expect.
 */
void spec_rec_enter_begin(struct spec *s, const struct spec_env *env,
                          const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v);
/*
 * Part 2, each time the RMM enters the Realm: are the registers what the specification says? After an
 * RSI command v->cmd is that command, with its conditions and variant: its results are judged here.
 * Else v->variant says what the exception before led to: "first", "sea", "undef", "wfx" ...
 * `devices` NULL: the RMM under test does not show them.
 */
void spec_realm_resume(struct spec *s, const struct spec_env *env, uint64_t rec,
                       const struct spec_regs *regs, const struct spec_devices *devices,
                       struct spec_verdict *v);
/*
 * Part 3, each time the Realm leaves: what must the RMM do (RSI command, injected exception, REC
 * exit)? An RSI command's results are judged at the next resume, with the RSI
 * command's own conditions; v->cmd is the RSI command if there was one.
 */
void spec_realm_trap(struct spec *s, const struct spec_env *env, uint64_t rec,
                     const struct spec_trap *trap, struct spec_verdict *v);
/*
 * Part 4: the call returned. Judges x0..x16 and gives the RmiRecExit that must be in host memory as
 * v->writes.
 */
void spec_rec_enter_end(struct spec *s, const struct spec_env *env, const uint64_t in[ABI_MAX_REGS],
                        const uint64_t out[ABI_MAX_REGS], struct spec_verdict *v);

/*
 * A PAS change that is not the RMM's doing (the Secure world took or gave back an UNDELEGATED
 * granule).
 */
void spec_set_pas(struct spec *s, uint64_t pa, enum pas pas);

/* --- looking at the abstract state --- */

enum spec_gstate {
    SPEC_UNDELEGATED,
    SPEC_DELEGATED,
    SPEC_RD,
    SPEC_REC,
    SPEC_REC_AUX,
    SPEC_DATA,
    SPEC_RTT,
    SPEC_GSTATE_COUNT
};
const char *spec_gstate_name(enum spec_gstate st);

struct spec_granule {
    enum spec_gstate state;
    enum pas pas;
    uint64_t rd;  /* REC, REC_AUX, DATA, RTT: the owning Realm; else 0 */
    uint64_t ipa; /* DATA: where it is assigned; RTT: first IPA of the table */
    int level;    /* RTT: level of the table */
    uint64_t rec; /* REC_AUX: its REC */
};
/* False: not a tracked granule. */
bool spec_granule(const struct spec *s, uint64_t pa, struct spec_granule *out);

struct spec_realm {
    enum realm_state state;
    uint8_t s2sz;
    bool lpa2, pmu, sve;
    uint8_t sve_vl, num_bps, num_wps, pmu_num_ctrs;
    enum hash_algo hash_algo;
    uint16_t vmid;
    uint64_t rtt_base;
    int rtt_level_start;
    uint32_t rtt_num_start;
    uint8_t rpv[64];
    uint8_t measurement[MEASUREMENT_SLOTS][MEASUREMENT_SIZE];
    uint32_t num_recs;  /* live RECs */
    uint32_t rec_index; /* MPIDR index that the next REC must have */
};
/* NULL: no Realm with this RD. Valid until the next judging call. */
const struct spec_realm *spec_realm(const struct spec *s, uint64_t rd);

struct spec_rec {
    uint64_t rd, mpidr;
    bool runnable, running;
    bool host_call_pending;
    bool emulatable_abort;
    bool psci_pending;
    /* The RIPAS change that the Realm asked for and the Host has not finished; base == top: none. */
    uint64_t ripas_addr, ripas_top;
    enum ripas ripas_value;
    bool ripas_destroyed;    /* RSI_CHANGE_DESTROYED: entries that are DESTROYED may change too */
    bool attest_in_progress; /* between ATTESTATION_TOKEN_INIT and the end of the token */
    bool
        attest_answer_pending; /* of ..._CONTINUE: whether it was the end shows at the next entry */
    uint8_t challenge[64];     /* of that token; zero if there is none */
    uint32_t num_aux;
    uint64_t aux[REC_MAX_AUX];
    /*
     * As the RMM must restore them; meaningless while running. While host_call_pending: those after
     * its completion (x0 RSI_SUCCESS, x1..x16 zero, pc past the SMC).
     */
    struct spec_regs regs;
};
const struct spec_rec *spec_rec(const struct spec *s, uint64_t rec);
/*
 * May these be the registers of a REC that is not running? What is left open, or pending, may have
 * any value that the next entry allows. False: `why` says what differs.
 */
bool spec_rec_regs_may_be(const struct spec *s, uint64_t rec, const struct spec_regs *regs,
                          char *why, size_t size);

struct spec_rtte {
    enum hipas hipas;
    enum ripas ripas; /* protected IPA only */
    bool ns;          /* unprotected IPA */
    uint64_t addr;    /* output address, or the next table */
    uint8_t memattr;  /* ASSIGNED at unprotected IPA: MemAttr[3:0] as descriptor bits [5:2] */
    uint8_t s2ap;     /* likewise, descriptor bits [7:6] */
};
/* The entry of the table at `level` that covers `ipa`. False: no such table. */
bool spec_rtte(const struct spec *s, uint64_t rd, int level, uint64_t ipa, struct spec_rtte *out);
/* As spec_rtte for entry `index` (0..511) of the table in granule `table`. */
bool spec_table_entry(const struct spec *s, uint64_t table, unsigned index, struct spec_rtte *out);
/*
 * True if entries [first, end) of the table follow from entry `first` (same state; addresses contiguous): lets
 * a checker compare all of them at once. False may also mean that this is not known.
 */
bool spec_table_is_uniform(const struct spec *s, uint64_t table, unsigned first, unsigned end);

/* What the last judging call changed, for an incremental comparison. */
enum spec_touch_kind {
    SPEC_TOUCH_GRANULE,
    SPEC_TOUCH_REALM,
    SPEC_TOUCH_REC,
    SPEC_TOUCH_RTTE,
    SPEC_TOUCH_TABLE
};
struct spec_touch {
    enum spec_touch_kind kind;
    uint64_t a; /* granule, rd, rec, or the table's granule */
    uint64_t b; /* RTTE: index in the table */
};
const struct spec_touch *spec_touched(const struct spec *s, size_t *count);
/* True if more was touched than the list holds: compare everything. */
bool spec_touched_overflow(const struct spec *s);

/* Enumeration for a full comparison: calls fn for each granule that is not UNDELEGATED. */
void spec_each_granule(const struct spec *s,
                       void (*fn)(void *ctx, uint64_t pa, const struct spec_granule *g), void *ctx);

CCASIM_API_END

#endif
