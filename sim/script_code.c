/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs Realm code without an emulator: the loop, fetches, and where exceptions go (DDI0487 D1.3, D24.2.45). */
#include "code.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT 10000000u
/* Exceptions in a row without an instruction: a vector that faults at its first, for ever. */
#define MAX_IDLE 1000u

#define HCR_E2H         (1ull << 34)
#define ISS_COND_ALWAYS (1ull << 24 | 0xeull << 20) /* CV, COND */

struct script_code *script_code_new(void)
{
    struct script_code *c = calloc(1, sizeof(*c));

    if (c)
        c->opt = (struct script_code_options){.virtual_time = true, .insn_limit = DEFAULT_LIMIT};
    return c;
}

void script_code_free(struct script_code *c)
{
    free(c);
}

void script_code_reset(struct script_code *c, const struct script_code_options *o)
{
    memset(c, 0, sizeof(*c));
    c->opt = *o;
}

bool script_code_unknown(const struct script_code *c, uint32_t *insn, uint64_t *pc)
{
    *insn = c->unknown_insn;
    *pc = c->unknown_pc;
    return c->unknown;
}

void code_forget(struct code_run *c)
{
    c->fetch_page = 0;
    c->look = true;
}

void code_forget_stores(struct code_run *c)
{
    code_forget(c);
    c->set->stores[c->pe].num = 0;
}

/* Another address space than that of the last entry on this PE is a change. */
static void begin_stores(struct code_run *c)
{
    struct code_stores *s = &c->set->stores[c->pe];
    uint64_t vttbr = c->m->pe[c->pe].vttbr_el2;
    const uint64_t *sys = c->r->sys;

    if (s->vttbr != vttbr || s->sctlr != sys[SR_SCTLR_EL1] || s->tcr != sys[SR_TCR_EL1] ||
        s->ttbr0 != sys[SR_TTBR0_EL1] || s->ttbr1 != sys[SR_TTBR1_EL1])
        s->num = 0;
}

static void end_stores(struct code_run *c)
{
    struct code_stores *s = &c->set->stores[c->pe];
    const uint64_t *sys = c->r->sys;

    s->vttbr = c->m->pe[c->pe].vttbr_el2;
    s->sctlr = sys[SR_SCTLR_EL1];
    s->tcr = sys[SR_TCR_EL1];
    s->ttbr0 = sys[SR_TTBR0_EL1];
    s->ttbr1 = sys[SR_TTBR1_EL1];
}

/* --- exceptions --------------------------------------------------------------------------------------------------- */

enum done code_to_el1(struct code_run *c, uint64_t esr, const uint64_t *far, uint64_t return_pc)
{
    realm_take_exception(c->r, esr, far, return_pc);
    c->exclusive = false;
    code_forget(c);
    return DONE_AGAIN;
}

enum done code_to_el2(struct code_run *c, uint64_t esr)
{
    c->exc->vector = VEC_SYNC;
    c->exc->esr = esr;
    return DONE_TRAP;
}

enum done code_undefined(struct code_run *c)
{
    return code_to_el1(c, ESR_EC(EC_UNKNOWN) | ESR_IL, NULL, c->r->pc);
}

enum done code_fault(struct code_run *c, const struct mmu_fault *f, enum access_kind kind,
                     uint64_t iss)
{
    unsigned from = code_el(c), to = mmu_fault_target_el(f);
    uint64_t esr = mmu_fault_esr(f, kind, from, to, iss);

    ev(c->m, c->pe, EV_FAULT, to == 2 ? f->ipa : f->va, esr, 0);
    if (to == 1)
        return code_to_el1(c, esr, &f->va, c->r->pc);
    c->exc->far = f->va;
    c->exc->hpfar = mmu_fault_hpfar(f);
    return code_to_el2(c, esr);
}

/* EC 0x07 to who disabled it: CPACR_EL1.FPEN, then CPTR_EL2 (FPEN with HCR_EL2.E2H, TFP without; D24.2.36). */
enum done code_fp_access(struct code_run *c)
{
    const struct pe *p = &c->m->pe[c->pe];
    unsigned fpen = (unsigned)(p->r.sys[SR_CPACR_EL1] >> 20) & 3;
    uint64_t esr = ESR_EC(EC_FP) | ESR_IL | ISS_COND_ALWAYS;
    bool el2 = p->hcr_el2 & HCR_E2H ? !(p->cptr_el2 & 1ull << 20) : p->cptr_el2 & 1ull << 10;

    if (fpen != 3 && !(fpen == 1 && code_el(c)))
        return code_to_el1(c, esr, NULL, c->r->pc);
    return el2 ? code_to_el2(c, esr) : DONE_NEXT;
}

static bool is_illegal_state(const struct pe_regs *r)
{
    unsigned mode = r->pstate & 0x1f;

    return (r->pstate & CODE_PSTATE_IL) || (mode != 0 && mode != 4 && mode != 5);
}

