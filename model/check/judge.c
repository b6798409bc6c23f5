/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each call against the specification. Host memory is what the RMM was seen to read: its content at that moment, or
 * the fault that it took; what the RMM did not read is looked up now, through the granule protection check.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <string.h>

/* --- host memory as the call saw it ---------------------------------------------------------------------------- */

static bool overlaps(const struct capture *a, uint64_t pa, uint64_t len)
{
    return pa < a->pa + a->len && a->pa < pa + len;
}

void check_capture(struct check *c, struct check_pe *p, uint64_t pa, uint64_t len, bool fault)
{
    struct call *call = &p->call;
    struct capture *cap;

    check_count(c, 1);
    for (unsigned i = 0; i < call->num_captures; i++) {
        if (overlaps(&call->capture[i], pa, len))
            check_find(c, "double-fetch", pa,
                       "the call reads host memory at 0x%" PRIx64 " twice: 0x%" PRIx64
                       " bytes, and 0x%x before at "
                       "0x%" PRIx64,
                       pa, len, call->capture[i].len, call->capture[i].pa);
    }
    if (call->num_captures == CHECK_MAX_CAPTURES || len > CHECK_CAPTURE_SIZE - call->used) {
        call->captures_lost = true;
        return;
    }
    cap = &call->capture[call->num_captures++];
    *cap = (struct capture){.pa = pa, .len = (uint32_t)len, .offset = call->used, .fault = fault};
    if (fault || !mem_contains(c->m, pa) || !mem_contains(c->m, pa + len - 1))
        return;
    mem_read(c->m, pa, call->bytes + call->used, len);
    call->used += (uint32_t)len;
}

static struct capture *find_capture(struct call *call, uint64_t pa, uint64_t len)
{
    for (unsigned i = 0; i < call->num_captures; i++) {
        if (call->capture[i].pa == pa && call->capture[i].len == len)
            return &call->capture[i];
    }
    return NULL;
}

void check_capture_written(struct check *c, struct call *call, uint64_t pa, uint64_t len)
{
    bool fault = !mem_contains(c->m, pa) || gpt_check(c->m, PAS_NS, pa).fault != GPC_OK;
    struct capture *cap = find_capture(call, pa, len);

    if (cap != NULL) { /* it counts as long as the host had the page */
        if (!fault && !cap->fault)
            mem_read(c->m, pa, call->bytes + cap->offset, len);
        return;
    }
    if (call->num_captures == CHECK_MAX_CAPTURES || len > CHECK_CAPTURE_SIZE - call->used) {
        call->captures_lost = true;
        return;
    }
    call->capture[call->num_captures++] =
        (struct capture){.pa = pa, .len = (uint32_t)len, .offset = call->used, .fault = fault};
    if (fault)
        return;
    mem_read(c->m, pa, call->bytes + call->used, len);
    call->used += (uint32_t)len;
}

static bool read_memory(struct check *c, uint64_t pa, void *buf, size_t len)
{
    if (len == 0 || !mem_contains(c->m, pa) || !mem_contains(c->m, pa + len - 1))
        return false;
    for (uint64_t g = align_down(pa, GRANULE_SIZE); g < pa + len; g += GRANULE_SIZE) {
        if (gpt_check(c->m, PAS_NS, g).fault != GPC_OK)
            return false;
    }
    mem_read(c->m, pa, buf, len);
    return true;
}

static bool host_read(void *ctx, uint64_t pa, void *buf, size_t len)
{
    struct env_ctx *e = ctx;
    uint8_t *out = buf;
    uint64_t end = pa + len;

    for (unsigned i = 0; e->call && i < e->call->num_captures; i++) {
        const struct capture *cap = &e->call->capture[i];

        if (overlaps(cap, pa, len) && cap->fault)
            return false;
        if (pa >= cap->pa && end <= cap->pa + cap->len) {
            memcpy(out, e->call->bytes + cap->offset + (pa - cap->pa), len);
            return true;
        }
    }
    if (!read_memory(e->c, pa, out, len))
        return false;
    /* What was captured of it counts as it was then. */
    for (unsigned i = 0; e->call && i < e->call->num_captures; i++) {
        const struct capture *cap = &e->call->capture[i];
        uint64_t from = cap->pa > pa ? cap->pa : pa;
        uint64_t to = cap->pa + cap->len < end ? cap->pa + cap->len : end;

        if (from < to)
            memcpy(out + (from - pa), e->call->bytes + cap->offset + (from - cap->pa), to - from);
    }
    return true;
}

