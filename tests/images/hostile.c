/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host that tries what the architecture forbids it, an attempt a line: accesses of every kind to memory of the Realm,
 * Root and Secure PAS and to addresses without anything; its own translation tables in such memory; calls that are not its
 * own, or with such addresses; and a second PE that meddles while a Realm runs. Each must come to the fault or the status
 * that it should, and afterwards everything must work as before.
 */
#include "rmi.h"
#include "service.h"

extern const uint8_t realm_h_blob[], realm_h_blob_end[];
extern const uint8_t guest_probe[];

static struct realm realm;

/* --- accesses --- */

enum attempt {
    LOAD1,
    LOAD2,
    LOAD4,
    LOAD8,
    PAIR,
    EXCLUSIVE,
    STORE1,
    STORE8,
    ATOMIC,
    ZVA,
    FETCH,
    ATTEMPTS
};
static const char *const attempt_name[ATTEMPTS] = {
    "load of a byte",  "load of 2 bytes", "load of 4 bytes", "load of 8 bytes",
    "load of a pair",  "exclusive load",  "store of a byte", "store of 8 bytes",
    "atomic addition", "DC ZVA",          "fetch",
};

static struct fault try(enum attempt a, uint64_t va)
{
    switch (a) {
    case LOAD1: return probe_load(va, 1, NULL);
    case LOAD2: return probe_load(va, 2, NULL);
    case LOAD4: return probe_load(va, 4, NULL);
    case LOAD8: return probe_load(va, 8, NULL);
    case PAIR: return probe_pair(va);
    case EXCLUSIVE: return probe_exclusive(va);
    case STORE1: return probe_store(va, 1, 0xFF);
    case STORE8: return probe_store(va, 8, ~0ul);
    case ATOMIC: return probe_atomic(va);
    case ZVA: return probe_zva(va);
    default: return probe_fetch(va);
    }
}

static void attempt_all(const char *what, uint64_t pa, uint64_t attributes, uint64_t status)
{
    uint64_t va = window(pa, attributes | MAP_AF);
    bool device = attributes == MAP_DEVICE;

    for (unsigned a = 0; a < ATTEMPTS; a++) {
        struct fault f;
        bool write = a == STORE1 || a == STORE8 || a == ZVA;

        /* What Device memory makes of these is another question. */
        if (device && (a == EXCLUSIVE || a == ATOMIC || a == ZVA || a == FETCH))
            continue;
        f = try(a, va + 0x40);
        CHECK(f.taken);
        CHECK_EQ(ESR_EC(f.esr), a == FETCH ? EC_IABT : EC_DABT);
        CHECK_EQ(ESR_FSC(f.esr), status);
        CHECK_EQ(f.far, va + 0x40);
        if (a != FETCH && a != ATOMIC)
            CHECK_EQ(ESR_WNR(f.esr), write);
        print("%s: %s: %s", what, attempt_name[a], fault_name(&f));
    }
}

static void accesses(uint64_t delegated)
{
    attempt_all("delegated granule", delegated, MAP_NORMAL, FSC_GPF);
    attempt_all("RD", realm.rd, MAP_NORMAL, FSC_GPF);
    attempt_all("starting RTT", realm.roots, MAP_NORMAL, FSC_GPF);
    attempt_all("RTT of level 3", realm.table[1].pa, MAP_NORMAL, FSC_GPF);
    attempt_all("REC", realm.rec[0].pa, MAP_NORMAL, FSC_GPF);
    if (realm.num_aux)
        attempt_all("auxiliary granule", realm.rec[0].aux[0], MAP_NORMAL, FSC_GPF);
    attempt_all("data of a Realm", realm.page[0].pa, MAP_NORMAL, FSC_GPF);
    attempt_all("buffer of EL3M", EL3_BUFFER, MAP_NORMAL, FSC_GPF);
    attempt_all("GPT, level 0", GPT_LEVEL0, MAP_NORMAL, FSC_GPF);
    attempt_all("GPT, level 1", GPT_LEVEL1, MAP_NORMAL, FSC_GPF);
    attempt_all("Secure memory", SECURE_MEMORY, MAP_NORMAL, FSC_GPF);
    /* Its granule is anybody's: the device itself refuses. */
    attempt_all("Secure device", SECURE_DEVICE, MAP_DEVICE, FSC_EXTERNAL);
    attempt_all("no device", NOTHING_BASE, MAP_DEVICE, FSC_EXTERNAL);
    attempt_all("behind memory", (uint64_t)RAM_BASE + RAM_SIZE + 0x100000000ul, MAP_NORMAL,
                FSC_EXTERNAL);
    attempt_all("above the protected space", 1ul << 41, MAP_NORMAL, FSC_EXTERNAL);
}

