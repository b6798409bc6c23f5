/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a Realm and taking it down. */
#include "rmi.h"
#include "service.h"

#define PATTERN 0xDEADBEEFDEADBEEFul

uint64_t rmi_ok(int line, struct smc r)
{
    if (r.x[0] != RMI_SUCCESS)
        fail("rmi", line, "x0 is 0x%lx", r.x[0]);
    return r.x[0];
}

uint64_t granule_new(uint64_t size)
{
    uint64_t *p = alloc(size);

    for (uint64_t i = 0; i < size / 8; i++)
        p[i] = PATTERN;
    for (uint64_t i = 0; i < size; i += GRANULE_SIZE)
        RMI_OK(RMI_GRANULE_DELEGATE, (uint64_t)p + i, 0, 0, 0, 0);
    return (uint64_t)p;
}

void granule_back(uint64_t pa)
{
    if (RMI_OK(RMI_GRANULE_UNDELEGATE, pa, 0, 0, 0, 0) == RMI_SUCCESS)
        CHECK(page_is((void *)pa, 0));
}

bool rmm_check(void)
{
    struct smc r = smc(RMI_VERSION, ABI_1_0, 0, 0, 0, 0);
    uint64_t f;

    CHECK_EQ(r.x[0], RMI_SUCCESS);
    if (r.x[0] != RMI_SUCCESS)
        return false;
    CHECK_EQ(r.x[1], ABI_1_0);
    CHECK_EQ(r.x[2], ABI_1_0);
    r = smc(RMI_VERSION, ABI_VERSION(2, 0), 0, 0, 0, 0);
    CHECK_EQ(r.x[0], RMI_ERROR_INPUT);
    CHECK_EQ(r.x[1], ABI_1_0);
    f = smc(RMI_FEATURES, 0, 0, 0, 0, 0).x[1];
    CHECK((f & 0xFF) >= 40);
    CHECK(f >> FEAT0_HASH_SHA_256_SHIFT & 1);
    CHECK((f >> FEAT0_GICV3_NUM_LRS_SHIFT & 0xF) >= 1);
    CHECK_EQ(f >> 42, 0);
    CHECK_EQ(smc(RMI_FEATURES, 1, 0, 0, 0, 0).x[1], 0);
    return true;
}

static void create(struct realm *r)
{
    const struct realm_plan *plan = r->plan;
    uint8_t *params = alloc(GRANULE_SIZE);

    r->rd = granule_new(GRANULE_SIZE);
    r->roots = granule_new((uint64_t)plan->num_roots * GRANULE_SIZE);
    params[REALM_PARAMS_S2SZ] = plan->s2sz;
    params[REALM_PARAMS_NUM_BPS] = 1;
    params[REALM_PARAMS_NUM_WPS] = 1;
    params[REALM_PARAMS_HASH_ALGO] = plan->hash;
    memset(params + REALM_PARAMS_RPV, plan->name, 64);
    *(uint16_t *)(params + REALM_PARAMS_VMID) = plan->vmid;
    *(uint64_t *)(params + REALM_PARAMS_RTT_BASE) = r->roots;
    *(uint64_t *)(params + REALM_PARAMS_RTT_LEVEL_START) = plan->start_level;
    *(uint32_t *)(params + REALM_PARAMS_RTT_NUM_START) = plan->num_roots;
    RMI_OK(RMI_REALM_CREATE, r->rd, (uint64_t)params, 0, 0, 0);
}

void realm_table(struct realm *r, uint64_t ipa, uint64_t level)
{
    uint64_t pa = granule_new(GRANULE_SIZE);

    if (r->num_tables == MAX_TABLES)
        finish();
    RMI_OK(RMI_RTT_CREATE, r->rd, pa, ipa, level, 0);
    r->table[r->num_tables].ipa = ipa;
    r->table[r->num_tables].level = level;
    r->table[r->num_tables++].pa = pa;
}

static uint64_t new_page(struct realm *r, uint64_t ipa)
{
    uint64_t pa = granule_new(GRANULE_SIZE);

    if (r->num_pages == MAX_PAGES)
        finish();
    r->page[r->num_pages].ipa = ipa;
    r->page[r->num_pages++].pa = pa;
    return pa;
}

void realm_give_page(struct realm *r, uint64_t ipa)
{
    uint64_t pa = new_page(r, ipa);

    RMI_OK(RMI_DATA_CREATE_UNKNOWN, r->rd, pa, ipa, 0, 0);
}

static void fill(struct realm *r)
{
    uint64_t size = r->plan->size, at = 0;
    struct smc s;

    while (at < size) {
        s = smc(RMI_RTT_INIT_RIPAS, r->rd, at, size, 0, 0);
        CHECK_EQ(s.x[0], RMI_SUCCESS);
        if (s.x[1] <= at)
            finish();
        at = s.x[1];
    }
    for (at = 0; at < size; at += GRANULE_SIZE) {
        uint64_t pa = new_page(r, at);

        RMI_OK(RMI_DATA_CREATE, r->rd, pa, at, (uint64_t)r->plan->blob + at, 1);
    }
}

static void create_rec(struct realm *r, unsigned n)
{
    uint8_t *params = alloc(GRANULE_SIZE);
    struct rec *rec = &r->rec[n];

    rec->pa = granule_new(GRANULE_SIZE);
    rec->run = alloc(GRANULE_SIZE);
    rec->runnable = n == 0;
    *(uint64_t *)(params + REC_PARAMS_FLAGS) = rec->runnable ? REC_PARAMS_FLAG_RUNNABLE : 0;
    *(uint64_t *)(params + REC_PARAMS_MPIDR) = n;
    *(uint64_t *)(params + REC_PARAMS_GPRS) = (uint64_t)(r->plan->name - 'A' + 0xA);
    *(uint64_t *)(params + REC_PARAMS_NUM_AUX) = r->num_aux;
    for (unsigned i = 0; i < r->num_aux; i++) {
        rec->aux[i] = granule_new(GRANULE_SIZE);
        *(uint64_t *)(params + REC_PARAMS_AUX + 8ul * i) = rec->aux[i];
    }
    RMI_OK(RMI_REC_CREATE, r->rd, rec->pa, (uint64_t)params, 0, 0);
}