static bool realm_read(void *ctx, uint64_t pa, void *buf, size_t len)
{
    struct env_ctx *e = ctx;

    if (len == 0 || !mem_contains(e->c->m, pa) || !mem_contains(e->c->m, pa + len - 1))
        return false;
    mem_read(e->c->m, pa, buf, len);
    return true;
}

void check_env(struct check *c, struct call *call, struct env_ctx *ctx, struct spec_env *env)
{
    bool shows_memory = c->m->rmm_ops && (c->m->rmm_ops->caps & RMM_CAP_MEMORY);

    *ctx = (struct env_ctx){c, call};
    *env = (struct spec_env){
        .ctx = ctx,
        .host_read = host_read,
        .realm_read = shows_memory && !(call && call->is_late) ? realm_read : NULL,
    };
}

/* --- what the specification says ------------------------------------------------------------------------------- */

void check_take_spec_touched(struct check *c, unsigned pe)
{
    struct check_pe *p = &c->pes[pe];
    size_t n;
    const struct spec_touch *t = spec_touched(c->spec, &n);

    if (spec_touched_overflow(c->spec)) {
        p->spec_overflow = true;
        c->dirty = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind == SPEC_TOUCH_RTTE || t[i].kind == SPEC_TOUCH_TABLE) {
            if (!mem_contains(c->m, t[i].a))
                continue;
            c->dirty = true;
            if (p->num_spec == CHECK_MAX_PTES)
                p->spec_overflow = true;
            else
                p->spec[p->num_spec++] = (struct spec_place){
                    granule_index(c->m, t[i].a),
                    (uint16_t)(t[i].kind == SPEC_TOUCH_TABLE ? TABLE_ENTRIES : t[i].b),
                };
        } else {
            check_touch(c, pe, t[i].a,
                        t[i].kind == SPEC_TOUCH_GRANULE ? TOUCH_SPEC : TOUCH_SPEC | TOUCH_OBJ);
        }
    }
}

void check_verdict(struct check *c, struct call *call, const struct spec_verdict *v,
                   const char *rule)
{
    check_count(c, v->num_predicates + 1);
    if (__builtin_expect(!v->ok, 0))
        check_find(c, rule, 0, "%s", v->mismatch);
    if (v->num_writes) {
        check_writes(c, call, v);
        writes_explained(call, v);
    }
}

/* Most of a page is as it should be: run by run. w->len: all of it is. */
static uint32_t first_wrong_byte(const struct spec_write *w, const uint8_t *got)
{
    const uint32_t run = 64;

    for (uint32_t start = 0; start < w->len; start += run) {
        uint32_t end = w->len - start < run ? w->len : start + run;

        if (memcmp(got + start, w->bytes + start, end - start) == 0)
            continue;
        for (uint32_t i = start; i < end; i++) {
            if (got[i] != w->bytes[i] && (!w->mask || w->mask[i]))
                return i;
        }
    }
    return w->len;
}

static void report_write(struct check *c, const struct spec_write *w, const uint8_t *got)
{
    uint32_t i = first_wrong_byte(w, got);
    uint64_t a;

    if (i == w->len)
        return;
    a = w->pa + i;
    if (!w->realm && (w->pa & GRANULE_MASK) == REC_EXIT_BASE)
        check_find(c, "host-memory", a,
                   "RmiRecExit + 0x%x (host memory 0x%" PRIx64 ") holds 0x%02x, expected 0x%02x", i,
                   a, got[i], w->bytes[i]);
    else
        check_find(c, w->realm ? "realm-memory" : "host-memory", a,
                   "byte 0x%x of what the call writes at 0x%" PRIx64 " is 0x%02x, expected 0x%02x",
                   i, w->pa, got[i], w->bytes[i]);
}

/*
 * The Realm's memory is as the RMM left it only until the Realm goes on. Host memory may have changed hands meanwhile:
 * then the write took a fault, and the call's result tells.
 */
static bool read_written(struct check *c, struct call *call, const struct spec_write *w)
{
    struct env_ctx ctx = {c, call};

    if (w->len > GRANULE_SIZE || w->len == 0 || !mem_contains(c->m, w->pa) ||
        !mem_contains(c->m, w->pa + w->len - 1))
        return false;
    if (!w->realm)
        return host_read(&ctx, w->pa, c->scratch, w->len);
    if (call->is_late && call->segment.enters)
        return false;
    mem_read(c->m, w->pa, c->scratch, w->len);
    return true;
}

