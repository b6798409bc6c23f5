/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runtime of the test images: host code at NS-EL2 without a library. runtime_start() gives each PE a stack, vectors, the
 * MMU with a flat map of RAM and devices, then calls image_main() on PE 0, image_secondary() on a PE that PSCI CPU_ON
 * started. An image prints lines, ends with finish(), and prints PASS there if no CHECK failed.
 *
 *      image_main --> CHECK, probe_*, rmi(), vcpu_run() ... --> finish(): PASS or FAIL, PSCI SYSTEM_OFF
 */
#ifndef IMAGES_IMAGE_H
#define IMAGES_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"
#include "sysreg.h"

#ifndef HOST_GRANULE
#define HOST_GRANULE 12 /* of the host's stage 1: 12, 14 or 16 */
#endif

void image_main(void);
void image_secondary(uint64_t context);

/* --- what is printed (console.c) --- */

/* One line, whole, whoever else prints. %s %c %u %x, with l for 64 bits. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
__attribute__((format(printf, 3, 4))) void fail(const char *file, int line, const char *format,
                                                ...);
_Noreturn void finish(void);
extern unsigned failures;

#define CHECK(c)                                      \
    do {                                              \
        if (!(c))                                     \
            fail(__FILE_NAME__, __LINE__, "not " #c); \
    } while (0)
#define CHECK_EQ(got, want)                                                          \
    do {                                                                             \
        uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                   \
        if (got_ != want_)                                                           \
            fail(__FILE_NAME__, __LINE__, #got " is 0x%lx, not 0x%lx", got_, want_); \
    } while (0)

/* --- this PE, other PEs (pe.c) --- */

struct vcpu;
struct fault {
    bool taken;
    uint64_t esr, far, elr;
};
struct pe { /* TPIDR_EL2; start.S knows `vcpu` */
    struct vcpu *vcpu;
    uint64_t index;
    volatile bool armed; /* the next synchronous exception is the probe's */
    volatile struct fault fault;
    volatile uint32_t interrupts[64]; /* taken, by INTID */
    void (*on_irq)(uint32_t intid);   /* before the end of the interrupt; may be NULL */
};
static inline struct pe *this_pe(void)
{
    return (struct pe *)MRS(tpidr_el2);
}

struct smc { /* x0..x17 of a call */
    uint64_t x[18];
};
void smc_call(struct smc *r);
struct smc smc(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5);

#define PSCI_VERSION_FID    0x84000000
#define PSCI_CPU_OFF_FID    0x84000002
#define PSCI_CPU_ON_FID     0xC4000003
#define PSCI_AFFINITY_FID   0xC4000004
#define PSCI_SYSTEM_OFF_FID 0x84000008
#define PSCI_RESET_FID      0x84000009
#define PSCI_FEATURES_FID   0x8400000A
uint64_t psci_cpu_on(unsigned pe, uint64_t context);
_Noreturn void psci_cpu_off(void);
_Noreturn void psci_system_off(void);

struct lock {
    uint32_t held;
};
void lock(struct lock *l);
void unlock(struct lock *l);
uint64_t atomic_add(volatile uint64_t *p, uint64_t n); /* by exclusives; returns the sum */
static inline uint64_t load_acquire(volatile uint64_t *p)
{
    uint64_t v;

    __asm__ volatile("ldar %0, %1" : "=r"(v) : "Q"(*p) : "memory");
    return v;
}
static inline void store_release(volatile uint64_t *p, uint64_t v)
{
    __asm__ volatile("stlr %1, %0" : "=Q"(*p) : "r"(v) : "memory");
}
/* Until *p is `v` or more, by WFE: whoever writes it does an SEV. */
void wait_for(volatile uint64_t *p, uint64_t v);
/* Writes and wakes. */
void tell(volatile uint64_t *p, uint64_t v);

/* --- memory (memory.c) --- */

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
/* Zeroed, aligned to its size, which is a power of two of at least 4 KB. Nothing is ever given back. */
void *alloc(uint64_t size);

/* Descriptors of stage 1; index into MAIR. */
#define MAP_DEVICE (0ul << 2 | MAP_XN)
#define MAP_NORMAL (1ul << 2 | 3ul << 8)
#define MAP_NC     (2ul << 2 | 2ul << 8)
#define MAP_AF     (1ul << 10)
#define MAP_RO     (1ul << 7)
#define MAP_EL0    (1ul << 6)
#define MAP_DBM    (1ul << 51)
#define MAP_PXN    (1ul << 53)
#ifdef VHE
#define MAP_XN (3ul << 53) /* for EL0 and for EL2 */
#else
#define MAP_XN (1ul << 54)
#endif
#define MAP_OA_MASK 0x0000FFFFFFFFF000ul
/* Of stage 2 */
#define S2_NORMAL (0xFul << 2 | 3ul << 8 | 3ul << 6 | MAP_AF)
#define S2_RO     (0xFul << 2 | 3ul << 8 | 1ul << 6 | MAP_AF)

