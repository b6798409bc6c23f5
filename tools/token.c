/* SPDX-License-Identifier: BSD-3-Clause */
/* What a CCA token must look like (DEN0137 A7.2.3), and what binds its parts together. */
#include "token.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 48u /* of P-384 */

const struct token_claim_name token_platform_claims[] = {
    {265, "profile"},
    {10, "challenge"},
    {2396, "implementation id"},
    {256, "instance id"},
    {2401, "configuration"},
    {2395, "lifecycle"},
    {2399, "software components"},
    {2400, "verification service"},
    {2402, "hash algorithm"},
    {0, NULL},
};
const struct token_claim_name token_realm_claims[] = {
    {10, "challenge"},
    {44235, "personalization value"},
    {44237, "public key"},
    {44236, "hash algorithm"},
    {44240, "public key hash algorithm"},
    {265, "profile"},
    {44238, "initial measurement"},
    {44239, "extensible measurements"},
    {0, NULL},
};

const char *token_claim_name(const struct token_claim_name *names, int64_t key)
{
    for (; names->name; names++)
        if (names->key == key)
            return names->name;
    return "";
}

struct decoder {
    struct arena *arena;
    const uint8_t *data;
    struct token_error *err;
};

__attribute__((format(printf, 3, 4))) static bool refuse(struct decoder *d, size_t offset,
                                                         const char *fmt, ...)
{
    va_list ap;

    d->err->offset = offset;
    va_start(ap, fmt);
    vsnprintf(d->err->why, sizeof(d->err->why), fmt, ap);
    va_end(ap);
    return false;
}

/* The CBOR inside a byte string. */
static struct cbor_node *open_bytes(struct decoder *d, struct cbor_node *n, const char *what)
{
    if (n->kind != CBOR_BYTES) {
        refuse(d, n->offset, "%s must be a byte string", what);
        return NULL;
    }
    n->inside = cbor_decode(d->arena, d->data, (size_t)(n->bytes - d->data), n->end, d->err);
    return n->inside;
}

static bool is_uint(const struct cbor_node *n, uint64_t v)
{
    return n && n->kind == CBOR_UINT && n->num == v;
}

/* << {1: -35} >>: ES384, and nothing else. */
static bool check_protected(struct decoder *d, struct cbor_node *n)
{
    struct cbor_node *map = open_bytes(d, n, "the protected header");
    const struct cbor_node *alg;

    if (map == NULL)
        return false;
    alg = cbor_find(map, 1);
    if (map->kind != CBOR_MAP || map->len != 1 || alg == NULL || alg->kind != CBOR_NEGINT ||
        alg->num != 34)
        return refuse(d, map->offset, "the protected header must be {1: -35}, which is ES384");
    return true;
}

static bool read_part(struct decoder *d, struct cbor_node *n, const char *what,
                      struct token_part *out)
{
    struct cbor_node *item = open_bytes(d, n, what), *array;

    if (item == NULL)
        return false;
    if (item->kind != CBOR_TAG || item->num != 18)
        return refuse(d, item->offset, "%s must be a COSE_Sign1 (tag 18)", what);
    array = &item->child[0];
    if (array->kind != CBOR_ARRAY || array->len != 4)
        return refuse(d, array->offset, "a COSE_Sign1 must be an array of 4");
    if (!check_protected(d, &array->child[0]))
        return false;
    if (array->child[1].kind != CBOR_MAP || array->child[1].len != 0)
        return refuse(d, array->child[1].offset, "the unprotected header must be an empty map");
    out->sign1 = item;
    out->payload = open_bytes(d, &array->child[2], "the payload");
    if (out->payload == NULL)
        return false;
    if (out->payload->kind != CBOR_MAP)
        return refuse(d, out->payload->offset, "the claims must be a map");
    out->signed_bytes = array->child[2].bytes;
    out->signed_len = array->child[2].len;
    if (array->child[3].kind != CBOR_BYTES || array->child[3].len != 2 * NUMBER_SIZE)
        return refuse(d, array->child[3].offset, "the signature must be a byte string of %u",
                      2 * NUMBER_SIZE);
    out->signature = array->child[3].bytes;
    return true;
}

