/* SPDX-License-Identifier: BSD-3-Clause */
/* The front: life cycle, findings, steps, snapshots. */
#include "check_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- findings ------------------------------------------------------------------------------------------------------ */

static bool is_known(const struct check *c, const struct finding *f)
{
    for (size_t i = 0; i < c->num_findings; i++) {
        const struct finding *o = &c->findings[i];

        if (o->object == f->object && strcmp(o->rule, f->rule) == 0 &&
            strcmp(o->text, f->text) == 0)
            return true;
    }
    return false;
}

void check_find(struct check *c, const char *rule, uint64_t object, const char *fmt, ...)
{
    const struct check_pe *p = &c->pes[c->pe];
    struct finding *f;
    va_list ap;

    if (c->quiet) {
        c->quiet_hits++;
        return;
    }
    if (c->num_findings == CHECK_MAX_FINDINGS)
        return; /* the first ones tell; the rest follow from them */
    if (c->findings == NULL)
        c->findings = malloc((size_t)CHECK_MAX_FINDINGS * sizeof(*c->findings));
    if (c->findings == NULL)
        MODEL_BUG("no memory for findings");
    f = &c->findings[c->num_findings];
    *f = (struct finding){
        .rule = rule,
        .step = p->step,
        .pe = c->pe,
        .fid = p->call.fid,
        .object = object,
    };
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, ap);
    va_end(ap);
    if (!is_known(c, f))
        c->num_findings++;
}

const struct finding *check_findings(const struct check *c, size_t *count)
{
    *count = c ? c->num_findings : 0;
    return c ? c->findings : NULL;
}

void check_findings_clear(struct check *c)
{
    if (c)
        c->num_findings = 0;
}

/* --- life cycle ---------------------------------------------------------------------------------------------------- */

static bool allocate(struct check *c)
{
    c->spec = spec_new(&c->m->impl);
    c->pes = calloc(c->m->impl.num_pes + 1u, sizeof(*c->pes));
    c->capture_bytes = malloc((size_t)c->m->impl.num_pes * CHECK_CAPTURE_SIZE);
    c->place = calloc(c->m->mem.num, sizeof(*c->place));
    return c->spec && c->pes && c->capture_bytes && c->place;
}

int check_new(struct machine *m, enum check_level level, struct check **out)
{
    struct check *c;

    *out = NULL;
    if (level == CHECK_NONE)
        return CCA_OK;
    c = calloc(1, sizeof(*c));
    if (c == NULL)
        return CCA_ERR_NOMEM;
    c->m = m;
    c->level = level;
    c->sees_memory = m->rmm_ops && (m->rmm_ops->caps & RMM_CAP_MEMORY);
    if (!allocate(c)) {
        check_free(c);
        return CCA_ERR_NOMEM;
    }
    for (unsigned i = 0; i < m->impl.num_pes; i++)
        c->pes[i].call.bytes = c->capture_bytes + (size_t)i * CHECK_CAPTURE_SIZE;
    if (event_listen(m, check_event_mask, check_on_event, c) != CCA_OK) {
        check_free(c);
        return CCA_ERR_LIMIT;
    }
    check_cpu_interpose(c);
    *out = c;
    return CCA_OK;
}

void check_free(struct check *c)
{
    if (!c)
        return;
    event_unlisten(c->m, check_on_event, c);
    check_cpu_restore(c);
    for (unsigned i = 0; i < c->num_overlap; i++)
        free(c->overlap[i]);
    free(c->overlap);
    spec_free(c->spec);
    free(c->pes);
    free(c->context);
    free(c->capture_bytes);
    free(c->place);
    free(c->spare_place);
    free(c->realm);
    free(c->findings);
    free(c);
}

static void forget_pes(struct check *c)
{
    memset(c->pes, 0, (c->m->impl.num_pes + 1u) * sizeof(*c->pes));
    for (unsigned i = 0; i < c->m->impl.num_pes; i++)
        c->pes[i].call.bytes = c->capture_bytes + (size_t)i * CHECK_CAPTURE_SIZE;
    c->num_active = c->num_entered = c->num_unseen = 0;
    for (unsigned i = 0; i < c->num_overlap; i++)
        free(c->overlap[i]);
    c->num_overlap = 0;
    c->ticks = 0;
    c->dirty = c->vmids_moved = false;
    c->ending = c->now = NULL;
    c->pe = 0;
}

