/* SPDX-License-Identifier: BSD-3-Clause */
#include "cose/cose.h"

#include <nettle/sha2.h>

#define TAG_COSE_SIGN1 18u
enum { KEY_KTY = 1, KEY_CRV = -1, KEY_X = -2, KEY_Y = -3 }; /* labels of a COSE_Key */
enum { KTY_EC2 = 2, CRV_P384 = 2 };

/* << {1: -35} >>: the algorithm is ES384. */
static const uint8_t protected_header[] = {0xa1, 0x01, 0x38, 0x22};

void cose_key(const uint8_t scalar[ES384_SCALAR_SIZE], uint8_t out[COSE_KEY_SIZE])
{
    uint8_t x[ES384_SCALAR_SIZE], y[ES384_SCALAR_SIZE];
    struct cbor_out o = {.p = out, .size = COSE_KEY_SIZE};

    es384_public(scalar, x, y);
    out_map(&o, 4);
    out_int(&o, KEY_KTY);
    out_int(&o, KTY_EC2);
    out_int(&o, KEY_CRV);
    out_int(&o, CRV_P384);
    out_claim_bytes(&o, KEY_X, x, sizeof(x));
    out_claim_bytes(&o, KEY_Y, y, sizeof(y));
}

void cose_sign1_digest(const uint8_t *payload, size_t len, uint8_t digest[ES384_DIGEST_SIZE])
{
    uint8_t head[32];
    struct cbor_out o = {.p = head, .size = sizeof(head)};
    struct sha384_ctx h;

    out_array(&o, 4);
    out_text(&o, "Signature1");
    out_bytes(&o, protected_header, sizeof(protected_header));
    out_bytes(&o, NULL, 0); /* external_aad */
    out_bytes_start(&o, len);
    sha384_init(&h);
    sha384_update(&h, o.len, head);
    sha384_update(&h, len, payload);
    sha384_digest(&h, ES384_DIGEST_SIZE, digest);
}

void cose_sign1(struct cbor_out *o, const uint8_t *payload, size_t len,
                const uint8_t signature[ES384_SIGNATURE_SIZE])
{
    out_tag(o, TAG_COSE_SIGN1);
    out_array(o, 4);
    out_bytes(o, protected_header, sizeof(protected_header));
    out_map(o, 0);
    out_bytes(o, payload, len);
    out_bytes(o, signature, ES384_SIGNATURE_SIZE);
}
