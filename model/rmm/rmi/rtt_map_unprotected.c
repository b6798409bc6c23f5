/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_MAP_UNPROTECTED (DEN0137 B4.3.19): the Host may name any PA; the GPT is what protects
 * the others' memory. */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/* B3.56 RttDescriptorIsValidForUnprotected. Without LPA2 it also refuses an address beyond 48 bits (addr_bound): such a
 * descriptor has no place for one. */
static bool host_desc_is_valid(uint64_t desc, bool lpa2)
{
    return (desc & ~desc_host_mask(lpa2)) == 0 &&
           (desc & DESC_MEMATTR_MASK) >> DESC_MEMATTR_SHIFT != MEMATTR_RESERVED;
}

uint64_t rmi_rtt_map_unprotected(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                                 uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], level = x[3], desc = x[4], entry, result;
    ipa_t a = ipa(x[2]);
    struct gst_entry *g_rd;
    struct s2_context s2;
    struct rtt_walk w;

    (void)out;
    g_rd = gst_find_lock(m, pe, rd_pa, GST_RD);
    if (g_rd == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!host_desc_is_valid(desc, s2.lpa2) || !s2_is_unprotected_entry(&s2, a, level) ||
        !rtt_is_level_aligned(desc_addr(desc, s2.lpa2), (int)level)) {
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    rtt_walk(m, pe, &s2, g_rd, a, (int)level, &w);
    if (w.level < (int)level || !desc_is_unassigned_ns(rtt_walk_desc(&w))) {
        result = rtt_walk_error(&w);
    } else {
        entry = desc_assigned_ns(desc, w.level, s2.lpa2);
        if (BUG(m, MAP_WITHOUT_NS))
            entry &= ~DESC_NS;
        if (s2.lpa2 && BUG(m, MAP_LOSES_HIGH_BITS))
            entry &= ~DESC_LPA2_HIGH;
        rtt_walk_write(m, pe, &w, entry);
        result = rmi_result(RMI_SUCCESS, 0);
    }
    rtt_walk_end(m, pe, &w);
    return result;
}
