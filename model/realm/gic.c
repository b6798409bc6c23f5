/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/gic.h"

#include <string.h>

/* ICH_LR<n>_EL2 */
#define LR_STATE(lr)     ((unsigned)((lr) >> 62))
#define LR_STATE_PENDING 1u
#define LR_STATE_ACTIVE  2u
#define LR_PENDING       (1ull << 62)
#define LR_ACTIVE        (1ull << 63)
#define LR_GROUP(lr)     ((unsigned)((lr) >> 60 & 1))
#define LR_HW            (1ull << 61)
#define LR_PRIORITY(lr)  ((unsigned)((lr) >> 48 & 0xff))
#define LR_PINTID(lr)    ((lr) >> 32 & 0x1fff)
#define LR_EOI           (1ull << 41)
#define LR_PINTID_EOI    (1ull << 9) /* the EOI bit as a bit of pINTID */
#define LR_VINTID(lr)    ((uint32_t)(lr))

/* INTIDs: 16 bits of them, no extended ranges (ICH_VTR_EL2.IDbits 0, ICC_CTLR_EL1.ExtRange 0). */
#define INTID_LAST_SPI  1019u
#define INTID_FIRST_LPI 8192u
#define INTID_LAST      65535u

#define ICH_HCR_VSGIEOICOUNT (1ull << 8)
#define ICH_HCR_DVIM         (1ull << 11)

static bool intid_is_valid(uint32_t intid)
{
    return intid <= INTID_LAST_SPI || (intid >= INTID_FIRST_LPI && intid <= INTID_LAST);
}

static bool lr_is_valid(const struct impl *impl, uint64_t lr)
{
    unsigned unimplemented = 0xffu >> impl->lr_priority_bits;

    return !(lr & LR_HW) && (LR_PRIORITY(lr) & unimplemented) == 0 &&
           (LR_PINTID(lr) & ~LR_PINTID_EOI) == 0 && intid_is_valid(LR_VINTID(lr));
}

static bool lr_is_duplicate(const uint64_t *lrs, unsigned i)
{
    for (unsigned j = 0; j < i; j++) {
        if (LR_STATE(lrs[j]) && LR_VINTID(lrs[j]) == LR_VINTID(lrs[i]))
            return true;
    }
    return false;
}

bool gic_input_is_valid(const struct impl *impl, uint64_t hcr, const uint64_t lrs[PE_NUM_LRS])
{
    if (hcr & ~ICH_HCR_HOST_MASK)
        return false;
    for (unsigned i = 0; i < impl->num_lrs; i++) {
        /* An empty list register says nothing about an interrupt: its other fields are ignored. */
        if (LR_STATE(lrs[i]) && (!lr_is_valid(impl, lrs[i]) || lr_is_duplicate(lrs, i)))
            return false;
    }
    return true;
}

uint64_t gic_misr(const struct impl *impl, const struct pe_gic *gic)
{
    enum { EOI = 0, U, LRENP, NP, VGRP0E, VGRP0D, VGRP1E, VGRP1D };
    bool eoi = false, pending = false;
    unsigned in_use = 0;
    bool veng0 = gic->vmcr & 1, veng1 = gic->vmcr & 2;
    uint64_t wanted = gic->hcr & ICH_HCR_HOST_MASK; /* the enables are at the bit of their status */

    for (unsigned i = 0; i < impl->num_lrs; i++) {
        in_use += LR_STATE(gic->lr[i]) != 0;
        pending |= LR_STATE(gic->lr[i]) == LR_STATE_PENDING;
        eoi |= LR_STATE(gic->lr[i]) == 0 && !(gic->lr[i] & LR_HW) && (gic->lr[i] & LR_EOI);
    }
    if (!(gic->hcr & ICH_HCR_EN))
        return 0;
    return (uint64_t)eoi << EOI |
           (wanted &
            ((uint64_t)(in_use <= 1) << U |
             (uint64_t)((gic->hcr & ICH_HCR_EOICOUNT_MASK) != 0) << LRENP |
             (uint64_t)!pending << NP | (uint64_t)veng0 << VGRP0E | (uint64_t)!veng0 << VGRP0D |
             (uint64_t)veng1 << VGRP1E | (uint64_t)!veng1 << VGRP1D));
}

