/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Granule Protection Table as the architecture lays it out (DDI0487 D9): a level-0 table and level-1 tables in Root
 * memory, 4 KB granules, and the check of every access of every agent (GPC). Only EL3M writes the tables.
 *
 * Which world may make an access to which PAS, and what the GPC then allows (rows: world, columns: GPI of granule):
 *
 *              NS   Secure  Realm  Root
 *   NS         ok   GPF     GPF    GPF
 *   Secure     ok*  ok      GPF    GPF      * by an access to the Non-secure PAS (NS bit of the descriptor)
 *   Realm      ok*  GPF     ok     GPF
 *   Root       ok   ok      ok     ok
 */
#ifndef CCASIM_GPT_H
#define CCASIM_GPT_H

#include <ccasim/machine.h>

CCASIM_API_BEGIN

enum gpi {
    GPI_NO_ACCESS = 0x0,
    GPI_SECURE = 0x8,
    GPI_NS = 0x9,
    GPI_ROOT = 0xA,
    GPI_REALM = 0xB,
    GPI_ANY = 0xF,
};

/* Result of a granule protection check (DDI0487 D9.3: GPCF). */
enum gpc_fault {
    GPC_OK,
    GPC_FAIL,         /* the GPI forbids the access: granule protection fault */
    GPC_ADDRESS_SIZE, /* gpt_walk: PA above the protected space; a level-1 table there */
    GPC_WALK,         /* invalid table entry (R_XNKFZ) */
    GPC_EABT,         /* the walk read memory that is not there */
};
struct gpc_result {
    enum gpc_fault fault;
    uint8_t gpi;  /* enum gpi; GPI_NO_ACCESS where no entry says it */
    int8_t level; /* of the table entry that decided, 0 or 1 */
};

/* Writes the tables for a freshly built machine. Called by machine_new through EL3M. */
int gpt_init(struct machine *m);
/* Bytes at the end of DRAM that the tables of this configuration and the buffer below them need: the least `root_size`, a
 * multiple of 4 KB. */
uint64_t gpt_size_needed(const struct impl *impl);
/* The granule of the Root part that is in the Realm PAS: the buffer by which EL3M and the RMM talk. The RMM does not track
 * it, and it stays what it is. */
uint64_t gpt_shared_buffer(const struct impl *impl);
/* Walks the tables for `a`. Reads memory only. */
struct gpc_result gpt_walk(const struct machine *m, uint64_t a);
/* The check: an access to physical address space `pas` at `a`. */
struct gpc_result gpt_check(const struct machine *m, enum pas pas, uint64_t a);
/* PAS of a granule by the tables; PAS_ROOT for No-access and malformed entries. */
enum pas gpt_pas(const struct machine *m, uint64_t a);
/* EL3M only: writes the granule's GPI and emits PAS. The granule is within the protected space, and has a GPI of its own in
 * a level-1 table (else CCA_ERR_INVAL). Invalidation of cached results (TLBI by PA) is the caller's. */
int gpt_set(struct machine *m, unsigned pe, uint64_t a, enum gpi gpi);
const char *pas_name(enum pas pas);
const char *world_name(enum world w);
enum gpi gpi_of_pas(enum pas pas);

/*
 * An access by host, Secure or Root software with a flat stage 1 (what `host_load:`/`host_store:` steps use): GPC, then
 * memory. `pas` is the PAS of the access. Returns CCA_OK and moves the data, or CCA_ERR_INVAL with *esr set to the
 * syndrome that the accessing EL takes (EC 0x25 data abort, DFSC 0x28 granule protection fault, also for a GPT that does
 * not hold together; 0x10 external abort where there is no memory, or none for the walk; 0x21 alignment when the access
 * crosses a granule).
 */
int gpt_access(struct machine *m, unsigned pe, enum world world, enum pas pas, uint64_t a,
               void *buf, unsigned size, bool write, uint64_t *esr);

CCASIM_API_END

#endif
