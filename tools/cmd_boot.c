/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim boot: host code, from images to a report. */
#include "cmd.h"

#include <ccasim/rmm.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot_tool.h"
#include "gdb.h"
#include "junit.h"
#include "runner.h"

static const char usage[] =
    "usage: ccasim boot [OPTION...] --image FILE@ADDR... | --elf FILE\n\n"
    "Loads images, resets PE 0 to EL2 with the MMU off, and runs until the platform ends: WFI "
    "with\n"
    "nothing that could end it, PSCI SYSTEM_OFF, a limit. Every RMI call is judged.\n\n"
    "  --image FILE@ADDR    bytes of a file at a physical address; may come again\n"
    "  --elf FILE           what an ELF file loads; its symbols are used in the report\n"
    "  --entry ADDR         where PE 0 begins (default: that of the ELF file, or the first image)\n"
    "  --platform NAME      ccasim list platforms (default: the first)\n"
    "  --pe N               number of PEs (default: all of the platform)\n"
    "  --nvm FILE           memory that keeps its content: read if it is there, written at the "
    "end\n"
    "  --uart -|FILE        the console's bytes as they are; `-`: stdout, the report to stderr\n"
    "  --expect-uart REGEX  a line of the console must match; may come again\n"
    "  --timeout D          virtual time: 90s (default), 500ms, 20us, or ticks; 0: none\n"
    "  --check LEVEL        all (default), full: look at everything after each call, none\n"
    "  --break NAME         with a planted bug (ccasim list bugs)\n"
    "  --trace FILE         write the RMI calls; `ccasim run FILE` runs them without the host\n"
    "  --gdb PORT           wait for gdb on 127.0.0.1 before the first instruction; 0: any port\n"
    "  --junit FILE         JUnit XML: one case\n"
    "  --json               the report as one object; the console to stderr\n\n"
    "exit codes: 0 ended by itself, 1 findings, unmet --expect-uart, resets or stuck; 2 usage;\n"
    "            3 invalid file; 4 timeout; 70 model bug; 130 SIGINT\n"
    "example: ccasim boot --image host.bin@0x88000000 --expect-uart 'all passed'\n";

#define DEFAULT_SECONDS 90u

struct boot_command {
    struct boot_load load;
    const char *loaded; /* the first, as given */
    struct boot_uart uart;
    const struct plat_desc *plat;
    struct run_options run; /* check and break, as other commands have them */
    const char *entry, *pe, *timeout, *nvm_file, *uart_file, *trace_file, *gdb_port, *junit_file;
    bool json;

    uint8_t *nvm;
    size_t nvm_size;
    FILE *trace_out;
    struct boot *boot;
    struct boot_report *report;
    struct boot_trace *trace; /* NULL: none */
    struct gdb *gdb;          /* NULL: none */
    struct junit *junit;      /* NULL: none */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
    (void)sig;
    if (interrupted)
        _exit(EXIT_INTERRUPTED);
    interrupted = 1;
}

/* --- options ---------------------------------------------------------------------------------------------------------- */

static int platform_set(struct boot_command *c, const char *name)
{
    const char *names[16], *near;
    size_t num = 0;

    c->plat = plat_by_name(name);
    if (c->plat)
        return EXIT_AS_EXPECTED;
    while (num < 16 && plat_all[num]) {
        names[num] = plat_all[num]->name;
        num++;
    }
    near = near_match(name, names, num);
    return cmd_usage("boot", "no platform `%s`%s%s%s", name, near ? "; did you mean `" : "",
                     near ? near : "", near ? "`?" : " (ccasim list platforms)");
}

static int option_set(struct boot_command *c, int option)
{
    const char *wrong;

    switch (option) {
    case 'i':
    case 'e':
        if (c->loaded == NULL)
            c->loaded = optarg;
        return option == 'i' ? boot_load_image(&c->load, optarg) : boot_load_elf(&c->load, optarg);
    case 'E': c->entry = optarg; break;
    case 'P': return platform_set(c, optarg);
    case 'p': c->pe = optarg; break;
    case 'n': c->nvm_file = optarg; break;
    case 'u': c->uart_file = optarg; break;
    case 't': c->timeout = optarg; break;
    case 'T': c->trace_file = optarg; break;
    case 'g': c->gdb_port = optarg; break;
    case 'U': c->junit_file = optarg; break;
    case 'j': c->json = true; break;
    case 'x':
        wrong = boot_uart_expect(&c->uart, optarg);
        if (wrong)
            return cmd_usage("boot", "--expect-uart `%s`: %s", optarg, wrong);
        break;
    case OPT_CHECK:
    case OPT_BREAK: return run_options_set("boot", option, optarg, &c->run);
    default: return cmd_usage("boot", "unknown option, or one without its value");
    }
    return EXIT_AS_EXPECTED;
}

