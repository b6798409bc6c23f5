/* SPDX-License-Identifier: BSD-3-Clause */
/* Capstone, which renamed ARM64 to AARCH64 in version 6. Built with and without Unicorn. */
#include <ccasim/cpu.h>

#include <capstone/capstone.h>
#include <stdio.h>

#if CS_API_MAJOR >= 6
#define ARCH_A64 CS_ARCH_AARCH64
#else
#define ARCH_A64 CS_ARCH_ARM64
#endif

bool cpu_disasm(uint32_t insn, uint64_t pc, char *buf, size_t size)
{
    csh handle;
    cs_insn *out = NULL;
    const uint8_t bytes[4] = {(uint8_t)insn, (uint8_t)(insn >> 8), (uint8_t)(insn >> 16),
                              (uint8_t)(insn >> 24)};
    size_t n = 0;

    if (cs_open(ARCH_A64, CS_MODE_LITTLE_ENDIAN, &handle) == CS_ERR_OK) {
        n = cs_disasm(handle, bytes, sizeof(bytes), pc, 1, &out);
        if (n == 1)
            snprintf(buf, size, "%s%s%s", out->mnemonic, out->op_str[0] ? " " : "", out->op_str);
        cs_free(out, n);
        cs_close(&handle);
    }
    if (n != 1)
        snprintf(buf, size, ".inst 0x%08x", (unsigned)insn);
    return n == 1;
}
