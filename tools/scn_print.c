/* SPDX-License-Identifier: BSD-3-Clause */
#include "scn_print.h"

#include <ccasim/gpt.h>
#include <ccasim/gst.h>
#include <ccasim/machine.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scn.h"
#include "scn_print_script.h"

struct printer {
    struct text *t;
    const struct scenario *sc;
    struct arena *arena;
    int depth; /* of nested lists of steps */
};

/* --- values --- */

void print_number(struct text *t, uint64_t v)
{
    text_printf(t, v < 10 ? "%" PRIu64 : "0x%" PRIx64, v);
}

/* rtt[1] as rtt.1: brackets mean something else inside {}. */
static void print_name(struct text *t, const char *name)
{
    for (; *name; name++) {
        if (*name == '[')
            text_puts(t, ".");
        else if (*name != ']')
            text_add(t, name, 1);
    }
}

static const char *granule_name(const struct scenario *sc, uint64_t a)
{
    for (unsigned i = 0; i < sc->num_names; i++) {
        if (sc->names[i].pa == align_down(a, GRANULE_SIZE))
            return sc->names[i].name;
    }
    return NULL;
}

static void print_value(struct printer *p, struct value v, bool is_address)
{
    const char *name = is_address && v.var < 0 ? granule_name(p->sc, v.num) : NULL;
    uint64_t rest = name ? v.num & GRANULE_MASK : v.num;

    if (v.var >= 0)
        name = p->sc->vars[v.var];
    if (name == NULL) {
        print_number(p->t, v.num);
        return;
    }
    print_name(p->t, name);
    if (rest) {
        text_puts(p->t, " + ");
        print_number(p->t, rest);
    }
}

static struct value known(uint64_t v)
{
    return (struct value){v, -1};
}

/* A text in single quotes. */
static void print_quoted(struct text *t, const char *s)
{
    text_puts(t, "'");
    for (; *s; s++) {
        if (*s == '\'')
            text_puts(t, "''");
        else
            text_add(t, *s == '\n' ? " " : s, 1);
    }
    text_puts(t, "'");
}

/* --- the head --- */

static void print_ranges(struct text *t, const char *key, const struct impl_range *r, uint32_t num)
{
    text_printf(t, ", %s: [", key);
    for (uint32_t i = 0; i < num; i++)
        text_printf(t, "%s{base: 0x%" PRIx64 ", size: 0x%" PRIx64 "}", i ? ", " : "", r[i].base,
                    r[i].size);
    text_puts(t, "]");
}

static bool has_own_banks(const struct impl *impl)
{
    struct impl filled = *impl;

    impl_fill_banks(&filled);
    if (filled.num_banks != impl->num_banks)
        return true;
    for (uint32_t i = 0; i < impl->num_banks; i++) {
        if (filled.bank[i].base != impl->bank[i].base || filled.bank[i].size != impl->bank[i].size)
            return true;
    }
    return false;
}

/* What is not as the format has it by default. */
static void print_machine(struct text *t, const struct scenario *sc)
{
    const struct impl *impl = &sc->impl;
    struct impl usual;

    impl_default(&usual);
    text_printf(t, "machine: {pes: %u", impl->num_pes);
    if (impl->dram.base != usual.dram.base || impl->dram.size != usual.dram.size ||
        impl->root_size != usual.root_size || impl->pa_bits != usual.pa_bits)
        text_printf(t,
                    ", dram: {base: 0x%" PRIx64 ", size: 0x%" PRIx64 "}, root_size: 0x%" PRIx64
                    ", pa_bits: %u",
                    impl->dram.base, impl->dram.size, impl->root_size, impl->pa_bits);
    if (impl->seed)
        text_printf(t, ", seed: 0x%" PRIx64, impl->seed);
    if (!sc->virtual_time)
        text_puts(t, ", virtual_time: false");
    if (has_own_banks(impl))
        print_ranges(t, "banks", impl->bank, impl->num_banks);
    if (impl->num_secure)
        print_ranges(t, "secure", impl->secure, impl->num_secure);
    text_puts(t, "}\n");
}

