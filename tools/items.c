/* SPDX-License-Identifier: BSD-3-Clause */
#include "items.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "run_output.h"
#include "trace.h"

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool filter_matches(const char *glob, const struct run_item *item)
{
    return glob == NULL || fnmatch(glob, item->path, 0) == 0 ||
           fnmatch(glob, item->below, 0) == 0 || fnmatch(glob, base_of(item->path), 0) == 0;
}

static void add_item(struct items *l, const char *glob, struct run_item item)
{
    if (!filter_matches(glob, &item))
        return;
    if (l->num == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 64;
        struct run_item *v = realloc(l->v, l->capacity * sizeof(*v));

        if (v == NULL)
            MODEL_BUG("out of memory");
        l->v = v;
    }
    item.path = strdup(item.path);
    item.below = item.path + strlen(item.path) - strlen(item.below);
    l->v[l->num++] = item;
}

/* A folder's own files before those of the folders below, so that a suite is in one piece. */
static int by_folder(const void *pa, const void *pb)
{
    const char *a = ((const struct run_item *)pa)->path, *b = ((const struct run_item *)pb)->path;
    size_t la = run_folder_length(a), lb = run_folder_length(b);
    int d = memcmp(a, b, la < lb ? la : lb);

    if (d == 0 && la != lb)
        d = la < lb ? -1 : 1;
    return d ? d : strcmp(a, b);
}

int items_add(struct items *l, const char *path, const char *glob)
{
    struct file_list files = {0};
    struct diag_list diags = {0};
    size_t first = l->num, len = strlen(path);
    int sections = trace_sections(path);

    for (int i = 0; i < sections; i++)
        add_item(l, glob, (struct run_item){path, base_of(path), i});
    if (sections >= 0)
        return EXIT_AS_EXPECTED;
    if (scenario_find_files(path, &files, &diags) != CCA_OK) {
        diag_list_print(&diags, stderr);
        diag_list_clear(&diags);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < files.num; i++) {
        const char *below = files.v[i] + len;

        if (*below == '\0')
            below = base_of(files.v[i]);
        while (*below == '/')
            below++;
        add_item(l, glob, (struct run_item){files.v[i], below, -1});
    }
    file_list_free(&files);
    if (l->num > first)
        qsort(l->v + first, l->num - first, sizeof(*l->v), by_folder);
    return EXIT_AS_EXPECTED;
}

void items_free(struct items *l)
{
    for (size_t i = 0; i < l->num; i++)
        free((char *)(uintptr_t)l->v[i].path);
    free(l->v);
    *l = (struct items){0};
}

int items_workers_set(const char *command, const char *arg, unsigned *workers)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);

    if (end == arg || *end || n < 1 || n > 64)
        return cmd_usage(command, "-j takes 1 to 64, not `%s`", arg);
    *workers = (unsigned)n;
    return EXIT_AS_EXPECTED;
}

unsigned items_workers(unsigned wanted, size_t num)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = wanted;

    /* A process has to be worth its start. */
    if (n == 0)
        n = cpus > 1 && num >= 16 ? (size_t)cpus : 1;
    if (n > num)
        n = num ? num : 1;
    return n > 64 ? 64 : (unsigned)n;
}