/* Calls that are in progress never end. What the RMM does while it boots is no call of anybody. */
void check_machine_reset(struct check *c)
{
    if (!c)
        return;
    c->quiet++;
    machine_reset(c->m);
    c->quiet--;
    spec_free(c->spec);
    c->spec = spec_new(&c->m->impl);
    if (c->spec == NULL)
        MODEL_BUG("no memory for the specification");
    memset(c->place, 0, c->m->mem.num * sizeof(*c->place));
    c->num_realms = c->num_consents = c->num_contexts = 0;
    forget_pes(c);
}

struct spec *check_spec(struct check *c)
{
    return c ? c->spec : NULL;
}

uint64_t check_num_predicates(const struct check *c)
{
    return c ? c->predicates : 0;
}

/* --- snapshots: between steps --------------------------------------------------------------------------------------- */

struct check_snapshot {
    struct spec *spec;
    uint32_t num_places, num_realms;
    unsigned num_consents;
    struct consent consent[CHECK_MAX_CONSENTS];
    struct place *place;
    struct check_realm *realm;
};

struct check_snapshot *check_save(struct check *c)
{
    struct check_snapshot *s;

    if (!c)
        return NULL;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->num_places = c->m->mem.num;
    s->num_realms = c->num_realms;
    s->num_consents = c->num_consents;
    memcpy(s->consent, c->consent, sizeof(s->consent));
    s->spec = spec_clone(c->spec);
    s->place = malloc(s->num_places * sizeof(*s->place));
    s->realm = malloc((s->num_realms + 1) * sizeof(*s->realm));
    if (s->spec == NULL || s->place == NULL || s->realm == NULL) {
        check_snapshot_free(s);
        return NULL;
    }
    memcpy(s->place, c->place, s->num_places * sizeof(*s->place));
    if (s->num_realms)
        memcpy(s->realm, c->realm, s->num_realms * sizeof(*s->realm));
    return s;
}

void check_restore(struct check *c, const struct check_snapshot *s)
{
    struct spec *spec;

    if (!c || !s)
        return;
    spec = spec_clone(s->spec);
    if (spec == NULL)
        MODEL_BUG("no memory for a copy of the specification");
    spec_free(c->spec);
    c->spec = spec;
    memcpy(c->place, s->place, s->num_places * sizeof(*s->place));
    if (s->num_realms) /* capacity only grows */
        memcpy(c->realm, s->realm, s->num_realms * sizeof(*s->realm));
    c->num_realms = s->num_realms;
    c->num_consents = s->num_consents;
    memcpy(c->consent, s->consent, sizeof(c->consent));
    c->vmids_moved = false;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        struct check_pe *p = &c->pes[i];

        p->active = p->has_verdict = p->overflow = p->spec_overflow = false;
        p->num_touched = p->num_ptes = p->num_spec = p->touched_start = p->ptes_start = 0;
        p->num_calls = 0;
        p->has_late = false;
        p->num_held = p->smc_depth = 0;
        p->suspect = NULL;
        p->claim = 0;
        memset(p->window, 0, sizeof(p->window));
    }
    c->num_active = c->num_entered = c->num_unseen = 0;
    c->ticks = 0;
    c->dirty = false;
}

void check_snapshot_free(struct check_snapshot *s)
{
    if (!s)
        return;
    spec_free(s->spec);
    free(s->place);
    free(s->realm);
    free(s);
}

/* --- steps ------------------------------------------------------------------------------------------------------------ */

void check_step_begin(struct check *c, unsigned pe, uint64_t step)
{
    if (!c)
        return;
    c->pe = pe;
    c->steps++;
    c->pes[pe].step = step;
    if (!c->pes[pe].active)
        c->pes[pe].call.fid = 0;
}

void check_secure_claim(struct check *c, uint64_t pa, enum pas to)
{
    uint64_t when;

    if (!c)
        return;
    when = ++c->clock;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        if (c->pes[i].claim != (pa | 1))
            continue;
        c->pes[i].claim = 0;
        when = c->pes[i].claimed;
    }
    check_touch(c, c->pe, pa, TOUCH_PAS | TOUCH_SPEC);
    check_claimed(c, c->pe, pa, to, when);
}

