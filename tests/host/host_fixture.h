/* SPDX-License-Identifier: BSD-3-Clause */
/* A machine with a platform, whose PE 0 was reset; what tests of host code say of its state. */
#ifndef CCASIM_TESTS_HOST_FIXTURE_H
#define CCASIM_TESTS_HOST_FIXTURE_H

#include <ccasim/plat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HCR_E2H HCR_E2H_BIT
#define HCR_TGE HCR_TGE_BIT

#define PSTATE_EL(el) ((uint64_t)(el) << 2 | ((el) ? 1 : 0)) /* EL0t, EL1h, EL2h */
#define PSTATE_DAIF   (0xfull << 6)
#define NOW           1000000ull

static struct machine *host_machine(void)
{
    static struct impl impl;
    struct machine *m = NULL;

    plat_impl(plat_by_name("small"), 2, &impl);
    assert_int_equal(machine_new(&impl, &m), CCA_OK);
    assert_int_equal(plat_attach(m, plat_by_name("small")), CCA_OK);
    plat_reset(m);
    m->vtime = NOW;
    host_reset(m, 0, 0x80000000, 0);
    return m;
}

static int host_setup(void **state)
{
    *state = host_machine();
    return 0;
}

static int host_teardown(void **state)
{
    plat_detach(*state);
    machine_free(*state);
    return 0;
}

/* Non-static helpers would need a file of their own; unused ones are fine. */
#define HOST_HELPER __attribute__((unused)) static

HOST_HELPER uint64_t *el2_reg(struct machine *m, enum host_sysreg r)
{
    return &m->plat->pe[0].el2[r];
}
HOST_HELPER uint64_t *el1_reg(struct machine *m, enum pe_sysreg r)
{
    return &m->pe[0].r.sys[r];
}
HOST_HELPER void set_hcr(struct machine *m, uint64_t bits)
{
    *el2_reg(m, HS_HCR_EL2) = 1ull << 31 | bits; /* RW */
}
HOST_HELPER void set_el(struct machine *m, unsigned el)
{
    m->pe[0].r.pstate = PSTATE_EL(el) | PSTATE_DAIF;
}
HOST_HELPER enum sysreg_result read_reg(struct machine *m, uint32_t enc, uint64_t *value)
{
    return host_sysreg_access(m, 0, enc, false, value, m->vtime);
}
HOST_HELPER enum sysreg_result write_reg(struct machine *m, uint32_t enc, uint64_t value)
{
    return host_sysreg_access(m, 0, enc, true, &value, m->vtime);
}
/* Of a register that may be read. */
HOST_HELPER uint64_t get(struct machine *m, uint32_t enc)
{
    uint64_t value = 0;

    assert_int_equal(read_reg(m, enc, &value), SYSREG_OK);
    return value;
}
HOST_HELPER void put(struct machine *m, uint32_t enc, uint64_t value)
{
    assert_int_equal(write_reg(m, enc, value), SYSREG_OK);
}

#endif
