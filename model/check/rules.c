/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules, as `ccasim list invariants` prints them. docs/invariants.md says more of each. */
#include <ccasim/check.h>

const struct check_rule check_rules[] = {
    {"I1", "pas-gst",
     "A tracked granule is UNDELEGATED if and only if its PAS is not Realm; of the others "
     "the buffer shared with EL3M alone is Realm.",
     "A2.2.1, A2.2.3", "granule"},
    {"I2", "delegated-clean",
     "A DELEGATED or UNDELEGATED granule has reference count 0 and nothing names it; with wipe: "
     "eager a DELEGATED one "
     "is all zero.",
     "A2.2.4", "granule"},
    {"I3", "rec-has-rd", "The owner of each REC is a granule in state RD.", "A2.2.2, A2.3.2",
     "granule"},
    {"I4", "rec-set",
     "RECs of one Realm have distinct indexes below the RD's next index; a REC's auxiliary "
     "granules are REC_AUX, and "
     "each REC_AUX granule is one REC's.",
     "A2.3.2, A2.3.3, B4.3.12", "granule"},
    {"I5", "leaf-owned",
     "An ASSIGNED entry at a Protected IPA names an aligned page or block of DATA granules that no "
     "other entry names.",
     "A2.2.2, A5.5.4", "realm"},
    {"I6", "data-unique", "Each DATA granule is named by exactly one ASSIGNED entry of one Realm.",
     "A2.2.2", "granule"},
    {"I7", "rtt-tree",
     "Each RTT granule is a starting-level table of one RD, at its starting level, or named by one "
     "TABLE entry of a "
     "table one level above.",
     "A2.2.2, A5.5.2, A5.5.3", "granule"},
    {"I8", "table-refcount",
     "The reference count of an RTT is the number of its entries that are TABLE, or ASSIGNED at a "
     "Protected IPA.",
     "A5.5.8", "granule"},
    {"I9", "rd-count", "The reference count of an RD is the number of its RECs.", "A2.1.4, B4.3.10",
     "granule"},
    {"I10", "rec-count",
     "The reference count of a REC is 0 or 1, and 1 only while an RMI_REC_ENTER of it is in "
     "progress.",
     "A2.3.4", "granule"},
    {"I11", "run-exclusive",
     "A REC is loaded on at most one PE, and only within its RMI_REC_ENTER.", "A2.3.4, B4.3.14",
     "machine"},
    {"I12", "enter-active",
     "A Realm is entered with its REC's count 1 and is not NEW; at the first entry of a call it is "
     "ACTIVE and the REC "
     "runnable.",
     "A2.1.5.2, B4.3.14", "event"},
    {"I13", "tlb-coherent",
     "Each stage-2 TLB entry belongs to a live Realm, whose RTT gives the same address, PAS and "
     "permissions.",
     "A5.5.11, DDI0487 D8", "machine"},
    {"I14", "gpc-coherent",
     "No TLB lets an access pass for which the granule protection check says no.",
     "DDI0487 D9.5, R_YMSWK", "machine"},
    {"I16", "no-leftovers", "When an RMI returns, its PE holds no lock and has no slot mapped.",
     "B1.2", "event"},
    {"I17", "new-only",
     "The RIM changes, a REC is added and a page with the Host's content is assigned only while "
     "the Realm is NEW; "
     "parameters never change.",
     "A2.1.5.2, A7.1.1", "realm"},
    {"I18", "measure-replay", "RIM and REMs are what a replay of the observed calls gives.",
     "A7.1, B4.3.1.4, B4.3.9.4, B4.3.12.4, B4.3.18.4", "realm"},
    {"I19", "destroyed-sticky",
     "RIPAS becomes RAM or EMPTY only in a NEW Realm, or as a REC of the Realm asked and within "
     "RMI_RTT_SET_RIPAS; creating or folding a table keeps it.",
     "A5.2.4, A5.2.5, A5.3.4", "realm"},
    {"I20", "par-no-ns",
     "A valid entry at a Protected IPA gives Realm PAS memory; one at an Unprotected IPA has NS = "
     "1.",
     "A5.2.1, A5.2.6, A5.5.11", "realm"},
    {"I21", "pas-access", "The Normal and Secure worlds cannot access a granule in the Realm PAS.",
     "DDI0487 D9.3, A2.2.1", "granule"},
    {"I23", "world-regs",
     "After an RMI the host's general-purpose registers (results excepted), PC, PSTATE and EL1 "
     "system registers are as before it.",
     "B1.2, A4.1, D1.6.1", "event"},
    {"I27", "fail-unchanged",
     "A call that returns an error leaves granule states, counts, PAS, descriptors, RDs and RECs "
     "as they were.",
     "B1.4, B1.6", "event"},
    {"I28", "pas-flip-clean",
     "A granule that leaves the Realm PAS holds no byte that derives from a Realm or the RMM.",
     "A2.2.4, B4.3.6", "event"},
    {"I29", "reuse-clean",
     "A page that becomes DATA holds what DATA_CREATE copied, or nothing of anybody else.",
     "A2.2.4, B4.3.1, B4.3.2", "granule"},
    {"I30", "psci-frozen",
     "While the PSCI call of a REC waits for RMI_PSCI_COMPLETE, nothing of the REC changes.",
     "A4.3.7, B4.3.7, B4.3.14", "granule"},
    {"I31", "vmid-set", "The VMIDs in use are those of the live Realms, one each.",
     "A2.1.3, B4.3.9, B4.3.10", "machine"},

    {"lock-order", "lock order",
     "External granules in ascending order and before internal ones; RTT, DATA, REC_AUX; tables "
     "hand over hand.",
     "TF-RMM granule_types.h, rules 1-5, 7", "event"},
    {"lock-leak", "lock leak",
     "A PE whose RMI has returned holds no lock, and releases only what it holds.",
     "TF-RMM granule_types.h", "event"},
    {"slot-leak", "slot leak", "A PE whose RMI has returned has no slot mapped.",
     "TF-RMM granule_types.h", "event"},
    {"slot-without-lock", "slot without lock",
     "A slot maps a tracked granule only under its lock, or what stands for it.",
     "TF-RMM granule_types.h, rules 6, 8-11", "event"},
    {"state-without-lock", "change without lock",
     "Granule state, reference count and descriptors change only under the granule's lock.",
     "TF-RMM granule_types.h, rules 6, 8, 9", "event"},
    {"double-fetch", "double fetch", "One call reads no byte of host memory twice.",
     "TF-RMM granule_types.h, rule 11", "event"},
    {"gpt-writer", "GPT writer",
     "The GPT changes only within an SMC of the Realm world to EL3M, or by a claim of the Secure "
     "world.",
     "DDI0487 D9, RMM-EL3 interface", "event"},
    {"break-before-make", "break before make",
     "A valid descriptor becomes another valid one through an invalid one and a TLBI.",
     "DDI0487 D8.16.1", "event"},
    {"unseen-change", "unseen change", "State changed and no event said so.", "ccasim", "machine"},

    {"rec-context", "REC context",
     "A REC is entered with the active priorities, ICH_VMCR_EL2, PMU, EL1 system registers and "
     "SIMD registers that it left with, unless it was off.",
     "A2.3, A6.1, A8.1", "event"},
    {"host-context", "host context",
     "After RMI_REC_ENTER the SIMD registers are the host's, and the virtual CPU interface, stage "
     "2 "
     "and the Realm's traps are off.",
     "A6.1, D1.6.1", "event"},

    {"result", "result",
     "Status, index and outputs of a call are among those that the specification allows.",
     "B1.6, B4.3", "event"},
    {"realm-registers", "Realm registers",
     "The Realm is entered with the registers that the specification says.", "A4.2, B5", "event"},
    {"host-memory", "host memory",
     "The bytes that a call must write to host memory are there, and no others are written.",
     "A4.3, B1.4", "event"},
    {"realm-memory", "Realm memory",
     "The bytes that a call must write to Realm memory are there, and no others are written.",
     "B5, B4.3.1, A2.2.4", "event"},
    {"refine", "refinement", "The machine's tables, decoded, are the specification's state.",
     "design 1", "granule"},
};
const size_t check_rule_count = sizeof(check_rules) / sizeof(check_rules[0]);
