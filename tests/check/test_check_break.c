/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each rule objects to what it is about, and to nothing else: a case builds a Realm, makes a call or two, and does one
 * misdeed: behind everybody's back (then a full check must find it), or as a handler would, with its events (then
 * the step must find it). Without the misdeed the same case is clean.
 */
#include "check_world.h"

#include "realm/rd.h"
#include "realm/rec.h"
#include "realm/s2.h"

enum when {
    POKE,      /* after the calls; check_full() must find it */
    AFTER,     /* by the RMM, after the handler of the last call */
    INSTEAD,   /* by the RMM, instead of the handler */
    AT_ENTER,  /* just before the Realm is entered */
    HOST_STEP, /* a step of its own, without a call */
};

struct rule_case {
    const char *rule;
    const char *name;
    enum when when;
    void (*act)(struct cw *w, uint64_t out[ABI_MAX_REGS]);
    uint64_t (*call)(struct cw *w); /* NULL: none */
};

/* --- the RMM under test: the model's, and a misdeed -------------------------------------------------------------- */

static struct cw *world;
static const struct rule_case *armed;

static void fake_smc(struct machine *m, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                     uint64_t out[ABI_MAX_REGS])
{
    if (armed && armed->when == INSTEAD) {
        memset(out, 0, ABI_MAX_REGS * sizeof(out[0]));
        armed->act(world, out);
        return;
    }
    rmm_model.smc(m, pe, in, out);
    if (armed && armed->when == AFTER)
        armed->act(world, out);
}

static void at_enter(void *ctx, struct machine *m, const struct event *e)
{
    (void)ctx;
    (void)m;
    (void)e;
    if (armed && armed->when == AT_ENTER)
        armed->act(world, NULL);
}

static struct gst_entry *gst(struct cw *w, unsigned n)
{
    return &w->m->gst[granule_index(w->m, w_pa(w, n))];
}

static uint64_t *words(struct cw *w, unsigned n)
{
    mem_unpoison(w->m, w_pa(w, n));
    return (uint64_t *)(void *)mem_ptr(w->m, w_pa(w, n));
}

static struct rd *rd_of(struct cw *w)
{
    return (struct rd *)(void *)words(w, W_RD);
}

static struct rec *rec_of(struct cw *w)
{
    return (struct rec *)(void *)words(w, W_REC);
}

