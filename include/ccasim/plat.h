/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform around the PEs: a memory map, which is one table, and the devices in it: UART, GIC, watchdogs. A second
 * platform is a second table. Exists where host code runs (`ccasim boot`).
 *
 *      load, store of a PE --> MMU --> GPC --> memory, or a device (plat_access), or nothing: external abort
 *      device, PPI of a PE --> GIC distributor, redistributor --> CPU interface --> host_interrupt(), realm_interrupt()
 *
 * Devices have no clock of their own: plat_advance() brings them to machine.vtime, plat_deadline() says when one has to be.
 * Interrupts: GICv3, one Security state visible (the Non-secure view), affinity routing always on, no LPIs.
 */
#ifndef CCASIM_PLAT_H
#define CCASIM_PLAT_H

#include <ccasim/host.h>

CCASIM_API_BEGIN

enum plat_kind {
    PLAT_RAM,   /* inside impl.dram */
    PLAT_NVM,   /* RAM that keeps its content over a reset; 0xFF at power-on */
    PLAT_PL011, /* UART; unit 0 is the console */
    PLAT_GICD,  /* distributor */
    PLAT_GICR,  /* redistributors, 128 KB a PE */
    PLAT_SP805, /* watchdog: resets the platform */
    PLAT_SBSA_WDT_CONTROL,
    PLAT_SBSA_WDT_REFRESH,
    PLAT_COUNTER, /* the system counter, to read (CNTReadBase) */
    PLAT_ECAM,    /* PCIe configuration space without a function: all ones */
    PLAT_IGNORED, /* reads as zero, writes are ignored */
    PLAT_SECURE, /* of the Secure world. In DRAM the GPT says so: GPF. Elsewhere the GPI is "any", and the completer refuses
                  * a Non-secure access: external abort */
};
struct plat_region {
    const char *name;
    uint64_t base,
        size;       /* 4 KB-aligned; regions do not overlap, but NVM and Secure DRAM lie in RAM */
    uint8_t kind;   /* enum plat_kind */
    uint8_t unit;   /* which one of its kind */
    uint32_t intid; /* SPI that it raises; 0: none */
};
struct plat_desc {
    const char *name;
    const char *what; /* one line, for --help */
    uint32_t num_pes;
    uint64_t mpidr[CCA_MAX_PES]; /* affinity fields */
    uint64_t cntfrq;             /* Hz; the counter ticks once an instruction executed */
    uint64_t sp805_hz;           /* clock of the SP805 watchdogs */
    struct impl_range dram;
    uint64_t root_size; /* bytes at the end of DRAM that EL3M and the RMM keep for themselves */
    const struct plat_region *region; /* ascending by base */
    size_t num_regions;
    uint32_t num_intids; /* of the GIC, SPIs and what is before them: a multiple of 32, up to 256 */
    const uint16_t *secure_intid; /* interrupts that firmware gave to the Secure world; 0 ends it */
};
extern const struct plat_desc *const plat_all[]; /* NULL-terminated; the first is the default */
const struct plat_desc *plat_by_name(const char *name); /* NULL: none */
/* impl_default() as this platform has it: DRAM, banks, Secure ranges, PEs (0: all of them). */
void plat_impl(const struct plat_desc *d, unsigned num_pes, struct impl *out);

struct plat_devices; /* plat/: UART, GIC, watchdogs */
struct platform {
    const struct plat_desc *desc;
    struct host_pe pe[CCA_MAX_PES];
    struct plat_devices *dev;
    /* What the UART sent. May be NULL. */
    void (*uart)(void *ctx, unsigned unit, uint8_t byte);
    void *uart_ctx;
    /* A watchdog ran out, or PSCI asked: whoever schedules resets or ends. */
    const char *wants_reset; /* why: "SP805 watchdog", "PSCI SYSTEM_RESET"; NULL: not */
    const char *wants_off;   /* "PSCI SYSTEM_OFF" */
};

/* Gives the machine, built from plat_impl(), its platform; m->plat is set. CCA_ERR_NOMEM. */
int plat_attach(struct machine *m, const struct plat_desc *d);
void plat_detach(struct machine *m); /* frees; m->plat == NULL is fine */
/* Devices as reset leaves them. PEs: all off. The content of memory, NVM's too, is the caller's. */
void plat_reset(struct machine *m);
/* The PE's part of the GIC as power-on of the PE and firmware leave it: whoever resets a PE (host_reset) calls it. */
void plat_pe_reset(struct machine *m, unsigned pe);

/* The device at a PA; NULL: DRAM, whatever it is there for, or nothing. */
const struct plat_region *plat_region_at(const struct platform *p, uint64_t pa);
/* The region of that kind and unit; NULL: none. */
const struct plat_region *plat_find(const struct plat_desc *d, enum plat_kind kind, unsigned unit);
const char *plat_kind_name(enum plat_kind k); /* "PL011" */
/* A load or store of 1, 2, 4 or 8 bytes by host code at the device's PA, at machine.vtime. False: external abort. */
bool plat_access(struct machine *m, unsigned pe, uint64_t pa, unsigned size, bool write,
                 uint64_t *value);

/* Devices up to machine.vtime: watchdogs run out, lines change. */
void plat_advance(struct machine *m);
/* Virtual time at which plat_advance() has something to do by itself; TIME_NEVER. PPIs are host_ppi_deadline(). */
uint64_t plat_deadline(const struct machine *m);

/* --- the GIC's side of a PE --- */

/* ICC_* of the physical CPU interface (EL2, or EL1 where HCR_EL2 does not make it virtual). */
enum sysreg_result plat_icc_access(struct machine *m, unsigned pe, uint32_t sysreg, bool write,
                                   uint64_t *value);
/* A guest ended an interrupt whose list register has HW: the physical one is not active any more, whatever EOImode. */
void plat_deactivate(struct machine *m, unsigned pe, uint32_t intid);
/* The CPU interface signals an IRQ (Group 1, priority above PMR and running priority) to the PE. An IRQ that comes while a
 * Realm runs takes the PE to R-EL2, whatever the Realm masks. */
bool plat_irq(struct machine *m, unsigned pe);

CCASIM_API_END

#endif
