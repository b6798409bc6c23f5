/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RIM and REM against values computed by hand, that is by Python's hashlib from the byte layouts of
 * A7.1, B4.3.9.4 and C1.11 to C1.13:
 *
 *     H = sha256 or sha512; slot(d) = d zero-padded to 64 bytes
 *     RIM0 = H(RmiRealmParams, 4096 bytes, zero but s2sz = 40, num_bps = 5, num_wps = 3, hash_algo)
 *     RIM  = H(descriptor, 256 bytes: type, len = 256, slot(RIM), then from 0x50 the arguments)
 *       DATA   ipa, flags, slot(H(page)) or zero;   page[i] = (7 * i + 3) & 0xff
 *       REC    slot(H(RmiRecParams, zero but flags 1, pc 0x1000, gprs[0] 0x11, gprs[7] 0x77))
 *       RIPAS  base, top; one a page for 0x5000, 0x6000, 0x7000
 *     REM  = H(old, as wide as the hash, followed by `size` bytes of the value 1, 2, 3 ...)
 */
#include "spec_run.h"

#define RD G(N_RD)
enum { CREATED, MEASURED, UNMEASURED, REC, RIPAS, REM_64, REM_5, NUM_VALUES };

static const char *const expected[2][NUM_VALUES] = {
    {
        /* REALM_CREATE */
        "f33498f22eed8d51fb28b95769b27275a8c69a469e26b0050f1e809c4e0146b4",
        /* DATA_CREATE measured */
        "6b0c936757165dda0e6653f9edf119f67079024584d33a509f7f2ddff4d43134",
        /* DATA_CREATE unmeasured */
        "c4bdb9c153b28e69a58ca2b4c4c15dbae328a4fdcd34b27999bf8e472e49c27a",
        /* REC_CREATE */
        "6bb2bdb47776ba3022bb1a04668145f1312d2f84a15482af274bb44679545781",
        /* RTT_INIT_RIPAS of three pages */
        "d95027f5dfbf0bae97f052d83a142dc7a5f95ed9b26b70000e8e6fe25246e056",
        /* REM extended by 64 bytes */
        "43b82455ef0991fa22379b3281e53b7f44d1169868c7b7c420283f6d8e6efde2",
        /* REM extended by 5 bytes more */
        "70ad26768c3d7d90066fe5c32db7fa3999c535608878dcac995f31d61491e7e6",
    },
    {
        /* REALM_CREATE */
        "1cda1fc639e5604da537f04e7f2d6f8e18894c86f4b64f3397783b090053ba0d"
        "81dd585810b5aad1e5c2ac5c65fa0c8ad8b125031ae2d3a987f0d84dd775c4c6",
        /* DATA_CREATE measured */
        "89230784071676fc8ed1098b74fff9b6fc90e1886e62b37849aa2da79c9e5eff"
        "1db12af050e38fabd32cdc16fb6bc4d9e5e1e611c5a4e06df7f7dcc8b52c83ba",
        /* DATA_CREATE unmeasured */
        "9ca8ac3c4e371168c3d3db3ede29ff0fb9d897713974ec20a977c4bc9e84349d"
        "b77706b4da3910cd9a6d5f19f1d5751043240cccf6d59f948052ac4b7dc5fd0c",
        /* REC_CREATE */
        "a3655e815a84f69ae2fe5550ff83b115fc572f9d2e913c6eaa5ff9ccc4d6055e"
        "a8ea42a99da03a6cb63ed8f92cd2f6213747a4bcb5bb245ec0218c61d30a32d0",
        /* RTT_INIT_RIPAS of three pages */
        "8246a0978a0a496e9daa36b7a6fdfb0232d9660dee1b35c34df36c0c8085c229"
        "c1a14c9537e71d6a7696a43fa5e40f04f681d0a5a8b492964ae05723e6b884c2",
        /* REM extended by 64 bytes */
        "fd5670740308d3dfe0b3b849742cfd5f771bc5363b4bf74c84db3a241784bcd3"
        "a6ae2a84b6dc2ee51f5ab98727110292e7d8bb1cc1fe63ff849c5b1cdadeda2b",
        /* REM extended by 5 bytes more */
        "7381cfa2bee54be8c47094cc77f7245942d3e4b8abe5fdc923d7a21abedd83dc"
        "5a54934efe652b9df261751ab7169bb3bb1e36cc9702d23f8e426714e9afbe2f",
    },
};

