/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check's ear on the event stream: rules that one event can break (locks, slots, who writes the GPT), and the
 * list of what was touched, each thing with the value that it had before.
 */
#include "check_internal.h"

#include <ccasim/el3m.h>

#include <inttypes.h>

const uint32_t check_event_mask =
    EV_BIT(EV_LOCK) | EV_BIT(EV_UNLOCK) | EV_BIT(EV_STATE) | EV_BIT(EV_REFCOUNT) | EV_BIT(EV_PAS) |
    EV_BIT(EV_PTE) | EV_BIT(EV_TABLE) | EV_BIT(EV_SLOT_MAP) | EV_BIT(EV_SLOT_UNMAP) |
    EV_BIT(EV_COPY_FROM_NS) | EV_BIT(EV_COPY_TO_NS) | EV_BIT(EV_OBJECT) | EV_BIT(EV_SMC) |
    EV_BIT(EV_SMC_RET) | EV_BIT(EV_DIRTY) | EV_BIT(EV_MEASURE) | EV_BIT(EV_SYSREG) |
    EV_BIT(EV_VIRTUAL) | EV_BIT(EV_TLBI);

/* --- what was touched ------------------------------------------------------------------------------------------ */

struct touched *check_touch_in(struct check *c, struct check_pe *p, uint64_t pa, unsigned what)
{
    uint32_t g;
    struct touched *t;

    if (!mem_contains(c->m, pa))
        return NULL;
    g = granule_index(c->m, pa);
    /* From the end, and only within the call in progress: the lists are short, and what a call touches twice it
     * touches twice in a row. */
    for (unsigned i = p->num_touched; i-- > p->touched_start;) {
        if (p->touched[i].granule == g) {
            p->touched[i].what |= (uint8_t)what;
            return &p->touched[i];
        }
    }
    c->dirty = true;
    if (p->num_touched == CHECK_MAX_TOUCHED) {
        p->overflow = true;
        return NULL;
    }
    t = &p->touched[p->num_touched++];
    *t = (struct touched){.granule = g, .what = (uint8_t)what, .fid = (uint16_t)p->call.fid};
    if (!p->active)
        t->fid = 0;
    return t;
}

struct touched *check_touch(struct check *c, unsigned pe, uint64_t pa, unsigned what)
{
    return check_touch_in(c, &c->pes[pe], pa, what);
}

/* Remembers the old value when this kind of change is the first to the granule. */
static struct touched *touch_first(struct check *c, unsigned pe, uint64_t pa, unsigned what)
{
    struct touched *t = check_touch(c, pe, pa, 0);

    if (t == NULL || (t->what & what))
        return NULL;
    t->what |= (uint8_t)what;
    return t;
}

/* --- locks ----------------------------------------------------------------------------------------------------- */

static enum lock_class lock_class_of(uint64_t state)
{
    switch (state) {
    case GST_RTT: return LOCK_RTT;
    case GST_DATA: return LOCK_DATA;
    case GST_REC_AUX: return LOCK_AUX;
    default: return LOCK_EXTERNAL;
    }
}

static bool is_root_of_same(struct check *c, const struct check_pe *p, uint32_t a, uint32_t b)
{
    uint32_t rd = live_root_of(c, p, a);

    return rd && rd == live_root_of(c, p, b);
}

/* Tables are locked from parent to child, hand over hand; starting-level ones in ascending order. */
static const char *table_order(struct check *c, const struct check_pe *p, uint32_t g)
{
    unsigned tables = 0;
    bool parent = false, roots = true;

    for (unsigned i = 0; i < p->num_held; i++) {
        uint32_t held = p->held[i].granule;

        if (p->held[i].class != LOCK_RTT)
            continue;
        tables++;
        if (is_root_of_same(c, p, held, g)) {
            if (held > g)
                return "starting-level tables are locked in ascending order";
            parent = true;
            continue;
        }
        roots = false;
        parent = parent || live_is_child(c, p, g, held);
    }
    if (tables == 0)
        return live_is_below(c, p, g)
                   ? "a table below the starting level is locked while its parent is locked"
                   : NULL;
    if (!parent)
        return "the table is not a child of the table that is locked";
    return tables >= 2 && !roots ? "a walk holds two tables at most" : NULL;
}

