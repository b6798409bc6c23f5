/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim token: prints an attestation token, from a file of its bytes or as the Realm of a scenario obtains it. */
#include "cmd.h"

#include <ccasim/el3m.h>
#include <ccasim/mem.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "token.h"

static const char usage[] =
    "usage: ccasim token [OPTION...] FILE\n\n"
    "Prints a CCA attestation token: the claims by name, both signatures, and whether the "
    "platform\n"
    "vouches for the Realm's key. FILE holds the token's bytes, or is a scenario (*.yaml): it is "
    "run\n"
    "until its Realm has a whole token (the last one, if there are several).\n\n"
    "  --diag       in CBOR's diagnostic notation\n"
    "  --json       for programs\n"
    "  --raw        the bytes, to standard output\n"
    "  --nth N      of a scenario: the N-th token that a Realm obtained in whole\n"
    "  --seed N     seed of the machine whose platform key signed (default: the scenario's, or 0)\n"
    "  --platform-key XY\n"
    "               that key itself: its coordinates, 192 hexadecimal digits\n"
    "  -h, --help   this text\n\n"
    "exit codes: 0 the token is good; 1 a signature or the binding is wrong, or the Realm has no "
    "token;\n"
    "            2 usage; 3 FILE is no token, or an invalid scenario\n"
    "example: ccasim token scenarios/conformance/attest/good_token.yaml\n";

#define MAX_TOKEN (1u << 20)

enum form { FORM_CLAIMS, FORM_DIAG, FORM_JSON, FORM_RAW };
struct options {
    enum form form;
    unsigned nth; /* 0: the last */
    bool seed_given;
    uint64_t seed;
    bool key_given;
    uint8_t key[96]; /* x, y */
    const char *file;
};

struct bytes {
    uint8_t *p;
    size_t len;
};

static int append(struct bytes *b, const uint8_t *data, size_t len)
{
    uint8_t *p = realloc(b->p, b->len + len + 1);

    if (p == NULL)
        return -1;
    if (len > 0)
        memcpy(p + b->len, data, len);
    b->p = p;
    b->len += len;
    return 0;
}

/* --- a file of bytes --- */

