/* SPDX-License-Identifier: BSD-3-Clause */
/* Attestation tokens, by the specification alone: which it takes, and how a Realm gets one. */
#include <cose/cose.h>

#include <nettle/sha2.h>

#include "spec_run.h"

/* --- a token, made with any claim left out, or wrong --- */

enum claim {
    NONE,
    CHALLENGE,
    RPV,
    HASH_ALGO,
    KEY,
    RIM,
    REMS,
    KEY_HASH,
    PROFILE,
    P_PROFILE,
    P_CHALLENGE,
    P_IMPLEMENTATION,
    P_INSTANCE,
    P_CONFIG,
    P_LIFECYCLE,
    P_COMPONENTS,
    P_HASH_ALGO,
    LAST_CLAIM = P_HASH_ALGO,
};
enum fault { RIGHT, MISSING, WRONG, TWICE };

struct maker {
    enum claim claim;
    enum fault fault;
    uint8_t key[COSE_KEY_SIZE];
};

/* How often a claim comes, and whether its value is spoilt. */
static unsigned times(const struct maker *m, enum claim c)
{
    return m->claim != c ? 1 : m->fault == MISSING ? 0 : m->fault == TWICE ? 2 : 1;
}

static bool spoil(const struct maker *m, enum claim c)
{
    return m->claim == c && m->fault == WRONG;
}

static void put_bytes(struct cbor_out *o, const struct maker *m, enum claim c, int64_t label,
                      const uint8_t *bytes, size_t len)
{
    uint8_t copy[128];

    memcpy(copy, bytes, len);
    copy[0] ^= spoil(m, c);
    for (unsigned i = times(m, c); i; i--)
        out_claim_bytes(o, label, copy, len);
}

static void put_text(struct cbor_out *o, const struct maker *m, enum claim c, int64_t label,
                     const char *text)
{
    for (unsigned i = times(m, c); i; i--)
        out_claim_text(o, label, spoil(m, c) ? "wrong" : text);
}

static size_t platform_payload(const struct maker *m, uint8_t *p, size_t size)
{
    static const uint8_t fill[33] = {1};
    struct cbor_out o = {.p = p, .size = size};
    struct sha256_ctx h;
    uint8_t hash[32];

    sha256_init(&h);
    sha256_update(&h, sizeof(m->key), m->key);
    sha256_digest(&h, sizeof(hash), hash);
    out_map(&o, 7u + times(m, m->claim >= P_PROFILE ? m->claim : NONE));
    put_text(&o, m, P_PROFILE, 265, "tag:arm.com,2023:cca_platform#1.0.0");
    put_bytes(&o, m, P_CHALLENGE, 10, hash, sizeof(hash));
    for (unsigned i = times(m, P_IMPLEMENTATION); i; i--)
        out_claim_bytes(&o, 2396, fill, spoil(m, P_IMPLEMENTATION) ? 31 : 32);
    put_bytes(&o, m, P_INSTANCE, 256, fill, 33);
    for (unsigned i = times(m, P_CONFIG); i; i--) {
        if (spoil(m, P_CONFIG))
            out_claim_text(&o, 2401, "");
        else
            out_claim_bytes(&o, 2401, fill, 0);
    }
    for (unsigned i = times(m, P_LIFECYCLE); i; i--) {
        out_uint(&o, 2395);
        out_uint(&o, spoil(m, P_LIFECYCLE) ? 0x3100 : 0x30ff);
    }
    for (unsigned i = times(m, P_COMPONENTS); i; i--) {
        out_uint(&o, 2399);
        out_array(&o, 1);
        out_map(&o, 3);
        out_claim_text(&o, 1, "a part");
        out_claim_bytes(&o, 2, fill, spoil(m, P_COMPONENTS) ? 31 : 32);
        out_claim_bytes(&o, 5, fill, 32);
    }
    for (unsigned i = times(m, P_HASH_ALGO); i; i--) {
        if (spoil(m, P_HASH_ALGO))
            out_claim_bytes(&o, 2402, fill, 1);
        else
            out_claim_text(&o, 2402, "sha-256");
    }
    return o.len;
}