static void print_impl(struct text *t, const struct impl *impl)
{
    const char *sep = "impl: {";
    struct impl usual;

    impl_default(&usual);
#define NUMBER(f)                                     \
    if (impl->f != usual.f) {                         \
        text_printf(t, "%s" #f ": %u", sep, impl->f); \
        sep = ", ";                                   \
    }
#define FLAG(f)                                                          \
    if (impl->f != usual.f) {                                            \
        text_printf(t, "%s" #f ": %s", sep, impl->f ? "true" : "false"); \
        sep = ", ";                                                      \
    }
    NUMBER(s2sz)
    FLAG(lpa2)
    NUMBER(num_bps)
    NUMBER(num_wps)
    FLAG(sve)
    NUMBER(sve_vl)
    FLAG(pmu)
    NUMBER(pmu_num_ctrs)
    FLAG(sha256)
    FLAG(sha512)
    NUMBER(num_lrs)
    NUMBER(max_recs_order)
    NUMBER(rec_aux_count)
    NUMBER(vmid_bits)
    NUMBER(lr_priority_bits)
#undef NUMBER
#undef FLAG
    if (impl->wipe != usual.wipe) {
        text_printf(t, "%swipe: %s", sep, impl->wipe == WIPE_LAZY ? "lazy" : "eager");
        sep = ", ";
    }
    text_puts(t, *sep == ',' ? "}\n" : "");
}
_Static_assert(sizeof(struct impl) == 216, "a new field of struct impl is to be printed");

/* rtt[0], rtt[1] ... are one line. */
static void print_granules(struct text *t, const struct scenario *sc)
{
    text_puts(t, sc->num_names ? "granules:\n" : "");
    for (unsigned i = 0; i < sc->num_names;) {
        const char *name = sc->names[i].name;
        size_t len = strcspn(name, "[");
        unsigned n = 1;

        while (name[len] && i + n < sc->num_names &&
               strncmp(sc->names[i + n].name, name, len + 1) == 0)
            n++;
        text_printf(t, "  %.*s: {", (int)len, name);
        if (name[len])
            text_printf(t, "count: %u, ", n);
        text_printf(t, "at: 0x%" PRIx64 "}\n", sc->names[i].pa);
        i += n;
    }
}

/* Only whole instructions can be given in hexadecimal digits. */
static bool is_code(const struct blob *b)
{
    return b->bytes && b->len && b->len % 4 == 0;
}

static void print_code(struct text *t, const struct scenario *sc)
{
    const char *head = "code:\n";

    for (unsigned i = 0; i < sc->num_blobs; i++) {
        const struct blob *b = &sc->blobs[i];

        if (!is_code(b))
            continue;
        text_printf(t, "%s  %s: {hex: \"", head, b->name);
        head = "";
        for (uint32_t k = 0; k < b->len; k += 4)
            text_printf(t, "%s%02x%02x%02x%02x",
                        k == 0   ? ""
                        : k % 32 ? " "
                                 : "\n    ",
                        b->bytes[k + 3], b->bytes[k + 2], b->bytes[k + 1], b->bytes[k]);
        text_puts(t, "\"}\n");
    }
}

void scenario_print_head(struct text *t, const struct scenario *sc, const char *purpose)
{
    text_printf(t, "# %s\nccasim: 1\n", purpose);
    for (unsigned i = 0; i < sc->num_tags; i++)
        text_printf(t, "%s%s%s", i ? ", " : "tags: [", sc->tags[i],
                    i + 1 < sc->num_tags ? "" : "]\n");
    print_machine(t, sc);
    print_impl(t, &sc->impl);
    if (sc->insn_limit != SCENARIO_INSN_LIMIT)
        text_printf(t, "limits: {insns: %" PRIu64 "}\n", sc->insn_limit);
    print_code(t, sc);
    print_scripts(t, sc);
    print_granules(t, sc);
    text_puts(t, "steps:\n");
}

/* --- pages and bytes --- */

struct layout_field {
    const char *key;
    uint16_t offset;
    uint8_t size;
    uint8_t count; /* 0: not an array */
    bool is_address;
};
struct layout {
    const char *name;
    uint64_t fid; /* of the command that reads it */
    const struct layout_field *fields;
    unsigned num;
    bool is_full; /* what is left out is not zero: every field is printed */
};

static const struct layout_field realm_fields[] = {
    {"flags", REALM_PARAMS_FLAGS, 8, 0, false},
    {"s2sz", REALM_PARAMS_S2SZ, 1, 0, false},
    {"sve_vl", REALM_PARAMS_SVE_VL, 1, 0, false},
    {"num_bps", REALM_PARAMS_NUM_BPS, 1, 0, false},
    {"num_wps", REALM_PARAMS_NUM_WPS, 1, 0, false},
    {"pmu_num_ctrs", REALM_PARAMS_PMU_NUM_CTRS, 1, 0, false},
    {"hash_algo", REALM_PARAMS_HASH_ALGO, 1, 0, false},
    {"vmid", REALM_PARAMS_VMID, 2, 0, false},
    {"rtt_base", REALM_PARAMS_RTT_BASE, 8, 0, true},
    {"rtt_level_start", REALM_PARAMS_RTT_LEVEL_START, 8, 0, false},
    {"rtt_num_start", REALM_PARAMS_RTT_NUM_START, 4, 0, false},
};
static const struct layout_field rec_fields[] = {
    {"flags", REC_PARAMS_FLAGS, 8, 0, false},
    {"mpidr", REC_PARAMS_MPIDR, 8, 0, false},
    {"pc", REC_PARAMS_PC, 8, 0, false},
    {"gprs", REC_PARAMS_GPRS, 8, REC_NUM_CREATE_GPRS, false},
    {"num_aux", REC_PARAMS_NUM_AUX, 8, 0, false},
    {"aux", REC_PARAMS_AUX, 8, REC_MAX_AUX, true},
};
static const struct layout_field run_fields[] = {
    {"flags", REC_ENTER_FLAGS, 8, 0, false},
    {"gprs", REC_ENTER_GPRS, 8, 31, false},
    {"gicv3_hcr", REC_ENTER_GICV3_HCR, 8, 0, false},
    {"gicv3_lrs", REC_ENTER_GICV3_LRS, 8, 16, false},
};
static const struct layout layouts[] = {
    {"rec_run", RMI_REC_ENTER, run_fields, COUNT_OF(run_fields), false},
    {"rec_params", RMI_REC_CREATE, rec_fields, COUNT_OF(rec_fields), true},
    {"realm_params", RMI_REALM_CREATE, realm_fields, COUNT_OF(realm_fields), true},
};

#define RPV_SIZE 64u

static uint64_t number_at(const struct step *st, uint32_t offset, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)st->u.bytes.bytes[offset + i] << (8 * i);
    return v;
}

/* The number at a place, or the variable whose value goes there. */
static struct value value_at(const struct step *st, uint32_t offset, unsigned size)
{
    for (unsigned i = 0; i < st->u.bytes.num_fields; i++) {
        if (st->u.bytes.field[i].offset == offset && st->u.bytes.field[i].size == size)
            return st->u.bytes.field[i].value;
    }
    return known(number_at(st, offset, size));
}

static bool is_zero(struct value v)
{
    return v.var < 0 && v.num == 0;
}

static void cover(uint8_t *covered, uint32_t offset, uint32_t size)
{
    memset(covered + offset, 1, size);
}

/* Is there nothing in the page besides these fields? */
static bool layout_fits(const struct layout *l, const struct step *st)
{
    uint8_t covered[GRANULE_SIZE] = {0};

    for (unsigned i = 0; i < l->num; i++)
        cover(covered, l->fields[i].offset,
              (uint32_t)l->fields[i].size * (l->fields[i].count ? l->fields[i].count : 1));
    if (l->fid == RMI_REALM_CREATE)
        cover(covered, REALM_PARAMS_RPV, RPV_SIZE);
    for (uint32_t i = 0; i < GRANULE_SIZE; i++) {
        if (st->u.bytes.bytes[i] && !covered[i])
            return false;
    }
    for (unsigned i = 0; i < st->u.bytes.num_fields; i++) {
        if (!covered[st->u.bytes.field[i].offset])
            return false;
    }
    return true;
}

/* The command that the page is written for: the next one that names it. 0: none. */
static uint64_t reader_of(const struct scenario *sc, const struct step *st)
{
    uint64_t a = st->u.bytes.addr.num;

    for (unsigned i = 0; i < sc->num_steps; i++) {
        const struct step *c = &sc->steps[i];

        if (c->number < st->number || c->kind != STEP_CALL || c->u.call.cmd == NULL)
            continue;
        for (unsigned k = 0; k < c->u.call.num_args; k++) {
            if (c->u.call.cmd->in[k].kind == ABI_NS_PTR && c->u.call.arg[k].var < 0 &&
                c->u.call.arg[k].num == a)
                return c->u.call.fid;
        }
    }
    return 0;
}

static const struct layout *layout_of(const struct scenario *sc, const struct step *st)
{
    uint64_t fid;

    if (st->kind != STEP_WRITE_BYTES || st->u.bytes.bytes == NULL ||
        st->u.bytes.len != GRANULE_SIZE)
        return NULL;
    fid = reader_of(sc, st);
    for (unsigned i = 0; i < COUNT_OF(layouts); i++) {
        if (layouts[i].fid == fid && layout_fits(&layouts[i], st))
            return &layouts[i];
    }
    return NULL;
}

static void print_array(struct printer *p, const struct step *st, const struct layout_field *f)
{
    const char *sep = "";

    text_printf(p->t, ", %s: %s", f->key, f->is_address ? "[" : "{");
    for (uint32_t i = 0, last = f->count; i < last; i++) {
        struct value v = value_at(st, f->offset + 8u * i, 8);

        /* A list has no holes. */
        for (last = f->count; last && is_zero(value_at(st, f->offset + 8u * (last - 1), 8)); last--)
            ;
        if (i >= last || (is_zero(v) && !f->is_address))
            continue;
        text_puts(p->t, sep);
        sep = ", ";
        if (!f->is_address)
            text_printf(p->t, "%u: ", i);
        print_value(p, v, f->is_address);
    }
    text_puts(p->t, f->is_address ? "]" : "}");
}

static bool array_is_zero(const struct step *st, const struct layout_field *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (!is_zero(value_at(st, f->offset + 8u * i, 8)))
            return false;
    }
    return true;
}

