/* SPDX-License-Identifier: BSD-3-Clause */
/* One Unicorn instance: set-up, and the exchange of registers with the model. */
#include "cpu_internal.h"

#include <stdlib.h>
#include <string.h>

/* Registers that Unicorn names by number, in the order of the arrays below. */
enum { X_COUNT = 31, R_PC = 31, R_SP, R_SP_EL0, R_SP_EL1, R_SP_EL2, R_COUNT };

static int reg_id(unsigned i)
{
    static const int special[] = {UC_ARM64_REG_PC, UC_ARM64_REG_SP, UC_ARM64_REG_SP_EL0,
                                  UC_ARM64_REG_SP_EL1, UC_ARM64_REG_SP_EL2};
    if (i >= X_COUNT)
        return special[i - X_COUNT];
    return i < 29 ? UC_ARM64_REG_X0 + (int)i : i == 29 ? UC_ARM64_REG_X29 : UC_ARM64_REG_X30;
}

#define SCR_EL3   SYSREG(3, 6, 1, 1, 0)
#define HCR_EL2   SYSREG(3, 4, 1, 1, 0)
#define SPSR_EL1  SYSREG(3, 0, 4, 0, 0)
#define SCTLR_EL1 SYSREG(3, 0, 1, 0, 0)
#define CPACR_EL1 SYSREG(3, 0, 1, 0, 2)
#define TCR_EL1   SYSREG(3, 0, 2, 0, 2)

/* SCR_EL3: NS, HCE, RW, APK, API. HCR_EL2 besides what is copied of the model's: RW, APK, API. */
#define SCR_VALUE (1ull << 0 | 1ull << 8 | 1ull << 10 | 1ull << 16 | 1ull << 17)
#define HCR_VALUE (1ull << 31 | 1ull << 40 | 1ull << 41)
#define FPEN      (3ull << 20)

void engine_write_cp(struct engine *e, uint32_t enc, uint64_t v)
{
    uc_arm64_cp_reg cp = {.op0 = enc >> 14 & 3,
                          .op1 = enc >> 11 & 7,
                          .crn = enc >> 7 & 15,
                          .crm = enc >> 3 & 15,
                          .op2 = enc & 7,
                          .val = v};
    uc_reg_write(e->uc, UC_ARM64_REG_CP_REG, &cp);
}

void engine_stop_here(struct engine *e, enum stop why)
{
    engine_save(e);
    e->saved = true;
    uc_ctl_flush_tlb(e->uc); /* every further access of the block asks, and is refused */
    e->cpu->stats.tlb_flushes++;
    engine_stop(e, why);
}

void engine_stop(struct engine *e, enum stop why)
{
    e->stop = why;
    clock_halt(e);
    uc_emu_stop(e->uc);
}

uint32_t engine_pstate(struct engine *e)
{
    uint32_t v = 0;
    uc_reg_read(e->uc, UC_ARM64_REG_PSTATE, &v);
    return v & ~PSTATE_BTYPE; /* QEMU has FEAT_BTI, and the Realm's ID registers have not */
}

static void hook_intr(uc_engine *uc, uint32_t intno, void *user)
{
    struct engine *e = user;
    (void)uc;
    if (e->saved)
        return;
    e->intno = intno;
    engine_stop(e, STOP_INTR);
}

/* A hook that is added later is not seen by what is already translated. */
static bool want_block_hook(struct engine *e, bool on)
{
    if (e->has_block_hook == on)
        return true;
    uc_err err = on ? uc_hook_add(e->uc, &e->block_hook, UC_HOOK_BLOCK, (void *)hook_block, e, 1, 0)
                    : uc_hook_del(e->uc, e->block_hook);
    e->has_block_hook = on;
    e->want_code_flush = true;
    return err == UC_ERR_OK;
}

static bool add_hooks(struct engine *e)
{
    static const struct {
        int insn;
        uint32_t (*fn)(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *cp, void *user);
    } system[ENGINE_KINDS][3] = {
        {{UC_ARM64_INS_MRS, hook_mrs}, {UC_ARM64_INS_MSR, hook_msr}, {UC_ARM64_INS_SYS, hook_sys}},
        {{UC_ARM64_INS_MRS, host_hook_mrs},
         {UC_ARM64_INS_MSR, host_hook_msr},
         {UC_ARM64_INS_SYS, host_hook_sys}}};
    uc_hook h;
    bool ok = uc_hook_add(e->uc, &h, UC_HOOK_TLB_FILL, (void *)hook_fill, e, 1, 0) == UC_ERR_OK &&
              uc_hook_add(e->uc, &h, UC_HOOK_INTR, (void *)hook_intr, e, 1, 0) == UC_ERR_OK;
    for (unsigned i = 0; i < 3 && ok; i++)
        ok = uc_hook_add(e->uc, &h, UC_HOOK_INSN, (void *)system[e->kind][i].fn, e, 1, 0,
                         system[e->kind][i].insn) == UC_ERR_OK;
    return ok;
}

