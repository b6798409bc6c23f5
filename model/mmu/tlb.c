/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TLB as a container and as a value. It grows and never evicts; deletion shifts the rest of the probe chain
 * back, so that there are no tombstones and an unsuccessful lookup ends at the first free slot.
 */
#include "mmu_internal.h"

#include <stdlib.h>
#include <string.h>

#define TLB_INITIAL 64u

struct tlb *tlb_new(void)
{
    return calloc(1, sizeof(struct tlb));
}

void tlb_free(struct tlb *t)
{
    if (!t)
        return;
    for (unsigned k = 0; k < TLB_KINDS; k++) {
        free(t->table[k].slot);
        free(t->table[k].of_page);
    }
    free(t);
}

bool tlb_is_empty(const struct tlb *t)
{
    uint32_t num = 0;
    for (unsigned k = 0; k < TLB_KINDS; k++)
        num += t->table[k].num;
    return num == 0;
}

void tlb_clear(struct tlb *t)
{
    if (tlb_is_empty(t))
        return;
    for (unsigned k = 0; k < TLB_KINDS; k++) {
        struct tlb_table *table = &t->table[k];
        if (table->slot) {
            memset(table->slot, 0, ((size_t)table->mask + 1) * sizeof(*table->slot));
            memset(table->of_page, 0, ((size_t)table->mask + 1) * sizeof(*table->of_page));
        }
        table->num = 0;
    }
    memset(t->by_tag, 0, sizeof(t->by_tag));
}

static void alloc_slots(struct tlb_table *t, uint32_t capacity)
{
    t->slot = calloc(capacity, sizeof(*t->slot));
    t->of_page = calloc(capacity, sizeof(*t->of_page));
    if (!t->slot || !t->of_page)
        MODEL_BUG("no memory for a TLB of %u entries", capacity);
    t->mask = capacity - 1;
}

/* Where the index by PA names this slot. */
static uint32_t *page_link(struct tlb_table *t, uint32_t i)
{
    uint32_t *link = &t->of_page[tlb_page_hash(t, t->slot[i].pa)];
    while (*link != i + 1)
        link = &t->slot[*link - 1].next_of_page;
    return link;
}

static struct tlb_entry *place(struct tlb_table *t, const struct tlb_entry *e)
{
    uint32_t i = tlb_slot_of(t, e->key, e->tag & TAG_MASK);
    uint32_t *first = &t->of_page[tlb_page_hash(t, e->pa)];
    while (t->slot[i].key)
        i = (i + 1) & t->mask;
    t->slot[i] = *e;
    t->slot[i].next_of_page = *first;
    *first = i + 1;
    return &t->slot[i];
}

static void grow(struct tlb_table *t)
{
    struct tlb_entry *old = t->slot;
    uint32_t old_capacity = old ? t->mask + 1 : 0;
    free(t->of_page);
    alloc_slots(t, old ? old_capacity * 2 : TLB_INITIAL);
    for (uint32_t i = 0; i < old_capacity; i++)
        if (old[i].key)
            place(t, &old[i]);
    free(old);
}

static void count(struct tlb *t, const struct tlb_entry *e, uint32_t delta)
{
    t->by_tag[tlb_filter_of(e->tag)] += delta;
}

struct tlb_entry *tlb_insert(struct tlb *t, struct tlb_table *in, const struct tlb_entry *e)
{
    if (!in->slot || in->num * 2 > in->mask)
        grow(in);
    in->num++;
    count(t, e, 1);
    return place(in, e);
}

static void remove_at(struct tlb *t, struct tlb_table *in, uint32_t hole)
{
    count(t, &in->slot[hole], (uint32_t)-1);
    in->num--;
    *page_link(in, hole) = in->slot[hole].next_of_page;
    for (uint32_t i = (hole + 1) & in->mask; in->slot[i].key; i = (i + 1) & in->mask) {
        uint32_t home = tlb_slot_of(in, in->slot[i].key, in->slot[i].tag & TAG_MASK);
        /* An entry may move back only as far as its home. */
        if (((i - home) & in->mask) >= ((i - hole) & in->mask)) {
            *page_link(in, i) = hole + 1;
            in->slot[hole] = in->slot[i];
            hole = i;
        }
    }
    in->slot[hole].key = 0;
}