/* A descriptor write as a handler does it. */
static void write_entry(struct cw *w, unsigned table, unsigned index, uint64_t desc)
{
    uint64_t *d = words(w, table) + index, old = *d;

    gst_lock(w->m, 0, gst(w, W_ROOT));
    gst_lock(w->m, 0, gst(w, W_L2));
    gst_unlock(w->m, 0, gst(w, W_ROOT));
    gst_lock(w->m, 0, gst(w, table));
    gst_unlock(w->m, 0, gst(w, W_L2));
    *d = desc;
    ev(w->m, 0, EV_PTE, w_pa(w, table) + 8ull * index, old, desc);
    gst_unlock(w->m, 0, gst(w, table));
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

static uint64_t version(struct cw *w)
{
    return RMI1(w, RMI_VERSION, ABI_1_0);
}
static uint64_t enter(struct cw *w)
{
    return RMI2(w, RMI_REC_ENTER, w_pa(w, W_REC), w_pa(w, W_RUN));
}
static uint64_t enter_again(struct cw *w)
{
    const struct rule_case *misdeed = armed;

    armed = NULL;
    enter(w);
    armed = misdeed;
    return enter(w);
}
static void load_controls(struct cw *w)
{
    struct pe *p = &w->m->pe[0];

    p->hcr_el2 = rec_hcr_el2();
    p->vtcr_el2 = s2_vtcr(&rd_of(w)->s2, impl_pa_width(&w->m->impl), w->m->impl.vmid_bits);
    p->vttbr_el2 = s2_vttbr(&rd_of(w)->s2);
}
/* The Realm reads host memory at an Unprotected IPA; then the Host delegates that granule. */
static uint64_t delegate_after_use(struct cw *w)
{
    const struct rule_case *misdeed = armed;
    struct pe *p = &w->m->pe[0];
    struct mmu_result r;
    struct mmu_fault f;

    armed = NULL;
    assert_int_equal(
        RMI4(w, RMI_RTT_MAP_UNPROTECTED, w_pa(w, W_RD), W_NS_IPA, 3, w_pa(w, W_SRC) | 0xd8),
        RMI_SUCCESS);
    load_controls(w);
    assert_true(mmu_s2_translate(w->m, 0, ipa(W_NS_IPA), ACCESS_READ, &r, &f));
    p->hcr_el2 = p->vtcr_el2 = p->vttbr_el2 = 0;
    armed = misdeed;
    return RMI1(w, RMI_GRANULE_DELEGATE, w_pa(w, W_SRC));
}
/* The Realm has stage 1 on and its tables in the page at W_IPA, each level in the same page: it reads VA 0, which stage 1
 * maps to that page again. */
static uint64_t version_after_use_by_va(struct cw *w)
{
    struct pe *p = &w->m->pe[0];
    const uint64_t hcr = p->hcr_el2, vtcr = p->vtcr_el2, vttbr = p->vttbr_el2;
    const struct pe_regs regs = p->r;
    const struct rule_case *misdeed = armed;
    struct mmu_result r;
    struct mmu_fault f;

    armed = NULL;
    words(w, W_DATA)[0] = W_IPA | 1ull << 10 | 3;
    load_controls(w);
    p->r.sys[SR_TTBR0_EL1] = W_IPA;
    p->r.sys[SR_TCR_EL1] = 25 | 2ull << 32;
    p->r.sys[SR_MAIR_EL1] = 0xff;
    p->r.sys[SR_SCTLR_EL1] |= 1;
    assert_true(mmu_translate(w->m, 0, 1, 0, ACCESS_READ, &r, &f));
    assert_int_equal(tlb_count_s1(p->tlb), 1);
    p->hcr_el2 = hcr;
    p->vtcr_el2 = vtcr;
    p->vttbr_el2 = vttbr;
    p->r = regs;
    armed = misdeed;
    return version(w);
}
static uint64_t undelegate(struct cw *w)
{
    return RMI1(w, RMI_GRANULE_UNDELEGATE, w_pa(w, 40));
}
static uint64_t data_unknown(struct cw *w)
{
    return RMI3(w, RMI_DATA_CREATE_UNKNOWN, w_pa(w, W_RD), w_pa(w, W_DATA2), W_IPA + 0x1000);
}
static uint64_t failing(struct cw *w)
{
    return RMI1(w, RMI_REALM_ACTIVATE, w_pa(w, W_RD)); /* it is ACTIVE */
}

/* --- misdeeds: invariants ---------------------------------------------------------------------------------------- */

#define ACT(name) static void name(struct cw *w, uint64_t out[ABI_MAX_REGS])
#define NO_OUT    (void)out

ACT(state_without_pas)
{
    NO_OUT;
    gst(w, 40)->state = GST_UNDELEGATED;
}
ACT(dirty_delegated)
{
    NO_OUT;
    words(w, 40)[511] = 1;
}
ACT(counted_delegated)
{
    NO_OUT;
    gst(w, 40)->refcount = 1;
}
ACT(other_owner)
{
    NO_OUT;
    rec_of(w)->rd = w_pa(w, 40);
}
ACT(index_too_high)
{
    NO_OUT;
    rec_of(w)->mpidr = 5;
}
ACT(aux_lost)
{
    NO_OUT;
    gst(w, W_AUX)->state = GST_DELEGATED;
}
ACT(leaf_to_delegated)
{
    NO_OUT;
    words(w, W_L3)[1] = (words(w, W_L3)[1] & GRANULE_MASK) | w_pa(w, 40);
}
ACT(leaf_is_half_a_block)
{
    NO_OUT;
    words(w, W_L2)[1] = (words(w, W_L3)[1] & ~2ull);
}
ACT(leaf_twice)
{
    NO_OUT;
    words(w, W_L3)[9] = words(w, W_L3)[1];
}
ACT(data_unnamed)
{
    NO_OUT;
    words(w, W_L3)[1] = 0;
}
ACT(table_unnamed)
{
    NO_OUT;
    words(w, W_L2)[0] = 0;
}
ACT(table_twice)
{
    NO_OUT;
    words(w, W_L2)[5] = words(w, W_L2)[0];
}
ACT(root_lost)
{
    NO_OUT;
    gst(w, W_ROOT)->state = GST_DELEGATED;
}
ACT(table_count)
{
    NO_OUT;
    gst(w, W_L3)->refcount++;
}
ACT(rd_count)
{
    NO_OUT;
    gst(w, W_RD)->refcount++;
}
ACT(rec_count)
{
    NO_OUT;
    gst(w, W_REC)->refcount = 1;
}
ACT(rec_count_two)
{
    NO_OUT;
    gst(w, W_REC)->refcount = 2;
}
ACT(loaded_at_rest)
{
    NO_OUT;
    w->m->pe[1].running_rec = w_pa(w, W_REC);
}
ACT(realm_is_new)
{
    NO_OUT;
    rd_of(w)->state = REALM_NEW;
}
ACT(rec_not_runnable)
{
    NO_OUT;
    rec_of(w)->runnable = 0;
}
ACT(unmap_without_tlbi)
{
    NO_OUT;
    words(w, W_L3)[1] &= ~3ull;
}
/* As a handler would that invalidates by IPA alone: an entry by VA, which combines both stages, stays. */
ACT(unmap_without_tlbi_s1)
{
    uint64_t d = words(w, W_L3)[1];

    NO_OUT;
    write_entry(w, W_L3, 1, d & ~3ull);
    tlbi_ipa(w->m, 0, 3, W_IPA, GRANULE_SIZE);
}
ACT(unmap_silently_without_tlbi_s1)
{
    NO_OUT;
    words(w, W_L3)[1] &= ~3ull;
    tlbi_ipa(w->m, 0, 3, W_IPA, GRANULE_SIZE);
}
ACT(takes_page_without_tlbi)
{
    NO_OUT;
    gpt_set(w->m, 0, w_pa(w, W_DATA), GPI_NS);
}
ACT(delegate_without_tlbi)
{
    gst_lock(w->m, 0, gst(w, W_SRC));
    gpt_set(w->m, 0, w_pa(w, W_SRC), GPI_REALM);
    gst_unlock_to(w->m, 0, gst(w, W_SRC), GST_DELEGATED);
    out[0] = RMI_SUCCESS;
}
ACT(lock_kept)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, 40));
}
ACT(slot_kept)
{
    NO_OUT;
    w->m->pe[0].slot[SLOT_NS] = w_pa(w, W_NS) | 1;
}
ACT(parameter_moves)
{
    NO_OUT;
    rd_of(w)->rpv[3] ^= 1;
    ev(w->m, 0, EV_OBJECT, w_pa(w, W_RD), 0, 0);
}
ACT(rim_moves)
{
    NO_OUT;
    rd_of(w)->measurement[0][0] ^= 1;
    ev(w->m, 0, EV_OBJECT, w_pa(w, W_RD), 0, 0);
}
ACT(rem_moves)
{
    NO_OUT;
    rd_of(w)->measurement[2][0] ^= 1;
    ev(w->m, 0, EV_MEASURE, w_pa(w, W_RD), 2, 0);
}
ACT(empty_becomes_ram)
{
    NO_OUT;
    write_entry(w, W_L3, 9, 1ull << 5);
}
ACT(protected_ns)
{
    NO_OUT;
    words(w, W_L3)[1] |= 1ull << 55;
}
ACT(unprotected_realm)
{
    NO_OUT;
    words(w, W_L3_NS)[0] = w_pa(w, 40) | 0x7ff;
}
ACT(gpi_any)
{
    NO_OUT;
    gpt_set(w->m, 0, w_pa(w, 40), GPI_ANY);
}
ACT(copy_from_realm)
{
    NO_OUT;
    ev(w->m, 0, EV_COPY_FROM_NS, w_pa(w, 40), 64, 0);
}
ACT(host_store)
{
    NO_OUT;
    mem_guest_dirty(w->m, 0, w_pa(w, W_DATA), OWNER_HOST, 0);
}
ACT(fails_and_counts)
{
    (void)out;
    gst_lock(w->m, 0, gst(w, W_RD));
    gst_ref(w->m, 0, gst(w, W_RD), 1);
    gst_unlock(w->m, 0, gst(w, W_RD));
}
ACT(fails_and_moves_realm)
{
    (void)out;
    rd_of(w)->state = REALM_SYSTEM_OFF;
    ev(w->m, 0, EV_OBJECT, w_pa(w, W_RD), 0, 0);
}
ACT(fails_and_writes_entry)
{
    NO_OUT;
    write_entry(w, W_L3, 9, 2ull << 5);
}
ACT(undelegate_unwiped)
{
    uint64_t regs[ABI_MAX_REGS] = {EL3_GTSI_UNDELEGATE, w_pa(w, 40)};

    gst_lock(w->m, 0, gst(w, 40));
    mem_note_write(w->m, w_pa(w, 40), OWNER_REALM, w_pa(w, W_RD), false);
    el3m_smc(w->m, 0, WORLD_REALM, regs);
    gst_unlock_to(w->m, 0, gst(w, 40), GST_UNDELEGATED);
    out[0] = RMI_SUCCESS;
}
ACT(page_of_another)
{
    NO_OUT;
    mem_note_write(w->m, w_pa(w, W_DATA2), OWNER_REALM, w_pa(w, 41), false);
}
ACT(page_of_the_host)
{
    NO_OUT;
    mem_note_write(w->m, w_pa(w, W_DATA2), OWNER_HOST, 0, false);
}

