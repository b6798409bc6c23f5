/* SPDX-License-Identifier: BSD-3-Clause */
/* Data processing (DDI0487 C4.1.92, C4.1.95), and moves of SIMD&FP registers. */
#include "code.h"

static uint64_t narrow(uint64_t v, bool sf)
{
    return sf ? v : (uint32_t)v;
}

static void set_flags(struct code_run *c, uint64_t nzcv)
{
    c->r->pstate = (c->r->pstate & ~FLAGS) | nzcv;
}

static void set_flags_of(struct code_run *c, uint64_t result, bool sf)
{
    uint64_t v = narrow(result, sf);

    set_flags(c, (v >> (sf ? 63 : 31) & 1 ? FLAG_N : 0) | (v == 0 ? FLAG_Z : 0));
}

/* AddWithCarry() */
static uint64_t add(struct code_run *c, uint64_t a, uint64_t b, unsigned carry, bool sf, bool flags)
{
    unsigned top = sf ? 63 : 31;
    uint64_t x = narrow(a, sf), y = narrow(b, sf), sum = narrow(x + y + carry, sf);
    bool carried = sum < x || (carry && sum == x);

    if (flags)
        set_flags(c, (sum >> top & 1 ? FLAG_N : 0) | (sum == 0 ? FLAG_Z : 0) |
                         (carried ? FLAG_C : 0) | ((~(x ^ y) & (x ^ sum)) >> top & 1 ? FLAG_V : 0));
    return sum;
}

static uint64_t add_or_sub(struct code_run *c, uint64_t a, uint64_t b, bool sub, bool sf,
                           bool flags)
{
    return sub ? add(c, a, ~b, 1, sf, flags) : add(c, a, b, 0, sf, flags);
}

bool code_condition(const struct code_run *c, uint32_t cond)
{
    uint64_t p = c->r->pstate;
    bool n = p & FLAG_N, z = p & FLAG_Z, carry = p & FLAG_C, v = p & FLAG_V, holds;

    switch (cond >> 1) {
    case 0: holds = z; break;
    case 1: holds = carry; break;
    case 2: holds = n; break;
    case 3: holds = v; break;
    case 4: holds = carry && !z; break;
    case 5: holds = n == v; break;
    case 6: holds = n == v && !z; break;
    default: return true;
    }
    return (cond & 1) != 0 ? !holds : holds;
}

static uint64_t ones(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (1ull << n) - 1;
}

static uint64_t rotate_right(uint64_t v, unsigned by, unsigned width)
{
    by %= width;
    return by ? ((v >> by) | (v << (width - by))) & ones(width) : v;
}

/* --- immediate ---------------------------------------------------------------------------------------------------- */

/* DecodeBitMasks(): element size from the highest bit of N:NOT(imms). False: reserved. */
static bool bit_mask(uint32_t insn, bool sf, uint64_t *out)
{
    uint32_t n = bits(insn, 22, 22), immr = bits(insn, 21, 16), imms = bits(insn, 15, 10);
    uint32_t key = n << 6 | (~imms & 0x3f);
    unsigned len = 0, size;
    uint64_t element;

    if ((n && !sf) || key < 2)
        return false;
    while (key >> (len + 1))
        len++;
    size = 1u << len;
    if ((imms & (size - 1)) == size - 1)
        return false;
    element = rotate_right(ones((imms & (size - 1)) + 1), immr & (size - 1), size);
    for (; size < 64; size *= 2)
        element |= element << size;
    *out = narrow(element, sf);
    return true;
}

static enum done logical_immediate(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t opc = bits(insn, 30, 29), rd = bits(insn, 4, 0);
    uint64_t mask, v = code_x(c, bits(insn, 9, 5));

    if (!bit_mask(insn, sf, &mask))
        return DONE_UNKNOWN;
    v = opc == 1 ? v | mask : opc == 2 ? v ^ mask : v & mask;
    v = narrow(v, sf);
    if (opc == 3) {
        set_flags_of(c, v, sf);
        code_set_x(c, rd, v);
    } else {
        *code_xsp(c, rd) = v;
    }
    return DONE_NEXT;
}

