/* SPDX-License-Identifier: BSD-3-Clause */
/* The platform and the choices of its RMM: `machine:` and `impl:`. */
#include <string.h>

#include <ccasim/gpt.h>

#include "scn.h"

enum { RANGE_BASE, RANGE_SIZE };
const struct key_set scn_range_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [RANGE_BASE] = {"base", "first address", .type = KEY_NUMBER, .required = true},
            [RANGE_SIZE] = {"size", "bytes, as 64M", .type = KEY_NUMBER, .required = true},
        },
    .num = 2,
};

enum { M_PES, M_DRAM, M_BANKS, M_SECURE, M_ROOT_SIZE, M_PA_BITS, M_SEED, M_VIRTUAL_TIME };
const struct key_set scn_machine_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [M_PES] = {"pes", "number of PEs; default 2", .type = KEY_NUMBER, .min = 1,
                       .max = CCA_MAX_PES},
            [M_DRAM] = {"dram", "default 64 MB at 0x80000000", .type = KEY_MAP,
                        .sub = &scn_range_keys},
            [M_BANKS] = {"banks", "what the RMM tracks; default DRAM less its Root part",
                         .type = KEY_NODE, .form = FORM_RANGES},
            [M_SECURE] = {"secure", "ranges that start in the Secure PAS", .type = KEY_NODE,
                          .form = FORM_RANGES},
            [M_ROOT_SIZE] = {"root_size", "bytes at the end of DRAM for EL3M", .type = KEY_NUMBER},
            [M_PA_BITS] = {"pa_bits", "protected PA space: 32, 36, 40, 42, 44, 48, 52; default 40",
                           .type = KEY_NUMBER, .min = 32, .max = 52},
            [M_SEED] = {"seed", "of random-number instructions; default 0", .type = KEY_NUMBER},
            [M_VIRTUAL_TIME] = {"virtual_time", "count instructions; default true",
                                .type = KEY_BOOL},
        },
    .num = 8,
};

enum {
    I_S2SZ,
    I_LPA2,
    I_NUM_BPS,
    I_NUM_WPS,
    I_SVE,
    I_SVE_VL,
    I_PMU,
    I_PMU_NUM_CTRS,
    I_SHA256,
    I_SHA512,
    I_NUM_LRS,
    I_MAX_RECS_ORDER,
    I_REC_AUX_COUNT,
    I_VMID_BITS,
    I_WIPE,
    I_LR_PRIORITY_BITS,
    I_COUNT
};
static const char *const wipes[] = {"eager", "lazy", NULL};
const struct key_set scn_impl_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [I_S2SZ] = {"s2sz", "widest IPA space; default 48", .type = KEY_NUMBER, .min = 32,
                        .max = 52},
            [I_LPA2] = {"lpa2", "52-bit addresses in RTTs; default false", .type = KEY_BOOL},
            [I_NUM_BPS] = {"num_bps", "breakpoints less one; default 5", .type = KEY_NUMBER,
                           .min = 1, .max = 63},
            [I_NUM_WPS] = {"num_wps", "watchpoints less one; default 3", .type = KEY_NUMBER,
                           .min = 1, .max = 63},
            [I_SVE] = {"sve", "default false", .type = KEY_BOOL},
            [I_SVE_VL] = {"sve_vl", "default 0", .type = KEY_NUMBER, .max = 15},
            [I_PMU] = {"pmu", "default false", .type = KEY_BOOL},
            [I_PMU_NUM_CTRS] = {"pmu_num_ctrs", "default 0", .type = KEY_NUMBER, .max = 31},
            [I_SHA256] = {"sha256", "default true", .type = KEY_BOOL},
            [I_SHA512] = {"sha512", "default true", .type = KEY_BOOL},
            [I_NUM_LRS] = {"num_lrs", "list registers; default 4", .type = KEY_NUMBER, .min = 1,
                           .max = 16},
            [I_MAX_RECS_ORDER] = {"max_recs_order", "at most 2^n - 1 RECs; default 9",
                                  .type = KEY_NUMBER, .max = 15},
            [I_REC_AUX_COUNT] = {"rec_aux_count", "auxiliary granules of a REC; default 1",
                                 .type = KEY_NUMBER, .max = REC_MAX_AUX},
            [I_VMID_BITS] = {"vmid_bits", "8 or 16; default 8", .type = KEY_NUMBER, .min = 8,
                             .max = 16},
            [I_WIPE] = {"wipe", "when granules are erased; default eager", .type = KEY_CHOICE,
                        .choices = wipes},
            [I_LR_PRIORITY_BITS] = {"lr_priority_bits", "default 5", .type = KEY_NUMBER, .min = 4,
                                    .max = 8},
        },
    .num = I_COUNT,
};

static void read_ranges(struct scn *s, const struct node *n, const char *name,
                        struct impl_range *list, uint32_t max, uint32_t *num)
{
    size_t old = path_key(&s->path, name), index = 0;

