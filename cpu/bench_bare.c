/* SPDX-License-Identifier: BSD-3-Clause */
/* The yardstick of `ccasim bench`: the same code in Unicorn with nothing of ours around it. */
#include <ccasim/cpu.h>

#include <time.h>
#include <unicorn/unicorn.h>

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void load(uc_engine *uc, const uint64_t x[31])
{
    for (int i = 0; i < 31; i++) {
        int id = i < 29 ? UC_ARM64_REG_X0 + i : i == 29 ? UC_ARM64_REG_X29 : UC_ARM64_REG_X30;
        uc_reg_write(uc, id, &x[i]);
    }
}

/* Stores are fast only in pages that hold no code. */
static bool map(uc_engine *uc, uint64_t base, uint64_t code_size, uint64_t size)
{
    return uc_mem_map(uc, base, code_size, UC_PROT_READ | UC_PROT_EXEC) == UC_ERR_OK &&
           uc_mem_map(uc, base + code_size, size - code_size, UC_PROT_READ | UC_PROT_WRITE) ==
               UC_ERR_OK;
}

/* Flat, and no more than the access asks for. Unicorn's own TLB would do as well, but is up to ten times slower on
 * stores: the yardstick is the fastest program that does nothing. */
static bool fill(uc_engine *uc, uint64_t va, uc_mem_type type, uc_tlb_entry *out, void *ctx)
{
    (void)uc;
    (void)ctx;
    out->paddr = va;
    out->perms = type == UC_MEM_FETCH   ? UC_PROT_EXEC
                 : type == UC_MEM_WRITE ? UC_PROT_READ | UC_PROT_WRITE
                                        : UC_PROT_READ;
    return true;
}

static bool configure(uc_engine *uc)
{
    uc_hook hook;
    return uc_ctl_set_cpu_model(uc, UC_CPU_ARM64_MAX) == UC_ERR_OK &&
           uc_ctl_set_page_size(uc, GRANULE_SIZE) == UC_ERR_OK &&
           uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL) == UC_ERR_OK &&
           uc_hook_add(uc, &hook, UC_HOOK_TLB_FILL, (void *)(uintptr_t)fill, NULL, 1, 0) ==
               UC_ERR_OK;
}

int cpu_bare_run(const void *code, size_t size, uint64_t pc, uint64_t base, uint64_t mem_size,
                 const uint64_t x[31], double *seconds)
{
    uc_engine *uc;
    int err = CCA_ERR_CPU;
    *seconds = 0;
    if (uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &uc) != UC_ERR_OK)
        return CCA_ERR_CPU;
    if (configure(uc) && map(uc, base, align_up(size, GRANULE_SIZE), mem_size) &&
        uc_mem_write(uc, base, code, size) == UC_ERR_OK) {
        load(uc, x);
        double start = seconds_now();
        uc_err end = uc_emu_start(uc, pc, UINT64_MAX, 0, 0);
        *seconds = seconds_now() - start;
        err = end == UC_ERR_EXCEPTION ? CCA_OK : CCA_ERR_CPU; /* no hook takes the HVC */
    }
    uc_close(uc);
    return err;
}