/* Without the zeros at its end. */
static void print_rpv(struct text *t, const uint8_t *rpv)
{
    size_t len = RPV_SIZE;

    while (len && rpv[len - 1] == 0)
        len--;
    if (len == 0)
        return;
    text_puts(t, ", rpv: \"");
    text_hex(t, rpv, len);
    text_puts(t, "\"");
}

static void print_page(struct printer *p, const struct step *st, const struct layout *l)
{
    text_printf(p->t, "%s: {at: ", l->name);
    print_value(p, st->u.bytes.addr, true);
    for (unsigned i = 0; i < l->num; i++) {
        const struct layout_field *f = &l->fields[i];

        if (f->count) {
            if (!array_is_zero(st, f))
                print_array(p, st, f);
        } else if (l->is_full || !is_zero(value_at(st, f->offset, f->size))) {
            text_printf(p->t, ", %s: ", f->key);
            print_value(p, value_at(st, f->offset, f->size), f->is_address);
        }
    }
    if (l->fid == RMI_REALM_CREATE)
        print_rpv(p->t, st->u.bytes.bytes + REALM_PARAMS_RPV);
    text_puts(p->t, "}");
}

static bool print_blob(struct printer *p, const struct step *st)
{
    for (unsigned i = 0; i < p->sc->num_blobs; i++) {
        const struct blob *b = &p->sc->blobs[i];

        if (!is_code(b) || b->bytes != st->u.bytes.bytes)
            continue;
        text_printf(p->t, ", blob: %s, len: 0x%x", b->name, st->u.bytes.len);
        return true;
    }
    return false;
}

