/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform's part of attestation: the Realm attestation key, which the RMM may know, and the platform token, which
 * vouches for it and is signed with a key that never leaves EL3M (DEN0137 A7.2.3.2). Both keys follow from the machine's
 * seed. Between two calls EL3M keeps the challenge and how far the token went; the token itself is made again.
 */
#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <nettle/sha2.h>
#include <string.h>

#include "cose/cose.h"
#include "el3m/el3m_internal.h"

#define CURVE_P384 0u

/* Labels of the platform's claims. */
enum {
    CLAIM_CHALLENGE = 10,
    CLAIM_INSTANCE_ID = 256,
    CLAIM_PROFILE = 265,
    CLAIM_LIFECYCLE = 2395,
    CLAIM_IMPLEMENTATION_ID = 2396,
    CLAIM_SOFTWARE = 2399,
    CLAIM_VERIFIER = 2400,
    CLAIM_CONFIG = 2401,
    CLAIM_HASH_ALGO = 2402,
};
enum {
    SOFTWARE_TYPE = 1,
    SOFTWARE_MEASUREMENT = 2,
    SOFTWARE_VERSION = 4,
    SOFTWARE_SIGNER = 5,
    SOFTWARE_HASH_ALGO = 6
};

#define LIFECYCLE_SECURED 0x3000u
#define UEID_RANDOM       0x01u /* first byte of the instance identifier */

