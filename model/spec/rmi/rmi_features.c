/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_FEATURES (B4.3.4): feature register 0; zero for every other index. It cannot fail. */
#include "../spec_internal.h"

const struct spec_variant spec_rmi_features_variants[] = {
    {"register_0", "feature register 0"},
    {"other", "another index: zero"},
};

static void success(struct spec_call *c)
{
    bool known = c->in[1] == 0;

    spec_out(c, 1, known ? impl_feature_register0(&c->s->impl) : 0);
    c->v->variant = known ? "register_0" : "other";
}

const struct spec_body spec_rmi_features_body = {.success = success};
