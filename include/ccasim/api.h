/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Around the declarations of a public header: C linkage in C++ too, and seen by users of the shared libraries, of which all
 * else is hidden. What holds for all of them:
 *
 *   memory   what a function named ..._new, _save, _clone, _load or _attach has made is freed by ..._free or _detach; without
 *            memory these return NULL or CCA_ERR_NOMEM (types.h)
 *   exit     memory that runs out later, and what cannot be, end the process: model_bug(), 70. Nothing else does, prints,
 *            catches a signal or looks at the environment, but scenario.h, which says so
 *   threads  there is no global state but model_bug_hook()'s: a machine and all that is attached to it belong to one thread
 *            at a time
 */
#ifndef CCASIM_API_H
#define CCASIM_API_H

/* clang-format off */
#ifdef __cplusplus
#define CCASIM_API_BEGIN _Pragma("GCC visibility push(default)") extern "C" {
#define CCASIM_API_END   } _Pragma("GCC visibility pop")
#else
#define CCASIM_API_BEGIN _Pragma("GCC visibility push(default)")
#define CCASIM_API_END   _Pragma("GCC visibility pop")
#endif
/* clang-format on */

#endif
