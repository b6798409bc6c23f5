/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_VERSION (B6.3.8): at least 1.1 (B6.2); 1.1 is what this interface needs. */
#include "../spec_internal.h"

static void success(struct spec_call *c)
{
    spec_out(c, 0, PSCI_VERSION_1_1);
}

const struct spec_body spec_psci_version_body = {.success = success};
