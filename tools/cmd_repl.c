/* SPDX-License-Identifier: BSD-3-Clause */
/* ccasim repl: a scenario forward and back, questions on the way, and steps by hand. */
#include "cmd.h"

#include <ccasim/rmm.h>

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ccasim_config.h"
#include "explain.h"
#include "report.h"
#include "session.h"
#include "state.h"
#include "target.h"
#include "trace.h"
#include "who.h"

#ifdef CCASIM_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

static const char usage[] =
    "usage: ccasim repl [OPTION...] [FILE]\n\n"
    "Runs a scenario step by step, forward and back, answers questions about the machine, issues "
    "calls\nby hand, and saves what was done as a scenario. Commands come from standard input; "
    "`help` lists\nthem. Without FILE: a machine after boot, with the granules g.0 to g.63.\n\n"
    "  --check LEVEL    all (default), full or none\n"
    "  --break NAME     with a planted bug (ccasim list bugs)\n"
    "  --realm WHAT     what runs Realm code: unicorn, script, auto (default)\n"
    "  --seed N         seed of the machine instead of the scenario's\n"
    "  -h, --help       this text\n\n"
    "exit codes: 0; 2 usage; 3 invalid scenario\n"
    "example: printf 'goto 20\\nwho page\\n' | ccasim repl scenarios/first_realm.yaml\n";

static const char help[] =
    "  next [N]          the next step, or N steps (n)\n"
    "  back [N]          one step back, or N (b)\n"
    "  goto STEP         to the state after that step, forward or back; 0: the beginning\n"
    "  continue          to a breakpoint, a step that fails, or the end (c)\n"
    "  break [WHERE]     stop before a step: its number, or the name of a command; without WHERE:\n"
    "                    lists breakpoints\n"
    "  delete [WHERE]    a breakpoint, or all\n"
    "  list [N]          the steps around here (l)\n"
    "  who ADDR          what is at a PA, and at this IPA of each Realm: a number, a name, `rtt.1 "
    "+ 8`\n"
    "  explain [STEP]    conditions of the last call, or of that step, and which decided (e)\n"
    "  state             granules, Realms, RTTs, RECs, PEs (s)\n"
    "  svg FILE          the same as a picture\n"
    "  save FILE         what has run so far, as a scenario\n"
    "  help, quit        (q); Ctrl-C ends `continue` and `next`, not the session\n"
    "Anything else is a step as in a scenario, on one line: GRANULE_DELEGATE: g.0\n"
    "  RTT_CREATE: {rd: rd, rtt: rtt.1, ipa: 0, level: 2}, expect: RMI_ERROR_INPUT, pe: 1\n"
    "It runs before the steps that are still to come. What it returns is kept as expected.\n";

/* Ctrl-C ends what runs, between two steps; never the session. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static const char no_file[] =
    "# By hand\nccasim: 1\ngranules: {g: {count: 64, at: DRAM_BASE}}\nsteps: []\n";

#define MAX_BREAKS 32u
struct repl {
    struct session s;
    bool tty;
    struct {
        unsigned step; /* 0: `command` */
        char *command;
    } stop[MAX_BREAKS];
    unsigned num_stops;
};

/* --- output --- */

static void flush_said(struct repl *r)
{
    if (r->s.said.len)
        fputs(r->s.said.s, stdout);
    text_clear(&r->s.said);
}

static void print_where(struct repl *r)
{
    const struct scenario *sc = r->s.sc;

    if (r->s.pos == sc->num_steps)
        printf("at the end, after %u steps\n", sc->num_steps);
    else
        printf("before step %u of %u\n", sc->steps[r->s.pos].number, sc->total_steps);
}

/* --- places --- */

static bool parse_number(const char *arg, unsigned long max, unsigned *out)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);

    *out = (unsigned)n;
    return end != arg && *end == '\0' && n <= max && isdigit((unsigned char)*arg);
}

/* How many top-level steps have run when step `number` has: itself, or the one that it is nested in. */
static unsigned pos_after(const struct scenario *sc, unsigned number)
{
    unsigned pos = 0;

    while (pos < sc->num_steps && sc->steps[pos].number <= number)
        pos++;
    return number ? pos : 0;
}

static bool is_stop(const struct repl *r)
{
    const struct step *st = &r->s.sc->steps[r->s.pos];
    const struct abi_command *c = st->kind == STEP_CALL ? report_command(st) : NULL;

    for (unsigned i = 0; i < r->num_stops; i++) {
        if (r->stop[i].step ? r->stop[i].step == st->number
                            : c && strcmp(c->name, r->stop[i].command) == 0)
            return true;
    }
    return false;
}

