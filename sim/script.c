/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs scripted Realms. enter() looks the operation at the PC up, performs it on the registers and on memory
 * through the MMU, and stops at the first that is taken to R-EL2. No state outside the registers.
 */
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_dev.h>
#include <ccasim/script.h>

#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT 1000000u
#define REG_ZR        31u
#define REG_V0        32u /* 32..63: the low halves of V0..V31 */
#define NUM_REGS      64u
#define NO_OPERATION  SCRIPT_NO_OPERATION

#define HCR_TWI (1ull << 13)
#define HCR_TWE (1ull << 14)

struct placed {
    uint64_t rd; /* 0: any */
    const struct script *script;
};
struct script_set {
    struct placed *placed;
    size_t num, capacity;
    uint64_t limit;
    struct script_failure failure;
    /* What runs the Realms without a script. */
    const struct realm_cpu_ops *next;
    void *next_ctx;
};

/* One entry of a Realm, while it runs. */
struct run {
    struct script_set *set;
    const struct script *script;
    const struct script_section *section; /* the last one used */
    struct machine *m;
    unsigned pe;
    struct pe_regs *r;
    struct realm_exception *exc;
    uint64_t due; /* virtual time of the next interrupt, or 0: look */
};

const char *script_kind_name(unsigned kind)
{
    static const char *const name[] = {
#define X(n, s) [SCRIPT_##n] = s,
        SCRIPT_KINDS(X)
#undef X
    };
    return kind < SCRIPT_KIND_COUNT ? name[kind] : "?";
}

enum script_kind script_kind_by_name(const char *name)
{
    unsigned k = 0;
    while (k < SCRIPT_KIND_COUNT && strcmp(script_kind_name(k), name) != 0)
        k++;
    return (enum script_kind)k;
}

struct script_set *script_set_new(void)
{
    struct script_set *s = calloc(1, sizeof(*s));
    if (s)
        s->limit = DEFAULT_LIMIT;
    return s;
}

void script_set_free(struct script_set *s)
{
    if (s)
        free(s->placed);
    free(s);
}

void script_set_clear(struct script_set *s)
{
    s->num = 0;
    s->failure = (struct script_failure){0};
}

void script_set_limit(struct script_set *s, uint64_t ops)
{
    s->limit = ops;
}

const struct script_failure *script_set_failure(const struct script_set *s)
{
    return &s->failure;
}

static bool overlap(const struct script_section *a, const struct script_section *b)
{
    return a->pc < b->pc + 4ull * b->num && b->pc < a->pc + 4ull * a->num;
}

static bool op_is_valid(const struct script_op *op)
{
    bool simd = op->kind == SCRIPT_SET || op->kind == SCRIPT_EXPECT;
    if (op->kind >= SCRIPT_KIND_COUNT || op->reg >= (simd ? NUM_REGS : REG_ZR + 1))
        return false;
    if (op->kind == SCRIPT_SYSREG)
        return op->addr < SR_COUNT;
    if (op->kind == SCRIPT_LOAD || op->kind == SCRIPT_STORE)
        return op->size == 1 || op->size == 2 || op->size == 4 || op->size == 8;
    return true;
}

static bool script_is_valid(const struct script *s)
{
    for (uint32_t i = 0; i < s->num; i++) {
        if (s->sections[i].pc & 3)
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (overlap(&s->sections[i], &s->sections[j]))
                return false;
        for (uint32_t k = 0; k < s->sections[i].num; k++)
            if (!op_is_valid(&s->sections[i].ops[k]))
                return false;
    }
    return true;
}

int script_set_add(struct script_set *s, const struct script *script, uint64_t rd)
{
    if (!script_is_valid(script))
        return CCA_ERR_INVAL;
    for (size_t i = 0; i < s->num; i++)
        if (s->placed[i].rd == rd) {
            s->placed[i].script = script;
            return CCA_OK;
        }
    if (s->num == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 4;
        struct placed *grown = realloc(s->placed, capacity * sizeof(*grown));
        if (!grown)
            return CCA_ERR_NOMEM;
        s->placed = grown;
        s->capacity = capacity;
    }
    s->placed[s->num++] = (struct placed){rd, script};
    return CCA_OK;
}

static const struct script *find_script(const struct script_set *s, uint64_t rd)
{
    const struct script *any = NULL;
    for (size_t i = 0; i < s->num; i++) {
        if (s->placed[i].rd == rd)
            return s->placed[i].script;
        if (s->placed[i].rd == 0)
            any = s->placed[i].script;
    }
    return any;
}

