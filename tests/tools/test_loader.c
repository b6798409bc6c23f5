/* SPDX-License-Identifier: BSD-3-Clause */
/* What the loader makes of files that are right; and that no file, however broken, is more than
 * an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <elf.h>

#include <cmocka.h>

#include <ccasim/scenario.h>

#include "scn.h"

static const char *scenario_root;
static struct scenario_loader *loader;
static struct scenario *sc;
static struct diag_list diags;

/* Loads a file with this body; what is wrong with it goes into `diags`. */
static int load(const char *body)
{
    char text[4096];
    int len = snprintf(text, sizeof(text), "# test\nccasim: 1\n%s", body);

    scenario_free(sc);
    diag_list_clear(&diags);
    return scenario_loader_load_text(loader, "test.yaml", text, (size_t)len, &sc, &diags);
}

static void load_ok(const char *body)
{
    int err = load(body);

    diag_list_print(&diags, stderr);
    assert_int_equal(err, CCA_OK);
    assert_non_null(sc);
    assert_int_equal(diags.num, 0);
}

static void load_bad(const char *body, const char *text)
{
    assert_int_equal(load(body), CCA_ERR_PARSE);
    assert_null(sc);
    assert_true(diags.num > 0);
    assert_string_equal(diags.d[0].text, text);
}

/* The value of an expression, as the argument of a call. */
static uint64_t value_of(const char *expression)
{
    char body[512];

    snprintf(body, sizeof(body),
             "let: {k: 3}\ng: {rd: , rtt[4]: }\nsteps:\n  - GRANULE_DELEGATE: %s\n", expression);
    load_ok(body);
    assert_int_equal(sc->steps[0].u.call.arg[0].var, -1);
    return sc->steps[0].u.call.arg[0].num;
}

static void test_values(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        {"0", 0},
        {"12", 12},
        {"0x1f", 31},
        {"0XFF", 255},
        {"4K", 4096},
        {"2M", 2u << 20},
        {"1G", 1u << 30},
        {"0x8000_0000", 0x80000000},
        {"18446744073709551615", UINT64_MAX},
        {"-1", UINT64_MAX},
        {"'0x10'", 16},
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"10 - 4 - 3", 3},
        {"k * 4K", 0x3000},
        {"rd", 0x80000000},
        {"rtt", 0x80001000},
        {"rtt[2]", 0x80003000},
        {"rtt.2", 0x80003000},
        {"rtt.k + 8", 0x80004008},
        {"rtt.(k - 1)", 0x80003000},
        {"'rtt[k - 1]'", 0x80003000},
        {"DRAM_BASE", 0x80000000},
        {"DRAM_END", 0x84000000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(value_of(rows[i].text), rows[i].value);
    load_bad("steps: [{GRANULE_DELEGATE: RAM}]", "`RAM` is a RIPAS, not a number");
    load_bad("steps: [{GRANULE_DELEGATE: 18446744073709551616}]", "a number above 64 bits");
}

static void test_granules(void **state)
{
    (void)state;
    load_ok("machine:\n"
            "  dram: {base: 0x40000000, size: 32M}\n"
            "  root_size: 1M\n"
            "  banks: [{base: 0x40000000, size: 16K}, {base: 0x40100000, size: 1M}]\n"
            "  secure: {base: 0x40001000, size: 4K}\n"
            "granules:\n"
            "  a:\n"
            "  b: {at: 0x40002000}\n"
            "  c:\n"
            "  d: {count: 2, align: 8K}\n"
            "  e[2]:\n"
            "  f: 1\n"
            "steps: [{GRANULE_DELEGATE: a}]\n");
    static const struct granule_name want[] = {
        {"a", 0x40000000},    {"b", 0x40002000},    {"c", 0x40003000},    {"d[0]", 0x40100000},
        {"d[1]", 0x40101000}, {"e[0]", 0x40102000}, {"e[1]", 0x40103000}, {"f[0]", 0x40104000},
    };

    assert_int_equal(sc->num_names, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_string_equal(sc->names[i].name, want[i].name);
        assert_int_equal(sc->names[i].pa, want[i].pa);
    }
    load_bad("machine: {dram: {base: 0x40000000, size: 1M}, banks: {base: 0x40000000, size: 4K}}\n"
             "g: {a: , b: }\nsteps: [{GRANULE_DELEGATE: a}]",
             "the banks have no room for it");
}

