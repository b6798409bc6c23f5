/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that a file declares, and the constants that every file has. */
#include <string.h>

#include "scn.h"

const struct constant scn_constants[] = {
    {"UNASSIGNED", GROUP_HIPAS, HIPAS_UNASSIGNED},
    {"ASSIGNED", GROUP_HIPAS, HIPAS_ASSIGNED},
    {"TABLE", GROUP_HIPAS, HIPAS_TABLE},
    {"EMPTY", GROUP_RIPAS, RIPAS_EMPTY},
    {"RAM", GROUP_RIPAS, RIPAS_RAM},
    {"DESTROYED", GROUP_RIPAS, RIPAS_DESTROYED},
    {"SYNC", GROUP_REASON, EXIT_SYNC},
    {"IRQ", GROUP_REASON, EXIT_IRQ},
    {"FIQ", GROUP_REASON, EXIT_FIQ},
    {"PSCI", GROUP_REASON, EXIT_PSCI},
    {"RIPAS_CHANGE", GROUP_REASON, EXIT_RIPAS_CHANGE},
    {"HOST_CALL", GROUP_REASON, EXIT_HOST_CALL},
    {"SERROR", GROUP_REASON, EXIT_SERROR},
    {"sha256", GROUP_HASH, HASH_SHA_256},
    {"sha512", GROUP_HASH, HASH_SHA_512},
    {"NO_MEASURE_CONTENT", GROUP_DATA_FLAGS, 0},
    {"MEASURE_CONTENT", GROUP_DATA_FLAGS, 1},
    {"PSCI_SUCCESS", GROUP_PSCI_STATUS, 0},
    {"PSCI_NOT_SUPPORTED", GROUP_PSCI_STATUS, (uint64_t)-1},
    {"PSCI_INVALID_PARAMETERS", GROUP_PSCI_STATUS, (uint64_t)-2},
    {"PSCI_DENIED", GROUP_PSCI_STATUS, (uint64_t)-3},
    {"PSCI_ALREADY_ON", GROUP_PSCI_STATUS, (uint64_t)-4},
    {"PSCI_ON_PENDING", GROUP_PSCI_STATUS, (uint64_t)-5},
    {"PSCI_INTERNAL_FAILURE", GROUP_PSCI_STATUS, (uint64_t)-6},
    {"PSCI_NOT_PRESENT", GROUP_PSCI_STATUS, (uint64_t)-7},
    {"PSCI_DISABLED", GROUP_PSCI_STATUS, (uint64_t)-8},
    {"PSCI_INVALID_ADDRESS", GROUP_PSCI_STATUS, (uint64_t)-9},
    {"PSCI_OFF", GROUP_PSCI_STATUS, PSCI_OFF},
    {"PSCI_VERSION", GROUP_FID, PSCI_VERSION},
    {"PSCI_CPU_OFF", GROUP_FID, PSCI_CPU_OFF},
    {"PSCI_SYSTEM_OFF", GROUP_FID, PSCI_SYSTEM_OFF},
    {"PSCI_SYSTEM_RESET", GROUP_FID, PSCI_SYSTEM_RESET},
    {"PSCI_FEATURES", GROUP_FID, PSCI_FEATURES},
    {"PSCI_CPU_SUSPEND", GROUP_FID, PSCI_CPU_SUSPEND},
    {"PSCI_CPU_ON", GROUP_FID, PSCI_CPU_ON},
    {"PSCI_AFFINITY_INFO", GROUP_FID, PSCI_AFFINITY_INFO},
    {"SMCCC_VERSION", GROUP_FID, SMCCC_VERSION_FID},
    {"RSI_ACCEPT", GROUP_RESPONSE, RSI_ACCEPT},
    {"RSI_REJECT", GROUP_RESPONSE, RSI_REJECT},
    {"EC_UNKNOWN", GROUP_EC, 0x00},
    {"EC_WFX", GROUP_EC, 0x01},
    {"EC_SVC64", GROUP_EC, 0x15},
    {"EC_HVC64", GROUP_EC, 0x16},
    {"EC_SMC64", GROUP_EC, 0x17},
    {"EC_SYSREG", GROUP_EC, 0x18},
    {"EC_IABORT_LOWER", GROUP_EC, 0x20},
    {"EC_IABORT_SAME", GROUP_EC, 0x21},
    {"EC_DABORT_LOWER", GROUP_EC, 0x24},
    {"EC_DABORT_SAME", GROUP_EC, 0x25},
    {"EC_BRK64", GROUP_EC, 0x3C},
};
const unsigned scn_constant_count = COUNT_OF(scn_constants);

