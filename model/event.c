/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/event.h>
#include <ccasim/machine.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const event_names[EV_COUNT] = {
#define X(n, s) [EV_##n] = s,
    EVENT_KINDS(X)
#undef X
};

static void event_update_mask(struct event_stream *s)
{
    s->mask = 0;
    for (uint32_t i = 0; i < s->n; i++)
        s->mask |= s->listener[i].mask;
}

int event_listen(struct machine *m, uint32_t mask, event_fn fn, void *ctx)
{
    struct event_stream *s = &m->ev;

    if (s->n == EVENT_MAX_LISTENERS)
        return CCA_ERR_LIMIT;
    s->listener[s->n].mask = mask;
    s->listener[s->n].fn = fn;
    s->listener[s->n].ctx = ctx;
    s->n++;
    event_update_mask(s);
    return CCA_OK;
}

void event_unlisten(struct machine *m, event_fn fn, void *ctx)
{
    struct event_stream *s = &m->ev;

    for (uint32_t i = 0; i < s->n; i++) {
        if (s->listener[i].fn != fn || s->listener[i].ctx != ctx)
            continue;
        memmove(&s->listener[i], &s->listener[i + 1], (s->n - i - 1) * sizeof(s->listener[0]));
        s->n--;
        break;
    }
    event_update_mask(s);
}

void event_emit(struct machine *m, unsigned pe, enum event_kind kind, uint64_t obj, uint64_t a,
                uint64_t b)
{
    struct event_stream *s = &m->ev;
    struct event e = {
        .seq = ++s->seq, .obj = obj, .a = a, .b = b, .pe = (uint8_t)pe, .kind = (uint8_t)kind};

    for (uint32_t i = 0; i < s->n; i++)
        if (s->listener[i].mask & EV_BIT(kind))
            s->listener[i].fn(s->listener[i].ctx, m, &e);
}

const char *event_name(unsigned kind)
{
    return kind < EV_COUNT ? event_names[kind] : "?";
}

enum event_kind event_by_name(const char *name)
{
    for (unsigned k = 0; k < EV_COUNT; k++)
        if (strcmp(event_names[k], name) == 0)
            return (enum event_kind)k;
    return EV_COUNT;
}

static void (*bug_hook)(void *ctx, const char *what);
static void *bug_ctx;

void model_bug_hook(void (*fn)(void *ctx, const char *what), void *ctx)
{
    bug_hook = fn;
    bug_ctx = ctx;
}

void model_bug(const char *file, int line, const char *fmt, ...)
{
    void (*hook)(void *, const char *) = bug_hook;
    const char *base = strrchr(file, '/');
    char what[300];
    va_list ap;
    int len = snprintf(what, sizeof(what), "%s:%d: ", base ? base + 1 : file, line);

    va_start(ap, fmt);
    vsnprintf(what + len, sizeof(what) - (size_t)len, fmt, ap);
    va_end(ap);
    fflush(stdout);
    fprintf(stderr, "model bug: %s\n", what);
    fflush(stderr);
    bug_hook = NULL; /* a second one, inside of it, is the end */
    if (hook)
        hook(bug_ctx, what);
    _Exit(70);
}
