/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RmiRecExit (A4.3): every byte of it is zero unless the kind of exit says otherwise, except
 * gicv3_*, cnt* and pmu_ovf_status, which every exit from a run reports.
 */
#include <string.h>

#include "spec_internal.h"

void spec_exit_start(struct spec_recnode *r, enum rec_exit_reason reason, const char *what)
{
    memset(&r->exit, 0, sizeof(r->exit));
    r->exit.reason = reason;
    r->exit.what = what;
    r->exit.machine_known = true;
    r->may_be_interrupted = false;
    r->exit_is_emulatable = false;
    r->exit_is_unprotected_abort = false;
    r->next = SPEC_NEXT_EXIT;
}

#define ESR_EC_DATA_ABORT       (0x24ull << 26)
#define FSC_TRANSLATION         0x4ull
#define FSC_TRANSLATION_MINUS_1 0x2bull /* level -1 (LPA2) */

/*
 * The RMM found no page where a Realm's argument must lie: the Host is told as if the Realm had
 * accessed it. HPFAR's bits [3:0] are RES0; firmware leaves bits [11:8] of the IPA there.
 */
void spec_exit_page_missing(struct spec_recnode *r, uint64_t ipa, int level)
{
    spec_exit_start(r, EXIT_SYNC, "page_missing");
    r->exit.esr = ESR_EC_DATA_ABORT |
                  (level < 0 ? FSC_TRANSLATION_MINUS_1 : FSC_TRANSLATION + (unsigned)level);
    r->exit.hpfar = (ipa >> GRANULE_SHIFT) << 4;
    r->exit.hpfar_open = 0xf;
}

struct exit_writer {
    uint8_t *bytes, *mask;
};

static void put(struct exit_writer *w, unsigned offset, unsigned size, uint64_t value,
                uint64_t open)
{
    spec_store(w->bytes, offset, size, value);
    for (unsigned i = 0; i < size; i++) {
        if (open >> (8 * i) & 0xff)
            w->mask[offset + i] = 0;
    }
}

/* EOIcount[31:27], and what the Host controls (A6.1). */
#define HCR_REPORTED (0xf8000000ull | 1ull << 14 | 0xfeull)

/* A6.1, A6.2, A8.1: as the Realm left it. */
static void put_machine(struct exit_writer *w, const struct spec *s, const struct spec_recnode *r,
                        const struct spec_exit *x)
{
    const struct impl *impl = &s->impl;
    const struct spec_trap *t = &r->trap;
    bool pmu = spec_realm_node(s, r->realm)->pub.pmu;
    uint64_t open = x->machine_known ? 0 : UINT64_MAX;

    put(w, REC_EXIT_GICV3_HCR, 8, t->gicv3_hcr & HCR_REPORTED, open);
    for (unsigned i = 0; i < 16; i++)
        put(w, REC_EXIT_GICV3_LRS + 8 * i, 8, i < impl->num_lrs ? t->gicv3_lrs[i] : 0, open);
    put(w, REC_EXIT_GICV3_MISR, 8, spec_gicv3_misr(impl, t), open);
    put(w, REC_EXIT_GICV3_VMCR, 8, t->gicv3_vmcr, open);
    put(w, REC_EXIT_CNTP_CTL, 8, t->cntp_ctl, open);
    put(w, REC_EXIT_CNTP_CVAL, 8, t->cntp_cval, open);
    put(w, REC_EXIT_CNTV_CTL, 8, t->cntv_ctl, open);
    put(w, REC_EXIT_CNTV_CVAL, 8, t->cntv_cval, open);
    put(w, REC_EXIT_PMU_OVF_STATUS, 1, pmu ? t->pmu_ovf_status : 0, open);
}

void spec_exit_bytes(struct spec *s, const struct spec_recnode *r, const struct spec_exit *x)
{
    struct exit_writer w = {s->exit_bytes, s->exit_mask};

    memset(w.bytes, 0, REC_EXIT_SIZE);
    memset(w.mask, 0xff, REC_EXIT_SIZE);
    put(&w, REC_EXIT_REASON, 1, x->reason, 0);
    put(&w, REC_EXIT_ESR, 8, x->esr, x->any_sync ? UINT64_MAX : x->esr_open);
    put(&w, REC_EXIT_FAR, 8, x->far, x->any_sync ? UINT64_MAX : 0);
    put(&w, REC_EXIT_HPFAR, 8, x->hpfar, x->any_sync ? UINT64_MAX : x->hpfar_open);
    for (unsigned i = 0; i < 31; i++)
        put(&w, REC_EXIT_GPRS + 8 * i, 8, x->gprs[i], x->call_open ? UINT64_MAX : 0);
    if (x->gpr0_open)
        put(&w, REC_EXIT_GPRS, 8, x->gprs[0], x->gpr0_open);
    for (unsigned i = 1; i <= 3; i++) {
        if (x->arg_open[i])
            put(&w, REC_EXIT_GPRS + 8 * i, 8, x->gprs[i], x->arg_open[i]);
    }
    put(&w, REC_EXIT_RIPAS_BASE, 8, x->ripas_base, 0);
    put(&w, REC_EXIT_RIPAS_TOP, 8, x->ripas_top, 0);
    put(&w, REC_EXIT_RIPAS_VALUE, 1, x->ripas_value, 0);
    put(&w, REC_EXIT_IMM, 2, x->imm, x->call_open ? UINT64_MAX : 0);
    put_machine(&w, s, r, x);
}

/* --- what the RMM writes for the Realm --- */

static void write_config(struct spec *s, const struct spec_recnode *r)
{
    const struct spec_realm *realm = &spec_realm_node(s, r->realm)->pub;

    memset(s->page, 0, GRANULE_SIZE); /* B5.4: unused bits of RsiRealmConfig MBZ */
    spec_store(s->page, RSI_CONFIG_IPA_WIDTH, 8, realm->s2sz);
    s->page[RSI_CONFIG_HASH_ALGO] = (uint8_t)realm->hash_algo;
    memcpy(s->page + RSI_CONFIG_RPV, realm->rpv, sizeof(realm->rpv));
}

void spec_pending_write(struct spec *s, struct spec_recnode *r, struct spec_verdict *v)
{
    enum spec_pending_write kind = r->write;

    r->write = SPEC_WRITE_NONE;
    if (kind == SPEC_WRITE_CONFIG) {
        write_config(s, r);
        spec_add_write(v, true, r->write_pa, s->page, NULL, GRANULE_SIZE);
    } else if (kind == SPEC_WRITE_HOST_CALL) {
        for (unsigned i = 0; i < 31; i++)
            spec_store(s->call_bytes, 8 * i, 8, r->write_gprs[i]);
        spec_add_write(v, true, r->write_pa + RSI_HOST_CALL_GPRS, s->call_bytes, NULL, 31 * 8);
    }
}

enum spec_page spec_realm_page(const struct spec *s, const struct spec_rnode *r, uint64_t ipa,
                               uint64_t *pa, int *level)
{
    struct spec_walk w;

    spec_walk(s, r, ipa, SPEC_PAGE_LEVEL, &w);
    *level = w.level;
    *pa = spec_entry_addr(w.rtte) + (ipa & (level_size(w.level) - 1));
    if (w.rtte.ripas == RIPAS_EMPTY)
        return SPEC_PAGE_EMPTY;
    return w.rtte.hipas == HIPAS_ASSIGNED && w.rtte.ripas == RIPAS_RAM ? SPEC_PAGE_READY
                                                                       : SPEC_PAGE_MISSING;
}
