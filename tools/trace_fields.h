/* SPDX-License-Identifier: BSD-3-Clause */
/* What trace.c writes and trace_read.c reads back: one table for both. */
#ifndef CCASIM_TOOLS_TRACE_FIELDS_H
#define CCASIM_TOOLS_TRACE_FIELDS_H

#include <ccasim/step.h>

#define TRACE_MAGIC "ccasim-trace"

/* A number in a structure. */
struct trace_field {
    const char *name;
    uint32_t offset, size;
};
extern const struct trace_field impl_fields[];
extern const unsigned impl_field_count;
extern const struct trace_field script_fields[];
extern const unsigned script_field_count;
extern const char *const trace_step_names[STEP_KINDS];
extern const char *const trace_world_names[WORLD_COUNT]; /* of a PAS too */

#endif
