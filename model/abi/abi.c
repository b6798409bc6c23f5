/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command tables of RMI, RSI and PSCI (DEN0137 1.0-rel0, B4.3, B5.3 and B6.3), ordered by function
 * identifier, and the names of enumerated values. Names of arguments and results are the
 * specification's own.
 */
#include <string.h>

#include <ccasim/abi.h>

#define FID_PREFIX_LENGTH  4u /* "RMI_" or "RSI_" */
#define PSCI_PREFIX_LENGTH 5u

const struct abi_command abi_rmi_commands[] = {
    {
        .name = "VERSION",
        .fid = RMI_VERSION,
        .since = ABI_1_0,
        .in = {{"req", ABI_VERSION_WORD}},
        .out = {{"lower", ABI_VERSION_WORD}, {"higher", ABI_VERSION_WORD}},
        .section = "B4.3.23",
    },
    {
        .name = "GRANULE_DELEGATE",
        .fid = RMI_GRANULE_DELEGATE,
        .since = ABI_1_0,
        .in = {{"addr", ABI_ADDR}},
        .section = "B4.3.5",
    },
    {
        .name = "GRANULE_UNDELEGATE",
        .fid = RMI_GRANULE_UNDELEGATE,
        .since = ABI_1_0,
        .in = {{"addr", ABI_ADDR}},
        .section = "B4.3.6",
    },
    {
        .name = "DATA_CREATE",
        .fid = RMI_DATA_CREATE,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD},
               {"data", ABI_DATA},
               {"ipa", ABI_IPA},
               {"src", ABI_NS_PTR},
               {"flags", ABI_FLAGS}},
        .section = "B4.3.1",
    },
    {
        .name = "DATA_CREATE_UNKNOWN",
        .fid = RMI_DATA_CREATE_UNKNOWN,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"data", ABI_DATA}, {"ipa", ABI_IPA}},
        .section = "B4.3.2",
    },
    {
        .name = "DATA_DESTROY",
        .fid = RMI_DATA_DESTROY,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}},
        .out = {{"data", ABI_DATA}, {"top", ABI_IPA}},
        .section = "B4.3.3",
    },
    {
        .name = "REALM_ACTIVATE",
        .fid = RMI_REALM_ACTIVATE,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}},
        .section = "B4.3.8",
    },
    {
        .name = "REALM_CREATE",
        .fid = RMI_REALM_CREATE,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"params_ptr", ABI_NS_PTR}},
        .section = "B4.3.9",
    },
    {
        .name = "REALM_DESTROY",
        .fid = RMI_REALM_DESTROY,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}},
        .section = "B4.3.10",
    },
    {
        .name = "REC_CREATE",
        .fid = RMI_REC_CREATE,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"rec", ABI_REC}, {"params_ptr", ABI_NS_PTR}},
        .section = "B4.3.12",
    },
    {
        .name = "REC_DESTROY",
        .fid = RMI_REC_DESTROY,
        .since = ABI_1_0,
        .in = {{"rec_ptr", ABI_REC}},
        .section = "B4.3.13",
    },
    {
        .name = "REC_ENTER",
        .fid = RMI_REC_ENTER,
        .since = ABI_1_0,
        .in = {{"rec", ABI_REC}, {"run_ptr", ABI_NS_PTR}},
        .section = "B4.3.14",
    },
    {
        .name = "RTT_CREATE",
        .fid = RMI_RTT_CREATE,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"rtt", ABI_RTT}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}},
        .section = "B4.3.15",
    },
    {
        .name = "RTT_DESTROY",
        .fid = RMI_RTT_DESTROY,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}},
        .out = {{"rtt", ABI_RTT}, {"top", ABI_IPA}},
        .section = "B4.3.16",
    },
    {
        .name = "RTT_MAP_UNPROTECTED",
        .fid = RMI_RTT_MAP_UNPROTECTED,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}, {"desc", ABI_DESC}},
        .section = "B4.3.19",
    },
    {
        .name = "RTT_READ_ENTRY",
        .fid = RMI_RTT_READ_ENTRY,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}},
        .out = {{"walk_level", ABI_LEVEL},
                {"state", ABI_STATE},
                {"desc", ABI_DESC},
                {"ripas", ABI_RIPAS}},
        .section = "B4.3.20",
    },
    {
        .name = "RTT_UNMAP_UNPROTECTED",
        .fid = RMI_RTT_UNMAP_UNPROTECTED,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}},
        .out = {{"top", ABI_IPA}},
        .section = "B4.3.22",
    },
    {
        .name = "PSCI_COMPLETE",
        .fid = RMI_PSCI_COMPLETE,
        .since = ABI_1_0,
        .in = {{"calling_rec", ABI_REC}, {"target_rec", ABI_REC}, {"status", ABI_STATUS}},
        .section = "B4.3.7",
    },
    {
        .name = "FEATURES",
        .fid = RMI_FEATURES,
        .since = ABI_1_0,
        .in = {{"index", ABI_UINT}},
        .out = {{"value", ABI_FLAGS}},
        .section = "B4.3.4",
    },
    {
        .name = "RTT_FOLD",
        .fid = RMI_RTT_FOLD,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"ipa", ABI_IPA}, {"level", ABI_LEVEL}},
        .out = {{"rtt", ABI_RTT}},
        .section = "B4.3.17",
    },
    {
        .name = "REC_AUX_COUNT",
        .fid = RMI_REC_AUX_COUNT,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}},
        .out = {{"aux_count", ABI_UINT}},
        .section = "B4.3.11",
    },
    {
        .name = "RTT_INIT_RIPAS",
        .fid = RMI_RTT_INIT_RIPAS,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"base", ABI_IPA}, {"top", ABI_IPA}},
        .out = {{"out_top", ABI_IPA}},
        .section = "B4.3.18",
    },
    {
        .name = "RTT_SET_RIPAS",
        .fid = RMI_RTT_SET_RIPAS,
        .since = ABI_1_0,
        .in = {{"rd", ABI_RD}, {"rec_ptr", ABI_REC}, {"base", ABI_IPA}, {"top", ABI_IPA}},
        .out = {{"out_top", ABI_IPA}},
        .section = "B4.3.21",
    },
};
const size_t abi_rmi_command_count = sizeof(abi_rmi_commands) / sizeof(abi_rmi_commands[0]);

