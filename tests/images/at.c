/* SPDX-License-Identifier: BSD-3-Clause */
/* AT: the host asks for translations of its own regime, of a guest's stage 1, and of both stages. PAR_EL1 has the answer. */
#include "image.h"

#define AT(name, va)                                 \
    ({                                               \
        __asm__ volatile("at " #name ", %0\n"        \
                         "isb" ::"r"((uint64_t)(va)) \
                         : "memory");                \
        MRS(par_el1);                                \
    })
#define PAR_F        1ul
#define PAR_S        (1ul << 9)
#define PAR_FST(par) ((par) >> 1 & 0x3F)

#define IPA 0x80000000ul

static struct space guest1, stage2;

static void finds(const char *what, uint64_t par, uint64_t pa)
{
    CHECK_EQ(par & PAR_F, 0);
    CHECK_EQ(par & MAP_OA_MASK, pa);
    print("%s: an address, attributes 0x%lx", what, par >> 56);
}

static void fails(const char *what, uint64_t par, uint64_t status, bool stage_2)
{
    CHECK_EQ(par & PAR_F, PAR_F);
    CHECK_EQ(PAR_FST(par), status);
    CHECK_EQ((par & PAR_S) != 0, stage_2);
    print("%s: status 0x%lx%s", what, PAR_FST(par), stage_2 ? ", of stage 2" : "");
}

static void own_regime(uint64_t page)
{
    uint64_t va = window(page, MAP_NORMAL | MAP_AF);
    uint64_t constant = window(page, MAP_NORMAL | MAP_AF | MAP_RO);

    finds("own page", AT(s1e2r, va), page);
    finds("own page, for a store", AT(s1e2w, va), page);
    finds("read-only page", AT(s1e2r, constant), page);
    fails("read-only page, for a store", AT(s1e2w, constant), FSC_PERMISSION + 3, false);
    finds("a device", AT(s1e2r, UART_BASE), UART_BASE & ~0xFFFul);
    fails("nothing", AT(s1e2r, 0x7F00000000ul), FSC_TRANSLATION + 1, false);
}

/* The tables of the guest are at the same IPA as PA; its page is at IPA 2 GB, for EL1 to write, for EL0 to read. */
static void guest_regime(uint64_t page)
{
    uint64_t va = 0x10000000;

    space_init(&guest1, 12, 39);
    space_map(&guest1, va, IPA + 0x20000000, 0x1000, MAP_NORMAL | MAP_AF);
    space_map(&guest1, va + 0x1000, IPA + 0x20000000, 0x1000,
              MAP_NORMAL | MAP_AF | MAP_EL0 | MAP_RO);
    space_map(&guest1, va + 0x2000, IPA + 0x20001000, 0x1000, MAP_NORMAL | MAP_AF);
    space_init(&stage2, 12, 39);
    space_map(&stage2, RAM_BASE, RAM_BASE, 0x10000000, S2_NORMAL);
    space_map(&stage2, IPA + 0x20000000, page, 0x1000, S2_RO);
    MSR(vtcr_el2, 25ul | 1ul << 6 | 1ul << 8 | 1ul << 10 | 3ul << 12 | 2ul << 16 | 1ul << 31);
    MSR(vttbr_el2, (uint64_t)stage2.root | 3ul << 48);
    MSR(G_TTBR0, guest1.root);
#ifdef VHE
    MSR(tcr_el12, 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 2ul << 32);
    MSR(mair_el12, MRS(mair_el1));
#else
    MSR(tcr_el1, 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 2ul << 32);
    MSR(mair_el1, MRS(mair_el2));
#endif
    MSR(G_SCTLR, 0x30D00800 | 1);
    MSR(hcr_el2, HCR_GUEST_BASE | HCR_VM);
    ISB();
    finds("guest's stage 1, EL1", AT(s1e1r, va), IPA + 0x20000000);
    finds("guest's stage 1, EL0", AT(s1e0r, va + 0x1000), IPA + 0x20000000);
    fails("guest's stage 1, EL0, for a store", AT(s1e0w, va + 0x1000), FSC_PERMISSION + 3, false);
    fails("guest's stage 1, a page of EL1, for EL0", AT(s1e0r, va), FSC_PERMISSION + 3, false);
    finds("both stages", AT(s12e1r, va), page);
    fails("both stages, read-only at stage 2", AT(s12e1w, va), FSC_PERMISSION + 3, true);
    fails("both stages, not there at stage 2", AT(s12e1r, va + 0x2000), FSC_TRANSLATION + 3, true);
    fails("both stages, not there at stage 1", AT(s12e1r, va + 0x3000), FSC_TRANSLATION + 3, false);
    finds("both stages, EL0", AT(s12e0r, va + 0x1000), page);
    MSR(hcr_el2, HCR_HOST);
    ISB();
}

void image_main(void)
{
    uint64_t page = (uint64_t)alloc(4096);

    own_regime(page);
    guest_regime(page);
}
