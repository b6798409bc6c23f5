/* SPDX-License-Identifier: BSD-3-Clause */
#include "insn.h"

#include <ccasim/realm_cpu.h>

#define ESR_AR (1ull << 14)

static uint32_t bits(uint32_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2u << (high - low)) - 1);
}

static uint64_t sign_extend(uint64_t v, unsigned width)
{
    return (uint64_t)((int64_t)(v << (64 - width)) >> (64 - width));
}

struct regs {
    const uint64_t *x;
    uint64_t sp, pc;
};

static uint64_t reg_or_zero(const struct regs *r, uint32_t n)
{
    return n == 31 ? 0 : r->x[n];
}

static uint64_t base(const struct regs *r, uint32_t insn)
{
    uint32_t n = bits(insn, 9, 5);
    return n == 31 ? r->sp : r->x[n];
}

/* Syndrome of an access of one general-purpose register without writeback (DDI0487 D24.2.45, ISV). */
static uint64_t syndrome(uint32_t insn, uint32_t log2_size, bool sign, bool wide, bool ordered)
{
    return ESR_ISV | (uint64_t)log2_size << ESR_SAS_SHIFT | (sign ? ESR_SSE : 0) |
           (uint64_t)bits(insn, 4, 0) << ESR_SRT_SHIFT | (wide ? ESR_SF : 0) |
           (ordered ? ESR_AR : 0);
}

static void moves(struct insn_access *a, bool load, uint32_t size)
{
    a->load = load;
    a->store = !load;
    a->size = a->element = size;
}

/* size, V, opc of the single-register forms. False: a prefetch, which makes no access that can fault. */
static bool single(uint32_t insn, bool ordered, struct insn_access *a)
{
    uint32_t size = bits(insn, 31, 30), opc = bits(insn, 23, 22);
    if (bits(insn, 26, 26)) { /* SIMD&FP: opc<1>:size, no syndrome */
        moves(a, opc & 1, 1u << (size | (opc & 2) << 1));
        return true;
    }
    if (size == 3 && opc >= 2)
        return false;
    moves(a, opc != 0, 1u << size);
    bool sign = opc >= 2, wide = sign ? opc == 2 : size == 3;
    a->iss = syndrome(insn, size, sign, wide, ordered);
    return true;
}

/* LDR (literal): 0x18000000 under 0x3B000000. */
static bool literal(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint32_t opc = bits(insn, 31, 30);
    a->addr = r->pc + sign_extend((uint64_t)bits(insn, 23, 5) << 2, 21);
    if (bits(insn, 26, 26)) {
        moves(a, true, 4u << opc);
        return opc != 3;
    }
    if (opc == 3)
        return false; /* PRFM */
    moves(a, true, opc == 1 ? 8 : 4);
    a->iss = syndrome(insn, opc == 1 ? 3 : 2, opc == 2, opc != 0, false);
    return true;
}

/* Load/store exclusive, load-acquire, store-release, compare and swap: 0x08000000 under 0x3F000000. */
static bool exclusive(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint32_t size = bits(insn, 31, 30);
    bool o2 = bits(insn, 23, 23), load = bits(insn, 22, 22), o1 = bits(insn, 21, 21);
    a->addr = base(r, insn);
    if (o2 && o1) { /* CAS */
        a->load = a->store = true;
        a->size = a->element = 1u << size;
    } else if (o2) { /* LDAR, STLR, LDLAR, STLLR */
        moves(a, load, 1u << size);
        a->iss = syndrome(insn, size, false, size == 3, true);
    } else if (o1 && size < 2) { /* CASP */
        a->load = a->store = true;
        a->size = a->element = 8u << size;
    } else {
        moves(a, load, (1u << size) << (o1 ? 1 : 0));
        a->exclusive = true;
    }
    return true;
}

/* LDP, STP, LDNP, STNP, LDPSW: 0x28000000 under 0x3A000000. Post-index (01) uses the base as it is. */
static bool pair(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint32_t opc = bits(insn, 31, 30), mode = bits(insn, 24, 23);
    unsigned scale = bits(insn, 26, 26) ? 2 + opc : 2 + (opc >> 1);
    uint64_t offset = sign_extend(bits(insn, 21, 15), 7) << scale;
    a->addr = base(r, insn) + (mode == 1 ? 0 : offset);
    moves(a, bits(insn, 22, 22), 2u << scale);
    a->element = 1u << scale;
    return true;
}

static uint64_t register_offset(uint32_t insn, const struct regs *r, unsigned scale)
{
    uint64_t m = reg_or_zero(r, bits(insn, 20, 16));
    switch (bits(insn, 15, 13)) {
    case 2: m = (uint32_t)m; break;
    case 6: m = sign_extend(m, 32); break;
    default: break;
    }
    return bits(insn, 12, 12) ? m << scale : m;
}

/* LSE atomics and LDAPR: bits 11:10 = 00 with bit 21 set. */
static bool atomic(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint32_t size = bits(insn, 31, 30);
    a->addr = base(r, insn);
    a->size = a->element = 1u << size;
    a->load = true;
    if (bits(insn, 15, 12) == 0xc) /* LDAPR */
        a->iss = syndrome(insn, size, false, size == 3, true);
    else
        a->store = true;
    return true;
}