static void forget_touched(struct check_pe *p)
{
    p->num_touched = p->num_ptes = p->num_spec = 0;
    p->touched_start = p->ptes_start = 0;
    p->num_calls = 0;
    p->has_late = p->overflow = p->spec_overflow = false;
}

static void refine_tables(struct check *c, struct check_pe *p)
{
    for (unsigned i = 0; i < p->num_spec; i++) {
        if (p->spec[i].index == TABLE_ENTRIES)
            refine_table(c, p->spec[i].granule);
        else
            refine_entry(c, p->spec[i].granule, p->spec[i].index);
    }
}

/* Was it compared because the specification changed it too? */
static bool is_in_spec(const struct check_pe *p, uint32_t granule, unsigned index)
{
    for (unsigned i = 0; i < p->num_spec; i++) {
        if (p->spec[i].granule == granule &&
            (p->spec[i].index == index || p->spec[i].index == TABLE_ENTRIES))
            return true;
    }
    return false;
}

static void refine_pe(struct check *c, struct check_pe *p)
{
    for (unsigned i = 0; i < p->num_touched; i++) {
        const struct touched *t = &p->touched[i];

        if (check_is_busy_now(c, t->granule) || !is_tracked(c, t->granule))
            continue;
        if (t->what & (TOUCH_STATE | TOUCH_PAS | TOUCH_SPEC))
            refine_granule(c, t->granule);
        if (t->what & (TOUCH_OBJ | TOUCH_STATE))
            refine_object(c, t->granule);
        if (t->scanned && !is_in_spec(p, t->granule, TABLE_ENTRIES))
            refine_table(c, t->granule);
    }
    for (unsigned i = 0; i < p->num_ptes; i++) {
        uint32_t table = granule_index(c->m, p->pte[i].desc);
        unsigned index = (unsigned)(p->pte[i].desc & GRANULE_MASK) / 8;

        if (!p->pte[i].again && !is_in_spec(p, table, index))
            refine_entry(c, table, index);
    }
    refine_tables(c, p);
}

/*
 * I19 of one change. Where calls overlapped, each change is judged by itself: what came of all of them together need
 * not be a legal step. A table that was created is compared with the entry that it replaced only while both are as
 * that call left them.
 */
static void change_is_legal(struct check *c, struct check_pe *p, struct check_realm *r, unsigned i)
{
    const struct pte_change *d = &p->pte[i];
    uint32_t table = granule_index(c->m, d->desc);
    unsigned index = (unsigned)(d->desc & GRANULE_MASK) / 8;
    bool intact = true;
    struct entry_at was, now;

    if (!is_merged(c, p)) {
        if (d->again)
            return;
        entry_decode(r, &c->place[table], table, index, d->old, &was);
        entry_decode(r, &c->place[table], table, index, mem_read64(c->m, d->desc), &now);
        inv_entry_moved(c, r, d, &was, &now, true);
        return;
    }
    for (unsigned k = 0; k < p->num_touched; k++) {
        if (p->touched[k].granule == table && p->touched[k].anew)
            return; /* the change may be of the table that was here before */
    }
    entry_decode(r, &c->place[table], table, index, d->old, &was);
    entry_decode(r, &c->place[table], table, index, d->value, &now);
    for (unsigned k = 0; k < p->num_ptes && intact && now.v.hipas == HIPAS_TABLE; k++)
        intact = (k <= i || p->pte[k].desc != d->desc) &&
                 align_down(p->pte[k].desc, GRANULE_SIZE) != now.v.addr;
    inv_entry_moved(c, r, d, &was, &now, intact);
}

static void entries_moved(struct check *c, struct check_pe *p)
{
    for (unsigned i = 0; i < p->num_ptes; i++) {
        const struct pte_change *d = &p->pte[i];
        uint32_t table = granule_index(c->m, d->desc);
        unsigned index = (unsigned)(d->desc & GRANULE_MASK) / 8;
        const struct place *t = &c->place[table];
        struct check_realm *r = index_realm_of(c, t);
        struct entry_at now;

        if (r == NULL || c->m->gst[table].state != GST_RTT || !(t->flags & PLACE_KNOWN))
            continue;
        if (!d->again) {
            entry_decode(r, t, table, index, mem_read64(c->m, d->desc), &now);
            inv_entry(c, &now);
            inv_tlb_entry_moved(c, r, &now);
        }
        change_is_legal(c, p, r, i);
    }
}

