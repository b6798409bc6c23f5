/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm code for the tests of the CPU, assembled with GNU as (aarch64-linux-gnu-as -march=armv8.5-a+rng). It is
 * position independent; branch targets in the comments are offsets from its start.
 */
#ifndef CPU_CODE_H
#define CPU_CODE_H

#include <stdint.h>

static const uint32_t code_svc[] = {
    0xd40000e1, /* svc #0x7 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_undefined[] = {
    0x00000000, /* udf #0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_brk[] = {
    0xd4200240, /* brk #0x12 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_el0[] = {
    0xd518401f, /* msr spsr_el1, xzr */
    0x10000060, /* adr x0, 10 */
    0xd5184020, /* msr elr_el1, x0 */
    0xd69f03e0, /* eret */
    0xd4000021, /* svc #0x1 */
    0xd538c001, /* mrs x1, vbar_el1 */
    0xd4000003, /* smc #0x0 */
    0xd4000aa2, /* hvc #0x55 */
    0xd503207f, /* wfi */
    0xd53b0022, /* mrs x2, ctr_el0 */
    0xd53be043, /* mrs x3, cntvct_el0 */
    0xd50b7520, /* ic ivau, x0 */
    0xd50342df, /* msr daifset, #0x2 */
    0xd53bd044, /* mrs x4, tpidr_el0 */
    0xd4000041, /* svc #0x2 */
};

static const uint32_t code_calls[] = {
    0xd4000663, /* smc #0x33 */
    0xd4000882, /* hvc #0x44 */
};