const char *group_name(enum group g)
{
    static const char *const names[GROUP_COUNT] = {
        [GROUP_NUMBER] = "a number",
        [GROUP_ANY] = "a number",
        [GROUP_HIPAS] = "an RTT entry state",
        [GROUP_RIPAS] = "a RIPAS",
        [GROUP_REASON] = "a REC exit reason",
        [GROUP_HASH] = "a hash algorithm",
        [GROUP_DATA_FLAGS] = "flags of DATA_CREATE",
        [GROUP_PSCI_STATUS] = "a PSCI status",
        [GROUP_FID] = "a function identifier",
        [GROUP_RESPONSE] = "an answer to a RIPAS change",
        [GROUP_EC] = "an exception class",
    };
    return names[g];
}

const struct constant *constant_find(const char *name, size_t len)
{
    for (unsigned i = 0; i < scn_constant_count; i++) {
        const char *c = scn_constants[i].name;

        if (strncmp(c, name, len) == 0 && c[len] == '\0')
            return &scn_constants[i];
    }
    return NULL;
}

const char *name_kind_text(enum name_kind kind)
{
    static const char *const names[] = {
        [NAME_GRANULE] = "a granule",
        [NAME_LET] = "a `let:` name",
        [NAME_LOOP] = "a loop variable",
        [NAME_VAR] = "a saved variable",
        [NAME_CODE] = "code",
        [NAME_SCRIPT] = "a script",
        [NAME_LABEL] = "a label",
    };
    return names[kind];
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Words that some YAML reader takes for true, false or nothing: a file must mean the same to all
 * of them. */
static bool is_yaml_word(const char *text, size_t len)
{
    static const char *const words[] = {"yes", "no", "on", "off", "true", "false", "null"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
            return true;
    }
    return false;
}

bool scn_check_name(struct scn *s, const struct node *at, const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && (is_letter(text[i]) || (i > 0 && text[i] >= '0' && text[i] <= '9')))
        i++;
    if (len == 0 || i < len) {
        struct diag *d = scn_error(s, at, "`%.*s` is no name", (int)len, text);

        scn_allowed(s, d, "letters, digits and _, a letter first");
        return false;
    }
    if (is_yaml_word(text, len)) {
        scn_error(s, at, "`%.*s` means true, false or null to some YAML readers: take another name",
                  (int)len, text);
        return false;
    }
    if (constant_find(text, len)) {
        scn_error(s, at, "`%.*s` is a constant that every file has: take another name", (int)len,
                  text);
        return false;
    }
    return true;
}

struct name *scn_find_name(struct scn *s, const char *text, size_t len)
{
    for (size_t i = s->num_names; i-- > 0;) {
        struct name *n = &s->names[i];

        if (n->len == len && memcmp(n->text, text, len) == 0)
            return n;
    }
    return NULL;
}

struct name *scn_add_name(struct scn *s, const struct node *at, const char *text, size_t len,
                          enum name_kind kind)
{
    struct name *n;

    if (!scn_check_name(s, at, text, len))
        return NULL;
    n = scn_find_name(s, text, len);
    if (n) {
        struct diag *d =
            scn_error(s, at, "`%.*s` is %s already", (int)len, text, name_kind_text(n->kind));

        if (n->loc.line)
            diag_context(s->diags, d, n->loc, "declared here");
        return NULL;
    }
    if (s->num_names == s->names_capacity) {
        size_t cap = s->names_capacity ? 2 * s->names_capacity : 32;

        s->names = arena_grow(s->arena, s->names, s->num_names * sizeof(*n), cap * sizeof(*n));
        s->names_capacity = cap;
    }
    n = &s->names[s->num_names++];
    *n = (struct name){.text = arena_strndup(s->arena, text, len),
                       .len = len,
                       .kind = kind,
                       .count = 1,
                       .loc = scn_loc(s, at)};
    return n;
}

int scn_variable(struct scn *s, const struct node *at, const char *text)
{
    struct scenario *sc = s->sc;
    struct name *n = scn_find_name(s, text, strlen(text));

    if (n && n->kind == NAME_VAR)
        return (int)n->value;
    n = scn_add_name(s, at, text, strlen(text), NAME_VAR);
    if (!n)
        return -1;
    n->value = sc->num_vars;
    sc->vars = arena_grow(s->arena, sc->vars, sc->num_vars * sizeof(*sc->vars),
                          (sc->num_vars + 1) * sizeof(*sc->vars));
    sc->vars[sc->num_vars] = n->text;
    return (int)sc->num_vars++;
}

int scn_reference(struct scn *s, const struct node *n, enum name_kind kind)
{
    struct words w = {0};
    struct name *name;

    if (!scn_expect_kind(s, n, NODE_SCALAR, "a name"))
        return -1;
    name = scn_find_name(s, n->text, n->len);
    if (name && name->kind == kind)
        return (int)name->value;
    for (size_t i = 0; i < s->num_names; i++) {
        if (s->names[i].kind == kind)
            words_add(s->arena, &w, s->names[i].text);
    }
    diag_words(s->diags,
               scn_error(s, n, "`%.80s` is %s, not %s", n->text,
                         name ? name_kind_text(name->kind) : "not declared", name_kind_text(kind)),
               &w, n->text);
    return -1;
}
