/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/realm_cpu.h>

#include <string.h>

/* Layouts: DDI0487 D9.6. PGS 0b00 (4 KB). Each level-0 entry covers 1 GB (L0GPTSZ 0b0000), or 16 GB (0b0100) where
 * 52 bits of PA would make a level-0 table of 32 MB. */
#define L0_SHIFT_MIN   30u
#define L0GPTSZ_52     4u
#define L1_ENTRY_SHIFT 16u /* sixteen granules a 64-bit entry */
#define DESC_TYPE_MASK 0xfull
#define DESC_BLOCK     0x1ull /* level 0: block; level 1: contiguous */
#define DESC_TABLE     0x3ull
#define DESC_GPI_SHIFT 4u
#define DESC_GPI_MASK  0xf0ull
#define DESC_ADDR_MASK 0x000ffffffffff000ull

#define GPCCR_PPS_MASK 0x7ull
#define GPCCR_GPC      (1ull << 16)
#define GPCCR_L0_SHIFT 20 /* L0GPTSZ */

static const uint8_t pps_bits[] = {32, 36, 40, 42, 44, 48, 52};

static unsigned gpt_protected_bits(const struct machine *m)
{
    return pps_bits[m->gpt.gpccr_el3 & GPCCR_PPS_MASK];
}

static unsigned gpt_l0_shift(const struct machine *m)
{
    return L0_SHIFT_MIN + ((unsigned)(m->gpt.gpccr_el3 >> GPCCR_L0_SHIFT) & 0xf);
}
/* The same of a machine to be. */
static unsigned gpt_l0gptsz(unsigned pa_bits)
{
    return pa_bits > 48 ? L0GPTSZ_52 : 0;
}

/* Four bits a granule. */
static uint64_t gpt_l1_size(unsigned pa_bits)
{
    return 1ull << (L0_SHIFT_MIN + gpt_l0gptsz(pa_bits) - GRANULE_SHIFT - 1);
}

static uint64_t gpt_l0_size(unsigned pa_bits)
{
    uint64_t entries = 1ull << (pa_bits - L0_SHIFT_MIN - gpt_l0gptsz(pa_bits));

    return align_up(entries * 8, GRANULE_SIZE);
}

static uint64_t gpt_num_l1(const struct impl *impl)
{
    uint64_t last = impl->dram.base + impl->dram.size - 1;
    unsigned shift = L0_SHIFT_MIN + gpt_l0gptsz(impl->pa_bits);

    return (last >> shift) - (impl->dram.base >> shift) + 1;
}

/* From the end of DRAM downwards, so that the alignment of each table (to its size, D9.6) wastes nothing between them. */
static void gpt_place_tables(const struct impl *impl, uint64_t *l0, uint64_t *l1)
{
    uint64_t end = impl->dram.base + impl->dram.size;
    uint64_t l0_size = gpt_l0_size(impl->pa_bits), l1_size = gpt_l1_size(impl->pa_bits);

    *l1 = align_down(end - gpt_num_l1(impl) * l1_size, l1_size);
    *l0 = align_down(*l1 - l0_size, l0_size);
}

uint64_t gpt_size_needed(const struct impl *impl)
{
    uint64_t l0, l1;

    gpt_place_tables(impl, &l0, &l1);
    return impl->dram.base + impl->dram.size - l0 + GRANULE_SIZE;
}

uint64_t gpt_shared_buffer(const struct impl *impl)
{
    return impl->dram.base + impl->dram.size - gpt_size_needed(impl);
}

/* No GPI of an entry is reserved: each has four bits, 0b0000, 0b10xx or 0b1111 (R_GYQGW; of GPCCR_EL3's extensions there is
 * none). All at once. */
static bool gpis_are_valid(uint64_t gpis)
{
    uint64_t b3 = gpis >> 3, b2 = gpis >> 2, b1 = gpis >> 1, b0 = gpis;
    uint64_t reserved = (~b3 & (b2 | b1 | b0)) | (b3 & b2 & ~(b1 & b0));

    return (reserved & 0x1111111111111111ull) == 0;
}

/* R_XNKFZ: an entry with a reserved encoding, or with a RES0 bit set, is invalid for all that it describes. */
static bool gpt_is_block(uint64_t desc)
{
    return (desc & ~DESC_GPI_MASK) == DESC_BLOCK && gpis_are_valid(desc & DESC_GPI_MASK);
}

static bool gpt_is_table(uint64_t desc, uint64_t l1_size)
{
    return desc >> 52 == 0 && (desc & (l1_size - 1)) == DESC_TABLE;
}

static bool gpt_is_contiguous(uint64_t desc)
{
    return (desc & DESC_TYPE_MASK) == DESC_BLOCK;
}

static bool gpt_l1_is_valid(uint64_t desc)
{
    if (gpt_is_contiguous(desc))
        return desc >> 10 == 0 && desc >> 8 != 0 && gpis_are_valid(desc & DESC_GPI_MASK);
    return gpis_are_valid(desc);
}

