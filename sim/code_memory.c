/* SPDX-License-Identifier: BSD-3-Clause */
/* Loads and stores (DDI0487 C4.1.94). */
#include <string.h>

#include "code.h"

#define ESR_AR     (1ull << 14)
#define ZVA_SIZE   64u /* DCZID_EL0 */
#define MAX_ACCESS 64u

/* An access as an instruction asks for it. */
struct access {
    uint64_t va;
    unsigned size;
    enum access_kind kind;
    uint64_t iss; /* syndrome of the instruction, 0: none */
    bool unprivileged, aligned;
    bool rmw; /* reads and writes: what a read would be refused is told as a read */
};

/* The one or two pages that it touches. */
struct place {
    uint64_t pa[2];
    unsigned size[2];
};

/* Granules of the Realm PAS are poisoned in sanitizer builds; the Realm's own accesses are none of that. */
__attribute__((no_sanitize("address"))) static void copy_in(struct machine *m, uint64_t a,
                                                            const uint8_t *from, unsigned size)
{
    volatile uint8_t *to = m->mem.host + (a - m->mem.base);

    for (unsigned i = 0; i < size; i++)
        to[i] = from[i];
}

/* Whoever listens hears of the first store to a granule since translations last changed. */
static void note_store(struct code_run *c, uint64_t granule)
{
    struct code_stores *s = &c->set->stores[c->pe];

    for (unsigned i = 0; i < s->num; i++)
        if (s->granule[i] == granule)
            return;
    mem_guest_dirty(c->m, c->pe, granule, OWNER_REALM, c->m->pe[c->pe].running_rd);
    if (s->num == CODE_MAX_STORES)
        s->num = 0;
    s->granule[s->num++] = granule;
    c->look = true; /* a listener may have raised an interrupt */
}

static enum done refused(struct code_run *c, const struct access *a, unsigned el, uint64_t va,
                         struct mmu_fault *f)
{
    struct mmu_result out;
    struct mmu_fault on_read;

    if (a->rmw && !mmu_translate(c->m, c->pe, el, va, ACCESS_READ, &out, &on_read))
        return code_fault(c, &on_read, ACCESS_READ, 0);
    return code_fault(c, f, a->kind, a->iss);
}

/* All of it must be allowed before any of it happens. An access that crosses a page is two. */
static enum done locate(struct code_run *c, const struct access *a, struct place *p)
{
    unsigned el = a->unprivileged && !(c->r->pstate & CODE_PSTATE_UAO) ? 0 : code_el(c);
    unsigned first = (unsigned)(GRANULE_SIZE - (a->va & GRANULE_MASK));
    uint64_t va = a->va;

    p->size[0] = first < a->size ? first : a->size;
    p->size[1] = a->size - p->size[0];
    for (unsigned i = 0; i < 2 && p->size[i]; i++) {
        struct mmu_result out;
        struct mmu_fault f;

        if (!mmu_translate(c->m, c->pe, el, va, a->kind, &out, &f))
            return refused(c, a, el, va, &f);
        p->pa[i] = out.pa;
        va += p->size[i];
    }
    return DONE_NEXT;
}

static enum done misaligned(struct code_run *c, const struct access *a)
{
    uint64_t esr = ESR_EC(code_el(c) ? EC_DABORT_SAME : EC_DABORT_LOWER) | ESR_IL | FSC_ALIGNMENT;

    if (a->kind == ACCESS_WRITE && !a->rmw)
        esr |= ESR_WNR;
    return code_to_el1(c, esr, &a->va, c->r->pc);
}

static void read_place(struct code_run *c, const struct place *p, uint8_t *buf)
{
    mem_read(c->m, p->pa[0], buf, p->size[0]);
    if (p->size[1])
        mem_read(c->m, p->pa[1], buf + p->size[0], p->size[1]);
}

static void write_place(struct code_run *c, const struct place *p, const uint8_t *buf)
{
    for (unsigned i = 0; i < 2 && p->size[i]; i++) {
        note_store(c, align_down(p->pa[i], GRANULE_SIZE));
        copy_in(c->m, p->pa[i], buf + (i ? p->size[0] : 0), p->size[i]);
    }
}

/* buf: what is stored, or where what was loaded goes. */
static enum done access(struct code_run *c, const struct access *a, uint8_t *buf)
{
    struct place p = {0};
    enum done d;

