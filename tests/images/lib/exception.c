/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions that the host takes while it runs itself: interrupts, and accesses that are expected to fail. */
#include "image.h"

#define PSTATE_IL (1ul << 20)

struct frame { /* as start.S writes it */
    uint64_t x[31];
    uint64_t elr, spsr;
};

static const char *const class_name[64] = {
    [EC_UNKNOWN] = "undefined instruction",
    [EC_WFX] = "trapped WFI",
    [EC_SVC] = "SVC",
    [EC_HVC] = "HVC",
    [EC_SMC] = "SMC",
    [EC_SYSREG] = "trapped system register",
    [EC_IABT_LOWER] = "instruction abort from below",
    [EC_IABT] = "instruction abort",
    [EC_DABT_LOWER] = "data abort from below",
    [EC_DABT] = "data abort",
    [EC_SIMD] = "trapped SIMD&FP",
    [EC_ILLEGAL] = "illegal state",
    [EC_PC_ALIGNMENT] = "PC alignment",
    [EC_SP_ALIGNMENT] = "SP alignment",
    [EC_BRK] = "BRK",
};

static const char *const status_name[64] = {
    [0x00] = "address size fault, level 0",
    [0x01] = "address size fault, level 1",
    [0x02] = "address size fault, level 2",
    [0x03] = "address size fault, level 3",
    [0x04] = "translation fault, level 0",
    [0x05] = "translation fault, level 1",
    [0x06] = "translation fault, level 2",
    [0x07] = "translation fault, level 3",
    [0x09] = "access flag fault, level 1",
    [0x0A] = "access flag fault, level 2",
    [0x0B] = "access flag fault, level 3",
    [0x0D] = "permission fault, level 1",
    [0x0E] = "permission fault, level 2",
    [0x0F] = "permission fault, level 3",
    [0x10] = "external abort",
    [0x14] = "external abort on the walk, level 0",
    [0x15] = "external abort on the walk, level 1",
    [0x16] = "external abort on the walk, level 2",
    [0x17] = "external abort on the walk, level 3",
    [0x21] = "alignment fault",
    [0x24] = "granule protection fault on the walk, level 0",
    [0x25] = "granule protection fault on the walk, level 1",
    [0x26] = "granule protection fault on the walk, level 2",
    [0x27] = "granule protection fault on the walk, level 3",
    [0x28] = "granule protection fault",
};

/* One text at a time and PE is enough. */
const char *fault_name(const struct fault *f)
{
    static char text[MAX_PES][100];
    char *t = text[this_pe()->index];
    const char *parts[2] = {class_name[ESR_EC(f->esr)], status_name[ESR_FSC(f->esr)]};
    size_t n = 0;
    bool abort = (ESR_EC(f->esr) & ~5u) == EC_IABT_LOWER;

    if (!f->taken)
        return "nothing";
    for (unsigned i = 0; i < (abort ? 2 : 1); i++) {
        const char *s = parts[i] ? parts[i] : "something else";

        if (i) {
            t[n++] = ',';
            t[n++] = ' ';
        }
        while (*s && n < sizeof(text[0]) - 3)
            t[n++] = *s++;
    }
    t[n] = '\0';
    return t;
}

static void unexpected(const struct frame *f, unsigned kind)
{
    static volatile uint64_t before;
    uint64_t esr = MRS(R_ESR), far = MRS(R_FAR);

    if (atomic_add(&before, 1) == 1)
        print("FAIL: exception %u: ESR 0x%lx FAR 0x%lx ELR 0x%lx x30 0x%lx", kind, esr, far, f->elr,
              f->x[30]);
    psci_system_off();
}

static void synchronous(struct frame *f)
{
    struct pe *pe = this_pe();
    uint64_t esr = MRS(R_ESR);

    if (!pe->armed) {
        unexpected(f, FROM_SYNC);
        return;
    }
    pe->armed = false;
    pe->fault.taken = true;
    pe->fault.esr = esr;
    pe->fault.far = MRS(R_FAR);
    pe->fault.elr = f->elr;
    /* A fetch was a call: go on behind it. Everything else: behind the instruction. */
    f->elr = ESR_EC(esr) == EC_IABT || ESR_EC(esr) == EC_PC_ALIGNMENT ? f->x[30] : f->elr + 4;
    if (ESR_EC(esr) == EC_ILLEGAL)
        f->spsr &= ~PSTATE_IL;
}

