/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads attestation tokens, those of the model and others: CBOR into a tree, the tree into claims, and checks of what
 * binds them together. It shares nothing with the code that makes tokens (model/cose, model/realm).
 *
 *   399({44234: << 18([<< {1: -35} >>, {}, << platform claims >>, signature]) >>,
 *        44241: << 18([<< {1: -35} >>, {}, << Realm claims >>, signature]) >>})       DEN0137 A7.2.3
 *
 * Accepted is the shortest form with definite lengths only: two encodings of one token would be two tokens.
 */
#ifndef CCASIM_TOOLS_TOKEN_H
#define CCASIM_TOOLS_TOKEN_H

#include <stdbool.h>

#include "arena.h"
#include "text.h"

enum cbor_kind { CBOR_UINT, CBOR_NEGINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG };
struct cbor_node {
    enum cbor_kind kind;
    uint64_t num; /* UINT: value; NEGINT: -1 - value; TAG: number */
    const uint8_t *bytes;
    size_t len;               /* BYTES, TEXT: of bytes; ARRAY: items; MAP: pairs; TAG: 1 */
    struct cbor_node *child;  /* ARRAY: len; MAP: 2 * len, key and value in turn; TAG: 1 */
    size_t offset, end;       /* in the whole of the data */
    struct cbor_node *inside; /* BYTES whose content was decoded too */
};

/* What is wrong with the data, and where. */
struct token_error {
    size_t offset;
    char why[160];
};

/* One item that fills data[from..to). NULL: *err says why not. */
struct cbor_node *cbor_decode(struct arena *a, const uint8_t *data, size_t from, size_t to,
                              struct token_error *err);
/* In diagnostic notation (RFC 8949 8). */
void cbor_print(struct text *t, const struct cbor_node *n);
/* A value of a map with integer keys; NULL: it has none. */
const struct cbor_node *cbor_find(const struct cbor_node *map, int64_t key);

struct token_claim_name {
    int64_t key;
    const char *name;
};

struct token_part {
    struct cbor_node *sign1, *payload; /* the tag 18; the map of claims */
    const uint8_t *signed_bytes;       /* content of the payload's byte string */
    size_t signed_len;
    const uint8_t *signature; /* 96 bytes */
    bool signature_good;
};

struct token {
    struct cbor_node *root;
    struct token_part platform, realm;
    const uint8_t *rak; /* encoded COSE_Key */
    size_t rak_len;
    bool bound; /* the platform's challenge is the hash of the RAK */
};

/* `platform_x`, `platform_y`: public key, 48 bytes each. False: not a token, *err says why. A signature that is wrong is
 * not an error. */
bool token_decode(struct arena *a, const uint8_t *data, size_t len, const uint8_t *platform_x,
                  const uint8_t *platform_y, struct token *out, struct token_error *err);
bool token_is_good(const struct token *t);

extern const struct token_claim_name token_platform_claims[], token_realm_claims[];
/* "" when it has none. */
const char *token_claim_name(const struct token_claim_name *names, int64_t key);

#endif