/*
 * A REC_ENTER in progress on another PE has touched or locked it: it is evaluated when that call ends. The index has
 * the change already, so the change of state is not one that it has to follow any more.
 */
static void postpone(struct check *c, const struct touched *t)
{
    unsigned what = t->what | TOUCH_NEAR;
    struct check_pe *p = NULL;
    struct touched *o;

    for (unsigned i = 0; i < c->m->impl.num_pes && p == NULL; i++) {
        for (unsigned k = 0; k < c->pes[i].num_touched && c->pes[i].active && p == NULL; k++)
            p = c->pes[i].touched[k].granule == t->granule ? &c->pes[i] : NULL;
    }
    if (p == NULL)
        p = &c->pes[c->m->gst[t->granule].lock - 1];
    if (what & TOUCH_STATE)
        what = (what & ~TOUCH_STATE) | TOUCH_PAS | TOUCH_OBJ;
    if (t->scanned)
        what |= TOUCH_TABLE;
    o = check_touch_in(c, p, granule_pa(c->m, t->granule), 0);
    if (o)
        o->late |= (uint8_t)what;
    p->has_late = true;
}

static void granules_touched(struct check *c, struct check_pe *p)
{
    /* RDs last: the rest is held against the Realm as it was before the step. */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < p->num_touched; i++) {
            const struct touched *t = &p->touched[i];

            if ((c->m->gst[t->granule].state == GST_RD) != (pass == 1))
                continue;
            if (check_is_busy_now(c, t->granule)) {
                postpone(c, t);
                continue;
            }
            inv_granule(c, t->granule, t);
            if (t->scanned)
                inv_table(c, t->granule);
        }
    }
}

static void evaluate(struct check *c, struct check_pe *p)
{
    p->touched_start = 0;
    c->now = p;
    for (unsigned i = 0; p->has_late && i < p->num_touched; i++)
        p->touched[i].what |= p->touched[i].late;
    if (!p->overflow) {
        index_update(c, p);
        entries_moved(c, p);
        granules_touched(c, p);
        if (p->spec_overflow)
            refine_all(c);
        else
            refine_pe(c, p);
    } else {
        check_everything(c, false);
    }
    for (uint32_t i = 0; i < c->num_realms; i++)
        c->realm[i].fresh = false;
}

/* No call is in progress, REC_ENTER excepted. What ended calls touched is one change of the index, whoever made it;
 * what a REC_ENTER in progress touched waits for its end. */
static void evaluate_all(struct check *c)
{
    struct check_pe *only = NULL;
    unsigned num = 0;

    c->dirty = false;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        if (!has_lists(&c->pes[i]))
            continue;
        if (c->pes[i].active) {
            c->dirty = true;
            continue;
        }
        num++;
        only = &c->pes[i];
    }
    if (num == 0)
        return;
    if (num == 1)
        c->pe = (unsigned)(only - c->pes);
    if (c->sees_memory)
        evaluate(c, num == 1 && only->num_calls <= 1 ? only : merge_lists(c));
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        struct check_pe *p = &c->pes[i];

        if (p->active || !has_lists(p))
            continue;
        if (c->sees_memory && inv_tlb_grew(c, i))
            inv_tlb(c, i);
        forget_touched(p);
    }
    if (!c->dirty)
        c->ticks = 0;
}

static void unexplained_claim(struct check *c, struct check_pe *p)
{
    uint64_t a = p->claim & ~GRANULE_MASK;

    p->claim = 0;
    check_find(c, "gpt-writer", a,
               "the PAS of 0x%llx changed between NS and Secure, and no Secure claim did it",
               (unsigned long long)a);
}

void check_step_end(struct check *c, unsigned pe)
{
    if (!c)
        return;
    c->pe = pe;
    if (c->pes[pe].claim)
        unexplained_claim(c, &c->pes[pe]);
    if (c->num_active)
        return; /* a call in progress has locks, and half of its changes */
    if (c->dirty)
        evaluate_all(c);
    if (c->vmids_moved && c->sees_memory)
        inv_vmids(c);
    c->vmids_moved = false;
    c->num_unseen = 0;
    c->pe = pe;
    if (c->level == CHECK_FULL)
        check_everything(c, true);
}

size_t check_full(struct check *c)
{
    size_t before;

    if (!c || c->num_active)
        return 0;
    before = c->num_findings;
    check_everything(c, true);
    return c->num_findings - before;
}
