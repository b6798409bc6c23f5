/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_FEATURES (B5.3.3): no feature register has a bit in 1.0; zero for every index. */
#include "../spec_internal.h"

static void success(struct spec_call *c)
{
    spec_out(c, 1, 0);
}

const struct spec_body spec_rsi_features_body = {.success = success};
