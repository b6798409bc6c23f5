/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the scenario loader: what its files share. One load is one `struct scn`; the key tables
 * (struct key) say what a mapping may hold, convert it, and make the JSON Schema.
 *
 *     scn_load.c   files, the front door        scn_top.c     the file: sections, preludes
 *     scn_node.c   YAML to nodes                scn_machine.c machine:, impl:
 *     scn_diag.c   errors                       scn_granule.c let:, granules:
 *     scn_key.c    key tables                   scn_step.c    steps: kinds, loops, nesting
 *     scn_name.c   names, constants             scn_call.c    calls and what they expect
 *     scn_expr.c   values                       scn_access.c  loads, stores, claims
 *     scn_schema.c the JSON Schema              scn_page.c    bytes, parameter pages
 *     scn_code.c, scn_elf.c  code for Realms    scn_script.c  scripted Realms
 */
#ifndef CCASIM_TOOLS_SCN_H
#define CCASIM_TOOLS_SCN_H

#include <ccasim/scenario.h>

#include "scn_node.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* --- names --- */

/* Which enumeration a constant belongs to: RAM is a RIPAS and no HIPAS. */
enum group {
    GROUP_NUMBER, /* none: addresses and plain numbers */
    GROUP_ANY,    /* as a wish only: every constant will do */
    GROUP_HIPAS,
    GROUP_RIPAS,
    GROUP_REASON, /* of a REC exit */
    GROUP_HASH,
    GROUP_DATA_FLAGS,
    GROUP_PSCI_STATUS,
    GROUP_FID,      /* function identifier */
    GROUP_RESPONSE, /* RsiResponse */
    GROUP_EC,       /* exception class */
    GROUP_COUNT
};
const char *group_name(enum group g);

struct constant {
    const char *name;
    enum group group;
    uint64_t value;
};
extern const struct constant scn_constants[];
extern const unsigned scn_constant_count;
const struct constant *constant_find(const char *name, size_t len);

enum name_kind { NAME_GRANULE, NAME_LET, NAME_LOOP, NAME_VAR, NAME_CODE, NAME_SCRIPT, NAME_LABEL };
struct name {
    const char *text;
    size_t len;
    enum name_kind kind;
    uint64_t value; /* PA; number; index of the variable, blob or script */
    uint32_t count; /* of granules */
    struct loc loc;
};

/* --- one load --- */

struct code_entry { /* assembled once, used by every file that has the same text */
    struct code_entry *next;
    uint64_t hash;
    const char *text; /* symbols and source */
    uint8_t *bytes;
    uint32_t len;
    uint64_t entry;
};
struct scenario_loader {
    struct arena *arena;   /* documents of preludes, assembled code */
    struct arena *scratch; /* the document of the file being loaded */
    struct document *preludes;
    struct code_entry *code;
};

struct script_ref {
    struct script *script;
};

struct use_chain { /* files being read, innermost first: no cycles */
    const char *file;
    const struct use_chain *outer;
};

struct scn {
    struct scenario_loader *loader;
    struct scenario *sc;
    struct arena *arena; /* the scenario's */
    struct diag_list *diags;
    unsigned errors;
    const char *file; /* now being read */
    const char *text; /* of it */
    struct doc_path path;
    struct name *names;
    size_t num_names, names_capacity;
    struct script_ref *scripts;
    size_t num_scripts;
    const struct use_chain *chain;
    const char **used; /* preludes, each once */
    size_t num_used;
    uint64_t next_granule; /* where the next named granule goes */
    unsigned bank;
    bool too_many_steps;
    unsigned busy_pes; /* bits of the PEs in calls around the step being read */
};

/* --- errors: reported at `at`, with the current path --- */

