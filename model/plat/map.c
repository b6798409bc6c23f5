/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory maps. A platform is a table; nothing else knows an address of it. */
#include <ccasim/plat.h>

#include <string.h>

#define KB       1024ull
#define MB       (1024ull * KB)
#define GB       (1024ull * MB)
#define K(n)     ((n)*KB)
#define M(n)     ((n)*MB)
#define SPI(n)   (32u + (n))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Arm's Base RevC FVP with the Realm Management Extension. What is not here is not there: an access to it is an external abort. */
static const struct plat_region fvp_regions[] = {
    {"Trusted SRAM", 0x04000000, K(256), PLAT_SECURE, 0, 0},
    {"Trusted DRAM", 0x06000000, M(32), PLAT_SECURE, 0, 0},
    {"UART 0", 0x1C090000, K(64), PLAT_PL011, 1, SPI(5)},
    {"UART 1", 0x1C0A0000, K(64), PLAT_PL011, 2, SPI(6)},
    {"UART 2, the console", 0x1C0B0000, K(64), PLAT_PL011, 0, SPI(7)},
    {"UART 3", 0x1C0C0000, K(64), PLAT_PL011, 3, SPI(8)},
    {"watchdog", 0x1C0F0000, K(64), PLAT_SP805, 0, SPI(0)},
    {"counter control", 0x2A430000, K(64), PLAT_SECURE, 0, 0},
    {"generic watchdog, control", 0x2A440000, K(64), PLAT_SBSA_WDT_CONTROL, 0, SPI(27)},
    {"generic watchdog, refresh", 0x2A450000, K(64), PLAT_SBSA_WDT_REFRESH, 0, 0},
    {"trusted watchdog", 0x2A490000, K(64), PLAT_SECURE, 0, 0},
    {"TrustZone controller", 0x2A4A0000, K(64), PLAT_SECURE, 0, 0},
    {"system counter", 0x2A800000, K(64), PLAT_COUNTER, 0, 0},
    {"GICv2 CPU interface", 0x2C000000, K(8), PLAT_IGNORED, 0, 0},
    {"GIC distributor", 0x2F000000, K(64), PLAT_GICD, 0, 0},
    {"GIC redistributors", 0x2F100000, M(1), PLAT_GICR, 0, 0},
    {"PCIe configuration", 0x40000000, M(256), PLAT_ECAM, 0, 0},
    {"random numbers, counters, keys", 0x7FE60000, K(192), PLAT_SECURE, 0, 0},
    {"DRAM", 0x80000000, 2 * GB, PLAT_RAM, 0, 0},
    {"NVM", 0x82800000, K(64), PLAT_NVM, 0, 0},
    {"Secure DRAM", 0xFC000000, M(28), PLAT_SECURE, 0, 0},
};
/* SGIs 8 to 15, the Secure physical timer, trusted watchdog, Secure system timer. */
static const uint16_t fvp_secure[] = {8, 9, 10, 11, 12, 13, 14, 15, 29, SPI(24), SPI(25), 0};
static const struct plat_desc fvp = {
    .name = "fvp",
    .what = "Arm's Base RevC FVP: 8 PEs, 2 GB at 0x80000000, GICv3, console 0x1C0B0000",
    .num_pes = 8,
    .mpidr = {0x0, 0x100, 0x200, 0x300, 0x10000, 0x10100, 0x10200, 0x10300},
    .cntfrq = 100000000,
    .sp805_hz = 24000000,
    .dram = {0x80000000, 2 * GB},
    .root_size = 0x2400000,
    .region = fvp_regions,
    .num_regions = COUNT(fvp_regions),
    .num_intids = 256,
    .secure_intid = fvp_secure,
};

