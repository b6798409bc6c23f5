/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The redistributors' registers, IHI0069 chapter 12.11: two frames of 64 KB a PE, one for the redistributor itself, one for
 * the PE's SGIs and PPIs.
 */
#include "plat/devices.h"

#define FRAMES_SIZE 0x20000u
#define SGI_FRAME   0x10000u

#define IIDR     0x0004u
#define TYPER    0x0008u
#define FIRST_ID 0xffd0u

#define PRIORITY 0x0400u
#define CONFIG   0x0c00u

#define TYPER_LAST (1ull << 4)

/* Affinity [63:32], processor number [23:8]. */
static uint64_t type(const struct gic *g, unsigned pe)
{
    uint64_t mpidr = g->mpidr[pe];
    uint64_t affinity = (mpidr >> 32 & 0xff) << 24 | (mpidr & 0xffffff);

    return affinity << 32 | (uint64_t)pe << 8 | (pe + 1 == g->num_pes ? TYPER_LAST : 0);
}

/* Non-secure software changes nothing here: WAKER is Secure, and of CTLR and STATUSR nothing is implemented. */
static bool own_frame(const struct gic *g, unsigned pe, struct plat_io *io)
{
    if (io->size != 4 && !(io->size == 8 && io->offset == TYPER))
        return false;
    if (io->write)
        return true;
    if (io->offset == TYPER)
        io->value = type(g, pe);
    else if (io->offset == TYPER + 4)
        io->value = type(g, pe) >> 32;
    else if (io->offset == IIDR)
        io->value = GIC_IIDR;
    else if (io->offset >= FIRST_ID)
        io->value = gic_id(io->offset, GIC_PART_GICR);
    return true;
}

static bool sgi_frame(struct gic_pe *p, struct plat_io *io)
{
    bool is_priority = io->offset - PRIORITY < 32;

    if (io->size != 4 && !(io->size == 1 && is_priority))
        return false;
    if (is_priority)
        gic_priority_access(&p->own, io->offset - PRIORITY, io);
    else if (io->offset >= GIC_IGROUPR && io->offset < PRIORITY && io->offset % 0x80 == 0)
        gic_bits_access(&p->own, (enum gic_bits)io->offset, io);
    else if (io->offset == CONFIG || io->offset == CONFIG + 4)
        /* SGIs are edges; the PEs' own devices drive levels. */
        gic_config_access(&p->own, (io->offset - CONFIG) / 4, UINT32_MAX, io);
    if (io->write)
        p->stale = true;
    return true;
}

bool gicr_access(struct gic *g, struct plat_io *io)
{
    unsigned pe = io->offset / FRAMES_SIZE;
    bool is_sgi = io->offset % FRAMES_SIZE >= SGI_FRAME;

    if (pe >= g->num_pes)
        return false;
    io->offset %= SGI_FRAME;
    return is_sgi ? sgi_frame(&g->pe[pe], io) : own_frame(g, pe, io);
}