struct claim_rule {
    int64_t key;
    enum cbor_kind kind;
    size_t size[3]; /* lengths that are allowed; none: any */
    bool optional;
};

static bool check_claims(struct decoder *d, const struct cbor_node *map,
                         const struct token_claim_name *names, const struct claim_rule *rule,
                         size_t num)
{
    for (size_t i = 0; i < num; i++) {
        const struct claim_rule *r = &rule[i];
        const struct cbor_node *n = cbor_find(map, r->key);

        if (n == NULL && r->optional)
            continue;
        if (n == NULL)
            return refuse(d, map->offset, "claim %d (%s) is missing", (int)r->key,
                          token_claim_name(names, r->key));
        if (n->kind != r->kind ||
            (r->size[0] && n->len != r->size[0] && n->len != r->size[1] && n->len != r->size[2]))
            return refuse(d, n->offset, "claim %d (%s) has the wrong type or length", (int)r->key,
                          token_claim_name(names, r->key));
    }
    return true;
}

static bool check_platform_claims(struct decoder *d, const struct cbor_node *map)
{
    static const struct claim_rule rules[] = {
        {265, CBOR_TEXT, {0}, false},    {10, CBOR_BYTES, {32, 48, 64}, false},
        {2396, CBOR_BYTES, {32}, false}, {256, CBOR_BYTES, {33}, false},
        {2401, CBOR_BYTES, {0}, false},  {2395, CBOR_UINT, {0}, false},
        {2399, CBOR_ARRAY, {0}, false},  {2400, CBOR_TEXT, {0}, true},
        {2402, CBOR_TEXT, {0}, false},
    };

    return check_claims(d, map, token_platform_claims, rules, sizeof(rules) / sizeof(rules[0]));
}

static bool check_realm_claims(struct decoder *d, const struct cbor_node *map)
{
    static const struct claim_rule rules[] = {
        {10, CBOR_BYTES, {64}, false},    {265, CBOR_TEXT, {0}, true},
        {44235, CBOR_BYTES, {64}, false}, {44236, CBOR_TEXT, {0}, false},
        {44237, CBOR_BYTES, {0}, false},  {44238, CBOR_BYTES, {32, 48, 64}, false},
        {44239, CBOR_ARRAY, {4}, false},  {44240, CBOR_TEXT, {0}, false},
    };
    const struct cbor_node *rim, *rems;

    if (!check_claims(d, map, token_realm_claims, rules, sizeof(rules) / sizeof(rules[0])))
        return false;
    rim = cbor_find(map, 44238);
    rems = cbor_find(map, 44239);
    for (size_t i = 0; i < rems->len; i++)
        if (rems->child[i].kind != CBOR_BYTES || rems->child[i].len != rim->len)
            return refuse(d, rems->child[i].offset, "a measurement must be a byte string of %zu",
                          rim->len);
    return true;
}

/* --- keys and signatures --- */

static void import_number(mpz_t z, const uint8_t *be)
{
    mpz_init(z);
    mpz_import(z, NUMBER_SIZE, 1, 1, 1, 0, be);
}

/* RFC 9052 4.4. `x` and `y` may be no point at all. */
static bool verify(const struct token_part *p, const uint8_t *x, const uint8_t *y)
{
    /* [ "Signature1", << {1: -35} >>, h'', payload ]: the head of the payload is as in the token. */
    static const uint8_t head[] = "\x84\x6aSignature1\x44\xa1\x01\x38\x22\x40";
    const struct cbor_node *payload = &p->sign1->child[0].child[2];
    const uint8_t *payload_start =
        p->signed_bytes - (payload->end - payload->offset - payload->len);
    uint8_t digest[SHA384_DIGEST_SIZE];
    struct dsa_signature s;
    struct ecc_point point;
    struct sha384_ctx h;
    mpz_t zx, zy;
    bool good;

    sha384_init(&h);
    sha384_update(&h, sizeof(head) - 1, head);
    sha384_update(&h, payload->end - payload->offset, payload_start);
    sha384_digest(&h, sizeof(digest), digest);
    import_number(s.r, p->signature);
    import_number(s.s, p->signature + NUMBER_SIZE);
    import_number(zx, x);
    import_number(zy, y);
    ecc_point_init(&point, nettle_get_secp_384r1());
    good = ecc_point_set(&point, zx, zy) && ecdsa_verify(&point, sizeof(digest), digest, &s);
    ecc_point_clear(&point);
    mpz_clear(zx);
    mpz_clear(zy);
    mpz_clear(s.r);
    mpz_clear(s.s);
    return good;
}

