/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of cpu.h in a build without Unicorn. */
#include <ccasim/cpu.h>

int cpu_new(struct cpu **out)
{
    *out = NULL;
    return CCA_ERR_UNSUPPORTED;
}

void cpu_free(struct cpu *c)
{
    (void)c;
}

const char *cpu_version(void)
{
    return "none";
}

const struct realm_cpu_ops unicorn_cpu = {.name = "none"};

int cpu_bind(struct cpu *c, struct machine *m)
{
    (void)c;
    (void)m;
    return CCA_ERR_UNSUPPORTED;
}

void cpu_unbind(struct cpu *c)
{
    (void)c;
}

int cpu_attach(struct cpu *c, struct machine *m)
{
    return cpu_bind(c, m);
}

void cpu_detach(struct cpu *c)
{
    (void)c;
}

int cpu_host_run(struct cpu *c, struct machine *m, unsigned pe, uint64_t until,
                 enum cpu_host_why *why)
{
    (void)c;
    (void)m;
    (void)pe;
    (void)until;
    *why = CPU_HOST_STUCK;
    return CCA_ERR_UNSUPPORTED;
}

void cpu_set_debug(struct cpu *c, const struct cpu_debug *d)
{
    (void)c;
    (void)d;
}

void cpu_set_options(struct cpu *c, const struct cpu_options *o)
{
    (void)c;
    (void)o;
}

const struct cpu_stats *cpu_get_stats(const struct cpu *c)
{
    static const struct cpu_stats none;
    (void)c;
    return &none;
}

int cpu_bare_run(const void *code, size_t size, uint64_t pc, uint64_t base, uint64_t mem_size,
                 const uint64_t x[31], double *seconds)
{
    (void)code;
    (void)size;
    (void)pc;
    (void)base;
    (void)mem_size;
    (void)x;
    *seconds = 0;
    return CCA_ERR_UNSUPPORTED;
}
