/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_SUSPEND (B6.3.4): every power state is a suspend request; entry point and context are
 * ignored. The Realm goes on after the SMC at the next RMI_REC_ENTER.
 */
#include "../spec_internal.h"

static void success(struct spec_call *c)
{
    spec_psci_exit(c, 3, SPEC_ROW(1));
    spec_out(c, 0, PSCI_SUCCESS);
}

const struct spec_body spec_cpu_suspend_body = {.success = success};
