/* SPDX-License-Identifier: BSD-3-Clause */
/* GICv3, as the Non-secure side has it, and the hypervisor timer. */
#include "image.h"

#define GICD_CTLR       (GICD_BASE + 0x0000)
#define GICD_IGROUPR    (GICD_BASE + 0x0080)
#define GICD_ISENABLER  (GICD_BASE + 0x0100)
#define GICD_ICENABLER  (GICD_BASE + 0x0180)
#define GICD_IPRIORITYR (GICD_BASE + 0x0400)
#define GICD_IROUTER    (GICD_BASE + 0x6000)
#define CTLR_RWP        (1u << 31)
#define CTLR_ARE_NS     (1u << 4)
#define CTLR_GRP1A      (1u << 1)

static uint64_t sgi_frame(unsigned pe)
{
    return GICR_BASE + (uint64_t)pe * GICR_STRIDE + 0x10000;
}

static void write8(uint64_t a, uint8_t v)
{
    __asm__ volatile("strb %w0, [%1]" ::"r"(v), "r"(a) : "memory");
}

void gic_init(void)
{
    write32(GICD_CTLR, CTLR_ARE_NS | CTLR_GRP1A);
    while (read32(GICD_CTLR) & CTLR_RWP)
        ;
    CHECK(read32(GICD_CTLR) & CTLR_ARE_NS);
}

void gic_init_pe(void)
{
    unsigned pe = (unsigned)this_pe()->index;
    uint64_t frame = sgi_frame(pe);
    uint64_t typer = read64(GICR_BASE + (uint64_t)pe * GICR_STRIDE + 8);

    CHECK_EQ(typer >> 32, MPIDR_OF(pe)); /* the redistributor is this PE's */
    write32(frame + 0x80, ~0u);          /* ignored where group 0 is somebody else's */
    MSR(ICC_SRE_EL2, 0xF);
    ISB();
    CHECK(MRS(ICC_SRE_EL2) & 1);
    MSR(ICC_PMR, 0xFF);
    MSR(ICC_IGRPEN1, 1);
    ISB();
}

static uint64_t bank(uint32_t intid, uint64_t offset)
{
    uint64_t base = intid < 32 ? sgi_frame((unsigned)this_pe()->index) : GICD_BASE;

    return base + offset;
}

void gic_enable(uint32_t intid)
{
    write8(bank(intid, 0x400) + intid, 0xA0);
    write32(bank(intid, 0x100) + 4 * (intid / 32), 1u << intid % 32);
}

void gic_disable(uint32_t intid)
{
    write32(bank(intid, 0x180) + 4 * (intid / 32), 1u << intid % 32);
    while (read32(GICD_CTLR) & CTLR_RWP)
        ;
}

void gic_route(uint32_t spi, unsigned pe)
{
    write32(GICD_IGROUPR + 4 * (spi / 32), ~0u);
    write64(GICD_IROUTER + 8ul * spi, MPIDR_OF((uint64_t)pe));
}

void gic_sgi(unsigned pe, uint32_t intid)
{
    uint64_t mpidr = MPIDR_OF((uint64_t)pe);

    DSB();
    MSR(ICC_SGI1R, (uint64_t)intid << 24 | (mpidr >> 8 & 0xFF) << 16 | (mpidr >> 16 & 0xFF) << 32 |
                       1ul << (mpidr & 0xF));
    ISB();
}

void timer_in(uint64_t ticks)
{
    MSR(R_TIMER_CVAL, now() + ticks);
    MSR(R_TIMER_CTL, 1);
    ISB();
}

void timer_stop(void)
{
    MSR(R_TIMER_CTL, 0);
    ISB();
}
