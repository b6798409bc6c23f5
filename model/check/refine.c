/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The abstraction of the machine == the specification's state: GST, GPT, RDs, RECs and descriptors, decoded, against
 * what model/spec says of the same granule. The only place that knows both.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)SPEC_UNDELEGATED == (int)GST_UNDELEGATED &&
                   (int)SPEC_DELEGATED == (int)GST_DELEGATED && (int)SPEC_RD == (int)GST_RD &&
                   (int)SPEC_REC == (int)GST_REC && (int)SPEC_REC_AUX == (int)GST_REC_AUX &&
                   (int)SPEC_DATA == (int)GST_DATA && (int)SPEC_RTT == (int)GST_RTT &&
                   (int)SPEC_GSTATE_COUNT == (int)GST_STATE_COUNT,
               "the abstraction of a granule's state is its number");

static void differs(struct check *c, uint64_t a, const char *what, uint64_t machine, uint64_t spec)
{
    check_find(c, "refine", a,
               "%s 0x%" PRIx64 ": the machine has 0x%" PRIx64 ", the specification 0x%" PRIx64,
               what, a, machine, spec);
}

/* --- granules ------------------------------------------------------------------------------------------------------ */

static uint64_t owner_pa(const struct check *c, const struct place *p)
{
    return p->rd ? granule_pa(c->m, p->rd - 1) : 0;
}

static void refine_place(struct check *c, uint64_t a, const struct place *p,
                         const struct spec_granule *s)
{
    if (s->state != SPEC_RD && owner_pa(c, p) != s->rd)
        differs(c, a, "owner of granule", owner_pa(c, p), s->rd);
    if ((s->state == SPEC_DATA || s->state == SPEC_RTT) && p->ipa != s->ipa)
        differs(c, a, "IPA of granule", p->ipa, s->ipa);
    if (s->state == SPEC_RTT && p->level != s->level)
        differs(c, a, "level of table", (uint64_t)p->level, (uint64_t)s->level);
    if (s->state == SPEC_REC_AUX && p->by != s->rec)
        differs(c, a, "REC of auxiliary granule", p->by, s->rec);
}

void refine_granule(struct check *c, uint32_t g)
{
    uint64_t a = granule_pa(c->m, g);
    unsigned state = c->m->gst[g].state;
    struct spec_granule s;
    enum pas pas;

    check_count(c, 1);
    if (!spec_granule(c->spec, a, &s)) {
        if (is_tracked(c, g))
            check_find(c, "refine", a,
                       "granule 0x%" PRIx64 " is tracked, and not delegable for the specification",
                       a);
        return;
    }
    if (state != (unsigned)s.state) {
        check_find(c, "refine", a,
                   "granule 0x%" PRIx64 ": the machine has %s, the specification %s", a,
                   gst_state_name(state), spec_gstate_name(s.state));
        return;
    }
    pas = gpt_pas(c->m, a);
    if (pas != s.pas)
        check_find(c, "refine", a,
                   "granule 0x%" PRIx64 ": its PAS is %s, the specification says %s", a,
                   pas_name(pas), pas_name(s.pas));
    if (state > GST_RD && !c->quiet)
        refine_place(c, a, &c->place[g], &s);
}

/* --- Realms and RECs ----------------------------------------------------------------------------------------------- */

