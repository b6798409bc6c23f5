/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim lint: what is wrong in scenario files, without running them. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <ccasim/scenario.h>

#include "cmd.h"

static void print_help(void)
{
    puts("usage: ccasim lint PATH...\n"
         "\n"
         "Reads scenario files and prints every error as\n"
         "  FILE:LINE:COLUMN: PLACE: what is wrong; allowed: ...; did you mean `...`?\n"
         "Folders are searched for *.yaml; folders named `setup` hold preludes and are read\n"
         "with the scenarios that use them.\n"
         "\n"
         "  -q, --quiet   no summary\n"
         "  -h, --help    this text\n"
         "\n"
         "Exit code: 0 all files are fine; 3 some are not; 2 usage.\n"
         "Example: ccasim lint scenarios/conformance/rtt");
}

/* A prelude's errors come with every file that uses it: each line is printed once. */
static bool is_new(struct diag_list *seen, const struct diag *d)
{
    for (size_t i = 0; i < seen->num; i++) {
        const struct diag *o = &seen->d[i];

        if (o->loc.line == d->loc.line && o->loc.col == d->loc.col &&
            strcmp(o->text, d->text) == 0 && strcmp(o->loc.file, d->loc.file) == 0)
            return false;
    }
    return true;
}

static size_t print_diags(struct diag_list *diags, struct diag_list *printed)
{
    size_t num = 0;

    for (size_t i = 0; i < diags->num; i++) {
        if (!is_new(printed, &diags->d[i]))
            continue;
        diag_print(&diags->d[i], stdout);
        num++;
    }
    return num + diags->dropped;
}

/* Number of errors in the files. */
static size_t lint_files(const struct file_list *files, size_t *bad)
{
    struct scenario_loader *loader = scenario_loader_new();
    struct diag_list last = {0};
    size_t errors = 0;

    for (size_t i = 0; loader && i < files->num; i++) {
        struct diag_list diags = {0};
        struct scenario *sc;

        if (scenario_loader_load(loader, files->v[i], &sc, &diags) != CCA_OK) {
            (*bad)++;
            errors += print_diags(&diags, &last);
            diag_list_clear(&last);
            last = diags;
        } else {
            diag_list_clear(&diags);
        }
        scenario_free(sc);
    }
    diag_list_clear(&last);
    scenario_loader_free(loader);
    return errors;
}

static int lint_paths(char **paths, int num, bool quiet)
{
    struct diag_list diags = {0};
    struct file_list files = {0};
    size_t bad = 0, errors;

    for (int i = 0; i < num; i++)
        scenario_find_files(paths[i], &files, &diags);
    diag_list_print(&diags, stdout);
    errors = lint_files(&files, &bad) + diags.num;
    if (!quiet)
        printf("%zu file%s, %zu with errors, %zu error%s\n", files.num, files.num == 1 ? "" : "s",
               bad, errors, errors == 1 ? "" : "s");
    bad += diags.num;
    file_list_free(&files);
    diag_list_clear(&diags);
    return bad ? EXIT_INVALID : EXIT_AS_EXPECTED;
}

int cmd_lint(int argc, char **argv)
{
    static const struct option options[] = {
        {"quiet", no_argument, NULL, 'q'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool quiet = false;
    int c;

    while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
        if (c == 'h') {
            print_help();
            return EXIT_AS_EXPECTED;
        }
        if (c != 'q')
            return cmd_usage("lint", "unknown option");
        quiet = true;
    }
    if (optind == argc)
        return cmd_usage("lint", "no PATH");
    return lint_paths(argv + optind, argc - optind, quiet);
}