static void one(const char *what, struct fault f, uint64_t ec, uint64_t status)
{
    CHECK(f.taken);
    CHECK_EQ(ESR_EC(f.esr), ec);
    CHECK_EQ(ESR_FSC(f.esr), status);
    print("%s: %s", what, fault_name(&f));
}

/* Physical addresses of 40 bits: TCR_EL2.PS. */
static void address_sizes(void)
{
    uint64_t va = window(1ul << 45, MAP_NORMAL | MAP_AF);
    uint64_t tcr = MRS(R_TCR);

    MSR(R_TCR, (tcr & ~(7ul << 16)) | 2ul << 16);
    ISB();
    tlbi_all();
    one("address beyond TCR_EL2.PS: load", probe_load(va, 8, NULL), EC_DABT, FSC_ADDRESS + 3);
    one("address beyond TCR_EL2.PS: fetch", probe_fetch(va), EC_IABT, FSC_ADDRESS + 3);
    MSR(R_TCR, tcr);
    ISB();
    tlbi_all();
    mmu_off();
    one("MMU off, address of 53 bits: load", probe_load(1ul << 52, 8, NULL), EC_DABT, FSC_ADDRESS);
    one("MMU off, delegated granule: load", probe_load(realm.rd, 8, NULL), EC_DABT, FSC_GPF);
    one("MMU off, delegated granule: store", probe_store(realm.rd, 8, 0), EC_DABT, FSC_GPF);
    one("MMU off, delegated granule: fetch", probe_fetch(realm.rd), EC_IABT, FSC_GPF);
    mmu_on();
}

/* --- tables where the host must not have any --- */

#define PAR_F(par)   ((par)&1)
#define PAR_FST(par) ((par) >> 1 & 0x3F)

static uint64_t at_s1e2r(uint64_t va)
{
    __asm__ volatile("at s1e2r, %0\n"
                     "isb" ::"r"(va)
                     : "memory");
    return MRS(par_el1);
}

static void walk(const char *what, uint64_t table, uint64_t level, uint64_t status)
{
    uint64_t va = WINDOW_BASE + 0x800000000ul + level * 0x40000000ul, par;
    volatile uint64_t *l1 = space_entry(&host_space, va); /* there is nothing below it yet */
    uint64_t *l2 = alloc(4096);

    l2[0] = table | 3;
    *l1 = level == 3 ? (uint64_t)l2 | 3 : table | 3;
    tlbi_all();
    print("%s, as a table of level %lu:", what, level);
    one("  load", probe_load(va, 8, NULL), EC_DABT, status + level);
    one("  store", probe_store(va, 8, 0), EC_DABT, status + level);
    one("  fetch", probe_fetch(va), EC_IABT, status + level);
    if (status == FSC_GPF_WALK) {
        par = at_s1e2r(va);
        CHECK_EQ(PAR_F(par), 1);
        CHECK_EQ(PAR_FST(par), status + level);
        print("  AT: PAR_EL1 has the status");
    }
    *l1 = 0;
    tlbi_all();
}

static void walks(uint64_t delegated)
{
    uint64_t va = window(delegated, MAP_NORMAL | MAP_AF), par;

    walk("delegated granule", delegated, 2, FSC_GPF_WALK);
    walk("delegated granule", delegated, 3, FSC_GPF_WALK);
    walk("RTT", realm.roots, 3, FSC_GPF_WALK);
    walk("GPT", GPT_LEVEL1, 3, FSC_GPF_WALK);
    walk("Secure memory", SECURE_MEMORY, 3, FSC_GPF_WALK);
    walk("no memory", NOTHING_BASE, 3, FSC_EXTERNAL_WALK);
    /* The final address is not accessed. */
    par = at_s1e2r(va);
    CHECK_EQ(PAR_F(par), 0);
    CHECK_EQ(par & MAP_OA_MASK, delegated);
    print("AT of a delegated granule: its address");
}

