/* SPDX-License-Identifier: BSD-3-Clause */
#include "coro.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define CORO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORO_ASAN 1
#endif
#endif
#ifdef CORO_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/* Pages are used only when touched; the emulator's translator needs the depth. */
#define CORO_STACK (2u << 20)
#define CORO_GUARD 4096u

struct coro {
    ucontext_t own, resumer;
    uint8_t *stack; /* guard page first */
    void (*fn)(void *arg);
    void *arg;
    bool done;
    void *fake_own, *fake_resumer; /* ASan: where it keeps the locals of a stack that is left */
    const void *resumer_bottom;
    size_t resumer_size;
};

static void enter_stack(void *fake, const void **old_bottom, size_t *old_size)
{
#ifdef CORO_ASAN
    __sanitizer_finish_switch_fiber(fake, old_bottom, old_size);
#else
    (void)fake;
    (void)old_bottom;
    (void)old_size;
#endif
}

static void leave_stack(void **fake, const void *to_bottom, size_t to_size)
{
#ifdef CORO_ASAN
    __sanitizer_start_switch_fiber(fake, to_bottom, to_size);
#else
    (void)fake;
    (void)to_bottom;
    (void)to_size;
#endif
}

struct coro *coro_new(void)
{
    struct coro *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->stack = mmap(NULL, CORO_STACK + CORO_GUARD, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (c->stack == MAP_FAILED) {
        free(c);
        return NULL;
    }
    (void)mprotect(c->stack, CORO_GUARD, PROT_NONE);
    return c;
}

void coro_free(struct coro *c)
{
    if (c == NULL)
        return;
    munmap(c->stack, CORO_STACK + CORO_GUARD);
    free(c);
}

/* makecontext passes ints only: the pointer comes in two halves. */
static void coro_main(unsigned high, unsigned low)
{
    struct coro *c = (struct coro *)(((uintptr_t)high << 16 << 16) | low);

    enter_stack(NULL, &c->resumer_bottom, &c->resumer_size);
    c->fn(c->arg);
    c->done = true;
    leave_stack(NULL, c->resumer_bottom, c->resumer_size);
    setcontext(&c->resumer);
    abort();
}

void coro_prepare(struct coro *c, void (*fn)(void *arg), void *arg)
{
    uintptr_t p = (uintptr_t)c;

    c->fn = fn;
    c->arg = arg;
    c->done = false;
    c->fake_own = NULL;
    getcontext(&c->own);
    c->own.uc_stack.ss_sp = c->stack + CORO_GUARD;
    c->own.uc_stack.ss_size = CORO_STACK;
    c->own.uc_link = NULL;
    makecontext(&c->own, (void (*)(void))coro_main, 2, (unsigned)(p >> 16 >> 16), (unsigned)p);
}

bool coro_resume(struct coro *c)
{
    leave_stack(&c->fake_resumer, c->stack + CORO_GUARD, CORO_STACK);
    swapcontext(&c->resumer, &c->own);
    enter_stack(c->fake_resumer, NULL, NULL);
    return !c->done;
}

void coro_yield(struct coro *c)
{
    leave_stack(&c->fake_own, c->resumer_bottom, c->resumer_size);
    swapcontext(&c->own, &c->resumer);
    enter_stack(c->fake_own, &c->resumer_bottom, &c->resumer_size);
}
