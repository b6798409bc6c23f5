/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two signers of an attestation token have in common, EL3M (platform token) and the RMM (Realm token):
 *
 *   ES384          ECDSA on P-384 with SHA-384; the nonce is that of RFC 6979, so that a signature follows from key
 *                  and message alone
 *   COSE_Sign1     18([ << {1: -35} >>, {}, payload, signature ])       RFC 9052 4.2; signed is the digest of
 *                  [ "Signature1", << {1: -35} >>, h'', payload ]       RFC 9052 4.4
 *   COSE_Key       {1: 2, -1: 2, -2: x, -3: y}                          RFC 9053 7.1.1
 *
 * CBOR is written in its shortest form with definite lengths, by libcbor's encoders, into a buffer of the caller.
 */
#ifndef CCASIM_COSE_H
#define CCASIM_COSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- CBOR out --- */
struct cbor_out {
    uint8_t *p;
    size_t size, len;
    bool full; /* something did not fit; nothing more is written */
};

void out_uint(struct cbor_out *o, uint64_t v);
void out_int(struct cbor_out *o, int64_t v);
void out_tag(struct cbor_out *o, uint64_t tag);
void out_map(struct cbor_out *o, size_t pairs);
void out_array(struct cbor_out *o, size_t items);
void out_bytes(struct cbor_out *o, const void *data, size_t len);
void out_text(struct cbor_out *o, const char *text);
/* Only the head of a byte string. */
void out_bytes_start(struct cbor_out *o, size_t len);
/* A pair of a map with an integer key. */
void out_claim_bytes(struct cbor_out *o, int64_t key, const void *data, size_t len);
void out_claim_text(struct cbor_out *o, int64_t key, const char *text);

/* --- ES384 --- */
#define ES384_SCALAR_SIZE    48u
#define ES384_SIGNATURE_SIZE 96u /* r, s: big-endian */
#define ES384_DIGEST_SIZE    48u

/* A private key that follows from the machine's seed, another one for each `label`. Big-endian. */
void es384_derive(const char *label, uint64_t seed, uint8_t scalar[ES384_SCALAR_SIZE]);
/* Coordinates of the public key, big-endian. */
void es384_public(const uint8_t scalar[ES384_SCALAR_SIZE], uint8_t x[ES384_SCALAR_SIZE],
                  uint8_t y[ES384_SCALAR_SIZE]);
void es384_sign(const uint8_t scalar[ES384_SCALAR_SIZE], const uint8_t digest[ES384_DIGEST_SIZE],
                uint8_t signature[ES384_SIGNATURE_SIZE]);

/* --- COSE --- */
#define COSE_KEY_SIZE 107u /* of an EC2 key on P-384 without optional fields */

/* The encoded COSE_Key of a private key's public part. */
void cose_key(const uint8_t scalar[ES384_SCALAR_SIZE], uint8_t out[COSE_KEY_SIZE]);
/* Of the structure that a COSE_Sign1 over `payload` signs. */
void cose_sign1_digest(const uint8_t *payload, size_t len, uint8_t digest[ES384_DIGEST_SIZE]);
/* The tagged COSE_Sign1. */
void cose_sign1(struct cbor_out *o, const uint8_t *payload, size_t len,
                const uint8_t signature[ES384_SIGNATURE_SIZE]);

#endif
