/* SPDX-License-Identifier: BSD-3-Clause */
/* Measurements, held against whole structures hashed here in one piece. */
#include "rmm_world.h"

#include <nettle/sha2.h>

static void hash(enum hash_algo algo, const void *data, size_t len, uint8_t out[64])
{
    struct sha256_ctx c256;
    struct sha512_ctx c512;

    memset(out, 0, 64);
    if (algo == HASH_SHA_512) {
        sha512_init(&c512);
        sha512_update(&c512, len, data);
        sha512_digest(&c512, 64, out);
    } else {
        sha256_init(&c256);
        sha256_update(&c256, len, data);
        sha256_digest(&c256, 32, out);
    }
}

static void measurement(struct rmm_world *w, unsigned slot, uint8_t out[64])
{
    struct rmm_rd_view v;
    uint64_t scratch[512];

    rmm_view_rd(w->m, RD, scratch, &v);
    memcpy(out, v.measurement + 64 * slot, 64);
}
static void expect_rim(struct rmm_world *w, const uint8_t rim[64])
{
    uint8_t is[64];

    measurement(w, 0, is);
    assert_memory_equal(is, rim, 64);
}

static void extend(enum hash_algo algo, uint8_t rim[64], uint8_t type, uint64_t arg0, uint64_t arg1,
                   const uint8_t *content, unsigned offset)
{
    uint8_t desc[256] = {type};
    uint64_t len = sizeof(desc);

    memcpy(desc + 0x08, &len, 8);
    memcpy(desc + 0x10, rim, 64);
    memcpy(desc + 0x50, &arg0, 8);
    memcpy(desc + 0x58, &arg1, 8);
    if (content)
        memcpy(desc + offset, content, 64);
    hash(algo, desc, sizeof(desc), rim);
}

static void initial_rim(struct rmm_world *w, enum hash_algo algo, uint8_t rim[64])
{
    static const uint16_t measured[][2] = {{0x00, 8}, {0x08, 1}, {0x10, 1}, {0x18, 1},
                                           {0x20, 1}, {0x28, 1}, {0x30, 1}};
    uint8_t given[GRANULE_SIZE], page[GRANULE_SIZE] = {0};

    mem_read(w->m, PARAMS, given, sizeof(given));
    for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
        memcpy(page + measured[i][0], given + measured[i][0], measured[i][1]);
    hash(algo, page, sizeof(page), rim);
}

static void rec_content(struct rmm_world *w, enum hash_algo algo, uint8_t out[64])
{
    uint8_t given[GRANULE_SIZE], page[GRANULE_SIZE] = {0};

    mem_read(w->m, PARAMS, given, sizeof(given));
    memcpy(page, given, 8);
    memcpy(page + 0x200, given + 0x200, 8);
    memcpy(page + 0x300, given + 0x300, 64);
    hash(algo, page, sizeof(page), out);
}