static int read_file(const char *path, struct bytes *out)
{
    FILE *f = fopen(path, "rb");
    int err;

    if (f == NULL) {
        fprintf(stderr, "ccasim token: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    out->p = malloc(MAX_TOKEN);
    if (out->p == NULL)
        MODEL_BUG("out of memory");
    out->len = fread(out->p, 1, MAX_TOKEN, f);
    err = ferror(f);
    fclose(f);
    if (err) {
        fprintf(stderr, "ccasim token: %s: cannot be read\n", path);
        return EXIT_USAGE;
    }
    return EXIT_AS_EXPECTED;
}

/* --- a scenario --- */

#define MAX_MAKERS 64u
struct collector {
    struct runner_cpu cpu;
    struct {
        uint64_t rec;
        struct bytes part;
    } maker[MAX_MAKERS]; /* RECs with a token in the making */
    unsigned num_makers;
    struct bytes *whole; /* [num_whole] */
    unsigned num_whole;
};

static struct bytes *part_of(struct collector *c, uint64_t rec)
{
    for (unsigned i = 0; i < c->num_makers; i++)
        if (c->maker[i].rec == rec)
            return &c->maker[i].part;
    if (c->num_makers == MAX_MAKERS)
        return NULL;
    c->maker[c->num_makers].rec = rec;
    return &c->maker[c->num_makers++].part;
}

/* All of a token: one CBOR item. The copy of its last part is not told apart from the others. */
static void keep_if_whole(struct collector *c, struct bytes *part)
{
    struct arena *a = arena_new();
    struct token_error err;
    struct bytes *list;

    if (cbor_decode(a, part->p, 0, part->len, &err)) {
        list = realloc(c->whole, (c->num_whole + 1) * sizeof(*list));
        if (list) {
            c->whole = list;
            c->whole[c->num_whole++] = *part;
            *part = (struct bytes){0};
        }
    }
    arena_free(a);
}

static void on_token(void *ctx, struct machine *m, const struct event *e)
{
    struct collector *c = ctx;
    struct bytes *part = part_of(c, e->obj);
    uint8_t buf[GRANULE_SIZE];

    if (part == NULL)
        return;
    if (e->b == 0) {
        part->len = 0;
        return;
    }
    mem_read(m, e->a, buf, (size_t)e->b);
    if (append(part, buf, (size_t)e->b) == 0)
        keep_if_whole(c, part);
}

static int open_cpu(void *ctx, struct machine *m, const struct scenario *sc,
                    const struct realm_cpu_ops **ops, void **ops_ctx)
{
    return runner_cpu_open(&((struct collector *)ctx)->cpu, m, sc, ops, ops_ctx);
}

static void close_cpu(void *ctx, struct machine *m)
{
    runner_cpu_close(&((struct collector *)ctx)->cpu, m);
}

static void run_scenario(const struct scenario *sc, const struct options *o, struct collector *c)
{
    struct sim_options opt = {
        .check = CHECK_NONE, .open_cpu = open_cpu, .close_cpu = close_cpu, .ctx = c};
    struct impl impl = sc->impl;
    struct step_result last;
    struct sim *sim;

    if (o->seed_given)
        impl.seed = o->seed;
    if (sim_new(&impl, &opt, &sim) != CCA_OK)
        MODEL_BUG("no machine");
    if (event_listen(sim_machine(sim), EV_BIT(EV_TOKEN), on_token, c) != CCA_OK)
        MODEL_BUG("nobody may listen");
    sim_run(sim, sc, &last);
    sim_free(sim);
    runner_cpu_free(&c->cpu);
}

static int pick(const struct collector *c, const struct options *o, struct bytes *out)
{
    unsigned n = o->nth ? o->nth : c->num_whole;

    if (c->num_whole == 0 || n > c->num_whole) {
        fprintf(stderr, "ccasim token: %s: its Realms obtain %u whole token%s\n", o->file,
                c->num_whole, c->num_whole == 1 ? "" : "s");
        return EXIT_FAILED;
    }
    if (append(out, c->whole[n - 1].p, c->whole[n - 1].len))
        return EXIT_MODEL_BUG;
    return EXIT_AS_EXPECTED;
}

static int read_scenario(struct options *o, struct bytes *out)
{
    struct collector c = {0};
    struct diag_list diags = {0};
    struct scenario *sc;
    int code = EXIT_INVALID;

    if (scenario_load(o->file, &sc, &diags) == CCA_OK) {
        run_scenario(sc, o, &c);
        code = pick(&c, o, out);
        if (!o->seed_given)
            o->seed = sc->impl.seed;
        scenario_free(sc);
    } else {
        diag_list_print(&diags, stderr);
    }
    diag_list_clear(&diags);
    for (unsigned i = 0; i < c.num_makers; i++)
        free(c.maker[i].part.p);
    for (unsigned i = 0; i < c.num_whole; i++)
        free(c.whole[i].p);
    free(c.whole);
    return code;
}

/* --- what is printed --- */

static void key_of(const struct cbor_node *n, int64_t *key, char *text, size_t size)
{
    *key = n->kind == CBOR_UINT     ? (int64_t)n->num
           : n->kind == CBOR_NEGINT ? -1 - (int64_t)n->num
                                    : 0;
    snprintf(text, size, "%" PRId64, *key);
}

static void print_claims(struct text *t, const struct cbor_node *map,
                         const struct token_claim_name *names)
{
    for (size_t i = 0; i < map->len; i++) {
        const struct cbor_node *v = &map->child[2 * i + 1];
        char label[24];
        int64_t key;

        key_of(&map->child[2 * i], &key, label, sizeof(label));
        text_printf(t, "  %-6s %-26s ", label, token_claim_name(names, key));
        if (v->kind == CBOR_ARRAY) {
            for (size_t k = 0; k < v->len; k++) {
                text_printf(t, "\n         %-26zu ", k + (key == 44239));
                cbor_print(t, &v->child[k]);
            }
        } else {
            cbor_print(t, v);
        }
        text_puts(t, "\n");
    }
}

static const char *good(bool b)
{
    return b ? "good" : "WRONG";
}

static void print_text(struct text *t, const struct token *k, const struct options *o)
{
    text_printf(t, "CCA token, %zu bytes\n", k->root->end);
    text_printf(t, "\nplatform token, %zu bytes: ES384 signature %s ",
                k->platform.sign1->end - k->platform.sign1->offset,
                good(k->platform.signature_good));
    if (o->key_given)
        text_puts(t, "(key as given)\n");
    else
        text_printf(t, "(key of the machine with seed %" PRIu64 ")\n", o->seed);
    print_claims(t, k->platform.payload, token_platform_claims);
    text_printf(t, "\nRealm token, %zu bytes: ES384 signature %s (key in the claims)\n",
                k->realm.sign1->end - k->realm.sign1->offset, good(k->realm.signature_good));
    print_claims(t, k->realm.payload, token_realm_claims);
    text_printf(t, "\nthe platform's challenge is the hash of the Realm's public key: %s\n",
                good(k->bound));
}

static void json_value(struct text *t, const struct cbor_node *n);

static void json_map(struct text *t, const struct cbor_node *n)
{
    text_puts(t, "{");
    for (size_t i = 0; i < n->len; i++) {
        char label[24];
        int64_t key;

        key_of(&n->child[2 * i], &key, label, sizeof(label));
        text_printf(t, "%s\"%s\": ", i ? ", " : "", label);
        json_value(t, &n->child[2 * i + 1]);
    }
    text_puts(t, "}");
}

static void json_list(struct text *t, const struct cbor_node *n)
{
    text_puts(t, "[");
    for (size_t i = 0; i < n->len; i++) {
        text_puts(t, i ? ", " : "");
        json_value(t, &n->child[i]);
    }
    text_puts(t, "]");
}

/* Byte strings as text of hexadecimal digits. */
static void json_value(struct text *t, const struct cbor_node *n)
{
    switch (n->kind) {
    case CBOR_MAP: json_map(t, n); break;
    case CBOR_ARRAY: json_list(t, n); break;
    case CBOR_BYTES:
        text_puts(t, "\"");
        text_hex(t, n->bytes, n->len);
        text_puts(t, "\"");
        break;
    case CBOR_TAG: json_value(t, &n->child[0]); break;
    case CBOR_UINT:
    case CBOR_NEGINT:
    case CBOR_TEXT: cbor_print(t, n); break;
    }
}

static void print_json(struct text *t, const struct token *k, const uint8_t x[48],
                       const uint8_t y[48])
{
    text_printf(t, "{\"size\": %zu, \"good\": %s, \"bound\": %s, \"platform_key\": {\"x\": \"",
                k->root->end, token_is_good(k) ? "true" : "false", k->bound ? "true" : "false");
    text_hex(t, x, 48);
    text_puts(t, "\", \"y\": \"");
    text_hex(t, y, 48);
    text_printf(t, "\"},\n \"platform\": {\"signature_good\": %s, \"claims\": ",
                k->platform.signature_good ? "true" : "false");
    json_value(t, k->platform.payload);
    text_printf(t, "},\n \"realm\": {\"signature_good\": %s, \"claims\": ",
                k->realm.signature_good ? "true" : "false");
    json_value(t, k->realm.payload);
    text_puts(t, "}}\n");
}

static int print_token(const struct options *o, const struct bytes *b)
{
    struct arena *a = arena_new();
    struct token_error err;
    struct token token;
    struct text t = {0};
    uint8_t x[48], y[48];
    int code = EXIT_INVALID;

    if (o->key_given) {
        memcpy(x, o->key, sizeof(x));
        memcpy(y, o->key + sizeof(x), sizeof(y));
    } else {
        el3m_platform_key(o->seed, x, y);
    }
    if (token_decode(a, b->p, b->len, x, y, &token, &err)) {
        if (o->form == FORM_JSON) {
            print_json(&t, &token, x, y);
        } else if (o->form == FORM_DIAG) {
            cbor_print(&t, token.root);
            text_puts(&t, "\n");
        } else {
            print_text(&t, &token, o);
        }
        fputs(t.s, stdout);
        code = token_is_good(&token) ? EXIT_AS_EXPECTED : EXIT_FAILED;
    } else {
        fprintf(stderr, "ccasim token: %s: offset %zu: %s\n", o->file, err.offset, err.why);
    }
    text_free(&t);
    arena_free(a);
    return code;
}

/* --- the command line --- */

static bool parse_number(const char *text, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 0);
    return errno == 0 && *text != '-' && end != text && *end == '\0';
}

static bool parse_hex(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

enum { OPT_DIAG = 0x200, OPT_JSON, OPT_RAW, OPT_NTH, OPT_KEY };

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"diag", no_argument, NULL, OPT_DIAG},
        {"json", no_argument, NULL, OPT_JSON},
        {"raw", no_argument, NULL, OPT_RAW},
        {"nth", required_argument, NULL, OPT_NTH},
        {"platform-key", required_argument, NULL, OPT_KEY},
        {"seed", required_argument, NULL, OPT_SEED},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint64_t n;
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case OPT_DIAG: o->form = FORM_DIAG; break;
        case OPT_JSON: o->form = FORM_JSON; break;
        case OPT_RAW: o->form = FORM_RAW; break;
        case OPT_NTH:
            if (!parse_number(optarg, &n) || n == 0 || n > UINT32_MAX)
                return cmd_usage("token", "--nth %s: must be 1 or more", optarg);
            o->nth = (unsigned)n;
            break;
        case OPT_SEED:
            if (!parse_number(optarg, &o->seed))
                return cmd_usage("token", "--seed %s: not a number", optarg);
            o->seed_given = true;
            break;
        case OPT_KEY:
            if (!parse_hex(optarg, o->key, sizeof(o->key)))
                return cmd_usage("token", "--platform-key: must be %zu hexadecimal digits",
                                 2 * sizeof(o->key));
            o->key_given = true;
            break;
        case 'h': fputs(usage, stdout); return -1;
        default: return EXIT_USAGE;
        }
    }
    if (optind + 1 != argc)
        return cmd_usage("token", "one FILE is needed (ccasim token -h)");
    o->file = argv[optind];
    return EXIT_AS_EXPECTED;
}

static bool is_scenario(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && strcmp(dot, ".yaml") == 0;
}

int cmd_token(int argc, char **argv)
{
    struct options o = {0};
    struct bytes b = {0};
    int code = parse(argc, argv, &o);

    if (code || o.file == NULL)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    code = is_scenario(o.file) ? read_scenario(&o, &b) : read_file(o.file, &b);
    if (code == EXIT_AS_EXPECTED && o.form == FORM_RAW)
        fwrite(b.p, 1, b.len, stdout);
    else if (code == EXIT_AS_EXPECTED)
        code = print_token(&o, &b);
    free(b.p);
    return code;
}
