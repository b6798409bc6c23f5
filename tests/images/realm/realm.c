/* SPDX-License-Identifier: BSD-3-Clause */
/* The runtime at EL1. */
#include "realm.h"

#define MAX_RECS 2

struct per_pe {
    bool armed;
    uint64_t esr;
};
static volatile struct per_pe per_pe[MAX_RECS];
static struct host_call host_calls[MAX_RECS];
volatile uint64_t interrupts_seen[64];

void *memcpy(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    while (n--)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int c, size_t n)
{
    char *t = to;

    while (n--)
        *t++ = (char)c;
    return to;
}

static uint64_t my_index(void)
{
    return MRS(mpidr_el1) & 0xF;
}

void call_smc(struct regs *r)
{
    register uint64_t x0 __asm__("x0") = r->x[0];
    register uint64_t x1 __asm__("x1") = r->x[1];
    register uint64_t x2 __asm__("x2") = r->x[2];
    register uint64_t x3 __asm__("x3") = r->x[3];
    register uint64_t x4 __asm__("x4") = r->x[4];
    register uint64_t x5 __asm__("x5") = r->x[5];
    register uint64_t x6 __asm__("x6") = r->x[6];
    register uint64_t x7 __asm__("x7") = r->x[7];
    register uint64_t x8 __asm__("x8") = r->x[8];
    register uint64_t x9 __asm__("x9") = r->x[9];
    register uint64_t x10 __asm__("x10") = r->x[10];

    __asm__ volatile("smc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6),
                       "+r"(x7), "+r"(x8), "+r"(x9), "+r"(x10)::"x11", "x12", "x13", "x14", "x15",
                       "x16", "x17", "memory");
    r->x[0] = x0;
    r->x[1] = x1;
    r->x[2] = x2;
    r->x[3] = x3;
    r->x[4] = x4;
    r->x[5] = x5;
    r->x[6] = x6;
    r->x[7] = x7;
    r->x[8] = x8;
}

struct regs call(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
    struct regs r = {.x = {fid, x1, x2, x3, x4}};

    call_smc(&r);
    return r;
}

struct host_call *host_call(void)
{
    struct host_call *h = &host_calls[my_index()];

    memset(h, 0, sizeof(*h));
    return h;
}

void ask_host(enum host_service service)
{
    struct host_call *h = &host_calls[my_index()];

#ifdef GUEST
    register struct host_call *x0 __asm__("x0") = h;
    register uint64_t x1 __asm__("x1") = service;

    __asm__ volatile("hvc #0x17" : "+r"(x0), "+r"(x1)::"memory");
#else
    h->imm = service;
    CHECK_EQ(call(RSI_HOST_CALL, (uint64_t)h, 0, 0, 0).x[0], RSI_SUCCESS);
#endif
}

void say(const char *text)
{
    char *to = (char *)host_call()->gprs;

    for (size_t i = 0; text[i] && i < 31 * 8 - 1; i++)
        to[i] = text[i];
    ask_host(SERVICE_PRINT);
}

void realm_check(int line, uint64_t got, uint64_t want)
{
    struct host_call *h;

    if (got == want)
        return;
    h = host_call();
    h->gprs[0] = (uint64_t)line;
    h->gprs[1] = got;
    h->gprs[2] = want;
    ask_host(SERVICE_FAIL);
}

static uint64_t table[512] __attribute__((aligned(4096)));

#define BLOCK_NORMAL (1ul << 2 | 3ul << 8 | 1ul << 10 | 1ul)
#define BLOCK_DEVICE (0ul << 2 | 1ul << 10 | 1ul << 53 | 1ul << 54 | 1ul)
#define GB           0x40000000ul
#define EL0_VIEW     (16 * GB) /* the first gigabyte once more, for EL0 to read and execute */

