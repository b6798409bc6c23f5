/* SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"

#define MAX_WORKERS 64u

/* In memory that all processes share. */
struct shared {
    atomic_size_t next;     /* next item that nobody has taken */
    size_t at[MAX_WORKERS]; /* item that a worker is at, plus one; 0: none */
};

/* What precedes the texts of an outcome on the pipe. */
struct frame {
    uint64_t index;
    uint32_t result;
    uint64_t len[RUN_TEXTS];
};

struct worker {
    pid_t pid;
    int fd;         /* -1: it has ended */
    struct text in; /* not a whole frame yet */
};

struct slot {
    bool there;
    struct run_outcome out;
};

struct manager {
    const struct pool *p;
    struct shared *shared;
    struct worker worker[MAX_WORKERS];
    unsigned num;
    struct slot *slot; /* [p->num] */
    size_t printed, received;
    bool stop;
    int code;
};

static int run_here(const struct pool *p)
{
    struct run_outcome out = {0};
    struct runner *r;
    int code = EXIT_AS_EXPECTED;

    if (runner_new(p->options, &r) != CCA_OK)
        MODEL_BUG("no runner");
    for (size_t i = 0; i < p->num; i++) {
        runner_run(r, &p->items[i], &out);
        if (p->progress)
            p->progress(p->ctx, i + 1);
        if (!p->done(p->ctx, i, &out))
            break;
        if (*p->interrupted) {
            code = EXIT_INTERRUPTED;
            break;
        }
    }
    run_outcome_free(&out);
    runner_free(r);
    return code;
}

/* --- a worker ------------------------------------------------------------------------------------------------------ */

static void write_all(int fd, const void *buf, size_t len)
{
    const char *p = buf;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(EXIT_INTERRUPTED); /* nobody reads any more */
        p += n;
        len -= (size_t)n;
    }
}

static void send_outcome(int fd, size_t index, const struct run_outcome *out)
{
    struct frame f;

    memset(&f, 0, sizeof(f));
    f.index = index;
    f.result = out->result;
    for (unsigned i = 0; i < RUN_TEXTS; i++)
        f.len[i] = out->text[i].len;
    write_all(fd, &f, sizeof(f));
    for (unsigned i = 0; i < RUN_TEXTS; i++)
        write_all(fd, out->text[i].s, out->text[i].len);
}

