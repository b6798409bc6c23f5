/* SPDX-License-Identifier: BSD-3-Clause */
/* Byte strings: what the host writes and reads back, and the parameter pages of commands. */
#include <string.h>

#include "scn.h"

#define MAX_CONTENT (16u << 20)
#define MAX_NUMBERS 512u

/* A structure being put together: known numbers become bytes, saved variables become fields. */
struct page {
    struct scn *s;
    struct step *st;
    uint8_t *bytes;
    unsigned capacity;
};

static struct page page_new(struct scn *s, struct step *st, uint32_t len)
{
    struct page p = {.s = s, .st = st, .bytes = arena_alloc(s->arena, len)};

    st->u.bytes.bytes = p.bytes;
    st->u.bytes.len = len;
    return p;
}

static void put_number(uint8_t *to, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static void put_variable(struct page *p, const char *name, uint32_t offset, uint8_t size,
                         struct value v, const struct node *n)
{
    struct expect_field *f;
    unsigned num = p->st->u.bytes.num_fields;

    if (num == p->capacity) {
        p->capacity = num ? 2 * num : 4;
        p->st->u.bytes.field = arena_grow(p->s->arena, p->st->u.bytes.field, num * sizeof(*f),
                                          p->capacity * sizeof(*f));
    }
    f = &p->st->u.bytes.field[p->st->u.bytes.num_fields++];
    *f = (struct expect_field){name, offset, size, UINT64_MAX, v, scn_loc(p->s, n)};
}

/* Can `size` bytes hold it, as an unsigned or as a negative number? */
static bool fits(uint64_t v, unsigned size)
{
    unsigned bits = 8 * size;

    return size == 8 || v >> bits == 0 || (int64_t)v >> (bits - 1) == -1;
}

static void page_put(struct page *p, const char *name, uint32_t offset, uint8_t size,
                     struct value v, const struct node *n)
{
    if (v.var >= 0) {
        put_variable(p, name, offset, size, v, n);
        return;
    }
    if (!fits(v.num, size))
        scn_allowed(p->s,
                    scn_error(p->s, n, "0x%llx does not fit into `%s`, which has %u byte%s",
                              (unsigned long long)v.num, name, size, size == 1 ? "" : "s"),
                    "0..0x%llx", (1ull << (8 * size)) - 1);
    put_number(p->bytes + offset, v.num, size);
}

/* --- write, expect_memory, scan --- */

/* How bytes can be given. */
enum { BYTES, STRING, BLOB, FILL, U8, U16, U32, U64, CONTENT_KEYS };
#define CONTENT(first)                                                                            \
    [(first) +                                                                                    \
        BYTES] = {"bytes", "hexadecimal digits: \"00 ff\"", .type = KEY_BYTES},                   \
        [(first) + STRING] = {"string", "characters, without a final zero", .type = KEY_TEXT},    \
        [(first) + BLOB] = {"blob", "a name in `code:`", .type = KEY_TEXT},                       \
        [(first) + FILL] = {"fill", "one byte, `len` times", .type = KEY_NUMBER, .max = 255},     \
        [(first) + U8] = {"u8", "numbers, little-endian", .type = KEY_NODE, .form = FORM_VALUES}, \
        [(first) +                                                                                \
            U16] = {"u16", "numbers, little-endian", .type = KEY_NODE, .form = FORM_VALUES},      \
        [(first) +                                                                                \
            U32] = {"u32", "numbers, little-endian", .type = KEY_NODE, .form = FORM_VALUES},      \
        [(first) + U64] = {"u64", "numbers, little-endian", .type = KEY_NODE, .form = FORM_VALUES}

#define CONTENT_ALLOWED "bytes, string, blob, fill, u8, u16, u32, u64"

static void numbers_content(struct scn *s, const struct field *f, unsigned size, struct step *st)
{
    struct value *v = ARENA_ARRAY(s->arena, struct value, MAX_NUMBERS);
    size_t old = path_key(&s->path, size == 1   ? "u8"
                                    : size == 2 ? "u16"
                                    : size == 4 ? "u32"
                                                : "u64");
    int num = scn_values(s, f->node, MAX_NUMBERS, v);

    if (num >= 0) {
        struct page p = page_new(s, st, (uint32_t)num * size);

        for (int i = 0; i < num; i++)
            page_put(&p, "value", (uint32_t)i * size, (uint8_t)size, v[i], f->node);
    }
    path_pop(&s->path, old);
}

static void blob_content(struct scn *s, const struct field *f, struct step *st)
{
    int index = scn_reference(s, f->node, NAME_CODE);

    if (index < 0)
        return;
    st->u.bytes.bytes = s->sc->blobs[index].bytes;
    st->u.bytes.len = s->sc->blobs[index].len;
}

/* The one way that was used, or -1 (reported). */
static int content_kind(struct scn *s, const struct node *n, const struct field *f)
{
    int kind = -1;

    for (int i = 0; i < CONTENT_KEYS; i++) {
        if (!f[i].node)
            continue;
        if (kind >= 0) {
            scn_allowed(s, scn_error(s, f[i].node, "a second content"), "one of " CONTENT_ALLOWED);
            return -1;
        }
        kind = i;
    }
    if (kind < 0)
        scn_allowed(s, scn_error(s, n, "no content"), "one of " CONTENT_ALLOWED);
    return kind;
}

static void read_content(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    static const uint8_t sizes[CONTENT_KEYS] = {[U8] = 1, [U16] = 2, [U32] = 4, [U64] = 8};
    int kind = content_kind(s, n, f);

    switch (kind) {
    case -1: break;
    case BYTES:
        st->u.bytes.bytes = f[BYTES].bytes;
        st->u.bytes.len = f[BYTES].len;
        break;
    case STRING:
        st->u.bytes.bytes = (const uint8_t *)f[STRING].text;
        st->u.bytes.len = f[STRING].len;
        break;
    case BLOB: blob_content(s, &f[BLOB], st); break;
    case FILL:
        st->u.bytes.fill = (uint8_t)f[FILL].value.num;
        st->u.bytes.len = GRANULE_SIZE;
        break;
    default: numbers_content(s, &f[kind], sizes[kind], st); break;
    }
}

enum { MEM_AT, MEM_OFFSET, MEM_LEN, MEM_CONTENT };
static void build_memory(struct scn *s, const struct node *n, const struct field *f,
                         struct step *st)
{
    const struct field *len = &f[MEM_LEN];

    read_content(s, n, f + MEM_CONTENT, st);
    st->u.bytes.addr = f[MEM_AT].value;
    st->u.bytes.addr.num += f[MEM_OFFSET].value.num;
    if (!len->node)
        return;
    if (!f[MEM_CONTENT + FILL].node && len->value.num > st->u.bytes.len)
        scn_allowed(s, scn_error(s, len->node, "the content is shorter"), "0..%u", st->u.bytes.len);
    else
        st->u.bytes.len = (uint32_t)len->value.num;
}

#define MEMORY_KEYS                                                                               \
    {                                                                                             \
        .what = "key",                                                                            \
        .keys =                                                                                   \
            (const struct key[]){                                                                 \
                [MEM_AT] = {"at", "address in host memory", .type = KEY_VALUE, .required = true}, \
                [MEM_OFFSET] = {"offset", "bytes from `at`", .type = KEY_NUMBER},                 \
                [MEM_LEN] = {"len", "bytes; default all of the content, a granule for `fill`",    \
                             .type = KEY_NUMBER, .max = MAX_CONTENT},                             \
                CONTENT(MEM_CONTENT),                                                             \
            },                                                                                    \
        .num = MEM_CONTENT + CONTENT_KEYS                                                         \
    }

const struct step_type scn_write = {
    .name = "write",
    .doc = "the host writes bytes to its memory",
    .set = MEMORY_KEYS,
    .kind = STEP_WRITE_BYTES,
    .build = build_memory,
};
const struct step_type scn_expect_memory = {
    .name = "expect_memory",
    .doc = "the host reads its memory and finds these bytes",
    .set = MEMORY_KEYS,
    .kind = STEP_EXPECT_BYTES,
    .build = build_memory,
};

enum { SCAN_PAS, SCAN_COUNT, SCAN_CONTENT };
static const char *const scan_spaces[] = {"ns", "secure", "realm", "root", "all", NULL};

static void build_scan(struct scn *s, const struct node *n, const struct field *f, struct step *st)
{
    struct step content = {0};

    read_content(s, n, f + SCAN_CONTENT, &content);
    if (content.u.bytes.num_fields)
        scn_error(s, n, "a saved variable cannot be searched for");
    if (f[SCAN_CONTENT + FILL].node)
        scn_error(s, n, "`fill` cannot be searched for: write `bytes`");
    st->u.scan.bytes = content.u.bytes.bytes;
    st->u.scan.len = content.u.bytes.len;
    st->u.scan.pas =
        f[SCAN_PAS].node && f[SCAN_PAS].value.num < PAS_COUNT ? (int)f[SCAN_PAS].value.num : -1;
    st->u.scan.count = f[SCAN_COUNT].value.num;
}

const struct step_type scn_scan = {
    .name = "scan",
    .doc = "searches DRAM for bytes",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [SCAN_PAS] = {"pas", "only granules of this address space; default all",
                                  .type = KEY_CHOICE, .choices = scan_spaces},
                    [SCAN_COUNT] = {"count", "places where they must be found; default 0",
                                    .type = KEY_NUMBER},
                    CONTENT(SCAN_CONTENT),
                },
            .num = SCAN_CONTENT + CONTENT_KEYS},
    .kind = STEP_SCAN,
    .build = build_scan,
};

