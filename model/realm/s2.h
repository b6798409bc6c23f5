/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The stage-2 translation context of a Realm: what a walk of its RTT needs. Fixed when the Realm
 * is created, so a REC holds a copy and the run loop need not lock the RD to walk.
 *
 *   IPA space  [0, 2^ipa_width):  Protected IPA = lower half, Unprotected IPA = upper half (A5.2.1)
 */
#ifndef CCASIM_REALM_S2_H
#define CCASIM_REALM_S2_H

#include <ccasim/types.h>

#define RTT_LEVEL_PAGE      3
#define RTT_LEVEL_BLOCK_MIN 1 /* lowest level with block descriptors */
#define RTT_ENTRIES         512u

struct s2_context {
    uint64_t rtt_base;
    uint32_t rtt_num_start;
    int32_t rtt_level_start;
    uint16_t vmid;
    uint8_t ipa_width;
    bool lpa2; /* 52-bit addresses in descriptors (VTCR_EL2.DS) */
};

static inline unsigned rtt_level_shift(int level)
{
    return 12u + 9u * (unsigned)(RTT_LEVEL_PAGE - level);
}
static inline uint64_t s2_ipa_size(const struct s2_context *s2)
{
    return 1ull << s2->ipa_width;
}
/* Without LPA2 neither a descriptor nor VTTBR_EL2 can hold a PA of more than 48 bits (A3.1.2). */
static inline bool s2_can_map(const struct s2_context *s2, uint64_t pa)
{
    return s2->lpa2 || pa < 1ull << 48;
}
/* B3.4 AddrIsProtected */
static inline bool s2_is_protected(const struct s2_context *s2, ipa_t a)
{
    return a.v < 1ull << (s2->ipa_width - 1u);
}
/* B3.6 AddrRangeIsProtected */
static inline bool s2_range_is_protected(const struct s2_context *s2, uint64_t base, uint64_t top)
{
    return top > base && s2_is_protected(s2, ipa(base)) && s2_is_protected(s2, ipa(top - 1));
}
/* B3.5 AddrIsRttLevelAligned */
static inline bool rtt_is_level_aligned(uint64_t a, int level)
{
    return (a & ((1ull << rtt_level_shift(level)) - 1)) == 0;
}
/* The level of an RMI argument is a signed 64-bit number: all of it counts. */
static inline bool rtt_level_in(uint64_t level, int first, int last)
{
    return (int64_t)level >= first && (int64_t)level <= last;
}

/* `a` names an entry of `level` that can map host memory: block or page (B3.65), aligned, at an
 * Unprotected IPA. */
static inline bool s2_is_unprotected_entry(const struct s2_context *s2, ipa_t a, uint64_t level)
{
    int first =
        s2->rtt_level_start > RTT_LEVEL_BLOCK_MIN ? s2->rtt_level_start : RTT_LEVEL_BLOCK_MIN;

    return rtt_level_in(level, first, RTT_LEVEL_PAGE) && rtt_is_level_aligned(a.v, (int)level) &&
           a.v < s2_ipa_size(s2) && !s2_is_protected(s2, a);
}

/* B3.55 RttConfigIsValid: start level and number of concatenated start tables for an IPA width
 * (DDI0487 D8.2). */
bool s2_config_is_valid(uint64_t ipa_width, int64_t level_start, uint64_t num_start, bool lpa2,
                        unsigned pa_width);
/* VTCR_EL2 and VTTBR_EL2 for the context. */
uint64_t s2_vtcr(const struct s2_context *s2, unsigned pa_width, unsigned vmid_bits);
uint64_t s2_vttbr(const struct s2_context *s2);

#endif