/* Numbers of one size, of which some are variables. */
static void print_numbers(struct printer *p, const struct step *st)
{
    unsigned size = st->u.bytes.field[0].size;

    text_printf(p->t, ", u%u: [", 8 * size);
    for (uint32_t i = 0; i + size <= st->u.bytes.len; i += size) {
        text_puts(p->t, i ? ", " : "");
        print_value(p, value_at(st, i, size), false);
    }
    text_puts(p->t, "]");
}

static void print_bytes(struct printer *p, const struct step *st)
{
    const struct layout *l = layout_of(p->sc, st);

    if (l) {
        print_page(p, st, l);
        return;
    }
    text_printf(p->t, "%s: {at: ", st->kind == STEP_WRITE_BYTES ? "write" : "expect_memory");
    print_value(p, st->u.bytes.addr, true);
    if (st->u.bytes.bytes == NULL) {
        text_printf(p->t, ", fill: %u, len: 0x%x", st->u.bytes.fill, st->u.bytes.len);
    } else if (st->u.bytes.num_fields) {
        print_numbers(p, st);
    } else if (!print_blob(p, st)) {
        text_puts(p->t, ", bytes: \"");
        text_hex(p->t, st->u.bytes.bytes, st->u.bytes.len);
        text_puts(p->t, "\"");
    }
    text_puts(p->t, "}");
}

