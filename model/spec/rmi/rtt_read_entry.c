/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_READ_ENTRY (B4.3.20): the entry that a walk to `level` reaches. It fails only on its
 * inputs.
 */
#include "../spec_internal.h"

enum { RD_ALIGN, RD_BOUND, RD_STATE, LEVEL_BOUND, IPA_ALIGN, IPA_BOUND };

const struct spec_cond spec_rtt_read_entry_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [LEVEL_BOUND] = SPEC_COND("level_bound", "!RttLevelIsValid(rd, level)", RMI_ERROR_INPUT),
    [IPA_ALIGN] = SPEC_COND("ipa_align", "!AddrIsRttLevelAligned(ipa, level)", RMI_ERROR_INPUT),
    [IPA_BOUND] = SPEC_COND("ipa_bound", "UInt(ipa) >= (2 ^ Realm(rd).ipa_width)", RMI_ERROR_INPUT),
};

const struct spec_order spec_rtt_read_entry_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
};

enum { LOOSE_OUTPUTS, LOOSE_DESC, LOOSE_TABLE_RIPAS };

const struct spec_loose spec_rtt_read_entry_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_DESC] = {"x3 (desc) bits other than ADDR, MemAttr and S2AP",
                    "B4.3.20.3 states only rtte.addr, rtte.MemAttr and rtte.S2AP"},
    [LOOSE_TABLE_RIPAS] = {"x4 (ripas) of a TABLE entry",
                           "B4.3.20.3 states ripas for UNASSIGNED and ASSIGNED entries only"},
};

#define DESC_ATTRS 0xfcull /* S2AP[7:6], MemAttr[5:2] (DDI0487 D8.3) */

const struct spec_variant spec_rtt_read_entry_variants[] = {
    {"unassigned_empty", "UNASSIGNED, EMPTY"},
    {"unassigned_ram", "UNASSIGNED, RAM"},
    {"unassigned_destroyed", "UNASSIGNED, DESTROYED"},
    {"unassigned_ns", "UNASSIGNED_NS"},
    {"assigned_empty", "ASSIGNED, EMPTY"},
    {"assigned_ram", "ASSIGNED, RAM"},
    {"assigned_destroyed", "ASSIGNED, DESTROYED"},
    {"assigned_ns", "ASSIGNED_NS"},
    {"table", "TABLE"},
};

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->ipa = c->in[2];
    c->level = (int64_t)c->in[3];
    spec_context_walk(c, c->ipa, c->level);
}

static const char *variant(struct spec_entry e)
{
    static const char *const assigned[] = {[RIPAS_EMPTY] = "assigned_empty",
                                           [RIPAS_RAM] = "assigned_ram",
                                           [RIPAS_DESTROYED] = "assigned_destroyed"};
    static const char *const unassigned[] = {[RIPAS_EMPTY] = "unassigned_empty",
                                             [RIPAS_RAM] = "unassigned_ram",
                                             [RIPAS_DESTROYED] = "unassigned_destroyed"};

    if (e.hipas == HIPAS_TABLE)
        return "table";
    if (e.hipas == HIPAS_ASSIGNED)
        return e.ns ? "assigned_ns" : assigned[e.ripas];
    return e.ns ? "unassigned_ns" : unassigned[e.ripas];
}

static void success(struct spec_call *c)
{
    struct spec_entry e = c->walk.rtte;
    bool lpa2 = c->realm->pub.lpa2;

    spec_out(c, 1, (uint64_t)(int64_t)c->walk.level);
    spec_out(c, 2, e.hipas);
    spec_out(c, 3,
             spec_desc_of_addr(spec_entry_addr(e), lpa2) | (uint64_t)e.memattr << 2 |
                 (uint64_t)e.s2ap << 6);
    c->care[3] = spec_desc_addr_field(lpa2) | DESC_ATTRS;
    spec_out(c, 4, e.ns ? RIPAS_EMPTY : e.ripas);
    c->v->loose_mask |= 1u << LOOSE_DESC;
    if (e.hipas == HIPAS_TABLE) {
        c->care[4] = ~0xffull; /* X4[63:8] MBZ */
        c->v->loose_mask |= 1u << LOOSE_TABLE_RIPAS;
    }
    c->v->variant = variant(e);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,         [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,         [LEVEL_BOUND] = spec_level_bound,
    [IPA_ALIGN] = spec_ipa_level_align, [IPA_BOUND] = spec_ipa_bound,
};

const struct spec_body spec_rtt_read_entry_body = {
    .context = context, .holds = holds, .success = success};
