/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_OFF (B6.3.2): the calling REC is not runnable until another one turns it on (A2.3.2).
 * Control does not return.
 */
#include "../spec_internal.h"

static void success(struct spec_call *c)
{
    spec_psci_exit(c, 0, 0);
    c->rec->pub.runnable = false;
    c->rec->regs_open = true;
}

const struct spec_body spec_cpu_off_body = {.success = success};