    if (a->aligned && a->va % a->size)
        return misaligned(c, a);
    d = locate(c, a, &p);
    if (d != DONE_NEXT)
        return d;
    if (a->kind == ACCESS_WRITE)
        write_place(c, &p, buf);
    else
        read_place(c, &p, buf);
    return DONE_NEXT;
}

static enum done access_value(struct code_run *c, const struct access *a, uint64_t *v)
{
    uint8_t buf[8] = {0};
    enum done d;

    memcpy(buf, v, sizeof(buf)); /* little-endian, as the host is (machine.h) */
    d = access(c, a, buf);
    if (d == DONE_NEXT && a->kind == ACCESS_READ)
        memcpy(v, buf, sizeof(buf));
    return d;
}

enum done code_zero_block(struct code_run *c, uint64_t va)
{
    uint8_t zero[ZVA_SIZE] = {0};
    struct access a = {.va = align_down(va, ZVA_SIZE), .size = ZVA_SIZE, .kind = ACCESS_WRITE};
    struct place p = {0};
    struct mmu_fault f;
    struct mmu_result out;

    /* The fault is at the address that was given. */
    if (!mmu_translate(c->m, c->pe, code_el(c), va, ACCESS_WRITE, &out, &f))
        return code_fault(c, &f, ACCESS_WRITE, 0);
    if (locate(c, &a, &p) != DONE_NEXT)
        MODEL_BUG("64 bytes in one page, and two answers");
    write_place(c, &p, zero);
    return DONE_NEXT;
}

/* --- one register ------------------------------------------------------------------------------------------------- */

/* Syndrome of an access of one general-purpose register without writeback (D24.2.40, ISV). */
static uint64_t syndrome(uint32_t rt, unsigned log2, bool sign, bool wide, bool ordered)
{
    return ESR_ISV | (uint64_t)log2 << ESR_SAS_SHIFT | (sign ? ESR_SSE : 0) |
           (uint64_t)rt << ESR_SRT_SHIFT | (wide ? ESR_SF : 0) | (ordered ? ESR_AR : 0);
}

static enum done load_vector(struct code_run *c, struct access *a, uint32_t rt, unsigned log2)
{
    uint8_t buf[16] = {0};
    enum done d;

    a->size = 1u << log2;
    a->iss = 0;
    if (a->kind == ACCESS_WRITE)
        memcpy(buf, &c->r->v[2 * rt], sizeof(buf));
    d = access(c, a, buf);
    if (d == DONE_NEXT && a->kind == ACCESS_READ)
        memcpy(&c->r->v[2 * rt], buf, sizeof(buf));
    return d;
}

/* size, V and opc of the single-register forms; `a` has the address. */
static enum done single(struct code_run *c, uint32_t insn, struct access *a, bool ordered,
                        bool writeback)
{
    uint32_t size = bits(insn, 31, 30), opc = bits(insn, 23, 22), rt = bits(insn, 4, 0);
    bool sign = opc >= 2, wide = sign ? opc == 2 : size == 3;
    uint64_t v = code_x(c, rt);
    enum done d;

    a->kind = opc ? ACCESS_READ : ACCESS_WRITE;
    if (bits(insn, 26, 26)) {
        d = code_fp_access(c);
        if (d != DONE_NEXT)
            return d;
        a->kind = opc & 1 ? ACCESS_READ : ACCESS_WRITE;
        return opc & 2 && size ? DONE_UNKNOWN : load_vector(c, a, rt, opc & 2 ? 4 : size);
    }
    if (size == 3 && opc >= 2)
        return opc == 2 ? DONE_NEXT : DONE_UNKNOWN; /* a prefetch does nothing */
    if (size == 2 && opc == 3)
        return DONE_UNKNOWN;
    a->size = 1u << size;
    a->iss = writeback ? 0 : syndrome(rt, size, sign, wide, ordered);
    if (a->kind == ACCESS_READ)
        v = 0;
    d = access_value(c, a, &v);
    if (d != DONE_NEXT || a->kind == ACCESS_WRITE)
        return d;
    if (sign)
        v = wide ? sign_extend(v, 8u << size) : (uint32_t)sign_extend(v, 8u << size);
    code_set_x(c, rt, v);
    return DONE_NEXT;
}

