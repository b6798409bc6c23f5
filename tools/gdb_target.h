/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a debugger sees through a PE: registers by number as the target description names them, and memory. Of a PE in a Realm
 * it is the Realm's EL1 and EL0, else the host's; EL2 registers are always the host's.
 */
#ifndef CCASIM_TOOLS_GDB_TARGET_H
#define CCASIM_TOOLS_GDB_TARGET_H

#include <ccasim/plat.h>

#include "text.h"

#define GDB_REG_MAX 16u /* bytes */

/* The Realm runs there, and pe.r is its. */
bool gdb_in_realm(const struct machine *m, unsigned pe);

/* The target description, XML. */
void gdb_target_xml(struct text *t);
unsigned gdb_num_regs(void);
/* Those of the `g` packet are the first ones. */
unsigned gdb_num_general_regs(void);
/* 0: no such register. */
unsigned gdb_reg_size(unsigned reg);
void gdb_reg_read(const struct machine *m, unsigned pe, unsigned reg, uint8_t out[GDB_REG_MAX]);
void gdb_reg_write(struct machine *m, unsigned pe, unsigned reg, const uint8_t in[GDB_REG_MAX]);

/*
 * Memory at a virtual address as the PE translates it now, or at a physical address with `physical`. Nothing is cached, no
 * access flag is set, and devices are not touched. How many bytes there are, up to `len`.
 */
size_t gdb_mem_read(const struct machine *m, unsigned pe, bool physical, uint64_t a, void *buf,
                    size_t len);
/* Permissions are no obstacle. All or nothing: false. */
bool gdb_mem_write(struct machine *m, unsigned pe, bool physical, uint64_t a, const void *buf,
                   size_t len);

#endif