static const char *lock_order(struct check *c, const struct check_pe *p, uint32_t g,
                              enum lock_class class)
{
    for (unsigned i = 0; i < p->num_held; i++) {
        const struct held_lock *h = &p->held[i];

        if (h->class > class)
            return class == LOCK_EXTERNAL ? "external granules are locked before internal ones"
                                          : "the order is RTT, DATA, REC_AUX";
        if (class == LOCK_EXTERNAL && h->granule > g)
            return "external granules are locked in ascending address order";
        if (class == LOCK_DATA && h->class == LOCK_DATA)
            return "one DATA granule is locked at a time";
    }
    return class == LOCK_RTT ? table_order(c, p, g) : NULL;
}

static void on_lock(struct check *c, struct check_pe *p, const struct event *e)
{
    uint32_t g = granule_index(c->m, e->obj);
    enum lock_class class = lock_class_of(e->a);
    const char *why = lock_order(c, p, g, class);

    check_count(c, 1);
    p->suspect = why;
    p->suspect_pa = e->obj;
    if (p->num_held < CHECK_MAX_HELD)
        p->held[p->num_held++] = (struct held_lock){g, (uint8_t) class};
}

/* A granule that was named by its address and is found to be an internal one is given back at once; it was locked as
 * an external one. So a suspicion of an internal granule waits for the next event of this PE. */
static void settle_suspicion(struct check *c, struct check_pe *p, const struct event *e)
{
    const char *why = p->suspect;

    p->suspect = NULL;
    if (e->kind == EV_UNLOCK && e->obj == p->suspect_pa && lock_class_of(e->a) != LOCK_EXTERNAL)
        return;
    check_find(c, "lock-order", p->suspect_pa,
               "%s granule 0x%" PRIx64 " is locked after 0x%" PRIx64 ": %s",
               gst_state_name(c->m->gst[granule_index(c->m, p->suspect_pa)].state), p->suspect_pa,
               p->num_held > 1 ? granule_pa(c->m, p->held[p->num_held - 2].granule) : 0, why);
}

static void on_unlock(struct check *c, struct check_pe *p, const struct event *e)
{
    uint32_t g = granule_index(c->m, e->obj);
    const struct pe *pe = &c->m->pe[e->pe];
    unsigned i = p->num_held;

    while (i > 0 && p->held[i - 1].granule != g)
        i--;
    if (i == 0) {
        check_find(c, "lock-leak", e->obj,
                   "granule 0x%" PRIx64 " is unlocked by PE %u, which does not hold it", e->obj,
                   e->pe);
        return;
    }
    p->held[i - 1] = p->held[--p->num_held];
    check_count(c, 1);
    for (unsigned s = 0; s < SLOT_COUNT; s++) {
        if (pe->slot[s] == (e->obj | 1) && s != SLOT_NS && pe->running_rec != e->obj &&
            !(c->m->gst[g].state == GST_REC && c->m->gst[g].refcount == 1))
            check_find(c, "slot-without-lock", e->obj,
                       "granule 0x%" PRIx64 " is unlocked while slot %u maps it", e->obj, s);
    }
}

/* --- slots ----------------------------------------------------------------------------------------------------- */

/* The REC whose reference this PE holds: it runs it. */
static bool is_own_rec(const struct check *c, const struct check_pe *p, uint64_t rec)
{
    return p->active && p->is_enter && p->call.in[1] == rec && mem_contains(c->m, rec) &&
           c->m->gst[granule_index(c->m, rec)].refcount != 0; /* more than one: I10, I12 */
}

static bool is_locked_by(const struct check *c, unsigned pe, uint64_t pa)
{
    return mem_contains(c->m, pa) && c->m->gst[granule_index(c->m, pa)].lock == pe + 1;
}

