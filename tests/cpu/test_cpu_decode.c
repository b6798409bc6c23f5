/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The decoder of loads and stores: address, size, direction, syndrome. Encodings were produced by GNU as. x0 = 0x1000,
 * x1 = 0x2000 ... but x2 = 0x80000000, x3 = 0x100, x4 = -0x100; SP = 0x7000, PC = 0x4000.
 */
#include <ccasim/realm_dev.h>

#include "cpu/insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What a row says of the access: L load, S store, X exclusive, U with the permissions of EL0. */
static const struct {
    uint32_t insn;
    const char *text;
    const char *what; /* NULL: no access */
    uint64_t addr;
    uint32_t size;
    uint64_t iss;
} row[] = {
    {0xb9000041, "str w1,[x2]", "S", 0x80000000, 4, 0x1810000},
    {0xf9000441, "str x1,[x2,#8]", "S", 0x80000008, 8, 0x1c18000},
    {0xb9400441, "ldr w1,[x2,#4]", "L", 0x80000004, 4, 0x1810000},
    {0xf9400441, "ldr x1,[x2,#8]", "L", 0x80000008, 8, 0x1c18000},
    {0x39000443, "strb w3,[x2,#1]", "S", 0x80000001, 1, 0x1030000},
    {0x79000443, "strh w3,[x2,#2]", "S", 0x80000002, 2, 0x1430000},
    {0x39400443, "ldrb w3,[x2,#1]", "L", 0x80000001, 1, 0x1030000},
    {0x79400443, "ldrh w3,[x2,#2]", "L", 0x80000002, 2, 0x1430000},
    {0x39c00443, "ldrsb w3,[x2,#1]", "L", 0x80000001, 1, 0x1230000},
    {0x39800443, "ldrsb x3,[x2,#1]", "L", 0x80000001, 1, 0x1238000},
    {0x79c00443, "ldrsh w3,[x2,#2]", "L", 0x80000002, 2, 0x1630000},
    {0x79800443, "ldrsh x3,[x2,#2]", "L", 0x80000002, 2, 0x1638000},
    {0xb9800443, "ldrsw x3,[x2,#4]", "L", 0x80000004, 4, 0x1a38000},
    {0xf900005f, "str xzr,[x2]", "S", 0x80000000, 8, 0x1df8000},
    {0xf9400bff, "ldr xzr,[sp,#16]", "L", 0x7010, 8, 0x1df8000},
    {0xf85f8041, "ldur x1,[x2,#-8]", "L", 0x7ffffff8, 8, 0x1c18000},
    {0xb81fc041, "stur w1,[x2,#-4]", "S", 0x7ffffffc, 4, 0x1810000},
    {0xb89fc041, "ldursw x1,[x2,#-4]", "L", 0x7ffffffc, 4, 0x1a18000},
    {0x38c03041, "ldursb w1,[x2,#3]", "L", 0x80000003, 1, 0x1210000},
    {0xf8408441, "ldr x1,[x2],#8", "L", 0x80000000, 8, 0},
    {0xf8408c41, "ldr x1,[x2,#8]!", "L", 0x80000008, 8, 0},
    {0xb8004441, "str w1,[x2],#4", "S", 0x80000000, 4, 0},
    {0x38001c41, "strb w1,[x2,#1]!", "S", 0x80000001, 1, 0},
    {0xf8636841, "ldr x1,[x2,x3]", "L", 0x80000100, 8, 0x1c18000},
    {0xf8637841, "ldr x1,[x2,x3,lsl #3]", "L", 0x80000800, 8, 0x1c18000},
    {0xb8645841, "ldr w1,[x2,w4,uxtw #2]", "L", 0x47ffffc00, 4, 0x1810000},
    {0xb824c841, "str w1,[x2,w4,sxtw]", "S", 0x7fffff00, 4, 0x1810000},
    {0x38636841, "ldrb w1,[x2,x3]", "L", 0x80000100, 1, 0x1010000},
    {0xb8a4d841, "ldrsw x1,[x2,w4,sxtw #2]", "L", 0x7ffffc00, 4, 0x1a18000},
    {0xf8408841, "ldtr x1,[x2,#8]", "LU", 0x80000008, 8, 0x1c18000},
    {0xb81fc841, "sttr w1,[x2,#-4]", "SU", 0x7ffffffc, 4, 0x1810000},
    {0x38800841, "ldtrsb x1,[x2]", "LU", 0x80000000, 1, 0x1218000},
    {0x58000081, "ldr x1, .+16", "L", 0x4010, 8, 0x1c18000},
    {0x18ffffc1, "ldr w1, .-8", "L", 0x3ff8, 4, 0x1810000},
    {0x98000101, "ldrsw x1, .+32", "L", 0x4020, 4, 0x1a18000},
    {0xc8dffc41, "ldar x1,[x2]", "L", 0x80000000, 8, 0x1c1c000},
    {0x08dffc41, "ldarb w1,[x2]", "L", 0x80000000, 1, 0x1014000},
    {0x889ffc41, "stlr w1,[x2]", "S", 0x80000000, 4, 0x1814000},
    {0x489ffc41, "stlrh w1,[x2]", "S", 0x80000000, 2, 0x1414000},
    {0xf8bfc041, "ldapr x1,[x2]", "L", 0x80000000, 8, 0x1c1c000},
    {0x99404041, "ldapur w1,[x2,#4]", "L", 0x80000004, 4, 0x1814000},
    {0xd91f8041, "stlur x1,[x2,#-8]", "S", 0x7ffffff8, 8, 0x1c1c000},
    {0x19801041, "ldapursb x1,[x2,#1]", "L", 0x80000001, 1, 0x121c000},
    {0xc85f7c41, "ldxr x1,[x2]", "LX", 0x80000000, 8, 0},
    {0xc8057c41, "stxr w5,x1,[x2]", "SX", 0x80000000, 8, 0},
    {0x085ffc41, "ldaxrb w1,[x2]", "LX", 0x80000000, 1, 0},
    {0xc87f0c41, "ldxp x1,x3,[x2]", "LX", 0x80000000, 16, 0},
    {0x88258c41, "stlxp w5,w1,w3,[x2]", "SX", 0x80000000, 8, 0},
    {0xc8a17c43, "cas x1,x3,[x2]", "LS", 0x80000000, 8, 0},
    {0x48247c46, "casp x4,x5,x6,x7,[x2]", "LS", 0x80000000, 16, 0},
    {0xf8210043, "ldadd x1,x3,[x2]", "LS", 0x80000000, 8, 0},
    {0xb8e18043, "swpal w1,w3,[x2]", "LS", 0x80000000, 4, 0},
    {0x38211043, "ldclrb w1,w3,[x2]", "LS", 0x80000000, 1, 0},
    {0xa9410c41, "ldp x1,x3,[x2,#16]", "L", 0x80000010, 16, 0},
    {0x293f0c41, "stp w1,w3,[x2,#-8]", "S", 0x7ffffff8, 8, 0},
    {0xa8c10c41, "ldp x1,x3,[x2],#16", "L", 0x80000000, 16, 0},
    {0xa9bf0fe1, "stp x1,x3,[sp,#-16]!", "S", 0x6ff0, 16, 0},
    {0x69410c41, "ldpsw x1,x3,[x2,#8]", "L", 0x80000008, 8, 0},
    {0xa8410c41, "ldnp x1,x3,[x2,#16]", "L", 0x80000010, 16, 0},
    {0x3dc00440, "ldr q0,[x2,#16]", "L", 0x80000010, 16, 0},
    {0xfd000440, "str d0,[x2,#8]", "S", 0x80000008, 8, 0},
    {0xbc404440, "ldr s0,[x2],#4", "L", 0x80000000, 4, 0},
    {0xad410440, "ldp q0,q1,[x2,#32]", "L", 0x80000020, 32, 0},
    {0x3c636840, "ldr b0,[x2,x3]", "L", 0x80000100, 1, 0},
    {0x9c000080, "ldr q0, .+16", "L", 0x4010, 16, 0},
    {0x3cdf0040, "ldur q0,[x2,#-16]", "L", 0x7ffffff0, 16, 0},
    {0x4c407040, "ld1 {v0.16b},[x2]", "L", 0x80000000, 16, 0},
    {0x0c40a040, "ld1 {v0.8b,v1.8b},[x2]", "L", 0x80000000, 16, 0},
    {0x4c000840, "st4 {v0.4s,v1.4s,v2.4s,v3.4s},[x2]", "S", 0x80000000, 64, 0},
    {0x0d409040, "ld1 {v0.s}[1],[x2]", "L", 0x80000000, 4, 0},
    {0x0dbf8440, "st2 {v0.d,v1.d}[0],[x2],#16", "S", 0x80000000, 16, 0},
    {0x4d40c440, "ld1r {v0.8h},[x2]", "L", 0x80000000, 2, 0},
    {0x0d402c40, "ld3 {v0.b,v1.b,v2.b}[3],[x2]", "L", 0x80000000, 3, 0},
    {0xf8201441, "ldraa x1,[x2,#8]", "L", 0x80000008, 8, 0},
    {0xd50b7422, "dc zva, x2", "S", 0x80000000, 64, 0},
    {0xf9800040, "prfm pldl1keep,[x2]", NULL, 0, 0, 0},
    {0xd8000040, "prfm pldl1keep,.+8", NULL, 0, 0, 0},
    {0x8b030041, "add x1,x2,x3", NULL, 0, 0, 0},
    {0x14000000, "b .", NULL, 0, 0, 0},
    {0xd538c000, "mrs x0, vbar_el1", NULL, 0, 0, 0},
    {0xd503201f, "nop", NULL, 0, 0, 0},
    {0xd4000001, "svc #0", NULL, 0, 0, 0},
    {0x1e622820, "fadd d0,d1,d2", NULL, 0, 0, 0},
    {0xd9600041, "ldg x1,[x2]", NULL, 0, 0, 0},
};

