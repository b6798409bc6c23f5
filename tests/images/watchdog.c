/* SPDX-License-Identifier: BSD-3-Clause */
/* A watchdog resets the platform, and NVM remembers how often. With -DSBSA the generic watchdog, which gives a warning first. */
#include "image.h"

#define BOOTS    NVM_BASE /* a word of it */
#define RAM_WORD (*(volatile uint64_t *)(HEAP_BASE + HEAP_SIZE - 0x1000))

#ifdef SBSA
#define NAME "generic watchdog"
#define WCS  (SBSA_BASE + 0x000)
#define WOR  (SBSA_BASE + 0x008)

static volatile unsigned warnings;

static void on_warning(uint32_t intid)
{
    if (intid == SBSA_INTID) {
        warnings++;
        gic_disable(SBSA_INTID); /* and no refresh */
    }
}

static void prepare(void)
{
    gic_init();
    gic_init_pe();
    gic_route(SBSA_INTID, 0);
    gic_enable(SBSA_INTID);
    this_pe()->on_irq = on_warning;
    irq_on();
}

static void arm(uint32_t ticks)
{
    write32(WOR, ticks);
    write32(WCS, 1);
}

static void refresh(void)
{
    write32(SBSA_REFRESH, 1);
}

static void stop(void)
{
    write32(WCS, 0);
}

static void wait_for_warning(void)
{
    while (warnings == 0)
        ;
    print("warned");
}
#else
#define NAME    "SP805"
#define LOAD    (SP805_BASE + 0x000)
#define CONTROL (SP805_BASE + 0x008)
#define INTCLR  (SP805_BASE + 0x00C)
#define LOCK    (SP805_BASE + 0xC00)

static void prepare(void)
{
}

static void arm(uint32_t ticks)
{
    write32(LOCK, 0);
    write32(LOAD, 1); /* locked: nothing happens */
    write32(LOCK, 0x1ACCE551);
    CHECK_EQ(read32(LOAD), 0xFFFFFFFF);
    write32(LOAD, ticks);
    write32(CONTROL, 3);
    CHECK_EQ(read32(CONTROL), 3);
}

static void refresh(void)
{
    write32(INTCLR, 1);
}

static void stop(void)
{
    write32(CONTROL, 0);
}

static void wait_for_warning(void)
{
}
#endif

void image_main(void)
{
    uint32_t boots = read32(BOOTS);

    boots = boots == 0xFFFFFFFF ? 1 : boots + 1; /* all ones at power-on */
    write32(BOOTS, boots);
    print(NAME ": boot %u", boots);
    prepare();
    arm(20000);
    for (unsigned i = 0; i < 20; i++) { /* longer than it lasts */
        for (volatile unsigned wait = 0; wait < 500; wait++)
            ;
        refresh();
    }
    CHECK_EQ(read32(BOOTS), boots);
    if (boots == 3) {
        stop();
        for (volatile unsigned wait = 0; wait < 100000; wait++)
            ;
        print("it is stopped");
        return;
    }
    wait_for_warning();
    while (1)
        ;
}
