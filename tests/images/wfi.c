/* SPDX-License-Identifier: BSD-3-Clause */
/* WFI: a timer ends one, masked or not; with nothing that could end it the run is over. */
#include "image.h"

void image_main(void)
{
    uint64_t began;

    gic_init();
    gic_init_pe();
    gic_enable(TIMER_PPI);
    began = now();
    timer_in(1000000);
    __asm__ volatile("wfi"); /* interrupts are masked: it ends, and none is taken */
    CHECK(now() - began >= 1000000);
    CHECK_EQ(this_pe()->interrupts[TIMER_PPI], 0);
    print("WFI ends by an interrupt that is masked");
    irq_on();
    while (this_pe()->interrupts[TIMER_PPI] == 0)
        ;
    irq_off();
    print(failures ? "FAIL" : "PASS");
    __asm__ volatile("wfi");
    print("FAIL: WFI ended");
}
