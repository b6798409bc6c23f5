/* SPDX-License-Identifier: BSD-3-Clause */
/* The console of `ccasim boot`: its bytes to a file, or its lines to the reader of the report; and what must be in them. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "boot_tool.h"

#define LONGEST_LINE 65536u /* what comes after is not matched */

struct boot_expect {
    char *text;
    regex_t re;
    bool matched;
};

const char *boot_uart_expect(struct boot_uart *u, const char *regex)
{
    static char why[200];
    struct boot_expect e = {.text = strdup(regex)};
    struct boot_expect *grown = realloc(u->expect, (u->num_expect + 1) * sizeof(e));
    int err;

    if (e.text == NULL || grown == NULL)
        MODEL_BUG("out of memory");
    u->expect = grown;
    err = regcomp(&e.re, regex, REG_EXTENDED | REG_NOSUB);
    if (err) {
        regerror(err, &e.re, why, sizeof(why));
        free(e.text);
        return why;
    }
    u->expect[u->num_expect++] = e;
    return NULL;
}

static void match(struct boot_uart *u)
{
    for (size_t i = 0; i < u->num_expect; i++) {
        struct boot_expect *e = &u->expect[i];

        if (!e->matched && regexec(&e->re, u->line.s, 0, NULL, 0) == 0)
            e->matched = true;
    }
}

static void show_line(struct boot_uart *u)
{
    fputs("| ", u->out);
    for (size_t i = 0; i < u->line.len; i++) {
        unsigned char c = (unsigned char)u->line.s[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            fprintf(u->out, "\\x%02x", c);
        else
            putc(c, u->out);
    }
    putc('\n', u->out);
}

static void end_of_line(struct boot_uart *u)
{
    if (u->line.s == NULL)
        text_puts(&u->line, "");
    u->lines++;
    match(u);
    if (u->out && !u->as_it_is)
        show_line(u);
    /* Whoever watches sees each line when it is there. */
    if (u->out)
        fflush(u->out);
    text_clear(&u->line);
}

void boot_uart_byte(struct boot_uart *u, uint8_t byte)
{
    char c = (char)byte;

    u->bytes++;
    if (u->out && u->as_it_is)
        putc(byte, u->out);
    if (c == '\n')
        end_of_line(u);
    else if (c != '\r' && c != '\0' && u->line.len < LONGEST_LINE)
        text_add(&u->line, &c, 1);
}

void boot_uart_end(struct boot_uart *u)
{
    if (u->line.len)
        end_of_line(u);
    if (u->out)
        fflush(u->out);
}

const char *boot_uart_regex(const struct boot_uart *u, size_t i)
{
    return u->expect[i].text;
}

bool boot_uart_matched(const struct boot_uart *u, size_t i)
{
    return u->expect[i].matched;
}

size_t boot_uart_num_unmet(const struct boot_uart *u)
{
    size_t n = 0;

    for (size_t i = 0; i < u->num_expect; i++)
        n += !u->expect[i].matched;
    return n;
}

void boot_uart_free(struct boot_uart *u)
{
    for (size_t i = 0; i < u->num_expect; i++) {
        regfree(&u->expect[i].re);
        free(u->expect[i].text);
    }
    free(u->expect);
    text_free(&u->line);
}
