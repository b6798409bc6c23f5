/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A boot as a trace: its RMI calls as steps, each after what it needs from outside of the machine. So a trace can be run
 * without the host's code, and gives the same results:
 *
 *     step 7 ... write addr=.. bytes=..     host memory that the call read, where a machine that runs the trace has other
 *     step 8 ... irq after=N                the interrupt that took the PE from the Realm
 *     step 9 ... at=TIME call .. pc=ADDR    the call
 *
 * Calls of other PEs while a Realm runs are written inside that REC_ENTER. A reset begins a new scenario.
 */
#include <stdlib.h>
#include <string.h>

#include <ccasim/gpt.h>
#include <ccasim/mem.h>

#include "boot_tool.h"
#include "trace.h"

struct write {
    uint64_t pa;
    uint32_t len;
    uint8_t *bytes;
};

/* A call in progress, or one that came back within another. */
struct record {
    bool active, ran; /* ran: the Realm was entered */
    unsigned pe;
    uint64_t number, pc, at; /* at: by the machine's clock */
    uint64_t left;           /* when the Realm was last left */
    uint64_t in[ABI_MAX_REGS], out[ABI_MAX_REGS];
    struct step_result result;
    bool irq; /* an interrupt ended the Realm's run */
    struct write *write;
    size_t num_writes;
    struct record *nested; /* that came back while this one's Realm ran, with their writes */
    size_t num_nested;
    uint64_t written[8]; /* granules that the RMM wrote for the host */
    unsigned num_written;
};

/* Host memory that Realms can reach. */
struct shared {
    uint64_t rd, ipa, pa, size;
};

struct boot_trace {
    FILE *out;
    const char *name, *break_name;
    struct machine *m;
    bool failed, listening;
    unsigned overlaps;
    uint64_t longest; /* run of a Realm, in instructions of all PEs */
    unsigned sections;
    uint32_t number; /* of the last step in this section */
    struct scenario sc;
    struct text text;
    struct record flight[CCA_MAX_PES];
    struct shared *shared;
    size_t num_shared;
    /* What a machine that runs the trace has in each granule: NULL: zeros; nobody_knows: anything. */
    uint8_t **known;
    size_t num_known;
};

static uint8_t nobody_knows[1];

/* Beyond the longest run of a Realm that there was: a replay that comes to another end ends. */
#define SPARE_INSNS 1000000u

static void *grown(void *v, size_t num, size_t size)
{
    void *p = realloc(v, num * size);

    if (p == NULL)
        MODEL_BUG("out of memory");
    return p;
}

/* --- what a machine that runs the trace knows of host memory -------------------------------------------------------- */

static uint8_t **known_at(struct boot_trace *t, uint64_t a)
{
    return &t->known[granule_index(t->m, a)];
}

static void forget_one(uint8_t **k)
{
    if (*k != nobody_knows)
        free(*k);
    *k = NULL;
}

static void forget_all(struct boot_trace *t)
{
    for (size_t i = 0; i < t->num_known; i++)
        forget_one(&t->known[i]);
    free(t->known);
    t->known = NULL;
    t->num_known = 0;
}

/* It has what this machine has. */
static void now_known(struct boot_trace *t, uint64_t granule)
{
    uint8_t **k = known_at(t, granule);

    if (*k == nobody_knows)
        *k = NULL;
    if (*k == NULL)
        *k = grown(NULL, 1, GRANULE_SIZE);
    mem_read(t->m, granule, *k, GRANULE_SIZE);
}

static void add_write(struct boot_trace *t, struct record *rec, uint64_t a, uint32_t len)
{
    struct write w = {.pa = a, .len = len, .bytes = grown(NULL, 1, len)};

    mem_read(t->m, a, w.bytes, len);
    rec->write = grown(rec->write, rec->num_writes + 1, sizeof(w));
    rec->write[rec->num_writes++] = w;
}

