/* SPDX-License-Identifier: BSD-3-Clause */
#include "gdb_target.h"

#include <ccasim/gpt.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>

#include <stdio.h>
#include <string.h>

#define NUM_X     31u
#define REG_SP    31u
#define REG_PC    32u
#define REG_CPSR  33u
#define REG_V     34u
#define NUM_V     32u
#define REG_FPSR  (REG_V + NUM_V)
#define REG_FPCR  (REG_FPSR + 1)
#define REG_EL1   (REG_FPCR + 1) /* and on: enum pe_sysreg */
#define REG_EL2   (REG_EL1 + SR_COUNT)
#define NUM_REGS  (REG_EL2 + HS_COUNT)
#define PSTATE_SP 1u

bool gdb_in_realm(const struct machine *m, unsigned pe)
{
    return m->pe[pe].world == WORLD_REALM && m->pe[pe].running_rec;
}

static unsigned el_of(const struct machine *m, unsigned pe)
{
    return (unsigned)(m->pe[pe].r.pstate >> 2) & 3;
}

/* --- the description --- */

static const char head[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
    "<target version=\"1.0\">\n<architecture>aarch64</architecture>\n"
    "<feature name=\"org.gnu.gdb.aarch64.core\">\n"
    "<flags id=\"cpsr_flags\" size=\"4\">\n"
    "<field name=\"SP\" start=\"0\" end=\"0\"/><field name=\"EL\" start=\"2\" end=\"3\"/>\n"
    "<field name=\"nRW\" start=\"4\" end=\"4\"/><field name=\"F\" start=\"6\" end=\"6\"/>\n"
    "<field name=\"I\" start=\"7\" end=\"7\"/><field name=\"A\" start=\"8\" end=\"8\"/>\n"
    "<field name=\"D\" start=\"9\" end=\"9\"/><field name=\"BTYPE\" start=\"10\" end=\"11\"/>\n"
    "<field name=\"SSBS\" start=\"12\" end=\"12\"/><field name=\"IL\" start=\"20\" end=\"20\"/>\n"
    "<field name=\"SS\" start=\"21\" end=\"21\"/><field name=\"PAN\" start=\"22\" end=\"22\"/>\n"
    "<field name=\"UAO\" start=\"23\" end=\"23\"/><field name=\"DIT\" start=\"24\" end=\"24\"/>\n"
    "<field name=\"V\" start=\"28\" end=\"28\"/><field name=\"C\" start=\"29\" end=\"29\"/>\n"
    "<field name=\"Z\" start=\"30\" end=\"30\"/><field name=\"N\" start=\"31\" end=\"31\"/>\n"
    "</flags>\n";

static const char fpu[] = "</feature>\n<feature name=\"org.gnu.gdb.aarch64.fpu\">\n"
                          "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>\n"
                          "<vector id=\"v2u\" type=\"uint64\" count=\"2\"/>\n"
                          "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>\n"
                          "<vector id=\"v4u\" type=\"uint32\" count=\"4\"/>\n"
                          "<vector id=\"v8u\" type=\"uint16\" count=\"8\"/>\n"
                          "<vector id=\"v16u\" type=\"uint8\" count=\"16\"/>\n"
                          "<union id=\"aarch64v\">\n"
                          "<field name=\"d\" type=\"v2d\"/><field name=\"s\" type=\"v4f\"/>\n"
                          "<field name=\"q\" type=\"uint128\"/><field name=\"u64\" type=\"v2u\"/>\n"
                          "<field name=\"u32\" type=\"v4u\"/><field name=\"u16\" type=\"v8u\"/>\n"
                          "<field name=\"u8\" type=\"v16u\"/>\n</union>\n";

static void reg_xml(struct text *t, const char *name, unsigned bits, const char *type,
                    const char *group)
{
    text_printf(t, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"", name, bits, type);
    if (group)
        text_printf(t, " group=\"%s\"", group);
    text_puts(t, "/>\n");
}

/* System registers by the names that the architecture gives them. */
static void system_xml(struct text *t)
{
    static const char *const names[] = {
#define X(n) #n,
        PE_SYSREGS(X) HOST_SYSREGS(X)
#undef X
    };

    text_puts(t, "</feature>\n<feature name=\"ccasim.system\">\n");
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        reg_xml(t, names[i], 64, "uint64", "system");
}

void gdb_target_xml(struct text *t)
{
    char name[8];

    text_puts(t, head);
    for (unsigned i = 0; i < NUM_X; i++) {
        snprintf(name, sizeof(name), "x%u", i);
        reg_xml(t, name, 64, "int", NULL);
    }
    reg_xml(t, "sp", 64, "data_ptr", NULL);
    reg_xml(t, "pc", 64, "code_ptr", NULL);
    reg_xml(t, "cpsr", 32, "cpsr_flags", NULL);
    text_puts(t, fpu);
    for (unsigned i = 0; i < NUM_V; i++) {
        snprintf(name, sizeof(name), "v%u", i);
        reg_xml(t, name, 128, "aarch64v", NULL);
    }
    reg_xml(t, "fpsr", 32, "int", "float");
    reg_xml(t, "fpcr", 32, "int", "float");
    system_xml(t);
    text_puts(t, "</feature>\n</target>\n");
}

/* --- registers --- */

unsigned gdb_num_regs(void)
{
    return NUM_REGS;
}

unsigned gdb_num_general_regs(void)
{
    return REG_FPCR + 1;
}

unsigned gdb_reg_size(unsigned reg)
{
    if (reg >= NUM_REGS)
        return 0;
    if (reg >= REG_V && reg < REG_FPSR)
        return 16;
    return reg == REG_CPSR || reg == REG_FPSR || reg == REG_FPCR ? 4 : 8;
}

/* The stack pointer that PSTATE selects. */
static uint64_t *sp_of(struct machine *m, unsigned pe)
{
    unsigned el = el_of(m, pe);

    if (el == 0 || !(m->pe[pe].r.pstate & PSTATE_SP))
        return &m->pe[pe].r.sys[SR_SP_EL0];
    return el == 1 ? &m->pe[pe].r.sys[SR_SP_EL1] : &m->plat->pe[pe].el2[HS_SP_EL2];
}

/* Where the register is; a 16-byte one: its low half. */
static uint64_t *reg_at(struct machine *m, unsigned pe, unsigned reg)
{
    struct pe_regs *r = &m->pe[pe].r;

    if (reg < NUM_X)
        return &r->x[reg];
    if (reg >= REG_EL2)
        return &m->plat->pe[pe].el2[reg - REG_EL2];
    if (reg >= REG_EL1)
        return &r->sys[reg - REG_EL1];
    switch (reg) {
    case REG_SP: return sp_of(m, pe);
    case REG_PC: return &r->pc;
    case REG_CPSR: return &r->pstate;
    case REG_FPSR: return &r->sys[SR_FPSR];
    case REG_FPCR: return &r->sys[SR_FPCR];
    default: return &r->v[2 * (reg - REG_V)];
    }
}

void gdb_reg_read(const struct machine *m, unsigned pe, unsigned reg, uint8_t out[GDB_REG_MAX])
{
    memcpy(out, reg_at((struct machine *)(uintptr_t)m, pe, reg), gdb_reg_size(reg));
}

void gdb_reg_write(struct machine *m, unsigned pe, unsigned reg, const uint8_t in[GDB_REG_MAX])
{
    memcpy(reg_at(m, pe, reg), in, gdb_reg_size(reg));
    /* It may have changed what an address means. */
    if (reg >= REG_EL1 && m->cpu && m->cpu->flush_tlb)
        m->cpu->flush_tlb(m->cpu_ctx, m);
}

/* --- memory --- */

#define TCR_HA_HD     (3ull << 39) /* TCR_EL1, and TCR_EL2 where HCR_EL2.E2H is 1 */
#define TCR_EL2_HA_HD (3ull << 21)
#define VTCR_HA_HD    (3ull << 21)
#define PSTATE_PAN    (1ull << 22)

/* A machine that shares memory with m and nothing else, for one translation by the PE. */
struct view {
    struct machine m;
    struct platform plat;
};

static void view_open(struct view *v, const struct machine *m, unsigned pe)
{
    uint64_t *el2 = v->plat.pe[pe].el2;

    v->m = *m;
    v->plat = *m->plat;
    v->m.plat = &v->plat;
    v->m.ev.mask = 0;
    v->m.cpu = NULL;
    if (!gdb_in_realm(m, pe))
        v->m.pe[pe].world = WORLD_NS;
    v->m.pe[pe].tlb = tlb_clone(m->pe[pe].tlb);
    if (v->m.pe[pe].tlb == NULL)
        MODEL_BUG("no memory for a TLB");
    /* The tables stay as they are: what hardware would mark as accessed is not there yet. */
    v->m.pe[pe].r.sys[SR_TCR_EL1] &= ~TCR_HA_HD;
    v->m.pe[pe].vtcr_el2 &= ~VTCR_HA_HD;
    v->m.pe[pe].r.pstate &= ~PSTATE_PAN;
    el2[HS_TCR_EL2] &= el2[HS_HCR_EL2] & HCR_E2H_BIT ? ~TCR_HA_HD : ~TCR_EL2_HA_HD;
    el2[HS_VTCR_EL2] &= ~VTCR_HA_HD;
}

static bool translate(const struct machine *m, unsigned pe, uint64_t va, uint64_t *pa)
{
    static const enum access_kind kinds[] = {ACCESS_READ, ACCESS_FETCH};
    struct mmu_result r = {0};
    struct mmu_fault f;
    struct view v;
    bool found = false;

    view_open(&v, m, pe);
    for (unsigned i = 0; i < 2 && !found; i++)
        found = mmu_translate(&v.m, pe, el_of(m, pe), va, kinds[i], &r, &f);
    tlb_free(v.m.pe[pe].tlb);
    *pa = r.pa;
    return found && !r.mmio;
}

/* Bytes from the address on that are together in memory, at *pa. */
static size_t piece(const struct machine *m, unsigned pe, bool physical, uint64_t a, size_t len,
                    uint64_t *pa)
{
    size_t n = GRANULE_SIZE - (size_t)(a & GRANULE_MASK);

    *pa = a;
    if ((!physical && !translate(m, pe, a, pa)) || !mem_contains(m, *pa))
        return 0;
    return n < len ? n : len;
}

size_t gdb_mem_read(const struct machine *m, unsigned pe, bool physical, uint64_t a, void *buf,
                    size_t len)
{
    size_t done = 0;

    while (done < len) {
        uint64_t pa;
        size_t n = piece(m, pe, physical, a + done, len - done, &pa);

        if (n == 0)
            break;
        mem_read(m, pa, (uint8_t *)buf + done, n);
        done += n;
    }
    return done;
}

static bool is_there(const struct machine *m, unsigned pe, bool physical, uint64_t a, size_t len)
{
    uint64_t pa;

    for (size_t n, done = 0; done < len; done += n) {
        n = piece(m, pe, physical, a + done, len - done, &pa);
        if (n == 0)
            return false;
    }
    return true;
}

bool gdb_mem_write(struct machine *m, unsigned pe, bool physical, uint64_t a, const void *buf,
                   size_t len)
{
    if (!is_there(m, pe, physical, a, len))
        return false;
    for (size_t n, done = 0; done < len; done += n) {
        uint64_t pa;

        n = piece(m, pe, physical, a + done, len - done, &pa);
        mem_write(m, pa, (const uint8_t *)buf + done, n,
                  gpt_pas(m, pa) == PAS_NS ? OWNER_HOST : OWNER_NONE, 0);
    }
    return true;
}