static _Noreturn void worker_main(const struct pool *p, struct shared *shared, unsigned me, int fd)
{
    struct run_outcome out = {0};
    struct runner *r;
    size_t i;

    signal(SIGINT, SIG_DFL);
    /* A worker whose scenario never ends must not outlive a run that was killed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (runner_new(p->options, &r) != CCA_OK)
        MODEL_BUG("no runner");
    while ((i = atomic_fetch_add(&shared->next, 1)) < p->num) {
        shared->at[me] = i + 1;
        runner_run(r, &p->items[i], &out);
        send_outcome(fd, i, &out);
        shared->at[me] = 0;
    }
    _exit(0);
}

/* --- the manager --------------------------------------------------------------------------------------------------- */

static void start_workers(struct manager *m)
{
    fflush(stdout);
    fflush(stderr);
    for (unsigned i = 0; i < m->p->workers && i < MAX_WORKERS; i++) {
        struct worker *w = &m->worker[i];
        int fd[2];

        if (pipe(fd) != 0)
            break;
        w->pid = fork();
        if (w->pid < 0) {
            close(fd[0]);
            close(fd[1]);
            break;
        }
        if (w->pid == 0) {
            /* Else a pipe would stay open while any worker lives. */
            for (unsigned k = 0; k < i; k++)
                close(m->worker[k].fd);
            close(fd[0]);
            worker_main(m->p, m->shared, i, fd[1]);
        }
        close(fd[1]);
        w->fd = fd[0];
        m->num++;
    }
    if (m->num == 0)
        MODEL_BUG("no worker process could be started");
}

/* Hands out what is there in the order of the list. */
static void hand_out(struct manager *m)
{
    while (!m->stop && m->printed < m->p->num && m->slot[m->printed].there) {
        struct run_outcome *out = &m->slot[m->printed].out;

        if (!m->p->done(m->p->ctx, m->printed, out))
            m->stop = true;
        run_outcome_free(out);
        m->printed++;
    }
}

/* Takes one outcome from the bytes so far. False: not all of it is there. */
static bool take_frame(struct manager *m, struct worker *w)
{
    struct frame f;
    struct run_outcome *out;
    size_t need = sizeof(f), at = sizeof(f);

    if (w->in.len < need)
        return false;
    memcpy(&f, w->in.s, sizeof(f));
    for (unsigned i = 0; i < RUN_TEXTS; i++)
        need += f.len[i];
    if (w->in.len < need)
        return false;
    if (f.index >= m->p->num)
        MODEL_BUG("outcome of a worker");
    out = &m->slot[f.index].out;
    out->result = (enum run_result)f.result;
    for (unsigned i = 0; i < RUN_TEXTS; i++) {
        text_add(&out->text[i], w->in.s + at, f.len[i]);
        at += f.len[i];
    }
    memmove(w->in.s, w->in.s + need, w->in.len - need);
    w->in.len -= need;
    m->slot[f.index].there = true;
    m->received++;
    if (m->p->progress)
        m->p->progress(m->p->ctx, m->received);
    return true;
}

static void worker_ended(struct manager *m, struct worker *w)
{
    unsigned me = (unsigned)(w - m->worker);
    int status = 0;

    close(w->fd);
    w->fd = -1;
    waitpid(w->pid, &status, 0);
    w->pid = 0;
    if (status == 0 || *m->p->interrupted)
        return;
    if (m->shared->at[me])
        fprintf(stderr, "ccasim: a worker died in %s\n", m->p->items[m->shared->at[me] - 1].path);
    m->code = EXIT_MODEL_BUG;
    m->stop = true;
}

static void read_worker(struct manager *m, struct worker *w)
{
    char buf[1 << 14];
    ssize_t n = read(w->fd, buf, sizeof(buf));

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        worker_ended(m, w);
        return;
    }
    text_add(&w->in, buf, (size_t)n);
    while (take_frame(m, w))
        hand_out(m);
}

static void wait_for_workers(struct manager *m)
{
    struct pollfd fds[MAX_WORKERS];
    struct worker *of[MAX_WORKERS];
    nfds_t num = 0;

    for (unsigned i = 0; i < m->num; i++) {
        if (m->worker[i].fd < 0)
            continue;
        of[num] = &m->worker[i];
        fds[num++] = (struct pollfd){.fd = m->worker[i].fd, .events = POLLIN};
    }
    if (num == 0) {
        m->stop = true;
        return;
    }
    if (poll(fds, num, -1) < 0)
        return;
    for (nfds_t i = 0; i < num && !m->stop; i++)
        if (fds[i].revents)
            read_worker(m, of[i]);
}

static void end_workers(struct manager *m)
{
    for (unsigned i = 0; i < m->num; i++) {
        struct worker *w = &m->worker[i];

        if (w->pid > 0) {
            kill(w->pid, SIGTERM);
            close(w->fd);
            waitpid(w->pid, NULL, 0);
        }
        text_free(&w->in);
    }
}

static int run_workers(const struct pool *p)
{
    struct manager *m = calloc(1, sizeof(*m));
    int code;

    if (m == NULL || (m->slot = calloc(p->num, sizeof(*m->slot))) == NULL)
        MODEL_BUG("out of memory");
    m->p = p;
    m->shared =
        mmap(NULL, sizeof(*m->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (m->shared == MAP_FAILED)
        MODEL_BUG("out of memory");
    start_workers(m);
    while (!m->stop && m->printed < p->num && !*p->interrupted)
        wait_for_workers(m);
    code = *p->interrupted ? EXIT_INTERRUPTED : m->code;
    end_workers(m);
    for (size_t i = m->printed; i < p->num; i++)
        run_outcome_free(&m->slot[i].out);
    munmap(m->shared, sizeof(*m->shared));
    free(m->slot);
    free(m);
    return code;
}

int pool_run(const struct pool *p)
{
    return p->workers > 1 ? run_workers(p) : run_here(p);
}
