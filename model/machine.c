/* SPDX-License-Identifier: BSD-3-Clause */
#include <ccasim/el3m.h>
#include <ccasim/machine.h>
#include <ccasim/mem.h>
#include <ccasim/mmu.h>
#include <ccasim/realm_cpu.h>
#include <ccasim/rmm.h>

#include <stdlib.h>
#include <string.h>

static void machine_track(struct machine *m)
{
    memset(m->tracked, 0, (m->mem.num + 63) / 64 * sizeof(m->tracked[0]));
    for (uint32_t b = 0; b < m->impl.num_banks; b++) {
        const struct impl_range *bank = &m->impl.bank[b];

        for (uint64_t a = bank->base; a < bank->base + bank->size; a += GRANULE_SIZE) {
            uint32_t i = granule_index(m, a);

            m->tracked[i / 64] |= 1ull << (i % 64);
        }
    }
}

static int machine_boot(struct machine *m)
{
    memset(m->gst, 0, m->mem.num * sizeof(m->gst[0]));
    memset(&m->rmm, 0, sizeof(m->rmm));
    memset(&m->el3m, 0, sizeof(m->el3m));
    memset(m->break_count, 0, sizeof(m->break_count));
    m->broken_granule = m->broken_set = 0;
    m->vtime = 0;
    m->cntfrq = 100000000;
    for (unsigned i = 0; i < CCA_MAX_PES; i++) {
        struct tlb *tlb = m->pe[i].tlb;

        if (tlb)
            tlb_clear(tlb);
        memset(&m->pe[i], 0, sizeof(m->pe[i]));
        m->pe[i].tlb = tlb;
    }
    machine_track(m);
    if (el3m_boot(m) != CCA_OK)
        return CCA_ERR_INVAL;
    el3m_start_rmm(m);
    return CCA_OK;
}

int machine_new(const struct impl *impl, struct machine **out)
{
    struct machine *m;
    char why[8];
    int err = CCA_ERR_NOMEM;

    *out = NULL;
    if (impl_check(impl, why, sizeof(why)) != CCA_OK)
        return CCA_ERR_INVAL;
    m = calloc(1, sizeof(*m));
    if (m == NULL)
        return CCA_ERR_NOMEM;
    m->impl = *impl;
    m->rmm_ops = &rmm_model;
    if (mem_init(&m->mem, impl->dram.base, impl->dram.size) != CCA_OK)
        goto fail;
    m->gst = calloc(m->mem.num, sizeof(m->gst[0]));
    m->tracked = calloc((m->mem.num + 63) / 64, sizeof(m->tracked[0]));
    if (m->gst == NULL || m->tracked == NULL)
        goto fail;
    for (unsigned i = 0; i < impl->num_pes; i++) {
        m->pe[i].tlb = tlb_new();
        if (m->pe[i].tlb == NULL)
            goto fail;
    }
    err = machine_boot(m);
    if (err == CCA_OK) {
        *out = m;
        return CCA_OK;
    }
fail:
    machine_free(m);
    return err;
}

void machine_free(struct machine *m)
{
    if (m == NULL)
        return;
    for (unsigned i = 0; i < CCA_MAX_PES; i++)
        if (m->pe[i].tlb)
            tlb_free(m->pe[i].tlb);
    if (m->mem.host)
        mem_destroy(&m->mem);
    free(m->gst);
    free(m->tracked);
    free(m);
}

void machine_reset(struct machine *m)
{
    mem_clear(m);
    if (m->cpu && m->cpu->reset)
        m->cpu->reset(m->cpu_ctx, m);
    if (machine_boot(m) != CCA_OK)
        MODEL_BUG("a machine that booted once does not boot again");
}
