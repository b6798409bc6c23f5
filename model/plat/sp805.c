/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SP805 watchdog, DDI0270. It counts down from LOAD at its own clock; at zero it raises its interrupt and starts again from
 * LOAD, and when it gets to zero a second time, the interrupt still not cleared, it resets the platform.
 */
#include "plat/devices.h"

#define LOAD     0x000u
#define VALUE    0x004u
#define CONTROL  0x008u
#define INTCLR   0x00cu
#define RIS      0x010u
#define MIS      0x014u
#define LOCK     0xc00u
#define FIRST_ID 0xfd0u
#define LAST_ID  0xffcu

#define CONTROL_INTEN 1u /* interrupt and counter */
#define CONTROL_RESEN 2u
#define UNLOCK        0x1acce551u

static bool counts(const struct sp805 *w)
{
    return w->control & CONTROL_INTEN;
}

/* `n` ticks of a clock of `hz` in ticks of one of `to` Hz; up or down to a whole one. */
static uint64_t convert(uint64_t n, uint64_t hz, uint64_t to, bool up)
{
    uint64_t whole = n / hz, rest = n % hz; /* rest * to fits: both are far below 2^32 */

    return whole * to + (rest * to + (up ? hz - 1 : 0)) / hz;
}

/* Ticks of its clock since it started from `from`. */
static uint64_t gone_at(const struct sp805 *w, uint64_t now)
{
    return counts(w) ? convert(now - w->since, w->cntfrq, w->hz, false) : 0;
}

static uint32_t value_at(const struct sp805 *w, uint64_t now)
{
    uint64_t gone = gone_at(w, now);

    return gone < w->from ? w->from - (uint32_t)gone : 0;
}

static void start(struct sp805 *w, uint32_t from, uint64_t now)
{
    w->from = from;
    w->since = now;
}

void sp805_reset(struct sp805 *w, uint64_t hz, uint64_t cntfrq, uint64_t now)
{
    *w = (struct sp805){.hz = hz, .cntfrq = cntfrq, .load = 0xffffffff};
    start(w, w->load, now);
}

bool sp805_line(const struct sp805 *w)
{
    return w->interrupt && counts(w);
}

/* The interrupt is there, and nothing will reset: the count goes round and round, and nobody sees it but who reads it. */
static bool only_counts(const struct sp805 *w)
{
    return w->interrupt && !(w->control & CONTROL_RESEN);
}

static void go_round(struct sp805 *w, uint64_t now)
{
    uint64_t gone = gone_at(w, now), period = w->load ? w->load : 1;

    if (only_counts(w) && gone >= w->from)
        start(w, (uint32_t)(period - (gone - w->from) % period), now);
}

/* A LOAD of 0 is one of 1: at the next tick. */
static uint64_t zero_at(const struct sp805 *w)
{
    return w->since + convert(w->from ? w->from : 1, w->hz, w->cntfrq, true);
}

uint64_t sp805_deadline(const struct sp805 *w)
{
    return counts(w) && !only_counts(w) ? zero_at(w) : TIME_NEVER;
}

bool sp805_advance(struct sp805 *w, uint64_t now)
{
    while (sp805_deadline(w) <= now) {
        if (w->interrupt)
            return true;
        w->interrupt = true;
        start(w, w->load, zero_at(w));
    }
    return false;
}

static uint32_t sp805_read(const struct sp805 *w, uint32_t offset, uint64_t now)
{
    static const uint8_t id[8] = {0, 0, 0, 0, 0x05, 0x18, 0x14, 0x00};

    switch (offset) {
    case LOAD: return w->load;
    case VALUE: return value_at(w, now);
    case CONTROL: return w->control;
    case RIS: return w->interrupt;
    case MIS: return sp805_line(w);
    case LOCK: return w->locked;
    default: return offset >= FIRST_ID && offset <= LAST_ID ? primecell_id(offset, id) : 0;
    }
}

static void write_control(struct sp805 *w, uint32_t value, uint64_t now)
{
    bool counted = counts(w);
    uint32_t left = value_at(w, now);

    w->control = value & (CONTROL_INTEN | CONTROL_RESEN);
    if (counts(w) && !counted)
        start(w, w->load, now);
    else if (counted && !counts(w))
        start(w, left, now);
}

static void sp805_write(struct sp805 *w, uint32_t offset, uint32_t value, uint64_t now)
{
    if (offset == LOCK)
        w->locked = value != UNLOCK;
    if (w->locked)
        return;
    switch (offset) {
    case LOAD:
        w->load = value;
        start(w, value, now);
        break;
    case CONTROL: write_control(w, value, now); break;
    case INTCLR:
        w->interrupt = false;
        start(w, w->load, now);
        break;
    default: break;
    }
}

void sp805_access(struct sp805 *w, struct plat_io *io, uint64_t now)
{
    go_round(w, now);
    if (io->write)
        sp805_write(w, io->offset, (uint32_t)io->value, now);
    else
        io->value = sp805_read(w, io->offset, now);
}
