/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_MEASUREMENT_READ (B5.3.8): index 0 is the RIM, 1 to 4 are the REMs; 512 bits in x1 to x8. */
#include "../spec_internal.h"

enum { INDEX_BOUND };

const struct spec_cond spec_measurement_read_conds[] = {
    [INDEX_BOUND] = SPEC_COND("index_bound", "index > 4", RSI_ERROR_INPUT),
};

const struct spec_loose spec_measurement_read_loose[] = {SPEC_OUTPUTS_UNDEFINED};

const struct spec_variant spec_measurement_read_variants[] = {
    {"rim", "index 0"},
    {"rem", "index 1 to 4"},
};

static bool index_bound(const struct spec_call *c)
{
    return c->in[1] >= MEASUREMENT_SLOTS;
}

static void success(struct spec_call *c)
{
    const uint8_t *value = c->realm->pub.measurement[c->in[1]];

    for (unsigned i = 0; i < MEASUREMENT_SIZE / 8; i++)
        spec_out(c, 1 + i, spec_load(value, 8 * i, 8));
    c->v->variant = c->in[1] == 0 ? "rim" : "rem";
}

static const spec_predicate holds[] = {[INDEX_BOUND] = index_bound};

const struct spec_body spec_measurement_read_body = {.holds = holds, .success = success};