/* The tables' own accesses are Root: they need no check, but they do need memory. */
static bool gpt_load(const struct machine *m, uint64_t a, uint64_t *out)
{
    if (!mem_contains(m, a))
        return false;
    *out = *(const uint64_t *)(const void *)(m->mem.host + (a - m->mem.base));
    return true;
}

static uint8_t gpt_gpi(uint64_t desc, unsigned shift)
{
    return (uint8_t)(desc >> shift & 0xf);
}

static unsigned gpt_granule_shift(uint64_t a)
{
    return (unsigned)(4 * (a >> GRANULE_SHIFT & 15));
}

static struct gpc_result gpt_walk_l1(const struct machine *m, uint64_t table, uint64_t a)
{
    uint64_t desc;

    if (table >> gpt_protected_bits(m))
        return (struct gpc_result){GPC_ADDRESS_SIZE, 0, 0};
    if (!gpt_load(m, table + ((a & ((1ull << gpt_l0_shift(m)) - 1)) >> L1_ENTRY_SHIFT) * 8, &desc))
        return (struct gpc_result){GPC_EABT, 0, 1};
    if (!gpt_l1_is_valid(desc))
        return (struct gpc_result){GPC_WALK, 0, 1};
    return (struct gpc_result){
        GPC_OK, gpt_gpi(desc, gpt_is_contiguous(desc) ? DESC_GPI_SHIFT : gpt_granule_shift(a)), 1};
}

struct gpc_result gpt_walk(const struct machine *m, uint64_t a)
{
    uint64_t desc;

    if (a >> gpt_protected_bits(m))
        return (struct gpc_result){GPC_ADDRESS_SIZE, 0, 0};
    if (!gpt_load(m, (m->gpt.gptbr_el3 << GRANULE_SHIFT) + (a >> gpt_l0_shift(m)) * 8, &desc))
        return (struct gpc_result){GPC_EABT, 0, 0};
    if (gpt_is_block(desc))
        return (struct gpc_result){GPC_OK, gpt_gpi(desc, DESC_GPI_SHIFT), 0};
    if (gpt_is_table(desc, gpt_l1_size(m->impl.pa_bits)))
        return gpt_walk_l1(m, desc & DESC_ADDR_MASK, a);
    return (struct gpc_result){GPC_WALK, 0, 0};
}

enum gpi gpi_of_pas(enum pas pas)
{
    static const enum gpi gpi[PAS_COUNT] = {
        [PAS_NS] = GPI_NS,
        [PAS_SECURE] = GPI_SECURE,
        [PAS_REALM] = GPI_REALM,
        [PAS_ROOT] = GPI_ROOT,
    };

    return gpi[pas];
}

struct gpc_result gpt_check(const struct machine *m, enum pas pas, uint64_t a)
{
    struct gpc_result r = gpt_walk(m, a);

    /* R_CPDSB, R_JFFHB: nobody's secrets are above the protected space, so that Non-secure accesses go there unchecked. */
    if (a >> gpt_protected_bits(m))
        r.fault = pas == PAS_NS ? GPC_OK : GPC_FAIL;
    else if (r.fault == GPC_OK && r.gpi != gpi_of_pas(pas) && r.gpi != GPI_ANY)
        r.fault = GPC_FAIL;
    return r;
}

enum pas gpt_pas(const struct machine *m, uint64_t a)
{
    switch (gpt_walk(m, a).gpi) {
    case GPI_NS:
    case GPI_ANY: return PAS_NS;
    case GPI_SECURE: return PAS_SECURE;
    case GPI_REALM: return PAS_REALM;
    default: return PAS_ROOT;
    }
}

/* The level-1 entry that holds the granule's GPI; NULL when there is none. */
static uint64_t *gpt_l1_entry(struct machine *m, uint64_t a)
{
    uint64_t desc;

    if (!gpt_load(m, (m->gpt.gptbr_el3 << GRANULE_SHIFT) + (a >> gpt_l0_shift(m)) * 8, &desc) ||
        !gpt_is_table(desc, gpt_l1_size(m->impl.pa_bits)))
        return NULL;
    return (uint64_t *)(void *)mem_ptr(
        m, (desc & DESC_ADDR_MASK) + ((a & ((1ull << gpt_l0_shift(m)) - 1)) >> L1_ENTRY_SHIFT) * 8);
}

int gpt_set(struct machine *m, unsigned pe, uint64_t a, enum gpi gpi)
{
    uint64_t *entry = gpt_l1_entry(m, a);
    unsigned shift = gpt_granule_shift(a);
    enum pas from;

    if (entry == NULL || gpt_is_contiguous(*entry))
        return CCA_ERR_INVAL;
    from = gpt_pas(m, a);
    *entry = (*entry & ~(0xfull << shift)) | (uint64_t)gpi << shift;
    ev(m, pe, EV_PAS, a, from, gpt_pas(m, a));
    return CCA_OK;
}