/* --- parameter pages --- */

/* Where key i of the table goes; size 0: it is read otherwise. */
struct place {
    uint16_t offset;
    uint8_t size;
};

static void put_fields(struct page *p, const struct key_set *set, const struct place *places,
                       const struct field *f)
{
    for (unsigned i = 0; i < set->num; i++) {
        if (places[i].size && f[i].node)
            page_put(p, set->keys[i].name, places[i].offset, places[i].size, f[i].value, f[i].node);
    }
}

/* {0: value, x1: value} or a list from 0: elements of an array of 64-bit numbers. */
static void put_array(struct page *p, const char *name, uint32_t offset, unsigned count,
                      const struct node *n)
{
    struct scn *s = p->s;
    struct value v[64];
    size_t old = path_key(&s->path, name);
    int num;

    if (n->kind != NODE_MAP) {
        num = scn_values(s, n, count, v);
        for (int i = 0; i < num; i++)
            page_put(p, name, offset + 8 * (uint32_t)i, 8, v[i], n);
        path_pop(&s->path, old);
        return;
    }
    FOR_EACH_VALUE(item, n)
    {
        const char *digits = item->key->text + (item->key->text[0] == 'x');
        size_t inner = path_key(&s->path, item->key->text);
        unsigned index = count;

        if (digits[0] >= '0' && digits[0] <= '9' && strlen(digits) <= 2)
            index =
                (unsigned)(digits[1] ? (digits[0] - '0') * 10 + digits[1] - '0' : digits[0] - '0');
        if (index >= count)
            scn_allowed(s, scn_error(s, item->key, "no element `%.20s`", item->key->text), "0..%u",
                        count - 1);
        else if (scn_value(s, item, GROUP_ANY, &v[0]))
            page_put(p, name, offset + 8 * index, 8, v[0], item);
        path_pop(&s->path, inner);
    }
    path_pop(&s->path, old);
}