static enum done move_wide(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t opc = bits(insn, 30, 29), rd = bits(insn, 4, 0), shift = 16 * bits(insn, 22, 21);
    uint64_t imm = (uint64_t)bits(insn, 20, 5) << shift;

    if (opc == 1 || (!sf && shift > 16))
        return DONE_UNKNOWN;
    if (opc == 0)
        imm = ~imm;
    else if (opc == 3)
        imm |= code_x(c, rd) & ~(0xffffull << shift);
    code_set_x(c, rd, narrow(imm, sf));
    return DONE_NEXT;
}

/* SBFM, BFM, UBFM */
static enum done bit_field(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t opc = bits(insn, 30, 29), r = bits(insn, 21, 16), s = bits(insn, 15, 10);
    unsigned width = sf ? 64 : 32, num, to;
    uint64_t src = narrow(code_x(c, bits(insn, 9, 5)), sf), old = code_x(c, bits(insn, 4, 0)), v;

    if (opc == 3 || bits(insn, 22, 22) != sf || r >= width || s >= width)
        return DONE_UNKNOWN;
    num = s >= r ? s - r + 1 : s + 1;
    to = s >= r ? 0 : width - r;
    v = (s >= r ? src >> r : src) & ones(num);
    if (opc == 0)
        v = sign_extend(v, num);
    v <<= to;
    if (opc == 1)
        v |= old & ~(ones(num) << to);
    code_set_x(c, bits(insn, 4, 0), narrow(v, sf));
    return DONE_NEXT;
}

static enum done extract(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t lsb = bits(insn, 15, 10);
    unsigned width = sf ? 64 : 32;
    uint64_t high = narrow(code_x(c, bits(insn, 9, 5)), sf),
             low = narrow(code_x(c, bits(insn, 20, 16)), sf);

    if (bits(insn, 30, 29) || bits(insn, 21, 21) || bits(insn, 22, 22) != sf || lsb >= width)
        return DONE_UNKNOWN;
    code_set_x(c, bits(insn, 4, 0), narrow(lsb ? low >> lsb | high << (width - lsb) : low, sf));
    return DONE_NEXT;
}

static enum done pc_relative(struct code_run *c, uint32_t insn)
{
    uint64_t imm = sign_extend((uint64_t)bits(insn, 23, 5) << 2 | bits(insn, 30, 29), 21);

    code_set_x(c, bits(insn, 4, 0),
               bits(insn, 31, 31) ? (c->r->pc & ~0xfffull) + (imm << 12) : c->r->pc + imm);
    return DONE_NEXT;
}

static enum done add_immediate(struct code_run *c, uint32_t insn, bool sf)
{
    bool flags = bits(insn, 29, 29);
    uint32_t rd = bits(insn, 4, 0);
    uint64_t imm = (uint64_t)bits(insn, 21, 10) << (bits(insn, 22, 22) ? 12 : 0);
    uint64_t v = add_or_sub(c, *code_xsp(c, bits(insn, 9, 5)), imm, bits(insn, 30, 30), sf, flags);

    if (flags)
        code_set_x(c, rd, v);
    else
        *code_xsp(c, rd) = v;
    return DONE_NEXT;
}

enum done code_alu_immediate(struct code_run *c, uint32_t insn)
{
    bool sf = bits(insn, 31, 31);

    switch (bits(insn, 25, 23)) {
    case 0:
    case 1: return pc_relative(c, insn);
    case 2: return add_immediate(c, insn, sf);
    case 4: return logical_immediate(c, insn, sf);
    case 5: return move_wide(c, insn, sf);
    case 6: return bit_field(c, insn, sf);
    case 7: return extract(c, insn, sf);
    default: return DONE_UNKNOWN;
    }
}

/* --- register ----------------------------------------------------------------------------------------------------- */

static uint64_t shifted(uint64_t v, uint32_t kind, unsigned by, bool sf)
{
    unsigned width = sf ? 64 : 32;

    v = narrow(v, sf);
    switch (kind) {
    case 0: return narrow(v << by, sf);
    case 1: return v >> by;
    case 2: return narrow((uint64_t)((int64_t)sign_extend(v, width) >> by), sf);
    default: return rotate_right(v, by, width);
    }
}

