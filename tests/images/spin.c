/* SPDX-License-Identifier: BSD-3-Clause */
/* Never ends by itself. */
#include "image.h"

void image_main(void)
{
    print("spins");
    while (1)
        __asm__ volatile("" ::: "memory");
}