static void rim_with(struct rmm_world *w, enum hash_algo algo)
{
    uint8_t rim[64], content[64], page[GRANULE_SIZE];

    for (unsigned i = 16; i < 64; i++)
        RMI_OK(w, RMI_GRANULE_DELEGATE, G(i));
    realm_params(w);
    host_write64(w, PARAMS + REALM_PARAMS_HASH_ALGO, algo);
    host_write64(w, PARAMS + REALM_PARAMS_SVE_VL, 0x0103); /* without SVE: measured, one byte */
    RMI_OK(w, RMI_REALM_CREATE, RD, PARAMS);
    initial_rim(w, algo, rim);
    expect_rim(w, rim);
    tables_create(w);
    expect_rim(w, rim);

    RMI_OK(w, RMI_RTT_INIT_RIPAS, RD, 0x1000, 0x3000);
    extend(algo, rim, 2, 0x1000, 0x2000, NULL, 0);
    extend(algo, rim, 2, 0x2000, 0x3000, NULL, 0);
    expect_rim(w, rim);

    host_fill(w, SRC, 0x5a);
    memset(page, 0x5a, sizeof(page));
    hash(algo, page, sizeof(page), content);
    RMI_OK(w, RMI_DATA_CREATE, RD, DATA0, 0x3000, SRC, 1);
    extend(algo, rim, 0, 0x3000, 1, content, 0x60);
    RMI_OK(w, RMI_DATA_CREATE, RD, DATA1, 0x4000, SRC, 0);
    extend(algo, rim, 0, 0x4000, 0, NULL, 0);
    RMI_OK(w, RMI_DATA_CREATE_UNKNOWN, RD, G(42), 0x5000);
    expect_rim(w, rim);

    rec_params(w, 0);
    RMI_OK(w, RMI_REC_CREATE, RD, REC, PARAMS);
    rec_content(w, algo, content);
    extend(algo, rim, 1, 0, 0, content, 0x50);
    rec_params(w, 1);
    host_write64(w, PARAMS + REC_PARAMS_FLAGS, 0); /* not runnable: not measured */
    host_write64(w, PARAMS + REC_PARAMS_AUX, G(51));
    RMI_OK(w, RMI_REC_CREATE, RD, G(50), PARAMS);
    expect_rim(w, rim);
    RMI_OK(w, RMI_REALM_ACTIVATE, RD);
    RMI_OK(w, RMI_DATA_DESTROY, RD, 0x3000);
    expect_rim(w, rim);
}

static void test_rim_sha256(void **state)
{
    rim_with(*state, HASH_SHA_256);
}
static void test_rim_sha512(void **state)
{
    rim_with(*state, HASH_SHA_512);
}

static void act_extend(struct pe_regs *r)
{
    r->x[0] = RSI_MEASUREMENT_EXTEND;
    r->x[1] = 2;
    r->x[2] = 12;
    for (unsigned i = 0; i < 8; i++)
        r->x[3 + i] = 0x1111111111111111ull * (i + 1);
}
static void act_extend_rim(struct pe_regs *r)
{
    act_extend(r);
    r->x[1] = 0;
}
static void act_extend_long(struct pe_regs *r)
{
    act_extend(r);
    r->x[2] = 65;
}
static void act_read(struct pe_regs *r)
{
    r->x[0] = RSI_MEASUREMENT_READ;
    r->x[1] = 2;
    r->x[10] = 10;
}
static void act_read_bad(struct pe_regs *r)
{
    r->x[0] = RSI_MEASUREMENT_READ;
    r->x[1] = 5;
}

static void test_rem(void **state)
{
    static void (*const acts[])(struct pe_regs *) = {act_extend_rim, act_extend_long, act_extend,
                                                     act_read, act_read_bad};
    struct rmm_world *w = *state;
    uint8_t input[32 + 12] = {0}, rem[64], is[64];

    realm_activate(w);
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        world_exit(w, VEC_SYNC, ESR_EC(EC_SMC64), 0, 0, acts[i]);
    enter(w, EXIT_IRQ);
    memset(input + 32, 0x11, 8);
    memset(input + 40, 0x22, 4);
    hash(HASH_SHA_256, input, sizeof(input), rem);
    measurement(w, 2, is);
    assert_memory_equal(is, rem, 64);
    assert_int_equal(w->seen[1].x[0], RSI_ERROR_INPUT);
    assert_int_equal(w->seen[2].x[0], RSI_ERROR_INPUT);
    assert_int_equal(w->seen[3].x[0], RSI_SUCCESS);
    assert_int_equal(w->seen[4].x[0], RSI_SUCCESS);
    assert_memory_equal(&w->seen[4].x[1], rem, 64);
    assert_int_equal(w->seen[4].x[10], 0);
    assert_int_equal(w->seen[5].x[0], RSI_ERROR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_rim_sha256),
        WORLD_TEST(test_rim_sha512),
        WORLD_TEST(test_rem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
