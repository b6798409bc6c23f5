/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MMU of a PE: stage 1 of a Realm's EL1&0 and of the host's EL2, EL2&0 and EL1&0, stage 2 below EL1&0 through the
 * RTT or the host's own tables, the GPC on the result and on every table access, and the model's TLB. The tables are real
 * descriptors in simulated memory: granules of 4, 16 and 64 KB, access flag and dirty state kept by hardware where TCR_ELx
 * and VTCR_EL2 ask for it.
 *
 * The TLB is per PE, tagged by regime, VMID and ASID, the host's apart from the Realms', and never evicts by itself: a
 * translation that should have been invalidated and was not is used, visibly. A fill asks the TLB first, then the tables.
 * GPC results are cached with the stage-2 (or flat) entry, so that a missing TLBI by PA is visible too.
 *
 * With stage 1 on, entries by VA combine both stages, and an invalidation by IPA leaves them (DDI0487 D8.17 permits
 * it): who takes a page away at stage 2 owes tlbi_ipa() and tlbi_s1(). A TLBI by PA drops granule protection
 * information only. Not modelled: AArch32, big-endian tables, LPA2 at stage 1, E0PD, nested virtualization, overlays, MTE,
 * contiguous hint.
 */
#ifndef CCASIM_MMU_H
#define CCASIM_MMU_H

#include <ccasim/machine.h>

CCASIM_API_BEGIN

enum mmu_fault_kind {
    MMU_OK,
    MMU_ADDRESS_SIZE,
    MMU_TRANSLATION,
    MMU_ACCESS_FLAG,
    MMU_PERMISSION,
    MMU_EXTERNAL, /* no memory at the PA */
    MMU_GPF,      /* granule protection fault */
};
struct mmu_fault {
    uint8_t kind;    /* enum mmu_fault_kind */
    uint8_t stage;   /* 1 or 2 (0: GPF or external on the final access) */
    int8_t level;    /* of the walk at which it was detected */
    bool s1ptw;      /* stage 2 fault on a stage-1 table walk */
    bool on_walk;    /* GPF/external on a table access */
    uint8_t set;     /* of an external abort: ESR_ELx.ISS.SET */
    bool gpf_el2;    /* HCR_EL2.GPF was 1: a GPF goes to EL2 whatever the stage */
    uint8_t host_el; /* of the host: EL that takes it; 0: a Realm's */
    uint64_t va;
    uint64_t ipa; /* valid for stage-2 faults: -> HPFAR_EL2 */
};
#define MMU_R 1u
#define MMU_W 2u
#define MMU_X 4u
struct mmu_result {
    uint64_t pa; /* of the access itself */
    uint64_t ipa;
    enum pas pas;
    uint8_t perm; /* MMU_R | MMU_W | MMU_X, for the EL that asked, both stages */
    bool device;  /* memory type: Device */
    bool tlb_hit; /* stage 2 came from the TLB */
    uint8_t attr; /* MAIR attribute byte of stage 1; 0 where stage 1 is off */
    uint8_t sh;   /* shareability of stage 1 */
    bool mmio;    /* no memory: a device of the platform is at `pa` (plat_access) */
};

/* Stage 1 + stage 2 + GPC for what runs on `pe`: a Realm at EL0 or EL1; in the Normal world of a machine with a platform,
 * the host at EL0, EL1 or EL2 (host.h). False: *f says why. */
bool mmu_translate(struct machine *m, unsigned pe, unsigned el, uint64_t va, enum access_kind kind,
                   struct mmu_result *out, struct mmu_fault *f);
/* Stage 2 + GPC only (stage 1 off, and the scripted Realm). */
bool mmu_s2_translate(struct machine *m, unsigned pe, ipa_t a, enum access_kind kind,
                      struct mmu_result *out, struct mmu_fault *f);
/* Stage 1 alone: `pa` is the IPA. Caches nothing; table reads still go through stage 2. For AT S1E1R and its kin. */
bool mmu_translate_s1(struct machine *m, unsigned pe, unsigned el, uint64_t va,
                      enum access_kind kind, struct mmu_result *out, struct mmu_fault *f);
/*
 * The level of the Realm's own walk for `va` that first gives an address at or above `limit`: of the descriptor, or 0 for
 * TTBRn_EL1. False: none does. Table reads go through stage 2.
 */
bool mmu_s1_level(struct machine *m, unsigned pe, uint64_t va, enum access_kind kind,
                  uint64_t limit, int *level);
/* The ASID in use: TTBR0_EL1 or TTBR1_EL1 by TCR_EL1.A1, 8 or 16 bits by TCR_EL1.AS. */
uint32_t mmu_asid(const struct pe *p);
/* Syndrome of a fault: which EL takes it (1 or 2), ESR and HPFAR values. `iss_dabt` is the ISV/SAS/SSE/SRT/SF/WnR part
 * of the instruction (0 when it has none). */
