/* SPDX-License-Identifier: BSD-3-Clause */
/* The code in an ELF file: .text of an object file, or what a program loads. */
#include <string.h>

#include "elf_file.h"
#include "scn.h"

const char *elf_check(Elf *e, Elf64_Ehdr **header)
{
    *header = e && elf_kind(e) == ELF_K_ELF ? elf64_getehdr(e) : NULL;
    if (!*header)
        return "not a 64-bit ELF file";
    if ((*header)->e_machine != EM_AARCH64 || (*header)->e_ident[EI_DATA] != ELFDATA2LSB)
        return "not for little-endian AArch64";
    return NULL;
}

static const char *section_name(Elf *e, const Elf64_Ehdr *header, const Elf64_Shdr *section)
{
    const char *name = elf_strptr(e, header->e_shstrndx, section->sh_name);

    return name ? name : "?";
}

/* The symbol of the first relocation, for the message. */
static const char *relocation_symbol(Elf *e, Elf_Scn *scn, const Elf64_Shdr *section)
{
    Elf_Scn *table = elf_getscn(e, section->sh_link);
    Elf64_Shdr *table_header = table ? elf64_getshdr(table) : NULL;
    Elf_Data *symbols = table ? elf_getdata(table, NULL) : NULL;
    Elf_Data *data = elf_getdata(scn, NULL);
    const Elf64_Rela *rela = data ? data->d_buf : NULL;
    const Elf64_Sym *sym = symbols ? symbols->d_buf : NULL;
    const char *name;

    if (!rela || !sym || !table_header || data->d_size < sizeof(*rela) ||
        ELF64_R_SYM(rela->r_info) >= symbols->d_size / sizeof(*sym))
        return "?";
    sym += ELF64_R_SYM(rela->r_info);
    if (ELF64_ST_TYPE(sym->st_info) == STT_SECTION)
        return "a label, by its absolute address: use adr";
    name = elf_strptr(e, table_header->sh_link, sym->st_name);
    return name && name[0] ? name : "?";
}

static uint64_t start_symbol(Elf *e, Elf_Scn *scn, const Elf64_Shdr *section)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data ? data->d_size / sizeof(Elf64_Sym) : 0;
    const Elf64_Sym *sym = data ? data->d_buf : NULL;

    for (size_t i = 0; sym && i < count; i++) {
        const char *name = elf_strptr(e, section->sh_link, sym[i].st_name);

        if (name && strcmp(name, "_start") == 0 && sym[i].st_shndx != SHN_UNDEF)
            return sym[i].st_value;
    }
    return 0;
}

/* .text of an object file. NULL, or what is wrong with it. */
static const char *read_object(struct arena *a, Elf *e, const Elf64_Ehdr *header, struct code *out)
{
    Elf_Scn *scn = NULL;

    while ((scn = elf_nextscn(e, scn)) != NULL) {
        const Elf64_Shdr *section = elf64_getshdr(scn);
        const char *name = section_name(e, header, section);

        if (section->sh_type == SHT_RELA && section->sh_size > 0)
            return arena_printf(a, "code has no fixed address, and refers to `%s`",
                                relocation_symbol(e, scn, section));
        if (section->sh_type == SHT_SYMTAB) {
            out->entry = start_symbol(e, scn, section);
        } else if (section->sh_type == SHT_PROGBITS && strcmp(name, ".text") == 0) {
            Elf_Data *data = elf_getdata(scn, NULL);

            out->len = data ? (uint32_t)data->d_size : 0;
            out->bytes = arena_alloc(a, out->len + 1);
            if (out->len)
                memcpy(out->bytes, data->d_buf, out->len);
        } else if ((section->sh_flags & SHF_ALLOC) && section->sh_size > 0) {
            return arena_printf(a, "only .text is taken, and there is `%s`: put its content there",
                                name);
        }
    }
    return out->len ? NULL : "no code in .text";
}

/* The bytes that a program header table loads, from the lowest address to the highest. */
static const char *read_program(struct arena *a, Elf *e, const Elf64_Ehdr *header, const char *file,
                                size_t file_len, struct code *out)
{
    size_t num = 0;
    const Elf64_Phdr *p = elf64_getphdr(e);
    uint64_t low = UINT64_MAX, high = 0;

    if (!p || elf_getphdrnum(e, &num) != 0)
        return "no program headers";
    for (size_t i = 0; i < num; i++) {
        if (p[i].p_type != PT_LOAD || p[i].p_memsz == 0)
            continue;
        if (p[i].p_offset > file_len || p[i].p_filesz > file_len - p[i].p_offset ||
            p[i].p_memsz > MAX_CODE || p[i].p_filesz > p[i].p_memsz ||
            p[i].p_vaddr > UINT64_MAX - MAX_CODE)
            return "a segment lies outside of the file, or is too large";
        low = p[i].p_vaddr < low ? p[i].p_vaddr : low;
        high = p[i].p_vaddr + p[i].p_memsz > high ? p[i].p_vaddr + p[i].p_memsz : high;
    }
    if (low >= high || high - low > MAX_CODE)
        return "nothing to load, or more than 16 MB";
    out->len = (uint32_t)(high - low);
    out->bytes = arena_alloc(a, out->len);
    out->entry = header->e_entry - low;
    for (size_t i = 0; i < num; i++) {
        if (p[i].p_type == PT_LOAD && p[i].p_filesz > 0)
            memcpy(out->bytes + (p[i].p_vaddr - low), file + p[i].p_offset, p[i].p_filesz);
    }
    return NULL;
}

const char *elf_code(struct arena *a, char *file, size_t len, struct code *out)
{
    Elf64_Ehdr *header;
    const char *wrong;
    Elf *e;

    elf_version(EV_CURRENT);
    e = elf_memory(file, len);
    wrong = elf_check(e, &header);
    if (!wrong)
        wrong = header->e_type == ET_REL ? read_object(a, e, header, out)
                                         : read_program(a, e, header, file, len, out);
    elf_end(e);
    return wrong;
}
