/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CPU interface's registers, IHI0069 chapter 12.2, for Non-secure software. Firmware takes Group 0 for itself
 * (SCR_EL3.FIQ): an access to a register of that group traps to EL3, which gives it back as an undefined instruction.
 */
#include "plat/gic.h"

#define ICC(crm, op2) SYSREG(3, 0, 12, crm, op2)
#define ICC_PMR       SYSREG(3, 0, 4, 6, 0)
#define ICC_AP1R0     ICC(9, 0)
#define ICC_DIR       ICC(11, 1)
#define ICC_RPR       ICC(11, 3)
#define ICC_SGI1R     ICC(11, 5)
#define ICC_ASGI1R    ICC(11, 6)
#define ICC_SGI0R     ICC(11, 7)
#define ICC_IAR1      ICC(12, 0)
#define ICC_EOIR1     ICC(12, 1)
#define ICC_HPPIR1    ICC(12, 2)
#define ICC_BPR1      ICC(12, 3)
#define ICC_CTLR      ICC(12, 4)
#define ICC_SRE       ICC(12, 5)
#define ICC_IGRPEN1   ICC(12, 7)
#define ICC_SRE_EL2   SYSREG(3, 4, 12, 9, 5)

#define CTLR_EOIMODE (1u << 1)
/* Five priority bits, 16 bits of INTID, Aff3 can be non-zero. CBPR is EL3's. */
#define CTLR_FIXED    (4u << 8 | 1u << 15)
#define SRE_VALUE     0x7u /* SRE, DFB, DIB: there is nothing but system registers */
#define SRE_EL2_VALUE 0xfu /* and EL1 may use them */
#define BPR_LEAST     3u
#define AP1R_MASK     0xffff0000u /* levels of physical priorities 0x80 and lower */
#define INTID_MASK    0xffffffu

static enum sysreg_result icc_read(struct gic *g, unsigned pe, uint32_t sysreg, uint64_t *value)
{
    const struct gic_pe *p = &g->pe[pe];

    switch (sysreg) {
    case ICC_PMR: *value = p->mask; break;
    case ICC_AP1R0: *value = p->active; break;
    case ICC_RPR: *value = gic_running_priority(p); break;
    case ICC_IAR1: *value = gic_acknowledge(g, pe); break;
    case ICC_HPPIR1: *value = gic_highest_pending(g, pe); break;
    case ICC_BPR1: *value = p->bpr; break;
    case ICC_CTLR: *value = CTLR_FIXED | (p->split_eoi ? CTLR_EOIMODE : 0); break;
    case ICC_SRE: *value = SRE_VALUE; break;
    case ICC_SRE_EL2: *value = SRE_EL2_VALUE; break;
    case ICC_IGRPEN1: *value = p->group_enabled; break;
    default: return SYSREG_UNDEF;
    }
    return SYSREG_OK;
}

static enum sysreg_result icc_write(struct gic *g, unsigned pe, uint32_t sysreg, uint64_t value)
{
    struct gic_pe *p = &g->pe[pe];

    switch (sysreg) {
    case ICC_PMR: p->mask = value & GIC_PRIORITY_MASK; break;
    case ICC_AP1R0: p->active = value & AP1R_MASK; break;
    case ICC_EOIR1: gic_end(g, pe, value & INTID_MASK); break;
    case ICC_DIR:
        if (p->split_eoi)
            gic_deactivate(g, pe, value & INTID_MASK);
        break;
    case ICC_BPR1: p->bpr = (value & 7) < BPR_LEAST ? BPR_LEAST : value & 7; break;
    case ICC_CTLR: p->split_eoi = value & CTLR_EOIMODE; break;
    case ICC_SGI1R: gic_send_sgi(g, pe, value); break;
    case ICC_ASGI1R:
    case ICC_SGI0R:
        break; /* of interrupts that are the Secure world's: GICR_NSACR lets nobody send them */
    case ICC_SRE:
    case ICC_SRE_EL2: break;
    case ICC_IGRPEN1:
        p->group_enabled = value & 1;
        gic_touch(g); /* who takes what goes to any PE */
        break;
    default: return SYSREG_UNDEF;
    }
    return SYSREG_OK;
}

enum sysreg_result gic_icc_access(struct gic *g, unsigned pe, uint32_t sysreg, bool write,
                                  uint64_t *value)
{
    return write ? icc_write(g, pe, sysreg, *value) : icc_read(g, pe, sysreg, value);
}
