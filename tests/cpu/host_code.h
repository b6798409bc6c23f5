/* SPDX-License-Identifier: BSD-3-Clause */
/* Host code for the tests of the CPU, as cpu_code.h. */
#ifndef HOST_CODE_H
#define HOST_CODE_H

#include <stdint.h>

static const uint32_t code_host_calls[] = {
    0xd40000e1, /* svc #0x7 */
    0xd4000102, /* hvc #0x8 */
    0xd4200120, /* brk #0x9 */
    0x00000000, /* udf #0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_uart[] = {
    0x52800901, /* mov w1, #0x48 */
    0x39000001, /* strb w1, [x0] */
    0x52800d21, /* mov w1, #0x69 */
    0xb8018401, /* str w1, [x0], #24 */
    0xb9400002, /* ldr w2, [x0] */
    0x79800003, /* ldrsh x3, [x0] */
    0x29401404, /* ldp w4, w5, [x0] */
    0xb8418c06, /* ldr w6, [x0, #24]! */
    0xb8000006, /* stur w6, [x0] */
    0xaa0003e7, /* mov x7, x0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_device_faults[] = {
    0xc85f7c02, /* ldxr x2, [x0] */
    0xf8218002, /* swp x1, x2, [x0] */
    0xb8402001, /* ldur w1, [x0, #2] */
    0xd50b7420, /* dc zva, x0 */
    0x3dc00000, /* ldr q0, [x0] */
    0xf9400061, /* ldr x1, [x3] */
    0xd63f0000, /* blr x0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_el1[] = {
    0xd2b00000, /* mov x0, #0x80000000 */
    0xd51c1100, /* msr hcr_el2, x0 */
    0xd28078a0, /* mov x0, #0x3c5 */
    0xd51c4000, /* msr spsr_el2, x0 */
    0x100000c0, /* adr x0, 28 */
    0xd51c4020, /* msr elr_el2, x0 */
    0xd518c001, /* msr vbar_el1, x1 */
    0xd51c4102, /* msr sp_el1, x2 */
    0x9100007f, /* mov sp, x3 */
    0xd69f03e0, /* eret */
    0xd5384244, /* mrs x4, currentel */
    0x910003e5, /* mov x5, sp */
    0xd53c4026, /* mrs x6, elr_el2 */
    0xd40000a2, /* hvc #0x5 */
    0xd40000c1, /* svc #0x6 */
    0xd4002023, /* smc #0x101 */
    0xd518401f, /* msr spsr_el1, xzr */
    0x10000060, /* adr x0, 50 */
    0xd5184020, /* msr elr_el1, x0 */
    0xd69f03e0, /* eret */
    0xd40000e1, /* svc #0x7 */
    0xd5385207, /* mrs x7, esr_el1 */
    0xd4000122, /* hvc #0x9 */
    0xd4002043, /* smc #0x102 */
};

static const uint32_t code_host_e2h[] = {
    0xd2b00000, /* mov x0, #0x80000000 */
    0xb25e0000, /* orr x0, x0, #0x400000000 */
    0xb2650000, /* orr x0, x0, #0x8000000 */
    0xd51c1100, /* msr hcr_el2, x0 */
    0xd5033fdf, /* isb */
    0xd2802221, /* mov x1, #0x111 */
    0xd518d081, /* msr tpidr_el1, x1 */
    0xd5184022, /* msr elr_el1, x2 */
    0xd53c4023, /* mrs x3, elr_el2 */
    0xd518401f, /* msr spsr_el1, xzr */
    0xd53c4004, /* mrs x4, spsr_el2 */
    0xd2804445, /* mov x5, #0x222 */
    0xd51d6005, /* msr far_el12, x5 */
    0xd53d6006, /* mrs x6, far_el12 */
    0xd5386007, /* mrs x7, far_el1 */
    0xd69f03e0, /* eret */
};

static const uint32_t code_host_el0[] = {
    0xd5384248, /* mrs x8, currentel */
    0xf9400149, /* ldr x9, [x10] */
    0xd4000061, /* svc #0x3 */
};

