/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that overlapped (steps `during:` a call): an order must exist in which the specification allows each result and
 * ends in the machine's state, and which keeps apart those that did not overlap. Searched when the last has ended; on
 * copies of the specification, so only such runs pay for it.
 */
#include "check_internal.h"

#include <stdlib.h>
#include <string.h>

void check_overlap_add(struct check *c, const struct call *call)
{
    struct call *copy;

    if (c->num_overlap == CHECK_MAX_OVERLAP)
        MODEL_BUG("more than %u calls overlap", CHECK_MAX_OVERLAP);
    copy = malloc(sizeof(*copy) + call->used);
    if (copy == NULL)
        MODEL_BUG("no memory for a call");
    *copy = *call;
    copy->bytes = (uint8_t *)(copy + 1);
    memcpy(copy->bytes, call->bytes, call->used);
    c->overlap[c->num_overlap++] = copy;
}

/* May `i` come next: none that is still to come had ended before it began. */
static bool may_be_next(const struct check *c, uint32_t left, unsigned i)
{
    for (unsigned k = 0; k < c->num_overlap; k++) {
        if (k != i && (left >> k & 1) && c->overlap[k]->ended < c->overlap[i]->began)
            return false;
    }
    return true;
}

static bool ends_in_machine_state(struct check *c)
{
    uint64_t before = c->quiet_hits, predicates = c->predicates;

    c->quiet++;
    refine_all(c);
    c->quiet--;
    c->predicates = predicates;
    return c->quiet_hits == before;
}

/* Tries every order of the calls in `left` from c->spec. True: c->spec is where a good one ends; order[] says it. */
static bool search(struct check *c, uint32_t left, unsigned depth, uint8_t *order, bool with_state)
{
    struct spec *start = c->spec;
    struct spec_verdict v;

    if (left == 0)
        return !with_state || ends_in_machine_state(c);
    for (unsigned i = 0; i < c->num_overlap; i++) {
        if (!(left >> i & 1) || !may_be_next(c, left, i))
            continue;
        c->spec = spec_clone(start);
        if (c->spec == NULL)
            MODEL_BUG("no memory for a copy of the specification");
        order[depth] = (uint8_t)i;
        if (check_judge_call(c, c->overlap[i], &v) &&
            search(c, left & ~(1u << i), depth + 1, order, with_state)) {
            spec_free(start);
            return true;
        }
        spec_free(c->spec);
        c->spec = start;
    }
    return false;
}

static void by_end(const struct check *c, uint8_t *order)
{
    for (unsigned i = 0; i < c->num_overlap; i++) {
        unsigned at = i;

        while (at > 0 && c->overlap[order[at - 1]]->ended > c->overlap[i]->ended) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = (uint8_t)i;
    }
}

static void judge_in_order(struct check *c, const uint8_t *order)
{
    for (unsigned k = 0; k < c->num_overlap; k++) {
        struct call *call = c->overlap[order[k]];
        struct check_pe *p = &c->pes[call->pe];

        c->pe = call->pe;
        p->has_verdict = true;
        check_judge_call(c, call, &p->verdict);
        check_take_spec_touched(c, call->pe);
        check_verdict(c, &p->verdict, "result");
        check_cover(c, &p->verdict);
        if (call->out[0] == RMI_SUCCESS)
            replay_call(c, call);
    }
}

void check_overlap_judge(struct check *c)
{
    uint8_t order[CHECK_MAX_OVERLAP] = {0};
    uint32_t all = (1u << c->num_overlap) - 1;
    struct spec *start = c->spec;

    /* The search runs on copies; the order that it finds is then judged on the real state, with findings. The final
     * state matters where several orders explain the results; if none ends in it, refine says what differs. */
    c->spec = spec_clone(start);
    if (c->spec == NULL)
        MODEL_BUG("no memory for a copy of the specification");
    if (!search(c, all, 0, order, c->sees_memory) && !search(c, all, 0, order, false))
        by_end(c, order);
    spec_free(c->spec);
    c->spec = start;
    judge_in_order(c, order);
    for (unsigned i = 0; i < c->num_overlap; i++)
        free(c->overlap[i]);
    c->num_overlap = 0;
}