static void test_access(void **state)
{
    uint64_t x[31];
    (void)state;
    for (uint64_t i = 0; i < 31; i++)
        x[i] = 0x1000 * (i + 1);
    x[2] = 0x80000000;
    x[3] = 0x100;
    x[4] = (uint64_t)-0x100;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct insn_access a;
        bool known = insn_decode_access(row[i].insn, x, 0x7000, 0x4000, &a);
        if (known != (row[i].what != NULL))
            fail_msg("%s: %s", row[i].text,
                     known ? "taken for an access" : "not seen as an access");
        if (!known)
            continue;
        if (a.addr != row[i].addr || a.size != row[i].size || a.iss != row[i].iss)
            fail_msg("%s: addr %#llx, size %u, iss %#llx", row[i].text, (unsigned long long)a.addr,
                     a.size, (unsigned long long)a.iss);
        assert_int_equal(a.load, strchr(row[i].what, 'L') != NULL);
        assert_int_equal(a.store, strchr(row[i].what, 'S') != NULL);
        assert_int_equal(a.exclusive, strchr(row[i].what, 'X') != NULL);
        assert_int_equal(a.unprivileged, strchr(row[i].what, 'U') != NULL);
    }
}

static void test_system(void **state)
{
    struct insn_system s;
    (void)state;
    assert_true(insn_decode_system(0xd538c003, &s)); /* mrs x3, vbar_el1 */
    assert_int_equal(SYSREG(s.op0, s.op1, s.crn, s.crm, s.op2), SYSREG(3, 0, 12, 0, 0));
    assert_true(s.read);
    assert_int_equal(s.rt, 3);
    assert_true(insn_decode_system(0xd50b7525, &s)); /* ic ivau, x5 */
    assert_int_equal(SYSREG(s.op0, s.op1, s.crn, s.crm, s.op2), SYSREG(1, 3, 7, 5, 1));
    assert_false(s.read);
    assert_true(insn_decode_system(0xd50342df, &s)); /* msr daifset, #2 */
    assert_int_equal(s.op0, 0);
    assert_false(insn_decode_system(0xd503201f, &s)); /* nop */
    assert_false(insn_decode_system(0xd5033fdf, &s)); /* isb */
    assert_false(insn_decode_system(0xd4000001, &s)); /* svc #0 */
}

static void test_fp(void **state)
{
    static const uint32_t fp[] = {0x1e622820 /* fadd */,
                                  0x3dc00440 /* ldr q0 */,
                                  0xad410440 /* ldp q0, q1 */,
                                  0x4c407040 /* ld1 */,
                                  0x9c000080 /* ldr q0, literal */,
                                  0x9e670020 /* fmov d0, x1 */,
                                  0xd53b4400 /* mrs x0, fpcr */,
                                  0xd51b4420 /* msr fpsr, x0 */,
                                  0x6f00e400 /* movi */};
    static const uint32_t not [] = {0x8b030041 /* add */,
                                    0xf9400441 /* ldr x1 */,
                                    0xa9410c41 /* ldp x1, x3 */,
                                    0x14000000 /* b */,
                                    0xd538c003 /* mrs */,
                                    0xc85f7c41 /* ldxr */,
                                    0xd503201f /* nop */};
    (void)state;
    for (size_t i = 0; i < sizeof(fp) / sizeof(fp[0]); i++)
        assert_true(insn_uses_fp(fp[i]));
    for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
        assert_false(insn_uses_fp(not [i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_fp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
