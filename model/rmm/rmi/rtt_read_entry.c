/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_RTT_READ_ENTRY (DEN0137 B4.3.20). */
#include "rmm/bugs.h"
#include "rmm/rmi/rmi.h"
#include "rmm/rtt.h"

/* x2..x4. x3 has the layout of a descriptor: of the attributes, the Host sees only those that it chose itself. */
static void report_entry(const struct rtt_walk *w, uint64_t out[ABI_MAX_REGS])
{
    uint64_t desc = rtt_walk_desc(w);
    int level = w->level;
    enum hipas hipas = desc_hipas(desc, level);
    bool ns = hipas != HIPAS_TABLE && desc_is_ns(desc);

    out[2] = hipas;
    if (hipas == HIPAS_TABLE || (hipas == HIPAS_ASSIGNED && !ns))
        out[3] = desc & desc_addr_mask(w->lpa2);
    else if (hipas == HIPAS_ASSIGNED)
        out[3] = desc & desc_host_mask(w->lpa2);
    if (hipas != HIPAS_TABLE && !ns)
        out[4] = desc_ripas(desc);
}

uint64_t rmi_rtt_read_entry(struct machine *m, unsigned pe, const uint64_t x[ABI_MAX_REGS],
                            uint64_t out[ABI_MAX_REGS])
{
    uint64_t rd_pa = x[1], level = x[3];
    ipa_t a = ipa(x[2]);
    struct gst_entry *g_rd = gst_find_lock(m, pe, rd_pa, GST_RD);
    struct s2_context s2;
    struct rtt_walk w;

    if (g_rd == NULL)
        return rmi_result(RMI_ERROR_INPUT, 0);
    s2 = rd_map(m, pe, rd_pa)->s2;
    rd_unmap(m, pe);
    if (!rtt_level_in(level, s2.rtt_level_start, RTT_LEVEL_PAGE) ||
        !rtt_is_level_aligned(a.v, (int)level) || a.v >= s2_ipa_size(&s2)) {
        gst_unlock(m, pe, g_rd);
        return rmi_result(RMI_ERROR_INPUT, 0);
    }
    if (BUG(m, READ_ENTRY_SHORT_WALK) && (int)level > s2.rtt_level_start)
        level--;
    rtt_walk(m, pe, &s2, g_rd, a, (int)level, &w);
    out[1] = (uint64_t)w.level;
    report_entry(&w, out);
    rtt_walk_end(m, pe, &w);
    return rmi_result(RMI_SUCCESS, 0);
}
