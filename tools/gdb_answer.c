/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_internal.h"

#include <stdio.h>
#include <string.h>

#include "gdb_monitor.h"
#include "gdb_target.h"

#define OUTPUT_CHUNK 1000u /* of a monitor command, bytes a packet */

static const char *const only_names[] = {
    [ONLY_BOTH] = "both", [ONLY_HOST] = "host", [ONLY_REALM] = "realm"};

/* --- words of the protocol ----------------------------------------------------------------------------------------- */

static void reply(struct gdb *g, const char *s)
{
    gdb_link_put(&g->link, s, strlen(s));
}

static void reply_text(struct gdb *g, const struct text *t)
{
    gdb_link_put(&g->link, t->s ? t->s : "", t->len);
}

/* A hexadecimal number; moves *s behind it. False: there is none, or it has more than 64 bits. */
static bool number(const char **s, uint64_t *out)
{
    unsigned digits = 0;
    int d;

    *out = 0;
    while ((d = gdb_hex_digit(**s)) >= 0) {
        if (*out >> 60)
            return false;
        *out = *out << 4 | (unsigned)d;
        (*s)++;
        digits++;
    }
    return digits > 0;
}

static bool expect(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

/* Bytes as hexadecimal digits; false: those are not `len` of them, and nothing more. */
static bool bytes_of(const char *s, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int hi = gdb_hex_digit(s[0]), lo = hi < 0 ? -1 : gdb_hex_digit(s[1]);

        if (lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
        s += 2;
    }
    return *s == '\0';
}

/* Thread n is PE n - 1; 0 and -1 stand for any. False: no such thread. */
static bool thread(const struct gdb *g, const char **s, int *pe)
{
    uint64_t n;

    *pe = -1;
    if (strncmp(*s, "-1", 2) == 0) {
        *s += 2;
        return true;
    }
    if (!number(s, &n) || n > g->m->impl.num_pes)
        return false;
    *pe = (int)n - 1;
    return true;
}

void gdb_reply_stopped(struct gdb *g)
{
    char s[32];

    snprintf(s, sizeof(s), "T%02xthread:%x;", (unsigned)g->signal, g->pe + 1);
    reply(g, s);
}

/* --- registers and memory ------------------------------------------------------------------------------------------- */

static void read_registers(struct gdb *g)
{
    struct text t = {0};

    for (unsigned i = 0; i < gdb_num_general_regs(); i++) {
        uint8_t v[GDB_REG_MAX];

        gdb_reg_read(g->m, g->pe, i, v);
        text_hex(&t, v, gdb_reg_size(i));
    }
    reply_text(g, &t);
    text_free(&t);
}

static void write_registers(struct gdb *g, const char *s)
{
    uint8_t v[GDB_REG_MAX];
    size_t size = 0;

    for (unsigned i = 0; i < gdb_num_general_regs(); i++)
        size += gdb_reg_size(i);
    if (strlen(s) != 2 * size || strspn(s, "0123456789abcdefABCDEF") != 2 * size) {
        reply(g, "E22");
        return;
    }
    for (unsigned i = 0; i < gdb_num_general_regs(); i++) {
        for (unsigned k = 0; k < gdb_reg_size(i); k++, s += 2)
            v[k] = (uint8_t)(gdb_hex_digit(s[0]) << 4 | gdb_hex_digit(s[1]));
        gdb_reg_write(g->m, g->pe, i, v);
    }
    reply(g, "OK");
}

static void read_register(struct gdb *g, const char *s)
{
    struct text t = {0};
    uint8_t v[GDB_REG_MAX];
    uint64_t reg;

    if (!number(&s, &reg) || *s || reg >= gdb_num_regs()) {
        reply(g, "E22");
        return;
    }
    gdb_reg_read(g->m, g->pe, (unsigned)reg, v);
    text_hex(&t, v, gdb_reg_size((unsigned)reg));
    reply_text(g, &t);
    text_free(&t);
}

static void write_register(struct gdb *g, const char *s)
{
    uint8_t v[GDB_REG_MAX];
    uint64_t reg;

    if (!number(&s, &reg) || reg >= gdb_num_regs() || !expect(&s, '=') ||
        !bytes_of(s, v, gdb_reg_size((unsigned)reg))) {
        reply(g, "E22");
        return;
    }
    gdb_reg_write(g->m, g->pe, (unsigned)reg, v);
    reply(g, "OK");
}

/* ADDR,LENGTH */
static bool range(const char **s, uint64_t *a, uint64_t *len)
{
    return number(s, a) && expect(s, ',') && number(s, len);
}

static void read_memory(struct gdb *g, const char *s)
{
    uint8_t buf[GDB_PACKET_MAX / 2];
    struct text t = {0};
    uint64_t a, len;
    size_t got;

    if (!range(&s, &a, &len) || *s) {
        reply(g, "E22");
        return;
    }
    got = gdb_mem_read(g->m, g->pe, g->physical, a, buf, len < sizeof(buf) ? len : sizeof(buf));
    if (got || len == 0)
        text_hex(&t, buf, got);
    else
        text_puts(&t, "E14");
    reply_text(g, &t);
    text_free(&t);
}

static void write_memory(struct gdb *g, const char *s)
{
    uint8_t buf[GDB_PACKET_MAX / 2];
    uint64_t a, len;

    if (!range(&s, &a, &len) || !expect(&s, ':') || len > sizeof(buf) || !bytes_of(s, buf, len))
        reply(g, "E22");
    else
        reply(g, gdb_mem_write(g->m, g->pe, g->physical, a, buf, len) ? "OK" : "E14");
}

/* X: the bytes as they are, but for those after a `}`. */
static void write_binary(struct gdb *g, const char *s, const char *end)
{
    uint8_t buf[GDB_PACKET_MAX];
    uint64_t a, len;
    size_t n = 0;

    if (!range(&s, &a, &len) || !expect(&s, ':')) {
        reply(g, "E22");
        return;
    }
    for (; s < end; s++) {
        bool escaped = *s == '}' && s + 1 < end;

        s += escaped;
        buf[n++] = (uint8_t)(escaped ? *s ^ 0x20 : *s);
    }
    if (n != len)
        reply(g, "E22");
    else
        reply(g, gdb_mem_write(g->m, g->pe, g->physical, a, buf, n) ? "OK" : "E14");
}

/* --- breakpoints ---------------------------------------------------------------------------------------------------- */

static void set_breakpoint(struct gdb *g, const char *s, bool insert)
{
    size_t i = 0;
    uint64_t a, kind;

    if ((*s != '0' && *s != '1') || s[1] != ',') {
        reply(g, ""); /* watchpoints: the debugger steps instead */
        return;
    }
    s += 2;
    if (!range(&s, &a, &kind) || (*s && *s != ';') || (a & 3)) {
        reply(g, "E22");
        return;
    }
    while (i < g->debug.num_breakpoints && g->breakpoint[i] != a)
        i++;
    if (insert && i == GDB_MAX_BREAKPOINTS) {
        reply(g, "E28");
        return;
    }
    if (insert && i == g->debug.num_breakpoints)
        g->breakpoint[g->debug.num_breakpoints++] = a;
    else if (!insert && i < g->debug.num_breakpoints)
        g->breakpoint[i] = g->breakpoint[--g->debug.num_breakpoints];
    cpu_set_debug(boot_cpu(g->b), &g->debug);
    reply(g, "OK");
}

/* --- monitor -------------------------------------------------------------------------------------------------------- */

static void set_only(struct gdb *g, const char *arg, struct text *t)
{
    for (unsigned i = 0; i < sizeof(only_names) / sizeof(only_names[0]); i++)
        if (strcmp(arg, only_names[i]) == 0)
            g->only = (enum only)i;
    text_printf(t, "breakpoints and steps stop in: %s (host, realm or both)\n",
                only_names[g->only]);
}

static void set_physical(struct gdb *g, const char *arg, struct text *t)
{
    if (strcmp(arg, "on") == 0)
        g->physical = true;
    if (strcmp(arg, "off") == 0)
        g->physical = false;
    text_printf(t, "memory is read and written by %s address (phys on, phys off)\n",
                g->physical ? "physical" : "virtual");
}

static void help(struct text *t)
{
    text_puts(t, "  only   host|realm|both  where breakpoints and steps stop; without a word: now\n"
                 "  phys   on|off           addresses are physical, not virtual\n");
    gdb_monitor_help(t);
    text_puts(t, "Threads are PEs; what one sees through them is the host, or the Realm.\n");
}

/* What follows the word, without the blanks between them; NULL: the line does not begin with it. */
static const char *argument_of(const char *line, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
        return NULL;
    return line + len + strspn(line + len, " ");
}

static void monitor_line(struct gdb *g, const char *line, struct text *t)
{
    const char *only = argument_of(line, "only"), *physical = argument_of(line, "phys");

    if (only)
        set_only(g, only, t);
    else if (physical)
        set_physical(g, physical, t);
    else if (strcmp(line, "help") == 0)
        help(t);
    else if (!gdb_monitor(t, g->b, line))
        text_printf(t, "no command `%s`; monitor help lists them\n", line);
}

static void monitor(struct gdb *g, const char *hex)
{
    size_t len = strlen(hex) / 2;
    char line[200] = "";
    struct text t = {0}, o = {0};

    if (len >= sizeof(line) || !bytes_of(hex, (uint8_t *)line, len)) {
        reply(g, "E22");
        return;
    }
    line[len] = '\0';
    monitor_line(g, line, &t);
    for (size_t i = 0; i < t.len; i += OUTPUT_CHUNK) {
        text_clear(&o);
        text_puts(&o, "O");
        text_hex(&o, (const uint8_t *)t.s + i, t.len - i < OUTPUT_CHUNK ? t.len - i : OUTPUT_CHUNK);
        reply_text(g, &o);
    }
    reply(g, "OK");
    text_free(&t);
    text_free(&o);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

/* A part of a long text: OFFSET,LENGTH. */
static void reply_part(struct gdb *g, const char *s, const struct text *whole)
{
    struct text t = {0};
    uint64_t at, len;

    if (!range(&s, &at, &len) || *s) {
        reply(g, "E22");
        return;
    }
    if (at > whole->len)
        at = whole->len;
    if (len > GDB_PACKET_MAX / 2)
        len = GDB_PACKET_MAX / 2;
    if (len < whole->len - at) {
        text_puts(&t, "m");
        text_add(&t, whole->s + at, len);
    } else {
        text_puts(&t, "l");
        text_add(&t, whole->s + at, whole->len - at);
    }
    reply_text(g, &t);
    text_free(&t);
}

static void features(struct gdb *g, const char *s)
{
    static const char annex[] = "target.xml:";
    struct text t = {0};

    if (strncmp(s, annex, sizeof(annex) - 1) != 0) {
        reply(g, "E00");
        return;
    }
    gdb_target_xml(&t);
    reply_part(g, s + sizeof(annex) - 1, &t);
    text_free(&t);
}

static void thread_list(struct gdb *g)
{
    struct text t = {0};

    for (unsigned i = 0; i < g->m->impl.num_pes; i++)
        text_printf(&t, "%s%x", i ? "," : "m", i + 1);
    reply_text(g, &t);
    text_free(&t);
}

static void thread_info(struct gdb *g, const char *s)
{
    struct text t = {0}, o = {0};
    int pe;

    if (!thread(g, &s, &pe) || *s || pe < 0) {
        reply(g, "E22");
        return;
    }
    text_printf(&t, "PE %d: ", pe);
    gdb_describe_pe(&t, g->m, (unsigned)pe);
    text_hex(&o, (const uint8_t *)t.s, t.len);
    reply_text(g, &o);
    text_free(&t);
    text_free(&o);
}

static void current_thread(struct gdb *g)
{
    char s[16];

    snprintf(s, sizeof(s), "QC%x", g->pe + 1);
    reply(g, s);
}

static bool begins(const char **s, const char *with)
{
    size_t len = strlen(with);

    if (strncmp(*s, with, len) != 0)
        return false;
    *s += len;
    return true;
}

static void supported(struct gdb *g)
{
    char s[128];

    snprintf(s, sizeof(s), "PacketSize=%x;qXfer:features:read+;vContSupported+;QStartNoAckMode+",
             GDB_PACKET_MAX);
    reply(g, s);
}

static void question(struct gdb *g, const char *s)
{
    if (begins(&s, "qSupported"))
        supported(g);
    else if (begins(&s, "qXfer:features:read:"))
        features(g, s);
    else if (begins(&s, "qRcmd,"))
        monitor(g, s);
    else if (begins(&s, "qfThreadInfo"))
        thread_list(g);
    else if (begins(&s, "qsThreadInfo"))
        reply(g, "l");
    else if (begins(&s, "qThreadExtraInfo,"))
        thread_info(g, s);
    else if (begins(&s, "qAttached"))
        reply(g, "1"); /* to leave is not to kill */
    else if (begins(&s, "qSymbol"))
        reply(g, "OK");
    else if (strcmp(s, "qC") == 0)
        current_thread(g);
    else
        reply(g, "");
}

static void set(struct gdb *g, const char *s)
{
    if (strcmp(s, "QStartNoAckMode") != 0) {
        reply(g, "");
        return;
    }
    reply(g, "OK");
    g->link.no_ack = true;
}

/* --- going on -------------------------------------------------------------------------------------------------------- */

bool gdb_is_wanted(const struct gdb *g, unsigned pe)
{
    return g->only == ONLY_BOTH || (g->only == ONLY_REALM) == gdb_in_realm(g->m, pe);
}

/* A PE that is where nobody looks runs at full speed until it comes back: gdb_before_call(), gdb_after_call(). */
static enum reply resume(struct gdb *g)
{
    for (unsigned i = 0; i < g->m->impl.num_pes; i++)
        g->debug.step[i] = g->wants_step[i] && gdb_is_wanted(g, i);
    g->is_running = true;
    return RESUME;
}

/* c and s, C and S with a signal, which is for nobody; an address to go on at is refused, but an empty one. */
static enum reply resume_one(struct gdb *g, const char *s)
{
    bool has_signal = *s == 'C' || *s == 'S', steps = *s == 's' || *s == 'S';

    s++;
    if (has_signal)
        s = gdb_hex_digit(s[0]) >= 0 && gdb_hex_digit(s[1]) >= 0 ? s + 2 : "?";
    if (*s) {
        reply(g, "E22");
        return REPLY;
    }
    memset(g->wants_step, 0, sizeof(g->wants_step));
    g->wants_step[g->pe] = steps;
    return resume(g);
}

/* vCont;ACTION[:THREAD]...: the first that fits a thread counts. False: it is malformed. */
static bool parse_actions(const struct gdb *g, const char *s, bool steps[CCA_MAX_PES])
{
    bool known[CCA_MAX_PES] = {false};

    while (*s) {
        char action;
        int pe = -1;

        if (!expect(&s, ';') || *s == '\0' || !strchr("csCS", *s))
            return false;
        action = *s++;
        if ((action == 'C' || action == 'S') &&
            (gdb_hex_digit(s[0]) < 0 || gdb_hex_digit(s[1]) < 0))
            return false;
        s += action == 'C' || action == 'S' ? 2 : 0;
        if (*s == ':' && (s++, !thread(g, &s, &pe)))
            return false;
        for (int i = 0; i < (int)g->m->impl.num_pes; i++) {
            if (known[i] || (pe >= 0 && pe != i))
                continue;
            known[i] = true;
            steps[i] = action == 's' || action == 'S';
        }
    }
    return true;
}

static enum reply v_packet(struct gdb *g, const char *s)
{
    bool steps[CCA_MAX_PES] = {false};

    if (strcmp(s, "vCont?") == 0) {
        reply(g, "vCont;c;C;s;S");
        return REPLY;
    }
    if (strncmp(s, "vKill;", 6) == 0) {
        reply(g, "OK");
        return ENDED;
    }
    if (strncmp(s, "vCont;", 6) != 0) {
        reply(g, "");
        return REPLY;
    }
    if (!parse_actions(g, s + 5, steps)) {
        reply(g, "E22");
        return REPLY;
    }
    memcpy(g->wants_step, steps, sizeof(steps));
    return resume(g);
}

static void select_thread(struct gdb *g, const char *s)
{
    int pe;

    if (*s != 'g' && *s != 'c') {
        reply(g, "E22");
        return;
    }
    s++;
    if (!thread(g, &s, &pe) || *s) {
        reply(g, "E22");
        return;
    }
    if (pe >= 0)
        g->pe = (unsigned)pe;
    reply(g, "OK");
}

static void is_alive(struct gdb *g, const char *s)
{
    int pe;

    reply(g, thread(g, &s, &pe) && *s == '\0' ? "OK" : "E22");
}

static enum reply detach(struct gdb *g)
{
    reply(g, "OK");
    gdb_link_close(&g->link);
    return RESUME;
}

enum reply gdb_answer(struct gdb *g, const char *s, size_t len)
{
    switch (*s) {
    case '?': gdb_reply_stopped(g); break;
    case 'g': read_registers(g); break;
    case 'G': write_registers(g, s + 1); break;
    case 'p': read_register(g, s + 1); break;
    case 'P': write_register(g, s + 1); break;
    case 'm': read_memory(g, s + 1); break;
    case 'M': write_memory(g, s + 1); break;
    case 'X': write_binary(g, s + 1, s + len); break;
    case 'Z':
    case 'z': set_breakpoint(g, s + 1, *s == 'Z'); break;
    case 'H': select_thread(g, s + 1); break;
    case 'T': is_alive(g, s + 1); break;
    case 'q': question(g, s); break;
    case 'Q': set(g, s); break;
    case 'c':
    case 's':
    case 'C':
    case 'S': return resume_one(g, s);
    case 'v': return v_packet(g, s);
    case 'D': return detach(g);
    case 'k': return ENDED;
    default: reply(g, ""); break;
    }
    return REPLY;
}
