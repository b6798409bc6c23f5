/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runtime of code at EL1: in a Realm, where calls to the host are RSI_HOST_CALL, or, with -DGUEST, below the host's own
 * stage 2, where they are HVC. realm_main() runs on each PE that is started, with its number and its context.
 */
#ifndef IMAGES_REALM_H
#define IMAGES_REALM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ccasim/abi.h>

#include "service.h"
#include "sysreg.h"

void realm_main(uint64_t index, uint64_t context);

struct regs {
    uint64_t x[18];
};
/* SMC with x0..x10; what comes back. */
struct regs call(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4);
void call_smc(struct regs *r);

/* This PE's, to be filled in; then `service` is asked for. */
struct host_call *host_call(void);
void ask_host(enum host_service service);

void say(const char *text);
void realm_check(int line, uint64_t got, uint64_t want);
#define CHECK_EQ(got, want) realm_check(__LINE__, (uint64_t)(got), (uint64_t)(want))

/* Stage 1 on: the Realm's half as memory, of the other half one gigabyte as a device and one as memory. */
void realm_mmu_on(uint64_t unprotected);
/* One gigabyte of IPA more, at the same address. */
uint64_t realm_map_block(uint64_t ipa);

/* Code at EL0, with the MMU on: an SVC comes of it, and a page that is not its own is out of its reach. */
void realm_el0(void);
/* From `pc` on at EL0, until an exception: x0 as it was then. The code that there is (start.S). */
uint64_t el0_run(uint64_t pc, uint64_t x0);
extern char el0_code[], el0_load[], el0_counter[];

/* The next synchronous exception is expected, and its instruction skipped; ESR_EL1, or 0. */
void expect_exception(void);
uint64_t exception_seen(void);
extern volatile uint64_t interrupts_seen[64];
void interrupts_on(void);
/* Between the acknowledgement and the end of an interrupt; does nothing unless it is written anew. */
void realm_in_interrupt(void);

uint64_t atomic_add(volatile uint64_t *p, uint64_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

#endif
