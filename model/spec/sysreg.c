/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trapped MSR and MRS instructions (A4.3.4): "emulated by RMM, followed by return to Realm". Which
 * registers exist is the implementation's: those that do not may be Unknown to the Realm.
 */
#include "spec_internal.h"

#define ISS_READ    1ull
#define ISS_RT(esr) (((esr) >> 5) & 31)
/* Op0[21:20] Op2[19:17] Op1[16:14] CRn[13:10] CRm[4:1] */
#define ISS_REGISTER 0x3ffc1eull
#define ISS_OF(op0, op1, crn, crm, op2)                                      \
    ((uint64_t)(op0) << 20 | (uint64_t)(op2) << 17 | (uint64_t)(op1) << 14 | \
     (uint64_t)(crn) << 10 | (uint64_t)(crm) << 1)
#define ISS_ID_GROUP (ISS_REGISTER & ~(7ull << 17 | 0xfull << 1)) /* all but Op2 and CRm */

#define ID_AA64PFR0_EL1 ISS_OF(3, 0, 0, 4, 0)
#define ICC_DIR_EL1     ISS_OF(3, 0, 12, 11, 1)
#define ICC_SGI1R_EL1   ISS_OF(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1  ISS_OF(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1   ISS_OF(3, 0, 12, 11, 7)

#define PFR0_SVE (0xfull << 32)

static void value_is_open(struct spec_recnode *r)
{
    if ((r->trap.esr & ISS_READ) && ISS_RT(r->trap.esr) != 31)
        r->expect.open_x |= 1u << ISS_RT(r->trap.esr);
}

/* A3.1.3: without SVE, ID_AA64PFR0_EL1 must say so. */
static void id_register(const struct spec *s, struct spec_recnode *r, struct spec_verdict *v)
{
    value_is_open(r);
    r->expect.regs.pc += 4;
    if ((r->trap.esr & ISS_REGISTER) == ID_AA64PFR0_EL1 && !spec_realm_node(s, r->realm)->pub.sve) {
        r->expect.zero_x = (unsigned)ISS_RT(r->trap.esr);
        r->expect.zero_bits = PFR0_SVE;
    }
    v->variant = "id_register";
}

/*
 * An interrupt for another REC, or a deactivation that may concern one: the Host must do it. The
 * text has no such REC exit; without it ICH_HCR_EL2.TDIR, which the Host controls (A6.1), would have
 * no use.
 */
static void for_the_host(struct spec_recnode *r, struct spec_verdict *v)
{
    unsigned rt = (unsigned)ISS_RT(r->trap.esr);

    r->expect.regs.pc += 4;
    spec_exit_start(r, EXIT_SYNC, "gic_sysreg");
    r->exit.esr = r->trap.esr;
    r->exit.gprs[0] = rt == 31 ? 0 : r->trap.regs.x[rt];
    r->next = SPEC_NEXT_EITHER;
    v->variant = "gic_sysreg";
    v->loose_mask |= 1u << SPEC_LOOSE_SGI;
}

static bool is_for_the_host(uint64_t esr)
{
    uint64_t reg = esr & ISS_REGISTER;

    return !(esr & ISS_READ) && (reg == ICC_DIR_EL1 || reg == ICC_SGI1R_EL1 ||
                                 reg == ICC_ASGI1R_EL1 || reg == ICC_SGI0R_EL1);
}

void spec_trap_sysreg(const struct spec *s, struct spec_recnode *r, struct spec_verdict *v)
{
    uint64_t esr = r->trap.esr;

    if ((esr & ISS_READ) && (esr & ISS_ID_GROUP) == ISS_OF(3, 0, 0, 0, 0)) {
        id_register(s, r, v);
        return;
    }
    if (is_for_the_host(esr)) {
        for_the_host(r, v);
        return;
    }
    r->alternative = r->expect;
    spec_inject_undef(&r->alternative);
    r->has_alternative = true;
    value_is_open(r);
    r->expect.regs.pc += 4;
    v->variant = "sysreg";
    v->loose_mask |= 1u << SPEC_LOOSE_SYSREG;
}
