/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_SET_RIPAS (B4.3.21): the Host carries out as much of a Realm's RIPAS change (A5.4) as one
 * RTT describes: up to the first TABLE entry, and up to the first DESTROYED one unless the Realm
 * asked for those too.
 */
#include "../spec_internal.h"

enum {
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    REC_ALIGN,
    REC_BOUND,
    REC_GRAN_STATE,
    REC_STATE,
    REC_OWNER,
    SIZE_VALID,
    BASE_BOUND,
    TOP_BOUND,
    BASE_ALIGN,
    TOP_GRAN_ALIGN,
    NO_PROGRESS,
};

const struct spec_cond spec_rtt_set_ripas_conds[] = {
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [REC_ALIGN] = SPEC_COND("rec_align", "!AddrIsGranuleAligned(rec_ptr)", RMI_ERROR_INPUT),
    [REC_BOUND] = SPEC_COND("rec_bound", "!PaIsDelegable(rec_ptr)", RMI_ERROR_INPUT),
    [REC_GRAN_STATE] =
        SPEC_COND("rec_gran_state", "Granule(rec_ptr).state != REC", RMI_ERROR_INPUT),
    [REC_STATE] = SPEC_COND("rec_state", "rec.state == REC_RUNNING", RMI_ERROR_REC),
    [REC_OWNER] = SPEC_COND("rec_owner", "rec.owner != rd", RMI_ERROR_REC),
    [SIZE_VALID] = SPEC_COND("size_valid", "UInt(top) <= UInt(base)", RMI_ERROR_INPUT),
    [BASE_BOUND] = SPEC_COND("base_bound", "base != rec.ripas_addr", RMI_ERROR_INPUT),
    [TOP_BOUND] = SPEC_COND("top_bound", "UInt(top) > UInt(rec.ripas_top)", RMI_ERROR_INPUT),
    [BASE_ALIGN] = SPEC_COND_AT(
        "base_align", "!AddrIsRttLevelAligned(base, walk.level) && ripas != rec.ripas_value",
        RMI_ERROR_RTT, "walk.level"),
    [TOP_GRAN_ALIGN] = SPEC_COND("top_gran_align", "!AddrIsGranuleAligned(top)", RMI_ERROR_INPUT),
    [NO_PROGRESS] =
        SPEC_COND_AT("no_progress", "UInt(base) == UInt(walk_top) && ripas != rec.ripas_value",
                     RMI_ERROR_RTT, "walk.level"),
};

#define RD_VALID (SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE))

const struct spec_order spec_rtt_set_ripas_orders[] = {
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    SPEC_IMPLIED(REC_ALIGN, REC_BOUND, REC_GRAN_STATE),
    {RD_VALID, SPEC_ROW(BASE_ALIGN), "B4.3.21.2.1"},
    {RD_VALID, SPEC_ROW(NO_PROGRESS), "B4.3.21.2.1"},
    {SPEC_ROW(REC_BOUND) | SPEC_ROW(REC_GRAN_STATE), SPEC_ROW(REC_STATE) | SPEC_ROW(REC_OWNER),
     "B4.3.21.2.1"},
    {SPEC_ROW(BASE_BOUND), SPEC_ROW(BASE_ALIGN), "B4.3.21.2.1"},
    {SPEC_ROW(TOP_GRAN_ALIGN), SPEC_ROW(NO_PROGRESS), "B4.3.21.2.1"},
};

enum { LOOSE_OUTPUTS, LOOSE_BACK };

const struct spec_loose spec_rtt_set_ripas_loose[] = {
    [LOOSE_OUTPUTS] = SPEC_OUTPUTS_UNDEFINED,
    [LOOSE_BACK] = {"out_top where base lies inside an entry that has the requested RIPAS, and top "
                    "too: base, or the entry's first IPA",
                    "RttSkipEntriesWithRipas (B3.75) aligns down, below base; rec.ripas_addr of "
                    "the model never goes back, for the Realm did not ask for what lies there"},
};

