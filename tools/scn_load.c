/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: reading them, finding them, and the loader's front door. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scn.h"

#define MAX_FILE        (16u << 20)
#define MAX_UP          4u
#define PRELUDE_FOLDER  "setup"
#define SCENARIO_FOLDER "scenarios"

/* --- files --- */

static char *read_stream(FILE *f, size_t most, size_t *len, int *err)
{
    size_t size = 8192, n = 0;
    char *text = malloc(size);

    while (text && n <= most) {
        size_t got = fread(text + n, 1, size - n - 1, f);
        char *more;

        n += got;
        if (got == 0 || n < size - 1)
            break;
        size *= 2;
        more = realloc(text, size);
        if (!more)
            free(text);
        text = more;
    }
    *err = !text ? ENOMEM : ferror(f) ? errno : n > most ? EFBIG : 0;
    if (*err) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    *len = n;
    return text;
}

char *file_read_most(const char *path, size_t most, size_t *len, int *err)
{
    FILE *f = fopen(path, "rb");
    char *text;

    if (!f) {
        *err = errno;
        return NULL;
    }
    text = read_stream(f, most, len, err);
    fclose(f);
    return text;
}

char *file_read(const char *path, size_t *len, int *err)
{
    return file_read_most(path, MAX_FILE, len, err);
}

/* Length of the folder part of a path, without the slash; 0: none. */
static size_t folder_length(const char *path, size_t len)
{
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len;
}

static char *join(struct arena *a, const char *folder, size_t len, const char *middle,
                  const char *name)
{
    const char *slash = len > 0 && folder[len - 1] != '/' ? "/" : "";

    return arena_printf(a, "%.*s%s%s%s%s", (int)len, folder, slash, middle, middle[0] ? "/" : "",
                        name);
}

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* In the folder itself, or in the scenarios/ that it has. */
static char *look_in(struct arena *a, const char *folder, size_t len, const char *name)
{
    char *path = join(a, folder, len, "", name);

    if (is_file(path))
        return path;
    path = join(a, folder, len, SCENARIO_FOLDER, name);
    return is_file(path) ? path : NULL;
}

char *file_resolve(struct arena *a, const char *from, const char *name)
{
    static const char up[] = "../../../..";
    size_t len = folder_length(from, strlen(from));
    char *path;

    if (name[0] == '/')
        return is_file(name) ? arena_strdup(a, name) : NULL;
    for (;;) {
        path = look_in(a, from, len, name);
        if (path || len == 0 || (len == 1 && from[0] == '/'))
            break;
        len = folder_length(from, len);
    }
    for (size_t i = 1; !path && from[0] != '/' && i <= MAX_UP; i++)
        path = look_in(a, up, 3 * i - 1, name);
    return path;
}

/* --- the loader --- */

struct scenario_loader *scenario_loader_new(void)
{
    struct scenario_loader *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->arena = arena_new();
    l->scratch = arena_new();
    return l;
}

void scenario_loader_free(struct scenario_loader *l)
{
    if (!l)
        return;
    arena_free(l->arena);
    arena_free(l->scratch);
    free(l);
}

const struct document *scn_prelude(struct scn *s, const struct node *at, const char *path)
{
    struct scenario_loader *l = s->loader;
    struct document *doc;
    char *text, *copy;
    size_t len;
    int err;

    for (doc = l->preludes; doc; doc = doc->next) {
        if (strcmp(doc->file, path) == 0)
            return doc;
    }
    text = file_read(path, &len, &err);
    if (!text) {
        scn_error(s, at, "cannot read `%.200s`: %s", path, strerror(err));
        return NULL;
    }
    copy = arena_strndup(l->arena, text, len);
    free(text);
    doc = ARENA_ARRAY(l->arena, struct document, 1);
    if (!document_parse(l->arena, arena_strdup(l->arena, path), copy, len, doc, s->diags) ||
        doc->flawed) {
        s->errors++;
        return doc->root ? doc : NULL; /* not kept: the next file that uses it is told too */
    }
    doc->next = l->preludes;
    l->preludes = doc;
    return doc;
}

static int by_place(const void *a, const void *b)
{
    const struct diag *x = a, *y = b;

    if (x->loc.line != y->loc.line)
        return x->loc.line < y->loc.line ? -1 : 1;
    return x->loc.col < y->loc.col ? -1 : x->loc.col > y->loc.col;
}

