/* SPDX-License-Identifier: BSD-3-Clause */
    .data
    .balign 0x10000
    .global realm_c_blob
    .global realm_c_blob_end
realm_c_blob:
    .incbin "realm_c.bin"
realm_c_blob_end:
