/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generic watchdog (DEN0029, "Generic watchdog"): compares the system counter. When the counter passes the compare value
 * the first time, WS0 raises the interrupt and the compare value moves on by the offset; the second time, WS1 resets the
 * platform. A write to the refresh frame, the offset or the control register starts it all again.
 */
#include "plat/devices.h"

#define WRR      0x000u /* refresh frame */
#define WCS      0x000u /* control frame */
#define WOR      0x008u
#define WCV_LOW  0x010u
#define WCV_HIGH 0x014u
#define W_IIDR   0xfccu /* both */

#define WCS_EN  1u
#define WCS_WS0 2u
#define WCS_WS1 4u

#define IIDR 0x0000043bu

void sbsa_wdt_reset(struct sbsa_wdt *w)
{
    *w = (struct sbsa_wdt){0};
}

bool sbsa_wdt_line(const struct sbsa_wdt *w)
{
    return w->wcs & WCS_WS0;
}

uint64_t sbsa_wdt_deadline(const struct sbsa_wdt *w)
{
    if (!(w->wcs & WCS_EN) || (w->wcs & WCS_WS1) || w->wcv == UINT64_MAX)
        return TIME_NEVER;
    return w->wcv + 1;
}

bool sbsa_wdt_advance(struct sbsa_wdt *w, uint64_t now)
{
    while (sbsa_wdt_deadline(w) <= now) {
        if (w->wcs & WCS_WS0) {
            w->wcs |= WCS_WS1;
            return true;
        }
        w->wcs |= WCS_WS0;
        w->wcv = sbsa_wdt_deadline(w) + w->wor;
    }
    return false;
}

static void refresh(struct sbsa_wdt *w, uint64_t now)
{
    w->wcs &= WCS_EN;
    w->wcv = now + w->wor;
}

static uint32_t read_control(const struct sbsa_wdt *w, uint32_t offset)
{
    switch (offset) {
    case WCS: return w->wcs;
    case WOR: return w->wor;
    case WCV_LOW: return (uint32_t)w->wcv;
    case WCV_HIGH: return (uint32_t)(w->wcv >> 32);
    case W_IIDR: return IIDR;
    default: return 0;
    }
}

static void write_control(struct sbsa_wdt *w, uint32_t offset, uint32_t value, uint64_t now)
{
    switch (offset) {
    case WCS:
        w->wcs = value & WCS_EN;
        refresh(w, now);
        break;
    case WOR:
        w->wor = value;
        refresh(w, now);
        break;
    case WCV_LOW: w->wcv = (w->wcv & ~0xffffffffull) | value; break;
    case WCV_HIGH: w->wcv = (w->wcv & 0xffffffffull) | (uint64_t)value << 32; break;
    default: break;
    }
}

void sbsa_wdt_control(struct sbsa_wdt *w, struct plat_io *io, uint64_t now)
{
    if (io->write)
        write_control(w, io->offset, (uint32_t)io->value, now);
    else
        io->value = read_control(w, io->offset);
}

void sbsa_wdt_refresh(struct sbsa_wdt *w, struct plat_io *io, uint64_t now)
{
    if (io->write && io->offset == WRR)
        refresh(w, now);
    else if (!io->write)
        io->value = io->offset == W_IIDR ? IIDR : 0;
}