static enum done logical_register(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t opc = bits(insn, 30, 29), by = bits(insn, 15, 10);
    uint64_t v = code_x(c, bits(insn, 9, 5)), m;

    if (!sf && by > 31)
        return DONE_UNKNOWN;
    m = shifted(code_x(c, bits(insn, 20, 16)), bits(insn, 23, 22), by, sf);
    if (bits(insn, 21, 21))
        m = ~m;
    v = narrow(opc == 1 ? v | m : opc == 2 ? v ^ m : v & m, sf);
    if (opc == 3)
        set_flags_of(c, v, sf);
    code_set_x(c, bits(insn, 4, 0), v);
    return DONE_NEXT;
}

static enum done add_shifted(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t kind = bits(insn, 23, 22), by = bits(insn, 15, 10);
    uint64_t m;

    if (kind == 3 || (!sf && by > 31))
        return DONE_UNKNOWN;
    m = shifted(code_x(c, bits(insn, 20, 16)), kind, by, sf);
    code_set_x(
        c, bits(insn, 4, 0),
        add_or_sub(c, code_x(c, bits(insn, 9, 5)), m, bits(insn, 30, 30), sf, bits(insn, 29, 29)));
    return DONE_NEXT;
}

/* ExtendReg(): UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX */
static uint64_t extended(uint64_t v, uint32_t option, unsigned shift)
{
    unsigned width = 8u << (option & 3);
    uint64_t part = v & ones(width);

    return (option & 4 ? sign_extend(part, width) : part) << shift;
}

static enum done add_extended(struct code_run *c, uint32_t insn, bool sf)
{
    bool flags = bits(insn, 29, 29);
    uint32_t rd = bits(insn, 4, 0), shift = bits(insn, 12, 10);
    uint64_t v;

    if (bits(insn, 23, 22) || shift > 4)
        return DONE_UNKNOWN;
    v = add_or_sub(c, *code_xsp(c, bits(insn, 9, 5)),
                   extended(code_x(c, bits(insn, 20, 16)), bits(insn, 15, 13), shift),
                   bits(insn, 30, 30), sf, flags);
    if (flags)
        code_set_x(c, rd, v);
    else
        *code_xsp(c, rd) = v;
    return DONE_NEXT;
}

static enum done add_carry(struct code_run *c, uint32_t insn, bool sf)
{
    uint64_t m = code_x(c, bits(insn, 20, 16));

    if (bits(insn, 15, 10))
        return DONE_UNKNOWN;
    code_set_x(c, bits(insn, 4, 0),
               add(c, code_x(c, bits(insn, 9, 5)), bits(insn, 30, 30) ? ~m : m,
                   c->r->pstate & FLAG_C ? 1 : 0, sf, bits(insn, 29, 29)));
    return DONE_NEXT;
}

static enum done conditional_compare(struct code_run *c, uint32_t insn, bool sf)
{
    uint64_t m = bits(insn, 11, 11) ? bits(insn, 20, 16) : code_x(c, bits(insn, 20, 16));

    if (!bits(insn, 29, 29) || bits(insn, 10, 10) || bits(insn, 4, 4))
        return DONE_UNKNOWN;
    if (code_condition(c, bits(insn, 15, 12)))
        add_or_sub(c, code_x(c, bits(insn, 9, 5)), m, bits(insn, 30, 30), sf, true);
    else
        set_flags(c, (uint64_t)bits(insn, 3, 0) << 28);
    return DONE_NEXT;
}

/* CSEL, CSINC, CSINV, CSNEG */
static enum done conditional_select(struct code_run *c, uint32_t insn, bool sf)
{
    uint64_t v = code_x(c, bits(insn, 9, 5));

    if (bits(insn, 29, 29) || bits(insn, 11, 11))
        return DONE_UNKNOWN;
    if (!code_condition(c, bits(insn, 15, 12))) {
        v = code_x(c, bits(insn, 20, 16));
        if (bits(insn, 30, 30))
            v = ~v;
        if (bits(insn, 10, 10))
            v += 1;
    }
    code_set_x(c, bits(insn, 4, 0), narrow(v, sf));
    return DONE_NEXT;
}