static bool pauth(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint64_t imm = sign_extend((uint64_t)(bits(insn, 22, 22) << 9 | bits(insn, 20, 12)) << 3, 13);
    a->addr = base(r, insn) + imm; /* as if the authentication of the base succeeded */
    moves(a, true, 8);
    return true;
}

/* Single register: 0x38000000 (unscaled, pre/post-index, unprivileged, register offset, atomic) and 0x39000000. */
static bool one_register(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    uint32_t size = bits(insn, 31, 30), opc = bits(insn, 23, 22), form = bits(insn, 11, 10);
    bool simd = bits(insn, 26, 26);
    unsigned scale = simd ? size | (opc & 2) << 1 : size;
    uint64_t imm9 = sign_extend(bits(insn, 20, 12), 9);
    if (bits(insn, 24, 24)) {
        a->addr = base(r, insn) + ((uint64_t)bits(insn, 21, 10) << scale);
        return single(insn, false, a);
    }
    if (!bits(insn, 21, 21)) {
        a->addr = base(r, insn) + (form == 1 ? 0 : imm9); /* 01: post-index */
        if (!single(insn, false, a))
            return false;
        a->unprivileged = form == 2;
        if (form & 1)
            a->iss = 0; /* writeback */
        return true;
    }
    if (form == 0)
        return !simd && atomic(insn, r, a);
    if (form & 1)
        return !simd && size == 3 && pauth(insn, r, a);
    a->addr = base(r, insn) + register_offset(insn, r, scale);
    return single(insn, false, a);
}

/* LDAPUR, STLUR (0x19000000 under 0x3F200C00): acquire-release with an unscaled offset. */
static bool ordered_unscaled(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    a->addr = base(r, insn) + sign_extend(bits(insn, 20, 12), 9);
    return single(insn, true, a);
}

/* SIMD structures: 0x0C000000 multiple, 0x0D000000 single, under 0xBF000000. */
static bool structures(uint32_t insn, const struct regs *r, struct insn_access *a)
{
    static const uint8_t registers[16] = {4, 0, 4, 0, 3, 0, 3, 1, 2, 0, 2, 0, 0, 0, 0, 0};
    uint32_t op = bits(insn, 15, 12);
    a->addr = base(r, insn);
    if (!bits(insn, 24, 24)) {
        moves(a, bits(insn, 22, 22), registers[op] * (bits(insn, 30, 30) ? 16u : 8u));
        a->element = 1u << bits(insn, 11, 10);
        return registers[op] != 0;
    }
    uint32_t count = 1 + ((op & 2) | bits(insn, 21, 21)), scale = op >> 2;
    if (scale == 3)
        scale = bits(insn, 11, 10); /* replicating load */
    else if (scale == 2 && (bits(insn, 11, 10) & 1))
        scale = 3;
    moves(a, bits(insn, 22, 22), count << scale);
    a->element = 1u << scale;
    return true;
}

bool insn_decode_access(uint32_t insn, const uint64_t x[31], uint64_t sp, uint64_t pc,
                        struct insn_access *out)
{
    struct regs r = {x, sp, pc};
    *out = (struct insn_access){0};
    if ((insn & 0xBE000000) == 0x0C000000)
        return structures(insn, &r, out);
    if ((insn & 0x3F000000) == 0x08000000)
        return exclusive(insn, &r, out);
    if ((insn & 0x3B000000) == 0x18000000)
        return literal(insn, &r, out);
    if ((insn & 0x3F200C00) == 0x19000000)
        return ordered_unscaled(insn, &r, out);
    if ((insn & 0x3A000000) == 0x28000000)
        return pair(insn, &r, out);
    if ((insn & 0x3A000000) == 0x38000000)
        return one_register(insn, &r, out);
    if ((insn & 0xFFFFFFE0) == 0xD50B7420) { /* DC ZVA: 64 bytes, see DCZID_EL0 */
        out->addr = reg_or_zero(&r, bits(insn, 4, 0));
        moves(out, false, 64);
        out->element = 0;
        return true;
    }
    return false;
}

bool insn_decode_system(uint32_t insn, struct insn_system *out)
{
    bool immediate = bits(insn, 20, 19) == 0 && bits(insn, 15, 12) == 4; /* to a field of PSTATE */
    if ((insn & 0xFFC00000) != 0xD5000000 || (bits(insn, 20, 19) == 0 && !immediate))
        return false;
    out->read = bits(insn, 21, 21);
    out->op0 = (uint8_t)bits(insn, 20, 19);
    out->op1 = (uint8_t)bits(insn, 18, 16);
    out->crn = (uint8_t)bits(insn, 15, 12);
    out->crm = (uint8_t)bits(insn, 11, 8);
    out->op2 = (uint8_t)bits(insn, 7, 5);
    out->rt = (uint8_t)bits(insn, 4, 0);
    return true;
}

/* Data processing SIMD&FP (op0 = x111), loads and stores with V, and FPCR/FPSR (S3_3_C4_C4_0/1). */
bool insn_uses_fp(uint32_t insn)
{
    if (bits(insn, 27, 25) == 7)
        return true;
    if (bits(insn, 27, 27) && !bits(insn, 25, 25) && bits(insn, 26, 26))
        return true;
    return (insn & 0xFFDFFFC0) == 0xD51B4400;
}
