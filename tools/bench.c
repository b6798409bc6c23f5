/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench.h"

#include <ccasim/el3m.h>
#include <ccasim/mem.h>
#include <ccasim/script.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As small as the rows allow: the full recheck that is timed with the calls looks at every granule. */
#define BENCH_DRAM (20ull << 20)

double bench_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void bench_check(struct bench_env *e, const uint64_t in[ABI_MAX_REGS],
                        uint64_t regs[ABI_MAX_REGS])
{
    check_step_begin(e->check, 0, ++e->step);
    check_rmi_begin(e->check, 0, in);
    el3m_smc(e->m, 0, WORLD_NS, regs);
    check_rmi_end(e->check, 0, in, regs);
    check_step_end(e->check, 0);
    if (e->step % 1000 == 0) {
        e->findings += check_full(e->check);
        e->full_checks++;
    }
}

void bench_call(struct bench_env *e, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3,
                uint64_t a4, uint64_t a5)
{
    uint64_t in[ABI_MAX_REGS] = {fid, a1, a2, a3, a4, a5}, regs[ABI_MAX_REGS];

    memcpy(regs, in, sizeof(regs));
    if (e->check)
        bench_check(e, in, regs);
    else
        el3m_smc(e->m, 0, WORLD_NS, regs);
    if (__builtin_expect(regs[0] != RMI_SUCCESS, 0)) {
        fprintf(stderr, "ccasim bench: %s returned %s/%u\n", abi_command_by_fid(fid)->name,
                rmi_status_name(rmi_result_status(regs[0])), rmi_result_index(regs[0]));
        exit(70);
    }
}

uint64_t bench_granule(struct bench_env *e, bool delegate)
{
    uint64_t a = e->next;

    e->next += GRANULE_SIZE;
    if (delegate)
        bench_call(e, RMI_GRANULE_DELEGATE, a, 0, 0, 0, 0);
    return a;
}

static void host_write(struct bench_env *e, uint64_t a, const void *p, size_t len)
{
    mem_write(e->m, a, p, len, OWNER_HOST, 0);
}

static void host_write64(struct bench_env *e, uint64_t a, uint64_t v)
{
    host_write(e, a, &v, sizeof(v));
}

static void write_realm_params(struct bench_env *e, unsigned vmid, uint64_t root, uint64_t rpv)
{
    uint64_t p = e->params;

    host_write64(e, p + REALM_PARAMS_S2SZ, e->m->impl.s2sz);
    host_write64(e, p + REALM_PARAMS_NUM_BPS, 1);
    host_write64(e, p + REALM_PARAMS_NUM_WPS, 1);
    host_write64(e, p + REALM_PARAMS_HASH_ALGO, HASH_SHA_256);
    host_write64(e, p + REALM_PARAMS_RPV, rpv);
    host_write64(e, p + REALM_PARAMS_VMID, vmid);
    host_write64(e, p + REALM_PARAMS_RTT_BASE, root);
    host_write64(e, p + REALM_PARAMS_RTT_LEVEL_START, 0);
    host_write64(e, p + REALM_PARAMS_RTT_NUM_START, 1);
}

void bench_realm(struct bench_env *e, unsigned i)
{
    e->rd[i] = bench_granule(e, true);
    e->root[i] = bench_granule(e, true);
    write_realm_params(e, i + 1, e->root[i], i);
    bench_call(e, RMI_REALM_CREATE, e->rd[i], e->params, 0, 0, 0);
    for (unsigned level = 1; level <= 3; level++) {
        uint64_t table = bench_granule(e, true);

        bench_call(e, RMI_RTT_CREATE, e->rd[i], table, 0, level, 0);
        if (level == 3)
            e->leaf[i] = table;
    }
}

/* The REC of index `mpidr` (below 16) of Realm `i`. */
static uint64_t create_rec(struct bench_env *e, unsigned i, unsigned mpidr, uint64_t pc)
{
    uint64_t p = bench_granule(e, false), rec = bench_granule(e, true);
    unsigned aux = e->m->impl.rec_aux_count;

    host_write64(e, p + REC_PARAMS_FLAGS, REC_PARAMS_FLAG_RUNNABLE);
    host_write64(e, p + REC_PARAMS_MPIDR, mpidr);
    host_write64(e, p + REC_PARAMS_PC, pc);
    host_write64(e, p + REC_PARAMS_NUM_AUX, aux);
    for (unsigned k = 0; k < aux; k++)
        host_write64(e, p + REC_PARAMS_AUX + 8 * k, bench_granule(e, true));
    bench_call(e, RMI_REC_CREATE, e->rd[i], rec, p, 0, 0);
    return rec;
}

