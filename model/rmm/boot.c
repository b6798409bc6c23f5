/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cold boot (RMM-EL3 interface): is EL3M one that this RMM can work with, and what does the platform have? The answer
 * goes to EL3M with BOOT_COMPLETE; the checks are in the order that the interface asks for.
 */
#include <ccasim/el3m.h>
#include <string.h>

#include "rmm/boot.h"
#include "rmm/slot.h"

/* The RMM's side of the interface and of the manifest: the same major version, at least this minor one. */
#define NEEDS_MAJOR 0u
#define NEEDS_MINOR 3u

static bool version_is_good(uint64_t v)
{
    return v >> 16 == NEEDS_MAJOR && (v & 0xffff) >= NEEDS_MINOR;
}

static uint64_t manifest_word(const uint8_t *manifest, uint64_t offset)
{
    uint64_t v;

    memcpy(&v, manifest + offset, sizeof(v));
    return v;
}

/* Banks: page-aligned, ascending, apart from each other, and the sum of all words of list and header is zero. */
static bool banks_are_good(const uint8_t *manifest, uint64_t manifest_pa)
{
    uint64_t num = manifest_word(manifest, MANIFEST_DRAM),
             list = manifest_word(manifest, MANIFEST_DRAM + 8);
    uint64_t sum = num + list + manifest_word(manifest, MANIFEST_DRAM + 16), end = 0;
    uint64_t offset = list - manifest_pa;

    if (num == 0 || num > GRANULE_SIZE / 16 || offset >= GRANULE_SIZE || offset % 8 != 0 ||
        num * 16 > GRANULE_SIZE - offset)
        return false;
    for (uint64_t i = 0; i < num; i++) {
        uint64_t base = manifest_word(manifest, offset + 16 * i);
        uint64_t size = manifest_word(manifest, offset + 16 * i + 8);

        sum += base + size;
        if (base == 0 || size == 0 || !is_granule_aligned(base | size) || base < end ||
            base + size < base)
            return false;
        end = base + size;
    }
    return sum == 0;
}

static int64_t boot_check(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    int64_t result = RMM_BOOT_OK;
    const uint8_t *manifest;

    if (!version_is_good(x[1]))
        return RMM_BOOT_E_VERSION;
    if (x[2] > CCA_MAX_PES)
        return RMM_BOOT_E_TOO_MANY_CPUS;
    if (x[0] >= x[2])
        return RMM_BOOT_E_CPU_ID;
    if (x[3] == 0 || !is_granule_aligned(x[3]))
        return RMM_BOOT_E_BUFFER;
    manifest = slot_map(m, (unsigned)x[0], SLOT_EL3, x[3]);
    if (!version_is_good(manifest_word(manifest, MANIFEST_VERSION) & 0xffffffff))
        result = RMM_BOOT_E_MANIFEST_VERSION;
    else if (!banks_are_good(manifest, x[3]))
        result = RMM_BOOT_E_MANIFEST_DATA;
    slot_unmap(m, (unsigned)x[0], SLOT_EL3);
    return result;
}

void rmm_boot(struct machine *m, const uint64_t x[RMM_BOOT_ARGS])
{
    int64_t result = boot_check(m, x);
    uint64_t regs[ABI_MAX_REGS] = {EL3_BOOT_COMPLETE, (uint64_t)result, x[4]};

    if (result == RMM_BOOT_OK)
        m->rmm.el3_buffer = x[3];
    el3m_smc(m, (unsigned)x[0], WORLD_REALM, regs);
}