/* --- an EL below --- */

#define HCR_GPF    (1ul << 48)
#define GUEST_IPA  0x100000ul
#define GUEST_DATA 0x200000ul

static struct space stage2;
static struct vcpu guest;

static void run_guest(uint64_t hcr, uint64_t root, uint64_t vmid)
{
    MSR(vttbr_el2, root | vmid << 48);
    guest.pc = GUEST_IPA;
    guest.pstate = 0x3C5;
    guest.x[0] = GUEST_DATA;
    MSR(hcr_el2, HCR_GUEST_BASE | HCR_VM | hcr);
    ISB();
    CHECK_EQ(vcpu_run(&guest), FROM_SYNC);
    MSR(hcr_el2, HCR_HOST);
    ISB();
}

static struct fault from_guest(void)
{
    return (struct fault){true, MRS(R_ESR), MRS(R_FAR), 0};
}

static void guests(uint64_t delegated)
{
    struct fault f;

    space_init(&stage2, 12, 39);
    space_map(&stage2, GUEST_IPA, (uint64_t)guest_probe, 0x1000, S2_NORMAL);
    space_map(&stage2, GUEST_DATA, delegated, 0x1000, S2_NORMAL);
    MSR(vtcr_el2, 25ul | 1ul << 6 | 1ul << 8 | 1ul << 10 | 3ul << 12 | 2ul << 16 | 1ul << 31);
    MSR(G_SCTLR, 0x30D00800);
    MSR(G_VBAR, GUEST_IPA);
    run_guest(HCR_GPF, (uint64_t)stage2.root, 7);
    f = from_guest();
    one("guest's load, HCR_EL2.GPF: host has", f, EC_DABT_LOWER, FSC_GPF);
    CHECK_EQ(f.far, GUEST_DATA);
    run_guest(0, (uint64_t)stage2.root, 7);
    f = from_guest();
    CHECK_EQ(ESR_EC(f.esr), EC_HVC); /* of its handler */
    CHECK_EQ(f.esr & 0xFFFF, 2);
    one("guest's load: guest has", (struct fault){true, MRS(G_ESR), MRS(G_FAR), 0}, EC_DABT,
        FSC_GPF);
    run_guest(0, delegated, 8); /* stage 2 is the host's, whatever HCR_EL2.GPF */
    one("guest's tables in a delegated granule: host has", from_guest(), EC_IABT_LOWER,
        FSC_GPF_WALK + 1);
}

/* --- calls --- */

static void call_is(const char *what, struct smc r, uint64_t want)
{
    CHECK_EQ(r.x[0], want);
    if ((int64_t)r.x[0] < 0)
        print("%s: -%lu", what, -r.x[0]);
    else if (r.x[0] >> 8)
        print("%s: %lu/%lu", what, r.x[0] & 0xFF, r.x[0] >> 8);
    else
        print("%s: %lu", what, r.x[0]);
}