unsigned mmu_fault_target_el(const struct mmu_fault *f);
uint64_t mmu_fault_esr(const struct mmu_fault *f, enum access_kind kind, unsigned from_el,
                       unsigned to_el, uint64_t iss_dabt);
uint64_t mmu_fault_hpfar(const struct mmu_fault *f);
/* Does EL2 find the IPA of this fault in HPFAR_EL2? Else the register keeps its value. */
bool mmu_fault_has_ipa(const struct mmu_fault *f);

/* --- invalidation; all PEs (the RMM and EL3M use the Inner Shareable forms) --- */
enum tlbi_kind {
    TLBI_IPA,  /* stage-2 entries of one IPA range, of a VMID */
    TLBI_S1,   /* all stage-1 (and combined) entries of a VMID */
    TLBI_VMID, /* stage 1 and 2, of a VMID */
    TLBI_PA,   /* cached granule protection results of a granule */
    TLBI_VA, /* stage-1 entries of one VA page (EL1 executes it; that PE, or all for the IS form) */
    TLBI_ASID,
    TLBI_ALL,
};
void tlbi_ipa(struct machine *m, unsigned pe, uint16_t vmid, uint64_t ipa_base, uint64_t size);
void tlbi_s1(struct machine *m, unsigned pe, uint16_t vmid);
void tlbi_vmid(struct machine *m, unsigned pe, uint16_t vmid);
void tlbi_pa(struct machine *m, unsigned pe, uint64_t granule);
/* What a Realm's own TLBI executes. `va_page` is VA[55:12]; broadcast: IS form. */
void tlbi_va(struct machine *m, unsigned pe, uint16_t vmid, uint64_t va_page, uint32_t asid,
             bool any_asid, bool is);
void tlbi_asid(struct machine *m, unsigned pe, uint16_t vmid, uint32_t asid, bool is);
void tlbi_vmalle1(struct machine *m, unsigned pe, uint16_t vmid, bool is);

/*
 * A TLBI that the host executed at EL1 or EL2, and that was not trapped: `sysinsn` is SYSREG(1, op1, CRn, CRm, op2), `value`
 * is Xt. HCR_EL2.E2H and TGE choose the regime, EL1 and EL2 the VMID. Range and Outer Shareable forms too; a TLBI of EL3 or an
 * encoding that is none does nothing. Entries of Realms stay.
 */
void mmu_host_tlbi(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t value);
/*
 * An AT that the host executed at EL1 or EL2: S1E2R/W, S1E1R/W and their P forms, S1E0R/W, S12E1R/W, S12E0R/W -> PAR_EL1.
 * False: it is taken as a data abort (its ESR has CM and WnR), and PAR_EL1 is unknown; *f, mmu_fault_target_el() says where to.
 */
bool mmu_host_at(struct machine *m, unsigned pe, uint32_t sysinsn, uint64_t va,
                 struct mmu_fault *f);

/* --- TLB as state --- */
struct tlb *tlb_new(void);
void tlb_free(struct tlb *t);
struct tlb *tlb_clone(const struct tlb *t);
void tlb_clear(struct tlb *t);
uint64_t tlb_hash(const struct tlb *t); /* independent of insertion order */
bool tlb_equal(const struct tlb *a, const struct tlb *b);
struct tlb_s2_entry {
    uint16_t vmid;
    uint64_t ipa; /* page */
    uint64_t pa;  /* page */
    enum pas pas;
    uint8_t perm; /* stage 2 */
};
/* Stage-2 entries, in an order that depends only on the state. */
void tlb_each_s2(const struct tlb *t, void (*fn)(void *ctx, const struct tlb_s2_entry *e),
                 void *ctx);
/* True and *out if the TLB holds a stage-2 entry for the page that `ipa_page` (an address) is in. */
bool tlb_find_s2(const struct tlb *t, uint16_t vmid, uint64_t ipa_page, struct tlb_s2_entry *out);
uint32_t tlb_count_s2(const struct tlb *t);
/* Entries by VA, which combine both stages; `s2` is their stage-2 part. */
struct tlb_s1_entry {
    uint64_t va;   /* page: VA[55:12] */
    uint32_t asid; /* 0 when global */
    bool global;
    struct tlb_s2_entry s2;
};
/* Combined entries of the VMID whose IPA is in [ipa_base, ipa_base + size), or all of them with `any`; in an order that
 * depends only on the state. */
struct tlb_filter {
    bool any;
    uint16_t vmid;
    uint64_t ipa_base, size;
};
void tlb_each_s1(const struct tlb *t, const struct tlb_filter *filter,
                 void (*fn)(void *ctx, const struct tlb_s1_entry *e), void *ctx);
uint32_t tlb_count_s1(const struct tlb *t);
/* No entry at all, of Realms and of the host. The functions above see those of Realms alone. */
bool tlb_is_empty(const struct tlb *t);
/* Does an entry, of a Realm or of the host, hold that the granule protection check lets an access to this granule, as one to `pas`, pass? */
bool tlb_holds_gpc(const struct tlb *t, uint64_t granule, enum pas pas);

CCASIM_API_END

#endif