static const struct script_op *op_in(const struct script_section *s, uint64_t pc)
{
    uint64_t k = (pc - s->pc) >> 2;
    return pc >= s->pc && !(pc & 3) && k < s->num ? &s->ops[k] : NULL;
}

static const struct script_op *find_op(struct run *run, uint64_t pc)
{
    const struct script_op *op = run->section ? op_in(run->section, pc) : NULL;
    for (uint32_t i = 0; !op && i < run->script->num; i++) {
        run->section = &run->script->sections[i];
        op = op_in(run->section, pc);
    }
    return op;
}

static uint64_t read_reg(const struct pe_regs *r, unsigned n)
{
    if (n >= REG_V0)
        return r->v[2 * (size_t)(n - REG_V0)];
    return n == REG_ZR ? 0 : r->x[n];
}

static void write_reg(struct pe_regs *r, unsigned n, uint64_t v)
{
    if (n >= REG_V0)
        r->v[2 * (size_t)(n - REG_V0)] = v;
    else if (n != REG_ZR)
        r->x[n] = v;
}

static unsigned current_el(const struct run *run)
{
    return (unsigned)(run->r->pstate >> 2) & 3;
}

/* To R-EL2. False, so that callers can return it: the run is over. */
static bool leave(struct run *run, enum realm_vector vector, uint64_t esr)
{
    run->exc->vector = vector;
    run->exc->esr = esr;
    return false;
}

static void record_failure(struct run *run, unsigned reg, uint64_t want, uint64_t got)
{
    struct script_failure *f = &run->set->failure;
    if (f->count++)
        return;
    f->rd = run->m->pe[run->pe].running_rd;
    f->pc = run->r->pc;
    f->reg = (uint8_t)reg;
    f->want = want;
    f->got = got;
}

/* ISV, SAS, SSE, SRT and SF of the operation (DDI0487 D24.2.40). */
static uint64_t syndrome(const struct script_op *op)
{
    if (op->no_syndrome)
        return 0;
    uint64_t sas = op->size == 1 ? 0 : op->size == 2 ? 1 : op->size == 4 ? 2 : 3;
    bool sf = op->size == 8 || (op->kind == SCRIPT_LOAD && op->sf);
    return ESR_ISV | sas << ESR_SAS_SHIFT | (op->kind == SCRIPT_LOAD && op->sign ? ESR_SSE : 0) |
           (uint64_t)op->reg << ESR_SRT_SHIFT | (sf ? ESR_SF : 0);
}

/* An abort goes where the architecture sends it. True: to the Realm itself, which goes on at its vector. */
static bool take_abort(struct run *run, const struct mmu_fault *f, enum access_kind kind,
                       const struct script_op *op)
{
    unsigned from = current_el(run), to = mmu_fault_target_el(f);
    uint64_t esr = mmu_fault_esr(f, kind, from, to, op ? syndrome(op) : 0);
    if (to == 1) {
        realm_take_exception(run->r, esr, &f->va, run->r->pc);
        return true;
    }
    run->exc->far = f->va;
    run->exc->hpfar = mmu_fault_hpfar(f);
    return leave(run, VEC_SYNC, esr);
}

/* Granules of the Realm PAS are poisoned in sanitizer builds; the Realm's own accesses are none of that. */
__attribute__((no_sanitize("address"))) static void store_bytes(struct machine *m, uint64_t a,
                                                                uint64_t v, unsigned size)
{
    volatile uint8_t *to = m->mem.host + (a - m->mem.base);
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static void store(struct run *run, uint64_t a, uint64_t v, unsigned size)
{
    uint64_t granule = align_down(a, GRANULE_SIZE);
    uint64_t rd = run->m->pe[run->pe].running_rd;
    mem_guest_dirty(run->m, run->pe, granule, OWNER_REALM, rd);
    mem_note_write(run->m, granule, OWNER_REALM, rd, false);
    store_bytes(run->m, a, v, size);
}

static uint64_t extend(const struct script_op *op, uint64_t v)
{
    unsigned bits = 8u * op->size;
    if (!op->sign || bits == 64)
        return v;
    uint64_t wide = (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits));
    return op->sf ? wide : (uint32_t)wide;
}

