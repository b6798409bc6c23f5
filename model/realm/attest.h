/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attestation token of a Realm (DEN0137 A7.2), as far as it is in the REC. At most one is in the making:
 *
 *   NONE -- TOKEN_INIT --> SIGNING -- n steps of signing --> READY -- the last byte was copied --> NONE
 *     ^------------------- (TOKEN_INIT again: back to the start) ------------------'
 *
 * The claims are those of the moment of TOKEN_INIT. The token itself is kept nowhere: it follows from the claims, the
 * signature and what EL3M gave at the first request, and is built for each copy.
 */
#ifndef CCASIM_REALM_ATTEST_H
#define CCASIM_REALM_ATTEST_H

#include <ccasim/abi.h>

#define ATTEST_CHALLENGE_SIZE 64u
#define ATTEST_SIGNATURE_SIZE 96u
/* What TOKEN_INIT tells the Realm: the token always fits a page. */
#define ATTEST_TOKEN_MAX 4096u
/* Signing is slow, and an interrupt must not wait for all of it. */
#define ATTEST_SIGN_STEPS 8u
#define ATTEST_STEP_TIME \
    500000u /* ticks, which are instructions: all steps are 4 million, what software needs for ES384 */

enum attest_state { ATTEST_NONE, ATTEST_SIGNING, ATTEST_READY };

struct attest {
    uint8_t state; /* enum attest_state */
    uint8_t steps; /* of signing, done */
    uint16_t sent; /* bytes that the Realm has */
    uint8_t challenge[ATTEST_CHALLENGE_SIZE];
    uint8_t measurement[MEASUREMENT_SLOTS][MEASUREMENT_SIZE];
    uint8_t signature[ATTEST_SIGNATURE_SIZE];
};

/* What of the token is not in struct attest. */
struct attest_input {
    enum hash_algo hash_algo;
    const uint8_t *rpv;            /* 64 bytes */
    const uint8_t *rak;            /* private key, 48 bytes */
    const uint8_t *rak_public;     /* its COSE_Key */
    const uint8_t *platform_token; /* as EL3M made it */
    size_t platform_token_size;
};

/* The COSE_Key of the RAK, and its SHA-256: what the platform token vouches for. */
#define ATTEST_RAK_PUBLIC_SIZE 107u
#define ATTEST_RAK_HASH_SIZE   32u
void attest_rak_public(const uint8_t rak[48], uint8_t out[ATTEST_RAK_PUBLIC_SIZE]);
void attest_rak_hash(const uint8_t rak_public[ATTEST_RAK_PUBLIC_SIZE],
                     uint8_t out[ATTEST_RAK_HASH_SIZE]);
/* The whole of signing. */
void attest_sign(struct attest *a, const struct attest_input *in);
/* The token of a READY one. Its size. */
size_t attest_token(const struct attest *a, const struct attest_input *in,
                    uint8_t out[ATTEST_TOKEN_MAX]);

#endif
