/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CCASIM_TOOLS_WHO_H
#define CCASIM_TOOLS_WHO_H

#include "report.h"

/*
 * What is at an address: as a PA, its PAS, its state, its owner, who may reach it, whose data it may still hold, and
 * who maps it; as an IPA of each Realm, the walk to it. With TLB entries.
 */
void who_tell(struct text *t, const struct scene *scene, const struct scenario *sc, uint64_t a);

#endif
