/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tables of both stages have in common: their geometry for each granule, and the update of a descriptor by hardware
 * (DDI0487 D8.2, D8.3, D8.5; J1.1.4). The contiguous bit is a hint that nothing here takes.
 */
#include "mmu_internal.h"

static unsigned at_most(unsigned a, unsigned limit)
{
    return a < limit ? a : limit;
}

/* AArch64.PhysicalAddressSize */
unsigned walk_output_bits(const struct machine *m, unsigned ps, bool wide)
{
    static const uint8_t bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    return at_most(at_most(bits[ps], impl_pa_width(&m->impl)), wide ? 52 : 48);
}

/* S1TTBaseAddress, S2TTBaseAddress */
uint64_t walk_base(const struct walk *w, uint64_t ttbr, bool wide)
{
    uint64_t table = 8ull << (w->in - walk_shift(w, w->start));
    uint64_t base = ttbr & 0x0000FFFFFFFFFFFEull;
    if (wide)
        base = (ttbr & 0x0000FFFFFFFFFFC0ull) | (ttbr >> 2 & 0xf) << 48;
    return align_down(base, wide && table < 64 ? 64 : table);
}

/* The initial lookup may go by more bits than a table has: concatenated tables of stage 2. */
uint64_t walk_entry(const struct walk *w, uint64_t table, uint64_t a, int level)
{
    uint64_t index = (a & ((1ull << w->in) - 1)) >> walk_shift(w, level);
    if (level != w->start)
        index &= (1ull << (w->page - 3)) - 1;
    return table + index * 8;
}

/* BlockDescSupported */
static bool has_blocks(const struct walk *w, int level)
{
    int top = w->page == 12 ? 1 : 2;
    return level <= 2 && level >= (w->ds || w->lpa ? top - 1 : top);
}

/* DecodeDescriptorType */
enum desc_type walk_type(const struct walk *w, uint64_t desc, int level)
{
    if (!(desc & 1))
        return DESC_INVALID;
    if (desc & 2)
        return level == 3 ? DESC_LEAF : DESC_TABLE;
    return has_blocks(w, level) ? DESC_LEAF : DESC_INVALID;
}

/* S1LeafBase, S2LeafBase, NextTableBase; a leaf's base has more zeros, which the caller knows. */
uint64_t walk_address(const struct walk *w, uint64_t desc)
{
    uint64_t in_page = (1ull << w->page) - 1;
    if (w->ds)
        return (desc & 0x0003FFFFFFFFFFFFull & ~in_page) | (desc >> 8 & 3) << 50;
    uint64_t oa = desc & 0x0000FFFFFFFFFFFFull & ~in_page;
    return w->lpa ? oa | (desc >> 12 & 0xf) << 48 : oa;
}

/* MemSwapTableDesc */
bool walk_swap(struct machine *m, unsigned pe, uint64_t at, uint64_t was, uint64_t now, bool host)
{
    enum owner_kind who = host ? OWNER_HOST : OWNER_REALM;
    uint64_t rd = host ? 0 : m->pe[pe].running_rd;

    if (mem_read64(m, at) != was)
        return false;
    mem_guest_dirty(m, pe, align_down(at, GRANULE_SIZE), who, rd);
    mem_write(m, at, &now, sizeof(now), who, rd);
    return true;
}
