/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event stream: the one way in which changes inside the machine become visible. Checks, traces, `during:`
 * steps and (later) the explorer read it; nothing else reports. With nobody listening, an event costs one
 * predictable branch.
 */
#ifndef CCASIM_EVENT_H
#define CCASIM_EVENT_H

#include <assert.h>

#include <ccasim/types.h>

CCASIM_API_BEGIN

struct machine;

/* clang-format off */
/*    kind          name             obj                                       a                        b */
#define EVENT_KINDS(X)                                                                                                                     \
    X(LOCK,          "lock")          /* granule PA                                enum gst_state found     0                          */  \
    X(UNLOCK,        "unlock")        /* granule PA                                enum gst_state left      0                          */  \
    X(WAIT,          "wait")          /* granule PA                                PE that holds the lock   0                          */  \
    X(STATE,         "state")         /* granule PA                                from (enum gst_state)    to                         */  \
    X(REFCOUNT,      "refcount")      /* granule PA                                old                      new                        */  \
    X(PAS,           "pas")           /* granule PA                                from (enum pas)          to                         */  \
    X(PTE,           "pte")           /* descriptor PA                             old value                new value                  */  \
    X(TABLE,         "table")         /* table PA, filled anew                     0                        0                          */  \
    X(TLBI,          "tlbi")          /* IPA or PA                                 VMID                     enum tlbi_kind             */  \
    X(SLOT_MAP,      "map")           /* granule PA                                slot                     0                          */  \
    X(SLOT_UNMAP,    "unmap")         /* granule PA                                slot                     0                          */  \
    X(COPY_FROM_NS,  "copy-from-ns")  /* PA                                        length                   1: granule protection fault */ \
    X(COPY_TO_NS,    "copy-to-ns")    /* PA                                        length                   1: granule protection fault */ \
    X(WIPE,          "wipe")          /* granule PA                                0                        0                          */  \
    X(OBJECT,        "object")        /* RD or REC PA, written                     0                        0                          */  \
    X(WORLD,         "world")         /* 0                                         from (enum world)        to                         */  \
    X(SMC,           "smc")           /* fid                                       enum world of caller     0                          */  \
    X(SMC_RET,       "smc-ret")       /* fid                                       x0                       0                          */  \
    X(ENTER,         "enter")         /* REC PA                                    pc                       0                          */  \
    X(EXIT,          "exit")          /* REC PA                                    ESR_EL2                  enum realm_vector          */  \
    X(FAULT,         "fault")         /* VA or IPA                                 ESR                      0                          */  \
    X(DIRTY,         "dirty")         /* granule PA, first guest store since clean  0                        0                          */ \
    X(MEASURE,       "measure")       /* RD PA                                     slot (0 RIM, 1..4 REM)   0                          */  \
    X(SYSREG,        "sysreg")        /* SYSREG() of the Realm's access            result << 1 | written    value                      */  \
    X(VIRTUAL,       "virtual")       /* REC PA: a virtual interrupt is taken      offset of the vector     0                          */  \
    X(TOKEN,         "token")         /* REC PA                                    PA of the part copied    length; 0: a new token     */
/* clang-format on */

enum event_kind {
#define X(n, s) EV_##n,
    EVENT_KINDS(X)
#undef X
        EV_COUNT
};
#define EV_BIT(k) (1u << (k))
#define EV_ALL    (EV_BIT(EV_COUNT) - 1u)
static_assert(EV_COUNT <= 31, "event masks are 32 bits");

struct event {
    uint64_t seq; /* counts the events that somebody listened to */
    uint64_t obj, a, b;
    uint8_t pe;
    uint8_t kind;
};

typedef void (*event_fn)(void *ctx, struct machine *m, const struct event *e);

#define EVENT_MAX_LISTENERS 6u
struct event_stream {
    uint32_t mask; /* union of the listeners' masks */
    uint32_t n;
    uint64_t seq;
    struct {
        uint32_t mask;
        event_fn fn;
        void *ctx;
    } listener[EVENT_MAX_LISTENERS];
};

/* `mask` is a union of EV_BIT(). Listeners are called in the order of registration. CCA_ERR_LIMIT: too many. */
int event_listen(struct machine *m, uint32_t mask, event_fn fn, void *ctx);
void event_unlisten(struct machine *m, event_fn fn, void *ctx);
void event_emit(struct machine *m, unsigned pe, enum event_kind kind, uint64_t obj, uint64_t a,
                uint64_t b);
const char *event_name(unsigned kind);
/* EV_COUNT when unknown. */
enum event_kind event_by_name(const char *name);

CCASIM_API_END

#endif