/* --- calls --- */

static bool is_address_kind(enum abi_kind k)
{
    return k == ABI_ADDR || k == ABI_RD || k == ABI_REC || k == ABI_RTT || k == ABI_DATA ||
           k == ABI_NS_PTR;
}

static const char *lower(enum pas pas)
{
    static const char *const names[PAS_COUNT] = {"ns", "secure", "realm", "root"};

    return names[pas];
}

static void print_call(struct printer *p, const struct step *st)
{
    const struct abi_command *c = st->u.call.cmd;

    if (c) {
        text_printf(p->t, "%s: {", c->name);
    } else {
        text_printf(p->t, "smc: {fid: 0x%" PRIx64 ", world: %s", st->u.call.fid,
                    lower((enum pas)st->u.call.world));
        text_puts(p->t, st->u.call.num_args ? ", args: [" : "");
    }
    for (unsigned i = 0; i < st->u.call.num_args; i++) {
        text_puts(p->t, i ? ", " : "");
        if (c)
            text_printf(p->t, "%s: ", c->in[i].name);
        print_value(p, st->u.call.arg[i], c == NULL || is_address_kind(c->in[i].kind));
    }
    text_puts(p->t, c == NULL && st->u.call.num_args ? "]}" : "}");
}

/* --- the other kinds --- */

static void print_access(struct printer *p, const struct step *st)
{
    text_printf(p->t, "host_%s: {at: ", st->kind == STEP_LOAD ? "load" : "store");
    print_value(p, st->u.access.addr, true);
    text_printf(p->t, ", size: %u", st->u.access.size);
    if (st->u.access.has_value) {
        text_puts(p->t, ", value: ");
        print_value(p, st->u.access.value, false);
    }
    text_printf(p->t, ", world: %s, pas: %s", lower((enum pas)st->u.access.world),
                lower(st->u.access.pas));
    if (st->u.access.must != ACCESS_MUST_WORK)
        text_printf(p->t, ", fault: %s", st->u.access.must == ACCESS_MUST_GPF ? "gpf" : "any");
    if (st->u.access.has_esr)
        text_printf(p->t, ", esr: 0x%" PRIx64, st->u.access.esr);
    text_puts(p->t, "}");
}

static void print_state(struct printer *p, const struct step *st)
{
    text_puts(p->t, "expect_state: {at: ");
    print_value(p, st->u.state.addr, true);
    if (st->u.state.state >= 0)
        text_printf(p->t, ", state: %s", gst_state_name((unsigned)st->u.state.state));
    if (st->u.state.pas >= 0)
        text_printf(p->t, ", pas: %s", lower((enum pas)st->u.state.pas));
    if (st->u.state.refcount >= 0)
        text_printf(p->t, ", refcount: %d", st->u.state.refcount);
    text_puts(p->t, "}");
}

static void print_register(struct printer *p, const struct step *st)
{
    text_puts(p->t, "expect_reg: {");
    if (st->u.reg.var >= 0) {
        text_printf(p->t, "var: %s", p->sc->vars[st->u.reg.var]);
    } else if (st->u.reg.host) {
        text_printf(p->t, "reg: %s", st->u.reg.reg_name);
    } else {
        text_puts(p->t, "rec: ");
        print_value(p, st->u.reg.rec, true);
        text_printf(p->t, ", reg: %s", st->u.reg.reg_name);
    }
    text_puts(p->t, ", value: ");
    print_value(p, st->u.reg.value, false);
    if (st->u.reg.mask != UINT64_MAX)
        text_printf(p->t, ", mask: 0x%" PRIx64, st->u.reg.mask);
    text_puts(p->t, "}");
}