/* What stands for the lock of a granule. */
static bool may_map(struct check *c, const struct check_pe *p, unsigned pe, uint64_t pa)
{
    const struct place *place = &c->place[granule_index(c->m, pa)];
    unsigned state = c->m->gst[granule_index(c->m, pa)].state;

    if (is_locked_by(c, pe, pa))
        return true;
    switch (state) {
    case GST_REC: return is_own_rec(c, p, pa);
    case GST_REC_AUX:
        return is_own_rec(c, p, place->by) || is_locked_by(c, pe, place->by) ||
               live_has_rec_of(c, p, granule_index(c->m, pa));
    case GST_RD:
        return p->active && p->is_enter && is_own_rec(c, p, p->call.in[1]) &&
               live_is_rd_of(c, p, granule_index(c->m, p->call.in[1]), granule_index(c->m, pa));
    case GST_DATA:
        return is_locked_by(c, pe, align_down(place->by, GRANULE_SIZE)) ||
               live_has_table_of(c, p, granule_index(c->m, pa));
    default: return false;
    }
}

static void on_map(struct check *c, struct check_pe *p, const struct event *e)
{
    if (e->a == SLOT_NS || !mem_contains(c->m, e->obj) ||
        !is_tracked(c, granule_index(c->m, e->obj)))
        return;
    check_count(c, 1);
    if (__builtin_expect(!may_map(c, p, e->pe, e->obj), 0))
        check_find(c, "slot-without-lock", e->obj,
                   "slot %u maps %s granule 0x%" PRIx64 ", whose lock PE %u does not hold",
                   (unsigned)e->a, gst_state_name(c->m->gst[granule_index(c->m, e->obj)].state),
                   e->obj, e->pe);
}

void check_leftovers(struct check *c, unsigned pe)
{
    struct check_pe *p = &c->pes[pe];
    const struct pe *hw = &c->m->pe[pe];
    uint64_t mapped = 0;

    check_count(c, 2);
    for (unsigned i = 0; i < p->num_held; i++) {
        uint64_t a = granule_pa(c->m, p->held[i].granule);

        check_find(c, "lock-leak", a,
                   "the call returned while PE %u holds the lock of granule 0x%" PRIx64, pe, a);
        if (is_locked_by(c, pe, a))
            check_find(c, "I16", a, "granule 0x%" PRIx64 " is still locked by PE %u after the call",
                       a, pe);
    }
    p->num_held = 0;
    for (unsigned s = 0; s < SLOT_COUNT; s++)
        mapped |= hw->slot[s];
    if (__builtin_expect(mapped != 0, 0)) {
        for (unsigned s = 0; s < SLOT_COUNT; s++) {
            uint64_t a = hw->slot[s] & ~GRANULE_MASK;

            if (hw->slot[s] == 0)
                continue;
            check_find(c, "slot-leak", a,
                       "the call returned with slot %u mapping granule 0x%" PRIx64, s, a);
            check_find(c, "I16", a, "slot %u of PE %u is still mapped after the call", s, pe);
        }
    }
}

/* --- state, tables, PAS ---------------------------------------------------------------------------------------- */

static void need_lock(struct check *c, const struct event *e, uint64_t pa, const char *what)
{
    check_count(c, 1);
    if (__builtin_expect(is_locked_by(c, e->pe, pa), 1))
        return;
    if (mem_contains(c->m, pa) && is_tracked(c, granule_index(c->m, pa)))
        check_find(c, "state-without-lock", pa,
                   "%s of granule 0x%" PRIx64 " changes without its lock", what, pa);
}

static void on_state(struct check *c, const struct event *e)
{
    struct touched *t = check_touch(c, e->pe, e->obj, 0);

    if (t) {
        if (!(t->what & TOUCH_STATE))
            t->old_state = (uint8_t)e->a;
        t->what |= TOUCH_STATE;
        t->when = ++c->ticks;
        if (!t->anew)
            t->anew = t->when;
    }
    need_lock(c, e, e->obj, "the state");
}

static void on_refcount(struct check *c, const struct event *e)
{
    struct touched *t = touch_first(c, e->pe, e->obj, TOUCH_REF);
    unsigned state = mem_contains(c->m, e->obj) ? c->m->gst[granule_index(c->m, e->obj)].state : 0;

    if (t)
        t->old_ref = (uint16_t)e->a;
    /* A running REC is given back, and a REC leaves its RD, without a lock: release semantics (1.4, rule 8). */
    if (!(e->b < e->a && (state == GST_REC || state == GST_RD)))
        need_lock(c, e, e->obj, "the reference count");
}