static size_t realm_payload(const struct maker *m, const struct spec_realm *realm,
                            const uint8_t challenge[64], uint8_t *p, size_t size)
{
    struct cbor_out o = {.p = p, .size = size};

    out_map(&o, 7u + times(m, m->claim < P_PROFILE ? m->claim : NONE));
    put_bytes(&o, m, CHALLENGE, 10, challenge, 64);
    put_bytes(&o, m, RPV, 44235, realm->rpv, 64);
    put_bytes(&o, m, KEY, 44237, m->key, sizeof(m->key));
    put_text(&o, m, HASH_ALGO, 44236, "sha-256");
    put_text(&o, m, KEY_HASH, 44240, "sha-256");
    put_text(&o, m, PROFILE, 265, "tag:arm.com,2023:realm#1.0.0");
    put_bytes(&o, m, RIM, 44238, realm->measurement[0], 32);
    for (unsigned i = times(m, REMS); i; i--) {
        uint8_t rem[32];

        memcpy(rem, realm->measurement[4], sizeof(rem));
        rem[31] ^= spoil(m, REMS);
        out_uint(&o, 44239);
        out_array(&o, 4);
        for (unsigned k = 1; k < 4; k++)
            out_bytes(&o, realm->measurement[k], 32);
        out_bytes(&o, rem, sizeof(rem));
    }
    return o.len;
}

static void sign1(struct cbor_out *o, const uint8_t scalar[ES384_SCALAR_SIZE],
                  const uint8_t *payload, size_t len)
{
    uint8_t digest[ES384_DIGEST_SIZE], signature[ES384_SIGNATURE_SIZE], part[1024];
    struct cbor_out inner = {.p = part, .size = sizeof(part)};

    cose_sign1_digest(payload, len, digest);
    es384_sign(scalar, digest, signature);
    cose_sign1(&inner, payload, len, signature);
    assert_false(inner.full);
    out_bytes(o, part, inner.len);
}

static size_t make_token(enum claim claim, enum fault fault, const struct spec_realm *realm,
                         const uint8_t challenge[64], uint8_t *p, size_t size)
{
    struct maker m = {.claim = claim, .fault = fault};
    struct cbor_out o = {.p = p, .size = size};
    uint8_t rak[ES384_SCALAR_SIZE], iak[ES384_SCALAR_SIZE], payload[1024];

    es384_derive("test RAK", 1, rak);
    es384_derive("test IAK", 1, iak);
    cose_key(rak, m.key);
    out_tag(&o, 399);
    out_map(&o, 2);
    out_uint(&o, 44234);
    sign1(&o, iak, payload, platform_payload(&m, payload, sizeof(payload)));
    out_uint(&o, 44241);
    sign1(&o, rak, payload, realm_payload(&m, realm, challenge, payload, sizeof(payload)));
    assert_false(o.full);
    return o.len;
}

/* --- a Realm that gets one --- */

static const uint64_t init_call[ABI_MAX_REGS] = {
    RSI_ATTESTATION_TOKEN_INIT, 11, 22, 33, 44, 55, 66, 77, 88};

static struct run run_init(uint64_t bound)
{
    struct run r = run_new();

    run_begin(&r);
    run_resume(&r);
    run_smc(&r, init_call);
    run_result(&r, CALL(RSI_SUCCESS, bound));
    assert_true(spec_rec(r.w->s, G(N_REC))->attest_in_progress);
    return r;
}

/* Part of a token comes to the page, at `offset` of it. False: the specification objects. */
static bool piece(struct run *r, const uint8_t *bytes, uint64_t offset, uint64_t size, uint64_t x0,
                  uint64_t len)
{
    run_smc(r, CALL(RSI_ATTESTATION_TOKEN_CONTINUE, IPA_DATA, offset, size));
    memcpy(at(r->w, G(N_DATA) + offset), bytes, len);
    memset(r->regs.x, 0, ABI_MAX_REGS * sizeof(uint64_t));
    r->regs.x[0] = x0;
    r->regs.x[1] = len;
    r->regs.pc += 4;
    spec_realm_resume(r->w->s, &r->w->env, G(N_REC), &r->regs, NULL, &r->w->v);
    return r->w->v.ok;
}