static const uint32_t code_host_wait[] = {
    0xd50320bf, /* sevl */
    0xd503205f, /* wfe */
    0xd503205f, /* wfe */
    0xd503209f, /* sev */
    0xd503207f, /* wfi */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_timer[] = {
    0xd53be020, /* mrs x0, cntpct_el0 */
    0x910fa000, /* add x0, x0, #0x3e8 */
    0xd51ce240, /* msr cnthp_cval_el2, x0 */
    0xd2800021, /* mov x1, #0x1 */
    0xd51ce221, /* msr cnthp_ctl_el2, x1 */
    0xd50342ff, /* msr daifclr, #0x2 */
    0x910004a5, /* add x5, x5, #0x1 */
    0x17ffffff, /* b 18 */
};

static const uint32_t code_host_gic[] = {
    0xd2800020, /* mov x0, #0x1 */
    0xd51cc9a0, /* msr icc_sre_el2, x0 */
    0xd2801e00, /* mov x0, #0xf0 */
    0xd5184600, /* msr icc_pmr_el1, x0 */
    0xd2800020, /* mov x0, #0x1 */
    0xd518cce0, /* msr icc_igrpen1_el1, x0 */
    0xd5384601, /* mrs x1, icc_pmr_el1 */
    0xd538cc02, /* mrs x2, icc_iar1_el1 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_illegal[] = {
    0xd28001a0, /* mov x0, #0xd */
    0xd51c4000, /* msr spsr_el2, x0 */
    0x10000061, /* adr x1, 14 */
    0xd51c4021, /* msr elr_el2, x1 */
    0xd69f03e0, /* eret */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_count[] = {
    0xd2800c80, /* mov x0, #0x64 */
    0xf1000400, /* subs x0, x0, #0x1 */
    0xf9000020, /* str x0, [x1] */
    0xf9400022, /* ldr x2, [x1] */
    0x54ffffa1, /* b.ne 4 */
    0x14000000, /* b 14 */
};

static const uint32_t code_host_patch[] = {
    0x94000008, /* bl 20 */
    0xaa0003e2, /* mov x2, x0 */
    0xb9000064, /* str w4, [x3] */
    0xd50b7523, /* ic ivau, x3 */
    0xd5033b9f, /* dsb ish */
    0xd5033fdf, /* isb */
    0x94000002, /* bl 20 */
    0xd4002003, /* smc #0x100 */
    0xd2800020, /* mov x0, #0x1 */
    0xd65f03c0, /* ret */
};

static const uint32_t code_host_regs[] = {
    0xd5380000, /* mrs x0, midr_el1 */
    0xd53800a1, /* mrs x1, mpidr_el1 */
    0xd5380402, /* mrs x2, id_aa64pfr0_el1 */
    0xd53be003, /* mrs x3, cntfrq_el0 */
    0xd53be024, /* mrs x4, cntpct_el0 */
    0xd53be025, /* mrs x5, cntpct_el0 */
    0xd51cd043, /* msr tpidr_el2, x3 */
    0xd53cd046, /* mrs x6, tpidr_el2 */
    0xd53e1007, /* mrs x7, sctlr_el3 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_refused[] = {
    0xd2800029, /* mov x9, #0x1 */
    0xf9000149, /* str x9, [x10] */
    0xd53e1000, /* mrs x0, sctlr_el3 */
    0xd2800049, /* mov x9, #0x2 */
    0xf9000149, /* str x9, [x10] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_mmu_on[] = {
    0xd51c2000, /* msr ttbr0_el2, x0 */
    0xd51c2041, /* msr tcr_el2, x1 */
    0xd51ca202, /* msr mair_el2, x2 */
    0xd53c1003, /* mrs x3, sctlr_el2 */
    0xb2400063, /* orr x3, x3, #0x1 */
    0xd51c1003, /* msr sctlr_el2, x3 */
    0xd5033fdf, /* isb */
    0xf94000a4, /* ldr x4, [x5] */
    0xf90004a4, /* str x4, [x5, #8] */
    0xf94000e6, /* ldr x6, [x7] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_fp[] = {
    0x9e670020, /* fmov d0, x1 */
    0x9e660002, /* fmov x2, d0 */
    0xd4002003, /* smc #0x100 */
    0x9e660003, /* fmov x3, d0 */
    0xd4002023, /* smc #0x101 */
};

static const uint32_t code_host_stack_test[] = {
    0x8b2063ff, /* add sp, sp, x0 */
    0xcb2063e0, /* sub x0, sp, x0 */
    0x37700080, /* tbnz x0, #14, 0x18 */
    0xcb2063e0, /* sub x0, sp, x0 */
    0xcb2063ff, /* sub sp, sp, x0 */
    0xd4002003, /* smc #0x100 */
    0x9100003f, /* mov sp, x1 */
    0xd4002023, /* smc #0x101 */
};

static const uint32_t code_host_misaligned_pc[] = {
    0x10000040, /* adr x0, 8 */
    0x91000800, /* add x0, x0, #0x2 */
    0xd61f0000, /* br x0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_unprivileged[] = {
    0xf9400001, /* ldr x1, [x0] */
    0xf8400802, /* ldtr x2, [x0] */
    0xf8400883, /* ldtr x3, [x4] */
    0xd500417f, /* msr uao, #0x1 */
    0xf8400802, /* ldtr x2, [x0] */
    0xd500407f, /* msr uao, #0x0 */
    0xf8000881, /* sttr x1, [x4] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_guest[] = {
    0xd51c4000, /* msr spsr_el2, x0 */
    0xd51c4021, /* msr elr_el2, x1 */
    0xd69f03e0, /* eret */
};

static const uint32_t code_host_guest_unmasks[] = {
    0xd503201f, /* nop */
    0xd50342ff, /* msr daifclr, #0x2 */
    0x14000000, /* b 8 */
};

static const uint32_t code_host_guest_accesses[] = {
    0xf9400002, /* ldr x2, [x0] */
    0x79000822, /* strh w2, [x1, #4] */
    0xf8408423, /* ldr x3, [x1], #8 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_gpf[] = {
    0xf9400001, /* ldr x1, [x0] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_exclusive[] = {
    0xc85f7c01, /* ldxr x1, [x0] */
    0x91000421, /* add x1, x1, #0x1 */
    0xd503201f, /* nop */
    0x14000001, /* b 10 */
    0xc8027c01, /* stxr w2, x1, [x0] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_store[] = {
    0xf9000001, /* str x1, [x0] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_zva[] = {
    0xd50b7420, /* dc zva, x0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_unmask[] = {
    0xd50342df, /* msr daifset, #0x2 */
    0xd503201f, /* nop */
    0x14000001, /* b c */
    0xd50342ff, /* msr daifclr, #0x2 */
    0xd503201f, /* nop */
    0x14000001, /* b 18 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_sgi[] = {
    0xd2800020, /* mov x0, #0x1 */
    0xd518cba0, /* msr icc_sgi1r_el1, x0 */
    0xd503201f, /* nop */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_tlbi[] = {
    0xf9400001, /* ldr x1, [x0] */
    0xf9000062, /* str x2, [x3] */
    0xf9400004, /* ldr x4, [x0] */
    0xd5033b9f, /* dsb ish */
    0xd34cfc05, /* lsr x5, x0, #12 */
    0xd50c8325, /* tlbi vae2is, x5 */
    0xd5033b9f, /* dsb ish */
    0xd5033fdf, /* isb */
    0xf9400006, /* ldr x6, [x0] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_at[] = {
    0xd50c7800, /* at s1e2r, x0 */
    0xd5033fdf, /* isb */
    0xd5387401, /* mrs x1, par_el1 */
    0xd50c7802, /* at s1e2r, x2 */
    0xd5033fdf, /* isb */
    0xd5387403, /* mrs x3, par_el1 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_unknown_registers[] = {
    0xd2800aa0, /* mov x0, #0x55 */
    0xd51c5260, /* msr vsesr_el2, x0 */
    0xd53c5261, /* mrs x1, vsesr_el2 */
    0xd53d1002, /* mrs x2, sctlr_el12 */
    0xd538f003, /* mrs x3, s3_0_c15_c0_0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_random[] = {
    0xd53b2400, /* mrs x0, rndr */
    0xd53b2401, /* mrs x1, rndr */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_pages[] = {
    0xf9000020, /* str x0, [x1] */
    0x91400421, /* add x1, x1, #0x1, lsl #12 */
    0xf1000442, /* subs x2, x2, #0x1 */
    0x54ffffa1, /* b.ne 0 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_pair[] = {
    0xa9400801, /* ldp x1, x2, [x0] */
    0xa9811003, /* stp x3, x4, [x0, #16]! */
    0x68fe1805, /* ldpsw x5, x6, [x0], #-16 */
    0x38400807, /* ldtrb w7, [x0] */
    0x88dffc08, /* ldar w8, [x0] */
    0x889ffc03, /* stlr w3, [x0] */
    0xb86b5949, /* ldr w9, [x10, w11, uxtw #2] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_el0_daif[] = {
    0xd50342df, /* msr daifset, #0x2 */
    0xd53b0020, /* mrs x0, ctr_el0 */
    0xd50b7421, /* dc zva, x1 */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_own_bp[] = {
    0xd503201f, /* nop */
};

static const uint32_t code_host_timer_wfi[] = {
    0xd53be020, /* mrs x0, cntpct_el0 */
    0x9107d000, /* add x0, x0, #0x1f4 */
    0xd51ce240, /* msr cnthp_cval_el2, x0 */
    0xd2800021, /* mov x1, #0x1 */
    0xd51ce221, /* msr cnthp_ctl_el2, x1 */
    0xd503207f, /* wfi */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_stack[] = {
    0xf90003e0, /* str x0, [sp] */
    0x910023e1, /* add x1, sp, #0x8 */
    0x9100003f, /* mov sp, x1 */
    0x91000442, /* add x2, x2, #0x1 */
    0xf90003e0, /* str x0, [sp] */
    0xd10023ff, /* sub sp, sp, #0x8 */
    0xf90003e0, /* str x0, [sp] */
    0x927be87f, /* and sp, x3, #0xffffffffffffffe0 */
    0xa94017e4, /* ldp x4, x5, [sp] */
    0xf84087e6, /* ldr x6, [sp], #8 */
    0xf94003e6, /* ldr x6, [sp] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_all_aligned[] = {
    0xb9400001, /* ldr w1, [x0] */
    0xb8402001, /* ldur w1, [x0, #2] */
    0xa9408c02, /* ldp x2, x3, [x0, #8] */
    0x78003001, /* sturh w1, [x0, #3] */
    0x39400c01, /* ldrb w1, [x0, #3] */
    0xf94000a4, /* ldr x4, [x5] */
    0xd4002003, /* smc #0x100 */
};

static const uint32_t code_host_maintenance[] = {
    0xd50b7a20, /* dc cvac, x0 */
    0xd50b7e21, /* dc civac, x1 */
    0xd50b7b21, /* dc cvau, x1 */
    0xd4002003, /* smc #0x100 */
};

#endif
