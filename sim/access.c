/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"

#include <ccasim/gpt.h>
#include <ccasim/mem.h>

#include <stdio.h>
#include <string.h>

/* One access, noted for the access matrix. False: it faulted. */
static bool access_one(struct sim *s, const struct step *st, enum world world, enum pas as,
                       uint64_t a, void *buf, unsigned size, bool write, uint64_t *esr)
{
    bool ok = gpt_access(s->m, st->pe, world, as, a, buf, size, write, esr) == CCA_OK;
    uint32_t(*cell)[PAS_COUNT] = ok ? s->seen.allowed : s->seen.faulted;

    if (mem_contains(s->m, a)) {
        cell[world][gpt_pas(s->m, a)]++;
        s->seen.total++;
    }
    return ok;
}

static const char *fault_name(uint64_t esr)
{
    switch (esr & 0x3f) {
    case 0x28: return "a granule protection fault";
    case 0x10: return "an external abort";
    case 0x21: return "an alignment fault";
    default: return "a fault";
    }
}

static void check_fault(const struct step *st, struct step_result *r)
{
    static const char *const wanted[] = {
        [ACCESS_MUST_WORK] = "that the access works",
        [ACCESS_MUST_GPF] = "a granule protection fault",
        [ACCESS_MUST_FAULT] = "a fault",
    };
    const char *got = r->fault ? fault_name(r->esr) : "an access that worked";
    bool gpf = r->fault && (r->esr & 0x3f) == 0x28;

    if (r->fault != (st->u.access.must != ACCESS_MUST_WORK) ||
        (st->u.access.must == ACCESS_MUST_GPF && !gpf))
        step_fail_got(r, wanted[st->u.access.must], got);
    if (st->u.access.has_esr && r->fault && r->esr != st->u.access.esr)
        step_fail(r, "expected ESR 0x%llx, got 0x%llx", (unsigned long long)st->u.access.esr,
                  (unsigned long long)r->esr);
}

void step_access(struct sim *s, const struct step *st, struct step_result *r)
{
    bool store = st->kind == STEP_STORE;
    uint64_t a, want = 0;
    uint8_t bytes[8];

    if (!step_value(s, &st->u.access.addr, r, &a))
        return;
    if ((store || st->u.access.has_value) && !step_value(s, &st->u.access.value, r, &want))
        return;
    le_store(bytes, st->u.access.size, want);
    r->fault = !access_one(s, st, st->u.access.world, st->u.access.pas, a, bytes, st->u.access.size,
                           store, &r->esr);
    check_fault(st, r);
    if (r->fault)
        return;
    r->value = le_load(bytes, st->u.access.size);
    if (!store && st->u.access.has_value && r->value != want) {
        char expected[32], got[32];

        snprintf(expected, sizeof(expected), "0x%llx", (unsigned long long)want);
        snprintf(got, sizeof(got), "0x%llx", (unsigned long long)r->value);
        step_fail_got(r, expected, got);
    }
}

/* Bytes of the host, a granule at a time. */
static bool host_move(struct sim *s, const struct step *st, uint64_t a, uint8_t *p, size_t len,
                      bool write, struct step_result *r)
{
    while (len) {
        size_t n = GRANULE_SIZE - (size_t)(a & GRANULE_MASK);

        if (n > len)
            n = len;
        if (!access_one(s, st, WORLD_NS, PAS_NS, a, p, (unsigned)n, write, &r->esr)) {
            r->fault = true;
            step_fail(r, "the host's %s at 0x%llx took %s", write ? "store" : "load",
                      (unsigned long long)a, fault_name(r->esr));
            return false;
        }
        a += n;
        p += n;
        len -= n;
    }
    return true;
}

/* Bytes that the fields of a step reach beyond its own. */
static size_t bytes_extent(const struct step *st)
{
    size_t len = st->u.bytes.len;

    for (unsigned i = 0; i < st->u.bytes.num_fields; i++) {
        const struct expect_field *f = &st->u.bytes.field[i];

        if (f->offset + (size_t)f->size > len)
            len = f->offset + (size_t)f->size;
    }
    return len;
}

void step_write_bytes(struct sim *s, const struct step *st, struct step_result *r)
{
    size_t len = bytes_extent(st);
    uint8_t *p = step_buffer(s, len, r);
    uint64_t a, v;

    if (p == NULL || !step_value(s, &st->u.bytes.addr, r, &a))
        return;
    /* What the fields reach beyond the bytes stays as it is. */
    if (len > st->u.bytes.len && !host_move(s, st, a + st->u.bytes.len, p + st->u.bytes.len,
                                            len - st->u.bytes.len, false, r))
        return;
    if (st->u.bytes.bytes)
        memcpy(p, st->u.bytes.bytes, st->u.bytes.len);
    else
        memset(p, st->u.bytes.fill, st->u.bytes.len);
    for (unsigned i = 0; i < st->u.bytes.num_fields; i++) {
        const struct expect_field *f = &st->u.bytes.field[i];

        if (!step_value(s, &f->value, r, &v))
            return;
        le_store(p + f->offset, f->size, v);
    }
    host_move(s, st, a, p, len, true, r);
}

