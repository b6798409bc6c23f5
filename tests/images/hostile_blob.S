/* SPDX-License-Identifier: BSD-3-Clause */
/* The Realm of the hostile host. And a guest at EL1, with its vectors. */
    .data
    .balign 0x10000
    .global realm_h_blob
    .global realm_h_blob_end
realm_h_blob:
    .incbin "realm_h.bin"
realm_h_blob_end:

    .section .user, "ax"
    .balign 0x1000
    .global guest_probe
guest_probe:
    ldr     x1, [x0]
    hvc     #1
    .org    guest_probe + 0x200 /* synchronous exception of EL1 */
    hvc     #2
    .org    guest_probe + 0x1000