/* --- priorities --------------------------------------------------------------------------------------------------- */

/* ICH_VMCR_EL2 */
#define VMCR_VENG(group) (1ull << (group))
#define VMCR_VCBPR       (1ull << 4)
#define VMCR_VEOIM       (1ull << 9)
#define VMCR_VBPR1_SHIFT 18
#define VMCR_VBPR0_SHIFT 21
#define VMCR_VPMR_SHIFT  24

#define PRIORITY_IDLE  0xffu
#define INTID_SPURIOUS 1023u

/* Bits of a priority that can preempt: all but the last of eight. */
static unsigned preemption_bits(const struct impl *impl)
{
    return impl->lr_priority_bits < 7 ? impl->lr_priority_bits : 7u;
}

static unsigned num_aprs(const struct impl *impl)
{
    return 1u << (preemption_bits(impl) > 5 ? preemption_bits(impl) - 5 : 0);
}

uint64_t gic_vmcr(const struct impl *impl, uint64_t value)
{
    uint64_t least = 7 - preemption_bits(impl);

    if ((value >> VMCR_VBPR0_SHIFT & 7) < least)
        value = (value & ~(7ull << VMCR_VBPR0_SHIFT)) | least << VMCR_VBPR0_SHIFT;
    if ((value >> VMCR_VBPR1_SHIFT & 7) < least + 1)
        value = (value & ~(7ull << VMCR_VBPR1_SHIFT)) | (least + 1) << VMCR_VBPR1_SHIFT;
    return value;
}

/* The binary point that counts. */
static unsigned binary_point(const struct impl *impl, const struct pe_gic *gic, unsigned group)
{
    uint64_t vmcr = gic_vmcr(impl, gic->vmcr);
    unsigned bpr0 = (unsigned)(vmcr >> VMCR_VBPR0_SHIFT) & 7;

    if (group == 0)
        return bpr0;
    if (vmcr & VMCR_VCBPR)
        return bpr0 < 7 ? bpr0 + 1 : 7;
    return (unsigned)(vmcr >> VMCR_VBPR1_SHIFT) & 7;
}

void gic_load_input(const struct impl *impl, struct pe_gic *gic, uint64_t hcr,
                    const uint64_t lrs[PE_NUM_LRS])
{
    memset(gic->lr, 0, sizeof(gic->lr));
    memcpy(gic->lr, lrs, impl->num_lrs * sizeof(lrs[0]));
    gic->hcr = ICH_HCR_EN | ICH_HCR_VSGIEOICOUNT | ICH_HCR_DVIM | (hcr & ICH_HCR_HOST_MASK);
    gic->vmcr = gic_vmcr(impl, gic->vmcr);
    gic->misr = gic_misr(impl, gic);
}

/* The part of a priority that can preempt: group priority. */
static unsigned group_priority(const struct impl *impl, const struct pe_gic *gic, unsigned group,
                               unsigned priority)
{
    unsigned point = binary_point(impl, gic, group);

    return priority & (0xffu << (group == 0 ? point + 1 : point)) & 0xff;
}

/* Level of a bit of ICH_AP0R<n> and ICH_AP1R<n> taken together; 0xff: nothing is active. */
static unsigned running_priority(const struct impl *impl, const struct pe_gic *gic)
{
    for (unsigned i = 0; i < num_aprs(impl); i++) {
        uint32_t active = gic->ap0r[i] | gic->ap1r[i];

        if (active)
            return (32 * i + (unsigned)__builtin_ctz(active)) << (8 - preemption_bits(impl));
    }
    return PRIORITY_IDLE;
}

