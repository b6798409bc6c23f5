/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that overlapped (steps `during:` a call): an order must exist in which the specification allows each result and
 * ends in the machine's state, and which keeps apart those that did not overlap. Searched when the last has ended; on
 * copies of the specification, so only such runs pay for it. Of RMI_REC_ENTER each segment is a call of its own here:
 * other calls may come between two of them, as the Realm runs there. So is a claim of the Secure world.
 */
#include "check_internal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TRIES 4096u /* then it is not worth to search on */

static void make_room(struct check *c)
{
    unsigned cap = c->cap_overlap ? 2 * c->cap_overlap : 8;
    struct call **list;

    if (c->num_overlap < c->cap_overlap)
        return;
    list = realloc(c->overlap, cap * sizeof(struct call *));
    if (list == NULL)
        MODEL_BUG("no memory for %u calls", cap);
    c->overlap = list;
    c->cap_overlap = cap;
}

void check_overlap_add(struct check *c, const struct call *call)
{
    struct call *copy = malloc(sizeof(*copy) + call->used);

    if (copy == NULL)
        MODEL_BUG("no memory for a call");
    make_room(c);
    *copy = *call;
    copy->bytes = (uint8_t *)(copy + 1);
    if (call->used)
        memcpy(copy->bytes, call->bytes, call->used);
    copy->is_late = c->num_active != 0;
    c->overlap[c->num_overlap++] = copy;
}

/* May `i` come next: none that is still to come had ended before it began. */
static bool may_be_next(const struct check *c, uint64_t left, unsigned i)
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
static bool search(struct check *c, uint64_t left, unsigned depth, uint8_t *order, bool with_state,
                   unsigned *tries)
{
    struct spec *start = c->spec;
    struct spec_verdict v;

    if (left == 0)
        return !with_state || ends_in_machine_state(c);
    for (unsigned i = 0; i < c->num_overlap; i++) {
        if (!(left >> i & 1) || !may_be_next(c, left, i))
            continue;
        if (*tries == 0)
            return false;
        --*tries;
        c->spec = spec_clone(start);
        if (c->spec == NULL)
            MODEL_BUG("no memory for a copy of the specification");
        order[depth] = (uint8_t)i;
        if (check_tries(c, c->overlap[i], &v) &&
            search(c, left & ~(1ull << i), depth + 1, order, with_state, tries)) {
            spec_free(start);
            return true;
        }
        spec_free(c->spec);
        c->spec = start;
    }
    return false;
}

/* The order that explains the results, into order[]. False: there is none, or it was not found. */
static bool find_order(struct check *c, uint8_t *order)
{
    struct spec *start = c->spec;
    unsigned tries = MAX_TRIES;
    uint64_t all;
    bool found;

    if (c->num_overlap > CHECK_MAX_OVERLAP)
        return false;
    all = UINT64_MAX >> (CHECK_MAX_OVERLAP - c->num_overlap);
    c->spec = spec_clone(start);
    if (c->spec == NULL)
        MODEL_BUG("no memory for a copy of the specification");
    /* The final state matters where several orders explain the results; if none ends in it, refine says what differs. */
    found = c->sees_memory && search(c, all, 0, order, true, &tries);
    tries = MAX_TRIES;
    found = found || search(c, all, 0, order, false, &tries);
    spec_free(c->spec);
    c->spec = start;
    return found;
}

void check_overlap_judge(struct check *c)
{
    uint8_t order[CHECK_MAX_OVERLAP] = {0};
    bool found = find_order(c, order);

    /* The search runs on copies; its order is judged on the real state, with findings. Without one: as they ended. */
    for (unsigned i = 0; i < c->num_overlap; i++)
        check_judge(c, c->overlap[found ? order[i] : i]);
    for (unsigned i = 0; i < c->num_overlap; i++)
        free(c->overlap[i]);
    c->num_overlap = 0;
}