/* An access that crosses a page is two accesses; both must be allowed before either happens. */
static bool access_memory(struct run *run, const struct script_op *op)
{
    enum access_kind kind = op->kind == SCRIPT_LOAD ? ACCESS_READ : ACCESS_WRITE;
    unsigned first = (unsigned)(GRANULE_SIZE - (op->addr & GRANULE_MASK));
    if (first > op->size)
        first = op->size;
    struct mmu_result low, high = {0};
    struct mmu_fault f;
    unsigned el = current_el(run);
    if (op->kind == SCRIPT_STORE && op->has_value)
        write_reg(run->r, op->reg, op->value);
    if (!mmu_translate(run->m, run->pe, el, op->addr, kind, &low, &f) ||
        (first < op->size &&
         !mmu_translate(run->m, run->pe, el, op->addr + first, kind, &high, &f)))
        return take_abort(run, &f, kind, op);
    if (kind == ACCESS_WRITE) {
        uint64_t v = read_reg(run->r, op->reg);
        store(run, low.pa, v, first);
        if (first < op->size)
            store(run, high.pa, v >> (8 * first), op->size - first);
    } else {
        uint64_t v = 0, rest = 0;
        mem_read(run->m, low.pa, &v, first);
        if (first < op->size) {
            mem_read(run->m, high.pa, &rest, op->size - first);
            v |= rest << (8 * first);
        }
        write_reg(run->r, op->reg, extend(op, v));
    }
    run->r->pc += 4;
    return true;
}

static bool fetch(struct run *run)
{
    struct mmu_result out;
    struct mmu_fault f;
    if (mmu_translate(run->m, run->pe, current_el(run), run->r->pc, ACCESS_FETCH, &out, &f))
        return true;
    take_abort(run, &f, ACCESS_FETCH, NULL);
    return false;
}

static bool call(struct run *run, const struct script_op *op)
{
    for (unsigned i = 0; i < ABI_MAX_REGS; i++)
        if (op->args & (1u << i))
            run->r->x[i] = op->arg[i];
    /* Trapped by HCR_EL2.TSC: returns to the SMC itself, unlike an SMC that is taken (DDI0487 D1.4). */
    return leave(run, VEC_SYNC, ESR_EC(EC_SMC64) | ESR_IL);
}

static bool wait(struct run *run, uint64_t trap, uint64_t ti)
{
    /* CV, COND = always, TI (DDI0487 D24.2.40, WF* exceptions). */
    if (run->m->pe[run->pe].hcr_el2 & trap)
        return leave(run, VEC_SYNC, ESR_EC(EC_WFX) | ESR_IL | 1ull << 24 | 0xeull << 20 | ti);
    if (ti == 0)
        realm_wait(run->m, run->pe);
    run->due = 0;
    run->r->pc += 4;
    return true;
}

/* MRS and MSR. An interrupt may be due behind it. */
static bool system_register(struct run *run, const struct script_op *op)
{
    bool write = op->kind == SCRIPT_MSR;
    if (write && op->has_value)
        write_reg(run->r, op->reg, op->value);
    uint32_t sysreg = (uint32_t)op->addr;
    uint64_t v = read_reg(run->r, op->reg), esr = realm_sysreg_esr(sysreg, write, op->reg);
    run->due = 0;
    /* An instruction reads the clock before it has taken its own time. */
    switch (realm_sysreg_access(run->m, run->pe, sysreg, write, &v, run->m->vtime - 1)) {
    case SYSREG_OK: break;
    case SYSREG_TRAP_EL1: realm_take_exception(run->r, esr, NULL, run->r->pc); return true;
    case SYSREG_TRAP_EL2: return leave(run, VEC_SYNC, esr);
    case SYSREG_UNDEF:
        realm_take_exception(run->r, ESR_EC(EC_UNKNOWN) | ESR_IL, NULL, run->r->pc);
        return true;
    }
    if (!write)
        write_reg(run->r, op->reg, v);
    run->r->pc += 4;
    return true;
}

static bool end_by_limit(struct run *run)
{
    run->exc->limit = true;
    return leave(run, VEC_IRQ, 0);
}

/* At a PC without an operation: the RET of a page that was called by `fetch`, or the end. */
static bool step_outside(struct run *run)
{
    const struct script_op *caller = find_op(run, run->r->x[30] - 4);
    if (caller && caller->kind == SCRIPT_FETCH && caller->addr == run->r->pc) {
        if (fetch(run))
            run->r->pc = run->r->x[30];
        else
            return run->exc->esr == 0;
        return true;
    }
    record_failure(run, NO_OPERATION, 0, 0);
    return end_by_limit(run);
}

static bool expect(struct run *run, const struct script_op *op)
{
    uint64_t mask = op->mask ? op->mask : UINT64_MAX, got = read_reg(run->r, op->reg) & mask;
    if (got != (op->value & mask))
        record_failure(run, op->reg, op->value & mask, got);
    run->r->pc += 4;
    return true;
}

