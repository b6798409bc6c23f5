/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small hypervisor at NS-EL2. First an application at EL0 and an ordinary guest at EL1, then two Realms at the same time:
 *
 *      PE 0: Realm A, two RECs in turn       PE 1: Realm B       host timer on both, SGIs between them
 *
 * and at the end all of it is destroyed and every granule comes back blank. Built with and without -DVHE, and with each
 * translation granule for the host's own stage 1.
 */
#include "rmi.h"
#include "service.h"

#define TICK     15000 /* of the host's timer, counter ticks */
#define SGI_POKE 2
#define SGI_PING 3

extern const uint8_t realm_a_blob[], realm_a_blob_end[], realm_b_blob[], realm_b_blob_end[];
extern const uint8_t guest_blob[], guest_blob_end[], user_code[];

/* --- a device that the host emulates: a load gives the complement of what was stored --- */

struct device {
    uint8_t reg[64];
};

static uint64_t size_mask(unsigned size)
{
    return size == 8 ? ~0ul : (1ul << 8 * size) - 1;
}

static uint64_t device_access(struct device *d, uint64_t offset, unsigned size, bool write,
                              uint64_t value)
{
    uint64_t v = 0;

    if (offset + size > sizeof(d->reg)) {
        fail(__FILE_NAME__, __LINE__, "device offset 0x%lx", offset);
        return 0;
    }
    for (unsigned i = 0; i < size; i++) {
        if (write)
            d->reg[offset + i] = (uint8_t)(value >> 8 * i);
        v |= (uint64_t)d->reg[offset + i] << 8 * i;
    }
    return ~v & size_mask(size);
}

#define ESR_ISV(esr)  ((esr) >> 24 & 1)
#define ESR_SIZE(esr) (1u << ((esr) >> 22 & 3))
#define ESR_SSE(esr)  ((esr) >> 21 & 1)
#define ESR_SRT(esr)  ((esr) >> 16 & 31)
#define ESR_SF(esr)   ((esr) >> 15 & 1)

/* --- EL0 --- */

static struct vcpu user, guest;

static void run_user(uint64_t ec)
{
    irq_off();
    MSR(hcr_el2, HCR_HOST | HCR_TGE);
    ISB();
    CHECK_EQ(vcpu_run(&user), FROM_SYNC);
    MSR(hcr_el2, HCR_HOST);
    ISB();
    CHECK_EQ(ESR_EC(MRS(R_ESR)), ec);
}

static void application(void)
{
    uint64_t secret = 0x5EC2E7;
#ifdef VHE
    user.pc = window((uint64_t)user_code, MAP_NORMAL | MAP_AF | MAP_RO | MAP_EL0 | MAP_PXN);
#else
    user.pc = (uint64_t)user_code; /* no stage 1 below EL2 while HCR_EL2.TGE is 1 */
#endif
    user.pstate = 0x3C0;
    user.x[0] = 6;
    user.x[1] = (uint64_t)&secret;
    run_user(EC_SVC);
    CHECK_EQ(MRS(R_ESR) & 0xFFFF, 0x21);
    CHECK_EQ(user.x[0], 7);
    run_user(EC_UNKNOWN);
    user.pc += 4;
#ifdef VHE
    run_user(EC_DABT_LOWER);
    CHECK_EQ(ESR_FSC(MRS(R_ESR)) & ~3ul, FSC_PERMISSION);
    CHECK_EQ(MRS(R_FAR), (uint64_t)&secret);
    user.pc += 4;
#endif
    run_user(EC_SVC);
    CHECK_EQ(MRS(R_ESR) & 0xFFFF, 0x22);
#ifndef VHE
    CHECK_EQ(user.x[3], secret);
#endif
    print("EL0: SVC, undefined instruction%s",
#ifdef VHE
          ", a page that is the host's"
#else
          ""
#endif
    );
}

/* --- EL1 --- */

#define GUEST_DEVICE 0x40000000ul
#define HCR_GUEST    (HCR_GUEST_BASE | HCR_VM | HCR_TSC | HCR_TWI)
#define LR_PENDING   (1ul << 62)
#define LR_GROUP1    (1ul << 60)
#define LR_PRIORITY  (0xA0ul << 48)
#define LR_STATE(lr) ((lr) >> 62)
#define LR_INTID(lr) ((lr)&0xFFFFFFFF)
#define CNT_ENABLE   1ul
#define CNT_IMASK    2ul
#define CNT_ISTATUS  4ul
#define TIMER_IS_ON(ctl) \
    (((ctl) & (CNT_ENABLE | CNT_IMASK | CNT_ISTATUS)) == (CNT_ENABLE | CNT_ISTATUS))