static void test_calls(void **state)
{
    const struct step *st;

    (void)state;
    load_ok("g: {rd: , rec: , run: }\n"
            "steps:\n"
            "  - RTT_CREATE: {level: 2, ipa: 1G, rtt: rec, rd: rd}\n"
            "    expect: RMI_ERROR_RTT/1\n"
            "    pe: 1\n"
            "    note: why\n"
            "  - RTT_DESTROY: [rd, 0, 3]\n"
            "    expect_any: [RMI_SUCCESS, ERROR_INPUT]\n"
            "    out: {top: 2M, x1: {value: 3, mask: 0xff}}\n"
            "    save: {t: top}\n"
            "  - REC_ENTER: [rec, run]\n"
            "    exit: {reason: HOST_CALL, esr.EC: EC_DABORT_LOWER, gprs[3]: t + 1}\n"
            "    save: {u: exit.imm}\n"
            "  - smc: {fid: 0x80000000, world: secure, args: [1, u]}\n");
    st = &sc->steps[0];
    assert_int_equal(st->u.call.fid, RMI_RTT_CREATE);
    assert_int_equal(st->u.call.num_args, 4);
    assert_int_equal(st->u.call.arg[2].num, 1u << 30);
    assert_int_equal(st->u.call.arg[3].num, 2);
    assert_int_equal(st->any[0].status, RMI_ERROR_RTT);
    assert_int_equal(st->any[0].index, 1);
    assert_int_equal(st->pe, 1);
    assert_string_equal(st->note, "why");
    st = &sc->steps[1];
    assert_int_equal(st->num_any, 2);
    assert_int_equal(st->any[1].index, -1);
    assert_int_equal(st->out[0].offset, 16);
    assert_int_equal(st->out[1].mask, 0xff);
    assert_int_equal(st->save[0].reg, 2);
    st = &sc->steps[2];
    assert_int_equal(st->exit[0].value.num, EXIT_HOST_CALL);
    assert_int_equal(st->exit[0].size, 1);
    assert_int_equal(st->exit[1].value.num, 0x24ull << 26);
    assert_int_equal(st->exit[1].mask, 0x3full << 26);
    assert_int_equal(st->exit[2].offset, REC_EXIT_GPRS + 24);
    assert_int_equal(st->exit[2].value.var, 0);
    assert_int_equal(st->exit[2].value.num, 1);
    assert_int_equal(st->save[0].exit_offset, REC_EXIT_IMM);
    assert_int_equal(st->save[0].size, 2);
    st = &sc->steps[3];
    assert_true(st->expect_given);
    assert_int_equal(st->num_any, 0);
    assert_int_equal(st->u.call.world, WORLD_SECURE);
    assert_int_equal(st->u.call.arg[1].var, 1);
}

static uint64_t read64(const struct step *st, unsigned offset)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v |= (uint64_t)st->u.bytes.bytes[offset + i] << (8 * i);
    return v;
}