void check_writes(struct check *c, struct call *call, const struct spec_verdict *v)
{
    for (unsigned i = 0; i < v->num_writes; i++) {
        const struct spec_write *w = &v->writes[i];

        check_count(c, 1);
        if (read_written(c, call, w) && (w->mask || memcmp(c->scratch, w->bytes, w->len) != 0))
            report_write(c, w, (const uint8_t *)c->scratch);
    }
}

static bool call_tries(struct check *c, struct call *call, struct spec_verdict *v)
{
    struct env_ctx ctx;
    struct spec_env env;

    check_env(c, call, &ctx, &env);
    spec_rmi(c->spec, &env, call->in, call->out, v);
    return v->ok;
}

/* Only in a granule of the host: an order in which it has another owner then is none. */
static bool claim_tries(struct check *c, const struct call *call)
{
    struct spec_granule g;

    if (spec_granule(c->spec, call->in[0], &g) &&
        g.pas != (call->to == PAS_NS ? PAS_SECURE : PAS_NS))
        return false;
    spec_set_pas(c->spec, call->in[0], call->to);
    return true;
}

bool check_tries(struct check *c, struct call *call, struct spec_verdict *v)
{
    if (call->is_claim)
        return claim_tries(c, call);
    return call->is_segment ? check_segment_tries(c, call, v) : call_tries(c, call, v);
}

void check_judge(struct check *c, struct call *call)
{
    struct check_pe *p = &c->pes[call->pe];

    c->pe = call->pe;
    if (call->is_claim) {
        spec_set_pas(c->spec, call->in[0], call->to);
        check_take_spec_touched(c, call->pe);
        return;
    }
    p->has_verdict = true;
    if (call->is_segment) {
        check_segment_judge(c, call);
        writes_judge(c, call);
        return;
    }
    call_tries(c, call, &p->verdict);
    check_take_spec_touched(c, call->pe);
    check_verdict(c, call, &p->verdict, "result");
    writes_judge(c, call);
    check_cover(c, &p->verdict);
    if (call->out[0] == RMI_SUCCESS)
        replay_call(c, call);
}

void check_ended(struct check *c, struct call *call)
{
    unsigned pe = c->pe;

    call->ended = ++c->clock;
    c->num_active--;
    if (__builtin_expect(c->num_active == 0 && c->num_overlap == 0, 1))
        check_judge(c, call);
    else
        check_overlap_add(c, call);
    if (c->num_active == 0 && c->num_overlap)
        check_overlap_judge(c);
    c->pe = pe;
}

void check_claimed(struct check *c, unsigned pe, uint64_t pa, enum pas to, uint64_t when)
{
    struct call claim = {
        .is_claim = true,
        .in = {pa},
        .to = to,
        .pe = pe,
        .began = when,
        .ended = when,
    };

    if (c->num_active == 0 && c->num_overlap == 0)
        check_judge(c, &claim);
    else
        check_overlap_add(c, &claim);
}

/* --- I27 ------------------------------------------------------------------------------------------------------- */

static bool is_touched_by_other(const struct check *c, unsigned pe, uint32_t g)
{
    for (unsigned i = 0; i < c->m->impl.num_pes; i++) {
        const struct check_pe *o = &c->pes[i];

        for (unsigned k = 0; i != pe && k < o->num_touched; k++) {
            if (o->touched[k].granule == g)
                return true;
        }
    }
    return false;
}

/* An earlier call whose changes the index has not seen yet: its content cannot be compared. */
static bool is_touched_before(const struct check_pe *p, uint32_t g)
{
    for (unsigned i = 0; i < p->touched_start; i++) {
        if (p->touched[i].granule == g)
            return true;
    }
    return false;
}

static void granule_unchanged(struct check *c, const struct check_pe *p, const struct touched *t)
{
    const struct gst_entry *g = &c->m->gst[t->granule];
    uint64_t a = granule_pa(c->m, t->granule);

    check_count(c, 1);
    if ((t->what & TOUCH_STATE) && g->state != t->old_state)
        check_find(c, "I27", a, "the call failed and changed granule 0x%" PRIx64 " from %s to %s",
                   a, gst_state_name(t->old_state), gst_state_name(g->state));
    if ((t->what & TOUCH_REF) && g->refcount != t->old_ref)
        check_find(c, "I27", a,
                   "the call failed and changed the reference count of 0x%" PRIx64 " from %u to %u",
                   a, t->old_ref, g->refcount);
    if ((t->what & TOUCH_PAS) && gpt_pas(c->m, a) != t->old_pas)
        check_find(c, "I27", a,
                   "the call failed and changed the PAS of 0x%" PRIx64 " from %s to %s", a,
                   pas_name((enum pas)t->old_pas), pas_name(gpt_pas(c->m, a)));
    if ((t->what & TOUCH_OBJ) && g->state == c->place[t->granule].state &&
        (g->state == GST_RD || g->state == GST_REC) && !is_touched_before(p, t->granule) &&
        c->place[t->granule].digest != index_digest(c, t->granule))
        check_find(c, "I27", a, "the call failed and changed the %s at 0x%" PRIx64,
                   gst_state_name(g->state), a);
}