static struct value flag_bits(const struct field *flags, const struct field *f, const uint8_t *bit,
                              unsigned num)
{
    struct value v = flags->node ? flags->value : (struct value){0, -1};

    for (unsigned i = 0; i < num; i++) {
        if (f[i].value.num)
            v.num |= 1ull << bit[i];
    }
    return v;
}

/* --- realm_params --- */

enum {
    RP_AT,
    RP_FLAGS,
    RP_LPA2,
    RP_SVE,
    RP_PMU,
    RP_S2SZ,
    RP_SVE_VL,
    RP_NUM_BPS,
    RP_NUM_WPS,
    RP_PMU_NUM_CTRS,
    RP_HASH_ALGO,
    RP_RPV,
    RP_VMID,
    RP_RTT_BASE,
    RP_RTT_LEVEL_START,
    RP_RTT_NUM_START,
    RP_COUNT
};
static const struct place realm_places[RP_COUNT] = {
    [RP_S2SZ] = {REALM_PARAMS_S2SZ, 1},
    [RP_SVE_VL] = {REALM_PARAMS_SVE_VL, 1},
    [RP_NUM_BPS] = {REALM_PARAMS_NUM_BPS, 1},
    [RP_NUM_WPS] = {REALM_PARAMS_NUM_WPS, 1},
    [RP_PMU_NUM_CTRS] = {REALM_PARAMS_PMU_NUM_CTRS, 1},
    [RP_HASH_ALGO] = {REALM_PARAMS_HASH_ALGO, 1},
    [RP_VMID] = {REALM_PARAMS_VMID, 2},
    [RP_RTT_BASE] = {REALM_PARAMS_RTT_BASE, 8},
    [RP_RTT_LEVEL_START] = {REALM_PARAMS_RTT_LEVEL_START, 8},
    [RP_RTT_NUM_START] = {REALM_PARAMS_RTT_NUM_START, 4},
};