/* The highest-priority pending interrupt of an enabled group: its list register, or -1. Of equals, the first. */
static int highest_pending(const struct impl *impl, const struct pe_gic *gic)
{
    int best = -1;

    if (!(gic->hcr & ICH_HCR_EN))
        return -1;
    for (unsigned i = 0; i < impl->num_lrs; i++) {
        uint64_t lr = gic->lr[i];

        if (LR_STATE(lr) == LR_STATE_PENDING && (gic->vmcr & VMCR_VENG(LR_GROUP(lr))) &&
            (best < 0 || LR_PRIORITY(lr) < LR_PRIORITY(gic->lr[best])))
            best = (int)i;
    }
    return best;
}

/* The same, if it passes the priority mask and preempts what is active. */
static int signalled(const struct impl *impl, const struct pe_gic *gic)
{
    int i = highest_pending(impl, gic);
    unsigned priority, running = running_priority(impl, gic);

    if (i < 0)
        return -1;
    priority = LR_PRIORITY(gic->lr[i]);
    if (priority >= (gic->vmcr >> VMCR_VPMR_SHIFT & 0xff))
        return -1;
    if (running != PRIORITY_IDLE) {
        unsigned group = LR_GROUP(gic->lr[i]);

        if (group_priority(impl, gic, group, priority) >= group_priority(impl, gic, group, running))
            return -1;
    }
    return i;
}

unsigned gic_signals(const struct impl *impl, const struct pe_gic *gic)
{
    int i = (gic->vmcr & 3) ? signalled(impl, gic) : -1;

    if (i < 0)
        return 0;
    return LR_GROUP(gic->lr[i]) ? GIC_VIRQ : GIC_VFIQ;
}

/* --- acknowledge, priority drop, deactivation --------------------------------------------------------------------- */

static uint64_t acknowledge(const struct impl *impl, struct pe_gic *gic, unsigned group)
{
    int i = signalled(impl, gic);
    unsigned level;

    if (i < 0 || LR_GROUP(gic->lr[i]) != group)
        return INTID_SPURIOUS;
    level =
        group_priority(impl, gic, group, LR_PRIORITY(gic->lr[i])) >> (8 - preemption_bits(impl));
    (group ? gic->ap1r : gic->ap0r)[level / 32] |= 1u << level % 32;
    gic->lr[i] = (gic->lr[i] & ~LR_PENDING) | LR_ACTIVE;
    return LR_VINTID(gic->lr[i]);
}

static uint64_t pending_intid(const struct impl *impl, const struct pe_gic *gic, unsigned group)
{
    int i = highest_pending(impl, gic);

    return i < 0 || LR_GROUP(gic->lr[i]) != group ? INTID_SPURIOUS : LR_VINTID(gic->lr[i]);
}

static int active_lr(const struct impl *impl, const struct pe_gic *gic, uint32_t intid)
{
    for (unsigned i = 0; i < impl->num_lrs; i++)
        if ((LR_STATE(gic->lr[i]) & LR_STATE_ACTIVE) && LR_VINTID(gic->lr[i]) == intid)
            return (int)i;
    return -1;
}

static void count_eoi(struct pe_gic *gic)
{
    uint64_t count = (gic->hcr >> ICH_HCR_EOICOUNT_SHIFT) + 1;

    gic->hcr = (gic->hcr & ~ICH_HCR_EOICOUNT_MASK) |
               (count << ICH_HCR_EOICOUNT_SHIFT & ICH_HCR_EOICOUNT_MASK);
}

/* The highest active priority is dropped, whose ever it is. 0xff: there was none. */
static unsigned drop_priority(const struct impl *impl, struct pe_gic *gic)
{
    unsigned priority = running_priority(impl, gic);
    unsigned level = priority >> (8 - preemption_bits(impl));
    uint32_t bit = 1u << level % 32;

    if (priority == PRIORITY_IDLE)
        return priority;
    if (gic->ap0r[level / 32] & bit)
        gic->ap0r[level / 32] &= ~bit;
    else
        gic->ap1r[level / 32] &= ~bit;
    return priority;
}

/*
 * Without a list register for the INTID the Host has to deactivate: EOIcount tells how often. LPIs have no active state,
 * so there is nothing to tell; nor is there when nothing was active.
 */