/* --- misdeeds: event rules --------------------------------------------------------------------------------------- */

ACT(descending)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, 41));
    gst_lock(w->m, 0, gst(w, 40));
    gst_unlock(w->m, 0, gst(w, 40));
    gst_unlock(w->m, 0, gst(w, 41));
}
ACT(data_before_table)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, W_DATA));
    gst_lock(w->m, 0, gst(w, W_ROOT));
    ev(w->m, 0, EV_SLOT_MAP, w_pa(w, W_ROOT), SLOT_RTT, 0);
    gst_unlock(w->m, 0, gst(w, W_ROOT));
    gst_unlock(w->m, 0, gst(w, W_DATA));
}
ACT(walk_without_hands)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, W_ROOT));
    gst_unlock(w->m, 0, gst(w, W_ROOT));
    gst_lock(w->m, 0, gst(w, W_L2));
    ev(w->m, 0, EV_SLOT_MAP, w_pa(w, W_L2), SLOT_RTT, 0);
    gst_unlock(w->m, 0, gst(w, W_L2));
}
ACT(unlock_unheld)
{
    NO_OUT;
    gst_unlock(w->m, 0, gst(w, 40));
}
ACT(map_unlocked)
{
    NO_OUT;
    ev(w->m, 0, EV_SLOT_MAP, w_pa(w, 40), SLOT_DELEGATED, 0);
}
ACT(unlock_mapped)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, 40));
    w->m->pe[0].slot[SLOT_DELEGATED] = w_pa(w, 40) | 1;
    ev(w->m, 0, EV_SLOT_MAP, w_pa(w, 40), SLOT_DELEGATED, 0);
    gst_unlock(w->m, 0, gst(w, 40));
    w->m->pe[0].slot[SLOT_DELEGATED] = 0;
}
ACT(state_unlocked)
{
    NO_OUT;
    gst_set_state(w->m, 0, gst(w, 40), GST_RD);
    gst_set_state(w->m, 0, gst(w, 40), GST_DELEGATED);
}
ACT(read_twice)
{
    NO_OUT;
    ev(w->m, 0, EV_COPY_FROM_NS, w_pa(w, W_NS), 64, 0);
    ev(w->m, 0, EV_COPY_FROM_NS, w_pa(w, W_NS) + 56, 16, 0);
}
ACT(gpt_by_rmm)
{
    NO_OUT;
    gpt_set(w->m, 0, w_pa(w, 40), GPI_NS);
    gpt_set(w->m, 0, w_pa(w, 40), GPI_REALM);
}
ACT(silent_secure)
{
    NO_OUT;
    gpt_set(w->m, 0, w_pa(w, W_NS), GPI_SECURE);
}