static void test_pages(void **state)
{
    const struct step *st;

    (void)state;
    load_ok("g: {p: , rtt: 2, aux: 3}\n"
            "steps:\n"
            "  - FEATURES: 0\n"
            "    save: {f: value}\n"
            "  - realm_params: {at: p, s2sz: 41, rtt_base: rtt, vmid: f, rpv: 01 02, pmu: true}\n"
            "  - rec_params: {at: p, pc: 0x1000, gprs: {7: 9}, aux: aux.*, runnable: false}\n"
            "  - rec_run: {at: p, trap_wfe: true, gprs: [1, 2], gicv3_lrs: {15: 5}}\n"
            "  - write: {at: p, offset: 16, u16: [1, 0x203, -1]}\n"
            "  - expect_memory: {at: p, u64: f}\n");
    st = &sc->steps[1];
    assert_int_equal(st->u.bytes.len, GRANULE_SIZE);
    assert_int_equal(read64(st, REALM_PARAMS_S2SZ), 41);
    assert_int_equal(read64(st, REALM_PARAMS_RTT_LEVEL_START), 1);
    assert_int_equal(read64(st, REALM_PARAMS_RTT_NUM_START), 4);
    assert_int_equal(read64(st, REALM_PARAMS_RTT_BASE), 0x80001000);
    assert_int_equal(read64(st, REALM_PARAMS_FLAGS), REALM_FLAG_PMU);
    assert_int_equal(read64(st, REALM_PARAMS_RPV), 0x201);
    assert_int_equal(st->u.bytes.num_fields, 1);
    assert_int_equal(st->u.bytes.field[0].offset, REALM_PARAMS_VMID);
    assert_int_equal(st->u.bytes.field[0].size, 2);
    st = &sc->steps[2];
    assert_int_equal(read64(st, REC_PARAMS_FLAGS), 0);
    assert_int_equal(read64(st, REC_PARAMS_PC), 0x1000);
    assert_int_equal(read64(st, REC_PARAMS_GPRS + 56), 9);
    assert_int_equal(read64(st, REC_PARAMS_NUM_AUX), 3);
    assert_int_equal(read64(st, REC_PARAMS_AUX + 16), 0x80005000);
    st = &sc->steps[3];
    assert_int_equal(read64(st, REC_ENTER_FLAGS), REC_ENTRY_FLAG_TRAP_WFE);
    assert_int_equal(read64(st, REC_ENTER_GPRS + 8), 2);
    assert_int_equal(read64(st, REC_ENTER_GICV3_LRS + 120), 5);
    st = &sc->steps[4];
    assert_int_equal(st->u.bytes.addr.num, 0x80000010);
    assert_int_equal(st->u.bytes.len, 6);
    assert_memory_equal(st->u.bytes.bytes, "\1\0\3\2\xff\xff", 6);
    assert_int_equal(sc->steps[5].u.bytes.num_fields, 1);
}

static void test_loops_and_nesting(void **state)
{
    const struct step *st;

    (void)state;
    load_ok("machine: {pes: 3}\n"
            "g: {a: 4, rec: , run: }\n"
            "steps:\n"
            "  - repeat: {from: 0, to: 4M, step: 2M, var: ipa, steps: [\n"
            "      {repeat: {count: 2, steps: [{RTT_DESTROY: [a, ipa + i, 3]}]}}]}\n"
            "  - repeat: {over: [a.*, rec], var: g, steps: [{GRANULE_DELEGATE: g}]}\n"
            "  - REC_ENTER: [rec, run]\n"
            "    while_running:\n"
            "      - REC_DESTROY: rec\n"
            "        during: [{event: unlock, steps: [{GRANULE_DELEGATE: a}]}]\n"
            "      - {GRANULE_DELEGATE: a, pe: 2}\n");
    assert_int_equal(sc->num_steps, 10);
    assert_int_equal(sc->total_steps, 13);
    assert_string_equal(sc->steps[3].path, "steps[0].repeat[1].steps[0].repeat[1].steps[0]");
    assert_int_equal(sc->steps[3].u.call.arg[1].num, (2u << 20) + 1);
    assert_int_equal(sc->steps[7].u.call.arg[0].num, 0x80003000);
    assert_int_equal(sc->steps[8].u.call.arg[0].num, 0x80004000);
    st = &sc->steps[9];
    assert_int_equal(st->pe, 0);
    assert_int_equal(st->num_running, 2);
    assert_int_equal(st->running[0].pe, 1);
    assert_int_equal(st->running[0].during[0].steps[0].pe, 2);
    assert_int_equal(st->running[0].during[0].event, EV_UNLOCK);
    assert_int_equal(st->running[1].number, 13);
    load_bad("machine: {pes: 1}\ng: {a: }\nsteps:\n  - REC_ENTER: [a, a]\n"
             "    while_running: [{GRANULE_DELEGATE: a}]\n",
             "no PE is left: the only one is in a call; give the machine more (machine.pes)");
    load_bad("steps:\n  - repeat: {count: 65536, steps: [{repeat: {count: 9, var: k, "
             "steps: [{VERSION: 0}]}}]}\n",
             "too many steps after unrolling loops");
}