static uint64_t divide(uint64_t n, uint64_t m, bool is_signed, bool sf)
{
    unsigned width = sf ? 64 : 32;
    int64_t sn = (int64_t)sign_extend(n, width), sm = (int64_t)sign_extend(m, width);

    if (narrow(m, sf) == 0)
        return 0;
    if (!is_signed)
        return narrow(n, sf) / narrow(m, sf);
    return sm == -1 ? 0 - (uint64_t)sn : (uint64_t)(sn / sm);
}

static enum done two_sources(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t op = bits(insn, 15, 10);
    uint64_t n = code_x(c, bits(insn, 9, 5)), m = code_x(c, bits(insn, 20, 16)), v;

    if (bits(insn, 29, 29))
        return DONE_UNKNOWN;
    if (op == 2 || op == 3)
        v = divide(n, m, op == 3, sf);
    else if (op >= 8 && op <= 11)
        v = shifted(n, op & 3, (unsigned)m & (sf ? 63 : 31), sf);
    else
        return DONE_UNKNOWN;
    code_set_x(c, bits(insn, 4, 0), narrow(v, sf));
    return DONE_NEXT;
}

/* Swaps neighbours of 1, 2, 4 ... bits: all of them reverse the bits, from 8 on the bytes. */
static uint64_t reversed(uint64_t v, unsigned from, unsigned to)
{
    static const uint64_t low[6] = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
                                    0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};

    for (unsigned i = from; i <= to; i++)
        v = (v >> (1u << i) & low[i]) | (v & low[i]) << (1u << i);
    return v;
}

static uint64_t leading_zeros(uint64_t v, unsigned width)
{
    return v ? (uint64_t)__builtin_clzll(v) - (64 - width) : width;
}

static enum done one_source(struct code_run *c, uint32_t insn, bool sf)
{
    unsigned width = sf ? 64 : 32;
    uint64_t v = narrow(code_x(c, bits(insn, 9, 5)), sf);

    if (bits(insn, 29, 29) || bits(insn, 20, 16))
        return DONE_UNKNOWN;
    switch (bits(insn, 15, 10)) {
    case 0: v = reversed(v, 0, sf ? 5 : 4); break;                               /* RBIT */
    case 1: v = reversed(v, 3, 3); break;                                        /* REV16 */
    case 2: v = reversed(v, 3, 4); break;                                        /* REV, REV32 */
    case 3: v = reversed(v, 3, 5); break;                                        /* REV */
    case 4: v = leading_zeros(v, width); break;                                  /* CLZ */
    case 5: v = leading_zeros((v ^ v >> 1) & ones(width - 1), width - 1); break; /* CLS */
    default: return DONE_UNKNOWN;
    }
    code_set_x(c, bits(insn, 4, 0), narrow(v, sf));
    return DONE_NEXT;
}

static uint64_t multiply_high(uint64_t n, uint64_t m, bool is_signed)
{
    unsigned __int128 u = (unsigned __int128)n * m;
    uint64_t high = (uint64_t)(u >> 64);

    if (is_signed)
        high -= ((int64_t)n < 0 ? m : 0) + ((int64_t)m < 0 ? n : 0);
    return high;
}

static enum done three_sources(struct code_run *c, uint32_t insn, bool sf)
{
    uint32_t op = bits(insn, 23, 21);
    uint64_t n = code_x(c, bits(insn, 9, 5)), m = code_x(c, bits(insn, 20, 16)),
             a = code_x(c, bits(insn, 14, 10));

    if (bits(insn, 30, 29) || (op && !sf))
        return DONE_UNKNOWN;
    switch (op) {
    case 0: break;
    case 1: /* SMADDL */
        n = sign_extend(n, 32);
        m = sign_extend(m, 32);
        break;
    case 5: /* UMADDL */
        n = (uint32_t)n;
        m = (uint32_t)m;
        break;
    case 2:
    case 6: code_set_x(c, bits(insn, 4, 0), multiply_high(n, m, op == 2)); return DONE_NEXT;
    default: return DONE_UNKNOWN;
    }
    code_set_x(c, bits(insn, 4, 0), narrow(bits(insn, 15, 15) ? a - n * m : a + n * m, sf));
    return DONE_NEXT;
}

enum done code_alu_register(struct code_run *c, uint32_t insn)
{
    bool sf = bits(insn, 31, 31);

