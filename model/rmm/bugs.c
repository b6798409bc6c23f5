/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The planted bugs: name, what the handlers then do wrong, the rule that must notice, the scenario
 * that goes there. `what` says how to provoke the bug where that is not plain.
 */
#include "rmm/bugs.h"

#include <ccasim/rmm.h>
#include <string.h>

#if CCASIM_BREAK

#define B(id, bug, rule, file, text) \
    [BUG_##id] = {.name = bug, .what = text, .claim = rule, .scenario = "bugs/" file ".yaml"}

const struct rmm_bug_info rmm_bugs[] = {
    B(DELEGATE_WRITES_GPT, "delegate-writes-gpt", "gpt-writer", "el3m_moves_granules",
      "GRANULE_DELEGATE changes the GPT itself instead of asking EL3M. Delegate any granule."),
    B(UNDELEGATE_BEFORE_CHECK, "undelegate-before-check", "I28", "rd_stays_out_of_reach",
      "GRANULE_UNDELEGATE asks EL3M before it has looked at the granule's state. Undelegate a "
      "granule that a Realm uses (an RD): it fails, and the Host can read the granule."),
    B(UNDELEGATE_NO_WIPE, "undelegate-no-wipe", "I28", "erased_before_undelegate",
      "With impl wipe: lazy, GRANULE_UNDELEGATE does not erase the granule. Undelegate one that "
      "was an RD or a Realm's page."),
    B(DATA_DESTROY_NO_WIPE, "data-destroy-no-wipe", "I2", "erased_at_data_destroy",
      "With impl wipe: eager, DATA_DESTROY leaves the Realm's data in the DELEGATED granule. "
      "DATA_CREATE of a page that is not zero, then DATA_DESTROY."),
    B(REC_DESTROY_NO_WIPE, "rec-destroy-no-wipe", "I2", "erased_at_rec_destroy",
      "With impl wipe: eager, REC_DESTROY leaves the Realm's registers in the DELEGATED granule."),
    B(DATA_CREATE_UNKNOWN_NO_WIPE, "data-create-unknown-no-wipe", "I29", "unknown_page_is_blank",
      "With impl wipe: lazy, DATA_CREATE_UNKNOWN gives a granule to a Realm with what was in it. "
      "Let the granule have been an RD, an RTT or another Realm's page before."),

    B(DATA_DESTROY_NO_TLBI, "data-destroy-no-tlbi", "I13", "destroyed_page_is_invalidated",
      "DATA_DESTROY does not invalidate the TLBs. The Realm must have touched the page before."),
    B(UNMAP_NO_TLBI, "unmap-no-tlbi", "I13", "unmapped_page_is_invalidated",
      "RTT_UNMAP_UNPROTECTED does not invalidate the TLBs. The Realm must have touched the page "
      "before."),
    B(MAP_WITHOUT_NS, "map-without-ns", "I20", "unprotected_means_ns",
      "RTT_MAP_UNPROTECTED writes a descriptor without the NS bit: the Realm's accesses go to the "
      "Realm PAS."),
    B(DATA_CREATE_OVERWRITES, "data-create-overwrites", "I6", "assigned_page_stays",
      "DATA_CREATE_UNKNOWN accepts an entry that is ASSIGNED: the page that was there belongs to "
      "nobody. Call it twice for one IPA, with two granules."),
    B(DATA_DESTROY_KEEPS_ENTRY, "data-destroy-keeps-entry", "I5", "destroyed_entry_names_nothing",
      "DATA_DESTROY changes the RIPAS of the entry but leaves it ASSIGNED, with a granule that is "
      "DELEGATED."),
    B(RTT_CREATE_NO_STATE, "rtt-create-no-state", "I7", "table_cannot_be_taken_back",
      "RTT_CREATE links the new table in and leaves its granule DELEGATED: the Host could take it "
      "back."),
    B(DATA_DESTROY_WRONG_TOP, "data-destroy-wrong-top", "result", "top_skips_what_is_not_live",
      "DATA_DESTROY returns top = ipa + 4 KB although the entries after it are not live either. "
      "Destroy a page with nothing mapped after it."),
    B(READ_ENTRY_SHORT_WALK, "read-entry-short-walk", "result", "read_walks_to_the_level",
      "RTT_READ_ENTRY stops a level early. Read level 3 of an IPA that has a level-3 table."),

    B(RTT_CREATE_REFCOUNT, "rtt-create-refcount", "I8", "table_counts_its_children",
      "RTT_CREATE does not count the new table in its parent."),
    B(REC_DESTROY_REFCOUNT, "rec-destroy-refcount", "I9", "realm_counts_its_recs",
      "REC_DESTROY does not count the REC out of its RD."),
    B(RTT_CREATE_LOCK_ORDER, "rtt-create-lock-order", "lock-order", "locks_go_by_address",
      "RTT_CREATE locks RD and RTT in the order of its arguments. The RTT granule must be below "
      "the RD."),
    B(RTT_DESTROY_LOCK_LEAK, "rtt-destroy-lock-leak", "lock-leak", "live_table_is_let_go",
      "RTT_DESTROY of a live table returns with the table locked. Destroy a level-3 table with a "
      "page in it."),
    B(AUX_COUNT_AFTER_UNLOCK, "aux-count-after-unlock", "slot-without-lock",
      "rd_is_read_under_its_lock", "REC_AUX_COUNT reads the RD after it has unlocked it."),
    B(NS_SLOT_LEAK, "ns-slot-leak", "slot-leak", "host_page_is_unmapped",
      "A copy from host memory leaves the Host's page mapped. Any call that reads parameters."),

    B(REALM_CREATE_DOUBLE_FETCH, "realm-create-double-fetch", "double-fetch",
      "parameters_are_read_once",
      "REALM_CREATE checks one copy of its parameters and uses a second one."),
    B(REALM_DESTROY_KEEPS_VMID, "realm-destroy-keeps-vmid", "I31", "vmid_is_free_again",
      "REALM_DESTROY does not free the VMID: a second REALM_CREATE with the same VMID would fail "
      "with RMI_ERROR_INPUT."),
    B(REALM_DESTROY_WITH_RECS, "realm-destroy-with-recs", "I3", "realm_outlives_its_recs",
      "REALM_DESTROY does not look for RECs. Destroy a Realm that has a REC and no table below the "
      "starting level."),
    B(REC_CREATE_WRONG_STATUS, "rec-create-wrong-status", "result", "mpidr_is_an_input",
      "REC_CREATE answers a wrong MPIDR with RMI_ERROR_REC instead of RMI_ERROR_INPUT."),
    B(REC_CREATE_RIM_CONTENT, "rec-create-rim-content", "I18", "rec_registers_are_measured",
      "REC_CREATE measures a runnable REC without its general-purpose registers. Give it one that "
      "is not zero."),
    B(DATA_CREATE_IN_ACTIVE, "data-create-in-active", "I17", "active_realm_takes_no_content",
      "DATA_CREATE works on a Realm that is ACTIVE: the Host writes into a Realm that was measured "
      "already."),
    B(DATA_CREATE_NOT_MEASURED, "data-create-not-measured", "I18", "every_page_is_measured",
      "DATA_CREATE does not extend the RIM."),
    B(DATA_CREATE_NO_UNDO, "data-create-no-undo", "I27", "failed_copy_changes_nothing",
      "DATA_CREATE counts the page before it copies it, and forgets that when the copy fails. Name "
      "a source granule that is not in the Non-secure PAS, all else right."),
    B(DATA_CREATE_NO_GPC, "data-create-no-gpc", "I21", "content_comes_from_the_host",
      "DATA_CREATE copies from any PAS. Name a source granule that is DELEGATED or in use."),

    B(REC_ENTER_TWICE, "rec-enter-twice", "I12", "rec_runs_on_one_pe",
      "REC_ENTER does not see that the REC is running. Enter it on another PE while it runs."),
    B(REC_EXIT_REFCOUNT, "rec-exit-refcount", "I10", "rec_rests_after_its_exit",
      "REC_ENTER does not give back its reference: the REC runs for ever."),
    B(EXIT_LEAKS_GPR, "exit-leaks-gpr", "host-memory", "load_tells_no_register",
      "An emulatable abort by a load shows the Host the old content of the target register, which "
      "must not be zero."),
    B(EXIT_LEAKS_ESR, "exit-leaks-esr", "host-memory", "abort_tells_no_register",
      "A non-emulatable abort shows the Host ISV and SRT. Touch a Protected IPA whose RIPAS is "
      "DESTROYED with a plain load to a register other than x0."),
    B(ENTER_CLEARS_INPUT, "enter-clears-input", "host-memory", "host_finds_its_input_again",
      "REC_ENTER erases the Host's RmiRecEnter once it has read it."),
    B(ADDRESS_SIZE_LEVEL_0, "address-size-level-0", "realm-registers",
      "fault_has_the_level_of_the_walk",
      "An access above the IPA space is an Address Size Fault of level 0, whatever level of the "
      "Realm's own tables gave the address. Let the Realm have its MMU on."),
    B(MMIO_NO_SIGN_EXTEND, "mmio-no-sign-extend", "realm-registers", "emulated_byte_is_extended",
      "An emulated load with sign extension (LDRSB) is completed without it. The Host's value must "
      "have its top bit set."),
    B(HOST_CALL_NO_RESULT, "host-call-no-result", "realm-registers", "host_call_succeeds",
      "After a host call, x0 still holds the function identifier."),
    B(HOST_CALL_SHORT_COPY, "host-call-short-copy", "realm-memory", "host_answer_is_whole",
      "The Host's answer to a host call lacks the last register, which must not be what it was."),
    B(REALM_CONFIG_STALE, "realm-config-stale", "realm-memory", "config_page_is_whole",
      "RSI_REALM_CONFIG leaves the unused bytes of the page as they were. The page must not be "
      "zero before."),

    B(FOLD_LOOKS_AT_TWO, "fold-looks-at-two", "I8", "folded_table_is_homogeneous",
      "RTT_FOLD compares the first two entries only. Fold a table with a page further on: the page "
      "belongs to nobody."),
    B(FOLD_LOSES_ATTRIBUTES, "fold-loses-attributes", "refine", "folded_pages_stay_read_only",
      "RTT_FOLD of host memory gives the block read and write access. Map the pages read-only."),
    B(FOLD_REFCOUNT, "fold-refcount", "I8", "folded_table_counts_no_more",
      "RTT_FOLD of a table without pages does not count it out of its parent."),
    B(FOLD_NO_STATE, "fold-no-state", "I7", "folded_table_is_free",
      "RTT_FOLD leaves the granule of the table an RTT, which nothing names."),
    B(SET_RIPAS_BEYOND_TOP, "set-ripas-beyond-top", "I19", "ripas_changes_as_requested",
      "RTT_SET_RIPAS goes on to the end of the table. Let the Realm ask for less."),
    B(SET_RIPAS_REVIVES, "set-ripas-revives", "I19", "destroyed_needs_consent",
      "RTT_SET_RIPAS changes DESTROYED entries although the Realm did not allow it."),
    B(SET_RIPAS_NO_TLBI, "set-ripas-no-tlbi", "I13", "emptied_page_is_invalidated",
      "RTT_SET_RIPAS to EMPTY does not invalidate the TLBs. The Realm must have touched the page "
      "before."),
    B(SET_RIPAS_NO_PROGRESS, "set-ripas-no-progress", "refine", "request_is_used_up",
      "RTT_SET_RIPAS does not record how far it came: the Host can change the same pages again, "
      "and "
      "the Realm hears of no progress."),
    B(RIPAS_REJECT_LOST, "ripas-reject-lost", "realm-registers", "rejection_is_heard",
      "The Realm hears that the Host accepted a RIPAS change that it rejected."),

    B(PSCI_COMPLETE_ANY_REALM, "psci-complete-any-realm", "refine", "target_is_of_the_realm",
      "PSCI_COMPLETE takes the REC of another Realm for the target. Give it one with the right "
      "MPIDR."),
    B(PSCI_STAYS_PENDING, "psci-stays-pending", "I30", "psci_call_ends",
      "PSCI_COMPLETE leaves the request pending: the caller can never be entered again."),
    B(PSCI_EXIT_LEAKS_GPR, "psci-exit-leaks-gpr", "host-memory", "psci_exit_tells_arguments_only",
      "A PSCI exit shows the Host x4 of the Realm, which must not be zero."),
    B(CPU_ON_KEEPS_REGISTERS, "cpu-on-keeps-registers", "refine", "cpu_on_starts_clean",
      "A REC that is turned on has the registers of its last life."),
    B(CPU_OFF_STAYS_RUNNABLE, "cpu-off-stays-runnable", "refine", "cpu_off_stays_off",
      "CPU_OFF does not make the REC not runnable: the Host can enter it again."),
    B(SYSTEM_OFF_FORGOTTEN, "system-off-forgotten", "refine", "system_off_is_final",
      "SYSTEM_OFF exits to the Host and leaves the Realm ACTIVE."),

    B(TOKEN_SHORT_CHALLENGE, "token-short-challenge", "refine", "token_has_the_challenge",
      "TOKEN_INIT keeps only the first half of the challenge. The second half must not be zero."),
    B(TOKEN_REM_ORDER, "token-rem-order", "realm-registers", "token_has_the_measurements",
      "The token has the second REM in the place of the first. Extend one of them, then take a "
      "token."),
    B(TOKEN_NOT_BOUND, "token-not-bound", "realm-registers", "platform_vouches_for_the_key",
      "The RMM asks EL3M for a platform token over something else than the hash of its key."),
    B(TOKEN_PAST_SIZE, "token-past-size", "realm-memory", "token_stays_in_the_buffer",
      "TOKEN_CONTINUE writes one byte more of the token than fits the buffer, and does not say "
      "so."),
    B(TOKEN_IRQ_LOSES_RESULT, "token-irq-loses-result", "refine", "interrupted_token_goes_on",
      "TOKEN_CONTINUE that an interrupt ends leaves the arguments in the registers."),

    B(GIC_ACTIVE_LOST, "gic-active-lost", "rec-context", "active_priorities_are_kept",
      "The active priorities of the virtual CPU interface are lost when a REC exits. Let it exit "
      "between acknowledge and end of an interrupt."),
    B(GIC_VMCR_LOST, "gic-vmcr-lost", "rec-context", "priority_mask_is_kept",
      "ICH_VMCR_EL2 is lost when a REC exits: priority mask and group enables are gone."),
    B(GIC_OF_ANOTHER_REC, "gic-of-another-rec", "rec-context", "each_rec_has_its_interrupts",
      "The virtual CPU interface is neither cleared at an exit nor loaded at an entry: a REC finds "
      "what another one left on the PE."),
    B(TIMER_CHANGE_NOT_TOLD, "timer-change-not-told", "realm-registers", "expired_timer_is_told",
      "A timer that changed its output while the REC did not run is masked, and the Host does not "
      "hear of it."),
    B(PMU_OVERFLOW_NOT_TOLD, "pmu-overflow-not-told", "host-memory", "overflow_is_told",
      "exit.pmu_ovf_status is always 0. Let a counter of the Realm overflow."),
    B(FP_LEAKS_TO_HOST, "fp-leaks-to-host", "host-context", "simd_registers_are_the_hosts",
      "The Host finds the Realm's V registers after the exit. Let the Realm put something there."),
    B(SYSREG_LEAKS_TO_HOST, "sysreg-leaks-to-host", "I23", "system_registers_are_the_hosts",
      "The Host finds the Realm's TPIDR_EL1 after the exit. Let the Realm put something there."),
    B(REC_SYSREG_LOST, "rec-sysreg-lost", "rec-context", "system_registers_are_the_realms",
      "A REC that is entered again finds zero in TPIDR_EL1. Let the Realm put something there."),
    B(SGI_NOT_TOLD, "sgi-not-told", "host-memory", "sgi_reaches_the_host",
      "An SGI that the Realm sends exits to the Host without its value."),

    B(MAP_LOSES_HIGH_BITS, "map-loses-high-bits", "refine", "mapping_keeps_high_bits",
      "RTT_MAP_UNPROTECTED drops bits 51:50 of the address. Map memory above 2^50 into a Realm "
      "with "
      "LPA2."),
    B(DATA_ABOVE_48_BITS, "data-above-48-bits", "I5", "data_fits_its_descriptor",
      "DATA_CREATE_UNKNOWN takes a granule above 2^48 for a Realm whose descriptors cannot say "
      "so."),
};

const size_t rmm_bug_count = sizeof(rmm_bugs) / sizeof(rmm_bugs[0]);
_Static_assert(sizeof(rmm_bugs) / sizeof(rmm_bugs[0]) == RMM_BUG_COUNT, "a row for each bug");

#else

const struct rmm_bug_info rmm_bugs[1] = {{0}};
const size_t rmm_bug_count = 0;

#endif

int rmm_bug_by_name(const char *name)
{
    for (size_t i = 0; i < rmm_bug_count; i++) {
        if (strcmp(rmm_bugs[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}