struct diag *scn_error(struct scn *s, const struct node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, `offset` columns into a scalar. */
struct diag *scn_error_at(struct scn *s, const struct node *at, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void scn_allowed(struct scn *s, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct loc scn_loc(const struct scn *s, const struct node *n);

/* --- values (scn_expr.c) --- */

/* False: an error was reported. The value may refer to a saved variable. */
bool scn_value(struct scn *s, const struct node *n, enum group want, struct value *out);
/* A number known now. */
bool scn_number(struct scn *s, const struct node *n, uint64_t min, uint64_t max, uint64_t *out);
bool scn_bool(struct scn *s, const struct node *n, bool *out);
/* `rtt.*` or `rtt[*]` where a list of values is read: appends each granule; any other scalar is
 * one value. A list is read item by item. Returns the number of values, or -1. */
int scn_values(struct scn *s, const struct node *n, unsigned max, struct value *out);
/* Hexadecimal digits, in pairs, with spaces and line ends between pairs. NULL: an error was
 * reported. */
uint8_t *scn_bytes(struct scn *s, const struct node *n, uint32_t *len);

/* --- names (scn_name.c) --- */

/* A word that may become a name: reports and returns false for anything else. */
bool scn_check_name(struct scn *s, const struct node *at, const char *text, size_t len);
/* Reports and returns NULL if the name is taken. */
struct name *scn_add_name(struct scn *s, const struct node *at, const char *text, size_t len,
                          enum name_kind kind);
struct name *scn_find_name(struct scn *s, const char *text, size_t len);
/* Index of the variable that `save:` stores to: a new one, or the same one again. -1: reported. */
int scn_variable(struct scn *s, const struct node *at, const char *text);
/* Code or script by name; -1: reported. */
int scn_reference(struct scn *s, const struct node *n, enum name_kind kind);
const char *name_kind_text(enum name_kind kind);

/* --- key tables (scn_key.c) --- */

enum key_type {
    KEY_VALUE,  /* expression; a saved variable is fine */
    KEY_NUMBER, /* expression known when the file is read, in min..max */
    KEY_BOOL,
    KEY_CHOICE, /* one of `choices` */
    KEY_TEXT,
    KEY_BYTES, /* hexadecimal digits */
    KEY_MAP,   /* a mapping described by `sub` */
    KEY_NODE,  /* the reader of the mapping converts it; `form` describes it */
};
/* Shapes of KEY_NODE, for the schema. */
enum key_form {
    FORM_ANY,
    FORM_VALUES,    /* a value, or a list of them */
    FORM_VALUE_MAP, /* names or indexes to values */
    FORM_FIELD_MAP, /* names to a value, or to {value, mask} */
    FORM_TEXT_MAP,  /* names to texts */
    FORM_TEXTS,     /* a text, or a list of them */
    FORM_STATUS,
    FORM_STATUSES,
    FORM_STEPS,
    FORM_DURING,
    FORM_RANGE,
    FORM_RANGES,
    FORM_GRANULES,
    FORM_USE,
    FORM_CODE,
    FORM_SCRIPT,
    FORM_OPS,
    FORM_NOTHING,
    FORM_NUMBER,
    FORM_COUNT
};
struct key {
    const char *name;
    const char *doc;
    enum key_type type;
    enum key_form form;
    bool required;
    enum group group;           /* KEY_VALUE */
    uint64_t min, max;          /* KEY_NUMBER; max 0: no limit. KEY_VALUE: the largest that fits */
    const char *const *choices; /* KEY_CHOICE; ends with NULL */
    const struct key_set *sub;  /* KEY_MAP */
};
struct key_set {
    const char *what; /* "argument", "key": what an unknown one is called */
    const struct key *keys;
    unsigned num;
    bool positional; /* a scalar is the first key, a list the keys in order */
};
/* The value of keys[i] as converted. */
struct field {
    const struct node *node; /* NULL: not given */
    struct value value;      /* VALUE; NUMBER, BOOL, CHOICE: in num */
    const char *text;        /* TEXT; in the scenario's arena */
    const uint8_t *bytes;    /* BYTES */
    uint32_t len;
};
/* Converts a mapping; field[] has an element per key. False: something was wrong, and was
 * reported; what could be converted was. */
bool scn_read_keys(struct scn *s, const struct node *n, const struct key_set *set,
                   struct field *field);
/* One key's value, with the path already pushed. */
bool scn_read_key(struct scn *s, const struct node *n, const struct key *key, struct field *out);
/* Every item of a list, or the node itself if it is none. */
#define FOR_EACH_ITEM(item, n)                                                      \
    for (const struct node *item = (n)->kind == NODE_LIST ? (n)->first : (n); item; \
         item = (n)->kind == NODE_LIST ? item->next : NULL)
#define FOR_EACH_VALUE(value, map) \
    for (const struct node *value = (map)->first; value; value = value->next)
bool scn_expect_kind(struct scn *s, const struct node *n, enum node_kind kind, const char *what);

/* --- steps (scn_step.c) --- */

struct step_list {
    struct step *v;
    unsigned num, capacity;
};
void scn_read_steps(struct scn *s, const struct node *n, struct step_list *out);

/* Keys that may stand beside the kind of a step. */
enum {
    BESIDE_CALL = 1u << 0,  /* expect, expect_any, out, save, during */
    BESIDE_ENTER = 1u << 1, /* exit, while_running */
    BESIDE_NOTHING = 1u << 2,
};
/* Which keys of steps belong where; in scn_step.c, used by the schema too. */
struct beside_key {
    struct key key;
    unsigned with; /* BESIDE_*; 0: every step */
};
extern const struct beside_key scn_beside[];
extern const unsigned scn_beside_count;

struct step_type {
    const char *name;
    const char *doc;
    struct key_set set;
    unsigned beside;
    enum step_kind kind;
    /* Fills the step from the converted fields. */
    void (*build)(struct scn *s, const struct node *n, const struct field *f, struct step *st);
};
extern const struct step_type *const scn_step_types[];
extern const unsigned scn_step_type_count;
/* The keys of an RMI or RSI command, from the ABI table: keys[ABI_MAX_ARGS]. */
void scn_command_keys(const struct abi_command *c, struct key keys[ABI_MAX_ARGS],
                      struct key_set *set);
extern const struct key_set scn_repeat_keys, scn_during_keys;

/* --- step types, by file --- */
extern const struct step_type scn_smc, scn_host_load, scn_host_store, scn_scan, scn_irq,
    scn_secure_claim, scn_secure_release, scn_host_reg, scn_broken_memory, scn_expect_state,
    scn_expect_reg, scn_attach_script, scn_poke, scn_write, scn_expect_memory, scn_realm_params,
    scn_rec_params, scn_rec_run;

/* --- calls (scn_call.c) --- */
void scn_build_call(struct scn *s, const struct abi_command *c, const struct field *f,
                    struct step *st);
/* expect, expect_any, out, exit, save. */
void scn_read_expect(struct scn *s, const struct node *n, struct step *st);
void scn_read_out(struct scn *s, const struct node *n, struct step *st);
void scn_read_exit(struct scn *s, const struct node *n, struct step *st);
void scn_read_save(struct scn *s, const struct node *n, struct step *st);
enum group scn_group_of(const struct abi_command *c, const struct abi_field *f);
/* {value, mask} or a value. */
bool scn_masked_value(struct scn *s, const struct node *n, enum group want, struct value *value,
                      uint64_t *mask);
int scn_register(const char *text, unsigned max); /* "x7"; -1 */
/* Name of the field of RmiRecExit at an offset: "gprs[3]". NULL: none is there. */
const char *scn_exit_name_at(struct arena *a, uint32_t offset);
/* Of "esr.EC": where the part is in ESR. False: the name is no part. */
bool scn_exit_part(const char *name, unsigned *shift, unsigned *width);
/* Names that `exit:` has, for the schema. */
void scn_exit_names(struct arena *a, struct words *w);

/* --- code and scripts --- */
#define MAX_CODE (16u << 20)
struct code {
    uint8_t *bytes;
    uint32_t len;
    uint64_t entry; /* offset of the entry point */
};
/* The code in an ELF file that was read whole. NULL, or what is wrong with it. */
const char *elf_code(struct arena *a, char *file, size_t len, struct code *out);
void scn_read_code(struct scn *s, const struct node *n);
void scn_read_scripts(struct scn *s, const struct node *n);
extern const struct key_set scn_code_keys, scn_section_keys;
/* An operation of a script; num == 0 keys: `form` says what it takes. */
struct op_type {
    const char *name;
    const char *doc;
    struct key_set set;
    enum key_form form;
    enum script_kind kind;
};
extern const struct op_type scn_ops[];
extern const unsigned scn_op_count;

/* --- the file (scn_top.c) --- */
extern const struct key_set scn_top_keys, scn_machine_keys, scn_impl_keys, scn_limits_keys,
    scn_range_keys, scn_granule_keys, scn_use_keys;
void scn_read_file(struct scn *s, const struct document *doc);
/* In the range that the GPT's layout is defined for: what the machine has by default follows from it before the value as a
 * whole is checked. */
static inline bool scn_pa_bits_may_be(unsigned pa_bits)
{
    return pa_bits >= 32 && pa_bits <= 52;
}
/* scn_machine.c */
void scn_read_machine(struct scn *s, const struct node *n);
void scn_read_impl(struct scn *s, const struct node *n);
void scn_check_impl(struct scn *s, const struct node *root);
/* scn_granule.c; `with`: values that come from the user of a prelude */
void scn_add_machine_names(struct scn *s);
void scn_read_let(struct scn *s, const struct node *n, const struct name *with, unsigned num);
void scn_read_granules(struct scn *s, const struct node *n);

/* --- files (scn_load.c) --- */

/* The document of a prelude, parsed once a loader. NULL: reported at `at`, or in the file
 * itself. */
const struct document *scn_prelude(struct scn *s, const struct node *at, const char *path);
/* Reads a whole file and adds a zero byte. NULL: *err says why. The caller frees it. */
char *file_read(const char *path, size_t *len, int *err);
char *file_read_most(const char *path, size_t most, size_t *len, int *err);
/* `name` as the file that is being read means it: beside it, or below one of the folders that it
 * is in. NULL. */
char *file_resolve(struct arena *a, const char *from, const char *name);

#endif
