/* SPDX-License-Identifier: BSD-3-Clause */
/* What `ccasim boot` loads: files as they are, the segments of ELF files, and their symbols. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "boot_tool.h"
#include "cmd.h"
#include "elf_file.h"
#include "scn.h"

#define MOST_BYTES ((size_t)1 << 30)

__attribute__((format(printf, 2, 3))) static int invalid(const char *file, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "ccasim boot: %s: ", file);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return EXIT_INVALID;
}

bool boot_number(const char *s, uint64_t *out)
{
    bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
    const char *p = hex ? s + 2 : s;
    uint64_t base = hex ? 16 : 10, v = 0;

    if (!isxdigit((unsigned char)*p))
        return false;
    for (; *p; p++) {
        unsigned c = (unsigned)tolower((unsigned char)*p);
        uint64_t digit = c <= '9' ? c - '0' : c - 'a' + 10;

        if (c == '_' && isxdigit((unsigned char)p[1]))
            continue;
        if (!isxdigit((unsigned char)*p) || digit >= base || v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *out = v;
    return true;
}

static void add_image(struct boot_load *l, const char *name, uint64_t base, const uint8_t *data,
                      size_t size)
{
    if (l->num == 0 && !l->has_entry)
        l->entry = base;
    l->image = arena_grow(l->arena, l->image, l->num * sizeof(*l->image),
                          (l->num + 1) * sizeof(*l->image));
    l->image[l->num++] =
        (struct boot_image){.name = name, .base = base, .data = data, .size = size};
}

/* The bytes of a file, in the arena. NULL: *code is the exit code. */
static char *read_whole(struct boot_load *l, const char *path, size_t *len, int *code)
{
    int err;
    char *bytes = file_read_most(path, MOST_BYTES, len, &err), *kept;

    if (bytes == NULL) {
        *code = cmd_usage("boot", "%s: %s", path, strerror(err));
        return NULL;
    }
    if (*len == 0) {
        *code = invalid(path, "the file is empty");
        free(bytes);
        return NULL;
    }
    kept = arena_alloc(l->arena, *len);
    memcpy(kept, bytes, *len);
    free(bytes);
    *code = EXIT_AS_EXPECTED;
    return kept;
}

int boot_load_image(struct boot_load *l, const char *arg)
{
    const char *at = strrchr(arg, '@');
    uint64_t base;
    char *path, *bytes;
    size_t len;
    int code;

    if (at == NULL || at == arg)
        return cmd_usage("boot", "--image takes FILE@ADDR, not `%s`", arg);
    if (!boot_number(at + 1, &base))
        return cmd_usage("boot", "--image %s: `%s` is no address: 0x88000000, or decimal", arg,
                         at + 1);
    path = arena_strndup(l->arena, arg, (size_t)(at - arg));
    bytes = read_whole(l, path, &len, &code);
    if (bytes)
        add_image(l, arena_strdup(l->arena, arg), base, (const uint8_t *)bytes, len);
    return code;
}

/* --- ELF --- */

struct elf_file {
    const char *path;
    char *bytes;
    size_t len;
    Elf *elf;
    const Elf64_Ehdr *header;
};

/* The entry is a virtual address: where its segment is loaded. */
static void take_entry(struct boot_load *l, const struct elf_file *f, const GElf_Phdr *p)
{
    if (l->has_entry || f->header->e_entry - p->p_vaddr >= p->p_memsz)
        return;
    l->has_entry = true;
    l->entry = f->header->e_entry - p->p_vaddr + p->p_paddr;
}

/* One program header, copied out: nothing makes a file keep it at an aligned offset. */
static int add_segment(struct boot_load *l, const struct elf_file *f, size_t i)
{
    GElf_Phdr p;
    uint8_t *data;

    if (gelf_getphdr(f->elf, (int)i, &p) == NULL)
        return invalid(f->path, "program header %zu lies outside of the file", i);
    if (p.p_type != PT_LOAD || p.p_memsz == 0)
        return EXIT_AS_EXPECTED;
    if (p.p_offset > f->len || p.p_filesz > f->len - p.p_offset || p.p_filesz > p.p_memsz ||
        p.p_memsz > MOST_BYTES)
        return invalid(f->path, "segment %zu lies outside of the file, or is too large", i);
    data = arena_alloc(l->arena, p.p_memsz);
    memcpy(data, f->bytes + p.p_offset, p.p_filesz);
    add_image(l, arena_printf(l->arena, "%s, segment %zu", f->path, i), p.p_paddr, data, p.p_memsz);
    take_entry(l, f, &p);
    return EXIT_AS_EXPECTED;
}

static int add_segments(struct boot_load *l, const struct elf_file *f)
{
    size_t num = 0, before = l->num;
    int code = EXIT_AS_EXPECTED;

    if (elf_getphdrnum(f->elf, &num) != 0 || num == 0)
        return invalid(f->path, "no program headers: nothing to load");
    for (size_t i = 0; i < num && code == EXIT_AS_EXPECTED; i++)
        code = add_segment(l, f, i);
    if (code == EXIT_AS_EXPECTED && l->num == before)
        return invalid(f->path, "nothing to load");
    return code;
}

static bool is_place(const GElf_Sym *sym)
{
    unsigned type = ELF64_ST_TYPE(sym->st_info);

    return sym->st_shndx != SHN_UNDEF && sym->st_shndx != SHN_ABS &&
           (type == STT_FUNC || type == STT_NOTYPE || type == STT_OBJECT);
}

