/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_VERSION (B4.3.23). It has no failure conditions, but a status that follows from the requested
 * revision:
 *   a) supported: RMI_SUCCESS, lower = requested
 *   b) not supported, a supported one is below it: RMI_ERROR_INPUT, lower = the highest of those
 *   c) else: RMI_ERROR_INPUT, lower = higher
 * With one supported revision all three give the same two outputs.
 */
#include "../spec_internal.h"

const struct spec_variant spec_rmi_version_variants[] = {
    {"supported", "the requested revision is supported"},
    {"unsupported", "RMI_ERROR_INPUT: the requested revision is not supported"},
};

static void context(struct spec_call *c)
{
    c->want[0] = c->in[1] == ABI_1_0 ? RMI_SUCCESS : RMI_ERROR_INPUT;
}

static void success(struct spec_call *c)
{
    spec_out(c, 1, ABI_1_0);
    spec_out(c, 2, ABI_1_0);
    c->v->variant = c->want[0] == RMI_SUCCESS ? "supported" : "unsupported";
}

const struct spec_body spec_rmi_version_body = {.context = context, .success = success};