void check_fail_unchanged(struct check *c, unsigned pe)
{
    struct check_pe *p = &c->pes[pe];

    for (unsigned i = p->touched_start; i < p->num_touched; i++) {
        if (p->touched[i].what & ~(TOUCH_SPEC | TOUCH_PTE | TOUCH_TABLE) &&
            !is_touched_by_other(c, pe, p->touched[i].granule))
            granule_unchanged(c, p, &p->touched[i]);
    }
    for (unsigned i = p->ptes_start; i < p->num_ptes; i++) {
        uint64_t a = p->pte[i].desc;
        bool first = true;

        for (unsigned k = p->ptes_start; k < i && first; k++)
            first = p->pte[k].desc != a;
        if (!first || is_touched_by_other(c, pe, granule_index(c->m, a)))
            continue;
        check_count(c, 1);
        if (mem_read64(c->m, a) != p->pte[i].old &&
            c->m->gst[granule_index(c->m, a)].state == GST_RTT)
            check_find(c, "I27", a,
                       "the call failed and changed the descriptor at 0x%" PRIx64 " from 0x%" PRIx64
                       " to 0x%" PRIx64,
                       a, p->pte[i].old, mem_read64(c->m, a));
    }
}

/* --- around one call ------------------------------------------------------------------------------------------- */

void check_rmi_begin(struct check *c, unsigned pe, const uint64_t in[ABI_MAX_REGS])
{
    struct check_pe *p;

    if (!c)
        return;
    p = &c->pes[pe];
    c->pe = pe;
    memcpy(p->call.in, in, sizeof(p->call.in));
    p->call.fid = in[0] & ~SMC_FID_SVE_HINT;
    p->call.in[0] = p->call.fid;
    p->call.num_captures = 0;
    p->call.used = 0;
    p->call.captures_lost = false;
    p->call.num_written = 0;
    p->call.has_level = false;
    p->call.pe = pe;
    p->call.began = ++c->clock;
    p->active = true;
    p->num_calls++;
    p->is_enter = p->call.fid == RMI_REC_ENTER;
    context_host_before(c, pe);
    p->entered = false;
    p->touched_start = p->num_touched;
    p->ptes_start = p->num_ptes;
    p->rsi_extend[0] = 0;
    if (c->num_consents && c->num_active == 0 && !c->dirty)
        request_forget(c);
    c->vmids_moved |= p->call.fid == RMI_REALM_CREATE || p->call.fid == RMI_REALM_DESTROY;
    p->call.is_segment = p->is_enter;
    p->call.is_late = false;
    c->num_active++;
    if (p->is_enter) {
        c->num_entered++;
        p->call.segment.begins = true;
    } else {
        c->num_unseen++;
    }
}

void check_rmi_end(struct check *c, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                   const uint64_t out[ABI_MAX_REGS])
{
    struct check_pe *p;

    if (!c)
        return;
    p = &c->pes[pe];
    c->pe = pe;
    memcpy(p->call.out, out, sizeof(p->call.out));
    check_leftovers(c, pe);
    context_host_after(c, pe, p->is_enter);
    if (out[0] != RMI_SUCCESS && !p->entered)
        check_fail_unchanged(c, pe);
    c->ending = p;
    if (p->is_enter) {
        c->num_entered--;
        context_rests(c, in[1]);
        check_enter_end(c, p);
    } else {
        check_ended(c, &p->call);
    }
    c->ending = NULL;
    p->active = false;
    p->touched_start = p->num_touched;
    p->ptes_start = p->num_ptes;
}

const struct spec_verdict *check_last_verdict(const struct check *c, unsigned pe)
{
    return c && c->pes[pe].has_verdict ? &c->pes[pe].verdict : NULL;
}

void check_evaluate(struct check *c, const uint64_t in[ABI_MAX_REGS], struct spec_verdict *v)
{
    struct env_ctx ctx;
    struct spec_env env;

    if (!c)
        return;
    check_env(c, NULL, &ctx, &env);
    spec_evaluate(c->spec, &env, in[0] & ~SMC_FID_SVE_HINT, in, v);
}
