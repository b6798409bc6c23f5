/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RMM ABI as data (DEN0137 1.0-rel0, B4-B6): function identifiers, statuses, enumerations, layouts of the
 * structures in host and Realm memory, and one table a command set that names arguments and results.
 *
 * The dispatcher, the trace decoder, the scenario loader, the JSON Schema and the fuzzer signature are all
 * derived from these tables. They say nothing of failure conditions: those are model/spec's.
 * The ABI version is a property of the machine: every row carries the first version that has it.
 */
#ifndef CCASIM_ABI_H
#define CCASIM_ABI_H

#include <ccasim/types.h>

CCASIM_API_BEGIN

#define ABI_MAX_ARGS 16u /* inputs x1..x16 */
#define ABI_MAX_REGS 17u /* x0..x16 */

/* Version word: major[30:16], minor[15:0]. */
#define ABI_VERSION(major, minor) (((uint64_t)(major) << 16) | (minor))
#define ABI_1_0                   ABI_VERSION(1, 0)

#define SMC_NOT_SUPPORTED UINT64_MAX    /* SMCCC: unknown function identifier */
#define SMC_FID_SVE_HINT  (1ull << 16)  /* SMCCC 1.3: cleared before decoding */
#define SMCCC_VERSION_FID 0x80000000ull /* -> 0x10002 (v1.2) */

/* RMI function identifiers (B4.1). */
#define RMI_FID_FIRST 0xC4000150ull
#define RMI_FID_LAST  0xC400018Full
enum rmi_fid {
    RMI_VERSION = 0xC4000150,
    RMI_GRANULE_DELEGATE = 0xC4000151,
    RMI_GRANULE_UNDELEGATE = 0xC4000152,
    RMI_DATA_CREATE = 0xC4000153,
    RMI_DATA_CREATE_UNKNOWN = 0xC4000154,
    RMI_DATA_DESTROY = 0xC4000155,
    RMI_REALM_ACTIVATE = 0xC4000157,
    RMI_REALM_CREATE = 0xC4000158,
    RMI_REALM_DESTROY = 0xC4000159,
    RMI_REC_CREATE = 0xC400015A,
    RMI_REC_DESTROY = 0xC400015B,
    RMI_REC_ENTER = 0xC400015C,
    RMI_RTT_CREATE = 0xC400015D,
    RMI_RTT_DESTROY = 0xC400015E,
    RMI_RTT_MAP_UNPROTECTED = 0xC400015F,
    RMI_RTT_READ_ENTRY = 0xC4000161,
    RMI_RTT_UNMAP_UNPROTECTED = 0xC4000162,
    RMI_PSCI_COMPLETE = 0xC4000164,
    RMI_FEATURES = 0xC4000165,
    RMI_RTT_FOLD = 0xC4000166,
    RMI_REC_AUX_COUNT = 0xC4000167,
    RMI_RTT_INIT_RIPAS = 0xC4000168,
    RMI_RTT_SET_RIPAS = 0xC4000169,
};
#define RMI_REQ_COMPLETE 0xC400018Full /* RMM -> EL3 only: x1.. = RMI results */

/* RSI function identifiers (B5.1). */
#define RSI_FID_FIRST 0xC4000190ull
#define RSI_FID_LAST  0xC40001AFull
enum rsi_fid {
    RSI_VERSION = 0xC4000190,
    RSI_FEATURES = 0xC4000191,
    RSI_MEASUREMENT_READ = 0xC4000192,
    RSI_MEASUREMENT_EXTEND = 0xC4000193,
    RSI_ATTESTATION_TOKEN_INIT = 0xC4000194,
    RSI_ATTESTATION_TOKEN_CONTINUE = 0xC4000195,
    RSI_REALM_CONFIG = 0xC4000196,
    RSI_IPA_STATE_SET = 0xC4000197,
    RSI_IPA_STATE_GET = 0xC4000198,
    RSI_HOST_CALL = 0xC4000199,
};

/* PSCI function identifiers that a Realm may use (B6.3): SMC64 ones where there is a choice. */
#define PSCI_FID32_FIRST 0x84000000ull
#define PSCI_FID32_LAST  0x8400001Full
#define PSCI_FID64_FIRST 0xC4000000ull
#define PSCI_FID64_LAST  0xC400001Full
enum psci_fid {
    PSCI_VERSION = 0x84000000,
    PSCI_CPU_OFF = 0x84000002,
    PSCI_SYSTEM_OFF = 0x84000008,
    PSCI_SYSTEM_RESET = 0x84000009,
    PSCI_FEATURES = 0x8400000A,
    PSCI_CPU_SUSPEND = 0xC4000001,
    PSCI_CPU_ON = 0xC4000003,
    PSCI_AFFINITY_INFO = 0xC4000004,
};
#define PSCI_VERSION_1_1  0x10001ull
#define SMCCC_VERSION_1_2 0x10002ull