#define BYTES_8(n)                                                                      \
    {n "_0", ABI_BYTES}, {n "_1", ABI_BYTES}, {n "_2", ABI_BYTES}, {n "_3", ABI_BYTES}, \
        {n "_4", ABI_BYTES}, {n "_5", ABI_BYTES}, {n "_6", ABI_BYTES},                  \
    {                                                                                   \
        n "_7", ABI_BYTES                                                               \
    }

const struct abi_command abi_rsi_commands[] = {
    {
        .name = "VERSION",
        .fid = RSI_VERSION,
        .since = ABI_1_0,
        .in = {{"req", ABI_VERSION_WORD}},
        .out = {{"lower", ABI_VERSION_WORD}, {"higher", ABI_VERSION_WORD}},
        .section = "B5.3.10",
    },
    {
        .name = "FEATURES",
        .fid = RSI_FEATURES,
        .since = ABI_1_0,
        .in = {{"index", ABI_UINT}},
        .out = {{"value", ABI_FLAGS}},
        .section = "B5.3.3",
    },
    {
        .name = "MEASUREMENT_READ",
        .fid = RSI_MEASUREMENT_READ,
        .since = ABI_1_0,
        .in = {{"index", ABI_UINT}},
        .out = {BYTES_8("value")},
        .section = "B5.3.8",
    },
    {
        .name = "MEASUREMENT_EXTEND",
        .fid = RSI_MEASUREMENT_EXTEND,
        .since = ABI_1_0,
        .in = {{"index", ABI_UINT}, {"size", ABI_UINT}, BYTES_8("value")},
        .section = "B5.3.7",
    },
    {
        .name = "ATTESTATION_TOKEN_INIT",
        .fid = RSI_ATTESTATION_TOKEN_INIT,
        .since = ABI_1_0,
        .in = {BYTES_8("challenge")},
        .out = {{"size", ABI_UINT}},
        .section = "B5.3.2",
    },
    {
        .name = "ATTESTATION_TOKEN_CONTINUE",
        .fid = RSI_ATTESTATION_TOKEN_CONTINUE,
        .since = ABI_1_0,
        .in = {{"addr", ABI_IPA}, {"offset", ABI_UINT}, {"size", ABI_UINT}},
        .out = {{"len", ABI_UINT}},
        .section = "B5.3.1",
    },
    {
        .name = "REALM_CONFIG",
        .fid = RSI_REALM_CONFIG,
        .since = ABI_1_0,
        .in = {{"addr", ABI_IPA}},
        .section = "B5.3.9",
    },
    {
        .name = "IPA_STATE_SET",
        .fid = RSI_IPA_STATE_SET,
        .since = ABI_1_0,
        .in = {{"base", ABI_IPA}, {"top", ABI_IPA}, {"ripas", ABI_RIPAS}, {"flags", ABI_FLAGS}},
        .out = {{"new_base", ABI_IPA}, {"response", ABI_UINT}},
        .section = "B5.3.6",
    },
    {
        .name = "IPA_STATE_GET",
        .fid = RSI_IPA_STATE_GET,
        .since = ABI_1_0,
        .in = {{"base", ABI_IPA}, {"top", ABI_IPA}},
        .out = {{"out_top", ABI_IPA}, {"ripas", ABI_RIPAS}},
        .section = "B5.3.5",
    },
    {
        .name = "HOST_CALL",
        .fid = RSI_HOST_CALL,
        .since = ABI_1_0,
        .in = {{"addr", ABI_IPA}},
        .section = "B5.3.4",
    },
};
const size_t abi_rsi_command_count = sizeof(abi_rsi_commands) / sizeof(abi_rsi_commands[0]);

