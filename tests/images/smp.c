/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One Realm on two PEs at the same time, and a third that changes the Realm's tables under it: replaces the page that the
 * host shares, each time another one, the last one delegated meanwhile; folds 512 pages into a block, and unfolds it.
 */
#include "rmi.h"
#include "service.h"

#define LARGE_SIZE 0x200000ul
#define TICK       9000
#define SWAPS      4

extern const uint8_t realm_c_blob[], realm_c_blob_end[];

static struct realm realm;
static volatile uint64_t second_runnable, off, stopped, swapped, folded;
static uint64_t large, table;    /* of the Realm */
static volatile uint64_t missed; /* exits because something was not there for a moment */

static void on_tick(uint32_t intid)
{
    if (intid == TIMER_PPI)
        timer_in(TICK);
}

static void exit_psci(struct rec *rec)
{
    uint64_t fid = EXIT64(rec->run, REC_EXIT_GPRS), target = EXIT64(rec->run, REC_EXIT_GPRS + 8);

    switch (fid) {
    case PSCI_CPU_ON:
    case PSCI_AFFINITY_INFO:
        /* The target runs on the other PE, or is off. */
        RMI_OK(RMI_PSCI_COMPLETE, rec->pa, realm.rec[target & 1].pa, PSCI_SUCCESS, 0, 0);
        if (fid == PSCI_CPU_ON)
            tell(&second_runnable, 1);
        break;
    case PSCI_CPU_OFF: rec->runnable = false; break;
    case PSCI_SYSTEM_OFF: tell(&off, 1); break;
    default: fail(__FILE_NAME__, __LINE__, "PSCI 0x%lx", fid);
    }
}

static void exit_host_call(struct rec *rec)
{
    uint64_t gpr[31];

    for (unsigned i = 0; i < 31; i++) {
        gpr[i] = EXIT64(rec->run, REC_EXIT_GPRS + 8ul * i);
        RUN64(rec->run, REC_ENTER_GPRS + 8ul * i) = gpr[i];
    }
    if (EXIT64(rec->run, REC_EXIT_IMM) == SERVICE_PRINT)
        print("C| %s", (const char *)gpr);
    else
        fail("c.c", (int)gpr[0], "0x%lx, not 0x%lx", gpr[1], gpr[2]);
}

/* The page of the host's is being replaced, or the block is being made: the Realm tries again. */
static void exit_sync(struct rec *rec)
{
    uint64_t ipa = EXIT64(rec->run, REC_EXIT_HPFAR) >> 4 << 12;

    CHECK_EQ(ESR_EC(EXIT64(rec->run, REC_EXIT_ESR)), EC_DABT_LOWER);
    CHECK(ipa == realm.shared_ipa || ipa - LARGE_BASE < LARGE_SIZE);
    atomic_add(&missed, 1);
}

static void run_rec(struct rec *rec)
{
    volatile uint8_t *run = rec->run;

    this_pe()->on_irq = on_tick;
    timer_in(TICK);
    while (rec->runnable && !off) {
        RMI_OK(RMI_REC_ENTER, rec->pa, (uint64_t)run, 0, 0, 0);
        switch (EXIT64(run, REC_EXIT_REASON) & 0xFF) {
        case EXIT_SYNC: exit_sync(rec); break;
        case EXIT_PSCI: exit_psci(rec); break;
        case EXIT_HOST_CALL: exit_host_call(rec); break;
        case EXIT_IRQ:
            irq_on();
            ISB();
            irq_off();
            break;
        default: fail(__FILE_NAME__, __LINE__, "exit 0x%lx", EXIT64(run, REC_EXIT_REASON));
        }
    }
    timer_stop();
}

/* --- the third PE --- */

static void swap_shared(void)
{
    volatile uint64_t *old = realm.shared, *new = alloc(GRANULE_SIZE);

    new[0] = new[511] = SHARED_QUESTION;
    RMI_OK(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, realm.shared_ipa, 3, 0, 0);
    /* Nobody can get at the old one any more. */
    RMI_OK(RMI_GRANULE_DELEGATE, (uint64_t)old, 0, 0, 0, 0);
    granule_back((uint64_t)old);
    realm.shared = new;
    RMI_OK(RMI_RTT_MAP_UNPROTECTED, realm.rd, realm.shared_ipa, 3,
           (uint64_t) new | 6ul << 2 | 3ul << 6, 0);
}

