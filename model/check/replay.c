/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * I18: a Realm's measurements from the observed calls alone, hashed here (A7.1; B4.3.1.4, B4.3.9.4, B4.3.12.4,
 * B4.3.18.4). A running value for each Realm is extended when a measured call succeeds: one pass over its page for
 * DATA_CREATE and a block of 256 bytes for each extension. Calls that measure nothing cost nothing.
 */
#include "check_internal.h"

#include <nettle/sha2.h>

#include <string.h>

struct hasher {
    bool wide; /* SHA-512 */
    union {
        struct sha256_ctx narrow;
        struct sha512_ctx wide;
    } u;
    size_t len;
};

static void hash_start(struct hasher *h, uint8_t algo)
{
    h->wide = algo == HASH_SHA_512;
    h->len = 0;
    if (h->wide)
        sha512_init(&h->u.wide);
    else
        sha256_init(&h->u.narrow);
}

static void hash_add(struct hasher *h, const void *bytes, size_t len)
{
    h->len += len;
    if (h->wide)
        sha512_update(&h->u.wide, len, bytes);
    else
        sha256_update(&h->u.narrow, len, bytes);
}

/* Structures are hashed field by field, with zeroes up to the offset of each. */
static void hash_zeroes_to(struct hasher *h, size_t offset)
{
    static const uint8_t zero[512];

    while (h->len < offset) {
        size_t n = offset - h->len < sizeof(zero) ? offset - h->len : sizeof(zero);

        hash_add(h, zero, n);
    }
}

static void hash_field(struct hasher *h, size_t offset, const void *bytes, size_t len)
{
    hash_zeroes_to(h, offset);
    hash_add(h, bytes, len);
}

static void hash_u64(struct hasher *h, size_t offset, uint64_t v)
{
    uint8_t le[8];

    for (unsigned i = 0; i < 8; i++)
        le[i] = (uint8_t)(v >> (8 * i));
    hash_field(h, offset, le, sizeof(le));
}

static void hash_end(struct hasher *h, uint8_t out[MEASUREMENT_SIZE])
{
    memset(out, 0, MEASUREMENT_SIZE);
    if (h->wide)
        sha512_digest(&h->u.wide, SHA512_DIGEST_SIZE, out);
    else
        sha256_digest(&h->u.narrow, SHA256_DIGEST_SIZE, out);
}

/* A descriptor of 256 bytes with the current RIM in it becomes the new RIM. */
static void extend_start(struct hasher *h, const struct check_realm *r, uint8_t type)
{
    hash_start(h, r->v.hash_algo);
    hash_add(h, &type, 1);
    hash_u64(h, MEAS_DESC_LEN, MEAS_DESC_SIZE);
    hash_field(h, MEAS_DESC_RIM, r->replay[0], MEASUREMENT_SIZE);
}

static void extend_end(struct hasher *h, struct check_realm *r)
{
    hash_zeroes_to(h, MEAS_DESC_SIZE);
    hash_end(h, r->replay[0]);
}

/* --- the measured calls ------------------------------------------------------------------------------------------ */

static bool read_host(struct check *c, struct call *call, uint64_t pa, void *buf, size_t len)
{
    struct env_ctx ctx;
    struct spec_env env;

    check_env(c, call, &ctx, &env);
    return env.host_read(env.ctx, pa, buf, len);
}

static void replay_realm_create(struct check *c, struct call *call)
{
    uint8_t *page = (uint8_t *)c->scratch;
    struct check_realm *r;
    struct hasher h;

    if (!mem_contains(c->m, call->in[1]) || !read_host(c, call, call->in[2], page, GRANULE_SIZE))
        return;
    r = index_realm_add(c, granule_index(c->m, call->in[1]));
    r->v.hash_algo = page[REALM_PARAMS_HASH_ALGO];
    memset(r->replay, 0, sizeof(r->replay));
    hash_start(&h, r->v.hash_algo);
    hash_field(&h, REALM_PARAMS_FLAGS, page + REALM_PARAMS_FLAGS, 8);
    hash_field(&h, REALM_PARAMS_S2SZ, page + REALM_PARAMS_S2SZ, 1);
    hash_field(&h, REALM_PARAMS_SVE_VL, page + REALM_PARAMS_SVE_VL, 1);
    hash_field(&h, REALM_PARAMS_NUM_BPS, page + REALM_PARAMS_NUM_BPS, 1);
    hash_field(&h, REALM_PARAMS_NUM_WPS, page + REALM_PARAMS_NUM_WPS, 1);
    hash_field(&h, REALM_PARAMS_PMU_NUM_CTRS, page + REALM_PARAMS_PMU_NUM_CTRS, 1);
    hash_field(&h, REALM_PARAMS_HASH_ALGO, page + REALM_PARAMS_HASH_ALGO, 1);
    hash_zeroes_to(&h, GRANULE_SIZE);
    hash_end(&h, r->replay[0]);
    r->replayed = true;
}