static void on_table(struct check *c, const struct event *e)
{
    struct touched *t = check_touch(c, e->pe, e->obj, TOUCH_TABLE);

    if (t && !t->anew)
        t->anew = ++c->ticks;
}

/* DDI0487 D8.16.1: between two translations of an address there is none, and all PEs know. */
static void breaks_before_make(struct check *c, struct check_pe *p, const struct event *e)
{
    bool was = e->a & 1, is = e->b & 1;

    check_count(c, 1);
    if (was && is && e->a != e->b)
        check_find(c, "break-before-make", e->obj,
                   "the descriptor at 0x%" PRIx64 " goes from 0x%" PRIx64 " to 0x%" PRIx64
                   ", with nothing invalid between",
                   e->obj, e->a, e->b);
    else if (is && p->broken == e->obj)
        check_find(c, "break-before-make", e->obj,
                   "the descriptor at 0x%" PRIx64
                   " is valid again, and nothing was invalidated meanwhile",
                   e->obj);
    if (was && !is)
        p->broken = e->obj;
}

static void on_pte(struct check *c, struct check_pe *p, const struct event *e)
{
    uint64_t table = align_down(e->obj, GRANULE_SIZE);

    breaks_before_make(c, p, e);
    check_touch(c, e->pe, table, TOUCH_PTE);
    need_lock(c, e, table, "a descriptor");
    if (p->num_ptes == CHECK_MAX_PTES) {
        p->overflow = true;
        return;
    }
    p->pte[p->num_ptes++] =
        (struct pte_change){.desc = e->obj,
                            .old = e->a,
                            .value = e->b,
                            .when = ++c->ticks,
                            .fid = p->active ? (uint16_t)p->call.fid : (uint16_t)0};
}

/* I28: checked at the event, while the granule is locked, as after it the host may read. */
static void leaves_realm_pas(struct check *c, const struct event *e)
{
    const struct provenance *prov = &c->m->mem.prov[granule_index(c->m, e->obj)];

    check_count(c, 1);
    if (prov->kinds & (1u << OWNER_REALM | 1u << OWNER_RMM))
        check_find(c, "I28", e->obj,
                   "granule 0x%" PRIx64 " leaves the Realm PAS and may still hold data of %s",
                   e->obj, prov->kinds & 1u << OWNER_REALM ? "a Realm" : "the RMM");
    else if (c->level == CHECK_FULL && !mem_is_zero(c->m, e->obj))
        check_find(c, "I28", e->obj, "granule 0x%" PRIx64 " leaves the Realm PAS and is not zero",
                   e->obj);
}

static bool is_el3m_service(const struct check_pe *p)
{
    return p->smc_depth && p->smc_depth <= CHECK_MAX_SMC &&
           p->smc[p->smc_depth - 1].world == WORLD_REALM &&
           (p->smc[p->smc_depth - 1].fid == EL3_GTSI_DELEGATE ||
            p->smc[p->smc_depth - 1].fid == EL3_GTSI_UNDELEGATE);
}

static void on_pas(struct check *c, struct check_pe *p, const struct event *e)
{
    struct touched *t = touch_first(c, e->pe, e->obj, TOUCH_PAS);

    if (t)
        t->old_pas = (uint8_t)e->a;
    check_count(c, 1);
    if (e->a == PAS_REALM && e->b != PAS_REALM && mem_contains(c->m, e->obj))
        leaves_realm_pas(c, e);
    if (is_el3m_service(p))
        return;
    if ((e->a == PAS_NS && e->b == PAS_SECURE) || (e->a == PAS_SECURE && e->b == PAS_NS)) {
        p->claim = e->obj | 1; /* check_secure_claim() says that it was one */
        p->claimed = ++c->clock;
    } else {
        check_find(c, "gpt-writer", e->obj,
                   "the PAS of 0x%" PRIx64 " changes from %s to %s outside an SMC of the RMM",
                   e->obj, pas_name((enum pas)e->a), pas_name((enum pas)e->b));
    }
}

