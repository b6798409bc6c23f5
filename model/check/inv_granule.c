/* SPDX-License-Identifier: BSD-3-Clause */
/* Invariants of one granule: I1 to I4, I6 to I11, I17, I18, I21, I29, I30. */
#include "check_internal.h"

#include <inttypes.h>
#include <string.h>

static uint64_t pa_of(const struct check *c, uint32_t g)
{
    return granule_pa(c->m, g);
}

/* I1, I21: what the GPC lets through is what the GST promises. */
static void pas_agrees(struct check *c, uint32_t g)
{
    uint64_t a = pa_of(c, g);
    unsigned state = c->m->gst[g].state;
    enum pas pas = gpt_pas(c->m, a);

    check_count(c, 1);
    if ((state != GST_UNDELEGATED) != (pas == PAS_REALM))
        check_find(c, "I1", a, "granule 0x%" PRIx64 " is %s and in the %s PAS", a,
                   gst_state_name(state), pas_name(pas));
    if (state == GST_UNDELEGATED)
        return;
    check_count(c, 2);
    if (gpt_check(c->m, PAS_NS, a).fault == GPC_OK ||
        gpt_check(c->m, PAS_SECURE, a).fault == GPC_OK)
        check_find(c, "I21", a,
                   "granule 0x%" PRIx64
                   " is %s and an access from the Normal or Secure world passes",
                   a, gst_state_name(state));
}

/* I14: what a TLB remembers of the granule protection check is what the GPT says now. */
static void gpc_agrees(struct check *c, uint32_t g)
{
    uint64_t a = pa_of(c, g);

    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        const struct tlb *t = c->m->pe[i].tlb;

        if (tlb_is_empty(t))
            continue;
        for (unsigned pas = PAS_NS; pas < PAS_COUNT; pas++) {
            check_count(c, 1);
            if (tlb_holds_gpc(t, a, (enum pas)pas) &&
                gpt_check(c->m, (enum pas)pas, a).fault != GPC_OK)
                check_find(c, "I14", a,
                           "the TLB of PE %u lets accesses to 0x%" PRIx64
                           " in the %s PAS pass, the GPT does not: it is in the %s PAS",
                           i, a, pas_name((enum pas)pas), pas_name(gpt_pas(c->m, a)));
        }
    }
}

/* I2: nobody's. */
static void unowned(struct check *c, uint32_t g)
{
    const struct gst_entry *e = &c->m->gst[g];
    uint64_t a = pa_of(c, g);

    check_count(c, 2);
    if (e->refcount)
        check_find(c, "I2", a, "%s granule 0x%" PRIx64 " has reference count %u",
                   gst_state_name(e->state), a, e->refcount);
    if (c->place[g].by)
        check_find(c, "I2", a, "%s granule 0x%" PRIx64 " is still named by 0x%" PRIx64,
                   gst_state_name(e->state), a, c->place[g].by);
    if (e->state != GST_DELEGATED || c->m->impl.wipe != WIPE_EAGER)
        return;
    check_count(c, 1);
    if (!mem_is_zero(c->m, a))
        check_find(c, "I2", a, "DELEGATED granule 0x%" PRIx64 " is not zero (wipe: eager)", a);
}

/* --- RD ------------------------------------------------------------------------------------------------------------ */

static bool same_parameters(const struct check_realm *r, const struct rmm_rd_view *v)
{
    return r->v.s2sz == v->s2sz && r->v.hash_algo == v->hash_algo && r->v.sve_vl == v->sve_vl &&
           r->v.num_bps == v->num_bps && r->v.num_wps == v->num_wps &&
           r->v.pmu_num_ctrs == v->pmu_num_ctrs && r->v.lpa2 == v->lpa2 && r->v.sve == v->sve &&
           r->v.pmu == v->pmu && r->v.vmid == v->vmid && r->v.rtt_base == v->rtt_base &&
           r->v.rtt_level_start == v->rtt_level_start && r->v.rtt_num_start == v->rtt_num_start &&
           memcmp(r->rpv, v->rpv, sizeof(r->rpv)) == 0;
}