static void end_of_interrupt(const struct impl *impl, struct pe_gic *gic, unsigned group,
                             uint32_t intid)
{
    bool split = (gic->vmcr & VMCR_VEOIM) && intid < INTID_FIRST_LPI;
    unsigned dropped;
    int i;

    if (!intid_is_valid(intid))
        return;
    dropped = drop_priority(impl, gic);
    i = active_lr(impl, gic, intid);
    if (split)
        return;
    if (i < 0) {
        if (dropped != PRIORITY_IDLE && intid < INTID_FIRST_LPI)
            count_eoi(gic);
        return;
    }
    /* Not what was acknowledged last: a mistake of the Realm, which stays its own. */
    if (LR_GROUP(gic->lr[i]) == group &&
        group_priority(impl, gic, group, LR_PRIORITY(gic->lr[i])) == dropped)
        gic->lr[i] &= ~LR_ACTIVE;
}

static void deactivate(const struct impl *impl, struct pe_gic *gic, uint32_t intid)
{
    int i;

    if (!(gic->vmcr & VMCR_VEOIM) || intid >= INTID_FIRST_LPI || !intid_is_valid(intid))
        return;
    i = active_lr(impl, gic, intid);
    if (i < 0)
        count_eoi(gic);
    else
        gic->lr[i] &= ~LR_ACTIVE;
}

/* --- registers ---------------------------------------------------------------------------------------------------- */

#define ICC(crm, op2)     SYSREG(3, 0, 12, crm, op2)
#define ICC_PMR           SYSREG(3, 0, 4, 6, 0)
#define ICC_IAR(group)    ICC((group) ? 12 : 8, 0)
#define ICC_EOIR(group)   ICC((group) ? 12 : 8, 1)
#define ICC_HPPIR(group)  ICC((group) ? 12 : 8, 2)
#define ICC_BPR(group)    ICC((group) ? 12 : 8, 3)
#define ICC_DIR           ICC(11, 1)
#define ICC_RPR           ICC(11, 3)
#define ICC_CTLR          ICC(12, 4)
#define ICC_SRE           ICC(12, 5)
#define ICC_IGRPEN(group) ICC(12, 6 + (group))

#define ICC_CTLR_CBPR    (1ull << 0)
#define ICC_CTLR_EOIMODE (1ull << 1)
#define ICC_CTLR_A3V     (1ull << 15)
#define ICC_SRE_VALUE    7u /* SRE, DFB, DIB: there is nothing but system registers */

/* ICC_AP0R<n>_EL1 is S3_0_C12_C8_(4 + n), ICC_AP1R<n>_EL1 S3_0_C12_C9_n. NULL: another register, or not there. */
static uint32_t *active_priorities(const struct impl *impl, struct pe_gic *gic, uint32_t sysreg)
{
    unsigned n = sysreg & 3;

    if (n >= num_aprs(impl))
        return NULL;
    if (sysreg == ICC(8, 4 + n))
        return &gic->ap0r[n];
    return sysreg == ICC(9, n) ? &gic->ap1r[n] : NULL;
}

static uint64_t read_control(const struct impl *impl, const struct pe_gic *gic)
{
    return (impl->lr_priority_bits - 1ull) << 8 | ICC_CTLR_A3V |
           (gic->vmcr & VMCR_VCBPR ? ICC_CTLR_CBPR : 0) |
           (gic->vmcr & VMCR_VEOIM ? ICC_CTLR_EOIMODE : 0);
}