const struct abi_command abi_psci_commands[] = {
    {
        .name = "VERSION",
        .fid = PSCI_VERSION,
        .since = ABI_1_0,
        .section = "B6.3.8",
    },
    {
        .name = "CPU_OFF",
        .fid = PSCI_CPU_OFF,
        .since = ABI_1_0,
        .section = "B6.3.2",
    },
    {
        .name = "SYSTEM_OFF",
        .fid = PSCI_SYSTEM_OFF,
        .since = ABI_1_0,
        .section = "B6.3.6",
    },
    {
        .name = "SYSTEM_RESET",
        .fid = PSCI_SYSTEM_RESET,
        .since = ABI_1_0,
        .section = "B6.3.7",
    },
    {
        .name = "FEATURES",
        .fid = PSCI_FEATURES,
        .since = ABI_1_0,
        .in = {{"psci_func_id", ABI_UINT}},
        .section = "B6.3.5",
    },
    {
        .name = "CPU_SUSPEND",
        .fid = PSCI_CPU_SUSPEND,
        .since = ABI_1_0,
        .in = {{"power_state", ABI_UINT},
               {"entry_point_address", ABI_IPA},
               {"context_id", ABI_UINT}},
        .section = "B6.3.4",
    },
    {
        .name = "CPU_ON",
        .fid = PSCI_CPU_ON,
        .since = ABI_1_0,
        .in = {{"target_cpu", ABI_UINT},
               {"entry_point_address", ABI_IPA},
               {"context_id", ABI_UINT}},
        .section = "B6.3.3",
    },
    {
        .name = "AFFINITY_INFO",
        .fid = PSCI_AFFINITY_INFO,
        .since = ABI_1_0,
        .in = {{"target_affinity", ABI_UINT}, {"lowest_affinity_level", ABI_UINT}},
        .section = "B6.3.1",
    },
};
const size_t abi_psci_command_count = sizeof(abi_psci_commands) / sizeof(abi_psci_commands[0]);

const struct abi_command *abi_command_by_fid(uint64_t fid)
{
    fid &= ~SMC_FID_SVE_HINT;
    for (size_t i = 0; i < abi_rmi_command_count; i++) {
        if (abi_rmi_commands[i].fid == fid)
            return &abi_rmi_commands[i];
    }
    for (size_t i = 0; i < abi_rsi_command_count; i++) {
        if (abi_rsi_commands[i].fid == fid)
            return &abi_rsi_commands[i];
    }
    for (size_t i = 0; i < abi_psci_command_count; i++) {
        if (abi_psci_commands[i].fid == fid)
            return &abi_psci_commands[i];
    }
    return NULL;
}

