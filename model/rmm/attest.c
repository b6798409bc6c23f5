/* SPDX-License-Identifier: BSD-3-Clause */
#include "rmm/attest.h"

#include <ccasim/el3m.h>
#include <ccasim/realm_dev.h>
#include <string.h>

#include "rmm/bugs.h"
#include "rmm/granule.h"

/* A service of EL3M that works on the shared buffer: one round trip. */
static int64_t el3_call(struct machine *m, unsigned pe, uint64_t fid, uint64_t x3, uint64_t out[2])
{
    uint64_t regs[ABI_MAX_REGS] = {fid, m->rmm.el3_buffer, GRANULE_SIZE, x3};

    el3m_smc(m, pe, WORLD_REALM, regs);
    out[0] = regs[1];
    out[1] = regs[2];
    return (int64_t)regs[0];
}

static bool get_key(struct machine *m, unsigned pe, const uint8_t *buffer)
{
    uint64_t out[2];

    if (el3_call(m, pe, EL3_ATTEST_GET_REALM_KEY, 0, out) || out[0] != sizeof(m->rmm.rak))
        return false;
    memcpy(m->rmm.rak, buffer, sizeof(m->rmm.rak));
    return true;
}

/* In as many hunks as EL3M wants. Without all of them there is none. */
static void get_token(struct machine *m, unsigned pe, const uint8_t *buffer)
{
    uint64_t challenge_size = ATTEST_RAK_HASH_SIZE, out[2];
    uint32_t size = 0;

    do {
        int64_t err = el3_call(m, pe, EL3_ATTEST_GET_PLAT_TOKEN, challenge_size, out);

        if (err == EL3_E_AGAIN)
            continue;
        if (err || out[0] > sizeof(m->rmm.plat_token) - size)
            return;
        memcpy(m->rmm.plat_token + size, buffer, out[0]);
        size += (uint32_t)out[0];
        challenge_size = 0;
    } while (out[1] > 0);
    m->rmm.plat_token_size = size;
}

static void clear_buffer(struct machine *m, uint8_t *buffer)
{
    mem_note_write(m, m->rmm.el3_buffer, OWNER_RMM, 0, true);
    memset(buffer, 0, GRANULE_SIZE);
}

/* The key goes out of the buffer as soon as it is read: EL3M writes there what others may see. */
static void fetch(struct machine *m, unsigned pe, uint8_t *buffer)
{
    bool good = get_key(m, pe, buffer);

    clear_buffer(m, buffer);
    if (!good)
        return;
    attest_rak_public(m->rmm.rak, m->rmm.rak_public);
    if (!BUG(m, TOKEN_NOT_BOUND))
        attest_rak_hash(m->rmm.rak_public, buffer);
    get_token(m, pe, buffer);
    clear_buffer(m, buffer);
}

bool attest_platform(struct machine *m, unsigned pe)
{
    /* The buffer is one for all PEs: the lock of its granule, which no RMI can name, guards it. */
    struct gst_entry *g = granule_of(m, m->rmm.el3_buffer);

    gst_lock(m, pe, g);
    if (m->rmm.plat_token_size == 0) {
        fetch(m, pe, slot_map(m, pe, SLOT_EL3, m->rmm.el3_buffer));
        slot_unmap(m, pe, SLOT_EL3);
    }
    gst_unlock(m, pe, g);
    return m->rmm.plat_token_size != 0;
}

struct attest_input attest_input(const struct realm_run *run)
{
    const struct machine *m = run->m;

    return (struct attest_input){
        .hash_algo = run->rec->hash_algo,
        .rpv = run->rec->rpv,
        .rak = m->rmm.rak,
        .rak_public = m->rmm.rak_public,
        .platform_token = m->rmm.plat_token,
        .platform_token_size = m->rmm.plat_token_size,
    };
}

bool attest_sign_steps(struct realm_run *run)
{
    struct attest *a = &run->rec->attest;
    struct attest_input in = attest_input(run);

    while (a->state == ATTEST_SIGNING) {
        if (realm_take_irq(run->m, run->pe))
            return false;
        run->m->vtime += ATTEST_STEP_TIME;
        if (++a->steps == ATTEST_SIGN_STEPS)
            attest_sign(a, &in);
    }
    return true;
}
