/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry and vectors at EL1. Every PE of a Realm starts here. */
#define STACK_SIZE 0x1000

    .section .start, "ax"
    .global _start
_start:
    mov     x1, x0
    mrs     x0, mpidr_el1
    and     x0, x0, #0xf
    adrp    x2, vectors
    add     x2, x2, :lo12:vectors
    msr     vbar_el1, x2
    adrp    x2, stacks
    add     x2, x2, :lo12:stacks
    add     x3, x0, #1
    mov     x4, #STACK_SIZE
    madd    x2, x3, x4, x2
    mov     sp, x2
    isb
    bl      realm_start
1:  b       1b

    .bss
    .balign 16
stacks:
    .skip   2 * STACK_SIZE

    .text
    .macro vector kind
    .balign 0x80
    sub     sp, sp, #192
    stp     x0, x1, [sp]
    mov     x0, #\kind
    b       common
    .endm

    .balign 0x800
vectors:
    vector 9; vector 9; vector 9; vector 9
    vector 0; vector 1; vector 2; vector 3
    .balign 0x80
    b       el0_back
    vector 9; vector 9; vector 9
    vector 9; vector 9; vector 9; vector 9

common:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x29, [sp, #144]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x30, x2, [sp, #160]
    str     x3, [sp, #176]
    bl      realm_exception
    ldp     x30, x2, [sp, #160]
    ldr     x3, [sp, #176]
    add     x2, x2, x0                  /* by how much to go on */
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x18, x29, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp]
    add     sp, sp, #192
    eret

/* uint64_t el0_run(uint64_t pc, uint64_t x0): until an exception brings it back; its x0. */
    .global el0_run
el0_run:
    stp     x19, x20, [sp, #-96]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    mov     x2, #0x3c0
    msr     elr_el1, x0
    msr     spsr_el1, x2
    mov     x0, x1
    eret
el0_back:
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #96
    ret

/* Code for EL0. */
    .global el0_code
el0_code:
    add     x0, x0, #1
    svc     #9
    .global el0_load
el0_load:
    ldr     x0, [x0]
    svc     #10
    .global el0_counter
el0_counter:
    mrs     x0, cntvct_el0
    svc     #11