/* As little as a hypervisor needs, at other addresses: nothing of the model knows those of another platform. */
static const struct plat_region small_regions[] = {
    {"GIC distributor", 0x08000000, K(64), PLAT_GICD, 0, 0},
    {"GIC redistributors", 0x080A0000, K(256), PLAT_GICR, 0, 0},
    {"UART", 0x09000000, K(4), PLAT_PL011, 0, SPI(1)},
    {"watchdog", 0x09010000, K(4), PLAT_SP805, 0, SPI(2)},
    {"generic watchdog, control", 0x09020000, K(4), PLAT_SBSA_WDT_CONTROL, 0, SPI(3)},
    {"generic watchdog, refresh", 0x09021000, K(4), PLAT_SBSA_WDT_REFRESH, 0, 0},
    {"Secure SRAM", 0x0E000000, M(1), PLAT_SECURE, 0, 0},
    {"DRAM", 0x40000000, M(64), PLAT_RAM, 0, 0},
    {"NVM", 0x42000000, K(16), PLAT_NVM, 0, 0},
    {"Secure DRAM", 0x43800000, M(1), PLAT_SECURE, 0, 0},
};
static const uint16_t small_secure[] = {8, 9, 10, 11, 12, 13, 14, 15, 29, 0};
static const struct plat_desc small = {
    .name = "small",
    .what = "2 PEs, 64 MB at 0x40000000, GICv3, console 0x09000000",
    .num_pes = 2,
    .mpidr = {0x0, 0x1},
    .cntfrq = 100000000,
    .sp805_hz = 1000000,
    .dram = {0x40000000, M(64)},
    .root_size = M(1),
    .region = small_regions,
    .num_regions = COUNT(small_regions),
    .num_intids = 64,
    .secure_intid = small_secure,
};

const struct plat_desc *const plat_all[] = {&fvp, &small, NULL};

const struct plat_desc *plat_by_name(const char *name)
{
    for (size_t i = 0; plat_all[i]; i++)
        if (strcmp(plat_all[i]->name, name) == 0)
            return plat_all[i];
    return NULL;
}

static bool in_dram(const struct plat_desc *d, uint64_t pa)
{
    return pa - d->dram.base < d->dram.size;
}

/* The RMM's bank ends where the first Secure range at the top of DRAM begins, or else where the Root part does. */
void plat_impl(const struct plat_desc *d, unsigned num_pes, struct impl *out)
{
    impl_default(out);
    out->num_pes = num_pes ? num_pes : d->num_pes;
    out->dram = d->dram;
    out->root_size = d->root_size;
    impl_fill_banks(out);
    for (size_t i = 0; i < d->num_regions; i++) {
        const struct plat_region *r = &d->region[i];

        if (r->kind != PLAT_SECURE || !in_dram(d, r->base))
            continue;
        out->secure[out->num_secure++] = (struct impl_range){r->base, r->size};
        if (r->base - d->dram.base < out->bank[0].size)
            out->bank[0].size = r->base - d->dram.base;
    }
    /* What hosts of these platforms expect of their RMM. */
    out->rec_aux_count = 2; /* one cannot be named twice */
    out->pmu = true;
    out->pmu_num_ctrs = 6;
}

const struct plat_region *plat_region_at(const struct platform *p, uint64_t pa)
{
    const struct plat_desc *d = p->desc;

    if (in_dram(d, pa))
        return NULL;
    for (size_t i = 0; i < d->num_regions && d->region[i].base <= pa; i++)
        if (pa - d->region[i].base < d->region[i].size)
            return &d->region[i];
    return NULL;
}

const struct plat_region *plat_find(const struct plat_desc *d, enum plat_kind kind, unsigned unit)
{
    for (size_t i = 0; i < d->num_regions; i++)
        if (d->region[i].kind == kind && d->region[i].unit == unit)
            return &d->region[i];
    return NULL;
}

const char *plat_kind_name(enum plat_kind k)
{
    static const char *const names[] = {
        [PLAT_RAM] = "RAM",
        [PLAT_NVM] = "NVM",
        [PLAT_PL011] = "PL011",
        [PLAT_GICD] = "GICD",
        [PLAT_GICR] = "GICR",
        [PLAT_SP805] = "SP805",
        [PLAT_SBSA_WDT_CONTROL] = "SBSA watchdog, control",
        [PLAT_SBSA_WDT_REFRESH] = "SBSA watchdog, refresh",
        [PLAT_COUNTER] = "CNTReadBase",
        [PLAT_ECAM] = "ECAM",
        [PLAT_IGNORED] = "ignored",
        [PLAT_SECURE] = "Secure",
    };

    return (size_t)k < COUNT(names) ? names[k] : "?";
}
