/* SPDX-License-Identifier: BSD-3-Clause */
/* RSI_MEASUREMENT_EXTEND (B5.3.7): extends a REM with the first `size` bytes of x3 to x10. */
#include "../spec_internal.h"

enum { INDEX_BOUND, SIZE_BOUND };

const struct spec_cond spec_measurement_extend_conds[] = {
    [INDEX_BOUND] = SPEC_COND("index_bound", "index < 1 || index > 4", RSI_ERROR_INPUT),
    [SIZE_BOUND] = SPEC_COND("size_bound", "size > 64", RSI_ERROR_INPUT),
};

const struct spec_loose spec_measurement_extend_loose[] = {
    {"how many bytes of the old and of the new value are hashed",
     "B3.42 RemExtend does not say; expected is what firmware hashes (measure.c)"},
};

static bool index_bound(const struct spec_call *c)
{
    return c->in[1] < 1 || c->in[1] >= MEASUREMENT_SLOTS;
}

static bool size_bound(const struct spec_call *c)
{
    return c->in[2] > MEASUREMENT_SIZE;
}

static void success(struct spec_call *c)
{
    uint8_t value[MEASUREMENT_SIZE];

    for (unsigned i = 0; i < MEASUREMENT_SIZE / 8; i++)
        spec_store(value, 8 * i, 8, c->in[3 + i]);
    spec_rem_extend(c->realm, (unsigned)c->in[1], value, c->in[2]);
    spec_touch(c->s, SPEC_TOUCH_REALM, c->realm->rd, 0);
    c->v->loose_mask |= 1;
}

static const spec_predicate holds[] = {[INDEX_BOUND] = index_bound, [SIZE_BOUND] = size_bound};

const struct spec_body spec_measurement_extend_body = {.holds = holds, .success = success};