static void share_page(struct realm *r)
{
    r->shared = alloc(GRANULE_SIZE);
    r->shared[0] = SHARED_QUESTION;
    r->shared_ipa = r->unprotected + SHARED_OFFSET;
    if (r->plan->start_level < 2)
        realm_table(r, r->shared_ipa, 2);
    realm_table(r, r->shared_ipa, 3);
    /* Normal write-back, read and write */
    RMI_OK(RMI_RTT_MAP_UNPROTECTED, r->rd, r->shared_ipa, 3,
           (uint64_t)r->shared | 6ul << 2 | 3ul << 6, 0);
}

/* A table that says no more than the entry above it goes away again. */
static void fold_and_read(struct realm *r, uint64_t pa)
{
    struct smc s;

    RMI_OK(RMI_RTT_CREATE, r->rd, pa, FOLDED_BASE, 3, 0);
    s = smc(RMI_RTT_READ_ENTRY, r->rd, FOLDED_BASE, 3, 0, 0);
    CHECK_EQ(s.x[0], RMI_SUCCESS);
    CHECK_EQ(s.x[1], 3);
    CHECK_EQ(s.x[2], HIPAS_UNASSIGNED);
    CHECK_EQ(s.x[4], RIPAS_EMPTY);
    s = smc(RMI_RTT_FOLD, r->rd, FOLDED_BASE, 3, 0, 0);
    CHECK_EQ(s.x[0], RMI_SUCCESS);
    CHECK_EQ(s.x[1], pa);
    granule_back(pa);
    s = smc(RMI_RTT_READ_ENTRY, r->rd, FOLDED_BASE, 3, 0, 0);
    CHECK_EQ(s.x[1], 2);
    s = smc(RMI_RTT_READ_ENTRY, r->rd, 0, 3, 0, 0);
    CHECK_EQ(s.x[1], 3);
    CHECK_EQ(s.x[2], HIPAS_ASSIGNED);
    CHECK_EQ(s.x[3], r->page[0].pa);
    CHECK_EQ(s.x[4], RIPAS_RAM);
}

void realm_begin(struct realm *r, const struct realm_plan *plan)
{
    uint64_t below = granule_new(GRANULE_SIZE); /* the RD: who locks goes by address */
    struct smc s;

    r->plan = plan;
    r->unprotected = 1ul << (plan->s2sz - 1);
    create(r);
    s = smc(RMI_REC_AUX_COUNT, r->rd, 0, 0, 0, 0);
    CHECK_EQ(s.x[0], RMI_SUCCESS);
    CHECK(s.x[1] <= REC_MAX_AUX);
    r->num_aux = s.x[1] <= REC_MAX_AUX ? s.x[1] : 0;
    if (plan->start_level < 2)
        realm_table(r, 0, 2);
    realm_table(r, 0, 3);
    realm_table(r, EXTRA_BASE, 3);
    fill(r);
    fold_and_read(r, below);
    share_page(r);
}

void realm_add_recs(struct realm *r)
{
    for (unsigned i = 0; i < r->plan->num_recs; i++)
        create_rec(r, i);
}

void realm_build(struct realm *r, const struct realm_plan *plan)
{
    realm_begin(r, plan);
    realm_add_recs(r);
    RMI_OK(RMI_REALM_ACTIVATE, r->rd, 0, 0, 0, 0);
}

static void destroy_recs(struct realm *r)
{
    for (unsigned i = 0; i < r->plan->num_recs; i++) {
        RMI_OK(RMI_REC_DESTROY, r->rec[i].pa, 0, 0, 0, 0);
        granule_back(r->rec[i].pa);
        for (unsigned j = 0; j < r->num_aux; j++)
            granule_back(r->rec[i].aux[j]);
    }
}

void realm_destroy(struct realm *r)
{
    struct smc s;

    CHECK_EQ(smc(RMI_REALM_DESTROY, r->rd, 0, 0, 0, 0).x[0], RMI_ERROR_REALM); /* still live */
    destroy_recs(r);
    for (unsigned i = 0; i < r->num_pages; i++) {
        s = smc(RMI_DATA_DESTROY, r->rd, r->page[i].ipa, 0, 0, 0);
        CHECK_EQ(s.x[0], RMI_SUCCESS);
        CHECK_EQ(s.x[1], r->page[i].pa);
        granule_back(r->page[i].pa);
    }
    RMI_OK(RMI_RTT_UNMAP_UNPROTECTED, r->rd, r->shared_ipa, 3, 0, 0);
    /* Deepest first. */
    for (uint64_t level = 3; level >= 2; level--) {
        for (unsigned i = 0; i < r->num_tables; i++) {
            if (r->table[i].level != level)
                continue;
            s = smc(RMI_RTT_DESTROY, r->rd, r->table[i].ipa, level, 0, 0);
            CHECK_EQ(s.x[0], RMI_SUCCESS);
            CHECK_EQ(s.x[1], r->table[i].pa);
            granule_back(r->table[i].pa);
        }
    }
    RMI_OK(RMI_REALM_DESTROY, r->rd, 0, 0, 0, 0);
    granule_back(r->rd);
    for (unsigned i = 0; i < r->plan->num_roots; i++)
        granule_back(r->roots + (uint64_t)i * GRANULE_SIZE);
}