static void sha256(const void *data, size_t len, uint8_t out[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx h;

    sha256_init(&h);
    sha256_update(&h, len, data);
    sha256_digest(&h, SHA256_DIGEST_SIZE, out);
}

static void sha256_text(const char *text, uint8_t out[SHA256_DIGEST_SIZE])
{
    sha256(text, strlen(text), out);
}

/* Nothing of this platform is an image in memory that could be measured: the name and version stand for it. */
static void put_software(struct cbor_out *o)
{
    static const struct {
        const char *type, *version, *image;
    } list[] = {
        {"EL3M", "1.0.0", "ccasim EL3M 1.0.0"},
        {"RMM", "1.0.0", "ccasim RMM 1.0.0"},
    };
    const size_t num = sizeof(list) / sizeof(list[0]);
    uint8_t digest[SHA256_DIGEST_SIZE];

    out_int(o, CLAIM_SOFTWARE);
    out_array(o, num);
    for (size_t i = 0; i < num; i++) {
        out_map(o, 5);
        out_claim_text(o, SOFTWARE_TYPE, list[i].type);
        sha256_text(list[i].image, digest);
        out_claim_bytes(o, SOFTWARE_MEASUREMENT, digest, sizeof(digest));
        out_claim_text(o, SOFTWARE_VERSION, list[i].version);
        sha256_text("ccasim signer", digest);
        out_claim_bytes(o, SOFTWARE_SIGNER, digest, sizeof(digest));
        out_claim_text(o, SOFTWARE_HASH_ALGO, "sha-256");
    }
}

/* The identity of this machine among all: that of its key. */
static void put_instance_id(struct cbor_out *o, const uint8_t key[ES384_SCALAR_SIZE])
{
    uint8_t public_key[COSE_KEY_SIZE], id[1 + SHA256_DIGEST_SIZE] = {UEID_RANDOM};

    cose_key(key, public_key);
    sha256(public_key, sizeof(public_key), id + 1);
    out_claim_bytes(o, CLAIM_INSTANCE_ID, id, sizeof(id));
}

static size_t platform_claims(const struct machine *m, const uint8_t key[ES384_SCALAR_SIZE],
                              uint8_t *buf, size_t size)
{
    struct cbor_out o = {.p = buf, .size = size};
    uint8_t implementation[SHA256_DIGEST_SIZE];
    /* No memory encryption, granules of 4 KB: none of the bits that a platform's configuration may set. */
    static const uint8_t config[4] = {0};

    sha256_text("ccasim", implementation);
    out_map(&o, 9);
    out_claim_text(&o, CLAIM_PROFILE, "tag:arm.com,2023:cca_platform#1.0.0");
    out_claim_bytes(&o, CLAIM_CHALLENGE, m->el3m.challenge, m->el3m.challenge_size);
    out_claim_bytes(&o, CLAIM_IMPLEMENTATION_ID, implementation, sizeof(implementation));
    put_instance_id(&o, key);
    out_claim_bytes(&o, CLAIM_CONFIG, config, sizeof(config));
    out_int(&o, CLAIM_LIFECYCLE);
    out_uint(&o, LIFECYCLE_SECURED);
    put_software(&o);
    out_claim_text(&o, CLAIM_VERIFIER, "https://verifier.example/");
    out_claim_text(&o, CLAIM_HASH_ALGO, "sha-256");
    MODEL_ASSERT(!o.full);
    return o.len;
}

static void platform_key(uint64_t seed, uint8_t key[ES384_SCALAR_SIZE])
{
    es384_derive("ccasim platform attestation key", seed, key);
}

void el3m_platform_key(uint64_t seed, uint8_t x[ES384_SCALAR_SIZE], uint8_t y[ES384_SCALAR_SIZE])
{
    uint8_t key[ES384_SCALAR_SIZE];

    platform_key(seed, key);
    es384_public(key, x, y);
}

static size_t platform_token(const struct machine *m, uint8_t *buf, size_t size)
{
    uint8_t key[ES384_SCALAR_SIZE], digest[ES384_DIGEST_SIZE], signature[ES384_SIGNATURE_SIZE];
    uint8_t claims[1024];
    struct cbor_out o = {.p = buf, .size = size};
    size_t len;

    platform_key(m->impl.seed, key);
    len = platform_claims(m, key, claims, sizeof(claims));
    cose_sign1_digest(claims, len, digest);
    es384_sign(key, digest, signature);
    cose_sign1(&o, claims, len, signature);
    MODEL_ASSERT(!o.full);
    return o.len;
}

/* A buffer of the RMM for EL3M lies within the one page that both know. */
static int64_t check_buffer(const struct machine *m, uint64_t a, uint64_t size)
{
    uint64_t offset = a - gpt_shared_buffer(&m->impl);

    if (offset >= GRANULE_SIZE)
        return EL3_E_BAD_ADDR;
    return size == 0 || size > GRANULE_SIZE - offset ? EL3_E_INVAL : EL3_OK;
}

int64_t el3m_realm_key(struct machine *m, uint64_t regs[ABI_MAX_REGS])
{
    uint64_t a = regs[1], size = regs[2], curve = regs[3];
    int64_t err = check_buffer(m, a, size);
    uint8_t key[ES384_SCALAR_SIZE];

    if (err)
        return err;
    if (size < sizeof(key) || curve != CURVE_P384)
        return EL3_E_INVAL;
    es384_derive("ccasim realm attestation key", m->impl.seed, key);
    mem_write(m, a, key, sizeof(key), OWNER_EL3M, 0);
    regs[1] = sizeof(key);
    return EL3_OK;
}

/* Challenge sizes: those of SHA-256, SHA-384 and SHA-512. 0 goes on with the token of the last challenge. */
static int64_t token_begin(struct machine *m, uint64_t a, uint64_t size, uint64_t challenge_size)
{
    struct el3m_state *e = &m->el3m;

    if (challenge_size == 0)
        return e->challenge_size == 0 ? EL3_E_INVAL : EL3_OK;
    if ((challenge_size != 32 && challenge_size != 48 && challenge_size != 64) ||
        challenge_size > size)
        return EL3_E_INVAL;
    mem_read(m, a, e->challenge, challenge_size);
    e->challenge_size = (uint8_t)challenge_size;
    e->token_sent = 0;
    return EL3_OK;
}

int64_t el3m_platform_token(struct machine *m, uint64_t regs[ABI_MAX_REGS])
{
    struct el3m_state *e = &m->el3m;
    uint64_t a = regs[1], size = regs[2];
    uint8_t token[PLAT_TOKEN_MAX];
    size_t len, hunk;
    int64_t err = check_buffer(m, a, size);

    if (!err)
        err = token_begin(m, a, size, regs[3]);
    if (err)
        return err;
    len = platform_token(m, token, sizeof(token));
    hunk = len - e->token_sent < size ? len - e->token_sent : (size_t)size;
    mem_write(m, a, token + e->token_sent, hunk, OWNER_EL3M, 0);
    e->token_sent += (uint32_t)hunk;
    regs[1] = hunk;
    regs[2] = len - e->token_sent;
    if (e->token_sent == len)
        e->challenge_size = 0;
    return EL3_OK;
}
