/* SPDX-License-Identifier: BSD-3-Clause */
/* The stub at EL2 below a kernel that has the PE for itself: it prints for the kernel, and nothing else. */
#include "image.h"
#include "service.h"

#define CNTHCTL_EL1PCTEN 1ul
#define CNTHCTL_EL1PCEN  2ul

extern uint8_t kernel_blob[];

static struct vcpu kernel;

void image_main(void)
{
    const struct host_call *h;

    gic_init();
    gic_init_pe();
    gic_enable(4);
    gic_enable(27);
    gic_enable(30);
    MSR(cnthctl_el2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
    MSR(cntvoff_el2, 0);
    MSR(vmpidr_el2, MRS(mpidr_el1));
    MSR(vpidr_el2, MRS(midr_el1));
    MSR(G_SCTLR, 0x30D00800);
    kernel.pc = (uint64_t)kernel_blob;
    kernel.pstate = 0x3C5;
    MSR(hcr_el2, HCR_RW); /* IRQs are EL1's */
    ISB();
    while (1) {
        CHECK_EQ(vcpu_run(&kernel), FROM_SYNC);
        CHECK_EQ(ESR_EC(MRS(R_ESR)), EC_HVC);
        h = (const struct host_call *)kernel.x[0];
        if (ESR_EC(MRS(R_ESR)) != EC_HVC || kernel.x[1] == SERVICE_DONE)
            return;
        if (kernel.x[1] == SERVICE_PRINT)
            print("| %s", (const char *)h->gprs);
        else
            fail("k.c", (int)h->gprs[0], "0x%lx, not 0x%lx", h->gprs[1], h->gprs[2]);
    }
}