static void test_scripts(void **state)
{
    const struct script *script;

    (void)state;
    load_ok("script:\n"
            "  s:\n"
            "    0x1000:\n"
            "      - set: {x1: 5, x2: 6}\n"
            "      - HOST_CALL: {addr: 0x2000}\n"
            "      - load: {reg: x3, at: 0x3000, size: 4, value: 7}\n"
            "      - end:\n"
            "    0x2000: {fetched: true, ops: [{wfi: }]}\n"
            "steps: [{attach_script: s}]\n");
    script = sc->steps[0].u.script.script;
    assert_int_equal(script->num, 2);
    assert_int_equal(script->sections[0].num, 6);
    assert_int_equal(script->sections[0].ops[2].kind, SCRIPT_SMC);
    assert_int_equal(script->sections[0].ops[2].args, 3);
    assert_int_equal(script->sections[0].ops[2].arg[0], RSI_HOST_CALL);
    assert_int_equal(script->sections[0].ops[4].kind, SCRIPT_EXPECT);
    assert_int_equal(script->sections[0].ops[4].value, 7);
    assert_true(script->sections[1].fetched);
    assert_false(sc->needs_cpu);
    load_bad("script:\n  s:\n    0: [{wfi: }, {wfi: }]\n    4: [{wfi: }]\nsteps: [{VERSION: 0}]\n",
             "overlaps the section at 0x0, which ends at 0x8");
}

static void test_code(void **state)
{
    (void)state;
    load_ok("let: {mmio: 0x1234}\n"
            "code:\n"
            "  words: {hex: d503201f 0xd65f03c0}\n"
            "  guest: |\n"
            "    nop\n"
            "    _start: mov x0, #mmio\n"
            "g: {p: }\n"
            "steps: [{write: {at: p, blob: guest}}]\n");
    assert_int_equal(sc->num_blobs, 2);
    assert_memory_equal(sc->blobs[0].bytes, "\x1f\x20\x03\xd5\xc0\x03\x5f\xd6", 8);
    assert_int_equal(sc->blobs[1].len, 8);
    assert_int_equal(sc->blobs[1].entry, 4);
    assert_memory_equal(sc->blobs[1].bytes, "\x1f\x20\x03\xd5\x80\x46\x82\xd2", 8);
    assert_memory_equal(sc->steps[0].u.bytes.bytes, sc->blobs[1].bytes, 8);
    assert_true(sc->needs_cpu);
    /* the message stands in the line of the file where the mistake is */
    assert_int_equal(load("code:\n  a: |\n    nop\n    movv x0, x1\n    ldr x0, =foo\n"
                          "steps: [{VERSION: 0}]\n"),
                     CCA_ERR_PARSE);
    assert_int_equal(diags.num, 1);
    assert_int_equal(diags.d[0].loc.line, 6);
    assert_int_equal(diags.d[0].loc.col, 5);
    assert_int_equal(load("code:\n  a: |\n    ldr x0, =foo\nsteps: [{VERSION: 0}]\n"),
                     CCA_ERR_PARSE);
    assert_string_equal(diags.d[0].text, "code has no fixed address, and refers to `foo`");
}

/* A program of one instruction and four bytes of zero, linked at 0x400000. */
static void write_program(const char *path)
{
    static const uint32_t nop = 0xd503201f;
    struct {
        Elf64_Ehdr e;
        Elf64_Phdr p;
        uint32_t text;
    } file = {
        .e = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
              .e_type = ET_EXEC,
              .e_machine = EM_AARCH64,
              .e_version = EV_CURRENT,
              .e_entry = 0x400004,
              .e_phoff = sizeof(Elf64_Ehdr),
              .e_ehsize = sizeof(Elf64_Ehdr),
              .e_phentsize = sizeof(Elf64_Phdr),
              .e_phnum = 1},
        .p = {.p_type = PT_LOAD,
              .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
              .p_vaddr = 0x400000,
              .p_filesz = 4,
              .p_memsz = 8},
        .text = nop,
    };
    FILE *f = fopen(path, "wb");

    if (f == NULL)
        fail_msg("%s cannot be written", path);
    assert_int_equal(fwrite(&file, 1, sizeof(file), f), sizeof(file));
    fclose(f);
}

static void test_files(void **state)
{
    char path[] = "/tmp/ccasim-test-XXXXXX", body[256];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    write_program(path);
    snprintf(body, sizeof(body), "code:\n  p: {elf: %s}\n  r: {raw: %s}\nsteps: [{VERSION: 0}]\n",
             path, path);
    load_ok(body);
    assert_int_equal(sc->blobs[0].len, 8);
    assert_int_equal(sc->blobs[0].entry, 4);
    assert_memory_equal(sc->blobs[0].bytes, "\x1f\x20\x03\xd5\0\0\0\0", 8);
    assert_memory_equal(sc->blobs[1].bytes, ELFMAG, SELFMAG);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(load(body), CCA_ERR_PARSE);
    close(fd);
    unlink(path);
}

