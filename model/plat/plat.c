/* SPDX-License-Identifier: BSD-3-Clause */
/* The platform as a whole: who gets an access, what time does, what a PE sees of the GIC. */
#include "plat/devices.h"

#include <stdlib.h>
#include <string.h>

int plat_attach(struct machine *m, const struct plat_desc *d)
{
    struct platform *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return CCA_ERR_NOMEM;
    p->dev = calloc(1, sizeof(*p->dev));
    if (p->dev == NULL) {
        free(p);
        return CCA_ERR_NOMEM;
    }
    p->desc = d;
    m->plat = p;
    plat_reset(m);
    return CCA_OK;
}

void plat_detach(struct machine *m)
{
    if (m->plat == NULL)
        return;
    free(m->plat->dev);
    free(m->plat);
    m->plat = NULL;
}

/* The lines of the devices, as they are now. */
static void connect_lines(struct platform *p)
{
    struct plat_devices *dev = p->dev;

    for (size_t i = 0; i < p->desc->num_regions; i++) {
        const struct plat_region *r = &p->desc->region[i];
        bool level;

        switch (r->kind) {
        case PLAT_PL011: level = pl011_line(&dev->uart[r->unit]); break;
        case PLAT_SP805: level = sp805_line(&dev->sp805[r->unit]); break;
        case PLAT_SBSA_WDT_CONTROL: level = sbsa_wdt_line(&dev->wdt[r->unit]); break;
        default: continue;
        }
        if (r->intid)
            gic_set_spi(&dev->gic, r->intid, level);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void schedule(struct plat_devices *dev)
{
    dev->next = TIME_NEVER;
    for (unsigned i = 0; i < PLAT_MAX_UNITS; i++)
        dev->next = least(dev->next,
                          least(sp805_deadline(&dev->sp805[i]), sbsa_wdt_deadline(&dev->wdt[i])));
}

void plat_reset(struct machine *m)
{
    struct platform *p = m->plat;
    struct plat_devices *dev = p->dev;

    memset(p->pe, 0, sizeof(p->pe));
    p->wants_reset = p->wants_off = NULL;
    gic_reset(&dev->gic, p->desc, m->impl.num_pes);
    for (unsigned i = 0; i < PLAT_MAX_UNITS; i++) {
        pl011_reset(&dev->uart[i]);
        sp805_reset(&dev->sp805[i], p->desc->sp805_hz, p->desc->cntfrq, m->vtime);
        sbsa_wdt_reset(&dev->wdt[i]);
    }
    schedule(dev);
}

void plat_pe_reset(struct machine *m, unsigned pe)
{
    gic_reset_pe(&m->plat->dev->gic, pe);
}

static void want_reset(struct platform *p, const char *why)
{
    if (p->wants_reset == NULL)
        p->wants_reset = why;
}

static void run_watchdogs(struct machine *m)
{
    struct plat_devices *dev = m->plat->dev;

    for (unsigned i = 0; i < PLAT_MAX_UNITS; i++) {
        if (sp805_advance(&dev->sp805[i], m->vtime))
            want_reset(m->plat, "SP805 watchdog");
        if (sbsa_wdt_advance(&dev->wdt[i], m->vtime))
            want_reset(m->plat, "generic watchdog");
    }
    connect_lines(m->plat);
    schedule(dev);
}

void plat_advance(struct machine *m)
{
    /* Who wants a reset has got to the end of his time. */
    if (__builtin_expect(m->vtime >= m->plat->dev->next, 0) && m->plat->wants_reset == NULL)
        run_watchdogs(m);
}

uint64_t plat_deadline(const struct machine *m)
{
    return m->plat->wants_reset ? TIME_NEVER : m->plat->dev->next;
}

/* --- accesses ----------------------------------------------------------------------------------------------------- */

static void uart_access(struct platform *p, unsigned unit, struct plat_io *io)
{
    uint8_t byte;
    bool sends;

    pl011_access(&p->dev->uart[unit], io, &sends, &byte);
    if (sends && p->uart)
        p->uart(p->uart_ctx, unit, byte);
}

/* A device of 32-bit registers: a narrower access is to the low part of one. */
static bool register_access(struct machine *m, const struct plat_region *r, struct plat_io *io)
{
    struct plat_devices *dev = m->plat->dev;

    if (io->size > 4 || io->offset % 4)
        return false;
    switch (r->kind) {
    case PLAT_PL011: uart_access(m->plat, r->unit, io); break;
    case PLAT_SP805: sp805_access(&dev->sp805[r->unit], io, m->vtime); break;
    case PLAT_SBSA_WDT_CONTROL: sbsa_wdt_control(&dev->wdt[r->unit], io, m->vtime); break;
    default: sbsa_wdt_refresh(&dev->wdt[r->unit], io, m->vtime); break;
    }
    connect_lines(m->plat);
    schedule(dev);
    return true;
}

/* CNTCV [63:0] at 0, as one register or two; what follows is reserved, or not implemented. */
static bool counter_access(const struct machine *m, struct plat_io *io)
{
    if (io->size < 4)
        return false;
    if (!io->write && io->offset < 8)
        io->value = m->vtime >> 8 * io->offset;
    return true;
}

static bool region_access(struct machine *m, const struct plat_region *r, struct plat_io *io)
{
    switch (r->kind) {
    case PLAT_PL011:
    case PLAT_SP805:
    case PLAT_SBSA_WDT_CONTROL:
    case PLAT_SBSA_WDT_REFRESH: return register_access(m, r, io);
    case PLAT_GICD: return gicd_access(&m->plat->dev->gic, io);
    case PLAT_GICR: return gicr_access(&m->plat->dev->gic, io);
    case PLAT_COUNTER: return counter_access(m, io);
    case PLAT_ECAM: io->value = UINT64_MAX; return true;
    case PLAT_IGNORED: return true;
    default: return false;
    }
}

static uint64_t low_bytes(uint64_t v, unsigned size)
{
    return size < 8 ? v & ((1ull << 8 * size) - 1) : v;
}

bool plat_access(struct machine *m, unsigned pe, uint64_t pa, unsigned size, bool write,
                 uint64_t *value)
{
    const struct plat_region *r = plat_region_at(m->plat, pa);
    struct plat_io io = {.size = size, .write = write};

    (void)pe;
    if (r == NULL || pa % size) /* aligned, it ends in the region where it begins */
        return false;
    plat_advance(m);
    io.offset = (uint32_t)(pa - r->base);
    io.value = write ? low_bytes(*value, size) : 0;
    if (!region_access(m, r, &io))
        return false;
    if (!write)
        *value = low_bytes(io.value, size);
    return true;
}

/* --- the GIC's side of a PE --------------------------------------------------------------------------------------- */

static void poll_ppis(struct machine *m, unsigned pe)
{
    gic_set_ppis(&m->plat->dev->gic, pe, host_ppis(m, pe, m->vtime));
}

bool plat_irq(struct machine *m, unsigned pe)
{
    plat_advance(m);
    poll_ppis(m, pe);
    return gic_signalled(&m->plat->dev->gic, pe) != GIC_INTID_SPURIOUS;
}

enum sysreg_result plat_icc_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                   uint64_t *value)
{
    plat_advance(m);
    poll_ppis(m, pe);
    return gic_icc_access(&m->plat->dev->gic, pe, sysreg, write, value);
}

void plat_deactivate(struct machine *m, unsigned pe, uint32_t intid)
{
    gic_deactivate(&m->plat->dev->gic, pe, intid);
}