#define START_LEVEL_1_BITS    39u /* one level-1 table maps 2^39 bytes */
#define START_LEVEL_0_BITS    48u
#define MAX_START_TABLES_BITS 4u

/* What the host's driver would choose: as few tables as possible, from level 1 if 16 suffice; LPA2 where it is needed. */
static void realm_defaults(struct page *p, const struct field *f)
{
    const struct impl *impl = &p->s->sc->impl;
    uint64_t s2sz = f[RP_S2SZ].node && f[RP_S2SZ].value.var < 0 ? f[RP_S2SZ].value.num : impl->s2sz;
    bool level1 = s2sz <= START_LEVEL_1_BITS + MAX_START_TABLES_BITS;
    int64_t level = level1 ? 1 : s2sz <= START_LEVEL_0_BITS ? 0 : -1;
    uint64_t tables = level1 && s2sz > START_LEVEL_1_BITS ? 1ull << (s2sz - START_LEVEL_1_BITS) : 1;

    put_number(p->bytes + REALM_PARAMS_S2SZ, s2sz, 1);
    put_number(p->bytes + REALM_PARAMS_NUM_BPS, impl->num_bps, 1);
    put_number(p->bytes + REALM_PARAMS_NUM_WPS, impl->num_wps, 1);
    put_number(p->bytes + REALM_PARAMS_RTT_LEVEL_START, (uint64_t)level, 8);
    put_number(p->bytes + REALM_PARAMS_RTT_NUM_START, tables, 4);
    put_number(p->bytes + REALM_PARAMS_HASH_ALGO, impl->sha256 ? HASH_SHA_256 : HASH_SHA_512, 1);
}

static void build_realm_params(struct scn *s, const struct node *n, const struct field *f,
                               struct step *st)
{
    static const uint8_t bits[] = {0, 1, 2}; /* REALM_FLAG_LPA2, _SVE, _PMU */
    struct page p = page_new(s, st, GRANULE_SIZE);
    const struct field *rpv = &f[RP_RPV];
    struct value flags = flag_bits(&f[RP_FLAGS], &f[RP_LPA2], bits, 3);

    st->u.bytes.addr = f[RP_AT].value;
    realm_defaults(&p, f);
    if (!f[RP_FLAGS].node && !f[RP_LPA2].node && p.bytes[REALM_PARAMS_S2SZ] > START_LEVEL_0_BITS &&
        s->sc->impl.lpa2)
        flags.num |= REALM_FLAG_LPA2;
    page_put(&p, "flags", REALM_PARAMS_FLAGS, 8, flags, n);
    put_fields(&p, &scn_realm_params.set, realm_places, f);
    if (!rpv->node)
        return;
    if (rpv->len > 64)
        scn_allowed(s, scn_error(s, rpv->node, "`rpv` has %u bytes", rpv->len), "0..64 bytes");
    else
        memcpy(p.bytes + REALM_PARAMS_RPV, rpv->bytes, rpv->len);
}