static enum done literal(struct code_run *c, uint32_t insn)
{
    uint32_t opc = bits(insn, 31, 30), rt = bits(insn, 4, 0);
    struct access a = {.va = c->r->pc + sign_extend((uint64_t)bits(insn, 23, 5) << 2, 21),
                       .kind = ACCESS_READ,
                       .size = opc == 1 ? 8 : 4};
    uint64_t v = 0;
    enum done d;

    if (bits(insn, 26, 26)) {
        d = code_fp_access(c);
        return d != DONE_NEXT ? d : opc == 3 ? DONE_UNKNOWN : load_vector(c, &a, rt, 2 + opc);
    }
    if (opc == 3)
        return DONE_NEXT; /* PRFM */
    a.iss = syndrome(rt, opc == 1 ? 3 : 2, opc == 2, opc != 0, false);
    d = access_value(c, &a, &v);
    if (d == DONE_NEXT)
        code_set_x(c, rt, opc == 2 ? sign_extend(v, 32) : v);
    return d;
}

static uint64_t register_offset(const struct code_run *c, uint32_t insn, unsigned scale)
{
    uint64_t m = code_x(c, bits(insn, 20, 16));
    uint32_t option = bits(insn, 15, 13);

    if (option == 2)
        m = (uint32_t)m;
    else if (option == 6)
        m = sign_extend(m, 32);
    return bits(insn, 12, 12) ? m << scale : m;
}

/* --- exclusive, ordered, atomic ----------------------------------------------------------------------------------- */

/* What one more translation of the address says, for the monitor. */
static uint64_t pa_of(struct code_run *c, uint64_t va)
{
    struct mmu_result out;
    struct mmu_fault f;

    return mmu_translate(c->m, c->pe, code_el(c), va, ACCESS_READ, &out, &f) ? out.pa : UINT64_MAX;
}

/* LDXR, STXR, LDXP, STXP and their ordered forms. */
static enum done exclusive(struct code_run *c, uint32_t insn, bool load, bool pair)
{
    uint32_t size = bits(insn, 31, 30), rt = bits(insn, 4, 0), rt2 = bits(insn, 14, 10);
    unsigned one = 1u << size;
    struct access a = {.va = *code_xsp(c, bits(insn, 9, 5)),
                       .size = one << pair,
                       .kind = load ? ACCESS_READ : ACCESS_WRITE,
                       .aligned = true};
    uint64_t v[2] = {0, 0};
    uint8_t buf[16] = {0};
    enum done d;

    if (pair && size < 2)
        return DONE_UNKNOWN;
    if (!load && (!c->exclusive || c->exclusive_pa != pa_of(c, a.va))) {
        /* Not the Realm's any more: nothing is stored, but faults come first. */
        struct place p = {0};

        d = a.va % a.size ? misaligned(c, &a) : locate(c, &a, &p);
        if (d == DONE_NEXT)
            code_set_x(c, bits(insn, 20, 16), 1);
        return d;
    }
    v[0] = code_x(c, rt);
    v[1] = code_x(c, rt2);
    memcpy(buf, &v[0], one);
    memcpy(buf + one, &v[1], one);
    d = access(c, &a, buf);
    if (d != DONE_NEXT)
        return d;
    c->exclusive = load;
    if (!load) {
        code_set_x(c, bits(insn, 20, 16), 0);
        return d;
    }
    c->exclusive_pa = pa_of(c, a.va);
    v[0] = v[1] = 0;
    memcpy(&v[0], buf, one);
    memcpy(&v[1], buf + one, one);
    code_set_x(c, rt, v[0]);
    if (pair)
        code_set_x(c, rt2, v[1]);
    return d;
}

enum atomic_op { OP_ADD, OP_CLR, OP_EOR, OP_SET, OP_SMAX, OP_SMIN, OP_UMAX, OP_UMIN, OP_SWP };

static uint64_t combine(enum atomic_op op, uint64_t old, uint64_t v, unsigned width)
{
    int64_t sold = (int64_t)sign_extend(old, width), sv = (int64_t)sign_extend(v, width);

    switch (op) {
    case OP_ADD: return old + v;
    case OP_CLR: return old & ~v;
    case OP_EOR: return old ^ v;
    case OP_SET: return old | v;
    case OP_SMAX: return sold > sv ? old : v;
    case OP_SMIN: return sold < sv ? old : v;
    case OP_UMAX: return old > v ? old : v;
    case OP_UMIN: return old < v ? old : v;
    case OP_SWP: break;
    }
    return v;
}

