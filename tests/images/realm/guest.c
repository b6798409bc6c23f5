/* SPDX-License-Identifier: BSD-3-Clause */
/* An ordinary guest of the hypervisor, behind stage 2 of the host, with stage 1 off and on, and with EL0 below it. Its device is at 1 GB, nothing is at 2 GB. */
#include "realm.h"

#define DEVICE  0x40000000ul
#define NOTHING 0x80000000ul

static volatile uint64_t word = 41;

void realm_main(uint64_t index, uint64_t context)
{
    volatile uint32_t *device = (volatile uint32_t *)DEVICE;
    uint64_t wide;

    CHECK_EQ(index, 1); /* VMPIDR_EL2 */
    CHECK_EQ(context, 0xC0DE);
    CHECK_EQ(MRS(CurrentEL), 1 << 2);
    word++;
    CHECK_EQ(word, 42);
    say("guest at EL1");

    /* Each access is a stage-2 abort that the host emulates. */
    device[0] = 0x11223344;
    CHECK_EQ(device[0], ~0x11223344u);
    wide = *(volatile uint16_t *)(DEVICE + 2);
    CHECK_EQ(wide, 0xEEDD);
    __asm__ volatile("ldrsh %0, [%1]" : "=r"(wide) : "r"(DEVICE + 2));
    CHECK_EQ(wide, 0xFFFFFFFFFFFFEEDDul);
    say("guest: device at stage 2");

    /* Where nothing is, the host gives it an abort of its own. */
    expect_exception();
    word = *(volatile uint64_t *)NOTHING;
    CHECK_EQ(exception_seen() >> 26, 0x25);
    say("guest: abort from the host");

    realm_mmu_on(DEVICE);
    CHECK_EQ(device[0], ~0x11223344u);
    realm_el0();
    say("guest: MMU on, and EL0");

    interrupts_on();
    MSR(cntv_cval_el0, MRS(cntvct_el0) + 30000);
    MSR(cntv_ctl_el0, 1);
    ISB();
    do {
        __asm__ volatile("wfi");
    } while (interrupts_seen[CNTV_PPI] == 0);
    CHECK_EQ(interrupts_seen[CNTV_PPI], 1);
    say("guest: virtual timer");

    call(0x84000000, 0, 0, 0, 0); /* the host traps SMC */
}
