/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Everything that DEN0137 leaves IMPLEMENTATION DEFINED or that belongs to the platform, as one value: the
 * `impl:` and `machine:` blocks of a scenario. Handlers, specification and CPU read it; none has constants of
 * its own. impl_default() gives the defaults, impl_check() the ranges.
 */
#ifndef CCASIM_IMPL_H
#define CCASIM_IMPL_H

#include <ccasim/types.h>

CCASIM_API_BEGIN

#define IMPL_MAX_BANKS  4u
#define IMPL_MAX_SECURE 4u

/* When the RMM erases a granule that leaves an owner (A2.2.4 leaves the moment and the value open). */
enum wipe_policy {
    WIPE_EAGER, /* at DELEGATE and whenever a granule returns to DELEGATED: an unlocked DELEGATED granule is zero */
    WIPE_LAZY, /* on first use and at UNDELEGATE: the content of a DELEGATED granule is unspecified */
};

struct impl_range {
    uint64_t base; /* 4 KB-aligned */
    uint64_t size; /* bytes, multiple of 4 KB */
};

struct impl {
    /* Platform */
    uint32_t num_pes;       /* 1..CCA_MAX_PES, default 2 */
    struct impl_range dram; /* default 0x80000000, 64 MB; the one contiguous host mapping */
    uint64_t
        root_size; /* bytes at the end of DRAM in the Root PAS (EL3M, GPT); default: what the GPT needs */
    uint32_t
        num_banks; /* granules that the RMM tracks; default one bank: DRAM less the Root part */
    struct impl_range bank[IMPL_MAX_BANKS];
    uint32_t num_secure; /* ranges that start in the Secure PAS */
    struct impl_range secure[IMPL_MAX_SECURE];
    uint8_t pa_bits; /* protected PA space (PPS): 32, 36, 40, 42, 44, 48 or 52; default 40 */
    uint64_t seed;   /* of RNDR and of every random choice of a run */

    /* RmiFeatureRegister0 */
    uint8_t s2sz;         /* 32..48, with lpa2 ..52; default 48: Realms may have less */
    bool lpa2;            /* 52-bit addresses in RTTs, FEAT_LPA2; default false */
    uint8_t num_bps;      /* number of breakpoints, minus one: 1..63; default 5 */
    uint8_t num_wps;      /* number of watchpoints, minus one: 1..63; default 3 */
    bool sve;             /* default false */
    uint8_t sve_vl;       /* 0..15 */
    bool pmu;             /* default false */
    uint8_t pmu_num_ctrs; /* 0..31 */
    bool sha256, sha512;  /* default both */
    uint8_t num_lrs;      /* list registers, 1..16 (the register holds this minus one); default 4 */
    uint8_t max_recs_order; /* at most 2^n - 1 RECs a Realm, 0..15; default 9 */

    /* Other choices of the RMM */
    uint8_t rec_aux_count;    /* REC_AUX_COUNT, 0..16; default 1 */
    uint8_t vmid_bits;        /* 8 or 16; default 8 */
    enum wipe_policy wipe;    /* default WIPE_EAGER */
    uint8_t lr_priority_bits; /* implemented priority bits of a list register, 4..8; default 5 */
    /* Timers, PMU and virtual CPU interface of a Realm interrupt nobody: steps say when an interrupt takes it. Default
     * false. For a machine without a platform, which runs a trace of one that had one. */
    bool quiet_devices;
};

void impl_default(struct impl *out);
/* The default bank for this `dram` and `root_size`: one, DRAM less the Root part. For a user who changed either. */
void impl_fill_banks(struct impl *impl);
/* 0, or CCA_ERR_INVAL with a one-line reason in `why` (always NUL-terminated when size > 0). */
int impl_check(const struct impl *impl, char *why, size_t size);
/* RmiFeatureRegister0 as these choices make it. */
uint64_t impl_feature_register0(const struct impl *impl);
/*
 * Implemented PA size of the PEs in bits (ID_AA64MMFR0_EL1.PARange): the least architected size that holds both
 * `pa_bits` and `s2sz`, as an IPA space cannot be wider than the PA space. A stage-2 walk may start at level 0
 * only where this is 44 or more (DDI0487 AArch64.S2InvalidSL).
 */
unsigned impl_pa_width(const struct impl *impl);
/* True for a 4 KB-aligned PA inside a bank: what DEN0137 calls PaIsDelegable (the RMM tracks the granule). */
bool impl_is_tracked(const struct impl *impl, uint64_t pa);

CCASIM_API_END

#endif
