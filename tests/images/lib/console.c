/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines on the UART, and the end of an image. */
#include <stdarg.h>

#include "image.h"

#define UART_DR      (UART_BASE + 0x00)
#define UART_FR      (UART_BASE + 0x18)
#define UART_FR_TXFF (1u << 5)

unsigned failures;
static struct lock console;

struct line {
    char text[240];
    size_t length;
};

static void put_char(struct line *l, char c)
{
    if (l->length < sizeof(l->text))
        l->text[l->length++] = c;
}

static void put_string(struct line *l, const char *s)
{
    while (*s)
        put_char(l, *s++);
}

static void put_number(struct line *l, uint64_t v, unsigned base)
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    while (n)
        put_char(l, digits[--n]);
}

static void put_format(struct line *l, const char *f, va_list ap)
{
    for (; *f; f++) {
        bool wide = false;

        if (*f != '%') {
            put_char(l, *f);
            continue;
        }
        f++;
        if (*f == 'l') {
            wide = true;
            f++;
        }
        switch (*f) {
        case 's': put_string(l, va_arg(ap, const char *)); break;
        case 'c': put_char(l, (char)va_arg(ap, int)); break;
        case 'u': put_number(l, wide ? va_arg(ap, uint64_t) : va_arg(ap, uint32_t), 10); break;
        case 'x': put_number(l, wide ? va_arg(ap, uint64_t) : va_arg(ap, uint32_t), 16); break;
        default: put_char(l, *f);
        }
    }
}

/* With the MMU off there is one PE that prints, and no exclusive access to memory. */
static bool mmu_is_on(void)
{
    return MRS(R_SCTLR) & 1;
}

static void send(const struct line *l)
{
    bool shared = mmu_is_on();

    if (shared)
        lock(&console);
    for (size_t i = 0; i < l->length; i++) {
        while (read32(UART_FR) & UART_FR_TXFF)
            ;
        write32(UART_DR, (uint8_t)l->text[i]);
    }
    if (shared)
        unlock(&console);
}

void print(const char *format, ...)
{
    struct line l;
    va_list ap;

    l.length = 0;
    va_start(ap, format);
    put_format(&l, format, ap);
    va_end(ap);
    put_char(&l, '\n');
    send(&l);
}

void fail(const char *file, int line, const char *format, ...)
{
    struct line l;
    va_list ap;

    failures++;
    l.length = 0;
    put_string(&l, "FAIL ");
    put_string(&l, file);
    put_char(&l, ':');
    put_number(&l, (uint64_t)line, 10);
    put_string(&l, ": ");
    va_start(ap, format);
    put_format(&l, format, ap);
    va_end(ap);
    put_char(&l, '\n');
    send(&l);
}

void finish(void)
{
    if (failures)
        print("FAIL: %u mismatches", failures);
    else
        print("PASS");
    psci_system_off();
}
