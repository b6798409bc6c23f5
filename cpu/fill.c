/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Translations for the engine's TLB. An answer grants only what the access needs: a first store to a page comes
 * here again, which marks the granule dirty, and a page that is both code and data does not make its stores slow.
 */
#include "cpu_internal.h"

#include <stdlib.h>

/* SPSR_EL1 that EL1 may return with: AArch64 EL0t, EL1t, EL1h. */
static bool is_legal_return(uint64_t spsr)
{
    unsigned mode = spsr & 0x1f;
    return mode == 0 || mode == 4 || mode == 5;
}

static bool is_stopping_access(uint32_t insn)
{
    struct insn_system i;
    return insn_decode_system(insn, &i) && sysreg_stops(SYSREG(i.op0, i.op1, i.crn, i.crm, i.op2));
}

/* The Realm's own event register; the other PEs' are the platform's. */
static void send_event(struct engine *e, bool to_all)
{
    e->event = true;
    for (unsigned i = 0; to_all && i < e->m->impl.num_pes; i++)
        e->m->plat->pe[i].event = true;
}

/*
 * WFE never traps in QEMU, nor FP in Unicorn, and an illegal return goes unnoticed: they get a hook each when their
 * page is first executed. The page may have changed since then.
 */
static void hook_special(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct engine *e = user;
    struct pe *p = engine_pe(e);
    uint32_t insn = 0;
    bool stop = false;
    (void)uc;
    (void)size;
    if (e->saved || e->stop == STOP_BREAK)
        return;
    p->r.pstate = engine_pstate(e);
    unsigned el = PSTATE_EL(p->r.pstate);
    if (!engine_fetch(e, addr, &insn))
        return;
    if (e->kind == ENGINE_HOST)
        stop = host_stops_before(e, addr, insn);
    else if (insn == INSN_ERET)
        stop = el == 1 && !is_legal_return(p->r.sys[SR_SPSR_EL1]);
    else if (insn == INSN_SEV || insn == INSN_SEVL)
        send_event(e, insn == INSN_SEV);
    else if (insn == INSN_WFE)
        stop = (p->hcr_el2 & HCR_TWE) || (!el && !(p->r.sys[SR_SCTLR_EL1] & SCTLR_NTWE)) ||
               (e->m->sched && e->m->sched->yield);
    else if (is_stopping_access(insn))
        stop = true;
    else if (insn_uses_fp(insn))
        stop = fp_traps_to_el2(p) || fp_traps_to_el1(p, el);
    if (stop)
        engine_stop(e, STOP_HOOKED);
}

void specials_clear(struct engine *e)
{
    for (size_t i = 0; i < e->num_special; i++)
        uc_hook_del(e->uc, e->special[i]);
    e->num_special = 0;
    e->num_pages = 0;
}

void code_changed(struct cpu *c, uint64_t pa)
{
    for (unsigned i = 0; i < NUM_ENGINES; i++) {
        struct engine *e = cpu_engine(c, i);
        if (!e || !engine_executed(e, pa))
            continue;
        e->want_code_flush = true;
        if (e->running)
            engine_stop(e, STOP_REQUEST);
    }
}

static void add_special(struct engine *e, uint64_t va)
{
    if (e->num_special == e->max_special) {
        size_t max = e->max_special ? 2 * e->max_special : 64;
        uc_hook *grown = realloc(e->special, max * sizeof(*grown));
        if (!grown)
            MODEL_BUG("no memory for %zu hooks", max);
        e->special = grown;
        e->max_special = max;
    }
    if (uc_hook_add(e->uc, &e->special[e->num_special], UC_HOOK_CODE, (void *)hook_special, e, va,
                    va) != UC_ERR_OK)
        MODEL_BUG("Unicorn has no room for a hook");
    e->num_special++;
}

static bool is_special(const struct engine *e, uint32_t insn)
{
    if (insn_uses_fp(insn) && e->fp_off)
        return true;
    if (e->kind == ENGINE_HOST)
        return host_is_special(insn);
    if (insn == INSN_SEV ||
        insn == INSN_SEVL) /* without other PEs that run code an event is none */
        return e->m->plat != NULL;
    return insn == INSN_WFE || insn == INSN_ERET || is_stopping_access(insn);
}

static bool look_through(struct engine *e, uint64_t va, uint64_t granule)
{
    uint64_t scratch[512];
    const uint64_t *pair = mem_view(e->m, granule, scratch);
    bool fp = false;
    for (unsigned i = 0; i < GRANULE_SIZE / 4; i++) {
        uint32_t insn = (uint32_t)(pair[i / 2] >> (i % 2 ? 32 : 0));
        fp |= insn_uses_fp(insn);
        if (is_special(e, insn))
            add_special(e, va + 4ull * i);
    }
    return fp;
}