static struct device guest_device;
static bool guest_timer;

static void guest_irq(uint32_t intid)
{
    if (intid == CNTV_PPI) { /* its level stays: mask it until the guest has dealt with it */
        MSR(G_CNTV_CTL, MRS(G_CNTV_CTL) | CNT_IMASK);
        guest_timer = true;
    }
}

static void guest_inject_abort(uint64_t far)
{
    MSR(G_ESR, (uint64_t)EC_DABT << 26 | 1ul << 25 | FSC_EXTERNAL);
    MSR(G_FAR, far);
    MSR(G_ELR, guest.pc);
    MSR(G_SPSR, guest.pstate);
    guest.pc = MRS(G_VBAR) + 0x200;
    guest.pstate = 0x3C5;
}

static void guest_abort(uint64_t esr)
{
    uint64_t far = MRS(R_FAR), ipa = (MRS(hpfar_el2) & ~0xFul) << 8 | (far & 0xFFF), value;
    unsigned size = ESR_SIZE(esr), rt = ESR_SRT(esr);

    CHECK_EQ(ESR_FSC(esr) & ~3ul, FSC_TRANSLATION);
    if (ipa - GUEST_DEVICE >= 0x1000) {
        guest_inject_abort(far);
        return;
    }
    CHECK(ESR_ISV(esr));
    value = device_access(&guest_device, ipa - GUEST_DEVICE, size, ESR_WNR(esr),
                          rt == 31 ? 0 : guest.x[rt]);
    if (!ESR_WNR(esr) && rt != 31) {
        if (ESR_SSE(esr) && value >> (8 * size - 1))
            value |= ~size_mask(size);
        guest.x[rt] = ESR_SF(esr) ? value : (uint32_t)value;
    }
    guest.pc += 4;
}

/* x0: struct host_call at that IPA, which is at the same offset in the blob; x1: what it wants. */
static bool guest_call(void)
{
    const struct host_call *h = (const struct host_call *)((uint64_t)guest_blob + guest.x[0]);

    switch (guest.x[1]) {
    case SERVICE_PRINT: print("| %s", (const char *)h->gprs); return true;
    case SERVICE_FAIL:
        fail("guest", (int)h->gprs[0], "0x%lx, not 0x%lx", h->gprs[1], h->gprs[2]);
        return true;
    default: return false;
    }
}

static bool guest_handle(unsigned from, unsigned seen[64])
{
    uint64_t esr = MRS(R_ESR);

    if (from == FROM_IRQ) {
        irq_on();
        ISB();
        irq_off();
        return true;
    }
    CHECK_EQ(from, FROM_SYNC);
    seen[ESR_EC(esr)]++;
    switch (ESR_EC(esr)) {
    case EC_HVC: CHECK_EQ(esr & 0xFFFF, 0x17); return guest_call();
    case EC_DABT_LOWER: guest_abort(esr); return true;
    case EC_WFX: guest.pc += 4; return true;
    case EC_SMC:
        guest.x[0] = ~0ul;
        guest.pc += 4;
        return true;
    default:
        fail(__FILE_NAME__, __LINE__, "guest: ESR 0x%lx PC 0x%lx", esr, guest.pc);
        return false;
    }
}

static void guest_give_interrupt(void)
{
    if (guest_timer && LR_STATE(MRS(ICH_LR0)) == 0) {
        MSR(ICH_LR0, LR_PENDING | LR_GROUP1 | LR_PRIORITY | CNTV_PPI);
        guest_timer = false;
    }
}