static const struct abi_command *find_name(const struct abi_command *table, size_t count,
                                           const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

const struct abi_command *abi_command_by_name(const char *name)
{
    if (strncmp(name, "RSI_", FID_PREFIX_LENGTH) == 0)
        return find_name(abi_rsi_commands, abi_rsi_command_count, name + FID_PREFIX_LENGTH);
    if (strncmp(name, "PSCI_", PSCI_PREFIX_LENGTH) == 0) {
        const struct abi_command *c =
            find_name(abi_psci_commands, abi_psci_command_count, name + PSCI_PREFIX_LENGTH);
        if (c)
            return c;
    }
    if (strncmp(name, "RMI_", FID_PREFIX_LENGTH) == 0)
        name += FID_PREFIX_LENGTH;
    return find_name(abi_rmi_commands, abi_rmi_command_count, name);
}

bool abi_command_is_rsi(const struct abi_command *c)
{
    return c->fid >= RSI_FID_FIRST && c->fid <= RSI_FID_LAST;
}

bool abi_command_is_psci(const struct abi_command *c)
{
    return (c->fid >= PSCI_FID32_FIRST && c->fid <= PSCI_FID32_LAST) ||
           (c->fid >= PSCI_FID64_FIRST && c->fid <= PSCI_FID64_LAST);
}

const char *abi_command_interface(const struct abi_command *c)
{
    if (abi_command_is_psci(c))
        return "PSCI";
    return abi_command_is_rsi(c) ? "RSI" : "RMI";
}

unsigned abi_command_num_in(const struct abi_command *c)
{
    unsigned n = 0;

    while (n < ABI_MAX_ARGS && c->in[n].name)
        n++;
    return n;
}

unsigned abi_command_num_out(const struct abi_command *c)
{
    unsigned n = 0;

    while (n < ABI_MAX_REGS - 1 && c->out[n].name)
        n++;
    return n;
}

#define NAME_OF(table, i) ((i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : "?")

const char *rmi_status_name(unsigned status)
{
    static const char *const names[RMI_STATUS_COUNT] = {
        [RMI_SUCCESS] = "RMI_SUCCESS",         [RMI_ERROR_INPUT] = "RMI_ERROR_INPUT",
        [RMI_ERROR_REALM] = "RMI_ERROR_REALM", [RMI_ERROR_REC] = "RMI_ERROR_REC",
        [RMI_ERROR_RTT] = "RMI_ERROR_RTT",
    };
    return NAME_OF(names, status);
}

const char *rsi_status_name(unsigned status)
{
    static const char *const names[RSI_STATUS_COUNT] = {
        [RSI_SUCCESS] = "RSI_SUCCESS",
        [RSI_ERROR_INPUT] = "RSI_ERROR_INPUT",
        [RSI_ERROR_STATE] = "RSI_ERROR_STATE",
        [RSI_INCOMPLETE] = "RSI_INCOMPLETE",
        [RSI_ERROR_UNKNOWN] = "RSI_ERROR_UNKNOWN",
    };
    return NAME_OF(names, status);
}

const char *psci_status_name(uint64_t status)
{
    static const char *const names[] = {
        "PSCI_SUCCESS",    "PSCI_NOT_SUPPORTED",   "PSCI_INVALID_PARAMETERS", "PSCI_DENIED",
        "PSCI_ALREADY_ON", "PSCI_ON_PENDING",      "PSCI_INTERNAL_FAILURE",   "PSCI_NOT_PRESENT",
        "PSCI_DISABLED",   "PSCI_INVALID_ADDRESS",
    };
    return status == PSCI_OFF ? "PSCI_OFF" : NAME_OF(names, -status);
}

const char *ripas_name(unsigned ripas)
{
    static const char *const names[] = {
        [RIPAS_EMPTY] = "EMPTY",
        [RIPAS_RAM] = "RAM",
        [RIPAS_DESTROYED] = "DESTROYED",
    };
    return NAME_OF(names, ripas);
}

const char *hipas_name(unsigned hipas)
{
    static const char *const names[] = {
        [HIPAS_UNASSIGNED] = "UNASSIGNED",
        [HIPAS_ASSIGNED] = "ASSIGNED",
        [HIPAS_TABLE] = "TABLE",
    };
    return NAME_OF(names, hipas);
}

const char *rec_exit_reason_name(unsigned reason)
{
    static const char *const names[] = {
        [EXIT_SYNC] = "SYNC",
        [EXIT_IRQ] = "IRQ",
        [EXIT_FIQ] = "FIQ",
        [EXIT_PSCI] = "PSCI",
        [EXIT_RIPAS_CHANGE] = "RIPAS_CHANGE",
        [EXIT_HOST_CALL] = "HOST_CALL",
        [EXIT_SERROR] = "SERROR",
    };
    return NAME_OF(names, reason);
}

const char *realm_state_name(unsigned state)
{
    static const char *const names[] = {
        [REALM_NEW] = "NEW",
        [REALM_ACTIVE] = "ACTIVE",
        [REALM_SYSTEM_OFF] = "SYSTEM_OFF",
    };
    return NAME_OF(names, state);
}
