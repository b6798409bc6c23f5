/* SPDX-License-Identifier: BSD-3-Clause */
/* RMI_REC_CREATE (B4.3.12): a REC and its auxiliary granules, while the Realm is NEW. */
#include <string.h>

#include "../spec_internal.h"

enum {
    PARAMS_ALIGN,
    PARAMS_BOUND,
    PARAMS_PAS,
    REC_ALIGN,
    REC_BOUND,
    REC_STATE,
    RD_ALIGN,
    RD_BOUND,
    RD_STATE,
    REALM_STATE,
    NUM_RECS,
    MPIDR_INDEX,
    NUM_AUX,
    AUX_ALIGN,
    AUX_ALIAS,
    AUX_STATE,
};

const struct spec_cond spec_rec_create_conds[] = {
    [PARAMS_ALIGN] =
        SPEC_COND("params_align", "!AddrIsGranuleAligned(params_ptr)", RMI_ERROR_INPUT),
    [PARAMS_BOUND] = SPEC_COND("params_bound", "!PaIsDelegable(params_ptr)", RMI_ERROR_INPUT),
    [PARAMS_PAS] =
        SPEC_COND("params_pas", "!GranuleAccessPermitted(params_ptr, PAS_NS)", RMI_ERROR_INPUT),
    [REC_ALIGN] = SPEC_COND("rec_align", "!AddrIsGranuleAligned(rec)", RMI_ERROR_INPUT),
    [REC_BOUND] = SPEC_COND("rec_bound", "!PaIsDelegable(rec)", RMI_ERROR_INPUT),
    [REC_STATE] = SPEC_COND("rec_state", "Granule(rec).state != DELEGATED", RMI_ERROR_INPUT),
    [RD_ALIGN] = SPEC_COND("rd_align", "!AddrIsGranuleAligned(rd)", RMI_ERROR_INPUT),
    [RD_BOUND] = SPEC_COND("rd_bound", "!PaIsDelegable(rd)", RMI_ERROR_INPUT),
    [RD_STATE] = SPEC_COND("rd_state", "Granule(rd).state != RD", RMI_ERROR_INPUT),
    [REALM_STATE] = SPEC_COND("realm_state", "realm.state != REALM_NEW", RMI_ERROR_REALM),
    [NUM_RECS] = SPEC_COND("num_recs", "realm.num_recs == (2 ^ ImplFeatures().max_recs_order) - 1",
                           RMI_ERROR_REALM),
    [MPIDR_INDEX] =
        SPEC_COND("mpidr_index", "RecIndex(params.mpidr) != realm.rec_index", RMI_ERROR_INPUT),
    [NUM_AUX] = SPEC_COND("num_aux", "params.num_aux != RecAuxCount(rd)", RMI_ERROR_INPUT),
    [AUX_ALIGN] =
        SPEC_COND("aux_align", "!AuxAligned(params.aux, params.num_aux)", RMI_ERROR_INPUT),
    [AUX_ALIAS] =
        SPEC_COND("aux_alias", "AuxAlias(rec, params.aux, params.num_aux)", RMI_ERROR_INPUT),
    [AUX_STATE] = SPEC_COND("aux_state", "!AuxStateEqual(params.aux, params.num_aux, DELEGATED)",
                            RMI_ERROR_INPUT),
};

const struct spec_order spec_rec_create_orders[] = {
    SPEC_IMPLIED(PARAMS_ALIGN, PARAMS_BOUND, PARAMS_PAS),
    SPEC_IMPLIED(REC_ALIGN, REC_BOUND, REC_STATE),
    SPEC_IMPLIED(RD_ALIGN, RD_BOUND, RD_STATE),
    {SPEC_ROW(RD_BOUND) | SPEC_ROW(RD_STATE), SPEC_ROW(REALM_STATE) | SPEC_ROW(NUM_RECS),
     "B4.3.12.2.1"},
};

const struct spec_variant spec_rec_create_variants[] = {
    {"runnable", "runnable: its parameters extend the RIM"},
    {"not_runnable", "not runnable: the RIM stays"},
};

static void context(struct spec_call *c)
{
    struct spec_rec_params *p = &c->rec_params;
    const uint8_t *page = c->s->page;

    spec_context_rd(c, c->in[1]);
    c->pa = c->in[2];
    spec_context_read(c, c->in[3], GRANULE_SIZE);
    if (!c->ptr_read)
        return;
    p->flags = spec_load(page, REC_PARAMS_FLAGS, 8);
    p->mpidr = spec_load(page, REC_PARAMS_MPIDR, 8);
    p->pc = spec_load(page, REC_PARAMS_PC, 8);
    p->num_aux = spec_load(page, REC_PARAMS_NUM_AUX, 8);
    for (unsigned i = 0; i < REC_NUM_CREATE_GPRS; i++)
        p->gprs[i] = spec_load(page, REC_PARAMS_GPRS + 8 * i, 8);
    for (unsigned i = 0; i < REC_MAX_AUX; i++)
        p->aux[i] = spec_load(page, REC_PARAMS_AUX + 8 * i, 8);
}

