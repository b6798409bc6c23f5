/* SPDX-License-Identifier: BSD-3-Clause */
/* The Realm of the hostile host: keeps a secret, runs for as long as the host wants it to, and looks after the secret. */
#include "realm.h"

#define IPA_WIDTH 33
#define SHARED    ((1ul << (IPA_WIDTH - 1)) + SHARED_OFFSET)
#define SECRET    0x5EC2E75EC2E75EC2ul

static volatile uint64_t secret[512] __attribute__((aligned(4096)));

void realm_main(uint64_t index, uint64_t context)
{
    volatile uint64_t *shared = (volatile uint64_t *)SHARED;
    uint64_t go, esr;

    CHECK_EQ(index, 0);
    CHECK_EQ(context, 0x11);
    for (unsigned i = 0; i < 512; i++)
        secret[i] = SECRET + i;
    for (uint64_t round = 1;; round++) {
        shared[SHARED_RUNS] = round;
        do { /* the host may take the page away */
            expect_exception();
            go = shared[SHARED_GO];
            esr = exception_seen();
        } while (esr == 0 && go < round);
        for (unsigned i = 0; i < 512; i++)
            CHECK_EQ(secret[i], SECRET + i);
        host_call()->gprs[0] = esr;
        ask_host(SERVICE_QUESTION);
    }
}