static void ordinary_guest(void)
{
    static unsigned seen[64];
    static struct space stage2;
    unsigned from;
    bool go_on;

    space_init(&stage2, 12, 39); /* from level 1 on */
    space_map(&stage2, 0, (uint64_t)guest_blob, (uint64_t)(guest_blob_end - guest_blob), S2_NORMAL);
    /* T0SZ, SL0 = 1, cacheable inner shareable walks, PS of 40 bits */
    MSR(vtcr_el2, 25ul | 1ul << 6 | 1ul << 8 | 1ul << 10 | 3ul << 12 | 2ul << 16 | 1ul << 31);
    MSR(vttbr_el2, (uint64_t)stage2.root | 5ul << 48);
    MSR(vmpidr_el2, 1ul << 31 | 1);
    MSR(vpidr_el2, MRS(midr_el1));
    MSR(cntvoff_el2, 0);
    MSR(G_SCTLR, 0x30D00800);
    MSR(ICH_HCR, 1);
    MSR(ICH_VMCR, 0);
    MSR(ICH_LR0, 0);
    guest.pstate = 0x3C5;
    guest.x[0] = 0xC0DE;
    this_pe()->on_irq = guest_irq;
    gic_enable(CNTV_PPI);
    do {
        guest_give_interrupt();
        MSR(hcr_el2, HCR_GUEST);
        ISB();
        from = vcpu_run(&guest);
        MSR(hcr_el2, HCR_HOST);
        ISB();
        go_on = guest_handle(from, seen);
    } while (go_on);
    gic_disable(CNTV_PPI);
    this_pe()->on_irq = NULL;
    MSR(ICH_HCR, 0);
    CHECK_EQ(seen[EC_DABT_LOWER], 6);
    CHECK_EQ(seen[EC_SMC], 1);
    CHECK(seen[EC_WFX] > 0);
    CHECK_EQ(this_pe()->interrupts[CNTV_PPI], 1);
    print("EL1: HVC, stage 2 aborts, SMC and WFI trapped, virtual interrupt");
}

/* --- Realms --- */

struct run { /* one Realm, on one PE */
    struct realm realm;
    struct device device;
    uint64_t rim[8];
    unsigned exits[EXIT_SERROR + 1];
    unsigned sync[64]; /* exits of that kind, by EC */
    unsigned together; /* exits while the other Realm was alive */
    volatile uint64_t alive;
};
static struct run run_a, run_b;
static struct run *const other_run[2] = {&run_b, &run_a};
static volatile uint64_t phase, turn, counter;
static struct lock counter_lock;

static void on_tick(uint32_t intid)
{
    if (intid == TIMER_PPI)
        timer_in(TICK);
}

/* Into the first list register that is free, unless it is there already. */
static void inject(volatile uint8_t *run, uint64_t intid)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t lr = RUN64(run, REC_ENTER_GICV3_LRS + 8ul * i);

        if (LR_STATE(lr) && LR_INTID(lr) == intid)
            return;
        if (LR_STATE(lr))
            continue;
        RUN64(run, REC_ENTER_GICV3_LRS + 8ul * i) = LR_PENDING | LR_GROUP1 | LR_PRIORITY | intid;
        return;
    }
    fail(__FILE_NAME__, __LINE__, "no list register is free");
}

static void exit_abort(struct run *s, struct rec *rec)
{
    volatile uint8_t *run = rec->run;
    uint64_t esr = EXIT64(run, REC_EXIT_ESR);
    uint64_t ipa = EXIT64(run, REC_EXIT_HPFAR) >> 4 << 12, value;

    if (ipa >= s->realm.unprotected) {
        CHECK(ESR_ISV(esr));
        CHECK_EQ(ESR_SRT(esr), 0); /* nobody's business but the RMM's */
        value = device_access(&s->device, ipa - s->realm.unprotected + EXIT64(run, REC_EXIT_FAR),
                              ESR_SIZE(esr), ESR_WNR(esr), EXIT64(run, REC_EXIT_GPRS));
        RUN64(run, REC_ENTER_FLAGS) = REC_ENTRY_FLAG_EMUL_MMIO;
        RUN64(run, REC_ENTER_GPRS) = value;
        return;
    }
    CHECK_EQ(EXIT64(run, REC_EXIT_FAR), 0);
    CHECK(!ESR_ISV(esr));
    CHECK_EQ(ESR_FSC(esr), FSC_TRANSLATION + 3);
    CHECK(ipa - EXTRA_BASE < EXTRA_SIZE);
    realm_give_page(&s->realm, ipa);
}