/* In the order of the file's lines; each prelude's apart, before those of the file that uses it. */
static void sort_diags(struct diag_list *l, size_t first)
{
    size_t end;

    for (size_t i = first; i < l->num; i = end) {
        end = i + 1;
        for (size_t k = end; k < l->num; k++) {
            if (strcmp(l->d[k].loc.file, l->d[i].loc.file) == 0) {
                struct diag d = l->d[k];

                memmove(&l->d[end + 1], &l->d[end], (k - end) * sizeof(d));
                l->d[end++] = d;
            }
        }
        qsort(&l->d[i], end - i, sizeof(*l->d), by_place);
    }
}

static int load_document(struct scenario_loader *l, const struct document *doc,
                         struct scenario **out, struct diag_list *diags)
{
    struct arena *arena = arena_new();
    struct scn s = {.loader = l, .arena = arena, .diags = diags};

    s.sc = ARENA_ARRAY(arena, struct scenario, 1);
    s.sc->arena = arena;
    scn_read_file(&s, doc);
    if (s.errors || doc->flawed) {
        arena_free(arena);
        return CCA_ERR_PARSE;
    }
    *out = s.sc;
    return CCA_OK;
}

int scenario_loader_load_text(struct scenario_loader *l, const char *name, const char *text,
                              size_t len, struct scenario **out, struct diag_list *diags)
{
    struct document doc;
    size_t first = diags->num;
    int err = CCA_ERR_PARSE;

    *out = NULL;
    arena_reset(l->scratch);
    text = arena_strndup(l->scratch, text, len);
    if (document_parse(l->scratch, name, text, len, &doc, diags))
        err = load_document(l, &doc, out, diags);
    sort_diags(diags, first);
    return err;
}

static int cannot_read(struct diag_list *diags, const char *path, int err)
{
    char text[160];

    snprintf(text, sizeof(text), "cannot read: %s", strerror(err));
    diag_add(diags, (struct loc){path, 0, 0}, "", text);
    return CCA_ERR_IO;
}

int scenario_loader_load(struct scenario_loader *l, const char *path, struct scenario **out,
                         struct diag_list *diags)
{
    size_t len;
    int err;
    char *text = file_read(path, &len, &err);

    *out = NULL;
    if (!text)
        return cannot_read(diags, path, err);
    err = scenario_loader_load_text(l, path, text, len, out, diags);
    free(text);
    return err;
}

int scenario_load(const char *path, struct scenario **out, struct diag_list *diags)
{
    struct scenario_loader *l = scenario_loader_new();
    int err;

    *out = NULL;
    if (!l)
        return CCA_ERR_NOMEM;
    err = scenario_loader_load(l, path, out, diags);
    scenario_loader_free(l);
    return err;
}

void scenario_free(struct scenario *sc)
{
    if (sc)
        arena_free(sc->arena);
}

/* --- lists of files --- */

static void add_file(struct file_list *list, char *path)
{
    if (list->num == list->capacity) {
        size_t n = list->capacity ? 2 * list->capacity : 64;
        char **v = realloc(list->v, n * sizeof(*v));

        if (!v) {
            free(path);
            return;
        }
        list->v = v;
        list->capacity = n;
    }
    list->v[list->num++] = path;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n > m && strcmp(s + n - m, end) == 0;
}

static int is_wanted(const struct dirent *e)
{
    return e->d_name[0] != '.' && strcmp(e->d_name, PRELUDE_FOLDER) != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* bytes, not the locale's order */
}

static void walk(const char *folder, struct file_list *list)
{
    struct dirent **entries;
    int num = scandir(folder, &entries, is_wanted, by_name);
    const char *slash = ends_with(folder, "/") || strcmp(folder, "/") == 0 ? "" : "/";

    for (int i = 0; i < num; i++) {
        struct stat st;
        char *path = NULL;

        if (asprintf(&path, "%s%s%s", folder, slash, entries[i]->d_name) >= 0 &&
            stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                walk(path, list);
            else if (ends_with(path, ".yaml")) {
                add_file(list, path);
                path = NULL;
            }
        }
        free(path);
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
}

int scenario_find_files(const char *path, struct file_list *list, struct diag_list *diags)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return cannot_read(diags, path, errno);
    if (S_ISDIR(st.st_mode))
        walk(path, list);
    else
        add_file(list, strdup(path));
    return CCA_OK;
}

void file_list_free(struct file_list *list)
{
    for (size_t i = 0; i < list->num; i++)
        free(list->v[i]);
    free(list->v);
    memset(list, 0, sizeof(*list));
}