/* One operation. False: the Realm left for R-EL2. */
static bool execute(struct run *run, const struct script_op *op)
{
    struct pe_regs *r = run->r;
    switch ((enum script_kind)op->kind) {
    case SCRIPT_SET: write_reg(r, op->reg, op->value); break;
    case SCRIPT_SYSREG:
        r->sys[op->addr] = op->value;
        run->due = 0;
        break;
    case SCRIPT_SMC: return call(run, op);
    case SCRIPT_HVC:
        r->pc += 4;
        return leave(run, VEC_SYNC, ESR_EC(EC_HVC64) | ESR_IL | (op->value & 0xffff));
    case SCRIPT_SVC:
        realm_take_exception(r, ESR_EC(EC_SVC64) | ESR_IL | (op->value & 0xffff), NULL, r->pc + 4);
        return true;
    case SCRIPT_LOAD:
    case SCRIPT_STORE: return access_memory(run, op);
    case SCRIPT_FETCH:
        r->x[30] = r->pc + 4;
        r->pc = op->addr;
        return find_op(run, op->addr) && !fetch(run) ? run->exc->esr == 0 : true;
    case SCRIPT_GOTO: r->pc = op->addr; return true;
    case SCRIPT_ERET:
        r->pc = r->sys[SR_ELR_EL1];
        r->pstate = r->sys[SR_SPSR_EL1];
        run->due = 0;
        return true;
    case SCRIPT_WFI: return wait(run, HCR_TWI, 0);
    case SCRIPT_WFE: return wait(run, HCR_TWE, 1);
    case SCRIPT_MRS:
    case SCRIPT_MSR: return system_register(run, op);
    case SCRIPT_EXPECT: return expect(run, op);
    case SCRIPT_END: return leave(run, VEC_IRQ, 0);
    case SCRIPT_KIND_COUNT: break;
    }
    r->pc += 4;
    return true;
}

/* Lines may be raised by what happens at an event of the run, the rest only by its own operations. */
static bool look_for_interrupts(const struct run *run)
{
    const struct pe *p = &run->m->pe[run->pe];
    uint64_t now = run->m->vtime;
    return p->irq_pending || p->fiq_pending || p->serror_pending || now >= run->due ||
           (p->irq_at && now >= p->irq_at);
}

/* True: one took the PE to R-EL2. */
static bool interrupted(struct run *run)
{
    if (!look_for_interrupts(run))
        return false;
    if (realm_interrupt(run->m, run->pe, run->exc))
        return true;
    run->due = realm_deadline(run->m, run->pe);
    return false;
}

static int script_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct script_set *set = ctx;
    const struct script *script = find_script(set, m->pe[pe].running_rd);
    if (!script && set->next)
        return set->next->enter(set->next_ctx, m, pe, exc);
    static const struct script none;
    struct run run = {
        .set = set, .script = script ? script : &none, .m = m, .pe = pe, .r = &m->pe[pe].r};
    run.exc = exc;
    memset(exc, 0, sizeof(*exc));
    for (uint64_t n = 0;; n++) {
        if (interrupted(&run))
            return CCA_OK;
        if (n == set->limit) {
            end_by_limit(&run);
            return CCA_OK;
        }
        const struct script_op *op = find_op(&run, run.r->pc);
        bool fetched = op && run.section->fetched;
        m->vtime++;
        if (fetched && !fetch(&run)) {
            if (exc->esr)
                return CCA_OK;
            continue;
        }
        if (!(op ? execute(&run, op) : step_outside(&run)))
            return CCA_OK;
    }
}

static void script_flush_tlb(void *ctx, struct machine *m)
{
    struct script_set *set = ctx;
    if (set->next && set->next->flush_tlb)
        set->next->flush_tlb(set->next_ctx, m);
}

static void script_flush_code(void *ctx, struct machine *m, uint64_t granule)
{
    struct script_set *set = ctx;
    if (set->next && set->next->flush_code)
        set->next->flush_code(set->next_ctx, m, granule);
}

static void script_reset(void *ctx, struct machine *m)
{
    struct script_set *set = ctx;
    if (set->next && set->next->reset)
        set->next->reset(set->next_ctx, m);
}

const struct realm_cpu_ops script_cpu = {
    .name = "script",
    .enter = script_enter,
    .flush_tlb = script_flush_tlb,
    .flush_code = script_flush_code,
    .reset = script_reset,
};

void script_set_attach(struct script_set *s, struct machine *m)
{
    if (m->cpu == &script_cpu && m->cpu_ctx == s)
        return;
    s->next = m->cpu;
    s->next_ctx = m->cpu_ctx;
    m->cpu = &script_cpu;
    m->cpu_ctx = s;
}

void script_set_detach(struct script_set *s, struct machine *m)
{
    if (m->cpu != &script_cpu || m->cpu_ctx != s)
        return;
    m->cpu = s->next;
    m->cpu_ctx = s->next_ctx;
}