static void refine_realm(struct check *c, uint64_t rd)
{
    const struct spec_realm *s = spec_realm(c->spec, rd);
    struct rmm_rd_view v;

    if (s == NULL) {
        check_find(c, "refine", rd, "RD 0x%" PRIx64 " is no Realm of the specification", rd);
        return;
    }
    rmm_view_rd(c->m, rd, c->scratch, &v);
#define SAME(field)                                                                    \
    do {                                                                               \
        if ((uint64_t)v.field != (uint64_t)s->field)                                   \
            differs(c, rd, #field " of Realm", (uint64_t)v.field, (uint64_t)s->field); \
    } while (0)
    SAME(state);
    SAME(s2sz);
    SAME(hash_algo);
    SAME(lpa2);
    SAME(sve);
    SAME(pmu);
    SAME(sve_vl);
    SAME(num_bps);
    SAME(num_wps);
    SAME(pmu_num_ctrs);
    SAME(vmid);
    SAME(rtt_base);
    SAME(rtt_level_start);
    SAME(rtt_num_start);
    SAME(num_recs);
    SAME(rec_index);
#undef SAME
    if (memcmp(v.rpv, s->rpv, sizeof(s->rpv)) != 0)
        check_find(c, "refine", rd, "the RPV of Realm 0x%" PRIx64 " is not the specification's",
                   rd);
    for (unsigned i = 0; i < MEASUREMENT_SLOTS; i++) {
        if (memcmp(v.measurement + (size_t)i * MEASUREMENT_SIZE, s->measurement[i],
                   MEASUREMENT_SIZE) != 0)
            check_find(c, "refine", rd,
                       "measurement slot %u of Realm 0x%" PRIx64 " is not the specification's", i,
                       rd);
    }
    check_count(c, 22);
}

static void refine_regs(struct check *c, uint64_t rec, const struct pe_regs *m)
{
    struct spec_regs regs;
    char why[160];

    check_take_regs(m, &regs);
    check_count(c, 39);
    if (!spec_rec_regs_may_be(c->spec, rec, &regs, why, sizeof(why)))
        check_find(c, "refine", rec, "REC 0x%" PRIx64 ": in the machine %s", rec, why);
}

/* What the Realm asked for and has not got yet. Base == top: no RIPAS change, and the rest is not looked at. */
static void refine_requests(struct check *c, uint64_t rec, const struct rmm_rec_view *v,
                            const struct spec_rec *s)
{
    bool pending = s->ripas_addr != s->ripas_top;

    check_count(c, 2);
    if ((v->ripas_addr != v->ripas_top) != pending)
        differs(c, rec, "pending RIPAS change of REC", !pending, pending);
    if (pending && v->ripas_addr != s->ripas_addr)
        differs(c, rec, "ripas_addr of REC", v->ripas_addr, s->ripas_addr);
    if (pending && v->ripas_top != s->ripas_top)
        differs(c, rec, "ripas_top of REC", v->ripas_top, s->ripas_top);
    if (pending && (v->ripas_value != s->ripas_value || v->ripas_destroyed != s->ripas_destroyed))
        differs(c, rec, "ripas_value and ripas_destroyed of REC",
                v->ripas_value | (uint64_t)v->ripas_destroyed << 8,
                s->ripas_value | (uint64_t)s->ripas_destroyed << 8);
    if (s->attest_answer_pending)
        return;
    if (v->attest_in_progress != s->attest_in_progress)
        differs(c, rec, "attest_in_progress of REC", v->attest_in_progress, s->attest_in_progress);
    else if (s->attest_in_progress && memcmp(v->challenge, s->challenge, sizeof(s->challenge)) != 0)
        check_find(c, "refine", rec,
                   "the attestation challenge of REC 0x%" PRIx64 " is not the specification's",
                   rec);
}

static void refine_rec(struct check *c, uint64_t rec)
{
    const struct spec_rec *s = spec_rec(c->spec, rec);
    struct rmm_rec_view v;

    if (s == NULL) {
        check_find(c, "refine", rec, "REC 0x%" PRIx64 " is no REC of the specification", rec);
        return;
    }
    rmm_view_rec(c->m, rec, c->scratch, &v);
#define SAME(field)                                                                   \
    do {                                                                              \
        if ((uint64_t)v.field != (uint64_t)s->field)                                  \
            differs(c, rec, #field " of REC", (uint64_t)v.field, (uint64_t)s->field); \
    } while (0)
    SAME(rd);
    SAME(mpidr);
    SAME(runnable);
    SAME(running);
    SAME(num_aux);
    for (unsigned i = 0; i < s->num_aux && i < v.num_aux; i++)
        SAME(aux[i]);
    check_count(c, 5);
    if (s->running)
        return; /* the registers are on the PE */
    SAME(host_call_pending);
    SAME(emulatable_abort);
    SAME(psci_pending);
#undef SAME
    refine_requests(c, rec, &v, s);
    refine_regs(c, rec, v.regs);
}

void refine_object(struct check *c, uint32_t g)
{
    uint64_t a = granule_pa(c->m, g);

    if (c->m->gst[g].state == GST_RD)
        refine_realm(c, a);
    else if (c->m->gst[g].state == GST_REC)
        refine_rec(c, a);
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static const char *entry_text(char *buf, size_t size, unsigned hipas, unsigned ripas, bool ns,
                              uint64_t addr, unsigned memattr, unsigned s2ap)
{
    if (hipas == HIPAS_TABLE)
        snprintf(buf, size, "TABLE 0x%" PRIx64, addr);
    else if (ns && hipas == HIPAS_ASSIGNED)
        snprintf(buf, size, "ASSIGNED_NS 0x%" PRIx64 " MemAttr %u S2AP %u", addr, memattr, s2ap);
    else if (ns)
        snprintf(buf, size, "UNASSIGNED_NS");
    else if (hipas == HIPAS_ASSIGNED)
        snprintf(buf, size, "ASSIGNED/%s 0x%" PRIx64, ripas_name(ripas), addr);
    else
        snprintf(buf, size, "UNASSIGNED/%s", ripas_name(ripas));
    return buf;
}

static bool same_entry(const struct entry_at *e, const struct spec_rtte *s)
{
    if (e->v.malformed || e->v.hipas != s->hipas)
        return false;
    if (s->hipas == HIPAS_TABLE)
        return e->v.addr == s->addr;
    if (e->is_protected == s->ns)
        return false;
    if (e->is_protected)
        return e->v.ripas == s->ripas && (s->hipas == HIPAS_UNASSIGNED || e->v.addr == s->addr);
    return s->hipas == HIPAS_UNASSIGNED ||
           (e->v.addr == s->addr && e->v.memattr == s->memattr && e->v.s2ap == s->s2ap);
}

static void compare_entry(struct check *c, const struct entry_at *e)
{
    uint64_t table = granule_pa(c->m, e->table);
    struct spec_rtte s;
    char got[96], want[96];

    check_count(c, 1);
    if (!spec_table_entry(c->spec, table, e->index, &s)) {
        check_find(c, "refine", table, "table 0x%" PRIx64 " is no table of the specification",
                   table);
        return;
    }
    if (same_entry(e, &s))
        return;
    check_find(c, "refine", entry_pa(c, e->table, e->index),
               "entry %u of table 0x%" PRIx64 " (level %d, IPA 0x%" PRIx64
               "): the machine has %s%s, the specification %s",
               e->index, table, e->level, e->ipa, e->v.malformed ? "a malformed descriptor, " : "",
               entry_text(got, sizeof(got), e->v.hipas, e->v.ripas, e->v.ns, e->v.addr,
                          e->v.memattr, e->v.s2ap),
               entry_text(want, sizeof(want), s.hipas, s.ripas, s.ns, s.addr, s.memattr, s.s2ap));
}

/* Entries that are looked at together where a table is not uniform. */
#define UNIFORM_RUN 32u

/* While an order of calls is searched the index is as it was before them: a table that they made is not looked into, nor
 * is its place. */
static bool index_is_behind(const struct check *c, uint32_t g)
{
    const struct place *p = &c->place[g];
    struct spec_granule s;

    return c->quiet && spec_granule(c->spec, granule_pa(c->m, g), &s) &&
           (s.rd != owner_pa(c, p) || s.ipa != p->ipa || s.level != p->level);
}

static struct check_realm *known_table(struct check *c, uint32_t g)
{
    if (c->m->gst[g].state != GST_RTT || !(c->place[g].flags & PLACE_KNOWN) ||
        index_is_behind(c, g))
        return NULL;
    return index_realm_of(c, &c->place[g]);
}

void refine_entry(struct check *c, uint32_t g, unsigned index)
{
    struct check_realm *r = known_table(c, g);
    struct entry_at e;

    if (r == NULL)
        return;
    entry_decode(r, &c->place[g], g, index, mem_read64(c->m, entry_pa(c, g, index)), &e);
    compare_entry(c, &e);
}

/* Entries that follow from the first, on both sides: then the first two decide (one, and the step). */
static bool refine_uniform(struct check *c, const struct check_realm *r, uint32_t g,
                           const uint64_t *d, unsigned first, unsigned end)
{
    const struct place *t = &c->place[g];
    struct entry_at e;

    if (end - first < 2 || !spec_table_is_uniform(c->spec, granule_pa(c->m, g), first, end) ||
        !descs_are_uniform(d, first, end, t->level))
        return false;
    for (unsigned i = first; i < first + 2; i++) {
        entry_decode(r, t, g, i, d[i], &e);
        compare_entry(c, &e);
    }
    check_count(c, end - first - 2);
    return true;
}

/* Entries [first, end), all protected or none: at once if they are uniform, else run by run, else one by one. */
static void refine_entries(struct check *c, const struct check_realm *r, uint32_t g,
                           const uint64_t *d, unsigned first, unsigned end)
{
    struct entry_at e;

    if (first >= end || refine_uniform(c, r, g, d, first, end))
        return;
    if (end - first > UNIFORM_RUN) {
        for (unsigned i = first; i < end; i += UNIFORM_RUN)
            refine_entries(c, r, g, d, i, end - i < UNIFORM_RUN ? end : i + UNIFORM_RUN);
        return;
    }
    for (unsigned i = first; i < end; i++) {
        entry_decode(r, &c->place[g], g, i, d[i], &e);
        compare_entry(c, &e);
    }
}

void refine_table(struct check *c, uint32_t g)
{
    struct check_realm *r = known_table(c, g);
    uint64_t buffer[TABLE_ENTRIES];
    const uint64_t *d;
    unsigned num, num_protected;

    if (r == NULL)
        return;
    d = mem_view(c->m, granule_pa(c->m, g), buffer);
    table_extent(r, &c->place[g], &num, &num_protected);
    refine_entries(c, r, g, d, 0, num_protected);
    refine_entries(c, r, g, d, num_protected, num);
}

/* --- everything ------------------------------------------------------------------------------------------------------ */

static void each_spec_granule(void *ctx, uint64_t a, const struct spec_granule *s)
{
    struct check *c = ctx;

    if (mem_contains(c->m, a) && (!is_tracked(c, granule_index(c->m, a)) ||
                                  c->m->gst[granule_index(c->m, a)].state == GST_UNDELEGATED))
        check_find(c, "refine", a,
                   "granule 0x%" PRIx64 ": the machine has UNDELEGATED, the specification %s", a,
                   spec_gstate_name(s->state));
}

void refine_all(struct check *c)
{
    for (uint32_t g = 0; g < c->m->mem.num; g++) {
        if (!is_tracked(c, g) || check_is_busy_now(c, g))
            continue;
        refine_granule(c, g);
        refine_object(c, g);
        if (c->m->gst[g].state == GST_RTT)
            refine_table(c, g);
    }
    spec_each_granule(c->spec, each_spec_granule, c);
}