void bench_rec(struct bench_env *e, unsigned i, uint64_t pc)
{
    e->rec[i] = create_rec(e, i, 0, pc);
    e->other_rec[i] = create_rec(e, i, 1, pc);
    e->run[i] = bench_granule(e, false);
    bench_call(e, RMI_REALM_ACTIVATE, e->rd[i], 0, 0, 0, 0);
}

#define TOKEN_PC  0x2000
#define RIPAS_PC  0x2100
#define PSCI_PC   0x2200
#define RIPAS_IPA 0x4000ull

/* The scripted Realms: host calls without end, the same with a whole attestation token between two of them, RIPAS
 * changes to and fro, and questions about the other REC. */
static int attach_script(struct bench_env *e)
{
    static struct script_op calls[] = {
        {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_HOST_CALL, 0x1000}},
        {.kind = SCRIPT_GOTO, .addr = 0},
    };
    static struct script_op tokens[] = {
        {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_ATTESTATION_TOKEN_INIT, 1}},
        {.kind = SCRIPT_SMC,
         .args = 15,
         .arg = {RSI_ATTESTATION_TOKEN_CONTINUE, 0x1000, 0, GRANULE_SIZE}},
        {.kind = SCRIPT_SMC, .args = 3, .arg = {RSI_HOST_CALL, 0x1000}},
        {.kind = SCRIPT_GOTO, .addr = TOKEN_PC},
    };
#define RIPAS_CHANGE(ripas)                      \
    {                                            \
        .kind = SCRIPT_SMC, .args = 31, .arg = { \
            RSI_IPA_STATE_SET,                   \
            RIPAS_IPA,                           \
            RIPAS_IPA + GRANULE_SIZE,            \
            ripas,                               \
            RSI_CHANGE_DESTROYED                 \
        }                                        \
    }
    static struct script_op changes[] = {
        RIPAS_CHANGE(RIPAS_RAM),
        RIPAS_CHANGE(RIPAS_EMPTY),
        {.kind = SCRIPT_GOTO, .addr = RIPAS_PC},
    };
    static struct script_op questions[] = {
        {.kind = SCRIPT_SMC, .args = 7, .arg = {PSCI_AFFINITY_INFO, 1, 0}},
        {.kind = SCRIPT_GOTO, .addr = PSCI_PC},
    };
    static struct script_section sections[] = {{.pc = 0, .ops = calls, .num = 2},
                                               {.pc = TOKEN_PC, .ops = tokens, .num = 4},
                                               {.pc = RIPAS_PC, .ops = changes, .num = 3},
                                               {.pc = PSCI_PC, .ops = questions, .num = 2}};
    static const struct script script = {.sections = sections, .num = 4};
    int err;

    e->scripts = script_set_new();
    if (e->scripts == NULL)
        return CCA_ERR_NOMEM;
    err = script_set_add(e->scripts, &script, 0);
    script_set_attach(e->scripts, e->m);
    return err;
}

int bench_env_open(struct bench_env *e, enum check_level level, bool scripted)
{
    struct impl impl;
    int err;

    memset(e, 0, sizeof(*e));
    impl_default(&impl);
    impl.dram.size = BENCH_DRAM;
    impl_fill_banks(&impl);
    err = machine_new(&impl, &e->m);
    if (err == CCA_OK && scripted)
        err = attach_script(e);
    if (err != CCA_OK)
        return err;
    err = check_new(e->m, level, &e->check);
    if (err != CCA_OK)
        return err;
    e->next = impl.bank[0].base;
    e->params = bench_granule(e, false);
    return CCA_OK;
}

void bench_env_close(struct bench_env *e)
{
    check_free(e->check);
    if (e->scripts)
        script_set_free(e->scripts);
    machine_free(e->m);
}

/* --- rows --- */

/* A fixed pool visited in a scrambled but fixed order: an odd stride covers a power of two. */
static uint64_t scattered(struct bench_env *e, unsigned i, unsigned pool)
{
    return e->next + (uint64_t)(i * 2654435761u % pool) * GRANULE_SIZE;
}

static void delegate_iterate(struct bench_env *e, unsigned i)
{
    uint64_t a = scattered(e, i, 4096);

    bench_call(e, RMI_GRANULE_DELEGATE, a, 0, 0, 0, 0);
    bench_call(e, RMI_GRANULE_UNDELEGATE, a, 0, 0, 0, 0);
}

