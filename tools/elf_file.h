/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CCASIM_TOOLS_ELF_FILE_H
#define CCASIM_TOOLS_ELF_FILE_H

#include <elf.h>
#include <gelf.h>
#include <libelf.h>

/* NULL: a 64-bit little-endian AArch64 file, and *header is its header; else what is wrong with it. `e` may be NULL. */
const char *elf_check(Elf *e, Elf64_Ehdr **header);

#endif
