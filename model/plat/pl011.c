/* SPDX-License-Identifier: BSD-3-Clause */
/* PL011 UART, DDI0183 chapter 3. */
#include "plat/devices.h"

#define DR       0x000u
#define RSR_ECR  0x004u
#define FR       0x018u
#define ILPR     0x020u
#define IBRD     0x024u
#define FBRD     0x028u
#define LCR_H    0x02cu
#define CR       0x030u
#define IFLS     0x034u
#define IMSC     0x038u
#define RIS      0x03cu
#define MIS      0x040u
#define ICR      0x044u
#define DMACR    0x048u
#define FIRST_ID 0xfd0u
#define LAST_ID  0xffcu

#define FR_RXFE    (1u << 4)
#define FR_TXFE    (1u << 7)
#define INT_TX     (1u << 5)
#define CR_RESET   0x300u /* RXE, TXE */
#define IFLS_RESET 0x12u

void pl011_reset(struct pl011 *u)
{
    *u = (struct pl011){.cr = CR_RESET, .ifls = IFLS_RESET};
}

bool pl011_line(const struct pl011 *u)
{
    return (u->ris & u->imsc) != 0;
}

uint32_t primecell_id(uint32_t offset, const uint8_t periph[8])
{
    static const uint8_t cell[4] = {0x0d, 0xf0, 0x05, 0xb1};
    unsigned i = (offset - FIRST_ID) / 4; /* PeriphID4..7, 0..3, PCellID0..3 */

    return i < 8 ? periph[i] : cell[i - 8];
}

static uint32_t pl011_read(const struct pl011 *u, uint32_t offset)
{
    static const uint8_t id[8] = {0, 0, 0, 0, 0x11, 0x10, 0x14, 0x00};

    switch (offset) {
    case FR: return FR_TXFE | FR_RXFE;
    case ILPR: return u->ilpr;
    case IBRD: return u->ibrd;
    case FBRD: return u->fbrd;
    case LCR_H: return u->lcr_h;
    case CR: return u->cr;
    case IFLS: return u->ifls;
    case IMSC: return u->imsc;
    case RIS: return u->ris;
    case MIS: return u->ris & u->imsc;
    case DMACR: return u->dmacr;
    default: return offset >= FIRST_ID && offset <= LAST_ID ? primecell_id(offset, id) : 0;
    }
}

static void pl011_write(struct pl011 *u, uint32_t offset, uint32_t value)
{
    switch (offset) {
    /* The FIFO is empty again, below any trigger level. */
    case DR: u->ris |= INT_TX; break;
    case ILPR: u->ilpr = value & 0xff; break;
    case IBRD: u->ibrd = value & 0xffff; break;
    case FBRD: u->fbrd = value & 0x3f; break;
    case LCR_H: u->lcr_h = value & 0xff; break;
    case CR: u->cr = value & 0xff87; break;
    case IFLS: u->ifls = value & 0x3f; break;
    case IMSC: u->imsc = value & 0x7ff; break;
    case ICR: u->ris &= ~value; break;
    case DMACR: u->dmacr = value & 7; break;
    default: break;
    }
}

void pl011_access(struct pl011 *u, struct plat_io *io, bool *sends, uint8_t *sent)
{
    *sends = io->write && io->offset == DR;
    *sent = (uint8_t)io->value;
    if (io->write)
        pl011_write(u, io->offset, (uint32_t)io->value);
    else
        io->value = pl011_read(u, io->offset);
}