static void on_smc(struct check_pe *p, const struct event *e)
{
    if (p->smc_depth < CHECK_MAX_SMC) {
        p->smc[p->smc_depth].fid = e->obj;
        p->smc[p->smc_depth].world = (uint8_t)e->a;
    }
    p->smc_depth++;
    p->broken = 0;
}

/* --- host memory ----------------------------------------------------------------------------------------------- */

static void on_copy(struct check *c, struct check_pe *p, const struct event *e)
{
    check_count(c, 1);
    if (e->b == 0 && gpt_check(c->m, PAS_NS, e->obj).fault != GPC_OK)
        check_find(
            c, "I21", e->obj, "a copy %s host memory at 0x%" PRIx64 " succeeds in the %s PAS",
            e->kind == EV_COPY_FROM_NS ? "from" : "to", e->obj, pas_name(gpt_pas(c->m, e->obj)));
    if (e->kind == EV_COPY_FROM_NS && p->active)
        check_capture(c, p, e->obj, e->a, e->b != 0);
    else if (e->kind == EV_COPY_TO_NS && e->b == 0)
        writes_to_host(p, e->obj, e->a);
    if (e->kind == EV_COPY_TO_NS && p->active)
        check_capture_written(c, &p->call, e->obj, e->a);
}

/* Not counted: how often a granule is said to be dirty is up to the emulator's caches. */
static void on_dirty(struct check *c, const struct event *e)
{
    if (c->m->pe[e->pe].world == WORLD_NS && mem_contains(c->m, e->obj) &&
        gpt_pas(c->m, e->obj) != PAS_NS)
        check_find(c, "I21", e->obj, "the host stores to 0x%" PRIx64 " in the %s PAS", e->obj,
                   pas_name(gpt_pas(c->m, e->obj)));
}

static void on_measure(struct check *c, struct check_pe *p, const struct event *e)
{
    check_touch(c, e->pe, e->obj, TOUCH_OBJ);
    if (e->a == 0 && p->active)
        replay_note(c, &p->call);
    if (e->a == 0 || !mem_contains(c->m, e->obj))
        return;
    check_count(c, 1);
    if (p->rsi_extend[0] && p->rsi_extend[1] == e->a)
        replay_rem(c, e->obj, p->rsi_extend);
    else
        check_find(c, "I18", e->obj, "REM %u changes and its Realm did not ask", (unsigned)e->a);
    p->rsi_extend[0] = 0;
}

void check_on_event(void *ctx, struct machine *m, const struct event *e)
{
    struct check *c = ctx;
    struct check_pe *p = &c->pes[e->pe];

    (void)m;
    c->pe = e->pe;
    if (__builtin_expect(p->suspect != NULL, 0))
        settle_suspicion(c, p, e);
    switch (e->kind) {
    case EV_LOCK: on_lock(c, p, e); break;
    case EV_UNLOCK: on_unlock(c, p, e); break;
    case EV_SLOT_MAP:
        on_map(c, p, e);
        writes_map(c, p, e->obj, (unsigned)e->a);
        break;
    case EV_SLOT_UNMAP: writes_unmap(c, p, (unsigned)e->a); break;
    case EV_STATE:
        if (e->a == GST_REC)
            context_forget(c, e->obj);
        if (e->a == GST_DATA)
            writes_forget(p, e->obj);
        on_state(c, e);
        break;
    case EV_REFCOUNT: on_refcount(c, e); break;
    case EV_PTE: on_pte(c, p, e); break;
    case EV_TLBI: p->broken = 0; break;
    case EV_TABLE: on_table(c, e); break;
    case EV_OBJECT: check_touch(c, e->pe, e->obj, TOUCH_OBJ); break;
    case EV_PAS: on_pas(c, p, e); break;
    case EV_SMC: on_smc(p, e); break;
    case EV_SMC_RET: p->smc_depth -= p->smc_depth != 0; break;
    case EV_COPY_FROM_NS:
    case EV_COPY_TO_NS: on_copy(c, p, e); break;
    case EV_DIRTY: on_dirty(c, e); break;
    case EV_MEASURE: on_measure(c, p, e); break;
    case EV_SYSREG: check_cover_sysreg(c, (uint32_t)e->obj, e->a); break;
    case EV_VIRTUAL: check_cover_virtual(c, e->a); break;
    default: break;
    }
}
