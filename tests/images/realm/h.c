/* SPDX-License-Identifier: BSD-3-Clause */
/* The Realm of the hostile host: keeps a secret, works, and looks whether the secret is still there. */
#include "realm.h"

#define SECRET 0x5EC2E75EC2E75EC2ul
#define STEPS  4000

static volatile uint64_t secret[512] __attribute__((aligned(4096)));
static volatile uint64_t steps;

void realm_main(uint64_t index, uint64_t context)
{
    (void)index;
    (void)context;
    for (unsigned i = 0; i < 512; i++)
        secret[i] = SECRET;
    while (1) {
        for (unsigned i = 0; i < STEPS; i++)
            steps++;
        for (unsigned i = 0; i < 512; i++)
            CHECK_EQ(secret[i], SECRET);
        ask_host(SERVICE_QUESTION);
    }
}
