/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI_FEATURES (B6.3.5): is a function identifier one of B6.3? It cannot fail. */
#include "../spec_internal.h"

const struct spec_variant spec_psci_features_variants[] = {
    {"func_ok", "a supported PSCI function: PSCI_SUCCESS"},
    {"func_not_ok", "no supported PSCI function: PSCI_NOT_SUPPORTED"},
};

enum { LOOSE_SMCCC };

const struct spec_loose spec_psci_features_loose[] = {
    [LOOSE_SMCCC] = {"PSCI_FEATURES of SMCCC_VERSION",
                     "SMCCC asks for PSCI_SUCCESS; B6.3.5 knows PSCI functions only"},
};

static void success(struct spec_call *c)
{
    uint64_t func = (uint32_t)c->in[1]; /* X1[63:32] SBZ */
    const struct abi_command *a = abi_command_by_fid(func);
    bool ok = a && a->fid == func && abi_command_is_psci(a);

    if (func == SMCCC_VERSION_FID) {
        ok = true;
        c->has_second_x0 = true;
        c->second_x0 = (uint64_t)PSCI_NOT_SUPPORTED;
        c->v->loose_mask |= 1u << LOOSE_SMCCC;
    }
    spec_out(c, 0, ok ? PSCI_SUCCESS : (uint64_t)PSCI_NOT_SUPPORTED);
    c->v->variant = ok ? "func_ok" : "func_not_ok";
}

const struct spec_body spec_psci_features_body = {.success = success};
