/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm hash algorithms (A3.1.1). The digest fills its slot from byte 0, the rest is zero
 * (A7.1).
 */
#include <string.h>

#include <nettle/sha2.h>

#include "spec_internal.h"

void spec_digest(enum hash_algo algo, const void *bytes, size_t size, uint8_t out[MEASUREMENT_SIZE])
{
    if (algo == HASH_SHA_512) {
        struct sha512_ctx ctx;

        sha512_init(&ctx);
        sha512_update(&ctx, size, bytes);
        sha512_digest(&ctx, SHA512_DIGEST_SIZE, out);
    } else {
        struct sha256_ctx ctx;

        sha256_init(&ctx);
        sha256_update(&ctx, size, bytes);
        sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
        memset(out + SHA256_DIGEST_SIZE, 0, MEASUREMENT_SIZE - SHA256_DIGEST_SIZE);
    }
}
