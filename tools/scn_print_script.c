/* SPDX-License-Identifier: BSD-3-Clause */
/* Scripted Realms back into YAML, an operation a line. */
#include "scn_print_script.h"

#include <ccasim/machine.h>

#include <inttypes.h>

static const char *const sysregs[] = {
#define X(n) #n,
    PE_SYSREGS(X)
#undef X
};

static void print_reg(struct text *t, unsigned reg)
{
    if (reg == 31)
        text_puts(t, "xzr");
    else
        text_printf(t, reg < 32 ? "x%u" : "v%u", reg % 32);
}

/* {x0: value} of the registers that an SMC sets. */
static void print_arguments(struct text *t, const struct script_op *op)
{
    const char *sep = "{";

    if (op->args == 0)
        return;
    for (unsigned i = 0; i < ABI_MAX_REGS; i++) {
        if (!(op->args >> i & 1))
            continue;
        text_printf(t, "%sx%u: ", sep, i);
        print_number(t, op->arg[i]);
        sep = ", ";
    }
    text_puts(t, "}");
}

static void print_access(struct text *t, const struct script_op *op)
{
    text_puts(t, "{reg: ");
    print_reg(t, op->reg);
    text_printf(t, ", at: 0x%" PRIx64 ", size: %u", op->addr, op->size);
    if (op->has_value) {
        text_puts(t, ", value: ");
        print_number(t, op->value);
    }
    if (op->sign)
        text_puts(t, ", sign: true");
    if (!op->sf)
        text_puts(t, ", sf: false");
    if (op->no_syndrome)
        text_puts(t, ", no_syndrome: true");
    text_puts(t, "}");
}

/* The generic name of a system register (DDI0487 D23.3): {op0, op1, CRn, CRm, op2}. */
static void print_sysreg(struct text *t, const struct script_op *op)
{
    uint64_t r = op->addr;

    text_puts(t, "{reg: ");
    print_reg(t, op->reg);
    text_printf(t, ", %s: S%u_%u_C%u_C%u_%u", op->kind == SCRIPT_MRS ? "from" : "to",
                (unsigned)(r >> 14 & 3), (unsigned)(r >> 11 & 7), (unsigned)(r >> 7 & 15),
                (unsigned)(r >> 3 & 15), (unsigned)(r & 7));
    if (op->has_value) {
        text_puts(t, ", value: ");
        print_number(t, op->value);
    }
    text_puts(t, "}");
}

static void print_expected(struct text *t, const struct script_op *op)
{
    text_puts(t, "{");
    print_reg(t, op->reg);
    text_puts(t, op->mask == 0 || op->mask == UINT64_MAX ? ": " : ": {value: ");
    print_number(t, op->value);
    if (op->mask != 0 && op->mask != UINT64_MAX)
        text_printf(t, ", mask: 0x%" PRIx64 "}", op->mask);
    text_puts(t, "}");
}

static bool has_operand(const struct script_op *op)
{
    switch ((enum script_kind)op->kind) {
    case SCRIPT_ERET:
    case SCRIPT_WFI:
    case SCRIPT_WFE:
    case SCRIPT_END: return false;
    case SCRIPT_SMC: return op->args != 0;
    default: return true;
    }
}

static void print_op(struct text *t, const struct script_op *op)
{
    text_printf(t, "- %s:%s", script_kind_name(op->kind), has_operand(op) ? " " : "");
    switch ((enum script_kind)op->kind) {
    case SCRIPT_SET:
        text_puts(t, "{");
        print_reg(t, op->reg);
        text_puts(t, ": ");
        print_number(t, op->value);
        text_puts(t, "}");
        break;
    case SCRIPT_SYSREG:
        text_printf(t, "{%s: ", sysregs[op->addr]);
        print_number(t, op->value);
        text_puts(t, "}");
        break;
    case SCRIPT_SMC: print_arguments(t, op); break;
    case SCRIPT_HVC:
    case SCRIPT_SVC: print_number(t, op->value); break;
    case SCRIPT_LOAD:
    case SCRIPT_STORE: print_access(t, op); break;
    case SCRIPT_FETCH:
    case SCRIPT_GOTO: print_number(t, op->addr); break;
    case SCRIPT_MRS:
    case SCRIPT_MSR: print_sysreg(t, op); break;
    case SCRIPT_EXPECT: print_expected(t, op); break;
    case SCRIPT_ERET:
    case SCRIPT_WFI:
    case SCRIPT_WFE:
    case SCRIPT_END:
    case SCRIPT_KIND_COUNT: break;
    }
    text_puts(t, "\n");
}

void print_scripts(struct text *t, const struct scenario *sc)
{
    text_puts(t, sc->num_scripts ? "script:\n" : "");
    for (unsigned i = 0; i < sc->num_scripts; i++) {
        const struct script *s = sc->scripts[i].script;

        text_printf(t, "  %s:%s\n", sc->scripts[i].name, s->num ? "" : " {}");
        for (uint32_t k = 0; k < s->num; k++) {
            const struct script_section *sec = &s->sections[k];

            text_printf(t, "    0x%" PRIx64 ":\n      fetched: %s\n      ops:%s\n", sec->pc,
                        sec->fetched ? "true" : "false", sec->num ? "" : " []");
            for (uint32_t n = 0; n < sec->num; n++) {
                text_puts(t, "        ");
                print_op(t, &sec->ops[n]);
            }
        }
    }
}
