/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Planted bugs. `if (BUG(m, X))` stands where a handler can be made to do the wrong thing: it
 * counts that the place was reached, on or off, and is true when the bug is on. In a build without
 * CCASIM_BREAK it is the constant false.
 */
#ifndef CCASIM_RMM_BUGS_H
#define CCASIM_RMM_BUGS_H

#include <ccasim/machine.h>

enum rmm_bug {
    /* granules and wipes */
    BUG_DELEGATE_WRITES_GPT,
    BUG_UNDELEGATE_BEFORE_CHECK,
    BUG_UNDELEGATE_NO_WIPE,
    BUG_DATA_DESTROY_NO_WIPE,
    BUG_REC_DESTROY_NO_WIPE,
    BUG_DATA_CREATE_UNKNOWN_NO_WIPE,
    /* translation tables */
    BUG_DATA_DESTROY_NO_TLBI,
    BUG_UNMAP_NO_TLBI,
    BUG_MAP_WITHOUT_NS,
    BUG_DATA_CREATE_OVERWRITES,
    BUG_DATA_DESTROY_KEEPS_ENTRY,
    BUG_RTT_CREATE_NO_STATE,
    BUG_DATA_DESTROY_WRONG_TOP,
    BUG_READ_ENTRY_SHORT_WALK,
    /* reference counts, locks, slots */
    BUG_RTT_CREATE_REFCOUNT,
    BUG_REC_DESTROY_REFCOUNT,
    BUG_RTT_CREATE_LOCK_ORDER,
    BUG_RTT_DESTROY_LOCK_LEAK,
    BUG_AUX_COUNT_AFTER_UNLOCK,
    BUG_NS_SLOT_LEAK,
    /* Realm life cycle and measurement */
    BUG_REALM_CREATE_DOUBLE_FETCH,
    BUG_REALM_DESTROY_KEEPS_VMID,
    BUG_REALM_DESTROY_WITH_RECS,
    BUG_REC_CREATE_WRONG_STATUS,
    BUG_REC_CREATE_RIM_CONTENT,
    BUG_DATA_CREATE_IN_ACTIVE,
    BUG_DATA_CREATE_NOT_MEASURED,
    BUG_DATA_CREATE_NO_UNDO,
    BUG_DATA_CREATE_NO_GPC,
    /* REC entry and exit */
    BUG_REC_ENTER_TWICE,
    BUG_REC_EXIT_REFCOUNT,
    BUG_EXIT_LEAKS_GPR,
    BUG_EXIT_LEAKS_ESR,
    BUG_MMIO_NO_SIGN_EXTEND,
    BUG_HOST_CALL_NO_RESULT,
    BUG_HOST_CALL_SHORT_COPY,
    BUG_REALM_CONFIG_STALE,
    /* folding, RIPAS change */
    BUG_FOLD_LOOKS_AT_TWO,
    BUG_FOLD_LOSES_ATTRIBUTES,
    BUG_FOLD_REFCOUNT,
    BUG_FOLD_NO_STATE,
    BUG_SET_RIPAS_BEYOND_TOP,
    BUG_SET_RIPAS_REVIVES,
    BUG_SET_RIPAS_NO_TLBI,
    BUG_SET_RIPAS_NO_PROGRESS,
    BUG_RIPAS_REJECT_LOST,
    /* PSCI */
    BUG_PSCI_COMPLETE_ANY_REALM,
    BUG_PSCI_STAYS_PENDING,
    BUG_PSCI_EXIT_LEAKS_GPR,
    BUG_CPU_ON_KEEPS_REGISTERS,
    BUG_CPU_OFF_STAYS_RUNNABLE,
    BUG_SYSTEM_OFF_FORGOTTEN,
    /* attestation */
    BUG_TOKEN_SHORT_CHALLENGE,
    BUG_TOKEN_REM_ORDER,
    BUG_TOKEN_NOT_BOUND,
    BUG_TOKEN_PAST_SIZE,
    BUG_TOKEN_IRQ_LOSES_RESULT,
    /* devices of the Realm */
    BUG_GIC_ACTIVE_LOST,
    BUG_GIC_VMCR_LOST,
    BUG_GIC_OF_ANOTHER_REC,
    BUG_TIMER_CHANGE_NOT_TOLD,
    BUG_PMU_OVERFLOW_NOT_TOLD,
    BUG_FP_LEAKS_TO_HOST,
    BUG_SGI_NOT_TOLD,
    /* LPA2 */
    BUG_MAP_LOSES_HIGH_BITS,
    BUG_DATA_ABOVE_48_BITS,
    RMM_BUG_COUNT
};
_Static_assert(RMM_BUG_COUNT <= MACHINE_MAX_BREAKS, "a counter for each bug");

#if CCASIM_BREAK
#define BUG(m, id) ((m)->break_count[BUG_##id]++, (m)->broken == BUG_##id + 1u)
#else
#define BUG(m, id) ((void)(m), false)
#endif

#endif