/* RMM-EL3 interface (RMM -> EL3M). */
#define EL3_FID_FIRST             0xC40001B0ull
#define EL3_FID_LAST              0xC40001CFull
#define EL3_GTSI_DELEGATE         0xC40001B0ull
#define EL3_GTSI_UNDELEGATE       0xC40001B1ull
#define EL3_ATTEST_GET_REALM_KEY  0xC40001B2ull
#define EL3_ATTEST_GET_PLAT_TOKEN 0xC40001B3ull
#define EL3_FEATURES              0xC40001B4ull
#define EL3_TOKEN_SIGN            0xC40001B5ull
#define EL3_BOOT_COMPLETE         0xC40001CFull
#define EL3_OK                    0
#define EL3_E_UNK                 (-1)
#define EL3_E_BAD_ADDR            (-2)
#define EL3_E_BAD_PAS             (-3)
#define EL3_E_NOMEM               (-4)
#define EL3_E_INVAL               (-5)
#define EL3_E_AGAIN               (-6)

/* RmiStatusCode (B4.4.18). RmiCommandReturnCode: status[7:0], index[15:8]. */
enum rmi_status {
    RMI_SUCCESS = 0,
    RMI_ERROR_INPUT = 1,
    RMI_ERROR_REALM = 2,
    RMI_ERROR_REC = 3,
    RMI_ERROR_RTT = 4,
    RMI_STATUS_COUNT
};
static inline uint64_t rmi_result(enum rmi_status s, int index)
{
    return (uint64_t)s | ((uint64_t)(index & 0xff) << 8);
}
static inline enum rmi_status rmi_result_status(uint64_t x0)
{
    return (enum rmi_status)(x0 & 0xff);
}
static inline unsigned rmi_result_index(uint64_t x0)
{
    return (unsigned)((x0 >> 8) & 0xff);
}

enum rsi_status {
    RSI_SUCCESS = 0,
    RSI_ERROR_INPUT = 1,
    RSI_ERROR_STATE = 2,
    RSI_INCOMPLETE = 3,
    RSI_ERROR_UNKNOWN = 4,
    RSI_STATUS_COUNT
};

/* PsciReturnCode (B6.4): 64-bit signed in x0. */
enum psci_status {
    PSCI_SUCCESS = 0,
    PSCI_NOT_SUPPORTED = -1,
    PSCI_INVALID_PARAMETERS = -2,
    PSCI_DENIED = -3,
    PSCI_ALREADY_ON = -4,
    PSCI_ON_PENDING = -5,
    PSCI_INTERNAL_FAILURE = -6,
    PSCI_NOT_PRESENT = -7,
    PSCI_DISABLED = -8,
    PSCI_INVALID_ADDRESS = -9,
    PSCI_OFF = 1, /* AFFINITY_INFO: 0 on, 1 off */
};

/* RmiResponse, RsiResponse; RsiRipasChangeDestroyed. */
enum rsi_response { RSI_ACCEPT, RSI_REJECT };
#define RSI_CHANGE_DESTROYED 1u /* IPA_STATE_SET flags[0] */

enum hipas { HIPAS_UNASSIGNED, HIPAS_ASSIGNED, HIPAS_TABLE }; /* RmiRttEntryState; *_NS by IPA */
enum ripas { RIPAS_EMPTY, RIPAS_RAM, RIPAS_DESTROYED };
enum hash_algo { HASH_SHA_256, HASH_SHA_512 };
enum rec_exit_reason {
    EXIT_SYNC,
    EXIT_IRQ,
    EXIT_FIQ,
    EXIT_PSCI,
    EXIT_RIPAS_CHANGE,
    EXIT_HOST_CALL,
    EXIT_SERROR,
};
/* Lifecycle of a Realm (A2.1.5); NULL is "no Realm". */
enum realm_state { REALM_NEW, REALM_ACTIVE, REALM_SYSTEM_OFF };

