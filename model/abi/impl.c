/* SPDX-License-Identifier: BSD-3-Clause */
/* Implementation-defined choices: defaults, ranges, and what follows from them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ccasim/abi.h>
#include <ccasim/impl.h>

#define MB                (1024ull * 1024ull)
#define DEFAULT_DRAM_BASE 0x80000000ull
#define DEFAULT_DRAM_SIZE (64 * MB)
#define DEFAULT_ROOT_SIZE (1 * MB)

/* DDI0487 ID_AA64MMFR0_EL1.PARange, GPCCR_EL3.PPS */
static const uint8_t pa_sizes[] = {32, 36, 40, 42, 44, 48, 52};

void impl_fill_banks(struct impl *impl)
{
    uint64_t root = impl->root_size < impl->dram.size ? impl->root_size : 0;

    impl->num_banks = 1;
    impl->bank[0] = (struct impl_range){impl->dram.base, impl->dram.size - root};
}

void impl_default(struct impl *out)
{
    memset(out, 0, sizeof(*out)); /* padding too: the struct is compared and hashed as bytes */
    out->num_pes = 2;
    out->dram = (struct impl_range){DEFAULT_DRAM_BASE, DEFAULT_DRAM_SIZE};
    out->root_size = DEFAULT_ROOT_SIZE;
    out->pa_bits = 40;
    out->s2sz = 48;
    out->num_bps = 5;
    out->num_wps = 3;
    out->sha256 = true;
    out->sha512 = true;
    out->num_lrs = 4;
    out->max_recs_order = 9;
    out->rec_aux_count = 1;
    out->vmid_bits = 8;
    out->wipe = WIPE_EAGER;
    out->lr_priority_bits = 5;
    impl_fill_banks(out);
}

/* A refusal with its reason. */
__attribute__((format(printf, 3, 4))) static int refuse(char *why, size_t size, const char *fmt,
                                                        ...)
{
    va_list ap;

    if (size > 0) {
        va_start(ap, fmt);
        vsnprintf(why, size, fmt, ap);
        va_end(ap);
    }
    return CCA_ERR_INVAL;
}

struct number_range {
    const char *name;
    uint64_t value, min, max;
};

static int check_numbers(const struct impl *impl, char *why, size_t size)
{
    const struct number_range rows[] = {
        {"num_pes", impl->num_pes, 1, CCA_MAX_PES},
        {"num_banks", impl->num_banks, 1, IMPL_MAX_BANKS},
        {"num_secure", impl->num_secure, 0, IMPL_MAX_SECURE},
        {"s2sz", impl->s2sz, 32, impl->lpa2 ? 52 : 48},
        {"num_bps", impl->num_bps, 1, 63},
        {"num_wps", impl->num_wps, 1, 63},
        {"sve_vl", impl->sve_vl, 0, 15},
        {"pmu_num_ctrs", impl->pmu_num_ctrs, 0, 31},
        {"num_lrs", impl->num_lrs, 1, 16},
        {"max_recs_order", impl->max_recs_order, 0, 15},
        {"rec_aux_count", impl->rec_aux_count, 0, REC_MAX_AUX},
        {"lr_priority_bits", impl->lr_priority_bits, 4, 8},
        {"wipe", impl->wipe, WIPE_EAGER, WIPE_LAZY},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct number_range *r = &rows[i];

        if (r->value < r->min || r->value > r->max)
            return refuse(why, size, "%s is %llu: must be %llu..%llu", r->name,
                          (unsigned long long)r->value, (unsigned long long)r->min,
                          (unsigned long long)r->max);
    }
    return CCA_OK;
}

static int check_choices(const struct impl *impl, char *why, size_t size)
{
    if (!memchr(pa_sizes, impl->pa_bits, sizeof(pa_sizes)))
        return refuse(why, size, "pa_bits is %u: must be 32, 36, 40, 42, 44, 48 or 52",
                      impl->pa_bits);
    if (impl->vmid_bits != 8 && impl->vmid_bits != 16)
        return refuse(why, size, "vmid_bits is %u: must be 8 or 16", impl->vmid_bits);
    if (!impl->sha256 && !impl->sha512)
        return refuse(why, size,
                      "sha256 and sha512 are both false: a Realm needs a hash algorithm");
    return CCA_OK;
}