    *num = 0;
    FOR_EACH_ITEM(item, n)
    {
        size_t inner = n->kind == NODE_LIST ? path_index(&s->path, index++) : s->path.len;
        struct field f[2];

        if (*num == max)
            scn_allowed(s, scn_error(s, item, "too many ranges"), "%u", max);
        else if (scn_read_keys(s, item, &scn_range_keys, f))
            list[(*num)++] = (struct impl_range){f[RANGE_BASE].value.num, f[RANGE_SIZE].value.num};
        path_pop(&s->path, inner);
        if (*num == max && index > max)
            break;
    }
    path_pop(&s->path, old);
}

static void read_dram(struct scn *s, const struct node *n)
{
    struct impl *impl = &s->sc->impl;
    struct field f[2];
    size_t old = path_key(&s->path, "dram");

    if (scn_read_keys(s, n, &scn_range_keys, f))
        impl->dram = (struct impl_range){f[RANGE_BASE].value.num, f[RANGE_SIZE].value.num};
    path_pop(&s->path, old);
}

void scn_read_machine(struct scn *s, const struct node *n)
{
    struct impl *impl = &s->sc->impl;
    struct field f[8];

    scn_read_keys(s, n, &scn_machine_keys, f);
    if (f[M_PES].node)
        impl->num_pes = (uint32_t)f[M_PES].value.num;
    if (f[M_PA_BITS].node)
        impl->pa_bits = (uint8_t)f[M_PA_BITS].value.num;
    if (f[M_ROOT_SIZE].node)
        impl->root_size = f[M_ROOT_SIZE].value.num;
    if (f[M_DRAM].node)
        read_dram(s, f[M_DRAM].node);
    if (!f[M_ROOT_SIZE].node && (f[M_DRAM].node || f[M_PA_BITS].node) &&
        scn_pa_bits_may_be(impl->pa_bits))
        impl->root_size = gpt_size_needed(impl);
    if (f[M_VIRTUAL_TIME].node)
        s->sc->virtual_time = f[M_VIRTUAL_TIME].value.num;
    impl->seed = f[M_SEED].value.num;
    impl_fill_banks(impl);
    if (f[M_BANKS].node)
        read_ranges(s, f[M_BANKS].node, "banks", impl->bank, IMPL_MAX_BANKS, &impl->num_banks);
    if (f[M_SECURE].node)
        read_ranges(s, f[M_SECURE].node, "secure", impl->secure, IMPL_MAX_SECURE,
                    &impl->num_secure);
}

/* Where each key of `impl:` that is a number, or a flag, is kept. */
static uint8_t *impl_byte(struct impl *impl, unsigned key)
{
    switch (key) {
    case I_S2SZ: return &impl->s2sz;
    case I_NUM_BPS: return &impl->num_bps;
    case I_NUM_WPS: return &impl->num_wps;
    case I_SVE_VL: return &impl->sve_vl;
    case I_PMU_NUM_CTRS: return &impl->pmu_num_ctrs;
    case I_NUM_LRS: return &impl->num_lrs;
    case I_MAX_RECS_ORDER: return &impl->max_recs_order;
    case I_REC_AUX_COUNT: return &impl->rec_aux_count;
    case I_VMID_BITS: return &impl->vmid_bits;
    default: return &impl->lr_priority_bits;
    }
}

static bool *impl_flag(struct impl *impl, unsigned key)
{
    switch (key) {
    case I_LPA2: return &impl->lpa2;
    case I_SVE: return &impl->sve;
    case I_PMU: return &impl->pmu;
    case I_SHA256: return &impl->sha256;
    default: return &impl->sha512;
    }
}

void scn_read_impl(struct scn *s, const struct node *n)
{
    struct impl *impl = &s->sc->impl;
    struct field f[I_COUNT];

    scn_read_keys(s, n, &scn_impl_keys, f);
    for (unsigned i = 0; i < I_COUNT; i++) {
        if (!f[i].node)
            continue;
        if (scn_impl_keys.keys[i].type == KEY_NUMBER)
            *impl_byte(impl, i) = (uint8_t)f[i].value.num;
        else if (scn_impl_keys.keys[i].type == KEY_BOOL)
            *impl_flag(impl, i) = f[i].value.num;
        else
            impl->wipe = f[i].value.num ? WIPE_LAZY : WIPE_EAGER;
    }
}

/* What the tables cannot say, the model does: at the key that it names first, or else at the
 * section. */
void scn_check_impl(struct scn *s, const struct node *root)
{
    const struct node *machine = node_get(root, "machine"), *impl = node_get(root, "impl");
    const struct node *at = impl ? impl : machine ? machine : root, *named = NULL;
    char why[200], word[40];

    if (impl_check(&s->sc->impl, why, sizeof(why)) == CCA_OK) {
        uint64_t least = gpt_size_needed(&s->sc->impl);

        if (least <= s->sc->impl.root_size)
            return;
        snprintf(why, sizeof(why), "root_size: must be 0x%llx or more, for the GPT",
                 (unsigned long long)least);
    }
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(why, " :"), why);
    if (impl && impl->kind == NODE_MAP)
        named = node_get(impl, word);
    if (!named && machine && machine->kind == NODE_MAP) {
        at = machine;
        named = node_get(machine, word);
    }
    scn_error(s, named ? named : at, "%s", why);
}