static void print_scan(struct printer *p, const struct step *st)
{
    text_puts(p->t, "scan: {bytes: \"");
    text_hex(p->t, st->u.scan.bytes, st->u.scan.len);
    text_printf(p->t, "\", count: %" PRIu64, st->u.scan.count);
    if (st->u.scan.pas >= 0)
        text_printf(p->t, ", pas: %s", lower((enum pas)st->u.scan.pas));
    text_puts(p->t, "}");
}

static void print_irq(struct text *t, const struct step *st)
{
    text_printf(t, "irq: {after: %" PRIu64, st->u.irq.after);
    if (st->u.irq.line == LINE_FIQ)
        text_puts(t, ", line: fiq");
    if (st->u.irq.line == LINE_SERROR)
        text_printf(t, ", line: serror, iss: 0x%" PRIx64, (uint64_t)st->u.irq.iss);
    text_puts(t, "}");
}

static void print_broken(struct printer *p, const struct step *st)
{
    static const char *const sets[] = {"UER", NULL, "UC", "UEO"}; /* ESR_ELx.ISS.SET */

    text_puts(p->t, "broken_memory: {at: ");
    print_value(p, st->u.broken.addr, true);
    text_printf(p->t, ", set: %s}", st->u.broken.set < 0 ? "none" : sets[st->u.broken.set]);
}

static void print_attach(struct printer *p, const struct step *st)
{
    text_puts(p->t, "attach_script: {script: ");
    for (unsigned i = 0; i < p->sc->num_scripts; i++) {
        if (p->sc->scripts[i].script == st->u.script.script)
            text_puts(p->t, p->sc->scripts[i].name);
    }
    if (!is_zero(st->u.script.rd)) {
        text_puts(p->t, ", rd: ");
        print_value(p, st->u.script.rd, true);
    }
    text_puts(p->t, "}");
}

static void print_kind(struct printer *p, const struct step *st)
{
    switch (st->kind) {
    case STEP_CALL: print_call(p, st); break;
    case STEP_LOAD:
    case STEP_STORE: print_access(p, st); break;
    case STEP_WRITE_BYTES:
    case STEP_EXPECT_BYTES: print_bytes(p, st); break;
    case STEP_SCAN: print_scan(p, st); break;
    case STEP_IRQ: print_irq(p->t, st); break;
    case STEP_HOST_REG:
        text_printf(p->t, "host_reg: {reg: %s, value: ", st->u.reg.reg_name);
        print_value(p, st->u.reg.value, false);
        text_puts(p->t, "}");
        break;
    case STEP_BROKEN: print_broken(p, st); break;
    case STEP_SECURE_CLAIM:
        text_printf(p->t, "secure_%s: %s", st->u.secure.claim ? "claim" : "release",
                    st->u.secure.refused ? "{at: " : "");
        print_value(p, st->u.secure.addr, true);
        if (st->u.secure.refused)
            text_puts(p->t, ", expect: refused}");
        break;
    case STEP_EXPECT_STATE: print_state(p, st); break;
    case STEP_EXPECT_REG: print_register(p, st); break;
    case STEP_SCRIPT: print_attach(p, st); break;
    case STEP_POKE:
        text_puts(p->t, "poke: {at: ");
        print_value(p, st->u.poke.addr, true);
        text_printf(p->t, ", size: %u, flip: 0x%" PRIx64 "}", st->u.poke.size, st->u.poke.flip);
        break;
    case STEP_KINDS: break;
    }
}

/* --- what stands beside --- */

static void indent(struct printer *p, int more)
{
    text_printf(p->t, "%*s", 2 + 6 * p->depth + more, "");
}

static void print_expect(struct printer *p, const struct step *st)
{
    char status[64];

    if (!st->expect_given || (st->u.call.cmd == NULL && st->num_any == 0))
        return;
    indent(p, 2);
    if (st->num_any == 0) {
        text_puts(p->t, "expect: any\n");
        return;
    }
    text_puts(p->t, st->num_any > 1 ? "expect_any: [" : "expect: ");
    for (unsigned i = 0; i < st->num_any; i++)
        text_printf(p->t, "%s%s", i ? ", " : "",
                    scenario_status_text(&st->any[i], status, sizeof(status)));
    text_puts(p->t, st->num_any > 1 ? "]\n" : "\n");
}

