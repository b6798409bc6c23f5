/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the GIC share: which interrupt is pending where, its states, and the registers of a bit an interrupt. */
#include "plat/devices.h"

#include <string.h>

#define ROUTER_ANY (1ull << 31) /* Interrupt_Routing_Mode: to any one participating PE */

/* --- reset -------------------------------------------------------------------------------------------------------- */

#define BPR_LEAST \
    3u /* ICC_BPR1_EL1 of the Non-secure state: the least for five priority bits, IHI0069 table of 4.8.2 */

static void reset_cpu_interface(struct gic_pe *p)
{
    p->group_enabled = p->split_eoi = false;
    /* Firmware lets every priority pass, else Non-secure software could not set the mask at all. */
    p->mask = GIC_PRIORITY_MASK;
    p->bpr = BPR_LEAST;
    p->active = 0;
}

static void hide(struct gic *g, unsigned intid)
{
    if (intid >= GIC_FIRST_SPI) {
        g->spi[intid / 32].visible &= ~(1u << intid % 32);
        return;
    }
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        g->pe[i].own.visible &= ~(1u << intid);
}

void gic_reset(struct gic *g, const struct plat_desc *d, unsigned num_pes)
{
    memset(g, 0, sizeof(*g));
    g->num_pes = num_pes;
    g->num_words = d->num_intids / 32;
    memcpy(g->mpidr, d->mpidr, sizeof(g->mpidr));
    for (unsigned i = 1; i < g->num_words; i++)
        g->spi[i].visible = UINT32_MAX;
    for (unsigned i = 0; i < CCA_MAX_PES; i++) {
        g->pe[i].own.visible = UINT32_MAX;
        g->pe[i].own.edge = 0xffff; /* SGIs */
        reset_cpu_interface(&g->pe[i]);
    }
    for (const uint16_t *s = d->secure_intid; *s; s++)
        hide(g, *s);
    gic_touch(g);
}

void gic_reset_pe(struct gic *g, unsigned pe)
{
    reset_cpu_interface(&g->pe[pe]);
    gic_touch(g); /* what goes to any PE, goes to another one now */
}

/* --- inputs ------------------------------------------------------------------------------------------------------- */

void gic_touch(struct gic *g)
{
    for (unsigned i = 0; i < g->num_pes; i++)
        g->pe[i].stale = true;
}

static void set_lines(struct gic_word *w, uint32_t level)
{
    w->latched |= level & ~w->line & w->edge;
    w->line = level;
}

void gic_set_spi(struct gic *g, unsigned intid, bool level)
{
    struct gic_word *w = &g->spi[intid / 32];
    uint32_t bit = 1u << intid % 32;

    if (((w->line & bit) != 0) == level)
        return;
    set_lines(w, level ? w->line | bit : w->line & ~bit);
    gic_touch(g);
}

void gic_set_ppis(struct gic *g, unsigned pe, uint32_t level)
{
    struct gic_pe *p = &g->pe[pe];

    level &= 0xffff0000;
    if (__builtin_expect(p->own.line == level, 1))
        return;
    set_lines(&p->own, level);
    p->stale = true;
}

/* --- what is pending ---------------------------------------------------------------------------------------------- */

static uint32_t pending(const struct gic_word *w)
{
    return w->latched | (w->line & ~w->edge);
}

/* Forwarded to a CPU interface: pending, enabled, and not active, so that one who is handled is not handled twice. */
static uint32_t forwarded(const struct gic_word *w)
{
    return pending(w) & w->enabled & ~w->active & w->visible;
}

/* Any one PE that takes interrupts of the group: the first, so that each run takes the same. */
static unsigned any_pe(const struct gic *g)
{
    for (unsigned i = 0; i < g->num_pes; i++)
        if (g->pe[i].group_enabled)
            return i;
    return 0;
}

static bool routed_to(const struct gic *g, unsigned intid, unsigned pe)
{
    uint64_t router = g->router[intid];

    return router & ROUTER_ANY ? any_pe(g) == pe : router == g->mpidr[pe];
}

