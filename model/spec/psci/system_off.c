/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_SYSTEM_OFF (B6.3.6): the Realm is SYSTEM_OFF, none of its RECs is entered again (A2.1.5). */
#include "../spec_internal.h"

static void success(struct spec_call *c)
{
    spec_psci_exit(c, 0, 0);
    c->realm->pub.state = REALM_SYSTEM_OFF;
    c->rec->regs_open = true;
    spec_touch(c->s, SPEC_TOUCH_REALM, c->realm->rd, 0);
}

const struct spec_body spec_system_off_body = {.success = success};
