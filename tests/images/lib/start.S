/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry of every PE, the vectors, and the way into an EL below and back. */
#include "platform.h"
#include "sysreg.h"

    .section .start, "ax"
    .global _start
_start:
    mov     x19, x0                     /* context of PSCI CPU_ON */
    ldr     x0, =HCR_HOST
    msr     hcr_el2, x0
    isb
    mrs     x0, mpidr_el1
#ifdef PLATFORM_SMALL
    and     x0, x0, #7
#else
    ubfx    x1, x0, #16, #1
    ubfx    x0, x0, #8, #2
    orr     x0, x0, x1, lsl #2
#endif
    adrp    x1, vectors
    add     x1, x1, :lo12:vectors
    msr     R_VBAR, x1
    adrp    x1, stacks
    add     x1, x1, :lo12:stacks
    add     x2, x0, #1
    mov     x3, #STACK_SIZE
    madd    x1, x2, x3, x1
    mov     sp, x1
    isb
    mov     x1, x19
    bl      runtime_start
1:  wfi
    b       1b

    .bss
    .balign 16
stacks:
    .skip   MAX_PES * STACK_SIZE

    .text
/* What interrupted this EL: everything is on the stack as struct frame, and comes back from there. */
    .macro current kind
    .balign 0x80
    sub     sp, sp, #272
    stp     x0, x1, [sp]
    mov     x1, #\kind
    b       from_current
    .endm
/* What an EL below did: its registers go to struct vcpu, and vcpu_run() returns `kind`. */
    .macro lower kind
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    mov     x1, #\kind
    b       from_lower
    .endm

    .balign 0x800
    .global vectors
vectors:
    current 4; current 1; current 2; current 3 /* 4: synchronous, with SP_EL0 */
    current 0; current 1; current 2; current 3
    lower 0; lower 1; lower 2; lower 3
    current 5; current 5; current 5; current 5

from_current:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, R_ELR
    mrs     x3, R_SPSR
    stp     x30, x2, [sp, #240]
    str     x3, [sp, #256]
    mov     x0, sp
    bl      exception
    ldp     x30, x2, [sp, #240]
    ldr     x3, [sp, #256]
    msr     R_ELR, x2
    msr     R_SPSR, x3
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp]
    add     sp, sp, #272
    eret

/* unsigned vcpu_run(struct vcpu *v) */
    .global vcpu_run
vcpu_run:
    stp     x19, x20, [sp, #-96]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    mrs     x1, tpidr_el2
    str     x0, [x1]
    ldp     x2, x3, [x0, #248]
    msr     R_ELR, x2
    msr     R_SPSR, x3
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    eret
from_lower:
    mrs     x0, tpidr_el2
    ldr     x0, [x0]
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    str     x30, [x0, #240]
    ldp     x2, x3, [sp], #16
    stp     x2, x3, [x0]
    mrs     x2, R_ELR
    mrs     x3, R_SPSR
    stp     x2, x3, [x0, #248]
    mov     x0, x1
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #96
    ret

/* void smc_call(struct smc *r): x0..x17 are in it and come back in it. */
    .global smc_call
smc_call:
    stp     x19, x30, [sp, #-16]!
    mov     x19, x0
    ldp     x2, x3, [x19, #16]
    ldp     x4, x5, [x19, #32]
    ldp     x6, x7, [x19, #48]
    ldp     x8, x9, [x19, #64]
    ldp     x10, x11, [x19, #80]
    ldp     x12, x13, [x19, #96]
    ldp     x14, x15, [x19, #112]
    ldp     x16, x17, [x19, #128]
    ldp     x0, x1, [x19]
    smc     #0
    stp     x0, x1, [x19]
    stp     x2, x3, [x19, #16]
    stp     x4, x5, [x19, #32]
    stp     x6, x7, [x19, #48]
    stp     x8, x9, [x19, #64]
    stp     x10, x11, [x19, #80]
    stp     x12, x13, [x19, #96]
    stp     x14, x15, [x19, #112]
    stp     x16, x17, [x19, #128]
    ldp     x19, x30, [sp], #16
    ret
