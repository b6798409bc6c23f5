/* SPDX-License-Identifier: BSD-3-Clause */
/* Code of other ELs, each a range of its own, that the assembler finds by its name. */
    .macro blob name, file
    .balign 0x10000
    .global \name\()_blob
    .global \name\()_blob_end
\name\()_blob:
    .incbin "\file"
\name\()_blob_end:
    .endm

    .data
    blob    realm_a, realm_a.bin
    blob    realm_b, realm_b.bin
    blob    guest, guest.bin
    .balign 0x10000

/* What the host runs at EL0: an SVC, an instruction that is not for EL0, and a load of the page that x1 names. */
    .section .user, "ax"
    .global user_code
user_code:
    add     x0, x0, #1
    svc     #0x21
    mrs     x2, vbar_el1
    ldr     x3, [x1]
    svc     #0x22
    b       .
