/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of commands. One more is a row of SPEC_COMMANDS and a file. */
#include "spec_internal.h"

#define COMMAND(id, name, conds_, orders_, loose_, variants_)    \
    {                                                            \
        .fid = (id),                                             \
        .conds = (conds_) ? spec_##name##_conds : NULL,          \
        .num_conds = (conds_),                                   \
        .orders = (orders_) ? spec_##name##_orders : NULL,       \
        .num_orders = (orders_),                                 \
        .loose = (loose_) ? spec_##name##_loose : NULL,          \
        .num_loose = (loose_),                                   \
        .variants = (variants_) ? spec_##name##_variants : NULL, \
        .num_variants = (variants_),                             \
        .body = &spec_##name##_body,                             \
    },

static const struct spec_command commands[] = {SPEC_COMMANDS(COMMAND)};

#define POSITION(id, name, conds_, orders_, loose_, variants_) AT_##name,
enum { SPEC_COMMANDS(POSITION) NUM_COMMANDS };

#define LOOKUP(id, name, conds_, orders_, loose_, variants_) [(id)-FIRST] = &commands[AT_##name],
/* One table for each range of function identifiers. */
#define FIRST RMI_FID_FIRST
static const struct spec_command *const by_fid[RSI_FID_LAST - RMI_FID_FIRST + 1] = {
    SPEC_RMM_COMMANDS(LOOKUP)};
#undef FIRST
#define FIRST PSCI_FID32_FIRST
static const struct spec_command *const by_psci32[PSCI_FID32_LAST - PSCI_FID32_FIRST + 1] = {
    SPEC_PSCI32_COMMANDS(LOOKUP)};
#undef FIRST
#define FIRST PSCI_FID64_FIRST
static const struct spec_command *const by_psci64[PSCI_FID64_LAST - PSCI_FID64_FIRST + 1] = {
    SPEC_PSCI64_COMMANDS(LOOKUP)};

const struct spec_command *spec_commands(size_t *count)
{
    *count = NUM_COMMANDS;
    return commands;
}

const struct spec_command *spec_command_by_fid(uint64_t fid)
{
    fid &= ~SMC_FID_SVE_HINT;
    if (fid - RMI_FID_FIRST <= RSI_FID_LAST - RMI_FID_FIRST)
        return by_fid[fid - RMI_FID_FIRST];
    if (fid - PSCI_FID32_FIRST <= PSCI_FID32_LAST - PSCI_FID32_FIRST)
        return by_psci32[fid - PSCI_FID32_FIRST];
    if (fid - PSCI_FID64_FIRST <= PSCI_FID64_LAST - PSCI_FID64_FIRST)
        return by_psci64[fid - PSCI_FID64_FIRST];
    return NULL;
}

bool spec_is_rmi(const struct spec_command *cmd)
{
    return cmd->fid >= RMI_FID_FIRST && cmd->fid <= RMI_FID_LAST;
}