static bool set_up(struct engine *e)
{
    uint32_t el1h = 0x3c5;
    if (uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &e->uc) != UC_ERR_OK)
        return false;
    /* The page size must be set before anything is mapped; exits on, and none, else `until` would be fetched. */
    if (uc_ctl_set_cpu_model(e->uc, UC_CPU_ARM64_MAX) != UC_ERR_OK ||
        uc_ctl_set_page_size(e->uc, GRANULE_SIZE) != UC_ERR_OK ||
        uc_ctl_tlb_mode(e->uc, UC_TLB_VIRTUAL) != UC_ERR_OK ||
        uc_mem_map_ptr(e->uc, e->m->mem.base, e->m->mem.size, UC_PROT_ALL, e->m->mem.host) !=
            UC_ERR_OK ||
        uc_ctl_exits_enable(e->uc) != UC_ERR_OK || !add_hooks(e))
        return false;
    engine_write_cp(e, SCR_EL3, SCR_VALUE);
    uc_reg_write(e->uc, UC_ARM64_REG_PSTATE, &el1h);
    engine_write_cp(e, CPACR_EL1, FPEN);
    return true;
}

void engine_track(struct engine *e)
{
    size_t words = (e->m->mem.num + 63) / 64;
    free(e->exec);
    e->exec = calloc(words, sizeof(*e->exec));
    if (!e->exec)
        MODEL_BUG("no memory for a bitmap of %zu words", words);
    e->exec_words = words;
}

int engine_open(struct cpu *c, enum engine_kind kind, unsigned pe, struct engine **out)
{
    struct engine *e = calloc(1, sizeof(*e));
    if (!e)
        return CCA_ERR_NOMEM;
    e->cpu = c;
    e->m = c->m;
    e->mapped = c->m->mem;
    e->pe = pe;
    e->kind = kind;
    engine_track(e);
    if (!set_up(e)) {
        engine_close(e);
        return CCA_ERR_CPU;
    }
    *out = e;
    return CCA_OK;
}

void engine_close(struct engine *e)
{
    if (e && e->uc)
        uc_close(e->uc);
    if (e) {
        free(e->special);
        free(e->exec);
        debug_close(e);
    }
    free(e);
}

void engine_forget(struct engine *e)
{
    e->held_valid = false;
    e->event = false;
    e->barren = 0;
    e->told = false;
    e->fp_live = false;
    e->space_valid = false;
    e->want_tlb_flush = true;
    e->want_code_flush = true;
}

void engine_flush(struct engine *e)
{
    if (e->want_code_flush) {
        specials_clear(e);
        e->fp_seen = false;
        uc_ctl_flush_tb(e->uc);
        memset(e->exec, 0, e->exec_words * sizeof(*e->exec));
        e->cpu->stats.code_flushes++;
        e->want_tlb_flush = true; /* so that executable pages are looked at again */
    }
    if (e->want_tlb_flush) {
        uc_ctl_flush_tlb(e->uc);
        e->cpu->stats.tlb_flushes++;
    }
    e->want_code_flush = e->want_tlb_flush = false;
}

bool engine_fetch(struct engine *e, uint64_t pc, uint32_t *insn)
{
    struct mmu_result out;
    struct mmu_fault f;
    if ((pc & 3) ||
        !mmu_translate(e->m, e->pe, PSTATE_EL(engine_pe(e)->r.pstate), pc, ACCESS_FETCH, &out,
                       &f) ||
        out.mmio)
        return false;
    mem_read(e->m, out.pa, insn, sizeof(*insn));
    return true;
}

/* --- engine -> model --- */

uint64_t *engine_sp(struct engine *e, uint64_t pstate)
{
    struct pe_regs *r = &engine_pe(e)->r;
    if (!PSTATE_EL(pstate) || !(pstate & 1))
        return &r->sys[SR_SP_EL0];
    return PSTATE_EL(pstate) == 2 && e->kind == ENGINE_HOST ? &engine_el2(e)[HS_SP_EL2]
                                                            : &r->sys[SR_SP_EL1];
}

static void save_fp(struct engine *e, struct pe_regs *r)
{
    int ids[32];
    void *at[32];
    uint32_t fpcr = 0, fpsr = 0;
    for (int i = 0; i < 32; i++) {
        ids[i] = UC_ARM64_REG_Q0 + i;
        at[i] = &r->v[2 * (size_t)i];
    }
    uc_reg_read_batch(e->uc, ids, at, 32);
    uc_reg_read(e->uc, UC_ARM64_REG_FPCR, &fpcr);
    uc_reg_read(e->uc, UC_ARM64_REG_FPSR, &fpsr);
    r->sys[SR_FPCR] = fpcr;
    r->sys[SR_FPSR] = fpsr;
    memcpy(e->held.v, r->v, sizeof(r->v));
    e->held.sys[SR_FPCR] = fpcr;
    e->held.sys[SR_FPSR] = fpsr;
}

