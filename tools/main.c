/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <capstone/capstone.h>
#include <ccasim/abi.h>
#include <ccasim/cpu.h>
#include <ccasim/rmm.h>
#include <ccasim/scenario.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ccasim_config.h"
#include "ccasim_version.h"

static const struct command {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", "run scenarios and say what was not as expected", cmd_run},
    {"boot", "run host code from images: every RMI call that it makes is judged", cmd_boot},
    {"explain", "why a call of a scenario returned what it did", cmd_explain},
    {"repl", "step forward and back, ask, issue calls by hand, save a scenario", cmd_repl},
    {"state", "granules, Realms, their tables and RECs after a step", cmd_state},
    {"coverage", "which conditions scenarios make true, and which decide", cmd_coverage},
    {"rim", "the Realm Initial Measurement of a scenario's Realms, without a run", cmd_rim},
    {"token", "print an attestation token and check its signatures", cmd_token},
    {"lint", "check scenario files without running them", cmd_lint},
    {"list", "conditions, success variants, invariants, commands, planted bugs", cmd_list},
    {"schema", "the JSON Schema of scenario files", cmd_schema},
    {"bench", "measure calls per second", cmd_bench},
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *out)
{
    fputs("usage: ccasim COMMAND [ARGUMENT...]\n\n"
          "An executable reference model of the Arm Confidential Compute Architecture.\n\n",
          out);
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].what);
    fputs("\n"
          "  ccasim COMMAND -h    options of the command\n"
          "  ccasim --version     versions, for a report\n\n"
          "exit codes: 0 as expected, 1 failed, 2 usage, 3 invalid scenario, 4 limit reached,\n"
          "            70 model bug, 130 interrupted\n\n"
          "example: ccasim run scenarios\n",
          out);
}

static void version(void)
{
    int major, minor;

    cs_version(&major, &minor);
    printf("ccasim %s (%s)\n", CCASIM_VERSION, CCASIM_GIT_ID);
    printf("RMM ABI %u.%u (DEN0137 1.0-rel0), scenario format %u\n", (unsigned)(ABI_1_0 >> 16),
           (unsigned)(ABI_1_0 & 0xffff), SCENARIO_FORMAT_VERSION);
#ifdef CCASIM_HAVE_UNICORN
    printf("Unicorn %s", cpu_version());
#else
    printf("Unicorn: none, only scripted Realms run");
#endif
    printf(", Capstone %d.%d\n", major, minor);
    printf("planted bugs: %zu\n", rmm_bug_count);
}

static int unknown(const char *word)
{
    const char *names[NUM_COMMANDS], *near;

    for (size_t i = 0; i < NUM_COMMANDS; i++)
        names[i] = commands[i].name;
    near = near_match(word, names, NUM_COMMANDS);
    fprintf(stderr, "ccasim: no command `%s`", word);
    if (near)
        fprintf(stderr, "; did you mean `%s`?", near);
    fputs("\n(ccasim -h lists the commands)\n", stderr);
    return EXIT_USAGE;
}

/* A full disk or a closed pipe must not look like success. */
static int flushed(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fputs("ccasim: cannot write the output\n", stderr);
    return code ? code : EXIT_FAILED;
}

/* Unicorn aborts where it translates the few encodings that its QEMU has forgotten (docs/limits.md, CPU). */
static void on_abort(int sig)
{
    static const char text[] = "ccasim: aborted; Unicorn does so at an instruction that it cannot "
                               "translate (docs/limits.md)\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void)sig;
    (void)written;
    _exit(EXIT_MODEL_BUG);
}

int main(int argc, char **argv)
{
    signal(SIGABRT, on_abort);
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        help(stdout);
        return flushed(EXIT_AS_EXPECTED);
    }
    if (strcmp(argv[1], "--version") == 0) {
        version();
        return flushed(EXIT_AS_EXPECTED);
    }
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return flushed(commands[i].run(argc - 1, argv + 1));
    return unknown(argv[1]);
}
