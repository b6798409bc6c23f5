/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything, now: the index from the machine alone, all invariants, all of the abstraction. */
#include "check_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The call whose end is being judged changes nothing any more. */
static bool is_in_call(const struct check *c, const struct check_pe *p)
{
    return p->active && p != c->ending;
}

bool check_is_busy(const struct check *c, uint32_t g)
{
    const struct gst_entry *e = &c->m->gst[g];

    if (e->lock && is_in_call(c, &c->pes[e->lock - 1]))
        return true;
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        const struct check_pe *p = &c->pes[i];

        for (unsigned k = 0; is_in_call(c, p) && k < p->num_touched; k++) {
            if (p->touched[k].granule == g)
                return true;
        }
    }
    return false;
}

/* --- the index anew ------------------------------------------------------------------------------------------------ */

static void compare_place(struct check *c, uint32_t g, const struct place *was)
{
    const struct place *now = &c->place[g];
    uint64_t a = granule_pa(c->m, g);

    check_count(c, 1);
    if (was->state != now->state)
        check_find(c, "unseen-change", a,
                   "granule 0x%" PRIx64 " was %s and is %s, and no event said so", a,
                   gst_state_name(was->state), gst_state_name(now->state));
    else if (was->by != now->by || was->rd != now->rd || was->count != now->count ||
             ((now->state == GST_RTT || now->state == GST_DATA) && was->ipa != now->ipa) ||
             (now->state == GST_RTT && was->level != now->level))
        check_find(c, "unseen-change", a,
                   "%s granule 0x%" PRIx64 " was named by 0x%" PRIx64
                   " (%u), is named by 0x%" PRIx64 " (%u), and no event said so",
                   gst_state_name(now->state), a, was->by, was->count, now->by, now->count);
    else if (was->digest && now->digest && was->digest != now->digest)
        check_find(c, "unseen-change", a,
                   "the content of %s 0x%" PRIx64 " changed, and no event said so",
                   gst_state_name(now->state), a);
}

static bool is_object(const struct check *c, uint32_t g)
{
    return c->m->gst[g].state == GST_RD || c->m->gst[g].state == GST_REC;
}

void index_rebuild(struct check *c, bool compare)
{
    uint32_t n = c->m->mem.num;
    struct place *was = c->spare_place ? c->spare_place : malloc(n * sizeof(*was));

    if (was == NULL)
        MODEL_BUG("no memory for a copy of the index");
    c->spare_place = was;
    memcpy(was, c->place, n * sizeof(*was));
    for (uint32_t g = 0; g < n; g++) {
        struct place *p = &c->place[g];

        *p = (struct place){.realm = p->realm};
    }
    index_from_machine(c);
    for (uint32_t g = 0; g < n; g++) {
        if (is_object(c, g) && (was[g].digest || was[g].state != c->m->gst[g].state))
            c->place[g].digest = index_digest(c, g);
        if (compare && is_tracked(c, g) && !check_is_busy_now(c, g) &&
            (was[g].state || c->place[g].state))
            compare_place(c, g, &was[g]);
    }
}

/* --- predicates that only make sense on all of it ------------------------------------------------------------------- */

struct rec_id {
    uint64_t key; /* RD, index */
    uint64_t rec;
};

static int rec_id_order(const void *a, const void *b)
{
    const struct rec_id *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

/* I4: no two RECs of a Realm with one index. */
static void rec_indexes(struct check *c)
{
    uint32_t num = 0;
    struct rec_id *id;

    for (uint32_t g = 0; g < c->m->mem.num; g++)
        num += c->m->gst[g].state == GST_REC;
    if (num < 2)
        return;
    id = malloc(num * sizeof(*id));
    if (id == NULL)
        MODEL_BUG("no memory for %u RECs", num);
    num = 0;
    for (uint32_t g = 0; g < c->m->mem.num; g++) {
        if (c->m->gst[g].state == GST_REC)
            id[num++] = (struct rec_id){(uint64_t)c->place[g].rd << 32 | c->place[g].mpidr,
                                        granule_pa(c->m, g)};
    }
    qsort(id, num, sizeof(*id), rec_id_order);
    for (uint32_t i = 1; i < num; i++) {
        check_count(c, 1);
        if (id[i].key == id[i - 1].key)
            check_find(c, "I4", id[i].rec,
                       "RECs 0x%" PRIx64 " and 0x%" PRIx64 " of one Realm have index %u",
                       id[i - 1].rec, id[i].rec, (unsigned)id[i].key);
    }
    free(id);
}

/* I11, and I16 of PEs that are in no call. */
static void pes_at_rest(struct check *c)
{
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        uint64_t rec = c->m->pe[i].running_rec;

        check_count(c, 1);
        if (rec && !(c->pes[i].active && c->pes[i].is_enter))
            check_find(c, "I11", rec,
                       "REC 0x%" PRIx64 " is loaded on PE %u, which is in no RMI_REC_ENTER", rec,
                       i);
        for (unsigned k = 0; k < i; k++) {
            if (rec && c->m->pe[k].running_rec == rec)
                check_find(c, "I11", rec, "REC 0x%" PRIx64 " runs on PE %u and on PE %u", rec, k,
                           i);
        }
        for (unsigned s = 0; s < SLOT_COUNT && !c->pes[i].active; s++) {
            if (c->m->pe[i].slot[s])
                check_find(c, "I16", c->m->pe[i].slot[s] & ~GRANULE_MASK,
                           "slot %u of PE %u is mapped outside a call", s, i);
        }
    }
}

static void all_granules(struct check *c)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t g = 0; g < c->m->mem.num; g++) {
            const struct gst_entry *e = &c->m->gst[g];

            if (check_is_busy_now(c, g) || (e->state == GST_RD) != (pass == 1))
                continue;
            if (e->lock && !c->pes[e->lock - 1].active)
                check_find(c, "I16", granule_pa(c->m, g),
                           "granule 0x%" PRIx64 " is locked by PE %u, which is in no call",
                           granule_pa(c->m, g), e->lock - 1u);
            inv_granule(c, g, NULL);
            if (e->state == GST_RTT)
                inv_table(c, g);
        }
    }
}

void check_everything(struct check *c, bool compare)
{
    if (!c->sees_memory)
        return;
    index_rebuild(c, compare);
    all_granules(c);
    rec_indexes(c);
    pes_at_rest(c);
    inv_vmids(c);
    for (unsigned i = 0; i < c->m->impl.num_pes; i++)
        inv_tlb(c, i);
    refine_all(c);
}