static bool range_is_granules(struct impl_range r)
{
    return r.size != 0 && is_granule_aligned(r.base) && is_granule_aligned(r.size) &&
           r.base + r.size > r.base;
}

static bool range_is_within(struct impl_range r, uint64_t base, uint64_t top)
{
    return r.base >= base && r.base + r.size <= top;
}

/* Each range of a list: granules, inside [base, top), ascending, not overlapping. */
static int check_list(const char *name, const struct impl_range *list, uint32_t count,
                      uint64_t base, uint64_t top, char *why, size_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!range_is_granules(list[i]))
            return refuse(why, size, "%s %u: base and size must be non-zero multiples of 4 KB",
                          name, i);
        if (!range_is_within(list[i], base, top))
            return refuse(why, size, "%s %u: must lie in 0x%llx..0x%llx (DRAM less its Root part)",
                          name, i, (unsigned long long)base, (unsigned long long)top);
        if (i > 0 && list[i].base < list[i - 1].base + list[i - 1].size)
            return refuse(why, size, "%s %u: must follow %s %u without overlap", name, i, name,
                          i - 1);
    }
    return CCA_OK;
}

static int check_memory(const struct impl *impl, char *why, size_t size)
{
    uint64_t base = impl->dram.base;
    uint64_t top = base + impl->dram.size - impl->root_size;
    int err;

    if (!range_is_granules(impl->dram))
        return refuse(why, size,
                      "dram: base and size must be multiples of 4 KB, the size not zero");
    if (impl->dram.base + impl->dram.size > 1ull << impl->pa_bits)
        return refuse(why, size, "dram: ends beyond the %u-bit protected PA space", impl->pa_bits);
    if (!is_granule_aligned(impl->root_size) || impl->root_size >= impl->dram.size)
        return refuse(why, size, "root_size: must be a multiple of 4 KB and less than the DRAM");
    err = check_list("bank", impl->bank, impl->num_banks, base, top, why, size);
    if (err)
        return err;
    return check_list("secure range", impl->secure, impl->num_secure, base, top, why, size);
}

int impl_check(const struct impl *impl, char *why, size_t size)
{
    int err;

    if (size > 0)
        why[0] = '\0';
    err = check_numbers(impl, why, size);
    if (!err)
        err = check_choices(impl, why, size);
    if (!err)
        err = check_memory(impl, why, size);
    return err;
}

uint64_t impl_feature_register0(const struct impl *impl)
{
    return (uint64_t)impl->s2sz << FEAT0_S2SZ_SHIFT | (uint64_t)impl->lpa2 << FEAT0_LPA2_SHIFT |
           (uint64_t)impl->sve << FEAT0_SVE_EN_SHIFT |
           (uint64_t)(impl->sve ? impl->sve_vl : 0) << FEAT0_SVE_VL_SHIFT |
           (uint64_t)impl->num_bps << FEAT0_NUM_BPS_SHIFT |
           (uint64_t)impl->num_wps << FEAT0_NUM_WPS_SHIFT |
           (uint64_t)impl->pmu << FEAT0_PMU_EN_SHIFT |
           (uint64_t)(impl->pmu ? impl->pmu_num_ctrs : 0) << FEAT0_PMU_NUM_CTRS_SHIFT |
           (uint64_t)impl->sha256 << FEAT0_HASH_SHA_256_SHIFT |
           (uint64_t)impl->sha512 << FEAT0_HASH_SHA_512_SHIFT |
           (uint64_t)(impl->num_lrs - 1u) << FEAT0_GICV3_NUM_LRS_SHIFT |
           (uint64_t)impl->max_recs_order << FEAT0_MAX_RECS_ORDER_SHIFT;
}

unsigned impl_pa_width(const struct impl *impl)
{
    unsigned need = impl->pa_bits > impl->s2sz ? impl->pa_bits : impl->s2sz;
    size_t i = 0;

    while (pa_sizes[i] < need)
        i++;
    return pa_sizes[i];
}

bool impl_is_tracked(const struct impl *impl, uint64_t pa)
{
    if (!is_granule_aligned(pa))
        return false;
    for (uint32_t i = 0; i < impl->num_banks; i++) {
        if (pa - impl->bank[i].base < impl->bank[i].size)
            return true;
    }
    return false;
}