const struct spec_variant spec_rtt_set_ripas_variants[] = {
    {"unassigned_empty_to_ram", "UNASSIGNED, EMPTY becomes RAM"},
    {"unassigned_empty_to_empty", "UNASSIGNED, EMPTY stays"},
    {"unassigned_ram_to_ram", "UNASSIGNED, RAM stays"},
    {"unassigned_ram_to_empty", "UNASSIGNED, RAM becomes EMPTY"},
    {"unassigned_destroyed_to_ram", "UNASSIGNED, DESTROYED becomes RAM, as the Realm allowed"},
    {"unassigned_destroyed_to_empty", "UNASSIGNED, DESTROYED becomes EMPTY, as the Realm allowed"},
    {"assigned_empty_to_ram", "ASSIGNED, EMPTY becomes RAM"},
    {"assigned_empty_to_empty", "ASSIGNED, EMPTY stays"},
    {"assigned_ram_to_ram", "ASSIGNED, RAM stays"},
    {"assigned_ram_to_empty", "ASSIGNED, RAM becomes EMPTY"},
    {"assigned_destroyed_to_ram", "ASSIGNED, DESTROYED becomes RAM, as the Realm allowed"},
    {"assigned_destroyed_to_empty", "ASSIGNED, DESTROYED becomes EMPTY, as the Realm allowed"},
    {"up_to_destroyed", "it ends at a DESTROYED entry, which the Realm did not allow to change"},
    {"up_to_table", "it ends at a TABLE entry, or with the RTT"},
};

static uint64_t top_of(const struct spec_call *c)
{
    return c->in[4];
}

static void context(struct spec_call *c)
{
    spec_context_rd(c, c->in[1]);
    c->pa = c->in[2];
    c->rec = spec_find_rec(c->s, c->pa);
    c->ipa = c->in[3];
    spec_context_walk(c, c->ipa, SPEC_PAGE_LEVEL);
}

static bool rec_gran_state(const struct spec_call *c)
{
    return spec_pa_is_not(c->s, c->pa, SPEC_REC);
}

static bool rec_state(const struct spec_call *c)
{
    return c->rec && c->rec->pub.running;
}

static bool rec_owner(const struct spec_call *c)
{
    return c->rec && c->rec->pub.rd != c->rd;
}

static bool size_valid(const struct spec_call *c)
{
    return top_of(c) <= c->ipa;
}

static bool base_bound(const struct spec_call *c)
{
    return c->rec && c->ipa != c->rec->pub.ripas_addr;
}

static bool top_bound(const struct spec_call *c)
{
    return c->rec && top_of(c) > c->rec->pub.ripas_top;
}

/* ripas != rec.ripas_value: of an entry that has a RIPAS, and a request that there is. */
static bool ripas_differs(const struct spec_call *c)
{
    return c->rec && c->walk.table && !c->walk.rtte.ns &&
           (enum ripas)c->walk.rtte.ripas != c->rec->pub.ripas_value;
}

static bool base_align(const struct spec_call *c)
{
    return ripas_differs(c) && !spec_is_level_aligned(c->ipa, c->walk.level);
}

static bool top_gran_align(const struct spec_call *c)
{
    return !is_granule_aligned(top_of(c));
}

/* RttSkipEntriesUnlessRipas(rtt, level, base, DESTROYED). */
static uint64_t skip_to_destroyed(const struct spec *s, const struct spec_table *t, uint64_t ipa)
{
    unsigned index = (unsigned)((ipa - t->ipa) >> spec_level_shift(t->level));

    while (index < SPEC_ENTRIES && spec_table_get(s, t, index).ripas != RIPAS_DESTROYED)
        index++;
    return t->ipa + level_size(t->level) * index;
}