static void exit_sync(struct run *s, struct rec *rec)
{
    volatile uint8_t *run = rec->run;
    uint64_t esr = EXIT64(run, REC_EXIT_ESR);

    s->sync[ESR_EC(esr)]++;
    switch (ESR_EC(esr)) {
    case EC_DABT_LOWER: exit_abort(s, rec); break;
    case EC_SYSREG: /* ICC_SGI1R_EL1; to itself, the only one */
        inject(run, EXIT64(run, REC_EXIT_GPRS) >> 24 & 0xF);
        break;
    case EC_WFX: break;
    default: fail(__FILE_NAME__, __LINE__, "exit: ESR 0x%lx", esr);
    }
}

/* False: the Realm is off. */
static bool exit_psci(struct run *s, struct rec *rec)
{
    uint64_t fid = EXIT64(rec->run, REC_EXIT_GPRS), target = EXIT64(rec->run, REC_EXIT_GPRS + 8);

    switch (fid) {
    case PSCI_CPU_ON:
    case PSCI_AFFINITY_INFO:
        if (target >= s->realm.plan->num_recs) {
            fail(__FILE_NAME__, __LINE__, "target 0x%lx", target);
            return false;
        }
        RMI_OK(RMI_PSCI_COMPLETE, rec->pa, s->realm.rec[target].pa, PSCI_SUCCESS, 0, 0);
        if (fid == PSCI_CPU_ON)
            s->realm.rec[target].runnable = true;
        return true;
    case PSCI_CPU_OFF: rec->runnable = false; return true;
    case PSCI_SYSTEM_OFF: return false;
    default: fail(__FILE_NAME__, __LINE__, "PSCI 0x%lx", fid); return false;
    }
}

/* One entry of the level-3 table after the other, so that there is progress to be made. */
static void exit_ripas(struct run *s, struct rec *rec)
{
    uint64_t base = EXIT64(rec->run, REC_EXIT_RIPAS_BASE);
    uint64_t top = EXIT64(rec->run, REC_EXIT_RIPAS_TOP);
    struct smc r;

    if (base == REFUSED_BASE) {
        RUN64(rec->run, REC_ENTER_FLAGS) = REC_ENTRY_FLAG_RIPAS_RESPONSE;
        return;
    }
    /* Half of it now: the Realm asks again. */
    if (top - base > 2 * GRANULE_SIZE)
        top = base + 2 * GRANULE_SIZE;
    r = smc(RMI_RTT_SET_RIPAS, s->realm.rd, rec->pa, base, top, 0);
    CHECK_EQ(r.x[0], RMI_SUCCESS);
    CHECK_EQ(r.x[1], top);
}

static void sleep(uint64_t ticks)
{
    uint64_t end = now() + ticks;

    while (now() < end)
        ;
}

/* False: it has nothing more to do. */
static bool exit_host_call(struct run *s, struct rec *rec)
{
    volatile uint8_t *exit = rec->run + REC_EXIT_BASE, *enter = rec->run;
    uint64_t gpr[31];

    for (unsigned i = 0; i < 31; i++) {
        gpr[i] = RUN64(exit, REC_EXIT_GPRS + 8ul * i);
        RUN64(enter, REC_ENTER_GPRS + 8ul * i) = gpr[i];
    }
    switch (RUN64(exit, REC_EXIT_IMM)) {
    case SERVICE_PRINT: print("%c| %s", s->realm.plan->name, (const char *)gpr); return true;
    case SERVICE_FAIL:
        fail(s->realm.plan->name == 'A' ? "a.c" : "b.c", (int)gpr[0], "0x%lx, not 0x%lx", gpr[1],
             gpr[2]);
        return true;
    case SERVICE_MEASUREMENT:
        for (unsigned i = 0; i < 8; i++)
            s->rim[i] = gpr[i];
        return true;
    case SERVICE_QUESTION:
        RUN64(enter, REC_ENTER_GPRS) = ~gpr[0];
        RUN64(enter, REC_ENTER_GPRS + 8 * 30) = gpr[30] + 1;
        return true;
    case SERVICE_SLEEP: sleep(gpr[0]); return true;
    case SERVICE_SHARED: CHECK_EQ(s->realm.shared[1], SHARED_ANSWER); return true;
    default: fail(__FILE_NAME__, __LINE__, "%c stopped", s->realm.plan->name); return false;
    }
}

static void exit_irq(struct rec *rec)
{
    uint64_t ctl = EXIT64(rec->run, REC_EXIT_CNTV_CTL);

    irq_on(); /* the host's own interrupts */
    ISB();
    irq_off();
    if (TIMER_IS_ON(ctl))
        inject(rec->run, CNTV_PPI);
}

