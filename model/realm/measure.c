/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/measure.h"

#include <nettle/sha2.h>
#include <string.h>

static const uint8_t zeros[GRANULE_SIZE];

/* A hash over pieces, so that a mostly empty 4 KB structure need not be built to be measured. */
struct hash {
    enum hash_algo algo;
    union {
        struct sha256_ctx sha256;
        struct sha512_ctx sha512;
    } u;
};

static void hash_init(struct hash *h, enum hash_algo algo)
{
    h->algo = algo;
    if (algo == HASH_SHA_512)
        sha512_init(&h->u.sha512);
    else
        sha256_init(&h->u.sha256);
}

static void hash_update(struct hash *h, const void *data, size_t len)
{
    if (h->algo == HASH_SHA_512)
        sha512_update(&h->u.sha512, len, data);
    else
        sha256_update(&h->u.sha256, len, data);
}

static void hash_final(struct hash *h, uint8_t out[MEASUREMENT_SIZE])
{
    if (h->algo == HASH_SHA_512) {
        sha512_digest(&h->u.sha512, SHA512_DIGEST_SIZE, out);
        return;
    }
    sha256_digest(&h->u.sha256, SHA256_DIGEST_SIZE, out);
    memset(out + SHA256_DIGEST_SIZE, 0, MEASUREMENT_SIZE - SHA256_DIGEST_SIZE);
}

void measure_hash(enum hash_algo algo, const void *data, size_t len, uint8_t out[MEASUREMENT_SIZE])
{
    struct hash h;

    hash_init(&h, algo);
    hash_update(&h, data, len);
    hash_final(&h, out);
}

void measure_rim_init(struct rd *rd, const uint8_t params[GRANULE_SIZE])
{
    static const struct {
        uint16_t offset, size;
    } measured[] = {
        {REALM_PARAMS_FLAGS, 8},     {REALM_PARAMS_S2SZ, 1},    {REALM_PARAMS_SVE_VL, 1},
        {REALM_PARAMS_NUM_BPS, 1},   {REALM_PARAMS_NUM_WPS, 1}, {REALM_PARAMS_PMU_NUM_CTRS, 1},
        {REALM_PARAMS_HASH_ALGO, 1},
    };
    uint8_t head[64] = {0};
    struct hash h;

    for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
        memcpy(head + measured[i].offset, params + measured[i].offset, measured[i].size);
    hash_init(&h, rd->hash_algo);
    hash_update(&h, head, sizeof(head));
    hash_update(&h, zeros, GRANULE_SIZE - sizeof(head));
    hash_final(&h, rd->measurement[0]);
}

static void put64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof(v));
}

/* What the three kinds of descriptor have in common: type, length, and the RIM before. */
static void descriptor_begin(uint8_t desc[MEAS_DESC_SIZE], const struct rd *rd, uint8_t type)
{
    memset(desc, 0, MEAS_DESC_SIZE);
    desc[MEAS_DESC_TYPE] = type;
    put64(desc + MEAS_DESC_LEN, MEAS_DESC_SIZE);
    memcpy(desc + MEAS_DESC_RIM, rd->measurement[0], MEASUREMENT_SIZE);
}

static void descriptor_extend(struct rd *rd, const uint8_t desc[MEAS_DESC_SIZE])
{
    measure_hash(rd->hash_algo, desc, MEAS_DESC_SIZE, rd->measurement[0]);
}

void measure_rim_data(struct rd *rd, uint64_t ipa, uint64_t flags,
                      const uint8_t content[MEASUREMENT_SIZE])
{
    uint8_t desc[MEAS_DESC_SIZE];

    descriptor_begin(desc, rd, MEAS_DESC_TYPE_DATA);
    put64(desc + MEAS_DESC_ARG0, ipa);
    put64(desc + MEAS_DESC_ARG1, flags);
    if (content)
        memcpy(desc + MEAS_DESC_CONTENT, content, MEASUREMENT_SIZE);
    descriptor_extend(rd, desc);
}

/* Hash of an RmiRecParams that is zero but for flags, pc and gprs. */
static void measure_rec_params(enum hash_algo algo, const uint8_t params[GRANULE_SIZE],
                               uint8_t out[MEASUREMENT_SIZE])
{
    const size_t gprs_end = REC_PARAMS_GPRS + REC_NUM_CREATE_GPRS * 8;
    struct hash h;

    hash_init(&h, algo);
    hash_update(&h, params + REC_PARAMS_FLAGS, 8);
    hash_update(&h, zeros, REC_PARAMS_PC - 8);
    hash_update(&h, params + REC_PARAMS_PC, 8);
    hash_update(&h, zeros, REC_PARAMS_GPRS - REC_PARAMS_PC - 8);
    hash_update(&h, params + REC_PARAMS_GPRS, REC_NUM_CREATE_GPRS * 8);
    hash_update(&h, zeros, GRANULE_SIZE - gprs_end);
    hash_final(&h, out);
}

void measure_rim_rec(struct rd *rd, const uint8_t params[GRANULE_SIZE])
{
    uint8_t desc[MEAS_DESC_SIZE];

    descriptor_begin(desc, rd, MEAS_DESC_TYPE_REC);
    measure_rec_params(rd->hash_algo, params, desc + MEAS_DESC_ARG0);
    descriptor_extend(rd, desc);
}

void measure_rim_ripas(struct rd *rd, uint64_t base, uint64_t top)
{
    uint8_t desc[MEAS_DESC_SIZE];

    descriptor_begin(desc, rd, MEAS_DESC_TYPE_RIPAS);
    put64(desc + MEAS_DESC_ARG0, base);
    put64(desc + MEAS_DESC_ARG1, top);
    descriptor_extend(rd, desc);
}

void measure_rem_extend(struct rd *rd, unsigned slot, const uint8_t *value, size_t size)
{
    size_t digest = rd->hash_algo == HASH_SHA_512 ? SHA512_DIGEST_SIZE : SHA256_DIGEST_SIZE;
    struct hash h;

    hash_init(&h, rd->hash_algo);
    hash_update(&h, rd->measurement[slot], digest);
    hash_update(&h, value, size);
    hash_final(&h, rd->measurement[slot]);
}
