/* SPDX-License-Identifier: BSD-3-Clause */
    .data
    .balign 0x10000
    .global kernel_blob
kernel_blob:
#ifdef PLATFORM_SMALL
    .incbin "kernel_small.bin"
#else
    .incbin "kernel.bin"
#endif
    .balign 0x1000