static enum sysreg_result read_register(const struct impl *impl, struct pe_gic *gic,
                                        uint32_t sysreg, uint64_t *value)
{
    const uint32_t *apr = active_priorities(impl, gic, sysreg);

    switch (sysreg) {
    case ICC_PMR: *value = gic->vmcr >> VMCR_VPMR_SHIFT & 0xff; break;
    case ICC_IAR(0): *value = acknowledge(impl, gic, 0); break;
    case ICC_IAR(1): *value = acknowledge(impl, gic, 1); break;
    case ICC_HPPIR(0): *value = pending_intid(impl, gic, 0); break;
    case ICC_HPPIR(1): *value = pending_intid(impl, gic, 1); break;
    case ICC_BPR(0): *value = binary_point(impl, gic, 0); break;
    case ICC_BPR(1): *value = binary_point(impl, gic, 1); break;
    case ICC_RPR: *value = running_priority(impl, gic); break;
    case ICC_CTLR: *value = read_control(impl, gic); break;
    case ICC_SRE: *value = ICC_SRE_VALUE; break;
    case ICC_IGRPEN(0): *value = (gic->vmcr & VMCR_VENG(0)) != 0; break;
    case ICC_IGRPEN(1): *value = (gic->vmcr & VMCR_VENG(1)) != 0; break;
    default:
        if (!apr)
            return SYSREG_UNDEF;
        *value = *apr;
        break;
    }
    return SYSREG_OK;
}

static void set_field(struct pe_gic *gic, unsigned shift, uint64_t mask, uint64_t value)
{
    gic->vmcr = (gic->vmcr & ~(mask << shift)) | (value & mask) << shift;
}

static void write_control(struct pe_gic *gic, uint64_t value)
{
    gic->vmcr &= ~(VMCR_VCBPR | VMCR_VEOIM);
    gic->vmcr |=
        (value & ICC_CTLR_CBPR ? VMCR_VCBPR : 0) | (value & ICC_CTLR_EOIMODE ? VMCR_VEOIM : 0);
}

static void write_binary_point(const struct impl *impl, struct pe_gic *gic, unsigned group,
                               uint64_t value)
{
    unsigned least = 7 - preemption_bits(impl) + group;

    if (group && (gic->vmcr & VMCR_VCBPR))
        return; /* it reads as that of group 0 */
    value &= 7;
    set_field(gic, group ? VMCR_VBPR1_SHIFT : VMCR_VBPR0_SHIFT, 7, value < least ? least : value);
}

static enum sysreg_result write_register(const struct impl *impl, struct pe_gic *gic,
                                         uint32_t sysreg, uint64_t value)
{
    uint32_t *apr = active_priorities(impl, gic, sysreg), intid = value & 0xffffff;

    switch (sysreg) {
    case ICC_PMR:
        set_field(gic, VMCR_VPMR_SHIFT, 0xff, value & (0xffu << (8 - impl->lr_priority_bits)));
        break;
    case ICC_EOIR(0): end_of_interrupt(impl, gic, 0, intid); break;
    case ICC_EOIR(1): end_of_interrupt(impl, gic, 1, intid); break;
    case ICC_DIR:
        if (gic->hcr & ICH_HCR_TDIR)
            return SYSREG_TRAP_EL2;
        deactivate(impl, gic, intid);
        break;
    case ICC_BPR(0): write_binary_point(impl, gic, 0, value); break;
    case ICC_BPR(1): write_binary_point(impl, gic, 1, value); break;
    case ICC_CTLR: write_control(gic, value); break;
    case ICC_SRE: break; /* all of it is fixed */
    case ICC_IGRPEN(0): set_field(gic, 0, 1, value); break;
    case ICC_IGRPEN(1): set_field(gic, 1, 1, value); break;
    default:
        if (!apr)
            return SYSREG_UNDEF;
        *apr = (uint32_t)value;
        break;
    }
    return SYSREG_OK;
}

enum sysreg_result gic_read(const struct impl *impl, struct pe_gic *gic, uint32_t sysreg,
                            uint64_t *value)
{
    enum sysreg_result result = read_register(impl, gic, sysreg, value);

    gic->misr = gic_misr(impl, gic);
    return result;
}

enum sysreg_result gic_write(const struct impl *impl, struct pe_gic *gic, uint32_t sysreg,
                             uint64_t value)
{
    enum sysreg_result result = write_register(impl, gic, sysreg, value);

    gic->misr = gic_misr(impl, gic);
    return result;
}