void engine_save(struct engine *e)
{
    struct pe_regs *r = &engine_pe(e)->r;
    uint64_t value[R_COUNT];
    int ids[R_COUNT];
    void *at[R_COUNT];
    for (unsigned i = 0; i < R_COUNT; i++) {
        ids[i] = reg_id(i);
        at[i] = &value[i];
    }
    uc_reg_read_batch(e->uc, ids, at, R_COUNT);
    memcpy(r->x, value, sizeof(r->x));
    r->pc = value[R_PC];
    r->pstate = engine_pstate(e);
    r->sys[SR_SP_EL0] = value[R_SP_EL0];
    r->sys[SR_SP_EL1] = value[R_SP_EL1];
    if (e->kind == ENGINE_HOST)
        engine_el2(e)[HS_SP_EL2] = value[R_SP_EL2];
    *engine_sp(e, r->pstate) = value[R_SP];
    memcpy(e->held.x, r->x, sizeof(r->x));
    e->held.pstate = r->pstate;
    e->held.sys[SR_SP_EL0] = r->sys[SR_SP_EL0];
    e->held.sys[SR_SP_EL1] = r->sys[SR_SP_EL1];
    if (e->kind == ENGINE_HOST)
        e->held_el2[HS_SP_EL2] = engine_el2(e)[HS_SP_EL2];
    if (e->fp_live)
        save_fp(e, r);
}

/* --- model -> engine --- */

static bool differs(const struct engine *e, const struct pe_regs *r, enum pe_sysreg s)
{
    return !e->held_valid || e->held.sys[s] != r->sys[s];
}

static void load_general(struct engine *e, struct pe_regs *r)
{
    int ids[X_COUNT];
    void *at[X_COUNT];
    int n = 0;
    for (unsigned i = 0; i < X_COUNT; i++)
        if (!e->held_valid || e->held.x[i] != r->x[i]) {
            ids[n] = reg_id(i);
            at[n++] = &r->x[i];
        }
    if (n)
        uc_reg_write_batch(e->uc, ids, at, n);
}

/* SP is not banked by a write of PSTATE: the bank in use is moved by hand. */
static void load_stack(struct engine *e, struct pe_regs *r, bool mode_changed)
{
    bool host = e->kind == ENGINE_HOST;
    if (!mode_changed && !differs(e, r, SR_SP_EL0) && !differs(e, r, SR_SP_EL1) &&
        !(host && e->held_el2[HS_SP_EL2] != engine_el2(e)[HS_SP_EL2]))
        return;
    if (host) {
        e->held_el2[HS_SP_EL2] = engine_el2(e)[HS_SP_EL2];
        uc_reg_write(e->uc, UC_ARM64_REG_SP_EL2, &e->held_el2[HS_SP_EL2]);
    }
    uc_reg_write(e->uc, UC_ARM64_REG_SP_EL0, &r->sys[SR_SP_EL0]);
    uc_reg_write(e->uc, UC_ARM64_REG_SP_EL1, &r->sys[SR_SP_EL1]);
    uc_reg_write(e->uc, UC_ARM64_REG_SP, engine_sp(e, r->pstate));
}

/* CPTR_EL2: FPEN with HCR_EL2.E2H, TFP without (DDI0487 D24.2.36). */
bool fp_traps_to_el2(const struct pe *p)
{
    return p->hcr_el2 & HCR_E2H ? !(p->cptr_el2 & (1ull << 20)) : !!(p->cptr_el2 & (1ull << 10));
}

bool fp_traps_to_el1(const struct pe *p, unsigned el)
{
    unsigned fpen = (unsigned)(p->r.sys[SR_CPACR_EL1] >> 20) & 3;
    return !(fpen == 3 || (fpen == 1 && el));
}

/* Unicorn has FP always on. Where it may have to trap, each of its instructions gets a hook when its page is looked
 * through; code that was translated without has to go. */
void engine_fp_mode(struct engine *e)
{
    if (e->kind == ENGINE_HOST) {
        host_fp_mode(e);
        return;
    }
    const struct pe *p = engine_pe(e);
    bool off = fp_traps_to_el2(p) || fp_traps_to_el1(p, 0);
    if (off != e->fp_off && (e->fp_seen || !off))
        e->want_code_flush = true;
    e->fp_off = off;
}