/* The call depends on these bytes, which lie in one granule. */
static void need(struct boot_trace *t, struct record *rec, uint64_t a, uint32_t len)
{
    static const uint8_t zeros[GRANULE_SIZE];
    uint8_t now[GRANULE_SIZE];
    uint64_t granule = align_down(a, GRANULE_SIZE);
    uint32_t first = (uint32_t)(a - granule), last = first + len;
    const uint8_t *had = *known_at(t, granule);

    mem_read(t->m, granule, now, GRANULE_SIZE);
    if (had == nobody_knows) {
        add_write(t, rec, granule, GRANULE_SIZE);
        now_known(t, granule);
        return;
    }
    if (had == NULL)
        had = zeros;
    if (memcmp(now + first, had + first, len) == 0)
        return;
    while (now[first] == had[first])
        first++;
    while (now[last - 1] == had[last - 1])
        last--;
    add_write(t, rec, granule + first, last - first);
    if (had == zeros) {
        *known_at(t, granule) = grown(NULL, 1, GRANULE_SIZE);
        memset(*known_at(t, granule), 0, GRANULE_SIZE);
    }
    memcpy(*known_at(t, granule) + first, now + first, last - first);
}

/* --- memory that Realms share with the host -------------------------------------------------------------------------- */

static void share(struct boot_trace *t, const uint64_t *in)
{
    uint64_t size = level_size((int)in[3]);
    struct shared s = {.rd = in[1],
                       .ipa = in[2],
                       .pa = align_down(in[4] & 0x0000fffffffff000ull, size),
                       .size = size};

    if (!mem_contains(t->m, s.pa) || size > t->m->mem.size - (s.pa - t->m->mem.base))
        return;
    t->shared = grown(t->shared, t->num_shared + 1, sizeof(s));
    t->shared[t->num_shared++] = s;
}

/* Of a Realm, or of one mapping of it. */
static void unshare(struct boot_trace *t, uint64_t rd, const uint64_t *ipa, uint64_t size)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->num_shared; i++) {
        const struct shared *s = &t->shared[i];

        if (s->rd != rd || (ipa && (s->ipa != *ipa || s->size != size)))
            t->shared[kept++] = *s;
    }
    t->num_shared = kept;
}

static void follow_mappings(struct boot_trace *t, const struct record *rec)
{
    const uint64_t *in = rec->in;

    if (rec->out[0] != RMI_SUCCESS)
        return;
    if (in[0] == RMI_RTT_MAP_UNPROTECTED)
        share(t, in);
    else if (in[0] == RMI_RTT_UNMAP_UNPROTECTED)
        unshare(t, in[1], &in[2], level_size((int)in[3]));
    else if (in[0] == RMI_REALM_DESTROY)
        unshare(t, in[1], NULL, 0);
}

static bool is_hosts(const struct boot_trace *t, uint64_t granule)
{
    return gpt_pas(t->m, granule) == PAS_NS;
}

static void need_shared(struct boot_trace *t, struct record *rec)
{
    for (size_t i = 0; i < t->num_shared; i++)
        for (uint64_t a = t->shared[i].pa; a < t->shared[i].pa + t->shared[i].size;
             a += GRANULE_SIZE)
            if (is_hosts(t, a))
                need(t, rec, a, GRANULE_SIZE);
}

static bool is_zero_and_known(const struct boot_trace *t, uint64_t granule)
{
    const uint64_t *used = t->m->mem.used;
    uint32_t i = granule_index(t->m, granule);

    return t->known[i] == NULL && !(used[i / 64] >> (i % 64) & 1);
}

/* What the Realm wrote there, it writes there again. */
static void shared_is_known(struct boot_trace *t)
{
    for (size_t i = 0; i < t->num_shared; i++)
        for (uint64_t a = t->shared[i].pa; a < t->shared[i].pa + t->shared[i].size;
             a += GRANULE_SIZE)
            if (is_hosts(t, a) && !is_zero_and_known(t, a))
                now_known(t, a);
}

/* --- the section ------------------------------------------------------------------------------------------------------ */

static void flush(struct boot_trace *t)
{
    if (t->text.len && fwrite(t->text.s, 1, t->text.len, t->out) != t->text.len)
        t->failed = true;
    text_clear(&t->text);
}

static void on_event(void *ctx, struct machine *m, const struct event *e)
{
    struct boot_trace *t = ctx;
    struct record *rec = &t->flight[e->pe];

    if (e->kind == EV_PAS) {
        uint8_t **k = known_at(t, align_down(e->obj, GRANULE_SIZE));

        forget_one(k);
        *k = nobody_knows;
    }
    if (!rec->active)
        return;
    if (e->kind == EV_COPY_FROM_NS && e->b == 0)
        need(t, rec, e->obj, (uint32_t)e->a);
    else if (e->kind == EV_COPY_TO_NS && e->b == 0 && rec->num_written < 8)
        rec->written[rec->num_written++] = align_down(e->obj, GRANULE_SIZE);
    else if (e->kind == EV_ENTER)
        rec->ran = true;
    if (e->kind == EV_ENTER || e->kind == EV_EXIT)
        rec->left = m->vtime;
}