static void interrupt(void)
{
    struct pe *pe = this_pe();
    uint32_t intid = (uint32_t)MRS(ICC_IAR1) & 0xFFFFFF;

    if (intid >= 1020)
        return;
    if (intid < 64)
        pe->interrupts[intid]++;
    if (intid == TIMER_PPI)
        timer_stop();
    if (pe->on_irq)
        pe->on_irq(intid);
    MSR(ICC_EOIR1, intid);
    ISB();
}

void exception(struct frame *f, unsigned kind);
void exception(struct frame *f, unsigned kind)
{
    if (kind == FROM_SYNC || kind == FROM_SYNC_SP0)
        synchronous(f);
    else if (kind == FROM_IRQ)
        interrupt();
    else
        unexpected(f, kind);
}

/* --- accesses that may fail --- */

struct pe *probe_begin(void)
{
    struct pe *pe = this_pe();

    pe->fault.taken = false;
    pe->fault.esr = pe->fault.far = pe->fault.elr = 0;
    pe->armed = true;
    return pe;
}

struct fault probe_end(struct pe *pe)
{
    struct fault f = {pe->fault.taken, pe->fault.esr, pe->fault.far, pe->fault.elr};

    pe->armed = false;
    return f;
}

struct fault probe_load(uint64_t va, unsigned size, uint64_t *value)
{
    struct pe *pe = probe_begin();
    uint64_t v = 0;

    if (size == 1)
        __asm__ volatile("ldrb %w0, [%1]" : "+r"(v) : "r"(va) : "memory");
    else if (size == 2)
        __asm__ volatile("ldrh %w0, [%1]" : "+r"(v) : "r"(va) : "memory");
    else if (size == 4)
        __asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(va) : "memory");
    else
        __asm__ volatile("ldr %0, [%1]" : "+r"(v) : "r"(va) : "memory");
    if (value)
        *value = v;
    return probe_end(pe);
}

struct fault probe_store(uint64_t va, unsigned size, uint64_t value)
{
    struct pe *pe = probe_begin();

    if (size == 1)
        __asm__ volatile("strb %w0, [%1]" ::"r"(value), "r"(va) : "memory");
    else if (size == 2)
        __asm__ volatile("strh %w0, [%1]" ::"r"(value), "r"(va) : "memory");
    else if (size == 4)
        __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(va) : "memory");
    else
        __asm__ volatile("str %0, [%1]" ::"r"(value), "r"(va) : "memory");
    return probe_end(pe);
}

struct fault probe_pair(uint64_t va)
{
    struct pe *pe = probe_begin();
    uint64_t a, b;

    __asm__ volatile("ldp %0, %1, [%2]" : "=&r"(a), "=&r"(b) : "r"(va) : "memory");
    return probe_end(pe);
}

struct fault probe_exclusive(uint64_t va)
{
    struct pe *pe = probe_begin();
    uint64_t v;

    __asm__ volatile("ldaxr %0, [%1]\n"
                     "clrex"
                     : "=&r"(v)
                     : "r"(va)
                     : "memory");
    return probe_end(pe);
}

struct fault probe_atomic(uint64_t va)
{
    struct pe *pe = probe_begin();
    uint64_t v;

    __asm__ volatile(".arch_extension lse\n"
                     "ldadd %1, %0, [%2]"
                     : "=&r"(v)
                     : "r"(1ul), "r"(va)
                     : "memory");
    return probe_end(pe);
}

struct fault probe_zva(uint64_t va)
{
    struct pe *pe = probe_begin();

    __asm__ volatile("dc zva, %0" ::"r"(va) : "memory");
    return probe_end(pe);
}

struct fault probe_fetch(uint64_t va)
{
    struct pe *pe = probe_begin();

    __asm__ volatile("blr %0" ::"r"(va) : "x30", "memory");
    return probe_end(pe);
}
