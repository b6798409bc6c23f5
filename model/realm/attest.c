/* SPDX-License-Identifier: BSD-3-Clause */
#include "realm/attest.h"

#include <nettle/sha2.h>

#include "cose/cose.h"

_Static_assert(ATTEST_SIGNATURE_SIZE == ES384_SIGNATURE_SIZE, "Realm tokens are signed with ES384");

#define TAG_CCA_TOKEN    399u
#define CCA_PLATFORM     44234
#define CCA_REALM        44241
#define REALM_CLAIMS_MAX 1024u
#define REALM_ENVELOPE   128u /* of COSE_Sign1: heads and signature */
#define PUBLIC_KEY_HASH  "sha-256"
#define REALM_PROFILE    "tag:arm.com,2023:realm#1.0.0"
#define REALM_NUM_CLAIMS 8u
enum {
    CLAIM_CHALLENGE = 10,
    CLAIM_PROFILE = 265,
    CLAIM_RPV = 44235,
    CLAIM_HASH_ALGO = 44236,
    CLAIM_PUBLIC_KEY = 44237,
    CLAIM_RIM = 44238,
    CLAIM_REMS = 44239,
    CLAIM_PUBLIC_KEY_HASH_ALGO = 44240,
};

_Static_assert(ATTEST_RAK_PUBLIC_SIZE == COSE_KEY_SIZE, "the RAK is an EC2 key on P-384");

void attest_rak_public(const uint8_t rak[48], uint8_t out[ATTEST_RAK_PUBLIC_SIZE])
{
    cose_key(rak, out);
}

void attest_rak_hash(const uint8_t rak_public[ATTEST_RAK_PUBLIC_SIZE],
                     uint8_t out[ATTEST_RAK_HASH_SIZE])
{
    struct sha256_ctx h;

    sha256_init(&h);
    sha256_update(&h, ATTEST_RAK_PUBLIC_SIZE, rak_public);
    sha256_digest(&h, ATTEST_RAK_HASH_SIZE, out);
}

/* The claim map of the Realm token (A7.2.3.1), in the order in which other firmware writes it. */
static size_t realm_claims(const struct attest *a, const struct attest_input *in,
                           uint8_t out[REALM_CLAIMS_MAX])
{
    bool sha512 = in->hash_algo == HASH_SHA_512;
    size_t digest = sha512 ? SHA512_DIGEST_SIZE : SHA256_DIGEST_SIZE;
    struct cbor_out o = {.p = out, .size = REALM_CLAIMS_MAX};

    out_map(&o, REALM_NUM_CLAIMS);
    out_claim_bytes(&o, CLAIM_CHALLENGE, a->challenge, ATTEST_CHALLENGE_SIZE);
    out_claim_bytes(&o, CLAIM_RPV, in->rpv, 64);
    out_claim_bytes(&o, CLAIM_PUBLIC_KEY, in->rak_public, ATTEST_RAK_PUBLIC_SIZE);
    out_claim_text(&o, CLAIM_HASH_ALGO, sha512 ? "sha-512" : "sha-256");
    out_claim_text(&o, CLAIM_PUBLIC_KEY_HASH_ALGO, PUBLIC_KEY_HASH);
    out_claim_text(&o, CLAIM_PROFILE, REALM_PROFILE);
    out_claim_bytes(&o, CLAIM_RIM, a->measurement[0], digest);
    out_int(&o, CLAIM_REMS);
    out_array(&o, MEASUREMENT_SLOTS - 1);
    for (unsigned i = 1; i < MEASUREMENT_SLOTS; i++)
        out_bytes(&o, a->measurement[i], digest);
    MODEL_ASSERT(!o.full);
    return o.len;
}

void attest_sign(struct attest *a, const struct attest_input *in)
{
    uint8_t claims[REALM_CLAIMS_MAX], digest[ES384_DIGEST_SIZE];

    cose_sign1_digest(claims, realm_claims(a, in, claims), digest);
    es384_sign(in->rak, digest, a->signature);
    a->state = ATTEST_READY;
}

size_t attest_token(const struct attest *a, const struct attest_input *in,
                    uint8_t out[ATTEST_TOKEN_MAX])
{
    uint8_t claims[REALM_CLAIMS_MAX], realm[REALM_CLAIMS_MAX + REALM_ENVELOPE];
    struct cbor_out o = {.p = out, .size = ATTEST_TOKEN_MAX},
                    r = {.p = realm, .size = sizeof(realm)};

    cose_sign1(&r, claims, realm_claims(a, in, claims), a->signature);
    out_tag(&o, TAG_CCA_TOKEN);
    out_map(&o, 2);
    out_claim_bytes(&o, CCA_PLATFORM, in->platform_token, in->platform_token_size);
    out_claim_bytes(&o, CCA_REALM, realm, r.len);
    MODEL_ASSERT(!r.full && !o.full);
    return o.len;
}
