/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A load or store of the host to a device, by decode: one or two general-purpose registers, any addressing mode. What only
 * memory takes is refused (DDI0487 B2.10.2): exclusives and atomics, DC ZVA, unaligned accesses. The devices are 64 bits
 * wide at most, so that SIMD&FP registers find no one.
 */
#include "cpu_internal.h"

static uint32_t bits(uint32_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2u << (high - low)) - 1);
}

struct transfer {
    unsigned size, count; /* bytes, of each register; registers */
    unsigned rt[2];
    bool sign, wide; /* a load is sign-extended, to 64 bits */
    bool writeback;
    unsigned rn;
    uint64_t base; /* after it */
};

static uint64_t sign_extend(uint64_t v, unsigned width)
{
    return (uint64_t)((int64_t)(v << (64 - width)) >> (64 - width));
}

static bool is_pair(uint32_t insn)
{
    return (insn & 0x3A000000) == 0x28000000;
}

static void decode_pair(uint32_t insn, struct transfer *t)
{
    uint32_t opc = bits(insn, 31, 30), mode = bits(insn, 24, 23);
    t->size = opc == 2 ? 8 : 4;
    t->count = 2;
    t->rt[1] = bits(insn, 14, 10);
    t->sign = t->wide = opc == 1; /* LDPSW */
    t->wide |= opc == 2;
    t->writeback = mode & 1;
    t->base = sign_extend(bits(insn, 21, 15), 7) * t->size;
}

static void decode_single(uint32_t insn, struct transfer *t)
{
    uint32_t opc = bits(insn, 23, 22);
    bool indexed = (insn & 0x3B200000) == 0x38000000 && bits(insn, 10, 10);
    t->size = 1u << bits(insn, 31, 30);
    t->count = 1;
    t->writeback = indexed;
    t->base = sign_extend(bits(insn, 20, 12), 9);
    if ((insn & 0x3F000000) == 0x08000000 || (insn & 0x3B200C00) == 0x38200000)
        return; /* LDAR, STLR, LDAPR: zero-extended, and these bits mean other things */
    t->sign = opc >= 2;
    t->wide = opc == 2;
}

static void decode_literal(uint32_t insn, struct transfer *t)
{
    uint32_t opc = bits(insn, 31, 30);
    t->size = opc == 1 ? 8 : 4;
    t->count = 1;
    t->sign = t->wide = opc == 2;
}

static void decode(uint32_t insn, struct transfer *t)
{
    *t = (struct transfer){.rt = {bits(insn, 4, 0)}, .rn = bits(insn, 9, 5)};
    if (is_pair(insn))
        decode_pair(insn, t);
    else if ((insn & 0x3B000000) == 0x18000000)
        decode_literal(insn, t);
    else
        decode_single(insn, t);
}

static uint64_t extended(const struct transfer *t, uint64_t v)
{
    if (!t->sign)
        return v;
    v = sign_extend(v, t->size * 8);
    return t->wide ? v : (uint32_t)v;
}

/* The halves of a pair may lie in different pages, and one of them in memory. */
static enum mmio_result one(struct engine *e, unsigned el, uint64_t va, unsigned size, bool write,
                            uint64_t *v, struct mmu_fault *f)
{
    struct mmu_result out;
    if (!mmu_translate(e->m, e->pe, el, va, write ? ACCESS_WRITE : ACCESS_READ, &out, f))
        return MMIO_FAULT;
    if (out.mmio)
        return plat_access(e->m, e->pe, out.pa, size, write, v) ? MMIO_DONE : MMIO_ABORT;
    if (write)
        mem_write(e->m, out.pa, v, size, OWNER_HOST, 0);
    else
        mem_read(e->m, out.pa, v, size);
    return MMIO_DONE;
}

static uint64_t *base_register(struct engine *e, unsigned rn)
{
    struct pe_regs *r = &engine_pe(e)->r;
    return rn == 31 ? engine_sp(e, r->pstate) : &r->x[rn];
}

enum mmio_result mmio_access(struct engine *e, unsigned el, uint32_t insn,
                             const struct insn_access *a, struct mmu_fault *f)
{
    struct pe_regs *r = &engine_pe(e)->r;
    struct transfer t;
    uint64_t v[2] = {0};
    bool simd = bits(insn, 27, 27) && !bits(insn, 25, 25) && bits(insn, 26, 26);
    if (a->exclusive || (a->load && a->store))
        return MMIO_UNSUPPORTED;
    if (simd)
        return MMIO_ABORT;
    decode(insn, &t);
    if ((a->addr & (t.size - 1)) || a->size > 16) /* DC ZVA is the largest */
        return MMIO_ALIGNMENT;
    for (unsigned i = 0; i < t.count; i++) {
        if (a->store && t.rt[i] != 31)
            v[i] = r->x[t.rt[i]];
        if (a->store && t.size < 8)
            v[i] &= (1ull << t.size * 8) - 1;
        enum mmio_result result = one(e, el, a->addr + i * t.size, t.size, a->store, &v[i], f);
        if (result != MMIO_DONE)
            return result;
    }
    if (t.writeback)
        *base_register(e, t.rn) += t.base;
    for (unsigned i = 0; i < t.count && a->load; i++)
        if (t.rt[i] != 31)
            r->x[t.rt[i]] = extended(&t, v[i]);
    return MMIO_DONE;
}
