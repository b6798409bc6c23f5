/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RMM under test as an interface. Instances: the model's handlers (rmm_model); later a firmware ELF at R-EL2,
 * another process, a recorded log. What an instance cannot offer is said in `caps`, not faked.
 */
#ifndef CCASIM_RMM_H
#define CCASIM_RMM_H

#include <ccasim/abi.h>
#include <ccasim/machine.h>

CCASIM_API_BEGIN

#define RMM_CAP_MEMORY \
    (1u << 0) /* its objects are in the machine's granules: `check/refine` can abstract them */
#define RMM_CAP_EVENTS (1u << 1) /* locks, slots, descriptors appear in the event stream */
#define RMM_CAP_BREAK  (1u << 2) /* has planted bugs */

/* Cold boot: x0 CPU index, x1 version of the RMM-EL3 interface, x2 number of CPUs, x3 PA of the shared buffer, which
 * holds the boot manifest, x4 activation token. Results as BOOT_COMPLETE tells them. */
#define RMM_BOOT_ARGS 5u
enum {
    RMM_BOOT_OK = 0,
    RMM_BOOT_E_UNKNOWN = -1,
    RMM_BOOT_E_VERSION = -2,
    RMM_BOOT_E_TOO_MANY_CPUS = -3,
    RMM_BOOT_E_CPU_ID = -4,
    RMM_BOOT_E_BUFFER = -5,
    RMM_BOOT_E_MANIFEST_VERSION = -6,
    RMM_BOOT_E_MANIFEST_DATA = -7,
};

struct rmm_ops {
    const char *name;
    uint32_t caps;
    /* After machine_new/reset. Ends with the SMC BOOT_COMPLETE to EL3M. */
    void (*reset)(struct machine *m, const uint64_t x[RMM_BOOT_ARGS]);
    /* One RMI from the host on `pe`. in[0..16] = x0..x16; out[0..16] = what RMI_REQ_COMPLETE returns. */
    void (*smc)(struct machine *m, unsigned pe, const uint64_t in[ABI_MAX_REGS],
                uint64_t out[ABI_MAX_REGS]);
};
extern const struct rmm_ops rmm_model;

/* --- planted bugs (--break NAME) --- */
struct rmm_bug_info {
    const char *name;     /* "no-wipe-on-data-destroy" */
    const char *what;     /* one sentence: what the handlers then do wrong */
    const char *claim;    /* rule id of the check that must catch it */
    const char *scenario; /* file below scenarios/ that takes the path */
};
extern const struct rmm_bug_info rmm_bugs[];
extern const size_t rmm_bug_count; /* 0 in a build without --break */
/* Index, or -1. */
int rmm_bug_by_name(const char *name);

/* --- abstraction: decoding the RMM's objects for check/refine and explain (not used by handlers' callers) --- */
struct rmm_rd_view {
    uint8_t state; /* enum realm_state */
    uint8_t s2sz, hash_algo, sve_vl, num_bps, num_wps, pmu_num_ctrs;
    bool lpa2, sve, pmu;
    uint16_t vmid;
    uint64_t rtt_base;
    int rtt_level_start;
    uint32_t rtt_num_start;
    uint32_t num_recs, rec_index;
    const uint8_t *rpv;         /* 64 bytes */
    const uint8_t *measurement; /* 5 x 64 bytes */
};
struct rmm_rec_view {
    uint64_t rd, mpidr;
    bool runnable, running, host_call_pending, emulatable_abort, psci_pending;
    uint64_t ripas_addr, ripas_top; /* equal: no RIPAS change is pending */
    uint8_t ripas_value;            /* enum ripas */
    bool ripas_destroyed;
    bool attest_in_progress;
    const uint8_t *challenge; /* 64 bytes; of the token in progress, else not looked at */
    uint32_t num_aux;
    const uint64_t *aux;
    const struct pe_regs *regs;
};
struct rmm_rtte_view {
    uint8_t hipas, ripas; /* enum hipas, enum ripas */
    bool ns, valid;       /* valid: the walker would use it */
    uint64_t addr;
    uint8_t memattr, s2ap;
    bool malformed; /* no state of the RMM encodes so */
};
/* `scratch` holds a copy of the granule in sanitizer builds; the view points into memory or scratch. */
void rmm_view_rd(const struct machine *m, uint64_t rd, uint64_t scratch[512],
                 struct rmm_rd_view *out);
void rmm_view_rec(const struct machine *m, uint64_t rec, uint64_t scratch[512],
                  struct rmm_rec_view *out);
/* One RTT descriptor, of a table at `level` that is at a protected (or not) IPA, of a Realm with LPA2 (or not). */
void rmm_view_rtte(uint64_t desc, int level, bool protected_ipa, bool lpa2,
                   struct rmm_rtte_view *out);

CCASIM_API_END

#endif