static void consider(struct gic_pe *p, const struct gic_word *w, unsigned bit, unsigned intid)
{
    if (w->priority[bit] < p->best_priority) {
        p->best = (uint16_t)intid;
        p->best_priority = w->priority[bit];
    }
}

static void find_best(struct gic *g, unsigned pe)
{
    struct gic_pe *p = &g->pe[pe];

    p->stale = false;
    p->best = GIC_INTID_SPURIOUS;
    p->best_priority = GIC_PRIORITY_IDLE;
    if (!g->group_enabled)
        return;
    for (uint32_t bits = forwarded(&p->own); bits; bits &= bits - 1)
        consider(p, &p->own, (unsigned)__builtin_ctz(bits), (unsigned)__builtin_ctz(bits));
    for (unsigned i = 1; i < g->num_words; i++)
        for (uint32_t bits = forwarded(&g->spi[i]); bits; bits &= bits - 1) {
            unsigned bit = (unsigned)__builtin_ctz(bits);

            if (routed_to(g, 32 * i + bit, pe))
                consider(p, &g->spi[i], bit, 32 * i + bit);
        }
}

unsigned gic_highest_pending(struct gic *g, unsigned pe)
{
    struct gic_pe *p = &g->pe[pe];

    if (p->stale)
        find_best(g, pe);
    return p->group_enabled ? p->best : GIC_INTID_SPURIOUS;
}

/* --- priorities --------------------------------------------------------------------------------------------------- */

/* Bits of a priority that preempt. The binary point is one of physical priorities, which have one bit more in front. */
static unsigned group_priority(const struct gic_pe *p, unsigned priority)
{
    return priority & (0xffu << (p->bpr + 1)) & 0xff;
}

/* Active priorities are numbered by the physical priority's upper five bits: ours are 16 to 31. */
#define FIRST_LEVEL 16u

unsigned gic_running_priority(const struct gic_pe *p)
{
    uint32_t active = p->active >> FIRST_LEVEL;

    return active ? (unsigned)__builtin_ctz(active) << 4 : GIC_PRIORITY_IDLE;
}

unsigned gic_signalled(struct gic *g, unsigned pe)
{
    struct gic_pe *p = &g->pe[pe];
    unsigned intid = gic_highest_pending(g, pe), running;

    if (intid == GIC_INTID_SPURIOUS || p->best_priority >= p->mask)
        return GIC_INTID_SPURIOUS;
    running = gic_running_priority(p);
    if (running != GIC_PRIORITY_IDLE && group_priority(p, p->best_priority) >= running)
        return GIC_INTID_SPURIOUS;
    return intid;
}

/* --- states ------------------------------------------------------------------------------------------------------- */

static struct gic_word *word_of(struct gic *g, unsigned pe, uint32_t intid)
{
    if (intid >= 32 * g->num_words)
        return NULL;
    return intid < GIC_FIRST_SPI ? &g->pe[pe].own : &g->spi[intid / 32];
}

unsigned gic_acknowledge(struct gic *g, unsigned pe)
{
    struct gic_pe *p = &g->pe[pe];
    unsigned intid = gic_signalled(g, pe);
    uint32_t bit = 1u << intid % 32;
    struct gic_word *w = word_of(g, pe, intid);

    if (w == NULL)
        return GIC_INTID_SPURIOUS;
    p->active |= 1u << (FIRST_LEVEL + (group_priority(p, p->best_priority) >> 4));
    w->active |= bit;
    w->latched &= ~bit;
    gic_touch(g);
    return intid;
}

void gic_deactivate(struct gic *g, unsigned pe, uint32_t intid)
{
    struct gic_word *w = word_of(g, pe, intid);

    if (w == NULL)
        return;
    w->active &= ~(1u << intid % 32) | ~w->visible;
    gic_touch(g);
}

/* Priority drop: the highest active priority goes, whose ever it is (what else is written is UNPREDICTABLE). */
void gic_end(struct gic *g, unsigned pe, uint32_t intid)
{
    struct gic_pe *p = &g->pe[pe];

    if (intid >= GIC_INTID_SPECIAL)
        return;
    p->active &= p->active - 1;
    if (!p->split_eoi)
        gic_deactivate(g, pe, intid);
}