/* REC_ENTER, with something in registers that are not its business. */
static uint64_t enter_and_keep(struct rec *rec)
{
    uint64_t pattern = 0xF00D + this_pe()->index, low, high, status, tpidr;

    MSR(tpidr_el1, pattern);
    __asm__ volatile(".arch_extension simd\n"
                     "fmov d9, %0\n"
                     "fmov d31, %0" ::"r"(pattern));
    status = RMI_OK(RMI_REC_ENTER, rec->pa, (uint64_t)rec->run, 0, 0, 0);
    __asm__ volatile("fmov %0, d9\n"
                     "fmov %1, d31"
                     : "=r"(low), "=r"(high));
    tpidr = MRS(tpidr_el1);
    CHECK_EQ(tpidr, pattern);
    CHECK_EQ(low, pattern);
    CHECK_EQ(high, pattern);
    return status;
}

/* Enters a REC once, and deals with what brought it back. False: the Realm is off. */
static bool enter(struct run *s, struct rec *rec)
{
    volatile uint8_t *run = rec->run;
    uint64_t reason;

    if (enter_and_keep(rec) != RMI_SUCCESS)
        return false;
    reason = EXIT64(run, REC_EXIT_REASON) & 0xFF;
    for (unsigned i = 0; i < 16; i++)
        RUN64(run, REC_ENTER_GICV3_LRS + 8ul * i) = EXIT64(run, REC_EXIT_GICV3_LRS + 8ul * i);
    RUN64(run, REC_ENTER_FLAGS) = s == &run_b ? REC_ENTRY_FLAG_TRAP_WFI : 0;
    if (reason <= EXIT_SERROR)
        s->exits[reason]++;
    if (other_run[this_pe()->index]->alive)
        s->together++;
    switch (reason) {
    case EXIT_SYNC: exit_sync(s, rec); return true;
    case EXIT_IRQ: exit_irq(rec); return true;
    case EXIT_PSCI: return exit_psci(s, rec);
    case EXIT_RIPAS_CHANGE: exit_ripas(s, rec); return true;
    case EXIT_HOST_CALL: return exit_host_call(s, rec);
    default: fail(__FILE_NAME__, __LINE__, "exit reason %lu", reason); return false;
    }
}

/* The RECs of a Realm in turn, until it is off. */
static void run_realm(struct run *s)
{
    unsigned other = 1 - (unsigned)this_pe()->index;
    unsigned n = 0;
    bool on = true;

    this_pe()->on_irq = on_tick;
    tell(&s->alive, 1);
    wait_for(&other_run[this_pe()->index]->alive, 1);
    timer_in(TICK);
    for (unsigned i = 0; on; i++) {
        if (i % 16 == 8)
            gic_sgi(other, SGI_POKE);
        if (s->realm.rec[n].runnable)
            on = enter(s, &s->realm.rec[n]);
        n = (n + 1) % s->realm.plan->num_recs;
    }
    timer_stop();
    irq_on();
    ISB();
    irq_off();
    this_pe()->on_irq = NULL;
    tell(&s->alive, 0);
    CHECK_EQ(smc(RMI_REC_ENTER, s->realm.rec[0].pa, (uint64_t)s->realm.rec[0].run, 0, 0, 0).x[0],
             rmi_result(RMI_ERROR_REALM, 1));
}

/* --- both PEs --- */

#define ADDS 200

static void add_up(void)
{
    for (unsigned i = 0; i < ADDS; i++) {
        lock(&counter_lock);
        counter++;
        unlock(&counter_lock);
        atomic_add(&turn, 1);
    }
}

/* One SGI there, one back. */
static void ping(unsigned me)
{
    struct pe *pe = this_pe();
    uint32_t before = pe->interrupts[SGI_PING];

    irq_on();
    for (unsigned i = 0; i < 5; i++) {
        if (me == 0)
            gic_sgi(1, SGI_PING);
        while (pe->interrupts[SGI_PING] == before + i)
            __asm__ volatile("wfi");
        if (me == 1)
            gic_sgi(0, SGI_PING);
    }
    irq_off();
    CHECK_EQ(pe->interrupts[SGI_PING], before + 5);
}

