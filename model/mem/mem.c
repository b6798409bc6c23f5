/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/mem.h>
#include <ccasim/realm_cpu.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_ASAN 1
#endif
#endif
#ifdef MEM_ASAN
#include <sanitizer/asan_interface.h>
#define MEM_NO_ASAN __attribute__((no_sanitize("address")))
#else
#define MEM_ASAN 0
#define MEM_NO_ASAN
#endif

int mem_init(struct mem *mem, uint64_t base, uint64_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);

    if (p == MAP_FAILED)
        return CCA_ERR_NOMEM;
    mem->host = p;
    mem->base = base;
    mem->size = size;
    mem->num = (uint32_t)(size >> GRANULE_SHIFT);
    mem->prov = calloc(mem->num, sizeof(mem->prov[0]));
    mem->used = calloc((mem->num + 63) / 64, sizeof(mem->used[0]));
    if (mem->prov == NULL || mem->used == NULL) {
        mem_destroy(mem);
        return CCA_ERR_NOMEM;
    }
    return CCA_OK;
}

void mem_destroy(struct mem *mem)
{
    if (mem->host) {
#if MEM_ASAN
        ASAN_UNPOISON_MEMORY_REGION(mem->host, mem->size);
#endif
        munmap(mem->host, mem->size);
    }
    free(mem->prov);
    free(mem->used);
    memset(mem, 0, sizeof(*mem));
}

static void mem_mark_used(struct mem *mem, uint32_t i)
{
    mem->used[i / 64] |= 1ull << (i % 64);
}

void mem_clear(struct machine *m)
{
    struct mem *mem = &m->mem;

#if MEM_ASAN
    ASAN_UNPOISON_MEMORY_REGION(mem->host, mem->size);
#endif
    for (uint32_t w = 0; w < (mem->num + 63) / 64; w++) {
        for (uint64_t bits = mem->used[w]; bits; bits &= bits - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits);

            memset(mem->host + ((uint64_t)i << GRANULE_SHIFT), 0, GRANULE_SIZE);
        }
        mem->used[w] = 0;
    }
    memset(mem->prov, 0, mem->num * sizeof(mem->prov[0]));
}

uint8_t *mem_ptr(struct machine *m, uint64_t a)
{
    if (__builtin_expect(!mem_contains(m, a), 0))
        MODEL_BUG("no memory at 0x%llx", (unsigned long long)a);
    return m->mem.host + (a - m->mem.base);
}

static const uint8_t *mem_range(const struct machine *m, uint64_t a, size_t len)
{
    if (!mem_contains(m, a) || len > m->mem.size - (a - m->mem.base))
        MODEL_BUG("no memory at 0x%llx, %zu bytes", (unsigned long long)a, len);
    return m->mem.host + (a - m->mem.base);
}

/* Checkers look at poisoned granules too: in sanitizer builds a plain copy that is not instrumented. */
MEM_NO_ASAN void mem_read(const struct machine *m, uint64_t a, void *buf, size_t len)
{
    const uint8_t *p = mem_range(m, a, len);

#if MEM_ASAN
    volatile uint8_t *out = buf;

    for (size_t i = 0; i < len; i++)
        out[i] = ((const volatile uint8_t *)p)[i];
#else
    memcpy(buf, p, len);
#endif
}

MEM_NO_ASAN uint64_t mem_read64(const struct machine *m, uint64_t a)
{
    return *(const volatile uint64_t *)mem_range(m, a & ~7ull, 8);
}

MEM_NO_ASAN const uint64_t *mem_view(const struct machine *m, uint64_t granule,
                                     uint64_t scratch[512])
{
#if MEM_ASAN
    mem_read(m, granule, scratch, GRANULE_SIZE);
    return scratch;
#else
    (void)scratch;
    return (const uint64_t *)(const void *)mem_range(m, granule, GRANULE_SIZE);
#endif
}

bool mem_is_zero(const struct machine *m, uint64_t granule)
{
    uint64_t scratch[512];
    const uint64_t *p = mem_view(m, granule, scratch);

    /* Eight words a round: lets the compiler use vectors, and leaves early on a page in use. */
    for (unsigned i = 0; i < 512; i += 8) {
        uint64_t any = 0;

        for (unsigned j = 0; j < 8; j++)
            any |= p[i + j];
        if (any)
            return false;
    }
    return true;
}

void mem_note_write(struct machine *m, uint64_t granule, enum owner_kind who, uint64_t rd,
                    bool full)
{
    uint32_t i = granule_index(m, granule);
    struct provenance *p = &m->mem.prov[i];

    mem_mark_used(&m->mem, i);
    if (full)
        p->kinds = 0;
    if (who != OWNER_NONE)
        p->kinds |= (uint8_t)(1u << who);
    if (who == OWNER_REALM)
        p->realm = granule_index(m, rd);
    if (__builtin_expect(p->was_exec, 0)) {
        p->was_exec = 0;
        if (m->cpu && m->cpu->flush_code)
            m->cpu->flush_code(m->cpu_ctx, m, granule);
    }
}

/* The machine's own write, not one through a pointer that the RMM kept: poisoned granules are no obstacle. */
MEM_NO_ASAN static void copy_in(uint8_t *to, const uint8_t *from, size_t n)
{
#if MEM_ASAN
    for (size_t i = 0; i < n; i++)
        ((volatile uint8_t *)to)[i] = ((const volatile uint8_t *)from)[i];
#else
    memcpy(to, from, n);
#endif
}

void mem_write(struct machine *m, uint64_t a, const void *buf, size_t len, enum owner_kind who,
               uint64_t rd)
{
    const uint8_t *in = buf;

    (void)mem_range(m, a, len);
    while (len) {
        uint64_t granule = align_down(a, GRANULE_SIZE);
        size_t n = GRANULE_SIZE - (size_t)(a - granule);

        if (n > len)
            n = len;
        mem_note_write(m, granule, who, rd, n == GRANULE_SIZE);
        copy_in(m->mem.host + (a - m->mem.base), in, n);
        a += n;
        in += n;
        len -= n;
    }
}

void mem_wipe(struct machine *m, unsigned pe, uint64_t granule)
{
    mem_unpoison(m, granule);
    mem_note_write(m, granule, OWNER_NONE, 0, true);
    memset(mem_ptr(m, granule), 0, GRANULE_SIZE);
    ev(m, pe, EV_WIPE, granule, 0, 0);
}

void mem_guest_dirty(struct machine *m, unsigned pe, uint64_t granule, enum owner_kind who,
                     uint64_t rd)
{
    struct provenance *p = &m->mem.prov[granule_index(m, granule)];

    mem_mark_used(&m->mem, granule_index(m, granule));
    p->kinds |= (uint8_t)(1u << who);
    if (who == OWNER_REALM)
        p->realm = granule_index(m, rd);
    ev(m, pe, EV_DIRTY, granule, 0, 0);
}

void mem_poison(struct machine *m, uint64_t granule)
{
#if MEM_ASAN
    ASAN_POISON_MEMORY_REGION(m->mem.host + (granule - m->mem.base), GRANULE_SIZE);
#else
    (void)m;
    (void)granule;
#endif
}

void mem_unpoison(struct machine *m, uint64_t granule)
{
#if MEM_ASAN
    ASAN_UNPOISON_MEMORY_REGION(m->mem.host + (granule - m->mem.base), GRANULE_SIZE);
#else
    (void)m;
    (void)granule;
#endif
}
