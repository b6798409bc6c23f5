/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CPU interface as host code finds it (IHI0069 12.2 to 12.4): ICC_*_EL1 of the platform's GIC, or, where HCR_EL2.{IMO,FMO}
 * make it virtual at EL1, of the list registers; ICH_*_EL2.
 */
#include <string.h>

#include "host_sysreg.h"

#define ICC(crm, op2) SYSREG(3, 0, 12, crm, op2)
#define ICC_PMR       SYSREG(3, 0, 4, 6, 0)
#define ICC_DIR       ICC(11, 1)
#define ICC_RPR       ICC(11, 3)
#define ICC_SGI1R     ICC(11, 5)
#define ICC_SGI0R     ICC(11, 7)
#define ICC_CTLR      ICC(12, 4)
#define ICC_SRE       ICC(12, 5)
#define ICC_IGRPEN0   ICC(12, 6)
#define ICC_SRE_EL2   SYSREG(3, 4, 12, 9, 5)

#define LR_HW         (1ull << 61)
#define LR_ACTIVE     (1ull << 63)
#define LR_STATE(lr)  ((lr) >> 62)
#define LR_PINTID(lr) ((lr) >> 32 & 0x1fff)
#define LR_EOI        (1ull << 41)

/* What the register belongs to: HCR_EL2 bits that make it virtual, ICH_HCR_EL2 bit that traps it. */
struct side {
    uint64_t virtual_by, trap;
};

static struct side side_of(uint32_t enc)
{
    unsigned crm = enc >> 3 & 15;

    if (enc == ICC_PMR || enc == ICC_DIR || enc == ICC_RPR || enc == ICC_CTLR ||
        (enc >= ICC_SGI1R && enc <= ICC_SGI0R))
        return (struct side){HCR_IMO | HCR_FMO, ICH_HCR_TC};
    if (crm == 8 || enc == ICC_IGRPEN0)
        return (struct side){HCR_FMO, ICH_HCR_TALL0};
    return (struct side){HCR_IMO, ICH_HCR_TALL1};
}

/* The end of a virtual interrupt that is a physical one too deactivates that (ICH_LR<n>_EL2.HW). */
static void deactivate_physical(struct machine *m, unsigned pe, const struct pe_gic *before)
{
    const struct pe_gic *now = &m->plat->pe[pe].gic;

    for (unsigned i = 0; i < m->impl.num_lrs; i++) {
        uint64_t ended = before->lr[i] & ~now->lr[i] & LR_ACTIVE;

        if (ended && (now->lr[i] & LR_HW))
            plat_deactivate(m, pe, (uint32_t)LR_PINTID(now->lr[i]));
    }
}

static enum sysreg_result virtual_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                         uint64_t *value)
{
    struct pe_gic *gic = &m->plat->pe[pe].gic, before = *gic;
    enum sysreg_result result =
        write ? gic_write(&m->impl, gic, enc, *value) : gic_read(&m->impl, gic, enc, value);

    if (write)
        deactivate_physical(m, pe, &before);
    return result;
}

enum sysreg_result host_icc_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value)
{
    unsigned el = host_el(m, pe);
    struct side side = side_of(enc);
    bool is_sgi = enc >= ICC_SGI1R && enc <= ICC_SGI0R;

    if (el == 2 || enc == ICC_SRE)
        return plat_icc_access(m, pe, enc, write, value);
    if (is_sgi && !write)
        return SYSREG_UNDEF;
    if (m->plat->pe[pe].gic.hcr & side.trap)
        return SYSREG_TRAP_EL2;
    if (!host_hcr(m, pe, side.virtual_by))
        return plat_icc_access(m, pe, enc, write, value);
    return is_sgi ? SYSREG_TRAP_EL2 : virtual_access(m, pe, enc, write, value);
}

/* --- ICH_*_EL2: S3_4_C12_C{8,9,11,12,13}_n -------------------------------------------------------------------------- */

#define ICH(crm, op2) SYSREG(3, 4, 12, crm, op2)
#define ICH_HCR       ICH(11, 0)
#define ICH_VTR       ICH(11, 1)
#define ICH_MISR      ICH(11, 2)
#define ICH_EISR      ICH(11, 3)
#define ICH_ELRSR     ICH(11, 5)
#define ICH_VMCR      ICH(11, 7)