/* The old value at the address, which becomes the new one: the read cannot fault where the write does not. */
static enum done read_modify(struct code_run *c, struct access *a, struct place *p, uint64_t *old)
{
    enum done d;

    a->kind = ACCESS_WRITE;
    a->rmw = true;
    if (a->va % a->size)
        return misaligned(c, a);
    d = locate(c, a, p);
    if (d != DONE_NEXT)
        return d;
    *old = 0;
    read_place(c, p, (uint8_t *)old);
    return DONE_NEXT;
}

static enum done atomic(struct code_run *c, uint32_t insn)
{
    uint32_t size = bits(insn, 31, 30), op = bits(insn, 15, 12), rt = bits(insn, 4, 0);
    struct access a = {.va = *code_xsp(c, bits(insn, 9, 5)), .size = 1u << size};
    uint64_t old = 0, v = code_x(c, bits(insn, 20, 16));
    struct place p = {0};
    enum done d;

    if (op == 0xc) { /* LDAPR */
        a.kind = ACCESS_READ;
        a.aligned = true;
        a.iss = syndrome(rt, size, false, size == 3, true);
        v = 0;
        d = access_value(c, &a, &v);
        if (d == DONE_NEXT)
            code_set_x(c, rt, v);
        return d;
    }
    if (op > OP_SWP || bits(insn, 26, 26))
        return DONE_UNKNOWN;
    d = read_modify(c, &a, &p, &old);
    if (d != DONE_NEXT)
        return d;
    v = combine((enum atomic_op)op, old, v & (size == 3 ? UINT64_MAX : (1ull << (8u << size)) - 1),
                8u << size);
    write_place(c, &p, (const uint8_t *)&v);
    code_set_x(c, rt, old);
    return DONE_NEXT;
}

static enum done compare_and_swap(struct code_run *c, uint32_t insn)
{
    uint32_t size = bits(insn, 31, 30), rs = bits(insn, 20, 16);
    struct access a = {.va = *code_xsp(c, bits(insn, 9, 5)), .size = 1u << size};
    uint64_t mask = size == 3 ? UINT64_MAX : (1ull << (8u << size)) - 1, old = 0;
    uint64_t v = code_x(c, bits(insn, 4, 0));
    struct place p = {0};
    enum done d = read_modify(c, &a, &p, &old);

    if (d != DONE_NEXT)
        return d;
    if (old == (code_x(c, rs) & mask))
        write_place(c, &p, (const uint8_t *)&v);
    code_set_x(c, rs, old);
    return DONE_NEXT;
}

/* LDAR, STLR and their kin. */
static enum done ordered(struct code_run *c, uint32_t insn, bool load)
{
    uint32_t size = bits(insn, 31, 30), rt = bits(insn, 4, 0);
    struct access a = {.va = *code_xsp(c, bits(insn, 9, 5)),
                       .size = 1u << size,
                       .kind = load ? ACCESS_READ : ACCESS_WRITE,
                       .aligned = true,
                       .iss = syndrome(rt, size, false, size == 3, true)};
    uint64_t v = load ? 0 : code_x(c, rt);
    enum done d = access_value(c, &a, &v);

    if (d == DONE_NEXT && load)
        code_set_x(c, rt, v);
    return d;
}

static enum done exclusive_group(struct code_run *c, uint32_t insn)
{
    bool o2 = bits(insn, 23, 23), load = bits(insn, 22, 22), o1 = bits(insn, 21, 21);

    if (o2 && o1)
        return compare_and_swap(c, insn);
    if (o2)
        return ordered(c, insn, load);
    return exclusive(c, insn, load, o1);
}

/* --- pairs, and the forms of addresses ---------------------------------------------------------------------------- */

static enum done vector_pair(struct code_run *c, const struct access *a, uint32_t rt, uint32_t rt2,
                             unsigned one)
{
    uint8_t buf[32] = {0};
    enum done d = code_fp_access(c);

    if (d != DONE_NEXT)
        return d;
    if (a->kind == ACCESS_WRITE) {
        memcpy(buf, &c->r->v[2 * rt], one);
        memcpy(buf + one, &c->r->v[2 * rt2], one);
    }
    d = access(c, a, buf);
    if (d != DONE_NEXT || a->kind == ACCESS_WRITE)
        return d;
    c->r->v[2 * rt + 1] = c->r->v[2 * rt2 + 1] = 0;
    c->r->v[2 * rt] = c->r->v[2 * rt2] = 0;
    memcpy(&c->r->v[2 * rt], buf, one);
    memcpy(&c->r->v[2 * rt2], buf + one, one);
    return d;
}