static void print_fields(struct printer *p, const char *key, const struct expect_field *f,
                         unsigned num)
{
    bool is_exit = strcmp(key, "exit") == 0;

    if (num == 0)
        return;
    indent(p, 2);
    text_printf(p->t, "%s: {", key);
    for (unsigned i = 0; i < num; i++) {
        uint64_t mask = f[i].mask, all = UINT64_MAX;
        struct value v = f[i].value;
        unsigned shift, width;

        /* A part of ESR was shifted into its place when it was read. */
        if (scn_exit_part(f[i].name, &shift, &width)) {
            all = (1ull << width) - 1;
            mask >>= shift;
            v.num >>= shift;
        }
        text_puts(p->t, i ? ", " : "");
        print_name(p->t, f[i].name);
        text_puts(p->t, mask == all ? ": " : ": {value: ");
        if (is_exit && strcmp(f[i].name, "reason") == 0 && v.var < 0 && v.num <= EXIT_SERROR)
            text_puts(p->t, rec_exit_reason_name((unsigned)v.num));
        else
            print_value(p, v, false);
        if (mask != all)
            text_printf(p->t, ", mask: 0x%" PRIx64 "}", mask);
    }
    text_puts(p->t, "}\n");
}

static void print_save(struct printer *p, const struct step *st)
{
    if (st->num_save == 0)
        return;
    indent(p, 2);
    text_puts(p->t, "save: {");
    for (unsigned i = 0; i < st->num_save; i++) {
        const struct save *s = &st->save[i];

        text_printf(p->t, "%s%s: ", i ? ", " : "", p->sc->vars[s->var]);
        if (s->exit_offset < 0) {
            text_printf(p->t, "x%u", s->reg);
        } else {
            text_puts(p->t, "exit.");
            print_name(p->t, scn_exit_name_at(p->arena, (uint32_t)s->exit_offset));
        }
    }
    text_puts(p->t, "}\n");
}

static void print_list(struct printer *p, const struct step *list, unsigned first, unsigned end,
                       bool nested);

static void print_nested(struct printer *p, const struct step *st)
{
    if (st->num_running) {
        indent(p, 2);
        text_puts(p->t, "while_running:\n");
        p->depth++;
        print_list(p, st->running, 0, st->num_running, true);
        p->depth--;
    }
    if (st->num_during) {
        indent(p, 2);
        text_puts(p->t, "during:\n");
    }
    for (unsigned i = 0; i < st->num_during; i++) {
        const struct during *d = &st->during[i];

        indent(p, 4);
        text_printf(p->t, "- event: %s\n", event_name(d->event));
        indent(p, 6);
        text_printf(p->t, "n: %" PRIu64 "\n", d->n);
        indent(p, 6);
        text_puts(p->t, "steps:\n");
        p->depth++;
        print_list(p, d->steps, 0, d->num_steps, true);
        p->depth--;
    }
}

static void print_list(struct printer *p, const struct step *list, unsigned first, unsigned end,
                       bool nested)
{
    for (unsigned i = first; i < end; i++) {
        const struct step *st = &list[i];

        indent(p, 0);
        text_puts(p->t, "- ");
        print_kind(p, st);
        text_puts(p->t, "\n");
        if (st->pe || nested) {
            indent(p, 2);
            text_printf(p->t, "pe: %u\n", st->pe);
        }
        if (st->note) {
            indent(p, 2);
            text_puts(p->t, "note: ");
            print_quoted(p->t, st->note);
            text_puts(p->t, "\n");
        }
        if (st->kind != STEP_CALL)
            continue;
        print_expect(p, st);
        print_fields(p, "out", st->out, st->num_out);
        print_fields(p, "exit", st->exit, st->num_exit);
        print_save(p, st);
        print_nested(p, st);
    }
}

void scenario_print_steps(struct text *t, const struct scenario *sc, unsigned first, unsigned end)
{
    struct printer p = {.t = t, .sc = sc, .arena = arena_new()};

    print_list(&p, sc->steps, first, end, false);
    arena_free(p.arena);
}