/* I17: against the RD as it was when last seen. */
static void new_only(struct check *c, const struct check_realm *r, const struct rmm_rd_view *v,
                     uint64_t rd)
{
    check_count(c, 4);
    if (!same_parameters(r, v))
        check_find(c, "I17", rd, "a parameter of Realm 0x%" PRIx64 " changed after its creation",
                   rd);
    if (r->v.state != REALM_NEW && v->state == REALM_NEW)
        check_find(c, "I17", rd, "Realm 0x%" PRIx64 " goes from %s back to NEW", rd,
                   realm_state_name(r->v.state));
    if (r->v.state == REALM_NEW)
        return;
    if (memcmp(r->measured[0], v->measurement, MEASUREMENT_SIZE) != 0)
        check_find(c, "I17", rd, "the RIM of Realm 0x%" PRIx64 " changes while it is %s", rd,
                   realm_state_name(r->v.state));
    if (v->rec_index != r->max_index)
        check_find(c, "I17", rd, "a REC is added to Realm 0x%" PRIx64 " while it is %s", rd,
                   realm_state_name(r->v.state));
}

static void measure_replay(struct check *c, const struct check_realm *r,
                           const struct rmm_rd_view *v, uint64_t rd)
{
    if (!r->replayed)
        return;
    for (unsigned i = 0; i < MEASUREMENT_SLOTS; i++) {
        const uint8_t *got = v->measurement + (size_t)i * MEASUREMENT_SIZE;

        check_count(c, 1);
        if (memcmp(got, r->replay[i], MEASUREMENT_SIZE) != 0)
            check_find(c, "I18", rd,
                       "%s %u of Realm 0x%" PRIx64
                       " is %02x%02x%02x%02x..., the observed calls give "
                       "%02x%02x%02x%02x...",
                       i ? "REM" : "RIM, slot", i, rd, got[0], got[1], got[2], got[3],
                       r->replay[i][0], r->replay[i][1], r->replay[i][2], r->replay[i][3]);
    }
}

/* I7, seen from the RD. */
static void starting_tables(struct check *c, const struct check_realm *r, uint64_t rd)
{
    for (uint32_t i = 0; i < r->v.rtt_num_start && i < 16; i++) {
        uint64_t a = r->v.rtt_base + (uint64_t)i * GRANULE_SIZE;

        check_count(c, 1);
        if (!mem_contains(c->m, a) || c->m->gst[granule_index(c->m, a)].state != GST_RTT)
            check_find(c, "I7", a,
                       "starting-level table 0x%" PRIx64 " of Realm 0x%" PRIx64 " is no RTT", a,
                       rd);
    }
}

static void realm_sound(struct check *c, uint32_t g, bool content)
{
    struct check_realm *r = index_realm(c, g);
    uint64_t rd = pa_of(c, g);
    struct rmm_rd_view v;

    check_count(c, 1);
    if (c->m->gst[g].refcount != c->place[g].count)
        check_find(c, "I9", rd, "RD 0x%" PRIx64 " has reference count %u and %u RECs", rd,
                   c->m->gst[g].refcount, c->place[g].count);
    if (r == NULL || !r->known || !content)
        return;
    starting_tables(c, r, rd);
    rmm_view_rd(c->m, rd, c->scratch, &v);
    new_only(c, r, &v, rd);
    measure_replay(c, r, &v, rd);
    index_realm_seen(c, r);
    c->place[g].digest = index_digest(c, g);
}

/* --- REC ------------------------------------------------------------------------------------------------------------ */

static bool is_entered(const struct check *c, uint64_t rec)
{
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        if (c->pes[i].active && c->pes[i].is_enter && c->pes[i].call.in[1] == rec)
            return true;
    }
    return false;
}