static void replay_data_create(struct check *c, struct call *call, struct check_realm *r)
{
    uint8_t content[MEASUREMENT_SIZE] = {0};
    struct hasher h;

    if (call->in[5] & 1) { /* RMI_MEASURE_CONTENT */
        if (!read_host(c, call, call->in[4], c->scratch, GRANULE_SIZE)) {
            r->replayed = false;
            return;
        }
        hash_start(&h, r->v.hash_algo);
        hash_add(&h, c->scratch, GRANULE_SIZE);
        hash_end(&h, content);
    }
    extend_start(&h, r, MEAS_DESC_TYPE_DATA);
    hash_u64(&h, MEAS_DESC_ARG0, call->in[3]);
    hash_u64(&h, MEAS_DESC_ARG1, call->in[5]);
    hash_field(&h, MEAS_DESC_CONTENT, content, sizeof(content));
    extend_end(&h, r);
}

static void replay_rec_create(struct check *c, struct call *call, struct check_realm *r)
{
    uint8_t content[MEASUREMENT_SIZE];
    uint8_t *page = (uint8_t *)c->scratch;
    struct hasher h;

    if (!read_host(c, call, call->in[3], page, GRANULE_SIZE)) {
        r->replayed = false;
        return;
    }
    if (!(page[REC_PARAMS_FLAGS] & REC_PARAMS_FLAG_RUNNABLE))
        return;
    hash_start(&h, r->v.hash_algo);
    hash_field(&h, REC_PARAMS_FLAGS, page + REC_PARAMS_FLAGS, 8);
    hash_field(&h, REC_PARAMS_PC, page + REC_PARAMS_PC, 8);
    hash_field(&h, REC_PARAMS_GPRS, page + REC_PARAMS_GPRS, (size_t)8 * REC_NUM_CREATE_GPRS);
    hash_zeroes_to(&h, GRANULE_SIZE);
    hash_end(&h, content);
    extend_start(&h, r, MEAS_DESC_TYPE_REC);
    hash_field(&h, MEAS_DESC_ARG0, content, sizeof(content));
    extend_end(&h, r);
}

void replay_note(struct check *c, struct call *call)
{
    uint64_t rd = call->in[1];
    struct check_realm *r;
    struct entry_at e;

    if (call->fid != RMI_RTT_INIT_RIPAS || !mem_contains(c->m, rd))
        return;
    r = index_realm(c, granule_index(c->m, rd));
    call->has_level = r != NULL && index_walk(c, r, call->in[2], 3, &e);
    if (call->has_level)
        call->level = (int8_t)e.level;
}

/* One extension for each entry, of the table that the walk from `base` ends in. */
static void replay_init_ripas(struct check *c, struct call *call, struct check_realm *r)
{
    uint64_t base = call->in[2], top = call->in[3], done = call->out[1];
    struct hasher h;

    if (!call->has_level)
        replay_note(c, call);
    if (!call->has_level) {
        r->replayed = false;
        return;
    }
    for (uint64_t a = base; a < done && a < top; a += level_size(call->level)) {
        uint64_t end = a + level_size(call->level);

        extend_start(&h, r, MEAS_DESC_TYPE_RIPAS);
        hash_u64(&h, MEAS_DESC_ARG0, a);
        hash_u64(&h, MEAS_DESC_ARG1, end < top ? end : top);
        extend_end(&h, r);
    }
}

void replay_call(struct check *c, struct call *call)
{
    struct check_realm *r;
    uint64_t rd = call->in[1];

    switch (call->fid) {
    case RMI_REALM_CREATE: replay_realm_create(c, call); return;
    case RMI_DATA_CREATE:
    case RMI_REC_CREATE:
    case RMI_RTT_INIT_RIPAS: break;
    default: return;
    }
    r = mem_contains(c->m, rd) ? index_realm(c, granule_index(c->m, rd)) : NULL;
    if (r == NULL || !r->replayed)
        return;
    if (call->fid == RMI_DATA_CREATE)
        replay_data_create(c, call, r);
    else if (call->fid == RMI_REC_CREATE)
        replay_rec_create(c, call, r);
    else
        replay_init_ripas(c, call, r);
}

/* RSI_MEASUREMENT_EXTEND: x1 index, x2 size, x3.. value. The old value counts with the width of the hash. */
void replay_rem(struct check *c, uint64_t rd, const uint64_t regs[ABI_MAX_REGS])
{
    struct check_realm *r = index_realm(c, granule_index(c->m, rd));
    uint8_t value[MEASUREMENT_SIZE];
    struct hasher h;

    if (r == NULL || regs[1] == 0 || regs[1] >= MEASUREMENT_SLOTS || regs[2] > MEASUREMENT_SIZE)
        return;
    for (unsigned i = 0; i < sizeof(value); i++)
        value[i] = (uint8_t)(regs[3 + i / 8] >> (8 * (i % 8)));
    hash_start(&h, r->v.hash_algo);
    hash_add(&h, r->replay[regs[1]], h.wide ? SHA512_DIGEST_SIZE : SHA256_DIGEST_SIZE);
    hash_add(&h, value, regs[2]);
    hash_end(&h, r->replay[regs[1]]);
}
