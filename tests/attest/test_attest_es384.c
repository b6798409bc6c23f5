/* SPDX-License-Identifier: BSD-3-Clause */
/* ES384 as the tokens use it: RFC 6979's vectors for P-384 with SHA-384 (A.2.6), and keys from a seed. */
#include "cose/cose.h"

#include <nettle/sha2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void from_hex(const char *hex, uint8_t *out, size_t len)
{
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static const char key_hex[] = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA"
                              "9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5";

static void test_public_key(void **state)
{
    uint8_t key[48], x[48], y[48], want[48];

    (void)state;
    from_hex(key_hex, key, sizeof(key));
    es384_public(key, x, y);
    from_hex("EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E"
             "06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
             want, sizeof(want));
    assert_memory_equal(x, want, sizeof(want));
    from_hex("8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9"
             "F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
             want, sizeof(want));
    assert_memory_equal(y, want, sizeof(want));
}

static void test_signature(void **state)
{
    static const struct {
        const char *message, *r, *s;
    } rows[] = {
        {"sample",
         "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E8"
         "0FABE46",
         "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A3"
         "8628AC8"},
        {"test",
         "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3"
         "CF023DB",
         "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B82824"
         "6BAA5A5"},
    };
    uint8_t key[48], digest[SHA384_DIGEST_SIZE], signature[96], want[96];

    (void)state;
    from_hex(key_hex, key, sizeof(key));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sha384_ctx h;

        sha384_init(&h);
        sha384_update(&h, strlen(rows[i].message), (const uint8_t *)rows[i].message);
        sha384_digest(&h, sizeof(digest), digest);
        es384_sign(key, digest, signature);
        from_hex(rows[i].r, want, 48);
        from_hex(rows[i].s, want + 48, 48);
        assert_memory_equal(signature, want, sizeof(want));
    }
}

static void test_derived_keys(void **state)
{
    uint8_t a[48], b[48];

    (void)state;
    es384_derive("one", 5, a);
    es384_derive("one", 5, b);
    assert_memory_equal(a, b, sizeof(a));
    es384_derive("one", 6, b);
    assert_memory_not_equal(a, b, sizeof(a));
    es384_derive("two", 5, b);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* What does not fit is not written, and said. */
static void test_no_room(void **state)
{
    uint8_t buf[8];
    struct cbor_out o = {.p = buf, .size = 4};

    (void)state;
    memset(buf, 0xaa, sizeof(buf));
    out_bytes(&o, "abc", 3);
    assert_false(o.full);
    assert_int_equal(o.len, 4);
    out_uint(&o, 1);
    assert_true(o.full);
    assert_int_equal(buf[4], 0xaa);
    o = (struct cbor_out){.p = buf, .size = 4};
    out_text(&o, "abcd");
    assert_true(o.full);
    assert_int_equal(buf[4], 0xaa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_key),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_derived_keys),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
