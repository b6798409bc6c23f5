/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A kernel: the host's own code at EL1, without stage 2 and without a hypervisor that takes its interrupts. Its addresses
 * are physical ones. It calls the RMM itself.
 */
#include "platform.h"
#include "realm.h"

#define GB         0x40000000ul
#define DEVICES    (0ul << 2 | 1ul << 10 | 1ul << 53 | 1ul << 54 | 1ul)
#define MEMORY     (1ul << 2 | 3ul << 8 | 1ul << 10 | 1ul)
#define EL0_RO     (3ul << 6 | 1ul << 53)
#define NOT_GLOBAL (1ul << 11)
#define EL0_VIEW   (16 * GB) /* of RAM */
#define PRIVATE    (32 * GB) /* a page of each address space */
#define UPPER      (~0ul << 39)
#define CNTP_PPI   30
#define SGI        4
#define ASID(n)    ((n) << 48)

static uint64_t root[2][512] __attribute__((aligned(4096)));
static uint64_t level2[2][512] __attribute__((aligned(4096)));
static uint64_t level3[2][512] __attribute__((aligned(4096)));
static volatile uint64_t page[3][512] __attribute__((aligned(4096)));

static void mmu_on(void)
{
    for (unsigned i = 0; i < 2; i++) {
        root[i][0] = DEVICES;
        root[i][RAM_BASE / GB] = RAM_BASE | MEMORY;
        root[i][EL0_VIEW / GB] = RAM_BASE | MEMORY | EL0_RO;
        root[i][PRIVATE / GB] = (uint64_t)level2[i] | 3;
        level2[i][0] = (uint64_t)level3[i] | 3;
        level3[i][0] = (uint64_t)page[i] | MEMORY | NOT_GLOBAL | 3;
        page[i][0] = i + 1;
    }
    page[2][0] = 3;
    MSR(mair_el1, 0xFF04);
    /* 39 bits on both sides, 4 KB, 40 bits of PA */
    MSR(tcr_el1, 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 25ul << 16 | 1ul << 24 | 1ul << 26 |
                     3ul << 28 | 2ul << 30 | 2ul << 32);
    MSR(ttbr0_el1, (uint64_t)root[0] | ASID(1ul));
    MSR(ttbr1_el1, (uint64_t)root[0]);
    __asm__ volatile("dsb ish\n"
                     "tlbi vmalle1is\n"
                     "dsb ish\n"
                     "isb" ::
                         : "memory");
    MSR(sctlr_el1, MRS(sctlr_el1) | 1ul << 12 | 1ul << 2 | 1ul);
    ISB();
}

static void address_spaces(void)
{
    volatile uint64_t *at = (volatile uint64_t *)PRIVATE;

    CHECK_EQ(*at, 1);
    CHECK_EQ(*(volatile uint64_t *)(UPPER | (uint64_t)page[1]), 2);
    MSR(ttbr0_el1, (uint64_t)root[1] | ASID(2ul));
    ISB();
    CHECK_EQ(*at, 2); /* without an invalidation: the ASID is another */
    MSR(ttbr0_el1, (uint64_t)root[0] | ASID(1ul));
    ISB();
    CHECK_EQ(*at, 1);
    level3[0][0] = (uint64_t)page[2] | MEMORY | NOT_GLOBAL | 3;
    __asm__ volatile("dsb ishst\n"
                     "tlbi aside1is, %0\n"
                     "dsb ish\n"
                     "isb" ::"r"(ASID(1ul))
                     : "memory");
    CHECK_EQ(*at, 3);
    level3[0][0] = 0;
    __asm__ volatile("dsb ishst\n"
                     "tlbi vae1is, %0\n"
                     "dsb ish\n"
                     "isb" ::"r"(ASID(1ul) | PRIVATE >> 12)
                     : "memory");
    expect_exception();
    *at;
    CHECK_EQ(exception_seen() & 0x3F, 0x07); /* translation, level 3 */
    CHECK_EQ(MRS(far_el1), PRIVATE);
    say("address spaces");
}

static void application(void)
{
    uint64_t view = EL0_VIEW - RAM_BASE;

    CHECK_EQ(el0_run(view + (uint64_t)el0_code, 41), 42);
    CHECK_EQ(MRS(esr_el1) >> 26, 0x15);
    el0_run(view + (uint64_t)el0_load, (uint64_t)page);
    CHECK_EQ(MRS(esr_el1) >> 26, 0x24);
    CHECK_EQ(MRS(esr_el1) & 0x3F, 0x0D);
    CHECK_EQ(MRS(far_el1), (uint64_t)page);
    CHECK_EQ(el0_run(view + (uint64_t)el0_load, view + (uint64_t)page[2]), 3);
    MSR(cntkctl_el1, 0);
    el0_run(view + (uint64_t)el0_counter, 0);
    CHECK_EQ(MRS(esr_el1) >> 26, 0x18); /* trapped */
    MSR(cntkctl_el1, 2);
    el0_run(view + (uint64_t)el0_counter, 0);
    CHECK_EQ(MRS(esr_el1) & 0xFFFF, 11);
    say("EL0");
}

/* Whichever of them it was. */
void realm_in_interrupt(void)
{
    if ((MRS(cntp_ctl_el0) & 5) == 5)
        MSR(cntp_ctl_el0, 0);
}

static void interrupts(void)
{
    interrupts_on();
    MSR(cntp_cval_el0, MRS(cntpct_el0) + 20000);
    MSR(cntp_ctl_el0, 1);
    MSR(cntv_cval_el0, MRS(cntvct_el0) + 40000);
    MSR(cntv_ctl_el0, 1);
    ISB();
    while (interrupts_seen[CNTP_PPI] == 0)
        __asm__ volatile("wfi");
    CHECK_EQ(interrupts_seen[CNTV_PPI], 0);
    while (interrupts_seen[CNTV_PPI] == 0)
        __asm__ volatile("wfi");
    CHECK_EQ(interrupts_seen[CNTP_PPI], 1);
    CHECK_EQ(interrupts_seen[CNTV_PPI], 1);
    MSR(ICC_SGI1R, (uint64_t)SGI << 24 | 1);
    ISB();
    while (interrupts_seen[SGI] == 0)
        ;
    say("physical and virtual timer, software interrupt");
}

static void calls(void)
{
    uint64_t at = (uint64_t)page[1];

    CHECK_EQ(call(RMI_VERSION, ABI_1_0, 0, 0, 0).x[0], RMI_SUCCESS);
    CHECK_EQ(call(RMI_GRANULE_DELEGATE, at, 0, 0, 0).x[0], RMI_SUCCESS);
    expect_exception();
    page[1][0];
    CHECK_EQ(exception_seen() & 0x3F, 0x28); /* granule protection fault */
    CHECK_EQ(MRS(far_el1), at);
    CHECK_EQ(call(RMI_GRANULE_UNDELEGATE, at, 0, 0, 0).x[0], RMI_SUCCESS);
    CHECK_EQ(page[1][0], 0);
    say("calls of the RMM");
}

void realm_main(uint64_t index, uint64_t context)
{
    (void)index;
    (void)context;
    CHECK_EQ(MRS(CurrentEL), 1 << 2);
    mmu_on();
    say("kernel at EL1");
    address_spaces();
    application();
    interrupts();
    calls();
}
