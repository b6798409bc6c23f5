/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Code for Realms: assembled by GNU as, or words, a raw file, an ELF file. It is a string of
 * bytes with an entry point; where it lies in the Realm is the scenario's business, so it must
 * not need relocation.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scn.h"

#define ASSEMBLER         "aarch64-linux-gnu-as"
#define ASSEMBLER_PACKAGE "binutils-aarch64-linux-gnu"
#define EXIT_NOT_FOUND    127
#define MAX_SYMBOLS       64u
#define HEX_DIGITS        8u

enum { CODE_ASM, CODE_RAW, CODE_ELF, CODE_HEX };
const struct key_set scn_code_keys = {
    .what = "key",
    .keys =
        (const struct key[]){
            [CODE_ASM] = {"asm", "AArch64 assembly; `let:` names are symbols in it",
                          .type = KEY_NODE, .form = FORM_ANY},
            [CODE_RAW] = {"raw", "a file, byte by byte", .type = KEY_TEXT},
            [CODE_ELF] = {"elf", "an AArch64 ELF file: what it loads", .type = KEY_TEXT},
            [CODE_HEX] = {"hex", "instruction words: d503201f d65f03c0", .type = KEY_TEXT},
        },
    .num = 4,
};

/* --- the assembler --- */

struct job {
    struct scn *s;
    const struct node *n;
    struct arena *arena;             /* of the loader: results are kept */
    char *argv[2 * MAX_SYMBOLS + 8]; /* a few fixed ones, `--defsym name=value` */
    unsigned argc;
};

static void add_argument(struct job *j, char *text)
{
    j->argv[j->argc++] = text;
    j->argv[j->argc] = NULL;
}

static bool is_symbol_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '$';
}

static bool has_symbol(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (const char *p = strstr(text, name); p; p = strstr(p + 1, name)) {
        if ((p == text || !is_symbol_char(p[-1])) && !is_symbol_char(p[len]))
            return true;
    }
    return false;
}

static void add_symbol(struct job *j, const char *name, uint64_t value)
{
    if (j->argc + 4 > COUNT_OF(j->argv) || !has_symbol(j->n->text, name))
        return;
    add_argument(j, (char *)"--defsym");
    add_argument(j, arena_printf(j->arena, "%s=0x%llx", name, (unsigned long long)value));
}

static void add_calls(struct job *j, const struct abi_command *calls, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        char name[64];
        int len =
            snprintf(name, sizeof(name), "%s_%s", abi_command_interface(&calls[i]), calls[i].name);

        if (!scn_find_name(j->s, name, (size_t)len))
            add_symbol(j, name, calls[i].fid);
    }
}

/* `let:` names that occur in the source become its symbols, and so do the Realm's calls, as
 * RSI_HOST_CALL and PSCI_CPU_ON. */
static void add_symbols(struct job *j)
{
    for (size_t i = 0; i < j->s->num_names; i++) {
        const struct name *name = &j->s->names[i];

        if (name->kind == NAME_LET)
            add_symbol(j, name->text, name->value);
    }
    add_calls(j, abi_rsi_commands, abi_rsi_command_count);
    add_calls(j, abi_psci_commands, abi_psci_command_count);
}