struct boot_trace *boot_trace_new(FILE *out, const char *name, const char *break_name)
{
    struct boot_trace *t = calloc(1, sizeof(*t));

    if (t == NULL)
        MODEL_BUG("out of memory");
    t->out = out;
    t->name = name;
    t->break_name = break_name;
    t->sc.virtual_time = t->sc.needs_cpu = true;
    trace_header(&t->text);
    return t;
}

static void record_clear(struct record *rec)
{
    for (size_t i = 0; i < rec->num_writes; i++)
        free(rec->write[i].bytes);
    for (size_t i = 0; i < rec->num_nested; i++)
        record_clear(&rec->nested[i]);
    free(rec->write);
    free(rec->nested);
    memset(rec, 0, sizeof(*rec));
}

void boot_trace_begin(struct boot_trace *t, struct machine *m)
{
    const uint32_t mask = EV_BIT(EV_COPY_FROM_NS) | EV_BIT(EV_COPY_TO_NS) | EV_BIT(EV_PAS) |
                          EV_BIT(EV_ENTER) | EV_BIT(EV_EXIT);
    struct impl impl = m->impl;
    char name[300];

    /* Of what interrupts a Realm, the interrupt controller lets some pass: the trace has those. */
    impl.quiet_devices = true;
    t->m = m;
    if (!t->listening && event_listen(m, mask, on_event, t) != CCA_OK)
        MODEL_BUG("too many listeners");
    t->listening = true;
    forget_all(t);
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        record_clear(&t->flight[i]);
    t->num_shared = 0;
    t->num_known = m->mem.num;
    t->known = calloc(t->num_known, sizeof(*t->known));
    if (t->known == NULL)
        MODEL_BUG("out of memory");
    t->number = 0;
    t->overlaps = 0;
    t->longest = 0;
    snprintf(name, sizeof(name), t->sections ? "%s, after reset %u" : "%s", t->name, t->sections);
    t->sections++;
    trace_scenario(&t->text, &t->sc, &impl, name, t->break_name);
    flush(t);
}

void boot_trace_before(struct boot_trace *t, const struct boot_call *c)
{
    struct record *rec = &t->flight[c->pe];

    record_clear(rec);
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        if (t->flight[i].active) {
            t->overlaps++;
            break;
        }
    rec->active = true;
    rec->pe = c->pe;
    rec->number = c->number;
    rec->pc = c->pc;
    rec->at = rec->left = t->m->vtime;
    memcpy(rec->in, c->in, sizeof(rec->in));
    if (rec->in[0] == RMI_REC_ENTER)
        need_shared(t, rec);
}

/* --- writing it out --------------------------------------------------------------------------------------------------- */

static struct step write_step(const struct record *rec, const struct write *w)
{
    struct step st = {.kind = STEP_WRITE_BYTES, .pe = (uint8_t)rec->pe};

    st.u.bytes.addr = (struct value){.num = w->pa, .var = -1};
    st.u.bytes.bytes = w->bytes;
    st.u.bytes.len = w->len;
    return st;
}

static struct step call_step(const struct record *rec)
{
    struct boot_call c = {.pe = rec->pe, .in = rec->in};
    struct step st = boot_step(&c);

    for (unsigned i = 0; i < ABI_MAX_ARGS; i++)
        if (rec->in[i + 1] && i >= st.u.call.num_args)
            st.u.call.num_args = i + 1;
    st.u.call.pc = rec->pc;
    return st;
}

static void put_step(struct boot_trace *t, struct step *st, const uint64_t *in)
{
    st->number = ++t->number;
    trace_step(&t->text, NULL, &t->sc, st, in);
}

static void put_end(struct boot_trace *t, const struct step *st, const struct step_result *r)
{
    trace_result(&t->text, t->m, &t->sc, st, r);
}

/* Steps with an end at once: host memory. */
static void put_writes(struct boot_trace *t, struct step *st, const struct record *rec)
{
    static const struct step_result done = {.ran = true};

    for (size_t i = 0; i < rec->num_writes; i++) {
        st[i] = write_step(rec, &rec->write[i]);
        put_step(t, &st[i], NULL);
        put_end(t, &st[i], &done);
    }
}

