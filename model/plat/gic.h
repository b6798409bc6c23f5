/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The GIC (IHI0069): distributor, redistributors and CPU interfaces of GICv3 with two Security states, as Non-secure
 * software finds them (GICD_CTLR.DS 0, SCR_EL3.FIQ 1). Secure firmware has run: affinity routing is on, a few interrupts
 * are Secure and read as zero, redistributors are awake, every other interrupt is in Group 1.
 *
 *      line or write --> pending --IAR--> active (and pending) --EOIR: priority drop--> --DIR, or EOIR--> inactive
 *
 * Priorities are those of the Non-secure view: four bits, 0x00 (highest) to 0xF0. Their physical value is 0x80 | p >> 1,
 * which the active priority registers are numbered by.
 *
 * Not modelled: LPIs and ITS, extended ranges, message-based SPIs, NMIs, virtual LPIs.
 */
#ifndef CCASIM_PLAT_GIC_H
#define CCASIM_PLAT_GIC_H

#include <ccasim/plat.h>

#define GIC_MAX_INTIDS     256u
#define GIC_MAX_WORDS      (GIC_MAX_INTIDS / 32)
#define GIC_FIRST_PPI      16u
#define GIC_FIRST_SPI      32u
#define GIC_INTID_SPECIAL  1020u /* and above: no interrupt */
#define GIC_INTID_SPURIOUS 1023u
#define GIC_PRIORITY_MASK  0xf0u
#define GIC_PRIORITY_IDLE  0xffu

/* 32 interrupts, a bit each. */
struct gic_word {
    uint32_t visible; /* Non-secure Group 1 */
    uint32_t enabled;
    uint32_t latched; /* pending by an edge, an SGI or a write */
    uint32_t line;    /* level of the input */
    uint32_t active;
    uint32_t edge; /* else level-sensitive: pending while the input is high */
    uint8_t priority[32];
};
struct gic_pe {
    struct gic_word own; /* SGIs, PPIs */
    /* CPU interface */
    bool group_enabled; /* ICC_IGRPEN1_EL1 */
    bool split_eoi;     /* ICC_CTLR_EL1.EOImode: deactivation is a write to ICC_DIR_EL1 */
    uint8_t mask;       /* ICC_PMR_EL1 */
    uint8_t bpr;        /* ICC_BPR1_EL1 */
    uint32_t active;    /* ICC_AP1R0_EL1: active priorities */
    /* Highest-priority interrupt that is pending here and enabled; follows from the rest unless stale. */
    bool stale;
    uint16_t best;
    uint8_t best_priority;
};
struct gic {
    unsigned num_pes, num_words;
    uint64_t mpidr[CCA_MAX_PES];
    bool group_enabled;                 /* GICD_CTLR.EnableGrp1A */
    struct gic_word spi[GIC_MAX_WORDS]; /* from [1] on */
    uint64_t router[GIC_MAX_INTIDS];    /* GICD_IROUTER<n> */
    struct gic_pe pe[CCA_MAX_PES];
};

void gic_reset(struct gic *g, const struct plat_desc *d, unsigned num_pes);
/* The CPU interface of a PE that was off. Its redistributor keeps what it has. */
void gic_reset_pe(struct gic *g, unsigned pe);
/* Input of a shared interrupt. */
void gic_set_spi(struct gic *g, unsigned intid, bool level);
/* Inputs of the private interrupts: a bit an INTID. */
void gic_set_ppis(struct gic *g, unsigned pe, uint32_t level);
/* Something that any PE may see changed. */
void gic_touch(struct gic *g);

/* The interrupt that the CPU interface would signal; GIC_INTID_SPURIOUS: none. */
unsigned gic_signalled(struct gic *g, unsigned pe);
/* The same, whatever the priority mask and the running priority. */
unsigned gic_highest_pending(struct gic *g, unsigned pe);
unsigned gic_running_priority(const struct gic_pe *p);
unsigned gic_acknowledge(struct gic *g, unsigned pe);
void gic_end(struct gic *g, unsigned pe, uint32_t intid);
void gic_deactivate(struct gic *g, unsigned pe, uint32_t intid);
/* ICC_SGI1R_EL1 */
void gic_send_sgi(struct gic *g, unsigned pe, uint64_t value);
enum sysreg_result gic_icc_access(struct gic *g, unsigned pe, uint32_t sysreg, bool write,
                                  uint64_t *value);

/* The registers that distributor and redistributor have alike, for word `n`'s 32 interrupts. */
enum gic_bits {
    GIC_IGROUPR = 0x080,
    GIC_ISENABLER = 0x100,
    GIC_ICENABLER = 0x180,
    GIC_ISPENDR = 0x200,
    GIC_ICPENDR = 0x280,
    GIC_ISACTIVER = 0x300,
    GIC_ICACTIVER = 0x380,
};
struct plat_io;
/* One register of a bit an interrupt; `offset` is of enum gic_bits. */
void gic_bits_access(struct gic_word *w, enum gic_bits offset, struct plat_io *io);
/* IPRIORITYR: one byte or four, from interrupt `first` of the word on. */
void gic_priority_access(struct gic_word *w, unsigned first, struct plat_io *io);
/* ICFGR: two bits an interrupt, of its lower or upper 16. `fixed`: those bits cannot be changed. */
void gic_config_access(struct gic_word *w, unsigned half, uint32_t fixed, struct plat_io *io);
/* PIDR, CIDR at 0xFFD0..0xFFFF. */
uint32_t gic_id(uint32_t offset, uint8_t part);
#define GIC_PART_GICD 0x92u
#define GIC_PART_GICR 0x93u
#define GIC_IIDR      0x0000043bu

bool gicd_access(struct gic *g, struct plat_io *io);
bool gicr_access(struct gic *g, struct plat_io *io);

#endif
