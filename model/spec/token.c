/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A CCA attestation token (A7.2.3) against the abstract state: CBOR tag 399 with a platform and a
 * Realm token, each a COSE_Sign1; the Realm token's claims are the Realm's, its signature is by the
 * key that it names, and the platform token is bound to that key. The platform's key is not known
 * here, so the platform token's signature and the values of its other claims stay open. Claims that
 * A7.2.3 does not list are not looked at.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/ecdsa.h>
#include <nettle/sha2.h>

#include "cbor.h"
#include "spec_internal.h"

#define TAG_CCA_TOKEN      399u
#define TAG_COSE_SIGN1     18u
#define KEY_PLATFORM_TOKEN 44234u
#define KEY_REALM_TOKEN    44241u

#define P384_SIZE      48u
#define SIGNATURE_SIZE (2u * P384_SIZE)
#define COSE_ALG       1
#define ALG_ES384      (-35)
#define COSE_KTY       1
#define COSE_KTY_EC2   2
#define COSE_CRV       (-1)
#define COSE_CRV_P384  2
#define COSE_X         (-2)
#define COSE_Y         (-3)

enum { /* A7.2.3.1 */
       REALM_CHALLENGE = 10,
       REALM_PROFILE = 265,
       REALM_RPV = 44235,
       REALM_HASH_ALGO = 44236,
       REALM_PUBLIC_KEY = 44237,
       REALM_RIM = 44238,
       REALM_REMS = 44239,
       REALM_KEY_HASH_ALGO = 44240,
};
enum { /* A7.2.3.2 */
       PLATFORM_CHALLENGE = 10,
       PLATFORM_INSTANCE_ID = 256,
       PLATFORM_PROFILE = 265,
       PLATFORM_LIFECYCLE = 2395,
       PLATFORM_IMPLEMENTATION_ID = 2396,
       PLATFORM_COMPONENTS = 2399,
       PLATFORM_VERIFICATION_SERVICE = 2400,
       PLATFORM_CONFIG = 2401,
       PLATFORM_HASH_ALGO = 2402,
};

struct reader {
    char *why;
    size_t size;
    bool failed;
};