/* --- commands: `arg` is the rest of the line, "" if there is none --- */

static void do_next(struct repl *r, const char *arg)
{
    unsigned n = 1;

    if (*arg && !parse_number(arg, SCENARIO_MAX_STEPS, &n)) {
        puts("next takes a number of steps");
        return;
    }
    while (n-- && !interrupted && session_next(&r->s))
        ;
    flush_said(r);
    if (r->s.pos == r->s.sc->num_steps)
        print_where(r);
}

static void do_back(struct repl *r, const char *arg)
{
    unsigned n = 1;

    if (*arg && !parse_number(arg, SCENARIO_MAX_STEPS, &n)) {
        puts("back takes a number of steps");
        return;
    }
    session_goto(&r->s, n > r->s.pos ? 0 : r->s.pos - n);
    print_where(r);
}

static void do_goto(struct repl *r, const char *arg)
{
    unsigned number;

    if (!parse_number(arg, SCENARIO_MAX_STEPS, &number) || number > r->s.sc->total_steps) {
        printf("goto takes a step: 0 to %u\n", r->s.sc->total_steps);
        return;
    }
    session_goto(&r->s, pos_after(r->s.sc, number));
    flush_said(r);
    print_where(r);
}

static void do_continue(struct repl *r, const char *arg)
{
    (void)arg;
    while (!interrupted && session_next(&r->s) && (r->s.pos == r->s.sc->num_steps || !is_stop(r)))
        ;
    flush_said(r);
    print_where(r);
}

static void list_stops(const struct repl *r)
{
    for (unsigned i = 0; i < r->num_stops; i++) {
        if (r->stop[i].step)
            printf("before step %u\n", r->stop[i].step);
        else
            printf("before every %s\n", r->stop[i].command);
    }
    if (r->num_stops == 0)
        puts("no breakpoints");
}

/* A step's number, or a command without its prefix. False: told. */
static bool parse_stop(const struct repl *r, const char *arg, unsigned *step, const char **command)
{
    const struct abi_command *c = abi_command_by_name(arg);

    *step = 0;
    *command = c ? c->name : NULL;
    if (c || (parse_number(arg, r->s.sc->total_steps, step) && *step))
        return true;
    printf("no command is called `%s`, and a step is 1 to %u\n", arg, r->s.sc->total_steps);
    return false;
}

static void do_break(struct repl *r, const char *arg)
{
    const char *command;
    unsigned step;

    if (*arg && r->num_stops == MAX_BREAKS) {
        puts("too many breakpoints");
    } else if (*arg && parse_stop(r, arg, &step, &command)) {
        r->stop[r->num_stops].step = step;
        r->stop[r->num_stops++].command = command ? strdup(command) : NULL;
    }
    list_stops(r);
}

static void do_delete(struct repl *r, const char *arg)
{
    const char *command = NULL;
    unsigned step = 0, kept = 0;

    if (*arg && !parse_stop(r, arg, &step, &command))
        return;
    for (unsigned i = 0; i < r->num_stops; i++) {
        bool is_it = step      ? r->stop[i].step == step
                     : command ? r->stop[i].command && strcmp(r->stop[i].command, command) == 0
                               : true;

        if (is_it)
            free(r->stop[i].command);
        else
            r->stop[kept++] = r->stop[i];
    }
    r->num_stops = kept;
    list_stops(r);
}

static void do_list(struct repl *r, const char *arg)
{
    const struct scenario *sc = r->s.sc;
    unsigned n = 5, first, end;

    if (*arg && !parse_number(arg, SCENARIO_MAX_STEPS, &n)) {
        puts("list takes a number of steps");
        return;
    }
    first = r->s.pos > n ? r->s.pos - n : 0;
    end = sc->num_steps - r->s.pos > n ? r->s.pos + n : sc->num_steps;
    for (unsigned i = first; i < end; i++) {
        struct text t = {0};

        report_step(&t, sc, &sc->steps[i], NULL);
        printf("%s %4u  PE%u  %s\n", i == r->s.pos ? "->" : "  ", sc->steps[i].number,
               sc->steps[i].pe, t.s);
        text_free(&t);
    }
    if (r->s.pos == sc->num_steps)
        puts("->  the end");
}

