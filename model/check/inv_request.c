/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a Realm asked for, and what follows of it: RIPAS changes (I19), PSCI calls that the Host completes (I30); and the
 * VMIDs in use (I31).
 */
#include "check_internal.h"

#include <inttypes.h>
#include <string.h>

/* --- I19: a RIPAS change is one that a REC of the Realm has asked for -------------------------------------------------- */

/* The request that the REC has made and that is not over. */
static struct consent *consent_of(struct check *c, uint64_t rec)
{
    for (unsigned i = 0; i < c->num_consents; i++) {
        if (c->consent[i].rec == rec && !c->consent[i].is_over)
            return &c->consent[i];
    }
    return NULL;
}

void request_ripas(struct check *c, uint64_t rec, const uint64_t x[31])
{
    struct consent *k = consent_of(c, rec);
    struct rmm_rec_view v;

    if (!mem_contains(c->m, rec) || !c->sees_memory)
        return;
    if (k == NULL && c->num_consents == CHECK_MAX_CONSENTS)
        return;
    if (k == NULL)
        k = &c->consent[c->num_consents++];
    rmm_view_rec(c->m, rec, c->scratch, &v);
    *k = (struct consent){.rec = rec,
                          .rd = v.rd,
                          .base = x[1],
                          .top = x[2],
                          .ripas = (uint8_t)x[3],
                          .destroyed = x[4] & 1};
}

/* The REC is entered: its request is over, once what was done until now has been evaluated. */
void request_is_over(struct check *c, uint64_t rec)
{
    struct consent *k = consent_of(c, rec);

    if (k)
        k->is_over = true;
}

void request_forget(struct check *c)
{
    for (unsigned i = c->num_consents; i-- > 0;) {
        if (c->consent[i].is_over)
            c->consent[i] = c->consent[--c->num_consents];
    }
}

bool request_allows(struct check *c, const struct check_realm *r, const struct entry_at *e,
                    unsigned from, unsigned to)
{
    uint64_t rd = granule_pa(c->m, r->granule);

    for (unsigned i = 0; i < c->num_consents; i++) {
        const struct consent *k = &c->consent[i];

        if (k->rd == rd && k->ripas == to && e->ipa >= k->base && e->ipa < k->top &&
            level_size(e->level) <= k->top - e->ipa && (from != RIPAS_DESTROYED || k->destroyed))
            return true;
    }
    return false;
}

/* --- I30: a REC whose PSCI call the Host must complete stays as it is ---------------------------------------------------- */

void psci_frozen(struct check *c, uint32_t g, const struct rmm_rec_view *v, const struct touched *t)
{
    struct place *p = &c->place[g];
    uint64_t rec = granule_pa(c->m, g);

    check_count(c, 1);
    if ((p->flags & PLACE_PENDING) && t != NULL && !is_merged(c, c->now)) {
        if (v->psci_pending && p->digest != index_digest(c, g))
            check_find(c, "I30", rec, "REC 0x%" PRIx64 " changes while its PSCI call is pending",
                       rec);
        else if (!v->psci_pending && t->fid != (uint16_t)RMI_PSCI_COMPLETE)
            check_find(c, "I30", rec,
                       "the PSCI call of REC 0x%" PRIx64
                       " is completed, and not by RMI_PSCI_COMPLETE",
                       rec);
    }
    p->flags = (uint8_t)((p->flags & ~PLACE_PENDING) | (v->psci_pending ? PLACE_PENDING : 0));
}

/* --- I31: VMIDs -------------------------------------------------------------------------------------------------------- */

static bool is_in_use(const struct check *c, uint16_t vmid)
{
    return c->m->rmm.vmids[vmid / 64] >> (vmid % 64) & 1;
}

/* A few of many. */
static unsigned num_in_use(const struct check *c)
{
    const uint64_t *w = c->m->rmm.vmids;
    unsigned n = 0;

    for (size_t i = 0; i < sizeof(c->m->rmm.vmids) / sizeof(w[0]); i += 4) {
        if ((w[i] | w[i + 1] | w[i + 2] | w[i + 3]) == 0)
            continue;
        for (size_t k = i; k < i + 4; k++)
            n += (unsigned)__builtin_popcountll(w[k]);
    }
    return n;
}

void inv_vmids(struct check *c)
{
    unsigned in_use, live = 0;

    for (uint32_t i = 0; i < c->num_realms; i++) {
        const struct check_realm *r = &c->realm[i];

        if (!r->used || !r->known || c->m->gst[r->granule].state != GST_RD)
            continue;
        live++;
        check_count(c, 1);
        if (!is_in_use(c, r->v.vmid))
            check_find(c, "I31", granule_pa(c->m, r->granule),
                       "VMID %u of Realm 0x%" PRIx64 " counts as free", r->v.vmid,
                       granule_pa(c->m, r->granule));
        for (uint32_t k = 0; k < i; k++) {
            if (c->realm[k].used && c->realm[k].known && c->realm[k].v.vmid == r->v.vmid)
                check_find(c, "I31", granule_pa(c->m, r->granule),
                           "Realms 0x%" PRIx64 " and 0x%" PRIx64 " both have VMID %u",
                           granule_pa(c->m, c->realm[k].granule), granule_pa(c->m, r->granule),
                           r->v.vmid);
        }
    }
    in_use = num_in_use(c);
    check_count(c, 1);
    if (in_use > live)
        check_find(c, "I31", 0, "%u VMIDs are in use, and there are %u Realms", in_use, live);
}