static void fold(void)
{
    struct smc r = smc(RMI_RTT_FOLD, realm.rd, LARGE_BASE, 3, 0, 0);

    CHECK_EQ(r.x[0], RMI_SUCCESS);
    CHECK_EQ(r.x[1], table);
    r = smc(RMI_RTT_READ_ENTRY, realm.rd, LARGE_BASE, 3, 0, 0);
    CHECK_EQ(r.x[1], 2); /* a block */
    CHECK_EQ(r.x[2], HIPAS_ASSIGNED);
    CHECK_EQ(r.x[3], large);
    /* A page of the block is no page of its own. */
    CHECK_EQ(smc(RMI_DATA_DESTROY, realm.rd, LARGE_BASE, 0, 0, 0).x[0],
             rmi_result(RMI_ERROR_RTT, 2));
    RMI_OK(RMI_RTT_CREATE, realm.rd, table, LARGE_BASE, 3, 0);
}

static void change_tables(void)
{
    while (!off) {
        if (swapped < SWAPS) {
            swap_shared();
            swapped++;
        }
        fold();
        folded++;
    }
}

void image_secondary(uint64_t context)
{
    gic_init_pe();
    gic_enable(TIMER_PPI);
    if (context == 2) {
        change_tables();
    } else {
        wait_for(&second_runnable, 1);
        realm.rec[1].runnable = true;
        run_rec(&realm.rec[1]);
    }
    atomic_add(&stopped, 1);
    __asm__ volatile("sev");
}

/* --- */

static void give_large(void)
{
    struct smc r;
    uint64_t at = LARGE_BASE;

    table = granule_new(GRANULE_SIZE);
    large = granule_new(LARGE_SIZE);
    RMI_OK(RMI_RTT_CREATE, realm.rd, table, LARGE_BASE, 3, 0);
    while (at < LARGE_BASE + LARGE_SIZE) {
        r = smc(RMI_RTT_INIT_RIPAS, realm.rd, at, LARGE_BASE + LARGE_SIZE, 0, 0);
        if (r.x[0] != RMI_SUCCESS || r.x[1] <= at) {
            fail(__FILE_NAME__, __LINE__, "INIT_RIPAS: 0x%lx", r.x[0]);
            return;
        }
        at = r.x[1];
    }
    for (uint64_t i = 0; i < LARGE_SIZE; i += GRANULE_SIZE)
        RMI_OK(RMI_DATA_CREATE_UNKNOWN, realm.rd, large + i, LARGE_BASE + i, 0, 0);
}

static void take_large(void)
{
    struct smc r;

    for (uint64_t i = 0; i < LARGE_SIZE; i += GRANULE_SIZE) {
        r = smc(RMI_DATA_DESTROY, realm.rd, LARGE_BASE + i, 0, 0, 0);
        CHECK_EQ(r.x[0], RMI_SUCCESS);
        CHECK_EQ(r.x[1], large + i);
        granule_back(large + i);
    }
    RMI_OK(RMI_RTT_DESTROY, realm.rd, LARGE_BASE, 3, 0, 0);
    granule_back(table);
}

void image_main(void)
{
    static struct realm_plan plan = {.name = 'C',
                                     .s2sz = 33,
                                     .start_level = 1,
                                     .num_roots = 1,
                                     .hash = HASH_SHA_256,
                                     .vmid = 9,
                                     .num_recs = 2};

    gic_init();
    gic_init_pe();
    gic_enable(TIMER_PPI);
    if (!rmm_check())
        finish();
    plan.blob = realm_c_blob;
    plan.size = (uint64_t)(realm_c_blob_end - realm_c_blob);
    realm_begin(&realm, &plan);
    realm.shared[511] = SHARED_QUESTION;
    realm_add_recs(&realm);
    give_large();
    RMI_OK(RMI_REALM_ACTIVATE, realm.rd, 0, 0, 0, 0);
    print("a Realm with two RECs");
    CHECK_EQ(psci_cpu_on(1, 1), 0);
    CHECK_EQ(psci_cpu_on(2, 2), 0);
    run_rec(&realm.rec[0]);
    wait_for(&stopped, 2);
    CHECK(missed);
    CHECK_EQ(swapped, SWAPS);
    CHECK(folded >= SWAPS);
    print("its tables changed under it");
    take_large();
    realm_destroy(&realm);
    print("all is given back, blank");
}