/* En, UIE ... VGrp1DIE, TC, TALL0, TALL1, TSEI, TDIR, EOIcount */
#define ICH_HCR_MASK  0xf8007cffull
#define ICH_VMCR_MASK 0xfffc021full
#define LR_MASK       0xf0ff1fff0000ffffull

static unsigned preemption_bits(const struct impl *impl)
{
    return impl->lr_priority_bits < 7 ? impl->lr_priority_bits : 7u;
}

/* ListRegs, nV4, A3V, TDS; IDbits 0: 16 bits of INTID */
static uint64_t vtr(const struct impl *impl)
{
    return (impl->num_lrs - 1ull) | 1ull << 19 | 1ull << 20 | 1ull << 21 |
           (preemption_bits(impl) - 1ull) << 26 | (impl->lr_priority_bits - 1ull) << 29;
}

/* ICH_EISR and ICH_ELRSR: a bit a list register. */
static uint64_t ended(const struct machine *m, const struct pe_gic *gic, bool only_eoi)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < m->impl.num_lrs; i++) {
        uint64_t lr = gic->lr[i];
        bool eoi = !(lr & LR_HW) && (lr & LR_EOI);

        if (LR_STATE(lr) == 0 && eoi == only_eoi)
            set |= 1ull << i;
    }
    return set;
}

static uint32_t *active_priorities(const struct machine *m, struct pe_gic *gic, uint32_t enc)
{
    unsigned n = enc & 3, bits = preemption_bits(&m->impl);

    if (n >= 1u << (bits > 5 ? bits - 5 : 0))
        return NULL;
    if (enc == ICH(8, n))
        return &gic->ap0r[n];
    return enc == ICH(9, n) ? &gic->ap1r[n] : NULL;
}

static uint64_t *list_register(const struct machine *m, struct pe_gic *gic, uint32_t enc)
{
    unsigned n = enc - ICH(12, 0);

    return n < m->impl.num_lrs ? &gic->lr[n] : NULL;
}

static enum sysreg_result ich_read(struct machine *m, struct pe_gic *gic, uint32_t enc,
                                   uint64_t *value)
{
    const uint64_t *lr = list_register(m, gic, enc);
    const uint32_t *ap = active_priorities(m, gic, enc);

    switch (enc) {
    case ICH_HCR: *value = gic->hcr; break;
    case ICH_VTR: *value = vtr(&m->impl); break;
    case ICH_MISR: *value = gic->misr; break;
    case ICH_EISR: *value = ended(m, gic, true); break;
    case ICH_ELRSR: *value = ended(m, gic, false); break;
    case ICH_VMCR: *value = gic->vmcr; break;
    default:
        if (!lr && !ap)
            return SYSREG_UNDEF;
        *value = lr ? *lr : *ap;
        break;
    }
    return SYSREG_OK;
}

static enum sysreg_result ich_write(struct machine *m, struct pe_gic *gic, uint32_t enc,
                                    uint64_t value)
{
    uint64_t *lr = list_register(m, gic, enc);
    uint32_t *ap = active_priorities(m, gic, enc);
    uint64_t unimplemented = 0xffull >> m->impl.lr_priority_bits << 48;

    if (enc == ICH_HCR)
        gic->hcr = value & ICH_HCR_MASK;
    else if (enc == ICH_VMCR)
        gic->vmcr = value & ICH_VMCR_MASK;
    else if (lr)
        *lr = value & LR_MASK & ~unimplemented;
    else if (ap)
        *ap = (uint32_t)value;
    else
        return SYSREG_UNDEF;
    gic->misr = gic_misr(&m->impl, gic);
    return SYSREG_OK;
}

enum sysreg_result host_ich_access(struct machine *m, unsigned pe, uint32_t enc, bool write,
                                   uint64_t *value)
{
    struct pe_gic *gic = &m->plat->pe[pe].gic;

    if (host_el(m, pe) != 2)
        return SYSREG_UNDEF;
    return write ? ich_write(m, gic, enc, *value) : ich_read(m, gic, enc, value);
}
