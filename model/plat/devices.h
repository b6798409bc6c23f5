/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The devices of a platform as values. Each has its file and three kinds of function: a register access at an offset
 * of its region (false: the device refuses it), what time does to it, and the level of its interrupt line.
 *
 * Time is virtual time, in ticks of the system counter. A device notes when its count started, never counts.
 */
#ifndef CCASIM_PLAT_DEVICES_H
#define CCASIM_PLAT_DEVICES_H

#include <ccasim/plat.h>

#include "plat/gic.h"

/* An access of 1, 2, 4 or 8 bytes at `offset`, aligned to its size. */
struct plat_io {
    uint32_t offset;
    unsigned size;
    bool write;
    uint64_t value; /* written, or (zero before) read */
};

/* --- PL011 (DDI0183): what is sent leaves at once; nothing is ever received --- */
struct pl011 {
    uint32_t ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, ris, dmacr;
};
void pl011_reset(struct pl011 *u);
/* `*sends`: `*sent` is a byte that went out. */
void pl011_access(struct pl011 *u, struct plat_io *io, bool *sends, uint8_t *sent);
bool pl011_line(const struct pl011 *u);

/* --- SP805 watchdog (DDI0270) --- */
struct sp805 {
    uint64_t hz, cntfrq;
    uint32_t load, control;
    bool locked, interrupt;
    uint64_t since; /* when it counted `from` */
    uint32_t from;
};
void sp805_reset(struct sp805 *w, uint64_t hz, uint64_t cntfrq, uint64_t now);
void sp805_access(struct sp805 *w, struct plat_io *io, uint64_t now);
/* True: it ran out a second time, and resets the platform. */
bool sp805_advance(struct sp805 *w, uint64_t now);
uint64_t sp805_deadline(const struct sp805 *w);
bool sp805_line(const struct sp805 *w);

/* --- generic watchdog (DEN0029 appendix: two frames, two stages) --- */
struct sbsa_wdt {
    uint32_t wcs, wor;
    uint64_t wcv;
};
void sbsa_wdt_reset(struct sbsa_wdt *w);
void sbsa_wdt_control(struct sbsa_wdt *w, struct plat_io *io, uint64_t now);
void sbsa_wdt_refresh(struct sbsa_wdt *w, struct plat_io *io, uint64_t now);
/* True: the second stage (WS1), which resets the platform. */
bool sbsa_wdt_advance(struct sbsa_wdt *w, uint64_t now);
uint64_t sbsa_wdt_deadline(const struct sbsa_wdt *w);
bool sbsa_wdt_line(const struct sbsa_wdt *w);

/* Identification registers at 0xFD0..0xFFF of a PrimeCell: PeriphID4..7, PeriphID0..3, PCellID0..3. */
uint32_t primecell_id(uint32_t offset, const uint8_t periph[8]);

#define PLAT_MAX_UNITS 4u
struct plat_devices {
    struct gic gic;
    struct pl011 uart[PLAT_MAX_UNITS];
    struct sp805 sp805[PLAT_MAX_UNITS];
    struct sbsa_wdt wdt[PLAT_MAX_UNITS];
    uint64_t next; /* least deadline of the watchdogs */
};

#endif