static void write_fp(struct engine *e, struct pe_regs *r)
{
    int ids[32];
    void *at[32];
    uint32_t fpcr = (uint32_t)r->sys[SR_FPCR], fpsr = (uint32_t)r->sys[SR_FPSR];
    for (int i = 0; i < 32; i++) {
        ids[i] = UC_ARM64_REG_Q0 + i;
        at[i] = &r->v[2 * (size_t)i];
    }
    uc_reg_write_batch(e->uc, ids, at, 32);
    uc_reg_write(e->uc, UC_ARM64_REG_FPCR, &fpcr);
    uc_reg_write(e->uc, UC_ARM64_REG_FPSR, &fpsr);
    memcpy(e->held.v, r->v, sizeof(r->v));
    e->held.sys[SR_FPCR] = r->sys[SR_FPCR];
    e->held.sys[SR_FPSR] = r->sys[SR_FPSR];
}

void engine_fp_live(struct engine *e)
{
    if (!e->fp_live)
        write_fp(e, &engine_pe(e)->r);
    e->fp_live = true;
}

static void load_fp(struct engine *e, struct pe_regs *r)
{
    if (e->fp_live &&
        (memcmp(e->held.v, r->v, sizeof(r->v)) != 0 || e->held.sys[SR_FPCR] != r->sys[SR_FPCR] ||
         e->held.sys[SR_FPSR] != r->sys[SR_FPSR]))
        write_fp(e, r);
}

static void load_system(struct engine *e, struct pe *p)
{
    struct pe_regs *r = &p->r;
    uint64_t hcr = HCR_VALUE | (p->hcr_el2 & HCR_TID3);
    if (differs(e, r, SR_ELR_EL1))
        uc_reg_write(e->uc, UC_ARM64_REG_ELR_EL1, &r->sys[SR_ELR_EL1]);
    if (differs(e, r, SR_SPSR_EL1))
        engine_write_cp(e, SPSR_EL1, r->sys[SR_SPSR_EL1]);
    if (differs(e, r, SR_SCTLR_EL1))
        engine_write_cp(e, SCTLR_EL1, r->sys[SR_SCTLR_EL1]);
    if (differs(e, r, SR_TCR_EL1))
        engine_write_cp(e, TCR_EL1, r->sys[SR_TCR_EL1]);
    if (!e->held_valid || e->held_hcr != hcr)
        engine_write_cp(e, HCR_EL2, hcr);
    e->held_hcr = hcr;
    load_fp(e, r);
    static const enum pe_sysreg held[] = {SR_SP_EL0,   SR_SP_EL1,    SR_ELR_EL1,
                                          SR_SPSR_EL1, SR_SCTLR_EL1, SR_TCR_EL1};
    for (unsigned i = 0; i < sizeof(held) / sizeof(held[0]); i++)
        e->held.sys[held[i]] = r->sys[held[i]];
}

static void load_space(struct engine *e, const struct pe *p)
{
    struct space s = {.vttbr = p->vttbr_el2,
                      .vtcr = p->vtcr_el2,
                      .hcr = p->hcr_el2 & (1ull << 0 | 1ull << 2 | 1ull << 46),
                      .sctlr = p->r.sys[SR_SCTLR_EL1],
                      .tcr = p->r.sys[SR_TCR_EL1],
                      .ttbr0 = p->r.sys[SR_TTBR0_EL1],
                      .ttbr1 = p->r.sys[SR_TTBR1_EL1]};
    if (e->kind == ENGINE_HOST)
        host_space(e, &s);
    if (!e->space_valid || memcmp(&s, &e->space, sizeof(s)) != 0) {
        e->want_tlb_flush = true;
        e->fp_live = false; /* until a page with FP instructions is executed again */
    }
    e->space = s;
    e->space_valid = true;
}

int engine_load(struct engine *e)
{
    struct pe *p = engine_pe(e);
    uint32_t pstate = (uint32_t)p->r.pstate;
    bool mode = !e->held_valid || e->held.pstate != p->r.pstate;
    if (!want_block_hook(e, e->cpu->opt.virtual_time || e->watch))
        return CCA_ERR_CPU;
    debug_load(e);
    load_space(e, p);
    engine_fp_mode(e);
    if (e->kind == ENGINE_HOST)
        align_load(e);
    engine_flush(e);
    load_general(e, &p->r);
    load_stack(e, &p->r, mode);
    if (mode)
        uc_reg_write(e->uc, UC_ARM64_REG_PSTATE, &pstate);
    if (e->kind == ENGINE_HOST) {
        host_load_system(e);
        load_fp(e, &p->r);
    } else {
        load_system(e, p);
    }
    if (mode) /* any write of this kind makes QEMU look at PSTATE again */
        engine_write_cp(e, CPACR_EL1, FPEN);
    memcpy(e->held.x, p->r.x, sizeof(p->r.x));
    e->held.pstate = p->r.pstate;
    e->held_valid = true;
    e->refused = false;
    return CCA_OK;
}
