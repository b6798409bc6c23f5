/* SPDX-License-Identifier: BSD-3-Clause */
/* What code at EL1 and its host have agreed upon. */
#ifndef IMAGES_SERVICE_H
#define IMAGES_SERVICE_H

#include <stdint.h>

/* What code at EL1 wants of the host: RsiHostCall.imm, or the immediate of HVC. */
enum host_service {
    SERVICE_PRINT = 1,   /* gprs: text */
    SERVICE_FAIL,        /* gprs: line, got, wanted */
    SERVICE_MEASUREMENT, /* gprs[0..7]: RIM */
    SERVICE_QUESTION,    /* gprs[0] comes back inverted, gprs[30] plus one */
    SERVICE_SHARED,      /* the reply is in the shared page */
    SERVICE_SLEEP,       /* comes back after gprs[0] ticks */
    SERVICE_DONE,
};

/* Where the host has put what: the lower half of the IPA space is the Realm's. */
#define SHARED_OFFSET   0x40000000ul /* from the unprotected half on */
#define SHARED_QUESTION 0x1234567890ABCDEFul
#define SHARED_ANSWER   0xFEDCBA0987654321ul
#define SHARED_RUNS     2          /* word of it: the Realm's rounds, while it runs */
#define SHARED_GO       3          /* word of it: up to which round it may go on */
#define EXTRA_BASE      0x200000ul /* four pages that become RAM */
#define EXTRA_SIZE      0x4000ul
#define REFUSED_BASE    0x300000ul /* the host refuses to change this page */
#define FOLDED_BASE     0x400000ul /* nothing is there, and no table at the end */
#define LARGE_BASE      0x600000ul /* two megabytes of Realm C */

struct host_call { /* RsiHostCall; as large as it is aligned */
    uint64_t imm;
    uint64_t gprs[31];
} __attribute__((aligned(256)));

#endif