static void rec_aux_sound(struct check *c, uint64_t rec, const struct rmm_rec_view *v)
{
    check_count(c, 1 + v->num_aux);
    if (v->num_aux != c->m->impl.rec_aux_count)
        check_find(c, "I4", rec,
                   "REC 0x%" PRIx64 " has %u auxiliary granules, REC_AUX_COUNT says %u", rec,
                   v->num_aux, c->m->impl.rec_aux_count);
    for (unsigned i = 0; i < v->num_aux && i < REC_MAX_AUX; i++) {
        const struct place *aux = place_at(c, v->aux[i]);

        if (aux == NULL || c->m->gst[aux - c->place].state != GST_REC_AUX || aux->by != rec)
            check_find(c, "I4", rec, "auxiliary granule 0x%" PRIx64 " of REC 0x%" PRIx64 " is %s",
                       v->aux[i], rec,
                       aux ? gst_state_name(c->m->gst[aux - c->place].state) : "no memory");
    }
}

static void rec_sound(struct check *c, uint32_t g, bool content, const struct touched *t)
{
    bool came = t && t->came;
    const struct gst_entry *e = &c->m->gst[g];
    uint64_t rec = pa_of(c, g);
    const struct check_realm *r;
    struct rmm_rec_view v;
    const struct place *rd;
    struct rmm_rd_view rv;

    check_count(c, 2);
    if (e->refcount > 1 || (e->refcount == 1 && !is_entered(c, rec)))
        check_find(
            c, "I10", rec, "REC 0x%" PRIx64 " has reference count %u and %s", rec, e->refcount,
            e->refcount > 1 ? "only one PE can run it" : "no RMI_REC_ENTER of it is in progress");
    if (!content)
        return;
    rmm_view_rec(c->m, rec, c->scratch, &v);
    rd = place_at(c, v.rd);
    if (rd == NULL || c->m->gst[rd - c->place].state != GST_RD) {
        check_find(c, "I3", rec, "the owner of REC 0x%" PRIx64 " is 0x%" PRIx64 ", which is no RD",
                   rec, v.rd);
        return;
    }
    if (c->place[g].rd != (uint32_t)(rd - c->place) + 1)
        check_find(c, "I3", rec, "the owner of REC 0x%" PRIx64 " changed to 0x%" PRIx64, rec, v.rd);
    rec_aux_sound(c, rec, &v);
    check_count(c, 2);
    rmm_view_rd(c->m, v.rd, c->scratch2, &rv);
    /* The next index only grows, so a REC that comes with one not given out before has it alone. */
    r = index_realm(c, (uint32_t)(rd - c->place));
    if (mpidr_index(v.mpidr) >= rv.rec_index ||
        (came && r && !r->fresh && mpidr_index(v.mpidr) < r->max_index))
        check_find(c, "I4", rec,
                   "REC 0x%" PRIx64 " has index %u, the next index of its Realm is %u", rec,
                   mpidr_index(v.mpidr), rv.rec_index);
    rmm_view_rec(c->m, rec, c->scratch, &v);
    psci_frozen(c, g, &v, came ? NULL : t);
    c->place[g].digest = index_digest(c, g);
}

static void aux_sound(struct check *c, uint32_t g)
{
    uint64_t a = pa_of(c, g), rec = c->place[g].by;

    check_count(c, 2);
    if (rec == 0 || !mem_contains(c->m, rec) ||
        c->m->gst[granule_index(c->m, rec)].state != GST_REC)
        check_find(c, "I4", a, "no REC has the auxiliary granule 0x%" PRIx64, a);
    if (c->m->gst[g].refcount)
        check_find(c, "I4", a, "auxiliary granule 0x%" PRIx64 " has reference count %u", a,
                   c->m->gst[g].refcount);
}

/* --- DATA, RTT ------------------------------------------------------------------------------------------------------- */

