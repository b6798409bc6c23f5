/* SPDX-License-Identifier: BSD-3-Clause */
#include "rmm/granule.h"

static void lock_set_sort(struct lock_set *set)
{
    for (unsigned i = 1; i < set->num; i++) {
        for (unsigned j = i; j > 0 && set->e[j - 1].pa > set->e[j].pa; j--) {
            __typeof__(set->e[0]) swap = set->e[j];

            set->e[j] = set->e[j - 1];
            set->e[j - 1] = swap;
        }
    }
}

static void lock_set_unwind(struct machine *m, unsigned pe, struct lock_set *set, unsigned locked)
{
    while (locked-- > 0)
        gst_unlock(m, pe, set->e[locked].g);
}

bool lock_set_acquire(struct machine *m, unsigned pe, struct lock_set *set)
{
    lock_set_sort(set);
    for (unsigned i = 0; i < set->num; i++) {
        bool twice = i > 0 && set->e[i].pa == set->e[i - 1].pa;

        set->e[i].g = twice ? NULL : gst_find_lock(m, pe, set->e[i].pa, set->e[i].expected);
        if (set->e[i].g == NULL) {
            lock_set_unwind(m, pe, set, i);
            return false;
        }
    }
    return true;
}

void lock_set_release(struct machine *m, unsigned pe, struct lock_set *set)
{
    lock_set_unwind(m, pe, set, set->num);
}
