/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes an exception to vectors that are not mapped, and so on for ever. */
#include "image.h"

void image_main(void)
{
    print("the vectors are gone");
    MSR(R_VBAR, 0x7000000000);
    ISB();
    __asm__ volatile("brk #1");
    print("FAIL: came back");
}