static bool is_number(const struct cbor_node *n)
{
    return n && n->kind == CBOR_BYTES && n->len == NUMBER_SIZE;
}

/* RFC 9053 7.1.1: an EC2 key on P-384. */
static bool check_realm_key(struct decoder *d, struct token *t)
{
    /* The tree is ours to open: cbor_find() gives a node of it. */
    struct cbor_node *n = (struct cbor_node *)(uintptr_t)cbor_find(t->realm.payload, 44237);
    const struct cbor_node *key = open_bytes(d, n, "the public key"), *x, *y;

    if (key == NULL)
        return false;
    x = cbor_find(key, -2);
    y = cbor_find(key, -3);
    if (!is_uint(cbor_find(key, 1), 2) || !is_uint(cbor_find(key, -1), 2) || !is_number(x) ||
        !is_number(y))
        return refuse(d, key->offset, "the public key must be a COSE_Key of type EC2 on P-384");
    t->rak = n->bytes;
    t->rak_len = n->len;
    t->realm.signature_good = verify(&t->realm, x->bytes, y->bytes);
    return true;
}

/* The platform's challenge is the hash of the encoded key (A7.2.3.2.2). */
static bool is_bound(const struct token *t)
{
    const struct cbor_node *algo = cbor_find(t->realm.payload, 44240),
                           *challenge = cbor_find(t->platform.payload, 10);
    uint8_t digest[SHA512_DIGEST_SIZE];
    struct sha256_ctx h256;
    struct sha512_ctx h512;

    if (algo->len == 7 && memcmp(algo->bytes, "sha-256", 7) == 0) {
        sha256_init(&h256);
        sha256_update(&h256, t->rak_len, t->rak);
        sha256_digest(&h256, SHA256_DIGEST_SIZE, digest);
        return challenge->len == SHA256_DIGEST_SIZE &&
               memcmp(challenge->bytes, digest, SHA256_DIGEST_SIZE) == 0;
    }
    if (algo->len == 7 && memcmp(algo->bytes, "sha-512", 7) == 0) {
        sha512_init(&h512);
        sha512_update(&h512, t->rak_len, t->rak);
        sha512_digest(&h512, SHA512_DIGEST_SIZE, digest);
        return challenge->len == SHA512_DIGEST_SIZE &&
               memcmp(challenge->bytes, digest, SHA512_DIGEST_SIZE) == 0;
    }
    return false;
}

bool token_decode(struct arena *a, const uint8_t *data, size_t len, const uint8_t *platform_x,
                  const uint8_t *platform_y, struct token *out, struct token_error *err)
{
    struct decoder d = {.arena = a, .data = data, .err = err};
    struct cbor_node *map;

    memset(out, 0, sizeof(*out));
    out->root = cbor_decode(a, data, 0, len, err);
    if (out->root == NULL)
        return false;
    if (out->root->kind != CBOR_TAG || out->root->num != 399)
        return refuse(&d, 0, "a CCA token must have tag 399");
    map = &out->root->child[0];
    if (map->kind != CBOR_MAP || map->len != 2 || !is_uint(&map->child[0], 44234) ||
        !is_uint(&map->child[2], 44241))
        return refuse(
            &d, map->offset,
            "a CCA token must be a map of 44234 (platform token) and 44241 (Realm token)");
    if (!read_part(&d, &map->child[1], "the platform token", &out->platform) ||
        !read_part(&d, &map->child[3], "the Realm token", &out->realm) ||
        !check_platform_claims(&d, out->platform.payload) ||
        !check_realm_claims(&d, out->realm.payload) || !check_realm_key(&d, out))
        return false;
    out->platform.signature_good = verify(&out->platform, platform_x, platform_y);
    out->bound = is_bound(out);
    return true;
}

bool token_is_good(const struct token *t)
{
    return t->platform.signature_good && t->realm.signature_good && t->bound;
}