static int text_file(const char *text, size_t len)
{
    int fd = memfd_create("ccasim-asm", MFD_CLOEXEC);

    if (fd >= 0 && (write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Runs as with `in` as its input and `messages` for what it says. Its exit code; -1: it could not
 * be started. */
static int spawn(char **argv, int in, int messages)
{
    const char *path = getenv("PATH");
    char variable[4096];
    char *env[] = {(char *)"LC_ALL=C", variable, NULL};
    posix_spawn_file_actions_t actions;
    int status = -1, err;
    pid_t pid;

    snprintf(variable, sizeof(variable), "PATH=%s", path ? path : "/usr/bin:/bin");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
    err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    if (err != 0)
        return err == ENOENT ? EXIT_NOT_FOUND : -1;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Column of the first character of a line of the file. */
static unsigned line_indent(const char *text, unsigned line)
{
    unsigned col = 1;

    while (line > 1 && text) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
        line--;
    }
    while (text && *text == ' ') {
        text++;
        col++;
    }
    return col;
}

static void report_message(struct job *j, unsigned line, const char *text, size_t len)
{
    struct node at = *j->n;

    if (at.block) { /* its first line is the one after the `|` */
        at.line += line;
        at.col = line_indent(j->s->text, at.line);
    }
    scn_error(j->s, &at, "%.*s", (int)len, text);
}

/* Lines as `{standard input}:3: Error: text`. */
static void report_messages(struct job *j, const char *messages)
{
    static const char prefix[] = "{standard input}:", mark[] = ": Error: ";
    bool any = false;

    for (const char *p = messages; p && *p;) {
        const char *end = strchr(p, '\n'), *text;
        size_t len = end ? (size_t)(end - p) : strlen(p);

        if (strncmp(p, prefix, sizeof(prefix) - 1) == 0) {
            unsigned line = (unsigned)strtoul(p + sizeof(prefix) - 1, NULL, 10);

            text = memmem(p, len, mark, sizeof(mark) - 1);
            if (text) {
                text += sizeof(mark) - 1;
                report_message(j, line, text, len - (size_t)(text - p));
                any = true;
            }
        }
        p = end ? end + 1 : NULL;
    }
    if (!any)
        scn_error(j->s, j->n, "the assembler fails: %.200s", messages);
}

static char *read_all(struct arena *a, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = arena_alloc(a, size > 0 ? (size_t)size + 1 : 1);

    if (size > 0 && pread(fd, text, (size_t)size, 0) != size)
        text[0] = '\0';
    return text;
}

static bool read_assembled(struct job *j, const char *path, struct code *out)
{
    size_t len;
    int err;
    char *file = file_read(path, &len, &err);
    const char *wrong = file ? elf_code(j->arena, file, len, out) : "the assembler wrote nothing";

    if (wrong)
        scn_error(j->s, j->n, "%s", wrong);
    free(file);
    return !wrong;
}

static bool run_assembler(struct job *j, struct code *out)
{
    const char *tmp = getenv("TMPDIR");
    char *path = arena_printf(j->arena, "%s/ccasim-XXXXXX", tmp ? tmp : "/tmp");
    int object = mkostemp(path, O_CLOEXEC);
    int in = text_file(j->n->text, j->n->len), messages = memfd_create("ccasim-as", MFD_CLOEXEC);
    int status = -1;
    bool ok = false;

    add_argument(j, (char *)"-o");
    add_argument(j, path);
    if (object >= 0 && in >= 0 && messages >= 0)
        status = spawn(j->argv, in, messages);
    if (status == 0)
        ok = read_assembled(j, path, out);
    else if (status == EXIT_NOT_FOUND)
        scn_error(j->s, j->n, "%s is not installed (Debian's package %s)", ASSEMBLER,
                  ASSEMBLER_PACKAGE);
    else
        report_messages(j, messages >= 0 ? read_all(j->arena, messages) : "");
    if (object >= 0) {
        unlink(path);
        close(object);
    }
    if (in >= 0)
        close(in);
    if (messages >= 0)
        close(messages);
    return ok;
}

static uint64_t hash_text(const char *s)
{
    uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 0x100000001b3ull;
    return h;
}

/* What the result depends on: symbols and source. */
static const char *cache_key(struct job *j)
{
    char *key = (char *)"";

    for (unsigned i = 0; i < j->argc; i++)
        key = arena_printf(j->s->arena, "%s%s ", key, j->argv[i]);
    return arena_printf(j->s->arena, "%s\n%s", key, j->n->text);
}

static bool assemble(struct scn *s, const struct node *n, struct code *out)
{
    struct job j = {.s = s, .n = n, .arena = s->loader->arena};
    struct code_entry *e;
    const char *key;
    uint64_t hash;

    if (!scn_expect_kind(s, n, NODE_SCALAR, "assembly"))
        return false;
    add_argument(&j, (char *)ASSEMBLER);
    add_argument(&j, (char *)"-march=armv8.5-a+fp16+sve+rng");
    add_symbols(&j);
    key = cache_key(&j);
    hash = hash_text(key);
    for (e = s->loader->code; e; e = e->next) {
        if (e->hash == hash && strcmp(e->text, key) == 0) {
            *out = (struct code){e->bytes, e->len, e->entry};
            return true;
        }
    }
    if (!run_assembler(&j, out))
        return false;
    e = ARENA_ARRAY(s->loader->arena, struct code_entry, 1);
    *e = (struct code_entry){s->loader->code, hash,     arena_strdup(s->loader->arena, key),
                             out->bytes,      out->len, out->entry};
    s->loader->code = e;
    return true;
}

/* --- files and words --- */

static char *read_beside(struct scn *s, const struct field *f, size_t *len)
{
    char *path = file_resolve(s->arena, s->file, f->text), *file;
    int err = ENOENT;

    file = path ? file_read(path, len, &err) : NULL;
    if (!file)
        scn_error(s, f->node, "cannot read `%.200s`: %s", f->text, strerror(err));
    return file;
}

static bool read_raw(struct scn *s, const struct field *f, struct code *out)
{
    size_t len;
    char *file = read_beside(s, f, &len);

    if (file && len <= MAX_CODE) {
        out->bytes = (uint8_t *)arena_strndup(s->arena, file, len);
        out->len = (uint32_t)len;
    } else if (file) {
        scn_error(s, f->node, "more than 16 MB");
    }
    free(file);
    return out->bytes != NULL;
}

static bool read_elf_file(struct scn *s, const struct field *f, struct code *out)
{
    size_t len;
    char *file = read_beside(s, f, &len);
    const char *wrong = file ? elf_code(s->arena, file, len, out) : NULL;

    if (wrong)
        scn_error(s, f->node, "%s", wrong);
    free(file);
    return file && !wrong;
}

static bool read_words(struct scn *s, const struct field *f, struct code *out)
{
    const char *p = f->text + strspn(f->text, " \n");

    out->bytes = arena_alloc(s->arena, f->len / 2 + 4);
    while (*p) {
        size_t len;
        unsigned long word;

        if (p[0] == '0' && p[1] == 'x')
            p += 2;
        len = strspn(p, "0123456789abcdefABCDEF");
        if (len != HEX_DIGITS || (p[len] && !strchr(" \n", p[len]))) {
            scn_allowed(s,
                        scn_error_at(s, f->node, (size_t)(p - f->text),
                                     "`%.10s` is no instruction word", p),
                        "8 hexadecimal digits each");
            return false;
        }
        word = strtoul(p, NULL, 16);
        for (unsigned i = 0; i < 4; i++)
            out->bytes[out->len++] = (uint8_t)(word >> (8 * i));
        p += len;
        p += strspn(p, " \n");
    }
    return true;
}

static bool read_source(struct scn *s, const struct node *n, struct code *out)
{
    struct field f[4];
    unsigned given = 0;
    size_t old;
    bool ok;

    if (n->kind == NODE_SCALAR)
        return assemble(s, n, out);
    if (!scn_read_keys(s, n, &scn_code_keys, f))
        return false;
    for (unsigned i = 0; i < 4; i++)
        given += f[i].node != NULL;
    if (given != 1) {
        scn_allowed(s, scn_error(s, n, "%s source", given ? "more than one" : "no"),
                    "one of asm, raw, elf, hex");
        return false;
    }
    if (f[CODE_RAW].node)
        return read_raw(s, &f[CODE_RAW], out);
    if (f[CODE_ELF].node)
        return read_elf_file(s, &f[CODE_ELF], out);
    if (f[CODE_HEX].node)
        return read_words(s, &f[CODE_HEX], out);
    old = path_key(&s->path, "asm");
    ok = assemble(s, f[CODE_ASM].node, out);
    path_pop(&s->path, old);
    return ok;
}

static void add_blob(struct scn *s, const struct name *name, const struct code *c)
{
    struct scenario *sc = s->sc;
    struct blob *b;

    sc->blobs = arena_grow(s->arena, sc->blobs, sc->num_blobs * sizeof(*b),
                           (sc->num_blobs + 1) * sizeof(*b));
    b = &sc->blobs[sc->num_blobs++];
    b->name = name->text;
    b->len = c->len;
    b->entry = c->entry;
    b->bytes = c->bytes ? (uint8_t *)arena_strndup(s->arena, (const char *)c->bytes, c->len)
                        : NULL; /* the loader's cache may be gone before the scenario is */
}

void scn_read_code(struct scn *s, const struct node *n)
{
    if (!scn_expect_kind(s, n, NODE_MAP, "a mapping from names to code"))
        return;
    FOR_EACH_VALUE(v, n)
    {
        size_t old = path_key(&s->path, v->key->text);
        struct name *name = scn_add_name(s, v->key, v->key->text, v->key->len, NAME_CODE);
        struct code code = {0};

        read_source(s, v, &code);
        if (name) { /* known even when it is wrong, so that its uses are not reported too */
            name->value = s->sc->num_blobs;
            add_blob(s, name, &code);
        }
        s->sc->needs_cpu = true;
        path_pop(&s->path, old);
    }
}