/* --- one instruction ---------------------------------------------------------------------------------------------- */

/* DONE_NEXT: *insn is the instruction at PC. */
static enum done fetch(struct code_run *c, uint32_t *insn)
{
    uint64_t pc = c->r->pc, page = (pc & ~GRANULE_MASK) | 1;
    struct mmu_result out;
    struct mmu_fault f;

    if (is_illegal_state(c->r))
        return code_to_el1(c, ESR_EC(EC_ILLEGAL) | ESR_IL, NULL, pc);
    if (pc & 3)
        return code_to_el1(c, ESR_EC(EC_PC_ALIGN) | ESR_IL, &pc, pc);
    if (page != c->fetch_page) {
        if (!mmu_translate(c->m, c->pe, code_el(c), pc, ACCESS_FETCH, &out, &f))
            return code_fault(c, &f, ACCESS_FETCH, 0);
        c->fetch_page = page;
        c->fetch_pa = align_down(out.pa, GRANULE_SIZE);
        c->m->mem.prov[granule_index(c->m, c->fetch_pa)].was_exec = 1;
    }
    mem_read(c->m, c->fetch_pa | (pc & GRANULE_MASK), insn, sizeof(*insn));
    return DONE_NEXT;
}

static enum done execute(struct code_run *c, uint32_t insn)
{
    switch (bits(insn, 28, 25)) {
    case 0: return bits(insn, 31, 16) == 0 ? code_undefined(c) : DONE_UNKNOWN; /* UDF */
    case 8:
    case 9: return code_alu_immediate(c, insn);
    case 10:
    case 11: return code_branch_system(c, insn);
    case 4:
    case 6:
    case 12:
    case 14: return code_load_store(c, insn);
    case 5:
    case 13: return code_alu_register(c, insn);
    case 7:
    case 15: return code_simd(c, insn);
    default: return DONE_UNKNOWN;
    }
}

static enum done step(struct code_run *c)
{
    uint32_t insn = 0;
    enum done d = fetch(c, &insn);

    if (d != DONE_NEXT)
        return d;
    d = execute(c, insn);
    if (d == DONE_UNKNOWN) {
        c->set->unknown = true;
        c->set->unknown_insn = insn;
        c->set->unknown_pc = c->r->pc;
    }
    return d;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static int leave_by_irq(struct realm_exception *exc, bool limit)
{
    *exc = (struct realm_exception){.vector = VEC_IRQ, .limit = limit};
    return CCA_OK;
}

/* Is an interrupt due before the next instruction? Asked only when something may have changed. */
static bool interrupted(struct code_run *c, uint64_t *deadline)
{
    if (!c->look && c->m->vtime < *deadline)
        return false;
    c->look = false;
    if (realm_interrupt(c->m, c->pe, c->exc))
        return true;
    c->fetch_page = 0; /* a virtual interrupt was taken, perhaps */
    *deadline = realm_deadline(c->m, c->pe);
    return false;
}

static int run(struct code_run *c)
{
    uint64_t deadline = 0;
    unsigned idle = 0;

    for (uint64_t n = 0; idle < MAX_IDLE && n < c->set->opt.insn_limit;) {
        enum done d;
        bool executed;

        if (interrupted(c, &deadline))
            return CCA_OK;
        d = step(c);
        if (d == DONE_UNKNOWN)
            return leave_by_irq(c->exc, false);
        executed = d != DONE_AGAIN && d != DONE_TRAP;
        idle = executed ? 0 : idle + 1;
        n += executed;
        c->m->vtime += executed && c->virtual_time;
        if (d == DONE_NEXT)
            c->r->pc += 4;
        if (d == DONE_LEAVE || d == DONE_TRAP)
            return CCA_OK;
    }
    return leave_by_irq(c->exc, true);
}

static int code_enter(void *ctx, struct machine *m, unsigned pe, struct realm_exception *exc)
{
    struct script_code *set = ctx;
    struct code_run c = {.set = set, .m = m, .pe = pe, .r = &m->pe[pe].r, .exc = exc};
    int err;

    memset(exc, 0, sizeof(*exc));
    if (set->unknown)
        return leave_by_irq(exc, false);
    c.virtual_time = set->opt.virtual_time;
    c.look = true;
    c.outer = set->run;
    set->run = &c;
    begin_stores(&c);
    err = run(&c);
    end_stores(&c);
    set->run = c.outer;
    return err;
}

static void code_flush(void *ctx, struct machine *m)
{
    struct script_code *set = ctx;

    (void)m;
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        set->stores[i].num = 0;
    for (struct code_run *c = set->run; c; c = c->outer)
        code_forget(c);
}

const struct realm_cpu_ops script_code_cpu = {
    .name = "script-code",
    .runs_code = true,
    .enter = code_enter,
    .flush_tlb = code_flush,
    .reset = code_flush,
};
