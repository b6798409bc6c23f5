/* SPDX-License-Identifier: BSD-3-Clause */
/* The distributor's registers, IHI0069 chapter 12.9: shared interrupts. Those of INTIDs below 32 are in the redistributors. */
#include "plat/devices.h"

#define CTLR     0x0000u
#define TYPER    0x0004u
#define IIDR     0x0008u
#define PRIORITY 0x0400u
#define CONFIG   0x0c00u
#define ROUTER   0x6000u
#define FIRST_ID 0xffd0u

#define CTLR_ENABLE_GRP1A (1u << 1)
#define CTLR_ARE_NS       (1u << 4)

/* SecurityExtn; ten INTID bits (IDbits 9); Aff3 is used (A3V). */
#define TYPER_FIXED (1u << 10 | 9u << 19 | 1u << 24)

#define ROUTER_MASK 0xff80ffffffull /* Aff3, Interrupt_Routing_Mode, Aff2..0 */

static void control_access(struct gic *g, struct plat_io *io)
{
    if (!io->write) {
        io->value = CTLR_ARE_NS | (g->group_enabled ? CTLR_ENABLE_GRP1A : 0);
        return;
    }
    g->group_enabled = io->value & CTLR_ENABLE_GRP1A;
}

/* A register of a bit (or a byte, or two bits) an interrupt, of word `n`. NULL: reserved, or in a redistributor. */
static struct gic_word *word(struct gic *g, uint32_t n)
{
    return n >= 1 && n < g->num_words ? &g->spi[n] : NULL;
}

static void bits(struct gic *g, struct plat_io *io)
{
    struct gic_word *w = word(g, (io->offset & 0x7f) / 4);

    if (w)
        gic_bits_access(w, (enum gic_bits)(io->offset & ~0x7fu), io);
}

static void priority(struct gic *g, struct plat_io *io)
{
    unsigned intid = io->offset - PRIORITY;
    struct gic_word *w = word(g, intid / 32);

    if (w)
        gic_priority_access(w, intid % 32, io);
}

static void config(struct gic *g, struct plat_io *io)
{
    unsigned n = (io->offset - CONFIG) / 4;
    struct gic_word *w = word(g, n / 2);

    if (w)
        gic_config_access(w, n % 2, 0, io);
}

/* All of it, or one half. */
static void router(struct gic *g, struct plat_io *io)
{
    unsigned intid = (io->offset - ROUTER) / 8;
    unsigned shift = 8 * (io->offset % 8);
    uint64_t part = (io->size == 8 ? UINT64_MAX : 0xffffffff) << shift;
    struct gic_word *w = word(g, intid / 32);

    if (w == NULL || !(w->visible >> intid % 32 & 1))
        return;
    if (io->write)
        g->router[intid] = (g->router[intid] & ~part) | (io->value << shift & part & ROUTER_MASK);
    else
        io->value = g->router[intid] >> shift;
}

static void fixed(const struct gic *g, struct plat_io *io)
{
    if (io->write)
        return;
    if (io->offset == TYPER)
        io->value = TYPER_FIXED | (g->num_words - 1);
    else if (io->offset == IIDR)
        io->value = GIC_IIDR;
    else if (io->offset >= FIRST_ID)
        io->value = gic_id(io->offset, GIC_PART_GICD);
}

static bool within(uint32_t offset, uint32_t base, uint32_t size)
{
    return offset - base < size;
}

/* Sizes that IHI0069 12.1.3 does not give a register are refused. */
static bool size_is_legal(const struct plat_io *io)
{
    if (io->size == 4)
        return true;
    return io->size == 1 ? within(io->offset, PRIORITY, 0x800) /* and ITARGETSR */
                         : io->size == 8 && within(io->offset, ROUTER, 0x2000);
}

bool gicd_access(struct gic *g, struct plat_io *io)
{
    if (!size_is_legal(io))
        return false;
    if (io->offset == CTLR)
        control_access(g, io);
    else if (within(io->offset, GIC_IGROUPR, PRIORITY - GIC_IGROUPR))
        bits(g, io);
    else if (within(io->offset, PRIORITY, 0x400))
        priority(g, io);
    else if (within(io->offset, CONFIG, 0x100))
        config(g, io);
    else if (within(io->offset, ROUTER, 0x2000))
        router(g, io);
    else
        fixed(g, io);
    if (io->write)
        gic_touch(g);
    return true;
}