static void realms_prepare(struct bench_env *e)
{
    for (unsigned i = 0; i < BENCH_REALMS; i++)
        bench_realm(e, i);
}

static void read_prepare(struct bench_env *e)
{
    realms_prepare(e);
    for (unsigned i = 0; i < BENCH_REALMS * 8; i++) {
        uint64_t data = bench_granule(e, true);

        bench_call(e, RMI_DATA_CREATE_UNKNOWN, e->rd[i % BENCH_REALMS], data,
                   (uint64_t)(i / BENCH_REALMS) * 0x3000, 0, 0);
    }
}

static void read_iterate(struct bench_env *e, unsigned i)
{
    bench_call(e, RMI_RTT_READ_ENTRY, e->rd[i % BENCH_REALMS], (uint64_t)(i * 7 % 512) << 12, 3, 0,
               0);
}

#define POOL 256u
static void pool_prepare(struct bench_env *e)
{
    realms_prepare(e);
    for (unsigned i = 0; i < POOL; i++)
        bench_call(e, RMI_GRANULE_DELEGATE, e->next + (uint64_t)i * GRANULE_SIZE, 0, 0, 0, 0);
}

static void rtt_iterate(struct bench_env *e, unsigned i)
{
    uint64_t rd = e->rd[i % BENCH_REALMS], at = (uint64_t)(1 + i * 5 % 511) << 21;

    bench_call(e, RMI_RTT_CREATE, rd, scattered(e, i, POOL), at, 3, 0);
    bench_call(e, RMI_RTT_DESTROY, rd, at, 3, 0, 0);
}

static void fold_iterate(struct bench_env *e, unsigned i)
{
    uint64_t rd = e->rd[i % BENCH_REALMS], at = (uint64_t)(1 + i * 5 % 511) << 21;

    bench_call(e, RMI_RTT_CREATE, rd, scattered(e, i, POOL), at, 3, 0);
    bench_call(e, RMI_RTT_FOLD, rd, at, 3, 0, 0);
}

static void unknown_iterate(struct bench_env *e, unsigned i)
{
    uint64_t rd = e->rd[i % BENCH_REALMS], at = (uint64_t)(i * 5 % 512) << 12;

    bench_call(e, RMI_DATA_CREATE_UNKNOWN, rd, scattered(e, i, POOL), at, 0, 0);
    bench_call(e, RMI_DATA_DESTROY, rd, at, 0, 0, 0);
}

static void measured_iterate(struct bench_env *e, unsigned i)
{
    uint64_t rd = e->rd[i % BENCH_REALMS], at = (uint64_t)(i * 5 % 512) << 12;

    host_write64(e, e->params + (i * 8 & 0xff8), i);
    bench_call(e, RMI_DATA_CREATE, rd, scattered(e, i, POOL), at, e->params, 1);
    bench_call(e, RMI_DATA_DESTROY, rd, at, 0, 0, 0);
}

static void realm_iterate(struct bench_env *e, unsigned i)
{
    uint64_t rd = scattered(e, i, POOL), root = scattered(e, i + 1, POOL);

    write_realm_params(e, 100 + i % 100, root, i);
    bench_call(e, RMI_REALM_CREATE, rd, e->params, 0, 0, 0);
    bench_call(e, RMI_REALM_DESTROY, rd, 0, 0, 0, 0);
}

static void recs_prepare(struct bench_env *e, uint64_t pc)
{
    realms_prepare(e);
    for (unsigned i = 0; i < BENCH_REALMS; i++) {
        bench_call(e, RMI_RTT_INIT_RIPAS, e->rd[i], 0x1000, 0x2000, 0, 0);
        bench_call(e, RMI_DATA_CREATE_UNKNOWN, e->rd[i], bench_granule(e, true), 0x1000, 0, 0);
        bench_rec(e, i, pc);
    }
}

static void rec_prepare(struct bench_env *e)
{
    recs_prepare(e, 0);
}

static void token_prepare(struct bench_env *e)
{
    recs_prepare(e, TOKEN_PC);
}

static void rec_iterate(struct bench_env *e, unsigned i)
{
    unsigned r = i % BENCH_REALMS;

    bench_call(e, RMI_REC_ENTER, e->rec[r], e->run[r], 0, 0, 0);
}

static void ripas_prepare(struct bench_env *e)
{
    recs_prepare(e, RIPAS_PC);
}

