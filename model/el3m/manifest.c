/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The boot manifest, which tells the RMM what the platform has (RMM-EL3 interface, boot manifest 0.3): at the base of
 * the shared buffer, the lists that it points to behind it. What is not there (consoles, and all that later versions
 * add) is zero.
 */
#include <ccasim/gpt.h>
#include <ccasim/mem.h>

#include "el3m/el3m_internal.h"

static void put_word(struct machine *m, uint64_t offset, uint64_t v)
{
    mem_write(m, gpt_shared_buffer(&m->impl) + offset, &v, sizeof(v), OWNER_EL3M, 0);
}

/* The DRAM banks. All words of list and header add up to zero. */
static void put_banks(struct machine *m)
{
    const struct impl *impl = &m->impl;
    uint64_t list = gpt_shared_buffer(impl) + MANIFEST_BANKS, sum = impl->num_banks + list;

    for (uint32_t i = 0; i < impl->num_banks; i++) {
        put_word(m, MANIFEST_BANKS + 16ull * i, impl->bank[i].base);
        put_word(m, MANIFEST_BANKS + 16ull * i + 8, impl->bank[i].size);
        sum += impl->bank[i].base + impl->bank[i].size;
    }
    put_word(m, MANIFEST_DRAM, impl->num_banks);
    put_word(m, MANIFEST_DRAM + 8, list);
    put_word(m, MANIFEST_DRAM + 16, 0 - sum);
}

void el3m_write_manifest(struct machine *m)
{
    put_word(m, MANIFEST_VERSION, EL3_MANIFEST_VERSION);
    put_banks(m);
}