/* RmiFeatureRegister0 fields (B4.4.5). */
#define FEAT0_S2SZ_SHIFT           0
#define FEAT0_LPA2_SHIFT           8
#define FEAT0_SVE_EN_SHIFT         9
#define FEAT0_SVE_VL_SHIFT         10
#define FEAT0_NUM_BPS_SHIFT        14 /* minus 1 */
#define FEAT0_NUM_WPS_SHIFT        20 /* minus 1 */
#define FEAT0_PMU_EN_SHIFT         26
#define FEAT0_PMU_NUM_CTRS_SHIFT   27
#define FEAT0_HASH_SHA_256_SHIFT   32
#define FEAT0_HASH_SHA_512_SHIFT   33
#define FEAT0_GICV3_NUM_LRS_SHIFT  34 /* minus 1 */
#define FEAT0_MAX_RECS_ORDER_SHIFT 38

/* RmiRealmParams, 4 KB in host memory (B4.4.12): offsets in bytes. */
#define REALM_PARAMS_FLAGS           0x000 /* u64: lpa2[0], sve[1], pmu[2] */
#define REALM_PARAMS_S2SZ            0x008 /* u8 */
#define REALM_PARAMS_SVE_VL          0x010 /* u8 */
#define REALM_PARAMS_NUM_BPS         0x018 /* u8, minus 1 (as in RmiFeatureRegister0) */
#define REALM_PARAMS_NUM_WPS         0x020 /* u8, minus 1 */
#define REALM_PARAMS_PMU_NUM_CTRS    0x028 /* u8 */
#define REALM_PARAMS_HASH_ALGO       0x030 /* u8 */
#define REALM_PARAMS_RPV             0x400 /* 64 bytes */
#define REALM_PARAMS_VMID            0x800 /* u16 */
#define REALM_PARAMS_RTT_BASE        0x808 /* u64 */
#define REALM_PARAMS_RTT_LEVEL_START 0x810 /* s64 */
#define REALM_PARAMS_RTT_NUM_START   0x818 /* u32 */
#define REALM_FLAG_LPA2              (1u << 0)
#define REALM_FLAG_SVE               (1u << 1)
#define REALM_FLAG_PMU               (1u << 2)

/* RmiRecParams, 4 KB in host memory (B4.4.14). */
#define REC_PARAMS_FLAGS         0x000 /* u64: runnable[0] */
#define REC_PARAMS_MPIDR         0x100
#define REC_PARAMS_PC            0x200
#define REC_PARAMS_GPRS          0x300 /* 8 x u64 */
#define REC_PARAMS_NUM_AUX       0x800
#define REC_PARAMS_AUX           0x808 /* 16 x u64 */
#define REC_PARAMS_FLAG_RUNNABLE 1u
#define REC_NUM_CREATE_GPRS      8u
#define REC_MAX_AUX              16u

/* RmiRecRun, 4 KB in host memory: RmiRecEnter at 0, RmiRecExit at 0x800 (B4.4.13, B4.4.10, B4.4.11). */
#define REC_ENTER_FLAGS               0x000
#define REC_ENTER_GPRS                0x200 /* 31 x u64 */
#define REC_ENTER_GICV3_HCR           0x300
#define REC_ENTER_GICV3_LRS           0x308 /* 16 x u64 */
#define REC_ENTER_SIZE                0x800
#define REC_ENTRY_FLAG_EMUL_MMIO      (1u << 0)
#define REC_ENTRY_FLAG_INJECT_SEA     (1u << 1)
#define REC_ENTRY_FLAG_TRAP_WFI       (1u << 2)
#define REC_ENTRY_FLAG_TRAP_WFE       (1u << 3)
#define REC_ENTRY_FLAG_RIPAS_RESPONSE (1u << 4)
#define REC_EXIT_BASE                 0x800
/* Offsets within RmiRecExit (add REC_EXIT_BASE). */
#define REC_EXIT_REASON         0x000
#define REC_EXIT_ESR            0x100
#define REC_EXIT_FAR            0x108
#define REC_EXIT_HPFAR          0x110
#define REC_EXIT_GPRS           0x200 /* 31 x u64 */
#define REC_EXIT_GICV3_HCR      0x300
#define REC_EXIT_GICV3_LRS      0x308 /* 16 x u64 */
#define REC_EXIT_GICV3_MISR     0x388
#define REC_EXIT_GICV3_VMCR     0x390
#define REC_EXIT_CNTP_CTL       0x400
#define REC_EXIT_CNTP_CVAL      0x408
#define REC_EXIT_CNTV_CTL       0x410
#define REC_EXIT_CNTV_CVAL      0x418
#define REC_EXIT_RIPAS_BASE     0x500
#define REC_EXIT_RIPAS_TOP      0x508
#define REC_EXIT_RIPAS_VALUE    0x510
#define REC_EXIT_IMM            0x600
#define REC_EXIT_PMU_OVF_STATUS 0x700
#define REC_EXIT_SIZE           0x800