bool tlb_remove(struct tlb *t, struct tlb_table *in, uint64_t key, uint32_t tag)
{
    struct tlb_entry *e = tlb_lookup(in, key, tag);
    if (!e)
        return false;
    remove_at(t, in, (uint32_t)(e - in->slot));
    return true;
}

uint32_t tlb_remove_if(struct tlb *t, struct tlb_table *in,
                       bool (*match)(const struct tlb_entry *e, const void *arg), const void *arg)
{
    uint32_t removed = 0;
    for (uint32_t i = 0; in->num && i <= in->mask; i++)
        while (in->slot[i].key && match(&in->slot[i], arg)) {
            remove_at(t, in, i);
            removed++;
        }
    return removed;
}

static void clone_table(struct tlb_table *to, const struct tlb_table *from)
{
    *to = (struct tlb_table){0};
    if (!from->num)
        return;
    alloc_slots(to, from->mask + 1);
    to->num = from->num;
    memcpy(to->slot, from->slot, ((size_t)from->mask + 1) * sizeof(*from->slot));
    memcpy(to->of_page, from->of_page, ((size_t)from->mask + 1) * sizeof(*from->of_page));
}

struct tlb *tlb_clone(const struct tlb *t)
{
    struct tlb *c = tlb_new();
    if (!c)
        return NULL;
    for (unsigned k = 0; k < TLB_KINDS; k++)
        clone_table(&c->table[k], &t->table[k]);
    memcpy(c->by_tag, t->by_tag, sizeof(c->by_tag));
    return c;
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 31;
    h *= 0x7FB5D329728EA185ull;
    h ^= h >> 27;
    h *= 0x81DADEF4BC2DD44Dull;
    return h ^ (h >> 33);
}

static uint64_t hash_entry(const struct tlb_entry *e)
{
    uint64_t h = mix(e->key + 1);
    h = mix(h ^ (((uint64_t)e->tag << 32) | e->attr));
    return mix(mix(h ^ e->ipa) ^ e->pa);
}

/* A sum, so that neither capacity nor order shows. */
static uint64_t hash_table(const struct tlb_table *t)
{
    uint64_t h = 0;
    for (uint32_t i = 0; t->num && i <= t->mask; i++)
        if (t->slot[i].key)
            h += hash_entry(&t->slot[i]);
    return mix(h + t->num);
}

uint64_t tlb_hash(const struct tlb *t)
{
    uint64_t h = 0;
    for (unsigned k = 0; k < TLB_KINDS; k++)
        h ^= hash_table(&t->table[k]) * (2 * k + 1);
    return mix(h);
}

static bool equal_table(const struct tlb_table *a, const struct tlb_table *b)
{
    if (a->num != b->num)
        return false;
    for (uint32_t i = 0; a->num && i <= a->mask; i++) {
        const struct tlb_entry *e = &a->slot[i];
        if (!e->key)
            continue;
        const struct tlb_entry *o = tlb_lookup(b, e->key, e->tag & TAG_MASK);
        if (!o || o->tag != e->tag || o->attr != e->attr || o->ipa != e->ipa || o->pa != e->pa)
            return false;
    }
    return true;
}

bool tlb_equal(const struct tlb *a, const struct tlb *b)
{
    for (unsigned k = 0; k < TLB_KINDS; k++)
        if (!equal_table(&a->table[k], &b->table[k]))
            return false;
    return true;
}

static void describe(const struct tlb_entry *e, struct tlb_s2_entry *out)
{
    out->vmid = (uint16_t)e->tag;
    out->ipa = e->ipa;
    out->pa = e->pa;
    out->pas = entry_pas(e->attr);
    out->perm = (uint8_t)((e->attr & A_S2R ? MMU_R : 0) | (e->attr & A_S2W ? MMU_W : 0) |
                          (e->attr & (A_S2X1 | A_S2X0) ? MMU_X : 0));
}

static int compare(const void *a, const void *b)
{
    const struct tlb_s2_entry *x = a, *y = b;
    if (x->vmid != y->vmid)
        return x->vmid < y->vmid ? -1 : 1;
    return x->ipa < y->ipa ? -1 : x->ipa > y->ipa;
}