/* --- misdeeds: judgement ----------------------------------------------------------------------------------------- */

ACT(wrong_status)
{
    (void)w;
    out[0] = rmi_result(RMI_ERROR_RTT, 1);
}
ACT(wrong_output)
{
    (void)w;
    out[1] ^= 1;
}
ACT(wrong_exit_byte)
{
    NO_OUT;
    words(w, W_RUN)[(REC_EXIT_BASE + REC_EXIT_GPRS) / 8] ^= 0x100;
}
/* A byte more than the command writes, in a page that is mapped for it. */
static void write_byte(struct cw *w, unsigned n, enum rmm_slot slot, unsigned at)
{
    ev(w->m, 0, EV_SLOT_MAP, w_pa(w, n), slot, 0);
    words(w, n)[at / 8] ^= 0xff;
    ev(w->m, 0, EV_SLOT_UNMAP, w_pa(w, n), slot, 0);
}
ACT(writes_before_exit)
{
    NO_OUT;
    write_byte(w, W_RUN, SLOT_NS, REC_EXIT_BASE - 8);
}
ACT(writes_elsewhere)
{
    NO_OUT;
    write_byte(w, W_NS, SLOT_NS, 0);
}
ACT(says_that_it_writes)
{
    NO_OUT;
    ev(w->m, 0, EV_COPY_TO_NS, w_pa(w, W_RUN) + REC_EXIT_BASE - 1, 8, 0);
}
ACT(writes_to_page)
{
    NO_OUT;
    gst_lock(w->m, 0, gst(w, W_DATA));
    write_byte(w, W_DATA, SLOT_DATA, 0x800);
    gst_unlock(w->m, 0, gst(w, W_DATA));
}
ACT(wrong_page)
{
    NO_OUT;
    rd_of(w)->measurement[1][9] ^= 1;
}
ACT(wrong_register)
{
    NO_OUT;
    w->m->pe[0].r.x[9] ^= 1;
}