/* RsiRealmConfig (4 KB) and RsiHostCall (256 bytes) in Realm memory (B5.4). */
#define RSI_CONFIG_IPA_WIDTH 0x0
#define RSI_CONFIG_HASH_ALGO 0x8
#define RSI_CONFIG_RPV       0x200
#define RSI_HOST_CALL_IMM    0x0 /* u16 */
#define RSI_HOST_CALL_GPRS   0x8 /* 31 x u64 */
#define RSI_HOST_CALL_SIZE   0x100

/* Measurement descriptors (A7.1, B4.4 RmmMeasurementDescriptor*), 256 bytes. */
#define MEAS_DESC_TYPE       0x00
#define MEAS_DESC_LEN        0x08
#define MEAS_DESC_RIM        0x10
#define MEAS_DESC_ARG0       0x50
#define MEAS_DESC_ARG1       0x58
#define MEAS_DESC_CONTENT    0x60
#define MEAS_DESC_SIZE       0x100
#define MEAS_DESC_TYPE_DATA  0
#define MEAS_DESC_TYPE_REC   1
#define MEAS_DESC_TYPE_RIPAS 2
#define MEASUREMENT_SIZE     64u
#define MEASUREMENT_SLOTS    5u /* 0 = RIM, 1..4 = REM */

/* What an argument or result is: drives typed printing, the schema, lint, near-match help, the fuzzer. */
enum abi_kind {
    ABI_NONE,
    ABI_ADDR,   /* PA of any granule */
    ABI_RD,     /* PA of an RD granule */
    ABI_REC,    /* PA of a REC granule */
    ABI_RTT,    /* PA of a granule to become an RTT */
    ABI_DATA,   /* PA of a granule to become DATA */
    ABI_NS_PTR, /* PA of host memory that the RMM reads or writes */
    ABI_IPA,    /* intermediate physical address */
    ABI_LEVEL,  /* signed RTT level */
    ABI_DESC,   /* RTT entry descriptor as the Host passes it */
    ABI_FLAGS,
    ABI_UINT, /* plain number */
    ABI_VERSION_WORD,
    ABI_STATE, /* RmiRttEntryState */
    ABI_RIPAS,
    ABI_STATUS, /* PSCI status */
    ABI_BYTES,  /* opaque 64-bit chunk of a byte string */
};

struct abi_field {
    const char *name; /* the specification's name */
    enum abi_kind kind;
};

struct abi_command {
    const char *name; /* without the prefix: "RTT_CREATE" */
    uint64_t fid;
    uint64_t since;                         /* ABI_VERSION of its first appearance */
    struct abi_field in[ABI_MAX_ARGS];      /* in[i] is x(i+1); ends with name == NULL */
    struct abi_field out[ABI_MAX_REGS - 1]; /* out[i] is x(i+1); ends with name == NULL */
    const char *section;                    /* of DEN0137 1.0-rel0 */
};

extern const struct abi_command abi_rmi_commands[];
extern const size_t abi_rmi_command_count;
extern const struct abi_command abi_rsi_commands[];
extern const size_t abi_rsi_command_count;
extern const struct abi_command abi_psci_commands[];
extern const size_t abi_psci_command_count;

/* NULL when no command has this function identifier (SVE hint bit ignored). */
const struct abi_command *abi_command_by_fid(uint64_t fid);
/* Accepts "RTT_CREATE" (RMI), "RMI_RTT_CREATE", "RSI_HOST_CALL", "PSCI_CPU_ON". "PSCI_COMPLETE" is RMI's. NULL when
 * unknown. */
const struct abi_command *abi_command_by_name(const char *name);
bool abi_command_is_rsi(const struct abi_command *c);
bool abi_command_is_psci(const struct abi_command *c);
/* "RMI", "RSI" or "PSCI". */
const char *abi_command_interface(const struct abi_command *c);
unsigned abi_command_num_in(const struct abi_command *c);
unsigned abi_command_num_out(const struct abi_command *c);

/* "RMI_ERROR_RTT", "RSI_ERROR_INPUT" ...; "?" when out of range. */
const char *rmi_status_name(unsigned status);
const char *rsi_status_name(unsigned status);
/* `status` is x0. "PSCI_DENIED" ...; "PSCI_OFF" for 1; "?" when it is none. */
const char *psci_status_name(uint64_t status);
const char *ripas_name(unsigned ripas);
const char *hipas_name(unsigned hipas);
const char *rec_exit_reason_name(unsigned reason);
const char *realm_state_name(unsigned state);

CCASIM_API_END

#endif
