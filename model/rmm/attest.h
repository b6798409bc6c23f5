/* SPDX-License-Identifier: BSD-3-Clause */
/* What the RMM does for attestation besides the token itself (realm/attest.h): asks EL3M, signs step by step. */
#ifndef CCASIM_RMM_ATTEST_H
#define CCASIM_RMM_ATTEST_H

#include "rmm/run.h"

/* Fetches key and platform token from EL3M unless they are here. False: EL3M has none for us. */
bool attest_platform(struct machine *m, unsigned pe);
/* What the token of this REC is made of. */
struct attest_input attest_input(const struct realm_run *run);
/* The next steps of signing, to the end or to an interrupt for the Host: false. */
bool attest_sign_steps(struct realm_run *run);

#endif