static void object(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The first objection tells most. */
static void object(struct reader *r, const char *fmt, ...)
{
    va_list ap;

    if (r->failed)
        return;
    r->failed = true;
    va_start(ap, fmt);
    vsnprintf(r->why, r->size, fmt, ap);
    va_end(ap);
}

/* --- items, with objections --- */

/* The value of a key that a map has once. */
static struct item value_of(struct reader *r, const char *what, struct item map, int64_t key)
{
    unsigned count;
    struct item value = spec_cbor_value(map, key, &count);

    if (count > 1)
        object(r, "%s has key %d twice", what, (int)key);
    return value;
}

/* One item, and nothing after it. */
static struct item decode(struct reader *r, const char *what, struct bytes b)
{
    struct bytes after = {0};
    struct item item = spec_cbor_first(b, &after);

    if (!item.there)
        object(r, "%s is not CBOR", what);
    else if (after.len)
        object(r, "%zu bytes follow %s", after.len, what);
    return item;
}

static struct item decode_map(struct reader *r, const char *what, struct bytes b)
{
    struct item item = decode(r, what, b);

    if (item.there && !spec_cbor_is(item, CBOR_MAP))
        object(r, "%s is no map", what);
    return item;
}

/* --- COSE_Sign1 --- */

struct sign1 {
    struct bytes protected, payload, signature;
};

static struct item tagged(struct reader *r, const char *what, struct item i, unsigned tag)
{
    if (!spec_cbor_is(i, CBOR_TAG) || i.value != tag)
        object(r, "%s has not tag %u", what, tag);
    return spec_cbor_element(i, 0);
}

/* #6.18([protected, unprotected, payload, signature]) */
static struct sign1 sign1(struct reader *r, const char *what, struct bytes token)
{
    struct item array = tagged(r, what, decode(r, what, token), TAG_COSE_SIGN1);
    struct sign1 s = {
        .protected = spec_cbor_bytes(spec_cbor_element(array, 0)),
        .payload = spec_cbor_bytes(spec_cbor_element(array, 2)),
        .signature = spec_cbor_bytes(spec_cbor_element(array, 3)),
    };

    if (!spec_cbor_is(array, CBOR_ARRAY) || array.value != 4 || !s.protected.at ||
        !spec_cbor_is(spec_cbor_element(array, 1), CBOR_MAP) || !s.payload.at || !s.signature.at)
        object(r, "%s is not [bytes, map, bytes, bytes]", what);
    return s;
}

static void protected_header(struct reader *r, const char *what, struct bytes b)
{
    struct item map = decode_map(r, what, b);

    if (!spec_cbor_is_int(value_of(r, what, map, COSE_ALG), ALG_ES384))
        object(r, "%s: the algorithm is not ES384", what);
}

/* A byte string's head, shortest form (RFC 8949 4.2.1). */
static void hash_bytes(struct sha384_ctx *h, struct bytes b)
{
    uint8_t head[5] = {0x40};
    size_t n = 1;

    if (b.len < 24) {
        head[0] |= (uint8_t)b.len;
    } else {
        n += b.len < 0x100 ? 1 : b.len < 0x10000 ? 2 : 4;
        head[0] |= n == 2 ? 24 : n == 3 ? 25 : 26;
        for (size_t i = 1; i < n; i++)
            head[i] = (uint8_t)(b.len >> (8 * (n - 1 - i)));
    }
    sha384_update(h, n, head);
    if (b.len)
        sha384_update(h, b.len, b.at);
}

/* SHA-384 of the Sig_structure (RFC 9052 4.4). */
static void hash_signed(const struct sign1 *s, uint8_t digest[P384_SIZE])
{
    static const uint8_t head[] = "\x84\x6aSignature1"; /* array of 4, text of 10 */
    static const uint8_t none[1] = {0};
    struct sha384_ctx h;

    sha384_init(&h);
    sha384_update(&h, sizeof(head) - 1, head);
    hash_bytes(&h, s->protected);
    hash_bytes(&h, (struct bytes){none, 0});
    hash_bytes(&h, s->payload);
    sha384_digest(&h, P384_SIZE, digest);
}

static void take_number(mpz_t n, const uint8_t bytes[P384_SIZE])
{
    mpz_import(n, P384_SIZE, 1, 1, 0, 0, bytes);
}

static bool verifies(const struct sign1 *s, struct bytes x, struct bytes y)
{
    uint8_t digest[P384_SIZE];
    struct dsa_signature sig;
    struct ecc_point key;
    mpz_t kx, ky;
    bool ok;

    hash_signed(s, digest);
    mpz_inits(kx, ky, NULL);
    ecc_point_init(&key, nettle_get_secp_384r1());
    dsa_signature_init(&sig);
    take_number(kx, x.at);
    take_number(ky, y.at);
    take_number(sig.r, s->signature.at);
    take_number(sig.s, s->signature.at + P384_SIZE);
    ok = ecc_point_set(&key, kx, ky) && ecdsa_verify(&key, sizeof(digest), digest, &sig);
    dsa_signature_clear(&sig);
    ecc_point_clear(&key);
    mpz_clears(kx, ky, NULL);
    return ok;
}

/* --- the Realm token --- */

static void realm_signature(struct reader *r, const struct sign1 *s, struct bytes key)
{
    static const char *const what = "the Realm public key";
    struct item map = decode_map(r, what, key);
    struct bytes x = spec_cbor_bytes(value_of(r, what, map, COSE_X));
    struct bytes y = spec_cbor_bytes(value_of(r, what, map, COSE_Y));

    if (!spec_cbor_is_int(value_of(r, what, map, COSE_KTY), COSE_KTY_EC2) ||
        !spec_cbor_is_int(value_of(r, what, map, COSE_CRV), COSE_CRV_P384) || x.len != P384_SIZE ||
        y.len != P384_SIZE)
        object(r, "%s is no point of P-384", what);
    else if (s->signature.len != SIGNATURE_SIZE || !verifies(s, x, y))
        object(r, "the Realm token's signature does not verify with the key that it names");
}

static void claim_is(struct reader *r, struct item i, const char *name, const uint8_t *want,
                     size_t len)
{
    struct bytes b = spec_cbor_bytes(i);

    if (!b.at || b.len != len)
        object(r, "the Realm token has no %s of %zu bytes", name, len);
    else if (memcmp(b.at, want, len) != 0)
        object(r, "%s of the Realm token is not the Realm's", name);
}

/* The moment at which they are taken is open between INIT and the last CONTINUE. */
static void rems(struct reader *r, struct item i, const struct spec_realm *realm,
                 const struct spec_token *t, size_t size)
{
    if (!spec_cbor_is(i, CBOR_ARRAY) || i.value != MEASUREMENT_SLOTS - 1) {
        object(r, "the Realm token has no four extensible measurements");
        return;
    }
    for (unsigned k = 1; k < MEASUREMENT_SLOTS; k++) {
        struct bytes b = spec_cbor_bytes(spec_cbor_element(i, k - 1));

        if (b.at && b.len == size && memcmp(b.at, t->measurement[k], size) == 0)
            continue;
        if (!b.at || b.len != size || memcmp(b.at, realm->measurement[k], size) != 0)
            object(r, "extensible measurement %u of the Realm token is not the Realm's", k);
    }
}

static void realm_claims(struct reader *r, struct item map, const struct spec_realm *realm,
                         const struct spec_token *t, const uint8_t challenge[64])
{
    static const char *const what = "the Realm token";
    bool wide = realm->hash_algo == HASH_SHA_512;
    size_t size = wide ? SHA512_DIGEST_SIZE : SHA256_DIGEST_SIZE;
    struct item profile = value_of(r, what, map, REALM_PROFILE);

    claim_is(r, value_of(r, what, map, REALM_CHALLENGE), "challenge", challenge, 64);
    claim_is(r, value_of(r, what, map, REALM_RPV), "personalization value", realm->rpv,
             sizeof(realm->rpv));
    claim_is(r, value_of(r, what, map, REALM_RIM), "initial measurement", realm->measurement[0],
             size);
    rems(r, value_of(r, what, map, REALM_REMS), realm, t, size);
    if (!spec_cbor_is_text(value_of(r, what, map, REALM_HASH_ALGO), wide ? "sha-512" : "sha-256"))
        object(r, "the Realm token does not name the Realm's hash algorithm");
    if (profile.there && !spec_cbor_is_text(profile, "tag:arm.com,2023:realm#1.0.0"))
        object(r, "the Realm token's profile is not that of A7.2.3.1.2");
}

/* --- the platform token --- */

/* H(RAK_pub), by the algorithm that the Realm token names. 0: it is none of IANA's that count. */
static size_t hash_key(struct item algo, struct bytes key, uint8_t out[SHA512_DIGEST_SIZE])
{
    if (spec_cbor_is_text(algo, "sha-256")) {
        struct sha256_ctx h;

        sha256_init(&h);
        sha256_update(&h, key.len, key.at);
        sha256_digest(&h, SHA256_DIGEST_SIZE, out);
        return SHA256_DIGEST_SIZE;
    }
    if (spec_cbor_is_text(algo, "sha-384")) {
        struct sha384_ctx h;

        sha384_init(&h);
        sha384_update(&h, key.len, key.at);
        sha384_digest(&h, SHA384_DIGEST_SIZE, out);
        return SHA384_DIGEST_SIZE;
    }
    if (spec_cbor_is_text(algo, "sha-512")) {
        struct sha512_ctx h;

        sha512_init(&h);
        sha512_update(&h, key.len, key.at);
        sha512_digest(&h, SHA512_DIGEST_SIZE, out);
        return SHA512_DIGEST_SIZE;
    }
    return 0;
}

static bool is_hash(struct bytes b)
{
    return b.at && (b.len == 32 || b.len == 48 || b.len == 64);
}

static bool component_is_valid(struct reader *r, struct item c)
{
    static const char *const what = "a software component";
    static const int optional[] = {1, 4, 6};

    if (!spec_cbor_is(c, CBOR_MAP) || !is_hash(spec_cbor_bytes(value_of(r, what, c, 2))) ||
        !is_hash(spec_cbor_bytes(value_of(r, what, c, 5))))
        return false;
    for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
        struct item text = value_of(r, what, c, optional[i]);

        if (text.there && !spec_cbor_is(text, CBOR_TEXT))
            return false;
    }
    return true;
}