static void prepare_pe(void)
{
#ifdef VHE
    MSR(cpacr_el1, 3ul << 20); /* CPTR_EL2 in its other format: SIMD&FP for the host */
#endif
    gic_init_pe();
    gic_enable(TIMER_PPI);
    gic_enable(SGI_POKE);
    gic_enable(SGI_PING);
}

void image_secondary(uint64_t context)
{
    CHECK_EQ(context, 0x5EC0);
    prepare_pe();
    run_realm(&run_b);
    wait_for(&phase, 1);
    ping(1);
    add_up();
    tell(&phase, 2);
}

static void check_runs(void)
{
    bool same = true;

    for (unsigned i = 0; i < 8; i++)
        same = same && run_a.rim[i] == run_b.rim[i];
    CHECK(!same);
    CHECK(run_a.rim[0] && run_b.rim[0]);
    CHECK_EQ(run_a.rim[4] | run_a.rim[5] | run_a.rim[6] | run_a.rim[7], 0); /* SHA-256 */
    CHECK(run_b.rim[7]);                                                    /* SHA-512 */
    CHECK(run_a.exits[EXIT_IRQ] && run_b.exits[EXIT_IRQ]);
    CHECK_EQ(run_a.exits[EXIT_RIPAS_CHANGE], 4);
    CHECK_EQ(run_a.sync[EC_DABT_LOWER], 7 + 4);
    CHECK_EQ(run_b.sync[EC_DABT_LOWER], 40);
    CHECK_EQ(run_b.sync[EC_SYSREG], 1);
    CHECK_EQ(run_b.exits[EXIT_PSCI], 1);
    CHECK(run_a.together && run_b.together);
}

static void two_realms(void)
{
    static const struct realm_plan plan_a = {.name = 'A',
                                             .s2sz = 33,
                                             .start_level = 1,
                                             .num_roots = 1,
                                             .hash = HASH_SHA_256,
                                             .vmid = 1,
                                             .num_recs = 2};
    static const struct realm_plan plan_b = {.name = 'B',
                                             .s2sz = 34,
                                             .start_level = 2,
                                             .num_roots = 16,
                                             .hash = HASH_SHA_512,
                                             .vmid = 2,
                                             .num_recs = 1};
    static struct realm_plan a, b;
    int64_t again;

    a = plan_a;
    a.blob = realm_a_blob;
    a.size = (uint64_t)(realm_a_blob_end - realm_a_blob);
    b = plan_b;
    b.blob = realm_b_blob;
    b.size = (uint64_t)(realm_b_blob_end - realm_b_blob);
    realm_build(&run_a.realm, &a);
    realm_build(&run_b.realm, &b);
    print("two Realms are built");
    CHECK_EQ(psci_cpu_on(1, 0x5EC0), 0);
    again = (int64_t)psci_cpu_on(1, 0);
    CHECK(again == PSCI_ALREADY_ON || again == PSCI_ON_PENDING);
    run_realm(&run_a);
    while (load_acquire(&run_b.alive))
        __asm__ volatile("wfe");
    print("both are off");
    tell(&phase, 1);
    ping(0);
    print("interrupts between the PEs");
    add_up();
    wait_for(&phase, 2);
    CHECK_EQ(counter, 2 * ADDS);
    CHECK_EQ(turn, 2 * ADDS);
    print("a lock between the PEs");
    while (smc(PSCI_AFFINITY_FID, MPIDR_OF(1), 0, 0, 0, 0).x[0] != PSCI_OFF)
        ;
    check_runs();
    realm_destroy(&run_a.realm);
    realm_destroy(&run_b.realm);
    print("both are destroyed, every granule is blank");
}

static void upper_half(void)
{
#ifdef VHE
    static volatile uint64_t word;
    uint64_t top = ~0ul << host_space.bits;

    word = 1;
    *(volatile uint64_t *)((uint64_t)&word | top) += 1;
    CHECK_EQ(word, 2);
    print("upper half of the address space");
#endif
}

void image_main(void)
{
#ifdef VHE
    print("hypervisor with VHE, host granule %u KB", 1u << (HOST_GRANULE - 10));
#else
    print("hypervisor, host granule %u KB", 1u << (HOST_GRANULE - 10));
#endif
    CHECK_EQ(MRS(CurrentEL), 2 << 2);
    upper_half();
    gic_init();
    prepare_pe();
    application();
    ordinary_guest();
    if (!rmm_check())
        finish();
    two_realms();
}