static const uint32_t code_waits[] = {
    0xd503207f, /* wfi */
    0xd503205f, /* wfe */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_idreg[] = {
    0xd5380403, /* mrs x3, id_aa64pfr0_el1 */
    0xd5380704, /* mrs x4, id_aa64mmfr0_el1 */
    0xd5380005, /* mrs x5, midr_el1 */
    0xd53800a6, /* mrs x6, mpidr_el1 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_gic[] = {
    0xd538cca1, /* mrs x1, icc_sre_el1 */
    0xd2801e02, /* mov x2, #0xf0 */
    0xd5184602, /* msr icc_pmr_el1, x2 */
    0xd5384603, /* mrs x3, icc_pmr_el1 */
    0xd538cc04, /* mrs x4, icc_iar1_el1 */
    0xd518cba2, /* msr icc_sgi1r_el1, x2 */
    0xd538cc25, /* mrs x5, icc_eoir1_el1 */
    0xd53c1106, /* mrs x6, hcr_el2 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_aborts[] = {
    0xf9400423, /* ldr x3, [x1, #8] */
    0xb9001024, /* str w4, [x1, #16] */
    0x38401425, /* ldrb w5, [x1], #1 */
    0xa9421023, /* ldp x3, x4, [x1, #32] */
    0x78a26826, /* ldrsh x6, [x1, x2] */
    0xc89ffc27, /* stlr x7, [x1] */
    0xf8238024, /* swp x3, x4, [x1] */
    0xf9000105, /* str x5, [x8] */
    0x3dc00c20, /* ldr q0, [x1, #48] */
    0x3900003f, /* strb wzr, [x1] */
    0xd50b7421, /* dc zva, x1 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_mmu_on[] = {
    0xd5182000, /* msr ttbr0_el1, x0 */
    0xd5182041, /* msr tcr_el1, x1 */
    0xd518a202, /* msr mair_el1, x2 */
    0xd5381003, /* mrs x3, sctlr_el1 */
    0xb2400063, /* orr x3, x3, #0x1 */
    0xd5181003, /* msr sctlr_el1, x3 */
    0xd5033fdf, /* isb */
    0xf94000a4, /* ldr x4, [x5] */
    0xf90004a4, /* str x4, [x5, #8] */
    0xd2800026, /* mov x6, #0x1 */
    0xf90000e6, /* str x6, [x7] */
    0xd4002022, /* hvc #0x101 */
    0xf9400128, /* ldr x8, [x9] */
    0xd4002042, /* hvc #0x102 */
    0xd63f0140, /* blr x10 */
    0xd4002062, /* hvc #0x103 */
    0xf84008ab, /* ldtr x11, [x5] */
    0xd4002082, /* hvc #0x104 */
};

static const uint32_t code_el0_aborts[] = {
    0xd518401f, /* msr spsr_el1, xzr */
    0x10000060, /* adr x0, 10 */
    0xd5184020, /* msr elr_el1, x0 */
    0xd69f03e0, /* eret */
    0xf94000a4, /* ldr x4, [x5] */
    0xf90000a4, /* str x4, [x5] */
    0xd63f00a0, /* blr x5 */
    0xd4000001, /* svc #0x0 */
};

static const uint32_t code_own_tlbi[] = {
    0xf9400023, /* ldr x3, [x1] */
    0xf9000002, /* str x2, [x0] */
    0xf9400024, /* ldr x4, [x1] */
    0xd4002022, /* hvc #0x101 */
    0xd5033b9f, /* dsb ish */
    0xd34cfc25, /* lsr x5, x1, #12 */
    0xd5088365, /* tlbi vaae1is, x5 */
    0xd5033b9f, /* dsb ish */
    0xd5033fdf, /* isb */
    0xf9400024, /* ldr x4, [x1] */
    0xd4002042, /* hvc #0x102 */
};

static const uint32_t code_at[] = {
    0xd5087800, /* at s1e1r, x0 */
    0xd5033fdf, /* isb */
    0xd5387401, /* mrs x1, par_el1 */
    0xd5087822, /* at s1e1w, x2 */
    0xd5033fdf, /* isb */
    0xd5387403, /* mrs x3, par_el1 */
    0xd5087840, /* at s1e0r, x0 */
    0xd5033fdf, /* isb */
    0xd5387404, /* mrs x4, par_el1 */
    0xd4002022, /* hvc #0x101 */
    0xd5087805, /* at s1e1r, x5 */
    0xd4002042, /* hvc #0x102 */
};

static const uint32_t code_selfmod[] = {
    0xd2800005, /* mov x5, #0x0 */
    0x9400000f, /* bl 40 */
    0x8b0000a5, /* add x5, x5, x0 */
    0xb9000041, /* str w1, [x2] */
    0xb40000c3, /* cbz x3, 28 */
    0xd50b7b22, /* dc cvau, x2 */
    0xd5033b9f, /* dsb ish */
    0xd50b7522, /* ic ivau, x2 */
    0xd5033b9f, /* dsb ish */
    0xd5033fdf, /* isb */
    0x94000006, /* bl 40 */
    0x8b0020a5, /* add x5, x5, x0, lsl #8 */
    0xd4002002, /* hvc #0x100 */
    0xd503201f, /* nop */
    0xd503201f, /* nop */
    0xd503201f, /* nop */
    0xd2800020, /* mov x0, #0x1 */
    0xd65f03c0, /* ret */
};

static const uint32_t code_returns_one[] = {
    0xd2800020, /* mov x0, #0x1 */
    0xd4000022, /* hvc #0x1 */
    0x17fffffe, /* b 0 */
};

static const uint32_t code_returns_two[] = {
    0xd2800040, /* mov x0, #0x2 */
    0xd4000042, /* hvc #0x2 */
    0x17fffffe, /* b 0 */
};

static const uint32_t code_count[] = {
    0xd2800140, /* mov x0, #0xa */
    0xd1000400, /* sub x0, x0, #0x1 */
    0xf9000020, /* str x0, [x1] */
    0xb5ffffc0, /* cbnz x0, 4 */
    0xd53be042, /* mrs x2, cntvct_el0 */
    0xd503201f, /* nop */
    0xd503201f, /* nop */
    0xd53be043, /* mrs x3, cntvct_el0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_endless[] = {
    0x91000400, /* add x0, x0, #0x1 */
    0x8b000021, /* add x1, x1, x0 */
    0xf9000041, /* str x1, [x2] */
    0xf9400043, /* ldr x3, [x2] */
    0x360fff80, /* tbz w0, #1, 0 */
    0xca000064, /* eor x4, x3, x0 */
    0x17fffffa, /* b 0 */
};

static const uint32_t code_timer[] = {
    0xd53be040, /* mrs x0, cntvct_el0 */
    0x91019000, /* add x0, x0, #0x64 */
    0xd51be340, /* msr cntv_cval_el0, x0 */
    0xd2800021, /* mov x1, #0x1 */
    0xd51be321, /* msr cntv_ctl_el0, x1 */
    0x910004a5, /* add x5, x5, #0x1 */
    0x17ffffff, /* b 14 */
};

static const uint32_t code_pages[] = {
    0xf9000020, /* str x0, [x1] */
    0x91400421, /* add x1, x1, #0x1, lsl #12 */
    0xf1000442, /* subs x2, x2, #0x1 */
    0x54ffffa1, /* b.ne 0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_illegal_return[] = {
    0xd2800120, /* mov x0, #0x9 */
    0xd5184000, /* msr spsr_el1, x0 */
    0x10000061, /* adr x1, 14 */
    0xd5184021, /* msr elr_el1, x1 */
    0xd69f03e0, /* eret */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_misaligned_pc[] = {
    0x10000060, /* adr x0, c */
    0x91000800, /* add x0, x0, #0x2 */
    0xd61f0000, /* br x0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_fp[] = {
    0x9e670020, /* fmov d0, x1 */
    0x1e602801, /* fadd d1, d0, d0 */
    0xd4002022, /* hvc #0x101 */
    0x9e660002, /* fmov x2, d0 */
    0x9e660023, /* fmov x3, d1 */
    0xd4002042, /* hvc #0x102 */
};

static const uint32_t code_fp_enable[] = {
    0xd2a00600, /* mov x0, #0x300000 */
    0xd5181040, /* msr cpacr_el1, x0 */
    0xd5033fdf, /* isb */
    0x9e670020, /* fmov d0, x1 */
    0x9e660002, /* fmov x2, d0 */
    0xd518105f, /* msr cpacr_el1, xzr */
    0xd5033fdf, /* isb */
    0x9e660003, /* fmov x3, d0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_random[] = {
    0xd53b2400, /* mrs x0, rndr */
    0x9a9f17e1, /* cset x1, eq */
    0xd53b2422, /* mrs x2, rndrrs */
    0xd53b2403, /* mrs x3, rndr */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_stacks[] = {
    0xd2820000, /* mov x0, #0x1000 */
    0x9100001f, /* mov sp, x0 */
    0xd50040bf, /* msr spsel, #0x0 */
    0xd2840000, /* mov x0, #0x2000 */
    0x9100001f, /* mov sp, x0 */
    0xd4000001, /* svc #0x0 */
    0x910003e1, /* mov x1, sp */
    0xd50041bf, /* msr spsel, #0x1 */
    0x910003e2, /* mov x2, sp */
    0xd5384103, /* mrs x3, sp_el0 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_regs[] = {
    0xd51bd040, /* msr tpidr_el0, x0 */
    0xd518d081, /* msr tpidr_el1, x1 */
    0xd518d022, /* msr contextidr_el1, x2 */
    0xd5185103, /* msr afsr0_el1, x3 */
    0xd53bd044, /* mrs x4, tpidr_el0 */
    0xd538d085, /* mrs x5, tpidr_el1 */
    0xd538d026, /* mrs x6, contextidr_el1 */
    0xd5385107, /* mrs x7, afsr0_el1 */
    0xd5182100, /* msr apiakeylo_el1, x0 */
    0xd5382108, /* mrs x8, apiakeylo_el1 */
    0xd5100241, /* msr mdscr_el1, x1 */
    0xd5300249, /* mrs x9, mdscr_el1 */
    0xd5100081, /* msr dbgbvr0_el1, x1 */
    0xd530008a, /* mrs x10, dbgbvr0_el1 */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_alignment[] = {
    0xc85f7c20, /* ldxr x0, [x1] */
    0x885ffc40, /* ldaxr w0, [x2] */
    0xd4002002, /* hvc #0x100 */
};

static const uint32_t code_atomics[] = {
    0xd28000a0, /* mov x0, #0x5 */
    0xf8200041, /* ldadd x0, x1, [x2] */
    0xc85f7c43, /* ldxr x3, [x2] */
    0x91000463, /* add x3, x3, #0x1 */
    0xc8047c43, /* stxr w4, x3, [x2] */
    0xf9400045, /* ldr x5, [x2] */
    0xd4002002, /* hvc #0x100 */
};

#endif