static void active_priority(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].gic.ap1r[0] ^= 1;
}

static void tpidr_changes(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].r.sys[SR_TPIDR_EL1] ^= 1;
}

static void high_register_changes(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].r.x[30] ^= 1;
}

static void simd_changes(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].r.v[5] ^= 1;
}

static void pmu_stays_on(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].pmu.present = true;
}

static void rec_stays_loaded(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].running_rec = 1;
}

static void interface_stays_on(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].gic.hcr |= 1;
}

static void stage_2_stays_on(struct cw *w, uint64_t out[ABI_MAX_REGS])
{
    (void)out;
    w->m->pe[0].hcr_el2 |= 1;
}
ACT(page_becomes_another)
{
    NO_OUT;
    write_entry(w, W_L3, 1, words(w, W_L3)[1] ^ 1ull << 7);
}
ACT(page_is_back_too_soon)
{
    uint64_t d = words(w, W_L3)[1];

    NO_OUT;
    write_entry(w, W_L3, 1, d & ~3ull);
    write_entry(w, W_L3, 1, d);
}

static const struct rule_case cases[] = {
    {"I1", "UNDELEGATED in the Realm PAS", POKE, state_without_pas, NULL},
    {"I2", "DELEGATED and not zero", POKE, dirty_delegated, NULL},
    {"I2", "DELEGATED with a count", POKE, counted_delegated, NULL},
    {"I3", "owner is no RD", POKE, other_owner, NULL},
    {"I4", "index not given out", POKE, index_too_high, NULL},
    {"I4", "auxiliary granule DELEGATED", POKE, aux_lost, NULL},
    {"I5", "leaf names a DELEGATED granule", POKE, leaf_to_delegated, NULL},
    {"I5", "block from the middle of one", POKE, leaf_is_half_a_block, NULL},
    {"I6", "two leaves name one granule", POKE, leaf_twice, NULL},
    {"I6", "no leaf names DATA", POKE, data_unnamed, NULL},
    {"I7", "no entry names a table", POKE, table_unnamed, NULL},
    {"I7", "two entries name a table", POKE, table_twice, NULL},
    {"I7", "starting-level table is no RTT", POKE, root_lost, NULL},
    {"I8", "count of a table", POKE, table_count, NULL},
    {"I9", "count of an RD", POKE, rd_count, NULL},
    {"I10", "count of a REC at rest", POKE, rec_count, NULL},
    {"I10", "count of a REC is two", POKE, rec_count_two, NULL},
    {"I11", "REC loaded outside REC_ENTER", POKE, loaded_at_rest, NULL},
    {"I12", "Realm is NEW", AT_ENTER, realm_is_new, enter},
    {"I12", "REC is not runnable", AT_ENTER, rec_not_runnable, enter},
    {"I13", "entry gone, no TLBI", POKE, unmap_without_tlbi, enter},
    {"I13", "by VA, entry gone, TLBI by IPA alone", POKE, unmap_silently_without_tlbi_s1,
     version_after_use_by_va},
    {"I13", "by VA, entry changed, TLBI by IPA alone", AFTER, unmap_without_tlbi_s1,
     version_after_use_by_va},
    {"I14", "GPT changes, no TLBI by PA", POKE, takes_page_without_tlbi, enter},
    {"I14", "delegated without TLBI by PA", INSTEAD, delegate_without_tlbi, delegate_after_use},
    {"I16", "lock kept", AFTER, lock_kept, version},
    {"I16", "slot kept", AFTER, slot_kept, version},
    {"I17", "RPV moves", AFTER, parameter_moves, version},
    {"I17", "RIM moves when ACTIVE", AFTER, rim_moves, version},
    {"I18", "RIM is not the replay's", AFTER, rim_moves, version},
    {"I18", "REM moves and nobody asked", AFTER, rem_moves, version},
    {"I19", "EMPTY becomes RAM when ACTIVE", AFTER, empty_becomes_ram, version},
    {"I20", "protected IPA with NS", POKE, protected_ns, NULL},
    {"I20", "unprotected IPA in the Realm PAS", POKE, unprotected_realm, NULL},
    {"I21", "GPI Any", POKE, gpi_any, NULL},
    {"I21", "copy from Realm memory", AFTER, copy_from_realm, version},
    {"I21", "host store", HOST_STEP, host_store, NULL},
    {"I23", "a system register, after a run", AFTER, tpidr_changes, enter},
    {"I23", "a system register", AFTER, tpidr_changes, version},
    {"I23", "x30", AFTER, high_register_changes, version},
    {"I27", "fails, count moved", AFTER, fails_and_counts, failing},
    {"I27", "fails, RD moved", AFTER, fails_and_moves_realm, failing},
    {"I27", "fails, descriptor moved", AFTER, fails_and_writes_entry, failing},
    {"I28", "UNDELEGATE without wiping", INSTEAD, undelegate_unwiped, undelegate},
    {"I29", "page of another Realm", AFTER, page_of_another, data_unknown},
    {"I29", "page of the Host", AFTER, page_of_the_host, data_unknown},

    {"lock-order", "descending addresses", AFTER, descending, version},
    {"lock-order", "DATA before RTT", AFTER, data_before_table, version},
    {"lock-order", "walk lets go", AFTER, walk_without_hands, version},
    {"lock-leak", "lock kept", AFTER, lock_kept, version},
    {"lock-leak", "lock not held", AFTER, unlock_unheld, version},
    {"slot-leak", "slot kept", AFTER, slot_kept, version},
    {"slot-without-lock", "not locked", AFTER, map_unlocked, version},
    {"slot-without-lock", "unlocked first", AFTER, unlock_mapped, version},
    {"state-without-lock", "state", AFTER, state_unlocked, version},
    {"double-fetch", "overlapping reads", AFTER, read_twice, version},
    {"gpt-writer", "RMM writes the GPT", AFTER, gpt_by_rmm, version},
    {"gpt-writer", "nobody claimed", HOST_STEP, silent_secure, NULL},
    {"unseen-change", "GST", POKE, state_without_pas, NULL},
    {"unseen-change", "descriptor", POKE, data_unnamed, NULL},

    {"rec-context", "active priorities", AT_ENTER, active_priority, enter},
    {"rec-context", "a system register", AT_ENTER, tpidr_changes, enter_again},
    {"rec-context", "a V register", AT_ENTER, simd_changes, enter_again},
    {"host-context", "a V register", AFTER, simd_changes, enter},
    {"host-context", "PMU", AFTER, pmu_stays_on, enter},
    {"host-context", "the REC", AFTER, rec_stays_loaded, enter},
    {"host-context", "virtual CPU interface", AFTER, interface_stays_on, enter},
    {"host-context", "stage 2", AFTER, stage_2_stays_on, enter},
    {"break-before-make", "no break", AFTER, page_becomes_another, version},
    {"break-before-make", "no TLBI", AFTER, page_is_back_too_soon, version},

    {"result", "status", AFTER, wrong_status, version},
    {"result", "output", AFTER, wrong_output, version},
    {"host-memory", "RmiRecExit", AFTER, wrong_exit_byte, enter},
    {"host-memory", "before RmiRecExit", AFTER, writes_before_exit, enter},
    {"host-memory", "a call without outputs in memory", AFTER, writes_elsewhere, version},
    {"host-memory", "a copy that begins too early", AFTER, says_that_it_writes, enter},
    {"realm-memory", "a page of the Realm", AFTER, writes_to_page, version},
    {"realm-memory", "a page of the Realm, at a REC exit", AFTER, writes_to_page, enter},
    {"realm-registers", "x9 at entry", AT_ENTER, wrong_register, enter},
    {"refine", "RD", POKE, wrong_page, NULL},
    {"refine", "descriptor", POKE, data_unnamed, NULL},
};

