/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory: what the compiler needs, an allocator, translation tables of any granule and stage, the host's own ones. */
#include "image.h"

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

bool page_is(const volatile void *p, uint64_t v)
{
    const volatile uint64_t *word = p;

    for (unsigned i = 0; i < 512; i++) {
        if (word[i] != v)
            return false;
    }
    return true;
}

static volatile uint64_t heap_used;

void *alloc(uint64_t size)
{
    uint64_t used, at;
    uint64_t *p;

    /* At most twice its size, so that alignment is always to be had. */
    used = MRS(R_SCTLR) & 1 ? atomic_add(&heap_used, 2 * size) : (heap_used += 2 * size);
    at = (HEAP_BASE + used - 2 * size + size - 1) & ~(size - 1);
    if (used > HEAP_SIZE) {
        fail(__FILE_NAME__, __LINE__, "out of memory");
        finish();
    }
    p = (uint64_t *)at;
    for (uint64_t i = 0; i < size / 8; i++)
        p[i] = 0;
    return p;
}

/* --- translation tables --- */

static unsigned level_shift(const struct space *s, int level)
{
    return s->granule + (unsigned)(3 - level) * (s->granule - 3);
}

int space_start_level(const struct space *s)
{
    int level = 3;

    while (level_shift(s, level) + s->granule - 3 < s->bits)
        level--;
    return level;
}

void space_init(struct space *s, unsigned granule, unsigned bits)
{
    s->granule = granule;
    s->bits = bits;
    s->root = alloc(1ul << granule);
}

/* A block or a page may be at this level (no 52-bit addresses). */
static bool maps_here(const struct space *s, int level)
{
    return level == 3 || level == 2 || (s->granule == 12 && level == 1);
}

static uint64_t *entry_at(const struct space *s, uint64_t *table, uint64_t va, int level)
{
    uint64_t entries = 1ul << (s->granule - 3);

    return &table[va >> level_shift(s, level) & (entries - 1)];
}

void space_map(struct space *s, uint64_t va, uint64_t pa, uint64_t size, uint64_t attributes)
{
    while (size) {
        uint64_t *table = s->root;
        int level = space_start_level(s);
        uint64_t *e = entry_at(s, table, va, level);
        uint64_t bytes = 1ul << level_shift(s, level);

        while (!maps_here(s, level) || ((va | pa) & (bytes - 1)) || size < bytes || (*e & 1)) {
            if (level == 3)
                break;
            if (!(*e & 1))
                *e = (uint64_t)alloc(1ul << s->granule) | 3;
            table = (uint64_t *)(*e & MAP_OA_MASK & ~((1ul << s->granule) - 1));
            level++;
            e = entry_at(s, table, va, level);
            bytes = 1ul << level_shift(s, level);
        }
        *e = pa | attributes | (level == 3 ? 3 : 1);
        va += bytes;
        pa += bytes;
        size -= bytes < size ? bytes : size;
    }
    DSB();
}

uint64_t *space_entry(const struct space *s, uint64_t va)
{
    uint64_t *table = s->root;
    int level = space_start_level(s);
    uint64_t *e = entry_at(s, table, va, level);

    while (level < 3 && (*e & 3) == 3) {
        table = (uint64_t *)(*e & MAP_OA_MASK & ~((1ul << s->granule) - 1));
        level++;
        e = entry_at(s, table, va, level);
    }
    return e;
}

/* --- the host's own stage 1 --- */

#define HOST_BITS 39
#define MAIR      0x44FF04ul /* normal non-cacheable, normal write-back, Device-nGnRE */

struct space host_space;
static uint64_t next_window = WINDOW_BASE;

static uint64_t pa_size(void)
{
    uint64_t range = MRS(id_aa64mmfr0_el1) & 0xF;

    return range > 5 ? 5 : range;
}

uint64_t tcr_for(unsigned granule, unsigned bits)
{
    uint64_t tg0 = granule == 12 ? 0 : granule == 14 ? 2 : 1;
    uint64_t tcr = (64 - bits) | 1ul << 8 | 1ul << 10 | 3ul << 12 | tg0 << 14;

#ifdef VHE
    uint64_t tg1 = granule == 12 ? 2 : granule == 14 ? 1 : 3;

    return tcr | (uint64_t)(64 - bits) << 16 | 1ul << 24 | 1ul << 26 | 3ul << 28 | tg1 << 30 |
           pa_size() << 32;
#else
    return tcr | pa_size() << 16 | 1ul << 23 | 1ul << 31;
#endif
}

void mmu_init(void)
{
    space_init(&host_space, HOST_GRANULE, HOST_BITS);
    space_map(&host_space, 0, 0, 0x40000000, MAP_DEVICE | MAP_AF);
    space_map(&host_space, RAM_BASE, RAM_BASE, RAM_SIZE, MAP_NORMAL | MAP_AF);
}

#ifdef VHE
#define SCTLR_OFF                                                                        \
    (1ul << 29 | 1ul << 28 | 1ul << 23 | 1ul << 22 | 1ul << 20 | 1ul << 11 | 1ul << 26 | \
     1ul << 18 | 1ul << 16 | 1ul << 15 | 1ul << 14)
#else
#define SCTLR_OFF 0x30C50830ul
#endif
#define SCTLR_ON (SCTLR_OFF | 1ul << 12 | 1ul << 2 | 1ul)

void tlbi_all(void)
{
    __asm__ volatile("dsb ishst\n"
                     "tlbi alle2is\n"
                     "dsb ish\n"
                     "isb" ::
                         : "memory");
}

void tlbi_va(uint64_t va)
{
    __asm__ volatile("dsb ishst\n"
                     "tlbi vae2is, %0\n"
                     "dsb ish\n"
                     "isb" ::"r"(va >> 12 & 0xFFFFFFFFFFFul)
                     : "memory");
}

void mmu_on(void)
{
    MSR(R_MAIR, MAIR);
    MSR(R_TCR, tcr_for(host_space.granule, host_space.bits));
    MSR(R_TTBR0, host_space.root);
#ifdef VHE
    MSR(R_TTBR1, host_space.root); /* RAM and devices once more, in the upper half */
#endif
    ISB();
    tlbi_all();
    MSR(R_SCTLR, SCTLR_ON);
    ISB();
}

void mmu_off(void)
{
    MSR(R_SCTLR, SCTLR_OFF);
    ISB();
}

uint64_t window(uint64_t pa, uint64_t attributes)
{
    uint64_t page = 1ul << host_space.granule;
    uint64_t va = atomic_add(&next_window, page) - page;

    space_map(&host_space, va, pa & ~(page - 1), page, attributes);
    tlbi_va(va);
    return va + (pa & (page - 1));
}