static void components(struct reader *r, struct item i)
{
    if (!spec_cbor_is(i, CBOR_ARRAY) || i.value == 0) {
        object(r, "the platform token names no software component");
        return;
    }
    for (uint64_t k = 0; k < i.value; k++) {
        if (!component_is_valid(r, spec_cbor_element(i, k)))
            object(r, "software component %u of the platform token is not as A7.2.3.2.7 says",
                   (unsigned)k);
    }
}

/* 0x0000..0x00ff, 0x1000..0x10ff ... 0x6000..0x60ff (A7.2.3.2.6). */
static bool is_lifecycle(struct item i)
{
    return spec_cbor_is(i, CBOR_UINT) && (i.value & ~0xf0ffull) == 0 && i.value <= 0x60ff;
}

static void platform_claims(struct reader *r, struct item map)
{
    static const char *const what = "the platform token";
    struct bytes instance = spec_cbor_bytes(value_of(r, what, map, PLATFORM_INSTANCE_ID));
    struct item service = value_of(r, what, map, PLATFORM_VERIFICATION_SERVICE);

    if (!spec_cbor_is_text(value_of(r, what, map, PLATFORM_PROFILE),
                           "tag:arm.com,2023:cca_platform#1.0.0"))
        object(r, "the platform token's profile is not that of A7.2.3.2.1");
    if (spec_cbor_bytes(value_of(r, what, map, PLATFORM_IMPLEMENTATION_ID)).len != 32)
        object(r, "the platform token has no implementation ID of 32 bytes");
    if (instance.len != 33 || instance.at[0] != 1)
        object(r, "the platform token has no instance ID of 33 bytes that begin with 1");
    if (!spec_cbor_bytes(value_of(r, what, map, PLATFORM_CONFIG)).at)
        object(r, "the platform token has no configuration");
    if (!is_lifecycle(value_of(r, what, map, PLATFORM_LIFECYCLE)))
        object(r, "the platform token has no lifecycle of A7.2.3.2.6");
    if (!spec_cbor_is(value_of(r, what, map, PLATFORM_HASH_ALGO), CBOR_TEXT))
        object(r, "the platform token names no hash algorithm");
    if (service.there && !spec_cbor_is(service, CBOR_TEXT))
        object(r, "the platform token's verification service is no text");
    components(r, value_of(r, what, map, PLATFORM_COMPONENTS));
}