static struct script_op ops_of_realm[] = {
    {.kind = SCRIPT_STORE,
     .reg = 1,
     .size = 8,
     .sf = true,
     .has_value = true,
     .value = 1,
     .addr = W_IPA + 8},
    {.kind = SCRIPT_END},
};
static struct script_section section = {.pc = W_IPA, .ops = ops_of_realm, .num = 2};
static struct script script = {.sections = &section, .num = 1};

static void run_case(const struct rule_case *k, bool misdeed)
{
    uint64_t out[ABI_MAX_REGS] = {0};
    struct rmm_ops ops = rmm_model;
    struct cw w;

    armed = NULL;
    w_open(&w, NULL, CHECK_ALL);
    world = &w;
    ops.smc = fake_smc;
    w.m->rmm_ops = &ops;
    assert_int_equal(event_listen(w.m, EV_BIT(EV_ENTER), at_enter, NULL), CCA_OK);
    assert_int_equal(script_set_add(w.scripts, &script, 0), CCA_OK);
    w_whole_realm(&w);
    assert_int_equal(check_full(w.c), 0);
    w_assert_clean(&w);
    if (misdeed)
        armed = k;
    if (k->call)
        k->call(&w);
    if (k->when == HOST_STEP)
        check_step_begin(w.c, 0, ++w.step);
    if (misdeed && (k->when == POKE || k->when == HOST_STEP))
        k->act(&w, out);
    if (k->when == HOST_STEP)
        check_step_end(w.c, 0);
    if (k->when == POKE)
        assert_int_equal(check_full(w.c) > 0, misdeed);
    if (misdeed)
        w_assert_found(&w, k->rule);
    else
        w_assert_clean(&w);
    event_unlisten(w.m, at_enter, NULL);
    w_close(&w);
}