static void test_statuses(void **state)
{
    static const char *const good[] = {"RMI_SUCCESS", "RMI_ERROR_RTT/3", "RMI_ERROR_REALM/0",
                                       "NOT_SUPPORTED"};
    static const char *const bad[] = {"",   "RMI_",          "SUCCES",           "RMI_ERROR_RTT/",
                                      "/2", "ERROR_RTT/256", "RMI_ERROR_RTT/-1", "ERROR_RTT/2x"};
    struct expect_status e;
    char text[40];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(scenario_parse_status(good[i], &e));
        assert_string_equal(scenario_status_text(&e, text, sizeof(text)), good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(scenario_parse_status(bad[i], &e));
    assert_true(scenario_parse_status("ERROR_INPUT", &e));
    assert_int_equal(e.status, RMI_ERROR_INPUT);
    assert_int_equal(e.index, -1);
}

/* --- shipped files, whole and damaged --- */

static void shipped_files(struct file_list *files)
{
    struct diag_list none = {0};

    assert_int_equal(scenario_find_files(scenario_root, files, &none), CCA_OK);
    assert_true(files->num > 0);
}

static void test_shipped(void **state)
{
    struct file_list files = {0};

    (void)state;
    shipped_files(&files);
    for (size_t i = 0; i < files.num; i++) {
        scenario_free(sc);
        diag_list_clear(&diags);
        if (scenario_loader_load(loader, files.v[i], &sc, &diags) != CCA_OK)
            diag_list_print(&diags, stderr);
        assert_int_equal(diags.num, 0);
        if (i > 0)
            assert_true(strcmp(files.v[i - 1], files.v[i]) < 0);
    }
    file_list_free(&files);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    return *seed ^= *seed << 17;
}

static size_t damage(char *text, size_t len, uint64_t *seed)
{
    static const char marks[] = "[]{}:,-#&*!|>'\"%@` \n\t0x.(+~\x80";
    unsigned times = 1 + (unsigned)(next_random(seed) % 4);

    while (times-- > 0 && len > 2) {
        size_t at = next_random(seed) % (len - 1);

        switch (next_random(seed) % 3) {
        case 0: text[at] = marks[next_random(seed) % (sizeof(marks) - 1)]; break;
        case 1: memmove(text + at, text + at + 1, --len - at); break;
        default: text[at] = text[next_random(seed) % len]; break;
        }
    }
    return len;
}

/* Either a scenario, or at least one error at a line of the file. */
static void test_damaged(void **state)
{
    struct file_list files = {0};
    uint64_t seed = 88172645463325252ull;

    (void)state;
    shipped_files(&files);
    for (unsigned turn = 0; turn < 3000; turn++) {
        const char *path = files.v[next_random(&seed) % files.num];
        size_t len;
        int err;
        char *text = file_read(path, &len, &err);

        assert_non_null(text);
        if (memmem(text, len, "code:", 5)) { /* assembling it thousands of times takes too long */
            free(text);
            continue;
        }
        len = damage(text, len, &seed);
        scenario_free(sc);
        diag_list_clear(&diags);
        err = scenario_loader_load_text(loader, path, text, len, &sc, &diags);
        assert_true((err == CCA_OK) == (sc != NULL));
        assert_true((err == CCA_OK) == (diags.num == 0));
        free(text);
    }
    file_list_free(&files);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),  cmocka_unit_test(test_granules),
        cmocka_unit_test(test_calls),   cmocka_unit_test(test_pages),
        cmocka_unit_test(test_scripts), cmocka_unit_test(test_loops_and_nesting),
        cmocka_unit_test(test_code),    cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_files),   cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_damaged),
    };
    int failed;

    scenario_root = argc > 1 ? argv[1] : "scenarios";
    loader = scenario_loader_new();
    failed = cmocka_run_group_tests_name("loader", tests, NULL, NULL);
    scenario_free(sc);
    diag_list_clear(&diags);
    scenario_loader_free(loader);
    return failed;
}