static void platform_token(struct reader *r, struct bytes token, struct bytes key,
                           struct item key_hash_algo)
{
    static const char *const what = "the platform token";
    uint8_t want[SHA512_DIGEST_SIZE];
    size_t size = key.at ? hash_key(key_hash_algo, key, want) : 0;
    struct sign1 s = sign1(r, what, token);
    struct item map = decode_map(r, "the platform token's payload", s.payload);
    struct bytes challenge = spec_cbor_bytes(value_of(r, what, map, PLATFORM_CHALLENGE));

    if (size == 0)
        object(r, "the Realm token names no hash algorithm for the Realm public key");
    else if (challenge.len != size || memcmp(challenge.at, want, size) != 0)
        object(r, "the platform token's challenge is not the hash of the Realm public key");
    platform_claims(r, map);
}

/* --- the whole --- */

bool spec_token_is_right(const struct spec_realm *realm, const struct spec_token *t,
                         const uint8_t challenge[64], char *why, size_t size)
{
    static const char *const what = "the Realm token";
    struct reader r = {why, size, false};
    struct item token = decode(&r, "the token", (struct bytes){t->bytes, t->len});
    struct item parts = tagged(&r, "the token", token, TAG_CCA_TOKEN), map;
    struct bytes key;
    struct sign1 s;

    if (!spec_cbor_is(parts, CBOR_MAP) || parts.value != 2)
        object(&r, "the token is no map of two");
    s = sign1(&r, what, spec_cbor_bytes(value_of(&r, "the token", parts, KEY_REALM_TOKEN)));
    protected_header(&r, "the Realm token's protected header", s.protected);
    map = decode_map(&r, "the Realm token's payload", s.payload);
    key = spec_cbor_bytes(value_of(&r, what, map, REALM_PUBLIC_KEY));
    realm_claims(&r, map, realm, t, challenge);
    realm_signature(&r, &s, key);
    platform_token(&r, spec_cbor_bytes(value_of(&r, "the token", parts, KEY_PLATFORM_TOKEN)), key,
                   value_of(&r, what, map, REALM_KEY_HASH_ALGO));
    return !r.failed;
}