static void test_case(void **state)
{
    const struct rule_case *k = *state;

    run_case(k, false);
    run_case(k, true);
}

/* Every rule has a case, here or where `elsewhere` says. */
static void test_every_rule_has_a_case(void **state)
{
    /* test_check_judge, test_check_request */
    static const char *const elsewhere[] = {"I30", "I31"};

    (void)state;
    for (size_t i = 0; i < check_rule_count; i++) {
        bool has = false;

        for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++)
            has |= strcmp(cases[k].rule, check_rules[i].id) == 0;
        for (size_t k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
            has |= strcmp(elsewhere[k], check_rules[i].id) == 0;
        if (!has)
            print_message("# %s has no case\n", check_rules[i].id);
        assert_true(has);
    }
}

#define NUM_CASES (sizeof(cases) / sizeof(cases[0]))

int main(void)
{
    static struct CMUnitTest tests[NUM_CASES + 1];
    static char names[NUM_CASES][96];

    for (size_t i = 0; i < NUM_CASES; i++) {
        snprintf(names[i], sizeof(names[i]), "%s: %s", cases[i].rule, cases[i].name);
        tests[i] = (struct CMUnitTest){.name = names[i],
                                       .test_func = test_case,
                                       .initial_state = (void *)(uintptr_t)&cases[i]};
    }
    tests[NUM_CASES] = (struct CMUnitTest)cmocka_unit_test(test_every_rule_has_a_case);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