static bool is_taken(enum claim claim, enum fault fault, unsigned broken)
{
    struct run r = run_init(4096);
    const struct spec_rec *rec = spec_rec(r.w->s, G(N_REC));
    const struct spec_realm *realm = spec_realm(r.w->s, rec->rd);
    uint8_t token[4096];
    size_t len = make_token(claim, fault, realm, rec->challenge, token, sizeof(token));
    bool ok;

    token[broken % len] ^= broken != 0;
    ok = piece(&r, token, 0, 4096, RSI_SUCCESS, len);
    run_free(&r);
    return ok;
}

static void test_claims(void **state)
{
    (void)state;
    assert_true(is_taken(NONE, RIGHT, 0));
    for (enum claim c = CHALLENGE; c <= LAST_CLAIM; c++) {
        for (enum fault f = MISSING; f <= TWICE; f++) {
            /* A7.2.3.1.2: the profile may be left out. */
            if (is_taken(c, f, 0) != (c == PROFILE && f == MISSING))
                fail_msg("claim %u, fault %u", (unsigned)c, (unsigned)f);
        }
    }
}

/* Each byte of the Realm token counts, and each byte of CBOR's structure. */
static void test_every_byte(void **state)
{
    struct run r = run_init(4096);
    const struct spec_rec *rec = spec_rec(r.w->s, G(N_REC));
    uint8_t token[4096];
    size_t len =
        make_token(NONE, RIGHT, spec_realm(r.w->s, rec->rd), rec->challenge, token, sizeof(token));
    size_t realm_at = 0;

    (void)state;
    for (size_t i = 0; i + 3 < len && !realm_at; i++)
        realm_at = token[i] == 0x19 && token[i + 1] == 0xac && token[i + 2] == 0xd1 ? i : 0;
    assert_int_not_equal(realm_at, 0);
    run_free(&r);
    for (size_t i = realm_at; i < len; i++) {
        if (is_taken(NONE, RIGHT, (unsigned)i))
            fail_msg("byte %zu is not looked at", i);
    }
}

static void test_pieces(void **state)
{
    struct run r = run_init(4096);
    const struct spec_rec *rec = spec_rec(r.w->s, G(N_REC));
    uint8_t token[4096];
    size_t len =
        make_token(NONE, RIGHT, spec_realm(r.w->s, rec->rd), rec->challenge, token, sizeof(token));

    (void)state;
    assert_true(piece(&r, token, 16, 100, RSI_INCOMPLETE, 0));
    assert_string_equal(r.w->v.variant, "incomplete");
    assert_true(piece(&r, token, 16, 100, RSI_INCOMPLETE, 100));
    assert_true(piece(&r, token + 100, 0, 0, RSI_INCOMPLETE, 0));
    assert_true(piece(&r, token + 100, 0, 4096, RSI_SUCCESS, len - 100));
    assert_string_equal(r.w->v.variant, "complete");
    assert_false(spec_rec(r.w->s, G(N_REC))->attest_in_progress);
    /* Then there is no token any more. */
    run_smc(&r, CALL(RSI_ATTESTATION_TOKEN_CONTINUE, IPA_DATA, 0, 4096));
    run_result(&r, CALL(RSI_ERROR_STATE));
    run_free(&r);
}

static void test_pieces_out_of_order(void **state)
{
    struct run r = run_init(4096);
    const struct spec_rec *rec = spec_rec(r.w->s, G(N_REC));
    uint8_t token[4096];
    size_t len =
        make_token(NONE, RIGHT, spec_realm(r.w->s, rec->rd), rec->challenge, token, sizeof(token));

    (void)state;
    assert_true(piece(&r, token + 100, 0, 4096, RSI_INCOMPLETE, len - 100));
    assert_false(piece(&r, token, 0, 100, RSI_SUCCESS, 100));
    run_free(&r);
}

static void test_length(void **state)
{
    uint8_t bytes[200] = {0};
    struct run r = run_init(4096);

    (void)state;
    assert_false(piece(&r, bytes, 0, 100, RSI_INCOMPLETE, 101));
    run_free(&r);
    r = run_init(150);
    assert_true(piece(&r, bytes, 0, 100, RSI_INCOMPLETE, 100));
    assert_false(piece(&r, bytes, 0, 100, RSI_INCOMPLETE, 100)); /* more than x1 of INIT */
    run_free(&r);
}