const struct step_type scn_realm_params = {
    .name = "realm_params",
    .doc = "the host writes a page of RmiRealmParams; what is not given is a legal choice",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [RP_AT] = {"at", "granule", .type = KEY_VALUE, .required = true},
                    [RP_FLAGS] = {"flags", "the flags word", .type = KEY_VALUE},
                    [RP_LPA2] = {"lpa2", "a flag; default: as s2sz wants it", .type = KEY_BOOL},
                    [RP_SVE] = {"sve", "a flag", .type = KEY_BOOL},
                    [RP_PMU] = {"pmu", "a flag", .type = KEY_BOOL},
                    [RP_S2SZ] = {"s2sz", "bits of the IPA space; default what the RMM offers",
                                 .type = KEY_VALUE, .max = 0xff},
                    [RP_SVE_VL] = {"sve_vl", "default 0", .type = KEY_VALUE, .max = 0xff},
                    [RP_NUM_BPS] = {"num_bps", "breakpoints less one; default what the RMM offers",
                                    .type = KEY_VALUE, .max = 0xff},
                    [RP_NUM_WPS] = {"num_wps", "watchpoints less one; default what the RMM offers",
                                    .type = KEY_VALUE, .max = 0xff},
                    [RP_PMU_NUM_CTRS] = {"pmu_num_ctrs", "default 0", .type = KEY_VALUE,
                                         .max = 0xff},
                    [RP_HASH_ALGO] = {"hash_algo", "sha256 or sha512; default sha256",
                                      .type = KEY_VALUE, .max = 0xff, .group = GROUP_HASH},
                    [RP_RPV] = {"rpv", "Realm personalisation value, 64 bytes; default 0",
                                .type = KEY_BYTES},
                    [RP_VMID] = {"vmid", "default 0", .type = KEY_VALUE, .max = 0xffff},
                    [RP_RTT_BASE] = {"rtt_base", "first granule of the start level",
                                     .type = KEY_VALUE},
                    [RP_RTT_LEVEL_START] = {"rtt_level_start", "default: as s2sz wants it",
                                            .type = KEY_VALUE},
                    [RP_RTT_NUM_START] = {"rtt_num_start", "default: as s2sz wants it",
                                          .type = KEY_VALUE, .max = 0xffffffff},
                },
            .num = RP_COUNT},
    .kind = STEP_WRITE_BYTES,
    .build = build_realm_params,
};

/* --- rec_params --- */

enum { CP_AT, CP_FLAGS, CP_RUNNABLE, CP_MPIDR, CP_PC, CP_GPRS, CP_NUM_AUX, CP_AUX, CP_COUNT };
static const struct place rec_places[CP_COUNT] = {
    [CP_MPIDR] = {REC_PARAMS_MPIDR, 8},
    [CP_PC] = {REC_PARAMS_PC, 8},
    [CP_NUM_AUX] = {REC_PARAMS_NUM_AUX, 8},
};

static void put_aux(struct page *p, const struct field *f)
{
    struct scn *s = p->s;
    struct value v[REC_MAX_AUX];
    size_t old = path_key(&s->path, "aux");
    int num = scn_values(s, f[CP_AUX].node, REC_MAX_AUX, v);

    path_pop(&s->path, old);
    if (num < 0)
        return;
    for (int i = 0; i < num; i++)
        page_put(p, "aux", REC_PARAMS_AUX + 8 * (uint32_t)i, 8, v[i], f[CP_AUX].node);
    if (!f[CP_NUM_AUX].node)
        put_number(p->bytes + REC_PARAMS_NUM_AUX, (uint64_t)num, 8);
}

static void build_rec_params(struct scn *s, const struct node *n, const struct field *f,
                             struct step *st)
{
    struct page p = page_new(s, st, GRANULE_SIZE);
    struct value flags = f[CP_FLAGS].node ? f[CP_FLAGS].value : (struct value){0, -1};

    st->u.bytes.addr = f[CP_AT].value;
    if (f[CP_RUNNABLE].node ? f[CP_RUNNABLE].value.num != 0 : !f[CP_FLAGS].node)
        flags.num |= REC_PARAMS_FLAG_RUNNABLE;
    page_put(&p, "flags", REC_PARAMS_FLAGS, 8, flags, n);
    put_fields(&p, &scn_rec_params.set, rec_places, f);
    if (f[CP_GPRS].node)
        put_array(&p, "gprs", REC_PARAMS_GPRS, REC_NUM_CREATE_GPRS, f[CP_GPRS].node);
    if (f[CP_AUX].node)
        put_aux(&p, f);
}