void step_expect_bytes(struct sim *s, const struct step *st, struct step_result *r)
{
    size_t len = bytes_extent(st);
    uint8_t *p = step_buffer(s, len, r);
    uint64_t a;

    if (p == NULL || !step_value(s, &st->u.bytes.addr, r, &a) ||
        !host_move(s, st, a, p, len, false, r))
        return;
    for (uint32_t i = 0; i < st->u.bytes.len; i++) {
        uint8_t want = st->u.bytes.bytes ? st->u.bytes.bytes[i] : st->u.bytes.fill;

        if (p[i] == want)
            continue;
        step_fail(r, "byte 0x%x at 0x%llx: expected 0x%02x, got 0x%02x", i,
                  (unsigned long long)(a + i), want, p[i]);
        return;
    }
    for (unsigned i = 0; i < st->u.bytes.num_fields; i++)
        if (!field_check(s, &st->u.bytes.field[i], p, "", r))
            return;
}

static bool granule_used(const struct machine *m, uint32_t i)
{
    return i < m->mem.num && (m->mem.used[i / 64] >> (i % 64)) & 1;
}

/* Places in granule `i` where the bytes start; they may run into the granules behind it. */
static uint64_t scan_granule(struct sim *s, const struct step *st, uint32_t i, uint8_t *p,
                             uint64_t *first)
{
    const uint8_t *needle = st->u.scan.bytes;
    uint64_t a = granule_pa(s->m, i), count = 0, left = s->m->mem.base + s->m->mem.size - a;
    size_t len = GRANULE_SIZE + (size_t)st->u.scan.len - 1;
    uint8_t *at = p;

    if (len > left)
        len = (size_t)left;
    mem_read(s->m, a, p, len);
    while ((at = memmem(at, len - (size_t)(at - p), needle, st->u.scan.len)) != NULL) {
        if (count++ == 0 && *first == 0)
            *first = a + (uint64_t)(at - p);
        at++;
    }
    return count;
}

void step_scan(struct sim *s, const struct step *st, struct step_result *r)
{
    /* A string that begins with zeros may begin in a granule that was never written. */
    bool skip_unused = st->u.scan.bytes[0] != 0;
    uint8_t *p = step_buffer(s, GRANULE_SIZE + (size_t)st->u.scan.len, r);
    uint64_t count = 0, first = 0;

    if (p == NULL)
        return;
    for (uint32_t i = 0; i < s->m->mem.num; i++) {
        if (skip_unused && !granule_used(s->m, i))
            continue;
        if (st->u.scan.pas >= 0 && (int)gpt_pas(s->m, granule_pa(s->m, i)) != st->u.scan.pas)
            continue;
        count += scan_granule(s, st, i, p, &first);
    }
    r->value = count;
    if (count == st->u.scan.count)
        return;
    if (count)
        step_fail(r, "the bytes were found %llu times, expected %llu; first at 0x%llx (%s PAS)",
                  (unsigned long long)count, (unsigned long long)st->u.scan.count,
                  (unsigned long long)first, pas_name(gpt_pas(s->m, first)));
    else
        step_fail(r, "the bytes were not found, expected %llu times",
                  (unsigned long long)st->u.scan.count);
}

/* Nobody is told; so everything is looked at, as it would be at the next full check. */
void step_poke(struct sim *s, const struct step *st, struct step_result *r)
{
    uint8_t bytes[8];
    uint64_t a;

    if (!step_value(s, &st->u.poke.addr, r, &a))
        return;
    if (!mem_contains(s->m, a) || !mem_contains(s->m, a + st->u.poke.size - 1)) {
        step_fail(r, "no memory at 0x%llx", (unsigned long long)a);
        return;
    }
    mem_read(s->m, a, bytes, st->u.poke.size);
    r->value = le_load(bytes, st->u.poke.size) ^ st->u.poke.flip;
    le_store(bytes, st->u.poke.size, r->value);
    mem_unpoison(s->m, align_down(a, GRANULE_SIZE));
    mem_write(s->m, a, bytes, st->u.poke.size, OWNER_NONE, 0);
    if (gpt_pas(s->m, a) == PAS_REALM)
        mem_poison(s->m, align_down(a, GRANULE_SIZE));
    check_full(s->check);
}
