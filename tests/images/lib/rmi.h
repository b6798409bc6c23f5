/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Realm as its host builds it: from a blob of code, page by page, and takes it down again; every granule is filled with a
 * pattern before it is delegated, and must be blank when it comes back.
 *
 *      realm_build: delegate, REALM_CREATE, RTT_CREATE, INIT_RIPAS, DATA_CREATE, REC_CREATE, ACTIVATE
 *      realm_destroy: REC_DESTROY, DATA_DESTROY, UNMAP, RTT_DESTROY, REALM_DESTROY, undelegate
 */
#ifndef IMAGES_RMI_H
#define IMAGES_RMI_H

#include <ccasim/abi.h>

#include "image.h"

#define MAX_RECS   2
#define MAX_PAGES  64
#define MAX_TABLES 8

struct realm_plan {
    char name;
    const uint8_t *blob; /* at IPA 0; whole pages */
    uint64_t size;
    uint8_t s2sz, start_level, hash;
    uint32_t num_roots;
    uint16_t vmid;
    unsigned num_recs; /* the first is runnable */
};
struct rec {
    uint64_t pa, aux[REC_MAX_AUX];
    volatile uint8_t *run;
    bool runnable;
};
struct realm {
    const struct realm_plan *plan;
    uint64_t rd, roots, unprotected, num_aux;
    struct rec rec[MAX_RECS];
    struct {
        uint64_t ipa, pa;
    } page[MAX_PAGES];
    unsigned num_pages;
    struct {
        uint64_t ipa, pa, level;
    } table[MAX_TABLES];
    unsigned num_tables;
    volatile uint64_t *shared; /* page at unprotected + SHARED_OFFSET */
    uint64_t shared_ipa;
};

#define RUN64(run, offset)  (*(volatile uint64_t *)((run) + (offset)))
#define EXIT64(run, offset) RUN64(run, REC_EXIT_BASE + (offset))

/* x0 of it; complains when that is not success. */
uint64_t rmi_ok(int line, struct smc r);
#define RMI_OK(...) rmi_ok(__LINE__, smc(__VA_ARGS__))

/* A new granule, or several side by side, with a pattern in it and then delegated. */
uint64_t granule_new(uint64_t size);
/* Back to the host, and blank. */
void granule_back(uint64_t pa);

/* Does an RMM answer, and is it 1.0? */
bool rmm_check(void);
void realm_build(struct realm *r, const struct realm_plan *plan);
/* In parts: memory; RECs; what is left is to activate it. */
void realm_begin(struct realm *r, const struct realm_plan *plan);
void realm_add_recs(struct realm *r);
void realm_table(struct realm *r, uint64_t ipa, uint64_t level);
/* The host gives a page that the Realm asked for. */
void realm_give_page(struct realm *r, uint64_t ipa);
void realm_destroy(struct realm *r);

#endif