/* ICC_SGI1R_EL1: Aff3 [55:48], RS [47:44], IRM [40], Aff2 [39:32], INTID [27:24], Aff1 [23:16], target list [15:0]. */
static bool is_target(uint64_t mpidr, uint64_t value)
{
    uint64_t others =
        (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 8 & 0xff) << 16;
    uint64_t of_value = value & (0xffull << 48 | 0xffull << 32 | 0xffull << 16);
    unsigned aff0 = mpidr & 0xff;

    return others == of_value && aff0 / 16 == (value >> 44 & 0xf) && (value >> aff0 % 16 & 1);
}

void gic_send_sgi(struct gic *g, unsigned pe, uint64_t value)
{
    bool all_others = value >> 40 & 1;
    uint32_t bit = 1u << (value >> 24 & 0xf);

    for (unsigned i = 0; i < g->num_pes; i++) {
        if (all_others ? i == pe : !is_target(g->mpidr[i], value))
            continue;
        g->pe[i].own.latched |= bit & g->pe[i].own.visible;
        g->pe[i].stale = true;
    }
}

/* --- registers that distributor and redistributor have alike ------------------------------------------------------- */

static uint32_t read_bits(const struct gic_word *w, enum gic_bits offset)
{
    switch (offset) {
    case GIC_ISENABLER:
    case GIC_ICENABLER: return w->enabled & w->visible;
    case GIC_ISPENDR:
    case GIC_ICPENDR: return pending(w) & w->visible;
    case GIC_ISACTIVER:
    case GIC_ICACTIVER: return w->active & w->visible;
    default: return 0; /* IGROUPR: of Secure software alone */
    }
}

static void write_bits(struct gic_word *w, enum gic_bits offset, uint32_t bits)
{
    bits &= w->visible;
    switch (offset) {
    case GIC_ISENABLER: w->enabled |= bits; break;
    case GIC_ICENABLER: w->enabled &= ~bits; break;
    case GIC_ISPENDR: w->latched |= bits; break;
    case GIC_ICPENDR: w->latched &= ~bits; break;
    case GIC_ISACTIVER: w->active |= bits; break;
    case GIC_ICACTIVER: w->active &= ~bits; break;
    default: break;
    }
}

void gic_bits_access(struct gic_word *w, enum gic_bits offset, struct plat_io *io)
{
    if (io->write)
        write_bits(w, offset, (uint32_t)io->value);
    else
        io->value = read_bits(w, offset);
}

void gic_priority_access(struct gic_word *w, unsigned first, struct plat_io *io)
{
    for (unsigned i = 0; i < io->size; i++) {
        uint8_t *priority = &w->priority[first + i];

        if (!(w->visible >> (first + i) & 1))
            continue; /* reads as zero, ignores writes */
        if (io->write)
            *priority = (uint8_t)(io->value >> 8 * i) & GIC_PRIORITY_MASK;
        else
            io->value |= (uint64_t)*priority << 8 * i;
    }
}

void gic_config_access(struct gic_word *w, unsigned half, uint32_t fixed, struct plat_io *io)
{
    uint32_t changeable = w->visible & ~fixed;

    for (unsigned i = 0; i < 16; i++) {
        uint32_t bit = 1u << (16 * half + i);
        uint64_t edge = 2ull << 2 * i;

        if (!io->write)
            io->value |= w->edge & w->visible & bit ? edge : 0;
        else if (changeable & bit)
            w->edge = io->value & edge ? w->edge | bit : w->edge & ~bit;
    }
}

uint32_t gic_id(uint32_t offset, uint8_t part)
{
    /* PIDR2.ArchRev 3: GICv3. The designer is Arm. */
    const uint8_t id[8] = {0x44, 0, 0, 0, part, 0xb4, 0x3b, 0};

    return primecell_id(offset & 0xfff, id);
}
