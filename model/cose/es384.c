/* SPDX-License-Identifier: BSD-3-Clause */
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/hmac.h>
#include <string.h>

#include "cose/cose.h"

_Static_assert(ES384_DIGEST_SIZE == SHA384_DIGEST_SIZE, "SHA-384 is the hash of ES384");

static void import_number(mpz_t z, const uint8_t be[ES384_SCALAR_SIZE])
{
    mpz_import(z, ES384_SCALAR_SIZE, 1, 1, 1, 0, be);
}

static void export_number(uint8_t be[ES384_SCALAR_SIZE], const mpz_t z)
{
    size_t len = (mpz_sizeinbase(z, 2) + 7) / 8;

    memset(be, 0, ES384_SCALAR_SIZE);
    mpz_export(be + ES384_SCALAR_SIZE - len, NULL, 1, 1, 1, 0, z);
}

/* False: not a private key, as it is zero or not below the order of the group. */
static bool scalar_load(struct ecc_scalar *s, const uint8_t be[ES384_SCALAR_SIZE])
{
    mpz_t z;
    bool good;

    ecc_scalar_init(s, nettle_get_secp_384r1());
    mpz_init(z);
    import_number(z, be);
    good = ecc_scalar_set(s, z) != 0;
    mpz_clear(z);
    return good;
}

void es384_derive(const char *label, uint64_t seed, uint8_t scalar[ES384_SCALAR_SIZE])
{
    uint8_t input[9]; /* seed, little-endian; number of the attempt */
    struct ecc_scalar s;
    bool good;

    for (unsigned i = 0; i < 8; i++)
        input[i] = (uint8_t)(seed >> (8 * i));
    input[8] = 0;
    do {
        struct sha384_ctx h;

        sha384_init(&h);
        sha384_update(&h, strlen(label) + 1, (const uint8_t *)label);
        sha384_update(&h, sizeof(input), input);
        sha384_digest(&h, ES384_SCALAR_SIZE, scalar);
        good = scalar_load(&s, scalar);
        ecc_scalar_clear(&s);
        input[8]++;
    } while (!good);
}

void es384_public(const uint8_t scalar[ES384_SCALAR_SIZE], uint8_t x[ES384_SCALAR_SIZE],
                  uint8_t y[ES384_SCALAR_SIZE])
{
    struct ecc_scalar s;
    struct ecc_point point;
    mpz_t zx, zy;

    scalar_load(&s, scalar);
    ecc_point_init(&point, nettle_get_secp_384r1());
    ecc_point_mul_g(&point, &s);
    mpz_init(zx);
    mpz_init(zy);
    ecc_point_get(&point, zx, zy);
    export_number(x, zx);
    export_number(y, zy);
    mpz_clear(zx);
    mpz_clear(zy);
    ecc_point_clear(&point);
    ecc_scalar_clear(&s);
}

/* HMAC_DRBG as RFC 6979 3.2 uses it. The order of P-384 is as long as a SHA-384 digest: one block is one candidate. */
struct nonce {
    uint8_t k[SHA384_DIGEST_SIZE], v[SHA384_DIGEST_SIZE];
    bool drawn; /* a candidate was refused: 3.2 h.3 */
};

/* HMAC_K(V || separator || a || b); without a separator HMAC_K(V). */
static void nonce_hmac(const struct nonce *n, uint8_t out[SHA384_DIGEST_SIZE], int separator,
                       const uint8_t *a, const uint8_t *b)
{
    struct hmac_sha384_ctx h;
    uint8_t byte = (uint8_t)separator;

    hmac_sha384_set_key(&h, sizeof(n->k), n->k);
    hmac_sha384_update(&h, sizeof(n->v), n->v);
    if (separator >= 0)
        hmac_sha384_update(&h, 1, &byte);
    if (a)
        hmac_sha384_update(&h, ES384_SCALAR_SIZE, a);
    if (b)
        hmac_sha384_update(&h, SHA384_DIGEST_SIZE, b);
    hmac_sha384_digest(&h, SHA384_DIGEST_SIZE, out);
}

static void nonce_update(struct nonce *n, int separator, const uint8_t *a, const uint8_t *b)
{
    nonce_hmac(n, n->k, separator, a, b);
    nonce_hmac(n, n->v, -1, NULL, NULL);
}

/* bits2octets(): the digest modulo the group's order. */
static void reduce_digest(const uint8_t digest[SHA384_DIGEST_SIZE], uint8_t out[ES384_SCALAR_SIZE])
{
    static const char order[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
                                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    mpz_t z, q;

    mpz_init(z);
    mpz_init_set_str(q, order, 16);
    import_number(z, digest);
    mpz_mod(z, z, q);
    export_number(out, z);
    mpz_clear(z);
    mpz_clear(q);
}

static void nonce_init(struct nonce *n, const uint8_t scalar[ES384_SCALAR_SIZE],
                       const uint8_t digest[SHA384_DIGEST_SIZE])
{
    uint8_t reduced[ES384_SCALAR_SIZE];

    reduce_digest(digest, reduced);
    memset(n->v, 1, sizeof(n->v));
    memset(n->k, 0, sizeof(n->k));
    n->drawn = false;
    nonce_update(n, 0, scalar, reduced);
    nonce_update(n, 1, scalar, reduced);
}

/* The source of randomness of ecdsa_sign(), which asks for one candidate after the other. */
static void nonce_next(void *ctx, size_t len, uint8_t *out)
{
    struct nonce *n = ctx;

    if (n->drawn)
        nonce_update(n, 0, NULL, NULL);
    n->drawn = true;
    nonce_hmac(n, n->v, -1, NULL, NULL);
    memcpy(out, n->v, len < sizeof(n->v) ? len : sizeof(n->v));
}

void es384_sign(const uint8_t scalar[ES384_SCALAR_SIZE], const uint8_t digest[ES384_DIGEST_SIZE],
                uint8_t signature[ES384_SIGNATURE_SIZE])
{
    struct dsa_signature rs;
    struct ecc_scalar s;
    struct nonce nonce;

    scalar_load(&s, scalar);
    dsa_signature_init(&rs);
    nonce_init(&nonce, scalar, digest);
    ecdsa_sign(&s, &nonce, nonce_next, ES384_DIGEST_SIZE, digest, &rs);
    export_number(signature, rs.r);
    export_number(signature + ES384_SCALAR_SIZE, rs.s);
    dsa_signature_clear(&rs);
    ecc_scalar_clear(&s);
}