    if (!bits(insn, 28, 28)) {
        if (!bits(insn, 24, 24))
            return logical_register(c, insn, sf);
        return bits(insn, 21, 21) ? add_extended(c, insn, sf) : add_shifted(c, insn, sf);
    }
    if (bits(insn, 24, 24))
        return three_sources(c, insn, sf);
    switch (bits(insn, 23, 21)) {
    case 0: return add_carry(c, insn, sf);
    case 2: return conditional_compare(c, insn, sf);
    case 4: return conditional_select(c, insn, sf);
    case 6: return bits(insn, 30, 30) ? one_source(c, insn, sf) : two_sources(c, insn, sf);
    default: return DONE_UNKNOWN;
    }
}

/* --- SIMD&FP: moves only ------------------------------------------------------------------------------------------ */

/* FMOV between a general register and a scalar one, or the upper half of a vector. */
static enum done move_fp(struct code_run *c, uint32_t insn)
{
    uint32_t rd = bits(insn, 4, 0), rn = bits(insn, 9, 5);
    bool to_v = bits(insn, 16, 16), high = bits(insn, 19, 19), sf = bits(insn, 31, 31);

    if (to_v) {
        c->r->v[2 * rd + high] = narrow(code_x(c, rn), sf);
        if (!high)
            c->r->v[2 * rd + 1] = 0;
    } else {
        code_set_x(c, rd, narrow(c->r->v[2 * rn + high], sf));
    }
    return DONE_NEXT;
}

/* DUP (general), INS (general), UMOV: element size and index are in imm5. */
static enum done move_element(struct code_run *c, uint32_t insn, uint32_t op)
{
    uint32_t imm5 = bits(insn, 20, 16), rd = bits(insn, 4, 0), rn = bits(insn, 9, 5);
    unsigned log2 = imm5 ? (unsigned)__builtin_ctz(imm5) : 4, width = 8u << log2;
    unsigned at = (imm5 >> (log2 + 1)) * width;
    uint64_t x = code_x(c, rn) & ones(width), element;

    if (log2 > 3)
        return DONE_UNKNOWN;
    switch (op) {
    case 1: /* DUP */
        for (unsigned w = width; w < 64; w *= 2)
            x |= x << w;
        c->r->v[2 * rd] = x;
        c->r->v[2 * rd + 1] = bits(insn, 30, 30) ? x : 0;
        return DONE_NEXT;
    case 3: /* INS */
        element = c->r->v[2 * rd + at / 64] & ~(ones(width) << at % 64);
        c->r->v[2 * rd + at / 64] = element | x << at % 64;
        return DONE_NEXT;
    case 7: /* UMOV */
        code_set_x(c, rd, c->r->v[2 * rn + at / 64] >> at % 64 & ones(width));
        return DONE_NEXT;
    default: return DONE_UNKNOWN;
    }
}

enum done code_simd(struct code_run *c, uint32_t insn)
{
    enum done d = code_fp_access(c);
    uint32_t rd = bits(insn, 4, 0), imm8 = bits(insn, 18, 16) << 5 | bits(insn, 9, 5);

    if (d != DONE_NEXT)
        return d;
    if ((insn & 0xFFFEFC00) == 0x9E660000 || (insn & 0xFFFEFC00) == 0x1E260000 ||
        (insn & 0xFFFEFC00) == 0x9EAE0000)
        return move_fp(c, insn);
    if ((insn & 0x9FE08400) == 0x0E000400 && !bits(insn, 29, 29))
        return move_element(c, insn, bits(insn, 14, 11));
    if ((insn & 0xBFF8FC00) == 0x0F00E400) { /* MOVI, bytes */
        c->r->v[2 * rd] = imm8 * 0x0101010101010101ull;
        c->r->v[2 * rd + 1] = bits(insn, 30, 30) ? c->r->v[2 * rd] : 0;
        return DONE_NEXT;
    }
    if ((insn & 0xBFF8FC00) == 0x2F00E400 && imm8 == 0) { /* MOVI, 64 bits, of zero */
        c->r->v[2 * rd] = c->r->v[2 * rd + 1] = 0;
        return DONE_NEXT;
    }
    return DONE_UNKNOWN;
}
