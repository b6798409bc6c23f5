/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that overlapped, on several PEs or one after the other within another's call, are one change of the index:
 * from what it was before the first of them to what the machine is after the last. Each granule and each descriptor
 * counts once, with its oldest value, whoever changed it.
 */
#include "check_internal.h"

static bool is_ready(const struct check_pe *p)
{
    return !p->active && has_lists(p);
}

static void merge_touched(struct check *c, struct check_pe *to, const struct touched *t)
{
    struct touched *o = check_touch_in(c, to, granule_pa(c->m, t->granule), t->what | t->late);

    if (o == NULL)
        return;
    if (!(t->when < o->when)) { /* who gave it the state that it has */
        o->when = t->when;
        o->fid = t->fid;
    }
    if (t->anew && (o->anew == 0 || t->anew < o->anew))
        o->anew = t->anew;
}

/* In the order in which they were made; each PE's list is in that order. */
static void merge_ptes(struct check *c, struct check_pe *to)
{
    unsigned at[CCA_MAX_PES] = {0};

    for (;;) {
        const struct pte_change *first = NULL;
        unsigned pe = 0;

        for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
            const struct check_pe *p = &c->pes[i];

            if (!is_ready(p) || at[i] == p->num_ptes)
                continue;
            if (first == NULL || p->pte[at[i]].when < first->when) {
                first = &p->pte[at[i]];
                pe = i;
            }
        }
        if (first == NULL)
            return;
        if (to->num_ptes == CHECK_MAX_PTES) {
            to->overflow = true;
            return;
        }
        to->pte[to->num_ptes++] = *first;
        at[pe]++;
    }
}

/* What was written to a table after it was filled anew says nothing of what the index knows of the table before. */
static void mark_anew(const struct check *c, struct check_pe *to)
{
    for (unsigned i = 0; i < to->num_touched; i++) {
        const struct touched *t = &to->touched[i];

        for (unsigned k = 0; t->anew && k < to->num_ptes; k++) {
            if (granule_index(c->m, to->pte[k].desc) == t->granule && to->pte[k].when > t->anew)
                to->pte[k].again = true;
        }
    }
}

struct check_pe *merge_lists(struct check *c)
{
    struct check_pe *to = &c->pes[c->m->impl.num_pes];
    bool dirty = c->dirty;

    to->num_touched = to->num_ptes = to->num_spec = 0;
    to->touched_start = to->ptes_start = 0;
    to->overflow = to->spec_overflow = false;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        const struct check_pe *p = &c->pes[i];

        if (!is_ready(p))
            continue;
        to->overflow |= p->overflow;
        to->spec_overflow |= p->spec_overflow;
        for (unsigned k = 0; k < p->num_touched; k++)
            merge_touched(c, to, &p->touched[k]);
        for (unsigned k = 0; k < p->num_spec; k++) {
            if (to->num_spec == CHECK_MAX_PTES)
                to->spec_overflow = true;
            else
                to->spec[to->num_spec++] = p->spec[k];
        }
    }
    merge_ptes(c, to);
    mark_anew(c, to);
    c->dirty = dirty;
    return to;
}
