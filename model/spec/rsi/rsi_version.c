/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_VERSION (B5.3.10): as RMI_VERSION, for the interface that the Realm uses. */
#include "../spec_internal.h"

const struct spec_variant spec_rsi_version_variants[] = {
    {"supported", "the requested revision is supported"},
    {"unsupported", "RSI_ERROR_INPUT: the requested revision is not supported"},
};

static void success(struct spec_call *c)
{
    bool supported = c->in[1] == ABI_1_0;

    spec_out(c, 0, supported ? RSI_SUCCESS : RSI_ERROR_INPUT);
    spec_out(c, 1, ABI_1_0);
    spec_out(c, 2, ABI_1_0);
    c->v->variant = supported ? "supported" : "unsupported";
}

const struct spec_body spec_rsi_version_body = {.success = success};
