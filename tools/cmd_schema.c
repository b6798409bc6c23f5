/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim schema: prints what schema/scenario.schema.json holds. */
#include <getopt.h>
#include <stdlib.h>

#include <ccasim/scenario.h>

#include "cmd.h"

static void print_help(void)
{
    puts("usage: ccasim schema\n"
         "\n"
         "Prints the JSON Schema (draft-07) of scenario files, for completion in editors.\n"
         "A file names it in a comment:\n"
         "  # yaml-language-server: $schema=../../schema/scenario.schema.json\n"
         "\n"
         "  -h, --help    this text\n"
         "\n"
         "Example: ccasim schema >schema/scenario.schema.json");
}

int cmd_schema(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int c = getopt_long(argc, argv, "h", options, NULL);
    char *text;

    if (c == 'h') {
        print_help();
        return EXIT_AS_EXPECTED;
    }
    if (c != -1 || optind != argc)
        return cmd_usage("schema", "takes no arguments");
    text = scenario_schema();
    if (!text) {
        fputs("ccasim: out of memory\n", stderr);
        return EXIT_MODEL_BUG;
    }
    fputs(text, stdout);
    free(text);
    return EXIT_AS_EXPECTED;
}