static void ripas_iterate(struct bench_env *e, unsigned i)
{
    unsigned r = i % BENCH_REALMS;

    bench_call(e, RMI_REC_ENTER, e->rec[r], e->run[r], 0, 0, 0);
    bench_call(e, RMI_RTT_SET_RIPAS, e->rd[r], e->rec[r], RIPAS_IPA, RIPAS_IPA + GRANULE_SIZE, 0);
}

static void psci_prepare(struct bench_env *e)
{
    recs_prepare(e, PSCI_PC);
}

static void psci_iterate(struct bench_env *e, unsigned i)
{
    unsigned r = i % BENCH_REALMS;

    bench_call(e, RMI_REC_ENTER, e->rec[r], e->run[r], 0, 0, 0);
    bench_call(e, RMI_PSCI_COMPLETE, e->rec[r], e->other_rec[r], (uint64_t)PSCI_SUCCESS, 0, 0);
}

const struct bench_row bench_rows[] = {
    {"delegate", "GRANULE_DELEGATE + GRANULE_UNDELEGATE", 0.72e6, 3, 200000, 2, false, NULL,
     delegate_iterate},
    {"rtt_read_entry", "RTT_READ_ENTRY at level 3", 1.42e6, 3, 500000, 1, false, read_prepare,
     read_iterate},
    {"rtt_create", "RTT_CREATE + RTT_DESTROY", 0.43e6, 3, 100000, 2, false, pool_prepare,
     rtt_iterate},
    {"rtt_fold", "RTT_CREATE + RTT_FOLD", 0, 0, 50000, 2, false, pool_prepare, fold_iterate},
    {"data_create_unknown", "DATA_CREATE_UNKNOWN + DATA_DESTROY", 0.45e6, 3, 100000, 2, false,
     pool_prepare, unknown_iterate},
    {"rec_enter", "REC_ENTER with a scripted Realm, to a host call", 25e3, 3, 50000, 1, true,
     rec_prepare, rec_iterate},
    {"rtt_set_ripas", "REC_ENTER to RSI_IPA_STATE_SET + RTT_SET_RIPAS", 0, 0, 25000, 2, true,
     ripas_prepare, ripas_iterate},
    {"psci_complete", "REC_ENTER to PSCI_AFFINITY_INFO + PSCI_COMPLETE", 0, 0, 25000, 2, true,
     psci_prepare, psci_iterate},
    {"data_create", "measured DATA_CREATE + DATA_DESTROY", 83e3, 2, 20000, 2, false, pool_prepare,
     measured_iterate},
    {"token", "REC_ENTER with a scripted Realm that gets a whole attestation token", 0, 0, 500, 1,
     true, token_prepare, rec_iterate},
    {"realm_create", "REALM_CREATE + REALM_DESTROY", 67e3, 2, 20000, 2, false, pool_prepare,
     realm_iterate},
};
const unsigned bench_row_count = sizeof(bench_rows) / sizeof(bench_rows[0]);

static int bench_once(const struct bench_row *row, enum check_level level, struct bench_result *out)
{
    struct bench_env e;
    int err = bench_env_open(&e, level, row->scripted);
    uint64_t predicates;
    double start, seconds;

    if (err != CCA_OK)
        return err;
    if (row->prepare)
        row->prepare(&e);
    predicates = e.check ? check_num_predicates(e.check) : 0;
    start = bench_now();
    for (unsigned i = 0; i < row->iterations; i++)
        row->iterate(&e, i);
    seconds = bench_now() - start;
    out->calls_per_second = row->iterations * (double)row->calls_per_iteration / seconds;
    out->state_hash = machine_hash(e.m);
    out->predicates = e.check ? check_num_predicates(e.check) - predicates : 0;
    out->findings = 0;
    if (e.check) {
        size_t n;

        check_full(e.check);
        check_findings(e.check, &n);
        out->findings = n;
    }
    out->full_checks = e.full_checks;
    bench_env_close(&e);
    return CCA_OK;
}

int bench_run_row(const struct bench_row *row, enum check_level level, unsigned repeats,
                  struct bench_result *out)
{
    struct bench_result r;

    memset(out, 0, sizeof(*out));
    for (unsigned i = 0; i < repeats; i++) {
        int err = bench_once(row, level, &r);

        if (err != CCA_OK)
            return err;
        if (r.calls_per_second < out->calls_per_second)
            r.calls_per_second = out->calls_per_second;
        *out = r;
    }
    return CCA_OK;
}
