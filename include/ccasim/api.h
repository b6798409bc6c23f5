/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Around the declarations of a public header: C linkage in C++ too, and seen by users of the shared libraries, of which all
 * else is hidden.
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