static bool num_recs(const struct spec_call *c)
{
    return c->realm && c->realm->pub.num_recs == (1u << c->s->impl.max_recs_order) - 1;
}

/*
 * RecIndex (B3.38): Aff3:Aff2:Aff1:Aff0[3:0]. The other bits of RmiRecMpidr SBZ, which never makes
 * a call fail.
 */
static uint64_t rec_index(uint64_t mpidr)
{
    return (mpidr & 0xf) | ((mpidr >> 8) & 0xff) << 4 | ((mpidr >> 16) & 0xff) << 12 |
           ((mpidr >> 24) & 0xff) << 20;
}

static bool mpidr_index(const struct spec_call *c)
{
    return c->ptr_read && c->realm && rec_index(c->rec_params.mpidr) != c->realm->pub.rec_index;
}

static bool num_aux(const struct spec_call *c)
{
    return c->ptr_read && c->rec_params.num_aux != c->s->impl.rec_aux_count;
}

/*
 * AuxAligned, AuxAlias and AuxStateEqual assert count <= 16 (B3.9, B3.10, B3.13): meaningless
 * above.
 */
static unsigned aux_count(const struct spec_call *c)
{
    return c->ptr_read && c->rec_params.num_aux <= REC_MAX_AUX ? (unsigned)c->rec_params.num_aux
                                                               : 0;
}

static bool aux_align(const struct spec_call *c)
{
    for (unsigned i = 0; i < aux_count(c); i++) {
        if (!is_granule_aligned(c->rec_params.aux[i]))
            return true;
    }
    return false;
}

static bool aux_alias(const struct spec_call *c)
{
    const uint64_t *aux = c->rec_params.aux;

    for (unsigned i = 0; i < aux_count(c); i++) {
        if (aux[i] == c->pa)
            return true;
        for (unsigned j = 0; j < i; j++) {
            if (aux[i] == aux[j])
                return true;
        }
    }
    return false;
}

static bool aux_state(const struct spec_call *c)
{
    for (unsigned i = 0; i < aux_count(c); i++) {
        const struct spec_gnode *g = spec_gnode(c->s, c->rec_params.aux[i]);

        if (!g || g->state != SPEC_DELEGATED)
            return true;
    }
    return false;
}

#define MPIDR_FIELDS 0xffffff0full /* RmiRecMpidr: Aff3, Aff2, Aff1, Aff0[3:0] */

static void set_attributes(struct spec_recnode *r, const struct spec_call *c)
{
    const struct spec_rec_params *p = &c->rec_params;

    memset(r, 0, sizeof(*r));
    r->pa = c->pa;
    r->realm = spec_gnode(c->s, c->rd)->node;
    r->pub.rd = c->rd;
    r->pub.mpidr = p->mpidr & MPIDR_FIELDS;
    r->pub.runnable = p->flags & REC_PARAMS_FLAG_RUNNABLE;
    r->pub.num_aux = (uint32_t)p->num_aux;
    memcpy(r->pub.aux, p->aux, sizeof(r->pub.aux[0]) * p->num_aux);
    spec_reset_regs(&r->pub.regs);
    memcpy(r->pub.regs.x, p->gprs, sizeof(p->gprs));
    r->pub.regs.pc = p->pc;
    spec_expect_is(r, &r->pub.regs);
    r->expect.open_el1 = true;
    r->variant = "first";
}

static void success(struct spec_call *c)
{
    struct spec *s = c->s;
    uint32_t index = spec_pool_take(&s->recs);
    struct spec_recnode *r = spec_rec_node(s, index);

    set_attributes(r, c);
    spec_set_state(s, c->pa, SPEC_REC, index, 0);
    for (uint32_t i = 0; i < r->pub.num_aux; i++)
        spec_set_state(s, r->pub.aux[i], SPEC_REC_AUX, index, 0);
    if (r->pub.runnable)
        spec_rim_extend_rec(c->realm, &c->rec_params);
    c->realm->pub.num_recs++;
    c->realm->pub.rec_index++;
    spec_touch(s, SPEC_TOUCH_REC, c->pa, 0);
    spec_touch(s, SPEC_TOUCH_REALM, c->rd, 0);
    c->v->variant = r->pub.runnable ? "runnable" : "not_runnable";
}

static const spec_predicate holds[] = {
    [PARAMS_ALIGN] = spec_ptr_align,
    [PARAMS_BOUND] = spec_ptr_bound,
    [PARAMS_PAS] = spec_ptr_pas,
    [REC_ALIGN] = spec_pa_align,
    [REC_BOUND] = spec_pa_bound,
    [REC_STATE] = spec_pa_delegated,
    [RD_ALIGN] = spec_rd_align,
    [RD_BOUND] = spec_rd_bound,
    [RD_STATE] = spec_rd_state,
    [REALM_STATE] = spec_realm_not_new,
    [NUM_RECS] = num_recs,
    [MPIDR_INDEX] = mpidr_index,
    [NUM_AUX] = num_aux,
    [AUX_ALIGN] = aux_align,
    [AUX_ALIAS] = aux_alias,
    [AUX_STATE] = aux_state,
};

const struct spec_body spec_rec_create_body = {
    .context = context, .holds = holds, .success = success};