static void do_who(struct repl *r, const char *arg)
{
    struct scene w = scene_of(r->s.sim);
    struct text t = {0};
    uint64_t a;

    if (*arg == '\0') {
        puts("who takes an address: a number, a name, `rtt.1 + 8`");
    } else if (session_value(&r->s, arg, &a)) {
        who_tell(&t, &w, r->s.sc, a);
        fputs(t.s, stdout);
    }
    flush_said(r);
    text_free(&t);
}

static void do_explain(struct repl *r, const char *arg)
{
    const struct scenario *sc = r->s.sc;
    struct text t = {0};
    unsigned number = r->s.pos ? sc->steps[r->s.pos - 1].number : 0;

    /* The last call, if the last step was none. */
    for (unsigned i = r->s.pos; i && *arg == '\0'; i--) {
        if (sc->steps[i - 1].kind == STEP_CALL) {
            number = sc->steps[i - 1].number;
            break;
        }
    }
    if (*arg && !parse_number(arg, sc->total_steps, &number))
        number = 0;
    if (number == 0)
        printf("which step? 1 to %u\n", sc->total_steps);
    else if (explain_step(&t, r->s.sc, &r->s.o, r->s.broken, number))
        fputs(t.s, stdout);
    else
        puts("it does not run: an earlier one fails");
    text_free(&t);
}

static void do_state(struct repl *r, const char *arg)
{
    json_t *state = state_json(sim_machine(r->s.sim), r->s.sc);
    struct text t = {0};

    (void)arg;
    state_text(&t, state);
    fputs(t.s, stdout);
    text_free(&t);
    json_decref(state);
}

static void write_file(const char *path, const struct text *t)
{
    FILE *out = *path ? fopen(path, "w") : NULL;

    if (*path == '\0') {
        puts("into which file?");
    } else if (out == NULL) {
        printf("%s: %s\n", path, strerror(errno));
    } else {
        fputs(t->s, out);
        if (ferror(out) | fclose(out))
            printf("%s cannot be written\n", path);
        else
            printf("written to %s\n", path);
    }
}

static void do_svg(struct repl *r, const char *arg)
{
    json_t *state = state_json(sim_machine(r->s.sim), r->s.sc);
    struct text t = {0}, title = {0};

    text_printf(&title, "%s, after %u steps", r->s.purpose, r->s.pos);
    state_svg(&t, sim_machine(r->s.sim), r->s.sc, state, title.s);
    write_file(arg, &t);
    text_free(&t);
    text_free(&title);
    json_decref(state);
}

static void do_save(struct repl *r, const char *arg)
{
    struct text t = {0};

    session_save(&r->s, &t);
    write_file(arg, &t);
    text_free(&t);
}

static void do_help(struct repl *r, const char *arg)
{
    (void)r;
    (void)arg;
    fputs(help, stdout);
}

static const struct action {
    const char *name, *brief;
    void (*run)(struct repl *r, const char *arg);
} actions[] = {
    {"next", "n", do_next},         {"back", "b", do_back},    {"goto", NULL, do_goto},
    {"continue", "c", do_continue}, {"break", NULL, do_break}, {"delete", NULL, do_delete},
    {"list", "l", do_list},         {"who", NULL, do_who},     {"explain", "e", do_explain},
    {"state", "s", do_state},       {"svg", NULL, do_svg},     {"save", NULL, do_save},
    {"help", "?", do_help},         {"quit", "q", NULL},
};
#define NUM_ACTIONS (sizeof(actions) / sizeof(actions[0]))

static const struct action *find_action(const char *line, size_t len)
{
    for (unsigned i = 0; i < NUM_ACTIONS; i++) {
        const struct action *a = &actions[i];

        if ((strlen(a->name) == len && strncmp(a->name, line, len) == 0) ||
            (a->brief && strlen(a->brief) == len && strncmp(a->brief, line, len) == 0))
            return a;
    }
    return NULL;
}

