/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where things are on the platforms of `ccasim boot` that the images are built for. Read by C and by assembly.
 */
#ifndef IMAGES_PLATFORM_H
#define IMAGES_PLATFORM_H

#ifdef PLATFORM_SMALL /* platform `small` */
#define RAM_BASE      0x40000000
#define RAM_SIZE      0x04000000
#define HEAP_BASE     0x41000000 /* behind the image */
#define HEAP_SIZE     0x00F00000
#define NVM_BASE      0x42000000
#define UART_BASE     0x09000000
#define GICD_BASE     0x08000000
#define GICR_BASE     0x080A0000
#define SP805_BASE    0x09010000
#define SBSA_BASE     0x09020000
#define SBSA_REFRESH  0x09021000
#define SBSA_INTID    35
#define SECURE_DEVICE 0x0E000000
#define SECURE_MEMORY 0x43800000
#define NOTHING_BASE  0x1D000000
#define MPIDR_OF(n)   (n)
#else /* platform `fvp` */
#define RAM_BASE      0x80000000
#define RAM_SIZE      0x80000000
#define HEAP_BASE     0x88400000
#define HEAP_SIZE     0x02000000
#define NVM_BASE      0x82800000 /* keeps its content over a reset; all ones at power-on */
#define UART_BASE     0x1C0B0000 /* PL011 */
#define GICD_BASE     0x2F000000
#define GICR_BASE     0x2F100000
#define SP805_BASE    0x1C0F0000
#define SBSA_BASE     0x2A440000 /* control frame */
#define SBSA_REFRESH  0x2A450000
#define SBSA_INTID    59
#define SECURE_DEVICE 0x2A490000 /* the trusted watchdog */
#define SECURE_MEMORY 0xFC000000
#define NOTHING_BASE  0x1D000000 /* nothing is there */
#define PCIE_BASE     0x40000000 /* configuration space without a function */
/* Clusters of four: affinity 1 is the core, affinity 2 the cluster. */
#define MPIDR_OF(n)   (((n)&3) << 8 | ((n) >> 2) << 16)
#endif
#define GICR_STRIDE 0x20000

/* Of the Root and the Realm PAS, at the end of DRAM: EL3M's buffer, the two levels of the GPT. */
#define GPT_LEVEL1 (RAM_BASE + RAM_SIZE - ((RAM_SIZE - 1) / 0x40000000 + 1) * 0x20000)
#define GPT_LEVEL0 (GPT_LEVEL1 - 0x2000)
#define EL3_BUFFER (GPT_LEVEL0 - 0x1000)

#define MAX_PES    8
#define STACK_SIZE 0x4000

#endif