void realm_mmu_on(uint64_t unprotected)
{
    table[0] = BLOCK_NORMAL;
    table[unprotected / GB] = unprotected | BLOCK_DEVICE;
    table[unprotected / GB + 1] = (unprotected + GB) | BLOCK_NORMAL | 1ul << 53 | 1ul << 54;
    table[EL0_VIEW / GB] = BLOCK_NORMAL | 3ul << 6 | 1ul << 53;
    MSR(mair_el1, 0xFF04);
    /* 39 bits of VA by TTBR0, 40 bits of IPA */
    MSR(tcr_el1, 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 2ul << 32);
    MSR(ttbr0_el1, table);
    __asm__ volatile("dsb ish\n"
                     "tlbi vmalle1\n"
                     "dsb ish\n"
                     "isb" ::
                         : "memory");
    MSR(sctlr_el1, MRS(sctlr_el1) | 1ul << 12 | 1ul << 2 | 1ul);
    ISB();
}

void realm_el0(void)
{
    MSR(cpacr_el1, 3ul << 20);
    CHECK_EQ(el0_run(EL0_VIEW + (uint64_t)el0_code, 41), 42);
    CHECK_EQ(MRS(esr_el1) >> 26, 0x15);
    CHECK_EQ(MRS(esr_el1) & 0xFFFF, 9);
    el0_run(EL0_VIEW + (uint64_t)el0_load, (uint64_t)el0_code); /* EL1's view of it */
    CHECK_EQ(MRS(esr_el1) >> 26, 0x24);
    CHECK_EQ(MRS(esr_el1) & 0x3F, 0x0D); /* permission, level 1 */
    CHECK_EQ(MRS(far_el1), (uint64_t)el0_code);
}

uint64_t realm_map_block(uint64_t ipa)
{
    table[ipa / GB] = ipa | BLOCK_NORMAL;
    __asm__ volatile("dsb ish\n"
                     "isb" ::
                         : "memory");
    return ipa;
}

void expect_exception(void)
{
    per_pe[my_index()].esr = 0;
    per_pe[my_index()].armed = true;
}

uint64_t exception_seen(void)
{
    per_pe[my_index()].armed = false;
    return per_pe[my_index()].esr;
}

void interrupts_on(void)
{
    MSR(ICC_SRE_EL1, 7);
    ISB();
    MSR(ICC_PMR, 0xFF);
    MSR(ICC_IGRPEN1, 1);
    ISB();
    __asm__ volatile("msr daifclr, #2" ::: "memory");
}

__attribute__((weak)) void realm_in_interrupt(void)
{
}

static void interrupt(void)
{
    uint64_t intid = MRS(ICC_IAR1);

    if (intid >= 1020)
        return;
    if (intid == CNTV_PPI)
        MSR(cntv_ctl_el0, 0);
    realm_in_interrupt();
    interrupts_seen[intid % 64]++;
    MSR(ICC_EOIR1, intid);
    ISB();
}

/* Kinds 0 and 1: synchronous and IRQ. What comes back is added to the return address. */
uint64_t realm_exception(uint64_t kind);
uint64_t realm_exception(uint64_t kind)
{
    volatile struct per_pe *p = &per_pe[my_index()];

    if (kind == 1) {
        interrupt();
        return 0;
    }
    if (kind == 0 && p->armed) {
        p->armed = false;
        p->esr = MRS(esr_el1);
        /* An undefined instruction, too, is the preferred return address itself. */
        return 4;
    }
    CHECK_EQ(MRS(esr_el1), 0);
    CHECK_EQ(MRS(elr_el1), 0);
    CHECK_EQ(MRS(far_el1), 0);
    ask_host(SERVICE_DONE);
    while (1)
        ;
}

uint64_t atomic_add(volatile uint64_t *p, uint64_t n)
{
    uint64_t sum;
    uint32_t failed;

    __asm__ volatile("1: ldaxr %0, %2\n"
                     "   add   %0, %0, %3\n"
                     "   stlxr %w1, %0, %2\n"
                     "   cbnz  %w1, 1b\n"
                     : "=&r"(sum), "=&r"(failed), "+Q"(*p)
                     : "r"(n)
                     : "memory");
    return sum;
}

void realm_start(uint64_t index, uint64_t context);
void realm_start(uint64_t index, uint64_t context)
{
    realm_main(index, context);
    ask_host(SERVICE_DONE);
}