static void scan(struct engine *e, uint64_t va, uint64_t granule)
{
    unsigned i = 0;
    while (i < e->num_pages && (e->page[i].va != va || e->page[i].granule != granule))
        i++;
    if (i ==
        MAX_PAGES) /* start over with the next flush; hooks of one address may double till then */
        i = e->num_pages = 0;
    if (i == e->num_pages)
        e->page[e->num_pages++] =
            (struct scanned){.va = va, .granule = granule, .fp = look_through(e, va, granule)};
    if (e->page[i].fp) {
        e->fp_seen |= !e->fp_off;
        engine_fp_live(e);
    }
}

/* LDTR and STTR are checked as EL0's here: at EL1, and at EL2 with an EL0 in its own regime. */
static bool has_unprivileged(struct engine *e, unsigned el)
{
    const uint64_t both = HCR_E2H_BIT | HCR_TGE_BIT;
    if (el == 1)
        return engine_pe(e)->r.sys[SR_SCTLR_EL1] & SCTLR_M;
    return (engine_el2(e)[HS_SCTLR_EL2] & SCTLR_M) && (engine_el2(e)[HS_HCR_EL2] & both) == both;
}

/* LDTR and STTR at EL1 have the permissions of EL0, unless PSTATE.UAO is set. */
static unsigned access_el(struct engine *e, enum access_kind kind)
{
    struct pe_regs *r = &engine_pe(e)->r;
    unsigned el = PSTATE_EL(r->pstate);
    uint64_t pc = 0;
    uint32_t insn;
    if (!el || kind == ACCESS_FETCH || (r->pstate & PSTATE_UAO) || !has_unprivileged(e, el))
        return el;
    uc_reg_read(e->uc, UC_ARM64_REG_PC, &pc);
    if (!engine_fetch(e, pc, &insn))
        return el;
    return (insn & 0x3F200C00) == 0x38000800 ? 0 : el;
}

/* The first store to a granule. Who executes it elsewhere has to see what it becomes; this engine discards its own
 * translations by itself. */
static void stored(struct engine *e, uint64_t pa)
{
    bool host = e->kind == ENGINE_HOST;
    mem_guest_dirty(e->m, e->pe, pa, host ? OWNER_HOST : OWNER_REALM,
                    host ? 0 : engine_pe(e)->running_rd);
    for (unsigned i = 0; i < NUM_ENGINES && e->m->mem.prov[granule_index(e->m, pa)].was_exec; i++) {
        struct engine *other = cpu_engine(e->cpu, i);
        if (other && other != e && engine_executed(other, pa))
            other->want_code_flush = true;
    }
}

bool hook_fill(uc_engine *uc, uint64_t vaddr, uc_mem_type type, uc_tlb_entry *result, void *user)
{
    struct engine *e = user;
    struct pe *p = engine_pe(e);
    struct mmu_result out;
    struct mmu_fault f;
    enum access_kind kind = type == UC_MEM_FETCH   ? ACCESS_FETCH
                            : type == UC_MEM_WRITE ? ACCESS_WRITE
                                                   : ACCESS_READ;
    uint32_t flushes;
    (void)uc;
    if (!e->running) {
        /* Memory is being unmapped, and Unicorn asks where its last code was: the machine has nothing to do with it. */
        result->paddr = e->mapped.base;
        result->perms = UC_PROT_READ | UC_PROT_EXEC;
        return true;
    }
    if (e->saved)
        return false;
    e->cpu->stats.fills++;
    p->r.pstate = engine_pstate(e);
    unsigned el = access_el(e, kind);
    do {
        flushes = e->flushes;
        if (!mmu_translate(e->m, e->pe, el, vaddr, kind, &out, &f) || out.mmio) {
            e->stop = STOP_FAULT;
            e->fault_page = vaddr;
            e->fault_kind = kind;
            return false;
        }
        /* Listeners may act on this event, and invalidate what was just looked up. */
        if (kind == ACCESS_WRITE)
            stored(e, out.pa);
    } while (flushes != e->flushes);
    result->paddr = out.pa;
    result->perms = kind == ACCESS_WRITE ? UC_PROT_WRITE : 0;
    if (out.perm & MMU_R)
        result->perms = (uc_prot)((unsigned)result->perms | UC_PROT_READ);
    if (kind == ACCESS_FETCH) {
        result->perms = (uc_prot)((unsigned)result->perms | UC_PROT_EXEC);
        uint32_t i = granule_index(e->m, out.pa);
        e->m->mem.prov[i].was_exec = 1;
        e->exec[i / 64] |= 1ull << i % 64;
        scan(e, vaddr, out.pa);
    }
    return true;
}