/* A word that begins no step: perhaps a command that was mistyped. */
static bool is_mistyped(const char *line, size_t len)
{
    const char *names[NUM_ACTIONS], *near;
    char word[32];

    if (line[len] == ':' || strchr(line, ':') || len >= sizeof(word))
        return false;
    snprintf(word, sizeof(word), "%.*s", (int)len, line);
    for (unsigned i = 0; i < NUM_ACTIONS; i++)
        names[i] = actions[i].name;
    near = near_match(word, names, NUM_ACTIONS);
    printf("no command `%s`%s%s%s (help lists them; a step is `NAME: ...`)\n", word,
           near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    return true;
}

static void put_step(struct repl *r, const char *line)
{
    if (strncmp(line, "- ", 2) == 0)
        line += 2;
    session_put(&r->s, line);
    flush_said(r);
}

/* False: the user has had enough. */
static bool run_line(struct repl *r, char *line)
{
    const struct action *a;
    size_t len;
    char *end = line + strlen(line);

    while (isspace((unsigned char)*line))
        line++;
    while (end > line && isspace((unsigned char)end[-1]))
        *--end = '\0';
    if (*line == '\0' || *line == '#')
        return true;
    len = strcspn(line, " \t:");
    a = line[len] == ':' ? NULL : find_action(line, len);
    if (a && a->run == NULL)
        return false;
    if (a)
        a->run(r, line + len + strspn(line + len, " \t"));
    else if (!is_mistyped(line, len))
        put_step(r, line);
    fflush(stdout);
    return true;
}

/* --- the command --- */

/* A line that the caller frees; NULL: there is none any more. */
static char *read_line(const struct repl *r)
{
    char *line = NULL;
    size_t size = 0;

#ifdef CCASIM_HAVE_LIBEDIT
    if (r->tty) {
        line = readline("(ccasim) ");
        if (line && *line)
            add_history(line);
        if (line == NULL && interrupted) { /* Ctrl-C drops the line */
            putchar('\n');
            line = strdup("");
        }
        return line;
    }
#endif
    if (r->tty) {
        fputs("(ccasim) ", stdout);
        fflush(stdout);
    }
    if (getline(&line, &size, stdin) >= 0)
        return line;
    free(line);
    return NULL;
}

static int parse(int argc, char **argv, struct repl *r)
{
    static const struct option longs[] = {
        {"check", required_argument, NULL, OPT_CHECK},
        {"break", required_argument, NULL, OPT_BREAK},
        {"seed", required_argument, NULL, OPT_SEED},
        {"realm", required_argument, NULL, OPT_REALM},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, code = EXIT_AS_EXPECTED;

    while (code == EXIT_AS_EXPECTED && (c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h') {
            fputs(usage, stdout);
            return -1;
        }
        if (c == '?')
            return cmd_usage("repl", "unknown option, or one without its value");
        code = run_options_set("repl", c, optarg, &r->s.o);
    }
    if (code == EXIT_AS_EXPECTED && optind + 1 < argc)
        code = cmd_usage("repl", "one FILE, please");
    r->s.cpu.kind = r->s.o.realm;
    if (r->s.o.break_name && code == EXIT_AS_EXPECTED)
        r->s.broken = 1u + (unsigned)rmm_bug_by_name(r->s.o.break_name);
    return code;
}

static int load(struct repl *r, const char *file)
{
    struct diag_list diags = {0};
    struct target target = {0};
    int code = EXIT_AS_EXPECTED;

    /* A trace has numbers in the place of names: what is typed, and what is saved, needs the names. */
    if (file && trace_sections(file) > 0) {
        cmd_usage("repl", "%s is a trace: a session begins with a scenario", file);
        return EXIT_USAGE;
    }
    if (file) {
        target.file = strdup(file);
        code = target_load("repl", &target, &r->s.cpu);
    } else {
        struct scenario_loader *l = scenario_loader_new();

        if (l == NULL || scenario_loader_load_text(l, "repl", no_file, strlen(no_file), &target.sc,
                                                   &diags) != CCA_OK)
            MODEL_BUG("the scenario of an empty session");
        scenario_loader_free(l);
    }
    if (code == EXIT_AS_EXPECTED)
        session_start(&r->s, target.sc);
    else
        scenario_free(target.sc);
    free(target.file);
    return code;
}

int cmd_repl(int argc, char **argv)
{
    struct repl r = {.s = {.o = {.check = CHECK_ALL}}, .tty = isatty(STDIN_FILENO)};
    const struct sigaction sa = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    int code = parse(argc, argv, &r);
    char *line;
    bool more = true;

    if (code != EXIT_AS_EXPECTED)
        return code < 0 ? EXIT_AS_EXPECTED : code;
    code = load(&r, optind < argc ? argv[optind] : NULL);
    if (code == EXIT_AS_EXPECTED) {
        print_where(&r);
        if (r.tty)
            sigaction(SIGINT, &sa, NULL);
        while (more && (line = read_line(&r)) != NULL) {
            interrupted = 0;
            more = run_line(&r, line);
            free(line);
        }
        if (r.tty && more)
            putchar('\n');
    }
    for (unsigned i = 0; i < r.num_stops; i++)
        free(r.stop[i].command);
    session_free(&r.s);
    return code;
}