static void check(struct spec_world *w, unsigned slot, enum hash_algo algo, unsigned value)
{
    const struct spec_realm *r = spec_realm(w->s, RD);
    char text[2 * MEASUREMENT_SIZE + 1];

    for (unsigned i = 0; i < MEASUREMENT_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", r->measurement[slot][i]);
    if (algo == HASH_SHA_256) {
        for (unsigned i = 32; i < MEASUREMENT_SIZE; i++)
            assert_int_equal(r->measurement[slot][i], 0);
        text[64] = '\0';
    }
    assert_string_equal(text, expected[algo][value]);
}

static void build(struct spec_world *w, enum hash_algo algo)
{
    put(w, G(N_PARAMS) + REALM_PARAMS_HASH_ALGO, 1, algo);
    put(w, G(N_PARAMS) + REALM_PARAMS_RPV, 8, 0x5a5a); /* not measured */
    OK(w, CALL(RMI_REALM_CREATE, RD, G(N_PARAMS)), RMI_SUCCESS);
    check(w, 0, algo, CREATED);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_RTT2), 0, 2), RMI_SUCCESS);
    OK(w, CALL(RMI_RTT_CREATE, RD, G(N_RTT3), 0, 3), RMI_SUCCESS);
    for (unsigned i = 0; i < 4096; i++)
        at(w, G(N_SRC))[i] = (uint8_t)(7 * i + 3);
    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA), 0x3000, G(N_SRC), 1), RMI_SUCCESS);
    check(w, 0, algo, MEASURED);
    assert_int_equal(w->v.num_writes, 1);
    assert_true(w->v.writes[0].realm && w->v.writes[0].pa == G(N_DATA));
    assert_memory_equal(w->v.writes[0].bytes, at(w, G(N_SRC)), 4096);
    OK(w, CALL(RMI_DATA_CREATE, RD, G(N_DATA + 1), 0x4000, G(N_SRC), 0), RMI_SUCCESS);
    check(w, 0, algo, UNMEASURED);
    put(w, G(N_REC_PARAMS) + REC_PARAMS_GPRS + 56, 8, 0x77);
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    check(w, 0, algo, REC);
    OK(w, CALL(RMI_RTT_INIT_RIPAS, RD, 0x5000, 0x8000), RMI_SUCCESS, 0x8000);
    check(w, 0, algo, RIPAS);
}

/* x3..x10 hold the bytes 1, 2, 3 ... 64. */
static void extend(struct run *r, unsigned index, unsigned size)
{
    uint8_t bytes[64];
    uint64_t x[ABI_MAX_REGS] = {RSI_MEASUREMENT_EXTEND, index, size};

    for (unsigned i = 0; i < 64; i++)
        bytes[i] = (uint8_t)(i + 1);
    memcpy(x + 3, bytes, sizeof(bytes));
    run_smc(r, x);
    run_result(r, CALL(RSI_SUCCESS));
}

static void run_algorithm(enum hash_algo algo)
{
    struct run r = {.w = world_bare()};
    uint64_t x[ABI_MAX_REGS] = {0};

    build(r.w, algo);
    OK(r.w, CALL(RMI_REALM_ACTIVATE, RD), RMI_SUCCESS);
    check(r.w, 0, algo, RIPAS);
    r.regs = spec_rec(r.w->s, G(N_REC))->regs;
    run_begin(&r);
    run_resume(&r);
    extend(&r, 4, 64);
    check(r.w, 4, algo, REM_64);
    extend(&r, 4, 5);
    check(r.w, 4, algo, REM_5);
    check(r.w, 0, algo, RIPAS);
    run_smc(&r, CALL(RSI_MEASUREMENT_READ, 4));
    memcpy(x + 1, spec_realm(r.w->s, RD)->measurement[4], MEASUREMENT_SIZE);
    run_result(&r, x);
    run_free(&r);
}

static void test_sha_256(void **state)
{
    (void)state;
    run_algorithm(HASH_SHA_256);
}

static void test_sha_512(void **state)
{
    (void)state;
    run_algorithm(HASH_SHA_512);
}

/* A REC that is not runnable is not measured. */
static void test_not_runnable_is_not_measured(void **state)
{
    struct spec_world *w = world_realm();
    uint8_t before[MEASUREMENT_SIZE];

    (void)state;
    memcpy(before, spec_realm(w->s, RD)->measurement[0], sizeof(before));
    put(w, G(N_REC_PARAMS) + REC_PARAMS_FLAGS, 8, 0);
    OK(w, CALL(RMI_REC_CREATE, RD, G(N_REC), G(N_REC_PARAMS)), RMI_SUCCESS);
    assert_memory_equal(before, spec_realm(w->s, RD)->measurement[0], sizeof(before));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha_256),
        cmocka_unit_test(test_sha_512),
        cmocka_unit_test(test_not_runnable_is_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