/* A7.2.2: an interrupt; and a new INIT gives up what there was. */
static void test_interrupted_and_anew(void **state)
{
    struct run r = run_init(4096);
    uint8_t bytes[8] = {0};

    (void)state;
    run_smc(&r, CALL(RSI_ATTESTATION_TOKEN_CONTINUE, IPA_DATA, 0, 4096));
    run_end(&r);
    assert_true(spec_rec(r.w->s, G(N_REC))->attest_answer_pending);
    run_begin(&r);
    run_result(&r, CALL(RSI_INCOMPLETE));
    assert_string_equal(r.w->v.variant, "interrupted");
    assert_true(piece(&r, bytes, 0, 8, RSI_INCOMPLETE, 8));
    run_smc(&r, init_call);
    assert_string_equal(r.w->v.variant, "anew");
    run_result(&r, CALL(RSI_SUCCESS, 4096));
    run_free(&r);
    assert_true(is_taken(NONE, RIGHT, 0)); /* from its first byte on */
}

/* The interrupt may come before the RMM looks at the page, whatever that is like; without it the page decides. */
static void test_interrupted_before_page(void **state)
{
    static const struct {
        uint64_t ipa, exit, x0;
        bool again, ok; /* again: the SMC was not done */
    } rows[] = {
        {IPA_EMPTY, EXIT_IRQ, RSI_INCOMPLETE, false, true},
        {IPA_EMPTY, EXIT_IRQ, RSI_ERROR_INPUT, false, true},
        {IPA_EMPTY, EXIT_IRQ, RSI_SUCCESS, false, false},
        {IPA_RAM, EXIT_IRQ, RSI_INCOMPLETE, false, true},
        {IPA_RAM, EXIT_IRQ, RSI_SUCCESS, false, false},
        {IPA_RAM, EXIT_SYNC, RSI_ATTESTATION_TOKEN_CONTINUE, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_init(4096);
        const uint64_t *call = CALL(RSI_ATTESTATION_TOKEN_CONTINUE, rows[i].ipa, 0, 4096);

        run_smc(&r, call);
        put(r.w, G(N_RUN) + REC_EXIT_BASE, 8, rows[i].exit);
        run_end(&r);
        assert_int_equal(exit_field(&r, REC_EXIT_REASON, 8), rows[i].exit);
        put(r.w, G(N_RUN) + REC_EXIT_BASE, 8, 0);
        run_begin(&r);
        if (!rows[i].again) {
            memset(r.regs.x, 0, ABI_MAX_REGS * sizeof(r.regs.x[0]));
            r.regs.x[0] = rows[i].x0;
            r.regs.pc += 4;
        }
        spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
        assert_int_equal(r.w->v.ok, rows[i].ok);
        assert_true(spec_rec(r.w->s, G(N_REC))->attest_in_progress);
        run_free(&r);
    }
}

/* Two conditions with different statuses, which are not ordered: either is right. */
static void test_input_or_state(void **state)
{
    static const struct {
        uint64_t x0;
        bool ok;
        int decided;
    } rows[] = {{RSI_ERROR_INPUT, true, 0}, {RSI_ERROR_STATE, true, 5}, {RSI_SUCCESS, false, 0}};

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = run_new();

        run_begin(&r);
        run_resume(&r);
        run_smc(&r, CALL(RSI_ATTESTATION_TOKEN_CONTINUE, IPA_DATA + 8, 0, 0));
        assert_false(r.w->v.settled);
        memset(r.regs.x, 0, sizeof(r.regs.x));
        r.regs.x[0] = rows[i].x0;
        r.regs.pc += 4;
        spec_realm_resume(r.w->s, &r.w->env, G(N_REC), &r.regs, NULL, &r.w->v);
        assert_int_equal(r.w->v.ok, rows[i].ok);
        assert_int_equal(r.w->v.decided, rows[i].decided);
        assert_true(r.w->v.settled);
        run_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),         cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_pieces),         cmocka_unit_test(test_pieces_out_of_order),
        cmocka_unit_test(test_length),         cmocka_unit_test(test_interrupted_and_anew),
        cmocka_unit_test(test_input_or_state), cmocka_unit_test(test_interrupted_before_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