const struct step_type scn_rec_params = {
    .name = "rec_params",
    .doc = "the host writes a page of RmiRecParams",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [CP_AT] = {"at", "granule", .type = KEY_VALUE, .required = true},
                    [CP_FLAGS] = {"flags", "the flags word", .type = KEY_VALUE},
                    [CP_RUNNABLE] = {"runnable", "a flag; default true", .type = KEY_BOOL},
                    [CP_MPIDR] = {"mpidr", "default 0", .type = KEY_VALUE},
                    [CP_PC] = {"pc", "IPA of the first instruction; default 0", .type = KEY_VALUE},
                    [CP_GPRS] = {"gprs", "x0..x7: {0: value}, or a list", .type = KEY_NODE,
                                 .form = FORM_VALUE_MAP},
                    [CP_NUM_AUX] = {"num_aux", "default the length of `aux`", .type = KEY_VALUE},
                    [CP_AUX] = {"aux", "auxiliary granules: a list, or `aux.*`", .type = KEY_NODE,
                                .form = FORM_VALUES},
                },
            .num = CP_COUNT},
    .kind = STEP_WRITE_BYTES,
    .build = build_rec_params,
};

/* --- rec_run --- */

enum {
    RR_AT,
    RR_FLAGS,
    RR_EMUL_MMIO,
    RR_INJECT_SEA,
    RR_TRAP_WFI,
    RR_TRAP_WFE,
    RR_RIPAS_REJECT,
    RR_GPRS,
    RR_GICV3_HCR,
    RR_GICV3_LRS,
    RR_COUNT
};
static const struct place run_places[RR_COUNT] = {
    [RR_GICV3_HCR] = {REC_ENTER_GICV3_HCR, 8},
};

static void build_rec_run(struct scn *s, const struct node *n, const struct field *f,
                          struct step *st)
{
    static const uint8_t bits[] = {0, 1, 2, 3, 4}; /* REC_ENTRY_FLAG_* */
    struct page p = page_new(s, st, GRANULE_SIZE);

    st->u.bytes.addr = f[RR_AT].value;
    page_put(&p, "flags", REC_ENTER_FLAGS, 8,
             flag_bits(&f[RR_FLAGS], &f[RR_EMUL_MMIO], bits, COUNT_OF(bits)), n);
    put_fields(&p, &scn_rec_run.set, run_places, f);
    if (f[RR_GPRS].node)
        put_array(&p, "gprs", REC_ENTER_GPRS, 31, f[RR_GPRS].node);
    if (f[RR_GICV3_LRS].node)
        put_array(&p, "gicv3_lrs", REC_ENTER_GICV3_LRS, 16, f[RR_GICV3_LRS].node);
}

const struct step_type scn_rec_run = {
    .name = "rec_run",
    .doc = "the host writes a page of RmiRecRun: the entry as given, the exit all zero",
    .set = {.what = "key",
            .keys =
                (const struct key[]){
                    [RR_AT] = {"at", "granule", .type = KEY_VALUE, .required = true},
                    [RR_FLAGS] = {"flags", "the flags word", .type = KEY_VALUE},
                    [RR_EMUL_MMIO] = {"emul_mmio", "a flag", .type = KEY_BOOL},
                    [RR_INJECT_SEA] = {"inject_sea", "a flag", .type = KEY_BOOL},
                    [RR_TRAP_WFI] = {"trap_wfi", "a flag", .type = KEY_BOOL},
                    [RR_TRAP_WFE] = {"trap_wfe", "a flag", .type = KEY_BOOL},
                    [RR_RIPAS_REJECT] = {"ripas_reject",
                                         "the flag ripas_response: the host refuses",
                                         .type = KEY_BOOL},
                    [RR_GPRS] = {"gprs", "x0..x30: {0: value}, or a list", .type = KEY_NODE,
                                 .form = FORM_VALUE_MAP},
                    [RR_GICV3_HCR] = {"gicv3_hcr", "default 0", .type = KEY_VALUE},
                    [RR_GICV3_LRS] = {"gicv3_lrs", "list registers: {0: value}, or a list",
                                      .type = KEY_NODE, .form = FORM_VALUE_MAP},
                },
            .num = RR_COUNT,
            .positional = false},
    .kind = STEP_WRITE_BYTES,
    .build = build_rec_run,
};
