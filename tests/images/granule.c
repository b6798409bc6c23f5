/* SPDX-License-Identifier: BSD-3-Clause */
/* Translation granules of 4, 16 and 64 KB: pages, blocks, and the level at which a walk ends. */
#include "image.h"

static void at_level(const char *what, struct fault f, uint64_t status, int level)
{
    CHECK(f.taken);
    CHECK_EQ(ESR_FSC(f.esr), status + (uint64_t)level);
    print("%s: %s", what, fault_name(&f));
}

void image_main(void)
{
    uint64_t page = 1ul << HOST_GRANULE;
    uint64_t block = 1ul << (2 * HOST_GRANULE - 3); /* at level 2 */
    uint64_t pa = (uint64_t)alloc(2 * page);
    uint64_t va = WINDOW_BASE + 0x1000000000ul;
    int start = space_start_level(&host_space);

    print("granule of %u KB, from level %u on", 1u << (HOST_GRANULE - 10), (unsigned)start);
    *(volatile uint64_t *)(pa + page - 8) = 1;
    *(volatile uint64_t *)(pa + page) = 2;
    /* Two pages, the other way round, and nothing behind them. */
    space_map(&host_space, va, pa + page, page, MAP_NORMAL | MAP_AF);
    space_map(&host_space, va + page, pa, page, MAP_NORMAL | MAP_AF);
    tlbi_all();
    CHECK_EQ(*(volatile uint64_t *)va, 2);
    CHECK_EQ(*(volatile uint64_t *)(va + 2 * page - 8), 1);
    print("two pages");
    at_level("behind the pages", probe_load(va + 2 * page, 8, NULL), FSC_TRANSLATION, 3);
    at_level("behind their table", probe_load(va + block, 8, NULL), FSC_TRANSLATION, 2);

    space_map(&host_space, va + block, pa & ~(block - 1), block, MAP_NORMAL | MAP_AF);
    tlbi_all();
    CHECK_EQ(*(volatile uint64_t *)(va + block + (pa & (block - 1)) + page), 2);
    print("a block");
    space_map(&host_space, va + 2 * block, 0, block, MAP_NORMAL | MAP_AF | MAP_RO);
    space_map(&host_space, va + 3 * block, 0, block, MAP_NORMAL);
    space_map(&host_space, va + 4 * block, pa, page, MAP_NORMAL | MAP_AF | MAP_RO | MAP_XN);
    tlbi_all();
    at_level("read-only block", probe_store(va + 2 * block, 8, 0), FSC_PERMISSION, 2);
    at_level("block without access flag", probe_load(va + 3 * block, 8, NULL), FSC_ACCESS_FLAG, 2);
    at_level("read-only page", probe_store(va + 4 * block, 8, 0), FSC_PERMISSION, 3);
    at_level("page not for execution", probe_fetch(va + 4 * block), FSC_PERMISSION, 3);

    /* An entry that changes is seen after the invalidation. */
    *space_entry(&host_space, va) = pa | MAP_NORMAL | MAP_AF | 3;
    tlbi_va(va);
    CHECK_EQ(*(volatile uint64_t *)(va + page - 8), 1);
    *space_entry(&host_space, va) = 0;
    tlbi_va(va);
    at_level("a page taken away", probe_load(va, 8, NULL), FSC_TRANSLATION, 3);
}