static void gpt_fill(struct machine *m, uint64_t base, uint64_t size, enum gpi gpi)
{
    for (uint64_t a = base; a < base + size;) {
        uint64_t *entry = gpt_l1_entry(m, a);

        if (a % (1u << L1_ENTRY_SHIFT) == 0 && base + size - a >= (1u << L1_ENTRY_SHIFT)) {
            *entry = 0x1111111111111111ull * (uint64_t)gpi;
            a += 1u << L1_ENTRY_SHIFT;
        } else {
            unsigned shift = gpt_granule_shift(a);

            *entry = (*entry & ~(0xfull << shift)) | (uint64_t)gpi << shift;
            a += GRANULE_SIZE;
        }
    }
}

int gpt_init(struct machine *m)
{
    const struct impl *impl = &m->impl;
    uint64_t end = impl->dram.base + impl->dram.size;
    uint64_t l0, l1, l1_size = gpt_l1_size(impl->pa_bits), first;
    uint64_t entries = gpt_l0_size(impl->pa_bits) / 8, *table;
    unsigned pps = 0;

    if (gpt_size_needed(impl) > impl->root_size)
        return CCA_ERR_INVAL;
    gpt_place_tables(impl, &l0, &l1);
    while (pps_bits[pps] != impl->pa_bits) {
        pps++;
        MODEL_ASSERT(pps < sizeof(pps_bits));
    }
    m->gpt.gptbr_el3 = l0 >> GRANULE_SHIFT;
    m->gpt.gpccr_el3 = pps | GPCCR_GPC | (uint64_t)gpt_l0gptsz(impl->pa_bits) << GPCCR_L0_SHIFT;
    first = impl->dram.base >> gpt_l0_shift(m);
    for (uint64_t a = l0; a < end; a += GRANULE_SIZE)
        mem_note_write(m, a, OWNER_EL3M, 0, false);
    /* Where there is no DRAM there are devices at most: no world's secrets, so any world may try. */
    table = (uint64_t *)(void *)mem_ptr(m, l0);
    for (uint64_t i = 0; i < entries; i++)
        table[i] = DESC_BLOCK | (uint64_t)GPI_ANY << DESC_GPI_SHIFT;
    for (uint64_t i = 0; i < gpt_num_l1(impl); i++) {
        table[first + i] = DESC_TABLE | (l1 + i * l1_size);
        memset(mem_ptr(m, l1 + i * l1_size), 0xff, l1_size);
    }
    gpt_fill(m, impl->dram.base, impl->dram.size - impl->root_size, GPI_NS);
    for (uint32_t i = 0; i < impl->num_secure; i++)
        gpt_fill(m, impl->secure[i].base, impl->secure[i].size, GPI_SECURE);
    gpt_fill(m, end - impl->root_size, impl->root_size, GPI_ROOT);
    gpt_fill(m, gpt_shared_buffer(impl), GRANULE_SIZE, GPI_REALM);
    return CCA_OK;
}

const char *pas_name(enum pas pas)
{
    static const char *const names[PAS_COUNT] = {"NS", "SECURE", "REALM", "ROOT"};

    return (unsigned)pas < PAS_COUNT ? names[pas] : "?";
}

const char *world_name(enum world w)
{
    static const char *const names[WORLD_COUNT] = {"NS", "Secure", "Realm", "Root"};

    return (unsigned)w < WORLD_COUNT ? names[w] : "?";
}

static enum pas gpt_own_pas(enum world world)
{
    static const enum pas own[WORLD_COUNT] = {PAS_NS, PAS_SECURE, PAS_REALM, PAS_ROOT};

    return own[world];
}

/* Which PAS an access of this world can name (DDI0487 D9.2): its own, and the Non-secure one; Root names all. */
static enum pas gpt_access_pas(enum world world, enum pas pas)
{
    return world == WORLD_ROOT || pas == PAS_NS ? pas : gpt_own_pas(world);
}

int gpt_access(struct machine *m, unsigned pe, enum world world, enum pas pas, uint64_t a,
               void *buf, unsigned size, bool write, uint64_t *esr)
{
    uint64_t syndrome = ESR_EC(EC_DABORT_SAME) | ESR_IL | (write ? ESR_WNR : 0);
    static const enum owner_kind owner[WORLD_COUNT] = {OWNER_HOST, OWNER_SECURE, OWNER_RMM,
                                                       OWNER_EL3M};
    struct gpc_result r = gpt_check(m, gpt_access_pas(world, pas), a);

    *esr = 0;
    if ((a & GRANULE_MASK) + size > GRANULE_SIZE)
        *esr = syndrome | FSC_ALIGNMENT;
    else if (r.fault != GPC_OK && r.fault != GPC_EABT)
        *esr = syndrome | FSC_GPF;
    else if (r.fault == GPC_EABT || !mem_contains(m, a))
        *esr = syndrome | FSC_SEA;
    if (*esr) {
        ev(m, pe, EV_FAULT, a, *esr, 0);
        return CCA_ERR_INVAL;
    }
    if (write)
        mem_write(m, a, buf, size, owner[world], 0);
    else
        mem_read(m, a, buf, size);
    return CCA_OK;
}
