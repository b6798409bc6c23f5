/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of simulated physical memory. These functions check nothing but the range: the GPC is in gpt.h and mmu.h,
 * and every agent goes through one of those. In sanitizer builds, a granule of the Realm PAS is poisoned except
 * while a slot maps it, so that a pointer kept after slot_unmap() is caught; mem_read/mem_view still may look.
 */
#ifndef CCASIM_MEM_H
#define CCASIM_MEM_H

#include <ccasim/machine.h>

CCASIM_API_BEGIN

int mem_init(struct mem *mem, uint64_t base, uint64_t size);
void mem_destroy(struct mem *mem);
void mem_clear(struct machine *m); /* all zero, provenance none */

/* Raw pointer to a byte of DRAM; valid to the end of its granule. `a` must be in DRAM (MODEL_BUG otherwise). */
uint8_t *mem_ptr(struct machine *m, uint64_t a);
/* Copies that may cross granules; the range must be in DRAM. mem_write marks used, dirty and provenance. */
void mem_read(const struct machine *m, uint64_t a, void *buf, size_t len);
void mem_write(struct machine *m, uint64_t a, const void *buf, size_t len, enum owner_kind who,
               uint64_t rd);
uint64_t mem_read64(const struct machine *m, uint64_t a);
/* A granule's content for a checker: the memory itself, or (sanitizer builds) a copy in `scratch`. */
const uint64_t *mem_view(const struct machine *m, uint64_t granule, uint64_t scratch[512]);
bool mem_is_zero(const struct machine *m, uint64_t granule);
/* Zeroes a granule, clears its provenance, emits WIPE. */
void mem_wipe(struct machine *m, unsigned pe, uint64_t granule);
/* The caller is about to write into the granule through a raw pointer. `full`: all of it, so that what was there is
 * gone. Records provenance; tells the CPU when it held code that was run. */
void mem_note_write(struct machine *m, uint64_t granule, enum owner_kind who, uint64_t rd,
                    bool full);
/* A guest (Realm or host code on the CPU) stores to the granule for the first time since the last clean: emits DIRTY.*/
void mem_guest_dirty(struct machine *m, unsigned pe, uint64_t granule, enum owner_kind who,
                     uint64_t rd);
/* Sanitizer builds: make the granule (in)accessible through raw pointers. No-ops otherwise. */
void mem_poison(struct machine *m, uint64_t granule);
void mem_unpoison(struct machine *m, uint64_t granule);

CCASIM_API_END

#endif