static void add_symbols_of(struct boot_load *l, const struct elf_file *f, Elf_Scn *scn,
                           const GElf_Shdr *section)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data && data->d_buf ? data->d_size / sizeof(Elf64_Sym) : 0;

    l->symbol = arena_grow(l->arena, l->symbol, l->num_symbols * sizeof(*l->symbol),
                           (l->num_symbols + count) * sizeof(*l->symbol));
    for (size_t i = 0; i < count; i++) {
        GElf_Sym sym;
        const char *name = gelf_getsym(data, (int)i, &sym)
                               ? elf_strptr(f->elf, section->sh_link, sym.st_name)
                               : NULL;

        /* $x and $d mark code and data of the ABI's own. */
        if (name && *name && *name != '$' && is_place(&sym))
            l->symbol[l->num_symbols++] = (struct boot_symbol){
                .at = sym.st_value, .size = sym.st_size, .name = arena_strdup(l->arena, name)};
    }
}

static int by_address(const void *a, const void *b)
{
    const struct boot_symbol *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    /* A function before a label of the same place. */
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void add_symbols(struct boot_load *l, const struct elf_file *f)
{
    Elf_Scn *scn = NULL;

    while ((scn = elf_nextscn(f->elf, scn)) != NULL) {
        GElf_Shdr section;

        if (gelf_getshdr(scn, &section) && section.sh_type == SHT_SYMTAB)
            add_symbols_of(l, f, scn, &section);
    }
    if (l->num_symbols)
        qsort(l->symbol, l->num_symbols, sizeof(*l->symbol), by_address);
}

static int load_elf(struct boot_load *l, struct elf_file *f)
{
    Elf64_Ehdr *header;
    const char *wrong;
    int code;

    f->elf = elf_memory(f->bytes, f->len);
    wrong = elf_check(f->elf, &header);
    f->header = header;
    if (wrong)
        code = invalid(f->path, "%s", wrong);
    else if (header->e_type == ET_REL)
        code = invalid(f->path, "a relocatable object file: link it first");
    else if (header->e_type == ET_DYN)
        code = invalid(f->path, "position-independent, so it says no address: link it with "
                                "-no-pie, or load its bytes with --image");
    else if (header->e_type != ET_EXEC)
        code = invalid(f->path, "not an executable");
    else
        code = add_segments(l, f);
    if (code == EXIT_AS_EXPECTED)
        add_symbols(l, f);
    elf_end(f->elf);
    return code;
}

int boot_load_elf(struct boot_load *l, const char *path)
{
    struct elf_file f = {.path = path};
    int code;

    f.bytes = read_whole(l, path, &f.len, &code);
    elf_version(EV_CURRENT);
    return f.bytes ? load_elf(l, &f) : code;
}

void boot_load_symbol(const struct boot_load *l, uint64_t a, struct text *t)
{
    size_t low = 0, high = l->num_symbols;
    const struct boot_symbol *s;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (l->symbol[mid].at <= a)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return;
    s = &l->symbol[low - 1];
    while (s > l->symbol && s[-1].at == s->at)
        s--;
    /* Beyond its size, an address is not the function's; a label of assembly code has none. */
    if (s->size && a - s->at >= s->size)
        return;
    text_puts(t, s->name);
    if (a != s->at)
        text_printf(t, "+0x%llx", (unsigned long long)(a - s->at));
}

/* --- where things lie --- */

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* The end of what the host has: the Secure world's part and EL3M's tables come after it, or are in the way. */
static int check_in_ram(const struct boot_image *i, const struct plat_desc *d)
{
    struct impl impl;
    uint64_t end;

    plat_impl(d, 0, &impl);
    end = impl.dram.base + impl.dram.size - impl.root_size;
    for (unsigned k = 0; k < impl.num_secure; k++)
        if (impl.secure[k].base >= impl.dram.base && impl.secure[k].base < end &&
            impl.secure[k].base > i->base)
            end = impl.secure[k].base;
    if (i->base >= impl.dram.base && i->base < end && i->size <= end - i->base)
        return EXIT_AS_EXPECTED;
    return invalid(i->name, "0x%zx bytes at 0x%llx are not in RAM, which is 0x%llx..0x%llx on %s",
                   i->size, (unsigned long long)i->base, (unsigned long long)impl.dram.base,
                   (unsigned long long)(end - 1), d->name);
}

int boot_load_check(const struct boot_load *l, const struct plat_desc *d)
{
    const struct plat_region *nvm = plat_find(d, PLAT_NVM, 0);

    for (size_t i = 0; i < l->num; i++) {
        const struct boot_image *a = &l->image[i];
        int code = check_in_ram(a, d);

        if (code != EXIT_AS_EXPECTED)
            return code;
        if (nvm && overlap(a->base, a->size, nvm->base, nvm->size))
            return invalid(a->name, "0x%zx bytes overlap the platform's %s at 0x%llx", a->size,
                           nvm->name, (unsigned long long)nvm->base);
        for (size_t k = 0; k < i; k++)
            if (overlap(a->base, a->size, l->image[k].base, l->image[k].size))
                return invalid(a->name, "overlaps %s, which is 0x%zx bytes", l->image[k].name,
                               l->image[k].size);
    }
    return EXIT_AS_EXPECTED;
}
