/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT entries as VMSAv8-64 stage-2 descriptors, 4 KB granule (DDI0487 D8.3). HIPAS and RIPAS of an
 * entry that the walker must not use are in bits that it ignores (rmm-1.0 facts 1.7):
 *
 *    63    55    54 53   49             12   10   9 8   7 6    6 5     5 2       4 2      1 0
 *   +----+----+-------+------------------+----+------+------+-------+---------+--------+------+
 *   |    | NS |  XN   |  output address  | AF |  SH  | S2AP | RIPAS | MemAttr | HIPAS  | type |
 *   +----+----+-------+------------------+----+------+------+-------+---------+--------+------+
 *                                          <------ valid ------>  inv.   valid   inv.
 *
 *                              type     address  attributes
 *   UNASSIGNED r               invalid  0        RIPAS r
 *   ASSIGNED/EMPTY, /DESTROYED invalid  DATA     HIPAS 1, RIPAS r
 *   ASSIGNED/RAM               valid    DATA     write-back, read-write, inner shareable, AF
 *   UNASSIGNED_NS              invalid  0        NS
 *   ASSIGNED_NS                valid    any PA   the Host's MemAttr, S2AP; SH by MemAttr; AF, XN, NS
 *   TABLE                      table    RTT
 *
 * Address and SH depend on the Realm's LPA2: without it OA[47:12] is in place; with it (VTCR_EL2.DS) OA[49:12] is,
 * OA[51:50] takes the place of SH, of every entry that has an address, and VTCR_EL2.SH0 is the shareability.
 */
#ifndef CCASIM_RMM_RTT_DESC_H
#define CCASIM_RMM_RTT_DESC_H

#include <ccasim/abi.h>

#include "realm/s2.h"

#define DESC_TYPE_MASK 3ull
#define DESC_INVALID   0ull
#define DESC_BLOCK     1ull /* levels 1 and 2 */
#define DESC_TABLE     3ull /* levels 0 to 2 */
#define DESC_PAGE      3ull /* level 3 */
#define DESC_VALID     1ull

#define DESC_ADDR_MASK     0x0000fffffffff000ull
#define DESC_LPA2_LOW_MASK 0x0003fffffffff000ull /* OA[49:12] */
#define DESC_LPA2_HIGH     (3ull << 8)           /* OA[51:50] */
#define DESC_HIPAS_SHIFT   2
#define DESC_HIPAS_MASK    (7ull << DESC_HIPAS_SHIFT)
#define DESC_RIPAS_SHIFT   5
#define DESC_RIPAS_MASK    (3ull << DESC_RIPAS_SHIFT)
#define DESC_MEMATTR_SHIFT 2
#define DESC_MEMATTR_MASK  (7ull << DESC_MEMATTR_SHIFT) /* MemAttr[3] is RES0 with S2FWB */
#define DESC_S2AP_SHIFT    6
#define DESC_S2AP_MASK     (3ull << DESC_S2AP_SHIFT)
#define DESC_SH_INNER      (3ull << 8)
#define DESC_SH_OUTER      (2ull << 8)
#define DESC_SH_MASK       (3ull << 8)
#define DESC_AF            (1ull << 10)
#define DESC_XN            (2ull << 53)
#define DESC_XN_MASK       (3ull << 53)
#define DESC_NS            (1ull << 55)

/* MemAttr with FEAT_S2FWB (DDI0487 D8.6.6). */
#define MEMATTR_RESERVED 4ull
#define MEMATTR_FWB_WB   6ull
#define MEMATTR_FWB_S1   7ull

#define DESC_RAM_ATTR (MEMATTR_FWB_WB << DESC_MEMATTR_SHIFT | DESC_S2AP_MASK | DESC_AF)

static inline uint64_t desc_addr_mask(bool lpa2)
{
    return lpa2 ? DESC_LPA2_LOW_MASK | DESC_LPA2_HIGH : DESC_ADDR_MASK;
}
/* What the Host chooses of an unprotected mapping (A5.5.11). */
static inline uint64_t desc_host_mask(bool lpa2)
{
    return desc_addr_mask(lpa2) | DESC_MEMATTR_MASK | DESC_S2AP_MASK;
}
/* A physical address as a descriptor holds it. */
static inline uint64_t desc_oa(uint64_t pa, bool lpa2)
{
    return lpa2 ? (pa & DESC_LPA2_LOW_MASK) | (pa >> 50 & 3) << 8 : pa;
}

