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

#define LOOKUP(id, name, conds_, orders_, loose_, variants_) \
    [(id)-RMI_FID_FIRST] = &commands[AT_##name],
static const struct spec_command *const by_fid[RSI_FID_LAST - RMI_FID_FIRST + 1] = {
    SPEC_COMMANDS(LOOKUP)};

const struct spec_command *spec_commands(size_t *count)
{
    *count = NUM_COMMANDS;
    return commands;
}

const struct spec_command *spec_command_by_fid(uint64_t fid)
{
    uint64_t offset = (fid & ~SMC_FID_SVE_HINT) - RMI_FID_FIRST;

    return offset <= RSI_FID_LAST - RMI_FID_FIRST ? by_fid[offset] : NULL;
}