/* What interrupted the Realm; `at`: by the machine's clock, 0 within another call. */
static size_t put_irq(struct boot_trace *t, struct step *st, const struct record *rec, uint64_t at)
{
    static const struct step_result done = {.ran = true};

    if (!rec->irq)
        return 0;
    *st = (struct step){.kind = STEP_IRQ, .pe = (uint8_t)rec->pe, .at = at};
    st->u.irq.after = rec->left - rec->at;
    put_step(t, st, NULL);
    put_end(t, st, &done);
    return 1;
}

static void put_nested(struct boot_trace *t, struct step *st, const struct record *rec)
{
    size_t k = 0;

    for (size_t i = 0; i < rec->num_nested; i++) {
        const struct record *n = &rec->nested[i];

        put_writes(t, &st[k], n);
        k += n->num_writes;
        k += put_irq(t, &st[k], n, 0);
        st[k] = call_step(n);
        put_step(t, &st[k], n->in);
        put_end(t, &st[k], &n->result);
        k++;
    }
}

static size_t num_nested_steps(const struct record *rec)
{
    size_t num = rec->num_nested;

    for (size_t i = 0; i < rec->num_nested; i++)
        num += rec->nested[i].num_writes + rec->nested[i].irq;
    return num;
}

static unsigned put_call(struct boot_trace *t, const struct record *rec)
{
    const size_t num_nested = num_nested_steps(rec);
    struct step *steps = calloc(rec->num_writes + num_nested + 1, sizeof(*steps));
    struct step st = call_step(rec), irq;

    if (steps == NULL)
        MODEL_BUG("out of memory");
    put_writes(t, steps, rec);
    put_irq(t, &irq, rec, rec->at);
    st.at = rec->at;
    /* trace_step() finds out by these where a nested step is. */
    st.running = steps + rec->num_writes;
    st.num_running = (unsigned)num_nested;
    t->sc.steps = &st;
    t->sc.num_steps = 1;
    put_step(t, &st, rec->in);
    put_nested(t, st.running, rec);
    put_end(t, &st, &rec->result);
    t->sc.steps = NULL;
    t->sc.num_steps = 0;
    free(steps);
    flush(t);
    return st.number;
}

/* Whose Realm runs, since before this call was made. */
static struct record *outer_of(struct boot_trace *t, const struct record *rec)
{
    struct record *found = NULL;

    for (unsigned i = 0; i < CCA_MAX_PES; i++) {
        struct record *r = &t->flight[i];

        if (r != rec && r->active && r->ran && r->number < rec->number &&
            (found == NULL || r->number < found->number))
            found = r;
    }
    return found;
}

unsigned boot_trace_call(struct boot_trace *t, const struct boot_call *c)
{
    struct record *rec = &t->flight[c->pe], *outer;
    unsigned step;

    if (c->in == NULL)
        return 0;
    memcpy(rec->out, c->out, sizeof(rec->out));
    rec->result = boot_step_result(t->m, c);
    rec->result.failed = c->num_findings != 0;
    rec->irq = rec->result.entered && rec->result.exit_reason == EXIT_IRQ;
    for (unsigned i = 0; i < rec->num_written; i++)
        now_known(t, rec->written[i]);
    if (rec->ran)
        shared_is_known(t);
    if (rec->left - rec->at > t->longest)
        t->longest = rec->left - rec->at;
    follow_mappings(t, rec);
    outer = outer_of(t, rec);
    if (outer) {
        outer->nested = grown(outer->nested, outer->num_nested + 1, sizeof(*rec));
        outer->nested[outer->num_nested] = *rec;
        /* RmiRecExit is the host's again when this is written out. */
        outer->nested[outer->num_nested++].result.entered = false;
        memset(rec, 0, sizeof(*rec));
        return 0;
    }
    step = put_call(t, rec);
    record_clear(rec);
    return t->sections == 1 ? step : 0;
}

bool boot_trace_end(struct boot_trace *t, bool as_expected)
{
    text_printf(&t->text, "limits insns=%llu\n", (unsigned long long)(t->longest + SPARE_INSNS));
    if (t->overlaps)
        text_printf(&t->text, "overlap %u\n", t->overlaps);
    text_printf(&t->text, "result %s\n", as_expected ? "passed" : "failed");
    flush(t);
    if (t->listening)
        event_unlisten(t->m, on_event, t);
    t->listening = false;
    return !t->failed && fflush(t->out) == 0;
}

void boot_trace_free(struct boot_trace *t)
{
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        record_clear(&t->flight[i]);
    forget_all(t);
    free(t->shared);
    text_free(&t->text);
    free(t);
}