/* I29, I17: what the Realm may find in a page that was just assigned. */
static void data_assigned(struct check *c, uint32_t g, uint16_t fid)
{
    const struct provenance *p = &c->m->mem.prov[g];
    const struct check_realm *r = index_realm_of(c, &c->place[g]);
    bool by_host = p->kinds & 1u << OWNER_HOST;
    uint64_t a = pa_of(c, g);

    check_count(c, 2);
    if ((p->kinds & ~(1u << OWNER_HOST | 1u << OWNER_REALM)) ||
        ((p->kinds & 1u << OWNER_REALM) && p->realm + 1 != c->place[g].rd) ||
        (by_host && fid != (uint16_t)RMI_DATA_CREATE))
        check_find(c, "I29", a, "page 0x%" PRIx64 " is assigned and may still hold data of %s", a,
                   p->kinds & 1u << OWNER_REALM ? "another Realm"
                   : by_host                    ? "the Host"
                                                : "the RMM");
    if ((by_host || fid == (uint16_t)RMI_DATA_CREATE) && r && r->known && !r->fresh &&
        r->v.state != REALM_NEW)
        check_find(c, "I17", a,
                   "page 0x%" PRIx64 " with the Host's content is assigned to a Realm that is %s",
                   a, realm_state_name(r->v.state));
    if (c->level == CHECK_FULL && p->kinds == 0 && !mem_is_zero(c->m, a))
        check_find(c, "I29", a, "page 0x%" PRIx64 " is assigned, was wiped, and is not zero", a);
}

static void data_sound(struct check *c, uint32_t g)
{
    const struct place *p = &c->place[g];
    uint64_t a = pa_of(c, g);

    check_count(c, 2);
    if (p->by == 0)
        check_find(c, "I6", a, "no entry names DATA granule 0x%" PRIx64, a);
    if (c->m->gst[g].refcount)
        check_find(c, "I6", a, "DATA granule 0x%" PRIx64 " has reference count %u", a,
                   c->m->gst[g].refcount);
}

static void table_sound(struct check *c, uint32_t g)
{
    const struct place *p = &c->place[g];
    uint64_t a = pa_of(c, g);

    check_count(c, 2);
    if (!(p->flags & PLACE_KNOWN) || (!p->by && !(p->flags & PLACE_ROOT)))
        check_find(c, "I7", a, "table 0x%" PRIx64 " has no parent and is no starting-level table",
                   a);
    else if ((p->flags & PLACE_ROOT) && p->by)
        check_find(c, "I7", a,
                   "starting-level table 0x%" PRIx64 " is named by the entry at 0x%" PRIx64, a,
                   p->by);
    else if (p->level > 3)
        check_find(c, "I7", a, "table 0x%" PRIx64 " is at level %d", a, p->level);
    if (c->m->gst[g].refcount != p->count)
        check_find(c, "I8", a,
                   "table 0x%" PRIx64 " has reference count %u and %u entries that count", a,
                   c->m->gst[g].refcount, p->count);
}

void inv_granule(struct check *c, uint32_t g, const struct touched *t)
{
    bool tracked = is_tracked(c, g);
    bool came = t && t->came;
    bool content = t == NULL || came || (t->what & (TOUCH_OBJ | TOUCH_STATE));

    if (t == NULL || (t->what & TOUCH_PAS))
        gpc_agrees(c, g);
    if (!tracked) {
        check_count(c, 1);
        if ((gpt_pas(c->m, pa_of(c, g)) == PAS_REALM) !=
            (pa_of(c, g) == gpt_shared_buffer(&c->m->impl)))
            check_find(c, "I1", pa_of(c, g),
                       "granule 0x%" PRIx64 " is not tracked and in the %s PAS", pa_of(c, g),
                       pas_name(gpt_pas(c->m, pa_of(c, g))));
        return;
    }
    if (t == NULL || (t->what & (TOUCH_STATE | TOUCH_PAS)))
        pas_agrees(c, g);
    switch (c->m->gst[g].state) {
    case GST_UNDELEGATED:
    case GST_DELEGATED: unowned(c, g); break;
    case GST_RD: realm_sound(c, g, content); break;
    case GST_REC: rec_sound(c, g, content, t); break;
    case GST_REC_AUX: aux_sound(c, g); break;
    case GST_DATA:
        data_sound(c, g);
        if (came)
            data_assigned(c, g, t->fid);
        break;
    case GST_RTT: table_sound(c, g); break;
    default:
        check_find(c, "I1", pa_of(c, g), "granule state %u does not exist", c->m->gst[g].state);
        break;
    }
}
