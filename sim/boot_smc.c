/* SPDX-License-Identifier: BSD-3-Clause */
/* SMCs of host code: an RMI is judged as that of a scenario's step is, and told; others go to EL3M. */
#include "boot_internal.h"

#include <ccasim/el3m.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>

#include <string.h>

#define INSN_SIZE 4u

/* The instruction at `pc`, 0 where it cannot be fetched. */
static uint32_t insn_at(struct boot *b, unsigned pe, uint64_t pc)
{
    unsigned el = (unsigned)(b->m->pe[pe].r.pstate >> 2) & 3;
    struct mmu_result out;
    struct mmu_fault f;
    uint32_t insn = 0;

    if ((pc & 3) == 0 && mmu_translate(b->m, pe, el, pc, ACCESS_FETCH, &out, &f) && !out.mmio)
        mem_read(b->m, out.pa, &insn, sizeof(insn));
    return insn;
}

static struct boot_call new_call(struct boot *b, unsigned pe, uint64_t pc)
{
    struct boot_call c = {.number = b->result.rmi_calls, .pe = pe, .pc = pc};

    c.began = c.ended = boot_vtime(b);
    if (b->opt.before_call || b->opt.on_call)
        c.insn = insn_at(b, pe, pc);
    return c;
}

static void tell(struct boot *b, struct boot_call *c)
{
    size_t count;

    check_findings(b->check, &count);
    c->first_finding = b->told;
    c->num_findings = count - b->told;
    b->told = count;
    c->ended = boot_vtime(b);
    if (b->opt.on_call)
        b->opt.on_call(b->opt.ctx, c);
}

void boot_tell_findings(struct boot *b, unsigned pe)
{
    struct boot_call c;
    size_t count;

    check_findings(b->check, &count);
    if (__builtin_expect(count == b->told, 1))
        return;
    c = new_call(b, pe, b->m->pe[pe].r.pc);
    tell(b, &c);
}

/* What the RMM should have given back stands in the way of every call that follows. */
static void end_after_leak(struct boot *b, const struct boot_call *c)
{
    size_t count;
    const struct finding *f = check_findings(b->check, &count);

    for (size_t i = c->first_finding; i < count; i++)
        if (strcmp(f[i].rule, "lock-leak") == 0 || strcmp(f[i].rule, "slot-leak") == 0)
            boot_ends(b, BOOT_WEDGED, c->pe,
                      "the RMM came back with a lock or a slot that it has not given up");
}

static void judged_smc(struct boot *b, unsigned pe, uint64_t regs[ABI_MAX_REGS])
{
    struct boot_call c;
    uint64_t in[ABI_MAX_REGS];

    memcpy(in, regs, sizeof(in));
    b->result.rmi_calls++;
    boot_tell_findings(b, pe);
    c = new_call(b, pe, b->m->pe[pe].r.pc - INSN_SIZE);
    c.in = in;
    c.out = regs;
    if (b->opt.before_call)
        b->opt.before_call(b->opt.ctx, &c);
    check_step_begin(b->check, pe, c.number);
    check_rmi_begin(b->check, pe, in);
    el3m_smc(b->m, pe, WORLD_NS, regs);
    check_rmi_end(b->check, pe, in, regs);
    check_step_end(b->check, pe);
    c.verdict = check_last_verdict(b->check, pe);
    tell(b, &c);
    if (c.num_findings)
        end_after_leak(b, &c);
}

static bool is_rmi(uint64_t fid)
{
    fid &= ~SMC_FID_SVE_HINT;
    return fid >= RMI_FID_FIRST && fid < RMI_REQ_COMPLETE;
}

void boot_smc(struct boot *b, unsigned pe)
{
    struct pe_regs *r = &b->m->pe[pe].r;
    uint64_t regs[ABI_MAX_REGS];

    memcpy(regs, r->x, sizeof(regs));
    if (is_rmi(regs[0])) {
        judged_smc(b, pe, regs);
    } else {
        b->result.other_smcs++;
        el3m_smc(b->m, pe, WORLD_NS, regs);
    }
    memcpy(r->x, regs, sizeof(regs));
}