static inline uint64_t desc_leaf_type(int level)
{
    return level == RTT_LEVEL_PAGE ? DESC_PAGE : DESC_BLOCK;
}
static inline bool desc_is_table(uint64_t desc, int level)
{
    return level < RTT_LEVEL_PAGE && (desc & DESC_TYPE_MASK) == DESC_TABLE;
}
static inline bool desc_is_valid(uint64_t desc)
{
    return desc & DESC_VALID;
}
static inline bool desc_is_ns(uint64_t desc)
{
    return desc & DESC_NS;
}
static inline uint64_t desc_addr(uint64_t desc, bool lpa2)
{
    return lpa2 ? (desc & DESC_LPA2_LOW_MASK) | (desc & DESC_LPA2_HIGH) << 42
                : desc & DESC_ADDR_MASK;
}
static inline enum hipas desc_hipas(uint64_t desc, int level)
{
    if (desc_is_table(desc, level))
        return HIPAS_TABLE;
    if (desc_is_valid(desc))
        return HIPAS_ASSIGNED;
    return (enum hipas)((desc & DESC_HIPAS_MASK) >> DESC_HIPAS_SHIFT);
}
/* Of an entry at a Protected IPA that is not TABLE. */
static inline enum ripas desc_ripas(uint64_t desc)
{
    if (desc_is_valid(desc))
        return RIPAS_RAM;
    return (enum ripas)((desc & DESC_RIPAS_MASK) >> DESC_RIPAS_SHIFT);
}
/* A5.5.8: a physical address is stored in the entry. */
static inline bool desc_is_live(uint64_t desc, int level)
{
    return desc_hipas(desc, level) != HIPAS_UNASSIGNED;
}
/* Unassigned, at a Protected IPA. */
static inline bool desc_is_unassigned(uint64_t desc)
{
    return (desc & ~DESC_RIPAS_MASK) == 0;
}
static inline bool desc_is_unassigned_ns(uint64_t desc)
{
    return desc == DESC_NS;
}
static inline bool desc_is_assigned_ns(uint64_t desc, int level)
{
    return desc_is_ns(desc) && !desc_is_table(desc, level) && desc_is_valid(desc);
}
static inline bool desc_is_assigned(uint64_t desc, int level)
{
    return !desc_is_ns(desc) && desc_hipas(desc, level) == HIPAS_ASSIGNED;
}

static inline uint64_t desc_unassigned(enum ripas ripas)
{
    return (uint64_t)ripas << DESC_RIPAS_SHIFT;
}
static inline uint64_t desc_unassigned_ns(void)
{
    return DESC_NS;
}
static inline uint64_t desc_assigned(uint64_t data, enum ripas ripas, int level, bool lpa2)
{
    if (ripas == RIPAS_RAM)
        return desc_oa(data, lpa2) | DESC_RAM_ATTR | (lpa2 ? 0 : DESC_SH_INNER) |
               desc_leaf_type(level);
    return desc_oa(data, lpa2) | (uint64_t)HIPAS_ASSIGNED << DESC_HIPAS_SHIFT |
           (uint64_t)ripas << DESC_RIPAS_SHIFT;
}
/* `host` is valid for the level (rtt_map_unprotected checks it). */
static inline uint64_t desc_assigned_ns(uint64_t host, int level, bool lpa2)
{
    uint64_t memattr = (host & DESC_MEMATTR_MASK) >> DESC_MEMATTR_SHIFT;
    uint64_t sh = memattr >= MEMATTR_FWB_WB ? DESC_SH_INNER : DESC_SH_OUTER;

    return host | (lpa2 ? 0 : sh) | DESC_AF | DESC_XN | DESC_NS | desc_leaf_type(level);
}
static inline uint64_t desc_table(uint64_t rtt, bool lpa2)
{
    return desc_oa(rtt, lpa2) | DESC_TABLE;
}
/* Break before make (DDI0487 D8.16.1): what stands in the place of an entry while it changes. RIPAS does not. Not of a
 * TABLE. */
static inline uint64_t desc_broken(uint64_t desc)
{
    return desc_is_ns(desc) ? desc_unassigned_ns() : desc_unassigned(desc_ripas(desc));
}
/* An entry of the same state with another RIPAS. Protected IPA, not TABLE. */
static inline uint64_t desc_with_ripas(uint64_t desc, enum ripas ripas, int level, bool lpa2)
{
    if (desc_hipas(desc, level) == HIPAS_UNASSIGNED)
        return desc_unassigned(ripas);
    return desc_assigned(desc_addr(desc, lpa2), ripas, level, lpa2);
}

#endif