static void foreign_calls(uint64_t delegated)
{
    static const struct {
        const char *name;
        uint64_t fid;
    } rows[] = {
        {"GTSI_DELEGATE", EL3_GTSI_DELEGATE},
        {"GTSI_UNDELEGATE", EL3_GTSI_UNDELEGATE},
        {"ATTEST_GET_REALM_KEY", EL3_ATTEST_GET_REALM_KEY},
        {"ATTEST_GET_PLAT_TOKEN", EL3_ATTEST_GET_PLAT_TOKEN},
        {"BOOT_COMPLETE", EL3_BOOT_COMPLETE},
        {"RMI_REQ_COMPLETE", RMI_REQ_COMPLETE},
        {"RSI_VERSION", RSI_VERSION},
        {"RSI_HOST_CALL", RSI_HOST_CALL},
        {"RSI_MEASUREMENT_READ", RSI_MEASUREMENT_READ},
        {"FFA_MEM_SHARE", 0xC4000073},
        {"RMI that does not exist", 0xC4000156},
        {"last RMI", 0xC400018E},
        {"a yielding call", 0x44000150},
        {"an SMC32 RMI", 0x84000150},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        call_is(rows[i].name, smc(rows[i].fid, delegated, 4096, 0, 0, 0), SMC_NOT_SUPPORTED);
}

struct bad_address {
    const char *name;
    uint64_t pa;
};

static void bad_addresses(uint64_t delegated)
{
    const struct bad_address rows[] = {
        {"unaligned", HEAP_BASE + HEAP_SIZE - 0x1000 + 8},
        {"a device", UART_BASE},
        {"no memory", NOTHING_BASE},
        {"the GPT", GPT_LEVEL1},
        {"Secure", SECURE_MEMORY},
        {"EL3M's buffer", EL3_BUFFER},
        {"beyond PA space", 1ul << 52},
        {"all ones", ~0xFFFul},
    };
    uint64_t params = (uint64_t)alloc(4096), rec = granule_new(4096);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t a = rows[i].pa;

        print("address is %s:", rows[i].name);
        call_is("  GRANULE_DELEGATE", smc(RMI_GRANULE_DELEGATE, a, 0, 0, 0, 0), RMI_ERROR_INPUT);
        call_is("  GRANULE_UNDELEGATE", smc(RMI_GRANULE_UNDELEGATE, a, 0, 0, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  REALM_CREATE, rd", smc(RMI_REALM_CREATE, a, params, 0, 0, 0), RMI_ERROR_INPUT);
        call_is("  REALM_CREATE, parameters", smc(RMI_REALM_CREATE, delegated, a, 0, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  REC_CREATE, rec", smc(RMI_REC_CREATE, realm.rd, a, params, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  REC_CREATE, parameters", smc(RMI_REC_CREATE, realm.rd, rec, a, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  REC_ENTER, rec", smc(RMI_REC_ENTER, a, params, 0, 0, 0), RMI_ERROR_INPUT);
        call_is("  REC_ENTER, run", smc(RMI_REC_ENTER, realm.rec[0].pa, a, 0, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  DATA_CREATE_UNKNOWN", smc(RMI_DATA_CREATE_UNKNOWN, realm.rd, a, 0, 0, 0),
                RMI_ERROR_INPUT);
        call_is("  RTT_CREATE", smc(RMI_RTT_CREATE, realm.rd, a, 0x400000, 3, 0), RMI_ERROR_INPUT);
    }
    granule_back(rec);
}

/* Arguments that name memory of a Realm where the host's is meant, and the other way round. */
static void realm_memory_as_argument(uint64_t delegated)
{
    uint64_t host = (uint64_t)alloc(4096), data = realm.page[0].pa;

    call_is("parameters in a Realm's page", smc(RMI_REALM_CREATE, delegated, data, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("run object in a Realm's page", smc(RMI_REC_ENTER, realm.rec[0].pa, data, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("run object in a REC", smc(RMI_REC_ENTER, realm.rec[0].pa, realm.rec[0].pa, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("REC in host memory", smc(RMI_REC_ENTER, host, (uint64_t)realm.rec[0].run, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("Realm in host memory", smc(RMI_REALM_CREATE, host, host, 0, 0, 0), RMI_ERROR_INPUT);
    call_is("a page that is mapped already",
            smc(RMI_DATA_CREATE_UNKNOWN, realm.rd, data, 0x3000, 0, 0), RMI_ERROR_INPUT);
    call_is("its RD as a page", smc(RMI_DATA_CREATE_UNKNOWN, realm.rd, realm.rd, 0x3000, 0, 0),
            RMI_ERROR_INPUT);
    call_is("its RTT as a table", smc(RMI_RTT_CREATE, realm.rd, realm.roots, 0x400000, 3, 0),
            RMI_ERROR_INPUT);
    call_is("new content of a measured Realm",
            smc(RMI_DATA_CREATE, realm.rd, delegated, EXTRA_BASE, host, 1), RMI_ERROR_REALM);
    for (unsigned i = 0; i < realm.num_pages; i++)
        CHECK_EQ(smc(RMI_GRANULE_UNDELEGATE, realm.page[i].pa, 0, 0, 0, 0).x[0], RMI_ERROR_INPUT);
    call_is("GRANULE_UNDELEGATE of the RD", smc(RMI_GRANULE_UNDELEGATE, realm.rd, 0, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("GRANULE_UNDELEGATE of an RTT", smc(RMI_GRANULE_UNDELEGATE, realm.roots, 0, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("GRANULE_UNDELEGATE of the REC",
            smc(RMI_GRANULE_UNDELEGATE, realm.rec[0].pa, 0, 0, 0, 0), RMI_ERROR_INPUT);
    call_is("GRANULE_DELEGATE twice", smc(RMI_GRANULE_DELEGATE, delegated, 0, 0, 0, 0),
            RMI_ERROR_INPUT);
}

/* --- a Realm that is not active yet --- */

/* All else is right: only where the content would come from is not. */
static void content_from(const char *what, const struct realm *fresh, uint64_t src)
{
    uint64_t page = granule_new(4096);

    call_is(what, smc(RMI_DATA_CREATE, fresh->rd, page, EXTRA_BASE, src, 1), RMI_ERROR_INPUT);
    granule_back(page);
}

static void rec_parameters(const struct realm *fresh)
{
    uint64_t *params = alloc(4096), rec = granule_new(4096), aux[REC_MAX_AUX];

    params[REC_PARAMS_FLAGS / 8] = REC_PARAMS_FLAG_RUNNABLE;
    params[REC_PARAMS_MPIDR / 8] = 7;
    params[REC_PARAMS_NUM_AUX / 8] = fresh->num_aux;
    for (unsigned i = 0; i < fresh->num_aux; i++)
        params[REC_PARAMS_AUX / 8 + i] = aux[i] = granule_new(4096);
    call_is("REC out of its turn", smc(RMI_REC_CREATE, fresh->rd, rec, (uint64_t)params, 0, 0),
            RMI_ERROR_INPUT);
    params[REC_PARAMS_MPIDR / 8] = 0;
    if (fresh->num_aux) {
        params[REC_PARAMS_AUX / 8] = rec;
        call_is("auxiliary granule that is the REC",
                smc(RMI_REC_CREATE, fresh->rd, rec, (uint64_t)params, 0, 0), RMI_ERROR_INPUT);
        params[REC_PARAMS_AUX / 8] = realm.rec[0].aux[0];
        call_is("auxiliary granule of another REC",
                smc(RMI_REC_CREATE, fresh->rd, rec, (uint64_t)params, 0, 0), RMI_ERROR_INPUT);
    }
    for (unsigned i = 0; i < fresh->num_aux; i++)
        granule_back(aux[i]);
    granule_back(rec);
}

static void realm_parameters(uint8_t s2sz, uint16_t vmid, uint64_t want, const char *what)
{
    uint64_t rd = granule_new(4096), root = granule_new(4096);
    uint8_t *params = alloc(4096);

    params[REALM_PARAMS_S2SZ] = s2sz;
    params[REALM_PARAMS_NUM_BPS] = 1;
    params[REALM_PARAMS_NUM_WPS] = 1;
    *(uint16_t *)(params + REALM_PARAMS_VMID) = vmid;
    *(uint64_t *)(params + REALM_PARAMS_RTT_BASE) = root;
    *(uint64_t *)(params + REALM_PARAMS_RTT_LEVEL_START) = 1;
    *(uint32_t *)(params + REALM_PARAMS_RTT_NUM_START) = 1;
    call_is(what, smc(RMI_REALM_CREATE, rd, (uint64_t)params, 0, 0, 0), want);
    if (want == RMI_SUCCESS)
        call_is("  and its end", smc(RMI_REALM_DESTROY, rd, 0, 0, 0, 0), RMI_SUCCESS);
    granule_back(rd);
    granule_back(root);
}

static void new_realm(uint64_t delegated)
{
    static struct realm fresh;
    static struct realm_plan plan;
    uint64_t page, run = (uint64_t)alloc(4096);

    plan = *realm.plan;
    plan.vmid = 4;
    realm_begin(&fresh, &plan);
    content_from("content from a delegated granule", &fresh, delegated);
    content_from("content from a Realm's page", &fresh, realm.page[0].pa);
    content_from("content from an RD", &fresh, realm.rd);
    content_from("content from Secure memory", &fresh, SECURE_MEMORY);
    content_from("content from the GPT", &fresh, GPT_LEVEL1);
    content_from("content from a device", &fresh, UART_BASE);
    rec_parameters(&fresh);
    page = granule_new(4096);
    call_is("a page where there is one", smc(RMI_DATA_CREATE_UNKNOWN, fresh.rd, page, 0, 0, 0),
            rmi_result(RMI_ERROR_RTT, 3));
    call_is("a page of another Realm's",
            smc(RMI_DATA_CREATE_UNKNOWN, fresh.rd, realm.page[0].pa, EXTRA_BASE, 0, 0),
            RMI_ERROR_INPUT);
    granule_back(page);
    call_is("a table with pages in it", smc(RMI_RTT_DESTROY, fresh.rd, 0, 3, 0, 0),
            rmi_result(RMI_ERROR_RTT, 3));
    call_is("a table that is not the same everywhere", smc(RMI_RTT_FOLD, fresh.rd, 0, 3, 0, 0),
            rmi_result(RMI_ERROR_RTT, 3));
    realm_give_page(&fresh, EXTRA_BASE + 2 * GRANULE_SIZE);
    call_is("a table with a page further on", smc(RMI_RTT_FOLD, fresh.rd, EXTRA_BASE, 3, 0, 0),
            rmi_result(RMI_ERROR_RTT, 3));
    realm_parameters(33, plan.vmid, RMI_ERROR_INPUT, "a Realm with a VMID in use");
    realm_parameters(60, 5, RMI_ERROR_INPUT, "a Realm with too much IPA space");
    realm_parameters(33, 5, RMI_SUCCESS, "a Realm that is right");
    /* RECs, but no activation */
    realm_add_recs(&fresh);
    call_is("entering a new Realm", smc(RMI_REC_ENTER, fresh.rec[0].pa, run, 0, 0, 0),
            RMI_ERROR_REALM);
    call_is("PSCI_COMPLETE of nothing",
            smc(RMI_PSCI_COMPLETE, realm.rec[0].pa, fresh.rec[0].pa, 0, 0, 0), RMI_ERROR_INPUT);
    call_is("its RIPAS, which it did not ask to change",
            smc(RMI_RTT_SET_RIPAS, fresh.rd, fresh.rec[0].pa, 0, 4096, 0), RMI_ERROR_INPUT);
    realm_destroy(&fresh);
}

/* --- while the Realm runs --- */

#define SGI_STOP 1

static volatile uint64_t entering, meddled;
static uint64_t held; /* the round in which the Realm is to stay */

static uint64_t enter_realm(void)
{
    struct rec *rec = &realm.rec[0];

    return smc(RMI_REC_ENTER, rec->pa, (uint64_t)rec->run, 0, 0, 0).x[0];
}

/* It runs to its next question, and has found its secret. */
static void realm_goes_on(void)
{
    volatile uint8_t *run = realm.rec[0].run;

    memset((void *)run, 0, REC_ENTER_SIZE);
    realm.shared[SHARED_GO] = ~0ul;
    CHECK_EQ(enter_realm(), RMI_SUCCESS);
    CHECK_EQ(EXIT64(run, REC_EXIT_REASON) & 0xFF, EXIT_HOST_CALL);
    CHECK_EQ(EXIT64(run, REC_EXIT_IMM), SERVICE_QUESTION);
    CHECK_EQ(EXIT64(run, REC_EXIT_GPRS), 0);
}

/* The Realm will not come out by itself any more. */
static void hold(void)
{
    held = realm.shared[SHARED_RUNS] + 1;
    realm.shared[SHARED_GO] = held - 1;
}

static void wait_until_it_runs(uint64_t phase)
{
    wait_for(&entering, phase);
    while (realm.shared[SHARED_RUNS] != held)
        ;
}

/* The other PE: while the REC runs on PE 0. */
void image_secondary(uint64_t context)
{
    struct rec *rec = &realm.rec[0];
    uint64_t run = (uint64_t)rec->run, other = (uint64_t)alloc(4096);

    (void)context;
    gic_init_pe();
    wait_until_it_runs(1);
    print("while the REC runs:");
    call_is("  REC_DESTROY", smc(RMI_REC_DESTROY, rec->pa, 0, 0, 0, 0), RMI_ERROR_REC);
    call_is("  REC_ENTER", smc(RMI_REC_ENTER, rec->pa, other, 0, 0, 0), RMI_ERROR_REC);
    call_is("  GRANULE_UNDELEGATE of the REC", smc(RMI_GRANULE_UNDELEGATE, rec->pa, 0, 0, 0, 0),
            RMI_ERROR_INPUT);
    call_is("  REALM_DESTROY", smc(RMI_REALM_DESTROY, realm.rd, 0, 0, 0, 0), RMI_ERROR_REALM);
    one("  load from it", probe_load(window(rec->pa, MAP_NORMAL | MAP_AF), 8, NULL), EC_DABT,
        FSC_GPF);
    /* What it was entered with is not read again. */
    memset((void *)run, 0xFF, 4096);
    print("  its run object is overwritten");
    gic_sgi(0, SGI_STOP);
    tell(&meddled, 1);

    wait_until_it_runs(2);
    print("while the REC runs:");
    call_is("  its run object delegated", smc(RMI_GRANULE_DELEGATE, run, 0, 0, 0, 0), RMI_SUCCESS);
    tell(&meddled, 2);
    realm.shared[SHARED_GO] = held;

    wait_until_it_runs(3);
    print("while the REC runs:");
    call_is("  the page that it shares delegated",
            smc(RMI_GRANULE_DELEGATE, (uint64_t)realm.shared, 0, 0, 0, 0), RMI_SUCCESS);
    tell(&meddled, 3);
}

static void meddling(void)
{
    volatile uint8_t *run = realm.rec[0].run;

    gic_enable(SGI_STOP);
    CHECK_EQ(psci_cpu_on(1, 0), 0);
    hold();
    memset((void *)run, 0, REC_ENTER_SIZE);
    tell(&entering, 1);
    CHECK_EQ(enter_realm(), RMI_SUCCESS);
    CHECK_EQ(EXIT64(run, REC_EXIT_REASON) & 0xFF, EXIT_IRQ);
    wait_for(&meddled, 1);
    irq_on();
    ISB();
    irq_off();
    CHECK_EQ(this_pe()->interrupts[SGI_STOP], 1);
    realm_goes_on();
    print("the Realm goes on");

    /* The run object goes away under the REC that runs: its exit cannot be told. */
    hold();
    memset((void *)run, 0, REC_ENTER_SIZE);
    tell(&entering, 2);
    CHECK_EQ(enter_realm(), RMI_ERROR_INPUT);
    wait_for(&meddled, 2);
    RMI_OK(RMI_GRANULE_UNDELEGATE, (uint64_t)run, 0, 0, 0, 0);
    CHECK(page_is((const void *)run, 0));
    realm_goes_on();
    print("the Realm goes on");

    /* A page that the Realm shares goes away: the Realm takes the fault (A5.2.6). */
    hold();
    memset((void *)run, 0, REC_ENTER_SIZE);
    tell(&entering, 3);
    CHECK_EQ(enter_realm(), RMI_SUCCESS);
    CHECK_EQ(EXIT64(run, REC_EXIT_REASON) & 0xFF, EXIT_HOST_CALL);
    one("the Realm has", (struct fault){true, EXIT64(run, REC_EXIT_GPRS), 0, 0}, EC_DABT, FSC_GPF);
    wait_for(&meddled, 3);
    granule_back((uint64_t)realm.shared);
    realm_goes_on();
    print("the Realm goes on");
    while (smc(PSCI_AFFINITY_FID, MPIDR_OF(1), 0, 0, 0, 0).x[0] != PSCI_OFF)
        ;
}

void image_main(void)
{
    static struct realm_plan plan = {.name = 'H',
                                     .s2sz = 33,
                                     .start_level = 1,
                                     .num_roots = 1,
                                     .hash = HASH_SHA_256,
                                     .vmid = 3,
                                     .num_recs = 1};
    uint64_t delegated;

    print("hostile host");
    gic_init();
    gic_init_pe();
    if (!rmm_check())
        finish();
    delegated = granule_new(4096);
    plan.blob = realm_h_blob;
    plan.size = (uint64_t)(realm_h_blob_end - realm_h_blob);
    realm_build(&realm, &plan);
    realm_goes_on();
    accesses(delegated);
    address_sizes();
    walks(delegated);
    guests(delegated);
    realm_goes_on();
    foreign_calls(delegated);
    bad_addresses(delegated);
    realm_memory_as_argument(delegated);
    new_realm(delegated);
    realm_goes_on();
    meddling();
    realm_destroy(&realm);
    granule_back(delegated);
    print("all is given back, blank");
}