void tlb_each_s2(const struct tlb *t, void (*fn)(void *ctx, const struct tlb_s2_entry *e),
                 void *ctx)
{
    if (!t->table[TLB_S2].num)
        return;
    struct tlb_s2_entry *list = calloc(t->table[TLB_S2].num, sizeof(*list));
    if (!list)
        MODEL_BUG("no memory to list %u TLB entries", t->table[TLB_S2].num);
    uint32_t n = 0;
    for (uint32_t i = 0; i <= t->table[TLB_S2].mask; i++)
        if (t->table[TLB_S2].slot[i].key)
            describe(&t->table[TLB_S2].slot[i], &list[n++]);
    qsort(list, n, sizeof(*list), compare);
    for (uint32_t i = 0; i < n; i++)
        fn(ctx, &list[i]);
    free(list);
}

bool tlb_find_s2(const struct tlb *t, uint16_t vmid, uint64_t ipa_page, struct tlb_s2_entry *out)
{
    const struct tlb_entry *e = tlb_lookup(&t->table[TLB_S2], s2_key(ipa_page), vmid);
    if (e)
        describe(e, out);
    return e != NULL;
}

uint32_t tlb_count_s2(const struct tlb *t)
{
    return t->table[TLB_S2].num;
}

static bool passes(const struct tlb_filter *f, const struct tlb_entry *e)
{
    return f->any || ((uint16_t)e->tag == f->vmid && e->ipa - f->ipa_base < f->size);
}

static int compare_s1(const void *a, const void *b)
{
    const struct tlb_s1_entry *x = a, *y = b;
    int by_ipa = compare(&x->s2, &y->s2);
    if (by_ipa)
        return by_ipa;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    if (x->global != y->global)
        return x->global ? 1 : -1;
    return x->asid < y->asid ? -1 : x->asid > y->asid;
}

void tlb_each_s1(const struct tlb *t, const struct tlb_filter *filter,
                 void (*fn)(void *ctx, const struct tlb_s1_entry *e), void *ctx)
{
    uint32_t n = 0;
    /* Most filters take nothing: memory only for those that take something. */
    for (uint32_t i = 0; t->table[TLB_S1].num && i <= t->table[TLB_S1].mask; i++)
        n += t->table[TLB_S1].slot[i].key && passes(filter, &t->table[TLB_S1].slot[i]);
    if (!n)
        return;
    struct tlb_s1_entry *list = calloc(n, sizeof(*list));
    if (!list)
        MODEL_BUG("no memory to list %u TLB entries", n);
    n = 0;
    for (uint32_t i = 0; i <= t->table[TLB_S1].mask; i++) {
        const struct tlb_entry *e = &t->table[TLB_S1].slot[i];
        if (!e->key || !passes(filter, e))
            continue;
        list[n].va = (e->key & KEY_PAGE_MASK) << GRANULE_SHIFT;
        list[n].global = (e->key & KEY_GLOBAL) != 0;
        list[n].asid = list[n].global ? 0 : (uint32_t)(e->key >> KEY_ASID_SHIFT) & 0xffff;
        describe(e, &list[n++].s2);
    }
    qsort(list, n, sizeof(*list), compare_s1);
    for (uint32_t i = 0; i < n; i++)
        fn(ctx, &list[i]);
    free(list);
}

uint32_t tlb_count_s1(const struct tlb *t)
{
    return t->table[TLB_S1].num;
}

static bool table_holds_gpc(const struct tlb_table *t, uint64_t granule, enum pas pas)
{
    for (const struct tlb_entry *e = tlb_first_of_page(t, granule); e; e = tlb_next_of_page(t, e))
        if (e->pa == granule && (e->attr & A_GPC) && entry_pas(e->attr) == pas)
            return true;
    return false;
}

bool tlb_holds_gpc(const struct tlb *t, uint64_t granule, enum pas pas)
{
    for (unsigned k = 0; k < TLB_KINDS; k++)
        if (table_holds_gpc(&t->table[k], granule, pas))
            return true;
    return false;
}
