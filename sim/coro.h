/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A coroutine: a function on a stack of its own that can be left in the middle and gone on with. Asymmetric: it yields
 * to whoever resumed it. Only nested steps pay for one.
 */
#ifndef CCASIM_SIM_CORO_H
#define CCASIM_SIM_CORO_H

#include <stdbool.h>

struct coro;

/* NULL: out of memory. */
struct coro *coro_new(void);
/* The coroutine may be in the middle of its function, which then never ends. */
void coro_free(struct coro *c);
/* The next coro_resume() calls fn(arg); whatever the coroutine did before is forgotten. */
void coro_prepare(struct coro *c, void (*fn)(void *arg), void *arg);
/* Runs it until it yields or ends. False: it has ended. */
bool coro_resume(struct coro *c);
/* Called on the coroutine's stack. */
void coro_yield(struct coro *c);

#endif