struct space { /* a set of translation tables, of either stage */
    uint64_t *root;
    unsigned granule; /* 12, 14, 16 */
    unsigned bits;    /* of input addresses */
};
void space_init(struct space *s, unsigned granule, unsigned bits);
void space_map(struct space *s, uint64_t va, uint64_t pa, uint64_t size, uint64_t attributes);
/* The descriptor that maps `va`, or where the walk ends. */
uint64_t *space_entry(const struct space *s, uint64_t va);
int space_start_level(const struct space *s);
extern struct space host_space;
void mmu_init(void); /* once */
void mmu_on(void);   /* each PE */
void mmu_off(void);
uint64_t tcr_for(unsigned granule, unsigned bits);
void tlbi_all(void);
void tlbi_va(uint64_t va);
/* A page-sized window on `pa`, at a virtual address of its own; room for 512 of them. */
#define WINDOW_BASE 0x4000000000ul
uint64_t window(uint64_t pa, uint64_t attributes);
/* Is every word of the 4 KB at `p` equal to `v`? */
bool page_is(const volatile void *p, uint64_t v);

/* --- exceptions (exception.c) --- */

#define ESR_EC(esr)       ((esr) >> 26 & 0x3F)
#define ESR_FSC(esr)      ((esr)&0x3F)
#define ESR_WNR(esr)      ((esr) >> 6 & 1)
#define ESR_CM(esr)       ((esr) >> 8 & 1)
#define EC_UNKNOWN        0x00
#define EC_WFX            0x01
#define EC_SVC            0x15
#define EC_HVC            0x16
#define EC_SMC            0x17
#define EC_SYSREG         0x18
#define EC_IABT_LOWER     0x20
#define EC_IABT           0x21
#define EC_DABT_LOWER     0x24
#define EC_DABT           0x25
#define EC_SIMD           0x07
#define EC_ILLEGAL        0x0E
#define EC_PC_ALIGNMENT   0x22
#define EC_SP_ALIGNMENT   0x26
#define EC_BRK            0x3C
#define FSC_ADDRESS       0x00 /* + level */
#define FSC_TRANSLATION   0x04
#define FSC_ACCESS_FLAG   0x08
#define FSC_PERMISSION    0x0C
#define FSC_EXTERNAL      0x10
#define FSC_EXTERNAL_WALK 0x14 /* + level */
#define FSC_GPF_WALK      0x24 /* + level */
#define FSC_GPF           0x28

/* Does it, and says what came of it. A fetch calls the address; a RET there comes back. */
struct fault probe_load(uint64_t va, unsigned size, uint64_t *value);
struct fault probe_store(uint64_t va, unsigned size, uint64_t value);
struct fault probe_pair(uint64_t va);      /* LDP */
struct fault probe_exclusive(uint64_t va); /* LDAXR */
struct fault probe_atomic(uint64_t va);    /* LDADD */
struct fault probe_zva(uint64_t va);       /* DC ZVA */
struct fault probe_fetch(uint64_t va);
/* Any instruction: between them the next synchronous exception is expected. */
struct pe *probe_begin(void);
struct fault probe_end(struct pe *pe);
/* "data abort, granule protection fault" */
const char *fault_name(const struct fault *f);

/* --- interrupts (gic.c) --- */

void gic_init(void);    /* distributor, once */
void gic_init_pe(void); /* redistributor and CPU interface of this PE */
void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);
void gic_route(uint32_t spi, unsigned pe);
void gic_sgi(unsigned pe, uint32_t intid);
static inline void irq_on(void)
{
    __asm__ volatile("msr daifclr, #2" ::: "memory");
}
static inline void irq_off(void)
{
    __asm__ volatile("msr daifset, #2" ::: "memory");
}
static inline uint64_t now(void)
{
    ISB();
    return MRS(cntpct_el0);
}
void timer_in(uint64_t ticks); /* CNTHP */
void timer_stop(void);

static inline uint32_t read32(uint64_t a)
{
    uint32_t v;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline void write32(uint64_t a, uint32_t v)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(a) : "memory");
}
static inline void write64(uint64_t a, uint64_t v)
{
    __asm__ volatile("str %0, [%1]" ::"r"(v), "r"(a) : "memory");
}
static inline uint64_t read64(uint64_t a)
{
    uint64_t v;

    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}

/* --- an EL below (start.S) --- */

enum { FROM_SYNC, FROM_IRQ, FROM_FIQ, FROM_SERROR, FROM_SYNC_SP0 };
struct vcpu {
    uint64_t x[31];
    uint64_t pc, pstate;
};
/* Runs it until it comes back: FROM_*; ESR, FAR and HPFAR are in the registers. */
unsigned vcpu_run(struct vcpu *v);

#endif