/* EXIT_AS_EXPECTED: go on; -1: help was printed. */
static int parse(int argc, char **argv, struct boot_command *c)
{
    static const struct option longs[] = {
        {"image", required_argument, NULL, 'i'},
        {"elf", required_argument, NULL, 'e'},
        {"entry", required_argument, NULL, 'E'},
        {"platform", required_argument, NULL, 'P'},
        {"pe", required_argument, NULL, 'p'},
        {"nvm", required_argument, NULL, 'n'},
        {"uart", required_argument, NULL, 'u'},
        {"expect-uart", required_argument, NULL, 'x'},
        {"timeout", required_argument, NULL, 't'},
        {"check", required_argument, NULL, OPT_CHECK},
        {"break", required_argument, NULL, OPT_BREAK},
        {"trace", required_argument, NULL, 'T'},
        {"gdb", required_argument, NULL, 'g'},
        {"junit", required_argument, NULL, 'U'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, code = EXIT_AS_EXPECTED;

    while (code == EXIT_AS_EXPECTED && (option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return -1;
        }
        code = option_set(c, option);
    }
    if (code != EXIT_AS_EXPECTED)
        return code;
    if (optind < argc)
        return cmd_usage("boot", "`%s`? images are given with --image FILE@ADDR", argv[optind]);
    if (c->load.num == 0)
        return cmd_usage("boot", "which image? --image FILE@ADDR or --elf FILE");
    if (c->json && c->uart_file && strcmp(c->uart_file, "-") == 0)
        return cmd_usage("boot", "--json and --uart - both want stdout: give the console a file");
    return EXIT_AS_EXPECTED;
}

/* 10s, 500ms, 20us, or ticks. */
static bool ticks_of(const char *text, uint64_t frequency, uint64_t *out)
{
    static const struct {
        const char *name;
        uint64_t per_second; /* 0: ticks */
    } units[] = {{"s", 1}, {"ms", 1000}, {"us", 1000000}, {"ticks", 0}, {"", 0}};
    const size_t digits = strspn(text, "0123456789_");
    const char *unit = text + digits + strspn(text + digits, " ");
    char number[32];
    uint64_t n;

    snprintf(number, sizeof(number), "%.*s", (int)digits, text);
    if (digits >= sizeof(number) || !boot_number(number, &n))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;
        if (units[i].per_second && n > UINT64_MAX / 2 / frequency)
            return false;
        /* At least one tick: none would be no limit. */
        *out = units[i].per_second ? (n * frequency + units[i].per_second - 1) / units[i].per_second
                                   : n;
        return true;
    }
    return false;
}

/* What depends on the platform. */
static int settle(struct boot_command *c, struct boot_options *o)
{
    uint64_t n;

    if (c->plat == NULL)
        c->plat = plat_all[0];
    o->plat = c->plat;
    o->timeout = DEFAULT_SECONDS * c->plat->cntfrq;
    if (c->timeout && !ticks_of(c->timeout, c->plat->cntfrq, &o->timeout))
        return cmd_usage("boot", "--timeout takes 10s, 500ms, 20us or a number of ticks, not `%s`",
                         c->timeout);
    if (c->pe) {
        if (!boot_number(c->pe, &n) || n == 0 || n > c->plat->num_pes)
            return cmd_usage("boot", "--pe takes 1 to %u, not `%s`", c->plat->num_pes, c->pe);
        o->num_pes = (unsigned)n;
    }
    o->entry = c->load.entry;
    if (c->entry && !boot_number(c->entry, &o->entry))
        return cmd_usage("boot", "--entry takes an address, not `%s`", c->entry);
    o->check = c->run.check;
    o->broken = c->run.break_name ? (unsigned)rmm_bug_by_name(c->run.break_name) + 1 : 0;
    o->image = c->load.image;
    o->num_images = c->load.num;
    return boot_load_check(&c->load, c->plat);
}

/* --- memory that keeps its content -------------------------------------------------------------------------------------- */

/* Better now than after the run. */
static int nvm_writable(const struct boot_command *c)
{
    const char *slash = strrchr(c->nvm_file, '/');
    char *folder =
        slash ? arena_strndup(c->load.arena, c->nvm_file, (size_t)(slash - c->nvm_file) + 1) : NULL;

    if (access(folder ? folder : ".", W_OK) == 0)
        return EXIT_AS_EXPECTED;
    return cmd_usage("boot", "%s: %s", c->nvm_file, strerror(errno));
}

static int nvm_read(struct boot_command *c, struct boot_options *o)
{
    const struct plat_region *nvm = plat_find(c->plat, PLAT_NVM, 0);
    FILE *f;
    size_t got;

    if (c->nvm_file == NULL)
        return EXIT_AS_EXPECTED;
    if (nvm == NULL)
        return cmd_usage("boot", "%s has no memory that keeps its content", c->plat->name);
    c->nvm_size = nvm->size;
    c->nvm = malloc(c->nvm_size + 1);
    if (c->nvm == NULL)
        MODEL_BUG("out of memory");
    memset(c->nvm, 0xff, c->nvm_size);
    o->nvm = c->nvm;
    o->nvm_size = c->nvm_size;
    f = fopen(c->nvm_file, "rb");
    if (f == NULL && errno == ENOENT)
        return nvm_writable(c);
    if (f == NULL)
        return cmd_usage("boot", "%s: %s", c->nvm_file, strerror(errno));
    got = fread(c->nvm, 1, c->nvm_size + 1, f);
    fclose(f);
    if (got == c->nvm_size)
        return EXIT_AS_EXPECTED;
    fprintf(stderr, "ccasim boot: %s: %s0x%zx bytes, the %s of %s has 0x%zx\n", c->nvm_file,
            got > c->nvm_size ? "more than " : "", got > c->nvm_size ? c->nvm_size : got, nvm->name,
            c->plat->name, c->nvm_size);
    return EXIT_INVALID;
}

/* The old content stays where the new one cannot be written. */
static int nvm_write(const struct boot_command *c)
{
    struct text name = {0};
    bool good;
    FILE *f;
    int err;

    if (c->nvm_file == NULL)
        return EXIT_AS_EXPECTED;
    text_printf(&name, "%s.new", c->nvm_file);
    f = fopen(name.s, "wb");
    good = f && fwrite(c->nvm, 1, c->nvm_size, f) == c->nvm_size;
    if (f)
        good = fclose(f) == 0 && good;
    good = good && rename(name.s, c->nvm_file) == 0;
    err = errno;
    if (!good && f)
        remove(name.s);
    text_free(&name);
    if (good)
        return EXIT_AS_EXPECTED;
    fprintf(stderr, "ccasim boot: %s: %s\n", c->nvm_file, strerror(err));
    return EXIT_FAILED;
}

/* --- what is seen while it runs ------------------------------------------------------------------------------------------- */

static void on_uart(void *ctx, uint8_t byte)
{
    struct boot_command *c = ctx;

    boot_uart_byte(&c->uart, byte);
}

static void before_call(void *ctx, const struct boot_call *call)
{
    struct boot_command *c = ctx;

    if (c->gdb)
        gdb_before_call(c->gdb, call);
    boot_report_before(c->report, c->boot, call);
    if (c->trace)
        boot_trace_before(c->trace, call);
}

static void on_call(void *ctx, const struct boot_call *call)
{
    struct boot_command *c = ctx;

    unsigned step = c->trace ? boot_trace_call(c->trace, call) : 0;

    boot_report_call(c->report, c->boot, call, step);
    if (c->gdb)
        gdb_after_call(c->gdb, call);
}

static void on_reset(void *ctx, uint64_t now, const char *why)
{
    struct boot_command *c = ctx;

    boot_report_reset(c->report, now, c->plat->cntfrq, why);
    if (c->trace)
        boot_trace_end(c->trace, true);
}

static void after_reset(void *ctx)
{
    struct boot_command *c = ctx;

    if (c->trace)
        boot_trace_begin(c->trace, boot_machine(c->boot));
}

/* Nobody reads the console any more: no reason to go on. */
static bool must_stop(void *ctx)
{
    const struct boot_command *c = ctx;

    return interrupted || (c->uart.out && ferror(c->uart.out));
}

static bool stop(void *ctx)
{
    struct boot_command *c = ctx;

    if (c->gdb)
        gdb_poll(c->gdb);
    return must_stop(c);
}

static int open_outputs(struct boot_command *c)
{
    if (c->uart_file == NULL)
        c->uart.out = c->json ? stderr : stdout;
    else if (strcmp(c->uart_file, "-") == 0)
        c->uart.out = stdout;
    else
        c->uart.out = fopen(c->uart_file, "wb");
    if (c->uart.out == NULL)
        return cmd_usage("boot", "%s: %s", c->uart_file, strerror(errno));
    c->uart.as_it_is = c->uart_file != NULL;
    if (c->junit_file && (c->junit = junit_open(c->junit_file)) == NULL)
        return cmd_usage("boot", "%s: %s", c->junit_file, strerror(errno));
    if (c->trace_file == NULL)
        return EXIT_AS_EXPECTED;
    c->trace_out = fopen(c->trace_file, "wb");
    if (c->trace_out == NULL)
        return cmd_usage("boot", "%s: %s", c->trace_file, strerror(errno));
    c->trace = boot_trace_new(c->trace_out, c->load.image[0].name, c->run.break_name);
    return EXIT_AS_EXPECTED;
}

/* --- the command ------------------------------------------------------------------------------------------------------------ */

/* As cmd.h orders them. */
static int code_of(const struct boot_command *c, const struct boot_result *r)
{
    static const int codes[] = {
        [BOOT_WFI] = EXIT_AS_EXPECTED,
        [BOOT_OFF] = EXIT_AS_EXPECTED,
        [BOOT_TIMEOUT] = EXIT_LIMIT,
        [BOOT_RESETS] = EXIT_FAILED,
        [BOOT_STUCK] = EXIT_FAILED,
        [BOOT_WEDGED] = EXIT_FAILED,
        [BOOT_INTERRUPTED] = EXIT_INTERRUPTED,
        [BOOT_CPU_FAILED] = EXIT_MODEL_BUG,
        [BOOT_MODEL_BUG] = EXIT_MODEL_BUG,
    };
    size_t findings = 0;

    check_findings(boot_check(c->boot), &findings);
    if (r->end == BOOT_MODEL_BUG && findings)
        return EXIT_FAILED;
    if (codes[r->end] == EXIT_AS_EXPECTED && (findings || boot_uart_num_unmet(&c->uart)))
        return EXIT_FAILED;
    return codes[r->end];
}

/* One line that says the result, last: what a CI log is read for. */
static void verdict(const struct boot_command *c, const struct boot_result *r, int code,
                    struct text *t)
{
    size_t findings = 0, unmet = boot_uart_num_unmet(&c->uart);

    check_findings(boot_check(c->boot), &findings);
    text_printf(t, "%s: ended by %s, %zu findings", code == EXIT_AS_EXPECTED ? "ok" : "FAIL",
                boot_end_name(r->end), findings);
    if (c->uart.num_expect)
        text_printf(t, ", %zu of %zu expressions matched", c->uart.num_expect - unmet,
                    c->uart.num_expect);
    text_puts(t, "\n");
}

/* The verdict is what a list of failures shows. */
static void add_junit(struct boot_command *c, const struct boot_result *r, int code)
{
    static const char suite[] = "ccasim boot";
    struct text t = {0};

    if (c->junit == NULL)
        return;
    text_printf(&t, "%s\n", c->loaded);
    verdict(c, r, code, &t);
    boot_report_text(c->report, c->boot, r, &t);
    junit_suite(c->junit, suite, sizeof(suite) - 1);
    junit_case(c->junit, c->loaded, code == EXIT_AS_EXPECTED ? JUNIT_PASSED : JUNIT_FAILURE,
               boot_end_name(r->end), t.s);
    text_free(&t);
}

static void print_report(struct boot_command *c, const struct boot_result *r, int code)
{
    bool console_has_stdout = c->uart_file && strcmp(c->uart_file, "-") == 0;
    FILE *out = console_has_stdout ? stderr : stdout;
    struct text t = {0};

    if (c->json) {
        boot_report_json(c->report, c->boot, r, code, out);
        return;
    }
    if (c->uart_file == NULL && c->uart.bytes)
        putc('\n', out);
    boot_report_text(c->report, c->boot, r, &t);
    verdict(c, r, code, &t);
    fputs(t.s, out);
    text_free(&t);
}

static int gdb_open(struct boot_command *c)
{
    uint64_t port;

    if (c->gdb_port == NULL)
        return EXIT_AS_EXPECTED;
    if (!boot_number(c->gdb_port, &port) || port > UINT16_MAX)
        return cmd_usage("boot", "--gdb takes a port, 0 to 65535, not `%s`", c->gdb_port);
    c->gdb = gdb_listen((unsigned)port);
    if (c->gdb == NULL)
        return cmd_usage("boot", "--gdb %s: %s", c->gdb_port, strerror(errno));
    return EXIT_AS_EXPECTED;
}

static void gdb_begin(struct boot_command *c)
{
    if (c->gdb == NULL)
        return;
    fprintf(stderr, "gdb: target remote 127.0.0.1:%u\n", gdb_port(c->gdb));
    gdb_attach(c->gdb, c->boot, must_stop, c);
    gdb_wait(c->gdb);
}

static int close_outputs(struct boot_command *c, int code)
{
    bool good = true;

    if (c->uart.out && c->uart.out != stdout && c->uart.out != stderr)
        good = fclose(c->uart.out) == 0;
    if (c->trace_out)
        good = fclose(c->trace_out) == 0 && good;
    if (c->junit)
        good = fclose(junit_close(c->junit)) == 0 && good;
    if (!good)
        fputs("ccasim boot: cannot write the output\n", stderr);
    return code ? code : good ? EXIT_AS_EXPECTED : EXIT_FAILED;
}

/* The exit code. */
static int finish(struct boot_command *c, const struct boot_result *r)
{
    int code, written;

    boot_uart_end(&c->uart);
    code = code_of(c, r);
    print_report(c, r, code);
    add_junit(c, r, code);
    if (c->trace && !boot_trace_end(c->trace, code == EXIT_AS_EXPECTED)) {
        fprintf(stderr, "ccasim boot: cannot write %s\n", c->trace_file);
        code = code ? code : EXIT_FAILED;
    }
    written = nvm_write(c);
    code = code ? code : written;
    if (c->gdb)
        gdb_end(c->gdb, code);
    return code;
}

/* What was found before is worth more than the words about its consequence. */
static void on_model_bug(void *ctx, const char *what)
{
    struct boot_command *c = ctx;
    struct boot_result r;
    int code;

    boot_broke(c->boot, what, &r);
    code = close_outputs(c, finish(c, &r));
    fflush(stdout);
    _Exit(code);
}

static int run(struct boot_command *c, struct boot_options *o)
{
    struct sigaction sa = {.sa_handler = on_signal}, ignored = {.sa_handler = SIG_IGN};
    struct boot_result r;
    char why[400];
    int code;

    code = boot_new(o, &c->boot, why, sizeof(why)) == CCA_OK ? EXIT_AS_EXPECTED
                                                             : cmd_usage("boot", "%s", why);
    if (code != EXIT_AS_EXPECTED)
        return code;
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    if (c->trace)
        boot_trace_begin(c->trace, boot_machine(c->boot));
    gdb_begin(c);
    model_bug_hook(on_model_bug, c);
    boot_run(c->boot, &r);
    model_bug_hook(NULL, NULL);
    return finish(c, &r);
}

/* What shows a call of the trace again. */
static void explain_command(const struct boot_command *c, struct text *t)
{
    if (c->trace_file == NULL)
        return;
    text_puts(t, "ccasim explain ");
    if (c->run.break_name)
        text_printf(t, "--break %s ", c->run.break_name);
    if (c->run.check_text)
        text_printf(t, "--check %s ", c->run.check_text);
    text_puts(t, c->trace_file);
}

int cmd_boot(int argc, char **argv)
{
    struct boot_command c = {.load = {.arena = arena_new()}, .run = {.check = CHECK_ALL}};
    struct boot_options o = {
        .uart = on_uart,
        .before_call = before_call,
        .on_call = on_call,
        .on_reset = on_reset,
        .after_reset = after_reset,
        .interrupted = stop,
        .ctx = &c,
    };
    struct text explain = {0};
    int code = parse(argc, argv, &c);

    if (code == EXIT_AS_EXPECTED)
        code = settle(&c, &o);
    if (code == EXIT_AS_EXPECTED)
        code = nvm_read(&c, &o);
    if (code == EXIT_AS_EXPECTED)
        code = open_outputs(&c);
    if (code == EXIT_AS_EXPECTED)
        code = gdb_open(&c);
    if (code == EXIT_AS_EXPECTED) {
        explain_command(&c, &explain);
        c.report = boot_report_new(&c.load, &c.uart, explain.s);
        code = run(&c, &o);
        boot_report_free(c.report);
    }
    if (c.trace)
        boot_trace_free(c.trace);
    gdb_free(c.gdb);
    boot_free(c.boot);
    code = close_outputs(&c, code);
    boot_uart_free(&c.uart);
    text_free(&explain);
    free(c.nvm);
    arena_free(c.load.arena);
    return code < 0 ? EXIT_AS_EXPECTED : code;
}