/* Where the entries end that may change; what lies there. */
static uint64_t entries_top(const struct spec_call *c, const char **what)
{
    uint64_t table = spec_skip_to_table(c->s, c->walk.table, c->ipa);
    uint64_t destroyed = UINT64_MAX;

    if (!c->rec->pub.ripas_destroyed)
        destroyed = skip_to_destroyed(c->s, c->walk.table, c->ipa);
    *what = destroyed < table ? "up_to_destroyed" : "up_to_table";
    return destroyed < table ? destroyed : table;
}

/* RttSkipEntriesWithRipas (B3.75). */
static uint64_t walk_top(const struct spec_call *c)
{
    const char *what;
    uint64_t top = entries_top(c, &what);

    return align_down(top_of(c) < top ? top_of(c) : top, level_size(c->walk.level));
}

static bool no_progress(const struct spec_call *c)
{
    return ripas_differs(c) && c->ipa == walk_top(c);
}

static const char *variant(const struct spec_call *c)
{
    static const char *const to_ram[2][3] = {
        {[RIPAS_EMPTY] = "unassigned_empty_to_ram",
         [RIPAS_RAM] = "unassigned_ram_to_ram",
         [RIPAS_DESTROYED] = "unassigned_destroyed_to_ram"},
        {[RIPAS_EMPTY] = "assigned_empty_to_ram",
         [RIPAS_RAM] = "assigned_ram_to_ram",
         [RIPAS_DESTROYED] = "assigned_destroyed_to_ram"},
    };
    static const char *const to_empty[2][3] = {
        {[RIPAS_EMPTY] = "unassigned_empty_to_empty",
         [RIPAS_RAM] = "unassigned_ram_to_empty",
         [RIPAS_DESTROYED] = "unassigned_destroyed_to_empty"},
        {[RIPAS_EMPTY] = "assigned_empty_to_empty",
         [RIPAS_RAM] = "assigned_ram_to_empty",
         [RIPAS_DESTROYED] = "assigned_destroyed_to_empty"},
    };
    struct spec_entry e = c->walk.rtte;
    const char *what;

    if (entries_top(c, &what) < top_of(c))
        return what;
    if (c->rec->pub.ripas_value == RIPAS_RAM)
        return to_ram[e.hipas == HIPAS_ASSIGNED][e.ripas];
    return to_empty[e.hipas == HIPAS_ASSIGNED][e.ripas];
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    struct spec_table *t = c->walk.table;
    struct spec_rec *rec = &c->rec->pub;
    uint64_t size = level_size(c->walk.level);
    uint64_t top = walk_top(c);
    unsigned index = c->walk.index;

    c->v->variant = variant(c);
    for (uint64_t ipa = c->ipa; ipa < top; ipa += size, index++) {
        struct spec_entry e = spec_table_get(s, t, index);

        e.ripas = (unsigned)rec->ripas_value & 3u;
        spec_table_set(s, t, index, e);
    }
    if (top < c->ipa) {
        c->alt_reg = 1;
        c->alt_value = top;
        c->v->loose_mask |= 1u << LOOSE_BACK;
        top = c->ipa;
    }
    rec->ripas_addr = top;
    spec_touch(s, SPEC_TOUCH_REC, c->pa, 0);
    spec_out(c, 1, top);
}

static const spec_predicate holds[] = {
    [RD_ALIGN] = spec_rd_align,        [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,        [REC_ALIGN] = spec_pa_align,
    [REC_BOUND] = spec_pa_bound,       [REC_GRAN_STATE] = rec_gran_state,
    [REC_STATE] = rec_state,           [REC_OWNER] = rec_owner,
    [SIZE_VALID] = size_valid,         [BASE_BOUND] = base_bound,
    [TOP_BOUND] = top_bound,           [BASE_ALIGN] = base_align,
    [TOP_GRAN_ALIGN] = top_gran_align, [NO_PROGRESS] = no_progress,
};

const struct spec_body spec_rtt_set_ripas_body = {
    .context = context, .holds = holds, .success = success};