static enum done general_pair(struct code_run *c, const struct access *a, uint32_t insn,
                              unsigned one)
{
    uint32_t rt = bits(insn, 4, 0), rt2 = bits(insn, 14, 10);
    uint64_t v[2] = {code_x(c, rt), code_x(c, rt2)};
    uint8_t buf[16] = {0};
    enum done d;

    memcpy(buf, &v[0], one);
    memcpy(buf + one, &v[1], one);
    d = access(c, a, buf);
    if (d != DONE_NEXT || a->kind == ACCESS_WRITE)
        return d;
    v[0] = v[1] = 0;
    memcpy(&v[0], buf, one);
    memcpy(&v[1], buf + one, one);
    if (bits(insn, 31, 30) == 1) { /* LDPSW */
        v[0] = sign_extend(v[0], 32);
        v[1] = sign_extend(v[1], 32);
    }
    code_set_x(c, rt, v[0]);
    code_set_x(c, rt2, v[1]);
    return d;
}

/* LDP, STP, LDNP, STNP, LDPSW. Mode 1 is post-index, 3 pre-index. */
static enum done pair(struct code_run *c, uint32_t insn)
{
    uint32_t opc = bits(insn, 31, 30), mode = bits(insn, 24, 23);
    bool simd = bits(insn, 26, 26);
    unsigned log2 = simd ? 2 + opc : 2 + (opc >> 1);
    uint64_t *base = code_xsp(c, bits(insn, 9, 5)), old = *base;
    uint64_t next = old + (sign_extend(bits(insn, 21, 15), 7) << log2);
    struct access a = {.va = mode == 1 ? old : next,
                       .size = 2u << log2,
                       .kind = bits(insn, 22, 22) ? ACCESS_READ : ACCESS_WRITE};
    enum done d;

    if (opc == 3 || (opc == 1 && !simd && (a.kind == ACCESS_WRITE || mode == 0)))
        return DONE_UNKNOWN;
    d = simd ? vector_pair(c, &a, bits(insn, 4, 0), bits(insn, 14, 10), 1u << log2)
             : general_pair(c, &a, insn, 1u << log2);
    if (d == DONE_NEXT && (mode & 1))
        *code_xsp(c, bits(insn, 9, 5)) = next;
    return d;
}

/* Unscaled, post-index, unprivileged, pre-index. */
static enum done immediate9(struct code_run *c, uint32_t insn)
{
    uint32_t form = bits(insn, 11, 10);
    uint64_t old = *code_xsp(c, bits(insn, 9, 5));
    uint64_t next = old + sign_extend(bits(insn, 20, 12), 9);
    struct access a = {.va = form == 1 ? old : next, .unprivileged = form == 2};
    enum done d = single(c, insn, &a, false, form & 1);

    if (d == DONE_NEXT && (form & 1))
        *code_xsp(c, bits(insn, 9, 5)) = next;
    return d;
}

static enum done one_register(struct code_run *c, uint32_t insn)
{
    bool simd = bits(insn, 26, 26);
    unsigned scale = bits(insn, 31, 30) | (simd && bits(insn, 23, 23) ? 4u : 0);
    uint64_t base = *code_xsp(c, bits(insn, 9, 5));
    struct access a = {.va = base};

    if (bits(insn, 24, 24)) {
        a.va = base + ((uint64_t)bits(insn, 21, 10) << scale);
        return single(c, insn, &a, false, false);
    }
    if (!bits(insn, 21, 21))
        return immediate9(c, insn);
    if (bits(insn, 11, 10) == 0)
        return atomic(c, insn);
    if (bits(insn, 11, 10) != 2)
        return DONE_UNKNOWN; /* with pointer authentication */
    a.va = base + register_offset(c, insn, scale);
    return single(c, insn, &a, false, false);
}

enum done code_load_store(struct code_run *c, uint32_t insn)
{
    if ((insn & 0x3F000000) == 0x08000000)
        return exclusive_group(c, insn);
    if ((insn & 0x3B000000) == 0x18000000)
        return literal(c, insn);
    if ((insn & 0x3A000000) == 0x28000000)
        return pair(c, insn);
    if ((insn & 0x3A000000) == 0x38000000)
        return one_register(c, insn);
    return DONE_UNKNOWN;
}
